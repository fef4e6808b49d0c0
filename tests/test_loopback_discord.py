"""The loopback Discord against the real discord.py client: what other tests may rely on.

A stand-in that is too kind would let every other test pass, so most tests here are about refusals and faults.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from random import Random
from typing import Any, ClassVar

import aiohttp
import discord as discord_py
import pytest
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.loopback import discord_limits as limits
from tests.loopback.discord import (
    ALL_PERMISSIONS,
    SUPPRESS_NOTIFICATIONS,
    LoopbackDiscord,
    NotAnsweredError,
    Permission,
    UsageError,
)
from tests.loopback.patience import patience

Json = dict[str, Any]

_TITLES = ("InsTag", "Instruction Tuning", "LIMA")


class _Bot(commands.Bot):
    """A small bot with one of everything: options, autocomplete, deferral, buttons, a select, a menu."""

    messages: ClassVar[list[discord_py.Message]] = []
    rights: ClassVar[list[tuple[discord_py.Permissions, discord_py.Permissions, discord_py.Permissions]]] = []

    def __init__(self) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            intents=discord_py.Intents(guilds=True),
            allowed_mentions=discord_py.AllowedMentions.none(),
            guild_ready_timeout=0.05,
            help_command=None,
        )
        self.up = asyncio.Event()
        self.resumed = asyncio.Event()
        self.is_late = asyncio.Event()
        self.seen_channels: list[str] = []

    async def on_ready(self) -> None:
        self.up.set()

    async def on_resumed(self) -> None:
        self.resumed.set()

    async def on_guild_channel_update(self, _: object, after: discord_py.abc.GuildChannel) -> None:
        self.seen_channels.append(after.name)

    async def setup_hook(self) -> None:
        plain: tuple[app_commands.Command[Any, ..., Any], ...] = (
            *(_paper, _think, _late, _choose, _layout),
            *(_settings, _rename, _import, _tell_rights),
        )
        for command in plain:
            self.tree.add_command(command)
        self.tree.add_command(_feed)
        self.tree.add_command(_menu)
        await self.tree.sync()

    def text_channel(self, channel_id: int) -> discord_py.TextChannel:
        channel = self.get_channel(channel_id)
        assert isinstance(channel, discord_py.TextChannel)
        return channel


_Itx = discord_py.Interaction[_Bot]


@app_commands.command(name="paper", description="Find a review")
async def _paper(interaction: _Itx, name: str, pages: app_commands.Range[int, 1, 5] = 1) -> None:
    embed = discord_py.Embed(title=name, description=f"{pages} · {interaction.locale.value}")
    await interaction.response.send_message(embed=embed)


@_paper.autocomplete("name")
async def _paper_names(_: _Itx, current: str) -> list[app_commands.Choice[str]]:
    found = [title for title in _TITLES if title.casefold().startswith(current.casefold())]
    return [app_commands.Choice(name=title, value=title) for title in found]


@app_commands.command(name="think", description="Answer after a deferral")
async def _think(interaction: _Itx, how: str) -> None:
    await interaction.response.defer(ephemeral=True)
    if how == "edit":
        await interaction.edit_original_response(content="edited")
    elif how == "follow-up":
        await interaction.followup.send("followed up")


@app_commands.command(name="late", description="Answer too late")
async def _late(interaction: _Itx) -> None:
    await interaction.client.is_late.wait()
    with contextlib.suppress(discord_py.NotFound):
        await interaction.response.send_message("too late")


class _Buttons(discord_py.ui.View):
    @discord_py.ui.button(label="Next", custom_id="next")
    async def next_page(self, interaction: _Itx, _: discord_py.ui.Button[_Buttons]) -> None:
        await interaction.response.edit_message(content="page 2")

    @discord_py.ui.button(label="Say", custom_id="say")
    async def say(self, interaction: _Itx, _: discord_py.ui.Button[_Buttons]) -> None:
        await interaction.response.send_message("for you", ephemeral=True)

    @discord_py.ui.button(label="Off", custom_id="off", disabled=True)
    async def off(self, interaction: _Itx, _: discord_py.ui.Button[_Buttons]) -> None:
        raise NotImplementedError

    @discord_py.ui.select(
        custom_id="section", options=[discord_py.SelectOption(label=name) for name in ("Method", "Results")]
    )
    async def choose(self, interaction: _Itx, menu: discord_py.ui.Select[_Buttons]) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content=f"section {menu.values[0]}")


@app_commands.command(name="choose", description="Show buttons")
async def _choose(interaction: _Itx) -> None:
    await interaction.response.send_message("page 1", view=_Buttons(), ephemeral=True)


@app_commands.command(name="rights", description="Say what the member and the bot may do here")
async def _tell_rights(interaction: _Itx) -> None:
    member, channel = interaction.user, interaction.channel
    assert isinstance(member, discord_py.Member)
    assert isinstance(channel, discord_py.TextChannel | discord_py.Thread)
    _Bot.rights.append((interaction.permissions, interaction.app_permissions, channel.permissions_for(member)))
    await interaction.response.send_message("told", ephemeral=True)


@app_commands.context_menu(name="What do we have?")
async def _menu(interaction: _Itx, message: discord_py.Message) -> None:
    _Bot.messages.append(message)
    await interaction.response.send_message(f"about {message.content}")


class _More(discord_py.ui.Button["_Layout"]):
    async def callback(self, interaction: discord_py.Interaction) -> None:
        await interaction.response.send_message(str(interaction.permissions.value), ephemeral=True)


class _Layout(discord_py.ui.LayoutView):
    """A Components V2 message: a container with texts, a section with a button, a row."""

    def __init__(self) -> None:
        super().__init__()
        link = discord_py.ui.Button[_Layout](label="Read", url="https://a.example/#method")
        section = discord_py.ui.Section[_Layout]("**Method**", "A passage.", accessory=link)
        more = _More(label="More", custom_id="more")
        row = discord_py.ui.ActionRow[_Layout](more)
        text, line = discord_py.ui.TextDisplay[_Layout]("# InsTag"), discord_py.ui.Separator[_Layout]()
        self.add_item(discord_py.ui.Container[_Layout](text, line, section, row, accent_colour=0x5865F2))


@app_commands.command(name="layout", description="Defer, then edit into Components V2")
async def _layout(interaction: _Itx) -> None:
    await interaction.response.defer()
    await interaction.edit_original_response(view=_Layout())


_feed = app_commands.Group(
    name="feed", description="Feeds", default_permissions=discord_py.Permissions(manage_guild=True)
)


@_feed.command(name="add", description="Announce a feed in a channel")
async def _feed_add(interaction: _Itx, channel: app_commands.AppCommandChannel) -> None:
    await interaction.response.send_message(f"in {channel.name}", ephemeral=True)


class _Filter(discord_py.ui.Modal, title="Filter"):
    """One of each kind of input: a text in a label, a select in a label, a select of channels."""

    venue = discord_py.ui.Label[discord_py.ui.Modal](
        text="Venue", component=discord_py.ui.TextInput(custom_id="venue", min_length=3, max_length=10)
    )
    kinds = discord_py.ui.Label[discord_py.ui.Modal](
        text="Kinds",
        component=discord_py.ui.Select(
            custom_id="kinds",
            max_values=2,
            required=False,
            options=[discord_py.SelectOption(label=name) for name in ("Method", "Survey", "Data")],
        ),
    )
    where = discord_py.ui.Label[discord_py.ui.Modal](
        text="Where", component=discord_py.ui.ChannelSelect(custom_id="where", required=False)
    )

    async def on_submit(self, interaction: discord_py.Interaction) -> None:
        venue, kinds, where = self.venue.component, self.kinds.component, self.where.component
        assert isinstance(venue, discord_py.ui.TextInput)
        assert isinstance(kinds, discord_py.ui.Select)
        assert isinstance(where, discord_py.ui.ChannelSelect)
        names = [channel.name for channel in where.values]
        await interaction.response.edit_message(content=f"{venue.value} {kinds.values} {names}")


class _Settings(discord_py.ui.View):
    """A settings card: selects of a channel, of roles, of members, of several texts or none; a modal."""

    @discord_py.ui.select(
        cls=discord_py.ui.ChannelSelect, custom_id="channel", channel_types=[discord_py.ChannelType.text]
    )
    async def channel(self, interaction: _Itx, menu: discord_py.ui.ChannelSelect[_Settings]) -> None:
        chosen = menu.values[0]
        data: Any = interaction.data
        rights = data["resolved"]["channels"][str(chosen.id)]
        await interaction.response.edit_message(content=f"in {chosen.name}, app {rights['app_permissions']}")

    @discord_py.ui.select(cls=discord_py.ui.RoleSelect, custom_id="role", min_values=0, max_values=2)
    async def role(self, interaction: _Itx, menu: discord_py.ui.RoleSelect[_Settings]) -> None:
        await interaction.response.edit_message(content=f"roles {[role.name for role in menu.values]}")

    @discord_py.ui.select(cls=discord_py.ui.UserSelect, custom_id="user")
    async def user(self, interaction: _Itx, menu: discord_py.ui.UserSelect[_Settings]) -> None:
        member = menu.values[0]
        assert isinstance(member, discord_py.Member)
        await interaction.response.edit_message(content=f"{member.name} {[role.name for role in member.roles]}")

    @discord_py.ui.button(label="Filter", custom_id="filter")
    async def filter(self, interaction: _Itx, _: discord_py.ui.Button[_Settings]) -> None:
        await interaction.response.send_modal(_Filter())

    @discord_py.ui.button(label="Notify me", custom_id="notify")
    async def notify(self, interaction: _Itx, _: discord_py.ui.Button[_Settings]) -> None:
        member, guild = interaction.user, interaction.guild
        assert isinstance(member, discord_py.Member)
        assert guild is not None
        wanted = discord_py.utils.get(guild.roles, name="readers") or discord_py.Object(1)
        act = member.remove_roles if member.get_role(wanted.id) else member.add_roles
        try:
            await act(wanted)
            said = f"{act.__name__}"
        except discord_py.HTTPException as error:
            said = f"{error.status} {error.code}"
        await interaction.response.send_message(said, ephemeral=True)


@app_commands.command(name="settings", description="Show a settings card")
async def _settings(interaction: _Itx) -> None:
    await interaction.response.send_message("settings", view=_Settings(), ephemeral=True)


class _Name(discord_py.ui.Modal, title="Rename"):
    name: discord_py.ui.TextInput[_Name] = discord_py.ui.TextInput(label="Name", default="old", max_length=5)

    async def on_submit(self, interaction: discord_py.Interaction) -> None:
        if self.name.value == "quiet":
            return
        await interaction.response.send_message(f"named {self.name.value}", ephemeral=True)


@app_commands.command(name="rename", description="Ask for a name in the older form of a modal")
async def _rename(interaction: _Itx) -> None:
    await interaction.response.send_modal(_Name())


@app_commands.command(name="import", description="Read a file, and give it back")
async def _import(interaction: _Itx, file: discord_py.Attachment) -> None:
    content = await file.read()
    returned = discord_py.File(io.BytesIO(content[::-1]), f"back-{file.filename}")
    await interaction.response.send_message(f"{file.size} bytes", file=returned, ephemeral=True)


# ── fixtures ────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def discord() -> AsyncIterator[LoopbackDiscord]:
    async with LoopbackDiscord() as server:
        yield server


@pytest.fixture
async def pointed(discord: LoopbackDiscord, monkeypatch: pytest.MonkeyPatch) -> LoopbackDiscord:
    """Point discord.py at the loopback, for one test."""
    monkeypatch.setattr(Route, "BASE", discord.api_url)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(discord.gateway_url))
    return discord


@contextlib.asynccontextmanager
async def _running(*, with_token: str) -> AsyncIterator[_Bot]:
    bot = _Bot()
    start = asyncio.create_task(bot.start(with_token))
    up = asyncio.create_task(bot.up.wait())
    try:
        done, _ = await asyncio.wait((start, up), return_when=asyncio.FIRST_COMPLETED, timeout=patience(10))
        for task in done:
            task.result()  # a login that failed is the test's error, at once
        yield bot
    finally:
        await bot.close()
        up.cancel()
        await asyncio.gather(start, up, return_exceptions=True)


@pytest.fixture
async def bot(pointed: LoopbackDiscord) -> AsyncIterator[_Bot]:
    async with _running(with_token=pointed.token) as bot:
        yield bot


# ── gateway ─────────────────────────────────────────────────────────────────────────────────────────


async def test_client_starts_with_guilds_intent_and_sees_complete_channels(
    discord: LoopbackDiscord, bot: _Bot
) -> None:
    """READY and GUILD_CREATE are complete: names, and the bot's own rights, arrive as set."""
    assert bot.user is not None
    assert bot.user.id == discord.application_id
    assert [identify["intents"] for identify in discord.identifies] == [1]
    channel = bot.text_channel(discord.channel_id)
    assert channel.name == "papers"
    mine = channel.permissions_for(channel.guild.me)
    assert (mine.send_messages, mine.embed_links, mine.manage_messages) == (True, True, False)
    assert discord.violations == []


