"""Words in a title that describe the post and not the paper: "논문 리뷰", "Paper review:", "論文紹介", "论文笔记".

In: a title. Out: the title without such labels, and whether there was one. Pure.
"""

from __future__ import annotations

import re

from bot.text.patterns import lazy_pattern

_OF_A_PAPER = (
    r"(?:(?:AI|ML|DL|NLP|CV|딥러닝|머신러닝|최신)\s)?논문\s?(?:간단\s?)?"
    r"(?:리뷰|정리|요약|읽기|설명|소개|해설|분석|공부|스터디|노트|번역|이해하기)"
    r"|paper\s?(?:reviews?|readings?|notes?|summary|explained)"
    r"|論文\s?(?:紹介|メモ|読み|まとめ|解説|要約|レビュー|輪読|笔记|筆記|閱讀|解讀)(?:メモ|ノート)?"
    r"|(?:论文|文献)\s?(?:笔记|阅读|解读|精读|分享|翻译|泛读|速读|学习|总结|导读)(?:笔记)?"
)
"""Labels that mention a paper: nothing else has such a name."""
_LABEL = lazy_pattern(
    rf"(?:\w{{1,12}}\s)?(?:{_OF_A_PAPER}|논문|papers?|论文|論文|reviews?|리뷰|정리|번역|스터디|요약)", re.IGNORECASE
)
_OPEN, _CLOSE = r"[\[(（【〔<＜「『]", r"[\])）】〕>＞」』]"
_IN_LANGUAGE = (
    r"[\[(（【]\s*(?:kor(?:ean)?|eng(?:lish)?|jpn|japanese|kr|ko|en|ja|jp|zh|cn|"
    r"한국어|한글|국문|영어|영문|日本語|日文|英語|英文|中文|韩语|韓国語)(?:\s?(?:ver(?:sion)?\.?|번역|판|버전|版))?\s*[\])）】]"
)
"""The language of a post in brackets: "[Kor]", "(English version)"."""
_JOINT = r"[-–—|｜:：·/]"
_IN_FRONT = lazy_pattern(
    rf"\s*(?:{_OPEN}\s*(?:{_OF_A_PAPER}|리뷰|reviews?)\s*{_CLOSE}\s*{_JOINT}{{0,3}}\s*"
    rf"|(?:{_OF_A_PAPER}|리뷰|reviews?)\s*{_JOINT}{{1,3}}\s*"
    rf"|{_IN_LANGUAGE}\s*"
    # Not behind English words: "Paper review generation" is a subject.
    rf"|(?:{_OF_A_PAPER})(?<![A-Za-z])\s*(?=[A-Za-z0-9\[《「『“]))",
    re.IGNORECASE,
)
_BEHIND = lazy_pattern(
    rf"\s*(?:{_JOINT}{{1,3}}\s*|{_OPEN}\s*)?(?:{_OF_A_PAPER}|(?:요약|핵심|내용|간단)\s?(?:설명|정리|요약|리뷰))\s*{_CLOSE}?\Z"
    rf"|(?:\s*{_JOINT}{{1,3}}\s+|\s*{_OPEN}\s*)(?:리뷰|설명|정리|요약|이해하기|reviews?)\s*{_CLOSE}?\Z"
    rf"|\s*{_IN_LANGUAGE}\s*\Z"
    r"|\s?에\s?(?:대하여|대해서?(?:\s?알아보(?:자|기))?|대한\s?(?:설명|리뷰|정리|요약|이해)|관하여)\Z"
    # After a Korean word, 정리 may be a theorem.
    r"|(?<=[A-Za-z0-9)\]?!.])\s*(?:리뷰|설명|이해하기|정리|요약)\Z"
    r"|(?<=[A-Za-z0-9)\]?!.])\s*(?:の(?:論文)?(?:紹介|解説|まとめ|要約|メモ)|を読(?:む|んだ|んでみた))\Z"
    r"|(?<=[A-Za-z0-9)\]?!.])\s*(?:论文)?(?:阅读笔记|读书笔记|学习笔记|笔记|解读|精读|详解)\Z",
    re.IGNORECASE,
)
_BEHIND_HANGUL = lazy_pattern(r"(?<=\S)\s(?:리뷰|설명|이해하기)\Z")
_REVIEW_BEHIND = lazy_pattern(r"\s+reviews?\Z", re.IGNORECASE)
_KIND_OF_REVIEW = frozenset(
    "a an the and or of for in on to by as is literature systematic comprehensive scoping critical short brief mini "
    "narrative selective historical peer code book movie film product restaurant hotel customer online user app "
    "year annual weekly monthly quarterly clinical legal art state-of-the-art methodological technical under this "
    "design performance security".split()
)
"""Before "review", these words make it part of the title: "A Systematic Review", "Automated Code Review"."""
_NAME_AND_TITLE = lazy_pattern(r"(?P<name>[^()（）:：]{1,60}?)\s?[(（](?P<title>.+)[)）]")
_NAME_TWICE = lazy_pattern(rf"(?P<name>[^:：]{{1,60}}?)\s*(?:[:：]|\s{_JOINT}\s)\s*(?P<title>.+)")
_QUOTED = lazy_pattern(r"《(.+)》|「(.+)」|『(.+)』|“([^“”]+)”")
_MAX_LABELS = 4
"""The maximum number of labels removed from each end of a title."""
_MAX_NAME_WORDS = 2
_MAX_CHARS = 500
"""Longer texts are not titles."""


