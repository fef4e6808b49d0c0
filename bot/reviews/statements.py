"""A sentence that says where a paper appeared: "이 논문은 ICLR 2024에 발표되었고", "本文发表于 ICCV 2021".

In: a sentence from the first lines of a post. Out: the venue and year of the paper. Pure.

A post may also open with what it is about: "This is a NIPS 2014 paper …", "ICCV 2021の論文です".

A sentence counts if it is about "this paper", or names the paper after the venue. "This paper extends a model that
was published at ICML 2023" is about another, and "… 2023에 제출되어" about a submission.
"""

from __future__ import annotations

import re

from bot.reviews.venue_lines import read_venue
from bot.reviews.venues import Venue, read_stated
from bot.text.patterns import lazy_pattern

_MAX_CHARS = 600

_KO_PAPER = r"(?:논문|연구|페이퍼|paper|work)"
_KO_ACCEPTED = r"(?:발표|게재|채택|승인|선정|출판|수상|억셉트?|어셉트?|accept(?:ed)?|publish(?:ed)?|present(?:ed)?)"
_KO_ON = r"(?:[\w가-힣]{1,12}\s?(?:관련|에 관한|에 대한|분야의?)\s)?"
_KO_QUOTED = r"(?:[\"“'‘《<「『][^\"”'’》>」』]{5,200}[\"”'’》>」』]\s*)?(?:라는\s*)?"
_ZH_THIS = r"(?:本文|本论文|本篇论文|该论文|该文|这篇(?:论文|文章|工作))[^。，,；;]{0,12}?"
_JA_THIS = r"(?:本論文|この論文|今回の論文|本稿|本記事|この記事|本研究|紹介する論文)(?:では|は|で)、?"
_EN_THIS = r"\b(?:this|the)\s+(?:paper|work|article|study)\s+(?:(?:titled|called|by|from)\s[^.]{3,60}\s)?"

_STATEMENTS = tuple(
    lazy_pattern(pattern, re.IGNORECASE)
    for pattern in (
        (  # 본 논문은 CVPR 2023에 채택된 논문으로
            rf"(?:이|본|해당|이번|(?:소개|리뷰|정리|설명|다룰|읽을|읽은)(?:할|한|하는|(?:해\s?)?드릴|드리는)?)\s*{_KO_PAPER}\s*"
            rf"(?:은|는|이|도)\s+"
            rf"(?P<venue>[^.。]{{3,80}}?)\s*{_KO_ACCEPTED}\s*(?:되[^가-힣]|되었|되어|됐|됨|했|하였|(?:된|한)\s*{_KO_ON}{_KO_PAPER}|"
            r"[을를] 받)"
        ),
        (  # ICCV 2019에 accept된 “Boats” 논문에 대한 리뷰
            r"^\W*(?P<venue>(?:(?:19|20)\d\d년도?\s)?[^.。가-힣]{5,80}\s*년?)도?(?:에서|에|의)\s*(?:\S{1,12}\s)?"
            rf"{_KO_ACCEPTED}\s*(?:된|한)\s+{_KO_QUOTED}{_KO_PAPER}"
            r"(?:입니다|이다|이며|이고|으로|인|에 대한|을|$|\.)"
        ),
        # 本文发表于 ICCV 2021
        _ZH_THIS + r"(?:发表(?:于|在)|收录于|录用于|接收于|中稿于?|来自于?)(?P<venue>[^。；;]{3,80})",
        (  # 本文被 CVPR 2023 收录, 这篇论文是 ICML 2023 的 oral 论文
            _ZH_THIS + r"(?:被|是|为|已被)(?P<venue>[^。，,；;]{3,60}?)(?:所?(?:收录|录用|接收|接受)|的(?:一篇)?\s*"
            r"(?:(?:oral|spotlight|poster|best paper)\s*)?(?:论文|文章|工作))"
        ),
        (  # 本記事は ICML 2025 に採択された論文の解説
            _JA_THIS + r"(?P<venue>[^。]{3,60}?)\s*(?:に|で|にて)\s*(?:\S{1,12}として)?(?:採択|発表|掲載|accept)\s*"
            r"(?:され(?:ました|ている|ており|た(?:論文|研究|もの|[。、]|$))|済み)"
        ),
        (  # This paper was accepted as an oral at ICML 2023
            _EN_THIS + r"(?:was|is|has been|got)\s+(?:\w+ly\s+)?(?:accepted|published|presented)\s+"
            r"(?:as an?\s[\w -]{3,30}?\s)?(?:at|to|in|by|for)\s+"
            r"(?P<venue>(?:[^.;]|\.(?!\s*$|\s+[A-Z]\w*\s+[a-z])){3,100})"
        ),
    )
)


