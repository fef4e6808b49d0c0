"""What is near to a review: the same paper, cited, citing, on the same subject, each for its strongest reason."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.cards.answers import make_card
from bot.cards.card import Tone
from bot.models.answers import DidYouMean, Kinship, NotReviewed, RelatedFound
from bot.models.feeds import Entry
from bot.models.requests import EVERYTHING, Command, Request
from bot.service import open_service
from tests.test_searcher import Harbour, make_post, open_harbour

pytestmark = pytest.mark.asyncio(loop_scope="module")

ARXIV = "https://arxiv.org/abs/"


def cite(number: str) -> str:
    return f'<p>See <a href="{ARXIV}{number}">an earlier paper</a>.</p>'


def make_shelf() -> list[Entry]:
    """Reviews around the one of TidePool, and a few that have nothing to do with it."""
    return [
        make_post(
            "TidePool: Barnacles and Limpets",
            day="2024-01-01",
            links=[f"{ARXIV}2401.00001"],
            abstract="TidePool 은 파도를 센다. Barnacles, periwinkles and limpets are counted.",
            body=f"<p>GullNet 이 먼저였다.</p>{cite('2301.00002')}{cite('2301.00099')}",
        ),
        make_post(
            "On gannets",
            day="2023-01-02",
            links=[f"{ARXIV}2301.00002"],
            abstract="Gannets dive.",
        ),
        make_post("GullNet: Birds in a Row", day="2023-01-03", abstract="GullNet 은 새를 센다."),
        make_post("Cranes", day="2024-02-01", abstract="Cranes wade.", body=cite("2401.00001")),
        make_post("Herons", day="2024-02-02", abstract="Herons stand.", body="<p>Like TidePool, but in mud.</p>"),
        make_post(
            "Why limpets and barnacles hold",
            day="2024-02-03",
            abstract="Barnacles, periwinkles and limpets hold on to the rock.",
        ),
        make_post("Accordion", day="2024-02-04", abstract="Bellows and reeds."),
        make_post(
            "A copied header",
            day="2024-02-05",
            links=[f"{ARXIV}2401.00001", "https://github.com/shore-lab/Semaphore"],
            abstract="Flags are waved.",
        ),
    ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shelf(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Harbour]:
    lonely = make_post(
        "Zither", day="2020-01-01", abstract="Strings over a box. Like TidePool.", body=cite("2401.00001")
    )
    again = make_post(
        "Once more to the shore",
        day="2024-01-02",
        links=[f"{ARXIV}2401.00001v2"],
        abstract="TidePool 을 다시 읽는다. We propose TidePool: barnacles and limpets.",
    )
    async for opened in open_harbour(tmp_path_factory.mktemp("related"), make_shelf(), [lonely], [again]):
        yield opened


async def related(shelf: Harbour, query: str, *, limit: int = 10) -> list[tuple[str, Kinship]]:
    """The titles of what is near to a review, with the reason."""
    answer = await shelf.ask(Command.RELATED, query, limit=limit)
    assert isinstance(answer, RelatedFound), answer
    return [(head.clean_title, kinship) for head, kinship in answer.related]


async def test_each_is_there_once_for_its_strongest_reason_the_strongest_first(shelf: Harbour) -> None:
    """Another blog's review of the paper also names it and has its words; cranes cite it, herons name it."""
    found = await related(shelf, "tidepool")
    reasons = dict(found)
    assert len(reasons) == len(found)
    assert reasons["Once more to the shore"] is Kinship.SAME_PAPER
    assert reasons["On gannets"] is Kinship.CITED
    assert reasons["GullNet: Birds in a Row"] is Kinship.CITED
    assert reasons["Cranes"] is Kinship.CITES
    assert reasons["Herons"] is Kinship.CITES
    assert reasons["Why limpets and barnacles hold"] is Kinship.SIMILAR
    assert "TidePool: Barnacles and Limpets" not in reasons
    order = [list(Kinship).index(kinship) for _, kinship in found]
    assert order == sorted(order)


async def test_what_has_nothing_to_do_with_it_is_not_there(shelf: Harbour) -> None:
    assert "Accordion" not in dict(await related(shelf, "tidepool"))


