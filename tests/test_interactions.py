"""What holds for every press, form and sentence: answered once, in time, within the limits, nothing typed is lost."""

from __future__ import annotations

import ast
import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.discord import replies
from bot.ui.discord.admission import MOST_LATE_IN_A_ROW
from bot.ui.discord.limits import MESSAGE_CONTENT, length, shorten
from bot.ui.discord.live import Live, custom_id
from tests.factories import make_rss
from tests.loopback.discord import Interaction, LoopbackDiscord, NotAnsweredError, Permission, UsageError
from tests.loopback.feed_host import FeedHost
from tests.loopback.patience import patience
from tests.loopback.running import RunBot, eventually, wait_for_commands
from tests.test_feed_commands import MEMBER, choose, follow, import_file, menu, rss, said
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
    answer = await import_file(server, opml)
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
    async with locked(tmp_path / "test.db"):
        refused = await server.submit(form, {"Term": "hallucination"}, user_id=MEMBER)
    assert "nothing was changed" in said(refused)
    again = await server.press(refused.message, label="Edit again", user_id=MEMBER)
    assert field(again, "Term") == "hallucination"
    assert "hallucination" in said(await server.submit(again, {}, user_id=MEMBER))


async def test_a_form_that_was_opened_before_a_restart_is_taken(
    run: RunBot,
    discord: LoopbackDiscord,
    feed_host: FeedHost,
) -> None:
    """After a restart nobody waits for it; what it is about is in its id."""
    own = feed_host.serve("/own/source.xml", "<rss version='2.0'><channel><title>x</title></channel></rss>")
    async with run(NONMUN_CHANNEL_ID=None, NONMUN_FEEDS=own):
        await discord.wait_until_connected(timeout_s=20)
        await eventually(lambda: bool(discord.commands[None]), "commands")
        panel = await discord.command("notify")
        form = await discord.press(panel.message, label="A term …")
    async with run(NONMUN_CHANNEL_ID=None, NONMUN_FEEDS=own):
        await discord.wait_until_connected(timeout_s=20)
        sent = await discord.submit(form, {"Term": "hallucination"})
    assert "You are pinged when a post is on “hallucination”." in said(sent)
    assert sent.is_ephemeral


