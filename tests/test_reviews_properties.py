"""What holds for any markup at all."""

from __future__ import annotations

import re
import string

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.models.feeds import Entry
from bot.models.reviews import Mark, Review
from bot.reviews.identifiers import parse_identifiers
from bot.reviews.parsing import parse_review

TAGS = [
    "p", "b", "i", "em", "strong", "h1", "h2", "h3", "ul", "ol", "li", "table", "tr", "td", "th", "pre",
    "code", "blockquote", "div", "span", "a", "br", "img", "figure",
]  # fmt: skip
SIGNS = [
    "$", "$$", "\\(", "\\]", "|", "<", ">", "&", "&#xD800;", "&nbsp;", "<!--", "-->", "<!", "<?", "\x00",
]  # fmt: skip
ODDITIES = [
    '<span style="background:#fdd">', '<span style="color:green;font-weight:bold">', '<a href="http://[">',
    '<a href="https://arxiv.org/abs/2001.00001">[pdf]</a>', '<img src="x" alt="y">', "<math>", "</math>",
    "<svg>", "<title>", '<script type="math/tex">', "<slot_name>", '<ol start="x">', "<figcaption>",
    '<iframe src="//x">', "<caption>",
]  # fmt: skip
MARKUP_BITS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(SIGNS),
    st.sampled_from(TAGS).map(lambda tag: f"<{tag}>"),
    st.sampled_from(TAGS).map(lambda tag: f"</{tag}>"),
    st.sampled_from(ODDITIES),
)


def parse(html: str, *, title: str = "t", link: str = "https://shelf.example/X-VLM.html") -> Review:
    return parse_review(Entry(guid="g", link=link, title=title, html=html))


def visible(text: str) -> str:
    return "".join(text.split())


def text_of(review: Review) -> str:
    return "".join((section.heading or "") + section.text for section in review.sections)


@given(bits=st.lists(MARKUP_BITS, max_size=60), title=st.text(max_size=60), link=st.text(max_size=40))
@settings(max_examples=300)
def test_no_markup_raises(bits: list[str], title: str, link: str) -> None:
    """Any text is a review, the same one each time, with spans that say something."""
    review = parse("".join(bits), title=title, link=link)
    assert review == parse("".join(bits), title=title, link=link)
    for section in review.sections:
        assert section.depth >= (1 if section.heading else 0)
        assert all(span.text for block in section.blocks for span in block.spans)


@given(text=st.text(max_size=200))
def test_no_text_breaks_the_identifiers(text: str) -> None:
    """Whatever a link holds."""
    parse_identifiers(text)
    parse_identifiers(f"https://{text}")


WORD = st.text(alphabet=string.ascii_letters + "가나다àé.,-()", min_size=1, max_size=8)
INLINE = st.one_of(
    WORD,
    st.tuples(st.sampled_from(["b", "em", "strong", "del", "sup", "code", "mark"]), WORD).map(
        lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0]}>"
    ),
    st.sampled_from(["&lt;x&gt;", "&amp;", "<br>", " "]),
)
LINE = st.lists(INLINE, min_size=1, max_size=6).map(" ".join)
BLOCK = st.one_of(
    LINE.map(lambda line: f"<p>{line}</p>"),
    LINE.map(lambda line: f"<h2>{line}</h2>"),
    LINE.map(lambda line: f"<blockquote><p>{line}</p></blockquote>"),
    LINE.map(lambda line: f"<pre>{line}</pre>"),
    st.lists(LINE, min_size=1, max_size=3).map(lambda ls: "<ul>" + "".join(f"<li>{x}</li>" for x in ls) + "</ul>"),
)


@given(blocks=st.lists(BLOCK, max_size=8))
@settings(max_examples=200)
def test_no_visible_character_is_lost_or_moved(blocks: list[str]) -> None:
    """The text of headings and blocks is the text of the markup, in its order."""
    html = "".join(blocks)
    written = re.sub(r"<[^>]*>", "", html).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert visible(text_of(parse(html))) == visible(written)


NAME = st.from_regex(r"[a-zA-Z]{2,6}_[a-z]{2,6}", fullmatch=True)


@given(names=st.lists(NAME, min_size=1, max_size=4))
def test_unknown_tags_stay_in_the_text(names: list[str]) -> None:
    """With and without the closing tags Markdown adds."""
    opened = " and ".join(f"<{name}>" for name in names)
    closed = "".join(f"</{name}>" for name in reversed(names))
    assert text_of(parse(f"<p>{opened}.{closed}</p>")) == f"{opened}.{closed}"


TEX = st.lists(
    st.sampled_from(["x", "_i", "^{2}", r"\alpha", "=", "+", "(", ")", "a_{j}", " ", "|"]), min_size=1
).map(lambda parts: "q_0" + "".join(parts).rstrip())


@given(formulas=st.lists(TEX, min_size=1, max_size=4))
def test_formulas_are_verbatim(formulas: list[str]) -> None:
    """Each is one span, dollar signs included, between Korean words."""
    formulas = [" ".join(formula.split()) for formula in formulas]
    html = "<p>" + " 그리고 ".join(f"${formula}$" for formula in formulas) + "</p>"
    (section,) = parse(html).sections
    found = [span.text for block in section.blocks for span in block.spans if Mark.MATH in span.marks]
    assert found == [f"${formula}$" for formula in formulas]
