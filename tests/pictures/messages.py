"""Messages as Discord shows them, drawn as HTML from the JSON that a bot sends: embeds, and Components V2.

Pure. What a message contains is text of strangers: everything is escaped, and a picture is taken only from the files
that come with the message. Source: Discord's documentation, Message Resource and Component Reference.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any

from .markdown import Reader, render_inline, render_text, write_time

__all__ = ["Shown", "UnknownComponentError", "render_message"]

Json = Mapping[str, Any]

EPHEMERAL, COMPONENTS_V2 = 1 << 6, 1 << 15
_GALLERY_ROWS = {1: "1", 2: "2", 3: "12", 4: "22", 5: "23", 6: "33", 7: "133", 8: "233", 9: "333", 10: "1333"}
"""How many pictures stand in each row, by how many there are; three are one beside two."""
_BUTTONS = {1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link"}


class UnknownComponentError(ValueError):
    """A component that these pictures cannot show."""

    def __init__(self, kind: object, where: str) -> None:
        super().__init__(f"component type {kind!r} cannot be drawn in {where}: add it to tests/pictures/messages.py")
        self.kind = kind
        self.where = where


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A message with what Discord knows of it.

    Attributes:
        body: As sent: ``content``, ``embeds``, ``components``, ``flags``.
        used_by: Who used the command that it answers, if one.
        command: Without its slash.
        files: By name; ``attachment://name`` shows them.
    """

    body: Json
    used_by: str | None = None
    command: str | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)


def render_message(shown: Shown, reader: Reader, *, name: str = "Nonmun", letter: str = "논") -> str:
    """Draw one message with its avatar, name and time.

    Raises:
        UnknownComponentError: It has a component that we do not know, or in a place where Discord takes none.
    """
    drawer = _Drawer(reader, shown.files)
    flags = int(shown.body.get("flags") or 0)
    classes = "message ephemeral" if flags & EPHEMERAL else "message"
    time = reader.say("Today at 2:02 PM", "오늘 오후 2:02")
    return (
        f'<article class="{classes}">{_used(shown, reader)}<div class="avatar">{escape(letter)}</div><div>'
        f'<div class="author"><b>{escape(name)}</b><span class="app">✓ {reader.say("APP", "앱")}</span>'
        f"<time>{time}</time></div>{drawer.body(shown.body)}{_only_you(flags, reader)}</div></article>"
    )


def _used(shown: Shown, reader: Reader) -> str:
    if shown.command is None:
        return ""
    member, command = f"<b>{escape(shown.used_by or 'member')}</b>", f"<i>/{escape(shown.command)}</i>"
    words = reader.say(f"{member} used {command}", f"{member} 님이 {command} 사용")
    return f'<div class="used"><span>{words}</span></div>'


def _only_you(flags: int, reader: Reader) -> str:
    if not flags & EPHEMERAL:
        return ""
    seen = reader.say("Only you can see this", "나만 볼 수 있는 메시지예요")
    return f'<div class="only-you">👁 {seen} • <a>{reader.say("Dismiss message", "메시지 닫기")}</a></div>'


