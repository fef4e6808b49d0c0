"""The connections to Discord's gateway: one for each shard, all in one process.

Discord parts a bot's servers among its shards: server → ``(id >> 22) % shards``. A small bot has one shard. Each
shard has a task of its own here, which connects, resumes and identifies by itself, so that one that fails never holds
up the others. (discord.py's ``AutoShardedClient`` handles them one after the other, pauses included, and ignores
``max_concurrency``; its state for several shards is used as it is.)

Discord lets `max_concurrency` shards identify within five seconds, and a bot begin a limited number of sessions a
day. At that limit it resets the token, so a shard that keeps failing waits longer each time, and what is left is
never used up.

Source: Discord's documentation, "Gateway", Sharding, Session Start Limit Object, Invalid Session.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import aiohttp
import discord
from discord.backoff import ExponentialBackoff
from discord.ext import commands
from discord.gateway import DiscordWebSocket, ReconnectWebSocket
from discord.state import AutoShardedConnectionState

log = logging.getLogger(__name__)

IDENTIFY_S = 5.0
"""How long one turn of identifying lasts."""
LONGEST_IDENTIFY_PAUSE_S = 600.0
"""How long a shard waits at most before it identifies again: at most 150 sessions a day, should it fail each time."""
LASTING_S = 60.0
"""A session that lived as long was no failure."""
CONNECT_S = 60.0
"""How long one attempt to connect may take."""
LONGEST_REFUSAL_S = 300.0
"""How long a shard waits at most before it connects again when it gets no session."""
ASK_AGAIN_S = 3_600.0
"""How long we wait at most before we ask Discord again how many sessions are left."""
SHARDING_REQUIRED = 4011
_RESET = (54, 104, 10054)
"""Connection reset by peer, on macOS, Linux and Windows."""
_LOST = (OSError, discord.HTTPException, discord.GatewayNotFound, aiohttp.ClientError, TimeoutError)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayAdvice:
    """What Discord says about a bot's sessions.

    Attributes:
        shards: How many shards it recommends.
        total, remaining: How many sessions may be begun a day, and until the limit is reset.
        reset_s: Seconds until then.
        max_concurrency: How many shards may identify within five seconds.
    """

    shards: int
    total: int
    remaining: int
    reset_s: float
    max_concurrency: int

    def is_low(self, shards: int) -> bool:
        """Whether the session starts are nearly used up: a tenth is left, or less than two starts of the bot."""
        return self.remaining < max(2 * shards, self.total // 10)


async def ask_gateway(client: discord.Client) -> GatewayAdvice:
    """Ask Discord about the sessions of this bot.

    Raises:
        discord.GatewayNotFound, aiohttp.ClientError, OSError: It cannot be reached.
    """
    shards, _, limit = await client.http.get_bot_gateway()
    return GatewayAdvice(
        shards=max(1, shards),
        total=limit["total"],
        remaining=limit["remaining"],
        reset_s=limit["reset_after"] / 1_000,
        max_concurrency=max(1, limit["max_concurrency"]),
    )


class SessionStarts:
    """How many sessions may still be begun: what Discord said last, less those begun since."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._advice: GatewayAdvice | None = None
        self._reset_at_s = 0.0
        self._begun = 0

    def learn(self, advice: GatewayAdvice) -> None:
        """Take in what Discord says."""
        self._advice = advice
        self._reset_at_s = self._clock() + advice.reset_s
        self._begun = 0

    def spend(self) -> None:
        """Count a session that is begun."""
        self._begun += 1

    @property
    def remaining(self) -> int | None:
        """How many are left; None if Discord has not said, or the limit was reset since."""
        if self._advice is None or self._clock() >= self._reset_at_s:
            return None
        return max(0, self._advice.remaining - self._begun)

    def wait_s(self, needed: int) -> float:
        """Seconds until so many may be begun; 0 if they may be now, as far as we know."""
        remaining = self.remaining
        return 0.0 if remaining is None or remaining >= needed else self._reset_at_s - self._clock()


@dataclass(eq=False, slots=True)
class _Bucket:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    identified_s: float | None = None


