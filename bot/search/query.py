"""A search as typed → the concepts that it asks for, with their spellings; exclusions; the requested order."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.models.reviews import Review
from bot.search import hangul
from bot.search.glossary import Found, Glossary
from bot.search.roles import Role, role_of
from bot.text.patterns import lazy_pattern
from bot.text.terms import (
    PARTICLES,
    STOPWORDS,
    bare_forms,
    find_run,
    fold,
    has_hangul,
    is_hangul,
    remembered,
    split_greek,
    squash,
    telling_runs,
    terms,
    visible,
    words,
)

MAX_QUERY = 300
MAX_PHRASE = 100
MAX_SUBJECT_WORDS = 300
TITLE_WEIGHT = 3
"""How often the title's words count; those of headings and abstract count once."""
MAX_CONCEPTS = 12
MIN_MISSPELT = 5
"""Letters that a Latin word needs to be checked for slips."""
MIN_HANGUL = 2
"""A Korean word of at most this many syllables is, with a slip in it, just as likely a different word."""
SENTENCE = 4
"""From this many words on, a query is a sentence, whose unknown words are more likely other words than slips."""
MIN_KEYED, MIN_KEYED_LATIN = 2, 3
"""Syllables, or Latin letters, that a word needs to be read as typed on the other keyboard layout."""
_QUOTED = lazy_pattern(r'["“”]([^"“”]+)["“”]')
_LETTERS = lazy_pattern(r"[^\W_]+")
_BRACKETS = lazy_pattern(r"[(),]")
_MARKS = "?!.,;:…~'’‘`·"
"""Punctuation around a word that is not part of it; a question mark would hide the word's ending."""
_EXCLUDED = lazy_pattern(r'(?<!\S)-("[^"]+"|\w\S*)')

Run = tuple[str, ...]
"""Terms that must stand side by side."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing asked for: its spellings, each a run of terms that must stand side by side."""

    text: str
    spellings: tuple[Run, ...]
    part_of: str | None = None
    """The text of the longer concept that this word belongs to; found alone, it is weaker evidence of it."""
    is_word: bool = False
    """Whether it is a single word that the glossary does not know; it may be misspelt."""
    is_everyday: bool = False
    """Whether it is a word of everyday language, searched for by the terms that papers use."""

    def __hash__(self) -> int:
        """The hash of the text alone, because a term of the glossary may have a hundred spellings."""
        return hash(self.text)

    @property
    def is_loose(self) -> bool:
        """A Korean word that the glossary does not know: usually a verb, which texts phrase differently."""
        return self.is_word and is_hangul(self.text)

    @property
    def is_empty(self) -> bool:
        """An everyday word for which papers have no other word: it says little about what is wanted."""
        return self.is_everyday and len(self.spellings) == 1

    def match_query(self) -> str:
        """The concept in FTS5's syntax. Every term is quoted, so what people type is never read as syntax.

        A spelling that contains another one is left out: it finds nothing more, and its words would be looked up
        twice.
        """
        return " OR ".join(self.phrases())

    def phrases(self) -> tuple[str, ...]:
        """The phrases of `match_query`."""
        return _phrases(self.spellings)

    def find(self, text: str) -> list[tuple[int, int]]:
        """(start, end) of each place where a spelling occurs."""
        folded = fold(text)
        likely = (spelling for spelling in self.spellings if all(_beginning(term) in folded for term in spelling))
        return [place for spelling in likely for place in find_run(text, spelling)]


def parse_query(text: str, glossary: Glossary, *, everyday: Glossary | None = None) -> tuple[Concept, ...]:
    """Split a query into concepts: quoted phrases whole, terms of the glossary with all their spellings, and other
    words one by one. Each concept occurs once; function words are left out.

    Args:
        everyday: Everyday words, tried where the glossary knows no term; None for none.
    """
    text = unicodedata.normalize("NFC", visible(text[:MAX_QUERY]))
    pieces = _QUOTED.split(text)  # the quoted phrases have odd positions
    asked = [Concept(phrase, _spellings(phrase)) for phrase in pieces[1::2]]
    for plain in pieces[::2]:
        typed = (word.strip(_MARKS) for word in _BRACKETS.sub(" ", plain).split())
        asked += _concepts([word for word in typed if word], glossary, everyday or Glossary())
    distinct: dict[tuple[str | None, frozenset[Run]], Concept] = {}
    for concept in asked:
        if concept.spellings:
            distinct.setdefault((concept.part_of, frozenset(concept.spellings)), concept)
    concepts = tuple(distinct.values())
    wholes = [concept for concept in concepts if concept.part_of is None]
    telling = [concept for concept in wholes if not _is_syllable(concept)]
    wholes = (telling or wholes)[:MAX_CONCEPTS]  # a lone syllable is grammar, unless there is nothing else
    parts = [concept for concept in concepts if concept.part_of in {whole.text for whole in wholes}][:MAX_CONCEPTS]
    return (*wholes, *parts)


