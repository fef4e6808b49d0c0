"""A quoted passage: kept, and found again in a later version of its review. Pure.

A wrong place is worse than none: a talk would then stand beside words that nobody talked about. So every place where
a passage may be is weighed by the same evidence: its words, what is before and after it, and its headings. One is the
answer only if this evidence is enough by itself, and no other place has more of any kind. In all other cases the
passage is orphaned and shown with its old words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from bot.models.passages import CONTEXT_CHARACTERS, MAX_CHARACTERS, Anchored, Evidence, Orphaned, Passage
from bot.models.reviews import Section
from bot.text.cut import cut_text
from bot.text.normal_form import NormalForm, normalise
from bot.text.patterns import lazy_pattern
from bot.text.terms import STOPWORDS, fold, squash, terms

NEAR_PERCENT = 85.0
"""How similar words under the same heading must be."""
CONTINUED_PERCENT = 75.0
"""How similar they must be beside unchanged text."""
REWRITTEN_PERCENT = 65.0
"""How similar they must be between unchanged text on both sides. Of 1,016 pairs of neighbouring blocks of the main
feed, 98.6 % are less similar."""
REWRITTEN_SHARE = 0.5
"""Or which share of the terms of both must be the same. Of those pairs, 98.5 % share less."""
COPIED_PERCENT = 90.0
"""How similar words are to others at least if one is a copy of the other with a slip corrected."""
CLEARLY_PERCENT = 5.0
"""By how much the most similar words must be more similar than others, now and when the passage was kept."""
ALIKE_PERCENT = 80.0
"""How similar the text beside a passage must be to count as partly the same."""
MIN_CONTEXT_LETTERS = 8
"""A text with fewer letters and digits tells nothing of where it stands. A Hangul syllable or a Chinese character
counts as two letters."""
MIN_TELLING_LETTERS = 20
"""A text with fewer is written twice by chance."""
MIN_SHARED_TERMS = 4
"""How many terms must be the same: a pair of syllables is one."""
MIN_INSERTED = 12
"""From how many characters on a text beside the passage's own words is taken for an inserted one."""
MOST_TIMES_LONGER = 2.5
"""How much longer or shorter a passage may become and still be the same."""
EXCERPT_CHARACTERS = 200
"""The longest excerpt of `describe_change`."""
_LEAD_CHARACTERS = 40
"""How much of the unchanged words an excerpt shows before the change."""

_SENTENCE_END = lazy_pattern(r"(?:[.!?…][\"')\]]*(?=\s)|[。！？]|\n)")
_DIGITS = "0123456789"
_TELLING = lazy_pattern(r"[^\W_]+|(?<=\d)[.,:/](?=\d)|-(?=[.\d])|[%<>=+*^|±×÷¬\u2190-\u22ff]")
"""What is compared to say whether words have changed: letters and digits, and the signs that change a number or a
formula."""

_EXACT, _NEAR, _REWRITTEN = 3, 2, 1
_SAME, _ALIKE, _OTHER = 2, 1, 0


# ── the text of a review ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block that has words: ``start`` and ``end`` are its place in the text of its page."""

    block: int
    written: str
    form: NormalForm
    start: int
    end: int

    @property
    def skipped(self) -> int:
        """The length of white space before its first word, in its normal form."""
        return len(self.form.text) - len(self.form.text.lstrip(" "))

    def to_written(self, start: int, end: int) -> tuple[int, int]:
        """Where a part of the page stands in the block as written; what is outside the block is left out."""
        shift = self.skipped - self.start
        return self.form.to_written(max(start, self.start) + shift, min(end, self.end) + shift)


@dataclass(frozen=True)
class _Page:
    """A section's text in its normal form; a space stands between two blocks.

    Attributes:
        path: Its headings without their numbers, as they are compared.
        before: How many characters of the review's text are before it.
    """

    position: int
    path: tuple[str, ...]
    pieces: tuple[_Piece, ...]
    text: str
    before: int

    @cached_property
    def borders(self) -> frozenset[int]:
        """Where a block begins."""
        return frozenset(piece.start for piece in self.pieces)

    def with_borders(self, start: int, end: int) -> str:
        """A part of the text, with line breaks between blocks."""
        return "".join(
            "\n" if at + 1 in self.borders and at >= 0 else self.text[at]
            for at in range(max(start, 0), min(end, len(self.text)))
        )

    def is_whole(self, start: int, end: int) -> bool:
        """Whether a part consists of whole blocks."""
        return start in self.borders and (end == len(self.text) or end + 1 in self.borders)


