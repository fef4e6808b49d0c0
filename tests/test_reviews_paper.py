"""Whose paper a post is about, in the forms that blogs, notes and exports write it."""

from __future__ import annotations

import pytest

from bot.models.feeds import Entry
from bot.models.reviews import Identifiers, Review
from bot.reviews.parsing import parse_review

TITLE = "TIDE: Counting Low Boats"
OWN = "https://arxiv.org/abs/2001.00001"
OTHER = "https://arxiv.org/abs/2002.00002"
CODE = "https://github.com/example/tide"
BODY = "<h2>Method</h2><p>Boats are counted.</p>" + "<p>Boats float.</p>" * 16


def review(html: str, *, title: str = TITLE, tags: tuple[str, ...] = ()) -> Review:
    entry = Entry(guid="g", link="https://shelf.example/one.html", title=title, html=html, categories=tags)
    return parse_review(entry)


def link(words: str, url: str = OWN) -> str:
    return f'<a href="{url}">{words}</a>'


# ── the identifier ──


@pytest.mark.parametrize(
    "html",
    [
        f"<h1>{link(TITLE)}</h1><p>tl;dr</p>",
        f"<h2>{link(TITLE)}</h2><p>tl;dr</p>",
        f"<h2>{TITLE} [{link('arXiv')}]</h2><p>tl;dr</p>",
        f"<p>Today: {link('TIDE: Counting low boats')}, a paper that everybody in the harbour speaks about.</p>",
        f"<h2>Introduction</h2><ul><li>Boats.</li><li>{link('Link to the paper')}</li></ul>",
        f"<h2>Introduction</h2><p>{link('논문 보러가기')}</p>",
        f"<h1>Paper</h1><ul><li><b>Title</b>: {TITLE}</li><li><b>Link</b>: {link(OWN)}</li></ul>",
        f"<h2>📌 Metadata</h2><hr><p>url:</p><ul><li>{link('paper')} (CVPR 2031)</li></ul>",
        f"<h1>{TITLE}</h1><p><b>会议</b>: ACL 2031<br><b>arXiv</b>: {link('2001.00001')}<br><b>领域</b>: 船</p>",
        f"<p><b>会议</b>: ACL 2031 / <b>arXiv</b>: {link('2001.00001')} / <b>领域</b>: 船</p>",
        "<p>arXiv: 2001.00001</p>",
        f"<p>📄 Paper: {OWN}</p>",
        f"<p>논문 링크 : {link('TIDE')}</p>",
        f"<p>論文: {link('TIDE')}</p>",
        f"<p>论文地址：{link(OWN)}</p>",
        f"<table><tr><th>Paper</th><td>{link('TIDE')}</td></tr><tr><th>Year</th><td>2031</td></tr></table>",
        f"<table><tr><th>Title</th><th>Link</th></tr><tr><td>TIDE</td><td>{link('here')}</td></tr></table>",
        f'{BODY}<p>{link("Buoys", OTHER)}</p><h3>論文情報・リンク</h3><p>{link("Quill, Ada. TIDE. 2031.")}</p>',
        f"{BODY}<h2>논문 링크</h2><p>{link(OWN)}</p>",
        f'{BODY}<h2>References</h2><ul><li>{link("Buoys", OTHER)}</li><li>{link(f"Quill. {TITLE}. 2031.")}</li></ul>',
        f"<p>논문 원본은 {link('이곳')}에서 볼 수 있습니다.</p>",
        f"<h2>들어가며</h2><p>배를 센다. 자세한 내용은 {link('논문')}과 {link('깃허브', CODE)}를 참고하자.</p>",
        f"<p>The paper can be found {link('here')}.</p>",
        f"<p>論文は{link('こちら')}。</p>",
        f"<p>{link(OWN)}</p>",
        f"<p>배를 센다.</p><p>여러 배가 있다.</p><p>논문 링크 {link(OWN)}</p>",
        f"<h2>Notes</h2><p>Paper {OWN}</p>",
        f"<h1>{TITLE}</h1><h4>{link('Link')}</h4><h4>Information</h4>",
        f'{BODY}<h2>References</h2><ul><li>Code: {link(CODE, CODE)}</li><li>{TITLE} : {link(OWN)}</li></ul>',
        f'{BODY}<h2>References</h2><ul><li>{link("TIDE paper")}</li><li>{link("BUOY paper", OTHER)}</li></ul>',
        f"<p>이름이 같은 {link('다른 논문', OTHER)}도 있다.</p><h1>{TITLE} 읽기</h1><p>논문: {link('TIDE')}</p>",
    ],
)  # fmt: skip
def test_own_identifier_is_read_where_its_author_puts_it(html: str) -> None:
    """In a heading, a list, a line of facts, a table, a closing section, a sentence that points to it."""
    assert review(html if BODY in html else html + BODY).identifiers == Identifiers(arxiv="2001.00001")


