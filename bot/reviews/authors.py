"""A line of authors → their names, as "Ada Quill".

In: the text behind "Authors:", a bold line under a paper's links, the beginning of a citation. Out: names. Pure.

A line is a list of authors as a whole or not at all: one part that is no name of a person (a label, a package, an
institution, a sentence) and nothing of it is shown. A wrong author costs more trust than a missing one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_MAX_CHARS = 12_000
_MAX_AUTHORS = 300
_MAX_NAME_CHARS = 50
_MAX_NAME_WORDS = 6
_LOOSE_SHARE = 0.6  # of the parts that must be names beyond doubt, so that one in small letters counts, too

_MARKS = re.compile(r"[\d*∗⋆★☆†‡§¶‖#^♠♡♢♣♤♥♦♧✝✉✚+⁰¹²³⁴-⁹₀-₉ᵃ-ᶻ¹²³~]+|\\(?:ast|dagger|ddagger)|_\{?\d*\}?|\$")
_BRACKETS = re.compile(r"\([^()]{0,160}\)|（[^（）]{0,160}）|\[[^\[\]]{0,160}\]|\{[^{}]{0,160}\}|<[^<>]{0,160}>")
_NICKNAME = re.compile(r"(?<=\w )[\"“][A-Z]\w{1,15}[\"”](?= \w)")
_AND_MORE = re.compile(
    r"[\s,;]{0,8}(?:\band\s+)?(?:\bet\.?\s*al\b\.?|\band\s+(?:\d{1,5}\s+)?(?:others|more(?: authors)?)\b|"
    r"\bothers\b\.?|(?:\+|&)\s*\d{1,5}\s*(?:more|others)?|\d{1,5}\s*(?:more|others)\b|"
    r"(?:외|等|ほか|他)\s*(?:다수|\d{0,5}\s*(?:명|인|人|名))?|ら|"
    r"\.{3}|…)[\s.]{0,8}$",
    re.IGNORECASE,
)
_BETWEEN = re.compile(
    r"\s*(?:[;；、，·•|&]|\band\b|\bund\b|\bet\b(?!\.?\s*al)|/|\s및\s|\s和\s|\s与\s|\n|(?<=\S)\s+[-–—]\s+(?=\S))\s*"
)
_COMMA = re.compile(r"\s*[,，、]\s*")
_INITIALS = re.compile(r"(?:[A-ZÀ-Þ]\.?[\s-]?){1,4}", re.ASCII)
_SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "phd", "ph.d.", "ph.d", "md", "m.d."})
_PARTICLES = frozenset(
    """de del della der den di da do dos das du van von vom zu zur la le les el al bin ibn ben ter ten te y e i af av
    st san santa bint abu abd op 't mac o""".split()
)
_ASIAN_NAME = re.compile(
    r"[가-힣]{2,4}|[가-힣]{1,6}(?: [가-힣]{1,6}){1,2}|[㐀-鿿々]{2,5}|"
    r"[㐀-鿿々]{1,4}[ 　][㐀-鿿々]{1,4}|[㐀-鿿々]{1,6}·[㐀-鿿々]{1,8}|"
    r"(?=.*[ぁ-ヿ])[㐀-鿿々ぁ-ヿー]{2,8}(?:[ 　・][㐀-鿿々ぁ-ヿー]{1,8}){0,2}"
)
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’‘`´.\-‐‑–])*")

_SUBJECTS = frozenset(
    # What stands in bold lines and lists beside authors: subjects, parts of a post, small words.
    """the a an of for with without using via on in at to from by is are as we our this that these it its and or not
    what how why when where paper papers author authors title abstract introduction summary conclusion method
    methods results review reviews reading note notes code github pdf arxiv link links keywords keyword tags
    tag date year venue conference journal published accepted best oral poster spotlight award preprint report
    technical survey tutorial blog post posts learning deep machine neural network networks model models
    modeling modelling language vision visual image images video audio speech text data dataset datasets
    benchmark attention transformer transformers diffusion generation generative detection segmentation
    recognition classification retrieval recommendation recommender system systems graph graphs reinforcement
    representation representations embedding embeddings training inference optimization tuning prompt
    prompting reasoning knowledge distillation pruning quantization compression domain adaptation transfer
    supervised unsupervised self-supervised semi-supervised few-shot zero-shot multimodal multi-modal object
    pose estimation depth tracking robot robotics control planning agent agents search question answering
    translation summarization dialogue federated contrastive adversarial robustness safety alignment fairness
    privacy security analysis theory application applications computer natural processing artificial
    intelligence information large small foundation pre-training pretraining pretrained fine-tuning
    instruction understanding end-to-end tl dr tldr key points contribution et al others unknown anonymous
    none various many equal corresponding work done during internship""".split()
)
_INSTITUTIONS = frozenset(
    """university universität université universidad universita institute institut institution college school
    department dept laboratory laboratories labs lab research center centre academy hospital faculty
    corporation corp inc ltd llc gmbh company technologies technology google microsoft meta facebook amazon
    apple nvidia intel ibm deepmind openai anthropic tencent alibaba baidu huawei bytedance samsung adobe
    salesforce stanford mit cmu kaist postech unist berkeley harvard oxford princeton tsinghua team group
    workshop consortium collaboration initiative community foundation""".split()
)
_NOT_NAMES = _SUBJECTS | _INSTITUTIONS
_NOT_NAMES_ASIAN = re.compile(
    r"대학|연구|학과|학회|회사|논문|저자|리뷰|정리|요약|링크|코드|모델|학습|방법|목차|분류|소개|결론|제목|저널|없음|미상|하다|합니다|"
    r"大学|学院|研究|公司|实验室|會議|会议|期刊|论文|作者|論文|概要|著者|链接|代码|領域|领域|关键词|機関|机构|团队|"
    r"まとめ|リンク|株式会社|不明|匿名|なし|未知|佚名|等人|参考|学習|手法|モデル"
)


def read_authors(text: str, *, is_labelled: bool = False) -> tuple[str, ...]:
    """The names in a line that lists authors and nothing else; () for any other line.

    Marks, affiliations in brackets and "et al." are taken off. Understood: "A B, C D and E F", "B, A; D, C",
    "B, A, and C D", "B, A., D, C., & F, E.", "A、B", "홍길동, 김철수 외 3명".

    Args:
        is_labelled: The line stands behind "Authors:". Only there words in Asian letters may be names: nothing tells
            "문제점, 한계점" from two of them.
    """
    text = _MARKS.sub(" ", _take_brackets_off(_NICKNAME.sub(" ", text[:_MAX_CHARS])))
    text = " ".join(text.split()).strip(" ,;:.|、，；")
    listed = _AND_MORE.sub("", text).strip(" ,;、，")
    names = [name for part in _split(listed) if (name := _tidy(part))]
    people = [name for name in names if not _has_word_of(name, _INSTITUTIONS)]
    if len(people) < len(names) and not all(map(is_name, people)):
        return ()
    if is_labelled and len(people) == 1 and listed != text and _is_loose_name(people[0]):
        return tuple(people)  # "Quill et al."
    return tuple(dict.fromkeys(people))[:_MAX_AUTHORS] if _are_names(people, is_labelled=is_labelled) else ()


def has_more(text: str) -> bool:
    """Whether a line says that it leaves authors out: "et al.", "외 3명"."""
    return _AND_MORE.search(" ".join(text.split()).strip(" ,;")) is not None


def names_institution(text: str) -> bool:
    """Whether a university, a company or a team stands in a text."""
    return _has_word_of(" ".join(_WORD.findall(text)), _INSTITUTIONS)


def is_name(text: str) -> bool:
    """Whether a text is built as the name of a person: two capitalised words or more, of no subject."""
    return _is_built_as_name(text) and not _has_word_of(text, _NOT_NAMES)


def _is_built_as_name(text: str) -> bool:
    words = text.split()
    if not 2 <= len(words) <= _MAX_NAME_WORDS or len(text) > _MAX_NAME_CHARS:
        return False
    return all(map(_is_name_word, words)) and any(len(word.strip(".")) > 1 and word[0].isupper() for word in words)


def _has_word_of(name: str, listed: frozenset[str]) -> bool:
    """Whether a word of the name is in a list; initials are not words."""
    return any(
        word.lower() in listed
        for at, word in enumerate(name.split())
        if "." not in word and (len(word) > 1 or not at)
    )


def _is_name_word(word: str) -> bool:
    lower = word.lower()
    if lower in _PARTICLES or lower in _SUFFIXES:
        return True
    return _WORD.fullmatch(word) is not None and (word[0].isupper() or _is_particle_joined(word))


def _is_particle_joined(word: str) -> bool:
    """ "d'Alché", "al-Rfou": small, with a capital behind a sign."""
    parts = re.split(r"['’-]", word, maxsplit=1)
    return len(parts) == 2 and len(parts[0]) <= 3 and parts[1][:1].isupper()


def _is_loose_name(text: str) -> bool:
    """What may be a name among names: in small letters, or one word alone."""
    words = text.split()
    is_short = 2 <= len(text) <= _MAX_NAME_CHARS and len(words) <= _MAX_NAME_WORDS
    return (
        is_short
        and all(_WORD.fullmatch(word) for word in words)
        and not _NOT_NAMES_ASIAN.search(text)
        and (len(words) > 1 or (text[0].isupper() and not _has_word_of(text, _NOT_NAMES)))
    )


def _are_names(names: Sequence[str], *, is_labelled: bool) -> bool:
    """Whether all are names beyond doubt; behind a label most, and the others possible ones."""
    if not is_labelled:
        return bool(names) and all(map(is_name, names))
    sure = sum(is_name(name) or _is_asian_name(name) for name in names)
    if not names or sure < max(1, len(names) * _LOOSE_SHARE):
        return False
    return all(is_name(name) or _is_loose_name(name) or _is_asian_name(name) for name in names)


def _is_asian_name(text: str) -> bool:
    return _ASIAN_NAME.fullmatch(text) is not None and not _NOT_NAMES_ASIAN.search(text)


def _take_brackets_off(text: str) -> str:
    for _ in range(2):  # "(A (B))"
        text = _BRACKETS.sub(" ", text)
    return text


def _tidy(part: str) -> str:
    part = " ".join(part.split()).strip(" ,;:*–—-’'\"“”…")
    words = part.split()
    while words and words[-1].lower() in _SUFFIXES - {"jr", "jr.", "ii", "iii", "iv", "sr", "sr."}:
        words.pop()
    part = " ".join(words)
    return part if part.endswith(("Jr.", "Sr.")) else part.strip(".").strip()


# ── splitting ───────────────────────────────────────────────────────────────────────────────────


def _split(text: str) -> list[str]:
    """Cut a list into names, and turn "Quill, Ada" round where that is how the list is written."""
    if ";" in text or "；" in text:
        parts = [part for part in re.split(r"\s*(?:[;；]|\band\b|&)\s*", text) if part]
        return [_turn(part) for part in parts]
    by_and = [part for part in re.split(r"\s+(?:and|&)\s+", text) if part.strip(" ,")]
    if len(by_and) > 1 and all(len(_pieces(part)) == 2 and _is_turned(*_pieces(part)) for part in by_and):
        return [_turn(part) for part in by_and]  # BibTeX: "Quill, Ada and Brandt, Teo"
    pieces = [piece for part in _BETWEEN.split(text) for piece in _pieces(part)]
    return _turn_pieces(_join_suffixes(pieces))


def _pieces(text: str) -> list[str]:
    return [piece for piece in _COMMA.split(text) if piece]


def _turn(part: str) -> str:
    """ "Quill, Ada" → "Ada Quill"; "Ada Quill, Nowhere Lab" → "Ada Quill"."""
    pieces = _pieces(part)
    if len(pieces) == 2 and _is_turned(*pieces):
        return f"{pieces[1]} {pieces[0]}"
    return pieces[0] if len(pieces) > 1 and is_name(_tidy(pieces[0])) else " ".join(pieces)


def _is_turned(last: str, first: str) -> bool:
    """Whether these are a last name and first names: one word (and particles) before the comma, few behind it."""
    main = [word for word in last.split() if word.lower() not in _PARTICLES]
    firsts = first.split()
    return len(main) == 1 and 1 <= len(firsts) <= 3 and all(word[0].isupper() for word in (*main, *firsts))


def _turn_pieces(pieces: list[str]) -> list[str]:
    """Turn round what is written as "Quill, A., Brandt, T." or, for the first author alone, as "Quill, Ada"."""
    firsts = pieces[1::2]
    if len(pieces) > 1 and len(pieces) % 2 == 0 and all(_INITIALS.fullmatch(first.strip()) for first in firsts):
        return [f"{first} {last}" for last, first in zip(pieces[::2], firsts, strict=True)]
    if _are_turned(pieces):
        return [f"{first} {last}" for last, first in zip(pieces[::2], firsts, strict=True)]
    if len(pieces) < 2 or not _is_turned(pieces[0], pieces[1]) or not all(" " in piece for piece in pieces[2:]):
        return pieces
    firsts = pieces[1].split()
    if len(firsts) == 1 or (len(firsts) == 2 and _INITIALS.fullmatch(firsts[1])):
        return [f"{pieces[1]} {pieces[0]}", *pieces[2:]]
    return pieces


def _are_turned(pieces: Sequence[str]) -> bool:
    """Whether all names are written as "Quill, Ada": last names of one word, and first names of two somewhere.

    Words alone, "Quill, Ada, Li, Bo", may as well be last names; they are left to be no names.
    """
    pairs = list(zip(pieces[::2], pieces[1::2], strict=False))
    is_even = len(pieces) > 3 and len(pieces) % 2 == 0
    return is_even and all(_is_turned(*pair) for pair in pairs) and any(" " in first for _, first in pairs)


def _join_suffixes(pieces: Iterable[str]) -> list[str]:
    """ "Ada Quill, Jr." is one author."""
    joined: list[str] = []
    for piece in pieces:
        if joined and piece.lower() in _SUFFIXES:
            joined[-1] = f"{joined[-1]} {piece}"
        else:
            joined.append(piece)
    return joined
