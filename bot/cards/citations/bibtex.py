r"""Works → BibTeX, for BibTeX itself and for biber. Pure.

Texts stay in Unicode; what TeX would read is escaped. BibTeX counts braces even behind a backslash, so a brace in a
text is written by its name (``\textbraceleft{}``).

Source: O. Patashnik, “BibTeXing” (1988), and the manual of biblatex, “Field Types” (addresses are verbatim).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.cards.citations.people import Person
from bot.cards.citations.works import Work, WorkKind
from bot.cards.words import FORMULA
from bot.text.patterns import lazy_pattern

_TYPES: Mapping[WorkKind, str] = {
    WorkKind.CONFERENCE: "inproceedings",
    WorkKind.JOURNAL: "article",
    WorkKind.PREPRINT: "misc",
    WorkKind.PAGE: "misc",
}
_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%_#$"},
}
_NOT_VERBATIM = {ord(sign): f"%{ord(sign):02X}" for sign in "{}\\"}
"""What a field may not have that is read as it is."""
_UNSAFE_IN_MATH = lazy_pattern(r"(?<!\\)[%#&~]|(?<!\\)(?:\\\\)*\\\$\Z")
_WORD = lazy_pattern(r"\S+")


def write_bibtex(works: Sequence[Work]) -> str:
    """Return works as a BibTeX file, an entry each."""
    return "\n".join(map(_write_entry, works))


def _write_entry(work: Work) -> str:
    fields = "".join(f"  {name} = {{{value}}},\n" for name, value in _fields(work) if value)
    return f"@{_TYPES[work.kind]}{{{work.key},\n{fields}}}\n"


def _fields(work: Work) -> Iterator[tuple[str, str]]:
    yield "title", _title(work.title)
    yield "author", " and ".join([*map(_person, work.authors), *(["others"] if work.is_cut else [])])
    yield "journal" if work.kind is WorkKind.JOURNAL else "booktitle", escape_tex(work.venue or "")
    yield "year", str(work.year or "")
    if work.arxiv:
        yield "eprint", escape_tex(work.arxiv)
        yield "archivePrefix", "arXiv"
    yield "doi", (work.doi or "").translate(_NOT_VERBATIM)
    yield "url", work.url
    yield "urldate", f"{work.saved_at:%Y-%m-%d}"
    yield "note", escape_tex(work.note.replace("\n", " "))
    yield "annote", escape_tex(work.review_url) if work.review_url != work.url else ""


def escape_tex(text: str) -> str:
    """Return a text as TeX shows it: what it would read as its own is escaped."""
    return "".join(_ESCAPES.get(character, character) for character in text)


def _title(title: str) -> str:
    """A title: formulas stay as they are, and words with capitals inside keep them in every style."""
    parts: list[str] = []
    end = 0
    for match in FORMULA.finditer(title):
        if _is_safe(match[0]):
            parts += [_keep_capitals(title[end : match.start()]), f"{{{match[0]}}}"]
            end = match.end()
    return "".join((*parts, _keep_capitals(title[end:])))


def _keep_capitals(text: str) -> str:
    return _WORD.sub(lambda match: _protect(match[0]), text)


def _protect(word: str) -> str:
    escaped = escape_tex(word)
    return f"{{{escaped}}}" if any(letter.isupper() for letter in word[1:]) else escaped


def _is_safe(formula: str) -> bool:
    """Whether a formula can stand in a field: its braces match, and nothing in it ends the line or the formula."""
    depth = 0
    for character in formula:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0 and _UNSAFE_IN_MATH.search(formula) is None


def _person(person: Person) -> str:
    """A name as BibTeX divides it: “von Last, Jr, First”; in braces if it is not divided."""
    if person.given is None:
        return f"{{{escape_tex(person.family)}}}"
    family = " ".join(filter(None, (person.particle, escape_tex(person.family))))
    parts = (family, escape_tex(person.suffix), escape_tex(person.given))
    return ", ".join(part for part in parts if part)
