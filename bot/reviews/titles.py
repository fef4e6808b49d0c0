"""A post's title: its venue, year and the paper's title, without the labels of the post.

In: a title. Out: :class:`TitleFacts`. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.reviews.citations import read_cited_title
from bot.reviews.venue_lines import read_venue
from bot.reviews.venue_names import is_also_word
from bot.reviews.venues import Venue, is_ordinary, is_preprint, is_undecided, read_bracket, read_known
from bot.text.labels import is_label, split_labelled_venue, strip_labels
from bot.text.patterns import lazy_pattern
from bot.text.titles import paper_title, split_ordinal, split_year


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleFacts:
    """A parsed title. ``clean_title`` keeps the author's wording, without venue and label; ``is_labelled``: one was
    there.
    """

    clean_title: str
    venue: str | None = None
    year: int | None = None
    name_in_brackets: str | None = None
    is_labelled: bool = False

    @property
    def paper_title(self) -> str:
        """``clean_title`` without the post's count or date before it, and without a year at its ends."""
        return paper_title(self.clean_title)


_BRACKET = lazy_pattern(r"\s*[\[【]([^\[\]【】]{1,60})[\]】]\s*")
_END_BRACKET = lazy_pattern(r"\s*[(\[（【]([^()\[\]（）【】]{3,60})[)\]）】]\s*\Z")
_FRONT_BRACKET = lazy_pattern(r"\s*[(（]([^()（）]{3,60})[)）]\s*")
_FILE_ENDING = lazy_pattern(r"(?<=[^\s./])\.(?:md|markdown|ipynb|html?|pdf|txt)\Z", re.IGNORECASE)
"""A post's title may be its file name."""
_FILE_COLON = lazy_pattern(r"(?<=[^\W_])_(?=\s+\S+\s+\S+\s+\S)")
"""What becomes of a colon in a file name: "Kettle_ Tea for All Boats"; a title follows."""
_EMPHASIS = lazy_pattern(r"(?<!\S)_+\w")
_BARS = lazy_pattern(r"\s+[|｜@–—-]\s+|\s*[｜]\s*")


def read_title(title: str) -> TitleFacts:
    """Take the brackets off a title and read them.

    ``[NAME YEAR note]`` is venue and year, ``[Arxiv YYMM]`` arXiv and its year, ``[논문리뷰]`` a label that
    is dropped; ``[BEIT-3]`` is part of the title. The year is optional for names known to be venues. A known
    venue with its year may also stand at either end, in parentheses or after a bar or a dash. Of a title that is
    a whole citation only the paper's title stays. A count before all that ("12. ") is kept, and so is a year in
    brackets, which is the paper's.
    """
    written = _with_colon(_FILE_ENDING.sub("", " ".join(title.split())))
    bracketed = _with_venue_in_brackets(written)
    rest, is_labelled = strip_labels(bracketed)
    ordinal, rest = split_ordinal(rest)
    facts = _read_counted(strip_labels(rest)[0] if ordinal else rest)
    return replace(
        facts, clean_title=f"{ordinal}{facts.clean_title}".strip(), is_labelled=is_labelled or bracketed != written
    )


def _with_venue_in_brackets(title: str) -> str:
    """Put a venue before a review's label in brackets: "ICML 2031論文解説: Boats" is "[ICML 2031] Boats"."""
    venue, rest = split_labelled_venue(title)
    return f"[{venue}] {rest}" if venue and read_known(venue, needs_year=True) else title


def _with_colon(title: str) -> str:
    """Put the colon back that a file name cannot have."""
    return title if _EMPHASIS.search(title) else _FILE_COLON.sub(":", title)


def _read_counted(rest: str) -> TitleFacts:
    """Read a title without the labels and the count before it."""
    if cited := read_cited_title(rest):
        return TitleFacts(clean_title=cited.title, venue=cited.venue, year=cited.year)
    venue: Venue | None = None
    brackets: list[str] = []
    while match := _BRACKET.match(rest):
        content = match[1].strip()
        bracket_venue = _read_front(content) if venue is None or is_preprint(venue[0]) else None
        venue = bracket_venue or venue
        if not (bracket_venue or is_undecided(content) or is_label(content)):
            brackets.append(content)
        rest = rest[match.end() :]
    year = next((content for content in brackets if _YEAR_ALONE.fullmatch(content)), None)
    if venue and not venue[1] and year:  # "[2021][CVPR] …"
        brackets.remove(year)
        venue = venue[0], int(year)
    name = next(filter(_has_letter, brackets), None)
    kept = "".join(f"[{content}] " for content in brackets)
    rest, at_end = _split_venue(rest)
    clean = f"{kept}{rest}".strip().lstrip("#").strip()
    clean, _ = strip_labels(clean)
    if not at_end:  # after the label too: "Boats (CVPR 2016) 논문 리뷰"
        clean, at_end = _split_venue(clean)
    venue = at_end if at_end and (venue is None or is_preprint(venue[0])) else venue
    year_alone = split_year(clean)[1]
    return TitleFacts(
        clean_title=clean,
        venue=venue[0] if venue else None,
        year=(venue[1] if venue else None) or year_alone,
        name_in_brackets=name,
    )


def _read_front(content: str) -> Venue | None:
    """Read a leading bracket, even with a label beside the venue: "논문 리뷰 - CVPR 2023"."""
    parts = [part.strip() for part in _BETWEEN.split(content)]
    others = [part for part in parts if not is_label(part)]
    is_labelled = len(parts) > 1 and len(others) == 1
    return (read_known(others[0], needs_year=True) if is_labelled else None) or read_bracket(content)


