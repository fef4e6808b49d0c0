"""The first steps in a server: the message that greets it, and what it can set for itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from bot.cards.card import Card, Part, Tone, small_block, text_block
from bot.languages import _, ngettext, speaking
from bot.models.servers import Server, TalkPlace
from bot.text.patterns import lazy_pattern

MOST_NAMED = 3


def welcome_text() -> str:
    """What the bot is, in two lines; below are the buttons of the first steps."""
    return "\n".join(
        (
            _("I find reviews of research papers, and announce new ones here."),
            _("Follow a blog to begin. Members can then use /paper, /search and /latest."),
        )
    )


def server_card(server: Server, *, saved: str | None = None, model_host: str | None = None) -> Card:
    """What a server has set for itself; the content of `/settings`.

    Args:
        saved: What was changed, as a sentence.
        model_host: Where the host's language model is; None if there is none.
    """
    where = (
        _("Only the member who asks sees the answers to /paper, /search and the other commands.")
        if server.answers_privately
        else _("Everyone in the channel sees the answers to /paper, /search and the other commands.")
    )
    lines = [
        _("Language: {language}").format(language=describe_language(server)),
        where,
        _("Members read answers in the language of their Discord."),
        *([_("What members want reviewed is shared, without names.")] if server.shares_wishes else []),
        *([_about_model(server, model_host)] if model_host else []),
        *([saved] if saved else []),
    ]
    return Card(
        tone=Tone.FOUND,
        title=_("Settings of this server"),
        parts=tuple((text_block(line),) for line in lines),
        is_private=True,
    )


def _about_model(server: Server, host: str) -> str:
    if server.asks_model:
        said = _("Questions to /ask go to a language model at {host}, if the member who asks has agreed.")
        return said.format(host=host)
    return _("Questions to /ask go to no language model.")


# ── where talk lives ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkPreview:
    """What *Discuss* will do in a server, with names that its admin may see.

    Attributes:
        announced: The channels in which reviews are announced.
        chosen: The channel or forum that was chosen and exists.
        is_lost: Whether the one that was chosen has been deleted.
        example: What a talk would be called.
        problems: What keeps threads from being opened.
        new_tags: What could be added to the forum's tags.
    """

    announced: tuple[str, ...] = ()
    chosen: str | None = None
    is_lost: bool = False
    example: str | None = None
    problems: tuple[str, ...] = ()
    new_tags: tuple[str, ...] = ()


def talk_place_card(server: Server, preview: TalkPreview, *, saved: str | None = None) -> Card:
    """Where talk about papers lives, and what *Discuss* will do.

    Args:
        saved: What was changed, as a sentence.
    """
    parts: list[Part] = [(text_block(saved),)] if saved else []
    if preview.is_lost:
        parts.append((text_block(_("The channel that was chosen for talk has been deleted.")),))
    parts += [(text_block(_where_it_opens(server, preview)),), (text_block(_how_it_looks(preview)),)]
    parts += [(text_block(f"⚠️ {problem}"),) for problem in preview.problems]
    if preview.new_tags:
        said = _("Tags that can be created from this server's reviews: {names}")
        parts.append((small_block(said.format(names=", ".join(preview.new_tags))),))
    parts.append((text_block(_who_opens()),))
    return Card(tone=Tone.FOUND, title=_("Talk about papers"), parts=tuple(parts), is_private=True)


def _where_it_opens(server: Server, preview: TalkPreview) -> str:
    if server.talk_place is TalkPlace.FORUM and preview.chosen:
        return _("Discuss opens a post for each paper in {channel}.").format(channel=preview.chosen)
    if not preview.announced:
        if preview.chosen:
            return _("Discuss opens a thread in {channel}.").format(channel=preview.chosen)
        return _("Discuss opens a thread in the channel where it is pressed.")
    names = _named(preview.announced)
    if preview.chosen:
        said = _("Discuss opens a thread under the announcement in {channels}, else in {channel}.")
        return said.format(channels=names, channel=preview.chosen)
    said = _("Discuss opens a thread under the announcement in {channels}, else in the channel where it is pressed.")
    return said.format(channels=names)


def _named(channels: Sequence[str]) -> str:
    names, more = ", ".join(channels[:MOST_NAMED]), len(channels) - MOST_NAMED
    if more <= 0:
        return names
    return ngettext("{names} and {count} other", "{names} and {count} others", more).format(names=names, count=more)


def _how_it_looks(preview: TalkPreview) -> str:
    if preview.example:
        said = _("It is named like “{name}”, and hidden after 7 days without a message. It can still be found then.")
        return said.format(name=preview.example)
    return _("It is named after the paper, and hidden after 7 days without a message. It can still be found then.")


def _who_opens() -> str:
    return _("Members can open one only where they may create threads or posts themselves.")


def forum_tags(
    existing: Iterable[str], venues: Iterable[str], categories: Iterable[str], *, most: int, longest: int
) -> tuple[str, ...]:
    """Choose the tags to add to a forum, from venues and categories in turn; those with most reviews come first.

    A venue stands without its year, which would need a new tag each year.

    Args:
        existing: The tags that it has; they stay, and count towards ``most``.
        longest: Characters of a tag; a longer name is left out, because a cut one may be taken for another.
    """
    listed = list(existing)
    known, room = {name.casefold() for name in listed}, most - len(listed)
    new: dict[str, str] = {}
    for name in chain.from_iterable(zip_longest(_without_years(venues), categories)):
        if name and len(tag := " ".join(name.split())) <= longest and tag.casefold() not in known:
            new.setdefault(tag.casefold(), tag)
    return tuple(tag for tag in new.values() if tag)[: max(room, 0)]


_YEAR = lazy_pattern(r"[\s'’]*(?:19|20)?\d{2}$")


def _without_years(venues: Iterable[str]) -> list[str]:
    """The venues without those that are another one in a certain year."""
    listed = list(venues)
    known = {venue.casefold() for venue in listed}
    return [venue for venue in listed if (bare := _YEAR.sub("", venue)) == venue or bare.casefold() not in known]


def describe_language(server: Server) -> str:
    """A server's language, and where it comes from if nobody has chosen it."""
    name = language_name(server.speaks)
    return name if server.language else _("{language}, as in the server's settings in Discord").format(language=name)


def language_name(language: str) -> str:
    """What a language calls itself."""
    with speaking(language):
        return _("English")  # each catalogue has its own name here: 한국어
