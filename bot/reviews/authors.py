"""A line of authors → their names, as "Ada Quill".

In: the text behind "Authors:", a bold line under a paper's links, the beginning of a citation. Out: names. Pure.

A line is read as a list of authors entirely or not at all: if one part is not a person's name (a label, a package, a
sentence), none of it is shown; institutions are left out. A wrong author costs more trust than a missing one.

Separators between names may be missing: footnote marks, affiliation numbers and brackets ("Ada Quill1∗ Bo Li2")
separate them if each part alone is a name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from bot.reviews.author_words import (
    FIRST_NAMES,
    HAN_SURNAMES,
    HANGUL_SURNAMES,
    INSTITUTIONS,
    INSTITUTIONS_ASIAN,
    JOINED_PREFIXES,
    NO_PERSONS,
    NOT_NAMES_ASIAN,
    PARTICLES,
    PLACES,
    SUBJECTS,
    SUFFIXES,
    SURNAMES,
)
from bot.reviews.name_forms import is_given, is_surname
from bot.reviews.written_dates import without_date
from bot.text.patterns import lazy_pattern

_MAX_CHARS = 12_000
_MAX_AUTHORS = 300
MIN_PLAIN_NAMES = 3
"""From this many on, names in a list need no further sign of people: "Sensor Fusion, Point Clouds" are two."""
_MAX_NAME_CHARS = 50
_MAX_NAME_WORDS = 6
_MAX_SHORTENED = 5  # characters of an abbreviated first name, "Alex."
_MAX_GLUED_CHARS = 2_000
_MAX_MAIN_WORDS = 4  # without particles and initials; more are two names without a separator
_LOOSE_SHARE = 0.6  # the share of parts that must clearly be names for one in lower case to count too

_BREAK = "\ufdd0"
"""Stands where a mark, a number or a bracket was: names may end there. A code point that no text contains."""
_DROPPED = lazy_pattern(rf"\\[A-Za-z]{{2,20}}(?={_BREAK}|$)|_\{{?\d*\}}?|[$~\u200b\u200d\ufe0e\ufe0f]|\\(?=\w)")
_MARK = (
    r"(?:[\d*∗⋆★☆†‡§¶‖#^♠♡♢♣♤♥♦♧✝✉✚+⁰¹²³⁴-⁹₀-₉ᵃ-ᶻ∆⋄△▲▽▼◇◆○●□■◦⊕⊗⊙∘∙◊♯✦✧✱✲✳✶✻❋❖\U0001f4e7\U0001f4e8\U0001f4e9]|"
    r"\\?(?:ast|dagger|ddagger|star|diamond)\b|(?<=[a-z])[α-ω](?![α-ω]))"
)
_MARKS = lazy_pattern(rf"{_MARK}(?:[\s,]{{0,4}}{_MARK})*")
_DIMENSION = lazy_pattern(r"\b\d[- ]?D\b")  # "3D" is not a mark before a name
_BRACKETS = lazy_pattern(r"\([^()]{0,160}\)|（[^（）]{0,160}）|\[[^\[\]]{0,160}\]|\{[^{}]{0,160}\}|<[^<>]{0,160}>")
_SIGNS_BEFORE = lazy_pattern(r"^[^\w\s({\[（]{1,4}\s+|^\W{0,3}by[:\s]\s*(?=[A-Z])", re.IGNORECASE)
_SOURCE_BEHIND = lazy_pattern(
    r"(?:[.,|]\s*(?:(?:in|at)\s)?|\s(?:in|at)\s)(?:[A-Z][A-Za-z&/-]{1,14}\s?){0,2}['’]?(?:19|20)?\d\d\)?\.?$"
)
"""A venue and a year, or a year, after a list."""
_ACRONYM_BEHIND = lazy_pattern(r"[.,|]\s{0,4}[A-Za-z]{0,5}[A-Z]{3}[A-Za-z]{0,9}[\s.,|]{0,4}$")
"""A venue between a list and a date: "Ada Quill, Bo Li. ICML, July 2031"."""
_IN_BRACKETS = lazy_pattern(r"[(\[{]([^()\[\]{}]{3,}[,;][^()\[\]{}]{3,})[)\]}]")
_NICKNAME = lazy_pattern(r"(?<=\w )[\"“][A-Z]\w{1,15}[\"”](?= \w)")
ADDRESS = lazy_pattern(r"(?:\{[^{}]{1,200}\}|[\w.+\-]{1,64})\s?@\s?[\w\-]{1,60}(?:\.[\w\-]{1,60}){1,5}|https?://\S+")
_RANK = lazy_pattern(
    r"(?:\s*,)?\s*\b(?:(?:Graduate|Student|Senior|Life|Associate|Founding|Distinguished|Honorary|Affiliate)\s+){0,3}"
    r"(?:(?:Member|Fellow)s?\s*,?\s*(?:of\s+(?:the\s+)?)?(?:IEEE|ACM|OSA|AAAI|SPIE|IET|AIAA|ASME|SIAM|IAPR|AAAS)|"
    r"(?:IEEE|ACM)\s+(?:(?:Graduate|Student|Senior|Life)\s+){0,2}(?:Member|Fellow))\b"
)
"""What members of some societies add to their names: "Senior Member, IEEE"."""
_ROLE = (
    r"(?:equal(?:ly)?\b|(?:co-?)?first authors?\b|jointly\b|(?:joint|shared) (?:co-?)?(?:first|last|lead|senior)\b|"
    r"these authors|contribut|correspond|"
    r"project lead|team lead|lead author|main advis|advis|work (?:was )?done|work partially|technical lead|"
    r"intern(?:ship)?\b|"
    r"e-?mails?\b|affiliat|denotes|indicates|now (?:at|with)|currently|동등|공동|교신|책임|소속|기여|이메일|"
    r"同等|共同|通讯|通信|责任|責任|所属|平等|贡献|貢献)"
)
_LEGEND = lazy_pattern(rf"(?:{_MARK}\s{{0,2}}|(?<=[(\[/|;,.])\s*|\s[:：–—-]\s){_ROLE}", re.IGNORECASE)
_NUMBERED_LEGEND = lazy_pattern(r"(?:(?<=[/|;.])|(?<=[^\W\d_]),)\s*\d{1,2}\s?(?=[A-Z])")
"""Where a list of names ends and explains its marks: "* Equal contribution", "/ 1 Lake University"."""
_IN_LEGEND = lazy_pattern(rf"^\W{{0,4}}(?:{_MARK}\s?){{0,6}}{_ROLE}|{_ROLE}\s*[:：]|@|://", re.IGNORECASE)
ET_AL = r"(?:\be[tl][.,]?\s?[ae]ll?\b|\betal\b|\bat\s+al\b(?=\.)|\bet\s+alii\b|&\s?al\b)\.?"
_CUT_SHORT = lazy_pattern(rf"[\s,;]{{0,8}}{ET_AL}.*$", re.IGNORECASE)
_AND_MORE = lazy_pattern(
    rf"[\s,;、，]{{0,8}}(?:(?:\band\s+)?(?:{ET_AL}|\band\s+(?:\d{{1,5}}\s+)?(?:others|colleagues|co-?authors|co\.|"
    r"collaborators|(?:their |his |her )?team|more(?: authors)?)\b|"
    r"\bothers\b\.?|(?:\+|&)\s*\d{1,5}\s*(?:more|others)?|\d{1,5}\s*(?:more|others)\b(?: authors)?|"
    r"(?:\s(?:등등?|외)|(?<=[가-힣]{3})(?:등|외)|[,、，]\s*등|外|等|ほか|他|など)\s*(?:다수|여러|\d{0,5}\s*(?:명|분|인|人|名|位)?)?"
    r"(?:\s*의?\s*(?:연구진|연구팀|저자들?))?|ら|\.{3}|…))[\s.。]{0,8}$",
    re.IGNORECASE,
)
_BETWEEN = lazy_pattern(
    r"\s*(?:[;；、，•|&]|(?<![㐀-鿿])·|·(?![㐀-鿿])|\band\b|\bund\b|\bet\b(?!\.?,?\s*[ae]l)|/|\s및\s|(?<=[가-힣])[와과]\s|\s和\s|\s与\s|\n|"
    r"(?<=\S)\s+[-–—]{1,3}\s+(?=\S))\s*"
)
_COMMA = lazy_pattern(r"\s*[,，、]\s*")
_SEPARATOR = lazy_pattern(rf"({_BETWEEN.pattern}|{_COMMA.pattern})")
_INITIALS = lazy_pattern(r"(?:[A-ZÀ-Þ]\.?[\s-]?){1,4}", re.ASCII)
_TITLE_BEFORE = lazy_pattern(
    r"^(?:(?:Assoc(?:iate)?|Assist(?:ant)?)\.?\s+)?(?:Professor|Prof\.?|Dr\.?|Mr\.|Mrs\.|Ms\.)\s+(?=[^\W\d_])"
)
_WORKPLACE = lazy_pattern(r"(?<=\w)\s+(?:@|at|of|from|with)\s+(?:the\s+)?(?=[^\W\d_]).*$")
_TITLE_BEHIND = lazy_pattern(
    r"(?<=[가-힣]{2})\s+(?:교수님?|박사님?|연구원님?|님|씨)$|(?<=[ぁ-ヿ㐀-鿿]{2})\s*(?:氏|さん|教授|博士|先生|老师)$"
)
_ASIAN_NAME = lazy_pattern(
    r"[가-힣]{2,4}|[가-힣]{1,6}(?: [가-힣]{1,6}){1,2}|[㐀-鿿々]{2,5}|"
    r"[㐀-鿿々]{1,4}[ 　][㐀-鿿々]{1,4}|[㐀-鿿々]{1,6}·[㐀-鿿々]{1,8}|"
    r"(?=.*[ぁ-ヿ])[㐀-鿿々ぁ-ヿー]{2,8}(?:[ 　・][㐀-鿿々ぁ-ヿー]{1,8}){0,2}"
)
_ASIAN_LETTER = lazy_pattern(r"[가-힣ぁ-ヿ㐀-鿿]")
_WORD = lazy_pattern(r"[^\W\d_](?:[^\W\d_]|['’‘`´.\-‐‑–])*")
_JOINED_WORDS = lazy_pattern(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ][a-zà-ÿ])")
_ACCENT = lazy_pattern(
    r"(?:\{\\?|\\)(['`\"^~=.])\{?\\?([A-Za-zı])\}{1,2}|\{?\\([uvHckrd])\s?\{([A-Za-z])\}\}?|\\(['`\"^~])([A-Za-z])"
)
_LETTER = lazy_pattern(r"\{?\\(o|O|l|L|ss|ae|AE|oe|OE|aa|AA|i|j)\b\s?\}?")
_ACCENTS = {
    "'": "\u0301", "`": "\u0300", '"': "\u0308", "^": "\u0302", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328", "r": "\u030a", "d": "\u0323",
}  # fmt: skip
_LETTERS = {"o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å",
            "AA": "Å", "i": "i", "j": "j"}  # fmt: skip
_NOT_NAMES = SUBJECTS | INSTITUTIONS


def read_authors(text: str, *, is_labelled: bool = False) -> tuple[str, ...]:
    """Return the names in a line that lists authors and nothing else; () for any other line.

    Marks, their explanations, affiliations and "et al." are removed. Understood: "A B, C D and E F", "B, A; D, C",
    "B, A, and C D", "B, A., D, C., & F, E.", "A B1∗ C D2", "A、B", "홍길동, 김철수 외 3명", "A B, Member, IEEE".

    Args:
        is_labelled: The line stands behind "Authors:". Only there may words in Asian letters, or last names alone, be
            names: nothing distinguishes "문제점, 한계점" from two of them.
    """
    return _read_authors(text[:_MAX_CHARS], is_labelled=is_labelled)


@lru_cache(maxsize=128)  # several rules ask for the same lines
def _read_authors(text: str, *, is_labelled: bool) -> tuple[str, ...]:
    listed, is_cut = _strip(text, is_labelled=is_labelled)
    names = [name for part in _split(listed, is_labelled=is_labelled) if (name := _tidy(part))]
    if is_labelled:
        names = [name for name in map(_without_workplace, names) if name]
    people = [name for name in names if not _is_affiliation(name, names)]
    if len(people) < len(names) and (len(names) > 2 * len(people) or not all(map(_is_surely_name, people))):
        return ()
    if is_labelled and (lone := _read_last_names(people, listed, is_cut=is_cut)):
        return lone
    return tuple(dict.fromkeys(people))[:_MAX_AUTHORS] if _are_names(people, is_labelled=is_labelled) else ()


def has_more(text: str) -> bool:
    """Whether a line says that it leaves authors out: "et al.", "외 3명". False if it is too long for a list."""
    if len(text) > _MAX_CHARS:
        return False
    text = _take_brackets_off(text).replace(_BREAK, " ")
    return _AND_MORE.search(" ".join(text.split()).strip(" ,;")) is not None


def has_marks(text: str) -> bool:
    """Whether a word is followed by a footnote mark or an affiliation number: "Ada Quill1∗"."""
    return re.search(rf"(?<=[^\W\d_])\s?{_MARK}", text) is not None


def goes_on(text: str) -> bool:
    """Whether a line ends where a list cannot end: with a comma, or "and"."""
    return re.search(r"(?:[,，、;；&]|\band|\b및)\s*$", text) is not None


def is_legend(text: str) -> bool:
    """Whether a line below names is about them: "∗Equal contribution", "1Lake University", an address."""
    return is_numbered(text) or names_institution(text) or _IN_LEGEND.search(text) is not None


def is_numbered(text: str) -> bool:
    """Whether a line begins with a mark followed by words: "1Lake University"."""
    return re.match(rf"\W{{0,4}}{_MARK}\s?[^\W\d_]", text) is not None


def names_institution(text: str) -> bool:
    """Whether a text names a university, a company or a team."""
    return _has_word_of(" ".join(_WORD.findall(text)), INSTITUTIONS)


def names_place(text: str) -> bool:
    """Whether a text contains a country or a city between commas."""
    return any(part.strip(" .").lower() in PLACES for part in text.split(","))


def are_people(names: Sequence[str], *, least: float = 0.5) -> bool:
    """Whether this share of the names contains a frequent first or last name; "Low Tide, Red Lake" do not."""
    frequent = sum(any(_is_frequent(word.lower()) for word in name.split()) for name in names)
    return bool(names) and frequent >= least * len(names)


def is_chinese_name(text: str) -> bool:
    """Whether a text is two to four Chinese characters beginning with a frequent last name."""
    return re.fullmatch(r"[㐀-鿿]{2,4}", text) is not None and text[0] in HAN_SURNAMES


def is_name(text: str) -> bool:
    """Whether a text looks like a person's name: two or more capitalised words, none a subject or an institution."""
    return _is_built_as_name(text) and not _has_word_of(text.removesuffix(" An"), _NOT_NAMES)  # a Korean last name


