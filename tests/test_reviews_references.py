"""Lines that are a whole reference to the post's paper, and lines of authors with their venue."""

from __future__ import annotations

import pytest

from bot.models.feeds import Entry
from bot.models.reviews import Identifiers, Review
from bot.reviews.parsing import parse_review
from bot.reviews.references import read_byline
from bot.reviews.venues import read_referenced

TITLE = "Low Boats at Sea under Wind"
BODY = "<h2>Notes</h2><p>Boats are counted.</p>" + "<p>Boats float.</p>" * 16


def review(html: str, *, title: str = TITLE) -> Review:
    return parse_review(Entry(guid="g", link="https://shelf.example/one.html", title=title, html=html))


def facts(html: str, *, title: str = TITLE) -> tuple[tuple[str, ...], str | None, int | None]:
    read = review(html, title=title)
    return read.authors, read.venue, read.year


# ── references ──


@pytest.mark.parametrize(
    ("line", "authors", "venue"),
    [
        (
            f'Quill, Ada, and Bo Li. "{TITLE}." Journal of Boats 31.2 (2031): 4-9.',
            ("Ada Quill", "Bo Li"),
            "Journal of Boats",
        ),
        (f'Quill, Ada, et al. "{TITLE}." arXiv preprint arXiv:3101.00123 (2031).', ("Ada Quill",), None),
        (
            (
                f"A. Quill and B. Li, “{TITLE},” in IEEE Transactions on Boats, vol. 6, no. 2, pp. 81-83, "
                "1 June 2031, doi: 10.1109/TB.2031.29."
            ),
            ("A. Quill", "B. Li"),
            "IEEE Transactions on Boats",
        ),
        (
            (
                f"Ada Quill, Bo Li, and Teo Roh. 2031. {TITLE}. In Proceedings of the 5th Workshop on Boats (WOBO "
                "’31). Association for Computing Machinery, New York, NY, USA, Article 3, 1–4."
            ),
            ("Ada Quill", "Bo Li", "Teo Roh"),
            "WOBO",
        ),
        (
            f"Quill, A., & Li, B. (2031). {TITLE}. Journal of Boats, 12(3), 4–9.",
            ("A. Quill", "B. Li"),
            "Journal of Boats",
        ),
        (
            f"Quill, A., Li, B. and Roh, C., 2031. {TITLE.lower()}. In Proceedings of the Boat Conference (pp. 3-9).",
            ("A. Quill", "B. Li", "C. Roh"),
            "Boat Conference",
        ),
        (
            f"Quill A, Li B, Roh C. {TITLE}[C]//Proceedings of the Boat Conference. 2031: 1-8.",
            ("A. Quill", "B. Li", "C. Roh"),
            "Boat Conference",
        ),
        (
            f"Quill A, Li B. {TITLE}[J]. Boats and Harbours, 2031, 12(3): 4-7.",
            ("A. Quill", "B. Li"),
            "Boats and Harbours",
        ),
        (
            f"Quill, Ada & Li, Bo & Roh, Teo. (2031). {TITLE}. ACM Transactions on Boats. 36. 1-26.",
            ("Ada Quill", "Bo Li", "Teo Roh"),
            "ACM Transactions on Boats",
        ),
        (
            f"Quill, H., Li, S., Luo, M. et al. {TITLE}. Boats Res Dev 26, 257 (2031).",
            ("H. Quill", "S. Li", "M. Luo"),
            "Boats Res Dev",
        ),
        (
            f'"{TITLE}", Ada Quill, Bo Li, and Teo Roh, International Symposium on Boats (ISOB), Lakeside, May 2031',
            ("Ada Quill", "Bo Li", "Teo Roh"),
            "ISOB",
        ),
        (f"Quill, Ada Bo, et al. “{TITLE}.” CVPR. 2031.", ("Ada Bo Quill",), "CVPR"),
        (f"{TITLE} (Ada Quill, Bo Li, ICML 2031)", ("Ada Quill", "Bo Li"), "ICML"),
        (f"Quill, A., Li, B.: {TITLE}. In: ICML (2031)", ("A. Quill", "B. Li"), "ICML"),
        (f"Teo Roh. {TITLE}. Boats - 27th International Conference on Boats, 2031, Lisbon.", ("Teo Roh",), "Boats"),
        (f"Yann Roh. {TITLE}. ICML 2031", ("Yann Roh",), "ICML"),
        (f"Reference: Quill, Ada, et al. “{TITLE}.” CVPR. 2031.", ("Ada Quill",), "CVPR"),
        (f"논문: Ada Quill, Bo Li. {TITLE}. In ICML, 2031.", ("Ada Quill", "Bo Li"), "ICML"),
        (f"[1] Ada Quill et al. {TITLE}: The Long Way. ICML 2031.", ("Ada Quill",), "ICML"),
        (f"{TITLE} Quinlan Zworm et al., ICML 2031", ("Quinlan Zworm",), "ICML"),
        (f"<Quill et al.> / <{TITLE}> / <ICML 2031>", ("Quill",), "ICML"),
        (f"Ada Quill, Bo Li / {TITLE} / CVPR 2031", ("Ada Quill", "Bo Li"), "CVPR"),
        (
            f"Ada Quill, Bo Li: {TITLE}. CIDR 2031 http://boats.example.edu/cidr/p3.pdf",
            ("Ada Quill", "Bo Li"),
            "CIDR",
        ),
    ],
)
def test_a_reference_below_the_title_gives_authors_venue_and_year(
    line: str, authors: tuple[str, ...], venue: str | None
) -> None:
    """In every usual style, names in the order in which they are spoken."""
    assert facts(f"<h1>{TITLE}</h1><p>{line.replace('<', '&lt;')}</p>{BODY}") == (authors, venue, 2031)


