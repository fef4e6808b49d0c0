"""Shorten texts that are too long for their place. Pure."""

from __future__ import annotations


def cut_text(text: str, characters: int) -> str:
    """Return a text on one line, cut at the end of a word, with an ellipsis.

    A single long word is cut wherever the limit falls.

    Args:
        characters: The longest result, the ellipsis included.
    """
    text = " ".join(text.split())
    if len(text) <= characters:
        return text
    kept = text[: characters - 1]
    space = kept.rfind(" ")
    return (kept[:space] if space > characters // 2 else kept).rstrip(" ,.;:·") + "…"