# ── recognising names ───────────────────────────────────────────────────────────────────────────


def _is_built_as_name(text: str) -> bool:
    words = text.split()
    if (
        not 2 <= len(words) <= _MAX_NAME_WORDS
        or len(text) > _MAX_NAME_CHARS
        or len(main_words(words)) > _MAX_MAIN_WORDS
    ):
        return False
    return all(map(_is_name_word, words)) and any(len(word.strip(".")) > 1 and word[0].isupper() for word in words)


def main_words(words: Iterable[str]) -> list[str]:
    """Return the words of a name without particles, suffixes and initials."""
    minor = PARTICLES | SUFFIXES
    return [word for word in words if word.lower() not in minor and len(word.strip(".")) > 1]


def _has_word_of(name: str, listed: frozenset[str]) -> bool:
    """Whether a word of the name is in a list; initials are not words."""
    return any(
        word.lower() in listed
        for at, word in enumerate(name.split())
        if "." not in word and (len(word) > 1 or not at)
    )


def _is_name_word(word: str) -> bool:
    lower = word.lower()
    if lower in PARTICLES or lower in SUFFIXES:
        return True
    is_latin = _WORD.fullmatch(word) is not None and _ASIAN_LETTER.search(word) is None
    if word.endswith(".") and len(word) > _MAX_SHORTENED:
        return False  # "Teo Brandt. Low Boats"
    return is_latin and (word[0].isupper() or _is_particle_joined(word))


