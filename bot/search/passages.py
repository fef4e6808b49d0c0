"""The passage of a review that covers most of a query.

The lines of the index tell which block that is (`bot.search.extract`), so a match there is a match here. Only the
block that is shown is read from the review, cut to a few lines and with its matches marked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log1p
from typing import NamedTuple

from bot.models.index import IndexText
from bot.models.reviews import Block, BlockKind, Mark, Span
from bot.search.extract import ASIDE, BLOCK_BREAK, OPENING_MARK, SECTION_BREAK
from bot.search.query import Concept

PASSAGE_CHARACTERS = 320
SEVERAL = 5
"""A review is about something if at least this many blocks mention it."""


@dataclass(frozen=True, slots=True)
class Place:
    """The position of a block: its section, and the block within it.

    Attributes:
        share: The share of the query's weight that this block covers alone, 0 to 1.
        often: How many blocks of the review mention what was asked: the weighted mean of log(1 + blocks).
    """

    section: int
    block: int
    share: float = 0.0
    often: float = 0.0


def find_places(
    texts: Mapping[int, IndexText], concepts: Sequence[Concept], weights: Mapping[Concept, float]
) -> dict[int, Place]:
    """Find, for each review, the block with most of the query's concepts; of equals, the one with more weight, then
    running text before a caption, then the earliest. If only a heading matches the query, it is the block below; if
    only the title does, the review is left out."""
    wanted = [_Wanted(concept, needles_of(concept), weights[concept]) for concept in concepts]
    places = ((review_id, _find_place(text, wanted)) for review_id, text in texts.items())
    return {review_id: place for review_id, place in places if place}


def stands_in(text: IndexText, concept: Concept) -> bool:
    """Whether a concept occurs in a block, a heading or the title of a review."""
    needles = needles_of(concept)
    columns = (text.title, text.headings, text.abstract, text.body)
    return any(needle in line for column in columns for line in _padded_lines(column) for needle in needles)


def is_on(text: IndexText, concept: Concept) -> bool:
    """Whether a review is about a concept, beyond a mention: in title, heading or abstract, or in several blocks."""
    needles = needles_of(concept)

    def count(column: str) -> int:
        return sum(any(needle in line for needle in needles) for line in _padded_lines(column))

    begun = count(text.abstract)
    is_told = bool(count(text.title) or count(text.headings) or (begun and not _is_opening(text)))
    return is_told or begun + count(text.body) >= SEVERAL


def _is_opening(text: IndexText) -> bool:
    """Whether the abstract column only holds the opening of the post, where much is mentioned in passing."""
    return text.abstract.startswith(OPENING_MARK)


def _padded_lines(column: str) -> Iterator[str]:
    return (padded(line) for page in column.split(SECTION_BREAK) for line in page.split(BLOCK_BREAK))


def padded(line: str) -> str:
    """A line of the index with a space at both ends, without its marks."""
    return f" {line.removeprefix(OPENING_MARK).removeprefix(ASIDE)} "


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Which of a query's concepts occur in a review's title, in the parts that say what it is about, and anywhere.

    The opening of a post without an abstract is weaker evidence, so it does not count as ``headed``.
    """

    title: frozenset[Concept]
    headed: frozenset[Concept]
    anywhere: frozenset[Concept]


def find_standing(text: IndexText, concepts: Sequence[Concept]) -> Standing:
    """Find where each concept occurs; ``headed`` are those in the title, headings, categories or abstract."""
    title = standing_in(text.title, concepts)
    begun = standing_in(text.abstract, concepts)
    headed = title | standing_in(text.headings, concepts) | (frozenset() if _is_opening(text) else begun)
    return Standing(title=title, headed=headed, anywhere=headed | begun | standing_in(text.body, concepts))


def standing_at_the_head(
    text: IndexText, concepts: Sequence[Concept]
) -> tuple[frozenset[Concept], frozenset[Concept]]:
    """The concepts in a review's title, and those in its title, headings, categories, and abstract or opening."""
    title = standing_in(text.title, concepts)
    return title, title | standing_in(text.headings, concepts) | standing_in(text.abstract, concepts)


def standing_in(column: str, concepts: Iterable[Concept]) -> frozenset[Concept]:
    """The concepts that occur in a line of a column of the index."""
    lines = list(_padded_lines(column))
    return frozenset(c for c in concepts if any(needle in line for needle in needles_of(c) for line in lines))


class _Wanted(NamedTuple):
    concept: Concept
    needles: tuple[str, ...]
    weight: float


def needles_of(concept: Concept) -> tuple[str, ...]:
    """The spellings as they appear in a padded line of the index."""
    return tuple(f" {' '.join(spelling)} " for spelling in concept.spellings)


def _find_place(text: IndexText, wanted: Sequence[_Wanted]) -> Place | None:
    # A text contains few of a term's spellings; the others need not be looked for line by line.
    likely = [[n for n in term.needles if n[1:-1] in text.body or n[1:-1] in text.abstract] for term in wanted]
    standing = [term._replace(needles=tuple(needles)) for term, needles in zip(wanted, likely, strict=True)]
    wholes = [term for term in standing if term.needles and term.concept.part_of is None]
    parts = [term for term in standing if term.needles and term.concept.part_of is not None]
    best: tuple[tuple[int, float, bool], Place] | None = None
    blocks = [0] * len(wholes)
    for section, block, line in lines_of(text) if wholes or parts else ():
        said = padded(line)
        met = [at for at, term in enumerate(wholes) if any(needle in said for needle in term.needles)]
        if not met and not any(needle in said for term in parts for needle in term.needles):
            continue
        for at in met:
            blocks[at] += 1
        value = (2 * len(met) or 1, sum(wholes[at].weight for at in met), not line.startswith(ASIDE))
        if best is None or value > best[0]:
            best = (value, Place(section, block))
    if best and best[0][0] > 1:
        whole = sum(term.weight for term in wanted if term.concept.part_of is None)
        often = sum(term.weight * log1p(count) for term, count in zip(wholes, blocks, strict=True)) / whole
        return replace(best[1], share=best[0][1] / whole, often=often)
    return _below_heading(text, wanted) or (best[1] if best else None)


