"""An entry as its platform serves it → the post that its author wrote, and the papers in it.

In: an `Entry` of any feed. Out: an `Adapted`, ready for `bot.reviews`: without the closing lines that a platform
appends, with a listing's abstract laid out like a review, and with a digest of many papers split up. A document is
recognised by its shape alone, because forums and blogs have hosts of their own. Pure, linear in time, and never
raises.
"""

from __future__ import annotations

import html as entities
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import urlsplit

from bot.models.feeds import Entry
from bot.reading.listings import set_out
from bot.reviews.names import PAPERS_HEADING
from bot.text.links import normalise_link
from bot.text.patterns import lazy_pattern
from bot.text.terms import squash

MAX_PAPERS = 200
"""Papers in one digest; a week's has about ten. Each becomes a review of its own, and all are read in one step."""

_MAX_CONTENT = 2_000  # characters inside a heading or a last paragraph
_MAX_KEY = 120
_MAX_EXCERPT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapted:
    """A post, the papers in it if it is a digest, and whether it is only the beginning of a text.

    ``is_too_long``: there are more papers than we split off; the others stay in the post.
    """

    post: Entry
    parts: tuple[Entry, ...] = ()
    is_cut: bool = False
    is_too_long: bool = False


def adapt(entry: Entry) -> Adapted:
    """Remove from an entry what its platform added.

    Returns:
        For a digest of several papers: the rest of the post with a list of the papers, and each paper as an entry
        with an identity of its own.
    """
    if (number := arxiv_number(entry.guid)) and "arxiv.org/" in entry.link:
        return Adapted(post=_set_out_abstract(entry, number))
    body, is_cut = _without_closing(entry)
    post = replace(entry, html=body)
    papers = list(islice(_find_papers(body), MAX_PAPERS + 1))
    is_too_long = len(papers) > MAX_PAPERS
    del papers[MAX_PAPERS:]
    if len(papers) < _FEWEST_PAPERS:
        return Adapted(post=post, is_cut=is_cut or _looks_cut(body))
    parts = tuple(_to_parts(entry, papers))
    borders = [0, *(at for paper in papers for at in (paper.start, paper.end)), len(body)]
    first, *others = (body[start:end].strip() for start, end in zip(borders[::2], borders[1::2], strict=True))
    rest = filter(None, (first, _list_of(parts), *others))
    return Adapted(post=replace(entry, html="\n".join(rest)), parts=parts, is_too_long=is_too_long)


# ── closing lines ───────────────────────────────────────────────────────────────────────────────

_LINK = lazy_pattern(r"<a\b[^<>]*?\shref\s*=\s*[\"']?([^\"'\s<>]+)[^<>]*>", re.IGNORECASE)
_TAG = lazy_pattern(r"<[^<>]*>")
_PARAGRAPH = lazy_pattern(r"<p\b[^<>]*>(?P<inner>.*)</p>\s*(?P<around>(?:</div>\s*)*)", re.DOTALL | re.IGNORECASE)
_COUNTS = lazy_pattern(r"\s*<small>[^<>]*</small>\s*", re.IGNORECASE)
_FORUM_POST = lazy_pattern(r"\S+-(?:topic|post)-\d+(?:-\d+)?")  # Discourse's guids
_MORE = lazy_pattern(
    r"continue reading|read (?:the )?(?:more|full|rest|whole)|keep reading|read on|view (?:the )?(?:full|original)|"
    r"see more|더\s?보기|더\s?읽|계속\s?읽|이어서\s?읽|전체\s?(?:글|보기|읽기)|원문\s?(?:보기|읽기)|자세히\s?보기",
    re.IGNORECASE,
)
_ELLIPSIS = lazy_pattern(r"\[\s*(?:…|\.{3})\s*\]\s*\Z")  # WordPress; without brackets an ellipsis is the author's


