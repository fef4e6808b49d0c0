"""Earlier talks about a paper, as cards show them, and which of their threads should be asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from bot.models.conclusions import Conclusion
from bot.models.talks import Talk
from bot.store import conclusions, joins, talks
from bot.store.database import Database

COUNTED_FOR = timedelta(minutes=10)
"""How long the number of messages in a thread is taken as it was: it comes only with the thread, by a request."""
MOST_COUNTED = 3
"""Threads that one card asks for."""


class EarlierTalks:
    """Reads the registry of talks for cards."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def about(self, review_id: int, guild_id: int) -> list[tuple[Talk, tuple[Conclusion, ...]]]:
        """Return the open talks about a review's paper in a server, each with its conclusions, the newest first.

        Talks in threads that are private, archived or locked are among them.
        """
        db = self._database.reader
        found = await talks.talks_of(db, await joins.paper_of(db, review_id, guild_id), guild_id)
        if not found:
            return []
        concluded = await conclusions.conclusions_of(db, [talk.id for talk in found])
        return [(talk, tuple(each for each in concluded if each.talk_id == talk.id)) for talk in found]

    def uncounted(self, shown: Iterable[Talk]) -> list[Talk]:
        """Return the talks whose threads should be asked for now, at most `MOST_COUNTED`."""
        before = self._clock() - COUNTED_FOR
        due = (talk for talk in shown if talk.counted_at is None or talk.counted_at <= before)
        return list(due)[:MOST_COUNTED]
