"""Which servers the bot is in, and what each has set for itself.

A server that the bot joins is welcomed once (`bot.delivering.welcoming`). It is recognised by when the bot joined it,
which Discord reports with each connection: so a restart welcomes nobody again, and a join that happened while the bot
was away is noticed. When this is used for the first time, the servers that the bot is in already are not welcomed.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from bot.errors import RequestError
from bot.languages import _
from bot.models.servers import Membership, Server, TalkPlace
from bot.store import facts, joins, privacy, talks
from bot.store import servers as store
from bot.store.database import Database

MET_FACT = "servers met by"
"""The application whose servers are known; another application's are all new, but not newly joined."""


class Servers:
    """Keeps what is known about servers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, guild_id: int | None) -> Server:
        """Return what a server has set; the defaults in direct messages and for an unknown server."""
        known = await store.find_server(self._database.reader, guild_id) if guild_id is not None else None
        return known or Server(guild_id=guild_id or 0)

    async def set_language(self, guild_id: int, language: str | None) -> Server:
        """Set a server's language; None to guess it by the server's locale. Returns the server as it is then."""
        async with self._database.transaction() as db:
            await store.set_language(db, guild_id, language)
        return await self.of(guild_id)

    async def set_answers(self, guild_id: int, *, is_private: bool) -> Server:
        """Set whether look-ups answer only to the member who asks. Returns the server as it is then."""
        async with self._database.transaction() as db:
            await store.set_answers(db, guild_id, is_private=is_private)
        return await self.of(guild_id)

    async def set_talk(self, guild_id: int, place: TalkPlace, channel_id: int | None) -> Server:
        """Set where a server talks about papers. Returns the server as it is then.

        Args:
            channel_id: The channel for threads that have no announcement to stand under, or None for wherever
                *Discuss* is pressed; the forum, if talk lives in one.
        Raises:
            RequestError: A forum is meant, but none was chosen.
        """
        if place is TalkPlace.FORUM and channel_id is None:
            raise RequestError(_("Choose a forum."))
        async with self._database.transaction() as db:
            await store.set_talk(db, guild_id, place, channel_id)
        return await self.of(guild_id)

    async def set_sharing(self, guild_id: int, *, shares_wishes: bool) -> Server:
        """Set whether what members want reviewed is published. Returns the server as it is then."""
        async with self._database.transaction() as db:
            await store.set_sharing(db, guild_id, shares_wishes=shares_wishes)
        return await self.of(guild_id)

    async def set_model(self, guild_id: int, *, asks_model: bool) -> Server:
        """Set whether the host's language model may be asked. Returns the server as it is then."""
        async with self._database.transaction() as db:
            await store.set_model(db, guild_id, asks_model=asks_model)
        return await self.of(guild_id)

    async def take_stock(self, application_id: int, present: Sequence[Membership]) -> None:
        """Learn at a connection which servers the bot is in; those joined since the last one are welcomed.

        Args:
            present: All of them, unavailable ones too.
        """
        async with self._database.transaction() as db:
            if await facts.get_fact(db, MET_FACT) == str(application_id):
                there = [membership.guild_id for membership in present]
                await store.forget_others(db, there)
                await joins.forget_others(db, there)
                await talks.forget_others(db, there)
                await privacy.forget_others(db, there)
            else:  # the others may be those of the application before, which may come back
                for membership in present:
                    await store.keep(db, membership)
                await facts.set_fact(db, MET_FACT, str(application_id))
        await self.meet_all(application_id, present)

    async def meet_all(self, application_id: int, present: Sequence[Membership]) -> None:
        """Take in many servers, as `meet` does: with one look at those that are known."""
        known = await store.all_servers(self._database.reader)
        for membership in present:
            if _is_news(known.get(membership.guild_id), membership):
                await self.meet(application_id, membership)

    async def meet(self, application_id: int, membership: Membership) -> None:
        """Take in a server that has appeared or changed; it is welcomed if the bot has just joined it.

        Before `take_stock` it cannot be told whether it is new, so nothing is done.
        """
        if membership.joined_at is None:
            return  # unavailable: it will be reported again
        if not _is_news(await store.find_server(self._database.reader, membership.guild_id), membership):
            return  # as for nearly all servers at each connection: nothing is written
        async with self._database.transaction() as db:
            if await facts.get_fact(db, MET_FACT) != str(application_id):
                return
            known = await store.find_server(db, membership.guild_id)
            await store.keep(db, membership)
            if known is None or known.joined_at not in {None, _second(membership.joined_at)}:
                await store.enqueue_welcome(db, membership.guild_id, nonce=secrets.token_hex(12))


def _is_news(known: Server | None, membership: Membership) -> bool:
    """Whether a server is new, or differs from what is kept of it."""
    if known is None or membership.joined_at is None:
        return True
    return (known.joined_at, known.locale) != (_second(membership.joined_at), membership.locale)


def _second(moment: datetime) -> datetime:
    """A moment as the database keeps it."""
    return moment.replace(microsecond=0)
