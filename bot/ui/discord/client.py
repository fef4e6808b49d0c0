"""The connection to Discord: the client, its commands, and events about channels and servers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot.config import Settings
from bot.errors import SettingsError
from bot.languages import _
from bot.models.servers import Membership
from bot.service import Service
from bot.ui.discord import replies
from bot.ui.discord.earlier_talks import ThreadCounts
from bot.ui.discord.errors import EXPIRED, answer_error, describe_refusal
from bot.ui.discord.forms import typed_in
from bot.ui.discord.gate import Gate, LateCompletions, Tree
from bot.ui.discord.improving import Improving
from bot.ui.discord.live import Live
from bot.ui.discord.panels.revival import revive
from bot.ui.discord.panels.trial import DeleteButton
from bot.ui.discord.panels.welcome import STEPS
from bot.ui.discord.poster import ChannelPoster, facts_of, thread_facts
from bot.ui.discord.presses import CardButton, CardMenu
from bot.ui.discord.registration import keep_registered
from bot.ui.discord.rights import WANTED, find_channel
from bot.ui.discord.server_time import ServerTime
from bot.ui.discord.shards import ShardedBot
from bot.ui.discord.translator import CatalogueTranslator
from bot.ui.discord.warming import warm_up

log = logging.getLogger(__name__)

COGS = (
    *("cogs.papers", "cogs.messages", "cogs.joins", "cogs.search", "cogs.asking", "cogs.about", "cogs.saved"),
    *("cogs.privacy", "cogs.feeds", "cogs.subscribe", "cogs.notify", "cogs.settings", "cogs.wanted"),
)
READY_TIMEOUT_S = 0.5
"""How long discord.py waits for one more server after the last one; later ones are still recognised."""
RATE_LIMIT_PATIENCE_S = 60.0
"""After a longer 429, discord.py gives up the request: the outbox waits, not a task."""
LONGEST_LOGIN_WAIT_S = 60.0
TIME_OUT_MARGIN_S = 0.5
MOST_LOOKED_FOR = 50
"""How many channels are looked up at a start, if the gateway does not name them."""
APPLICATION_FACT = "application"
"""The application whose servers the database holds; with another application's token, the bot sees other servers."""
_REFUSED_TOKEN, _SHARDING = 4004, (4010, 4011)
"""Close codes of the gateway. Source: Discord's documentation, "Opcodes and Status Codes"."""


