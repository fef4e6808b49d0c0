"""Discord's gateway over a real websocket: hello, identify, heartbeats, events, resuming.

Clients may be killed at any moment and come back; a session outlives its connection until the client
identifies anew, and what happened in between is replayed. A client may open several shards: each is told of its own
servers, and shard 0 of direct messages. Source: Gateway, Sharding; Gateway Events; Opcodes and Status Codes.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import secrets
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from .discord_world import APPLICATION_ID, World, bot_user

__all__ = ["Gateway", "Session"]

Json = dict[str, Any]
Encoder = Callable[[str], str | bytes]

_DISPATCH, _HEARTBEAT, _IDENTIFY, _RESUME, _RECONNECT, _INVALID, _HELLO, _ACK = 0, 1, 2, 6, 7, 9, 10, 11
_AUTHENTICATION_FAILED, _DISALLOWED_INTENTS, _GOING_AWAY = 4004, 4014, 1001
_INVALID_SHARD, _SHARDING_REQUIRED = 4010, 4011
_PRIVILEGED_INTENTS = 1 << 1 | 1 << 8 | 1 << 15  # members, presences, message content
_OF_GUILDS = ("GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE")
_CLOSE_TIMEOUT_S = 0.1  # how long a client may take to answer our close frame


@dataclass(eq=False, slots=True)
class _Connection:
    """One websocket. A single task sends, so that events keep their order and the compressor its state."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    encode: Encoder
    outbox: asyncio.Queue[Json | int] = field(default_factory=asyncio.Queue)

    def put(self, op: int, data: object = None, **more: object) -> None:
        self.outbox.put_nowait({"op": op, "d": data, "s": None, "t": None, **more})

    def close_with(self, code: int) -> None:
        self.outbox.put_nowait(code)

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    async def send_all(self) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                item = await self.outbox.get()
                if isinstance(item, int):
                    await self.socket.close(code=item)
                    return
                frame = self.encode(json.dumps(item))
                await (self.socket.send_bytes(frame) if isinstance(frame, bytes) else self.socket.send_str(frame))


@dataclass(eq=False, slots=True)
class Session:
    """What a client was told so far, kept for a resume."""

    id: str
    events: list[Json] = field(default_factory=list)
    connection: _Connection | None = None
    shard: tuple[int, int] = (0, 1)

    def is_told_of(self, guild_id: int | None) -> bool:
        """Whether events of a server, or of no server, come here. Source: Gateway, Sharding Formula."""
        return ((guild_id or 0) >> 22) % self.shard[1] == self.shard[0]

    def dispatch(self, event: str, data: object) -> None:
        packet = {"op": _DISPATCH, "d": data, "s": len(self.events) + 1, "t": event}
        self.events.append(packet)
        if self.connection is not None:
            self.connection.outbox.put_nowait(packet)


