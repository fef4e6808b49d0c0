"""The first five minutes in a server: the welcome, its buttons, /settings; the real client in loopback Discord."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.languages import _, language_of, speaking
from tests.factories import make_rss
from tests.loopback.discord import Interaction, LoopbackDiscord, Permission
from tests.loopback.discord_limits import EPHEMERAL
from tests.loopback.discord_world import Guild
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, eventually, wait_for_commands
from tests.shown import buttons
from tests.test_feed_commands import menu, posts, rss, said

MEMBER = 777
WHERE = "Where do we talk?"
PLAIN = int(Permission.DEFAULT)


@pytest.fixture
def own(feed_host: FeedHost) -> str:
    feed_host.serve("/blog.xml", rss(2, 1))
    return feed_host.serve("/own/source.xml", make_rss([]))


async def start(discord: LoopbackDiscord) -> None:
    await wait_for_commands(discord)
    await eventually(lambda: discord.is_connected, "a connection")


def forget_choices(database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("DELETE FROM pending_choices")
    connection.close()


def welcomes(discord: LoopbackDiscord, guild: Guild | int) -> list[dict[str, Any]]:
    """Messages of ours in a server that nobody asked for, with something to press."""
    guild_id = guild if isinstance(guild, int) else guild.id
    return [
        message
        for channel in discord.channels.values()
        if channel.guild_id == guild_id
        for message in channel.messages
        if message["components"] and not message["embeds"] and not message.get("interaction_metadata")
    ]


async def welcome_in(discord: LoopbackDiscord, guild: Guild) -> dict[str, Any]:
    await eventually(lambda: bool(welcomes(discord, guild)), "a welcome")
    (message,) = welcomes(discord, guild)
    return message


async def settled(discord: LoopbackDiscord) -> None:
    """Wait until the bot has looked at its outbox again: a command is answered after the events before it."""
    for _turn in range(2):
        await discord.command("help", user_id=MEMBER)


# ── the message ─────────────────────────────────────────────────────────────────────────────────


async def test_a_joined_server_is_welcomed_once_and_no_other(run: RunBot, discord: LoopbackDiscord, own: str) -> None:
    """Neither the server that the bot was in, nor again after a restart, a resumption or a new session."""
    settings = {"NONMUN_CHANNEL_ID": None, "NONMUN_FEEDS": own}
    async with run(**settings):
        await start(discord)
        guild = discord.add_guild("Newcomers", channels=("general", "papers"))
        message = await welcome_in(discord, guild)
        assert len(message["content"].splitlines()) == 2
        assert [b["label"] for b in message["components"][0]["components"]] == ["Follow a blog", "Language", WHERE]
        discord.drop_connections(resumable=False)
        await eventually(lambda: len(discord.identifies) >= 2 and discord.is_connected, "a new session")
        await settled(discord)
    async with run(**settings):
        await start(discord)
        other = discord.add_guild("More", channels=("general",))
        await welcome_in(discord, other)  # by then the first would have been welcomed again
    assert len(welcomes(discord, guild)) == 1
    assert welcomes(discord, discord.guild_id) == []


async def test_a_new_join_and_one_while_the_bot_was_away_are_welcomed(
    run: RunBot, discord: LoopbackDiscord, own: str
) -> None:
    settings = {"NONMUN_CHANNEL_ID": None, "NONMUN_FEEDS": own}
    async with run(**settings):
        await start(discord)
        guild = discord.add_guild("Newcomers", channels=("general",))
        await welcome_in(discord, guild)
        discord.remove_guild(guild.id)
        discord.join_again(guild)
        await eventually(lambda: len(welcomes(discord, guild)) == 2, "a second welcome")
    away = discord.add_guild("While it was away", channels=("general",))
    discord.remove_guild(guild.id)
    discord.join_again(guild)
    async with run(**settings):
        await welcome_in(discord, away)
        await eventually(lambda: len(welcomes(discord, guild)) == 3, "a third welcome")


async def test_a_welcome_goes_to_the_system_channel_else_to_the_first_that_takes_it(
    run: RunBot, discord: LoopbackDiscord, own: str
) -> None:
    async with run(NONMUN_CHANNEL_ID=None, NONMUN_FEEDS=own):
        await start(discord)
    first = discord.add_guild("With a system channel", channels=("rules", "hello"))
    rules, hello = first.channel_ids
    discord.edit_guild(first.id, system_channel_id=hello)
    second = discord.add_guild("Where it is closed", channels=("rules", "hello", "closed"))
    closed = second.channel_ids[-1]
    discord.edit_guild(second.id, system_channel_id=closed)
    discord.set_permissions(closed, int(Permission.VIEW))
    silent = discord.add_guild("Closed everywhere", channels=("rules",))
    discord.set_permissions(silent.channel_ids[0], int(Permission.VIEW))
    async with run(NONMUN_CHANNEL_ID=None, NONMUN_FEEDS=own):
        assert (await welcome_in(discord, first))["channel_id"] == str(hello)
        assert (await welcome_in(discord, second))["channel_id"] == str(second.channel_ids[0])
        await wait_for_commands(discord)
        assert not discord.channels[rules].messages
        assert welcomes(discord, silent) == []


async def test_a_lost_answer_does_not_double_the_welcome(run: RunBot, discord: LoopbackDiscord, own: str) -> None:
    """Discord kept the message and answered 500; the bot is restarted before it knows."""
    settings = {"NONMUN_CHANNEL_ID": None, "NONMUN_FEEDS": own}
    async with run(**settings):
        await start(discord)
        held = discord.hold_next("POST", r".*/channels/\d+/messages")
        guild = discord.add_guild("Newcomers", channels=("general",))
        await eventually(lambda: held.is_reached, "the request")
    held.release()
    async with run(**settings):
        await start(discord)
        await welcome_in(discord, guild)
        await settled(discord)
    assert len(welcomes(discord, guild)) == 1


async def test_a_korean_server_is_welcomed_in_korean(run: RunBot, discord: LoopbackDiscord, own: str) -> None:
    async with run(NONMUN_CHANNEL_ID=None, NONMUN_FEEDS=own):
        await start(discord)
        guild = discord.add_guild("읽기 모임", channels=("general",), locale="ko")
        message = await welcome_in(discord, guild)
        assert [b["label"] for b in message["components"][0]["components"]] == [
            "블로그 팔로우",
            "언어",
            "어디서 토론할까요?",
        ]


# ── its buttons ─────────────────────────────────────────────────────────────────────────────────


async def test_a_blog_is_followed_and_a_language_chosen_with_restarts_in_between(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, own: str
) -> None:
    """Follow a blog → its form → the preview → Follow; Language → 한국어: each step after a restart."""
    settings = {"NONMUN_CHANNEL_ID": None, "NONMUN_FEEDS": own}
    async with run(**settings):
        await start(discord)
        guild = discord.add_guild("Newcomers", channels=("general",))
        message = await welcome_in(discord, guild)
    async with run(**settings):
        await start(discord)
        form = await discord.press(message, label="Follow a blog")
    async with run(**settings):
        await start(discord)
        offer = await discord.submit(form, {"address": feed_host.url("/blog.xml")})
        assert offer.is_ephemeral
        assert "#general" in said(offer)
        panel = await discord.press(offer.message, label="Follow")
        assert "announced" in said(panel)
    async with run(**settings):
        await start(discord)
        chosen = await discord.press(message, label="Language")
        assert chosen.is_ephemeral
    async with run(**settings):
        await start(discord)
        done = await discord.select(chosen.message, values=["ko"], custom_id="s1:set:language", locale="en-US")
        assert "저장했어요. 이제 이 서버에는 이 언어로 알려 드려요." in said(done)
        assert "한국어" in said(done)
    assert len(welcomes(discord, guild)) == 1
    assert message["components"] == welcomes(discord, guild)[0]["components"]


async def test_an_admin_chooses_where_to_talk(run: RunBot, discord: LoopbackDiscord, own: str) -> None:
    """From the welcome, which stays as it is, and from the first steps of /help; with restarts in between."""
    settings = {"NONMUN_CHANNEL_ID": None, "NONMUN_FEEDS": own}
    async with run(**settings):
        await start(discord)
        guild = discord.add_guild("Newcomers", channels=("general",))
        message = await welcome_in(discord, guild)
    async with run(**settings):
        await start(discord)
        page = await discord.press(message, label=WHERE)
        assert page.is_ephemeral
        assert "Talk about papers" in said(page)
    async with run(**settings):
        await start(discord)
        chosen = await discord.select(page.message, values=[str(guild.channel_ids[0])], custom_id="s1:set:talk")
        assert "Saved." in said(chosen)
        assert "Settings of this server" in said(await discord.press(chosen.message, label="Back"))
        asked = await discord.command("help")
        await eventually(lambda: any(WHERE in str(one["components"]) for one in asked.followups), "the first steps")
        steps = next(one for one in asked.followups if WHERE in str(one["components"]))
        there = await discord.press(steps, label=WHERE)
        assert "Talk about papers" in said(there)
        assert buttons(there) == ["Back"]
    assert welcomes(discord, guild) == [message]


@pytest.mark.parametrize("label", ["Follow a blog", "Language", WHERE])
async def test_members_without_manage_server_cannot_press(
    run: RunBot, discord: LoopbackDiscord, own: str, label: str
) -> None:
    async with run(NONMUN_CHANNEL_ID=None, NONMUN_FEEDS=own):
        await start(discord)
        guild = discord.add_guild("Newcomers", channels=("general",))
        message = await welcome_in(discord, guild)
        refused = await discord.press(message, label=label, user_id=MEMBER, permissions=PLAIN)
        assert refused.is_ephemeral
        assert "You need Manage Server" in said(refused)


async def test_a_wrong_address_comes_back_in_the_form(run: RunBot, discord: LoopbackDiscord, own: str) -> None:
    """And the welcome stays as it is, for everybody."""
    async with run(NONMUN_CHANNEL_ID=None, NONMUN_FEEDS=own):
        await start(discord)
        guild = discord.add_guild("Newcomers", channels=("general",))
        message = await welcome_in(discord, guild)
        form = await discord.press(message, label="Follow a blog")
        refused = await discord.submit(form, {"address": "https://10.0.0.1/feed"})
        assert refused.is_ephemeral
    async with run(NONMUN_CHANNEL_ID=None, NONMUN_FEEDS=own):
        await start(discord)
        again = await discord.press(refused.message, label="Edit again")
        assert "https://10.0.0.1/feed" in str(again.modal)
        assert welcomes(discord, guild) == [message]


async def test_what_was_refused_long_ago_has_expired(
    run: RunBot, discord: LoopbackDiscord, own: str, tmp_path: Path
) -> None:
    """What was typed is kept for some days; then the press says so."""
    async with run(NONMUN_CHANNEL_ID=None, NONMUN_FEEDS=own):
        await start(discord)
        message = await welcome_in(discord, discord.add_guild("Newcomers", channels=("general",)))
        form = await discord.press(message, label="Follow a blog")
        refused = await discord.submit(form, {"address": "https://10.0.0.1/feed"})
    await asyncio.to_thread(forget_choices, tmp_path / "test.db")
    async with run(NONMUN_CHANNEL_ID=None, NONMUN_FEEDS=own):
        await start(discord)
        assert "expired" in said(await discord.press(refused.message, label="Edit again"))


async def test_help_shows_an_admin_the_first_steps_until_a_feed_is_followed(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, own: str
) -> None:
    """To whoever can take them, in a server; a member is not bothered with them."""

    def steps(answer: Interaction) -> list[dict[str, Any]]:
        return [message for message in answer.followups if "Follow a blog" in str(message["components"])]

    async with run(NONMUN_CHANNEL_ID=None, NONMUN_FEEDS=own):
        await start(discord)
        asked = await discord.command("help")
        await eventually(lambda: bool(steps(asked)), "the first steps")
        assert steps(asked)[0]["flags"] & EPHEMERAL
        assert not steps(await discord.command("help", user_id=MEMBER, permissions=PLAIN))
        form = await discord.press(steps(asked)[0], label="Follow a blog")
        offer = await discord.submit(form, {"address": feed_host.url("/blog.xml")})
        await discord.press(offer.message, label="Follow")
        assert not steps(await discord.command("help"))


# ── /settings ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def server(run: RunBot, discord: LoopbackDiscord, own: str) -> AsyncIterator[LoopbackDiscord]:
    async with run(NONMUN_CHANNEL_ID=None, NONMUN_FEEDS=own):
        await start(discord)
        yield discord


async def test_answers_are_private_where_a_server_wants_it(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    offer = await server.command("feed add", {"address": feed_host.url("/blog.xml")})
    await server.press(offer.message, label="Follow")
    assert not (await server.command("latest", user_id=MEMBER)).is_ephemeral
    panel = await server.command("settings")
    assert panel.is_ephemeral
    changed = await server.select(panel.message, values=["private"], custom_id="s1:set:answers")
    assert "Only the member who asks" in said(changed)
    assert (await server.command("latest", user_id=MEMBER)).is_ephemeral
    await server.select(changed.message, values=["channel"], custom_id="s1:set:answers")
    assert not (await server.command("latest", user_id=MEMBER)).is_ephemeral


async def test_settings_speak_the_language_of_the_member(server: LoopbackDiscord) -> None:
    panel = await server.command("settings", locale="ko")
    assert "이 서버의 설정" in said(panel)
    changed = await server.select(panel.message, values=["private"], custom_id="s1:set:answers", locale="ko")
    assert "저장했어요." in said(changed)


async def test_the_settings_are_for_admins(server: LoopbackDiscord) -> None:
    panel = await server.command("settings")
    refused = await server.select(panel.message, values=["private"], custom_id="s1:set:answers", permissions=PLAIN)
    assert "You need Manage Server" in said(refused) + "".join(m["content"] for m in refused.followups)
    assert "Everyone in the channel" in said(await server.command("settings"))


async def test_a_subscription_has_a_language_of_its_own(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    """Chosen from its panel; the server's if it is not."""
    offer = await server.command("feed add", {"address": feed_host.url("/blog.xml")})
    panel = await server.press(offer.message, label="Follow")
    menu = await server.press(panel.message, label="Language")
    assert "The server's language (English)" in str(menu.message)
    panel = await server.select(menu.message, values=["ko"])
    assert "**Language:** 한국어" in said(panel)
    menu = await server.press(panel.message, label="Language")
    panel = await server.select(menu.message, values=["server"])
    assert "**Language:**" not in said(panel)
    feed_host.update("/blog.xml", rss(3, 2, 1))
    await eventually(lambda: len(posts(server)) == 1, "the post")


