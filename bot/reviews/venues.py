"""Where and when a paper appeared, as people write it: "ICLR 2024", "CVPR'24 (Oral)", "Accepted at ACL 2023".

In: the text of a title's bracket, of a tag, or behind a label. Out: the venue's name and its year. Pure.

Three degrees of trust. A leading bracket of a title with a name and a year is a venue, whatever the name. Behind
a label ("Venue: …") any name is a venue. Anywhere else the name must be known, with nothing else beside it.
A preprint server counts only if the post names no other venue, whatever its degree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.reviews.authors import names_institution
from bot.reviews.identifiers import ARXIV_NUMBER, year_of_arxiv
from bot.reviews.names import JOURNALS, ORDINARY_VENUES, VENUES, VENUES_IN_FULL
from bot.reviews.written_dates import MONTH
from bot.text.patterns import lazy_pattern

Venue = tuple[str, int | None]
"""A venue's name, and its year if given."""

_MAX_CHARS = 160
_MAX_NAME_CHARS = 80
_MAX_NAME_WORDS = 12
_ARXIV_MONTH = lazy_pattern(
    r"arxiv\s*[:.,-]?\s*(\d{2})[.-]?(0[1-9]|1[0-2])(?:\.\d{4,5}(?:v\d+)?)?(?!\d).{0,40}", re.IGNORECASE
)
_ARXIV_NUMBER = lazy_pattern(rf"{ARXIV_NUMBER}(?:v\d{{1,2}})?")
_UNDECIDED = lazy_pattern(
    r"under[\s-]*review|in review|submi(?:tted|ssion)|reject|withdrawn|심사|제출|투고|미게재|미발표|"
    r"投稿中|審査中|在投|审稿|未录用|未发表|未接收|未採択",
    re.IGNORECASE,
)

# ── a title's leading bracket: any name with a year ─────────────────────────────────────────────

_VENUE_AND_YEAR = lazy_pattern(r"([A-Za-z][A-Za-z&+./ -]{0,40}?)\s*[-']?\s*((?:19|20)\d{2})(?!\d)\b.{0,40}")
_VENUE_AND_SHORT_YEAR = lazy_pattern(r"([A-Za-z][A-Za-z&+]{1,15})\s*['’](\d{2})(?!\d)\b.{0,40}")
_YEAR_AND_VENUE = lazy_pattern(r"((?:19|20)\d{2})\s*[-.,]?\s*([A-Za-z][A-Za-z&+]{1,15})(?![A-Za-z]).{0,40}")
_NOTE = lazy_pattern(
    r"[\s/-]*\b(?:tutorials?|workshops?|findings|of|main|long|short|industry|demos?|oral|spotlight|posters?|"
    r"best papers?|outstanding|accepted|at|to|papers?|track|conference)\b[\s/-]*",
    re.IGNORECASE,
)
_OF_A_CALENDAR = lazy_pattern(
    r"(?:(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?|spring|summer|fall|autumn|winter|mon|tue|wed|thu|fri|sat|sun|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|days?|weeks?|months?|quarters?|years?|semester|term|q|wk|"
    r"early|mid|late|end|year|of|in|the)\W*)+",
    re.IGNORECASE,
)


def read_bracket(content: str) -> Venue | None:
    """Return the venue in a title's leading bracket, if it is one; the year is optional for known names."""
    if _UNDECIDED.search(content):
        return None
    if _ARXIV_NUMBER.fullmatch(content):
        return "arXiv", year_of_arxiv(content)
    if match := _ARXIV_MONTH.fullmatch(content):
        return "arXiv", 2000 + int(match[1])
    if (venue := read_known_part(content)) and _PREPRINT.search(content) and not is_preprint(venue[0]):
        return venue  # "arXiv 2029, CVPR 2031"
    if match := _VENUE_AND_YEAR.fullmatch(content):
        return _name_and_year(match[1], int(match[2]))
    if match := _VENUE_AND_SHORT_YEAR.fullmatch(content):
        return _name_and_year(match[1], full_year(int(match[2]), is_marked=True))
    if match := _YEAR_AND_VENUE.fullmatch(content):
        return _name_and_year(match[2], int(match[1]))
    first = _clean_name(content)
    return (first, None) if first.lower() in VENUES or first in JOURNALS else read_known(content)


