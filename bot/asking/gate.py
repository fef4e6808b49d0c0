"""What of a model's reply is shown: only what code finds in the passages. Pure.

A quote must stand in its passage word for word, and what is shown of it are the passage's own words. A sentence must
have such a quote, and no number, Latin name or identifier that stands in none of its quotes. It is plain text: no
link, no mention, nothing invisible. Whatever fails is dropped. So even a model that obeys a hostile passage can only
choose badly, or say in plain words what its quotes do not mean; the quotes are shown beside it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.asking.comparing import Comparable, comparable, find_quote
from bot.asking.prompt import MAX_SENTENCES, Offered, names_of
from bot.asking.replies import Pick, Said, read_picks, read_sentences
from bot.models.answers import (
    MAX_QUOTED_PASSAGES,
    MAX_QUOTED_REVIEWS,
    FoundQuote,
    QuestionAnswered,
    QuotedPassage,
    QuotedReview,
    WordedSentence,
)
from bot.models.asking import AskLevel
from bot.search.sentences import sentences as split_sentences
from bot.text.patterns import lazy_pattern
from bot.text.terms import visible

MAX_SENTENCE = 300
"""Characters; a longer sentence is not shown."""

_FORBIDDEN = lazy_pattern(r"[@<>\[\]{}|*`~\\]|^[#>-]|://|\bwww\.|[^\W\d_][\w-]*\.[^\W\d_]{2,}")
"""Marks of mentions, links and Markdown, and what looks like the name of a host."""
_HANGUL = lazy_pattern("[가-힣]")
_WORD = lazy_pattern(r"[가-힣]+|[^\W_가-힣]+")
_NUMBER = lazy_pattern(r"\d+(?:[.,]\d+)*")
_SNAKE = lazy_pattern(r"\w*_\w*")
_LATIN_END = "\u0250"
"""The end of the Latin letters. Source: Unicode 16, Blocks.txt."""
_OPENERS = frozenset(
    """
    a after all also although an and another as at because before both but by during each even every first for from
    further here how however if in instead it its like many more most no not of on only or other over several since so
    some such that the their then there therefore these they this those though through thus to under unlike until
    using what when where whereas which while who why with within without yes
    """.split()
)
"""Words that begin a sentence with a capital letter and name nothing."""
_NUMBER_WORDS = {
    word: str(value)
    for value, word in enumerate("two three four five six seven eight nine ten eleven twelve".split(), 2)
} | dict.fromkeys(
    "dozen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion".split(), ""
)


def improve(
    answer: QuestionAnswered, offered: Sequence[Offered], reply: str, *, level: AskLevel, model: str
) -> QuestionAnswered | None:
    """Return an answer with what of a model's reply holds; None if nothing does."""
    if level is AskLevel.PICK:
        found = check_picks(read_picks(reply) or (), offered)
        worded: tuple[WordedSentence, ...] = ()
    else:
        worded = check_sentences(read_sentences(reply) or (), offered)
        found = tuple(quote for sentence in worded for quote in sentence.quotes)
    reviews = arrange(found)
    if not reviews:
        return None
    return replace(answer, reviews=reviews, further=(), sentences=_of_shown(worded, reviews), model=model)


def check_picks(picks: Iterable[Pick], offered: Sequence[Offered]) -> tuple[FoundQuote, ...]:
    """Return the picks whose passage was offered and whose words stand there; without words, its best sentence."""
    known = names_of(offered)
    compared = {name: Comparable(one.passage.text.text) for name, one in known.items()}
    found = (_check_pick(pick, known, compared) for pick in picks)
    return tuple(quote for quote in found if quote is not None)


def check_sentences(said: Iterable[Said], offered: Sequence[Offered]) -> tuple[WordedSentence, ...]:
    """Return the sentences that hold, as plain text, each once; `MAX_SENTENCES` at most."""
    kept: dict[str, WordedSentence] = {}
    for one in said:
        quotes = check_picks([pick for pick in one.quotes if pick.quote], offered)
        text = plain_sentence(one.text)
        if quotes and text is not None and is_carried(text, [quote.text for quote in quotes]):
            kept.setdefault(text, WordedSentence(text=text, quotes=_once(quotes)))
    return tuple(kept.values())[:MAX_SENTENCES]