@pytest.mark.parametrize(
    "html",
    [
        f'<p>Boats began with {link("Quill 2020")} and {link("Brandt 2021", OTHER)}; let us see.</p>',
        f"<p>이번 글에서는 {link('BUOY, 2020')} 부터 소개합니다.</p>",
        f"<p>이름이 같은 {link('다른 논문')}도 있습니다.</p>",
        f"<p>We build upon the {link('paper')} by Quill and others, who count boats on lakes and rivers.</p>",
        f"<h2>BUOY</h2><p>Paper: {link('BUOY')}</p><h2>ANCHOR</h2><p>Paper: {link('ANCHOR', OTHER)}</p>",
        f"<h2>{link('BUOY')}</h2><p>floats</p><h2>{link('ANCHOR', OTHER)}</h2><p>sinks</p>",
        f"{BODY}<h2>References</h2><p>[1] Quill. {link('arXiv')}</p><p>[2] Roh. {link('arXiv', OTHER)}</p>",
        f"<h2>Notes</h2><p>Short.</p><h2>References</h2><p>[1] Quill et al. {link('arXiv')}</p>",
        f"<p>이전 논문은 {link('여기')}에서 볼 수 있습니다.</p>",
        f"<p>{link(OWN)}</p><p>{link(OTHER, OTHER)}</p>",
        f"<p>논문 링크 {link(OWN)}</p><p>논문 링크 {link(OTHER, OTHER)}</p>",
        f"<p>관련 논문 링크 {link(OWN)}</p>",
        f"<h2>Link</h2><p>{link('Buoys')} and {link('Anchors', OTHER)} float.</p>",
        f"{BODY}<h2>References</h2><ul><li>{link('BUOY paper')}</li></ul>",
        f"{BODY}<h2>References</h2><ul><li>Tall Ships in a Calm : {link(OWN)}</li></ul>",
        f"{BODY}<h2>[Old Boats] BUOY: Counting Old Wooden Boats (Harbour Lab)</h2><p>{link('Paper')}</p>",
        f"<p>배는 온도가 높을수록 천천히 움직인다. 이 값이 커지면 예측은 더 부드럽다. ({link('논문')} 참고)</p>",
    ],
)  # fmt: skip
def test_papers_of_others_are_nobodys_own(html: str) -> None:
    """A survey, a guide, a post on several papers, one that names what came before it."""
    found = review(html if BODY in html else html + BODY, title="Boats: A Long Walk")
    assert found.identifiers == Identifiers()


def test_a_name_as_the_posts_title_begins_the_title_that_a_sentence_links() -> None:
    other = link("BUOY: Old Boats", OTHER)
    html = f"<h2>Intro</h2><p>오늘 소개할 논문은 {link(TITLE)}로 {other}의 후속 연구입니다.</p>{BODY}"
    assert review(html, title="TIDE [Kor]").identifiers == Identifiers(arxiv="2001.00001")
    assert review(html, title="Boats of Many Kinds").identifiers == Identifiers()


def test_a_title_that_only_shares_words_is_another_paper() -> None:
    """Four of five words are not the title."""
    cited = f"<h2>Next</h2><ul><li>{link('Roh. Adversarial boats for harbours. 2020', OTHER)}</li></ul>"
    own = f"<h2>Paper info</h2><ul><li>{link('Quill. Interpretable adversarial boats for harbours. 2031')}</li></ul>"
    found = review(BODY + cited + own, title="Interpretable Adversarial Boats for Harbours")
    assert found.identifiers == Identifiers(arxiv="2001.00001")


def test_links_of_the_facts_are_shown() -> None:
    """Paper and code once each, whatever their authors call them; nothing out of running text."""
    html = (
        f"<p>Boats follow {link('Buoys', OTHER)}, which everybody here has read and liked.</p><h2>Metadata</h2>"
        f"<ul><li>{link('paper')}</li><li>{link('project', CODE)}</li><li><b>代码</b>: {CODE}</li></ul>{BODY}"
    )
    assert review(html).links == (("paper", OWN), ("code", CODE))


# ── authors ──


