"""Names typed in Hangul: by sound (인스태그 is InsTag), or on the Korean keyboard layout (ㅑㅜㄴㅅㅁㅎ is instag).

A text has one or more readings. Each consists of what must match exactly, and a code of its sound. In the code, a
consonant takes four characters and a vowel two; sounds of one class share the first half. So in the plain edit
distance of two codes, b for p counts as half a consonant, and a vowel as at most half a consonant.

Source: 국립국어원 외래어 표기법, chapter 2 table 1 and chapter 3 section 1 (English), read backwards.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby, islice, product
from typing import NamedTuple, Self

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from bot.text.patterns import lazy_pattern
from bot.text.terms import has_hangul, spell_greek, visible

MAX_CHARACTERS = 100
"""Longer texts are not names."""
REMEMBERED = 4_096
"""Words whose sounds are kept, a few hundred bytes each."""

_KEYS = "r R rt s sw sg e E f fr fa fq ft fx fv fg a q Q qt t T d w W c z x v g".split()
_COMPATIBLE = "ㄱㄲㄳㄴㄵㄶㄷㄸㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅃㅄㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWEL_KEYS = "k o i O j p u P h hk ho hl y n nj np nl b m ml l".split()
_JAMO_KEYS = {
    unicodedata.normalize("NFKD", jamo): keys.lower() for jamo, keys in zip(_COMPATIBLE, _KEYS, strict=True)
}
_INITIAL_KEYS = "r R s e E f a q Q t T d w W c z x v g".split()
_FINAL_KEYS = "r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g".split()
_JAMO_KEYS |= {chr(0x1161 + i): keys.lower() for i, keys in enumerate(_VOWEL_KEYS)}
_JAMO_KEYS |= {chr(0x11A8 + i): keys.lower() for i, keys in enumerate(_FINAL_KEYS)}
# A consonant before a vowel opens the next syllable; the remaining consonants close this one.
_KEYED_SYLLABLE = lazy_pattern(
    "(" + "|".join(_INITIAL_KEYS) + ")"
    "(" + "|".join(sorted(_VOWEL_KEYS, key=len, reverse=True)) + ")"
    "((?:" + "|".join(sorted(_FINAL_KEYS, key=len, reverse=True)) + ")(?![kijuhynbmlopOP]))?"
)
_KEYS_OF_HANGUL = lazy_pattern(rf"(?:{_KEYED_SYLLABLE.pattern})+")
_LOOSE_JAMO = lazy_pattern(r"[ᄀ-ᇿㄱ-ㆎ]")

# Sounds: E is 에이, Y is 아이, N is the end of -ing, c is ㅊ. 으 is silent, because it only carries consonants.
_INITIALS = "g k n d t l m b p s s  j c c k t p h".split(" ")
_VOWELS = "a e ia ie ə e iə ie o ua ue ue io u uə ue ui iu  i i".split(" ")
_CODAS = " k k k n n n t l l l l l l l l m p p t t N t t k t p t".split(" ")
_GLIDE = lazy_pattern("([sjc])i(?=[aeəou])")
"""샤 is sha, 처 is cha: the glide belongs to the consonant."""
_CLASSES = {"gk": "K", "dt": "T", "bp": "P", "sjc": "S", "nmN": "M", "l": "L", "h": "H"}
_VOWEL_CLASSES = {"aeəE": "A", "iY": "I", "ou": "O"}
_CODE = {c: head * 2 + c * 2 for group, head in _CLASSES.items() for c in group}
_CODE |= {v: head + v for group, head in _VOWEL_CLASSES.items() for v in group}
_EXACT = {ord(char): chr(ord(char) + 0xFEE0) for char in "abcdefghijklmnopqrstuvwxyz0123456789"}
_EXACT_CODE = dict.fromkeys(_EXACT.values(), "****")  # marks the place; the character itself must match exactly
_CODE |= _EXACT_CODE

_LETTERS = {
    name: letter
    for letter, names in zip(
        "abcdefghijklmnopqrstuvwxyz2345",
        "에이 비 씨,시 디 이 에프 지 에이치 아이 제이 케이 엘 엠 엔 오 피 큐 알,아르 에스"
        " 티 유 브이 더블유,더블류 엑스 와이 제트 투 쓰리,스리 포 파이브".split(),
        strict=True,
    )
    for name in names.split(",")
}
_LETTER = lazy_pattern("|".join(sorted(_LETTERS, key=len, reverse=True)))

_LETTER_LIKE = lazy_pattern(r"[A-Za-z]*[A-Za-z][310](?=[A-Za-z])[A-Za-z310]*")
_LIKE = str.maketrans("310", "eio")
"""Digits written in place of a letter: DUSt3R."""
_NUMBER_WITHIN = lazy_pattern(r"(?<=[A-Za-z])[24](?=[A-Za-z])")
_SPOKEN_NUMBERS = {"2": "-too-", "4": "-fo-"}
_SQUARED = lazy_pattern(r"(?<=[A-Za-z])\^2")
_PART = lazy_pattern(r"[가-힣]+|[A-Z]{2,}(?=v\d)|[0-9]+|[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SPELLINGS = [
    (lazy_pattern(pattern), sound)
    for pattern, sound in (
        (r"^and$", "en"), (r"^one", "uən"), (r"guid", "gYd"), (r"alue$", "eliu"),
        (r"^any", "eni"), (r"^is$", "iji"), (r"^you$", "iU"), (r"^data", "dEtə"),
        (r"^json$", "jEsən"),
        (r"^vis$", "vij"), (r"^machine", "məsin"), (r"cache", "kesi"), (r"(?<=[hm])oney", "əni"), (r"key$", "ki"),
        (r"(?<![aeiou])all$", "ol"), (r"alk$", "ok"), (r"ign(?=$|s$|ing|ed|er|ment)", "Yn"),
        (r"([aeiouy])rr", r"\1R"),
        (r"^(.*[aeiouyəEYR].*[^aeiouyəEY])or(s?)$", r"\1ə\2"), (r"ian(s?)$", r"iAn\1"), (r"gauss", "gaUs"),
        (r"tion|sion", "sən"), (r"xion", "ksən"), (r"ture$", "Cə"), (r"^kn", "n"), (r"^wr", "r"),
        (r"^x", "j"), (r"^re$", "ri"), (r"^seq$", "sikuəns"), (r"wor(?=[^aeiouy]|$)", "wə"),
        (r"(?<=[aeiou][^aeioug])en$", "n"), (r"(?<=[eiou])se$", "ze"), (r"ou(?=p)", "U"),
        (r"(?:(?<=[aeo]y)|(?<!y))ou(?=[ndt])", "AU"), (r"t?ch$", "Ci"), (r"sh$", "si"), (r"d?ge$", "ji"),
        (r"(?:air|are)$", "eə"),
        (r"(?:eer|ear|ere)$", "iə"), (r"ire$", "Yə"), (r"igh", "Y"), (r"ough", "o"), (r"ph", "p"),
        (r"t?ch(?!r)", "C"), (r"sh|th", "s"), (r"chr", "kr"), (r"ck", "k"), (r"wh", "w"), (r"gh", "g"), (r"gg", "GG"),
        (r"c(?=[eiy])", "s"), (r"g(?=[eiy])", "j"), (r"qu", "ku"), (r"x", "ks"), (r"a([^aeiouywrl])e$", r"E\1"),
        (r"[iy]([^aeiouyw])e$", r"Y\1"), (r"(?<=[lrjs])u([^aeiouyw])e$", r"U\1"), (r"u([^aeiouyw])e$", r"iU\1"),
        (r"(?<=[aeiou])h(?![aeiouy])", ""),
        (r"^(.*[aeiouyəEY].*[^aeiouyəEY])e$", r"\1"), (r"ee|ea|ie", "i"), (r"oo", "U"), (r"oa|au|aw|ow", "o"),
        (r"ai|ay|ei|ey", "E"), (r"eu|ew", "iu"), (r"[eiuy]r(?![aeiouyEY])", "ə"), (r"(?<=[aoə])r(?![aeiouyEY])", ""),
        (r"ng(?![aeiouy])", "N"), (r"n(?=[gk])", "N"), (r"(?<=[^aeiouy])y(?=[^aeiouy])|(?<=^p)y$", "Y"), (r"y", "i"),
        (r"(?<=[bcdfhkmnpt])u(?=[^aeiouəEYG][aeiouəEY])", "iu"), (r"a(?=[^aeiouəlrEY](?:[^aeiouəEY]|$))", "e"),
        (r"u(?=[^aeiouəEY](?:[^aeiouəEY]|$))", "ə"), (r"w", "u"),
    )
]  # fmt: skip
"""English spelling to sound, applied in this order; only the rules that matter in Hangul."""
_OTHERWISE = (
    ((r"g(?=[ei])(?!e$)", "G"), (r"ch", "k"), (r"(?<=[^s])us$", "Us")),
    (
        (r"au", "aU"),
        (r"us$", "Us"),
        (r"a(?!$|[yuwirl])(?=[^aeiou](?:[^aeiouh]|$))", "A"),
        (r"(?<=[bcfhkmp])u(?=[^aeiou][aeiou])", "U"),
    ),
)  # fmt: skip
"""Other ways to read some names, all rules together: with a hard g and k for ch (프레겔, 카멜레온), or letter by
letter, if it is not an English word (타우루스, 푸가토)."""
_READ_OTHERWISE = tuple(tuple((lazy_pattern(pattern), sound) for pattern, sound in rules) for rules in _OTHERWISE)
_SYLLABLE_BEHIND = lazy_pattern(r"([A-Z]{1,4})([B-DF-HJ-NP-TV-Z][AEIOU][B-DF-HJ-NP-TV-Z]{1,2})")
"""Capitals that end with a syllable: those before it may be spelled out, as in DC-GAN and OC-GAN."""
_LETTER_SOUNDS = str.maketrans(
    {"f": "p", "v": "b", "z": "j", "c": "k", "q": "k", "r": "l", "R": "l", "C": "c", "G": "g", "U": "u", "A": "a"}
)
_PLURAL = lazy_pattern(r"(?<=[^\W\dsuiA-Z])s$")
_PLURAL_LETTERS = lazy_pattern(r"(?<=[A-Z]{2})s(?![A-Za-z])")
"""The plural of spelled-out letters, which is not said in Korean: LSTMs."""
_TITLE_WORD = lazy_pattern(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
_NETS = frozenset(("net", "nets", "넷", "네츠", "넷츠"))
"""Short for networks: what one title calls a network, the next calls a net."""
_NETWORK = "network"
MAX_SPELLED = 5
MAX_READINGS = 24
MIN_WORD_WEIGHT = 10
"""Two consonants and a vowel, or two spelled-out letters: shorter words sound like too many others."""
MAX_WORD_READINGS = 2
"""Readings kept for a word of a title; a word of a query is read in every way."""
_BETWEEN = "|"
OF_WORD = "+"
"""Stands before the reading of a single word of a name, where the readings of names are stored."""


class Reading(NamedTuple):
    """``exact`` holds the digits and spelled-out letters in order; ``code`` is the sound of the rest."""

    exact: str
    code: str

    def __str__(self) -> str:
        return f"{self.exact}{_BETWEEN}{self.code}"

    @property
    def weight(self) -> int:
        """How much is heard: four for a consonant, two for a vowel and six for a spelled-out letter or a digit."""
        return len(self.code) + 2 * len(self.exact)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what ``str`` wrote; names are stored with their readings in this form."""
        exact, _, code = text.partition(_BETWEEN)
        return cls(exact, code)


