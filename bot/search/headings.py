"""Which section of a review somebody means: by number, by heading, by its usual role, with slips."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from bot.models import Section
from bot.search.glossary import Glossary
from bot.search.slips import slips
from bot.search.text import fold, remembered, squash, terms, without_particle, words

_NUMBERED = re.compile(r"(?:§\s*)?(\d{1,3}(?:\.\d{1,3})*\.?)(?:\s*(?:장|절|번째|번|섹션)(?!\S)|(?!\S))\s*")
_LETTERED = re.compile(r"(?:§\s*)?(\d{1,3}(?:\.\d{1,3})*(?:-(?:\d{1,2}|[A-Za-z]))+)[.)]?(?!\S)\s*")
_STEP = re.compile(r"(?:[(（](\d{1,2})[)）]|(\d{1,2})[)）]|([\u2460-\u2473]))(?!\S)\s*")
_LEADING_NUMBER = re.compile(
    r"^\s*(?:\d{1,3}(?:[.-]\d{1,3})*-[A-Za-z][.)]\s*|[(（]\d{1,2}[)）]\s*|[\u2460-\u2473]\s*"
    r"|[一二三四五六七八九十]{1,3}[、．]\s*|\d{1,3}(?:[.-]\d{1,3})*[.)）．]?\s*)"
)
_STEP_NUMBER = re.compile(r"\s*[(（]?(\d{1,2}|[\u2460-\u2473])(?:[.．、](?!\d)|[)）]|(?<=[\u2460-\u2473]))")
FUNCTION_WORDS = frozenset("a an and between for in of on the to versus vs with".split())
FILLERS = frozenset(("section", "sec", "chapter", "절", "장", "섹션"))
GENERAL_WORDS = frozenset("experiment experiments study part section 실험 연구 부분 파트 내용 결과".split())
"""What people add to the name of a part: "ablation 실험"."""
MIN_JOINED = 5
"""Letters of a word that may be written apart in a heading: pretraining, Pre-training."""


class Role(StrEnum):
    """The part that a section plays in most papers."""

    ABSTRACT = "abstract"
    INTRODUCTION = "introduction"
    RELATED_WORK = "related work"
    BACKGROUND = "background"
    METHOD = "method"
    EXPERIMENTS = "experiments"
    RESULTS = "results"
    ANALYSIS = "analysis"
    ABLATION = "ablation"
    DISCUSSION = "discussion"
    CONCLUSION = "conclusion"
    LIMITATIONS = "limitations"
    SUMMARY = "summary"
    MOTIVATION = "motivation"
    CONTRIBUTIONS = "contributions"
    DATA = "data"
    TRAINING = "training"
    EVALUATION = "evaluation"
    FUTURE_WORK = "future work"
    REFERENCES = "references"
    APPENDIX = "appendix"


ROLE_WORDS: dict[str, Role] = {
    spelling: role
    for role, spellings in {
        Role.ABSTRACT: "abstract summary tldr 초록 요약 논문초록 논문초록abstract 논문요약 概要 要旨 摘要",
        Role.INTRODUCTION: (
            "introduction intro 서론 소개 도입 들어가며 논문소개 はじめに 序論 導入 引言 前言 绪论 介绍 简介"
        ),
        Role.RELATED_WORK: (
            "relatedwork relatedworks priorwork previouswork 관련연구 선행연구 関連研究 先行研究 相关工作 相关研究"
        ),
        Role.BACKGROUND: (
            "background preliminary preliminaries 배경 배경지식 사전지식 背景 研究背景 背景知識 前提知識 "
            "背景知识 预备知识"
        ),
        Role.METHOD: (
            "method methods methodology approach proposedmethod proposedmethods ourmethod ourapproach "
            "proposedapproach 방법 방법론 제안방법 제안방법론 접근법 手法 提案手法 提案法 方法 方法论 "
            "方法详解"
        ),
        Role.EXPERIMENTS: (
            "experiment experiments experimentalsetup experimentalsettings 실험 실험설정 実験 実験設定 "
            "検証 实验 实验设置"
        ),
        Role.RESULTS: (
            "result results experimentresults experimentalresults mainresults 결과 실험결과 結果 実験結果 "
            "结果 实验结果"
        ),
        Role.ANALYSIS: "analysis analyses 분석 分析 解析",
        Role.ABLATION: (
            "ablation ablations ablationstudy ablationstudies 절제실험 절제연구 어블레이션 アブレーション "
            "消融 消融实验 消融研究"
        ),
        Role.DISCUSSION: "discussion discussions 논의 토의 고찰 議論 考察 讨论",
        Role.CONCLUSION: (
            "conclusion conclusions concludingremarks 결론 맺음말 마무리 마치며 나가며 結論 まとめ "
            "おわりに 结论 总结 结语"
        ),
        Role.LIMITATIONS: "limitation limitations 한계 한계점 제한점 限界 局限 局限性",
        Role.SUMMARY: (
            "overallimpression keypoint keypoints keytakeaways takeaways keyfindings "
            "onelinesummary 개요 총평 한줄요약 핵심요약 どんなもの 要約 总体印象 一句话总结"
        ),
        Role.MOTIVATION: "motivation motivations 동기 연구동기 動機 动机 研究动机",
        Role.CONTRIBUTIONS: "contribution contributions 기여 기여점 논문의기여 貢献 贡献 主要贡献",
        Role.DATA: "data dataset datasets 데이터 데이터셋 데이터세트 データ データセット 数据 数据集",
        Role.TRAINING: (
            "training trainingdetails trainingprocedure trainingprocess 학습 훈련 학습방법 학습과정 学習 训练"
        ),
        Role.EVALUATION: "evaluation evaluations 평가 평가방법 評価 评估 评测",
        Role.FUTURE_WORK: "futurework futureworks futuredirections 향후연구 今後の課題 未来工作",
        Role.REFERENCES: (
            "reference references bibliography 참고문헌 참고자료 레퍼런스 参考 参考文献 参考资料 次に読むべき論文"
        ),
        Role.APPENDIX: (
            "appendix appendices supplementary supplementarymaterial supplementarymaterials 부록 付録 附录"
        ),
    }.items()
    for spelling in spellings.split()
}

_ALSO: dict[Role, Role] = {Role.ABSTRACT: Role.SUMMARY, Role.RESULTS: Role.EXPERIMENTS}
"""What plays a role where nothing has its name: key points for an abstract, the experiments for their results."""

_LOOSE = frozenset(("summary", "tldr", "요약", "논문요약", "들어가며", "마무리", "마치며", "나가며"))
"""Names of the author's own parts as well: his preface is not the introduction, where the review has both."""

