"""The spellings of conferences and journals, from the bundled list: which venues stand in a text, and which are one.

In: a text. Out: the venues in it with their places, or a key that all spellings of one venue share. Pure, except that
the list is read once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from bot import bundled
from bot.text.patterns import lazy_pattern

SEPARATOR = " | "
_TOKEN = lazy_pattern(r"[A-Za-zÀ-ž0-9]+|&|[가-힣]+|[ぁ-ヿ㐀-鿿々]+")
_ABBREVIATED = {
    "&": "and", "trans": "transactions", "conf": "conference", "symp": "symposium", "proc": "proceedings",
    "int": "international", "adv": "advances", "intl": "international", "j": "journal", "endow": "endowment",
}  # fmt: skip
_SHORT_OF = {
    word: words.partition("=")[0]
    for words in """
    acoust=acoustical,acoustics am=amer,american anal=analysis appl=applications,applied assoc=association
    empir=empirical linguist=linguistics nat=natural,nature archit=architecture,architectures artif=artificial
    autom=automation,automatic biol=biology,biological biomed=biomedical chem=chemistry,chemical
    commun=communications,communication cybern=cybernetics comput=computing,computer,computers,computational
    decis=decision distrib=distributed dyn=dynamics,dynamical econ=economics,economic electr=electrical
    electron=electronics,electronic eng=engineering environ=environmental,environment
    evol=evolutionary,evolution genet=genetics geosci=geoscience,geosciences graph=graphics
    ind=industrial,industry inf=information informat=informatics,inform intell=intelligence,intelligent
    interact=interactive,interaction knowl=knowledge lang=language,languages learn=learning lett=letters
    mach=machine mag=magazine manag=management mater=materials math=mathematics,mathematical
    med=medicine,medical methods=method mob=mobile,mobility neurosci=neuroscience
    netw=networks,networking,network neur=neural oper=operations,operating opt=optical,optics
    phys=physics,physical pract=practice process=processing program=programming psychol=psychology,psychological
    recognit=recognition rel=reliability res=research rev=review,reviews robot=robotics,robots,robotic
    sci=science,sciences secur=security sel=selected sens=sensing sig=signal soc=society surv=surveys,survey
    softw=software stat=statistics,statistical syst=systems,system technol=technology,technologies
    theor=theory,theoretical transp=transportation,transport veh=vehicles,vehicular,vehicle vis=vision,visual
    visualiz=visualization
    """.split()
    for word in words.replace("=", ",").split(",")
}
"""A word of a journal's name → its abbreviation, the same for all words that share one. Source: ISO 4."""
_LEFT_OUT = frozenset({"of", "on", "in", "for", "and", "to"})
"""Words that abbreviated names do without."""
_MIN_SHORT_WORDS = 2
_CONTAINERS = frozenset(
    """conference conferences symposium proceedings workshop workshops meeting journal transactions advances congress
    endowment""".split()
)
"""One of these must be in or beside a name that is also a subject: "Computer Vision and Pattern Recognition"."""
_MIN_CASELESS = 3
"""Shorter names count only in capitals."""


class Spelling(NamedTuple):
    """One way to write a venue.

    Attributes:
        name: The venue's usual name.
        written: This spelling.
        is_phrase: It stands for the usual name, and only beside words such as "Conference".
        needs_year: It is also a word, and counts only as written and with a year.
        needs_volume: It is also a subject, and counts only as written and with a volume or pages.
    """

    name: str
    written: str
    is_phrase: bool
    needs_year: bool
    needs_volume: bool


class Found(NamedTuple):
    """A venue in a text: where it begins and ends, how it is spelt, and the name to show."""

    start: int
    end: int
    spelling: Spelling
    shown: str


class _Sure(NamedTuple):
    """What shows that names which are also words are venues: a year, a volume or pages."""

    by_year: bool
    by_volume: bool


class _Token(NamedTuple):
    word: str
    start: int
    end: int


@lru_cache(maxsize=512)  # several rules ask for the same lines
def find_venues(text: str, *, has_year: bool, has_volume: bool = False) -> tuple[Found, ...]:
    """Return the known venues in a text in their order; of overlapping ones only the longest.

    Args:
        has_year: The text gives a year, which names that are also words need.
        has_volume: The text gives a volume or pages, which names that are also subjects need.
    """
    tokens = _tokens(text)
    is_contained = not _CONTAINERS.isdisjoint(token.word for token in tokens)
    sure = _Sure(has_year, has_volume)
    short = _matches(text, _shorten(tokens), _spellings().short, sure)
    written_short = (one for one in short if not one.spelling.is_phrase or "." in text[one.start : one.end + 1])
    matches = chain(_matches(text, tokens, _spellings().whole, sure), written_short)
    found: list[Found] = list(_find_asian(text))
    for one in sorted(matches, key=lambda match: match.start - match.end):  # the longest first
        if all(one.end <= other.start or other.end <= one.start for other in found):
            found.append(one)
    shorts = {one.spelling.name for one in found if not one.spelling.is_phrase}
    kept = (one for one in found if not one.spelling.is_phrase or is_contained or one.spelling.name in shorts)
    return tuple(sorted(kept))


