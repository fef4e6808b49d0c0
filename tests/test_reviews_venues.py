"""Where and when a paper appeared, and its identifier, in the places where authors write them."""

from __future__ import annotations

import pytest

from bot.models.feeds import Entry
from bot.models.reviews import Review
from bot.reviews.identifiers import parse_identifiers
from bot.reviews.parsing import parse_review

ARXIV = "2905.01234"


def review(html: str, *, title: str = "Low Boats at Sea") -> Review:
    return parse_review(Entry(guid="g", link="https://shelf.example/one.html", title=title, html=html))


def of_list(line: str) -> Review:
    """A post that begins with a list of facts, this line among them."""
    return review(f"<ul><li>Authors: Ada Quill, Bo Example</li><li>{line}</li></ul><h2>1. Intro</h2><p>Boats.</p>")


# ── behind a label ──


@pytest.mark.parametrize(
    ("line", "venue", "arxiv"),
    [
        ("Published: ECCV 2031 (arXiv:2905.01234)", "ECCV", ARXIV),
        ("<b>Published:</b> NeurIPS 2031, arXiv:2905.01234, 21 Oct 2029", "NeurIPS", ARXIV),
        ("Published: arXiv:2905.01234 | ECCV 2031", "ECCV", ARXIV),
        ("Published: CVPR 2031 (Best Paper Award) — arXiv:2905.01234", "CVPR", ARXIV),
        ("Publication: CoRL 2031 / arXiv 2905.01234", "CoRL", ARXIV),
        ("Published: arXiv 2905.01234, 2029 (presented at 3DV 2031)", "3DV", ARXIV),
        ("Published: ICLR 2031 (submitted Sep 2030)", "ICLR", None),
        ("Published as: ICLR 2031 conference paper", "ICLR", None),
        ("발표: 2029년 3월 14일 arXiv, RSS(Robotics: Science and Systems) 2031", "RSS", None),
        ("출간: Proceedings of the AAAI Conference on Artificial Intelligence, 2031 (arXiv 2029)", "AAAI", None),
        ("출간 : Proceedings of the Computer Vision and Pattern Recognition(CVPR), 2031 (2029 arXiv)", "CVPR", None),
        ("출간 : 2031 ICCV, arxiv 2029", "ICCV", None),
        ("发表: CVPR 2031 (arXiv:2905.01234)", "CVPR", ARXIV),
        ("出处：NeurIPS 2031（arXiv:2905.01234）", "NeurIPS", ARXIV),
        ("発表: NeurIPS 2031 (arXiv:2905.01234)", "NeurIPS", ARXIV),
        ("公開: arXiv 2029, ICLR 2031", "ICLR", None),
    ],
)
def test_preprint_beside_a_venue_is_neither_its_name_nor_its_year(line: str, venue: str, arxiv: str | None) -> None:
    found = of_list(line)
    assert (found.venue, found.year, found.identifiers.arxiv) == (venue, 2031, arxiv)


@pytest.mark.parametrize(
    ("line", "venue"),
    [
        ("발표 : ICLR 2031 (International Conference on Learning Representations)", "ICLR"),
        ("발표 : ICML 2031 (PMLR 267), Fog Lab 외. arXiv 최초 공개 2029년 10월, v4는 2030년 8월.", "ICML"),
        ("출간 : CVPR(Computer Vision and Pattern Recognition), 2031", "CVPR"),
        ("게재: TPAMI 2031", "TPAMI"),
        ("수록: NeurIPS 2031 Datasets and Benchmarks Track", "NeurIPS"),
        ("채택: ICML 2031 Spotlight", "ICML"),
        ("학회(연도): ACL 2031", "ACL"),
        ("발표 - CVPR 2031", "CVPR"),
        ("출처: CVPR 2031", "CVPR"),
        ("发表: ICASSP 2031", "ICASSP"),
        ("收录: CVPR 2031", "CVPR"),
        ("接收: ICLR 2031", "ICLR"),
        ("会议（年份）：CVPR 2031", "CVPR"),
        ("期刊会议：CVPR 2031", "CVPR"),
        ("中稿会议：CVPR 2031", "CVPR"),
        ("来源：ICCV 2031", "ICCV"),
        ("採択: CVPR 2031", "CVPR"),
        ("掲載: TPAMI 2031", "TPAMI"),
        ("出典: CVPR 2031", "CVPR"),
        ("Conf.: ICME 2031", "ICME"),
        ("Source: NeurIPS 2031", "NeurIPS"),
        ("Source: ICRA 2031 / arXiv", "ICRA"),
        ("Source: arXiv / ICRA 2031", "ICRA"),
        ("Published @ ICLR 2031", "ICLR"),
        ("Publication status: 2031 IEEE/RSJ Conference on Boats and Systems (IROS)", "IROS"),
        ("Publication status: CVPR 2031", "CVPR"),
        ("Presented at NeurIPS 2031", "NeurIPS"),
    ],
)
def test_labels_of_a_venue(line: str, venue: str) -> None:
    found = of_list(line)
    assert (found.venue, found.year) == (venue, 2031)


