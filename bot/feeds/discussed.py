"""What a new or revised review means for talk: quoted passages are found again, and other reviews join the talk.

Everything here belongs to the transaction that enters or revises the review, except for finding the passages, which
may take a second for each: `find_again` does so before, so that members do not wait behind it to write.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from bot.languages import Message
from bot.models.index import ReadReview
from bot.models.passages import Anchored, Orphaned, Passage
from bot.models.reviews import Section
from bot.models.talks import TalkMessageKind
from bot.reading.identity import is_same_post
from bot.search.anchoring import describe_change, find_passage, make_passage
from bot.search.keys import paper_link_key
from bot.store import messages, passages, reviews, talks
from bot.store.database import Connection
from bot.store.joins import paper_of
from bot.store.messages import NewMessage
from bot.store.passages import StoredPassage
from bot.text.cut import cut_text

MOST_PASSAGES = 100
"""Passages of one review that are found again; further ones keep their old place and are compared no more."""
MOST_TOLD = 5
"""Changed passages of one version that a talk is told one by one."""
WORDS_CHARACTERS = 600
"""The most that is shown of a passage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What became of a passage: where it is now, or that it is gone."""

    kept: StoredPassage
    now: Anchored | Orphaned
    passage: Passage | None


FoundAgain: TypeAlias = Mapping[tuple[int, str], _Found]
"""What became of passages, by the passage's id and the version of its review."""


async def find_again(db: Connection, revised: Iterable[tuple[int, ReadReview]]) -> FoundAgain:
    """Find the passages of reviews in the versions that were just read. For a reader, before the transaction.

    Args:
        revised: The id of each review, and its new version.
    """
    found: dict[tuple[int, str], _Found] = {}
    for review_id, whole in revised:
        for each_id, read in await _each(db, review_id, whole):
            if kept := await passages.passages_of(db, each_id, limit=MOST_PASSAGES):
                again = await asyncio.to_thread(_find_all, kept, read.review.sections, read.entry_hash)
                found |= {(one.kept.id, read.entry_hash): one for one in again}
    return found


async def follow(
    db: Connection, review_id: int, whole: ReadReview, *, is_revised: bool, found_again: FoundAgain, now: datetime
) -> None:
    """Follow the talks and passages of a review that was just saved, and of the papers in it if it is a digest.

    Talks and passages of a deleted review at the same address become its own. Quoted and saved passages are found in
    the new text, and the talks are told what has changed.

    Args:
        is_revised: False if the same text was read by new rules: then nothing is told.
        found_again: What `find_again` found. Passages that were kept or moved since then are found now.
    """
    for each_id, read in await _each(db, review_id, whole):
        key = paper_link_key(read.review.link, read.review.guid)
        await talks.reattach(db, each_id, key)
        await passages.reattach_passages(db, each_id, key)
        await _follow_passages(db, each_id, read, is_revised=is_revised, found_again=found_again, now=now)


async def _each(db: Connection, review_id: int, whole: ReadReview) -> list[tuple[int, ReadReview]]:
    """A review and the papers in it that are kept, each with its id."""
    if not whole.parts:
        return [(review_id, whole)]
    ids = await reviews.part_guids(db, review_id)
    parts = [(ids[part.review.guid], part) for part in whole.parts if part.review.guid in ids]
    return [(review_id, whole), *parts]


async def _follow_passages(
    db: Connection, review_id: int, read: ReadReview, *, is_revised: bool, found_again: FoundAgain, now: datetime
) -> None:
    version = read.entry_hash
    kept = await passages.passages_of(db, review_id, limit=MOST_PASSAGES)
    known = {one.id: found_again.get((one.id, version)) for one in kept}
    late = [one for one in kept if (found := known[one.id]) is None or found.kept != one]
    again = [found for one in kept if (found := known[one.id]) is not None and found.kept == one]
    if late:
        again += await asyncio.to_thread(_find_all, late, read.review.sections, version)
    told: dict[int, list[tuple[int, Message]]] = {}
    for found in again:
        await _keep(db, found)
        if is_revised and (text := _told(found)):
            for talk_id in await messages.quoted_in(db, found.kept.id):
                told.setdefault(talk_id, []).append((found.kept.id, text))
    for talk_id, lines in told.items():
        await _tell(db, review_id, talk_id, lines, now)


def _find_all(kept: Sequence[StoredPassage], sections: Sequence[Section], version: str) -> list[_Found]:
    return [_find(one, sections, version) for one in kept]


