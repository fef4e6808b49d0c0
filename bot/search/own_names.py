"""The names that a text presents as its paper's own, if the title has none: "we propose Owl Broth Nets (OBN)".

In: a post's texts. Out: names as spelt. Pure. If a name is really another paper's, the bot would give a wrong answer
and seem sure of it. So a name alone is never enough: the text must present it, or the title must contain its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from bot.text.patterns import lazy_pattern
from bot.text.terms import bare_letters

NAME = r"(?=[a-z0-9-]*[A-Z])[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+){0,2}(?![A-Za-z0-9_-])"
"""A particle may follow without a space: BERT는, BERTは."""
_BEGIN = r"(?<![A-Za-z0-9_-])"
_INTRODUCED = tuple(
    (tuple(signs.split("|")), lazy_pattern(pattern, re.MULTILINE))
    for signs, pattern in (
        ("(", rf"^\W{{0,3}}\(\s?({NAME})\s?\)"),  # a paragraph of the abstract that begins with its name as a label
        (
            "propose|introduce|present|develop|call|name|dub|term",
            (
                rf"\b(?:[Ww]e|paper|authors|work|method|model|framework)[ ,]+(?:(?:also|then|here|thus|therefore)\s)?"
                rf"(?:propose|introduce|present|develop|call|name|dub|term)(?:s|d|ed)? "
                rf"(?:(?!(?:after|based|built|on|with|from|for|to|of|using|over|than|like|against)\s)\w{{1,20}} )"
                rf"{{0,3}}?({NAME})"
                r"(?!\[|\s(?:version|variant|extension|based|architecture of))"
            ),
        ),
        (
            "ropose|resent|ntroduce|evelop",
            (
                rf"(?:\b(?:[Ww]e|paper|authors)\s|^\W{{0,3}})"
                rf"(?:[Pp]ropose|[Pp]resent|[Ii]ntroduce|[Dd]evelop)(?:s|d|ed)? "
                rf"(?:an?|the) [^.,\n]{{3,60}}, (?:the |called |named )?({NAME})(?=[ ,.(])"
            ),
        ),
        ("his is ", rf"\b[Tt]his is (?:a review of |the original )?the ({NAME}) paper\b"),
        # A note of two words above the text.
        ("aper", rf"^\W{{0,3}}({NAME}) [Pp]aper\W{{0,3}}(?:$|(?<=\.)\s|(?<=\. ))"),
        (
            "오늘|이번",
            rf"(?:오늘|이번)[^.\n]{{0,30}}?{_BEGIN}({NAME})\s?논문[을를]\s(?:\S{{1,10}}\s)?(?:리뷰|소개|정리)",
        ),
        ("proposed", rf"\b(?:[Tt]he|[Oo]ur) proposed (?:\w{{1,20}} ){{0,2}}?({NAME})"),
        ("tool", rf"\btools?, (?:{NAME} and )?({NAME}),? (?:is|are) (?:presented|proposed|introduced)"),
        (
            "call|named|dub|term|refer",
            (
                rf"\b(?:[Ww]e|[Oo]ur|paper|authors|[Pp]ropos\w+|[Ii]ntroduc\w+|[Pp]resent\w*)\b[^.\n]{{0,160}}?"
                rf"\b(?:call(?:ed)?|named|dub(?:bed)?|term(?:ed)?|refer(?:red)? to as) (?:it |this |the )?"
                rf"[\"'“‘]?({NAME})"
            ),
        ),
        (
            "called|named|dubbed|termed",
            (
                rf"\b(?:[Tt]he|[Tt]his|[Oo]ur) (?:\w{{1,20}} ){{0,2}}?(?:technique|method|model|algorithm|approach|"
                rf"architecture|framework|system),? (?:which is )?(?:called|named|dubbed|termed) [\"'“‘]?({NAME})"
            ),
        ),
        (
            "제안|고안|명명|소개|개발|부르|부른|부릅|불",
            (
                rf"{_BEGIN}({NAME})[\"'”’)]?\s?(?:을|를|이라는|라는|이라고|라고|이란|란|이라|라)\s?"
                rf"(?:\S{{1,20}}\s){{0,2}}?(?:제안|고안|명명|소개|개발|부르|부른|부릅|불)"
            ),
        ),
        ("부르|부른|부릅|명명|칭", rf"{_BEGIN}({NAME})[\"'”’)]?\s?(?:으)?로\s(?:부르|부른|부릅|명명|칭)"),
        ("제안|개발", rf"{_BEGIN}({NAME})\)?\s(?:제안|개발)(?:함|했|하였|하고|$)"),
        (
            "제안|소개",
            (
                rf"(?:제안하는|제안한|제안된|소개하는|제안 방법인|제안 모델인)\s"
                rf"(?:\S{{1,20}}\s){{0,2}}?[\"'“‘(]?({NAME})"
            ),
        ),
        ("提案", rf"(?:提案手法|提案モデル)(?:である|の|は|、|「)?\s?({NAME})"),
        ("提案", rf"提案(?:する|した)\s?({NAME})"),
        ("提案|呼|名付|という", rf"{_BEGIN}({NAME})[」』]?\s?(?:を提案|と呼|と名付|という(?:手法|モデル|方法))"),
        ("提出|命名", rf"(?:提出|命名[为為])[^。，,\nA-Za-z]{{0,20}}({NAME})"),
        ("提出", rf"提出[^。，,\n]{{0,60}}?和\s?({NAME})"),
        (
            "设计|設計|构建|構建|开发|開發",
            rf"^\W{{0,4}}(?:设计|設計|构建|構建|开发|開發)了\s?[^。，,\nA-Za-z]{{0,12}}({NAME})",
        ),
        (
            "本文|我们|我們",
            rf"(?:本文|我们|我們)(?:构建|構建|设计|設計|发布|發佈)了?[^。，,\nA-Za-z]{{0,12}}({NAME})",
        ),
        (
            "本文|我们|我們|作者",
            rf"(?:本文|我们|我們|作者)[^。\n]{{0,60}}?(?:[称稱名][为為]|叫做|[简簡]称)[^。，,\nA-Za-z]{{0,4}}({NAME})",
        ),
    )
)
"""How a text presents what is the paper's own, by a name with at least one capital letter. Before each way are the
words of which it needs one: they are looked for first, because most texts have few of them."""
_APPOSED = lazy_pattern(
    r"\b(?:[Ww]e|paper|authors) (?:propose|introduce|present)(?:s|d|ed)? ([A-Z][a-z]{3,24})"
    r"(?:, (?:an?|the|our|which)| as [\"“]?(?:an?|the)) "
)
"""A capitalised word that only the text makes a name: "We present Kettle, a language model …", "Kettle as a …"."""
_NEXT_SENTENCE = tuple(
    lazy_pattern(pattern)
    for pattern in (
        (
            rf"\b(?:[Ww]e|paper|authors) (?:propose|introduce|present)(?:s|d|ed)? (?:an?|two|the|new|novel) "
            rf"[^.\n]{{5,200}}\. ({NAME}) (?:is|are|uses?|has|consists|learns|works|takes|combines)\b"
        ),
        rf"(?:본|이) (?:논문|연구)[^.\n]{{5,200}}제안(?:한다|합니다|했다|함)\. ({NAME})[은는]",
    )
)
"""The proposal gets its name at the beginning of the next sentence."""
_MARKED = lazy_pattern(r"\b(?:[A-Z][A-Za-z0-9]*[A-Z][A-Za-z0-9]*|[A-Z][A-Za-z-]*\d+)\b(?!-based)")
_ALSO_KNOWN = lazy_pattern(
    rf"(?:\balso (?:known as|called|named|termed)|\ba\.?k\.?a\.?)\s(?:the )?[\"“]?({NAME})|"
    rf"{_BEGIN}({NAME})[\"”’)]?\s?(?:이라고도|라고도|으로도|로도)\s(?:부르|부른|부릅|불리|불린|알려|한다|합니다)|(?:又[称稱]|也[称稱][为為]?|也叫)\s?({NAME})"
)
_PRESENTS_BEFORE = lazy_pattern(
    r"\b(?:[Ww]e|authors?|paper|work)\b[^.]{0,40}\b(?:propose|introduce|present|develop|design)(?:s|d|ed)?\b(?P<between>[^.]{0,40})\Z|"
    r"(?:\A|\n)\W{0,4}(?:Propose|Present|Introduce)s?\b(?P<note>[^.]{0,60})\Z|\b[Oo]ur (?P<our>)\Z|"
    r"\b[Tt]hey (?:also )?proposed? (?P<they>[^.]{0,40})\Z|"
    r"\b(?:called|named|dubbed|termed) (?:the )?\Z|"
    r"(?:本文|我们|我們)?(?:提出|构建|構建)(?P<zh>[^。]{0,16})\Z"
)
_PRESENTS_BEHIND = lazy_pattern(
    r"\s?(?:[을를]|이라는|라는|(?:이)?라고|という|と)?\s?(?:새로|새롭게|모델|방법|프레임워크|手法|モデル)?[을를を]?\s?"
    r"(?:제안|고안|명명|개발|提案|開発|名付|呼)"
)
_BY_MEANS = lazy_pattern(
    r"\b(?:based|using|uses?|with|via|from|by|extend\w*|that|which|for)\b|基于|通过|利用|结合|使用|采用"
)
_OTHERS = lazy_pattern(
    r"\bet al|\bprevious (?:work|method|model|stud)\w*|\bprior (?:work|method|art|approach)\w*|"
    r"\bexisting (?:work|method|model)\w*|proposed (?:by|in)\b|기존|이전|선행|従来|先行|既存|以前|现有|已有|传统|"
    r"\((?:[A-Z][^()]{0,40},\s?)?(?:19|20)\d\d[a-z]?\)|\[[^\[\]]{0,24}\d{1,4}\]"
)
"""Signs that a sentence is about others' work: a verb such as "proposes" presents that work, too."""
_BRACKET = lazy_pattern(rf"\s?[(（]\s?({NAME}|[2-6]D-?[A-Z][A-Za-z0-9-]{{1,12}})\s?[)）]")
_NAME_AND_BRACKET = lazy_pattern(rf"{_BEGIN}({NAME})\s?[(（]([^()（）\n]{{6,90}})[)）]")
_TAIL = lazy_pattern(r"[A-Za-z0-9'’/ -]*\Z")
_SENTENCE = lazy_pattern(r"[^\n]+?(?:[.!?](?=\s)|[。．！？]|$)", re.MULTILINE)
_SENTENCE_END = lazy_pattern(r"[.!?](?=\s)|[。．！？\n]")
_WORD = lazy_pattern(r"[A-Za-z0-9]+(?:['’][a-z]+)?")
_PART_OF_WORD = lazy_pattern(r"[A-Z]?[a-z]+(?=[A-Z])|[A-Za-z0-9]+(?:['’][a-z]+)?")
"""A word, or what a capital inside it begins: Drop and Block of DropBlock."""
_SMALL = frozenset("a an the of and for in on to with by from via at as or".split())
_BEFORE_SUBJECTS = frozenset(
    "for in of on to under over across against about with via by using from through deep".split()
)
"""After these words, a title says what the paper is about or uses, not what it contributes."""
_ABOUT_MANY = lazy_pattern(
    r"\b(?:surveys?|reviews?|overview|tutorial|introduction|primer)\b|서베이|综述|サーベイ", re.IGNORECASE
)
_HOW_TO = lazy_pattern(r"^how to \w+ ", re.IGNORECASE)
_SEVERAL_WORDS = r"([A-Z][\w-]*(?: [A-Z][\w-]*){1,3})"
_QUOTED = tuple(
    lazy_pattern(pattern)
    for pattern in (
        rf"\b(?:[Ww]e|authors?|paper) (?:propose|introduce|present)s? (?:an? |the )?[\"“]{_SEVERAL_WORDS}[\"”]",
        (
            rf"\bpropose(?:s|d)?\b[^.,;:\n]{{0,60}} (?:called|named|dubbed|termed) (?:the )?{_SEVERAL_WORDS}"
            r"(?=[.,;:()\n]|\s(?:that|which|to|for|is|in|by|with)\b|\Z)"
        ),
        rf"「{_SEVERAL_WORDS}」(?:を提案|と呼)",
        rf"[\"“‘']{_SEVERAL_WORDS}[\"”’'](?:을|를|이라는|라는)\s?(?:\S{{1,20}}\s)?(?:제안|고안)",
    )
)
"""Names of several words, in quotation marks or behind "called"."""
_REPEATED = lazy_pattern(r"([a-z])([23])")
_FIRST_WORDS_END = lazy_pattern(
    r"\s?[:：,;?!(（]|\s[-–—|]\s|--|\s(?:of|in|for|on|to|from|by|with|using|via|through|at|over|as|is|are|under|without)\s",
    re.IGNORECASE,
)
_PHRASE = lazy_pattern(
    r"(?:[:：!?]\s*|--|\s[-–—|]\s|\b(?:using|with|via|by|through|train|training)\s(?:(?:an?|the)\s)?)(?=\w)",
    re.IGNORECASE,
)
"""After these, a title names what the paper contributes or by what means; inside a phrase a name is a component's."""
_IN_KIND = lazy_pattern(r"-(?:based|like|style|free|aware|level|trained|driven|guided|specific|enhanced)\Z")
""""DL-based" only says what kind of model it is."""
_IN_WORDS = lazy_pattern(r"-[a-z]{2,}|[a-z]{3,}-[A-Z][a-z]{2,}")
_LEADING = lazy_pattern(r"(?=\w*[A-Z]\w*[A-Z0-9])[A-Za-z][A-Za-z0-9]+")
_MIN_TITLED, _MIN_LEADING = 5, 4
_OFTEN = 3
_MAX_BEFORE = 110
_MAX_EXPANSION = 9
_MIN_LETTERS = 3
_MAX_LETTERS = 25


