"""Markup → headings and blocks: every rule on sentences of our own."""

from __future__ import annotations

import pytest

from bot.models.reviews import Block, BlockKind, Mark, Span
from bot.reviews.colors import mark_of_background, read_style
from bot.reviews.inline import find_formulas
from bot.reviews.markup import MAX_HTML_CHARS, MAX_TAGS, Heading, prepare, read_markup, says_something

BASE = "https://shelf.example/posts/one.html"


def read(html: str) -> list[Heading | Block]:
    return list(read_markup(html, base_url=BASE))


def read_blocks(html: str) -> list[Block]:
    return [piece for piece in read(html) if isinstance(piece, Block)]


def outline(html: str) -> list[tuple[BlockKind, str]]:
    return [(block.kind, block.text) for block in read_blocks(html)]


def marked(html: str) -> list[tuple[str, set[Mark]]]:
    return [(span.text, set(span.marks)) for block in read_blocks(html) for span in block.spans]


# ── mending ──


@pytest.mark.parametrize(
    "markup",
    [
        "<slot_name>",
        "<arrival_city> to <PRODUCT>",
        "the <EOS> and <mask> tokens",
        "<2nd-entity>",
        "<mid-confidence>sure</mid-confidence>",
        "a < b and c <3",
        "<https://a.example/x> is an address",
        "<math> alone",
        "Read <input>, write <output>x</output>",
        "<title> without an end",
    ],
)
def test_words_in_angle_brackets_stay_words(markup: str) -> None:
    """What no HTML parser knows as a tag is the author's text, in its own case, closing tags too."""
    assert outline(f"<p>{markup}</p>") == [(BlockKind.PARAGRAPH, markup)]


def test_known_tags_are_not_text() -> None:
    """Elements of HTML, of drawings and formulas within their roots, and custom elements are markup."""
    html = '<p>a<wbr>b<svg><mask id="m"><path d="M0"/></mask></svg><x-note kind="1">c</x-note></p>'
    assert outline(html) == [(BlockKind.PARAGRAPH, "abc")]


def test_size_is_bounded() -> None:
    """Neither length nor number of tags of one body can grow without end."""
    assert len(prepare("x" * (MAX_HTML_CHARS + 5))) == MAX_HTML_CHARS
    assert prepare("<b>" * (MAX_TAGS + 5)) == "<b>" * MAX_TAGS


def test_unreadable_characters_are_taken_out() -> None:
    """Controls go, half a surrogate pair becomes the replacement character."""
    assert outline("<p>a\x00b\x07c\ud83dd</p>") == [(BlockKind.PARAGRAPH, "abc\ufffdd")]


@pytest.mark.parametrize("tag", ["div", "b", "em", "ul><li", "blockquote", "table><tr><td", "table", "math"])
def test_deep_nesting_is_survived(tag: str) -> None:
    """Markup nested 100,000 deep ends without an error."""
    read(f"<{tag}>" * 100_000 + "x")


# ── headings and blocks ──


def test_headings_are_found_wherever_they_stand() -> None:
    """Headings in boxes, quotes and layout tables count; empty ones do not."""
    html = (
        "<div><h2>A <b>b</b>\n c</h2></div><blockquote><h1>In a quote</h1></blockquote><h3> <br></h3>"
        "<table><tr><td><h4>In a cell</h4><p>x</p></td></tr></table>"
    )
    headings = [(p.level, p.text) for p in read(html) if isinstance(p, Heading)]
    assert headings == [(2, "A b c"), (1, "In a quote"), (4, "In a cell")]


def test_figure_in_a_heading_follows_it() -> None:
    """The order of the text holds: the heading's own picture belongs to its section."""
    first, second = read('<h1>Boats <img src="/a.png"></h1>')
    assert isinstance(first, Heading)
    assert isinstance(second, Block)
    assert (first.text, second.url) == ("Boats", "https://shelf.example/a.png")