@pytest.mark.parametrize(
    ("behind", "identifiers"),
    [
        ("arXiv preprint arXiv:3101.00123 (2031)", Identifiers(arxiv="3101.00123")),
        ("in Boats, vol. 6, 2031, doi: 10.1109/TB.2031.29.", Identifiers(doi="10.1109/tb.2031.29")),
        (
            'ICML 2031. DOI:<a href="https://doi.org/10.1145/31.29">https://doi.org/10.1145/31.29</a>',
            Identifiers(doi="10.1145/31.29"),
        ),
        ("ACM Transactions on Boats. 36. 1-26. 10.1145/31.29.", Identifiers(doi="10.1145/31.29")),
        ("ICML 2031. doi: 10.1145/31.29, doi: 10.1145/31.30", Identifiers()),
    ],
)
def test_a_reference_gives_the_papers_number(behind: str, identifiers: Identifiers) -> None:
    assert review(f'<h1>{TITLE}</h1><p>Quill, Ada, et al. "{TITLE}." {behind}</p>{BODY}').identifiers == identifiers


@pytest.mark.parametrize(
    "line",
    [
        f'Recently, "{TITLE}" appeared in 2031.',
        f'Ada Quill\'s "{TITLE}" (ICML 2031) counts boats.',
        f'In 2031 Ada Quill and Bo Li wrote "{TITLE}".',
        f'Ada Quill et al. build on "{TITLE}" (ICML 2031).',
        f"Paper Review. {TITLE}. 2031.",
        f"Harbour Club. {TITLE}. ICML 2031.",
        f"Seminar Talk: {TITLE}. ICML 2031.",
        f"{TITLE}, Part Two, Lake Michigan, ICML 2031",
        f"Introduction. {TITLE}. ICML 2031.",
        f"Posted by Ada Quill. {TITLE}. 2031-03-02",
        f"Ada Quill. {TITLE}. 2031-03-02",
        f"Cited as: Quill, Ada. (Jun 2031). {TITLE}. Boat’Log. https://ada.example.io/boats",
        f"Quill, Ada, and Bo Li. “{TITLE}”, Boat Blog, 2031.",
        f"Quill et al. (2031) build on {TITLE} and on others.",
        'Quill, Ada, and Bo Li. "Tall Ships in a Calm." ICML (2031).',
        'Quill, Ada. "Low Boats." Journal of Boats 31.2 (2031): 4-9.',
    ],
)
def test_a_sentence_another_paper_or_the_post_itself_is_no_reference(line: str) -> None:
    """How a post wants to be cited names the blogger; a sentence about the paper has other words beside it."""
    assert facts(f"<h1>{TITLE}</h1><p>{line}</p>{BODY}")[0] == ()


