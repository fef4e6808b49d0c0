"""The short name of a paper, from the title of a post about it: "SoupNet", "BLIP-2".

In: a parsed title, addresses and the text. Out: a name, or None. With a wrong name the bot would give sure but wrong
answers, so a form that proves less alone needs more evidence. Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from bot.reviews.names import VENUES
from bot.reviews.titles import TitleFacts, read_title
from bot.text.labels import describes_post, is_marked
from bot.text.links import page_name
from bot.text.patterns import lazy_pattern
from bot.text.terms import bare_letters, has_hangul
from bot.text.titles import paper_title, split_ordinal, split_title

_MAX_CHARS = 25
_MAX_WORDS = 2
_MAX_APART = 4
_MIN_TITLE_WORDS = 3
"""With at least this many Latin words, the text beside a name is a title."""
_MIN_TRANSLATED = 8
_MIN_INITIALS = 3
_MIN_USES = 2
_TELLING_CHARS = 12
"""If the address repeats the title, they agree in this many letters."""
_MAX_TITLE_CHARS = 200
_COMMON_SHARE = 0.1
"""A word that is in lower case more often than this is a term, not a name."""
_ADDRESS_NAME = lazy_pattern(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
_COLON = lazy_pattern(r"[:：]\s*")
_DASH = lazy_pattern(r"\s+[-–—|｜]+\s+|—+|\s?--\s?|\s+[-–](?=[A-Z])|(?<=\w)-\s+(?=[A-Z])")
_ARTICLE = lazy_pattern(r"(?<=\w)[-–](?=(?:An?|The)\s)")
_FILE_SIGN = lazy_pattern(r"(?<=\w)[;；]\s+(?=[A-Z])")
"""What authors write in a file name, which cannot have a colon."""
_APPOSITION = lazy_pattern(r"(?<=\w)[,，]\s+(?=(?:an?|the)\s)", re.IGNORECASE)
_LAST_DASH = lazy_pattern(r"(?:\s[-–—|｜]+\s|—|\s?--\s?)(?=[^\s]+\Z)")
_COUNTED_NAME = lazy_pattern(r"[A-Z][A-Za-z-]{2,20}[- ]?\d[\w.]{0,4}")
_WITH_DIGIT = lazy_pattern(r"[a-z]{2,10}\d[a-z]{2,10}")
"""node2vec, word2vec."""
_MIN_PROPER = 4
_MAX_SUBJECT = 4
_OPENING_CHARS = 1_500
_NUMBERED = lazy_pattern(
    r"(?:fig(?:ure)?|tab(?:le)?|eq(?:uation)?|appendix|stage|phase|level|type|round|task|season|ver(?:sion)?|top|lab|"
    r"problem|exercise|book|web|ch(?:apter)?|lec(?:ture)?|part|week|day|step|section|vol(?:ume)?|issue|ep(?:isode)?|"
    r"session|module|no|python|java|cuda|ubuntu|windows|covid|cifar|http|utf|iso)[-\s.#]*\d[\d.]*[a-z]?",
    re.IGNORECASE,
)
"""What is counted, or comes in versions, and is no paper's name."""
_INSTITUTIONS = frozenset(
    """google airbnb meta facebook microsoft apple amazon netflix uber naver kakao openai deepmind nvidia baidu
    alibaba tencent bytedance spotify linkedin pinterest twitter kaggle huggingface stanford berkeley mit""".split()
)
_NOT_NAMES = _INSTITUTIONS | frozenset(
    """korean english japanese chinese german french bayesian gaussian attention transformer transformers embedding
    survey review summary korea japan china nature science cell arxiv medium poster oral spotlight workshop findings
    draft wip updated""".split()
)
_IN_BRACKETS = lazy_pattern(r"\s?[(（]([^()（）]{2,25})[)）](?=\s*(?:\Z|[:：]|\s[-–—]\s))")
_FRONT_BRACKET = lazy_pattern(r"\s*[(（]([^()（）\s]{2,25})[)）]\s*(?=\S)")
_LEADING_BRACKETS = lazy_pattern(r"\A(?:\s*\[[^\[\]]*\])+\s*")
_LATIN_WORD = lazy_pattern(r"[A-Za-z][A-Za-z'’-]+")
_OTHER_SCRIPT = lazy_pattern(r"[\u3040-\u30ff\u4e00-\u9fff가-힣]")
_SUBTITLE = lazy_pattern(
    r"(?:an?\s|the\s)?(?:[a-z-]+\s){0,2}?(?:survey|reviews?|overview|tutorial|primer|introduction|guide|roadmap|"
    r"summary|notes?|explained|comparison|서베이|개요|입문|기초|소개)(?:\s(?:on|of|to|and|for)\s.*)?",
    re.IGNORECASE,
)
"""After a subject, not a name: "Adapters – a survey of methods"."""
_PART = lazy_pattern(
    r"[(\[#]?\s?\d{1,4}\b|(?:part|pt|chapter|lecture|lec|week|day|step|vol|ep|episode|session|module|section)\b\.?\s?\S{0,3}\d"
    r"|제?\s?\d+\s?(?:편|부|강|장|주차|일차|탄|회|화)|(?:파트|챕터|강의)\s?\d",
    re.IGNORECASE,
)
"""The counting of a series, or a date."""
_COUNTED = lazy_pattern(
    r"(?:issue|part|pt|chapter|lecture|lec|week|day|step|vol|volume|ep|episode|session|module|section|no)\b\.?\s?#?\d{1,4}",
    re.IGNORECASE,
)
"""A number in a series, which is not a name: "Issue 12: …"."""
_HOW_TO = lazy_pattern(
    r"(?:설치|사용|사용법|활용법|정리|튜토리얼|실습|가이드|입문|기초|예제|후기|하기|방법)\W*\Z|使い方|入門|教程|安装|使用"
)
_ADDRESS = lazy_pattern(r"(?:https?:)?//")
_MODEL = lazy_pattern(r"[A-Z][a-z]{1,14}(?:former|net)")
"""A word made like many models' names: Linformer, Densenet."""
_NO_MODELS = frozenset(
    "transformer internet ethernet intranet subnet planet magnet cabinet botnet bonnet garnet hornet".split()
)
_VERSION = lazy_pattern(r"(\S{2,20})\s[vV]?\d{1,2}(?:\.\d{1,2})?")
_LISTING = lazy_pattern(r"[,;:/&=]")
_REPORT = lazy_pattern(
    r"([^\s:：]{2,20}(?:\s[^\s:：]{1,20})?)\s(?:technical report|(?:system|model) card|기술 보고서)(?=\Z|\s?[:(])",
    re.IGNORECASE,
)
_COURSE = lazy_pattern(r"[A-Za-z]{2,4}\s?\d{3}[A-Za-z]?")
_YEAR = lazy_pattern(r"(?<!\d)(?:19|20)\d\d(?!\d)|['’]\d\d\b")
_PAGES = frozenset("readme index notes note paper post summary review introduction intro about overview".split())
"""Files that are called so in any folder."""
_NEVER_FIRST = frozenset(
    "beyond towards toward on from how why what when where is are can do does rethinking revisiting understanding "
    "exploring".split()
)
"""Two words with one of these first are a phrase, if none is marked: "Beyond Soup: …"."""
_FIELDS = frozenset(
    "ai ml dl nlp cv rl llm llms vlm vlms mllm mllms lmm plm plms gan gans cnn cnns rnn rnns gnn gnns lstm lstms "
    "gcn dnn dnns vit vae mlp svm gpu gpus cpu cpus tpu api sql agi nmt mt asr tts stt ocr qa vqa ir ui ux os db "
    "aws gcp iot slam cot icl sft rlhf peft moe kd ner sota tl;dr tldr wip pdf ppt eng kor kr en ko jp cn cuda "
    "pytorch tensorflow keras jax huggingface github arxiv matlab opencv openai deepmind numpy docker html css "
    "xml json url http https python java javascript typescript kotlin swift rust linux git mysql postgresql "
    "mongodb redis kubernetes spark hadoop airflow".split()
)
"""Subjects and tools of many papers: not the name of any one of them."""
_TOOLS_OF_MANY = frozenset(
    "sgd adam adamw pca ica svd em knn k-nn mcmc mle hmm crf bpe bm25 tf-idf ppo dpo grpo lora qlora ddpm ddim nerf "
    "bert gpt gpt-2 gpt-3 gpt-4 clip resnet yolo u-net unet".split()
)
"""Behind "Algorithm" or "Method", what many papers only use."""
_PUBLISHERS = frozenset("ieee acm rss usenix elsevier springer nature science pnas oup mit kaist".split())
_NOTICES = frozenset(
    "공지 공지사항 안내 후기 회고 번역 정리 요약 설명 리뷰 논문 소개 질문 답변 참고 일상 잡담 기록".split()
)
_HEAD_OF_PART = frozenset(
    "of in for on to from about towards toward against between and with using via within".split()
)


