"""One table of what a member is told when something fails. Never the text of an exception that is not ours."""

from __future__ import annotations

import logging
import secrets
from typing import Any

import aiohttp
import discord
from discord import app_commands

from bot.errors import RequestError, StoreError
from bot.languages import N_, _
from bot.ui.discord import replies

log = logging.getLogger(__name__)

EXPIRED = N_("This message has expired. Run the command again.")

TOO_LATE = frozenset((10062, 50027))
"""Unknown interaction: not answered within three seconds. Invalid token: the interaction is older than 15 minutes.

Source: Discord's documentation, Opcodes and Status Codes.
"""


async def answer_error(interaction: discord.Interaction[Any], error: Exception) -> None:
    """Tell the asker privately. If Discord no longer accepts an answer, it is only counted."""
    if interaction.client.gate.is_closed:
        return
    cause = _cause(error)
    if isinstance(cause, discord.HTTPException) and cause.code in TOO_LATE:
        interaction.client.gate.tally.count("too_late")
        return
    sentence = describe_error(interaction, error)
    try:
        await replies.say(interaction, sentence)
    except (discord.HTTPException, aiohttp.ClientError, OSError) as exc:
        log.warning("error could not be told command=%s reason=%s", _command(interaction), describe_refusal(exc))


def describe_error(interaction: discord.Interaction[Any], error: Exception) -> str:
    """A sentence for the asker. An unknown error is logged under an id that the asker can quote."""
    sentence = sentence_for(error)
    if sentence is None:
        error_id = secrets.token_hex(3)
        log.error("command failed id=%s command=%s", error_id, _command(interaction), exc_info=error)
        sentence = _("Something went wrong in the bot. Tell the person who hosts it: error {code}.").format(
            code=error_id
        )
    return sentence


def describe_refusal(error: Exception) -> str:
    """What Discord answered, as a status and a code, or how it could not be reached; never the text of its answer."""
    return f"{error.status}/{error.code}" if isinstance(error, discord.HTTPException) else type(error).__name__


def sentence_for(error: Exception) -> str | None:
    """A sentence for a known error; None for a bug."""
    match _cause(error):
        case RequestError():
            return str(_cause(error))
        case StoreError():
            return _("The bot cannot use its database right now, so nothing was changed. Try again in a minute.")
        case app_commands.CommandNotFound() | app_commands.CommandSignatureMismatch():
            return _("This command has changed. Reload Discord and try again.")
        case discord.DiscordServerError() | aiohttp.ClientError() | ConnectionError():
            return _("Discord did not accept the answer. Try again.")
        case _:
            return None


def _cause(error: Exception) -> Exception:
    return error.original if isinstance(error, app_commands.CommandInvokeError) else error


def _command(interaction: discord.Interaction[Any]) -> str:
    return interaction.command.qualified_name if interaction.command else "?"
