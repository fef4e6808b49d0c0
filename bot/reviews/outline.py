"""How deep each heading is; authors' tags do not always show it.

In: headings as (tag number, text) in order. Out: depth and section number of each. Pure.

Half of the posts in the main feed use a *bigger* tag for the *deeper* section, so depth comes first from section
numbers, then from names that every paper has, and last from tags. Other blogs nest their tags as usual: if nothing
speaks against it, the tags count. The rules below are right for all 558 headings of the main feed's 53 posts
that have any; usual nesting by tag is right for 255.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise

from bot.models.reviews import Block, BlockKind, Mark
from bot.reviews.markup import Heading, Piece
from bot.reviews.names import COMMON_SECTIONS, FRAME_SECTIONS, REVIEW_SECTIONS
from bot.text.patterns import lazy_pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The place of a heading. ``depth`` from 1; ``number`` as "3", "3.2" or "3-C", None for local steps."""

    depth: int
    number: str | None = None


class _Style(StrEnum):
    """How a number is written. Steps within a section are numbered in a different style from sections."""

    PLAIN = "1."
    ROMAN = "I."
    IN_BRACKETS = "(1)"
    CIRCLED = "①"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Title:
    level: int
    style: _Style | None
    number: str | None
    name: str
    is_common: bool

    @property
    def parts(self) -> list[str]:
        """The parts of its number; [] without one."""
        return re.split(r"[.-]", self.number) if self.number else []

    @property
    def is_single(self) -> bool:
        """Whether its number has one part and is written like a section's."""
        return self.style is _Style.PLAIN and len(self.parts) == 1

    @property
    def is_frame(self) -> bool:
        """Whether it names a part that frames a paper and never belongs to another part."""
        return self.is_common and "".join(_DECORATION.sub("", self.name.lower()).split()) in _FRAME_WITHOUT_SPACES


_NUMBER = lazy_pattern(r"\s*(\d{1,2}(?:\.\d{1,2}){0,5})(?:\.(?!\d)\s*|\s+)(?=\S)")
"""Digits separated by dots, then a full stop or a space, and text. At most two digits per part: "2024 in
review" and "1000 examples" begin with a quantity."""

_NUMBER_ALONE = lazy_pattern(r"\s*(\d{1,2}(?:\.\d{1,2}){1,5})\.?\s*\Z")
""""3.2.1" and nothing else; a single part may be anything."""

_HYPHENATED = lazy_pattern(r"\s*(\d{1,2}(?:\.\d{1,2}){0,3}(?:-(?:\d{1,2}|[A-Za-z])){1,3})(?:[.)]\s*|\s+)(?=\S)")
""" "3-C. Boats", "2-1 Ropes". Without a section 3 before it, "3-D boats" is a word."""

_LETTERED = lazy_pattern(r"\s*(\d{1,2}(?:\.\d{1,2}){0,3})\.([A-Z])(?:[.)]\s*|\s+)(?=\S)")
""" "3.A. Boats" is 3-A. A letter after a number that no section has does not count: "3.D hulls"."""

_CHAPTER = lazy_pattern(
    r"\s*(?:(?:section|chapter|sec\.|ch\.)\s*(\d{1,2}(?:\.\d{1,2}){0,3})(?:\s*[:.\uff1a\u2013\u2014-]|\s)"
    r"|(?:제\s?)?(\d{1,2})\s?[장절](?:[.:]|\s)|第\s?(\d{1,2})\s?[章节節](?:[.:\uff1a]|\s)"
    r"|(\d{1,2}(?:\.\d{1,2}){0,5})\s?[:\uff1a](?=\s))\s*(?=\S)",
    re.IGNORECASE,
)
""""Section 3: Boats", "제3장 배", "第3章 船", "3: Boats"."""