@pytest.mark.parametrize(
    ("title", "line", "authors", "year"),
    [
        (
            "LowNet",
            "论文： Quill M D, Roh R. Counting and Naming Boats[M]// Boats – CVPR 2031. Nowhere, 2030:8-33.",
            ("M. D. Quill", "R. Roh"),
            2031,
        ),
        (
            "LowNet（Lake Lab, 2031）",
            "论文：Lin T Y, Dollár P, et al. Pyramids for Low Boats[J]. 2031.",
            ("T. Y. Lin", "P. Dollár"),
            2031,
        ),
        (
            "Low R-Net",
            "논문: Ada Quill, Bo Li. Counting Boats at Night. In ICML, 2031.",
            ("Ada Quill", "Bo Li"),
            2031,
        ),
        ("LowNet", "Paper: Hu P, Roh D. Finding Low Boats[J]. 2031.", ("P. Hu", "D. Roh"), 2031),
        # The title is a paper's own, and the reference is another's.
        ("Tall Ships in a Calm", "论文： Quill M D, Roh R. Counting and Naming Boats[J]. 2031.", (), None),
        ("LowNet", "Reference: Quill M D, Roh R. Counting and Naming Boats[J]. 2031.", (), None),
        ("LowNet", "Paper: Object Detection. Boat Tracking. 2031.", (), None),
        ("LowNet", "Paper: we read boats. It is from 2031.", (), None),
        ("LowNet", "论文： Counting and Naming Boats[C]// The Boat Conference. 2031:9-11.", (), None),
    ],
)
def test_below_a_title_that_is_a_name_the_label_says_whose_reference_it_is(
    title: str, line: str, authors: tuple[str, ...], year: int | None
) -> None:
    """The paper's own title is not to be seen in the post's."""
    assert review(f"<p>{line}</p>{BODY}", title=title).authors == authors
    assert facts(f"<p>{line}</p>{BODY}", title=title)[2] == (year or facts(BODY, title=title)[2])


def test_one_of_several_references_below_a_name_is_nobodys() -> None:
    lines = (
        "<p>论文：Quill M D. Low Boats at Night[J]. 2031.</p><p>论文：Park C, Li E. Tall Ships at Sea[J]. 2030.</p>"
    )
    assert review(f"{lines}{BODY}", title="LowNet").authors == ()


def test_links_in_brackets_are_no_part_of_a_title_that_is_cited() -> None:
    link = '<a href="https://h.example/{0}">[{0}]</a>'
    links = " ".join(link.format(name) for name in ("pdf", "blog post", "video one", "video two"))
    text = f"{TITLE} [pdf] [blog post] [video one] [video two]"
    html = f'<h1>{TITLE} {links}</h1><p><em>Quill, Ada, et al. "{TITLE}." ICML. 2031.</em></p>{BODY}'
    assert facts(html, title=text) == (("Ada Quill",), "ICML", 2031)


def test_a_reference_elsewhere_counts_if_it_has_the_whole_title_and_stands_alone() -> None:
    own = f'Quill, Ada, and Bo Li. "{TITLE}." ICML (2031).'
    longer = f'Roh, Teo, et al. "{TITLE}: A Survey." CVPR (2030).'
    assert facts(f"{BODY}<h2>Citation</h2><p>{own}</p>") == (("Ada Quill", "Bo Li"), "ICML", 2031)
    assert facts(f"{BODY}<h2>Notes</h2><p>{longer}</p>")[0] == ()
    part = 'Quill, Ada, and Bo Li. "Low Boats at Sea under Wind and Rain." ICML (2031).'
    assert facts(f"{BODY}<h2>Paper Info</h2><p>{part}</p>") == (("Ada Quill", "Bo Li"), "ICML", 2031)
    assert facts(f"{BODY}<h2>Notes</h2><p>{part}</p>")[0] == ()


def test_in_a_list_of_references_the_title_must_be_too_long_for_another_papers() -> None:
    other = '<li>Roh, Teo, et al. "Tall Ships in a Calm." CVPR (2030).</li>'
    own = '<li>Quill, Ada, and Bo Li. "{}." ICML (2031).</li>'
    for title, authors in ((TITLE, ("Ada Quill", "Bo Li")), ("Counting Lighthouses", ()), ("Low Boats at Sea", ())):
        html = f"{BODY}<h2>References</h2><ul>{other}{own.format(title)}</ul>"
        assert facts(html, title=title)[0] == authors
    cited = f"{BODY}<h2>References</h2><ul>{other}{own.format(TITLE + ' and Rain')}</ul>"
    assert facts(cited)[0] == ()


