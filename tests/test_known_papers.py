"""The names under which the field knows its papers: the bundled list, and which reviews' titles it matches."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot import bundled
from bot.models.index import Name, NameKind
from bot.reading.documents import read_entries
from bot.search.extract import index_review
from bot.search.known_papers import MAX_ASIDE, MIN_HALF_WORDS, MIN_TITLE_WORDS, KnownPapers, known_names, known_papers
from bot.search.slips import LETTERS_A_SLIP
from bot.text.terms import squash, words
from tests.factories import make_entry

LIST = """\
# Harbours
Deep Harbour Lights for Patient Boats | LightNet | LightNet-50
A Boat is Worth Many Oars: Sails at Scale | SaT
What Do Heavy Anchors Hold? A Closer Look at Chains | ChainLook
Tides | LunarPull
Learning to Moor by Oar and Rope | Moor | GOR
Learning to Moor Without an Oar or Rope | GOR
"""


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> KnownPapers:
    path = tmp_path_factory.mktemp("known") / "papers.txt"
    path.write_text(LIST, encoding="utf-8")
    return KnownPapers.load(path)


@pytest.mark.parametrize(
    "title",
    [
        "Deep Harbour Lights for Patient Boats",
        "deep harbor-lights, for patient boats",  # one letter less in so many
        "Deep Harbour Lights for Patient Boats (LightNet)",
        "LightNet: Deep Harbour Lights for Patient Boats",
        "Deep Harbour Lights for Patient Boats - CVPR 2016",
        "[CVPR 2016] Deep Harbour Lights for Patient Boats | part 2",
        "08. Deep Harbour Lights for Patient Boats",
        "[03] LightNet: Deep Harbour Lights for Patient Boats",
        "논문 3: Deep Harbour Lights for Patient Boats",
    ],
)
def test_a_paper_is_known_by_its_title_with_a_short_aside_or_a_slip(papers: KnownPapers, title: str) -> None:
    assert papers.names_of(title)[-2:] == ("LightNet", "LightNet-50")


@pytest.mark.parametrize(
    ("title", "is_known"),
    [
        ("Deep Harbour Light for Patient Boat", True),  # other forms of its words
        ("Learning to Moor Without an Oar", True),  # cut short, with most of it left
        ("Learning to Moor by Oar", True),
        ("Learning to Moor", False),
        ("Deep Harbour Lights for", False),
        ("Deep Harbours Lighting the Patient Boats", False),
        ("Soft Boat-Keeper", True),  # what SBK is made of, without its subtitle
        ("A Boat is Worth Many Oars", True),
        ("Deep Mooring", False),  # a field, and not what its name is made of
        ("Quick Anchors", False),  # two papers
    ],
)
def test_a_paper_is_known_by_most_of_its_title(tmp_path: Path, title: str, is_known: bool) -> None:
    more = (
        "Soft Boat-Keeper: Entropy on the Water | SBK\nDeep Mooring: Ropes at Scale | KnotLab\n"
        "Quick Anchors: Iron | QA\nQuick Anchors: Stone | QA\n"
    )
    (tmp_path / "papers.txt").write_text(LIST + more, encoding="utf-8")
    assert bool(KnownPapers.load(tmp_path / "papers.txt").names_of(title)) == is_known


def test_the_title_as_on_the_paper_is_a_name_of_a_review_that_writes_it_otherwise(papers: KnownPapers) -> None:
    assert papers.names_of("Deep Harbour Lights for Patient Boots")[0] == "Deep Harbour Lights for Patient Boats"
    assert papers.names_of("Deep Harbour Lights for Patient Boats") == ("LightNet", "LightNet-50")


@pytest.mark.parametrize(
    ("text", "is_name"),
    [("LightNet", True), ("lunar-pull", True), ("GOR", False), ("Tides", True), ("A Boat is Worth Many Oars", False)],
)
def test_a_text_is_the_name_of_one_paper_in_the_list(papers: KnownPapers, text: str, *, is_name: bool) -> None:
    """Not one that two have, nor a whole title."""
    assert papers.is_name(text) == is_name


@pytest.mark.parametrize(
    "title",
    [
        "Deep Harbour Lights for Patient Boats in Heavy Fog",
        "Deep Harbour Lights for Patient Boats: a survey of what followed",
        "Deep Harbour Lights for Patient Boats - with Buoys",
        "Deep Harbour Lights for Patient Boats: A Survey",
        "A Boat is Worth Many Oars, an Overview",
        "A Boat is Worth Many Oars: An Overview",
        "Many Oars: Sails at Scale for All Boats",
        "Boats: What Do Heavy Anchors Hold",
        "Harbour Lights",
        "LightNet and LightNet-50",
        "Lamp - LightNet",
    ],
)
def test_a_title_that_goes_on_is_another_papers(papers: KnownPapers, title: str) -> None:
    assert papers.names_of(title) == ()


@pytest.mark.parametrize(
    "title",
    ["A Boat is Worth Many Oars", "A boat is worth many oars: sails at scale", "A Boat is Worth Many Oars (SaT)"],
)
def test_a_long_title_is_known_without_its_subtitle(papers: KnownPapers, title: str) -> None:
    assert papers.names_of(title)[-1:] == ("SaT",)


def test_a_short_part_of_a_title_is_not(papers: KnownPapers) -> None:
    assert papers.names_of("Sails at Scale") == ()
    assert "ChainLook" in papers.names_of("What do heavy anchors hold")


def test_a_post_called_by_the_name_alone_is_known_by_the_title_too(papers: KnownPapers) -> None:
    assert papers.names_of("LightNet") == ("Deep Harbour Lights for Patient Boats", "LightNet-50")


def test_a_name_that_is_short_or_two_papers_own_tells_none_of_them(papers: KnownPapers) -> None:
    assert papers.names_of("SaT") == ()
    assert papers.names_of("GOR") == ()


def test_two_papers_with_one_name_are_known_by_their_titles(papers: KnownPapers) -> None:
    assert papers.names_of("Learning to Moor by Oar and Rope") == ("Moor", "GOR")
    assert papers.names_of("Learning to Moor Without an Oar or Rope") == ("GOR",)


def test_a_digit_is_never_a_slip(tmp_path: Path) -> None:
    path = tmp_path / "papers.txt"
    path.write_text("Sailing Past the Harbour Wall, Volume 2 | Second", encoding="utf-8")
    assert KnownPapers.load(path).names_of("Sailing Past the Harbour Wall, Volume 3") == ()


def test_a_letter_of_a_version_is_never_a_slip(tmp_path: Path) -> None:
    path = tmp_path / "papers.txt"
    path.write_text("The Kettle-4o Model and System Card | Kettle-4o", encoding="utf-8")
    assert KnownPapers.load(path).names_of("The Kettle-4V Model and System Card") == ()


def test_a_name_under_two_titles_of_one_paper_tells_it_and_a_title_of_its_own_does_not(tmp_path: Path) -> None:
    path = tmp_path / "papers.txt"
    path.write_text(
        "In Search of a Calm Harbour | Raft\nIn Search of a Calm Harbour (Extended) | Raft\n"
        "Some Paper on Oars | Sparrow\nSparrow: Birds at Sea | BirdSea\n",
        encoding="utf-8",
    )
    known = KnownPapers.load(path)
    assert known.names_of("Raft") == ("In Search of a Calm Harbour",)
    assert known.names_of("Sparrow") == ()


def test_a_line_without_a_name_is_told_and_the_others_are_used(tmp_path: Path) -> None:
    path = tmp_path / "papers.txt"
    path.write_text("Only a Title\nTides | LunarPull\n | Nameless\n", encoding="utf-8")
    known = KnownPapers.load(path)
    assert [problem.partition(":")[0] for problem in known.problems] == ["papers.txt, line 1", "papers.txt, line 3"]
    assert known.names_of("Tides") == ("LunarPull",)


@given(st.text(max_size=200))
def test_any_title_is_answered_with_names_of_one_line(papers: KnownPapers, title: str) -> None:
    names = papers.names_of(title)
    assert not names or any(set(names) <= set(line) for line in papers.lines)


# ── the bundled list ────────────────────────────────────────────────────────────────────────────


def test_the_bundled_list_can_be_read() -> None:
    assert known_papers().problems == ()
    assert len(known_papers().lines) > 500


def test_no_title_stands_twice() -> None:
    titles = Counter(squash(line[0]) for line in known_papers().lines)
    assert [title for title, count in titles.items() if count > 1] == []


def test_no_name_is_its_titles_own() -> None:
    """The part before a colon is read from the title itself."""
    heads = ((squash(line[0].partition(":")[0]), line) for line in known_papers().lines)
    assert [line for head, line in heads if head in map(squash, line[1:])] == []


def test_no_name_is_more_than_two_papers_own() -> None:
    """A paper may be listed under two titles; a name that three lines share is nobody's."""
    holders = Counter(squash(name) for line in known_papers().lines for name in dict.fromkeys(line[1:]))
    assert [name for name, count in holders.items() if count > 2] == []