def _name_and_year(written: str, year: int | None) -> Venue | None:
    """Return a bracket's name with its year; None for a month, a season, a day, or a note such as "Oral"."""
    name = _clean_name(written)
    return (name, year) if name and not _OF_A_CALENDAR.fullmatch(name) else None


def is_undecided(text: str) -> bool:
    """Whether a paper has only been submitted to a venue: "Under review at ICLR 2025"."""
    return _UNDECIDED.search(text) is not None


def _clean_name(name: str) -> str:
    """Return only the conference, without "Tutorial" or "Findings of"; arXiv in its own spelling."""
    name = _NOTE.sub(" ", name).strip(" -/.'")
    return "arXiv" if name.lower() == "arxiv" else name


# ── known names ─────────────────────────────────────────────────────────────────────────────────

_YEAR = lazy_pattern(r"(?<![\d.])((?:19|20)\d{2})(?!\d|\.\d{3})")  # not the month of an arXiv number
_SHORT_YEAR = lazy_pattern(r"(?<=[A-Za-z])(?:\s?['’]\s?|\s?)(\d{2})(?![\d.]|[A-Za-z]{2,})")
_WORD = lazy_pattern(
    r"\bACM[ -](?:MM|Multimedia)\b|"
    r"3D(?:V|UI|IM|PVT)|\b[A-Z]{1,4}\d[A-Z]{1,4}\b|[^\W\d_][^\W\d_&+]*(?:[&+][^\W\d_]+)*(?:-[^\W\d_]+)*",
    re.IGNORECASE,
)
_ORDINAL = lazy_pattern(r"\d+(?:st|nd|rd|th)\b", re.IGNORECASE)
BESIDE_VENUES = frozenset(
    """oral spotlight poster posters main findings finding long short paper workshop workshops track tracks
    industry demo highlight best outstanding award runner up honorable mention notable accepted accept
    acceptance as to at by in on of the and for a an appear appeared published publication presented proceedings
    proc conference conf annual meeting international symposium ieee acm cvf iapr datasets benchmarks dataset
    benchmark research full camera ready version vol volume no issue pp jan january feb february mar march apr
    april may jun june jul july aug august sep sept september oct october nov november dec december journal
    transactions 학회 논문 정식 공식 최종 로 으로 를 을 의 도 게재 게재됨 발표 구두 구두발표 포스터 워크샵
    워크숍 수상 최우수 우수 채택 승인 년 월 일 에서 에 会议 会議 に で にて 上 中 的 论文 論文 收录 录用 接收
    中稿 発表 採択 口頭 年 月 日""".split()
)
"""Words beside a venue that say nothing of another paper: its track, its publisher, months, labels."""
_BESIDE = BESIDE_VENUES | frozenset(
    """spotlights papers ws tutorial tutorials demos highlights awards top ieee/cvf preprint pre-print endowment
    정식으로 预印本 プレプリント 프리프린트""".split()
)
_CANONICAL = {"neurips": "NeurIPS", "nips": "NIPS", "arxiv": "arXiv", "biorxiv": "bioRxiv", "medrxiv": "medRxiv",
              "recsys": "RecSys", "corl": "CoRL", "mlsys": "MLSys", "interspeech": "Interspeech"}  # fmt: skip


def read_known(text: str, *, needs_year: bool = False) -> Venue | None:
    """Return a known venue with nothing beside it except a year and notes such as "Oral"; None for all other text.

    Names that are also ordinary words ("Science", "Nature") only count with a capital and a year.
    """
    if len(text) > _MAX_CHARS or _UNDECIDED.search(text):
        return None
    if (match := _ARXIV_MONTH.search(text)) and not _left_over(text[: match.start()]):
        return "arXiv", 2000 + int(match[1])
    year = _find_year(text)
    rest = _ORDINAL.sub(" ", text)
    names = _without_publisher([match[0] for match in _WORD.finditer(rest) if match[0].lower() not in _BESIDE])
    heads = names[:1] if len(names) == 2 and names[1].lower() in _SECOND_WORDS else names
    if len({head.lower() for head in heads}) != 1 or not _is_known(heads[0], has_year=year is not None):
        return None  # "3DV 2026 (arXiv 2025)" is two venues, each to be read alone
    if year is None and (needs_year or _has_stray_digits(text)):
        return None
    beside = re.search(re.escape(names[-1]) + r"[\s'’–-]*((?:19|20)\d{2})(?!\d)", text)
    return _join_names(names), int(beside[1]) if beside else year


