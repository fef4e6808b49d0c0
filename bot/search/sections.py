"""Split a string that names a paper and a section of it, such as ``instag 3.2``: where does the name end?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.models.reviews import Outline
from bot.search.glossary import Glossary
from bot.search.headings import SectionMatch, find_sections
from bot.search.matches import How, Lookup, NameMatch
from bot.search.sureness import FULL_WORDS

MAX_HEADING_WORDS = 12


@dataclass(frozen=True, slots=True)
class Split:
    """One way to split the string. ``heading`` is never empty."""

    paper: str
    heading: str


@dataclass(frozen=True, slots=True)
class Located:
    """A section of a review, and how well name and heading match what was asked; at most 1.0."""

    match: NameMatch
    section: SectionMatch
    split: Split
    score: float


def splits(query: str) -> list[Split]:
    """Every way to split a query, the longest name first; the heading may also stand before the name.

    A title may be long, but the section asked for is short, so only the heading's words are limited.
    """
    words = query.split()
    cuts = range(len(words) - 1, max(0, len(words) - 1 - MAX_HEADING_WORDS), -1)
    readings = [Split(" ".join(words[:i]), " ".join(words[i:])) for i in cuts]
    before = range(1, min(len(words), MAX_HEADING_WORDS + 1))
    return readings + [Split(" ".join(words[i:]), " ".join(words[:i])) for i in before]


def named(lookup: Lookup) -> list[NameMatch]:
    """The matches by the review's own whole name, with at most one slip: a guess is never opened."""
    return [
        match
        for match in lookup.matches
        if match.is_own and match.how is not How.SLIPS and (match.how is not How.WORDS or match.score >= FULL_WORDS)
    ]


def locate(
    readings: Iterable[tuple[Split, list[NameMatch]]], outlines: Mapping[int, Outline], glossary: Glossary
) -> list[Located]:
    """Judge name and heading together.

    Args:
        readings: Each split with the reviews that its name may mean.
        outlines: The headings of all these reviews.
    Returns:
        The matching sections, best first; earlier readings first where equal.
    """
    located_sections = [
        Located(match, section, split, match.score * section.score)
        for split, matches in readings
        for match in matches
        if match.review_id in outlines
        for section in find_sections(outlines[match.review_id].sections, split.heading, glossary)
    ]
    return sorted(located_sections, key=lambda located: -located.score)
