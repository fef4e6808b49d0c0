"""The paper's title in a list of facts about it: "제목: Low Boats" above "저자: Ada Quill".

In: a review. Out: the title, or None. Many posts are titled "Kettle 논문 리뷰" and give the title only in such a
list. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from bot.models.reviews import Review
from bot.reviews.fact_labels import Label, read_label
from bot.reviews.titles import read_title
from bot.text.patterns import lazy_pattern
from bot.text.titles import is_same_title

_MAX_SECTIONS = 3
"""The opening and the first two parts of a post."""
_MAX_LINES = 60
_MAX_CHARS = 250
_MIN_WORDS = 3
_MIN_TITLE_WORDS = 4
"""A post with this many words in its title names its paper there, and a label with another title another paper."""
_LATIN_WORD = lazy_pattern(r"[A-Za-z][A-Za-z'’-]+")
_KEY = lazy_pattern(r"([^:：]{2,30})[:：]\s*(\S.*)")
_OF_AUTHORS = frozenset((Label.AUTHOR, Label.AUTHORS))
_BULLETS = " \t-•*"
_AROUND = " \t\"'“”‘’「」『』《》*_`"


def find_labelled_title(review: Review) -> str | None:
    """Return the paper's title from a label that stands next to one for its authors; None if there are several.

    A title that is not in Latin letters, or is another than the post's own, does not count.
    """
    lines = [line for section in review.sections[:_MAX_SECTIONS] for line in section.text.split("\n") if line.strip()]
    pairs = [_read_pair(line) for line in lines[:_MAX_LINES]]
    titles = {value for label, value in pairs if label is Label.TITLE}
    if len(titles) != 1 or not _are_next_to_authors(pairs):
        return None
    title = read_title(titles.pop().strip(_AROUND)).paper_title
    is_paper = len(_LATIN_WORD.findall(title)) >= _MIN_WORDS and len(title) <= _MAX_CHARS
    return title if is_paper and _may_be_titled(review.clean_title, title) else None


def _read_pair(line: str) -> tuple[Label | None, str]:
    match = _KEY.match(line[: 2 * _MAX_CHARS].lstrip(_BULLETS))
    return (read_label(match[1]), match[2]) if match else (None, "")


def _are_next_to_authors(pairs: Sequence[tuple[Label | None, str]]) -> bool:
    """Whether the line before or after the title's names the authors."""
    labels = [label for label, _ in pairs]
    return any(Label.TITLE in both and not _OF_AUTHORS.isdisjoint(both) for both in pairwise(labels))


def _may_be_titled(post: str, paper: str) -> bool:
    """Whether a post with this title may be about the paper: it says too little, or the same."""
    return len(_LATIN_WORD.findall(post)) < _MIN_TITLE_WORDS or is_same_title(post, paper)
