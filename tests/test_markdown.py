"""Blocks as Discord Markdown: each mark and block, escaping, addresses, and pages."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.languages import speaking
from bot.models.reviews import Block, BlockKind, Mark, Span
from bot.ui.discord.limits import cut, length
from bot.ui.discord.markdown import clean_url, escape_inline, render_block, render_spans, spell_formulas
from bot.ui.discord.pages import MIN_PAGE, split_pages

URL = "https://a.example/x"
ZWSP = "\u200b"


def span(text: str, *marks: Mark, href: str | None = None) -> Span:
    return Span(text=text, marks=frozenset(marks), href=href)


def block(kind: BlockKind, *spans: Span | str, **fields: object) -> Block:
    made = tuple(span(s) if isinstance(s, str) else s for s in spans)
    return Block(kind=kind, spans=made, **fields)  # type: ignore[arg-type]


def paragraph(*spans: Span | str) -> Block:
    return block(BlockKind.PARAGRAPH, *spans)


# ── marks ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("spans", "drawn"),
    [
        ([span("b", Mark.BOLD)], "**b**"),
        ([span("i", Mark.ITALIC)], "*i*"),
        ([span("s", Mark.STRIKE)], "~~s~~"),
        ([span("c_d*", Mark.CODE)], "`c_d*`"),
        ([span("a`b", Mark.CODE)], "``a`b``"),
        ([span("`a`", Mark.CODE)], "`` `a` ``"),
        ([span("a```b", Mark.CODE)], f"``a`{ZWSP}`{ZWSP}`b``"),
        ([span("$x_i$", Mark.MATH)], "xᵢ"),
        ([span("at "), span("$x_Q * |y|$ ", Mark.MATH), span("m")], "at x\\_Q ∗ |y| m"),
        ([span("$\\boats_i$", Mark.MATH)], "`$\\boats_i$`"),
        ([span("$a\n\\boats$", Mark.MATH)], "`$a \\boats$`"),
        ([span("$x_i$", Mark.MATH, Mark.BOLD)], "**xᵢ**"),
        ([span("$x_i$", Mark.MATH, Mark.CODE)], "`$x_i$`"),
        ([span(" ", Mark.MATH)], " "),
        ([span("x"), span("2", Mark.SUP), span("i", Mark.SUB)], "x²ᵢ"),
        ([span("1,2∗", Mark.SUP)], "¹,²∗"),
        ([span("환각", Mark.SUP), span("q_", Mark.SUB)], "^(환각)\\_(q\\_)"),
        ([span("h", Mark.HIGHLIGHT)], "🟩 **h**"),
        ([span("g", Mark.GAP)], "🔴 *g*"),
        ([span("m", Mark.MATCH)], "__**m**__"),
        ([span("l", href=URL)], f"[l]({URL})"),
        ([span("환각", Mark.BOLD), span("을")], "**환각**을"),
        ([span("a\nb", Mark.BOLD)], "**a**\n**b**"),
        ([span("  ", Mark.BOLD)], "  "),
        ([], ""),
    ],
)
def test_each_mark_has_its_markdown(spans: list[Span], drawn: str) -> None:
    """A mark alone is drawn as Discord shows it."""
    assert render_spans(spans) == drawn


@pytest.mark.parametrize(
    ("spans", "drawn"),
    [
        ([span("a", Mark.BOLD), span("b", Mark.BOLD)], "**ab**"),
        ([span("a ", Mark.BOLD), span("b", Mark.BOLD, Mark.ITALIC), span(" c", Mark.BOLD)], "**a *b* c**"),
        ([span("a", Mark.ITALIC), span("b", Mark.ITALIC, Mark.BOLD), span("c", Mark.ITALIC)], "*a**b**c*"),
        ([span("a", Mark.BOLD), span(" "), span("b", Mark.BOLD)], "**a b**"),
        ([span("a", Mark.BOLD), span("b", Mark.ITALIC)], f"**a**{ZWSP}*b*"),
        ([span("*"), span("b", Mark.BOLD)], f"\\*{ZWSP}**b**"),
        ([span("a", Mark.CODE), span("b", Mark.CODE, Mark.BOLD)], f"`a`{ZWSP}**`b`**".replace(ZWSP, "")),
        ([span(" a ", Mark.BOLD), span("b")], " **a** b"),
        ([span("a", Mark.BOLD, Mark.MATCH), span("b", Mark.BOLD)], "**__a__b**"),
        (
            [span("see "), span(" a ", Mark.HIGHLIGHT), span("b", Mark.HIGHLIGHT, Mark.MATCH)],
            "see  🟩 **a __b__**",
        ),
        ([span("a\n", Mark.GAP), span("b", Mark.GAP)], "🔴 *a*\n*b*"),
        ([span("A ", Mark.BOLD, href=URL), span("b", href=URL)], f"[**A** b]({URL})"),
        ([span("x "), span("A", Mark.BOLD, href=URL)], f"x **[A]({URL})**"),
        ([span("a~~", Mark.STRIKE)], f"~~a\\~\\~{ZWSP}~~"),
        ([span("a", Mark.STRIKE), span("b", Mark.MATCH)], f"~~a~~{ZWSP}__**b**__"),
        # What cannot be escaped must not end the marks around it.
        ([span("a ", Mark.BOLD), span("x**y", Mark.BOLD, Mark.CODE)], "**a** `x**y`"),
    ],
)
def test_marks_that_touch_leave_no_stray_delimiters(spans: list[Span], drawn: str) -> None:
    """Neighbours with the same marks are one run; blanks stay outside; a marker stands once."""
    assert render_spans(spans) == drawn


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("*a* _b_ `c` ~~d~~ ||e||", "\\*a\\* \\_b\\_ \\`c\\` \\~\\~d\\~\\~ \\|\\|e\\|\\|"),
        ("1~3 | x", "1~3 | x"),
        ("[a](b)", f"\\[a\\]{ZWSP}(b)"),
        ("<@123> <t:1:R> <#5> <:a:1>", "\\<@123> \\<t\\:1:R> \\<#5> \\<\\:a:1>"),
        (":100: 10:30", "\\:100: 10:30"),
        ("\\o/", "\\\\o/"),
        ("# a\n-# b\n- c\n> d\n3. e\n12) f\n + g", "\\# a\n\\-# b\n\\- c\n\\> d\n3\\. e\n12\\) f\n \\+ g"),
        ("a - b # c > d 3. e", "a - b # c > d 3. e"),
        ("```x```", "\\`\\`\\`x\\`\\`\\`"),
        ("a\x00\u202eb\ufeff\ud83d\r\nc\u2028d\te", "ab\ufffd\nc\nd e"),
        ("\u200fa\u200e\u061cb\u00ad\u3164c", "abc"),
        ("@everyone and @here, not @everywhere", f"@{ZWSP}everyone and @{ZWSP}here, not @everywhere"),
    ],
)
def test_what_an_author_wrote_shows_literally(text: str, drawn: str) -> None:
    """Nothing of an author's text is taken for Discord's markup."""
    assert render_spans([span(text)]) == drawn


def test_a_line_start_is_escaped_however_its_runs_are_cut() -> None:
    """A list sign in one run and its blank in the next make no list."""
    assert render_spans([span("-"), span(" x", Mark.ITALIC)]) == "\\- *x*"
    assert render_spans([span(" ", Mark.BOLD), span("1. x")]) == " 1\\. x"


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("see https://a.example/b_c_d now", "see https://a.example/b_c_d now"),
        ("(https://a.example/b_c).", "(<https://a.example/b_c>)."),
        ("https://a.example/b_(c)", "https://a.example/b_(c)"),
        ("is “https://a.example/b_c”.", "is “<https://a.example/b_c>”."),
        ("“https://a.example/b_c”에", "“<https://a.example/b_c>”에"),
        ("https://a.example/b`c", "https://a.example/b%60c"),
        ("https://nohost/b_c", "https\\://nohost/b\\_c"),
    ],
)
def test_addresses_in_a_text_keep_working(text: str, drawn: str) -> None:
    """No backslash gets into an address, and what follows one is not taken into it."""
    assert render_spans([span(text)]) == drawn


def test_an_address_before_a_mark_is_closed() -> None:
    """Discord would read the delimiter as a part of the address."""
    assert render_spans([span(URL), span("b", Mark.BOLD)]) == f"<{URL}>**b**"
    assert render_spans([span(f"{URL}_**", Mark.BOLD)]) == f"**<{URL}>\\_\\*\\***"


@pytest.mark.parametrize(
    ("label", "href", "drawn"),
    [
        ("[pdf]", URL, f"[\\[pdf\\]]({URL})"),
        ("a]b[", URL, f"[a］b［]({URL})"),
        ("x", "https://a.example/b (c)*__", "[x](https://a.example/b%20%28c%29%2A%5F%5F)"),
        (URL, URL, URL),
        ("https://b.example/y", URL, f"[b.example/y (a.example)]({URL})"),
        ("x", "javascript:alert(1)", "x"),
        ("x", "/relative", "x"),
    ],
)
def test_links(label: str, href: str, drawn: str) -> None:
    """A masked link's label and address cannot break it; an address that is none becomes text."""
    assert render_spans([span(label, href=href)]) == drawn


