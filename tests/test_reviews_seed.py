"""The real main feed, read from beside the repository; skipped where it is not there.

Nothing of its text stands here: only counts, names of papers and identifiers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bot.models.feeds import Entry
from bot.models.reviews import Block, BlockKind, Mark, Review
from bot.reviews.markup import TEMPLATE_LEFTOVERS
from bot.reviews.parsing import parse_review

SEED = Path(__file__).parents[1].parent / "shared" / "seeds" / "000_59a3a4d18b70a9d2.txt"
pytestmark = pytest.mark.skipif(not SEED.exists(), reason=f"the recorded main feed is not at {SEED}")

NUMBER = re.compile(r"\s*(\d+(?:\.\d+)*)[.\s]")


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    text = SEED.read_text(encoding="utf-8")
    root = ET.fromstring(text[text.index("<rss") : text.index("</rss>") + len("</rss>")])  # noqa: S314 (a file of ours)
    return [_to_entry(item) for item in root.iter("item")]


def _to_entry(item: ET.Element) -> Entry:
    values = {child.tag: child.text or "" for child in item}
    return Entry(guid=values["guid"], link=values["link"], title=values["title"], html=values["description"])


@pytest.fixture(scope="module")
def reviews(entries: list[Entry]) -> dict[str, Review]:
    return {entry.link.rpartition("/")[2].removesuffix(".html"): parse_review(entry) for entry in entries}


def blocks_of(reviews: dict[str, Review]) -> Iterator[Block]:
    return (block for review in reviews.values() for section in review.sections for block in section.blocks)


def count_stretches(reviews: dict[str, Review], mark: Mark) -> int:
    """Marked places: a formula or bold word inside one does not make it two."""
    runs = (groupby(block.spans, key=lambda span: mark in span.marks) for block in blocks_of(reviews))
    return sum(is_marked for groups in runs for is_marked, _ in groups)


def test_every_heading_is_a_section(reviews: dict[str, Review]) -> None:
    """55 reviews, 558 headings, two stubs without any; each heading has its page's anchor."""
    headed = [[section for section in review.sections if section.heading] for review in reviews.values()]
    assert len(reviews) == 55
    assert sum(map(len, headed)) == 558
    assert sum(not sections for sections in headed) == 2
    assert all(section.anchor for sections in headed for section in sections)
    assert all(review.sections[0].depth == 0 for review in reviews.values())


def test_depths_follow_the_numbers(reviews: dict[str, Review]) -> None:
    """Wherever an introduction (or most of a post) is numbered, a number's parts are the depth."""
    numbered = [s for review in reviews.values() for s in review.sections if s.number]
    assert len(numbered) > 300
    for section in numbered:
        match = NUMBER.match(section.heading or "")
        assert match
        assert (section.number, section.depth) == (match[1], len(match[1].split(".")))


def test_depths_of_posts_with_tags_of_their_own(reviews: dict[str, Review]) -> None:
    """One post for each kind of use that tags are put to."""
    depths = {name: "".join(str(s.depth) for s in review.sections if s.heading) for name, review in reviews.items()}
    assert depths["SelfInstruct"] == "111222122212221"  # unnumbered, h2 over h1
    assert depths["VLMixer"] == "111122211"  # unnumbered, h1 over h3
    assert depths["LTK"] == "111222111"  # h1 over a short numbered list
    assert depths["UltraChat"] == "1111222212212221"  # numbered, h2 over h1
    assert depths["HyperClovaX"].startswith("111223331222222222")  # numbered, h3 over h2 over h1, but "2.2" is 2
    assert depths["EXPLORE-INSTRUCT"] == "1112221212221"  # "3." under the tag of subsections
    flat = [name for name, text in depths.items() if text and set(text) == {"1"}]
    assert len(flat) == 24  # 21 with one tag, unnumbered, and 3 numbered with one level


def test_section_is_found_under_its_parent(reviews: dict[str, Review]) -> None:
    """INSTAG's tag normalisation stands under section 3."""
    places = [(s.depth, s.heading) for s in reviews["INSTAG"].sections]
    parent, child = places.index((1, "3. INSTAG")), places.index((2, "3.2. TAG NORMALIZATION"))
    assert all(depth > 1 for depth, _ in places[parent + 1 : child + 1])


