"""What a note about a revised review says in Korean, and how it is read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.announcements import why_card
from bot.languages import speaking
from bot.models.announcing import Decision, Delivering, Stage, Subscription, SubscriptionState
from bot.reading.changes import Changes, describe, untold
from bot.reading.revision_notes import OPENING, read_note, say_note
from tests.test_posts import NOW, make_head

HEADINGS = st.lists(st.text("abc 가나.;-3", min_size=1, max_size=6).map(str.strip).filter(bool), max_size=12).map(
    tuple
)
CHANGES = st.builds(
    Changes,
    new=HEADINGS,
    changed=HEADINGS,
    gone=HEADINGS,
    is_retitled=st.booleans(),
    has_new_facts=st.booleans(),
    is_reordered=st.booleans(),
)


def in_korean(description: str) -> str:
    with speaking("ko"):
        return say_note(description)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (Changes(), "리뷰의 형식만 바뀌었어요."),
        (
            Changes(new=("4.3 Limits", OPENING), changed=("Abstract",), is_retitled=True),
            "리뷰가 수정됐어요. 제목이 바뀜; 추가: 4.3 Limits, 머리말; 변경: Abstract.",
        ),
        (Changes(gone=tuple("abcdefghij")), "리뷰가 수정됐어요. 삭제: a, b, c, d, e, f, g, h 외 2개."),
        (Changes(is_reordered=True), "리뷰가 수정됐어요. 섹션의 순서나 번호가 바뀜."),
        (Changes(has_new_facts=True), "리뷰가 수정됐어요. 학회, 연도 또는 저자가 바뀜."),
    ],
)
def test_a_note_is_said_in_korean(changes: Changes, said: str) -> None:
    assert in_korean(describe(changes)) == said
    assert say_note(describe(changes)) == describe(changes)


def test_a_number_of_sections_is_said_in_korean() -> None:
    """Where no heading fits."""
    changes = Changes(new=tuple(f"H{number}" for number in range(1_100)))
    assert in_korean(describe(changes, limit=45)) == "리뷰가 수정됐어요. 추가: 섹션 1,100개."


@given(CHANGES, st.sampled_from([1_500, 60, 45]))
def test_a_korean_note_is_read_back(changes: Changes, limit: int) -> None:
    """So that nothing is told twice, whatever language it was told in before."""
    line = describe(changes, limit=limit)
    assert read_note(in_korean(line)) == line
    assert untold(line, [read_note(in_korean(line))]) is None


@pytest.mark.parametrize("text", ["", "A message.", "리뷰가 좋아요.", "The review was revised: new: A."])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert read_note(text) == text
    if not text.startswith("The review"):
        assert in_korean(text) == text


def test_why_says_a_revision_in_the_readers_language() -> None:
    followed = Subscription(
        id=1, feed_id=1, feed_url="https://one.test/feed", feed_title=None, guild_id=7, channel_id=11, owner_id=9,
        delivering=Delivering(), state=SubscriptionState.ACTIVE, reason=None, created_at=NOW,
    )  # fmt: skip
    told = describe(Changes(new=("4.3 Limits",)))
    decided = Decision(subscription_id=1, review_id=1, stage=Stage.UPDATED, at=NOW, detail=told)
    head = make_head("A title", "https://one.test/1", None)
    with speaking("ko"):
        card = why_card(head.link, head, [(followed, [decided], None)], [], lambda channel_id: f"#{channel_id}")
    assert "리뷰가 수정됐어요. 추가: 4.3 Limits." in card.parts[0][1].text
