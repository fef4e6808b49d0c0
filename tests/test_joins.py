"""Which reviews are about one paper, in the file: by the rule, by moderators, as each server sees it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from itertools import combinations, product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import pytest
import pytest_asyncio
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.models.joins import LoggedJoin
from bot.reading.documents import read_entries
from bot.reviews.same_paper import PaperFacts, contested, why_same
from bot.store import feeds, joins, reviews
from bot.store.database import Database
from tests.factories import REVIEW_HTML, make_entry

T = TypeVar("T")
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ONE, OTHER = "https://one.test/feed", "https://two.test/feed"


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with await Database.open(tmp_path / "n.db") as opened:
        yield opened


async def save(database: Database, url: str, number: int, *, paper: int, title: str) -> int:
    """Enter a post about a paper, whose number is in its arXiv identifier."""
    entry = make_entry(number, title=title, html=REVIEW_HTML.format(number=paper), link=f"{url}/{number}")
    (read,) = read_entries([entry])
    async with database.transaction() as db:
        feed = await feeds.ensure_feed(db, url)
        return await reviews.save_review(db, feed.id, read, structure_version=1, now=NOW)


async def papers(database: Database, ids: list[int], guild_id: int | None = None) -> list[tuple[int, ...]]:
    return [await joins.paper_of(database.reader, review_id, guild_id) for review_id in ids]


async def ruled(database: Database, review_id: int) -> dict[int, str]:
    """The reviews that a review is joined with by the rule, with the reasons."""
    async with database.reader.execute(joins.RULED, {"id": review_id}) as cursor:
        return {row["other_id"]: row["reason"] for row in await cursor.fetchall()}


async def test_an_identifier_joins_reviews_of_two_blogs_whatever_they_are_titled(database: Database) -> None:
    """The row has the identifier as its reason, and is written with the review."""
    one = await save(database, ONE, 1, paper=7, title="Lantern-7: Reading Long Documents Twice")
    other = await save(database, OTHER, 2, paper=7, title="긴 문서를 두 번 읽기")
    apart = await save(database, OTHER, 3, paper=8, title="Lantern-8: Reading Short Documents Once")
    assert await papers(database, [one, other, apart]) == [(one, other), (one, other), (apart,)]
    assert await ruled(database, one) == {other: "arxiv:2401.00007"}


async def test_moderators_join_and_part_in_their_server_alone(database: Database) -> None:
    one = await save(database, ONE, 1, paper=7, title="Lantern-7: Reading Long Documents Twice")
    other = await save(database, OTHER, 2, paper=7, title="긴 문서를 두 번 읽기")
    third = await save(database, OTHER, 3, paper=8, title="Lantern-8: Reading Short Documents Once")
    async with database.transaction() as db:
        await joins.part(db, 5, one, other, now=NOW)
        await joins.join(db, 5, one, third, now=NOW)
    assert await papers(database, [one, other, third], 5) == [(one, third), (other,), (one, third)]
    assert await papers(database, [one, other, third], 6) == [(one, other), (one, other), (third,)]
    async with database.transaction() as db:
        await joins.join(db, 5, other, one, now=NOW)
    assert await papers(database, [one, other, third], 5) == [(one, other, third)] * 3


async def test_parting_leaves_no_way_round(database: Database) -> None:
    """Of three reviews, one is taken out of the paper; the third does not bring it back, nor does a fourth."""
    title = "Lantern-7: Reading Long Documents Twice"
    ids = [await save(database, f"https://blog{n}.test/feed", n, paper=7, title=title) for n in range(1, 4)]
    async with database.transaction() as db:
        await joins.part(db, 5, ids[2], ids[0], now=NOW)
    assert await papers(database, ids, 5) == [(ids[0], ids[1]), (ids[0], ids[1]), (ids[2],)]
    ids.append(await save(database, OTHER, 9, paper=7, title=title))
    assert await papers(database, ids, 5) == [(ids[0], ids[1], ids[3])] * 2 + [(ids[2],), (ids[0], ids[1], ids[3])]
    assert await papers(database, ids, 6) == [tuple(ids)] * 4


async def test_what_moderators_joined_they_part_again(database: Database) -> None:
    """Undone, each review is in the paper where it was before: the two of one paper stay together."""
    title = "Lantern-7: Reading Long Documents Twice"
    one = await save(database, ONE, 1, paper=7, title=title)
    twin = await save(database, OTHER, 2, paper=7, title=title)
    third = await save(database, OTHER, 3, paper=8, title="Lantern-8: Reading Short Documents Once")
    async with database.transaction() as db:
        await joins.join(db, 5, one, third, now=NOW)
    assert await papers(database, [one], 5) == [(one, twin, third)]
    async with database.transaction() as db:
        await joins.part(db, 5, one, third, now=NOW)
    assert await papers(database, [one, twin, third], 5) == [(one, twin), (one, twin), (third,)]


async def test_a_revision_changes_the_joins_and_keeps_what_still_holds(database: Database) -> None:
    """Also those of the blog's other posts: a corrected header no longer makes their identifier doubtful."""
    title = "Lantern-7: Reading Long Documents Twice"
    one = await save(database, ONE, 1, paper=7, title=title)
    other = await save(database, OTHER, 2, paper=7, title="긴 문서를 두 번 읽기")
    assert await papers(database, [one]) == [(one, other)]
    copied = await save(database, ONE, 3, paper=7, title="Kettle: Boiling Tea in Deep Water")
    assert await papers(database, [one, other, copied]) == [(one,), (other,), (copied,)]
    assert await save(database, ONE, 3, paper=9, title="Kettle: Boiling Tea in Deep Water") == copied
    assert await papers(database, [one, other, copied]) == [(one, other), (one, other), (copied,)]


