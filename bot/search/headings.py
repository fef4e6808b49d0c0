"""Which section of a review somebody means: by number, by heading, by its usual role, with slips."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from bot.models import Section
from bot.search.glossary import Glossary
from bot.search.slips import slips
from bot.search.text import fold, remembered, squash, terms, without_particle, words

_NUMBERED = re.compile(r"(?:§\s*)?(\d{1,3}(?:\.\d{1,3})*\.?)(?:\s*(?:장|절|번째|번|섹션)(?!\S)|(?!\S))\s*")
_LEADING_NUMBER = re.compile(r"^\s*\d{1,3}(?:\.\d{1,3})*\.?\s*")
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


ROLE_WORDS: dict[str, Role] = {
    spelling: role
    for role, spellings in {
        Role.ABSTRACT: "abstract summary tldr 초록 요약 논문초록 논문초록abstract 논문요약",
        Role.INTRODUCTION: "introduction intro 서론 소개 도입 들어가며 논문소개",
        Role.RELATED_WORK: "relatedwork relatedworks priorwork 관련연구 선행연구",
        Role.BACKGROUND: "background preliminary preliminaries 배경 배경지식",
        Role.METHOD: "method methods methodology approach 방법 방법론 제안방법",
        Role.EXPERIMENTS: "experiment experiments experimentalsetup 실험 실험설정",
        Role.RESULTS: "result results experimentresults experimentalresults mainresults 결과 실험결과",
        Role.ANALYSIS: "analysis analyses 분석",
        Role.ABLATION: "ablation ablations ablationstudy ablationstudies 절제실험 절제연구 어블레이션",
        Role.DISCUSSION: "discussion discussions 논의 토의",
        Role.CONCLUSION: "conclusion conclusions concludingremarks 결론 맺음말 마무리",
        Role.LIMITATIONS: "limitation limitations 한계 한계점 제한점",
    }.items()
    for spelling in spellings.split()
}


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
    text = squash(_LEADING_NUMBER.sub("", heading))
    if text in ROLE_WORDS:
        return ROLE_WORDS[text]
    return next((role for name, role in ROLE_WORDS.items() if slips(text, name) == 1), None)


def find_sections(sections: Sequence[Section], asked: str, glossary: Glossary) -> list[SectionMatch]:
    """The sections that somebody may mean, best first; [] where the review has none such.

    Args:
        asked: A number ("3.2", "4장", matched whole), a heading, a part of one, or a role in Korean or English; a
            number before words must be the section's own.
    """
    wanted = " ".join(word for word in asked.split() if fold(word) not in FILLERS).strip()
    match = _NUMBERED.match(wanted)
    number, wanted = (match[1].rstrip("."), wanted[match.end() :]) if match else (None, wanted)
    numbered = [(i, s) for i, s in enumerate(sections) if number is None or s.number == number]
    if number is not None and not squash(wanted):
        return [SectionMatch(i, 1.0) for i, _ in numbered]
    if not squash(wanted):
        return []
    meant = _Asked.read(wanted, glossary)
    matches = [
        SectionMatch(position, score)
        for position, section in numbered
        if section.heading and (score := meant.score(section.heading)) >= 0.5
    ]
    return sorted(matches, key=lambda match: (-match.score, match.position))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked of headings: its words less the general ones, and those that are terms with their spellings."""

    squashed: str
    role: Role | None
    near_role: Role | None
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
            return 0.95
        if slips(self.squashed, name):
            return 0.9
        if self.near_role and role_of(heading) is self.near_role:
            return 0.85
        return max(self._part(title, name), _role_part(self.role, title))

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


def _role_part(role: Role | None, title: str) -> float:
    """A heading that names the role among other words: "Experiments and Results"."""
    if role is None:
        return 0.0
    return 0.6 if any(ROLE_WORDS.get(word) is role for word in words(title)) else 0.0