def split_exclusions(text: str, glossary: Glossary) -> tuple[str, tuple[Concept, ...]]:
    """Separate what a review must not contain: ``-word`` or ``-"a phrase"``; a term of the glossary in any spelling.

    Returns:
        The remaining query, and the excluded concepts.
    """
    parts = [match[1] for match in _EXCLUDED.finditer(text)]
    excluded = (concept for part in parts for concept in parse_query(part, glossary))
    return _EXCLUDED.sub(" ", text), tuple(concept for concept in excluded if concept.part_of is None)


def take_apart(
    concepts: Sequence[Concept], unknown: Container[Concept], glossary: Glossary, everyday: Glossary
) -> tuple[Concept, ...]:
    """Replace a term that no review has by the words typed, if exactly one of them is itself a term: “reduce
    hallucination” asks for hallucination, but “retrieval augmented generation” for RAG."""
    asked: list[Concept] = []
    for concept in concepts:
        typed = concept.text.split() if concept in unknown and concept.part_of is None else []
        words_of_it = [term for word in typed for term in parse_query(word, glossary, everyday=everyday)]
        terms_of_it = [
            term for term in words_of_it if term.part_of is None and not term.is_word and not term.is_everyday
        ]
        asked += words_of_it if len(typed) > 1 and len(terms_of_it) == 1 else [concept]
    kept = {term.text for term in asked if term.part_of is None}
    return tuple(term for term in dict.fromkeys(asked) if term.part_of is None or term.part_of in kept)


@dataclass(frozen=True, slots=True)
class Mended:
    """A word that no review has, and how it was read; ``slips`` is 0 for the other keyboard layout."""

    typed: str
    meant: str
    slips: int

    @property
    def is_slight(self) -> bool:
        """Whether it is almost surely the same word: one slip, in Korean in a word of more than two syllables (예약
        is not 요약), or only the other keyboard layout."""
        return not self.slips or (self.slips == 1 and (not is_hangul(self.typed) or len(self.typed) > MIN_HANGUL))


def mend(text: str, unknown: Sequence[Concept], glossary: Glossary) -> tuple[str, tuple[Mended, ...]]:
    """Correct the words of a query that no review has, if exactly one word of the glossary is near, and if in a
    sentence nothing speaks against a slip."""
    is_sentence = len(text.split()) >= SENTENCE
    mended: list[Mended] = []
    for concept in unknown:
        word = next(iter(_LETTERS.findall(concept.text)), "")
        if concept.is_word and concept.part_of is None and (is_hangul(word) or len(word) >= MIN_MISSPELT):
            nearest = glossary.nearest(fold(word))
            if (
                nearest
                and not _has_another_syllable(word, nearest[0])
                and (not is_sentence or _is_slip(word, *nearest))
            ):
                mended.append(Mended(word, *nearest))
    return put_right(text, mended), tuple(mended)


def _has_another_syllable(typed: str, meant: str) -> bool:
    """Whether a syllable differs in consonant and vowel at once: that is another word (소스코드 is not 소거코드)."""
    pairs = zip(unicodedata.normalize("NFC", typed), unicodedata.normalize("NFC", meant), strict=False)
    split = ((unicodedata.normalize("NFD", one), unicodedata.normalize("NFD", other)) for one, other in pairs)
    of_hangul = is_hangul(typed) and is_hangul(meant) and len(typed) == len(meant)
    return of_hangul and any(one[0] != other[0] and one[1:2] != other[1:2] for one, other in split)


def _is_slip(typed: str, meant: str, slips: int) -> bool:
    """Whether a word of a sentence was misspelt, and is no other word than the one it resembles: 오래 is not 오류,
    “slipping” not “clipping”, 학습해야 a verb. Few slips are in the first letter (Pollock & Zamora 1984: 8 %)."""
    if is_hangul(typed):
        return slips == 1 and len(meant) > MIN_HANGUL
    return len(typed) > MIN_MISSPELT and fold(typed)[0] == meant[0]


def put_right(text: str, mended: Iterable[Mended]) -> str:
    """Replace these words in a query by what they were read as, after normalising it so that each word is found."""
    text = unicodedata.normalize("NFC", visible(text))
    for word in mended:
        meant = word.meant.replace("\\", r"\\")  # a typed backslash must not refer to a group
        text = re.sub(rf"(?<!\w){re.escape(word.typed)}(?!\w)", meant, text)
    return text


def on_other_keyboard(unknown: Iterable[Concept]) -> list[Mended]:
    """Read words that no review has as typed on the other keyboard layout: ㅗ미ㅣㅕ is hallu, ghksrkr is 환각."""
    readings = []
    for concept in unknown:
        typed = concept.text
        if concept.part_of is None and not concept.is_everyday and " " not in typed:
            meant = hangul.unmistype(typed) if has_hangul(typed) else hangul.remistype(typed)
            if meant and len(squash(meant)) >= (MIN_KEYED if has_hangul(meant) else MIN_KEYED_LATIN):
                readings.append(Mended(typed, meant, 0))
    return readings


def phrase_of(text: str) -> Concept | None:
    """A text as one concept, its words side by side; None if it has no words, or is too long to occur anywhere."""
    spellings = _spellings(text) if len(text) <= MAX_PHRASE else ()
    return Concept(text, spellings) if spellings else None


