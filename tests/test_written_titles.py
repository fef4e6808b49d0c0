"""Titles that have lost their colon, and the text that still has it: made-up posts named after their files."""

from __future__ import annotations

import pytest

from bot.models.feeds import Entry
from bot.models.index import NameKind
from bot.reading.documents import read_entry
from bot.reviews.parsing import parse_review
from bot.reviews.written_titles import find_written_title
from bot.search.own_names import leading_name, presented_names


def entry(title: str, html: str) -> Entry:
    return Entry(guid="1", link="https://shelf.example/notes/1.html", title=title, html=html)


@pytest.mark.parametrize(
    ("title", "html", "name"),
    [
        ("SoupScan Tasting the Broth of Tall Pots", "<h1>SoupScan: Tasting the Broth of Tall Pots</h1>", "SoupScan"),
        ("SoupScan Tasting the Broth of Tall Pots", "<h3>SoupScan: Tasting the broth of tall pots</h3>", "SoupScan"),
        (
            "Ladle Tasting the Broth of Tall Pots",
            "<p>Ladle is slow.</p><pre><code>@misc{q31,\n title={{Ladle}: Tasting the Broth},\n}</code></pre>",
            "Ladle",
        ),
        ("Big Ladle Tasting the Broth", "<p>1. Quill, A.: Big Ladle: Tasting the Broth. Big Ladle.</p>", "Big Ladle"),
        ("[2031 CVPR] SoupScan Tasting the Broth", "<h1>SoupScan: Tasting the Broth</h1>", "SoupScan"),
        ("2031 Kettler", "<h1>Kettler: Tea for Low Boats</h1><p>Kettler.</p>", "Kettler"),
        ("Kettler", "<h1>Kettler: Tea for Low Boats</h1><p>Kettler pours.</p>", "Kettler"),
        ("Ladle Tasting the Broth of Tall Pots", "<p>We taste the broth of tall pots: it is hot.</p>", None),
        ("Tasting the Broth of Tall Pots", "<p>Tasting: the broth is hot.</p>", None),
        ("Slow Ladles for Tall Pots", "<h2>Slow Ladles for Tall Pots: a recipe</h2>", None),
        ("Kettler", "<h1>Kettler: notes</h1>", None),
    ],
)
def test_the_text_gives_a_title_its_colon_back(title: str, html: str, name: str | None) -> None:
    """In a heading, in a reference or in BibTeX; a heading may also have the title of which the file has the name."""
    assert parse_review(entry(title, f"{html}<p>More words follow.</p>")).short_name == name


def test_a_title_with_a_colon_is_not_looked_for() -> None:
    assert find_written_title("Ladle: Tasting the Broth", ["Ladle: Tasting: the Broth"], "") is None
    assert find_written_title("", [], "") is None


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("KettleScan An Automated Search for Lost Pots", "KettleScan"),
        ("KETTLES Searching for Lost Pots", "KETTLES"),
        ("KETL2 Searching for Lost Pots", "KETL2"),
        ("KettleScan Searches for Lost Pots", None),  # a verb
        ("KettleScan for Automated Search of Pots", None),
        ("KettleScan searching for lost pots", None),
        ("Kettle Searching for Lost Pots", None),
        ("KTL Searching for Lost Pots", None),
        ("KettleScan Lost Pots", None),
        ("Kettle++ Searching for Lost Pots", None),
        ("KettleScan A Survey of Lost Pots", None),
        ("", None),
    ],
)
def test_a_title_may_begin_with_a_name_without_a_sign(title: str, name: str | None) -> None:
    assert leading_name(title) == name


def kinds_of(title: str) -> dict[str, NameKind]:
    read = read_entry(entry(title, "<p>It searches the LTEX of pots. LTEX is hot. LTEX cools.</p>"))
    return {name.text: name.kind for name in read.index.names}


def test_a_leading_name_is_introduced_and_hides_other_names_of_the_title() -> None:
    kinds = kinds_of("KettleScan An Automated Search for LTEX Pots")
    assert kinds["KettleScan"] is NameKind.INTRODUCED
    assert kinds["LTEX"] is NameKind.COINED


@pytest.mark.parametrize(
    ("title", "text", "name"),
    [
        ("KettleScan An Automated Search for Pots", "KettleScan is fast. KettleScan is small.", "KettleScan"),
        ("KettleScan An Automated Search for Pots", "KettleScan is fast.", None),
        ("KETTLES An Automated Search for Pots", "KETTLES are fast. KETTLES are small.", None),
        ("ImageNet Classification with Deep Convolutional Neural Networks", "ImageNet is large. ImageNet.", None),
    ],
)
def test_a_leading_name_that_the_text_uses_is_the_short_name(title: str, text: str, name: str | None) -> None:
    """Not in capitals alone, and not where the field has other names for the paper."""
    assert read_entry(entry(title, f"<p>{text}</p>")).review.short_name == name


@pytest.mark.parametrize("note", ["KETL paper", "KETL Paper. Boils.", "- 设计了KETL算法", "* 开发了KETL，很快"])
def test_a_note_above_the_text_presents_the_papers_name(note: str) -> None:
    assert presented_names(f"{note}\nMore words.") == {"KETL"}


@pytest.mark.parametrize("note", ["KETL paper showed that water boils.", "The KETL paper, for one", "使用了KETL"])
def test_a_sentence_about_another_paper_does_not(note: str) -> None:
    assert not presented_names(note)


def test_a_leading_name_that_is_a_known_papers_is_not_introduced() -> None:
    """ResNet is another paper, as far as the list of known papers says."""
    assert kinds_of("ResNet Reading by Tall Kettles at Night").get("ResNet") is not NameKind.INTRODUCED


def test_a_post_that_is_titled_by_the_name_alone_is_found_by_the_whole_title() -> None:
    read = read_entry(entry("2031 Kettler", "<h1>Kettler: Tea for Low Boats</h1><p>Kettler pours.</p>"))
    assert (NameKind.TITLE, "kettlerteaforlowboats") in {(name.kind, name.key) for name in read.index.names}
