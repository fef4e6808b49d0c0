"""Whether a review is about the paper with a certain title and authors, as a catalogue has them. Pure.

A paper's title changes between its versions, and authors of posts shorten and misspell it; another paper's title may
differ in one word alone. So a difference that can mean another paper needs the short name or an author to agree.
A wrong answer costs more trust than a missing one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from enum import IntEnum
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from bot.models.papers import PaperRecord
from bot.models.reviews import ReviewHead
from bot.search.keys import identifier_keys
from bot.text.author_names import share_author
from bot.text.patterns import lazy_pattern
from bot.text.terms import squash, words
from bot.text.titles import paper_title, split_title

MIN_WORDS = 3
"""A title of fewer words may be another paper's, too: then an author or the year must agree."""
MIN_SAME = 5
"""Words that must be the same if others differ slightly."""
MAX_SLIGHT = 2
"""Slight differences that leave no doubt."""
MAX_CUT = 2
"""Words that may be missing at the end of a title."""
MIN_SLIPPED = 6
"""Letters of a word in which one other letter is a slip; from ten on, two are."""
AGREEING_SHARE, NAMED_SHARE, NEAR_SHARE = 0.8, 0.5, 0.7
"""The share of the words that must be the same if an author agrees; if the short name does; and to be offered."""
MIN_NAME = 3
"""Letters of a short name that is a paper's alone."""
_COLON = lazy_pattern(r"\s*[:：]\s|\s[-–—]\s")
_EMPTY = frozenset(
    "a an the and or of in on by for with via to at as is are into from using through toward towards its".split()
)
"""Words that make no other paper where one stands for another."""
_OTHER_PART = frozenset("i ii iii iv v vi part revisited extended".split())
_OTHER_KIND = frozenset("survey review benchmark dataset tutorial challenge workshop overview".split())
"""Words at the end of a title that make it another paper's, or only a longer form of it."""


class Agreement(IntEnum):
    """How surely a review is about a paper."""

    OTHER = 0
    NEAR = 1
    """Its title is close, but another paper's may be, too."""
    SAME = 2
    EQUAL = 3
    """It has exactly this title."""


def agreement(record: PaperRecord, head: ReviewHead, names: Iterable[str] = ()) -> Agreement:
    """Tell how surely a review is about a paper.

    Args:
        names: More titles of the review's paper, such as one that its text gives.
    """
    titles = (*split_title(paper_title(head.clean_title)), *split_title(head.clean_title), *names)
    best = max((_of_titles(record, title, head) for title in titles), default=Agreement.OTHER)
    if best >= Agreement.SAME and _has_other_number(record, head) and not _shares_author(record, head):
        return Agreement.NEAR
    return best


def _of_titles(record: PaperRecord, title: str, head: ReviewHead) -> Agreement:
    if squash(record.title) == squash(title):
        is_telling = len(words(title)) >= MIN_WORDS or _shares_author(record, head) or _shares_year(record, head)
        return Agreement.EQUAL if is_telling else Agreement.NEAR
    compared = _compare(words(record.title), words(title))
    if compared.is_other_number:
        return Agreement.NEAR if compared.share >= NEAR_SHARE and _shares_author(record, head) else Agreement.OTHER
    if not compared.is_telling and compared.slight <= MAX_SLIGHT and compared.same >= MIN_SAME:
        return Agreement.SAME
    if compared.share >= AGREEING_SHARE and _shares_author(record, head):
        return Agreement.SAME
    if compared.share >= NAMED_SHARE and _shares_name(record, head):
        return Agreement.SAME
    return Agreement.NEAR if compared.share >= NEAR_SHARE else Agreement.OTHER


# ── titles ──────────────────────────────────────────────────────────────────────────────────────


class _Compared(NamedTuple):
    """How two titles differ: how many words are the same, and their share of the longer title; the differences that
    mean nothing, whether there are others, and whether one of these is a number or names another part.
    """

    same: int
    share: float
    slight: int
    is_telling: bool
    is_other_number: bool


def _compare(one: list[str], other: list[str]) -> _Compared:
    same = slight = 0
    is_telling = is_other_number = False
    longest = max(len(one), len(other), 1)
    for ours, theirs in _differences(one, other):
        if ours == theirs:
            same += len(ours)
        elif "".join(ours) == "".join(theirs):  # written apart in one of them
            same += max(len(ours), len(theirs))
        elif any(map(_is_number, (*ours, *theirs))):
            is_other_number = True
        elif _is_slight(ours, theirs) or (_is_end(one, ours, theirs) or _is_end(other, theirs, ours)):
            slight += 1
        else:
            is_telling = True
    return _Compared(same, min(same / longest, 1.0), slight, is_telling, is_other_number)


def _differences(one: list[str], other: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    for _tag, start, end, other_start, other_end in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        yield one[start:end], other[other_start:other_end]


def _is_number(word: str) -> bool:
    return word.isdigit() or any(map(str.isdigit, word)) or word in _OTHER_PART


def _is_slight(ours: list[str], theirs: list[str]) -> bool:
    if all(word in _EMPTY for word in (*ours, *theirs)):
        return True
    one, other = "".join(ours), "".join(theirs)
    shorter = min(len(one), len(other))
    if shorter < MIN_SLIPPED or one[0] != other[0] or one[:3] != other[:3]:
        return False
    slips = Levenshtein.distance(one, other, score_cutoff=2)
    return slips == 1 or (slips == 2 and shorter >= 10)


def _is_end(whole: list[str], ours: list[str], theirs: list[str]) -> bool:
    """Whether only the end of a title is missing in the other one."""
    is_end = not theirs and 0 < len(ours) <= MAX_CUT and whole[-len(ours) :] == ours
    return is_end and _OTHER_KIND.isdisjoint(ours)


# ── what else agrees ────────────────────────────────────────────────────────────────────────────


def _has_other_number(record: PaperRecord, head: ReviewHead) -> bool:
    """Whether the review names another identifier of the same kind as its own."""
    kind = record.key.partition(":")[0]
    own = [key for key in identifier_keys(head.identifiers) if key.partition(":")[0] == kind]
    return bool(own) and record.key not in own


def _shares_year(record: PaperRecord, head: ReviewHead) -> bool:
    """Whether the years agree; a preprint is a year older than the paper at its venue."""
    return record.year is not None and head.year is not None and 0 <= head.year - record.year <= 1


def _shares_author(record: PaperRecord, head: ReviewHead) -> bool:
    return share_author(record.authors, head.authors)


def _shares_name(record: PaperRecord, head: ReviewHead) -> bool:
    """Whether the title begins with the review's short name, before a colon or the like."""
    before = _COLON.split(record.title, maxsplit=1)
    short = squash(head.short_name or "")
    return len(before) == 2 and len(short) >= MIN_NAME and squash(before[0]) == short
