"""Who may not see a channel does not learn its name, what is sent there, or why not: in every answer of the bot."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.factories import make_entry
from tests.loopback.discord import Interaction, LoopbackDiscord, Permission
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import eventually
from tests.test_feed_commands import FORUM, MEMBER, choose, follow, menu, notices, rss, said, server, wait_for

__all__ = ["server"]

ADMIN = 779
"""Has Manage Server by a role, and sees no more channels than anybody."""
NAME = "takeover-plans"
HIDDEN = "a channel that you or I cannot see"


@pytest.fixture
def admin(server: LoopbackDiscord) -> int:
    role = server.add_role(server.guild_id, "staff", permissions=int(Permission.MANAGE_GUILD | Permission.DEFAULT))
    server.give_roles(server.guild_id, ADMIN, role)
    return ADMIN


@pytest.fixture
async def hidden(server: LoopbackDiscord, feed_host: FeedHost) -> int:
    """A channel that only the owner and the bot see, in which the blog is announced."""
    channel = server.add_channel(server.guild_id, NAME)
    server.set_overwrite(channel, server.guild_id, deny=Permission.VIEW)
    await follow(server, feed_host, channel)
    return channel


async def chosen(server: LoopbackDiscord, user_id: int | None = None, command: str = "feed status") -> dict[str, str]:
    """The only feed that a command's completion offers to a member, as its option."""
    (choice,) = await server.autocomplete(command, {"feed": ""}, focused="feed", **by(user_id))
    return {"feed": choice["value"]}


def by(user_id: int | None) -> dict[str, Any]:
    return {"user_id": user_id} if user_id else {}


def leaks(answer: Interaction, channel_id: int) -> bool:
    """Whether an answer names the channel, or has the address of a message in it."""
    return NAME in str(answer.message) or f"/{channel_id}/" in str(answer.message)


async def why_sent(server: LoopbackDiscord, link: str, user_id: int | None = None) -> Interaction:
    """/why of a post that was announced; it stands in its channel a moment before it is on record."""
    for _ in range(50):
        answer = await server.command("why", {"link": link}, **by(user_id))
        if "was announced" in said(answer):
            return answer
    pytest.fail("not announced")


async def test_why_names_no_hidden_channel(server: LoopbackDiscord, feed_host: FeedHost, hidden: int) -> None:
    """A member learns that the post was announced, and not where; the owner sees the channel and the message."""
    feed_host.update("/blog.xml", rss(3, 2, 1))
    (post,) = await wait_for(server, 1, hidden)
    link = make_entry(3).link
    owners = await why_sent(server, link)
    assert f"#{NAME}" in said(owners)
    assert f"/{hidden}/{post['id']}" in said(owners)
    members = await why_sent(server, link, MEMBER)
    assert HIDDEN in said(members)
    assert not leaks(members, hidden)
    server.set_overwrite(hidden, server.guild_id, allow=Permission.VIEW)
    assert leaks(await why_sent(server, link, MEMBER), hidden)


async def test_a_refusal_names_no_hidden_channel(
    server: LoopbackDiscord, feed_host: FeedHost, hidden: int, admin: int
) -> None:
    """What the bot lacks is told with the channel's name, and only to those who may know it."""
    server.set_permissions(hidden, Permission.VIEW)
    feed_host.update("/blog.xml", rss(3, 2, 1))
    feed = await chosen(server)

    async def is_told() -> bool:
        return f"stopped: I need Send Messages, Read Message History in #{NAME}" in said(
            await server.command("feed status", feed)
        )

    await eventually(is_told, "the refusal")
    link = {"link": make_entry(3).link}
    assert NAME in said(await server.command("why", link))
    answers = [
        await server.command("why", link, user_id=MEMBER),
        await server.command("feed list", user_id=admin),
        await server.command("feed status", feed, user_id=admin),
        await server.command("feed test", feed, user_id=admin),
        await server.command("feed resume", feed, user_id=admin),
        await server.command("subscribe", feed, user_id=admin),
    ]
    assert not [said(answer) for answer in answers if leaks(answer, hidden)]
    assert "stopped" in said(answers[1])
    assert HIDDEN in said(answers[2])
    assert "I cannot post in a channel you cannot see" in said(answers[2])