def _without_publisher(names: list[str]) -> list[str]:
    """Remove the publisher: "USENIX ATC" is ATC, but USENIX Security needs both words."""
    is_publisher = len(names) > 1 and names[0].lower() == "usenix" and names[1].lower() not in _SECOND_WORDS
    return names[1:] if is_publisher else names


def _left_over(text: str) -> list[str]:
    return [match[0] for match in _WORD.finditer(text) if match[0].lower() not in _BESIDE]


def _is_known(name: str, *, has_year: bool) -> bool:
    lower = name.lower()
    if lower in ORDINARY_VENUES or name in JOURNALS:
        return has_year and (name.isupper() or name in JOURNALS)
    return (
        lower in VENUES
        or lower in _OF_TWO_WORDS
        or ("-" in lower and all(part in VENUES or part == "hlt" for part in lower.split("-")))
    )


_OF_TWO_WORDS = frozenset({"acm mm", "acm-mm", "acm multimedia"})
"""Venues that need both words; "MM" alone may be anything."""
_SECOND_WORDS = frozenset({"asia", "communications", "machine", "medicine", "robotics", "methods", "security"})


def _join_names(names: list[str]) -> str:
    """Return the first name and a second that belongs to it ("SIGGRAPH Asia"), in capitals if the author used
    none.
    """
    joined = " ".join(names[:2]) if len(names) > 1 and names[1].lower() in _SECOND_WORDS else names[0]
    if joined.islower():
        return _CANONICAL.get(joined, joined.upper())
    return "arXiv" if joined.lower() == "arxiv" else joined


def _find_year(text: str) -> int | None:
    if match := _YEAR.search(text):
        return int(match[1])
    match = _SHORT_YEAR.search(text)
    return full_year(int(match[1]), is_marked="'" in match[0] or "’" in match[0]) if match else None


def full_year(year: int, *, is_marked: bool) -> int | None:
    """Return a two-digit year in full: '98 is 1998, since no paper is from 2098, and no computing conference
    predates 1960.
    """
    if year <= _MAX_SHORT_YEAR:
        return 2000 + year
    return 1900 + year if is_marked and year >= _MIN_LAST_CENTURY else None


_MAX_SHORT_YEAR = 49
_MIN_LAST_CENTURY = 60


def _has_stray_digits(text: str) -> bool:
    return any(character.isdigit() for character in _ORDINAL.sub(" ", text))


# ── behind a label ──────────────────────────────────────────────────────────────────────────────

_PARTS = lazy_pattern(r"\s*(?:[,，、;；|｜/·→]|->|=>|[(（])\s*")
_LABELLED_PARTS = lazy_pattern(r"\s*(?:[,，、;；。|｜/·→()（）\[\]【】]|->|=>|\s[-–—]+\s|—|\.\s)\s*")
_FIRST_SENTENCE = lazy_pattern(r"(?<=[A-Za-z)]{2})\.\s|(?<=\d{4})\.\s|(?<=[다요])\.\s|。")
_BRACKETED = lazy_pattern(r"\s*[(（][^()（）]*[)）]")
_SUBMITTED_ON = lazy_pattern(
    r"[(（]?\bsubmitted(?:\s+on)?:?\s+(?:[A-Za-z]{3,9}\.?\s*)?\d[\d\s,./-]*[)）]?", re.IGNORECASE
)
_LEAD = lazy_pattern(
    r"(?:(?:to )?(?:appear|appeared|accepted|published|presented)(?: (?:in|at|to|by|as))?|in|at)\s+", re.IGNORECASE
)
_NOTHING = lazy_pattern(
    r"(?:none|n/?a|tbd|tba|unknown|unpublished|not (?:yet )?(?:accepted|published)|-+|\?+|없음|미정|미공개|모름|"
    r"无|未知|待定|暂无|なし|不明|未定)\W*",
    re.IGNORECASE,
)
_SENTENCE = lazy_pattern(r"(?:다|요|음|。)\s*$|[.!?]\s+\S+\s+\S+\s+\S+|://|@")
_OF_A_DATE = frozenset("년월일年月日")
_TRAILING = lazy_pattern(r"^[\s,.;:'’()\[\]|/·–—-]+|[\s,;:'’(\[|/·–—-]+$")


