"""What came of talks: members submit it, and its author or a moderator may change it.

Who counts as a moderator, and who may write in a talk, is for the front end to say.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.errors import RequestError
from bot.languages import _
from bot.models.conclusions import LONGEST_CONCLUSION, Conclusion
from bot.models.talks import Talk, TalkMessageKind, TalkState
from bot.store import conclusions as store
from bot.store import messages, talks
from bot.store.database import Connection, Database
from bot.store.messages import NewMessage

MOST_CONCLUSIONS = 10
"""Of one talk."""
TOLD_EVERY = timedelta(hours=1)
"""How often a talk is told that something was concluded."""


class Conclusions:
    """Keeps what members concluded."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def talk(self, talk_id: int, guild_id: int | None, *, check: str | None = None) -> Talk:
        """Return an open talk of a server.

        Args:
            check: As the talk's button has it (`Talk.check`); None to leave it out.
        Raises:
            RequestError: It is not there any more, or it is another server's.
        """
        found = await talks.find_talk(self._database.reader, talk_id)
        is_ours = found is not None and found.guild_id == guild_id and check in (None, found.check)
        if found is None or not is_ours or found.state is not TalkState.OPEN:
            raise RequestError(_("This talk is no longer here."))
        return found

    async def of_talk(self, talk: Talk) -> list[Conclusion]:
        """Return what was concluded in a talk, the newest first."""
        return await store.conclusions_of(self._database.reader, [talk.id])

    async def find(self, talk: Talk, conclusion_id: int) -> Conclusion:
        """Return one of them.

        Raises:
            RequestError: It was removed.
        """
        found = await store.find_conclusion(self._database.reader, conclusion_id)
        if found is None or found.talk_id != talk.id:
            raise RequestError(_("This was removed."))
        return found

    async def submit(self, talk: Talk, text: str, *, author_id: int) -> None:
        """Keep what a member concluded, and have the talk told that there is something to read.

        Raises:
            RequestError: It is empty or too long, or the talk has as many as it can have.
        """
        said = _checked(text)
        async with self._database.transaction() as db:
            if await store.count_conclusions(db, talk.id) >= MOST_CONCLUSIONS:
                raise RequestError(
                    _("This talk has {count} conclusions already. Edit or remove one.").format(count=MOST_CONCLUSIONS)
                )
            await store.add_conclusion(db, talk_id=talk.id, author_id=author_id, text=said, now=self._clock())
            await self._tell(db, talk)

    async def _tell(self, db: Connection, talk: Talk) -> None:
        """Enter the line for a talk, unless it was told lately or is locked. Part of a transaction."""
        kind, now = TalkMessageKind.CONCLUSION, self._clock()
        if talk.is_locked or await messages.is_told(db, talk.id, kind, since=now - TOLD_EVERY):
            return
        new = NewMessage(kind=kind, guild_id=talk.guild_id, nonce=secrets.token_hex(12), talk_id=talk.id)
        await messages.add_message(db, new, now=now)

    async def edit(
        self, talk: Talk, conclusion_id: int, text: str, *, editor_id: int, is_moderator: bool
    ) -> Conclusion:
        """Replace the text of a conclusion, and return it as it is then.

        Raises:
            RequestError: The text is empty or too long, or the editor may not change it.
        """
        said = _checked(text)
        await self._changeable(talk, conclusion_id, editor_id, is_moderator=is_moderator)
        async with self._database.transaction() as db:
            await store.edit_conclusion(db, conclusion_id, said, now=self._clock())
        return await self.find(talk, conclusion_id)

    async def remove(self, talk: Talk, conclusion_id: int, *, editor_id: int, is_moderator: bool) -> None:
        """Delete a conclusion.

        Raises:
            RequestError: The editor may not change it.
        """
        await self._changeable(talk, conclusion_id, editor_id, is_moderator=is_moderator)
        async with self._database.transaction() as db:
            await store.remove_conclusion(db, conclusion_id)

    async def _changeable(self, talk: Talk, conclusion_id: int, editor_id: int, *, is_moderator: bool) -> None:
        if not may_change(await self.find(talk, conclusion_id), editor_id, is_moderator=is_moderator):
            raise RequestError(_("Only its author and moderators can change this."))


def may_change(conclusion: Conclusion, member_id: int, *, is_moderator: bool) -> bool:
    """Whether a member may edit and remove a conclusion."""
    return is_moderator or conclusion.author_id == member_id


def _checked(text: str) -> str:
    said = text.strip()
    if not said:
        raise RequestError(_("Write what you concluded."))
    if len(said) > LONGEST_CONCLUSION:
        raise RequestError(
            _("That is too long: {count} characters, {most} at most.").format(
                count=f"{len(said):,}", most=f"{LONGEST_CONCLUSION:,}"
            )
        )
    return said
