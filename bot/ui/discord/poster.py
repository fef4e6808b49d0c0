"""The poster through which announcements leave: messages, forum posts, threads, edits; and what a refusal means."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import aiohttp
import discord
from discord.http import Route

from bot.announcing.posts import Outgoing
from bot.errors import DeliveryError
from bot.models import Delivering, Posted
from bot.ui.discord.limits import THREAD_NAME
from bot.ui.discord.markdown import plain_line
from bot.ui.discord.messages import make_content, make_post
from bot.ui.discord.rights import find_channel, problem_in, rights_in
from bot.ui.discord.views import link_view

HISTORY_LIMIT = 500
EDIT_WAIT_S = 3_600.0
UNKNOWN_MESSAGE = 10008
OLD_EDITS, ALREADY_PUBLISHED, TAG_REQUIRED = 30046, 40033, 40067
THREAD_ARCHIVED, ALREADY_HAS_THREAD, TOO_MANY_THREADS = 50083, 160004, 160006
ERRORS = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError)


class ChannelPoster:
    """Puts messages into channels, and tells a refusal's meaning. See `bot.announcing.posts.Poster`."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    # ── posting ─────────────────────────────────────────────────────────────────────────────────

    async def post(self, channel_id: int, message: Outgoing, *, nonce: str) -> Posted:
        """Post once. discord.py sends ``enforce_nonce`` with a nonce: a repeat gives the first message.

        Raises:
            DeliveryError: It was refused, or nobody knows whether it arrived.
        """
        if problem := self.problem(channel_id, Delivering(tag_ids=message.tag_ids)):
            # Asked in vain often enough, Discord would block our address; and without Embed Links it would
            # take the post and drop what it says.
            raise DeliveryError(problem, is_blocked=True)
        channel = find_channel(self._client, channel_id)
        if isinstance(channel, discord.ForumChannel):
            return await self._post_in_forum(channel, message)
        return await self._send(channel_id, message, nonce)

    async def _send(self, channel_id: int, message: Outgoing, nonce: str) -> Posted:
        channel = self._client.get_partial_messageable(channel_id)
        embed, view = await _draw(message)
        with _refusals():
            sent = await channel.send(
                content=_content(message) or None,
                embed=embed or discord.utils.MISSING,
                nonce=nonce,
                allowed_mentions=_mentions(message),
                view=view or discord.utils.MISSING,
                suppress_embeds=embed is None,  # an address that a text quotes is not ours to advertise
            )
        return Posted(message_id=sent.id, channel_id=channel_id)

    async def _post_in_forum(self, forum: discord.ForumChannel, message: Outgoing) -> Posted:
        """A forum takes no nonce: the request is made once, and whoever is in doubt looks for the thread."""
        embed, view = await _draw(message)
        known = {tag.id for tag in forum.available_tags}
        body: dict[str, Any] = {
            "name": _thread_name(message.name),
            "applied_tags": [str(tag) for tag in message.tag_ids if tag in known][:5],
            "message": {
                "content": _content(message),
                "embeds": [embed.to_dict()] if embed else [],
                "components": view.to_components() if view else [],
                "allowed_mentions": _mentions(message).to_dict(),
            },
        }
        route = Route("POST", "/channels/{channel_id}/threads", channel_id=forum.id)
        with _refusals():
            thread = await self._client.http.request(route, json=body, files=[_Once()])
        thread_id = int(thread["id"])
        return Posted(message_id=thread_id, channel_id=thread_id, thread_id=thread_id)

    async def notify(self, guild_id: int, message: Outgoing, *, nonce: str) -> Posted:
        """Post where a server's admins look: their own updates, else beside where we announce, else where we may."""
        guild = self._client.get_guild(guild_id)
        if guild is None:
            raise DeliveryError("the bot is not in the server any more", is_gone=True)
        for channel in self._places_for_admins(guild):
            if channel.id != message.not_in and channel.permissions_for(guild.me).is_superset(
                discord.Permissions(view_channel=True, send_messages=True)
            ):
                return await self._send(channel.id, message, nonce)
        raise DeliveryError("there is no channel where I may tell it", is_final=True)

    def _places_for_admins(self, guild: discord.Guild) -> Iterator[discord.TextChannel]:
        first = (guild.public_updates_channel, guild.system_channel)
        yield from (channel for channel in first if channel)
        yield from sorted(guild.text_channels, key=lambda channel: channel.position)

    # ── looking back ────────────────────────────────────────────────────────────────────────────

    def problem(self, channel_id: int, delivering: Delivering) -> str | None:
        return problem_in(self._client, channel_id, delivering)

    def takes_nonce(self, channel_id: int) -> bool:
        return not isinstance(find_channel(self._client, channel_id), discord.ForumChannel)

    async def can_look_back(self, channel_id: int) -> bool:
        rights = rights_in(self._client, channel_id)
        return rights is None or (rights.view_channel and rights.read_message_history)

    async def find_post(
        self, channel_id: int, message: Outgoing, *, since: datetime, settled: frozenset[int]
    ) -> Posted | None:
        """Look for our message, drawn as it would be sent: Discord keeps title and address, or the text."""
        channel = find_channel(self._client, channel_id)
        try:
            with _refusals():
                if isinstance(channel, discord.ForumChannel):
                    return await self._find_thread(channel, message, since, settled)
                return await self._find_message(channel_id, message, since, settled)
        except DeliveryError as exc:
            if exc.is_gone:
                raise
            # Whatever the reason, the doubt stays: only a look at the channel ends it.
            raise DeliveryError(
                exc.reason, is_blocked=exc.is_blocked, is_doubtful=True, retry_after_s=exc.retry_after_s
            ) from exc

    async def _find_message(
        self, channel_id: int, message: Outgoing, since: datetime, settled: frozenset[int]
    ) -> Posted | None:
        embed, _ = await _draw(message)
        history = self._client.get_partial_messageable(channel_id).history(
            limit=HISTORY_LIMIT, after=since, oldest_first=True
        )
        async for found in history:
            if self._is_ours(found.author.id) and found.id not in settled and _is_same(found, message, embed):
                return Posted(message_id=found.id, channel_id=channel_id)
        return None

    async def _find_thread(
        self, forum: discord.ForumChannel, message: Outgoing, since: datetime, settled: frozenset[int]
    ) -> Posted | None:
        async for thread in _threads_of(forum):
            is_new = thread.id > discord.utils.time_snowflake(since) and thread.id not in settled
            if is_new and thread.name == _thread_name(message.name) and self._is_ours(thread.owner_id):
                return Posted(message_id=thread.id, channel_id=thread.id, thread_id=thread.id)
        return None

    def _is_ours(self, user_id: int | None) -> bool:
        return self._client.user is not None and user_id == self._client.user.id

    # ── afterwards ──────────────────────────────────────────────────────────────────────────────

    async def edit(self, channel_id: int, message_id: int, message: Outgoing) -> None:
        """Let a message of ours look like this; its text, which holds the mentions, stays."""
        embed, view = await _draw(message)
        with _refusals():
            await self._message(channel_id, message_id).edit(
                embed=embed, view=view, allowed_mentions=discord.AllowedMentions.none()
            )

    async def publish(self, channel_id: int, message_id: int) -> None:
        """Publish to the channels that follow this one; where none can, there is nothing to do."""
        channel = find_channel(self._client, channel_id)
        if channel is not None and channel.type is not discord.ChannelType.news:
            return
        with _refusals(but=ALREADY_PUBLISHED):
            await self._message(channel_id, message_id).publish()

    async def open_thread(self, channel_id: int, message_id: int, name: str) -> int:
        """A thread under a message has the message's id, and a message has one at most."""
        channel = find_channel(self._client, channel_id)
        if isinstance(channel, discord.Thread):
            raise DeliveryError("a thread has no threads", is_final=True)
        with _refusals(but=ALREADY_HAS_THREAD):
            await self._message(channel_id, message_id).create_thread(name=_thread_name(name or "Discussion"))
        return message_id

    def _message(self, channel_id: int, message_id: int) -> discord.PartialMessage:
        channel = find_channel(self._client, channel_id)
        guild_id = channel.guild.id if channel else None
        return self._client.get_partial_messageable(channel_id, guild_id=guild_id).get_partial_message(message_id)


