"""Roles that members give themselves: harmless ones, chosen by somebody who may manage them, looked at when taken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import pytest

from bot.models.announcing import Delivering
from bot.ui.discord.rights import NAMES, missing_in
from tests.loopback.discord import Interaction, LoopbackDiscord, Permission
from tests.loopback.feed_host import FeedHost
from tests.test_feed_commands import MEMBER, choose, follow, menu, posts, rss, said, server, wait_for

__all__ = ["server"]

ADMIN = 779
"""A member who may set feeds up, and whose roles decide what else they may do."""


@pytest.fixture
def readers(server: LoopbackDiscord) -> int:
    """A role that carries nothing and may be mentioned, below the bot's, which may manage roles."""
    server.set_bot_permissions(server.guild_id, Permission.MANAGE_ROLES | Permission.DEFAULT)
    return server.add_role(server.guild_id, "readers", mentionable=True)


async def choose_role(server: LoopbackDiscord, feed_host: FeedHost, role: int) -> Interaction:
    return await choose(server, await follow(server, feed_host), "role", role)


async def take(server: LoopbackDiscord, user_id: int = MEMBER) -> str:
    """Press the feed's button in /notify; what is said then."""
    answer = await server.command("notify", user_id=user_id, permissions=int(Permission.DEFAULT))
    assert answer.message is not None
    label = answer.message["components"][0]["components"][0]["label"]
    pressed = await server.press(answer.message, label=label, user_id=user_id)
    return said(pressed)


def roles_of(server: LoopbackDiscord, user_id: int = MEMBER) -> list[int]:
    return server.member_roles[server.guild_id, user_id]


def asked_to_give(server: LoopbackDiscord) -> int:
    return sum(request.method == "PUT" and "/roles/" in request.path for request in server.requests)


async def test_a_harmless_role_is_given_and_taken(server: LoopbackDiscord, feed_host: FeedHost, readers: int) -> None:
    """The admin is told what the choice means; a member takes the role, and gives it back."""
    panel = await choose_role(server, feed_host, readers)
    assert "Members can give themselves @readers with /notify." in said(panel)
    assert "You now have @readers" in await take(server)
    assert roles_of(server) == [readers]
    assert "You no longer have @readers" in await take(server)
    assert roles_of(server) == []


@pytest.mark.parametrize(
    ("permissions", "named"),
    [
        (Permission.ADMINISTRATOR, "Administrator"),
        (Permission.MANAGE_MESSAGES, "Manage Messages"),
        (Permission.MENTION_EVERYONE, "Mention @everyone, @here, and All Roles"),
        (Permission.MANAGE_ROLES | Permission.DEFAULT, "Manage Roles"),
    ],
)
async def test_a_role_with_permissions_is_pinged_and_never_given(
    server: LoopbackDiscord, feed_host: FeedHost, readers: int, permissions: Permission, named: str
) -> None:
    """The panel names what it carries; a member who presses is mentioned by name instead."""
    server.edit_role(server.guild_id, readers, permissions=int(permissions))
    panel = await choose_role(server, feed_host, readers)
    assert "**Ping:** @readers" in said(panel)
    assert f"Members cannot give themselves @readers: it has {named}." in said(panel)
    assert "You are pinged for" in await take(server)
    assert roles_of(server) == []
    assert asked_to_give(server) == 0


async def test_a_role_that_opens_a_channel_is_not_given(
    server: LoopbackDiscord, feed_host: FeedHost, readers: int
) -> None:
    """What @everyone lacks in one channel is a permission, too."""
    secret = server.add_channel(server.guild_id, "secret")
    server.set_overwrite(secret, server.guild_id, deny=Permission.VIEW)
    server.set_overwrite(secret, readers, allow=Permission.VIEW)
    panel = await choose_role(server, feed_host, readers)
    assert "it has View Channel in #secret" in said(panel)
    await take(server)
    assert roles_of(server) == []


async def test_a_role_that_lifts_what_another_takes_away_is_not_given(
    server: LoopbackDiscord, feed_host: FeedHost, readers: int
) -> None:
    """What one role allows in a channel wins over what the role of the muted denies."""
    muted = server.add_role(server.guild_id, "muted")
    server.set_overwrite(server.channel_id, muted, deny=Permission.SEND)
    server.set_overwrite(server.channel_id, readers, allow=Permission.SEND)
    panel = await choose_role(server, feed_host, readers)
    assert "it has Send Messages in #papers" in said(panel)
    await take(server)
    assert roles_of(server) == []