EVIL = "https://evil.example/login"


@pytest.mark.parametrize(
    ("label", "href", "host"),
    [
        ("discord.com/login", EVIL, "evil.example"),
        ("https://discord.com/login", EVIL, "evil.example"),
        ("DISCORD.COM", EVIL, "evil.example"),
        ("www.discord.com.", EVIL, "evil.example"),
        ("ｄｉｓｃｏｒｄ．ｃｏｍ／login", EVIL, "evil.example"),
        ("discord。com", EVIL, "evil.example"),
        ("dis\u200bcord.com", EVIL, "evil.example"),
        ("\u202ediscord.com", EVIL, "evil.example"),
        ("discord.com@evil.example", EVIL, "evil.example"),
        ("Log in at discord.com, please", EVIL, "evil.example"),
        ("evil.example.discord.com", EVIL, "evil.example"),
        ("d\u0456scord.com", "https://discord.com/x", "discord.com"),  # a Cyrillic letter
        ("discord.com", "https://d\u0456scord.com/x", "xn--dscord-pvf.com"),
        ("한국.kr", EVIL, "evil.example"),
        ("github.com", "https://evil.github.com/", "evil.github.com"),
        ("http://1.2.3.4/x", EVIL, "evil.example"),
        ("evil.example", EVIL, None),
        ("https://www.EVIL.example./a?b", EVIL, None),
        ("한국.kr", "https://한국.kr/논문", None),
        ("the review", EVIL, None),
        ("Figure 3.2", EVIL, None),
        ("1.2.3.4 Results", EVIL, None),
        ("paper.pdf", EVIL, None),
        ("llama.cpp", EVIL, None),
        ("v2.0 … e.g. GPT-4o", EVIL, None),
        ("모델을 줄였다.그리고 학습했다", EVIL, None),
    ],
)
def test_a_link_whose_words_are_another_address_shows_its_host(label: str, href: str, host: str | None) -> None:
    """Whatever the address is spelt like; a link that says where it leads, or says nothing of it, stays as it is."""
    drawn = render_spans([span(label, href=href)])
    assert drawn.endswith(f"]({clean_url(href)})")
    assert (f" ({host})](" in drawn) is (host is not None)
    if host is None:
        assert "(" not in drawn.partition("](")[0]


