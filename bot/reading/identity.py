"""Find new entries of a feed that are known posts under another identity. Pure.

A guid should last as long as its post. But feeds move to another host or program and give all their posts new guids,
links or dates; each post would be announced again. So an entry with an unknown guid is compared with the known posts,
and counts as one of them if enough of the rest agrees. The strongest evidence comes first: title and text, then the
address, then the title or the text within a day, then the title alone if most of a document agrees.

Except by title and text together, an entry is only matched with a post that has left the document: a post that is
still in it is a different one, however similar. And values that several posts share identify none of them: one
address for all entries, the title of a series, a text filled in by a template.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import islice
from urllib.parse import unquote, urlsplit

from bot.languages import Message
from bot.models.feeds import KnownPost
from bot.text.links import drop_likely_session, normalise_link
from bot.text.terms import squash

_NEVER = datetime.min.replace(tzinfo=UTC)
_FOREVER = timedelta.max
MIN_UNDATED_TITLE = 8
"""A title with this many letters and digits identifies a post without a date; a dated post may be called "ViT"."""
HALF_A_DAY = timedelta(hours=12)
"""Two times this close are on the same day wherever the author lives; issues of a daily series are further apart."""
NEAR = timedelta(days=2)
"""How far the dates of one post may differ between two feeds: one may have the first publication, one the last
change."""
MIN_PRESENT = 4
"""From this many entries on, one can tell whether a document has changed most of its identities."""
_MAX_CANDIDATES = 50  # checked for each entry; a limit for hostile feeds


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPost:
    """An entry with an unknown guid."""

    guid: str
    link: str
    title: str
    published: datetime | None
    fingerprint: str
    text_fingerprint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The known post that an entry is.

    Attributes:
        why: The reason, as part of a sentence.
        is_repeat: Whether the document also has the post under its known guid.
    """

    review_id: int
    why: str
    is_repeat: bool = False


def match(
    new: Sequence[NewPost],
    known: Sequence[KnownPost],
    *,
    present: AbstractSet[str],
    utc_offset: timedelta | None = None,
) -> dict[str, Match]:
    """Return the new entries that are known posts, by guid.

    Args:
        new: In the feed's order, usually newest first.
        present: The guids of all entries now in the document.
        utc_offset: The offset of the author's clock, as far as the feed tells: a day is the author's day.
    Returns:
        No two entries match the same known post, unless they have exactly its text.
    """
    matches = _match_by_text(new, known, present)
    matcher = _Matcher(new, known, present, matches, zone=timezone(utc_offset or timedelta()))
    matcher.match_addresses()
    matcher.match_titles_of_a_day()
    matcher.match_texts_of_a_day()
    if is_renamed(matcher.count_moved(), len(present)):
        matcher.match_titles(len(present))
    return matches


def is_reused(new: NewPost, known: KnownPost) -> bool:
    """Whether a known guid now belongs to a different post: everything else has changed.

    Feeds that give many posts one guid only tell them apart while they are in the document together.
    """
    return (
        new.fingerprint != known.fingerprint
        and squash(new.title) != squash(known.title)
        and address_of(new.link) != address_of(known.link)
        and None not in (new.published, known.published)
        and new.published != known.published
    )


def is_same_post(one: KnownPost, other: KnownPost) -> bool:
    """Whether the posts of two feeds are the same: a blog and its category, its RSS and its Atom, a copy elsewhere.

    The next issue at an address that always leads to the newest one is a different post: it has another guid and
    another text, and appears on another day. Without dates, only the same text proves that two posts are the same.
    """
    if one.fingerprint and one.fingerprint == other.fingerprint:
        return True
    if not _is_same_address(one, other):
        return False
    if one.guid == other.guid:
        return True
    if _title(one) != _title(other):
        return False
    has_same_text = _text(one) is not None and _text(one) == _text(other)
    if None in (one.published, other.published):
        return has_same_text
    is_told_apart = bool(one.fingerprint and other.fingerprint) and not has_same_text
    return _time_between(one, other) < (HALF_A_DAY if is_told_apart else NEAR)


def is_renamed(new_count: int, present_count: int) -> bool:
    """Whether a document has changed its identities: more than half of its entries have an unknown guid.

    Args:
        new_count: Entries with an unknown guid, matched or not, without repeats (`Match.is_repeat`).
        present_count: All entries of the document.
    """
    return present_count >= MIN_PRESENT and new_count * 2 > present_count


