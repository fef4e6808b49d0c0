"""All names of all reviews, in memory: finds a paper however its name is typed, and completes names.

Built in the background from the cache's sorted names and replaced as a whole; a look-up does not read the database.
In order of trust: the name as written, its beginning, one or two slips, words of title, authors and venue. A query
that none of these steps finds is read as typed with the wrong keyboard layout, and if it is in Hangul, by its sound.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from math import inf, log
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from bot.models.index import LabelRow, NameKind, NameRow
from bot.models.requests import Audience
from bot.models.reviews import Review, ReviewLabel
from bot.search import hangul, strings, tables
from bot.search.extract import names_in
from bot.search.glossary import Glossary
from bot.search.known_papers import known_papers
from bot.search.matches import How, Lookup, NameMatch
from bot.search.slips import is_another_name, is_slight
from bot.search.sureness import (
    FULL_WORDS,
    SOUND_MARGIN,
    SURE_INTRODUCED_WEIGHT,
    SURE_SOUND,
    SURE_SOUND_WEIGHT,
    SURE_TITLE_WEIGHT,
    UNFINISHED,
    is_sure,
)
from bot.search.tables import (
    KINDS,
    RANKS,
    Arrays,
    Having,
    Held,
    Labels,
    NameTable,
    SoundTable,
    SpokenWords,
    Use,
    WordTable,
    named,
    part_of,
)
from bot.text.labels import strip_labels
from bot.text.patterns import lazy_pattern
from bot.text.terms import STOPWORDS, bare_forms, fold, has_hangul, is_hangul, squash, terms, without_particle, words
from bot.text.titles import split_part

MIN_PREFIX = 3
MIN_TITLE = 10
"""From this many letters on, a name is a title, and if only a final s is missing it is the plural."""
OFFERED_WORDS = 0.5
"""The share of the words' weight that a review needs to be offered."""
WHOLE_PHRASE = 0.05
"""Added to the score if the words stand in the title side by side and in this order."""
MAX_BY_WORDS = 50
MAX_VIEWS = 16
"""Audiences whose views are kept: a view of 100,000 reviews takes 0.8 MB, and 10 ms to create."""
MIN_BEGUN_WORD = 4
MIN_WORD_SLIP = 5
MIN_TWICE_SLIPPED = 9
"""Letters that a name needs to be the one that was meant by a word two slips away."""
SLIP_MARGIN = 1
"""How many more slips away the names of all other reviews must be then."""
MIN_LONE_SLIP = 6
"""Letters that a word which is all of a query needs for a slip in it to be likelier than another word."""
OTHER_NAME = 99
"""Counted for a slip in a digit or in a one-letter part: that is another paper's name, offered after all others."""
DOUBTFUL_SLIP = 2
"""Counted for a slip that may just as well make another name."""
SLIPPED_WORD = 0.01
"""Subtracted for a slip in a word: below a full score, a match is only sure as a slip, and is shown as one."""
OFFERED_SOUND = 0.3
MAX_SPOKEN = 8
"""Words of a query that are compared by sound with single words of titles; nobody says more of a title."""
LEFT_OUT = 0.1
"""How much closer a whole name sounds than some words of a title that has others, too."""
OFFERED_WORD_SOUND = 0.23
HEARD_SOUND, HEARD_WEIGHT = 0.12, 14
"""For a word of a search, which may be any Korean word: nearly the same sound, and three consonants and a vowel."""
HEARD_TITLES = 8
"""Titles with a word of the same sound that are looked at: they have the same word, but for two or three."""
"""Less for a single word of a title, since there are many."""
FILLERS = frozenset("paper papers review article part 논문 리뷰 논문의 편 부 파트 글".split())
"""Words that people add to a name: "rear 논문", "서베이 4편"."""
_NUMBER = lazy_pattern(r"\d+(?:\.\d+)*")
_COMPLETED_LATE = frozenset((NameKind.LINKED, NameKind.COINED))


