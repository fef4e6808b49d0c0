"""Text → terms: one analyser for indexing, searching and highlighting.

Latin words are stemmed (Porter2), so that "hallucinate" finds "hallucination". Runs of Hangul, and of Chinese and
Japanese letters, become overlapping pairs: Korean attaches particles to words, Chinese and Japanese write no spaces,
and queries in these scripts mostly have two letters, which trigrams would never find.
"""

from __future__ import annotations

import hashlib
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, wraps
from itertools import islice
from operator import add
from pathlib import Path
from typing import NamedTuple, TypeVar

import snowballstemmer

from bot.text.patterns import lazy_pattern

T = TypeVar("T")

MOST_REMEMBERED = 100
"""Longest text whose result is cached, in characters: most titles and headings, and every name."""

MIN_CUT = 4
"""From this many Chinese characters on, a run is more than one word."""

_FILLERS = "\u115f\u1160\u3164\uffa0"
IGNORED = (
    f"{_FILLERS}\u00ad\u034f\u061c\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Invisible characters that editors leave within words: soft hyphens, zero-width spaces, joiners …

Source: Unicode 16, DerivedCoreProperties.txt, Default_Ignorable_Code_Point. The fillers among them are
letters by their category."""
_INVISIBLE = lazy_pattern(f"[{IGNORED}]+")
_HAN_AND_KANA = (
    "々〆\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003134f"
)
"""Chinese characters and kana, with their length and repetition marks. Source: Unicode 16, Blocks.txt."""
_RUNS = ("[가-힣]+", f"[{_HAN_AND_KANA}]+", f"[^\\W_가-힣{_HAN_AND_KANA}{_FILLERS}]+")
_WORD = lazy_pattern("|".join(f"{run}(?:[{IGNORED}]+{run})*" for run in _RUNS))
_HANGUL = lazy_pattern("[가-힣ᄀ-ᇿㄱ-ㆎ]")
_PAIRED = lazy_pattern(f"[가-힣{_HAN_AND_KANA}]")
_NO_LETTERS = lazy_pattern(r"[\W_]+")
"""What ``str.isalnum`` refuses."""
_FIRST_NEW = "\uf900"
_TELLING_RUN = lazy_pattern(
    "[\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff]{2,}|[々\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]{2,}"
    "|[^\\W_가-힣" + _HAN_AND_KANA + "]+"
)
"""In a word without spaces: a run of katakana, of Chinese characters or of Latin letters. Hiragana is grammar."""
_VOWEL = lazy_pattern("[aeiouy]")
_ACCENTED = lazy_pattern("[\u00c0-\u024f\u1e00-\u1eff]")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_ASCII_MARKS = {code: None for code in range(128) if not chr(code).isalnum()}
_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma tau upsilon"
    " phi chi psi omega"
).split()
"""In the order of the Greek alphabet; sigma has two forms."""
_GREEK = {chr(ord("α") + at): name for at, name in enumerate(_GREEK_NAMES)}
_GREEK_SYMBOL = lazy_pattern(r"(?<![\u0370-\u03ff\u1f00-\u1fff])[α-ω]{1,2}(?![\u0370-\u03ff\u1f00-\u1fff])")
_LONG_GREEK = "|".join(name for name in _GREEK_NAMES if len(name) > 3)
_GREEK_FIRST = lazy_pattern(f"({_LONG_GREEK})([a-z]{{2,}})")
_STEMMER = snowballstemmer.stemmer("english")

PARTICLES = (
    "에서는", "으로는", "이라는", "에서의", "으로의", "에게서", "이란", "에서", "에게", "한테", "으로", "까지",
    "부터", "보다", "처럼", "이나", "라는", "이랑", "하고", "만큼", "조차", "마저", "밖에", "대로", "이든",
    "라도", "을", "를", "이", "가", "은", "는", "의", "에", "로", "와", "과", "도", "만", "란", "랑",
)  # fmt: skip
"""Korean particles that a member may leave on a word, longest first. A stem of at least two syllables must remain."""

ENDINGS = (
    "시키는", "시키기", "적으로", "하려면", "되려면", "하는지", "되는지", "인가요", "하나요", "되나요", "인데",
    "이면", "이며", "인지", "이고", "하는", "하기", "하여", "해서", "하면", "하지", "하게", "했던", "한다",
    "하다", "되는", "되기", "되고", "되어", "된다", "되면", "해온", "해줘", "해요", "적인", "된", "한", "할",
    "함", "해", "들", "적", "끼리",
)  # fmt: skip
"""Endings that turn a Korean noun into a verb, an adjective or a plural: 양자화하기, 양자화된."""

STOPWORDS = frozenset(
    (
        "a about above after again all also an and any are as at be because been before being below between "
        "both but by can could did do does down during each few for from further had has have having how i if "
        "in into is it its just me more most my near no nor not of off on once only or other our out over own "
        "same she should so some such than that the their them then there these they this those through to "
        "too under until up used using very via was we were what when where which while who whom why will "
        "with without you your 그 이 저 및 등 것 거 게 걸 건 수 때 뭐 뭘 왜 더 잘 좀 안 못 나 내 또 즉 하는 "
        "하기 하면 해도 대한 대해 위한 위해 관한 관련 있는 있어 없는 어떻게 어떤 어디 언제 무엇 무슨 누가 "
        "방법 이유 경우 그리고 또는 혹은 하지만 그런데 그러나 그래서 모두 매우 되나요 하나요 인가요 있나요 "
        "없나요 괜찮아 얼마나 처음 뭐부터 해 알려줘 찾아줘 보여줘 추천 논문 리뷰 글 만드는 만들기 쓰는 쓰기 "
        "하려면 되는"
    ).split()
)
"""Words about how a question is asked, not about its subject."""


class Term(NamedTuple):
    """An indexed term and the place of its word in the text, as character offsets. One text yields thousands."""

    text: str
    start: int
    end: int


def remembered(most: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """Cache a function's results for short texts.

    Long texts come from outside and rarely repeat, and a cache of them would have no limit in bytes.

    Args:
        most: The number of results to keep.
    """

    def decorate(work: Callable[[str], T]) -> Callable[[str], T]:
        known = lru_cache(maxsize=most)(work)

        @wraps(work)
        def look(text: str) -> T:
            return known(text) if len(text) <= MOST_REMEMBERED else work(text)

        return look

    return decorate


def analyser_digest() -> str:
    """Return a digest of all that the terms of a text depend on, apart from the text: the code and its libraries.

    Raises:
        OSError: The code cannot be read.
    """
    stemmer = sys.modules[type(_STEMMER).__module__].__file__
    code = b"".join(Path(file).read_bytes() for file in (__file__, stemmer) if file)
    return hashlib.sha256(f"{sys.version} {unicodedata.unidata_version} ".encode() + code).hexdigest()


def terms(text: str, start: int = 0) -> Iterator[Term]:
    """Cut a text into terms, in order, starting at an offset. The pairs of one run overlap."""
    for match in _WORD.finditer(text, start):
        written, at = match.group(), match.start()
        is_seen = written.isascii() or not _INVISIBLE.search(written)
        word = written if is_seen else visible(written)
        if not _is_paired(word):
            if term := _term_of(word):
                yield Term(term, at, match.end())
        elif len(word) == 1:
            yield Term(word, at, match.end())
        else:
            places = range(len(written)) if is_seen else _visible_places(written)
            yield from (Term(word[i : i + 2], at + places[i], at + places[i + 1] + 1) for i in range(len(word) - 1))


@remembered(50_000)
def _term_of(word: str) -> str:
    """The term of a Latin word; "" if it is a mark alone, such as "ﾞ"."""
    folded = fold(word)
    return _stem(folded) if any(map(str.isalnum, folded)) else ""


def has_terms(text: str) -> bool:
    """Whether `terms` finds anything in a text: ℃ has letters once it is folded, and is no word as it is written."""
    return _WORD.search(text) is not None


def visible(text: str) -> str:
    """Return a text without its invisible characters."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def _visible_places(text: str) -> Sequence[int]:
    """Return the positions in a text of the characters that `visible` keeps."""
    if not _INVISIBLE.search(text):
        return range(len(text))
    return [at for at, char in enumerate(text) if not _INVISIBLE.match(char)]


def find_run(text: str, run: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each place where these terms stand side by side.

    Only places where the first term may begin are cut into terms: cutting whole reviews for each query would cost ten
    times as much.
    """
    if _INVISIBLE.search(text):
        places = _visible_places(text)
        yield from ((places[start], places[end - 1] + 1) for start, end in find_run(visible(text), run))
        return
    for match in _opening(run[0]).finditer(text):
        candidate = list(islice(terms(text, match.start()), len(run)))
        if [term.text for term in candidate] == list(run):
            yield candidate[0].start, candidate[-1].end


@remembered(10_000)
def _opening(term: str) -> re.Pattern[str]:
    """Match where a term may begin.

    A stem keeps the first three letters of its word, except for a final y that became i and a few verbs (dying →
    die). Letters that NFKC folds to others (Ⅳ, full-width ones) are indexed and found, but not highlighted.
    """
    if not _is_paired(term):
        kept = [term[:3] if len(term) > 3 else term.removesuffix("i")]
        greek = ((at, letter) for letter, name in _GREEK.items() for at in range(3) if term.startswith(name, at))
        kept += [term[:at] + letter for at, letter in greek]
        # Letters of any case, but not for the classes in front, which would take three times as long to compile.
        return re.compile(rf"(?<![^\W_가-힣{_HAN_AND_KANA}])(?i:{'|'.join(map(re.escape, kept))})")
    # A lookahead, because pairs overlap: 각각각 contains 각각 twice.
    run = "가-힣" if is_hangul(term) else _HAN_AND_KANA
    return re.compile(f"(?={term})" if len(term) == 2 else f"(?<![{run}]){term}(?![{run}])")


def index_terms(text: str) -> str:
    """Return the terms of a text joined by spaces, as an index column stores them."""
    found: list[str] = []
    for word in _WORD.findall(unicodedata.normalize("NFC", visible(text))):
        if not _is_paired(word):
            if term := _term_of(word):
                found.append(term)
        elif len(word) == 1:
            found.append(word)
        else:
            found += map(add, word, word[1:])
    return " ".join(found)


def fold(text: str) -> str:
    """Turn written text into what people type (Søgaard, β-VAE).

    Applies NFKC and case folding, uses plain Latin letters and the names of Greek ones, and drops invisible
    characters.
    """
    folded = unicodedata.normalize("NFKC", visible(text)).casefold()
    if folded.isascii():
        return folded
    return spell_greek(_ACCENTED.sub(_plain_letter, folded).translate(_LETTERS))


def spell_greek(text: str) -> str:
    """Replace lower-case Greek letters with their names if one or two stand together; a longer run is a Greek
    word.
    """
    return _GREEK_SYMBOL.sub(lambda match: "".join(_GREEK[letter] for letter in match[0]), text)


def split_greek(word: str) -> tuple[str, str] | None:
    """Split a folded word after the Greek letter's name that it begins with: betavae, which texts write as β-VAE."""
    match = _GREEK_FIRST.fullmatch(word)
    return (match[1], match[2]) if match else None


def _plain_letter(match: re.Match[str]) -> str:
    return unicodedata.normalize("NFD", match[0])[0]


@remembered(50_000)
def squash(text: str) -> str:
    """Return only the letters and digits, folded: "Self-RAG", "self rag" and "SELFRAG" are one name."""
    return squash_text(text)


def squash_text(text: str) -> str:
    """Do what `squash` does, for a long text that is not worth caching."""
    folded = fold(text)
    if folded.isascii():
        return folded.translate(_ASCII_MARKS)
    if max(folded, default="") < _FIRST_NEW:
        return _NO_LETTERS.sub("", folded)
    return "".join(char for char in folded if char.isalnum() or _is_new(char))


def _is_new(char: str) -> bool:
    """Whether this is a Chinese character that Python does not know yet; `words` takes it for one, too."""
    return char >= _FIRST_NEW and bool(_PAIRED.match(char))


def bare_letters(text: str) -> str:
    """Return only the letters and digits, without case: for comparing titles where accents and forms matter."""
    return _NO_LETTERS.sub("", text.casefold())


def words(text: str) -> list[str]:
    """Return the folded words of a text, unstemmed, with Hangul and Latin runs apart."""
    return _WORD.findall(fold(text))


def without_particle(word: str) -> str | None:
    """Return a Hangul word without its particle, or None if it has none: 환각을 → 환각."""
    return _without(word, PARTICLES)


def bare_forms(word: str) -> Iterator[str]:
    """Yield a Hangul word without its particle or ending, then without a second one: 환각에서의 → 환각에서 → 환각."""
    for _ in range(2):
        bare = without_particle(word) or _without(word, ENDINGS)
        if bare is None:
            return
        word = bare
        yield word


def _without(word: str, endings: tuple[str, ...]) -> str | None:
    if not word.endswith(endings):  # nearly always, and far quicker than trying each
        return None
    ending = next((e for e in endings if word.endswith(e) and len(word) - len(e) >= 2), None)
    return word[: -len(ending)] if ending else None


def has_hangul(text: str) -> bool:
    """Whether the text contains Hangul, even a single letter (ㅅ)."""
    return bool(_HANGUL.search(text))


def is_hangul(word: str) -> bool:
    """Whether a word begins with a Hangul syllable; a word holds only one script. False for an empty one."""
    return "가" <= word[:1] <= "힣"


def _is_paired(word: str) -> bool:
    """Whether a word is a run that becomes pairs. Most words are Latin, whose letters sort before all of these."""
    return word[0] >= "々" and bool(_PAIRED.match(word))


def telling_runs(word: str) -> list[str]:
    """Split a word of Chinese or Japanese letters into its parts; empty if there is nothing to split.

    フェイクニュース検出 gives フェイクニュース and 検出, BERTを使った gives BERT. Four Chinese characters or more are
    split into pairs: most Chinese words have two characters.
    """
    if not _PAIRED.search(word) or any(map(is_hangul, word)):
        return []
    runs = [run for whole in _TELLING_RUN.findall(word) for run in _pairs_of_characters(whole)]
    return runs if runs != [word] else []


def _pairs_of_characters(run: str) -> list[str]:
    is_cut = len(run) >= MIN_CUT and run[0] >= "\u3400"
    return [run[at : at + 2] for at in range(0, len(run) - 1, 2)] if is_cut else [run]


_IZE = lazy_pattern(r"(.{3,})(?:iz(?:e|es|ed|er|ers|ing|able|ability|ation|ations)|isations?)")
_OWN_STEMS = {
    word: stem
    for stem, words_of_it in {
        "accessibility": "accessibility",
        "adapter": "adapter adapters adaptor adaptors",
        "availability": "availability",
        "conversation": "conversation conversations conversational",
        "explainab": "explainable explainability",
        "fairness": "fairness",
        "harmful": "harmful harmfulness",
        "helpful": "helpful helpfulness",
        "interpretab": "interpretable interpretability",
        "negation": "negation negations",
        "observability": "observability",
        "personality": "personality personalities",
        "politeness": "politeness",
        "probability": "probability probabilities",
        "reasoning": "reasoning",
    }.items()
    for word in words_of_it.split()
}
"""Terms of the field that Porter2 would merge with another word: reasoning and reason, adapter and adapt."""


@remembered(50_000)
def _stem(word: str) -> str:
    if not (word.isascii() and word.isalpha()):
        return word
    if word in _OWN_STEMS:
        return _OWN_STEMS[word]
    if match := _IZE.fullmatch(word):
        return match[1] + "iz"  # Porter2 would go on to the base: general for generalization, token for tokenizer
    if word.endswith("s") and len(word) > 2 and not _VOWEL.search(word):
        return word[:-1]  # LLMs, PLMs: Porter2 removes a plural s only from a word with a vowel
    return str(_STEMMER.stemWord(word))