def find_short_name(facts: TitleFacts, *, addresses: Sequence[str], text: str) -> str | None:
    """Return the name that people use for the paper's method, or None.

    In this order: the words before the title's first colon; a name in brackets before it; the words before a dash
    or before a bracket with the title; a name in brackets after it; the last part of one of the addresses, if the
    text itself uses that name. It is then spelled as in the text ("MK-TOD" for MKTOD.html), which also excludes file
    names such as LLMsurvey4.

    Args:
        addresses: The post's own, then the code's: FLARE is reviewed in ActiverRag.html, but its
            repository has the right name.
        text: The post's title and text, where the name must occur.
    """
    title = facts.paper_title
    if names := _names_of_halves(title):
        return names[0]
    if facts.name_in_brackets:
        title = title.removeprefix(f"[{facts.name_in_brackets}]").strip()
    if name := _before_colon(title, text, _page_of(addresses)):
        return name
    if facts.name_in_brackets and _has_marked_word(facts.name_in_brackets) and _as_name(facts.name_in_brackets):
        return facts.name_in_brackets
    alone = _without_bracket(title)
    if (
        " " not in alone
        and not _COLON.search(alone)
        and (is_name(alone) or _WITH_DIGIT.fullmatch(alone))
        and not (alone != split_ordinal(facts.clean_title)[1] and _is_nobodys(alone))
    ):
        return alone
    if name := _with_version(title) or _before_report(title):
        return name
    if (
        name := _before_title(title, text, is_labelled=facts.is_labelled)
        or _behind_title(title, text)
        or _alone_with_bracket(title, text)
    ):
        return name
    if name := _name_of_page(title, _page_of(addresses)):
        return name
    called = (_find_name_of_address(address, text) for address in addresses)
    name = next((name for name in called if name), None)
    return _without_suffix(name, title) if name else None


