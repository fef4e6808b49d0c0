"""Markup as other programs write it: lazy pictures, link cards, drawn formulas, code, tables with spans."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.reviews import announcement
from bot.models.feeds import Entry
from bot.models.reviews import Block, BlockKind, Mark, StoredReview
from bot.reviews.elements import Steps, is_beside_heading, read_preview
from bot.reviews.grids import MAX_COLUMN_SPAN, MAX_ROW_SPAN, Cell, lay_out
from bot.reviews.inline import is_blank
from bot.reviews.markup import Heading, read_markup
from bot.reviews.parsing import parse_review
from bot.reviews.pictures import largest_of
from bot.reviews.preformatted import Preformatted, looks_like_code

BASE = "https://quay.example/2027/04/ropes/"


def read(html: str) -> list[Heading | Block]:
    return list(read_markup(html, base_url=BASE))


def blocks(html: str) -> list[Block]:
    return [piece for piece in read(html) if isinstance(piece, Block)]


def figures(html: str) -> list[str | None]:
    return [block.url for block in blocks(html) if block.kind is BlockKind.FIGURE]


# ── pictures that load late ──

REAL = "https://quay.example/knot.png"
DATA = "data:image/gif;base64,R0lGODlhAQABAAAAACw="


@pytest.mark.parametrize(
    "markup",
    [
        f'<img src="{DATA}" data-src="/knot.png">',
        '<img class="lazyload" src="/theme/loading.gif" data-src="/knot.png">',
        '<img class="lozad" src="/p/placeholder-800x600.svg" data-src="/knot.png">',
        f'<img src="{DATA}" data-lazy-src="/knot.png" data-lazy-srcset="/knot-2.png 2x">',
        '<img src="/1x1.gif" data-original="/knot.png">',
        '<img data-lazy="/knot.png">',
        '<img data-lazy="true" src="/knot.png">',
        '<img src="https://cdn.example/knot.png?type=w80_blur" data-lazy-src="/knot.png">',
        '<img data-srcset="/small.png 320w, /knot.png 1280w, /middle.png 640w">',
        f'<img src="{DATA}" srcset="/small.png 1x,/knot.png 2x">',
        '<img src="/lazy/blank.png" data-actualsrc="/knot.png">',
        f'<img src="{DATA}" nitro-lazy-src="/knot.png">',
        f'<img class="lazy" src="{DATA}"><noscript><img src="/knot.png"></noscript>',
        f'<noscript><img src="/knot.png"></noscript><img class="lazyload" src="{DATA}" data-src="/knot.png">',
        '<div><img src="/max/60/knot.png"></div><img class="b"><noscript><img src="/knot.png"></noscript>',
        '<img src="/knot-blur.jpg"><noscript><img src="/knot.png" srcset="/huge.png 3x"></noscript>',
        '<div data-bg="x"><noscript><img src="/knot.png"></noscript></div>',
        '<picture><source srcset="/knot.png 1x" type="image/webp"><img src="/blank.gif"></picture>',
        '<picture><source data-srcset="/knot.png"></picture>',
        '<amp-img src="/knot.png" width="600" height="400"><noscript><img src="/knot.png"></noscript></amp-img>',
    ],
)
def test_lazy_picture_is_the_picture(markup: str) -> None:
    """Whatever the loader, the picture itself comes, once, and no placeholder or blurred preview."""
    assert figures(f"<p>Ropes.</p><figure>{markup}</figure><p>End.</p>") == [REAL]


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="/ajax-loader.gif">',
        '<img src="/img/spinner.svg">',
        f'<img src="{DATA}">',
        '<noscript><img height="1" width="1" style="display:none" src="https://t.example/tr?id=1"></noscript>',
        "<noscript>Please switch scripts on.</noscript>",
    ],
)
def test_placeholder_alone_is_no_picture(markup: str) -> None:
    """Nothing is shown where there is nothing but a placeholder or a counter."""
    assert blocks(markup) == []


@pytest.mark.parametrize(
    "name", ["grey-wolf.png", "pipeline-loading-curve.png", "transparent-objects.jpg", "dotplot.png"]
)
def test_name_that_begins_like_a_placeholder_is_a_picture(name: str) -> None:
    """Only a whole name counts."""
    assert figures(f'<img src="/{name}">') == [f"https://quay.example/{name}"]


def test_srcset_with_commas_in_its_addresses() -> None:
    """An address ends at white space, not at a comma."""
    assert largest_of("https://c.example/w_424,c_limit/a.png 424w, https://c.example/w_848,c_limit/a.png 848w") == (
        "https://c.example/w_848,c_limit/a.png"
    )


def test_lazy_frame_is_a_link() -> None:
    """A video whose address a script fills in."""
    (block,) = blocks('<iframe src="about:blank" data-src="https://v.example/7" title="A talk"></iframe>')
    assert [(span.text, span.href) for span in block.spans] == [("A talk", "https://v.example/7")]


# ── cards of links ──

PAPER = "https://papers.example/abs/1"
CARDS = {
    "ghost": f'<figure class="kg-card kg-bookmark-card"><a class="kg-bookmark-container" href="{PAPER}">'
    '<div class="kg-bookmark-content"><div class="kg-bookmark-title">Ropes at night</div><div class="kg-bookmark-'
    'description">We tie.</div><div class="kg-bookmark-metadata"><img class="kg-bookmark-icon" src="/favicon.ico">'
    '<span class="kg-bookmark-author">Papers</span></div></div><div class="kg-bookmark-thumbnail"><img '
    'src="/t.png">'
    "</div></a></figure>",
    "wordpress": '<figure class="wp-block-embed"><div class="wp-block-embed__wrapper"><blockquote '
    'class="wp-embedded-'
    f'content"><a href="{PAPER}">Ropes at night</a></blockquote><iframe class="wp-embedded-content" '
    f'src="{PAPER}/embed/" title="“Ropes at night” — Papers"></iframe></div></figure>',
    "notion": f'<figure id="1"><a href="{PAPER}" class="bookmark source"><div class="bookmark-info"><div '
    f'class="bookmark-'
    'text"><div class="bookmark-title">Ropes at night</div><div class="bookmark-description">We tie.</div></div>'
    "<div "
    'class="bookmark-href"><img src="/i.ico" class="icon bookmark-icon">https://papers.example</div></div><img '
    'src="/b.png" class="bookmark-image"></a></figure>',
    "medium": f'<div class="graf graf--mixtapeEmbed"><a href="{PAPER}" class="markup--anchor"><strong>Ropes at '
    f"night</strong>"
    f'<br><em>We tie.</em>papers.example</a><a href="{PAPER}" class="mixtapeImage"></a></div>',
    "note.com": f'<figure embedded-service="external-article" data-src="{PAPER}"><a href="{PAPER}"><strong '
    f'class="external-'
    'article-widget-title">Ropes at night</strong><em>We tie.</em><em>papers.example</em></a></figure>',
    "hatena": '<p><iframe class="embed-card embed-webcard" title="Ropes at night" '
    'src="https://hatenablog-parts.com/embed?'
    'url=https%3A%2F%2Fpapers.example%2Fabs%2F1"></iframe><cite class="hatena-citation"><a href="'
    f'{PAPER}">papers.example</a></cite></p>',
    "zenn": '<span class="zenn-embedded"><iframe src="https://embed.zenn.studio/card#x" title="Ropes at night" '
    'data-content="https%3A%2F%2Fpapers.example%2Fabs%2F1"></iframe></span>',
    "naver": f'<div class="se-module se-module-oglink"><a href="{PAPER}" class="se-oglink-thumbnail"><img '
    f'src="/t.png"></a>'
    f'<a href="{PAPER}" class="se-oglink-info"><strong class="se-oglink-title">Ropes at night</strong><p '
    f'class="se-oglink-'
    'summary">We tie.</p><p class="se-oglink-url">papers.example</p></a></div>',
    "cocoon": f'<a href="{PAPER}" class="blogcard-wrap"><div class="blogcard"><div class="blogcard-thumbnail"><img '
    'src="/t.png"></div><div class="blogcard-title">Ropes at night</div><div class="blogcard-snippet">We tie.</div>'
    '<div class="blogcard-site"><img src="/favicon.ico">papers.example</div></div></a>',
    "pz": f'<div class="linkcard"><div class="lkc-external-wrap"><a class="lkc-link" href="{PAPER}"><div '
    f'class="lkc-card">'
    '<div class="lkc-title">Ropes at night</div><div class="lkc-excerpt">We tie.</div></div></a></div></div>',
    "zhihu": f'<a class="LinkCard" href="{PAPER}"><span class="LinkCard-title">Ropes at night</span><img '
    f'src="/t.png"></a>',
    "unknown": f'<a class="zq1" href="{PAPER}"><div><h4>Ropes at night</h4><p>We tie.</p></div><img src="/t.png">'
    f"</a>",
}


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)
def test_card_is_one_line_that_links_by_its_title(card: str) -> None:
    """No summary, no site, no icon as a figure, whichever editor made the card; the text around stays."""
    first, link, last = blocks(f"<p>Before.</p>{card}<p>After.</p>")
    assert (first.text, last.text) == ("Before.", "After.")
    assert (link.kind, link.text, link.url) == (BlockKind.LINK, "Ropes at night", PAPER)


@pytest.mark.parametrize(
    "html",
    [
        '<a href="/big.png"><img src="/knot.png"></a>',
        '<a href="/big.png"><figure><img src="/knot.png"><figcaption>A knot</figcaption></figure></a>',
        '<div class="card"><a href="https://a.example">One</a><img src="/knot.png"></div>',
        (
            '<div class="link-card"><a href="https://a.example">One</a><a href="https://b.example">Two</a><img '
            'src="/knot.png"></div>'
        ),
    ],
)
def test_linked_picture_is_no_card(html: str) -> None:
    """A figure that links to its large form, or a box with several links, keeps its picture."""
    assert figures(html) == [REAL]


@pytest.mark.parametrize("icon", ["/favicon.ico", "/favicon-32x32.png?v=2", "/apple-touch-icon.png", "/a/site.ico"])
def test_icon_stands_for_no_review(icon: str) -> None:
    """The picture of an announcement is the post's own, also where a card that nobody knows has an icon."""
    html = f'<p>See <b>this</b></p><img src="{icon}"><p>Text.</p><img src="/knot.png">'
    entry = Entry(guid="1", link=BASE, title="Ropes", html=html)
    stored = StoredReview(
        id=1, feed_url=BASE, first_seen_at=datetime(2027, 4, 1, tzinfo=UTC), review=parse_review(entry)
    )
    picture = announcement(stored).picture
    assert picture is not None
    assert picture.url == REAL


