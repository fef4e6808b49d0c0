"""Posts' pages, and where a site's older posts are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.models.feeds import Entry
from bot.reading.pages import complete, read_page
from bot.reading.sitemaps import find_locations, next_pages, posts_among
from bot.reading.walls import is_wall, without_walls

URL = "https://blog.example/posts/tide/"
TEXT = "<p>물때를 처음부터 끝까지 읽는다, 그리고 다시 읽는다. " + "문장이 이어진다, 또 이어진다. " * 20 + "</p>"


def page(head: str = "", body: str = TEXT) -> bytes:
    return (
        f"<html><head><title>Tide | Blog</title>{head}</head><body><nav><a href='/'>Home</a></nav>"
        f"<article>{body}</article><aside class='sidebar'><a href='/x'>Other</a></aside></body></html>"
    ).encode()


def read(data: bytes) -> Entry:
    entry = read_page(data, content_type="text/html; charset=utf-8", url=URL)
    assert entry is not None
    return entry


def test_a_page_is_read_without_what_stands_around_it() -> None:
    entry = read(page(body=f"{TEXT}<p><span style='background-color:#dcffe4'>밑줄</span> $x_1$</p>{TEXT}"))
    assert "background-color:#dcffe4" in entry.html
    assert "$x_1$" in entry.html
    assert "Other" not in entry.html
    assert (entry.title, entry.link, entry.is_from_page) == ("Tide | Blog", URL, True)


@pytest.mark.parametrize(
    ("head", "day"),
    [
        ('<meta property="article:published_time" content="2026-01-02T03:04:05+09:00">', "2026-01-01"),
        ('<script type="application/ld+json">{"datePublished": "2026-02-03"}</script>', "2026-02-03"),
        ('<time datetime="2026-03-04">어제</time>', "2026-03-04"),
        ('<meta name="date" content="someday">', None),
    ],
)
def test_the_date_of_a_page(head: str, day: str | None) -> None:
    published = read(page(head)).published
    assert (f"{published:%Y-%m-%d}" if published else None) == day


def test_the_page_says_its_title_and_address() -> None:
    entry = read(
        page(
            '<meta property="og:title" content="Tide &amp; Time">'
            '<link rel="canonical" href="https://www.blog.example/tide">'
        )
    )
    assert (entry.title, entry.link) == ("Tide & Time", "https://www.blog.example/tide")
    elsewhere = read(page('<link rel="canonical" href="https://other.example/tide">'))
    assert elsewhere.link == URL


@pytest.mark.parametrize("data", [b"", b"<html><body><p>short</p></body></html>", b"\0" * 100])
def test_a_page_without_an_article(data: bytes) -> None:
    assert read_page(data, content_type=None, url=URL) is None


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_page_breaks_the_reading(data: bytes) -> None:
    read_page(data, content_type=None, url=URL)


LONG = "The harbour master counts the boats, and then the ropes, and then he writes all of it down, once more. "


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("<table><tr><th>Model</th><th>Acc</th></tr><tr><td>Base</td><td>71.2</td></tr></table>", "71.2"),
        ("<ul><li>one finding</li><li>two findings</li></ul>", "two findings"),
        ("<ol><li>first</li><li>second</li></ol>", "second"),
        (
            '<ul><li><a href="https://arxiv.org/abs/2401.00001">Paper</a></li><li><a href="/code">Code</a></li></ul>',
            "Paper",
        ),
        ('<div class="links"><a href="https://arxiv.org/abs/2401.00001">PDF here</a></div>', "PDF here"),
        ('<div class="note"><p>Mind the tide.</p></div>', "Mind the tide"),
        ('<aside class="callout">Mind the tide.</aside>', "Mind the tide"),
        ('<div class="box"><img src="/a.png"><img src="/b.png"><img src="/c.png"></div>', "/c.png"),
        ('<section><h3 id="related-work">Related work</h3><p>None.</p></section>', "Related work"),
        ('<h2><a href="#results">Results</a></h2>', "Results"),
        ('<div class="footer-like extra"><pre>x = 1</pre></div>', "x = 1"),
        ('<div style="display:block; color:red">Red</div>', "color:red"),
        ("<dl><dt>Venue</dt><dd>ACL</dd></dl>", "ACL"),
    ],
)
@pytest.mark.parametrize("place", ["between", "behind"])
def test_what_is_short_is_kept_within_the_article(part: str, told: str, place: str) -> None:
    """The library drops small tables, short lists, lists of links, notes and pictures in boxes."""
    around = f"<p>{LONG * 2}</p>" * 4
    behind = around if place == "between" else ""
    if place == "behind" and part.startswith(("<div", "<aside", "<section")):
        behind = "<p>Short end.</p>"
    assert told in read(page(body=f"<h2>One</h2>{around}{part}{behind}")).html


@pytest.mark.parametrize(
    "part",
    [
        '<div class="share-buttons"><a href="https://t.example/intent/tweet?u=x">Furniture</a></div>',
        '<ul class="post-tags"><li><a href="/tags/a">Furniture</a></li></ul>',
        '<div class="relatedPosts"><a href="/p/1">Furniture</a></div>',
        '<nav><a href="/p/1">Furniture</a></nav>',
        '<div><a href="/p/1">Furniture one</a> <a href="/p/2">Furniture two</a></div>',
        '<ul><li><a href="#one">Furniture</a></li><li><a href="#two">Furniture</a></li></ul>',
        '<form><input name="q"><p>Furniture</p></form>',
        '<div class="newsletter"><p>Furniture, every week, by mail.</p></div>',
        '<div role="dialog"><p>Furniture</p></div>',
        '<div style="display: none"><p>Furniture</p></div>',
        '<div class="note"><p>Mind the tide.</p><div class="ad">Furniture</div></div>',
    ],
)
def test_what_sites_put_around_their_posts_is_not_put_back(part: str) -> None:
    """Neither from within an article nor from its end."""
    around = f"<p>{LONG * 2}</p>" * 4
    assert "Furniture" not in read(page(body=f"{around}{part}{around}")).html
    assert "Furniture" not in read(page(body=f"{around}{around}{part}")).html


@pytest.mark.parametrize("tag", ["h1", "h2", "h3"])
def test_a_first_heading_that_links_the_paper_is_kept(tag: str) -> None:
    """Also before a single paragraph: it says which paper the post is about."""
    title = f'<{tag}><a href="https://arxiv.org/abs/2401.00001">Tide: A Paper on Boats</a></{tag}>'
    assert "2401.00001" in read(page(body=f"{title}<p>{LONG * 9}</p>")).html


def test_a_box_among_paragraphs_is_not_all_of_an_article() -> None:
    """An element that nobody closed holds what follows, and is richer than what stands before."""
    before = f"<p>Before it. {LONG}</p><p>And more. {LONG}</p>"
    article = read(page(body=f"{before}<details><summary>x</summary>{f'<p>{LONG * 3}</p>' * 9}"))
    assert "Before it." in article.html


def test_a_pages_own_numbers_mean_nothing() -> None:
    """The attribute by which we know elements again may stand in the page; ours are not left in the article."""
    article = read(page(body=f'<p data-number="999999999">{LONG * 3}</p><p data-number="0">{LONG * 3}</p>'))
    assert "data-number" not in article.html


WALLS = {
    "consent": (
        "We value your privacy. We and our 800 partners store and access information on a device, such "
        "as unique identifiers in cookies, to show you personalised ads. You may accept all or manage "
        "your choices below, including your right to object where legitimate interest is used."
    ),
    "Zustimmung": (
        "Ihre Privatsphäre ist uns wichtig. Wir verwenden auf dieser Seite Cookies und ähnliche "
        "Techniken, um Inhalte und Anzeigen auszuwählen und zu messen. Sie können alle Cookies "
        "akzeptieren oder ablehnen, oder Ihre Einwilligung später widerrufen."
    ),
    "consentement": (
        "Nous utilisons, avec votre accord, des cookies. Avec nos partenaires nous accédons à des "
        "données sur votre appareil pour mesurer la publicité. Vous pouvez tout accepter ou tout "
        "refuser, ou revoir vos choix plus tard."
    ),
    "동의": (
        "이 사이트는 방문자 분석과 광고를 위해 쿠키를 사용합니다. 계속하려면 아래에서 모두 동의를 "
        "누르거나 쿠키 설정을 바꿔 주세요. 개인정보 수집 및 이용에 동의하지 않으면 일부 기능을 쓸 수 "
        "없습니다. 맞춤형 광고는 언제든지 끌 수 있습니다. "
    )
    * 2,
    "同意": (
        "当サイトではクッキーを使用しています。"
        "プライバシーを尊重し、すべて同意するか、設定を変更することができます。同意して続行してください。"
    )
    * 4,
    "robots": (
        "Just a moment... Checking your browser before accessing blog.example. Verify you are human by "
        "completing the action below. blog.example needs to review the security of your connection "
        "before proceeding. Ray ID: 0123456789 Performance and security by Cloud"
    ),
    "机器人": (
        "请稍候……正在检查您的浏览器。请完成验证,确认您是真人。系统检测到异常流量,需要进行安全验证。"
        "请启用 JavaScript 和 Cookie 后继续。"
    )
    * 4,
    "javascript": (
        "You need to enable JavaScript to run this app. JavaScript is disabled in your browser, and this "
        "page cannot show anything without JavaScript. Please enable it, and load the page again. If you "
        "see this again, ask the people who run it for help."
    ),
    "login": (
        "Sign in to continue reading. Forgot your password? You need to log in with your account, or "
        "create a free account, to see this story. Already a member? This post is for subscribers only. "
        "Terms and conditions apply to all."
    ),
    "로그인": (
        "이 글을 보려면 로그인이 필요합니다. 아이디와 비밀번호를 입력해 주세요. 비밀번호 찾기, 회원 "
        "가입은 아래에서 할 수 있습니다. 유료 멤버십 전용 글입니다. 구독하고 계속 읽어 보세요. "
    )
    * 3,
    "gone": (
        "Page not found. The page you are looking for could not be found. It may have been moved or "
        "deleted. Go back to the front page, or try the search. If you typed the address, check that it "
        "is right, letter by letter."
    ),
    "없음": (
        "요청하신 페이지를 찾을 수 없습니다. 페이지가 삭제되었거나 주소가 변경되었을 수 있습니다. 잘못된 "
        "주소를 입력하셨는지 다시 한번 확인해 주세요. "
    )
    * 3,
}
TEASER = (
    "<p>We review InsTag, which tags instructions by intent and measures diversity and complexity of data sets …</p>"
)
CUT = Entry(guid="g", link=URL, title="InsTag: Instruction Tagging", html=TEASER)
POST = "We review InsTag, which tags instructions by intent and measures diversity of data sets of all kinds."


@pytest.mark.parametrize("title", ["InsTag: Instruction Tagging | Blog", "Blog", ""])
@pytest.mark.parametrize("name", WALLS)
def test_a_page_that_asks_for_something_never_replaces_a_teaser(name: str, title: str) -> None:
    """Nor is it a post of an archive; whatever its title says, and in whichever language it asks."""
    data = f"<html><head><title>{title}</title></head><body><div><p>{WALLS[name]}</p></div></body></html>".encode()
    assert read_page(data, content_type="text/html; charset=utf-8", url=URL) is None


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Just a moment...", LONG * 5),
        ("404 Not Found", LONG * 5),
        ("로그인", LONG * 5),
        ("Latest news | Blog", LONG * 5),
        ("InsTag: Instruction Tagging", LONG * 5),
        ("Blog", f"{POST} {'Sign in to continue reading. This post is for subscribers only. ' * 5}"),
        ("Blog", f"<p>{POST}</p>" + "<p>Subscribe to continue reading, there are 3 free articles left.</p>" * 9),
    ],
)
def test_a_page_that_is_not_the_post_never_replaces_its_teaser(title: str, text: str) -> None:
    """Another page under its address, a title that is right over another text, or the teaser and a request to pay."""
    data = f"<html><head><title>{title}</title></head><body><article><p>{text}</p></article></body></html>".encode()
    assert complete(CUT, read_page(data, content_type="text/html; charset=utf-8", url=URL)) is None


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Something else", f"{POST} {LONG * 5}"),
        ("InsTag: Instruction Tagging | Blog", f"InsTag 은 지시를 태그로 나눈다. Instruction tagging 은 {LONG * 5}"),
        ("Blog", f"{POST} {LONG * 5} We use cookies. Sign in to read more."),
        (
            "On cookie consent",
            f"{POST} {LONG * 30} We value your privacy, they say: accept all.",
        ),
    ],
)
def test_a_page_that_is_the_post_completes_it(title: str, text: str) -> None:
    """Known by the teaser's words, else by the title in name and text; a box that asks for something is no wall."""
    data = f"<html><head><title>{title}</title></head><body><article><p>{text}</p></article></body></html>".encode()
    whole = complete(CUT, read_page(data, content_type="text/html; charset=utf-8", url=URL))
    assert whole is not None
    assert "harbour" in whole.html