class Names:
    """The index of names. Build it with `NamesBuilder`; an empty one finds nothing.

    `within` gives the part of it that an audience may read; its look-ups answer as if the other reviews did not
    exist.
    """

    def __init__(
        self,
        labels: Labels | None = None,
        names: NameTable | None = None,
        words: WordTable | None = None,
        sounds: SoundTable | None = None,
        spoken: SpokenWords | None = None,
        glossary: Glossary | None = None,
        shown: Having | None = None,
    ) -> None:
        self._labels = Labels() if labels is None else labels
        self._names = NameTable() if names is None else names
        self._words = WordTable() if words is None else words
        self._sounds = SoundTable() if sounds is None else sounds
        self._spoken = SpokenWords() if spoken is None else spoken
        self._glossary = Glossary() if glossary is None else glossary
        self._shown = shown
        self.shown_ids = None if shown is None else self._labels.by_id()
        """For each review id, from 0 on, a byte that is 1 if the review is visible here; None if all are."""
        self._views: dict[frozenset[int], Names] = {}

    def within(self, audience: Audience) -> Names:
        """The names of the reviews from an audience's feeds."""
        if audience.feeds is None:
            return self
        view = self._views.pop(audience.feeds, None)
        if view is None:
            view = self._view(self._labels.of_feeds(audience.feeds))
        self._views[audience.feeds] = view  # kept in the order of the latest use
        if len(self._views) > MAX_VIEWS:
            del self._views[next(iter(self._views))]
        return view

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All that it holds but the glossary, for `from_arrays`.

        Raises:
            ValueError: It is the part for an audience.
        """
        if self._shown is not None:
            raise ValueError("only all names can be kept")
        return {
            **named("labels", self._labels.arrays()),
            **named("names", self._names.arrays()),
            **named("words", self._words.arrays()),
            **named("sounds", self._sounds.arrays()),
            **named("spoken", self._spoken.arrays()),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays, glossary: Glossary) -> Names:
        """The index that was given out by `arrays`, in the memory of these arrays, which may be a file's."""
        return cls(
            Labels.from_arrays(part_of(arrays, "labels")),
            NameTable.from_arrays(part_of(arrays, "names")),
            WordTable.from_arrays(part_of(arrays, "words")),
            SoundTable.from_arrays(part_of(arrays, "sounds")),
            SpokenWords.from_arrays(part_of(arrays, "spoken")),
            glossary,
        )

    def _view(self, shown: Having) -> Names:
        labels, names = self._labels.within(shown), self._names.within(shown)
        return Names(labels, names, self._words, self._sounds, self._spoken, self._glossary, shown)

    def __len__(self) -> int:
        return len(self._labels)

    def __contains__(self, review_id: int) -> bool:
        return self._labels.place(review_id) is not None

    @property
    def stubs(self) -> Container[int]:
        """The reviews that are only a few lines long."""
        return self._labels.stubs

    @property
    def stub_share(self) -> float:
        """How many of these reviews are stubs, 0 to 1."""
        return self._labels.stub_share

    def preference(self, review_id: int) -> int:
        """Orders otherwise equal reviews, the smallest number first: newer before older, stubs last."""
        place = self._labels.place(review_id)
        return self._labels.total if place is None else place

    def count_up_to(self, review_id: int) -> int:
        """How many reviews have an id up to this one."""
        return self._labels.count_up_to(review_id)

    def label(self, review_id: int) -> ReviewLabel | None:
        """What a completion shows of a review."""
        place = self._labels.place(review_id)
        return None if place is None else self._labels[place]

    def lookup(self, query: str, *, limit: int = 10) -> Lookup:
        """Find the review that a name means.

        Returns:
            Matches, best first. The result is sure if a review has the name as written, or is the only one whose name
            begins with it, or is one slip away without a rival, or alone has every word, or sounds like it without a
            rival; it then holds only the matches of that step. Otherwise it holds candidates from all steps.
        """
        lookup = self._look_up(query, limit)
        if lookup.is_sure and lookup.matches[0].how in (How.EXACT, How.PREFIX):
            return lookup
        bare, is_labelled = strip_labels(query)
        if is_labelled:  # "[논문 리뷰] Low Boats", as a post is titled
            query, lookup = bare, self._look_up(bare, limit)
            if lookup.is_sure and lookup.matches[0].how in (How.EXACT, How.PREFIX):
                return lookup
        typed = query.split()
        named = " ".join(word for word in typed if fold(word) not in FILLERS) if len(typed) > 1 else query
        if not named or len(named.split()) == len(typed):
            return lookup
        # "rear 논문": two syllables after a name are not two slips in it.
        return self._look_up(named, limit)

    def lookup_exact(self, query: str) -> Lookup:
        """Find the review with exactly this name."""
        matches = self._find_exact(squash(query))
        return Lookup(tuple(matches), is_sure=is_sure(matches))

    def _look_up(self, query: str, limit: int) -> Lookup:
        key = squash(query)
        if not key:
            return Lookup()
        by_review: dict[int, NameMatch] = {}
        steps: tuple[Callable[[], list[NameMatch]], ...] = (
            partial(self._find_exact, key),
            partial(self._find_translated, query),
            partial(self._find_prefix, key, limit),
            partial(self._find_slips, key, query),
            partial(self._find_words, query, limit),
        )
        for step in steps:
            matches = step()
            if (
                is_sure(matches)
                and all(_confirms(matches[0], guess) for guess in by_review.values())
                and not self._is_ambiguous(query, matches[0])
            ):
                return Lookup(tuple(matches[:limit]), is_sure=True)
            for match in matches:
                known = by_review.setdefault(match.review_id, match)
                if match.is_own and not known.is_own and (match.how is not How.WORDS or _is_in_title(match)):
                    by_review[match.review_id] = match  # that the name also occurs in its text counts for less
        if all(match.how is How.WORDS for match in by_review.values()):
            other = self._find_misread(query, limit)
            if other.is_sure:
                return other
            for match in other.matches:
                by_review.setdefault(match.review_id, match)
        return Lookup(tuple(by_review.values())[:limit])

    def _is_ambiguous(self, query: str, best: NameMatch) -> bool:
        """Whether the query is too short, or is whole words of other titles: MASt3R is not surely MASt3R-SLAM."""
        if best.how is How.EXACT:
            return False
        if is_too_short(query):
            return True
        if best.how is How.SLIP and known_papers().is_name(query):
            return True  # ResNeSt is not a slip in ResNet
        if best.how is How.WORDS and (self._is_of_another(query, best) or _is_known_elsewhere(query, best)):
            return True
        if best.how is not How.PREFIX:
            return False
        others = (match for match in self._find_words(query, 2) if match.review_id != best.review_id)
        return any(_is_in_title(match) and _has_word(match.name, query) for match in others)

    def _is_of_another(self, query: str, best: NameMatch) -> bool:
        """Whether the query is a word that a title has besides the paper's own name: "Lamp: Light at MothNet
        Speed"."""
        key, label = squash(query), self.label(best.review_id)
        if label is None or not label.short_name or key in squash(label.short_name):
            return False
        return len(query.split()) == 1 and any(squash(name) == key for name in names_in(label.clean_title))

    def _find_exact(self, key: str) -> list[NameMatch]:
        holders = self._names.find(key)
        # A repository that its review never names does not compete with one that is named.
        named = [held for held in holders if KINDS[held.rank] is not NameKind.LINKED]
        return [self._match(held, How.EXACT, 1.0) for held in named or holders]

    def _find_translated(self, query: str) -> list[NameMatch]:
        """Find short names and addresses that are a term of the glossary in another script: 맵리듀스 is MapReduce."""
        if query.isascii():
            return []
        typed = words(query)
        concepts = self._glossary.find(typed)
        # A compound is not one of its parts: 픽셀버트 is not BERT.
        is_whole = len(concepts) == 1 and concepts[0].is_whole and concepts[0].stop - concepts[0].start == len(typed)
        stems = dict.fromkeys("".join(spelling) for concept in concepts if is_whole for spelling in concept.spellings)
        begun = (
            (stem, held)
            for stem in stems
            if stem.isascii() and len(stem) >= MIN_PREFIX
            for held in self._names.beginning(stem, within_number=False, limit=MAX_BY_WORDS)
        )
        called = [
            held
            for stem, held in begun
            if KINDS[held.rank] in (NameKind.SHORT, NameKind.SLUG)
            and stem == "".join(term.text for term in terms(self._names.text(held.name)))
        ]
        return [self._match(held, How.EXACT, 1.0) for held in sorted(called)]

    def _find_prefix(self, key: str, limit: int) -> list[NameMatch]:
        if len(key) < MIN_PREFIX:
            return []
        begun = self._names.beginning(key, within_number=False, limit=limit)
        return [self._match(held, How.PREFIX, self._begun_score(key, held)) for held in begun]

    def _begun_score(self, key: str, held: Held) -> float:
        """The score of a name's beginning; lower if only a number or a letter is missing: BLIP is not BLIP-2."""
        rest = self._names.key(held.name)[len(key) :]
        is_plural = rest == "s" and len(key) >= MIN_TITLE
        return UNFINISHED - 0.1 if (rest.isdigit() or len(rest) == 1) and not is_plural else UNFINISHED

    def _find_slips(self, key: str, query: str) -> list[NameMatch]:
        by_review: dict[int, tuple[int, Held]] = {}
        for name, distance in self._names.near(key):
            holders = self._names.holders(name)
            if not holders:
                continue
            if distance == 1 and is_another_name(key, self._names.key(name)):
                distance = DOUBTFUL_SLIP
            is_exact = distance is not None and _keeps_single_letters(query, self._names.text(name))
            slipped = distance if distance is not None and is_exact else OTHER_NAME
            for held in holders:
                if slipped == OTHER_NAME and KINDS[held.rank] is NameKind.COINED:
                    continue  # a post that uses GPT-3 is not about GPT-5
                by_review[held.review] = min((slipped, held), by_review.get(held.review, (slipped, held)))
        return [
            self._match(
                held,
                How.SLIP if slipped < OTHER_NAME and self._is_clear_slip(slipped, key, held.name) else How.SLIPS,
                0.9 - 0.1 * min(slipped, 3),
            )
            for slipped, held in sorted(by_review.values())
        ]

    def _is_clear_slip(self, slipped: int, key: str, name: int) -> bool:
        """Whether so many slips leave no doubt: one, few in a long title, or two in a long name.

        Such a name must have the same first letter, in which few slips are (Pollock & Zamora 1984: 8 %), and no name
        of another review may be near it.
        """
        if is_slight(slipped, key):
            return True
        meant = self._names.key(name)
        if slipped != DOUBTFUL_SLIP or len(key) < MIN_TWICE_SLIPPED or len(meant) < len(key) or meant[0] != key[0]:
            return False
        mine = {held.review for held in self._names.holders(name)}
        near = (other for other, _ in self._names.near(key, within=slipped + SLIP_MARGIN))
        return all(held.review in mine for other in near for held in self._names.holders(other))

    def _match(self, held: Held, how: How, score: float) -> NameMatch:
        is_own = KINDS[held.rank] is not NameKind.COINED
        return NameMatch(self._labels.id(held.review), how, self._names.text(held.name), score, is_own)

    def named_in(self, review: Review) -> list[int]:
        """The reviews whose short name occurs in another review's text."""
        text = "\n".join(section.text for section in review.sections)
        held = chain.from_iterable(self._names.find(squash(name)) for name in names_in(text))
        named = (holder.review for holder in held if KINDS[holder.rank] is NameKind.SHORT)
        return [self._labels.id(place) for place in dict.fromkeys(named)]

    def _find_words(self, query: str, limit: int) -> list[NameMatch]:
        """Find reviews by the words of title, names, authors, venue and categories, scored by how many are covered.

        Terms of the glossary count in any spelling, and rare words count more than common ones.
        """
        scores = np.zeros(self._labels.total, np.float32)
        asked = self._asked(query)
        total, slipped = 0.0, 0
        for spellings in asked:
            having = self._having(spellings)
            if not having.any() and len(spellings) == 1 and len(spellings[0]) == 1:
                having = self._having_nearly(spellings[0][0], is_alone=len(asked) == 1)
                slipped += bool(having.any())
            weight = log(1 + len(self) / (int(having.sum()) or 0.5))
            total += weight
            scores[having] += weight
        if not total:
            return []
        scores = np.round(scores / total, 5)
        offered = np.flatnonzero(scores >= OFFERED_WORDS)
        best = offered[np.argsort(-scores[offered], kind="stable")][: max(limit, MAX_BY_WORDS)].tolist()
        key, how = squash(query), How.SLIP if slipped == 1 else How.WORDS
        # A slip in a single word may just as well make another one, unless the word is long and of the title itself;
        # a letter behind it is none: HyperLoomY is another name than HyperLoom X.
        lone = asked[0][0][0] if slipped == 1 and len(asked) == 1 else ""
        meant = frozenset(self._words.near(lone)) - {lone[:-1]} if len(lone) >= MIN_LONE_SLIP else frozenset()
        # Explore-LM is a name; it does not mean any title that explores language models.
        is_one_word = len(query.split()) == 1 and len(asked) > 1
        matches = []
        for place in best:
            title = self._labels.title(place)
            is_full = scores[place] == 1 and not _has_another_number(title, query)
            is_likely = not lone or not meant.isdisjoint(words(title))
            is_phrase = is_full and not slipped and (_stands_in(title, key) or _is_part(title, query))
            score = 0.7 * float(scores[place]) + WHOLE_PHRASE * is_phrase - SLIPPED_WORD * slipped
            score -= WHOLE_PHRASE * ((is_one_word and not is_phrase) or (scores[place] == 1 and not is_full))
            matches.append(
                NameMatch(self._labels.id(place), how if is_full and is_likely else How.WORDS, title, score)
            )
        return sorted(matches, key=lambda match: -match.score)

    def _asked(self, query: str) -> list[tuple[tuple[str, ...], ...]]:
        """The things that were asked for, each with its spellings as sets of words. A Hangul word may carry a
        particle."""
        *before, last = words(query) or ["the"]
        # A letter at the end is part of a name (HyperCLOVA X), not an article.
        typed = [word for word in before if word not in STOPWORDS]
        typed += [last] if last not in STOPWORDS or (len(last) == 1 and typed) else []
        asked: list[tuple[tuple[str, ...], ...]] = []
        at = 0
        for concept in (concept for concept in self._glossary.find(typed) if concept.is_whole):
            asked += [((word,),) for word in typed[at : concept.start]]
            own = tuple(typed[concept.start : concept.stop])
            asked.append(tuple(dict.fromkeys((own, *concept.spellings))))
            at = concept.stop
        asked += [((word,),) for word in typed[at:]]
        return list(dict.fromkeys(asked))

    def _having(self, spellings: Iterable[Sequence[str]]) -> Having:
        """The reviews that have all words of one of these spellings."""
        having = self._words.nobody()
        for spelling in spellings:
            parts = [self._having_word(word) for word in spelling]
            having |= np.logical_and.reduce(parts) if len(parts) > 1 else parts[0]
        return self._among_shown(having)

    def _among_shown(self, having: Having) -> Having:
        return having if self._shown is None else having & self._shown

    def _everybody_shown(self) -> Having:
        return self._among_shown(~self._words.nobody())

    def _having_word(self, word: str) -> Having:
        """The reviews with a word as written, stemmed, or (unless it is a number) as the beginning of a longer word.

        A Hangul word may carry a particle. It may also stand inside a longer word; then all its pairs of syllables
        must match.
        """
        is_begun = len(word) >= MIN_BEGUN_WORD and not any(char.isdigit() for char in word)
        stems = [term.text for term in terms(word)]
        if not is_hangul(word):
            return self._words.having((word, *stems), beginning=word if is_begun else None)
        forms = (word, *bare_forms(word))
        within = np.logical_and.reduce([self._words.having((pair,)) for pair in stems])
        return np.logical_or(self._words.having(forms, beginning=word if is_begun else None), within)

    def _having_nearly(self, word: str, *, is_alone: bool) -> Having:
        """The reviews that have a word one slip away; a short word beside others may only miss or swap letters."""
        near = self._words.near(word) if len(word) >= MIN_WORD_SLIP or not is_alone else []
        if len(word) < MIN_WORD_SLIP:
            near = [other for other in near if not is_another_name(word, other)]
        return self._among_shown(self._words.having(near))

    def _find_misread(self, query: str, limit: int) -> Lookup:
        """Find a name typed in Hangul or with the other keyboard layout, if no earlier step recognised it."""
        if has_hangul(query):
            typed = self._find_mistyped(query, limit)
            return typed if typed.matches else self._find_heard(query, limit)
        korean = hangul.remistype(query.strip())
        if korean is None:
            return Lookup()
        heard = self._find_heard(korean, limit)
        as_typed = tuple(replace(m, how=How.KEYBOARD) if m.how is How.SOUND else m for m in heard.matches)
        return Lookup(as_typed, heard.is_sure)

    def _find_mistyped(self, query: str, limit: int) -> Lookup:
        """Find a name typed with the Korean keyboard layout. If all letters form syllables it may just as well be
        Korean, and only an exact match counts."""
        typed = hangul.unmistype(query) or ""
        key = squash(typed)
        steps = (
            self._find_exact,
            lambda key: self._find_prefix(key, limit),
            lambda key: self._find_slips(key, typed),
        )
        for step in steps if hangul.has_loose_jamo(query) else steps[:1]:
            if len(key) >= MIN_PREFIX and (matches := step(key)):
                return Lookup(
                    tuple(m if m.how is How.SLIPS else replace(m, how=How.KEYBOARD) for m in matches),
                    is_sure(matches),
                )
        return Lookup()

    def _find_heard(self, query: str, limit: int) -> Lookup:
        """Find what sounds like a query in Hangul: a whole name, or the words of a title, the better one first."""
        named = self._find_sound(query)
        if named.is_sure:
            return named
        spoken = self._find_spoken(query, limit)
        guesses = sorted((*named.matches, *spoken), key=lambda match: -match.score)
        by_review: dict[int, NameMatch] = {}
        for match in guesses:
            by_review.setdefault(match.review_id, match)
        return Lookup(tuple(by_review.values()))

    def _find_spoken(self, query: str, limit: int) -> list[NameMatch]:
        """Find reviews whose titles have the words of a query in Hangul, by sound or as terms of the glossary."""
        asked = self._asked(query)
        if len(asked) > MAX_SPOKEN:
            return []
        sought = [(spellings[0][0], self._having(spellings), tuple(_spoken(spellings))) for spellings in asked]
        # 투 and 오브 are too short to be heard and may be anything; a Latin word that no review has is missing.
        told = [(having, read) for word, having, read in sought if read or having.any() or not is_hangul(word)]
        whole = [(self._words.nobody(), hangul.word_readings(squash(query)))]
        heard = np.round(np.maximum(self._hear_words(whole), self._hear_words(told)), 5)
        offered = np.flatnonzero(heard)
        best = offered[np.argsort(-heard[offered], kind="stable")][:limit].tolist()
        return [
            NameMatch(
                self._labels.id(place), How.SLIPS, self._labels.title(place), 0.6 * (float(heard[place]) - LEFT_OUT)
            )
            for place in best
        ]

    def _hear_words(self, told: Iterable[tuple[Having, Sequence[hangul.Reading]]]) -> npt.NDArray[np.float32]:
        """For each review, how close the words of its title are to all that was said: from 1.0 down to 0.0, which
        means that one is missing. Rare words count more than common ones.

        Args:
            told: For each word, the reviews that have it as written, and how it may be read.
        """
        close, total = np.zeros(self._labels.total, np.float32), 0.0
        shown = self._everybody_shown()
        have_all = shown.copy()
        for written, readings in told:
            closeness = written.astype(np.float32)
            for reading in readings:
                for places, distance in self._spoken.near(reading, within=OFFERED_WORD_SOUND):
                    closeness[places] = np.maximum(closeness[places], 1 - distance)
            closeness *= shown
            have_all &= closeness > 0
            weight = log(1 + len(self) / (int(np.count_nonzero(closeness)) or 0.5))
            total += weight
            close += weight * closeness
        return np.where(have_all, close / (total or 1), 0)

    def heard_word(self, word: str) -> str | None:
        """The only Latin word of a title that sounds like a long word in Hangul (마이그레이션: migration)."""
        forms = (word, *bare_forms(word))
        readings = [one for form in forms for one in hangul.word_readings(form) if one.weight >= HEARD_WEIGHT]
        shown = self._everybody_shown()
        near = (holders for one in readings for holders, _ in self._spoken.near(one, within=HEARD_SOUND))
        places = {int(place) for holders in near for place in holders[shown[holders]][:HEARD_TITLES]}
        close = {
            distance: said
            for place in places
            for said in words(self._labels.title(place))
            if (distance := _apart(readings, said)) <= HEARD_SOUND
        }
        return close[min(close)] if close else None

    def _find_sound(self, query: str) -> Lookup:
        """Find names that sound like a query in Hangul, with or without a particle; digits and letters must be
        exact."""
        by_review: dict[int, _Heard] = {}
        for reading in dict.fromkeys((*hangul.readings(query), *hangul.readings(without_particle(query) or ""))):
            near: dict[int, float] = {}
            for row, distance in self._sounds.near(reading, within=OFFERED_SOUND):
                if (name := self._names.name_of(row)) is not None:
                    near[name] = min(distance, near.get(name, distance))
            for name, distance in near.items():
                for held in self._names.holders(name):
                    heard = _Heard(distance, held.rank, -reading.weight, held)
                    by_review[held.review] = min(heard, by_review.get(held.review, heard))
        ordered = sorted(by_review.values(), key=lambda heard: (heard.distance, heard.rank, heard.held.review))
        if ordered and self._is_clear(ordered):
            best = ordered[0]
            return Lookup((self._match(best.held, How.SOUND, 0.8 * (1 - best.distance)),), is_sure=True)
        guesses = [self._match(heard.held, How.SLIPS, 0.6 * (1 - heard.distance)) for heard in ordered]
        return Lookup(tuple(guesses))

    def _is_clear(self, candidates: Sequence[_Heard]) -> bool:
        """Whether the first is close, long enough and without a rival.

        Another review that holds the same name by a lesser kind is not a rival, as with names as written.
        """
        best = candidates[0]
        rivals = [
            other
            for other in candidates[1:]
            if other.distance < best.distance + SOUND_MARGIN
            and (other.rank <= best.rank or self._names.key(other.held.name) != self._names.key(best.held.name))
        ]
        return best.distance <= SURE_SOUND and -best.lightness >= self._sure_weight(best) and not rivals

    def _sure_weight(self, best: _Heard) -> float:
        """How much must be heard to be sure: most of a title, which its first words also match; more of a name that
        only the text presents. For a name that the text merely uses, nothing is enough."""
        match KINDS[best.rank]:
            case NameKind.COINED:
                return inf
            case NameKind.INTRODUCED:
                return SURE_INTRODUCED_WEIGHT
            case NameKind.TITLE:
                return max(SURE_SOUND_WEIGHT, SURE_TITLE_WEIGHT * len(self._names.key(best.held.name)))
            case _:
                return SURE_SOUND_WEIGHT

    def suggest(self, typed: str, *, limit: int = 25) -> list[ReviewLabel]:
        """Reviews for a half-typed name: by beginning, then by words, slips and sound; newest first where equal."""
        key = squash(typed)
        if not key:
            return [self._labels[place] for place in self._labels.first(limit)]
        begun = self._names.beginning(key, within_number=True, limit=limit)
        begun.sort(key=lambda held: (KINDS[held.rank] in _COMPLETED_LATE, held.review))
        review_ids = dict.fromkeys(self._labels.id(held.review) for held in begun)
        if len(review_ids) < limit:
            lookup = self.lookup(typed, limit=limit)
            # A sure result holds only its own answer; any other already includes the matches by words.
            more = self._find_words(typed, limit) if lookup.is_sure else []
            review_ids |= dict.fromkeys(match.review_id for match in (*lookup.matches, *more))
        return [label for review_id in list(review_ids)[:limit] if (label := self.label(review_id))]