# ── formulas and other pictures in a sentence ──


@pytest.mark.parametrize(
    ("image", "tex"),
    [
        ('src="https://latex.codecogs.com/gif.latex?L_t%20%3D%20%5Csum_i%20x_i"', r"$L_t = \sum_i x_i$"),
        (r'src="https://latex.codecogs.com/svg.image?\inline&space;\dpi{300}\bg_white&space;x+y"', "$x+y$"),
        ('src="https://render.githubusercontent.com/render/math?math=x_i%20%5Cin%20X&mode=inline"', r"$x_i \in X$"),
        ('src="https://math.vercel.app/?color=black&from=x_i%5E2"', "$x_i^2$"),
        ('src="https://i.upmath.me/svg/%5Calpha_t"', r"$\alpha_t$"),
        ('src="https://s0.wp.com/latex.php?latex=%5Cbeta&bg=fff&s=0" class="latex" alt="\\beta"', r"$\beta$"),
        ('src="https://www.zhihu.com/equation?tex=x%5E%7B2%7D" alt="x^{2}" eeimg="1"', "$x^{2}$"),
        ('src="https://math.jianshu.com/math?formula=a_1" class="math-inline"', "$a_1$"),
        ('src="//chart.apis.google.com/chart?cht=tx&chl=%5Cgamma"', r"$\gamma$"),
        ('src="https://host.example/cgi-bin/mimetex.cgi?%5Cdelta"', r"$\delta$"),
        ('src="https://c.example/ab" data-canonical-src="https://latex.codecogs.com/png.latex?%5Ceta"', r"$\eta$"),
        ('src="/cache/ql_1.png" class="ql-img-inline-formula quicklatex-auto-format" alt="\\kappa"', r"$\kappa$"),
        ('src="/svg/9a" class="mwe-math-fallback-image-inline" alt="{\\displaystyle \\rho _{i}}"', r"$\rho _{i}$"),
    ],
)  # fmt: skip
def test_drawn_formula_is_its_tex_in_the_sentence(image: str, tex: str) -> None:
    """One paragraph, the formula a formula, and no figure, whichever service drew it."""
    (block,) = blocks(f"<p>The loss <img {image}> is small.</p>")
    assert (block.kind, block.text) == (BlockKind.PARAGRAPH, f"The loss {tex} is small.")
    assert [span.text for span in block.spans if Mark.MATH in span.marks] == [tex]


