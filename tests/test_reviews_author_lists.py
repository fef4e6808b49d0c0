"""The many ways in which authors of papers stand behind "Authors:", and below it."""

from __future__ import annotations

import pytest

from bot.models.feeds import Entry
from bot.reviews.authors import read_authors
from bot.reviews.citations import read_citation, read_cited_title
from bot.reviews.parsing import parse_review

THREE = ("Ada Quill", "Bo Li", "Teo Brandt")
PAPER = '<p>Paper: <a href="https://arxiv.org/abs/1901.00001">PDF</a></p>'


def labelled(text: str) -> tuple[str, ...]:
    return read_authors(text, is_labelled=True)


def authors_of(html: str, *, title: str = "Boats") -> tuple[str, ...]:
    return parse_review(Entry(guid="g", link="https://shelf.example/one.html", title=title, html=html)).authors


# ── one line ──


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Quill", ("Quill",)),
        ("quill et al", ("quill",)),
        ("Quill et el", ("Quill",)),
        ("Quill el el", ("Quill",)),
        ("Quill etal.", ("Quill",)),
        ("Quill et. al.", ("Quill",)),
        ("Quill, et al., 2031", ("Quill",)),
        ("QUILL et al", ("QUILL",)),
        ("McQuill and colleagues", ("McQuill",)),
        ("O'Quill", ("O'Quill",)),
        ("Quill 등", ("Quill",)),
        ("Quill 等", ("Quill",)),
        ("Quill and Brandt", ("Quill", "Brandt")),
        ("Quill, Brandt and Okoye", ("Quill", "Brandt", "Okoye")),
        ("Zhang, Kim, Li & Park", ("Zhang", "Kim", "Li", "Park")),
        ("Quill, David and Brandt", ()),
        ("admin", ()),
        ("Admin", ()),
        ("Anonymous", ()),
        ("DeepBoats", ()),
        ("DeepSeek-AI", ()),
        ("Boat Team", ()),
    ],
)
def test_last_names_alone_may_stand_behind_a_label(line: str, names: tuple[str, ...]) -> None:
    """One with "et al.", however that is written; or capitalised, and no nickname, company or subject."""
    assert labelled(line) == names
    assert read_authors(line) == ()


