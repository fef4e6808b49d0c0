"""The HTTP side of the loopback Discord: takes requests down, authorises them, injects faults, answers.

What the routes do is said elsewhere; here is what is common to all of them. Sources: API Reference, Rate
Limits, Opcodes and Status Codes of Discord's documentation.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.loopback.patience import patience

from .discord_limits import Fault, form_body, judge_by_document

__all__ = ["ApiError", "Call", "Held", "HttpServer", "SeenRequest"]

Json = dict[str, Any]

_WINDOW_S, _PER_WINDOW = 5.0, 5  # messages to one channel, as bots saw it for years; Discord names no number
_LIMITED = "You are being rate limited."
_WITH_TOKEN_IN_PATH = re.compile(r"/(interactions|webhooks)/\d+/[^/]+")


class ApiError(Exception):
    """An answer other than success. Source: Opcodes and Status Codes, JSON Error Codes."""

    def __init__(self, status: int, code: int, message: str, *, body: Json | None = None) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.body = body or {"message": message, "code": code}

    @classmethod
    def too_many(cls, retry_after_s: float, *, is_global: bool = False) -> ApiError:
        """Return a 429. Source: Rate Limits, Exceeding A Rate Limit."""
        body = {"message": _LIMITED, "retry_after": round(retry_after_s, 3), "global": is_global}
        return cls(429, 0, "rate limited", body=body)


@dataclass(slots=True, kw_only=True)
class SeenRequest:
    """One request as it arrived.

    Attributes:
        path: Without the API's base and without the query.
        body: The parsed JSON (of a form with files, its ``payload_json``); None without one.
        status: What was answered; None while unanswered, and for ever where the connection was cut.
        arrived_s: Reading of the monotonic clock.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    files: list[Json] = field(default_factory=list)
    status: int | None = None
    arrived_s: float = field(default_factory=time.monotonic)

    def __str__(self) -> str:
        return f"{self.method} {self.path} → {self.status}"


@dataclass(slots=True, kw_only=True)
class Call:
    """A request on its way to a route: the ids of its path, by name."""

    request: SeenRequest
    ids: Mapping[str, str]

    @property
    def body(self) -> Json:
        return self.request.body if isinstance(self.request.body, dict) else {}

    def id(self, name: str) -> int:
        return int(self.ids[name])


Handler = Callable[[Call], object]


@dataclass(slots=True, kw_only=True)
class _Trouble:
    """What happens to the next requests that match."""

    method: str
    pattern: re.Pattern[str]
    left: int
    delay_s: float = 0.0
    status: int | None = None
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    after_effect: bool = False
    where: Callable[[SeenRequest], bool] | None = None

    def matches(self, request: SeenRequest) -> bool:
        is_mine = request.method == self.method and self.pattern.fullmatch(request.path) is not None
        return self.left > 0 and is_mine and (self.where is None or self.where(request))


class Held:
    """A request that is held back, before or after what it asks for is done.

    Attributes:
        is_done: Whether it is done already, and its answer alone is held back.
        is_dropped: Whether its connection was cut, so that nothing comes of it any more.
    """

    def __init__(
        self, method: str, pattern: str, *, is_done: bool = True, where: Callable[[SeenRequest], bool] | None = None
    ) -> None:
        self.is_done = is_done
        self.is_dropped = False
        self._trouble = _Trouble(method=method, pattern=re.compile(pattern), left=1, where=where)
        self._reached = False
        self._released = asyncio.Event()

    @property
    def is_reached(self) -> bool:
        """Whether a request has come: its client waits for the answer."""
        return self._reached

    def release(self) -> None:
        """Go on, and answer if anybody still waits; a request that comes later is not held."""
        self._trouble.left = 0
        self._released.set()

    def drop(self) -> None:
        """Cut the connection: what was not done by then never is, as if the request had not arrived."""
        self.is_dropped = True
        self.release()

    def takes(self, request: SeenRequest) -> bool:
        is_mine = self._trouble.matches(request)
        self._trouble.left -= is_mine
        return is_mine

    def reach(self) -> None:
        self._reached = True

    async def wait(self) -> None:
        await self._released.wait()