def test_the_host_is_shown_however_the_words_are_marked() -> None:
    """The words are those of the whole link; the host stands within it, so that no page parts them."""
    drawn = render_spans([span("dis", Mark.BOLD, href=EVIL), span("cord.com", href=EVIL), span(" and more")])
    assert drawn == f"[**dis**cord.com (evil.example)]({EVIL}) and more"
    assert render_spans([span("https://d\u0456scord.com/x")]) == "https://xn--dscord-pvf.com/x"


@pytest.mark.parametrize(
    ("url", "cleaned"),
    [
        (None, None),
        ("", None),
        (" https://a.example/x ", "https://a.example/x"),
        ("https://A.example:8080/x?a=b&c=d#e", "https://a.example:8080/x?a=b&c=d#e"),
        ("http://127.0.0.1:9/x", "http://127.0.0.1:9/x"),
        ("https://한국.kr/논문", "https://xn--3e0b707e.kr/%EB%85%BC%EB%AC%B8"),
        ("https://a.example/%EB%85%BC", "https://a.example/%EB%85%BC"),
        ("ftp://a.example/x", None),
        ("https://localhost/x", None),
        ("https://user@a.example/x", None),
        ("https://a.example:port/x", None),
        ("https://[::1/x", None),
        ("https://a..example/x", None),
        ("https://a.example/" + "x" * 2_100, None),
    ],
)
def test_only_addresses_discord_takes_pass(url: str | None, cleaned: str | None) -> None:
    """One refused address would cost the whole message."""
    assert clean_url(url) == cleaned