def test_each_line_is_found_by_its_title() -> None:
    for line in known_papers().lines:
        assert set(line[1:]) <= {*known_papers().names_of(line[0]), line[0]}, line


def test_names_are_short_and_have_no_hangul() -> None:
    for line in known_papers().lines:
        for name in line[1:]:
            assert not any("가" <= char <= "힣" for char in name), line
            assert len(words(name)) <= 5, line
            assert len(squash(name)) >= 2, line


# ── from an entry to its names ──────────────────────────────────────────────────────────────────


def _names_of(title: str) -> dict[str, Name]:
    entry = make_entry(1, title=title, html="<p>배를 묶는 글이다.</p>", published=datetime(2024, 1, 1, tzinfo=UTC))
    (read,) = read_entries([entry])
    return {name.key: name for name in index_review(read.review).names}


def test_a_review_is_called_by_what_the_field_calls_its_paper() -> None:
    named = _names_of("[CVPR 2016] Deep Residual Learning for Image Recognition 논문 리뷰")["resnet"]
    assert (named.kind, named.text) == (NameKind.KNOWN, "ResNet")
    assert named.sounds


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Mixtral of Experts", "Mixtral"),
        ("The LLaMA 3 Herd of Models", "LLaMA 3"),
        ("Attention Is All You Need", None),
        ("Deep Residual Learning for Image Recognition - 이미지 분류", None),
        ("Mixtral of Experts for Boats", None),
        ("ZeRO Memory Optimizations Toward Training Trillion Parameter Models", "ZeRO"),
        ("On Using Zero Memory Optimizations", None),
    ],
)
def test_a_known_name_that_stands_in_the_title_is_its_short_name(title: str, name: str | None) -> None:
    (read,) = read_entries([make_entry(1, title=title, html="<p>배를 묶는 글이다.</p>")])
    assert read.review.short_name == name


