"""A review as a card: the paper, one section, the announcement of a new review. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bot.cards.card import (
    MAX_CHOICES,
    Card,
    Choice,
    Link,
    Part,
    Picture,
    PressChoice,
    Tone,
    cut_blocks,
    join_spans,
    quote_typed,
    small_block,
    text_block,
)
from bot.cards.earlier_talks import channels_of, conclude_choices, is_in_talk, talk_parts
from bot.cards.words import LINE, WIDE, cut_at_clause, date_of, heading_of, lines_of, name_of, width_of
from bot.languages import _, ngettext
from bot.models.answers import NoSuchSection, PaperFound, SectionFound
from bot.models.feeds import Extent
from bot.models.passages import check_of_words
from bot.models.requests import Command, Press, PressKind, Request
from bot.models.reviews import Block, BlockKind, Mark, Review, ReviewHead, Section, Span, StoredReview
from bot.reviews.fact_labels import is_paper_label
from bot.reviews.names import PAPERS_HEADING
from bot.text.anchors import heading_link
from bot.text.cut import cut_text
from bot.text.links import host_of
from bot.text.patterns import lazy_pattern

MAX_ALSO_CHOICES = 3
MAX_LINKS = 4
MAX_AUTHORS = 3
MIN_MARKED_CHARACTERS = 40
POINT_LINES = 2
INDENT = 3 * WIDE
"""What an item of a list leaves free on each line, at its beginning and where a word does not fit."""
EXCERPT_LINES = 3
ANNOUNCED_CHARACTERS = 500
MAX_POINTS = 3
CLAIMS_LINES = 12
LABEL_CHARACTERS = 100
READING_CHARACTERS_PER_MINUTE = 700
"""For mixed Korean and English prose: about 350 Hangul syllables or 200 English words a minute."""

# What a phone shows without scrolling, in pixels; the lines are those of Discord's app.
SCREEN_PX, LINE_PX, TITLE_PX, SMALL_PX = 600, 22, 28, 20
PICTURE_PX, MENU_PX, MARGINS_PX, GAP_PX = 200, 56, 60, 8
TITLE_SCALE, SMALL_SCALE = 1.4, 0.85
POINT_PX = (1 + POINT_LINES) * LINE_PX + GAP_PX
"""A heading and a sentence below it; the abstract's first lines take as much."""


# ── the paper ───────────────────────────────────────────────────────────────────────────────────


def paper_card(answer: PaperFound) -> Card:
    """A paper's card: what it is, what the reviewer marked, and a menu of its sections."""
    stored, review = answer.stored, answer.stored.review
    title, subtitle, facts = name_of(review), _full_title(review), _facts(review)
    small = tuple(small_block(line) for line in _small_lines(answer))
    talks = talk_parts(answer.talks)
    room_px = SCREEN_PX - MENU_PX - MARGINS_PX - _height(title, subtitle, facts, [block.text for block in small])
    room_px -= sum(_block_height(block) for part in talks for block in part)
    picture = _first_figure(review) if room_px >= PICTURE_PX + POINT_PX else None
    points = _points(review, room_px - (PICTURE_PX if picture else 0))
    others = (*answer.also[:MAX_ALSO_CHOICES], *answer.others[:MAX_ALSO_CHOICES])
    return Card(
        tone=Tone.FOUND,
        title=title,
        subtitle=subtitle,
        facts=facts,
        url=review.link,
        parts=tuple(part for part in (small, *talks, *(points or [_beginning(review)])) if part),
        choices=(*_contents(answer, most=MAX_CHOICES - len(others)), *map(paper_choice, others)),
        invitation=_("Open a paper …") if answer.papers else _("Open a section …"),
        presses=_presses(answer),
        buttons=(related_choice(stored),),
        links=_links(review),
        back=_back_to_search(answer.search),
        request=request_of(stored, Command.PAPER, search=answer.search),
        picture=picture,
        colour_key=stored.feed_url,
        channel_ids=channels_of(answer.talks),
    )


def _presses(answer: PaperFound) -> tuple[PressChoice, ...]:
    """To talk about the paper, except in the talk itself, to save it, and to say or read what came of its talk."""
    discuss = () if is_in_talk(answer.talks) else (discuss_choice(answer.stored),)
    return (*discuss, save_choice(answer.stored), *conclude_choices(answer.talks))