def _read_pages(sections: Sequence[Section]) -> list[_Page]:
    pages: list[_Page] = []
    before = 0
    for position, section in enumerate(sections):
        pieces = tuple(_read_pieces(section))
        text = " ".join(piece.form.text.strip(" ") for piece in pieces)
        path = tuple(map(_heading_key, heading_path(sections, position)))
        pages.append(_Page(position, path, pieces, text, before))
        before += len(text)
    return pages


def _read_pieces(section: Section) -> Iterator[_Piece]:
    start = 0
    for number, block in enumerate(section.blocks):
        form = NormalForm(block.text)
        if length := len(form.text.strip(" ")):
            yield _Piece(number, block.text, form, start, start + length)
            start += length + 1


def heading_path(sections: Sequence[Section], position: int) -> tuple[str, ...]:
    """Return the headings that a section is below and its own, as written, outermost first."""
    path: list[str] = []
    depth = sections[position].depth + 1
    for section in reversed(sections[: position + 1]):
        if section.depth < depth:
            depth = section.depth
            path += [section.heading] if section.heading else []
    return tuple(reversed(path))


def _heading_key(heading: str) -> str:
    """A heading as it is compared: renumbering it changes nothing."""
    key = squash(heading)
    return key.lstrip(_DIGITS) or key


# ── keeping a passage ───────────────────────────────────────────────────────────────────────────


def make_passage(
    sections: Sequence[Section],
    position: int,
    block: int,
    *,
    version: str,
    start: int | None = None,
    end: int | None = None,
) -> Passage:
    """Return what is kept of a passage: a block, or a part of it.

    White space around it is left out, and it is cut at the end of a sentence or word if it is longer than
    `MAX_CHARACTERS`. A formula, code or a table is kept by its text.

    Args:
        position: Of the section.
        block: Of the block within the section.
        version: The hash of the review's entry.
        start: Where the passage begins in the block's text; None for its beginning.
        end: Where it ends; None for its end.

    Raises:
        ValueError: There are no words in this place.
    """
    pages = _read_pages(sections)
    page = pages[position]
    piece = next((piece for piece in page.pieces if piece.block == block), None)
    if piece is None:
        raise ValueError(f"block {block} of section {position} has no words")
    first, last = _trim(page.text, *_place_in(piece, start, end))
    if first >= last:
        raise ValueError(f"no words from {start} to {end} in block {block} of section {position}")
    last = _fit(piece, first, last)
    written_start, written_end = piece.to_written(first, last)
    # A single run of dashes may be longer than what is kept; it is cut and still has the same normal form.
    exact = piece.written[written_start:written_end][:MAX_CHARACTERS]
    return Passage(
        exact=exact,
        prefix=page.with_borders(first - CONTEXT_CHARACTERS, first),
        suffix=page.with_borders(last, last + CONTEXT_CHARACTERS),
        headings=heading_path(sections, position),
        position=position,
        block=block,
        version=version,
        characters_before=page.before + first,
        characters_after=_length(pages) - page.before - last,
        rival_percent=_rival_percent(pages, page, first, last),
        is_only_block=_is_only_block(pages, page, first, last),
    )


def _length(pages: Sequence[_Page]) -> int:
    return sum(len(page.text) for page in pages)