def test_a_count_before_a_title_leaves_title_and_names_as_without_it() -> None:
    names = _names_of("08. Deep Residual Learning for Image Recognition")
    assert names["resnet"].kind is NameKind.KNOWN
    assert names["deepresiduallearningforimagerecognition"].kind is NameKind.TITLE
    assert (
        names["08deepresiduallearningforimagerecognition"].text == "08. Deep Residual Learning for Image Recognition"
    )


def test_a_year_at_the_end_of_a_title_leaves_title_and_names_as_without_it() -> None:
    names = _names_of("Deep Residual Learning for Image Recognition (2015)")
    assert names["resnet"].kind is NameKind.KNOWN
    assert names["deepresiduallearningforimagerecognition"].kind is NameKind.TITLE


def test_a_count_or_a_date_before_a_pages_name_is_not_of_it() -> None:
    for page in ("012_patient-boats.html", "2031-04-05-patient-boats.html", "05-patient-boats/"):
        entry = make_entry(1, title="낮은 배", html="<p>배를 묶는 글이다.</p>", link=f"https://shelf.example/{page}")
        (read,) = read_entries([entry])
        assert "patientboats" in {name.key for name in index_review(read.review).names if name.kind is NameKind.SLUG}


def test_a_title_in_two_languages_is_looked_up_in_each() -> None:
    assert "resnet" in _names_of("이미지 인식을 위한 깊은 잔차 학습 / Deep Residual Learning for Image Recognition")


def test_names_of_several_titles_come_once() -> None:
    title = "Deep Residual Learning for Image Recognition"
    assert known_names((title, title)) == known_names((title,))


def test_the_list_is_bundled() -> None:
    assert bundled.known_papers().is_file()


def test_bounds_are_what_the_page_on_ranking_says() -> None:
    assert (MIN_TITLE_WORDS, MIN_HALF_WORDS, MAX_ASIDE) == (4, 5, 3)


@given(st.data())
def test_only_titles_of_like_length_are_compared(data: st.DataObject) -> None:
    """The nearest of them is the nearest of all, and of equal ones the first in the list."""
    known = known_papers()
    letters = [*known._by_title]
    key = data.draw(st.sampled_from(letters))
    at = data.draw(st.integers(0, len(key)))
    slipped = data.draw(
        st.sampled_from([key[:at] + key[at + 1 :], f"{key[:at]}x{key[at:]}", f"{key[:at]}x{key[at + 1 :]}"])
    )
    most = max(1, len(slipped) // LETTERS_A_SLIP)
    nearest = [
        process.extractOne(slipped, titles, scorer=OSA.distance, score_cutoff=most)
        for titles in (letters, known._titles_like(len(slipped), most))
    ]
    assert nearest[0] is not None
    assert nearest[1] is not None
    assert nearest[0][:2] == nearest[1][:2]
