"""What a message mentions, as a card: which of its papers are reviewed here. Pure."""

from __future__ import annotations

from bot.cards.answers import review_line
from bot.cards.card import MAX_CHOICES, Card, Part, Tone, quote_typed, small_block, text_block
from bot.cards.earlier_talks import channels_of, talk_line
from bot.cards.reviews import paper_choice
from bot.languages import _, ngettext
from bot.models.answers import MessageRead, NotFoundHere, PaperFound
from bot.models.reviews import Block, BlockKind, Mark, Span

MOST_TALKS = 2
"""Talks that are listed for a paper."""
TEXT_CHARACTERS, TITLE_CHARACTERS = 80, 100


def mentions_card(read: MessageRead) -> Card:
    """The papers of a message: for each its review with the talks about it, or that it is not reviewed here."""
    if not read.found and not read.missing:
        return _nothing_mentioned()
    count = len(read.found)
    parts: list[Part] = [_found_part(found) for found in read.found]
    if read.missing:
        parts.append((text_block(_("Not reviewed here:"), Mark.BOLD), *map(_missing_line, read.missing)))
    title = ngettext("{count} paper in this message", "{count} papers in this message", count)
    return Card(
        tone=Tone.FOUND if read.found else Tone.MISSING,
        title=title.format(count=count) if count else _("Not reviewed here"),
        parts=tuple(parts if read.found else parts[-1:]),
        choices=tuple(paper_choice(found.stored.head) for found in read.found[:MAX_CHOICES]),
        invitation=_("Open one …"),
        channel_ids=channels_of(talk for found in read.found for talk in found.talks),
        is_private=True,
    )


def _found_part(found: PaperFound) -> Part:
    lines: list[Block] = [review_line(found.stored.head)]
    if found.also:
        count = len(found.also) + 1
        said = ngettext("{count} review of this paper", "{count} reviews of this paper", count)
        lines.append(small_block(said.format(count=count)))
    return (*lines, *(talk_line(talk) for talk in found.talks[:MOST_TALKS]))


def _missing_line(missing: NotFoundHere) -> Block:
    text = quote_typed(missing.text, TEXT_CHARACTERS)
    said = f"{quote_typed(missing.title, TITLE_CHARACTERS)} · {text}" if missing.title else text
    return Block(kind=BlockKind.ITEM, marker="•", spans=(Span(text=said),))


def _nothing_mentioned() -> Card:
    lines = (
        _("This message has no link to a paper or a review."),
        _(
            "I look for arXiv numbers, DOIs, and links to arXiv, OpenReview, ACL Anthology, PMLR, NeurIPS and "
            "reviews: in the text, in previews and in forwarded messages."
        ),
    )
    return Card(
        tone=Tone.MISSING,
        title=_("Nothing to look up"),
        parts=tuple((text_block(line),) for line in lines),
        is_private=True,
    )
