"""Earlier talks and what came of them, found again on cards: the real client in loopback Discord."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.factories import make_entry, make_rss
from tests.loopback.discord import Interaction, LoopbackDiscord, Permission
from tests.loopback.discord_server import Held
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, eventually, wait_for_commands
from tests.shown import buttons, parts, said, title
from tests.test_feed_commands import MEMBER, follow, rss, server

__all__ = ["server"]

STAFF = 778
"""A member with a role that shows them more channels."""
PAPER = {"name": "lantern-1"}
LINE, SILENT = "Somebody wrote down what came of this talk.", 1 << 12


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tmp_path / "test.db"


@pytest.fixture
async def reading(server: LoopbackDiscord, feed_host: FeedHost) -> LoopbackDiscord:
    """A server that follows the blog."""
    await follow(server, feed_host)
    return server


async def talk_in(server: LoopbackDiscord, base: Path, channel_id: int, *, number: int = 1) -> int:
    """Let a paper have a talk in a channel, as Discuss leaves it, and return its thread.

    The gateway does not name the thread, as after it was archived: what is known of it comes by asking.
    """
    name = {"name": f"Lantern-{number}"}
    thread_id = server.world.add_thread(server.channels[channel_id], name, thread_id=None, kind=11).id
    await asyncio.to_thread(_write_talk, base, server.guild_id, channel_id, thread_id, number)
    return thread_id


def _write_talk(base: Path, guild_id: int, channel_id: int, thread_id: int, number: int) -> None:
    link = f"reviews.example/2024/lantern-{number}"
    with sqlite3.connect(base, timeout=30) as connection:
        (review_id,) = connection.execute("SELECT id FROM reviews WHERE link LIKE ?", (f"%{link}/",)).fetchone()
        connection.execute(
            "INSERT INTO talks (guild_id, review_id, link_key, title, state, nonce, channel_id, thread_id,"
            " created_at, opened_at) VALUES (?, ?, ?, ?, 'open', ?, ?, ?, ?, ?)",
            (
                *(guild_id, review_id, f"link:{link}", f"Lantern-{number}", f"n{thread_id}", channel_id, thread_id),
                *("2026-03-01T10:00:00", "2026-03-01T10:00:00"),
            ),
        )
    connection.close()


def read(base: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(base, timeout=30) as connection:
        rows = connection.execute(query).fetchall()
    connection.close()
    return rows


def change(base: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(base, timeout=30) as connection:
        connection.execute(statement, values)
    connection.close()


def links(answer: Interaction) -> list[str]:
    """The addresses of a card's link buttons."""
    return [part["url"] for part in parts(answer) if part["type"] == 2 and part.get("url")]


def texts(answer: Interaction) -> list[str]:
    """The texts of a card as they were sent."""
    return [part["content"] for part in parts(answer) if part["type"] == 10]


def leads_to(answer: Interaction, thread_id: int) -> bool:
    """Whether a card names a talk: its address stands nowhere in it otherwise."""
    return str(thread_id) in str(answer.message)


def asked_for(server: LoopbackDiscord, thread_id: int) -> int:
    """How often a thread was asked for."""
    return sum(1 for one in server.requests if (one.method, one.path) == ("GET", f"/channels/{thread_id}"))


async def counted(base: Path, count: int) -> None:
    """Wait until threads have been asked for."""
    query = "SELECT count(*) FROM talks WHERE counted_at IS NOT NULL"
    await eventually(lambda: read(base, query) == [(count,)], f"{count} threads that were asked for")


# ── on a card ───────────────────────────────────────────────────────────────────────────────────


async def test_a_paper_shows_its_talk_and_what_discord_says_of_it(reading: LoopbackDiscord, base: Path) -> None:
    """Where it is at once; how many messages it has with the next card, and without a request for that one."""
    thread = await talk_in(reading, base, reading.channel_id)
    reading.say(thread, times=3)
    first = await reading.command("paper", PAPER)
    assert "#papers" in said(first)
    assert f"](https://discord.com/channels/{reading.guild_id}/{thread})" in said(first)
    assert buttons(first).count("Discuss") == 1
    await counted(base, 1)
    asked = asked_for(reading, thread)
    second = await reading.command("paper", PAPER)
    assert "3 messages" in said(second)
    assert asked_for(reading, thread) == asked == 1