@pytest.mark.parametrize(
    "line",
    [
        "Ada Quill1∗ Bo Li2 Teo Brandt1,2†",
        "Ada Quill 1 Bo Li 2 Teo Brandt 1, 2",
        "Ada Quill¹ Bo Li² Teo Brandt¹",
        "Ada Quill1,∗ Bo Li1,∗,‡ Teo Brandt2,3",
        "Ada Quill* 1 Bo Li † 2 Teo Brandt 3",
        "Ada Quill1Bo Li2Teo Brandt1",
        "∗Ada Quill †Bo Li ‡Teo Brandt",
        "1Ada Quill, 2Bo Li, 3Teo Brandt",
        "Ada Quill$^{1,2}$ Bo Li$^{2*}$ Teo Brandt$^1$",
        r"Ada Quill\textsuperscript{1} Bo Li\textsuperscript{2} Teo Brandt\textsuperscript{1}",
        "Ada Quill∗∆⋄ Bo Li✉️ Teo Brandt♢",
        "Ada Quillα Bo Liβ Teo Brandtα",
        "Ada Quill a, Bo Li b, Teo Brandt a",
        "Ada Quill (Lake University) Bo Li (Sea Lab) Teo Brandt (Sea Lab)",
        "Ada Quill [1] Bo Li [2] Teo Brandt [1]",
        "Ada Quill (1), Bo Li (2), and Teo Brandt (corresponding author)",
        "Ada Quill†, Bo Li†, Teo Brandt / 1 NVIDIA, 2 Lake University, † Project Lead and Main Advising",
        "Ada Quill1, Bo Li2, Teo Brandt1; 1Lake University 2Sea Institute",
        "Ada Quill*, Bo Li*, Teo Brandt * Equal contribution",
        "Ada Quill*, Bo Li, Teo Brandt (*교신저자)",
        "Ada Quill, Bo Li, Teo Brandt, Lake University",
        "Ada Quill, Bo Li, Teo Brandt, CUHK, Seoul, Korea",
        "Ada Quill <ada@lake.example>, Bo Li {bo,teo}@sea.example, Teo Brandt",
        "Ada Quill, Member, IEEE, Bo Li, Senior Member, IEEE, and Teo Brandt, Fellow, IEEE",
        "Ada Quill, IEEE Fellow, Bo Li, Graduate Student Member, IEEE, Teo Brandt",
        "Dr. Ada Quill, Prof. Bo Li, Teo Brandt, PhD",
        "Ada QuillBo LiTeo Brandt",
        "Ada Quill, Bo Li, Teo Brandt 등",
        "Ada Quill, Bo Li, Teo Brandt 등 (Lake University, Sea Lab)",
        "Ada Quill, Bo Li, Teo Brandt 외 3명",
        "Ada Quill, Bo Li, Teo Brandt 等人",
        "Ada Quill, Bo Li, Teo Brandt ほか",
        "Ada Quill, Bo Li, Teo Brandt et al., Lake University, 2031",
        "✍️ Ada Quill, Bo Li, Teo Brandt",
        "by Ada Quill, Bo Li and Teo Brandt",
        "[Ada Quill, Bo Li, Teo Brandt]",
        "['Ada Quill', 'Bo Li', 'Teo Brandt']",
        "Ada Quill, Bo Li, Teo Brandt -- Lake University",
        "**Ada Quill**, Bo Li, Teo Brandt",
        "Ada Quill, Bo Li, Teo Brandt. ICML 2031",
        "Ada Quill, Bo Li, Teo Brandt, SIGGRAPH Asia '31",
        "Ada Quill, Bo Li and Teo Brandt in ICML 2031",
        "Ada Quill, Bo Li, Teo Brandt | 2031",
    ],
)
def test_marks_divide_names_and_what_they_mean_is_left_out(line: str) -> None:
    """Numbers, signs, letters, brackets, addresses, ranks and roles; with commas or without."""
    assert labelled(line) == THREE


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Ann Lee Bo Kim Jae Min Park", ("Ann Lee", "Bo Kim", "Jae Min Park")),
        ("김하늘 이바다 박구름", ("김하늘", "이바다", "박구름")),
        ("김하늘1, 이바다2 박구름1", ("김하늘", "이바다", "박구름")),
        ("김하늘 교수, 이바다 박사 등 3명", ("김하늘", "이바다")),
        ("王小船 李大海 张小山", ("王小船", "李大海", "张小山")),
        ("阿达·奎尔，王小船 等", ("阿达·奎尔", "王小船")),
        ("山田 太郎, 佐藤 花子 他3名", ("山田 太郎", "佐藤 花子")),
        ("제프리 퀼, 얀 브란트", ("제프리 퀼", "얀 브란트")),
        ("김하늘, 이바다, 바다대학교", ("김하늘", "이바다")),
        ("王小船，清华大学", ("王小船",)),
        ("ann lee, david quill", ("ann lee", "david quill")),
        ("boat counting, sea trials", ()),
        ("Devvi∗∆, Ada Quill∗†, Bo Li† Teo Brandt⋄", ("Devvi", *THREE)),
        ("Park, Bo Min", ("Bo Min Park",)),
        ("Das, Ada and Rad, Bo", ("Ada Das", "Bo Rad")),
        ("Quill, L{\\'e}on and Li, Ga{\\\"e}l", ("Léon Quill", "Gaël Li")),
        ("Ak{\\c{c}}ay, Ada and O{\\u{g}}uz, Bo", ("Ada Akçay", "Bo Oğuz")),
        ("Ada Quill Bo Brandt Ines Okoye Mina Roh", ()),
        ("Ada Quill* UC Berkeley, Bo Li New York University", ()),
        ("3D Boats, 4D Lakes", ()),
        ("출간", ()),
    ],
)
def test_names_that_nothing_divides(line: str, names: tuple[str, ...]) -> None:
    """Frequent last names show where one ends; where nothing does, there are none."""
    assert labelled(line) == names


# ── several lines ──


