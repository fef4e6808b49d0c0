"""What a review says about its paper: titles, names, links, authors, identifiers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.models.feeds import Entry
from bot.models.reviews import BlockKind, Identifiers, Mark, Review
from bot.reviews import facts
from bot.reviews.fields import Line
from bot.reviews.identifiers import parse_identifiers
from bot.reviews.parsing import parse_review
from bot.reviews.titles import read_title

DATA = Path(__file__).parent / "data" / "reviews"


def review(html: str, *, title: str = "Boats", link: str = "https://shelf.example/one.html") -> Review:
    return parse_review(Entry(guid="g", link=link, title=title, html=html))


# ── titles ──


@pytest.mark.parametrize(
    ("title", "venue", "year", "clean"),
    [
        ("[ICLR2031] TIDE: Low Boats", "ICLR", 2031, "TIDE: Low Boats"),
        ("[EMNLP 2023]  Boats  at Sea", "EMNLP", 2023, "Boats at Sea"),
        ("[EMNLP2021 best paper] Boats", "EMNLP", 2021, "Boats"),
        ("[CVPR 2022 Tutorial] Boats(1)", "CVPR", 2022, "Boats(1)"),
        ("[CVPR Tutorial 2022] Boats", "CVPR", 2022, "Boats"),
        ("[Findings of ACL 2023] Boats", "ACL", 2023, "Boats"),
        ("[Arxiv 2404]Boats", "arXiv", 2024, "Boats"),
        ("[arXiv 2404.01234] Boats", "arXiv", 2024, "Boats"),
        ("[Arxiv 2024] Boats", "arXiv", 2024, "Boats"),
        ("[ACL'23 Findings] Boats", "ACL", 2023, "Boats"),
        ("[2023 ACL] Boats", "ACL", 2023, "Boats"),
        ("TIDE (Lake Lab, CVPR, 2031)", "CVPR", 2031, "TIDE (Lake Lab)"),
        ("TIDE（Lake Lab，CVPR，2031）", "CVPR", 2031, "TIDE (Lake Lab)"),
        ("TIDE (Lake Lab, 2031)", None, None, "TIDE (Lake Lab, 2031)"),
        ("[NeurIPS] Boats", "NeurIPS", None, "Boats"),
        ("[BEIT-9] Boats", None, None, "[BEIT-9] Boats"),
        ("[논문리뷰] Boats", None, None, "Boats"),
        ("[Paper Review] [ICML 2022] Boats", "ICML", 2022, "Boats"),
        ("[ICLR2024] #TAG: BOATS", "ICLR", 2024, "TAG: BOATS"),
        ("[Under review at ICLR 2031] TIDE: Low Boats", None, None, "TIDE: Low Boats"),
        ("[Accepted at ACL 2031] Boats", "ACL", 2031, "Boats"),
        ("TIDE: Low Boats (CVPR 2031)", "CVPR", 2031, "TIDE: Low Boats"),
        ("TIDE: Low Boats (CVPR'31 Oral)", "CVPR", 2031, "TIDE: Low Boats"),
        ("Low Boats (TIDE, NIPS 2017)", "NIPS", 2017, "Low Boats (TIDE)"),
        ("Low Boats [ECCV16] 논문 리뷰", "ECCV", 2016, "Low Boats"),
        ("Low Boats 논문 리뷰 (ECCV 2016)", "ECCV", 2016, "Low Boats"),
        ("(EMNLP 2031) Low Boats", "EMNLP", 2031, "Low Boats"),
        ("ICLR 2031 | TIDE: Low Boats", "ICLR", 2031, "TIDE: Low Boats"),
        ("TIDE: Low Boats – ICLR 2031", "ICLR", 2031, "TIDE: Low Boats"),
        ("【CVPR 2031】Low Boats", "CVPR", 2031, "Low Boats"),
        ("Low Boats（CVPR 2031）", "CVPR", 2031, "Low Boats"),
        ("Low Boats (Quill et al., 2031)", None, None, "Low Boats (Quill et al., 2031)"),
        ("Low Boats (TIDE 2031)", None, None, "Low Boats (TIDE 2031)"),
        ("12. [ICML 2031] TIDE: Low Boats", "ICML", 2031, "12. TIDE: Low Boats"),
        ("12. Low Boats (CVPR 2031)", "CVPR", 2031, "12. Low Boats"),
        ("3. [논문 리뷰] Low Boats", None, None, "3. Low Boats"),
        ("[논문 리뷰] #3 Low Boats", None, None, "#3 Low Boats"),
        ("Anchored Cruising Lines (ACL)", None, None, "Anchored Cruising Lines (ACL)"),
        ("What I learned at CVPR 2031", None, None, "What I learned at CVPR 2031"),
        ("Low Boats and Their Sensors 2031", None, None, "Low Boats and Their Sensors 2031"),
        ("How Boats Save the DATE 2031", None, None, "How Boats Save the DATE 2031"),
        ("Low Boats at Sea DATE ’31", "DATE", 2031, "Low Boats at Sea"),
        ("Low Boats at Sea ICME 2031", "ICME", 2031, "Low Boats at Sea"),
        ("Boats (4)", None, None, "Boats (4)"),
        ("", None, None, ""),
        ("[[]] [", None, None, "[[]] ["),
    ],
)
def test_bracket_gives_venue_and_year(title: str, venue: str | None, year: int | None, clean: str) -> None:
    """The conference alone, its year, and the title without either."""
    facts = read_title(title)
    assert (facts.venue, facts.year, facts.clean_title) == (venue, year, clean)


@pytest.mark.parametrize(
    ("title", "page", "html", "name"),
    [
        ("[ICLR2024] #TAG: BOATS", "x", "", "TAG"),
        ("Ditto: A Simple Boat", "x", "<p>Ditto floats</p>", "Ditto"),
        ("Members: A Simple Boat", "x", "<p>Log in</p>", None),
        ("Tide Inpainting: Turning Boats", "x", "", "Tide Inpainting"),
        ("Tide Inpainting: Turning Boats", "x", "<p>We study tide inpainting, for tide inpainting turns.</p>", None),
        ("Trusting Your Boat: Float Less", "CAD", "<p>CAD floats, CAD sinks</p>", "CAD"),
        ("Boats of Many Kinds", "MKTOD", "<p>our MK-TOD floats; mktod</p>", "MK-TOD"),
        ("Boats", "LLMsurvey4", "<p>LLM survey</p>", None),
        ("Boats", "watermark", "<p>watermark</p>", None),
        ("[BEIT-9] Boats as Words: All of Them", "x", "", "BEIT-9"),
        (
            "Boats",
            "ActiverRag",
            '<p><a href="https://github.com/x/FLARE">[github]</a></p><p>FLARE!</p>',
            "FLARE",
        ),
        ("Paper notes: Boats", "x", "<p>Paper notes, Paper notes</p>", None),
    ],
)
def test_short_name_is_one_people_use(title: str, page: str, html: str, name: str | None) -> None:
    """Before the colon, in the bracket, or an address's name that the text uses, in the text's spelling."""
    assert review(html, title=title, link=f"https://shelf.example/{page}.html").short_name == name


# ── identifiers ──


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://arxiv.org/abs/2308.07074v2", Identifiers(arxiv="2308.07074")),
        ("http://www.arxiv.org/pdf/2308.07074.pdf", Identifiers(arxiv="2308.07074")),
        ("https://arxiv.org/pdf/2308.07074v1.pdf#page=3", Identifiers(arxiv="2308.07074")),
        ("https://arxiv.org/html/2308.07074v1/", Identifiers(arxiv="2308.07074")),
        ("arxiv.org/abs/2308.07074", Identifiers(arxiv="2308.07074")),
        ("https://ar5iv.labs.arxiv.org/html/2308.07074", Identifiers(arxiv="2308.07074")),
        ("https://huggingface.co/papers/2308.07074", Identifiers(arxiv="2308.07074")),
        ("https://hf.co/papers/2308.07074", Identifiers(arxiv="2308.07074")),
        ("huggingface.co/papers/2308.07074?ref=x", Identifiers(arxiv="2308.07074")),
        ("https://www.semanticscholar.org/arxiv/2308.07074", Identifiers(arxiv="2308.07074")),
        ("https://api.semanticscholar.org/graph/v1/paper/ARXIV:2308.07074?limit=1", Identifiers(arxiv="2308.07074")),
        ("https://api.semanticscholar.org/arXiv:2308.07074", Identifiers(arxiv="2308.07074")),
        ("https://www.alphaxiv.org/abs/2308.07074v1", Identifiers(arxiv="2308.07074")),
        ("https://alphaxiv.org/overview/2308.07074", Identifiers(arxiv="2308.07074")),
        ("https://www.alphaxiv.org/ko/overview/2308.07074v2", Identifiers(arxiv="2308.07074")),
        ("https://ar5iv.org/abs/2308.07074", Identifiers(arxiv="2308.07074")),
        ("https://www.arxiv-vanity.com/papers/2308.07074/", Identifiers(arxiv="2308.07074")),
        ("https://scirate.com/arxiv/2308.07074", Identifiers(arxiv="2308.07074")),
        ("https://www.emergentmind.com/papers/2308.07074", Identifiers(arxiv="2308.07074")),
        ("https://www.connectedpapers.com/api/redirect/arxiv/2308.07074", Identifiers(arxiv="2308.07074")),
        ("https://papers.cool/arxiv/2308.07074", Identifiers(arxiv="2308.07074")),
        ("https://deeplearn.org/arxiv/2308.07074", Identifiers(arxiv="2308.07074")),
        ("https://themoonlight.io/file?url=https://arxiv.org/pdf/2308.07074v3", Identifiers(arxiv="2308.07074")),
        ("https://paperswithcode.com/paper/2308.07074", Identifiers(arxiv="2308.07074")),
        ("https://paperswithcode.com/api/v1/papers/?arxiv_id=2308.07074", Identifiers(arxiv="2308.07074")),
        ("https://www.catalyzex.com/paper/arxiv:2308.07074", Identifiers(arxiv="2308.07074")),
        ("https://scholar.archive.org/search?q=arxiv:2308.07074", Identifiers(arxiv="2308.07074")),
        ("https://inspirehep.net/api/arxiv/hep-th/9901001", Identifiers(arxiv="hep-th/9901001")),
        ("https://inspirehep.net/api/doi/10.1145/12.34", Identifiers(doi="10.1145/12.34")),
        ("https://ui.adsabs.harvard.edu/abs/2023arXiv230807074L/abstract", Identifiers(arxiv="2308.07074")),
        ("https://xxx.lanl.gov/abs/2308.07074", Identifiers(arxiv="2308.07074")),
        ("https://deeplearn.org/arxiv/123456/low-boats-at-sea", Identifiers()),
        ("https://paperswithcode.com/paper/low-boats-at-sea-2019", Identifiers()),
        ("https://www.semanticscholar.org/paper/Low-Boats-2308.07074-Kim/" + "a" * 40, Identifiers()),
        ("https://www.semanticscholar.org/search?q=low%20boats%202308.07074", Identifiers()),
        ("https://www.alphaxiv.org/compare/2308.07074/2308.07075", Identifiers()),
        ("https://huggingface.co/boats/low/blob/main/2308.07074", Identifiers()),
        ("https://www.emergentmind.com/topics/2023/08.07074", Identifiers()),
        ("https://scirate.com/?date=2308.07074", Identifiers()),
        ("https://notscirate.com/arxiv/2308.07074", Identifiers()),
        ("2308.07074", Identifiers(arxiv="2308.07074")),
        ("arXiv:2308.07074v3 [cs.CL]", Identifiers(arxiv="2308.07074")),
        ("cs/0112017", Identifiers(arxiv="cs/0112017")),
        ("https://arxiv.org/abs/math.GT/0309136v1", Identifiers(arxiv="math/0309136")),
        ("2313.07074", Identifiers()),
        ("and/0112017", Identifiers()),
        ("https://aclanthology.org/2023.emnlp-main.183.pdf", Identifiers(acl="2023.emnlp-main.183")),
        ("https://aclanthology.org/2023.acl-long.608v2.pdf", Identifiers(acl="2023.acl-long.608")),
        ("https://aclanthology.org/2023.acl-long.608/", Identifiers(acl="2023.acl-long.608")),
        ("https://www.aclweb.org/anthology/p19-1001.pdf", Identifiers(acl="P19-1001")),
        ("2021.tacl-1.21", Identifiers(acl="2021.tacl-1.21")),
        ("https://openreview.net/forum?id=hSyW5go0v8&noteId=1", Identifiers(openreview="hSyW5go0v8")),
        ("https://openreview.net/pdf?id=hSyW5go0v8", Identifiers(openreview="hSyW5go0v8")),
        ("https://openreview.net/attachment?id=psz_-ybU9&name=pdf", Identifiers(openreview="psz_-ybU9")),
        ("https://openreview.net/group?id=ICLR.cc", Identifiers()),
        ("https://proceedings.mlr.press/v162/he22f/he22f.pdf", Identifiers(pmlr="v162/he22f")),
        ("https://proceedings.mlr.press/v162/he22f.html", Identifiers(pmlr="v162/he22f")),
        ("v162/he22f", Identifiers(pmlr="v162/he22f")),
        ("https://proceedings.mlr.press/v162/", Identifiers()),
        (
            "https://papers.nips.cc/paper_files/paper/2017/hash/3F5ee243547dee91fbd053c1c4a845aa-Abstract.html",
            Identifiers(neurips="3f5ee243547dee91fbd053c1c4a845aa"),
        ),
        (
            "https://proceedings.neurips.cc/paper/2020/file/1457c0d6bfcb4967418bfb8ac142f64a-Paper.pdf",
            Identifiers(neurips="1457c0d6bfcb4967418bfb8ac142f64a"),
        ),
        ("https://doi.org/10.1145/ABC.123.", Identifiers(doi="10.1145/abc.123")),
        ("doi:10.1016/S0140-6736(20)30183-5).", Identifiers(doi="10.1016/s0140-6736(20)30183-5")),
        ("https://dl.acm.org/doi/pdf/10.1145/12.34", Identifiers(doi="10.1145/12.34")),
        (
            "https://doi.org/10.48550/arXiv.2308.07074v2",
            Identifiers(doi="10.48550/arxiv.2308.07074", arxiv="2308.07074"),
        ),
        (
            "10.18653/v1/2023.emnlp-main.183",
            Identifiers(doi="10.18653/v1/2023.emnlp-main.183", acl="2023.emnlp-main.183"),
        ),
        ("10.18653/v1/P19-1001", Identifiers(doi="10.18653/v1/p19-1001", acl="P19-1001")),
        ("https://github.com/example/2308.07074", Identifiers()),
        ("https://notarxiv.org/abs/2308.07074", Identifiers()),
        ("http://[", Identifiers()),
        ("arxiv: ", Identifiers()),
        ("", Identifiers()),
        ("a word", Identifiers()),
    ],
)  # fmt: skip
def test_identifiers_are_read_in_any_form(text: str, expected: Identifiers) -> None:
    """Two spellings of one paper are equal; what is no identifier is none."""
    assert parse_identifiers(text) == expected


# ── the header ──


def test_papers_in_running_text_are_other_peoples() -> None:
    """Neither above the first heading nor below it."""
    text = '<p>Boats began with <a href="https://arxiv.org/abs/2001.00001">Quill et al. 2020</a>, who built one.</p>'
    assert review(f"{text}<h1>Introduction</h1>{text}").identifiers == Identifiers()
    assert review(f"{text}<h1>Introduction</h1>{text}").links == ()


def test_the_link_labelled_as_the_paper_comes_first() -> None:
    """An earlier paper named in the header does not take its place; other ids beside it are added."""
    html = (
        '<p>Follows <a href="https://arxiv.org/abs/2001.00001">an old one</a>.</p>'
        '<p><a href="https://openreview.net/forum?id=Abcdef123">[openreview]</a>'
        '<a href="https://arxiv.org/pdf/2002.00002">[pdf]</a></p>'
    )
    assert review(html).identifiers == Identifiers(arxiv="2002.00002", openreview="Abcdef123")


def test_plain_link_is_enough() -> None:
    """A blog that just pastes the address."""
    found = review("<p><a href='https://arxiv.org/abs/2002.00002'>https://arxiv.org/abs/2002.00002</a></p>")
    assert found.identifiers == Identifiers(arxiv="2002.00002")
    assert found.links == (("paper", "https://arxiv.org/abs/2002.00002"),)


def test_labels_are_lower_case_and_unique() -> None:
    """Two code links are "code" and "code 2"; the author's other labels stay."""
    html = "".join(
        f'<a href="https://h.example/{i}">{label}</a> '
        for i, label in enumerate(["[PDF]", "[github] ", "[code and dataset]", "[Papers with Code]", "Part (1)"])
    )
    assert [label for label, _ in review(f"<p>{html}</p>").links] == [
        "pdf", "code", "code 2", "papers with code", "part (1)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("end", "authors"),
    [
        ("<sup>1</sup></strong><br><sup>1</sup> Lake University", ("Ada Quill",)),
        ("</strong><br>Lake University", ("Ada Quill",)),
        ("<sup>1</sup>, Bo Reed<sup>2</sup></strong><br><sup>1</sup> Lake University", ("Ada Quill", "Bo Reed")),
        ("<sup>1</sup></strong><br>and what they did", ()),
    ],
)
def test_a_bold_author_alone_stands_above_an_institution(end: str, authors: tuple[str, ...]) -> None:
    """The mark behind a name is no comma: the list does not go on."""
    paper = '<p><a href="https://arxiv.org/abs/2401.00001">[pdf]</a></p>'
    assert review(f"{paper}<p><strong>Ada Quill{end}</p>").authors == authors


