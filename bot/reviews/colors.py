"""What a CSS declaration says about a run of text: one of the reviewer's marks, or nothing.

In: the ``style`` attribute of an element. Out: a :class:`Look`. Pure; knows no HTML.

Reviewers mark by colour, and no two use the same hex codes, so the hue decides and not a list of codes:
a reddish background is a :attr:`Mark.GAP`, any other colour a :attr:`Mark.HIGHLIGHT`; white, grey and dark
backgrounds (themes, code boxes) are not marks.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from functools import lru_cache

from bot.models.reviews import Mark
from bot.text.patterns import lazy_pattern

_MAX_STYLE_CHARS = 1000

_NAMED = {
    # The names that people type by hand, from CSS Color 4 §6.1; the rest of the 148 are not counted as colours.
    "aqua": "00ffff", "aquamarine": "7fffd4", "beige": "f5f5dc", "blue": "0000ff", "coral": "ff7f50",
    "cyan": "00ffff", "darkgreen": "006400", "forestgreen": "228b22", "gold": "ffd700", "green": "008000",
    "greenyellow": "adff2f", "khaki": "f0e68c", "lavender": "e6e6fa", "lightblue": "add8e6",
    "lightcoral": "f08080", "lightcyan": "e0ffff", "lightgreen": "90ee90", "lightpink": "ffb6c1",
    "lightsalmon": "ffa07a", "lightskyblue": "87cefa", "lightyellow": "ffffe0", "lime": "00ff00",
    "limegreen": "32cd32", "mistyrose": "ffe4e1", "moccasin": "ffe4b5", "orange": "ffa500",
    "palegreen": "98fb98", "peachpuff": "ffdab9", "pink": "ffc0cb", "plum": "dda0dd", "powderblue": "b0e0e6",
    "red": "ff0000", "salmon": "fa8072", "seagreen": "2e8b57", "skyblue": "87ceeb", "springgreen": "00ff7f",
    "tomato": "ff6347", "violet": "ee82ee", "wheat": "f5deb3", "yellow": "ffff00", "yellowgreen": "9acd32",
}  # fmt: skip

_HEX = lazy_pattern(r"#([0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})(?![0-9a-f])")
_RGB = lazy_pattern(r"rgba?\(\s*(\d{1,3})\s*[,\s]\s*(\d{1,3})\s*[,\s]\s*(\d{1,3})\s*(?:[,/]\s*([\d.]{1,8}%?)\s*)?\)")
_WORD = lazy_pattern(r"[a-z]+")

_RED_FROM, _RED_TO = 340.0, 20.0
"""Degrees of hue that count as reddish. Measured: the red backgrounds in use are between 350 and 6 (#ffdce0 is
353, #f7b6b0 5, #F4C2C2 0); the pink #fabbeb is 314 and Notion's pink 333, orange backgrounds start near 28."""

_GREEN_FROM, _GREEN_TO = 80.0, 170.0
_MIN_CHROMA = 10 / 255  # below this a background looks white or grey
_MIN_VALUE = 0.5  # darker backgrounds are code boxes and dark themes
_MIN_ALPHA = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one ``style`` attribute changes. None and False mean that it does not mention it."""

    background: Mark | None = None
    is_green: bool | None = None
    is_bold: bool = False
    is_italic: bool = False
    is_struck: bool = False
    is_hidden: bool = False


PLAIN = Look()


@lru_cache(maxsize=512)  # a post repeats a handful of styles hundreds of times
def read_style(style: str) -> Look:
    """Read a ``style`` attribute; unknown properties and broken values are ignored."""
    properties = _split_declarations(style)
    color = properties.get("color")
    weight = properties.get("font-weight", "")
    back = properties.get("background-color") or properties.get("background") or ""
    return Look(
        background=mark_of_background(back),
        is_green=None if color is None else is_green(color),
        is_bold=weight in {"bold", "bolder"} or (weight.isdecimal() and int(weight[:4]) >= 600),
        is_italic=properties.get("font-style", "") in {"italic", "oblique"},
        is_struck="line-through" in properties.get("text-decoration", ""),
        is_hidden=properties.get("display") == "none",
    )


def _split_declarations(style: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in style[:_MAX_STYLE_CHARS].lower().split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, colon, value in pairs if colon}


def mark_of_background(value: str) -> Mark | None:
    """Return the mark that a CSS background colour stands for, by its hue; None for no colour, grey and dark ones."""
    rgb = _parse_color(value)
    if rgb is None:
        return None
    hue, _, brightness = colorsys.rgb_to_hsv(*rgb)
    if max(rgb) - min(rgb) < _MIN_CHROMA or brightness < _MIN_VALUE:
        return None
    degrees = hue * 360
    return Mark.GAP if degrees >= _RED_FROM or degrees <= _RED_TO else Mark.HIGHLIGHT


def is_green(value: str) -> bool:
    """Whether a CSS text colour looks green: bold green text at the start of a paragraph is a small heading."""
    rgb = _parse_color(value)
    if rgb is None:
        return False
    hue, saturation, brightness = colorsys.rgb_to_hsv(*rgb)
    return _GREEN_FROM <= hue * 360 <= _GREEN_TO and saturation >= 0.3 and brightness >= 0.2


def _parse_color(value: str) -> tuple[float, float, float] | None:
    """Return the first colour in a CSS value as red, green, blue from 0 to 1; None if none or nearly transparent."""
    value = value.lower()
    if match := _HEX.search(value):
        return _from_hex(match[1])
    if match := _RGB.search(value):
        if match[4] and _parse_alpha(match[4]) < _MIN_ALPHA:
            return None
        red, green, blue = (min(int(part), 255) / 255 for part in match.group(1, 2, 3))
        return red, green, blue
    names = (_NAMED[word] for word in _WORD.findall(value) if word in _NAMED)
    name = next(names, None)
    return _from_hex(name) if name else None


def _from_hex(digits: str) -> tuple[float, float, float] | None:
    if len(digits) in {3, 4}:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue, *alpha = (int(digits[i : i + 2], 16) / 255 for i in range(0, len(digits), 2))
    return None if alpha and alpha[0] < _MIN_ALPHA else (red, green, blue)


def _parse_alpha(text: str) -> float:
    try:
        return float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        return 1.0
