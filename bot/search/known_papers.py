"""Names under which the field knows papers whose titles do not contain them: ResNet, ViT, Adam, MapReduce.

In: a review's title. Out: the paper's other names, from the bundled list. Pure, except that the list is read once.
The list deliberately has no identifiers: a wrong title matches nothing, a wrong number would match another paper.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot import bundled
from bot.search.own_names import abbreviates
from bot.search.slips import LETTERS_A_SLIP, is_slight, slips
from bot.text.patterns import lazy_pattern
from bot.text.terms import bare_letters, squash, terms, words
from bot.text.titles import paper_title

SEPARATOR = " | "
MIN_TITLE_WORDS = 4
"""Words that a title needs to be recognised without its subtitle, or with a slip."""
MIN_HALF_WORDS = 5
"""From this many words on a title is known without its subtitle, or a subtitle alone."""
MIN_CUT_SHARE = 0.6
"""Of a title that an author cut short, this much must be left."""
STEM_LETTERS = 3
"""Letters that all forms of a word share."""
MIN_BEGINNING_WORDS = 3
"""With fewer words, the beginning of a title is a term of the field: “Deep Learning”."""
MIN_NAME = 4
"""Letters that a name needs to be recognised as the whole title of a post: “GAN” may be any post on GANs."""
MAX_NAME_WORDS = 2
"""With more words, what stands before a title's colon is a title itself."""
MAX_ASIDE = 3
"""How many words may accompany a paper's title: “… (ResNet)”, “… - CVPR 2016”, “… : paper review”. More words make it
another title: “Attention Is All You Need in Speech Separation”."""
_PIECES = lazy_pattern(r"\s*(?:[:：|()\[\]（）【】「」]|\s[-–—]\s)\s*")
_MAX_PIECES = 6
_GOES_ON = frozenset(
    (
        "of in for on to with using via without from survey overview tutorial benchmark dataset revisited "
        "서베이 综述 サーベイ"
    ).split()
)
"""If an added piece has one of these words, the title is another paper's: “… in Fog”, “…: A Survey”."""