def test_titles_are_escaped_without_brackets() -> None:
    """A title knows marks, no links: its venue in brackets needs no backslash."""
    assert escape_inline("[ACL 2024] a_b *c*") == "[ACL 2024] a\\_b \\*c\\*"


# ── blocks ──────────────────────────────────────────────────────────────────────────────────────

TABLE = (((span("모델"),), (span("score"),)), ((span("A`B"),), (span("1.5"),)))
WIDE_TABLE = (
    ((span("method"),), (span("what it does"),)),
    ((span("Lantern", Mark.BOLD),), (span("reads each paragraph twice and " * 3 + "stops"),)),
    ((), (span("nothing"),)),
)


@pytest.mark.parametrize(
    ("drawn_block", "drawn"),
    [
        (paragraph("a\n\n\n b \n"), "a\n\nb"),
        (paragraph(" \n "), ""),
        (block(BlockKind.SECTION_HEADING, "3.2. TAG\nNAMES"), "### 3\\.2. TAG NAMES"),
        (block(BlockKind.PARAGRAPH_HEADING, span(" ▶ Why ", Mark.HIGHLIGHT, Mark.BOLD)), "**▸ Why**"),
        (block(BlockKind.PARAGRAPH_HEADING, "▶ "), ""),
        (block(BlockKind.ITEM, "a\nb", marker="•"), "- a\n  b"),
        (block(BlockKind.ITEM, "# a", marker="•", depth=2), "    - \\# a"),
        (block(BlockKind.ITEM, "a", marker="•", depth=9), "        - a"),
        (block(BlockKind.ITEM, "a", marker="3."), "3. a"),
        (block(BlockKind.ITEM, "a", marker="(b)"), "- (b) a"),
        (block(BlockKind.ITEM, "3.2. TAG", depth=1), "\u20033\\.2. TAG"),
        (block(BlockKind.ITEM, " ", marker="•"), ""),
        (block(BlockKind.QUOTE, "a\n> b"), "> a\n> \\> b"),
        (block(BlockKind.EXCERPT, "We read\ntwice."), "-# the paper’s own words\n> *We read*\n> *twice.*"),
        (block(BlockKind.EXCERPT, ""), ""),
        (block(BlockKind.CODE, "if x:\n\ty", language="python"), "```python\nif x:\n    y\n```"),
        (block(BlockKind.CODE, "a```b", language="x y"), f"```\na`{ZWSP}`{ZWSP}`b\n```"),
        (block(BlockKind.CODE, "\n "), ""),
        (block(BlockKind.MATH, "$$x_i$$"), "xᵢ"),
        (block(BlockKind.MATH, span("$$x_i$$", Mark.MATH), " ", span("$$-y$$", Mark.MATH)), "xᵢ\n−y"),
        (block(BlockKind.MATH, "$$x_i$$", " ", "$$\\boats$$"), "```tex\n$$x_i$$ $$\\boats$$\n```"),
        (block(BlockKind.MATH, "$$a \\\\\n  b$$"), "```tex\n$$a \\\\\n  b$$\n```"),
        (block(BlockKind.MATH), ""),
        (block(BlockKind.TABLE, rows=(((span("$x_i$", Mark.MATH),), (span("2"),)),)), "```\nxᵢ  2\n```"),
        (block(BlockKind.FIGURE, url=URL), f"🖼️ [figure]({URL})"),
        (block(BlockKind.FIGURE, "a_b", url=URL), f"🖼️ [figure]({URL}) – a\\_b"),
        (block(BlockKind.FIGURE, "cap", url="data:x"), "🖼️ cap"),
        (block(BlockKind.FIGURE), "🖼️ figure"),
        (
            block(BlockKind.TABLE, rows=TABLE, has_head=True),
            "```\n모델  score\n────  ─────\nA`B   1.5\n```",
        ),
        (block(BlockKind.TABLE, rows=(*TABLE, ((span("c"),),))), "```\n모델  score\nA`B   1.5\nc\n```"),
        (
            block(BlockKind.TABLE, rows=WIDE_TABLE, has_head=True),
            "- **method**: **Lantern** · **what it does**: "
            + "reads each paragraph twice and " * 3
            + "stops\n- **what it does**: nothing",
        ),
        (block(BlockKind.TABLE), ""),
    ],
)
def test_each_block_has_its_markdown(drawn_block: Block, drawn: str) -> None:
    """A block alone is drawn as Discord shows it."""
    assert render_block(drawn_block) == drawn