@pytest.mark.parametrize(
    "html",
    [
        "<p>저자 :</p><p>Ada Quill, Bo Li, Teo Brandt</p><p>Lake University</p>",
        "<p>저자 :</p><p>Ada Quill∗ 1,6, Bo Li2,</p><p>Teo Brandt3</p><p>∗Equal Contribution 1 Lake 2 Sea</p>",
        "<p>저자 :</p><p>Ada Quill * 1 Bo Li 2</p><p>Teo Brandt 1</p><p>1Red Lake 2Blue Sea</p>",
        "<p>저자: Ada Quill1, Bo Li2,</p><p>Teo Brandt1</p><p>1Red Lake</p>",
        "<p>Authors: Ada Quill, Bo Li and</p><p>Teo Brandt</p><p>Red Lake</p>",
        "<p><b>Authors</b></p><p>Ada Quill, Bo Li, Teo Brandt</p><p>Open Waters</p>",
        "<h3>저자: Ada Quill, Bo Li, Teo Brandt</h3>",
        "<p>저자 Ada Quill1, Bo Li2, Teo Brandt1</p>",
        "<p>저자 Ada Quill, 1, †, a@lake.example</p><p>Bo Li, 2,†b@sea.example</p><p>Teo Brandt, t@sea.example</p>",
        "<p>Ada Quill1, Bo Li2,</p><p>Teo Brandt1</p><p>1Red Lake 2Blue Sea</p>",
        "<p><b>Ada Quill, Bo Li,</b><br><b>Teo Brandt</b><br>Lake University</p>",
        "<p>저자(소속) : Ada Quill (Lake), Bo Li(Sea), Teo Brandt (Lake)</p>",
        "<p>Authors:<br>Ada Quill<br>Bo Li<br>Teo Brandt</p><p>Red Lake</p>",
        "<p>Authors:</p><ul><li>Ada Quill</li><li>Bo Li</li><li>Teo Brandt</li></ul>",
        "<p>Authors:</p><ul><li>Ada Quill - Red Lake</li><li>Bo Li, Teo Brandt - Blue Sea, USA</li></ul>",
        "<p>Authors:</p><ul><li>Ada Quill1 Bo Li2 Teo Brandt1</li><li>1Red Lake</li><li>{ada}@lake.example</li></ul>",
        "<ul><li>Authors:<ul><li>Ada Quill (Red Lake)</li><li>Bo Li: Blue Sea</li><li>Teo Brandt</li></ul></li></ul>",
        "<h2>Authors</h2><p>Ada Quill, Bo Li, Teo Brandt</p><p>Lake University</p>",
        "<h2>著者</h2><ul><li>Ada Quill</li><li>Bo Li</li><li>Teo Brandt</li></ul>",
        "<p>저자: Ada Quill<sup>1</sup>Bo Li<sup>2,*</sup>Teo Brandt<sup>1</sup></p>",
        "<p>저자: Ada Quill<sup>a</sup>, Bo Li<sup>a,b</sup>, Teo Brandt<sup>b</sup></p>",
        (
            "<p>Authors:</p><p>Ada Quill</p><p>Lake University</p><p>ada@lake.example</p><p>Bo Li</p>"
            "<p>Blue Sea, South Korea</p><p>bo@sea.example</p><p>Teo Brandt teo@sea.example</p>"
        ),
        "<table><tr><td>Authors<td>Ada Quill, Bo Li,<br>Teo Brandt<tr><td>Year<td>2031</table>",
        "<table><tr><th>Title<th>Authors<tr><td>Low Boats<td>Ada Quill<br>Bo Li<br>Teo Brandt</table>",
        "<p>Authors: Ada Quill, Bo Li, Teo Brandt,</p><p>Affiliation: Open Waters, Red Lake</p>",
        "<p>Authors: Ada Quill, Bo Li, Teo Brandt,</p><p>Posted: Low Tide</p>",
    ],
)
def test_a_list_goes_on_below_its_label(html: str) -> None:
    """In further lines, items and blocks; not in what says where the authors work, nor behind the next key."""
    assert authors_of(html + PAPER) == THREE


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Ada Quill from Lake University", ("Ada Quill",)),
        ("Ada Quill @ Lake, Bo Li @ Sea", ("Ada Quill", "Bo Li")),
        ("Ada Quill, Bo Li, and others from Lake University", ("Ada Quill", "Bo Li")),
        ("Ada Quill, Bo Li, Teo Brandt. Low Boats", ()),
        ("Journal of Boats", ()),
        ("구글 브레인", ()),
        ("VizWiz에서의 Ada, Ada Quill", ()),
    ],
)
def test_where_authors_work_is_left_out(line: str, names: tuple[str, ...]) -> None:
    """Behind "from" or "@", and not in place of a name; a title behind names is no name, either."""
    assert labelled(line) == names


