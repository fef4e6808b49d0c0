"""What stands above a post's first heading: the paper's links, identifiers and authors.

In: the blocks above the first heading. Out: tuples and :class:`bot.models.Identifiers`. Pure.

Only that part is read. A post links many papers (177 different arXiv ids in the main feed's 55 posts, for
20 that are reviewed by arXiv id), and the first arXiv link of a whole post is the wrong one in 17 of 37.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import chain, islice

from bot.links import host_of
from bot.models import Block, BlockKind, Identifiers, Mark, Review, Section, Span
from bot.reviews.identifiers import is_known, parse_identifiers
from bot.titles import is_same_title

_MAX_HEADER_BLOCKS = 12  # without a heading the whole post is above the first one; facts stand at the top
_MAX_LINKS = 20
_MAX_LABEL_CHARS = 60
_MAX_AUTHORS = 300
_MAX_CITED = 2_000
_MAX_AUTHOR_CHARS = 60

_PDF_LABELS = frozenset({"pdf", "paper", "논문", "paper link", "논문 링크", "arxiv", "openreview", "acl", "doi"})
_LINK_SECTION = re.compile(r"(?:논문|원문|paper)\s*(?:링크|주소|links?|urls?)|(?:링크|links?)", re.IGNORECASE)
_CODE_LABEL = re.compile(
    r"(?:github|git|gitlab|repo(?:sitory)?|(?:official |source )?codes?\b.{0,20}|코드)", re.IGNORECASE
)
_CODE_HOSTS = ("github.com", "gitlab.com", "bitbucket.org")
_LINK_BLOCKS = frozenset(
    {BlockKind.PARAGRAPH, BlockKind.PARAGRAPH_HEADING, BlockKind.ITEM, BlockKind.QUOTE, BlockKind.LINK}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderFacts:
    """What the header says about the paper. ``links`` are (label, address), labels unique."""

    links: tuple[tuple[str, str], ...] = ()
    identifiers: Identifiers = field(default_factory=Identifiers)
    authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    label: str
    url: str
    is_bracketed: bool
    text: str = ""

    @property
    def is_paper(self) -> bool:
        return self.label in _PDF_LABELS


def read_header(sections: Sequence[Section], title: str) -> HeaderFacts:
    """Read the blocks above the first heading, and where these name no paper, what else is about this one alone.

    That is a section of links, and previews of papers that the author put into the text. Authors are looked for only
    where the header links something in brackets or a paper: elsewhere the first bold words are just bold words.

    Args:
        title: The post's, by which one of several papers is chosen.
    """
    blocks = sections[0].blocks[:_MAX_HEADER_BLOCKS] if sections and sections[0].heading is None else ()
    links = _find_links(blocks)
    identifiers = _find_identifiers(links)
    if not is_known(identifiers):
        links, identifiers = _find_elsewhere(sections, links, title)
    is_header = is_known(identifiers) or any(link.is_bracketed for link in links)
    return HeaderFacts(
        links=_with_unique_labels(links),
        identifiers=identifiers,
        authors=_find_authors(blocks) if is_header else (),
    )


def cited_identifiers(review: Review) -> tuple[Identifiers, ...]:
    """The identifiers of the papers that a review links in its text, each once."""
    blocks = [block for section in review.sections for block in section.blocks]
    cells = (cell for block in blocks for cell in chain([block.spans], *block.rows))
    urls = dict.fromkeys(span.href for spans in cells for span in spans if span.href)
    found = dict.fromkeys(parse_identifiers(url) for url in islice(urls, _MAX_CITED))
    return tuple(one for one in found if is_known(one))


def _find_elsewhere(sections: Sequence[Section], links: list[_Link], title: str) -> tuple[list[_Link], Identifiers]:
    """The paper of a section of links, or of the previews in the text; none where they name several."""
    named = [section for section in sections if _LINK_SECTION.fullmatch(section.heading or "")]
    listed = _find_links([block for section in named for block in section.blocks])
    shown = _find_links([block for section in sections for block in section.blocks if block.kind is BlockKind.LINK])
    for group in (listed, shown):
        papers = [link for link in group if is_known(parse_identifiers(link.url))]
        if len({parse_identifiers(link.url) for link in papers}) > 1:
            papers = [link for link in papers if is_same_title(link.text, title)][:1]
        if papers:
            return [*links, *(link for link in papers if link not in links)], parse_identifiers(papers[0].url)
    return links, Identifiers()


# ── links and identifiers ───────────────────────────────────────────────────────────────────────


def _find_links(blocks: Sequence[Block]) -> list[_Link]:
    """The http(s) links in the order of the text, each address once."""
    links: dict[str, _Link] = {}
    for block in blocks:
        if block.kind in _LINK_BLOCKS:
            for text, url in _join_linked(block.spans):
                links.setdefault(url, _label(text, url, is_preview=block.kind is BlockKind.LINK))
    return list(links.values())[:_MAX_LINKS]


def _join_linked(spans: Iterable[Span]) -> Iterator[tuple[str, str]]:
    """(text, address) of each link; one link may have several spans, bold ones and plain ones."""
    text, url = "", ""
    for span in (*spans, Span(text="")):
        if span.href == url and url:
            text += span.text
            continue
        if url and text.strip():
            yield text, url
        text, url = span.text, span.href if span.href and span.href.startswith("http") else ""


def _label(text: str, url: str, *, is_preview: bool) -> _Link:
    text = " ".join(text.split())
    is_bracketed = text.startswith("[") and text.endswith("]")
    label = text.strip("[] ").lower()
    if _CODE_LABEL.fullmatch(label):
        label = "code"
    elif is_preview or not label or len(label) > _MAX_LABEL_CHARS or "://" in label:
        label = _label_by_address(url)
    return _Link(label=label, url=url, is_bracketed=is_bracketed, text=text)


def _label_by_address(url: str) -> str:
    """A label for a link whose text is its address or a whole preview."""
    if is_known(parse_identifiers(url)):
        return "paper"
    host = host_of(url) or "link"
    return "code" if host in _CODE_HOSTS else host


def _with_unique_labels(links: Iterable[_Link]) -> tuple[tuple[str, str], ...]:
    labelled: dict[str, str] = {}
    for link in links:
        label, count = link.label, 1
        while label in labelled:
            count += 1
            label = f"{link.label} {count}"
        labelled[label] = link.url
    return tuple(labelled.items())


def _find_identifiers(links: Sequence[_Link]) -> Identifiers:
    """The identifiers of the link labelled as the paper, with those of the other links in brackets; else of
    the first link that has any: a header's running text links earlier papers too."""
    paper_links = sorted((link for link in links if link.is_bracketed), key=lambda link: not link.is_paper)
    found = _merge(parse_identifiers(link.url) for link in (*(x for x in links if x.is_paper), *paper_links))
    if is_known(found):
        return found
    others = (parse_identifiers(link.url) for link in links)
    return next((identifiers for identifiers in others if is_known(identifiers)), Identifiers())