@lru_cache(maxsize=8)  # each opening is asked for several times in a row
def presented_names(text: str) -> frozenset[str]:
    """The names that an abstract or an opening presents in words, with or without what they stand for."""
    possible = (pattern for signs, pattern in _INTRODUCED if any(sign in text for sign in signs))
    named = {name for pattern in possible for name in pattern.findall(text) if not _IN_KIND.search(name)}
    return frozenset(named | _named_next(text) | presented_abbreviations(text))


def _named_next(text: str) -> set[str]:
    """Names at the beginning of a sentence that follows a nameless proposal."""
    matches = (match for pattern in _NEXT_SENTENCE for match in pattern.finditer(text))
    return {match[1] for match in matches if not _MARKED.search(match[0], 2, match.start(1) - match.start())}


def apposed_names(text: str) -> set[str]:
    """The words with one capital that a text presents as names: "We present Kettle, a language model"."""
    return set(_APPOSED.findall(without_others(text)))


def other_names(called: str, text: str) -> set[str]:
    """Other names for the paper's own name, as given by the text: "also known as …"."""
    lines = (line for line in text.split("\n") if called and called in line)
    return {name for line in lines for match in _ALSO_KNOWN.finditer(line) for name in match.groups() if name}


@lru_cache(maxsize=8)
def without_others(text: str) -> str:
    """The text without its sentences about others' work."""
    return _SENTENCE.sub(lambda sentence: "" if _OTHERS.search(sentence[0]) else sentence[0], text)


