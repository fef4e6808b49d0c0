"""What a press sends, as an id: read back exactly, within the limit, and nothing else is read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models.requests import Command, Press, PressKind, Request
from bot.ui.discord.actions import MENU, PRESS_MENU, Action, decode, encode, encode_press, in_slot
from bot.ui.discord.limits import CUSTOM_ID

NUMBERS = st.integers(0, 2**53)
CHECKS = st.none() | st.from_regex(r"[A-Za-z0-9_-]{6}", fullmatch=True)
WORDS = st.text(max_size=120)
REQUESTS = st.builds(
    Request,
    command=st.sampled_from(Command),
    query=st.just("") | WORDS,
    heading=st.none() | WORDS,
    review_id=st.none() | NUMBERS,
    position=st.none() | NUMBERS,
    limit=st.just(10) | st.integers(0, 50),
    check=CHECKS,
    offset=st.just(0) | NUMBERS,
    page=st.just(0) | NUMBERS,
)


@given(request=REQUESTS, wrapped=st.sampled_from(["", "is_shown", "is_beside"]), slot=st.integers(0, 35))
def test_what_is_pressed_is_what_was_meant(request: Request, wrapped: str, slot: int) -> None:
    """A request that an id cannot hold has none."""
    how = {wrapped: True} if wrapped else {}
    written = encode(request, **how)
    if written is not None:
        placed = in_slot(written, slot)
        assert len(placed) <= CUSTOM_ID
        kept = decode(placed)
        if kept != Action(request=request, **how):
            assert request.review_id is not None or request.command is Command.ASK
            request = replace(request, query="", offset=0)  # where it was found, or what was asked, may be too long
        assert kept == Action(request=request, **how)


BIGGEST = 2**53
CHOSEN = Request(command=Command.PAPER, review_id=BIGGEST, page=BIGGEST, check="Ab_-19")


@pytest.mark.parametrize(
    "request_",
    [
        CHOSEN,
        replace(CHOSEN, check=None),
        replace(CHOSEN, command=Command.RELATED, limit=25, offset=BIGGEST),
        replace(CHOSEN, command=Command.SECTION, position=BIGGEST),
        replace(CHOSEN, command=Command.SECTION, heading="3.2. 실험: method" * 2),
        replace(CHOSEN, command=Command.SECTION),
        replace(CHOSEN, query="venue:ICLR 환각", offset=10),
        replace(CHOSEN, command=Command.SECTION, position=9, query="venue:ICLR 환각", offset=10),
        Request(command=Command.LATEST, limit=25, offset=30, page=2),
        Request(command=Command.HELP, page=1),
        Request(command=Command.SEARCH, query="hallucination venue:EMNLP2023 환각", offset=10),
        Request(command=Command.PAPER, query="ICLR 2024", offset=25, page=1),
        Request(command=Command.SECTION, query="instag 3.2", page=1),
        Request(command=Command.RELATED, query="self rag"),
        Request(command=Command.ASK, query="왜 태그를 합치나요: 이유는?", page=1),
        replace(CHOSEN, command=Command.ASK, query="how are the tags cleaned?"),
    ],
    ids=str,
)
def test_every_kind_of_request_has_an_id(request_: Request) -> None:
    for is_shown in (False, True):
        written = encode(request_, is_shown=is_shown)
        assert written is not None
        assert decode(written) == Action(request=request_, is_shown=is_shown)


def test_the_scheme_stays_as_it_is() -> None:
    """Messages of years hold these ids."""
    section = Request(command=Command.SECTION, review_id=1_295, position=36, page=1, check="Ab_-19")
    assert encode(section) == "n1:s:zz:10:1:Ab_-19"
    assert encode(section, is_shown=True) == "n1:w:s:zz:10:1:Ab_-19"
    assert encode(section, is_beside=True) == "n1:A:s:zz:10:1:Ab_-19"
    assert in_slot("n1:s:zz:10:1:Ab_-19", 11) == "n1:sb:zz:10:1:Ab_-19"
    assert encode(Request(command=Command.SEARCH, query="a:b 환각")) == "n1:q:a:0:0:a:b 환각"
    assert encode(Request(command=Command.ASK, query="a:b?")) == "n1:m:0:a:b?"
    assert encode(replace(section, command=Command.ASK, position=None, query="a?")) == "n1:n:zz:1:Ab_-19:a?"


@pytest.mark.parametrize("kind", PressKind)
def test_every_kind_of_press_has_an_id(kind: PressKind) -> None:
    for press in (
        Press(kind=kind, number=1_295, position=36, block=7, check="Ab_-19"),
        Press(kind=kind, number=0, text="a:b 환각"),
    ):
        written = encode_press(press)
        assert written is not None
        assert decode(written) == press


def test_the_scheme_of_presses_stays_as_it_is() -> None:
    press = Press(kind=PressKind.DISCUSS_PASSAGE, number=1_295, position=36, block=1, check="Ab_-19")
    assert encode_press(press) == "n1:e:zz:10:1:Ab_-19:"
    assert encode_press(Press(kind=PressKind.DISCUSS, number=7, check="Ab_-19")) == "n1:d:7:0:0:Ab_-19:"


def test_a_press_is_never_shown_in_a_channel() -> None:
    """That is for answers: somebody else's press does nothing for those who only read."""
    assert decode("n1:w:d:7:0:0:Ab_-19:") is None


