"""Addresses of places within a page: the page's own anchors, and text fragments where it has none. Pure."""

from __future__ import annotations

from urllib.parse import quote

from bot.text.links import encode_address

MAX_CHARS = 512
"""The longest address of a link button. Source: Discord, “Component Reference”, Button."""

_MAX_WORDS = 8
"""Words at each end of a heading that is too long as a whole: enough to tell it from other text."""


def heading_link(page: str, anchor: str | None, heading: str | None) -> str:
    """Return the address of a heading within its page.

    That is the page with its own anchor, if the heading has one; otherwise with a text fragment, by which browsers
    look for the heading's words; otherwise the page. A fragment of the page's address is dropped. The part after "#"
    is ASCII, and with it the address has at most `MAX_CHARS` characters, even after its path is percent-encoded.

    Args:
        page: The page's address.
        anchor: The id of the heading's element, as in the markup, not percent-encoded.
        heading: The heading as shown, including its number.

    Source: WHATWG HTML, “Scrolling to a fragment”; WICG, “URL Fragment Text Directives”.
    """
    page = page.partition("#")[0]
    room = MAX_CHARS - len(encode_address(page)) - len("#")
    if anchor and len(fragment := _encode(anchor)) <= room:
        return f"{page}#{fragment}"
    if heading and (text := _shorten(heading, room - len(":~:text="))):
        return f"{page}#:~:text={text}"
    return page


def _shorten(heading: str, room: int) -> str | None:
    """Return a heading as a text directive: whole, or its first and last words; None if these do not fit.

    Browsers only find whole words, so a word is never cut.
    """
    words = [_encode_word(word) for word in heading.split()]
    if len(whole := "%20".join(words)) <= room:
        return whole
    for count in range(min(_MAX_WORDS, len(words) // 2), 0, -1):
        text = ",".join("%20".join(part) for part in (words[:count], words[-count:]))
        if len(text) <= room:
            return text
    return None


def _encode(text: str) -> str:
    """Percent-encode what would end a fragment, and the double marks that chats read in addresses."""
    return quote(text, safe="", errors="replace").replace("__", "%5F%5F").replace("~~", "%7E%7E")


def _encode_word(word: str) -> str:
    """Percent-encode a word of a text directive, whose parts are separated by “-”, “,” and “&”."""
    return _encode(word).replace("-", "%2D")
