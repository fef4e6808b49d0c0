"""Addresses of headings: the page's own anchors, and text fragments."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.text.anchors import MAX_CHARS, heading_link
from bot.ui.discord.limits import LINK_URL
from bot.ui.discord.markdown import clean_url

PAGE = "https://boats.example/2031/hulls/"
LONG = " ".join(f"word{number}" for number in range(100))

LINKS = [
    # the page's own anchor comes first
    ("related-work", "2. Related Work", "#related-work"),
    ("2_1", "2.1 Sails", "#2_1"),
    ("선체", "선체", "#%EC%84%A0%EC%B2%B4"),
    ("a b&c,d", None, "#a%20b%26c%2Cd"),
    ("a:~:text=b", None, "#a%3A~%3Atext%3Db"),
    # otherwise the words; what separates the parts of a directive is encoded
    (None, "Related Work", "#:~:text=Related%20Work"),
    (None, "  Related\n Work ", "#:~:text=Related%20Work"),
    (None, "Self-made, cheap & light", "#:~:text=Self%2Dmade%2C%20cheap%20%26%20light"),
    (None, "선체 만들기", "#:~:text=%EC%84%A0%EC%B2%B4%20%EB%A7%8C%EB%93%A4%EA%B8%B0"),
    ("", "Hulls", "#:~:text=Hulls"),
    ("h" * 600, "Hulls", "#:~:text=Hulls"),
    # a long heading by its first and last words
    (
        None,
        LONG,
        f"#:~:text={'%20'.join(LONG.split()[:8])},{'%20'.join(LONG.split()[-8:])}",
    ),
    (None, "배" * 40 + " " + "돛" * 20 + " 끝", f"#:~:text={'%EB%B0%B0' * 40},%EB%81%9D"),
    # nothing that fits or says something
    (None, "배" * 60, ""),
    (None, " ", ""),
    (None, None, ""),
]


@pytest.mark.parametrize(("anchor", "heading", "fragment"), LINKS)
def test_heading_link(anchor: str | None, heading: str | None, fragment: str) -> None:
    """A heading is reached by its anchor, else by its words, else not at all."""
    assert heading_link(PAGE, anchor, heading) == PAGE + fragment


def test_a_fragment_of_the_page_is_replaced() -> None:
    """A page's address may lead to a place within it; the heading is another place."""
    assert heading_link(f"{PAGE}#comments", "hulls", None) == f"{PAGE}#hulls"
    assert heading_link(f"{PAGE}#comments", None, None) == PAGE


def test_room_is_measured_as_the_page_is_sent() -> None:
    """A Korean path is sent percent-encoded, nine characters for a letter."""
    page = "https://boats.example/" + "배" * 54  # 22 + 9 × 54 = 508
    assert heading_link(page, "abc", None) == f"{page}#abc"
    assert heading_link(page, "abcd", None) == page


def words_in(fragment: str) -> list[list[str]]:
    return [unquote(part).split() for part in fragment.removeprefix("#:~:text=").split(",")]


HEADINGS = st.lists(st.text(min_size=1, max_size=30), max_size=30).map(" ".join)
PAGES = st.builds("https://boats.example/{}#{}".format, st.text("ab가_~/?=%", max_size=600), st.text(max_size=9))


@example(page=PAGE, heading="a,b a-b a&b text=")
@given(page=PAGES, heading=HEADINGS)
def test_any_heading_is_decoded_to_its_words(page: str, heading: str) -> None:
    """The words of a text fragment are the heading's first and last ones, or all."""
    link = heading_link(page, None, heading)
    words = heading.split()
    bare = page.partition("#")[0]
    assert link.startswith(bare)
    fragment = link.removeprefix(bare)
    if not fragment:
        return
    start, *end = words_in(fragment)
    if end:
        assert (start, end[0]) == (words[: len(start)], words[-len(end[0]) :])
        assert len(start) + len(end[0]) <= len(words)
    else:
        assert start == words
    assert "-" not in fragment
    assert "&" not in fragment


@given(page=PAGES, anchor=st.none() | st.text(max_size=200), heading=st.none() | HEADINGS)
def test_no_link_is_longer_than_a_button_takes(page: str, anchor: str | None, heading: str | None) -> None:
    """Discord refuses a whole message for one address of 513 characters."""
    assert MAX_CHARS == LINK_URL
    bare = page.partition("#")[0]
    link = heading_link(page, anchor, heading)
    assert link.partition("#")[0] == bare
    sent = clean_url(link)
    assert sent is not None
    assert sent.partition("#")[0] == clean_url(bare)
    assert len(sent) <= LINK_URL or link == bare
    assert sent.partition("#")[2] == link.partition("#")[2]  # what the browser gets is what was meant


@given(anchor=st.text(min_size=1, max_size=50))
def test_an_anchor_is_decoded_to_itself(anchor: str) -> None:
    """Browsers decode a fragment before they compare it with the ids of a page."""
    assert unquote(heading_link(PAGE, anchor, None).partition("#")[2]) == anchor
