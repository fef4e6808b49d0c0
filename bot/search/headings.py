"""Which section of a review somebody means: by number, by heading, by its usual role, with slips."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rapidfuzz.distance import OSA

from bot.models import Section
from bot.search.text import fold, squash, terms, without_particle, words

NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,3})*\.?")
_LEADING_NUMBER = re.compile(r"^\s*\d{1,3}(?:\.\d{1,3})*\.?\s*")
FUNCTION_WORDS = frozenset("a an and between for in of on the to versus vs with".split())
FILLERS = frozenset(("section", "sec", "chapter", "절", "장", "섹션"))


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
        Role.ABSTRACT: "abstract summary tldr 초록 요약",
        Role.INTRODUCTION: "introduction intro 서론 소개 도입 들어가며",
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


@lru_cache(maxsize=10_000)
def role_of(heading: str | None) -> Role | None:
    """The role a heading names as a whole, one slip allowed: "5. Concclusion" is a conclusion."""
    if not heading:
        return None
    text = squash(_LEADING_NUMBER.sub("", heading))
    if text in ROLE_WORDS:
        return ROLE_WORDS[text]
    return next((role for name, role in ROLE_WORDS.items() if slips(text, name) == 1), None)


def slips(asked: str, name: str) -> int | None:
    """How many slips lie between two squashed names; None where they are too many, or not slips at all.

    One from four letters on, two from eight (optimal string alignment: a swap of neighbours is one slip).
    Digits are never a slip: a name with another number is another name.
    """
    bound = 0 if len(asked) < 4 else 1 if len(asked) < 8 else 2
    distance = OSA.distance(asked, name, score_cutoff=bound)
    if distance > bound or [c for c in asked if c.isdigit()] != [c for c in name if c.isdigit()]:
        return None
    return distance


def find_sections(sections: tuple[Section, ...], asked: str) -> list[SectionMatch]:
    """The sections that somebody may mean, best first; [] where the review has none such.

    Args:
        asked: A number ("3.2", matched whole), a heading, a part of one, or a role in Korean or English.
    """
    wanted = " ".join(word for word in asked.split() if fold(word) not in FILLERS).strip()
    if NUMBER.fullmatch(wanted):
        number = wanted.rstrip(".")
        return [SectionMatch(i, 1.0) for i, s in enumerate(sections) if s.number == number]
    if not squash(wanted):
        return []
    matches = [
        SectionMatch(position, score)
        for position, section in enumerate(sections)
        if section.heading and (score := _score(section.heading, wanted)) >= 0.5
    ]
    return sorted(matches, key=lambda match: (-match.score, match.position))


def _score(heading: str, wanted: str) -> float:
    title = _LEADING_NUMBER.sub("", heading)
    asked, name = squash(wanted), squash(title)
    if asked in (name, squash(heading)):
        return 1.0
    role = ROLE_WORDS.get(asked) or ROLE_WORDS.get(without_particle(asked) or "")
    if role and role_of(heading) is role:
        return 0.95
    if slips(asked, name):
        return 0.9
    if role is None and (near := role_of(wanted)) and role_of(heading) is near:
        return 0.85
    return max(_part(wanted, title), _role_part(role, title))


def _part(wanted: str, title: str) -> float:
    """How much of the heading a part of it covers, if every word asked stands in it, one slip a word allowed."""
    asked, given = words(wanted), words(title)
    asked = [word for word in asked if word not in FUNCTION_WORDS] or asked
    if squash(wanted) in squash(title) and len(squash(wanted)) >= 3:
        return 0.7 + 0.15 * len(squash(wanted)) / len(squash(title))
    stems = {term.text for term in terms(fold(title))}
    found = [
        any(word == other or slips(word, other) is not None for other in given)
        or all(term.text in stems for term in terms(word))
        for word in asked
    ]
    return 0.6 + 0.15 * len(asked) / max(len(given), len(asked)) if found and all(found) else 0.0


def _role_part(role: Role | None, title: str) -> float:
    """A heading that names the role among other words: "Experiments and Results"."""
    if role is None:
        return 0.0
    return 0.6 if any(ROLE_WORDS.get(word) is role for word in words(title)) else 0.0
