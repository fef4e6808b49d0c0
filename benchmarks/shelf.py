"""The bot without a front end, opened on one feed and its own database."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from bot.bundled import sample_feed
from bot.config import load_settings
from bot.feeds.reader_process import FeedReading, Reader
from bot.models.feeds import Resting
from bot.models.requests import EVERYTHING
from bot.models.reviews import StoredReview
from bot.reading.documents import read_feed
from bot.service import Service, open_service

SHARED = Path(__file__).resolve().parents[2] / "shared"
"""Where the real feed and the graded sample are, if available: next to the checkout."""


class InProcessReader(Reader):
    """Reads in this process instead of in a child, to measure the reading alone."""

    async def read_feed(
        self, data: bytes, *, content_type: str | None, url: str, known: Mapping[str, str | Resting]
    ) -> FeedReading:
        """Read a document and return what is new or changed in it."""
        parsed, changed = read_feed(data, content_type=content_type, url=url, known=known)
        return FeedReading(
            parsed=replace(parsed, entries=()), guids=tuple(e.guid for e in parsed.entries), changed=tuple(changed)
        )


@asynccontextmanager
async def open_shelf(feed: Path, database: Path, *, reader: Reader | None = None) -> AsyncIterator[Service]:
    """Open a service on this feed alone, announcing nothing."""
    settings = load_settings(NONMUN_DATABASE=database, NONMUN_FEEDS=(str(feed),), NONMUN_RESOLVE_IDS=False)
    async with open_service(settings.model_copy(update={"channel_id": None}), reader=reader) as service:
        yield service


async def fill(service: Service, feed: Path) -> None:
    """Read the feed into the cache, or end the benchmark with the error.

    Raises:
        SystemExit: The feed cannot be read.
    """
    outcome = await service.poller.poll(str(feed), is_forced=True)
    if outcome.error:
        raise SystemExit(f"{feed} cannot be read: {outcome.error}")


async def load_reviews(service: Service) -> list[StoredReview]:
    """All reviews in the cache."""
    return [stored async for stored in service.answering.export(EVERYTHING)]


def real_feed() -> Path | None:
    """The recorded main feed, or None if it is not available."""
    return next(iter(sorted((SHARED / "seeds").glob("000*.txt"))), None)


def feed_parser(description: str | None) -> argparse.ArgumentParser:
    """A parser with the options that the benchmarks share; the description's first line is shown."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument(
        "--feed", type=Path, default=sample_feed(), metavar="PATH", help="a feed's document; the sample unless told"
    )
    return parser
