"""What the doctor checks with Discord: the token, the channel, and our permissions in it."""

from __future__ import annotations

import aiohttp
import discord

from bot.config import Settings
from bot.languages import _, join, ngettext, say
from bot.models.announcing import Delivering
from bot.models.checks import Check, CheckState
from bot.ui.discord.client import invite_url, point_at
from bot.ui.discord.rights import POSTABLE, names_of, needed_permissions, without_implied
from bot.ui.discord.shards import GatewayAdvice, ask_gateway


async def check_discord(settings: Settings) -> list[Check]:
    """Ask Discord over HTTP only: no gateway session is opened, nothing is posted."""
    if settings.discord_token is None:
        advice = _(
            "Create an application at discord.com/developers, copy its bot's token and set DISCORD_TOKEN. "
            "Everything except `nonmun run` works without it."
        )
        return [_check("token", CheckState.WARNING, _("DISCORD_TOKEN is not set"), advice)]
    point_at(settings)
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # we never use voice
    client = discord.Client(intents=discord.Intents(guilds=True))
    try:
        await client.login(settings.discord_token.get_secret_value())
        return [
            _token(client),
            _gateway(await ask_gateway(client), settings.shards),
            *await _channel(client, settings.channel_id),
        ]
    except discord.LoginFailure:
        advice = _("Copy the token again from the application's Bot page; a reset makes the old one invalid.")
        return [_check("token", CheckState.FAILED, _("Discord rejected the token"), advice)]
    except (discord.HTTPException, discord.GatewayNotFound, aiohttp.ClientError, OSError, TimeoutError) as exc:
        said = _("the request to Discord failed ({error})").format(error=type(exc).__name__)
        return [_check("Discord", CheckState.FAILED, said, _("Check the network and discordstatus.com."))]
    finally:
        await client.close()


def _token(client: discord.Client) -> Check:
    name = client.user.name if client.user else "?"
    invite = _("To add it to a server: {url}").format(url=invite_url(client.application_id or 0))
    return _check("token", CheckState.OK, _("valid; the bot's name is {name}").format(name=name), invite)


def _gateway(advice: GatewayAdvice, wanted: int) -> Check:
    count = wanted or advice.shards
    shards = ngettext("{count:,} shard", "{count:,} shards", count).format(count=count)
    said = _("{shards}; {remaining:,} of {total:,} session starts are left").format(
        shards=shards, remaining=advice.remaining, total=advice.total
    )
    if advice.is_low(count):
        advised = _(
            "Each start of the bot uses one for each shard, and at 0 Discord resets the token. The log says what "
            "restarts the bot, or cuts its connections, so often. The limit is reset in {hours:.0f} h."
        )
        return _check("gateway", CheckState.WARNING, said, advised.format(hours=advice.reset_s / 3_600))
    if count < advice.shards:
        advised = _("Discord recommends {count:,}. Remove NONMUN_SHARDS to use as many.").format(count=advice.shards)
        return _check("gateway", CheckState.WARNING, said, advised)
    return _check("gateway", CheckState.OK, said)


async def _channel(client: discord.Client, channel_id: int | None) -> list[Check]:
    if channel_id is None:  # `bot.doctor` says so, also without a token
        return []
    try:
        channel = await client.fetch_channel(channel_id)
    except discord.NotFound:
        advice = _("Copy the channel's id again: Developer Mode > Copy Channel ID.")
        return [_check("channel", CheckState.FAILED, _("there is no channel {id}").format(id=channel_id), advice)]
    except discord.Forbidden:
        advice = _("Add the bot to the server ({url}) and let it view the channel.").format(
            url=invite_url(client.application_id or 0)
        )
        return [
            _check("channel", CheckState.FAILED, _("the bot cannot see channel {id}").format(id=channel_id), advice)
        ]
    if not isinstance(channel, discord.abc.GuildChannel | discord.Thread) or channel.type not in POSTABLE:
        said = _("{id} is a {kind}; the bot cannot post there").format(id=channel_id, kind=type(channel).__name__)
        advice = _("Choose a text, announcement or forum channel, or a thread.")
        return [_check("channel", CheckState.FAILED, said, advice)]
    return [_check("channel", CheckState.OK, f"#{channel.name}"), await _permissions(client, channel)]


async def _permissions(client: discord.Client, channel: discord.abc.GuildChannel | discord.Thread) -> Check:
    guild = await client.fetch_guild(channel.guild.id)
    member = await guild.fetch_member(client.user.id if client.user else 0)
    known = await guild.fetch_channel(channel.id)
    needed = needed_permissions(channel.type, Delivering())
    missing = names_of(without_implied(needed & ~known.permissions_for(member), channel.type), channel.type)
    if not missing:
        return _check(
            "permissions",
            CheckState.OK,
            _("all granted: {permissions}").format(permissions=say(join(", ", names_of(needed, channel.type)))),
        )
    names = say(join(", ", missing))
    advice = _("Give the bot's role {permissions} in {channel} (Edit Channel > Permissions).").format(
        permissions=names, channel=f"#{channel.name}"
    )
    return _check("permissions", CheckState.FAILED, _("missing: {permissions}").format(permissions=names), advice)


def _check(name: str, state: CheckState, said: str, advice: str | None = None) -> Check:
    return Check(name=name, state=state, said=said, advice=advice)