class IdentifyTurns:
    """Whose turn it is to identify: one shard of each bucket within five seconds.

    Args:
        max_concurrency: The number of buckets; a shard's is its id modulo that.
    """

    def __init__(self, max_concurrency: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._buckets = [_Bucket() for _ in range(max_concurrency)]
        self._clock = clock

    @asynccontextmanager
    async def turn(self, shard_id: int) -> AsyncIterator[None]:
        """Wait for the shard's turn, which lasts as long as the block: it connects and identifies there."""
        bucket = self._of(shard_id)
        async with bucket.lock:
            if bucket.identified_s is not None:
                await asyncio.sleep(max(0.0, bucket.identified_s + IDENTIFY_S - self._clock()))
            yield

    def note(self, shard_id: int) -> None:
        """Note that a shard identifies right now."""
        self._of(shard_id).identified_s = self._clock()

    def _of(self, shard_id: int) -> _Bucket:
        return self._buckets[shard_id % len(self._buckets)]


@dataclass(eq=False, slots=True)
class Shard:
    """One connection.

    Attributes:
        ws: The last one; None before the first.
        has_session: Whether Discord sends us events on it.
        was_ready: Whether its servers were all named in some session.
        is_settled: Whether they were in this one.
        identified: How often it identified since a session lasted.
        refused: How often it connected without getting a session since it had one.
    """

    id: int
    ws: DiscordWebSocket | None = None
    has_session: bool = False
    was_ready: bool = False
    is_settled: bool = False
    resumes: bool = False
    identified: int = 0
    refused: int = 0
    since_s: float = 0.0

    def begin_session(self, now_s: float) -> None:
        """Note that Discord accepted us."""
        self.has_session = True
        self.refused = 0
        self.since_s = now_s

    def end_session(self, now_s: float, *, resumes: bool) -> None:
        """Note that the connection ended."""
        if not self.has_session:
            self.refused += 1
        elif now_s - self.since_s >= LASTING_S:
            self.identified = 0
        self.has_session = False
        self.resumes = resumes and self.ws is not None and self.ws.session_id is not None

    def identify_pause_s(self) -> float:
        """How long to wait before it identifies again."""
        return min(IDENTIFY_S * 2.0 ** min(max(0, self.identified - 1), 10), LONGEST_IDENTIFY_PAUSE_S)


class _State(AutoShardedConnectionState["ShardedBot"]):
    """discord.py's state for several shards; of a shard that begins anew, it forgets the servers that are gone."""

    def parse_ready(self, data: Any) -> None:
        """Read which servers the shard has."""
        shard_id = data["shard"][0]
        listed = {int(guild["id"]) for guild in data["guilds"]}
        for guild in list(self.guilds):
            if guild.shard_id == shard_id and guild.id not in listed:
                self._remove_guild(guild)
        super().parse_ready(data)

    def _get_create_guild(self, data: Any) -> discord.Guild:
        _leave_out_unused(data)
        guild: discord.Guild = super()._get_create_guild(data)
        _share_overwrites(guild)
        return guild


def _leave_out_unused(server: dict[str, Any]) -> None:
    """Drop what the bot never looks at from what Discord says of a server, and keep frequent words once."""
    server["features"] = [sys.intern(feature) for feature in server.get("features", ())]
    for channel in server.get("channels", ()):
        if channel.get("topic"):
            channel["topic"] = None


def _share_overwrites(guild: discord.Guild) -> None:
    """Keep equal permission overwrites once: most channels have those of their category. discord.py replaces a
    channel's list when they change, and never changes a list.
    """
    known: dict[Any, Any] = {}
    for channel in guild.channels:
        key = tuple((one.id, one.type, one.allow, one.deny) for one in channel._overwrites)  # noqa: SLF001
        channel._overwrites = known.setdefault(key, channel._overwrites)  # noqa: SLF001


class ShardedBot(commands.Bot):
    """A bot with as many gateway connections as Discord recommends, or as the host wants.

    Args:
        wanted_shards: How many; 0 for as many as Discord recommends.
    """

    def __init__(self, *args: Any, wanted_shards: int = 0, **options: Any) -> None:
        super().__init__(*args, **options)
        self.wanted_shards = wanted_shards
        self.session_starts = SessionStarts()
        self._shards: dict[int, Shard] = {}
        self._runs: list[asyncio.Task[None]] = []
        self._turns = IdentifyTurns(1)

    def _get_state(self, **options: Any) -> _State:
        return _State(dispatch=self.dispatch, handlers=self._handlers, hooks=self._hooks, http=self.http, **options)

    def _get_websocket(self, guild_id: int | None = None, *, shard_id: int | None = None) -> DiscordWebSocket:
        ws = self._shards[self.shard_of(guild_id or 0) if shard_id is None else shard_id].ws
        assert ws is not None  # noqa: S101 - discord.py asks for that of a server which it knows from there
        return ws

    @property
    def gateway_shards(self) -> tuple[Shard, ...]:
        """Our connections; none before the first is opened."""
        return tuple(self._shards.values())

    @property
    def is_complete(self) -> bool:
        """Whether every shard has named all its servers, so that what is not known is not there."""
        return bool(self._shards) and all(shard.is_settled for shard in self._shards.values())

    @property
    def is_begun(self) -> bool:
        """Whether at least one shard has named all its servers."""
        return any(shard.is_settled for shard in self._shards.values())

    def is_settled(self, guild_id: int) -> bool:
        """Whether the shard of a server has named all its servers."""
        shard = self._shards.get(self.shard_of(guild_id))
        return shard is not None and shard.is_settled

    def shard_of(self, guild_id: int) -> int:
        """The shard that a server is on."""
        return (guild_id >> 22) % (self.shard_count or 1)

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Note what becomes of the shards."""
        if event in _NOTED and (shard := self._shards.get(args[0])) is not None:
            if event in ("shard_connect", "shard_resumed"):
                shard.begin_session(time.monotonic())
            if event != "shard_resumed":
                shard.is_settled = event == "shard_ready"
                shard.was_ready |= shard.is_settled
        super().dispatch(event, *args, **kwargs)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:  # noqa: ARG002
        """Count an IDENTIFY that is about to be sent. Its turn was waited for before the connection was made."""
        shard = self._shards[shard_id or 0]
        shard.identified += 1
        self._turns.note(shard.id)
        self.session_starts.spend()

    async def connect(self, *, reconnect: bool = True) -> None:  # noqa: ARG002 - we always do
        """Keep all shards connected until the bot is closed.

        Raises:
            discord.ConnectionClosed: Discord refuses us for good, such as for an unknown token.
        """
        count = 0
        while not self.is_closed():
            advice = await self._plan()
            if self.shard_count == count:
                raise discord.ClientException("Discord asks for more shards than it recommends")
            count = self.shard_count or 1
            try:
                await self._run_shards(advice)
            except discord.ConnectionClosed as exc:
                # With the number of servers, the number of shards that Discord requires grows.
                if exc.code != SHARDING_REQUIRED or self.wanted_shards:
                    raise
                log.warning("Discord requires more shards than shards=%d", count)
                await self._close_shards()
                self._connection.clear(views=False)

    async def _plan(self) -> GatewayAdvice:
        """Decide how many shards there are, and wait until as many sessions may be begun."""
        backoff = ExponentialBackoff()
        while True:
            try:
                advice = await ask_gateway(self)
            except _LOST as exc:
                wait_s = min(backoff.delay(), LONGEST_REFUSAL_S)
                log.warning(
                    "Discord does not say where to connect reason=%s retry_s=%.1f", type(exc).__name__, wait_s
                )
                await asyncio.sleep(wait_s)
                continue
            count = self.wanted_shards or advice.shards
            self._take_in(advice, count)
            wait_s = self.session_starts.wait_s(count)
            if not wait_s:
                break
            log.error(
                "Discord allows too few session starts: remaining=%d needed=%d; waiting, because it resets the token "
                "at the limit reset_s=%.0f",
                advice.remaining,
                count,
                wait_s,
            )
            await asyncio.sleep(min(wait_s, ASK_AGAIN_S))
        self.shard_count = self._connection.shard_count = count
        cast("_State", self._connection).shard_ids = range(count)
        return advice

    def _take_in(self, advice: GatewayAdvice, count: int) -> None:
        self.session_starts.learn(advice)
        if advice.is_low(count):
            log.warning(
                "session starts are nearly used up remaining=%d of=%d reset_s=%.0f; at the limit, Discord resets the "
                "token. Find out what restarts the bot, or cuts its connections, so often",
                advice.remaining,
                advice.total,
                advice.reset_s,
            )

    async def _run_shards(self, advice: GatewayAdvice) -> None:
        """Run all shards until one is refused for good."""
        self._turns = IdentifyTurns(advice.max_concurrency)
        self._shards = {shard_id: Shard(shard_id) for shard_id in range(self.shard_count or 1)}
        log.info("connecting shards=%d session_starts=%d", len(self._shards), advice.remaining)
        self._runs = tasks = [
            asyncio.create_task(self._run_shard(shard), name=f"shard {shard.id}") for shard in self._shards.values()
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException) and not isinstance(end, asyncio.CancelledError):
                raise end

    async def _run_shard(self, shard: Shard) -> None:
        """Keep a shard connected until the bot is closed, or Discord refuses it for good."""
        backoff = ExponentialBackoff()
        while not self.is_closed():
            resumes, pauses, reason = True, False, "closed"
            try:
                ws = await self._open(shard)
                while True:
                    await ws.poll_event()
            except ReconnectWebSocket as exc:
                resumes = exc.resume
            except discord.ConnectionClosed as exc:
                if exc.code != 1000:  # Discord sends 1000 at times for no known reason
                    raise
                pauses = True
            except _LOST as exc:
                pauses, reason = not (isinstance(exc, OSError) and exc.errno in _RESET), type(exc).__name__
            shard.end_session(time.monotonic(), resumes=resumes)
            self.dispatch("disconnect")
            self.dispatch("shard_disconnect", shard.id)
            if pauses or shard.refused > 1:
                pause_s = min(backoff.delay(), LONGEST_REFUSAL_S)
                log.warning("shard lost shard=%d reason=%s retry_s=%.1f", shard.id, reason, pause_s)
                await asyncio.sleep(pause_s)

    async def _open(self, shard: Shard) -> DiscordWebSocket:
        """Connect a shard, and resume its session or begin one."""
        if shard.resumes and shard.ws is not None:
            old = shard.ws
            opening = DiscordWebSocket.from_client(
                self,
                shard_id=shard.id,
                gateway=old.gateway,
                session=old.session_id,
                sequence=old.sequence,
                resume=True,
            )
            shard.ws = await asyncio.wait_for(opening, timeout=CONNECT_S)
            return shard.ws
        if shard.ws is not None:
            await asyncio.sleep(shard.identify_pause_s())
            await self._await_session_start(shard)
        async with self._turns.turn(shard.id):
            opening = DiscordWebSocket.from_client(self, shard_id=shard.id, initial=shard.ws is None)
            shard.ws = await asyncio.wait_for(opening, timeout=CONNECT_S)
        return shard.ws

    async def _await_session_start(self, shard: Shard) -> None:
        """Wait until a session may be begun again: enough stay unused for a restart of the whole bot."""
        needed = len(self._shards) + 1
        while True:
            try:
                self._take_in(await ask_gateway(self), len(self._shards))
            except _LOST as exc:
                log.info("session starts are not known reason=%s", type(exc).__name__)
            wait_s = self.session_starts.wait_s(needed)
            if not wait_s:
                return
            log.error("shard waits for a session start shard=%d reset_s=%.0f", shard.id, wait_s)
            await asyncio.sleep(min(wait_s, ASK_AGAIN_S))

    async def close(self) -> None:
        """Close all connections."""
        for run in self._runs:
            run.cancel()
        await self._close_shards()
        await super().close()

    async def _close_shards(self) -> None:
        open_ones = [shard.ws for shard in self._shards.values() if shard.ws is not None and shard.ws.open]
        await asyncio.gather(*(ws.close(code=1000) for ws in open_ones), return_exceptions=True)


_NOTED = ("shard_connect", "shard_resumed", "shard_ready")
