"""A search as typed → the concepts it asks for, each with its spellings; what is excluded; which order is wanted."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.models.reviews import Review
from bot.search import hangul
from bot.search.glossary import Found, Glossary
from bot.search.roles import Role, role_of
from bot.text.terms import (
    PARTICLES,
    STOPWORDS,
    bare_forms,
    find_run,
    fold,
    is_hangul,
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
"""How often a title's words count beside those of headings and abstract."""
MAX_CONCEPTS = 12
MIN_MISSPELT = 5
"""Letters of a Latin word from which a slip is looked for."""
MIN_HANGUL = 2
"""Syllables up to which a Korean word with a slip in it is as likely another word."""
MIN_KEYED, MIN_KEYED_LATIN = 2, 3
"""Syllables, or Latin letters, of a word that is read as typed on the other keyboard."""
_QUOTED = re.compile(r'["“”]([^"“”]+)["“”]')
_LETTERS = re.compile(r"[^\W_]+")
_BRACKETS = re.compile(r"[(),]")
_MARKS = "?!.,;:…~'’‘`·"
"""What may stand around a word and is no part of it: an ending is not seen behind a question mark."""
_EXCLUDED = re.compile(r'(?<!\S)-("[^"]+"|\w\S*)')

Run = tuple[str, ...]
"""Terms that must stand together."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing asked for: its spellings, each a run of terms that must stand together."""

    text: str
    spellings: tuple[Run, ...]
    part_of: str | None = None
    """The text of the concept of several words whose word this is: found apart, it is weaker evidence of that one."""
    is_word: bool = False
    """A single word that the glossary does not know: it may be misspelt."""
    is_everyday: bool = False
    """A word of everyday language, sought by what papers call it."""

    @property
    def is_loose(self) -> bool:
        """A Korean word that the glossary does not know: mostly a verb, which texts put otherwise."""
        return self.is_word and is_hangul(self.text)

    @property
    def is_empty(self) -> bool:
        """An everyday word that papers have no other word for: it asks more than it says."""
        return self.is_everyday and len(self.spellings) == 1

    def match_query(self) -> str:
        """The concept in FTS5's syntax, every term quoted: what people type is never syntax.

        A spelling within which another one stands finds nothing more, and would have its words' lists walked twice.
        """
        runs = [run for run in self.spellings if not any(_is_within(other, run) for other in self.spellings)]
        return " OR ".join('"' + " ".join(run) + '"' for run in runs)

    def find(self, text: str) -> list[tuple[int, int]]:
        """(start, end) of each place where a spelling stands."""
        folded = fold(text)
        likely = (spelling for spelling in self.spellings if all(_beginning(term) in folded for term in spelling))
        return [place for spelling in likely for place in find_run(text, spelling)]


def parse_query(text: str, glossary: Glossary, *, everyday: Glossary | None = None) -> tuple[Concept, ...]:
    """Cut a query into concepts: quoted phrases whole, terms of the glossary whole and with all their spellings,
    other words one by one, each once, function words left out.

    Args:
        everyday: Everyday words, looked up where the glossary knows none; None reads them as they stand.
    """
    text = unicodedata.normalize("NFC", visible(text[:MAX_QUERY]))
    pieces = _QUOTED.split(text)  # what stood in quotes is at each odd place
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
    wholes = (telling or wholes)[:MAX_CONCEPTS]  # a syllable alone is grammar, unless it is all there is
    parts = [concept for concept in concepts if concept.part_of in {whole.text for whole in wholes}][:MAX_CONCEPTS]
    return (*wholes, *parts)


def split_exclusions(text: str, glossary: Glossary) -> tuple[str, tuple[Concept, ...]]:
    """Take out what must not stand in a review: ``-word`` or ``-"a phrase"``, a term of the glossary in any spelling.

    Returns:
        The query that is left, and the excluded concepts.
    """
    found = [match[1] for match in _EXCLUDED.finditer(text)]
    excluded = (concept for part in found for concept in parse_query(part, glossary))
    return _EXCLUDED.sub(" ", text), tuple(concept for concept in excluded if concept.part_of is None)


def take_apart(
    concepts: Sequence[Concept], unknown: Container[Concept], glossary: Glossary, everyday: Glossary
) -> tuple[Concept, ...]:
    """The concepts, with the words that were typed in place of a term that no review has, where one of them alone is
    a term itself: “reduce hallucination” asks for hallucination, but “retrieval augmented generation” for RAG."""
    found: list[Concept] = []
    for concept in concepts:
        typed = concept.text.split() if concept in unknown and concept.part_of is None else []
        words_of_it = [one for word in typed for one in parse_query(word, glossary, everyday=everyday)]
        terms_of_it = [one for one in words_of_it if one.part_of is None and not one.is_word and not one.is_everyday]
        found += words_of_it if len(typed) > 1 and len(terms_of_it) == 1 else [concept]
    kept = {one.text for one in found if one.part_of is None}
    return tuple(one for one in dict.fromkeys(found) if one.part_of is None or one.part_of in kept)


@dataclass(frozen=True, slots=True)
class Mended:
    """A word that no review has, and how it was read: with so many slips, none on the other keyboard."""

    typed: str
    meant: str
    slips: int

    @property
    def is_slight(self) -> bool:
        """Whether it is hardly another word: one slip, and in Korean more than two syllables (예약 is not 요약), or
        none, on the other keyboard."""
        return not self.slips or (self.slips == 1 and (not is_hangul(self.typed) or len(self.typed) > MIN_HANGUL))


