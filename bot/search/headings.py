"""Which section of a review somebody means: by number, heading or usual role, with slips allowed."""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Self

from bot.models.reviews import Section
from bot.search.glossary import Glossary
from bot.search.roles import (
    ASKED_ALONE,
    LEADING_NUMBER,
    LOOSE,
    OTHER_ROLES,
    ROLE_WORDS,
    STAND_INS,
    Role,
    asked_role,
    head_role,
    is_loose,
    role_of,
    roles_of,
    stands_within,
    without_asides,
)
from bot.search.slips import slips
from bot.text.patterns import lazy_pattern
from bot.text.terms import fold, squash, terms, without_particle, words

_NUMBERED = lazy_pattern(r"(?:§\s*)?(\d{1,3}(?:\.\d{1,3})*\.?)(?:\s*(?:장|절|번째|번|섹션)(?!\S)|(?!\S))\s*")
_LETTERED = lazy_pattern(r"(?:§\s*)?(\d{1,3}(?:\.\d{1,3})*(?:-(?:\d{1,2}|[A-Za-z]))+)[.)]?(?!\S)\s*")
_WITH_LETTER = lazy_pattern(r"(?:§\s*)?(\d{1,2}(?:\.\d{1,2})*)([A-Za-z])[.)]?(?!\S)\s*")
_LETTER_IN_FRONT = lazy_pattern(r"\s*(\d{1,2}(?:\.\d{1,2})*)([A-Za-z])[.):]?\s")
_STEP = lazy_pattern(r"(?:[(（](\d{1,2})[)）]|(\d{1,2})[)）]|([\u2460-\u2473]))(?!\S)\s*")
_STEP_NUMBER = lazy_pattern(r"\s*[(（]?(\d{1,2}|[\u2460-\u2473])(?:[.．、](?!\d)|[)）]|(?<=[\u2460-\u2473]))")
_ROMAN = lazy_pattern(r"[IVXivx]{1,5}[.)]?")
_DOTTED = lazy_pattern(r"\s*(\d{1,2}(?:\.\d{1,2}){1,5}|\d{1,2}(?:\.\d{1,2})*-[A-Za-z])(?:[.)]\s*|\s+|\Z)")
FUNCTION_WORDS = frozenset("a an and between for in of on the to versus vs with".split())
FILLERS = frozenset(("section", "sec", "chapter", "절", "장", "섹션"))
GENERAL_WORDS = frozenset("experiment experiments study part section 실험 연구 부분 파트 내용 결과".split())
"""Words that people add to the name of a part: "ablation 실험"."""
AS_ROLE = 0.85
"""From this score on, a heading is the part that was asked for by its role; below, it only contains the word or
stands in for the part."""
AS_OTHER_ROLE = 0.8
"""The score of a heading that is the part only by the second role of what was asked: never sure."""
WITHIN_ROLE = 0.7
STAND_IN = 0.66
WITHIN_ASIDE = 0.55
"""The highest score of what only stands in brackets behind the name of another part: it tells what is in there."""
MAX_NAMED = 3
"""How many words after a colon may name a part: "RQ2: main results"."""
MIN_JOINED = 5
"""Letters that a word needs to be matched where a heading splits it: pretraining, Pre-training."""


@dataclass(frozen=True, slots=True)
class SectionMatch:
    """A section by its position, and how well it matches: 1.0 as written; at least 0.5 is needed to be shown.

    ``is_sure`` is False if it only stands in for the part that was asked for.
    """

    position: int
    score: float
    is_sure: bool = True


def find_sections(
    sections: Sequence[Section], asked: str, glossary: Glossary, *, paper: str | None = None
) -> list[SectionMatch]:
    """Find the sections that somebody may mean, best first, shallower ones first where equal; [] if there are none.

    Args:
        asked: A number ("3.2", "4장", matched as a whole), a heading, part of a heading, or a role in four languages.
            A number before words must be the section's own, or the heading's if numbering restarts in each part.
        paper: The paper's short name. A section that it names, "3. InsTag", is its method where no other is.
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
        SectionMatch(position, score, is_sure=meant.is_sure(score))
        for position, section in numbered
        if section.heading and (score := meant.score(section.heading)) >= 0.5
    ]
    if paper and meant.role is Role.METHOD and not any(match.is_sure for match in matches):
        matches += _named_by(paper, numbered)
    return sorted(matches, key=lambda match: (-match.score, sections[match.position].depth, match.position))


def _named_by(paper: str, sections: Sequence[tuple[int, Section]]) -> list[SectionMatch]:
    """The section that the paper's name alone heads, as most papers head their method; [] if several are."""
    headed = [i for i, section in sections if squash(LEADING_NUMBER.sub("", section.heading or "")) == squash(paper)]
    return [SectionMatch(headed[0], AS_ROLE)] if len(headed) == 1 else []


