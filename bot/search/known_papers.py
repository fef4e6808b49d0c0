"""By which names the field knows its papers, where a title does not have them: ResNet, ViT, Adam, MapReduce.

In: a review's title. Out: the paper's other names, from the bundled list. Pure, but that the list is read once. The
list has no identifiers on purpose: a wrong title meets nothing, a wrong number would meet another paper.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot import bundled
from bot.search.slips import LETTERS_A_SLIP, is_slight, slips
from bot.text.terms import squash, words

SEPARATOR = " | "
MIN_TITLE_WORDS = 4
"""From so many words on a title is also known without its subtitle, and with a slip."""
MIN_NAME = 4
"""Letters of a name by which a post may be called whole for its paper to be known: “GAN” may be any post on GANs."""
MAX_ASIDE = 3
"""Words that may stand beside a paper's title: “… (ResNet)”, “… - CVPR 2016”, “… : paper review”. More are another
title's: “Attention Is All You Need in Speech Separation”."""
_PIECES = re.compile(r"\s*(?:[:：|()\[\]（）【】「」]|\s[-–—]\s)\s*")
_MAX_PIECES = 6
_GOES_ON = frozenset(
    (
        "of in for on to with using via without from survey overview tutorial benchmark dataset revisited "
        "서베이 综述 サーベイ"
    ).split()
)
"""Words of a piece with which a title is another paper's: “… in Fog”, “…: A Survey”."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPapers:
    """Papers by the letters of their titles, and of the names that they are called by alone."""

    lines: tuple[tuple[str, ...], ...] = ()
    """Of each paper its title and the names it is known by, as they are spelt."""
    problems: tuple[str, ...] = ()
    _by_title: Mapping[str, int] = field(default_factory=dict, repr=False)
    _by_name: Mapping[str, int] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, path: Path) -> KnownPapers:
        """Read a list; a line that cannot be read is a problem, never an error.

        Raises:
            OSError: The file cannot be read.
        """
        lines: list[tuple[str, ...]] = []
        problems: list[str] = []
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if not line.strip() or line.startswith("#"):
                continue
            parts = tuple(part.strip() for part in line.split(SEPARATOR))
            if len(parts) < 2 or not all(map(squash, parts)):
                problems.append(f"{path.name}, line {number}: a title and a name need “|” between them")
            else:
                lines.append(parts)
        return cls(lines=tuple(lines), problems=tuple(problems), _by_title=_titles(lines), _by_name=_names(lines))

    def names_of(self, title: str) -> tuple[str, ...]:
        """The other names of the paper that a review's title names; () where it names none of the list.

        The title may be the paper's own, with or without its subtitle, an aside of a few words beside it or a slip
        in it; or it may be one of the names alone. Where it is not written as on the paper, that title is among them.
        """
        key = squash(title)
        at = self._by_title.get(key, self._by_name.get(key))
        if at is None:
            near = (self._nearest(squash(text)) for text in _long_parts(title))
            at = next((found for found in near if found is not None), None)
        return () if at is None else tuple(name for name in self.lines[at] if squash(name) != key)

    def _nearest(self, key: str) -> int | None:
        """The paper of this title, which may have a slip in fifteen letters."""
        if key in self._by_title:
            return self._by_title[key]
        most = max(1, len(key) // LETTERS_A_SLIP)
        near = process.extractOne(key, self._by_title.keys(), scorer=OSA.distance, score_cutoff=most)
        distance = slips(key, near[0]) if near else None
        return self._by_title[near[0]] if near and distance and is_slight(distance, key) else None


def _titles(lines: Sequence[Sequence[str]]) -> dict[str, int]:
    """Titles whole, and without their subtitles where no other paper's begins or ends so."""
    whole = {squash(line[0]): at for at, line in reversed(list(enumerate(lines)))}
    halves: defaultdict[str, set[int]] = defaultdict(set)
    for at, line in enumerate(lines):
        for half in re.split(r"[:?]\s", line[0], maxsplit=1) if re.search(r"[:?]\s", line[0]) else ():
            if len(words(half)) >= MIN_TITLE_WORDS:
                halves[squash(half)].add(at)
    return {key: min(papers) for key, papers in halves.items() if len(papers) == 1} | whole


def _names(lines: Sequence[Sequence[str]]) -> dict[str, int]:
    """The names long enough to be a post's whole title, where no two papers share one."""
    papers: defaultdict[str, set[int]] = defaultdict(set)
    for at, line in enumerate(lines):
        for name in line[1:]:
            papers[squash(name)].add(at)
    return {key: min(at) for key, at in papers.items() if len(at) == 1 and len(key) >= MIN_NAME}


def _long_parts(title: str) -> Iterator[str]:
    """What of a title may be a paper's, too long for chance: the longest runs of pieces beside short asides."""
    pieces = [piece for piece in _PIECES.split(title) if piece]
    if len(pieces) > _MAX_PIECES:
        return
    runs = [(start, stop) for start in range(len(pieces)) for stop in range(start + 1, len(pieces) + 1)]
    for start, stop in sorted(runs, key=lambda run: run[0] - run[1]):
        text = " ".join(pieces[start:stop])
        if len(words(text)) >= MIN_TITLE_WORDS and all(map(_is_aside, (*pieces[:start], *pieces[stop:]))):
            yield text


def _is_aside(piece: str) -> bool:
    said = words(piece)
    return len(said) <= MAX_ASIDE and not _GOES_ON.intersection(said)


@lru_cache(maxsize=1)
def known_papers() -> KnownPapers:
    """The list that ships with the bot, read once a process."""
    return KnownPapers.load(bundled.known_papers())


def named_in_title(title: str) -> str | None:
    """The name of a known paper that stands in its title, as the title writes it: Mixtral of "Mixtral of Experts"."""
    for name in known_papers().names_of(title):
        spelled = r"[\s-]?".join(map(re.escape, words(name)))
        if found := re.search(rf"(?<!\w){spelled}(?!\w)", title, re.IGNORECASE | re.ASCII):
            return found[0]
    return None


def known_names(titles: Iterable[str]) -> tuple[str, ...]:
    """By which other names the field knows the paper of a review with these titles, each once."""
    return tuple(dict.fromkeys(name for title in titles for name in known_papers().names_of(title)))