def test_bold_words_without_a_paper_are_no_authors() -> None:
    """Only a header that links a paper is expected to name its authors."""
    assert review("<p><strong>Too long, did not read</strong></p>").authors == ()


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("Ada Quill, Bo Li. <em>7 Jul 2031 (this version, v2)</em>", ("Ada Quill", "Bo Li")),
        ("Ada Quill, Bo Li <em>2031-07-07</em>", ("Ada Quill", "Bo Li")),
        ("Uma Quill, Zed Ort. 2031", ("Uma Quill", "Zed Ort")),  # a year alone is the paper's
        ("Uma Quill, Zed Ort∗. 7 Jul 2031", ("Uma Quill", "Zed Ort")),
        ("Sensor Fusion, Point Clouds. 7 Jul 2031", ()),  # subjects and the post's date
        ("Ada Quill. 7 Jul 2031", ()),  # a byline
    ],
)
def test_names_with_a_date_are_authors_if_something_else_shows_it(line: str, authors: tuple[str, ...]) -> None:
    link = '<ul><li>Paper: <a href="https://arxiv.org/abs/2905.01234">arXiv</a></li></ul>'
    assert review(f"<p>{line}</p>{link}<h2>1. Intro</h2><p>Boats.</p>").authors == authors


@pytest.mark.parametrize(
    ("title", "above", "line", "authors"),
    [
        ("Low Boats (2031)", "", "David Quill, Uma Ort", ("David Quill", "Uma Ort")),
        ("Low Boats (2031)", "", "Uma Quill, Zed Ort", ()),  # no frequent name: they may be subjects
        ("Low Boats (2031)", "", "David Quill", ()),  # the blogger
        ("Low Boats (2031)", "<p>Boats.</p>", "David Quill, Uma Ort", ()),
        ("Low Boats", "", "David Quill, Uma Ort", ()),
        ("Low Boats (2031)", "", "David Quill, Uma Ort write about boats", ()),
    ],
)
def test_names_right_below_the_title_of_a_year_are_authors(
    title: str, above: str, line: str, authors: tuple[str, ...]
) -> None:
    html = f"{above}<h1>{title}</h1><p>{line}</p><hr><p>Boats are counted.</p><p>Boats float.</p>"
    assert review(html, title=title).authors == authors