def _place_in(piece: _Piece, start: int | None, end: int | None) -> tuple[int, int]:
    """Where a part of a block stands in its page."""
    length = len(piece.written)
    start, end = max(0, start or 0), min(length, length if end is None else end)
    if start >= end:
        return piece.start, piece.start
    first, last = piece.form.to_normal(start, end)
    shift = piece.start - piece.skipped
    return max(first + shift, piece.start), min(last + shift, piece.end)


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out the white space around a part of a text."""
    part = text[start:end]
    return start + len(part) - len(part.lstrip(" ")), start + len(part.rstrip(" "))


def _fit(piece: _Piece, start: int, end: int) -> int:
    """Where a passage ends, so that it has at most `MAX_CHARACTERS` as written."""
    written_start, written_end = piece.to_written(start, end)
    if written_end - written_start <= MAX_CHARACTERS:
        return end
    room = piece.written[written_start : written_start + MAX_CHARACTERS]
    ends = [match.end() for match in _SENTENCE_END.finditer(room)]
    spaces = [match.start() for match in re.finditer(r"\s", room)]
    kept = next((at for at in (*ends[-1:], *spaces[-1:]) if at > MAX_CHARACTERS // 2), MAX_CHARACTERS)
    shift = piece.start - piece.skipped
    last = piece.form.to_normal(written_start, written_start + kept)[1] + shift
    while last > start + 1 and piece.to_written(start, last)[1] - written_start > MAX_CHARACTERS:
        last -= 1
    return start + len(_trimmed_end(piece.form.text[start - shift : last - shift]))


def _trimmed_end(text: str) -> str:
    return text.rstrip(" ") or text


def _is_only_block(pages: Sequence[_Page], own: _Page, start: int, end: int) -> bool:
    """Whether a passage is a block, and no other block has the same words."""
    words = own.text[start:end]
    places = [
        span for page in pages for span in _find_words(page.text, words, (False, False)) if page.is_whole(*span)
    ]
    return own.is_whole(start, end) and len(places) == 1


def _rival_percent(pages: Sequence[_Page], own: _Page, start: int, end: int) -> float:
    """How similar the most similar text outside a passage is to it; 100 only if the same words stand there."""
    words = own.text[start:end]
    is_cut = _is_within_word(own.text, start), _is_within_word(own.text, end)
    if sum(1 for page in pages for _ in _find_words(page.text, words, is_cut)) > 1:
        return 100.0
    parts = [page.text for page in pages if page is not own] + [own.text[:start], own.text[end:]]
    best = 0.0
    for part in parts:
        if near := _find_nearest(part, words, cutoff_percent=max(best, CONTINUED_PERCENT - CLEARLY_PERCENT)):
            best = max(best, near.percent)
    return min(round(best, 1), 99.0)


# ── finding a passage again ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Kept:
    """A passage in the form that is compared."""

    passage: Passage

    @cached_property
    def words(self) -> str:
        return normalise(self.passage.exact).strip(" ")

    @cached_property
    def prefix(self) -> str:
        return self.passage.prefix.replace("\n", " ")

    @cached_property
    def suffix(self) -> str:
        return self.passage.suffix.replace("\n", " ")

    @cached_property
    def path(self) -> tuple[str, ...]:
        return tuple(map(_heading_key, self.passage.headings))

    @cached_property
    def is_cut(self) -> tuple[bool, bool]:
        """Whether the passage begins, and whether it ends, within a word."""
        words = self.words
        return (
            _is_within_word(self.prefix + words, len(self.prefix)),
            _is_within_word(words + self.suffix, len(words)),
        )

    @property
    def is_whole(self) -> bool:
        """Whether it consisted of whole blocks."""
        return self.passage.prefix[-1:] in ("", "\n") and self.passage.suffix[:1] in ("", "\n")

    @property
    def is_repeated(self) -> bool:
        """Whether the same words stood elsewhere, too."""
        return self.passage.rival_percent >= 100

    @property
    def is_telling(self) -> bool:
        return _letters(self.words) >= MIN_TELLING_LETTERS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a passage may stand, and the evidence for it.

    Attributes:
        words: `_EXACT`, `_NEAR` or `_REWRITTEN`.
        before: Whether the text before it is the `_SAME` as before the passage, `_ALIKE` or another.
        after: The same of the text after it.
        heading: `_SAME` below the same headings, `_ALIKE` below the same last one.
        percent: How similar its words are.
        is_framed: Whether it stands between the same text as ever, or the borders of the same section.
        evidence: What is compared with that of other places, each kind for itself.
        is_unique: Whether what is before and after the passage stands in the review once.
    """

    page: _Page
    start: int
    end: int
    words: int
    before: int
    after: int
    heading: int
    percent: float
    is_framed: bool
    evidence: tuple[int, ...]
    is_unique: bool = False

    @property
    def is_supported(self) -> bool:
        """Whether what is before or after it tells that it is the passage."""
        return max(self.evidence[1:3]) > _OTHER

    @property
    def is_whole(self) -> bool:
        """Whether it consists of whole blocks."""
        return self.page.is_whole(self.start, self.end)

    def overlaps(self, other: _Place) -> bool:
        """Whether two places have a character in common."""
        return self.page is other.page and self.start < other.end and other.start < self.end


