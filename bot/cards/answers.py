"""Answer → Card: the content of an answer as blocks and choices, independent of how it is drawn. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.cards.card import (
    Card,
    Choice,
    Part,
    Picture,
    Tone,
    cut_blocks,
    cut_spans,
    join_spans,
    quote_typed,
    text_block,
)
from bot.models.answers import (
    Answer,
    DidYouMean,
    EmptyCache,
    Help,
    Hit,
    Latest,
    NoSuchSection,
    NothingFound,
    NotReviewed,
    PaperFound,
    PapersListed,
    RelatedFound,
    SearchFound,
    SectionFound,
)
from bot.models.feeds import Extent, FeedState
from bot.models.index import FacetKind
from bot.models.requests import Command, Place, Request
from bot.models.reviews import (
    Block,
    BlockKind,
    Mark,
    Review,
    ReviewHead,
    ReviewLabel,
    Section,
    Span,
    StoredReview,
    join_venue,
)
from bot.reading.platforms import PAPERS_HEADING
from bot.text.cut import cut_text
from bot.text.links import host_of, redact_typed

MAX_CHOICES = 25
MAX_ALSO_CHOICES = 3
SUMMARY_CHARACTERS = 900
MIN_HIGHLIGHT_CHARACTERS = 40
HIGHLIGHT_CHARACTERS = 220
MAX_HIGHLIGHTS = 4
READING_CHARACTERS_PER_MINUTE = 700
"""For mixed Korean and English prose: about 350 Hangul syllables or 200 English words a minute."""


def make_card(answer: Answer) -> Card:
    """Turn an answer into a card."""
    match answer:
        case PaperFound():
            return _paper(answer)
        case PapersListed():
            return _papers_listed(answer)
        case SectionFound():
            return _section(answer)
        case NoSuchSection():
            return _no_such_section(answer)
        case DidYouMean():
            return _did_you_mean(answer)
        case NotReviewed():
            return _not_reviewed(answer)
        case SearchFound():
            return _search(answer)
        case RelatedFound():
            return _related(answer)
        case NothingFound():
            return _nothing_found(answer)
        case Latest():
            return _latest(answer)
        case Help():
            return _help(answer)
        case EmptyCache():
            return _empty(answer)


def announcement(stored: StoredReview, *, is_compact: bool = False) -> Card:
    """A new review as it is announced in a channel; the compact form leaves out its beginning and its figure."""
    review = stored.review
    return Card(
        tone=Tone.NEWS,
        title=review.title,
        url=review.link,
        parts=(
            (*_facts(review), *(() if is_compact else _summary(review, characters=500))),
            *(() if is_compact else (_papers_in(review),)),
        ),
        footer=None if is_compact else " · ".join(review.categories[:6]) or None,
        picture=None if is_compact else _first_figure(review),
        published=review.published or stored.first_seen_at,
    )


def _paper(answer: PaperFound) -> Card:
    review = answer.stored.review
    highlights = _highlights(review)
    parts: list[Part] = [
        (*_note(answer.note), *_facts(review)),
        tuple(_summary(review, characters=SUMMARY_CHARACTERS)),
    ]
    if highlights:
        parts.append((_heading("Highlights"), *highlights))
    if papers := _papers_in(review):
        parts.append(papers)
    elif contents := _contents(review.sections):
        parts.append((_heading("Sections"), *contents))
    also = tuple(_paper_choice(head) for head in answer.also[:MAX_ALSO_CHOICES])
    if answer.also:
        lines = (review_line(head, host_of(head.link)) for head in answer.also)
        parts.append((_heading("The same paper, reviewed elsewhere"), *lines))
    if answer.others:
        parts.append((_heading("See also"), *(review_line(head) for head in answer.others)))
    return Card(
        tone=Tone.FOUND,
        title=review.clean_title,
        url=review.link,
        parts=tuple(part for part in parts if part),
        choices=(
            *_section_choices(answer.stored, most=MAX_CHOICES - 1 - len(also)),
            *also,
            _related_choice(answer.stored),
        ),
        invitation="Open a section …",
        footer=" · ".join(review.categories[:6]) or None,
        picture=_first_figure(review),
        published=review.published,
    )


def _section(answer: SectionFound) -> Card:
    review = answer.stored.review
    first = answer.sections[0]
    parts: list[Part] = [_note(answer.note)]
    for section in answer.sections:
        heading = (_heading(section.heading),) if section is not first and section.heading else ()
        parts += _with_headings(heading, section.blocks)
    if not any(section.blocks for section in answer.sections):
        parts.append((text_block("The review has no text under this heading."),))
    return Card(
        tone=Tone.FOUND if answer.is_sure else Tone.CHOOSE,
        title=first.heading or "Before the first heading",
        url=review.link,
        parts=tuple(part for part in parts if part),
        choices=_section_choices(answer.stored, around=answer.positions[0]),
        invitation="Open another section …",
        footer=_title_line(review),
        is_private=not answer.is_sure,
    )


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


def _no_such_section(answer: NoSuchSection) -> Card:
    review = answer.stored.review
    contents = _contents(review.sections)
    said = f"This review has no section “{quote_typed(answer.asked, 100)}”." if answer.asked else "Which section?"
    parts: list[Part] = [(text_block(said),), tuple(_facts(review))]
    if answer.mentioned:
        spoken_of = (
            Block(kind=BlockKind.ITEM, spans=(Span(text=review.sections[i].heading or ""),)) for i in answer.mentioned
        )
        parts.append((_heading("Mentioned in"), *spoken_of))
    parts.append((_heading("Sections"), *contents) if contents else (text_block("The review has no headings."),))
    return Card(
        tone=Tone.MISSING,
        title=review.clean_title,
        url=review.link,
        parts=tuple(part for part in parts if part),
        choices=_section_choices(answer.stored, around=answer.mentioned[0] if answer.mentioned else 0),
        invitation="Open a section …",
        is_private=True,
    )


def _did_you_mean(answer: DidYouMean) -> Card:
    command = Command.PAPER if answer.heading is None else Command.SECTION
    choices = tuple(_paper_choice(head, command, answer.heading) for head in answer.near[:MAX_CHOICES])
    if answer.is_mention and answer.heading is None:
        choices += _search_choice(answer.query)
    query = quote_typed(answer.query, 100)
    said = (
        f"No review is about “{query}”; it is mentioned in:"
        if answer.is_mention
        else (f"No review is called “{query}”. Similar names:")
    )
    return Card(
        tone=Tone.CHOOSE,
        title="Not reviewed here" if answer.is_mention else "Did you mean …",
        parts=(
            (text_block(said),),
            *((review_line(head, opened or ""),) for head, opened in answer.offered[:MAX_CHOICES]),
        ),
        choices=choices,
        invitation="Open one …",
        is_private=True,
    )


def _not_reviewed(answer: NotReviewed) -> Card:
    return Card(
        tone=Tone.MISSING,
        title="Not reviewed here",
        parts=(
            (
                text_block(
                    f"None of the {answer.reviews:,} reviews is about “{quote_typed(answer.query, 100)}”, by name, "
                    "title, author, venue or identifier. /search looks into what the reviews say."
                ),
            ),
        ),
        choices=_search_choice(answer.query),
        invitation="Search the texts instead …",
        is_private=True,
    )


def _search_choice(query: str) -> tuple[Choice, ...]:
    if not query.strip():
        return ()
    request = Request(command=Command.SEARCH, query=query)
    return (Choice(label=cut_text(f"Search for {redact_typed(query)}", 100), description=None, request=request),)


_LISTED = {
    FacetKind.AUTHOR: "reviews by",
    FacetKind.VENUE: "reviews at",
    FacetKind.TAG: "reviews on",
    None: "parts of",
}


def _papers_listed(answer: PapersListed) -> Card:
    names = ", ".join(answer.named[:3]) + (" …" if len(answer.named) > 3 else "")
    more = answer.total - len(answer.heads)
    rest = f"older ones: /search {answer.kind}:… lists them with words."
    if answer.kind is None:
        rest = "more: type the number of one behind the name."
    return Card(
        tone=Tone.FOUND,
        title=f"{answer.total:,} {_LISTED[answer.kind]} {cut_text(names, 120)}",
        parts=(
            *((review_line(head),) for head in answer.heads),
            *([(text_block(f"and {more:,} {rest}"),)] if more else []),
        ),
        choices=tuple(_paper_choice(head) for head in answer.heads[:MAX_CHOICES]),
        invitation="Open one …",
    )


def _paper_choice(head: ReviewHead, command: Command = Command.PAPER, heading: str | None = None) -> Choice:
    return Choice(
        label=_label(head),
        description=cut_text(head.clean_title, 100) if head.short_name else _when(head),
        request=Request(command=command, review_id=head.id, heading=heading),
    )


def _related(answer: RelatedFound) -> Card:
    lines = tuple((review_line(head, kinship),) for head, kinship in answer.related)
    return Card(
        tone=Tone.FOUND if lines else Tone.MISSING,
        title=f"Related to {cut_text(answer.head.short_name or answer.head.clean_title, 100)}",
        url=answer.head.link,
        parts=lines or ((text_block("No related reviews were found."),),),
        choices=tuple(_paper_choice(head) for head, _ in answer.related[:MAX_CHOICES]),
        invitation="Open one …",
        is_private=not lines,
    )


def _search(answer: SearchFound) -> Card:
    title = f"{len(answer.hits)} review{'s' if len(answer.hits) != 1 else ''} on “{quote_typed(answer.query, 80)}”"
    if not answer.is_sure:
        title = f"No review is about “{quote_typed(answer.query, 80)}”"
    lead = [_note(answer.note)]
    if not answer.is_sure:
        lead.append((text_block("These mention a part of it:"),))
    return Card(
        tone=Tone.FOUND if answer.is_sure else Tone.CHOOSE,
        title=title,
        parts=(*(part for part in lead if part), *(_hit(rank, hit) for rank, hit in enumerate(answer.hits, 1))),
        choices=tuple(_hit_choice(hit) for hit in answer.hits[:MAX_CHOICES]),
        invitation="Open a passage …",
        is_private=not answer.is_sure,
    )


def _hit(rank: int, hit: Hit) -> Part:
    head = [
        Span(text=f"{rank}. "),
        Span(text=cut_text(hit.head.clean_title, 120), marks=frozenset((Mark.BOLD,)), href=hit.head.link),
    ]
    if hit.head.venue_and_year:
        head.append(Span(text=f" · {hit.head.venue_and_year}"))
    blocks = [Block(kind=BlockKind.PARAGRAPH, spans=tuple(head))]
    if hit.headings:
        blocks.append(text_block("↳ " + " › ".join(cut_text(heading, 80) for heading in hit.headings), Mark.ITALIC))
    if hit.passage:
        blocks.append(replace(hit.passage, kind=BlockKind.QUOTE, marker=""))
    return tuple(blocks)


def _hit_choice(hit: Hit) -> Choice:
    command = Command.PAPER if hit.section is None else Command.SECTION
    return Choice(
        label=_label(hit.head),
        description=cut_text(hit.headings[-1], 100) if hit.headings else None,
        request=Request(command=command, review_id=hit.head.id, position=hit.section),
    )


def _nothing_found(answer: NothingFound) -> Card:
    return Card(
        tone=Tone.MISSING,
        title="Nothing found",
        parts=(
            (text_block(f"None of the {answer.reviews:,} reviews mentions “{quote_typed(answer.query, 100)}”."),),
        ),
        is_private=True,
    )


def _latest(answer: Latest) -> Card:
    return Card(
        tone=Tone.FOUND,
        title="Latest reviews",
        parts=tuple((review_line(head),) for head in answer.heads),
        choices=tuple(_paper_choice(head) for head in answer.heads[:MAX_CHOICES]),
        invitation="Open one …",
    )


def _help(answer: Help) -> Card:
    lines = [
        ("/paper", "a review by its name, title, author, venue or link; typos are fine: /paper instag"),
        ("/section", "one part of a review, by number or heading: /section instag 3.2"),
        (
            "/search",
            (
                "what the reviews say, in Korean or English: /search hallucination; "
                "venue: year: tag: author: source: before: after: narrow it, sort:new lists the newest first: "
                "/search 환각 venue:EMNLP2023"
            ),
        ),
        ("/related", "related reviews: cited, citing or on the same subject: /related instag"),
        ("/latest", "the newest reviews"),
    ]
    commands = tuple(
        Block(
            kind=BlockKind.ITEM,
            marker="•",
            spans=(Span(text=name, marks=frozenset((Mark.BOLD,))), Span(text=f" – {text}")),
        )
        for name, text in lines
    )
    in_servers = (
        "In a Discord server: /feed add follows a blog, /subscribe sets how it is announced, /why tells why a post "
        "came or did not, and /notify pings you for a feed or a term."
    )
    count = f"{answer.reviews:,} review{'s' if answer.reviews != 1 else ''} can be found here."
    return Card(
        tone=Tone.FOUND,
        title="Nonmun – find and discuss paper reviews",
        parts=(
            commands,
            (text_block(in_servers),),
            (text_block(count),),
            tuple(_feed_line(feed) for feed in answer.feeds),
        ),
        is_private=True,
    )


def _empty(answer: EmptyCache) -> Card:
    return Card(
        tone=Tone.MISSING,
        title="No reviews yet",
        parts=((text_block(_why_empty(answer)),), tuple(_feed_line(feed) for feed in answer.feeds)),
        is_private=True,
    )


def _why_empty(answer: EmptyCache) -> str:
    if answer.place is Place.TERMINAL:
        return "No review was read yet. The feeds are asked at once when the bot starts; “nonmun poll” asks them now."
    if answer.feeds:
        return "Nothing has been read from these feeds yet. Try again in a few minutes."
    if answer.place is Place.DIRECT:
        return "There are no reviews to find in direct messages. Ask in a server that follows a blog."
    return "This server follows no blogs yet. An admin can add one with /feed add; then its reviews are found here."


def describe_gaps(feed: FeedState) -> list[str]:
    """What could not be read of a feed, although the feed itself can be read."""
    counts = ((feed.unread_entries, "post", ""), (feed.failed_pages, "page", " of its archive"))
    return [
        f"{count:,} {noun}{'s' if count != 1 else ''}{of} could not be read" for count, noun, of in counts if count
    ]


def _feed_line(feed: FeedState) -> Block:
    state = "; ".join(["not read yet" if feed.first_read_at is None else "well", *describe_gaps(feed)])
    if feed.last_error:
        state = f"failed {feed.failures} time{'s' if feed.failures != 1 else ''} in a row: {feed.last_error}"
    return Block(
        kind=BlockKind.ITEM,
        marker="•",
        spans=(Span(text=feed.name, marks=frozenset((Mark.BOLD,))), Span(text=f" – {state}")),
    )


def _heading(text: str) -> Block:
    return Block(kind=BlockKind.SECTION_HEADING, spans=(Span(text=text),))


def _note(note: str | None) -> Part:
    return (text_block(note, Mark.ITALIC),) if note else ()


def _papers_in(review: Review) -> Part:
    """The papers that a digest lists; empty for the review of a single paper."""
    listed = (section.blocks for section in review.sections if section.heading == PAPERS_HEADING)
    return next(((_heading(PAPERS_HEADING), *blocks) for blocks in listed if _is_of(blocks, review)), ())


def _is_of(blocks: Part, review: Review) -> bool:
    """Whether every line links to a place in the review's own page."""
    links = [next((span.href for span in block.spans if span.href), "") or "" for block in blocks]
    return bool(links) and all(link.partition("#")[0] == review.link for link in links)


