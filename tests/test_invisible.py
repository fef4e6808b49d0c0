"""Letters that nobody sees: gone where they do nothing, kept where a script or an emoji needs them."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ui.discord.invisible import drop_invisible

ALONE = [
    0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x180B, 0x180E, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x202A,
    0x202E, 0x2060, 0x2061, 0x2064, 0x2066, 0x2069, 0x206F, 0x3164, 0xFE00, 0xFE0E, 0xFE0F, 0xFEFF, 0xFFA0, 0xFFF9,
    0xFFFB, 0x1BCA0, 0x1D173, 0xE0001, 0xE0041, 0xE007F, 0xE0100,
]  # fmt: skip


@pytest.mark.parametrize("code", ALONE, ids=lambda code: f"U+{code:04X}")
def test_what_nobody_sees_goes_from_among_letters(code: int) -> None:
    """Between Latin letters, between syllables, and alone."""
    for text in ("ab", "환각", ""):
        assert drop_invisible(f"{text[:1]}{chr(code)}{text[1:]}") == text


KEPT = [
    "환각 \u1112\u116a\u11ab\u1100\u1161\u11a8",  # Hangul, composed and not
    "👩‍💻 👨‍👩‍👧‍👦 🏳️‍🌈 🧑🏽‍🚀 ❤️ ❤︎ ☎️ 1️⃣ #️⃣ ‼️ ↔️ ©️ 👁️‍🗨️",
    "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",  # Scotland
    "می‌خواهم",  # Persian: without the non-joiner it is another word
    "क्‍ष क्‌ष ශ්‍රී ക്‍",  # Indic
    "葛\U000e0100城",  # a variant of an ideograph
    "∩\ufe00 é ᠠ\u180b",
    "a\tb\nc",
]


@pytest.mark.parametrize("text", KEPT)
def test_what_a_script_or_an_emoji_needs_stays(text: str) -> None:
    assert drop_invisible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("dis\u200bcord", "discord"),
        ("abc\u202etxt.exe", "abctxt.exe"),
        ("👩\u200b\u200d💻", "👩💻"),  # a joiner beside something else joins nothing
        ("🏴\U000e0041\U000e0042\U000e007f", "🏴"),  # a text hidden in the tags of a flag that does not exist
        ("ab\u200d\u200c", "ab"),
        ("می\u200c\u200c\u200cخواهم", "می\u200cخواهم"),
        ("!\ufe0f", "!"),
        ("a\u2800b", "a b"),
        ("\u3164" * 5, ""),
    ],
)
def test_hidden_runs(text: str, shown: str) -> None:
    assert drop_invisible(text) == shown


@given(st.text() | st.lists(st.sampled_from([*map(chr, ALONE), "a", "환", "👩", "م", "क", "्", "葛"])).map("".join))
def test_nothing_else_is_touched(text: str) -> None:
    """Whatever is given: what is seen stays in its order, and a second time changes nothing."""
    shown = drop_invisible(text)
    assert drop_invisible(shown) == shown

    def seen(of: str) -> str:
        ignorable = "".join(map(chr, (*ALONE, *range(0x200B, 0x2070), *range(0xFE00, 0xFE10), 0x2800)))
        return "".join(
            c for c in of if c not in ignorable and unicodedata.category(c) not in ("Cf", "Cn", "Zs", "Mn")
        )

    assert seen(shown) == seen(text)
