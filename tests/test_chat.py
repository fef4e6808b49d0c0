"""Chat: what a line means, what may follow it, and a conversation at a real prompt or through a pipe."""

from __future__ import annotations

import io
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from bot.answering import name_cache
from bot.bundled import sample_feed
from bot.cards.card import Choice
from bot.cli import main
from bot.config import Settings
from bot.errors import StoreError
from bot.models.requests import HITS_A_CARD, Command, Request
from bot.service import Service, open_service
from bot.ui.terminal.chat import (
    DESCRIPTIONS,
    LATEST_MAX,
    OPTIONS,
    Completer,
    Hint,
    Leave,
    open_shelf,
    read_line,
    read_options,
    read_pipe,
    split_paper,
    suggest,
    talk,
)
from bot.ui.terminal.drawing import open_console
from tests.damage import overwrite
from tests.factories import make_entry, make_rss

P, S, Q, L, R = Command.PAPER, Command.SECTION, Command.SEARCH, Command.LATEST, Command.RELATED
CHOICES = tuple(
    Choice(label=name, description=None, request=Request(command=P, review_id=number))
    for number, name in enumerate(("a", "b"), 1)
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that has read two made reviews, once for all tests."""
    folder = tmp_path_factory.mktemp("chat")
    other = make_entry(
        2,
        title="[EMNLP 2023] Slow Lamps: Why Light Takes Time",
        link="https://e.org/slow/",
        html="<h2>1. Introduction</h2><p>Light is not in a hurry.</p><h2>2. Method</h2><p>We wait.</p>",
    )
    (folder / "feed.xml").write_bytes(make_rss([make_entry(1), other]))
    assert main(["poll", "--db", str(folder / "a.db"), "--feed", str(folder / "feed.xml")]) == 0
    return folder / "a.db"


@pytest.fixture
async def service(settings: Callable[..., Settings], database: Path) -> AsyncIterator[Service]:
    async with open_service(settings(NONMUN_DATABASE=database)) as opened:
        yield opened


# ── lines ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        ("/paper instag", Request(command=P, query="instag")),
        ("  /Paper   instag \n", Request(command=P, query="instag")),
        ("/paper name:instag", Request(command=P, query="instag")),
        ("/paper name: self rag", Request(command=P, query="self rag")),
        ("/paper Self-RAG: Learning", Request(command=P, query="Self-RAG: Learning")),
        ("/paper what is a name: x", Request(command=P, query="what is a name: x")),
        ("/paper", Request(command=P)),
        ("/section instag 3.2", Request(command=S, query="instag 3.2")),
        ("/section paper:instag heading:3.2", Request(command=S, query="instag", heading="3.2")),
        ("/section heading:3.2 paper:self rag", Request(command=S, query="self rag", heading="3.2")),
        ("/section instag heading: 3.2 Tags", Request(command=S, query="instag", heading="3.2 Tags")),
        ("/section paper:instag heading:", Request(command=S, query="instag")),
        ("/search query:검색 증강", Request(command=Q, query="검색 증강", limit=HITS_A_CARD)),
        ("/search paper: what", Request(command=Q, query="paper: what", limit=HITS_A_CARD)),
        ("/search 한계점", Request(command=Q, query="한계점", limit=HITS_A_CARD)),
        ("/related name:self rag", Request(command=R, query="self rag")),
        ("/latest", Request(command=L)),
        ("/latest 3", Request(command=L, limit=3)),
        ("/latest count:25", Request(command=L, limit=25)),
        ("/help", Request(command=Command.HELP)),
        ("/help me", Request(command=Command.HELP)),
        ("1", CHOICES[0].request),
        (" 2 ", CHOICES[1].request),
    ],
)
def test_line_is_a_request(line: str, request_: Request) -> None:
    """Commands are read as typed in Discord, with and without the names of their fields."""
    assert read_line(line, CHOICES) == request_


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("instag", "/paper instag"),
        ("/papr instag", "Did you mean /paper"),
        ("/xyz", "/section"),
        ("/", "/help"),
        ("0", "1 to 2"),
        ("3", "1 to 2"),
        ("9" * 30, "1 to 2"),
        ("/latest 0", f"1 to {LATEST_MAX}"),
        ("/latest 26", f"1 to {LATEST_MAX}"),
        ("/latest " + "9" * 5_000, f"1 to {LATEST_MAX}"),
        ("/latest many", f"1 to {LATEST_MAX}"),
    ],
)
def test_other_lines_get_a_hint(line: str, said: str) -> None:
    """What is no command is not guessed at: the hint says what to type."""
    meant = read_line(line, CHOICES)
    assert isinstance(meant, Hint)
    assert said in meant.text


def test_number_without_choices_is_explained() -> None:
    """A number means nothing before a card has offered something."""
    assert isinstance(read_line("1"), Hint)


@pytest.mark.parametrize("line", ["", "  \n"])
def test_blank_line_asks_nothing(line: str) -> None:
    """An empty line is no question."""
    assert read_line(line) is None


@pytest.mark.parametrize("line", ["/quit", "/exit", "/QUIT"])
def test_leaving(line: str) -> None:
    """/quit ends the conversation."""
    assert isinstance(read_line(line), Leave)


def test_every_command_is_known() -> None:
    """The chat knows every command of the bot, and describes each."""
    assert set(OPTIONS) == set(Command)
    assert {f"/{command.value}" for command in Command} | {"/quit"} == set(DESCRIPTIONS)


def test_fields_end_where_the_next_begins() -> None:
    """A value may hold spaces and colons."""
    found = read_options(S, "paper: Self-RAG: Learning  heading: 3. Method: how")
    assert found == {"paper": "Self-RAG: Learning", "heading": "3. Method: how"}


# ── completion ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("typed", "texts"),
    [
        ("/s", ["/section", "/search"]),
        ("", list(DESCRIPTIONS)),
        ("/paper lantern", ["Lantern-1"]),
        ("/paper name:lantern", ["Lantern-1"]),
        ("/related lantern", ["Lantern-1"]),
        ("/section lant", ["Lantern-1"]),
        ("/section Lantern-1 2.1", ["2.1. Question splitting"]),
        ("/section lantern-1 concl", ["3. Conclusion"]),
        ("/section slow lamps meth", ["2. Method"]),
        ("/section paper:lantern heading:2.1", ["2.1. Question splitting"]),
        ("/search lan", []),
    ],
)
async def test_completion(service: Service, typed: str, texts: list[str]) -> None:
    """Commands, then names of papers, then headings of that paper are offered."""
    assert [found.text for found in await suggest(service, typed)] == texts


async def test_completion_replaces_what_it_completes(service: Service) -> None:
    """A suggestion takes the place of the half-typed name or heading alone."""
    for typed, kept in (
        ("/paper name:lan", "/paper name:"),
        ("/section Lantern-1 concl", "/section Lantern-1 "),
    ):
        (found,) = await suggest(service, typed)
        assert typed[: len(typed) - found.replaces] == kept


async def test_headings_follow_a_complete_name(service: Service) -> None:
    """Right after a name all headings are offered; half a name is still a name."""
    assert await split_paper(service, "Slow Lamps: Why Light Takes Time 2") == (
        "Slow Lamps: Why Light Takes Time",
        "2",
    )
    assert await split_paper(service, "slow la") == ("", "slow la")
    headings = [found.text for found in await suggest(service, "/section lantern-1 ")]
    assert headings[:2] == ["Abstract", "1. Introduction"]


# ── conversations ───────────────────────────────────────────────────────────────────────────────


async def _pipe(service: Service, *lines: str) -> tuple[int, str]:
    file = io.StringIO()
    code = await read_pipe(service, open_console(file), [f"{line}\n".encode() for line in lines])
    return code, file.getvalue()


async def test_pipe_answers_every_line(service: Service) -> None:
    """Each line is answered in turn, and a number opens what the line before offered."""
    code, said = await _pipe(service, "/paper lantern-1", "", "4", "/search paragraph", "/latest 1")
    assert code == 0
    assert "Lantern-1: Reading Long Documents Twice" in said
    assert "질문 하나를 최대 세 개로 나누고" in said  # 4 is section 2.1
    assert said.index("질문 하나를") < said.index("Latest reviews")


async def test_not_found_is_an_answer(service: Service) -> None:
    """The exit code tells a miss from a line that could not be answered."""
    assert (await _pipe(service, "/paper submarines", "/search submarines"))[0] == 0
    code, said = await _pipe(service, "/paper", "/latest 1")
    assert code == 1
    assert "Latest reviews" in said
    assert (await _pipe(service, "hello"))[0] == 1


async def test_pipe_ends_at_quit(service: Service) -> None:
    """Nothing after /quit is read."""
    assert await _pipe(service, "/quit", "/latest") == (0, "")


async def test_prompt_converses(service: Service) -> None:
    """At the prompt: a command, a number for a choice, a mistake, and leaving."""
    said = await _talk(service, "/paper lantern-1\r4\rhello\r/help\r/quit\r")
    assert "2 reviews in the database." in said
    assert "질문 하나를 최대 세 개로 나누고" in said
    assert "/search hello" in said
    assert "Press Tab to complete" in said


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
async def test_prompt_is_left_politely(service: Service, key: str) -> None:
    """Ctrl-C and Ctrl-D leave without a traceback."""
    assert "reviews in the database" in await _talk(service, key)


async def test_prompt_completes(service: Service) -> None:
    """The prompt offers the suggestions, each in place of what was typed of it."""
    document = Document("/section Lantern-1 concl")
    offered = Completer(service).get_completions_async(document, CompleteEvent())
    assert [(found.text, found.start_position) async for found in offered] == [("3. Conclusion", -5)]


async def test_a_prompt_goes_on_where_nothing_can_be_completed(
    settings: Callable[..., Settings], database: Path, tmp_path: Path
) -> None:
    """A page that cannot be read any more is said in the answer to the line."""
    damaged = tmp_path / "damaged.db"
    shutil.copy(database, damaged)
    async with open_service(settings(NONMUN_DATABASE=damaged)) as service:
        pass
    overwrite(damaged, "sections", page="min")
    async with open_service(settings(NONMUN_DATABASE=damaged), for_reading=True) as service:
        typed = "/section Lantern-1 "
        with pytest.raises(StoreError):
            await suggest(service, typed)
        offered = Completer(service).get_completions_async(Document(typed), CompleteEvent())
        assert [one async for one in offered] == []
        code, said = await _pipe(service, "/section Lantern-1 3", "/help")
    assert code == 1
    assert "is damaged" in said
    assert "Nonmun – " in said


async def _talk(service: Service, keys: str) -> str:
    file = io.StringIO()
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        pipe.send_text(keys)
        assert await talk(service, open_console(file), is_sample=False) == 0
    return file.getvalue()


# ── the sample ──────────────────────────────────────────────────────────────────────────────────


async def test_sample_answers_at_once(settings: Callable[..., Settings], tmp_path: Path) -> None:
    """Without a database the bundled reviews answer the two commands that the README begins with."""
    async with open_shelf(settings()) as (service, is_sample):
        assert is_sample
        assert service.answering.review_count > 0
        code, said = await _pipe(service, "/paper instag", "/search hallucination")
        database = service.settings.database
        assert database.exists()
    assert code == 0
    assert "Instruction Tagging" in said
    assert "reviews on “hallucination”" in said
    assert not database.exists()
    assert _files(tmp_path) == []


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_the_sample_is_there_before_anything_is_asked(
    settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long its names take to be read: nobody is told that there are no reviews yet."""
    monkeypatch.setattr(name_cache, "PATIENCE_S", 0)
    async with open_shelf(settings()) as (shelf, is_sample):
        assert is_sample
        assert shelf.answering.review_count == 16


async def test_sample_gives_way_to_the_cache(service: Service) -> None:
    """Where the database holds reviews, these are what the chat is about."""
    async with open_shelf(service.settings) as (shelf, is_sample):
        assert not is_sample
        assert shelf.answering.review_count == 2


def test_sample_feed_is_there() -> None:
    """The sample ships with the code."""
    assert sample_feed().read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize("typed", ["9" * 5_000, f"/latest {'9' * 5_000}", f"/latest 0000000001{'9' * 5_000}"])
def test_a_number_of_thousands_of_digits_is_answered(typed: str) -> None:
    meant = read_line(typed)
    assert isinstance(meant, Hint) or (isinstance(meant, Request) and meant.limit <= 25)
