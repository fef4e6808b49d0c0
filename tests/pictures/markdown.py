"""Discord's Markdown as HTML: what the client would show of a text, everything else escaped.

Pure. The rules are those of Discord's help page “Markdown Text 101” and of Discord's documentation, Message
Formatting; where they say nothing, those of simple-markdown, the parser that the client grew out of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import escape

__all__ = ["Reader", "render_inline", "render_text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who looks at a message: their language, their time, and the names that mentions have for them.

    Attributes:
        language: ``"en"`` or ``"ko"``: that of Discord's own words around a message.
        names: By the id of a member, role or channel, without its @ or #.
    """

    language: str = "en"
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    names: Mapping[int, str] = field(default_factory=dict)

    def say(self, english: str, korean: str) -> str:
        return korean if self.language == "ko" else english


def render_text(text: str, reader: Reader) -> str:
    """Draw a whole text: headings, lists, quotes, code blocks and all that a line can hold."""
    drawn: list[str] = []
    at = 0
    for fence in _FENCE.finditer(text):
        drawn += _blocks(text[at : fence.start()].removesuffix("\n"), reader)
        drawn.append(f"<pre><code>{escape(fence['code'])}</code></pre>")
        at = fence.end() + text.startswith("\n", fence.end())
    return "".join([*drawn, *_blocks(text[at:], reader)])


def render_inline(text: str, reader: Reader) -> str:
    """Draw a text in which Discord reads no blocks, such as an embed's title."""
    drawn: list[str] = []
    at = 0
    while at < len(text):
        for pattern, draw in _RULES:
            if found := pattern.match(text, at):
                drawn.append(draw(found, reader))
                at = found.end()
                break
        else:
            drawn.append(escape(text[at]))
            at += 1
    return "".join(drawn)


# ── blocks ──────────────────────────────────────────────────────────────────────────────────────

_FENCE = re.compile(r"```(?:[a-z0-9_+\-.#]+\n)?\n*(?P<code>[^\n].*?)\n*```", re.DOTALL | re.IGNORECASE)
_HEADING = re.compile(r"(?:(?P<mark> *#{1,3})|-#) +(?P<text>(?!#)\S.*)")
_QUOTE = re.compile(r" *> +(?P<text>.*)|> *$")
_ITEM = re.compile(r"(?P<indent> *)(?P<mark>[-*]|\d{1,9}\.) +(?P<text>\S.*)")
_TAGS = {"#": "h1", "##": "h2", "###": "h3"}


@dataclass(slots=True)
class _Item:
    indent: int
    mark: str
    text: str


def _blocks(text: str, reader: Reader) -> Iterator[str]:
    lines = text.split("\n") if text else []
    while lines:
        if lines[0].startswith(">>> "):
            quoted = "\n".join([lines[0].removeprefix(">>> "), *lines[1:]])
            yield f"<blockquote>{render_text(quoted, reader)}</blockquote>"
            return
        if heading := _HEADING.fullmatch(lines[0]):
            yield _heading(heading, reader)
            del lines[0]
            while lines and not lines[0].strip():  # a heading takes the empty lines that follow it
                del lines[0]
        elif _QUOTE.fullmatch(lines[0]):
            taken = _take(lines, lambda line: _QUOTE.fullmatch(line) is not None)
            quoted = "\n".join(re.sub(r"^ *> ?", "", line) for line in taken)
            yield f"<blockquote>{render_text(quoted, reader)}</blockquote>"
        elif _ITEM.fullmatch(lines[0]):
            taken = _take(lines, lambda line: bool(_ITEM.fullmatch(line) or (line.startswith(" ") and line.strip())))
            yield _list(_items(taken), reader)
        else:
            taken = [lines.pop(0), *_take(lines, lambda line: not _opens_block(line))]
            # The last line feed is not shown at the end of a box; an empty line before the next block is.
            yield f"<div>{render_inline(chr(10).join(taken), reader)}\n</div>"


def _opens_block(line: str) -> bool:
    return line.startswith(">>> ") or any(rule.fullmatch(line) for rule in (_HEADING, _QUOTE, _ITEM))


def _take(lines: list[str], fits: Callable[[str], bool]) -> list[str]:
    """Remove the first lines for as long as they fit, and return them."""
    count = next((at for at, line in enumerate(lines) if not fits(line)), len(lines))
    taken = lines[:count]
    del lines[:count]
    return taken


def _heading(found: re.Match[str], reader: Reader) -> str:
    inner = render_inline(found["text"], reader)
    tag = _TAGS.get((found["mark"] or "").strip())
    return f"<{tag}>{inner}</{tag}>" if tag else f'<div class="subtext">{inner}</div>'


def _items(lines: Sequence[str]) -> list[_Item]:
    items: list[_Item] = []
    for line in lines:
        if found := _ITEM.fullmatch(line):
            items.append(_Item(len(found["indent"]), found["mark"], found["text"]))
        else:
            items[-1].text += "\n" + line.strip()
    return items


def _list(items: Sequence[_Item], reader: Reader) -> str:
    """Draw items; those that stand deeper than the first are lists within the item before them."""
    first = items[0]
    drawn: list[str] = []
    at = 0
    while at < len(items):
        deeper = at + 1
        while deeper < len(items) and items[deeper].indent > first.indent:
            deeper += 1
        inner = _list(items[at + 1 : deeper], reader) if deeper > at + 1 else ""
        drawn.append(f"<li>{render_inline(items[at].text, reader)}{inner}</li>")
        at = deeper
    if first.mark in "-*":
        return f"<ul>{''.join(drawn)}</ul>"
    return f'<ol start="{int(first.mark[:-1])}">{"".join(drawn)}</ol>'


