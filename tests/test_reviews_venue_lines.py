"""A line that names a venue and says nothing else, whatever its form; and which spellings are one venue."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import bundled
from bot.models.feeds import Entry
from bot.models.reviews import Review
from bot.reviews.names import JOURNALS, ORDINARY_VENUES, VENUES
from bot.reviews.parsing import parse_review
from bot.reviews.venue_lines import read_behind_label, read_venue
from bot.reviews.venue_names import find_venues, read_spellings, same_venue

TITLES = ("lowboatsatsea",)


@pytest.mark.parametrize(
    ("text", "venue"),
    [
        ("(ICLR 2031)", "ICLR"),
        ("[CVPR'31]", "CVPR"),
        ("ICLR31 oral", "ICLR"),
        ("AAAI-31", "AAAI"),
        ("2031-ACL", "ACL"),
        ("NIPS2031 Poster", "NIPS"),
        ("Published in: NeurIPS 2031", "NeurIPS"),
        ("NeurIPS 2031 Datasets and Benchmarks track", "NeurIPS"),
        ("ACL Findings 2031", "ACL"),
        ("USENIX Security 2031", "USENIX Security"),
        ("Proc. VLDB Endow. 12(3): 45-67, 2031", "VLDB"),
        ("Proc. ACM Program. Lang. 5, OOPSLA, 2031", None),  # two venues: the journal and the conference
        ("IEEE TPAMI, vol. 43, 2031", "TPAMI"),
        ("IEEE Trans. Pattern Anal. Mach. Intell., vol. 43, no. 2, pp. 1–14, Feb. 2031",
         "IEEE Trans. Pattern Anal. Mach. Intell"),
        ("IEEE/CVF Conference on Computer Vision and Pattern Recognition, 2031", "CVPR"),
        ("arXiv 2029, CVPR 2031", "CVPR"),
        ("3DV 2031 (arXiv 2029)", "3DV"),
        ("KDD ’31, August 4–8, 2031, Anchorage, AK, USA", "KDD"),
        ("ACM CCS 2031, London, UK", "CCS"),
        ("ICML 2031, São Paulo, Brazil", "ICML"),
        ("Xi'an, China. ICML 2031", "ICML"),
        ("ICML 2031 (Rio de Janeiro, Brazil)", "ICML"),
        ("CCF-A | SIGMOD 2031", "SIGMOD"),
        ("Nature 2031", "Nature"),
        ("IEEE Transactions on Affective Computing (Volume: 8, Issue: 3, July-Sept. 1 2031)",
         "IEEE Transactions on Affective Computing"),
        ("Neural Networks, vol. 113, 2031", "Neural Networks"),
        ("Quill et al., ICML 2031", "ICML"),
        ("Ada Quill, Bo Li – ICML 2031", "ICML"),
        ("Low Boats at Sea (ICLR 2031, Lake University) [pdf] [code]", "ICLR"),
        ("Low Boats at Sea. Ada Quill, Bo Li. In Proceedings of the Conference on Machine Learning, 2031.", "ICML"),
        ("📄 EuroSys '31", "EuroSys"),
        ("ICLR 2031 | Lake University | Oral", "ICLR"),
        ("2031년 CVPR에 게재", "CVPR"),
        ("发表于 ICCV 2031", "ICCV"),
        ("ICRA 2031 採択", "ICRA"),
        ("情報処理学会論文誌 2031", "情報処理学会論文誌"),
        ("IEEE Transactions on Boats 2031", "IEEE Transactions on Boats"),
        ("David Kim, Boat Magazine, 2031", "Boat Magazine"),
        ("Journal of Boats, vol. 3, 2031", "Journal of Boats"),
        ("Journal of Machine Learning Research 15 (2031) 1929–1958", "Journal of Machine Learning Research"),
        ("PLoS Comput Biol 2031; 14(3): e1006027", "PLoS Comput Biol"),
        ("J. Boats 3(2), 2031", None),
        ("IEEE Access, vol. 8, pp. 1932–1956, 2031", "IEEE Access"),
        ("J. Field Robotics 36(2), 2031", "J. Field Robotics"),
        ("CVPR2031採択論文", "CVPR"),
        ("ICML 2031 で発表された論文です。", "ICML"),
        ("2031 CVPR Oral paper입니다.", "CVPR"),
        ("这是 WWW 2031 上的一篇文章。", "WWW"),
        ("收录于 ICASSP 2031，单位：湖大学", "ICASSP"),
        ("Winner, Best Student Paper, RSS 2031", "RSS"),
        ("In: Lecture Notes in Computer Science, vol 11206. Springer (ECCV 2031)", "ECCV"),
        ("Proceedings of Machine Learning Research 97:1234–1243, ICML 2031", "ICML"),
        ("IEEE Trans. Boat Electron., vol. 66, no. 10, pp. 8089–8099, Oct. 2031.", "IEEE Trans. Boat Electron."),
        ("Harbour Engineering 85 (2031): 12–21", "Harbour Engineering"),
        ("Boats of the World, vol. 3, no. 2, pp. 12–19, Feb. 2031", "Boats of the World"),
        ("Cell Boats 2031, 1(3), 100014", "Cell Boats"),
        ("ICML 2031 발표논문", "ICML"),
        ("International Conference on Boats and Harbours (ICBH) 2031", "ICBH"),
    ],
)  # fmt: skip
def test_line_that_names_a_venue_and_nothing_else(text: str, venue: str | None) -> None:
    assert read_venue(text, titles=TITLES) == ((venue, 2031) if venue else None)


@pytest.mark.parametrize(
    "text",
    [
        "We count boats as at ICML 2031",
        "Mask Boats, ICCV 2031",
        "LowNet: ICCV 2031",
        "Fog at Night (ICCV 2031)",
        "Boat detection, CVPR 2031",
        "we sail with us, ICML 2031",
        "red sails, china, ICML 2031",
        "ICML 2031, Fog Lamp, Snap",
        "Best papers of ICML 2031",
        "ICML 2031 call for papers",
        "Dataset: Science 2031, 4(2)",
        "Artificial Intelligence 2031",
        "Pattern Recognition of Boats 2031",
        "Machine Learning 2031",
        "We count boats 3(2), 12, 2031",
        "Ada Quill, Boats and Harbours, vol. 3, no. 2, 2031",
        "Mask Boats, Boats of the World, vol. 3, no. 2, 2031",
        "David Kim 3(2), 12, 2031",
        "Chapter Three 2031, 3(2), 12",
        "Boats of the World, vol. 3, 2031",
        "Boats of the World 3(2), 2031",
        "Springer Nature, vol. 3, no. 2, 2031",
        "ICML 2031 tutorial",
        "Related: ICML 2031",
        "Submitted to ICLR 2031",
        "ICLR 2031 (under review)",
        "ICLR 2031 reject",
        "ICML 2030 / ICLR 2031",
        "EDBT/ICDT 2031",
        "Workshop on the European Conference on Computer Systems, 2031",
        "Proceedings of the 2031 International Workshop on Structural and Statistical Pattern Recognition",
        "nature 2031",
        "Deep Learning, Neural Networks 2031",
        "Computer Vision and Pattern Recognition (cs.CV) 2031",
        "arXiv 2031",
        "ICLR",
        "2031",
        "",
    ],
)
def test_line_that_says_something_else_names_no_venue(text: str) -> None:
    assert read_venue(text, titles=TITLES) is None


@pytest.mark.parametrize(
    ("text", "venue"),
    [
        ("37th International Conference on Neural Information Processing Systems (NeurIPS 2031)", "NeurIPS"),
        ("Proceedings of the International Conference on Neural Information Processing Systems (NIPS'31)", "NIPS"),
        ("2031 IEEE 26th International Conference on High Performance Computing, Data, and Analytics (HiPC)", "HiPC"),
        ("SC31: International Conference for High Performance Computing, Networking, Storage and Analysis", "SC"),
        ("14th USENIX Symposium on Operating Systems Design and Implementation (OSDI 31)", "OSDI"),
        ("30th USENIX Security Symposium (USENIX Security 31)", "USENIX Security"),
        ("19th USENIX Conference on File and Storage Technologies (FAST 31)", "FAST"),
        ("CCS '31: Proceedings of the 2031 ACM SIGSAC Conference on Computer and Communications Security", "CCS"),
        ("Network and Distributed Systems Security (NDSS) Symposium 2031", "NDSS"),
        ("Proceedings of the ACM on Programming Languages, Volume 4, Issue POPL, 2031", "PACMPL"),
        ("Findings of the Association for Computational Linguistics: EMNLP 2031", "EMNLP"),
        ("Computer Vision – ECCV 2031", "ECCV"),
        ("Advances in Cryptology – CRYPTO 2031", "CRYPTO"),
        ("The Semantic Web – ISWC 2031", "ISWC"),
        ("Euro-Par 2031: Parallel Processing", "Euro-Par"),
        ("eLife 2031;9:e12345", "eLife"),
    ],
)  # fmt: skip
def test_proceedings_are_named_as_their_publishers_do(text: str, venue: str) -> None:
    found = read_venue(text)
    assert found is not None
    assert (same_venue(found[0], venue), found[1]) == (True, 2031)


@pytest.mark.parametrize(
    "text", ["Computer Vision – Boats 2031", "Boats on Lakes (Figure 31)", "The Semantic Web – a study"]
)
def test_half_of_a_books_title_names_no_venue(text: str) -> None:
    assert read_venue(text) is None


def test_titles_of_a_post_may_be_within_each_other() -> None:
    """ "[Review] Low Boats at Sea" is a title as written, "Low Boats at Sea" the paper's."""
    titles = ("notelowboatsatsea", *TITLES)
    assert read_venue("[Note] Low Boats at Sea, ICML 2031", titles=titles) == ("ICML", 2031)


