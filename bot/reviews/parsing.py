"""One entry, interpreted: its facts, its sections, and how both are found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from bot.models.feeds import Entry
from bot.models.reviews import Block, BlockKind, Review, Section
from bot.reviews.facts import read_facts
from bot.reviews.markup import Heading, Piece, read_markup
from bot.reviews.outline import find_written_headings, place_headings
from bot.reviews.short_names import choose_name, find_short_name
from bot.reviews.titles import read_title
from bot.reviews.venues import is_preprint
from bot.reviews.written_titles import find_written_title
from bot.text.terms import bare_letters


def parse_review(entry: Entry) -> Review:
    """Interpret one entry.

    The same entry always gives the same review. Takes about 4 ms of CPU for a typical post and at most a second or
    two for a hostile one, so an event loop should call it in a thread.
    """
    title = read_title(entry.title)
    titles = tuple(dict.fromkeys((title.clean_title, title.paper_title, entry.title)))
    repeated, pieces = _drop_repeated_title(read_markup(entry.html, base_url=entry.link), titles)
    pieces = find_written_headings(pieces)
    facts = read_facts([*repeated, *pieces], titles=titles, tags=entry.categories, blogger=entry.author)
    sections = _to_sections(pieces)
    text = "\n".join((title.clean_title, *(section.text for section in sections)))
    addresses = (entry.link, *(url for label, url in facts.links if label == "code"))
    titled = find_short_name(title, addresses=addresses, text=text)
    if titled is None and (written := find_written_title(title.paper_title, _headings([*repeated, *pieces]), text)):
        titled = find_short_name(replace(title, clean_title=written), addresses=addresses, text=f"{written}\n{text}")
    venue, year = _choose_venue((title.venue, title.year), (facts.venue, facts.year))
    return Review(
        guid=entry.guid,
        link=entry.link,
        title=entry.title,
        clean_title=title.clean_title or entry.title.strip() or entry.link or entry.guid,
        venue=venue,
        year=year,
        short_name=facts.name or choose_name(titled, facts.method),
        authors=facts.authors,
        identifiers=facts.identifiers,
        links=facts.links,
        categories=entry.categories,
        published=entry.published,
        updated=entry.updated,
        sections=sections,
    )


def _headings(pieces: Sequence[Piece]) -> Iterator[str]:
    return (piece.text for piece in pieces if isinstance(piece, Heading))


def _choose_venue(
    title: tuple[str | None, int | None], facts: tuple[str | None, int | None]
) -> tuple[str | None, int | None]:
    """Prefer the venue in the title to that in the text, unless the title names a preprint server and the text does
    not.
    """
    if title[0] and is_preprint(title[0]) and facts[0] and not is_preprint(facts[0]):
        return facts
    if not title[0]:  # "Boats (Quill, 2030)" gives a year alone; a venue in the text has its own
        return facts[0], facts[1] or title[1]
    return title[0], title[1] or facts[1]


def _drop_repeated_title(pieces: Sequence[Piece], titles: Sequence[str]) -> tuple[list[Piece], list[Piece]]:
    """Split off a leading h1 that repeats the post's title: some platforms put it into the body."""
    known = {bare_letters(title) for title in titles} - {""}
    first = next((piece for piece in pieces if isinstance(piece, Heading)), None)
    repeated: list[Piece] = (
        [first] if first is not None and first.level == 1 and bare_letters(first.text) in known else []
    )
    kept = (piece for piece in pieces if not (repeated and piece is first))
    return repeated, [_without_caption(piece, known) if isinstance(piece, Block) else piece for piece in kept]


def _without_caption(block: Block, titles: set[str]) -> Block:
    """Return a picture without the post's title as its caption, which Ghost puts there."""
    is_titled = block.kind is BlockKind.FIGURE and bare_letters(block.text) in titles
    return replace(block, spans=()) if is_titled else block


@dataclass(slots=True)
class _Draft:
    heading: Heading | None
    blocks: list[Block] = field(default_factory=list)


def _to_sections(pieces: Sequence[Piece]) -> tuple[Section, ...]:
    """Cut the text at its headings; text above the first heading, if any, is a section of depth 0."""
    drafts = [_Draft(heading=None)]
    for piece in pieces:
        if isinstance(piece, Heading):
            drafts.append(_Draft(heading=piece))
        else:
            drafts[-1].blocks.append(piece)
    headings = [draft.heading for draft in drafts if draft.heading]
    places = iter(place_headings([(heading.level, heading.text) for heading in headings]))
    uses = Counter(heading.anchor for heading in headings)
    sections = []
    for draft in drafts:
        if draft.heading is None:
            if draft.blocks:
                sections.append(Section(depth=0, number=None, heading=None, blocks=tuple(draft.blocks)))
            continue
        place = next(places)
        anchor = draft.heading.anchor
        sections.append(
            Section(
                depth=place.depth,
                number=place.number,
                heading=draft.heading.text,
                blocks=tuple(draft.blocks),
                anchor=anchor if uses[anchor] == 1 else None,  # several headings with one lead to the first, or away
            )
        )
    return tuple(sections)
