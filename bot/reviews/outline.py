"""How deep each heading stands: authors' tags do not say.

In: headings as (tag number, text) in order. Out: depth and section number for each. Pure.

Half of the posts in the main feed use a *bigger* tag for the *deeper* section, so depth comes from section
numbers first, then from names every paper has, and from tags last. The five rules below were right for all
558 headings of the 53 posts that have any; usual nesting by tag is right for 255.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot.models import BlockKind, Mark
from bot.reviews.markup import Heading, Piece
from bot.reviews.names import COMMON_SECTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a heading stands. ``depth`` from 1; ``number`` without a trailing dot, None for local steps."""

    depth: int
    number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Title:
    level: int
    number: str | None
    name: str
    is_common: bool


_NUMBER = re.compile(r"\s*(\d{1,2}(?:\.\d{1,2}){0,5})(?:\.(?!\d)\s*|\s+)(?=\S)")
"""Digits separated by dots, then a full stop or a space, and text. At most two digits a part: "2024 in
review" and "1000 examples" begin with a quantity."""

_COMMON_WITHOUT_SPACES = frozenset(name.replace(" ", "") for name in COMMON_SECTIONS)
_INTRODUCTIONS = ("introduction", "서론", "들어가며")
_JOINTS = re.compile(r"\s*(?:&|,|/|\band\b|및|와 |과 )\s*")
_DECORATION = re.compile(r"^[^\w]+|[^\w]+$")
_LIKENESS = 0.85  # of difflib: one or two wrong letters in a word, "Concclusion", "Experimetns"
_MIN_TYPO_CHARS = 5  # a shorter word is near too many others
_MAX_LENGTH_DIFFERENCE = 2
_COMMON_BY_LETTER: dict[str, list[str]] = {}
for _name in sorted(_COMMON_WITHOUT_SPACES):
    if len(_name) >= _MIN_TYPO_CHARS:
        _COMMON_BY_LETTER.setdefault(_name[0], []).append(_name)


def place_headings(headings: Sequence[tuple[int, str]]) -> tuple[Place, ...]:
    """Find depth and number of each heading of one post.

    1. A heading that starts with digits separated by dots, then a space or a full stop, and has text after
       it carries a number; its parts are the depth.
    2. Numbers are section numbers only if the introduction is numbered or, without an introduction, at
       least half of the headings are. Otherwise they are local steps, and rule 5 applies.
    3. With section numbers, an unnumbered common name (Abstract, Conclusion, 결론, …, typing errors
       forgiven) is at depth 1.
    4. Any other unnumbered heading takes the depth its tag mostly has among the numbered ones; a tag never
       numbered stands one deeper than the nearest tag that is.
    5. Without section numbers, the tag that most common names use (with none, the first heading's) is
       depth 1, every other tag one deeper for each step away, in either direction, among the tags in use.

    Args:
        headings: The tag's number, 1 to 6, and the heading as written.
    """
    titles = [_read_title(level, text) for level, text in headings]
    if _are_section_numbers(titles):
        return _place_numbered(titles)
    return _place_by_tag(titles)


_BOLD_LEVEL = 7
_MAX_BOLD_CHARS = 100
_SENTENCE_END = re.compile(r"[.!,;:。]\Z")


def find_bold_headings(pieces: Sequence[Piece]) -> list[Piece]:
    """Take short bold paragraphs for headings where their author did: on Tistory that is how many write them.

    In a post with headings of its own only what carries a number below another's ("2.1 Data") is one more. In a post
    without any, every bold line is, once two of them have a number or a common name, from the first of these on.
    """
    bold = {at: text for at, piece in enumerate(pieces) if (text := _bold_line(piece))}
    tagged = [piece.text for piece in pieces if isinstance(piece, Heading)]
    if tagged:
        is_numbered = any(_NUMBER.match(text) for text in tagged)
        chosen = {at for at, text in bold.items() if is_numbered and _is_numbered_below(text)}
    else:
        usual = [at for at, text in bold.items() if _NUMBER.match(text) or is_common_name(text)]
        chosen = {at for at in bold if at >= usual[0]} if len(usual) > 1 else set()
    return [Heading(level=_BOLD_LEVEL, text=bold[at]) if at in chosen else p for at, p in enumerate(pieces)]