def test_year_may_be_missing_where_the_place_is_sure() -> None:
    assert read_venue("Published in NeurIPS", needs_year=False) == ("NeurIPS", None)


@pytest.mark.parametrize("name", ["FAST", "CCS", "PODS", "Humanoids"])
def test_name_that_is_also_a_word_needs_its_year(name: str) -> None:
    assert read_venue(name, needs_year=False) is None
    assert read_venue(f"{name} 2031") == (name, 2031)


def test_names_that_brackets_are_read_with_are_in_the_list() -> None:
    """Preprint servers, and a publisher that brackets may name alone, are no venues."""
    others = {"arxiv", "biorxiv", "medrxiv", "ssrn", "usenix"}
    names = (*(name.upper() for name in (VENUES - others) | ORDINARY_VENUES), *JOURNALS)
    assert [name for name in names if not find_venues(f"{name} 2031", has_year=True)] == []


@given(st.text(max_size=200))
def test_any_text_is_read_without_an_error(text: str) -> None:
    found = read_venue(f"{text} ICML 2031 {text}", titles=TITLES)
    assert found is None or found[0]


SHORT = [
    line.split(" | ")[0]
    for line in bundled.venues().read_text("utf-8").splitlines()
    if re.match(r"[A-Z][A-Za-z]{3,11} \| (?![?!])", line)
]


