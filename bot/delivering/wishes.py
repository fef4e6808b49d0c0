"""Papers that members want reviewed: asked for, taken back, listed, and published for reviewers who look for work.

Who asked is told when a review is entered (`bot.feeds.wished`), through the same table as the messages of talks. What
is published are titles and numbers, from servers that agreed, and nothing of a member or a server.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

from bot.feeds.fetch import CONTACT_URL
from bot.models.papers import source_of
from bot.models.wishes import MAX_OPEN, MIN_WORDS, WantedPaper, Wished, WishOutcome, WishPage
from bot.reviews.identifiers import parse_identifiers
from bot.search.keys import identifier_keys
from bot.store import records
from bot.store import wishes as store
from bot.store.database import Database
from bot.text.cut import cut_text
from bot.text.links import redact_typed
from bot.text.terms import squash, words

log = logging.getLogger(__name__)

PAGE = 5
"""Wishes on one page of a list."""
MAX_TITLE = 300
MOST_PUBLISHED = 1_000
"""Papers in the published files: those with most voices."""
_PAGES = {
    "arxiv": "https://arxiv.org/abs/{value}",
    "acl": "https://aclanthology.org/{value}/",
    "openreview": "https://openreview.net/forum?id={value}",
    "pmlr": "https://proceedings.mlr.press/{value}.html",
    "doi": "https://doi.org/{value}",
}
"""The public page of a paper, by the kind of its identifier."""
_RSS = """\
<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0">
<channel>
<title>Papers that readers want reviewed</title>
<link>{site}</link>
<description>What members of Discord servers have asked for, those with most voices first.</description>
{items}</channel>
</rss>
"""
_ITEM = """\
<item>
<title>{title}</title>
{link}<description>{about}</description>
<guid isPermaLink="false">{guid}</guid>
<pubDate>{date}</pubDate>
</item>
"""


class Wishes:
    """Keeps what members want reviewed.

    Args:
        folder: Where wanted.json and wanted.xml are kept; None to publish nothing.
        site: The page that the published feed names.
    """

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], datetime],
        folder: Path | None = None,
        site: str | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._folder = folder
        self._site = site or CONTACT_URL
        self._published: str | None = None
        self._publishing = asyncio.Lock()

    # ── asking ──────────────────────────────────────────────────────────────────────────────────

    async def read(self, text: str) -> WantedPaper | None:
        """Return the paper that a text means: an identifier that is known, or a title; None if it is neither."""
        keys = [key for key in (text, *identifier_keys(parse_identifiers(text))) if " " not in key and source_of(key)]
        if keys:
            kept = await records.find_records(self._database.reader, keys)
            record = next((one.record for key in keys if (one := kept.get(key)) and one.record), None)
            if record is None:
                return None
            kind, _, value = record.key.partition(":")
            return WantedPaper(
                key=record.key,
                title=cut_text(record.title, MAX_TITLE),
                authors=record.authors[:20],
                year=record.year,
                link=_PAGES[kind].format(value=value),
            )
        title = " ".join(redact_typed(text).split())
        if len(words(title)) < MIN_WORDS:
            return None
        return WantedPaper(key=f"title:{squash(title)[:MAX_TITLE]}", title=cut_text(title, MAX_TITLE))

    async def ask(self, paper: WantedPaper, *, guild_id: int, channel_id: int, user_id: int) -> Wished:
        """Ask for a paper, or join those who do.

        Args:
            channel_id: Where the member is told when it is reviewed.
        """
        now = self._clock()
        async with self._database.transaction() as db:
            known = await store.wish_for(db, guild_id, paper.key, user_id=user_id)
            if known and known.is_own:
                return Wished(outcome=WishOutcome.ALREADY, wish=known)
            own = await store.own_wishes(db, user_id)
            if len(own) >= MAX_OPEN:
                return Wished(outcome=WishOutcome.FULL, wish=known, own=tuple(own))
            if known is None:
                await store.add_wish(db, guild_id, paper, now=now)
                known = await store.wish_for(db, guild_id, paper.key, user_id=user_id)
            assert known is not None  # noqa: S101 - it was just entered
            await store.add_voice(db, known.id, user_id=user_id, channel_id=channel_id, now=now)
            wish = await store.find_wish(db, known.id, user_id=user_id)
        await self.publish()
        return Wished(outcome=WishOutcome.ASKED, wish=wish)

    async def join(self, wish_id: int, *, check: str | None, guild_id: int, channel_id: int, user_id: int) -> Wished:
        """Join those who ask for a paper."""
        wish = await store.find_wish(self._database.reader, wish_id, user_id=user_id)
        if wish is None or wish.guild_id != guild_id or wish.check != check:
            return Wished(outcome=WishOutcome.GONE)
        return await self.ask(wish.paper, guild_id=guild_id, channel_id=channel_id, user_id=user_id)

    async def take_back(self, wish_id: int, *, check: str | None, user_id: int) -> Wished:
        """No longer ask for a paper; it is wanted no longer if nobody else does. Returns the wish as it was."""
        async with self._database.transaction() as db:
            wish = await store.find_wish(db, wish_id, user_id=user_id)
            if wish is None or wish.check != check or not await store.take_back(db, wish_id, user_id=user_id):
                return Wished(outcome=WishOutcome.GONE)
        await self.publish()
        return Wished(outcome=WishOutcome.ASKED, wish=wish)

    async def page(self, guild_id: int, *, user_id: int, offset: int = 0) -> WishPage:
        """Return some of a server's wishes; the last page if there are fewer than ``offset``."""
        reader = self._database.reader
        total = await store.count_wishes(reader, guild_id)
        offset = min(offset, max(0, total - 1) // PAGE * PAGE)
        found = await store.wishes_of(reader, guild_id, user_id=user_id, offset=offset, limit=PAGE)
        return WishPage(wishes=tuple(found), total=total, offset=offset)

    # ── publishing ──────────────────────────────────────────────────────────────────────────────

    async def publish(self) -> None:
        """Write what is wanted, if it has changed since it was last written. A failure is logged and tried again."""
        if self._folder is None:
            return
        async with self._publishing:
            shared = await store.shared_wishes(self._database.reader, limit=MOST_PUBLISHED)
            text = _as_json(shared)
            if text == self._published:
                return
            try:
                await asyncio.to_thread(
                    _write, self._folder, {"wanted.json": text, "wanted.xml": _as_rss(shared, self._site)}
                )
            except OSError as exc:
                log.warning("what is wanted could not be published folder=%s reason=%s", self._folder, exc.strerror)
                return
            self._published = text


Shared = Sequence[tuple[WantedPaper, int, datetime]]


def _as_json(shared: Shared) -> str:
    wanted = [
        {
            "id": None if paper.key.startswith("title:") else paper.key,
            "title": paper.title,
            "authors": list(paper.authors),
            "year": paper.year,
            "link": paper.link,
            "voices": voices,
            "since": since.astimezone(UTC).date().isoformat(),
        }
        for paper, voices, since in shared
    ]
    return json.dumps({"version": 1, "wanted": wanted}, ensure_ascii=False, indent=1) + "\n"


def _as_rss(shared: Shared, site: str) -> str:
    items = "".join(_item(paper, voices, since) for paper, voices, since in shared)
    return _RSS.format(site=_xml(site), items=items)


def _item(paper: WantedPaper, voices: int, since: datetime) -> str:
    people = ", ".join(paper.authors[:5])
    about = " · ".join(filter(None, (people, str(paper.year or ""), f"voices: {voices}")))
    link = f"<link>{_xml(paper.link)}</link>\n" if paper.link else ""
    day = since.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return _ITEM.format(
        title=_xml(paper.title), link=link, about=_xml(about), guid=_xml(paper.key), date=format_datetime(day)
    )


def _xml(text: str) -> str:
    return escape("".join(sign for sign in text if sign.isprintable()))


def _write(folder: Path, files: dict[str, str]) -> None:
    """Write files, each as a whole: a reader never sees half of one."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        unfinished = folder / f".{name}.new"
        with unfinished.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(folder / name)
