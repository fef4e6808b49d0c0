"""Members' lists of saved papers: a press saves or removes, with a note and passages; a list is shown and exported.

A list is its member's alone. Every method takes the member's id, so that nobody sees or changes another's. A saved
paper outlives its review, and gets it back when a review with its address is here again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from bot.answering.name_cache import NameCache
from bot.cards.talks import quote_of
from bot.errors import RequestError
from bot.languages import _
from bot.models.passages import check_of_words
from bot.models.requests import Audience
from bot.models.reviews import ReviewHead, StoredReview
from bot.models.saved import (
    MOST_PASSAGES,
    MOST_SAVED,
    NOTE_CHARACTERS,
    PAPERS_A_PAGE,
    SavedPage,
    SavedPaper,
    SaveOutcome,
)
from bot.search.anchoring import make_passage
from bot.search.keys import link_key, paper_link_key
from bot.store import index, passages, reviews
from bot.store import saved as store
from bot.store.database import Connection, Database

Saved = tuple[SavedPaper, SaveOutcome]


class SavedPapers:
    """Keeps members' lists."""

    def __init__(self, database: Database, name_cache: NameCache, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._name_cache = name_cache
        self._clock = clock

    # ── saving ──────────────────────────────────────────────────────────────────────────────────

    async def toggle(
        self, review_id: int, *, check: str | None, user_id: int, guild_id: int | None, audience: Audience
    ) -> Saved:
        """Save a review's paper, or take it off the list if nothing was added to it. Returns the paper as it is then.

        Raises:
            RequestError: The list is full, or the review is not here any more.
        """
        head = await self._find(review_id, check, audience)
        async with self._database.transaction() as db:
            paper, is_new = await self._ensure(db, head, user_id, guild_id)
            if is_new or paper.is_annotated:
                return paper, SaveOutcome.SAVED if is_new else SaveOutcome.KEPT
            await store.remove_saved(db, user_id, paper.id)
        return paper, SaveOutcome.REMOVED

    async def toggle_passage(
        self,
        review_id: int,
        *,
        position: int,
        block: int,
        words_check: str | None,
        check: str | None,
        user_id: int,
        guild_id: int | None,
        audience: Audience,
    ) -> Saved:
        """Save a passage with its paper, or take the passage off again. Returns the paper as it is then.

        Args:
            position: Of the section.
            block: Of the block in it.
            words_check: Tells the words that the member saw (`check_of_words`); None if they are not known.
        Raises:
            RequestError: A list is full, or the passage is not here any more.
        """
        head = await self._find(review_id, check, audience)
        stored = (await reviews.find_reviews(self._database.reader, [head.id]))[0]
        version = await reviews.entry_hash(self._database.reader, head.id) or ""
        try:
            words = quote_of(stored.review.sections[position].blocks[block])
            passage = await asyncio.to_thread(make_passage, stored.review.sections, position, block, version=version)
        except (IndexError, ValueError):
            words = ""
        if not words or words_check not in (None, check_of_words(words)):
            raise RequestError(_("This passage is not here any more. Open the section again."))
        async with self._database.transaction() as db:
            paper, _is_new = await self._ensure(db, head, user_id, guild_id)
            key = paper_link_key(head.link, head.guid)
            passage_id = await passages.ensure_passage(db, head.id, key, passage, words=words)
            if await store.remove_passage(db, paper.id, passage_id):
                outcome = SaveOutcome.PASSAGE_REMOVED
            else:
                outcome = SaveOutcome.PASSAGE_SAVED
                if len(paper.passages) >= MOST_PASSAGES:
                    raise RequestError(
                        _("You have saved {count} passages of this paper. Remove one of them first.").format(
                            count=MOST_PASSAGES
                        )
                    )
                await store.add_passage(db, paper.id, passage_id)
            changed = await store.get_saved(db, user_id, paper.id)
        return changed or paper, outcome

    async def _find(self, review_id: int, check: str | None, audience: Audience) -> ReviewHead:
        """Return a review that an audience reads, if its id still means the same."""
        known = [review_id] if review_id in self._name_cache.names.within(audience) else []
        for head in await reviews.find_heads(self._database.reader, known):
            if check in (None, head.check):
                return head
        raise RequestError(_("This review is not here any more. Find it again with /paper."))

    async def _ensure(
        self, db: Connection, head: ReviewHead, user_id: int, guild_id: int | None
    ) -> tuple[SavedPaper, bool]:
        """Return the paper on a member's list, and whether it was put there just now."""
        key = paper_link_key(head.link, head.guid)
        paper = await store.find_saved(db, user_id, review_id=head.id, link_key=key)
        if paper is not None:
            return paper, False
        if await store.count_saved(db, user_id) >= MOST_SAVED:
            raise RequestError(
                _("Your list is full: {count} papers. Remove some with /saved.").format(count=MOST_SAVED)
            )
        saved_id = await store.add_saved(db, user_id, head, link_key=key, guild_id=guild_id or 0, now=self._clock())
        paper = await store.get_saved(db, user_id, saved_id)
        assert paper is not None  # noqa: S101 - added above, in this transaction
        return paper, True

    # ── the list ────────────────────────────────────────────────────────────────────────────────

    async def page(self, user_id: int, number: int, *, audience: Audience) -> SavedPage:
        """Return a page of a member's list; the last one if there are not so many."""
        await self._reattach(user_id, audience)
        reader = self._database.reader
        total = await store.count_saved(reader, user_id)
        number = min(number, max(0, total - 1) // PAPERS_A_PAGE)
        papers = await store.list_saved(reader, user_id, limit=PAPERS_A_PAGE, offset=number * PAPERS_A_PAGE)
        return SavedPage(papers=tuple(papers), number=number, total=total, readable=self._readable(papers, audience))

    async def get(self, user_id: int, saved_id: int, *, audience: Audience) -> SavedPage:
        """Return one paper of a member's list, as a page.

        Raises:
            RequestError: It is not on the list any more.
        """
        paper = await store.get_saved(self._database.reader, user_id, saved_id)
        if paper is None:
            raise RequestError(_("This paper is not on your list any more."))
        return SavedPage(papers=(paper,), number=0, total=1, readable=self._readable([paper], audience))

    async def review_of(self, paper: SavedPaper, *, audience: Audience) -> StoredReview:
        """Return the review of a saved paper with its text.

        Raises:
            RequestError: It is not here.
        """
        head = await self._find(paper.head.id if paper.head else 0, None, audience)
        return (await reviews.find_reviews(self._database.reader, [head.id]))[0]

    async def all(self, user_id: int, *, audience: Audience) -> list[SavedPaper]:
        """Return a member's whole list, the paper that was saved last first."""
        await self._reattach(user_id, audience)
        return await store.list_saved(self._database.reader, user_id, limit=MOST_SAVED)

    def _readable(self, papers: Sequence[SavedPaper], audience: Audience) -> frozenset[int]:
        names = self._name_cache.names.within(audience)
        return frozenset(paper.head.id for paper in papers if paper.head and paper.head.id in names)

    async def set_note(self, user_id: int, saved_id: int, note: str) -> None:
        """Save a member's note on a saved paper, "" for none.

        Raises:
            RequestError: The note is too long, or the paper is not on the list any more.
        """
        note = note.strip()
        if len(note) > NOTE_CHARACTERS:
            raise RequestError(_("A note has {count} characters at most.").format(count=NOTE_CHARACTERS))
        async with self._database.transaction() as db:
            if not await store.set_note(db, user_id, saved_id, note):
                raise RequestError(_("This paper is not on your list any more."))

    async def remove(self, user_id: int, saved_id: int) -> None:
        """Take a paper off a member's list, with its note and passages."""
        async with self._database.transaction() as db:
            await store.remove_saved(db, user_id, saved_id)

    async def _reattach(self, user_id: int, audience: Audience) -> None:
        """Give the saved papers whose reviews had gone those that an audience reads under their addresses."""
        reader = self._database.reader
        lost = await store.lost_papers(reader, user_id)
        if not lost:
            return
        carriers = await index.find_by_keys(reader, {link_key(link) for _id, link, _key in lost})
        own = [carrier.review_id for carrier in carriers if carrier.is_own]
        names = self._name_cache.names.within(audience)
        ids = [review_id for review_id in (*own, *await reviews.part_ids(reader, own)) if review_id in names]
        here = {paper_link_key(head.link, head.guid): head.id for head in await reviews.find_heads(reader, ids)}
        found = [(saved_id, here[key]) for saved_id, _link, key in lost if key in here]
        if found:
            async with self._database.transaction() as db:
                await store.attach(db, found)