def have_left(known: Sequence[KnownPost], present: AbstractSet[str]) -> bool:
    """Whether most of the newest known posts have left the document, which new posts alone do not cause."""
    newest = sorted(known, key=lambda post: post.published or _NEVER, reverse=True)[: len(present)]
    return sum(post.guid not in present for post in newest) * 2 > len(newest)


def newer_than(known: Iterable[KnownPost]) -> datetime | None:
    """Return the newest date among the known posts; None without any.

    If a document has changed its identities, an entry that matches nothing and is not newer is not news either.
    """
    return max((post.published for post in known if post.published is not None), default=None)


def _match_by_text(new: Iterable[NewPost], known: Iterable[KnownPost], present: AbstractSet[str]) -> dict[str, Match]:
    """Match by text; if several known posts have one text, one that has left comes before one still in the
    document.
    """
    alike = defaultdict[str, list[KnownPost]](list)
    for old in sorted(known, key=lambda old: (old.guid in present, old.review_id)):
        alike[old.fingerprint].append(old)
    matches = dict[str, Match]()
    for post in _oldest_first(new):
        if same := alike.get(post.fingerprint):
            # each entry takes a post of its own, as long as there are enough
            first = same.pop(0) if len(same) > 1 else same[0]
            is_repeat = first.guid in present
            why = (
                Message("the same text as another entry") if is_repeat else Message("the same text under another id")
            )
            matches[post.guid] = Match(review_id=first.review_id, why=why, is_repeat=is_repeat)
    return matches


_Post = NewPost | KnownPost
_Key = Callable[[_Post], Hashable | None]


class _Matcher:
    """Applies one rule after another; what one rule has matched is not considered by the next."""

    def __init__(
        self,
        new: Sequence[NewPost],
        known: Sequence[KnownPost],
        present: AbstractSet[str],
        matches: dict[str, Match],
        *,
        zone: timezone,
    ) -> None:
        taken = {same.review_id for same in matches.values()}
        self._all: tuple[_Post, ...] = (*new, *known)
        self._new = _oldest_first(new)
        self._absent = [post for post in known if post.guid not in present and post.review_id not in taken]
        self._standing = [post for post in known if post.guid in present]
        self._found = matches
        self._zone = zone

    def count_moved(self) -> int:
        """Count the entries with an unknown guid, without those that repeat another entry of the document."""
        return sum(post.guid not in self._found or not self._found[post.guid].is_repeat for post in self._new)

    def match_addresses(self) -> None:
        """Match by address. One that always leads to the newest issue has another title on another day."""
        shared = _shared(self._all, _address)

        def address(post: _Post) -> str | None:
            return None if _address(post) in shared else _address(post)

        def is_likely(new: NewPost, old: KnownPost) -> bool:
            if not _is_same_address(new, old):
                return False
            is_undated = None in (new.published, old.published)
            return is_undated or _title(new) == _title(old) or self._is_same_day(new, old)

        self._match(Message("the same address under another id"), address, is_likely)

    def match_titles_of_a_day(self) -> None:
        """Match by title and day. If another post of that day still in the document has the title, it is a series'
        title.
        """
        standing = defaultdict[str, list[KnownPost]](list)
        for post in self._standing:
            standing[_title(post)].append(post)

        def is_likely(new: NewPost, old: KnownPost) -> bool:
            if any(self._is_same_day(new, other) for other in standing[_title(new)]):
                return False
            is_telling = new.published is not None or len(_title(new)) >= MIN_UNDATED_TITLE
            return is_telling and self._is_same_day(new, old)

        self._match(Message("the same title and day under another id"), lambda post: _title(post) or None, is_likely)

    def match_texts_of_a_day(self) -> None:
        """Match by text and day: the title was corrected, and with it the address and the guid made from it."""
        shared = _shared(self._all, _text) | {_text(post) for post in self._standing}

        def text(post: _Post) -> str | None:
            return None if _text(post) in shared else _text(post)

        def is_likely(new: NewPost, old: KnownPost) -> bool:
            return new.published is not None and self._is_same_day(new, old)

        self._match(Message("the same text and day under another title"), text, is_likely)

    def match_titles(self, present_count: int) -> None:
        """Match by title in a feed that gave its posts new ids and new dates, provided that most of the feed agrees.

        A title that several entries have is no evidence for that: a busy feed with a series looks the same each week.
        """
        counts = Counter(map(_title, self._new)) + Counter(map(_title, self._standing))
        left = {_title(old) for old in self._absent}
        known_again = sum(not same.is_repeat for same in self._found.values())
        agreeing = sum(
            counts[title] == 1 and title in left
            for post in self._new
            if post.guid not in self._found and (title := _title(post))
        )
        if (known_again + agreeing) * 2 > present_count:
            self._match_newest(Message("the same title in a feed that gave its posts new ids"))

    def _is_same_day(self, post: _Post, other: _Post) -> bool:
        """Whether two posts are from one day of the author's, or less than half a day apart; or neither has a
        date.
        """
        if post.published is None or other.published is None:
            return post.published is other.published
        is_near = abs(post.published - other.published) < HALF_A_DAY
        return is_near or _day(post.published, self._zone) == _day(other.published, self._zone)

    def _match(
        self, why: str, key: _Key, is_likely: Callable[[NewPost, KnownPost], bool] = lambda _new, _known: True
    ) -> None:
        """Pair entries and posts with the same key, each entry with the likely post nearest in time; None is not a
        key.
        """
        waiting = defaultdict[Hashable, list[KnownPost]](list)
        for old in self._absent:
            waiting[key(old)].append(old)
        taken = set[int]()
        for post in self._new:
            if post.guid in self._found or (wanted := key(post)) is None:
                continue
            queue = waiting.get(wanted, [])
            likely = [old for old in islice(queue, _MAX_CANDIDATES) if is_likely(post, old)]
            if same := min(likely, key=lambda old: _time_between(post, old), default=None):
                queue.remove(same)
                taken.add(same.review_id)
                self._found[post.guid] = Match(review_id=same.review_id, why=why)
        self._absent = [old for old in self._absent if old.review_id not in taken]

    def _match_newest(self, why: str) -> None:
        """Pair entries and posts with the same title, the newest with the newest, since their dates may have
        changed.
        """
        waiting = defaultdict[str, list[KnownPost]](list)
        for old in sorted(self._absent, key=lambda old: (old.published or _NEVER, old.review_id)):
            waiting[_title(old)].append(old)
        for post in reversed(self._new):
            if post.guid not in self._found and _title(post) and (queue := waiting[_title(post)]):
                self._found[post.guid] = Match(review_id=queue.pop().review_id, why=why)


