"""Parse what a server's admin typed: into a filter, or an error that says what cannot be read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from enum import StrEnum
from typing import NamedTuple, NoReturn

from bot.announcing.filters.fields import Field
from bot.announcing.filters.patterns import compile_pattern
from bot.announcing.filters.terms import (
    ESCAPE_OR_SLASH,
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_PATTERN,
    MAX_TERMS,
    OPERATORS,
    All,
    Either,
    Not,
    Part,
    Pattern,
    PostFilter,
    Term,
    Words,
    Years,
    quote,
)
from bot.errors import RequestError
from bot.languages import N_, _
from bot.text.patterns import lazy_pattern
from bot.text.terms import fold, words

NEVER_OPENED = N_("{where} was never opened.")
NEVER_CLOSED = N_("{where} is never closed.")


def parse_filter(text: str) -> PostFilter:
    """Read a filter as it was typed; an empty text is a filter that lets every post pass.

    Raises:
        RequestError: It cannot be read, or exceeds a limit; the message says where.
    """
    _check_length(text)
    tokens = list(_cut(text))
    post_filter = PostFilter(root=_Parser(tokens).parse() if tokens else None)
    _check_length(str(post_filter))
    return post_filter


def _check_length(text: str) -> None:
    if len(text) > MAX_CHARACTERS:
        raise RequestError(
            _("This filter is too long ({count:,} characters, {most:,} at most).").format(
                count=len(text), most=MAX_CHARACTERS
            )
        )


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


_QUOTES = '"“”„'  # phones type the curly ones automatically
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2212"
_SPACE = lazy_pattern(r"\s*")
_WORD = lazy_pattern(rf"[^\s(){_QUOTES}]+")
_QUOTED = lazy_pattern(rf"[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]")
_SLASHED = lazy_pattern(r"/((?:[^/\\]|\\.)*)/", re.DOTALL)
_FIELD = lazy_pattern(r"([^\W\d_]+)[:\uff1a]")  # the second colon is the one that Korean and Japanese keyboards type
_FIELDS = {**{str(where): where for where in Field}, "tag": Field.CATEGORY}
_EXAMPLES = {
    Field.TITLE: 'title:"instruction tuning"',
    Field.CATEGORY: "category:retrieval",
    Field.VENUE: "venue:EMNLP2023",
    Field.AUTHOR: "author:kim",
    Field.TEXT: "text:hallucination",
    Field.YEAR: "year:2023 / year:2021..2023 / year:>=2022",
}


def _at(text: str, start: int) -> str:
    """Where a fault is; characters are counted from 1."""
    return _("“{text}” at character {number:,}").format(text=quote(text), number=start + 1)


def _cut(text: str) -> Iterator[_Token]:
    """The tokens of a filter, with their terms parsed."""
    at = _skip_space(text, 0)
    count = 0
    while at < len(text):
        token, at = _read_token(text, at)
        if token.kind is _Kind.TERM:
            count += 1
            if count > MAX_TERMS:
                raise RequestError(
                    _("This filter has more than {most} terms; {where} is one too many.").format(
                        most=MAX_TERMS, where=token
                    )
                )
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
            raise RequestError(
                _("{where} belongs right before what it excludes, without a space.").format(where=_at(text[at], at))
            )
        return _Token(_Kind.MINUS, text[at], at), at + 1
    match = _WORD.match(text, at)
    if match and match[0] in OPERATORS:
        return _Token(_Kind(match[0]), match[0], at), match.end()
    where, start = _read_field(text, at)
    term, end = _read_value(text, start, where, at)
    return _Token(_Kind.TERM, text[at:end], at, term), end


def _read_field(text: str, at: int) -> tuple[Field | None, int]:
    """The field named here, if any, and where its value begins."""
    match = _FIELD.match(text, at)
    if match is None:
        return None, at
    name = fold(match[1])
    if name in _FIELDS:
        return _FIELDS[name], match.end()
    near = get_close_matches(name, _FIELDS, n=1)
    if near:
        raise RequestError(
            _("There is no field {where}; did you mean {field}?").format(where=_at(match[1], at), field=near[0])
        )
    raise RequestError(
        _("There is no field {where}; there are {fields}. Words with a colon need quotes.").format(
            where=_at(match[1], at), fields=", ".join(_FIELDS)
        )
    )


def _read_value(text: str, at: int, where: Field | None, start: int) -> tuple[Term, int]:
    """Read a term from where its value begins; ``start`` is where its field begins."""
    opening = text[at : at + 1]
    if opening == "/":
        return _read_pattern(text, at, where)
    if opening and opening in _QUOTES:
        match = _QUOTED.match(text, at)
        if match is None:
            raise RequestError(_(NEVER_CLOSED).format(where=_at(opening, at)))
        return _make_term(match[1], where, match[0], at), match.end()
    match = _WORD.match(text, at)
    if where and match is None:
        raise RequestError(
            _("{where} has no value; type one such as {example}.").format(
                where=_at(text[start:at], start), example=_EXAMPLES[where]
            )
        )
    assert match is not None  # noqa: S101 - neither space nor parenthesis nor quote, so it is a word
    if where and opening in _DASHES:
        raise RequestError(
            _("{where} belongs before the field, as in -{example}.").format(
                where=_at(opening, at), example=_EXAMPLES[Field.AUTHOR]
            )
        )
    return _make_term(match[0], where, match[0], at), match.end()


def _make_term(value: str, where: Field | None, shown: str, at: int) -> Term:
    if where is Field.YEAR:
        return _read_years(value, at)
    if not words(value):
        raise RequestError(_("{where} has no letter or digit to look for.").format(where=_at(shown, at)))
    return Words(field=where, value=" ".join(value.split()))


_YEAR = lazy_pattern(r"[12][0-9]{3}")
_YEAR_RANGE = lazy_pattern(r"([12][0-9]{3})?\s*(?:\.{2,3}|[-~])\s*([12][0-9]{3})?")
_YEAR_BOUND = lazy_pattern(r"(>=|<=|>|<|=)\s*([12][0-9]{3})")
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
        raise RequestError(
            _("{where} is not a year. Type {example}.").format(where=_at(value, at), example=_EXAMPLES[Field.YEAR])
        )
    if first is not None and last is not None and first > last:
        raise RequestError(
            _("{where} ends before it begins; type year:{first}..{last}.").format(
                where=_at(value, at), first=last, last=first
            )
        )
    return Years(first=first, last=last)


def _bounded(sign: str, year: int) -> Years:
    match sign:
        case ">=":
            return Years(first=year, last=None)
        case ">":
            # No post can have a year beyond the range that can be typed, so the bound may be its last year.
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
        raise RequestError(_("The pattern that begins with {where} is never closed.").format(where=_at("/", at)))
    end = match.end()
    if (rest := _WORD.match(text, end)) is not None:
        raise RequestError(
            _(
                "{where} stands right behind a pattern. Patterns take no flags and ignore case already; a slash "
                "within one is written \\/."
            ).format(where=_at(rest[0], end))
        )
    source = ESCAPE_OR_SLASH.sub(lambda escape: "/" if escape[0] == "\\/" else escape[0], match[1])
    if not source:
        raise RequestError(
            _("The pattern {where} is empty. Put quotes around words with slashes.").format(where=_at("//", at))
        )
    if len(source) > MAX_PATTERN:
        raise RequestError(
            _("The pattern at character {number:,} is too long ({count:,} characters, {most} at most).").format(
                number=at + 1, count=len(source), most=MAX_PATTERN
            )
        )
    pattern = Pattern(field=where, source=source)
    compile_pattern(pattern)
    return pattern, end


class _Parser:
    """Parts side by side or joined by AND, and OR between those; a part may be negated or in parentheses."""

    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._open: list[_Token] = []

    def parse(self) -> Part:
        """The whole filter.

        Raises:
            RequestError: A term or a parenthesis is missing.
        """
        part = self._read_either()
        if (token := self._peek()) is not None:
            raise RequestError(_(NEVER_OPENED).format(where=token))
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
            raise RequestError(
                _("{where} is nested too deeply; {most} within each other are possible.").format(
                    where=opening, most=MAX_DEPTH
                )
            )
        part = self._read_either()
        if self._take(_Kind.CLOSE) is None:
            raise RequestError(_(NEVER_CLOSED).format(where=opening))
        self._open.pop()
        return part

    def _read_term(self) -> Part:
        token = self._take(_Kind.TERM)
        if token is None or token.term is None:
            self._complain()
        return token.term

    def _complain(self) -> NoReturn:
        """Say which term is missing here."""
        here = self._peek()
        before = self._tokens[self._at - 1] if self._at else None
        if here is not None and here.kind is _Kind.CLOSE and not self._open:
            raise RequestError(_(NEVER_OPENED).format(where=here))
        if before is not None and before.kind is _Kind.OPEN and (here is None or here.kind is _Kind.CLOSE):
            raise RequestError(_("{where} is empty." if here else NEVER_CLOSED).format(where=before))
        if before is not None and before.kind is not _Kind.OPEN:
            raise RequestError(
                _("{where} needs something behind it; as a word to look for it needs quotes.").format(where=before)
            )
        raise RequestError(
            _("{where} needs something before it; as a word to look for it needs quotes.").format(where=here)
        )


def _join(kind: type[All | Either], parts: Iterable[Part]) -> Part:
    flat = [each for part in parts for each in (part.parts if isinstance(part, kind) else (part,))]
    return flat[0] if len(flat) == 1 else kind(parts=tuple(flat))


def _negate(part: Part) -> Part:
    return part.part if isinstance(part, Not) else Not(part=part)