@pytest.mark.parametrize(
    ("line", "venue"),
    [
        ("Published: EuroMLSys 2031", "EuroMLSys"),
        ("Venue: EuroMLSys '31", "EuroMLSys"),
        ("Appeared at: HotCarbon 2031", "HotCarbon"),
        ("Accepted: WASPAA 2031 (oral)", "WASPAA"),
        ("Published: 3DV 2031", "3DV"),
        ("Published: ICA3PP 2031", "ICA3PP"),
        ("Published: L4DC 2031", "L4DC"),
        ("Published in: IEEE Signal Processing Letters (SPL), 2031", "SPL"),
        ("Published: IEEE Signal Processing Letters, 2031", "IEEE Signal Processing Letters"),
        ("발표 : 2031 IEEE International Symposium on High-Performance Computer Architecture (HPCA)", "HPCA"),
        ("발표: ICMLA 2031 (The 18th IEEE International Conference on Machine Learning and Applications)", "ICMLA"),
        ("등재: KCC 2031", "KCC"),
        ("发表会议: WASPAA 2031", "WASPAA"),
        ("発表学会：SLT 2031", "SLT"),
    ],
)
def test_venue_behind_a_label_need_not_be_known(line: str, venue: str) -> None:
    found = of_list(line)
    assert (found.venue, found.year) == (venue, 2031)


@pytest.mark.parametrize(
    "line",
    [
        "Published: March 3, 2031",
        "Published: OpenAI 2031",
        "Published: DeepMind, 2031",
        "Published: Medium",
        "Published by: Ada Quill",
        "Published: ICLR 2031 (under review)",
        "Publisher: IEEE",
        "발표: 홍길동",
        "발표: 2031년 3월 2일",
        "공개: 2031.05 (GitHub)",
        "发表: 2031-05-01",
        "発表: 2031年5月 社内勉強会",
    ],
)
def test_date_a_person_or_a_company_behind_such_a_label_is_no_venue(line: str) -> None:
    assert of_list(line).venue is None


def test_preprint_is_the_venue_where_nothing_else_is_said() -> None:
    """Its year is that of the text, or that of its number."""
    lines = ("Published: arXiv, May 13, 2030", "Venue: arXiv preprint arXiv:2905.01234")
    assert [(found.venue, found.year) for found in map(of_list, lines)] == [("arXiv", 2030), ("arXiv", 2029)]


def test_conference_in_the_text_goes_before_a_preprint_in_the_title() -> None:
    html = "<ul><li>Venue: CVPR 2031</li></ul><h2>1. Intro</h2>"
    found = review(html, title="[arXiv 2029] Low Boats at Sea")
    assert (found.venue, found.year) == ("CVPR", 2031)


@pytest.mark.parametrize(
    ("line", "venue", "year"),
    [
        ("발표 학회/날짜: SIGGRAPH 2031 / 2031년 8월", "SIGGRAPH", 2031),
        ("发表会议/期刊及年份：ICCV 2031", "ICCV", 2031),
        ("发表会议 / 年份: EuroSys 2031", "EuroSys", 2031),
        ("【发表会议】ICCV 2031", "ICCV", 2031),
        ("论文会议：CIKM2031", "CIKM", 2031),
        ("学会: 38th Conference on Neural Information Processing Systems (NeurIPS 2031)", "NeurIPS", 2031),
        ("Venue: Preprint", None, None),
        ("학회: 프리프린트", None, None),
        ("会议/期刊: --", None, None),
        ("Venue: arXiv 2029 — 2905.01234", "arXiv", 2029),
    ],
)
def test_labels_of_two_things_and_values_that_name_no_venue(line: str, venue: str | None, year: int | None) -> None:
    found = of_list(line)
    assert (found.venue, found.year) == (venue, year)