_ROMAN = lazy_pattern(r"\s*(X{0,2}(?:IX|IV|V?I{1,3}|V)|X{1,2})[.)]\s+(?=\S)")
_ROMAN_DIGITS = {"I": 1, "V": 5, "X": 10}
_LETTERS_TOO = frozenset(("1", "5", "10"))
"""I, V and X, which are also letters of the alphabet."""
_KEYCAP = lazy_pattern("(\\d)(\ufe0f?)\u20e3")
_MARKS = lazy_pattern("[\\s\u203b\u25a0-\u25ff\u2600-\u2775\u2794-\u27bf\ufe0f\U0001f000-\U0001faff]*")
"""Signs that authors put before a number: "📌 1. Boats", "■ 2. Ropes"."""

_BRACKETED = lazy_pattern(r"\s*(?:[(\uff08](\d{1,2})[)\uff09]|(\d{1,2})[)\uff09])\.?\s*(?=\S)")
_CIRCLED = lazy_pattern(r"\s*([\u2460-\u2473\u2776-\u277f\u278a-\u2793])\s*(?=\S)")
_IDEOGRAPHIC = lazy_pattern(r"\s*([一二三四五六七八九]?十?[一二三四五六七八九]?)[、．.]\s*(?=\S)")
_DIGITS = {digit: value for value, digit in enumerate("一二三四五六七八九", start=1)}
_WIDE_DIGITS = str.maketrans("０１２３４５６７８９．", "0123456789.")

_COMMON_WITHOUT_SPACES = frozenset(name.replace(" ", "") for name in COMMON_SECTIONS)
_FRAME_WITHOUT_SPACES = frozenset(name.replace(" ", "") for name in FRAME_SECTIONS)
_REVIEW_WITHOUT_SPACES = frozenset(name.replace(" ", "") for name in REVIEW_SECTIONS)
_INTRODUCTIONS = ("introduction", "서론", "들어가며", "はじめに", "引言")
_JOINTS = lazy_pattern(r"(?<!\s)\s*(?:&|,|/|\band\b|및|와 |과 )\s*")
_DECORATION = lazy_pattern(r"^\W+|(?<!\W)\W+$")  # tried once per run, at its beginning
_MAX_CHARS = 500
_LIKENESS = 0.85  # difflib's ratio: one or two wrong letters in a word, "Concclusion", "Experimetns"
_MIN_TYPO_CHARS = 5  # a shorter word is similar to too many others
_MAX_LENGTH_DIFFERENCE = 2
_COMMON_BY_LETTER: dict[str, list[str]] = {}
for _name in sorted(_COMMON_WITHOUT_SPACES):
    if len(_name) >= _MIN_TYPO_CHARS:
        _COMMON_BY_LETTER.setdefault(_name[0], []).append(_name)


def place_headings(headings: Sequence[tuple[int, str]]) -> tuple[Place, ...]:
    """Find depth and number of each heading of one post.

    1. A heading has a number if it starts with digits separated by dots, then a space or a full stop, and then text;
       the parts of the number give the depth. "3-C" is a part of section 3, "一、" is section 1. "(1)" and "①"
       are numbers if they are used in place of the others. Steps counted from 1 within a section do not count.
       "Section 3:", "제3장", "III." and "📌 3." are section 3 as well.
    2. Numbers are section numbers if the introduction is numbered; or, without an introduction, if at least half of
       the headings are; or if they count up, from the first to the last, on the tag that the introduction or the
       other top sections have. Otherwise, and if they begin with 1 below each of several headings without numbers on
       a bigger tag, they are local steps, and rule 6 applies. If all numbers have several parts and count up on
       smaller tags below headings without numbers, they number parts: tags count.
    3. Tags nest as usual unless a bigger tag has deeper numbers, or has no number while the counting continues.
    4. If tags nest as usual, a bigger tag than that of the sections is a part that contains them: a title in other
       words, or one of several papers. An unnumbered heading is one deeper than the nearest one before it with a
       bigger tag.
    5. Otherwise an unnumbered common name (Abstract, Conclusion, 결론, …, typing errors allowed) is at depth 1, and
       any other heading has the depth that its tag mostly has among the numbered ones; a tag that is never numbered
       is one deeper than the nearest tag that is.
    6. Without section numbers, depth 1 is the tag of most common names. If there are none, or if a post begins with
       the biggest tag and another name, it is the first heading's tag; if it begins with another name and a tag that
       is smaller than all others, the biggest tag. Every other tag is one deeper for each step
       away, in either direction, among the tags in use.

    Args:
        headings: The tag's number, 1 to 6, and the heading as written.
    """
    titles = _without_steps(_without_strays([_read_title(level, text) for level, text in headings]))
    if _are_parts_of_unnumbered(titles):
        return _place_as_tagged(titles)
    for style in _Style:
        numbered = [title if title.style is style else replace(title, number=None) for title in titles]
        if _are_section_numbers(numbered, style):
            return _place_by_nesting(numbered) if _nests_as_usual(numbered) else _place_numbered(numbered)
    return _place_by_tag(titles)


