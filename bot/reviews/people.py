"""A line → the people that it lists, if it lists people and says nothing else.

In: a line of a post, and the words that the post uses. Out: a :class:`People`, or None. Pure.

`authors` reads a list that somebody labelled, or one with nothing beside its names. Here a line may say more: where
the authors work, where and when they published, their addresses, the paper's title. After all this is taken out,
nothing may be left over. How sure a name is, is told by known names, by its form, and by the post itself: a word that
the post writes in lower case elsewhere, "sensor", is rarely a name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple

from bot.reviews.author_words import INSTITUTIONS, INSTITUTIONS_ASIAN, PLACES, SUBJECTS
from bot.reviews.authors import ADDRESS, ET_AL, has_more, is_name, main_words, names_institution, read_authors
from bot.reviews.fact_labels import read_label
from bot.reviews.name_forms import ALSO_WORDS, fold, is_east_asian, is_given, is_surname, is_surname_like
from bot.reviews.venues import read_alone, read_known, read_known_part
from bot.reviews.written_dates import is_date, without_date
from bot.text.patterns import lazy_pattern
from bot.text.titles import without_titles

_MAX_CHARS = 3_000
_MAX_PARTS = 400
_MAX_GLUED_WORDS = 24
_MIN_TITLE_LETTERS = 8


class Strength(IntEnum):
    """How clearly two or more capitalised words are a person's name."""

    NONE = 0  # one of them is a word of the language
    FORM = 1  # nothing but their form
    PART = 2  # a given name or a surname is known, or there are initials
    WHOLE = 3  # both are known, or are of one language


class People(NamedTuple):
    """The people that a line lists.

    ``is_cut``: it leaves some out. ``has_signs``: it has initials, footnote marks or addresses. ``has_place``: it
    says where they work. ``has_source``: it says where or when they published.
    """

    names: tuple[str, ...]
    is_cut: bool
    has_signs: bool
    has_place: bool
    has_source: bool

    def share(self, least: Strength, words: Collection[str] = ()) -> float:
        """The share of names that are at least this sure."""
        return sum(strength_of(name, words) >= least for name in self.names) / len(self.names)


def strength_of(name: str, words: Collection[str] = ()) -> Strength:
    """How clearly this is a person's name.

    Args:
        words: The words that the post writes in lower case.
    """
    if not is_name(name):
        return Strength.NONE
    parts = name.split()
    main = main_words(parts)
    if not main:
        return Strength.NONE
    if any(_is_word(part, words) for part in main):
        return Strength.NONE
    has_initials = len(main) < len(parts) and any(re.fullmatch(r"(?:[A-Z]\.?-?){1,3}", part) for part in parts)
    last = main[-1]
    if len(main) == 1:
        return Strength.PART if has_initials else Strength.FORM
    first = main[0]
    if is_east_asian(first, last) or is_east_asian("".join(main[:-1]), last) or is_east_asian(last, first):
        return Strength.WHOLE if not (_is_also_word(first) and _is_also_word(last)) else Strength.FORM
    given = is_given(first) and not _is_also_word(first)
    family = is_surname(last) and not _is_also_word(last)
    if (given and (family or is_surname_like(last) or is_surname(last))) or (is_given(first) and family):
        return Strength.WHOLE
    return Strength.PART if given or family or has_initials or is_surname_like(last) else Strength.FORM


def _is_also_word(word: str) -> bool:
    return fold(word) in ALSO_WORDS


def _is_word(word: str, words: Collection[str]) -> bool:
    """Whether a word is one of the language rather than a name."""
    lower = word.lower()
    if lower in SUBJECTS or lower in INSTITUTIONS:
        return True
    return lower in words and not ((is_given(word) or is_surname(word)) and not _is_also_word(word))


# ── one line ────────────────────────────────────────────────────────────────────────────────────