def read_labelled(value: str, *, is_of_venues: bool = True) -> tuple[str | None, int | None]:
    """Return the venue behind a label such as "Venue".

    In this order: a known name anywhere in the text, a short one with its year, a conference's full name, a preprint,
    else the text itself.

    Args:
        is_of_venues: The label announces a venue. After "Published" there may also be a date or a publisher, and
            words count only if they have the form of a venue's name.
    """
    value = _SUBMITTED_ON.sub(" ", " ".join(value.split())).strip(" .")
    if len(value) > _MAX_CHARS:
        value = _FIRST_SENTENCE.split(value, maxsplit=1)[0]
    if not value or len(value) > _MAX_CHARS or _NOTHING.fullmatch(value) or _UNDECIDED.search(value):
        return None, None
    parts = _split_labelled(value)
    venues = [venue for part in parts if (venue := read_known(part))]
    if best := _choose([venue for venue in venues if not is_preprint(venue[0])]):
        return best[0], best[1] or _year_of_venue(parts)
    if named := _read_short_name(value, parts) or read_in_full(value):
        return named
    if best := _choose(venues):
        return best[0], best[1] or _only_year(value)
    if preprint := _PREPRINT_SAID.search(value):
        return ("arXiv" if preprint[0].lower() == "arxiv" else None), _only_year(value)
    if is_of_venues or _VENUE_WORDS.search(value):
        return _read_name(value)
    return None, find_year(value)


_VENUE_WORDS = lazy_pattern(
    r"\b(?:journal|transactions|proceedings|proc\.|conference|symposium|workshop|letters|magazine|annals|IEEE|ACM)\b|"
    r"학회지|학술지|논문지|학술대회|学报|会议|期刊|論文誌|研究会|シンポジウム",
    re.IGNORECASE,
)


def _split_labelled(value: str) -> list[str]:
    """Return the value, the value without brackets, and the parts of both: "RSS (Robotics: Science) 2023"."""
    forms = (value, " ".join(_BRACKETED.sub(" ", value).split()))
    return list(dict.fromkeys(part for form in forms for part in (form, *_LABELLED_PARTS.split(form)) if part))


def _read_short_name(value: str, parts: Iterable[str]) -> Venue | None:
    """Return a short name in capitals with its year, "SPL 2021", or one in brackets after the words that it stands
    for.
    """
    for part in parts:
        year = _find_year(part)
        names = set(_left_over(_ORDINAL.sub(" ", part)))
        if year and len(names) == 1 and _is_short_name(name := names.pop()):
            return name, year
    for match in _IN_BRACKETS.finditer(value):
        if _VENUE_WORDS.search(value[: match.start()]) and _is_short_name(match[1]):
            return match[1], int(match[2]) if match[2] else _year_of_venue(parts)
    return None


_IN_BRACKETS = lazy_pattern(r"[(（]\s*([A-Z][A-Za-z0-9&+-]{1,14})\s*['’,]?\s*((?:19|20)\d{2})?\s*[)）]")
_MIN_CAPITALS = 2
_MAX_SHORT_NAME_CHARS = 15


def _is_short_name(name: str) -> bool:
    """Whether a word has the form of a venue's short name and is not a preprint server or a publisher."""
    capitals = sum(character.isupper() for character in name)
    is_built_so = capitals >= _MIN_CAPITALS and name.isascii() and len(name) <= _MAX_SHORT_NAME_CHARS
    is_another = is_preprint(name) or name in _PUBLISHERS or names_institution(name)
    return is_built_so and not is_another and not _OF_A_CALENDAR.fullmatch(name)


_PUBLISHERS = frozenset(
    """IEEE ACM CVF USENIX MDPI PMLR AI ML NLP CV PDF DOI URL ISBN USA UK GPU GitHub GitLab YouTube LinkedIn
    HuggingFace PyTorch TensorFlow OpenReview PapersWithCode""".split()
)
"""Publishers, sites with code, and other words with two capitals that may stand beside a year."""


def _year_of_venue(parts: Iterable[str]) -> int | None:
    """Return the only year outside the parts about a preprint: "Proceedings of … (CVPR), 2025 (2024 arXiv)"."""
    return _only_year(*(part for part in parts if not _PREPRINT.search(part)))


_PREPRINT = lazy_pattern(r"(?:arxiv|biorxiv|medrxiv|techrxiv|chemrxiv|\bssrn\b|\bcorr\b|preprint)", re.IGNORECASE)


