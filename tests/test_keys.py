"""Links as people paste them, and what of an address counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search.keys import link_key, pasted

LINK = "https://shelf.example/boats/"


@pytest.mark.parametrize(
    "text",
    [
        LINK,
        f"<{LINK}>",
        f"[Boats]({LINK})",
        f"[Boats](<{LINK}>)",
        f'[Boats]({LINK} "A title").',
        f"[{LINK}]({LINK})",
        f"({LINK}).",
        f"“{LINK}”",
        f'"{LINK}",',
        f"**{LINK}**",
        f"`{LINK}`",
        f"「{LINK}」。",
        "https://shelf.example/boats.",
        "http://www.shelf.example/boats",
        f"{LINK}?utm_source=newsletter&utm_medium=email",
        f"{LINK}?fbclid=IwAR0",
        f"{LINK}?gclid=1&utm_id=2#part",
        "https://shelf.example/%62oats/",
    ],
)
def test_a_pasted_link_is_the_page_that_it_leads_to(text: str) -> None:
    """In brackets, quotes or Markdown, at a sentence's end, with trackers, with letters written as bytes."""
    assert link_key(pasted(text)) == link_key(LINK)


@pytest.mark.parametrize("text", ["BLIP-2", '"soup"', "<SoupNet>", "What is soup?", "(1)", "[x]", ""])
def test_what_is_no_link_stays_as_typed(text: str) -> None:
    assert pasted(text) == text


def test_what_tells_pages_apart_stays() -> None:
    """A number of a post is no tracker, nor a bracket that the address itself opened."""
    assert link_key("https://a.example/?p=1") != link_key("https://a.example/?p=2")
    assert pasted("https://a.example/Soup_(food)") == "https://a.example/Soup_(food)"


@given(text=st.text(max_size=60))
def test_any_text_may_be_pasted(text: str) -> None:
    """It never raises, and a link's key does not change when it is taken again."""
    assert link_key(pasted(text)).startswith("link:")
    assert pasted(pasted(text)) == pasted(text)
