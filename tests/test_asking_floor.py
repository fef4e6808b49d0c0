"""How well questions about the bundled sample are answered: floors below which no change may fall.

The questions are ours, written from reading the sample, in other words than its passages.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.asking import HALVES, MARKS, Way, ask_all, load
from bot.bundled import sample_feed

QUESTIONS = Path(__file__).parent / "data" / "asking.jsonl"


async def test_questions_about_the_sample_find_their_passages(tmp_path: Path) -> None:
    """In so many of 29 answerable questions; and the bot is not sure of an answer to what the sample does not say."""
    marked = await ask_all(sample_feed(), tmp_path / "a.db", load(QUESTIONS, HALVES), Way.ASK)
    answerable = [one for one in marked if one.question["answerable"]]
    others = [one for one in marked if not one.question["answerable"]]
    counts = {mark: sum(one.marks[mark] for one in answerable) for mark in MARKS}
    assert len(answerable) == 29
    assert counts["passage 1st"] >= 13, counts
    assert counts["in 3"] >= 18, counts
    assert counts["review 1st"] >= 21, counts
    assert counts["sure & wrong"] <= 2, counts
    assert sum(one.marks["sure"] for one in others) <= 1