def _bold_line(piece: Piece) -> str:
    """The text of a paragraph that is one short bold line and no sentence; else ""."""
    if isinstance(piece, Heading) or piece.kind is not BlockKind.PARAGRAPH:
        return ""
    text = piece.text.strip()
    is_bold = all(Mark.BOLD in span.marks and not span.href for span in piece.spans if span.text.strip())
    is_line = len(text) <= _MAX_BOLD_CHARS and "\n" not in text and not _SENTENCE_END.search(text)
    return " ".join(text.split()) if is_bold and is_line else ""


def _is_numbered_below(text: str) -> bool:
    match = _NUMBER.match(text)
    return match is not None and "." in match[1]


def is_common_name(name: str) -> bool:
    """Whether a heading's text, without its number, is a name most papers use for a section."""
    name = _DECORATION.sub("", name.lower())
    first = _JOINTS.split(name, maxsplit=1)[0]
    return any(_is_like_common(_DECORATION.sub("", part)) for part in (name, first))


def _is_like_common(name: str) -> bool:
    packed = "".join(name.split())
    if packed in _COMMON_WITHOUT_SPACES:
        return True
    if len(packed) < _MIN_TYPO_CHARS:
        return False
    return any(_is_alike(packed, known) for known in _COMMON_BY_LETTER.get(packed[0], ()))


def _is_alike(written: str, known: str) -> bool:
    """Whether one is the other with a typing error; never in the first letter, which keeps this cheap."""
    if abs(len(written) - len(known)) > _MAX_LENGTH_DIFFERENCE or written[:1] != known[:1]:
        return False
    return SequenceMatcher(None, written, known, autojunk=False).ratio() >= _LIKENESS


def _read_title(level: int, text: str) -> _Title:
    match = _NUMBER.match(text)
    name = text[match.end() :] if match else text
    return _Title(level=level, number=match[1] if match else None, name=name, is_common=is_common_name(name))


def _are_section_numbers(titles: Sequence[_Title]) -> bool:
    """Rule 2."""
    introductions = [title for title in titles if _is_introduction(title.name)]
    if introductions:
        return any(title.number for title in introductions)
    return sum(1 for title in titles if title.number) * 2 >= len(titles) > 0


def _is_introduction(name: str) -> bool:
    name = _DECORATION.sub("", name.lower())
    return name.startswith(_INTRODUCTIONS) or _is_alike(name, "introduction")


def _place_numbered(titles: Sequence[_Title]) -> tuple[Place, ...]:
    """Rules 1, 3 and 4."""
    depths = _usual_depths((t.level, _depth_of(t.number)) for t in titles if t.number)
    return tuple(
        Place(depth=_depth_of(t.number), number=t.number)
        if t.number
        else Place(depth=1 if t.is_common else _depth_of_tag(t.level, depths))
        for t in titles
    )


def _depth_of(number: str | None) -> int:
    return number.count(".") + 1 if number else 0


def _usual_depths(seen: Iterable[tuple[int, int]]) -> dict[int, int]:
    """The depth each tag mostly has; the shallower one if two are as frequent."""
    counts = Counter(seen)
    usual: dict[int, int] = {}
    for (level, depth), _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        usual.setdefault(level, depth)
    return usual


def _depth_of_tag(level: int, depths: dict[int, int]) -> int:
    if level in depths:
        return depths[level]
    nearest = min(depths, key=lambda known: (abs(known - level), known))
    return depths[nearest] + 1


def _place_by_tag(titles: Sequence[_Title]) -> tuple[Place, ...]:
    """Rule 5."""
    if not titles:
        return ()
    common = Counter(title.level for title in titles if title.is_common)
    top = min(common, key=lambda level: (-common[level], level)) if common else titles[0].level
    in_use = sorted({title.level for title in titles})
    steps = {level: abs(in_use.index(level) - in_use.index(top)) for level in in_use}
    return tuple(Place(depth=1 + steps[title.level]) for title in titles)