def test_label_that_lists_nobody_leaves_room_for_another() -> None:
    items = "<li>Author: Ada Quill, Bo Li</li><li>저자들은 밤에, 안개 속에서 배를 세어 본다.</li>"
    assert review(f"<ul>{items}</ul><h2>1. Intro</h2><p>Boats.</p>").authors == ("Ada Quill", "Bo Li")


def test_authors_lose_their_marks() -> None:
    """Signs, digits, "et al." and places in parentheses are no part of a name."""
    html = (
        '<p><a href="https://h.example">[pdf]</a></p><p>Intro</p>'
        "<p><b>Ada Quill∗♠ &amp; Jörg Ümit (Nowhere Lab)</b>, <b>Bo Li<sup>♣+</sup> et al.</b><br>Lab</p>"
    )
    assert review(html).authors == ("Ada Quill", "Jörg Ümit", "Bo Li")


# ── a venue on top ──


@pytest.mark.parametrize(
    ("line", "venue", "year"),
    [
        ("CIDR 2031", "CIDR", 2031),
        ("FAST ’16", "FAST", 2016),
        ("Quill, SIGMOD '79", "SIGMOD", 1979),
        ("In NSDI 2012", "NSDI", 2012),
        ("(OSDI'04)", "OSDI", 2004),
        ("USENIX ATC'10", "ATC", 2010),
        ("USENIX Security 2031", "USENIX Security", 2031),
        ("IEEE S&P 2031", "S&P", 2031),
        ("CIDR 2031. Ada Quill, Bo Li, Mina Roh", "CIDR", 2031),
        ("SIGMOD 2008 Ada Quill, etc.", "SIGMOD", 2008),
        ("OSDI'04: Sixth Symposium on Operating System Design, Nowhere, CA (2004), pp. 7-15", "OSDI", 2004),
        ("Proceedings of the nineteenth ACM symposium on Operating systems principles, October 2003", "SOSP", 2003),
        ("Proceedings of the VLDB Endowment, August 2030", "VLDB", 2030),
        ("arXiv preprint arXiv:1901.00001 (2031)", "arXiv", 2031),
        ("ICLR 2031 was held in a harbour", None, None),
        ("EDBT/ICDT 2016", None, None),
        ("Proceedings of the 2nd Workshop on the European Conference on Computer Systems, 2031", None, None),
        ("Boats were counted by hand in 2031.", None, None),
    ],
)
def test_quotation_below_the_title_says_the_venue(line: str, venue: str | None, year: int | None) -> None:
    found = review(f"<h3>Boats</h3><blockquote><p>{line}</p></blockquote><p>Boats are counted.</p>")
    assert (found.venue, found.year if found.venue else None) == (venue, year)


