"""Whether two reviews are about one paper, and why. Pure.

In: what the reviews say about their papers. Out: a reason, or None. A wrong join costs more trust than a missing one,
so an identifier joins only reviews that have it as their own, and a title only where something else agrees, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from itertools import product

from bot.reviews.identifiers import year_of_arxiv
from bot.text.author_names import share_author
from bot.text.terms import fold, squash, words
from bot.text.titles import has_whole_title, is_same_title, paper_title, particular_words, split_part, split_title

MIN_TITLE_WORDS, MIN_PARTICULAR = 4, 3
"""Words of a title that can join reviews, and how many of them must be particular: “A Survey of Language Models” has
none, and "Kettle" is only a name."""
TITLE_AND_AUTHOR, TITLE_AND_YEAR = "title and author", "title and year"

Contested = Collection[tuple[int, str]]
"""Identifiers that a feed's posts cannot all mean, each with the feed (`contested`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFacts:
    """What a review says about its paper.

    Attributes:
        titles: The post's title, and the paper's title where the text gives it.
        names: What its text calls the paper, as keys: "selfrag".
        identifiers: Its own ones, as keys ("arxiv:2308.07074").
        is_doubtful: Its header may be another paper's (`bot.store.index.Carrier`).
        is_digest: It is about the papers in it, which are reviews of their own.
    """

    review_id: int
    feed_id: int
    titles: tuple[str, ...]
    authors: tuple[str, ...] = ()
    year: int | None = None
    names: frozenset[str] = frozenset()
    identifiers: frozenset[str] = frozenset()
    is_doubtful: bool = False
    is_digest: bool = False


def why_same(one: PaperFacts, other: PaperFacts, disputed: Contested = ()) -> str | None:
    """Return why two reviews are about one paper: "arxiv:2308.07074", "title and author", "title and year"; or None.

    Args:
        disputed: As `contested` returns them for the feeds of both.
    """
    if one.is_digest or other.is_digest:
        return None
    return _by_identifier(one, other, disputed) or _by_title(one, other)


def contested(carriers: Iterable[PaperFacts]) -> frozenset[tuple[int, str]]:
    """Return (feed, identifier) where posts of a feed share an identifier but not the paper's title.

    Authors copy the header of their previous post, and nobody can say which of the posts has it rightly.

    Args:
        carriers: All reviews that have the identifiers in question.
    """
    by_key: defaultdict[tuple[int, str], list[PaperFacts]] = defaultdict(list)
    for facts in carriers:
        if not facts.is_doubtful and not facts.is_digest:
            for key in facts.identifiers:
                by_key[facts.feed_id, key].append(facts)
    oldest = {key: min(posts, key=lambda post: post.review_id) for key, posts in by_key.items()}
    return frozenset(
        key for key, posts in by_key.items() if not all(_agree(oldest[key], post, has_whole_title) for post in posts)
    )


def telling_titles(facts: PaperFacts) -> dict[str, str]:
    """Return key → title of those titles of a review that are long and particular enough to join it with others.

    The parts of a series have none: each says something else about the paper, if they are about one at all.
    """
    forms = {form for title in facts.titles for form in (title, *split_title(paper_title(title)), paper_title(title))}
    return {squash(form): form for form in forms if _is_telling(form)}


# ── identifiers ─────────────────────────────────────────────────────────────────────────────────


def _by_identifier(one: PaperFacts, other: PaperFacts, disputed: Contested) -> str | None:
    shared = one.identifiers & other.identifiers
    if not shared:
        return None
    if _agree(one, other, has_whole_title):
        return _first(shared)
    if one.feed_id == other.feed_id or one.is_doubtful or other.is_doubtful:
        return None
    clear = {key for key in shared if not {(one.feed_id, key), (other.feed_id, key)} & set(disputed)}
    return _first(clear) if clear and _are_on_one(one, other) else None


def _are_on_one(one: PaperFacts, other: PaperFacts) -> bool:
    """Return whether anything but an identifier says so. Blogs title posts as they like, in their own languages."""
    if _agree(one, other, is_same_title):
        return True
    is_called_so = bool(one.names & other.names) or share_author(one.authors, other.authors)
    return is_called_so and not _contradict(one, other)


def _first(keys: Iterable[str]) -> str:
    """Return the identifier to name as a reason: arXiv's, which sorts before most others but ACL's."""
    return min(keys, key=lambda key: (not key.startswith("arxiv:"), key))


def _agree(one: PaperFacts, other: PaperFacts, is_same: Callable[[str, str], bool]) -> bool:
    """Return whether any two titles of two reviews are those of one paper."""
    return any(is_same(a, b) for a, b in product(one.titles, other.titles))


def _contradict(one: PaperFacts, other: PaperFacts) -> bool:
    """Return whether two reviews give other authors, or years too far apart to be a preprint's and its venue's."""
    years = list(product(_years(one), _years(other)))
    far_apart = bool(years) and all(abs(year - another) > 1 for year, another in years)
    strangers = bool(one.authors) and bool(other.authors) and not share_author(one.authors, other.authors)
    return far_apart or strangers


# ── titles ──────────────────────────────────────────────────────────────────────────────────────


def _by_title(one: PaperFacts, other: PaperFacts) -> str | None:
    ours, theirs = telling_titles(one), telling_titles(other)
    if not ours.keys() & theirs.keys() or _have_different(one, other) or _contradict(one, other):
        return None
    if share_author(one.authors, other.authors):
        return TITLE_AND_AUTHOR
    # A feed may give many posts one title.
    is_dated = one.feed_id != other.feed_id and not _years(one).isdisjoint(_years(other))
    return TITLE_AND_YEAR if is_dated else None


def _years(facts: PaperFacts) -> set[int]:
    """Return the year that a review gives, and that of the preprint that it links."""
    numbers = (key.removeprefix("arxiv:") for key in facts.identifiers if key.startswith("arxiv:"))
    found = {facts.year, *(() if facts.is_doubtful else map(year_of_arxiv, numbers))}
    return {year for year in found if year is not None}


def _is_telling(title: str) -> bool:
    is_long = len(words(title)) >= MIN_TITLE_WORDS and len(set(particular_words(fold(title)))) >= MIN_PARTICULAR
    return is_long and split_part(title) is None


def _have_different(one: PaperFacts, other: PaperFacts) -> bool:
    """Return whether both have an identifier of one kind, and not the same; a doubtful header says nothing."""
    if one.is_doubtful or other.is_doubtful:
        return False
    ours, theirs = _by_kind(one.identifiers), _by_kind(other.identifiers)
    return any(ours[kind].isdisjoint(theirs[kind]) for kind in ours.keys() & theirs.keys())


def _by_kind(identifiers: Iterable[str]) -> dict[str, set[str]]:
    kinds: dict[str, set[str]] = {}
    for key in identifiers:
        kinds.setdefault(key.partition(":")[0], set()).add(key)
    return kinds
