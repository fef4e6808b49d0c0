"""A passage of a review that somebody quoted: what is kept of it, and where it stands in a later version."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from bot.models.reviews import Block

MAX_CHARACTERS = 300
"""The most that is kept of a passage's own words."""
CONTEXT_CHARACTERS = 32
"""How much of the text before and after a passage is kept. Source: Hypothesis's client, which keeps as much."""


def check_of_words(words: str) -> str:
    """Six characters that tell a passage's words from others, for the ids of buttons."""
    return base64.urlsafe_b64encode(sha256(words.encode("utf-8", "replace")).digest()[:5]).decode()[:6]


def check_of_block(block: Block) -> str:
    """The same for all words of a block, of which a menu shows only the first."""
    return check_of_words(" ".join(block.text.split()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What is kept of a quoted passage, to find it again when its review was revised.

    Source: W3C, “Web Annotation Data Model”, §4.2.4 Text Quote Selector (``exact``, ``prefix``, ``suffix``) and
    §4.2.5 Text Position Selector (``characters_before``).

    Attributes:
        exact: Its words as written, at most `MAX_CHARACTERS` characters.
        prefix: The text before it in its section, at most `CONTEXT_CHARACTERS` characters, in the form that is
            compared (`bot.text.normal_form`). A line break stands between two blocks.
        suffix: The same of the text after it.
        headings: The headings that it is below, as written, outermost first.
        position: Of its section among those of the review.
        block: Of its block within the section.
        version: The hash of the entry that it was quoted from.
        characters_before: How many characters of the review's text are before it, in the form that is compared.
        characters_after: The same of the text after it.
        rival_percent: How much the most similar other text of the review was like it: 100 if the same words stood
            elsewhere, too, and 0 if nothing was similar.
        is_only_block: Whether it was a whole block, and no other block had the same words.
    """

    exact: str
    prefix: str
    suffix: str
    headings: tuple[str, ...]
    position: int
    block: int
    version: str
    characters_before: int
    characters_after: int
    rival_percent: float
    is_only_block: bool


class Evidence(StrEnum):
    """By what a passage was found."""

    EXACT = "exact"  # its words
    CONTEXT = "context"  # what is before and after it; its words have changed
    NEAR = "near"  # similar words under the same heading


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored:
    """Where a passage stands now.

    Attributes:
        position: Of its section among those of the review.
        block: Of the block in which it begins.
        start: Where in that block's text it begins, in characters.
        last_block: Of the block in which it ends: another one if its paragraph was split.
        end: Where in the last block's text it ends.
        found_by: By what it was found.
        has_changed: Whether its words have changed: letters, digits or mathematical signs, not only their form.
        words: Its words now, as written. They may be longer than `MAX_CHARACTERS`.
    """

    position: int
    block: int
    start: int
    last_block: int
    end: int
    found_by: Evidence
    has_changed: bool
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphaned:
    """A passage that no longer stands in its review, or that several places may be. ``words`` are its old ones."""

    words: str
