"""Questions in everyday words, words typed on the wrong keyboard, and nonsense: in caches of invented reviews."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.answering import searcher
from bot.cards.answers import make_card
from bot.models.answers import NothingFound, SearchFound
from bot.models.feeds import Entry
from bot.models.requests import EVERYTHING, Command, Request
from bot.search.glossary import load_everyday_words
from bot.search.query import parse_query
from bot.service import Service
from bot.store.index import Narrowing
from bot.text.terms import terms
from tests.conftest import Opened
from tests.factories import bundled_glossary, make_entry

FILLER = "A quiet day at the harbour, with boats, ropes and gulls, and little else that would be told. " * 15


def make_post(number: int, title: str, *blocks: str) -> Entry:
    """A review that is no stub; a later number is a newer one."""
    return make_entry(
        number,
        title=title,
        link=f"https://questions.example/{number:04d}/",
        html="".join(f"<p>{block}</p>" for block in (*blocks, FILLER)),
        published=datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=number),
        categories=(),
    )


SHELF = (
    make_post(
        1, "Snugnet: Compression of Language Models", "We compress it until it is small enough for a mobile phone."
    ),
    make_post(2, "Hands Behind Mugs: Hand Reconstruction under Occlusion", "The occluded hand is recovered in 3D."),
    make_post(3, "Telling Truth from Hallucination in Chat", "The dialogue model is factual."),
    make_post(4, "A Walk in the Woods", "A small house, a mobile crane, and a phone that nobody answers."),
    make_post(5, "소식 모음", "갈매기를 지나 걸었다는 이야기이다.", "다른 것도 적는다."),
)


async def search(service: Service, query: str) -> SearchFound:
    answer = await service.answering.answer(Request(command=Command.SEARCH, query=query), EVERYTHING)
    assert isinstance(answer, SearchFound), query
    return answer


async def test_a_question_in_everyday_words_finds_what_papers_call_it(opened: Opened) -> None:
    async with opened(SHELF) as service:
        for query, title in (
            ("모델을 더 가볍게 줄이기", "Snugnet: Compression of Language Models"),
            ("how do I shrink a model", "Snugnet: Compression of Language Models"),
            ("손이 가려져 있어도 복원하는 법", "Hands Behind Mugs: Hand Reconstruction under Occlusion"),
            ("챗봇이 자꾸 지어내는 거짓말", "Telling Truth from Hallucination in Chat"),
        ):
            answer = await search(service, query)
            assert answer.hits[0].head.clean_title == title, query


async def test_a_word_typed_on_the_other_keyboard_is_read_and_that_is_told(opened: Opened) -> None:
    async with opened(SHELF) as service:
        for query, note in (
            ("ㅗ미ㅣㅕ챠ㅜㅁ샤ㅐㅜ", "“ㅗ미ㅣㅕ챠ㅜㅁ샤ㅐㅜ” was read as “hallucination”."),
            ("ghksrkr", "“ghksrkr” was read as “환각”."),
            ("환각 ㅊㅗㅁㅅ", "“ㅊㅗㅁㅅ” was read as “chat”."),
        ):
            answer = await search(service, query)
            assert answer.hits[0].head.clean_title == "Telling Truth from Hallucination in Chat", query
            assert answer.note == note
            assert note in str(make_card(answer))
            assert answer.is_sure, query


async def test_a_word_that_a_review_has_is_not_read_as_typed_on_the_other_keyboard(opened: Opened) -> None:
    """“ghksrkr” stands in a text here: it is a word like any other."""
    async with opened([*SHELF, make_post(9, "Log of Passwords", "Somebody typed ghksrkr.")]) as service:
        answer = await search(service, "ghksrkr")
        assert (answer.hits[0].head.clean_title, answer.note) == ("Log of Passwords", None)


async def test_the_keys_of_no_word_that_a_review_has_find_nothing(opened: Opened) -> None:
    async with opened(SHELF) as service:
        request = Request(command=Command.SEARCH, query="dkssud")  # 안녕
        assert isinstance(await service.answering.answer(request, EVERYTHING), NothingFound)


async def test_a_korean_word_that_stands_once_in_passing_is_no_answer(opened: Opened) -> None:
    async with opened(SHELF) as service:
        assert not (await search(service, "갈매기를")).is_sure
    about = make_post(6, "갈매기 읽기", "갈매기를 읽는다.")
    async with opened([*SHELF, about]) as service:
        answer = await search(service, "갈매기")
        assert (answer.hits[0].head.clean_title, answer.is_sure) == ("갈매기 읽기", True)


async def test_what_some_post_among_many_has_word_by_word_is_no_answer(opened: Opened) -> None:
    """A post with all the words, not in one place: the words of nonsense stand somewhere in a large cache."""
    scattered = make_post(7, "Notes", "A kettle is bought.", "The grocer weighs pears.")
    others = [make_post(20 + n, f"Note {n}") for n in range(30)]
    for query in ("kettle grocer", "kettle grocer harbour"):
        async with opened([*SHELF, scattered, *others]) as service:
            answer = await search(service, query)
            assert answer.hits[0].head.clean_title == "Notes"
            assert not answer.is_sure, query
    together = make_post(8, "More Notes", "The grocer weighs a kettle.")
    async with opened([*SHELF, together, *others]) as service:
        assert (await search(service, "kettle grocer")).is_sure


async def test_an_everyday_question_is_sure_by_the_title_and_not_by_words_in_passing(opened: Opened) -> None:
    async with opened(SHELF) as service:
        assert (await search(service, "모델 줄이기")).is_sure
    async with opened([SHELF[3]]) as service:
        assert not (await search(service, "작은 휴대폰")).is_sure


async def test_a_word_that_no_review_has_counts_in_full(opened: Opened) -> None:
    """압축 is answered, but not 압축 of a suitcase."""
    async with opened(SHELF) as service:
        assert (await search(service, "compression")).is_sure
        answer = await search(service, "여행가방 compression")
        assert answer.hits[0].head.clean_title == "Snugnet: Compression of Language Models"
        assert not answer.is_sure


async def test_of_common_everyday_words_in_a_large_cache_the_two_rarest_are_scored(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has many spellings, whose lists are long there."""
    monkeypatch.setattr(searcher, "SMALL", 3)
    monkeypatch.setattr(searcher, "SCORED_WHOLLY", 2)
    common = {"image": 6, "cost": 5, "latency": 4}
    posts = [
        make_post(10 * at + n, f"Note {at}-{n}", f"It is {word}.")
        for at, (word, count) in enumerate(common.items(), 1)
        for n in range(count)
    ]
    everything = make_post(99, "Note", "The latency and cost of an image.")
    query = "photo cheaply quickly"
    async with opened([*posts, everything]) as service:
        shares = [item.share for item in (await service.searcher.rank(query, Narrowing())).ranked]
        assert max(shares) < 0.9
        monkeypatch.setattr(searcher, "MAX_EVERYDAY", 3)
        shares = [item.share for item in (await service.searcher.rank(query, Narrowing())).ranked]
        assert max(shares) == pytest.approx(1.0)