class Gateway:
    """The websocket half of the loopback Discord.

    Attributes:
        identifies: The ``d`` of every IDENTIFY (token, intents, …), also refused ones.
        resumes: The ``d`` of every RESUME.
        heartbeats: How many came.
        acknowledges: Whether they are answered.
        allow_privileged_intents: Off as for a bot whose owner did not switch them on: close code 4014.
        recommended_shards, max_concurrency: What `/gateway/bot` says.
        required_shards: Fewer are closed with 4011.
        identify_window_s: A second IDENTIFY of a bucket within so many seconds, five with Discord, gets op 9. None
            for no such rule, as for a bot that tests start again and again.
        session_starts: How many sessions may be begun, and may still be. At none, the token is reset.
        is_token_reset: Whether that has happened.
        broken_shards: Shard → the close code that its IDENTIFY and RESUME get; None for no answer at all.
        crowded: How many IDENTIFYs came too early.
    """

    def __init__(self, world: World, *, token: str, on_change: Callable[[], None]) -> None:
        self.identifies: list[Json] = []
        self.resumes: list[Json] = []
        self.heartbeats = 0
        self.heartbeat_interval_ms = 41_250
        self.acknowledges = True
        self.allow_privileged_intents = False
        self.recommended_shards = self.max_concurrency = self.required_shards = 1
        self.identify_window_s: float | None = None
        self.session_starts = {"total": 1_000_000, "remaining": 1_000_000, "reset_after": 86_400_000}
        self.is_token_reset = False
        self.broken_shards: dict[int, int | None] = {}
        self.crowded = 0
        self._identified_s: dict[int, float] = {}
        self.url = ""
        self._world = world
        self._token = token
        self._on_change = on_change
        self._sessions: dict[str, Session] = {}
        self._connections: set[_Connection] = set()

    @property
    def is_connected(self) -> bool:
        return any(session.connection is not None for session in self._sessions.values())

    def serves(self, guild_id: int | None) -> bool:
        """Whether a session on the line is told of a server, or for None of direct messages."""
        return any(s.connection is not None and s.is_told_of(guild_id) for s in self._sessions.values())

    @property
    def connected_shards(self) -> set[int]:
        """The shards that have a session on the line."""
        return {session.shard[0] for session in self._sessions.values() if session.connection is not None}

    def dispatch(self, event: str, data: Json) -> None:
        """Send an event to every session of its shard; one without a connection gets it on resuming."""
        guild_id = data.get("id" if event in _OF_GUILDS else "guild_id")
        for session in self._sessions.values():
            if session.is_told_of(int(guild_id) if guild_id else None):
                session.dispatch(event, data)

    # ── faults ──────────────────────────────────────────────────────────────────────────────────────

    def drop_connections(self, *, resumable: bool, shard: int | None = None) -> None:
        """Cut every connection at the socket, without a close frame.

        Args:
            shard: Only this one's.
        """
        dropped = [s for s in self._sessions.values() if shard is None or s.shard[0] == shard]
        for connection in self._connections if shard is None else [s.connection for s in dropped if s.connection]:
            connection.abort()
        for session in dropped:
            session.connection = None
            if not resumable:
                del self._sessions[session.id]

    def abort_waiting(self) -> None:
        """Cut the connections that have no session, such as those of a shard that gets no answer."""
        for connection in self._connections - {session.connection for session in self._sessions.values()}:
            connection.abort()

    def close_shard(self, shard: int, code: int) -> None:
        """Close a shard's connection with a code; its session can be resumed."""
        for session in self._sessions.values():
            if session.shard[0] == shard and session.connection is not None:
                session.connection.close_with(code)

    def ask_to_reconnect(self) -> None:
        """Send op 7: the client should close, connect again and resume."""
        for session in self._sessions.values():
            if session.connection is not None:
                session.connection.put(_RECONNECT)

    def invalidate_sessions(self) -> None:
        """Send op 9 with ``d`` false: the client must identify anew."""
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            if session.connection is not None:
                session.connection.put(_INVALID, data=False)

    async def close(self) -> None:
        """Say goodbye to all clients; those that do not answer at once are cut off."""
        connections = list(self._connections)
        await asyncio.gather(*(c.socket.close(code=_GOING_AWAY) for c in connections), return_exceptions=True)
        for connection in connections:
            connection.abort()

    # ── one connection ──────────────────────────────────────────────────────────────────────────────

    async def handle(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(timeout=_CLOSE_TIMEOUT_S, compress=False)
        await socket.prepare(request)
        connection = _Connection(socket, request.transport, _encoder(request.query.get("compress")))
        self._connections.add(connection)
        sender = asyncio.create_task(connection.send_all())
        try:
            connection.put(_HELLO, {"heartbeat_interval": self.heartbeat_interval_ms})
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._receive(connection, json.loads(message.data))
        finally:
            self._connections.discard(connection)
            self._detach(connection)
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
            self._on_change()
        return socket

    def _receive(self, connection: _Connection, packet: Json) -> None:
        op, data = packet["op"], packet.get("d") or {}
        if op == _HEARTBEAT:
            self.heartbeats += 1
            if self.acknowledges:
                connection.put(_ACK)
        elif op == _IDENTIFY:
            self._identify(connection, data)
        elif op == _RESUME:
            self._resume(connection, data)
        self._on_change()

    def _identify(self, connection: _Connection, data: Json) -> None:
        self.identifies.append(data)
        shard, count = data.get("shard") or (0, 1)
        if data.get("token") != self._token or not self._begin_session():
            connection.close_with(_AUTHENTICATION_FAILED)
            return
        if shard in self.broken_shards:
            self._break(connection, shard)
            return
        if shard >= count or count < self.required_shards:
            connection.close_with(_INVALID_SHARD if shard >= count else _SHARDING_REQUIRED)
            return
        if self._is_crowded(shard % self.max_concurrency):
            connection.put(_INVALID, data=False)
            return
        if data.get("intents", 0) & _PRIVILEGED_INTENTS and not self.allow_privileged_intents:
            connection.close_with(_DISALLOWED_INTENTS)
            return
        # A client that starts afresh has given up its lost sessions; nobody would ever resume them.
        self._sessions = {
            key: s for key, s in self._sessions.items() if s.connection is not None or s.shard != (shard, count)
        }
        session = Session(secrets.token_hex(16), connection=connection, shard=(shard, count))
        self._sessions[session.id] = session
        session.dispatch("READY", self._ready(session, shard=data.get("shard")))
        for guild in self._world.guilds.values():
            if session.is_told_of(guild.id):
                session.dispatch("GUILD_CREATE", self._world.guild_payload(guild))

    def _begin_session(self) -> bool:
        """Count a session that is begun. Source: Gateway, Session Start Limit."""
        if self.session_starts["remaining"] <= 0:
            self.is_token_reset = True
            return False
        self.session_starts["remaining"] -= 1
        return True

    def _is_crowded(self, bucket: int) -> bool:
        """Whether a bucket's last IDENTIFY was too recently. Source: Gateway, Rate Limiting of Identify."""
        now_s, last_s = time.monotonic(), self._identified_s.get(bucket)
        self._identified_s[bucket] = now_s
        is_early = (
            self.identify_window_s is not None and last_s is not None and now_s < last_s + self.identify_window_s
        )
        self.crowded += is_early
        return is_early

    def _break(self, connection: _Connection, shard: int) -> None:
        if (code := self.broken_shards[shard]) is not None:
            connection.close_with(code)

    def _ready(self, session: Session, *, shard: list[int] | None) -> Json:
        guilds = [{"id": str(key), "unavailable": True} for key in self._world.guilds if session.is_told_of(key)]
        ready: Json = {
            "v": 10,
            "user": bot_user(),
            "guilds": guilds,
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "application": {"id": str(APPLICATION_ID), "flags": 0},
        }
        return ready if shard is None else ready | {"shard": shard}

    def _resume(self, connection: _Connection, data: Json) -> None:
        self.resumes.append(data)
        session = self._sessions.get(data.get("session_id", ""))
        if session is not None and session.shard[0] in self.broken_shards:
            self._break(connection, session.shard[0])
            return
        if session is None or data.get("token") != self._token or data.get("seq") is None:
            connection.put(_INVALID, data=False)
            return
        for packet in session.events[data["seq"] :]:
            connection.outbox.put_nowait(packet)
        session.connection = connection
        session.dispatch("RESUMED", {})

    def _detach(self, connection: _Connection) -> None:
        for session in self._sessions.values():
            if session.connection is connection:
                session.connection = None


def _encoder(compression: str | None) -> Encoder:
    """Return what makes a frame of a packet. Source: Gateway, Transport Compression."""
    if compression == "zlib-stream":
        deflate = zlib.compressobj()
        return lambda text: deflate.compress(text.encode()) + deflate.flush(zlib.Z_SYNC_FLUSH)
    if compression == "zstd-stream":
        return _zstd_encoder()
    return lambda text: text


def _zstd_encoder() -> Encoder:
    """A client asks for zstd only where it has it itself; here it may come from either of two modules."""
    try:
        stream: Any = importlib.import_module("zstandard").ZstdCompressor().compressobj()
        block = importlib.import_module("zstandard").COMPRESSOBJ_FLUSH_BLOCK
        return lambda text: bytes(stream.compress(text.encode()) + stream.flush(block))
    except ModuleNotFoundError:
        stream = importlib.import_module("compression.zstd").ZstdCompressor()
        return lambda text: bytes(stream.compress(text.encode(), mode=stream.FLUSH_BLOCK))
