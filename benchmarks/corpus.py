"""Large caches made from our own sample reviews: the same for the same number of reviews, on every machine.

A made-up review has the sections of a usual one, with paragraphs from three of the bundled reviews. Some of their
words are replaced by made-up words of a Zipf-like frequency, so that words of every rarity occur, and names as close
to each other as real ones. The entry's markup is left out; `benchmarks.ingest` measures what reading it costs.
"""

from __future__ import annotations

import random
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from multiprocessing import Pool
from pathlib import Path

from bot.bundled import sample_feed
from bot.models.feeds import Entry
from bot.models.index import ReadReview
from bot.models.reviews import Block, BlockKind, Identifiers, Review, Section, Span
from bot.reading.documents import read_feed
from bot.reviews import STRUCTURE_VERSION
from bot.search.extract import index_review
from bot.store import feeds, reviews
from bot.store.database import Database

SEED = 20_261_124
FEED = "https://nonmun.example/{0}/feed.xml"
FEEDS = 1_000
"""Feeds of the reviews, assigned at random: the first has a tenth of all reviews, the last one in three thousand."""
VENUES = "ACL EMNLP NAACL EACL ICLR NeurIPS ICML CVPR TACL AAAI".split()
TAGS = "LLM Retrieval Dialogue Vision-and-Language Hallucination Diffusion Multilingual Efficiency Evaluation".split()
HEADINGS = "Abstract|1. Introduction|2. Related Work|3. Method|3.1. {0}|3.2. {1}|4. Experiments|4.1. {2}|Conclusion"
ENDINGS = ("", "", "", "", "RAG", "Eval", "Net", "QA", "LM", "-2", " X", "Bench", "Instruct", "Former")
TITLE_WORDS = 6
"""In addition to a name and a made-up word: 80 letters, as in real titles."""
BATCH = 500
_FIRST_DAY = datetime(2010, 1, 1, tzinfo=UTC)
_LATIN = re.compile(r"[A-Za-z]{5,}")
_EXCHANGED = 0.15
"""The share of the longer Latin words that are replaced by made-up ones."""


@dataclass(frozen=True, slots=True)
class Material:
    """What reviews are made from: paragraphs and title words by source, made-up words with their frequencies."""

    blocks: list[list[Block]]
    title_words: list[list[str]]
    words: list[str]
    frequencies: list[float]
    people: list[str]

    @classmethod
    def load(cls) -> Material:
        """Take paragraphs and titles from the sample feed, and make up words and people, always the same ones."""
        _, found = read_feed(sample_feed().read_bytes(), content_type=None, url=FEED.format(0), known={})
        sources = [read.review for read in found]
        chance = random.Random(SEED)
        words = [_syllables(chance, 2, 4) for _ in range(60_000)]
        people = [f"{_syllables(chance, 1, 2).title()} {_syllables(chance, 2, 3).title()}" for _ in range(40_000)]
        return cls(
            blocks=[[b for s in r.sections for b in s.blocks if b.kind is BlockKind.PARAGRAPH] for r in sources],
            title_words=[re.findall(r"[A-Za-z]{3,}", r.clean_title) for r in sources],
            words=words,
            frequencies=list(accumulate(1 / (rank + 8) for rank in range(len(words)))),
            people=people,
        )