@pytest.mark.parametrize(
    ("title", "lines", "authors"),
    [
        ("TIDE [Kor]", ("“TIDE: Counting Low Boats.” ICML (2031)",), ("Ada Quill",)),
        ("TIDE", ("“Tall Ships.” ICML (2030)", "“TIDE: Counting Low Boats.” ICML (2031)"), ("Ada Quill",)),
        ("Tides", ("“Tides: Counting Low Boats.” ICML (2031)", "“Tall Ships.” ICML (2030)"), ("Ada Quill",)),
        ("Tides", ("“Tall Ships.” ICML (2030)", "“Tides: Counting Low Boats.” ICML (2031)"), ()),
        ("TIDE", ("“TIDE: Low Boats.” ICML (2030)", "“TIDE: Counting Boats.” ICML (2031)"), ()),
        ("TIDE", ("“TIDE and Wind.” ICML (2030)",), ()),
    ],
)
def test_in_a_list_of_references_a_name_before_a_colon_is_the_posts_title(
    title: str, lines: tuple[str, ...], authors: tuple[str, ...]
) -> None:
    """The only one; a word with one capital must be in the first."""
    items = "".join(f"<li>Quill, Ada, et al. {line}.</li>" for line in lines)
    assert facts(f"{BODY}<h2>Reference &amp; Additional materials</h2><ul>{items}</ul>", title=title)[0] == authors


def test_a_reference_is_read_from_a_block_of_several_lines() -> None:
    """As publishers print it, in a block of code or with line breaks."""
    lines = (
        "Ada Quill, Bo Li, and Teo Roh. 2031.",
        f"{TITLE}.",
        "In Proceedings of the 5th Workshop on Boats (WOBO '31).",
        "ACM, New York, NY, USA, 35-40. DOI=http://dx.doi.org/10.1145/31.29",
    )
    for html in (
        f"<pre><code>{chr(10).join(lines)}\n</code></pre>",
        f"<blockquote>{'<br>'.join(lines)}</blockquote>",
    ):
        read = review(f"<h2>Why this paper</h2><p>Boats.</p><h2>ACM Refs</h2>{html}{BODY}")
        assert (read.authors, read.venue, read.year) == (("Ada Quill", "Bo Li", "Teo Roh"), "WOBO", 2031)
        assert read.identifiers == Identifiers(doi="10.1145/31.29")
    code = f"<pre><code>open('{TITLE}')\nprint(2031)</code></pre>"
    assert facts(f"{BODY}{code}")[0] == ()


def test_a_title_may_begin_in_quotation_marks() -> None:
    title = '"If Boats Were Low, I Would Count Them" - A Study of Harbours'
    assert facts(f"<p>{title} Ada Quill et al., ICML 2031</p>{BODY}", title=title) == (("Ada Quill",), "ICML", 2031)


def test_a_counted_conference_needs_no_year() -> None:
    line = f'Quill, Ada, et al. "{TITLE}." Forty-third International Conference on Machine Learning.'
    assert facts(f"<p>{line}</p>{BODY}") == (("Ada Quill",), "ICML", None)
    assert facts(f"<p>We were at ICML 2031 in May.</p><p>{line}</p>{BODY}")[1:] == ("ICML", 2031)
    assert facts(f"<p>ICML 2031 came after ICML 2030.</p><p>{line}</p>{BODY}")[1:] == ("ICML", None)


def test_a_list_that_is_cut_below_the_title_is_whole_among_the_references() -> None:
    cut, whole = f"<Quill et al.> / <{TITLE}> / <ICML 2031>", f"Ada Quill, Bo Li, Teo Roh. {TITLE}. In ICML, 2031."
    html = f"<p>{cut.replace('<', '&lt;')}</p>{BODY}<h2>References</h2><ul><li>{whole}</li><li>Tall Ships.</li></ul>"
    assert facts(html) == (("Ada Quill", "Bo Li", "Teo Roh"), "ICML", 2031)


def test_a_link_to_the_paper_says_whose_reference_stands_below_a_name() -> None:
    line = 'Quill, Ada, et al. "Counting and Naming Boats." <em>ICML</em>. 2031. (<a href="https://boats.example/1.pdf">{}</a>)'
    for label, authors in (("paper", ("Ada Quill",)), ("slides", ())):
        assert facts(f"<p>{line.format(label)}</p>{BODY}", title="CaNB")[0] == authors


