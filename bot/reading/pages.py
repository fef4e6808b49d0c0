"""A post's web page → an entry: its title, date and text, without the parts that the site puts around them.

A library finds the article in a page (readability-lxml, a port of the reader view's rules). It keeps the markup,
unlike extractors that write plain text or Markdown and break formulas. It also drops short parts from within the
article: small tables, lists of links, notes in boxes. So its result is compared with the page, and the parts that
belong to the article are put back (`_Article`). A page that asks for something instead of showing the post (consent,
a proof that we are human, a login, JavaScript) has no article (`bot.reading.walls`). Pure and synchronous; runs in
the reader process and within its limits.
"""

from __future__ import annotations

import html as entities
import re
from dataclasses import replace
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from readability import Document
from readability.readability import Unparseable

from bot.models.feeds import Entry
from bot.reading.dates import parse_date
from bot.reading.encoding import decode
from bot.reading.repair import find_tags, read_values
from bot.reading.walls import is_wall, without_walls
from bot.text.links import host_of, join_link, normalise_link
from bot.text.patterns import lazy_pattern
from bot.text.terms import bare_letters

_HEAD_CHARACTERS = 200_000
_TITLE = lazy_pattern(r"<title[^<>]*>([^<]{1,500})</title", re.IGNORECASE)
_PUBLISHED_IN_JSON = lazy_pattern(r'"datePublished"\s*:\s*"([^"]{4,40})"')
_META_DATES = ("article:published_time", "og:article:published_time", "datepublished", "date", "dc.date")
_TEXT = lazy_pattern(r"<[^<>]*>|\s+")
_FEWEST_CHARACTERS = 200


def read_page(data: bytes, *, content_type: str | None, url: str) -> Entry | None:
    """Read the article of a page; None if it has none worth reading.

    Args:
        url: The final address of the page. The entry's guid is the address that the page gives as its own.
    """
    text = decode(data, content_type)
    metas, canonical, times = _read_head(text)
    try:
        article = _read_article(text, url)
    except (etree.LxmlError, Unparseable, ValueError, AssertionError):  # what the libraries raise for broken markup
        return None
    if text_length(article) < _FEWEST_CHARACTERS:
        return None
    match = _TITLE.search(text[:_HEAD_CHARACTERS])
    page_title = entities.unescape(match[1]) if match else ""
    if is_wall(plain_text(article), title=page_title):
        return None
    title = metas.get("og:title") or page_title
    in_json = _PUBLISHED_IN_JSON.search(text)
    dates = (*(metas.get(name, "") for name in _META_DATES), in_json[1] if in_json else "", *times[:1])
    link = canonical if canonical and _is_same_host(canonical, url) else url
    return Entry(
        guid=link,
        link=link,
        title=" ".join(title.split()),
        html=article,
        published=next((date for value in dates if (date := parse_date(value))), None),
        is_from_page=True,
    )


def _read_head(text: str) -> tuple[dict[str, str], str, list[str]]:
    """Return the metadata by name, the page's canonical address, and the times in it."""
    metas: dict[str, str] = {}
    canonical, times = "", list[str]()
    for name, source in find_tags(text[:_HEAD_CHARACTERS]):
        if name.lower() not in {"meta", "link", "time"}:
            continue
        values = read_values(source)
        if name.lower() == "time" and "datetime" in values:
            times.append(values["datetime"])
        elif "canonical" in values.get("rel", "").lower().split():
            canonical = canonical or values.get("href", "")
        elif key := values.get("property") or values.get("name") or values.get("itemprop"):
            metas.setdefault(key.lower(), values.get("content", ""))
    return metas, canonical, times


def _is_same_host(url: str, other: str) -> bool:
    return normalise_link(url).split("/")[2:3] == normalise_link(other).split("/")[2:3]


def text_length(markup: str) -> int:
    """Return roughly how many letters the text of a markup has."""
    return len(_TEXT.sub("", markup))


def plain_text(markup: str) -> str:
    """Return the text of a markup, with a line break for each tag."""
    return entities.unescape(re.sub(r"<[^<>]*>", "\n", markup))


