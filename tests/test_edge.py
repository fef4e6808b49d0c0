"""What strangers wrote, where it meets Discord: no live mention, no link that is not ours, no broken markup."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.cards.card import Card, Tone
from bot.delivering.posts import note_of, notice_of
from bot.models.reviews import Span
from bot.ui.discord.limits import EMBED_TITLE, MESSAGE_CONTENT, length
from bot.ui.discord.markdown import clean_url, plain_line, render_spans
from bot.ui.discord.messages import FOOTER_CHARACTERS, make_content, make_post
from bot.ui.discord.poster import _content

ROOT = Path(__file__).parents[1]
HOSTILE = [
    "[free Nitro](https://evil.example)", "[a](<https://evil.example>)", "](https://evil.example)", "[", "]", "(",
    ")", "<@1>", "<@!1>", "<@&1>", "<#7>", "<#8>", "</feed:1>", "<t:1:R>", "<:a:1>", "<id:customize>", "@everyone",
    "@here", "**", "__", "*", "_", "~~", "||", "`", "```", "\\", ">", ">>> ", "# ", "-# ", "- ", "1. ", "\n", " ",
    "a", "환각", "https://evil.example/x", "<https://evil.example>", "discord.com", ":smile:", "\u202e", "\u200b",
    "\u2066", "\u3164", "\U000e0041", "\ud83d", "\x00", "👩‍💻",
]  # fmt: skip
TEXTS = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=4)), max_size=14).map("".join)
LINKS = st.none() | st.sampled_from(["https://ours.example/x", "https://ours.example/y_(z)"])

_CODE = re.compile(r"(?<!\\)(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
_LIVE = re.compile(r"<(?:@[!&]?\d|#\d|/|t:|a?:|id:)")


def without_code(drawn: str) -> str:
    """Drawn text without what stands in code, where Discord reads no markup."""
    return _CODE.sub("", drawn)


def live_in(drawn: str) -> list[str]:
    """What Discord would take for a mention, a date, an emoji or a command. A backslash before it stops that."""
    unescaped = re.sub(r"\\[^\w\s]", "", without_code(drawn))
    return _LIVE.findall(unescaped) + re.findall("@everyone|@here", drawn)


def links_in(drawn: str) -> list[str]:
    """Where the masked links of a drawn text lead: Discord looks for their end without minding backslashes."""
    return re.findall(r"\]\(\s*<?([^\s)>]*)", without_code(drawn))


@given(st.lists(st.tuples(TEXTS, LINKS), max_size=5))
def test_no_text_becomes_markup_of_its_own(parts: list[tuple[str, str | None]]) -> None:
    """Whatever a feed says: the links are those that we make, and nothing is mentioned."""
    drawn = render_spans(Span(text=text, href=href) for text, href in parts)
    assert live_in(drawn) == []
    ours = {str(clean_url(href)).replace(")", "") for _, href in parts if href}
    assert {link.replace(")", "") for link in links_in(drawn)} <= ours


@given(TEXTS)
@example("[free Nitro](https://evil.example)")
def test_notices_and_notes_hold_our_mentions_alone(text: str) -> None:
    """A word to an admin quotes titles and servers; only the owner and the feed's channel are mentioned."""
    for message, ours in (
        (notice_of(f"I cannot announce {text} in <#7>: {text}.", owner_id=42, not_in=7), ["<@4", "<#7"]),
        (note_of(text), []),
    ):
        drawn = _content(message)
        assert set(live_in(drawn)) <= set(ours)
        assert links_in(drawn) == []
        assert 0 <= length(drawn) <= MESSAGE_CONTENT
        assert not set(drawn) & set("\u202e\u2066\u3164\x00\ud83d\U000e0041")


@given(TEXTS)
def test_titles_and_labels_hold_no_markup(text: str) -> None:
    embed = make_post(Card(tone=Tone.NEWS, title=text, url="https://ours.example/x", footer=text))
    assert embed.title
    assert live_in(embed.title) == []
    assert links_in(embed.title) == []
    label = plain_line(text, 80)
    assert 0 < length(label) <= 80
    assert "\n" not in label
    for shown in (embed.title, embed.footer.text or "", label):
        assert not set(shown) & set("\u202e\u2066\u3164\x00\ud83d\U000e0041")