async def test_an_overwrite_of_what_everybody_has_is_harmless(
    server: LoopbackDiscord, feed_host: FeedHost, readers: int
) -> None:
    server.set_overwrite(server.channel_id, readers, allow=Permission.SEND, deny=Permission.CREATE_PUBLIC_THREADS)
    panel = await choose_role(server, feed_host, readers)
    assert "Members can give themselves" in said(panel)


@pytest.mark.parametrize("change", [{"managed": True}, {"tags": {"guild_connections": None}}])
async def test_a_role_that_somebody_else_gives_is_not_given(
    server: LoopbackDiscord, feed_host: FeedHost, readers: int, change: dict[str, Any]
) -> None:
    """Roles of apps, of boosters, and those that linked accounts give."""
    server.edit_role(server.guild_id, readers, **change)
    panel = await choose_role(server, feed_host, readers)
    assert "Members cannot give themselves @readers: an app, boosts, linked accounts" in said(panel)
    await take(server)
    assert roles_of(server) == []


async def test_a_role_above_the_bots_is_not_given(server: LoopbackDiscord, feed_host: FeedHost, readers: int) -> None:
    top = server.add_role(server.guild_id, "top", mentionable=True, position=3)
    panel = await choose_role(server, feed_host, top)
    assert "my own role is below it" in said(panel)
    await take(server)
    assert roles_of(server) == []
    assert asked_to_give(server) == 0


@pytest.mark.parametrize(
    ("permissions", "position", "is_open"),
    [
        (Permission.MANAGE_GUILD, 2, False),  # may set feeds up, and no roles
        (Permission.MANAGE_GUILD | Permission.MANAGE_ROLES, 1, False),  # stands below the role
        (Permission.MANAGE_GUILD | Permission.MANAGE_ROLES, 2, True),
        (Permission.ADMINISTRATOR, 2, True),
    ],
)
async def test_only_who_may_manage_a_role_opens_it(
    server: LoopbackDiscord,
    feed_host: FeedHost,
    readers: int,
    permissions: Permission,
    position: int,
    is_open: bool,
) -> None:
    """Manage Server is not enough: it does not give roles in Discord either. The role is pinged all the same."""
    staff = server.add_role(server.guild_id, "staff", permissions=int(permissions), position=position)
    server.give_roles(server.guild_id, ADMIN, staff)
    answer = await server.command("feed add", {"address": feed_host.url("/blog")}, user_id=ADMIN)
    panel = await server.press(answer.message, label="Follow", user_id=ADMIN)
    panel = await server.select(panel.message, values=[str(readers)], custom_id=menu(panel, "role"), user_id=ADMIN)
    assert "**Ping:** @readers" in said(panel)
    assert ("Members can give themselves" in said(panel)) is is_open
    assert ("you cannot manage this role" in said(panel)) is not is_open
    await take(server)
    assert roles_of(server) == ([readers] if is_open else [])


@pytest.mark.parametrize("is_told", [True, False])
async def test_a_role_that_got_a_permission_is_not_given_any_more(
    server: LoopbackDiscord, feed_host: FeedHost, readers: int, is_told: bool
) -> None:
    """What it carries is asked of Discord as the button is pressed, also where no event told of the change."""
    await choose_role(server, feed_host, readers)
    await take(server, user_id=778)
    server.edit_role(server.guild_id, readers, permissions=int(Permission.MANAGE_MESSAGES), is_told=is_told)
    assert "You are pinged for" in await take(server)
    assert roles_of(server) == []
    assert "You no longer have @readers" in await take(server, user_id=778)  # who has it can give it back
    assert roles_of(server, 778) == []


async def test_an_overwrite_that_came_later_counts(
    server: LoopbackDiscord, feed_host: FeedHost, readers: int
) -> None:
    await choose_role(server, feed_host, readers)
    server.set_overwrite(server.channel_id, readers, allow=Permission.MANAGE_MESSAGES, is_told=False)
    await take(server)
    assert roles_of(server) == []


async def test_a_role_that_was_deleted_is_said(server: LoopbackDiscord, feed_host: FeedHost, readers: int) -> None:
    """The panel says so, and the next change forgets it."""
    await choose_role(server, feed_host, readers)
    server.delete_role(server.guild_id, readers)
    (choice,) = await server.autocomplete("subscribe", {"feed": ""}, focused="feed")
    panel = await server.command("subscribe", {"feed": choice["value"]})
    assert "the role was deleted" in said(panel)
    panel = await choose(server, panel, "looks", "compact")
    assert "**Ping:** nobody\n" in said(panel)
    assert "Saved." in said(panel)