async def test_another_server_sees_nothing_of_it(reading: LoopbackDiscord, feed_host: FeedHost, base: Path) -> None:
    other = reading.add_guild("Another group", channels=("papers",))
    channel = other.channel_ids[0]
    offer = await reading.command("feed add", {"address": feed_host.url("/blog")}, channel_id=channel)
    await reading.press(offer.message, label="Follow")
    thread = await talk_in(reading, base, reading.channel_id)
    ours, theirs = await reading.command("paper", PAPER), await reading.command("paper", PAPER, channel_id=channel)
    assert leads_to(ours, thread)
    assert title(theirs) == title(ours)
    assert not leads_to(theirs, thread)
    direct = await reading.command("paper", PAPER, channel_id=reading.world.direct_channel(MEMBER).id, user_id=MEMBER)
    assert not leads_to(direct, thread)


async def test_the_other_blogs_review_leads_to_the_talk(
    reading: LoopbackDiscord, feed_host: FeedHost, base: Path
) -> None:
    """By its address, and by the paper's arXiv link, whichever review that finds."""
    link = "https://other.example/lantern-one/"
    second = make_entry(1, guid=link, link=link, title="Lantern-1: Reading Long Documents Twice")
    feed_host.serve("/other.xml", make_rss([second], title="Other", link="https://other.example/"))
    offer = await reading.command("feed add", {"address": feed_host.url("/other.xml")})
    await reading.press(offer.message, label="Follow")
    thread = await talk_in(reading, base, reading.channel_id)

    async def is_joined() -> bool:
        return leads_to(await reading.command("paper", {"name": link}), thread)

    await eventually(is_joined, "the other review's card with the talk")
    assert leads_to(await reading.command("paper", {"name": "https://arxiv.org/abs/2401.00001"}), thread)
    assert not leads_to(await reading.command("paper", {"name": "lantern-2"}), thread)


async def test_archived_and_locked_talks_are_shown_as_such(reading: LoopbackDiscord, base: Path) -> None:
    thread = await talk_in(reading, base, reading.channel_id)
    for is_locked, word in ((False, "hidden"), (True, "locked")):
        reading.edit_thread(thread, archived=True, locked=is_locked)
        query = "SELECT is_archived, is_locked FROM talks"
        await eventually(lambda: read(base, query) == [(1, is_locked)], "the state of the thread")  # noqa: B023
        answer = await reading.command("paper", PAPER)
        assert leads_to(answer, thread)
        assert word in said(answer)


async def test_a_deleted_thread_is_noticed_and_shown_no_more(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, base: Path
) -> None:
    """It was deleted while the bot was away: the first card still has it, the next one has not."""
    feed_host.serve("/feed.xml", b"<rss version='2.0'><channel><title>x</title></channel></rss>")
    _serve_blog(feed_host)
    async with run(NONMUN_CHANNEL_ID=None):
        await wait_for_commands(discord)
        await follow(discord, feed_host)
        thread = await talk_in(discord, base, discord.channel_id)
    discord.delete_thread(thread)
    async with run(NONMUN_CHANNEL_ID=None):
        await wait_for_commands(discord)
        await discord.command("paper", PAPER)
        await eventually(lambda: read(base, "SELECT state FROM talks") == [("gone",)], "the talk to be gone")
        assert not leads_to(await discord.command("paper", PAPER), thread)


def _serve_blog(feed_host: FeedHost) -> None:
    feed_host.serve("/blog.xml", rss(2, 1))
    link = f'<link rel="alternate" type="application/rss+xml" href="{feed_host.url("/blog.xml")}">'
    feed_host.serve("/blog", f"<html><head><title>A blog</title>{link}</head></html>", content_type="text/html")


async def test_private_threads_are_never_shown(reading: LoopbackDiscord, base: Path) -> None:
    """Neither one that the bot is in, nor one of which it only knows that it is private."""
    known = reading.add_private_thread(reading.channel_id, "known")
    unseen = reading.start_thread(reading.channel_id, "unseen", is_private=True)
    for thread in (known, unseen):
        await asyncio.to_thread(_write_talk, base, reading.guild_id, reading.channel_id, thread, 1)
    change(base, "UPDATE talks SET is_private = 1 WHERE thread_id = ?", unseen)
    for _ in range(2):
        answer = await reading.command("paper", PAPER)
        assert not leads_to(answer, known)
        assert not leads_to(answer, unseen)
        await _answer_privately(reading)


async def _answer_privately(server: LoopbackDiscord) -> None:
    panel = await server.command("settings")
    await server.select(panel.message, values=["private"], custom_id="s1:set:answers")


def _add_staff_room(discord: LoopbackDiscord) -> int:
    """A channel that only members with a role see; one has it."""
    role = discord.add_role(discord.guild_id, "staff")
    discord.give_roles(discord.guild_id, STAFF, role)
    hidden = discord.add_channel(discord.guild_id, "staff-room")
    discord.hide_channel(hidden, show_to=[role])
    return hidden