def _is_particle_joined(word: str) -> bool:
    """Whether a word is "d'Alché" or "al-Rfou": lower case, with a capital after a sign."""
    parts = re.split(r"['’-]", word, maxsplit=1)
    return len(parts) == 2 and len(parts[0]) <= 3 and parts[1][:1].isupper()


def _is_loose_name(text: str) -> bool:
    """Whether a text may be a name among other names: in lower case, or one word alone."""
    words = text.split()
    is_short = 2 <= len(text) <= _MAX_NAME_CHARS and len(words) <= _MAX_NAME_WORDS and len(main_words(words)) <= 4
    return (
        is_short
        and all(_WORD.fullmatch(word) for word in words)
        and not any(word.endswith(".") and len(word) > _MAX_SHORTENED for word in words)
        and not NOT_NAMES_ASIAN.search(text)
        and (len(words) > 1 or (text[0].isupper() and not _has_word_of(text, _NOT_NAMES)))
    )


def _are_names(names: Sequence[str], *, is_labelled: bool) -> bool:
    """Whether all are clearly names; behind a label, most must be, and the others possibly."""
    if not is_labelled:
        return bool(names) and all(map(is_name, names))
    sure = sum(map(_is_surely_name, names))
    if len(names) > 1 and all(map(_is_small_name, names)):
        return sum(any(map(_is_frequent, name.split())) for name in names) * 2 >= len(names)
    if not names or sure < max(1, len(names) * _LOOSE_SHARE):
        return False
    return all(_is_surely_name(name) or _is_loose_name(name) for name in names)