def test_venue_within_the_text_or_in_a_plain_line_of_a_post_on_no_paper_is_not_the_posts() -> None:
    quoted = "<p>One.</p><p>Two.</p><p>Three.</p><blockquote><p>CIDR 2031</p></blockquote>"
    below = "<p>One.</p><h2>Method</h2><blockquote><p>CIDR 2031</p></blockquote>"
    assert [review(html).venue for html in (quoted, below, "<p>CIDR 2031</p><p>We met.</p>")] == [None] * 3


# ── the whole ──


def test_whole_review() -> None:
    """A post in the manner of the main feed, end to end."""
    html = (DATA / "harbour.html").read_text(encoding="utf-8")
    found = review(html, title="[ICML2031] HARBOUR: Counting Boats")
    assert (found.venue, found.year, found.short_name) == ("ICML", 2031, "HARBOUR")
    assert found.authors == ("Mina Roh", "Ada Quill", "Teo Brandt", "Ines Okoye", "Bo Li")
    assert found.identifiers == Identifiers(openreview="Harb0urId1")
    assert found.links[2] == ("slides", "https://shelf.example/slides")
    assert [(s.depth, s.number, s.heading) for s in found.sections] == [
        (0, None, None),
        (1, None, "Abstract"),
        (1, "1", "1. Introduction"),
        (1, "2", "2. Method"),
        (2, "2.1", "2.1 Counting $n_i$"),
        (2, "2.2", "2.2. TRAINING"),
        (1, None, "Concluson"),
    ]
    blocks = {section.heading: [(block.kind, block.text) for block in section.blocks] for section in found.sections}
    assert blocks["Abstract"] == [
        (BlockKind.ITEM, "( HARBOUR ) 배를 세는 지어낸 방법이다."),
        (BlockKind.ITEM, "셋"),
        (BlockKind.ITEM, "넷"),
        (BlockKind.ITEM, "이어서"),
        (BlockKind.ITEM, "둘째"),
    ]
    assert blocks["1. Introduction"] == [
        (BlockKind.PARAGRAPH_HEADING, "왜 세는가"),
        (BlockKind.PARAGRAPH, "밀물에는 예전 방법이 틀린다. 그래서 조석을 뺀다."),
    ]
    summed = (
        "항 $D = [d_i]_{i=1}^k$ 와 $A = [a_i]_{i=1}^k$ 를 더한다. "
        "값은 $5 이고 <ship_name> 대신 <boat_name> 을 쓴다.</boat_name>"
    )
    assert blocks["2.1 Counting $n_i$"] == [
        (BlockKind.PARAGRAPH, summed),
        (BlockKind.PARAGRAPH, "확률 $p(y|x)$ 는 지어냈다"),
    ]
    assert blocks["2.2. TRAINING"] == [
        (BlockKind.TABLE, "k | 점수\n1 | 9"),
        (BlockKind.MATH, "$$ L = \\sum_i d_i $$"),
        (BlockKind.CODE, "def count():\n    return 1"),
    ]
    assert blocks["Concluson"] == [
        (BlockKind.EXCERPT, "We count boats,\n  and nothing else."),
        (BlockKind.QUOTE, "첫 인용"),
        (BlockKind.QUOTE, "둘째 인용"),
        (BlockKind.PARAGRAPH, "발표 영상"),
    ]
    marks = {span.text: span.marks for section in found.sections for block in section.blocks for span in block.spans}
    assert marks["예전 방법이 틀린다."] == {Mark.GAP}
    assert marks["조석"] == {Mark.HIGHLIGHT, Mark.BOLD}