def test_our_own_words_are_in_the_readers_language() -> None:
    with speaking("ko"):
        assert render_block(block(BlockKind.EXCERPT, "We read.")) == "-# 논문 원문\n> *We read.*"
        assert render_block(block(BlockKind.FIGURE, url=URL)) == f"🖼️ [그림]({URL})"


# ── pages ───────────────────────────────────────────────────────────────────────────────────────


def words(count: int, start: int = 0) -> str:
    return " ".join(f"word{number}" for number in range(start, start + count))


def test_what_belongs_together_stands_together() -> None:
    """Items follow each other line by line; parts are kept apart by an empty line."""
    item = block(BlockKind.ITEM, "x", marker="•")
    heading = block(BlockKind.SECTION_HEADING, "H")
    parts = [(paragraph("a"), paragraph("b"), item, item), (heading, item), (paragraph("c"),)]
    assert split_pages(parts, limit=MIN_PAGE) == ["a\nb\n- x\n- x\n### H\n- x\n\nc"]


def test_a_part_that_fits_on_one_page_is_not_cut() -> None:
    """It starts a new page instead."""
    parts = [(paragraph(words(45)),), (paragraph(words(20)), paragraph(words(20)))]
    first, second = split_pages(parts, limit=500)
    assert first == words(45)
    assert second == f"{words(20)}\n{words(20)}"


def test_a_long_block_is_cut_after_a_sentence() -> None:
    """Where a sentence ends near the foot of the page, the page ends there."""
    pages = split_pages([(paragraph(f"{words(50)}. {words(60, 50)}"),)], limit=500)
    assert pages[0].endswith("word49.")
    assert " ".join(pages).split() == f"{words(50)}. {words(60, 50)}".split()


def test_marks_are_closed_and_opened_again() -> None:
    """Each page of a long quotation is marked by itself."""
    pages = split_pages([(block(BlockKind.EXCERPT, words(200)),)], limit=500)
    assert len(pages) > 2
    for page in pages:
        assert re.fullmatch(r"-# the paper’s own words\n> \*word[^*\n]*\d\*", page)


def test_links_code_and_formulas_are_not_cut() -> None:
    """They go to the next page whole."""
    for atom in (
        span(words(20), href=URL),
        span(words(20), Mark.CODE),
        span(f"$\\boats {words(20)}$", Mark.MATH),
    ):
        pages = split_pages([(paragraph(span(words(62) + " "), atom, span(" " + words(60))),)], limit=500)
        assert render_spans([atom]) in pages[1]


def test_a_long_item_goes_on_without_a_second_bullet() -> None:
    """What is left of it is no item of its own, and its number is not counted again."""
    first, *others = split_pages([(block(BlockKind.ITEM, words(150), marker="1."),)], limit=500)
    assert first.startswith("1. word0 ")
    assert all(page.startswith("word") for page in others)


def test_code_is_cut_between_lines_and_fenced_again() -> None:
    """Indentation is kept, fences are closed on every page."""
    code = "\n".join(f"    line_{number} = {number}" for number in range(60))
    pages = split_pages([(block(BlockKind.CODE, code, language="python"),)], limit=500)
    assert "\n".join(page.removeprefix("```python\n").removesuffix("\n```") for page in pages) == code


def test_a_long_table_repeats_its_head() -> None:
    """A page of a table says what its columns are."""
    rows = ((((span("name"),), (span("value"),))), *(((span(f"n{i}"),), (span(str(i)),)) for i in range(90)))
    pages = split_pages([(block(BlockKind.TABLE, rows=rows, has_head=True),)], limit=500)
    assert len(pages) > 1
    assert all(page.startswith("```\nname  value\n────  ─────\nn") for page in pages)
    assert [line.split()[0] for page in pages for line in page.split("\n")[3:-1]] == [f"n{i}" for i in range(90)]


