"""The command line, run as users run it: arguments in; output, errors and exit codes out."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot import __version__
from bot.cli import main
from tests.factories import make_entry, make_rss
from tests.loopback.feed_host import FeedHost
from tests.loopback.patience import patience

ROOT = Path(__file__).resolve().parents[1]


class Shelf:
    """A feed of two reviews in a file, and the database that has read it."""

    def __init__(self, folder: Path) -> None:
        self.feed = folder / "shelf, one.xml"  # a comma separates feeds in the settings, not here
        self.feed.write_bytes(make_rss([make_entry(1), make_entry(2)]))
        self.database = folder / "shelf.db"
        assert main(["poll", "--db", str(self.database), "--feed", str(self.feed)]) == 0


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(tmp_path_factory.mktemp("shelf"))


@pytest.fixture
def db(shelf: Shelf) -> list[str]:
    """The option that names the shelf's database."""
    return ["--db", str(shelf.database)]


def _feed(folder: Path, *numbers: int, name: str = "feed.xml") -> Path:
    path = folder / name
    path.write_bytes(make_rss([make_entry(number) for number in numbers]))
    return path


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def _type(monkeypatch: pytest.MonkeyPatch, text: str | bytes) -> None:
    """Put something on standard input."""
    data = text.encode() if isinstance(text, str) else text
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))


