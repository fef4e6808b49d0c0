"""What single elements of a page are: previews of other pages, permalinks, hidden words, fallbacks, line numbers.

In: an element of the tree. Out: strings and booleans. Besides :mod:`bot.reviews.markup` the only module that knows
the tree; each function looks at a bounded part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import parse_qs, unquote, urlsplit

from bs4.element import NavigableString, PageElement, Tag

from bot.reviews.names import BLOCK_NAMES
from bot.reviews.preformatted import NUMBER_CLASSES, is_count
from bot.text.links import join_link, normalise_link
from bot.text.patterns import lazy_pattern

HEADING_LEVELS = {f"h{level}": level for level in range(1, 7)}
_MAX_TEXT_PARTS = 400
_MAX_COUNT_PARTS = 4_000  # of line numbers, including the white space between them


@dataclass(slots=True)
class Steps:
    """How many nodes of one post may still be examined ahead of their turn; a typical post needs some hundred.

    Each function looks at a bounded part of the tree, but deeply nested markup calls it at every level.
    """

    left: int = 300_000


def attribute(tag: Tag, name: str) -> str:
    """Return an attribute as text; "" if there is none."""
    value = tag.attrs.get(name)
    return value if isinstance(value, str) else " ".join(value) if value else ""


def attributes(tag: Tag) -> dict[str, str]:
    """Return all attributes as text."""
    return {name: attribute(tag, name) for name in tag.attrs}


def class_names(tag: Tag) -> frozenset[str]:
    """Return the classes of an element."""
    return frozenset(attribute(tag, "class").split()) if tag.attrs else frozenset()


def only_text(tag: Tag) -> str | None:
    """Return the text of an element that contains nothing but text. (Tag.string recurses, so it is not used.)"""
    if len(tag.contents) == 1 and isinstance(tag.contents[0], NavigableString):
        return str(tag.contents[0]).strip()
    return None


def descend(tag: Tag, steps: Steps | None = None) -> Iterator[Tag]:
    """Yield the elements inside one, in order.

    Tag.descendants first looks for the last of them: on deeply nested markup, at every level, that takes a minute.
    """
    return (node for node in _walk(tag, steps) if isinstance(node, Tag))


def _walk(tag: Tag, steps: Steps | None) -> Iterator[PageElement]:
    stack = [iter(tag.contents)]
    while stack:
        if steps is not None:
            if steps.left <= 0:
                return
            steps.left -= 1
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        else:
            yield child
            if isinstance(child, Tag):
                stack.append(iter(child.contents))


def text_of(tag: Tag, steps: Steps) -> str:
    """Return the text inside an element, on one line; of a large one, the beginning."""
    nodes = islice(_walk(tag, steps), _MAX_TEXT_PARTS)
    return " ".join("".join(str(node) for node in nodes if type(node) is NavigableString).split())


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def _next_element(tag: Tag) -> Tag | None:
    """Return the element directly after this one, with only white space between."""
    node = tag.next_sibling
    while node is not None and not isinstance(node, Tag):
        if str(node).strip():
            return None
        node = node.next_sibling
    return node


# ── headings ────────────────────────────────────────────────────────────────────────────────────

_PERMALINK_CLASS = lazy_pattern(
    r"(?:^|[-_])(?:anchor|perma-?link|(?:hash|header|heading|headline|section|self|deep|direct)-?link)(?:$|[-_])|^anchorjs",
    re.IGNORECASE,
)
_PERMALINK_WORDS = lazy_pattern(
    r"(?:(?:direct|permanent|copy) )?link(?: to .*)?|perma-?link(?: to .*)?|anchor|section titled .*"
    r"|(?:jump|navigate) to .*|링크|고유 ?링크|リンク|この見出しへのリンク|链接|永久链接",
    re.IGNORECASE,
)
_HIDDEN_CLASSES = frozenset(
    {
        *(
            "sr-only",
            "visually-hidden",
            "visuallyhidden",
            "screen-reader-text",
            "screenreader-text",
            "screen-reader-only",
        ),
        *("assistive-text", "a11y-hidden", "u-hidden-visually", "is-visually-hidden", "VisuallyHidden"),
    }
)
_NOTE_NAMES = frozenset({"d-footnote", "d-cite"})  # Distill's: a number that opens a box
_MAX_PARENTS_TO_HEADING = 4


def is_beside_heading(tag: Tag, classes: frozenset[str], steps: Steps) -> bool:
    """Whether an element inside a heading is not part of it.

    That is a link to the heading itself, words for screen readers only, or a footnote number. If the heading has no
    other text, the element is its text.
    """
    if tag.name in _NOTE_NAMES:
        return True
    is_hidden = bool(classes & _HIDDEN_CLASSES) or attribute(tag, "aria-hidden").casefold() == "true"
    if tag.name == "a":
        is_beside = _is_permalink(tag, classes, steps) or (is_hidden and "#" in attribute(tag, "href"))
    else:
        is_beside = is_hidden
    return is_beside and _has_text_beside(tag, steps)


def _is_permalink(link: Tag, classes: frozenset[str], steps: Steps) -> bool:
    text = text_of(link, steps)
    if not _letters(text):
        return not any(inner.name == "img" for inner in islice(descend(link, steps), _MAX_TEXT_PARTS))
    if "#" not in attribute(link, "href"):
        return False
    is_note = link.parent is not None and link.parent.name == "sup"
    is_named = any(_PERMALINK_CLASS.search(name) for name in classes) or _PERMALINK_WORDS.fullmatch(text)
    return is_note or bool(is_named)


def _has_text_beside(tag: Tag, steps: Steps) -> bool:
    heading = next((p for p in islice(tag.parents, _MAX_PARENTS_TO_HEADING) if p.name in HEADING_LEVELS), None)
    if heading is None:
        return False
    return len(_letters(text_of(heading, steps))) > len(_letters(text_of(tag, steps)))


def is_permalink_behind_heading(tag: Tag, classes: frozenset[str], steps: Steps) -> bool:
    """Whether a link outside a heading only leads to the heading next to it. Source: Starlight."""
    if tag.name != "a" or not attribute(tag, "href").startswith("#"):
        return False
    if not any(_PERMALINK_CLASS.search(name) for name in classes):
        return False
    text = text_of(tag, steps)
    return not _letters(text) or _PERMALINK_WORDS.fullmatch(text) is not None


_ANCHORS = frozenset({"a", "span"})  # MediaWiki and docutils put the id on a span
_OF_MACHINES = lazy_pattern(r"fnref|cite_ref|mathjax|mjx", re.IGNORECASE)  # footnote numbers, drawn formulas
_ELSEWHERE = frozenset({"top", "toc", "contents", "table-of-contents", "목차"})  # where a sign may also lead back to
_MAX_HEADING_TAGS = 40
_MAX_NODES_BEFORE = 6
_MAX_ANCHOR_CHARS = 200


def anchor_of(heading: Tag, page: str, steps: Steps) -> str | None:
    """Return the id by which a page leads to a heading, not percent-encoded; None if it has no usable one.

    That is the id of the heading's element, or what its permalink leads to, or the anchor in it or directly before
    it, or the id of the section that begins with it.

    Args:
        page: The page's address: a permalink may contain it.
    """
    return next(filter(_is_usable_anchor, _anchors_of(heading, page, steps)), None)


def _anchors_of(heading: Tag, page: str, steps: Steps) -> Iterator[str]:
    yield attribute(heading, "id")
    inside = [tag for tag in islice(descend(heading, steps), _MAX_HEADING_TAGS) if not _is_raised(tag)]
    for link in inside:
        if link.name == "a" and _is_permalink(link, class_names(link), steps):
            yield _target_of(link, page)
    behind = _next_element(heading)
    if behind is not None and is_permalink_behind_heading(behind, class_names(behind), steps):
        yield _target_of(behind, page)
    yield from map(_anchor_name, inside)
    before = _node_before(heading)
    if isinstance(before, Tag):
        if not text_of(before, steps) and picture_in(before) is None:
            yield from map(_anchor_name, (before, *islice(descend(before, steps), 1)))
    elif before is None and heading.parent is not None:
        yield _section_name(heading.parent)


def _is_usable_anchor(anchor: str) -> bool:
    """Whether an id can stand in an address: short, without control characters and spaces."""
    return 0 < len(anchor) <= _MAX_ANCHOR_CHARS and anchor.isprintable() and " " not in anchor


def _anchor_name(tag: Tag) -> str:
    name = attribute(tag, "id") or (attribute(tag, "name") if tag.name == "a" else "")
    return name if tag.name in _ANCHORS and not _OF_MACHINES.match(name) else ""


def _section_name(box: Tag) -> str:
    """Return the id of a box that is one section with its heading. Other boxes may not be on the page itself."""
    is_section = box.name in {"section", "a"} or "section" in class_names(box)
    return (attribute(box, "id") or attribute(box, "name")) if is_section else ""


def _is_raised(tag: Tag) -> bool:
    """Whether an element in a heading is the number of a footnote."""
    return tag.name == "sup" or (tag.parent is not None and tag.parent.name == "sup")


def _target_of(link: Tag, page: str) -> str:
    """Return the id that a heading's permalink leads to; "" if it leads to another page, or back to the top."""
    address, _, fragment = attribute(link, "href").strip().partition("#")
    is_here = not address or normalise_link(join_link(page, address)) == normalise_link(page)
    target = unquote(fragment) if is_here else ""
    return "" if target.casefold() in _ELSEWHERE else target