_BOLD_LEVEL = 7
_MAX_BOLD_CHARS = 100
_SENTENCE_END = lazy_pattern(r"[.!,;:。]\Z")


def find_written_headings(pieces: Sequence[Piece]) -> list[Piece]:
    """Turn short bold paragraphs and short quotations into headings if their author used them as such.

    In a post with headings of its own, only a bold line with a number below another's ("2.1 Data") is added, unless
    the bold lines name the sections: then each that may be a heading counts, from the first of these names on. In a
    post without any, or with only its title, every bold line counts from the first one with a number or a common name
    on, if there are at least two of these. Otherwise every quotation of a few words counts, if there are three, or
    two with a common name among them.
    """
    bold = {at: text for at, piece in enumerate(pieces) if (text := _bold_line(piece))}
    tagged = {at: piece for at, piece in enumerate(pieces) if isinstance(piece, Heading)}
    if len(tagged) <= 1 and all(at < _MAX_BEFORE_TITLE for at in tagged):
        usual = [at for at, text in bold.items() if _is_usual(text)]
        chosen = {at: bold[at] for at in bold if at >= usual[0]} if len(usual) > 1 else _quoted_headings(pieces)
        levels = dict.fromkeys(chosen, _BOLD_LEVEL)
    elif _names_sections(bold.values(), [heading.text for heading in tagged.values()]):
        first = next(at for at, text in bold.items() if _section_name(text))
        chosen = {at: bold[at] for at in bold if first <= at < len(pieces) - 1 and _may_be_heading(bold[at])}
        levels = _levels_beside(tagged, chosen)
    else:
        is_numbered = any(_NUMBER.match(heading.text) for heading in tagged.values())
        chosen = {at: text for at, text in bold.items() if is_numbered and _is_numbered_below(text)}
        levels = dict.fromkeys(chosen, _BOLD_LEVEL)
    return [Heading(level=levels[at], text=chosen[at]) if at in chosen else p for at, p in enumerate(pieces)]


_MAX_BEFORE_TITLE = 3  # pieces


def _is_usual(text: str) -> bool:
    return _NUMBER.match(text) is not None or is_common_name(text)


_MIN_NAMED = 3
_BRACKETED_ASIDE = lazy_pattern(r"[(\uff08][^()\uff08\uff09]*[)\uff09]")
_STATEMENT_END = lazy_pattern(r"(?:[가-힣]다|です|ます|である|了)\Z")


def _names_sections(bold: Iterable[str], tagged: Iterable[str]) -> bool:
    """Whether the bold lines name at least three sections that papers or reviews have, and more than the tags do.

    Many authors use bold lines for small parts inside of sections with a tag; there the tags name the sections.
    """
    named = {name for text in bold if (name := _section_name(text))}
    return len(named) >= _MIN_NAMED and len(named) > len({name for text in tagged if (name := _section_name(text))})


