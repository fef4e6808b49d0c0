"""Texts that are too long for where they stand. Pure."""

from __future__ import annotations


def cut_text(text: str, characters: int) -> str:
    """A text on one line, cut at a word's end, with an ellipsis; a single long word is cut where it must be."""
    text = " ".join(text.split())
    if len(text) <= characters:
        return text
    kept = text[: characters - 1]
    space = kept.rfind(" ")
    return (kept[:space] if space > characters // 2 else kept).rstrip(" ,.;:·") + "…"
