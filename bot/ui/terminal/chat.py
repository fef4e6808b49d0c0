"""``nonmun chat``: the slash commands as typed in Discord, at a prompt or from a pipe.

In: lines. Out: cards on a console. `read_line` says what a line means, `suggest` what may follow it. `Chat` holds the
conversation; `talk` holds it with a person and `read_pipe` with a script.
"""

from __future__ import annotations

import difflib
import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from prompt_toolkit import PromptSession
from prompt_toolkit import completion as pt
from prompt_toolkit.document import Document
from prompt_toolkit.history import InMemoryHistory
from rich.console import Console
from rich.text import Text

from bot.bundled import sample_feed
from bot.cards.answers import make_card
from bot.cards.card import Card, Choice
from bot.cards.words import name_of
from bot.config import Settings
from bot.errors import NonmunError
from bot.languages import N_, _, ngettext, say
from bot.models.requests import HITS_A_CARD, Command, Request
from bot.models.reviews import ReviewLabel
from bot.service import Service, open_service
from bot.text.terms import bare_letters
from bot.ui.terminal.drawing import plain, pressable, print_card

log = logging.getLogger(__name__)

LATEST_MAX = 25
_MAX_DIGITS = 9  # in a number that somebody types; int() refuses 4,301
OPTIONS: dict[Command, tuple[str, ...]] = {
    Command.PAPER: ("name",),
    Command.SECTION: ("paper", "heading"),
    Command.SEARCH: ("query",),
    Command.ASK: ("question", "paper"),
    Command.RELATED: ("name",),
    Command.LATEST: ("count",),
    Command.HELP: (),
}
"""The fields of each command, named as Discord shows them: ``/section paper:instag heading:3.2``."""

DESCRIPTIONS: dict[str, str] = {
    "/paper": N_("find a review by its name, title, author, venue or link"),
    "/section": N_("show one section of a review: a paper, then a number or heading"),
    "/search": N_("search the text of the reviews, in Korean or English"),
    "/ask": N_("ask a question: passages of the reviews that answer it, of one paper if you name it"),
    "/related": N_("list related reviews: cited, citing or on the same subject"),
    "/latest": N_("list the newest reviews"),
    "/help": N_("show what you can ask"),
    "/quit": N_("leave"),
}
_LEAVE = ("/quit", "/exit", "/q")


@asynccontextmanager
async def open_shelf(settings: Settings) -> AsyncIterator[tuple[Service, bool]]:
    """Open the cache if it has reviews, otherwise the bundled sample in a temporary database.

    Returns:
        The service, and whether it is the sample.
    """
    if settings.database.exists():
        async with open_service(settings, for_reading=True) as service:
            if service.answering.review_count:
                await service.poller.reread_outdated()
                await service.name_cache.refresh()
                yield service, False
                return
    with TemporaryDirectory(prefix="nonmun-") as folder:
        sample = settings.model_copy(
            update={
                "database": Path(folder) / "sample.db",
                "feeds": (str(sample_feed()),),
                "channel_id": None,
                "resolve_ids": False,  # its papers are invented
            }
        )
        async with open_service(sample) as service:
            await service.poller.poll_all()
            await service.name_cache.refresh()
            yield service, True


# ── what a line means ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Hint:
    """The line cannot be answered; ``text`` says which lines can."""

    text: str


class Leave:
    """The line ends the conversation."""


def read_line(line: str, choices: Sequence[Choice] = ()) -> Request | Hint | Leave | None:
    """What a line asks for; None if it is blank.

    Args:
        choices: The choices of the card shown last; a bare number means one of them.
    """
    line = line.strip()
    if not line:
        return None
    if line.isdecimal():
        return _pick(int(line[:_MAX_DIGITS]), choices)
    if not line.startswith("/"):
        said = _("Commands start with a slash: “/paper {text}” finds a paper, “/search {text}” searches the reviews.")
        return Hint(said.format(text=line))
    word, rest = line.partition(" ")[::2]
    name = word.casefold()
    if name in _LEAVE:
        return Leave()
    if name.removeprefix("/") not in OPTIONS:
        return _unknown(word)
    return _request(Command(name.removeprefix("/")), rest.strip())


def _pick(number: int, choices: Sequence[Choice]) -> Request | Hint:
    if 1 <= number <= len(choices):
        return choices[number - 1].request
    if not choices:
        return Hint(_("There is nothing to choose by number here."))
    return Hint(_("Choose a number from 1 to {most}.").format(most=len(choices)))


