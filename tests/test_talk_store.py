"""The registry of talks and the messages in them: queries on a real database."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from bot.models.privacy import KeptKind
from bot.models.talks import TalkMessageKind, TalkMessageState, TalkState, ThreadFacts
from bot.search.keys import link_key
from bot.store import conclusions, joins, messages, passages, privacy, reviews, saved, talks
from bot.store.database import Database
from bot.store.messages import NewMessage
from tests.factories import make_entry
from tests.test_store import make_read, save

GUILD, OTHER, MEMBER, CHANNEL, THREAD = 7, 8, 9, 11, 12
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
async def review_id(database: Database) -> int:
    return await save(database, make_read(1))


async def add(database: Database, review_id: int, *, guild_id: int = GUILD, nonce: str = "a" * 24) -> int:
    async with database.transaction() as db:
        return await talks.add_talk(
            db,
            guild_id=guild_id,
            review_id=review_id,
            link_key=link_key(make_entry(1).link),
            title="Lantern-1",
            channel_id=CHANNEL,
            root_id=None,
            opener_id=MEMBER,
            nonce=nonce,
            now=NOW,
        )


async def opened(database: Database, review_id: int) -> int:
    talk_id = await add(database, review_id)
    async with database.transaction() as db:
        assert await talks.claim_talk(db, talk_id, claimed_after=5, now=NOW)
        await talks.set_root(db, talk_id, THREAD)
        assert await talks.settle_open(db, talk_id, root_id=THREAD, thread_id=THREAD, now=NOW)
    return talk_id


async def test_a_talk_is_opened_once(database: Database, review_id: int) -> None:
    talk_id = await add(database, review_id)
    assert [talk.id for talk in await talks.due_talks(database.reader, now=NOW, busy=(), limit=9)] == [talk_id]
    assert await talks.due_talks(database.reader, now=NOW, busy=[GUILD], limit=9) == []
    async with database.transaction() as db:
        assert await talks.claim_talk(db, talk_id, claimed_after=5, now=NOW)
        assert not await talks.claim_talk(db, talk_id, claimed_after=5, now=NOW)
        assert await talks.settle_open(db, talk_id, root_id=THREAD, thread_id=THREAD, now=NOW)
        assert not await talks.settle_open(db, talk_id, root_id=THREAD, thread_id=THREAD, now=NOW)
    talk = await talks.talk_in(database.reader, THREAD)
    assert talk is not None
    assert (talk.id, talk.state, talk.opener_id, talk.opened_at) == (talk_id, TalkState.OPEN, MEMBER, NOW)
    assert await talks.next_talk(database.reader, GUILD, now=NOW) is None
    assert await talks.last_opened(database.reader, GUILD, MEMBER) == NOW
    assert await talks.last_opened(database.reader, OTHER, MEMBER) is None


async def test_a_talk_is_of_one_server(database: Database, review_id: int) -> None:
    talk_id = await opened(database, review_id)
    assert [talk.id for talk in await talks.talks_of(database.reader, [review_id, 99], GUILD)] == [talk_id]
    assert await talks.talks_of(database.reader, [review_id], OTHER) == []
    assert await talks.talks_of(database.reader, [99], GUILD) == []
    async with database.transaction() as db:
        await talks.forget_others(db, [OTHER])
    assert await talks.find_talk(database.reader, talk_id) is None


async def test_what_waits_is_put_off_and_tried_again(database: Database, review_id: int) -> None:
    talk_id = await add(database, review_id)
    async with database.transaction() as db:
        await talks.put_back_talk(db, talk_id, reason="Discord asks us to wait", not_before=LATER)
    assert await talks.due_talks(database.reader, now=NOW, busy=(), limit=9) == []
    async with database.transaction() as db:
        await talks.retry_talks_now(db)
    assert len(await talks.due_talks(database.reader, now=NOW, busy=(), limit=9)) == 1
    async with database.transaction() as db:
        await talks.claim_talk(db, talk_id, claimed_after=5, now=NOW)
        await talks.postpone_talk(db, talk_id, reason="no clear answer", not_before=LATER)
    talk = await talks.find_talk(database.reader, talk_id)
    assert talk is not None
    assert (talk.state, talk.looks, talk.reason) == (TalkState.SENDING, 1, "no clear answer")
    async with database.transaction() as db:
        await talks.fail_talk(db, talk_id, reason="the channel was deleted")
    assert await talks.talks_of(database.reader, [review_id], GUILD, states=talks.LIVE) == []


async def test_the_registry_follows_the_thread(database: Database, review_id: int) -> None:
    """Its counts stay where a report does not name them."""
    talk_id = await opened(database, review_id)
    facts = ThreadFacts(
        thread_id=THREAD, parent_id=CHANNEL, name="Lantern", is_archived=True, messages=4, last_message_id=77
    )
    async with database.transaction() as db:
        await talks.update_thread(db, facts, now=LATER)
        await talks.update_thread(db, ThreadFacts(thread_id=THREAD, parent_id=CHANNEL, name="Lantern"), now=NOW)
    talk = await talks.find_talk(database.reader, talk_id)
    assert talk is not None
    assert (talk.title, talk.is_archived, talk.messages) == ("Lantern", False, 4)
    assert (talk.last_message_id, talk.counted_at) == (77, LATER)
    async with database.transaction() as db:
        assert await talks.set_gone(db, THREAD) == [talk_id]
        assert await talks.set_gone(db, THREAD) == []
    assert await talks.talks_of(database.reader, [review_id], GUILD) == []


async def test_a_talk_outlives_its_review_and_returns_to_one_at_its_address(
    database: Database, review_id: int
) -> None:
    talk_id = await opened(database, review_id)
    async with database.transaction() as db:
        await reviews.delete_some(db, 1, limit=9)
    talk = await talks.find_talk(database.reader, talk_id)
    assert talk is not None
    assert talk.review_id is None
    other = await save(database, make_read(1), url="https://example.test/moved")
    async with database.transaction() as db:
        await talks.reattach(db, other, link_key(make_entry(1).link))
    assert [talk.id for talk in await talks.talks_of(database.reader, [other], GUILD)] == [talk_id]


async def test_a_thread_that_is_there_is_recorded_once(database: Database, review_id: int) -> None:
    for number in (1, 2):
        async with database.transaction() as db:
            await talks.record_thread(
                db,
                guild_id=GUILD,
                review_id=review_id,
                link_key="link:x",
                title="Lantern",
                channel_id=CHANNEL,
                root_id=THREAD,
                thread_id=THREAD,
                nonce=str(number),
                now=NOW,
            )
    (talk,) = await talks.talks_of(database.reader, [review_id], GUILD)
    assert (talk.thread_id, talk.opener_id, talk.nonce) == (THREAD, None, "1")


async def test_messages_wait_for_their_talk_and_keep_their_order(database: Database, review_id: int) -> None:
    talk_id = await add(database, review_id)
    async with database.transaction() as db:
        for number, kind in enumerate((TalkMessageKind.OPENING, TalkMessageKind.QUOTE)):
            new = NewMessage(
                kind=kind, guild_id=GUILD, nonce=str(number), talk_id=talk_id, review_id=review_id, user_ids=(MEMBER,)
            )
            await messages.add_message(db, new, now=NOW)
    assert await messages.due_places(database.reader, now=NOW, busy=(), limit=9) == []
    async with database.transaction() as db:
        await talks.settle_open(db, talk_id, root_id=THREAD, thread_id=THREAD, now=NOW)
    assert await messages.due_places(database.reader, now=NOW, busy=(), limit=9) == [THREAD]
    assert await messages.due_places(database.reader, now=NOW, busy=[THREAD], limit=9) == []
    first = await messages.next_message(database.reader, THREAD, now=NOW)
    assert first is not None
    assert (first.kind, first.user_ids) == (TalkMessageKind.OPENING, (MEMBER,))
    async with database.transaction() as db:
        assert await messages.claim_message(db, first.id, claimed_as="{}", claimed_after=5, now=NOW)
        assert await messages.settle_message(db, first.id, sent_as=50, now=NOW)
    second = await messages.next_message(database.reader, THREAD, now=NOW)
    assert second is not None
    assert second.kind is TalkMessageKind.QUOTE
    async with database.transaction() as db:
        await messages.drop_of_talks(db, [talk_id], reason="gone", now=NOW)
    kept = await messages.find_message(database.reader, second.id)
    assert kept is not None
    assert kept.state is TalkMessageState.DROPPED
    assert await messages.messages_of(database.reader, talk_id, TalkMessageKind.QUOTE) == []
    assert len(await messages.messages_of(database.reader, talk_id, TalkMessageKind.OPENING)) == 1


async def test_what_a_feed_writes_is_never_read_as_a_message_of_ours(database: Database, review_id: int) -> None:
    """A blog may be called as stored messages are written, with a template that takes all memory."""
    name = 'Blog\x1e["{a:>9999999}", {"a": "x"}]'
    new = NewMessage(kind=TalkMessageKind.OPINION, guild_id=GUILD, nonce="1", review_id=review_id, text=name)
    async with database.transaction() as db:
        row_id = await messages.add_message(db, new, now=NOW)
    kept = await messages.find_message(database.reader, row_id)
    assert kept is not None
    assert kept.text == name.replace("\x1e", " ")


async def test_what_a_talk_has_left_is_forgotten(database: Database, review_id: int) -> None:
    """What stands in an open talk is kept; refused quotes go after a month, a deleted talk with all it had."""
    talk_id = await opened(database, review_id)
    async with database.transaction() as db:
        await conclusions.add_conclusion(db, talk_id=talk_id, author_id=MEMBER, text="It works.", now=NOW)
        for nonce in ("sent", "failed"):
            new = NewMessage(kind=TalkMessageKind.QUOTE, guild_id=GUILD, nonce=nonce, talk_id=talk_id)
            message_id = await messages.add_message(db, new, now=NOW)
            if nonce == "sent":
                await messages.settle_message(db, message_id, sent_as=50, now=NOW)
            else:
                await messages.fail_message(db, message_id, reason="no", now=NOW)
        assert await messages.forget_messages(db, NOW, limit=9) == 0
        assert await messages.forget_messages(db, LATER, limit=9) == 1
        assert await talks.forget_unopened(db, LATER, limit=9) == 0
        await talks.set_gone(db, THREAD)
        assert await talks.forget_unopened(db, NOW, limit=9) == 0
        assert await talks.forget_unopened(db, LATER, limit=9) == 1
    assert await conclusions.conclusions_of(database.reader, [talk_id]) == []
    assert await messages.last_messages(database.reader, talk_id, limit=9) == []


IN_USE = {
    "talks": [talks.BY_ID, talks.BY_THREAD, talks.OF_REVIEWS, talks.LAST_OPENED, talks.NEXT, talks.FORGET_FAILED,
              talks.IN_CHANNEL, talks.REATTACH, talks.MESSAGES_OF_SAME, talks.CONCLUSIONS_OF_SAME, talks.GONE_IN],
    "messages": [messages.OF_TALK, messages.ALL_OF_TALK, messages.SAME_QUOTE, messages.FORGET_REFUSED,
                 messages.QUOTED_IN, messages.DROP_OF_TALKS, messages.DUE, messages.NEXT],
    "passages": [passages.FIND, passages.OF_REVIEW, passages.REATTACH],
    "joins": [joins.NEAR, joins.PARTED, joins.JOINED, joins.WITH_KEYS, joins.WITH_TITLES, joins.RULED, joins.LOGGED,
              joins.TRIM_LOG, joins.BY_HAND],
    "saved": [saved.FIND, saved.LIST, saved.COUNT, saved.LOST, saved.PASSAGES],
    "privacy": [privacy.KEPT[kind] for kind in (KeptKind.SAVED, KeptKind.TALK, KeptKind.CONCLUSION, KeptKind.QUOTE,
                KeptKind.JOIN, KeptKind.PING, KeptKind.WISH)] + list(privacy.FORGET[5:8]),
}  # fmt: skip
GROWING = (
    "talks|messages|conclusions|passages|joins|join_log|paper_keys|names|reviews|saved|saved_passages|wish_voices"
)


@pytest.mark.parametrize("query", [query for queries in IN_USE.values() for query in queries])
async def test_no_press_walks_over_a_table_that_grows(database: Database, query: str) -> None:
    """Each query that a member waits for has an index; what is under way, or mentions members, has a small one."""
    values = dict.fromkeys(re.findall(r":(\w+)", query))
    short = "talks_open|messages_open|messages_to_members"
    async with database.reader.execute(f"EXPLAIN QUERY PLAN {query}", values) as cursor:
        plan = [row["detail"] async for row in cursor]
    aliases = "|".join(re.findall(rf"\b(?:FROM|JOIN) (?:{GROWING}) ([a-z]{{1,2}})\b", query)) or "-"
    walks = [step for step in plan if re.match(rf"SCAN ({GROWING}|{aliases})\b", step)]
    assert [step for step in walks if not re.search(rf"INDEX ({short})$", step)] == []