class _Heard(NamedTuple):
    """A name that sounds similar. ``lightness`` is lower the more of it was heard."""

    distance: float
    rank: int
    lightness: int
    held: Held


def _spoken(spellings: Iterable[Sequence[str]]) -> Iterator[hangul.Reading]:
    """How the spellings that are one word in Hangul may be read, with or without a particle."""
    words = (spelling[0] for spelling in spellings if len(spelling) == 1 and is_hangul(spelling[0]))
    forms = dict.fromkeys(form for word in words for form in (word, *bare_forms(word)))
    return (reading for form in forms for reading in hangul.word_readings(form))


def _apart(heard: Sequence[hangul.Reading], word: str) -> float:
    """How far a word of a title sounds from what was typed in Hangul; 1.0 if it is no Latin word."""
    said = hangul.word_readings(word) if word.isascii() else ()
    pairs = ((one.code, other.code) for one in heard for other in said if one.exact == other.exact)
    return min((Levenshtein.normalized_distance(*codes) for codes in pairs), default=1.0)


def layout_digest() -> str:
    """Return a digest of the code that decides what the arrays of `Names` hold.

    Raises:
        OSError: The code cannot be read.
    """
    code = b"".join(Path(module.__file__ or "").read_bytes() for module in (strings, tables, hangul))
    return hashlib.sha256(Path(__file__).read_bytes() + code).hexdigest()