def test_leading_h1_that_repeats_the_title_is_no_section() -> None:
    """What stands below it is the text above the first heading."""
    found = review("<h1>Boats!</h1><p>a</p><h2>Method</h2><p>b</p>", title="[ICLR 2031] Boats")
    assert [(s.depth, s.heading, s.text) for s in found.sections] == [(0, None, "a"), (1, "Method", "b")]


def test_stub_without_a_heading_is_one_section() -> None:
    """Its links are still found, and an empty post has no section at all."""
    found = review('<p><a href="https://arxiv.org/pdf/2303.00001.pdf">[pdf]</a></p>')
    assert [section.depth for section in found.sections] == [0]
    assert found.identifiers == Identifiers(arxiv="2303.00001")
    assert review("").sections == ()


def test_untitled_post_is_still_called_something() -> None:
    """clean_title is never empty: a card needs a heading."""
    assert review("", title=" ", link="https://shelf.example/7").clean_title == "https://shelf.example/7"


@pytest.mark.parametrize(
    ("number", "arxiv"),
    [
        ("arXiv 2401.12345", "2401.12345"),
        ("2401.12345v2.", "2401.12345"),
        ("ACM 3442312.3445678", None),
        ("2399.12345", None),
        ("1.2401.12345", None),
    ],
)
def test_a_bare_number_is_arxivs_whole_or_not_at_all(number: str, arxiv: str | None) -> None:
    assert review(f"<p>Paper: {number}</p><h2>Idea</h2><p>x</p>").identifiers.arxiv == arxiv


