"""What a question asks, the sentences of a passage, and words that mean nearly the same."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search.glossary import Glossary
from bot.search.query import parse_query
from bot.search.questions import Kind, read_question
from bot.search.sentences import best_sentence, sentences
from bot.search.vectors import ComparedPassages, Passages, load_word_vectors, written_words
from bot.text.terms import index_terms


@pytest.mark.parametrize(
    ("text", "kind", "subject"),
    [
        ("how many annotators were paid?", Kind.HOW_MANY, "annotators were paid"),
        ("주석을 단 사람은 몇 명이나 돼?", Kind.HOW_MANY, "주석을 단 사람은"),
        ("차는 왜 식어?", Kind.WHY, "차는 식어"),
        ("why does tea cool down", Kind.WHY, "does tea cool down"),
        ("is there a way to keep tea warm?", Kind.HOW, "keep tea warm"),
        ("차를 따뜻하게 두려면 어떻게 해?", Kind.HOW, "차를 따뜻하게 두려면 해"),
        ("what is bad about copper kettles?", Kind.LIMITS, "is bad about copper kettles"),
        ("이 방법의 한계 좀 알려 줘", Kind.LIMITS, "이 방법의 한계"),
        ("is glass better than copper?", Kind.COMPARE, "is glass better than copper"),
        ("유리랑 구리는 뭐가 차이나?", Kind.COMPARE, "유리랑 구리는 차이나"),
        ("which kettle leaks?", Kind.WHICH, "kettle leaks"),
        ("what data was it tested on?", Kind.DATA, "data was it tested on"),
        ("주전자에서 물이 새?", Kind.YES_NO, "주전자에서 물이 새"),
        ("왜", Kind.WHY, "왜"),
    ],
)
def test_a_question_is_read_as_one(text: str, kind: Kind, subject: str) -> None:
    """Its kind, and its words without those that only ask; never nothing."""
    question = read_question(text)
    assert (question.kind, question.subject) == (kind, subject)


@pytest.mark.parametrize(
    ("text", "paper"),
    [
        ("in Kettle in the Middle, how many spouts are there?", "Kettle in the Middle"),
        ("KettleQA 에서 질문은 몇 개야?", "KettleQA"),
        ("how many spouts does a kettle have?", None),
    ],
)
def test_a_paper_may_be_named_in_the_question(text: str, paper: str | None) -> None:
    """Where it stands like a place; whether there is such a paper is for others to say."""
    assert read_question(text).paper == paper


def test_sentences_end_where_a_reader_would_end_them() -> None:
    """Not within numbers, abbreviations or a list's number."""
    text = "We use 3.5 cups, e.g. glass ones. Is it hot? 차는 식는다. “Yes.” he said"
    found = [text[start:end] for start, end in sentences(text)]
    assert found == ["We use 3.5 cups, e.g. glass ones.", "Is it hot?", "차는 식는다.", "“Yes.”", "he said"]


@given(st.text(max_size=300))
def test_sentences_are_parts_of_a_text_in_order(text: str) -> None:
    """They do not overlap, and leave out nothing but space."""
    found = sentences(text)
    assert all(end <= start for (_, end), (start, _) in pairwise(found))
    covered = {at for start, end in found for at in range(start, end)}
    assert all(text[at].isspace() for at in range(len(text)) if at not in covered)


def test_the_best_sentence_has_most_of_what_was_asked() -> None:
    """The first of equals, and all of a text that has none of it."""
    concepts = parse_query("copper kettle", Glossary())
    weights = dict.fromkeys(concepts, 1.0)
    text = "A kettle boils. The copper kettle whistles. Copper shines."
    start, end = best_sentence(text, concepts, weights)
    assert text[start:end] == "The copper kettle whistles."
    assert best_sentence("", concepts, weights) == (0, 0)


def test_words_are_read_from_the_index_as_they_were_written() -> None:
    """The pairs of a Korean word are joined again."""
    assert list(written_words(index_terms("검색증강 생성은 RAG 이다"))) == ["검색증강", "생성은", "rag", "이다"]


def test_words_that_mean_the_same_are_near_in_both_languages() -> None:
    """Nearer than others, and a text without known words is near nothing."""
    vectors = load_word_vectors()
    passages = ["a picture of a dog", "사진 속의 강아지", "the price of oil", "zzzqqq"]
    compared = ComparedPassages(vectors, Passages.of(vectors.rows_of(index_terms(text)) for text in passages))
    asked = vectors.rows_of(index_terms("photo of a puppy"))
    for near in (compared.nearness(asked), compared.nearest_words(asked)):
        assert near[0] > near[2]
        assert near[1] > near[2]
        assert near[3] == 0
    unknown = vectors.rows_of(index_terms("zzzqqq"))
    assert not np.any(compared.nearness(unknown))
    assert not np.any(compared.nearest_words(unknown))
    assert not len(ComparedPassages(vectors, Passages.of([])).nearness(asked))
    assert not len(ComparedPassages(vectors, Passages.of([])).nearest_words(asked))


@given(st.lists(st.frozensets(st.integers(0, 60)), max_size=6), st.frozensets(st.integers(0, 60), min_size=1))
def test_a_passage_has_a_word_as_near_as_its_nearest(passages: list[frozenset[int]], asked: frozenset[int]) -> None:
    """On average over the words that were asked; a passage that has them all has them exactly."""
    vectors = load_word_vectors()
    compared = ComparedPassages(vectors, Passages.of([*passages, asked]))
    found = compared.nearest_words(asked)
    for rows, near in zip([*passages, asked], found, strict=True):
        each = [max(float(vectors.vectors[row] @ vectors.vectors[other]) for other in rows) for row in asked if rows]
        assert near == pytest.approx(sum(each) / len(asked), abs=1e-4)
    assert found[-1] == pytest.approx(1.0, abs=1e-4)