TITLES = [
    "CAPTCHA: Telling Humans and Computers Apart",
    "Not Found: a survey of missing data",
    "Just a Moment: Moment Retrieval in Videos",
    "Redirecting – how attention moves",
    "Connexion: a review",
    "Captcha",
    "404 | Blog",
]


@pytest.mark.parametrize("times", [5, 15, 60])
@pytest.mark.parametrize("box", ["", " We use cookies."])
@pytest.mark.parametrize("title", TITLES)
def test_a_post_is_a_post_under_any_title(title: str, box: str, times: int) -> None:
    """A title that pages of other kinds have, too, is a hint only, and a box that asks for something is no more."""
    text = f"{POST} {LONG * times}{box if times > 5 else ''}"
    data = f"<html><head><title>{title}</title></head><body><article><p>{text}</p></article></body></html>".encode()
    found = read_page(data, content_type="text/html; charset=utf-8", url=URL)
    assert found is not None
    assert "harbour" in found.html


@pytest.mark.parametrize(
    ("title", "is_expected"),
    [
        ("Just a moment...", True),
        ("Access denied | blog.example", True),
        ("404 Not Found", True),
        ("로그인 - 블로그", True),
        ("Access denied: who may read what", False),
        ("InsTag: Instruction Tagging", False),
    ],
)
def test_a_title_as_such_pages_have_makes_a_wall_of_a_text_that_asks_once(title: str, is_expected: bool) -> None:
    """Of a few sentences, one of which asks for something: by itself too little to tell."""
    assert is_wall(f"{LONG * 5} Access denied.", title=title) is is_expected