def test_formula_of_mediawiki_comes_once() -> None:
    """MathML for readers of the screen and a picture for the others are one formula."""
    html = (
        '<p>Let <span class="mwe-math-element"><span style="display:none"><math><semantics><mi>x</mi><annotation '
        'encoding="application/x-tex">{\\displaystyle x_{i}}</annotation></semantics></math></span>'
        '<img src="https://w.example/svg/1" class="mwe-math-fallback-image-inline" alt="{\\displaystyle x_{i}}">'
        "</span> be.</p>"
    )
    assert [block.text for block in blocks(html)] == ["Let $x_{i}$ be."]


@pytest.mark.parametrize(
    "address", ["https://blog.example/math/curve.png", "https://a.example/latex-logo.png?w=300", "/math?page=2"]
)
def test_picture_from_a_folder_of_mathematics_is_a_figure(address: str) -> None:
    """An address that only sounds like TeX is a picture's."""
    assert len(figures(f'<img src="{address}">')) == 1


@pytest.mark.parametrize(
    ("image", "text"),
    [
        ('<img class="emoji" src="/1f600.png" alt="😀">', "Tied 😀 well."),
        ('<img src="https://e.example/72x72/2705.png" alt="✅">', "Tied ✅ well."),
        ('<img src="/icon.png" height="20" alt="">', "Tied well."),
        (
            '<a href="https://a.example"><img src="https://img.shields.io/badge/a-b" alt="Paper"></a>',
            "Tied Paper well.",
        ),
    ],
)
def test_small_picture_stays_in_its_sentence(image: str, text: str) -> None:
    """Emoji, badges and icons break no sentence and are no figures; a badge keeps its link."""
    (block,) = blocks(f"<p>Tied {image} well.</p>")
    assert block.text == text
    assert [span.href for span in block.spans if span.text == "Paper"] == ["https://a.example"] * ("Paper" in text)