_EXTENTS = {
    Extent.TEASER: "only the beginning: the feed has no more",
    Extent.PAGE: "read from its page, because the feed shortens it",
}


def _facts(review: Review) -> Part:
    """Venue, date and length on a line, then the authors, then the links."""
    venue = join_venue(review.venue, review.year)
    extent = _EXTENTS.get(review.extent)
    minutes = max(1, round(review.characters / READING_CHARACTERS_PER_MINUTE))
    facts = [fact for fact in (venue, f"{review.published:%Y-%m-%d}" if review.published else None) if fact]
    spans = [Span(text=" · ".join(facts), marks=frozenset((Mark.BOLD,)))] if facts else []
    spans.append(Span(text=f"{' · ' if facts else ''}{minutes} min read{f' · {extent}' if extent else ''}"))
    blocks = [Block(kind=BlockKind.PARAGRAPH, spans=tuple(spans))]
    if review.authors:
        more = f" and {len(review.authors) - 6} more" if len(review.authors) > 6 else ""
        blocks.append(text_block(", ".join(review.authors[:6]) + more))
    if review.links:
        linked = [(Span(text=label, href=url), Span(text=" · ")) for label, url in review.links[:8]]
        blocks.append(Block(kind=BlockKind.PARAGRAPH, spans=tuple(s for pair in linked for s in pair)[:-1]))
    return tuple(blocks)