def is_about_many(title: str) -> bool:
    """Whether a title is that of a survey, where the methods presented are others'."""
    return _ABOUT_MANY.search(title) is not None


def presented_abbreviations(text: str) -> set[str]:
    """The names that a text presents together with the words that they stand for; one mention is enough for these."""
    return {definition.name for definition in _presented_definitions(text)}


def presented_phrases(text: str) -> set[str]:
    """The names of several words that a text presents, in quotation marks, behind "called", or followed by an
    abbreviation.
    """
    quoted = {name for pattern in _QUOTED for name in pattern.findall(text)}
    return quoted | {definition.spelled for definition in _presented_definitions(text) if definition.spelled}


def spelled_out(called: str, text: str) -> set[str]:
    """The words that a text says the paper's own name stands for: "DPK (Dented Pots Kettle)"."""
    lines = (line for line in text.split("\n") if called and called in line and not _OTHERS.search(line))
    defined = (definition for line in lines for definition in _definitions(line) if definition.name == called)
    return {" ".join(word.capitalize() for word in definition.stands_for) for definition in defined}


def leading_name(title: str) -> str | None:
    """The name at the beginning of a title of five words or more, with no sign between: "KettleFuzz Testing Pots by
    Proxy".

    It has two capitals, or a capital and a digit, and four letters. A word for what the name does or has may not
    follow it: a preposition, or a word in s, which is a verb or a plural ("KETL Rediscovers …", "RGB Kettles").
    """
    first, *rest = title.split()[:_MIN_TITLED] or [""]
    if len(rest) < _MIN_TITLED - 1 or is_about_many(title) or not _LEADING.fullmatch(first):
        return None
    follows = rest[0].casefold()
    is_title = rest[0][0].isupper() and follows not in _SMALL - {"a", "an", "the"} and not follows.endswith("s")
    return first if is_title and len(first) >= _MIN_LEADING else None