# ── within a line ───────────────────────────────────────────────────────────────────────────────


def _marked(tag: str) -> Callable[[re.Match[str], Reader], str]:
    name = tag.split()[0]
    return lambda found, reader: f"<{tag}>{render_inline(found[1], reader)}</{name}>"


def _link(found: re.Match[str], reader: Reader) -> str:
    if "://" in found["label"]:  # the client makes no link of a label that could pass for another address
        return escape(found[0])
    return f'<a href="{escape(found["url"])}">{render_inline(found["label"], reader)}</a>'


def _address(found: re.Match[str], reader: Reader) -> str:
    return f'<a href="{escape(found["url"])}">{escape(found["url"])}</a>'


def _mention(found: re.Match[str], reader: Reader) -> str:
    sign = "#" if found["kind"] == "#" else "@"
    unknown = {"#": "channel", "@&": "role"}.get(found["kind"], "member")
    return f'<span class="mention">{sign}{escape(reader.names.get(int(found["id"]), unknown))}</span>'


def _timestamp(found: re.Match[str], reader: Reader) -> str:
    moment = datetime.fromtimestamp(int(found["seconds"]), UTC)
    return f'<span class="timestamp">{escape(write_time(moment, found["style"] or "f", reader))}</span>'


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Reader], str]], ...] = (
    (re.compile(r"\\([^0-9A-Za-z\s])"), lambda found, _: escape(found[1])),
    (
        re.compile(r"(`+)(.*?[^`])\1(?!`)", re.DOTALL),
        lambda found, _: f'<code class="inline">{escape(found[2].strip() or found[2])}</code>',
    ),
    (re.compile(r"<(?P<kind>@&|@!?|#)(?P<id>\d+)>"), _mention),
    (
        re.compile(r"</(?P<name>[^:<>\n]+):\d+>"),
        lambda found, _: f'<span class="mention">/{escape(found["name"])}</span>',
    ),
    (re.compile(r"@(everyone|here)\b"), lambda found, _: f'<span class="mention">{found[0]}</span>'),
    (re.compile(r"<t:(?P<seconds>-?\d{1,12})(?::(?P<style>[tTdDfFsSR]))?>"), _timestamp),
    (re.compile(r"<a?(?P<name>:\w+:)\d+>"), lambda found, _: escape(found["name"])),
    (re.compile(r"<(?P<url>https?://[^\s<>]+)>"), _address),
    (
        re.compile(
            r"\[(?P<label>(?:\\.|\[[^\[\]]*\]|[^\[\]\\])+)\]"
            r"""\(<?(?P<url>https?://(?:\([^()\s]*\)|[^\s()<>])+)>?(?:\s+["'][^"'\n]*["'])?\)""",
            re.DOTALL,
        ),
        _link,
    ),
    (re.compile(r"""(?P<url>https?://[^\s<]*[^\s<.,:;"')\]])"""), _address),
    (re.compile(r"\*\*((?:\\.|[^\\])+?)\*\*(?!\*)", re.DOTALL), _marked("strong")),
    (re.compile(r"__((?:\\.|[^\\])+?)__(?!_)", re.DOTALL), _marked("u")),
    (
        re.compile(
            r"\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)",
        ),
        _marked("em"),
    ),
    (re.compile(r"\b_((?:__|\\.|[^\\_])+?)_\b", re.DOTALL | re.ASCII), _marked("em")),
    (re.compile(r"~~(.+?)~~", re.DOTALL), _marked("s")),
    (re.compile(r"\|\|(.+?)\|\|", re.DOTALL), _marked('span class="spoiler"')),
)
"""The first that fits is taken."""


# ── times ───────────────────────────────────────────────────────────────────────────────────────

_UNITS = (
    (timedelta(days=365), "year", "년"),
    (timedelta(days=30), "month", "개월"),
    (timedelta(days=1), "day", "일"),
    (timedelta(hours=1), "hour", "시간"),
    (timedelta(minutes=1), "minute", "분"),
    (timedelta(seconds=1), "second", "초"),
)


def write_time(moment: datetime, style: str, reader: Reader) -> str:
    """Write a moment as the client would in UTC. Source: Reference, Timestamp Styles."""
    clock = _clock(moment, reader, seconds=style in "TS")
    dot, hour = "{0.year}. {0.month}. {0.day}.", f"{moment.month}/{moment.day}/{moment.year}"
    short = reader.say(hour, dot.format(moment))
    long = reader.say(f"{moment:%B} {moment.day}, {moment.year}", f"{moment.year}년 {moment.month}월 {moment.day}일")
    weekday = reader.say(f"{moment:%A}, ", "")
    return {
        "t": clock,
        "T": clock,
        "d": short,
        "D": long,
        "f": f"{long} {clock}",
        "F": f"{weekday}{long} {clock}",
        "s": f"{short} {clock}",
        "S": f"{short} {clock}",
        "R": _from_now(moment, reader),
    }[style]


def _clock(moment: datetime, reader: Reader, *, seconds: bool = False) -> str:
    digits = f"{moment.hour % 12 or 12}:{moment:%M}" + (f":{moment:%S}" if seconds else "")
    is_morning = moment.hour < 12
    return reader.say(f"{digits} {'AM' if is_morning else 'PM'}", f"{'오전' if is_morning else '오후'} {digits}")


def _from_now(moment: datetime, reader: Reader) -> str:
    away = abs(moment - reader.now)
    span, english, korean = next((unit for unit in _UNITS if away >= unit[0]), _UNITS[-1])
    count = away // span
    english += "" if count == 1 else "s"
    if moment > reader.now:
        return reader.say(f"in {count} {english}", f"{count}{korean} 후")
    return reader.say(f"{count} {english} ago", f"{count}{korean} 전")
