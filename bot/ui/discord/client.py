"""The connection to Discord: the client, and the poster through which announcements leave."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot.cards import Card
from bot.config import Settings
from bot.errors import DeliveryError, SettingsError
from bot.service import Service
from bot.ui.discord.errors import answer_error
from bot.ui.discord.messages import make_pages
from bot.ui.discord.views import is_expired, link_view

log = logging.getLogger(__name__)

COGS = ("cogs.papers", "cogs.search", "cogs.about")
PERMISSIONS = discord.Permissions(view_channel=True, send_messages=True, embed_links=True, read_message_history=True)
"""The least that announcing needs; history settles a post that a crash left in doubt."""
READY_TIMEOUT_S = 0.5
"""discord.py waits this long for one more server after the last; servers that come later are still known."""
RATE_LIMIT_PATIENCE_S = 60.0
"""A longer 429 is given back to us: the outbox waits, not a task."""
LONGEST_LOGIN_WAIT_S = 60.0
HISTORY_LIMIT = 500
UNKNOWN_MESSAGE = 10008
COMMANDS_FACT = "commands"


class NonmunClient(commands.Bot):
    """The Discord client: its commands are the cogs', its answers the service's."""

    def __init__(self, service: Service, settings: Settings) -> None:
        point_at(settings)
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # we never speak
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            guild_ready_timeout=READY_TIMEOUT_S,
            max_ratelimit_timeout=RATE_LIMIT_PATIENCE_S,
        )
        self.service = service
        self.poster = ChannelPoster(self)
        self.live_cards: set[str] = set()
        """Tokens of the cards whose buttons are answered."""
        self.on_news: Callable[[], Awaitable[None]] | None = None
        """Called when a post that was refused may be accepted: at ready, and when rights or channels change."""
        self._settings = settings
        self.tree.error(self._on_command_error)

    async def run_until_closed(self) -> None:
        """Log in, trying again while Discord cannot be reached, then stay connected.

        Raises:
            SettingsError: Discord does not know the token.
        """
        token = self._settings.discord_token
        if token is None:
            raise SettingsError(("DISCORD_TOKEN: is missing",))
        wait_s = 1.0
        while True:
            try:
                await self.login(token.get_secret_value())
                break
            except discord.LoginFailure:
                # Not chained: the traceback would hold the token among its locals.
                raise SettingsError(("DISCORD_TOKEN: Discord does not know it; copy it again",)) from None
            except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as exc:
                log.warning("login failed reason=%s retry_s=%g", type(exc).__name__, wait_s)
                await self.http.close()
                self.http.connector = discord.utils.MISSING  # a closed one would be used again
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, LONGEST_LOGIN_WAIT_S)
        await self.connect(reconnect=True)

    async def setup_hook(self) -> None:
        for name in COGS:
            if name not in self.extensions:
                await self.load_extension(name)

    async def on_ready(self) -> None:
        log.info("ready user=%s servers=%d", self.user, len(self.guilds))
        await self._tell_news()
        await self._sync_commands()

    async def _sync_commands(self) -> None:
        """Register the commands where they differ from those registered last: Discord limits registrations."""
        described = json.dumps([command.to_dict(self.tree) for command in self.tree.get_commands()], sort_keys=True)
        wanted = f"{self.application_id}:{hashlib.sha256(described.encode()).hexdigest()}"
        if await self.service.get_fact(COMMANDS_FACT) == wanted:
            return
        try:
            await self.tree.sync()
        except discord.HTTPException as exc:
            log.warning("commands not registered status=%d code=%d", exc.status, exc.code)
            return
        await self.service.set_fact(COMMANDS_FACT, wanted)
        log.info("commands registered count=%d", len(self.tree.get_commands()))

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Answer a press on a card that is over; all others are answered by their view or command."""
        custom_id = str(dict(interaction.data or {}).get("custom_id"))
        if interaction.type is discord.InteractionType.component and is_expired(custom_id, self.live_cards):
            await interaction.response.send_message("This card is over. Ask again.", ephemeral=True)

    async def _on_command_error(
        self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError
    ) -> None:
        await answer_error(interaction, error)

    async def _tell_news(self, *_: Any) -> None:
        if self.on_news:
            await self.on_news()

    on_guild_channel_update = on_guild_role_update = on_guild_join = on_member_update = _tell_news