def test_a_wide_table_is_cut_between_and_within_rows() -> None:
    """Rows drawn as items are cut as items are."""
    rows = ((((span("head"),), (span("text"),))), ((span("a"),), (span(words(150)),)), ((span("b"),), ()))
    pages = split_pages([(block(BlockKind.TABLE, rows=rows, has_head=True),)], limit=500)
    assert pages[0].startswith("- **head**: a · **text**: word0 ")
    assert pages[-1].endswith("word149\n- **head**: b")


def test_a_heading_is_not_left_at_the_foot_of_a_page() -> None:
    """It goes to the next page with the text below it."""
    heading = block(BlockKind.PARAGRAPH_HEADING, "Heading")
    pages = split_pages([(paragraph(words(55)), heading, paragraph(words(150)))], limit=500)
    assert pages[0] == words(55)
    assert pages[1].startswith("**▸ Heading**\nword0 ")


def test_a_caption_longer_than_a_page_follows_its_figure() -> None:
    """The figure's link stays whole."""
    pages = split_pages([(block(BlockKind.FIGURE, words(100), url=URL),)], limit=500)
    assert pages[0].startswith(f"🖼️ [figure]({URL})\n\nword0 ")


def test_a_label_longer_than_a_page_becomes_text() -> None:
    """The link follows it, short."""
    pages = split_pages([(paragraph(span(words(100), href=URL)),)], limit=500)
    assert pages[-1].endswith(f"word99 [(link)]({URL})")
    assert "](" not in pages[0]


def test_a_word_longer_than_a_page_is_cut_between_characters() -> None:
    """Never between a letter and its accent."""
    text = "e\u0301" * 1_000
    pages = split_pages([(paragraph(text),)], limit=501)
    assert "".join(pages) == text
    assert all(page[0] == "e" for page in pages)


def test_a_formula_longer_than_a_page_is_drawn_as_code_on_each() -> None:
    """It is cut between its parts."""
    pages = split_pages([(paragraph(span(f"${words(150)}$", Mark.MATH)),)], limit=500)
    assert len(pages) > 1
    assert all(page.startswith("`") and page.endswith("`") for page in pages)


def test_emoji_count_twice() -> None:
    """Discord's clients count UTF-16 code units."""
    assert length("a🟩") == 3
    assert all(length(page) <= 500 for page in split_pages([(paragraph("🟩" * 400),)], limit=500))


def test_nothing_makes_no_page_and_a_tiny_page_is_refused() -> None:
    """Empty blocks leave no trace."""
    assert split_pages([(), (paragraph(" "),)], limit=500) == []
    with pytest.raises(ValueError, match="too small"):
        split_pages([], limit=MIN_PAGE - 1)


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("a  b\nc", 10, "a b c"),
        ("one two three", 8, "one two…"),
        ("one two, three", 9, "one two…"),
        ("abcdefgh", 5, "abcd…"),
        ("🟩🟩🟩", 5, "🟩🟩…"),
        ("", 5, ""),
    ],
)
def test_a_line_is_cut_at_a_words_end(text: str, limit: int, kept: str) -> None:
    """And within a word only where it is the first."""
    assert cut(text, limit) == kept
    assert length(kept) <= limit


# ── any content ─────────────────────────────────────────────────────────────────────────────────

NASTY = [
    "`", "```", "*", "**", "***", "_", "__", "~~", "||", "[", "]", "](", "](http", "(", ")", "\\", "<", ">",
    "<@1>", "@everyone", ":smile:", "# ", "- ", "1. ", "> ", "-# ", "\n", "\n\n", " ", "\t", "🟩", "👩‍💻",
    "환각", "언어모델의 ", "אבג", "\u202e", "\u200b", "\u0301", "\x00", "\ud83d", "x" * 90, "가" * 700,
    "word ", "sentence. ", " https://a.example/b_c ", "https://a.example/d__e*f`g", "$x_i$", "²", "½",
    "$", "\\frac{a}{b}", "_{abc}", "\\",
]  # fmt: skip
HREFS = [None, None, None, URL, "https://a.example/y_(z) *", "https://a.example/" + "q" * 1_500, "bad", ""]
TEXTS = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=6)), max_size=12).map("".join)
SPANS = st.builds(
    Span, text=TEXTS, marks=st.frozensets(st.sampled_from(Mark), max_size=3), href=st.sampled_from(HREFS)
)
RUNS = st.lists(SPANS, max_size=6).map(tuple)
ROWS = st.lists(st.lists(RUNS, max_size=3).map(tuple), max_size=4).map(tuple)
BLOCKS = st.builds(
    Block,
    kind=st.sampled_from(BlockKind),
    spans=RUNS,
    depth=st.integers(0, 7),
    marker=st.sampled_from(["", "•", "3.", "a)"]),
    url=st.sampled_from(HREFS),
    language=st.sampled_from([None, "python", "`x"]),
    rows=ROWS,
    has_head=st.booleans(),
)
PARTS = st.lists(st.lists(BLOCKS, max_size=4).map(tuple), max_size=4)


