"""james-hyeok-kim/Paper_Review_KR.io: Korean notes on diffusion, quantization, agents and recommendation."""

from __future__ import annotations

import re

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of

_HEAD_ENDS = re.compile(r"^(?:---?\s*$|#{2,}\s|<p )", re.MULTILINE)
_LINKED = re.compile(r"^[*\s]*(?:논문|출처)\s*:(.*)$", re.MULTILINE)
_AUTHORS = re.compile(r"^[*\s]*저자(?:\([^)]*\))?\s*:[ \t]*(.*(?:\n.*)*)", re.MULTILINE)
_OTHER_LABEL = re.compile(r"[*\s]*(?:발표|출간|논문|소속|출처|코드|일자)\s*:")
_MARK = r"[\d*∗⋆†‡§⋄∆+¹²³✉]"
_MARKS = re.compile(rf"\s*{_MARK}(?:[\s,]*{_MARK})*")
_MARKED_LINE = re.compile(rf"[A-Z].*{_MARK}[\s,]*$")
_PERSON = re.compile(r"\w[\w.'’-]*(?: [\w.'’-]+){0,2}")
_NO_PERSON = re.compile(r"University|Berkeley|Institute|Research|Google|Meta\b|NVIDIA|Lab\b|@")
_TITLES = ("Member", "Senior Member", "IEEE")
_SAID = re.compile(r"^[*\s]*(?:발표|출간|일자)\s*:[ \t]*(.*)$", re.MULTILINE)
_VENUES = re.compile(
    r"\b(AAAI|CVPR|ICCV|ICLR|ICMLA|ICML|NeurIPS|WWW|KDD|NAACL|EMNLP|MobiSys|HPCA|RSS|SIGIR|ICDE)(?![A-Za-z])"
)
_PREPRINT = re.compile(r"(?:\d{4} )?arxiv[^,)]*", re.IGNORECASE)
_YEAR = re.compile(r"(?<![\d.])(?:19|20)\d{2}(?![\d.]\d)(?!\d)")
_FRONT_TITLE = re.compile(r"\[논문리뷰\](.*)\((\w+)\)(?:\.md)?$")


def _rule(note: Note) -> Facts:
    """A title, “저자 : …” (names on that line or the next, with marks), “발표 : ICLR 2025 …”, “논문 : [PDF](…)”."""
    head = _head(note.body)
    links = (LINK.findall(said) for said in _LINKED.findall(head))
    facts: Facts = {"ids": ids_of(*(address for found in links for _, address in found))}
    return facts | _authors(head) | _venue(head) | _called(note.title)


def _head(body: str) -> str:
    """From the title to the first line or heading below it."""
    title = re.search(r"^# .*$", body, re.MULTILINE)
    below = body[title.end() :] if title else body
    end = _HEAD_ENDS.search(below)
    return below[: end.start()] if end else below


def _authors(head: str) -> Facts:
    """Names that commas or marks divide; nothing is said of lists that only a reader could divide."""
    match = _AUTHORS.search(head)
    lines = [line.strip(" *\t") for line in match[1].splitlines() if line.strip(" *\t")] if match else []
    if not match:
        return {}
    if not lines or _OTHER_LABEL.match(lines[0]):
        return {"authors": []}
    listed = lines[:1]
    for line in lines[1:]:
        is_open = listed[-1].endswith(",") and line[0].isalpha()
        if not is_open and not (_MARKED_LINE.match(line) and re.search(_MARK + r"\s*$", listed[-1])):
            break
        listed.append(line)
    text = re.sub(r"\([^)]*\)|\s등\s*$| / \d.*|\s등(?=\s*\()", "", " , ".join(listed))
    parts = [part.strip(" .") for part in re.split(r",|/|\band\b", _MARKS.sub(",", text))]
    names = [" ".join(part.split()) for part in parts if part and part not in _TITLES]
    is_told = len(names) > 1 and all(_PERSON.fullmatch(one) and not _NO_PERSON.search(one) for one in names)
    return {"authors": names} if is_told else {}


def _venue(head: str) -> Facts:
    """The one conference of the head, with its year; of preprints nothing is said."""
    said = " ".join(_SAID.findall(head))
    venues, years = set(_VENUES.findall(head)), set(_YEAR.findall(_PREPRINT.sub(" ", said)))
    if len(venues) == len(years) == 1 and venues <= set(_VENUES.findall(said)):
        return {"venue": venues.pop(), "year": int(years.pop())}
    return {}


def _called(title: str) -> Facts:
    """Two front matters have “[논문리뷰]Title(NAME)”, one of them with “.md” behind it."""
    match = _FRONT_TITLE.match(title)
    return {"title": match[1].strip(), "name": match[2]} if match else {}


ENTRY = Repository(
    repository="james-hyeok-kim/Paper_Review_KR.io",
    commit="6a5d4122989ef3834edea7d2e444e3a2764ac875",
    path=r"/\[논문\](?!\[2025\]\[VISRAG\])[^/]*\.md$",
    base="https://james-hyeok-kim.github.io/Paper_Review_KR.io",
    address="/{path}.html",
    limit=53,  # of 107: every second one, from all folders
    facts=_rule,
)