def test_two_chinese_names_are_a_papers_authors() -> None:
    """作者 stands before a blogger's own name, too, which is one."""
    assert authors_of("<p>作者: 王小船, 李大海 (清华大学)</p><p>我们数船。</p>") == ("王小船", "李大海")
    assert authors_of("<p>作者: 王小船</p><p>我们数船。</p>") == ()


@pytest.mark.parametrize(
    "html",
    [
        "<p>저자 :</p><p>출간 : arXiv 2031</p>",
        "<p>Authors:</p><p>We count boats.</p><p>Ada Quill, Bo Li</p>",
        "<p>Author:</p><ul><li>Counting boats</li><li>Ada Quill</li></ul>",
        "<p>Author: Quill</p>",
        "<p>작성자: Quill</p>",
    ],
)
def test_what_stands_below_a_label_may_be_something_else(html: str) -> None:
    """A key, a sentence, a blogger's own name."""
    assert authors_of(html + PAPER) == ()


@pytest.mark.parametrize(
    ("lines", "authors"),
    [
        ("Author: Quill et al, 2031<br>DOI: doi:10.1126/boats.1235122", ("Quill",)),
        ("Author: Quill, 2031<br>DOI: 10.1126/boats.1235122", ("Quill",)),
        ("Author: Quill and Brandt, 2031<br>Link: https://boats.example/1", ("Quill", "Brandt")),
        ("Author: Quill, 2031", ()),
        ("Author: Quill, 2031-07-07<br>DOI: 10.1126/boats.1235122", ()),
        ("Author: Quill, July 7, 2031<br>Link: https://boats.example/1", ()),
        ("Author: Quill<br>DOI: 10.1126/boats.1235122", ()),
    ],
)
def test_an_author_with_a_year_beside_the_papers_link_is_the_papers(lines: str, authors: tuple[str, ...]) -> None:
    """A blogger writes a date, or none."""
    html = f"<p>{lines}</p><h2>Notes</h2><p>Boats are counted.</p>"
    assert parse_review(Entry(guid="g", link="https://a.example/1", title="Low Boats", html=html)).authors == authors


def test_a_last_name_is_an_authors_among_facts_of_the_paper() -> None:
    """A link to the paper above it is not enough: "Author: Quill" may be who writes the blog."""
    facts = "<li>Paper: https://arxiv.org/abs/1901.00001</li><li>Author: Quill</li>"
    assert authors_of(f"<ul>{facts}<li>Year: 2031</li></ul>") == ("Quill",)
    assert authors_of(f"<ul>{facts}<li>Tags: boats</li></ul>") == ()


