"""The commands as members use them: typed with slips, pages turned, choices opened, in Discord's own interface."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.bundled import sample_feed
from bot.config import Settings
from bot.models.feeds import Entry
from bot.service import open_service
from tests.factories import make_entry, make_rss
from tests.loopback.discord import LoopbackDiscord, UsageError
from tests.loopback.discord_limits import EPHEMERAL
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, eventually, wait_for_commands

SOMEBODY_ELSE = 777


@pytest.fixture
async def member(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, settings: Callable[..., Settings]
) -> AsyncIterator[LoopbackDiscord]:
    """A Discord whose members can ask about the bundled sample feed."""
    feed_host.serve("/feed.xml", sample_feed().read_bytes())
    async with open_service(settings(NONMUN_FEEDS=feed_host.url("/feed.xml"))) as service:
        await service.poller.poll_all()
    async with run():
        await wait_for_commands(discord)
        yield discord


def embed(answer: Any) -> dict[str, Any]:
    assert answer.message is not None
    found: dict[str, Any] = answer.message["embeds"][0]
    return found


def options(answer: Any) -> dict[str, str]:
    """The menu under a card: label → value."""
    rows = answer.message["components"]
    found = [option for row in rows for part in row["components"] for option in part.get("options", ())]
    return {option["label"].strip(): option["value"] for option in found}


async def test_paper_is_found_with_its_facts_and_sections(member: LoopbackDiscord) -> None:
    answer = await member.command("paper", {"name": "instag"})
    card = embed(answer)
    assert "InsTag" in card["title"]
    assert card["url"].startswith("https://nonmun.example/reviews/")
    assert "ICLR 2024" in card["description"]
    assert "[pdf](" in card["description"]
    assert any("3.2" in label for label in options(answer))
    assert not answer.is_ephemeral
    assert not answer.deferred


@pytest.mark.parametrize("typed", ["INSTAG", "ins tag", "instga", "2308.07074", "https://arxiv.org/pdf/2308.07074v3"])
async def test_paper_is_found_however_it_is_typed(member: LoopbackDiscord, typed: str) -> None:
    assert "InsTag" in embed(await member.command("paper", {"name": typed}))["title"]


async def test_one_slip_is_answered_and_said(member: LoopbackDiscord) -> None:
    assert "instga" in embed(await member.command("paper", {"name": "instga"}))["description"]


@pytest.mark.parametrize("typed", ["인스태그", "ㅑㅜㄴㅅㅁㅎ"])
async def test_a_name_in_hangul_or_on_the_wrong_keyboard_is_read_and_said(
    member: LoopbackDiscord, typed: str
) -> None:
    card = embed(await member.command("paper", {"name": typed}))
    assert "InsTag" in card["title"]
    assert typed in card["description"]


async def test_what_is_not_here_is_said_to_the_asker_alone(member: LoopbackDiscord) -> None:
    answer = await member.command("paper", {"name": "Mamba"})
    assert embed(answer)["title"] == "Not reviewed here"
    assert answer.is_ephemeral


async def test_near_names_are_offered_and_open_when_pressed(member: LoopbackDiscord) -> None:
    """Two slips: a question, privately; the choice opens the review for everybody."""
    answer = await member.command("paper", {"name": "selfinstrutc"})
    if "Did you mean" not in embed(answer)["title"]:
        answer = await member.command("paper", {"name": "self"})
    assert "Did you mean" in embed(answer)["title"]
    assert answer.is_ephemeral
    label, value = next(iter(options(answer).items()))
    chosen = await member.select(answer.message, values=[value])
    assert label.split(":")[0].casefold() in embed(chosen)["title"].casefold()
    assert not chosen.is_ephemeral


async def test_section_in_one_field_and_in_two(member: LoopbackDiscord) -> None:
    one = await member.command("section", {"paper": "instag 3.2"})
    two = await member.command("section", {"paper": "instag", "heading": "3.2"})
    assert embed(one)["title"].startswith("3.2")
    assert embed(one)["title"] == embed(two)["title"]
    assert embed(one)["description"] == embed(two)["description"]


async def test_missing_section_is_answered_with_the_contents(member: LoopbackDiscord) -> None:
    answer = await member.command("section", {"paper": "instag", "heading": "carbon footprint"})
    assert "no section “carbon footprint”" in embed(answer)["description"]
    assert answer.is_ephemeral
    opened = await member.select(answer.message, values=[next(iter(options(answer).values()))])
    assert embed(opened)["title"] == next(iter(options(answer)))


async def test_section_opened_from_a_public_card_is_for_the_presser_alone(member: LoopbackDiscord) -> None:
    answer = await member.command("paper", {"name": "instag"})
    opened = await member.select(answer.message, values=["0"])
    assert opened.is_ephemeral


@pytest.mark.parametrize("query", ["hallucination", "환각", "hallucinations을"])
async def test_search_finds_passages_in_either_language(member: LoopbackDiscord, query: str) -> None:
    answer = await member.command("search", {"query": query})
    text = embed(answer)["description"]
    assert "HaluEval" in text
    assert "__**" in text  # the matches stand out
    opened = await member.select(answer.message, values=["0"])
    assert opened.is_ephemeral
    assert embed(opened)["footer"]["text"]


async def test_search_is_narrowed_by_its_options(member: LoopbackDiscord) -> None:
    """As if they had been typed; what is offered for one is what it takes."""
    (venue, *_) = await member.autocomplete("search", {"query": "hallucination", "venue": "emnlp"}, focused="venue")
    narrowed = {"query": "hallucination", "venue": venue["value"], "year": 2023, "before": "2026", "sort": "newest"}
    text = embed(await member.command("search", narrowed))["description"]
    assert "FActScore" in text
    assert "HaluEval" not in text  # of 2026
    alone = embed(await member.command("search", {"venue": "ICLR 2024"}))["description"]
    assert "InsTag" in alone
    assert "FActScore" not in alone
    for option in ("tag", "author"):
        choices = await member.autocomplete("search", {option: ""}, focused=option)
        assert 0 < len(choices) <= 25


async def test_what_is_near_to_a_review_is_listed_and_opens(member: LoopbackDiscord) -> None:
    answer = await member.command("related", {"name": "self rag"})
    assert embed(answer)["title"] == "Related to Self-RAG"
    assert "cited in this one" in embed(answer)["description"]
    opened = await member.select(answer.message, values=["0"])
    assert embed(opened)["title"].startswith(next(iter(options(answer))))


@pytest.mark.parametrize("query", ["the", "kubernetes", '"', "NEAR(", "AND OR NOT", "*", "🦦"])
async def test_search_for_nothing_that_is_here_says_so(member: LoopbackDiscord, query: str) -> None:
    answer = await member.command("search", {"query": query})
    assert answer.is_ephemeral
    assert embed(answer)["title"].startswith(("Nothing found", "No review is about"))


async def test_pages_turn_for_the_asker_alone(member: LoopbackDiscord) -> None:
    """Buttons go forth and back, stop at the ends, and tell others that they are not theirs."""
    answer = await member.command("search", {"query": "model"})
    first = embed(answer)
    assert first["footer"]["text"].startswith("1/")
    with pytest.raises(UsageError, match="switched off"):
        await member.press(answer.message, label="◀")
    other = await member.press(answer.message, label="▶", user_id=SOMEBODY_ELSE)
    assert other.is_ephemeral
    assert "Only the member who asked" in str(other.message)
    turned = await member.press(answer.message, label="▶")
    assert turned.updated
    assert embed(turned)["footer"]["text"].startswith("2/")
    assert embed(turned)["description"] != first["description"]
    back = await member.press(answer.message, label="◀")
    assert embed(back)["description"] == first["description"]


async def test_latest_lists_the_newest_first_and_opens_them(member: LoopbackDiscord) -> None:
    answer = await member.command("latest", {"count": 3})
    labels = list(options(answer))
    assert len(labels) == 3
    assert labels[0] == "InsTag"
    assert "InsTag" in embed(await member.select(answer.message, values=["0"]))["title"]


async def test_help_names_the_commands_and_the_feeds(member: LoopbackDiscord) -> None:
    answer = await member.command("help")
    assert answer.is_ephemeral
    text = embed(answer)["description"]
    for command in member.commands[None]:
        assert command["name"] == "help" or f"/{command['name']}" in text
    assert "Nonmun sample shelf" in text


async def test_completion_offers_names_with_venue_and_what_it_offers_is_found(member: LoopbackDiscord) -> None:
    """Prefix and slips, 25 at most; each value, sent as it is, opens exactly its review."""
    for typed in ("inst", "isntag", "", "환"):
        choices = await member.autocomplete("paper", {"name": typed}, focused="name")
        assert len(choices) <= 25
        assert all(len(choice["name"]) <= 100 for choice in choices)
    (choice, *_) = await member.autocomplete("paper", {"name": "inst"}, focused="name")
    assert "InsTag" in choice["name"]
    assert choice["name"].endswith("ICLR 2024")
    assert "InsTag" in embed(await member.command("paper", {"name": choice["value"]}))["title"]


async def test_headings_are_completed_for_the_paper_already_typed(member: LoopbackDiscord) -> None:
    choices = await member.autocomplete("section", {"paper": "instag", "heading": "norm"}, focused="heading")
    assert "Normalization" in choices[0]["name"]
    everything = await member.autocomplete("section", {"paper": "instag", "heading": ""}, focused="heading")
    assert len(everything) > 5
    assert await member.autocomplete("section", {"paper": "mamba", "heading": "x"}, focused="heading") == []


@pytest.mark.parametrize("text", ["x" * 6_000, "@everyone", "`" * 100, "<@1>", " "])
async def test_any_text_is_answered_within_the_limits(member: LoopbackDiscord, text: str) -> None:
    """The fixture holds that no limit was broken and nobody was mentioned."""
    for command, option in (("paper", "name"), ("section", "paper"), ("search", "query")):
        answer = await member.command(command, {option: text})
        assert embed(answer)["title"]


async def test_buttons_of_an_earlier_run_say_that_the_card_is_over(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    feed_host.serve("/feed.xml", sample_feed().read_bytes())
    async with run():
        await feed_host.wait_until_read("/feed.xml")
        await wait_for_commands(discord)
        answer = await discord.command("search", {"query": "model"})
    async with run():
        await discord.wait_until_connected(timeout_s=20)
        pressed = await discord.press(answer.message, label="▶")
    assert pressed.is_ephemeral
    assert "expired" in str(pressed.message)


def nasty(number: int) -> Entry:
    """A review with everything that may break a card."""
    html = (
        f"<p>{'word ' * 3_000}</p><h1>{'H' * 300}</h1><p>{'가' * 5_000}</p><pre>{'code ' * 2_000}</pre>"
        "<h1>@everyone `ticks` **stars** [link](https://x.test) &lt;@123&gt;</h1>"
        f"<p><a href='https://one.test/{'a' * 3_000}'>long</a> $x_{{i}}$ <b>{'bold ' * 2_000}</b></p>"
        f"<table>{'<tr><td>a|b</td><td>c`d</td></tr>' * 300}</table>" + "<h2>Part</h2><p>text</p>" * 60
    )
    return make_entry(number, title=f"Nasty{number} " + "T" * 400, html=html, link=f"https://one.test/{number}")


async def test_hostile_review_is_announced_and_shown_within_the_limits(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """Announcement, card, each page of each section: Discord takes them all."""
    feed_host.serve("/feed.xml", make_rss([nasty(1)]))
    async with run(NONMUN_ANNOUNCE_BACKLOG=1):
        await feed_host.wait_until_read("/feed.xml")
        await wait_for_commands(discord)
        answer = await discord.command("paper", {"name": "https://one.test/1"})
        offered = options(answer)
        related = await discord.select(answer.message, values=[offered.pop("Related reviews")])
        assert embed(related)["title"].startswith("Related to Nasty1")
        for value in offered.values():
            section = await discord.select(answer.message, values=[value])
            of_pages = re.search(r"\d+/(\d+)$", embed(section)["footer"]["text"])
            for _ in range(min(int(of_pages[1]) if of_pages else 1, 12) - 1):
                section = await discord.press(section.message, label="▶")


async def test_card_ends_cleanly(member: LoopbackDiscord, monkeypatch: pytest.MonkeyPatch) -> None:
    """When its time is over the buttons are gone, not dead."""
    monkeypatch.setattr("bot.ui.discord.views.TIMEOUT_S", 0.2)
    answer = await member.command("search", {"query": "model"})
    assert answer.message is not None
    await eventually(lambda: not (answer.message or {})["components"], "the end of the card")
    assert embed(answer)["description"]


async def test_slow_answer_that_is_found_is_posted_once_for_everybody(
    member: LoopbackDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord is told to wait, privately; the answer follows in the channel, its pages turn, nothing else is left."""
    monkeypatch.setattr("bot.ui.discord.replies.DEFER_AFTER_S", 0)
    answer = await member.command("search", {"query": "model"}, settle=False)
    assert answer.deferred
    assert answer.callback is not None
    assert answer.callback["data"]["flags"] & EPHEMERAL
    public = member.channels[member.channel_id].messages
    await eventually(lambda: bool(public) and answer.is_settled and not answer.is_ephemeral, "the public answer")
    assert [message["id"] for message in public if message.get("interaction_metadata")] == [
        answer.message and answer.message["id"]
    ]
    monkeypatch.setattr("bot.ui.discord.replies.DEFER_AFTER_S", 1.5)
    turned = await member.press(answer.message, label="▶")
    assert embed(turned)["footer"]["text"].startswith("2/")


