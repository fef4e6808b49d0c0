"""Talks as cards and sentences: the first message in one, quotes, second opinions, and what members are told. Pure.

What a talk shows can be told from everything else that the bot writes by a mark in the id of a button.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.cards.card import MAX_CHOICES, Card, Part, PressChoice, Tone, quote_block, text_block
from bot.cards.earlier_talks import conclude_choice
from bot.cards.reviews import (
    announcement,
    claims_of,
    discuss_choice,
    headings_above,
    passage_press,
    quote_choice,
    save_passage_choice,
)
from bot.cards.words import heading_of, name_of
from bot.languages import N_, _, ngettext, say
from bot.models.passages import check_of_block
from bot.models.reviews import Block, BlockKind, Mark, Review, ReviewHead, Section, Span, StoredReview
from bot.models.talks import Talk, TalkMessage, TalkMessageKind, TalkMessageState, TalkState
from bot.text.anchors import heading_link
from bot.text.cut import cut_text

NAME_CHARACTERS = 100
"""Of a thread. Source: Discord's documentation, “Channels Resource”, Channel Object."""
QUOTE_CHARACTERS = 600
OPTION_CHARACTERS = 100
HEADING_CHARACTERS = 80
PASSAGES_A_PAGE = MAX_CHOICES - 2
"""Of a menu of passages; the other two lines turn its pages."""
OPENING_EXCERPT = 90


def talk_name(review: Review | ReviewHead) -> str:
    """Return what the thread about a paper is called: its short name, then its title."""
    title, short = review.clean_title, review.short_name
    if not short or short == title:
        return cut_text(title, NAME_CHARACTERS)
    rest = title[len(short) :].lstrip(" :–—-") if title.casefold().startswith(short.casefold()) else title
    return cut_text(f"{short} – {rest}" if rest else short, NAME_CHARACTERS)


# ── messages in a talk ──────────────────────────────────────────────────────────────────────────


def starter_card(stored: StoredReview, *, mark: str) -> Card:
    """The message in a channel under which a talk is opened."""
    return replace(announcement(stored, is_compact=True), presses=(discuss_choice(stored, mark=mark),))


def opening_card(stored: StoredReview, talk: Talk, *, mark: str) -> Card:
    """The first message in a talk: what the reviewer claims or marked, the sections, how to quote and to conclude."""
    return replace(
        announcement(stored, is_compact=True),
        parts=claims_of(stored.review),
        presses=(quote_choice(stored, mark=mark), conclude_choice(talk)),
    )


def quote_card(stored: StoredReview, position: int, words: str, *, mark: str, block: int | None = None) -> Card:
    """A passage in a talk, with its review and heading.

    Args:
        block: Where it is in its section, so that members can save it; None if that is not known.
    """
    review = stored.review
    section = review.sections[position] if position < len(review.sections) else None
    return Card(
        tone=Tone.NEWS,
        title=name_of(review),
        subtitle=" › ".join(_headings(review.sections, position)) or None,
        url=heading_link(review.link, section.anchor, section.heading) if section else review.link,
        parts=((quote_block(words),),),
        presses=(
            quote_choice(stored, mark=mark),
            *((save_passage_choice(stored, position, block, words),) if block is not None else ()),
        ),
        colour_key=stored.feed_url,
    )


def opinion_card(stored: StoredReview) -> Card:
    """Another review of a talk's paper."""
    return replace(announcement(stored, is_compact=True), presses=())


def opinion_text(feed_name: str) -> str:
    """The line above another review of a talk's paper."""
    return _("A second opinion: {feed} has reviewed this paper, too.").format(feed=feed_name)


def concluded_text() -> str:
    """The line in a talk of which somebody submitted what came of it."""
    return _("Somebody wrote down what came of this talk.")


def _headings(sections: Sequence[Section], position: int) -> tuple[str, ...]:
    if position >= len(sections):
        return ()
    own = cut_text(heading_of(sections[position].heading), HEADING_CHARACTERS)
    return (*headings_above(sections, position), *([own] if own else []))


# ── choosing a passage ──────────────────────────────────────────────────────────────────────────


def quote_of(block: Block) -> str:
    """Return the words of a block as they are quoted; "" if it has none."""
    return cut_text(" ".join(block.text.split()), QUOTE_CHARACTERS)


def quotes_in(section: Section) -> list[tuple[int, str]]:
    """Return the position and the words of each block of a section that can be quoted."""
    return [(position, words) for position, block in enumerate(section.blocks) if (words := quote_of(block))]


def quotable_sections(review: Review) -> list[tuple[int, Section]]:
    """Return the position of each section that has words to quote, and the section."""
    return [(position, section) for position, section in enumerate(review.sections) if quotes_in(section)]


