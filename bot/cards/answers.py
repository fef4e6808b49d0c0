"""Answer → Card: the content of an answer as blocks and choices, independent of how it is drawn. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.cards.card import (
    MAX_CHOICES,
    Card,
    Choice,
    Part,
    PressChoice,
    Tone,
    quote_typed,
    small_block,
    text_block,
)
from bot.cards.model_offer import offer_text, use_choice
from bot.cards.reviews import (
    describe_authors,
    discuss_choice,
    no_such_section_card,
    paper_card,
    paper_choice,
    passage_press,
    request_of,
    section_card,
    when,
)
from bot.cards.wishes import unnamed_wish, wish_choices
from bot.cards.words import LINE, cut_around, heading_of, name_of
from bot.languages import N_, _, ngettext, say
from bot.models.answers import (
    MOST_COUNTED,
    Answer,
    DidYouMean,
    EmptyCache,
    Gone,
    Help,
    Hit,
    Kinship,
    Latest,
    NoSuchSection,
    NothingFound,
    NotReviewed,
    PaperFound,
    PapersListed,
    QuestionAnswered,
    QuotedPassage,
    QuotedReview,
    RelatedFound,
    SearchFound,
    SectionFound,
)
from bot.models.asking import AskLimit
from bot.models.feeds import FeedState
from bot.models.index import FacetKind
from bot.models.papers import AskedPaper, PaperRecord, RecordState
from bot.models.requests import Command, Place, Request
from bot.models.reviews import Block, BlockKind, Mark, ReviewHead, ReviewLabel, Span
from bot.search.passages import mark_range
from bot.text.cut import cut_text

TITLE_CHARACTERS = 80
"""A title in a list: two lines on a phone."""
QUESTION_CHARACTERS = 200
"""A question above its answer: all of what Discord lets a member type (`bot.ui.discord.asking`)."""
QUOTE_CHARACTERS = 160
"""Of a quote below a model's sentence; the passage has the rest."""
QUOTED_LINES = 6
"""Lines of the passages of the review that answers best: the sentence that says it, with what is around it."""
NEXT_LINES = 4
"""Lines of the one passage of each other review, so that all of them are on two screens of a phone."""
HIT_LINES = 3
"""Lines of a passage: beside its button they are five of a phone, so that two or three hits are on one screen."""


def make_card(answer: Answer) -> Card:
    """Turn an answer into a card."""
    match answer:
        case PaperFound():
            return paper_card(answer)
        case PapersListed():
            return _papers_listed(answer)
        case SectionFound():
            return section_card(answer)
        case NoSuchSection():
            return no_such_section_card(answer)
        case DidYouMean():
            return _did_you_mean(answer)
        case NotReviewed():
            return _not_reviewed(answer)
        case SearchFound():
            return _search(answer)
        case QuestionAnswered():
            return _question(answer)
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
        case Gone():
            return _gone(answer)


# ── a name that is not here ─────────────────────────────────────────────────────────────────────


def _did_you_mean(answer: DidYouMean) -> Card:
    command = Command.PAPER if answer.heading is None else Command.SECTION
    said, query = _nearly(answer), quote_typed(answer.query, 100)
    return Card(
        tone=Tone.CHOOSE,
        title=_nearly_title(answer),
        parts=(
            (*_asked_lines(answer.asked), text_block(said.format(query=query))),
            *((review_line(head, opened or ""),) for head, opened in answer.offered[:MAX_CHOICES]),
        ),
        choices=tuple(_meant(answer, head, command) for head in answer.near[:MAX_CHOICES]),
        invitation=_("Ask about one …") if answer.question else _("Open one …"),
        presses=wish_choices(answer.query, answer.asked),
        buttons=() if answer.heading is not None else _search_buttons(answer.query, answer.asked),
        is_private=True,
    )


def _nearly_title(answer: DidYouMean) -> str:
    if answer.question is not None:
        return quote_typed(answer.question, QUESTION_CHARACTERS)
    return _("Not reviewed here") if answer.is_mention else _("Did you mean …")


