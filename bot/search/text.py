"""Text → terms: one analyser for what is indexed, what is asked and what is emphasised.

Latin words are stemmed (Porter2), so that "hallucinate" finds "hallucination". Hangul runs become overlapping
pairs of syllables: Korean glues particles to words, and a query of two syllables is the usual one, which
trigrams would never find.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

import snowballstemmer

_WORD = re.compile(r"[가-힣]+|[^\W_가-힣]+")
_VOWEL = re.compile("[aeiouy]")
_STEMMER = snowballstemmer.stemmer("english")

PARTICLES = (
    "에서는", "으로는", "이라는", "이란", "에서", "에게", "으로", "까지", "부터", "보다", "처럼", "이나", "라는",
    "을", "를", "이", "가", "은", "는", "의", "에", "로", "와", "과", "도", "만", "란",
)  # fmt: skip
"""Korean particles that a member may leave on a word, longest first. A stem of two syllables must remain."""


class Term(NamedTuple):
    """An indexed term and where its word stands in the text, as character offsets. A text makes thousands."""

    text: str
    start: int
    end: int


def terms(text: str, start: int = 0) -> Iterator[Term]:
    """Cut text into terms, in order, from an offset on. The pairs of one Hangul run overlap."""
    for match in _WORD.finditer(text, start):
        word, at = match.group(), match.start()
        if not _is_hangul(word):
            yield Term(_stem(fold(word)), at, match.end())
        elif len(word) == 1:
            yield Term(word, at, match.end())
        else:
            yield from (Term(word[i : i + 2], at + i, at + i + 2) for i in range(len(word) - 1))


def find_run(text: str, run: Sequence[str]) -> Iterator[tuple[int, int]]:
    """(start, end) of each place where these terms stand together.

    Looks for how the first may begin and cuts only there: cutting whole reviews into terms for each query would
    cost ten times as much.
    """
    for match in _opening(run[0]).finditer(text):
        found = list(islice(terms(text, match.start()), len(run)))
        if [term.text for term in found] == list(run):
            yield found[0].start, found[-1].end


@lru_cache(maxsize=10_000)
def _opening(term: str) -> re.Pattern[str]:
    """Where a term may begin: a stem keeps its word's first three letters, but for a y that became i at its end
    and a few verbs (dying → die).

    Letters that NFKC folds to others (Ⅳ, full-width ones) are indexed and found; they are not emphasised.
    """
    if not _is_hangul(term):
        kept = term[:3] if len(term) > 3 else term.removesuffix("i")
        return re.compile(rf"(?<![^\W_가-힣]){re.escape(kept)}", re.IGNORECASE)
    # A look ahead, since pairs overlap: 각각각 holds 각각 twice.
    return re.compile(f"(?={term})" if len(term) == 2 else f"(?<![가-힣]){term}(?![가-힣])")


def index_terms(text: str) -> str:
    """The terms of a text joined by spaces: what a column of the index holds."""
    return " ".join(term.text for term in terms(unicodedata.normalize("NFC", text)))


def fold(text: str) -> str:
    """NFKC and case folding: full-width letters and ligatures become the ones people type."""
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(maxsize=100_000)
def squash(text: str) -> str:
    """Letters and digits alone, folded: "Self-RAG", "self rag" and "SELFRAG" are one name."""
    return "".join(char for char in fold(text) if char.isalnum())


def words(text: str) -> list[str]:
    """The folded words of a text, Hangul and Latin runs apart, unstemmed."""
    return _WORD.findall(fold(text))


def without_particle(word: str) -> str | None:
    """A Hangul word less its particle, or None where it carries none: 환각을 → 환각."""
    for particle in PARTICLES:
        if word.endswith(particle) and len(word) - len(particle) >= 2:
            return word[: -len(particle)]
    return None


def _is_hangul(word: str) -> bool:
    return "가" <= word[0] <= "힣"


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    if not (word.isascii() and word.isalpha()):
        return word
    if word.endswith("s") and len(word) > 2 and not _VOWEL.search(word):
        return word[:-1]  # LLMs, PLMs: Porter2 wants a vowel before it takes a plural's s
    return str(_STEMMER.stemWord(word))