# ── headings ──


@pytest.mark.parametrize(
    "inner",
    [
        'Tides <a class="hash-link" href="#t">#</a>',
        '<a class="headerlink" href="#t">¶</a>Tides',
        'Tides<a class="anchor" href="#t" aria-hidden="true">§</a>',
        'Tides<a href="#t"><span class="sr-only">Link to this section</span></a>',
        '<a class="header-anchor" href="#t">\u200b</a>Tides',
        'Tides <a href="#t" class="heading-anchor">Permalink</a>',
        'Tides<span class="mw-editsection">[<a href="/edit">edit</a>]</span>',
        'Tides<sup><a href="#fn3">3</a></sup>',
        'Tides<span aria-hidden="true"> (decorated)</span>',
        "Tides<d-footnote>A note that opens.</d-footnote>",
        '<a href="https://a.example">Tides</a> <a href="#t"><svg><path d="M0"/></svg></a>',
        "## Tides ##",
        "Tides ¶",
    ],
)
def test_heading_is_without_permalink_and_hidden_words(inner: str) -> None:
    """What site generators put beside a heading is not its text."""
    (heading,) = read(f"<h2>{inner}</h2>")
    assert isinstance(heading, Heading)
    assert (heading.level, heading.text) == (2, "Tides")


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ('<a class="header-anchor" href="#t">Tides</a>', "Tides"),
        ('<a href="#t">Tides</a>', "Tides"),
        ('Against <a href="#a">method A</a>', "Against method A"),
        ('<span aria-hidden="true">Tides</span>', "Tides"),
        ("#INSTAG and C#", "#INSTAG and C#"),
        ("§ 3 Tides", "§ 3 Tides"),
    ],
)
def test_link_that_is_the_heading_stays(inner: str, text: str) -> None:
    """What is all that a heading has, and links to other sections, are text."""
    (heading,) = read(f"<h2>{inner}</h2>")
    assert heading.text == text


def test_link_beside_a_heading_is_nothing() -> None:
    """Some themes put the link behind the heading."""
    html = (
        '<div><h2 id="t">Tides</h2><a class="sl-anchor-link" href="#t">'
        '<span class="sr-only">Section titled “Tides”</span></a></div>'
    )
    assert read(html) == [Heading(level=2, text="Tides", anchor="t")]


# ── code ──