def _summary(review: Review, *, characters: int) -> list[Block]:
    """The opening of the review: its first headed section with text, or the text before any heading."""
    candidates = [s for s in review.sections if s.depth > 0] or list(review.sections)
    for section in candidates:
        blocks = [b for b in section.blocks if b.kind is not BlockKind.FIGURE and b.text]
        if blocks:
            return cut_blocks(blocks, characters)
    return []


def _highlights(review: Review) -> list[Block]:
    """What the reviewer highlighted, at most one sentence from each section; single words are left out."""
    chosen: list[Block] = []
    for section in review.sections:
        marked = next((spans for spans in _marked(section) if _is_sentence(join_spans(spans))), None)
        if marked:
            cut = cut_spans(marked, HIGHLIGHT_CHARACTERS)
            plain = tuple(replace(span, marks=span.marks - {Mark.HIGHLIGHT}) for span in cut)
            chosen.append(Block(kind=BlockKind.ITEM, marker="•", spans=plain))
    return chosen[:MAX_HIGHLIGHTS]


def _is_sentence(text: str) -> bool:
    return len(text) >= MIN_HIGHLIGHT_CHARACTERS and text.rstrip(" )\"'”’").endswith((".", "!", "?", "다", "요"))


def _marked(section: Section) -> list[list[Span]]:
    """The runs of highlighted spans of a section."""
    runs: list[list[Span]] = []
    for block in section.blocks:
        is_open = False
        for span in block.spans:
            if Mark.HIGHLIGHT in span.marks:
                runs[-1].append(span) if is_open else runs.append([span])
            is_open = Mark.HIGHLIGHT in span.marks
    return runs


