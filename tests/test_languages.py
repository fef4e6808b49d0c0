"""What people read in their language: the catalogues at run time, and texts that are said elsewhere."""

from __future__ import annotations

import contextvars
import copy
import pickle
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from hypothesis import given
from hypothesis import strategies as st

from bot import languages
from bot.announcing.filters.checking import check_filter
from bot.announcing.filters.syntax import parse_filter
from bot.cards.card import error_card
from bot.cli import main
from bot.config import load_settings
from bot.errors import RequestError, SettingsError
from bot.languages import Message, join, language_of, read_message, say, speaking, write_message
from bot.languages.catalogues import compile_catalogues
from bot.search.glossary import Glossary
from bot.ui.terminal.chat import DESCRIPTIONS, Hint, read_line
from tests.factories import make_rss
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import eventually
from tests.test_feed_commands import follow, notices, said
from tests.test_feed_commands import server as _server

server = _server

OLD = "the connection was refused"


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A language of the tests' own."""
    catalogue = Catalog(locale="de", domain="nonmun", charset="utf-8")
    catalogue.add("{count} pages of {name}", "{name}: {count} Seiten")
    catalogue.add("no answer: {why}", "keine Antwort: {why}")
    catalogue.add("refused", "abgelehnt")
    catalogue.add("broken {here}", "kaputt {there}")
    source = tmp_path / "de" / "LC_MESSAGES" / "nonmun.po"
    source.parent.mkdir(parents=True)
    with source.open("wb") as file:
        write_po(file, catalogue)
    compile_catalogues(tmp_path)
    monkeypatch.setattr(languages, "_LOCALES", tmp_path)
    monkeypatch.setattr(languages, "_catalogue", languages._catalogue.__wrapped__)


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("ko", "ko"),
        ("ko_KR.UTF-8", "ko"),
        ("ko-KR", "ko"),
        ("en-GB", "en"),
        ("xx", "en"),
        ("C.UTF-8", "en"),
        (None, "en"),
    ],
)
def test_a_locale_is_the_language_that_we_speak(locale: str | None, language: str) -> None:
    assert language_of(locale) == language


@pytest.mark.usefixtures("german")
def test_a_message_is_english_and_says_itself_in_another_language() -> None:
    message = Message("{count} pages of {name}", count=3, name="A")
    assert message == "3 pages of A"
    assert say(message) == "3 pages of A"
    with speaking("de"):
        assert say(message) == "A: 3 Seiten"
        assert say("3 pages of A") == "3 pages of A"


@pytest.mark.usefixtures("german")
def test_a_message_within_a_message_is_said_as_well() -> None:
    message = Message("no answer: {why}", why=Message("refused"))
    assert message == "no answer: refused"
    assert join("; ", [message, OLD]) == f"no answer: refused; {OLD}"
    with speaking("de"):
        assert say(read_message(write_message(message))) == "keine Antwort: abgelehnt"
        assert say(join("; ", [message, OLD])) == f"keine Antwort: abgelehnt; {OLD}"


@pytest.mark.usefixtures("german")
def test_a_translation_with_other_placeholders_is_said_in_english() -> None:
    """A message stored by another version never becomes an error."""
    with speaking("de"):
        assert say(Message("broken {here}", here="x")) == "broken x"


def test_a_message_crosses_a_process_and_is_copied() -> None:
    message = Message("{count} pages of {name}", count=3, name=Message("{page} of it", page="A"))
    for other in (pickle.loads(pickle.dumps(message)), copy.deepcopy(message)):  # noqa: S301 - our own bytes
        assert isinstance(other, Message)
        assert (other, other.template, other.arguments) == (message, message.template, message.arguments)


@pytest.mark.parametrize(
    "stored", [OLD, "", "x\x1enot json", "x\x1e[]", 'x\x1e["{gone}", {}, 1]', 'x\x1e["{gone}", {"a": 1}]']
)
def test_what_is_not_a_stored_message_reads_as_its_english(stored: str) -> None:
    """Rows of earlier versions hold the text alone."""
    assert read_message(stored) == stored.partition("\x1e")[0]


@given(st.text(), st.text() | st.integers())
def test_a_stored_message_reads_as_it_was(text: str, argument: str | int) -> None:
    message = Message("{one} and {two}", one=argument, two=Message("{text}", text=text))
    stored = write_message(message)
    read = read_message(stored)
    assert isinstance(read, Message)
    assert (read, read.template, read.arguments) == (message, message.template, message.arguments)
    assert stored.partition("\x1e")[0] == message.replace("\x1e", " ")


@given(st.text())
def test_a_stored_text_reads_as_it_was(text: str) -> None:
    assert read_message(write_message(text)) == text.replace("\x1e", " ")


# ── whoever asks ────────────────────────────────────────────────────────────────────────────────


async def test_an_answer_is_in_the_language_of_the_member(server: LoopbackDiscord) -> None:
    """Two members of one server, one after the other."""
    assert "피드 없음" in said(await server.command("feed list", locale="ko"))
    assert "No feeds" in said(await server.command("feed list", locale="en-GB"))
    assert "No feeds" in said(await server.command("feed list", locale="ja"))


