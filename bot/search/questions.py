"""A question as a member asks it → what kind it is, and what it is about without the words that only ask. Pure.

Korean and English, in whole sentences or in keywords. The kind tells what an answer must have (a number) and which
sections are likely to have it (`bot.search.evidence`); it never keeps a passage from being found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.text.patterns import lazy_pattern


class Kind(StrEnum):
    """What a question wants to know."""

    HOW_MANY = "how many"
    WHY = "why"
    LIMITS = "limits"
    COMPARE = "compare"
    RESULTS = "results"
    DATA = "data"
    HOW = "how"
    WHICH = "which"
    WHAT = "what"
    YES_NO = "yes-no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question.

    Attributes:
        kind: What it wants to know.
        subject: Its words without those that only ask; all of them if nothing else is left.
        paper: What stands where a question names the paper that it is about: “in Self-RAG, …”, “HaluEval 에서 …”.
    """

    kind: Kind
    subject: str
    paper: str | None = None


_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, lazy_pattern("|".join(patterns), re.IGNORECASE))
    for kind, patterns in (
        (
            Kind.HOW_MANY,
            (
                r"\bhow (?:many|much|long|big|large|small|often|far|fast|quickly|old|deep|expensive)\b",
                r"\bwhat (?:percent|percentage|share|fraction|number|size|length|rate|ratio|proportion)\b",
                r"(?<![가-힣])몇(?!몇)(?! ?[십백천만]? ?개만|천)|얼마|퍼센트|몇 ?%",
            ),
        ),
        (
            Kind.WHY,
            (r"\bwhy\b", r"\bwhat (?:causes|caused|makes|made)\b", r"\breasons?\b", r"왜|이유|까닭|어째서|원인"),
        ),
        (
            Kind.LIMITS,
            (
                r"\blimitations?\b|\bweak(?:ness|nesses|points?)\b|\bdrawbacks?\b|\bdownsides?\b|\bshortcomings?\b",
                r"\bwhat (?:is|are|was|were) (?:bad|wrong|missing|the (?:catch|price|problems?|trouble))\b",
                r"\b(?:go|goes|went) wrong\b|\bwhen does it fail\b|\bproblems? with\b",
                r"한계|단점|약점|아쉬|부족한 점|문제점",
            ),
        ),
        (
            Kind.COMPARE,
            (
                r"\b(?:better|worse|more|less|faster|larger|smaller|cheaper) than\b|\bcompar(?:e|ed|ison)\b",
                r"\bversus\b",
                r"\bvs\b|\bdifferen(?:t|ce|ces) (?:from|between)\b|\binstead of\b|\bor (?:just|only|rather)\b",
                r"차이|비교|보다|아니면|중에? (?:무엇|뭐|뭘|어느|어떤)|와 달리|랑 달라|다른가",
            ),
        ),
        (
            Kind.RESULTS,
            (
                r"\bhow (?:well|good|accurate|accurately)\b|\bwhat (?:results?|scores?|accuracy|performance)\b",
                r"\bcame? out (?:on top|best)\b|\bwhat did .{0,40}\b(?:find|show)\b",
                r"(?:성능|결과|점수|정확도|효과)(?:은|는|이|가)?(?: 어때| 어떻게|\?|$| 얼마)|어때\?|어땠",
            ),
        ),
        (
            Kind.DATA,
            (
                r"\b(?:what|which|whose) (?:kind of |sort of )?(?:data|data ?sets?|corpus|corpora|benchmarks?)\b",
                r"\b(?:was|were|is|are) .{0,40}\b(?:trained|tested|evaluated) on\b|^benchmarks?\b|^data ?sets?\b",
                r"(?:어떤|무슨|어느) (?:데이터|말뭉치|벤치마크)|데이터(?:셋)?(?:은|는|이|가)? ?(?:뭐|무엇|어디)",
            ),
        ),
        (
            Kind.HOW,
            (
                r"\bhow\b|\bis there (?:a|any) way\b|\bin what way\b|\bwhat (?:do|does|did|can) .{0,30}\bdo\b",
                r"어떻게|어떤 식|어떤 기준|방법|하려면|하는 법|는 법\b|과정",
            ),
        ),
        (
            Kind.WHICH,
            (r"\bwhich\b|\bwho\b|\bwhere\b|\bwhen (?:do|does|did|is|are)\b", r"어느|어떤|누가|누구|어디|언제"),
        ),
        (
            Kind.WHAT,
            (r"\bwhat\b|\bexplain\b|\bmeans?\b", r"뭐|뭘|무엇|무슨|뭔|뭡|(?:이|란|라는 건|라는 게) (?:뭐|무엇)|설명"),
        ),
    )
)
"""The first that a question has is its kind; the later ones are words that the earlier kinds have as well."""