def _merge(many: Iterable[Identifiers]) -> Identifiers:
    """The first value of each kind."""
    merged = Identifiers()
    for one in many:
        missing = (f.name for f in fields(Identifiers) if getattr(merged, f.name) is None)
        merged = replace(merged, **{name: getattr(one, name) for name in missing})
    return merged


# ── authors ─────────────────────────────────────────────────────────────────────────────────────

_SEPARATOR = re.compile(r"\s*(?:[,;&·|、，]|\band\b|\bet al\b\.?)\s*", re.IGNORECASE)
_FOOTNOTE_MARKS = re.compile(r"[\d*∗⋆★☆†‡§¶‖#^♠♡♢♣♤♥♦♧✝✉+]+")
_IN_PARENTHESES = re.compile(r"\([^()]{0,80}\)")
_ONLY_SEPARATORS = re.compile(r"(?:[\s,;&·|]|and\b)+", re.IGNORECASE)


def _find_authors(blocks: Sequence[Block]) -> tuple[str, ...]:
    """The names in the first bold block: what stands before its first line break, marks taken off."""
    lines = (_bold_line(block.spans) for block in blocks if block.kind is BlockKind.PARAGRAPH)
    line = next((line for line in lines if line), "")
    line = _IN_PARENTHESES.sub(" ", line)
    names = (" ".join(_FOOTNOTE_MARKS.sub(" ", part).split()) for part in _SEPARATOR.split(line))
    authors = [name for name in names if _is_name(name)]
    return tuple(dict.fromkeys(authors))[:_MAX_AUTHORS]


def _bold_line(spans: Sequence[Span]) -> str:
    """The bold text a block begins with, up to a line break or plain words; "" if it begins otherwise.

    A superscript between two names counts as a comma, for authors who forgot one.
    """
    parts: list[str] = []
    for span in spans:
        text, newline, _ = span.text.partition("\n")
        if span.href:
            return ""
        if Mark.SUP in span.marks:
            parts.append(",")
        elif Mark.BOLD in span.marks or not text.strip() or _ONLY_SEPARATORS.fullmatch(text):
            parts.append(text)
        else:
            break
        if newline:
            break
    is_bold = any(Mark.BOLD in span.marks for span in spans[:1])
    return "".join(parts) if is_bold else ""


def _is_name(text: str) -> bool:
    return 2 <= len(text) <= _MAX_AUTHOR_CHARS and any(character.isalpha() for character in text)