def _section_name(text: str) -> str:
    """The name in a line, without number and brackets, if papers or reviews give it to a section; else ""."""
    name = _DECORATION.sub("", _without_asides(text[_read_number(text)[2] :]).lower())
    return name if "".join(name.split()) in _REVIEW_WITHOUT_SPACES or is_common_name(name) else ""


def _without_asides(text: str) -> str:
    return _BRACKETED_ASIDE.sub(" ", text[:_MAX_CHARS]).strip()


def _may_be_heading(text: str) -> bool:
    """Whether a bold line is short enough for a heading, and no statement or caption."""
    name = _without_asides(text)
    is_short = len(name) <= _MAX_QUOTED_CHARS and len(name.split()) <= _MAX_QUOTED_WORDS
    is_named = any(character.isalpha() for character in name) and not _NO_HEADING.match(name)
    return is_short and is_named and not _STATEMENT_END.search(name)


def _levels_beside(tagged: Mapping[int, Heading], chosen: Iterable[int]) -> dict[int, int]:
    """The levels of bold lines beside tags: the biggest tag's, but from its first heading on they are its parts."""
    biggest = min(heading.level for heading in tagged.values())
    first = min(at for at, heading in tagged.items() if heading.level == biggest)
    return {at: biggest if at < first else _BOLD_LEVEL for at in chosen}


def _quoted_headings(pieces: Sequence[Piece]) -> dict[int, str]:
    """Return the short quotations, with text after them, that serve as headings."""
    quotes = [at for at, piece in enumerate(pieces) if _is_quote(piece)]
    alone = [at for at in quotes if not {at - 1, at + 1} & set(quotes)]
    headings = {at: text for at in alone if (text := _quoted_line(pieces, at))}
    is_usual = any(is_common_name(text) for text in headings.values())
    is_habit = len(headings) >= (_MIN_QUOTED - is_usual) and len(headings) * 2 > len(alone)
    return headings if is_habit else {}


def _is_quote(piece: Piece) -> bool:
    return isinstance(piece, Block) and piece.kind is BlockKind.QUOTE


_MIN_QUOTED = 3
_MAX_QUOTED_CHARS = 60
_MAX_QUOTED_WORDS = 8
_NO_HEADING = lazy_pattern(
    r"[^\w\d]*(?:fig(?:ure)?|table|source|그림|표|출처|図|表|图|出典)\b|[\"'“”‘’「『–—-]", re.IGNORECASE
)


def _quoted_line(pieces: Sequence[Piece], at: int) -> str:
    """Return the text of a quotation that may be a heading: not a sentence, caption, formula or saying; else ""."""
    piece = pieces[at]
    text = piece.text.strip()
    if isinstance(piece, Heading) or at + 1 == len(pieces) or "\n" in text or _SENTENCE_END.search(text):
        return ""
    is_short = len(text) <= _MAX_QUOTED_CHARS and len(text.split()) <= _MAX_QUOTED_WORDS
    is_plain = not any(Mark.MATH in span.marks or span.href for span in piece.spans)
    is_named = any(character.isalpha() for character in text) and not _NO_HEADING.match(text)
    return text if is_short and is_plain and is_named else ""


def _bold_line(piece: Piece) -> str:
    """Return the text of a paragraph that is one short bold line and not a sentence; else ""."""
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
    """Whether a heading's text, without its number, is a name that most papers use for a section."""
    name = _DECORATION.sub("", name[:_MAX_CHARS].lower())
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
    matcher = SequenceMatcher(None, written, known, autojunk=False)
    return matcher.quick_ratio() >= _LIKENESS and matcher.ratio() >= _LIKENESS  # the quick one is never smaller


def _read_title(level: int, text: str) -> _Title:
    style, number, end = _read_number(_KEYCAP.sub(r"\1.\2", text.translate(_WIDE_DIGITS)))
    name = text[end : end + _MAX_CHARS]
    return _Title(level=level, style=style, number=number, name=name, is_common=is_common_name(name))