def _is_small_name(text: str) -> bool:
    """Whether a text is two or three words in lower case: "ada quill"."""
    words = text.split()
    is_plain = all(word.isalpha() and word.islower() for word in words)
    return 2 <= len(words) <= 3 and is_plain and not _has_word_of(text, _NOT_NAMES)


def _is_frequent(word: str) -> bool:
    return word in SURNAMES or word in FIRST_NAMES


def _is_surely_name(text: str) -> bool:
    return is_name(text) or is_asian_name(text)


def is_asian_name(text: str) -> bool:
    """Whether a text looks like a name in Hangul, Chinese characters or kana; one in Hangul has a surname."""
    if _ASIAN_NAME.fullmatch(text) is None or NOT_NAMES_ASIAN.search(text):
        return False
    is_korean = re.fullmatch(r"[가-힣]{2,4}", text) is not None
    return not is_korean or text[0] in HANGUL_SURNAMES


def _read_last_names(names: Sequence[str], listed: str, *, is_cut: bool) -> tuple[str, ...]:
    """Return last names alone, behind a label: "Quill et al.", "quill et al.", "Quill", "Zhang, Cui and Zhu"."""
    if len(names) == 1 and is_cut and (_is_loose_name(names[0]) or is_last_name(names[0].title())):
        return tuple(names)
    if not names or not all(map(is_last_name, names)):
        return ()
    known = sum(name.lower() in SURNAMES for name in names)
    # "Quill, Ada, Li, Bo" may be two authors: an even number of words needs a further sign of last names.
    if len(names) > 1 and any(name.lower() in FIRST_NAMES for name in names):
        return ()  # "Quill, David and Brandt"
    is_list = len(names) % 2 == 1 or is_cut or re.search(r"\band\b|&|및", listed) or 2 * known > len(names)
    return tuple(dict.fromkeys(names)) if is_list else ()