# ── the article ─────────────────────────────────────────────────────────────────────────────────

_NUMBER = "data-number"
"""An element's position in the page: the library keeps this attribute, whatever it does to the element."""
_NUMBERED = lazy_pattern(rf'(?<=\s){_NUMBER}="(\d+)"')


def _read_article(text: str, url: str) -> str:
    """Return the markup of a page's article, as in the page."""
    page = document_fromstring(text.encode(errors="replace"), parser=HTMLParser(encoding="utf-8"))
    elements = [node for node in page.iter() if isinstance(node.tag, str)]
    styles = [element.attrib.pop("style", None) for element in elements]  # the library also drops hidden elements
    for number, element in enumerate(elements):
        element.set(_NUMBER, str(number))
    summary = Document(etree.tostring(page, encoding="unicode", method="html"), url=url).summary(html_partial=True)
    kept = {int(number) for number in _NUMBERED.findall(summary) if int(number) < len(elements)}
    for element, style in zip(elements, styles, strict=True):
        if style is not None:
            element.set("style", style)
    return _Article(elements, kept, url).write() if kept else ""


_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CONTENT = frozenset({"table", "ul", "ol", "dl", "pre", "blockquote", "figure", "picture", "img", "details", "math"})
_NEVER = frozenset({
    "nav", "form", "button", "input", "select", "textarea", "script", "style", "template", "dialog", "object",
    "embed", "iframe", "footer", "header", "link", "meta",
})  # fmt: skip
_NEVER_ROLES = frozenset(
    {"navigation", "search", "banner", "contentinfo", "dialog", "alertdialog", "toolbar", "menu"}
)
_FURNITURE = frozenset(
    """ad ads adsbygoogle advert advertisement banner breadcrumb breadcrumbs byline comment comments consent
    cookie cookies copyright disqus giscus likes login menu meta modal nav navigation newsletter pager pagination
    paywall popup promo promotion rating reactions recommend recommendation recommendations recommended related
    respond share sharing sharedaddy sidebar signup sns social sponsor sponsored subscribe subscription tag taglist
    tags toc toolbar utterances widget""".split()
)
_WORD = lazy_pattern(r"[A-Z]?[a-z]+|[A-Z]+")
_HIDDEN = lazy_pattern(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_SHARING = lazy_pattern(r"[/.?=](?:share|sharer|intent|pin/create)\b|\Amailto:", re.IGNORECASE)
_BOXES = frozenset({"div", "section", "aside", "ul"})
_SMALL = 300  # letters
_PARAGRAPH = 80  # letters
_FEWEST_BESIDE = 2
_MOST_LINKED = 0.5
"""A box with this share of its letters in links to its own site is navigation, not text."""


class _Article:
    """The article of a page: the elements that the library kept, and others between and beside them.

    Args:
        elements: All elements of the page, in order.
        kept: The indices of those that the library kept.
    """

    def __init__(self, elements: list[HtmlElement], kept: set[int], url: str) -> None:
        self._kept = {elements[number] for number in kept}
        self._place = {element: number for number, element in enumerate(elements)}
        self._url = url
        told = [number for number in kept if (elements[number].text or "").strip()] or list(kept)
        self._first, self._last = min(told), max(told)
        self._root = self._widened(_common_ancestor([elements[number] for number in told]))
        self._living = {ancestor for node in self._kept for ancestor in (node, *node.iterancestors())}

    def _widened(self, root: HtmlElement) -> HtmlElement:
        """Return the element that holds the article, even if the library took one box among its paragraphs for all
        of it.
        """
        while root.tag not in {"article", "main", "body"} and (parent := root.getparent()) is not None:
            beside = [sibling for sibling in parent if sibling is not root and self._is_paragraph(sibling)]
            if len(beside) < _FEWEST_BESIDE:
                break
            self._kept.update(beside)
            places = [self._place[sibling] for sibling in beside]
            self._first, self._last = min(self._first, *places), max(self._last, *places)
            root = parent
        return root

    def _is_paragraph(self, element: HtmlElement) -> bool:
        is_long = element.tag == "p" and len(_letters(element)) >= _PARAGRAPH
        return is_long and not self._is_furniture(element) and not self._leads_on(element)

    def write(self) -> str:
        """Return the article's markup."""
        self._tidy(self._root)
        for element in self._root.iter(etree.Element):
            element.attrib.pop(_NUMBER, None)
        return str(etree.tostring(self._root, encoding="unicode", method="html", with_tail=False))

    def _tidy(self, root: HtmlElement) -> None:
        """Drop what does not belong, without recursion: a page may be some thousand elements deep."""
        waiting = [root]
        while waiting:
            for child in list(waiting.pop()):
                if not isinstance(child.tag, str):
                    child.drop_tree()
                elif child in self._living:
                    if self._is_small_furniture(child):
                        child.drop_tree()
                    else:
                        waiting.append(child)
                elif not self._belongs(child):
                    child.drop_tree()
                else:
                    for inner in [node for node in child.iterdescendants() if self._is_furniture(node)]:
                        inner.drop_tree()

    def _belongs(self, element: HtmlElement) -> bool:
        """Whether an element that the library dropped still belongs to the article.

        Between the elements it kept, everything does that is neither page furniture nor navigation. Before and after
        them, only things that people write and sites do not: tables, lists, code, pictures, next to paragraphs of the
        article.
        """
        if self._is_furniture(element) or (element.tag not in _HEADINGS and self._leads_on(element)):
            return False  # a heading is often a link to itself
        if self._first < self._place.get(element, -1) < self._last:
            return True
        parent = element.getparent()
        beside = [
            sibling for sibling in parent if sibling in self._kept and sibling.tag in {"p", *_HEADINGS, *_CONTENT}
        ]
        if (
            element.tag in _HEADINGS
        ):  # the first heading may be the paper's title with a link to it; an h1 is usually the site's
            return bool(beside) and (element.tag != "h1" or self._leads_out(element))
        return len(beside) > 1 and element.tag in _CONTENT

    def _is_furniture(self, element: HtmlElement) -> bool:
        """Whether a site puts this around its posts, judged by its tag, its role, or the words of its class or id."""
        if not isinstance(element.tag, str) or element.tag in _NEVER or element.get("role") in _NEVER_ROLES:
            return not _is_video(element)
        if element.tag == "noscript":
            return element.find(".//img") is None
        if "hidden" in element.attrib or _HIDDEN.search(element.get("style", "")):
            return True
        names = element.get("class", "")
        is_headed = next((child.tag in _HEADINGS for child in element), False)  # then its id is made from the heading
        if element.tag not in _HEADINGS and not is_headed:
            names += f" {element.get('id', '')}"
        words = {word.lower() for word in _WORD.findall(names[:500])}
        return not words.isdisjoint(_FURNITURE) and not {"work", "works"} & words

    def _is_small_furniture(self, element: HtmlElement) -> bool:
        """Whether this is a box that the library does not recognise and so kept: share buttons, a line about a
        newsletter.
        """
        if element.tag == "nav":
            return True
        if element.tag not in _BOXES or element is self._root or _is_longer(element, _SMALL):
            return False
        if any(element.find(f".//{tag}") is not None for tag in ("table", "pre", "figure", "img", "math")):
            return False
        return self._is_furniture(element) or (element.tag != "ul" and self._leads_on(element))

    def _leads_on(self, element: HtmlElement) -> bool:
        """Whether it is mostly links to other pages of the site, to places on this page, or for sharing.

        In a separate list within the article, links to the site's own pages were written by the author.
        """
        links = [(anchor.get("href", ""), len(_letters(anchor))) for anchor in element.iter("a")]
        if not links or element.find(".//table") is not None or element.tag == "table":
            return False
        is_list = element.tag in {"ul", "ol", "dl"} and self._first < self._place.get(element, -1) < self._last
        letters = len(_letters(element)) or 1
        leading = sum(size for href, size in links if self._is_way_on(href, is_list=is_list))
        return leading / letters > _MOST_LINKED

    def _leads_out(self, element: HtmlElement) -> bool:
        """Whether it has a link to another site."""
        hosts = {host_of(join_link(self._url, anchor.get("href", ""))) for anchor in element.iter("a")}
        return not hosts <= {"", host_of(self._url)}

    def _is_way_on(self, href: str, *, is_list: bool) -> bool:
        if href.startswith("#") or _SHARING.search(href):
            return True
        address = join_link(self._url, href)
        return not is_list and host_of(address) == host_of(self._url)


def _common_ancestor(elements: list[HtmlElement]) -> HtmlElement:
    """Return the nearest element that holds all of these."""
    ways = [[element, *element.iterancestors()][::-1] for element in elements]
    shared = ways[0][0]
    for level in zip(*ways, strict=False):
        if any(element is not level[0] for element in level):
            break
        shared = level[0]
    parent = shared.getparent()
    return parent if shared.tag == "p" and parent is not None else shared


def _is_longer(element: HtmlElement, letters: int) -> bool:
    """Whether an element has more than this many letters; counting stops there."""
    for text in element.itertext():
        letters -= len("".join(text.split()))
        if letters < 0:
            return True
    return False


def _letters(element: HtmlElement) -> str:
    return "".join("".join(element.itertext()).split())


def _is_video(element: HtmlElement) -> bool:
    if element.tag != "iframe":
        return False
    try:
        host = urlsplit(element.get("src", "")).hostname or ""
    except ValueError:
        return False
    return host.removeprefix("www.") in {"youtube.com", "youtube-nocookie.com", "player.vimeo.com", "vimeo.com"}


# ── the full text of a post that its feed cuts ──────────────────────────────────────────────────

_SHINGLE = 5  # letters; two texts seldom share this many in a row
_SAME_TEXT = 0.5
_FEWEST_SHINGLES = 6


def complete(entry: Entry, page: Entry | None) -> Entry | None:
    """Return an entry with the text of its page, or None if it stays a teaser.

    The page must have clearly more text and must show the post: its text contains what the feed shows, or its title
    is the post's and its text is about that title. A page that asks for money or a login has no more text than the
    feed.
    """
    if page is None:
        return None
    text = without_walls(plain_text(page.html))
    if len("".join(text.split())) < max(_FEWEST_CHARACTERS, text_length(entry.html) * 3 // 2):
        return None
    teaser = plain_text(entry.html)
    is_titled = _is_titled(page, entry.title)
    is_same = _holds(text, teaser, fewest=1 if is_titled else _FEWEST_SHINGLES)
    if not is_same and not (is_titled and _speaks_of(text, entry.title)):
        return None
    return replace(entry, html=page.html, is_from_page=True)


def _shingles(text: str) -> set[str]:
    letters = bare_letters(text)
    return {letters[at : at + _SHINGLE] for at in range(max(0, len(letters) - _SHINGLE + 1))}


def _holds(text: str, teaser: str, *, fewest: int) -> bool:
    """Whether a text contains most of a teaser, word for word; a teaser of a few letters proves little."""
    wanted = _shingles(teaser)
    return len(wanted) >= fewest and len(wanted & _shingles(text)) >= len(wanted) * _SAME_TEXT


def _is_titled(page: Entry, title: str) -> bool:
    """Whether a page has the title of the post; most pages add the name of the blog."""
    ours, theirs = (" ".join(_words(text)) for text in (title, page.title))
    if not ours or not theirs:
        return False
    return f" {ours} " in f" {theirs} " or (len(theirs) * 2 > len(ours) and f" {theirs} " in f" {ours} ")


def _speaks_of(text: str, title: str) -> bool:
    """Whether half of a title's words occur in a text."""
    there = " ".join(_words(text))
    words = [word for word in _words(title) if len(word) > 1] or _words(title)
    return sum(word in there for word in words) * 2 >= len(words)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