def _node_before(tag: Tag) -> PageElement | None:
    """Return the element or text directly before this one; None if nothing but comments and white space is there."""
    nodes = islice(tag.previous_siblings, _MAX_NODES_BEFORE)
    return next((n for n in nodes if isinstance(n, Tag) or (type(n) is NavigableString and n.strip())), None)


# ── line numbers ────────────────────────────────────────────────────────────────────────────────


def is_line_count(tag: Tag, classes: frozenset[str], steps: Steps) -> bool:
    """Whether an element outside code contains its line numbers: a cell beside it, or a preformatted element."""
    if tag.name == "pre":
        is_candidate = bool(classes & NUMBER_CLASSES) or any(p.name == "td" for p in islice(tag.parents, 2))
    else:
        is_candidate = bool(classes & NUMBER_CLASSES) and tag.name in {"td", "th", "div", "span"}
    if not is_candidate:
        return False
    parts = (str(node) for node in islice(_walk(tag, steps), _MAX_COUNT_PARTS) if type(node) is NavigableString)
    return is_count(" ".join(parts))


def boxes_around(pre: Tag) -> list[dict[str, str]]:
    """Return the attributes of a ``<pre>``, its ``<code>`` and the boxes around it, nearest first; "tag" is the
    name.
    """
    inner = next((child for child in pre.contents if isinstance(child, Tag)), None)
    around = []
    for parent in islice(pre.parents, _MAX_BOXES):
        if parent.name not in _BOX_NAMES:
            break
        around.append(parent)
    nearest = [box for box in (pre, inner, *around) if box is not None]
    return [{**attributes(box), "tag": box.name} for box in nearest]


