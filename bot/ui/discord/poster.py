"""Sends announcements to Discord (messages, forum posts, threads, edits) and explains refusals."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Container, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Literal

import discord
from discord.http import Route

from bot.announcing.decisions import id_at
from bot.delivering.posts import FORMER_TEST_MARK, Outgoing, Standing, Traits, is_digest_title, link_identity
from bot.errors import DeliveryError
from bot.languages import Message, _
from bot.metrics import Metrics
from bot.models.announcing import Delivering, Posted
from bot.models.talks import ThreadFacts
from bot.text.patterns import lazy_pattern
from bot.ui.discord.actions import mark_in, passage_in
from bot.ui.discord.layout import idle_view, make_classic_view, single_button
from bot.ui.discord.limits import THREAD_NAME
from bot.ui.discord.markdown import plain_line
from bot.ui.discord.messages import make_content, make_post
from bot.ui.discord.panels.trial import DELETE, with_delete
from bot.ui.discord.panels.welcome import welcome_view
from bot.ui.discord.refusals import (
    ALREADY_HAS_THREAD,
    ALREADY_PUBLISHED,
    ERRORS,
    THREAD_ARCHIVED,
    UNKNOWN_MESSAGE,
    refusal,
)
from bot.ui.discord.rights import find_channel, needed_names, problem_in, rights_in
from bot.ui.discord.server_time import ServerTime

PAGE_MESSAGES = 100
HISTORY_LIMIT = 5_000
"""The most messages, or posts of a forum, that are searched."""
READING = Message("View Channel and Read Message History")
_SUPPRESSED, _SILENT = 1 << 2, 1 << 12
"""A message's flags. Source: Discord's documentation, "Message Resource", Message Flags."""
_WRITTEN = (0, 19)
"""What members and bots write, not Discord. Source: Discord's documentation, "Message Resource", Message Types."""
_ASKED = (*_WRITTEN, 20, 23)
"""The same, with the answers of other bots to a command of a member; those of ours are ours."""
FORUM_TAGS = 5
"""The most tags of a post. Source: Discord's documentation, "Channels Resource", Channel Object."""
ARCHIVED_AFTER_MIN: Literal[10_080] = 10_080
"""Threads are hidden after a week without a message, the longest time that Discord has."""
_MASKED_LINK = lazy_pattern(r"\]\(<?(https?://[^\s)>]+)>?\)")


