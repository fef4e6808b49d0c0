"""What the reviews say: a query cut into concepts, reviews ranked concept by concept, the passage found.

Each concept is asked of the index on its own, scaled by its best hit and weighted by its rarity before the sums
are taken: asked together, FTS5's bm25 lets a word of half the reviews weigh nothing and a rare one drown.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log

from bot.models import Block, BlockKind, Mark, Review, Span
from bot.search.glossary import Found, Glossary, bundled_glossary
from bot.search.text import find_run, fold, squash, terms, without_particle

MAX_QUERY = 300
MAX_CONCEPTS = 12
SURE_SHARE = 0.6
"""The share of the query's weight that the best review must carry to be an answer, not a guess."""
STUB_FACTOR = 0.5
APART_FACTOR = 0.5
"""What the words of a known term weigh where they stand apart: 생성 and 검색 in one review are not yet RAG."""
PASSAGE_CHARACTERS = 320
_QUOTED = re.compile(r'["“”]([^"“”]+)["“”]')
_BRACKETS = re.compile(r"[(),]")
_EXCLUDED = re.compile(r'(?<!\S)-("[^"]+"|\w\S*)')
_STOPWORDS = frozenset(
    (
        "a about above after again all also an and any are as at be because been before being below between both but "
        "by can could did do does down during each few for from further had has have having how i if in into is it "
        "its just me more most my near no nor not of off on once only or other our out over own same she should so "
        "some such than that the their them then there these they this those through to too under until up used "
        "using very via was we were what when where which while who whom why will with you your "
        "그 이 저 및 등 것 수 하는 하기 대한 위한 있는 어떻게 무엇 방법 이유"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing asked for: its spellings, each a run of terms that must stand together."""

    text: str
    spellings: tuple[tuple[str, ...], ...]
    part_of: str | None = None
    """The text of the concept of several words whose word this is: found apart, it is weaker evidence of that one."""

    def match_query(self) -> str:
        """The concept in FTS5's syntax, every term quoted: what people type is never syntax."""
        return " OR ".join('"' + " ".join(spelling) + '"' for spelling in self.spellings)

    def find(self, text: str) -> list[tuple[int, int]]:
        """(start, end) of each place where a spelling stands."""
        folded = text.casefold()
        likely = (spelling for spelling in self.spellings if all(_beginning(term) in folded for term in spelling))
        return [place for spelling in likely for place in find_run(text, spelling)]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A review and how much of the query it carries: ``share`` of the weight, 0 to 1."""

    review_id: int
    score: float
    share: float


@dataclass(frozen=True, slots=True)
class Passage:
    """The place in a review that carries most of the query, cut to a few lines, matches marked."""

    section: int
    block: Block


def parse_query(text: str, *, glossary: Glossary | None = None) -> tuple[Concept, ...]:
    """Cut a query into concepts: quoted phrases whole, terms of the glossary whole and with all their spellings,
    other words one by one, each once, function words left out.

    Args:
        glossary: The one that ships with the bot where None is given.
    """
    text = unicodedata.normalize("NFC", text[:MAX_QUERY])
    glossary = bundled_glossary() if glossary is None else glossary
    pieces = _QUOTED.split(text)  # what stood in quotes is at each odd place
    asked = [Concept(phrase, _spellings(phrase)) for phrase in pieces[1::2]]
    for plain in pieces[::2]:
        asked += _concepts(_BRACKETS.sub(" ", plain).split(), glossary)
    distinct: dict[tuple[str | None, frozenset[tuple[str, ...]]], Concept] = {}
    for concept in asked:
        if concept.spellings:
            distinct.setdefault((concept.part_of, frozenset(concept.spellings)), concept)
    concepts = tuple(distinct.values())
    wholes = [concept for concept in concepts if concept.part_of is None][:MAX_CONCEPTS]
    parts = [concept for concept in concepts if concept.part_of in {whole.text for whole in wholes}][:MAX_CONCEPTS]
    return (*wholes, *parts)


def split_exclusions(text: str, *, glossary: Glossary | None = None) -> tuple[str, tuple[Concept, ...]]:
    """Take out what must not stand in a review: ``-word`` or ``-"a phrase"``, a term of the glossary in any spelling.

    Returns:
        The query that is left, and the excluded concepts.
    """
    found = [match[1] for match in _EXCLUDED.finditer(text)]
    excluded = (concept for part in found for concept in parse_query(part, glossary=glossary))
    return _EXCLUDED.sub(" ", text), tuple(concept for concept in excluded if concept.part_of is None)


def _concepts(words: list[str], glossary: Glossary) -> Iterator[Concept]:
    at = 0
    for found in glossary.find(words):
        yield from _single_words(words[at : found.start])
        yield Concept(found.text, found.spellings)
        yield from _parts(found, glossary)
        at = found.stop
    yield from _single_words(words[at:])


def _parts(found: Found, glossary: Glossary) -> Iterator[Concept]:
    at = 0
    for part in glossary.find(found.english, longest=len(found.english) - 1):
        yield from _single_words(found.english[at : part.start], part_of=found.text)
        yield Concept(part.text, part.spellings, part_of=found.text)
        at = part.stop
    yield from _single_words(found.english[at:], part_of=found.text)


def _single_words(words: Sequence[str], part_of: str | None = None) -> Iterator[Concept]:
    return (Concept(word, _spellings(word), part_of) for word in words if squash(word) not in _STOPWORDS)


def whole_phrase(concepts: Sequence[Concept]) -> Concept | None:
    """The words asked, standing together in this order: evidence on top of each alone."""
    concepts = [concept for concept in concepts if concept.part_of is None]
    if len(concepts) < 2:
        return None
    run = tuple(term for concept in concepts for term in concept.spellings[0])
    return Concept(" ".join(concept.text for concept in concepts), (run,))


def _spellings(word: str) -> tuple[tuple[str, ...], ...]:
    spelling = tuple(term.text for term in terms(word))
    if not spelling:
        return ()
    bare = without_particle(fold(word))
    others = [tuple(term.text for term in terms(bare))] if bare else []
    if "-" in word:
        others.append(tuple(term.text for term in terms(word.replace("-", ""))))
    return tuple(dict.fromkeys((spelling, *others)))


def rank(
    concepts: Sequence[Concept],
    hits: Mapping[Concept, Sequence[tuple[int, float]]],
    *,
    total: int,
    phrase: Concept | None = None,
    stubs: Container[int] = (),
) -> list[Ranked]:
    """Order the reviews that carry anything of the query.

    Args:
        hits: For each concept (and the phrase) the matching reviews with their bm25 scores, larger is better.
        total: Reviews in the cache, for the weight of a concept: log(1 + total / reviews with it).
        stubs: Reviews of a few lines: bm25 favours short texts, and they say next to nothing.
    """
    weights = {c: log(1 + total / (len(hits.get(c, ())) or 0.5)) for c in concepts}
    wholes = [concept for concept in concepts if concept.part_of is None]
    whole = sum(weights[concept] for concept in wholes)
    scores: dict[int, float] = defaultdict(float)
    shares: dict[int, float] = defaultdict(float)
    for concept in wholes:
        found = _evidence([concept], weights, hits)
        parts = _evidence([part for part in concepts if part.part_of == concept.text], weights, hits)
        together = 1 - APART_FACTOR if parts else 1.0
        for review_id in found.keys() | parts.keys():
            apart = APART_FACTOR * parts.get(review_id, 0.0)
            scores[review_id] += weights[concept] * (together * found.get(review_id, 0.0) + apart)
            shares[review_id] += weights[concept] / whole * (1.0 if review_id in found else apart)
    for review_id, scaled in _scaled(hits.get(phrase, ()) if phrase else ()):
        scores[review_id] += 0.5 * whole * scaled
    for review_id in scores:
        scores[review_id] *= STUB_FACTOR if review_id in stubs else 1.0
    ordered = sorted(scores, key=lambda i: (-scores[i], -i))
    return [Ranked(i, scores[i] / whole, shares[i]) for i in ordered]


def _evidence(
    concepts: Sequence[Concept],
    weights: Mapping[Concept, float],
    hits: Mapping[Concept, Sequence[tuple[int, float]]],
) -> dict[int, float]:
    """How much of these concepts each review carries, 0 to 1: some for a mention, more for much of it."""
    whole = sum(weights[concept] for concept in concepts)
    evidence: dict[int, float] = defaultdict(float)
    for concept in concepts:
        for review_id, scaled in _scaled(hits.get(concept, ())):
            evidence[review_id] += weights[concept] / whole * (0.3 + 0.7 * scaled)
    return evidence


def _scaled(found: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    best = max((score for _, score in found), default=0.0)
    return [(review_id, score / best if best > 0 else 0.0) for review_id, score in found]


def _beginning(term: str) -> str:
    """What a text with this term must contain: a known term has a dozen spellings, and most texts none of them."""
    return term[:3] if len(term) > 3 else term[:2]


def find_passage(review: Review, concepts: Sequence[Concept]) -> Passage | None:
    """The block with most of the query's concepts; the earliest where equal, running text before a caption."""
    best: tuple[tuple[int, int], Passage] | None = None
    for position, section in enumerate(review.sections):
        for block in section.blocks:
            text = block.text
            places = [concept.find(text) for concept in concepts if concept.part_of is None]
            distinct = 2 * sum(1 for found in places if found)
            if not distinct:
                places = [concept.find(text) for concept in concepts if concept.part_of is not None]
                distinct = int(any(places))
            value = (distinct, int(block.kind not in (BlockKind.FIGURE, BlockKind.TABLE, BlockKind.CODE)))
            if distinct and (best is None or value > best[0]):
                best = (value, Passage(position, _excerpt(block, places)))
    return best[1] if best else None


def _excerpt(block: Block, places: list[list[tuple[int, int]]]) -> Block:
    spans = (Span(text=block.text),) if block.kind is BlockKind.TABLE else block.spans
    ranges = sorted(place for found in places for place in found)
    start, end = _window("".join(span.text for span in spans), ranges)
    kind = BlockKind.PARAGRAPH if block.kind in (BlockKind.TABLE, BlockKind.FIGURE) else block.kind
    cut = _cut(spans, ranges, start, end)
    return Block(kind=kind, spans=cut, depth=0, marker=block.marker, language=block.language)


def _window(text: str, ranges: list[tuple[int, int]]) -> tuple[int, int]:
    """(start, end) around the densest run of matches, at word borders."""
    if len(text) <= PASSAGE_CHARACTERS:
        return 0, len(text)
    inside = PASSAGE_CHARACTERS * 2 // 3
    first = max(ranges, key=lambda r: sum(r[0] <= s < r[0] + inside for s, _ in ranges))[0]
    start = max(0, min(first - PASSAGE_CHARACTERS // 6, len(text) - PASSAGE_CHARACTERS))
    end = min(len(text), start + PASSAGE_CHARACTERS)
    if start and (space := text.find(" ", start, first)) != -1:
        start = space + 1
    if end < len(text) and (space := text.rfind(" ", max(b for _, b in ranges if b <= end), end)) != -1:
        end = space
    return start, end


def _cut(spans: tuple[Span, ...], ranges: list[tuple[int, int]], start: int, end: int) -> tuple[Span, ...]:
    """The spans between two offsets, with matches marked and an ellipsis where something was cut."""
    borders = sorted({start, end, *(b for pair in ranges for b in pair if start < b < end)})
    cut: list[Span] = [Span(text="… ")] if start else []
    offset = 0
    for span in spans:
        whole = Mark.MATH in span.marks
        inner = [b for b in borders if offset < b < offset + len(span.text)] if not whole else []
        for left, right in zip([offset, *inner], [*inner, offset + len(span.text)], strict=True):
            if left >= end or right <= start:
                continue
            matched = any(a <= left and right <= b for a, b in ranges)
            marks = span.marks | {Mark.MATCH} if matched else span.marks
            cut.append(Span(text=span.text[left - offset : right - offset], marks=marks, href=span.href))
        offset += len(span.text)
    return (*cut, Span(text=" …")) if end < offset else tuple(cut)
