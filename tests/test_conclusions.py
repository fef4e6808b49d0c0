"""What came of a talk: kept because a member submitted it, changed by its author or a moderator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.config import Settings
from bot.delivering.conclusions import MOST_CONCLUSIONS, Conclusions
from bot.delivering.earlier_talks import EarlierTalks
from bot.errors import DeliveryError, RequestError
from bot.models.conclusions import LONGEST_CONCLUSION
from bot.models.talks import Talk, TalkMessageKind, TalkMessageState, ThreadFacts
from bot.service import Service, open_service
from bot.store import messages, privacy, talks
from tests.conftest import Clock
from tests.factories import make_entry, make_rss
from tests.posting import MemoryPoster

AUTHOR, OTHER = 71, 72
GUILD, CHANNEL = 5, 50


@pytest.fixture
async def service(settings: Callable[..., Settings], tmp_path: Path, clock: Clock) -> AsyncIterator[Service]:
    feed = tmp_path / "reviews.xml"
    feed.write_bytes(make_rss([make_entry(1), make_entry(2)]))
    async with open_service(settings(NONMUN_FEEDS=str(feed)), clock=clock) as service:
        await service.poller.poll_all()
        yield service


async def open_talk(service: Service, clock: Clock, *, guild_id: int = GUILD, thread_id: int = 500) -> Talk:
    async with service.database.transaction() as db:
        await talks.record_thread(
            db,
            guild_id=guild_id,
            review_id=1,
            link_key="link:reviews.example/2024/lantern-1",
            title="Lantern-1",
            channel_id=CHANNEL,
            root_id=None,
            thread_id=thread_id,
            nonce=f"nonce{thread_id}",
            now=clock(),
        )
        talk = await talks.talk_in(db, thread_id)
    assert talk is not None
    return talk


async def test_a_conclusion_is_kept_edited_and_removed_by_its_author(service: Service, clock: Clock) -> None:
    conclusions, talk = Conclusions(service.database, clock=clock), await open_talk(service, clock)
    await conclusions.submit(talk, "  The lamp is not enough.\nTwo lamps are. ", author_id=AUTHOR)
    (kept,) = await conclusions.of_talk(talk)
    assert (kept.text, kept.author_id, kept.edited_at) == ("The lamp is not enough.\nTwo lamps are.", AUTHOR, None)
    clock.advance(hours=1)
    changed = await conclusions.edit(talk, kept.id, "Three lamps.", editor_id=AUTHOR, is_moderator=False)
    assert (changed.text, changed.edited_at, changed.submitted_at) == ("Three lamps.", clock(), kept.submitted_at)
    await conclusions.remove(talk, kept.id, editor_id=AUTHOR, is_moderator=False)
    assert await conclusions.of_talk(talk) == []


async def test_only_its_author_and_moderators_change_it(service: Service, clock: Clock) -> None:
    conclusions, talk = Conclusions(service.database, clock=clock), await open_talk(service, clock)
    await conclusions.submit(talk, "Two lamps.", author_id=AUTHOR)
    (kept,) = await conclusions.of_talk(talk)
    with pytest.raises(RequestError):
        await conclusions.edit(talk, kept.id, "No lamps.", editor_id=OTHER, is_moderator=False)
    with pytest.raises(RequestError):
        await conclusions.remove(talk, kept.id, editor_id=OTHER, is_moderator=False)
    await conclusions.edit(talk, kept.id, "Some lamps.", editor_id=OTHER, is_moderator=True)
    (kept,) = await conclusions.of_talk(talk)
    assert (kept.text, kept.author_id) == ("Some lamps.", AUTHOR)
    await conclusions.remove(talk, kept.id, editor_id=OTHER, is_moderator=True)
    assert await conclusions.of_talk(talk) == []


async def test_a_talk_holds_ten_and_the_newest_come_first(service: Service, clock: Clock) -> None:
    conclusions, talk = Conclusions(service.database, clock=clock), await open_talk(service, clock)
    for number in range(MOST_CONCLUSIONS):
        await conclusions.submit(talk, f"Point {number}", author_id=AUTHOR)
    with pytest.raises(RequestError):
        await conclusions.submit(talk, "One more", author_id=OTHER)
    texts = [conclusion.text for conclusion in await conclusions.of_talk(talk)]
    assert texts == [f"Point {number}" for number in reversed(range(MOST_CONCLUSIONS))]


@pytest.mark.parametrize("text", ["", "  \n ", "x" * (LONGEST_CONCLUSION + 1)])
async def test_nothing_empty_or_endless_is_kept(service: Service, clock: Clock, text: str) -> None:
    conclusions, talk = Conclusions(service.database, clock=clock), await open_talk(service, clock)
    with pytest.raises(RequestError):
        await conclusions.submit(talk, text, author_id=AUTHOR)
    assert await conclusions.of_talk(talk) == []


async def test_another_servers_talk_is_not_there(service: Service, clock: Clock) -> None:
    """Nor a talk that its button does not mean, as in a restored copy, nor one whose thread was deleted."""
    conclusions, talk = Conclusions(service.database, clock=clock), await open_talk(service, clock)
    assert (await conclusions.talk(talk.id, GUILD, check=talk.check)).id == talk.id
    for guild_id, check in ((GUILD + 1, None), (None, None), (GUILD, "other0")):
        with pytest.raises(RequestError):
            await conclusions.talk(talk.id, guild_id, check=check)
    await service.talks.thread_gone(500)
    with pytest.raises(RequestError):
        await conclusions.talk(talk.id, GUILD)


async def test_a_conclusion_of_another_talk_is_not_found(service: Service, clock: Clock) -> None:
    conclusions, talk = Conclusions(service.database, clock=clock), await open_talk(service, clock)
    other = await open_talk(service, clock, thread_id=501)
    await conclusions.submit(other, "Two lamps.", author_id=AUTHOR)
    (kept,) = await conclusions.of_talk(other)
    with pytest.raises(RequestError):
        await conclusions.edit(talk, kept.id, "Mine", editor_id=AUTHOR, is_moderator=True)


# ── earlier talks ───────────────────────────────────────────────────────────────────────────────


async def test_a_paper_has_the_talks_of_one_server_with_their_conclusions(service: Service, clock: Clock) -> None:
    earlier, conclusions = EarlierTalks(service.database, clock=clock), Conclusions(service.database, clock=clock)
    talk = await open_talk(service, clock)
    other = await open_talk(service, clock, guild_id=GUILD + 1, thread_id=900)
    await conclusions.submit(talk, "First", author_id=AUTHOR)
    await conclusions.submit(talk, "Second", author_id=OTHER)
    ((found, concluded),) = await earlier.about(1, GUILD)
    assert found.id == talk.id
    assert [conclusion.text for conclusion in concluded] == ["Second", "First"]
    ((found, concluded),) = await earlier.about(1, GUILD + 1)
    assert (found.id, concluded) == (other.id, ())
    assert await earlier.about(2, GUILD) == []


async def test_a_thread_is_asked_for_every_ten_minutes_and_three_a_card(service: Service, clock: Clock) -> None:
    earlier = EarlierTalks(service.database, clock=clock)
    opened = [await open_talk(service, clock, thread_id=500 + number) for number in range(5)]
    assert [talk.id for talk in earlier.uncounted(opened)] == [talk.id for talk in opened[:3]]
    for talk in opened[:4]:
        facts = ThreadFacts(thread_id=talk.thread_id or 0, parent_id=CHANNEL, name=talk.title, messages=7)
        async with service.database.transaction() as db:
            await talks.update_thread(db, facts, now=clock())
    known = [talk for talk, _ in await earlier.about(1, GUILD)]
    assert [talk.messages for talk in known] == [7, 7, 7, 7, 0]
    assert [talk.id for talk in earlier.uncounted(known)] == [opened[4].id]
    clock.advance(minutes=10)
    assert len(earlier.uncounted(known)) == 3
    await service.talks.thread_gone(500)
    assert len(await earlier.about(1, GUILD)) == 4


# ── the line in the talk ────────────────────────────────────────────────────────────────────────


LINE = "Somebody wrote down what came of this talk."


@pytest.fixture
def poster(clock: Clock) -> MemoryPoster:
    return MemoryPoster(clock)


async def lines(service: Service, talk: Talk) -> list[TalkMessageState]:
    kept = await messages.last_messages(service.database.reader, talk.id, limit=10)
    assert all(row.kind is TalkMessageKind.CONCLUSION and row.text is None and not row.user_ids for row in kept)
    return [row.state for row in kept]


async def test_a_talk_is_told_once_an_hour_that_something_was_concluded(
    service: Service, clock: Clock, poster: MemoryPoster
) -> None:
    """Silently, without the words, and not while a line waits; editing and removing tell nothing."""
    talk = await open_talk(service, clock)
    await service.conclusions.submit(talk, "Two lamps.", author_id=AUTHOR)
    await service.conclusions.submit(talk, "Three lamps.", author_id=OTHER)
    await service.courier.deliver(poster)
    (line,) = poster.in_channel(500)
    assert (line.outgoing.text, line.outgoing.is_silent, line.outgoing.user_ids) == (LINE, True, ())
    newest = (await service.conclusions.of_talk(talk))[0]
    await service.conclusions.edit(talk, newest.id, "Four lamps.", editor_id=OTHER, is_moderator=False)
    clock.advance(minutes=59)
    await service.conclusions.submit(talk, "Five lamps.", author_id=AUTHOR)
    assert await lines(service, talk) == [TalkMessageState.SENT]
    clock.advance(minutes=2)
    await service.conclusions.remove(talk, newest.id, editor_id=OTHER, is_moderator=False)
    await service.conclusions.submit(talk, "Six lamps.", author_id=AUTHOR)
    await service.courier.deliver(poster)
    assert poster.texts(500) == [LINE, LINE]
    assert await lines(service, talk) == [TalkMessageState.SENT, TalkMessageState.SENT]


async def test_a_locked_talk_is_told_nothing(service: Service, clock: Clock) -> None:
    talk = await open_talk(service, clock)
    facts = ThreadFacts(thread_id=500, parent_id=CHANNEL, name=talk.title, is_archived=True, is_locked=True)
    await service.talks.thread_changed(facts)
    talk = await service.conclusions.talk(talk.id, GUILD)
    await service.conclusions.submit(talk, "Two lamps.", author_id=AUTHOR)
    assert await lines(service, talk) == []


@pytest.mark.parametrize("keeps_conclusions", [True, False])
async def test_what_was_removed_before_the_line_was_sent_is_not_told(
    service: Service, clock: Clock, poster: MemoryPoster, keeps_conclusions: bool
) -> None:
    """As with /privacy; a conclusion that stays without its author is told, and no row names them."""
    talk = await open_talk(service, clock)
    await service.conclusions.submit(talk, "Two lamps.", author_id=AUTHOR)
    async with service.database.transaction() as db:
        await privacy.forget_member(db, AUTHOR, keeps_conclusions=keeps_conclusions, naming=())
    await service.courier.deliver(poster)
    assert poster.texts(500) == ([LINE] if keeps_conclusions else [])
    state = TalkMessageState.SENT if keeps_conclusions else TalkMessageState.FAILED
    assert await lines(service, talk) == [state]


@pytest.mark.parametrize("arrives", [True, False])
async def test_a_line_in_doubt_is_looked_for(
    service: Service, clock: Clock, poster: MemoryPoster, arrives: bool
) -> None:
    """By the mark in its button: an earlier line of the same words is not taken for it."""
    talk = await open_talk(service, clock)
    await service.conclusions.submit(talk, "Two lamps.", author_id=AUTHOR)
    await service.courier.deliver(poster)
    clock.advance(hours=2)
    await service.conclusions.submit(talk, "Three lamps.", author_id=AUTHOR)
    poster.refusals = [DeliveryError("no clear answer", is_doubtful=True)]
    poster.arrives_all_the_same = arrives
    await service.courier.deliver(poster)
    clock.advance(hours=2)  # the nonce is forgotten by then
    await service.courier.deliver(poster)
    assert poster.texts(500) == [LINE, LINE]
    assert await lines(service, talk) == [TalkMessageState.SENT, TalkMessageState.SENT]