def test_text_collapses_as_in_a_browser() -> None:
    """White space runs become one space, <br> a line break, edges are trimmed."""
    assert outline("<p>  a\n\t b <br/> c<i> d</i> </p>tail") == [
        (BlockKind.PARAGRAPH, "a b\nc d"),
        (BlockKind.PARAGRAPH, "tail"),
    ]


def test_paragraph_of_white_space_is_none() -> None:
    """Editors' empty paragraphs leave nothing behind."""
    assert read("<p>&nbsp;</p><p> </p><p><br></p><div></div><hr>") == []


def test_lists_keep_depth_and_marker() -> None:
    """Nested lists have depths, ordered ones their numbers from `start` on."""
    html = "<ul><li>a<ol start=3><li>b</li><li value=9><p>c</p><p>d</p></li></ol>e</li></ul>"
    items = [(b.depth, b.marker, b.text) for b in read_blocks(html)]
    assert items == [(0, "•", "a"), (1, "3.", "b"), (1, "9.", "c"), (1, "", "d"), (0, "", "e")]


def test_quote_has_a_block_for_each_paragraph() -> None:
    """Quotations end with their element."""
    html = "<blockquote><p>a</p><p>b</p></blockquote><p>c</p>"
    assert outline(html) == [(BlockKind.QUOTE, "a"), (BlockKind.QUOTE, "b"), (BlockKind.PARAGRAPH, "c")]


@pytest.mark.parametrize(
    ("html", "language"),
    [
        ("<pre>{}</pre>", None),
        (
            '<div class="language-plaintext highlighter-rouge"><div><pre><code>{}</code></pre></div></div>',
            None,
        ),
        (
            '<div class="language-python highlighter-rouge"><div><pre><code>{}</code></pre></div></div>',
            "python",
        ),
        ('<pre><code class="language-c++">{}</code></pre>', "c++"),
        ('<pre class="x" data-ke-language="java">{}</pre>', "java"),
    ],
)
def test_preformatted_text_is_excerpt_or_code(html: str, language: str | None) -> None:
    """Plain text is the paper's own words; a language makes it code. White space stays."""
    (block,) = read_blocks(html.format("\n  one\n\n    two $x$ &lt;\n"))
    assert block.kind is (BlockKind.CODE if language else BlockKind.EXCERPT)
    assert (block.text, block.language) == ("  one\n\n    two $x$ <", language)


def test_figures_carry_address_and_caption() -> None:
    """Relative addresses are resolved; text around a picture keeps its place."""
    html = (
        '<p>a <img src="b.png" alt="Tide over time"> c</p>'
        '<figure><img src="//x.example/d.png"><figcaption>D <i>d</i></figcaption></figure>'
    )
    assert [(b.kind, b.text, b.url) for b in read_blocks(html)] == [
        (BlockKind.PARAGRAPH, "a", None),
        (BlockKind.FIGURE, "Tide over time", "https://shelf.example/posts/b.png"),
        (BlockKind.PARAGRAPH, "c", None),
        (BlockKind.FIGURE, "D d", "https://x.example/d.png"),
    ]


@pytest.mark.parametrize(
    "image",
    ['src=""', 'src="data:image/png;base64,AA"', 'src="http://["', 'src="/p.gif" width="1" height="1"', ""],
)
def test_pictures_without_a_usable_address_are_dropped(image: str) -> None:
    """Failed uploads, embedded data and counting pixels are no figures."""
    assert read(f"<p><img {image} alt='Something'></p>") == []


def test_caption_without_a_picture_is_a_paragraph() -> None:
    """No text is lost with a figure that has no picture."""
    assert outline("<figure><p>x</p><figcaption>y</figcaption></figure>") == [
        (BlockKind.PARAGRAPH, "x"),
        (BlockKind.PARAGRAPH, "y"),
    ]


@pytest.mark.parametrize(
    ("alt", "says"),
    [("image", False), ("Figure 3", False), ("", False), ("a-b_c.PNG", False), ("02a7fabe-3a4c-4303", False),
     ("Uploading image.png…", False), ("그림", False), ("Tide against moon", True), ("조석 곡선", True)],
)  # fmt: skip
def test_alternative_text_counts_if_it_says_something(alt: str, *, says: bool) -> None:
    """Stock words, file names and hashes are no captions."""
    assert says_something(alt) is says


