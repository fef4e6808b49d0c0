"""What is sent fits in a message, whatever it holds."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.announcing.posts import digest_card
from bot.models import Identifiers, ReviewHead
from bot.ui.discord.limits import EMBED_DESCRIPTION, EMBEDS_TOTAL, length
from bot.ui.discord.messages import make_post

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def make_head(title: str, link: str, venue: str | None) -> ReviewHead:
    return ReviewHead(
        id=1, link=link, clean_title=title, short_name=None, venue=venue, year=None, feed_url="f", title=title,
        authors=(), categories=(), identifiers=Identifiers(), date=NOW, characters=1,
    )  # fmt: skip


TEXTS = st.text(min_size=1, max_size=200) | st.sampled_from(["*" * 300, "환각" * 100, "a_b*c~d|" * 30])
HEADS = st.builds(
    make_head,
    TEXTS,
    st.sampled_from(["https://one.test/1", "https://one.test/" + "환" * 90, "https://one.test/" + "_" * 1_500, ""]),
    st.none() | st.sampled_from(["ACL", "EMNLP", "*" * 50]),
)


@given(st.lists(st.tuples(HEADS, st.sampled_from(["Blog", "**Bold** blog", "x" * 300])), min_size=1, max_size=80))
def test_a_digest_is_one_message_however_many_reviews(items: list[tuple[ReviewHead, str]]) -> None:
    """Within Discord's limits, and what is left out is counted."""
    card = digest_card(items, now=NOW)
    assert len(card.parts) == len(items)
    embed = make_post(card)
    assert 0 < length(embed.description or "") <= EMBED_DESCRIPTION
    assert len(embed) <= EMBEDS_TOTAL


def test_a_digest_says_how_many_it_leaves_out() -> None:
    items = [(make_head(f"Otter {n}", f"https://one.test/{n}", None), "Blog") for n in range(200)]
    described = make_post(digest_card(items, now=NOW)).description or ""
    shown = described.count("https://one.test/")
    assert 20 < shown < 200
    assert f"and {200 - shown} more" in described
