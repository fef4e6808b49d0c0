"""What a post's title says: venue, year, the paper's title and the short name people call it by.

In: a title, the post's address and its text. Out: :class:`TitleFacts`. Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote, urlsplit

from bot.reviews.venues import Venue, is_undecided, read_bracket, read_known
from bot.titles import has_hangul, split_title


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleFacts:
    """A title taken apart. ``clean_title`` keeps the author's wording, without venue and label."""

    clean_title: str
    venue: str | None = None
    year: int | None = None
    name_in_brackets: str | None = None


_BRACKET = re.compile(r"\s*[\[【]([^\[\]【】]{1,60})[\]】]\s*")
_END_BRACKET = re.compile(r"\s*[(\[（【]([^()\[\]（）【】]{3,60})[)\]）】]\s*\Z")
_FRONT_BRACKET = re.compile(r"\s*[(（]([^()（）]{3,60})[)）]\s*")
_BARS = re.compile(r"\s+[|｜@–—-]\s+|\s*[｜]\s*")
_LABEL = re.compile(
    r"(?:\w{1,12}\s)?(?:논문|paper|논문\s?리뷰|paper\s?reviews?|reviews?|리뷰|논문\s?정리|정리|번역|스터디)",
    re.IGNORECASE,
)
_LABEL_BEHIND = re.compile(
    r"(?:\s*[-–—|:]\s*|\s+)(?:논문\s?(?:리뷰|정리|요약|읽기)|paper\s?review)\s*\Z", re.IGNORECASE
)
_MAX_SHORT_NAME_CHARS = 25
_MAX_SHORT_NAME_WORDS = 2
_ADDRESS_NAME = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")


def read_title(title: str) -> TitleFacts:
    """Take the brackets off a title and read them.

    ``[NAME YEAR note]`` is venue and year, ``[Arxiv YYMM]`` arXiv and its year, ``[논문리뷰]`` a label that
    is dropped; ``[BEIT-3]`` is part of the title. The year is optional for names known to be venues. A known
    venue with its year may also stand at either end, in parentheses or cut off by a bar or a dash.
    """
    rest = " ".join(title.split())
    venue: Venue | None = None
    name: str | None = None
    kept = ""
    while match := _BRACKET.match(rest):
        content = match[1].strip()
        found = read_bracket(content) if venue is None else None
        venue = venue or found
        if not (found or is_undecided(content) or _LABEL.fullmatch(content)):
            kept, name = f"{kept}[{content}] ", name or content
        rest = rest[match.end() :]
    rest, at_end = _split_venue(rest)
    clean = f"{kept}{rest}".strip().lstrip("#").strip()
    clean = _LABEL_BEHIND.sub("", clean) or clean
    if not at_end:  # behind the label, too: "Boats (CVPR 2016) 논문 리뷰"
        clean, at_end = _split_venue(clean)
    venue = venue or at_end
    return TitleFacts(
        clean_title=clean, venue=venue[0] if venue else None, year=venue[1] if venue else None, name_in_brackets=name
    )


def _split_venue(title: str) -> tuple[str, Venue | None]:
    """A title without the known venue at one of its ends, and that venue; the title itself where there is none."""
    for bracket in (_END_BRACKET.search(title), _FRONT_BRACKET.match(title)):
        if bracket and (split := _read_bracket(bracket[1])):
            kept, venue = split
            rest = f"{title[: bracket.start()]} {kept} {title[bracket.end() :]}"
            return " ".join(rest.split()) or title, venue
    bars = list(_BARS.finditer(title))
    for bar in bars[:1] + bars[-1:]:
        halves = title[: bar.start()].strip(), title[bar.end() :].strip()
        for outside, rest in (halves, halves[::-1]):
            if rest and (found := read_known(outside, needs_year=True)):
                return rest, found
    return title, None


