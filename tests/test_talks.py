"""Talk: from a paper or a passage into a thread, and back to it; the real client in loopback Discord."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.config import Settings
from bot.models.feeds import Entry
from bot.models.servers import TalkPlace
from tests.factories import make_entry, make_rss
from tests.loopback.discord import Interaction, LoopbackDiscord, Permission
from tests.loopback.discord_world import FORUM, Channel
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, eventually, wait_for_commands
from tests.shown import buttons, options, parts, said
from tests.test_feed_commands import rss, wait_for

MEMBER, OTHER = 777, 778
SUPPRESS_NOTIFICATIONS = 1 << 12
NAME = "Lantern-2"


@pytest.fixture
async def server(run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost) -> AsyncIterator[LoopbackDiscord]:
    """A server that reads two papers; they were not announced."""
    own = feed_host.serve("/own.xml", rss(2, 1))
    async with run(NONMUN_FEEDS=own):
        await wait_for_commands(discord)
        await feed_host.wait_until_read("/own.xml")
        yield discord


def threads(server: LoopbackDiscord, guild_id: int | None = None) -> list[Channel]:
    """The threads of a server that were not deleted."""
    wanted = guild_id or server.guild_id
    return [
        one for one in server.channels.values() if one.is_thread and one.guild_id == wanted and not one.is_deleted
    ]


def written(channel: Channel) -> list[dict[str, Any]]:
    """What was written in a channel, without what Discord itself says there, and without answers to members."""
    return [m for m in channel.messages if m["type"] in (0, 19) and not m.get("interaction_metadata")]


async def paper(server: LoopbackDiscord, name: str = NAME, **more: Any) -> Interaction:
    answer = await server.command("paper", {"name": name}, **more)
    assert not answer.is_ephemeral, said(answer)
    return answer


async def discuss(
    server: LoopbackDiscord, shown: Interaction | dict[str, Any], *, user_id: int = MEMBER
) -> Interaction:
    message = shown.message if isinstance(shown, Interaction) else shown
    return await server.press(message, label="Discuss", user_id=user_id, timeout_s=30)


@pytest.fixture
def database(settings: Callable[..., Settings]) -> Path:
    return settings().database


def rows(database: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as db:
        return db.execute(query).fetchall()


def talk_in(server: LoopbackDiscord, database: Path, name: str, kind: int = 0) -> int:
    """Choose a new channel, or a new forum, for the talk of the server; return its id."""
    channel_id = server.add_channel(server.guild_id, name, kind)
    place = TalkPlace.FORUM if kind == FORUM else TalkPlace.THREADS
    with closing(sqlite3.connect(database)) as db, db:
        db.execute(
            "INSERT INTO servers (guild_id, talk_place, talk_channel_id) VALUES (?1, ?2, ?3)"
            " ON CONFLICT (guild_id) DO UPDATE SET talk_place = ?2, talk_channel_id = ?3",
            (server.guild_id, place.value, channel_id),
        )
    return channel_id


async def opening_of(thread: Channel) -> dict[str, Any]:
    await eventually(lambda: bool(written(thread)), "the first message")
    return written(thread)[0]


# ── opening ─────────────────────────────────────────────────────────────────────────────────────


async def test_discuss_opens_a_thread_and_leads_to_it_afterwards(server: LoopbackDiscord) -> None:
    """Named by the paper, hidden after a week, the presser in it; pressed again by anybody, it is the same one."""
    answer = await discuss(server, await paper(server))
    (thread,) = threads(server)
    assert answer.is_ephemeral
    assert f"<#{thread.id}>" in said(answer)
    assert buttons(answer) == ["Take back"]
    assert thread.name.startswith(NAME)
    assert thread.auto_archive_duration == 10_080
    assert MEMBER in thread.members
    first = await opening_of(thread)
    assert first["flags"] & SUPPRESS_NOTIFICATIONS
    assert "Quote a passage" in buttons(first)
    assert "Motivation" in said(first)
    again = await discuss(server, await paper(server), user_id=OTHER)
    assert f"<#{thread.id}>" in said(again)
    assert buttons(again) == []
    assert len(threads(server)) == 1
    assert OTHER in thread.members


async def test_a_talk_stands_under_the_announcement_where_there_is_one(
    server: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """The announcement's own button opens it, and /paper leads there from any channel."""
    elsewhere = server.add_channel(server.guild_id, "elsewhere")
    feed_host.update("/own.xml", rss(3, 2, 1))
    (announced,) = await wait_for(server, 1)
    answer = await discuss(server, announced)
    (thread,) = threads(server)
    assert thread.id == int(announced["id"])
    assert f"<#{thread.id}>" in said(answer)
    shown = await paper(server, "Lantern-3", channel_id=elsewhere)
    assert f"<#{thread.id}>" in said(await discuss(server, shown, user_id=OTHER))
    assert len(threads(server)) == 1