async def test_an_admin_changes_what_they_cannot_see(
    server: LoopbackDiscord, feed_host: FeedHost, hidden: int, admin: int
) -> None:
    """A feed in a hidden channel can be set up, tested and removed; where it is announced stays unsaid."""
    (choice,) = await server.autocomplete("subscribe", {"feed": ""}, focused="feed", user_id=admin)
    assert choice["name"].endswith(f"→ {HIDDEN}")
    feed = {"feed": choice["value"]}
    panel = await server.command("subscribe", feed, user_id=admin)
    panel = await server.select(panel.message, values=["publish"], custom_id=menu(panel, "looks"), user_id=admin)
    assert "is not an announcement channel" in said(panel)
    tested = await server.command("feed test", feed, user_id=admin)
    assert "A test was sent" in said(tested)
    removed = await server.command("feed remove", feed, user_id=admin)
    assert "is no longer announced in" in said(removed)
    assert not [said(one) for one in (panel, tested, removed) if leaks(one, hidden)]


async def test_the_tags_of_a_hidden_forum_are_not_shown_and_stay(
    server: LoopbackDiscord, feed_host: FeedHost, admin: int
) -> None:
    forum = server.add_channel(server.guild_id, NAME, FORUM)
    (tag,) = server.set_tags(forum, ["acquisition"])
    await choose(server, await follow(server, feed_host, forum), "looks", f"tag:{tag}")
    server.set_overwrite(forum, server.guild_id, deny=Permission.VIEW)
    panel = await server.command("subscribe", await chosen(server), user_id=admin)
    assert "acquisition" not in str(panel.message)
    panel = await server.select(panel.message, values=["compact"], custom_id=menu(panel, "looks"), user_id=admin)
    assert "Saved." in said(panel)
    feed_host.update("/blog.xml", rss(3, 2, 1))
    await eventually(lambda: bool(server.world.threads_of(forum)), "a forum post")
    (thread,) = server.world.threads_of(forum)
    assert thread.applied_tags == [tag]


async def test_notify_offers_no_feed_of_a_hidden_channel(server: LoopbackDiscord, hidden: int) -> None:
    """Neither by completion, by a button, by its number, nor by a part of its name."""
    owners = await chosen(server, command="notify")
    assert await server.autocomplete("notify", {"feed": ""}, focused="feed", user_id=MEMBER) == []
    for feed in (owners["feed"], "blog"):
        answer = await server.command("notify", {"feed": feed}, user_id=MEMBER)
        assert re.search("no such feed|No feed here is called", said(answer))
    assert "🔕" not in str((await server.command("notify", user_id=MEMBER)).message)


async def test_a_feed_that_became_hidden_can_be_stopped(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    """Who is pinged for a feed can stop it, whatever became of its channel."""
    await follow(server, feed_host)
    feed = await chosen(server, MEMBER, "notify")
    assert "You are pinged for" in said(await server.command("notify", feed, user_id=MEMBER))
    elsewhere = server.add_channel(server.guild_id, "lobby")
    server.set_overwrite(server.channel_id, server.guild_id, deny=Permission.VIEW)
    stopped = await server.command("notify", feed, user_id=MEMBER, channel_id=elsewhere)
    assert "You are not pinged for" in said(stopped)


async def test_a_notice_names_no_channel(server: LoopbackDiscord, feed_host: FeedHost, hidden: int) -> None:
    """A notice says which channel by its mention, which Discord names to those alone who can see the channel."""
    admins = server.add_channel(server.guild_id, "admins")
    server.edit_guild(server.guild_id, public_updates_channel_id=admins)
    server.set_permissions(hidden, Permission.VIEW)
    feed_host.update("/blog.xml", rss(3, 2, 1))
    await eventually(lambda: bool(notices(server, admins)), "a notice")
    (notice,) = notices(server, admins)
    assert f"<#{hidden}>" in notice
    assert NAME not in notice


async def test_a_private_thread_is_named_to_those_in_it(
    server: LoopbackDiscord, feed_host: FeedHost, admin: int
) -> None:
    """View Channel of its parent is not enough; who uses the command in it is there."""
    thread = server.add_private_thread(server.channel_id, NAME)
    await follow(server, feed_host, thread)
    outside = await server.command("feed list", user_id=admin)
    assert HIDDEN in said(outside)
    assert not leaks(outside, thread)
    server.add_to_thread(thread, admin)
    assert f"#{NAME}" in said(await server.command("feed list", user_id=admin, channel_id=thread))
    assert f"#{NAME}" in said(await server.command("feed list"))