_JOINED_WORDS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{2,}")
_JOINED: tuple[tuple[str, Role], ...] = tuple(
    sorted(
        ((name, role) for name, role in ROLE_WORDS.items() if _JOINED_WORDS.fullmatch(name)),
        key=lambda one: -len(one[0]),
    )
)
"""Names in scripts that write no spaces between words, the longest first."""


@dataclass(frozen=True, slots=True)
class SectionMatch:
    """A section by its position, and how sure that is: 1.0 as written, at least 0.5 to be shown."""

    position: int
    score: float


def role_of(heading: str | None) -> Role | None:
    """The role a heading names as a whole, one slip allowed: "5. Concclusion" is a conclusion."""
    return _role_of(heading) if heading else None


@remembered(10_000)
def _role_of(heading: str) -> Role | None:
    title = _LEADING_NUMBER.sub("", heading)
    text = squash(title)
    if text in ROLE_WORDS:
        return ROLE_WORDS[text]
    if (role := _told_twice(title)) is not None:
        return role
    near = (role for name, role in ROLE_WORDS.items() if len(name) >= _MIN_SLIP and slips(text, name) == 1)
    return next(near, None)


_MIN_SLIP = 5  # "Date" is not "Data"
_BRACKETS = re.compile(r"[()（）\[\]/:：|]")


def _told_twice(title: str) -> Role | None:
    """The role that every part of a heading names: "초록(Abstract)", "関連研究 / Related Work"."""
    parts = [squash(part) for part in _BRACKETS.split(title)]
    roles = {ROLE_WORDS.get(part) for part in parts if part}
    return roles.pop() if len(roles) == 1 else None


def find_sections(sections: Sequence[Section], asked: str, glossary: Glossary) -> list[SectionMatch]:
    """The sections that somebody may mean, best first, of equals the shallower; [] where the review has none such.

    Args:
        asked: A number ("3.2", "4장", matched whole), a heading, a part of one, or a role in Korean or English; a
            number before words must be the section's own.
    """
    wanted = " ".join(word for word in asked.split() if fold(word) not in FILLERS).strip()
    numbered, wanted = _numbered(sections, wanted)
    if numbered is None:
        numbered = list(enumerate(sections))
    elif not squash(wanted):
        return [SectionMatch(i, 1.0) for i, _ in numbered]
    if not squash(wanted):
        return []
    meant = _Asked.read(wanted, glossary)
    matches = [
        SectionMatch(position, score)
        for position, section in numbered
        if section.heading and (score := meant.score(section.heading)) >= 0.5
    ]
    return sorted(matches, key=lambda match: (-match.score, sections[match.position].depth, match.position))