_PREPRINT_SAID = lazy_pattern(r"arxiv|pre-?print|预印本|預印本|プレプリント|프리프린트", re.IGNORECASE)


def is_preprint(name: str) -> bool:
    """Whether a venue is a preprint server, which counts only if nothing else is given."""
    return _PREPRINT.fullmatch(name) is not None


def read_stated(words: str) -> Venue | None:
    """Return the known venue and its year in a sentence's words about a paper; particles may follow without a
    space.
    """
    if _UNDECIDED.search(words):
        return None
    words = _LATIN_EDGE.sub(" ", words)
    parts = _split_labelled(words)
    venues = [venue for part in parts if (venue := read_known(part))]
    best = _choose(
        [candidate for candidate in venues if not is_preprint(candidate[0]) and not is_ordinary(candidate[0])]
    ) or read_in_full(words)
    year = best[1] or _year_of_venue(parts) if best else None
    return (best[0], year) if best and year else None


_LATIN_EDGE = lazy_pattern(r"(?<=[A-Za-z\d])(?=[가-힣ぁ-ヿ㐀-鿿])|(?<=[가-힣ぁ-ヿ㐀-鿿])(?=[A-Za-z\d])|[*_`\"“”]+")


def read_in_full(text: str) -> Venue | None:
    """Return a conference given by its full name, with the year: "Proceedings of the 2019 Conference on …"."""
    lower = text.lower()
    name = next((name for full, name in VENUES_IN_FULL if full in lower), None)
    if name is None or "workshop" in lower or _UNDECIDED.search(text):
        return None
    years = [int(match[1]) for match in _YEAR.finditer(text)]
    return name, years[0] if years else None


_NUMBERED = r"\b(?:vol(?:ume)?|no|nr|pp?|pages?|issue|art(?:icle)?)\b\.? ?:? ?[A-Za-z]{0,4}\d"
_BEHIND_SOURCE = rf"(?:{_NUMBERED}|doi\b ?:? ?(?:https?://|10\.))"
_SOURCES = (
    lazy_pattern(
        rf"(?:in[: ]+)?(?:(?:19|20)\d\d )?(?:\d{{1,3}}(?:st|nd|rd|th) )?(?P<name>[A-Z].{{1,140}}?) ?"
        rf"(?:\((?P<short>[A-Z][\w&-]{{1,14}})\))? ?[,，.;] ?(?:(?:19|20)\d\d[,，] ?)?{_BEHIND_SOURCE}",
        re.IGNORECASE,
    ),
    lazy_pattern(r"(?:in[: ]+)?(?P<name>[A-Z][A-Za-z&.: ]{1,80}?) (?:19|20)\d\d[,;] ?\d{1,4}[,;(] ?\d"),
    lazy_pattern(
        r"(?:in[: ]+)?(?P<name>[A-Z][A-Za-z&.: ]{1,80}?) \d{1,4} ?(?:\(\d{1,3}\) ?)?[,:].{0,40}\((?:19|20)\d\d\)"
    ),
)
"""What follows a title in references: "in Boats, vol. 3, no. 2", "Boats 2031, 4, 12", "Boats 6, 36 (2031)"."""
_LEADING_COUNT = lazy_pattern(
    r"^(?:proceedings of (?:the )?|proc\. (?:of (?:the )?)?|(?:19|20)\d\d |\d{1,3}(?:st|nd|rd|th) )+", re.IGNORECASE
)
_SOURCE_END = lazy_pattern(rf",? (?={MONTH}(?:$|[ ,]))|, ?(?=\d)", re.IGNORECASE)
_OF_PROCEEDINGS = lazy_pattern(r"\b(?:Conf(?:erence)?|Proc|Symp(?:osium)?|Workshop|Congress)\b", re.IGNORECASE)
_NO_SOURCE = lazy_pattern(
    r"[\"”“?!。]|://|\bet al\b|\b(?:is|are|was|were|we|this|that|which|it|revised|accepted|published)\b|"
    r"\b(?:authors?|code|paper|title|link|year|date|abstract|project|github|pdf|url|tags?) ?[:：]",
    re.IGNORECASE,
)
_SENTENCE_BREAK = lazy_pattern(r"[a-z]{2}\. [A-Z]")
_ABBREVIATED = lazy_pattern(r"(?:IEEE|ACM|Proc|Int|J|Trans|Ann|Adv|Phys|Nat|Sci|Appl|Comput)\b")
_COUNTS = lazy_pattern(
    rf"https?://\S+|\bdoi ?:? ?\S+|10\.\d{{4,9}}/\S+|\d+ ?[-–—] ?\d+|(?:{_NUMBERED})\w*", re.IGNORECASE
)
_MAX_REFERENCE_CHARS = 400
_MAX_SOURCE_CHARS = 100