async def test_a_form_about_something_gone_gives_back_what_was_typed(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """Its feed was removed, and the bot restarted."""
    own = feed_host.serve("/own/source.xml", "<rss version='2.0'><channel><title>x</title></channel></rss>")
    feed_host.serve("/blog.xml", rss(1))
    async with run(NONMUN_CHANNEL_ID=None, NONMUN_FEEDS=own):
        await wait_for_commands(discord)
        offer = await discord.command("feed add", {"address": feed_host.url("/blog.xml")})
        panel = await discord.press(offer.message, label="Follow")
        form = await discord.press(panel.message, label="Filter …")
        (choice,) = await discord.autocomplete("feed remove", {"feed": ""}, focused="feed")
        await discord.command("feed remove", {"feed": choice["value"]})
    async with run(NONMUN_CHANNEL_ID=None, NONMUN_FEEDS=own):
        await wait_for_commands(discord)
        sent = await discord.submit(form, {"Filter": "hallucination"})
    assert "has no such feed" in said(sent)
    assert "hallucination" in said(sent)
    assert sent.is_ephemeral


async def test_a_press_on_what_a_panel_no_longer_has_is_counted_once(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """The button's feed was removed, the bot restarted, and the member has one press left."""
    own = feed_host.serve("/own/source.xml", make_rss([]))
    feed_host.serve("/blog.xml", rss(1))
    async with run(NONMUN_CHANNEL_ID=None, NONMUN_FEEDS=own):
        await wait_for_commands(discord)
        offer = await discord.command("feed add", {"address": feed_host.url("/blog.xml")})
        await discord.press(offer.message, label="Follow")
        panel = await discord.command("notify", user_id=MEMBER)
        (choice,) = await discord.autocomplete("feed remove", {"feed": ""}, focused="feed")
        await discord.command("feed remove", {"feed": choice["value"]})
    async with run(NONMUN_CHANNEL_ID=None, NONMUN_FEEDS=own, NONMUN_MEMBER_COMMANDS_PER_MINUTE=1):
        await wait_for_commands(discord)
        pressed = await discord.press(panel.message, label="🔕 Reviews", user_id=MEMBER)
    assert "This message has expired" in said(pressed)


# ── while the database is locked ────────────────────────────────────────────────────────────────


@asynccontextmanager
async def locked(path: Path) -> AsyncIterator[None]:
    """Another process writes, and takes its time.

    It waits for its lock in a thread, as long as the machine's load asks for: the bot, which runs in ours, must be
    able to end what it is writing.
    """
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        other.execute(f"PRAGMA busy_timeout = {patience(10) * 1_000:.0f}")
        await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
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
    async with locked(tmp_path / "test.db"):
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
    async with locked(tmp_path / "test.db"):
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
    async with locked(tmp_path / "test.db"):
        answer = await server.command("search", {"query": "kubernetes"})
        assert not answer.deferred
    assert "database" not in said(answer)


# ── who may ─────────────────────────────────────────────────────────────────────────────────────

ADMIN_COMMANDS: dict[str, dict[str, object]] = {
    "feed list": {}, "feed status": {"feed": "blog.xml"}, "feed pause": {"feed": "blog.xml"}, "feed export": {},
    "feed resume": {"feed": "blog.xml"}, "feed remove": {"feed": "blog.xml"}, "feed test": {"feed": "blog.xml"},
    "feed add": {"address": "http://127.0.0.1:9/"}, "feed import": {"file": ("x.opml", b"")},
    "subscribe": {"feed": "blog.xml"},
}  # fmt: skip
PLAIN = int(Permission.DEFAULT)


@pytest.mark.parametrize("command", ADMIN_COMMANDS)
async def test_an_admin_command_is_refused_though_discord_let_it_through(
    server: LoopbackDiscord, feed_host: FeedHost, command: str
) -> None:
    """The bot looks at the member's permissions itself, and does nothing for one who lacks them."""
    await follow(server, feed_host)
    answer = await server.command(
        command, ADMIN_COMMANDS[command], user_id=MEMBER, permissions=PLAIN, is_let_through=True
    )
    assert "You need Manage Server" in said(answer)
    assert answer.is_ephemeral
    assert "active" in said(await server.command("feed status", {"feed": "blog.xml"}))


@pytest.mark.parametrize("permission", [Permission.MANAGE_GUILD, Permission.ADMINISTRATOR])
async def test_who_manages_the_server_is_let_in_without_asking_discord(
    server: LoopbackDiscord, permission: Permission
) -> None:
    answer = await server.command(
        "feed list", user_id=MEMBER, permissions=PLAIN | int(permission), is_let_through=True
    )
    assert "No feeds" in said(answer)
    assert not [r for r in server.requests if r.path.endswith("/commands/permissions")]


async def test_a_server_s_settings_let_others_use_a_command(server: LoopbackDiscord) -> None:
    """For a role, a member, everybody, or all commands; a member's own denial counts more; others stay shut."""
    guild, role = server.guild_id, server.add_role(server.guild_id, "curators")

    async def list_feeds() -> str:
        return said(await server.command("feed list", user_id=MEMBER, permissions=PLAIN, is_let_through=True))

    server.allow_command(guild, "feed", roles={role: True})
    assert "You need Manage Server" in await list_feeds()
    server.member_roles[guild, MEMBER].append(role)
    assert "No feeds" in await list_feeds()
    subscribe = await server.command(
        "subscribe", {"feed": "x"}, user_id=MEMBER, permissions=PLAIN, is_let_through=True
    )
    assert "You need Manage Server" in said(subscribe)
    server.allow_command(guild, "feed", roles={role: True}, users={MEMBER: False})
    await eventually_said(list_feeds, "You need Manage Server")
    server.allow_command(guild, "feed", roles={guild: True})
    await eventually_said(list_feeds, "No feeds")
    server.command_permissions.clear()
    server.allow_command(guild, None, users={MEMBER: True})
    await eventually_said(list_feeds, "No feeds")
    server.allow_command(guild, None, roles={guild: True})  # as it is for every application
    await eventually_said(list_feeds, "You need Manage Server")


async def eventually_said(ask: Callable[[], Awaitable[str]], sentence: str) -> None:
    """Discord tells of a change by an event, which arrives on another way than the next command."""
    for _ in range(100):
        if sentence in (said_now := await ask()):
            return
    pytest.fail(f"waited in vain for {sentence!r}, got {said_now!r}")


async def test_settings_that_cannot_be_asked_for_let_nobody_in(server: LoopbackDiscord) -> None:
    """It is said, and asked again the next time."""
    server.fail_next("GET", r".*/commands/permissions", status=403)
    server.allow_command(server.guild_id, "feed", users={MEMBER: True})
    answers = [
        said(await server.command("feed list", user_id=MEMBER, permissions=PLAIN, is_let_through=True))
        for _ in range(2)
    ]
    assert "could not find out from Discord" in answers[0]
    assert "No feeds" in answers[1]


@pytest.mark.parametrize("label", ["Filter …", "Preview", "Send a test", "Done"])
async def test_a_panel_outlives_no_right(server: LoopbackDiscord, feed_host: FeedHost, label: str) -> None:
    """Who lost Manage Server since it was opened presses in vain; who has it again goes on."""
    panel = await follow(server, feed_host)
    pressed = await server.press(panel.message, label=label, permissions=PLAIN)
    assert "You need Manage Server" in said_in_followup(pressed)
    again = await server.press(panel.message, label=label)
    assert again.modal or "You need" not in said(again)


async def test_a_form_outlives_no_right(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    panel = await follow(server, feed_host)
    form = await server.press(panel.message, label="Filter …")
    sent = await server.submit(form, {"Filter": "rag"}, permissions=PLAIN)
    assert "You need Manage Server" in said_in_followup(sent)


def said_in_followup(answer: Interaction) -> str:
    return said(answer) + "".join(message["content"] for message in answer.followups)


async def test_commands_for_servers_are_refused_in_direct_messages(server: LoopbackDiscord, tmp_path: Path) -> None:
    """In words, and nothing is written: there is no server 0. Discord does not show them there either."""
    direct = server.world.direct_channel(MEMBER).id
    asked = ADMIN_COMMANDS | {"notify": {"term": "rag"}, "why": {"link": "https://one.test/1"}}
    for command, options in asked.items():
        with pytest.raises(UsageError, match="not shown there"):
            await server.command(command, options, user_id=MEMBER, channel_id=direct)
        answer = await server.command(command, options, user_id=MEMBER, channel_id=direct, is_let_through=True)
        assert "works in servers only" in said(answer)
    with sqlite3.connect(tmp_path / "test.db") as connection:
        followed = connection.execute(
            "SELECT term FROM term_followers WHERE guild_id = 0 UNION ALL SELECT feed_id FROM feed_followers"
            " WHERE guild_id = 0 UNION ALL SELECT id FROM subscriptions WHERE guild_id = 0"
        ).fetchall()
    connection.close()
    assert followed == []
    assert (await server.command("help", user_id=MEMBER, channel_id=direct)).message


# ── how much, and in time ───────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("ahead_s", [-7_200.0, 0.0, 7_200.0])
async def test_what_cannot_be_answered_in_time_is_dropped_and_counted(
    server: LoopbackDiscord, ahead_s: float, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever this machine's clock says: what is new is answered, what is old costs nothing but a count."""
    monkeypatch.setattr("bot.ui.discord.admission.LOG_SECONDS", 0.05)
    server.world.ahead_s = ahead_s
    assert (await server.command("help")).message
    server.deadline_s = 0.5
    with pytest.raises(NotAnsweredError):
        await server.command("help", age_s=600)
    late = server.interactions[-1]
    assert not [r for r in server.requests if f"/interactions/{late.id}/" in r.path]
    server.deadline_s = 60.0
    assert (await server.command("help")).message
    await eventually(lambda: "interactions not answered late=1" in caplog.text, "the count")


@pytest.mark.usefixtures("patient")
async def test_a_slip_of_discord_s_clock_does_not_silence_the_bot(server: LoopbackDiscord) -> None:
    """One id from an hour ahead makes all others look old: after some of them the bot learns anew."""
    assert (await server.command("help", age_s=-3_600)).message
    server.deadline_s = 0.2
    for _ in range(MOST_LATE_IN_A_ROW):
        with pytest.raises(NotAnsweredError):
            await server.command("help")
    server.deadline_s = 60.0
    assert (await server.command("help")).message


async def test_completions_that_are_late_write_no_traceback(
    server: LoopbackDiscord, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord takes none of three hundred any more: one line says so."""
    monkeypatch.setattr("bot.ui.discord.admission.LOG_SECONDS", 0.05)
    server.deadline_s = 0.0
    typed = [
        server.typing("paper", {"name": f"in{number}"}, focused="name", user_id=10_000 + number)
        for number in range(300)
    ]
    ended = await asyncio.gather(*typed, return_exceptions=True)
    assert {type(one) for one in ended} == {NotAnsweredError}
    await eventually(lambda: "too_late=" in caplog.text, "the count")
    assert not [record for record in caplog.records if record.exc_info]
    assert len([line for line in caplog.text.splitlines() if "404" in line]) == 0


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch, discord: LoopbackDiscord) -> None:
    """Discord and the gate wait for long: how busy this machine is decides nothing."""
    monkeypatch.setattr("bot.ui.discord.gate.CROWDED_SECONDS", 60.0)
    monkeypatch.setattr("bot.ui.discord.gate.LATE_SECONDS", 60.0)
    discord.deadline_s = 60.0


@pytest.mark.usefixtures("patient")
async def test_three_hundred_completions_at_once_are_answered(server: LoopbackDiscord) -> None:
    """The bound on what is worked out at a time makes nobody go without."""
    typed = [
        server.typing("paper", {"name": f"in{number}"}, focused="name", user_id=10_000 + number)
        for number in range(300)
    ]
    assert len(await asyncio.gather(*typed)) == 300


@pytest.mark.usefixtures("patient")
async def test_a_completion_that_was_overtaken_is_not_worked_out(
    run: RunBot,
    discord: LoopbackDiscord,
    feed_host: FeedHost,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Somebody types on while completions wait for their turns: the newest is answered, the others cost nothing."""
    monkeypatch.setattr("bot.ui.discord.gate.COMPLETIONS_AT_ONCE", 1)
    monkeypatch.setattr("bot.ui.discord.admission.LOG_SECONDS", 0.05)
    feed_host.serve("/feed.xml", rss(1))
    async with run():
        await wait_for_commands(discord)
        typed = [
            asyncio.create_task(discord.typing("search", {"tag": "x" * n}, focused="tag", user_id=MEMBER))
            for n in range(1, 30)
        ]
        await typed[-1]
        await eventually(lambda: "overtaken=" in caplog.text, "the count")
        for one in typed:
            one.cancel()  # those that were overtaken are never answered
        ended = await asyncio.gather(*typed, return_exceptions=True)
    assert any(isinstance(one, asyncio.CancelledError) for one in ended)


@pytest.fixture
async def strict(run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost) -> AsyncIterator[LoopbackDiscord]:
    """A bot that takes six commands a minute of a member, two at once, and nine of a server."""
    own = feed_host.serve("/own/source.xml", rss(1))
    quotas = {"NONMUN_MEMBER_COMMANDS_PER_MINUTE": 6, "NONMUN_SERVER_COMMANDS_PER_MINUTE": 9}
    async with run(NONMUN_CHANNEL_ID=None, NONMUN_FEEDS=own, **quotas):
        await wait_for_commands(discord)
        yield discord


async def test_a_member_who_asks_too_fast_is_told_when_to_ask_again(strict: LoopbackDiscord) -> None:
    """Privately; other members go on until their server's own quota is used up; a few words, then none."""
    answers = [said(await strict.command("latest", user_id=MEMBER)) for _ in range(3)]
    assert not any("faster" in text for text in answers[:2])
    assert re.fullmatch(r"You are asking faster than I can answer\. Try again in \d+ seconds?\.", answers[2].strip())
    assert "faster" not in said(await strict.command("latest", user_id=MEMBER + 1))
    assert "faster" in said(await strict.command("latest", user_id=MEMBER + 2))  # three a server at once
    other = strict.add_guild("Another")
    channel = strict.add_channel(other.id, "papers")
    assert "faster" not in said(await strict.command("latest", user_id=MEMBER + 2, channel_id=channel))
    strict.deadline_s = 0.3
    asked = (strict.command("latest", user_id=MEMBER) for _ in range(10))
    ended = await asyncio.gather(*asked, return_exceptions=True)
    assert 0 < sum(isinstance(one, NotAnsweredError) for one in ended) < 10


async def test_presses_and_completions_have_quotas_of_their_own(strict: LoopbackDiscord) -> None:
    """Who has used up the commands still completes and presses; without end nobody does."""
    for _ in range(2):
        panel = await strict.command("notify", user_id=MEMBER)
    assert "faster" in said(await strict.command("notify", user_id=MEMBER))
    form = await strict.press(panel.message, label="A term …", user_id=MEMBER)
    assert form.modal
    assert (await strict.typing("paper", {"name": ""}, focused="name", user_id=MEMBER)).response_type
    pressed = [await strict.press(panel.message, label="A term …", user_id=MEMBER) for _ in range(9)]
    assert "faster" in said(pressed[-1])


@pytest.mark.usefixtures("patient")
async def test_more_than_can_be_done_is_answered_newest_first_and_the_rest_told(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred at one moment and one turn at a time: each of them hears something, most that it is too much."""
    monkeypatch.setattr("bot.ui.discord.gate.ANSWERS_AT_ONCE", 1)
    monkeypatch.setattr("bot.ui.discord.gate.ANSWERS_WAITING", 5)
    feed_host.serve("/feed.xml", rss(3, 2, 1))
    discord.is_judged_by_document = False
    async with run():
        await feed_host.wait_until_read("/feed.xml")
        await wait_for_commands(discord)
        asked = [discord.command("latest", user_id=10_000 + number, settle=False) for number in range(100)]
        answers = await asyncio.gather(*asked)
    crowded = ["too busy" in said(answer) for answer in answers]
    assert 1 <= crowded.count(False) < 60
    assert not crowded[-1]
    assert all(answer.is_ephemeral for answer, is_crowded in zip(answers, crowded, strict=True) if is_crowded)