# ── citations ──


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Quill et al., 2031", ("Quill",)),
        ("Ada Quill et al.", ("Ada Quill",)),
        ("Quill et al. (NeurIPS 2031)", ("Quill",)),
        ("[Quill+, NIPS'31]", ("Quill",)),
        ("Quill & Brandt, 2031", ("Quill", "Brandt")),
        ("Quill and Brandt (2031)", ("Quill", "Brandt")),
        ("Ada Quill et al Arxiv, 2031. url: https://arxiv.org/abs/1901.00001", ("Ada Quill",)),
        ("Image from Quill et al., 2031", ()),
        ("See Quill et al., 2031", ()),
        ("Figure 3. Quill et al., 2031", ()),
        ("As shown by Quill et al. 2031, boats float", ()),
        ("We follow Quill et al.", ()),
        ("Quill et al. show that boats float", ()),
        ("Theory and Practice, 2031", ()),
        ("정확도 등", ()),
    ],
)
def test_a_line_cites_a_paper_by_its_first_author_and_year(line: str, names: tuple[str, ...]) -> None:
    """The whole line and nothing else; a sentence or a caption that cites is none."""
    assert read_citation(line) == names


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Low Boats (Quill et al., 2031)", ("Quill",)),
        ("Low Boats [Quill+ 2031]", ("Quill",)),
        ("Low Boats (Quill and Brandt, 2031)", ("Quill", "Brandt")),
        ("Low Boats (Zhang, Kim and Quill)", ("Zhang", "Kim", "Quill")),
        ("Low Boats (Sutton 1988)", ("Sutton",)),
        ("논문 리뷰 | Low Boats (Quill et al., 2031)", ("Quill",)),
        ("Quill et al. (2031) - Low Boats", ("Quill",)),
        ("Low Boats - Ada Quill et al.", ("Ada Quill",)),
        ("Low Boats, Quill et al., 2031", ("Quill",)),
        ("Low Boats (ICML 2031)", ()),
        ("Low Boats (Nature 2031)", ()),
        ("Low Boats (Theory and Practice)", ()),
        ("Low Boats (Vision and Language, 2031)", ()),
        ("Low Boats (March and April 2031)", ()),
        ("Boats (Images, Text and Audio)", ()),
        ("Boats (Quill et al. 2030) and Ships (Brandt et al. 2031)", ()),
        ("Replicating Quill et al.", ()),
        ("What Quill et al. (2031) got wrong", ()),
    ],
)
def test_a_title_names_its_authors_in_brackets_or_beside_a_dash(title: str, names: tuple[str, ...]) -> None:
    """A year or "et al." makes them authors; without one, most are frequent last names."""
    assert authors_of("<p>Boats are counted.</p>", title=title) == names


LOW_BOATS = "Low Boats at Sea"


@pytest.mark.parametrize(
    ("title", "names", "venue", "year"),
    [
        (f"{LOW_BOATS}, by Quill and Brandt, ICML 2031.", ("Quill", "Brandt"), "ICML", 2031),
        (f"{LOW_BOATS}, by Ada Quill and Bo Li. K-SEA 2031", ("Ada Quill", "Bo Li"), "K-SEA", 2031),
        (f"{LOW_BOATS}, by Ada Quill and Bo Li (ACL'31)", ("Ada Quill", "Bo Li"), "ACL", 2031),
        (f"{LOW_BOATS}, by Ada Quill (of Lake Lab), ACL 2031 short paper.", ("Ada Quill",), "ACL", 2031),
        (f"{LOW_BOATS}, by David Quill", ("David Quill",), None, None),
        (f"First post! {LOW_BOATS}, by Quill, Brandt, and Li", ("Quill", "Brandt", "Li"), None, None),
        (f"{LOW_BOATS}; Quill and Brandt; ICML 2031", ("Quill", "Brandt"), "ICML", 2031),
        (f"{LOW_BOATS}; Ada Quill, Bo Li, ICML 2031", ("Ada Quill", "Bo Li"), "ICML", 2031),
        (f"{LOW_BOATS} (Quill et al., ICML 2031)", ("Quill",), "ICML", 2031),
        (f"{LOW_BOATS}（Quill & Brandt, 2031）", ("Quill", "Brandt"), None, 2031),
        (f"{LOW_BOATS} (David Quill and Anna Li, ICML 2031)", ("David Quill", "Anna Li"), "ICML", 2031),
        (f"{LOW_BOATS}, Quill et al., ICML 2031", ("Quill",), "ICML", 2031),
        (f"{LOW_BOATS} - Quill et al. (2031)", ("Quill",), None, 2031),
        (f"{LOW_BOATS} | Ada Quill et al. | ICML 2031", ("Ada Quill",), "ICML", 2031),
        (f"{LOW_BOATS}, David Quill and Anna Li, ICML 2031", ("David Quill", "Anna Li"), "ICML", 2031),
        (f"Quill et al, ICML 2031. {LOW_BOATS}", ("Quill",), "ICML", 2031),
        (f"Quill et al. (2031): {LOW_BOATS}", ("Quill",), None, 2031),
        (f"[Quill et al., 2031] {LOW_BOATS}", ("Quill",), None, 2031),
        (f"Quill, Brandt, Okoye, Roh, ICML 2031. {LOW_BOATS}", ("Quill", "Brandt", "Okoye", "Roh"), "ICML", 2031),
        (f"A. Quill, B. Li, and C. Kim (2031) – {LOW_BOATS}", ("A. Quill", "B. Li", "C. Kim"), None, 2031),
    ],
)
def test_a_title_that_is_a_citation_is_taken_apart(
    title: str, names: tuple[str, ...], venue: str | None, year: int | None
) -> None:
    assert read_cited_title(title) == (LOW_BOATS, names, venue, year)