def unmistype(text: str) -> str | None:
    """The Latin letters on the keys of a text typed with the Korean keyboard layout; None if it contains no Hangul.

    Source: KS X 5002 (두벌식), the layout that operating systems ship.
    """
    if not has_hangul(text):
        return None
    return "".join(
        "".join(_JAMO_KEYS.get(jamo, jamo) for jamo in unicodedata.normalize("NFKD", char))
        if has_hangul(char)
        else char
        for char in text
    )


def remistype(text: str) -> str | None:
    """The Hangul on the keys of a text typed with the English keyboard layout (dlstmxorm: 인스태그).

    None if the keys do not form whole syllables, because then it is not Korean.
    """
    if not _KEYS_OF_HANGUL.fullmatch(text):
        return None
    jamo = "".join(
        _jamo(_INITIAL_KEYS, match[1], 0x1100)
        + _jamo(_VOWEL_KEYS, match[2], 0x1161)
        + _jamo(_FINAL_KEYS, match[3], 0x11A8)
        for match in _KEYED_SYLLABLE.finditer(text)
    )
    return unicodedata.normalize("NFC", jamo)


def _jamo(keys: list[str], typed: str | None, first: int) -> str:
    return chr(first + keys.index(typed)) if typed else ""


def has_loose_jamo(text: str) -> bool:
    """Whether a letter stands outside a syllable: no word has that, but the wrong keyboard layout produces it."""
    return bool(_LOOSE_JAMO.search(text))


