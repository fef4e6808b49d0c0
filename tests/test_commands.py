"""The commands as members use them: typed with slips, pages turned, choices opened, in Discord's own interface."""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.bundled import sample_feed
from bot.cards.answers import make_card
from bot.cards.card import Card
from bot.config import Settings, load_settings
from bot.languages import _, get_language, language_of, speaking
from bot.models.answers import Answer
from bot.models.feeds import Entry
from bot.service import open_service
from bot.ui.discord.actions import Action, decode
from tests.factories import make_entry, make_rss
from tests.loopback.discord import Interaction, LoopbackDiscord, Permission, UsageError
from tests.loopback.discord_limits import EPHEMERAL
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, eventually, wait_for_commands
from tests.shown import beside, buttons, foot, options, parts, said, title

SOMEBODY_ELSE = 777


@pytest.fixture(scope="module")
def database_of_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which the bundled sample feed has been read, for each test to copy."""
    path = tmp_path_factory.mktemp("sample") / "sample.db"

    async def read() -> None:
        async with open_service(load_settings(NONMUN_DATABASE=path, NONMUN_FEEDS=str(sample_feed()))) as service:
            await service.poller.poll_all()

    asyncio.run(read())
    return path


@pytest.fixture
async def member(
    run: RunBot, discord: LoopbackDiscord, settings: Callable[..., Settings], database_of_sample: Path
) -> AsyncIterator[LoopbackDiscord]:
    """A Discord whose members can ask about the bundled sample feed."""
    shutil.copy(database_of_sample, settings().database)
    async with run(NONMUN_FEEDS=str(sample_feed())):
        await wait_for_commands(discord)
        yield discord


async def test_paper_is_found_with_its_facts_and_sections(member: LoopbackDiscord) -> None:
    answer = await member.command("paper", {"name": "instag"})
    assert title(answer) == "InsTag"
    assert "ICLR 2024" in said(answer)
    assert any("3.2" in label for label in options(answer))
    assert "Related" in buttons(answer)
    assert len(buttons(answer)) > 1  # links, too
    assert "Show in channel" not in buttons(answer)
    assert not answer.is_ephemeral
    assert not answer.deferred


@pytest.mark.parametrize("typed", ["INSTAG", "ins tag", "instga", "2308.07074", "https://arxiv.org/pdf/2308.07074v3"])
async def test_paper_is_found_however_it_is_typed(member: LoopbackDiscord, typed: str) -> None:
    assert title(await member.command("paper", {"name": typed})) == "InsTag"


async def test_one_slip_is_answered_and_said(member: LoopbackDiscord) -> None:
    assert "instga" in said(await member.command("paper", {"name": "instga"}))


@pytest.mark.parametrize("typed", ["인스태그", "ㅑㅜㄴㅅㅁㅎ"])
async def test_a_name_in_hangul_or_on_the_wrong_keyboard_is_read_and_said(
    member: LoopbackDiscord, typed: str
) -> None:
    answer = await member.command("paper", {"name": typed})
    assert title(answer) == "InsTag"
    assert typed in said(answer)


async def test_what_is_not_here_is_said_to_the_asker_alone(member: LoopbackDiscord) -> None:
    answer = await member.command("paper", {"name": "Mamba"})
    assert title(answer) == "Not reviewed here"
    assert answer.is_ephemeral


async def test_near_names_are_offered_and_open_in_place(member: LoopbackDiscord) -> None:
    """Two slips: a question, privately; the choice takes its place, and can be shown to others."""
    answer = await member.command("paper", {"name": "self"})
    assert title(answer).startswith("Did you mean")
    assert answer.is_ephemeral
    label, value = next(iter(options(answer).items()))
    chosen = await member.select(answer.message, values=[value])
    assert label.split(":")[0].casefold() in title(chosen).casefold()
    assert chosen.updated
    assert chosen.is_ephemeral
    assert "Show in channel" in buttons(chosen)


async def test_section_in_one_field_and_in_two(member: LoopbackDiscord) -> None:
    one = await member.command("section", {"paper": "instag 3.2"})
    two = await member.command("section", {"paper": "instag", "heading": "3.2"})
    assert title(one).startswith("3.2")
    assert said(one) == said(two)


async def test_missing_section_is_answered_with_the_contents(member: LoopbackDiscord) -> None:
    answer = await member.command("section", {"paper": "instag", "heading": "carbon footprint"})
    assert "no section “carbon footprint”" in said(answer)
    assert answer.is_ephemeral
    label, value = next(iter(options(answer).items()))
    assert title(await member.select(answer.message, values=[value])) == label


async def test_section_opened_from_a_public_card_is_for_the_presser_alone(member: LoopbackDiscord) -> None:
    """Whoever presses, and the public card stays as it is."""
    answer = await member.command("paper", {"name": "instag"})
    before = said(answer)
    label, value = next(iter(options(answer).items()))
    opened = await member.select(answer.message, values=[value], user_id=SOMEBODY_ELSE)
    assert opened.is_ephemeral
    assert not opened.updated
    assert title(opened) == label
    assert said(answer) == before


@pytest.mark.parametrize("query", ["hallucination", "환각", "hallucinations을"])
async def test_search_finds_passages_in_either_language(member: LoopbackDiscord, query: str) -> None:
    """Each hit opens beside it, in place where the search was private, and leads back."""
    answer = await member.command("search", {"query": query})
    assert "HaluEval" in said(answer)
    opened = await member.press(answer.message, custom_id=beside(answer)[0])
    assert opened.is_ephemeral
    back = await member.press(opened.message, label="Back to the results")
    assert back.updated
    assert title(back) == title(answer)


async def test_search_is_narrowed_by_its_options(member: LoopbackDiscord) -> None:
    """As if they had been typed; what is offered for one is what it takes."""
    (venue, *_) = await member.autocomplete("search", {"query": "hallucination", "venue": "emnlp"}, focused="venue")
    narrowed = {"query": "hallucination", "venue": venue["value"], "year": 2023, "before": "2026", "sort": "newest"}
    text = said(await member.command("search", narrowed))
    assert "FActScore" in text
    assert "HaluEval" not in text  # of 2026
    alone = said(await member.command("search", {"venue": "ICLR 2024"}))
    assert "InsTag" in alone
    assert "FActScore" not in alone
    for option in ("tag", "author"):
        choices = await member.autocomplete("search", {option: ""}, focused=option)
        assert 0 < len(choices) <= 25


async def test_what_is_near_to_a_review_is_listed_and_opens(member: LoopbackDiscord) -> None:
    answer = await member.command("related", {"name": "self rag"})
    assert title(answer) == "Related to Self-RAG"
    assert "cited in this one" in said(answer)
    label, value = next(iter(options(answer).items()))
    opened = await member.select(answer.message, values=[value])
    assert title(opened).startswith(label.partition(" ·")[0])


@pytest.mark.parametrize("query", ["the", "kubernetes", '"', "NEAR(", "AND OR NOT", "*", "🦦"])
async def test_search_for_nothing_that_is_here_says_so(member: LoopbackDiscord, query: str) -> None:
    answer = await member.command("search", {"query": query})
    assert answer.is_ephemeral
    assert title(answer).startswith(("Nothing found", "No review is about"))


async def test_pages_turn_in_place_on_a_private_card(member: LoopbackDiscord) -> None:
    """Arrows lead forth and back, and stop at the ends."""
    public = await member.command("search", {"query": "model"})
    with pytest.raises(UsageError, match="switched off"):
        await member.press(public.message, label="◀")
    first = said(public)
    answer = await member.press(public.message, label="▶", user_id=SOMEBODY_ELSE)
    assert answer.is_ephemeral
    assert said(answer) != first
    back = await member.press(answer.message, label="◀", user_id=SOMEBODY_ELSE)
    assert back.updated
    assert title(back) == title(public)
    assert said(public) == first


async def test_latest_lists_the_newest_first_and_opens_them(member: LoopbackDiscord) -> None:
    answer = await member.command("latest", {"count": 3})
    labels = list(options(answer))
    assert len(labels) == 3
    assert labels[0].startswith("InsTag")
    opened = await member.select(answer.message, values=[options(answer)[labels[0]]])
    assert title(opened) == "InsTag"
    more = await member.press(answer.message, label="▶")
    assert not set(labels) & set(options(more))


async def test_help_names_commands_that_can_be_tapped_and_the_feeds(member: LoopbackDiscord) -> None:
    await eventually(lambda: bool(member.commands[None]), "commands")
    ids = {command["name"]: command["id"] for command in member.commands[None]}
    answer = await member.command("help")
    assert answer.is_ephemeral
    for name in ("paper", "search", "latest"):
        assert f"</{name}:{ids[name]}>" in said(answer)
    assert "Nonmun sample shelf" in said(answer)
    assert "Show in channel" not in buttons(answer)


async def test_completion_offers_names_with_venue_and_what_it_offers_is_found(member: LoopbackDiscord) -> None:
    """Prefix and slips, 25 at most; each value, sent as it is, opens exactly its review."""
    for typed in ("inst", "isntag", "", "환"):
        choices = await member.autocomplete("paper", {"name": typed}, focused="name")
        assert len(choices) <= 25
        assert all(len(choice["name"]) <= 100 for choice in choices)
    (choice, *_) = await member.autocomplete("paper", {"name": "inst"}, focused="name")
    assert choice["name"].startswith("InsTag · ICLR 2024")
    assert title(await member.command("paper", {"name": choice["value"]})) == "InsTag"


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
        assert title(answer)


# ── shown in the channel ────────────────────────────────────────────────────────────────────────


async def test_a_private_card_is_shown_in_the_channel_once(member: LoopbackDiscord) -> None:
    """As the answer to the press, with who showed it; the private card goes on, without the button."""
    paper = await member.command("paper", {"name": "instag"})
    (label, value) = list(options(paper).items())[1]
    private = await member.select(paper.message, values=[value], user_id=SOMEBODY_ELSE)
    shown = await member.press(private.message, label="Show in channel", user_id=SOMEBODY_ELSE)
    messages = member.channels[member.channel_id].messages
    await eventually(lambda: title(messages[-1]) == label, "the public card")
    public = messages[-1]
    assert f"<@{SOMEBODY_ELSE}>" in foot(public)
    assert public["mentions"] == []
    assert public["interaction_metadata"]["user"]["id"] == str(SOMEBODY_ELSE)
    assert 17 not in [part["type"] for part in parts(public)]  # no container where history is read
    assert shown.updated
    changed = member.world.find_message(int(private.message["id"])) if private.message else None
    assert changed is not None
    assert title(changed) == label
    assert "Show in channel" not in buttons(changed)
    following = await member.press(public, label="▶")
    assert following.is_ephemeral


@pytest.mark.parametrize("lacking", [Permission.SEND, Permission.VIEW | Permission.SEND])
async def test_who_may_not_write_in_a_channel_shows_nothing_there(
    member: LoopbackDiscord, lacking: Permission
) -> None:
    """The bot does not lend its own permissions."""
    paper = await member.command("paper", {"name": "instag"})
    private = await member.press(paper.message, label="Related", user_id=SOMEBODY_ELSE)
    before = len(member.channels[member.channel_id].messages)
    allowed = int(Permission.DEFAULT) & ~int(lacking)
    refused = await member.press(private.message, label="Show in channel", user_id=SOMEBODY_ELSE, permissions=allowed)
    assert "You cannot send messages in this channel" in said(refused)
    assert refused.is_ephemeral
    assert len(member.channels[member.channel_id].messages) == before


async def test_a_card_that_has_become_private_is_not_shown_in_the_channel(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, tmp_path: Path
) -> None:
    """All related reviews were deleted since the button was made."""
    feed_host.serve("/feed.xml", sample_feed().read_bytes())
    async with run():
        await feed_host.wait_until_read("/feed.xml")
        await wait_for_commands(discord)
        paper = await discord.command("paper", {"name": "instag"})
        private = await discord.press(paper.message, label="Related", user_id=SOMEBODY_ELSE)
    number = decode(next(iter(options(paper).values())))
    assert isinstance(number, Action)

    def delete_the_others() -> None:
        with sqlite3.connect(tmp_path / "test.db") as connection:
            connection.execute("DELETE FROM reviews WHERE id != ?", (number.request.review_id,))
        connection.close()

    await asyncio.to_thread(delete_the_others)
    feed_host.serve("/feed.xml", make_rss([]))
    async with run():
        await discord.wait_until_connected(timeout_s=20)
        before = list(discord.channels[discord.channel_id].messages)
        shown = await discord.press(private.message, label="Show in channel", user_id=SOMEBODY_ELSE)
    assert shown.updated
    changed = discord.world.find_message(int(private.message["id"])) if private.message else None
    assert changed is not None
    assert "No related reviews were found" in said(changed)
    assert "Show in channel" not in buttons(changed)
    assert discord.channels[discord.channel_id].messages == before


# ── after months ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("locale", ["en-US", "ko"])
async def test_everything_is_pressed_after_a_restart(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, locale: str
) -> None:
    """Menu, buttons, arrows, a button beside a hit, back, and *Show in channel*, each by another process."""
    feed_host.serve("/feed.xml", sample_feed().read_bytes())
    async with run():
        await feed_host.wait_until_read("/feed.xml")
        await wait_for_commands(discord)
        search = await discord.command("search", {"query": "model"}, locale=locale)
        paper = await discord.command("paper", {"name": "instag"}, locale=locale)
        latest = await discord.command("latest", {"count": 2}, locale=locale)

    async def again(message: Any, label: str = "", *, custom_id: str | None = None) -> Interaction:
        async with run():
            await discord.wait_until_connected(timeout_s=20)
            if custom_id is None and not label:
                return await discord.select(message, values=[list(options(message).values())[1]], locale=locale)
            with speaking(language_of(locale)):
                label = _(label) if label else ""
            return await discord.press(message, label=label or None, custom_id=custom_id, locale=locale)

    section = await again(paper.message)
    assert title(section) == list(options(paper))[1]
    assert "InsTag" in title(await again(section.message, "Back to the paper"))
    related = await again(paper.message, "Related")
    assert title(await again(latest.message, "▶")) == title(latest)
    hit = await again(search.message, custom_id=beside(search)[0])
    assert hit.is_ephemeral
    back = await again(hit.message, "Back to the results")
    assert title(back) == title(search)
    shown = await again(back.message, "Show in channel")
    assert shown.updated
    assert title(discord.channels[discord.channel_id].messages[-1]) == title(search)
    is_korean = [re.search("[가-힣]", title(answer)) is not None for answer in (search, latest, related)]
    assert is_korean == [locale == "ko"] * 3


async def test_an_announcement_can_be_pressed_after_a_restart(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """Its sections, the paper and what is related; the link is last. The answer is for the presser alone."""
    feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    async with run(NONMUN_ANNOUNCE_BACKLOG=1):
        await eventually(lambda: bool(discord.channels[discord.channel_id].messages), "an announcement")
    (post,) = discord.channels[discord.channel_id].messages
    assert len(post["embeds"]) == 1
    assert "2. Method" in options(post)
    assert parts(post)[-1]["url"]
    async with run():
        await discord.wait_until_connected(timeout_s=20)
        section = await discord.select(post, values=[options(post)["2. Method"]], user_id=SOMEBODY_ELSE)
        assert title(section) == "2. Method"
        assert section.is_ephemeral
        opened = await discord.press(post, label="Open", user_id=SOMEBODY_ELSE)
        assert "Lantern-1" in title(opened)
        assert opened.is_ephemeral
    assert discord.channels[discord.channel_id].messages == [post]


@pytest.mark.parametrize(
    "custom_id", ["n0:p:1:0:", "n2:p:1:0:Ab_-19", "n1:z:1", "nonmun:0123456789abcdef:forth", "n1:w:z:1"]
)
async def test_what_is_older_than_the_scheme_says_that_it_has_expired(
    member: LoopbackDiscord, custom_id: str
) -> None:
    """Privately, whoever presses."""
    channel = member.world.channels[member.channel_id]
    button = {"type": 2, "style": 2, "label": "Old", "custom_id": custom_id}
    message = member.world.new_message(channel, {"content": "x", "components": [{"type": 1, "components": [button]}]})
    member.world.keep_message(channel, message)
    pressed = await member.press(message, label="Old", user_id=SOMEBODY_ELSE)
    assert pressed.is_ephemeral
    assert "expired" in said(pressed)


async def test_a_review_that_is_gone_or_another_opens_nothing_else(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, tmp_path: Path
) -> None:
    """As after a restored copy: the id means another review now; the card that was pressed stays."""
    feed_host.serve("/feed.xml", sample_feed().read_bytes())
    async with run():
        await feed_host.wait_until_read("/feed.xml")
        await wait_for_commands(discord)
        paper = await discord.command("paper", {"name": "instag"})
        private = await discord.press(paper.message, label="Related")

    def change(sql: str) -> None:
        with sqlite3.connect(tmp_path / "test.db") as connection:
            connection.execute(sql)
        connection.close()

    await asyncio.to_thread(change, "UPDATE reviews SET guid = guid || '-other'")
    feed_host.serve("/feed.xml", make_rss([]))
    async with run():
        await discord.wait_until_connected(timeout_s=20)
        pressed = await discord.press(private.message, label="Back to the paper")
        assert pressed.is_ephemeral
        assert not pressed.updated
        assert "another copy" in said(pressed)
        assert title(private) == "Related to InsTag"
    await asyncio.to_thread(change, "DELETE FROM reviews")
    async with run():
        await discord.wait_until_connected(timeout_s=20)
        value = next(iter(options(paper).values()))
        gone = await discord.select(paper.message, values=[value])
        assert title(gone) == "This review is no longer here"


async def test_a_press_reads_what_the_server_of_the_presser_reads(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """A message that stands elsewhere, as a forwarded one does, opens nothing that is not shared there."""
    feed_host.serve("/feed.xml", sample_feed().read_bytes())
    async with run():
        await feed_host.wait_until_read("/feed.xml")
        await wait_for_commands(discord)
        paper = await discord.command("paper", {"name": "instag"})
        assert paper.message is not None
        guild = discord.add_guild("Elsewhere")
        channel = discord.world.channels[discord.add_channel(guild.id, "talk")]
        copied = discord.world.new_message(
            channel, {"components": paper.message["components"], "flags": paper.message["flags"]}
        )
        discord.world.keep_message(channel, copied)
        value = next(iter(options(paper).values()))
        pressed = await discord.select(copied, values=[value])
        assert pressed.is_ephemeral
        assert title(pressed) == "This review is no longer here"


async def test_cards_in_direct_messages_are_changed_in_place(
    member: LoopbackDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else reads them."""
    monkeypatch.setattr("bot.answering.audiences.Audiences.is_shared", lambda _self, _feed: True)
    channel_id = member.world.direct_channel(SOMEBODY_ELSE).id
    answer = await member.command("paper", {"name": "instag"}, channel_id=channel_id, user_id=SOMEBODY_ELSE)
    (label, value) = list(options(answer).items())[1]
    opened = await member.select(answer.message, values=[value], user_id=SOMEBODY_ELSE)
    assert opened.updated
    assert title(opened) == label
    assert "Show in channel" not in buttons(opened)


