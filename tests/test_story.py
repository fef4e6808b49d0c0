"""From an announcement to a section, a passage and a thread, which somebody else finds again: one whole story."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import make_entry, make_rss
from tests.loopback.discord import Interaction, LoopbackDiscord
from tests.loopback.discord_world import Channel
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, announcements, eventually, wait_for_commands, wait_for_posts
from tests.shown import options, said, title

OPENER, FINDER, STRANGER = 7_001, 7_002, 7_003
PASSAGE = "질문 하나를 최대 세 개로 나누고"
FORMS = (
    "https://arxiv.org/abs/2401.00002",
    "https://arxiv.org/pdf/2401.00002v3.pdf",
    "arXiv:2401.00002",
    "https://huggingface.co/papers/2401.00002",
    "https://www.alphaxiv.org/abs/2401.00002",
    "https://www.semanticscholar.org/arxiv/2401.00002",
    "https://paperswithcode.com/paper/2401.00002",
    "https://doi.org/10.48550/arXiv.2401.00002",
)
"""Eight ways in which members link the paper."""


async def begin(run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost) -> tuple[Channel, int]:
    """A member goes from the announcement of a paper to a passage of it in a thread; a second server follows, too.

    Returns the thread, and the channel of the second server.
    """
    other = discord.add_guild("Another group", channels=["papers"]).channel_ids[0]
    feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    async with run():
        await wait_for_commands(discord)
        await feed_host.wait_until_read("/feed.xml")
        offer = await discord.command("feed add", {"address": feed_host.url("/feed.xml")}, channel_id=other)
        await discord.press(offer.message, label="Follow")
        feed_host.serve("/feed.xml", make_rss([make_entry(2), make_entry(1)]))
        await wait_for_posts(discord, 1)
        (announced,) = [m for m in discord.channels[discord.channel_id].messages if m["embeds"]]
        section = await discord.select(
            announced, values=[options(announced)["2.1. Question splitting"]], custom_id="n1:menu", user_id=OPENER
        )
        assert section.is_ephemeral
        assert PASSAGE in said(section)
        passages = await discord.press(section.message, label="Quote a passage", user_id=OPENER)
        (passage,) = [value for label, value in options(passages).items() if label.startswith(PASSAGE)]
        quoted = await discord.select(passages.message, values=[passage], user_id=OPENER, timeout_s=30)
        assert said(quoted).startswith("Quoted in ")
        (thread,) = [one for one in discord.channels.values() if one.is_thread]
        discord.say(thread.id, "I would split it into two.", user_id=FINDER, times=3)
    return thread, other


def leads_to(answer: Interaction, thread: Channel) -> bool:
    address = f"https://discord.com/channels/{thread.guild_id}/{thread.id}"
    return f"]({address})" in said(answer)


def texts(channel: Channel) -> list[str]:
    return [f"{m['content']} {m['embeds']}" for m in channel.messages if m["type"] == 0]


async def test_a_talk_is_found_again_a_month_later(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """By each form of the paper's link, by another blog's review and from a message; by nobody in another server."""
    thread, other = await begin(run, discord, feed_host)
    announced = discord.channels[discord.channel_id].messages[0]
    assert thread.id == int(announced["id"]), "the talk is under the announcement"
    assert sum(PASSAGE in text for text in texts(thread)) == 1
    discord.archive_thread(thread.id)  # a month has passed: it is hidden, and the gateway no longer names it
    before, again = (
        make_entry(number, guid=link, link=link, title=f"Lantern-{number}: Reading Long Documents Twice")
        for number in (1, 2)
        for link in (f"https://second.example/lantern-no-{number}/",)
    )
    second = feed_host.serve("/second.xml", make_rss([before], title="Second", link="https://second.example/"))
    async with run():
        await wait_for_commands(discord)
        offer = await discord.command("feed add", {"address": second})
        await discord.press(offer.message, label="Follow")
        feed_host.serve("/second.xml", make_rss([again, before], title="Second", link="https://second.example/"))
        # The other blog's review comes into the talk, and is announced as any other.
        await eventually(lambda: "second opinion" in str(texts(thread)), "the second opinion in the talk")
        await wait_for_posts(discord, 2)
        assert announcements(discord)[0].startswith("Lantern-2")
        for form in (*FORMS, again.link, "lantern-2"):
            answer = await discord.command("paper", {"name": form}, user_id=FINDER)
            assert title(answer) == "Lantern-2", form
            assert leads_to(answer, thread), form
        (message,) = discord.say(discord.channel_id, f"anybody read {FORMS[1]}?", user_id=FINDER)
        answer = await discord.message_command("What do we have on this?", message, user_id=FINDER)
        assert answer.is_ephemeral
        assert leads_to(answer, thread)
        pressed = await discord.press(answer.message, label="Discuss", user_id=FINDER, timeout_s=30)
        assert f"<#{thread.id}>" in said(pressed)
        assert FINDER in thread.members
        assert not thread.archived, "who is led there can write there"
        # Asked for once more, the passage leads to where it stands.
        place = {"paper": make_entry(2).link, "heading": "2.1"}
        section = await discord.command("section", place, user_id=FINDER)
        passages = await discord.press(section.message, label="Quote a passage", user_id=FINDER)
        (passage,) = [value for label, value in options(passages).items() if label.startswith(PASSAGE)]
        quoted = await discord.select(passages.message, values=[passage], user_id=FINDER, timeout_s=30)
        assert "before" in said(quoted)
        assert sum(PASSAGE in text for text in texts(thread)) == 1
        # The other server reads the same review and sees nothing of the talk.
        theirs = await discord.command("paper", {"name": FORMS[0]}, channel_id=other, user_id=STRANGER)
        assert title(theirs) == "Lantern-2"
        assert str(thread.id) not in str(theirs.message)
    assert [one.id for one in discord.channels.values() if one.is_thread] == [thread.id]


@pytest.mark.parametrize("is_new", [True, False])
async def test_nothing_of_a_talk_is_sent_again_after_a_restart(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, is_new: bool
) -> None:
    """Whether the nonces are remembered or not."""
    thread, _other = await begin(run, discord, feed_host)
    before: list[Any] = list(thread.messages)
    if is_new:
        discord.forget_nonces()
    async with run():
        await wait_for_commands(discord)
        await discord.command("paper", {"name": "lantern-2"}, user_id=FINDER)
    assert thread.messages == before
