"""A line that says where and when a paper appeared, whatever its form: it names a venue, and nothing else is left.

In: a short text near the top of a post, a heading, a table's cell, a tag. Out: the venue and its year. Pure.

Authors write a venue in countless forms: "ICLR24 oral", "Quill et al. – Proc. VLDB Endow., vol. 12, 2031", "Low
Boats (NeurIPS 2031, Datasets and Benchmarks track) [pdf]". Instead of a rule for each form, everything is taken out
that may stand beside the venue of the post's own paper: its title, the year, the track, publishers, volumes, pages,
dates, places, people and institutions, links and their labels. If anything is left, the text says something else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain

from bot.reviews.author_words import COMPANIES, INSTITUTIONS_ASIAN, PLACES
from bot.reviews.authors import ET_AL, are_people, has_more, is_last_name, is_name, names_institution, read_authors
from bot.reviews.people import Strength, strength_of
from bot.reviews.venue_names import Found, find_venues
from bot.reviews.venues import BESIDE_VENUES, Venue, find_year, full_year, is_undecided, read_labelled
from bot.reviews.written_dates import MONTH
from bot.text.patterns import lazy_pattern
from bot.text.titles import without_titles

_MAX_CHARS = 500
_MAX_NAME_CHARS = 100
_MAX_PEOPLE = 40
_CUT = " ; "
"""Stands for what was taken out: words on both sides do not belong together."""

# ── what is taken out before the venue is looked for ────────────────────────────────────────────

_ADDRESS = lazy_pattern(
    r"https?://\S+|www\.\S+|\S+@\S+|\bdoi\s?[:：]?\s?10\.\S+|\b10\.\d{4,9}/\S+|\bisbn[\s:]*[\d-]+", re.IGNORECASE
)
_PREPRINT = lazy_pattern(
    r"(?:(?:on|as|an?|in)\s)?(?:\b(?:arxiv|biorxiv|medrxiv|techrxiv|chemrxiv|ssrn|corr|openreview)\b|"
    r"pre-?prints?\b|预印本|預印本|プレプリント|프리프린트)(?:\.org)?"
    r"(?:[\s:：,(/–-]{0,3}(?:e?prints?|preprints?|arxiv|abs|id|v\d|\d{4}\.\d{4,5}(?:v\d+)?|"
    r"(?:19|20)\d\d(?:[-./]\d{1,2})?(?!\d)|cs\.[a-z]{2}|stat\.ml)\b)*",
    re.IGNORECASE,
)
"""A preprint server with its number and its year, which are not the venue's."""
_SUBJECT = lazy_pattern(r"[\[(](?:cs|stat|eess|math|q-bio|quant-ph|physics)\.[A-Za-z-]{2,8}[\])]")
_RANK = lazy_pattern(
    r"\bnotable[\s-]top[\s-]\d+\s?%|\btop[\s-]\d+\s?%|\bCCF[\s-]?[ABC]\b\s?类?|\bSCI\s?(?:Q[1-4]|[一二三四]区)|"
    r"\b(?:JCR|Q)\s?[1-4]\b|\bCORE\s?A\*?|"
    r"\b(?:cited by|citations?|cites?)\s?[:：]?\s?[\d,.]+k?\+?|\b[\d,]+\+?\s?citations?\b|"
    r"(?:被)?引用(?:数|次数)?\s?[:：]?\s?\d+|"
    r"\bIF\s?[:=]?\s?\d+(?:\.\d+)?",
    re.IGNORECASE,
)
_SERIES = lazy_pattern(
    r"\b(?:lecture notes in (?:computer science|artificial intelligence|networks and systems)|"
    r"proceedings of machine learning research|springer nature|communications in computer and information science)\b",
    re.IGNORECASE,
)
"""Series of books that conferences appear in, and a publisher named like a journal."""
_BOOK = lazy_pattern(
    r"\b(?:computer vision|advances in cryptology|the semantic web|computer security|computer aided verification|"
    r"advances in information retrieval|programming languages and systems|web information systems engineering|"
    r"tools and algorithms for the construction and analysis of systems|machine learning and knowledge discovery in "
    r"databases|human-computer interaction|neural information processing|pattern recognition)"
    r"\s?[-–—:]\s(?=[A-Z]{3,}\w*[\s'’]{0,2}(?:\d\d|(?:19|20)\d\d)\b)|"
    r"(?<=\d{4})\s?[-–—:]\s(?:computer vision|parallel processing)(?=\W*$)|"
    r"\bfindings of (?:the )?association for computational linguistics\s?[:：]\s?(?=[A-Z])|"
    r"\bissue (?=[A-Z]{3,}\b)(?:popl|oopsla|pldi|icfp|cscw|etra|eics|group|iss)\d?\b",
    re.IGNORECASE,
)
"""The title of a book beside the conference whose papers it has, "Computer Vision – ECCV 2031", and what an issue of
such a series is called."""
_EMOJI_NAME = lazy_pattern(r":[a-z_]{2,30}:")
_YEAR_JOINED = lazy_pattern(r"(?<=[A-Za-z가-힣])[_-]?(?=(?:19|20)\d\d(?!\d))")
_YEAR_IN_FRONT = lazy_pattern(r"(?<!\d)((?:19|20)\d\d)[_-]?(?=[A-Za-z])")
_JOINED = lazy_pattern(
    r"(?<=[a-z\d])(?=(?:Volume|Issue|January|February|March|April|June|July|August|September|October|November|December)(?![a-z]))"
)
"""Where a site's words were joined: "EndowmentVolume 11Issue 12August 2018"."""
_SHORT_YEAR = lazy_pattern(r"\s?['’‘´`]\s?(\d\d)(?!\d)")
_SHORT_JOINED = lazy_pattern(
    r"\b([A-Z][A-Za-z]{1,10}[A-Z]|[A-Z][a-z]+[A-Z]+[a-z]*|SC(?=\d\d:))[-_]?(\d\d)(?![\d.A-Za-z])"
)
_SHORT_YEAR_IN_BRACKETS = lazy_pattern(r"\(((?:[A-Z]\w*\s)?[A-Z]\w*[A-Za-z])\s(\d\d)\)")
"""A conference in brackets with its year in two digits: "… Operating Systems Design and Implementation (OSDI 20)"."""