def lines_of(text: IndexText) -> list[tuple[int, int, str]]:
    """(section, block, terms) of the whole text, in order."""
    pages = zip(
        text.abstract.removeprefix(OPENING_MARK).split(SECTION_BREAK), text.body.split(SECTION_BREAK), strict=True
    )
    return [
        (section, block, line)
        for section, columns in enumerate(pages)
        for block, line in enumerate(line for page in columns if page for line in page.split(BLOCK_BREAK))
    ]


def _below_heading(text: IndexText, wanted: Sequence[_Wanted]) -> Place | None:
    """The first block with text below a heading that has a concept; the text may be in a later section."""
    headings = text.headings.partition(SECTION_BREAK)[2].split(BLOCK_BREAK)
    needles = [needle for term in wanted if term.concept.part_of is None for needle in term.needles]
    met = next((i for i, line in enumerate(headings) if any(needle in f" {line} " for needle in needles)), None)
    if met is None:
        return None
    filled = (
        (section, block) for section, block, line in lines_of(text) if section >= met and line.strip(ASIDE + " ")
    )
    return next((Place(section, block) for section, block in filled), None)


def excerpt(block: Block, concepts: Sequence[Concept]) -> Block:
    """A few lines of a block around its matches, which are marked; other marks are kept whole."""
    spans = _running(block)
    text = "".join(span.text for span in spans)
    places = [place for concept in concepts if concept.part_of is None for place in concept.find(text)]
    places = places or [place for concept in concepts for place in concept.find(text)]
    ranges = sorted(places)
    start, end = _whole_formulas(spans, *_window(text, ranges))
    return _as_passage(block, _cut(spans, ranges, start, end))


def mark_range(block: Block, start: int, end: int) -> Block:
    """The whole block with a part of its text marked as a match; of formulas, all or nothing is marked."""
    spans = _running(block)
    marked = _cut(spans, [_whole_formulas(spans, start, end)], 0, sum(len(span.text) for span in spans))
    return _as_passage(block, marked)


def _running(block: Block) -> tuple[Span, ...]:
    """The text of a block as it runs on: a table without its cells."""
    return (Span(text=block.text),) if block.kind is BlockKind.TABLE else block.spans


def _as_passage(block: Block, spans: tuple[Span, ...]) -> Block:
    """Another text in the place of a block's; a table or figure becomes a paragraph."""
    kind = BlockKind.PARAGRAPH if block.kind in (BlockKind.TABLE, BlockKind.FIGURE) else block.kind
    return Block(kind=kind, spans=spans, depth=0, marker=block.marker, language=block.language)


def _window(text: str, ranges: list[tuple[int, int]]) -> tuple[int, int]:
    """(start, end) around the densest run of matches, at word boundaries."""
    if len(text) <= PASSAGE_CHARACTERS:
        return 0, len(text)
    inside = PASSAGE_CHARACTERS * 2 // 3
    first = max(ranges, key=lambda r: sum(r[0] <= s < r[0] + inside for s, _ in ranges))[0] if ranges else 0
    start = max(0, min(first - PASSAGE_CHARACTERS // 6, len(text) - PASSAGE_CHARACTERS))
    end = min(len(text), start + PASSAGE_CHARACTERS)
    if start and (space := text.find(" ", start, first)) != -1:
        start = space + 1
    last = max((b for _, b in ranges if b <= end), default=start)
    if end < len(text) and (space := text.rfind(" ", last, end)) != -1:
        end = space
    return start, end


def _whole_formulas(spans: tuple[Span, ...], start: int, end: int) -> tuple[int, int]:
    """Extend an excerpt so that it does not begin or end inside a formula: half a formula says nothing."""
    offset = 0
    for span in spans:
        after = offset + len(span.text)
        if Mark.MATH in span.marks:
            start = offset if offset < start < after else start
            end = after if offset < end < after else end
        offset = after
    return start, end


def _cut(spans: tuple[Span, ...], ranges: list[tuple[int, int]], start: int, end: int) -> tuple[Span, ...]:
    """The spans between two offsets, with matches marked and an ellipsis where something was cut."""
    borders = sorted({start, end, *(b for pair in ranges for b in pair if start < b < end)})
    cut: list[Span] = [Span(text="… ")] if start else []
    offset = 0
    for span in spans:
        inner = [b for b in borders if offset < b < offset + len(span.text)] if Mark.MATH not in span.marks else []
        for left, right in zip([offset, *inner], [*inner, offset + len(span.text)], strict=True):
            if left >= end or right <= start:
                continue
            matched = any(a <= left and right <= b for a, b in ranges)
            marks = span.marks | {Mark.MATCH} if matched else span.marks
            cut.append(Span(text=span.text[left - offset : right - offset], marks=marks, href=span.href))
        offset += len(span.text)
    return (*cut, Span(text=" …")) if end < offset else tuple(cut)
