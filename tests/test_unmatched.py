"""Searches that found nothing sure: which are kept, how long, and what of them."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.answering import answering, name_cache
from bot.answering.answering import MAX_UNMATCHED
from bot.config import Settings
from bot.errors import RequestError
from bot.models.requests import EVERYTHING, Command, Request
from bot.service import Service, open_service
from bot.store import unmatched
from bot.store.database import Database
from tests.conftest import Clock
from tests.factories import make_entry, make_rss

MakeSettings = Callable[..., Settings]


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


@pytest.fixture
async def service(tmp_path: Path, settings: MakeSettings, clock: Clock, stack: AsyncExitStack) -> Service:
    return await open_desk(tmp_path, settings, clock, stack)


async def open_desk(
    folder: Path, make_settings: MakeSettings, clock: Clock, stack: AsyncExitStack, **more: object
) -> Service:
    """A service that has read one review."""
    path = folder / "feed.xml"
    path.write_bytes(make_rss([make_entry(1)]))
    opened = await stack.enter_async_context(open_service(make_settings(NONMUN_FEEDS=str(path), **more), clock=clock))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(name_cache, "PATIENCE_S", 600)  # the names are there, however busy the machine
        (outcome,) = await opened.poller.poll_all()
        await opened.answering.answer(Request(command=Command.HELP), EVERYTHING)
    assert outcome.new == 1
    return opened


async def ask(service: Service, query: str, *, command: Command = Command.SEARCH) -> bool:
    """Ask as a front end does; whether the answer was sure."""
    request = Request(command=command, query=query)
    answer = await service.ask(request, EVERYTHING)
    return answer.is_sure


async def kept(service: Service) -> list[tuple[str, int]]:
    return [(one.query, one.times) for one in await service.answering.unmatched()]


async def test_a_search_that_finds_nothing_sure_is_counted(service: Service, clock: Clock) -> None:
    """Those asked most often first, with the time they were asked last; spelling of letters aside."""
    assert not await ask(service, "zeppelin")
    clock.advance(minutes=1)
    assert not await ask(service, "submarine periscope")
    clock.advance(minutes=1)
    assert not await ask(service, "Submarine  PERISCOPE")
    assert await kept(service) == [("submarine periscope", 2), ("zeppelin", 1)]
    newest, oldest = await service.answering.unmatched()
    assert newest.last_at == clock()
    assert oldest.last_at == clock() - timedelta(minutes=2)


async def test_a_search_that_finds_only_a_part_is_counted(service: Service) -> None:
    assert not await ask(service, "paragraph submarine periscope")
    assert await kept(service) == [("paragraph submarine periscope", 1)]


async def test_a_sure_answer_is_not_kept(service: Service) -> None:
    assert await ask(service, "paragraph")
    assert await kept(service) == []


@pytest.mark.parametrize("command", [Command.PAPER, Command.SECTION, Command.RELATED])
async def test_only_searches_are_kept(service: Service, command: Command) -> None:
    """A name that nobody reviewed tells the glossary nothing."""
    assert not await ask(service, "zeppelin 3", command=command)
    assert await kept(service) == []


async def test_filters_and_order_are_not_kept(service: Service) -> None:
    """They hold names of people, and are not what was searched for."""
    query = 'zeppelin author:"Mina Oh" venue:ACL2024 year:2024 tag:x source:y before:2025 after:2020 sort:new'
    assert not await ask(service, query)
    assert not await ask(service, "author:nobody sort:new")
    assert await kept(service) == [("zeppelin", 1)]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("https://blog.test/Feed?token=t0psecret9&page=2", "https://blog.test/feed?token=…&page=2"),
        ("zeppelin “https://reader:t0psecret9@blog.test/a”", "zeppelin “https://blog.test/a”"),
        ("zeppelin blog.test/a?key=t0psecret9", "zeppelin blog.test/a?key=…"),
        ("https://blog.test/a?token＝t0psecret9", "https://blog.test/a?token=…"),
        ("https://blog.test/a?u=T0psEcret9aBcDeFg", "https://blog.test/a?u=…"),
        ("https://blog.test/" + "a" * 70 + "?token=t0psecret9", "https://blog.test/" + "a" * 70 + "?token=…"),
        ("C# a=b zeppelin?", "c# a=b zeppelin?"),
    ],
)
async def test_keys_of_an_address_are_not_kept(service: Service, query: str, text: str) -> None:
    """A member may paste a private address; the rest of what was typed stays."""
    assert not await ask(service, query)
    assert await kept(service) == [(text, 1)]


async def test_no_more_of_a_search_is_kept_than_a_line(service: Service) -> None:
    await ask(service, "zeppelin " * 100)
    ((query, _),) = await kept(service)
    assert len(query) <= MAX_UNMATCHED
    assert query.startswith("zeppelin zeppelin")


async def test_nothing_is_kept_where_the_host_says_so(
    tmp_path: Path, settings: MakeSettings, clock: Clock, stack: AsyncExitStack
) -> None:
    silent = await open_desk(tmp_path, settings, clock, stack, NONMUN_KEEP_UNMATCHED="false")
    before = silent.database.rows_written
    assert not await ask(silent, "zeppelin")
    assert await kept(silent) == []
    assert silent.database.rows_written == before


async def test_what_was_kept_can_be_forgotten_and_is_counted_anew(service: Service) -> None:
    await ask(service, "zeppelin")
    await ask(service, "zeppelin")
    await service.answering.forget_unmatched()
    assert await kept(service) == []
    await ask(service, "zeppelin")
    assert await kept(service) == [("zeppelin", 1)]


async def test_what_was_kept_outlives_a_restart(
    service: Service, tmp_path: Path, settings: MakeSettings, clock: Clock, stack: AsyncExitStack
) -> None:
    await ask(service, "zeppelin")
    await service.answering.settle()
    restarted = await stack.enter_async_context(open_service(service.settings, clock=clock))
    assert await kept(restarted) == [("zeppelin", 1)]


async def test_at_the_limit_what_was_not_asked_for_longest_goes(database: Database, clock: Clock) -> None:
    """However often it was asked once; what is asked again stays."""
    async with database.transaction() as db:
        for number in range(unmatched.MOST):
            for _ in range(3 if number == 1 else 1):
                await unmatched.add_unmatched(db, f"query {number}", now=clock())
            clock.advance(seconds=1)
        await unmatched.add_unmatched(db, "query 0", now=clock())
        clock.advance(seconds=1)
        await unmatched.add_unmatched(db, "newest", now=clock())
    found = {one.query: one.times for one in await unmatched.list_unmatched(database.reader)}
    assert len(found) == unmatched.MOST
    assert found["newest"] == 1
    assert found["query 0"] == 2
    assert "query 1" not in found
    assert "query 2" in found


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=150) | st.text(alphabet='zepp author:"x sort:new -()환', max_size=60))
async def test_any_search_is_kept_as_text_or_not_at_all(service: Service, query: str) -> None:
    await service.answering.forget_unmatched()
    try:
        is_sure = await ask(service, query)
    except RequestError:
        assert await kept(service) == []
        return
    found = await kept(service)
    assert len(found) <= (0 if is_sure else 1)
    for text, times in found:
        assert times == 1
        assert 0 < len(text) <= MAX_UNMATCHED
        assert text == text.strip()
        assert "author:" not in text.split()


async def test_half_a_character_is_kept_as_a_sign(service: Service) -> None:
    """A terminal passes bytes that are no text as halves of characters, which no database stores."""
    await ask(service, "xylophone \ud800")
    assert await kept(service) == [("xylophone ?", 1)]


async def test_searches_that_cannot_be_saved_yet_are_bounded_and_delay_no_end(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another program locks the file some wait, further ones are left out, and closing does not wait long."""
    monkeypatch.setattr(answering, "MOST_SAVING", 2)
    monkeypatch.setattr(answering, "SETTLE_S", 0.01)
    with closing(sqlite3.connect(service.settings.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for number in range(4):
            assert not await ask(service, f"xylophone{number}")
        await service.answering.settle()
        other.execute("ROLLBACK")
    assert len(await kept(service)) <= 2
