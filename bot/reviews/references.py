"""A line that is a whole reference to one paper, or its authors and where they published → these facts.

In: a line of text, and what tells whether words are the post's title. Out: names, venue, year, identifiers. Pure.

References come in many styles, but all have names, a title and a source. The title is found first, since the post
says what it is; names must stand before it (or right behind it, if it comes first), and behind it a year, a number
or a venue. A sentence that mentions a title has words between, and is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from bot.models.reviews import Identifiers
from bot.reviews.author_words import PLACES
from bot.reviews.authors import (
    ET_AL,
    MIN_PLAIN_NAMES,
    are_people,
    has_more,
    is_asian_name,
    is_last_name,
    is_name,
    names_institution,
    read_authors,
)
from bot.reviews.identifiers import ARXIV_NUMBER, parse_identifiers
from bot.reviews.venues import Venue, is_preprint, read_known, read_referenced, read_written_out
from bot.reviews.written_dates import MONTH, without_date
from bot.text.patterns import lazy_pattern
from bot.text.titles import find_titles

_MAX_CHARS = 900
_MAX_TITLE_CHARS = 300
_MAX_STOPS = 12
_LABEL = lazy_pattern(
    r"\W{0,4}(?:(?:paper |full )?(?:references?|citations?|source|paper)|cit(?:e|ed) as|bibliography|"
    r"참고(?:\s?문헌|\s?논문)?|출처|인용|논문|参考(?:文献|論文)?|出典|引用|论文|論文|原文|原論文)\s?[:：]\s{0,3}",
    re.IGNORECASE,
)
_NUMBER = lazy_pattern(r"^\W{0,3}(?:\[\d{1,3}\]\s{0,3}|\d{1,2}[.)]\s)")
_QUOTE = lazy_pattern(rf"[\"“「『]([^\"“”「」『』]{{6,{_MAX_TITLE_CHARS}}})[\"”」』]")
_STOP = lazy_pattern(r"(?<=[\w)?!]{2})\.\s+|[，。：]\s?[\"“]?|(?<=[?!])\s+|\[[A-Z](?:/OL)?\][./]{0,2}\s?")
"""Where the parts of a reference end; "[C]//" follows a title in Chinese references."""
_YEAR_AT_END = lazy_pattern(r"[\s,.(]*((?:19|20)\d\d)[a-z]?(?:,\s[A-Z][a-z]{2,8})?[)\s.,:]*$")
_YEAR = lazy_pattern(r"(?<![\d.])(?:19|20)\d\d(?!\d)")
_AROUND = " \t\"“”'‘’,.:;·-–—"
_BEGINS_SOURCE = lazy_pattern(
    r"[\s\"”'’,.:;)\]?!*_，。、/–—-]{0,6}"
    r"(?:\[[A-Z](?:/OL)?\]|[(\[]?[A-Z\d]|in[\s:]|(?i:arxiv)|doi|https?:|pp?\.|vol|proc|$)"
    r"|[\s\"”'’)\]?!]{0,3}[.,，。、;][\s\"”『「《]{0,2}[가-힣ぁ-ヿ㐀-鿿]"
    r"|[\s\"”]{0,2}[가-힣ぁ-ヿ㐀-鿿]{2,24}(?:학회지|논문지|学会誌|論文誌|学报)"
)
_OF_SENTENCE = lazy_pattern(r"\b(?:is|are|was|were|has|have|we|this|that|which|they)\b|[가-힣]{2}[은는이가을를다]\s")
_IDENTIFIER = lazy_pattern(
    rf"arxiv(?:\.org)?[\s:：/\[(]{{0,4}}(?:(?:e-?|pre-?)print[\s:]{{0,3}}(?:arxiv[\s:]{{0,3}})?|abs/|pdf/)?"
    rf"({ARXIV_NUMBER})(?:v\d+)?(?!\d|\.\d)|(10\.\d{{4,9}}/[^\s,;()（）\[\]]+)",
    re.IGNORECASE,
)


class Reference(NamedTuple):
    """What a reference says about its paper; () and None for what it does not say.

    ``is_cut``: it leaves authors out.
    """

    title: str
    authors: tuple[str, ...]
    is_cut: bool
    venue: str | None
    year: int | None
    identifiers: tuple[str, ...]


class Byline(NamedTuple):
    """Authors, and where and when they published; no venue for a preprint."""

    authors: tuple[str, ...]
    venue: str | None
    year: int | None


# ── references ──────────────────────────────────────────────────────────────────────────────────


def read_reference(text: str, titles: Sequence[str], is_title: Callable[[str], bool]) -> Reference | None:
    """Return what a line says that is a reference to a paper with one of these titles, and nothing else.

    Understood are the usual styles: "Quill, Ada, and Bo Li. "Low Boats." Venue (2031).", "A. Quill and B. Li, "Low
    Boats," in Venue, 2031, doi: …", "Quill, A., & Li, B. (2031). Low Boats. Venue, 12(3)", "Quill A, Li B. Low
    Boats[C]//Venue. 2031", ""Low Boats", Ada Quill and Bo Li, Venue, 2031".

    Args:
        titles: The post's titles, as letters and digits in lower case only.
        is_title: Whether a cited title may be the post's.
    """
    text = _with_stops(" ".join(text.split()))
    if not _may_refer(text):
        return None
    label = _LABEL.match(text)
    text = text[label.end() :] if label else text
    cuts = (cut for cut in _cut(_NUMBER.sub("", text, count=1), titles) if is_title(cut[1]))
    return next((reference for cut in cuts if (reference := _refer(*cut))), None)


def read_named_reference(text: str, *, is_labelled: bool) -> Reference | None:
    """Return what a line behind a label for the paper, "论文：…", "Paper: …", says if it is a reference.

    The names must stand before the title: which paper it is, only the label says.

    Args:
        is_labelled: The line says otherwise that it is about the paper: it ends in its link, "([paper](…))".
    """
    text = " ".join(text.split())
    label = _PAPER_LABEL.match(text)
    if not _may_refer(text) or not (label or is_labelled):
        return None
    text = text[label.end() :] if label else text
    if kind := _BEFORE_KIND.match(text):
        return _refer(kind["before"], kind["title"], text[kind.end() :])
    cuts = (cut for cut in _cut(text, ()) if _is_behind_names(*cut[:2]))
    return next((reference for cut in cuts if (reference := _refer(*cut))), None)


_PAPER_LABEL = lazy_pattern(
    r"\W{0,4}(?:(?:full )?paper|논문|论文|論文|原論文|原论文|原文)\s?[:：]\s{0,3}", re.IGNORECASE
)
_BEFORE_KIND = lazy_pattern(
    r"(?P<before>[^\[\]]{3,300}?(?:[^\W\d_]{2},? [A-Z](?: [A-Z]){0,2}|et al))\s?\.\s?"
    r"(?P<title>[^\[\]]{6,300}?)\s?(?=\[[A-Z](?:/OL)?\])"
)
"""GB/T 7714, "Quill A B, Li C. Low Boats[C]//": the stop behind an initial ends the names."""


def _is_behind_names(before: str, title: str) -> bool:
    """Whether words are a title with something before it: several words, and no name of a person."""
    return bool(before.strip(_AROUND)) and len(title.split()) > 1 and not is_name(title.strip(_AROUND))


def is_labelled(text: str) -> bool:
    """Whether a line says that it is a reference: "Reference: …", "출처: …"."""
    return _LABEL.match(text) is not None


def _may_refer(text: str) -> bool:
    is_dated = _YEAR.search(text) or _IDENTIFIER.search(text) or _ORDINAL_CONFERENCE.search(text)
    return len(text) <= _MAX_CHARS and bool(is_dated)


_ORDINAL_CONFERENCE = lazy_pattern(
    r"(?:\d(?:st|nd|rd|th)|(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tieth|teenth|tenth|eleventh|"
    r"twelfth)) (?:annual |international |ieee |acm )*(?:conference|symposium|workshop)",
    re.IGNORECASE,
)
"""A conference that is counted: "Forty-third International Conference on Machine Learning" needs no year."""
_SLASHES = lazy_pattern(r"\s*>?\s/\s<?\s*")


def _with_stops(text: str) -> str:
    """Put stops for the slashes of "<Quill et al.> / <Low Boats> / <ICML 2031>"."""
    parts = _SLASHES.split(text.strip("<> "))
    return ". ".join(part.rstrip(".") for part in parts) if len(parts) == _SLASHED else text


_SLASHED = 3


def _cut(text: str, titles: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the ways to cut a text into what stands before a title, the title, and what follows."""
    if quote := _QUOTE.search(text):
        yield text[: quote.start()], quote[1], text[quote.end() :]
        yield from _cut_at_letters(text, titles)  # whose beginning may be in quotation marks
        if quote[0][0] != "『":  # it may stand around the journal
            return
    else:
        yield from _cut_at_letters(text, titles)
    stops = [(0, 0), *((stop.start(), stop.end()) for stop in islice(_STOP.finditer(text), _MAX_STOPS))]
    for (_, start), (end, _) in zip(stops, [*stops[1:], (len(text), 0)], strict=True):
        yield text[:start], text[start:end], text[end:]
        if year := _YEAR_IN_FRONT.match(text, start):
            yield text[: year.end()], text[year.end() : end], text[end:]


