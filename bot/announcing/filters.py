"""Which posts of a feed are announced, as a server's admin writes it: text → `PostFilter` → `Verdict`. Pure.

::

    hallucination                         a word, anywhere: title, categories, venue, authors or text
    venue:EMNLP2023 OR tag:rag            in one field
    title:"instruction tuning" -author:kim
    (환각 OR hallucination) AND NOT year:2022
    title:/instruct(ion)?s?/              a regular expression
    year:2023..2025  year:>=2023

What stands side by side must all be met; OR binds looser. Operators are written in capitals. A word in Latin letters
is met by its other forms, as in a search; a word in Hangul wherever it stands, since particles are glued to it.

Filters come from strangers, and so do posts. Patterns are RE2's, of a bounded size, and look at a bounded piece of
text at a time; in between, the clock is asked. So a filter takes 0.2 s of CPU at most, and one step more. What is
prepared of a post for one filter serves the others (`ReadPost`), and what is cheap to ask is asked first.
"""

from __future__ import annotations

import random
import re
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple, NoReturn

import re2  # type: ignore[import-untyped]  # ships no types

from bot.errors import RequestError
from bot.models import Block, BlockKind, Review, Section, Span
from bot.search.text import fold, squash, terms, words

MAX_CHARACTERS = 1_000
"""Of a filter, as typed and as written out."""
MAX_TERMS = 40
MAX_DEPTH = 10
"""Parentheses within each other."""
MAX_PATTERN = 200
"""Characters of a regular expression."""
LIMIT_S = 0.2
"""CPU seconds that one filter may take for one post."""
CHECK_LIMIT_S = 0.1
"""CPU seconds that one pattern may take for one of the texts that it is tried against."""
CHECK_ALL_LIMIT_S = 1.0
"""CPU seconds that trying a filter may take in all."""
MAX_POST_CHARACTERS = 1_000_000
"""A longer post is not judged: one step of preparing it would take too long."""

# ── what a filter is ────────────────────────────────────────────────────────────────────────────


class Field(StrEnum):
    """Where a term looks; as it is typed before a colon."""

    TITLE = "title"
    CATEGORY = "category"
    VENUE = "venue"
    AUTHOR = "author"
    TEXT = "text"
    YEAR = "year"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Words that stand together; ``field`` is None for anywhere."""

    field: Field | None
    value: str

    def __str__(self) -> str:
        is_bare = _BARE.fullmatch(self.value) and self.value not in _OPERATORS
        return _prefix(self.field) + (self.value if is_bare else f'"{self.value}"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A regular expression, found within one line; ``source`` is without its slashes."""

    field: Field | None
    source: str

    def __str__(self) -> str:
        return f"{_prefix(self.field)}{self.shown}"

    @property
    def shown(self) -> str:
        escaped = _ESCAPE_OR_SLASH.sub(lambda match: "\\/" if match[0] == "/" else match[0], self.source)
        return f"/{escaped}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Years:
    """From a year to a year, both included; None is open, and one of them is not."""

    first: int | None
    last: int | None

    def __str__(self) -> str:
        return f"year:{self._written()}"

    def _written(self) -> str:
        if self.first is None:
            return f"<={self.last}"
        if self.last is None:
            return f">={self.first}"
        return f"{self.first}" if self.first == self.last else f"{self.first}..{self.last}"

    @property
    def shown(self) -> str:
        if self.first is None:
            return f"{self.last} or before"
        if self.last is None:
            return f"{self.first} or later"
        return f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    part: Part

    def __str__(self) -> str:
        return f"-({self.part})" if isinstance(self.part, All | Either) else f"-{self.part}"