async def test_a_role_only_channel_is_for_those_with_the_role(reading: LoopbackDiscord, base: Path) -> None:
    """A public card does not name its talk, even where a member with the role asks; their private card does."""
    hidden = _add_staff_room(reading)
    thread = await talk_in(reading, base, hidden)
    for user_id in (STAFF, MEMBER, reading.owner_id):
        public = await reading.command("paper", PAPER, user_id=user_id)
        assert not public.is_ephemeral
        assert not leads_to(public, thread)
        assert "staff-room" not in str(public.message)
    inside = await reading.command("paper", PAPER, user_id=STAFF, channel_id=hidden)
    assert leads_to(inside, thread)
    await _answer_privately(reading)
    assert leads_to(await reading.command("paper", PAPER, user_id=STAFF), thread)
    assert not leads_to(await reading.command("paper", PAPER, user_id=MEMBER), thread)


async def test_what_is_shown_in_the_channel_names_only_what_all_see(reading: LoopbackDiscord, base: Path) -> None:
    hidden = _add_staff_room(reading)
    secret = await talk_in(reading, base, hidden)
    await _answer_privately(reading)
    private = await reading.command("paper", PAPER, user_id=STAFF)
    assert leads_to(private, secret)
    shared = await reading.press(private.message, label="Show in channel", user_id=STAFF)
    await eventually(lambda: bool(shared.followups), "the card in the channel")
    (public,) = shared.followups
    assert "Shown by" in str(public)
    assert str(secret) not in str(public)


async def hide_while_held(server: LoopbackDiscord, held: Held, channel_id: int, thread_id: int) -> None:
    """Hide a channel while a request of ours waits; the bot knows of it when the request goes on."""
    await eventually(
        lambda: held.is_reached and asked_for(server, thread_id) == 1, "the request, and a card that is read"
    )
    server.hide_channel(channel_id)
    other = await server.command("paper", {"name": "lantern-1"}, user_id=STAFF)
    assert str(thread_id) not in str((other.message, other.followups))
    held.release()


