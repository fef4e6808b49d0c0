"""A question as a member asks it → what kind it is, and what it is about without the words that only ask. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.text.patterns import lazy_pattern


class Kind(StrEnum):
    """What a question wants to know."""

    HOW_MANY = "how many"
    WHY = "why"
    HOW = "how"
    COMPARE = "compare"
    WHICH = "which"
    LIMITS = "limits"
    RESULTS = "results"
    DATA = "data"
    WHAT = "what"
    YES_NO = "yes-no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question: its kind, and ``subject``, its words without those that only ask."""

    kind: Kind
    subject: str


_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, lazy_pattern(pattern, re.IGNORECASE))
    for kind, pattern in (
        (
            Kind.HOW_MANY,
            (
                r"\bhow (?:many|much|long|big|large|often|far|fast)\b|\bwhat (?:percent|share|fraction|number|size)\b"
                r"|몇|얼마|퍼센트|비율|개수|횟수|크기"
            ),
        ),
        (Kind.WHY, r"\bwhy\b|\bwhat (?:causes|caused|makes)\b|\breason\b|왜|이유|까닭|어째서|원인"),
        (
            Kind.LIMITS,
            r"\blimit|\bweakness|\bdrawback|\bdownside|\bfail(?:s|ure)?\b|\bproblems? with\b|한계|단점|약점|아쉬",
        ),
        (
            Kind.COMPARE,
            (
                r"\bbetter than\b|\bcompared?\b|\bversus\b|\bvs\b|\bdifferen|\binstead of\b"
                r"|차이|비교|보다|대신|다른가|달라"
            ),
        ),
        (Kind.DATA, r"\bdata ?sets?\b|\btrained on\b|\bcorpus\b|데이터|말뭉치"),
        (Kind.RESULTS, r"\bresults?\b|\bperform|\bscore|\baccura|\bimprove|성능|결과|점수|정확도|좋아졌|나아"),
        (Kind.HOW, r"\bhow\b|\bis there a way\b|\bin what way\b|어떻게|어떤 식|방법|하려면|하는 법"),
        (Kind.WHICH, r"\bwhich\b|\bwho\b|\bwhere\b|\bwhen\b|어느|어떤|누가|누구|어디|언제"),
        (Kind.WHAT, r"\bwhat\b|뭐|뭘|무엇|무슨|뭔|뭡|란\b"),
    )
)
_ASKING = lazy_pattern(
    r"\b(?:is there (?:a|any) way to|is it possible to|can (?:you|anyone) (?:tell|explain)(?: me)?|please"
    r"|tell me about|tell me|do you know|i want to know|i wonder|what happens (?:if|when)|what if"
    r"|how (?:many|much|long|often)|what (?:percent|share|fraction)(?:age)? of|what|how|why|which|who)\b"
    r"|몇\s?(?:개|명|번|퍼센트|프로|%|시간|배|가지|장|건|쌍|줄|편)?(?:이나|나|야|이야|예요|인가|정도|쯤)?(?![가-힣])"
    r"|얼마나|얼마|어떻게|왜|무엇을|무엇|뭐가|뭘|뭐"
    r"|(?:에 대해서?|에 관해서?|좀)?\s*(?:알려|설명해|가르쳐|말해|찾아|보여)\s?(?:줘|주세요|줄래|주라)(?:요)?"
    r"|(?:이|가|은|는)?\s?(?:궁금해|궁금합니다|궁금하다)(?:요)?",
    re.IGNORECASE,
)


def read_question(text: str) -> Question:
    """Read a question in Korean or English."""
    kind = next((kind for kind, pattern in _KINDS if pattern.search(text)), Kind.YES_NO)
    subject = " ".join(_ASKING.sub(" ", text).split())
    return Question(kind=kind, subject=subject or text)
