"""What is sent fits in a message, whatever it holds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivering.posts import (
    Standing,
    Traits,
    digest_card,
    digest_of,
    is_digest_title,
    is_same,
    link_identity,
    post_of,
    read_traits,
    unmentioning,
    write_traits,
)
from bot.models.announcing import Delivering, Posted
from bot.models.reviews import Identifiers, ReviewHead, StoredReview
from bot.reviews.parsing import parse_review
from bot.ui.discord.limits import EMBED_DESCRIPTION, EMBEDS_TOTAL, length
from bot.ui.discord.markdown import clean_url
from bot.ui.discord.messages import make_post
from tests.factories import make_entry

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def make_head(title: str, link: str, venue: str | None) -> ReviewHead:
    return ReviewHead(
        id=1, link=link, clean_title=title, short_name=None, venue=venue, year=None, feed_url="f", guid=link,
        title=title,
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


# ── what a message is recognised by ─────────────────────────────────────────────────────────────

LINKS = st.sampled_from(
    [
        "https://blog.example/2024/review (1)/",
        "http://www.blog.example/2024/review%20(1)?utm_source=rss",
        "https://블로그.example/글/환각?q=한글&b=2",
        "https://blog.example/?p=12#more",
        "https://blog.example/a__b/~~c/%2528",
    ]
)


@given(LINKS)
def test_an_address_is_known_as_it_stands_in_a_message(link: str) -> None:
    """Discord gets it percent-encoded, with the host's name in ASCII."""
    shown = clean_url(link)
    assert shown is not None
    assert link_identity(shown) == link_identity(link)


def standing(*links: str, title: str | None = None, is_hidden: bool = False, **more: str) -> Standing:
    posted = Posted(message_id=1, channel_id=1)
    traits = Traits(links=frozenset(map(link_identity, links)), title=title, **more)
    return Standing(posted=posted, traits=traits, is_hidden=is_hidden)


ONE, TWO = "https://one.test/1", "https://one.test/2"
SINGLE = Traits(links=frozenset([link_identity(ONE)]), title="One", name="One")
DIGEST = Traits(links=frozenset(map(link_identity, (ONE, TWO))), title="2 new reviews · Blog", name="2 new reviews")


@pytest.mark.parametrize(
    ("there", "wanted", "expected"),
    [
        (standing(ONE, title="Another title"), SINGLE, True),
        (standing(TWO, title="One"), SINGLE, False),
        (standing(ONE, TWO), SINGLE, False),
        (standing(ONE, TWO), DIGEST, True),
        (standing(ONE), DIGEST, True),
        (standing(ONE, "https://one.test/3"), DIGEST, False),
        (standing(title=r"\\*One\\*"), Traits(title="*One*"), True),
        (standing(title="One …"), Traits(title="One and more than fits"), True),
        (standing(title="Two"), Traits(title="One"), False),
        (standing(title="[ACL 2024] One"), Traits(title="One", former_title="[ACL 2024] One"), True),
        (standing(title="One"), Traits(title="One", former_title="[ACL 2024] One"), True),
        (standing(title="[ACL 2024] Two"), Traits(title="One", former_title="[ACL 2024] One"), False),
        (standing(is_hidden=True), DIGEST, True),
        (standing(), DIGEST, False),
        (standing(name="2 new reviews"), DIGEST, True),
        (standing(name="renamed"), DIGEST, False),
        (standing(text="<@5> *Method* was revised"), Traits(text="*Method* was revised"), True),
        (standing(text="Method was revised twice"), Traits(text="Method was revised"), False),
        (standing(ONE, text="Method was revised"), Traits(text="Method was revised"), False),
        (standing(title="Method", text="Method was revised"), Traits(text="Method was revised"), False),
        (standing(text="x" * 1_950 + "…"), Traits(text="x" * 1_950 + " and so on"), True),
        (standing(text="x" * 1_850 + "…"), Traits(text="x" * 1_850 + " and so on"), False),
    ],
)
def test_a_message_is_recognised_by_what_nobody_can_change(
    there: Standing, wanted: Traits, *, expected: bool
) -> None:
    assert is_same(there, wanted) is expected


OLDER = Traits(title="One", former_title="[ACL 2024] One")


@pytest.mark.parametrize("traits", [SINGLE, DIGEST, OLDER, Traits(text="Method was revised"), Traits()])
def test_traits_come_back_as_they_were_kept(traits: Traits) -> None:
    assert read_traits(write_traits(traits)) == traits


def test_what_an_earlier_version_kept_is_understood() -> None:
    assert read_traits('["One", "http://www.one.test/1/", "One"]') == SINGLE
    assert read_traits('["2 new reviews", null, "2 new reviews · 2026-06-01"]').links == frozenset()


FOR_A_ROLE = "This role is pinged for new posts of A blog."
FOR_MEMBERS = "You follow A blog, or a topic of this post. Use /notify to change that."


@pytest.mark.parametrize(
    ("role_id", "user_ids", "said"),
    [
        (None, (), None),
        (7, (), FOR_A_ROLE),
        (None, (5,), FOR_MEMBERS),
        (
            7,
            (5,),
            f"{FOR_A_ROLE} {FOR_MEMBERS}",
        ),
    ],
)
def test_a_ping_says_why(role_id: int | None, user_ids: tuple[int, ...], said: str | None) -> None:
    stored = StoredReview(id=1, feed_url="f", review=parse_review(make_entry(1)), first_seen_at=NOW)
    delivering = Delivering(role_id=role_id)
    message = post_of(stored, delivering, user_ids=user_ids, feed_name="A blog")
    assert message.text == said
    assert unmentioning(message).card == message.card
    digest = digest_of([(make_head("One", ONE, None), "A blog")], delivering, user_ids=user_ids, now=NOW)
    assert digest.text == said


def test_a_digest_offers_its_posts() -> None:
    items = [(make_head(f"Post {number}", f"https://one.test/{number}", None), "A blog") for number in range(30)]
    card = digest_card(items, now=NOW)
    assert [choice.label for choice in card.choices] == [f"Post {number}" for number in range(25)]
    assert is_digest_title(card.title)
    assert not is_digest_title("A new review of an old paper")