def sections_to_quote(stored: StoredReview) -> Card:
    """The sections of a review, to choose one and then a passage in it."""
    choices = [
        replace(quote_choice(stored, position=position, page=1), label=_label(section))
        for position, section in quotable_sections(stored.review)[:MAX_CHOICES]
    ]
    return _choosing(stored, _("In which section is the passage?"), choices, _("Choose a section …"))


def passages_to_quote(stored: StoredReview, position: int, page: int) -> Card:
    """The passages of a section, to choose one.

    Args:
        page: From 1.
    """
    section = stored.review.sections[position]
    quotes = quotes_in(section)
    start = (page - 1) * PASSAGES_A_PAGE
    shown = quotes[start : start + PASSAGES_A_PAGE]
    choices = [
        PressChoice(
            label=cut_text(words, OPENING_EXCERPT),
            description=cut_text(words[OPENING_EXCERPT:], OPTION_CHARACTERS)
            if len(words) > OPENING_EXCERPT
            else None,
            press=passage_press(stored, position, block, words_check=check_of_block(section.blocks[block])),
        )
        for block, words in shown
    ]
    if page > 1:
        choices.insert(0, replace(quote_choice(stored, position=position, page=page - 1), label=_("◀ Before these")))
    if len(quotes) > start + PASSAGES_A_PAGE:
        choices.append(replace(quote_choice(stored, position=position, page=page + 1), label=_("▶ After these")))
    said = _("Which passage of “{heading}”?").format(heading=_label(section)) if quotes else _("It has no text.")
    return _choosing(stored, said, choices, _("Quote …"))


def _label(section: Section) -> str:
    return cut_text(heading_of(section.heading), HEADING_CHARACTERS) or _("Before the first heading")


def _choosing(stored: StoredReview, said: str, choices: Sequence[PressChoice], invitation: str) -> Card:
    return Card(
        tone=Tone.CHOOSE,
        title=name_of(stored.review),
        parts=((text_block(said),),),
        press_choices=tuple(choices),
        press_invitation=invitation,
        is_private=True,
    )


# ── what became of a talk ───────────────────────────────────────────────────────────────────────

Place = Callable[[int], str | None]
"""A channel's name with its sign, "#papers"; None if the reader may not see the channel."""
_TALKS = {
    TalkState.PENDING: N_("the talk is to be opened"),
    TalkState.SENDING: N_("the talk is being opened"),
    TalkState.OPEN: N_("the talk was opened"),
    TalkState.GONE: N_("the talk was opened, and later deleted"),
    TalkState.FAILED: N_("the talk could not be opened"),
}
_MESSAGES = {
    TalkMessageKind.OPENING: N_("its first message"),
    TalkMessageKind.QUOTE: N_("a quoted passage"),
    TalkMessageKind.OPINION: N_("a second opinion"),
    TalkMessageKind.CHANGE: N_("that a passage has changed"),
    TalkMessageKind.CONCLUSION: N_("that a conclusion was added"),
    TalkMessageKind.WISH: N_("that a wanted review is here"),
}
_MESSAGE_STATES = {
    TalkMessageState.PENDING: N_("{what}: it waits to be sent"),
    TalkMessageState.SENDING: N_("{what}: it is being sent"),
    TalkMessageState.SENT: N_("{what}: it was sent"),
    TalkMessageState.FAILED: N_("{what}: it could not be sent"),
    TalkMessageState.DROPPED: N_("{what}: it is no longer sent"),
}


def talk_histories(histories: Iterable[tuple[Talk, Sequence[TalkMessage]]], place: Place) -> list[Part]:
    """What became of the talks about a paper, and of what was sent into them; only those in channels seen."""
    return [
        (
            text_block(_("Talk in {channel}").format(channel=name), Mark.BOLD),
            _event(talk.opened_at or talk.created_at, _(_TALKS[talk.state]), talk.reason),
            *(_message_event(message) for message in sent),
        )
        for talk, sent in histories
        if (name := place(talk.channel_id)) is not None
    ]


def _message_event(message: TalkMessage) -> Block:
    said = _(_MESSAGE_STATES[message.state]).format(what=_(_MESSAGES[message.kind]))
    return _event(message.settled_at or message.created_at, said, message.reason)


def _event(at: datetime, said: str, reason: str | None) -> Block:
    line = f"{at:%Y-%m-%d %H:%M} UTC – {said}" + (f": {say(reason)}" if reason else "")
    return Block(kind=BlockKind.ITEM, marker="•", spans=(Span(text=line),))


# ── what members are told ───────────────────────────────────────────────────────────────────────