@pytest.mark.parametrize(
    "bracket", ["2024 March", "Summer 2024", "2024 Week 3", "2024 Oral", "Track'24", "March 2024", "2024 Day 1"]
)
def test_a_date_or_a_note_in_a_bracket_is_no_venue(bracket: str) -> None:
    assert read_title(f"[{bracket}] TIDE: Low Boats").venue is None


def test_a_year_of_two_digits_is_of_the_century_it_can_be() -> None:
    title = read_title("[ACL'98] TIDE: Low Boats")
    assert (title.venue, title.year) == ("ACL", 1998)


def test_only_the_first_papers_of_a_list_are_weighed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of thousands of links is looked at once, and compared with no thousands of others."""
    looked_at: list[Line] = []
    compared: list[int] = []
    is_prose, is_one = facts._is_prose, facts._is_one

    def counted_prose(line: Line) -> bool:
        looked_at.append(line)
        return is_prose(line)

    def counted_comparison(papers: Sequence[facts._Paper]) -> bool:
        compared.append(len(papers))
        return is_one(papers)

    monkeypatch.setattr(facts, "_is_prose", counted_prose)
    monkeypatch.setattr(facts, "_is_one", counted_comparison)
    links = " ".join(f'<a href="https://arxiv.org/abs/2001.{n:05}">Low Boats</a>' for n in range(200))
    found = review(f"<p>{links}</p>" * 20, title="Low Boats")
    assert found.identifiers.arxiv == "2001.00000"
    assert len(looked_at) == len({id(line) for line in looked_at})
    assert len(compared) <= 2 * facts._MAX_PAPERS


# ── BibTeX and references ───────────────────────────────────────────────────────────────────────

BIBTEX = (
    "<h2>Notes</h2><p>배를 묶는 글이다.</p><pre><code>@article{{quill2031boats,\n  title={{Low Boats at Sea}},\n"
    "  author={{Quill, Ada and Brandt, Teo}},\n  journal={{{journal}}},\n  year={{2031}}{more}\n}}</code></pre>"
)


@pytest.mark.parametrize(
    ("journal", "more", "venue", "arxiv", "doi"),
    [
        ("arXiv preprint arXiv:2006.11239", "", None, "2006.11239", None),
        ("Journal of Harbour Science", "", "Journal of Harbour Science", None, None),
        ("Boats \\&amp; Harbours", ",\n  doi={10.1234/boats.5}", "Boats & Harbours", None, "10.1234/boats.5"),
        ("CoRR", ",\n  eprint={2006.11239},\n  archivePrefix={arXiv}", None, "2006.11239", None),
    ],
)
def test_bibtex_of_the_posts_own_paper_says_where_it_appeared_and_its_number(
    journal: str, more: str, venue: str | None, arxiv: str | None, doi: str | None
) -> None:
    one = review(BIBTEX.format(journal=journal, more=more), title="Low Boats at Sea")
    assert (one.venue if one.venue != "arXiv" else None) == venue
    assert (one.identifiers.arxiv, one.identifiers.doi) == (arxiv, doi)
    assert one.authors == ("Ada Quill", "Teo Brandt")
    assert one.year == (2031 if venue else one.year)


def test_bibtex_of_another_paper_at_the_end_says_nothing_of_this_one() -> None:
    filler = "".join(f"<p>문단 {n}.</p>" for n in range(40))
    one = review(filler + BIBTEX.format(journal="Journal of Harbour Science", more=""), title="High Kites")
    assert (one.venue, one.authors) == (None, ())


@pytest.mark.parametrize(
    ("behind", "venue", "year"),
    [
        (
            ", in IEEE Transactions on Boats, Oars, and Ropes, vol. 4, no. 2, pp. 1-9, 2031.",
            "IEEE Transactions on Boats, Oars, and Ropes",
            2031,
        ),
        (
            ", 2031 4th International Conference on Harbour Lights (ICHL), 2031, pp. 5-6, doi: 10.1109/ICHL.3.",
            "ICHL",
            2031,
        ),
        (". Harbours 2031, 19, 2811.", "Harbours", 2031),
        (". Boat Rep 6, 36571 (2031).", "Boat Rep", 2031),
        (", which says p. 4 of it all.", None, None),
        (". The idea is simple, no tricks are needed.", None, None),
        (", Authors: Ada Quill and Teo Brandt, DOI: 10.1234/x", None, None),
        (". Code: not available, no license", None, None),
        (". Revised March 2023, 15 pages", None, None),
        (". Boats and Oars, 12(3), 4–5. doi:10.1234/x", "Boats and Oars", None),
        (", in Proc. Int. Conf. Boats, Vienna, Austria, Jul. 2031, pp. 1-9.", "Int. Conf. Boats", 2031),
        (". Harbours (Basel), vol. 19, no. 12, 2031", "Harbours", 2031),
        (", Journal of Boats, vol. 4, no. 2, pp. 2011-2019, Feb. 2031.", "Journal of Boats", 2031),
        (", Journal of Boats, vol 18, no 4, pp 12-15", "Journal of Boats", None),
    ],
)
def test_a_reference_to_the_posts_own_paper_says_where_it_appeared(
    behind: str, venue: str | None, year: int | None
) -> None:
    cited = f'A. Quill and T. Brandt, "Low Boats at Sea"{behind}'
    link = f'<a href="https://doi.org/10.1234/boats.5">{cited}</a>'
    one = review(f"<h2>1. 무엇인가</h2><p>배를 묶는 글이다.</p><h2>논문</h2><p>{link}</p>", title="Low Boats at Sea")
    assert (one.venue, one.year) == (venue, year)


@pytest.mark.parametrize(
    ("booktitle", "venue"),
    [
        ("ICLR (Poster)", "ICLR"),
        ("International Conference on Machine Learning", "ICML"),
        ("Proceedings of the Fourth Harbour Lights Conference (HLC '31)", "HLC"),
        ("Some Meeting on Ropes", None),
    ],
)
def test_proceedings_in_bibtex_count_by_a_known_name_or_an_abbreviation(booktitle: str, venue: str | None) -> None:
    code = BIBTEX.format(journal="", more="").replace("journal={},", f"booktitle={{{booktitle}}},")
    assert review(code, title="Low Boats at Sea").venue == venue


@pytest.mark.parametrize("journal", ["GitHub repository", "In submission", "arXiv preprint"])
def test_what_is_no_journal_is_no_venue(journal: str) -> None:
    assert review(BIBTEX.format(journal=journal, more=""), title="Low Boats at Sea").venue in (None, "arXiv")


def test_bibtex_near_the_top_of_a_short_post_may_be_another_papers() -> None:
    """Its title or its number disagrees with the post's."""
    code = BIBTEX.format(journal="arXiv:2006.11239", more="")
    assert review(code, title="High Kites over Many Hills").identifiers == Identifiers()
    own = '<p><a href="https://arxiv.org/abs/2001.00001">[paper]</a></p>'
    one = review(own + code, title="Low Boats at Sea")
    assert (one.identifiers.arxiv, one.authors) == ("2001.00001", ())