def titled_names(title: str, text: str) -> set[str]:
    """The names that a text gives to words of the title: "Progressive Neural Networks (ProgNN)".

    Words after a preposition do not count: "Boats for Harbour Traffic Control (HTC)" does not have that name.
    """
    if is_about_many(title):
        return set()
    words = [word.casefold() for word in _WORD.findall(_HOW_TO.sub("", title))]
    lines = (line for line in text.split("\n") if "(" in line or "（" in line)
    defined = (definition for line in lines if not _OTHERS.search(line) for definition in _definitions(line))
    return {definition.name for definition in defined if _is_brought(definition.stands_for, words)}


@lru_cache(maxsize=8)  # each opening is searched for names and for phrases
def _presented_definitions(text: str) -> tuple[Definition, ...]:
    sentences = (sentence for sentence in _SENTENCE_END.split(text) if not _OTHERS.search(sentence))
    return tuple(
        definition
        for sentence in sentences
        for definition in _definitions(sentence)
        if _is_presented(sentence, definition)
    )


def _is_presented(sentence: str, definition: Definition) -> bool:
    """Whether a verb next to a definition presents it, and not just what the paper's own work is made with."""
    if _PRESENTS_BEHIND.match(sentence, definition.stop):
        return True
    match = _PRESENTS_BEFORE.search(sentence[max(0, definition.start - _MAX_BEFORE) : definition.start])
    return match is not None and not _BY_MEANS.search(
        match["between"] or match["note"] or match["they"] or match["zh"] or ""
    )


