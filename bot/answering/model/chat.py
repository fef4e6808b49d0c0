"""A language model that the host chose, asked over HTTP: one POST for a reply, and nothing else.

Any server that speaks chat completions will do: Ollama, llama.cpp, vLLM, hosted ones. It has a client of its own
because its address, which the host set, may be private. No other address is ever asked, so redirects are not
followed. The only use of aiohttp outside of feeds and front ends.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from pydantic import SecretStr

from bot import __version__
from bot.asking.prompt import ReplyMode
from bot.errors import ModelError
from bot.languages import Message

TIMEOUT_S = 20.0
"""For everything: waiting for a turn, and each form that is tried."""
MAX_BYTES = 256 * 1024
"""Of a reply; twenty times as much as the longest that is read."""
MOST_AT_ONCE = 4
_CHUNK_BYTES = 16 * 1024
_UNKNOWN_FORM = frozenset({400, 415, 422, 500, 501})
"""How servers refuse a form that they do not know; llama.cpp fails with 500 for some schemas."""

Body = dict[str, Any]


class ChatModel:
    """One model on one server; use it as a context manager.

    Args:
        url: Up to and without ``/chat/completions``.
        timeout_s: Seconds for a whole question.
    """

    def __init__(self, *, url: str, model: str, key: SecretStr | None = None, timeout_s: float = TIMEOUT_S) -> None:
        self.name = model
        self.host = urlsplit(url).hostname or url
        self._url = f"{url}/chat/completions"
        self._headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}
        self._timeout_s = timeout_s
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)
        self._modes = list(ReplyMode)
        """Those that may work, the best first: what a server refused is not tried again by this process."""
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def reply(self, write: Callable[[ReplyMode], Body], *, is_readable: Callable[[str], bool]) -> str:
        """Ask, in the best form that the server knows.

        Args:
            write: Returns the messages and the form of the reply, as fields of a request, for a mode.
            is_readable: Whether a reply has the form; otherwise the next form is tried.
        Raises:
            ModelError: There is no reply that can be read, in time.
        """
        try:
            async with asyncio.timeout(self._timeout_s), self._turns:
                return await self._try_each(write, is_readable)
        except TimeoutError as exc:
            raise ModelError(
                self.host, Message("no complete answer within {seconds:g} s", seconds=self._timeout_s)
            ) from exc
        except (aiohttp.ClientError, OSError, ValueError) as exc:  # ValueError: what aiohttp refuses to send
            raise ModelError(self.host, Message("cannot be reached ({why})", why=type(exc).__name__)) from exc

    async def _try_each(self, write: Callable[[ReplyMode], Body], is_readable: Callable[[str], bool]) -> str:
        for mode in tuple(self._modes):
            text = await self._post(write(mode), is_last=mode is ReplyMode.LINES)
            if text is not None and is_readable(text):
                self._modes = self._modes[self._modes.index(mode) :] if mode in self._modes else self._modes
                return text
        raise ModelError(self.host, Message("the reply has no form that can be read"))

    async def _post(self, fields: Body, *, is_last: bool) -> str | None:
        """Return what the model says; None if the server refuses the form of the reply."""
        body = {"model": self.name, "stream": False, **fields}
        async with self._open_session().post(self._url, json=body, allow_redirects=False) as response:
            if response.status in _UNKNOWN_FORM and not is_last:
                return None
            if response.status != 200:
                raise ModelError(self.host, Message("the server answered {status}", status=response.status))
            return _content(await self._read(response))

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        received = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            received += chunk
            if len(received) > MAX_BYTES:
                raise ModelError(self.host, Message("larger than {size:,} bytes", size=MAX_BYTES))
        return bytes(received)

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": f"nonmun/{__version__}", "Accept-Encoding": "identity", **self._headers},
                timeout=aiohttp.ClientTimeout(total=None),  # `reply` has its own
                trust_env=False,  # the key goes to the server that the host named, through nobody
            )
        return self._session


def _content(body: bytes) -> str:
    """What the model says in a completion; "" if it says nothing that can be read.

    Source: https://platform.openai.com/docs/api-reference/chat/object
    """
    try:
        said = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return ""
    return said if isinstance(said, str) else ""