def only_in_servers() -> str:
    """Told where there is no server."""
    return _("Papers are discussed in servers: press this in a server that I am in.")


def gone_to(thread: str) -> str:
    """Told to those who are shown to a talk.

    Args:
        thread: The thread as Discord mentions it.
    """
    return _("The talk about this paper: {thread}").format(thread=thread)


def opened(thread: str) -> str:
    """Told to the member who opened a talk."""
    return _("Opened: {thread}").format(thread=thread)


def locked(thread: str) -> str:
    """Told where nobody may write any longer."""
    return _("Moderators have locked the talk about this paper. You can read it: {thread}").format(thread=thread)


def quoted(thread: str) -> str:
    """Told to the member whose passage was quoted."""
    return _("Quoted in {thread}.").format(thread=thread)


def quoted_before(thread: str) -> str:
    """Told where somebody has quoted the same passage."""
    return _("This passage was quoted in {thread} before.").format(thread=thread)


def not_opened(reason: str) -> str:
    """Told where Discord refuses to open a talk."""
    return _("The talk could not be opened: {reason}.").format(reason=reason)


def not_quoted(reason: str) -> str:
    """Told where Discord refuses a quote."""
    return _("The passage could not be quoted: {reason}.").format(reason=reason)


def opened_later(reason: str | None) -> str:
    """Told where opening a talk takes longer than a member waits."""
    if reason is None:
        return _("It takes longer than usual. I go on trying; press Discuss again to get there.")
    return _("It is not done yet: {reason}. I go on trying; press Discuss again to get there.").format(reason=reason)


def wait_before_next(seconds: int) -> str:
    """Told to members who open many talks."""
    said = ngettext(
        "You opened a talk a moment ago. Try again in {count} second.",
        "You opened a talk a moment ago. Try again in {count} seconds.",
        seconds,
    )
    return said.format(count=seconds)


def too_many_threads() -> str:
    """Told where the server has nearly as many threads as Discord allows."""
    return _("This server has nearly as many active threads as Discord allows. Close or archive some of them first.")


def you_need(permissions: str, channel: str) -> str:
    """Told to members who may not open a talk themselves.

    Args:
        permissions: What they lack, as Discord's settings call it.
        channel: As Discord mentions it.
    """
    return _("You need {permissions} in {channel} to open a talk there.").format(
        permissions=permissions, channel=channel
    )


def you_need_to_write(permissions: str, channel: str) -> str:
    """Told to members who may not write in a talk themselves.

    Args:
        permissions: What they lack, as Discord's settings call it.
        channel: As Discord mentions it.
    """
    return _("You need {permissions} in {channel} to quote there.").format(permissions=permissions, channel=channel)


def timed_out() -> str:
    """Told to members in time-out."""
    return _("You are timed out in this server, so you cannot do this now.")


def no_place() -> str:
    """Told where threads cannot be opened, and no channel for talk was chosen."""
    return _("A thread cannot be opened in this channel. An admin can choose a channel for talk with /settings.")


def only_opener() -> str:
    """Told to others than the opener of a talk."""
    return _("Only the member who opened it can take it back.")


def already_written() -> str:
    """Told where a talk is not empty any longer."""
    return _("Somebody has written in it already, so it stays.")


def taken_back(*, is_deleted: bool) -> str:
    """Told after a talk was taken back."""
    if is_deleted:
        return _("The talk was removed.")
    return _("The talk was archived. To delete it, I need Manage Threads.")


def not_there() -> str:
    """Told where a talk is gone."""
    return _("It is not there any longer.")


def not_removed(reason: str) -> str:
    """Told where Discord refuses to remove a talk."""
    return _("The talk could not be removed: {reason}.").format(reason=reason)


def quoted_later(reason: str | None) -> str:
    """Told where a quote takes longer than a member waits."""
    if reason is None:
        return _("It takes longer than usual. I go on trying to quote the passage.")
    return _("The passage is not quoted yet: {reason}. I go on trying.").format(reason=reason)


def review_gone() -> str:
    """Told where a review was deleted, or where this server does not read it."""
    return _("This review is no longer here, or this server does not follow its feed any longer.")


def to_quote() -> str:
    """The button that leads to a quote."""
    return _("Go to the quote")


def take_back() -> str:
    """The button that removes a talk which was opened by mistake."""
    return _("Take back")


def tag_names(stored: StoredReview) -> list[str]:
    """What a forum's tags for a paper may be called: its venue, with and without the year, and its categories."""
    review = stored.review
    names = [review.venue, review.venue_and_year, str(review.year) if review.year else None, *review.categories]
    return [name for name in names if name]


def passage_gone() -> str:
    """Told where a review has no such passage now."""
    return _("This review has changed, and the passage is not there any longer.")