def _without_closing(entry: Entry) -> tuple[str, bool]:
    """Return the body without a platform's last lines, and whether they said that the text continues elsewhere."""
    body, is_forum, is_cut = entry.html, bool(_FORUM_POST.fullmatch(entry.guid)), False
    while last := _last_paragraph(body):
        start, inner, around = last
        links = [entities.unescape(link) for link in _LINK.findall(inner)]
        text = _plain(inner)
        is_own = bool(links) and normalise_link(links[0]) == normalise_link(entry.link)
        if is_forum and _COUNTS.fullmatch(inner):
            pass
        elif is_own and len(links) == 1 and len(text) <= 200 and (is_forum or _MORE.search(text)):
            is_cut = is_cut or not is_forum
        elif not (is_own and len(links) == 2 and _is_home(links[1], entry.link) and text != _plain(entry.title)):
            # WordPress: "The post <title> appeared first on <site>.", in the site's language
            break
        body = body[:start].rstrip() + around
    return body, is_cut


def _last_paragraph(body: str) -> tuple[int, str, str] | None:
    """Return where the last paragraph begins, its content, and the closing tags after it.

    None if the body ends in something else.
    """
    start = body.rfind("<p")
    if start < 0 or len(body) - start > _MAX_CONTENT:
        return None
    match = _PARAGRAPH.fullmatch(body, start)
    return (start, match["inner"], match["around"]) if match else None


def _is_home(link: str, of: str) -> bool:
    """Whether a link is the front page of the site that another link is on."""
    try:
        home, page = urlsplit(link), urlsplit(of)
    except ValueError:
        return False
    return home.hostname == page.hostname and page.path.startswith(home.path) and home.path != page.path


def _looks_cut(body: str) -> bool:
    """Whether a text is an excerpt made by a platform: without any markup, or with the platform's mark at its end."""
    is_excerpt = len(body) <= _MAX_EXCERPT and "<" not in body
    return is_excerpt or bool(_ELLIPSIS.search(_plain(body[-_MAX_CONTENT:])))


def _plain(markup: str) -> str:
    return " ".join(entities.unescape(_TAG.sub(" ", markup)).split())


# ── arXiv ───────────────────────────────────────────────────────────────────────────────────────

_ARXIV_GUID = lazy_pattern(
    r"(?:oai:arXiv\.org:|arXiv:|https?://arxiv\.org/abs/)(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Za-z-]+)?/\d{7})(?:v\d+)?"
)
_ANNOUNCEMENT = lazy_pattern(r"\s*arXiv:\S+\s+Announce Type:\s*\S+\s+Abstract:\s*", re.IGNORECASE)
_TEX_ACCENT = lazy_pattern(r"""\\(["'`^~=.uvHckrdb])\s*\{?\s*(\\?[A-Za-z])\}?""")
_TEX_LETTER = lazy_pattern(r"\{?\\(ss|ae|AE|oe|OE|aa|AA|o|O|l|L|i|j)(?![A-Za-z])(?:\{\}|\}|\s)?")
_COMBINING = {
    '"': "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328", "r": "\u030a", "d": "\u0323",
    "b": "\u0331",
}  # fmt: skip
_LETTERS = {
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å", "o": "ø", "O": "Ø", "l": "ł",
    "L": "Ł", "i": "ı", "j": "ȷ",
}  # fmt: skip


def arxiv_number(guid: str) -> str | None:
    """Return the paper's number, without its version, from an identifier in arXiv's feeds or API."""
    match = _ARXIV_GUID.fullmatch(guid)
    return match[1] if match else None


def stable_guid(guid: str) -> str:
    """Return a guid without the parts that change while the paper stays the same: arXiv's contain the version."""
    number = arxiv_number(guid)
    return f"arXiv:{number}" if number else guid


def _set_out_abstract(entry: Entry, number: str) -> Entry:
    """Lay out a listed paper like a review: authors, links, abstract."""
    link = f"https://arxiv.org/abs/{number}"
    body = _ANNOUNCEMENT.sub("", entry.html, count=1)
    links = {"arXiv": link, "pdf": f"https://arxiv.org/pdf/{number}"}
    return replace(entry, link=link, html=set_out(_read_tex(entry.author or ""), links, {"Abstract": body}))


def _read_tex(text: str) -> str:
    r"""Decode the letters that arXiv writes in TeX: ``\"O`` is Ö, ``\o`` ø.

    Source: the accents of LaTeX, https://info.arxiv.org/help/prep.html.
    """

    def accent(match: re.Match[str]) -> str:
        return unicodedata.normalize("NFC", match[2].lstrip("\\") + _COMBINING[match[1]])

    return _TEX_LETTER.sub(lambda match: _LETTERS[match[1]], _TEX_ACCENT.sub(accent, text))


