"""The HTTP server, which must not be able to disturb the bot.

One answer a connection, a few connections at a time, a few seconds for each; small heads, no bodies. What breaks the
rules of HTTP is answered by aiohttp and not logged: anybody who reaches the port could fill the log.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from bot import __version__
from bot.config import Settings
from bot.errors import SettingsError
from bot.faults import FaultLog
from bot.health import Health
from bot.languages import _
from bot.service import Service
from bot.ui.http.metrics import Exporter

MOST_CONNECTIONS = 16
LONGEST_S = 10.0
"""How long a connection may take from its beginning to its end."""
LINE_BYTES = 2_048
"""The longest line of a head."""
MOST_HEADERS = 64

_SILENT = logging.getLogger(f"{__name__}.requests")
_SILENT.disabled = True


@asynccontextmanager
async def serve(service: Service, health: Health, settings: Settings) -> AsyncIterator[None]:
    """Answer on the settings' port while the block runs.

    Raises:
        SettingsError: The port cannot be used.
    """
    pages = Pages(health, Exporter(service, health))
    server = web.Server(
        pages.answer,
        handler_cancellation=True,
        access_log=None,
        logger=_SILENT,
        max_line_size=LINE_BYTES,
        max_field_size=LINE_BYTES,
        max_headers=MOST_HEADERS,
        lingering_time=0.0,
        keepalive_timeout=0.0,
    )
    host, port = settings.http_host, settings.http_port
    loop = asyncio.get_running_loop()
    try:
        listening = await loop.create_server(lambda: _connect(server), host, port)
    except OSError as exc:
        said = _("NONMUN_HTTP_PORT: port {port} at {host} cannot be used ({why}); choose another port or address")
        raise SettingsError((said.format(port=port, host=host, why=exc.strerror or exc),)) from exc
    try:
        yield
    finally:
        listening.close()
        await server.shutdown(0.0)
        await pages.close()


def _connect(server: web.Server) -> asyncio.Protocol:
    if len(server.connections) >= MOST_CONNECTIONS:
        return _Refusal()
    connection = server()
    asyncio.get_running_loop().call_later(LONGEST_S, _end, connection)
    return connection


def _end(connection: web.RequestHandler) -> None:
    if isinstance(connection.transport, asyncio.Transport):
        connection.transport.abort()  # a mere close would wait for a client that does not read


class _Refusal(asyncio.Protocol):
    """Ends a connection at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """End it."""
        transport.close()


class Pages:
    """What is answered."""

    def __init__(self, health: Health, exporter: Exporter) -> None:
        self._health = health
        self._exporter = exporter
        self._faults = FaultLog()

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Answer one request; a fault of ours is logged once, and answered with a bare 500."""
        try:
            response = await self._answer(request)
        except Exception as exc:  # noqa: BLE001 - the request ends here, and its fault is logged
            self._faults.failed(f"answer {request.path}", exc)
            response = web.Response(status=500, text="an unexpected error; the log has the details\n")
        response.headers["Cache-Control"] = "no-store"
        response.force_close()
        return response

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        if request.path not in ("/healthz", "/metrics"):
            return web.Response(status=404, text="/healthz or /metrics\n")
        if request.method not in ("GET", "HEAD"):
            return web.Response(status=405, headers={"Allow": "GET, HEAD"}, text="GET or HEAD\n")
        if request.path == "/healthz":
            return self._healthz()
        body, content_type = await self._exporter.render(request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": content_type})

    def _healthz(self) -> web.Response:
        loops = self._health.report()
        is_healthy = all(loop.is_alive for loop in loops)
        shards = [shard for loop in loops for shard in loop.shards]
        is_whole = all(shard.is_alive for shard in shards)
        body = {
            "status": ("ok" if is_whole else "degraded") if is_healthy else "unhealthy",
            "loops": {
                loop.loop: {
                    "alive": loop.is_alive,
                    "age_s": _rounded(loop.age_s),
                }
                for loop in loops
            },
            "shards": [
                {
                    "shard": shard.shard,
                    "alive": shard.is_alive,
                    "age_s": _rounded(shard.age_s),
                    "servers": shard.servers,
                }
                for shard in shards
            ],
            "since": self._health.began_at.isoformat(timespec="seconds"),
            "version": __version__,
        }
        return web.Response(
            status=200 if is_healthy else 503, text=json.dumps(body) + "\n", content_type="application/json"
        )

    async def close(self) -> None:
        """Stop what is still being read."""
        await self._exporter.close()


def _rounded(age_s: float | None) -> float | None:
    return None if age_s is None else round(age_s, 1)