@given(st.text(max_size=300), st.text(max_size=60))
def test_any_text_is_a_wall_or_not(text: str, title: str) -> None:
    assert is_wall(text, title=title) in {True, False}
    assert len(without_walls(text)) <= len(text)


def test_a_cut_post_is_completed_by_a_page_with_clearly_more() -> None:
    cut = Entry(guid="g", link=URL, title="Tide", html="물때를 처음부터...", categories=("A",))
    whole = complete(cut, read(page()))
    assert whole is not None
    assert (whole.guid, whole.title, whole.categories, whole.is_from_page) == ("g", "Tide", ("A",), True)
    assert complete(cut, None) is None
    long = Entry(guid="g", link=URL, title="Tide", html=TEXT)
    assert complete(long, read(page())) is None


# ── sitemaps ────────────────────────────────────────────────────────────────────────────────────


def test_locations_of_sitemaps_and_indexes() -> None:
    index = "<sitemapindex><sitemap><loc>/posts.xml</loc></sitemap></sitemapindex>"
    assert find_locations(index, URL) == (["https://blog.example/posts.xml"], [])
    site = "<rss></rss><urlset><url><loc> https://blog.example/a?x=1&amp;y=2 </loc></url><loc>"
    assert find_locations(site, URL) == ([], ["https://blog.example/a?x=1&y=2"])