def letters(text: str) -> str:
    """Letters and digits alone, raised ones as plain ones, addresses without their schemes."""
    text = re.sub(r"https?://", "", text.replace("\\", "").replace("%60", ""))
    plain = "".join(unicodedata.normalize("NFKC", c) for c in text)
    return "".join(c for c in plain if c.isalnum()).casefold()


ESCAPED_OR_CODE = r"(?s:\\.|(?P<ticks>`+)(?!`).*?(?<!`)(?P=ticks)(?!`))"


def shown(page: str) -> str:
    """What a member reads of a page: no fences, labels or link targets; code stands there as it is."""
    page = re.sub(rf"({ESCAPED_OR_CODE})|\]\(https?://[^\s()]+\)", lambda match: match[1] or "", page)
    return letters(re.sub(r"^```.*$|^-# the paper.*$", "", page, flags=re.MULTILINE))


def written(item: Block) -> str:
    item = spell_formulas(item)  # that formulas lose nothing is tested with them
    if item.kind is not BlockKind.TABLE:
        return letters(item.text)
    rows = item.rows[1:] if item.has_head and len(item.rows) > 1 else item.rows
    return letters("".join(s.text for row in rows for cell in row for s in cell))


def holds_in_order(wanted: str, text: str) -> bool:
    rest = iter(text)
    return all(character in rest for character in wanted)


TARGETS = sorted({target for href in HREFS if (target := clean_url(href))})


LINK_IN_A_FORMULA = Block(kind=BlockKind.MATH, spans=(Span(text="](https://a.example/d__e*f`g)"),))


@settings(max_examples=80)
@given(parts=PARTS, limit=st.sampled_from([MIN_PAGE, 700, 2_200]))
@example(parts=[(LINK_IN_A_FORMULA,)], limit=MIN_PAGE)
def test_any_content_stays_within_its_pages(parts: list[tuple[Block, ...]], limit: int) -> None:
    """Whatever an author wrote: pages within the limit, fences paired, links whole, every letter there."""
    pages = split_pages(parts, limit=limit)
    for page in pages:
        assert 0 < length(page) <= limit
        assert page.count("```") % 2 == 0
        assert all(page.count(f"]({target}") == page.count(f"]({target})") for target in TARGETS)
        assert page.encode()  # nothing that cannot be sent
    wanted = "".join(written(item) for part in parts for item in part)
    assert holds_in_order(wanted, "".join(map(shown, pages)))


@settings(max_examples=100)
@given(
    runs=st.lists(
        st.tuples(
            st.lists(st.text("abc가나_*é", min_size=1, max_size=100), min_size=1, max_size=30),
            st.frozensets(
                st.sampled_from([Mark.BOLD, Mark.ITALIC, Mark.STRIKE, Mark.HIGHLIGHT, Mark.GAP]), max_size=3
            ),
        ),
        max_size=12,
    ),
    kind=st.sampled_from([BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.QUOTE, BlockKind.EXCERPT]),
)
def test_a_word_is_never_cut(runs: list[tuple[list[str], frozenset[Mark]]], kind: BlockKind) -> None:
    """Words of up to 100 characters are the same before and after."""
    spans = [Span(text=" ".join(words) + " ", marks=marks) for words, marks in runs]
    pages = split_pages([(block(kind, *spans),)], limit=MIN_PAGE)
    text = re.sub(r"^-# the paper.*$", "", "\n".join(pages), flags=re.MULTILINE)
    read = [letters(word) for word in text.split()]
    assert [word for word in read if word] == [w for words, _ in runs for word in words if (w := letters(word))]