def test_tables_keep_rows_and_head() -> None:
    """Cells keep their marks, empty ones their place."""
    html = "<table><tr><th>a</th><th>b</th></tr><tr><td><b>1</b></td><td></td></tr></table>"
    (block,) = read_blocks(html)
    assert block.kind is BlockKind.TABLE
    assert block.has_head
    assert block.rows == (
        ((Span(text="a"),), (Span(text="b"),)),
        ((Span(text="1", marks=frozenset({Mark.BOLD})),), ()),
    )


def test_line_cut_at_its_bars_is_joined_again() -> None:
    """Markdown's table of one row without a head is a line with a "|" in it."""
    html = "<ul><li><table><tr><td>score $p(y</td><td>x)$ of ships</td><td>boats</td></tr></table></li></ul>"
    assert outline(html) == [(BlockKind.ITEM, "score $p(y|x)$ of ships | boats")]


def test_media_become_links() -> None:
    """A video is a link with its title; scripts and styles are nothing."""
    html = (
        '<iframe src="https://v.example/1" title="Talk">x</iframe>'
        '<video><source src="/m.mp4"></video><script>x()</script><style>p{}</style>'
        '<iframe src="javascript:x"></iframe>'
    )
    assert [block.spans for block in read_blocks(html)] == [
        (Span(text="Talk", href="https://v.example/1"),),
        (Span(text="https://shelf.example/m.mp4", href="https://shelf.example/m.mp4"),),
    ]


# ── marks ──


@pytest.mark.parametrize(
    ("html", "mark"),
    [
        ("<strong>x</strong>", Mark.BOLD),
        ("<b>x</b>", Mark.BOLD),
        ('<span style="font-weight: 700">x</span>', Mark.BOLD),
        ("<em>x</em>", Mark.ITALIC),
        ("<i>x</i>", Mark.ITALIC),
        ("<del>x</del>", Mark.STRIKE),
        ("<s>x</s>", Mark.STRIKE),
        ("<code>x</code>", Mark.CODE),
        ("<sup>x</sup>", Mark.SUP),
        ("<sub>x</sub>", Mark.SUB),
        ("<mark>x</mark>", Mark.HIGHLIGHT),
        ('<span style="background-color: #dcffe4">x</span>', Mark.HIGHLIGHT),
        ('<span style="background-color: \t#F4C2C2">x</span>', Mark.GAP),
    ],
)
def test_elements_and_styles_give_marks(html: str, mark: Mark) -> None:
    """Each way of marking has its mark."""
    assert marked(f"<p>a {html} b</p>") == [("a ", set()), ("x", {mark}), (" b", set())]


@pytest.mark.parametrize(
    ("color", "mark"),
    [
        ("#dcffe4", Mark.HIGHLIGHT), ("#f7efb0", Mark.HIGHLIGHT), ("#fabbeb", Mark.HIGHLIGHT),
        ("#a5e5f2", Mark.HIGHLIGHT), ("yellow", Mark.HIGHLIGHT), ("rgb(250, 241, 0)", Mark.HIGHLIGHT),
        ("#ffdce0", Mark.GAP), ("#f7b6b0", Mark.GAP), ("#F4C2C2", Mark.GAP), ("#fcc", Mark.GAP),
        ("mistyrose", Mark.GAP), ("rgba(255 200 200 / 50%)", Mark.GAP),
        ("#fff", None), ("#f6f8fa", None), ("#272822", None), ("transparent", None),
        ("rgba(255,0,0,0.01)", None),
        ("#ffdce000", None), ("var(--x)", None), ("#12", None), ("rgb(a,b,c)", None),
    ],
)  # fmt: skip
def test_hue_of_the_back_decides(color: str, mark: Mark | None) -> None:
    """Reddish is a gap, other colours are highlights, white, grey, dark and transparent are nothing."""
    assert mark_of_background(color) is mark