@given(
    st.sampled_from(SHORT),
    st.integers(1990, 2049),
    st.sampled_from(["{v} {y}", "({v} {y})", "[{v}'{s}]", "{v}{y}", "Published in {v}, {y}", "{y} {v}", "{v} ({y})"]),
    st.sampled_from(["", " oral", " (Spotlight)", " [pdf]", " – arXiv", ", pp. 12–19", " 발표", " 论文"]),
)
def test_each_listed_venue_is_read_in_each_form(venue: str, year: int, form: str, behind: str) -> None:
    text = form.format(v=venue, y=year, s=f"{year % 100:02}") + behind
    if ("'" in form and year >= 2000) or "'" not in form:
        assert read_venue(text) == (venue, year)


@given(st.sampled_from(SHORT), st.from_regex(r"[a-z]{3,6}xq[a-z]{3}", fullmatch=True))
def test_a_word_that_is_left_over_makes_it_another_text(venue: str, word: str) -> None:
    assert read_venue(f"{venue} 2031 {word}") is None


@pytest.mark.parametrize(
    ("value", "venue", "year"),
    [
        ("IEEE Transactions on Boats，Vol. 37，No. 1，January 2031", "IEEE Transactions on Boats", 2031),
        ("IEEE Transactions on Boats, 22(2), 1235–1246", "IEEE Transactions on Boats", None),
        ("IEEE Transactions on Boats（accepted author version）", "IEEE Transactions on Boats", None),
        ("Boats and Harbours，15，606", "Boats and Harbours", None),
        ("Boats and Harbours 29(4)", "Boats and Harbours", None),
        ("Boats and Harbours 29(4): 11–19", "Boats and Harbours", None),
        ("Journal of Marketing, Vol. 3, No. 1", "Journal of Marketing", None),  # no month
        ("Harbour Marketing, Vol. 3, Mar. 2031", "Harbour Marketing", 2031),
        ("Boats and Harbours, 169 (2031) 110754", "Boats and Harbours", 2031),
        ("Low, Middle & High Boats, Vol. 7, Iss. 5, pp. 451–463", "Low, Middle & High Boats", None),
        ("Journal of Boats，Vol. 31, No. 5，2031", "Journal of Boats", 2031),
        ("《海船学报》，第 38 卷第 7 期", "海船学报", None),
        ("AAAI-31", "AAAI", 2031),
        ("2030년 (ICLR 2031)", "ICLR", 2031),
        ("arXiv preprint arXiv:2905.01234 (2029)", "arXiv", 2029),
        ("ICLR 2031 (under review)", None, None),
        ("Int. J. Electr. Boat Energy Syst. (2031), 117, 105605", "Int. J. Electr. Boat Energy Syst.", 2031),
        ("Vol. 3, No. 2", None, None),
    ],
)
def test_name_behind_a_label_without_its_volume(value: str, venue: str | None, year: int | None) -> None:
    assert read_behind_label(value) == (venue, year)