def _contents(sections: Sequence[Section]) -> Part:
    """The table of contents, indented by depth."""
    headed = [section for section in sections if section.heading]
    top = min((section.depth for section in headed), default=1)
    return tuple(
        Block(
            kind=BlockKind.ITEM,
            depth=section.depth - top,
            spans=(Span(text=section.heading or ""),),
        )
        for section in headed
    )


def _related_choice(stored: StoredReview) -> Choice:
    request = Request(command=Command.RELATED, review_id=stored.id)
    return Choice(label="Related reviews", description="Cited, citing, on the same subject", request=request)


def _section_choices(stored: StoredReview, *, around: int = 0, most: int = MAX_CHOICES) -> tuple[Choice, ...]:
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
            description=None,
            request=Request(command=Command.SECTION, review_id=stored.id, position=position),
        )
        for position, section in headed
    )


def _indented(section: Section) -> str:
    """A heading in a menu, indented with em spaces because Discord trims plain ones."""
    indent = "\u2003" * (section.depth - 1)
    return indent + cut_text(section.heading or "", 100 - len(indent))


def review_line(head: ReviewHead, why: str = "") -> Block:
    """A review as a list item: its linked title, venue and date, and why it is shown."""
    spans = [Span(text=cut_text(head.clean_title, 120), marks=frozenset((Mark.BOLD,)), href=head.link)]
    spans.append(Span(text=f" · {_when(head)}" + (f" · {cut_text(why, 60)}" if why else "")))
    return Block(kind=BlockKind.ITEM, marker="•", spans=tuple(spans))


def _when(head: ReviewHead) -> str:
    return " · ".join(part for part in (head.venue_and_year, f"{head.date:%Y-%m-%d}") if part)


def label_of(head: ReviewLabel, limit: int = 100) -> str:
    """A review as one line of a menu: its name, cut if necessary, then venue and year."""
    venue = f" · {head.venue_and_year}" if head.venue_and_year else ""
    return cut_text(head.clean_title, limit - len(venue)) + venue


def _label(head: ReviewLabel) -> str:
    return cut_text(head.short_name or head.clean_title, 100)


def _title_line(review: Review) -> str:
    return " · ".join(part for part in (cut_text(review.clean_title, 120), review.venue_and_year) if part)


_ICON = re.compile(r"(?:\.ico|/(?:favicon|apple-touch-icon)[^/]{0,40})(?:[?#]|$)", re.IGNORECASE)


def _first_figure(review: Review) -> Picture | None:
    """The picture that represents a review: its first figure that is not a site icon."""
    figures = (b for s in review.sections for b in s.blocks if b.kind is BlockKind.FIGURE)
    return next((Picture(url=b.url, caption=b.text) for b in figures if b.url and not _ICON.search(b.url)), None)