def near(code: str, codes: Sequence[str], *, within: float) -> list[tuple[int, float]]:
    """Which of these codes sound similar: (position, distance), from 0.0 for the same to 1.0 for nothing in
    common."""
    matches = process.extract(code, codes, scorer=Levenshtein.normalized_distance, score_cutoff=within, limit=None)
    return [(position, distance) for _, distance, position in matches]


@lru_cache(maxsize=REMEMBERED)  # titles share their words, and each is asked for in several ways
def readings(text: str) -> tuple[Reading, ...]:
    """How a name or a query may be read, the plainest way first; () if it has no sound.

    Single letters and letters without a vowel are spelled out; up to five capitals may be (FLARE, DPO). A Hangul word
    may begin or end with names of letters (로프트큐).
    """
    if len(text) > MAX_CHARACTERS or has_loose_jamo(text):
        return ()
    text = _PLURAL_LETTERS.sub("", text.replace("²", "^2"))
    plain = spell_greek(unicodedata.normalize("NFKC", visible(text)))
    parts = _PART.findall(plain)
    possible_readings = [_join(pieces) for pieces in islice(product(*map(_pieces, parts)), MAX_READINGS)]
    like = _LETTER_LIKE.sub(lambda match: match[0].translate(_LIKE).lower(), plain)
    if like != plain:
        possible_readings[:0] = [_join(_pieces(part)[0] for part in _PART.findall(like))]
    if not has_hangul(plain):
        possible_readings[1:1] = _read_otherwise(like)
    if spoken := _speak_numbers(plain):
        possible_readings[1:1] = [
            _join(pieces) for pieces in islice(product(*map(_pieces, _PART.findall(spoken))), 2)
        ]
    if len(parts) > 1 and text.isascii() and text.isalpha():
        # Capitals within a word may mean nothing (LoRA, PaLM), or that they are spelled out (CoT).
        possible_readings += [_join([pieces]) for pieces in _pieces(text.upper())]
    return tuple(dict.fromkeys(reading for reading in possible_readings if reading.exact or reading.code))