async def test_a_refusal_is_in_the_language_of_the_member(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    """What another process says about a page, and what its server answers."""
    feed_host.serve("/page", "<html><head><title>Just a page</title></head></html>", content_type="text/html")
    for path, told in (("/page", "제목이 “Just a page”인 웹 페이지"), ("/gone", "서버가 404 오류로 응답했어요")):
        answer = await server.command("feed add", {"address": feed_host.url(path)}, locale="ko")
        assert told in said(answer)


async def test_that_a_feed_has_no_posts_is_said_in_the_language_of_the_member(
    server: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """Not in that of the posts, which are looked for to show one."""
    feed_host.serve("/blog.xml", make_rss([]))
    panel = await follow(server, feed_host)
    for label in ("Preview", "Send a test"):
        answer = await server.press(panel.message, label=label, locale="ko")
        assert "이 피드에는 아직 글이 없어요." in said(answer)


async def test_a_stored_reason_is_said_in_the_language_of_whoever_asks(
    server: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """An error of a feed is saved once, and asked for by members of different languages."""
    await follow(server, feed_host)
    feed_host.serve("/blog.xml", b"gone", status=410)

    await eventually(lambda: bool(notices(server, server.channel_id)), "the notice that it is gone")
    for locale, told in (("ko", "서버가 410 오류로 응답했어요"), ("en-US", "the server answered 410")):
        assert told in said(await server.command("feed status", {"feed": "blog.xml"}, locale=locale))


def run_cli(*argv: str) -> int:
    """Run a command whose language ends with it."""
    return contextvars.copy_context().run(main, argv)


def test_the_terminal_speaks_the_language_of_its_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli("--help") == 0
    assert "Announce and find reviews" in capsys.readouterr().out
    monkeypatch.delenv("LC_ALL")
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    assert run_cli("--help") == 0
    assert "연구 논문 리뷰를 알리고 찾아 줘요" in capsys.readouterr().out


def test_json_is_the_same_in_every_language(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Reasons among it."""
    monkeypatch.setenv("LC_ALL", "ko_KR.UTF-8")
    run_cli("poll", "--json", "--db", str(tmp_path / "a.db"), "--feed", str(tmp_path / "none.xml"))
    assert "no such file (a web address starts with http:// or https://)" in capsys.readouterr().out


# ── texts that were once forgotten ──────────────────────────────────────────────────────────────

ENGLISH_WORDS = re.compile(r"[a-z]{2,} [a-z]{2,}")


@pytest.mark.parametrize(
    "pattern",
    [
        *(r"/\p{L}{1,200}/", "/(a/", "/a)/", "/[a/", "/[b-a]/", "/a**/", "/*a/", r"/\y/", r"/[[:no:]]/", "/a{1001}/"),
        *("/(?<a/", "/(?x/", r"/a(?=b)/", r"/(a)\1/"),
    ],
)
def test_what_is_wrong_with_a_pattern_is_said_in_korean(pattern: str) -> None:
    with speaking("ko"), pytest.raises(RequestError) as caught:
        check_filter(parse_filter(pattern))
    assert ENGLISH_WORDS.search(str(caught.value)) is None


def test_what_is_wrong_with_settings_is_said_in_korean(monkeypatch: pytest.MonkeyPatch) -> None:
    faults = {
        "NONMUN_CHANNEL_ID": "0", "NONMUN_POLL_SECONDS": "soon", "NONMUN_ANNOUNCE_BACKLOG": "-1",
        "NONMUN_BACKUP_KEEP": "1001", "NONMUN_FEEDS_TOTAL": "9" * 5_000, "NONMUN_KEEP_UNMATCHED": "perhaps",
        "NONMUN_CONTACT_URL": "a page",
    }  # fmt: skip
    for name, value in faults.items():
        monkeypatch.setenv(name, value)
    with speaking("ko"), pytest.raises(SettingsError) as caught:
        load_settings()
    assert len(caught.value.faults) == len(faults)
    assert [fault for fault in caught.value.faults if ENGLISH_WORDS.search(fault)] == []


def test_what_is_wrong_with_a_glossary_is_said_in_korean(tmp_path: Path) -> None:
    path = tmp_path / "own.txt"
    path.write_text("one\n- | celsius\na | b c d e f g h", "utf-8")
    problems = Glossary.load([path, tmp_path / "missing.txt"]).problems
    with speaking("ko"):
        assert say(problems[0]) == "own.txt, 1번째 줄: 개념에는 “|” 사이에 둔 표기가 두 개 필요해요"
        assert [say(problem) for problem in problems[1:3] if ENGLISH_WORDS.search(say(problem))] == []
        assert say(problems[3]).startswith("missing.txt: 읽을 수 없어요(")


def test_an_error_is_said_in_korean() -> None:
    with speaking("ko"):
        assert error_card("…").title == "처리하지 못했어요"


@pytest.mark.parametrize("line", ["논문", "3", "/papier x", "/zzz", "/latest 99"])
def test_what_cannot_be_read_in_a_terminal_is_said_in_korean(line: str) -> None:
    with speaking("ko"):
        hint = read_line(line)
    assert isinstance(hint, Hint)
    assert ENGLISH_WORDS.search(hint.text) is None


def test_the_commands_of_a_terminal_are_described_in_korean() -> None:
    with speaking("ko"):
        assert [said for said in map(languages._, DESCRIPTIONS.values()) if ENGLISH_WORDS.search(said)] == []