_BRACKETED = lazy_pattern(r"[(（\[【]([^()（）\[\]【】]{0,160})[)）\]】]")
_PART = lazy_pattern(
    r"\s*(?:[,，、;；|•●▪\n\t]|(?<![㐀-鿿])·(?![㐀-鿿])|\s[-–—/]{1,3}\s|(?<=[^\W\d_]{2})\.\s+(?=[^\W\d_])|[:：](?!//)|。|"
    r"\s@\s|(?:^|\s)(?:by|and|with|from|of|at|in|und)\s(?=[A-ZÀ-Þ\d])|\s&\s|\s및\s|(?<=[가-힣])[와과]\s|\s和\s|\s与\s)\s*",
)
_SIGNS = " \t\"'“”‘’*_`~.,;:·|/()[]{}<>-–—→▶►■●📄📎🔗📑👉✍️👥👤🧑📝"
_CUT = lazy_pattern(
    rf"\s*(?:{ET_AL}|等人?|外\s?\d*\s?名?|외\s?\d*\s?명?|他\s?\d*\s?名?|ほか|등|"
    r"(?:and )?(?:\d+ )?(?:others|more))\.?\s*",
    re.IGNORECASE,
)
_OF_ROLE = lazy_pattern(
    r"\W*(?:by|written by|authored by|accepted(?: (?:to|at|in|by|as))?|published|presented|appeared|appears|"
    r"(?:(?:these |all )?authors )?(?:contributed )?equal(?:ly)?(?: contribution)?|oral|poster|spotlight|"
    r"best paper(?: award)?|(?:co-?)?(?:corresponding|first|lead|senior) authors?|project lead(?:er)?|advisors?|"
    r"preprint|arxiv preprint|et al|[^\w]*共同一作|共一|通讯作者?|第一作者|通信作者|核心贡献者|项目负责人|"
    r"동등 기여|교신\s?저자|(?:제\s?)?1\s?저자|責任著者)\W*",
    re.IGNORECASE,
)
_LEADING_ROLE = lazy_pattern(
    r"^\W*(?:(?:(?:the )?authors?|by|written by|authored by|저자|共同一作|通讯作者|第一作者|通信作者|"
    r"核心贡献者|项目负责人|교신\s?저자|제?\s?1\s?저자)\s+(?=[A-ZÀ-Þ가-힣㐀-鿿]))",
    re.IGNORECASE,
)
_DATED = lazy_pattern(r"\W*(?:(?:19|20)\d\d|['’]\d\d)(?:\s?[.년年/-]\s?\d{0,2}\s?[.월月/-]?\s?\d{0,2}\s?[일日]?)?\W*")
_OF_SIGNS = lazy_pattern(
    r"\b(?:IEEE|ACM)\b|\b0000[-–−‐]000\d|(?<!\w)[A-Z]\.(?=[\s-]?[A-Z])|[*∗†‡§¶@⁰¹²³⁴-⁹]|(?<=[a-z])\d(?!\d)"
)
_ACRONYM = lazy_pattern(r"[A-Z][A-Z&-]{1,7}\d?|[A-Z]{2,6} [A-Z][a-z]+|[A-Z][a-z]+ [A-Z]{2,6}")


def read_people(text: str, titles: Collection[str] = (), words: Collection[str] = ()) -> People | None:
    """Return the people that a line lists, if nothing else is left over.

    Args:
        titles: The post's own titles, as letters and digits in lower case: a line may have one of them beside names.
        words: The words that the post writes in lower case.
    """
    if len(text) > _MAX_CHARS or not _may_list(text):
        return None
    has_signs = _OF_SIGNS.search(text) is not None
    names = read_authors(text)
    reading = _read_parts(text, titles, words)
    is_plain = bool(names) and not _may_be_glued(names)
    if reading is None or (is_plain and not (reading.has_more_than(names) or reading.has_others_than(names))):
        has_place, has_source = names_institution(text), _has_source(text)
        return People(names, has_more(text), has_signs, has_place, has_source) if names else None
    return People(
        tuple(dict.fromkeys(reading.names)), reading.is_cut, has_signs, reading.has_place, reading.has_source
    )


def _read_parts(text: str, titles: Collection[str], words: Collection[str]) -> _Reading | None:
    """Read a line part by part; None if one of them is something else, or there is no name."""
    known_titles = [title for title in titles if len(title) >= _MIN_TITLE_LETTERS]
    parts = _parts_of(without_titles(text, known_titles, " | "))
    reading = _Reading(titles, words)
    return reading if all(map(reading.take, parts)) and reading.names else None


def _may_list(text: str) -> bool:
    """Whether at least half of the words in Latin letters begin with a capital: in a sentence, few do."""
    text = ADDRESS.sub(" ", text)
    capitals, small = len(_CAPITAL.findall(text)), len(_SMALL.findall(text))
    return capitals > 0 and capitals >= small


_CAPITAL = lazy_pattern(r"(?<![^\W\d_])[A-ZÀ-Þ]")
_SMALL = lazy_pattern(r"(?<![^\W\d_])[a-zß-ÿ]")


def _may_be_glued(names: Sequence[str]) -> bool:
    return any(cut_names(name.split()) for name in names)