class _Once(discord.File):
    """Keeps discord.py from repeating a request by itself: it rewinds the files before each further try.

    Nothing of it is sent: only a form has the files' contents.
    """

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), filename="none")

    def reset(self, *, seek: int | bool = True) -> None:
        if seek:
            raise DeliveryError("no clear answer from Discord", is_doubtful=True)


async def _draw(message: Outgoing) -> tuple[discord.Embed | None, discord.ui.View | None]:
    if message.card is None:
        return None, None
    return await asyncio.to_thread(make_post, message.card), link_view(message.card)


def _content(message: Outgoing) -> str:
    """The mentions, then the text; what is no mention of ours cannot become one (`_mentions`)."""
    mentions = [f"<@&{role_id}>" for role_id in message.role_ids] + [f"<@{user_id}>" for user_id in message.user_ids]
    channel_ids = () if message.not_in is None else (message.not_in,)
    return make_content(message.text or "", mentions=mentions, channel_ids=channel_ids)


def _thread_name(name: str) -> str:
    return plain_line(name, THREAD_NAME)


def _mentions(message: Outgoing) -> discord.AllowedMentions:
    return discord.AllowedMentions(
        everyone=False,
        replied_user=False,
        users=[discord.Object(user_id) for user_id in message.user_ids],
        roles=[discord.Object(role_id) for role_id in message.role_ids],
    )