def read_source(text: str) -> Venue | None:
    """The journal or the proceedings that a reference names after its title, whatever the name.

    It is only sure because of what follows it: a volume, a number or pages, with their digits. If an abbreviation
    follows the name in brackets, that is the venue.
    """
    text = " ".join(text[: 5 * _MAX_REFERENCE_CHARS].split())
    if len(text) > _MAX_REFERENCE_CHARS:
        return None  # a paragraph
    text = re.split(r"[\"”]", text)[-1].lstrip(" ,.，;:’'")
    match = next((match for source in _SOURCES if (match := source.match(text))), None)
    if match is None:
        return None
    short = match.groupdict().get("short")
    name = short if short and sum(map(str.isupper, short)) > 1 else _source_name(match["name"])
    is_sentence = _SENTENCE_BREAK.search(name) and not _ABBREVIATED.match(name)
    if not name[:1].isupper() or len(name) > _MAX_SOURCE_CHARS or _NO_SOURCE.search(name) or is_sentence:
        return None
    years = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", _COUNTS.sub(" ", text))
    return None if _UNDECIDED.search(name) else (name, int(years[-1]) if years else None)


def _source_name(written: str) -> str:
    """A name without the count before it, and without the place and date behind it."""
    name = _SOURCE_END.split(_LEADING_COUNT.sub("", written), maxsplit=1)[0]
    name = name.split(",")[0] if _OF_PROCEEDINGS.search(name) else name
    return name.strip(" ,.")


_KIND_IN_REFERENCE = lazy_pattern(r"^[^\w\[]{0,4}(?:\[[A-Z](?:/OL)?\][./]{0,2}\s?)?(?:in[:\s]\s?)?", re.IGNORECASE)
_NUMBER_IN_REFERENCE = lazy_pattern(
    r"https?://\S+|\bdoi\b[\s:]{0,3}\S*|10\.\d{4,9}/\S+|arxiv\s?:\s?\d{4}\.\d{4,5}\S{0,3}", re.IGNORECASE
)
_OTHER_DATE = lazy_pattern(r"\b(?:revised|updated|accessed|visited|retrieved)\b.*$", re.IGNORECASE)
_SHORT_IN_BRACKETS = lazy_pattern(r"\(([A-Z][A-Za-z\d&+-]{1,14}?)(?:\s?['’]?\d\d|,?\s(?:19|20)\d\d)?\)")
_SHORT_IN_FRONT = lazy_pattern(
    r"([A-Z][A-Z&-]{1,12})\s?['’]?\d{2,4}\s?[:：]\s|([A-Z][\w-]{2,14}) [-–] (?=\d{1,2}(?:st|nd|rd|th)\b)"
)
_JOURNAL = lazy_pattern(
    r"(?P<name>[A-Z][A-Za-z&.:\- ]{3,100}?)(?:[,.]? \d{1,3}(?:[.(]\d{1,3}\)?)?(?=[ ,.:;(]|$)|,? \((?:19|20)\d\d\)|"
    r", (?:19|20)\d\d, \d)"
)
_UP_TO_YEAR = lazy_pattern(r"(?P<name>[A-Z].{5,140}?)[.,(]{1,2}\s?(?:[A-Za-z ]{2,40}, )?(?:(?:19|20)\d\d|pp?\. ?\d)")


_SERIES_PARTS = lazy_pattern(r"\s[–—-]\s|(?<=\d{4})\.\s")


def _known_of_series(text: str) -> Venue | None:
    """Return the first known venue with its year in a series of books: "Boats – ECCV 2031. Lake Press, 2030"."""
    parts = _SERIES_PARTS.split(text)
    return next((venue for part in parts if (venue := read_known(part, needs_year=True))), None)