def is_last_name(word: str) -> bool:
    """Whether one word may be a last name: "Quill", "LeCun", "Al-Rfou"; not "DeepBoats", "LAKE", "Admin"."""
    parts = [part for part in re.split(r"['’\-‐‑]", word) if part]
    is_written = bool(parts) and all(map(_is_title_case, parts)) and _WORD.fullmatch(word) is not None
    return is_written and word.lower() not in _NOT_NAMES | NO_PERSONS and len(word) > 1


def _is_title_case(part: str) -> bool:
    capitals = _JOINED_WORDS.split(part)
    is_joined = len(capitals) == 2 and capitals[0].lower() in JOINED_PREFIXES
    return (len(capitals) == 1 or is_joined) and all(
        word[:1].isupper() and word[1:] == word[1:].lower() for word in capitals
    )


def _is_affiliation(name: str, among: Sequence[str]) -> bool:
    """Whether a part of a list is an institution or a place.

    It is recognised by one of its words, or by being in capitals among names that are not.
    """
    if _has_word_of(name, INSTITUTIONS) or name.lower() in PLACES or INSTITUTIONS_ASIAN.search(name):
        return True
    return (
        name.isupper()
        and name.isascii()
        and "." not in name
        and len(name) > 2
        and not all(part.isupper() for part in among)
        and not _is_name_in_capitals(name)
    )


def _is_name_in_capitals(text: str) -> bool:
    """Whether a part in capitals is a person's: two words, the second a frequent last name that is no place's."""
    words = text.split()
    is_name_like = len(words) == 2 and all(len(word) > 1 and word.isalpha() for word in words)
    return is_name_like and words[1].lower() in SURNAMES - _ALSO_PLACES


_ALSO_PLACES = frozenset({"hall", "hill", "moore", "park", "white", "young"})  # "CHAPEL HILL"


# ── text around names ───────────────────────────────────────────────────────────────────────────


def _strip(text: str, *, is_labelled: bool) -> tuple[str, bool]:
    """Return a list without affiliations, titles and marks, and whether it says that it leaves authors out."""
    text = decode_accents(" ".join(text.replace(_BREAK, " ").split()))
    text = _RANK.sub(" , ", ADDRESS.sub(" , ", _NICKNAME.sub(" ", _SIGNS_BEFORE.sub("", text))))
    text = _unwrap(_cut_source(_unwrap(_cut_workplace(text)))) if is_labelled else _cut_source(text)
    text = _cut_legend(_take_brackets_off(text))
    text = _DIMENSION.sub("\ufffd", text)  # a character that no name contains
    bare = text.strip(f" ,;:.|/、，；{_BREAK}")
    listed = _AND_MORE.sub("", bare)
    if is_labelled:
        listed = _CUT_SHORT.sub("", listed)
    is_cut = listed != bare
    listed = _MARKS.sub(lambda match: ", " if "," in match[0] else _BREAK, _DROPPED.sub(" ", listed))
    listed = " ".join(listed.split()).strip(f" ,;:.|/、，；{_BREAK}")
    again = _AND_MORE.sub("", listed).strip(f" ,;、，{_BREAK}")
    return again, is_cut or again != listed


def _cut_workplace(text: str) -> str:
    """Return a list without the institutions behind its full stop: "Ada Quill, Bo Li. Lake & Hill University."."""
    match = _WORKPLACE_BEHIND.search(text)
    if not match or not names_institution(match[1]) or any(map(is_name, _SEPARATOR.split(match[1]))):
        return text
    return text[: match.start()]


_WORKPLACE_BEHIND = lazy_pattern(r"(?<=[^\W\d_]{2})\.\s+([^.:]{2,80})\.?\s*$")