def _read_number(text: str) -> tuple[_Style | None, str | None, int]:
    """Return the style of a heading's number, the number, and where its name begins."""
    start = _marks_before(text)
    if match := _LETTERED.match(text, start):
        return _Style.PLAIN, f"{_plain_number(match[1])}-{match[2]}", match.end()
    if match := _HYPHENATED.match(text, start) or _NUMBER.match(text, start) or _NUMBER_ALONE.match(text, start):
        return _Style.PLAIN, _plain_number(match[1].upper()), match.end()
    if match := _CHAPTER.match(text, start):
        return _Style.PLAIN, _plain_number(next(group for group in match.groups() if group)), match.end()
    if match := _ROMAN.match(text, start):
        return _Style.ROMAN, str(_read_roman(match[1])), match.end()
    if match := _BRACKETED.match(text, start):
        return _Style.IN_BRACKETS, _plain_number(match[1] or match[2]), match.end()
    if match := _CIRCLED.match(text, start):
        return _Style.CIRCLED, str(int(unicodedata.numeric(match[1]))), match.end()
    if (match := _IDEOGRAPHIC.match(text, start)) and match[1]:
        return _Style.PLAIN, str(_read_ideographs(match[1])), match.end()
    return None, None, 0


def _marks_before(text: str) -> int:
    match = _MARKS.match(text)
    return match.end() if match else 0


