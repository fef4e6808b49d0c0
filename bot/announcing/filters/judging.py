"""Whether a post passes a filter, and why; within a limit of processor time."""

from __future__ import annotations

import re
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from bot.announcing.filters.fields import Field
from bot.announcing.filters.patterns import Budget, TooSlowError, compile_pattern, is_found
from bot.announcing.filters.terms import All, Either, Not, Part, Pattern, PostFilter, Term, Verdict, Years, quote
from bot.languages import N_, Message, join
from bot.models.reviews import Review
from bot.text.patterns import lazy_pattern
from bot.text.terms import fold, squash, terms, words

LIMIT_S = 0.2
"""CPU seconds that one filter may take for one post."""
MAX_POST_CHARACTERS = 1_000_000
"""A longer post is not judged: a single step of preparing it would take too long."""


_ANYWHERE = (Field.TITLE, Field.CATEGORY, Field.VENUE, Field.AUTHOR, Field.TEXT)
_MAX_FACTS = 3

Fact = tuple[bool, tuple[str, ...]]
"""Whether a part matches, and what was found; the words are the same when the part is negated."""


def judge(
    filter: PostFilter,  # noqa: A002 - what it is
    review: Review,
    *,
    clock: Callable[[], float] = time.thread_time,
) -> Verdict:
    """Whether a post is announced.

    Args:
        clock: Seconds of CPU of this thread.
    Returns:
        The verdict. A filter that takes longer than `LIMIT_S` is not applied and the post passes, so that no post is
        lost.
    """
    return ReadPost(review, clock=clock).judge(filter)


def not_applied(slow: str) -> Verdict:
    """The verdict on a post whose filter was not applied; ``slow`` is what took too long."""
    return Verdict(
        passes=True, why=Message("{what} took too long, so the filter was not applied", what=slow), is_applied=False
    )


def _tell(facts: Sequence[str]) -> str:
    told = list(dict.fromkeys(facts))
    if len(told) > _MAX_FACTS:
        told = [*told[: _MAX_FACTS - 1], Message("{count} more like these", count=len(told) - _MAX_FACTS + 1)]
    if len(told) == 1:
        return told[0]
    return Message("{others}, and {last}", others=join(", ", told[:-1]), last=told[-1])


FOUND = {
    Field.TITLE: N_("title has {what}"),
    Field.TEXT: N_("text has {what}"),
    Field.CATEGORY: N_("a category has {what}"),
    Field.AUTHOR: N_("an author has {what}"),
    Field.VENUE: N_("venue is {venue}"),
    Field.YEAR: N_("year is {year}"),
}
MISSED = {
    Field.TITLE: N_("title has no {what}"),
    Field.TEXT: N_("text has no {what}"),
    Field.CATEGORY: N_("no category has {what}"),
    Field.AUTHOR: N_("no author has {what}"),
    Field.VENUE: N_("no venue is known"),
    Field.YEAR: N_("no year is known"),
}


class _Steps:
    """Prepares a text in steps: where one filter's budget ends, the next filter continues."""

    def __init__(self, text: str, budget: Budget, make: Callable[[str], Iterable[str]]) -> None:
        self._steps = _STEP.finditer(text)
        self._budget = budget
        self._make = make
        self._made: list[str] = []

    def finish(self) -> list[str]:
        """Everything prepared, including the remaining steps.

        Raises:
            TooSlowError: The budget ran out; what is done so far is kept.
        """
        while True:
            self._budget.check()
            step = next(self._steps, None)
            if step is None:
                return self._made
            self._made += self._make(step[0])