def _unwrap(text: str) -> str:
    """Return a list without the brackets around all of it: "[Ada Quill, Bo Li]"."""
    whole = _IN_BRACKETS.fullmatch(text)
    return re.sub(r"[\"']", "", whole[1]) if whole else text


def _cut_source(text: str) -> str:
    """Return a list without "ICML 2031", "2031", or "ICML, 7 July 2031" after it; "Ada Quill1, Bo Li12" ends with
    marks.
    """
    undated = without_date(text)
    if undated != text:
        return _ACRONYM_BEHIND.sub("", _cut_source(undated))
    match = _SOURCE_BEHIND.search(text)
    if match is None or not re.search(r"(?:19|20)\d\d|['’]\d\d|[A-Z]{3}", match[0]):
        return text
    last = re.sub(r"[\d\W]+", " ", match[0]).strip()  # "Ada Quill, Bo Li, Teo Park 2031": the last may be a person
    return text if is_name(last) and are_people([last]) else text[: match.start()]


def _cut_legend(text: str) -> str:
    """Cut the text where the explanation of its marks begins, if names stand before."""
    is_before = re.match(_MARK, text) is not None  # "1Ada Quill, 2Bo Li": the numbers belong to the names
    for legend in (_LEGEND,) if is_before else (_LEGEND, _NUMBERED_LEGEND):
        first_match = next((match for match in legend.finditer(text) if _WORD.search(text, 0, match.start())), None)
        text = text[: first_match.start()] if first_match else text
    return text


def _take_brackets_off(text: str) -> str:
    for _ in range(2):  # "(A (B))"
        text = _BRACKETS.sub(_BREAK, text)
    return text


def decode_accents(text: str) -> str:
    r"""Decode LaTeX's letters, "L{\'e}on" → "Léon"; pages sometimes lose the backslash."""
    if "{" not in text and "\\" not in text:
        return text
    text = _ACCENT.sub(_accent, text)
    return _LETTER.sub(lambda match: _LETTERS[match[1]], text)


def _accent(match: re.Match[str]) -> str:
    sign, letter = match[1] or match[3] or match[5], match[2] or match[4] or match[6]
    return unicodedata.normalize("NFC", letter + _ACCENTS[sign])


def _without_workplace(name: str) -> str:
    """Remove the workplace: "Ada Quill from Lake University" → "Ada Quill"; "others at Lake" → ""."""
    left = _WORKPLACE.sub("", name)
    if left in {"others", "more"}:
        return ""
    return left if is_name(left) else name


def _tidy(part: str) -> str:
    part = " ".join(part.replace(_BREAK, " ").split()).strip(" ,;:*–—-’'\"“”…")
    part = _TITLE_BEHIND.sub("", _TITLE_BEFORE.sub("", part))
    words = part.split()
    while words and words[-1].lower() in SUFFIXES - {"jr", "jr.", "ii", "iii", "iv", "sr", "sr."}:
        words.pop()
    if len(words) > 2 and re.fullmatch(r"[a-z]", words[-1]):
        words.pop()  # "Ada Quill a": a footnote mark
    part = " ".join(words)
    return part if part.endswith(("Jr.", "Sr.")) else part.strip(".").strip()


# ── splitting ───────────────────────────────────────────────────────────────────────────────────


def _split(text: str, *, is_labelled: bool) -> list[str]:
    """Cut a list into names, and turn "Quill, Ada" round if the list is written that way."""
    text = _settle_breaks(text, is_labelled=is_labelled)
    if ";" in text or "；" in text:
        parts = [part for part in re.split(r"\s*(?:[;；]|\band\b|&)\s*", text) if part]
        return (
            [_turn_long(part) or _turn(part) for part in parts] if _are_mostly_turned(parts) else [*map(_turn, parts)]
        )
    by_and = [part for part in re.split(r"\s+(?:and|&)\s+", text) if part.strip(" ,")]
    if len(by_and) > 1 and all(len(_pieces(part)) == 2 and _is_turned(*_pieces(part)) for part in by_and):
        return [_turn(part) for part in by_and]  # BibTeX: "Quill, Ada and Brandt, Teo"
    if len(by_and) == 2 and not _COMMA.search(text):
        return by_and  # "Quill and Brandt"
    pieces = [piece for part in _BETWEEN.split(text) for piece in _pieces(part)]
    pieces = _turn_pieces(_join_suffixes(pieces), is_labelled=is_labelled)
    return [name for piece in pieces for name in _unglue(piece)] if is_labelled else pieces


def _settle_breaks(text: str, *, is_labelled: bool) -> str:
    """Put a comma where a mark or a bracket separates names, and nothing where it stands elsewhere."""
    return "".join(
        piece if at % 2 else ", ".join(_divide(piece, is_labelled=is_labelled))
        for at, piece in enumerate(_split_keeping(text))
    )