@pytest.mark.parametrize("locale", ["ko", "fr"])
async def test_the_language_is_that_of_who_presses(member: LoopbackDiscord, locale: str) -> None:
    """Set where the interaction begins, in the task that answers it."""
    heard: list[str] = []

    def listen(answer: Answer) -> Card:
        heard.append(get_language())
        return make_card(answer)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.languages.languages", lambda: ("en", "ko"))
        patch.setattr("bot.ui.discord.views.make_card", listen)
        answer = await member.command("paper", {"name": "instag"}, locale=locale)
        value = next(iter(options(answer).values()))
        await member.select(answer.message, values=[value], locale=locale)
        await member.select(answer.message, values=[value], locale="en-US")
    spoken = "ko" if locale == "ko" else "en"
    assert heard == [spoken, spoken, "en"]


def nasty(number: int) -> Entry:
    """A review with everything that may break a card."""
    html = (
        f"<p>{'word ' * 3_000}</p><h1>{'H' * 300}</h1><p>{'가' * 5_000}</p><pre>{'code ' * 2_000}</pre>"
        "<h1>@everyone `ticks` **stars** [link](https://x.test) &lt;@123&gt;</h1>"
        f"<p><a href='https://one.test/{'a' * 3_000}'>long</a> $x_{{i}}$ <b>{'bold ' * 2_000}</b></p>"
        f"<p>{'<img src=https://a.test/1.png alt=one> ' * 12}<img src=https://a.test/2.svg></p>"
        f"<table>{'<tr><td>a|b</td><td>c`d</td></tr>' * 300}</table>" + "<h2>Part</h2><p>text</p>" * 60
    )
    return make_entry(number, title=f"Nasty{number} " + "T" * 400, html=html, link=f"https://one.test/{number}")