def is_too_short(query: str) -> bool:
    """Whether the query has fewer than three Latin letters, which could mean anything."""
    key = squash(query)
    return len(key) < MIN_PREFIX and key.isascii()


def _is_part(title: str, query: str) -> bool:
    """Whether a title has the part number that a query names: "boats 2" is “Boats at Sea (2) - Sails”."""
    last, part = words(query)[-1:], split_part(title)
    return part is not None and len(words(query)) > 1 and last == [str(part[1])]


def _stands_in(title: str, key: str) -> bool:
    """Whether a title has a key side by side, in Latin letters from the beginning of a word: GAN is not in DCGAN."""
    if not key.isascii():
        return key in squash(title)
    letters = [squash(word) for word in words(title)]
    return any("".join(letters[at:]).startswith(key) for at in range(len(letters)))


def _is_in_title(match: NameMatch) -> bool:
    """Whether a review was matched by words that stand side by side in its title."""
    return match.score >= FULL_WORDS + WHOLE_PHRASE


def _has_word(title: str, query: str) -> bool:
    """Whether a title contains the query as whole words."""
    return f" {' '.join(words(query))} " in f" {' '.join(words(title))} "


def _is_known_elsewhere(query: str, best: NameMatch) -> bool:
    """Whether the query names a known paper, and this review is another's, whose title just has it inside.

    "transformer" is not surely “Boats with Transformers”. The beginning of a known title is not surely the review
    that has its words apart: "very deep convolutional networks" is not AlexNet. The paper's own review would have
    been found by that beginning.
    """
    key, letters = squash(query), squash(best.name).lstrip("0123456789")
    if not _is_in_title(best) and known_papers().begins_title(query):
        return True
    is_inside = key in letters and not letters.startswith(key) and f"({query})".casefold() not in best.name.casefold()
    return is_inside and known_papers().is_name(query)