@dataclass(frozen=True, slots=True, kw_only=True)
class All:
    """Two parts or more, none of them an `All`."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return " ".join(f"({part})" if isinstance(part, Either) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """Two parts or more, none of them an `Either`."""

    parts: tuple[Part, ...]

    def __str__(self) -> str:
        return " OR ".join(str(part) for part in self.parts)


Term = Words | Pattern | Years
Part = Term | Not | All | Either


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFilter:
    """A filter that was understood; its ``str`` is parsed to the same one. Without a root it lets all posts pass."""

    root: Part | None = None

    def __str__(self) -> str:
        return "" if self.root is None else str(self.root)

    @property
    def terms(self) -> tuple[Term, ...]:
        return () if self.root is None else tuple(_terms(self.root))


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a post passes, and why, as part of a sentence.

    Attributes:
        is_applied: Whether the filter was read to its end; where it took too long, the post passes.
    """

    passes: bool
    why: str
    is_applied: bool = True


_OPERATORS = frozenset({"AND", "OR", "NOT"})
_BARE = re.compile(r"\w[\w.+#&'-]*")
_ESCAPE_OR_SLASH = re.compile(r"\\.|/", re.DOTALL)


def _prefix(where: Field | None) -> str:
    return f"{where}:" if where else ""


def _terms(part: Part) -> Iterator[Term]:
    match part:
        case Not():
            yield from _terms(part.part)
        case All() | Either():
            for each in part.parts:
                yield from _terms(each)
        case _:
            yield part


# ── text → filter ───────────────────────────────────────────────────────────────────────────────


def parse_filter(text: str) -> PostFilter:
    """Read a filter as it was typed; an empty text is the filter that all posts pass.

    Raises:
        RequestError: It cannot be read, or is beyond a limit; the message says where.
    """
    _check_length(text)
    tokens = list(_cut(text))
    found = PostFilter(root=_Parser(tokens).parse() if tokens else None)
    _check_length(str(found))
    return found