def _split_keeping(text: str) -> Iterator[str]:
    """Yield the parts of a list and, between them, its separators."""
    end = 0
    for match in _SEPARATOR.finditer(text):
        yield text[end : match.start()]
        yield f" {match[0].strip()} "
        end = match.end()
    yield text[end:]


def _divide(piece: str, *, is_labelled: bool) -> list[str]:
    parts = [part for part in piece.split(_BREAK) if part.strip()]
    if len(parts) < 2:
        return parts or [piece.replace(_BREAK, " ")]
    tidied = [_tidy(part) for part in parts]
    sure = sum(is_name(part) or (is_labelled and is_asian_name(part)) for part in tidied)
    lone = sum(is_last_name(part) for part in tidied)
    affiliations = sum(_is_affiliation(part, tidied) for part in tidied)
    is_list = sure and sure + lone + affiliations == len(parts) and lone <= (sure > 1)
    return [half for part in parts for half in _halve(part, sure)] if is_list else [" ".join(parts)]


def _halve(part: str, names: int) -> list[str]:
    """Split four words in two: if marks separate the names, four words are two names, one of which has no mark."""
    words = part.split()
    return (
        [" ".join(words[:2]), " ".join(words[2:])]
        if names > 1 and len(words) == len(main_words(words)) == 4
        else [part]
    )


def _pieces(text: str) -> list[str]:
    return [piece for piece in _COMMA.split(text) if piece]


def _turn(part: str) -> str:
    """Turn a name round: "Quill, Ada" → "Ada Quill"; "Ada Quill, Nowhere Lab" → "Ada Quill"."""
    pieces = _pieces(part)
    if len(pieces) == 2 and _is_turned(*pieces):
        return f"{pieces[1]} {pieces[0]}"
    return pieces[0] if len(pieces) > 1 and is_name(_tidy(pieces[0])) else " ".join(pieces)


def _is_turned(last: str, first: str) -> bool:
    """Whether these are a last name and first names: one word (and particles) before the comma, few after it."""
    words = last.split()  # "Das" alone is a last name
    main = [word for word in words[:-1] if word.lower() not in PARTICLES] + words[-1:]
    firsts = first.split()
    return len(main) == 1 and 1 <= len(firsts) <= 3 and all(word[0].isupper() for word in (*main, *firsts))


def _turn_pieces(pieces: list[str], *, is_labelled: bool) -> list[str]:
    """Turn round "Quill, A., Brandt, T." or, if only the first author is written that way, "Quill, Ada"."""
    firsts = pieces[1::2]
    if len(pieces) > 1 and len(pieces) % 2 == 0 and all(_INITIALS.fullmatch(first.strip()) for first in firsts):
        return [f"{first} {last}" for last, first in zip(pieces[::2], firsts, strict=True)]
    if _are_turned(pieces) or (is_labelled and _are_surely_turned(pieces)):
        return [f"{first} {last}" for last, first in zip(pieces[::2], firsts, strict=True)]
    if len(pieces) < 2 or not _is_turned(pieces[0], pieces[1]) or not all(" " in piece for piece in pieces[2:]):
        return pieces
    first_names = pieces[1].split()
    is_known = is_labelled and len(pieces) == 2 and pieces[0].lower() in SURNAMES  # "Park, Bo Min" is one
    is_one = is_known or len(first_names) == 1
    is_one = is_one or (len(first_names) == 2 and _INITIALS.fullmatch(first_names[1]) is not None)
    return [f"{pieces[1]} {pieces[0]}", *pieces[2:]] if is_one else pieces


def _are_turned(pieces: Sequence[str]) -> bool:
    """Whether all names are written as "Quill, Ada": last names of one word, and somewhere two first names.

    Single words only, "Quill, Ada, Li, Bo", may also be last names; they do not count.
    """
    pairs = list(zip(pieces[::2], pieces[1::2], strict=False))
    is_even = len(pieces) > 3 and len(pieces) % 2 == 0
    return is_even and all(_is_turned(*pair) for pair in pairs) and any(" " in first for _, first in pairs)


