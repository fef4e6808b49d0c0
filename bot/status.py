"""`nonmun status`: how the bot is, in words. Values in, values out; `bot.store.status` reads them."""

from __future__ import annotations

from datetime import datetime

from bot import __version__
from bot.languages import N_, _, ngettext, say
from bot.models.checks import Check
from bot.models.health import Embedded, LoopHealth, Queue, ShardHealth, Status
from bot.search.embedding import PACKAGE

_RESTART = N_("Look into the bot's log, and restart the bot if it does not recover.")
_OLD_BACKUP = N_("Set NONMUN_BACKUP_DIR for a daily one, or run “nonmun backup”.")


def check_status(status: Status, *, now: datetime) -> list[Check]:
    """Say how the bot is, each loop, and what waits."""
    return [
        _bot(status, now),
        *(check for loop in status.loops if status.is_running for check in (_loop(loop), *_shards(loop))),
        _feeds(status),
        *(_queue(queue, now) for queue in status.backlog.queues),
        _subscriptions(status),
        *([_embedded(status.embedded)] if status.embedded else []),
        _files(status),
        _backup(status),
    ]


def _bot(status: Status, now: datetime) -> Check:
    if not status.is_running:
        said = _("no bot is running on this database")
        return Check.failed("bot", said, _("“nonmun run” starts one."))
    process = _("process {pid}").format(pid=status.pid) if status.pid is not None else _("another process")
    version = status.version or __version__
    if status.began_at is None:
        said = _("running ({process}), and still starting").format(process=process)
        return Check.warning("bot", said, _("Ask again in a minute."))
    said = _("version {version} has been running for {span} ({process})").format(
        version=version, span=_span((now - status.began_at).total_seconds()), process=process
    )
    return Check.ok("bot", said)


def _loop(loop: LoopHealth) -> Check:
    if loop.age_s is None:
        return Check.failed(loop.loop, _("has not begun since the start"), _(_RESTART))
    said = _("last beat {span} ago").format(span=_span(max(loop.age_s, 0.0)))
    if (lag_s := loop.details.get("lag_s")) is not None:
        said += "; " + _("Discord answers after {seconds:.2f} s").format(seconds=lag_s)
    return Check.ok(loop.loop, said) if loop.is_alive else Check.failed(loop.loop, said, _(_RESTART))


def _shards(loop: LoopHealth) -> list[Check]:
    """What is said of a gateway with several connections, or with few session starts left."""
    checks = [_shard(shard, len(loop.shards)) for shard in loop.dead_shards if loop.is_alive and len(loop.shards) > 1]
    if len(loop.shards) > 1 and not checks and loop.is_alive:
        servers = [shard.servers for shard in loop.shards]
        said = _("{count:,} shards, with {least:,} to {most:,} servers each")
        checks.append(Check.ok("shards", said.format(count=len(servers), least=min(servers), most=max(servers))))
    return checks


def _shard(shard: ShardHealth, count: int) -> Check:
    servers = ngettext("{count:,} server", "{count:,} servers", shard.servers).format(count=shard.servers)
    said = (
        _("shard {shard} of {count} (the first is 0) has not connected since the start; it has {servers}")
        if shard.age_s is None
        else _("shard {shard} of {count} (the first is 0) has not been connected for {span}; it has {servers}")
    )
    span = _span(max(shard.age_s or 0.0, 0.0))
    advice = _("The bot keeps trying to connect it, and the other shards go on. The log says why it fails.")
    return Check.warning("shards", said.format(shard=shard.shard, count=count, span=span, servers=servers), advice)


def _feeds(status: Status) -> Check:
    backlog = status.backlog
    said = ngettext("{count:,} feed", "{count:,} feeds", backlog.feeds).format(count=backlog.feeds)
    polled = next((loop.details for loop in status.loops if "late" in loop.details), {}) if status.is_running else {}
    if polled:
        said += "; " + _("polls: {due:,} due, {late:,} late").format(due=int(polled["due"]), late=int(polled["late"]))
    if not backlog.failing:
        return Check.ok("feeds", said)
    said += "; " + _("failing: {count:,}").format(count=backlog.failing)
    lines = [
        _("{feed} ({times:,} times): {why}").format(feed=feed.url, times=feed.failures, why=say(feed.reason))
        for feed in status.failing
    ]
    return Check.warning("feeds", "\n".join([said, *lines]), _("They are tried again by themselves."))


def _queue(queue: Queue, now: datetime) -> Check:
    said = _("{waiting:,} waiting, {held:,} held, {in_doubt:,} in doubt").format(
        waiting=queue.waiting, held=queue.held, in_doubt=queue.in_doubt
    )
    if queue.oldest_at is not None:
        said += "; " + _("the oldest for {span}").format(span=_span((now - queue.oldest_at).total_seconds()))
    if queue.in_doubt:
        advice = _("Nothing to do: the bot looks in the channel before it sends anything again.")
        return Check.warning(queue.name, said, advice)
    return Check.ok(queue.name, said)


def _subscriptions(status: Status) -> Check:
    backlog = status.backlog
    said = _("{count:,}, of which {suspended:,} are suspended").format(
        count=backlog.subscriptions, suspended=backlog.suspended
    )
    if not backlog.suspended:
        return Check.ok("subscriptions", said)
    advice = _("Discord refuses these posts, mostly for a missing permission. Their owners were told in Discord.")
    return Check.warning("subscriptions", said, advice)


def _embedded(embedded: Embedded) -> Check:
    said = ngettext("{count:,} of {all:,} review", "{count:,} of {all:,} reviews", embedded.reviews).format(
        count=embedded.count, all=embedded.reviews
    )
    if not embedded.has_model:
        advice = _("Their vectors are not used: the package {package} is not installed here.")
        return Check.warning("embedding", said, advice.format(package=PACKAGE))
    if embedded.count < embedded.reviews:
        return Check.ok("embedding", said, _("The bot embeds the others while it runs, and so does “nonmun embed”."))
    return Check.ok("embedding", said)


def _files(status: Status) -> Check:
    sizes = (f"{name} {size / 2**20:.1f} MB" for name, size in status.file_bytes.items())
    return Check.ok("files", ", ".join(sizes))


def _backup(status: Status) -> Check:
    if status.backup_at is None:
        return Check.ok("backup", _("none is known"), _(_OLD_BACKUP))
    return Check.ok("backup", _("from {time}").format(time=f"{status.backup_at:%Y-%m-%d %H:%M} UTC"))


def _span(seconds: float) -> str:
    """A span of time in its largest fitting unit."""
    for unit_s, said in (
        (86_400, N_("{count:,} d")),
        (3_600, N_("{count:,} h")),
        (60, N_("{count:,} min")),
    ):
        if seconds >= 2 * unit_s:
            return _(said).format(count=int(seconds // unit_s))
    return _("{count:,} s").format(count=int(seconds))
