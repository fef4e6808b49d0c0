"""What a model replied → what it chose and said, as JSON or as lines. Pure; nothing in it is believed yet.

A model puts its JSON between fences, behind its thoughts, or forgets it and writes lines. What cannot be read is left
out; a reply of which nothing can be read is None.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bot.text.patterns import lazy_pattern

MAX_REPLY = 20_000
"""Characters of a reply that are read, behind its thoughts."""
MAX_ITEMS = 20
"""Of picks, of sentences, and of a sentence's quotes."""

_END_OF_THOUGHT = lazy_pattern(r"</think(?:ing)?>")
_SAID = lazy_pattern(r"^[\s>*#\d.)-]*SAY\s*:\s*(?P<text>.+)$")
_QUOTED = lazy_pattern(
    r"^[\s>*#\d.)-]*(?:PICK|QUOTE)?\s*[\[(]?(?P<passage>[pP]\d{1,3})[\])]?\s*[:：-]\s*(?P<quote>.+)$"
)
_NAME = lazy_pattern(r"[pP]\d{1,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A passage that the model names, and words that it says stand there; None if it gives none."""

    passage: str
    quote: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A sentence of the model with its quotes."""

    text: str
    quotes: tuple[Pick, ...]


def read_picks(reply: str) -> tuple[Pick, ...] | None:
    """Return the passages that a reply names, in its order; None if it has no form that can be read."""
    found = _read_json(reply)
    if found is not None and isinstance(found.get("picks"), list):
        return _picks(found["picks"])
    lines = tuple(islice(_quoted_lines(reply), MAX_ITEMS))
    return lines or None


def read_sentences(reply: str) -> tuple[Said, ...] | None:
    """Return the sentences of a reply; None if it has no form that can be read."""
    found = _read_json(reply)
    if found is not None and isinstance(found.get("sentences"), list):
        items = (item for item in found["sentences"] if isinstance(item, dict))
        said = (_said(item) for item in islice(items, MAX_ITEMS))
        return tuple(one for one in said if one is not None)
    lines = tuple(islice(_said_lines(reply), MAX_ITEMS))
    return lines or None


def _read_json(reply: str) -> dict[str, Any] | None:
    """The object that stands between the first and the last brace."""
    text = _said_in(reply)
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        return None
    try:
        found = json.loads(text[start : end + 1])
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _said_in(reply: str) -> str:
    """A reply without the thoughts that some models write before it, cut to what is read."""
    return _END_OF_THOUGHT.split(reply)[-1][:MAX_REPLY]


def _picks(items: list[Any]) -> tuple[Pick, ...]:
    read = (_pick(item) for item in items[:MAX_ITEMS])
    return tuple(pick for pick in read if pick is not None)


def _pick(item: Any) -> Pick | None:
    if not isinstance(item, dict) or not isinstance(item.get("passage"), str):
        return None
    name = _NAME.search(item["passage"])
    quote = item.get("quote")
    if name is None or not isinstance(quote, str | None):
        return None
    return Pick(passage=name[0].lower(), quote=quote.strip() or None if quote else None)


def _said(item: dict[str, Any]) -> Said | None:
    text, quotes = item.get("text"), item.get("quotes")
    if not isinstance(text, str) or not isinstance(quotes, list):
        return None
    return Said(text=text, quotes=_picks(quotes))


def _quoted_lines(reply: str) -> Iterator[Pick]:
    for line in _said_in(reply).splitlines():
        if match := _QUOTED.match(line):
            yield Pick(passage=match["passage"].lower(), quote=match["quote"].strip())


def _said_lines(reply: str) -> Iterator[Said]:
    text: str | None = None
    quotes: list[Pick] = []
    for line in _said_in(reply).splitlines():
        if match := _SAID.match(line):
            if text is not None:
                yield Said(text=text, quotes=tuple(quotes))
            text, quotes = match["text"].strip(), []
        elif match := _QUOTED.match(line):
            quotes.append(Pick(passage=match["passage"].lower(), quote=match["quote"].strip()))
    if text is not None:
        yield Said(text=text, quotes=tuple(quotes))
