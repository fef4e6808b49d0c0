"""What a process loads and works out before it answers, counted in modules and expressions, not in seconds."""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bot
from bot import cli
from bot.answering import glossaries
from bot.answering.glossaries import load_glossaries
from bot.cli import main
from bot.reviews.fact_labels import PLAIN, _find_label
from bot.search.glossary import Glossary, load_everyday_words, sources_digest
from bot.store.kept import GLOSSARY, read_kept, write_kept
from bot.text.patterns import _Compiled, lazy_pattern
from bot.text.terms import _is_new, fold, squash_text
from tests.factories import bundled_glossary, make_entry, make_rss
from tests.loopback.patience import patience

ROOT = Path(__file__).resolve().parents[1]

NOT_FOR_LOOK_UPS = (
    *("aiohttp", "apscheduler", "babel", "bs4", "discord", "feedparser", "lxml", "prompt_toolkit", "protego", "re2"),
    *(
        "readability",
        "rich.progress",
        "bot.delivering",
        "bot.doctor",
        "bot.feeds",
        "bot.reading",
        "bot.reviews.parsing",
    ),
    *("bot.schedule", "bot.service", "bot.ui.discord"),
)
MOST_EXPRESSIONS = 80
"""Expressions that a look-up may compile; there are 700 in all."""

