"""Titles of posts about papers: their languages, and whether posts share a paper or form a series. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from bot.text.patterns import lazy_pattern
from bot.text.terms import bare_letters, has_hangul, squash

MIN_SERIES_WORDS = 5
"""From this many words on, a title is more than a name, and a bare number after it may count parts."""
_BILINGUAL = lazy_pattern(r"\s+/\s+")
_ROMAN = {numeral: number for number, numeral in enumerate("i ii iii iv v vi vii viii ix x xi xii".split(), 1)}
_NUMBER = rf"\d{{1,2}}|(?:{'|'.join(_ROMAN)})(?![a-z])"
_OF_ALL = r"(?:\s*(?:/|of)\s*\d{1,2})?"
_PART_NUMBER = (
    r"\s*(?:[-–—:,|]\s*)?(?:"
    rf"[(\[]\s*(?:(?:part|pt\.?|파트)\s*|\#|제\s*)?({_NUMBER}){_OF_ALL}\s*(?:편|부|탄)?\s*[)\]]"
    rf"|(?<![a-z\d])(?:part|pt\.?|파트)\s*({_NUMBER}){_OF_ALL}"
    r"|(?<![a-z\d])\#\s*(\d{1,2})"
    r"|(?<!\d)(?:제\s*)?(\d{1,2})\s*(?:편|부|탄)"
    r")"
)
_PART = lazy_pattern(rf"{_PART_NUMBER}\s*\Z", re.IGNORECASE)
"""How the title of a part ends: "(2)", "(1/3)", "Part II", "#3", "제2편"; a dash or the like may come before it."""
_PART_AND_TITLE = lazy_pattern(rf"{_PART_NUMBER}\s*[-–—:|]\s+(?=\S)", re.IGNORECASE)
"""The same before the part's own title: "Boats (2) - Sails"."""
_BARE_NUMBER = lazy_pattern(r"\s+(\d{1,2})\s*\Z")
_COUNT = r"(?:\d{1,3}|[一二三四五六七八九十]{1,3})"
_COUNTED = (
    r"(?:(?:(?:AI|ML|DL|NLP)\s)?(?:paper|논문|論文|论文|文献)(?:\s?(?:reviews?|readings?|notes?|summary|club|study|"
    r"리뷰|정리|요약|읽기|스터디|소개|紹介|読み|輪読|メモ|笔记|閱讀|阅读|解读))?"
    r"|day|week|wk|episode|ep|lecture|lec|issue|no|nr|vol(?:ume)?|part|pt|chapter|ch|session|reviews?|리뷰|스터디)"
)
"""What a number before a title counts: "Day 5", "논문 리뷰 3"."""
_COUNTER = r"(?:번째|주차|일차|[회화편강장부탄번周週篇回期讲講章話弾日])"
_AFTER_COUNT = r"(?:\s*[:：|｜、]\s*|[.)）]\s+|[.．)）](?=(?-i:[^\W\d_a-z]))|\s+[-–—]+\s+|_(?=[^\W\d_]))"
"""A sign that ends a count: with the space behind it, "2.5D", "1-bit" and "3. Boats" are told apart."""
_DATE = r"(?:19|20)\d\d(?P<between>[-._/ ]?)(?:0[1-9]|1[0-2])(?P=between)(?:0[1-9]|[12]\d|3[01])(?![\d.])"
_SHORT_DATE = r"\d\d\.(?:0[1-9]|1[0-2])(?:\.(?:0[1-9]|[12]\d|3[01]))?"
_ARXIV_MONTH = r"(?:0[7-9]|[12]\d)(?:0[1-9]|1[0-2])"
"""The month of a preprint, as arXiv has numbered them since April 2007, alone or in the paper's number."""
_OF_PAPERS = rf"{_COUNTER}(?:\s?(?:논문|論文|论文))?"
_ORDINALS = (
    rf"[\[(（【]\s*(?:{_COUNTED}[.\s]*)?(?:#|第|제|No\.)?\s?{_COUNT}\s?(?:{_OF_PAPERS})?\s*[\])）】](?:\s*[-–—:：|]\s+|\s*)",
    rf"[\[(（【]{_SHORT_DATE}[\])）】]\s*",
    rf"[\[(（【]?{_DATE}[\])）】]?(?:{_AFTER_COUNT}|\s+|-(?=[^\W\d_]))",
    rf"(?:{_COUNTED}[.\s]*)?\#\s?{_COUNT}(?:{_AFTER_COUNT}|\s+)",
    rf"{_COUNTED}(?:\.|\s|-)?\s?{_COUNT}\s?{_COUNTER}?{_AFTER_COUNT}",
    rf"{_COUNTED}\s?[(（]\s?{_COUNT}\s?[)）](?:{_AFTER_COUNT}|\s+)",
    rf"(?:part|chapter|lecture|volume)\s(?:{_NUMBER}){_AFTER_COUNT}",
    rf"(?:{_COUNTED}\s*)?(?:第|제\s?){_COUNT}\s?{_COUNTER}(?:{_AFTER_COUNT}|\s+)",
    rf"{_COUNT}\s?{_OF_PAPERS}{_AFTER_COUNT}",
    r"\d{1,2}[-.]\d{1,2}[.)]\s+",
    r"0\d{1,2}(?:-|\s+)(?=[^\W\d_])",
    rf"{_ARXIV_MONTH}(?:\.\d{{4,5}}(?:v\d)?(?:[_\s]+|\s?[-–—:：]\s*)|_+)(?=[^\W\d_])",
    rf"[\[(（【]{_ARXIV_MONTH}[\])）】][\s_]*(?=[^\W\d_])",
    rf"\d{{1,3}}{_AFTER_COUNT}",
)
_ORDINAL = lazy_pattern(rf"(?:{'|'.join(_ORDINALS)})(?=\S)", re.IGNORECASE)
"""How posts are numbered or dated before the title: "12. ", "#7 ", "[03] ", "Day 5: ", "논문 3: ", "第5回 "."""
_YEAR = r"(?:19|20)\d\d"
_YEAR_IN_FRONT = lazy_pattern(rf"\A\s*[\[(（【]\s?({_YEAR})\s?[\])）】]\s*(?=\S)")
_YEAR_BEHIND = lazy_pattern(rf"(?<=[^\s,])\s*[\[(（【]\s?({_YEAR})\s?[\])）】]\s*\Z")
_BARE_YEAR_IN_FRONT = lazy_pattern(
    rf"\A{_YEAR}(?:\s+(?=[A-Z][\w+-]*[:：]\s)|(?:\s+|[_-]+(?=[^\W\d_]))(?=(?:[^\s:：]+\s+){{4}}\S)|_+(?=[^\W\d_]))"
)
"""Before a name and a colon, before five words, or joined to the title: "2031 Kettle: …"; not "2031 Recap"."""
_BARE_YEAR_BEHIND = lazy_pattern(rf"(?<=\w),\s*{_YEAR}\s*\Z")
_TITLE_WORD = lazy_pattern(r"[a-z0-9]+|[가-힣]+")
_COMMON_WORDS = frozenset(
    "a an and as at by can do does for from how in into is it its of on or the to towards toward via what when "
    "with we you your are be paper survey review reviews summary notes note reading explained "
    "논문 리뷰 정리 요약 읽기 번역 스터디 서베이 "
    "large language model models llm llms learning neural network networks deep using based".split()
)
"""Words that many titles share, so that sharing them means nothing."""
_POST_WORDS = frozenset("paper review reviews summary notes note pdf 논문 리뷰 정리 요약 읽기 번역 스터디".split())
"""Words that a post adds to its paper's title."""
_HEAD_END = lazy_pattern(r"[:：(（]|\s[-–—|]\s")
MIN_PASSAGE = 3
"""From this many words on, a title may stand anywhere in another one."""