def _meant(answer: DidYouMean, head: ReviewHead, command: Command) -> Choice:
    """A review that may be meant: opened, or asked the question that was to be asked."""
    if answer.question is None:
        return paper_choice(head, command, answer.heading)
    asked = replace(request_of(head, Command.ASK), query=answer.question)
    return replace(paper_choice(head), request=asked)


def _nearly(answer: DidYouMean) -> str:
    if answer.asked is not None and answer.asked.record is not None:
        if answer.is_mention:
            return _("No review here is about it. It is mentioned in:")
        return _("No review here is surely about it. Similar titles:")
    if answer.is_mention:
        return _("No review is about “{query}”. It is mentioned in:")
    return _("No review is called “{query}”. Similar names:")


def _asked_lines(asked: AskedPaper | None) -> list[Block]:
    """What is known about a paper that was asked for by an identifier."""
    if asked is None or (source := asked.source) is None:
        return []
    match asked.state:
        case RecordState.KNOWN if asked.record:
            said = _about_record(asked.record)
        case RecordState.PENDING:
            said = _("I am looking up {id} at {source}. Ask again in a moment.")
        case RecordState.UNKNOWN:
            said = _("{source} does not have {id}.")
        case RecordState.FAILED:
            said = _("{source} does not answer right now, so I could not look up {id}. Try again later.")
        case _:
            return []
    record = asked.record or PaperRecord(key=asked.key, title="")
    return [
        text_block(
            said.format(
                id=cut_text(asked.shown, 100),
                source=source,
                title=cut_text(record.title, 300),
                authors=describe_authors(record.authors),
                year=record.year,
            )
        )
    ]


def _about_record(record: PaperRecord) -> str:
    if record.authors and record.year:
        return _("{id} is “{title}” by {authors} ({year}).")
    if record.authors:
        return _("{id} is “{title}” by {authors}.")
    if record.year:
        return _("{id} is “{title}” ({year}).")
    return _("{id} is “{title}”.")


def _not_reviewed(answer: NotReviewed) -> Card:
    asked = _asked_lines(answer.asked)
    if answer.asked is not None and answer.asked.state in (RecordState.KNOWN, RecordState.PENDING):
        is_known = answer.asked.state is RecordState.KNOWN
        lines = [*asked, text_block(_("No review here is about it."))] if is_known else asked
        return Card(
            tone=Tone.MISSING,
            title=_("Not reviewed here") if is_known else _("Looking it up"),
            parts=(tuple(lines),),
            presses=wish_choices(answer.query, answer.asked),
            buttons=_search_buttons(answer.query, answer.asked),
            is_private=True,
        )
    said = ngettext(
        "The {count} review here is not about “{query}”: not by name, title, author, venue or identifier.",
        "None of the {count} reviews is about “{query}”, by name, title, author, venue or identifier.",
        answer.reviews,
    )
    lines = [*asked, text_block(said.format(count=f"{answer.reviews:,}", query=quote_typed(answer.query, 100)))]
    if answer.query.strip() and answer.asked is None:
        lines.append(text_block(_("Their texts may still mention it.")))
    return Card(
        tone=Tone.MISSING,
        title=_("Not reviewed here"),
        parts=(tuple(lines),),
        presses=wish_choices(answer.query, answer.asked),
        buttons=_search_buttons(answer.query, answer.asked),
        is_private=True,
    )


def _search_buttons(query: str, asked: AskedPaper | None = None) -> tuple[Choice, ...]:
    """A search for what was asked; for an identifier, the name with which its paper's title begins."""
    if asked is not None:
        query = asked.record.title.partition(":")[0] if asked.record else ""
    if not query.strip():
        return ()
    return (Choice(label=_("Search the texts"), request=Request(command=Command.SEARCH, query=query)),)


def _gone(answer: Gone) -> Card:
    said = (
        _("This button belongs to another copy of the data, so it opens nothing. Run the command again.")
        if answer.is_other
        else _("It was deleted, or this server no longer follows its feed.")
    )
    return Card(
        tone=Tone.MISSING,
        title=_("This button has expired") if answer.is_other else _("This review is no longer here"),
        parts=((text_block(said),),),
        is_private=True,
    )


