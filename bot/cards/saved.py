"""A member's saved papers: what *Save* answers, the list, one paper of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bot.cards.card import Card, Link, Part, Tone, quote_block, small_block, text_block
from bot.cards.reviews import describe_authors
from bot.cards.words import date_of, heading_of, name_of
from bot.languages import N_, _, ngettext
from bot.models.reviews import Block, BlockKind, Mark, Span
from bot.models.saved import PAPERS_A_PAGE, ExportFormat, SavedPage, SavedPaper, SavedPassage, SaveOutcome
from bot.text.cut import cut_text

TITLE_CHARACTERS = 120
NOTE_SHOWN = 120
"""Characters of a note in the list."""

FORMAT_NAMES = {
    ExportFormat.BIBTEX: "BibTeX",
    ExportFormat.RIS: "RIS",
    ExportFormat.CSL_JSON: "CSL-JSON",
    ExportFormat.MARKDOWN: "Markdown",
}
"""What the formats are called, in every language."""
_OUTCOMES = {
    SaveOutcome.SAVED: (N_("Saved"), N_("/saved shows your list. Nobody else sees it.")),
    SaveOutcome.REMOVED: (N_("Removed"), N_("The paper is not on your list any more.")),
    SaveOutcome.KEPT: (N_("On your list already"), N_("You have added a note or passages, so it was not removed.")),
    SaveOutcome.PASSAGE_SAVED: (N_("Passage saved"), N_("/saved shows your list. Nobody else sees it.")),
    SaveOutcome.PASSAGE_REMOVED: (N_("Passage removed"), N_("The paper itself stays on your list.")),
}


def outcome_card(paper: SavedPaper, outcome: SaveOutcome) -> Card:
    """What *Save* did."""
    title, sentence = _OUTCOMES[outcome]
    note = (quote_block(paper.note),) if paper.note and outcome is SaveOutcome.KEPT else ()
    return Card(
        tone=Tone.FOUND,
        title=_(title),
        parts=((text_block(cut_text(_title(paper), TITLE_CHARACTERS), Mark.BOLD), text_block(_(sentence)), *note),),
        is_private=True,
    )


def saved_card(page: SavedPage) -> Card:
    """A page of a member's list."""
    count = ngettext("{count} paper", "{count} papers", page.total).format(count=page.total)
    pages = _("page {number}/{count}").format(number=page.number + 1, count=page.count)
    empty = ((text_block(_("Nothing is saved yet. Press “Save” below a paper or an announcement.")),),)
    first = page.number * PAPERS_A_PAGE + 1
    return Card(
        tone=Tone.FOUND,
        title=_("Your saved papers"),
        facts=f"{count} · {pages}" if page.count > 1 else count if page.total else None,
        parts=tuple(_listed(number, paper) for number, paper in enumerate(page.papers, first)) or empty,
        more=_("… and {count} more"),
        footer=_("Nobody else sees this list."),
        is_private=True,
    )


def _listed(number: int, paper: SavedPaper) -> Part:
    """A paper in the list: its name, what it is, the note."""
    head = paper.head
    spans = (Span(text=f"{number}. "), Span(text=option_label(paper), marks=frozenset({Mark.BOLD})))
    passages = len(paper.passages)
    facts = (
        head.clean_title if head and head.short_name and head.short_name != head.clean_title else None,
        head.venue_and_year if head else None,
        ngettext("{count} passage", "{count} passages", passages).format(count=passages) if passages else None,
    )
    blocks = [Block(kind=BlockKind.PARAGRAPH, spans=spans)]
    if said := " · ".join(cut_text(fact, TITLE_CHARACTERS) for fact in facts if fact):
        blocks.append(small_block(said))
    if paper.note:
        blocks.append(quote_block(cut_text(paper.note, NOTE_SHOWN)))
    return tuple(blocks)


def paper_of_list_card(paper: SavedPaper, *, said: str | None = None) -> Card:
    """One paper of a member's list, with its whole note and its passages.

    Args:
        said: What was just done, as a sentence.
    """
    head = paper.head
    saved_on = _("saved on {date}").format(date=date_of(paper.saved_at))
    small = [small_block(describe_authors(head.authors))] if head and head.authors else []
    if head is None:
        small.append(small_block(_("The review is not here any more. Its link may still work.")))
    return Card(
        tone=Tone.FOUND,
        title=option_label(paper),
        subtitle=_title(paper) if option_label(paper) != _title(paper) else None,
        facts=" · ".join(fact for fact in (head.venue_and_year if head else None, saved_on) if fact),
        url=paper.link,
        parts=tuple(part for part in _parts(paper, tuple(small), said) if part),
        links=(Link(label=_("Read the review"), url=head.link if head else paper.link),),
        more=_("… and {count} more"),
        is_private=True,
    )


def _parts(paper: SavedPaper, small: Part, said: str | None) -> Iterator[Part]:
    yield (text_block(said),) if said else ()
    yield small
    yield (text_block(_("Your note"), Mark.BOLD), text_block(paper.note)) if paper.note else ()
    for passage in paper.passages:
        yield _passage(passage)


def _passage(passage: SavedPassage) -> Part:
    chain = " › ".join(filter(None, map(heading_of, passage.headings)))
    return (quote_block(passage.words), *((small_block(chain),) if chain else ()))


def _title(paper: SavedPaper) -> str:
    return paper.head.clean_title if paper.head else paper.title


def option_label(paper: SavedPaper) -> str:
    """What a saved paper is called in a list or menu: its short name, or its title."""
    return cut_text(name_of(paper.head) if paper.head else paper.title, 100)