class Definition(NamedTuple):
    """A name and the words it stands for, side by side, with the position of both in a text.

    ``spelled`` holds these words as written, if they stand before the name and are capitalised.
    """

    name: str
    stands_for: tuple[str, ...]
    start: int
    stop: int
    spelled: str = ""


def _definitions(text: str) -> Iterator[Definition]:
    """Definitions in a text, in either order: "words (NAME)" or "NAME (words)"."""
    for match in _BRACKET.finditer(text):
        name = _singular(match[1])
        for run in _runs_before(text, match.start()):
            if expansion := _expansion(name, [word[0] for word in run]):
                start = run[-len(expansion)].start()
                spelled = text[start : run[-1].end()]
                is_name = all(word[0].isupper() or word in _SMALL for word in _WORD.findall(spelled))
                yield Definition(name, expansion, start, match.end(), spelled if is_name else "")
                break
    for match in _NAME_AND_BRACKET.finditer(text):
        inside = [word.casefold() for word in _WORD.findall(match[2])]
        if 1 < len(inside) <= _MAX_EXPANSION and _expansion(match[1], inside) == tuple(inside):
            yield Definition(match[1], tuple(inside), match.start(), match.end())


def _runs_before(text: str, end: int) -> Iterator[list[re.Match[str]]]:
    """The words right before a place in a text: whole ones, then with those that have a capital inside cut there."""
    tail = _TAIL.search(text, max(0, end - _MAX_BEFORE), end)
    if tail:
        yield list(_WORD.finditer(text, tail.start(), end))
        yield list(_PART_OF_WORD.finditer(text, tail.start(), end))


def _singular(name: str) -> str:
    """The singular of an abbreviation: HVP for HVPs."""
    return name[:-1] if re.fullmatch(r"[A-Z]{2,}s", name) else name


def _expansion(name: str, words: list[str]) -> tuple[str, ...]:
    """The shortest run at the end of these words that a name abbreviates; () if there is none."""
    spelled = _spelled_letters(name)
    folded = [word.casefold() for word in words[-_MAX_EXPANSION:]]
    if len(spelled[0]) < _MIN_LETTERS:
        return ()
    for start in range(len(folded) - 2, -1, -1):
        run = tuple(folded[start:])
        if run[0] not in _SMALL and any(abbreviates(letters, run) for letters in spelled):
            return run
    return ()


def _spelled_letters(name: str) -> tuple[str, ...]:
    """The letters of a name; A2PIT may also stand for two words with a, S3G for three with s, and D3DGS may be a
    plural."""
    letters = bare_letters(name)
    repeated = _REPEATED.sub(lambda match: match[1] * int(match[2]), letters)
    singular = letters[:-1] if name.endswith("S") and len(letters) > _MIN_LETTERS else letters
    return tuple(dict.fromkeys((letters, repeated, singular)))


