"""Whatever feeds there are beside them: the reviews of an audience are found as if they were the only ones.

Equal are all answers of the names (look-up, completion, which names stand in a text), and of a search: the reviews
that are found, the share of the query that each carries, the weights of words, the words that were read otherwise,
and the facets that are completed. The order of a search is not: bm25 takes the average length and the rarity of words
from the whole index, so that neighbours may swap.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.answering import searcher
from bot.answering.name_cache import NameCache
from bot.answering.searcher import Searcher
from bot.models.index import Facet, FacetKind, LabelRow, NameKind, NameRow
from bot.models.requests import Audience, Place
from bot.reading.documents import read_entries
from bot.reviews import STRUCTURE_VERSION
from bot.search import hangul
from bot.search.names import Names, NamesBuilder
from bot.store import feeds, index, reviews
from bot.store.database import Database
from bot.store.index import Narrowing
from bot.text.terms import squash, terms, words
from tests.factories import bundled_glossary, make_entry, make_review

FEEDS = (1, 2, 3)
CALLED = (
    "BLIP",
    "BLIP-2",
    "BLOP",
    "GPT-3",
    "Lantern",
    "Lanterm",
    "Lanterns",
    "HyperCLOVA X",
    "Marlin",
    "Merlin",
    "LLM",
)
TITLES = (
    "Reading Lanterns Twice",
    "Language Models at Sea",
    "retrieval augmented generation",
    "환각을 줄이는 방법",
    "Blip",
)
KINDS = (*NameKind, NameKind.COINED, NameKind.COINED, NameKind.INTRODUCED)
"""The last ones often: whose they are depends on who else uses them."""
ASKED = (
    *CALLED, "blip 2", "lant", "la", "", "merlim", "gpt 4", "lantern paper", "reading lanterns", "환각", "RAG",
    "하이퍼클로바", "말린", "ㅣㅁㅜㅅㄷ구", "ㅠㅣㅑㅔ", "models sea", "generation", "langage models",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shelf:
    """Rows as the cache lists them, each review with its feed."""

    labels: Sequence[LabelRow]
    names: Sequence[NameRow]

    def among(self, read: Iterable[int]) -> Shelf:
        """Those of some feeds alone."""
        labels = [row for row in self.labels if row.feed_id in set(read)]
        ids = {row.id for row in labels}
        return Shelf(labels, [row for row in self.names if row.review_id in ids])

    def build(self) -> Names:
        builder = NamesBuilder(bundled_glossary())
        builder.add_reviews(self.labels)
        builder.add_names(self.names)
        return builder.build()


@st.composite
def shelves(draw: st.DrawFn) -> Shelf:
    """A dozen reviews of three feeds that share and dispute names."""
    labels, names = [], []
    for number in range(draw(st.integers(0, 12)), 0, -1):
        title = draw(st.sampled_from(TITLES))
        found = [word for text in (title,) for word in (*words(text), *(term.text for term in terms(text)))]
        feed_id, is_stub = draw(st.sampled_from(FEEDS)), draw(st.booleans())
        label = LabelRow(
            number, f"https://l.test/{number}", title, None, None, None, is_stub, " ".join(found), feed_id
        )
        labels.append(label)
        for text in draw(st.lists(st.sampled_from(CALLED), max_size=3, unique_by=squash)):
            kind, uses = draw(st.sampled_from(KINDS)), draw(st.integers(1, 5))
            text = draw(st.sampled_from((text, text.upper())))
            sounds = " ".join(map(str, hangul.readings(text)))
            names.append(NameRow(squash(text), number, kind, text, uses, sounds))
    labels.sort(key=lambda row: (row.is_stub, -row.id))
    return Shelf(labels, sorted(names, key=lambda row: (row.key, row.review_id)))


def audience(read: Iterable[int]) -> Audience:
    return Audience(feeds=frozenset(read), place=Place.SERVER)


@given(
    shelf=shelves(), read=st.sets(st.sampled_from((*FEEDS, 9))), asked=st.sampled_from(ASKED), limit=st.integers(1, 9)
)
@settings(max_examples=200)
def test_names_of_an_audience_are_those_of_its_reviews_alone(
    shelf: Shelf, read: set[int], asked: str, limit: int
) -> None:
    view, alone = shelf.build().within(audience(read)), shelf.among(read).build()
    assert view.lookup(asked, limit=limit) == alone.lookup(asked, limit=limit)
    for called in (asked, *CALLED):
        assert view.lookup_exact(called) == alone.lookup_exact(called)
    assert view.suggest(asked, limit=limit) == alone.suggest(asked, limit=limit)
    text = make_review(f"We go on from {asked} and Lantern and BLIP-2.")
    assert view.named_in(text) == alone.named_in(text)
    assert len(view) == len(alone)
    for number in range(14):
        assert (number in view) == (number in alone)
        assert view.label(number) == alone.label(number)
        assert view.count_up_to(number) == alone.count_up_to(number)
    shown = [row.id for row in shelf.labels if row.feed_id in read]
    assert sorted(shown, key=view.preference) == sorted(shown, key=alone.preference)


# ── searches ────────────────────────────────────────────────────────────────────────────────────

SENTENCES = (
    "Lantern reads long documents twice and keeps the middle.",
    "환각을 줄이는 방법을 다룬다. Hallucination is rare.",
    "Retrieval augmented generation with lanterns and whales.",
    "We measure dialogue models; hallucination and retrieval are common.",
)
SEARCHED = (
    "lantern", "lanterns whales", "hallucination", "환각", "retrieval augmented generation", "RAG hallucination",
    "dialogue", "halucination", "middle of long documents", "nothing of the kind",
)  # fmt: skip
AUTHORS = ("Mina Oh", "Alex Reed", "Søren Østergård")
URL = "https://feed{0}.test/feed.xml"
Post = tuple[int, tuple[str, ...], str]
"""A feed's number, sentences and an author."""
POSTS = st.lists(
    st.tuples(
        st.sampled_from(FEEDS),
        st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3).map(tuple),
        st.sampled_from(AUTHORS),
    ),
    min_size=4,
    max_size=9,
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to, by the numbers of the posts; all but the order."""

    shares: dict[int, float]
    weights: dict[str, float]
    mended: tuple[str, ...]
    mentions: set[int]
    facets: list[Facet]
    latest: list[int]


async def find(folder: Path, posts: Sequence[tuple[int, Post]], read: set[int] | None, asked: str) -> Found:
    """Keep posts in a new database, and search what an audience reads; all where None is given."""
    made = [
        make_entry(
            number,
            link=f"https://blog.test/{number}/",
            title=f"Paper {number}: {sentences[0]}",
            html=f"<p><strong>{author}<sup>1</sup></strong></p><h2>Abstract</h2><p>{'</p><p>'.join(sentences)}</p>",
            categories=(f"feed{feed}", "papers"),
        )
        for number, (feed, sentences, author) in posts
    ]
    async with await Database.open(folder / "cache.db") as database:
        async with database.transaction() as db:
            ids = {feed: (await feeds.ensure_feed(db, URL.format(feed))).id for feed in FEEDS}
            for (_, (feed, *_)), one in zip(posts, read_entries(made), strict=True):
                now = datetime(2026, 1, 1, tzinfo=UTC)
                await reviews.save_review(db, ids[feed], one, structure_version=STRUCTURE_VERSION, now=now)
        name_cache = NameCache(database, glossary=bundled_glossary())
        await name_cache.refresh()
        names = name_cache.names
        if read is not None:
            names = names.within(audience(ids[feed] for feed in read))
        narrowing, among = Narrowing(shown=names.shown_ids), Searcher(database, name_cache).among(names)
        search = await among.search(asked, narrowing)
        mentions = await among.mentions(asked, narrowing, limit=20)
        latest = await reviews.latest_heads(database.reader, limit=20, among=narrowing)
        everybody = [item.review_id for item in search.ranked] + mentions
        links = {head.id: head.link for head in await reviews.find_heads(database.reader, everybody)}

        def number_of(review_id: int) -> int:
            return int(links[review_id].split("/")[-2])

        return Found(
            shares={number_of(item.review_id): round(item.share, 9) for item in search.ranked},
            weights={str(concept): round(weight, 9) for concept, weight in search.weights.items()},
            mended=tuple(map(str, search.mended)),
            mentions=set(map(number_of, mentions)),
            facets=[
                facet
                for kind in FacetKind
                for facet in await index.complete_facet(database.reader, kind, "", narrowing, limit=50)
            ],
            latest=[int(head.link.split("/")[-2]) for head in latest],
        )


@pytest.mark.parametrize("is_large", [False, True])
@given(posts=POSTS, read=st.sets(st.sampled_from(FEEDS)), asked=st.sampled_from(SEARCHED))
@settings(max_examples=20)
async def test_a_search_of_an_audience_finds_what_is_found_in_its_reviews_alone(
    posts: list[Post], read: set[int], asked: str, *, is_large: bool
) -> None:
    """Also by the ways of a large cache, where common words are not counted to their end."""
    numbered = list(enumerate(posts, 1))
    visible = [(number, post) for number, post in numbered if post[0] in read]
    assume(visible)  # else nothing is searched
    with (
        pytest.MonkeyPatch.context() as patch,
        tempfile.TemporaryDirectory() as one,
        tempfile.TemporaryDirectory() as two,
    ):
        if is_large:
            patch.setattr(searcher, "SMALL", 2)
            patch.setattr(searcher, "SCORED_WHOLLY", 2)
            patch.setattr(searcher, "COUNTED", 3)
            patch.setattr(searcher, "CANDIDATES", 2)
        assert await find(Path(one), numbered, read, asked) == await find(Path(two), visible, None, asked)