# ── lists ───────────────────────────────────────────────────────────────────────────────────────


def _papers_listed(answer: PapersListed) -> Card:
    names = ", ".join(answer.named[:3]) + (" …" if len(answer.named) > 3 else "")
    request = Request(command=Command.PAPER, query=answer.query, offset=answer.offset, limit=answer.limit)
    return _list_card(
        _listed(answer.kind, answer.total).format(count=f"{answer.total:,}", name=cut_text(names, 120)),
        [(head, "") for head in answer.heads[: answer.limit]],
        request,
        has_more=answer.offset + answer.limit < answer.total,
    )


def _listed(kind: FacetKind | None, count: int) -> str:
    match kind:
        case FacetKind.AUTHOR:
            return ngettext("{count} review by {name}", "{count} reviews by {name}", count)
        case FacetKind.VENUE:
            return ngettext("{count} review at {name}", "{count} reviews at {name}", count)
        case None:
            return ngettext("{count} part of {name}", "{count} parts of {name}", count)
        case _:
            return ngettext("{count} review on {name}", "{count} reviews on {name}", count)


def _related(answer: RelatedFound) -> Card:
    title = _("Related to {name}").format(name=cut_text(name_of(answer.head), 100))
    request = replace(request_of(answer.head, Command.RELATED), offset=answer.offset, limit=answer.limit)
    lines = [(head, _(_KINSHIPS[kinship])) for head, kinship in answer.related]
    card = replace(
        _list_card(title, lines, request, has_more=answer.has_more),
        url=answer.head.link,
        back=Choice(label=_("Back to the paper"), request=request_of(answer.head, Command.PAPER)),
    )
    if lines:
        return card
    parts = ((text_block(_("No related reviews were found.")),),)
    return replace(card, tone=Tone.MISSING, parts=parts, is_private=True)


_KINSHIPS = {
    Kinship.SAME_PAPER: N_("about the same paper"),
    Kinship.CITED: N_("cited in this one"),
    Kinship.CITES: N_("cites this one"),
    Kinship.SIMILAR: N_("on a similar subject"),
}
"""Why a review is shown next to another, in words."""


def _latest(answer: Latest) -> Card:
    request = Request(command=Command.LATEST, offset=answer.offset, limit=answer.limit)
    return _list_card(_("Latest reviews"), [(head, "") for head in answer.heads], request, has_more=answer.has_more)


def _list_card(
    title: str, lines: Sequence[tuple[ReviewHead, str]], request: Request, *, has_more: bool = False
) -> Card:
    """A line for each review, which the menu opens."""
    return Card(
        tone=Tone.FOUND,
        title=title,
        parts=tuple((review_line(head, why),) for head, why in lines),
        choices=tuple(paper_choice(head) for head, _why in lines[:MAX_CHOICES]),
        invitation=_("Open one …"),
        previous=_before(request),
        following=replace(request, offset=request.offset + len(lines)) if has_more else None,
        request=request,
    )


def _before(request: Request) -> Request | None:
    """What is before the entries of a list."""
    return replace(request, offset=max(0, request.offset - request.limit)) if request.offset else None


def review_line(head: ReviewHead, why: str = "") -> Block:
    """A review as a list item: its name as a link, then venue and date, and why it is shown."""
    name = cut_text(name_of(head), TITLE_CHARACTERS)
    spans = [Span(text=name, marks=frozenset((Mark.BOLD,)), href=head.link)]
    spans.append(Span(text=f" · {when(head)}" + (f" · {cut_text(why, 60)}" if why else "")))
    return Block(kind=BlockKind.ITEM, marker="•", spans=tuple(spans))