def test_a_post_titled_by_a_name_is_of_the_paper_of_that_name() -> None:
    line = '<p>Quill, Ada, et al. "TIDE: Counting Low Boats." ICML (2031).</p>'
    assert facts(f"<h1>TIDE</h1>{line}{BODY}", title="TIDE") == (("Ada Quill",), "ICML", 2031)
    other = "TIDE: Boats by Number"
    assert facts(f"<h1>{other}</h1>{line}{BODY}", title=other) == (("Ada Quill",), "ICML", 2031)
    assert facts(f"<h1>WIND</h1>{line}{BODY}", title="WIND")[0] == ()


@pytest.mark.parametrize(
    ("behind", "venue", "year"),
    [
        ("SC31: International Conference for High Performance Computing. IEEE, 2031.", "SC", 2031),
        ("in 2031 IEEE Conference on Boat Computing (BOCOM), Lakeside, 2031, pp. 1-8", "BOCOM", 2031),
        ("Euro-Boat - 27th International Conference on Boats, Aug 2031, Lisbon", "Euro-Boat", 2031),
        ("Advances in Neural Information Processing Systems 33 (2031): 1877-1901.", "NeurIPS", 2031),
        ("ACM Trans. Boats 34, 3, Article 9 (September 2031), 31 pages.", "ACM Trans. Boats.", 2031),
        ("Proceedings of the Workshop on Boats for NLP. 2031.", "Workshop on Boats for NLP", 2031),
        ("ACM Boat Notices. Vol. 45. No. 6. ACM, 2031.", "ACM Boat Notices", 2031),
        ("[M]// Boats – CVPR 2031. Lake Press, 2030:818-833.", "CVPR", 2031),
        ("IEEE, 2031.", None, 2031),
        ("PhD thesis, Lake University, 2031", None, 2031),
        ("Lakeside, 2031.", None, 2031),
        ("Submitted to ICML 2031.", None, 2031),
    ],
)
def test_what_stands_behind_the_title_is_the_venue_in_any_style(
    behind: str, venue: str | None, year: int | None
) -> None:
    assert read_referenced(behind) == (venue, year)


# ── authors and their venue ──


@pytest.mark.parametrize(
    ("line", "authors", "venue", "year"),
    [
        ("Ada Quill, Bo Li, Teo Roh, CVPR, 2016", ("Ada Quill", "Bo Li", "Teo Roh"), "CVPR", 2016),
        ("David Quill, Bo Li. ArXiv, 2017", ("David Quill", "Bo Li"), None, 2017),
        ("David Quill, Bo Li — NIPS 2015", ("David Quill", "Bo Li"), "NIPS", 2015),
        ("Ada Quill, Bo Li (ICML 2031)", ("Ada Quill", "Bo Li"), "ICML", 2031),
        ("Ada Quill, Bo Li, ArXiv15", ("Ada Quill", "Bo Li"), None, 2015),
        ("Nando de Brandt, Ton van den Quill, NIPS, 2016", ("Nando de Brandt", "Ton van den Quill"), "NIPS", 2016),
        ("Ada Quill, AI Magazine, 2016", ("Ada Quill",), "AI Magazine", 2016),
        ("Ada Quill, David Li, Marketing and Boats, 2016", ("Ada Quill", "David Li"), "Marketing and Boats", 2016),
        (
            "Ada B. Quill, Bo Li, Boat and Brain Sciences, 2016",
            ("Ada B. Quill", "Bo Li"),
            "Boat and Brain Sciences",
            2016,
        ),
    ],
)
def test_a_line_of_names_ends_with_their_venue(
    line: str, authors: tuple[str, ...], venue: str | None, year: int
) -> None:
    assert facts(f"<h1>{TITLE}</h1><p>{line}</p>{BODY}") == (authors, venue, year)