def name_of_method(value: str) -> str | None:
    """Return the name that is the value of a label such as "Algorithm": one alone ("KETL", "Double KETL"), or the one
    in brackets behind the words that it stands for ("Kettle Tasting (KeT)").
    """
    match = _IN_BRACKETS.search(value)
    name = (match[1] if match and match.end() == len(value) else value).strip()
    words = name.split()
    is_short = 0 < len(words) <= (1 if match else _MAX_WORDS) and len(name) <= _MAX_CHARS
    is_called = is_short and name.isascii() and all(word[0].isupper() for word in words) and _has_marked_word(name)
    is_own = name.casefold() not in _TOOLS_OF_MANY and not _LISTING.search(name) and not _is_nobodys(name)
    return name if is_called and is_own else None


def choose_name(titled: str | None, method: str | None) -> str | None:
    """Choose between the name in a title and the one that a label gives to the paper's method.

    A title that names the paper knows better ("Kettle: Boats with KETL" is not KETL), unless the label has its
    initials.
    """
    if titled is None or (method and method == "".join(re.findall(r"\b[A-Z]", titled))):
        return method
    return titled


def _without_suffix(name: str, title: str) -> str:
    """Return the word before the title's colon if an address adds to it: Kettle, not KettleRM, for "Kettle: …"."""
    match = _COLON.search(title)
    head = title[: match.start()] if match else ""
    is_begun = (
        head.isalpha() and head.isascii() and head[:1].isupper() and name.casefold().startswith(head.casefold())
    )
    return head if match and is_begun and _is_title(title[match.end() :]) else name


def is_name(word: str) -> bool:
    """Whether a word has two capitals or more, or a capital and a digit: "CAD", "X-VLM", "RoE"; not "Adapters"."""
    return len(word) <= _MAX_CHARS and is_marked(word)


def _has_marked_word(name: str) -> bool:
    """Whether at least one of its words looks like a name: "OS Agents", "Stable Soup 2"; not "Knowledge
    Distillation".
    """
    return any(is_name(word) for word in name.split())