async def test_an_everyday_word_is_sought_by_its_first_spellings_in_a_large_cache(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened(SHELF) as service:
        (photo,) = (await service.searcher.rank("photo", Narrowing())).concepts
        monkeypatch.setattr(searcher, "LARGE", 2)
        (bounded,) = (await service.searcher.rank("photo", Narrowing())).concepts
    assert len(photo.spellings) > 3
    assert bounded.spellings == photo.spellings[:3]


async def test_one_small_word_of_a_question_that_stands_in_passing_is_no_answer(opened: Opened) -> None:
    async with opened(SHELF) as service:
        answer = await search(service, "how can you crane your")
        assert answer.hits[0].head.clean_title == "A Walk in the Woods"
        assert not answer.is_sure
        assert (await search(service, "crane")).is_sure  # typed alone, it is what is looked for
        assert (await search(service, "what is a snugnet")).is_sure  # its title has it


# ── the list of everyday words ──────────────────────────────────────────────────────────────────


def test_every_line_of_the_everyday_words_is_read() -> None:
    assert load_everyday_words().problems == ()


def test_a_word_of_the_texts_is_not_read_as_an_everyday_one() -> None:
    """“tabular” is sought as it stands; “picture” as an image, too."""
    everyday, glossary = load_everyday_words(), bundled_glossary()
    (table,) = parse_query("tabular", glossary, everyday=everyday)
    (picture,) = parse_query("picture", glossary, everyday=everyday)
    assert (table.is_everyday, picture.is_everyday) == (False, True)
    assert table.spellings == (("tabular",),)
    assert {("pictur",), ("imag",)} <= set(picture.spellings)


def test_what_the_glossary_knows_is_no_everyday_word() -> None:
    glossary, everyday = bundled_glossary(), load_everyday_words()
    (found,) = parse_query("환각", glossary, everyday=everyday)
    assert not found.is_everyday


@pytest.mark.parametrize("query", ["알 수 있나", "할 수 있을까", "do the doing"])
def test_phrases_that_papers_have_no_words_for_say_little(query: str) -> None:
    """알 수 and 알수 are one spelling with and without its space, and “do” is no everyday word but none at all."""
    concepts = parse_query(query, bundled_glossary(), everyday=load_everyday_words())
    assert concepts
    assert all(concept.is_empty for concept in concepts)
    assert "do" not in [concept.text for concept in concepts]


@pytest.mark.parametrize(
    ("query", "sought"),
    [
        ("쿼리가", "query"),
        ("락을 오래 쥐면", "lock"),
        ("정전이 되면", "recovery"),
        ("조인트를", "joint"),
        ("손짓을", "gesture"),
        ("학습시키려면", "train"),
        ("shoppers", "user"),
        ("painting", "style"),
    ],
)
def test_everyday_words_are_sought_by_what_papers_write(query: str, sought: str) -> None:
    (run,) = (tuple(term.text for term in terms(sought)),)
    concepts = parse_query(query, bundled_glossary(), everyday=load_everyday_words())
    assert run in {spelling for concept in concepts for spelling in concept.spellings}


@pytest.mark.parametrize(
    ("query", "other"),
    [
        ("조인트를", "join"),
        ("나이브한", "age"),
        ("마이크로한", "microphone"),
        ("로그인을", "log"),
        ("트리거를", "tree"),
        ("장애 학생을", "failure"),
        ("나무위키에서", "forest"),
    ],
)
def test_a_longer_word_does_not_mean_what_it_begins_with(query: str, other: str) -> None:
    (run,) = (tuple(term.text for term in terms(other)),)
    concepts = parse_query(query, bundled_glossary(), everyday=load_everyday_words())
    assert run not in {spelling for concept in concepts for spelling in concept.spellings}


@pytest.mark.parametrize("query", ["CLIP", "offline", "sorting"])
def test_a_name_or_term_that_is_also_a_word_is_no_everyday_word(query: str) -> None:
    (found,) = parse_query(query, bundled_glossary(), everyday=load_everyday_words())
    assert not found.is_everyday


@pytest.mark.parametrize(
    ("query", "beginning"),
    [
        ("글로벌", "글로"),
        ("가리키는", "가리"),
        ("가려고", "가려"),
        ("고르게", "고르"),
        ("의사소통", "의사"),
        ("대신", "대신해"),
    ],
)
def test_a_word_is_not_read_as_another_one_that_it_begins_with(query: str, beginning: str) -> None:
    """가리키다 is to point, 가리다 to hide."""
    glossary, everyday = bundled_glossary(), load_everyday_words()
    (found,), (other,) = (parse_query(text, glossary, everyday=everyday) for text in (query, beginning))
    assert found.is_everyday
    assert set(found.spellings) & set(other.spellings) <= {("replac",)}


def test_an_everyday_word_is_excluded_as_it_stands() -> None:
    """What must not be there is what was typed, and nothing that papers call so."""
    (found,) = parse_query("picture", bundled_glossary())
    assert found.spellings == (("pictur",),)


async def test_a_name_that_a_text_has_as_typed_is_not_read_as_a_slip_of_another(opened: Opened) -> None:
    """Somebody who asks for KettleMix does not mean KettleMax if a review compares with KettleMix; but what only the
    review of KettleMax itself has is its author's slip."""
    posts = (
        make_post(1, "KettleMax: Boiling Wide", "KettleMax boils, and KettleMex as well."),
        make_post(2, "Tea", "KettleMix is slower. KettleMaxes are many. A patent is slow."),
        make_post(3, "Patient Machines Wide Awake", "They boil."),
    )
    async with opened(posts) as service:
        for query, is_sure in (
            ("patent machines wide", False),
            ("patinet machines wide", True),
            ("KettleMix", False),
            ("KettleMox", True),
            ("KettleMex", True),
            ("KettleMaxs", True),
        ):
            answer = await service.answering.answer(Request(command=Command.PAPER, query=query), EVERYTHING)
            assert answer.is_sure == is_sure, query