@dataclass(frozen=True, kw_only=True)
class KnownPapers:
    """Papers by the letters of their titles, and of those names that identify them alone."""

    lines: tuple[tuple[str, ...], ...] = ()
    """For each paper its title and its names, as spelt."""
    problems: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: Path) -> KnownPapers:
        """Read a list; a line that cannot be read is recorded as a problem, never an error.

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
        return cls(lines=tuple(lines), problems=tuple(problems))

    @cached_property
    def _by_title(self) -> Mapping[str, int]:
        return _titles(self.lines)

    @cached_property
    def _by_half(self) -> Mapping[str, int]:
        return _title_halves(self.lines) | _abbreviated_heads(self.lines)

    @cached_property
    def _by_name(self) -> Mapping[str, int]:
        return _names(self.lines, self._heads)

    @cached_property
    def _heads(self) -> frozenset[str]:
        return _heads(self.lines)

    def names_of(self, title: str) -> tuple[str, ...]:
        """The other names of the paper that a review's title names; () if the title names none in the list.

        The title may be the paper's own, with or without its subtitle, with a few words added or a slip in it; or it
        may be one of the names alone. If it is not exactly the paper's title, that title is among the results.
        """
        key, line = squash(title), self.line_of(title)
        return tuple(name for name in line if squash(name) != key)

    def line_of(self, title: str) -> tuple[str, ...]:
        """The title and the names of the paper that a review's title names; () if it names none in the list."""
        title = paper_title(title)
        key = squash(title)
        for known in (self._by_title, self._by_half, self._by_name):
            if key in known:
                return self.lines[known[key]]
        if (at := self._by_stems(title)) is not None:
            return self.lines[at]
        for text, asides in _long_parts(title):
            if (at := self._nearest(text)) is not None:
                return self.lines[at]
            half = self._by_half.get(squash(text))
            if half is not None and all(self._is_named(half, aside) for aside in asides):
                return self.lines[half]
        return ()

    def is_name(self, text: str) -> bool:
        """Whether a text is the name of one paper in the list, in its title or elsewhere."""
        key = squash(text)
        return key in self._by_name or (key in self._heads and len(words(text)) <= MAX_NAME_WORDS)

    def begins_title(self, text: str) -> bool:
        """Whether a text of three words or more is the beginning of one of the titles, up to the end of a word."""
        said = words(text)
        return len(said) >= MIN_BEGINNING_WORDS and tuple(said) in self._beginnings

    def _by_stems(self, title: str) -> int | None:
        """The only paper whose title has the same stems, or begins with them if they are most of it: "Masked
        Autoencoder Is …" for "Masked Autoencoders Are …", or what an author cut short.
        """
        asked = _stems(title) if len(words(title)) >= MIN_HALF_WORDS else ()
        near = []
        for at in self._by_first_letters.get(_first_letters(title), ()) if asked else ():
            stems = _stems(self.lines[at][0])
            if stems[: len(asked)] == asked and len(asked) >= MIN_CUT_SHARE * len(stems):
                near.append(at)
        return near[0] if len(near) == 1 else None

    @cached_property
    def _by_first_letters(self) -> dict[tuple[str, ...], list[int]]:
        """Papers by the first letters of their titles' words; to stem all titles would take too long."""
        papers: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
        for at, line in enumerate(self.lines):
            papers[_first_letters(line[0])].append(at)
        return dict(papers)

    @cached_property
    def _beginnings(self) -> frozenset[tuple[str, ...]]:
        """The beginnings of all titles; few look-ups need them, and they would take a third of the time to load."""
        titles = (words(line[0]) for line in self.lines)
        return frozenset(tuple(title[:stop]) for title in titles for stop in range(MIN_BEGINNING_WORDS, len(title)))

    def _is_named(self, at: int, aside: str) -> bool:
        """Whether what stands beside half a title is that paper's name: "An Image is Worth 16x16 Words (ViT)"."""
        title, *names = self.lines[at]
        return squash(aside) in map(squash, (*names, _halves(title)[0]))

    def _nearest(self, text: str) -> int | None:
        """The paper with this title, allowing one slip per fifteen letters, but none in a number or a lone letter."""
        key = squash(text)
        if key in self._by_title:
            return self._by_title[key]
        most = max(1, len(key) // LETTERS_A_SLIP)
        near = process.extractOne(key, self._titles_like(len(key), most), scorer=OSA.distance, score_cutoff=most)
        distance = slips(key, near[0]) if near else None
        if not near or not distance or not is_slight(distance, key):
            return None
        at = self._by_title[near[0]]
        return at if _exact_parts(text) == _exact_parts(self.lines[at][0]) else None

    def _titles_like(self, letters: int, most: int) -> list[str]:
        """The titles whose length differs by so many letters at most, in the order of the list."""
        lengths = range(letters - most, letters + most + 1)
        return [title for _, title in sorted(chain.from_iterable(self._by_length.get(n, ()) for n in lengths))]

    @cached_property
    def _by_length(self) -> dict[int, list[tuple[int, str]]]:
        """All titles and their places, by their length: each further slip is a letter more or less."""
        titles: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
        for place, title in enumerate(self._by_title):
            titles[len(title)].append((place, title))
        return dict(titles)


def _exact_parts(title: str) -> list[str]:
    """The words of a title in which any letter makes another paper: GPT-4o is not GPT-4V."""
    return [word for word in words(title) if len(word) == 1 or any(map(str.isdigit, word))]


def _first_letters(title: str) -> tuple[str, ...]:
    return tuple(word[:STEM_LETTERS] for word in words(title)[:MIN_HALF_WORDS])


def _stems(title: str) -> tuple[str, ...]:
    return tuple(term.text for term in terms(title))


def _halves(title: str) -> list[str]:
    return re.split(r"[:?]\s", title, maxsplit=1)


def _titles(lines: Sequence[Sequence[str]]) -> dict[str, int]:
    return {squash(line[0]): at for at, line in reversed(list(enumerate(lines)))}


def _title_halves(lines: Sequence[Sequence[str]]) -> dict[str, int]:
    """Titles without their subtitles, and subtitles, if they are long and no other paper has the same."""
    return _of_one_paper(
        (half, at)
        for at, (title, *_) in enumerate(lines)
        for half in _halves(title)
        if len(words(half)) >= MIN_HALF_WORDS and half != title
    )


def _abbreviated_heads(lines: Sequence[Sequence[str]]) -> dict[str, int]:
    """What titles say before a colon, if it is two words or more and the paper's name is made of them: "Soft
    Actor-Critic" is SAC's paper without its subtitle, "Deep Learning" is not one paper's.
    """
    heads = ((_halves(title)[0], title, names, at) for at, (title, *names) in enumerate(lines))
    return _of_one_paper((head, at) for head, title, names, at in heads if head != title and _stand_for(head, names))


def _stand_for(head: str, names: Iterable[str]) -> bool:
    parts = tuple(words(head))
    return len(parts) > 1 and any(abbreviates(bare_letters(name), parts) for name in names)


def _of_one_paper(parts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The place of the paper that a part of a title is of, by its letters, unless several have the same."""
    papers: defaultdict[str, set[int]] = defaultdict(set)
    for part, at in parts:
        papers[squash(part)].add(at)
    return {key: min(at) for key, at in papers.items() if len(at) == 1}


def _heads(lines: Sequence[Sequence[str]]) -> frozenset[str]:
    """What the titles say before a colon, or whole titles without one."""
    return frozenset(squash(_halves(line[0])[0]) for line in lines)


def _names(lines: Sequence[Sequence[str]], heads: frozenset[str]) -> dict[str, int]:
    """Names that are long enough to be a post's whole title, and that belong to one paper, under whatever title."""
    papers: defaultdict[str, set[int]] = defaultdict(set)
    for at, line in enumerate(lines):
        for name in line[1:]:
            papers[squash(name)].add(at)
    names = {}
    for key, holders in papers.items():
        is_one = len({frozenset(map(squash, lines[holder][1:])) for holder in holders}) == 1
        if len(key) >= MIN_NAME and key not in heads and is_one:
            names[key] = min(holders)
    return names


def _long_parts(title: str) -> Iterator[tuple[str, list[str]]]:
    """The parts of a title that may be a paper's and are too long for chance: the longest runs beside short
    asides."""
    pieces = [piece for piece in _PIECES.split(title) if piece]
    if len(pieces) > _MAX_PIECES:
        return
    runs = [(start, stop) for start in range(len(pieces)) for stop in range(start + 1, len(pieces) + 1)]
    for start, stop in sorted(runs, key=lambda run: run[0] - run[1]):
        text, asides = " ".join(pieces[start:stop]), [*pieces[:start], *pieces[stop:]]
        if len(words(text)) >= MIN_TITLE_WORDS and all(map(_is_aside, asides)):
            yield text, asides


def _is_aside(piece: str) -> bool:
    said = words(piece)
    return len(said) <= MAX_ASIDE and not _GOES_ON.intersection(said)


@lru_cache(maxsize=1)
def known_papers() -> KnownPapers:
    """The list that ships with the bot, read once per process."""
    return KnownPapers.load(bundled.known_papers())


def named_in_title(title: str) -> str | None:
    """The name of a known paper that stands in its title, as the title writes it: Mixtral of "Mixtral of Experts".

    A title without its colon begins with the name that stood before it: ZeRO of "ZeRO Memory Optimizations …".
    """
    line = known_papers().line_of(title)
    for name in line[1:]:
        if match := _spelled(name).search(title):
            return match[0]
    head = _halves(line[0])[0] if line else ""
    match = _spelled(head).match(paper_title(title)) if head and head != line[0] and " " not in head else None
    return match[0] if match else None


def _spelled(name: str) -> re.Pattern[str]:
    words_of_name = r"[\s-]?".join(map(re.escape, words(name)))
    return re.compile(rf"(?<!\w){words_of_name}(?!\w)", re.IGNORECASE | re.ASCII)


def known_names(titles: Iterable[str]) -> tuple[str, ...]:
    """The other names under which the field knows the paper of a review with these titles, each once."""
    return tuple(dict.fromkeys(name for title in titles for name in known_papers().names_of(title)))