async def test_citing_is_seen_from_both_sides(shelf: Harbour) -> None:
    """By an identifier, and by the name."""
    assert dict(await related(shelf, "on gannets"))["TidePool: Barnacles and Limpets"] is Kinship.CITES
    assert dict(await related(shelf, "gullnet"))["TidePool: Barnacles and Limpets"] is Kinship.CITES
    assert dict(await related(shelf, "cranes"))["TidePool: Barnacles and Limpets"] is Kinship.CITED
    assert dict(await related(shelf, "herons"))["TidePool: Barnacles and Limpets"] is Kinship.CITED


async def test_the_same_subject_is_seen_from_both_sides(shelf: Harbour) -> None:
    found = dict(await related(shelf, "why limpets and barnacles hold"))
    assert found["TidePool: Barnacles and Limpets"] is Kinship.SIMILAR
    assert "Accordion" not in found


async def test_a_copied_header_makes_no_same_paper(shelf: Harbour) -> None:
    """Asked of either: it links a repository that its text never names, so its header may be another's."""
    assert dict(await related(shelf, "tidepool")).get("A copied header") is not Kinship.SAME_PAPER
    found = dict(await related(shelf, "a copied header"))
    assert found.get("TidePool: Barnacles and Limpets") is not Kinship.SAME_PAPER


async def test_the_usual_headings_make_no_subject(shelf: Harbour) -> None:
    """Every review has an abstract; an accordion is not like a crane for it, in a small cache either."""
    assert await related(shelf, "accordion") == []


async def test_no_more_than_asked_for_the_strongest(shelf: Harbour) -> None:
    everything = await related(shelf, "tidepool")
    assert await related(shelf, "tidepool", limit=2) == everything[:2]


async def test_another_feeds_reviews_are_not_near_where_they_are_not_in_scope(shelf: Harbour) -> None:
    assert dict(await related(shelf, "tidepool"))["Zither"] is Kinship.CITES
    async with open_service(shelf.service.settings, scope=(shelf.feeds[0],)) as scoped:
        found = dict(await related(Harbour(scoped, []), "tidepool"))
        assert "Zither" not in found
        assert "Cranes" in found


async def test_a_review_is_named_or_chosen(shelf: Harbour) -> None:
    """By name with its slips forgiven, by an identifier, by its id from an earlier answer."""
    expected = await related(shelf, "tidepool")
    assert await related(shelf, "tidepol") == expected
    assert await related(shelf, "https://harbour.example/2024-01-01") == expected
    assert await related(shelf, "2301.00002") == await related(shelf, "on gannets")
    by_name = await shelf.ask(Command.RELATED, "tidepool")
    assert isinstance(by_name, RelatedFound)
    chosen = await shelf.service.answering.answer(
        Request(command=Command.RELATED, review_id=by_name.head.id), EVERYTHING
    )
    assert isinstance(chosen, RelatedFound)
    assert chosen.related == by_name.related


async def test_a_name_that_is_not_sure_is_a_question(shelf: Harbour) -> None:
    assert isinstance(await shelf.ask(Command.RELATED, "mandolin"), NotReviewed)
    assert isinstance(await shelf.ask(Command.RELATED, "tydepoal"), DidYouMean)


async def test_a_card_says_why_each_is_there(shelf: Harbour) -> None:
    card = make_card(await shelf.ask(Command.RELATED, "tidepool"))
    lines = ["".join(span.text for span in block.spans) for part in card.parts for block in part]
    assert any("Cranes" in line and "cites this one" in line for line in lines)
    assert any("On gannets" in line and "cited in this one" in line for line in lines)
    assert all(choice.request.command is Command.PAPER for choice in card.choices)
    assert not card.is_private


async def test_nothing_near_is_said_in_words(tmp_path_factory: pytest.TempPathFactory) -> None:
    posts = [
        make_post("Zither", day="2020-01-01", abstract="Strings over a box."),
    ]
    async for alone in open_harbour(tmp_path_factory.mktemp("alone"), posts):
        answer = await alone.ask(Command.RELATED, "zither")
        assert isinstance(answer, RelatedFound)
        assert answer.related == ()
        card = make_card(answer)
        assert card.tone is Tone.MISSING
        assert card.is_private
        assert "No related reviews were found." in [block.text for part in card.parts for block in part]
