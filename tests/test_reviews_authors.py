"""A line of authors → their names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reviews.authors import has_more, is_name, read_authors
from bot.reviews.fact_labels import Label, is_paper_label, read_label
from bot.reviews.venue_lines import read_behind_label
from bot.reviews.venues import read_bracket, read_known, read_labelled


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Ada Quill, Bo Li and Teo Brandt", ("Ada Quill", "Bo Li", "Teo Brandt")),
        ("Quill, Ada, and Bo Li.", ("Ada Quill", "Bo Li")),
        ("Quill, Ada and Li, Bo", ("Ada Quill", "Bo Li")),
        ("Quill, Ada; Li, Bo", ("Ada Quill", "Bo Li")),
        ("Quill, A., Li, B. C., & Brandt, T.", ("A. Quill", "B. C. Li", "T Brandt")),
        ("Quill, Ada, Li, Bo Min, Brandt, Teo", ("Ada Quill", "Bo Min Li", "Teo Brandt")),
        ("Quill-Sämann, Ada;Li, Bo", ("Ada Quill-Sämann", "Bo Li")),
        ("Big Harbour Workshop", ()),
        ("A. B. Quill and C. Brandt", ("A. B. Quill", "C. Brandt")),
        ("Quill A, Li BC, Brandt T", ("Quill A", "Li BC", "Brandt T")),
        ("Ada Quill¹*, Jörg Ümit²† (Nowhere Lab) et al.", ("Ada Quill", "Jörg Ümit")),
        ("Ada Quill, Lake University; Bo Li, Nowhere Lab", ("Ada Quill", "Bo Li")),
        ("Ada Quill, Jr., Bo van der Li, Teo O'Brandt", ("Ada Quill Jr.", "Bo van der Li", "Teo O'Brandt")),
        ("Ada Quill, Bo Li, ..., Teo Brandt and 10 more", ("Ada Quill", "Bo Li", "Teo Brandt")),
        ('Ada "Pen" Quill, Bo Li', ("Ada Quill", "Bo Li")),
        ("Ada Quill, Bo Li, Counting Low Boats for Fast and Safe Harbours, 2031", ()),
        ("Ada Quill, Bo Li, Teo Brandt, Tracking Boats as Points", ()),
        ("Machine Learning, Computer Vision", ()),
        ("we count boats and show that they float", ()),
        ("Lake University", ()),
        ("문제점, 한계점", ()),
        ("torch_boats", ()),
        ("", ()),
    ],
)  # fmt: skip
def test_authors_are_split_as_they_are_written(line: str, names: tuple[str, ...]) -> None:
    """Any usual form; what is not a list of names as a whole is none."""
    assert read_authors(line) == names


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("Ada Quill, Bo Li, Teo Brandt. Lakeside & UC Hill University.", ("Ada Quill", "Bo Li", "Teo Brandt")),
        ("Ada Quill. Lake University", ("Ada Quill",)),
        ("Ada Quill. Bo Li, Lake University", ()),
        ("Gaon An, Bo Li, LKU & HILL.", ("Gaon An", "Bo Li")),
        ("An Introduction", ()),
    ],
)
def test_where_authors_work_may_stand_behind_a_full_stop(value: str, names: tuple[str, ...]) -> None:
    assert read_authors(value, is_labelled=True) == names


@pytest.mark.parametrize(
    "date",
    [
        " 24 Aug 2031",
        ". 7 Jul 2031 (this version, v3)",
        " last revised 6 Dec 2031 (v3)",
        ". 5 Apr 2031(v2)",
        " 09 November 2031",
        ". 20-25 June 2031",
        ". 30 June – 3 July 2031",
        ", June 20-25, 2031",
        " — Jul 7th, 2031",
        ". 7th of July 2031",
        ", Jul '31",
        " June 2031",
        " (2031-06-28)",
        " 2031-06-28",
        ", 2031. 6. 28.",
        " | 28/06/2031",
        ", 2031년 6월",
        ", 2031년 6월 28일 발표",
        " 2031年6月28日",
        ". Published on 7 Jul 2031",
        ". CVPR 2031, June 19-25, 2031",
        ". CVPR, June 2031",
        " (CVPR, June 2031)",
        ", Mon, 7 Jul 2031",
        ". [Submitted on 7 Jul 2031 (v1), last revised 9 Aug 2031 (this version, v2)]",
        ". Received 3 March 2031; accepted 7 July 2031",
        ". arXiv 7 Jul 2031",
    ],
)
def test_date_behind_a_list_is_no_part_of_the_last_name(date: str) -> None:
    assert read_authors(f"Ada Quill, Bo Li∗, Teo Brandt{date}") == ("Ada Quill", "Bo Li", "Teo Brandt")
    assert read_authors(f"저자들: {date}") == ()


@pytest.mark.parametrize("line", ["[Ada Quill, Bo Li]", "[Ada Quill, Bo Li], 2031", "(Ada Quill, Bo Li. July 2031)"])
def test_brackets_around_a_labelled_list_may_hold_its_date(line: str) -> None:
    assert read_authors(line, is_labelled=True) == ("Ada Quill", "Bo Li")


@pytest.mark.parametrize("date", ["7 Jul 2031, ", "2031-06-28 ", "2031.06.28 | ", "Jul 7, 2031 — "])
def test_date_before_a_list_is_no_part_of_the_first_name(date: str) -> None:
    assert read_authors(f"{date}Ada Quill, Bo Li") == ("Ada Quill", "Bo Li")


@pytest.mark.parametrize(
    "name", ["Jonathan May", "June Park", "Teo March", "April Li", "Augusta Brandt", "Julia Mars"]
)
def test_names_that_are_months_stay(name: str) -> None:
    assert read_authors(f"Ada Quill, Bo Li, {name}") == ("Ada Quill", "Bo Li", name)
    assert read_authors(f"{name}, Ada Quill, 7 Jul 2031") == (name, "Ada Quill")


@pytest.mark.parametrize("source", [", Jonathan May, 2031", ", Jonathan May 2031", " and Jonathan May (2031)"])
def test_year_behind_the_last_name_keeps_it(source: str) -> None:
    assert read_authors(f"Ada Quill, Bo Li{source}") == ("Ada Quill", "Bo Li", "Jonathan May")


def test_venue_behind_a_list_is_no_author() -> None:
    for venue in ("Pacific Graphics 2031", "Science Robotics 2031", "Pattern Recognition 2031", "ICML 2031"):
        assert read_authors(f"Ada Quill, Bo Li, {venue}") == ("Ada Quill", "Bo Li")


def test_dates_make_no_names_of_other_words() -> None:
    for line in (
        "Machine Learning, Computer Vision, June 7, 2031",
        "Counting Low Boats at Sea. 09 November 2031",
        "Lake University, Sri Lanka 24 Aug 2031",
        "7 Jul 2031",
        "2031-06-28, 2031-07-07",
    ):
        assert read_authors(line) == ()


def test_name_in_capitals_among_others_is_a_person_if_it_ends_with_a_last_name() -> None:
    assert read_authors("Ada Quill, Bo Li, JI SUN")[-1] == "JI SUN"
    assert read_authors("Ada Quill, KI BAE, Bo Li")[1] == "KI BAE"
    for place in ("CHAPEL HILL", "UC BERKELEY", "MIT CSAIL", "HONG KONG", "NAVER", "LG AI"):
        assert read_authors(f"Ada Quill, Bo Li, {place}") == ("Ada Quill", "Bo Li")


def test_behind_a_label_names_may_be_less_plain() -> None:
    """In Asian letters, or one last name of several authors."""
    assert read_authors("김하늘, 이바다 외 3명", is_labelled=True) == ("김하늘", "이바다")
    assert read_authors("Quill et al.", is_labelled=True) == ("Quill",)
    assert read_authors("Deep Quill, bo li, Ada Brandt, Mina Roh, Ines Okoye", is_labelled=True)[:2] == (
        "Deep Quill",
        "bo li",
    )
    assert read_authors("Quill et al.") == ()
    assert read_authors("저자 미상", is_labelled=True) == ()


def test_a_line_says_that_it_leaves_authors_out() -> None:
    """In four languages."""
    assert all(map(has_more, ("Ada Quill et al.", "김하늘 외 3명", "王小船等", "Ada Quill and 3 others")))
    assert not has_more("Ada Quill, Bo Li")


PARTS = st.sampled_from(
    [
        "Ada",
        "Quill",
        "Bo Li",
        "et al.",
        "and",
        "&",
        ",",
        ";",
        "、",
        "(",
        ")",
        "1",
        "*",
        "†",
        "Lab",
        "会议",
        "저자",
        "-",
        "A.",
        "van",
    ]
)


@given(parts=st.lists(st.one_of(PARTS, st.text(max_size=8)), max_size=30), is_labelled=st.booleans())
def test_no_list_yields_labels_or_scraps(parts: list[str], is_labelled: bool) -> None:
    """Whatever is split: no name is empty, over-long, a label, or holds a separator."""
    for name in read_authors(" ".join(parts), is_labelled=is_labelled):
        assert 2 <= len(name) <= 50
        assert name == name.strip()
        assert not set(name) & set(",;、()[]{}<>†*")
        assert read_label(name) is None


@given(
    names=st.lists(
        st.sampled_from(["Ada Quill", "Bo Li", "Teo Brandt", "Mina Roh", "Ines Okoye"]), min_size=1, unique=True
    )
)
def test_separators_do_not_matter(names: list[str]) -> None:
    """The same authors by commas, semicolons, "and", or signs between them."""
    for separator in (", ", "; ", " · ", " | ", "、", " and ", " & ", "* , "):
        assert read_authors(separator.join(names)) == tuple(names)
    assert all(map(is_name, names))


@given(text=st.text(max_size=120))
def test_no_text_breaks_labels_or_venues(text: str) -> None:
    """Whatever stands before a colon, behind it, or in a bracket."""
    read_label(text)
    read_known(text)
    read_bracket(text)
    read_behind_label(text)
    name, _ = read_labelled(text)
    assert name is None or 0 < len(name) <= 80


def test_a_venue_that_is_named_twice_is_one() -> None:
    """As citations name arXiv; two different ones are read each alone, the conference first."""
    assert read_labelled("arXiv preprint arXiv:1901.00001 (2031)") == ("arXiv", 2031)
    assert read_labelled("arXiv 2030, ICLR 2031") == ("ICLR", 2031)


@pytest.mark.parametrize(
    ("words", "label"),
    [
        ("[pdf]", Label.PAPER), ("📄 Paper (arXiv)", Label.PAPER), ("Link to the paper", Label.PAPER),
        ("논문 링크", Label.PAPER), ("원문 보러가기", Label.PAPER), ("論文情報・リンク", Label.PAPER),
        ("论文链接", Label.PAPER), ("arXiv:2001.00001", Label.PAPER), ("another paper", None), ("다른 논문", None),
        ("papers with code", None), ("previous paper", None), ("Author(s)", Label.AUTHORS), ("저자", Label.AUTHORS),
        ("著者", Label.AUTHORS), ("作者", Label.AUTHOR), ("会议", Label.VENUE), ("Published in", Label.VENUE),
        ("발표 연도", Label.YEAR), ("코드", Label.CODE), ("소스 코드", Label.CODE),
        ("ソースコード", Label.CODE), ("ソース", Label.LINK), ("소스", Label.LINK), ("データソース", None),
        ("📌 Metadata", Label.FACTS), ("2. 논문 정보", Label.FACTS),
        ("Method", None), ("Data", None), ("", None),
    ],
)  # fmt: skip
def test_a_label_is_words_of_a_list_and_nothing_else(words: str, label: Label | None) -> None:
    """In four languages, with signs and numbers around it."""
    assert read_label(words) is label
    assert is_paper_label(words) == (label is Label.PAPER)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Lilje, Sven, Barfeld, Timothy, Quill, Jessica", ("Sven Lilje", "Timothy Barfeld", "Jessica Quill")),
        (
            "Kim, Hogun, Choi, Jiwan, Sim, Taehu, Cho, Yonggun",
            ("Hogun Kim", "Jiwan Choi", "Taehu Sim", "Yonggun Cho"),
        ),
        ("Wang, Vincent, van de Quill, Robert", ("Vincent Wang", "Robert van de Quill")),
        ("Wang, Vincent, Ul Quill Haz, Teo, Roh, Robert", ("Vincent Wang", "Teo Ul Quill Haz", "Robert Roh")),
        ("Ul Quill Haz, Teo;Roh, Robert", ("Teo Ul Quill Haz", "Robert Roh")),
        ("Roh, Bo;S. D'Quill, Ada;Li, Cy", ("Bo Roh", "Ada S. D'Quill", "Cy Li")),
        ("Quillen, Pranav, Okoy, Shubham, Roh, Marcin", ("Pranav Quillen", "Shubham Okoy", "Marcin Roh")),
        ("Quill, Ian, Dipanjan Das, and Ellie Brandt", ("Ian Quill", "Dipanjan Das", "Ellie Brandt")),
        ("He, Zhang, Ren, Sun", ("He", "Zhang", "Ren", "Sun")),  # last names alone
        ("Zhang, Quillon, Kim, Brandt", ()),
        ("Quillon, Brandt, Roh, David", ()),
        ("David, Quill, Timothy, Brandt", ()),
        ("Ada Quill, Lake University; Bo Li, Nowhere Lab", ("Ada Quill", "Bo Li")),
        ("Quill, Ada; Bo Li, Lake University; Roh, Cy", ("Ada Quill", "Bo Li", "Cy Roh")),
    ],
)
def test_single_words_in_pairs_are_turned_round_where_frequent_names_say_so(
    line: str, names: tuple[str, ...]
) -> None:
    assert read_authors(line, is_labelled=True) == names