def test_sentences_behind_a_heading_such_as_conference_are_read_to_the_first_stop() -> None:
    text = "This paper was published at the International Conference on Learning Representations (ICLR) in 2031. "
    html = f"<h2>Journal/Conference</h2><p>{text}ICLR is a {'very ' * 30}good venue.</p><h2>Abstract</h2><p>Low.</p>"
    found = review(html)
    assert (found.venue, found.year) == ("ICLR", 2031)


# ── without a label ──


@pytest.mark.parametrize(
    "sentence",
    [
        "이 논문은 ICLR 2031에 발표되었고, 이후 모두가 쓴다.",
        "이 논문은 ICLR 2031 Oral로 발표되었다.",
        "이 논문은 ICLR 2031(International Conference on Learning Representations)에 정식 채택되었습니다.",
        "본 논문은 ICLR 2031에 accept된 논문으로, 배를 다룬다.",
        "이번에 소개할 논문은 ICLR 2031에서 발표된 논문입니다.",
        "이 논문은 2031년 ICLR에 게재되었다.",
        "ICLR 2031에 accept된 “Low Boats” 논문에 대한 리뷰를 수행하였습니다.",
        "ICLR 2031에 발표된 논문입니다.",
        "이 논문은 ICLR 2031 Best Paper Award를 수상했다.",
        "本文发表于ICLR2031,主要创新为对船的改进。",
        "<i>本文发表于 ICLR 2031(第十三届国际学习表征会议);代码见链接。</i>",
        "本文被 ICLR 2031 收录。",
        "这篇论文是 ICLR 2031 的oral论文。",
        "本記事は <a href='https://shelf.example/v1'>ICLR 2031</a> に採択された論文の解説記事です。",
        "この論文はICLR 2031で発表されました。",
        "This paper was published at the <b>International Conference on Learning Representations (ICLR) in 2031</b>.",
        "This work was recently accepted to ICLR 2031 as an oral.",
        "The paper was accepted as a spotlight at ICLR 2031.",
        "이번에 소개드릴 논문은 2031년 ICLR에 발표된 논문으로, 배를 센다.",
        "포스팅에서 소개하는 논문도 ICLR 2031에 출판된 배에 관한 논문으로 배를 센다.",
    ],
)
def test_sentence_says_where_the_paper_appeared(sentence: str) -> None:
    found = review(f"<p>{sentence}</p><h2>1. Intro</h2><p>Boats.</p>")
    assert (found.venue, found.year) == ("ICLR", 2031)


@pytest.mark.parametrize(
    "sentence",
    [
        "이 논문은 ICLR 2031에 제출되어 평가를 받았다.",
        "이 논문은 ICLR 2031에서 최종적으로 게재 거부되었습니다.",
        "이 논문은 ICLR 2031에 발표된 BERT를 개선한다.",
        "이 논문은 ICLR 2031에서 발표한 모델을 쓴다.",
        "소개드릴 논문은 ICLR 2031에 발표된 BERT를 개선한 논문이다.",
        "ICLR 2031에 accept된 논문 중에 24편을 정리했다.",
        "ICLR 2031에 발표된 논문의 리스트는 다음과 같다.",
        "本文发表于 2031 年。",
        "本記事ではICLR 2031で発表されたBERTを使う。",
        "This paper extends a model that was published at ICLR 2031.",
        "This paper is in line with works published at ICLR 2031.",
    ],
)
def test_sentence_on_another_paper_or_on_a_submission_says_nothing(sentence: str) -> None:
    assert review(f"<p>{sentence}</p><h2>1. Intro</h2><p>Boats.</p>").venue is None


@pytest.mark.parametrize(
    ("sentence", "venue"),
    [
        ("本文发表在 IEEE Transactions on Boats 2031 年第 39 卷。", "IEEE Transactions on Boats"),
        ("2031년 IEEE Robotics and Automation Letters(RA-L)에 게재된 논문입니다.", "RA-L"),
        ("This paper was published in IEEE Trans. Robot., vol. 3, 2031.", "IEEE Trans. Robot"),
    ],
)
def test_sentence_may_name_a_journal_with_its_volume(sentence: str, venue: str) -> None:
    found = review(f"<p>{sentence}</p><h2>1. Intro</h2><p>Boats.</p>")
    assert (found.venue, found.year) == (venue, 2031)