@dataclass(frozen=True, slots=True)
class _Drawer:
    reader: Reader
    files: Mapping[str, bytes]

    def body(self, body: Json) -> str:
        is_v2 = bool(int(body.get("flags") or 0) & COMPONENTS_V2)
        content = body.get("content")
        said = f'<div class="markup content">{render_text(content, self.reader)}</div>' if content else ""
        embeds = "".join(self.embed(embed) for embed in body.get("embeds") or ())
        components = body.get("components") or ()
        drawn = self.layout(components) if is_v2 else "".join(self.row(row) for row in components)
        return said + embeds + (f'<div class="components">{drawn}</div>' if drawn else "")

    # ── embeds ──────────────────────────────────────────────────────────────────────────────────

    def embed(self, embed: Json) -> str:
        parts = [self._embed_author(embed), self._embed_title(embed)]
        if text := embed.get("description"):
            parts.append(f'<div class="markup description">{render_text(text, self.reader)}</div>')
        parts.append(self._embed_fields(embed.get("fields") or ()))
        if image := embed.get("image"):
            parts.append(f'<div class="embed-image">{self.picture(image["url"], "figure")}</div>')
        parts.append(self._embed_footer(embed))
        thumbnail = embed.get("thumbnail")
        if thumbnail:
            parts.append(f'<div class="embed-thumbnail">{self.picture(thumbnail["url"], "figure")}</div>')
        classes = "embed card with-thumbnail" if thumbnail else "embed card"
        colour = _colour(embed.get("color"), "#1e1f22")
        return f'<div class="{classes}" style="border-color:{colour}">{"".join(parts)}</div>'

    def _embed_author(self, embed: Json) -> str:
        author = embed.get("author") or {}
        return f'<div class="embed-author">{escape(author["name"])}</div>' if author.get("name") else ""

    def _embed_title(self, embed: Json) -> str:
        if not embed.get("title"):
            return ""
        title = render_inline(embed["title"], self.reader)
        if url := embed.get("url"):
            title = f'<a href="{escape(url)}">{title}</a>'
        return f'<div class="embed-title">{title}</div>'

    def _embed_fields(self, fields: Sequence[Json]) -> str:
        drawn = "".join(self._field(one) for one in fields)
        return f'<div class="fields">{drawn}</div>' if drawn else ""

    def _field(self, field: Json) -> str:
        name, value = render_inline(field["name"], self.reader), render_text(field["value"], self.reader)
        inline = " inline" if field.get("inline") else ""
        return f'<div class="field{inline}"><b>{name}</b><div class="markup">{value}</div></div>'

    def _embed_footer(self, embed: Json) -> str:
        said = [escape(embed["footer"]["text"])] if embed.get("footer") else []
        if stamp := embed.get("timestamp"):
            said.append(escape(write_time(datetime.fromisoformat(stamp), "d", self.reader)))
        return f'<div class="embed-footer">{" • ".join(said)}</div>' if said else ""

    # ── components ──────────────────────────────────────────────────────────────────────────────

    def layout(self, components: Sequence[Json]) -> str:
        """Draw what stands directly in a message of Components V2."""
        kinds = self._in_container() | {17: self.container}
        return "".join(_draw(part, kinds, "a message") for part in components)

    def _in_container(self) -> dict[int, Callable[[Json], str]]:
        return {
            1: self.row,
            9: self.section,
            10: self.text,
            12: self.gallery,
            13: self.file,
            14: self.separator,
        }

    def container(self, part: Json) -> str:
        inner = "".join(_draw(child, self._in_container(), "a container") for child in part["components"])
        accent = part.get("accent_color")
        classes = "container card" + (" accented" if accent is not None else "")
        style = f' style="border-left-color:{_colour(accent, "transparent")}"' if accent is not None else ""
        return _veiled(part, f'<div class="{classes}"{style}>{inner}</div>')

    def row(self, part: Json) -> str:
        """Draw an action row: buttons, or one menu."""
        if part["type"] != 1:
            raise UnknownComponentError(part["type"], "a message without the flag of Components V2")
        kinds = {2: self.button} | dict.fromkeys((3, 5, 6, 7, 8), self.menu)
        return (
            f'<div class="row">{"".join(_draw(child, kinds, "an action row") for child in part["components"])}</div>'
        )

    def button(self, part: Json) -> str:
        style = _BUTTONS.get(part["style"])
        if style is None:
            raise UnknownComponentError(f"2, style {part['style']}", "an action row")
        emoji = f"<span>{escape(part['emoji'].get('name') or '')}</span>" if part.get("emoji") else ""
        label = f"<span>{escape(part['label'])}</span>" if part.get("label") else ""
        arrow = '<span class="arrow">↗</span>' if style == "link" else ""
        disabled = " disabled" if part.get("disabled") else ""
        return f'<button class="{style}"{disabled}>{emoji}{label}{arrow}</button>'

    def menu(self, part: Json) -> str:
        """Draw a closed menu: what is chosen in it, else its placeholder."""
        chosen = [escape(one["label"]) for one in part.get("options") or () if one.get("default")]
        for one in part.get("default_values") or ():
            sign = {"channel": "#", "role": "@&"}.get(one["type"], "@")
            chosen.append(render_inline(f"<{sign}{int(one['id'])}>", self.reader))
        usual = self.reader.say("Make a selection", "선택하기")
        said = ", ".join(chosen) or escape(part.get("placeholder") or usual)
        classes = "menu" + (" chosen" if chosen else "") + (" disabled" if part.get("disabled") else "")
        return f'<div class="{classes}"><span>{said}</span><span class="down">⌄</span></div>'

    def text(self, part: Json) -> str:
        return f'<div class="markup text">{render_text(part["content"], self.reader)}</div>'

    def section(self, part: Json) -> str:
        texts = "".join(_draw(child, {10: self.text}, "a section") for child in part["components"])
        beside = _draw(part["accessory"], {2: self.button, 11: self.thumbnail}, "a section's accessory")
        return f'<div class="section"><div class="texts">{texts}</div><div class="accessory">{beside}</div></div>'

    def thumbnail(self, part: Json) -> str:
        drawn = self.picture(part["media"]["url"], part.get("description") or "")
        return _veiled(part, f'<div class="thumbnail">{drawn}</div>')

    def gallery(self, part: Json) -> str:
        items = part["items"]
        if len(items) not in _GALLERY_ROWS:
            raise ValueError(f"a gallery has 1 to 10 items, not {len(items)}")
        drawn = [_veiled(item, self.picture(item["media"]["url"], item.get("description") or "")) for item in items]
        rows = []
        for count in map(int, _GALLERY_ROWS[len(items)]):
            taken, drawn = drawn[:count], drawn[count:]
            rows.append(f'<div class="pictures of-{count}">{"".join(taken)}</div>')
        return f'<div class="gallery items-{len(items)}">{"".join(rows)}</div>'

    def file(self, part: Json) -> str:
        name = part["file"]["url"].rpartition("/")[2]
        size = len(self.files[name]) if name in self.files else part.get("size")
        said = f"<small>{size / 1024:.2f} KB</small>" if size is not None else ""
        return _veiled(part, f'<div class="file"><span>📄</span><div><a>{escape(name)}</a>{said}</div></div>')

    def separator(self, part: Json) -> str:
        size = "large" if part.get("spacing") == 2 else "small"
        line = "" if part.get("divider") is False else "<hr>"
        return f'<div class="separator {size}">{line}</div>'

    # ── pictures ────────────────────────────────────────────────────────────────────────────────

    def picture(self, url: str, words: str) -> str:
        """Draw a picture that came with the message; of any other, a grey box with its words."""
        content = self.files.get(url.removeprefix("attachment://")) if url.startswith("attachment://") else None
        if content is None:
            return f'<div class="placeholder"><span>{escape(words or "figure")}</span></div>'
        data = base64.b64encode(content).decode()
        return f'<img src="data:image/png;base64,{data}" alt="{escape(words)}">'


def _draw(part: Json, kinds: Mapping[int, Callable[[Json], str]], where: str) -> str:
    draw = kinds.get(part["type"])
    if draw is None:
        raise UnknownComponentError(part["type"], where)
    return draw(part)


def _veiled(part: Json, drawn: str) -> str:
    return f'<div class="veiled">{drawn}</div>' if part.get("spoiler") else drawn


def _colour(value: int | None, usual: str) -> str:
    return usual if value is None else f"#{value:06x}"