_BOX_NAMES = frozenset({"div", "figure", "section", "td", "tr", "tbody", "table", "code"})
_MAX_BOXES = 9  # Sphinx: div, td, tr, tbody, table, div, div


# ── pictures ────────────────────────────────────────────────────────────────────────────────────

_MAX_FALLBACK_TAGS = 12
_MAX_SIBLINGS = 3


def fallback_of(image: Tag) -> Tag | None:
    """Return the ``<noscript>`` after a picture, or after a box that contains nothing else, if it has a picture
    itself.

    Pictures without an address may stand between.
    """
    place: Tag | None = image
    for _ in range(_MAX_SIBLINGS):
        following = _next_element(place) if place is not None else None
        if following is None and place is not None and place.parent is not None and len(_tags(place.parent)) == 1:
            place = place.parent
            continue
        if following is None:
            return None
        if following.name == "noscript":
            return following if picture_in(following) is not None else None
        if following.name != "img" or attribute(following, "src") or attribute(following, "data-src"):
            return None
        place = following
    return None


def _tags(parent: Tag) -> list[Tag]:
    return [child for child in islice(parent.contents, _MAX_FALLBACK_TAGS) if isinstance(child, Tag)]


def picture_in(tag: Tag) -> Tag | None:
    """Return the first picture inside an element."""
    return next(
        (element for element in islice(descend(tag), _MAX_FALLBACK_TAGS) if element.name in {"img", "amp-img"}), None
    )


def is_repeated_by_neighbour(noscript: Tag) -> bool:
    """Whether the picture in a ``<noscript>`` also stands beside it."""
    before = noscript.previous_sibling
    while before is not None and not isinstance(before, Tag) and not str(before).strip():
        before = before.previous_sibling
    neighbours = (before if isinstance(before, Tag) else None, _next_element(noscript))
    return any(
        neighbour is not None and (neighbour.name in {"img", "picture"} or picture_in(neighbour) is not None)
        for neighbour in neighbours
    )


# ── previews of other pages ─────────────────────────────────────────────────────────────────────

_MAX_CARD_TAGS = 80
_MAX_CARD_CHARS = 1_500
_CARD_NAMES = frozenset({"a", "article", "aside", "blockquote", "div", "figure", "p", "section", "span"})
_CARD_CLASS = lazy_pattern(
    r"(?:^|[-_])(?:(?:link|blog|bookmark|url|web|embed|site|og|ogp)-?card|bookmark(?:-container|-source)?|link-?preview|og-?link|ogp"
    r"|mixtapeembed|embedded-post(?:-wrap)?|digest-post-embed|card-github|github-card|ltag__link|external-article-widget"
    r"|wp-embedded-content|lkc-(?:link|card|(?:ex|in)ternal-wrap))(?:$|[-_])",
    re.IGNORECASE,
)
"""Source: Ghost, WordPress, Notion, Medium, Substack, note.com, Cocoon, SWELL, Pz-LinkCard, Naver, Zhihu, DEV."""

