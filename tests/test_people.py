"""Which words are names of people, and which lines list people and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models.feeds import Entry
from bot.reviews.parsing import parse_review
from bot.reviews.people import Strength, cut_names, read_people, strength_of

TITLE = "Low Boats at Sea under Wind"
BODY = "<h2>1. Introduction</h2><p>We count boats with one camera.</p>"
NAMES = ("Daniel Quill", "Xiaohan Li", "Minji Park", "Sjoerd van Brandt", "Kenta Yamamoto", "Priya Sharma")


def authors_of(html: str, *, title: str = TITLE, author: str | None = None) -> tuple[str, ...]:
    entry = Entry(guid="g", link="https://shelf.example/one.html", title=title, html=html, author=author)
    return parse_review(entry).authors


# ── names ──


@pytest.mark.parametrize(
    ("name", "strength"),
    [
        ("Xiaochuan Wang", Strength.WHOLE),
        ("Yu-Gang Zheng", Strength.WHOLE),
        ("Min-Jun Kim", Strength.WHOLE),
        ("Kenta Yamamoto", Strength.WHOLE),
        ("Priya Sharma", Strength.WHOLE),
        ("Chloe Dupont", Strength.WHOLE),
        ("Kwame Boateng", Strength.WHOLE),
        ("Martin King", Strength.WHOLE),
        ("Ruby King", Strength.FORM),  # both are words
        ("José García", Strength.WHOLE),
        ("Sjoerd van Quillen", Strength.PART),
        ("J. Quill", Strength.PART),
        ("Barret Quill", Strength.FORM),
        ("Sensor Fusion", Strength.FORM),
        ("Long Short", Strength.FORM),
        ("Summer Day", Strength.FORM),
        ("Low Tide", Strength.FORM),
        ("Deep Boats", Strength.NONE),
        ("Lake University", Strength.NONE),
        ("Boats", Strength.NONE),
    ],
)
def test_a_name_is_as_sure_as_its_parts(name: str, strength: Strength) -> None:
    """Known given names and surnames, or syllables of one language; a word that is both a name and a word is none."""
    assert strength_of(name) is strength


def test_a_word_that_the_post_writes_in_lower_case_is_not_a_name() -> None:
    assert strength_of("Harbour Quill", {"harbour"}) is Strength.NONE
    assert strength_of("Daniel Quill", {"daniel"}) is Strength.PART  # an address or a slip


# ── lines ──


@pytest.mark.parametrize(
    "line",
    [
        "Daniel Quill, Xiaohan Li",
        "Daniel Quill and Xiaohan Li",
        "Daniel Quill. Xiaohan Li.",
        "Daniel Quill Xiaohan Li",
        "by Daniel Quill & Xiaohan Li",
        "Daniel Quill · Xiaohan Li · Lake University",
        "Daniel Quill (Lake University), Xiaohan Li (Google Research) | CVPR 2031",
        "Daniel Quill, Xiaohan Li, University of Lakes, San Diego, 2031",
        "Daniel Quill, Xiaohan Li. Accepted at ICML 2031",
        "Daniel Quill, Xiaohan Li | July 7, 2031 | Lake University",
        "Daniel Quill, Xiaohan Li | June 30 – July 2, 2031 | ICML",
        "Daniel Quill, Xiaohan Li | 2031年7月 | ICML",
        "ICML 2031 | July 2031 | Daniel Quill, Xiaohan Li",
        "Daniel Quill（共同一作）、Xiaohan Li（通讯作者）",
        "Low Boats at Sea under Wind - Daniel Quill, Xiaohan Li [pdf]",
        "Low Boats at Sea under Wind, by Daniel Quill and Xiaohan Li (ICML 2031)",
        "[Review] Low Boats at Sea under Wind, by Daniel Quill and Xiaohan Li (ICML 2031)",
    ],
)
def test_people_are_read_beside_where_they_work_and_publish(line: str) -> None:
    """Institutions, venues, years, roles, the title and the words of links may stand beside them."""
    people = read_people(line, ["reviewlowboatsatseaunderwind", "lowboatsatseaunderwind"])
    assert people is not None
    assert people.names == ("Daniel Quill", "Xiaohan Li")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "We thank Daniel Quill and Xiaohan Li",
        "Daniel Quill, Xiaohan Li, and boats at night",
        "Reviewer: Daniel Quill, Xiaohan Li",
        "Presented to Friends: Daniel Quill",
        "Lake University, Google Research",
        "CVPR 2031",
        "Deep Boats, Graph Networks",
    ],
)
def test_what_says_something_else_lists_nobody(line: str) -> None:
    assert read_people(line) is None


@given(
    names=st.lists(st.sampled_from(NAMES), min_size=1, unique=True),
    separator=st.sampled_from([", ", "; ", " · ", " | ", "、", " and ", " & "]),
    behind=st.sampled_from(["", ", 2031", " (ICML 2031)", " | Lake University", ". NeurIPS 2031", " [pdf]"]),
)
def test_whatever_divides_names_and_follows_them(names: list[str], separator: str, behind: str) -> None:
    """The same people, by any separator, before a venue, a year, an institution or a link."""
    people = read_people(separator.join(names) + behind)
    assert people is not None
    assert people.names == tuple(names)


@given(names=st.lists(st.sampled_from(NAMES), min_size=2, max_size=5, unique=True))
def test_names_without_separators_are_cut_where_known_names_begin(names: list[str]) -> None:
    assert cut_names(" ".join(names).split()) in (names, [])


@given(text=st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    people = read_people(text)
    assert people is None or all(name == " ".join(name.split()) and len(name) <= 50 for name in people.names)


# ── posts ──


@pytest.mark.parametrize(
    "html",
    [
        f"<h1>{TITLE}</h1><p>Daniel Quill, Xiaohan Li</p>{BODY}",
        f"<p>{TITLE}</p><p>Daniel Quill, Xiaohan Li</p>{BODY}",
        f"<ul><li>{TITLE}</li><li>Daniel Quill, Xiaohan Li</li></ul>{BODY}",
        f"<h1>{TITLE}</h1><p><i>Daniel Quill. Xiaohan Li.</i></p><p>CVPR 2031</p>{BODY}",
        f"<h1>{TITLE}</h1><p>Daniel Quill (Lake University), Xiaohan Li (Sea Lab)</p><p>A post.</p>{BODY}",
        f"<h1>{TITLE}</h1><p>Daniel Quill, Xiaohan Li (https://shelf.example/low-boats-at-sea.pdf, 2031)</p>{BODY}",
        f"<h1>{TITLE}</h1><h3>by Daniel Quill and Xiaohan Li</h3><h3>CVPR 2031</h3><p>Boats float.</p>",
        f"<p>【Authors】Daniel Quill, Xiaohan Li 【Publisher】CVPR 2031</p>{BODY}",
        f"<p>作者：Daniel Quill、Xiaohan Li（共同一作）等，Lake Team；通讯作者 Minji Park</p>{BODY}",
    ],
)
def test_people_near_the_title_are_the_papers_authors(html: str) -> None:
    assert authors_of(html) == ("Daniel Quill", "Xiaohan Li")


@pytest.mark.parametrize(
    "html",
    [
        f"<h1>{TITLE}</h1><p>Daniel Quill</p><p>Boats float.</p>{BODY}",
        f"<h1>{TITLE}</h1><p>Daniel Quill, July 7, 2031</p><p>Boats float.</p>{BODY}",
        f"<h1>{TITLE}</h1><p>Presenter: Daniel Quill, Xiaohan Li</p>{BODY}",
        f"<h1>{TITLE}</h1><p>Sensor Fusion, Point Clouds</p>{BODY}",
        "<h1>Logic</h1><ul><li>Daniel Quill and Minji Park. Joint Boats in Lakes. AAAI 2031.</li></ul>",
        f"<h1>{TITLE}</h1>{BODY}<p>Thanks: Daniel Quill, Xiaohan Li</p>",
        f"<ul><li>Daniel Quill, Xiaohan Li</li><li>Minji Park, Kenta Yamamoto</li></ul>{BODY}",
    ],
)
def test_other_people_are_not(html: str) -> None:
    """Who writes the blog, who presents, keywords, thanks, and the authors of several papers."""
    assert authors_of(html) == ()


def test_a_first_author_below_the_title_is_the_papers() -> None:
    """Where the line cites the paper and stands there alone; elsewhere it cites another."""
    assert authors_of(f"<h1>{TITLE}</h1><p>Quill, et. al.</p><p>Boats float.</p>{BODY}") == ("Quill",)
    assert authors_of(f"<h1>{TITLE}</h1><p>Boats float.</p><p>Quill, et. al.</p>{BODY}") == ()


def test_authors_that_a_reference_leaves_out_do_not_hide_the_others() -> None:
    """APA names the first and the last of many."""
    line = f"Quill, D., Li, X., ... &amp; Park, M. (2031). {TITLE}. In Proceedings of Boats (pp. 1-9)."
    assert authors_of(f"<h1>{TITLE}</h1><h2>Reference</h2><p>{line}</p>{BODY}") == ("D. Quill", "X. Li", "M. Park")


@pytest.mark.parametrize(
    ("title", "names"),
    [
        (f"{TITLE} (2031, Quill and Brandt)", ("Quill", "Brandt")),
        (f"{TITLE} (2031, Quill et al.)", ("Quill",)),
        (f"{TITLE} (2031, Kenta Yamamoto)", ("Kenta Yamamoto",)),
        (f"{TITLE} (2031, Red Lake)", ()),
        (f"{TITLE} (2031, Vision and Language)", ()),
    ],
)
def test_a_year_may_stand_before_the_names_in_a_title(title: str, names: tuple[str, ...]) -> None:
    assert authors_of("<p>Boats are counted.</p>", title=title) == names


def test_who_writes_the_blog_is_not_the_papers_author() -> None:
    """Below the title and above a venue stands a name: the feed says whose it is."""
    html = f"<h1>{TITLE}</h1><p>Kenta Yamamoto</p><p>CVPR 2031</p>{BODY}"
    assert authors_of(html) == ("Kenta Yamamoto",)
    assert authors_of(html, author="Kenta Yamamoto") == ()


def test_a_list_that_breaks_off_within_a_name_is_beside_what_stands_around_it() -> None:
    """A venue in the same list shows that names which nobody knows are authors."""
    first, second = "Barret Quill, Nurm Quenby, Ulb Drust, Zorm", "Thalk, Wembly Drust, Porl Grint"
    names = ("Barret Quill", "Nurm Quenby", "Ulb Drust", "Zorm Thalk", "Wembly Drust", "Porl Grint")
    listed = f"<ul><li>{first}</li><li>{second}</li><li>CVPR 2031</li></ul>"
    assert authors_of(f"<p>Boats float.</p>{listed}{BODY}") == names
    assert authors_of(f"<p>Boats float.</p>{listed.replace('CVPR 2031', 'Boats are low')}{BODY}") == ()
