"""What is kept about a member, shown to that member and deleted on request."""

from __future__ import annotations

from bot.models.privacy import KeptItem
from bot.store import privacy as store
from bot.store.database import Database


class Privacy:
    """Shows and deletes what is kept about members."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def kept_about(self, user_id: int) -> list[KeptItem]:
        """Return everything that is kept about a member, in servers and direct messages."""
        return await store.kept_about(self._database.reader, user_id)

    async def forget(self, user_id: int, *, keeps_conclusions: bool) -> None:
        """Delete everything about a member. What others need stays without the member's id.

        Backups that were made before still have it.

        Args:
            keeps_conclusions: Whether the member's conclusions stay without their author.
        """
        naming = await store.texts_naming(self._database.background, user_id)
        async with self._database.transaction() as db:
            await store.forget_member(db, user_id, keeps_conclusions=keeps_conclusions, naming=naming)