class _Text:
    """One text of a post, prepared for each kind of term when it is first needed."""

    def __init__(self, text: str, budget: Budget) -> None:
        self._text = text
        self._budget = budget
        self._normalised = _Steps(text, budget, lambda step: [unicodedata.normalize("NFC", step)])
        self._cut = _Steps(text, budget, words)

    @cached_property
    def data(self) -> bytes:
        """The text as patterns read it."""
        return "".join(self._normalised.finish()).encode(errors="replace")

    @cached_property
    def _words(self) -> list[str]:
        return self._cut.finish()

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return frozenset(self._words)

    @cached_property
    def _glued(self) -> str:
        return " ".join(self._vocabulary)

    @cached_property
    def _by_head(self) -> Mapping[str, Sequence[str]]:
        by_head = defaultdict[str, list[str]](list)
        for word in self._vocabulary:
            self._budget.check()
            by_head[_head(word)].append(word)
        return by_head

    def is_spelt(self, wanted: Sequence[str]) -> bool:
        """Whether the text is exactly these words, together or apart: deeplearning and Deep Learning."""
        return len(self._text) <= _MAX_SPELT and squash(self._text) == "".join(wanted)

    def has_run(self, wanted: Sequence[str]) -> bool:
        """Whether these words stand side by side, or as one word: SelfRAG for self-rag."""
        self._budget.check()
        if len(wanted) == 1 or "".join(wanted) in self._vocabulary:
            return self.has_all(["".join(wanted)])
        forms = [frozenset(self._forms(word)) for word in wanted]
        return all(forms) and any(self._stand_at(start, forms) for start in self._starts(forms))

    def has_all(self, wanted: Sequence[str]) -> bool:
        """Whether the text has each of these words, anywhere."""
        return all(word in self._vocabulary or any(True for _ in self._forms(word)) for word in wanted)

    def _starts(self, forms: Sequence[frozenset[str]]) -> Iterator[int]:
        for start in range(len(self._words) - len(forms) + 1):
            if self._words[start] in forms[0]:
                self._budget.check()
                yield start

    def _stand_at(self, start: int, forms: Sequence[frozenset[str]]) -> bool:
        return all(self._words[start + i] in form for i, form in enumerate(forms))

    def _forms(self, wanted: str) -> Iterator[str]:
        """The words of the text that are forms of this one."""
        if _UNSPACED.search(wanted):
            if wanted in self._glued:
                yield from (word for word in self._vocabulary if wanted in word)
            return
        stem = _stem(wanted)
        for word in self._by_head.get(_head(wanted), ()):
            self._budget.check()  # a new stem takes 25 µs
            if _stem(word) == stem:
                yield word


_STEP = lazy_pattern(r".{1,2000}\S{0,200}", re.DOTALL)
"""The text normalised between two looks at the clock; words are not cut. Normalising a run of combining marks takes
quadratic time: minutes for a text of nothing else."""
_MAX_SPELT = 300
_UNSPACED = lazy_pattern(r"[\u0e00-\u0eff\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7a3]")
"""Letters of scripts without spaces, or with attached particles: Hangul, kana, Chinese characters, Thai, Lao."""


def _head(word: str) -> str:
    """The part of a word that stemming keeps; in a few verbs, y becomes i (dying, die)."""
    return word[:2].replace("y", "i")


def _stem(word: str) -> str:
    return next((term.text for term in terms(word)), word)


_GLUED_YEAR = lazy_pattern(r"(?<=[^\W\d_])((?:19|20)?\d\d)(?!\d)")


def _venue_words(text: str) -> list[str]:
    """The words of a venue: EMNLP2023 is two words, like EMNLP 2023."""
    return words(_GLUED_YEAR.sub(r" \1", fold(text)))


def _describe_venue(review: Review) -> str:
    """The venue with its year in full and in two digits: "EMNLP 2023 23"."""
    apart = " ".join(_venue_words((review.venue_and_year or "")[:_MAX_SPELT]))
    return " ".join((apart, *(year[2:] for year in re.findall(r"\b(?:19|20)\d\d\b", apart))))