CODE = "import torch\nx = 1"
NUMBERED = {
    "hugo table": '<div class="highlight"><table class="lntable"><tr><td class="lntd"><pre class="chroma"><code>'
        '<span class="lnt">'
    '1\n</span><span class="lnt">2\n</span></code></pre></td><td class="lntd"><pre class="chroma"><code '
    'class="language-python">'
    '<span class="line">import torch\n</span><span class="line">x = 1\n</span></code></pre></td></tr></table></div>',
    "hugo inline": '<pre class="chroma"><code class="language-python"><span class="line"><span class="ln">1</span>'
        '<span class="cl">'
    'import torch\n</span></span><span class="line"><span class="ln">2</span><span class="cl">x = 1\n</span></span>'
    '</code></pre>',
    "hugo styles": '<pre><code data-lang="python"><span style="display:flex"><span '
        'style="white-space:pre;-webkit-user-select:none;'
    'user-select:none;">1</span><span>import torch</span></span><span style="display:flex"><span '
    'style="user-select:none;">2'
    "</span><span>x = 1</span></span></code></pre>",
    "hexo": '<figure class="highlight python"><table><tr><td class="gutter"><pre><span class="line">1</span><br>'
        '<span class="line">2'
    '</span><br></pre></td><td class="code"><pre><span class="line"><span class="keyword">import</span> '
    'torch</span><br><span '
    'class="line">x = 1</span><br></pre></td></tr></table></figure>',
    "pygments": '<div class="highlight-python notranslate"><table class="highlighttable"><tr><td class="linenos">'
        '<div class="linenodiv">'
    '<pre><span class="normal">1</span>\n<span class="normal">2</span></pre></div></td><td class="code"><div><pre>'
    '<span></span>'
    "import torch\nx = 1\n</pre></div></td></tr></table></div>",
    "rouge": '<div class="language-python highlighter-rouge"><div class="highlight"><code><table '
        'class="rouge-table"><tr><td class='
    '"rouge-gutter gl"><pre class="lineno">1\n2\n</pre></td><td class="rouge-code"><pre>import torch\nx = 1\n</pre>'
    '</td></tr>'
    "</table></code></div></div>",
    "expressive": '<div class="expressive-code"><figure><pre data-language="python"><code><div class="ec-line">'
        '<div class="gutter"><div '
    'class="ln">1</div></div><div class="code">import torch</div></div><div class="ec-line"><div class="gutter">'
    '<div class="ln">2'
    '</div></div><div class="code">x = 1</div></div></code></pre></figure></div>',
    "highlight.js": '<pre><code class="python hljs"><table class="hljs-ln"><tr><td class="hljs-ln-numbers"><div '
        'class="hljs-ln-n">1</div>'
    '</td><td class="hljs-ln-code">import torch</td></tr><tr><td class="hljs-ln-numbers"><div class="hljs-ln-n">'
    '2</div></td>'
    '<td class="hljs-ln-code">x = 1</td></tr></table></code></pre>',
    "blocks": '<pre class="language-python"><code><div class="line">import torch</div><div class="line">x = 1</div>'
        '</code></pre>',
    "items": '<pre class="python"><ol><li><span>import torch</span></li><li><span>x = 1</span></li></ol></pre>',
    "docusaurus": '<pre class="prism-code language-python"><code><span class="token-line"><span class="token">'
        'import torch</span><br>'
    '</span><span class="token-line"><span class="token">x = 1</span><br></span></code></pre>',
    "shiki": '<pre class="astro-code" data-language="python"><code><span class="line">import torch</span>\n<span '
        'class="line">x = 1'
    "</span></code></pre>",
    "glued": '<pre class="shiki" data-lang="python"><code><span class="line">import torch</span><span class="line">'
        'x = 1</span></code></pre>',
    "pandoc": '<div class="sourceCode"><pre class="sourceCode numberSource python"><code class="sourceCode python">'
        '<span id="cb1-1">'
    "import torch</span>\n<span id=\"cb1-2\">x = 1</span></code></pre></div>",
    "org": '<pre class="src src-python">import torch\nx = 1</pre>',
    "brush": '<pre class="brush: python; title: ; notranslate">import torch\nx = 1</pre>',
    "github": '<pre lang="python"><code>import torch\nx = 1</code></pre>',
    "tistory": '<pre id="code_1" class="python" data-ke-language="python" data-ke-type="codeblock"><code>import '
        'torch\nx = 1</code></pre>',
    "notion": '<pre class="code code-wrap"><code class="language-Python">import torch<br>x = 1</code></pre>',
    "enlighter": '<pre class="EnlighterJSRAW" data-enlighter-language="python">import torch\nx = 1</pre>',
}  # fmt: skip


@pytest.mark.parametrize("markup", NUMBERED.values(), ids=NUMBERED)
def test_code_is_its_lines_in_its_language(markup: str) -> None:
    """One block, no numbers, one line a line, the language wherever it is said."""
    found = [(block.kind, block.language, block.text) for block in blocks(f"<p>a</p>{markup}<p>b</p>")]
    assert found == [
        (BlockKind.PARAGRAPH, None, "a"),
        (BlockKind.CODE, "python", CODE),
        (BlockKind.PARAGRAPH, None, "b"),
    ]


