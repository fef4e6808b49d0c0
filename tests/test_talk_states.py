"""Whatever happens to talk, in whatever order, and wherever the process dies: nothing is lost, nothing stands twice.

The real database and courier, channels in memory. A process dies at the steps that it takes before and after a commit
or a request to Discord: from there on it does nothing more, and another one goes on with what is in the file.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias
from unittest.mock import patch

import aiosqlite
import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.answering.name_cache import NameCache
from bot.answering.searcher import Searcher
from bot.delivering.courier import Courier
from bot.delivering.posts import Outgoing
from bot.delivering.talks import Outcome, Place, Quote, Wanted
from bot.feeds import discussed
from bot.feeds.intake import save_review
from bot.heartbeats import make_heartbeats
from bot.models.announcing import Posted
from bot.models.feeds import Entry
from bot.models.index import ReadReview
from bot.models.talks import TalkState
from bot.reading.documents import read_entries
from bot.search.glossary import Glossary
from bot.store import feeds, joins, reviews
from bot.store.database import Database
from bot.store.joins import paper_of
from tests.conftest import Clock
from tests.factories import make_entry
from tests.posting import MemoryPoster, Message

BLOGS = ("https://one.test/feed", "https://two.test/feed", "https://three.test/feed")
PAPERS = (7, 8)
GUILDS = (5, 6)
FORUM = 6
"""Of the two servers, the one that talks in a forum."""
BLOG, PAPER, GUILD = (st.sampled_from(one) for one in (range(len(BLOGS)), PAPERS, GUILDS))
SENTENCES = (
    "The crew of the {blog} ferry needed {count} minutes to cross the northern strait before the storm.",
    "Nobody on pier {blog} counted more than {count} gulls above the old lighthouse that morning.",
    "A quiet engineer of workshop {blog} replaced {count} valves although the manual warned against it.",
)
NUMBER = st.sampled_from(range(len(SENTENCES)))
KILLS = st.lists(st.tuples(st.integers(0, 14), st.sampled_from([0, 10])), max_size=2)
"""How many steps each life takes before it ends, and how many minutes later the next one begins: Discord remembers
nonces for less than ten. Then one goes on to the end."""


Kills: TypeAlias = list[tuple[int, int]]


class Life:
    """One process, until it is killed."""

    def __init__(self) -> None:
        self.left: int | None = None
        """How many more steps it takes; None to its end."""
        self.died = asyncio.Event()

    async def step(self) -> None:
        """Take a step, or none ever again."""
        if self.died.is_set():
            raise asyncio.CancelledError
        if self.left is None:
            return
        self.left -= 1
        if self.left < 0:
            self.died.set()
            await asyncio.Event().wait()


class MortalDatabase(Database):
    life: Life

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        await self.life.step()
        async with super().transaction() as db:
            yield db
            await self.life.step()
        await self.life.step()


class MortalPoster(MemoryPoster):
    """Discord stays as it is when the process that writes to it dies."""

    life: Life

    async def post(self, channel_id: int, message: Outgoing, *, nonce: str) -> Posted:
        await self.life.step()
        posted = await super().post(channel_id, message, nonce=nonce)
        await self.life.step()
        return posted

    async def open_thread(self, channel_id: int, message_id: int, name: str) -> int:
        await self.life.step()
        thread_id = await super().open_thread(channel_id, message_id, name)
        await self.life.step()
        return thread_id

    def delete_thread(self, thread_id: int) -> None:
        self.gone.add(thread_id)
        self.threads.pop(thread_id, None)
        self.messages = [one for one in self.messages if one.id != thread_id or one.channel_id not in self.forums]


@dataclass(slots=True, kw_only=True)
class Post:
    """A review as its blog has it: its sentences in their order, by number, with a count in each."""

    paper: int
    counts: dict[int, int] = field(default_factory=lambda: dict.fromkeys(range(len(SENTENCES)), 20))

    def sentence(self, blog: int, number: int) -> str:
        return SENTENCES[number].format(blog="ABC"[blog], count=self.counts[number])

    def entry(self, blog: int) -> Entry:
        told = "".join(f"<p>{self.sentence(blog, number)}</p>" for number in self.counts)
        head = f'<p><a href="https://arxiv.org/abs/2401.{self.paper:05d}">[pdf]</a></p>'
        title = f"Lantern-{self.paper}: Reading Long Documents Twice"
        html = f"{head}<h2>1. Results</h2><p>All of it was written down by hand.</p>{told}"
        return make_entry(self.paper, title=title, link=f"{BLOGS[blog]}/{self.paper}", html=html)


@dataclass(slots=True, kw_only=True)
class KnownTalk:
    """A talk as the model has it: what stands in it, by what is asked for."""

    guild_id: int
    review_id: int
    thread_id: int
    quotes: dict[tuple[int, int, int], str] = field(default_factory=dict)
    """The words that were quoted, by blog, paper and sentence."""
    lines: list[tuple[str, str]] = field(default_factory=list)
    """The words that changed, and into which; "" for those that are gone."""
    opinions: list[int] = field(default_factory=list)
    """The blogs of the other reviews that came into it."""
    is_there: bool = True


class TalkStates(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = TemporaryDirectory()
        self.unhurried = patch("bot.delivering.courier.MESSAGES_PER_SECOND", 1e9)
        self.unhurried.start()
        self.clock = Clock()
        self.poster = MortalPoster()
        self.poster.clock = self.clock
        self.poster.forums.add(FORUM)
        self.lives = 0
        self.members = 100
        self.posts: dict[tuple[int, int], Post] = {}
        """By blog and paper."""
        self.ids: dict[tuple[int, int], int] = {}
        self.removed: dict[tuple[int, int, int], int] = {}
        """Blog, paper and sentence → the count that a sentence had which its blog has taken out."""
        self.quoted: set[tuple[int, int, int]] = set()
        """Blog, paper and sentence of all that was ever quoted."""
        self.talks: list[KnownTalk] = []
        self.runner.run(self.begin())

    def teardown(self) -> None:
        self.runner.run(self.end())
        self.runner.close()
        self.folder.cleanup()
        self.unhurried.stop()

    # ── lives ───────────────────────────────────────────────────────────────────────────────────

    async def begin(self) -> None:
        self.life = self.poster.life = Life()
        self.database = await MortalDatabase.open(self.path)
        self.database.life = self.life
        names = NameCache(self.database, glossary=Glossary(), everyday=Glossary())
        self.courier = Courier(
            self.database, Searcher(self.database, names), read=set(), clock=self.clock, heartbeats=make_heartbeats()
        )
        await self.courier.start()

    @property
    def path(self) -> Path:
        return Path(self.folder.name) / f"{self.lives}.db"

    async def end(self) -> None:
        await self.courier.close()
        await self.database.close()

    async def next_life(self, minutes: int) -> None:
        """Go on with what was committed; nobody closed the file."""
        before = self.path
        self.lives += 1
        with closing(sqlite3.connect(before)) as left, closing(sqlite3.connect(self.path)) as kept:
            left.backup(kept)
        await self.end()
        self.clock.advance(minutes=minutes, seconds=1)
        await self.begin()

    def survive(self, act: Callable[[], Awaitable[None]], kills: Sequence[tuple[int, int]]) -> None:
        """Do something, and all that follows from it; where the process is killed, the next one does it again."""
        for steps, minutes in kills:
            self.runner.run(self.attempt(act, steps, minutes))
        self.runner.run(self.attempt(act, None, 0))

    async def attempt(self, act: Callable[[], Awaitable[None]], steps: int | None, minutes: int) -> None:
        async def act_and_deliver() -> None:
            await act()
            await self.courier.deliver(self.poster)

        self.life.left = steps
        doing, dying = asyncio.create_task(act_and_deliver()), asyncio.create_task(self.life.died.wait())
        await asyncio.wait({doing, dying}, return_when=asyncio.FIRST_COMPLETED)
        if self.life.died.is_set():
            doing.cancel()
            await asyncio.wait({doing})
            await self.next_life(minutes)
            return
        dying.cancel()
        self.life.left = None
        await doing

    # ── blogs ───────────────────────────────────────────────────────────────────────────────────

    async def read(self, blog: int, paper: int) -> None:
        """Read a post as its blog has it now, as a poll does: what is known is left alone."""
        read = read_once(self.posts[blog, paper].entry(blog))
        async with self.database.transaction() as db:
            feed = await feeds.ensure_feed(db, BLOGS[blog])
            known = dict(await reviews.known_entries(db, feed.id)).get(read.review.guid)
            if known and known.entry_hash == read.entry_hash:
                return
            now = self.clock()
            review_id = await save_review(db, feed.id, read, now, is_revised=True, found_again={})
            if known is None:
                guilds = await discussed.talking_servers(db, review_id)
                await discussed.add_opinions(db, review_id, guilds, feed_name=f"Blog {blog}", now=now)
            self.ids[blog, paper] = review_id

    @initialize(kills=KILLS)
    def start(self, kills: Kills) -> None:
        """A blog has reviewed a paper, and both servers talk about a passage of it."""
        self.posts[0, 7] = Post(paper=7)
        self.survive(lambda: self.read(0, 7), [])
        for guild_id in GUILDS:
            self.discuss(0, 7, 0, guild_id, kills)

    @rule(blog=BLOG, paper=PAPER, kills=KILLS)
    def publish(self, blog: int, paper: int, kills: Kills) -> None:
        """A blog reviews a paper: it comes into the talk about it, where there is one."""
        if (blog, paper) in self.posts:
            return
        self.posts[blog, paper] = Post(paper=paper)
        self.survive(lambda: self.read(blog, paper), kills)
        for guild_id in self.runner.run(self.guilds_of(self.ids[blog, paper])):
            if talk := self.talk_about(guild_id, self.ids[blog, paper]):
                talk.opinions.append(blog)

    async def guilds_of(self, review_id: int) -> list[int]:
        """The servers of which talks are about a review, by the joins of all: those of one server come too late."""
        everybodys = await paper_of(self.database.reader, review_id, None)
        return sorted({talk.guild_id for talk in self.talks if talk.is_there and talk.review_id in everybodys})

    @rule(data=st.data(), number=NUMBER, count=st.integers(20, 23), kills=KILLS)
    def change(self, data: st.DataObject, number: int, count: int, kills: Kills) -> None:
        """A number in a sentence changes: talks that quote it are told."""
        blog, paper = data.draw(st.sampled_from(sorted(self.posts)))
        post = self.posts[blog, paper]
        if number not in post.counts or post.counts[number] == count:
            return
        before = post.sentence(blog, number)
        post.counts[number] = count
        self.tell(blog, paper, number, before, post.sentence(blog, number))
        self.survive(lambda: self.read(blog, paper), kills)

    @rule(data=st.data(), number=NUMBER, kills=KILLS)
    def take_out_or_put_back(self, data: st.DataObject, number: int, kills: Kills) -> None:
        """A sentence goes, and talks that quote it are told; it comes back as it was, and nothing is told."""
        blog, paper = data.draw(st.sampled_from(sorted(self.posts)))
        post = self.posts[blog, paper]
        if (blog, paper, number) in self.removed:
            post.counts = dict(sorted({**post.counts, number: self.removed.pop((blog, paper, number))}.items()))
        else:
            self.tell(blog, paper, number, post.sentence(blog, number), "")
            self.removed[blog, paper, number] = post.counts.pop(number)
        self.survive(lambda: self.read(blog, paper), kills)

    @rule(data=st.data(), kills=KILLS)
    def reorder(self, data: st.DataObject, kills: Kills) -> None:
        """The sentences stand in another order: nothing is told."""
        blog, paper = data.draw(st.sampled_from(sorted(self.posts)))
        post = self.posts[blog, paper]
        post.counts = dict(reversed(list(post.counts.items())))
        self.survive(lambda: self.read(blog, paper), kills)

    def tell(self, blog: int, paper: int, number: int, before: str, after: str) -> None:
        for talk in self.talks:
            if talk.is_there and (blog, paper, number) in talk.quotes:
                talk.lines.append((before, after))

    # ── moderators ──────────────────────────────────────────────────────────────────────────────

    @precondition(lambda self: len(self.ids) > 1)
    @rule(data=st.data(), guild_id=GUILD, is_same=st.booleans(), kills=KILLS)
    def moderate(self, data: st.DataObject, guild_id: int, is_same: bool, kills: Kills) -> None:
        one, other = data.draw(st.permutations(sorted(self.ids.values())))[:2]

        async def moderate() -> None:
            async with self.database.transaction() as db:
                if (other in await paper_of(db, one, guild_id)) is not is_same:
                    await (joins.join if is_same else joins.part)(db, guild_id, one, other, now=self.clock())

        self.survive(moderate, kills)

    @precondition(lambda self: any(talk.is_there for talk in self.talks))
    @rule(data=st.data(), is_told=st.booleans(), kills=KILLS)
    def delete_thread(self, data: st.DataObject, is_told: bool, kills: Kills) -> None:
        """Whether Discord tells of it or not."""
        talk = data.draw(st.sampled_from([talk for talk in self.talks if talk.is_there]))
        talk.is_there = False
        self.poster.delete_thread(talk.thread_id)

        async def tell() -> None:
            if is_told:
                await self.courier.talks.thread_gone(talk.thread_id)

        self.survive(tell, kills)

    # ── members ─────────────────────────────────────────────────────────────────────────────────

    def talk_about(self, guild_id: int, review_id: int) -> KnownTalk | None:
        """The talk that a member is led to: of those about the paper that are there, the first."""
        paper = self.runner.run(paper_of(self.database.reader, review_id, guild_id))
        there = (talk for talk in self.talks if talk.is_there and talk.guild_id == guild_id)
        return next((talk for talk in there if talk.review_id in paper), None)

    @rule(data=st.data(), guild_id=GUILD, kills=KILLS)
    def press(self, data: st.DataObject, guild_id: int, kills: Kills) -> None:
        blog, paper = data.draw(st.sampled_from(sorted(self.ids)))
        self.discuss(blog, paper, None, guild_id, kills)

    @rule(data=st.data(), number=NUMBER, guild_id=GUILD, kills=KILLS)
    def press_passage(self, data: st.DataObject, number: int, guild_id: int, kills: Kills) -> None:
        blog, paper = data.draw(st.sampled_from(sorted(self.ids)))
        if number in self.posts[blog, paper].counts:
            self.discuss(blog, paper, number, guild_id, kills)

    def discuss(self, blog: int, paper: int, number: int | None, guild_id: int, kills: Kills) -> None:
        """Discuss a paper, or one of its passages, which is then quoted once."""
        review_id, known = self.ids[blog, paper], self.talk_about(guild_id, self.ids[blog, paper])
        words = None if number is None else self.posts[blog, paper].sentence(blog, number)
        led: list[Outcome] = []

        async def press() -> None:
            led.append(await self.pressed(guild_id, review_id, words))

        self.survive(press, kills)
        talk = led[-1].talk
        assert talk is not None
        assert talk.state is TalkState.OPEN
        assert talk.thread_id is not None
        if known is None:
            assert talk.thread_id not in {one.thread_id for one in self.talks}
            known = KnownTalk(guild_id=guild_id, review_id=review_id, thread_id=talk.thread_id)
            self.talks.append(known)
        assert talk.thread_id == known.thread_id
        if number is not None and words is not None:
            assert led[-1].quote is not None
            known.quotes.setdefault((blog, paper, number), words)
            self.quoted.add((blog, paper, number))

    async def pressed(self, guild_id: int, review_id: int, words: str | None) -> Outcome:
        """What a press does (`bot.ui.discord.talking`)."""
        talks = self.courier.talks
        quote = await self.quote_of(review_id, words) if words else None
        for talk in await talks.known(guild_id, review_id):
            now = await talks.refresh(self.poster, talk)
            if now is not None and now.state is TalkState.OPEN:
                if quote is not None:
                    return await talks.put_quote(self.poster, now, quote)
                await talks.ensure_opening(self.poster, now)
                return Outcome(talk=now, is_new=False)
        self.members += 1
        wanted = Wanted(
            guild_id=guild_id,
            review_id=review_id,
            opener_id=self.members,
            place=Place(channel_id=guild_id),
            is_forum=guild_id == FORUM,
        )
        return await talks.open(self.poster, wanted, quote=quote)

    async def quote_of(self, review_id: int, words: str) -> Quote:
        (stored,) = await reviews.find_reviews(self.database.reader, [review_id])
        for position, section in enumerate(stored.review.sections):
            for block, one in enumerate(section.blocks):
                if one.text == words:
                    quote = await self.courier.talks.make_quote(stored, position, block)
                    assert quote is not None
                    return quote
        raise AssertionError(words)

    # ── what is so at any time ──────────────────────────────────────────────────────────────────

    @invariant()
    def nothing_waits(self) -> None:
        with closing(sqlite3.connect(self.path)) as db:
            for table in ("talks", "messages"):
                rows = db.execute(f"SELECT * FROM {table} WHERE state IN ('pending', 'sending', 'failed')").fetchall()  # noqa: S608
                assert rows == []

    @invariant()
    def a_passage_is_gone_where_its_sentence_is(self) -> None:
        with closing(sqlite3.connect(self.path)) as db:
            found = db.execute("SELECT count(*), total(is_orphaned) FROM passages").fetchone()
        assert found == (len(self.quoted), len(self.quoted & self.removed.keys()))

    @invariant()
    def each_talk_is_there_once(self) -> None:
        for guild_id in GUILDS:
            opened = [talk.thread_id for talk in self.talks if talk.guild_id == guild_id]
            there = [talk.thread_id for talk in self.talks if talk.guild_id == guild_id and talk.is_there]
            # Of a thread that was deleted, the message above it stays.
            standing = [message.id for message in self.poster.in_channel(guild_id)]
            assert standing == (there if guild_id == FORUM else opened)
        others = {talk.thread_id for talk in self.talks if talk.is_there and talk.guild_id != FORUM}
        assert set(self.poster.threads) == others

    @invariant()
    def what_is_said_in_a_talk_is_said_once(self) -> None:
        for talk in self.talks:
            if not talk.is_there:
                continue
            inside = self.poster.in_channel(talk.thread_id)
            cards = [message for message in inside if message.outgoing.card is not None]
            quoted = [quoted_words(message) for message in cards]
            assert Counter(filter(None, quoted)) == Counter(talk.quotes.values())
            opinions = [message for message in cards if "second opinion" in (message.outgoing.text or "")]
            assert len(opinions) == len(talk.opinions)
            openings = len(cards) - len(opinions) - len(talk.quotes)
            assert openings == int(talk.guild_id != FORUM)  # there, the post begins with it
            lines = [message.outgoing.text or "" for message in inside if message.outgoing.card is None]
            assert len(lines) == len(talk.lines)
            for line, (_before, after) in zip(lines, talk.lines, strict=True):
                assert ("no longer in the review" in line) is (after == ""), (line, talk.lines)


@cache
def read_once(entry: Entry) -> ReadReview:
    """Read an entry; many examples have the same."""
    (read,) = read_entries([entry])
    return read


def quoted_words(message: Message) -> str:
    """The words that a message quotes; "" if it quotes none."""
    card = message.outgoing.card
    assert card is not None
    texts = [block.text for part in card.parts for block in part]
    said = [text for text in texts if any(text.startswith(one.partition(" {")[0]) for one in SENTENCES)]
    return said[0] if len(texts) == 1 and said else ""


TestTalkStates = TalkStates.TestCase
TestTalkStates.settings = hypothesis_settings(max_examples=8, stateful_step_count=14, deadline=None)


class ManyTalkStates(TalkStates):
    """The same, much longer."""


TestManyTalkStates = pytest.mark.long(ManyTalkStates.TestCase)
TestManyTalkStates.settings = hypothesis_settings(max_examples=200, stateful_step_count=30, deadline=None)
