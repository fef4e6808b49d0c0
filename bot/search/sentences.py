"""The sentences of a block, and which of them says best what was asked. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.search.query import Concept
from bot.text.patterns import lazy_pattern

_END = lazy_pattern(r"(?:(?<=[.!?])[\"'”’)\]]*(?=\s)|(?<=[。！？])|\n)")
_ABBREVIATED = lazy_pattern(r"(?:\b(?:e\.g|i\.e|et al|vs|cf|Fig|Eq|Sec|Tab|No|Dr|St)|\b[A-Z]|^\s*\d{1,3})\.$")
MAX_SENTENCES = 400
"""Of one block; a longer one is read up to there."""


def sentences(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence of a text, without the spaces around it."""
    found: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if _ABBREVIATED.search(text, start, match.end()):
            continue
        found.append((start, match.end()))
        start = match.end()
        if len(found) == MAX_SENTENCES:
            break
    found.append((start, len(text)))
    trimmed = (_trim(text, *place) for place in found)
    return [(begin, end) for begin, end in trimmed if end > begin]


def best_sentence(text: str, concepts: Sequence[Concept], weights: Mapping[Concept, float]) -> tuple[int, int]:
    """Return (start, end) of the sentence with most of what was asked, the first of equals; all of an empty text."""
    places = [(weights[concept], [start for start, _ in concept.find(text)]) for concept in concepts]

    def weight_in(sentence: tuple[int, int]) -> float:
        first, end = sentence
        return sum(weight for weight, starts in places if any(first <= start < end for start in starts))

    return max(sentences(text), key=weight_in, default=(0, len(text)))


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), start + len(part.rstrip())