@pytest.mark.parametrize(
    ("html", "authors"),
    [
        ("<ul><li><b>Authors</b>: Ada Quill, Bo Li, et al.</li></ul>", ("Ada Quill", "Bo Li")),
        ("<ul><li><b>Authors:</b> Ada Quill*, Bo Li†</li></ul>", ("Ada Quill", "Bo Li")),
        ("<p>Author(s): Ada Quill (Nowhere Lab), Bo Li (Lake University)</p>", ("Ada Quill", "Bo Li")),
        ("<p>Authors: Ada Quill; Bo Li and Teo Brandt</p>", ("Ada Quill", "Bo Li", "Teo Brandt")),
        ("<p>저자: 김하늘, 이바다 외 3명</p>", ("김하늘", "이바다")),
        ("<p>著者：山田 太郎、鈴木 花子</p>", ("山田 太郎", "鈴木 花子")),
        ("<p>论文作者：王小船，李大海</p>", ("王小船", "李大海")),
        ("<p>作者：Ada Quill, Bo Li<br>会议：ACL 2031</p>", ("Ada Quill", "Bo Li")),
        ("<p>authors:</p><ul><li>Ada Quill</li><li>Bo Li</li></ul>", ("Ada Quill", "Bo Li")),
        ("<h3>Authors</h3><p>Ada Quill, Bo Li</p>", ("Ada Quill", "Bo Li")),
        ("<table><td>Authors</td><td>Ada Quill, bo li, Teo Roh</td></tr></table>", ("Ada Quill", "bo li", "Teo Roh")),
        (f"<ul><li>CVPR 2031</li><li>Ada Quill, Bo Li</li><li>{link('paper')}</li></ul>", ("Ada Quill", "Bo Li")),
        (f"<h2>TIDE</h2><p>Ada Quill, Bo Li (2031)</p><p>{link('PAPER')}</p>", ("Ada Quill", "Bo Li")),
        (f"<h2>Info</h2><p>Ada Quill et al.<br>ICLR 2031.<br>url: {link(OWN)}</p>", ("Ada Quill",)),
        (f'<h2>Paper</h2><p>{link(f"Quill, Ada, and Bo Li. &quot;{TITLE}.&quot;")}</p>', ("Ada Quill", "Bo Li")),
        (f"<h2>Paper</h2><p>{link(f'Ada Quill, Bo Li. 2031. {TITLE}. In Proc.')}</p>", ("Ada Quill", "Bo Li")),
        (f"<p>Ada Quill. {link(TITLE)}. ACL 2031.</p>", ("Ada Quill",)),
        (f"<p>Ada Quill et al., {link(TITLE)}</p>", ("Ada Quill",)),
        (f"<p>Author: Ada Quill<br>Venue: ACL 2031</p><p>{link('[pdf]')}</p>", ("Ada Quill",)),
        (f"<p>Author: Ada Quill et al.</p><p>{link('[pdf]')}</p>", ("Ada Quill",)),
        (f"<p>First author: Ada Quill</p><p>{link('[pdf]')}</p>", ("Ada Quill",)),
        (f"<p>{link('[pdf]')}</p><p><b>Harbour Nine</b><br>Boats Team</p>", ("Harbour Nine",)),
        (f"<p>{link('[pdf]')}</p><p>A. Quill, B. Li</p>", ("A. Quill", "B. Li")),
        (f"<p>{link('[pdf]')}</p><p>Ada Quill¹, Bo Li²</p>", ("Ada Quill", "Bo Li")),
    ],
)  # fmt: skip
def test_authors_are_read_in_the_usual_forms(html: str, authors: tuple[str, ...]) -> None:
    """Lists, tables, headings, citations, in four languages."""
    assert review(html + BODY).authors == authors


@pytest.mark.parametrize(
    "html",
    [
        f"<p><b>会议</b>: ACL 2031<br><b>arXiv</b>: {link('2001.00001')}</p>",
        f"<p>논문: {link('TIDE')}</p><p><b>tide_tools</b> 를 이용한 코드는 {link('Github', CODE)} 에 있습니다.</p>",
        f"<p>{link('[pdf]')}</p><p><b>Too long, did not read</b></p>",
        f"<p>{link('[pdf]')}</p><p><b>Machine Learning, Computer Vision</b></p>",
        f"<p>{link('[pdf]')}</p><ul><li>문제점, 한계점</li></ul>",
        f"<p>{link('[pdf]')}</p><p>Authors: we count boats and show that they float.</p>",
        "<p>Author: Rin Bloggs<br>Date: 2031-01-01</p>",
        "<p>작성자: 김리뷰</p>",
        f"<p>Authors: Lake University</p><p>{link('[pdf]')}</p>",
        f"<p>Authors: {link('TIDE team', 'https://tide.example')}</p>",
        f"<p>오늘 볼 것: {link(TITLE)}</p>",
        f"<p>오늘 볼 것: {link(TITLE)} (2031)</p>",
        f"<p>Boat News: {link(TITLE)}</p>",
        f"<p>Author: Jane Blogger</p><p>{link('[paper]')}</p>",
        f"<p>By: Jane Blogger</p><p>Paper: {link(TITLE)}</p>",
        f"<p>{link('[pdf]')}</p><p><b>Main Idea</b></p>",
        f"<p>{link('[pdf]')}</p><p><b>Big Picture</b><br>Boats float.</p>",
        f"<p>{link('[pdf]')}</p><p>Sensor Fusion, Point Clouds</p>",
        f"<p>{link('[pdf]')}</p><p>San Francisco, New York</p>",
        f"<p>{link('[pdf]')}</p><p>Sensor Fusion (with Radar), Point Clouds</p>",
    ],
)
def test_what_is_no_author_is_not_shown(html: str) -> None:
    """Labels, packages, sentences, subjects, institutions, the blog's own author."""
    assert review(html + BODY).authors == ()