class ChannelPoster:
    """Puts messages into channels, and says what a refusal means. See `bot.delivering.posts.Poster`."""

    def __init__(
        self,
        client: discord.Client,
        server_time: ServerTime,
        metrics: Metrics,
        *,
        is_complete: Callable[[], bool] = lambda: True,
    ) -> None:
        self._client = client
        self._is_complete = is_complete
        self._server_time = server_time
        self._sends = metrics.sends

    # ── posting ─────────────────────────────────────────────────────────────────────────────────

    async def post(self, channel_id: int, message: Outgoing, *, nonce: str) -> Posted:
        """Post once. discord.py sends ``enforce_nonce`` with a nonce, so a repeat returns the first message.

        Raises:
            DeliveryError: It was refused, or nobody knows whether it arrived.
        """
        try:
            posted = await self._post(channel_id, message, nonce)
        except DeliveryError as exc:
            self._sends[_outcome(exc)] += 1
            raise
        self._sends["sent"] += 1
        return posted

    async def _post(self, channel_id: int, message: Outgoing, nonce: str) -> Posted:
        # A line of text needs fewer permissions; whether we have these shows when we try.
        problem = self.problem(channel_id, Delivering(tag_ids=message.tag_ids)) if message.card else None
        if problem:
            # After too many futile requests, Discord would block our address. Without Embed Links, it would accept
            # the post and drop its content.
            raise DeliveryError(problem, public_reason=self._mentioning(problem, channel_id), is_blocked=True)
        channel = find_channel(self._client, channel_id)
        if isinstance(channel, discord.ForumChannel):
            return await self._post_in_forum(channel, message)
        return await self._send(channel_id, message, nonce)

    def _mentioning(self, problem: Message, channel_id: int) -> Message:
        """A problem without the channel's name; a mention, if needed, shows it only to those who may see it."""
        channel = find_channel(self._client, channel_id)
        named = f"#{channel.name}" if channel else None
        return problem.map(lambda text: f"<#{channel_id}>" if text == named else text)

    async def _send(self, channel_id: int, message: Outgoing, nonce: str) -> Posted:
        channel = self._client.get_partial_messageable(channel_id)
        embed, view = await _draw(message)
        with _refusals(rights=self._rights(channel_id)):
            sent = await channel.send(
                content=_content(message) or None,
                embed=embed or discord.utils.MISSING,
                nonce=nonce,
                allowed_mentions=_mentions(message),
                view=view or discord.utils.MISSING,
                suppress_embeds=embed is None,  # an address quoted in a text is not ours to advertise
                silent=message.is_silent,
            )
        return Posted(message_id=sent.id, channel_id=channel_id)

    async def _post_in_forum(self, forum: discord.ForumChannel, message: Outgoing) -> Posted:
        """A forum accepts no nonce, so the request is made only once; in doubt, the courier looks for the thread."""
        embed, view = await _draw(message)
        known = {tag.id for tag in forum.available_tags}
        body: dict[str, Any] = {
            "name": _thread_name(message.name),
            "applied_tags": [str(tag) for tag in message.tag_ids if tag in known][:FORUM_TAGS],
            "message": {
                "content": _content(message),
                "embeds": [embed.to_dict()] if embed else [],
                "components": view.to_components() if view else [],
                "allowed_mentions": _mentions(message).to_dict(),
                "flags": _SILENT if message.is_silent else 0,
            },
            "auto_archive_duration": ARCHIVED_AFTER_MIN,
        }
        route = Route("POST", "/channels/{channel_id}/threads", channel_id=forum.id)
        with _refusals(rights=self._rights(forum.id)):
            thread = await self._client.http.request(route, json=body, files=[_Once()])
        thread_id = int(thread["id"])
        return Posted(message_id=thread_id, channel_id=thread_id, thread_id=thread_id)

    @property
    def is_complete(self) -> bool:
        """Whether every shard has named its servers; until then, a channel that is not known may still be named."""
        return self._is_complete()

    def knows(self, place_id: int) -> bool:
        """Whether a channel, thread or server was named by the gateway."""
        guild = self._client.get_guild(place_id)
        return find_channel(self._client, place_id) is not None or (guild is not None and not guild.unavailable)

    def find_place(self, guild_id: int, *, not_in: int | None) -> int:
        """Where a server's admins look: its updates channel, its system channel, or the first that we may write to.

        ``not_in`` is chosen only if there is no other channel.
        """
        guild = self._guild(guild_id)
        return _find_writable(guild, guild.public_updates_channel, guild.system_channel, not_in=not_in)

    def find_welcome_place(self, guild_id: int) -> int:
        """The server's system channel if we may write there, else the first channel in which we may."""
        guild = self._guild(guild_id)
        return _find_writable(guild, guild.system_channel)

    def _guild(self, guild_id: int) -> discord.Guild:
        guild = self._client.get_guild(guild_id)
        if guild is None:
            raise DeliveryError(Message("the bot is no longer in the server"), is_gone=True)
        return guild

    # ── looking back ────────────────────────────────────────────────────────────────────────────

    def problem(self, channel_id: int, delivering: Delivering) -> Message | None:
        """What keeps posts out of the channel; None if nothing is known to."""
        return problem_in(self._client, channel_id, delivering)

    def takes_nonce(self, channel_id: int) -> bool:
        """Whether repeating a post there does no harm; False for a forum."""
        return not isinstance(find_channel(self._client, channel_id), discord.ForumChannel)

    async def can_look_back(self, channel_id: int) -> bool:
        """Whether the channel's history can be read."""
        rights = rights_in(self._client, channel_id)
        return rights is None or (rights.view_channel and rights.read_message_history)

    def newest_id(self, channel_id: int) -> int:
        """An id below that of any message posted from now on."""
        return max(self.last_known_id(channel_id) or 0, self._server_time.newest_id())

    def last_known_id(self, channel_id: int) -> int | None:
        """The newest message known from the gateway; for a forum, its newest post."""
        channel = find_channel(self._client, channel_id)
        if isinstance(channel, discord.TextChannel | discord.ForumChannel | discord.Thread):
            return channel.last_message_id or 0
        return None

    async def own_messages(self, channel_id: int, *, after: int, known: Container[int]) -> AsyncIterator[Standing]:
        """Our announcements in the channel after a message, oldest first."""
        channel = find_channel(self._client, channel_id)
        if isinstance(channel, discord.ForumChannel):
            async for post in self._own_posts(channel, after, known):
                yield post
            return
        for _page in range(HISTORY_LIMIT // PAGE_MESSAGES):
            page = await self._get(
                "/channels/{channel_id}/messages", channel_id=channel_id, limit=PAGE_MESSAGES, after=after
            )
            for message in sorted(page, key=lambda message: int(message["id"])):
                after = int(message["id"])
                if after not in known and self._is_announcement(message):
                    yield _standing(message, Posted(message_id=after, channel_id=channel_id))
            if len(page) < PAGE_MESSAGES:
                return
        raise _too_much()

    async def _own_posts(
        self, forum: discord.ForumChannel, after: int, known: Container[int]
    ) -> AsyncIterator[Standing]:
        """The first messages of the posts that we created; a moderator may have renamed or archived such a post."""
        names = {
            int(thread["id"]): thread["name"]
            async for thread in self._threads_of(forum, after)
            if int(thread["id"]) > after and self._is_ours(thread.get("owner_id"))
        }
        for thread_id in sorted(names.keys()):
            if thread_id in known:
                continue
            posted = Posted(message_id=thread_id, channel_id=thread_id, thread_id=thread_id)
            message = await self._find_message(thread_id, thread_id)
            if message is None:
                yield Standing(posted=posted, traits=Traits(name=names[thread_id]))
            elif not _is_test(message):
                yield _standing(message, posted, name=names[thread_id])

    async def _threads_of(self, forum: discord.ForumChannel, after: int) -> AsyncIterator[dict[str, Any]]:
        """The posts of a forum: the listed ones, then those archived after a moment."""
        active = await self._get("/guilds/{guild_id}/threads/active", guild_id=forum.guild.id)
        for thread in active["threads"]:
            if int(thread["parent_id"]) == forum.id:
                yield thread
        before: dict[str, Any] = {}
        for _page in range(HISTORY_LIMIT // PAGE_MESSAGES):
            page = await self._get(
                "/channels/{channel_id}/threads/archived/public", channel_id=forum.id, limit=PAGE_MESSAGES, **before
            )
            for thread in page["threads"]:
                archived_at = thread["thread_metadata"]["archive_timestamp"]
                if id_at(discord.utils.parse_time(archived_at)) < after:
                    return
                before = {"before": archived_at}
                yield thread
            if not page.get("has_more") or not page["threads"]:
                return
        raise _too_much()

    async def last_message(self, channel_id: int) -> tuple[int, Standing | None]:
        """The id of the channel's last message, 0 if there is none, and what it announces if it is ours."""
        last_id = int((await self._get("/channels/{channel_id}", channel_id=channel_id)).get("last_message_id") or 0)
        is_forum = isinstance(find_channel(self._client, channel_id), discord.ForumChannel)
        message = await self._find_message(last_id if is_forum else channel_id, last_id) if last_id else None
        if message is None or not self._is_announcement(message):
            return last_id, None
        posted = Posted(
            message_id=last_id,
            channel_id=last_id if is_forum else channel_id,
            thread_id=last_id if is_forum else None,
        )
        return last_id, _standing(message, posted)

    async def has_message(self, channel_id: int, message_id: int) -> bool:
        """Whether the message still exists."""
        return await self._find_message(channel_id, message_id) is not None

    async def _find_message(self, channel_id: int, message_id: int) -> dict[str, Any] | None:
        """A message as Discord has it; None if it was deleted."""
        path = "/channels/{channel_id}/messages/{message_id}"
        try:
            message: dict[str, Any] = await self._get(path, channel_id=channel_id, message_id=message_id)
        except DeliveryError as exc:
            if isinstance(exc.__cause__, discord.NotFound):
                return None
            raise
        return message

    async def _get(
        self, path: str, *, channel_id: int | None = None, guild_id: int | None = None, **more: Any
    ) -> Any:
        """Ask once: the caller retries anyway, and discord.py would take half a minute to give up.

        The raw answer is returned, because a library might fail on another bot's message.
        """
        places = {"channel_id": channel_id, "guild_id": guild_id, "message_id": more.pop("message_id", None)}
        route = Route("GET", path, **{name: value for name, value in places.items() if value is not None})
        with _refusals():
            return await self._client.http.request(route, params=more, files=[_Once()])

    def _is_announcement(self, message: dict[str, Any]) -> bool:
        """Whether we posted this message, and neither as an answer to a member nor as a test."""
        is_answer = message.get("interaction_metadata") or message.get("interaction")
        is_written = message.get("type", 0) in _WRITTEN
        return self._is_ours(message["author"]["id"]) and is_written and not is_answer and not _is_test(message)

    def _is_ours(self, user_id: str | None) -> bool:
        return self._client.user is not None and user_id == str(self._client.user.id)

    # ── afterwards ──────────────────────────────────────────────────────────────────────────────

    async def edit(self, channel_id: int, message_id: int, message: Outgoing) -> None:
        """Update a message of ours; its text, which holds the mentions, stays."""
        embed, view = await _draw(message)
        with _refusals(rights=self._rights(channel_id)):
            await self._message(channel_id, message_id).edit(
                embed=embed, view=view, allowed_mentions=discord.AllowedMentions.none()
            )

    async def publish(self, channel_id: int, message_id: int) -> None:
        """Publish to the channels that follow this one; nothing happens where that is not possible."""
        channel = find_channel(self._client, channel_id)
        if channel is not None and channel.type is not discord.ChannelType.news:
            return
        with _refusals(but=ALREADY_PUBLISHED, rights=self._rights(channel_id)):
            await self._message(channel_id, message_id).publish()

    async def open_thread(self, channel_id: int, message_id: int, name: str) -> int:
        """Open a thread under a message. It has the message's id, and a message can have only one."""
        channel = find_channel(self._client, channel_id)
        if isinstance(channel, discord.Thread):
            raise DeliveryError(Message("a thread has no threads"), is_final=True)
        rights = self._rights(channel_id, Delivering(opens_thread=True))
        with _refusals(but=ALREADY_HAS_THREAD, rights=rights):
            await self._message(channel_id, message_id).create_thread(
                name=_thread_name(name or _("Discussion")), auto_archive_duration=ARCHIVED_AFTER_MIN
            )
        return message_id

    async def find_thread(self, thread_id: int) -> ThreadFacts | None:
        """What a thread is like now; None if it was deleted."""
        try:
            return thread_facts(await self._get("/channels/{channel_id}", channel_id=thread_id))
        except DeliveryError as exc:
            if exc.is_gone:
                return None
            raise

    async def add_member(self, thread_id: int, user_id: int) -> None:
        """Add a member to a thread; it then stands in their list."""
        await self._repeat(thread_id, partial(self._client.http.add_user_to_thread, thread_id, user_id))

    async def unarchive(self, thread_id: int) -> None:
        """Show an archived thread again."""
        await self._repeat(thread_id, partial(self._client.http.edit_channel, thread_id, archived=False))

    async def is_untouched(self, thread_id: int) -> bool:
        """Whether nobody but the bot has written in a thread; what Discord writes there does not count.

        Answers of other bots do: a member has asked for them. Of a thread with more than a page nobody can tell.
        """
        page = await self._get("/channels/{channel_id}/messages", channel_id=thread_id, limit=PAGE_MESSAGES)
        others = [message for message in page if not self._is_ours(message["author"]["id"])]
        return len(page) < PAGE_MESSAGES and not any(message["type"] in _ASKED for message in others)

    async def remove_thread(self, thread_id: int) -> bool:
        """Delete a thread, for which we need Manage Threads; without that, we can archive it, as it is ours."""
        try:
            await self._repeat(thread_id, partial(self._client.http.delete_channel, thread_id))
        except DeliveryError as exc:
            if isinstance(exc.__cause__, discord.Forbidden):
                archive = partial(self._client.http.edit_channel, thread_id, archived=True)
                await self._repeat(thread_id, archive, but=THREAD_ARCHIVED)
                return False
            if not exc.is_gone:
                raise
        return True

    async def remove_message(self, channel_id: int, message_id: int) -> None:
        """Delete one of our messages."""
        await self._repeat(channel_id, self._message(channel_id, message_id).delete, but=UNKNOWN_MESSAGE)

    async def _repeat(
        self, channel_id: int, request: Callable[[], Awaitable[object]], *, but: int | None = None
    ) -> None:
        """Make a request that may be made twice, and make it once more where it is not clear what came of it.

        Members wait for these, and nothing tries them again later; discord.py does so by itself after some answers.
        """
        with _refusals(but=but, rights=self._rights(channel_id)):
            try:
                await request()
            except ERRORS as exc:
                if not refusal(exc).is_doubtful:
                    raise
                await request()

    def tags_named(self, channel_id: int, names: Collection[str]) -> tuple[int, ...]:
        """The tags of a forum that have one of these names, in any case; those for moderators alone are left out."""
        channel = find_channel(self._client, channel_id)
        if not isinstance(channel, discord.ForumChannel):
            return ()
        wanted = {name.casefold() for name in names}
        tags = [tag for tag in channel.available_tags if tag.name.casefold() in wanted and not tag.moderated]
        return tuple(tag.id for tag in tags)[:FORUM_TAGS]

    def _rights(self, channel_id: int, delivering: Delivering | None = None) -> str:
        return needed_names(self._client, channel_id, delivering or Delivering())

    def is_role_gone(self, channel_id: int, role_id: int) -> bool:
        """Whether a role of the channel's server was deleted; False if we do not know."""
        channel = find_channel(self._client, channel_id)
        return channel is not None and not channel.guild.unavailable and channel.guild.get_role(role_id) is None

    def _message(self, channel_id: int, message_id: int) -> discord.PartialMessage:
        channel = find_channel(self._client, channel_id)
        guild_id = channel.guild.id if channel else None
        return self._client.get_partial_messageable(channel_id, guild_id=guild_id).get_partial_message(message_id)


def _find_writable(guild: discord.Guild, *first: discord.TextChannel | None, not_in: int | None = None) -> int:
    """The first channel that we may write to: of these, then from the top; ``not_in`` only if there is no other."""
    from_the_top = sorted(guild.text_channels, key=lambda channel: channel.position)
    places = [channel for channel in (*first, *from_the_top) if channel is not None]
    needed = discord.Permissions(view_channel=True, send_messages=True)
    for channel in sorted(places, key=lambda channel: channel.id == not_in):
        if channel.permissions_for(guild.me).is_superset(needed):
            return channel.id
    raise DeliveryError(Message("there is no channel that the bot may write to"), is_final=True)


class _Once(discord.File):
    """Keeps discord.py from repeating a request: it rewinds the files before each further try.

    The file itself is never sent: only a form would contain it.
    """

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), filename="none")

    def reset(self, *, seek: int | bool = True) -> None:
        """Refuse to rewind for a second try."""
        if seek:
            raise DeliveryError(Message("no clear answer from Discord"), is_doubtful=True)