def _numbered(sections: Sequence[Section], wanted: str) -> tuple[list[tuple[int, Section]] | None, str]:
    """The sections with the number at the start of the request, and the rest of it; None if it has no such number.

    If no section has this number, sections whose headings begin with it are meant; if words follow, both kinds are.
    """
    if (match := _LETTERED.match(wanted)) is not None:
        hits = [(i, s) for i, s in enumerate(sections) if match[1].upper() in (s.number, _step_of(s))]
        return (hits, wanted[match.end() :]) if hits else (None, wanted)  # otherwise it is a word: "3-D boats"
    if (match := _WITH_LETTER.match(wanted)) and (hits := _with_letter(sections, match[1], match[2])):
        return hits, wanted[match.end() :]
    if _ROMAN.fullmatch(wanted):
        hits = [(i, s) for i, s in enumerate(sections) if s.number and _begins_with(s.heading, wanted)]
        return (hits or None), "" if hits else wanted
    match = _NUMBERED.match(wanted) or _STEP.match(wanted)
    if match is None:
        return None, wanted
    number, rest = _as_number(next(group for group in match.groups() if group).rstrip(".")), wanted[match.end() :]
    own = [(i, s) for i, s in enumerate(sections) if s.number == number]
    steps = [(i, s) for i, s in enumerate(sections) if _step_of(s) == number]
    return (own + steps if squash(rest) else own or steps), rest


def _with_letter(sections: Sequence[Section], number: str, letter: str) -> list[tuple[int, Section]]:
    """The sections whose headings begin with a number and a letter: "4b Oars"; [] if none has an a: "3D Boats"."""
    letters = [
        (position, section, match[2].casefold())
        for position, section in enumerate(sections)
        if section.heading and (match := _LETTER_IN_FRONT.match(section.heading)) and match[1] == number
    ]
    is_counted = any(own == "a" for _, _, own in letters)
    return [(i, section) for i, section, own in letters if is_counted and own == letter.casefold()]


def _begins_with(heading: str | None, number: str) -> bool:
    return bool(heading) and squash((heading or "").replace(".", " ").split()[0]) == squash(number)


def _step_of(section: Section) -> str | None:
    """The number that a heading begins with, if it is not the section's number."""
    if not section.heading or section.number is not None:
        return None
    match = _DOTTED.match(section.heading) or _STEP_NUMBER.match(section.heading)
    return _as_number(match[1]).upper() if match else None