class ChannelPoster:
    """Puts cards into channels, and tells a refusal's meaning."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def post(self, channel_id: int, card: Card, *, nonce: str) -> int:
        """Post a card once. discord.py sends ``enforce_nonce`` with a nonce: a repeat gives the first message.

        Raises:
            DeliveryError: It was refused, or nobody knows whether it arrived.
        """
        if missing := missing_permissions(self._client, channel_id):
            # Asked in vain often enough, Discord would block our address; and without Embed Links it would
            # take the post and drop what it says.
            raise DeliveryError(missing, is_blocked=True)
        channel = self._client.get_partial_messageable(channel_id)
        pages = await asyncio.to_thread(make_pages, card)
        view = link_view(card)
        try:
            message = await channel.send(
                embed=pages[0],
                nonce=nonce,
                allowed_mentions=discord.AllowedMentions.none(),
                view=view or discord.utils.MISSING,
            )
        except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as exc:
            raise refusal(exc) from exc
        return message.id

    async def can_look_back(self, channel_id: int) -> bool:
        rights = rights_in(self._client, channel_id)
        return rights is None or (rights.view_channel and rights.read_message_history)

    async def find_post(self, channel_id: int, card: Card, *, since: datetime, settled: frozenset[int]) -> int | None:
        """Look for our message with this card, drawn as it would be sent: Discord keeps title and address."""
        channel = self._client.get_partial_messageable(channel_id)
        user_id = self._client.user.id if self._client.user else None
        wanted = (await asyncio.to_thread(make_pages, card))[0]
        try:
            async for message in channel.history(limit=HISTORY_LIMIT, after=since, oldest_first=True):
                if message.author.id != user_id or message.id in settled or not message.embeds:
                    continue
                if (message.embeds[0].title, message.embeds[0].url) == (wanted.title, wanted.url):
                    return message.id
        except (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError) as exc:
            told = refusal(exc)
            # Whatever the reason, the doubt stays: only a look at the channel ends it.
            raise DeliveryError(
                told.reason, is_blocked=told.is_blocked, is_doubtful=True, retry_after_s=told.retry_after_s
            ) from exc
        return None


def rights_in(client: discord.Client, channel_id: int) -> discord.Permissions | None:
    """What we may do in a channel; None where it is not known (yet), and only the attempt tells."""
    channel = client.get_channel(channel_id)
    if not isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return None
    return channel.permissions_for(channel.guild.me)


def missing_permissions(client: discord.Client, channel_id: int) -> str | None:
    """What announcing needs in a channel and does not have, as a sentence; None where nothing is missing."""
    rights = rights_in(client, channel_id)
    if rights is None or rights.is_superset(PERMISSIONS):
        return None
    missing = ", ".join(names_of(PERMISSIONS & ~rights))
    return f"needs {missing} in #{client.get_channel(channel_id)}"


def names_of(permissions: discord.Permissions) -> list[str]:
    """The permissions by the names that Discord's settings show."""
    return [name.replace("_", " ").title() for name, is_given in permissions if is_given]


def refusal(error: Exception) -> DeliveryError:
    """What a failed send means for the post.

    Source: Discord's documentation, pages "Opcodes and Status Codes" and "Rate Limits".
    """
    match error:
        case discord.RateLimited():
            return DeliveryError("Discord asks us to wait", retry_after_s=error.retry_after)
        case discord.NotFound() if error.code == UNKNOWN_MESSAGE:
            return DeliveryError("it arrived once and was deleted in the channel", is_final=True)
        case discord.NotFound():
            return DeliveryError("the channel does not exist (any more)", is_blocked=True)
        case discord.Forbidden():
            return DeliveryError(f"Discord does not let us post there ({error.text})", is_blocked=True)
        case discord.HTTPException(status=401):
            return DeliveryError("Discord does not know the token any more", is_blocked=True)
        case discord.HTTPException(status=429):
            return DeliveryError("Discord asks us to wait", retry_after_s=60.0)
        case discord.HTTPException() if 400 <= error.status < 500:
            return DeliveryError(f"Discord refuses the post itself: {error.text}", is_final=True)
        case _:
            return DeliveryError(f"no clear answer from Discord ({type(error).__name__})", is_doubtful=True)


def point_at(settings: Settings) -> None:
    """Let discord.py talk to the API and gateway of the settings; both are its class attributes."""
    if settings.discord_api_url and settings.discord_gateway_url:
        Route.BASE = settings.discord_api_url
        DiscordWebSocket.DEFAULT_GATEWAY = URL(settings.discord_gateway_url)


def invite_url(application_id: int) -> str:
    """The address that adds the bot to a server with the least permissions."""
    return discord.utils.oauth_url(application_id, permissions=PERMISSIONS, scopes=("bot", "applications.commands"))