def _has_another_number(title: str, query: str) -> bool:
    """Whether a title has a number of the query only as part of another one: 2.1 in “1.0 and 2.0”, 3 in 3.5."""
    have = set(_NUMBER.findall(title))
    parts = {part for number in have for part in number.split(".")}
    return any(number not in have and ("." in number or number in parts) for number in _NUMBER.findall(query))


def _confirms(sure: NameMatch, guess: NameMatch) -> bool:
    """Whether a later step may be sure of what an earlier step only guessed: two slips in a name, and all words of
    its title. Not if a number was missing, because the words of the title do not supply it."""
    if not guess.is_own:
        # The guess only occurs in a text. It does no harm if the title has these words, or if the review has a
        # similar name.
        return _is_in_title(sure) if sure.how is How.WORDS else guess.review_id == sure.review_id
    is_short = guess.how is How.PREFIX and guess.score < UNFINISHED
    return guess.review_id == sure.review_id and not is_short


def _keeps_single_letters(query: str, name: str) -> bool:
    """Whether one-letter parts agree exactly: HyperCLOVA Y is not HyperCLOVA X, with or without the space."""
    asked, given = squash(query), squash(name)
    touched = Levenshtein.editops(asked, given)
    ours, theirs = _single_letters(query), _single_letters(name)
    return not any(
        (op.src_pos in ours and op.tag != "insert") or (op.dest_pos in theirs and op.tag != "delete")
        for op in touched
    )


