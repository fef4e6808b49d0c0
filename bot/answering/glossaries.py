"""The glossary and the everyday words, read once a process, and quickly where they were kept beside the database."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import NamedTuple

from bot.search.glossary import Glossary, load_everyday_words, load_glossary, sources_digest
from bot.store.kept import GLOSSARY, read_kept, write_kept

log = logging.getLogger(__name__)

_BETWEEN = "\v"
"""Between the two: it ends a line, so neither has it."""


class Glossaries(NamedTuple):
    """The terms of the field, and everyday words; ``digest`` is of what they were made from, "" if unknown."""

    glossary: Glossary
    everyday: Glossary
    digest: str = ""


_loaded: dict[str, Glossaries] = {}
"""The latest, by the digest of what they were made from."""


def load_glossaries(database: Path, *, own: Path | None, is_kept: bool) -> Glossaries:
    """Return the lists that ship with the bot, with the lines of the host's file added to the glossary.

    Args:
        own: The host's file; None if there is none.
        is_kept: Whether they may be written beside the database, for the next process.
    """
    try:
        digest = sources_digest(own)
    except OSError:  # the host's file, which `load_glossary` reports, or code that is not in files
        return _load(own)
    if digest in _loaded:
        return _loaded[digest]
    lists = _read(database, digest)
    if lists is None:
        lists = _load(own)
        if is_kept:
            content = _BETWEEN.join((lists.glossary.to_text(), lists.everyday.to_text()))
            write_kept(database, GLOSSARY, content, digest=digest)
    lists = lists._replace(digest=digest)
    _loaded.clear()
    _loaded[digest] = lists
    return lists


def _load(own: Path | None) -> Glossaries:
    return Glossaries(load_glossary(own), load_everyday_words())


def _read(database: Path, digest: str) -> Glossaries | None:
    if (content := read_kept(database, GLOSSARY, digest=digest)) is None:
        return None
    glossary, everyday = content.split(_BETWEEN)
    return Glossaries(Glossary.from_text(glossary), Glossary.from_text(everyday, is_everyday=True))