async def test_hostile_review_is_announced_and_shown_within_the_limits(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """Announcement, card, each page of each section: Discord takes them all."""
    feed_host.serve("/feed.xml", make_rss([nasty(1)]))
    async with run(
        NONMUN_ANNOUNCE_BACKLOG=1, NONMUN_MEMBER_COMMANDS_PER_MINUTE=6_000, NONMUN_SERVER_COMMANDS_PER_MINUTE=6_000
    ):
        await feed_host.wait_until_read("/feed.xml")
        await wait_for_commands(discord)
        answer = await discord.command("paper", {"name": "https://one.test/1"})
        related = await discord.press(answer.message, label="Related")
        assert title(related).startswith("Related to Nasty1")
        seen = 0
        for value in list(options(answer).values())[:6]:
            section = await discord.select(answer.message, values=[value])
            of_pages = re.search(r"page \d+/(\d+)", foot(section))
            for _ in range(min(int(of_pages[1]) if of_pages else 1, 12) - 1):
                section = await discord.press(section.message, label="▶")
                seen += 1
        assert seen > 6


async def test_slow_answer_that_is_found_is_posted_once_for_everybody(
    member: LoopbackDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord is told to wait, privately; the answer follows in the channel, and nothing else is left."""
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
    turned = await member.press(answer.message, label="▶")
    assert turned.deferred
    await eventually(lambda: turned.is_settled, "the next page")
    again = await member.press(turned.message, label="◀")
    assert again.deferred
    assert again.updated
    await eventually(lambda: title(turned) == title(answer), "the page before")


async def test_slow_answer_that_finds_nothing_is_seen_by_the_asker_alone(
    member: LoopbackDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it took: nothing of it ever stands in the channel."""
    monkeypatch.setattr("bot.ui.discord.replies.DEFER_AFTER_S", 0)
    answer = await member.command("paper", {"name": "Mamba"})
    assert answer.deferred
    assert answer.is_ephemeral
    assert title(answer) == "Not reviewed here"
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


async def test_fault_of_ours_in_a_press_is_told_too(
    member: LoopbackDiscord, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is left to the library, which would only log it."""
    paper = await member.command("paper", {"name": "instag"})

    def drop() -> None:
        with sqlite3.connect(tmp_path / "test.db") as connection:
            connection.execute("DROP TABLE sections")
        connection.close()

    await asyncio.to_thread(drop)
    pressed = await member.select(paper.message, values=[next(iter(options(paper).values()))])
    assert pressed.is_ephemeral
    told = re.search(r"error ([0-9a-f]{6})", said(pressed))
    assert told
    assert f"id={told[1]}" in caplog.text