def same_venue(one: str, other: str) -> bool:
    """Whether two texts name one venue, whatever the spelling: "USENIX Security Symposium" is "USENIX Security"."""
    return not _keys(one).isdisjoint(_keys(other))


def is_also_word(name: str) -> bool:
    """Whether the list marks a venue's name as a word or a subject, too: "DATE", "Sensors"."""
    spellings = _spellings().whole.by_words.get(_words(_tokens(name)), ())
    return any(one.written == name and (one.needs_year or one.needs_volume) for one in spellings)


def is_journal(name: str) -> bool:
    """Whether a venue is a journal by its name, or by another spelling of it: “TMLR” is “Transactions on …”."""
    spellings = _spellings().whole.by_words.get(_words(_tokens(name)), ())
    return _is_called_journal(name) or any(one.name in _journals() for one in spellings)


@lru_cache(maxsize=1)
def _journals() -> frozenset[str]:
    """The usual names of the journals of the list."""
    listed = chain.from_iterable(_spellings().whole.by_words.values())
    return frozenset(one.name for one in listed if _is_called_journal(one.written))


def _is_called_journal(name: str) -> bool:
    words = {token.word for token in _tokens(name)}
    return not words.isdisjoint(_JOURNAL_WORDS) and words.isdisjoint(_MEETING_WORDS)


_JOURNAL_WORDS = frozenset({"journal", "transactions", "letters", "magazine"})
_MEETING_WORDS = frozenset({"conference", "symposium", "proceedings", "workshop", "workshops"})


# ── looking up ──────────────────────────────────────────────────────────────────────────────────


def _matches(text: str, tokens: Sequence[_Token], index: _Index, sure: _Sure) -> Iterator[Found]:
    starts = (at for at, token in enumerate(tokens) if token.word in index.longest)
    return filter(None, (_longest_at(text, tokens[at:], index, sure) for at in starts))


def _longest_at(text: str, tokens: Sequence[_Token], index: _Index, sure: _Sure) -> Found | None:
    """Return the longest spelling that begins with the first of these tokens."""
    words = [token.word for token in tokens[: index.longest[tokens[0].word]]]
    start = tokens[0].start
    for length in range(len(words), 0, -1):
        end = tokens[length - 1].end
        for spelling in index.by_words.get(tuple(words[:length]), ()):
            if _counts(spelling, text[start:end], sure) and not _is_of_conference(spelling, text[end:]):
                publisher = _BEFORE_TRANSACTIONS.search(text[:start]) if text[start : start + 5] == "Trans" else None
                start = publisher.start() if publisher and not spelling.is_phrase else start
                return Found(start, end, spelling, _shown(spelling, text[start:end]))
    return None


def _is_of_conference(spelling: Spelling, behind: str) -> bool:
    """Whether a name that ends with a publisher is the beginning of a conference's: "Proc. IEEE Int. Conf. …"."""
    return spelling.written.endswith(("IEEE", "ACM")) and _OF_CONFERENCE.match(behind) is not None


_OF_CONFERENCE = lazy_pattern(
    r"[\s/]{1,2}(?:CVF|RSJ|SIG\w*|Int|Intl|Conf|Symp|Works|Winter|Asia|Annual|on|\d{1,3}(?:st|nd|rd|th))",
    re.IGNORECASE,
)


def _shorten(tokens: Sequence[_Token]) -> list[_Token]:
    """Abbreviate the words as journals' names are, so that any spelling of one is the same."""
    return [_Token(_abbreviate(word), *at) for word, *at in tokens if word not in _LEFT_OUT]


def _abbreviate(word: str) -> str:
    return _SHORT_OF.get(word, word)


_BEFORE_TRANSACTIONS = lazy_pattern(r"(?:IEEE(?:/ACM)?|ACM|IEICE|IPSJ)\s\Z")
_PUBLISHER = lazy_pattern(r"(?:USENIX|IEEE|ACM)\s(?=\S+\Z)", re.IGNORECASE)


def _shown(spelling: Spelling, written: str) -> str:
    """Return the name to show: as written, without a publisher, and in capitals; for a phrase the usual name."""
    if spelling.is_phrase or written.casefold() == spelling.name.casefold():
        return spelling.name if spelling.is_phrase or written.islower() else written
    bare = _PUBLISHER.sub("", written)
    return bare.upper() if bare.islower() and " " not in bare else bare


def _counts(spelling: Spelling, written: str, sure: _Sure) -> bool:
    if spelling.needs_year or spelling.needs_volume:
        is_sure = sure.by_volume if spelling.needs_volume else sure.by_year
        return is_sure and _same_letters(written, spelling.written)
    is_name = " " in spelling.written or len(spelling.written) < _MIN_CASELESS
    return spelling.is_phrase or not is_name or written[0].isupper() or written[0].isdigit()