def _full_title(review: Review) -> str | None:
    return review.clean_title if review.short_name and review.short_name != review.clean_title else None


def _facts(review: Review) -> str:
    """Venue, date, source and reading time."""
    minutes = max(1, round(review.characters / READING_CHARACTERS_PER_MINUTE))
    facts = (
        review.venue_and_year,
        date_of(review.published) if review.published else None,
        host_of(review.link),
        ngettext("{count} min", "{count} min", minutes).format(count=minutes),
    )
    return " · ".join(fact for fact in facts if fact)


def _small_lines(answer: PaperFound) -> Iterator[str]:
    """How the name was read, the authors, and what else to know before reading."""
    review = answer.stored.review
    if answer.note:
        yield answer.note
    if review.authors:
        yield describe_authors(review.authors)
    if review.extent is Extent.TEASER:
        yield _("Only the beginning: the feed does not have the rest.")
    if answer.also:
        count = len(answer.also) + 1
        yield ngettext("{count} review of this paper", "{count} reviews of this paper", count).format(count=count)
    if answer.others:
        yield _("Other papers with this name: {names}").format(
            names=", ".join(cut_text(name_of(head), 40) for head in answer.others[:MAX_ALSO_CHOICES])
        )


def describe_authors(authors: Sequence[str]) -> str:
    """The first authors, and how many more there are."""
    names = ", ".join(cut_text(author, 40) for author in authors[:MAX_AUTHORS])
    if (more := len(authors) - MAX_AUTHORS) <= 0:
        return names
    return ngettext("{names} and {count} other", "{names} and {count} others", more).format(names=names, count=more)


def _height(title: str, subtitle: str | None, facts: str, small: Sequence[str]) -> int:
    """The height of a card's head on a phone, in pixels."""
    texts = [*small, *([subtitle] if subtitle else [])]
    return (
        lines_of(title, scale=TITLE_SCALE) * TITLE_PX
        + sum(lines_of(text, scale=SMALL_SCALE) * SMALL_PX for text in texts)
        + lines_of(facts) * LINE_PX
    )


def _block_height(block: Block) -> int:
    """The height of a paragraph or a line in small letters, in pixels."""
    is_small = block.kind is BlockKind.SMALL
    return lines_of(block.text, scale=SMALL_SCALE if is_small else 1.0) * (SMALL_PX if is_small else LINE_PX)


# ── what the reviewer marked ────────────────────────────────────────────────────────────────────


def _points(review: Review, room_px: int) -> list[Part]:
    """A gap that the reviewer marked and what else they highlighted: as much as the room holds, but at least one."""
    gaps, highlights = (_marked_sentences(review, mark) for mark in (Mark.GAP, Mark.HIGHLIGHT))
    parts: list[Part] = []
    left = room_px
    for heading, sentences in ((_("Gap"), gaps[:1]), (_("Highlights"), highlights[:MAX_POINTS])):
        kept: list[Block] = []
        for spans in sentences:
            height = lines_of(join_spans(spans)) * LINE_PX + (0 if kept else LINE_PX + GAP_PX)
            if height > left and (parts or kept):
                break
            kept.append(Block(kind=BlockKind.ITEM, marker="•", spans=spans))
            left -= height
        if kept:
            parts.append((_heading(heading), *kept))
    return parts


def claims_of(review: Review) -> tuple[Part, ...]:
    """What the reviewer marked in a review, or else its first lines, for a message without a picture."""
    points = _points(review, CLAIMS_LINES * LINE_PX)
    return tuple(points) if points else tuple(part for part in (_beginning(review),) if part)


def _marked_sentences(review: Review, mark: Mark) -> list[tuple[Span, ...]]:
    """The beginnings of the marked sentences, at most one from each section; single words are left out."""
    found: list[tuple[Span, ...]] = []
    for section in review.sections:
        sentences = (spans for spans in _marked(section, mark) if _is_sentence(join_spans(spans)))
        cuts = (cut_at_clause(spans, POINT_LINES * (LINE - INDENT)) for spans in sentences)
        if cut := next((spans for spans in cuts if spans), None):
            found.append(tuple(replace(span, marks=span.marks - {mark}) for span in cut))
    return found