def _plain_number(number: str) -> str:
    """Return a number without leading zeros: 01."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", number)


def _read_roman(letters: str) -> int:
    values = [_ROMAN_DIGITS[letter] for letter in letters]
    return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))


def _read_ideographs(digits: str) -> int:
    tens, ten, ones = digits.partition("十")
    return (_DIGITS.get(tens, 1) * 10 if ten else _DIGITS.get(tens, 0)) + _DIGITS.get(ones, 0)


def _without_strays(titles: Sequence[_Title]) -> list[_Title]:
    """Remove numbers with a hyphen whose section does not come before: "3-D boats" in a post without a section 3."""
    seen: set[str] = set()
    kept = []
    for title in titles:
        parent = title.number.rpartition("-")[0] if title.number else ""
        is_stray = bool(parent) and parent not in seen
        seen |= {title.number} if title.number and not is_stray else set()
        kept.append(replace(title, style=None, number=None) if is_stray else title)
    return kept


def _without_steps(titles: Sequence[_Title]) -> list[_Title]:
    """Remove the numbers of steps.

    They are on a smaller tag than the sections, and counted from 1 within a numbered section, or from a number that a
    section has elsewhere: the first step may not be a heading.
    """
    top = min((title.level for title in titles if title.is_single), default=0)
    sections = {title.number for title in titles if title.is_single and title.level == top}
    kept: list[_Title] = []
    open_titles: list[tuple[_Title, bool]] = []  # those above the next one by tag; whether it is a step
    last: dict[int, int] = {}  # the last step on each tag since the last section
    for title in titles:
        while open_titles and open_titles[-1][0].level >= title.level:
            open_titles.pop()
        holder, is_below_step = open_titles[-1] if open_titles else (None, False)
        number = int(title.parts[0]) if title.is_single else 0
        if title.level <= top:
            last.clear()
        is_in_section = holder is not None and holder.number is not None
        begins = (number == 1 and is_in_section) or (holder is not None and title.number in sections)
        is_step = title.level > top and number > 0 and (begins or last.get(title.level) == number - 1)
        if is_step:
            last[title.level] = number
        elif is_below_step and holder is not None and len(title.parts) > 1 and title.parts[0] == holder.number:
            is_step = True  # 5.1 of a step 5
        open_titles.append((title, is_step))
        kept.append(replace(title, style=None, number=None) if is_step else title)
    return kept


def _are_parts_of_unnumbered(titles: Sequence[_Title]) -> bool:
    """Whether all numbers have several parts, count up, and are on smaller tags below headings without numbers.

    Like this: "Method", "3.1 Hulls", "3.2 Ropes".
    """
    numbered = [title for title in titles if title.number]
    if len(numbered) < _MIN_ROW or any(
        title.style is not _Style.PLAIN or "-" in title.number for title in numbered if title.number
    ):
        return False
    counted = [[int(part) for part in title.parts] for title in numbered]
    if min(map(len, counted)) < 2 or any(a >= b for a, b in pairwise(counted)) or counted[0][0] > _MAX_FIRST:
        return False
    depths = _usual_depths((title.level, len(title.parts)) for title in numbered)
    in_order = [depths[level] for level in sorted(depths)]
    top = min(title.level for title in numbered)
    beside = sum(title.level == top and not title.number for title in titles)
    held = titles[0].level < top and beside <= len(numbered)
    return held and all(a <= b for a, b in pairwise(in_order))


def _place_as_tagged(titles: Sequence[_Title]) -> tuple[Place, ...]:
    """Place by tags, and by numbers if those on one tag are below each other."""
    places: list[Place] = []
    open_titles: list[_Title] = []
    for title in titles:
        while open_titles and not _holds(open_titles[-1], title):
            open_titles.pop()
        open_titles.append(title)
        places.append(Place(depth=len(open_titles), number=title.number))
    return tuple(places)


def _holds(above: _Title, title: _Title) -> bool:
    if above.level != title.level or not (above.number and title.number):
        return above.level < title.level
    return title.number.startswith(f"{above.number}.")


def _are_section_numbers(titles: Sequence[_Title], style: _Style) -> bool:
    """Whether the numbers are section numbers (rule 2)."""
    numbered = [title for title in titles if title.number]
    if style is _Style.ROMAN and all(title.number in _LETTERS_TOO for title in numbered):
        return False
    introductions = [title for title in titles if _is_introduction(title.name)]
    if introductions:
        if any(title.number for title in introductions):
            return True
        return _counts_up(titles, introductions[0].level)
    if style is _Style.PLAIN and len(numbered) * 2 >= len(titles) > 0:
        return not _restart_below_unnumbered(titles)
    return bool(numbered) and _counts_up(titles, min(title.level for title in numbered)) and _are_on_top(titles)


def _restart_below_unnumbered(titles: Sequence[_Title]) -> bool:
    """Whether the numbers begin with 1 below each of several headings that have a bigger tag and no number: "Method",
    "1. Hulls", "2. Ropes", "Results", "1. Speed". Then they number parts.
    """
    top = min(title.level for title in titles if title.number)
    numbers: dict[int, list[str]] = {}  # by the position of the heading above
    above = -1
    for at, title in enumerate(titles):
        if title.level < top:
            above = at
        elif title.level == top and title.number:
            numbers.setdefault(above, []).append(title.number)
    return len(numbers) >= _MIN_ROW and -1 not in numbers and all(row[0] == "1" for row in numbers.values())


def _counts_up(titles: Sequence[_Title], level: int) -> bool:
    """Whether at least half of a tag's headings are numbered, in one series that never restarts."""
    on_level = [title for title in titles if title.level == level]
    numbers = [int(title.parts[0]) for title in on_level if len(title.parts) == 1]
    is_row = len(numbers) >= _MIN_ROW and all(a < b for a, b in pairwise(numbers))
    return is_row and len(numbers) * 2 >= len(on_level) and numbers[0] <= _MAX_FIRST


_MIN_ROW = 2
_MAX_FIRST = 9  # "90 years" and "95 percent" are not a series


def _are_on_top(titles: Sequence[_Title]) -> bool:
    """Whether nothing is above the numbered headings except a title before the first of them."""
    first = next(at for at, title in enumerate(titles) if title.number)
    top = min(title.level for title in titles if title.number)
    return all(title.level >= top for title in titles[first:])


