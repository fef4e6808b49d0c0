"""What holds for every press, form and sentence: answered once, in time, within the limits, nothing typed is lost."""

from __future__ import annotations

import ast
import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.discord import replies
from bot.ui.discord.limits import MESSAGE_CONTENT, length, shorten
from bot.ui.discord.live import Live, custom_id
from tests.loopback.discord import Interaction, LoopbackDiscord, UsageError
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, eventually
from tests.test_feed_commands import MEMBER, choose, follow, menu, said
from tests.test_feed_commands import server as _server

server = _server
ROOT = Path(__file__).resolve().parents[1]
CALLBACKS = r"/interactions/\d+/[^/]+/callback"


def field(form: Interaction, label: str) -> str:
    """What stands in an input of a form that is open."""
    assert form.modal is not None
    (found,) = (row["component"] for row in form.modal["components"] if row["label"] == label)
    chosen = [option["value"] for option in found.get("options", ()) if option.get("default")]
    return str(chosen[0] if chosen else found.get("value") or "")


# ── one answer ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("label", ["Done", "Cancel"])
async def test_a_press_that_ends_a_panel_is_answered_once(
    server: LoopbackDiscord,
    feed_host: FeedHost,
    label: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Even while the answer is slow: nobody takes the press for one on a message that has expired."""
    panel = await server.command("feed add", {"address": feed_host.url("/blog")})
    if label == "Done":
        panel = await server.press(panel.message, label="Follow")
    server.delay_next("POST", CALLBACKS, 0.2)
    pressed = await server.press(panel.message, label=label)
    assert pressed.updated
    answers = [r for r in server.requests if r.path.startswith(f"/interactions/{pressed.id}/")]
    await eventually(lambda: all(r.status for r in answers), "the answers")
    assert [r.status for r in answers] == [200]
    assert "Traceback" not in caplog.text
    assert "40060" not in caplog.text


async def test_a_panel_that_was_replaced_is_not_kept(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    """However often somebody presses, one panel a message waits for the next press."""
    panel = await choose(server, await follow(server, feed_host), "looks", "compact")
    first = menu(panel, "looks")
    panel = await choose(server, panel, "looks")
    with pytest.raises(UsageError):
        await server.select(panel.message, values=[], custom_id=first)


def test_only_so_many_messages_can_be_pressed() -> None:
    """The oldest ends first; what stands in the place of another ends it."""

    class View(discord.ui.View):
        def __init__(self) -> None:
            self.is_over = False

        def stop(self) -> None:
            self.is_over = True

    live, views = Live(most=2), [View() for _ in range(4)]
    live.add("a", views[0], 1)
    live.add("b", views[1], 1)
    assert (views[0].is_over, views[1].is_over) == (True, False)
    live.add("c", views[2], 2)
    live.add("d", views[3])
    assert [view.is_over for view in views] == [True, True, False, False]
    assert len(live) == 2
    assert live.is_over({"custom_id": custom_id("b", "x")})
    assert not live.is_over({"custom_id": custom_id("c", "x")})
    assert not live.is_over({"custom_id": "another's"})
    assert not live.is_over(None)


# ── within the limits ───────────────────────────────────────────────────────────────────────────


def test_only_one_module_answers_interactions() -> None:
    """So nobody can forget to cut a sentence, or to defer privately."""
    answering = {
        "send_message", "edit_message", "defer", "followup", "edit_original_response", "delete_original_response",
        "send_modal",
    }  # fmt: skip
    found = {
        path.name
        for path in (*(ROOT / "bot").rglob("*.py"), *(ROOT / "cogs").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in answering
    }
    assert found == {"replies.py"}


@pytest.mark.parametrize(
    ("command", "option"),
    [
        ("feed add", "address"),
        ("why", "link"),
        ("feed status", "feed"),
        ("feed remove", "feed"),
        ("subscribe", "feed"),
    ],
)
@pytest.mark.parametrize("letter", ["a", "가", "🦦", "`", "*"])
async def test_a_text_as_long_as_an_option_is_answered(
    server: LoopbackDiscord,
    command: str,
    option: str,
    letter: str,
) -> None:
    """The sentence repeats a part of it at most, and says what is wrong."""
    longest = 1_990 if option in ("address", "link") else 6_000
    text = ("https://127.0.0.1:9/" if option != "feed" else "") + letter * 3_000
    answer = await server.command(command, {option: text[:longest]})
    assert answer.is_ephemeral
    assert len(said(answer)) > 20
    assert server.violations == []


async def test_a_long_list_that_is_refused_is_answered(server: LoopbackDiscord) -> None:
    """An import's refusals repeat addresses as long as they come."""
    lines = "".join(f'<outline type="rss" xmlUrl="http://10.0.0.1/{n}{"x" * 1_900}"/>' for n in range(40))
    opml = f'<?xml version="1.0"?><opml version="2.0"><body>{lines}</body></opml>'.encode()
    answer = await server.command("feed import", {"file": ("feeds.opml", opml)}, timeout_s=60)
    assert "0 feeds added" in said(answer)


@given(st.text(max_size=200), st.integers(1, 100))
def test_a_text_is_ended_within_its_limit(text: str, limit: int) -> None:
    """Counted as Discord's clients count; what fits is not touched, and what is cut says so."""
    ended = shorten(text, limit)
    assert length(ended) <= limit
    assert (ended == text) == (length(text) <= limit) or ended == text
    if length(text) > limit:
        assert ended.endswith("…")
        assert text.startswith(ended[:-1])


@given(st.lists(st.tuples(st.text(max_size=9_000), st.text(max_size=600), st.text(max_size=3_000)), max_size=4))
def test_embeds_fit_into_a_message(parts: list[tuple[str, str, str]]) -> None:
    embeds = [discord.Embed(title=title, description=text).set_footer(text=footer) for text, title, footer in parts]
    fitted = replies.fit_embeds(embeds)
    sizes = [sum(length(part) for part in (one.title, one.description, one.footer.text) if part) for one in fitted]
    assert all(length(one.description or "") <= 4_096 and length(one.title or "") <= 256 for one in fitted)
    assert sum(sizes) <= 6_000 or all(length(one.description or "") <= 1 for one in fitted)


def test_a_sentence_fits_into_a_message() -> None:
    assert length(replies.fit_text("🦦 " * 5_000)) <= MESSAGE_CONTENT


# ── forms ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_filter_that_is_refused_can_be_edited_again(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    """With everything as it was typed, as often as need be; Back shows what is kept."""
    panel = await follow(server, feed_host)
    form = await server.press(panel.message, label="Filter …")
    typed = 'title:/(a+/ "instruction tuning"'
    refused = await server.submit(form, {"Filter": typed, "Leave out posts older than … days": "30 days"})
    assert "Not saved" in said(refused)
    again = await server.press(refused.message, label="Edit again")
    assert field(again, "Filter") == typed
    assert field(again, "Leave out posts older than … days") == "30 days"
    once_more = await server.press(refused.message, label="Edit again")  # closed without being sent, and opened again
    refused = await server.submit(once_more, {"Leave out posts older than … days": "many", "Filter": "rag"})
    assert "not a number of days" in said(refused)
    back = await server.press(refused.message, label="Back")
    assert "none: every post" in said(back)
    form = await server.press(back.message, label="Filter …")
    assert field(form, "Filter") == ""


@pytest.mark.parametrize(
    ("hour", "zone", "told"),
    [
        ("9 in the evening", "KST", "9 pm"),
        ("9pm", "Seol", "Did you mean Asia/Seoul"),
        ("21:30", "KST", "on the hour"),
    ],
)
async def test_a_digest_s_time_that_is_refused_can_be_edited_again(
    server: LoopbackDiscord,
    feed_host: FeedHost,
    hour: str,
    zone: str,
    told: str,
) -> None:
    """Hour, day and zone; what is understood then is kept."""
    panel = await choose(server, await follow(server, feed_host), "when", "week")
    form = await server.press(panel.message, label="Digest time …")
    values = {"Hour": hour, "Day of a weekly digest": "4", "Time zone": zone}
    refused = await server.submit(form, values)
    assert told in said(refused)
    again = await server.press(refused.message, label="Edit again")
    assert {label: field(again, label) for label in values} == values
    kept = await server.submit(again, {"Hour": "오후 9시", "Time zone": "Seoul"})
    assert "every Friday at 21:00 Asia/Seoul" in said(kept)


async def test_a_term_that_is_refused_can_be_edited_again(
    server: LoopbackDiscord,
    feed_host: FeedHost,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A database that cannot be written just now loses nothing that was typed either."""
    panel = await server.command("notify", user_id=MEMBER)
    form = await server.press(panel.message, label="A term …", user_id=MEMBER)
    with locked(tmp_path / "test.db"):
        refused = await server.submit(form, {"Term": "hallucination"}, user_id=MEMBER)
    assert "nothing was changed" in said(refused)
    again = await server.press(refused.message, label="Edit again", user_id=MEMBER)
    assert field(again, "Term") == "hallucination"
    assert "hallucination" in said(await server.submit(again, {}, user_id=MEMBER))


async def test_a_form_that_has_expired_gives_back_what_was_typed(
    run: RunBot,
    discord: LoopbackDiscord,
    feed_host: FeedHost,
) -> None:
    """After a restart nobody waits for it; it is answered all the same."""
    own = feed_host.serve("/own/source.xml", "<rss version='2.0'><channel><title>x</title></channel></rss>")
    async with run(NONMUN_CHANNEL_ID=None, NONMUN_FEEDS=own):
        await discord.wait_until_connected(timeout_s=20)
        await eventually(lambda: bool(discord.commands[None]), "commands")
        panel = await discord.command("notify")
        form = await discord.press(panel.message, label="A term …")
    async with run(NONMUN_CHANNEL_ID=None, NONMUN_FEEDS=own):
        await discord.wait_until_connected(timeout_s=20)
        sent = await discord.submit(form, {"Term": "hallucination"})
    assert "expired" in said(sent)
    assert "hallucination" in said(sent)
    assert sent.is_ephemeral


# ── while the database is locked ────────────────────────────────────────────────────────────────


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process writes, and takes its time."""
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("PRAGMA busy_timeout = 10000")
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


@pytest.fixture(autouse=True)
def _short_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bot waits a second for another process, not ten."""
    monkeypatch.setattr("bot.store.database.BUSY_TIMEOUT_MS", 1_000)


@pytest.mark.parametrize("command", ["notify", "feed pause", "feed resume", "feed remove"])
async def test_a_command_that_writes_is_answered_at_once_while_the_database_is_locked(
    server: LoopbackDiscord,
    feed_host: FeedHost,
    tmp_path: Path,
    command: str,
) -> None:
    """First Discord is told to wait, then comes a sentence; when the lock is gone the command works."""
    await follow(server, feed_host)
    feed = {"feed": "blog.xml"} | ({"term": "rag"} if command == "notify" else {})
    with locked(tmp_path / "test.db"):
        answer = await server.command(command, feed, timeout_s=30)
    assert answer.deferred
    assert answer.is_ephemeral
    assert "nothing was changed" in said(answer)
    again = await server.command(command, feed)
    assert "nothing was changed" not in said(again)


async def test_a_press_that_writes_waits_for_the_lock_and_is_kept(
    server: LoopbackDiscord,
    feed_host: FeedHost,
    tmp_path: Path,
) -> None:
    """A panel's menu and a member's button are answered first and done when the lock goes."""
    panel = await follow(server, feed_host)
    notify = await server.command("notify", user_id=MEMBER)
    assert notify.message is not None
    label = notify.message["components"][0]["components"][0]["label"]
    with locked(tmp_path / "test.db"):
        saved = asyncio.create_task(choose(server, panel, "looks", "compact"))
        pressed = await server.press(notify.message, label=label, user_id=MEMBER, settle=False)
        assert pressed.deferred
    assert "Saved" in said(await saved)
    await eventually(lambda: pressed.is_settled, "the panel")
    assert "You are pinged" in said(pressed)


async def test_look_ups_are_answered_while_the_database_is_locked(
    server: LoopbackDiscord,
    tmp_path: Path,
) -> None:
    """Also one that finds nothing, which would be written down."""
    with locked(tmp_path / "test.db"):
        answer = await server.command("search", {"query": "kubernetes"})
        assert not answer.deferred
    assert "database" not in said(answer)