def title_abbreviations(title: str, uses: Mapping[str, int]) -> set[str]:
    """The names that a text uses for consecutive words of its title: "GraKN" for "Gradual Kettle Networks for Tea".

    The first words of a title, up to a punctuation mark or preposition, are the paper's own, and their initials need
    to occur only once in the text. Other words count after a punctuation mark or after a word for the means, such as
    "using", and must be used repeatedly. After "for" comes the subject ("Pans for Broth Pose Estimation").

    Args:
        uses: How often the text uses each candidate name.
    """
    if is_about_many(title):
        return set()
    words = [word.casefold() for word in _WORD.findall(title)]
    starts = {len(_WORD.findall(title[: match.end()])) for match in _PHRASE.finditer(title)}
    first = [word.casefold() for word in _WORD.findall(_FIRST_WORDS_END.split(title, maxsplit=1)[0])]
    first = first[next((at for at, word in enumerate(first) if word not in _SMALL), 0) :]
    runs = [tuple(words[start : start + _MAX_EXPANSION]) for start in starts if start]
    letters = bare_letters(title)
    return {
        name
        for name, count in uses.items()
        if bare_letters(name) not in letters
        and not _IN_WORDS.search(name)
        and _is_abbreviation(name, count, first, runs)
    }


def renamed(called: str, uses: Mapping[str, int]) -> set[str]:
    """The names that a text uses for all parts of its paper's own name: DiKet for Diffusion-Kettle."""
    parts = tuple(word.casefold() for word in _WORD.findall(called))
    names = (name for name, count in uses.items() if count > 1 and bare_letters(name) not in bare_letters(called))
    return {name for name in names if len(parts) > 1 and _abbreviates_all(name, parts)}


def _abbreviates_all(name: str, words: tuple[str, ...]) -> bool:
    return any(abbreviates(letters, words, may_skip=False) for letters in _spelled_letters(name))


def _is_abbreviation(name: str, count: int, first: Sequence[str], runs: Iterable[tuple[str, ...]]) -> bool:
    spelled = _spelled_letters(name)
    is_short = len(spelled[0]) == _MIN_LETTERS
    if len(spelled[0]) < _MIN_LETTERS:
        return False
    if 1 < len(first) <= _MAX_EXPANSION:
        initials = "".join(_initial(word) for word in first if word not in _SMALL)
        if len(first) > 2 and initials in spelled and count >= (2 if is_short else 1):
            return True
        if not is_short and count > 1 and _abbreviates_all(name, tuple(first)):
            return True
        if not is_short and count >= _OFTEN and len(first) > 2 and abbreviates(spelled[0], tuple(first)):
            return True
    return any(_abbreviates_run(name, run, count) for run in runs)


def _abbreviates_run(name: str, run: tuple[str, ...], count: int) -> bool:
    """Whether a name stands for the first two or more of these words."""
    is_long = len(name) > _MIN_LETTERS + 1
    return any(
        _abbreviates_all(name, run[:stop])
        for stop in range(2, len(run) + 1)
        if count >= _OFTEN or (is_long and stop > 2)
    )


def _initial(word: str) -> str:
    return word if word[0].isdigit() else word[0]


@lru_cache(maxsize=4_096)
def abbreviates(letters: str, words: tuple[str, ...], *, may_skip: bool = True) -> bool:
    """Whether letters are the beginnings of consecutive words. Small words may be left out, and one other word.

    "cian" of "character level intra attention network", "capsnet" of "capsule network". The result is cached, because
    all combinations are tried, and a hostile text may repeat one letter.
    """
    if len(letters) > _MAX_LETTERS or len(words) > _MAX_EXPANSION:
        return False
    if not words or not letters:
        return not words and not letters
    first, rest = words[0], words[1:]
    for count in range(min(len(first), len(letters)), 0, -1):
        if first.startswith(letters[:count]) and _goes_on(letters[count:], rest, may_skip=may_skip):
            return True
    return False


def _goes_on(letters: str, words: tuple[str, ...], *, may_skip: bool) -> bool:
    if abbreviates(letters, words, may_skip=may_skip):
        return True
    if len(words) < 2:
        return False
    is_small = words[0] in _SMALL
    return (is_small or may_skip) and _goes_on(letters, words[1:], may_skip=may_skip and is_small)


def _is_brought(stands_for: tuple[str, ...], title: list[str]) -> bool:
    """Whether a title contains these words in a row, and not just as its subject."""
    wanted = [_stem(word) for word in stands_for]
    have = [_stem(word) for word in title]
    for at in range(len(have) - len(wanted) + 1):
        if have[at : at + len(wanted)] == wanted:
            before = [word for word in title[:at] if word not in {"a", "an", "the"}]
            return not before or not _BEFORE_SUBJECTS.intersection(before[1:])
    return False


def _stem(word: str) -> str:
    return word.removesuffix("s") if len(word) > _MIN_LETTERS else word