def _single_letters(text: str) -> set[int]:
    """The positions of one-letter parts in the squashed text."""
    places, at = set(), 0
    for word in words(text):
        if len(word) == 1 and word.isascii():
            places.add(at)
        at += len(word)
    return places


class NamesBuilder:
    """Builds the index from rows, a few thousand at a time, so that a thread never holds the interpreter for long."""

    def __init__(self, glossary: Glossary) -> None:
        self._glossary = glossary
        self._labels, self._names = Labels(), NameTable()
        self._words, self._sounds, self._spoken = WordTable(), SoundTable(), SpokenWords()
        self._places: dict[int, int] = {}
        self._open: list[NameRow] = []

    def add_reviews(self, rows: Iterable[LabelRow]) -> None:
        """Add reviews in the order of preference: stubs last, the newest first."""
        for row in rows:
            place = self._places[row.id] = self._labels.append(row)
            self._words.add(place, row.words.split())

    def add_names(self, rows: Iterable[NameRow]) -> None:
        """Add names in the order of their keys; names of reviews that were not added are left out."""
        for row in rows:
            if self._open and row.key != self._open[0].key:
                self._close_key()
            if row.review_id in self._places:
                self._open.append(row)
        self._names.measure()

    def _close_key(self) -> None:
        """Store all reviews that use one name."""
        rows, self._open = self._open, []
        uses = [Use(self._rank(row), self._places[row.review_id], row.uses, row.text) for row in rows]
        first = self._names.append(rows[0].key, uses)
        for at, row in enumerate(rows, first):
            for sound in row.sounds.split():
                if sound.startswith(hangul.OF_WORD):
                    self._spoken.add(self._places[row.review_id], (sound.removeprefix(hangul.OF_WORD),))
                else:
                    self._sounds.add(hangul.Reading.parse(sound), at)

    def _rank(self, row: NameRow) -> int:
        # LLM is never a paper's own name, even if a review introduces it.
        is_term = row.kind == NameKind.INTRODUCED and bool(self._glossary.find([row.text]))
        return RANKS[NameKind.COINED if is_term else row.kind]

    def build(self) -> Names:
        """The index of everything that was added."""
        if self._open:
            self._close_key()
        for table in (self._labels, self._words, self._sounds, self._spoken):
            table.freeze()
        self._names.freeze(self._labels.total)
        return Names(self._labels, self._names, self._words, self._sounds, self._spoken, self._glossary)