# ── digests ─────────────────────────────────────────────────────────────────────────────────────

_FEWEST_PAPERS = 2
_HEADING = lazy_pattern(r"<h([1-6])\b([^<>]*)>((?:(?!</?h[1-6]\b).)*?)</h\1\s*>", re.DOTALL | re.IGNORECASE)
_ASIDE = lazy_pattern(r"<(/?)aside\b", re.IGNORECASE)
_ANCHOR = lazy_pattern(r"\s(?:name|id)\s*=\s*[\"']?([^\"'\s<>]+)", re.IGNORECASE)
_IN_PARENTHESES = lazy_pattern(r"\([^()]*\)")
_PART_HEADINGS = frozenset(
    {"논문소개", "논문초록", "논문링크", "논문요약", "더읽어보기", "paperlink", "paperabstract", "paperintroduction"}
)
"""The headings that a weekly digest puts under each paper, letters only. The paper's own heading is the one above the
first of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Heading:
    level: int
    text: str
    anchor: str | None
    start: int
    end: int

    @property
    def is_part(self) -> bool:
        return squash(_IN_PARENTHESES.sub("", self.text)) in _PART_HEADINGS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paper:
    title: str
    anchor: str | None
    html: str
    start: int
    end: int


def _find_papers(body: str) -> Iterator[_Paper]:
    """Yield the papers of a digest: headings directly above its usual parts, each up to the next heading of its
    level.
    """
    headings = list(_find_headings(body))
    for at, heading in enumerate(headings):
        below = headings[at + 1 : at + 2]
        if heading.is_part or not below or not below[0].is_part or below[0].level <= heading.level:
            continue
        rest = (other for other in headings[at + 1 :] if other.level <= heading.level)
        end = next((other.start for other in rest), len(body))
        yield _Paper(
            title=heading.text,
            anchor=heading.anchor,
            html=body[heading.end : end],
            start=heading.start,
            end=end,
        )


def _find_headings(body: str) -> Iterator[_Heading]:
    """Yield the headings of the text itself, without those in previews of other pages."""
    asides = _ranges_of_asides(body)
    inside = next(asides, None)
    for match in _HEADING.finditer(body):
        while inside and inside[1] <= match.start():
            inside = next(asides, None)
        if inside and inside[0] <= match.start():
            continue
        anchor = _ANCHOR.search(match[3][:_MAX_CONTENT]) or _ANCHOR.search(match[2])
        text = _plain(match[3][:_MAX_CONTENT])
        if text:
            yield _Heading(
                level=int(match[1]),
                text=text,
                anchor=anchor[1] if anchor else None,
                start=match.start(),
                end=match.end(),
            )


def _ranges_of_asides(body: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the outermost ``<aside>`` elements, in order."""
    depth, start = 0, 0
    for match in _ASIDE.finditer(body):
        if not match[1]:
            start = start if depth else match.start()
            depth += 1
        elif depth:
            depth -= 1
            if not depth:
                yield start, match.end()


def _to_parts(entry: Entry, papers: Iterable[_Paper]) -> Iterator[Entry]:
    """Yield the papers as entries, identified by their titles: the numbering starts anew each week."""
    keys = Counter[str]()
    for paper in papers:
        key = squash(paper.title)[:_MAX_KEY]
        keys[key] += 1
        yield replace(
            entry,
            guid=f"{entry.guid}#{key}" + (f"#{keys[key]}" if keys[key] > 1 else ""),
            link=f"{entry.link.partition('#')[0]}#{paper.anchor}" if paper.anchor else entry.link,
            title=paper.title,
            html=paper.html,
        )


def _list_of(parts: Sequence[Entry]) -> str:
    items = (
        f'<li><a href="{entities.escape(part.link)}">{entities.escape(part.title, quote=False)}</a></li>'
        for part in parts
    )
    return f"<h2>{PAPERS_HEADING}</h2>\n<ol>{''.join(items)}</ol>\n"