_BEHIND_VENUE = lazy_pattern(
    rf"\s*(?P<venue>[A-Za-z][A-Za-z&+ -]{{1,20}}?[\s'’]{{0,2}}(?:19|20)?\d\d)\s?(?:の|採択|采纳)?"
    rf"(?:{_OF_A_PAPER})\s*{_JOINT}{{1,3}}\s*",
    re.IGNORECASE,
)
_DESCRIBES_POST = lazy_pattern(
    r"(?:解説|紹介|まとめ|要約|メモ|レビュー|入門|ブログ|解读|解讀|笔记|筆記|精读|介绍|讲解|导读|"
    r"리뷰|정리|해설|요약|소개|설명|분석|후기)\s*\Z"
)


def describes_post(text: str) -> bool:
    """Whether words end with what the post does with its subject: "Boat Labs 解説", "보트넷 정리"."""
    return _DESCRIBES_POST.search(text) is not None


def split_labelled_venue(title: str) -> tuple[str, str]:
    """Return the words before a label for a paper's review that may be its venue and year, and the title behind:
    "ICML 2031論文解説: Boats"; "" and the title if there are none.
    """
    match = _BEHIND_VENUE.match(title)
    return (match["venue"].strip(), title[match.end() :]) if match and match.end() < len(title) else ("", title)


def is_label(text: str) -> bool:
    """Whether the text in a title's brackets is only a label."""
    return bool(_LABEL.fullmatch(text.strip()))


def strip_labels(title: str) -> tuple[str, bool]:
    """Return the title without labels at both ends and without its name repeated, and whether anything was removed.

    Never empty unless the title is: a title that is only a label stays.
    """
    clean = title.strip()
    if len(clean) > _MAX_CHARS or _is_plain(clean):
        return clean, False
    without = _strip(clean, front=True)
    once = _name_once(without)
    return once, once != clean


def _is_plain(title: str) -> bool:
    """Whether a title has nothing that a label could be told by. Most that people type have not, and the expressions
    need not be compiled for these.
    """
    lowered = title.lower()
    return title.isascii() and not any(sign in lowered for sign in ("paper", "review", *"[(<:|-/"))


def _strip(title: str, *, front: bool = False) -> str:
    for _ in range(_MAX_LABELS):
        shorter = _without_behind(title)
        shorter = _without_front(shorter) if front else shorter
        if shorter == title or not any(character.isalnum() for character in shorter):
            break
        title = shorter
    return title


def _without_front(title: str) -> str:
    if not (match := _IN_FRONT.match(title)):
        return title
    rest = title[match.end() :].strip()
    quoted = _QUOTED.fullmatch(rest)
    return next(filter(None, quoted.groups())).strip() if quoted else rest


def _without_behind(title: str) -> str:
    if match := _BEHIND.search(title):
        shorter = title[: match.start()].rstrip()
        # A bracket after the label may close one that was opened long before it.
        return shorter if _is_balanced(shorter) or not _is_balanced(title) else title
    if (match := _BEHIND_HANGUL.search(title)) and len(title[: match.start()].split()) > 1:
        return title[: match.start()]
    if match := _REVIEW_BEHIND.search(title):
        shorter = title[: match.start()].rstrip(" -–—|:：")
        words = shorter.split()
        is_label = bool(words) and words[-1].casefold() not in _KIND_OF_REVIEW
        return shorter if is_label and (len(words) > 2 or is_marked(words[-1])) else title
    return title


def _name_once(title: str) -> str:
    """Remove a repeated name.

    “KITE 논문 설명(KITE - Ears)” becomes “KITE - Ears”, and “KITE 리뷰(All by Ear)” becomes “KITE (All by Ear)”.
    """
    if match := _NAME_AND_TITLE.fullmatch(title):
        name, inner = _strip(match["name"].strip()), match["title"].strip()
        if _is_balanced(inner) and len(name.split()) <= _MAX_NAME_WORDS and len(inner.split()) > _MAX_NAME_WORDS:
            return inner if _begins_with(inner, name) else f"{name} ({inner})"
    elif match := _NAME_TWICE.fullmatch(title):
        name, rest = _strip(match["name"].strip()), match["title"].strip()
        again = _NAME_TWICE.fullmatch(rest) or _NAME_AND_TITLE.fullmatch(rest)
        if len(name.split()) <= _MAX_NAME_WORDS and again and again["name"].strip() == name:
            return rest
    return title


def _begins_with(text: str, name: str) -> bool:
    return text.startswith(name) and not text[len(name) : len(name) + 1].isalnum()


def _is_balanced(text: str) -> bool:
    return all(text.count(opening) == text.count(other) for opening, other in ("()", "[]", "（）"))


def is_marked(word: str) -> bool:
    """Whether a word is written like a name: two capitals or more, or a capital and a digit; not "Adapters"."""
    capitals = sum(character.isupper() for character in word)
    return capitals >= 2 or (capitals == 1 and any(character.isdigit() for character in word))