async def _draw(message: Outgoing) -> tuple[discord.Embed | None, discord.ui.View | None]:
    if message.card is None:
        return None, welcome_view() if message.is_welcome else _below_text(message)
    view = None if message.is_plain else make_classic_view(message.card)
    if message.tested_by is not None:
        view = with_delete(view)
    return await asyncio.to_thread(make_post, message.card), view


def _below_text(message: Outgoing) -> discord.ui.View | None:
    button = single_button(message.press) if message.press and not message.is_plain else None
    return idle_view(button) if button else None


def _outcome(error: DeliveryError) -> str:
    """What became of a message that was not accepted, in one word for the count."""
    named = (
        (error.is_doubtful, "in_doubt"),
        (error.retry_after_s is not None, "rate_limited"),
        (error.is_gone, "gone"),
        (error.is_blocked, "blocked"),
        (error.is_final, "rejected"),
    )
    return next((name for holds, name in named if holds), "failed")


def _content(message: Outgoing) -> str:
    """The mentions, then the text; nothing else can become a mention (`_mentions`)."""
    if message.tested_by is not None:
        return "-# " + _("Test by {member}").format(member=f"<@{message.tested_by}>")
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


def _standing(message: dict[str, Any], posted: Posted, *, name: str | None = None) -> Standing:
    """What a message of ours announces: the address in its button or embed, or the addresses that a digest lists.

    The button remains even if a moderator has hidden the embeds.
    """
    embed: dict[str, Any] = next(iter(message.get("embeds") or ()), {})
    links = (*_in_components(message.get("components") or (), "url"), *filter(None, [embed.get("url")]))
    ids = tuple(_in_components(message.get("components") or (), "custom_id"))
    title = embed.get("title")
    is_digest = title is not None and is_digest_title(title)
    announced = _MASKED_LINK.findall(embed.get("description") or "") if is_digest else links[:1]
    return Standing(
        posted=posted,
        traits=Traits(
            links=frozenset(link_identity(link) for link in announced),
            title=title,
            name=name,
            text=message["content"] or None,
            mark=mark_in(ids),
            passage=passage_in(ids),
        ),
        is_hidden=bool(message.get("flags", 0) & _SUPPRESSED),
    )