def _is_sentence(text: str) -> bool:
    return len(text) >= MIN_MARKED_CHARACTERS and text.rstrip(" )\"'”’").endswith((".", "!", "?", "다", "요"))


def _marked(section: Section, mark: Mark) -> list[list[Span]]:
    """The runs of spans of a section that have a mark."""
    runs: list[list[Span]] = []
    for block in section.blocks:
        is_open = False
        for span in block.spans:
            if mark in span.marks:
                runs[-1].append(span) if is_open else runs.append([span])
            is_open = mark in span.marks
    return runs


def _beginning(review: Review) -> Part:
    """The first lines of the abstract, or of what the review begins with."""
    room = EXCERPT_LINES * LINE
    kept: list[Block] = []
    for block in _summary(review):
        spans = cut_at_clause(block.spans, room - width_of(block.marker))
        if not spans:
            break
        kept.append(replace(block, spans=spans))
        # What is left of the last line stays empty.
        room -= lines_of(join_spans(spans)) * LINE
        if room <= 0 or spans[-1].text == "…":
            break
    return tuple(kept)


def _summary(review: Review) -> list[Block]:
    """The text of the first headed section that has any, or of what is before the first heading."""
    for section in [s for s in review.sections if s.depth > 0] or review.sections:
        if blocks := [block for block in section.blocks if block.kind in _PROSE and block.text.strip()]:
            return blocks
    return []


_PROSE = (BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.QUOTE, BlockKind.EXCERPT)


# ── a section ───────────────────────────────────────────────────────────────────────────────────


def section_card(answer: SectionFound) -> Card:
    """A section's card: its text and figures as the review has them, and ways to the sections beside it."""
    stored, review, first = answer.stored, answer.stored.review, answer.sections[0]
    parts: list[Part] = [(small_block(answer.note),) if answer.note else ()]
    for section in answer.sections:
        is_below = section is not first and section.heading
        heading = (Block(kind=BlockKind.SECTION_HEADING, spans=(Span(text=heading_of(section.heading)),)),)
        parts += _with_headings(heading if is_below else (), section.blocks)
    if not any(section.blocks for section in answer.sections):
        parts.append((text_block(_("The review has no text under this heading.")),))
    parts.append(_legend(section.blocks for section in answer.sections))
    to_paper = Choice(label=_("Back to the paper"), request=request_of(stored, Command.PAPER, search=answer.search))
    to_search = _back_to_search(answer.search)
    before, after = neighbours(review.sections, answer.positions)
    return Card(
        tone=Tone.FOUND if answer.is_sure else Tone.CHOOSE,
        title=heading_of(first.heading) or _("Before the first heading"),
        subtitle=" › ".join((cut_text(name_of(review), 60), *headings_above(review.sections, answer.positions[0]))),
        url=review.link,
        parts=tuple(part for part in parts if part),
        choices=_section_choices(stored, around=answer.positions[0], search=answer.search),
        invitation=_("Open another section …"),
        presses=(
            discuss_choice(stored),
            quote_choice(stored, position=answer.positions[0], page=1),
            save_choice(stored, position=answer.positions[0]),
        ),
        buttons=(replace(to_paper, label=_("The paper")),) if to_search else (),
        links=(Link(label=_("Read here"), url=heading_link(review.link, first.anchor, first.heading)),),
        back=to_search or to_paper,
        previous=_section_request(stored, before, answer.search),
        following=_section_request(stored, after, answer.search),
        request=request_of(stored, Command.SECTION, position=answer.positions[0], search=answer.search),
        colour_key=stored.feed_url,
        is_private=not answer.is_sure,
    )


def _legend(texts: Iterable[Sequence[Block]]) -> Part:
    """What the marks in these texts mean, as a line that is marked in the same way; empty if nothing is marked."""
    shown = {mark for blocks in texts for block in blocks for mark in _shown_marks(block)}
    meanings = ((Mark.HIGHLIGHT, _("marked by the reviewer")), (Mark.GAP, _("a gap, marked by the reviewer")))
    said = [Span(text=meaning, marks=frozenset((mark,))) for mark, meaning in meanings if mark in shown]
    spans = tuple(span for each in said for span in (Span(text=" · "), each))[1:]
    return (Block(kind=BlockKind.SMALL, spans=spans),) if spans else ()


