"""The name of an author → family name, given name and what stands between; and in plain Latin letters. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from bot.text.patterns import lazy_pattern

_HANGUL = lazy_pattern(r"[가-힣]+")
_EAST_ASIAN = lazy_pattern(r"[가-힣ぁ-ヿ㐀-鿿々〆]+")
_SUFFIX = lazy_pattern(r"(?:Jr|Sr)\.?|I{2,3}|IV", re.IGNORECASE)
_GROUP = lazy_pattern(
    r"\b(?:team|group|labs?|laboratory|inc|ltd|corp|consortium|collaboration|university|institute|foundation|"
    r"community|project|authors|and|et al|research|ai)\b",
    re.IGNORECASE,
)
_PARTICLES = frozenset(
    "von van der den de del della der di da do dos das du la le los ten ter ter zu zur bin ibn al el af av".split()
)
_LONG_SURNAMES = ("남궁", "독고", "동방", "사공", "서문", "선우", "제갈", "황보")
"""Korean surnames of two syllables."""
_OTHERS = {
    ord(letter): latin
    for letter, latin in {
        "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "Æ": "Ae", "œ": "oe", "Œ": "Oe", "đ": "d",
        "Đ": "D", "ð": "d", "þ": "th", "ı": "i",
    }.items()
}  # fmt: skip
"""Letters that are not a letter with a mark."""
_INITIALS = "g kk n d tt r m b pp s ss  j jj ch k t p h".split(" ")
_VOWELS = "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i".split()
_FINALS = " k k k n n n t l k m l l l p l m p p t t ng t t k t p t".split(" ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An author.

    Attributes:
        family: The family name; the whole name if it cannot be divided, as a group's.
        given: None if the name is not divided.
        particle: Such as “van der”, between the two.
        suffix: Such as “Jr.”.
    """

    family: str
    given: str | None = None
    particle: str = ""
    suffix: str = ""


def read_person(name: str) -> Person:
    """Read a name as papers and blogs write it: “Keming Lu”, “van der Maaten, Laurens”, “김민수”, “山田 太郎”.

    A name whose parts cannot be told apart stays whole: a group's, a single word, Chinese characters without a space.
    """
    words = name.replace(",", " , ").split()
    if not words or _GROUP.search(name) or any(character.isdigit() for character in name):
        return Person(family=name)
    if "," in words:
        return _read_inverted(name)
    if all(_EAST_ASIAN.fullmatch(word) for word in words):
        return _read_east_asian(words)
    return _read_latin(words)


def _read_inverted(name: str) -> Person:
    """Read “family, given” and “given family, Jr.”."""
    head, *rest = (part.strip() for part in name.split(","))
    if not head or len(rest) != 1 or not rest[0]:
        return Person(family=name)
    if _SUFFIX.fullmatch(rest[0]):
        return _read_latin([*head.split(), rest[0]])
    particle, family = _without_particles(head.split())
    return Person(family=family, given=rest[0], particle=particle)


def _read_east_asian(words: list[str]) -> Person:
    if len(words) > 1:
        return Person(family=words[0], given=" ".join(words[1:]))
    (name,) = words
    if not _HANGUL.fullmatch(name) or not 2 <= len(name) <= 4:
        return Person(family=name)
    length = 2 if len(name) > 2 and name.startswith(_LONG_SURNAMES) else 1
    return Person(family=name[:length], given=name[length:])


def _read_latin(words: list[str]) -> Person:
    suffix = words.pop() if len(words) > 1 and _SUFFIX.fullmatch(words[-1]) else ""
    if len(words) == 1:
        return Person(family=" ".join([*words, suffix]).strip())
    start = next((at for at, word in enumerate(words[:-1]) if at and word in _PARTICLES), len(words) - 1)
    particle, family = _without_particles(words[start:])
    return Person(family=family, given=" ".join(words[:start]), particle=particle, suffix=suffix)


def _without_particles(words: list[str]) -> tuple[str, str]:
    """Return the particles that a family name begins with, and the rest."""
    count = next((at for at, word in enumerate(words[:-1]) if word not in _PARTICLES), len(words) - 1)
    return " ".join(words[:count]), " ".join(words[count:])


def full_name(person: Person) -> str:
    """A name as it is said: in Korean, Chinese and Japanese the family name comes first."""
    if person.given and _EAST_ASIAN.fullmatch(person.family):
        return ("" if _HANGUL.fullmatch(person.family) else " ").join((person.family, person.given))
    return " ".join(filter(None, (person.given, person.particle, person.family, person.suffix)))


def latin(text: str) -> str:
    """Return the small Latin letters and digits of a text: without marks, Hangul as it is romanised, nothing else.

    Source: 국립국어원 국어의 로마자 표기법, chapter 2, without the changes of sounds between syllables.
    """
    spelt = "".join(map(_romanise, unicodedata.normalize("NFC", text))).translate(_OTHERS)
    plain = unicodedata.normalize("NFKD", spelt).lower()
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())


def _romanise(character: str) -> str:
    if not _HANGUL.fullmatch(character):
        return character
    number = ord(character) - ord("가")
    return _INITIALS[number // 588] + _VOWELS[number // 28 % 21] + _FINALS[number % 28]