async def test_an_unchanged_review_writes_no_join(database: Database) -> None:
    """Its row keeps the time at which it was made."""
    title = "Lantern-7: Reading Long Documents Twice"
    one = await save(database, ONE, 1, paper=7, title=title)
    other = await save(database, OTHER, 2, paper=7, title=title)
    async with database.transaction() as db:
        before = database.rows_written
        await joins.rejoin(db, one, now=NOW)
        assert database.rows_written == before
    assert (await ruled(database, one)).keys() == {other}


async def test_an_older_cache_is_joined_once_and_goes_on_after_a_restart(database: Database) -> None:
    title = "Lantern-7: Reading Long Documents Twice"
    ids = [await save(database, f"https://blog{n}.test/feed", n, paper=7, title=title) for n in range(1, 4)]
    async with database.transaction() as db:
        await db.execute("DELETE FROM joins")
    filled: list[int] = []
    while not filled or filled[-1]:
        async with database.transaction() as db:
            filled.append(await joins.fill(db, limit=2, now=NOW))
    assert filled == [2, 1, 0]
    assert await papers(database, ids) == [tuple(ids)] * 3


async def test_one_paper_in_very_many_blogs_stays_within_bounds(database: Database) -> None:
    """A review brings a limited number of rows, and is compared with a limited number of others."""
    title, many = "Lantern-7: Reading Long Documents Twice", joins.MOST_JOINS + 5
    ids = [await save(database, f"https://blog{n}.test/feed", n, paper=7, title=title) for n in range(many)]
    async with database.transaction() as db:
        await joins.rejoin(db, ids[-1], now=NOW)
    assert len(await ruled(database, ids[-1])) == joins.MOST_JOINS
    assert await papers(database, ids[:1] + ids[-1:]) == [tuple(ids)] * 2


async def test_revisions_of_other_reviews_leave_an_old_one_with_its_paper(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joins, "MOST_JOINS", 3)
    title = "Lantern-7: Reading Long Documents Twice"
    ids = [await save(database, f"https://blog{n}.test/feed", n, paper=7, title=title) for n in range(8)]
    for revised in ids[1:4]:  # all with which the oldest is joined; there are newer ones to join them with
        async with database.transaction() as db:
            await joins.rejoin(db, revised, now=NOW)
    assert await papers(database, ids) == [tuple(ids)] * len(ids)