def _run(*argv: str, cwd: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the program as a process of its own."""
    env = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    command = [sys.executable, "-m", "bot", *argv]
    return subprocess.run(  # noqa: S603
        command, cwd=cwd, env=env, input=stdin, capture_output=True, timeout=patience(60), check=False
    )


# ── looking up ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (["paper", "lantern-1"], 0, "Lantern-1: Reading Long Documents Twice"),
        (["paper", "reading", "long", "documents"], 1, "Did you mean"),
        (["paper", "submarines"], 1, "Not reviewed here"),
        (["section", "lantern-1", "2.1"], 0, "질문 하나를 최대 세 개로 나누고"),
        (["section", "lantern-1", "--heading", "2.1"], 0, "질문 하나를 최대 세 개로 나누고"),
        (["section", "lantern-1 9.9"], 1, "has no section"),
        (["search", "문단"], 0, "2 reviews on “문단”"),
        (["search", "submarines"], 1, "Nothing found"),
        (["related", "lantern-1"], 0, "Related to Lantern-1"),
        (["related", "submarines"], 1, "Not reviewed here"),
        (["latest"], 0, "Latest reviews"),
    ],
)
def test_look_ups_answer(
    db: list[str], capsys: pytest.CaptureFixture[str], argv: list[str], code: int, said: str
) -> None:
    """The answer is on standard output; the exit code says whether it was found."""
    assert main([*argv, *db]) == code
    captured = capsys.readouterr()
    assert said in captured.out
    assert captured.err == ""
    assert "\x1b" not in captured.out


@pytest.mark.parametrize(
    ("argv", "answer", "confident"),
    [
        (["paper", "lantern-1"], "paper", True),
        (["paper", "submarines"], "not_reviewed", False),
        (["section", "lantern-1", "2.1"], "section", True),
        (["search", "문단"], "search", True),
        (["related", "lantern-1"], "related", True),
        (["latest", "1"], "latest", True),
    ],
)
def test_look_ups_speak_json(
    db: list[str], capsys: pytest.CaptureFixture[str], argv: list[str], answer: str, *, confident: bool
) -> None:
    """--json gives one object that says what kind of answer it is."""
    assert main([*argv, "--json", *db]) == (0 if confident else 1)
    (record,) = _lines(capsys)
    assert (record["answer"], record["confident"]) == (answer, confident)


def test_asking_for_nothing_is_wrong_use(db: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A blank name is told what to type, on standard error."""
    assert main(["paper", " ", *db]) == 2
    captured = capsys.readouterr()
    assert "instag" in captured.err
    assert captured.out == ""


def test_latest_takes_a_count(db: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The newest first, and no more than asked for."""
    main(["latest", "1", "--json", *db])
    (record,) = _lines(capsys)
    assert [head["short_name"] for head in record["reviews"]] == ["Lantern-2"]


def test_options_may_stand_before_the_command(db: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """--db is understood on either side of the command."""
    assert main([*db, "paper", "lantern-1"]) == 0
    assert "Lantern-1" in capsys.readouterr().out


def test_empty_cache_says_how_to_fill_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A new database answers with what to do."""
    assert main(["paper", "instag", "--db", str(tmp_path / "new" / "a.db")]) == 1
    assert "nonmun poll" in " ".join(capsys.readouterr().out.split())


# ── feeds given on the command line ─────────────────────────────────────────────────────────────


def test_given_feeds_are_read_first_and_answer_alone(
    shelf: Shelf, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """With --feed the answer comes from these feeds, although the database knows others."""
    other = _feed(tmp_path, 3)
    options = ["--db", str(shelf.database), "--feed", str(other)]
    assert main(["paper", "lantern-3", *options]) == 0
    assert main(["paper", "lantern-1", "--json", *options]) == 1
    capsys.readouterr()
    assert main(["export", *options]) == 0
    assert [record["short_name"] for record in _lines(capsys)] == ["Lantern-3"]
    assert main(["export", "--db", str(shelf.database), "--feed", str(shelf.feed)]) == 0
    assert {record["feed"] for record in _lines(capsys)} == {str(shelf.feed)}


def test_a_failed_feed_is_told_and_the_others_answer(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A missing file is reported on standard error; the other feed is exported all the same."""
    good = _feed(tmp_path, 1)
    code = main(["export", "--db", "a.db", "--feed", "missing.xml", "--feed", str(good), "--feed", str(good)])
    captured = capsys.readouterr()
    assert code == 1
    assert len(captured.out.splitlines()) == 1
    assert captured.err.count("missing.xml") == 1


async def test_look_ups_without_feed_use_no_network(feed_host: FeedHost, tmp_path: Path) -> None:
    """The feeds of the settings are asked by poll alone, and then once."""
    url = feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    options = ["--db", str(tmp_path / "a.db")]
    assert await asyncio.to_thread(main, ["poll", *options, "--feed", url]) == 0
    for command in (["paper", "lantern-1"], ["latest"], ["export"]):
        assert await asyncio.to_thread(main, [*command, *options]) == 0
    assert len(feed_host.requests) == 1
    assert await asyncio.to_thread(main, ["latest", *options, "--feed", url]) == 0
    assert [request.status for request in feed_host.requests] == [200, 304]


async def test_looking_into_a_strange_feed_announces_nothing(
    feed_host: FeedHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A look-up in a feed that the bot does not follow puts nothing into its channel; a poll does."""
    monkeypatch.setenv("NONMUN_CHANNEL_ID", "5")
    options = ["--db", str(tmp_path / "a.db"), "--feed", feed_host.url("/feed.xml")]
    for numbers, command in (((1,), "latest"), ((1, 2), "latest"), ((1, 2, 3), "poll")):
        feed_host.serve("/feed.xml", make_rss([make_entry(number) for number in numbers]))
        capsys.readouterr()
        assert await asyncio.to_thread(main, [command, "--json", *options]) == 0
    assert _lines(capsys)[0]["announced"] == 1


async def test_an_archive_that_is_read_is_announced_in_no_channel(
    feed_host: FeedHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A feed that the bot does not follow does not begin to be announced by it, not even its backlog."""
    monkeypatch.setenv("NONMUN_CHANNEL_ID", "5")
    monkeypatch.setenv("NONMUN_ANNOUNCE_BACKLOG", "3")
    monkeypatch.setenv("NONMUN_PRIVATE_HOSTS", "127.0.0.1")
    entries = [make_entry(n, link=feed_host.url(f"/{n}.html")) for n in (2, 1)]
    url = feed_host.serve("/feed.xml", make_rss(entries))
    argv = ["backfill", url, "--pause", "0", "--db", str(tmp_path / "a.db")]
    assert await asyncio.to_thread(main, argv) == 0
    with closing(sqlite3.connect(tmp_path / "a.db")) as db:
        assert db.execute("SELECT count(*) FROM reviews").fetchone() == (2,)
        assert db.execute("SELECT count(*) FROM subscriptions").fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM deliveries").fetchone() == (0,)


# ── poll ────────────────────────────────────────────────────────────────────────────────────────


async def test_poll_tells_of_every_feed(
    feed_host: FeedHost, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One failing feed makes the exit code 1 and keeps no other from being read."""
    good = feed_host.serve("/good", make_rss([make_entry(1), make_entry(2)]))
    bad = feed_host.fail("/bad", status=500)
    argv = ["poll", "--db", str(tmp_path / "a.db"), "--feed", bad, "--feed", good]
    assert await asyncio.to_thread(main, argv) == 1
    captured = capsys.readouterr()
    first, second = captured.out.splitlines()
    assert "failed: the server answered 500" in first
    assert "2 reviews, 2 new, 0 changed" in second
    assert captured.err == ""
    feed_host.recover("/bad")
    feed_host.serve("/bad", make_rss([make_entry(3)]))
    assert await asyncio.to_thread(main, [*argv, "--json"]) == 0
    bad_record, good_record = _lines(capsys)
    assert (bad_record["feed"], bad_record["new"], bad_record["total"]) == (bad, 1, 1)
    assert (good_record["unchanged"], good_record["new"], good_record["total"]) == (True, 0, None)


# ── batch and export ────────────────────────────────────────────────────────────────────────────


def test_batch_answers_in_order(
    db: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every line of standard input has its answer in its place; a bad one keeps none from its own."""
    requests = [
        b'{"id": 1, "command": "paper", "query": "lantern-1"}',
        b"nonsense",
        b'{"id": 2, "command": "paper", "query": "\xff"}',
        b"",
        b'{"id": 3, "command": "section", "query": "lantern-2 2.1"}',
        b'{"id": 4, "command": "search", "query": "submarines"}',
    ]
    _type(monkeypatch, b"\n".join(requests))
    assert main(["batch", *db]) == 0
    first, nonsense, not_text, section, nothing = _lines(capsys)
    assert (first["id"], first["confident"], first["results"][0]["section"]) == (1, True, None)
    assert nonsense["id"] is None
    assert set(not_text) == {"id", "error"}
    assert section["results"][0]["section"] == "2.1. Question splitting"
    assert nothing == {"id": 4, "confident": False, "results": []}


def test_batch_reads_a_file(db: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The requests may be in a file; one that is not there is a wrong use."""
    path = tmp_path / "requests.jsonl"
    path.write_text('{"id": "a", "command": "paper", "query": "lantern-2"}\n', "utf-8")
    assert main(["batch", str(path), *db]) == 0
    assert _lines(capsys)[0]["id"] == "a"
    assert main(["batch", str(tmp_path / "none"), *db]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_export_writes_every_review(db: list[str], shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    """Every review of the cache, with the feed as it was given: a path with a comma and a space."""
    assert main(["export", "--feed", str(shelf.feed), *db]) == 0
    records = _lines(capsys)
    assert {record["short_name"] for record in records} == {"Lantern-1", "Lantern-2"}
    assert all(record["feed"] == str(shelf.feed) for record in records)
    assert all(record["sections"] for record in records)


# ── chat ────────────────────────────────────────────────────────────────────────────────────────


def test_chat_reads_a_pipe_on_the_sample(tmp_path: Path) -> None:
    """README's first command works at once, offline, in an empty folder, and leaves nothing behind."""
    done = _run("chat", cwd=tmp_path, stdin=b"/paper instag\n/search hallucination\n")
    said = done.stdout.decode()
    assert done.returncode == 0
    assert "Instruction Tagging" in said
    assert "reviews on “hallucination”" in said
    assert "bundled sample" in done.stderr.decode()
    assert list(tmp_path.iterdir()) == []


def test_chat_on_a_database(
    db: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --db the sample stays away."""
    _type(monkeypatch, "/paper lantern-1\n")
    assert main(["chat", *db]) == 0
    captured = capsys.readouterr()
    assert "Lantern-1" in captured.out
    assert captured.err == ""


def test_chat_on_given_feeds(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With --feed the chat is about that feed; a line that cannot be answered makes the code 1."""
    _type(monkeypatch, "/latest\nlantern\n")
    assert main(["chat", "--db", "a.db", "--feed", str(_feed(tmp_path, 4))]) == 1
    assert "Lantern-4" in capsys.readouterr().out


# ── run and doctor ──────────────────────────────────────────────────────────────────────────────


def test_run_without_token_says_what_to_do(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Where to get a token, where to put it, how to check it; and the exit code is 2."""
    assert main(["run"]) == 2
    said = capsys.readouterr().err
    for words in ("https://discord.com/developers/applications", ".env", "nonmun doctor", "nonmun chat"):
        assert words in said
    assert list(tmp_path.iterdir()) == []


def test_doctor_checks_and_advises(db: list[str], shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    """A fine host passes; a feed that is no feed fails, and says what to do."""
    assert main(["doctor", *db, "--feed", str(shelf.feed)]) == 0
    said = capsys.readouterr().out
    for name in ("settings", "glossary", "sqlite", "database", "feed", "cache", "posts", "token", "channel"):
        assert f" {name}" in said
    page = shelf.feed.with_name("page.html")
    page.write_text("<!doctype html><title>no feed</title>", "utf-8")
    assert main(["doctor", "--offline", *db, "--feed", str(page)]) == 1
    assert "→" in capsys.readouterr().out


def test_doctor_names_every_fault(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Bad settings are failed checks, not an error message."""
    monkeypatch.setenv("NONMUN_POLL_SECONDS", "often")
    monkeypatch.setenv("NONMUN_CHANNEL_ID", "general")
    assert main(["doctor", "--offline"]) == 1
    said = capsys.readouterr().out
    assert "NONMUN_POLL_SECONDS" in said
    assert "NONMUN_CHANNEL_ID" in said


# ── wrong use ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["papers", "x"],
        ["paper"],
        ["related"],
        ["latest", "0"],
        ["latest", "many"],
        ["poll", "--feed", "ftp://example.org/feed"],
        ["latest", "--db", "."],
    ],
)
def test_wrong_use_ends_with_2(capsys: pytest.CaptureFixture[str], argv: Sequence[str]) -> None:
    """What cannot be done is said on standard error, without a traceback."""
    assert main(argv) == 2
    captured = capsys.readouterr()
    assert captured.err.strip()
    assert "Traceback" not in captured.err
    assert captured.out == ""


@pytest.mark.parametrize("argv", [["--help"], ["--version"], ["batch", "--help"]])
def test_help_ends_with_0(capsys: pytest.CaptureFixture[str], argv: Sequence[str]) -> None:
    """Help and version are answers."""
    assert main(argv) == 0
    assert capsys.readouterr().out.strip()


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """--version names the version."""
    main(["--version"])
    assert capsys.readouterr().out.strip() == f"nonmun {__version__}"


def test_bad_settings_are_all_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every fault at once, with the exit code of wrong settings; a token is never shown."""
    monkeypatch.setenv("NONMUN_POLL_SECONDS", "0")
    monkeypatch.setenv("DISCORD_TOKEN", "very secret")
    assert main(["latest"]) == 2
    said = capsys.readouterr().err
    assert "NONMUN_POLL_SECONDS" in said
    assert "DISCORD_TOKEN" in said
    assert "secret" not in said


def test_logging_leaves_no_trace(db: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """--verbose logs to standard error, and the handlers are gone afterwards."""
    before = list(logging.getLogger().handlers)
    assert main(["poll", "--verbose", *db, "--feed", "missing.xml"]) == 1
    assert "feed failed" in capsys.readouterr().err
    assert logging.getLogger().handlers == before


def test_broken_pipe_ends_quietly(db: list[str], tmp_path: Path) -> None:
    """“| head” is no error: nothing on standard error, whatever was still to be written."""
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    for command in (["export"], ["search", "문단"]):
        with subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "bot", *command, *db],
            cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as process:  # fmt: skip
            assert process.stdout
            assert process.stderr
            process.stdout.close()  # nobody reads, not even the first line
            assert process.stderr.read() == b""
            assert process.wait(timeout=patience(60)) == 0


@pytest.mark.parametrize("argv", [["paper", "lantern-2"], ["search", "retriever"], ["chat"]])
def test_a_look_up_reads_what_an_earlier_version_kept(
    argv: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """After an update nobody has to poll first: names and index are drawn anew from the entries in the file."""
    kept = Shelf(tmp_path).database
    with closing(sqlite3.connect(kept)) as db, db:
        db.execute("UPDATE reviews SET structure_version = 0, words = ''")
        db.execute("DELETE FROM names")
        db.execute("DELETE FROM review_index")
    monkeypatch.setenv("NONMUN_DATABASE", str(kept))
    _type(monkeypatch, "/paper lantern-2\n")
    capsys.readouterr()
    assert main(argv) == 0
    assert "Lantern-2" in capsys.readouterr().out


# ── forgetting a feed ───────────────────────────────────────────────────────────────────────────


def _count(database: Path, table: str) -> int:
    with closing(sqlite3.connect(database)) as db:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608


def test_a_feed_is_forgotten_with_all_that_it_brought(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody is asked where --yes says so; what others brought stays."""
    shelf, other = Shelf(tmp_path), _feed(tmp_path, 3, name="other.xml")
    db = ["--db", str(shelf.database)]
    main(["poll", *db, "--feed", str(other)])
    capsys.readouterr()
    assert main(["forget", str(shelf.feed), "--yes", *db]) == 0
    assert "Deleted Reviews: 2 reviews. The database now takes " in capsys.readouterr().out
    assert (_count(shelf.database, "feeds"), _count(shelf.database, "reviews")) == (1, 1)


@pytest.mark.parametrize(("typed", "code", "left"), [("yes\n", 0, 0), ("no\n", 1, 2), ("", 1, 2)])
def test_it_is_asked_on_a_terminal(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    typed: str,
    code: int,
    left: int,
) -> None:
    shelf = Shelf(tmp_path)
    _type(monkeypatch, typed)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    assert main(["forget", str(shelf.feed), "--db", str(shelf.database)]) == code
    assert "with 2 reviews? This cannot be undone." in capsys.readouterr().err
    assert _count(shelf.database, "reviews") == left


def test_without_a_terminal_it_has_to_be_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf = Shelf(tmp_path)
    _type(monkeypatch, "yes\n")
    assert main(["forget", str(shelf.feed), "--db", str(shelf.database)]) == 2
    assert "Add --yes" in capsys.readouterr().err
    assert _count(shelf.database, "reviews") == 2


def test_a_feed_of_the_settings_or_of_a_server_is_not_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where --feed says something else for this command."""
    shelf, other = Shelf(tmp_path), _feed(tmp_path, 3, name="other.xml")
    forget = ["forget", str(shelf.feed), "--yes", "--db", str(shelf.database), "--feed", str(other)]
    with closing(sqlite3.connect(shelf.database)) as db, db:
        db.execute(
            "INSERT INTO subscriptions (feed_id, guild_id, channel_id, owner_id, state, created_at)"
            " SELECT id, 5, 6, 7, 'paused', '2026-01-01T00:00:00+00:00' FROM feeds"
        )
    assert main(forget) == 2
    assert "A server follows" in capsys.readouterr().err
    with closing(sqlite3.connect(shelf.database)) as db, db:
        db.execute("UPDATE subscriptions SET state = 'ended'")
    named = tmp_path / "named.xml"
    named.write_bytes(shelf.feed.read_bytes())
    assert main(["poll", "--db", str(shelf.database), "--feed", str(named)]) == 0
    monkeypatch.setenv("NONMUN_FEEDS", str(named))
    assert main(["forget", str(named), *forget[2:]]) == 2
    assert "NONMUN_FEEDS" in capsys.readouterr().err
    assert main(forget) == 0


@pytest.mark.parametrize("what", ["https://nobody.example/feed", "Reviews nobody wrote"])
def test_a_feed_that_is_not_there_is_not_forgotten(
    db: list[str], capsys: pytest.CaptureFixture[str], what: str
) -> None:
    assert main(["forget", what, "--yes", *db]) == 2
    assert what in capsys.readouterr().err
    assert main(["forget", what, "--yes", "--db", "none.db"]) == 2
    assert not Path("none.db").exists()
