"""Whether a word is a part of people's names: known given names and surnames, and the forms of others.

In: one word in Latin letters. Out: claims about it. Pure, except that the lists are read once from `data`.

Chinese and Korean names in Latin letters are built from few syllables, and surnames of many languages end alike
("-son", "-mann", "-escu", "-moto"), so most names that no list has are recognised, too.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import NamedTuple

from bot import bundled
from bot.text.patterns import lazy_pattern
from bot.text.terms import remembered

ALSO_WORDS = frozenset(
    """an angel april august austin ban bean best bill bin bird black bloom bo bond book boon brooke bush can
    carol carver chance chase chi church clay cliff cook cooper cross crystal curry dai dale dan dance dane data
    dawn day dean deb delta do drew du ease engel eve faith fan fin finn fisher fox frank frost fuller gardner
    gates ge gene glass gloria go golden grace grant gray green gross hall han he heath hill him hood hope horn
    house hue hung hunt hunter iris ivy jan jasmine jet joy june king lamb lance lane lang law lee leigh lim
    little long lore lu ma man mark marks marsh marshall mason may me melody men miles min mo mode model moon more
    morse moss mu nu olive oral page pan pang park pat pearl penny pi pilot ping poole pope porter power powers
    price prince rai rain ran ray reed rich rick ring rivers rob robin rod rose rowe rush sage san sandy santa
    savage sea see shah sharon sharp she shen shields short shu si small snow so song sparks stark stella stone
    strong sue summer sun sung table tan tang tau taylor tele tiger to tong tu turner van victor viola violet wade
    walker wan wang ward ware waters we weeks wells west white win winter wise wolf wood woods yang yin york you
    young yu zion zone""".split()
)
"""Names that titles and headings use as words: alone they show nobody."""
_SURNAME_ENDINGS = lazy_pattern(
    r"\w{2,}(?:sen|son|mann|man|stein|berg|burg|feld|baum|bauer|meyer|maier|hoff|hofer|huber|wald|bach|"
    r"ov|ova|ev|eva|ski|sky|ska|skii|skiy|wicz|vich|ic|enko|chuk|yuk|ak|"
    r"idis|iadis|akis|opoulos|atos|ou|escu|eanu|oiu|"
    r"ini|etti|elli|acci|ucci|azzi|izzi|iello|ez|es|eira|inho|oglu|yan|ian|shvili|dze|zadeh|nejad|pour|"
    r"moto|mura|yama|gawa|kawa|saki|zaki|hara|bara|shima|jima|naka|shita|sawa|zawa|uchi|bayashi|hashi|tani|"
    r"sdottir|lund|qvist|quist|gren|strom|dahl|gaard|stad|"
    r"swamy|nathan|murthy|singh|veer|walla|kar|wal)"
)
_FIRST_SOUNDS = "zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]"
_LAST_SOUNDS = (
    "iang|iong|uang|ang|eng|ing|ong|iao|ian|uai|uan|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|uo|ui|ue|ve|er|a|o|e|i|u|v"
)
_PINYIN = rf"(?:(?:{_FIRST_SOUNDS})(?:{_LAST_SOUNDS})|ang|ai|an|ao|en|er|ou|a|e)"
_PINYIN_WORD = lazy_pattern(rf"{_PINYIN}(?:-?{_PINYIN}){{0,2}}")
_KOREAN = (
    r"(?:(?:kk|tt|pp|ss|jj|ch|g|k|n|d|t|r|l|m|b|p|s|j|h|y|w)?"
    r"(?:yeo|yae|wae|eui|yoo|woo|ae|ya|eo|ye|oo|wa|oe|yo|wo|we|wi|yu|eu|ui|ee|ou|[aeoui])(?:ng|[kgnlmpbth])?)"
)
_KOREAN_WORD = lazy_pattern(rf"{_KOREAN}(?:-?{_KOREAN}){{0,1}}")
_JAPANESE = r"(?:(?:ky|sh|ch|ts|ny|hy|my|ry|gy|by|py|[kstnhmyrwgzdbpfj])?[aiueo]{1,2}|n(?![aiueo]))"
_JAPANESE_WORD = lazy_pattern(rf"{_JAPANESE}{{2,5}}")


class _Lists(NamedTuple):
    given: frozenset[str]
    surnames: frozenset[str]
    chinese: frozenset[str]  # surnames of one syllable, Chinese and Korean
    japanese: frozenset[str]  # surnames


@cache
def _lists() -> _Lists:
    groups: dict[str, set[str]] = {}
    words: set[str] = set()
    for line in bundled.person_names().read_text("utf-8").splitlines():
        if line.startswith("["):
            words = groups.setdefault(line.strip("[] "), set())
        elif not line.startswith("#"):
            words.update(line.split())
    given = frozenset().union(*(group for name, group in groups.items() if name.startswith("given")))
    surnames = {name: frozenset(group) for name, group in groups.items() if name.startswith("surnames")}
    return _Lists(
        given=given,
        surnames=frozenset().union(*surnames.values()),
        chinese=next(group for name, group in surnames.items() if "Chinese" in name),
        japanese=next(group for name, group in surnames.items() if "Japanese" in name),
    )


@remembered(8_192)
def fold(word: str) -> str:
    """Return a word in lower case, without accents, apostrophes and stops: "Müller" → "muller"."""
    word = word.lower().translate(_LETTERS)
    plain = unicodedata.normalize("NFD", word)
    return "".join(letter for letter in plain if (letter.isalpha() and letter.isascii()) or letter == "-").strip("-")


_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "‐": "-", "–": "-"}
)


def is_given(word: str) -> bool:
    """Whether a word is a known given name; of "Jean-Pierre", each part."""
    return all(part in _lists().given for part in fold(word).split("-"))


def is_surname(word: str) -> bool:
    """Whether a word is a known surname; of "Garcia-Lopez", one of its parts."""
    folded = fold(word)
    return folded in _lists().surnames or any(
        part in _lists().surnames for part in folded.split("-") if len(part) > 3
    )


def is_surname_like(word: str) -> bool:
    """Whether a word that no list has ends as surnames of many languages do."""
    return _SURNAME_ENDINGS.fullmatch(fold(word)) is not None


def is_east_asian(given: str, surname: str) -> bool:
    """Whether two words are a Chinese, Korean or Japanese name in Latin letters."""
    first, last = fold(given), fold(surname)
    if last in _lists().chinese:
        return bool(_PINYIN_WORD.fullmatch(first) or _KOREAN_WORD.fullmatch(first))
    return last in _lists().japanese and _JAPANESE_WORD.fullmatch(first) is not None