class NonmunClient(ShardedBot):
    """The Discord client: the cogs provide its commands, the service its answers."""

    def __init__(self, service: Service, settings: Settings) -> None:
        point_at(settings)
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # we never use voice
        super().__init__(
            wanted_shards=settings.shards,
            command_prefix=commands.when_mentioned,
            tree_cls=Tree,
            help_command=None,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            guild_ready_timeout=READY_TIMEOUT_S,
            max_ratelimit_timeout=RATE_LIMIT_PATIENCE_S,
            http_trace=(server_time := ServerTime(service.metrics)).trace(),
        )
        self.service = service
        service.audiences.guild_of = self._guild_of
        self.poster = ChannelPoster(self, server_time, service.metrics, is_complete=lambda: self.is_complete)
        self.live = Live()
        self.command_ids: dict[str, int] = {}
        """Discord's ids of our commands, by their names, as far as they are known; all once they are registered."""
        self.thread_counts = ThreadCounts(service.earlier_talks, service.talks, self.poster)
        self.gate = Gate(self, settings, self.command_ids, service.metrics)
        self.improving = Improving()
        self._completions_log = LateCompletions(self.gate.tally)
        logging.getLogger("discord.app_commands.tree").addFilter(self._completions_log)
        self.on_news: Callable[[], Awaitable[None]] | None = None
        """Called when a refused post may be accepted now: at ready, and when permissions or channels change."""
        self._settings = settings
        self._registering: asyncio.Task[None] | None = None
        self._catching_up = asyncio.Lock()
        self._knows_servers: bool | None = None
        self._warming: asyncio.Task[None] | None = None
        self._time_out_end: asyncio.TimerHandle | None = None
        self.tree.error(self._on_command_error)

    async def run_until_closed(self) -> None:
        """Log in, trying again while Discord cannot be reached, then stay connected.

        Raises:
            SettingsError: Discord does not know the token, or not as many shards as the host wants are enough.
        """
        token = self._settings.discord_token
        if token is None:
            raise SettingsError((_("DISCORD_TOKEN: not set"),))
        wait_s = 1.0
        while True:
            try:
                await self.login(token.get_secret_value())
                break
            except discord.LoginFailure:
                # Not chained: the traceback would contain the token in its local variables.
                raise SettingsError((_("DISCORD_TOKEN: Discord rejected it; copy it again"),)) from None
            except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as exc:
                log.warning("login failed reason=%s retry_s=%g", type(exc).__name__, wait_s)
                await self.http.close()
                self.http.connector = discord.utils.MISSING  # otherwise the closed one would be used again
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, LONGEST_LOGIN_WAIT_S)
        try:
            await self.connect(reconnect=True)
        except discord.ConnectionClosed as exc:
            raise SettingsError((self._explain_close(exc.code),)) from None

    def _explain_close(self, code: int) -> str:
        if code == _REFUSED_TOKEN:
            return _("DISCORD_TOKEN: Discord rejected it; copy it again")
        if code in _SHARDING:
            said = _(
                "NONMUN_SHARDS: {count} are too few for Discord; remove the setting to use as many as it recommends"
            )
            return said.format(count=self.shard_count)
        return _("Discord’s gateway refuses the bot with code {code}; its documentation says why").format(code=code)

    async def setup_hook(self) -> None:
        """Load the cogs, say what their commands are called in other languages, and answer presses on messages.

        What the first questions need is loaded in the background.
        """
        self._warming = asyncio.create_task(warm_up(self.service))
        await self.tree.set_translator(CatalogueTranslator())
        self.add_dynamic_items(CardButton, CardMenu, DeleteButton, *STEPS)
        for name in COGS:
            if name not in self.extensions:
                await self.load_extension(name)

    async def on_shard_ready(self, shard_id: int) -> None:
        """Catch up with what happened on a shard while we were away; once all are ready, with the rest."""
        async with self._catching_up:
            log.info("shard ready shard=%d servers=%d", shard_id, len(self._guilds_on(shard_id)))
            await self.adopt()
            await self._look_for_servers(shard_id)
            if self._registering is None:
                self._registering = asyncio.create_task(keep_registered(self, self.tree, self.command_ids.update))
            if self.is_complete:
                await self._take_stock()
            else:
                there = [_membership(guild) for guild in self._guilds_on(shard_id)]
                await self.service.servers.meet_all(self.application_id or 0, there)
            await self._tell_news()

    async def _take_stock(self) -> None:
        """Compare all servers and channels with what is known."""
        log.info("ready user=%s servers=%d", self.user, len(self.guilds))
        self._knows_servers = True
        memberships = [_membership(guild) for guild in self.guilds]
        await self.service.servers.take_stock(self.application_id or 0, memberships)
        await self._look_for_channels()
        await self.service.courier.tell_lost_roles(self.poster)

    def _guilds_on(self, shard_id: int) -> list[discord.Guild]:
        return [guild for guild in self.guilds if guild.shard_id == shard_id]

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Ignore events once we close: discord.py may still report that it is ready, but has no event loop."""
        if not self.is_closed():
            super().dispatch(event, *args, **kwargs)

    async def close(self) -> None:
        """Close the connection and everything that depends on it."""
        if self._time_out_end is not None:
            self._time_out_end.cancel()
        self.gate.close()
        await self.thread_counts.close()
        for task in (self._registering, self._warming):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        await super().close()
        logging.getLogger("discord.app_commands.tree").removeFilter(self._completions_log)

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer a press on an expired message or form; live ones are answered by their view or command."""
        if not self.live.is_over(interaction.data) or await revive(interaction):
            return
        if not await self.gate.admit(interaction):
            return
        sentence = _(EXPIRED)
        if interaction.type is discord.InteractionType.modal_submit:
            said = _("This form has expired. Run the command again. You typed:\n{typed}")
            sentence = said.format(typed=typed_in(interaction.data))
        try:
            await replies.say(interaction, sentence)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as exc:
            log.info("a late press was not answered reason=%s", describe_refusal(exc))

    async def _on_command_error(
        self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError
    ) -> None:
        await answer_error(interaction, error)

    async def on_raw_app_command_permissions_update(
        self, payload: discord.RawAppCommandPermissionsUpdateEvent
    ) -> None:
        """Ask Discord again about this server's command permissions."""
        self.gate.access.forget(payload.guild.id)

    async def adopt(self) -> None:
        """Give the subscriptions of the settings' channel to its server, as soon as the gateway has named it."""
        await self.service.subscriptions.adopt(self._guild_of)

    def _guild_of(self, channel_id: int) -> int | None:
        channel = find_channel(self, channel_id)
        return channel.guild.id if channel else None

    async def _tell_news(self, *_: Any) -> None:
        self._await_time_out_end()
        if self.on_news:
            await self.on_news()

    on_guild_channel_update = on_guild_role_update = on_member_update = _tell_news
    on_thread_update = on_time_out_end = _tell_news

    async def on_thread_create(self, thread: discord.Thread) -> None:
        """Take in a thread that somebody opened: it may be a talk."""
        await self.service.talks.thread_opened(facts_of(thread))

    async def on_raw_thread_update(self, payload: discord.RawThreadUpdateEvent) -> None:
        """Follow what a talk is called, and whether it is archived or locked."""
        await self.service.talks.thread_changed(thread_facts(dict(payload.data)))

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Welcome a server that the bot has joined."""
        await self._meet(guild)
        await self._tell_news()

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Notice a server that the bot has joined while it was away; at a start, `on_shard_ready` does."""
        if self.is_settled(guild.id):
            await self._meet(guild)

    async def on_guild_update(self, _: discord.Guild, guild: discord.Guild) -> None:
        """Follow a server's locale."""
        await self._meet(guild)

    async def _meet(self, guild: discord.Guild) -> None:
        await self.service.servers.meet(self.application_id or 0, _membership(guild))

    def _await_time_out_end(self) -> None:
        """Note when our time-out ends: Discord reports its beginning, but not its end."""
        if self._time_out_end is not None:
            self._time_out_end.cancel()
            self._time_out_end = None
        ends = [
            guild.me.timed_out_until
            for guild in self.guilds
            if not guild.unavailable and guild.me.is_timed_out() and guild.me.timed_out_until
        ]
        if ends:
            wait_s = (min(ends) - discord.utils.utcnow()).total_seconds() + TIME_OUT_MARGIN_S
            self._time_out_end = self.loop.call_later(wait_s, self.dispatch, "time_out_end")

    async def on_guild_role_delete(self, _: discord.Role) -> None:
        """React to a deleted role, which posts may ping."""
        await self._tell_news()
        await self.service.courier.tell_lost_roles(self.poster)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """End the subscriptions of a deleted channel."""
        await self._end_channel(channel.id)

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """End the subscriptions of a deleted thread."""
        await self._end_channel(payload.thread_id)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """End the subscriptions of a server that we have left."""
        await self.service.courier.end_guild(guild.id)
        await self.service.subscriptions.tell_change()

    async def _end_channel(self, channel_id: int) -> None:
        await self.service.courier.end_channel(channel_id)
        await self.service.subscriptions.tell_change()

    async def _look_for_servers(self, shard_id: int) -> None:
        """Find servers that removed us while we were away. With another application's token, all would seem to."""
        if not await self._is_same_application():
            return
        for guild_id in await self.service.subscriptions.guilds():
            if self.shard_of(guild_id) == shard_id and self.get_guild(guild_id) is None:
                await self.service.courier.end_guild(guild_id)
                await self.service.subscriptions.tell_change()

    async def _is_same_application(self) -> bool:
        """Whether the servers in the database are this application's; the answer holds until all shards are ready."""
        if self._knows_servers is None:
            mine = str(self.application_id)
            self._knows_servers = await self.service.get_fact(APPLICATION_FACT) == mine
            await self.service.set_fact(APPLICATION_FACT, mine)
        return self._knows_servers

    async def _look_for_channels(self) -> None:
        """Find channels that were deleted while we were away: those that the gateway does not name are looked up."""
        known = await self.service.subscriptions.channels()
        unseen = [channel_id for channel_id in known if find_channel(self, channel_id) is None]
        for channel_id in unseen[:MOST_LOOKED_FOR]:
            try:
                await self.fetch_channel(channel_id)
            except discord.NotFound:
                await self._end_channel(channel_id)
            except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as exc:
                log.info("channel could not be looked up id=%d reason=%s", channel_id, type(exc).__name__)


def _membership(guild: discord.Guild) -> Membership:
    if guild.unavailable or guild.me is None:
        return Membership(guild_id=guild.id)
    return Membership(guild_id=guild.id, locale=str(guild.preferred_locale), joined_at=guild.me.joined_at)


def point_at(settings: Settings) -> None:
    """Make discord.py use the API and gateway from the settings; both are class attributes of the library."""
    if settings.discord_api_url and settings.discord_gateway_url:
        Route.BASE = settings.discord_api_url
        DiscordWebSocket.DEFAULT_GATEWAY = URL(settings.discord_gateway_url)


def invite_url(application_id: int) -> str:
    """The address that adds the bot to a server with all permissions it can make use of."""
    return discord.utils.oauth_url(application_id, permissions=WANTED, scopes=("bot", "applications.commands"))