def label_of(head: ReviewLabel, limit: int = 100) -> str:
    """A review as one line of a menu: its short name, venue and year, then the title; the end is cut."""
    names = [head.short_name, head.venue_and_year] if head.short_name else []
    title = head.clean_title
    if not names and head.venue_and_year:
        # Without a short name the title is the name; the venue stays in sight behind it.
        return cut_text(title, limit - len(head.venue_and_year) - 3) + f" · {head.venue_and_year}"
    if title == head.short_name:
        return cut_text(" · ".join(filter(None, names)), limit)
    return cut_text(" · ".join(filter(None, (*names, title))), limit)


# ── searches ────────────────────────────────────────────────────────────────────────────────────


def _search(answer: SearchFound) -> Card:
    request = Request(command=Command.SEARCH, query=answer.query, offset=answer.offset, limit=answer.limit)
    lead = [small_block(answer.note)] if answer.note else []
    if not answer.is_sure:
        lead.append(text_block(_("These mention a part of it:")))
    hits = [_hit(rank, hit) for rank, hit in enumerate(answer.hits, answer.offset + 1)]
    opens = [_open_hit(hit, request) for hit in answer.hits]
    return Card(
        tone=Tone.FOUND if answer.is_sure else Tone.CHOOSE,
        title=_search_title(answer),
        parts=(*([tuple(lead)] if lead else []), *hits),
        opens=(*([None] if lead else []), *opens),
        previous=_before(request),
        following=replace(request, offset=answer.offset + len(answer.hits)) if answer.has_more else None,
        press_choices=tuple(_discuss_hit(rank, hit) for rank, hit in enumerate(answer.hits, answer.offset + 1)),
        press_invitation=_("Discuss one of these …"),
        request=request,
        is_private=not answer.is_sure,
    )


def _discuss_hit(rank: int, hit: Hit) -> PressChoice:
    """A hit in the menu of what to discuss: its passage, or its paper if no passage is shown."""
    label = f"{rank}. {cut_text(name_of(hit.head), TITLE_CHARACTERS)}"
    if hit.section is None or hit.block is None:
        return replace(discuss_choice(hit.head), label=label)
    heading = heading_of(hit.headings[-1]) if hit.headings else None
    press = passage_press(hit.head, hit.section, hit.block, words_check=hit.words_check)
    return PressChoice(label=label, description=cut_text(heading, TITLE_CHARACTERS) if heading else None, press=press)


def _search_title(answer: SearchFound) -> str:
    query = quote_typed(answer.query, 80)
    if not answer.is_sure:
        return _("No review is about “{query}”").format(query=query)
    if answer.total > MOST_COUNTED:
        return _("{count} and more reviews on “{query}”").format(count=MOST_COUNTED, query=query)
    said = ngettext("{count} review on “{query}”", "{count} reviews on “{query}”", answer.total)
    return said.format(count=answer.total, query=query)


def _hit(rank: int, hit: Hit) -> Part:
    name = cut_text(name_of(hit.head), TITLE_CHARACTERS)
    head = [Span(text=f"{rank}. "), Span(text=name, marks=frozenset((Mark.BOLD,)))]
    if hit.head.venue_and_year:
        head.append(Span(text=f" · {hit.head.venue_and_year}"))
    blocks = [Block(kind=BlockKind.PARAGRAPH, spans=tuple(head))]
    if hit.headings:
        chain = " › ".join(cut_text(heading_of(heading), 80) for heading in hit.headings)
        blocks.append(small_block(chain))
    if hit.passage:
        spans = cut_around([_unmarked(span) for span in hit.passage.spans], Mark.MATCH, HIT_LINES * LINE)
        blocks.append(replace(hit.passage, kind=BlockKind.QUOTE, marker="", spans=spans or hit.passage.spans))
    return tuple(blocks)


def _unmarked(span: Span) -> Span:
    """A span of a passage in which only the matches stand out."""
    return replace(span, href=None, marks=span.marks - {Mark.BOLD, Mark.HIGHLIGHT, Mark.GAP})


def _open_hit(hit: Hit, search: Request) -> Choice:
    command = Command.PAPER if hit.section is None else Command.SECTION
    return Choice(label=_("Open"), request=request_of(hit.head, command, position=hit.section, search=search))


