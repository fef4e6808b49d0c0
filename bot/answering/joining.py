"""Moderators say which reviews are about one paper; it holds in their server alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.answering.answering import Answering
from bot.errors import RequestError
from bot.languages import _
from bot.models.answers import DidYouMean, PaperFound, PapersListed
from bot.models.joins import LoggedJoin
from bot.models.requests import Audience, Command, Request
from bot.models.reviews import ReviewHead, StoredReview
from bot.store import joins, reviews
from bot.store.database import Connection, Database
from bot.text.cut import cut_text
from bot.text.links import redact_typed

MOST_BY_HAND = 5_000
"""Pairs of reviews that one server's moderators may have joined or parted at a time."""
MOST_NAMED = 3
"""Reviews that an error offers if a name may mean several."""
MAX_TITLE = 200
"""Characters of a title that the log keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Two reviews that a moderator joined or parted.

    Attributes:
        also: The other reviews of the paper, as far as the server reads them: of both if they were joined, else of
            the second one.
    """

    review: ReviewHead
    other: ReviewHead
    also: tuple[ReviewHead, ...]


class Joining:
    """Joins and parts reviews for a server, and keeps who did what."""

    def __init__(self, database: Database, answering: Answering, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._answering = answering
        self._clock = clock

    async def join(self, asked: str, other: str, audience: Audience, *, user_id: int) -> Joined:
        """Make two reviews one paper in the audience's server.

        Raises:
            RequestError: One of them is not found or not clear, or they are one paper already.
        """
        return await self._change(asked, other, audience, user_id=user_id, is_same=True)

    async def part(self, asked: str, other: str, audience: Audience, *, user_id: int) -> Joined:
        """Take a review out of the paper of another in the audience's server.

        Raises:
            RequestError: One of them is not found or not clear, or they are not one paper.
        """
        return await self._change(asked, other, audience, user_id=user_id, is_same=False)

    async def logged(self, guild_id: int, *, limit: int) -> list[LoggedJoin]:
        """Return what a server's moderators did, the latest first."""
        return await joins.logged_joins(self._database.reader, guild_id, limit=limit)

    async def _change(self, asked: str, other: str, audience: Audience, *, user_id: int, is_same: bool) -> Joined:
        if (guild_id := audience.guild_id) is None:
            raise RequestError(_("Use this in a server that I am in."))
        ones = [await self._find(text, audience) for text in (asked, other)]
        one, another = (stored.id for stored in ones)
        if one == another:
            raise RequestError(_("Both mean “{title}”. Choose two different reviews.").format(title=_title(ones[0])))
        async with self._database.transaction() as db:
            await _check(db, guild_id, one, another, is_same=is_same)
            change = joins.join if is_same else joins.part
            await change(db, guild_id, one, another, now=self._clock())
            entry = LoggedJoin(
                first_title=_title(ones[0]),
                second_title=_title(ones[1]),
                is_same=is_same,
                user_id=user_id,
                at=self._clock(),
            )
            await joins.log_join(db, guild_id, entry)
            paper = await joins.paper_of(db, another, guild_id)
        also = self._answering.readable((each for each in paper if each not in (one, another)), audience)
        first, second, *rest = await reviews.find_heads(self._database.reader, (one, another, *also))
        return Joined(review=first, other=second, also=tuple(rest))

    async def _find(self, text: str, audience: Audience) -> StoredReview:
        """Return the review that a text means for sure.

        Raises:
            RequestError: It may mean several, a list of papers, or none; the message names what is near.
        """
        answer = await self._answering.answer(Request(command=Command.PAPER, query=text), audience)
        asked = cut_text(redact_typed(text), 100)
        match answer:
            case PaperFound(papers=()):
                return answer.stored
            case PaperFound():
                said = _("“{asked}” lists several papers. Choose one of them.")
                raise RequestError(said.format(asked=asked))
            case DidYouMean(near=near) | PapersListed(heads=near) if near:
                said = _("“{asked}” is not the clear name of one review. Did you mean {names}? Choose from the list.")
                names = ", ".join(f"“{cut_text(head.clean_title, 100)}”" for head in near[:MOST_NAMED])
                raise RequestError(said.format(asked=asked, names=names))
            case _nothing:
                said = _("No review here is called “{asked}”. Choose from the list, or paste the review’s link.")
                raise RequestError(said.format(asked=asked))


async def _check(db: Connection, guild_id: int, review_id: int, other_id: int, *, is_same: bool) -> None:
    are_same = other_id in await joins.paper_of(db, review_id, guild_id)
    if is_same and are_same:
        raise RequestError(_("These reviews are already joined as one paper."))
    if not is_same and not are_same:
        raise RequestError(_("These reviews are not joined as one paper."))
    if await joins.count_by_hand(db, guild_id) >= MOST_BY_HAND:
        raise RequestError(
            _("This server has joined or parted {most:,} pairs of reviews, which is the limit.").format(
                most=MOST_BY_HAND
            )
        )


def _title(stored: StoredReview) -> str:
    return cut_text(stored.review.clean_title, MAX_TITLE)