async def test_two_admins_at_once_open_no_role_that_neither_opened(
    server: LoopbackDiscord, feed_host: FeedHost, readers: int
) -> None:
    """The one who may not manage roles had the panel open before the other one opened another role."""
    other = server.add_role(server.guild_id, "other", mentionable=True)
    staff = server.add_role(server.guild_id, "staff", permissions=int(Permission.MANAGE_GUILD), position=3)
    server.give_roles(server.guild_id, ADMIN, staff)
    panel = await follow(server, feed_host)
    (choice,) = await server.autocomplete("subscribe", {"feed": ""}, focused="feed")
    old = await server.command("subscribe", {"feed": choice["value"]}, user_id=ADMIN)
    await choose(server, panel, "role", readers)
    changed = await server.select(old.message, values=[str(other)], custom_id=menu(old, "role"), user_id=ADMIN)
    assert "you cannot manage this role" in said(changed)
    await take(server)
    assert roles_of(server) == []


async def test_the_role_of_a_muted_member_cannot_be_thrown_off(
    server: LoopbackDiscord, feed_host: FeedHost, readers: int
) -> None:
    """Somebody who may not manage a role does not let members take it off either, where it restricts them."""
    staff = server.add_role(server.guild_id, "staff", permissions=int(Permission.MANAGE_GUILD), position=2)
    server.give_roles(server.guild_id, ADMIN, staff)
    server.give_roles(server.guild_id, MEMBER, readers)
    server.set_overwrite(server.channel_id, readers, deny=Permission.SEND)
    answer = await server.command("feed add", {"address": feed_host.url("/blog")}, user_id=ADMIN)
    panel = await server.press(answer.message, label="Follow", user_id=ADMIN)
    await server.select(panel.message, values=[str(readers)], custom_id=menu(panel, "role"), user_id=ADMIN)
    await take(server)
    assert roles_of(server) == [readers]


# ── names of permissions ────────────────────────────────────────────────────────────────────────


TEXT, FORUM, THREAD = discord.ChannelType.text, discord.ChannelType.forum, discord.ChannelType.public_thread


@pytest.mark.parametrize(
    ("kind", "given", "sentence"),
    [
        (TEXT, Permission(0), "I need View Channel in #papers"),
        (TEXT, Permission.SEND | Permission.READ_HISTORY, "I need View Channel in #papers"),
        (TEXT, Permission.VIEW, "I need Send Messages, Read Message History in #papers"),
        (TEXT, Permission.VIEW | Permission.SEND, "I need Embed Links, Read Message History in #papers"),
        (THREAD, Permission.VIEW | Permission.READ_HISTORY, "I need Send Messages in Threads in #papers"),
        (FORUM, Permission.VIEW | Permission.READ_HISTORY, "I need Create Posts, Send Messages in Posts in #papers"),
        (TEXT, Permission.DEFAULT, None),
    ],
)
def test_missing_permissions_are_said_as_discord_shows_them(
    kind: discord.ChannelType, given: Permission, sentence: str | None
) -> None:
    """By the names of Discord's settings, without those that come with another one."""
    assert missing_in("papers", kind, discord.Permissions(int(given)), Delivering()) == sentence


async def test_a_time_out_is_said_as_such(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    """All permissions are green in the settings then: naming them would send the admin to the wrong place."""
    await follow(server, feed_host)
    server.time_out_bot(server.guild_id, datetime(2099, 1, 2, 3, 4, tzinfo=UTC))
    (choice,) = await server.autocomplete("feed status", {"feed": ""}, focused="feed")
    status = await server.command("feed status", {"feed": choice["value"]})
    assert "I am timed out in this server until 2099-01-02 03:04 UTC, so I cannot post in #papers" in said(status)


async def test_posts_come_when_a_time_out_ends(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    """Discord says when one begins and when it is to end, and not that it has ended."""
    await follow(server, feed_host)
    server.time_out_bot(server.guild_id, datetime(2099, 1, 2, tzinfo=UTC))
    feed_host.update("/blog.xml", rss(3, 2, 1))
    await feed_host.wait_until_read("/blog.xml")
    assert posts(server) == []
    server.time_out_bot(server.guild_id, datetime.now(UTC) + timedelta(seconds=1))
    await wait_for(server, 1)


def test_every_permission_has_its_name() -> None:
    """No name is made up: the table has all that discord.py knows."""
    assert set(NAMES) == {name for name, _ in discord.Permissions.all()}
    assert NAMES["read_messages"] == "View Channel"
