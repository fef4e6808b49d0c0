"""gihong0303/Paper-Review: Korean reviews on language models, each with a head of labels."""

from __future__ import annotations

import re

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of

_LABELLED = re.compile(r"^\*\*(논문 발표|저자|논문 링크)\*\*:[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_DATE = re.compile(
    r"(20\d\d)년(?: \d{1,2}월)?(?: \(([A-Z][A-Za-z]+) (20\d\d)(?: Oral)?\)| \(DeepSeekMath 논문에서 소개\))?$"
)
_INSTITUTIONS = ("Meta AI", "Toyo University NLP Group")  # in the authors' place: not judged
_NO_NAME = re.compile(r"\s*\([^)]*\)$|^(?:et al\.|외 100\+ 저자)$")
# in titles, without the usual colon or capitals in brackets
_NAME = re.compile(
    r": (Phi-1(?:\.5)?)$|\((Chinchilla|Mistral 7B)\)$"
    r"|^(?:The )?(DeepSeek-V3|LLaMA 3|Mixtral|Ring Attention|Self-Consistency|Tree of Thoughts)\b"
)


def _rule(note: Note) -> Facts:
    """“**논문 발표**: 2021년 (ICLR 2022)”, “**저자**: …”, “**논문 링크**: […](…)”; of two years neither is judged."""
    said = dict(_LABELLED.findall(note.body.partition("\n## ")[0]))
    names = [name for one in said["저자"].split(", ") if (name := _NO_NAME.sub("", one))]
    facts: Facts = {"ids": ids_of(*(address for _, address in LINK.findall(said["논문 링크"])[:1]))}
    if names[0] not in _INSTITUTIONS:
        facts["authors"] = names
    if date := _DATE.match(said["논문 발표"]):  # a venue's side track may be named or not: not judged
        facts["venue"] = date[2]
        if date[3] in (None, date[1]):
            facts["year"] = int(date[1])
    if named := _NAME.search(note.title):
        facts["name"] = named[named.lastindex or 0]
    return facts


ENTRY = Repository(
    repository="gihong0303/Paper-Review",
    commit="f545fc93ee4215ab777afe489d2062f707d169b5",
    path=r"^Part\d_.*/\d{3}_.*\.md$",
    base="https://gihong0303.github.io/Paper-Review",
    address="/{path}.html",
    limit=60,
    facts=_rule,
)
