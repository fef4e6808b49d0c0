"""Which new entry of a feed is a post that is known already, under another identity. Pure.

A guid should stay for as long as its post does. Yet feeds move to another host or program, and give all their posts
new guids, links or dates; each would be announced once more. So an entry whose guid is unknown is held against the
posts that are known, and called the same where enough of the rest is. What says the most decides first: the text,
then the address, then the title.

But for the text, a post is only taken for one that has left the document: what stands there beside it is another
one, however like it is.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from urllib.parse import unquote, urlsplit

from bot.links import normalise_link
from bot.models import KnownPost
from bot.search.text import squash

_NEVER = datetime.min.replace(tzinfo=UTC)
MIN_TITLE = 8
"""Letters and digits from which on a title is one post's own."""
MIN_PRESENT = 4
"""Entries from which on it can be told that a document has changed most of its identities."""
_MAX_CANDIDATES = 50  # looked at for each entry: for feeds that were crafted


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPost:
    """An entry whose guid is not known."""

    guid: str
    link: str
    title: str
    published: datetime | None
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The known post that an entry is.

    Attributes:
        why: What makes it so, as part of a sentence.
        is_repeat: Whether the document has the post under its known guid, too.
    """

    review_id: int
    why: str
    is_repeat: bool = False


def match(new: Sequence[NewPost], known: Sequence[KnownPost], *, present: AbstractSet[str]) -> dict[str, Match]:
    """The new entries that are known posts, by guid.

    Args:
        new: In the feed's order, which is newest first with most.
        present: The guids of all entries that the document has now.
    Returns:
        No two entries are the same known post, unless they have its very text.
    """
    found = _match_by_text(new, known, present)
    taken = {same.review_id for same in found.values()}
    absent = [post for post in known if post.guid not in present and post.review_id not in taken]
    matcher = _Matcher(_oldest_first(new), absent, found)
    shared = _shared_addresses((*new, *known))
    matcher.match("the same address under another id", lambda post: _address(post, shared), _is_likely)
    matcher.match("the same title and day under another id", _title_and_day)
    moved = sum(post.guid not in found or not found[post.guid].is_repeat for post in new)
    if is_renamed(moved, len(present)):
        matcher.match("the same title in a feed that gave its posts new ids", _title)
    return found


def is_reused(new: NewPost, known: KnownPost) -> bool:
    """Whether a guid that is known stands for another post now: everything else is different.

    Feeds that give many posts one guid tell them apart only while they stand side by side.
    """
    return (
        new.fingerprint != known.fingerprint
        and squash(new.title) != squash(known.title)
        and address_of(new.link) != address_of(known.link)
        and None not in (new.published, known.published)
        and new.published != known.published
    )


def is_renamed(new_count: int, present_count: int) -> bool:
    """Whether a document has changed its identities: more than half of its entries have an unknown guid.

    Args:
        new_count: Entries of unknown guid, matched or not; without repeats (`Match.is_repeat`).
        present_count: All entries of the document.
    """
    return present_count >= MIN_PRESENT and new_count * 2 > present_count


def have_left(known: Sequence[KnownPost], present: AbstractSet[str]) -> bool:
    """Whether most of the newest posts that are known have left the document, which new posts alone do not cause."""
    newest = sorted(known, key=lambda post: post.published or _NEVER, reverse=True)[: len(present)]
    return sum(post.guid not in present for post in newest) * 2 > len(newest)


def newer_than(known: Iterable[KnownPost]) -> datetime | None:
    """The newest date of what is known; None without any.

    Where a document has changed its identities, an entry that is not newer and matches nothing is no news either.
    """
    return max((post.published for post in known if post.published is not None), default=None)


def _match_by_text(new: Iterable[NewPost], known: Iterable[KnownPost], present: AbstractSet[str]) -> dict[str, Match]:
    """Of several known posts with one text, one that has left is meant before one that stands there."""
    alike = defaultdict[str, list[KnownPost]](list)
    for old in sorted(known, key=lambda old: (old.guid in present, old.review_id)):
        alike[old.fingerprint].append(old)
    found = dict[str, Match]()
    for post in _oldest_first(new):
        if same := alike.get(post.fingerprint):
            # each takes its own, as long as there are as many
            first = same.pop(0) if len(same) > 1 else same[0]
            is_repeat = first.guid in present
            why = "the same text as another entry" if is_repeat else "the same text under another id"
            found[post.guid] = Match(review_id=first.review_id, why=why, is_repeat=is_repeat)
    return found


_Post = NewPost | KnownPost
_Key = Callable[[_Post], Hashable | None]


@dataclass(slots=True)
class _Matcher:
    """Rule after rule: an entry and a post that one of them has joined are out of the next."""

    new: list[NewPost]
    absent: list[KnownPost]
    found: dict[str, Match]

    def match(
        self, why: str, key: _Key, is_likely: Callable[[NewPost, KnownPost], bool] = lambda _new, _known: True
    ) -> None:
        """Join what has the same key; None is no key."""
        waiting = defaultdict[Hashable, list[KnownPost]](list)
        for old in self.absent:
            waiting[key(old)].append(old)
        taken = set[int]()
        for post in self.new:
            if post.guid in self.found or (wanted := key(post)) is None:
                continue
            queue = waiting.get(wanted, [])
            if same := next((old for old in islice(queue, _MAX_CANDIDATES) if is_likely(post, old)), None):
                queue.remove(same)
                taken.add(same.review_id)
                self.found[post.guid] = Match(review_id=same.review_id, why=why)
        self.absent = [old for old in self.absent if old.review_id not in taken]


def _oldest_first(new: Iterable[NewPost]) -> list[NewPost]:
    """Of one moment, or without dates, the last of the document first."""
    latest = datetime.max.replace(tzinfo=UTC)
    as_written = list(reversed(list(new)))
    return sorted(as_written, key=lambda post: post.published or latest)


def _address(post: _Post, shared: AbstractSet[str]) -> str | None:
    address = address_of(post.link)
    return None if address in shared else address


def address_of(link: str) -> str | None:
    """An address however it is escaped or composed; None for a site's front page, which is no post's own."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return None
    if not parts.path.strip("/") and not parts.query:
        return None
    return unicodedata.normalize("NFC", unquote(normalise_link(link)))


def _shared_addresses(posts: Iterable[_Post]) -> frozenset[str]:
    """Addresses of no single post: where some feeds have the blog's own page as every entry's link.

    A post whose title and guid were changed has two titles at one address; three are no longer one post.
    """
    titles = defaultdict[str, set[str]](set)
    for post in posts:
        if address := address_of(post.link):
            titles[address].add(squash(post.title))
    return frozenset(address for address, known in titles.items() if len(known) > 2)


def _is_likely(new: NewPost, known: KnownPost) -> bool:
    """An address that leads to the newest issue always has another title on another day."""
    days = _day(new), _day(known)
    return squash(new.title) == squash(known.title) or None in days or days[0] == days[1]


def _title(post: _Post) -> str | None:
    title = squash(post.title)
    return title if len(title) >= MIN_TITLE else None


def _title_and_day(post: _Post) -> tuple[str, date | None] | None:
    title = _title(post)
    return (title, _day(post)) if title else None


def _day(post: _Post) -> date | None:
    return post.published.astimezone(UTC).date() if post.published else None