_COUNTED = "개 명 번 퍼센트 프로 % 시간 배 가지 장 건 쌍 줄 편 초 분 일 년 점 층 단계"
_QUESTION_WORDS = "얼마나 얼마 어떻게 왜 무엇을 무엇이 무엇 뭐가 뭐야 뭐예요 뭘 뭐 무슨 혹시 도대체 과연 진짜"
_ASKING = lazy_pattern(
    r"\bis there (?:a|any) way (?:to|of)\b|\bis it (?:possible|true|better|ok|enough) (?:to|that|if)\b"
    r"|\b(?:can|could|would) (?:you|anyone|somebody|someone|i|we|it|one)\b"
    r"|\b(?:please|tell me(?: about)?|do you know|i want to know|i wonder|find out (?:whether|if))\b"
    r"|\bwhat (?:happens )?(?:if|when)\b"
    r"|\bhow (?:many|much|long|big|large|often|far|fast|quickly|well|come|do i|can i|can we|can you)\b"
    r"|\bwhat (?:percent|percentage|share|fraction|kinds?|sorts?|types?|part) of\b|\bwhat (?:is|are) the\b"
    r"|\b(?:what|how|why|which|who|whether|actually|really)\b"
    rf"|(?<![가-힣])몇\s?(?:{_COUNTED.replace(' ', '|')})?"
    r"(?:이나|나|야|이야|예요|인가요?|정도|쯤|이고|고|씩|까지)?(?![가-힣])"
    rf"|(?<![가-힣])(?:{_QUESTION_WORDS.replace(' ', '|')}|어떤 식으로)(?![가-힣])"
    r"|(?:에 대해서?|에 관해서?|좀)?\s*(?:알려|설명해|가르쳐|말해|찾아|보여|추천해)\s?(?:줘|주세요|줄래|주라)(?:요)?"
    r"|(?:이|가|은|는)?\s?(?:궁금해|궁금합니다|궁금하다|알고 싶어|알고 싶다)(?:요)?"
    r"|(?:수|방법|법)(?:은|는|이|가|도)?\s?(?:있어|있나|있을까|있습니까|없어|없나|없을까)(?:요)?"
    r"|(?<=[가-힣])\s(?:어때|어떨까|될까|되나|돼|하나|그래)(?:요)?\s?\?",
    re.IGNORECASE,
)
"""What asks and says nothing of what is asked about."""
_PAPER = lazy_pattern(
    r"^\s*(?:in|for|from|according to)\s+(?P<english>[^,?]{2,120}),\s"
    r"|^\s*(?P<korean>\S.{0,119}?)\s?(?:에서는|에서|논문에서는|논문에서|논문은|논문의|논문)\s"
)


def read_question(text: str) -> Question:
    """Read a question in Korean or English."""
    kind = next((kind for kind, pattern in _KINDS if pattern.search(text)), Kind.YES_NO)
    subject = " ".join(_ASKING.sub(" ", text).split()).strip(" ?!.,")
    named = _PAPER.match(text)
    paper = (named["english"] or named["korean"]).strip() if named else None
    return Question(kind=kind, subject=subject or text, paper=paper)