# ── questions ───────────────────────────────────────────────────────────────────────────────────

_LIMITS = {
    AskLimit.MEMBER: N_("You have asked the model as often as a member may today. These are the passages alone."),
    AskLimit.SERVER: N_("This server has asked the model as often as it may today. These are the passages alone."),
    AskLimit.DAY: N_("The model has been asked as often as it may today. These are the passages alone."),
}


def _question(answer: QuestionAnswered) -> Card:
    """The passages that answer, review by review, each with its best sentence marked."""
    lead = _lead(answer)
    quoted = [(rank, _shown_of(answer, review)) for rank, review in enumerate(answer.reviews, 1)]
    discuss = [_discuss_quoted(rank, review.head, passage) for rank, review in quoted for passage in review.passages]
    return Card(
        tone=Tone.FOUND if answer.is_sure else Tone.MISSING,
        title=quote_typed(answer.query, QUESTION_CHARACTERS),
        parts=(
            *([tuple(lead)] if lead else []),
            *(_quoted(rank, review) for rank, review in quoted),
            *([_worded(answer)] if answer.sentences else []),
            *([(small_block(offer_text(answer.offered_host)),)] if answer.offered_host else []),
        ),
        opens=(*([None] if lead else []), *(_open_quoted(review) for _rank, review in quoted)),
        has_wide_quotes=True,
        press_choices=tuple(discuss) if len(discuss) > 1 else (),
        press_invitation=_("Discuss one of these …"),
        presses=_presses_of_question(answer, discuss),
        buttons=_open_asked(answer),
        request=_question_request(answer),
        footer=_by_model(answer),
        is_private=not answer.is_sure,
    )


def _worded(answer: QuestionAnswered) -> Part:
    """A model's sentences, each above its quotes; each quote has the number of its review."""
    ranks = {review.head.id: rank for rank, review in enumerate(answer.reviews, 1)}
    blocks = [small_block(_("In short, said by a model from these passages:"))]
    for sentence in answer.sentences:
        blocks.append(text_block(sentence.text))
        for quote in sentence.quotes:
            words = cut_text(" ".join(quote.text.split()), QUOTE_CHARACTERS)
            said = f"{ranks[quote.head.id]}. “{words}”"
            blocks.append(Block(kind=BlockKind.SMALL, spans=(Span(text=said, href=quote.passage.link),)))
    return tuple(blocks)


def _by_model(answer: QuestionAnswered) -> str | None:
    if answer.model is None:
        return None
    said = _("Worded by {model}, quotes checked") if answer.sentences else _("Passages chosen by {model}")
    return said.format(model=answer.model)


def _presses_of_question(answer: QuestionAnswered, discuss: Sequence[PressChoice]) -> tuple[PressChoice, ...]:
    """*Discuss this* where there is one passage, *Ask for a review* where no review says it, *Use it* of a model."""
    presses = [replace(discuss[0], label=_("Discuss this"), description=None)] if len(discuss) == 1 else []
    if not answer.is_sure and answer.paper is None:
        presses.append(unnamed_wish())
    if answer.offered_host:
        presses.append(use_choice(answer.offered_host, answer.paper))
    return tuple(presses)


def _open_asked(answer: QuestionAnswered) -> tuple[Choice, ...]:
    """The review of the paper that was asked about, where none of its passages comes near."""
    if answer.paper is None or answer.reviews:
        return ()
    return (Choice(label=_("Open"), request=request_of(answer.paper, Command.PAPER), is_beside=True),)


def _shown_of(answer: QuestionAnswered, review: QuotedReview) -> QuotedReview:
    """A review with the passages that are shown: all of the one that surely answers, the best of any other.

    Of those that a model chose, all are shown.
    """
    if answer.is_sure and (answer.model is not None or review is answer.reviews[0]):
        return review
    return replace(review, passages=review.passages[:1])