class ReadPost:
    """One post, to be judged by any number of filters, one after the other.

    Args:
        clock: Seconds of CPU of this thread.
    """

    def __init__(self, review: Review, *, clock: Callable[[], float] = time.thread_time) -> None:
        self._term: Term | None = None
        self._review = review
        self._budget = Budget(clock)
        self._texts: dict[Field, tuple[_Text, ...] | None] = {}

    def judge(self, filter: PostFilter) -> Verdict:  # noqa: A002 - what it is
        """Whether the post passes. If judging takes longer than the limit, it does."""
        if filter.root is None:
            return Verdict(passes=True, why=Message("no filter"))
        self._budget.begin(LIMIT_S)
        try:
            passes, facts = self._judge(filter.root)
        except TooSlowError:
            return not_applied(self._in_hand())
        return Verdict(passes=passes, why=_tell(facts))

    def _in_hand(self) -> str:
        return quote(self._term.shown) if isinstance(self._term, Pattern) else Message("reading the post")

    def _judge(self, part: Part) -> Fact:
        match part:
            case Not():
                is_met, facts = self._judge(part.part)
                return not is_met, facts
            case All():
                return self._judge_parts(part.parts, until=False)
            case Either():
                return self._judge_parts(part.parts, until=True)
            case _:
                self._term = part
                self._budget.check()
                is_met, fact = self._judge_term(part)
                return is_met, (fact,)

    def _judge_parts(self, parts: Sequence[Part], *, until: bool) -> Fact:
        """Judge the cheapest parts first until one decides: then only its facts tell why, else all do, as written."""
        seen: dict[int, tuple[str, ...]] = {}
        for place in sorted(range(len(parts)), key=lambda place: _cost(parts[place])):
            is_met, facts = self._judge(parts[place])
            if is_met is until:
                return is_met, facts
            seen[place] = facts
        return not until, tuple(fact for place in sorted(seen) for fact in seen[place])

    def _judge_term(self, term: Term) -> tuple[bool, str]:
        if isinstance(term, Years):
            return self._judge_years(term)
        if isinstance(term, Pattern):
            compiled = compile_pattern(term)
            return self._look(
                term.field, lambda text, _: is_found(compiled, text.data, self._budget), quote(term.shown)
            )
        wanted, of_venue = words(term.value), _venue_words(term.value)

        def has(text: _Text, where: Field) -> bool:
            if where is Field.VENUE:
                return self._venue.has_all(of_venue)
            return text.has_run(wanted) or (where is not Field.TEXT and text.is_spelt(wanted))

        return self._look(term.field, has, f"“{quote(term.value)}”")

    @cached_property
    def _venue(self) -> _Text:
        return _Text(_describe_venue(self._review), self._budget)

    def _judge_years(self, years: Years) -> tuple[bool, str]:
        year = self._review.year
        if year is None:
            return False, Message(MISSED[Field.YEAR])
        is_met = (years.first is None or years.first <= year) and (years.last is None or year <= years.last)
        if is_met:
            return True, Message(FOUND[Field.YEAR], year=str(year))
        return False, self._say_other_year(years.shown)

    def _look(self, where: Field | None, has: Callable[[_Text, Field], bool], what: str) -> tuple[bool, str]:
        for place in (where,) if where else _ANYWHERE:
            if any(has(text, place) for text in self._read(place)):
                return True, self._say_found(place, what)
        return False, Message("nothing has {what}", what=what) if where is None else self._say_missed(where, what)

    def _say_found(self, where: Field, what: str) -> str:
        match where:
            case Field.VENUE:
                return Message(FOUND[where], venue=quote(self._review.venue_and_year or ""))
            case Field.YEAR:
                return Message(FOUND[where], year=str(self._review.year))
            case _:
                return Message(FOUND[where], what=what)

    def _say_missed(self, where: Field, what: str) -> str:
        match where:
            case Field.VENUE:
                return self._say_other_venue(what) if self._review.venue else Message(MISSED[where])
            case Field.YEAR:
                return self._say_other_year(what) if self._review.year is not None else Message(MISSED[where])
            case _:
                return Message(MISSED[where], what=what)

    def _say_other_venue(self, what: str) -> str:
        return Message("venue is {venue}, not {what}", venue=quote(self._review.venue_and_year or ""), what=what)

    def _say_other_year(self, what: str) -> str:
        return Message("year is {year}, not {what}", year=str(self._review.year), what=what)

    def _read(self, where: Field) -> tuple[_Text, ...]:
        if where not in self._texts:
            texts = tuple(self._collect(where))
            is_monstrous = sum(map(len, texts)) > MAX_POST_CHARACTERS
            self._texts[where] = None if is_monstrous else tuple(_Text(text, self._budget) for text in texts)
        if (field_texts := self._texts[where]) is None:
            raise TooSlowError
        return field_texts

    def _collect(self, where: Field) -> Iterable[str]:
        review = self._review
        match where:
            case Field.TITLE:
                return (review.title,)
            case Field.CATEGORY:
                return review.categories
            case Field.AUTHOR:
                return review.authors
            case Field.VENUE:
                return (review.venue_and_year or "",) if review.venue else ()
            case Field.YEAR:
                return (str(review.year),) if review.year is not None else ()
            case Field.TEXT:
                return (self._join_text(),)

    def _join_text(self) -> str:
        lines, count = [], 0
        for section in self._review.sections:
            for line in (section.heading or "", *(block.text for block in section.blocks)):
                self._budget.check()
                lines.append(line)
                count += len(line)
                if count > MAX_POST_CHARACTERS:
                    return "\n".join(lines)
        return "\n".join(lines)


def _cost(part: Part) -> int:
    """Roughly how much must be read for a part: nothing, a line, the whole text, the text by a pattern."""
    match part:
        case Years():
            return 0
        case Not():
            return _cost(part.part)
        case All() | Either():
            return max(map(_cost, part.parts))
        case _:
            is_short = part.field not in (None, Field.TEXT)
            return (1 if is_short else 3) + isinstance(part, Pattern)