async def test_a_thread_that_somebody_else_opened_under_an_announcement_is_the_talk(
    server: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """Whether Discord told us of it or not: its number is the message's."""
    feed_host.update("/own.xml", rss(4, 3, 2, 1))
    third, fourth = await wait_for(server, 2)
    opened = server.start_thread(server.channel_id, "What a paper", message_id=third["id"])
    answer = await discuss(server, third)
    assert f"<#{opened}>" in said(answer)
    assert len(threads(server)) == 1
    await opening_of(server.channels[opened])
    server.archive_thread(server.start_thread(server.channel_id, "And this", message_id=fourth["id"]))
    assert f"<#{fourth['id']}>" in said(await discuss(server, fourth))
    assert not server.channels[int(fourth["id"])].archived


async def test_a_thread_that_was_opened_while_the_bot_was_away_is_found(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, database: Path
) -> None:
    own = feed_host.serve("/own.xml", rss(1))
    async with run(NONMUN_FEEDS=own, NONMUN_ANNOUNCE_BACKLOG=1):
        (announced,) = await wait_for(discord, 1)
        await eventually(lambda: rows(database, "SELECT 1 FROM deliveries WHERE state = 'sent'") != [], "a sent row")
    opened = discord.start_thread(discord.channel_id, "What a paper", message_id=announced["id"])
    discord.set_member_overwrite(discord.channel_id, MEMBER, deny=Permission.CREATE_PUBLIC_THREADS)
    async with run(NONMUN_FEEDS=own):
        await wait_for_commands(discord)
        assert f"<#{opened}>" in said(await discuss(discord, announced))


async def test_a_starter_is_sent_to_the_channel_for_talk(server: LoopbackDiscord, database: Path) -> None:
    channel_id = talk_in(server, database, "talk")
    await discuss(server, await paper(server))
    (thread,) = threads(server)
    assert thread.parent_id == channel_id
    (starter,) = written(server.channels[channel_id])
    assert thread.id == int(starter["id"])
    assert starter["flags"] & SUPPRESS_NOTIFICATIONS
    assert f"<#{thread.id}>" in said(await discuss(server, starter, user_id=OTHER))
    assert len(threads(server)) == 1


async def test_a_press_in_a_thread_opens_the_talk_beside_it(server: LoopbackDiscord) -> None:
    inside = server.start_thread(server.channel_id, "Chat")
    await discuss(server, await paper(server, channel_id=inside))
    (thread,) = (one for one in threads(server) if one.id != inside)
    assert thread.parent_id == server.channel_id


async def test_in_direct_messages_it_is_said_that_talk_lives_in_servers(server: LoopbackDiscord) -> None:
    shown = await paper(server)
    direct = server.world.direct_channel(MEMBER)
    button = next(one for one in parts(shown) if one.get("label") == "Discuss")
    copied = server.world.new_message(direct, {"content": "x", "components": [{"type": 1, "components": [button]}]})
    server.world.keep_message(direct, copied)
    assert "in servers" in said(await discuss(server, copied))
    assert threads(server) == []


# ── an archived, locked, deleted or hidden one ──────────────────────────────────────────────────


async def opened(server: LoopbackDiscord, name: str = NAME, *, user_id: int = MEMBER) -> Channel:
    await discuss(server, await paper(server, name), user_id=user_id)
    thread = threads(server)[-1]
    await opening_of(thread)
    return thread


async def test_an_archived_talk_is_opened_again(server: LoopbackDiscord) -> None:
    thread = await opened(server)
    server.archive_thread(thread.id)
    answer = await discuss(server, await paper(server), user_id=OTHER)
    assert f"<#{thread.id}>" in said(answer)
    assert not thread.archived
    assert OTHER in thread.members


async def test_of_a_locked_talk_it_is_said_that_it_is_locked(server: LoopbackDiscord) -> None:
    thread = await opened(server)
    server.archive_thread(thread.id, locked=True)
    answer = await discuss(server, await paper(server), user_id=OTHER)
    assert "Moderators have locked" in said(answer)
    assert f"<#{thread.id}>" in said(answer)
    assert thread.archived
    assert len(threads(server)) == 1


@pytest.mark.parametrize("is_connected", [True, False])
async def test_a_deleted_talk_may_be_opened_anew(server: LoopbackDiscord, is_connected: bool) -> None:
    """Also where the bot was not told."""
    thread = await opened(server)
    if is_connected:
        server.delete_thread(thread.id)
    else:
        thread.is_deleted = True
    await discuss(server, await paper(server), user_id=OTHER)
    (other,) = threads(server)
    assert other.id != thread.id
    assert OTHER in other.members


async def test_a_deleted_thread_under_an_announcement_is_followed_by_one_of_its_own(
    server: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """Where Discord opens no second thread under a message."""
    server.remembers_deleted_threads = True
    feed_host.update("/own.xml", rss(3, 2, 1))
    (announced,) = await wait_for(server, 1)
    await discuss(server, announced)
    server.delete_thread(int(announced["id"]))
    answer = await discuss(server, announced, user_id=OTHER)
    (thread,) = threads(server)
    assert thread.id != int(announced["id"])
    assert f"<#{thread.id}>" in said(answer)


async def test_a_talk_in_a_hidden_channel_is_not_named_to_those_who_do_not_see_it(
    server: LoopbackDiscord, database: Path
) -> None:
    """They get one of their own, and those who see both are led to the first."""
    hidden = talk_in(server, database, "inner circle")
    role = server.add_role(server.guild_id, "Inner")
    server.hide_channel(hidden, show_to=[role])
    server.give_roles(server.guild_id, OTHER, role)
    await discuss(server, await paper(server), user_id=OTHER)
    (first,) = threads(server)
    assert first.parent_id == hidden
    answer = await discuss(server, await paper(server))
    (second,) = (one for one in threads(server) if one.id != first.id)
    assert second.parent_id == server.channel_id
    assert str(first.id) not in said(answer)
    assert str(hidden) not in said(answer)
    assert f"<#{first.id}>" in said(await discuss(server, await paper(server), user_id=OTHER))
    assert len(threads(server)) == 2


async def test_two_servers_see_nothing_of_each_other(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    other = server.add_guild("Elsewhere", channels=["general"])
    channel_id = other.channel_ids[0]
    answer = await server.command("feed add", {"address": feed_host.url("/own.xml")}, channel_id=channel_id)
    await server.press(answer.message, label="Follow")
    first = await opened(server)
    there = await discuss(server, await paper(server, channel_id=channel_id))
    (second,) = threads(server, other.id)
    assert second.parent_id == channel_id
    assert f"<#{second.id}>" in said(there)
    assert str(first.id) not in said(there)
    assert len(threads(server)) == 1


# ── rights ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        (Permission.CREATE_PUBLIC_THREADS, "Create Public Threads"),
        (Permission.SEND_IN_THREADS, "Send Messages in Threads"),
    ],
)
async def test_a_member_needs_the_right_themselves_to_open_a_talk(
    server: LoopbackDiscord, missing: Permission, named: str
) -> None:
    server.set_member_overwrite(server.channel_id, MEMBER, deny=missing)
    answer = await discuss(server, await paper(server))
    assert named in said(answer)
    assert f"<#{server.channel_id}>" in said(answer)
    assert threads(server) == []
    await discuss(server, await paper(server), user_id=OTHER)
    (thread,) = threads(server)
    assert f"<#{thread.id}>" in said(await discuss(server, await paper(server)))


@pytest.mark.parametrize("missing", [Permission.CREATE_PUBLIC_THREADS, Permission.EMBED_LINKS])
async def test_what_the_bot_lacks_is_named_as_discord_names_it(server: LoopbackDiscord, missing: Permission) -> None:
    server.set_permissions(server.channel_id, int(Permission.DEFAULT & ~missing))
    answer = await discuss(server, await paper(server))
    named = {Permission.CREATE_PUBLIC_THREADS: "Create Public Threads", Permission.EMBED_LINKS: "Embed Links"}[
        missing
    ]
    assert named in said(answer)
    assert "#papers" in said(answer)
    assert threads(server) == []


async def test_one_new_thread_a_member_in_half_a_minute(server: LoopbackDiscord) -> None:
    await opened(server)
    answer = await discuss(server, await paper(server, "Lantern-1"))
    assert "a moment ago" in said(answer)
    assert len(threads(server)) == 1
    await discuss(server, await paper(server, "Lantern-1"), user_id=OTHER)
    assert len(threads(server)) == 2


async def test_many_threads_are_left_to_the_members(server: LoopbackDiscord, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older talk of the paper is still gone to."""
    thread = await opened(server)
    monkeypatch.setattr("bot.ui.discord.talking.MOST_ACTIVE_THREADS", 1)
    answer = await discuss(server, await paper(server, "Lantern-1"), user_id=OTHER)
    assert "nearly as many active threads" in said(answer)
    assert f"<#{thread.id}>" in said(await discuss(server, await paper(server), user_id=OTHER))


async def test_a_server_that_has_no_room_for_a_thread_is_told_so(server: LoopbackDiscord) -> None:
    server.most_active_threads = 0
    answer = await discuss(server, await paper(server))
    assert "as many active threads as Discord allows" in said(answer)
    assert threads(server) == []


async def test_who_is_timed_out_opens_and_quotes_nothing(server: LoopbackDiscord) -> None:
    shown = await section(server)
    server.time_out(server.guild_id, MEMBER, datetime.now(UTC) + timedelta(hours=1))
    assert "timed out" in said(await discuss(server, shown))
    assert threads(server) == []
    thread = await opened(server, user_id=OTHER)
    assert "timed out" in said(await choose_quote(server, shown, "다섯"))
    assert quotes(thread) == []


async def test_who_may_not_write_in_threads_quotes_nothing(server: LoopbackDiscord) -> None:
    thread = await opened(server, user_id=OTHER)
    server.set_member_overwrite(server.channel_id, MEMBER, deny=Permission.SEND_IN_THREADS)
    answer = await choose_quote(server, await section(server), "다섯")
    assert "Send Messages in Threads" in said(answer)
    assert quotes(thread) == []


# ── taking back ─────────────────────────────────────────────────────────────────────────────────


async def test_a_talk_opened_by_mistake_is_taken_back_by_its_opener(server: LoopbackDiscord, database: Path) -> None:
    """Where we may not delete the thread, it is archived; it can be opened again."""
    channel_id = talk_in(server, database, "talk")
    answer = await discuss(server, await paper(server))
    (thread,) = threads(server)
    await opening_of(thread)
    gone = await server.press(answer.message, label="Take back", user_id=MEMBER)
    assert "archived" in said(gone)
    assert thread.archived
    assert written(server.channels[channel_id]) == []
    again = await discuss(server, await paper(server), user_id=OTHER)
    assert str(thread.id) not in said(again)


async def test_with_manage_threads_it_is_deleted(server: LoopbackDiscord) -> None:
    server.set_permissions(server.channel_id, int(Permission.DEFAULT | Permission.MANAGE_THREADS))
    answer = await discuss(server, await paper(server))
    await opening_of(threads(server)[0])
    assert "removed" in said(await server.press(answer.message, label="Take back", user_id=MEMBER))
    assert threads(server) == []
    assert "not there" in said(await server.press(answer.message, label="Take back", user_id=MEMBER))


async def test_a_talk_in_which_somebody_wrote_stays(server: LoopbackDiscord) -> None:
    answer = await discuss(server, await paper(server))
    (thread,) = threads(server)
    await opening_of(thread)
    server.say(thread.id, user_id=OTHER)
    assert "stays" in said(await server.press(answer.message, label="Take back", user_id=MEMBER))
    assert not thread.archived


# ── quotes ──────────────────────────────────────────────────────────────────────────────────────


def quotes(thread: Channel) -> list[dict[str, Any]]:
    """The messages of a thread that quote a passage."""
    return [m for m in written(thread) if any("\n>" in (embed.get("description") or "") for embed in m["embeds"])]


async def section(server: LoopbackDiscord, heading: str = "2.1", **more: Any) -> Interaction:
    return await server.command("section", {"paper": NAME, "heading": heading}, **more)


async def choose_quote(
    server: LoopbackDiscord, shown: Interaction, words: str, *, user_id: int = MEMBER
) -> Interaction:
    """Press Quote a passage, and choose the passage with these words."""
    menu = await server.press(shown.message, label="Quote a passage", user_id=user_id)
    assert menu.is_ephemeral
    value = next(value for label, value in options(menu).items() if words in label)
    return await server.select(menu.message, values=[value], user_id=user_id, timeout_s=30)


async def test_a_passage_of_a_section_goes_into_the_talk_once(server: LoopbackDiscord) -> None:
    """Attributed and linked to its heading; asked for again, by anybody, it is the earlier quote."""
    answer = await choose_quote(server, await section(server), "다섯")
    (thread,) = threads(server)
    assert f"<#{thread.id}>" in said(answer)
    (quote,) = quotes(thread)
    (embed,) = quote["embeds"]
    assert embed["title"] == NAME
    assert embed["url"].endswith("#21-question-splitting")
    assert "2.1. Question splitting" in embed["description"].replace("\\", "")
    assert "문단을 다섯 개씩 가져온다" in embed["description"]
    link = f"https://discord.com/channels/{server.guild_id}/{thread.id}/{quote['id']}"
    assert [part["url"] for part in parts(answer) if "url" in part] == [link]
    again = await choose_quote(server, await section(server), "다섯", user_id=OTHER)
    assert "before" in said(again)
    assert [part["url"] for part in parts(again) if "url" in part] == [link]
    assert len(quotes(thread)) == 1
    assert OTHER in thread.members


async def test_a_quote_that_was_deleted_can_be_quoted_again(server: LoopbackDiscord) -> None:
    await choose_quote(server, await section(server), "다섯")
    (thread,) = threads(server)
    server.delete_message(thread.id, quotes(thread)[0]["id"])
    assert "before" not in said(await choose_quote(server, await section(server), "다섯"))
    assert len(quotes(thread)) == 1


async def test_a_hit_of_a_search_is_discussed(server: LoopbackDiscord) -> None:
    hits = await server.command("search", {"query": "question splitting"})
    value = next(value for label, value in options(hits).items() if NAME in label)
    menu = next(part for part in parts(hits) if part["type"] == 3)
    await server.select(hits.message, values=[value], custom_id=menu["custom_id"], user_id=MEMBER, timeout_s=30)
    (thread,) = threads(server)
    assert len(quotes(thread)) == 1


async def test_the_opening_offers_all_sections_to_quote(server: LoopbackDiscord) -> None:
    first = await opening_of(await opened(server))
    sections = await server.press(first, label="Quote a passage", user_id=OTHER)
    value = next(value for label, value in options(sections).items() if "Conclusion" in label)
    passages = await server.select(sections.message, values=[value], user_id=OTHER)
    assert passages.updated
    value = next(value for label, value in options(passages).items() if "reading twice" in label)
    await server.select(passages.message, values=[value], user_id=OTHER, timeout_s=30)
    (quote,) = quotes(threads(server)[0])
    assert "We showed that reading twice" in said(quote)


async def test_into_a_locked_talk_nothing_is_quoted(server: LoopbackDiscord) -> None:
    thread = await opened(server)
    server.archive_thread(thread.id, locked=True)
    answer = await choose_quote(server, await section(server), "다섯")
    assert "Moderators have locked" in said(answer)
    assert quotes(thread) == []


async def test_nothing_that_a_review_says_can_mention_anybody(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """The loopback Discord refuses a message that leaves open whom it pings."""
    html = make_entry(1).html.replace("질문 하나를", "@everyone <@777> <@&1> <#2> </help:1> 질문 하나를")
    own = feed_host.serve("/own.xml", make_rss([replace(make_entry(1), html=html)]))
    async with run(NONMUN_FEEDS=own):
        await wait_for_commands(discord)
        await feed_host.wait_until_read("/own.xml")
        shown = await discord.command("section", {"paper": "Lantern-1", "heading": "2.1"})
        await choose_quote(discord, shown, "다섯")
        (quote,) = quotes(threads(discord)[0])
        assert quote["mentions"] == []
        assert not quote["mention_everyone"]


# ── a forum ─────────────────────────────────────────────────────────────────────────────────────


async def test_in_a_forum_a_paper_is_a_post_with_tags_of_its_venue(server: LoopbackDiscord, database: Path) -> None:
    forum = talk_in(server, database, "papers to discuss", FORUM)
    acl, _other = server.set_tags(forum, ["ACL", "Vision"])
    answer = await discuss(server, await paper(server))
    (post,) = threads(server)
    assert post.parent_id == forum
    assert post.applied_tags == [acl]
    assert post.name.startswith(NAME)
    assert post.auto_archive_duration == 10_080
    assert MEMBER in post.members
    (first,) = written(post)
    assert first["flags"] & SUPPRESS_NOTIFICATIONS
    assert "Quote a passage" in buttons(first)
    assert f"<#{post.id}>" in said(answer)
    await choose_quote(server, await section(server), "다섯", user_id=OTHER)
    assert len(quotes(post)) == 1
    assert len(threads(server)) == 1


async def test_in_a_forum_a_member_needs_the_right_to_create_posts(server: LoopbackDiscord, database: Path) -> None:
    forum = talk_in(server, database, "papers to discuss", FORUM)
    server.set_member_overwrite(forum, MEMBER, deny=Permission.SEND)
    answer = await discuss(server, await paper(server))
    assert "Create Posts" in said(answer)
    assert threads(server) == []


# ── revisions, and other reviews of the paper ───────────────────────────────────────────────────

SENTENCE = "질문 하나를 최대 세 개로 나누고, 나눈 질문마다 문단을 다섯 개씩 가져온다."


def revised(number: int, sentence: str, *, more: str = "") -> Entry:
    """An entry whose method is told in another sentence."""
    entry = make_entry(number)
    html = entry.html.replace(SENTENCE, sentence)
    return replace(entry, html=html + more, updated=(entry.published or datetime.now(UTC)) + timedelta(days=1))


def lines(thread: Channel) -> list[dict[str, Any]]:
    """What was said in a thread without a card."""
    return [m for m in written(thread) if not m["embeds"]]


async def test_a_talk_is_told_once_that_its_passage_has_changed(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    """Silently, before and after; a change elsewhere in the review is not told."""
    await choose_quote(server, await section(server), "다섯")
    (thread,) = threads(server)
    feed_host.update(
        "/own.xml", make_rss([revised(2, SENTENCE, more="<h2>4. Notes</h2><p>Added.</p>"), make_entry(1)])
    )
    await feed_host.wait_until_read("/own.xml")
    changed = SENTENCE.replace("다섯 개씩", "여섯 개씩")
    feed_host.update("/own.xml", make_rss([revised(2, changed), make_entry(1)]))
    await eventually(lambda: bool(lines(thread)), "the line")
    await feed_host.wait_until_read("/own.xml")
    (line,) = lines(thread)
    assert line["flags"] & SUPPRESS_NOTIFICATIONS
    assert "has changed" in line["content"]
    assert "다섯 개씩" in line["content"]
    assert "여섯 개씩" in line["content"]
    assert "before" in said(await choose_quote(server, await section(server), "여섯"))


async def test_a_talk_is_told_that_its_passage_is_gone(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    """It is never taken for another one; when it comes back, it is the same passage."""
    await choose_quote(server, await section(server), "다섯")
    (thread,) = threads(server)
    feed_host.update("/own.xml", make_rss([revised(2, "Nothing of the kind is said here now."), make_entry(1)]))
    await eventually(lambda: bool(lines(thread)), "the line")
    assert "no longer in the review" in lines(thread)[0]["content"]
    feed_host.update("/own.xml", make_rss([revised(2, SENTENCE), make_entry(1)]))
    await feed_host.wait_until_read("/own.xml")
    await feed_host.wait_until_read("/own.xml")
    assert "before" in said(await choose_quote(server, await section(server), "다섯"))
    assert len(lines(thread)) == 1


async def test_another_blogs_review_of_the_paper_comes_into_its_talk_once(
    server: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """Its announcement leads to the same talk."""
    other = [make_entry(9, link="https://second.example/9", title="Nothing to do with it")]
    feed_host.serve("/second.xml", make_rss(other, title="Second blog"))
    answer = await server.command("feed add", {"address": feed_host.url("/second.xml")})
    await server.press(answer.message, label="Follow")
    thread = await opened(server)
    html = make_entry(2).html.replace("가운데 문단도 놓치지 않는다", "나는 믿지 않는다")
    second = make_entry(2, link="https://second.example/2", guid="second-2", html=html)
    feed_host.update("/second.xml", make_rss([second, *other], title="Second blog"))
    await eventually(lambda: any("second opinion" in m["content"] for m in written(thread)), "the second opinion")
    (opinion,) = (m for m in written(thread) if "second opinion" in m["content"])
    assert "Second blog" in opinion["content"]
    assert opinion["embeds"][0]["url"] == "https://second.example/2"
    assert opinion["flags"] & SUPPRESS_NOTIFICATIONS
    await eventually(
        lambda: any(m["embeds"] for m in written(server.channels[server.channel_id]) if m["id"] != str(thread.id)),
        "the announcement",
    )
    announced = next(
        m for m in written(server.channels[server.channel_id]) if m["embeds"] and m["id"] != str(thread.id)
    )
    assert f"<#{thread.id}>" in said(await discuss(server, announced, user_id=OTHER))
    assert len(threads(server)) == 1


async def test_why_tells_what_became_of_a_talk(server: LoopbackDiscord) -> None:
    """To those who see its channel."""
    await choose_quote(server, await section(server), "다섯")
    told = said(await server.command("why", {"link": make_entry(2).link}))
    assert "Talk in #papers" in told
    assert "the talk was opened" in told
    assert "a quoted passage: it was sent" in told
    role = server.add_role(server.guild_id, "Others")
    hall = server.add_channel(server.guild_id, "hall")
    server.hide_channel(server.channel_id, show_to=[role])
    hidden = await server.command("why", {"link": make_entry(2).link}, user_id=OTHER, channel_id=hall)
    assert "Talk in" not in said(hidden)


async def test_a_digest_has_a_menu_to_discuss_one_of_its_papers(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    """No thread is opened under the digest, which is about many papers."""
    feed_host.update("/own.xml", rss(*range(9, 0, -1)))
    (digest,) = await wait_for(server, 1)
    (_opening, discussing) = (part for part in parts(digest) if part["type"] == 3)
    assert discussing["placeholder"] == "Discuss one of these …"
    value = next(one["value"] for one in discussing["options"] if one["label"] == "Lantern-7")
    answer = await server.select(
        digest, values=[value], custom_id=discussing["custom_id"], user_id=MEMBER, timeout_s=30
    )
    (thread,) = threads(server)
    assert f"<#{thread.id}>" in said(answer)
    assert thread.name.startswith("Lantern-7")
    assert thread.id != int(digest["id"])


# ── the registry ────────────────────────────────────────────────────────────────────────────────


async def test_the_registry_follows_what_becomes_of_a_thread(server: LoopbackDiscord, database: Path) -> None:
    """Its name and state at once, its count when it is next looked at; nothing that members wrote is kept."""
    thread = await opened(server)
    server.edit_thread(thread.id, name="Renamed")
    await eventually(lambda: rows(database, "SELECT title FROM talks") == [("Renamed",)], "the name")
    server.archive_thread(thread.id, locked=True)
    await eventually(lambda: rows(database, "SELECT is_archived, is_locked FROM talks") == [(1, 1)], "its state")
    server.edit_thread(thread.id, locked=False, archived=False)
    server.say(thread.id, "a secret of a member", times=3, user_id=OTHER)
    await discuss(server, await paper(server))
    written_by_all = len(thread.messages)
    assert rows(database, "SELECT messages FROM talks") == [(written_by_all,)]
    with closing(sqlite3.connect(database)) as db:
        assert "a secret of a member" not in "\n".join(db.iterdump())
    server.delete_channel(server.channel_id)
    await eventually(lambda: rows(database, "SELECT state FROM talks") == [("gone",)], "its end")


async def test_the_talks_of_a_server_are_forgotten_when_the_bot_leaves_it(
    server: LoopbackDiscord, database: Path
) -> None:
    await choose_quote(server, await section(server), "다섯")
    server.remove_guild(server.guild_id)
    await eventually(lambda: rows(database, "SELECT 1 FROM talks") == [], "the end of its talks")
    assert rows(database, "SELECT 1 FROM messages WHERE state <> 'dropped'") == []


async def test_an_older_copy_of_the_database_opens_no_talk_again(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, database: Path
) -> None:
    """What stands in the channel for talk is found there: by /paper, and by the button below the first message."""
    own = feed_host.serve("/own.xml", rss(4, 3, 2, 1))
    copy = database.with_name("copy.db")
    async with run(NONMUN_FEEDS=own):
        await wait_for_commands(discord)
        await feed_host.wait_until_read("/own.xml")
        channel_id = talk_in(discord, database, "talk")
        await discuss(discord, await paper(discord, "Lantern-1"))
    shutil.copyfile(database, copy)
    async with run(NONMUN_FEEDS=own):
        await wait_for_commands(discord)
        for number in (2, 3):
            await discuss(discord, await paper(discord, f"Lantern-{number}"), user_id=MEMBER + number)
    shutil.copyfile(copy, database)
    starters = written(discord.channels[channel_id])
    async with run(NONMUN_FEEDS=own):
        await wait_for_commands(discord)
        second = await discuss(discord, await paper(discord, "Lantern-2"), user_id=OTHER)
        assert f"<#{starters[1]['id']}>" in said(second)
        third = await discuss(discord, starters[2], user_id=OTHER + 1)
        assert f"<#{starters[2]['id']}>" in said(third)
        await discuss(discord, await paper(discord, "Lantern-4"), user_id=OTHER + 2)
    assert len(threads(discord)) == len(written(discord.channels[channel_id])) == 4


async def test_an_older_copy_of_the_database_quotes_nothing_again(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, database: Path
) -> None:
    """A passage that stands in the talk, though members have written there since."""
    own = feed_host.serve("/own.xml", rss(2, 1))
    copy = database.with_name("copy.db")
    async with run(NONMUN_FEEDS=own):
        await wait_for_commands(discord)
        await feed_host.wait_until_read("/own.xml")
        thread = await opened(discord)
        with closing(sqlite3.connect(database)) as now, closing(sqlite3.connect(copy)) as kept:
            now.backup(kept)
        await choose_quote(discord, await section(discord), "다섯")
        discord.say(thread.id, "a thought", user_id=OTHER)
    shutil.copyfile(copy, database)
    async with run(NONMUN_FEEDS=own):
        await wait_for_commands(discord)
        answer = await choose_quote(discord, await section(discord), "다섯", user_id=OTHER)
        (quote,) = quotes(thread)
        assert [part["url"] for part in parts(answer) if "url" in part] == [
            f"https://discord.com/channels/{discord.guild_id}/{thread.id}/{quote['id']}"
        ]
    assert len(quotes(thread)) == 1
    assert len(threads(discord)) == 1