def read_referenced(text: str) -> tuple[str | None, int | None]:
    """Return the venue and the year that a reference gives behind its title, whatever the style and the venue.

    In this order: a known name with its year, an abbreviation in brackets or in front ("SC31: International …"), a
    known conference's full name, a journal before its volume, proceedings before their year.
    """
    is_marked = text.lstrip(" .,").startswith("[")
    text = _NUMBER_IN_REFERENCE.sub(" ", _KIND_IN_REFERENCE.sub("", text, count=1))
    text = _OTHER_DATE.sub("", " ".join(text.split())[:_MAX_REFERENCE_CHARS])
    years = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", _COUNTS.sub(" ", text))
    year = int(years[-1]) if years else None
    if _UNDECIDED.search(text):
        return None, year
    known = read_known_part(text) or (_known_of_series(text) if is_marked else None)
    if known and not is_preprint(known[0]):
        return known
    if _PREPRINT.search(text):
        return "arXiv", year
    named = _short_in_reference(text) or (read_in_full(text) or (None,))[0]
    return named or _written_in_reference(text) or _asian_in_reference(text), year


def _short_in_reference(text: str) -> str | None:
    shorts = [match[1] for match in _SHORT_IN_BRACKETS.finditer(text)]
    if (match := _SHORT_IN_FRONT.match(text)) and (match[2] or _is_short_name(match[1])):
        return match[1] or match[2]
    return next((short for short in shorts if _is_short_name(short)), None)


_ASIAN_SOURCE = lazy_pattern(
    r"(?:^|[.,，。、;；/／」』\]]|[『「《])\s*(?P<name>(?:[가-힣A-Za-z]+[\s·]?){0,4}(?:학회지|논문지|학회|학술대회|저널|학술지|연구회)|"
    r"[㐀-鿿ぁ-ヿー・]{1,20}(?:学报|學報|杂志|期刊|大会|会议|論文誌|学会誌|学会|研究会|シンポジウム|論文集))"
    r"(?=(?:\s[A-Z]{1,2}(?![A-Za-z]))?(?:\s*[,，、。.;；」』\d제第(（]|\s*$|\s*(?i:vol|no|pp)))"
)
"""A journal or a conference in Asian letters, as one part of a reference."""


def _asian_in_reference(text: str) -> str | None:
    match = _ASIAN_SOURCE.search(text)
    return match["name"] if match else None


_VOLUME_BEHIND = lazy_pattern(r"[.,]? (?:vol|no)\.? ?$", re.IGNORECASE)


def _written_in_reference(text: str) -> str | None:
    """Return the words before a volume, or words such as "Proceedings" before a year."""
    if match := _JOURNAL.match(text):
        name = _VOLUME_BEHIND.sub("", match["name"]).rstrip(" ,.")
        name += "." * ("." in name)  # "Trans. Boats."
    elif source := read_source(text):
        name = source[0]
    elif (match := _UP_TO_YEAR.match(text)) and _VENUE_WORDS.search(match["name"]):
        name = _LEADING_COUNT.sub("", match["name"]).strip(" ,.")
    else:
        return None
    is_publisher = name in _PUBLISHERS or _NOTHING.fullmatch(name) is not None
    return None if is_publisher or len(name) > _MAX_SOURCE_CHARS or _NO_SOURCE.search(name) else name


_WRITTEN_OUT = lazy_pattern(
    r"(?P<name>[A-Z][\w&'’-]{0,20}(?: (?:[A-Z&][\w&'’-]{0,20}|on|of|in|for|and|the)){0,9}),? ?\(?"
    r"(?P<year>(?:19|20)\d\d)\)?"
)


def read_written_out(text: str, *, is_sure: bool) -> Venue | None:
    """Return a venue with its year if a text is one in capitalised words: "Boats and Harbours, 2031".

    Args:
        is_sure: Names stand before it; otherwise words such as "Magazine" are needed.
    """
    match = _WRITTEN_OUT.fullmatch(text)
    is_said = is_sure and match is not None and (" " in match["name"] or _is_short_name(match["name"]))
    is_venue = match is not None and (is_said or _VENUE_WORDS.search(match["name"]) is not None)
    is_date = match is not None and _OF_A_CALENDAR.fullmatch(match["name"]) is not None
    return (match["name"], int(match["year"])) if match and is_venue and not is_date else None


_BRIEF = lazy_pattern(
    r"\W{0,4}(?:(?:was|is|has been)\s)?"
    r"(?:accepted\s(?:at|in|to|by)|(?:published|appear(?:s|ed)|to appear)\s(?:at|in))\s?:?\s?"
    r"(?P<venue>[^\s:.;][^:.;]{2,80})\.?",
    re.IGNORECASE,
)