def _shown_marks(block: Block) -> Iterator[Mark]:
    """The marks that are drawn: code, formulas and tables have none, and a marked heading is only a heading."""
    if block.kind in _UNMARKED:
        return
    for mark in (mark for span in block.spans if span.text.strip() for mark in span.marks):
        if block.kind is not BlockKind.PARAGRAPH_HEADING or mark is not Mark.HIGHLIGHT:
            yield mark


_UNMARKED = (BlockKind.CODE, BlockKind.MATH, BlockKind.TABLE)


def no_such_section_card(answer: NoSuchSection) -> Card:
    """The review was found, but not the section: where else it is mentioned, and a menu of all sections."""
    stored, review = answer.stored, answer.stored.review
    headings = [heading_of(review.sections[position].heading) for position in answer.mentioned]
    said = (
        _("This review has no section “{heading}”.").format(heading=quote_typed(answer.asked, 100))
        if answer.asked
        else _("Which section?")
    )
    lead = [text_block(said)]
    if not any(section.heading for section in review.sections):
        lead.append(text_block(_("The review has no headings.")))
    if headings:
        lead.append(text_block(_("It is mentioned in:")))
    mentioned = [(Block(kind=BlockKind.ITEM, marker="•", spans=(Span(text=heading),)),) for heading in headings]
    opened = (_section_request(stored, position, None) for position in answer.mentioned)
    return Card(
        tone=Tone.MISSING,
        title=name_of(review),
        subtitle=_full_title(review),
        facts=_facts(review),
        url=review.link,
        parts=(tuple(lead), *mentioned),
        opens=(None, *(Choice(label=_("Open"), request=request) for request in opened if request)),
        choices=_section_choices(stored, around=answer.mentioned[0] if answer.mentioned else 0),
        invitation=_("Open a section …"),
        buttons=(Choice(label=_("The paper"), request=request_of(stored, Command.PAPER)),),
        links=_links(review)[:1],
        colour_key=stored.feed_url,
        is_private=True,
    )


def headings_above(sections: Sequence[Section], position: int) -> tuple[str, ...]:
    """The headings that a section is below, outermost first, without its own."""
    above: list[str] = []
    depth = sections[position].depth
    for section in reversed(sections[:position]):
        if 0 < section.depth < depth:
            depth = section.depth
            above.append(cut_text(heading_of(section.heading), 60))
    return tuple(reversed([heading for heading in above if heading]))


def neighbours(sections: Sequence[Section], positions: Sequence[int]) -> tuple[int | None, int | None]:
    """The positions of the sections before and after the shown ones.

    The one before is as high in the outline as the first that is shown, so that going on and back again shows the
    same sections.
    """
    top = sections[positions[0]].depth
    before = (
        position
        for position in range(positions[0] - 1, -1, -1)
        if sections[position].depth <= top and (sections[position].heading or sections[position].blocks)
    )
    after = (
        position
        for position in range(positions[-1] + 1, len(sections))
        if sections[position].heading or sections[position].blocks
    )
    return next(before, None), next(after, None)


def _with_headings(heading: Part, blocks: Sequence[Block]) -> list[Part]:
    """A section's blocks as parts; a heading stays with the block after it."""
    parts: list[Part] = []
    waiting = list(heading)
    for block in blocks:
        waiting.append(block)
        if block.kind is not BlockKind.PARAGRAPH_HEADING:
            parts.append(tuple(waiting))
            waiting = []
    return [*parts, tuple(waiting)] if waiting else parts


# ── an announcement ─────────────────────────────────────────────────────────────────────────────