def facts_of(thread: discord.Thread) -> ThreadFacts:
    """What the gateway told of a thread."""
    return ThreadFacts(
        thread_id=thread.id,
        parent_id=thread.parent_id,
        name=thread.name,
        is_archived=thread.archived,
        is_locked=thread.locked,
        is_private=thread.is_private(),
        messages=thread.message_count,
        last_message_id=thread.last_message_id,
    )


def thread_facts(thread: dict[str, Any]) -> ThreadFacts:
    """What Discord reports of a thread, by its gateway or otherwise."""
    metadata: dict[str, Any] = thread.get("thread_metadata") or {}
    last_id = thread.get("last_message_id")
    return ThreadFacts(
        thread_id=int(thread["id"]),
        parent_id=int(thread["parent_id"]),
        name=thread["name"],
        is_archived=bool(metadata.get("archived")),
        is_locked=bool(metadata.get("locked")),
        is_private=thread["type"] == discord.ChannelType.private_thread.value,
        messages=thread.get("message_count"),
        last_message_id=int(last_id) if last_id else None,
    )


def _is_test(message: dict[str, Any]) -> bool:
    """Whether a message of ours is a test: its button says so, or the text of earlier versions."""
    ids = _in_components(message.get("components") or (), "custom_id")
    return DELETE in ids or FORMER_TEST_MARK in message["content"]


def _in_components(components: Iterable[dict[str, Any]], field: str) -> Iterator[str]:
    """A field, such as the address or the id, of the components at any depth that have it."""
    for component in components:
        if value := component.get(field):
            yield value
        yield from _in_components(component.get("components") or (), field)


def _too_much() -> DeliveryError:
    return DeliveryError(
        Message("more than {count:,} messages were posted there since", count=HISTORY_LIMIT), is_unknown=True
    )


@contextmanager
def _refusals(*, but: int | None = None, rights: str = READING) -> Iterator[None]:
    """Turn errors into a `DeliveryError` that says what the refusal means; an error with the code ``but`` is ignored.

    Args:
        rights: The permissions that are needed, as Discord's settings call them.
    """
    try:
        yield
    except ERRORS as exc:
        if not (isinstance(exc, discord.HTTPException) and exc.code == but):
            raise refusal(exc, rights=rights) from exc
    except KeyError as exc:
        if exc.args != ("retry_after",):
            raise
        raise refusal(exc) from exc