def test_two_entries_of_one_paper_say_what_both_know() -> None:
    first = BIBTEX.format(journal="arXiv:2006.11239", more="")
    one = review(first + BIBTEX.format(journal="Journal of Boats", more=""), title="Low Boats at Sea")
    assert (one.venue, one.identifiers.arxiv, one.authors) == (
        "Journal of Boats",
        "2006.11239",
        ("Ada Quill", "Teo Brandt"),
    )


@pytest.mark.parametrize("more", [",\n  arxivId={2006.11239}", ",\n  eprint={arXiv:2006.11239v2}"])
def test_numbers_of_arxiv_as_programs_write_them(more: str) -> None:
    assert (
        review(BIBTEX.format(journal="CoRR", more=more), title="Low Boats at Sea").identifiers.arxiv == "2006.11239"
    )


# ── two facts that Markdown joined in one line ──


TITLE = "Low Boats at Sea"
AUTHORS = ("Ada Quill", "Bo Rill Carver", "Chidi K. Vane", "Wei Zhang")
NAMES = "Ada Quill; Bo Rill Carver; Chidi K. Vane; and Wei Zhang"


@pytest.mark.parametrize("mark", ["em", "strong"])
@pytest.mark.parametrize(
    ("venue", "read"),
    [
        ("2031 USENIX Annual Technical Conference", "ATC"),
        ("CHI '31: 2031 CHI Conference on Human Factors in Computing Systems", "CHI"),
        ("34th International Conference on Machine Learning (ICML'31)", "ICML"),
    ],
)
def test_a_marked_venue_behind_the_names_is_another_line(mark: str, venue: str, read: str) -> None:
    found = review(f"<h1>{TITLE}</h1><p>{NAMES}\n<{mark}>{venue}</{mark}></p><h2>Idea</h2><p>Boats.</p>", title=TITLE)
    assert (found.authors, found.venue, found.year) == (AUTHORS, read, 2031)


