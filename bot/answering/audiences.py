"""Who reads which feeds.

A server reads the feeds that it follows and those that the host shares. The host's own server also reads all feeds of
the settings, direct messages read the shared feeds, and the terminal reads everything. Each look-up and each typed
letter asks for this, so what a server reads is remembered until something is committed.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from bot.config import Settings
from bot.models.feeds import FeedState
from bot.models.requests import EVERYTHING, Audience, Place
from bot.store import feeds, readers
from bot.store.database import Database
from bot.text.links import has_secrets

STALE_S = 2.0
"""Seconds for which a change by another process may go unseen. Our own changes are seen at once."""


class Audiences:
    """Knows what everybody may read.

    Args:
        scope: The addresses of the feeds that the terminal answers from; None for every feed.
    """

    def __init__(self, settings: Settings, database: Database, *, scope: tuple[str, ...] | None = None) -> None:
        self._settings = settings
        self._database = database
        self._scope = scope
        self._known: dict[int | None, Audience] = {}
        self._seen_commits = -1
        self._seen_at_s = 0.0
        self.guild_of: Callable[[int], int | None] = lambda _: None
        """Returns the server of a channel, as far as Discord's front end knows it."""

    async def terminal(self) -> Audience:
        """Return the audience of the terminal: the host."""
        if self._scope is None:
            return EVERYTHING
        scoped_feeds = await feeds.find_feeds(self._database.reader, self._scope)
        return Audience(feeds=frozenset(feed.id for feed in scoped_feeds), place=Place.TERMINAL)

    async def of_guild(self, guild_id: int | None) -> Audience:
        """Return the audience of a server's members; of direct messages if ``guild_id`` is None."""
        self._forget_what_changed()
        known = self._known  # self._known may be replaced while we read, if something is committed
        if guild_id not in known:
            known[guild_id] = await self._read(guild_id)
        return known[guild_id]

    def _forget_what_changed(self) -> None:
        commits, now_s = self._database.commits, monotonic()
        if commits != self._seen_commits or now_s - self._seen_at_s > STALE_S:
            self._known, self._seen_commits, self._seen_at_s = {}, commits, now_s

    async def _read(self, guild_id: int | None) -> Audience:
        configured = await feeds.find_feeds(self._database.reader, self._settings.feeds)
        shared = {feed.id for feed in configured if self.is_shared(feed)}
        if guild_id is None:
            return Audience(feeds=frozenset(shared), place=Place.DIRECT)
        followed = await readers.followed_ids(self._database.reader, guild_id)
        if await self.is_host(guild_id):
            shared |= {feed.id for feed in configured}
            shared.update(await readers.host_ids(self._database.reader))
        return Audience(feeds=frozenset(shared.union(followed)), place=Place.SERVER, guild_id=guild_id)

    def is_shared(self, feed: FeedState) -> bool:
        """Return whether every server reads a feed of the settings.

        It does if anybody could: the feed is at a public address, and its address has no key.
        """
        return self._settings.shared_feeds and bool(feed.is_public) and not has_secrets(feed.url)

    async def is_host(self, guild_id: int) -> bool:
        """Return whether a server is the one with the settings' channel."""
        channel_id = self._settings.channel_id
        if channel_id is None:
            return False
        if (known := self.guild_of(channel_id)) is not None:
            return known == guild_id
        return await readers.is_host(self._database.reader, guild_id, channel_id)
