"""The first steps in a server: the message that greets it, and what it can set for itself."""

from __future__ import annotations

from bot.cards.card import Card, Tone, text_block
from bot.languages import _, speaking
from bot.models.servers import Server


def welcome_text() -> str:
    """What the bot is, in two lines; below are the buttons of the first steps."""
    return "\n".join(
        (
            _("I find reviews of research papers, and announce new ones here."),
            _("Follow a blog to begin. Members can then use /paper, /search and /latest."),
        )
    )


def server_card(server: Server, *, saved: str | None = None) -> Card:
    """What a server has set for itself; the content of `/settings`.

    Args:
        saved: What was changed, as a sentence.
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
        *([saved] if saved else []),
    ]
    return Card(
        tone=Tone.FOUND,
        title=_("Settings of this server"),
        parts=tuple((text_block(line),) for line in lines),
        is_private=True,
    )


def describe_language(server: Server) -> str:
    """A server's language, and where it comes from if nobody has chosen it."""
    name = language_name(server.speaks)
    return name if server.language else _("{language}, as in the server's settings in Discord").format(language=name)


def language_name(language: str) -> str:
    """What a language calls itself."""
    with speaking(language):
        return _("English")  # each catalogue has its own name here: 한국어
