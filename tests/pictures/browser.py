"""A headless Chromium that photographs pages, driven over its DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import shutil
import tempfile
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np

from .page import Viewport
from .png import write_png

__all__ = ["Browser", "BrowserError", "Heights", "Photo", "find_chromium", "open_browser"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-port=0",
)  # fmt: skip
_START_S = 60.0
_MEASURE = """(async () => {
  await document.fonts.ready;
  const card = document.querySelector('.card') ?? document.querySelector('.components');
  const menu = document.querySelector('.menu');
  const top = card?.getBoundingClientRect().top ?? 0;
  return {
    overflow: document.documentElement.scrollWidth - innerWidth,
    page: Math.ceil(document.body.getBoundingClientRect().bottom),
    card: card ? Math.round(card.getBoundingClientRect().height) : null,
    menu: card && menu ? Math.round(menu.getBoundingClientRect().bottom - top) : null,
  };
})()"""


_PIXELS = """(async png => {
  const bitmap = await createImageBitmap(await (await fetch('data:image/png;base64,' + png)).blob());
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
  context.drawImage(bitmap, 0, 0);
  const pixels = new Blob([context.getImageData(0, 0, bitmap.width, bitmap.height).data]);
  const packed = new Response(pixels.stream().pipeThrough(new CompressionStream('deflate')));
  const bytes = new Uint8Array(await packed.arrayBuffer());
  return {width: bitmap.width, packed: btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ''))};
})"""


class BrowserError(RuntimeError):
    """There is no Chromium, or it does not do what it was asked to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heights:
    """What was measured on a page, in CSS pixels.

    Attributes:
        page: The whole of it.
        card: The first embed or container; None where there is neither.
        to_menu: From the card's top to the lower edge of the first menu; None where there is none.
    """

    page: int
    card: int | None
    to_menu: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    png: bytes
    heights: Heights


def find_chromium(named: str | None = None) -> str:
    """Return the path of a Chromium.

    Raises:
        BrowserError: None is on the machine, or not the one that was named.
    """
    for name in (named,) if named else _NAMES:
        if found := shutil.which(name):
            return found
    raise BrowserError(
        f"{named} was not found"
        if named
        else "no Chromium was found: install one (Debian: apt install chromium), or name it with --chromium PATH"
    )


@contextlib.asynccontextmanager
async def open_browser(chromium: str) -> AsyncIterator[Browser]:
    """Start a Chromium with a new, empty profile, and end it when the block ends.

    Raises:
        BrowserError: It did not start.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            chromium, *_FLAGS, f"--user-data-dir={profile}", "about:blank",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            port = await _port(Path(profile), process)
            async with aiohttp.ClientSession() as session:
                async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                    pages = await answer.json(content_type=None)
                address = next(page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page")
                async with session.ws_connect(address, max_msg_size=0) as socket:
                    yield Browser(socket)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


async def _port(profile: Path, process: asyncio.subprocess.Process) -> int:
    """Return the port that Chromium chose and wrote into its profile."""
    file = profile / "DevToolsActivePort"
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_START_S):
            while process.returncode is None:
                lines = file.read_text("utf-8").splitlines() if file.exists() else []
                if len(lines) > 1:
                    return int(lines[0])
                await asyncio.sleep(0.05)
    raise BrowserError(f"Chromium did not start (exit code {process.returncode})")


class Browser:
    """One page of a running Chromium."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)

    async def photograph(self, html: str, viewport: Viewport) -> Photo:
        """Show a page and take the whole of it.

        Raises:
            BrowserError: The page is wider than the screen; or Chromium answered with an error, or closed the
                connection.
        """
        await self._resize(viewport, height_px=800)
        frame = (await self._call("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        await self._call("Page.setDocumentContent", frameId=frame, html=html)
        found = await self._evaluate(_MEASURE)
        if found["overflow"] > 0:
            raise BrowserError(f"what is on the page is {found['overflow']} px wider than {viewport.width_px} px")
        heights = Heights(page=found["page"], card=found["card"], to_menu=found["menu"])
        await self._resize(viewport, height_px=heights.page)
        shot = await self._call("Page.captureScreenshot", format="png", optimizeForSpeed=False)
        return Photo(png=await self._shrunk(shot["data"]), heights=heights)

    async def _shrunk(self, png: str) -> bytes:
        """Write a picture with a palette, in about half of the bytes; Chromium unpacks its own."""
        found = await self._evaluate(f"{_PIXELS}('{png}')")
        pixels = np.frombuffer(zlib.decompress(base64.b64decode(found["packed"])), np.uint8)
        return write_png(pixels.reshape(-1, found["width"], 4))

    async def _evaluate(self, expression: str) -> Any:
        answer = await self._call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        return answer["result"]["value"]

    async def _resize(self, viewport: Viewport, *, height_px: int) -> None:
        await self._call(
            "Emulation.setDeviceMetricsOverride",
            width=viewport.width_px, height=height_px, deviceScaleFactor=viewport.scale, mobile=False,
        )  # fmt: skip

    async def _call(self, method: str, **params: object) -> Any:
        number = next(self._ids)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        async for message in self._socket:
            answer = message.json()
            if answer.get("id") == number:
                if "error" in answer or "exceptionDetails" in answer["result"]:
                    raise BrowserError(f"{method}: {answer.get('error') or answer['result']['exceptionDetails']}")
                return answer["result"]
        raise BrowserError(f"{method}: Chromium closed the connection")