async def test_wrong_token_is_refused(pointed: LoopbackDiscord) -> None:
    """A wrong token never gets past login."""
    with pytest.raises(discord_py.LoginFailure):
        async with _running(with_token="another-token"):
            pass
    assert pointed.requests[0].status == 401
    assert not pointed.is_connected


@pytest.mark.parametrize(("token", "intents", "code"), [("wrong", 1, 4004), ("loopback-token", 1 << 15, 4014)])
async def test_gateway_closes_on_bad_identify(discord: LoopbackDiscord, token: str, intents: int, code: int) -> None:
    """Close codes for a wrong token and for privileged intents nobody switched on."""
    async with aiohttp.ClientSession() as session, session.ws_connect(discord.gateway_url) as socket:
        assert (await socket.receive_json())["op"] == 10
        await socket.send_json({"op": 2, "d": {"token": token, "intents": intents}})
        await socket.receive()
        assert socket.close_code == code


async def test_dropped_connection_resumes_and_replays_missed_events(discord: LoopbackDiscord, bot: _Bot) -> None:
    """What happens while a client is away reaches it after it resumed."""
    discord.drop_connections()
    discord.world.channels[discord.channel_id].name = "renamed"
    discord.set_permissions(discord.channel_id, Permission.VIEW)
    assert bot.seen_channels == []
    async with asyncio.timeout(patience(5)):
        await bot.resumed.wait()
    assert bot.seen_channels == ["renamed"]
    assert len(discord.identifies) == len(discord.resumes) == 1
    assert not bot.text_channel(discord.channel_id).permissions_for(bot.guilds[0].me).send_messages


async def test_reconnect_request_resumes(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Op 7 brings the client back with its session."""
    discord.send_reconnect()
    async with asyncio.timeout(patience(5)):
        await bot.resumed.wait()
    assert len(discord.identifies) == 1


@pytest.mark.parametrize("how", ["drop", "invalidate"])
async def test_lost_session_is_identified_anew(
    discord: LoopbackDiscord, bot: _Bot, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Op 9 makes the client start a new session, and it works."""

    async def at_once(*_: object, **__: object) -> None:
        """Stand in for the client's own wait of five seconds."""

    monkeypatch.setattr(bot, "before_identify_hook", at_once)
    if how == "drop":
        discord.drop_connections(resumable=False)
    else:
        discord.invalidate_session()
    await discord.wait_for(lambda: len(discord.identifies) == 2)
    answer = await discord.command("paper", {"name": "LIMA"})
    assert answer.message is not None


_KILLED_CLIENT = """
import asyncio, os, sys
import discord, yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route
Route.BASE = os.environ["DISCORD_API_URL"]
DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(os.environ["DISCORD_GATEWAY_URL"])
class Client(discord.Client):
    async def on_ready(self):
        channel = self.get_channel(int(sys.argv[1]))
        await channel.send("once", nonce="outbox-1", allowed_mentions=discord.AllowedMentions.none())
        await asyncio.Event().wait()
Client(intents=discord.Intents(guilds=True), guild_ready_timeout=0.05).run("loopback-token", log_handler=None)
"""


async def test_killed_clients_come_back_and_enforced_nonce_keeps_one_message(
    discord: LoopbackDiscord,
) -> None:
    """A process killed after sending may send again: same nonce, one message; the server lives on."""
    environment = {
        **os.environ,
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
    }
    for life in (1, 2):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _KILLED_CLIENT, str(discord.channel_id), env=environment
        )
        sent = f"/channels/{discord.channel_id}/messages"
        await discord.wait_for(
            lambda: sum(r.path == sent and r.status == 200 for r in discord.requests) == life,  # noqa: B023
            timeout_s=20,
        )
        process.kill()
        await process.wait()
    await discord.wait_for(lambda: not discord.is_connected)
    assert [m["nonce"] for m in discord.channels[discord.channel_id].messages] == ["outbox-1"]
    assert discord.violations == discord.mention_violations == []


async def test_leaving_closes_the_clients_that_are_still_connected() -> None:
    """The server tells its clients to go; it does not wait until they leave by themselves."""
    async with aiohttp.ClientSession() as session:
        async with LoopbackDiscord() as server:
            clients = [await session.ws_connect(server.gateway_url) for _ in range(2)]
            assert [(await client.receive()).type for client in clients] == [aiohttp.WSMsgType.TEXT] * 2  # hello
        assert [(await client.receive()).type for client in clients] == [aiohttp.WSMsgType.CLOSE] * 2


# ── messages ────────────────────────────────────────────────────────────────────────────────────────


async def test_nonce_is_enforced_within_its_window_only(discord: LoopbackDiscord, bot: _Bot) -> None:
    """A repeat returns the first message; after the window, or elsewhere, it makes another."""
    channel = bot.text_channel(discord.channel_id)
    first = await channel.send("one", nonce="review-1")
    again = await channel.send("one, again", nonce="review-1")
    assert again.id == first.id
    assert again.content == "one"
    discord.nonce_window_s = 0.0
    assert (await channel.send("one", nonce="review-1")).id != first.id
    assert len(discord.channels[discord.channel_id].messages) == 2


async def test_nonce_of_deleted_message_is_not_found(discord: LoopbackDiscord, bot: _Bot) -> None:
    """A message deleted meanwhile is not sent again under its nonce."""
    channel = bot.text_channel(discord.channel_id)
    await (await channel.send("one", nonce="review-1")).delete()
    with pytest.raises(discord_py.NotFound):
        await channel.send("one", nonce="review-1")