def test_a_title_that_is_another_address_shows_where_it_leads() -> None:
    embed = make_post(Card(tone=Tone.NEWS, title="discord.com/login", url="https://evil.example/login"))
    assert embed.title == "discord.com/login (evil.example)"
    long = make_post(Card(tone=Tone.NEWS, title="discord.com " * 60, url="https://evil.example/login"))
    assert str(long.title).endswith("… (evil.example)")
    assert length(str(long.title)) <= EMBED_TITLE


def test_a_long_footer_is_cut() -> None:
    embed = make_post(Card(tone=Tone.NEWS, title="t", footer="word " * 100))
    assert length(str(embed.footer.text)) <= FOOTER_CHARACTERS
    assert str(embed.footer.text).endswith("word…")


@pytest.mark.parametrize("text", ["a_b " * 900, "x" * 5_000, "🟩" * 1_500, "line\n" * 600])
def test_a_long_text_is_cut_to_what_fits(text: str) -> None:
    """As drawn: escapes count, and no escape is cut in two."""
    drawn = make_content(text, mentions=["<@42>"])
    assert MESSAGE_CONTENT - 20 < length(drawn) <= MESSAGE_CONTENT
    assert drawn.startswith("<@42> ")
    assert drawn.endswith("…")


# ── that nobody forgets it ──────────────────────────────────────────────────────────────────────

SAFE_CALLS = {"make_content", "fit_text", "plain_line", "_content", "_thread_name"}
SENDING = {"send", "send_message", "edit", "edit_message", "edit_original_response", "create_thread"}
LABELLED = {
    "SelectOption",
    "Choice",
    "Button",
    "Select",
    "RoleSelect",
    "ChannelSelect",
    "Label",
    "TextInput",
    "__init__",
}
SHOWN_ARGUMENTS = {"content", "label", "description", "placeholder", "name"}


def unsafe_texts(source: str) -> Iterator[str]:
    """Each text given to Discord that is neither a constant of ours nor made by one of the functions for it."""
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name not in SENDING | LABELLED:
            continue
        given_texts = [word.value for word in call.keywords if word.arg in SHOWN_ARGUMENTS]
        is_reply = ast.unparse(call.func) in (
            "replies.send",
            "send",
        )  # takes the interaction first, and makes its text safe
        given_texts += call.args[:1] if name in ("send", "send_message") and not is_reply else []
        yield from (f"line {text.lineno}: {ast.unparse(text)}" for text in given_texts if not _is_safe(text))


def _is_safe(text: ast.expr) -> bool:
    match text:
        case ast.Constant():
            return True
        case ast.Call():
            name = text.func.attr if isinstance(text.func, ast.Attribute) else getattr(text.func, "id", "")
            return name in SAFE_CALLS or (name == "_" and all(map(_is_safe, text.args)))
        case ast.IfExp():
            return _is_safe(text.body) and _is_safe(text.orelse)
        case ast.BoolOp():
            return all(map(_is_safe, text.values))
        case _:
            return False


PATHS = [
    path.relative_to(ROOT).as_posix() for top in ("bot/ui/discord", "cogs") for path in (ROOT / top).rglob("*.py")
]
OURS = {
    "bot/ui/discord/forms.py": {"self.about", "self.placeholder"},
    "bot/ui/discord/layout.py": {"placeholder", "sign"},
    "bot/ui/discord/panels/base.py": {"description or None"},
    "bot/ui/discord/panels/welcome.py": {"label"},
    "bot/ui/discord/replies.py": {"content"},
}
"""Words of ours, and texts that were made safe on the line before."""


@pytest.mark.parametrize("path", sorted(PATHS))
def test_every_text_for_discord_is_made_safe(path: str) -> None:
    """Messages by `make_content`, labels by `plain_line`; all else is drawn from cards."""
    ours = OURS.get(path, set())
    found = list(unsafe_texts((ROOT / path).read_text("utf-8")))
    assert [text for text in found if text.partition(": ")[2] not in ours] == []
    assert ours <= {text.partition(": ")[2] for text in found}


def test_the_exceptions_are_of_files_that_exist() -> None:
    assert set(OURS) <= set(PATHS)


def test_the_guard_sees_what_it_is_for() -> None:
    assert list(unsafe_texts("interaction.response.send_message(f'{feed} is paused')"))
    assert list(unsafe_texts("discord.SelectOption(label=title[:100])"))
    assert not list(unsafe_texts("channel.send(make_content(text), view=view)"))