def announcement(stored: StoredReview, *, is_compact: bool = False) -> Card:
    """A new review as it is announced in a channel; the compact form leaves out its beginning and its figure."""
    review = stored.review
    small = (small_block(describe_authors(review.authors)),) if review.authors else ()
    excerpt = () if is_compact else tuple(cut_blocks(_summary(review), ANNOUNCED_CHARACTERS))
    return Card(
        tone=Tone.NEWS,
        title=review.clean_title,
        facts=_facts(review),
        url=review.link,
        parts=tuple(part for part in (small, excerpt, () if is_compact else _papers_in(review)) if part),
        choices=_section_choices(stored),
        invitation=_("Open a section …"),
        presses=(discuss_choice(stored), save_choice(stored)),
        buttons=(
            Choice(label=_("Open"), request=request_of(stored, Command.PAPER)),
            related_choice(stored),
        ),
        links=_links(review),
        footer=None if is_compact else " · ".join(review.categories[:6]) or None,
        picture=None if is_compact else _first_figure(review),
        request=request_of(stored, Command.PAPER),
        colour_key=stored.feed_url,
        published=review.published or stored.first_seen_at,
    )


# ── what can be pressed ─────────────────────────────────────────────────────────────────────────


def request_of(
    stored: StoredReview | ReviewHead,
    command: Command,
    *,
    position: int | None = None,
    heading: str | None = None,
    search: Request | None = None,
) -> Request:
    """A request for a review that goes on meaning this review only, however long ago its button was made.

    Args:
        search: The search that it is opened from, so that its card leads back there.
    """
    return Request(
        command=command,
        query=search.query if search else "",
        review_id=stored.id,
        check=stored.check,
        position=position,
        heading=heading,
        offset=search.offset if search else 0,
    )


def paper_choice(head: ReviewHead, command: Command = Command.PAPER, heading: str | None = None) -> Choice:
    """A review in a menu: its short name, and below it the title; or the title, and below it venue and date."""
    return Choice(
        label=cut_text(name_of(head), LABEL_CHARACTERS),
        description=cut_text(head.clean_title, LABEL_CHARACTERS) if _has_short_name(head) else when(head),
        request=request_of(head, command, heading=heading),
    )


def _has_short_name(head: ReviewHead) -> bool:
    return bool(head.short_name) and head.short_name != head.clean_title


def when(head: ReviewHead) -> str:
    """Venue and date of a review."""
    return " · ".join(part for part in (head.venue_and_year, date_of(head.date)) if part)


def related_choice(stored: StoredReview) -> Choice:
    """The button for related reviews."""
    return Choice(label=_("Related"), request=request_of(stored, Command.RELATED))


def discuss_choice(stored: StoredReview | ReviewHead, *, mark: str = "") -> PressChoice:
    """The button that leads to the talk about a review's paper."""
    return PressChoice(label=_("Discuss"), press=_press(PressKind.DISCUSS, stored, text=mark))


def save_choice(stored: StoredReview | ReviewHead, *, position: int = 0) -> PressChoice:
    """The button that puts a review's paper on the presser's own list.

    Args:
        position: Of the section that its card shows; its passages are offered to be saved, too.
    """
    return PressChoice(label=_("Save"), press=_press(PressKind.SAVE, stored, position))


def save_passage_choice(stored: StoredReview, position: int, block: int, words: str) -> PressChoice:
    """The button that puts a passage on the presser's own list; only while it has these words."""
    press = _press(PressKind.SAVE_PASSAGE, stored, position, block, text=check_of_words(words))
    return PressChoice(label=_("Save"), press=press)


def discuss_option(head: ReviewHead) -> PressChoice:
    """A paper in the menu of a digest."""
    return replace(discuss_choice(head), label=cut_text(name_of(head), LABEL_CHARACTERS))


def quote_choice(stored: StoredReview, *, position: int = 0, page: int = 0, mark: str = "") -> PressChoice:
    """The button that shows a section's passages to quote one; page 0 shows the sections instead."""
    press = _press(PressKind.CHOOSE_PASSAGE, stored, position, page, text=mark)
    return PressChoice(label=_("Quote a passage"), press=press)


def passage_press(stored: StoredReview | ReviewHead, position: int, block: int, *, words_check: str | None) -> Press:
    """What puts a passage into the talk about its paper; only while it has these words, wherever they are then.

    Args:
        words_check: Tells the words that are shown (`check_of_block`).
    """
    return _press(PressKind.DISCUSS_PASSAGE, stored, position, block, text=words_check or "")


def _press(
    kind: PressKind, stored: StoredReview | ReviewHead, position: int = 0, block: int = 0, *, text: str = ""
) -> Press:
    """A press that is about a review, or a section or passage of it."""
    return Press(kind=kind, number=stored.id, check=stored.check, position=position, block=block, text=text)


