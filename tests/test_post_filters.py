"""A server's admin says which posts are announced, and no filter and no post can stall the bot."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import count, pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.announcing.filters import patterns
from bot.announcing.filters.checking import CHECK_ALL_LIMIT_S, CHECK_LIMIT_S, check_filter
from bot.announcing.filters.judging import LIMIT_S, MAX_POST_CHARACTERS, ReadPost, judge
from bot.announcing.filters.syntax import parse_filter
from bot.announcing.filters.terms import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_PATTERN,
    MAX_TERMS,
    Pattern,
    PostFilter,
    Verdict,
)
from bot.errors import RequestError
from bot.languages import Message
from bot.models.reviews import Review
from tests.factories import make_review

POST = replace(
    make_review(
        "LLM 의 환각을 줄이는 방법을 제안한다.", "Retrieval-augmented models hallucinate less.\nSelfRAG follows."
    ),
    title="[EMNLP 2023] Lantern: Instruction Tuning for Long Documents",
    venue="EMNLP",
    year=2023,
    authors=("Mina Oh", "Kim Søndergaard", "박서연"),
    categories=("Deep Learning", "retrieval"),
)
BARE = replace(make_review("Nothing much."), title="A note")


def passes(text: str, post: Review = POST) -> bool:
    return judge(parse_filter(text), post).passes


def why(text: str, post: Review = POST) -> str:
    return judge(parse_filter(text), post).why


# ── what is met ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n ",
        "lantern",
        "documents",
        "document",
        "HALLUCINATION",
        "환각",
        "환각을",
        "제안",
        "줄이는",
        "retrieval-augmented",
        '"instruction tuning"',
        "“instruction tuning”",
        "self-rag",
        "ｌａｎｔｅｒｎ",
        "llm",
        "title:lantern",
        "Title:LANTERN",
        "title：lantern",
        "tag:deep-learning",
        "category:deeplearning",
        'category:"deep learning"',
        "category:learning",
        "author:kim",
        "author:sondergaard",
        "author:서연",
        "text:환각",
        "venue:EMNLP2023",
        'venue:"EMNLP 2023"',
        "venue:EMNLP",
        "venue:emnlp23",
        "venue:2023",
        "EMNLP2023",
        "year:2023",
        "year:2023..2025",
        "year:..2023",
        "year:2022..",
        "year:2022~2024",
        "year:2022-2024",
        "year:>=2023",
        "year:≥2023",
        "year:>2022",
        "year:<2024",
        "year:<=2023",
        "year:=2023",
        "year:/202[34]/",
        "title:/instruct(ion)?s? tuning/",
        "/환각.{0,10}줄/",
        r"/\bLLM\b/",
        "venue:/^emnlp 2023$/",
        "venue:EMNLP2022 OR venue:EMNLP2023",
        "(환각 OR nothing) AND NOT year:2022",
        "lantern AND document",
        "-author:park -absent",
        "−absent",
        "NOT NOT lantern",
        "absent OR lantern document",
        "NOT (absent OR missing)",
    ],
)
def test_a_post_that_is_meant_passes(text: str) -> None:
    assert passes(text), why(text)


@pytest.mark.parametrize(
    "text",
    [
        "lan",
        "lanternfish",
        "환각은",
        '"tuning instruction"',
        '"long tuning"',
        "title:환각",
        "title:retrieval",
        "text:lantern",
        "author:ki",
        "author:lantern",
        "category:deep-retrieval",
        "venue:ACL",
        "venue:NLP",
        "venue:EMNLP2022",
        'venue:"EMNLP 2022"',
        "year:2022",
        "year:2024..2025",
        "year:>2023",
        "year:<2023",
        "year:/^23/",
        "title:/^lantern/",
        "/less.SelfRAG/",
        "-lantern",
        "lantern absent",
        "absent OR missing",
        "(absent OR lantern) missing",
        '"OR"',
        '"NOT"',
    ],
)
def test_a_post_that_is_not_meant_does_not(text: str) -> None:
    assert not passes(text), why(text)


def test_operators_are_words_in_small_letters() -> None:
    post = replace(BARE, title="this or that")
    assert passes("this or that", post)
    assert not passes("this or other", post)


def test_or_binds_looser_than_standing_side_by_side() -> None:
    assert str(parse_filter("a b OR c d")) == "a b OR c d"
    assert parse_filter("a b OR c d") == parse_filter("(a AND b) OR (c AND d)")
    assert parse_filter("a (b OR c) d") != parse_filter("a b OR c d")


def test_a_venue_may_hold_its_year_or_a_track() -> None:
    assert passes("venue:EMNLP2023", replace(BARE, venue="EMNLP2023"))
    assert passes("venue:ACL2023", replace(BARE, venue="ACL Findings", year=2023))
    assert not passes("venue:ACL", replace(BARE, venue="NAACL", year=2023))
    assert not passes("venue:ACL2023", replace(BARE, venue="ACL"))


def test_what_a_post_does_not_say_is_not_met_and_its_opposite_is() -> None:
    for text in ("year:2023", "venue:ACL", "author:kim", "category:x", "year:/./", "venue:/./", "author:/./"):
        assert not passes(text, BARE)
        assert passes(f"-{text}", BARE)


def test_words_of_languages_without_spaces_are_found_within_a_sentence() -> None:
    assert passes("幻覚", replace(BARE, title="大規模モデルの幻覚を減らす"))


def test_a_text_may_come_apart_in_its_letters() -> None:
    """Some systems write 환 as three characters, in posts as in filters."""
    apart = "\u1112\u116a\u11ab\u1100\u1161\u11a8"
    for text in (apart, f"/{apart}/", "환각", "/환각/"):
        assert passes(text, replace(BARE, title=f"{apart}을"))
        assert passes(text, replace(BARE, title="환각을"))


# ── why ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "no filter"),
        ('title:"instruction tuning" -author:park', "title has “instruction tuning”, and no author has “park”"),
        ("year:2021..2022", "year is 2023, not 2021 to 2022"),
        ("year:>=2024", "year is 2023, not 2024 or later"),
        ("year:<2023", "year is 2023, not 2022 or before"),
        ("-year:2023", "year is 2023"),
        ("-kim", "an author has “kim”"),
        ("환각", "text has “환각”"),
        ("absent", "nothing has “absent”"),
        ("lantern absent missing", "nothing has “absent”"),
        ("absent OR year:2022", "nothing has “absent”, and year is 2023, not 2022"),
        ("absent OR tag:retrieval", "a category has “retrieval”"),
        ("venue:EMNLP", "venue is EMNLP 2023"),
        ("venue:ACL", "venue is EMNLP 2023, not “ACL”"),
        ("text:/^llm/", "text has /^llm/"),
        ("title:/a\\/b/", "title has no /a\\/b/"),
        ("year:/202[45]/", "year is 2023, not /202[45]/"),
        ("year:/202[23]/", "year is 2023"),
        ("a1 OR a2 OR a3 OR a4", "nothing has “a1”, nothing has “a2”, and 2 more like these"),
    ],
)
def test_a_verdict_says_why(text: str, expected: str) -> None:
    assert why(text) == expected


def test_a_verdict_says_what_is_not_known() -> None:
    assert why("year:2023", BARE) == "no year is known"
    assert why("year:/202[34]/", BARE) == "no year is known"
    assert why("venue:ACL", BARE) == "no venue is known"


@pytest.mark.parametrize("text", ["title:lantern", "absent", "venue:EMNLP", "venue:ACL", "year:/3/", "year:/4/"])
def test_a_verdict_keeps_only_what_it_says(text: str) -> None:
    """A decision is stored with what fills its text."""
    verdict = why(text)
    assert isinstance(verdict, Message)
    assert all(f"{{{name}}}" in verdict.template for name in verdict.arguments)


def test_a_verdict_is_short() -> None:
    text = " OR ".join(f'"{letter * 120}"' for letter in "abcdef")
    assert len(why(text)) < 250


# ── what cannot be read ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lantern or (a OR", "“OR” at character 15 needs something behind it"),
        ("lantern and (a b", "“(” at character 13 is never closed."),
        ("(", "“(” at character 1 is never closed."),
        ("a )", "“)” at character 3 was never opened."),
        (")", "“)” at character 1 was never opened."),
        ("a ()", "“(” at character 3 is empty."),
        ("OR a", "“OR” at character 1 needs something before it"),
        ("(AND a)", "“AND” at character 2 needs something before it"),
        ("a NOT", "“NOT” at character 3 needs something behind it"),
        ("a OR OR b", "“OR” at character 3 needs something behind it"),
        ("a -", "“-” at character 3 needs something behind it"),
        ("a (-)", "“-” at character 4 needs something behind it"),
        ("a - b", "“-” at character 3 belongs right before what it excludes"),
        ('a "b c', "“\"” at character 3 is never closed."),
        ("a /b", "The pattern that begins with “/” at character 3 is never closed."),
        ("a vanue:ACL", "There is no field “vanue” at character 3; did you mean venue?"),
        ("https://one.test", "There is no field “https” at character 1; there are title, category,"),
        ("a title: b", "“title:” at character 3 has no value; type one such as title:\"instruction tuning\"."),
        ("title:(a OR b)", "“title:” at character 1 has no value"),
        ("author:-kim", "“-” at character 8 belongs before the field, as in -author:kim."),
        ("a !!!", "“!!!” at character 3 has no letter or digit to look for."),
        ('""', "“\"\"” at character 1 has no letter or digit"),
        ("year:soon", "“soon” at character 6 is not a year. Type year:2023 / year:2021..2023 / year:>=2022."),
        ("year:..", "“..” at character 6 is not a year"),
        ("year:20234", "“20234” at character 6 is not a year"),
        ("year:2025..2023", "“2025..2023” at character 6 ends before it begins; type year:2023..2025."),
        ("//", "The pattern “//” at character 1 is empty"),
        ("/a/i", "“i” at character 4 stands right behind a pattern"),
        ("title:/(a/", "The pattern /(a/ is not a valid regular expression: missing ): (a."),
        ("/a(?=b)/", "The pattern /a(?=b)/ is not a valid regular expression: looking ahead"),
        (r"/(a)\1/", "references back are not possible"),
        ("/\ud800/", "half a character"),
        (r"/\p{L}{1,200}/", "too large; repeat less"),
        (r"/\PL{1,1000}/", "too large; repeat less"),
        ("/(a{1000}){1000}/", "not a valid regular expression: invalid repetition size"),
        ("/(?:a|b){99999999}/", "not a valid regular expression: invalid repetition size"),
    ],
)  # fmt: skip
def test_a_fault_is_shown_where_it_is(text: str, message: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse_filter(text)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("fits", "exceeds", "message"),
    [
        (
            "a" * MAX_CHARACTERS,
            "a" * (MAX_CHARACTERS + 1),
            "This filter is too long (1,001 characters, 1,000 at most).",
        ),
        ("a " * MAX_TERMS, "a " * (MAX_TERMS + 1), "more than 40 terms; “a” at character 81 is one too many"),
        (
            "(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH,
            "(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1),
            "“(” at character 11 is nested too deeply",
        ),
        (
            f"/{'a' * MAX_PATTERN}/",
            f"/{'a' * (MAX_PATTERN + 1)}/",
            "The pattern at character 1 is too long (201 characters, 200 at most).",
        ),
    ],
)
def test_a_filter_keeps_to_its_limits(fits: str, exceeds: str, message: str) -> None:
    parse_filter(fits)
    with pytest.raises(RequestError) as caught:
        parse_filter(exceeds)
    assert message in str(caught.value)


def test_a_filter_is_not_longer_when_written_out() -> None:
    """What is stored is read again."""
    text = " ".join(["tag:a/b"] * 39)
    parse_filter(text)
    with pytest.raises(RequestError, match="too long"):
        parse_filter(f"{text} {'a' * 450}-{'b' * 235}/c")


# ── any text ────────────────────────────────────────────────────────────────────────────────────

SOUP = st.lists(
    st.sampled_from(
        [
            "(", ")", "-", "–", "AND", "OR", "NOT", '"', "“", "”", "/", "\\", "\\/", ":", "：", "title:", "and",
            "tag:", "author:", "venue:", "year:", "vanue:", "2023", "..", ">=", "<1000", ">2999", "a", "환각",
            "b-c", "d/e", "é", "(?=", "[", "]", "{9}", "{1,1000}", "+", "*", "|", "\\p{L}", "\\1", "^", "$",
            " ", "  ", "\n", "\0", "\ud800", "\x1c", "\u0130", "ﬁ", "_", "'", "#", "…", "„",
        ]
    ),
    max_size=40,
).map("".join)  # fmt: skip

TERMS = st.sampled_from(
    [
        "lantern", "absent", "환각", "missing", '"instruction tuning"', "title:document", "tag:RAG",
        "author:kim", "venue:EMNLP2023", "venue:ACL", "year:2023", "year:>2023", "year:..2022",
        "title:/^.emnlp/", "/환각|z/", "/q/", '"a (b) OR c"', '"NOT"', r"text:/a\/b\\/", '"d/e"',
    ]
)  # fmt: skip
TREES = st.recursive(
    TERMS,
    lambda parts: st.one_of(
        parts.map(lambda part: f"-({part})"),
        parts.map(lambda part: f"NOT ({part})"),
        st.tuples(parts, parts).map(lambda both: f"({both[0]}) ({both[1]})"),
        st.tuples(parts, parts).map(lambda both: f"({both[0]} OR {both[1]})"),
        st.tuples(parts, parts).map(lambda both: f"({both[0]} AND {both[1]})"),
    ),
    max_leaves=6,
)


def try_to_parse(text: str) -> PostFilter | None:
    try:
        return parse_filter(text)
    except RequestError as exc:
        said = str(exc)
    assert said.endswith((".", "?")), said
    assert len(said) < 400
    return None


@settings(max_examples=500)
@given(st.one_of(SOUP, st.text(), TREES))
@example("year:>2999 year:<1000")
@example("NOT-a")
@example("title:OR")
@example(r"/\\\//")
def test_any_text_is_a_filter_or_a_request_error(text: str) -> None:
    """Of what is read, the canonical text is the same filter, within all limits, and can be judged."""
    found = try_to_parse(text)
    if found is None:
        return
    assert parse_filter(str(found)) == found
    assert str(parse_filter(str(found))) == str(found)
    assert len(str(found)) <= MAX_CHARACTERS
    assert len(found.terms) <= MAX_TERMS
    assert all(len(term.source) <= MAX_PATTERN for term in found.terms if isinstance(term, Pattern))
    assert judge(found, POST).why


@given(st.text(alphabet="ab(){}[]|*+?\\^$.1,9-pLPNdwsBbzA:=!<>iUm환", min_size=1, max_size=MAX_PATTERN))
def test_any_pattern_is_judged_or_refused(source: str) -> None:
    found = try_to_parse(f"/{source}/")
    if found is not None:
        assert isinstance(judge(found, POST), Verdict)


@settings(max_examples=200)
@given(TREES)
def test_a_negation_turns_the_verdict(text: str) -> None:
    found = try_to_parse(text)
    negated = try_to_parse(f"-({text})")
    if found and negated:
        for post in (POST, BARE):
            assert judge(negated, post).passes is not judge(found, post).passes
            assert judge(negated, post).why == judge(found, post).why


@given(TREES, TREES)
def test_not_both_is_one_of_them_not(first: str, second: str) -> None:
    for post in (POST, BARE):
        assert passes(f"-(({first}) AND ({second}))", post) is passes(f"-({first}) OR -({second})", post)
        assert passes(f"-(({first}) OR ({second}))", post) is passes(f"-({first}) -({second})", post)


# ── nothing stalls the bot ──────────────────────────────────────────────────────────────────────

LONG = "a" * 500_000 + "!"


class Clock:
    """Each look at it costs."""

    def __init__(self, step_s: float) -> None:
        self.step_s = step_s
        self.looks = 0

    def __call__(self) -> float:
        self.looks += 1
        return self.looks * self.step_s


@pytest.mark.parametrize("source", ["(a+)+$", "(a|aa)+$", "(a|a)*b$", r"(\w+\s?)*!!$", "(.*a){12}", "(x+x+)+y"])
def test_a_pattern_that_ruins_other_engines_is_judged(source: str) -> None:
    """Half a million letters are read to their end, with a clock that stands."""
    found = parse_filter(f"text:/{source}/")
    assert judge(found, make_review(LONG), clock=Clock(0)).why in {f"text has /{source}/", f"text has no /{source}/"}


@pytest.mark.parametrize("text", ["/a{1,9}b/", "absent", '"absent words"', "-absent -/missing/"])
def test_a_filter_that_takes_too_long_is_not_applied(text: str) -> None:
    verdict = judge(parse_filter(text), make_review("a b\n" * 20_000), clock=Clock(LIMIT_S / 4))
    assert verdict.passes
    assert verdict.why.endswith("took too long, so the filter was not applied")


def test_a_pattern_that_takes_too_long_is_named() -> None:
    verdict = judge(parse_filter("title:/a|b/"), BARE, clock=Clock(LIMIT_S / 1.5))
    why = "/a|b/ took too long, so the filter was not applied"
    assert verdict == Verdict(passes=True, why=why, is_applied=False)


def test_a_pattern_stops_within_its_text() -> None:
    clock = Clock(LIMIT_S / 20)
    judge(parse_filter("text:/b/"), make_review(LONG), clock=clock)
    assert clock.looks <= 22


def test_a_filter_of_many_words_stops_between_them() -> None:
    clock = Clock(LIMIT_S / 20)
    judge(parse_filter(" OR ".join(f"absent{i}" for i in range(MAX_TERMS))), BARE, clock=clock)
    assert clock.looks <= 22


def test_a_monstrous_post_passes_unread() -> None:
    for text in ("absent", "-absent", "/absent/"):
        for post in (
            make_review("가" * MAX_POST_CHARACTERS, "가"),
            replace(BARE, title="a" * (MAX_POST_CHARACTERS + 1)),
        ):
            assert judge(parse_filter(text), post).why.endswith("took too long, so the filter was not applied")


@pytest.mark.parametrize("text", ["absent", "/absent/", "title:absent", "title:/absent/", "venue:absent"])
def test_a_post_of_accents_alone_is_read_in_steps(text: str) -> None:
    """To put them in order takes quadratic time, which no clock interrupts; the test's own time limit notices."""
    accents = "a" + "\u0301\u0323" * (MAX_POST_CHARACTERS // 3)
    post = replace(make_review(accents), title=accents, venue=accents)
    assert judge(parse_filter(text), post).why


def test_what_decides_first_spares_the_rest() -> None:
    assert judge(parse_filter("title:absent /a/"), make_review("가" * MAX_POST_CHARACTERS, "가")) == Verdict(
        passes=False, why="title has no “absent”"
    )


def test_what_is_cheap_is_asked_first_and_told_as_written() -> None:
    """However late a cheap term stands; where none decides, the reasons come in the order of the terms."""
    monstrous = make_review("가" * MAX_POST_CHARACTERS, "가")
    for text in ("/a/ title:absent", "absent (/a/ OR text:b) year:2023"):
        assert judge(parse_filter(text), monstrous).is_applied
    post = replace(make_review("lantern"), year=2023)
    assert judge(parse_filter("/lant.rn/ text:lantern year:2023"), post).why == (
        "text has /lant.rn/, text has “lantern”, and year is 2023"
    )


def test_what_is_prepared_of_a_post_serves_every_filter() -> None:
    """A hundred filters read a long post once."""
    clock = Clock(0)
    post = ReadPost(make_review("retrieval of long documents\n" * 20_000), clock=clock)
    post.judge(parse_filter("absent"))
    once = clock.looks
    for number in range(100):
        post.judge(parse_filter(f"absent{number}"))
    assert clock.looks - once < once * 5


@pytest.mark.parametrize("text", ["absent", "/absent/"])
def test_reading_a_post_goes_on_where_the_last_filter_had_to_stop(text: str) -> None:
    """A post that is too long for one filter's time is read by the next ones, instead of begun anew for ever."""
    post = ReadPost(make_review("retrieval of long documents\n" * 5_000), clock=Clock(LIMIT_S / 60))
    verdicts = [post.judge(parse_filter(text)) for _ in range(20)]
    assert not verdicts[0].is_applied
    assert verdicts[-1] == Verdict(passes=False, why=f"nothing has {'“absent”' if text == 'absent' else text}")


def test_a_filter_that_takes_too_long_in_all_is_not_saved() -> None:
    """Each pattern may be harmless, and forty of them are not."""
    found = parse_filter(" OR ".join(f"/a{number}b/" for number in range(MAX_TERMS)))
    check_filter(found, clock=Clock(0))
    with pytest.raises(RequestError, match="would take too long"):
        check_filter(found, clock=Clock(CHECK_ALL_LIMIT_S / 1_000))
    few = parse_filter("/a1b/ OR /a2b/")
    check_filter(few, clock=Clock(CHECK_ALL_LIMIT_S / 1_000))


def test_a_slow_pattern_is_not_saved() -> None:
    found = parse_filter("lantern -(title:/(.{0,50}){0,9}9/)")
    with pytest.raises(RequestError, match="would take too long for a long post"):
        check_filter(found, clock=Clock(CHECK_LIMIT_S / 4))
    check_filter(found, clock=Clock(0))


@pytest.mark.parametrize(
    "text",
    ["", "lantern", "/instruct(ion)?s?/ OR /환각.{0,100}줄/", r"/\p{Hangul}{2,8}/", r"/(?:rlhf|dpo).{0,80}환각/"],
)
def test_an_ordinary_filter_is_saved(text: str) -> None:
    """And finds what it is for."""
    found = parse_filter(text)
    check_filter(found)
    assert ReadPost(make_review("The instructions of a lantern: 환각을 줄이는 rlhf 와 환각")).judge(found).passes


def test_saving_allows_less_than_judging() -> None:
    assert CHECK_LIMIT_S < LIMIT_S


@given(st.lists(st.integers(min_value=0, max_value=9_000), max_size=12))
def test_pieces_are_bounded_and_cover_a_text(lengths: list[int]) -> None:
    """A line that fits is in one piece; the pieces of a longer one overlap."""
    data = b"\n".join(b"a" * length for length in lengths)
    pieces = list(patterns._pieces(data))
    assert all(0 <= end - start <= patterns._PIECE_BYTES for start, end in pieces)
    assert pieces[0][0] == 0
    assert pieces[-1][1] == len(data)
    for (_, end), (start, _) in pairwise(pieces):
        assert start == end - patterns._OVERLAP_BYTES or (start == end + 1 and data[end:start] == b"\n")
    at = 0
    for length in lengths:
        if length < patterns._PIECE_BYTES - patterns._OVERLAP_BYTES:
            assert any(start <= at and at + length <= end for start, end in pieces)
        at += length + 1


@pytest.mark.parametrize("at", [0, 4_050, 4_090, 4_096, 12_000, 19_980])
def test_a_match_is_found_wherever_a_long_line_is_cut(at: int) -> None:
    text = "가 " * at + "lantern light" + " 나" * 10_000
    assert passes("/lantern light/", make_review(text))
    assert not passes("text:/^lantern light/", make_review("가 " + text))
    assert not passes("text:/light$/", make_review(text))


def test_a_pattern_finds_the_ends_of_lines_wherever_a_text_is_cut() -> None:
    chance = random.Random(7)
    for number in count():
        lines = ["가" * chance.randint(0, 3_000) for _ in range(20)]
        lines[number] = f"lantern {number} light"
        assert passes(f"text:/^lantern {number} light$/", make_review("\n".join(lines)))
        if number == 19:
            break