class HttpServer:
    """Routing, authorisation, faults and the record of requests.

    Attributes:
        requests: Everything received, in order of arrival.
        violations: A line for each request that broke a documented limit or used an unknown route.
        enforce_rate_limits: Hold clients to five messages in five seconds for each channel.
        global_per_second: Requests a second that the bot may make in all, 50 with Discord; None for no limit.
            What has an interaction's token in its path does not count. Source: Rate Limits, Global Rate Limit.
        is_judged_by_document: Off, bodies are judged by our own rules alone: faster, for many requests.
    """

    def __init__(self, *, token: str) -> None:
        self.token = token
        self.requests: list[SeenRequest] = []
        self.violations: list[str] = []
        self.enforce_rate_limits = False
        self.global_per_second: int | None = None
        self.is_judged_by_document = True
        self._second = (0.0, 0)  # when the running second of the global limit ends, and what it has seen
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = []
        self._failures: list[_Trouble] = []
        self._delays: list[_Trouble] = []
        self._held: list[Held] = []
        self._windows: dict[str, tuple[float, int]] = {}
        self._woken = asyncio.Event()

    # ── faults ──────────────────────────────────────────────────────────────────────────────────────

    def fail_next(
        self,
        method: str,
        pattern: str,
        *,
        status: int | None = 500,
        times: int = 1,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        after_effect: bool = False,
        where: Callable[[SeenRequest], bool] | None = None,
    ) -> None:
        """Answer the next requests whose whole path matches with an error.

        Args:
            status: None cuts the connection without an answer.
            body: JSON for the answer; a Discord error with code 0 unless given.
            after_effect: Do what was asked first, so that the client is told wrongly that it failed.
            where: What the request must fulfil besides.
        """
        answer = {"message": f"{status}: made to fail", "code": 0} if body is None else body
        self._failures.append(
            _Trouble(
                method=method,
                pattern=re.compile(pattern),
                left=times,
                status=status,
                body=answer,
                headers=headers or {},
                after_effect=after_effect,
                where=where,
            )
        )

    def rate_limit_next(
        self,
        method: str,
        pattern: str,
        *,
        retry_after: float = 0.3,
        is_global: bool = False,
        times: int = 1,
        where: Callable[[SeenRequest], bool] | None = None,
    ) -> None:
        """Answer 429 as Discord does, with ``Via``, without which clients take it for a ban by Cloudflare."""
        self.fail_next(
            method,
            pattern,
            status=429,
            times=times,
            body={"message": _LIMITED, "retry_after": retry_after, "global": is_global},
            headers=_limit_headers(retry_after, is_global=is_global),
            where=where,
        )

    def delay_next(self, method: str, pattern: str, seconds: float, *, times: int = 1) -> None:
        """Let the next matching requests wait before anything is done."""
        self._delays.append(_Trouble(method=method, pattern=re.compile(pattern), left=times, delay_s=seconds))

    def hold_next(
        self, method: str, pattern: str, *, is_done: bool = True, where: Callable[[SeenRequest], bool] | None = None
    ) -> Held:
        """Keep the client of the next request whose whole path matches waiting until it is released or dropped.

        A client that is killed in the time dies surely between its record of what it wants and the effect, or between
        the effect and its record of that.

        Args:
            is_done: Whether what it asks for is done first.
            where: What the request must fulfil besides.
        """
        held = Held(method, pattern, is_done=is_done, where=where)
        self._held = [one for one in self._held if not one.is_reached] + [held]
        return held

    # ── waiting ─────────────────────────────────────────────────────────────────────────────────────

    async def wait_for(
        self, condition: Callable[[], bool], *, timeout_s: float = 10.0, what: str = "the condition"
    ) -> None:
        """Wait until the condition holds; it is asked again after each request and gateway packet.

        Args:
            timeout_s: On a quiet machine; a busy one is given as many times more as it is slower.
        Raises:
            AssertionError: It did not hold in time; the message has the last requests.
        """
        try:
            async with asyncio.timeout(patience(timeout_s)):
                while not condition():
                    await self._woken.wait()
        except TimeoutError:
            last = "; ".join(map(str, self.requests[-5:]))
            raise AssertionError(f"{what} did not come within {timeout_s} s; last requests: {last}") from None

    def _changed(self) -> None:
        """Wake all who wait: each waiter holds the old event, the next wait takes the new one."""
        change, self._woken = self._woken, asyncio.Event()
        change.set()

    # ── one request ─────────────────────────────────────────────────────────────────────────────────

    def add_route(self, method: str, template: str, handler: Handler) -> None:
        """Add a route; ``{name}`` stands for a snowflake, ``{token}`` for anything up to the next slash."""
        pattern = re.sub(r"\{(\w+)\}", lambda m: rf"(?P<{m[1]}>{'[^/]+' if m[1] == 'token' else '[0-9]+'})", template)
        self._routes.append((method, re.compile(pattern), handler))

    async def handle(self, request: web.Request) -> web.StreamResponse:
        seen = await _read(request)
        self.requests.append(seen)
        self._changed()
        delay = _take(self._delays, seen)
        if delay is not None:
            await asyncio.sleep(delay.delay_s)
        if await self._is_held_and_dropped(seen, is_done=False):
            return self._cut(request)
        failure = _take(self._failures, seen)
        status, payload, headers = 0, None, dict[str, str]()
        if failure is None or failure.after_effect:
            status, payload, headers = self._perform(seen)
        if failure is not None:
            if failure.status is None:
                return self._cut(request)
            status, payload, headers = failure.status, failure.body, dict(failure.headers)
        seen.status = status
        self._changed()
        if await self._is_held_and_dropped(seen, is_done=True):
            return self._cut(request)
        return _response(status, payload, headers)

    async def _is_held_and_dropped(self, seen: SeenRequest, *, is_done: bool) -> bool:
        held = next((one for one in self._held if one.is_done is is_done and one.takes(seen)), None)
        if held is None:
            return False
        held.reach()
        self._changed()
        await held.wait()
        return held.is_dropped

    def _cut(self, request: web.Request) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.abort()
        self._changed()
        return web.Response()  # never seen: the socket is gone

    def _perform(self, seen: SeenRequest) -> tuple[int, object, dict[str, str]]:
        try:
            self._authorise(seen)
            self._count_globally(seen)
            headers = self._count(seen)
            payload = self._find_route(seen)
        except ApiError as error:
            headers = {}
            if error.status == 429:
                bucket = "publish" if seen.path.endswith("/crosspost") else "messages"
                headers = _limit_headers(error.body["retry_after"], is_global=error.body["global"], bucket=bucket)
            return error.status, error.body, headers
        return (204 if payload is None else 200), payload, headers

    def _find_route(self, seen: SeenRequest) -> object:
        for method, pattern, handler in self._routes:
            match = pattern.fullmatch(seen.path)
            if match is not None and method == seen.method:
                return handler(Call(request=seen, ids=match.groupdict()))
        self.violations.append(f"{seen.method} {seen.path}: no such route on this server")
        raise ApiError(404, 0, "404: Not Found")

    def _authorise(self, seen: SeenRequest) -> None:
        """Ask for the bot's token, except where the path has one. Source: Reference, Authentication."""
        if seen.path == "/gateway" or _WITH_TOKEN_IN_PATH.match(seen.path):
            return
        if seen.headers.get("Authorization") != f"Bot {self.token}":
            raise ApiError(401, 0, "401: Unauthorized")

    def _count_globally(self, seen: SeenRequest) -> None:
        if self.global_per_second is None or _WITH_TOKEN_IN_PATH.match(seen.path):
            return
        now, (ends, used) = time.monotonic(), self._second
        if ends <= now:
            ends, used = now + 1.0, 0
        if used >= self.global_per_second:
            raise ApiError.too_many(ends - now, is_global=True)
        self._second = (ends, used + 1)

    def _count(self, seen: SeenRequest) -> dict[str, str]:
        """Keep the bucket of a channel's messages. Source: Rate Limits, Header Format."""
        match = re.fullmatch(r"/channels/(\d+)/messages", seen.path)
        if not self.enforce_rate_limits or match is None or seen.method != "POST":
            return {}
        now = time.monotonic()
        ends, used = self._windows.get(match[1], (0.0, 0))
        if ends <= now:
            ends, used = now + _WINDOW_S, 0
        if used >= _PER_WINDOW:
            raise ApiError.too_many(ends - now)
        self._windows[match[1]] = (ends, used + 1)
        return _bucket_headers(remaining=_PER_WINDOW - used - 1, reset_after_s=ends - now)

    # ── refusing ────────────────────────────────────────────────────────────────────────────────────

    def judge(self, seen: SeenRequest, faults: list[Fault], *, schema: str | None = None) -> None:
        """Refuse a body that breaks a rule, by ours or by Discord's own document; write it down.

        Raises:
            ApiError: 400 with code 50035 and nested errors.
        """
        if schema is not None and not faults and self.is_judged_by_document:
            faults = judge_by_document(schema, seen.body)
        if faults:
            self.violations += [f"{seen.method} {seen.path}: {fault}" for fault in faults]
            raise ApiError(400, 50035, "Invalid Form Body", body=form_body(faults))