def test_blocks_of_each_kind(reviews: dict[str, Review]) -> None:
    """Excerpts, figures without the failed upload, list items; lines with bars are no tables."""
    kinds = Counter(block.kind for block in blocks_of(reviews))
    assert kinds[BlockKind.EXCERPT] == 48
    assert kinds[BlockKind.FIGURE] == 599
    assert kinds[BlockKind.ITEM] == 722
    assert kinds[BlockKind.PARAGRAPH_HEADING] >= 524
    assert not {BlockKind.CODE, BlockKind.TABLE, BlockKind.MATH, BlockKind.QUOTE} & kinds.keys()
    assert not any(block.spans for block in blocks_of(reviews) if block.kind is BlockKind.FIGURE)


def test_marks(reviews: dict[str, Review]) -> None:
    """Red places are gaps, all other backs highlights, without three leftovers of the template in each.

    Red: 49 of one code and 8 of two others. Else: 338 of one and 14 of three others; five of them touch a
    neighbour and are one place with it.
    """
    assert count_stretches(reviews, Mark.GAP) == 49 - 3 + 6 + 2
    assert count_stretches(reviews, Mark.HIGHLIGHT) == 338 - 3 + 14 - 5
    assert not any(block.text in TEMPLATE_LEFTOVERS for block in blocks_of(reviews))


def test_formulas(reviews: dict[str, Review]) -> None:
    """All pairs are found; the lone dollar signs of four posts stay text."""
    spans = [span for block in blocks_of(reviews) for span in block.spans]
    assert sum(Mark.MATH in span.marks for span in spans) >= 595
    assert sum(Mark.MATH not in span.marks and "$" in span.text for span in spans) == 4
    assert any(span.text == "$D = [d_i]_{i=1}^k$" for span in spans)


def test_no_visible_character_is_lost(entries: list[Entry], reviews: dict[str, Review]) -> None:
    """Each post's text is there in its order, but for the leftovers and the signs the rules are about."""
    for entry, review in zip(entries, reviews.values(), strict=True):
        markup = re.sub(
            r"</?(?:[a-z]+[1-6]?)(?:\s[^<>]*)?/?>",
            "",
            entry.html.replace("<mask>", "").replace("</mask>", ""),
        )
        written = markup.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        for leftover in TEMPLATE_LEFTOVERS:
            written = written.replace(leftover, "")
        read = "".join((section.heading or "") + section.text for section in review.sections)
        assert _letters(read.replace("<mask>", "").replace("</mask>", "")) == _letters(written)


def _letters(text: str) -> str:
    return re.sub(r"[\s|_*▶]+", "", text)


def test_placeholders_are_text(reviews: dict[str, Review]) -> None:
    """What Markdown took for tags is still in the reviews that wrote it."""
    text = {name: "\n".join(s.text for s in review.sections) for name, review in reviews.items()}
    assert all(word in text["TaskDiff"] for word in ("<slot_name>", "<arrival_city>", "<product_name>"))
    assert all(word in text["MKTOD"] for word in ("<mid-confidence>", "<new-entity>"))
    assert "<mask>" in text["watermark"]


def test_identifiers(reviews: dict[str, Review]) -> None:
    """Twenty by arXiv, 21 by ACL, six by OpenReview, eight by PMLR; one, a tutorial, has none."""
    found = [review.identifiers for review in reviews.values()]
    assert sum(i.arxiv is not None for i in found) == 20
    assert len({i.arxiv for i in found} - {None}) == 16
    assert sum(i.acl is not None for i in found) == 21
    assert sum(i.openreview is not None for i in found) == 6
    assert sum(i.pmlr is not None for i in found) == 8
    assert reviews["synDG"].identifiers.acl == "2023.acl-long.608"
    assert reviews["HyperPrompt"].identifiers.pmlr == "v162/he22f"
    assert reviews["MKTOD"].identifiers == reviews["ActiverRag"].identifiers  # the author's slip, kept as it is


def test_venues_names_and_authors(reviews: dict[str, Review]) -> None:
    """43 posts name a venue, six arXiv; 42 have a short name; all have authors, 48 code."""
    venues = Counter(review.venue for review in reviews.values())
    assert venues["arXiv"] == 6
    assert venues[None] == 6
    assert all((review.year is None) == (review.venue is None) for review in reviews.values())
    assert sum(review.short_name is not None for review in reviews.values()) == 42
    assert reviews["MKTOD"].short_name == "MK-TOD"
    assert reviews["CAD"].short_name == "CAD"
    assert reviews["INSTAG"].clean_title.startswith("INSTAG: ")
    assert all(review.authors for review in reviews.values())
    assert len(reviews["SelfInstruct"].authors) == 7  # one comma is missing
    assert sum("code" in dict(review.links) for review in reviews.values()) == 48