def split_title(title: str) -> tuple[str, ...]:
    """Return the title in each of its languages: "한국어 제목 / English Title" gives two."""
    parts = _BILINGUAL.split(title)
    kinds = [has_hangul(part) for part in parts]
    return tuple(part.strip() for part in parts) if len(parts) == 2 and kinds[0] != kinds[1] else (title,)


def find_titles(text: str, titles: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Yield where each title that stands in a text begins and ends there, however it is spaced and capitalised.

    Args:
        titles: As `bare_letters` writes them.
    """
    letters = [(at, letter) for at, one in enumerate(text) for letter in one.casefold() if letter.isalnum()]
    joined = "".join(letter for _, letter in letters)
    for title in titles:
        at = joined.find(title) if title else -1
        if at >= 0:
            yield letters[at][0], letters[at + len(title) - 1][0] + 1


def without_titles(text: str, titles: Collection[str], mark: str) -> str:
    """Return a text with a mark in place of each title that stands in it; titles within each other are one.

    Args:
        titles: As `bare_letters` writes them.
    """
    kept: list[str] = []
    end = 0
    for start, stop in sorted(find_titles(text, titles)) if titles else ():
        if start >= end:
            kept.append(text[end:start])
        end = max(end, stop)
    return mark.join((*kept, text[end:]))


def split_ordinal(title: str) -> tuple[str, str]:
    """Return the count or the date before a title, and the title: "12. BERT: …", "[Day 5] …", "第5回 …".

    A number without a sign behind it belongs to the title ("3D Boats", "7 Sins of Sailing", "1-bit Oars"), unless it
    begins with a zero: "068 Boats".
    """
    match = _ORDINAL.match(title)
    if not match or not any(map(str.isalpha, title[match.end() :])):
        return "", title
    return title[: match.end()], title[match.end() :]


def split_year(title: str) -> tuple[str, int | None]:
    """Return a title without the year in brackets at one of its ends, and the year: "Low Boats (1986)"."""
    match = _YEAR_BEHIND.search(title) or _YEAR_IN_FRONT.match(title)
    rest = f"{title[: match.start()]}{title[match.end() :]}" if match else title
    return (rest, int(match[1])) if match and any(map(str.isalpha, rest)) else (title, None)


def paper_title(title: str) -> str:
    """Return a post's title without what only the post adds: a count or a date before it, a year at one of its ends.

    A year without brackets is one only before or after a title that is long enough to be a paper's: "2031 Kettle:
    Low Boats", "Low Boats at Sea, 2019".
    """
    rest, year = split_year(split_ordinal(title)[1])
    if year is None:
        rest = _BARE_YEAR_IN_FRONT.sub("", rest)
        before = _BARE_YEAR_BEHIND.sub("", rest)
        rest = before if len(before.split()) >= MIN_SERIES_WORDS - 2 else rest
    return rest


def split_part(title: str) -> tuple[str, int] | None:
    """Return the title that the parts of a series share, and this part's number; None if the title gives no part.

    A bare number does not count: "Llama 2" and "GPT 4" are not parts of "Llama" and "GPT" but other papers.
    """
    match = _PART.search(title) or _PART_AND_TITLE.search(title)
    if not match or not (shared := title[: match.start()].strip()):
        return None
    number = next(filter(None, match.groups())).casefold()
    return shared, _ROMAN.get(number) or int(number)


def series_title(titles: Sequence[str]) -> str | None:
    """Return the title shared by posts that are the parts of one series; None if they are not.

    Either each title names its part ("(2)", "Part 2", "2편"), or each ends in a bare number after a title too long
    for a name, and these numbers are consecutive.
    """
    parts = [split_part(title) for title in titles]
    if not any(parts):
        parts = [_split_bare_number(title) for title in titles]
        numbers = sorted({part[1] for part in parts if part})
        if not numbers or numbers[-1] - numbers[0] >= len(numbers):
            return None
    numbered = [part for part in parts if part]
    is_series = len(numbered) == len(parts) and len({bare_letters(shared) for shared, _ in numbered}) == 1
    return numbered[0][0] if is_series and len({number for _, number in numbered}) > 1 else None


def _split_bare_number(title: str) -> tuple[str, int] | None:
    match = _BARE_NUMBER.search(title)
    if match is None or len(title[: match.start()].split()) < MIN_SERIES_WORDS:
        return None
    return title[: match.start()].strip(), int(match[1])


def particular_words(title: str) -> list[str]:
    """Return the words of a title that few others share: "retrieval", not "language", "survey" or "논문"."""
    return [word for word in _TITLE_WORD.findall(title.casefold()) if word not in _COMMON_WORDS]


def is_same_title(one: str, other: str) -> bool:
    """Whether two posts' titles may name one paper: one contains most of the distinctive words of the other.

    A post may use the paper's short name ("SELF-INSTRUCT 논문 리뷰"), its title, a part of it, or two languages. The
    number of a part makes no difference.
    """
    return any(_covers(a, b) or _covers(b, a) for a in split_title(one) for b in split_title(other))


def has_whole_title(one: str, other: str) -> bool:
    """Whether one of two titles stands whole in the other: at its head before a colon or bracket, or as three words.

    Stricter than `is_same_title`: “One-Shot Boats” is not in “One-Shot Sails for Boats”, and RAG not in Self-RAG.
    """
    return any(_is_within(a, b) or _is_within(b, a) for a in split_title(one) for b in split_title(other))


def _is_within(title: str, other: str) -> bool:
    ours, theirs = _paper_words(title), _paper_words(other)
    if not ours:
        return False
    if ours in (theirs, _paper_words(_HEAD_END.split(other, maxsplit=1)[0])):
        return True
    places = range(len(theirs) - len(ours) + 1) if len(ours) >= MIN_PASSAGE else ()
    return any(theirs[at : at + len(ours)] == ours for at in places)


def _paper_words(title: str) -> list[str]:
    """Return a title's words as written between spaces, in letters alone, without a part's number and the post's."""
    part = split_part(title)
    spelt = (squash(word) for word in (part[0] if part else title).split())
    return [word for word in spelt if word and word not in _POST_WORDS]


def _covers(title: str, other: str) -> bool:
    """Whether most of the distinctive words of a title stand in another one."""
    part = split_part(title)
    text = (part[0] if part else title).casefold()
    other_words = _TITLE_WORD.findall(other.casefold())
    particular = particular_words(text)
    if not particular:
        typed = _TITLE_WORD.findall(text)
        return len(typed) > 1 and typed == other_words[: len(typed)]
    joined = "".join(other_words)
    there = sum(word in other_words or (len(word) > 3 and word in joined) for word in particular)
    return there >= max(1, -(-len(particular) * 4 // 5))
