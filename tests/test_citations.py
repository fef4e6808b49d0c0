"""Saved papers as files: what is written is read back by programs that others made, whatever is in a title."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pybtex.database import Entry, parse_string

from bot.cards.citations import write_citations
from bot.cards.citations.people import Person, full_name, latin, read_person
from bot.cards.citations.works import one_line
from bot.languages import speaking
from bot.models.reviews import Identifiers, ReviewHead
from bot.models.saved import ExportFormat, SavedPaper, SavedPassage

DAY = datetime(2026, 6, 1, 12, tzinfo=UTC)
TEXTS = st.text(max_size=60) | st.text(alphabet='$\\{}&%_#~^"@, aA1é가漢\n\u2028\ud800', max_size=40)


def make_saved(
    number: int = 1, *, note: str = "", passages: tuple[SavedPassage, ...] = (), **head: Any
) -> SavedPaper:
    """A saved paper with its review; ``head`` overrides what is known of it."""
    link = head.pop("link", f"https://reviews.example/{number}")
    title = head.pop("title", "InsTag: Instruction Tagging for Large Models")
    known = {
        "short_name": None,
        "venue": None,
        "year": None,
        "authors": ("Keming Lu", "Hongyi Yuan"),
        "identifiers": Identifiers(),
    } | head
    review = ReviewHead(
        id=number, link=link, clean_title=title, title=title, feed_url="https://reviews.example/feed.xml", guid=link,
        categories=(), date=DAY, characters=1_000, **known,
    )  # fmt: skip
    return SavedPaper(
        id=number, guild_id=0, link=link, title=title, note=note, saved_at=DAY, head=review, passages=passages
    )


def make_lost(number: int, title: str, *, link: str | None = None, note: str = "") -> SavedPaper:
    """A saved paper whose review is not here any more."""
    link = link or f"https://gone.example/{number}"
    return SavedPaper(id=number, guild_id=0, link=link, title=title, note=note, saved_at=DAY)


# ── BibTeX ──────────────────────────────────────────────────────────────────────────────────────


def read_bibtex(*saved: SavedPaper) -> dict[str, Entry]:
    written = write_citations(saved, ExportFormat.BIBTEX)
    return dict(parse_string(written, "bibtex").entries)


_MACROS = {
    "textbackslash": "\\", "textbraceleft": "{", "textbraceright": "}", "textasciitilde": "~", "textasciicircum": "^",
}  # fmt: skip


def unescape(field: str) -> str:
    """A field as TeX would set it: its macros and escapes read, the braces that only group left out."""
    read = re.sub(
        r"\\(?P<macro>text[a-z]+)\{\}|\\(?P<sign>[&%_#$])|[{}]",
        lambda match: _MACROS[match["macro"]] if match["macro"] else match["sign"] or "",
        field,
    )
    return one_line(read)


def test_a_paper_at_a_conference_is_cited_as_such() -> None:
    (key, entry) = read_bibtex(
        make_saved(venue="ICLR", year=2024, identifiers=Identifiers(arxiv="2308.07074"), note="Read §3")
    ).popitem()
    assert (key, entry.type) == ("lu2024instag", "inproceedings")
    assert dict(entry.fields) == {
        "title": "{InsTag:} Instruction Tagging for Large Models",
        "booktitle": "ICLR",
        "year": "2024",
        "eprint": "2308.07074",
        "archivePrefix": "arXiv",
        "url": "https://arxiv.org/abs/2308.07074",
        "urldate": "2026-06-01",
        "note": "Read §3",
        "annote": "https://reviews.example/1",
    }
    assert [str(person) for person in entry.persons["author"]] == ["Lu, Keming", "Yuan, Hongyi"]


@pytest.mark.parametrize(
    ("head", "kind", "field"),
    [
        ({"venue": "TMLR", "year": 2025}, "article", ("journal", "TMLR")),
        (
            {"venue": "Journal of Invented Results", "year": 2025},
            "article",
            ("journal", "Journal of Invented Results"),
        ),
        ({"venue": "EMNLP", "year": 2023}, "inproceedings", ("booktitle", "EMNLP")),
        ({"venue": "arXiv", "identifiers": Identifiers(arxiv="2401.00001")}, "misc", ("year", "2024")),
        ({"identifiers": Identifiers(doi="10.1000/x_y")}, "misc", ("doi", "10.1000/x_y")),
        ({}, "misc", ("url", "https://reviews.example/1")),
    ],
)
def test_the_type_follows_from_where_the_paper_appeared(
    head: dict[str, Any], kind: str, field: tuple[str, str]
) -> None:
    ((entry,)) = read_bibtex(make_saved(**head)).values()
    assert entry.type == kind
    assert entry.fields[field[0]] == field[1]


def test_keys_stay_when_more_papers_are_saved() -> None:
    """Two papers that would have one key: the one saved first keeps it, the other has letters of its own address."""
    first, second, third = make_saved(1), make_saved(2), make_saved(3)
    assert list(read_bibtex(first)) == ["luinstag"]
    both = list(read_bibtex(second, first))
    assert both[1] == "luinstag"
    assert re.fullmatch(r"luinstag[a-p]{4}", both[0])
    assert list(read_bibtex(third, second, first))[1:] == both


def test_a_formula_stays_and_a_price_is_none() -> None:
    title = "Learning $O(n^{2})$ steps for $5 and 10% of $6 in A_B"
    ((entry,)) = read_bibtex(make_saved(title=title)).values()
    assert entry.fields["title"] == r"Learning {$O(n^{2})$} steps for \$5 and 10\% of \$6 in {A\_B}"


@settings(max_examples=50)  # pybtex takes a tenth of a second for each
@given(title=TEXTS, name=TEXTS, note=TEXTS, venue=TEXTS)
def test_any_text_is_read_back_from_bibtex(title: str, name: str, note: str, venue: str) -> None:
    """Nothing in a title, name, note or venue ends its field or its entry, or is read as TeX."""
    # A formula stays as it is; one of a title's letters is chosen to be none.
    title = title.replace("$", "€")
    known = Identifiers(doi=f"10.1000/{name}")
    saved = (
        make_saved(1, title=title, authors=(name,), venue=venue, note=note, identifiers=known),
        make_lost(2, title, note=note),
    )
    entries = list(read_bibtex(*saved).values())
    assert [unescape(entry.fields.get("title", "")) for entry in entries] == [one_line(title)] * 2
    assert [unescape(entry.fields.get("note", "")) for entry in entries] == [one_line(note)] * 2
    if one_line(venue) and one_line(venue).casefold() not in {"arxiv", "corr", "preprint", "arxiv preprint"}:
        fields = entries[0].fields
        assert unescape(fields.get("booktitle") or fields["journal"]) == one_line(venue)
    if one_line(name) and not re.fullmatch(r"et al\.?|others|외", one_line(name), re.IGNORECASE):
        (person,) = entries[0].persons["author"]
        parts = (*person.first_names, *person.middle_names, *person.prelast_names, *person.last_names)
        said = " ".join([*parts, *person.lineage_names])
        assert sorted(unescape(said).replace(",", " ").split()) == sorted(one_line(name).replace(",", " ").split())


@given(title=st.text(alphabet="$ab{}\\%# 1", max_size=30))
def test_a_formula_never_breaks_the_file(title: str) -> None:
    saved = (make_saved(1, title=title), make_lost(2, "The next"))
    entries = list(read_bibtex(*saved).values())
    assert [entry.fields.get("title") for entry in entries][1] == "The next"


# ── people ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("Keming Lu", Person(family="Lu", given="Keming")),
        ("Lu, Keming", Person(family="Lu", given="Keming")),
        ("Laurens van der Maaten", Person(family="Maaten", given="Laurens", particle="van der")),
        ("van der Maaten, Laurens", Person(family="Maaten", given="Laurens", particle="van der")),
        ("Ada B. Quill Jr.", Person(family="Quill", given="Ada B.", suffix="Jr.")),
        ("Quill, Jr.", Person(family="Quill Jr.")),
        ("김민수", Person(family="김", given="민수")),
        ("남궁민수", Person(family="남궁", given="민수")),
        ("김 민수", Person(family="김", given="민수")),
        ("山田 太郎", Person(family="山田", given="太郎")),
        ("山田太郎", Person(family="山田太郎")),
        ("Gemma Team", Person(family="Gemma Team")),
        ("OpenAI", Person(family="OpenAI")),
        ("Lab 42", Person(family="Lab 42")),
    ],
)
def test_names_are_divided_where_that_is_sure(name: str, person: Person) -> None:
    assert read_person(name) == person


@pytest.mark.parametrize("name", ["Laurens van der Maaten", "Ada B. Quill Jr.", "김민수", "山田 太郎", "Gemma Team"])
def test_names_are_said_as_they_were_written(name: str) -> None:
    assert full_name(read_person(name)) == name


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Müller", "muller"),
        ("Łukasz", "lukasz"),
        ("김", "gim"),
        ("환각", "hwangak"),
        ("山田", ""),
        ("Ｓｅｌｆ-RAG", "selfrag"),
    ],
)
def test_keys_are_in_latin_letters(text: str, plain: str) -> None:
    assert latin(text) == plain


def test_the_key_of_a_paper_in_no_latin_letter_is_its_own() -> None:
    keys = list(read_bibtex(make_lost(1, "幻覚"), make_lost(2, "幻覚")))
    assert len(set(keys)) == 2
    assert all(re.fullmatch(r"paper[a-p]+", key) for key in keys)


# ── RIS ─────────────────────────────────────────────────────────────────────────────────────────


def read_ris(text: str) -> list[list[tuple[str, str]]]:
    """The records of a RIS file, each with its tags in order; a line in no form of the specification is an error."""
    records: list[list[tuple[str, str]]] = []
    for line in text.split("\r\n"):
        match = re.fullmatch(r"([A-Z][A-Z0-9])  - (.*)", line)
        assert match or not line, line
        if match and match[1] == "TY":
            records.append([])
        if match:
            records[-1].append((match[1], match[2]))
    assert all(record[-1] == ("ER", "") for record in records)
    return records


def test_a_paper_as_ris() -> None:
    saved = make_saved(venue="ICLR", year=2024, identifiers=Identifiers(arxiv="2308.07074"), note="one\ntwo")
    (record,) = read_ris(write_citations((saved,), ExportFormat.RIS))
    assert record == [
        ("TY", "CPAPER"),
        ("ID", "lu2024instag"),
        ("TI", "InsTag: Instruction Tagging for Large Models"),
        ("AU", "Lu,Keming"),
        ("AU", "Yuan,Hongyi"),
        ("T2", "ICLR"),
        ("PY", "2024"),
        ("M1", "arXiv:2308.07074"),
        ("UR", "https://arxiv.org/abs/2308.07074"),
        ("L2", "https://reviews.example/1"),
        ("Y2", "2026/06/01"),
        ("N1", "one two"),
        ("ER", ""),
    ]


@given(title=TEXTS, name=TEXTS, note=TEXTS)
def test_any_text_is_read_back_from_ris(title: str, name: str, note: str) -> None:
    saved = (make_saved(1, title=title, authors=(name,), note=note), make_lost(2, title))
    first, second = map(dict, read_ris(write_citations(saved, ExportFormat.RIS)))
    assert first.get("TI", "") == second.get("TI", "") == one_line(title)
    assert first.get("N1", "") == one_line(note)


# ── CSL-JSON ────────────────────────────────────────────────────────────────────────────────────

_TEXT = {"type": "string"}
_DATE = {
    "type": "object",
    "required": ["date-parts"],
    "additionalProperties": False,
    "properties": {
        "date-parts": {
            "type": "array",
            "minItems": 1,
            "maxItems": 2,
            "items": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "integer"}},
        }
    },
}
_NAMES = ("family", "given", "dropping-particle", "non-dropping-particle", "suffix", "literal")
CSL = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["id", "type"],
        "additionalProperties": False,
        "properties": {
            "id": _TEXT,
            "type": {"enum": ["article", "article-journal", "paper-conference", "webpage"]},
            **dict.fromkeys(("title", "container-title", "publisher", "number", "DOI", "URL", "note"), _TEXT),
            **dict.fromkeys(("issued", "accessed"), _DATE),
            "author": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": dict.fromkeys(_NAMES, _TEXT),
                },
            },
        },
    },
}
"""What the schema of CSL-JSON 1.0.2 says about the parts that are written here."""


def read_csl(*saved: SavedPaper) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(write_citations(saved, ExportFormat.CSL_JSON))
    jsonschema.validate(items, CSL)
    return items


def test_a_paper_as_csl() -> None:
    (item,) = read_csl(
        make_saved(authors=("Laurens van der Maaten", "Gemma Team"), identifiers=Identifiers(arxiv="2308.07074"))
    )
    assert item["type"] == "article"
    assert item["author"] == [
        {"family": "Maaten", "given": "Laurens", "non-dropping-particle": "van der"},
        {"literal": "Gemma Team"},
    ]
    assert item["issued"] == {"date-parts": [[2023]]}
    assert (item["number"], item["publisher"]) == ("arXiv:2308.07074", "arXiv")


@given(title=TEXTS, name=TEXTS, note=TEXTS)
def test_any_text_is_read_back_from_csl(title: str, name: str, note: str) -> None:
    first, second = read_csl(make_saved(1, title=title, authors=(name,), note=note), make_lost(2, title))
    assert first.get("title", "") == second.get("title", "") == one_line(title)
    assert first["id"] != second["id"]


# ── Markdown ────────────────────────────────────────────────────────────────────────────────────


def plain(document: str) -> list[str]:
    """The texts of a Markdown document's blocks as a reader sees them, and nothing but ours is markup."""
    kinds = {"text", "softbreak", "hardbreak", "link_open", "link_close", "text_special"}
    texts = []
    for token in MarkdownIt().parse(document):
        for child in token.children or ():
            assert child.type in kinds, child
        if token.type == "inline":
            parts = (
                child.content if "text" in child.type else "\n" * ("break" in child.type)
                for child in token.children or ()
            )
            texts.append("".join(parts))
    return texts