def find_passage(sections: Sequence[Section], passage: Passage) -> Anchored | Orphaned:
    """Find where a passage stands in this version of its review.

    In this order: its exact words; what stands between the same text before and after it; words that are nearly the
    same, beside the same text or under the same heading. It is orphaned if nothing is sure, or if several places are.
    """
    kept, pages = _Kept(passage), _read_pages(sections)
    if not kept.words:
        return Orphaned(words=passage.exact)
    exact = [_weigh(kept, page, *span, words=_EXACT) for page in pages for span in _find_occurrences(kept, page)]
    if unmoved := next((place for place in exact if _is_unmoved(kept, place, _length(pages))), None):
        return _anchor(unmoved, kept)
    between, is_gone = _find_between(kept, pages)
    places = [*exact, *(place for place in between if not any(map(place.overlaps, exact)))]
    near: list[_Place] = []
    if not any(place.is_supported for place in places):
        near = [place for place in _find_near(kept, pages, exact) if not any(map(place.overlaps, places))]
        places += near[:1] if _is_clear(near) and not is_gone else []
    chosen = _choose([place for place in places if place.is_framed or _is_enough(kept, place)])
    if chosen is None or not _is_enough(kept, chosen) or _may_be_copy(kept, chosen, [*places, *near]):
        return Orphaned(words=passage.exact)
    return _anchor(chosen, kept)


def _may_be_copy(kept: _Kept, place: _Place, others: Sequence[_Place]) -> bool:
    """Whether the same words, beside other text, may be a copy of a passage that was then edited in its place.

    Words more similar than any others were are the passage itself. A slip leaves more than `COPIED_PERCENT`, and less
    of short words, so where others were as similar, it is not known which are which.
    """
    if place.words != _EXACT or place.is_supported:
        return False
    least = min(kept.passage.rival_percent + 1, COPIED_PERCENT) if kept.is_telling else CONTINUED_PERCENT
    return any(other.words != _EXACT and other.percent >= least for other in others)


def _is_clear(near: Sequence[_Place]) -> bool:
    """Whether the most similar words are clearly more similar than the next."""
    return len(near) == 1 or (len(near) > 1 and near[0].percent - near[1].percent >= CLEARLY_PERCENT)


def _choose(places: Sequence[_Place]) -> _Place | None:
    """The place that has at least as much evidence of each kind as any other; None if it is not the only one."""
    best = [
        place
        for place in places
        if all(own >= its for other in places for own, its in zip(place.evidence, other.evidence, strict=True))
    ]
    return best[0] if len(best) == 1 else None


def _is_unmoved(kept: _Kept, place: _Place, length: int) -> bool:
    """Whether a place is where the passage was: under the same headings, between the same text, and with as much of
    the review before it and after it."""
    before, passage = place.page.before + place.start, kept.passage
    lengths = (before, length - before - len(kept.words))
    is_same = place.before == place.after == place.heading == _SAME
    return is_same and lengths == (passage.characters_before, passage.characters_after)


def _is_enough(kept: _Kept, place: _Place) -> bool:
    """Whether the evidence for a place is enough, if there is no other."""
    sides = (place.before, place.after)
    told = place.evidence[1:3]
    if place.words == _EXACT:
        is_told = _SAME in told and _OTHER not in told and (place.is_whole or not kept.is_whole)
        is_repeated = kept.is_repeated and not (kept.passage.is_only_block and place.is_whole)
        return place.is_framed or is_told if is_repeated else _is_exact_enough(kept, place)
    is_clear = place.percent >= kept.passage.rival_percent + CLEARLY_PERCENT
    if place.is_framed or not is_clear:
        return is_clear or (place.is_framed and place.is_unique)
    if place.words == _NEAR:
        is_there = place.heading != _OTHER or sides == (_SAME, _SAME)
        return place.is_supported or (is_there and kept.is_telling)
    return _SAME in told and place.percent >= CONTINUED_PERCENT


def _is_exact_enough(kept: _Kept, place: _Place) -> bool:
    """Whether words that stood in the review once are the passage where they stand now."""
    if kept.is_telling or place.is_supported:
        return True
    is_there = (kept.is_whole and place.is_whole) or _SAME in (place.before, place.after)
    return is_there and place.heading == _SAME and _tells(kept.words)


