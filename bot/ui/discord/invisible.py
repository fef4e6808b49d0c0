"""Invisible characters: removed from what strangers wrote, kept where a script or an emoji needs them. Pure.

They reverse a line, hide words from a search or a reader, and make two names look the same. Joiners are kept between
letters of scripts that join them (Persian, the Indic ones) and inside an emoji, tags inside the flags of England,
Scotland and Wales, and a variation selector after a character that it varies.

Source: Unicode 16, DerivedCoreProperties.txt, Default_Ignorable_Code_Point; UTS #51 for emoji.
"""

from __future__ import annotations

import re
import unicodedata

from bot.text.patterns import lazy_pattern

_INVISIBLE = lazy_pattern(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
_BLANK = "\u2800"
"""A Braille cell without dots: a letter that looks like a space."""

_NON_JOINER, _JOINER = "\u200c", "\u200d"
# Arabic to N'Ko, the Indic scripts to Tibetan, Myanmar, Khmer and Mongolian, and the later blocks of these.
_JOINED_SCRIPTS = lazy_pattern(
    "[\u0600-\u07ff\u0840-\u08ff\u0900-\u0fff\u1000-\u109f\u1780-\u18af\u1a00-\u1cff\ua800-\uabff\ufb50-\ufdff"
    "\ufe70-\ufefc\U00011000-\U00011fff]"
)
_IDEOGRAPH = lazy_pattern("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_MONGOLIAN = lazy_pattern("[\u1820-\u18aa]")
_FLAG_TAGS = lazy_pattern("\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|"
                        "\U000e0077\U000e006c\U000e0073)\U000e007f")  # fmt: skip
_BLACK_FLAG = "\U0001f3f4"
_KEYCAP = "\u20e3"
_EMOJI_BESIDE_SYMBOLS = frozenset("\u203c\u2049\u2139\u3030\u303d")


def drop_invisible(text: str) -> str:
    """The text without the invisible characters that do nothing for the visible ones."""
    if _INVISIBLE.search(text):
        text = _INVISIBLE.sub(_needed, text)
    return text.replace(_BLANK, " ")


def _needed(match: re.Match[str]) -> str:
    """The part of a run of invisible characters that its neighbours need."""
    run = match[0]
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    if before == _BLACK_FLAG and (tags := _FLAG_TAGS.match(run)):
        return tags[0]
    kept = run[0] if _varies(run[0], before, after) else ""
    rest = run[len(kept) :]
    return kept + (rest[0] if rest and _joins(rest[0], before, after) else "")


def _varies(selector: str, before: str, after: str) -> bool:
    """Whether a variation selector changes the look of the character before it."""
    if not before:
        return False
    match selector:
        case "\ufe0e" | "\ufe0f":
            return _is_emoji(before) or (before in "0123456789#*" and after == _KEYCAP)
        case _ if "\ufe00" <= selector <= "\ufe0d":
            return unicodedata.category(before) == "Sm" or bool(_IDEOGRAPH.match(before) or "က" <= before <= "႟")
        case _ if "\U000e0100" <= selector <= "\U000e01ef":
            return bool(_IDEOGRAPH.match(before))
        case _ if "\u180b" <= selector <= "\u180f" and selector != "\u180e":
            return bool(_MONGOLIAN.match(before))
        case _:
            return False


def _joins(joiner: str, before: str, after: str) -> bool:
    """Whether a joiner joins two parts of an emoji, or letters of a script that is joined."""
    if joiner == _JOINER and _is_emoji(before) and _is_emoji(after):
        return True
    if joiner not in (_JOINER, _NON_JOINER) or not _JOINED_SCRIPTS.match(before):
        return False
    # After a virama, a joiner changes the look of the last letter, even at the end of a word.
    return bool(_JOINED_SCRIPTS.match(after)) or unicodedata.combining(before) == _VIRAMA


_VIRAMA = 9
"""The combining class of a virama."""


def _is_emoji(character: str) -> bool:
    """Whether a character is an emoji or a symbol that can become one; skin tones count, too."""
    if not character:
        return False
    is_symbol = unicodedata.category(character) in ("So", "Sm")
    return is_symbol or "\U0001f3fb" <= character <= "\U0001f3ff" or character in _EMOJI_BESIDE_SYMBOLS
