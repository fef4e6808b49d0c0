"""Posts are known again after their feed gave them new ids, and no post is taken for another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models.feeds import KnownPost
from bot.reading.identity import Match, NewPost, have_left, is_renamed, is_reused, match, newer_than

DAY = datetime(2026, 6, 1, 9, tzinfo=UTC)


def known(number: int, **values: object) -> KnownPost:
    fields: dict[str, object] = {
        "review_id": number, "guid": f"old-{number}", "link": f"https://blog.test/posts/{number}",
        "title": f"Review number {number}", "published": DAY + timedelta(days=number),
        "fingerprint": f"text {number}",
    }  # fmt: skip
    return KnownPost(**(fields | values))  # type: ignore[arg-type]


def new(number: int, **values: object) -> NewPost:
    """By itself like nothing that is known."""
    fields: dict[str, object] = {
        "guid": f"new-{number}", "link": f"https://blog.test/new/{number}", "title": f"New review number {number}",
        "published": DAY + timedelta(days=100 + number), "fingerprint": f"new text {number}",
    }  # fmt: skip
    return NewPost(**(fields | values))  # type: ignore[arg-type]


def ids(
    entries: list[NewPost], posts: list[KnownPost], *, still: tuple[int, ...] = (), others: int = 0
) -> dict[str, int]:
    """Which review each entry is; ``still`` are the known ones that stand in the document yet."""
    guids = {post.guid for post in posts if post.review_id in still} | {f"other-{n}" for n in range(others)}
    found = match(entries, posts, present=frozenset(guids | {entry.guid for entry in entries}))
    return {guid: same.review_id for guid, same in found.items()}


# ── the rules ───────────────────────────────────────────────────────────────────────────────────


def test_the_same_text_is_the_same_post_even_beside_the_other() -> None:
    entry = new(1, fingerprint="text 1")
    assert match([entry], [known(1)], present=frozenset({"new-1"})) == {
        "new-1": Match(review_id=1, why="the same text under another id")
    }
    assert match([entry], [known(1)], present=frozenset({"new-1", "old-1"})) == {
        "new-1": Match(review_id=1, why="the same text as another entry", is_repeat=True)
    }


def test_posts_of_one_text_each_take_their_own() -> None:
    posts = [known(1, fingerprint="same"), known(2, fingerprint="same")]
    entries = [new(n, fingerprint="same") for n in (1, 2, 3)]
    found = ids(entries, posts)
    assert len(found) == 3
    assert set(found.values()) == {1, 2}


def test_the_same_address_is_the_same_post_once_the_other_has_left() -> None:
    entry = new(
        1, link="http://www.blog.test/posts/1/?utm_source=rss#top", title="Review number 1, revised", published=None
    )
    assert ids([entry], [known(1)]) == {"new-1": 1}
    assert ids([entry], [known(1)], still=(1,)) == {}


def test_an_address_is_the_same_however_it_is_written() -> None:
    old = known(1, link="https://blog.test/%EB%A6%AC%EB%B7%B0", published=None)
    assert ids([new(1, link="https://blog.test/리뷰")], [old]) == {"new-1": 1}
    assert ids([new(1, link="https://blog.test/\u1105\u1175\u1107\u1172")], [old]) == {"new-1": 1}


def test_an_address_that_many_posts_have_is_no_identity() -> None:
    blog = "https://blog.test/all"
    posts = [known(n, link=blog, published=None) for n in (1, 2)]
    assert ids([new(1, link=blog, published=None)], posts) == {}
    assert ids([new(1, link="https://blog.test/")], [known(1, link="https://blog.test", published=None)]) == {}
    assert ids([new(1, link="")], [known(1, link="", published=None)]) == {}


def test_the_next_issue_at_the_address_of_the_last_is_news() -> None:
    latest = "https://blog.test/latest"
    assert ids([new(1, link=latest)], [known(1, link=latest)]) == {}


def test_two_entries_of_one_address_are_never_one_post() -> None:
    """The older of them is the known one."""
    entries = [
        new(2, link="https://blog.test/posts/1", published=DAY + timedelta(days=5)),
        new(1, link="https://blog.test/posts/1", title="Review number 1"),
    ]
    entries[1] = replace(entries[1], published=DAY)
    assert ids(entries, [known(1)]) == {"new-1": 1}


def test_the_same_title_on_the_same_day_is_the_same_post_once_the_other_has_left() -> None:
    post = known(1)
    entry = new(1, title="REVIEW: Number 1".replace(":", ""), published=post.published)
    assert ids([entry], [post]) == {"new-1": 1}
    assert ids([entry], [post], still=(1,)) == {}
    assert ids([replace(entry, published=DAY + timedelta(days=50))], [post]) == {}
    assert ids([replace(entry, published=None)], [post]) == {}
    assert ids([replace(entry, published=None)], [replace(post, published=None)]) == {"new-1": 1}


@pytest.mark.parametrize("title", ["LoRA", "ViT", "BERT 리뷰", "Q", "모델 병합"])
def test_a_short_title_tells_a_post_of_a_day(title: str) -> None:
    """Names of papers and Korean titles are short."""
    post = known(1, title=title)
    entry = new(1, title=title, published=post.published)
    assert ids([entry], [post]) == {"new-1": 1}
    assert ids([entry], [post], still=(1,)) == {}
    assert ids([replace(entry, published=DAY + timedelta(days=3))], [post]) == {}


def test_a_title_without_a_letter_tells_nothing() -> None:
    post = known(1, title="…")
    assert ids([new(1, title="…", published=post.published)], [post]) == {}


def test_a_short_title_without_a_date_tells_nothing_by_itself() -> None:
    for title, is_known in (("ab cd ef gh", True), ("ab cd ef g", False)):
        entry = new(1, title=title, published=None)
        assert ids([entry], [known(1, title=title, published=None)]) == ({"new-1": 1} if is_known else {})


def test_a_title_that_another_post_of_the_day_has_is_a_series() -> None:
    """Notes that are all called so: the oldest leaves the document as the newest comes."""
    posts = [known(n, title="TIL", published=DAY + timedelta(hours=n)) for n in range(3)]
    entry = new(1, title="TIL", published=DAY + timedelta(hours=4))
    assert ids([entry], posts, still=(1, 2)) == {}


def test_an_undated_title_that_stands_in_the_document_is_a_series() -> None:
    posts = [known(n, title="Paper of the week", published=None) for n in range(3)]
    entry = new(1, title="Paper of the week", published=None)
    assert ids([entry], posts, still=(1, 2)) == {}


def test_the_next_of_a_weekly_series_is_news_when_the_last_has_left() -> None:
    posts = [known(n, title="Paper of the week", published=DAY + timedelta(days=7 * n)) for n in range(3)]
    entry = new(1, title="Paper of the week", published=DAY + timedelta(days=21))
    assert ids([entry], posts) == {}
    assert ids([replace(entry, published=DAY + timedelta(days=15))], posts) == {}


SEOUL = timedelta(hours=9)


@pytest.mark.parametrize(
    ("hours", "in_seoul", "elsewhere"),
    [(9, True, True), (11.9, True, True), (12.1, True, False), (23, True, False), (23.9, False, False)],
)
def test_a_day_is_the_authors_or_half_of_one(hours: float, in_seoul: bool, elsewhere: bool) -> None:
    """Half past midnight in Seoul, 15:30 in UTC; the hour is changed with the address and the text."""
    first = datetime(2026, 6, 19, 15, 30, tzinfo=UTC)
    post = known(1, published=first)
    entry = new(1, title=post.title, published=first + timedelta(hours=hours))
    for offset, is_known in ((SEOUL, in_seoul), (None, elsewhere)):
        found = match([entry], [post], present=frozenset({"new-1"}), utc_offset=offset)
        assert found.keys() == ({"new-1"} if is_known else set())


def test_the_next_of_a_daily_series_is_news_whatever_hour_it_comes() -> None:
    for hours in (13, 24, 30):
        post = known(1, published=datetime(2026, 6, 19, 13, tzinfo=UTC))
        entry = new(1, title=post.title, published=post.published and post.published + timedelta(hours=hours))
        assert match([entry], [post], present=frozenset({"new-1"}), utc_offset=SEOUL) == {}


def test_of_several_posts_of_a_day_the_nearest_is_meant() -> None:
    posts = [known(n, title="Two reviews", published=DAY + timedelta(hours=n)) for n in range(3)]
    entry = new(1, title="Two reviews", published=DAY + timedelta(hours=2))
    assert ids([entry], posts) == {"new-1": 2}


# ── another title ───────────────────────────────────────────────────────────────────────────────


def test_the_same_text_on_the_same_day_is_the_same_post_under_another_title() -> None:
    """The title was mended, and address and guid are made of it."""
    post = known(1, text_fingerprint="t")
    entry = new(1, text_fingerprint="t", published=post.published)
    found = match([entry], [post], present=frozenset({"new-1"}))
    assert found == {"new-1": Match(review_id=1, why="the same text and day under another title")}
    assert ids([entry], [post], still=(1,)) == {}
    assert ids([replace(entry, published=DAY + timedelta(days=8))], [post]) == {}
    assert ids([replace(entry, text_fingerprint="u")], [post]) == {}


def test_a_text_without_a_date_is_nobodys_own() -> None:
    """The next open thread has the text of the last."""
    post = known(1, text_fingerprint="t", published=None)
    assert ids([new(1, text_fingerprint="t", published=None)], [post]) == {}


def test_a_text_that_several_posts_have_is_a_template() -> None:
    """“This post is for subscribers”, of posts that are all dated midnight."""
    posts = [known(n, text_fingerprint="t", published=DAY) for n in range(3)]
    entries = [new(n, text_fingerprint="t", published=DAY) for n in range(3)]
    assert ids(entries, posts) == {}
    assert ids(entries[:1], posts[:1], still=(0,)) == {}
    assert ids(entries[:1], posts[:2], still=(1,)) == {}
    assert ids(entries[:2], posts[:1]) == {}


def test_short_texts_and_those_of_before_are_alike_in_nothing() -> None:
    post = known(1, published=DAY)
    assert post.text_fingerprint == ""
    assert ids([new(1, published=DAY)], [post]) == {}


# ── most of a document ──────────────────────────────────────────────────────────────────────────


def test_short_titles_are_enough_where_most_of_the_document_agrees() -> None:
    titles = ["LoRA", "ViT", "BERT 리뷰", "DPO", "ReAct", "모델 병합"]
    posts = [known(n, title=title) for n, title in enumerate(titles)]
    moved = [new(n, title=title) for n, title in enumerate(titles)]
    expected = {f"new-{n}": n for n in range(6)}
    assert ids(moved, posts) == expected
    assert ids([new(10, title="InsTag"), *moved], posts) == expected


def test_one_title_of_a_document_of_new_posts_is_no_move() -> None:
    """After a long time away: six new posts, and one of them is called as an old one was."""
    posts = [known(n) for n in range(6)]
    entries = [*(new(n) for n in range(5)), new(5, title="Review number 5")]
    assert ids(entries, posts) == {}


def test_a_busy_series_does_not_agree_with_itself() -> None:
    """After ten weeks away all ten posts are new, and all have the title that the series has."""
    posts = [known(n, title="Paper of the week", published=DAY + timedelta(days=7 * n)) for n in range(10)]
    entries = [
        new(n, title="Paper of the week", published=DAY + timedelta(days=7 * n)) for n in reversed(range(10, 20))
    ]
    assert ids(entries, posts) == {}


def test_a_series_moves_with_a_document_that_agrees_the_newest_first() -> None:
    posts = [known(n, title="Weekly" if n % 2 else f"Review {n}") for n in range(12)]
    entries = [
        new(n, title="Weekly" if n % 2 else f"Review {n}", published=DAY + timedelta(days=90, hours=n))
        for n in reversed(range(6, 12))
    ]
    entries = [*entries, new(20, title="Review 4", published=DAY + timedelta(days=90))]
    assert ids(entries, posts) == {f"new-{n}": n for n in range(6, 12)} | {"new-20": 4}


def test_where_most_entries_are_new_the_title_is_enough() -> None:
    entries = [new(n, title=f"Review number {n}") for n in range(4)]
    posts = [known(n) for n in range(4)]
    assert ids(entries, posts) == {f"new-{n}": n for n in range(4)}
    assert ids(entries, posts, others=4) == {}
    assert ids(entries[:3], posts[:3]) == {}


def test_entries_that_were_known_again_say_that_the_feed_changed_its_ids() -> None:
    """All but one have their old text: that one is told by its title."""
    entries = [new(n, fingerprint=f"text {n}") for n in range(5)] + [new(5, title="Review number 5")]
    assert ids(entries, [known(n) for n in range(6)])["new-5"] == 5


def test_repeats_do_not_say_that_the_feed_changed_its_ids() -> None:
    entries = [new(n, fingerprint=f"text {n}") for n in range(5)] + [new(5, title="Review number 5")]
    assert "new-5" not in ids(entries, [known(n) for n in range(6)], still=(0, 1, 2, 3, 4))


def test_a_renaming_takes_more_than_half_of_four_or_more() -> None:
    assert is_renamed(3, 4)
    assert not is_renamed(2, 4)
    assert not is_renamed(3, 3)


def test_a_renaming_is_counted_in_a_long_document() -> None:
    assert is_renamed(11, 20)
    assert not is_renamed(10, 20)


def test_a_guid_is_reused_where_all_else_is_different() -> None:
    assert is_reused(new(1), known(1))


@pytest.mark.parametrize(
    "values",
    [
        {"fingerprint": "text 1"},
        {"title": "Review: number 1"},
        {"link": "https://blog.test/posts/1/"},
        {"published": DAY + timedelta(days=1)},
        {"published": None},
    ],
)
def test_a_guid_is_not_reused_where_one_thing_is_the_same_or_not_told(values: dict[str, object]) -> None:
    assert not is_reused(new(1, **values), known(1))


def test_a_guid_of_an_undated_post_is_not_reused() -> None:
    assert not is_reused(new(1), known(1, published=None))
    assert not is_reused(new(1, published=None), known(1, published=None))


@pytest.mark.parametrize(("gone", "is_left"), [(4, False), (5, False), (6, True), (10, True)])
def test_most_have_left_where_more_than_half_of_the_newest_are_gone(gone: int, is_left: bool) -> None:
    """Of as many as the document has; older ones leave as new ones come."""
    posts = [known(number) for number in range(1, 21)]
    present = {f"old-{number}" for number in range(11, 21 - gone)} | {f"new-{number}" for number in range(gone)}
    assert len(present) == 10
    assert have_left(posts, present) == is_left


def test_undated_posts_are_not_among_the_newest_that_have_left() -> None:
    posts = [known(1, published=None), known(2), known(3, published=None), known(4)]
    assert not have_left(posts, {"old-2", "old-4"})
    assert have_left(posts, {"old-1", "old-3"})


def test_the_newest_known_date_is_told() -> None:
    assert newer_than([known(1), known(2), known(3, published=None)]) == DAY + timedelta(days=2)
    assert newer_than([known(1, published=None)]) is None


# ── whatever a feed does ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Rewriting:
    """How a feed changes the outside of its posts."""

    scheme: str
    host: str
    query: str
    keeps_path: bool
    keeps_date: bool
    keeps_text: bool

    def apply(self, post: KnownPost) -> NewPost:
        path = f"/posts/{post.review_id}" if self.keeps_path else f"/{post.review_id}-rewritten"
        return NewPost(
            guid=f"new-{post.review_id}",
            link=f"{self.scheme}://{self.host}{path}{self.query}",
            title=post.title,
            published=post.published if self.keeps_date else DAY,
            fingerprint=post.fingerprint if self.keeps_text else f"{post.fingerprint}, mended",
        )


REWRITINGS = st.builds(
    Rewriting,
    scheme=st.sampled_from(["http", "https"]),
    host=st.sampled_from(["blog.test", "www.blog.test", "moved.test"]),
    query=st.sampled_from(["", "/", "?utm_source=rss&utm_medium=x", "#top"]),
    keeps_path=st.booleans(),
    keeps_date=st.booleans(),
    keeps_text=st.booleans(),
)


@given(REWRITINGS, st.integers(1, 12), st.integers(0, 5))
def test_a_rewritten_feed_is_known_again(rewriting: Rewriting, count: int, fresh: int) -> None:
    """With its texts, always; with its titles alone, where address, date or most of the document helps."""
    posts = [known(n) for n in range(count)]
    entries = [*(new(n + 50) for n in range(fresh)), *map(rewriting.apply, reversed(posts))]
    is_at_its_place = rewriting.keeps_path and rewriting.host.endswith("blog.test")
    expected = {f"new-{n}": n for n in range(count)}
    do_most_agree = len(entries) >= 4 and count * 2 > len(entries)
    if rewriting.keeps_text or rewriting.keeps_date or is_at_its_place or do_most_agree:
        assert ids(entries, posts) == expected
    else:
        assert ids(entries, posts).items() <= expected.items()


@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12))
def test_other_posts_are_never_known(count: int, fresh: int, still: int) -> None:
    posts = [known(n) for n in range(count)]
    assert ids([new(n) for n in range(fresh)], posts, still=tuple(range(still))) == {}


FEW = st.sampled_from
POSTS = {
    "link": FEW(["", "https://a.test", "https://a.test/1", "http://www.a.test/1/", "https://a.test/2", "http://["]),
    "title": FEW(["", "Short", "A longer title", "a LONGER title!", "Another title"]),
    "published": FEW([None, DAY, DAY + timedelta(days=1)]),
    "fingerprint": FEW(["a", "b", "c", "d", "e", "f"]),
    "text_fingerprint": FEW(["", "t", "u"]),
}


@given(st.data())
def test_no_two_entries_of_different_text_are_one_known_post(data: st.DataObject) -> None:
    posts = [known(n, **data.draw(st.fixed_dictionaries(POSTS))) for n in range(data.draw(st.integers(0, 6)))]
    entries = [new(n, **data.draw(st.fixed_dictionaries(POSTS))) for n in range(data.draw(st.integers(0, 6)))]
    still = data.draw(st.sets(st.sampled_from([post.guid for post in posts]))) if posts else set()
    found = match(entries, posts, present=frozenset(still | {entry.guid for entry in entries}))
    by_text = {post.review_id: post.fingerprint for post in posts}
    others = [
        entry
        for entry in entries
        if entry.guid in found and entry.fingerprint != by_text[found[entry.guid].review_id]
    ]
    taken = [found[entry.guid].review_id for entry in others]
    assert len(taken) == len(set(taken))
    by_words = {same.review_id for guid, same in found.items() if guid not in {entry.guid for entry in others}}
    assert not set(taken) & by_words
    assert not any(posts[review_id].guid in still for review_id in taken)
    assert {entry.guid for entry in entries if entry.fingerprint in set(by_text.values())} <= set(found)


def test_what_only_looks_like_a_session_may_tell_the_page() -> None:
    """Posts at addresses that differ in nothing else are one only where the title is the same."""
    gone = known(1, link="https://j.test/article.php?sid=attention2017a", title="Attention", published=None)
    other = new(1, link="https://j.test/article.php?sid=resnet2015abc", title="ResNet", published=None)
    assert ids([other], [gone]) == {}
    assert ids([replace(other, title="Attention")], [gone]) == {"new-1": 1}


@pytest.mark.parametrize("moment", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)])
@pytest.mark.parametrize("hours", [9, -9])
def test_the_last_and_the_first_moment_there_is_have_a_day(moment: datetime, hours: int) -> None:
    entry = new(1, link="https://blog.test/posts/1", published=moment)
    assert match([entry], [known(1)], present=frozenset({"new-1"}), utc_offset=timedelta(hours=hours)) == {}