def _weigh(
    kept: _Kept, page: _Page, start: int, end: int, *, words: int, percent: float = 100.0, is_between: bool = False
) -> _Place:
    """Collect the evidence for a place.

    Args:
        percent: How similar its words are.
        is_between: Whether it stands between the text before the passage and the text after it, if not beside both.
    """
    found_before = page.text[max(0, start - CONTEXT_CHARACTERS) : start]
    found_after = page.text[end : end + CONTEXT_CHARACTERS]
    before = _compare_context(kept.prefix, found_before, is_continued=found_before.endswith(kept.prefix))
    after = _compare_context(kept.suffix, found_after, is_continued=found_after.startswith(kept.suffix))
    if is_between:
        before, after = max(before, _ALIKE), max(after, _ALIKE)
    is_same_last = bool(kept.path and page.path and kept.path[-1] == page.path[-1])
    heading = _SAME if kept.path == page.path else _ALIKE if is_same_last else _OTHER
    # Where a section begins or ends, many things may stand, so a short context is not compared.
    told = (before if _tells(kept.prefix) else _OTHER, after if _tells(kept.suffix) else _OTHER)
    # Nearly the same words between the same text are the passage, wherever a copy of it may stand.
    is_framed = before == after == _SAME and (min(told) == _SAME or heading == _SAME)
    compared = _EXACT if words == _NEAR and is_framed else words
    return _Place(
        page=page,
        start=start,
        end=end,
        words=words,
        before=before,
        after=after,
        heading=heading,
        percent=percent,
        is_framed=is_framed,
        evidence=(compared, *told, heading, int(kept.is_whole and page.is_whole(start, end))),
    )


def _compare_context(kept: str, found: str, *, is_continued: bool) -> int:
    """Compare the text beside a passage: `_SAME`, `_ALIKE` or `_OTHER`. A short one ends where its section does."""
    if kept == found:
        return _SAME
    is_alike = _tells(kept) and (is_continued or fuzz.ratio(kept, found) >= ALIKE_PERCENT)
    return _ALIKE if is_alike else _OTHER


def _tells(context: str) -> bool:
    return _letters(context) >= MIN_CONTEXT_LETTERS


def _letters(text: str) -> int:
    """How many letters and digits a text has; a syllable or a Chinese character counts as two."""
    return sum((character >= "\u1100") + 1 for character in text if character.isalnum())


def _anchor(place: _Place, kept: _Kept) -> Anchored:
    pieces = [piece for piece in place.page.pieces if piece.start < place.end and place.start < piece.end]
    spans = [piece.to_written(place.start, place.end) for piece in pieces]
    words = "\n".join(piece.written[slice(*span)] for piece, span in zip(pieces, spans, strict=True))
    is_beside = _SAME in (place.before, place.after)
    return Anchored(
        position=place.page.position,
        block=pieces[0].block,
        start=spans[0][0],
        last_block=pieces[-1].block,
        end=spans[-1][1],
        found_by=Evidence.EXACT if place.words == _EXACT else Evidence.CONTEXT if is_beside else Evidence.NEAR,
        has_changed=_told(words) != _told(kept.passage.exact),
        words=words,
    )


def _told(words: str) -> list[str]:
    """What must be the same so that a reader sees no change."""
    return _TELLING.findall(fold(normalise(words)))


# ── where it may stand ──────────────────────────────────────────────────────────────────────────


def _is_within_word(text: str, at: int) -> bool:
    """Whether a word goes on from before an offset to after it."""
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def _find_words(text: str, words: str, is_cut: tuple[bool, bool]) -> Iterator[tuple[int, int]]:
    """Yield each place of these words. They begin and end within a word only if the passage did."""
    at = text.find(words)
    while at >= 0:
        end = at + len(words)
        if is_cut == (_is_within_word(text, at), _is_within_word(text, end)):
            yield at, end
        at = text.find(words, at + 1)


def _find_occurrences(kept: _Kept, page: _Page) -> Iterator[tuple[int, int]]:
    return _find_words(page.text, kept.words, kept.is_cut)