def _same_letters(one: str, other: str) -> bool:
    return re.sub(r"\W", "", one) == re.sub(r"\W", "", other)


def _find_asian(text: str) -> Iterator[Found]:
    """Yield the names in Asian letters, which particles may follow without a space."""
    for spelling in () if text.isascii() else _spellings().asian:
        start = text.find(spelling.written)
        if start >= 0:
            yield Found(start, start + len(spelling.written), spelling, spelling.written)
            return  # the longest comes first


def _tokens(text: str) -> list[_Token]:
    matches = ((match[0].casefold(), match) for match in _TOKEN.finditer(text))
    return [_Token(_ABBREVIATED.get(word, word), *match.span()) for word, match in matches if word != "the"]


# ── the same venue ──────────────────────────────────────────────────────────────────────────────

_BESIDE_NAME = frozenset(
    """proceedings of in annual acm ieee cvf rsj aaai international association journal usenix conference on symposium
    for and""".split()
)


def _keys(text: str) -> frozenset[str]:
    """Return the usual names of the venues that a text may stand for, and its own letters."""
    words = [token.word for token in _tokens(text)]
    bare = [word for word in words if not re.fullmatch(r"\d{4}|\d{1,3}(?:st|nd|rd|th)", word)]
    by_words = _spellings().whole.by_words
    is_workshop = not _WORKSHOPS.isdisjoint(words)
    cuts = (at for at, word in enumerate(bare, 1) if word in _LEADING)
    forms = [bare, *(bare[at:] for at in cuts if not is_workshop or _LEADING.issuperset(bare[:at]))]
    named = {spelling.name for form in forms for spelling in by_words.get(tuple(form), ())}
    found = {one.spelling.name for one in find_venues(text, has_year=True, has_volume=True)}
    whole = "".join(word for word in map(_abbreviate, bare) if word not in _LEFT_OUT)
    short = "".join(_abbreviate(word) for word in bare if word not in _BESIDE_NAME)
    known = named or (found if len(found) == 1 and not is_workshop else set())
    return frozenset({*known, *(f"={letters}" for letters in (whole, short) if letters)})


_WORKSHOPS = frozenset({"workshop", "workshops"})
"""Beside a conference's name, one of these makes it another venue."""
_LEADING = frozenset("of on in annual ieee acm cvf rsj international conference proceedings advances usenix".split())


# ── the list ────────────────────────────────────────────────────────────────────────────────────


class _Index(NamedTuple):
    """Spellings by their words, and for each first word the number of words in the longest of them."""

    by_words: Mapping[tuple[str, ...], tuple[Spelling, ...]]
    longest: Mapping[str, int]


class _Spellings(NamedTuple):
    whole: _Index
    short: _Index
    asian: tuple[Spelling, ...]


@lru_cache(maxsize=1)
def _spellings() -> _Spellings:
    lines = bundled.venues().read_text("utf-8").splitlines()
    listed = (line for line in lines if line.strip() and not line.startswith("#"))
    spellings = list(chain.from_iterable(map(read_spellings, listed)))
    latin = [(one, _tokens(one.written)) for one in spellings if one.written.isascii()]
    asian = sorted((one for one in spellings if not one.written.isascii()), key=lambda one: -len(one.written))
    shortened = [(one, _shorten(tokens)) for one, tokens in latin]
    words = {_words(tokens) for one, tokens in shortened if one.needs_year or one.needs_volume}
    sure = (pair for pair in shortened if _words(pair[1]) not in words)  # "Artif Intell" is not any "Intelligence"
    return _Spellings(
        whole=_index(latin),
        short=_index((one, tokens) for one, tokens in sure if len(tokens) >= _MIN_SHORT_WORDS),
        asian=tuple(asian),
    )


def _words(tokens: Iterable[_Token]) -> tuple[str, ...]:
    return tuple(token.word for token in tokens)


def _index(spellings: Iterable[tuple[Spelling, Sequence[_Token]]]) -> _Index:
    by_words: dict[tuple[str, ...], tuple[Spelling, ...]] = defaultdict(tuple)
    longest: dict[str, int] = defaultdict(int)
    for spelling, tokens in spellings:
        words = _words(tokens)
        if words and not any(one.written == spelling.written for one in by_words[words]):
            by_words[words] += (spelling,)
            longest[words[0]] = max(longest[words[0]], len(words))
    return _Index(by_words, longest)


def read_spellings(line: str) -> Iterator[Spelling]:
    """Yield the spellings in a line of the list; the usual name is the first, unless it counts only behind a sign."""
    name, *others = (part.strip() for part in line.split(SEPARATOR))
    marked = {part[1:] for part in others if part[0] in "?!"}
    yield from (_spelling(name, part) for part in ([] if name in marked else [name]) + others)


def _spelling(name: str, part: str) -> Spelling:
    sign, written = (part[0], part[1:]) if part[0] in "?!" else ("", part)
    is_phrase = " " in written and written.islower() and written.isascii()
    return Spelling(name, written, is_phrase, sign == "?", sign == "!")