def read_brief(text: str) -> Venue | None:
    """Return the venue, known or not, and its year in a line that says "Published at BOAT'31" and nothing else."""
    match = _BRIEF.fullmatch(text.strip())
    name, year = read_labelled(match["venue"], is_of_venues=False) if match else (None, None)
    return (name, year) if name and year and not is_preprint(name) else None


_NAMED = lazy_pattern(
    r"(?P<name>[A-Z][\w&'’-]{0,20}(?: (?:[A-Z&][\w&'’-]{0,20}|on|of|in|for|and)){1,8}),? (?P<year>(?:19|20)\d\d)"
)


def read_named(text: str) -> Venue | None:
    """Return a venue that a line writes out in capitalised words with its year: "Harbour Data Workshop 2031"."""
    match = _NAMED.fullmatch(text)
    is_venue = match is not None and _VENUE_WORDS.search(match["name"]) is not None
    return (match["name"], int(match["year"])) if match and is_venue else None


def read_known_part(value: str) -> Venue | None:
    """Return a known venue with its year from a line with several things: "2026년 10월(Arxiv), ICLR 2027"."""
    if _UNDECIDED.search(_SUBMITTED_ON.sub(" ", value)):
        return None
    parts = dict.fromkeys((value, *_PARTS.split(value)))
    return _choose([venue for part in parts if (venue := read_known(part.strip(" )）"), needs_year=True))])


def read_preprint(text: str) -> Venue | None:
    """Return a preprint server with its year if a short line names no other venue: "arXiv, May 2031"."""
    known = read_known_part(text) if len(text) < _MAX_NAME_CHARS else None
    return known if known and is_preprint(known[0]) else None


def read_alone(text: str, *, is_known_only: bool = False) -> Venue | None:
    """Return a venue with its year if a heading says nothing else: "[ICASSP 2019]", "ICMLA 2021".

    Args:
        is_known_only: A name in capitals that is not known as a venue, such as "GTC 2024", does not count.
    """
    bare = text.strip().strip("[]【】()（）<>《》「」 ")
    if len(bare) > _MAX_ALONE_CHARS or _UNDECIDED.search(bare) or not (year := _find_year(bare)):
        return None
    if known := read_known(bare, needs_year=True):
        return known
    names = set(_left_over(_ORDINAL.sub(" ", bare)))
    name = names.pop() if len(names) == 1 else ""
    return (name, year) if not is_known_only and name.isupper() and _is_short_name(name) else None


_MAX_ALONE_CHARS = 60


def read_tags(tags: Iterable[str]) -> Venue | None:
    """Return the venue and year in the tags; None if there are none, or several different ones."""
    venues = {
        venue
        for tag in tags
        if (venue := read_known(tag.strip().lstrip("#").replace("_", " ").replace("-20", " 20"), needs_year=True))
        and not is_ordinary(venue[0])
    }
    return venues.pop() if len(venues) == 1 else None


def is_ordinary(name: str) -> bool:
    """Whether a venue's name is also a word, which only counts behind a label or in a bracket."""
    return name.lower() in ORDINARY_VENUES or name in JOURNALS


def find_year(text: str) -> int | None:
    """Return the first four-digit year in a text."""
    match = _YEAR.search(text)
    return int(match[1]) if match else None


def _choose(venues: list[Venue]) -> Venue | None:
    """Prefer a conference to a preprint, and a venue with a year to one without."""
    return min(venues, key=lambda venue: (is_preprint(venue[0]), venue[1] is None), default=None)


def _only_year(*texts: str) -> int | None:
    years = {int(match[1]) for text in texts for match in _YEAR.finditer(text)}
    return years.pop() if len(years) == 1 else None


def _read_name(value: str) -> tuple[str | None, int | None]:
    year = find_year(value)
    name = _LEAD.sub("", value, count=1) if _LEAD.match(value) else value
    name = re.sub(r"\(\s*\)", " ", _YEAR.sub(" ", name))
    name = _TRAILING.sub("", " ".join(name.split()))
    is_name = (
        3 <= len(name) <= _MAX_NAME_CHARS
        and len(name.split()) <= _MAX_NAME_WORDS
        and (name[0].isupper() or not name[0].isascii())
        and any(character.isalpha() and character not in _OF_A_DATE for character in name)
        and not (_SENTENCE.search(value) and not _ABBREVIATED.match(name))
    )
    return (name, year) if is_name else (None, year)