def arrange(found: Iterable[FoundQuote]) -> tuple[QuotedReview, ...]:
    """Return the quoted passages by review, in the order in which they were chosen, with the first quote marked."""
    chosen: dict[int, tuple[QuotedReview, list[QuotedPassage]]] = {}
    for quote in found:
        if quote.head.id not in chosen and len(chosen) == MAX_QUOTED_REVIEWS:
            continue
        _review, passages = chosen.setdefault(quote.head.id, (QuotedReview(head=quote.head, passages=()), []))
        is_new = all(_place(quote.passage) != _place(other) for other in passages)
        if is_new and len(passages) < MAX_QUOTED_PASSAGES:
            passages.append(replace(quote.passage, best=quote.place))
    return _in_order([replace(review, passages=tuple(passages)) for review, passages in chosen.values()])


def _of_shown(worded: Iterable[WordedSentence], reviews: Sequence[QuotedReview]) -> tuple[WordedSentence, ...]:
    """Return the sentences that are carried by passages that are shown, with these quotes alone."""
    shown = {(review.head.id, _place(passage)) for review in reviews for passage in review.passages}
    kept = []
    for sentence in worded:
        quotes = tuple(one for one in sentence.quotes if (one.head.id, _place(one.passage)) in shown)
        if quotes and is_carried(sentence.text, [quote.text for quote in quotes]):
            kept.append(replace(sentence, quotes=quotes))
    return tuple(kept)


def plain_sentence(text: str) -> str | None:
    """Return a sentence as plain text; None if it is not one sentence, or holds what a model may not write."""
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    if not plain or len(plain) > MAX_SENTENCE or not any(map(str.isalpha, plain)):
        return None
    if _FORBIDDEN.search(plain) or visible(plain) != plain:
        return None
    if any(unicodedata.category(letter).startswith("C") for letter in plain):
        return None
    return plain if len(split_sentences(plain)) == 1 else None


def is_carried(sentence: str, quotes: Sequence[str]) -> bool:
    """Whether each number, Latin name and identifier of a plain sentence stands in one of its quotes."""
    said = "\n".join(unicodedata.normalize("NFKC", quote) for quote in quotes)
    words = {match[0].casefold() for match in _WORD.finditer(said)}
    numbers = _numbers(said)
    if not _numbers(sentence) <= numbers:
        return False
    if any(snake[0] not in said for snake in _SNAKE.finditer(sentence)):
        return False
    is_korean = _HANGUL.search(sentence) is not None
    return all(
        match[0].casefold() in words
        or _NUMBER_WORDS.get(match[0].casefold()) in numbers
        or not _names_something(match[0], is_first=match.start() == 0, is_korean=is_korean)
        for match in _WORD.finditer(sentence)
    )


def _names_something(word: str, *, is_first: bool, is_korean: bool) -> bool:
    """Whether a word must stand in a quote: a name, an identifier, a number, or a word of another script."""
    if _HANGUL.match(word) or word.isdecimal():  # numbers are compared whole
        return False
    if is_korean or any(letter >= _LATIN_END or not letter.isalpha() for letter in word):
        return True
    if word.casefold() in _NUMBER_WORDS:
        return True
    is_opener = is_first and word.casefold() in _OPENERS and word == word.capitalize()
    return not (is_opener or word.islower())


def _numbers(text: str) -> set[str]:
    return {match[0].replace(",", "") for match in _NUMBER.finditer(text)}


def _check_pick(pick: Pick, known: dict[str, Offered], compared: dict[str, Comparable]) -> FoundQuote | None:
    one = known.get(pick.passage)
    if one is None:
        return None
    place = one.passage.best if pick.quote is None else find_quote(pick.quote, compared[pick.passage])
    return None if place is None else FoundQuote(head=one.head, passage=one.passage, place=place)


def _once(quotes: Iterable[FoundQuote]) -> tuple[FoundQuote, ...]:
    return tuple({comparable(quote.text): quote for quote in quotes}.values())


def _place(passage: QuotedPassage) -> tuple[int, int]:
    return passage.section, passage.block


def _in_order(reviews: Sequence[QuotedReview]) -> tuple[QuotedReview, ...]:
    """Give the passages the scores that they have, the highest to the first: they are shown in that order."""
    scores = iter(sorted((passage.score for review in reviews for passage in review.passages), reverse=True))
    return tuple(
        replace(review, passages=tuple(replace(passage, score=next(scores)) for passage in review.passages))
        for review in reviews
    )
