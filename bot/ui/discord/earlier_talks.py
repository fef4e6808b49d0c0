"""Which earlier talks about a paper a card may show, and how their threads are now.

A private card shows the talks in channels that its asker sees, a public one those that everybody sees who sees the
card. Private threads are never shown. How many messages a thread has comes with the thread alone, so it is asked for
in the background: a card shows what was last known, and the next one what was answered.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import discord

from bot.cards.card import Card
from bot.delivering.earlier_talks import COUNTED_FOR, EarlierTalks
from bot.delivering.posts import Poster
from bot.delivering.talks import Talks
from bot.errors import DeliveryError
from bot.models.answers import EarlierTalk, MessageRead, PaperFound
from bot.models.conclusions import Conclusion
from bot.models.talks import Talk
from bot.ui.discord.places import channel_url, home_of, sees
from bot.ui.discord.rights import find_channel
from bot.ui.discord.visibility import everybody_sees

log = logging.getLogger(__name__)

Interaction = discord.Interaction[Any]
MOST_REMEMBERED = 5_000
"""Threads of which is kept when they were asked for."""
MOST_ASKED_AT_ONCE = 8
"""Threads that are asked for at a time, by all cards together."""


async def all_with_talks(interaction: Interaction, read: MessageRead) -> MessageRead:
    """The papers of a message with the talks about them, for its asker alone."""
    found = [await with_talks(interaction, paper, is_public=False) for paper in read.found]
    return replace(read, found=tuple(found))


async def with_talks(interaction: Interaction, answer: PaperFound, *, is_public: bool) -> PaperFound:
    """A paper with the talks about it.

    Args:
        is_public: Whether everybody in the channel will see it.
    """
    guild_id = home_of(interaction)
    if guild_id is None:
        return answer
    known = await interaction.client.service.earlier_talks.about(answer.stored.id, guild_id)
    shown = [
        talk
        for each, conclusions in known
        if (talk := _shown(interaction, each, conclusions, is_public=is_public)) is not None
    ]
    interaction.client.thread_counts.ask(talk.talk for talk in shown)
    return replace(answer, talks=tuple(shown))


def _shown(
    interaction: Interaction, talk: Talk, conclusions: tuple[Conclusion, ...], *, is_public: bool
) -> EarlierTalk | None:
    """A talk as a card shows it; None if it must not."""
    guild, channel = interaction.guild, find_channel(interaction.client, talk.channel_id)
    thread = find_channel(interaction.client, talk.thread_id or 0)
    is_private = talk.is_private or (isinstance(thread, discord.Thread) and thread.is_private())
    if guild is None or channel is None or is_private or talk.thread_id is None:
        return None
    is_here = talk.thread_id == interaction.channel_id
    if not _is_seen(interaction, channel.id, is_public=is_public):
        return None
    return EarlierTalk(
        talk=talk,
        place=f"#{channel.name}",
        url=channel_url(guild.id, talk.thread_id),
        last_at=_last_at(talk),
        conclusions=conclusions,
        is_here=is_here,
    )


def _is_seen(interaction: Interaction, channel_id: int, *, is_public: bool) -> bool:
    """Whether all who will see a card see a channel, too."""
    if not is_public:
        return sees(interaction, channel_id)
    guild, channel = interaction.guild, find_channel(interaction.client, channel_id)
    return guild is not None and everybody_sees(guild, _asked_in(interaction), channel)


def names_only_seen(interaction: Interaction, card: Card, *, is_public: bool) -> bool:
    """Whether a card may be sent as it is: channels may have been hidden since its talks were read.

    Nothing may be waited for between this and the request that sends it.
    """
    return all(_is_seen(interaction, channel_id, is_public=is_public) for channel_id in card.channel_ids)


def _asked_in(interaction: Interaction) -> discord.abc.GuildChannel | discord.Thread | None:
    """Where a public answer will stand. A thread that the gateway did not name comes with the interaction."""
    channel = interaction.channel
    if isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return channel
    return find_channel(interaction.client, interaction.channel_id or 0)


def _last_at(talk: Talk) -> datetime | None:
    """When something was last written in a talk, which the id of its last message says."""
    return discord.utils.snowflake_time(talk.last_message_id) if talk.last_message_id else talk.opened_at


class ThreadCounts:
    """Asks Discord in the background how threads are now; each at most once in ten minutes."""

    def __init__(self, earlier_talks: EarlierTalks, talks: Talks, poster: Poster) -> None:
        self._earlier_talks = earlier_talks
        self._talks = talks
        self._poster = poster
        self._asked: OrderedDict[int, float] = OrderedDict()
        self._asking: set[asyncio.Task[None]] = set()

    def ask(self, shown: Iterable[Talk]) -> None:
        """Ask about the talks of a card that were not asked about lately; nobody waits for it."""
        for talk in self._earlier_talks.uncounted(shown):
            thread_id = talk.thread_id or 0
            if len(self._asking) >= MOST_ASKED_AT_ONCE or not self._is_due(thread_id):
                continue
            task = asyncio.create_task(self._ask(thread_id))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    def _is_due(self, thread_id: int) -> bool:
        """Whether a thread was not asked for lately; it is noted that it is now, whatever Discord answers."""
        now = time.monotonic()
        if now - self._asked.get(thread_id, -COUNTED_FOR.total_seconds()) < COUNTED_FOR.total_seconds():
            return False
        self._asked[thread_id] = now
        self._asked.move_to_end(thread_id)
        if len(self._asked) > MOST_REMEMBERED:
            self._asked.popitem(last=False)
        return True

    async def _ask(self, thread_id: int) -> None:
        try:
            facts = await self._poster.find_thread(thread_id)
            if facts is None:
                await self._talks.thread_gone(thread_id)
            else:
                await self._talks.thread_changed(facts)
        except DeliveryError as exc:
            log.info("a thread could not be asked for id=%d reason=%s", thread_id, exc.reason)
        except Exception:
            log.exception("what a thread is like was not kept id=%d", thread_id)

    async def close(self) -> None:
        """Ask nothing more."""
        for task in list(self._asking):
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)