def _check_length(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise RequestError(f"This filter is too long ({len(text):,} characters, {MAX_CHARACTERS:,} at most).")


class _Kind(StrEnum):
    OPEN = "("
    CLOSE = ")"
    MINUS = "-"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    TERM = "term"


class _Token(NamedTuple):
    kind: _Kind
    text: str
    start: int
    term: Term | None = None

    def __str__(self) -> str:
        return _at(self.text, self.start)


_QUOTES = '"“”„'  # phones type the curly ones by themselves
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212"
_SPACE = re.compile(r"\s*")
_WORD = re.compile(rf"[^\s(){_QUOTES}]+")
_QUOTED = re.compile(rf"[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]")
_SLASHED = re.compile(r"/((?:[^/\\]|\\.)*)/", re.DOTALL)
_FIELD = re.compile(r"([^\W\d_]+)[:\uff1a]")  # the second as Korean and Japanese keyboards type it
_FIELDS = {**{str(where): where for where in Field}, "tag": Field.CATEGORY}
_EXAMPLES = {
    Field.TITLE: 'title:"instruction tuning"',
    Field.CATEGORY: "category:retrieval",
    Field.VENUE: "venue:EMNLP2023",
    Field.AUTHOR: "author:kim",
    Field.TEXT: "text:hallucination",
    Field.YEAR: "year:2023, year:2021..2023 or year:>=2022",
}


def _at(text: str, start: int) -> str:
    """Where a fault is, counted from 1."""
    return f"“{_shorten(text)}” at character {start + 1:,}"


def _shorten(text: str, most: int = 60) -> str:
    line = " ".join(text.split()).encode(errors="replace").decode()  # half a character cannot be sent
    return line if len(line) <= most else line[: most - 1] + "…"


def _cut(text: str) -> Iterator[_Token]:
    """The tokens of a filter, terms read."""
    at = _skip_space(text, 0)
    count = 0
    while at < len(text):
        token, at = _read_token(text, at)
        if token.kind is _Kind.TERM:
            count += 1
            if count > MAX_TERMS:
                raise RequestError(f"This filter has more than {MAX_TERMS} terms; {token} is one too many.")
        yield token
        at = _skip_space(text, at)


def _skip_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _read_token(text: str, at: int) -> tuple[_Token, int]:
    if text[at] in "()":
        return _Token(_Kind(text[at]), text[at], at), at + 1
    if text[at] in _DASHES:
        if text[at + 1 : at + 2].isspace():
            raise RequestError(f"{_at(text[at], at)} belongs right before what it excludes, without a space.")
        return _Token(_Kind.MINUS, text[at], at), at + 1
    match = _WORD.match(text, at)
    if match and match[0] in _OPERATORS:
        return _Token(_Kind(match[0]), match[0], at), match.end()
    where, start = _read_field(text, at)
    term, end = _read_value(text, start, where, at)
    return _Token(_Kind.TERM, text[at:end], at, term), end


def _read_field(text: str, at: int) -> tuple[Field | None, int]:
    """The field that is named here, and where its value begins."""
    match = _FIELD.match(text, at)
    if match is None:
        return None, at
    name = fold(match[1])
    if name in _FIELDS:
        return _FIELDS[name], match.end()
    near = get_close_matches(name, _FIELDS, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(_FIELDS)}. Words with a colon need quotes."
    raise RequestError(f"There is no field {_at(match[1], at)}; {hint}")


def _read_value(text: str, at: int, where: Field | None, start: int) -> tuple[Term, int]:
    """A term from where its value begins; ``start`` is where its field does."""
    opening = text[at : at + 1]
    if opening == "/":
        return _read_pattern(text, at, where)
    if opening and opening in _QUOTES:
        match = _QUOTED.match(text, at)
        if match is None:
            raise RequestError(f"{_at(opening, at)} is never closed.")
        return _make_term(match[1], where, match[0], at), match.end()
    match = _WORD.match(text, at)
    if where and match is None:
        raise RequestError(f"{_at(text[start:at], start)} has no value; type one such as {_EXAMPLES[where]}.")
    assert match is not None  # noqa: S101 - neither space nor parenthesis nor quote, so it is a word
    if where and opening in _DASHES:
        raise RequestError(f"{_at(opening, at)} belongs before the field, as in -{_EXAMPLES[Field.AUTHOR]}.")
    return _make_term(match[0], where, match[0], at), match.end()


def _make_term(value: str, where: Field | None, shown: str, at: int) -> Term:
    if where is Field.YEAR:
        return _read_years(value, at)
    if not words(value):
        raise RequestError(f"{_at(shown, at)} has no letter or digit to look for.")
    return Words(field=where, value=" ".join(value.split()))


_YEAR = re.compile(r"[12][0-9]{3}")
_YEAR_RANGE = re.compile(r"([12][0-9]{3})?\s*(?:\.{2,3}|[-~])\s*([12][0-9]{3})?")
_YEAR_BOUND = re.compile(r"(>=|<=|>|<|=)\s*([12][0-9]{3})")
_SIGNS = str.maketrans({"≥": ">=", "≤": "<=", **dict.fromkeys(_DASHES, "-"), "∼": "~"})


def _read_years(value: str, at: int) -> Years:
    written = fold(value).translate(_SIGNS).strip()
    if _YEAR.fullmatch(written):
        return Years(first=int(written), last=int(written))
    if match := _YEAR_BOUND.fullmatch(written):
        return _bounded(match[1], int(match[2]))
    match = _YEAR_RANGE.fullmatch(written)
    first, last = (int(end) if end else None for end in match.groups()) if match else (None, None)
    if first is None and last is None:
        raise RequestError(f"{_at(value, at)} is not a year. Type {_EXAMPLES[Field.YEAR]}.")
    if first is not None and last is not None and first > last:
        raise RequestError(f"{_at(value, at)} ends before it begins; type year:{last}..{first}.")
    return Years(first=first, last=last)


def _bounded(sign: str, year: int) -> Years:
    match sign:
        case ">=":
            return Years(first=year, last=None)
        case ">":
            # beyond what can be written no post has its year, so that the bound may be the last one
            return Years(first=min(year + 1, 2999), last=None)
        case "<=":
            return Years(first=None, last=year)
        case "<":
            return Years(first=None, last=max(year - 1, 1000))
        case _:
            return Years(first=year, last=year)


def _read_pattern(text: str, at: int, where: Field | None) -> tuple[Term, int]:
    match = _SLASHED.match(text, at)
    if match is None:
        raise RequestError(f"The pattern that begins with {_at('/', at)} is never closed.")
    end = match.end()
    if (rest := _WORD.match(text, end)) is not None:
        raise RequestError(
            f"{_at(rest[0], end)} stands right behind a pattern. Patterns take no flags and ignore case already; "
            "a slash within one is written \\/."
        )
    source = _ESCAPE_OR_SLASH.sub(lambda found: "/" if found[0] == "\\/" else found[0], match[1])
    if not source:
        raise RequestError(f"The pattern {_at('//', at)} is empty. Put quotes around words with slashes.")
    if len(source) > MAX_PATTERN:
        raise RequestError(
            f"The pattern at character {at + 1:,} is too long ({len(source):,} characters, {MAX_PATTERN} at most)."
        )
    pattern = Pattern(field=where, source=source)
    _compile(pattern)
    return pattern, end


class _Parser:
    """Parts side by side or joined by AND, and OR between those; a part may be negated, or be in parentheses."""

    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._open: list[_Token] = []

    def parse(self) -> Part:
        part = self._read_either()
        if (token := self._peek()) is not None:
            raise RequestError(f"{token} was never opened.")
        return part

    def _peek(self) -> _Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self, kind: _Kind) -> _Token | None:
        token = self._peek()
        if token is None or token.kind is not kind:
            return None
        self._at += 1
        return token

    def _read_either(self) -> Part:
        parts = [self._read_all()]
        while self._take(_Kind.OR):
            parts.append(self._read_all())
        return _join(Either, parts)

    def _read_all(self) -> Part:
        parts = [self._read_part()]
        while self._take(_Kind.AND) or ((token := self._peek()) and token.kind not in (_Kind.OR, _Kind.CLOSE)):
            parts.append(self._read_part())
        return _join(All, parts)

    def _read_part(self) -> Part:
        is_negated = False
        while self._take(_Kind.NOT) or self._take(_Kind.MINUS):
            is_negated = not is_negated
        opening = self._take(_Kind.OPEN)
        part = self._read_group(opening) if opening else self._read_term()
        return _negate(part) if is_negated else part

    def _read_group(self, opening: _Token) -> Part:
        self._open.append(opening)
        if len(self._open) > MAX_DEPTH:
            raise RequestError(f"{opening} is nested too deeply; {MAX_DEPTH} within each other are possible.")
        part = self._read_either()
        if self._take(_Kind.CLOSE) is None:
            raise RequestError(f"{opening} is never closed.")
        self._open.pop()
        return part

    def _read_term(self) -> Part:
        token = self._take(_Kind.TERM)
        if token is None or token.term is None:
            self._complain()
        return token.term

    def _complain(self) -> NoReturn:
        """A term is missing where we are."""
        here = self._peek()
        before = self._tokens[self._at - 1] if self._at else None
        if here is not None and here.kind is _Kind.CLOSE and not self._open:
            raise RequestError(f"{here} was never opened.")
        if before is not None and before.kind is _Kind.OPEN and (here is None or here.kind is _Kind.CLOSE):
            raise RequestError(f"{before} {'holds nothing' if here else 'is never closed'}.")
        if before is not None and before.kind is not _Kind.OPEN:
            raise RequestError(f"{before} needs something behind it; as a word to look for it needs quotes.")
        raise RequestError(f"{here} needs something before it; as a word to look for it needs quotes.")