async def test_history_pages_newest_first_without_nonce(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Look-ups show no nonce; limit, before and after cut as documented."""
    channel = bot.text_channel(discord.channel_id)
    sent = [await channel.send(str(number), nonce=f"n{number}") for number in range(5)]
    newest = [m async for m in channel.history(limit=2)]
    assert [m.content for m in newest] == ["4", "3"]
    assert {m.nonce for m in newest} == {None}
    assert [m.content async for m in channel.history(limit=2, before=sent[3])] == ["2", "1"]
    assert [m.content async for m in channel.history(limit=2, after=sent[1])] == ["2", "3"]
    assert [m.content async for m in channel.history(limit=3, around=sent[2])] == ["3", "2", "1"]
    discord.set_permissions(discord.channel_id, Permission.DEFAULT & ~Permission.READ_HISTORY)
    assert [m async for m in channel.history()] == []


async def test_edit_and_delete(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Edits change what is given and keep the rest; deleted messages are gone, and counted."""
    message = await bot.text_channel(discord.channel_id).send("a", embed=discord_py.Embed(title="t"))
    before = discord.channels[discord.channel_id].messages[0]
    await message.edit(content="b")
    stored = discord.channels[discord.channel_id].messages[0]
    assert (stored["content"], stored["embeds"][0]["title"]) == ("b", "t")
    assert before["content"] == "a"
    await message.delete()
    assert discord.channels[discord.channel_id].messages == []
    assert len(discord.channels[discord.channel_id].deleted_messages) == 1
    with pytest.raises(discord_py.NotFound):
        await message.edit(content="c")


_Refused = tuple[int, int]


@pytest.mark.parametrize(
    ("missing", "expected"),
    [(Permission.VIEW, (403, 50001)), (Permission.SEND, (403, 50013))],
    ids=["view", "send"],
)
async def test_missing_permissions_forbid_sending(
    discord: LoopbackDiscord, bot: _Bot, missing: Permission, expected: _Refused
) -> None:
    """Discord's two codes for missing rights."""
    channel = bot.text_channel(discord.channel_id)
    discord.set_permissions(discord.channel_id, Permission.DEFAULT & ~missing)
    with pytest.raises(discord_py.Forbidden) as caught:
        await channel.send("x")
    assert (caught.value.status, caught.value.code) == expected
    assert discord.channels[discord.channel_id].messages == []


async def test_embeds_without_embed_links_are_dropped_and_recorded(discord: LoopbackDiscord, bot: _Bot) -> None:
    """The message comes without its embed, and no error says so."""
    discord.set_permissions(discord.channel_id, Permission.DEFAULT & ~Permission.EMBED_LINKS)
    await bot.text_channel(discord.channel_id).send("x", embed=discord_py.Embed(title="lost"))
    assert discord.channels[discord.channel_id].messages[0]["embeds"] == []
    assert [embed["title"] for _, embed in discord.dropped_embeds] == ["lost"]


async def test_deleted_channel_is_unknown(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Its requests get 404 with code 10003, and the client is told."""
    channel = bot.text_channel(discord.channel_id)
    discord.delete_channel(discord.channel_id)
    with pytest.raises(discord_py.NotFound) as caught:
        await channel.send("x")
    assert caught.value.code == 10003
    assert bot.get_channel(discord.channel_id) is None


async def test_threads_and_forum_posts(discord: LoopbackDiscord, bot: _Bot) -> None:
    """A message has one thread, with its own id; sending there asks for another right; forums take posts."""
    message = await bot.text_channel(discord.channel_id).send("x")
    thread = await message.create_thread(name="talk", auto_archive_duration=1440)
    assert thread.id == message.id
    await thread.send("inside")
    with pytest.raises(discord_py.HTTPException) as twice:
        await message.create_thread(name="again")
    assert twice.value.code == 160004
    discord.set_permissions(discord.channel_id, Permission.DEFAULT & ~Permission.SEND_IN_THREADS)
    with pytest.raises(discord_py.Forbidden):
        await thread.send("no more")
    forum = await bot.fetch_channel(discord.add_channel(discord.guild_id, "forum", 15))
    assert isinstance(forum, discord_py.ForumChannel)
    post = await forum.create_thread(name="InsTag", content="a post")
    assert post.message.id == post.thread.id
    assert discord.channels[post.thread.id].messages[0]["content"] == "a post"
    assert discord.violations == []


async def test_announcement_is_published_once(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Crossposting works in announcement channels, once."""
    news_id = discord.add_channel(discord.guild_id, "news", 5)
    fetched = await bot.fetch_channel(news_id)
    assert isinstance(fetched, discord_py.TextChannel)
    message = await fetched.send("x")
    await message.publish()
    with pytest.raises(discord_py.HTTPException) as twice:
        await message.publish()
    assert twice.value.code == 40033
    assert discord.channels[news_id].messages[0]["flags"] & 1


async def test_mentions_left_open_are_recorded(discord: LoopbackDiscord, bot: _Bot) -> None:
    """A message without ``allowed_mentions: {parse: []}`` is written down, another is not."""
    channel = bot.text_channel(discord.channel_id)
    await channel.send("@everyone")
    assert discord.mention_violations == []
    await channel.send("@everyone", allowed_mentions=discord_py.AllowedMentions.all())
    assert len(discord.mention_violations) == 1


async def test_unknown_route_is_a_violation(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Nothing the server does not know goes unnoticed."""
    with pytest.raises(discord_py.NotFound):
        await bot.fetch_guild_preview(discord.guild_id)
    assert discord.violations == [f"GET /guilds/{discord.guild_id}/preview: no such route on this server"]


# ── limits ──────────────────────────────────────────────────────────────────────────────────────────


def _row(*components: Json) -> Json:
    return {"components": [{"type": 1, "components": list(components)}], "content": "x"}


def _button(**changes: object) -> Json:
    return {"type": 2, "style": 1, "label": "L", "custom_id": "c", **changes}


def _menu_with(**changes: object) -> Json:
    return {"type": 3, "custom_id": "c", "options": [{"label": "a", "value": "a"}], **changes}


def _embed(**embed: object) -> Json:
    return {"embeds": [embed]}


_TOO_LONG_BODIES: list[tuple[Json, str]] = [
    ({"content": "x" * 2001}, "content"),
    ({"content": "x", "nonce": "n" * 26}, "nonce"),
    ({"embeds": [{"title": "t"}] * 11}, "embeds"),
    (_embed(title="t" * 257), "embeds.0.title"),
    (_embed(description="d" * 4097), "embeds.0.description"),
    (_embed(fields=[{"name": "n", "value": "v"}] * 26), "embeds.0.fields"),
    (_embed(fields=[{"name": "n" * 257, "value": "v"}]), "embeds.0.fields.0.name"),
    (_embed(fields=[{"name": "n", "value": "v" * 1025}]), "embeds.0.fields.0.value"),
    (_embed(fields=[{"name": "n", "value": " "}]), "embeds.0.fields.0.value"),
    (_embed(title="t", footer={"text": "f" * 2049}), "embeds.0.footer.text"),
    (_embed(title="t", author={"name": "a" * 257}), "embeds.0.author.name"),
    (_embed(color=1), "embeds.0.description"),
    (_embed(title="t", url="javascript:alert(1)"), "embeds.0.url"),
    (_embed(title="t", image={"url": "not a url"}), "embeds.0.image.url"),
    ({"embeds": [{"description": "d" * 3001}] * 2}, "embeds"),
    ({"content": "x", "components": [_row(_button())["components"][0]] * 6}, "components"),
    (_row(*[_button(custom_id=f"c{number}") for number in range(6)]), "components.0.components"),
    (_row(_menu_with(), _button(custom_id="d")), "components.0.components"),
    (_row(_button(), _button()), "components.0.components.0.custom_id"),
    (_row(_button(label="l" * 81)), "components.0.components.0.label"),
    (_row(_button(custom_id="c" * 101)), "components.0.components.0.custom_id"),
    (_row(_button(style=5, url="https://a.example")), "components.0.components.0.custom_id"),
    (
        _row({"type": 2, "style": 5, "label": "L", "url": "https://a.example/" + "x" * 512}),
        "components.0.components.0.url",
    ),
    (_row(_button(url="https://a.example")), "components.0.components.0.url"),
    (_row(_menu_with(options=[])), "components.0.components.0.options"),
    (_row(_menu_with(placeholder="p" * 151)), "components.0.components.0.placeholder"),
    (
        _row(_menu_with(options=[{"label": "l" * 101, "value": "v"}])),
        "components.0.components.0.options.0.label",
    ),
    (
        _row(_menu_with(options=[{"label": "l", "value": str(number)} for number in range(26)])),
        "components.0.components.0.options",
    ),
    ({"components": [{"type": 10, "content": "no V2 flag"}]}, "components.0.type"),
    ({"components": [{"type": 99}], "content": "x"}, "components.0.type"),
    ({"flags": 1 << 15, "content": "x", "components": [{"type": 10, "content": "y"}]}, "content"),
    ({"flags": 1 << 15, "components": [{"type": 10, "content": "y"}] * 41}, "components"),
    ({"flags": 1 << 15, "components": [{"type": 10, "content": "y" * 2001}] * 2}, "components"),
]


@pytest.mark.parametrize(("body", "field"), _TOO_LONG_BODIES)
def test_message_limits_name_the_field(body: Json, field: str) -> None:
    """Each limit of a message refuses one more than allowed, at the field Discord names."""
    faults = [*limits.check_message(body), *limits.check_nonce(body)]
    assert field in {".".join(map(str, fault.path)) for fault in faults}


def test_messages_at_the_limits_pass() -> None:
    """What is exactly allowed is allowed, by our rules and by Discord's own document."""
    embed = {
        "title": "t" * 256,
        "description": "d" * 4096,
        "fields": [{"name": "n" * 10, "value": "v" * 10}] * 25,
        "footer": {"text": "f" * 1000},
        "author": {"name": "a" * 148, "url": "https://a.example/"},
    }
    buttons = [_button(custom_id=str(number) * 100, label="l" * 80) for number in range(5)]
    options = [{"label": "l" * 100, "value": str(number), "description": "d" * 100} for number in range(25)]
    menu = _menu_with(options=options, placeholder="p" * 150, max_values=25)
    rows = [{"type": 1, "components": buttons}, {"type": 1, "components": [menu]}]
    body = {"content": "x" * 2000, "embeds": [embed], "components": rows, "nonce": "n" * 25}
    assert limits.check_message(body) + limits.check_nonce(body) == []
    assert limits.judge_by_document("MessageCreateRequest", body) == []


def _slash(**changes: object) -> Json:
    return {"name": "paper", "description": "d", **changes}


def _option(**changes: object) -> Json:
    return {"type": 3, "name": "name", "description": "d", **changes}


_BAD_COMMANDS: list[tuple[Json, str]] = [
    (_slash(name="Paper"), "0.name"),
    (_slash(name="two words"), "0.name"),
    (_slash(name="n" * 33), "0.name"),
    (_slash(description=""), "0.description"),
    (_slash(description="d" * 101), "0.description"),
    (_slash(name_localizations={"ko": "논문 찾기"}), "0.name_localizations.ko"),
    (_slash(options=[_option(name=f"o{number}") for number in range(26)]), "0.options"),
    (_slash(options=[_option(), _option()]), "0.options.1.name"),
    (_slash(options=[_option(), _option(name="b", required=True)]), "0.options.1"),
    (_slash(options=[_option(choices=[{"name": "n" * 101, "value": "v"}])]), "0.options.0.choices.0.name"),
    (_slash(options=[_option(), _option(name="sub", type=1)]), "0.options"),
    (
        _slash(
            options=[
                _option(name=f"o{n}", choices=[{"name": f"{n}-{c:098}", "value": "v" * 100} for c in range(25)])
                for n in range(2)
            ]
        ),
        "0",
    ),
]


@pytest.mark.parametrize(("command", "field"), _BAD_COMMANDS)
def test_command_limits_name_the_field(command: Json, field: str) -> None:
    """Each limit of a command's definition refuses one more than allowed."""
    faults = limits.check_commands([command])
    assert field in {".".join(map(str, fault.path)) for fault in faults}


def test_good_commands_pass_and_too_many_do_not() -> None:
    """A hundred commands, Korean names, required before optional: allowed; one more is not."""
    options = [_option(name="이름", required=True), _option(name="b")]
    hundred = [_slash(name=f"paper-{number}", options=options) for number in range(100)]
    assert limits.check_commands(hundred) == []
    assert limits.judge_by_document("ApplicationCommandUpdateRequest[]", hundred) == []
    assert limits.check_commands([*hundred, _slash(name="one-more")]) != []


@pytest.mark.parametrize(
    ("schema", "body"),
    [
        ("MessageCreateRequest", {"tts": "yes"}),
        ("MessageCreateRequest", {"flags": "many"}),
        ("CreateTextThreadWithMessageRequest", {"name": "n", "rate_limit_per_user": 99_999}),
    ],
)
def test_document_finds_what_our_rules_do_not_know(schema: str, body: Json) -> None:
    """Discord's own document, where it lies beside the checkout, judges types and ranges."""
    if limits._document() is None:
        pytest.skip("no copy of Discord's OpenAPI document")
    assert limits.judge_by_document(schema, body) != []


def test_document_takes_numerals_for_integers() -> None:
    """The API accepts "8" where the document says integer."""
    command = _slash(default_member_permissions="8")
    assert limits.judge_by_document("ApplicationCommandUpdateRequest[]", [command]) == []


async def test_refusal_is_nested_as_discord_does_and_recorded(discord: LoopbackDiscord, bot: _Bot) -> None:
    """discord.py can read the errors; the server keeps a line for the test's end, and stores nothing."""
    embed = discord_py.Embed(title="t" * 257)
    with pytest.raises(discord_py.HTTPException) as caught:
        await bot.text_channel(discord.channel_id).send(embed=embed)
    assert (caught.value.status, caught.value.code) == (400, 50035)
    assert "In embeds.0.title: Must be 256 or fewer in length." in caught.value.text
    assert len(discord.violations) == 1
    assert "embeds.0.title" in discord.violations[0]
    assert "Embed Limits" in discord.violations[0]
    with pytest.raises(discord_py.HTTPException) as empty:
        await bot.text_channel(discord.channel_id).send("")
    assert empty.value.code == 50006
    assert discord.channels[discord.channel_id].messages == []


async def test_thread_limits(discord: LoopbackDiscord, bot: _Bot) -> None:
    """A thread's name has at most 100 characters."""
    message = await bot.text_channel(discord.channel_id).send("x")
    with pytest.raises(discord_py.HTTPException, match="between 1 and 100"):
        await message.create_thread(name="n" * 101)
    assert [fault.path for fault in limits.check_thread({"name": "n", "auto_archive_duration": 61})] == [
        ("auto_archive_duration",)
    ]


# ── faults ──────────────────────────────────────────────────────────────────────────────────────────

_SEND = r"/channels/\d+/messages"


async def test_fail_next_refuses_and_then_lets_pass(discord: LoopbackDiscord, bot: _Bot) -> None:
    """A 503, which the client does not repeat by itself, as often as asked and no oftener."""
    channel = bot.text_channel(discord.channel_id)
    discord.fail_next("POST", _SEND, status=503, times=2)
    for _ in range(2):
        with pytest.raises(discord_py.DiscordServerError):
            await channel.send("x")
    await channel.send("y")
    assert [m["content"] for m in discord.channels[discord.channel_id].messages] == ["y"]
    assert [r.status for r in discord.requests if r.method == "POST"] == [503, 503, 200]


@pytest.mark.parametrize(("status", "error"), [(503, discord_py.DiscordServerError), (None, aiohttp.ClientError)])
async def test_failure_after_effect_keeps_the_message(
    discord: LoopbackDiscord, bot: _Bot, status: int | None, error: type[Exception]
) -> None:
    """The client is told it failed, or nothing at all; the message stands, and its nonce saves the repeat."""
    channel = bot.text_channel(discord.channel_id)
    discord.fail_next("POST", _SEND, status=status, after_effect=True)
    with pytest.raises(error):
        await channel.send("x", nonce="n")
    await channel.send("x", nonce="n")
    assert len(discord.channels[discord.channel_id].messages) == 1


async def test_held_answer_comes_after_its_effect_when_it_is_released(discord: LoopbackDiscord, bot: _Bot) -> None:
    """The message stands while its sender waits; the next one is not held."""
    channel, kept = bot.text_channel(discord.channel_id), discord.channels[discord.channel_id].messages
    held = discord.hold_next("POST", _SEND)
    first = asyncio.create_task(channel.send("x"))
    await discord.wait_for(lambda: held.is_reached, what="the held request")
    assert [message["content"] for message in kept] == ["x"]
    assert not first.done()
    held.release()
    assert (await first).content == "x"
    discord.hold_next("POST", _SEND).release()
    await channel.send("y")


async def test_forgotten_nonce_saves_no_repeat(discord: LoopbackDiscord, bot: _Bot) -> None:
    channel = bot.text_channel(discord.channel_id)
    await channel.send("x", nonce="n")
    discord.forget_nonces()
    await channel.send("x", nonce="n")
    assert len(discord.channels[discord.channel_id].messages) == 2


@pytest.mark.parametrize("is_global", [False, True])
async def test_rate_limit_is_waited_out(discord: LoopbackDiscord, bot: _Bot, *, is_global: bool) -> None:
    """The client takes our 429 for Discord's and tries again after the time given."""
    discord.rate_limit_next("POST", _SEND, retry_after=0.2, is_global=is_global)
    started = time.monotonic()
    await bot.text_channel(discord.channel_id).send("x")
    assert time.monotonic() - started >= 0.2
    assert [r.status for r in discord.requests if r.method == "POST"] == [429, 200]


async def test_enforced_rate_limits_let_five_pass(discord: LoopbackDiscord) -> None:
    """The sixth message to a channel within five seconds gets 429; another channel does not."""
    discord.enforce_rate_limits = True
    headers = {"Authorization": "Bot loopback-token"}
    other = discord.add_channel(discord.guild_id)
    async with aiohttp.ClientSession(headers=headers) as session:

        async def send(channel_id: int) -> tuple[int, str | None]:
            body = {"content": "x"}
            url = f"{discord.api_url}/channels/{channel_id}/messages"
            async with session.post(url, json=body) as response:
                return response.status, response.headers.get("X-RateLimit-Remaining")

        got = [await send(discord.channel_id) for _ in range(6)]
        assert got == [(200, "4"), (200, "3"), (200, "2"), (200, "1"), (200, "0"), (429, "0")]
        assert (await send(other))[0] == 200


async def test_delay_next_holds_one_request(discord: LoopbackDiscord, bot: _Bot) -> None:
    """A slow answer, once."""
    discord.delay_next("POST", _SEND, 0.1)
    started = time.monotonic()
    await bot.text_channel(discord.channel_id).send("x")
    assert time.monotonic() - started >= 0.1
    assert discord._delays[0].left == 0


# ── members ─────────────────────────────────────────────────────────────────────────────────────────


async def test_command_with_options_and_locale(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Options and language arrive; the answer is a message in the channel."""
    answer = await discord.command("paper", {"name": "LIMA", "pages": 3}, locale="ko")
    assert answer.message is not None
    assert answer.message["embeds"][0]["title"] == "LIMA"
    assert answer.message["embeds"][0]["description"] == "3 · ko"
    assert (answer.response_type, answer.is_ephemeral, answer.deferred, answer.updated) == (
        4,
        False,
        False,
        False,
    )
    assert answer.elapsed_s is not None
    assert 0 < answer.elapsed_s < 3
    assert discord.channels[discord.channel_id].messages == [answer.message]
    assert discord.violations == discord.mention_violations == []


async def test_registered_commands_are_kept(discord: LoopbackDiscord, bot: _Bot) -> None:
    """What was synced is there to be looked at, and keeps its ids when synced again."""
    before = {command["name"]: command["id"] for command in discord.commands[None]}
    plain = {"paper", "think", "late", "choose", "layout", "settings", "rename", "import", "rights"}
    assert set(before) == plain | {"feed", "What do we have?"}
    await bot.tree.sync()
    assert {command["name"]: command["id"] for command in discord.commands[None]} == before


async def test_sub_command_with_channel_option(discord: LoopbackDiscord, bot: _Bot) -> None:
    """A channel arrives resolved, with its name."""
    channel_id = discord.add_channel(discord.guild_id, "announcements")
    answer = await discord.command("feed add", {"channel": channel_id})
    assert answer.message is not None
    assert answer.message["content"] == "in announcements"
    assert answer.is_ephemeral
    assert discord.channels[discord.channel_id].messages == []


async def test_autocomplete_returns_choices(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Choices arrive as offered."""
    assert await discord.autocomplete("paper", {"name": "ins"}, focused="name") == [
        {"name": "InsTag", "value": "InsTag"},
        {"name": "Instruction Tuning", "value": "Instruction Tuning"},
    ]


@pytest.mark.parametrize(("how", "content"), [("edit", "edited"), ("follow-up", "followed up")])
async def test_deferred_answer_is_the_message_that_follows(
    discord: LoopbackDiscord, bot: _Bot, how: str, content: str
) -> None:
    """After a deferral the answer is what fills it, ephemeral as the deferral said."""
    answer = await discord.command("think", {"how": how})
    assert answer.message is not None
    assert answer.message["content"] == content
    assert (answer.deferred, answer.is_ephemeral) == (True, True)
    assert answer.followups == []


async def test_deferral_without_anything_after_is_an_error(discord: LoopbackDiscord, bot: _Bot) -> None:
    """The member would wait for ever; a test must not pass."""
    with pytest.raises(NotAnsweredError):
        await discord.command("think", {"how": "never"}, timeout_s=0.3)


async def test_late_callback_is_refused(discord: LoopbackDiscord, bot: _Bot) -> None:
    """After the deadline the interaction is unknown, and the member saw no answer."""
    discord.deadline_s = 0.05
    with pytest.raises(NotAnsweredError):
        await discord.command("late")
    bot.is_late.set()
    await discord.wait_for(
        lambda: discord.requests[-1].path.endswith("/callback") and discord.requests[-1].status == 404
    )
    assert discord.channels[discord.channel_id].messages == []


async def test_second_callback_is_refused(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Code 40060; the first answer stays."""
    answer = await discord.command("paper", {"name": "LIMA"})
    url = f"{discord.api_url}/interactions/{answer.id}/{answer.token}/callback"
    async with aiohttp.ClientSession() as session:
        async with session.post(url, json={"type": 4, "data": {"content": "again"}}) as response:
            assert response.status == 400
            assert (await response.json())["code"] == 40060
        discord.token_life_s = 0.0
        webhook = f"{discord.api_url}/webhooks/{discord.application_id}/{answer.token}"
        async with session.post(webhook, json={"content": "much later"}) as response:
            assert (await response.json())["code"] == 50027


async def test_buttons_and_selects(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Pressing changes the message or makes another; the message is looked at as it stands now."""
    shown = await discord.command("choose")
    turned = await discord.press(shown.message, label="Next")
    assert shown.message is not None
    assert shown.message["content"] == "page 2"
    assert (turned.response_type, turned.updated) == (7, True)
    said = await discord.press(shown.message, custom_id="say")
    assert said.message is not None
    assert (said.message["content"], said.is_ephemeral, said.updated) == ("for you", True, False)
    chosen = await discord.select(shown.message, custom_id="section", values=["Results"])
    assert chosen.message is not None
    assert chosen.message["content"] == "section Results"
    assert chosen.message["id"] == shown.message["id"]
    assert discord.violations == []


async def test_components_v2_after_deferral(discord: LoopbackDiscord, bot: _Bot) -> None:
    """A deferral edited into a Components V2 message passes both judges; its parts are found."""
    answer = await discord.command("layout")
    assert answer.message is not None
    assert answer.message["flags"] == limits.COMPONENTS_V2
    kinds = [component["type"] for _, component in limits.walk_components(answer.message["components"])]
    assert kinds == [17, 10, 14, 9, 10, 10, 2, 1, 2]
    assert discord.channels[discord.channel_id].messages == [answer.message]
    with pytest.raises(UsageError, match="is a link"):
        await discord.press(answer.message, label="Read")
    assert discord.violations == discord.mention_violations == []


async def test_rich_message_passes_both_judges(discord: LoopbackDiscord, bot: _Bot) -> None:
    """What a real announcement has – picture, footer, fields, time, buttons, a file – is not refused."""
    embed = discord_py.Embed(title="InsTag", url="https://a.example/instag", timestamp=discord_py.utils.utcnow())
    embed.set_author(name="Blog", url="https://a.example/").set_footer(text="12 min")
    embed.set_thumbnail(url="https://a.example/a.png").add_field(name="Sections", value="3", inline=False)
    embed.colour = discord_py.Colour.blurple()
    file = discord_py.File(io.BytesIO(b"@article{}"), "paper.bib")
    channel = bot.text_channel(discord.channel_id)
    sent = await channel.send("new", embed=embed, view=_Buttons(), file=file, silent=True)
    assert [attachment.filename for attachment in sent.attachments] == ["paper.bib"]
    reply = await sent.reply("about it", mention_author=False)
    assert reply.reference is not None
    assert reply.reference.message_id == sent.id
    assert discord.violations == discord.mention_violations == []


async def test_message_menu(discord: LoopbackDiscord, bot: _Bot) -> None:
    """The entry of a message's menu gets that message."""
    await bot.text_channel(discord.channel_id).send("2308.07074")
    message = discord.channels[discord.channel_id].messages[0]
    answer = await discord.message_command("What do we have?", message)
    assert answer.message is not None
    assert answer.message["content"] == "about 2308.07074"


_Act = Callable[[LoopbackDiscord, Json], Awaitable[object]]


@pytest.mark.parametrize(
    ("act", "complaint"),
    [
        (lambda d, _: d.command("papers"), "no command"),
        (lambda d, _: d.command("paper"), "required options missing"),
        (lambda d, _: d.command("paper", {"name": "x", "age": 1}), "no option"),
        (lambda d, _: d.command("paper", {"name": 5}), "cannot hold"),
        (lambda d, _: d.command("paper", {"name": "x", "pages": 6}), "outside"),
        (lambda d, _: d.command("feed"), "is a group"),
        (lambda d, _: d.command("feed drop"), "no sub-command"),
        (lambda d, _: d.command("feed add", {"channel": 1}, permissions=Permission.DEFAULT), "not shown"),
        (lambda d, _: d.command("feed add", {"channel": 1}), "no channel"),
        (lambda d, _: d.autocomplete("think", {"how": "e"}, focused="how"), "no autocomplete"),
        (lambda d, m: d.press(m, label="Previous"), "0 components"),
        (lambda d, m: d.press(m, label="Off"), "switched off"),
        (lambda d, m: d.press(m, label="Next", user_id=7), "ephemeral"),
        (lambda d, m: d.select(m, values=["Appendix"]), "not all among"),
    ],
)
async def test_member_cannot_do_what_discord_does_not_offer(
    discord: LoopbackDiscord, bot: _Bot, act: _Act, complaint: str
) -> None:
    """Mistakes of a test fail in the test, with words."""
    shown = await discord.command("choose")
    assert shown.message is not None
    with pytest.raises(UsageError, match=complaint):
        await act(discord, shown.message)


# ── modals ──────────────────────────────────────────────────────────────────────────────────────────


async def test_modal_of_labels_is_filled_in(discord: LoopbackDiscord, bot: _Bot) -> None:
    """A button shows a modal; what is typed and chosen arrives, and may change the message of the button."""
    card = await discord.command("settings")
    asked = await discord.press(card.message, label="Filter")
    assert asked.message is None
    assert asked.modal is not None
    assert (asked.response_type, asked.modal["title"]) == (9, "Filter")
    values = {"Venue": "ICML", "kinds": ["Survey", "Data"], "where": [str(discord.channel_id)]}
    sent = await discord.submit(asked, values)
    assert (sent.kind, sent.response_type, sent.updated) == (5, 7, True)
    assert card.message is not None
    assert card.message["content"] == "ICML ['Survey', 'Data'] ['papers']"
    with pytest.raises(UsageError, match="sent already"):
        await discord.submit(asked, values)
    assert discord.violations == discord.mention_violations == []


async def test_modal_of_a_command_is_answered_with_a_message(discord: LoopbackDiscord, bot: _Bot) -> None:
    """The older form, a row with a text input: what is not typed anew stays; an answer says whence it came."""
    asked = await discord.command("rename")
    sent = await discord.submit(asked, {})
    assert sent.message is not None
    assert (sent.message["content"], sent.is_ephemeral) == ("named old", True)
    metadata = sent.message["interaction_metadata"]
    assert metadata["triggering_interaction_metadata"]["id"] == str(asked.id)


async def test_modal_without_an_answer_stays_open(discord: LoopbackDiscord, bot: _Bot) -> None:
    """The member sees that something went wrong, and may send the same modal again."""
    asked = await discord.command("rename")
    discord.deadline_s = 0.1
    with pytest.raises(NotAnsweredError):
        await discord.submit(asked, {"Name": "quiet"})
    assert asked.is_modal_open


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"Venue": "IC"}, "characters are outside 3"),
        ({"Venue": "I" * 11}, "characters are outside 3"),
        ({}, "'Venue' is required"),
        ({"Venue": "a\nbc"}, "one line"),
        ({"Venue": ["ICML"]}, "cannot hold"),
        ({"Venue": "ICML", "kinds": ["Poem"]}, "not all among"),
        ({"Venue": "ICML", "kinds": ["Data", "Survey", "Method"]}, "between 1 and 2"),
        ({"Venue": "ICML", "where": ["5"]}, "no channel 5"),
        ({"Venue": "ICML", "Year": "2026"}, "no input"),
    ],
)
async def test_modal_is_not_sent_as_discord_would_not(
    discord: LoopbackDiscord, bot: _Bot, values: dict[str, str | list[str]], complaint: str
) -> None:
    """What Discord's client refuses never reaches the bot, and the modal stays open."""
    asked = await discord.press((await discord.command("settings")).message, label="Filter")
    before = len(discord.interactions)
    with pytest.raises(UsageError, match=complaint):
        await discord.submit(asked, values)
    with pytest.raises(UsageError, match="only"):
        await discord.submit(asked, {"Venue": "ICML"}, user_id=7)
    assert len(discord.interactions) == before
    assert asked.is_modal_open


def _labelled(**component: object) -> Json:
    part = {"type": 18, "label": "L", "component": {"type": 4, "style": 1, "custom_id": "c", **component}}
    return {"custom_id": "m", "title": "T", "components": [part]}


@pytest.mark.parametrize(
    ("modal", "field"),
    [
        (_labelled() | {"title": "t" * 46}, "data.title"),
        (_labelled() | {"custom_id": "c" * 101}, "data.custom_id"),
        (_labelled() | {"components": []}, "data.components"),
        (_labelled() | {"components": _labelled()["components"] * 6}, "data.components"),
        (_labelled() | {"components": _labelled()["components"] * 2}, "data.components.0.component.custom_id"),
        (_labelled() | {"components": [{"type": 2}]}, "data.components.0.type"),
        (_labelled() | {"components": [{"type": 18, "label": "l" * 46}]}, "data.components.0.label"),
        (
            _labelled() | {"components": [{"type": 1, "components": [_menu_with()]}]},
            "data.components.0.components.0.type",
        ),
        (_labelled(type=2), "data.components.0.component.type"),
        (_labelled(style=3), "data.components.0.component.style"),
        (_labelled(value="v" * 4001), "data.components.0.component.value"),
        (_labelled(value="v", min_length=2), "data.components.0.component.value"),
        (_labelled(min_length=3, max_length=2), "data.components.0.component.max_length"),
        (_labelled(max_length=4001), "data.components.0.component.max_length"),
        (_labelled(placeholder="p" * 101), "data.components.0.component.placeholder"),
        (_labelled(type=8, max_values=26), "data.components.0.component.max_values"),
        (_labelled(type=8, disabled=True), "data.components.0.component.disabled"),
        (_labelled(type=21, options=[{"label": "a", "value": "a"}]), "data.components.0.component.options"),
    ],
)
def test_modal_limits_name_the_field(modal: Json, field: str) -> None:
    """Each limit of a modal refuses one more than allowed, at the field Discord names."""
    assert field in {".".join(map(str, fault.path)) for fault in limits.check_modal(modal)}


def test_modal_at_the_limits_passes() -> None:
    """What is exactly allowed is allowed, by our rules and by Discord's own document."""
    parts = [
        {"type": 18, "label": "l" * 45, "component": {"type": 4, "style": 2, "custom_id": str(number) * 100}}
        for number in range(5)
    ]
    modal = {"custom_id": "c" * 100, "title": "t" * 45, "components": parts}
    assert limits.check_modal(modal) == []
    assert limits.judge_by_document("ModalInteractionCallbackRequest", {"type": 9, "data": modal}) == []


# ── selects of channels, roles, members; giving roles ───────────────────────────────────────────────


async def test_selects_of_channels_roles_and_members(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Ids arrive with what stands behind them: names, the app's rights, a member's roles; none where none may be."""
    role_id = discord.add_role(discord.guild_id, "readers")
    discord.world.member_roles[discord.guild_id, 77].append(role_id)
    card = await discord.command("settings")

    async def choose(custom_id: str, *values: int) -> str:
        await discord.select(card.message, custom_id=custom_id, values=[str(value) for value in values])
        assert card.message is not None
        return str(card.message["content"])

    discord.set_permissions(discord.channel_id, Permission.VIEW)
    assert await choose("channel", discord.channel_id) == f"in papers, app {int(Permission.VIEW)}"
    assert await choose("role", role_id) == "roles ['readers']"
    assert await choose("role") == "roles []"
    assert await choose("user", 77) == "member77 ['@everyone', 'readers']"
    news = discord.add_channel(discord.guild_id, "news", 5)
    for custom_id, value, complaint in (("channel", news, "of type 5"), ("role", news, "no role")):
        with pytest.raises(UsageError, match=complaint):
            await choose(custom_id, value)
    with pytest.raises(UsageError, match="between 1 and 1"):
        await choose("channel")


async def test_role_is_given_and_taken(discord: LoopbackDiscord, bot: _Bot) -> None:
    """With MANAGE_ROLES and a role below its own the bot gives and takes; what it gave is seen next time."""
    role_id = discord.add_role(discord.guild_id, "readers", mentionable=True)
    discord.set_bot_permissions(discord.guild_id, Permission.DEFAULT | Permission.MANAGE_ROLES)
    card = await discord.command("settings")
    given = await discord.press(card.message, label="Notify me", user_id=discord.owner_id)
    assert given.message is not None
    assert given.message["content"] == "add_roles"
    assert discord.member_roles[discord.guild_id, discord.owner_id] == [role_id]
    guild = bot.get_guild(discord.guild_id)
    assert guild is not None
    assert guild.me.guild_permissions.manage_roles
    assert guild.self_role is not None
    assert guild.self_role > (guild.get_role(role_id) or guild.default_role)
    taken = await discord.press(card.message, label="Notify me")
    assert taken.message is not None
    assert taken.message["content"] == "remove_roles"
    assert discord.member_roles[discord.guild_id, discord.owner_id] == []


@pytest.mark.parametrize(
    ("rights", "position", "is_there", "answer"),
    [
        (Permission.DEFAULT, 1, True, "403 50013"),
        (Permission.MANAGE_ROLES, 2, True, "403 50013"),
        (Permission.MANAGE_ROLES, 1, False, "404 10011"),
        (Permission.ADMINISTRATOR, 1, True, "add_roles"),
    ],
    ids=["no-right", "above-the-bot", "unknown", "administrator"],
)
async def test_roles_out_of_reach(
    discord: LoopbackDiscord, bot: _Bot, rights: Permission, position: int, *, is_there: bool, answer: str
) -> None:
    """Without the right, or above the bot, a role is refused; a deleted one is unknown."""
    role_id = discord.add_role(discord.guild_id, "readers", position=position)
    discord.set_bot_permissions(discord.guild_id, rights)
    if not is_there:
        discord.delete_role(discord.guild_id, role_id)
    said = await discord.press((await discord.command("settings")).message, label="Notify me")
    assert said.message is not None
    assert said.message["content"] == answer


async def test_role_is_in_guild_create_and_its_event(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Roles arrive with the server, and later by themselves; others move up."""
    other = discord.add_guild("Seoul")
    role_id = discord.add_role(other.id, "readers")
    answer = await discord.command("paper", {"name": "x"})  # events come in order: those before it have arrived
    assert answer.message is not None
    guild = bot.get_guild(other.id)
    assert guild is not None
    assert [(role.name, role.position) for role in guild.roles] == [("@everyone", 0), ("readers", 1), ("nonmun", 2)]
    assert [role.id for role in await guild.fetch_roles()] == [other.id, other.bot_role_id, role_id]


# ── mentions ────────────────────────────────────────────────────────────────────────────────────────


async def test_only_listed_members_and_roles_are_pinged(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Named and listed: pinged. Not named, not listed, in code, or a role nobody may mention: not."""
    open_role = discord.add_role(discord.guild_id, "readers", mentionable=True)
    closed_role = discord.add_role(discord.guild_id, "staff")
    channel = bot.text_channel(discord.channel_id)
    ids = [discord_py.Object(value) for value in (7, 8, 9)]
    roles = [discord_py.Object(value) for value in (open_role, closed_role)]
    allowed = discord_py.AllowedMentions(users=ids, roles=roles, everyone=False)
    text = f"@everyone <@7> <@!7> `<@8>` <@10> <@&{open_role}> <@&{closed_role}>"
    message = await channel.send(text, allowed_mentions=allowed)
    stored = discord.channels[discord.channel_id].messages[0]
    assert [user["id"] for user in stored["mentions"]] == ["7"]
    assert stored["mention_roles"] == [str(open_role)]
    assert stored["mention_everyone"] is False
    await message.edit(content="<@9>", allowed_mentions=allowed)
    assert [user["id"] for user in discord.channels[discord.channel_id].messages[0]["mentions"]] == ["7"]
    discord.set_permissions(discord.channel_id, Permission.DEFAULT | Permission.MENTION_EVERYONE)
    await channel.send(f"<@&{closed_role}>", allowed_mentions=allowed)
    assert discord.channels[discord.channel_id].messages[1]["mention_roles"] == [str(closed_role)]
    assert discord.mention_violations == discord.violations == []


async def test_everyone_is_pinged_where_bot_may_and_it_is_a_violation(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Left open, @here reaches everyone with the right for it alone; the server writes it down either way."""
    channel, everyone = bot.text_channel(discord.channel_id), discord_py.AllowedMentions(everyone=True)
    await channel.send("@here", allowed_mentions=everyone)
    discord.set_permissions(discord.channel_id, Permission.DEFAULT | Permission.MENTION_EVERYONE)
    await channel.send("@here", allowed_mentions=everyone)
    assert [m["mention_everyone"] for m in discord.channels[discord.channel_id].messages] == [False, True]
    assert len(discord.mention_violations) == 2
    assert "everyone may be pinged" in discord.mention_violations[0]


@pytest.mark.parametrize(
    "allowed",
    [
        {"parse": [], "users": [str(number) for number in range(101)]},
        {"parse": ["users"], "users": ["7"]},
        {"parse": ["roles"], "roles": ["7"]},
    ],
)
async def test_mentions_that_discord_refuses(discord: LoopbackDiscord, allowed: Json) -> None:
    """Too many ids, or ids beside their own kind: 400, and written down."""
    async with aiohttp.ClientSession(headers={"Authorization": "Bot loopback-token"}) as session:
        url = f"{discord.api_url}/channels/{discord.channel_id}/messages"
        async with session.post(url, json={"content": "x", "allowed_mentions": allowed}) as response:
            assert response.status == 400
    assert len(discord.mention_violations) == 1
    assert discord.channels[discord.channel_id].messages == []


async def test_edit_with_text_must_say_who_is_mentioned(discord: LoopbackDiscord) -> None:
    """An edit that changes the text without ``allowed_mentions`` is written down; one of embeds alone is not."""
    async with aiohttp.ClientSession(headers={"Authorization": "Bot loopback-token"}) as session:
        url = f"{discord.api_url}/channels/{discord.channel_id}/messages"
        body = {"content": "x", "allowed_mentions": {"parse": []}}
        async with session.post(url, json=body) as response:
            message_id = (await response.json())["id"]
        for change, violations in (({"embeds": [{"title": "t"}]}, 0), ({"content": "y"}, 1)):
            async with session.patch(f"{url}/{message_id}", json=change) as response:
                assert response.status == 200
            assert len(discord.mention_violations) == violations


# ── edits, forums, publishing ───────────────────────────────────────────────────────────────────────


async def test_edits_of_old_messages_are_refused(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Code 30046, as often as asked; the message stays as it was."""
    message = await bot.text_channel(discord.channel_id).send("a")
    discord.refuse_edits(discord.channel_id)
    with pytest.raises(discord_py.HTTPException) as caught:
        await message.edit(content="b")
    assert (caught.value.status, caught.value.code) == (400, 30046)
    assert (await message.edit(content="c")).content == "c"


async def _forum(discord: LoopbackDiscord, bot: _Bot) -> discord_py.ForumChannel:
    forum = await bot.fetch_channel(discord.add_channel(discord.guild_id, "forum", 15))
    assert isinstance(forum, discord_py.ForumChannel)
    return forum


async def test_forum_post_with_tags_is_edited(discord: LoopbackDiscord, bot: _Bot) -> None:
    """A post takes tags of its forum, has its first message edited, takes further messages, and a new name."""
    forum = await _forum(discord, bot)
    method, survey = discord.set_tags(forum.id, ["Method", "Survey"], required=True)
    with pytest.raises(discord_py.HTTPException) as untagged:
        await forum.create_thread(name="InsTag", content="first")
    assert untagged.value.code == 40067
    post = await forum.create_thread(name="InsTag", content="first", applied_tags=[discord_py.Object(method)])  # type: ignore[list-item]
    assert discord.channels[post.thread.id].applied_tags == [method]
    await post.message.edit(content="second")
    await post.thread.send("beside it")
    assert [m["content"] for m in discord.channels[post.thread.id].messages] == ["second", "beside it"]
    await post.thread.edit(name="InsTag 2", applied_tags=[discord_py.Object(survey)])  # type: ignore[list-item]
    thread = discord.channels[post.thread.id]
    assert (thread.name, thread.applied_tags) == ("InsTag 2", [survey])
    assert discord.violations == discord.mention_violations == []


async def test_forum_refuses_unknown_and_too_many_tags(discord: LoopbackDiscord, bot: _Bot) -> None:
    """A tag of another forum, or a sixth, makes no post."""
    forum = await _forum(discord, bot)
    tags = [discord_py.Object(tag) for tag in discord.set_tags(forum.id, list("abcdef"))]
    for applied in (tags, [discord_py.Object(1)]):
        with pytest.raises(discord_py.HTTPException) as caught:
            await forum.create_thread(name="x", content="x", applied_tags=applied)  # type: ignore[arg-type]
        assert caught.value.status == 400
    assert list(discord.world.threads_of(forum.id)) == []


async def test_archived_and_locked_threads(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Sending opens an archived thread, editing does not; a locked one takes nothing, and cannot be opened."""
    post = await (await _forum(discord, bot)).create_thread(name="x", content="x")
    discord.archive_thread(post.thread.id)
    with pytest.raises(discord_py.HTTPException) as archived:
        await post.message.edit(content="y")
    assert archived.value.code == 50083
    await post.thread.send("y")
    assert not discord.channels[post.thread.id].archived
    discord.archive_thread(post.thread.id, locked=True)
    with pytest.raises(discord_py.Forbidden) as locked:
        await post.thread.send("z")
    assert locked.value.code == 50083
    with pytest.raises(discord_py.Forbidden):
        await post.thread.edit(archived=False)


async def test_publishing_is_limited_and_asks_for_the_right_to_send(discord: LoopbackDiscord, bot: _Bot) -> None:
    """The message beyond the limit of an hour gets 429 and a long wait; without SEND none is published."""
    discord.publish_limit = 1
    news = await bot.fetch_channel(discord.add_channel(discord.guild_id, "news", 5))
    assert isinstance(news, discord_py.TextChannel)
    messages = [await news.send(str(number)) for number in range(2)]
    discord.set_permissions(news.id, Permission.DEFAULT & ~Permission.SEND)
    with pytest.raises(discord_py.Forbidden):
        await messages[0].publish()
    discord.set_permissions(news.id, Permission.DEFAULT)
    await messages[0].publish()
    bot.http.max_ratelimit_timeout = 30.0
    with pytest.raises(discord_py.RateLimited) as caught:
        await messages[1].publish()
    assert 30 < caught.value.retry_after <= 3600
    await news.send("still to be sent")


# ── files ───────────────────────────────────────────────────────────────────────────────────────────


async def test_file_is_given_to_a_command_and_comes_back(discord: LoopbackDiscord, bot: _Bot) -> None:
    """A member's file is read over HTTP from this server; what the bot sends can be looked at."""
    answer = await discord.command("import", {"file": ("feeds.opml", b"<opml/>")})
    assert answer.message is not None
    assert answer.message["content"] == "7 bytes"
    attachment = answer.message["attachments"][0]
    assert (attachment["filename"], attachment["size"]) == ("back-feeds.opml", 7)
    assert discord.attachment_bytes(answer.message) == b">/lmpo<"
    async with aiohttp.ClientSession() as session, session.get(attachment["url"]) as response:
        assert await response.read() == b">/lmpo<"
    with pytest.raises(UsageError, match="takes a file"):
        await discord.command("import", {"file": "feeds.opml"})


async def test_edit_exchanges_files(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Files that an edit does not list go, new ones come."""
    channel = bot.text_channel(discord.channel_id)
    message = await channel.send(file=discord_py.File(io.BytesIO(b"1"), "one.txt"))
    await message.add_files(discord_py.File(io.BytesIO(b"2"), "two.txt"))
    stored = discord.channels[discord.channel_id].messages
    assert [file["filename"] for file in stored[0]["attachments"]] == ["one.txt", "two.txt"]
    await message.edit(attachments=[discord_py.File(io.BytesIO(b"3"), "three.txt")])
    assert [discord.attachment_bytes(stored[0], index) for index in range(len(stored[0]["attachments"]))] == [b"3"]


# ── servers, and many of them ───────────────────────────────────────────────────────────────────────


async def test_guild_and_channel_changes_reach_the_client(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Where a server has its notices, whose it is, and a channel's new name."""
    discord.edit_guild(
        discord.guild_id,
        owner_id=5,
        system_channel_id=discord.channel_id,
        public_updates_channel_id=discord.channel_id,
    )
    discord.rename_channel(discord.channel_id, "announcements")
    await discord.wait_for(lambda: discord.is_connected)
    await discord.command("paper", {"name": "x"})  # events come in order: those before it have arrived
    guild = bot.get_guild(discord.guild_id)
    assert guild is not None
    assert guild.owner_id == 5
    assert guild.system_channel == guild.public_updates_channel == bot.text_channel(discord.channel_id)
    assert bot.seen_channels == ["announcements"]


async def test_ten_thousand_channels_in_fifty_servers(pointed: LoopbackDiscord) -> None:
    """So many are made before a client comes, arrive whole, and each takes a message."""
    pointed.is_judged_by_document = False
    channels = [
        channel_id
        for number in range(50)
        for channel_id in pointed.add_channels(pointed.add_guild(f"group {number}").id, 200)
    ]
    async with _running(with_token=pointed.token) as bot:
        await pointed.wait_for(lambda: len(bot.guilds) == 51)
        assert sum(len(guild.channels) for guild in bot.guilds) == 10_001
        for channel_id in channels[::500]:
            await bot.text_channel(channel_id).send("new")
    assert all(len(pointed.channels[channel_id].messages) == 1 for channel_id in channels[::500])


async def test_global_limit_counts_all_channels(discord: LoopbackDiscord) -> None:
    """Beyond so many requests a second, whatever they are, the answer is a global 429; interactions do not count."""
    discord.global_per_second = 2
    async with aiohttp.ClientSession(headers={"Authorization": "Bot loopback-token"}) as session:
        for status in (200, 200, 429):
            async with session.get(f"{discord.api_url}/users/@me") as response:
                assert response.status == status
        assert response.headers["X-RateLimit-Global"] == "true"
        assert response.headers["X-RateLimit-Scope"] == "global"
        assert "X-RateLimit-Bucket" not in response.headers
        async with session.post(f"{discord.api_url}/webhooks/1/none", json={}) as unlimited:
            assert unlimited.status == 404


async def test_client_waits_out_the_global_limit(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Messages beyond the limit arrive all the same, once each."""
    discord.global_per_second = 3
    channel = bot.text_channel(discord.channel_id)
    await asyncio.gather(*(channel.send(str(number)) for number in range(5)))
    assert {m["content"] for m in discord.channels[discord.channel_id].messages} == set("01234")
    assert 429 in {request.status for request in discord.requests}


# ── threads: who may, who is in them, what is told ──────────────────────────────────────────────────

MEMBER = 7_000


async def _told(discord: LoopbackDiscord) -> None:
    """Wait until all events so far have reached the bot: they come in order, and this one is answered."""
    await discord.command("paper", {"name": "x"})


def _recorded(bot: _Bot, *events: str) -> list[tuple[str, Any]]:
    """Return a list that fills with what the client makes of gateway events, by name."""
    seen: list[tuple[str, Any]] = []
    for event in events:

        async def on_event(*objects: Any, _event: str = event) -> None:
            seen.append((_event, objects[-1]))

        setattr(bot, f"on_{event}", on_event)
    return seen


def _code(caught: pytest.ExceptionInfo[discord_py.HTTPException]) -> tuple[int, int]:
    return caught.value.status, caught.value.code


async def _thread(discord: LoopbackDiscord, bot: _Bot, name: str = "InsTag") -> discord_py.Thread:
    message = await bot.text_channel(discord.channel_id).send("x")
    return await message.create_thread(name=name, auto_archive_duration=10080)


async def test_thread_tells_counts_owner_and_times(discord: LoopbackDiscord, bot: _Bot) -> None:
    """The message it is under is in no count, a deleted one leaves one of two, and the bot is in what it opened."""
    thread = await _thread(discord, bot)
    stored = discord.channels[thread.id]
    assert (thread.owner_id, thread.auto_archive_duration, thread.archived) == (discord.application_id, 10080, False)
    assert thread.me is not None
    await thread.send("one")
    two, _ = discord.say(thread.id, times=2, user_id=MEMBER)
    discord.delete_message(thread.id, two["id"])
    fetched = await bot.fetch_channel(thread.id)
    assert isinstance(fetched, discord_py.Thread)
    assert (fetched.message_count, fetched.total_message_sent, fetched.member_count) == (2, 3, 2)
    assert str(fetched.last_message_id) == stored.messages[-1]["id"]
    assert fetched.archive_timestamp.isoformat() == stored.archived_at
    assert fetched.created_at is not None
    post = await (await _forum(discord, bot)).create_thread(name="LIMA", content="first")
    assert (post.thread.message_count, post.thread.total_message_sent) == (0, 0)
    assert discord.violations == []


async def test_history_of_a_thread_begins_with_what_it_is_under(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Discord's own first message points at the source, stands in the history alone, and cannot be deleted."""
    thread = await _thread(discord, bot)
    await thread.send("one")
    last, first = [message async for message in thread.history()]
    assert last.content == "one"
    assert first.type is discord_py.MessageType.thread_starter_message
    assert first.reference is not None
    assert first.reference.message_id == thread.id
    assert (await thread.fetch_message(first.id)).content == ""
    with pytest.raises(discord_py.Forbidden) as caught:
        await first.delete()
    assert _code(caught) == (403, 50021)


@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        ("message", Permission.CREATE_PUBLIC_THREADS),
        ("public", Permission.CREATE_PUBLIC_THREADS),
        ("private", Permission.CREATE_PRIVATE_THREADS),
        ("forum", Permission.SEND),
    ],
)
async def test_each_kind_of_thread_takes_its_right(
    discord: LoopbackDiscord, bot: _Bot, kind: str, needed: Permission
) -> None:
    """Refused without it and in time-out, enough with it; the others' rights count for nothing."""
    text, forum = bot.text_channel(discord.channel_id), await _forum(discord, bot)
    message, place = await text.send("x"), forum.id if kind == "forum" else text.id

    async def start() -> int:
        if kind == "message":
            return (await message.create_thread(name="n")).id
        if kind == "forum":
            return (await forum.create_thread(name="n", content="c")).thread.id
        types = discord_py.ChannelType
        is_public = kind == "public"
        made = await text.create_thread(name="n", type=types.public_thread if is_public else types.private_thread)
        return made.id

    async def refused() -> int:
        with pytest.raises(discord_py.Forbidden) as caught:
            await start()
        return caught.value.code

    every = Permission.DEFAULT | Permission.CREATE_PRIVATE_THREADS
    discord.set_permissions(place, every & ~needed)
    assert await refused() == 50013
    discord.set_permissions(place, every & ~Permission.VIEW)
    assert await refused() == 50001
    discord.set_permissions(place, Permission.VIEW | needed)
    discord.time_out_bot(discord.guild_id, discord_py.utils.utcnow() + timedelta(days=1))
    assert await refused() == 50013
    discord.time_out_bot(discord.guild_id, discord_py.utils.utcnow())
    assert await start() in discord.channels


async def test_too_many_active_threads(discord: LoopbackDiscord, bot: _Bot) -> None:
    """At the most of one server nothing is started or unarchived there; archiving one makes room."""
    first, second = await _thread(discord, bot), await _thread(discord, bot)
    discord.most_active_threads = 2
    with pytest.raises(discord_py.HTTPException) as started:
        await _thread(discord, bot)
    assert _code(started) == (400, 160006)
    await first.edit(archived=True)
    third = await _thread(discord, bot)
    for act in (lambda: first.send("x"), lambda: first.edit(archived=False)):
        with pytest.raises(discord_py.HTTPException) as opened:
            await act()
        assert _code(opened) == (400, 160006)
    assert discord.channels[first.id].messages == []
    await second.edit(archived=True)
    await first.send("x")
    other = discord.add_guild("Seoul", channels=["papers"])
    await _told(discord)
    elsewhere = bot.text_channel(other.channel_ids[0])
    assert (await elsewhere.create_thread(name="n", type=discord_py.ChannelType.public_thread)).id in discord.channels
    assert {thread.id for thread in await third.guild.active_threads()} == {first.id, third.id}


@pytest.mark.parametrize("knows", [False, True])
async def test_thread_is_deleted(discord: LoopbackDiscord, bot: _Bot, *, knows: bool) -> None:
    """It takes a right that who began it lacks; afterwards another may be started, or the message remembers it."""
    discord.remembers_deleted_threads = knows
    message = await bot.text_channel(discord.channel_id).send("x")
    thread = await message.create_thread(name="InsTag")
    with pytest.raises(discord_py.Forbidden) as caught:
        await thread.delete()
    assert _code(caught) == (403, 50013)
    seen = _recorded(bot, "raw_thread_delete")
    discord.set_permissions(discord.channel_id, Permission.DEFAULT | Permission.MANAGE_THREADS)
    await thread.delete()
    await _told(discord)
    assert [(event.thread_id, event.parent_id) for _, event in seen] == [(thread.id, discord.channel_id)]
    with pytest.raises(discord_py.NotFound) as gone:
        await bot.fetch_channel(thread.id)
    assert gone.value.code == 10003
    assert not (await message.fetch()).thread
    if knows:
        with pytest.raises(discord_py.HTTPException) as again:
            await message.create_thread(name="again")
        assert again.value.code == 160004
    else:
        assert (await message.create_thread(name="again")).id == thread.id
        assert discord.world.guilds[discord.guild_id].channel_ids.count(thread.id) == 1


async def test_edits_of_threads_take_their_rights(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Its opener renames and archives; locking, or anything once it is locked, takes Manage Threads."""
    thread = await _thread(discord, bot)
    await thread.edit(name="LIMA", archived=True, auto_archive_duration=60)
    assert discord.channels[thread.id].messages[-1]["type"] == 4
    stored = discord.channels[thread.id]
    assert (stored.name, stored.archived, stored.auto_archive_duration) == ("LIMA", True, 60)
    with pytest.raises(discord_py.HTTPException) as archived:
        await thread.edit(name="x")
    assert _code(archived) == (400, 50083)
    with pytest.raises(discord_py.Forbidden):
        await thread.edit(archived=False, locked=True)
    await thread.edit(archived=False)
    discord.edit_thread(thread.id, locked=True)
    refused: tuple[Json, ...] = ({"name": "x"}, {"archived": True}, {"locked": False})
    for changes in refused:
        with pytest.raises(discord_py.Forbidden) as locked:
            await thread.edit(**changes)
        assert _code(locked) == (403, 50013)
    discord.set_permissions(discord.channel_id, Permission.DEFAULT | Permission.MANAGE_THREADS)
    await thread.edit(name="InsTag", locked=False)
    assert (stored.name, stored.locked) == ("InsTag", False)


async def test_anybody_who_writes_in_threads_unarchives_anothers(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Opening takes the right to write; renaming somebody else's thread takes Manage Threads."""
    thread_id = discord.start_thread(discord.channel_id, "Theirs", user_id=MEMBER)
    await _told(discord)
    thread = await bot.fetch_channel(thread_id)
    assert isinstance(thread, discord_py.Thread)
    assert thread.me is None
    discord.archive_thread(thread_id)
    with pytest.raises(discord_py.Forbidden):
        await thread.edit(name="Mine", archived=False)
    discord.set_permissions(discord.channel_id, Permission.DEFAULT & ~Permission.SEND_IN_THREADS)
    with pytest.raises(discord_py.Forbidden):
        await thread.edit(archived=False)
    discord.set_permissions(discord.channel_id, Permission.DEFAULT)
    await thread.edit(archived=False)
    assert not discord.channels[thread_id].archived


@pytest.mark.parametrize(("is_archived", "code"), [(True, 50083), (False, 160005)])
async def test_locked_thread_takes_neither_messages_nor_edits(
    discord: LoopbackDiscord, bot: _Bot, *, is_archived: bool, code: int
) -> None:
    """With Manage Threads it takes both."""
    thread = await _thread(discord, bot)
    message = await thread.send("x")
    discord.edit_thread(thread.id, archived=is_archived, locked=True)
    acts: tuple[Callable[[], Awaitable[object]], ...]
    acts = (lambda: thread.send("y"), lambda: message.edit(content="y"), lambda: message.add_reaction("👍"))
    for act in acts[: None if is_archived else 2]:
        with pytest.raises(discord_py.HTTPException) as caught:
            await act()
        assert caught.value.code == code
    assert discord.channels[thread.id].archived is is_archived
    with pytest.raises(UsageError, match="locked"):
        discord.say(thread.id, user_id=MEMBER)
    discord.set_permissions(
        discord.channel_id, Permission.DEFAULT | Permission.MANAGE_THREADS | Permission.ADD_REACTIONS
    )
    await thread.send("y")
    await message.edit(content="z")
    await message.add_reaction("👍")
    assert not discord.channels[thread.id].archived


async def test_members_of_a_thread(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Somebody is added once, with a notice, to an open one; the bot leaves and joins; lists need an intent."""
    thread = await _thread(discord, bot)
    for _ in range(2):
        await thread.add_user(discord_py.Object(MEMBER))
    assert list(discord.channels[thread.id].members) == [discord.application_id, MEMBER]
    (notice,) = discord.channels[thread.id].messages
    assert (notice["type"], notice["mentions"][0]["id"]) == (1, str(MEMBER))
    assert (await thread.fetch_member(MEMBER)).id == MEMBER
    with pytest.raises(discord_py.NotFound):
        await thread.fetch_member(MEMBER + 1)
    with pytest.raises(discord_py.Forbidden) as unlisted:
        await thread.fetch_members()
    assert _code(unlisted) == (403, 50001)
    with pytest.raises(discord_py.Forbidden) as kept:
        await thread.remove_user(discord_py.Object(MEMBER))
    assert _code(kept) == (403, 50013)
    seen = _recorded(bot, "thread_join", "thread_remove")
    await thread.leave()
    await thread.join()
    await _told(discord)
    assert [event for event, _ in seen] == ["thread_remove", "thread_join"]
    discord.archive_thread(thread.id)
    with pytest.raises(discord_py.HTTPException) as archived:
        await thread.add_user(discord_py.Object(MEMBER + 1))
    assert _code(archived) == (400, 50083)
    discord.set_permissions(discord.channel_id, Permission.VIEW)
    discord.edit_thread(thread.id, archived=False)
    with pytest.raises(discord_py.Forbidden):
        await thread.add_user(discord_py.Object(MEMBER + 1))
    assert discord.violations == []


async def test_private_thread_is_seen_by_those_in_it(discord: LoopbackDiscord, bot: _Bot) -> None:
    """The bot knows nothing of one until it is added; a member of the channel does not see it either."""
    everyone = discord.world.guilds[discord.guild_id].roles[discord.guild_id]
    everyone.permissions |= Permission.CREATE_PRIVATE_THREADS
    seen = _recorded(bot, "thread_create", "thread_join")
    thread_id = discord.start_thread(discord.channel_id, "Secret", is_private=True, user_id=MEMBER)
    await _told(discord)
    assert seen == []
    with pytest.raises(discord_py.Forbidden) as caught:
        await bot.fetch_channel(thread_id)
    assert _code(caught) == (403, 50001)
    with pytest.raises(UsageError, match="does not see"):
        await discord.command("paper", {"name": "x"}, channel_id=thread_id, user_id=MEMBER + 1)
    discord.add_to_thread(thread_id, discord.application_id)
    await _told(discord)
    assert [thread.name for _, thread in seen] == ["Secret"]
    assert (await discord.command("paper", {"name": "x"}, channel_id=thread_id, user_id=MEMBER)).message


async def test_events_of_threads(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Started, joined, renamed, archived, unarchived by a word, deleted; never a word of what is said."""
    seen = _recorded(bot, "thread_create", "raw_thread_update", "thread_join", "raw_thread_delete", "message")
    thread_id = discord.start_thread(discord.channel_id, "InsTag", user_id=MEMBER)
    discord.say(thread_id, times=3, user_id=MEMBER)
    discord.edit_thread(thread_id, name="LIMA", user_id=MEMBER)
    discord.archive_thread(thread_id)
    await _told(discord)
    guild = bot.get_guild(discord.guild_id)
    assert guild is not None
    assert guild.get_thread(thread_id) is None
    discord.say(thread_id, user_id=MEMBER + 1)
    await _told(discord)
    assert guild.get_thread(thread_id) is not None
    with pytest.raises(UsageError, match="lacks"):
        discord.delete_thread(thread_id, user_id=MEMBER)
    discord.delete_thread(thread_id)
    await _told(discord)
    updates = [event.data for name, event in seen if name == "raw_thread_update"]
    assert [(data["name"], data["thread_metadata"]["archived"]) for data in updates] == [
        ("LIMA", False),
        ("LIMA", True),
        ("LIMA", False),
    ]
    assert [data["message_count"] for data in updates] == [4, 4, 5]  # the notice of the new name among them
    assert [name for name, _ in seen if name != "raw_thread_update"] == [
        "thread_create",
        "thread_join",
        "raw_thread_delete",
    ]


async def test_client_that_comes_back_knows_active_threads_alone(pointed: LoopbackDiscord) -> None:
    """GUILD_CREATE has those that are open and seen, with whether the bot is in them."""
    channel_id, guild_id = pointed.channel_id, pointed.guild_id
    hidden = pointed.add_channel(guild_id, "hidden")
    pointed.set_permissions(hidden, 0)
    kept, archived, unseen = (pointed.start_thread(place, "n") for place in (channel_id, channel_id, hidden))
    pointed.add_to_thread(kept, pointed.application_id)
    pointed.archive_thread(archived)
    async with _running(with_token=pointed.token) as bot:
        guild = bot.get_guild(guild_id)
        assert guild is not None
        assert [thread.id for thread in guild.threads] == [kept]
        assert guild.threads[0].me is not None
        assert guild.threads[0].me.id == pointed.application_id
        pointed.set_permissions(hidden, Permission.DEFAULT)
        await _told(pointed)
        assert {thread.id for thread in guild.threads} == {kept, unseen}
        public = [thread.id async for thread in bot.text_channel(channel_id).archived_threads()]
        assert public == [archived]


async def test_archived_private_threads_are_listed_for_those_who_may(discord: LoopbackDiscord, bot: _Bot) -> None:
    """One's own by joining, all with Manage Threads, in no list of public ones."""
    joined = discord.add_private_thread(discord.channel_id, "joined")
    other = discord.start_thread(discord.channel_id, "other", is_private=True)
    for thread_id in (joined, other):
        discord.archive_thread(thread_id)
    channel = bot.text_channel(discord.channel_id)

    async def listed(*, private: bool = True, joined: bool = False) -> list[int]:
        return [thread.id async for thread in channel.archived_threads(private=private, joined=joined)]

    assert await listed(private=False) == []
    assert await listed(joined=True) == [joined]
    with pytest.raises(discord_py.Forbidden):
        await listed()
    discord.set_permissions(channel.id, Permission.DEFAULT | Permission.MANAGE_THREADS)
    assert await listed() == [other, joined]


async def test_thread_kinds_that_a_channel_does_not_take(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Announcement channels have threads of their own kind and no private ones; a thread has none."""
    news = await bot.fetch_channel(discord.add_channel(discord.guild_id, "news", 5))
    assert isinstance(news, discord_py.TextChannel)
    assert (await (await news.send("x")).create_thread(name="n")).type is discord_py.ChannelType.news_thread
    with pytest.raises(discord_py.HTTPException) as caught:
        await news.create_thread(name="n", type=discord_py.ChannelType.private_thread)
    assert _code(caught) == (400, 50024)
    inside = await (await _thread(discord, bot)).send("x")
    with pytest.raises(discord_py.HTTPException) as nested:
        await inside.create_thread(name="n")
    assert _code(nested) == (400, 50024)


async def test_thread_under_a_message_may_leave_a_notice(discord: LoopbackDiscord, bot: _Bot) -> None:
    """As Discord does where the message is not new: the thread's name, in the name of who started it."""
    discord.leaves_thread_notices = True
    thread = await _thread(discord, bot)
    notice = discord.channels[discord.channel_id].messages[-1]
    assert (notice["type"], notice["content"]) == (18, "InsTag")
    assert notice["message_reference"]["channel_id"] == str(thread.id)
    newest = [message async for message in bot.text_channel(discord.channel_id).history(limit=1)]
    assert newest[0].type is discord_py.MessageType.thread_created


# ── messages in threads ─────────────────────────────────────────────────────────────────────────────


async def test_silent_message_once_in_a_thread(discord: LoopbackDiscord, bot: _Bot) -> None:
    """The flag is kept with the message, also through an edit; an enforced nonce counts for its thread alone."""
    first, second = await _thread(discord, bot), await _thread(discord, bot)
    sent = await first.send(view=_Layout(), silent=True, nonce="n")
    again = await first.send(view=_Layout(), silent=True, nonce="n")
    other = await second.send(view=_Layout(), nonce="n")
    assert sent.id == again.id != other.id
    await sent.edit(view=_Layout(), allowed_mentions=discord_py.AllowedMentions.none())
    (stored,) = discord.channels[first.id].messages
    assert stored["flags"] == SUPPRESS_NOTIFICATIONS | limits.COMPONENTS_V2
    assert discord.channels[second.id].messages[0]["flags"] == limits.COMPONENTS_V2
    assert discord.violations == discord.mention_violations == []


async def test_reply_in_a_thread(discord: LoopbackDiscord, bot: _Bot) -> None:
    """To what stands there; to what is gone only if that is said to do no harm; not without the history."""
    thread = await _thread(discord, bot)
    first, gone = await thread.send("one"), await thread.send("gone")
    reply = await first.reply("two")
    assert reply.reference is not None
    assert reply.reference.message_id == first.id
    await gone.delete()
    assert (await thread.send("three", reference=gone.to_reference(fail_if_not_exists=False))).reference is None
    with pytest.raises(discord_py.HTTPException) as unknown:
        await gone.reply("four")
    assert _code(unknown) == (400, 50035)
    discord.set_permissions(discord.channel_id, Permission.DEFAULT & ~Permission.READ_HISTORY)
    with pytest.raises(discord_py.Forbidden) as unread:
        await first.reply("five")
    assert unread.value.code == 160002
    assert [m["content"] for m in discord.channels[thread.id].messages] == ["one", "two", "three"]


async def test_forum_tags_are_made_by_the_bot(discord: LoopbackDiscord, bot: _Bot) -> None:
    """It takes Manage Channels; tags keep their ids, names are unique and short, a dropped one leaves its posts."""
    forum = await _forum(discord, bot)
    with pytest.raises(discord_py.Forbidden):
        await forum.create_tag(name="ACL")
    discord.set_permissions(forum.id, Permission.DEFAULT | Permission.MANAGE_CHANNELS)
    acl = await forum.create_tag(name="ACL")
    forum = discord_py.utils.get(forum.guild.forums, id=forum.id) or forum
    await _told(discord)
    icml = await forum.create_tag(name="ICML")
    assert [tag["id"] for tag in discord.channels[forum.id].available_tags] == [str(acl.id), str(icml.id)]
    post = await forum.create_thread(name="x", content="x", applied_tags=[acl, icml])
    await forum.edit(available_tags=[icml], require_tag=True)
    assert discord.channels[post.thread.id].applied_tags == [icml.id]
    with pytest.raises(discord_py.HTTPException) as untagged:
        await forum.create_thread(name="x", content="x")
    assert untagged.value.code == 40067
    award = await forum.create_tag(name="Award", moderated=True)
    with pytest.raises(discord_py.Forbidden) as moderated:
        await forum.create_thread(name="x", content="x", applied_tags=[award])
    assert moderated.value.code == 50013
    await forum.edit(available_tags=[icml])
    for names in (["ACL", "ACL"], ["n" * 21], list("abcdefghijklmnopqrstu")):
        with pytest.raises(discord_py.HTTPException) as caught:
            await forum.edit(available_tags=[discord_py.ForumTag(name=name) for name in names])
        assert caught.value.status == 400
    assert len(discord.channels[forum.id].available_tags) == 1


async def test_forum_is_made_by_the_bot(discord: LoopbackDiscord, bot: _Bot) -> None:
    """With Manage Channels in the server; it has its tags from the start."""
    guild = bot.get_guild(discord.guild_id)
    assert guild is not None
    with pytest.raises(discord_py.Forbidden):
        await guild.create_forum("talks")
    discord.set_bot_permissions(discord.guild_id, Permission.DEFAULT | Permission.MANAGE_CHANNELS)
    forum = await guild.create_forum("talks", available_tags=[discord_py.ForumTag(name="ACL")])
    assert [tag.name for tag in forum.available_tags] == ["ACL"]
    assert discord.channels[forum.id].type == 15
    assert discord.violations == []


async def test_forum_takes_a_first_message_of_components_or_not(discord: LoopbackDiscord, bot: _Bot) -> None:
    forum = await _forum(discord, bot)
    post = await forum.create_thread(name="InsTag", view=_Layout())
    assert discord.channels[post.thread.id].messages[0]["flags"] == limits.COMPONENTS_V2
    discord.forum_takes_v2 = False
    with pytest.raises(discord_py.HTTPException) as caught:
        await forum.create_thread(name="InsTag", view=_Layout())
    assert _code(caught) == (400, 50035)
    assert len(discord.world.threads_of(forum.id)) == 1


async def test_what_others_wrote_is_empty_without_the_intent(discord: LoopbackDiscord, bot: _Bot) -> None:
    """In history and by id; not where the bot is mentioned. Others' messages can be neither edited nor deleted."""
    channel = bot.text_channel(discord.channel_id)
    (theirs,) = discord.say(channel.id, "2308.07074", embeds=[{"title": "a link"}], files={"a.txt": b"a"})
    (to_bot,) = discord.say(channel.id, f"<@{discord.application_id}> 2308.07074")
    read = await channel.fetch_message(int(theirs["id"]))
    assert (read.content, read.embeds, read.attachments) == ("", [], [])
    assert [message.content async for message in channel.history()] == [to_bot["content"], ""]
    with pytest.raises(discord_py.Forbidden) as edited:
        await bot.http.edit_message(
            channel.id, read.id, params=discord_py.http.handle_message_parameters(content="x")
        )
    assert _code(edited) == (403, 50005)
    with pytest.raises(discord_py.Forbidden) as deleted:
        await read.delete()
    assert _code(deleted) == (403, 50013)
    discord.set_permissions(channel.id, Permission.DEFAULT | Permission.MANAGE_MESSAGES)
    await read.delete()


# ── members and their rights ────────────────────────────────────────────────────────────────────────


async def _rights(discord: LoopbackDiscord, user_id: int, channel_id: int | None = None) -> discord_py.Permissions:
    """Return what an interaction tells of a member's permissions."""
    await discord.command("rights", user_id=user_id, channel_id=channel_id)
    return _Bot.rights[-1][0]


async def test_member_permissions_come_from_roles_and_overwrites(discord: LoopbackDiscord, bot: _Bot) -> None:
    """@everyone, roles together, the member; threads as their channel; owner and administrators have all."""
    guild_id, place = discord.guild_id, discord.channel_id
    readers = discord.add_role(guild_id, "readers", permissions=Permission.MANAGE_THREADS)
    muted = discord.add_role(guild_id, "muted")
    discord.give_roles(guild_id, MEMBER, readers, muted)
    plain, reader = await _rights(discord, MEMBER + 1), await _rights(discord, MEMBER)
    assert (plain.create_public_threads, plain.send_messages_in_threads, plain.manage_threads) == (True, True, False)
    assert reader.manage_threads
    discord.set_overwrite(place, guild_id, deny=Permission.CREATE_PUBLIC_THREADS | Permission.SEND_IN_THREADS)
    discord.set_overwrite(place, muted, deny=Permission.SEND_IN_THREADS)
    discord.set_overwrite(place, readers, allow=Permission.SEND_IN_THREADS)
    thread_id = discord.start_thread(place, "n")
    for where in (place, thread_id):
        assert not (await _rights(discord, MEMBER + 1, where)).create_public_threads
        rights = await _rights(discord, MEMBER, where)
        assert (rights.create_public_threads, rights.send_messages_in_threads) == (False, True)
    discord.set_member_overwrite(
        place, MEMBER, allow=Permission.CREATE_PUBLIC_THREADS, deny=Permission.SEND_IN_THREADS
    )
    rights = await _rights(discord, MEMBER, thread_id)
    assert (rights.create_public_threads, rights.send_messages_in_threads) == (True, False)
    assert (await _rights(discord, discord.owner_id, thread_id)).administrator
    discord.edit_role(guild_id, muted, permissions=Permission.ADMINISTRATOR)
    assert (await _rights(discord, MEMBER)).value == ALL_PERMISSIONS


@pytest.mark.parametrize("seed", range(5))
async def test_client_works_out_the_same_rights_from_what_it_is_told(
    discord: LoopbackDiscord, bot: _Bot, seed: int
) -> None:
    """What an interaction tells is what discord.py makes of the server's roles and the channel's overwrites."""
    random, thread_id = Random(seed), discord.start_thread(discord.channel_id, "n")
    looked_at = [Permission.CREATE_PUBLIC_THREADS, Permission.SEND_IN_THREADS, Permission.MANAGE_THREADS]

    def some() -> int:
        return sum(int(one) for one in looked_at if random.random() < 0.5)

    roles = [discord.add_role(discord.guild_id, f"r{number}", permissions=some()) for number in range(3)]
    discord.edit_role(discord.guild_id, discord.guild_id, permissions=int(Permission.DEFAULT) ^ some())
    discord.give_roles(discord.guild_id, MEMBER, *roles[:2])
    for role_id in (discord.guild_id, *roles):
        discord.set_overwrite(discord.channel_id, role_id, allow=some(), deny=some())
    if random.random() < 0.5:
        discord.set_member_overwrite(discord.channel_id, MEMBER, allow=some(), deny=some())
    for place in (discord.channel_id, thread_id):
        await _rights(discord, MEMBER, place)
        told, _, computed = _Bot.rights[-1]
        assert [told.value & one for one in looked_at] == [computed.value & one for one in looked_at]


async def test_app_permissions_are_the_bots(discord: LoopbackDiscord, bot: _Bot) -> None:
    discord.set_permissions(discord.channel_id, Permission.VIEW | Permission.CREATE_PUBLIC_THREADS)
    await discord.command("rights", user_id=MEMBER)
    assert _Bot.rights[-1][1].value == Permission.VIEW | Permission.CREATE_PUBLIC_THREADS


async def test_member_in_time_out_may_look_and_press_alone(discord: LoopbackDiscord, bot: _Bot) -> None:
    """No commands, no messages; what a press tells is the rights that are left, until the time is over."""
    shown = await discord.command("layout", user_id=MEMBER)
    assert shown.message is not None
    discord.time_out(discord.guild_id, MEMBER, discord_py.utils.utcnow() + timedelta(hours=1))
    with pytest.raises(UsageError, match="may not use commands"):
        await discord.command("rights", user_id=MEMBER)
    with pytest.raises(UsageError, match="lacks"):
        discord.say(discord.channel_id, user_id=MEMBER)
    pressed = await discord.press(shown.message, label="More", user_id=MEMBER)
    assert pressed.message is not None
    assert pressed.message["content"] == str(int(Permission.IN_TIME_OUT))
    discord.time_out(discord.guild_id, MEMBER, discord_py.utils.utcnow() - timedelta(hours=1))
    assert (await _rights(discord, MEMBER)).send_messages


async def test_hidden_channel_is_for_its_role(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Without the role a member neither sees it nor its threads, nor can choose it; the bot does as before."""
    role = discord.add_role(discord.guild_id, "board")
    discord.give_roles(discord.guild_id, MEMBER, role)
    hidden = discord.add_channel(discord.guild_id, "board")
    thread_id = discord.start_thread(hidden, "n")
    discord.hide_channel(hidden, show_to=[role])
    (message,) = discord.say(thread_id, user_id=MEMBER)
    for place in (hidden, thread_id):
        assert (await _rights(discord, MEMBER, place)).view_channel
        with pytest.raises(UsageError, match="does not see"):
            await discord.command("rights", user_id=MEMBER + 1, channel_id=place)
    with pytest.raises(UsageError, match="does not see"):
        await discord.message_command("What do we have?", message, user_id=MEMBER + 1)
    with pytest.raises(UsageError, match="does not see"):
        discord.say(thread_id, user_id=MEMBER + 1)
    with pytest.raises(UsageError, match="no channel"):
        await discord.command(
            "feed add",
            {"channel": hidden},
            user_id=MEMBER + 1,
            is_let_through=True,
        )
    await bot.text_channel(hidden).send("x")


async def test_message_menu_brings_the_whole_message(discord: LoopbackDiscord, bot: _Bot) -> None:
    """Of another member, with text, embeds and files; a forwarded one is empty and has them in its snapshot."""
    embed = {"title": "InsTag", "url": "https://arxiv.org/abs/2308.07074", "type": "link"}
    (message,) = discord.say(
        discord.channel_id, "2308.07074", user_id=MEMBER, embeds=[embed], files={"a.bib": b"@article{}"}
    )
    other = discord.add_channel(discord.guild_id, "other")
    forwarded = discord.forward(message, other, user_id=MEMBER)
    discord.delete_message(discord.channel_id, message["id"])
    answer = await discord.message_command("What do we have?", forwarded, user_id=MEMBER + 1)
    assert answer.message is not None
    assert answer.message["content"] == "about "
    seen = _Bot.messages[-1]
    assert (seen.author.id, seen.content, seen.embeds) == (MEMBER, "", [])
    (snapshot,) = seen.message_snapshots
    assert (snapshot.content, snapshot.embeds[0].url) == ("2308.07074", embed["url"])
    assert [file.filename for file in snapshot.attachments] == ["a.bib"]
    with pytest.raises(UsageError, match="does not exist"):
        await discord.message_command("What do we have?", message)


# ── where a bot may be killed ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("is_done", [False, True])
async def test_thread_and_message_are_held_before_or_after_they_stand(
    discord: LoopbackDiscord, bot: _Bot, *, is_done: bool
) -> None:
    """A dropped request is without effect before, and its effect stands after; others go on."""
    text, other = bot.text_channel(discord.channel_id), discord.add_channel(discord.guild_id, "other")
    message, thread = await text.send("x"), await _thread(discord, bot)
    await _told(discord)
    starts = discord.hold_thread(text.id, is_done=is_done)
    writes = discord.hold_thread_message(thread.id, guild_id=discord.guild_id, is_done=is_done)
    await bot.text_channel(other).create_thread(name="n", type=discord_py.ChannelType.public_thread)
    await text.send("y")
    begun = [asyncio.create_task(message.create_thread(name="n")), asyncio.create_task(thread.send("held"))]
    await discord.wait_for(lambda: starts.is_reached and writes.is_reached, what="both requests")
    assert (message.id in discord.channels) is is_done
    assert len(discord.channels[thread.id].messages) == is_done
    for task, held in zip(begun, (starts, writes), strict=True):
        task.cancel()
        held.drop()
    await asyncio.gather(*begun, return_exceptions=True)
    await _told(discord)
    assert (message.id in discord.channels) is is_done
    assert len(discord.channels[thread.id].messages) == is_done


async def test_held_before_its_effect_goes_on_when_released(discord: LoopbackDiscord, bot: _Bot) -> None:
    forum = await _forum(discord, bot)
    held = discord.hold_thread(is_done=False)
    begun = asyncio.create_task(forum.create_thread(name="n", content="c"))
    await discord.wait_for(lambda: held.is_reached, what="the request")
    assert discord.world.threads_of(forum.id) == []
    held.release()
    assert (await begun).thread.id in discord.channels


@pytest.mark.parametrize("is_locked", [False, True])
async def test_answer_in_an_archived_thread(discord: LoopbackDiscord, bot: _Bot, *, is_locked: bool) -> None:
    """A public one unarchives it, or is refused where it is locked to the member; a private one is shown."""
    thread = await _thread(discord, bot)
    discord.archive_thread(thread.id, locked=is_locked)
    private = await discord.command("rights", channel_id=thread.id, user_id=MEMBER)
    assert private.is_ephemeral
    assert discord.channels[thread.id].archived
    if is_locked:
        refused = asyncio.create_task(discord.command("layout", channel_id=thread.id, user_id=MEMBER))
        await discord.wait_for(lambda: discord.requests[-1].status == 403, what="the refusal")
        refused.cancel()
        assert discord.channels[thread.id].messages == []
    assert (await discord.command("layout", channel_id=thread.id)).message
    assert not discord.channels[thread.id].archived