def _names_of_halves(title: str) -> tuple[str, ...]:
    """Return the names before the colons of a title in two languages, the English one first; () for any other
    title.
    """
    halves = split_title(title)
    if len(halves) == 1:
        return ()
    split = (half.partition(":") for half in sorted(halves, key=has_hangul))
    return tuple(dict.fromkeys(name for head, colon, _ in split if colon and (name := _as_name(head))))


def _as_name(head: str) -> str | None:
    """Return the words before a colon if they are a name: at most two, capitalised, 25 characters in all."""
    head = head.strip().lstrip("#").strip()
    words = head.split()
    if not 0 < len(words) <= _MAX_WORDS or len(head) > _MAX_CHARS or _COUNTED.fullmatch(head):
        return None
    if len(words) > 1 and words[0].casefold() in _NEVER_FIRST and not _has_marked_word(head):
        return None
    if len(words) == 1:
        return head if any(character.isalpha() for character in head) else None
    return head if all(any(c.isupper() or c.isdigit() for c in word) for word in words) else None


# ── before a title ──────────────────────────────────────────────────────────────────────────────


def _before_colon(title: str, text: str, page: str) -> str | None:
    """Return the name before a colon, which says the most: one that is marked as a name, that the text also uses,
    that is made like a model's, or by which the post's page is called.
    """
    if not (match := _COLON.search(title)):
        return None
    head, tail = _without_bracket(title[: match.start()]), title[match.end() :]
    name = _as_name(head) or _written_apart(head, text)
    if name is None or _ADDRESS.match(tail) or (_SUBTITLE.fullmatch(tail) and not _has_marked_word(name)):
        return None
    if describes_post(name):
        return None
    if is_name(name) and (_has_marked_word(name) or not _is_term(name, text)):
        return name
    if spelling := _spelling(name, text):
        return spelling
    is_used = _is_used(name, text) or (name.istitle() and _is_used(name.upper(), f"{name.upper()} {text}"))
    is_model = bool(_MODEL.fullmatch(name)) and name.casefold() not in _NO_MODELS and _is_title(tail)
    is_page = bare_letters(name) == page and page not in _PAGES and _is_title(tail)
    return name if _may_be_name(name) and (is_used or is_model or is_page) else None


def _written_apart(head: str, text: str) -> str | None:
    """Return the single marked word that the text uses for the words before a colon: "Ladle cd -r" is LadleCD-R."""
    words = head.split()
    if (
        not (1 < len(words) <= _MAX_APART and head[:1].isupper())
        or len(head) > _MAX_CHARS
        or "," in head
        or not head.isascii()
    ):
        return None
    letters = bare_letters(head)
    uses = Counter(word for word in _ADDRESS_NAME.findall(text) if bare_letters(word) == letters and is_name(word))
    return uses.most_common(1)[0][0] if uses.total() >= _MIN_USES else None


def _may_be_name(word: str) -> bool:
    """Whether a word may be a name.

    Chinese and Japanese words before a colon are fields, those of companies say whose paper it is. Korean ones may be
    a name in Hangul, except for notices.
    """
    if has_hangul(word):
        return word not in _NOTICES
    return not _OTHER_SCRIPT.search(word) and word.casefold() not in _INSTITUTIONS


class _Split(NamedTuple):
    """A title, split at one of the signs that may follow a name."""

    head: str
    tail: str


def _with_version(title: str) -> str | None:
    """Return a title that is a name with its version: "Kettle2 1.5" is not the Kettle2 of its repository."""
    match = _VERSION.fullmatch(title)
    return title if match and is_name(match[1]) and not _is_nobodys(title) else None


def _before_report(title: str) -> str | None:
    """Return the name whose report a paper is: "KETL-2 Technical Report", "Qupo System Card: A Model of Tea"."""
    match = _REPORT.match(title)
    name = _as_name(match[1]) if match else None
    return name if name and _has_marked_word(name) and not _is_nobodys(name) else None