_BETWEEN = lazy_pattern(r"\s*[-–—/|｜:：·,，]\s*")
_YEAR_ALONE = lazy_pattern(r"(?:19|20)\d\d")


def _has_letter(text: str) -> bool:
    return any(character.isalpha() for character in text)


def _split_venue(title: str) -> tuple[str, Venue | None]:
    """Return a title without the known venue at one of its ends, and that venue; the title itself if there is
    none.
    """
    for bracket in (_END_BRACKET.search(title), _FRONT_BRACKET.match(title)):
        if bracket and (split := _read_bracket(bracket[1])):
            kept, venue = split
            rest = f"{title[: bracket.start()]} {kept} {title[bracket.end() :]}"
            return " ".join(rest.split()) or title, venue
    bars = list(_BARS.finditer(title))
    for bar in bars[:1] + bars[-1:]:
        halves = title[: bar.start()].strip(), title[bar.end() :].strip()
        for outside, rest in (halves, halves[::-1]):
            if rest and (outer_venue := read_known(outside, needs_year=True)):
                return rest, outer_venue
    if (front := _FRONT_VENUE.match(title)) and not _ON_CONFERENCE.search(front["rest"]):
        at_front = read_known(re.sub(r"[_-]", " ", front["venue"]), needs_year=True)
        return (front["rest"], at_front) if at_front and not is_ordinary(at_front[0]) else (title, None)
    return _split_at_end(title)


def _split_at_end(title: str) -> tuple[str, Venue | None]:
    """Split off a venue that follows a title without a sign, if the title is long enough to be a paper's."""
    end = _END_VENUE.fullmatch(title)
    rest = end["rest"].rstrip(" ,`") if end else ""
    if end and _may_end(rest):
        venue = read_known(end["venue"], needs_year=True)
        if venue and not is_ordinary(venue[0]):
            return rest, venue
    return _split_tail(title)


def _split_tail(title: str) -> tuple[str, Venue | None]:
    """Split off the last words of a title if they are a venue and its year: "… USENIX Security’ 20".

    A name that is also a word needs an apostrophe before its year.
    """
    words = title.split()
    for count in range(min(_MAX_TAIL_WORDS, len(words) - _MIN_TITLE_WORDS), 0, -1):
        rest, tail = " ".join(words[:-count]).rstrip(" ,`-–—"), " ".join(words[-count:])
        is_marked = _MARKED_YEAR.search(tail) is not None
        venue = read_venue(tail) if words[-count][0].isupper() and _may_end(rest) else None
        if venue and (is_marked or not is_also_word(venue[0])):
            return rest, venue
    return title, None


def _may_end(rest: str) -> bool:
    """Whether the words before a venue are a paper's title: not "Papers of", "What I Saw at" or a colon."""
    is_papers = len(rest.split()) >= _MIN_TITLE_WORDS and not _ON_CONFERENCE.search(rest)
    return is_papers and rest.casefold().split()[-1] not in _BEFORE_VENUES and rest[-1] not in ":："


_MAX_TAIL_WORDS = 4
_MARKED_YEAR = lazy_pattern(r"['’‘]\s?\d\d(?!\d)")


_MIN_TITLE_WORDS = 3
_BEFORE_VENUES = frozenset(
    "a about after and at before by during for from in of on since the through to via with".split()
)
_END_VENUE = lazy_pattern(
    r"(?P<rest>\S.*?)[\s,`]+"
    r"(?P<venue>[A-Za-z][A-Za-z&+]{1,14}[\s-]?(?:['’]\d\d|(?:19|20)\d\d)(?:\s(?:oral|spotlight|poster|findings))?)[\s`]*",
    re.IGNORECASE,
)
"""What becomes of a tag in a heading: "ELECTRA: … ICLR 2020"; not "Papers of ICLR 2020"."""
_FRONT_VENUE = lazy_pattern(
    r"\s*(?P<venue>(?:(?:19|20)\d\d[\s_-]?[A-Za-z][A-Za-z&+]{1,14}|"
    r"[A-Za-z][A-Za-z&+]{1,14}[\s_-]?(?:['’]\d\d|(?:19|20)\d\d))(?:\s(?:oral|spotlight|poster|best paper|findings))?)"
    r"(?:\s*[:：]\s*|[_-](?=\S))(?P<rest>\S.*)",
    re.IGNORECASE,
)
"""A venue and its year before a colon, or joined to the title as in a file name: "CVPR2021: …", "2021-CVPR-…"."""
_ON_CONFERENCE = lazy_pattern(
    r"후기|참관|참석|참가|정리|모음|목록|총정리|트렌드|동향|튜토리얼|워크샵|수상|总结|总览|汇总|合集|参会|参加|まとめ|速報|論文集|"
    r"\b(?:papers|highlights?|trip|report|recap|summary|overview|workshops?|tutorials?|challenge|competition|talks?|"
    r"keynotes?|notes|trends|awards?|statistics|deadline|submissions?|review process|list|takeaways|impressions)\b",
    re.IGNORECASE,
)
"""Words in a title about the conference itself."""


_COMMA_BEFORE_YEAR = lazy_pattern(r"[,，]\s?(?=(?:19|20)\d\d$)")


def _read_bracket(content: str) -> tuple[str, Venue] | None:
    """Return the venue in a bracket and, in a bracket of its own, the rest of its text: "TIDE, CVPR 2016", "Lake Lab,
    CVPR, 2031".
    """
    if venue := read_known(content, needs_year=True):
        return "", venue
    head, comma, tail = _COMMA_BEFORE_YEAR.sub(" ", content).replace("，", ",").rpartition(",")
    venue = read_known(tail, needs_year=True) if comma else None
    return (f"({head.strip()})", venue) if venue else None