_TITLE_CLASS = lazy_pattern(r"(?:^|[-_]|[a-z](?=T))title$", re.IGNORECASE)
_STRONG = frozenset({"strong", "b"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Another page, as a box shows it: its address as written, and its title, "" if there is none."""

    address: str
    title: str


def read_preview(tag: Tag, classes: frozenset[str], steps: Steps) -> Preview | None:
    """Return the page that an element is a preview of; None for all other elements.

    Three things identify a preview: an editor's marks, a class that says so with links to one site only, or a link
    around a picture and several lines of text.
    Source: Tistory's editor (figures of the kind "opengraph"), Discourse's oneboxes; see ``_CARD_CLASS``.
    """
    if tag.name == "figure" and attribute(tag, "data-ke-type") == "opengraph":
        address = attribute(tag, "data-og-url") or attribute(tag, "data-og-source-url")
        return _preview(address, attribute(tag, "data-og-title") or _linked_text(tag, steps))
    if tag.name == "aside" and "onebox" in classes:
        return _preview(attribute(tag, "data-onebox-src"), _linked_text(tag, steps))
    if tag.name == "figure" and attribute(tag, "embedded-service") and attribute(tag, "data-src"):
        return _preview(attribute(tag, "data-src"), _title_in(_inside(tag, steps), steps))
    if tag.name not in _CARD_NAMES:
        return None
    if any(_CARD_CLASS.search(name) for name in classes) or (tag.name == "a" and _is_boxed_link(tag, steps)):
        return _read_card(tag, steps)
    return None


def _preview(address: str, title: str) -> Preview | None:
    return Preview(address=address, title=" ".join(title.split())) if address else None


def _inside(tag: Tag, steps: Steps) -> list[Tag]:
    return list(islice(descend(tag, steps), _MAX_CARD_TAGS + 1))


def _read_card(card: Tag, steps: Steps) -> Preview | None:
    inside = _inside(card, steps)
    if len(inside) > _MAX_CARD_TAGS or any(tag.name in {"pre", "table", "iframe"} for tag in inside):
        return None
    links = [
        tag
        for tag in (card, *inside)
        if tag.name == "a" and attribute(tag, "href").startswith(("http:", "https:", "/"))
    ]
    if (
        not links
        or len({_host(attribute(link, "href")) for link in links}) > 1
        or len(text_of(card, steps)) > _MAX_CARD_CHARS
    ):
        return None
    title = _title_in(inside, steps)
    titled = next((link for link in links if title and title in text_of(link, steps)), links[0])
    return _preview(attribute(titled, "href"), title or text_of(titled, steps))


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _title_in(inside: list[Tag], steps: Steps) -> str:
    """Return the title in a box: found by its class, as a heading, or in bold."""
    by_class = (tag for tag in inside if any(_TITLE_CLASS.search(name) for name in class_names(tag)))
    by_name = (tag for names in (HEADING_LEVELS, _STRONG) for tag in inside if tag.name in names)
    return next((text for chosen in (by_class, by_name) for tag in chosen if (text := text_of(tag, steps))), "")


def _is_boxed_link(link: Tag, steps: Steps) -> bool:
    """Whether a link contains a picture and, in separate elements, a title and more: a box, not a figure."""
    if not any(isinstance(child, Tag) for child in link.contents):
        return False
    inside = _inside(link, steps)
    has_picture = any(tag.name in {"img", "picture"} for tag in inside)
    lines = [tag for tag in inside if tag.name in BLOCK_NAMES | HEADING_LEVELS.keys() and only_text(tag)]
    is_captioned = any(tag.name == "figcaption" for tag in inside)
    return has_picture and not is_captioned and len(lines) >= 2  # a title, and a summary or a site


def _linked_text(preview: Tag, steps: Steps) -> str:
    """Return the title in a preview: the text of the link in its heading, or else of its first link with text."""
    texts = [
        (tag.parent is not None and tag.parent.name in HEADING_LEVELS, only_text(tag))
        for tag in _inside(preview, steps)
        if tag.name == "a"
    ]
    return next((text for _, text in sorted(texts, key=lambda pair: not pair[0]) if text), "")


def embedded_page(frame: Tag) -> str:
    """Return the page that a card service's frame shows, by its address or data; "" if the frame shows its own.

    Source: hatenablog-parts.com, embed.zenn.studio, Qiita, Embedly.
    """
    told = attribute(frame, "data-content")
    candidates = [told.replace("%3A", ":").replace("%2F", "/")] if told.casefold().startswith("http") else []
    try:
        query = urlsplit(attribute(frame, "src") or attribute(frame, "data-src")).query
        candidates += parse_qs(query, max_num_fields=20).get("url", []) if query else []
    except ValueError:
        pass
    return next((candidate for candidate in candidates if candidate.startswith(("http://", "https://"))), "")