def _find(kept: StoredPassage, sections: Sequence[Section], version: str) -> _Found:
    now = find_passage(sections, kept.passage)
    if isinstance(now, Orphaned):
        return _Found(kept=kept, now=now, passage=None)
    end = now.end if now.last_block == now.block else None
    try:
        passage = make_passage(sections, now.position, now.block, version=version, start=now.start, end=end)
    except ValueError:
        return _Found(kept=kept, now=Orphaned(words=kept.passage.exact), passage=None)
    return _Found(kept=kept, now=now, passage=passage)


async def _keep(db: Connection, found: _Found) -> None:
    if found.passage is None or isinstance(found.now, Orphaned):
        await passages.orphan_passage(db, found.kept.id)
        return
    words = cut_text(found.now.words, WORDS_CHARACTERS) if found.now.has_changed else found.kept.words
    await passages.move_passage(db, found.kept.id, found.passage, words=words)


def _told(found: _Found) -> Message | None:
    """The line for the talks in which a passage was quoted; None if its words are the same, or were gone before."""
    before = found.kept.passage.exact
    if found.kept.is_orphaned:
        return None
    if isinstance(found.now, Orphaned):
        excerpt, _ = describe_change(before, "")
        return Message(
            "The passage that you discussed is no longer in the review. It was: “{before}”", before=excerpt
        )
    if not found.now.has_changed:
        return None
    old, new = describe_change(before, found.now.words)
    return Message(
        "The passage that you discussed has changed.\nBefore: “{before}”\nNow: “{after}”", before=old, after=new
    )


async def _tell(
    db: Connection, review_id: int, talk_id: int, lines: Sequence[tuple[int, Message]], now: datetime
) -> None:
    """Tell a talk which of its passages have changed, each by its id; of many, the last line says how many more."""
    talk = await talks.find_talk(db, talk_id)
    if talk is None or talk.state not in talks.LIVE:
        return
    shown = list(lines if len(lines) <= MOST_TOLD + 1 else lines[:MOST_TOLD])
    if count := len(lines) - len(shown):
        more = Message("{count} other passages that you discussed have changed, too.", count=count)
        shown.append((lines[-1][0], more))
    for passage_id, text in shown:
        new = NewMessage(
            kind=TalkMessageKind.CHANGE,
            guild_id=talk.guild_id,
            nonce=secrets.token_hex(12),
            talk_id=talk_id,
            review_id=review_id,
            passage_id=passage_id,
            text=text,
        )
        await messages.add_message(db, new, now=now)


async def talking_servers(db: Connection, review_id: int) -> frozenset[int]:
    """Return the ids of the servers that have a talk about a review's paper, for a feed that every server reads."""
    return await talks.guilds_of(db, await paper_of(db, review_id, None))


async def add_opinions(
    db: Connection, review_id: int, guild_ids: Collection[int], *, feed_name: str, now: datetime
) -> None:
    """Put a new review into the talks about its paper in these servers, which read its feed, as a second opinion.

    A copy of a review that the talk is about is not another opinion.
    """
    copies: frozenset[int] | None = None
    for guild_id in sorted(set(guild_ids)):
        others = [one for one in await paper_of(db, review_id, guild_id) if one != review_id]
        if not others or not (open_talks := await talks.talks_of(db, others, guild_id, states=talks.LIVE)):
            continue
        copies = await _copies_of(db, review_id) if copies is None else copies
        talk = open_talks[0]
        if talk.review_id in copies or await _is_there(db, talk.id, {review_id, *copies}):
            continue
        new = NewMessage(
            kind=TalkMessageKind.OPINION,
            guild_id=guild_id,
            nonce=secrets.token_hex(12),
            talk_id=talk.id,
            review_id=review_id,
            text=feed_name,
        )
        await messages.add_message(db, new, now=now)


async def _copies_of(db: Connection, review_id: int) -> frozenset[int]:
    """The reviews of other feeds that are the same post."""
    alike = await reviews.alike_posts(db, review_id)
    return frozenset(other.review_id for other in alike[1] if is_same_post(alike[0], other)) if alike else frozenset()


async def _is_there(db: Connection, talk_id: int, review_ids: Collection[int]) -> bool:
    told = await messages.messages_of(db, talk_id, TalkMessageKind.OPINION)
    return any(one.review_id in review_ids for one in told)