def read_statement(text: str) -> Venue | None:
    """Return the known venue and the year that a sentence gives for the post's paper; None if it gives none."""
    for pattern in _STATEMENTS:
        if match := pattern.search(text[:_MAX_CHARS]):
            return read_stated(match["venue"]) or read_venue(match["venue"])
    return None


_VENUE = (
    r"(?P<venue>[A-Z][A-Za-z&/-]{1,14}(?: (?!paper)[A-Z][A-Za-z&-]{1,14})?[ -]?(?:['’]?(?:19|20)\d\d|['’]\d\d)"
    r"(?:년|年)?)"
)
_EN_OTHER = r"(?!workshop|companion|earlier|previous|related|follow|next)"
_EN_NOTES = r"(?:this is )?(?:a |my )?(?:short |brief |quick )?(?:summary|review|notes?|overview) (?:of|on) "
_KO_ABOUT = r"(?:(?:이|본|해당|이번) (?:논문|글|포스트|포스팅)[은는] )?"
_JA_ABOUT = r"(?:(?:本|この|今回の)(?:論文|記事)は[、 ]?)?"
_OPENINGS = tuple(
    lazy_pattern(rf"\W*{pattern}", re.IGNORECASE)
    for pattern in (
        (  # This is the original paper from NIPS 2014, which …
            rf"this is (?:a|an|the) (?:{_EN_OTHER}[a-z]+ ){{0,3}}paper (?:(?:published|presented|accepted) )?"
            rf"(?:from|at|in|of) (?:the )?{_VENUE}(?![\w'’]| session)"
        ),
        (  # This is an ICML 2019 oral paper; A summary of the ICML 2019 paper by …
            rf"(?:this is |{_EN_NOTES})(?:a|an|the) {_VENUE} (?:(?:oral|spotlight|best|long|short|full) ){{0,2}}"
            r"paper(?![\w'’-]| session)"
        ),
        (  # (이 논문은) CVPR 2022에 나온 논문이다
            rf"{_KO_ABOUT}{_VENUE}(?:의|에|에서)? ?"
            r"(?:(?:나온|실린|소개된|공개된|oral|구두|spotlight|best) ){0,2}(?:논문|페이퍼|paper)"
            r"(?:이다|입니다|이며|이고|인데|으로[,，]|에 대한 (?:리뷰|정리|요약)|[을를] (?:리뷰|정리|소개|요약|읽))"
        ),
        (  # ICCV 2021 の論文です
            rf"{_JA_ABOUT}{_VENUE} ?の ?(?:(?:oral|best|口頭発表)の? ?)?(?:論文|paper|ペーパー)"
            r"(?:です|である|だ[。、]|を(?:読|紹介|まとめ|解説)|の(?:解説|紹介|まとめ|要約))"
        ),
        (  # 这是一篇 CVPR 2022 的论文
            rf"(?:这是|本文是|这篇是)(?:一?篇)? ?(?:来自 ?)?{_VENUE} ?的?(?:一篇)? ?(?:(?:oral|best) )?"
            r"(?:论文|文章|工作)(?:[，。,；]|$)"
        ),
    )
)


def read_opening(text: str) -> Venue | None:
    """Return the known venue and the year of the paper that a post's first sentence says it is about."""
    openings = (match for pattern in _OPENINGS if (match := pattern.match(text[:_MAX_CHARS])))
    return next((venue for match in openings if (venue := read_stated(match["venue"]))), None)