def _has_source(text: str) -> bool:
    return without_date(text) != text or re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", text) is not None


def _parts_of(text: str) -> Iterator[str]:
    """Yield the parts of a line; what stands in brackets is a part of its own."""
    text = ADDRESS.sub(" , ", text)
    for _ in range(2):
        text = _BRACKETED.sub(r" | \1 | ", text)
    start = 0
    for count, match in enumerate(_PART.finditer(text)):
        yield text[start : match.start()]
        start = match.end()
        if count > _MAX_PARTS:
            break
    yield text[start:]


class _Reading:
    """The parts of one line, read one after another."""

    def __init__(self, titles: Collection[str], words: Collection[str]) -> None:
        self.titles = titles
        self.words = words
        self.names: list[str] = []
        self.is_cut = self.has_place = self.has_source = False
        self._is_within_place = False

    def take(self, part: str) -> bool:
        """Read one part; False if it is something that a list of authors does not have."""
        bare = _LEADING_ROLE.sub("", part.strip(_SIGNS))
        if not bare or not any(map(str.isalpha, bare)) or _OF_ROLE.fullmatch(bare) or read_label(bare):
            self.has_source = self.has_source or _DATED.fullmatch(part) is not None
            return True
        if _CUT.fullmatch(bare):
            self.is_cut = True
            return True
        if self._is_source(bare):
            self.has_source = True
            return True
        if self._is_place(bare):
            self.has_place = self._is_within_place = True
            return True
        if names := self._read_names(bare):
            if self.is_cut and self.names:
                return True
            self.is_cut = self.is_cut or has_more(bare)
            self.names += names
            self._is_within_place = False
            return True
        return self._is_title(bare) or (self._is_within_place and len(bare.split()) <= 3 and bare[:1].isupper())

    def has_more_than(self, names: Collection[str]) -> bool:
        """Whether it has further names, and all of them are known ones."""
        further = set(self.names) - set(names)
        return bool(further) and all(strength_of(name, self.words) >= Strength.PART for name in further)

    def has_others_than(self, names: Collection[str]) -> bool:
        """Whether some of these names are something else: of "ICML 2031 | July 2031 | Ada Quill", "July ICML"."""
        others = set(names) - set(self.names)
        is_less = bool(others) and set(self.names) < set(names) and not self.is_cut
        return is_less and all(strength_of(name, self.words) < Strength.PART for name in others)

    def _is_source(self, part: str) -> bool:
        is_known = read_known(part, needs_year=True) or read_known_part(part) or read_alone(part)
        return bool(is_known) or read_known(part) is not None or is_date(part)

    def _is_place(self, part: str) -> bool:
        if names_institution(part) or part.lower().strip(". ") in PLACES or INSTITUTIONS_ASIAN.search(part):
            return True
        return bool(self.names) and _ACRONYM.fullmatch(part) is not None and strength_of(part) < Strength.WHOLE

    def _is_title(self, part: str) -> bool:
        letters = "".join(filter(str.isalnum, part.lower()))
        return len(letters) > 3 and any(letters in title or title in letters for title in self.titles if title)

    def _read_names(self, part: str) -> tuple[str, ...]:
        names = read_authors(part)
        if names and not _may_be_glued(names) and all(strength_of(name, self.words) for name in names):
            return names
        return tuple(cut_names(part.split(), self.words))


# ── names without separators ────────────────────────────────────────────────────────────────────


def cut_names(words: Sequence[str], lower: Collection[str] = ()) -> list[str]:
    """Cut words into names of two or three where known names show the only good way; [] if they do not.

    "Ada Quill Bo Li" → "Ada Quill", "Bo Li".
    """
    if not 4 <= len(words) <= _MAX_GLUED_WORDS:
        return []
    best: list[tuple[int, int, list[str]]] = [(0, 1, [])]  # for each position: score, ways with it, the names
    for end in range(1, len(words) + 1):
        options = []
        for size in (2, 3):
            start = end - size
            if start < 0 or not best[start][1]:
                continue
            name = " ".join(words[start:end])
            strength = strength_of(name, lower)
            if (strength >= Strength.PART and is_given(words[start])) or strength is Strength.WHOLE:
                score, ways, names = best[start]
                options.append((score + 2 * strength - 5 + (size == 2), ways, [*names, name]))
        top = max((score for score, _, _ in options), default=0)
        leading = [option for option in options if option[0] == top]
        best.append((top, sum(ways for _, ways, _ in leading), leading[0][2]) if leading else (0, 0, []))
    return best[-1][2] if best[-1][1] == 1 else []
