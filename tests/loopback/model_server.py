"""A server on 127.0.0.1 that speaks chat completions: says what it is scripted to, and keeps what it was asked."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from aiohttp import web

Body = dict[str, Any]
Script = Callable[[Body], str]
"""A request → what the model says."""


class ModelServer:
    """An async context manager.

    Attributes:
        requests: The bodies of all requests, in order; ``headers`` theirs.
        script: What the model says; `says` sets it.
        refuses: The forms of a reply that it does not know, answered with `refusal`.
        status, raw: Answer with these instead of a completion.
        is_stuck: Do not answer before the server ends.
    """

    def __init__(self) -> None:
        self.requests: list[Body] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.script: Script = lambda _body: ""
        self.refuses: set[str] = set()
        self.refusal = 400
        self.status = 200
        self.raw: bytes | None = None
        self.location: str | None = None
        self.is_stuck = False
        self._ended = asyncio.Event()
        self._runner = web.AppRunner(_application(self), shutdown_timeout=0.1)
        self.url = ""

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        await self._runner.cleanup()

    def says(self, reply: object) -> None:
        """Say this from now on: a text, or a value as JSON."""
        text = reply if isinstance(reply, str) else json.dumps(reply, ensure_ascii=False)
        self.script = lambda _body: text

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request as scripted."""
        body = await request.json()
        self.requests.append(body)
        self.headers.append(dict(request.headers))
        self.paths.append(request.path)
        if self.is_stuck:
            await self._ended.wait()
        form = body.get("response_format", {}).get("type", "lines")
        if form in self.refuses:
            return web.json_response({"error": {"message": "unknown response_format"}}, status=self.refusal)
        if self.location is not None:
            return web.Response(status=307, headers={"Location": self.location})
        if self.raw is not None or self.status != 200:
            return web.Response(body=self.raw or b"no", status=self.status)
        message = {"role": "assistant", "content": self.script(body)}
        return web.json_response({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})


def _application(server: ModelServer) -> web.Application:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", server.answer)
    return application


def prompt_of(body: Body) -> str:
    """Everything that a model is sent, as one text."""
    return "\n".join(message["content"] for message in body["messages"])


def passages_of(body: Body) -> dict[str, str]:
    """The passages in a prompt by their names."""
    text = body["messages"][-1]["content"]
    found = re.findall(r'<passage-(\w+) id="(\w+)">\n\[.*?\]\n(.*?)\n</passage-\1>', text, re.DOTALL)
    return {name: passage for _tag, name, passage in found}