@given(st.integers(0, 36**12 - 1), st.integers(0, 500), st.text(max_size=110))
def test_a_press_is_read_as_it_was_or_has_no_id(number: int, block: int, text: str) -> None:
    press = Press(kind=PressKind.WISH, number=number, block=block, text=text)
    written = encode_press(press)
    assert written is None or (decode(written) == press and len(written) <= 100)


@pytest.mark.parametrize("query", ["가" * 100, "word " * 30])
def test_a_long_query_has_no_id_rather_than_a_wrong_one(query: str) -> None:
    assert encode(Request(command=Command.SEARCH, query=query)) is None


def test_a_long_search_that_a_review_was_opened_from_is_left_out() -> None:
    """The button opens the review all the same."""
    written = encode(replace(CHOSEN, query="가" * 100, offset=5))
    assert written is not None
    assert decode(written) == Action(request=CHOSEN)


def test_a_long_question_is_left_out() -> None:
    """Its message says it (`bot.ui.discord.asking`)."""
    written = encode(Request(command=Command.ASK, query="왜 " * 60), is_shown=True)
    assert written == "n1:w:m:0:"


@pytest.mark.parametrize(
    "foreign",
    [
        "", "n1", "n1:", MENU, PRESS_MENU,
        "nonmun:0123456789abcdef:choose", "n0:p:1:0:", "n2:p:1:0:Ab_-19", "n1:z:1:0:",
        "n1:p:1:0", "n1:p:1:0:toolong", "n1:p:1:0:Ab_-19:more", "n1:p:-1:0:", "n1:p:01:0:", "n1:p:A:0:",
        "n1:p::0:", "n1:p:1:0:가나다", "n1:w:w:h:0", "n1:A:w:h:0",
        "n1:w:A:h:0", "n1:w:", "n1:w:z:1", "n1:h", "n1:-0", "n1:l:1:2",
        "n1:q:a:0:0:" + "x" * 100, "n1:p:" + "z" * 13 + ":0:", " n1:h:0", "n1:h:0 ", "n1:h:٣",
    ],
)  # fmt: skip
def test_other_ids_are_not_read(foreign: str) -> None:
    assert decode(foreign) is None


@given(st.text(max_size=110) | st.from_regex(r"n1:[a-z][0-9a-z]?:[0-9a-z:]{0,40}", fullmatch=True))
def test_any_text_is_read_or_not(text: str) -> None:
    decode(text)


def test_an_id_has_no_secret_of_an_address() -> None:
    """An id is kept in a message, and Discord logs it; somebody may have typed a feed's address with its key."""
    typed = "https://reader:hunter2@blog.example/private.xml?token=t0psecret9"
    assert encode(Request(command=Command.SEARCH, query=typed)) is None
    assert encode(Request(command=Command.SECTION, review_id=7, check="abcdef", heading=typed)) is None
    opened = encode(Request(command=Command.PAPER, review_id=7, check="abcdef", query=f"about {typed}"))
    assert opened is not None
    assert "hunter2" not in opened
    assert encode(Request(command=Command.SEARCH, query="https://blog.example/post")) is not None