def test_volume_behind_published_shows_a_journal_of_any_name() -> None:
    """ "Published" may also stand before a date or a publisher."""
    assert read_behind_label("Boat Energy, vol. 251, 113337, 2031", is_of_venues=False) == ("Boat Energy", 2031)
    assert read_behind_label("Boat Energy, 2031", is_of_venues=False) == (None, 2031)


def test_table_of_several_papers_names_no_venue() -> None:
    rows = "<tr><td>2031</td><td>Fog Boats</td><td>ACL</td><td>IEEE</td></tr>" * 2
    head = "<tr><th>Year</th><th>Title</th><th>Venue</th><th>Paper Link</th></tr>"
    assert post(f"<h2>Quick Summary</h2><table>{head}{rows}</table>", title="Boats").venue is None


# ── the list ──


def test_list_of_venues_is_well_formed() -> None:
    """Each line has a usual name, no spelling twice, and no sign before it but those that the list explains."""
    lines = [line for line in bundled.venues().read_text("utf-8").splitlines() if line and not line.startswith("#")]
    names = [line.split(" | ")[0] for line in lines]
    assert all(name and name[0] not in "?!" for name in names)
    assert len(set(names)) == len(names)
    for line in lines:
        written = [spelling.written for spelling in read_spellings(line)]
        assert len(written) == len(set(written)), line
        assert all(one == one.strip() and one for one in written), line
        assert not set("|?").intersection("".join(written)), line


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("USENIX Security", "USENIX Security Symposium"),
        ("NIPS", "NeurIPS"),
        ("NeurIPS", "Advances in Neural Information Processing Systems"),
        ("IEEE Transactions on Image Processing", "TIP"),
        ("IEEE Transactions on Image Processing", "IEEE Trans. Image Process."),
        ("Proceedings of the 2031 Conference on Empirical Methods in Natural Language Processing", "EMNLP"),
        ("Proceedings of the VLDB Endowment", "VLDB"),
        ("PVLDB", "VLDB"),
        ("FAST", "USENIX FAST"),
        ("AAAI-31", "AAAI"),
        ("IEEE Trans. Robot.", "IEEE Transactions on Robotics"),
        ("IEEE Trans. Veh. Technol.", "TVT"),
        ("J. Field Robotics", "Journal of Field Robotics"),
        ("Adv. Neural Inf. Process. Syst.", "NeurIPS"),
        ("Proc. IEEE Int. Conf. Robot. Autom.", "ICRA"),
        ("Proc. ACM Interact. Mob. Wearable Ubiquitous Technol.", "IMWUT"),
        ("Proc. IEEE", "Proceedings of the IEEE"),
        ("IEEE Trans. Boat Electron.", "IEEE Transactions on Boat Electronics"),
        ("Journal of Boats", "Boats"),
        ("Proceedings of the Boat Workshop", "Boat Workshop"),
        ("CVPR Workshop", "CVPRW"),
        ("IEEE Conference on Computer Vision and Pattern Recognition Workshops", "CVPRW"),
        ("10th USENIX Workshop on Hot Topics in Storage and File Systems", "HotStorage"),
        ("Workshop on Offensive Technologies", "WOOT"),
        ("Conference on Computers and Communication Security", "CCS"),
        ("NeurlPS", "NeurIPS"),
    ],
)
def test_spellings_of_one_venue(one: str, other: str) -> None:
    assert same_venue(one, other)
    assert same_venue(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ICML", "ICLR"),
        ("SIGGRAPH", "SIGGRAPH Asia"),
        ("Workshop of the International Conference on Learning Representations", "ICLR"),
        ("Workshops of the International Conference on Learning Representations", "ICLR"),
        ("Workshop on Computer Vision and Pattern Recognition", "CVPR"),
        ("ICML Workshops", "ICML"),
        ("Journal of the Acoustical Society of America", "Journal of the American Statistical Association"),
        ("Proc. IEEE Int. Conf. Robot. Autom.", "Proceedings of the IEEE"),
        ("International Journal of Humanoid Robotics", "Humanoids"),
        ("Nature", "Nature Methods"),
        ("", "ICML"),
        ("", ""),
        ("Boats", "Ships"),
    ],
)
def test_different_venues(one: str, other: str) -> None:
    assert not same_venue(one, other)