@pytest.mark.parametrize(
    "line",
    [
        "Sensor Fusion, CVPR 2031",
        "Paper Review, CVPR 2031",
        "Ada Quill, Bo Li, Lake University, 2031",
        "Ada Quill, Bo Li, Hong Kong, 2031",
        "Ada Quill, Bo Li, Lakeside, 2031",
        "Ada Quill, Bo Li, Winter 2031",
        "Ada Quill, Bo Li, 7 July 2031",
        "Ada Quill, Bo Li, Submitted to ICML 2031",
        "ICML 2031",
    ],
)
def test_what_is_no_venue_and_whoever_is_nobody_is_not_read(line: str) -> None:
    assert read_byline(line) is None


def test_the_papers_title_between_names_and_year_is_not_their_venue() -> None:
    line = f"Ada Quill, Bo Li, {TITLE}, 2031"
    assert review(f"<h1>{TITLE}</h1><p>{line}</p>{BODY}").venue is None


def test_names_that_alone_stand_above_the_first_heading_are_the_authors() -> None:
    """One known name of three is enough there, since keywords have none; an author's public number shows it."""
    names = ("William Quill", "Barret Zworm", "Nurm Quenby")
    assert facts(f"<h1>{TITLE}</h1><p>{', '.join(names)}</p>{BODY}")[0] == names
    assert facts(f"<h1>{TITLE}</h1><p>{', '.join(names)}</p><p>Boats float.</p>{BODY}")[0] == ()
    assert facts(f"<h1>{TITLE}</h1><p>Sensor Fusion, Point Clouds, Lidar Odometry</p>{BODY}")[0] == ()
    numbered = ", ".join(
        f"{name}[0000−0002−8019−704{at}]" for at, name in enumerate(("Ada Quill", "Teo Roh", "Pia Brandt"))
    )
    assert facts(f"<h1>{TITLE}</h1><p>{numbered}</p>{BODY}")[0] == ("Ada Quill", "Teo Roh", "Pia Brandt")


# ── in Asian letters ──


@pytest.mark.parametrize(
    ("line", "title", "authors", "venue"),
    [
        (
            f"김민수, 이서연. (2031). {TITLE}. 정보과학회논문지, 47(5), 476-485.",
            TITLE,
            ("김민수", "이서연"),
            "정보과학회논문지",
        ),
        (
            f"출처: 김민수, 이서연, “{TITLE}”, 한국통신학회논문지, 제45권 제3호, pp. 512-520, 2031년 3월",
            TITLE,
            ("김민수", "이서연"),
            "한국통신학회논문지",
        ),
        (
            "田中太郎，鈴木花子：海上の低い船の検出，情報処理学会論文誌，Vol. 61, No. 2, pp. 245–256 (2031)．",
            "海上の低い船の検出",
            ("田中太郎", "鈴木花子"),
            "情報処理学会論文誌",
        ),
        (
            f"박지훈·최은지 (2031), {TITLE}, 『한국배기술학회논문지』, 19(3), 1-9.",
            TITLE,
            ("박지훈", "최은지"),
            "한국배기술학회논문지",
        ),
        (
            "鈴木花子，田中太郎，“海上の低い船の検出，” 日本ロボット学会誌，vol. 38, no. 2, pp. 150–159, 2031．",
            "海上の低い船の検出",
            ("鈴木花子", "田中太郎"),
            "日本ロボット学会誌",
        ),
        (
            "鈴木花子, 田中太郎. 海上の低い船の検出. 電子情報通信学会論文誌 D, Vol. J103-D, pp. 403-412, 2031.",
            "海上の低い船の検出",
            ("鈴木花子", "田中太郎"),
            "電子情報通信学会論文誌",
        ),
        (
            "王小明, 李华. 海上低船的检测[J]. 船舶学报, 2031, 43(5): 901-915.",
            "海上低船的检测",
            ("王小明", "李华"),
            "船舶学报",
        ),
    ],
)
def test_references_in_asian_letters(line: str, title: str, authors: tuple[str, ...], venue: str) -> None:
    assert facts(f"<p>{line}</p>{BODY}", title=title) == (authors, venue, 2031)


@pytest.mark.parametrize(
    "line",
    [
        "海上低船的检测：方法与结果，2031 年更新。",
        "背景, 方法. 海上低船的检测 是一篇论文。",
        "본 글은 海上低船的检测 논문을 정리한 것이다. 2031년.",
    ],
)
def test_sentences_with_a_title_in_asian_letters_are_no_references(line: str) -> None:
    assert facts(f"<p>{line}</p>{BODY}", title="海上低船的检测")[:2] == ((), None)
