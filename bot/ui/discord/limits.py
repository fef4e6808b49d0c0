"""Discord's limits that matter to us, each with the page that states it, and how characters are counted.

Pages are named by their title on docs.discord.com, Developer Documentation, as of 2026.
"""

from __future__ import annotations

from collections.abc import Callable

# ── “Message Resource”: Create Message, Embed Limits ────────────────────────────────────────────

MESSAGE_CONTENT = 2_000
EMBED_TITLE = 256
EMBED_DESCRIPTION = 4_096
EMBED_FOOTER = 2_048
EMBEDS_TOTAL = 6_000
"""Titles, descriptions, field names and values, footers and authors of *all* embeds of one message."""
EMBED_URL = 2_048
"""Not in the documented limits; a longer address is answered with “Must be 2048 or fewer in length.”"""

# ── “Channels Resource”: Start Thread ───────────────────────────────────────────────────────────

THREAD_NAME = 100
FORUM_TAGS, FORUM_TAG = 20, 20
"""The most tags of a forum, and the most characters of one."""

# ── “Component Reference” ───────────────────────────────────────────────────────────────────────

COMPONENTS = 40
"""Of a message with layout components, nested ones too."""
DISPLAYED_TEXT = 4_000
"""Characters of all texts of a message with layout components."""
DISPLAYED_BYTES = 10_000
"""UTF-8 bytes of these texts, with `BYTES_A_TEXT` more for each. Not in the documented limits: Discord answers above
about 10,170 with an error of its own (issue 8554 of discord/discord-api-docs, 2026)."""
BYTES_A_TEXT = 12
GALLERY_ITEMS = 10
"""Pictures of a gallery; we show no more on a page."""
ALT_TEXT = 1_024
"""A picture's description."""
CUSTOM_ID = 100
ROW_BUTTONS = 5
OPTIONS = 25
BUTTON_LABEL = 80
FORM_LABEL = 45
FORM_TITLE = 45
LINK_URL = 512
SELECT_PLACEHOLDER = 150
OPTION_TEXT = 100
"""For an option's label, value and description, each."""

# ── “Application Commands”: Option Choice; “Interactions”: autocomplete ─────────────────

CHOICES = 25
CHOICE_TEXT = 100
"""For a choice's name and its value, each."""


def length(text: str) -> int:
    """Count a text in the strictest way that Discord may use: in UTF-16 code units, so an emoji counts as two.

    Discord's servers count code points (according to a member of its staff in issue 1315 of discord/discord-api-docs,
    2020), but its clients are written in JavaScript and count code units. The larger number satisfies both.
    """
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int, *, draw: Callable[[str], str] = str) -> str:
    """Put a text on one line and, if it is too long, end it after a word with “…”.

    Args:
        limit: Characters of the drawn text, counted by `length`.
        draw: Applied to the text before it is sent, such as escaping; it never shortens a text.
    Returns:
        The drawn text. A single word longer than the limit is cut in the middle.
    """
    text = " ".join(text.split())
    if length(drawn := draw(text)) <= limit:
        return drawn
    end = min(len(text), limit)
    while end and length(draw(text[:end].rstrip(" ,.;:·–")) + "…") > limit:
        end -= 1
    space = text.rfind(" ", 0, end + 1)
    kept = text[:space] if space > 0 else text[:end]
    return draw(kept.rstrip(" ,.;:·–")) + "…"


def shorten(text: str, limit: int) -> str:
    """End a text that is too long with “…”, after a word if one ends nearby; its line breaks are kept.

    Args:
        limit: Characters, counted by `length`.
    """
    if length(text) <= limit:
        return text
    end = min(len(text), limit - 1)
    while end and length(text[:end]) > limit - 1:
        end -= max(1, (length(text[:end]) - limit) // 2)
    kept = text[:end]
    space = max(kept.rfind(" "), kept.rfind("\n"))
    return (kept[:space] if space > end - 40 else kept).rstrip() + "…"