# ── what is taken out beside the venue ──────────────────────────────────────────────────────────

_YEAR = lazy_pattern(r"(?<![\d.])((?:19|20)\d\d)(?!\d|\.\d{3})(?:\s?(?:년도?|年度?))?")
_VOLUME = lazy_pattern(
    r"\b(?:vol(?:ume)?|no|nr|number|pp|pages?|p|iss(?:ue)?|art(?:icle)?)\b\.?\s?[:：#]?\s?[A-Za-z]{0,3}[\s-]?\d[\w–-]*"
    r"(?:\s?[,，–—-]+\s?\d+(?!\d*\s*[年(]))*|"
    r"\b\d{1,4}\s?\(\d{1,3}(?:[-–]\d{1,3})?\)(?:\s?[:：,，]\s?[A-Za-z]?[\d–—-]+)?|\b\d{1,5}\s?[–—-]+\s?\d{1,5}\b|"
    r"\b\d{1,3}\s?[:：]\s?(?:\d{1,5}|e\d{2,7})\b|제?\s?\d{1,3}\s?[권호]|第?\s?\d{1,4}\s?[卷期号巻回届]",
    re.IGNORECASE,
)
_RANGE = lazy_pattern(r"\b\d{1,5}\s?[–—-]+\s?\d{3,5}\b")
"""Pages, which may look like years: "1929–1958"."""
_ORDINAL = lazy_pattern(
    r"\b(?:\d{1,3}(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|"
    r"twelfth|[a-z]{3,6}teenth|twentieth|thirtieth|(?:twenty|thirty|forty|fifty)[\s-]\w{5,8})\b",
    re.IGNORECASE,
)
_NOISE = BESIDE_VENUES | frozenset(
    """orals industrial demonstration distinguished awarded winner honourable with appears appearing publisher
    press presentation congress intl national joint rsj usenix springer elsevier lncs lnai pmlr mlr kluwer wiley
    mdpi openaccess series regular extended technical part st nd rd th ed eds edition editor editors spring
    summer fall autumn winter trans letters magazine lbw late-breaking section survey applied ads venue where
    when status year date time source info information details papers' link links pdf arxiv code github project
    page website homepage slides video talk supplementary supplement html doi url bib bibtex abs openreview here
    official from article title author authors name key keyword first last 학회지 학술대회 학술지 저널 컨퍼런스
    논문지 은 는 이 가 게재지 년도 연도 및 출판 출판사 출판지 수록 출처 정보 시기 날짜 발행 원문 링크 코드
    제출처 논문명 제목 저자 된 된다 되었다 됨 억셉 오랄 스포트라이트 学会 期刊 雑誌 の は を 于 在 发表 发表于
    發表於 来源 出处 時間 时间 年份 发表时间 会议名称 掲載 链接 代码 原文 年次大会 全国大会 大会 講演会
    学術講演会 student longpaper shortpaper bestpaper on for sigops sigarch sigsoft sigplan sigbed
    sigmobile sigapp 입니다 이다 です である された 这是 一篇 文章 单位 最佳 奖 出典 情報 プロジェクト 出版
    出版社 著者 作者 标题""".split()
)
"""Words beside a venue that say nothing else: its track, its publisher, labels of the facts around it."""
_NOT_ITS_OWN = lazy_pattern(
    r"\b(?:call for|cfp|deadline|tutorials?|challenge|competition|keynote|trip|travel|attend(?:ed|ing)?|recap|papers|"
    r"related|baselines?|previous|earlier|follow-?up|references?|vs|see also|cf|compare[ds]?|submit(?:ted)?|rejected|"
    r"will be held|took place|deadline)\b|\b(?:data(?:sets?)?|benchmarks?)\s?[:：]|"
    r"참관|참석|후기|마감|관련|참고|이전|비교|참가|参加|関連|相关|参考|截止",
    re.IGNORECASE,
)
_CITIES = frozenset(
    """amsterdam athens atlanta austin baltimore bangkok barcelona bellevue bilbao boston brisbane brussels budapest
    cambridge cancun chicago copenhagen dallas delft denver detroit doha dubai dublin dubrovnik edinburgh florence
    geneva glasgow gothenburg granada guadalajara hamburg hangzhou hawaii helsinki honolulu houston istanbul jeju
    kigali kobe lille lisbon ljubljana london long lyon madrid maui melbourne memphis miami milan minneapolis montreal
    munich nagoya nashville orleans nice oslo oxford palermo paris philadelphia phoenix pittsburgh portland prague
    puerto rico rhodes rio rome salt santa santiago sapporo seattle stockholm stuttgart sydney taipei tampa toulouse
    turin utrecht valencia vancouver venice vienna vilamoura virtual virtually vilnius warsaw washington yokohama
    zurich hybrid online event ca ny wa ma tx usa uk uae dc bc québec quebec hi nv las vegas city beach new""".split()
)
_COUNTRIES = "|".join(re.escape(place) for place in sorted(PLACES - COMPANIES, key=len, reverse=True))
_CITY_WORD = r"[A-ZÀ-Þ][^\W\d_]+(?:['’][^\W\d_]+)?"
_PLACE = lazy_pattern(
    rf"{_CITY_WORD}(?:[ -](?:(?:de|do|del|la|los|am)\s)?{_CITY_WORD}){{0,2}},\s(?:[A-Z]{{2}},?\s?)?"
    rf"(?=[A-Z])(?i:{_COUNTRIES})\b"
)
"""A city before its country: "Anchorage, AK, USA"."""
_WORD = lazy_pattern(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")
_BESIDE_YEAR = lazy_pattern(r"[\s,;()\[\]'’–—:-]*")
_LATIN_EDGE = lazy_pattern(r"(?<=[A-Za-z\d])(?=[가-힣ぁ-ヿ㐀-鿿])|(?<=[가-힣ぁ-ヿ㐀-鿿])(?=[A-Za-z\d])")
_PIECES = lazy_pattern(
    r"\s*[;|｜()\[\]【】（）{}<>《》「」•·●※*_`~#\"“”]\s*|\s+[-–—/]+\s+|\s*[:：]\s+|(?:(?<=\w{3})\.\s+|\.\s+(?=(?:In|Proc)\b|Proceedings))|\s*[。，、]\s*"
)
_MORE = lazy_pattern(rf"{ET_AL}|\betc\b\.?", re.IGNORECASE)


def read_venue(
    text: str, *, titles: Sequence[str] = (), needs_year: bool = True, is_of_people: bool = False
) -> Venue | None:
    """Return the venue that a text states and its year; None if the text says anything else, or names several.

    Args:
        text: A line, a heading, a cell or a tag.
        titles: The titles of the post's paper, as `bot.text.terms.bare_letters` writes them.
        needs_year: Without a year there is no venue.
        is_of_people: The place is one for authors, so that any name beside the venue is one of theirs.
    """
    text = without_titles(_ADDRESS.sub(_CUT, text[: 4 * _MAX_CHARS]), titles, _CUT)
    if len(text) > _MAX_CHARS or is_undecided(text) or _NOT_ITS_OWN.search(text):
        return None
    text = _normalise(text)
    has_year = _YEAR.search(text) is not None
    found = find_venues(text, has_year=has_year, has_volume=_VOLUME.search(text) is not None)
    if not found:
        return _read_written(text) or _read_counted(text)
    if len({one.spelling.name for one in found}) > 1 or (needs_year and not has_year):
        return None
    year = _year_beside(text, found)
    if _is_anything_left(text, found, is_titled=is_of_people or _CUT.strip() in text):
        return _read_counted(text) if all(map(_is_word_alone, found)) else None
    if needs_year and not year:
        return None
    if all(one.spelling.is_phrase for one in found) and _WORKSHOP.search(text):
        return None  # "Workshop on the European Conference on …" is a venue of its own
    shown = min(found, key=lambda one: (one.spelling.is_phrase, one.end - one.start)).shown
    return shown.strip(), year


def _is_word_alone(one: Found) -> bool:
    """Whether a venue's name is also a word, which a longer name may have: "Cell Reports"."""
    return one.spelling.needs_year or one.spelling.needs_volume


_WORKSHOP = lazy_pattern(r"\bworkshops?\b", re.IGNORECASE)


@lru_cache(maxsize=512)  # several rules ask for the same lines
def _normalise(text: str) -> str:
    """Take preprints and ranks out, and write years in full and apart."""
    text = _LATIN_EDGE.sub(" ", " ".join(text.split()))
    for pattern in (_SUBJECT, _PREPRINT, _RANK, _EMOJI_NAME, _BOOK):
        text = pattern.sub(_CUT, text)
    text = _JOINED.sub(" ", _SERIES.sub(_CUT, text))
    text = _YEAR_IN_FRONT.sub(r"\1 ", _YEAR_JOINED.sub(" ", text))
    text = _SHORT_YEAR.sub(lambda match: f" {_full(match[1])}", text)
    if not _YEAR.search(text):
        text = _SHORT_YEAR_IN_BRACKETS.sub(lambda match: f"({match[1]} {_full(match[2])})", text)
    return _SHORT_JOINED.sub(lambda match: f"{match[1]} {_full(match[2])}", text)


def _full(digits: str) -> str:
    return str(full_year(int(digits), is_marked=True) or digits)


def _year_beside(text: str, found: Sequence[Found]) -> int | None:
    """Return the year directly behind or before the venue, else the only one."""
    every = list(_YEAR.finditer(text))
    years = _outside(every, _VOLUME, text) or _outside(every, _RANGE, text) or every
    behind = ((text[one.end : year.start()], year) for one in found for year in years if year.start() >= one.end)
    before = ((text[year.end() : one.start], year) for one in found for year in years if year.end() <= one.start)
    beside = (int(year[1]) for between, year in chain(behind, before) if _BESIDE_YEAR.fullmatch(between))
    if year := next(beside, None):
        return year
    distinct = {int(year[1]) for year in years}
    return distinct.pop() if len(distinct) == 1 else None


def _outside(years: Sequence[re.Match[str]], counts: re.Pattern[str], text: str) -> list[re.Match[str]]:
    """Return the years that are not part of a count, such as a volume or pages."""
    spans = [match.span() for match in counts.finditer(text)]
    return [year for year in years if not any(start <= year.start() < end for start, end in spans)]


# ── what is left over ───────────────────────────────────────────────────────────────────────────


def _is_anything_left(text: str, found: Sequence[Found], *, is_titled: bool) -> bool:
    """Whether a text has words that are not the venue's, people's or the facts' around it."""
    for one in sorted(found, reverse=True):
        text = f"{text[: one.start]}{_CUT}{text[one.end :]}"
    for pattern in (_YEAR, _VOLUME, _ORDINAL, _PLACE):
        text = pattern.sub(_CUT, text)
    is_cut = has_more(text) or _MORE.search(text) is not None
    text = _MORE.sub(_CUT, text)
    pieces = [piece.strip(" ,.-–—/&'’") for piece in _PIECES.split(text)]
    is_short = any(" " not in one.spelling.written for one in found)
    left = [piece for piece in pieces if not _is_noise(piece) and not (is_short and _WRITTEN_OUT.fullmatch(piece))]
    return bool(left) and not _are_people(left, is_cut=is_cut, is_titled=is_titled)


def _is_noise(piece: str) -> bool:
    words = [word for word in map(str.lower, _WORD.findall(piece)) if not _is_noise_word(word)]
    if not words:
        return True
    bare = " ".join(words)
    return (
        bare in PLACES
        or all(word.strip(".") in _CITIES or word in PLACES for word in words)
        or (len(words) <= _MAX_INSTITUTION_WORDS and piece[:1].isupper() and _is_institution(piece))
        or (len(bare) <= _MAX_ASIAN_CHARS and INSTITUTIONS_ASIAN.search(bare) is not None)
    )


def _is_noise_word(word: str) -> bool:
    is_asian = _ASIAN_NOISE.fullmatch(word) is not None  # words stand without spaces: "採択論文"
    return is_asian or word in _NOISE or all(part in _NOISE for part in re.split(r"[.-]+", word) if part)


_ASIAN_NOISE = lazy_pattern(
    rf"(?:{'|'.join(sorted((word for word in _NOISE if not word.isascii()), key=len, reverse=True))})+"
)


def _is_institution(piece: str) -> bool:
    """Whether a piece is the name of a university or a company, and not a sentence that mentions one."""
    is_written = all(word[0].isupper() or word in _SMALL_WORDS for word in _WORD.findall(piece))
    return is_written and names_institution(piece) and not _CONTAINER.search(piece)


_SMALL_WORDS = frozenset("of the for and at in de la der".split())


_MAX_INSTITUTION_WORDS = 6
_MAX_ASIAN_CHARS = 12  # of an institution's name
_WRITTEN_OUT = lazy_pattern(
    r"(?:[A-Z][\w/-]*\s){0,4}(?:Conference|Conf\.|Symposium|Workshop|Meeting|Transactions|Journal)\s(?:on|of|for)\s"
    r"(?:[A-Z&][\w/-]*|and|of|in|for|on|the|with|,|\s){1,16}"
)
"""What a short name stands for, or the workshop there: "OSDI '04: Symposium on …", "ICML Workshop on Boats"."""
_INITIALS = lazy_pattern(r"(?<!\w)[A-Z]\.")


def _are_people(left: Sequence[str], *, is_cut: bool, is_titled: bool) -> bool:
    """Whether what is left are authors' names, with something that shows it: "Sensor Fusion" may be anything."""
    listed = ", ".join(left)
    names = read_authors(listed, is_labelled=is_cut) or (listed,) * (is_titled and is_last_name(listed))
    if not names or len(names) > _MAX_PEOPLE:
        return False
    return (
        is_cut
        or are_people(names)
        or _INITIALS.search(listed) is not None
        or (is_titled and all(is_name(name) or is_last_name(name) for name in names))
    )


# ── venues that the list does not have ──────────────────────────────────────────────────────────

_LEAD = lazy_pattern(
    r"(?:(?:(?:to )?appear(?:s|ed)?|accepted|published|presented|"
    r"(?:venue|conference|journal|source|status|publication)(?=\s?[:：]))[\s:：]+)?"
    r"(?:(?:in|at|to|by|as)[\s:：]+)?(?:the\s)?(?:proceedings|proc\.?)?\s?(?:of\s)?(?:the\s)?"
    r"(?:(?:19|20)\d\d\s)?(?:\d{1,3}(?:st|nd|rd|th)\s)?(?:annual\s)?",
    re.IGNORECASE,
)
_WRITTEN = lazy_pattern(
    r"(?:[A-Z][\w&'’-]*|3D)(?:,? (?:[A-Z][\w&'’/-]*\.?|of|on|in|for|and|the|&|3D)){1,12}", re.UNICODE
)
_CONTAINER = lazy_pattern(
    r"\b(?:Conference|Symposium|Workshop|Journal|Transactions|Trans\.|Letters|Magazine|Annals|Congress)\b"
)
_SHORT_IN_BRACKETS = lazy_pattern(r"\(\s?([A-Z][A-Za-z0-9&+-]{1,14})\s?(?:(?:19|20)\d\d)?\s?\)")


def _read_written(text: str) -> Venue | None:
    """Return a conference or a journal that is written out, with its year: "In Proc. of the 5th Boat Conference"."""
    years = {int(year[1]) for year in _YEAR.finditer(text)}
    if len(years) != 1 or not _CONTAINER.search(text):
        return None
    short = _SHORT_IN_BRACKETS.search(text)
    text = _SHORT_IN_BRACKETS.sub(_CUT, text)
    text = _VOLUME.sub(_CUT, _YEAR.sub(" ", text))
    pieces = [" ".join(piece.split()).strip(" ,.-–—:") for piece in _PIECES.split(text)]
    left = [piece for piece in pieces if not _is_noise(piece)]
    names = [name for piece in left if (name := _LEAD.sub("", piece, count=1)) and _CONTAINER.search(name)]
    others = [piece for piece in left if not _CONTAINER.search(piece)]
    if names and is_name(names[0].partition(",")[0]):  # "Ada Quill, Boat Magazine"
        others.append(names[0].partition(",")[0])
        names = [names[0].partition(",")[2].strip()]
    if len(names) != 1 or not _WRITTEN.fullmatch(names[0]) or len(names[0]) > _MAX_NAME_CHARS:
        return None
    if others and not _are_people(others, is_cut=False, is_titled=_CUT.strip() in text):
        return None
    return (short[1] if short else names[0]), years.pop()


_COUNTS = lazy_pattern(
    r"[,.;]?\s?(?:\(?(?:19|20)\d\d\)?[,;:]?\s?)?"
    r"(?:\bvol(?:ume)?\.?\s?\d{1,4}\W{1,3}(?:(?:no|issue|iss|pp?|art)\b|(?!(?:19|20)\d\d\b)\d)|"  # vol. 3, no. 2
    r"\b\d{1,4}\s?\(\d{1,3}(?:[-–]\d{1,3})?\)\W{1,3}(?!(?:19|20)\d\d\b)(?:pp?\.?\s?)?[a-z]?\d|"  # 3(2), 12
    r"\b\d{1,4}\s?\((?:19|20)\d\d\)\W{0,3}[a-z]?\d|"  # 3 (2031) 12
    r"\b\d{1,4}\s?[:：]\s?\d{1,5}\s?[–—-])",  # 3:12–19
    re.IGNORECASE,
)
"""Two of a volume, an issue and pages: only journals and proceedings have them."""
_COUNTED_NAME = lazy_pattern(
    r"[A-Z][\w&'’-]*\.?(?:,? (?:[A-Z][\w&'’/-]*\.?|of|on|in|for|and|the|&)){1,10}",
)
_OF_A_TEXT = lazy_pattern(
    r"\b(?:chapter|section|figure|fig|table|part|lecture|week|day|lesson|version|appendix|notes?|reviews? of)\b|"
    r"\b(?:exodus|genesis|psalms?|john|luke|mark|matthew)\b",
    re.IGNORECASE,
)


def _read_counted(text: str) -> Venue | None:
    """Return a journal by any name before its volume and pages, if the line gives a year and nothing else."""
    counts = _COUNTS.search(text)
    years = _outside(list(_YEAR.finditer(text)), _RANGE, text)
    if counts is None or len({year[1] for year in years}) != 1:
        return None
    before = text[: counts.start()].rstrip()
    name = _LEAD.sub("", before.strip(" ,.;:"), count=1)
    if before.endswith(".") and "." in name:
        name += "."  # its last word is abbreviated, too
    behind = re.sub(MONTH, _CUT, _VOLUME.sub(_CUT, _YEAR.sub(_CUT, text[counts.start() :])), flags=re.IGNORECASE)
    first, comma, _ = name.partition(",")
    is_several = bool(comma) and " " in first and not _CONTAINER.search(first)  # "Ada Quill, Boats and Harbours"
    if not _COUNTED_NAME.fullmatch(name) or len(name) > _MAX_NAME_CHARS or is_several or _OF_A_TEXT.search(name):
        return None
    is_left = not all(_is_noise(piece.strip(" ,.-–—")) for piece in _PIECES.split(behind))
    return None if is_left or strength_of(name) >= Strength.PART else (name, int(years[0][1]))


# ── behind a label ──────────────────────────────────────────────────────────────────────────────

_IN_CORNERS = lazy_pattern(r"\s*[*_]{0,2}《([^《》]{2,40})》")
_NOTE = lazy_pattern(
    r"\[[a-z]{1,12}:[^\[\]]*\]|\s?[(（](?!\s?[A-Z][\w&-]{1,14}(?:[\s'’-]{0,2}\d{2,4})?\s?[)）])[^()（）]*[)）]"
)
_MONTH = lazy_pattern(rf"\b{MONTH}\s?(?=(?:19|20)\d\d|$)", re.IGNORECASE)
_BARE_NUMBER = lazy_pattern(r"[,，]\s*(?!(?:19|20)\d\d(?!\d))\d{1,6}(?=\s*(?:[,，;；]|$))")
_AROUND_YEAR = lazy_pattern(r"[,，]?\s?\d{1,5}\s?\(((?:19|20)\d\d)\)[\s,:]*\d{1,8}(?!\d)")
"""A volume and an article's number: "169 (2031) 110754"."""
_COUNT_ALONE = lazy_pattern(r"[,，\s]*\b(?:vol(?:ume)?|no|pp?|iss(?:ue)?)\.?\s*$", re.IGNORECASE)
_COUNTED = lazy_pattern(r"\b(?:vol(?:ume)?|no|pp)\.? ?\d|\b\d{1,4}\s?\(\d{1,3}\)", re.IGNORECASE)
"""What only journals and proceedings have behind their names."""
_REMARK = lazy_pattern(r"[(（][a-z ]{3,40}[)）]")
_LOOSE_COMMAS = lazy_pattern(r"(?:\s*[,，]\s*)+(?=[,，;；]|$)")


def read_behind_label(value: str, *, is_of_venues: bool = True) -> tuple[str | None, int | None]:
    """Return the venue behind a label such as "Venue" and its year; any name counts, without its volume and pages.

    Args:
        is_of_venues: See `bot.reviews.venues.read_labelled`.
    """
    value = " ".join(value.split())
    if len(value) > _MAX_CHARS or is_undecided(value):
        return read_labelled(value, is_of_venues=is_of_venues)
    if known := read_venue(value, needs_year=False):
        return known
    if named := _IN_CORNERS.match(value):
        return named[1], find_year(value)
    is_preprint = _PREPRINT.search(value) is not None
    is_of_venues = is_of_venues or _COUNTED.search(value) is not None
    return read_labelled(value if is_preprint else _without_volume(value), is_of_venues=is_of_venues)


def _without_volume(value: str) -> str:
    """Take volume, pages, month and notes out: "Boats, Vol. 3, No. 1, May 2031 (in press)" → "Boats, 2031"."""
    if not any(pattern.search(value) for pattern in (_VOLUME, _BARE_NUMBER, _AROUND_YEAR, _COUNT_ALONE, _REMARK)):
        return value
    value = _AROUND_YEAR.sub(r", \1", value)
    bare = re.split(r"[;；]", _NOTE.sub("", _VOLUME.sub("", value)), maxsplit=1)[0]
    for pattern in (_BARE_NUMBER, _MONTH, _BARE_NUMBER, _COUNT_ALONE, _COUNT_ALONE):
        bare = _LOOSE_COMMAS.sub("", pattern.sub("", bare)).strip()
    is_named = any(map(str.isalpha, bare))
    year = find_year(value)
    return (bare if find_year(bare) or not year else f"{bare}, {year}") if is_named else value