def mend(text: str, unknown: Sequence[Concept], glossary: Glossary) -> tuple[str, tuple[Mended, ...]]:
    """A query with the words that no review has put right, where one word of the glossary is near."""
    mended: list[Mended] = []
    for concept in unknown:
        word = next(iter(_LETTERS.findall(concept.text)), "")
        if concept.is_word and concept.part_of is None and (is_hangul(word) or len(word) >= MIN_MISSPELT):
            nearest = glossary.nearest(fold(word))
            if nearest:
                mended.append(Mended(word, *nearest))
    return put_right(text, mended), tuple(mended)


def put_right(text: str, mended: Iterable[Mended]) -> str:
    """A query with these words as they were read; normalised as a query is, so that each typed word is found."""
    text = unicodedata.normalize("NFC", visible(text))
    for one in mended:
        meant = one.meant.replace("\\", r"\\")  # a backslash that somebody types is no group
        text = re.sub(rf"(?<!\w){re.escape(one.typed)}(?!\w)", meant, text)
    return text


def on_other_keyboard(unknown: Iterable[Concept]) -> list[Mended]:
    """Words that no review has, read as typed with the other keyboard left on: ㅗ미ㅣㅕ is hallu, ghksrkr is 환각."""
    readings = []
    for concept in unknown:
        typed = concept.text
        if concept.part_of is None and not concept.is_everyday and " " not in typed:
            meant = hangul.unmistype(typed) if hangul.has_hangul(typed) else hangul.remistype(typed)
            if meant and len(squash(meant)) >= (MIN_KEYED if hangul.has_hangul(meant) else MIN_KEYED_LATIN):
                readings.append(Mended(typed, meant, 0))
    return readings


def phrase_of(text: str) -> Concept | None:
    """A text as one concept, its words side by side; None where it has none, or is too long to stand anywhere."""
    spellings = _spellings(text) if len(text) <= MAX_PHRASE else ()
    return Concept(text, spellings) if spellings else None


def subjects_of(review: Review, glossary: Glossary, *, limit: int) -> dict[Concept, int]:
    """What a review is about, with how often it says so: terms of the glossary and Latin words of its title, abstract
    and headings, but for the usual headings of any paper."""
    texts = [review.clean_title] * TITLE_WEIGHT
    texts += [s.heading for s in review.sections if s.heading and role_of(s.heading) is None]
    texts += [s.text for s in review.sections if role_of(s.heading) is Role.ABSTRACT]
    typed = [word for text in texts for word in words(text)[:MAX_SUBJECT_WORDS]]
    uses: Counter[tuple[Run, ...]] = Counter()
    at = 0
    for found in (*glossary.find(typed), None):
        plain = typed[at : found.start if found else None]
        uses.update(_spellings(w) for w in plain if len(w) > 2 and w.isascii() and w.isalpha() and w not in STOPWORDS)
        if found:
            uses[tuple(sorted(found.spellings))] += 1
            at = found.stop
    return {Concept(" ".join(runs[0]), runs): count for runs, count in uses.most_common(limit)}


def whole_phrase(concepts: Sequence[Concept]) -> Concept | None:
    """The words asked, standing together in this order: evidence on top of each alone."""
    concepts = [concept for concept in concepts if concept.part_of is None]
    if len(concepts) < 2:
        return None
    run = tuple(term for concept in concepts for term in concept.spellings[0])
    return Concept(" ".join(concept.text for concept in concepts), (run,))


def _concepts(typed: list[str], glossary: Glossary, everyday: Glossary) -> Iterator[Concept]:
    """Everyday phrases, and what their words mean one by one: “정답 없이” is unsupervised, and 정답 a label."""
    for found in everyday.find(typed):
        if found.stop - found.start > 1:
            yield Concept(found.text, found.spellings, is_everyday=True)
    at = 0
    for found in glossary.find(typed):
        yield from _everyday_words(typed[at : found.start], everyday)
        yield Concept(found.text, found.spellings)
        yield from _parts(found, glossary)
        at = found.stop
    yield from _everyday_words(typed[at:], everyday)


def _everyday_words(typed: Sequence[str], everyday: Glossary) -> Iterator[Concept]:
    at = 0
    for found in everyday.find(typed, longest=1):
        yield from _single_words(typed[at : found.start])
        yield Concept(found.text, found.spellings, is_everyday=True)
        at = found.stop
    yield from _single_words(typed[at:])


def _is_syllable(concept: Concept) -> bool:
    """Whether a concept is a Hangul syllable alone, and no known word."""
    return len(squash(concept.text)) == 1 and is_hangul(concept.text) and not concept.is_everyday


def _parts(found: Found, glossary: Glossary) -> Iterator[Concept]:
    at = 0
    for part in glossary.find(found.english, longest=len(found.english) - 1):
        yield from _single_words(found.english[at : part.start], part_of=found.text)
        yield Concept(part.text, part.spellings, part_of=found.text)
        at = part.stop
    yield from _single_words(found.english[at:], part_of=found.text)


def _single_words(typed: Sequence[str], part_of: str | None = None) -> Iterator[Concept]:
    for word in typed:
        if squash(word) not in STOPWORDS and word not in PARTICLES:
            yield Concept(word, _spellings(word), part_of, is_word=len(words(word)) == 1)
            if part_of is None:
                yield from (Concept(run, _spellings(run), word) for run in telling_runs(word))


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


def _is_within(run: Run, other: Run) -> bool:
    """Whether a run is a part of another, longer one."""
    return len(run) < len(other) and any(other[at : at + len(run)] == run for at in range(len(other) - len(run) + 1))


def _beginning(term: str) -> str:
    """What a text with this term must contain: a known term has a dozen spellings, and most texts none of them."""
    return term[:3] if len(term) > 3 else term[:2]
