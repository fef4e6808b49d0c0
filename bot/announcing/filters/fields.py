"""The fields that a filter can name: title, category, venue …"""

from __future__ import annotations

from enum import StrEnum


class Field(StrEnum):
    """Where a term looks, as typed before a colon."""

    TITLE = "title"
    CATEGORY = "category"
    VENUE = "venue"
    AUTHOR = "author"
    TEXT = "text"
    YEAR = "year"