def _unknown(word: str) -> Hint:
    near = difflib.get_close_matches(word.casefold(), DESCRIPTIONS, n=1)
    said = (
        _("Unknown command: {word}. Did you mean {near}? The commands are {commands}.")
        if near
        else _("Unknown command: {word}. The commands are {commands}.")
    )
    return Hint(said.format(word=word, near=near[0] if near else "", commands=", ".join(DESCRIPTIONS)))


def _request(command: Command, text: str) -> Request | Hint:
    fields = read_options(command, text)
    if command is Command.LATEST:
        count = fields.get("count", "")
        if not count:
            return Request(command=command)
        if not count.isdecimal() or not 1 <= int(count[:_MAX_DIGITS]) <= LATEST_MAX:
            return Hint(_("/latest takes a number from 1 to {most}.").format(most=LATEST_MAX))
        return Request(command=command, limit=int(count[:_MAX_DIGITS]))
    first = OPTIONS[command][0] if OPTIONS[command] else ""
    limit = HITS_A_CARD if command is Command.SEARCH else 10
    paper = fields.get("paper") or None if command is Command.ASK else None
    return Request(
        command=command,
        query=fields.get(first, ""),
        heading=fields.get("heading") or None,
        paper=paper,
        limit=limit,
    )


def read_options(command: Command, text: str) -> dict[str, str]:
    """Split the text after a command into its fields.

    Without a field name at the start, the first field begins there. After that, only the names of later fields count,
    so that a colon in a title or a search stays part of it.
    """
    names = OPTIONS[command]
    if not names:
        return {}
    marks = list(re.finditer(rf"(?:^|(?<=\s))({'|'.join(names)}):", text))
    if not marks or marks[0].start() > 0:
        marks = [mark for mark in marks if mark[1] != names[0]]
    ends = [*(mark.start() for mark in marks), len(text)]
    fields = {names[0]: text[: ends[0]].strip()}
    for mark, end in zip(marks, ends[1:], strict=True):
        fields[mark[1]] = text[mark.end() : end].strip()
    return fields


# ── completion ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text that may replace the last ``replaces`` characters."""

    text: str
    replaces: int
    meta: str = ""


async def suggest(service: Service, typed: str) -> list[Suggestion]:
    """What may follow the typed text: commands, then paper names, then headings."""
    word, space, rest = typed.partition(" ")
    if not space:
        return [
            Suggestion(name, len(word), _(text))
            for name, text in DESCRIPTIONS.items()
            if name.startswith(word.casefold())
        ]
    rest = rest.lstrip()
    if word.casefold() in ("/paper", "/related"):
        return await _papers(service, rest.removeprefix("name:").lstrip())
    if word.casefold() == "/section":
        return await _sections(service, rest.removeprefix("paper:").lstrip())
    return []


async def _papers(service: Service, typed: str) -> list[Suggestion]:
    heads = service.answering.suggest(typed, await service.audiences.terminal())
    return [Suggestion(_called(head), len(typed), _about(head)) for head in heads]


async def _sections(service: Service, typed: str) -> list[Suggestion]:
    paper, mark, heading = typed.partition(" heading:")
    if not mark:
        paper, heading = await split_paper(service, typed)
    if not paper:
        return await _papers(service, typed)
    heading = heading.lstrip()
    headings = await service.answering.suggest_sections(paper, heading, await service.audiences.terminal())
    return [Suggestion(text, len(heading)) for text in headings]


async def split_paper(service: Service, typed: str) -> tuple[str, str]:
    """The whole name of a review at the beginning, and the rest; the name is "" if there is none."""
    audience = await service.audiences.terminal()
    words = typed.split(" ")
    for end in range(len(words) - 1, 0, -1):
        paper = " ".join(words[:end])
        called = bare_letters(paper)
        if called and any(
            called in (bare_letters(head.short_name or ""), bare_letters(head.clean_title))
            for head in service.answering.suggest(paper, audience)
        ):
            return paper, " ".join(words[end:])
    return "", typed


def _called(head: ReviewLabel) -> str:
    return plain(name_of(head))


def _about(head: ReviewLabel) -> str:
    return plain(" · ".join(part for part in (head.short_name and head.clean_title, head.venue_and_year) if part))