def _before_title(title: str, text: str, *, is_labelled: bool) -> str | None:
    """Return the name before a dash or a bar, before "-A …" or ", a …", or before the title in brackets.

    Before a title in another script, a word with one capital also needs the label of a paper's review in front:
    without it, "Kettle – 차를 끓이는 법" may be about a tool.
    """
    for head, tail in _splits(title):
        name = _as_name(_without_bracket(head))
        if name is None or describes_post(name):
            continue
        is_translated = _is_translated(tail) and _is_used(name, text) and (is_labelled or is_name(name))
        if not (_is_title(tail) or is_translated):
            continue
        if _has_marked_word(name):
            return None if _is_nobodys(name) else name
        if not _is_nobodys(name):
            return _spelling(name, text) or (name if _is_proper(name, text) else None)
    return None


def _splits(title: str) -> Iterator[_Split]:
    if match := _DASH.search(title):
        yield _Split(title[: match.start()], title[match.end() :])
    for sign in (_ARTICLE, _APPOSITION, _FILE_SIGN):
        match = sign.search(title)
        if match and is_name(title[: match.start()]) and not (sign is _FILE_SIGN and " " in title[: match.start()]):
            yield _Split(title[: match.start()], title[match.end() :])
    if (match := _FRONT_BRACKET.match(title)) and is_name(match[1]):
        yield _Split(match[1], title[match.end() :])
    at = _last_bracket(title)
    if at is not None and len(_LATIN_WORD.findall(title[at + 1 :])) >= _MIN_TITLE_WORDS:
        yield _Split(title[:at].rstrip(), title[at + 1 :].rstrip(")）"))


def _last_bracket(title: str) -> int | None:
    """Return where the bracket opens that closes at the end of a title; None if there is none."""
    depth = 0
    for at in range(len(title) - 1, -1, -1):
        depth += (title[at] in ")）") - (title[at] in "(（")
        if depth <= 0:
            return at if title[at] in "(（" else None
    return None


def _is_title(tail: str) -> bool:
    """Whether it may be a paper's title: two Latin words, no other script, and not a subtitle, number or date."""
    return (
        len(_LATIN_WORD.findall(tail)) >= _MIN_TITLE_WORDS - 1
        and not _OTHER_SCRIPT.search(tail)
        and not _SUBTITLE.fullmatch(tail)
        and not _PART.match(tail)
    )


def _is_translated(tail: str) -> bool:
    """Whether it may be a title in another script: three words or eight letters, and not instructions for a tool."""
    is_long = len(tail.split()) > _MAX_WORDS or len(_OTHER_SCRIPT.findall(tail)) >= _MIN_TRANSLATED
    return is_long and bool(_OTHER_SCRIPT.search(tail)) and not _HOW_TO.search(tail) and not _PART.match(tail)


def _is_nobodys(name: str) -> bool:
    """Whether a name is a field, a tool, a conference, a course or a year."""
    key = name.casefold()
    return (
        key in _FIELDS
        or key.rstrip(" .-0123456789") in _FIELDS
        or key.rstrip(" 0123456789'’-") in VENUES
        or bool(_YEAR.search(name))
        or bool(_COURSE.fullmatch(name))
    )


def _without_bracket(head: str) -> str:
    """Remove a bracket at the end: "SoupNet (CVPR 2024)" is SoupNet."""
    return re.sub(r"\s*[(（][^()（）]*[)）]\s*\Z", "", head)


def _is_used(word: str, text: str) -> bool:
    """Whether the text uses the word too: "Ditto: …" is a name, "Members: …" a notice."""
    uses = re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.ASCII)  # "Ditto는", "Dittoは"
    return sum(1 for _ in islice(uses, 2)) == 2  # the title is the first


def _is_proper(name: str, text: str) -> bool:
    """Whether the text uses an unmarked word like a name: almost always with its capital."""
    if not name[:1].isupper() or not name.isascii():
        return False
    word = re.escape(name)
    uses = re.findall(rf"(?<!\w){word}(?!\w)", text, re.IGNORECASE | re.ASCII)
    plain = re.findall(rf"(?<![\w\"'`/_.-]){word}(?![\w\"'`/_-])", text, re.IGNORECASE | re.ASCII)
    same = uses.count(name)
    others = len(plain) - plain.count(name)  # not of code: "kettle-index", "kettle.zip"
    return same > _MIN_USES and others <= _COMMON_SHARE * (same + others)