async def test_a_server_keeps_its_newest_log(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joins, "MOST_LOGGED", 2)
    for guild_id, number in ((5, 1), (6, 2), (5, 3), (5, 4)):
        entry = LoggedJoin(first_title=f"{number}", second_title="x", is_same=True, user_id=9, at=NOW)
        async with database.transaction() as db:
            await joins.log_join(db, guild_id, entry)
    assert [each.first_title for each in await joins.logged_joins(database.reader, 5, limit=9)] == ["4", "3"]
    assert [each.first_title for each in await joins.logged_joins(database.reader, 6, limit=9)] == ["2"]


async def test_nothing_stays_of_a_server_that_the_bot_left(database: Database) -> None:
    """Reported at once, or seen at the next connection; other servers and the rule keep theirs."""
    title = "Lantern-7: Reading Long Documents Twice"
    ids = [await save(database, f"https://blog{n}.test/feed", n, paper=7, title=title) for n in range(1, 3)]
    async with database.transaction() as db:
        for guild_id in (5, 6, 7):
            await joins.part(db, guild_id, *ids, now=NOW)
            entry = LoggedJoin(first_title="a", second_title="b", is_same=False, user_id=9, at=NOW)
            await joins.log_join(db, guild_id, entry)
        await joins.forget_guild(db, 5)
        await joins.forget_others(db, [7])
    assert [len(await joins.paper_of(database.reader, ids[0], guild)) for guild in (5, 6, 7, None)] == [2, 2, 1, 2]
    assert [len(await joins.logged_joins(database.reader, guild, limit=9)) for guild in (5, 6, 7)] == [0, 0, 1]


# ── whatever happens, in whatever order ─────────────────────────────────────────────────────────

TITLES = {
    "lantern": "Lantern-7: Reading Long Documents Twice",
    "short": "Lantern-7 논문 리뷰",
    "korean": "긴 문서를 두 번 읽기",
    "kettle": "Kettle: Boiling Tea in Deep Cold Water",
}
BLOGS = ("https://one.test/feed", "https://two.test/feed", "https://three.test/feed")
GUILDS = (5, 6)


class Model:
    """What moderators did, and from it the papers: every pair of reviews is compared, and nothing is kept."""

    def __init__(self) -> None:
        self.facts: dict[int, PaperFacts] = {}
        self.by_hand: dict[tuple[int, int, int], bool] = {}
        """Server and pair → whether its moderators joined the two."""

    def rule(self) -> dict[tuple[int, int], str]:
        disputed = contested(self.facts.values())
        pairs = {(a, b): why_same(self.facts[a], self.facts[b], disputed) for a, b in combinations(self.facts, 2)}
        return {tuple(sorted(pair)): why for pair, why in pairs.items() if why}  # type: ignore[misc]

    def paper(self, review_id: int, guild_id: int) -> set[int]:
        """The reviews that can be reached, joining the strongest pairs first and never two parted ones."""
        mine = {pair: is_same for (guild, *pair_), is_same in self.by_hand.items() if guild == guild_id
                for pair in [tuple(pair_)]}  # fmt: skip
        rule = self.rule()
        edges = sorted(pair for pair, is_same in mine.items() if is_same)
        edges += sorted(pair for pair, why in rule.items() if not why.startswith("title"))
        edges += sorted(pair for pair, why in rule.items() if why.startswith("title"))
        papers = [{each} for each in self.facts]
        for a, b in edges:
            (ours,) = (paper for paper in papers if a in paper)
            (theirs,) = (paper for paper in papers if b in paper)
            parted = any(mine.get(tuple(sorted(pair))) is False for pair in product(ours, theirs))
            if ours is not theirs and not parted:
                papers.remove(theirs)
                ours |= theirs
        return next(paper for paper in papers if review_id in paper)


