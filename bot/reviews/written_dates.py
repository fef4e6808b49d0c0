"""A line without the date at one of its ends: "Ada Quill, Bo Li. 7 Jul 2031 (v2)" → "Ada Quill, Bo Li".

In: a line of names. Out: the names. Pure.

Read are the dates of conferences, of arXiv and of four languages: "20-25 June 2031", "last revised 6 Dec 2031
(this version, v3)", "2031-07-12", "2031년 7월", "2031年7月12日". May, June, April and August are also names: "Bo Li,
Jonathan May, 2031" keeps its May.
"""

from __future__ import annotations

import re

from bot.text.patterns import lazy_pattern

_MAX_DATE_CHARS = 120
_YEAR = r"(?:19|20)\d\d(?!\d)"
_SHORT_YEAR = rf"(?:{_YEAR}|['’]\d\d(?!\d))"
MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)(?![a-z])\.?"
)
"""A month's name, whole or abbreviated, whatever its case; to be matched without regard to case."""
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_TO = r"\s?[-–—~]\s?"
_DATE = (
    rf"(?:(?:{_DAY}(?:\s{MONTH})?{_TO})?{_DAY}[\s.-]{{0,2}}(?:of\s)?{MONTH}[\s,.'-]{{0,2}}{_SHORT_YEAR}|"  # 7 July
    rf"{MONTH}\s?(?:{_DAY}{_TO}(?:{MONTH}\s)?)?{_DAY}(?:,\s?|\s){_SHORT_YEAR}|"  # July 7, 2031
    rf"{MONTH}[\s,-]{{0,2}}{_SHORT_YEAR}|"  # July 2031
    rf"{_YEAR}[\s,-]{{1,2}}{MONTH}(?:[\s-]{_DAY})?|"  # 2031 July
    rf"{_YEAR}\s?[-./]\s?\d{{1,2}}(?:\s?[-./]\s?\d{{1,2}})?|"  # 2031-07-07
    rf"\d{{1,2}}([-./])\d{{1,2}}\1{_YEAR}|"  # 07/07/2031
    rf"{_YEAR}\s?[年년](?:\s?\d{{1,2}}\s?[月월](?:\s?\d{{1,2}}\s?[日일])?)?)"
)
_SAID = (
    r"(?:(?:(?:(?:last|first)\s)?(?:revised|submitted|published|posted|updated|released|accepted|received|presented)"
    r"(?:\s(?:on|in))?|on|date|arxiv|v\d{1,2})[\s:]{1,2}|"
    r"(?<=[,.;|(\[]\s)(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,?\s)"  # "Bo Sun, 7 Jul 2031" is a person
)
_VERSION = r"(?:[\s,]{0,2}v(?:ersion\s)?\d{1,2}|\s?[(（\[][^()（）\[\]]{0,40}[)）\]])?"
_BEHIND = lazy_pattern(
    rf"(?<![\s.,;:|·•_*(（\[–—/-])(?P<sign>[\s.,;:|·•_*(（\[–—/-]{{1,6}}){_SAID}?(?P<date>{_DATE})"
    rf"(?:\s?(?:발표|게재|공개|출판|公開|発表|发表|发布|出版))?{_VERSION}[\s.,;:_*)\]）。-]{{0,6}}$",
    re.IGNORECASE,
)
_MAX_DATES = 3  # "Received 3 Mar 2031; revised 1 Jun 2031; accepted 7 Jul 2031"
_OPENED = lazy_pattern(r"(?<=\w)\W?[(（\[][^()（）\[\]]{0,60}$")  # "(ICCV" before ", July 2031)"
_BEFORE = lazy_pattern(rf"^[\s(\[（_*]{{0,4}}{_DATE}[\s)\]）_*]{{0,4}}[.,:;|·–—-]\s*(?=[^\W\d])", re.IGNORECASE)


def without_date(line: str) -> str:
    """Return a list of names without the dates before or behind it."""
    for _ in range(_MAX_DATES):
        match = _BEHIND.search(line, max(0, len(line) - _MAX_DATE_CHARS))
        if match is None or _is_of_name(line[: match.start()], match):
            break
        line = _OPENED.sub("", line[: match.start()])
    before = _BEFORE.match(line)
    return line[before.end() :] if before else line


def is_date(text: str) -> bool:
    """Whether a text is a date and nothing else; a part of a list may be one without its year, "7 July"."""
    return _WHOLE.fullmatch(text) is not None


_WHOLE = lazy_pattern(
    rf"{_SAID}?(?:{_DATE}|{MONTH}\s?{_DAY}(?:{_TO}(?:{MONTH}\s)?{_DAY})?|{_DAY}(?:\s?{MONTH})?(?:{_TO}{_DAY})?\s?{MONTH}){_VERSION}",
    re.IGNORECASE,
)


def _is_of_name(names: str, match: re.Match[str]) -> bool:
    """Whether a month is the last name of the last author: "Bo Li, Jonathan May 2031", "…, Jonathan May, 2031"."""
    last = re.split(r"[,;，、&]|\band\b", names)[-1].split()
    return match["date"][0].isalpha() and not match["sign"].strip() and len(last) == 1