def _take(troubles: list[_Trouble], seen: SeenRequest) -> _Trouble | None:
    found = next((trouble for trouble in troubles if trouble.matches(seen)), None)
    if found is not None:
        found.left -= 1
    return found


def _limit_headers(retry_after: float, *, is_global: bool = False, bucket: str = "messages") -> dict[str, str]:
    """Return the headers of a 429. Source: Rate Limits, Exceeding A Rate Limit.

    A global one names no bucket; a client keeps waiting times by the bucket's name, so each limit has its own.
    """
    headers = {"X-RateLimit-Global": "true"} if is_global else {}
    headers |= {} if is_global else _bucket_headers(remaining=0, reset_after_s=retry_after, bucket=bucket)
    return headers | {
        "Retry-After": str(int(retry_after) + 1),
        "X-RateLimit-Scope": "global" if is_global else "user",
        "Via": "1.1 google",
    }


def _bucket_headers(*, remaining: int, reset_after_s: float, bucket: str = "messages") -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(_PER_WINDOW),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": f"{time.time() + reset_after_s:.3f}",
        "X-RateLimit-Reset-After": f"{reset_after_s:.3f}",
        "X-RateLimit-Bucket": bucket,
    }


def _response(status: int, payload: object, headers: Mapping[str, str]) -> web.StreamResponse:
    """Return JSON as exactly ``application/json``: with a charset discord.py leaves the text alone."""
    if status == 204:
        return web.Response(status=204, headers=headers)
    body = json.dumps(payload).encode()
    return web.Response(status=status, body=body, headers={**headers, "Content-Type": "application/json"})


async def _read(request: web.Request) -> SeenRequest:
    path = re.sub(r"^/api(/v\d+)?", "", request.path)
    files: list[Json] = []
    body: Any = None
    if request.content_type == "multipart/form-data":
        form = await request.post()
        body = json.loads(str(form.get("payload_json", "{}")))
        for value in form.values():
            if isinstance(value, web.FileField):
                files.append({"filename": value.filename, "content": value.file.read()})
                value.file.close()
    elif request.can_read_body:
        body = json.loads(await request.read() or b"null")
    return SeenRequest(
        method=request.method,
        path=path,
        query=dict(request.query),
        headers=request.headers.copy(),
        body=body,
        files=files,
    )