def make_review(material: Material, number: int, *, is_whole: bool = True) -> Review:
    """The review with this number, always the same one.

    Args:
        is_whole: False for its abstract alone, which is made ten times as quickly.
    """
    chance = random.Random(SEED + number)
    sources = chance.sample(range(len(material.blocks)), 3)
    name = _syllables(chance, 1, 2).title() + _syllables(chance, 1, 2).title() + chance.choice(ENDINGS)
    words = material.title_words[sources[0]]
    subject = " ".join((*chance.sample(words, min(TITLE_WORDS, len(words))), _word(material, chance)))
    venue, year = chance.choice(VENUES), 2015 + number % 12
    parts = [_word(material, chance).title() + " " + chance.choice(TAGS) for _ in range(3)]
    headings = HEADINGS.format(*parts).split("|")[: None if is_whole else 1]
    slug = re.sub(r"[^A-Za-z0-9]", "", name)
    link = f"https://nonmun.example/{year}/{number}/{slug}.html"
    return Review(
        guid=link,
        link=link,
        title=f"[{venue}{year}] {name}: {subject}",
        clean_title=f"{name}: {subject}",
        venue=venue,
        year=year,
        short_name=name,
        authors=tuple(chance.sample(material.people, 4)),
        identifiers=Identifiers(arxiv=f"{10 + number // 100_000:02d}{1 + number % 12:02d}.{number % 100_000:05d}"),
        links=(("code", f"https://github.com/{_word(material, chance)}/{slug}"),),
        categories=tuple(chance.sample(TAGS, 2)),
        published=_FIRST_DAY + timedelta(hours=number),
        sections=tuple(_section(material, chance, sources, heading, name) for heading in headings),
    )


def feed_of(number: int) -> int:
    """The number of the feed that this review belongs to."""
    return int(FEEDS * random.Random(number).random() ** 3)


def _section(material: Material, chance: random.Random, sources: list[int], heading: str, name: str) -> Section:
    number = re.match(r"\d+(?:\.\d+)*", heading)
    chosen = [chance.choice(material.blocks[chance.choice(sources)]) for _ in range(chance.randint(1, 4))]
    blocks = [Block(kind=block.kind, spans=(Span(text=_exchange(material, chance, block.text)),)) for block in chosen]
    if heading == "Abstract":
        blocks[0] = replace(blocks[0], spans=(Span(text=f"We propose {name}. "), *blocks[0].spans))
    return Section(
        depth=2 if number and "." in number[0] else 1,
        number=number and number[0],
        heading=heading,
        blocks=tuple(blocks),
    )


def _exchange(material: Material, chance: random.Random, text: str) -> str:
    return _LATIN.sub(lambda m: _word(material, chance) if chance.random() < _EXCHANGED else m[0], text)


def _word(material: Material, chance: random.Random) -> str:
    return chance.choices(material.words, cum_weights=material.frequencies)[0]


def _syllables(chance: random.Random, least: int, most: int) -> str:
    return "".join(
        chance.choice("bcdfghjklmnprstvwz") + chance.choice("aeiou") + chance.choice(("", "", "n", "r", "s", "l"))
        for _ in range(chance.randint(least, most))
    )


_material: Material | None = None


def _read(numbered: tuple[int, bool]) -> ReadReview:
    global _material
    _material = _material or Material.load()
    number, is_whole = numbered
    review = make_review(_material, number, is_whole=is_whole)
    entry = Entry(guid=review.guid, link=review.link, title=review.title, html="", published=review.published)
    return ReadReview(
        entry=entry, entry_hash=str(number), fingerprint=str(number), review=review, index=index_review(review)
    )


def read_corpus(reviews: int, whole: Container[int] | None = None) -> Iterator[ReadReview]:
    """Reviews ready to be stored, made on all processors.

    Args:
        whole: The numbers of the reviews with all of their text, if others have their abstract alone.
    """
    wanted = ((number, whole is None or number in whole) for number in range(reviews))
    with Pool() as pool:
        yield from pool.imap(_read, wanted, chunksize=50)


async def build_corpus(path: Path, count: int, whole: Container[int] | None = None) -> None:
    """Fill a new database with this many reviews, a few hundred per transaction; `whole` is that of `read_corpus`."""
    now = datetime.now(UTC)
    async with await Database.open(path) as database:
        async with database.transaction() as db:
            ids = [(await feeds.ensure_feed(db, FEED.format(number))).id for number in range(FEEDS)]
        made, numbers = read_corpus(count, whole), range(count)
        for start in range(0, count, BATCH):
            async with database.transaction() as db:
                for number, read in zip(numbers[start : start + BATCH], made, strict=False):
                    feed_id = ids[feed_of(number)]
                    await reviews.save_review(db, feed_id, read, structure_version=STRUCTURE_VERSION, now=now)