def _back_to_search(search: Request | None) -> Choice | None:
    return Choice(label=_("Back to the results"), request=search) if search else None


def _section_request(stored: StoredReview, position: int | None, search: Request | None) -> Request | None:
    return None if position is None else request_of(stored, Command.SECTION, position=position, search=search)


def _contents(answer: PaperFound, *, most: int) -> tuple[Choice, ...]:
    """The menu of a review: its sections, or the papers that a digest lists."""
    if not answer.papers:
        return _section_choices(answer.stored, most=most, search=answer.search)
    whole = [
        choice
        for choice in _section_choices(answer.stored, search=answer.search)
        if answer.stored.review.sections[choice.request.position or 0].heading == PAPERS_HEADING
    ]
    return (*whole[:1], *map(paper_choice, answer.papers[: most - 1]))


def _section_choices(
    stored: StoredReview, *, around: int = 0, most: int = MAX_CHOICES, search: Request | None = None
) -> tuple[Choice, ...]:
    """The sections as choices. From a long outline, offer the sections near the current one, top sections first."""
    headed = [(i, s) for i, s in enumerate(stored.review.sections) if s.heading]
    if len(headed) > most:
        near = sorted(
            headed, key=lambda pair: (pair[1].depth > 1 and abs(pair[0] - around) > 6, abs(pair[0] - around))
        )
        headed = sorted(near[:most], key=lambda pair: pair[0])
    return tuple(
        Choice(
            label=_indented(section),
            request=request_of(stored, Command.SECTION, position=position, search=search),
        )
        for position, section in headed
    )


def _indented(section: Section) -> str:
    """A heading in a menu, indented with em spaces because Discord trims plain ones."""
    indent = "\u2003" * (section.depth - 1)
    return indent + cut_text(heading_of(section.heading), LABEL_CHARACTERS - len(indent))


def _links(review: Review) -> tuple[Link, ...]:
    """The review's page, then the paper and its code, each once."""
    paper = next((url for label, url in review.links if is_paper_label(label)), None)
    code = next((url for label, url in review.links if label.casefold() in _CODE_LABELS), None)
    rest = [(label, url) for label, url in review.links if url not in (paper, code)]
    wanted = ((_("Read the review"), review.link), (_("Paper"), paper), (_("Code"), code), *_named(rest))
    links: dict[str, str] = {}
    for label, url in wanted:
        if url and url not in links:
            links[url] = label
    return tuple(Link(label=label, url=url) for url, label in links.items())[:MAX_LINKS]


def _named(links: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Other links by the reviewer's own label, without those that are a second paper or repository."""
    for label, url in links:
        if not is_paper_label(label) and label.casefold() not in _CODE_LABELS:
            yield cut_text(label[:1].upper() + label[1:], 30), url


_CODE_LABELS = frozenset({"code", "github", "official code", "코드", "github code"})


# ── small things ────────────────────────────────────────────────────────────────────────────────


def _heading(text: str) -> Block:
    return text_block(text, Mark.BOLD)


def _papers_in(review: Review) -> Part:
    """The papers that a digest lists; empty for the review of a single paper."""
    listed = (section.blocks for section in review.sections if section.heading == PAPERS_HEADING)
    return next(((_heading(PAPERS_HEADING), *blocks) for blocks in listed if _is_of(blocks, review)), ())


def _is_of(blocks: Part, review: Review) -> bool:
    """Whether every line links to a place in the review's own page."""
    links = [next((span.href for span in block.spans if span.href), "") or "" for block in blocks]
    return bool(links) and all(link.partition("#")[0] == review.link for link in links)


_ICON = lazy_pattern(r"(?:\.ico|/(?:favicon|apple-touch-icon)[^/]{0,40})(?:[?#]|$)", re.IGNORECASE)


def _first_figure(review: Review) -> Picture | None:
    """The picture that represents a review: its first figure that is not a site icon."""
    figures = (b for s in review.sections for b in s.blocks if b.kind is BlockKind.FIGURE)
    return next((Picture(url=b.url, caption=b.text) for b in figures if b.url and not _ICON.search(b.url)), None)
