"""Questions, answered with passages of invented reviews: in the terminal, in a batch and as JSON."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.cards.answers import make_card
from bot.cards.card import Card
from bot.languages import speaking
from bot.models.answers import DidYouMean, Gone, NotReviewed, QuestionAnswered
from bot.models.feeds import Entry
from bot.models.requests import EVERYTHING, Command, Request
from bot.models.reviews import BlockKind, Mark
from bot.service import Service
from bot.ui.terminal.chat import Hint, read_line
from bot.ui.terminal.records import answer_batch, answer_record
from tests.conftest import Opened
from tests.factories import make_entry

FILLER = "A quiet day at the harbour, with boats, ropes and gulls, and little else that would be told. " * 15


def make_post(number: int, title: str, html: str) -> Entry:
    return make_entry(
        number,
        title=title,
        link=f"https://asking.example/{number:04d}/",
        html=f"{html}<h2>Notes</h2><p>{FILLER}</p>",
        published=datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=number),
        categories=(),
    )


SHELF = (
    make_post(
        1,
        "[ACL 2024] KettleQA: Questions About Kettles",
        "<h2>Abstract</h2><p>KettleQA asks questions about kettles and their spouts.</p>"
        '<h2 id="2-data">2. Data</h2><h3 id="21-annotators">2.1. Annotators</h3>'
        "<p>A first sentence about nothing. The questions were written by 42 annotators, who were paid by the hour. "
        "Then they rested.</p>"
        "<h2>3. Limitations</h2><p>Only copper kettles were photographed.</p>",
    ),
    make_post(
        2,
        "SpoutNet: Pouring Without Spilling",
        "<h2>Abstract</h2><p>SpoutNet pours tea with a robot arm.</p>"
        "<h2>Method</h2><p>The arm is trained with reinforcement learning on simulated cups.</p>",
    ),
    make_post(
        3,
        "따뜻한 컵: 식지 않는 차",
        "<h2>서론</h2><p>차가 식는 이유를 설명한다.</p><h2>방법</h2><p>이중 유리로 만든 컵이 열을 가둔다.</p>",
    ),
)


@pytest.fixture
async def shelf(opened: Opened) -> AsyncIterator[Service]:
    async with opened(SHELF) as service:
        yield service


async def ask(service: Service, query: str, *, paper: str | None = None) -> QuestionAnswered:
    request = Request(command=Command.ASK, query=query, paper=paper)
    answer = await service.answering.answer(request, EVERYTHING)
    assert isinstance(answer, QuestionAnswered), answer
    return answer


async def test_beside_a_sure_answer_no_other_review_is_shown_that_is_far_from_it(shelf: Service) -> None:
    """What is not sure shows what comes nearest, each from its own review."""
    sure = await ask(shelf, "how many annotators were paid for the questions?")
    assert sure.is_sure
    assert [review.head.short_name for review in sure.reviews] == ["KettleQA"]
    unsure = await ask(shelf, "which robot writes questions about cups?")
    assert not unsure.is_sure
    assert len(unsure.reviews) > 1


def words_of(card: Card) -> Iterator[str]:
    yield card.title
    yield from (block.text for part in card.parts for block in part)


async def test_an_answer_is_the_passage_itself(shelf: Service) -> None:
    """The whole paragraph, its headings, the link to the nearest of them, and the sentence that says it."""
    answer = await ask(shelf, "how many annotators were paid for the questions?")
    (head, passage) = answer.ranked[0]
    assert answer.is_sure
    assert head.title == "[ACL 2024] KettleQA: Questions About Kettles"
    assert passage.headings == ("2. Data", "2.1. Annotators")
    assert passage.link == "https://asking.example/0001/#21-annotators"
    assert passage.text.text.startswith("A first sentence about nothing.")
    start, end = passage.best
    assert passage.text.text[start:end].startswith("The questions were written by 42 annotators")
    assert passage.text.text[start:end].endswith("by the hour.")


async def test_the_card_quotes_and_marks(shelf: Service) -> None:
    """It opens the section, and may be shown to others."""
    card = make_card(await ask(shelf, "how many annotators were paid for the questions?"))
    blocks = [block for part in card.parts for block in part]
    quotes = [block for block in blocks if block.kind is BlockKind.QUOTE]
    marked = "".join(span.text for span in quotes[0].spans if Mark.BOLD in span.marks)
    assert card.title == "how many annotators were paid for the questions?"
    assert "42 annotators" in marked
    assert "first sentence" not in marked
    assert not card.is_private
    assert card.opens[0] is not None
    assert card.opens[0].request.command is Command.SECTION
    assert any(span.href == "https://asking.example/0001/#21-annotators" for block in blocks for span in block.spans)


async def test_what_no_review_says_is_said_so(shelf: Service) -> None:
    """Below the bar the nearest passages are shown, and never as the answer."""
    answer = await ask(shelf, "do submarines photograph copper volcanoes at night?")
    assert not answer.is_sure
    assert make_card(answer).is_private
    assert "No review here says this" in set(words_of(make_card(answer)))
    with speaking("ko"):
        assert "그렇게 말하는 리뷰가 없어요" in set(words_of(make_card(answer)))
    nothing = await ask(shelf, "zyzzyva qwertish?")
    assert not nothing.is_sure
    assert not nothing.reviews


async def test_a_question_about_a_paper_is_answered_from_its_reviews(shelf: Service) -> None:
    """The paper is named, even with a slip, or chosen before; other reviews are not quoted."""
    answer = await ask(shelf, "how are the questions written?", paper="ketleqa")
    assert {review.head.clean_title for review in answer.reviews} == {"KettleQA: Questions About Kettles"}
    assert answer.paper is not None
    assert answer.note == "Nothing is called “ketleqa”; the nearest name is “KettleQA”."
    card = make_card(answer)
    assert card.request is not None
    assert card.request.review_id == answer.paper.id
    again = await shelf.answering.answer(card.request, EVERYTHING)
    assert isinstance(again, QuestionAnswered)
    assert again.reviews == answer.reviews


@pytest.mark.parametrize("link", ["https://arxiv.org/pdf/2401.00001v2", "2401.00001"])
async def test_a_paper_is_named_by_its_link_in_the_question(opened: Opened, link: str) -> None:
    """Whose words its passages need not have. Another page, which no review is about, is not taken for a paper."""
    html = f'<p>The paper: <a href="https://arxiv.org/abs/2401.00001">link</a></p>{SHELF[0].html}'
    async with opened((replace(SHELF[0], html=html), *SHELF[1:])) as service:
        answer = await ask(service, f"how many annotators were paid for the questions in {link}?")
        assert answer.paper is not None
        assert answer.is_sure
        assert {review.head.id for review in answer.reviews} == {answer.paper.id}
        elsewhere = await ask(service, "how many annotators were paid for https://elsewhere.example/questions?")
        assert elsewhere.paper is None


async def test_a_paper_that_is_not_here_is_said_so(shelf: Service) -> None:
    """Its question is not answered from other reviews."""
    request = Request(command=Command.ASK, query="how many annotators?", paper="Saucers of the Deep")
    assert isinstance(await shelf.answering.answer(request, EVERYTHING), DidYouMean | NotReviewed)
    gone = Request(command=Command.ASK, query="how many annotators?", review_id=999)
    assert isinstance(await shelf.answering.answer(gone, EVERYTHING), Gone)


async def test_a_batch_and_json_give_the_same_passages(shelf: Service) -> None:
    """A batch has one result for each passage, with the heading as /search and /section write it."""
    line = {"id": 7, "command": "ask", "query": "how many annotators were paid for the questions?", "paper": None}
    named = line | {"id": 8, "paper": "KettleQA"}
    broken = line | {"id": 9, "paper": 4}
    answers = await answer_batch(shelf, [json.dumps(one).encode() for one in (line, named, broken)])
    first, second, third = (answer.record for answer in answers)
    assert first["id"] == 7
    assert first["confident"]
    assert first["results"][0]["link"] == "https://asking.example/0001/"
    assert first["results"][0]["section"] == "2.1. Annotators"
    assert "42 annotators" in first["results"][0]["passage"]
    assert second["results"][0] | {"score": 0} == first["results"][0] | {"score": 0}
    assert third == {"id": 9, "error": "“paper” must be a string or null"}
    record = answer_record(await ask(shelf, "how many annotators were paid for the questions?"))
    assert (record["answer"], record["confident"]) == ("ask", True)
    assert record["reviews"][0]["passages"][0]["best"].startswith("The questions were written by 42")


def test_a_line_of_the_chat_is_a_question() -> None:
    """The paper is the second field, and never another command's."""
    assert read_line("/ask why do cups cool?") == Request(command=Command.ASK, query="why do cups cool?")
    about = Request(command=Command.ASK, query="why do cups cool?", paper="Warm Cups")
    assert read_line("/ask question:why do cups cool? paper:Warm Cups") == about
    assert not isinstance(read_line("/ask"), Hint)
