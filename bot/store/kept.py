"""What is kept beside the database because it takes long to work out: it can be deleted, and is then made again."""

from __future__ import annotations

import logging
from pathlib import Path

from bot.store.files import beside, give_to_owner, new_file

GLOSSARY = ".glossary"
"""Added to the database's name."""

log = logging.getLogger(__name__)


def read_kept(database: Path, suffix: str, *, digest: str) -> str | None:
    """Return what was kept under a suffix; None if nothing is there, or if it was made from something else.

    Args:
        digest: Of everything that it depends on.
    """
    try:
        text = beside(database.resolve(), suffix).read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return None
    head, foot = f"{digest}\n", f"\n{digest}"  # without the second, the system crashed before all was on the disk
    is_whole = text.startswith(head) and text.endswith(foot) and len(text) >= len(head) + len(foot)
    return text[len(head) : -len(foot)] if is_whole else None


def write_kept(database: Path, suffix: str, content: str, *, digest: str) -> None:
    """Keep a text under a suffix, complete or not at all. If that fails, it is only worked out again next time."""
    path = beside(database.resolve(), suffix)
    try:
        with new_file(path, "new") as made:
            made.write_bytes(f"{digest}\n{content}\n{digest}".encode())
            give_to_owner(made, of=database)
            made.replace(path)
    except OSError as exc:
        log.debug("not kept path=%s why=%s", path, exc)
