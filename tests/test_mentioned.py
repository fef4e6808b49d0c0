"""“What do we have on this?” on messages of members and of the bot: the real client in loopback Discord."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.factories import make_rss
from tests.loopback.discord import Interaction, LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, eventually, wait_for_commands
from tests.shown import buttons, options, said, title
from tests.test_audiences import internet
from tests.test_feed_commands import MEMBER, rss, server, wait_for
from tests.test_found_again import base, leads_to, reading, talk_in

__all__ = ["base", "internet", "reading", "server"]

NAME = "What do we have on this?"
ARXIV = "https://arxiv.org/abs/2401.0000{number}"
MESSAGE = 3
"""The type of a command in a message's menu."""


async def ask(server: LoopbackDiscord, text: str = "", *, user_id: int = MEMBER, **content: object) -> Interaction:
    """Let a member write something, and another one ask what there is on it."""
    (message,) = server.say(server.channel_id, text, **content)  # type: ignore[arg-type]
    return await server.message_command(NAME, message, user_id=user_id)


@pytest.mark.parametrize(
    "text",
    [
        "has anybody read https://arxiv.org/abs/2401.00001v2?",
        "2401.00001",
        "see [here](https://www.alphaxiv.org/abs/2401.00001)",
        "https://reviews.example/2024/lantern-1/?utm_source=feed and https://youtu.be/dQw4w9WgXcQ",
    ],
)
async def test_the_only_paper_is_its_private_card(reading: LoopbackDiscord, text: str) -> None:
    answer = await ask(reading, text)
    assert answer.is_ephemeral
    assert not answer.deferred
    assert title(answer) == "Lantern-1"
    assert "Show in channel" in buttons(answer)


async def test_previews_files_and_forwarded_messages_are_read(reading: LoopbackDiscord) -> None:
    """Each holds the link alone; of a forwarding message all that it shows stands in the snapshot."""
    embed = {"title": "A paper", "description": "as in arXiv:2401.00001", "fields": []}
    assert title(await ask(reading, "look", embeds=[embed])) == "Lantern-1"
    field = {"title": "Papers", "fields": [{"name": "first", "value": ARXIV.format(number=2), "inline": False}]}
    assert title(await ask(reading, "look", embeds=[field])) == "Lantern-2"
    assert title(await ask(reading, files={"2401.00001v1.pdf": b"%PDF"})) == "Lantern-1"
    (text,) = reading.say(reading.channel_id, ARXIV.format(number=2))
    (preview,) = reading.say(reading.channel_id, "look", embeds=[embed])
    for origin, name in ((text, "Lantern-2"), (preview, "Lantern-1")):
        forwarded = reading.forward(origin, reading.channel_id)
        assert not forwarded["content"]
        assert title(await reading.message_command(NAME, forwarded, user_id=MEMBER)) == name


async def test_several_papers_are_one_private_list(reading: LoopbackDiscord, base: Path) -> None:
    thread = await talk_in(reading, base, reading.channel_id)
    links = " ".join(ARXIV.format(number=number) for number in (1, 2, 9))
    answer = await ask(reading, f"{links} https://cats.example/cat.gif")
    assert answer.is_ephemeral
    assert title(answer) == "2 papers in this message"
    assert leads_to(answer, thread)
    assert "Not reviewed here:" in said(answer)
    assert ARXIV.format(number=9) in said(answer)
    assert "cats.example" not in said(answer)
    assert list(options(answer)) == ["Lantern-1", "Lantern-2"]
    opened = await reading.select(answer.message, values=[options(answer)["Lantern-2"]], user_id=MEMBER)
    assert title(opened) == "Lantern-2"


async def test_a_paper_that_is_not_here_is_said_to_be(reading: LoopbackDiscord) -> None:
    answer = await ask(reading, f"{ARXIV.format(number=9)} and https://cats.example/cat.gif")
    assert answer.is_ephemeral
    assert title(answer) == "Not reviewed here"
    two = await ask(reading, f"{ARXIV.format(number=8)} {ARXIV.format(number=9)}")
    assert title(two) == "Not reviewed here"
    assert ARXIV.format(number=8) in said(two)


async def test_a_message_without_papers_says_what_is_looked_for(reading: LoopbackDiscord) -> None:
    for text in ("good morning", "https://discord.com/channels/1/2/3"):
        answer = await ask(reading, text)
        assert answer.is_ephemeral
        assert "arXiv" in said(answer)
        assert title(answer) == "Nothing to look up"


async def test_our_own_messages_give_their_reviews(reading: LoopbackDiscord, feed_host: FeedHost) -> None:
    """An announcement, where its link and the paper's lead to the same, and a list that we answered with."""
    feed_host.update("/blog.xml", rss(3, 2, 1))
    (announcement,) = await wait_for(reading, 1)
    answer = await reading.message_command(NAME, announcement, user_id=MEMBER)
    assert title(answer) == "Lantern-3"
    latest = await reading.command("latest")
    assert latest.message is not None
    answer = await reading.message_command(NAME, latest.message, user_id=MEMBER)
    assert title(answer) == "3 papers in this message"


async def test_ten_papers_are_looked_up_at_most(reading: LoopbackDiscord) -> None:
    links = " ".join(f"https://arxiv.org/abs/2402.{number:05d}" for number in range(1, 15))
    answer = await ask(reading, links)
    assert said(answer).count("https://arxiv.org/abs/") == 10


async def test_it_works_where_only_the_user_has_installed_the_bot(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, internet: set[str]
) -> None:
    """There, and in direct messages, what the host shares is read, and no server's talks are shown."""
    feed_host.serve("/feed.xml", rss(2, 1))
    async with run(NONMUN_PRIVATE_HOSTS=""):
        await wait_for_commands(discord)

        async def is_read() -> bool:
            return title(await discord.command("paper", {"name": "lantern-1"})) == "Lantern-1"

        await eventually(is_read, "the reviews")
        for channel in (discord.channel_elsewhere(), discord.world.direct_channel(MEMBER).id):
            message = discord.world.new_message(discord.channels[channel], {"content": ARXIV.format(number=1)})
            discord.world.keep_message(discord.channels[channel], message)
            answer = await discord.message_command(NAME, message, user_id=MEMBER)
            assert title(answer) == "Lantern-1"


async def test_its_name_is_korean_for_korean_members(server: LoopbackDiscord) -> None:
    (command,) = [one for one in server.commands[None] if one["type"] == MESSAGE]
    assert command["name"] == NAME
    assert command["name_localizations"]["ko"] == "이 메시지와 관련된 리뷰 찾기"
    assert command["contexts"] == [0, 1, 2]
    assert command["integration_types"] == [0, 1]


async def test_another_servers_reviews_are_not_found(reading: LoopbackDiscord, feed_host: FeedHost) -> None:
    other = reading.add_guild("Another group", channels=("papers",))
    (message,) = reading.say(other.channel_ids[0], ARXIV.format(number=1))
    feed_host.serve("/else.xml", make_rss([]))
    answer = await reading.message_command(NAME, message, user_id=MEMBER)
    assert "Lantern" not in str(answer.message)