def _lead(answer: QuestionAnswered) -> list[Block]:
    """What stands before the passages: how the question was read, and that no review answers it."""
    lead = [small_block(answer.note)] if answer.note else []
    if answer.limit is not None:
        lead.append(small_block(_(_LIMITS[answer.limit])))
    if not answer.is_sure:
        lead.append(text_block(_not_said(answer), Mark.BOLD))
    if answer.reviews and not answer.is_sure:
        lead.append(text_block(_("These passages come nearest:")))
    return lead


def _not_said(answer: QuestionAnswered) -> str:
    if answer.paper:
        return _("The review of {name} does not say this").format(name=cut_text(name_of(answer.paper), 60))
    return _("No review here says this")


def _question_request(answer: QuestionAnswered) -> Request:
    if answer.paper is None:
        return Request(command=Command.ASK, query=answer.query)
    return Request(command=Command.ASK, query=answer.query, review_id=answer.paper.id, check=answer.paper.check)


def _quoted(rank: int, review: QuotedReview) -> Part:
    """A review with its passages: name, venue and date, then each chain of headings as a link, and the words."""
    name = cut_text(name_of(review.head), TITLE_CHARACTERS)
    head = (
        Span(text=f"{rank}. "),
        Span(text=name, marks=frozenset((Mark.BOLD,)), href=review.head.link),
        Span(text=f" · {when(review.head)}"),
    )
    blocks = [Block(kind=BlockKind.PARAGRAPH, spans=head)]
    for passage in review.passages:
        chain = " › ".join(cut_text(heading_of(heading), 80) for heading in passage.headings)
        if chain:
            blocks.append(Block(kind=BlockKind.SMALL, spans=(Span(text=chain, href=passage.link),)))
        blocks.append(_quoted_block(passage, QUOTED_LINES if rank == 1 else NEXT_LINES))
    return tuple(blocks)


def _quoted_block(passage: QuotedPassage, lines: int) -> Block:
    """The words around the sentence that says it best, which is bold: a match would be underlined, too."""
    block = mark_range(passage.text, *passage.best)
    spans = cut_around([_unmarked(span) for span in block.spans], Mark.MATCH, lines * LINE) or block.spans
    return replace(block, kind=BlockKind.QUOTE, marker="", spans=tuple(map(_bold_match, spans)))


def _bold_match(span: Span) -> Span:
    return replace(span, marks=span.marks - {Mark.MATCH} | {Mark.BOLD}) if Mark.MATCH in span.marks else span


def _open_quoted(review: QuotedReview) -> Choice:
    request = request_of(review.head, Command.SECTION, position=review.passages[0].section)
    return Choice(label=_("Open"), request=request, is_beside=True)


def _discuss_quoted(rank: int, head: ReviewHead, passage: QuotedPassage) -> PressChoice:
    label = f"{rank}. {cut_text(name_of(head), TITLE_CHARACTERS)}"
    heading = heading_of(passage.headings[-1]) if passage.headings else None
    press = passage_press(head, passage.section, passage.block, words_check=passage.words_check)
    return PressChoice(label=label, description=cut_text(heading, TITLE_CHARACTERS) if heading else None, press=press)


def _nothing_found(answer: NothingFound) -> Card:
    said = ngettext(
        "The {count} review here does not mention “{query}”.",
        "None of the {count} reviews mentions “{query}”.",
        answer.reviews,
    )
    return Card(
        tone=Tone.MISSING,
        title=_("Nothing found"),
        parts=((text_block(said.format(count=f"{answer.reviews:,}", query=quote_typed(answer.query, 100))),),),
        is_private=True,
    )


# ── help ────────────────────────────────────────────────────────────────────────────────────────

_FIRST_THINGS = (
    ("/paper", N_("a review, by the paper’s name, title, author or link. Typos are fine.")),
    ("/ask", N_("a question, answered in the reviewers’ own words")),
    ("/search", N_("what the reviews say, in Korean or English")),
    ("/latest", N_("the newest reviews")),
)
_COMMANDS = (
    ("/paper", N_("a review by its name, title, author, venue or link; typos are fine: /paper instag")),
    ("/section", N_("one part of a review, by number or heading: /section instag 3.2")),
    ("/ask", N_("a question, answered in the reviewers’ own words: /ask how does instag clean its tags?")),
    (
        "/search",
        N_(
            "what the reviews say, in Korean or English: /search hallucination; "
            "venue: year: tag: author: source: before: after: narrow it, sort:new lists the newest first: "
            "/search 환각 venue:EMNLP2023"
        ),
    ),
    ("/related", N_("related reviews: cited, citing or on the same subject: /related instag")),
    ("/latest", N_("the newest reviews")),
)