def test_styles_are_read_leniently() -> None:
    """Broken declarations are passed over."""
    look = read_style("color:green;;font-weight;FONT-STYLE: italic !important; text-decoration: line-through")
    assert (look.is_green, look.is_bold, look.is_italic, look.is_struck) == (True, False, True, True)


def test_leftover_of_the_template_is_dropped() -> None:
    """A coloured span that only names its colour is no finding; other red text stays."""
    assert read('<p><span style="color:green;font-weight:bold"> 초록색볼드체 </span></p>') == []
    red = '<span style="background-color: #ffdce0">{}</span>'
    assert read(f"<p>{red.format(' 빨간색배경 ')}</p>") == []
    assert marked(f"<p>{red.format('빨간색배경 아님')}</p>") == [("빨간색배경 아님", {Mark.GAP})]


def test_marks_begin_and_end_at_visible_characters() -> None:
    """White space at a span's edge loses the mark, inside a longer one it keeps it."""
    assert marked("<p>a<b> b <i> c </i></b> d</p>") == [
        ("a ", set()), ("b ", {Mark.BOLD}), ("c", {Mark.BOLD, Mark.ITALIC}), (" d", set()),
    ]  # fmt: skip


def test_links_are_absolute_or_nothing() -> None:
    """Only http, https and mailto addresses are kept."""
    html = '<p><a href="/x">a</a> <a href="mailto:a@b.example">b</a> <a href="javascript:x">c</a> <a>d</a></p>'
    (block,) = read_blocks(html)
    assert [(span.text, span.href) for span in block.spans] == [
        ("a", "https://shelf.example/x"), (" ", None), ("b", "mailto:a@b.example"), (" c d", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("{▶ Why} <br/>because", [(BlockKind.PARAGRAPH_HEADING, "Why"), (BlockKind.PARAGRAPH, "because")]),
        ("{Whole}", [(BlockKind.PARAGRAPH_HEADING, "Whole")]),
        ("{One} {two}<br/>x", [(BlockKind.PARAGRAPH_HEADING, "One two"), (BlockKind.PARAGRAPH, "x")]),
        ("{Term} goes on<br/>x", [(BlockKind.PARAGRAPH, "Term goes on\nx")]),
        ("In the {middle}", [(BlockKind.PARAGRAPH, "In the middle")]),
        ("{▶}<br/>x", [(BlockKind.PARAGRAPH, "x")]),
    ],
)
def test_green_bold_start_is_a_paragraph_heading(html: str, expected: list[tuple[BlockKind, str]]) -> None:
    """Green bold text before a line break heads its paragraph; elsewhere it is bold."""
    html = html.replace("{", '<span style="color:green;font-weight:bold"> ').replace("}", " </span>")
    assert outline(f"<p>{html}</p>") == expected


def test_green_bold_elsewhere_is_bold() -> None:
    """Also in list items and as green strong text."""
    assert marked('<ul><li><span style="color:green;font-weight:bold">T</span><br>x</li></ul>') == [
        ("T", {Mark.BOLD}), ("\nx", set()),
    ]  # fmt: skip


# ── formulas ──


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("an $x_i$ and $y$.", ["$x_i$", "$y$"]),
        ("$ d_i $ with spaces", ["$ d_i $"]),
        ("$5 and $10", []),
        ("$5 or 6$", []),
        ("cost $20, then $x^2$", ["$x^2$"]),
        ("a $0.0067 alone", []),
        ("base $B% 가 주어졌을 때, $Y$ 를", ["$Y$"]),
        ("triplet $(s,x) 가 필요하다. $s$ 에", ["$s$"]),
        (r"$x \text{ 한국어 }$", [r"$x \text{ 한국어 }$"]),
        ("one $$a\n+ b$$ two", ["$$a\n+ b$$"]),
        ("$$ lonely, $z$", ["$z$"]),
        (r"\(a\) and \[b\] and \(c", [r"\(a\)", r"\[b\]"]),
        (r"\$5 and $x$", ["$x$"]),
        ("$a$$b$", ["$a$", "$b$"]),
        ("($|A|« |C|$$) here", ["$|A|« |C|$"]),
        ("$PATH is set to your $HOME", []),
        ("$take all these words$", []),
        ("$a\nb_1$", []),
        ("$" + "x_" * 600 + "$", []),
        ("$$$$", []),
    ],
)
def test_formulas_are_found_and_prices_are_not(text: str, formulas: list[str]) -> None:
    """A lone dollar sign never swallows the paragraph."""
    assert [text[f.start : f.end] for f in find_formulas(text)] == formulas