@pytest.mark.parametrize(
    "title",
    [
        "Low Boats, Red Sails, and Oars: Rowing at Scale, ICML 2031",
        "Detection, Segmentation and Tracking, ICML 2031",
        "Object Detection, Instance Segmentation and Object Tracking, ICML 2031",
        "Boat Detection by Grouping Extreme and Center Points, ICML 2031",
        "Boat Proposal by Guided Anchoring",
        "Moored, by Design",
        "Won, by Magic Potions",
        "Step by Step, by Example and Analogy",
        "Boats biased towards depth; deeper harbours improve them",
        "Anchors, ICML 2031. What is new",
        "Paris, London, Tokyo, ICML 2031. My trip there",
        "Low Boats, Red Sails (2031): a story of the sea",
        "May 2031. Papers that I read",
        "Interview with Bo Li, by Ada Quill",
        "Boats (Quill et al. 2030) and Ships (Brandt et al. 2031)",
        "Papers of ICML 2031",
        "NTIRE 2031 Challenge on Boats",
        "TIDE (Quill et al., 2031)",
        "Low Boats at Sea (ICML 2031)",
        "Low Boats at Sea (Best Paper, ICML 2031)",
        ", ".join(["Quill"] * 200) + ", ICML 2031. Low Boats at Sea",
        "",
    ],
)
def test_a_title_that_is_no_citation_is_left_alone(title: str) -> None:
    assert read_cited_title(title) is None


def test_a_post_with_such_a_title_has_its_facts() -> None:
    title = "TIDE: Low Boats at Sea, by Ada Quill and Bo Li, ICML 2031."
    review = parse_review(Entry(guid="g", link="https://shelf.example/1", title=title, html="<p>It floats.</p>"))
    assert (review.title, review.clean_title) == (title, "TIDE: Low Boats at Sea")
    assert (review.short_name, review.authors, review.venue_and_year) == ("TIDE", ("Ada Quill", "Bo Li"), "ICML 2031")


def test_a_year_alone_in_the_title_is_not_that_of_another_venue() -> None:
    title, venue = "Low Boats at Sea (Quill et al., 2029)", "<p>Venue: ICML 2031</p>"
    said, unsaid = (
        parse_review(Entry(guid="g", link="https://shelf.example/1", title=title, html=html)) for html in (venue, "")
    )
    assert (said.venue, said.year) == ("ICML", 2031)
    assert (unsaid.venue, unsaid.year) == (None, 2029)


def test_a_list_breaks_off_within_a_name() -> None:
    """As lines of a paper are copied: "Ada" and "Quill" are one author, two full names are two."""
    names = ("Mina Roh", "Ines Okoye", "Ada Quill", "Bo Li", "Teo Brandt", "Ann Lee Park")
    wrapped = "<p>Mina Roh, Ines Okoye, Ada</p><p>Quill, Bo Li, Teo Brandt, Ann Lee</p><p>Park, Cy Kim, Jo Oh</p>"
    assert authors_of(f"<p>저자: HARBOUR</p>{wrapped}<p>발표: 2031</p>{PAPER}") == (*names, "Cy Kim", "Jo Oh")
    assert authors_of(wrapped + PAPER) == (*names, "Cy Kim", "Jo Oh")
    whole = "<p>저자: Ann Lee, Bo Kim, Cy Park</p><p>Ada Li, Jo Oh, Mina Roh</p><p>Low Tide, Red Lake, Open Sea</p>"
    assert authors_of(whole) == ("Ann Lee", "Bo Kim", "Cy Park", "Ada Li", "Jo Oh", "Mina Roh")