@pytest.mark.parametrize(
    ("html", "kind"),
    [
        ("<pre>import os\nprint(os.getcwd())</pre>", BlockKind.CODE),
        ("<pre>$ pip install ropes\n$ ropes --tie</pre>", BlockKind.CODE),
        ("<pre>for knot in knots:\n    tie(knot)  # twice</pre>", BlockKind.CODE),
        ('<pre><span class="k">kn</span> <span class="nf">f</span> <span class="mi">1</span></pre>', BlockKind.CODE),
        ('<div class="highlight-default"><pre>knots</pre></div>', BlockKind.EXCERPT),
        ("<pre>We import ideas from rope making; for each knot we tie, it holds.</pre>", BlockKind.EXCERPT),
        ("<pre>Q: How many boats are there?\nA: Seven.</pre>", BlockKind.EXCERPT),
        ("<pre>매듭을 묶는다.\n- 밧줄</pre>", BlockKind.EXCERPT),
        (
            '<div class="lang-ko"><div><div><div><div><pre>Words.</pre></div></div></div></div></div>',
            BlockKind.EXCERPT,
        ),
    ],
)
def test_unmarked_text_is_code_where_it_plainly_is(html: str, kind: BlockKind) -> None:
    """Programs and commands are code; prompts and quotations stay the paper's own words."""
    assert [block.kind for block in blocks(html)] == [kind]


_LINES = st.lists(st.text("abx =\t(", max_size=8), min_size=1, max_size=8)


@given(_LINES, st.sampled_from(["div", 'span class="line"']), st.sampled_from(["", "\n"]))
def test_each_element_of_a_line_is_a_line(lines: list[str], name: str, between: str) -> None:
    """Blank lines within are kept, none is added, whether or not line breaks stand between the elements."""
    tag = name.split()[0]
    markup = between.join(f"<{name}>{line}</{tag}>" for line in lines)
    found = blocks(f'<pre class="language-python">{markup}</pre>')
    expected = [line.rstrip() for line in lines]
    while expected and not expected[0].strip():
        expected.pop(0)
    while expected and not expected[-1].strip():
        expected.pop()
    assert [line.rstrip() for line in (found[0].text if found else "").split("\n")] == (expected or [""])


@given(st.lists(st.sampled_from(["(", ")", "a", "\n", " "]), max_size=40))
def test_lines_lose_no_character(moves: list[str]) -> None:
    """However lines open and close, all text stays, in its order."""
    pre, is_open, written = Preformatted(), 0, ""
    for move in moves:
        if move == "(":
            pre.open_line()
            is_open += 1
        elif move == ")":
            if is_open:
                pre.close_line()
                is_open -= 1
        else:
            pre.add(move)
            written += move
    assert "".join(pre.text.split()) == "".join(written.split())


def test_unmarked_prose_of_any_length_is_judged_quickly() -> None:
    """One long line is no code and costs little."""
    assert not looks_like_code("word " * 100_000)


# ── tables ──


def rows_of(html: str) -> list[list[str]]:
    (block,) = blocks(html)
    assert block.kind is BlockKind.TABLE
    return [["".join(span.text for span in cell) for cell in row] for row in block.rows]