COUNTED = """
import json, re, sys
import numpy, pydantic_settings, aiosqlite, rapidfuzz.fuzz, snowballstemmer, rich.console
compiled, compile = [], re._compiler.compile
def counted(pattern, flags=0):
    compiled.append(str(pattern))
    return compile(pattern, flags)
re._compiler.compile = counted
from bot.__main__ import main
code = main()
json.dump({"code": code, "modules": sorted(sys.modules), "compiled": compiled}, sys.stderr)
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("start")
    feed = folder / "feed.xml"
    feed.write_bytes(make_rss([make_entry(1), make_entry(2)]))
    glossaries._loaded.clear()  # a process keeps the glossary beside the first database that it opens
    assert main(["poll", "--db", str(folder / "start.db"), "--feed", str(feed)]) == 0
    return folder / "start.db"


def _count(*arguments: str) -> dict[str, Any]:
    """Run the program as a process of its own, and return what it loaded and compiled."""
    ran = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", COUNTED, *arguments],
        cwd=ROOT,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=patience(60),
        check=False,
    )
    counts: dict[str, Any] = json.loads(ran.stderr.splitlines()[-1])
    return counts


@pytest.mark.parametrize("command", ["paper", "section", "search"])
def test_a_look_up_loads_and_compiles_only_what_it_needs(database: Path, command: str) -> None:
    counted = _count(command, "--db", str(database), "owl", "1")
    assert counted["code"] in {0, 1}  # it ran
    loaded = {name for name in counted["modules"] for left_out in NOT_FOR_LOOK_UPS if _is_in(name, left_out)}
    assert not loaded
    assert 0 < len(counted["compiled"]) <= MOST_EXPRESSIONS


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


# ── expressions ─────────────────────────────────────────────────────────────────────────────────


def test_every_expression_can_be_compiled() -> None:
    """Otherwise a mistake in one would show when somebody first needs it."""
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if module.name != "bot.languages.catalogues":  # runs in a build
            import_module(module.name)
    gc.unfreeze()  # a bot that ran in this process has frozen what was loaded, which then is not listed
    patterns = [one for one in gc.get_objects() if isinstance(one, _Compiled)]
    assert len(patterns) > 600
    for pattern in patterns:
        assert (
            re.compile(pattern.pattern, pattern._flags).flags == lazy_pattern(pattern.pattern, pattern._flags).flags
        )


def test_no_module_compiles_while_it_is_loaded() -> None:
    leaf = ROOT / "bot/languages"  # knows no other module
    files = (file for file in (ROOT / "bot").rglob("*.py") if leaf not in file.parents)
    eager = [
        f"{file.name}:{number}"
        for file in files
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1)
        if re.match(r"\w.*\bre\.compile\(", line)
    ]
    assert not eager


@given(st.text("ab1 ", max_size=12))
def test_a_lazy_pattern_matches_as_the_expression_does(text: str) -> None:
    late, now = lazy_pattern(r"(a+)(b|1)?", re.IGNORECASE), re.compile(r"(a+)(b|1)?", re.IGNORECASE)
    assert [match.span() for match in late.finditer(text)] == [match.span() for match in now.finditer(text)]
    assert (late.findall(text), late.split(text)) == (now.findall(text), now.split(text))
    assert (late.sub("-", text), late.groups, late.pattern) == (now.sub("-", text), now.groups, now.pattern)


def test_a_lazy_pattern_takes_bytes() -> None:
    assert lazy_pattern(rb"\d+").findall(b"1 and 22") == [b"1", b"22"]


@given(st.text(max_size=20) | st.text(st.characters(codec="ascii"), max_size=20))
def test_letters_and_digits_are_what_is_left_of_a_text(text: str) -> None:
    """Of texts in ASCII they are found in another way, which is faster."""
    assert squash_text(text) == "".join(char for char in fold(text) if char.isalnum() or _is_new(char))


@pytest.mark.parametrize("text", PLAIN)
def test_the_most_common_labels_mean_what_the_patterns_say(text: str) -> None:
    assert _find_label(text) is PLAIN[text]


# ── what is kept beside the database ────────────────────────────────────────────────────────────


@pytest.mark.parametrize("is_everyday", [False, True])
def test_a_kept_glossary_is_the_one_that_was_read(is_everyday: bool) -> None:
    read = load_everyday_words() if is_everyday else bundled_glossary()
    kept = Glossary.from_text(read.to_text(), is_everyday=is_everyday)
    assert kept == read
    assert kept._words == read._words


def test_an_empty_glossary_is_kept() -> None:
    assert Glossary.from_text(Glossary().to_text()) == Glossary()


def test_problems_of_a_kept_glossary_can_be_said_in_every_language(tmp_path: Path) -> None:
    path = tmp_path / "own.txt"
    path.write_text("lone\nowl | 올빼미\n", encoding="utf-8")
    read = Glossary.load([path])
    (problem,) = Glossary.from_text(read.to_text()).problems
    assert (problem, problem.arguments) == (read.problems[0], read.problems[0].arguments)  # type: ignore[attr-defined]


def test_what_is_kept_is_used_and_only_for_what_it_was_made_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glossaries, "_loaded", {})
    database, own = tmp_path / "a.db", tmp_path / "own.txt"
    own.write_text("grelz | 그렐츠\n", encoding="utf-8")
    made = Glossary.load([own])
    content = glossaries._BETWEEN.join((made.to_text(), Glossary(is_everyday=True).to_text()))
    write_kept(database, GLOSSARY, content, digest=sources_digest(own))
    assert load_glossaries(database, own=own, is_kept=True).glossary == made  # without those that ship with the bot
    own.write_text("grelz | 그렐츠\nsnorp | 스노프\n", encoding="utf-8")
    assert len(load_glossaries(database, own=own, is_kept=True).glossary.marked) > 2_000
    assert len(load_glossaries(database, own=own, is_kept=True).glossary.marked) > 2_000
    monkeypatch.setattr(glossaries, "_loaded", {})
    assert load_glossaries(database, own=own, is_kept=True).glossary.find(["snorp"])


def test_a_host_file_that_cannot_be_read_is_a_problem_and_nothing_is_kept(tmp_path: Path) -> None:
    lists = load_glossaries(tmp_path / "a.db", own=tmp_path / "missing.txt", is_kept=True)
    assert len(lists.glossary.problems) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("cut", [1, 30, 10_000])
def test_a_file_that_is_cut_off_is_not_used(tmp_path: Path, cut: int) -> None:
    database = tmp_path / "a.db"
    write_kept(database, ".kept", "words " * 100, digest="0123")
    assert read_kept(database, ".kept", digest="0123") == "words " * 100
    assert read_kept(database, ".kept", digest="0124") is None
    path = tmp_path / "a.db.kept"
    path.write_bytes(path.read_bytes()[:-cut])
    assert read_kept(database, ".kept", digest="0123") is None


def test_what_cannot_be_kept_is_left_out(tmp_path: Path) -> None:
    write_kept(tmp_path / "gone" / "a.db", ".kept", "words", digest="0123")
    assert not list(tmp_path.iterdir())


# ── the parser of one command ───────────────────────────────────────────────────────────────────


def _commands(parser: Any) -> dict[str, Any]:
    return dict(next(action for action in parser._actions if action.choices).choices)


@pytest.mark.parametrize("name", _commands(cli._parser()))
def test_the_parser_of_one_command_is_that_of_all(name: str) -> None:
    every, alone = cli._parser(), cli._parser(name)
    assert alone.format_usage() == every.format_usage()
    assert _commands(alone)[name].format_help() == _commands(every)[name].format_help()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["paper", "owl"], "paper"),
        (["--db", "poll", "paper", "owl"], "paper"),
        (["--feed", "a", "--verbose", "--feed", "b", "search", "poll"], "search"),
        (["--db=a", "paper"], "--db=a"),  # no command: the parser of all tells
        (["--help"], "--help"),
        (["--db"], None),
        ([], None),
    ],
)
def test_a_command_is_seen_before_it_is_parsed(arguments: list[str], named: str | None) -> None:
    assert cli._named(arguments) == named


# ── the bot ─────────────────────────────────────────────────────────────────────────────────────

ASKED_AFTERWARDS = """
import asyncio, re, sys
from pathlib import Path
from bot.cards.answers import make_card
from bot.config import load_settings
from bot.models.requests import EVERYTHING, Command, Request
from bot.service import open_service
from bot.ui.discord.layout import draw_card, make_view
from bot.ui.discord.warming import warm_up

async def main(database, is_warm):
    async with open_service(load_settings(NONMUN_DATABASE=Path(database), NONMUN_FEEDS=("feed.xml",))) as service:
        if is_warm == "warm":
            await warm_up(service)
        compiled, compile = [], re._compiler.compile
        re._compiler.compile = lambda *args: compiled.append(args[0]) or compile(*args)
        for command in (Command.PAPER, Command.SECTION, Command.SEARCH):
            answer = await service.answering.answer(Request(command=command, query="owl 1"), EVERYTHING)
            make_view(draw_card(make_card(answer)), is_public=True)
        print(len(compiled))

asyncio.run(main(*sys.argv[1:]))
"""


def test_the_bot_prepares_the_first_questions(database: Path) -> None:
    """Almost nothing is left to be compiled while a member waits; without the preparation much would be."""
    left = {}
    for how in ("cold", "warm"):
        ran = subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-c", ASKED_AFTERWARDS, str(database), how],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=patience(60),
            check=True,
        )
        left[how] = int(ran.stdout)
    assert left["cold"] > 30
    assert left["warm"] < 10
