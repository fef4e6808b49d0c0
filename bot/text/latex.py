r"""Titles and names in LaTeX, as catalogues have them → one line of text: “{\'E}mile”, “$\alpha$-Boats”. Pure."""

from __future__ import annotations

import re
import unicodedata

from bot.text.formulas import readable
from bot.text.patterns import lazy_pattern

MAX_CHARS = 1_000
"""The longest title or name that is read; what is behind it is cut."""

_MATH = lazy_pattern(r"(?<![\\$])\$\$?(?=[^\s$])((?:\\.|[^$\\])*?)(?<=\S)\$\$?(?!\d)|\\\((.+?)\\\)")
"""A formula. A sum of money is none: a formula neither begins nor ends with a space, and no digit follows it."""
_ACCENTS = dict(
    zip(
        "'`\"^~=.uvHckrbd",
        "\u0301\u0300\u0308\u0302\u0303\u0304\u0307\u0306\u030c\u030b\u0327\u0328\u030a\u0331\u0323",
        strict=True,
    )
)
_ACCENTED = lazy_pattern(
    r"\\(['`\"^~=.]|[uvHckrbd](?![A-Za-z]))\s*(?:\{\s*\\?([A-Za-z])\s*\}|\\([ij])(?![A-Za-z])|([A-Za-z]))"
)
_LETTERS = {
    "ss": "ß",
    "o": "ø",
    "O": "Ø",
    "l": "ł",
    "L": "Ł",
    "ae": "æ",
    "AE": "Æ",
    "oe": "œ",
    "OE": "Œ",
    "aa": "å",
    "AA": "Å",
    "i": "ı",
    "j": "ȷ",
    "dh": "ð",
    "DH": "Ð",
    "th": "þ",
    "TH": "Þ",
    "textendash": "–",
    "textemdash": "—",
    "textquoteright": "’",
    "textquoteleft": "‘",
    "LaTeX": "LaTeX",
    "TeX": "TeX",
}
_LETTER = lazy_pattern(rf"\\({'|'.join(sorted(_LETTERS, key=len, reverse=True))})(?![A-Za-z])(?:\s+|\{{\}})?")
_WITH_ARGUMENT = lazy_pattern(r"\\[A-Za-z]+\*?\s*(?=\{)")
_FONT = lazy_pattern(
    r"\\(?:bf|it|em|sc|tt|rm|sf|sl|bfseries|itshape|scshape|ttfamily|rmfamily|normalfont)(?![A-Za-z])\s*"
)
_COMMAND = lazy_pattern(r"\\([A-Za-z]+)\*?\s*")
_ESCAPED = lazy_pattern(r"\\([&%$#_{} ])")
_KEPT = {"&": "\ue000", "%": "\ue001", "$": "\ue002", "#": "\ue003", "_": "\ue004", "{": "\ue005", "}": "\ue006"} | {
    " ": "\ue007"
}
"""What an escaped sign is while the others are read: private characters, which no title has."""
_BACK = {ord(private): sign for sign, private in _KEPT.items()}


def plain_text(text: str) -> str:
    """Return a title or a name in one line, with its LaTeX read; what cannot be read stays without its marks."""
    text = " ".join(text[:MAX_CHARS].translate(dict.fromkeys(_BACK)).split())
    if "\\" in text or "$" in text or "{" in text:
        text = _MATH.sub(lambda match: _math(match[1] or match[2]), text)
        text = _plain(text)
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _math(source: str) -> str:
    return readable(source) or _plain(source)


def _plain(text: str) -> str:
    text = _ESCAPED.sub(lambda match: _KEPT[match[1]], text)
    text = _ACCENTED.sub(lambda match: (match[2] or match[3] or match[4]) + _ACCENTS[match[1]], text)
    text = _LETTER.sub(lambda match: _LETTERS[match[1]], text)
    text = _FONT.sub("", _WITH_ARGUMENT.sub("", text))
    text = _COMMAND.sub(lambda match: readable(match[0]) or match[1], text)
    text = text.replace("---", "—").replace("--", "–").replace("``", "“").replace("''", "”").replace("~", " ")
    return re.sub(r"[{}\\]", "", text).translate(_BACK)