def word_readings(word: str) -> tuple[Reading, ...]:
    """How a single word may be read, a net as a network; () if it is too short to be told by its sound."""
    heard = readings(_NETWORK if word.casefold() in _NETS else word)
    return tuple(reading for reading in heard if reading.weight >= MIN_WORD_WEIGHT)


def read_title_words(title: str) -> tuple[Reading, ...]:
    """How the single words of a title may be read, and what hyphens join: Skip-Gram, Skip and Gram."""
    joined = _TITLE_WORD.findall(title)
    words = dict.fromkeys(part for word in joined for part in (word, *word.split("-")))
    return tuple(dict.fromkeys(reading for word in words for reading in word_readings(word)[:MAX_WORD_READINGS]))


def _read_otherwise(text: str) -> list[Reading]:
    """Other ways to read a Latin name: without its plural s, and by other rules."""
    shorter = _PLURAL.sub("", text)
    singular = [_join(_pieces(part)[0] for part in _PART.findall(shorter))] if shorter != text else []
    parts = _PART.findall(shorter)
    return singular + [_join(_pieces(part, rules)[0] for part in parts) for rules in _READ_OTHERWISE]


def _speak_numbers(text: str) -> str | None:
    """A name with its numbers as words, as in word2vec, BERT4Rec and RL^2; None if none is said as a word."""
    spoken = _SQUARED.sub("-squared-", _NUMBER_WITHIN.sub(lambda match: _SPOKEN_NUMBERS[match[0]], text))
    return spoken if spoken != text else None