def _help(answer: Help) -> Card:
    is_member = answer.place is not Place.TERMINAL
    count = ngettext("{count} review can be found here.", "{count} reviews can be found here.", answer.reviews)
    parts: list[Part] = [
        tuple(_command_line(name, _(said)) for name, said in (_FIRST_THINGS if is_member else _COMMANDS)),
    ]
    if answer.place is not Place.DIRECT:
        parts.append((text_block(_about_servers(answer.place)),))
    parts.append((text_block(count.format(count=f"{answer.reviews:,}")),))
    parts.append(tuple(_feed_line(feed) for feed in answer.feeds))
    return Card(
        tone=Tone.FOUND,
        title=_("Nonmun – find and discuss paper reviews"),
        parts=tuple(part for part in parts if part),
        buttons=(Choice(label=_("Latest"), request=Request(command=Command.LATEST)),) if answer.reviews else (),
        request=Request(command=Command.HELP),
        is_private=True,
    )


def _about_servers(place: Place) -> str:
    if place is Place.SERVER:
        return _("/notify pings you when a feed posts, or when a post is about a term that you choose.")
    return _(
        "In a Discord server: /feed add follows a blog, /subscribe sets how it is announced, /why explains why a "
        "post was announced or not, and /notify pings you for a feed or a term."
    )


def _command_line(name: str, said: str) -> Block:
    spans = (Span(text=name, marks=frozenset((Mark.BOLD, Mark.COMMAND))), Span(text=f" – {said}"))
    return Block(kind=BlockKind.ITEM, marker="•", spans=spans)


def _empty(answer: EmptyCache) -> Card:
    return Card(
        tone=Tone.MISSING,
        title=_("No reviews yet"),
        parts=tuple(
            part for part in ((text_block(_why_empty(answer)),), tuple(map(_feed_line, answer.feeds))) if part
        ),
        is_private=True,
    )


def _why_empty(answer: EmptyCache) -> str:
    if answer.place is Place.TERMINAL:
        return _(
            "No review was read yet. The feeds are asked at once when the bot starts; “nonmun poll” asks them now."
        )
    if answer.feeds:
        return _("Nothing has been read from these feeds yet. Try again in a few minutes.")
    if answer.place is Place.DIRECT:
        return _("There are no reviews to find in direct messages. Ask in a server that follows a blog.")
    return _(
        "This server follows no blogs yet. An admin can add one with /feed add; then its reviews are found here."
    )


def describe_gaps(feed: FeedState) -> list[str]:
    """What could not be read of a feed, although the feed itself can be read."""
    gaps = []
    if count := feed.unread_entries:
        said = ngettext("{count} post could not be read", "{count} posts could not be read", count)
        gaps.append(said.format(count=f"{count:,}"))
    if count := feed.failed_pages:
        said = ngettext(
            "{count} page of its archive could not be read", "{count} pages of its archive could not be read", count
        )
        gaps.append(said.format(count=f"{count:,}"))
    return gaps


def _feed_line(feed: FeedState) -> Block:
    if feed.last_error:
        said = ngettext(
            "failed {count} time in a row: {reason}", "failed {count} times in a row: {reason}", feed.failures
        )
        state = said.format(count=feed.failures, reason=say(feed.last_error))
    else:
        state = "; ".join(
            [_("not read yet") if feed.first_read_at is None else _("up to date"), *describe_gaps(feed)]
        )
    return Block(
        kind=BlockKind.ITEM,
        marker="•",
        spans=(Span(text=feed.name, marks=frozenset((Mark.BOLD,))), Span(text=f" – {state}")),
    )