class Completer(pt.Completer):
    """`suggest` in the form that prompt_toolkit needs."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def get_completions(
        self,
        document: Document,  # noqa: ARG002 - as the base class has it
        event: pt.CompleteEvent,  # noqa: ARG002 - the same
    ) -> Iterable[pt.Completion]:
        """Nothing; completions are asynchronous."""
        return ()  # prompt_async calls the asynchronous method

    async def get_completions_async(
        self,
        document: Document,
        event: pt.CompleteEvent,  # noqa: ARG002 - as the base class has it
    ) -> AsyncGenerator[pt.Completion, None]:
        """The suggestions for the text before the cursor."""
        try:
            offered = await suggest(self._service, document.text_before_cursor)
        except NonmunError:  # the answer to the whole line will explain it
            return
        for suggestion in offered:
            yield pt.Completion(suggestion.text, start_position=-suggestion.replaces, display_meta=suggestion.meta)


# ── the conversation ────────────────────────────────────────────────────────────────────────────


class Chat:
    """One conversation: answers lines, and remembers which choices the last card offered."""

    def __init__(self, service: Service, console: Console, *, is_interactive: bool) -> None:
        self._service = service
        self._console = console
        self._is_interactive = is_interactive
        self._choices: tuple[Choice, ...] = ()

    async def reply(self, meant: Request | Hint) -> bool:
        """Answer one line; False if it could not be answered."""
        if isinstance(meant, Hint):
            return self._refuse(meant.text)
        try:
            answer = await self._service.ask(meant, await self._service.audiences.terminal())
        except NonmunError as exc:
            return self._refuse(say(exc.sentence))
        except Exception:
            # Only this command ends; the conversation continues.
            log.exception("chat command failed command=%s", meant.command)
            return self._refuse(_("This is a bug in Nonmun; the details are above."))
        self._show(make_card(answer))
        if meant.command is Command.HELP and self._is_interactive:
            said = _("Press Tab to complete, type a number to open a choice, or /quit to leave.")
            self._console.print(Text(f"\n{said}", style="dim"))
        return True

    def read(self, line: str) -> Request | Hint | Leave | None:
        """What a line asks for, given the choices of the last card."""
        return read_line(line, self._choices)

    def _show(self, card: Card) -> None:
        self._choices = pressable(card)
        print_card(self._console, card, is_numbered=True)
        self._console.print()

    def _refuse(self, sentence: str) -> bool:
        self._console.print(Text(plain(sentence), style="yellow"))
        return False


async def talk(service: Service, console: Console, *, is_sample: bool) -> int:
    """Ask for lines until the person leaves."""
    chat = Chat(service, console, is_interactive=True)
    session: PromptSession[str] = PromptSession(
        completer=Completer(service), history=InMemoryHistory(), complete_while_typing=True
    )
    console.print(Text(greeting(service, is_sample=is_sample)))
    tip = _("Try “/paper instag” or “/search hallucination”. Type /help for help, /quit to leave.")
    console.print(Text(tip, style="dim"))
    while True:
        try:
            meant = chat.read(await session.prompt_async("nonmun> "))
        except (EOFError, KeyboardInterrupt):  # Ctrl-D, Ctrl-C
            return 0
        if isinstance(meant, Leave):
            return 0
        if meant is not None:
            await chat.reply(meant)


async def read_pipe(service: Service, console: Console, lines: Iterable[bytes]) -> int:
    """Answer every line; returns 1 if a line could not be answered. Finding nothing counts as an answer."""
    chat = Chat(service, console, is_interactive=False)
    code = 0
    for line in lines:
        meant = chat.read(line.decode("utf-8-sig", errors="replace"))
        if isinstance(meant, Leave):
            break
        if meant is not None and not await chat.reply(meant):
            code = 1
    return code


def greeting(service: Service, *, is_sample: bool) -> str:
    """How many reviews there are, and where they come from."""
    count = service.answering.review_count
    said = (
        ngettext(
            "{count:,} review from the bundled sample, offline. Run “nonmun poll” to read real feeds.",
            "{count:,} reviews from the bundled sample, offline. Run “nonmun poll” to read real feeds.",
            count,
        )
        if is_sample
        else ngettext("{count:,} review in the database.", "{count:,} reviews in the database.", count)
    )
    return said.format(count=count)