async def test_a_preview_is_in_the_language_of_the_server(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    """As its posts are; what stands around it is for the member."""
    address = {"address": feed_host.url("/blog.xml")}
    english, korean = (
        await server.command("feed add", address),
        await server.command("feed add", address, locale="ko"),
    )
    assert english.message
    assert korean.message
    assert re.search("[가-힣]", korean.message["embeds"][0]["description"])
    assert korean.message["embeds"][1] == english.message["embeds"][1]
    panel = await server.press(english.message, label="Follow")
    english = await server.press(panel.message, label="Preview")
    korean = await server.press(panel.message, label="Preview", locale="ko")
    assert buttons(korean) == buttons(english)
    assert said(korean) == said(english)


# ── panels of an earlier run ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("locale", ["en-US", "ko"])
async def test_panels_go_on_after_a_restart(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, own: str, locale: str
) -> None:
    """The preview, the settings, their forms and languages: a restart between any two presses."""
    settings = {"NONMUN_CHANNEL_ID": None, "NONMUN_FEEDS": own}

    def named(text: str) -> str:
        with speaking(language_of(locale)):
            return _(text)

    async with run(**settings):
        await start(discord)
        shown = await discord.command("feed add", {"address": feed_host.url("/blog.xml")}, locale=locale)
    for label, custom_id, values in (
        ("Follow", None, None),
        (None, "looks", ["compact"]),
        ("Language", None, None),
        (None, "choose", ["ko"]),
    ):
        async with run(**settings):
            await start(discord)
            if values is None:
                shown = await discord.press(shown.message, label=named(str(label)), locale=locale)
            else:
                shown = await discord.select(
                    shown.message, values=values, custom_id=menu(shown, str(custom_id)), locale=locale
                )
    assert named("compact") in said(shown)
    assert "한국어" in said(shown)
    async with run(**settings):
        await start(discord)
        refused = await discord.press(shown.message, label=named("Language"), permissions=PLAIN)
        assert "You need Manage Server" in said(refused) + "".join(m["content"] for m in refused.followups)
        form = await discord.press(shown.message, label=named("Filter …"), locale=locale)
    async with run(**settings):
        await start(discord)
        refused = await discord.submit(form, {named("Filter"): "title:/(a+/"}, locale=locale)
    async with run(**settings):
        await start(discord)
        again = await discord.press(refused.message, label=named("Edit again"), locale=locale)
        assert "title:/(a+/" in str(again.modal)
        sent = await discord.submit(again, {named("Filter"): "hallucination"}, locale=locale)
        with speaking(language_of(locale)):
            judged = _("{count} of the last {total} posts would be announced").format(count=0, total=2)
        assert judged in said(sent)


async def test_a_filter_that_was_tried_is_kept_after_a_restart(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, own: str
) -> None:
    """By *Keep it*; *Change …* opens it as it was typed."""
    settings = {"NONMUN_CHANNEL_ID": None, "NONMUN_FEEDS": own}
    days = "Leave out posts older than … days"
    async with run(**settings):
        await start(discord)
        offer = await discord.command("feed add", {"address": feed_host.url("/blog.xml")})
        panel = await discord.press(offer.message, label="Follow")
        form = await discord.press(panel.message, label="Filter …")
        tried = await discord.submit(form, {"Filter": 'title:"Lantern-2"\nOR category:*Lamps*', days: "30"})
    async with run(**settings):
        await start(discord)
        form = await discord.press(tried.message, label="Change …")
        assert 'title:"Lantern-2"\nOR category:*Lamps*' in [
            row["component"].get("value") for row in (form.modal or {})["components"]
        ]
        saved = await discord.press(tried.message, label="Keep it")
    assert "Saved." in said(saved)
    assert 'title:"Lantern-2"' in said(saved)
    assert "30 days" in said(saved)


async def test_an_address_with_a_key_is_followed_after_a_restart(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, own: str
) -> None:
    """The message does not hold the key."""
    settings = {"NONMUN_CHANNEL_ID": None, "NONMUN_FEEDS": own}
    async with run(**settings):
        await start(discord)
        offer = await discord.command("feed add", {"address": feed_host.url("/blog.xml?token=t0psecret9")})
        assert "t0psecret9" not in str(offer.message)
    async with run(**settings):
        await start(discord)
        panel = await discord.press(offer.message, label="Follow")
    assert "Followed." in said(panel)
    assert "t0psecret9" in feed_host.requests[-1].path


async def test_an_offer_that_is_not_kept_any_more_says_so(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, own: str, tmp_path: Path
) -> None:
    """As after a week, or in a database that was restored."""
    settings = {"NONMUN_CHANNEL_ID": None, "NONMUN_FEEDS": own}
    async with run(**settings):
        await start(discord)
        offer = await discord.command("feed add", {"address": feed_host.url("/blog.xml")})
    await asyncio.to_thread(forget_choices, tmp_path / "test.db")
    async with run(**settings):
        await start(discord)
        pressed = await discord.press(offer.message, label="Follow")
    assert "This message has expired" in "".join(message["content"] for message in pressed.followups)


async def test_a_commands_own_settings_count_after_a_restart(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, own: str
) -> None:
    """For the welcome and for a panel, whose presses name no command: who is allowed gets in, who is left out not."""
    settings = {"NONMUN_CHANNEL_ID": None, "NONMUN_FEEDS": own}
    async with run(**settings):
        await start(discord)
        guild = discord.add_guild("Newcomers", channels=("general",))
        message = await welcome_in(discord, guild)
        manager = PLAIN | int(Permission.MANAGE_GUILD)
        address = {"address": feed_host.url("/blog.xml")}
        offer = await discord.command("feed add", address, user_id=MEMBER, permissions=manager)
        panel = await discord.press(offer.message, label="Follow", user_id=MEMBER, permissions=manager)
    for server in (guild.id, discord.guild_id):
        discord.allow_command(server, "feed", users={MEMBER: True})
        discord.allow_command(server, "subscribe", users={MEMBER: True})
    async with run(**settings):
        await start(discord)
        form = await discord.press(message, label="Follow a blog", user_id=MEMBER, permissions=PLAIN)
        assert form.modal
        chosen = await discord.press(panel.message, label="Language", user_id=MEMBER, permissions=PLAIN)
        assert "In which language" in said(chosen)
        chosen = await discord.press(chosen.message, label="Back", user_id=MEMBER, permissions=PLAIN)
    discord.allow_command(discord.guild_id, None, users={MEMBER: True})
    discord.allow_command(discord.guild_id, "subscribe", users={MEMBER: False})
    async with run(**settings):
        await start(discord)
        refused = await discord.press(chosen.message, label="Language", user_id=MEMBER, permissions=PLAIN)
        assert "You need Manage Server" in said(refused) + "".join(m["content"] for m in refused.followups)


async def test_a_members_pings_go_on_after_a_restart(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, own: str
) -> None:
    settings = {"NONMUN_CHANNEL_ID": None, "NONMUN_FEEDS": own}
    async with run(**settings):
        await start(discord)
        offer = await discord.command("feed add", {"address": feed_host.url("/blog.xml")})
        await discord.press(offer.message, label="Follow")
        panel = await discord.command("notify", user_id=MEMBER, permissions=PLAIN)
    async with run(**settings):
        await start(discord)
        panel = await discord.press(panel.message, label="🔕 Reviews", user_id=MEMBER, permissions=PLAIN)
    assert "Feeds: Reviews" in said(panel)


async def test_a_panel_of_a_removed_feed_says_so(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    """Its message may stand there for long."""
    offer = await server.command("feed add", {"address": feed_host.url("/blog.xml")})
    panel = await server.press(offer.message, label="Follow")
    (choice,) = await server.autocomplete("feed remove", {"feed": ""}, focused="feed")
    await server.command("feed remove", {"feed": choice["value"]})
    pressed = await server.press(panel.message, label="Language")
    pressed = await server.select(pressed.message, values=["ko"])
    assert "no longer followed" in said(pressed) + "".join(m["content"] for m in pressed.followups)


async def test_panels_go_on_after_ten_minutes(
    server: LoopbackDiscord, feed_host: FeedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their buttons stay; what has expired in memory, here before a press can arrive, is made anew."""
    monkeypatch.setattr("bot.ui.discord.forms.TIMEOUT_S", 1e-6)
    offer = await server.command("feed add", {"address": feed_host.url("/blog.xml")})
    panel = await server.press(offer.message, label="Follow")
    changed = await server.select(panel.message, values=["thread"], custom_id=menu(panel, "looks"))
    assert "a thread under each post" in said(changed)
    assert "expired" not in said(changed)
