"""Where a server talks about papers: the page of /settings, its preview, a forum's tags."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.servers import forum_tags
from bot.delivering.servers import Servers
from bot.errors import RequestError
from bot.models.servers import TalkPlace
from bot.store.database import Database
from bot.ui.discord.limits import FORUM_TAG, FORUM_TAGS
from tests.loopback.discord import Interaction, LoopbackDiscord, Permission
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, wait_for_commands
from tests.shown import buttons, said
from tests.test_feed_commands import follow, server

__all__ = ["server"]

TEXT, FORUM = 0, 15
ADMIN = 779
"""Has Manage Server by a role, and may not manage channels."""


async def talk_page(server: LoopbackDiscord, **by: Any) -> Interaction:
    settings = await server.command("settings", **by)
    return await server.press(settings.message, label="Where do we talk?", **by)


async def choose(server: LoopbackDiscord, page: Interaction, *channels: int, **by: Any) -> Interaction:
    ids = [str(channel) for channel in channels]
    return await server.select(page.message, values=ids, custom_id="s1:set:talk", **by)


# ── what is kept ────────────────────────────────────────────────────────────────────────────────


async def test_a_place_and_sharing_are_kept_beside_the_other_settings(database: Database) -> None:
    servers = Servers(database)
    await servers.set_language(1, "ko")
    assert (await servers.set_talk(1, TalkPlace.FORUM, 7)).talk_channel_id == 7
    changed = await servers.set_sharing(1, shares_wishes=True)
    assert (changed.language, changed.talk_place, changed.shares_wishes) == ("ko", TalkPlace.FORUM, True)
    other = await servers.of(2)
    assert (other.talk_place, other.talk_channel_id, other.shares_wishes) == (TalkPlace.THREADS, None, False)


async def test_a_forum_place_needs_a_forum(database: Database) -> None:
    with pytest.raises(RequestError):
        await Servers(database).set_talk(1, TalkPlace.FORUM, None)


# ── the page ────────────────────────────────────────────────────────────────────────────────────


async def test_the_page_says_what_discuss_will_do(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    """Before anything is followed, then with announcements, then with a channel for talk, and without it again."""
    page = await talk_page(server)
    assert page.is_ephemeral
    assert "opens a thread in the channel where it is pressed." in said(page)
    await follow(server, feed_host)
    page = await talk_page(server)
    assert "under the announcement in #papers, else in the channel where it is pressed." in said(page)
    assert "named like “Lantern-2 – Reading Long Documents Twice”" in said(page)
    assert "after 7 days without a message" in said(page)
    talk = server.add_channel(server.guild_id, "talk")
    page = await choose(server, page, talk)
    assert "under the announcement in #papers, else in #talk." in said(page)
    page = await choose(server, page)
    assert "else in the channel where it is pressed." in said(page)


async def test_the_page_goes_on_after_a_restart(run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost) -> None:
    settings = {"NONMUN_CHANNEL_ID": None}
    feed_host.serve("/feed.xml", b"<rss version='2.0'><channel><title>x</title></channel></rss>")
    forum = discord.add_channel(discord.guild_id, "paper-talk", FORUM)
    async with run(**settings):
        await wait_for_commands(discord)
        page = await talk_page(discord)
    async with run(**settings):
        await wait_for_commands(discord)
        page = await choose(discord, page, forum)
        assert "opens a post for each paper in #paper-talk." in said(page)
    async with run(**settings):
        await wait_for_commands(discord)
        settings_page = await discord.press(page.message, label="Back")
        assert "Settings of this server" in said(settings_page)
        page = await discord.press(settings_page.message, label="Where do we talk?")
        assert "opens a post for each paper in #paper-talk." in said(page)


async def test_a_deleted_channel_is_said_and_the_default_counts_again(server: LoopbackDiscord) -> None:
    forum = server.add_channel(server.guild_id, "paper-talk", FORUM)
    page = await choose(server, await talk_page(server), forum)
    server.delete_channel(forum)
    page = await talk_page(server)
    assert "The channel that was chosen for talk has been deleted." in said(page)
    assert "opens a thread in the channel where it is pressed." in said(page)
    assert "paper-talk" not in said(page)


async def test_missing_rights_are_named_in_discords_words(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    await follow(server, feed_host)
    talk, forum = server.add_channel(server.guild_id, "talk"), server.add_channel(server.guild_id, "forum", FORUM)
    server.set_permissions(server.channel_id, int(Permission.DEFAULT & ~Permission.CREATE_PUBLIC_THREADS))
    server.set_permissions(talk, int(Permission.DEFAULT & ~Permission.SEND_IN_THREADS))
    server.set_permissions(forum, int(Permission.DEFAULT & ~Permission.SEND & ~Permission.CREATE_PUBLIC_THREADS))
    page = await choose(server, await talk_page(server), talk)
    assert "I need Create Public Threads in #papers" in said(page)
    assert "I need Send Messages in Threads in #talk" in said(page)
    page = await choose(server, page, forum)
    assert "I need Create Posts in #forum" in said(page)
    assert "Create Public Threads" not in said(page)


async def test_hidden_channels_are_not_named(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    """To an admin who does not see them: neither where reviews are announced, nor the channel for talk."""
    staff = server.add_role(server.guild_id, "staff", permissions=int(Permission.MANAGE_GUILD | Permission.DEFAULT))
    server.give_roles(server.guild_id, ADMIN, staff)
    secret, plans = (server.add_channel(server.guild_id, name) for name in ("secret-papers", "plans"))
    for channel in (secret, plans):
        server.set_overwrite(channel, server.guild_id, deny=Permission.VIEW)
    await follow(server, feed_host, secret)
    page = await choose(server, await talk_page(server), plans)
    assert "under the announcement in #secret-papers, else in #plans." in said(page)
    page = await talk_page(server, user_id=ADMIN)
    assert "opens a thread in a channel that you cannot see." in said(page)
    assert "secret-papers" not in said(page)
    assert "plans" not in said(page)


# ── tags ────────────────────────────────────────────────────────────────────────────────────────


async def test_tags_are_created_from_venues_and_categories(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    await follow(server, feed_host)
    forum = server.add_channel(server.guild_id, "paper-talk", FORUM)
    (kept,) = server.set_tags(forum, ["Paper"])
    page = await choose(server, await talk_page(server), forum)
    assert not [label for label in buttons(page) if label.startswith("Create tags")]
    server.set_permissions(forum, int(Permission.DEFAULT | Permission.MANAGE_CHANNELS))
    page = await choose(server, page, forum)
    (label,) = [label for label in buttons(page) if label.startswith("Create tags")]
    page = await server.press(page.message, label=label)
    assert "Created in #paper-talk: ACL, retrieval." in said(page)
    tags = server.channels[forum].available_tags
    assert [tag["name"] for tag in tags] == ["Paper", "ACL", "retrieval"]  # and no "ACL 2024"
    assert tags[0]["id"] == str(kept)
    assert not [label for label in buttons(page) if label.startswith("Create tags")]


async def test_we_lend_nobody_the_right_to_create_tags(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    await follow(server, feed_host)
    forum = server.add_channel(server.guild_id, "paper-talk", FORUM)
    server.set_permissions(forum, int(Permission.DEFAULT | Permission.MANAGE_CHANNELS))
    staff = server.add_role(server.guild_id, "staff", permissions=int(Permission.MANAGE_GUILD | Permission.DEFAULT))
    server.give_roles(server.guild_id, ADMIN, staff)
    page = await choose(server, await talk_page(server, user_id=ADMIN), forum, user_id=ADMIN)
    assert not [label for label in buttons(page) if label.startswith("Create tags")]
    owners = await choose(server, await talk_page(server), forum)
    (label,) = [label for label in buttons(owners) if label.startswith("Create tags")]
    server.set_permissions(forum, int(Permission.DEFAULT))
    refused = await server.press(owners.message, label=label)
    assert "need Manage Channels in #paper-talk" in str([said(message) for message in refused.followups])
    assert not server.channels[forum].available_tags


NAMES = st.lists(st.text(st.sampled_from("aAbB cé한"), max_size=24), max_size=30)


@given(existing=st.lists(st.text(min_size=1, max_size=20), max_size=20), venues=NAMES, categories=NAMES)
def test_tags_stay_within_what_a_forum_holds(existing: list[str], venues: list[str], categories: list[str]) -> None:
    new = forum_tags(existing, venues, categories, most=FORUM_TAGS, longest=FORUM_TAG)
    assert len(existing) + len(new) <= FORUM_TAGS
    assert all(0 < len(tag) <= FORUM_TAG and tag == tag.strip() for tag in new)
    folded = [tag.casefold() for tag in new]
    assert len(set(folded)) == len(folded)
    assert not set(folded) & {name.casefold() for name in existing}
    if len(existing) + len(new) < FORUM_TAGS:  # then none that fits was left out
        fitting = {" ".join(name.split()).casefold() for name in (*venues, *categories) if name.strip()}
        fitting = {name for name in fitting if len(name) <= FORUM_TAG}
        assert fitting <= {*folded, *(name.casefold() for name in existing)}