def _join(pieces: Iterable[str]) -> Reading:
    sounds = "".join(pieces)
    exact = "".join(sound for sound in sounds if sound in _EXACT_CODE)
    return Reading(exact, "".join(_CODE.get(sound, "") for sound, _ in groupby(sounds)))


def _pieces(part: str, otherwise: Sequence[tuple[re.Pattern[str], str]] = ()) -> list[str]:
    """The ways to read one part: sounds, with exact characters in full width."""
    if "가" <= part[0] <= "힣":
        return [_hear_hangul(part), *_spelt(part)]
    spelt = part.lower().translate(_EXACT)
    if len(part) == 1 or not _has_vowel(part.lower()):
        return [spelt]
    letters = part.lower()
    for pattern, sound in otherwise:
        letters = pattern.sub(sound, letters)
    heard = _hear_latin(letters)
    pieces = [heard, spelt] if part.isupper() and len(part) <= MAX_SPELLED else [heard]
    if match := _SYLLABLE_BEHIND.fullmatch(part):
        pieces.append(match[1].lower().translate(_EXACT) + _hear_latin(match[2].lower()))
    return pieces


def _spelt(word: str) -> Iterator[str]:
    """The readings of a Hangul word that begins or ends with names of letters."""
    spelt, at = "", 0
    while match := _LETTER.match(word, at):
        spelt, at = spelt + _LETTERS[match.group()], match.end()
        yield spelt.translate(_EXACT) + _hear_hangul(word[at:])
    for start in [match.start() for match in _LETTER.finditer(word) if match.start()]:
        names = _LETTER.findall(word[start:])
        if "".join(names) == word[start:]:
            yield _hear_hangul(word[:start]) + "".join(_LETTERS[name] for name in names).translate(_EXACT)


def _hear_hangul(word: str) -> str:
    sounds = ""
    for char in word:
        rest, coda = divmod(ord(char) - 0xAC00, 28)
        initial, vowel = divmod(rest, 21)
        sounds += _INITIALS[initial] + _VOWELS[vowel] + _CODAS[coda]
    sounds = sounds.replace("ei", "E").replace("ai", "Y").replace("ou", "o")
    return _GLIDE.sub(r"\1", sounds)


@lru_cache(maxsize=REMEMBERED)
def _hear_latin(letters: str) -> str:
    for pattern, sound in _SPELLINGS:
        letters = pattern.sub(sound, letters)
    return letters.translate(_LETTER_SOUNDS)


def _has_vowel(letters: str) -> bool:
    return not set("aeiouy").isdisjoint(letters)