def _read_bracket(content: str) -> tuple[str, Venue] | None:
    """The venue in a bracket and, in a bracket of its own, what else stands there: "TIDE, CVPR 2016"."""
    if venue := read_known(content, needs_year=True):
        return "", venue
    head, comma, tail = content.rpartition(",")
    venue = read_known(tail, needs_year=True) if comma else None
    return (f"({head.strip()})", venue) if venue else None


# ── short names ─────────────────────────────────────────────────────────────────────────────────


def find_short_name(facts: TitleFacts, *, addresses: Sequence[str], text: str) -> str | None:
    """The name people call the paper's method by, or None.

    In this order: the words before the title's first colon; a name in brackets before it; the last part of
    one of the addresses, if the text itself uses that name. The text's spelling is taken then ("MK-TOD" for
    MKTOD.html), which also keeps out file names such as LLMsurvey4.

    Args:
        addresses: The post's own, and then the code's: FLARE is reviewed in ActiverRag.html, but its
            repository has the right name.
        text: The post's title and text, where the name must occur.
    """
    if names := _names_of_halves(facts.clean_title):
        return names[0]
    title = facts.clean_title
    if facts.name_in_brackets:
        title = title.removeprefix(f"[{facts.name_in_brackets}]").strip()
    head, colon, _ = title.partition(":")
    if colon and (name := _as_name(head)) and (_looks_like_name(name) or _is_used(name, text)):
        return name
    if facts.name_in_brackets and _looks_like_name(facts.name_in_brackets):
        return facts.name_in_brackets
    if " " not in title and _looks_like_name(title):
        return title
    called = (_find_name_of_address(address, text) for address in addresses)
    return next((name for name in called if name), None)


def _names_of_halves(title: str) -> tuple[str, ...]:
    """The names before the colons of a title in two languages, the English one first; () for any other title."""
    halves = split_title(title)
    if len(halves) == 1:
        return ()
    split = (half.partition(":") for half in sorted(halves, key=has_hangul))
    return tuple(dict.fromkeys(name for head, colon, _ in split if colon and (name := _as_name(head))))


def _as_name(head: str) -> str | None:
    """The words before a colon, if they are a name: at most two, capitalised, 25 characters in all."""
    head = head.strip().lstrip("#").strip()
    words = head.split()
    if not 0 < len(words) <= _MAX_SHORT_NAME_WORDS or len(head) > _MAX_SHORT_NAME_CHARS:
        return None
    if len(words) == 1:
        return head if any(character.isalpha() for character in head) else None
    return head if all(any(c.isupper() or c.isdigit() for c in word) for word in words) else None


def _is_used(word: str, text: str) -> bool:
    """Whether the text uses the word too: "Ditto: …" is a name, "Members: …" a notice."""
    uses = re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text)
    return sum(1 for _ in islice(uses, 2)) == 2  # the title is the first


def _looks_like_name(word: str) -> bool:
    """Two capitals or more, or a capital and a digit: "CAD", "X-VLM", "RoE"; not "Adapters"."""
    capitals = sum(character.isupper() for character in word)
    has_digit = any(character.isdigit() for character in word)
    return len(word) <= _MAX_SHORT_NAME_CHARS and (capitals >= 2 or (capitals == 1 and has_digit))


def _find_name_of_address(address: str, text: str) -> str | None:
    candidate = _last_part(address)
    if not candidate or not _ADDRESS_NAME.fullmatch(candidate) or not _looks_like_name(candidate):
        return None
    letters = [re.escape(character) for character in candidate if character.isalnum()]
    spelling = re.compile(rf"(?<![A-Za-z0-9]){'[ -]?'.join(letters)}(?![A-Za-z0-9])", re.IGNORECASE)
    spellings = Counter(m[0] for m in spelling.finditer(text) if _looks_like_name(m[0]))
    return min(spellings, key=lambda name: (-spellings[name], name)) if spellings else None


def _last_part(address: str) -> str:
    try:
        path = unquote(urlsplit(address).path)
    except ValueError:
        return ""
    return path.rstrip("/").rpartition("/")[2].removesuffix(".html").removesuffix(".md")