def test_the_markdown_has_notes_and_passages() -> None:
    passage = SavedPassage(id=1, words="A tag is *short*.", headings=("3. Method", "3.2. Tags"))
    saved = make_saved(venue="ICLR", year=2024, note="first\nsecond", passages=(passage,))
    assert write_citations((saved,), ExportFormat.MARKDOWN).splitlines() == [
        "# Saved papers",
        "",
        "## [InsTag: Instruction Tagging for Large Models](<https://reviews.example/1>)",
        "",
        "Keming Lu, Hongyi Yuan · ICLR 2024 · saved on 2026-06-01",
        "",
        "first\\",
        "second",
        "",
        "> A tag is \\*short\\*.",
        ">",
        "> — 3\\. Method › 3\\.2\\. Tags",
    ]
    with speaking("ko"):
        assert "2026" in write_citations((saved,), ExportFormat.MARKDOWN)


@given(title=TEXTS, note=TEXTS, words=TEXTS, link=TEXTS)
def test_any_text_is_read_back_from_markdown(title: str, note: str, words: str, link: str) -> None:
    """No text is a heading, a list, a picture or a link of its own."""
    passage = SavedPassage(id=1, words=f"w{words}", headings=())
    saved = make_saved(
        title=f"t{title}", note=f"n{note}", authors=(), passages=(passage,), link=f"https://a.example/{link}"
    )
    texts = plain(write_citations((saved,), ExportFormat.MARKDOWN))
    assert texts[1] == one_line(f"t{title}")
    assert texts[3] == "\n".join(line for part in f"n{note}".splitlines() if (line := one_line(part)))
    assert texts[4] == one_line(f"w{words}")


@given(text=TEXTS)
def test_one_line_has_no_break(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1
    assert not any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in one_line(text))