_YEAR_IN_FRONT = lazy_pattern(r"\(?(?:19|20)\d\d[a-z]?\)?[.,:]?\s")


def _cut_at_letters(text: str, titles: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the cuts at one of the titles, however it is spaced and capitalised."""
    for start, end in find_titles(text, titles):
        is_whole = not text[start - 1 : start].isalnum() and not text[end : end + 1].isalnum()
        if is_whole and _ENDS_TITLE.match(text, end):
            yield text[:start], text[start:end], text[end:]


_ENDS_TITLE = lazy_pattern(
    r"[\s*_]{0,2}(?:[.,;?!)(\[/\"”’–—-]|\s(?:in|arxiv)\b|\s(?-i:[A-Z])[^.,;:]{1,40}\set\.?\sal\b|$)", re.IGNORECASE
)


def _refer(before: str, title: str, after: str) -> Reference | None:
    """Read the parts of a reference; None if one of them is something else."""
    if not _BEGINS_SOURCE.match(after) or _OF_SENTENCE.search(after):
        return None
    dated = _YEAR_AT_END.search(before)
    listed = (before[: dated.start()] if dated else before).strip(" \t\"“”'‘’,:;，：、")
    is_in_front = not listed.strip(_AROUND)
    if is_in_front:
        listed, after = cut_behind_names(after.strip(_AROUND + "()[]"))
    is_cited = dated is not None or _WRITTEN_SOURCE.search(after) is not None
    names = _read_names(listed, is_cited=is_cited, needs_people=is_in_front)
    numbers = tuple(dict.fromkeys(match[1] or match[2] for match in _IDENTIFIER.finditer(after)))
    venue, year = read_referenced(after)
    year = int(dated[1]) if dated else year
    is_several = len(names) > 1 or has_more(listed)
    if not names or _is_of_site(after) or not (venue or numbers or (year and is_several)):
        return None
    venue = None if venue and is_preprint(venue) else venue
    return Reference(title.strip(_AROUND), names, has_more(listed), venue, year, _settle(numbers))


_WRITTEN_SOURCE = lazy_pattern(
    r"\b(?:Proceedings|Conference|Symposium|Journal|Transactions)\b|\b(?:vol|pp)\.|"
    r"학회|논문지|학술|저널|学报|學報|学会|論文誌|研究会|シンポジウム|^\W{0,3}\[[JC]\]",
    re.IGNORECASE,
)
_URL = lazy_pattern(r"https?://\S+|www\.\S+")
_SITE = lazy_pattern(
    r"\bblog\b|['’]log\b|github\.(?:io|com)|medium\.com|[,.] medium\b|velog|tistory|notion\.|\bretrieved\b",
    re.IGNORECASE,
)
_OF_PUBLISHERS = lazy_pattern(
    r"(?:ieee|acm|usenix|thecvf|nature|science|springer|vldb|cidrdb|jmlr|elsevier|sciencedirect|nips|neurips|mlr|"
    r"aaai|ijcai|aclweb|isca-speech|bmva|roboticsproceedings|biorxiv|arxiv|openreview)\.[a-z]",
    re.IGNORECASE,
)


def _is_of_site(source: str) -> bool:
    """Whether a source is a blog or another page, as where a post says how it is cited itself."""
    urls = (url for url in _URL.findall(source) if not url.rstrip(".,;)").casefold().endswith(".pdf"))
    pages = (url for url in urls if parse_identifiers(url) == Identifiers())
    return bool(_SITE.search(_URL.sub(" ", source))) or any(not _OF_PUBLISHERS.search(url) for url in pages)


def _read_names(listed: str, *, is_cited: bool, needs_people: bool) -> tuple[str, ...]:
    """Return the names beside a title, if something shows that they are people.

    Args:
        is_cited: A year stands between them and the title, or the source is written out; then one full name is
            enough.
        needs_people: The names stand behind the title, where its further words may be.
    """
    listed = _ELIDED.sub(", ", listed)
    is_cut = has_more(listed)
    if re.search(r"['’]s?$|[:：]", listed) or (_MORE.search(listed) and not is_cut):
        return ()  # "Quill's “Low Boats”", "Quill et al. build on “Low Boats”"
    turned = _turn_round(_MORE.sub("", listed), is_cut=is_cut)
    names = turned or read_authors(listed, is_labelled=True)
    if needs_people and not (is_cut or _are_sure(names, listed)):
        return ()
    are_full = all(is_name(name) or (is_cited and is_asian_name(name)) for name in names)
    is_list = len(names) > 1 and (are_full or are_people(names) or all(map(is_last_name, names)))
    is_one = are_full and (
        is_cited or "," in listed or _are_sure(names, listed)
    )  # "Harbour Club. Low Boats. ICML 2031"
    return names if turned or is_list or is_cut or is_one else ()


def _are_sure(names: Sequence[str], listed: str) -> bool:
    """Whether names are many, frequent, or written as people's: "Sensor Fusion, CVPR 2031" names nobody."""
    return len(names) >= MIN_PLAIN_NAMES or are_people(names) or _OF_PEOPLE.search(listed) is not None


_OF_PEOPLE = lazy_pattern(r"(?<!\w)[A-Z]\.|\b(?:de|van|von|der|den|di|del|la|da)\s[A-Z]|[*∗†‡§¶]")


_MORE = lazy_pattern(rf"[\s,;&]{{0,4}}{ET_AL}.*$", re.IGNORECASE)
_ELIDED = lazy_pattern(r"\s?,?\s(?:\.\s?\.\s?\.|…)\s?,?\s?(?=&|and\b)")
"""The authors that APA style leaves out before the last one: "Quill, A., ... & Li, B."."""
_AND = lazy_pattern(r"\s*(?:&|;|\band\b)\s*")
_COMMA = lazy_pattern(r"\s*[,;]\s*(?:and\s+|&\s*)?|\s+and\s+|\s*&\s*")
_INITIALS = lazy_pattern(r"(?:[A-Z]\.?[\s-]?){1,4}")
_LAST_AND_INITIALS = lazy_pattern(
    r"(?P<last>[^\W\d_][^\s\d,]+(?: [^\W\d_][^\s\d,]+)?) (?P<initials>[A-Z]{1,3}|[A-Z](?: [A-Z]){1,2})"
)


_BARE_INITIAL = lazy_pattern(r"(?<=[A-Z])(?![\w.])")


def _turn_round(listed: str, *, is_cut: bool) -> tuple[str, ...]:
    """Return names that are all turned round; () if they are not.

    "Quill, A., Li, B. and Roh, C.", "Quill A, Li B", and names with another sign between: "Quill, Ada & Li, Bo".

    Args:
        is_cut: "et al." follows, so that "Quill, Ada Bo" is the first of the authors.
    """
    parts = [part for part in _COMMA.split(listed.strip(" ,;.")) if part]
    pairs = [part.strip(" ,").split(", ") for part in _AND.split(listed) if part.strip(" ,")]
    if len(parts) % 2 == 0 and all(_INITIALS.fullmatch(part) for part in parts[1::2]):
        turned = [(last, _BARE_INITIAL.sub(".", first)) for last, first in zip(parts[::2], parts[1::2], strict=True)]
    elif parts and all(matches := [_LAST_AND_INITIALS.fullmatch(part) for part in parts]):
        turned = [(match["last"], re.sub(r"[A-Z]", r"\g<0>.", match["initials"])) for match in matches if match]
    elif (len(pairs) > 1 or (is_cut and " " not in pairs[0][0])) and all(len(pair) == 2 for pair in pairs):
        turned = [(last, first.strip(" .")) for last, first in pairs]
    else:
        return ()
    names = tuple(f"{first} {last}" for last, first in turned)
    are_last = all(is_last_name(last.split()[-1]) for last, _ in turned)
    return names if are_last and all(map(is_name, names)) else ()


def _settle(numbers: Sequence[str]) -> tuple[str, ...]:
    """Return the identifiers, if they are of one paper: at most one of each kind."""
    known = [parse_identifiers(number) for number in numbers]
    arxiv = {one.arxiv for one in known if one.arxiv}
    doi = {one.doi for one in known if one.doi and not one.arxiv}
    is_one = len(arxiv) <= 1 and len(doi) <= 1
    return tuple(n for n, one in zip(numbers, known, strict=True) if one != Identifiers()) if is_one else ()


# ── names and their venue ───────────────────────────────────────────────────────────────────────

_AFTER_NAME = lazy_pattern(
    r"\s*[,;，、]\s*(?:and\s+|&\s*)?|\s+(?:and|&)\s+|\s+[-–—|·]{1,2}\s+|(?<=[^\W\d_]{2})\.\s+|\s*(?=\()"
)
_MAX_PARTS = 60
_OF_DATE = lazy_pattern(rf"\W*{MONTH}|\W*\d", re.IGNORECASE)


def cut_behind_names(text: str) -> tuple[str, str]:
    """Cut a line behind the names that it begins with: "Ada Quill, Bo Li, ICML, 2031" → names and "ICML, 2031"."""
    end, start = 0, 0
    for match in islice(_AFTER_NAME.finditer(text), _MAX_PARTS):
        if match.end() <= start:
            continue
        if not _is_part_of_list(text[start : match.start()]):
            return text[:end], text[start:]
        end, start = match.start(), match.end()
    return text[:end], text[start:]


def _is_part_of_list(part: str) -> bool:
    names = read_authors(part)
    return len(names) == 1 and not names_institution(part) and not _VENUE_AND_YEAR.search(part)


_VENUE_AND_YEAR = lazy_pattern(r"\d{2}\)?$")
_MAX_BYLINE_CHARS = 600
_MAX_SOURCE_CHARS = 90


def read_byline(text: str) -> Byline | None:
    """Return the authors of a line and the venue and the year behind them; None if there is anything else.

    "Ada Quill, Bo Li, ICML, 2031", "Ada Quill and Bo Li. ArXiv, 2031", "Ada Quill, Boats and Harbours, 2031",
    "Ada Quill — NIPS'15".
    """
    text = " ".join(text.split())
    if len(text) > _MAX_BYLINE_CHARS:
        return None
    listed, source = cut_behind_names(text)
    source = source.strip(" ,.;()[]")
    names = read_authors(listed) if 3 < len(source) <= _MAX_SOURCE_CHARS else ()
    venue = _read_source(source, is_list=len(names) > 1) if names else None
    if venue is None or not _are_sure(names, listed):
        return None
    return Byline(names, None if is_preprint(venue[0]) else venue[0], venue[1])


def _read_source(source: str, *, is_list: bool) -> Venue | None:
    """Return a known venue with its year, or a name that is written out and ends with its year.

    Args:
        is_list: Several names stand before; behind one name, words such as "Journal" must show that it is a venue.
    """
    if _OF_DATE.match(source) or names_institution(source) or without_date(source).lower() in PLACES:
        return None
    if known := read_known(source, needs_year=True):
        return known
    written = read_written_out(source, is_sure=is_list)
    is_person = written is not None and (is_name(written[0]) or written[0].split(",")[0].lower() in PLACES)
    return None if is_person else written