def _oldest_first(new: Iterable[NewPost]) -> list[NewPost]:
    """Sort by date; with equal dates or without any, the last in the document comes first."""
    latest = datetime.max.replace(tzinfo=UTC)
    as_written = list(reversed(list(new)))
    return sorted(as_written, key=lambda post: post.published or latest)


def address_of(link: str) -> str | None:
    """Return an address in one form, however it is escaped or composed; None for a front page, which no post owns."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return None
    if not parts.path.strip("/") and not parts.query:
        return None
    return unicodedata.normalize("NFC", unquote(normalise_link(link)))


def _shared(posts: Iterable[_Post], key: Callable[[_Post], str | None]) -> frozenset[str]:
    """Return the addresses or texts that belong to no single post: some feeds link every entry to the blog's front
    page.

    A post whose title was changed has two titles; three mean more than one post.
    """
    titles = defaultdict[str, set[str]](set)
    for post in posts:
        if value := key(post):
            titles[value].add(_title(post))
    return frozenset(value for value, known in titles.items() if len(known) > 2)


def _address(post: _Post) -> str | None:
    """Return the address without sessions, which the addresses stored by earlier versions still contain."""
    return address_of(drop_likely_session(post.link))


def _is_same_address(post: _Post, other: _Post) -> bool:
    """Whether two addresses agree. A likely session may in fact identify the page, so then the titles must agree
    too.
    """
    if _address(post) is None or _address(post) != _address(other):
        return False
    return address_of(post.link) == address_of(other.link) or _title(post) == _title(other)


def _title(post: _Post) -> str:
    return squash(post.title)


def _text(post: _Post) -> str | None:
    return post.text_fingerprint or None


def _day(moment: datetime, zone: timezone) -> date:
    try:
        return moment.astimezone(zone).date()
    except OverflowError:  # within hours of the first or last possible moment
        return moment.date()


def _time_between(post: _Post, other: _Post) -> timedelta:
    if post.published is None or other.published is None:
        return _FOREVER
    return abs(post.published - other.published)