def _join(kind: type[All | Either], parts: Iterable[Part]) -> Part:
    flat = [each for part in parts for each in (part.parts if isinstance(part, kind) else (part,))]
    return flat[0] if len(flat) == 1 else kind(parts=tuple(flat))


def _negate(part: Part) -> Part:
    return part.part if isinstance(part, Not) else Not(part=part)


# ── regular expressions ─────────────────────────────────────────────────────────────────────────

_MAX_PROGRAM = 5_000
"""Instructions of a compiled pattern. RE2 takes up to 3 ns for one and a byte, with all of them alive."""
_MAX_MEMORY = 1024 * 1024
"""Bytes of a compiled pattern with its automaton; RE2 gives up on larger ones within 25 ms."""
_PIECE_BYTES = 4_096
"""What a pattern looks at before the clock is asked again: 60 ms for the worst one."""
_OVERLAP_BYTES = 1_024
"""A longer match may be missed in a line of more than a piece."""

_TOO_LARGE = "it is too large; repeat less, or smaller groups of letters"
_NOT_IN_RE2 = "looking ahead, looking behind and references back are not possible"


def _options() -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    options.never_capture = True
    options.never_nl = True  # lines are cut apart below, so that none may count on the next
    return options


def _compile(pattern: Pattern) -> Any:
    """RE2 keeps the last 128; the others are compiled again, within 3 ms.

    Raises:
        RequestError: It is no regular expression, or a too large one.
    """
    source = unicodedata.normalize("NFC", pattern.source)
    try:
        compiled = re2.compile(f"(?m){source}", _options())
    except (re2.error, UnicodeEncodeError):
        raise RequestError(
            f"The pattern {_shorten(pattern.shown)} is not a valid regular expression: {_fault(source)}."
        ) from None
    if compiled.programsize > _MAX_PROGRAM:
        raise RequestError(f"The pattern {_shorten(pattern.shown)} cannot be used: {_TOO_LARGE}.")
    return compiled