@pytest.mark.parametrize(
    ("method", "path"), [("POST", r".*/interactions/.*/callback"), ("PATCH", r".*/messages/@original")]
)
async def test_a_talk_that_was_hidden_before_its_card_was_sent_is_not_shown(
    reading: LoopbackDiscord, base: Path, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    """Whatever request of the bot's Discord takes its time over."""
    monkeypatch.setattr("bot.ui.discord.replies.DEFER_AFTER_S", 0.0)
    channel = reading.add_channel(reading.guild_id, "talk")
    thread = await talk_in(reading, base, channel)
    held = reading.hold_next(method, path)
    asking = asyncio.create_task(reading.command("paper", PAPER))
    await hide_while_held(reading, held, channel, thread)
    answer = await asking
    await eventually(lambda: bool(answer.followups), "the card for everybody")
    (card,) = answer.followups
    assert "Lantern-1" in str(card)
    assert str(thread) not in str(card)


async def test_what_was_hidden_while_it_is_shown_in_the_channel_is_not_shown(
    reading: LoopbackDiscord, base: Path
) -> None:
    channel = reading.add_channel(reading.guild_id, "talk")
    thread = await talk_in(reading, base, channel)
    await _answer_privately(reading)
    private = await reading.command("paper", PAPER)
    assert leads_to(private, thread)
    held = reading.hold_next("POST", r".*/interactions/.*/callback")
    sharing = asyncio.create_task(reading.press(private.message, label="Show in channel"))
    await hide_while_held(reading, held, channel, thread)
    shared = await sharing
    await eventually(lambda: bool(shared.followups), "the card in the channel")
    (public,) = shared.followups
    assert "Shown by" in str(public)
    assert str(thread) not in str(public)


async def test_three_threads_are_asked_for_at_a_time(reading: LoopbackDiscord, base: Path) -> None:
    threads = [await talk_in(reading, base, reading.channel_id) for _ in range(5)]
    answer = await reading.command("paper", PAPER)
    assert "and 3 more talks" in said(answer)
    await counted(base, 3)
    asked = [thread for thread in threads if asked_for(reading, thread)]
    assert asked == threads[:3]


async def test_an_answer_does_not_wait_for_a_thread(reading: LoopbackDiscord, base: Path) -> None:
    """Discord keeps the request waiting; the card is there meanwhile."""
    thread = await talk_in(reading, base, reading.channel_id)
    held = reading.hold_next("GET", rf".*/channels/{thread}")
    answer = await reading.command("paper", PAPER)
    assert leads_to(answer, thread)
    await eventually(lambda: held.is_reached, "the request")
    held.release()
    await counted(base, 1)


# ── what was concluded ──────────────────────────────────────────────────────────────────────────


async def test_a_conclusion_is_submitted_in_the_talk_and_shown_on_the_papers_card(
    reading: LoopbackDiscord, base: Path
) -> None:
    thread = await talk_in(reading, base, reading.channel_id)
    card = await reading.command("paper", PAPER, channel_id=thread, user_id=MEMBER)
    assert "Discuss" not in buttons(card)
    form = await reading.press(card.message, label="What we concluded", user_id=MEMBER)
    assert form.modal
    panel = await reading.submit(form, {"text": "Reading twice helps.\nOnly for *long* texts <@1> @everyone."})
    assert panel.is_ephemeral
    assert "Saved." in said(panel)
    shown = await reading.command("paper", PAPER, user_id=STAFF)
    assert "Reading twice helps. Only for *long* texts" in said(shown)
    assert f"— <@{MEMBER}>" in said(shown)
    assert shown.message is not None
    assert not shown.message["mentions"]
    assert [text for text in texts(shown) if re.search(r"(?<!\\)<@1>", text)] == []
    assert "What we concluded (1)" not in buttons(shown)  # the card shows all of it
    inside = await reading.command("paper", PAPER, user_id=STAFF, channel_id=thread)
    read_all = await reading.press(inside.message, label="What we concluded (1)", user_id=STAFF)
    assert read_all.is_ephemeral
    assert "Reading twice helps." in said(read_all)


async def test_the_first_message_of_a_talk_asks_what_came_of_it(reading: LoopbackDiscord) -> None:
    """The talk is opened with Discuss; its first message is everybody's, and stays as it is."""
    card = await reading.command("paper", PAPER)
    known = set(reading.channels)
    await reading.press(card.message, label="Discuss", timeout_s=30)
    (thread,) = set(reading.channels) - known

    def first() -> dict[str, Any] | None:
        return next((message for message in reading.channels[thread].messages if message["components"]), None)

    await eventually(lambda: first() is not None, "the first message")
    opening = first()
    form = await reading.press(opening, label="What we concluded", user_id=MEMBER)
    panel = await reading.submit(form, {"text": "Reading twice helps."})
    assert panel.is_ephemeral
    assert "Saved." in said(panel)
    assert first() == opening
    # The talk is told that there is something to read, silently, and not what it is.
    await eventually(lambda: LINE in str(reading.channels[thread].messages), "the line in the talk")
    (line,) = [message for message in reading.channels[thread].messages if message["content"] == LINE]
    assert line["flags"] & SILENT
    assert "Reading twice" not in str(line)
    shown = await reading.press(line, label="What we concluded", user_id=STAFF)
    assert shown.is_ephemeral
    assert "Reading twice helps." in said(shown)
    again = await reading.press(opening, label="What we concluded", user_id=STAFF)
    assert again.is_ephemeral
    assert "Reading twice helps." in said(again)
    shown = await reading.command("paper", PAPER)
    assert "Reading twice helps." in said(shown)
    assert leads_to(shown, thread)


async def test_its_author_and_moderators_change_a_conclusion_after_restarts(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, base: Path
) -> None:
    """Each press after a restart; a member who is neither can read it only."""
    feed_host.serve("/feed.xml", b"<rss version='2.0'><channel><title>x</title></channel></rss>")
    _serve_blog(feed_host)
    moderators = discord.add_role(discord.guild_id, "mods", permissions=int(Permission.MANAGE_MESSAGES))
    discord.give_roles(discord.guild_id, STAFF, moderators)
    async with run(NONMUN_CHANNEL_ID=None):
        await wait_for_commands(discord)
        await follow(discord, feed_host)
        thread = await talk_in(discord, base, discord.channel_id)
        card = await discord.command("paper", PAPER, channel_id=thread, user_id=MEMBER)
        form = await discord.press(card.message, label="What we concluded", user_id=MEMBER)
    async with run(NONMUN_CHANNEL_ID=None):
        await wait_for_commands(discord)
        panel = await discord.submit(form, {"text": "Reading twice helps."})
    for user_id, words in ((MEMBER, "Reading twice helps a lot."), (STAFF, "Reading twice helps some.")):
        async with run(NONMUN_CHANNEL_ID=None):
            await wait_for_commands(discord)
            pressed = (
                card
                if user_id == MEMBER
                else await discord.command("paper", PAPER, user_id=user_id, channel_id=thread)
            )
            label = "What we concluded" if user_id == MEMBER else "What we concluded (1)"
            panel = await discord.press(pressed.message, label=label, user_id=user_id)
            (chosen,) = [str(row[0]) for row in read(base, "SELECT id FROM conclusions")]
        async with run(NONMUN_CHANNEL_ID=None):
            await wait_for_commands(discord)
            one = await discord.select(panel.message, values=[chosen], user_id=user_id)
            form = await discord.press(one.message, label="Edit", user_id=user_id)
        async with run(NONMUN_CHANNEL_ID=None):
            await wait_for_commands(discord)
            await discord.submit(form, {"text": words}, user_id=user_id)
        assert read(base, "SELECT text, author_id FROM conclusions") == [(words, MEMBER)]
    async with run(NONMUN_CHANNEL_ID=None):
        await wait_for_commands(discord)
        others = await discord.press(
            (await discord.command("paper", PAPER, user_id=779, channel_id=thread)).message,
            label="What we concluded (1)",
            user_id=779,
        )
        one = await discord.select(others.message, values=[chosen], user_id=779)
        assert buttons(one) == ["Back"]
        one = await discord.select(panel.message, values=[chosen], user_id=STAFF)
        gone = await discord.press(one.message, label="Remove", user_id=STAFF)
        assert "Removed." in said(gone)
    assert read(base, "SELECT * FROM conclusions") == []


async def test_what_was_typed_is_never_lost(reading: LoopbackDiscord, base: Path) -> None:
    """The tenth-and-first conclusion is refused, and the form opens again as it was filled in."""
    thread = await talk_in(reading, base, reading.channel_id)
    card = await reading.command("paper", PAPER, channel_id=thread)
    form = await reading.press(card.message, label="What we concluded")
    for number in range(10):
        change(
            base,
            "INSERT INTO conclusions (talk_id, text, submitted_at) SELECT id, ?, '2026-03-02' FROM talks",
            f"Point {number}",
        )
    refused = await reading.submit(form, {"text": "One more point."})
    assert refused.is_ephemeral
    assert "10 conclusions already" in said(refused)
    again = await reading.press(refused.message, label="Edit again")
    assert "One more point." in str(again.modal)
    change(base, "DELETE FROM conclusions WHERE text = 'Point 3'")
    panel = await reading.submit(again, {})
    assert "Saved." in said(panel)
    assert "a member" in said(panel)
    assert "Add a conclusion" not in buttons(panel)


async def test_who_cannot_see_the_talk_reads_no_conclusion(reading: LoopbackDiscord, base: Path) -> None:
    """An older public card has its button still when its channel is hidden."""
    talk_channel = reading.add_channel(reading.guild_id, "talk")
    thread = await talk_in(reading, base, talk_channel)
    text = "Secret " * 40
    change(base, "INSERT INTO conclusions (talk_id, text, submitted_at) SELECT id, ?, '2026-03-02' FROM talks", text)
    card = await reading.command("paper", PAPER)
    assert leads_to(card, thread)
    reading.hide_channel(talk_channel)
    refused = await reading.press(card.message, label="What we concluded (1)", user_id=MEMBER)
    assert "This talk is no longer here." in said(refused)
    assert "Secret" not in str(refused.message)


async def test_who_may_not_write_in_the_talk_concludes_nothing(reading: LoopbackDiscord, base: Path) -> None:
    thread = await talk_in(reading, base, reading.channel_id)
    card = await reading.command("paper", PAPER, channel_id=thread)
    reading.set_overwrite(reading.channel_id, reading.guild_id, deny=Permission.SEND_IN_THREADS)
    refused = await reading.press(card.message, label="What we concluded", user_id=MEMBER)
    assert refused.modal is None
    assert "You cannot write in this talk" in said(refused)


async def test_a_long_conclusion_can_be_read_whole(reading: LoopbackDiscord, base: Path) -> None:
    thread = await talk_in(reading, base, reading.channel_id)
    card = await reading.command("paper", PAPER, channel_id=thread)
    form = await reading.press(card.message, label="What we concluded")
    text = " ".join(f"word{number}" for number in range(440))
    panel = await reading.submit(form, {"text": text[:4000]})
    (chosen,) = [str(row[0]) for row in read(base, "SELECT id FROM conclusions")]
    one = await reading.select(panel.message, values=[chosen])
    shown = " ".join(said(one).split())
    assert all(f"word{number}" in shown for number in range(440))
