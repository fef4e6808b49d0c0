"""What a search is narrowed by."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import RequestError
from bot.search.filters import split_filters
from tests.test_search import make_head

HEAD = make_head(
    1,
    venue="ICLR",
    year=2024,
    categories=("Vision-and-Language", "LLM"),
    authors=("Akari Asai", "Zeqiu Wu"),
    date=datetime(2024, 3, 15, tzinfo=UTC),
    feed_url="https://blog.test/feed",
)


@pytest.mark.parametrize(
    "query",
    [
        "venue:ICLR", "venue:iclr2024", 'venue:"ICLR 2024"', "VENUE:ICLR", "year:2024", "tag:vision-and-language",
        "tag:llm", "author:asai", 'author:"akari asai"', "source:blog.test", "before:2024-03-16", "before:2025",
        "after:2024-03-15", "after:2024", "after:2024-3", "venue:ICLR tag:LLM year:2024",
    ],
)  # fmt: skip
def test_a_review_that_meets_its_filters_is_kept(query: str) -> None:
    rest, filters = split_filters(query)
    assert rest == ""
    assert filters
    assert all(one.accepts(HEAD) for one in filters)


@pytest.mark.parametrize(
    "query",
    ["venue:ICL", "venue:ICLR2023", "year:2023", "tag:vision", "author:as", 'author:"akari wu"', "source:tistory",
     "before:2024-03-15", "before:2024", "after:2024-03-16", "after:2025"],
)  # fmt: skip
def test_a_review_that_does_not_is_left_out(query: str) -> None:
    assert not all(one.accepts(HEAD) for one in split_filters(query)[1])


def test_words_around_filters_stay_in_order() -> None:
    rest, filters = split_filters('환각 venue:ACL2023 "green list" year:2023 http://x.test:80 note:this')
    assert rest == '환각 "green list" http://x.test:80 note:this'
    assert [one.name for one in filters] == ["venue", "year"]


@pytest.mark.parametrize(
    "query", ["year:soon", "year:24", "before:yesterday", "after:2024-13", "venue:", 'tag:""', "tag:?"]
)
def test_a_filter_that_means_nothing_is_refused_in_words(query: str) -> None:
    with pytest.raises(RequestError, match=query.partition(":")[0]):
        split_filters(query)


@given(st.text(max_size=60))
def test_any_text_is_split_or_refused(text: str) -> None:
    try:
        rest, _ = split_filters(text)
    except RequestError:
        return
    assert len(rest) <= len(text)
