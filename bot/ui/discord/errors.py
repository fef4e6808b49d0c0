"""One table of what a member is told when something fails. Never the text of an exception that is not ours."""

from __future__ import annotations

import logging
import secrets
from typing import Any

import discord
from discord import app_commands

from bot.errors import RequestError, StoreError
from bot.ui.discord.rights import NAMES

log = logging.getLogger(__name__)


async def answer_error(interaction: discord.Interaction[Any], error: Exception) -> None:
    """Tell the asker, privately; what is not known goes to the log under an id that the asker can quote."""
    sentence = sentence_for(error)
    if sentence is None:
        error_id = secrets.token_hex(3)
        log.error("command failed id=%s command=%s", error_id, _command(interaction), exc_info=error)
        sentence = f"That did not work, and it is our fault. Tell whoever hosts the bot: error {error_id}."
    try:
        if interaction.response.is_done():
            await interaction.followup.send(sentence, ephemeral=True)
        else:
            await interaction.response.send_message(sentence, ephemeral=True)
    except discord.HTTPException as exc:
        log.warning(
            "error could not be told command=%s status=%d code=%d",
            _command(interaction),
            exc.status,
            exc.code,
        )


def sentence_for(error: Exception) -> str | None:
    """A sentence for an error that is known; None for a bug."""
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    match cause:
        case RequestError():
            return str(cause)
        case StoreError():
            return "The cache cannot be used just now; whoever hosts the bot finds the reason in its log."
        case app_commands.MissingPermissions():
            return f"You need {', '.join(NAMES.get(name, name) for name in cause.missing_permissions)} for this."
        case app_commands.CommandNotFound() | app_commands.CommandSignatureMismatch():
            return "This command has changed since. Reload Discord and try again."
        case discord.NotFound(code=10062):
            return "That took too long for Discord. Try again."
        case _:
            return None


def _command(interaction: discord.Interaction[Any]) -> str:
    return interaction.command.qualified_name if interaction.command else "?"