@pytest.mark.parametrize("tag", ["p", "blockquote"])
def test_topics_in_bold_may_stand_before_the_papers_address(tag: str) -> None:
    link = '<a href="https://arxiv.org/abs/9901.05550">https://arxiv.org/abs/9901.05550</a>'
    top = f"<{tag}><strong>boats, low water</strong>\n{link}</{tag}>"
    found = review(f"<h1>{TITLE}</h1><p>{NAMES}</p>{top}<h2>Idea</h2><p>Boats.</p>", title=TITLE)
    assert found.identifiers == Identifiers(arxiv="9901.05550")


@pytest.mark.parametrize(
    "text",
    [
        "We row like the boats of <em>ICML 2031</em> and find them slow.",
        "Boats are <em>very slow</em>",
        "<strong>Compare</strong> https://arxiv.org/abs/9901.05550 and others",
    ],
)
def test_marked_words_within_a_sentence_make_no_line_of_their_own(text: str) -> None:
    found = review(f"<h1>{TITLE}</h1><p>{text}</p><h2>Idea</h2><p>Boats.</p>", title=TITLE)
    assert (found.authors, found.venue, found.identifiers) == ((), None, Identifiers())


@pytest.mark.parametrize(
    ("beside", "is_read"),
    [("Lake Lab, {}", True), ("Quill et al. (2031) {}", True), ("What {} says of boats at sea", False)],
)
def test_an_address_in_the_heading_below_the_title_is_the_papers(beside: str, *, is_read: bool) -> None:
    url = "https://arxiv.org/pdf/9901.05550.pdf"
    line = beside.format(f'<a href="{url}">{url}</a>')
    found = review(f"<h2>{TITLE}</h2><h5>{line}</h5><h3>Introduction</h3><p>Boats are slow.</p>", title=TITLE)
    assert found.identifiers == Identifiers(arxiv="9901.05550" if is_read else None)


@pytest.mark.parametrize(
    "top", ["<strong>Venue:</strong> <em>ICML 2031</em>", "<strong>Venue</strong> <em>ICML 2031</em>"]
)
def test_a_marked_label_stays_with_its_value(top: str) -> None:
    link = '<a href="https://arxiv.org/abs/9901.05550">https://arxiv.org/abs/9901.05550</a>'
    found = review(f"<h1>{TITLE}</h1><p>{top}</p><p><strong>Paper:</strong> {link}</p><h2>Idea</h2>", title=TITLE)
    assert (found.venue, found.year, found.identifiers.arxiv) == ("ICML", 2031, "9901.05550")