class Joins(RuleBasedStateMachine):
    """Reviews enter, are revised and go; two servers join and part. The file agrees with the naive model."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = TemporaryDirectory()
        self.database = self.runner.run(Database.open(Path(self.folder.name) / "n.db"))
        self.model = Model()
        self.places: dict[tuple[str, int], int] = {}

    def teardown(self) -> None:
        self.runner.run(self.database.close())
        self.runner.close()
        self.folder.cleanup()

    def transact(self, act: Callable[[Any], Awaitable[T]]) -> T:
        async def transact() -> T:
            async with self.database.transaction() as db:
                return await act(db)

        return self.runner.run(transact())

    @rule(
        blog=st.sampled_from(BLOGS), number=st.integers(1, 3), title=st.sampled_from(sorted(TITLES)),
        paper=st.sampled_from([0, 7, 8]), author=st.sampled_from(["", "Mina Oh"]),
    )  # fmt: skip
    def enter(self, blog: str, number: int, title: str, paper: int, author: str) -> None:
        """Enter a post or revise it: identifiers and authors appear, vanish and change."""
        header = f'<p><a href="https://arxiv.org/abs/2401.{paper:05d}">[pdf]</a></p>' if paper else ""
        html = f"{header}<p><strong>{author}</strong></p><h2>1. Introduction</h2><p>{'A text. ' * 40}</p>"
        entry = make_entry(number, title=TITLES[title], html=html, link=f"{blog}/{number}")
        (read,) = read_entries([entry])

        async def save(db: Any) -> int:
            feed = await feeds.ensure_feed(db, blog)
            return await reviews.save_review(db, feed.id, read, structure_version=1, now=NOW)

        review_id = self.transact(save)
        self.places[blog, number] = review_id
        self.model.facts |= self.transact(lambda db: joins.read_facts(db, [review_id]))

    @precondition(lambda self: self.model.facts)
    @rule(data=st.data())
    def remove_feed(self, data: st.DataObject) -> None:
        """Nobody follows a blog any more."""
        blog = data.draw(st.sampled_from(sorted({blog for blog, _ in self.places})))

        async def delete(db: Any) -> None:
            feed = await feeds.ensure_feed(db, blog)
            while await reviews.delete_some(db, feed.id, limit=2):
                pass

        self.transact(delete)
        gone = {review_id for (one, _), review_id in self.places.items() if one == blog}
        self.places = {place: each for place, each in self.places.items() if each not in gone}
        self.model.facts = {each: facts for each, facts in self.model.facts.items() if each not in gone}
        self.model.by_hand = {key: same for key, same in self.model.by_hand.items() if not gone & {*key[1:]}}

    @precondition(lambda self: len(self.model.facts) > 1)
    @rule(data=st.data(), guild_id=st.sampled_from(GUILDS), is_same=st.booleans())
    def moderate(self, data: st.DataObject, guild_id: int, *, is_same: bool) -> None:
        """Join two reviews, or part them: then they are, and the same call again changes nothing."""
        there = sorted(self.model.facts)
        one = data.draw(st.sampled_from(there))
        other = data.draw(st.sampled_from([each for each in there if each != one]))
        act = joins.join if is_same else joins.part
        if (other in self.paper(one, guild_id)) is is_same:
            return
        self.transact(lambda db: act(db, guild_id, one, other, now=NOW))
        assert (other in self.paper(one, guild_id)) is is_same
        rows = self.transact(lambda db: db.execute_fetchall("SELECT * FROM joins WHERE guild_id = ?", (guild_id,)))
        others = {key: same for key, same in self.model.by_hand.items() if key[0] != guild_id}
        mine = {(guild_id, row["first_id"], row["second_id"]): bool(row["is_same"]) for row in rows}
        self.model.by_hand = others | mine

    def paper(self, review_id: int, guild_id: int) -> tuple[int, ...]:
        return self.runner.run(joins.paper_of(self.database.reader, review_id, guild_id))

    @invariant()
    def the_rows_are_what_the_rule_says(self) -> None:
        rows = self.transact(lambda db: db.execute_fetchall("SELECT * FROM joins WHERE guild_id = 0"))
        assert {(row["first_id"], row["second_id"]): row["reason"] for row in rows} == self.model.rule()

    @invariant()
    def every_review_of_a_paper_gives_the_same_paper_in_each_server(self) -> None:
        for guild_id in GUILDS:
            for review_id in self.model.facts:
                assert set(self.paper(review_id, guild_id)) == self.model.paper(review_id, guild_id)

    @invariant()
    def parted_reviews_are_never_one_paper(self) -> None:
        for (guild_id, one, other), is_same in self.model.by_hand.items():
            assert is_same or other not in self.paper(one, guild_id)


TestJoins = Joins.TestCase
TestJoins.settings = hypothesis_settings(max_examples=25, stateful_step_count=15, deadline=None)