def subjects_of(review: Review, glossary: Glossary, *, limit: int) -> dict[Concept, int]:
    """What a review is about, with the number of mentions: terms of the glossary and Latin words from its title,
    abstract and headings, except headings that every paper has."""
    texts = [review.clean_title] * TITLE_WEIGHT
    texts += [s.heading for s in review.sections if s.heading and role_of(s.heading) is None]
    texts += [s.text for s in review.sections if role_of(s.heading) is Role.ABSTRACT]
    typed = [word for text in texts for word in words(text)[:MAX_SUBJECT_WORDS]]
    uses: Counter[tuple[Run, ...]] = Counter()
    at = 0
    for term in (*glossary.find(typed), None):
        plain = typed[at : term.start if term else None]
        uses.update(_spellings(w) for w in plain if len(w) > 2 and w.isascii() and w.isalpha() and w not in STOPWORDS)
        if term:
            uses[tuple(sorted(term.spellings))] += 1
            at = term.stop
    return {Concept(" ".join(runs[0]), runs): count for runs, count in uses.most_common(limit)}


def whole_phrase(concepts: Sequence[Concept]) -> Concept | None:
    """The whole query as one phrase: extra evidence where its words stand together in this order."""
    concepts = [concept for concept in concepts if concept.part_of is None]
    if len(concepts) < 2:
        return None
    run = tuple(term for concept in concepts for term in concept.spellings[0])
    return Concept(" ".join(concept.text for concept in concepts), (run,))


def _concepts(typed: list[str], glossary: Glossary, everyday: Glossary) -> Iterator[Concept]:
    """Everyday phrases, and what their words mean one by one: “정답 없이” is unsupervised, and 정답 is a label.

    A Latin word that no list has is not sought besides the phrase that it stands in: the “blow” of “blow up”.
    """
    phrases = [term for term in everyday.find(typed) if term.stop - term.start > 1]
    yield from (Concept(term.text, term.spellings, is_everyday=True) for term in phrases)
    said = {word for term in phrases for word in typed[term.start : term.stop] if not has_hangul(word)}
    at = 0
    for term in glossary.find(typed):
        yield from _everyday_words(typed[at : term.start], everyday, said)
        yield Concept(term.text, term.spellings)
        yield from _parts(term, glossary)
        at = term.stop
    yield from _everyday_words(typed[at:], everyday, said)


def _everyday_words(typed: Sequence[str], everyday: Glossary, said: Container[str]) -> Iterator[Concept]:
    """Everyday words, and words that no list has, except those ``said`` in an everyday phrase."""
    at = 0
    for word in everyday.find(typed, longest=1):
        if squash(word.text) in STOPWORDS:
            continue  # “do” has the stem of “doing”, which is an everyday word
        yield from _single_words([other for other in typed[at : word.start] if other not in said])
        yield Concept(word.text, word.spellings, is_everyday=True)
        at = word.stop
    yield from _single_words([other for other in typed[at:] if other not in said])


def _is_syllable(concept: Concept) -> bool:
    """Whether a concept is a single Hangul syllable and not a known word."""
    return len(squash(concept.text)) == 1 and is_hangul(concept.text) and not concept.is_everyday


def _parts(term: Found, glossary: Glossary) -> Iterator[Concept]:
    at = 0
    for part in glossary.find(term.english, longest=len(term.english) - 1):
        yield from _single_words(term.english[at : part.start], part_of=term.text)
        yield Concept(part.text, part.spellings, part_of=term.text)
        at = part.stop
    yield from _single_words(term.english[at:], part_of=term.text)


def _single_words(typed: Sequence[str], part_of: str | None = None) -> Iterator[Concept]:
    for word in typed:
        if squash(word) not in STOPWORDS and word not in PARTICLES:
            yield Concept(word, _spellings(word), part_of, is_word=len(words(word)) == 1)
            if part_of is None:
                yield from (Concept(run, _spellings(run), word) for run in telling_runs(word))


@remembered(10_000)
def _spellings(word: str) -> tuple[Run, ...]:
    spelling = tuple(term.text for term in terms(word))
    if not spelling:
        return ()
    others = [tuple(term.text for term in terms(bare)) for bare in bare_forms(fold(word))]
    if "-" in word:
        others.append(tuple(term.text for term in terms(word.replace("-", ""))))
    if greek := split_greek(fold(word)):
        others.append(tuple(term.text for part in greek for term in terms(part)))
    return tuple(dict.fromkeys(run for run in (spelling, *others) if run))


@lru_cache(maxsize=2_000)
def _phrases(spellings: tuple[Run, ...]) -> tuple[str, ...]:
    runs = (run for run in spellings if not any(_is_within(other, run) for other in spellings))
    return tuple('"' + " ".join(run) + '"' for run in runs)


def _is_within(run: Run, other: Run) -> bool:
    """Whether a run is part of another, longer one."""
    return len(run) < len(other) and any(other[at : at + len(run)] == run for at in range(len(other) - len(run) + 1))


def _beginning(term: str) -> str:
    """The beginning of a term, which any text with the term contains; a quick check, as most texts do not."""
    return term[:3] if len(term) > 3 else term[:2]