# ── venue and year ──


@pytest.mark.parametrize(
    ("html", "venue", "year"),
    [
        ("<ul><li><b>Venue</b>: CVPR 2031 (Highlight)</li></ul>", "CVPR", 2031),
        ("<p>Conference: NeurIPS'31</p>", "NeurIPS", 2031),
        ("<p>Published in: Journal of Low Boats, 2031</p>", "Journal of Low Boats", 2031),
        ("<p>Accepted at ICML 2031</p>", "ICML", 2031),
        ("<p>It was accepted at ICML 2031</p>", None, None),  # a sentence says it of anything
        ("<p>Accepted at: ICML 2031</p>", "ICML", 2031),
        ("<p>학회: EMNLP 2031</p>", "EMNLP", 2031),
        ("<p>会议：ACL 2031 (Long Paper)</p>", "ACL", 2031),
        ("<p>発表会議: INTERSPEECH 2031</p>", "INTERSPEECH", 2031),
        ("<p>Venue: arXiv 2031 → ICLR 2032</p>", "ICLR", 2032),
        ("<p>Venue: arXiv 2031 (June 2031)</p>", "arXiv", 2031),
        ("<p>Venue: Proceedings of the 2031 European Conference on Computer Vision</p>", "ECCV", 2031),
        ("<p>Venue: 3DV 2032 (arXiv 2031)</p>", "3DV", 2032),
        ("<p>Venue: TBD</p>", None, None),
        ("<p>Venue: Under review at ICLR 2031</p>", None, None),
        ("<p>Year: 2031</p>", None, 2031),
        ("<p>학회: 2031년 1월</p>", None, 2031),
        ("<p><b>논문 발표</b>: 2030년 (ICLR 2031) <b>소속</b>: 호수대</p>", "ICLR", 2031),
        ("<p>Tags: boats<br>Date: 04/02/2031</p>", None, None),  # the post's
        ("<p>论文：潮<br>发布时间：2031 年 06 月（arXiv 3106.00001）</p>", "arXiv", 2031),
        ("<p>发表状态：未录用（预印本）</p>", None, None),
        ("<p>发表状态：ICLR 2031（Published as a conference paper）</p>", "ICLR", 2031),
        ("<p>Venue: ACL<br>Year: 2031</p>", "ACL", 2031),
        ("<p>Tags: Boats, ECCV 2031</p>", "ECCV", 2031),
        (f"<p>{link('paper')} (ICCV 2031)</p>", "ICCV", 2031),
        (f"<ul><li>2030년 10월(Arxiv), ICLR 2031</li><li>{link('논문 링크')}</li></ul>", "ICLR", 2031),
        ("<p>At ICLR 2031 people spoke about boats.</p>", None, None),
    ],
)  # fmt: skip
def test_venue_and_year_are_read_behind_their_labels(html: str, venue: str | None, year: int | None) -> None:
    """In four languages, and beside the paper's link."""
    found = review(html + BODY)
    assert (found.venue, found.year) == (venue, year)


@pytest.mark.parametrize(
    ("tags", "venue", "year"),
    [
        (("2031", "Robots", "ICLR 2031", "AI", "ICLR"), "ICLR", 2031),
        (("CVPR'31",), "CVPR", 2031),
        (("#emnlp2031",), "EMNLP", 2031),
        (("ICLR 2031", "CVPR 2030"), None, None),
        (("Python 2031", "Web 2031", "TIL 2031"), None, None),
        (("ICLR", "2031"), None, None),
    ],
)
def test_a_tag_that_is_venue_and_year_is_one(tags: tuple[str, ...], venue: str | None, year: int | None) -> None:
    """Neither alone, nor a word that is no venue, nor two that disagree."""
    found = review(BODY, tags=tags)
    assert (found.venue, found.year) == (venue, year)


def test_the_title_says_the_venue_before_all_others() -> None:
    """Tags of a blog are older than the paper's fate."""
    assert review(BODY, title=f"{TITLE} (ICML 2031)", tags=("ICLR 2030",)).venue == "ICML"