def _numbered(sections: Sequence[Section], wanted: str) -> tuple[list[tuple[int, Section]] | None, str]:
    """The sections of the number that stands before what is asked, and the rest; None where none stands there.

    Where sections carry no such number, the steps that their headings count are meant.
    """
    if (match := _LETTERED.match(wanted)) is not None:
        found = [(i, s) for i, s in enumerate(sections) if s.number == match[1].upper()]
        return (found, wanted[match.end() :]) if found else (None, wanted)  # else a word: "3-D boats"
    match = _NUMBERED.match(wanted) or _STEP.match(wanted)
    if match is None:
        return None, wanted
    number = _as_number(next(group for group in match.groups() if group).rstrip("."))
    found = [(i, s) for i, s in enumerate(sections) if s.number == number]
    return found or [(i, s) for i, s in enumerate(sections) if _step_of(s) == number], wanted[match.end() :]


def _step_of(section: Section) -> str | None:
    match = _STEP_NUMBER.match(section.heading) if section.heading and section.number is None else None
    return _as_number(match[1]) if match else None


def _as_number(text: str) -> str:
    """ "②" → "2"; digits stay as they are."""
    return text if text.isascii() else str(int(unicodedata.numeric(text)))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked of headings: its words less the general ones, and those that are terms with their spellings."""

    squashed: str
    role: Role | None
    near_role: Role | None
    is_loose: bool  # a name in _LOOSE
    general: int
    words: tuple[str, ...]
    terms: tuple[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]], ...]

    @classmethod
    def read(cls, text: str, glossary: Glossary) -> Self:
        asked = squash(text)
        role = ROLE_WORDS.get(asked) or ROLE_WORDS.get(without_particle(asked) or "")
        typed = [word for word in words(text) if word not in FUNCTION_WORDS] or words(text)
        particular = [word for word in typed if word not in GENERAL_WORDS] or typed
        found = glossary.find(particular)
        taken = {at for one in found for at in range(one.start, one.stop)}
        return cls(
            squashed=asked,
            role=role,
            near_role=None if role else role_of(text),
            is_loose=asked in _LOOSE,
            general=len(typed) - len(particular),
            words=tuple(word for at, word in enumerate(particular) if at not in taken),
            terms=tuple((tuple(particular[one.start : one.stop]), one.spellings) for one in found),
        )

    def score(self, heading: str) -> float:
        """How well a heading agrees, 1.0 as written, 0.0 not at all."""
        title = _LEADING_NUMBER.sub("", heading)
        name = squash(title)
        if self.squashed in (name, squash(heading)):
            return 1.0
        if self.role and role_of(heading) is self.role:
            return 0.95 if self.is_loose is _is_loose(title) else 0.92
        if slips(self.squashed, name):
            return 0.9
        if self.near_role and role_of(heading) is self.near_role:
            return 0.85
        return max(self._part(title, name), _role_part(self.role, title), self._also(title))

    def _also(self, title: str) -> float:
        """A heading of what may stand for the role; a summary was asked for by its name."""
        also = _ALSO.get(self.role) if self.role else None
        if also is None or also not in (role_of(title), _leading_role(title)):
            return 0.0
        return 0.85 if self.is_loose else 0.55

    def _part(self, title: str, name: str) -> float:
        """How much of the heading is covered, if all that is asked stands in it, in any spelling that the glossary
        knows, one slip a word allowed."""
        if self.squashed in name and len(self.squashed) >= 3:
            return 0.7 + 0.15 * len(self.squashed) / len(name)
        given = words(title)
        stems = {term.text for term in terms(fold(title))}
        for typed, spellings in self.terms:
            is_there = any(stems.issuperset(spelling) for spelling in spellings)
            if not is_there and not all(_stands(word, name, given, stems) for word in typed):
                return 0.0
        if not all(_stands(word, name, given, stems) for word in self.words):
            return 0.0
        covered = (len(self.words) + len(self.terms)) / max(len(given), 1)
        return 0.6 + 0.15 * min(1.0, covered) - 0.02 * self.general


def _stands(word: str, name: str, given: Sequence[str], stems: Container[str]) -> bool:
    return (
        any(word == other or slips(word, other) is not None for other in given)
        or all(term.text in stems for term in terms(word))
        or (len(word) >= MIN_JOINED and word in name)
    )


def _is_loose(title: str) -> bool:
    return any(squash(part) in _LOOSE for part in _BRACKETS.split(title))


def _leading_role(title: str) -> Role | None:
    """The role that a heading begins with in a script without spaces: 实验关键数据."""
    name = squash(title)
    return next((role for one, role in _JOINED if name.startswith(one)), None)


def _role_part(role: Role | None, title: str) -> float:
    """A heading that names the role among other words: "Experiments and Results"."""
    if role is None:
        return 0.0
    named = words(title)
    if any(ROLE_WORDS.get(word) is role or ROLE_WORDS.get(without_particle(word) or "") is role for word in named):
        return 0.6
    return _joined_part(role, squash(title))


def _joined_part(role: Role, name: str) -> float:
    """The same in a script without spaces: 方法详解, 主实验."""
    return 0.6 if any(one in name for one, known in _JOINED if known is role) else 0.0
