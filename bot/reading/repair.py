"""Text → well-formed XML: the second step before the feed library.

Documents continue after their end, and their elements are not closed. Feed libraries respond with guesses that lose
letters, with exceptions, or by reading everything twice. So the text is made well-formed first, and the library only
has one strict reading left.

`repair` returns the balanced XML of the first feed in a text. It never raises, and takes time linear in its input: a
failed search is never repeated, and no pattern can backtrack. The limits here are for hostile input; the largest of
200 real feeds is far below each of them. Pure.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html.entities import html5

from bot.languages import Message
from bot.reading.encoding import repair_text
from bot.text.patterns import lazy_pattern

MAX_ITEMS = 5_000
MAX_TOKENS = 400_000  # tags and the texts between them
MAX_DEPTH = 500
MAX_ATTRIBUTES = 100  # per element; the library is quadratic in them
MAX_PREFIXES = 50  # per document; the library searches all of them at every element
MAX_LABELS = 100  # categories per item; the library compares each with all before it
MAX_SHORT_TEXT = 300  # characters of a date or a person; the library's patterns backtrack on them


_ROOTS = frozenset({"rss", "feed", "rdf", "channel"})
_HTML_ROOTS = frozenset({"html", "head", "body"})
_ITEMS = frozenset({"item", "entry"})
_LABELS = frozenset({"category", "keywords", "subject"})
_PEOPLE = ("author", "creator", "name", "email", "managingeditor", "webmaster", "contributor", "publisher")
_DATES = ("date", "pubdate", "published", "updated", "issued", "modified", "created", "lastbuilddate")
_SHORT = frozenset({*_PEOPLE, *_DATES, "expirationdate", "valid"})
_CONTENTS = frozenset({"title", "summary", "content", "subtitle", "tagline", "rights", "copyright", "info"})
_HTML_VOIDS = frozenset({"area", "br", "col", "embed", "hr", "img", "input", "wbr"})

_NAME = r"[A-Za-z_][A-Za-z0-9_.-]*+(?::[A-Za-z_][A-Za-z0-9_.-]*+)?"
_TAG = lazy_pattern(rf"""<(/?)({_NAME})(?=[\s/>])((?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+)>""")
_ATTRIBUTE = lazy_pattern(r"""([^\s=<>"'/]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s<>"']++)))?""")
_ATTRIBUTE_NAME = lazy_pattern(_NAME)
_DOCTYPE = lazy_pattern(
    r"""<!DOCTYPE(?:[^\[<>"']++|"[^"]*+"|'[^']*+')*+(?:\[(?:[^\]"']++|"[^"]*+"|'[^']*+')*+\]\s*+)?>""",
    re.IGNORECASE,
)
_HALF_REFERENCE = lazy_pattern(r"&[^;]{0,10}\Z")
_CLOSERS = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>", "<!": ">"}

# Namespaces of prefixes that feeds use without declaring them.
_NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rss": "http://backend.userland.com/rss",
    "xhtml": "http://www.w3.org/1999/xhtml",
}

Token = str | re.Match[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """The first feed of a document as well-formed XML, without declaration, DOCTYPE, comments and PIs.

    ``root`` is the root's local name in lower case, ``items_seen`` counts the items that were started.
    """

    xml: str
    root: str
    items_seen: int
    is_cut: bool
    problems: tuple[str, ...] = ()


def repair(text: str) -> Repaired | None:
    """Rewrite the first feed of a document, balanced and escaped; None if there is no feed in it.

    Everything before the root is left out (PHP warnings, comments, the DOCTYPE with all its entities), and everything
    after its end too. An unfinished entry at the end of the document is left out: its guid may be missing, and the
    next download will have all of it.
    """
    writer: _Writer | None = None
    following = None
    for count, token in enumerate(_tokens(text)):
        if isinstance(token, re.Match) and writer is None:
            if (root := _local(token[2])) in _HTML_ROOTS:
                return None
            if root in _ROOTS and not token[1]:
                writer = _Writer(root)
        if writer:
            writer.write(token)
        if writer and writer.is_done:
            if isinstance(token, re.Match) and not writer.is_over_full:
                following = first_element(text[token.end() : token.end() + 5000])
            break
        if count >= MAX_TOKENS:
            if writer:
                writer.is_too_long = True
            break
    return writer.finish(following=following) if writer else None


def first_element(text: str) -> str | None:
    """Return the name of the first element in a text, as written; comments and CDATA do not count."""
    return next((token[2] for token in _tokens(text) if isinstance(token, re.Match) and not token[1]), None)


def read_attributes(source: str) -> dict[str, str]:
    """Read the attributes after a tag's name: names as written, values with repaired references.

    Of two with the same name the first counts (XML 1.0 §3.1 forbids a second); unquoted values are accepted.
    """
    attributes: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(source):
        if _ATTRIBUTE_NAME.fullmatch(match[1]) and len(attributes) < MAX_ATTRIBUTES:
            value = match[2] or match[3] or match[4] or ""
            attributes.setdefault(match[1], _repair_references(value).replace('"', "&quot;"))
    return attributes


def read_values(source: str) -> dict[str, str]:
    """Read attributes as a page means them: names in lower case, references resolved, values stripped."""
    return {key.lower(): html.unescape(value).strip() for key, value in read_attributes(source).items()}


def find_tags(text: str) -> Iterator[tuple[str, str]]:
    """Return name and attribute source of every start tag."""
    return ((token[2], token[3]) for token in _tokens(text) if isinstance(token, re.Match) and not token[1])


def _tokens(text: str) -> Iterator[Token]:
    """Yield tags as matches; the texts between them, and CDATA sections, as strings ready to be written.

    A "<" that begins nothing is text. An opener without its closer is dropped, and the text after it is read as if it
    were not there, so that nothing swallows the rest of a feed.
    """
    position, unclosed, has_doctype = 0, set[str](), False
    while (start := text.find("<", position)) >= 0:
        if start > position:
            yield _repair_references(text[position:start])
        if tag := _TAG.match(text, start):
            yield tag
            position = tag.end()
            continue
        if not has_doctype and text[start : start + 9].upper() == "<!DOCTYPE":
            has_doctype = True  # only once, or a flood of them would be searched through again and again
            if doctype := _DOCTYPE.match(text, start):
                position = doctype.end()
                continue
        opener = next((opener for opener in _CLOSERS if text.startswith(opener, start)), "<")
        end = -1 if opener == "<" or opener in unclosed else text.find(_CLOSERS[opener], start + len(opener))
        if end < 0:
            unclosed.add(opener)
            position = start + len(opener)
            yield "&lt;" if opener == "<" else ""
            continue
        position = end + len(_CLOSERS[opener])
        yield text[start:position] if opener == "<![CDATA[" else ""
    yield _repair_references(text[position:])


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()


def _strip_start(text: str) -> str:
    opener = "<![CDATA["
    if not text.startswith(opener):
        return text.lstrip()
    inner = text[len(opener) :].lstrip()
    return "" if inner == "]]>" else opener + inner


def _unread(name: str) -> str:
    return "unread-" + name.replace(":", "-")


class _Writer:
    """Writes the tokens again so that elements nest, attributes are legal and prefixes are declared."""

    def __init__(self, root: str) -> None:
        self.is_done = False
        self.is_over_full = False
        self.is_too_long = False
        self._root = root
        self._root_name = ""
        self._root_attributes: dict[str, str] = {}
        self._out: list[str] = []
        self._open: list[str] = []  # names as written
        self._open_counts = Counter[str]()  # by the same names, in lower case
        self._prefixes: set[str] = set()
        self._items = 0
        self._item_start: int | None = None  # where the open item begins in _out
        self._labels = 0
        self._is_before_text = False  # before the text of an element that the library strips anyway
        self._room = 0  # characters that the open element may still hold, if that is limited

    def write(self, token: Token) -> None:
        """Write one token."""
        if isinstance(token, str):
            self._write_text(token)
        elif token[1]:
            self._end(token[2])
        else:
            self._start(token)

    def finish(self, *, following: str | None) -> Repaired:
        """Close what is open, and report what was wrong with the document as a whole."""
        problems: list[str] = []
        if self.is_over_full:
            problems.append(
                Message("The feed has more than {count:,} entries; the rest was not read.", count=MAX_ITEMS)
            )
        elif not self.is_done:
            problems.append(
                Message(
                    "The document has more than {count:,} tags and texts before </{name}>; it was read up to there.",
                    count=MAX_TOKENS,
                    name=self._root_name,
                )
                if self.is_too_long
                else Message(
                    "The document breaks off before </{name}>; it was read up to there.", name=self._root_name
                )
            )
            if self._item_start is not None:
                del self._out[self._item_start :]
                del self._open[self._index_of_open_item() :]
        if following:
            problems.append(
                Message(
                    "After </{name}> another document (<{other}>) follows; it was ignored.",
                    name=self._root_name,
                    other=following,
                )
            )
        closers = "".join(f"</{name}>" for name in reversed(self._open))
        return Repaired(
            xml=self._root_tag() + "".join(self._out) + closers,
            root=self._root,
            items_seen=self._items,
            is_cut=not self.is_done and not self.is_over_full,
            problems=tuple(problems),
        )

    def _index_of_open_item(self) -> int:
        return next(index for index, name in enumerate(self._open) if _local(name) in _ITEMS)

    def _start(self, tag: re.Match[str]) -> None:
        name = self._rename(tag[2])
        is_item = _local(name) in _ITEMS
        if is_item and self._item_start is not None:
            # an item ends the one before it: a missing end tag must not join two entries
            self._end(self._open[self._index_of_open_item()])
        if len(self._open) >= MAX_DEPTH:
            return
        if is_item and not self._start_item():
            return
        source = tag[3].rstrip()
        attributes = self._declare(read_attributes(source.removesuffix("/"))) if source else {}
        is_closed = source.endswith("/") or name.lower() in _HTML_VOIDS
        if not self._root_name:
            self._root_name, self._root_attributes = name, attributes  # written last, with all prefixes
            self.is_done = is_closed
        else:
            self._out.append(_format_tag(name, attributes, "/>" if is_closed else ">"))
            if is_closed:
                self._item_start = None if is_item else self._item_start
                return
        self._open.append(name)
        self._open_counts[name.lower()] += 1
        self._is_before_text = _local(name) in _CONTENTS
        self._limit_text(MAX_SHORT_TEXT)

    def _start_item(self) -> bool:
        if self._items >= MAX_ITEMS:
            self.is_done = self.is_over_full = True
            return False
        self._items += 1
        self._labels = 0
        self._item_start = len(self._out)
        return True

    def _end(self, name: str) -> None:
        """Close an element and those left open in it; an end tag without a start is dropped."""
        if not self._open_counts[name.lower()]:
            name = _unread(name)  # unless its start tag was renamed
            if not self._open_counts[name.lower()]:
                return
        closed = ""
        while closed.lower() != name.lower():
            closed = self._open.pop()
            self._open_counts[closed.lower()] -= 1
            self._out.append(f"</{closed}>")
            if _local(closed) in _ITEMS:
                self._item_start = None
        self.is_done = not self._open
        self._is_before_text = False
        self._limit_text(0)

    def _write_text(self, text: str) -> None:
        if self._is_before_text:
            # the library gets each line separately and removes blank ones one by one: quadratic
            text = _strip_start(text)
            self._is_before_text = not text
        if self._room < len(text):
            text = "" if text.startswith("<") else _HALF_REFERENCE.sub("", text[: self._room])
        self._room -= len(text)
        self._out.append(text)

    def _limit_text(self, room: int) -> None:
        """Limit the characters that the open element may hold if it is a date or a person."""
        is_short = bool(self._open) and _local(self._open[-1]) in _SHORT
        self._room = room if is_short else 1 << 62

    def _rename(self, name: str) -> str:
        """Give names that must not be read plain unknown ones ("media:title" → "unread-media-title")."""
        prefix, _, local = name.lower().rpartition(":")
        if local in _LABELS:
            self._labels += 1
        # media: and itunes: describe a picture or a broadcast; the library would take them for the entry's text
        is_foreign = prefix in {"media", "itunes"} and local != "author"
        # "tags" is an invention of one feed, a list that the library takes apart
        is_one_too_many = local == "tags" or (local in _LABELS and self._labels > MAX_LABELS)
        if is_foreign or is_one_too_many or (prefix and not self._knows_prefix(name.partition(":")[0])):
            return _unread(name)
        return name

    def _knows_prefix(self, prefix: str) -> bool:
        if len(self._prefixes) < MAX_PREFIXES:
            self._prefixes.add(prefix)
        return prefix in self._prefixes

    def _declare(self, attributes: dict[str, str]) -> dict[str, str]:
        """Leave out attributes whose prefix cannot be declared (Namespaces in XML 1.0 §3 and §5)."""
        legal = {}
        for name, value in attributes.items():
            prefix, _, local = name.rpartition(":")
            if prefix == "xmlns":
                is_legal = bool(value) and local not in {"xml", "xmlns"} and self._knows_prefix(local)
            else:
                is_legal = prefix in {"", "xml"} or self._knows_prefix(prefix)
            if is_legal:
                legal[name] = value
        return legal

    def _root_tag(self) -> str:
        prefixes = self._prefixes - {"xml"}
        declared = {f"xmlns:{prefix}": _NAMESPACES.get(prefix, f"urn:{prefix}") for prefix in sorted(prefixes)}
        return _format_tag(self._root_name, declared | self._root_attributes, ">")


def _format_tag(name: str, attributes: dict[str, str], close: str) -> str:
    return "<" + name + "".join(f' {key}="{value}"' for key, value in attributes.items()) + close


# ── references ──────────────────────────────────────────────────────────────────────────────────

# An ampersand that does not begin one of XML's own five entities, with what could be read after it:
# a run of character references (a run, since surrogates come in pairs) or the name of an entity.
_AMPERSAND = lazy_pattern(
    r"&(?!(?:amp|lt|gt|quot|apos);)"
    r"(?:(?P<numbers>#(?:[0-9]{1,9}|[xX][0-9a-fA-F]{1,8});(?:&#(?:[0-9]{1,9}|[xX][0-9a-fA-F]{1,8});)*+)"
    r"|(?P<name>[A-Za-z][A-Za-z0-9]{1,31};))?"
)


def _repair_references(text: str) -> str:
    """Resolve references, including those of HTML, and escape every other ampersand and "]]>" (XML 1.0 §2.4)."""
    text = _AMPERSAND.sub(_resolve, text) if "&" in text else text
    return text.replace("]]>", "]]&gt;")


def _resolve(match: re.Match[str]) -> str:
    if match["numbers"]:
        characters = "".join(_character(number) for number in match["numbers"].replace("&", "").split("#"))
        return html.escape(repair_text(characters), quote=False)
    if match["name"] and (characters := html5.get(match["name"], "")):
        return html.escape(characters, quote=False)
    return "&amp;" + match[0][1:]


def _character(reference: str) -> str:
    """Resolve a reference: "x1F600;" or "128;"; the C1 range as windows-1252 (HTML §13.2.5.80)."""
    number = reference.rstrip(";").lower()
    if not number:
        return ""
    code = int(number[1:], 16) if number[0] == "x" else int(number)
    if 0x80 <= code <= 0x9F:
        return bytes([code]).decode("cp1252", "replace")
    return chr(code) if code <= 0x10FFFF else "\ufffd"