def _as_number(text: str) -> str:
    """ "②" → "2"; digits are unchanged."""
    return text if text.isascii() else str(int(unicodedata.numeric(text)))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked: its words without the general ones, and the terms among them with their spellings."""

    squashed: str
    role: Role | None
    near_role: Role | None
    other_role: Role | None  # the second role of a name that has two
    is_loose: bool  # whether it is a name in LOOSE
    general: int
    words: tuple[str, ...]
    terms: tuple[tuple[tuple[str, ...], tuple[tuple[str, ...], ...]], ...]

    @classmethod
    def read(cls, text: str, glossary: Glossary) -> Self:
        """Read what somebody asked for."""
        asked = squash(text)
        role = asked_role(text)
        typed = [word for word in words(text) if word not in FUNCTION_WORDS] or words(text)
        particular = [word for word in typed if word not in GENERAL_WORDS] or typed
        concepts = glossary.find(particular)
        taken = {at for concept in concepts for at in range(concept.start, concept.stop)}
        return cls(
            squashed=asked,
            role=role,
            near_role=None if role else role_of(text),
            other_role=OTHER_ROLES.get(asked),
            is_loose=asked in LOOSE,
            general=len(typed) - len(particular),
            words=tuple(word for at, word in enumerate(particular) if at not in taken),
            terms=tuple((tuple(particular[concept.start : concept.stop]), concept.spellings) for concept in concepts),
        )

    def is_sure(self, score: float) -> bool:
        """Whether a heading with this score is what was asked for. For the name of a role it must be the role itself;
        otherwise it may be less exact only if no general words were left out."""
        if self.role:
            return score >= AS_ROLE
        return score >= 0.7 or not self.general

    def score(self, heading: str) -> float:
        """How well a heading matches: 1.0 as written, 0.0 not at all."""
        title = LEADING_NUMBER.sub("", heading)
        name = squash(title)
        if self.squashed in (name, squash(heading), squash(_as_typed(title))):
            return 1.0
        if self.role and role_of(heading) is self.role:
            return 0.95 if self.is_loose is is_loose(title) else 0.92
        if slips(self.squashed, name) and not self._is_another(name):
            return 0.9
        named = roles_of(heading) if self.role else ()
        if self.role and self.role in named:
            return 0.9 - 0.01 * named.index(self.role)
        if self.near_role and role_of(heading) is self.near_role:
            return AS_ROLE
        if self.other_role and self.other_role in named:
            return AS_OTHER_ROLE
        part = self._part(title, name)
        if self.role is None:
            return part
        # A longer name may name a different part: 학습 is not 사전 학습 데이터.
        within = max(min(part, WITHIN_ROLE), _role_part(self.role, title))
        if within > WITHIN_ASIDE and roles_of(bare := without_asides(title)):
            within = max(min(self._part(bare, squash(bare)), WITHIN_ROLE), _role_part(self.role, bare), WITHIN_ASIDE)
        return max(within, self._stand_in(self.role, title, named))

    def _is_another(self, name: str) -> bool:
        """Whether a name is that of another part, although one letter makes it what was asked: context, content."""
        return self.role is not None and ROLE_WORDS.get(name, self.role) is not self.role

    def _stand_in(self, role: Role, title: str, named: Sequence[Role]) -> float:
        """The score of a heading that stands in for the role; "summary", being a loose name, also means a summary."""
        if self.is_loose and role is Role.ABSTRACT and Role.SUMMARY in named:
            return AS_ROLE
        near, head = STAND_INS.get(role, ()), head_role(title)
        places = [2 * near.index(named_role) for named_role in named if named_role in near]
        places += [2 * near.index(head) + 1] if head in near else []
        return STAND_IN - 0.01 * min(places) if places else 0.0

    def _part(self, title: str, name: str) -> float:
        """How much of the heading is covered, if it contains everything that was asked, in any spelling of the
        glossary, with one slip allowed per word."""
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


_COMMAND = lazy_pattern(
    r"\\(?:(times|cdot)|text|mathrm|mathbf|mathit|mathcal|operatorname|left|right|rightarrow|to)(?![A-Za-z])"
)


def _as_typed(title: str) -> str:
    """A heading's formulas as people type them: $256\\times256$ is 256x256."""
    return _COMMAND.sub(lambda command: "x" if command[1] else " ", title).replace("×", "x")


def _stands(word: str, name: str, given: Sequence[str], stems: Container[str]) -> bool:
    return (
        any(word == other or slips(word, other) is not None for other in given)
        or all(term.text in stems for term in terms(word))
        or (len(word) >= MIN_JOINED and word in name)
    )


def _role_part(role: Role, title: str) -> float:
    """The score of a heading that names the role among other words: "Experiments and Results".

    A sentence after a colon says what a method does: "Lamp: Learning to light and critique" is not a critique.
    """
    before, _, behind = title.partition(":")
    named = [word for word in words(before if len(behind.split()) > MAX_NAMED else title) if word not in ASKED_ALONE]
    roles = [ROLE_WORDS.get(word) or ROLE_WORDS.get(without_particle(word) or "") for word in named]
    if role in roles:
        return WITHIN_ROLE if roles[-1] is role or roles[0] is role else 0.62
    return 0.62 if stands_within(role, squash(title)) else 0.0