def _are_surely_turned(pieces: Sequence[str]) -> bool:
    """Whether single words in pairs, "Kim, Jihoon, Quill, David", are last and first names.

    At least half of the pairs, and two, must say so by frequent names, and none the other way round; where no first
    name is a frequent one, there must be three pairs, nearly all with a frequent last name. A last name of several
    words may stand among them.
    """
    pairs = [(last.strip(), first.strip()) for last, first in zip(pieces[::2], pieces[1::2], strict=False)]
    if len(pieces) < 4 or len(pieces) % 2 or not _are_mostly_turned([", ".join(pair) for pair in pairs]):
        return False
    given = [_is_frequent_first(first.split()[0]) for _, first in pairs]
    known = [_is_frequent_last(last) and not _is_frequent_last(first) for last, first in pairs]
    is_reverse = any(
        last.lower() in FIRST_NAMES - SURNAMES
        or (_is_frequent_last(first) and not _is_frequent_last(last) and not is_given)
        for (last, first), is_given in zip(pairs, given, strict=True)
    )
    said = sum(one or other for one, other in zip(given, known, strict=True))
    is_said = any(given) and said >= max(_LEAST_SAYING, len(pairs) / 2)
    return not is_reverse and (is_said or (len(pairs) > 2 and 4 * sum(known) >= 3 * len(pairs)))


_LEAST_SAYING = 2
"""One pair alone, "Quill, Roh, Brandt, David", may be last names too."""


def _is_frequent_first(word: str) -> bool:
    return word.lower() in FIRST_NAMES or (is_given(word) and not is_surname(word) and word.lower() not in SURNAMES)


def _is_frequent_last(text: str) -> bool:
    return text.lower() in SURNAMES


def _are_mostly_turned(parts: Sequence[str]) -> bool:
    """Whether two of three parts are written as "Quill, Ada", and each other one may be: "Ul Quill, Ada"."""
    clear = sum(len(pieces) == 2 and _is_turned(*pieces) for pieces in map(_pieces, parts))
    return 3 * clear >= 2 * len(parts) - 1 and all(
        len(pieces := _pieces(part)) == 2 and (_is_turned(*pieces) or _turn_long(part)) for part in parts
    )


def _turn_long(part: str) -> str:
    """Turn a name with a last name of several words round, "Ul Quill, Ada" → "Ada Ul Quill"; "" for other parts."""
    pieces = _pieces(part)
    name = f"{pieces[1]} {pieces[0]}" if len(pieces) == 2 else ""
    is_one = len(pieces) == 2 and len(pieces[1].split()) == 1 and not _is_affiliation(pieces[1], pieces)
    return name if is_one and is_name(name) else ""


def _join_suffixes(pieces: Iterable[str]) -> list[str]:
    """Join suffixes to their names: "Ada Quill, Jr." is one author."""
    joined: list[str] = []
    for piece in pieces:
        if joined and piece.lower() in SUFFIXES:
            joined[-1] = f"{joined[-1]} {piece}"
        else:
            joined.append(piece)
    return joined


# ── names without separators ────────────────────────────────────────────────────────────────────


def _unglue(piece: str) -> list[str]:
    """Return the names in a part without separators, "Ann Lee Bo Kim", "Ann LeeBo Kim", "김하늘 이바다"; else the
    part.
    """
    if len(piece) > _MAX_GLUED_CHARS:
        return [piece]
    words = piece.split()
    if len(words) > 1 and all(_is_full_hangul_name(word) for word in words):
        return words
    if len(words) > 2 and all(word[0] in HAN_SURNAMES and 2 <= len(word) <= 4 for word in words):
        return words
    for parts in (_cut_joined(piece), _cut_behind_last_names(words)):
        if len(parts) > 1 and all(map(is_name, parts)):
            return parts
    return [piece]


def _is_full_hangul_name(word: str) -> bool:
    return re.fullmatch(r"[가-힣]{3}", word) is not None and word[0] in HANGUL_SURNAMES


def _cut_joined(piece: str) -> list[str]:
    """Cut at capitals within a word: "Ann LeeBo Kim" → "Ann Lee", "Bo Kim"; "Teo McBrandt" is one."""
    cuts = [
        match.start()
        for match in _JOINED_WORDS.finditer(piece)
        if re.split(r"[\s'’-]", piece[: match.start()])[-1].lower() not in JOINED_PREFIXES
    ]
    return [piece[start:end] for start, end in zip([0, *cuts], [*cuts, len(piece)], strict=True)]


def _cut_behind_last_names(words: Sequence[str]) -> list[str]:
    """Cut four or more words into names of two or three that end with a frequent last name, if there is only one
    way.
    """
    ways = [0] * len(words) + [1]  # for each position, the number of ways to read the words from there on as names
    for start in range(len(words) - 2, -1, -1):
        ways[start] = sum(ways[end] for end in _ends(words, start))
    if len(words) < 4 or ways[0] != 1:
        return [" ".join(words)]
    names, start = [], 0
    while start < len(words):
        end = next(end for end in _ends(words, start) if ways[end])
        names.append(" ".join(words[start:end]))
        start = end
    return names


def _ends(words: Sequence[str], start: int) -> list[int]:
    ends = range(start + 2, min(start + 3, len(words)) + 1)
    return [end for end in ends if words[end - 1].lower() in SURNAMES]