async def test_slow_answer_that_finds_nothing_is_seen_by_the_asker_alone(
    member: LoopbackDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it took: nothing of it ever stands in the channel."""
    monkeypatch.setattr("bot.ui.discord.replies.DEFER_AFTER_S", 0)
    answer = await member.command("paper", {"name": "Mamba"})
    assert answer.deferred
    assert answer.is_ephemeral
    assert embed(answer)["title"] == "Not reviewed here"
    channel = member.channels[member.channel_id]
    assert not [m for m in (*channel.messages, *channel.deleted_messages) if m.get("interaction_metadata")]


async def test_fault_of_ours_is_told_with_an_id_that_the_log_knows(
    member: LoopbackDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The asker learns an id, never a traceback; the log has both."""

    def drop() -> None:
        with sqlite3.connect(tmp_path / "test.db") as connection:
            connection.execute("DROP TABLE sections")
        connection.close()

    await asyncio.to_thread(drop)  # the bot is in this loop, and may hold the lock just now
    answer = await member.command("paper", {"name": "instag"})
    assert answer.is_ephemeral
    told = re.search(r"error ([0-9a-f]{6})", str(answer.message))
    assert told
    assert f"id={told[1]}" in caplog.text
    assert "no such table" in caplog.text
    assert "no such table" not in str(answer.message)