def test_line_of_a_list_with_the_authors_or_the_link_is_the_venue() -> None:
    link = '<li>url: <a href="https://shelf.example/x.html">page</a></li>'
    lists = (
        f"<li>Ada Quill et al.</li><li>CVPR 2031</li>{link}",
        f"<li>CVPR 2031</li>{link}",
        "<li>CVPR 2031</li><li>ICCV 2031</li><li>Boats</li>",
    )
    found = [review(f"<h2>Notes</h2><ul>{one}</ul><h2>1. Intro</h2><p>Boats.</p>").venue for one in lists]
    assert found == ["CVPR", "CVPR", None]


@pytest.mark.parametrize(
    ("line", "venue"),
    [
        ("ICCV 2031", "ICCV"),
        ("2031 ICCV", "ICCV"),
        ("ACM MM 2031", "ACM MM"),
        ("K-CAP 2031", "K-CAP"),
        ("Harbour Data Workshop 2031", "Harbour Data Workshop"),
        ("Low Boats 2031", None),
        ("Date: 2031-07-07", None),
    ],
)
@pytest.mark.parametrize("authors", ["Author : Ada Quill, Bo Li", "Authors: Ada Quill, Bo Li", "Ada Quill, Bo Li"])
def test_list_of_the_authors_and_a_venue_is_the_papers(line: str, venue: str | None, authors: str) -> None:
    for items in ((authors, line), (line, authors), (authors, "Low Tide Lab", line)):
        found = review(f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul><h2>1. Intro</h2><p>Boats.</p>")
        assert found.venue == venue
        assert found.authors == (("Ada Quill", "Bo Li") if venue or "Author" in authors else ())


def test_author_beside_a_venue_is_the_papers_and_elsewhere_may_be_the_blogs() -> None:
    def of(*items: str) -> Review:
        return review(f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul><h2>1. Intro</h2><p>Boats.</p>")

    assert of("Author: Ada Quill", "CVPR 2031").authors == ("Ada Quill",)
    assert of("作者：王小明", "CVPR 2031").authors == ("王小明",)
    preprint = of("Author: Ada Quill", "2031 arXiv")
    assert (preprint.authors, preprint.venue, preprint.year) == (("Ada Quill",), None, 2031)
    assert of("Author: Ada Quill", "Date: 2031-07-07").authors == ()
    assert of("Author: Ada Quill", "Tags: CVPR 2031").authors == ()


def test_list_of_several_papers_names_no_authors_and_no_venue() -> None:
    items = "<li>Ada Quill, Bo Li</li><li>CVPR 2031</li><li>Uma Kim, Teo Park</li><li>ICCV 2031</li>"
    found = review(f"<ul>{items}</ul><h2>1. Intro</h2><p>Boats.</p>")
    assert (found.authors, found.venue) == ((), None)


@pytest.mark.parametrize(
    ("line", "venue"),
    [
        ("Published at BOAT'31", "BOAT"),
        ("Accepted by ICLR 2031", "ICLR"),
        ("To appear in Journal of Boats 2031", "Journal of Boats"),
        ("Published by IBM 2031", None),
        ("Published in Seoul 2031", None),
        ("Published on 2031-02-02", None),
        ("Submitted to ICLR 2031", None),
        ("Published at BOAT'31: we count them at night", None),
    ],
)
def test_short_line_that_says_where_the_paper_was_published(line: str, venue: str | None) -> None:
    link = "<p><a href='https://arxiv.org/abs/2905.01234'>paper</a></p>"
    assert review(f"<p>{line}</p>{link}<h2>1. Intro</h2><p>Boats.</p>").venue == venue


@pytest.mark.parametrize(
    "opening",
    [
        "This is the original paper from NIPS 2031 which introduced boats. Many followed.",
        "This is a <b>NIPS 2031</b> paper.",
        "This is a paper published in NIPS '31, about boats.",
        "A short summary of the NIPS 2031 paper by Quill.",
        "이 논문은 NIPS 2031에 나온 논문이다.",
        "NIPS 2031 논문입니다.",
        "NIPS 2031 oral 논문을 리뷰한다.",
        "NIPS 2031の論文です。",
        "この論文はNIPS 2031の論文である。",
        "这是一篇 NIPS 2031 的论文，讲的是船。",
    ],
)
def test_post_opens_with_the_venue_of_its_paper(opening: str) -> None:
    found = review(f"<p>{opening}</p><h2>1. Intro</h2><p>Boats.</p>")
    assert (found.venue, found.year) == ("NIPS", 2031)
    assert review(f"<h2>1. Intro</h2><p>Boats.</p><p>{opening}</p>").venue is None


@pytest.mark.parametrize(
    "opening",
    [
        "This is a workshop paper at NIPS 2031.",
        "This is an extension of the NIPS 2031 paper.",
        "This is not a NIPS 2031 paper.",
        "This is a NIPS 2031 paper's sequel.",
        "This is a list of papers from NIPS 2031.",
        "Notes on the NIPS 2031 paper session.",
        "This is the paper from Seoul 2031.",
        "NIPS 2031 논문들을 정리한다.",
        "NIPS 2031에 제출된 논문이다.",
        "NIPS 2031 논문에서 제안한 방법을 고친 논문.",
        "NIPS 2031の論文を5本紹介する。",
    ],
)
def test_post_opens_with_another_paper_or_with_several(opening: str) -> None:
    assert review(f"<p>{opening}</p><h2>1. Intro</h2><p>Boats.</p>").venue is None


# ── titles ──


@pytest.mark.parametrize(
    ("title", "venue", "year", "clean"),
    [
        ("[2031][CVPR] Low Boats", "CVPR", 2031, "Low Boats"),
        ("[CVPR][2031] Low Boats", "CVPR", 2031, "Low Boats"),
        ("[논문][2031][ICLR][TIDE] Low Boats", "ICLR", 2031, "[TIDE] Low Boats"),
        ("[논문 리뷰 - CVPR 2031] Low Boats", "CVPR", 2031, "Low Boats"),
        ("[Paper Review/CVPR 2031] Low Boats", "CVPR", 2031, "Low Boats"),
        ("[arXiv 2029, CVPR 2031] Low Boats", "CVPR", 2031, "Low Boats"),
        ("[arXiv 2029] Low Boats (CVPR 2031)", "CVPR", 2031, "Low Boats"),
        ("[2905.01234] Low Boats", "arXiv", 2029, "Low Boats"),
        ("CVPR 2031: Low Boats", "CVPR", 2031, "Low Boats"),
        ("【论文笔记】CVPR2031：Low Boats", "CVPR", 2031, "Low Boats"),
        ("2031-CVPR-Low Boats", "CVPR", 2031, "Low Boats"),
        ("CVPR_2031_Low Boats", "CVPR", 2031, "Low Boats"),
        ("ICLR'31 Oral: Low Boats", "ICLR", 2031, "Low Boats"),
        ("[2031] Low Boats", None, 2031, "[2031] Low Boats"),
        ("CVPR 2031: trip report", None, None, "CVPR 2031: trip report"),
        ("ICLR 2031: 참관 후기", None, None, "ICLR 2031: 참관 후기"),
        ("GPT 2031: Low Boats", None, None, "GPT 2031: Low Boats"),
        ("Science 2031: Low Boats", None, None, "Science 2031: Low Boats"),
        ("TIDE: Low Boats at Night `ICLR 2031`", "ICLR", 2031, "TIDE: Low Boats at Night"),
        ("TIDE: Low Boats at Night, CVPR'31 Oral", "CVPR", 2031, "TIDE: Low Boats at Night"),
        ("TIDE: Low Boats at Night USENIX Security’ 31", "USENIX Security", 2031, "TIDE: Low Boats at Night"),
        ("TIDE: Low Boats at Night - IMC’31", "IMC", 2031, "TIDE: Low Boats at Night"),
        ("TIDE: Low Boats at Night IMC 2031", None, None, "TIDE: Low Boats at Night IMC 2031"),
        ("Low Boats in Time for ICLR 2031", None, None, "Low Boats in Time for ICLR 2031"),
        ("What I Saw at ICLR 2031", None, None, "What I Saw at ICLR 2031"),
        ("All Boats Considered: ICLR 2031", None, None, "All Boats Considered: ICLR 2031"),
        ("Virtual ICLR 2031", None, None, "Virtual ICLR 2031"),
        ("Low Boats and Science 2031", None, None, "Low Boats and Science 2031"),
        ("Trends and Low Boats NeurIPS 2031", None, None, "Trends and Low Boats NeurIPS 2031"),
    ],
)
def test_venue_at_an_end_of_a_title(title: str, venue: str | None, year: int | None, clean: str) -> None:
    found = review("<p>Boats.</p>", title=title)
    assert (found.venue, found.year, found.clean_title) == (venue, year, clean)


def test_number_in_the_title_is_the_papers() -> None:
    titles = ("[2905.01234] Low Boats", "Low Boats [arXiv:2905.01234]", "Low Boats (arXiv 2905.01234v2)")
    assert [review("<p>Boats.</p>", title=title).identifiers.arxiv for title in titles] == [ARXIV] * 3
    others = ("Low Boats 2905.01234", "Boats [2905.01234] and Ships [2905.04321]", "[2031.05] Low Boats")
    assert [review("<p>Boats.</p>", title=title).identifiers.arxiv for title in others] == [None] * 3


# ── headings ──


@pytest.mark.parametrize(
    ("heading", "venue"),
    [
        ("[ICASSP 2031]", "ICASSP"),
        ("SPL 2031", "SPL"),
        ("ICXYZ 2031", "ICXYZ"),
        ("【CVPR 2031】", "CVPR"),
        ("ICLR 2031 (Oral)", "ICLR"),
        ("CVPR'31", "CVPR"),
        ("2031 NeurIPS", "NeurIPS"),
        ("ICML 2031 논문", "ICML"),
        ("(Interspeech 2031)", "Interspeech"),
        ("ECCV2031 论文", "ECCV"),
        ("ICRA 2031 採択", "ICRA"),
    ],
)
def test_heading_right_below_the_title_says_the_venue(heading: str, venue: str) -> None:
    found = review(f"<h1>Low Boats at Sea</h1><h2>{heading}</h2><p>Boats.</p><h2>Abstract</h2><p>Low.</p>")
    assert (found.venue, found.year) == (venue, 2031)


@pytest.mark.parametrize(
    "html",
    [
        "<h1>Low Boats at Sea (ICLR 2031)</h1><p>Boats.</p>",
        "<h1>[ICLR 2031] Low Boats at Sea</h1><p>Boats.</p>",
        "<h2>Low Boats at Sea - ICLR 2031</h2><p>Boats.</p>",
        "<h1>Low Boats at Sea</h1><h3>Venue: ICLR 2031</h3><p>Boats.</p>",
        "<h1>Low Boats at Sea</h1><h3>학회: ICLR 2031</h3><p>Boats.</p>",
        "<h1>Low Boats at Sea</h1><h2>会议：ICLR 2031</h2><p>Boats.</p>",
    ],
)
def test_title_repeated_with_its_venue_and_a_heading_that_is_a_fact(html: str) -> None:
    found = review(html)
    assert (found.venue, found.year) == ("ICLR", 2031)


def test_heading_that_is_a_fact_links_the_paper() -> None:
    for text in (
        'Paper: <a href="https://arxiv.org/abs/2905.01234">arXiv</a>',
        "논문 링크: https://arxiv.org/abs/2905.01234",
    ):
        assert review(f"<h1>Low Boats at Sea</h1><h3>{text}</h3><p>Boats.</p>").identifiers.arxiv == ARXIV


def test_other_headings_say_no_venue() -> None:
    """A list of conferences, one further down, one of a product, and one below a text."""
    posts = (
        "<h2>ICLR 2031</h2><p>Boats.</p><h2>ICML 2031</h2><p>Ships.</p>",
        "<h2>Abstract</h2><p>Low.</p><h2>ICLR 2031</h2><p>Boats.</p>",
        "<h2>PyTorch 2031</h2><p>Boats.</p>",
        "<h2>GTC 2031</h2><p>Boats.</p>",
        "<p>One.</p><p>Two.</p><p>Three.</p><p>Four.</p><h2>ICLR 2031</h2><p>Boats.</p>",
    )
    assert [review(html).venue for html in posts] == [None] * len(posts)


# ── identifiers ──


@pytest.mark.parametrize(
    "line",
    [
        "arXiv ID: 2905.01234v2",
        "Identifier: arXiv:2905.01234",
        "Cite as: arXiv:2905.01234",
        "Source: arXiv:2905.01234",
        "출처: arXiv:2905.01234",
        "HuggingFace: https://huggingface.co/papers/2905.01234",
        'Hugging Face: <a href="https://huggingface.co/papers/2905.01234">page</a>',
        '<a href="https://huggingface.co/papers/2905.01234">HuggingFace</a>',
        "arXiv 2905.01234 [cs.CV]",
        "ECCV 2031, arXiv 2905.01234",
    ],
)
def test_typed_number_and_page_of_a_paper_are_its_identifier(line: str) -> None:
    assert of_list(line).identifiers.arxiv == ARXIV


def test_number_in_a_sentence_and_page_of_a_model_are_no_identifier() -> None:
    lines = ("We build on arXiv:2905.01234", "HuggingFace: https://huggingface.co/quill/boats", "Date: 2905.01")
    assert [of_list(line).identifiers.arxiv for line in lines] == [None] * 3


def test_link_of_the_paper_is_shown_once_where_its_number_is_typed_too() -> None:
    found = of_list('Published: arXiv:2905.01234</li><li>Paper: <a href="https://arxiv.org/pdf/2905.01234">PDF</a>')
    assert found.links == (("pdf", "https://arxiv.org/pdf/2905.01234"),)


HERE = '<a href="https://arxiv.org/abs/2905.01234">{}</a>'


@pytest.mark.parametrize(
    ("before", "word", "behind"),
    [
        ("2031년에 accept되었으며, ", "이곳", "에서 논문을 확인할 수 있다."),
        ("", "여기", "에서 원문을 볼 수 있습니다."),
        ("", "こちら", "から論文を読めます。"),
        ("", "这里", "可以下载论文。"),
        ("", "Here", " you can read the paper."),
        ("Ada Quill et al. 2029. url: ", "https://arxiv.org/abs/2905.01234", ""),
        ("Quill et al., 2029. Paper: ", "link", ""),
    ],
)
def test_words_around_a_link_say_that_it_is_the_paper(before: str, word: str, behind: str) -> None:
    assert review(f"<p>{before}{HERE.format(word)}{behind}</p><h2>1. Intro</h2>").identifiers.arxiv == ARXIV


@pytest.mark.parametrize(
    ("before", "word", "behind"),
    [
        ("", "여기", "에서 다른 논문을 확인할 수 있다."),
        ("", "여기", "에서 코드를 확인할 수 있다."),
        ("", "Here", " you can find papers on it."),
    ],
)
def test_words_around_a_link_to_another_paper(before: str, word: str, behind: str) -> None:
    assert review(f"<p>{before}{HERE.format(word)}{behind}</p><h2>1. Intro</h2>").identifiers.arxiv is None


@pytest.mark.parametrize("heading", ["ソース", "公式ソース", "소스", "Sources", "출처"])
def test_heading_that_announces_the_source_stands_above_the_paper(heading: str) -> None:
    link = '<li><a href="https://arxiv.org/abs/2905.0{0}">https://arxiv.org/abs/2905.0{0}</a></li>'
    code = '<li><a href="https://github.com/shelf/boats">https://github.com/shelf/boats</a></li>'
    one = f"<h2>{heading}</h2><ul>{link.format('1234')}{code}</ul><h2>概要</h2><p>Boats.</p>"
    two = f"<h2>{heading}</h2><ul>{link.format('1234')}{link.format('5678')}</ul><h2>概要</h2><p>Boats.</p>"
    assert [review(html).identifiers.arxiv for html in (one, two)] == [ARXIV, None]
    assert ("code", "https://github.com/shelf/boats") in review(one).links


def test_identifier_alone_behind_a_link_label_is_the_papers() -> None:
    for html in (
        "<h2>Metadata</h2><h5>Url</h5><p>10.1371/journal.boat.1001</p>",
        "<p>URL: 10.1371/journal.boat.1001</p>",
    ):
        assert review(f"{html}<h2>1. Intro</h2><p>Boats.</p>").identifiers.doi == "10.1371/journal.boat.1001"
    assert review("<p>URL: see 10.1371/journal.boat.1001</p><h2>1. Intro</h2>").identifiers.doi is None


def test_post_that_begins_with_a_reference_names_its_own_paper() -> None:
    link = '<p>Paper: <a href="https://arxiv.org/abs/2905.01234">link</a></p>'
    posts = (
        f"<h2>Reference</h2>{link}<h2>Intro</h2><p>Boats.</p>",
        f"<h2>Related papers</h2>{link}<h2>Intro</h2><p>Boats.</p>",
        f"<p>Boats.</p><h2>Intro</h2><p>Low.</p><h2>References</h2>{link}<p>Fog Boats.</p>",
    )
    assert [review(html).identifiers.arxiv for html in posts] == [ARXIV, None, None]


@pytest.mark.parametrize(
    ("address", "doi"),
    [
        ("https://www.tandfonline.com/doi/full/10.1080/01621459.2031.128", "10.1080/01621459.2031.128"),
        ("https://www.biorxiv.org/content/10.1101/2031.07.12.199554v1.full.pdf", "10.1101/2031.07.12.199554"),
        ("https://www.pnas.org/doi/10.1073/pnas.1611", "10.1073/pnas.1611"),
        ("https://journals.sagepub.com/doi/pdf/10.1177/0278364", "10.1177/0278364"),
        ("https://doi.press.example/10.1111/j.1600-0854.2031.x", "10.1111/j.1600-0854.2031.x"),
        ("https://dx.press.example/10.1371/journal.boat.1001", "10.1371/journal.boat.1001"),
        ("https://shelf.example/content/10.1101/", None),
        ("https://doi.press.example/issue/10.1111", None),
        ("https://shelf.example/10.1111/j.1600-0854.2031.x", None),
    ],
)
def test_publishers_write_the_doi_into_their_addresses(address: str, doi: str | None) -> None:
    assert parse_identifiers(address).doi == doi


@pytest.mark.parametrize("address", ["(https://arxiv.org/pdf/2905.01234.pdf)", "arxiv.org/abs/2905.01234"])
def test_slips_in_the_address_of_a_link(address: str) -> None:
    assert review(f'<p><a href="{address}">Paper</a></p><h2>1. Intro</h2>').identifiers.arxiv == ARXIV


@pytest.mark.parametrize(
    "html",
    [
        "<p>※ 이 글은 {link} (CVPR 2031) 논문을 정리한 글입니다.</p>",
        "<p>这是 {link}（CVPR 2031）的阅读笔记。</p>",
        "<p>Quill, A. (2031). Low boats at sea. In Conference on Computer Vision and Pattern Recognition. {pdf}</p>",
        "<p>CVPR 2031에 게재된 논문입니다. {pdf}</p>",
        "<p>#CVPR2031 #boats</p><p>{pdf}</p>",
    ],
)
def test_paper_and_venue_in_one_sentence(html: str) -> None:
    link = '<a href="https://arxiv.org/abs/2905.01234">{}</a>'
    found = review(html.format(link=link.format("Low Boats at Sea"), pdf=link.format("[pdf]")) + "<h2>1. Intro</h2>")
    assert (found.venue, found.year, found.identifiers.arxiv) == ("CVPR", 2031, ARXIV)


LAST = "<h2>Summary</h2>" + "<p>Boats are low.</p>" * 20 + "<h2>Links &amp; References</h2><ul>{}</ul>"


@pytest.mark.parametrize("label", ["Paper PDF", "Paper", "논문 링크", "论文链接", "論文リンク", "Link to the paper"])
def test_label_alone_in_its_line_below_the_text_is_the_paper(label: str) -> None:
    link = f'<li><a href="https://dl.acm.org/doi/pdf/10.1145/123.456">{label}</a></li>'
    assert review(LAST.format(link + "<li>Slides</li>")).identifiers.doi == "10.1145/123.456"


@pytest.mark.parametrize(
    "items",
    [
        '<li>Fog boats <a href="https://arxiv.org/abs/2905.01234">pdf</a></li>',
        '<li><a href="https://arxiv.org/abs/2905.01234">Fog Boats</a></li>',
        '<li><a href="https://arxiv.org/abs/2905.01234">pdf</a></li><li><a href="https://arxiv.org/abs/2905.04321">pdf</a>',
    ],
)
def test_references_below_the_text_are_not_the_paper(items: str) -> None:
    assert review(LAST.format(items)).identifiers.arxiv is None


def test_related_papers_below_the_text_are_not_the_paper() -> None:
    html = LAST.format('<li><a href="https://arxiv.org/abs/2905.01234">pdf</a></li>')
    assert review(html.replace("Links &amp; References", "Related work")).identifiers.arxiv is None


def test_link_below_a_long_list_of_authors_is_the_paper() -> None:
    """Each author has lines of their own: the link stands far down, and above the first heading all the same."""
    people = "".join(f"<p>Ada Quill {letter}.</p><p>Institute of Boats</p>" for letter in "ABCDEFGHIJ")
    html = f'{people}<p>논문 : <a href="https://arxiv.org/pdf/2905.01234">PDF</a></p><h2>1. Intro</h2><p>Boats.</p>'
    assert review(html).identifiers.arxiv == ARXIV


def test_title_below_its_heading_links_the_paper() -> None:
    for key in ("Name of the thesis:", "Title of the paper", "Paper title"):
        html = f"<h2>Date:</h2><p>July 3, 2031</p><h2>{key}</h2><p>Fog Boats</p><p>(https://arxiv.org/pdf/2905.01234)</p>"
        found = review(f"<h1>Reports of a society</h1>{html}<h2>Overview</h2><p>Boats.</p>", title="boats(pr012)")
        assert (found.identifiers.arxiv, found.year) == (ARXIV, None), key