def test_formula_is_one_span_and_verbatim() -> None:
    """Markup inside is ignored, marks around it stay."""
    html = '<p><span style="background:#dcffe4">so $a<b>_b</b>$ holds</span></p>'
    assert marked(html) == [
        ("so ", {Mark.HIGHLIGHT}),
        ("$a_b$", {Mark.HIGHLIGHT, Mark.MATH}),
        (" holds", {Mark.HIGHLIGHT}),
    ]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("$D = [d]<em>{i=1}^k$ then $A = [a]</em>{i=1}$", "$D = [d]_{i=1}^k$ then $A = [a]_{i=1}$"),
        ("$(e,o<em>)$ to $(e,p</em>)$", "$(e,o*)$ to $(e,p*)$"),
        ("$[a]<em>i + [b]</em>j$", "$[a]_i + [b]_j$"),
        ("<em>so $x$ is</em>", "so $x$ is"),
    ],
)
def test_underscores_taken_for_emphasis_come_back(html: str, text: str) -> None:
    """Markdown's emphasis inside formulas is undone; around a formula it is emphasis."""
    (block,) = read_blocks(f"<p>{html}</p>")
    assert block.text == text
    assert any(Mark.ITALIC in span.marks for span in block.spans) is html.startswith("<em>")


def test_dollars_in_code_are_no_formula() -> None:
    """Shell variables stay code."""
    assert marked("<p><code>$A</code> and <code>$B</code></p>") == [
        ("$A", {Mark.CODE}), (" and ", set()), ("$B", {Mark.CODE}),
    ]  # fmt: skip


def test_display_formula_alone_is_a_block() -> None:
    """A paragraph of nothing but display mathematics."""
    assert outline("<p>$$a$$</p><p>$a$</p><p>$$a$$ so</p>") == [
        (BlockKind.MATH, "$$a$$"), (BlockKind.PARAGRAPH, "$a$"), (BlockKind.PARAGRAPH, "$$a$$ so"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<script type="math/tex">a<b</script>', "$a<b$"),
        ('<script type="math/tex; mode=display">% <![CDATA[\na %]]></script>', "$$a$$"),
        ('<span class="MathJax">junk</span><script type="math/tex">q</script>', "$q$"),
        ('<span class="MathJax">kept</span>', "kept"),
        ('<span class="katex"><math><annotation>x</annotation></math></span>', "$x$"),
        ('<b class="katex-display"><b class="katex"><math><annotation>y</annotation></math></b>', "$$y$$"),
        ('<math alttext="z_1" display="block"><mi>z</mi></math>', "$$z_1$$"),
        ("<math><mi>w</mi></math>", "w"),
        ('<img class="latex" alt="v+1" src="https://l.example/1.png">', "$v+1$"),
    ],
)  # fmt: skip
def test_rendered_mathematics_gives_its_source(html: str, text: str) -> None:
    """MathJax, KaTeX and MathML come back as TeX where they carry it."""
    assert [block.text for block in read_blocks(f"<p>{html}</p>")] == [text]


def test_heading_keeps_its_links() -> None:
    """Its text is one line, and where it leads stands beside it."""
    html = '<h2>Boats <a href="/one"><b>at</b> sea</a></h2><h2><a href="#top">¶</a>Plain</h2>'
    headings = [piece for piece in read_markup(html, base_url="https://shelf.example/") if isinstance(piece, Heading)]
    assert headings[0] == Heading(level=2, text="Boats at sea", links=(("at sea", "https://shelf.example/one"),))