def _spelling(name: str, text: str) -> str | None:
    """Return the text's spelling of a name that the title does not mark as one: OpenVLA for Openvla."""
    if not name.isascii() or len(name) < _MIN_TITLE_WORDS:
        return None
    uses = re.findall(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text, re.IGNORECASE | re.ASCII)
    marked = Counter(use for use in uses if _has_marked_word(use) and not use.isupper())
    if not marked:
        return None
    best = min(marked, key=lambda use: (-marked[use], use))
    return best if marked[best] >= _MIN_USES and 2 * marked[best] >= len(uses) - 1 else None


# ── behind a title, and in the address ──────────────────────────────────────────────────────────


def _behind_title(title: str, text: str) -> str | None:
    """Return the one name at a title's end, in brackets or after a dash: "Owl Word Representations (OWLM)".

    The text need not use it if its letters come from the title, or if it has capitals in the middle. A word with one
    capital ("(Kettle)") and a word with a number ("(Kettle 7B)") may be anything: the text must use them from its
    opening on, the former so throughout, and they must not be what papers are published in, made with or about.
    """
    in_brackets = _IN_BRACKETS.search(title)
    match = in_brackets or _LAST_DASH.search(title)
    if not match:
        return None
    is_bracket = in_brackets is not None
    name, before = (match[1] if is_bracket else title[match.end() :]).strip(), title[: match.start()]
    translated, colon, behind = before.partition(":")
    if colon and _OTHER_SCRIPT.search(translated):  # "조용한 라벨: Learning From Labels (QuietLabel)"
        before = behind.strip()
    may_be_anything = is_bracket and (" " in name or not is_name(name))
    is_counted = may_be_anything and bool(_COUNTED_NAME.fullmatch(name)) and not _NUMBERED.fullmatch(name)
    is_proper = may_be_anything and name.isalpha() and len(name) >= _MIN_PROPER and _is_proper(name, text)
    if may_be_anything and (name.casefold() in _NOT_NAMES or not _is_of_opening(name, text)):
        return None
    is_own = (
        (" " not in name or is_counted)
        and name.isascii()
        and name[0].isalpha()
        and (is_name(name) or is_counted or is_proper)
        and not _is_nobodys(name)
        and (len(_LATIN_WORD.findall(before)) >= _MIN_TITLE_WORDS or _is_in_capitals(name, before))
        and not _OTHER_SCRIPT.search(before)
        and not _abbreviates_part(name, before)
    )
    if not is_own:
        return None
    if may_be_anything:
        return name
    return name if _is_made_of(name, before) or _is_mentioned(name, text, besides=1) else None


def _is_in_capitals(name: str, before: str) -> bool:
    """Whether three letters or more are the capitals of the words before: "Hidden AutoPot (HAP)"."""
    return len(name) >= _MIN_INITIALS and name == "".join(filter(str.isupper, before))


def _is_term(name: str, text: str) -> bool:
    """Whether the text writes two words of a title in lower case only: "Tea Tasting: …", of tea tasting."""
    uses = re.findall(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE | re.ASCII)
    return uses.count(name) == 1 and uses.count(name.casefold()) >= _MIN_USES


def _is_of_opening(name: str, text: str) -> bool:
    """Whether a text uses a name in its opening, and three times beside the title."""
    uses = [use.start() for use in islice(re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.ASCII), 4)]
    return len(uses) == 4 and uses[1] < _OPENING_CHARS


def _is_made_of(name: str, before: str) -> bool:
    """Whether a name alone shows that it is the title's: made of its letters from the first on, or like PoT,
    SimPot.
    """
    letters, title = bare_letters(name), bare_letters(before)
    is_mixed = name.isalpha() and name != name.upper() and sum(letter.isupper() for letter in name) > 1
    return is_mixed or (title[:1] == letters[:1] and _is_subsequence(letters, title))


def _alone_with_bracket(title: str, text: str) -> str | None:
    """Return two words that the text uses as a name, followed by a note in brackets: "thin B-RTH(pr012)"."""
    alone = _without_bracket(title)
    words = alone.split()
    if alone == title or len(words) != _MAX_WORDS or not is_name(words[-1]) or _is_nobodys(words[-1]):
        return None
    return _spelling(alone, text)