def test_names_on_top_of_a_post_that_links_no_paper() -> None:
    """Three and more, if something shows that they are people."""
    assert authors_of("<p><b>Ann Lee, Bo Kim, Teo Brandt</b></p><p>Boats.</p>") == ("Ann Lee", "Bo Kim", "Teo Brandt")
    assert authors_of("<p>Ada Quill, Bo Okoye, Teo Brandt, Senior Member, IEEE</p><p>Boats.</p>") == (
        "Ada Quill",
        "Bo Okoye",
        "Teo Brandt",
    )
    assert authors_of("<p><b>Low Tide, Red Lake, Open Sea</b></p><p>Boats.</p>") == ()


def test_a_page_that_lists_papers_is_by_none_of_their_authors() -> None:
    """Each line names others."""
    listed = "<li>Low Boats<ul><li>{link} A. Quill, B. Li, {year}</li></ul></li>"
    links = [f'<a href="https://arxiv.org/abs/1901.0000{n}">[paper]</a>' for n in (1, 2)]
    one = listed.format(link=links[0], year=2031)
    assert authors_of(f"<ul>{one}</ul>") == ("A. Quill", "B. Li")
    assert authors_of(f"<ul>{one}{listed.format(link=links[1], year=2030).replace('Quill', 'Roh')}</ul>") == ()
    assert authors_of(f"<p>{links[0]} Quill et al., ICML 2031</p>") == ("Quill",)
    assert authors_of("<p>Authors: Ada Quill, Bo Li</p><p>Low Boats</p><p>Authors: Mina Roh</p>") == ()
    assert authors_of("<p>First author: Ada Quill</p><p>Authors: Ada Quill, Bo Li</p>") == ("Ada Quill", "Bo Li")


ENTRY = """@article{quill31,
  title = {{Low Boats}: Counting},
  author = {Quill, L{\\'e}on and {Li}, Bo and van der Brandt, Teo and others},
  journal = {Journal of Boats}, year = {2031}
}"""

NAMED = ("Léon Quill", "Bo Li", "Teo van der Brandt")


@pytest.mark.parametrize(
    ("entry", "names"),
    [
        (ENTRY, NAMED),
        (ENTRY.replace("journal = {Journal of Boats}", "eprint = {1901.00001}"), NAMED),
        (ENTRY.replace("Journal of Boats", "boats.github.io"), ()),
        (ENTRY.replace("Journal of Boats", "Boat Blog"), ()),
        (ENTRY.replace("journal", "url").replace("Journal of Boats", "https://boats.example"), ()),
        (ENTRY + ENTRY.replace("Quill", "Roh"), ()),
    ],
)  # fmt: skip
def test_bibtex_names_the_authors_of_a_paper(entry: str, names: tuple[str, ...]) -> None:
    """One entry among the first blocks; a blogger's own page, and a list of references, are none."""
    assert authors_of(f"<p>Boats.</p><pre><code>{entry}</code></pre>") == names


def test_bibtex_below_a_post_is_its_papers_by_the_title() -> None:
    """Far down stands what else was cited."""
    text = "<p>Boats are counted.</p>" * 40
    assert authors_of(f"{text}<pre><code>{ENTRY}</code></pre>", title="Low Boats: Counting")[:1] == ("Léon Quill",)
    assert authors_of(f"{text}<pre><code>{ENTRY}</code></pre>", title="Deep Tides at Sea") == ()


def test_lines_that_cite_two_papers_are_of_neither() -> None:
    """Above the first heading one such line is the post's own paper; in a post without one a last name is nobody."""
    assert authors_of(f"{PAPER}<p>Quill et al., 2031</p>") == ("Quill",)
    assert authors_of(f"{PAPER}<p>Quill et al., 2031</p><p>Brandt et al., 2030</p>") == ()
    assert authors_of("<p>Quill et al.</p><p>We met.</p>") == ()
    assert authors_of("<ul><li>Ada Quill et al.</li><li>ICML 2031</li></ul>") == ("Ada Quill",)