def _fault(source: str) -> str:
    """What RE2 says of a pattern as it was typed."""
    try:
        re2.compile(source, _options())
    except UnicodeEncodeError:
        return "it has half a character"
    except re2.error as exc:
        said = exc.args[0].decode(errors="replace") if isinstance(exc.args[0], bytes) else str(exc)
        if "too large" in said:
            return _TOO_LARGE
        return _NOT_IN_RE2 if re.match(r"invalid perl operator: \(\?<?[=!]|invalid escape.*\\[1-9]", said) else said
    return "it cannot be used here"


def _is_found(compiled: Any, data: bytes, budget: _Budget) -> bool:
    for start, end in _pieces(data):
        budget.check()
        # the ends of a piece are no ends of a line: RE2 sees what stands around it
        if compiled.search(data, start, end):
            return True
    budget.check()
    return False


def _pieces(data: bytes) -> Iterator[tuple[int, int]]:
    """Whole lines, as many as fit; a line that does not fit, in pieces that overlap."""
    start = 0
    while len(data) - start > _PIECE_BYTES:
        line_end = data.rfind(b"\n", start + 1, start + _PIECE_BYTES)
        if line_end > 0:
            yield start, line_end
            start = line_end + 1
        else:
            yield start, start + _PIECE_BYTES
            start += _PIECE_BYTES - _OVERLAP_BYTES
    yield start, len(data)


class _TooSlowError(Exception):
    """The budget is spent; nothing that leaves this module."""


@dataclass(slots=True)
class _Budget:
    """CPU seconds of this thread: a busy machine makes no filter slow."""

    clock: Callable[[], float] = time.thread_time
    _end: float = field(default=0.0, init=False)

    def begin(self, limit_s: float) -> None:
        """Let what follows take so much."""
        self._end = self.clock() + limit_s

    def check(self) -> None:
        if self.clock() > self._end:
            raise _TooSlowError


# ── does a post pass? ───────────────────────────────────────────────────────────────────────────

_ANYWHERE = (Field.TITLE, Field.CATEGORY, Field.VENUE, Field.AUTHOR, Field.TEXT)
_MAX_FACTS = 3