def _abbreviates_part(name: str, before: str) -> bool:
    """Whether it abbreviates only the last words: "Robust Soup in Contrastive Broths (CB)" does not have that
    name.
    """
    letters = [character for character in name.casefold() if character.isalpha()]
    words = re.findall(r"[A-Za-z]+", before)
    for count in range(2, min(len(words) - 1, len(letters) + 2) + 1):
        initials = [word[0].casefold() for word in words[-count:]]
        if (
            _is_subsequence(initials[: len(letters)], letters)
            and initials[0] == letters[0]
            and len(letters) <= count + 1
        ):
            return any(word.casefold() in _HEAD_OF_PART for word in words[:-count])
    return False


def _is_subsequence(some: Sequence[str], of: Sequence[str]) -> bool:
    rest = iter(of)
    return all(letter in rest for letter in some)


def _is_mentioned(name: str, text: str, *, besides: int) -> bool:
    uses = re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE | re.ASCII)
    return sum(1 for _ in islice(uses, besides + 1)) > besides


def names_of_page(address: str, text: str) -> tuple[str, ...]:
    """Return the names beside the title in a page's file name: in brackets before it, after it, or after a dash.

    "[리뷰][2024][KettleGAN] Warm Pots", "Warm Pots for All (KettleGAN)" and "Warm Pots for All - KettleGAN".

    Args:
        text: The post's title and text, where a name must occur unless it is made from the title.
    """
    facts = read_title(page_name(address))
    rest = _LEADING_BRACKETS.sub("", facts.paper_title)
    if name := facts.name_in_brackets:
        is_own = len(name.split()) <= _MAX_WORDS and _has_marked_word(name) and not _is_nobodys(name)
        is_own = is_own and name.casefold() not in _PUBLISHERS
        return (name,) if is_own and len(_LATIN_WORD.findall(rest)) >= _MIN_TITLE_WORDS else ()
    short_name = _behind_title(rest, text)
    return (short_name,) if short_name else ()


def _page_of(addresses: Sequence[str]) -> str:
    """Return the letters of the name of the post's own page, which is the first of its addresses."""
    return bare_letters(paper_title(page_name(addresses[0]))) if addresses else ""


def _name_of_page(title: str, page: str) -> str | None:
    """Return the name in a title by which the author called the post's page: KettleOS for kettle-os.html.

    Short capitals may be a subject, and hyphenated words a phrase: "HTAP", "Two-Stream".
    """
    names = (word for word in _ADDRESS_NAME.findall(title) if bare_letters(word) == page and is_name(word))
    is_short = len(page) <= _MAX_SUBJECT and page.isalpha()
    called = (name for name in names if not (name.isupper() and is_short) and not _is_nobodys(name))
    return next((name for name in called if not title.isupper() and not _is_hyphenated(name)), None)


def _is_hyphenated(name: str) -> bool:
    """Whether no part of a hyphenated word looks like a name or has a digit: "Two-Stream"; not "Kettle-v4"."""
    parts = name.split("-")
    return len(parts) > 1 and not any(is_name(part) or re.search(r"\d", part) for part in parts)


def _find_name_of_address(address: str, text: str) -> str | None:
    page = paper_title(page_name(address))
    candidate, _, rest = page.partition("_")
    if rest and bare_letters(rest)[:_TELLING_CHARS] != bare_letters(text[:_MAX_TITLE_CHARS])[:_TELLING_CHARS]:
        candidate = page  # a name only if the title follows: 2DGS_2D Gaussian Splatting …
    if not candidate or not _ADDRESS_NAME.fullmatch(candidate) or not is_name(candidate):
        return None
    if _is_phrase_of(text[:_MAX_TITLE_CHARS].partition("\n")[0], candidate):
        return None
    letters = [re.escape(character) for character in candidate if character.isalnum()]
    spelling = re.compile(rf"(?<![A-Za-z0-9]){'[ -]?'.join(letters)}(?![A-Za-z0-9])", re.IGNORECASE)
    spellings = Counter(m[0] for m in spelling.finditer(text) if _has_marked_word(m[0]))
    return min(spellings, key=lambda name: (-spellings[name], name)) if spellings else None


def _is_phrase_of(title: str, page: str) -> bool:
    """Whether a page has only some later words of the title in its name: Copper-Pots for "Washing Copper Pots"."""
    return _is_hyphenated(page) and title.casefold().find(page.casefold().replace("-", " ")) > 0
