"""Take pictures of the bot's messages: ``python -m tests.pictures`` remakes those of the documents."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from .browser import Browser, BrowserError, Heights, find_chromium, open_browser
from .markdown import Reader
from .messages import Shown, render_message
from .page import DESKTOP, PHONE, Viewport, render_page
from .scenes import LOCALES, SCENES, Member, Scene, run_sample

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Picture:
    """A message to photograph, and the file that the picture goes into."""

    file_name: str
    shown: Shown
    reader: Reader
    viewport: Viewport


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    options = _parser().parse_args(arguments)
    out: Path = options.out.resolve()
    try:
        chromium = find_chromium(options.chromium)
        asyncio.run(_take(options, out, chromium))
    except BrowserError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    names = sorted(scene.name for scene in SCENES)
    parser.add_argument("scenes", nargs="*", metavar="SCENE", help=f"all unless named: {', '.join(names)}")
    parser.add_argument("--language", choices=sorted(LOCALES), help="take the pictures in one language alone")
    parser.add_argument("--out", type=Path, default=PICTURES, metavar="FOLDER", help="docs/pictures if not given")
    parser.add_argument("--chromium", metavar="PATH", help="the browser, if it is not found by itself")
    parser.add_argument("--html", action="store_true", help="write each picture's page beside it")
    parser.add_argument(
        "--body", type=Path, metavar="FILE", help="picture a message written by hand: JSON as it is sent to Discord"
    )
    return parser


async def _take(options: argparse.Namespace, out: Path, chromium: str) -> None:
    await asyncio.to_thread(out.mkdir, parents=True, exist_ok=True)
    pictures = _of_body(options) if options.body else _of_scenes(options)
    table = Table("picture", "KB", "page px", "card px", "card to menu px")
    async with open_browser(chromium) as browser, contextlib.aclosing(pictures):
        async for picture in pictures:
            size, heights = await _photograph(browser, picture, out, with_html=options.html)
            found = (size // 1024, heights.page, heights.card, heights.to_menu)
            table.add_row(picture.file_name, *("" if one is None else str(one) for one in found))
    Console().print(table)


async def _of_scenes(options: argparse.Namespace) -> AsyncGenerator[_Picture, None]:
    for language in [options.language] if options.language else LOCALES:
        async with run_sample(language) as discord:
            member = Member(discord, language)
            for scene in _chosen(options.scenes):
                if language not in scene.languages:
                    continue
                shown = await member.play(scene)
                for viewport in scene.viewports:
                    name = scene.file_name(language, viewport)
                    yield _Picture(file_name=name, shown=shown, reader=member.reader, viewport=viewport)


def _chosen(names: Sequence[str]) -> list[Scene]:
    known = {scene.name: scene for scene in SCENES}
    if unknown := set(names) - set(known):
        raise SystemExit(f"no such scene: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    return [known[name] for name in names] or list(SCENES)


async def _of_body(options: argparse.Namespace) -> AsyncGenerator[_Picture, None]:
    path: Path = options.body
    body = json.loads(await asyncio.to_thread(path.read_text, "utf-8"))
    for viewport in (PHONE, DESKTOP):
        yield _Picture(
            file_name=f"{path.stem}-{viewport.name}.png",
            shown=Shown(body=body),
            reader=Reader(language=options.language or "en"),
            viewport=viewport,
        )


async def _photograph(browser: Browser, picture: _Picture, out: Path, *, with_html: bool) -> tuple[int, Heights]:
    html = render_page([render_message(picture.shown, picture.reader)], picture.viewport)
    try:
        photo = await browser.photograph(html, picture.viewport)
    except BrowserError as error:
        raise BrowserError(f"{picture.file_name}: {error}") from error
    path = out / picture.file_name
    await asyncio.to_thread(path.write_bytes, photo.png)
    if with_html:
        await asyncio.to_thread(path.with_suffix(".html").write_text, html, "utf-8")
    return len(photo.png), photo.heights


if __name__ == "__main__":
    sys.exit(main())
