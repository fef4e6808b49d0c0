"""The words that members and admins read: Discord's own and common ones, and none that only we know."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HOSTS_OWN = {
    "bot/doctor.py",
    "bot/status.py",
    "bot/probe.py",
    "bot/ui/http/metrics.py",
    "bot/cli.py",
    "bot/ui/terminal/chat.py",
    "bot/app.py",
    "bot/ui/terminal/drawing.py",
    "bot/ui/discord/checks.py",
}
"""What only the host reads, in a terminal or a monitoring system."""
NOT_SAID = {
    "first poll", "the cache", "Create Polls", "DISCORD_TOKEN: not set",
    "DISCORD_TOKEN: Discord rejected it; copy it again",
    "No review was read yet. The feeds are asked at once when the bot starts; “nonmun poll” asks them now.",
}  # fmt: skip
"""A key, a label in an error, a permission as Discord calls it, and what the host reads."""
ODD = re.compile(
    r"(?<!there )\bis no (?!longer)|\bwhoever\b|\bmend(?:s|ed|ing)?\b|\bmeanwhile\b|\bunless told\b|\bwhat comes\b",
    re.IGNORECASE,
)
INNER = re.compile(
    r"\b(?:cache|polls?|polled|learned|delivery|deliveries|stage|outbox)\b|“nonmun |DISCORD_TOKEN", re.IGNORECASE
)


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """The texts of a module that have words: no docstrings, no lines of the log."""
    tree = ast.parse(path.read_text("utf-8"))
    silent: set[int] = set()
    for node in ast.walk(tree):
        is_log = isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log.")
        if is_log or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            silent.update(map(id, ast.walk(node)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in silent and " " in str(node.value).strip():
            yield node.lineno, str(node.value)


def modules() -> list[str]:
    """All that may speak to somebody; the store speaks SQL."""
    found = [
        path.relative_to(ROOT).as_posix() for folder in ("bot", "cogs") for path in (ROOT / folder).rglob("*.py")
    ]
    return sorted(name for name in found if not name.startswith("bot/store/"))


@pytest.mark.parametrize("name", modules())
def test_sentences_use_common_words(name: str) -> None:
    """No turns of phrase that only we use; and no inner words, and no terminal's command, towards members."""
    found = [f"{line}: {text}" for line, text in sentences(ROOT / name) if ODD.search(text)]
    if name not in HOSTS_OWN:
        found += [
            f"{line}: {text}" for line, text in sentences(ROOT / name) if INNER.search(text) and text not in NOT_SAID
        ]
    assert found == []
