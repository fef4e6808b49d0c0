"""What a member is shown of what is kept about them, and before and after it is deleted. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from bot.cards.card import Card, Part, Tone, small_block, text_block
from bot.languages import N_, _
from bot.models.privacy import KeptItem, KeptKind
from bot.models.reviews import Mark
from bot.text.cut import cut_text

Place = Callable[[int], str]
"""Names the server with an id."""
LISTED = 3
"""Of one kind and server."""
ITEM_CHARACTERS = 60

_NAMES = {
    KeptKind.SAVED: N_("Saved papers: {count}"),
    KeptKind.NOTE: N_("Notes on them: {count}"),
    KeptKind.PASSAGE: N_("Saved passages: {count}"),
    KeptKind.FEED: N_("Feeds that ping you: {count}"),
    KeptKind.TERM: N_("Terms that you are pinged for: {count}"),
    KeptKind.WISH: N_("Papers that you asked for: {count}"),
    KeptKind.TALK: N_("Talks that you opened: {count}"),
    KeptKind.CONCLUSION: N_("Conclusions that you wrote: {count}"),
    KeptKind.QUOTE: N_("Quotes that you asked for: {count}"),
    KeptKind.JOIN: N_("Papers that you joined or parted: {count}"),
    KeptKind.SUBSCRIPTION: N_("Feeds that you set up: {count}"),
    KeptKind.ROLE: N_("Roles that you let members give themselves: {count}"),
    KeptKind.PING: N_("Pings for you that were not sent yet: {count}"),
    KeptKind.MODEL: N_("Days on which it is counted how often you asked the model: {count}"),
    KeptKind.CONSENT: N_("Where your questions may go, to a language model: {count}"),
}


def privacy_card(items: Sequence[KeptItem], place: Place) -> Card:
    """What is kept about a member, by kind and server."""
    parts = [_part(kind, list(group), place) for kind, group in groupby(items, key=lambda item: item.kind)]
    if not parts:
        parts = [(text_block(_("Nothing is kept about you.")),)]
    parts.append(
        (
            small_block(_("The bot keeps no messages of members and does not log who you are.")),
            small_block(
                _("How often you used it in the last minute is only in memory, and is gone when the bot restarts.")
            ),
        )
    )
    return Card(
        tone=Tone.FOUND,
        title=_("What is kept about you"),
        parts=tuple(parts),
        more=_("… and {count} more"),
        footer=_("In all servers and in direct messages. Nobody else sees this."),
        is_private=True,
    )


def _part(kind: KeptKind, items: Sequence[KeptItem], place: Place) -> Part:
    by_guild: dict[int, list[str]] = {}
    for item in items:
        by_guild.setdefault(item.guild_id, []).append(item.text)
    head = text_block(_(_NAMES[kind]).format(count=len(items)), Mark.BOLD)
    return (head, *(small_block(_line(place(guild_id), texts)) for guild_id, texts in by_guild.items()))


def _line(where: str, texts: Sequence[str]) -> str:
    listed = " · ".join(cut_text(text, ITEM_CHARACTERS) for text in texts[:LISTED])
    if len(texts) > LISTED:
        listed = _("{names} and {count} more").format(names=listed, count=len(texts) - LISTED)
    return f"{where}: {listed}"


def write_kept(items: Sequence[KeptItem], place: Place) -> str:
    """Return everything that is kept about a member as JSON."""
    listed = [{"kind": item.kind.value, "where": place(item.guild_id), "text": item.text} for item in items]
    return json.dumps(listed, ensure_ascii=False, indent=2) + "\n"


def forgetting_card(items: Sequence[KeptItem]) -> Card:
    """What deleting means, before it is confirmed."""
    kinds = {item.kind for item in items}
    return Card(
        tone=Tone.CHOOSE,
        title=_("Delete everything about you?"),
        parts=tuple((text_block(line),) for line in _consequences(kinds)),
        is_private=True,
    )


def _consequences(kinds: set[KeptKind]) -> Iterator[str]:
    yield _("Your saved papers, notes, passages, pings and requests for reviews are deleted. This cannot be undone.")
    if kinds & {KeptKind.TALK, KeptKind.QUOTE, KeptKind.JOIN}:
        yield _("Talks, quotes and joined papers stay in their servers, without your name.")
    if KeptKind.SUBSCRIPTION in kinds:
        yield _("Feeds that you set up stay. When one stops, its server is told, and you are not mentioned.")
    if KeptKind.ROLE in kinds:
        yield _("Members can no longer give themselves the roles that you chose, until an admin chooses them again.")
    if KeptKind.CONCLUSION in kinds:
        yield _("Conclusions that you wrote can be deleted, too, or stay without your name.")
    yield _("Messages in Discord stay; you can delete your own there. Backups that the host made keep your data.")


def forgotten_card() -> Card:
    """What is said after everything was deleted."""
    return Card(
        tone=Tone.FOUND,
        title=_("Deleted"),
        parts=(
            (
                text_block(
                    _("Nothing is kept about you any more, except in backups that the bot's host made before.")
                ),
            ),
        ),
        is_private=True,
    )