@pytest.mark.parametrize(
    "written",
    [
        "<![CDATA[https://blog.example/a?x=1&y=2]]>",
        "\n  <![CDATA[ https://blog.example/a?x=1&amp;y=2 ]]>\n",
        "<![CDATA[\nhttps://blog.example/a?x=1&y=2\n]]>",
        "&lt;![CDATA[https://blog.example/a?x=1&amp;y=2]]&gt;",
        "<![CDATA[/a?x=1&y=2]]>",
    ],
)
def test_locations_may_be_cdata(written: str) -> None:
    """The mark is no part of the address, also where a program has escaped it."""
    item = f"<loc>{written}</loc><lastmod>2026-01-02</lastmod>"
    address = "https://blog.example/a?x=1&y=2"
    assert find_locations(f"<urlset><url>{item}</url></urlset>", URL) == ([], [address])
    index = f"<sitemapindex><sitemap>{item}</sitemap><sitemap><loc>/b.xml</loc></sitemap></sitemapindex>"
    assert find_locations(index, URL) == ([address, "https://blog.example/b.xml"], [])
    assert find_locations("<urlset><loc><![CDATA[]]></loc><loc><![CDATA[</loc></urlset>", URL) == ([], [])


@pytest.mark.parametrize(
    ("known", "posts", "others"),
    [
        (
            ["https://b.example/nlp/2026/06/02/Tide.html", "https://b.example/cv/2026/05/01/Sea.html"],
            ["https://b.example/nlp/2023/01/02/Old.html", "https://www.b.example/rl/2022/01/02/Older.html"],
            ["https://b.example/", "https://b.example/tags/nlp", "https://c.example/cv/2026/05/01/Sea.html"],
        ),
        (
            ["https://x.tistory.com/42", "https://x.tistory.com/entry/Tide"],
            ["https://x.tistory.com/7", "https://x.tistory.com/entry/Old"],
            ["https://x.tistory.com/category/NLP", "https://x.tistory.com/guestbook", "https://x.tistory.com/tag/a"],
        ),
        (
            ["https://m.example/p/tide", "https://m.example/p/sea"],
            ["https://m.example/p/old"],
            ["https://m.example/about", "https://m.example/c/one", "https://m.example/p/old/comments"],
        ),
        (["https://m.example/posts/tide"], ["https://m.example/posts/old"], ["https://m.example/tag/old", "/posts/"]),
        ([], [], ["https://m.example/p/old"]),
    ],
)
def test_posts_are_told_from_other_pages(known: list[str], posts: list[str], others: list[str]) -> None:
    assert posts_among([*others, *posts, *posts], known) == posts