def _find_between(kept: _Kept, pages: Sequence[_Page]) -> tuple[list[_Place], bool]:
    """Find what stands between the text before the passage and the text after it.

    Returns:
        The places that may be the passage rewritten, and whether nothing is left between the two.
    """
    starts = [(page, at) for page in pages for at in _ends_of_prefix(kept, page)]
    is_unique = len(starts) == 1 and sum(page.text.count(kept.suffix) for page in pages if _tells(kept.suffix)) <= 1
    found: list[_Place] = []
    for page, end_of_prefix in starts:
        if (start_of_suffix := _start_of_suffix(kept, page, end_of_prefix)) is None:
            continue
        start, end = _trim(page.text, end_of_prefix, max(end_of_prefix, start_of_suffix))
        if start >= end:
            return [], True
        if place := _read_between(kept, pages, page, start, end):
            found.append(replace(place, is_unique=is_unique))
    return found, False


def _read_between(kept: _Kept, pages: Sequence[_Page], page: _Page, start: int, end: int) -> _Place | None:
    """What stands between the text before the passage and the text after it, or a part of it; None if these are other
    words, or a copy of others."""
    between = page.text[start:end]
    percent = fuzz.ratio(kept.words, between)
    near = _find_nearest(between, kept.words, cutoff_percent=max(percent, NEAR_PERCENT))
    if near and near.end - near.start <= len(between) - MIN_INSERTED and _is_all(kept.words, between, near):
        span = (start + near.start, start + near.end)
        return _weigh(kept, page, *span, words=_NEAR, percent=near.percent, is_between=True)
    is_copy = sum(other.text.count(between) for other in pages) > 1
    if is_copy or (percent < NEAR_PERCENT and not _is_rewritten(kept, between, percent)):
        return None
    words = _NEAR if percent >= NEAR_PERCENT else _REWRITTEN
    return _weigh(kept, page, start, end, words=words, percent=percent)


