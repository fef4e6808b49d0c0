"""How many quoted passages are found again after their review was edited, and how many at a wrong place.

Each passage of each review is kept, the review is edited in many ways, and the passage is sought in what came out.
Every edit knows the right answer: the place where the passage stands, or that it is gone.
"""

from __future__ import annotations

import argparse
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from time import perf_counter

from benchmarks.measure import milliseconds, p95, print_table
from bot.bundled import sample_feed
from bot.models.passages import Anchored, Orphaned, Passage
from bot.models.reviews import Block, BlockKind, Mark, Review, Section, Span
from bot.reading.feed import parse_feed
from bot.reviews.parsing import parse_review
from bot.search.anchoring import find_passage, make_passage

Sections = tuple[Section, ...]
MIN_OVERLAP = 0.5
"""Which share of the right place and the found one must be common to both."""
STRANGE = (
    "The harbour master counts every rope before the ferry leaves.",
    "등대지기는 저녁마다 기름을 채우고 유리를 닦는다.",
    "Tar and oakum keep the winter out of an old hull.",
    "갈매기 세 마리가 방파제 끝에서 졸고 있었다.",
    "Nobody remembers who painted the second buoy yellow.",
    "노를 젓는 동안 물결은 조용히 뒤로 물러났다.",
)
"""Sentences of our own, about what no review is about."""
_WORD = re.compile(r"[^\W\d_]{3,}")
_SENTENCE = re.compile(r"\S.*?(?:[.!?。](?=\s|$)|$)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a passage stands; positions and offsets as in `Anchored`."""

    position: int
    block: int
    start: int
    end: int
    last_block: int


@dataclass(frozen=True, slots=True)
class Edited:
    """A review's sections after an edit, and where the passage stands now; None if it is gone.

    If it is ambiguous, because a copy has all that the edited passage has no longer, it may be orphaned as well.
    """

    sections: Sections
    spot: Spot | None
    is_ambiguous: bool = False


Edit = Callable[[Sections, Spot, random.Random], Edited | None]
"""An edit; None if it cannot be made at this place."""


# ── helpers of the edits ────────────────────────────────────────────────────────────────────────


def block_at(sections: Sections, spot: Spot) -> Block:
    """The block in which a passage begins."""
    return sections[spot.position].blocks[spot.block]


def with_text(block: Block, text: str) -> Block:
    """A block with another text, and without its marks."""
    if block.kind is BlockKind.TABLE:
        rows = tuple(tuple((Span(text=cell),) for cell in line.split(" | ")) for line in text.split("\n"))
        return replace(block, rows=rows)
    return replace(block, spans=(Span(text=text),))


def with_blocks(sections: Sections, position: int, blocks: Sequence[Block]) -> Sections:
    """The sections with other blocks in one of them."""
    section = replace(sections[position], blocks=tuple(blocks))
    return (*sections[:position], section, *sections[position + 1 :])


def _with_block(sections: Sections, spot: Spot, *blocks: Block) -> Sections:
    """The sections with other blocks in place of the passage's."""
    old = sections[spot.position].blocks
    return with_blocks(sections, spot.position, (*old[: spot.block], *blocks, *old[spot.block + 1 :]))


def _with_passage(sections: Sections, spot: Spot, words: str) -> Edited:
    """The sections with other words in place of the passage."""
    block = block_at(sections, spot)
    text = block.text[: spot.start] + words + block.text[spot.end :]
    return Edited(_with_block(sections, spot, with_text(block, text)), replace(spot, end=spot.start + len(words)))


def paragraph(text: str) -> Block:
    """A paragraph without marks."""
    return Block(kind=BlockKind.PARAGRAPH, spans=(Span(text=text),))


def _moved(spot: Spot, *, blocks: int = 0, characters: int = 0) -> Spot:
    return replace(
        spot,
        block=spot.block + blocks,
        last_block=spot.last_block + blocks,
        start=spot.start + characters,
        end=spot.end + characters,
    )


def _misspell(text: str, chance: random.Random) -> str | None:
    """A text with a slip in one of its words, or None if it has no word of three letters."""
    words = list(_WORD.finditer(text))
    if not words:
        return None
    word = chance.choice(words)
    at = chance.randrange(word.start(), word.end())
    letter = text[at]
    slips = (letter * 2, "", chance.choice("가나다마바") if letter >= "가" else chance.choice("aeiou"))
    new = text[:at] + chance.choice([slip for slip in slips if slip != letter]) + text[at + 1 :]
    return new if new != text else None


def _passage(sections: Sections, spot: Spot) -> str:
    return block_at(sections, spot).text[spot.start : spot.end]


def _is_whole(sections: Sections, spot: Spot) -> bool:
    return _passage(sections, spot).strip() == block_at(sections, spot).text.strip()


# ── edits ───────────────────────────────────────────────────────────────────────────────────────


def nothing(sections: Sections, spot: Spot, _: random.Random) -> Edited:
    """Change nothing."""
    return Edited(sections, spot)


def slip_inside(sections: Sections, spot: Spot, chance: random.Random) -> Edited | None:
    """Correct a word of the passage."""
    words = _misspell(_passage(sections, spot), chance)
    return _with_passage(sections, spot, words) if words else None


def slips_inside(sections: Sections, spot: Spot, chance: random.Random) -> Edited | None:
    """Correct three words of a passage of at least ten."""
    if len(_passage(sections, spot).split()) < 10:
        return None
    edited: Edited | None = Edited(sections, spot)
    for _ in range(3):
        edited = slip_inside(edited.sections, edited.spot, chance) if edited and edited.spot else None
    return edited


def slip_before(sections: Sections, spot: Spot, chance: random.Random) -> Edited | None:
    """Correct a word just before the passage, in its block or the one before it."""
    block = block_at(sections, spot)
    if before := block.text[: spot.start].rstrip():
        near = max(0, len(before) - 30)
        if (slipped := _misspell(before[near:], chance)) is None:
            return None
        text = before[:near] + slipped + block.text[len(before) :]
        shift = len(text) - len(block.text)
        return Edited(_with_block(sections, spot, with_text(block, text)), _moved(spot, characters=shift))
    return _misspell_block(sections, spot, spot.block - 1, chance)


def slip_after(sections: Sections, spot: Spot, chance: random.Random) -> Edited | None:
    """Correct a word just after the passage, in its block or the next one."""
    block = block_at(sections, spot)
    if (after := block.text[spot.end :]).strip():
        if (slipped := _misspell(after[:30], chance)) is None:
            return None
        text = block.text[: spot.end] + slipped + after[30:]
        return Edited(_with_block(sections, spot, with_text(block, text)), spot)
    return _misspell_block(sections, spot, spot.block + 1, chance)


def _misspell_block(sections: Sections, spot: Spot, number: int, chance: random.Random) -> Edited | None:
    """Correct a word of another block of the passage's section."""
    if not 0 <= number < len(sections[spot.position].blocks):
        return None
    other = replace(spot, block=number)
    text = _misspell(block_at(sections, other).text, chance)
    return Edited(_with_block(sections, other, with_text(block_at(sections, other), text)), spot) if text else None


def sentence_before(sections: Sections, spot: Spot, chance: random.Random) -> Edited:
    """Insert a sentence before the passage, in its block."""
    block, sentence = block_at(sections, spot), chance.choice(STRANGE) + " "
    text = block.text[: spot.start] + sentence + block.text[spot.start :]
    return Edited(_with_block(sections, spot, with_text(block, text)), _moved(spot, characters=len(sentence)))


def sentence_after(sections: Sections, spot: Spot, chance: random.Random) -> Edited:
    """Insert a sentence after the passage, in its block."""
    block = block_at(sections, spot)
    text = block.text[: spot.end] + " " + chance.choice(STRANGE) + block.text[spot.end :]
    return Edited(_with_block(sections, spot, with_text(block, text)), spot)


def sentence_within(sections: Sections, spot: Spot, chance: random.Random) -> Edited | None:
    """Insert a sentence between two of the passage."""
    words = _passage(sections, spot)
    ends = [match.end() for match in _SENTENCE.finditer(words)][:-1]
    if not ends or len(words) < 80:
        return None
    at = chance.choice(ends)
    return _with_passage(sections, spot, f"{words[:at]} {chance.choice(STRANGE)}{words[at:]}")


def paragraphs_around(sections: Sections, spot: Spot, chance: random.Random) -> Edited:
    """Insert a paragraph before the passage's block and one after it."""
    first, last = chance.sample(STRANGE, 2)
    new = _with_block(sections, spot, paragraph(first), block_at(sections, spot), paragraph(last))
    return Edited(new, _moved(spot, blocks=1))


def neighbours_deleted(sections: Sections, spot: Spot, _: random.Random) -> Edited | None:
    """Delete the blocks before and after the passage's."""
    blocks = sections[spot.position].blocks
    if len(blocks) < 3:
        return None
    start, stop = max(0, spot.block - 1), spot.block + 2
    new = with_blocks(sections, spot.position, (*blocks[:start], blocks[spot.block], *blocks[stop:]))
    return Edited(new, _moved(spot, blocks=start - spot.block))


def paragraph_split(sections: Sections, spot: Spot, chance: random.Random) -> Edited | None:
    """Split the passage's paragraph at a space: before, within or after it."""
    block = block_at(sections, spot)
    spaces = [match.start() for match in re.finditer(r"(?<=\S) (?=\S)", block.text)]
    if block.kind is not BlockKind.PARAGRAPH or not spaces:
        return None
    at = chance.choice(spaces)
    halves = with_text(block, block.text[:at]), with_text(block, block.text[at + 1 :])
    new = _with_block(sections, spot, *halves)
    if at < spot.start:
        return Edited(new, _moved(spot, blocks=1, characters=-at - 1))
    if at >= spot.end:
        return Edited(new, spot)
    return Edited(new, replace(spot, last_block=spot.block + 1, end=spot.end - at - 1))


def paragraphs_merged(sections: Sections, spot: Spot, _: random.Random) -> Edited | None:
    """Merge the passage's block with the one before it."""
    block, blocks = block_at(sections, spot), sections[spot.position].blocks
    if not spot.block or not (before := blocks[spot.block - 1]).text or BlockKind.TABLE in (before.kind, block.kind):
        return None
    merged = with_text(before, f"{before.text} {block.text}")
    new = with_blocks(sections, spot.position, (*blocks[: spot.block - 1], merged, *blocks[spot.block + 1 :]))
    return Edited(new, _moved(spot, blocks=-1, characters=len(before.text) + 1))


def heading_renamed(sections: Sections, spot: Spot, _: random.Random) -> Edited | None:
    """Give the section another heading."""
    if sections[spot.position].heading is None:
        return None
    section = replace(sections[spot.position], heading="Of Ropes and Lanterns")
    return Edited((*sections[: spot.position], section, *sections[spot.position + 1 :]), spot)


def headings_renumbered(sections: Sections, spot: Spot, _: random.Random) -> Edited:
    """Number all sections anew."""
    names = [section.heading and re.sub(r"^[\d.\s]*", "", section.heading) for section in sections]
    new = (
        replace(s, heading=name and f"{at + 7}. {name}")
        for at, (s, name) in enumerate(zip(sections, names, strict=True))
    )
    return Edited(tuple(new), spot)


def section_moved(sections: Sections, spot: Spot, chance: random.Random) -> Edited | None:
    """Move the section to another position."""
    if len(sections) < 3:
        return None
    others = [*sections[: spot.position], *sections[spot.position + 1 :]]
    position = chance.choice([at for at in range(len(sections)) if at != spot.position])
    others.insert(position, sections[spot.position])
    return Edited(tuple(others), replace(spot, position=position))


def section_split(sections: Sections, spot: Spot, _: random.Random) -> Edited | None:
    """Insert a heading before the passage's block."""
    section = sections[spot.position]
    if not spot.block:
        return None
    first = replace(section, blocks=section.blocks[: spot.block])
    last = Section(depth=max(1, section.depth), number=None, heading="Of Buoys", blocks=section.blocks[spot.block :])
    new = (*sections[: spot.position], first, last, *sections[spot.position + 1 :])
    return Edited(new, replace(_moved(spot, blocks=-spot.block), position=spot.position + 1))


def block_moved(sections: Sections, spot: Spot, chance: random.Random) -> Edited | None:
    """Move the passage's block to the end of another section."""
    others = [at for at in range(len(sections)) if at != spot.position]
    if not others:
        return None
    position = chance.choice(others)
    new = with_blocks(sections, position, (*sections[position].blocks, block_at(sections, spot)))
    last = len(sections[position].blocks)
    return Edited(_with_block(new, spot), replace(spot, position=position, block=last, last_block=last))


def section_deleted(sections: Sections, spot: Spot, _: random.Random) -> Edited:
    """Delete the section."""
    return Edited((*sections[: spot.position], *sections[spot.position + 1 :]), None)


def passage_deleted(sections: Sections, spot: Spot, _: random.Random) -> Edited:
    """Delete the passage, and its block with it if nothing else is in it."""
    if _is_whole(sections, spot):
        return Edited(_with_block(sections, spot), None)
    return Edited(_with_passage(sections, spot, "").sections, None)


def passage_deleted_and_slips(sections: Sections, spot: Spot, chance: random.Random) -> Edited | None:
    """Delete the passage, and correct words before and after it."""
    edited: Edited | None = Edited(sections, spot)
    for slip in (slip_before, slip_after):
        edited = (slip(edited.sections, edited.spot, chance) or edited) if edited and edited.spot else None
    return passage_deleted(edited.sections, edited.spot, chance) if edited and edited.spot else None


def passage_replaced(sections: Sections, spot: Spot, chance: random.Random) -> Edited:
    """Write something else in place of the passage."""
    return Edited(_with_passage(sections, spot, chance.choice(STRANGE)).sections, None)


def passage_rewritten(sections: Sections, spot: Spot, chance: random.Random) -> Edited | None:
    """Replace every third word of a passage of at least nine."""
    words = re.split(r"(\s+)", _passage(sections, spot))
    if len(words) < 17:
        return None
    strange = re.findall(r"\w+", " ".join(STRANGE))
    new = (chance.choice(strange) if at % 6 == 2 else word for at, word in enumerate(words))
    return _with_passage(sections, spot, "".join(new))


def passage_shortened(sections: Sections, spot: Spot, _: random.Random) -> Edited | None:
    """Delete the last third of a passage of at least nine words."""
    words = _passage(sections, spot).split(" ")
    return _with_passage(sections, spot, " ".join(words[: -(len(words) // 3)])) if len(words) >= 9 else None


def copy_elsewhere(sections: Sections, spot: Spot, chance: random.Random) -> Edited | None:
    """Copy the passage to the end of another section."""
    others = [at for at in range(len(sections)) if at != spot.position]
    if not others:
        return None
    position = chance.choice(others)
    copy = paragraph(_passage(sections, spot))
    return Edited(with_blocks(sections, position, (*sections[position].blocks, copy)), spot)


def copy_in_section(sections: Sections, spot: Spot, _: random.Random) -> Edited:
    """Copy the passage to the end of its section, behind another paragraph."""
    blocks = sections[spot.position].blocks
    copy = paragraph(STRANGE[0]), paragraph(_passage(sections, spot))
    return Edited(with_blocks(sections, spot.position, (*blocks, *copy)), spot)


def copied_section(sections: Sections, spot: Spot, _: random.Random) -> Edited:
    """Copy the whole section to the beginning, under another heading."""
    copy = replace(sections[spot.position], depth=1, heading="Of Sails")
    return Edited((copy, *sections), replace(spot, position=spot.position + 1))


def copy_instead(sections: Sections, spot: Spot, chance: random.Random) -> Edited | None:
    """Copy another block of the review to where the passage's block was."""
    others = [
        block
        for position, section in enumerate(sections)
        for at, block in enumerate(section.blocks)
        if block.text.strip() and (position, at) != (spot.position, spot.block)
    ]
    return Edited(_with_block(sections, spot, chance.choice(others)), None) if others else None


def other_marks(sections: Sections, spot: Spot, chance: random.Random) -> Edited | None:
    """Mark other words, in the passage and around it."""
    block = block_at(sections, spot)
    if block.kind is BlockKind.TABLE:
        return None
    cuts = sorted(chance.randrange(len(block.text) + 1) for _ in range(4))
    texts = (block.text[start:end] for start, end in zip((0, *cuts), (*cuts, len(block.text)), strict=True))
    marks = (Mark.BOLD, Mark.HIGHLIGHT, Mark.GAP, Mark.ITALIC, Mark.CODE)
    spans = (Span(text=text, marks=frozenset({mark})) for text, mark in zip(texts, marks, strict=True) if text)
    return Edited(_with_block(sections, spot, replace(block, spans=tuple(spans))), spot)


def _reform(text: str) -> str:
    """The same text, as another platform writes it."""
    quoted = text.replace("'", "’").replace('"', "”").replace("-", "–").replace("...", "…")
    return unicodedata.normalize("NFD", quoted).replace(" ", "\u00a0 ")


def other_form(sections: Sections, spot: Spot, _: random.Random) -> Edited:
    """Write white space, quotes, dashes and composed letters in another form, everywhere."""
    texts = block_at(sections, spot).text
    start = len(_reform(texts[: spot.start]))
    end = start + len(_reform(texts[spot.start : spot.end]))
    new = (
        replace(
            section,
            blocks=tuple(with_text(block, _reform(block.text)) if block.text else block for block in section.blocks),
        )
        for section in sections
    )
    return Edited(tuple(new), replace(spot, start=start, end=end))


def _ambiguous(edit: Edit) -> Edit:
    """An edit that makes the passage's place ambiguous."""

    def marked(sections: Sections, spot: Spot, chance: random.Random) -> Edited | None:
        edited = edit(sections, spot, chance)
        return edited and replace(edited, is_ambiguous=True)

    return marked


def _then(*edits: Edit) -> Edit:
    """One edit after another."""

    def edit(sections: Sections, spot: Spot, chance: random.Random) -> Edited | None:
        edited: Edited | None = Edited(sections, spot)
        for step in edits:
            edited = step(edited.sections, edited.spot, chance) if edited and edited.spot else None
        return edited

    return edit


_KEEPING = (
    slip_inside, slip_before, slip_after, sentence_before, sentence_after, paragraphs_around, neighbours_deleted,
    paragraphs_merged, heading_renamed, headings_renumbered, section_moved, section_split, other_marks,
)  # fmt: skip
"""Edits after which the passage is still there, in one block."""


def several(sections: Sections, spot: Spot, chance: random.Random) -> Edited | None:
    """Make three edits, chosen by chance."""
    return _then(*chance.sample(_KEEPING, 3))(sections, spot, chance)


EDITS: dict[str, Edit] = {
    "nothing": nothing,
    "a slip corrected in the passage": slip_inside,
    "three slips corrected in it": slips_inside,
    "a slip before it": slip_before,
    "a slip after it": slip_after,
    "slips before, in and after it": _then(slip_before, slip_after, slip_inside),
    "a sentence inserted before it": sentence_before,
    "a sentence inserted after it": sentence_after,
    "a sentence inserted in it": sentence_within,
    "a sentence before it, a slip in it": _then(slip_inside, sentence_before),
    "paragraphs inserted around it": paragraphs_around,
    "neighbouring blocks deleted": neighbours_deleted,
    "its paragraph split": paragraph_split,
    "paragraphs merged": paragraphs_merged,
    "paragraphs merged, a slip in it": _then(slip_inside, paragraphs_merged),
    "heading renamed": heading_renamed,
    "heading renamed, a slip in it": _then(slip_inside, heading_renamed),
    "headings renumbered": headings_renumbered,
    "section moved": section_moved,
    "section moved, a slip in it": _then(slip_inside, section_moved),
    "section split before it": section_split,
    "its block moved to another section": block_moved,
    "section deleted": section_deleted,
    "passage deleted": passage_deleted,
    "passage deleted, slips around it": passage_deleted_and_slips,
    "passage replaced by other words": passage_replaced,
    "block replaced by a copy of another": copy_instead,
    "a third of its words replaced": passage_rewritten,
    "its last third deleted": passage_shortened,
    "copied to another section": copy_elsewhere,
    "copied to the end of its section": copy_in_section,
    "its section copied": copied_section,
    "copied, a slip in the original": _then(copy_elsewhere, slip_inside),
    "copied, slips before, in and after": _ambiguous(_then(copy_in_section, slip_before, slip_after, slip_inside)),
    "copied elsewhere, slips likewise": _ambiguous(_then(copy_elsewhere, slip_before, slip_after, slip_inside)),
    "copied, slips around the original": _then(copy_in_section, slip_before, slip_after),
    "three edits by chance": several,
    "three edits by chance, then deleted": _then(several, passage_deleted),
    "three edits by chance, then replaced": _then(several, passage_replaced),
    "other words marked": other_marks,
    "white space, quotes, dashes, NFD": other_form,
}
"""What is edited → how."""


# ── judging ─────────────────────────────────────────────────────────────────────────────────────


class Verdict(StrEnum):
    """Of an answer."""

    RIGHT = "right"
    ORPHANED = "orphaned"  # though it is still there
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An answer, and what was asked."""

    edit: str
    verdict: Verdict
    passage: Passage
    found: Anchored | Orphaned
    spot: Spot | None
    took_s: float


def spots_of(review: Review, chance: random.Random) -> Iterator[Spot]:
    """Yield every block that has words as a passage, and a sentence or some words of each longer one."""
    for position, section in enumerate(review.sections):
        for number, block in enumerate(section.blocks):
            text = block.text
            if not any(map(str.isalnum, text)):
                continue
            start = len(text) - len(text.lstrip())
            whole = Spot(position=position, block=number, last_block=number, start=start, end=len(text.rstrip()))
            yield whole
            if sentences := list(_SENTENCE.finditer(text))[1:]:
                sentence = chance.choice(sentences)
                yield replace(whole, start=sentence.start(), end=len(text[: sentence.end()].rstrip()))
            elif len(words := list(re.finditer(r"\S+", text))) > 8:
                first = chance.randrange(len(words) - 6)
                yield replace(whole, start=words[first].start(), end=words[first + 5].end())


def judge(found: Anchored | Orphaned, edited: Edited) -> Verdict:
    """Whether an answer is right; a place is, if it mostly is the one where the passage stands."""
    spot = edited.spot
    if isinstance(found, Orphaned):
        return Verdict.ORPHANED if spot and not edited.is_ambiguous else Verdict.RIGHT
    if spot is None or (found.position, found.block, found.last_block) != (
        spot.position,
        spot.block,
        spot.last_block,
    ):
        return Verdict.WRONG
    if found.block != found.last_block:
        return Verdict.RIGHT
    common = min(found.end, spot.end) - max(found.start, spot.start)
    whole = max(found.end, spot.end) - min(found.start, spot.start)
    return Verdict.RIGHT if common >= MIN_OVERLAP * whole else Verdict.WRONG


def try_edits(
    reviews: Iterable[Review], *, seed: int, passages: int | None = None, edits: int | None = None
) -> Iterator[Judged]:
    """Keep passages of each review, edit it, and seek them.

    Args:
        passages: How many of each review; None for all.
        edits: How many of `EDITS` for each; None for all.
    """
    chance = random.Random(seed)
    for review in reviews:
        spots = list(spots_of(review, chance))
        for spot in spots if passages is None else chance.sample(spots, min(passages, len(spots))):
            names = list(EDITS) if edits is None else chance.sample(list(EDITS), edits)
            yield from _try_passage(review.sections, spot, names, chance)


def _try_passage(sections: Sections, spot: Spot, names: Iterable[str], chance: random.Random) -> Iterator[Judged]:
    passage = make_passage(sections, spot.position, spot.block, version="v1", start=spot.start, end=spot.end)
    spot = replace(spot, end=spot.start + len(passage.exact))
    for name in names:
        edited = EDITS[name](sections, spot, chance)
        if edited is None:
            continue
        started = perf_counter()
        found = find_passage(edited.sections, passage)
        took_s = perf_counter() - started
        verdict = judge(found, edited)
        yield Judged(edit=name, verdict=verdict, passage=passage, found=found, spot=edited.spot, took_s=took_s)


def read_reviews(feed: bytes) -> list[Review]:
    """The reviews of a feed."""
    parsed = parse_feed(feed, content_type=None, url="https://feed.example/rss")
    return [parse_review(entry) for entry in parsed.entries]


def _print(judged: Sequence[Judged]) -> None:
    rows = []
    for name in (*EDITS, "all"):
        counts = Counter(one.verdict for one in judged if name in (one.edit, "all"))
        if total := counts.total():
            right = counts[Verdict.RIGHT]
            rows.append(
                (
                    name,
                    f"{total:,}",
                    f"{right / total:.3f}",
                    f"{counts[Verdict.ORPHANED]:,}",
                    f"{counts[Verdict.WRONG]:,}",
                )
            )
    print_table("Passages found again", ("edit", "passages", "right", "orphaned", "wrong"), rows)
    times = [one.took_s for one in judged]
    print(f"\np95 of one search: {milliseconds(p95(times))} ms")


def main(argv: Sequence[str] | None = None) -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--feed", type=Path, default=sample_feed(), metavar="FILE", help="the feed whose reviews are edited"
    )
    parser.add_argument("--passages", type=int, default=None, metavar="N", help="of each review (default: all)")
    parser.add_argument("--seed", type=int, default=1, help="of the chance that chooses places and slips")
    parser.add_argument("--faults", action="store_true", help="list the answers that are not right")
    options = parser.parse_args(argv)
    reviews = read_reviews(options.feed.read_bytes())
    judged = list(try_edits(reviews, seed=options.seed, passages=options.passages))
    _print(judged)
    for one in judged if options.faults else ():
        if one.verdict is not Verdict.RIGHT:
            print(f"\n{one.verdict}: {one.edit}\n  {one.passage}\n  {one.found}\n  {one.spot}")


if __name__ == "__main__":
    main()