def _nests_as_usual(titles: Sequence[_Title]) -> bool:
    """Whether tags nest as usual (rule 3)."""
    depths = _usual_depths((title.level, len(title.parts)) for title in titles if title.number)
    in_order = [depths[level] for level in sorted(depths)]
    if any(a > b for a, b in pairwise(in_order)):
        return False
    top = min(level for level in depths if depths[level] == min(in_order))
    bigger = [at for at, title in enumerate(titles) if title.level < top and not title.number]
    return all(titles[at].is_common or _opens_a_part(titles, at) for at in bigger) and not any(
        titles[at].is_common and not titles[at].is_frame for at in bigger
    )


def _opens_a_part(titles: Sequence[_Title], at: int) -> bool:
    """Whether the counting restarts after a heading, has not begun before it, or has ended."""
    before = [title for title in titles[:at] if title.number]
    following = next((title for title in titles[at + 1 :] if title.number), None)
    if following is None or not before:
        return True
    return len(following.parts) == 1 and int(following.parts[0]) <= 1


def _place_by_nesting(titles: Sequence[_Title]) -> tuple[Place, ...]:
    """Place headings whose tags nest as usual (rule 4)."""
    top = min(title.level for title in titles if title.number and len(title.parts) == _shallowest(titles))
    places: list[Place] = []
    open_levels: list[tuple[int, int]] = []  # (tag, depth) of the headings that contain the next one
    base = 0
    for at, title in enumerate(titles):
        while open_levels and open_levels[-1][0] >= title.level:
            open_levels.pop()
        if title.number:
            depth = base + len(title.parts)
        elif title.level < top or _counts_anew_below(titles, at):
            base, depth = (base if title.level < top and title.is_frame else 1), 1
        else:
            depth = open_levels[-1][1] + 1 if open_levels else base + 1
        open_levels.append((title.level, depth))
        places.append(Place(depth=depth, number=title.number))
    return tuple(places)


def _counts_anew_below(titles: Sequence[_Title], at: int) -> bool:
    """Whether sections begin at 1 again below a heading, with a smaller tag: a supplement has numbers of its own."""
    following = next((title for title in titles[at + 1 :] if title.number), None)
    is_anew = following is not None and following.number == "1" and titles[at].level < following.level
    return is_anew and any(title.number for title in titles[:at])


def _shallowest(titles: Sequence[_Title]) -> int:
    return min(len(title.parts) for title in titles if title.number)


def _is_introduction(name: str) -> bool:
    name = _DECORATION.sub("", name.lower())
    return name.startswith(_INTRODUCTIONS) or _is_alike(name, "introduction")


def _place_numbered(titles: Sequence[_Title]) -> tuple[Place, ...]:
    """Place headings by their numbers (rules 1 and 5)."""
    depths = _usual_depths((t.level, len(t.parts)) for t in titles if t.number)
    return tuple(
        Place(depth=len(t.parts), number=t.number)
        if t.number
        else Place(depth=1 if t.is_common else _depth_of_tag(t.level, depths))
        for t in titles
    )


def _usual_depths(seen: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Return the depth that each tag mostly has; the shallower one if two are equally frequent."""
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


def _is_byline(titles: Sequence[_Title]) -> bool:
    """Whether the first heading is a line below the title, "Quill et al. (2031)", and none of the sections: no other
    heading has its tag, and all others have bigger ones.
    """
    others = [title.level for title in titles[1:]]
    return bool(others) and max(others) < titles[0].level


def _place_by_tag(titles: Sequence[_Title]) -> tuple[Place, ...]:
    """Place headings without section numbers (rule 6)."""
    if not titles:
        return ()
    common = Counter(title.level for title in titles if title.is_common)
    top = min(common, key=lambda level: (-common[level], level)) if common else titles[0].level
    in_use = sorted({title.level for title in titles})
    if not titles[0].is_common and (titles[0].level == in_use[0] or _is_byline(titles)):
        top = in_use[0]
    steps = {level: abs(in_use.index(level) - in_use.index(top)) for level in in_use}
    return tuple(Place(depth=1 + steps[title.level]) for title in titles)