def test_what_is_no_address_is_left_out() -> None:
    """urljoin raises for these; a page of an archive would then be read again and again."""
    assert find_locations("<urlset><loc>http://[</loc><loc>/a</loc></urlset>", URL) == (
        [],
        ["https://blog.example/a"],
    )
    assert next_pages('<feed><link rel="next" href="http://["/>', URL, entries=10) == []


@given(st.lists(st.text(max_size=40)), st.lists(st.text(max_size=40)))
def test_no_address_breaks_the_telling(pages: list[str], known: list[str]) -> None:
    assert set(posts_among(pages, known)) <= set(pages)


@pytest.mark.parametrize(
    ("text", "url", "expected"),
    [
        ('<feed><link rel="next" href="?page=2"/>', "https://b.example/atom", "https://b.example/atom?page=2"),
        ('<rss><atom:link rel="prev-archive" href="/2.xml"/>', "https://b.example/f", "https://b.example/2.xml"),
        (
            "<rss><generator>https://wordpress.org/?v=6.9</generator>",
            "https://b.example/feed/",
            "https://b.example/feed/?paged=2",
        ),
        (
            "<rss><generator>https://wordpress.org/?v=6.9</generator>",
            "https://b.example/feed/?paged=2",
            "https://b.example/feed/?paged=3",
        ),
        (
            '<rss xmlns:discourse="http://www.discourse.org/">',
            "https://f.example/c/papers/10.rss",
            "https://f.example/c/papers/10.rss?page=1",
        ),
        (
            "<feed>",
            "https://export.arxiv.org/api/query?search_query=cat:cs.CL&max_results=10",
            "https://export.arxiv.org/api/query?search_query=cat%3Acs.CL&max_results=10&start=10",
        ),
    ],
)
def test_the_next_page_of_a_feed(text: str, url: str, expected: str) -> None:
    assert next_pages(text, url, entries=10) == [expected]


def test_a_feed_without_further_pages() -> None:
    assert next_pages("<rss>", "https://b.example/feed", entries=10) == []
    assert next_pages("<rss><generator>https://wordpress.org/?v=6", "https://b.example/feed", entries=0) == []