Fact = tuple[bool, tuple[str, ...]]
"""Whether a part is met, and what was seen, which is said the same with a “not” before it."""


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
        A filter that takes longer than `LIMIT_S` is not applied, and the post passes: no post is lost for it.
    """
    return ReadPost(review, clock=clock).judge(filter)


def not_applied(slow: str) -> Verdict:
    """The verdict on a post whose filter was not applied; ``slow`` is what took too long."""
    return Verdict(passes=True, why=f"{slow} took too long, so the filter was not applied", is_applied=False)


def _tell(facts: Sequence[str]) -> str:
    told = list(dict.fromkeys(facts))
    if len(told) > _MAX_FACTS:
        told = [*told[: _MAX_FACTS - 1], f"{len(told) - _MAX_FACTS + 1} more like these"]
    if len(told) == 1:
        return told[0]
    return f"{', '.join(told[:-1])}{',' if told[:-1] else ''} and {told[-1]}"


class _Steps:
    """What is made of a text, a step at a time: where the budget of one filter ends, the next one goes on."""

    def __init__(self, text: str, budget: _Budget, make: Callable[[str], Iterable[str]]) -> None:
        self._steps = _STEP.finditer(text)
        self._budget = budget
        self._make = make
        self._made: list[str] = []

    def finish(self) -> list[str]:
        while True:
            self._budget.check()
            step = next(self._steps, None)
            if step is None:
                return self._made
            self._made += self._make(step[0])


class _Text:
    """One text of a post, prepared for a kind of term when the first one asks."""

    def __init__(self, text: str, budget: _Budget) -> None:
        self._text = text
        self._budget = budget
        self._normalised = _Steps(text, budget, lambda step: [unicodedata.normalize("NFC", step)])
        self._cut = _Steps(text, budget, words)

    @cached_property
    def data(self) -> bytes:
        """As patterns read it."""
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
        found = defaultdict[str, list[str]](list)
        for word in self._vocabulary:
            self._budget.check()
            found[_head(word)].append(word)
        return found

    def is_spelt(self, wanted: Sequence[str]) -> bool:
        """Whether these words are all of it, together or apart: deeplearning and Deep Learning."""
        return len(self._text) <= _MAX_SPELT and squash(self._text) == "".join(wanted)

    def has_run(self, wanted: Sequence[str]) -> bool:
        """Whether these words stand together, or are one word: SelfRAG for self-rag."""
        self._budget.check()
        if len(wanted) == 1 or "".join(wanted) in self._vocabulary:
            return self.has_all(["".join(wanted)])
        forms = [frozenset(self._forms(word)) for word in wanted]
        return all(forms) and any(self._stand_at(start, forms) for start in self._starts(forms))

    def has_all(self, wanted: Sequence[str]) -> bool:
        """Whether it has each of these words, anywhere."""
        return all(word in self._vocabulary or any(True for _ in self._forms(word)) for word in wanted)

    def _starts(self, forms: Sequence[frozenset[str]]) -> Iterator[int]:
        for start in range(len(self._words) - len(forms) + 1):
            if self._words[start] in forms[0]:
                self._budget.check()
                yield start

    def _stand_at(self, start: int, forms: Sequence[frozenset[str]]) -> bool:
        return all(self._words[start + i] in form for i, form in enumerate(forms))

    def _forms(self, wanted: str) -> Iterator[str]:
        """The words of the text that are this one."""
        if _UNSPACED.search(wanted):
            if wanted in self._glued:
                yield from (word for word in self._vocabulary if wanted in word)
            return
        stem = _stem(wanted)
        for word in self._by_head.get(_head(wanted), ()):
            self._budget.check()  # a stem that was not met before takes 25 µs
            if _stem(word) == stem:
                yield word


_STEP = re.compile(r".{1,2000}\S{0,200}", re.DOTALL)
"""What is normalised before the clock is asked again; words are not cut. The time for a run of combining marks is
quadratic: minutes for a text of nothing else."""
_MAX_SPELT = 300
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7a3]")
"""Letters of languages that glue words together: Hangul and its letters, kana, Chinese characters, Thai and Lao."""


def _head(word: str) -> str:
    """What a stem keeps of a word; a few verbs make an i of their y (dying, die)."""
    return word[:2].replace("y", "i")


def _stem(word: str) -> str:
    return next((term.text for term in terms(word)), word)


_GLUED_YEAR = re.compile(r"(?<=[^\W\d_])((?:19|20)?\d\d)(?!\d)")


def _venue_words(text: str) -> list[str]:
    """EMNLP2023 is two words, as EMNLP 2023 is."""
    return words(_GLUED_YEAR.sub(r" \1", fold(text)))


def _describe_venue(review: Review) -> str:
    """With its year in both ways of writing it: "EMNLP 2023 23"."""
    apart = " ".join(_venue_words((review.venue_and_year or "")[:_MAX_SPELT]))
    return " ".join((apart, *(year[2:] for year in re.findall(r"\b(?:19|20)\d\d\b", apart))))


class ReadPost:
    """One post before any number of filters, one after the other.

    Args:
        clock: Seconds of CPU of this thread.
    """

    def __init__(self, review: Review, *, clock: Callable[[], float] = time.thread_time) -> None:
        self._term: Term | None = None
        self._review = review
        self._budget = _Budget(clock)
        self._texts: dict[Field, tuple[_Text, ...] | None] = {}

    def judge(self, filter: PostFilter) -> Verdict:  # noqa: A002 - what it is
        """Whether the post passes; where that takes longer than the limit, it does."""
        if filter.root is None:
            return Verdict(passes=True, why="no filter")
        self._budget.begin(LIMIT_S)
        try:
            passes, facts = self._judge(filter.root)
        except _TooSlowError:
            return not_applied(self._in_hand())
        return Verdict(passes=passes, why=_tell(facts))

    def _in_hand(self) -> str:
        return _shorten(self._term.shown) if isinstance(self._term, Pattern) else "reading the post"

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
        """The cheapest first, up to one that decides: its facts alone are the reason. Else all are, as written."""
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
            compiled = _compile(term)
            return self._look(
                term.field, lambda text, _: _is_found(compiled, text.data, self._budget), _shorten(term.shown)
            )
        wanted, of_venue = words(term.value), _venue_words(term.value)

        def has(text: _Text, where: Field) -> bool:
            if where is Field.VENUE:
                return self._venue.has_all(of_venue)
            return text.has_run(wanted) or (where is not Field.TEXT and text.is_spelt(wanted))

        return self._look(term.field, has, f"“{_shorten(term.value)}”")

    @cached_property
    def _venue(self) -> _Text:
        return _Text(_describe_venue(self._review), self._budget)

    def _judge_years(self, years: Years) -> tuple[bool, str]:
        year = self._review.year
        if year is None:
            return False, "no year is known"
        is_met = (years.first is None or years.first <= year) and (years.last is None or year <= years.last)
        return is_met, f"year is {year}" if is_met else f"year is {year}, not {years.shown}"

    def _look(self, where: Field | None, has: Callable[[_Text, Field], bool], what: str) -> tuple[bool, str]:
        for place in (where,) if where else _ANYWHERE:
            if any(has(text, place) for text in self._read(place)):
                return True, self._say_found(place, what)
        return False, f"nothing has {what}" if where is None else self._say_missed(where, what)

    def _say_found(self, where: Field, what: str) -> str:
        match where:
            case Field.VENUE:
                return f"venue is {_shorten(self._review.venue_and_year or '')}"
            case Field.YEAR:
                return f"year is {self._review.year}"
            case Field.CATEGORY | Field.AUTHOR:
                return f"{'an' if where is Field.AUTHOR else 'a'} {where} has {what}"
            case _:
                return f"{where} has {what}"

    def _say_missed(self, where: Field, what: str) -> str:
        match where:
            case Field.VENUE | Field.YEAR:
                known = (
                    self._review.venue and self._review.venue_and_year if where is Field.VENUE else self._review.year
                )
                return f"{where} is {_shorten(str(known))}, not {what}" if known else f"no {where} is known"
            case Field.CATEGORY | Field.AUTHOR:
                return f"no {where} has {what}"
            case _:
                return f"{where} has no {what}"

    def _read(self, where: Field) -> tuple[_Text, ...]:
        if where not in self._texts:
            texts = tuple(self._collect(where))
            is_monstrous = sum(map(len, texts)) > MAX_POST_CHARACTERS
            self._texts[where] = None if is_monstrous else tuple(_Text(text, self._budget) for text in texts)
        if (found := self._texts[where]) is None:
            raise _TooSlowError
        return found

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
    """How much there is to read for a part, roughly: nothing, a line, the whole text, the text by a pattern."""
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


# ── may a filter be saved? ──────────────────────────────────────────────────────────────────────

_NASTY_CHARACTERS = 20_000  # a long review
_LONG_CHARACTERS = 60_000  # a very long one


def check_filter(
    filter: PostFilter,  # noqa: A002 - what it is
    *,
    clock: Callable[[], float] = time.thread_time,
) -> None:
    """Try each pattern against a few texts that are hard for it, and the filter against a very long post.

    What is hard beyond these texts, `judge` stops.

    Raises:
        RequestError: A pattern takes too long, or all of it together does.
    """
    ends_at = clock() + CHECK_ALL_LIMIT_S
    for term in filter.terms:
        if isinstance(term, Pattern):
            compiled = _compile(term)
            for text in _nasty_texts(term.source):
                budget = _Budget(clock)
                budget.begin(min(CHECK_LIMIT_S, ends_at - clock()))
                _try(term, compiled, text, budget)
    if not ReadPost(_long_post(filter), clock=clock).judge(filter).is_applied:
        raise RequestError("This filter would take too long for a long post. Use fewer terms, or shorter patterns.")


def _try(pattern: Pattern, compiled: Any, text: str, budget: _Budget) -> None:
    try:
        _is_found(compiled, unicodedata.normalize("NFC", text).encode(errors="replace"), budget)
    except _TooSlowError:
        raise RequestError(
            f"The pattern {_shorten(pattern.shown)} would take too long for a long post; repeat less within it."
        ) from None


def _long_post(filter: PostFilter) -> Review:  # noqa: A002 - what it is
    """A very long review that never quite has what the filter looks for: the beginnings of its words, in a jumble."""
    wanted = [word for term in filter.terms if isinstance(term, Words) for word in words(term.value)]
    near = [*(word[:-1] + "가" for word in wanted), "hallucination", "instruction", "환각을", "모델이", "retrieval"]
    chance = random.Random(str(filter))  # noqa: S311 - the same post each time; nothing secret
    said, count = [], 0
    while count < _LONG_CHARACTERS:
        said.append(f"{chance.choice(near)}{chance.randint(0, 9_999)}")
        count += len(said[-1]) + 1
    lines = (" ".join(said[start : start + 60]) for start in range(0, len(said), 60))
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, spans=(Span(text=line),)) for line in lines)
    section = Section(depth=1, number=None, heading="Abstract", blocks=blocks)
    return Review(guid="", link="", title="A long review", clean_title="A long review", sections=(section,))


def _nasty_texts(source: str) -> Iterator[str]:
    """Lines without end, of the pattern's own letters: repeated, and mixed in an order that nothing can learn."""
    letters = "".join(dict.fromkeys(char for char in source if char.isalnum())) or "a"
    chance = random.Random(source)  # noqa: S311 - the same texts each time; nothing secret
    for body in (letters, letters[0], "a", "a ", "가"):
        yield (body * _NASTY_CHARACTERS)[:_NASTY_CHARACTERS] + "!"
    for choice in (letters, letters + "ab 가나.1"):
        yield "".join(chance.choices(choice, k=_NASTY_CHARACTERS)) + "!"
