"""Titles of posts about papers: in which languages they are, and whether two are of one paper. Pure."""

from __future__ import annotations

import re

_BILINGUAL = re.compile(r"\s+/\s+")
_HANGUL = re.compile("[가-힣]")
_PART = re.compile(
    r"(?:[([]\s*\d{1,2}\s*[)\]]|[-–:]?\s*(?:part|#|제)\s*\d{1,2}\s*(?:편|부|탄)?|\d{1,2}\s*(?:편|부|탄))\s*\Z",
    re.IGNORECASE,
)
_TITLE_WORD = re.compile(r"[a-z0-9]+|[가-힣]+")
_COMMON_WORDS = frozenset(
    "a an and as at by can do does for from how in into is it its of on or the to towards toward via what when "
    "with we you your are be paper survey review reviews summary notes note reading explained "
    "논문 리뷰 정리 요약 읽기 번역 스터디 서베이 "
    "large language model models llm llms learning neural network networks deep using based".split()
)
"""Words that many titles share, so that having them in common says nothing."""


def has_hangul(text: str) -> bool:
    return bool(_HANGUL.search(text))


def split_title(title: str) -> tuple[str, ...]:
    """The title in each of its languages: "한국어 제목 / English Title" is two."""
    parts = _BILINGUAL.split(title)
    kinds = [has_hangul(part) for part in parts]
    return tuple(part.strip() for part in parts) if len(parts) == 2 and kinds[0] != kinds[1] else (title,)


def is_same_title(one: str, other: str) -> bool:
    """Whether two posts' titles may be of one paper: one of them says all that tells the other from other papers.

    A post may be called by the paper's short name alone ("SELF-INSTRUCT 논문 리뷰"), by its title, by a part of it,
    or in two languages; the number of a part is no difference.
    """
    return any(_covers(a, b) or _covers(b, a) for a in split_title(one) for b in split_title(other))


def _covers(title: str, other: str) -> bool:
    """Whether what is particular about a title stands in another one."""
    text = _PART.sub("", title.casefold().strip())
    other_words = _TITLE_WORD.findall(other.casefold())
    particular = [word for word in _TITLE_WORD.findall(text) if word not in _COMMON_WORDS]
    if not particular:
        typed = _TITLE_WORD.findall(text)
        return len(typed) > 1 and typed == other_words[: len(typed)]
    joined = "".join(other_words)
    there = sum(word in other_words or (len(word) > 3 and word in joined) for word in particular)
    return there >= max(1, -(-len(particular) * 4 // 5))