def _is_all(words: str, text: str, part: _Near) -> bool:
    """Whether a part of a text has all that the whole has of these words, or nearly so."""
    common, within = (LCSseq.similarity(words, found) for found in (text, text[part.start : part.end]))
    return within >= common - max(2, len(words) // 30)


def _is_rewritten(kept: _Kept, between: str, percent: float) -> bool:
    """Whether words may be those of the passage, rewritten."""
    if not len(kept.words) <= MOST_TIMES_LONGER * len(between) <= MOST_TIMES_LONGER**2 * len(kept.words):
        return False
    enough = REWRITTEN_PERCENT if kept.is_telling else CONTINUED_PERCENT
    return percent >= enough or _share_terms(kept.words, between)


def _ends_of_prefix(kept: _Kept, page: _Page) -> Iterator[int]:
    """Yield where the text before the passage ends. One that began its section, and tells nothing alone, only counts
    below the same headings."""
    prefix, is_telling = kept.prefix, _tells(kept.prefix)
    if len(prefix) < CONTEXT_CHARACTERS:
        if page.text.startswith(prefix) and (is_telling or page.path == kept.path):
            yield len(prefix)
        return
    at = page.text.find(prefix) if is_telling else -1
    while at >= 0:
        yield at + len(prefix)
        at = page.text.find(prefix, at + 1)


def _start_of_suffix(kept: _Kept, page: _Page, start: int) -> int | None:
    """Where the text after the passage begins, behind the end of the text before it. Both may share a space."""
    suffix, first = kept.suffix, max(0, start - 1)
    if len(suffix) < CONTEXT_CHARACTERS:
        at = len(page.text) - len(suffix)
        is_there = at >= first and page.text.endswith(suffix)
        return at if is_there and (_tells(suffix) or page.path == kept.path) else None
    at = page.text.find(suffix, first) if _tells(suffix) else -1
    return at if at >= 0 else None


def _share_terms(before: str, after: str) -> bool:
    old, new = ({term.text for term in terms(text)} - STOPWORDS for text in (before, after))
    shared = len(old & new)
    return shared >= MIN_SHARED_TERMS and shared >= REWRITTEN_SHARE * max(len(old), len(new))


def _find_near(kept: _Kept, pages: Sequence[_Page], exact: Sequence[_Place]) -> list[_Place]:
    """Find the most similar words, best first: below the same headings and beside the same text, or anywhere if these
    headings are gone. The same words are not sought."""
    is_path_gone = all(page.path != kept.path for page in pages)
    near: list[_Place] = []
    for page in pages:
        if is_path_gone or page.path == kept.path or _has_context(kept, page):
            near += _find_two_nearest(kept, page, _without(page, exact))
    return sorted(near, key=lambda place: place.percent, reverse=True)


def _has_context(kept: _Kept, page: _Page) -> bool:
    return any(_tells(context) and context in page.text for context in (kept.prefix, kept.suffix))


def _without(page: _Page, places: Sequence[_Place]) -> str:
    """A page's text with nothing in these places, at the same offsets."""
    text = page.text
    for place in places:
        if place.page is page:
            text = text[: place.start] + "\0" * (place.end - place.start) + text[place.end :]
    return text


def _find_two_nearest(kept: _Kept, page: _Page, text: str) -> Iterator[_Place]:
    """Yield the most similar words of a page's text, and the most similar ones before and after these."""
    cutoff = CONTINUED_PERCENT - CLEARLY_PERCENT
    if (first := _find_nearest(text, kept.words, cutoff_percent=cutoff)) is None:
        return
    parts = ((0, text[: first.start]), (first.end, text[first.end :]))
    others = ((offset, _find_nearest(part, kept.words, cutoff_percent=cutoff)) for offset, part in parts)
    for offset, near in ((0, first), *others):
        if near:
            words = _NEAR if near.percent >= NEAR_PERCENT else _REWRITTEN
            yield _weigh(kept, page, offset + near.start, offset + near.end, words=words, percent=near.percent)


class _Near(NamedTuple):
    """A part of a text, and how similar it is to other words."""

    percent: float
    start: int
    end: int


def _find_nearest(text: str, words: str, *, cutoff_percent: float) -> _Near | None:
    """Find the part of a text that is most similar to these words; None if it is less similar than the cutoff."""
    if not text:
        return None
    if len(text) <= len(words):
        percent = fuzz.ratio(words, text, score_cutoff=cutoff_percent)
        return _Near(percent, *_trim(text, 0, len(text))) if percent else None
    found = fuzz.partial_ratio_alignment(words, text, score_cutoff=cutoff_percent)
    return _fit_words(text, words, found.dest_start, found.dest_end) if found else None


def _fit_words(text: str, words: str, start: int, end: int) -> _Near | None:
    """Move both ends of a part of a text to the beginning of a word and the end of one, where it is most similar."""
    margin = max(16, len(words) // 4)
    starts = [at for at in range(max(0, start - margin), min(end, start + margin)) if _begins_word(text, at)]
    start = max(starts, key=lambda at: (fuzz.ratio(words, text[at:end]), -at), default=start)
    ends = [
        at for at in range(max(start, end - margin) + 1, min(len(text), end + margin) + 1) if _ends_word(text, at)
    ]
    end = max(ends, key=lambda at: (fuzz.ratio(words, text[start:at]), at), default=end)
    start, end = _trim(text, start, end)
    return _Near(fuzz.ratio(words, text[start:end]), start, end) if start < end else None


def _begins_word(text: str, at: int) -> bool:
    return not text[at].isspace() and not _is_within_word(text, at)


def _ends_word(text: str, at: int) -> bool:
    return not text[at - 1].isspace() and not _is_within_word(text, at)


# ── what has changed ────────────────────────────────────────────────────────────────────────────


def describe_change(before: str, after: str) -> tuple[str, str]:
    """Return excerpts of two versions of a passage, cut around the first change, at most `EXCERPT_CHARACTERS` each.

    Both begin with the same words, so that they can be read one below the other. They are on one line.
    """
    old, new = " ".join(before.split()), " ".join(after.split())
    start = _excerpt_start(old, new)
    lead = "…" if start else ""
    room = EXCERPT_CHARACTERS - len(lead)
    return lead + cut_text(old[start:], room), lead + cut_text(new[start:], room)


def _excerpt_start(old: str, new: str) -> int:
    """Where both excerpts begin: at the beginning of a word, some words before the first difference."""
    if max(len(old), len(new)) <= EXCERPT_CHARACTERS:
        return 0
    same = next(
        (at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new))
    )
    if same <= _LEAD_CHARACTERS:
        return 0
    space = old.find(" ", same - _LEAD_CHARACTERS, same)
    return space + 1 if space >= 0 else same - _LEAD_CHARACTERS