def _is_same(found: discord.Message, message: Outgoing, embed: discord.Embed | None) -> bool:
    """Whether a message in a channel is this one: by address, else by title, of a text by the text."""
    if embed is None:
        return found.content == _content(message)
    if not found.embeds:
        return False
    there = found.embeds[0]
    return there.url == embed.url if embed.url else (there.title, there.url) == (embed.title, None)


async def _threads_of(forum: discord.ForumChannel) -> AsyncIterator[discord.Thread]:
    """The posts of a forum: those in the list, then the newest of those that went out of it."""
    for thread in await forum.guild.active_threads():
        if thread.parent_id == forum.id:
            yield thread
    async for thread in forum.archived_threads(limit=100):
        yield thread


@contextmanager
def _refusals(*, but: int | None = None) -> Iterator[None]:
    """Tell a refusal's meaning; an error of the code ``but`` is none."""
    try:
        yield
    except ERRORS as exc:
        if not (isinstance(exc, discord.HTTPException) and exc.code == but):
            raise refusal(exc) from exc


def refusal(error: Exception) -> DeliveryError:
    """What a failed request means for the post.

    Source: Discord's documentation, pages "Opcodes and Status Codes" and "Rate Limits".
    """
    match error:
        case discord.RateLimited():
            return DeliveryError("Discord asks us to wait", retry_after_s=error.retry_after)
        case discord.HTTPException(code=code) if code == OLD_EDITS:
            return DeliveryError("Discord limits edits of old messages", retry_after_s=EDIT_WAIT_S)
        case discord.HTTPException(code=code) if code in (THREAD_ARCHIVED, TOO_MANY_THREADS):
            return DeliveryError(f"Discord does not let us now ({error.text})", retry_after_s=60.0)
        case discord.HTTPException(code=code) if code == TAG_REQUIRED:
            return DeliveryError("the forum wants a tag on each post; choose one with /subscribe", is_blocked=True)
        case discord.NotFound() if error.code == UNKNOWN_MESSAGE:
            return DeliveryError("it arrived once and was deleted in the channel", is_final=True)
        case discord.NotFound():
            return DeliveryError("the channel does not exist (any more)", is_gone=True)
        case discord.Forbidden():
            return DeliveryError(f"Discord does not let me post there ({error.text})", is_blocked=True)
        case discord.HTTPException(status=401):
            return DeliveryError("Discord does not know the token any more", is_blocked=True)
        case discord.HTTPException(status=429):
            return DeliveryError("Discord asks us to wait", retry_after_s=60.0)
        case discord.HTTPException() if 400 <= error.status < 500:
            return DeliveryError(f"Discord refuses the post itself: {error.text}", is_final=True)
        case _:
            return DeliveryError(f"no clear answer from Discord ({type(error).__name__})", is_doubtful=True)