# ── in a post ──


def post(html: str, *, title: str = "Low Boats at Sea", tags: tuple[str, ...] = ()) -> Review:
    return parse_review(
        Entry(guid="g", link="https://shelf.example/one.html", title=title, html=html, categories=tags)
    )


BODY = "<h2>1. Intro</h2><p>Boats are low.</p>"
LINK = '<p><a href="https://arxiv.org/abs/2905.01234">paper</a></p>'


@pytest.mark.parametrize(
    "html",
    [
        f"<blockquote><p>Proceedings of the 5th Conference on Machine Learning, October 2031</p></blockquote>{BODY}",
        f"<blockquote><p>ACM Transactions on Boats, Volume 3, Issue 1 · Feb. 2031 · pp 63–75</p></blockquote>{BODY}",
        f"<p>ICML 2031 | Lake University | ★★★</p>{LINK}{BODY}",
        f"<p><code>ICML31 oral</code></p>{LINK}{BODY}",
        f"<p><b>[ICML'31, Lake University]</b></p>{LINK}{BODY}",
        f"<ul><li>url: paper (ICML 2031)</li></ul>{BODY}",
        f"<p>Accepted at ICML 2031!</p>{BODY}",
        f"<p>David Kim, Sara Park, ICML, 2031</p>{BODY}",
        f"<h2>Low Boats at Sea – ICML 2031 Spotlight, Lake University</h2>{LINK}{BODY}",
        f"<h2>📌 Metadata</h2><ul><li>boats</li><li>ICML 2031, long paper</li></ul>{BODY}",
        f"<table><tr><td>Authors</td><td>Ada Quill</td></tr><tr><td>Where</td><td>ICML 2031</td></tr></table>{BODY}",
        f'<p><img src="https://img.shields.io/badge/ICML-2031-blue" alt="ICML 2031"> <a href="https://arxiv.org/abs/2905.01234">paper</a></p>{BODY}',
    ],
)  # fmt: skip
def test_venue_near_the_top_of_a_post_whatever_its_form(html: str) -> None:
    found = post(html)
    assert found.venue in {"ICML", "ACM Transactions on Boats"}
    assert found.year == 2031


@pytest.mark.parametrize("tag", ["2031-ICML", "venue/ICML2031", "#icml_2031", "ICML'31", "ICML 2031 Oral"])
def test_tag_in_any_form_is_the_venue(tag: str) -> None:
    found = post(BODY, tags=("boats", tag))
    assert (found.venue.upper() if found.venue else None, found.year) == ("ICML", 2031)


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<p>ICML 2031</p><p>We met in a harbour.</p>", "Low Boats at Sea"),  # a post on no paper
        (f"<p>ICML 2031 oral</p>{LINK}{BODY}", "Trip report: a week of boats"),
        (f"<ul><li>Fog Boats, ICML 2031</li><li>Mist Boats, ICML 2031</li></ul>{BODY}", "Low Boats at Sea"),
        (f"<p>Boats are low.</p><p>ICML 2031</p>{BODY}", "Low Boats at Sea"),  # below a sentence
        (f"{LINK}<h2>Related work</h2><ul><li>ICML 2031</li></ul>", "Low Boats at Sea"),
        (f"{LINK}<h2>Results</h2><table><tr><td>Fog Boats</td><td>ICML 2031</td></tr></table>", "Low Boats"),
        (f"<p>ICML 2031</p><p>ICLR 2031</p>{LINK}{BODY}", "Low Boats at Sea"),
        (f"<p>It was presented to us as at ICML 2031.</p>{LINK}{BODY}", "Low Boats at Sea"),
    ],
)  # fmt: skip
def test_venue_of_something_else_is_not_the_papers(html: str, title: str) -> None:
    assert post(html, title=title).venue is None