def test_cells_stand_in_their_columns() -> None:
    """A cell over two rows or columns stands where it begins; the others keep their head."""
    html = (
        "<table><tr><th>Knot</th><th>Set</th><th colspan=2>Holds</th></tr><tr><td rowspan=2>Bowline</td><td>"
        "dev</td><td>71</td>"
        "<td>7</td></tr><tr><td>test</td><td>70</td><td>6</td></tr><tr><td colspan=3>none</td><td>5</td></tr>"
        "</table>"
    )
    assert rows_of(html) == [
        ["Knot", "Set", "Holds", ""], ["Bowline", "dev", "71", "7"], ["", "test", "70", "6"], ["none", "", "", "5"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    "spans", ['rowspan="65534"', 'colspan="1000"', 'rowspan="0"', 'colspan="99999999"', 'rowspan="-1"']
)
def test_span_beyond_the_table_ends_with_it(spans: str) -> None:
    """A span of any size adds neither rows nor columns of its own."""
    rows = rows_of(f"<table><tr><td {spans}>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>")
    assert len(rows) == 2
    assert sorted(cell for row in rows for cell in row if cell) == ["a", "b", "c", "d"]
    assert max(map(len, rows)) <= 4


def test_head_is_found_where_it_stands() -> None:
    """A head within the body, and one whose corner is an empty plain cell."""
    for html in (
        "<table><tbody><thead><tr><td>a</td><td>b</td></tr></thead><tr><td>1</td><td>2</td></tr></tbody></table>",
        "<table><tr><td></td><th>a</th><th>b</th></tr><tr><th>x</th><td>1</td><td>2</td></tr></table>",
    ):
        (block,) = blocks(html)
        assert block.has_head
    (block,) = blocks("<table><tr><th>x</th><td>1</td></tr><tr><th>y</th><td>2</td></tr></table>")
    assert not block.has_head


_SPANS = st.one_of(st.integers(1, 4), st.sampled_from([MAX_COLUMN_SPAN, MAX_ROW_SPAN]))
_CELLS = st.tuples(st.integers(), _SPANS, _SPANS)


@given(st.lists(st.lists(_CELLS, max_size=6), max_size=12))
def test_every_cell_lands_once(rows: list[list[tuple[int, int, int]]]) -> None:
    """In its own row, in order, whatever the spans; with spans the grid is a rectangle."""
    cells: list[list[Cell[int | None]]] = [
        [Cell(content=value, columns=columns, rows=down) for value, columns, down in row] for row in rows
    ]
    grid = lay_out(cells, empty=None)
    assert [[value for value in row if value is not None] for row in grid] == [
        [value for value, _, _ in row] for row in rows
    ]
    total = sum(map(len, rows))
    assert sum(map(len, grid)) <= max(400, 8 * total)


@pytest.mark.parametrize("columns", [1, MAX_COLUMN_SPAN])
def test_hostile_spans_do_not_grow(columns: int) -> None:
    """Ten thousand rows, each of them spanning to the end: no more places than eight for each cell."""
    rows = [[Cell(content=at, columns=at % columns + 1, rows=MAX_ROW_SPAN), Cell(content=at)] for at in range(10_000)]
    assert sum(map(len, lay_out(rows, empty=-1))) <= 8 * 20_000


# ── letters that nobody sees ──


@pytest.mark.parametrize(
    "letter", ["\u200b", "\ufeff", "\u2060", "\u00ad", "\u200d", "\u3164", "\u2800", "\ufe0f", "\u00a0"]
)
def test_invisible_letters_are_no_text(letter: str) -> None:
    """Editors put them into empty lines, items, cells, captions, headings and code."""
    html = (
        f"<p>{letter}</p><p><span> {letter}</span><br></p><ul><li>{letter}</li></ul><h2>{letter}</h2><pre>"
        f"{letter}</pre>"
        f"<blockquote>{letter}</blockquote><table><tr><td>{letter}</td><td></td></tr><tr><td></td></tr></table><p>"
        f"a</p>"
    )
    assert [piece.text for piece in read(html)] == ["a"]
    assert is_blank(letter * 3)


def test_invisible_letters_within_words_stay() -> None:
    """They join emoji and letters of some scripts."""
    assert [block.text for block in blocks("<p>👩\u200d💻 می\u200cخواهم</p>")] == ["👩\u200d💻 می\u200cخواهم"]


# ── bounds ──


@pytest.mark.parametrize(
    "element",
    ['<div class="link-card"><a href="https://a.example">', '<td class="gutter">', '<a href="/x"><img><p>x</p>',
     "<pre><div>", '<div class="gutter">1'],
)  # fmt: skip
def test_looking_ahead_is_bounded_in_a_post(element: str) -> None:
    """Boxes nested ten thousand deep, each of which is looked into: the looks of a post are counted."""
    assert read(element * 10_000 + "end")


def test_steps_are_counted() -> None:
    """Where a post's steps are used up nothing more is looked at, and the element is read as it stands."""
    soup = BeautifulSoup('<h2><span aria-hidden="true">#</span>Tides</h2>' + CARDS["ghost"], "lxml")
    span, card = soup.span, soup.figure
    assert span is not None
    assert card is not None
    assert is_beside_heading(span, frozenset(), Steps())
    assert read_preview(card, frozenset(["kg-bookmark-card"]), Steps()) is not None
    assert not is_beside_heading(span, frozenset(), Steps(left=0))
    assert read_preview(card, frozenset(["kg-bookmark-card"]), Steps(left=0)) is None
    steps = Steps(left=50)
    read_preview(card, frozenset(["kg-bookmark-card"]), steps)
    assert 0 <= steps.left < 50


# ── the anchors of headings ──

PERMALINK = 'class="anchor" href='


@pytest.mark.parametrize(
    ("markup", "anchor"),
    [
        ('<h2 id="ropes">Ropes</h2>', "ropes"),  # kramdown, WordPress, Hugo …
        ('<h2 id="밧줄">밧줄</h2>', "밧줄"),
        ('<h2 id="a">Ropes <a class="anchor" href="#b">#</a></h2>', "a"),
        # permalinks: inside, or directly behind
        (f'<h2>Ropes <a {PERMALINK}"#ropes">¶</a></h2>', "ropes"),
        (f'<h2><a {PERMALINK}"#%EB%B0%A7">#</a>밧</h2>', "밧"),
        (f'<h2>Ropes <a {PERMALINK}"{BASE}#ropes">#</a></h2>', "ropes"),
        (f'<h2>Ropes <a {PERMALINK}"/2027/04/ropes#ropes">#</a></h2>', "ropes"),
        (f'<div><h2>Ropes</h2><a id="user-content-ropes" {PERMALINK}"#ropes"></a></div>', "ropes"),
        (f'<h2><a id="user-content-ropes" {PERMALINK}"#ropes"></a>Ropes</h2>', "ropes"),
        # an anchor inside, directly before, or around
        ('<h2><a name="ropes"></a>Ropes</h2>', "ropes"),
        ('<h2><a id="ropes">Ropes</a></h2>', "ropes"),
        ('<h2><span class="mw-headline" id="Ropes">Ropes</span></h2>', "Ropes"),
        ('<p>Boats.</p>\n<a name="ropes"></a>\n<h2>Ropes</h2>', "ropes"),
        ('<p>Boats.</p><p><a id="ropes"></a></p><!-- x --><h2>Ropes</h2>', "ropes"),
        ('<p>Boats.</p><span id="ropes"></span><h2>Ropes</h2>', "ropes"),
        ('<section id="ropes">\n<h2>Ropes</h2><p>Knots.</p></section>', "ropes"),
        ('<div class="section" id="ropes"><h2>Ropes</h2></div>', "ropes"),
        # other places
        ("<h2>Ropes</h2>", None),
        ('<div id="post-7"><h2>Ropes</h2></div>', None),
        ('<section id="all"><p>Boats.</p><h2>Ropes</h2></section>', None),
        ('<section id="all">Boats.<h2>Ropes</h2></section>', None),
        ('<p><a id="boats">Boats</a></p><h2>Ropes</h2>', None),
        ('<a id="fig-1"><img src="/knot.png"></a><h2>Ropes</h2>', None),
        ('<h2>Ropes <a href="#top">↑</a></h2>', None),
        ('<h2>Ropes <a href="#">↑</a></h2>', None),
        ('<h2>Ropes <a href="#hulls">(see hulls)</a></h2>', None),
        (f'<h2>Ropes <a {PERMALINK}"https://other.example/#ropes">#</a></h2>', None),
        (f'<h2>Ropes <a {PERMALINK}"http://[#ropes">#</a></h2>', None),
        ('<h2>Ropes<sup id="fnref:1"><a href="#fn:1" class="footnote">1</a></sup></h2>', None),
        ('<h2>Ropes<sup><a id="x" href="#fn:1">1</a></sup></h2>', None),
        ('<h2>Ropes<a id="cite_ref-1"></a></h2>', None),
        # not usable
        ('<h2 id="">Ropes</h2>', None),
        ('<h2 id="two ropes">Ropes</h2>', None),
        ('<h2 id="ro&#x200b;pes">Ropes</h2>', None),
        ('<h2 id="ro&#10;pes">Ropes</h2>', None),
        (f'<h2 id="{"r" * 200}">Ropes</h2>', "r" * 200),
        (f'<h2 id="{"r" * 201}">Ropes</h2>', None),
        (f'<h2 id="{"r" * 201}"><a name="ropes"></a>Ropes</h2>', "ropes"),
    ],
)
def test_anchor_of_a_heading(markup: str, anchor: str | None) -> None:
    """The id by which the page itself leads to the heading, wherever the platform puts it."""
    (heading,) = (piece for piece in read(markup) if isinstance(piece, Heading))
    assert heading.text in {"Ropes", "밧", "밧줄", "Ropes (see hulls)"}
    assert heading.anchor == anchor


def test_anchor_of_several_headings_is_none_of_them() -> None:
    """A sign in each heading that leads to the same place leads back to a list."""
    post = Entry(
        guid="g",
        link=BASE,
        title="Ropes",
        html='Boats.<h2>Oak <a href="#list">↑</a></h2><h2>Pine <a href="#list">↑</a></h2><h2 id="elm">Elm</h2>',
    )
    assert [section.anchor for section in parse_review(post).sections] == [None, None, None, "elm"]
