"""Answers to interactions: the one place that sends them to Discord, and so cuts them to its limits.

Discord waits three seconds for a first answer and accepts the rest for 15 minutes. Before writing to the database or
waiting for anything, call `think` if a message will follow, or `hold` if the pressed message will change.

A message that begins as "thinking …" keeps its visibility. So all begin privately, and a slow answer for everybody is
a second message: one that began publicly could not be made private if nothing was found.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, TypeVar

import aiohttp
import discord

from bot.errors import RequestError
from bot.languages import _
from bot.text.patterns import lazy_pattern
from bot.ui.discord.limits import (
    EMBED_DESCRIPTION,
    EMBED_FOOTER,
    EMBED_TITLE,
    EMBEDS_TOTAL,
    length,
    shorten,
)
from bot.ui.discord.messages import make_content

log = logging.getLogger(__name__)

Interaction = discord.Interaction[Any]
T = TypeVar("T")
MISSING = discord.utils.MISSING
DEFER_AFTER_S = 1.5
"""Discord waits 3 s for a first answer. Most take milliseconds, and an answer that is sent at once can be private."""
NOT_TAKEN = (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError)
"""Discord refused an answer, or could not be reached."""
_CHANNEL = lazy_pattern(r"<#(\d+)>")
REDRAWN = "redrawn"
"""A key of an interaction's ``extras``: the pressed message has been changed."""
_THINKING, _ASIDE = "thinking", "aside"
"""Keys of an interaction's ``extras``: its private "thinking …" is shown, or a short text in its place."""


async def think(interaction: Interaction) -> None:
    """Make Discord wait for a message; only the asker sees "thinking …"."""
    if not interaction.response.is_done():
        await interaction.response.defer(ephemeral=True, thinking=True)
        interaction.extras[_THINKING] = True


async def soon(
    interaction: Interaction,
    reading: Coroutine[Any, Any, T],
    *,
    is_in_place: bool = False,
    defer_after_s: float | None = None,
) -> T:
    """Wait for data that an answer needs; if that takes long, make Discord wait.

    Args:
        is_in_place: Whether the answer takes the place of the pressed message.
        defer_after_s: How long is too long; None for `DEFER_AFTER_S`. Less if the data is not all that it needs.
    """
    limit_s = DEFER_AFTER_S if defer_after_s is None else defer_after_s
    task = asyncio.create_task(reading)
    try:
        done, _waiting = await asyncio.wait({task}, timeout=limit_s)
        if not done:
            await (hold if is_in_place else think)(interaction)
        return await task
    except BaseException:
        task.cancel()
        raise


async def hold(interaction: Interaction) -> None:
    """Make Discord wait for a change of the pressed message; nothing is shown until then."""
    if not interaction.response.is_done():
        await interaction.response.defer()


async def say(
    interaction: Interaction, sentence: str, *, view: discord.ui.View | None = None, names_channels: bool = False
) -> None:
    """Tell only the asker.

    Args:
        names_channels: Whether mentions of channels in the sentence are ours; it then quotes nobody.
    """
    await send(interaction, text=sentence, view=view, names_channels=names_channels)


async def send(
    interaction: Interaction,
    *,
    text: str = "",
    embeds: Sequence[discord.Embed] = (),
    view: discord.ui.View | discord.ui.LayoutView | None = None,
    file: discord.File | None = None,
    is_private: bool = True,
    names_channels: bool = False,
) -> int:
    """Answer with a message, even if there was already an answer.

    Args:
        view: Components below the message; a `LayoutView` is all of it, so that there is neither text nor embed.
        is_private: Whether only the asker sees it; otherwise everybody in the channel does.
        names_channels: Whether mentions of channels in the text are ours.
    Returns:
        The message's id.
    """
    shown: dict[str, Any] = {"view": MISSING if view is None else view}
    if not isinstance(view, discord.ui.LayoutView):
        named = map(int, _CHANNEL.findall(text)) if names_channels else ()
        shown |= {"content": make_content(text, channel_ids=tuple(named)) or MISSING, "embeds": fit_embeds(embeds)}
    if not is_private:
        await make_way(interaction)
        if interaction.extras.pop(_ASIDE, False):
            return await _send_beside(interaction, shown)
    if interaction.extras.pop(_THINKING, False):
        if file is not None:
            shown |= {"attachments": [file]}
        if isinstance(view, discord.ui.LayoutView):
            shown |= {"content": None}  # the progress that was shown
        edited = await interaction.edit_original_response(**shown)
        return edited.id
    shown |= {"file": file or MISSING, "ephemeral": is_private}
    if interaction.response.is_done():
        return int((await interaction.followup.send(**shown, wait=True)).id)
    return (await interaction.response.send_message(**shown)).message_id or 0


async def make_way(interaction: Interaction) -> None:
    """Let the next message be for everybody, also where the asker's private "thinking …" is shown.

    The first message after a deferral replaces the "thinking …" and keeps its visibility. So that one gets a short
    text, and is deleted once the answer has been sent. `send` does this itself; before, it leaves the caller time to
    look once more at what it will send.

    Source: Discord's documentation, "Receiving and Responding", Followup Messages.
    """
    if interaction.extras.pop(_THINKING, False):
        await interaction.edit_original_response(content=_("Here it is:"))
        interaction.extras[_ASIDE] = True


async def _send_beside(interaction: Interaction, shown: dict[str, Any]) -> int:
    """Send an answer for everybody, and delete the short text in the place of "thinking …"."""
    sent = await interaction.followup.send(**shown, wait=True)
    with contextlib.suppress(discord.HTTPException):  # the asker may have dismissed it
        await interaction.delete_original_response()
    return int(sent.id)


async def progress(interaction: Interaction, sentence: str) -> bool:
    """Show the progress in the asker's "thinking …"; False if that is not possible (any more)."""
    try:
        await interaction.edit_original_response(content=fit_text(sentence))
    except NOT_TAKEN:
        return False
    return True


async def download(file: discord.Attachment) -> bytes:
    """Download a file that was given to a command.

    Raises:
        RequestError: Discord does not send it.
    """
    try:
        return await file.read()
    except NOT_TAKEN as exc:
        raise RequestError(_("I could not download the file from Discord. Try again.")) from exc


@contextlib.asynccontextmanager
async def progress_told(
    interaction: Interaction, describe: Callable[[], str], *, every_s: float
) -> AsyncIterator[None]:
    """Show ``describe()`` in the asker's "thinking …" from time to time.

    The work inside never waits for this and does not fail with it. At the end, an update on its way is awaited, so
    that it does not arrive after the result.
    """
    has_ended = asyncio.Event()

    async def tell() -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(has_ended.wait(), every_s)
            if has_ended.is_set() or not await progress(interaction, describe()):
                return

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        has_ended.set()
        await telling


async def send_directly(interaction: Interaction, views: Sequence[discord.ui.LayoutView]) -> None:
    """Send the asker direct messages: an interaction ends after 15 minutes.

    Raises:
        discord.HTTPException: The asker accepts none, or Discord failed. `NOT_TAKEN` lists what else may be raised.
    Source: Discord's documentation, "Receiving and Responding to Interactions" (a token is valid for 15 minutes) and
        "Users Resource", Create DM (in response to a user's action).
    """
    for view in views:
        await interaction.user.send(view=view)


async def redraw(interaction: Interaction, view: discord.ui.LayoutView) -> None:
    """Replace the pressed message, which consists of layout components, by others."""
    interaction.extras[REDRAWN] = True
    if interaction.response.is_done():
        await interaction.edit_original_response(view=view)
    else:
        await interaction.response.edit_message(view=view)


async def change(interaction: Interaction, message_id: int, view: discord.ui.LayoutView) -> None:
    """Change a message that answered an interaction some time ago; if it is gone, that is fine, too."""
    try:
        await interaction.followup.edit_message(
            message_id, view=view, allowed_mentions=discord.AllowedMentions.none()
        )
    except NOT_TAKEN as exc:
        log.info("an answer was not changed reason=%s", type(exc).__name__)


async def show(
    interaction: Interaction,
    *,
    text: str | None = None,
    embeds: Sequence[discord.Embed],
    view: discord.ui.View | None,
) -> int:
    """Replace the message that was pressed; if none was, answer privately.

    Returns:
        The message's id.
    """
    if interaction.message is None:
        return await send(interaction, text=text or "", embeds=embeds, view=view)
    content = fit_text(text) if text else None
    if interaction.response.is_done():
        return (await interaction.edit_original_response(content=content, embeds=fit_embeds(embeds), view=view)).id
    await interaction.response.edit_message(content=content, embeds=fit_embeds(embeds), view=view)
    return interaction.message.id


async def settle(interaction: Interaction) -> None:
    """Leave the pressed message as it is, without its buttons."""
    await interaction.response.edit_message(view=None)


async def take_buttons(origin: Interaction, message_id: int) -> None:
    """Remove the buttons of a message that answered ``origin``; if the message is gone, that is fine, too."""
    with contextlib.suppress(discord.HTTPException):
        await origin.followup.edit_message(message_id, view=None)


async def open_form(interaction: Interaction, form: discord.ui.Modal) -> None:
    """Answer with a form. It must be the first answer, so do not wait for anything before."""
    await interaction.response.send_modal(form)


# ── limits ──────────────────────────────────────────────────────────────────────────────────────


def fit_text(text: str) -> str:
    """A message's text, cut with “…” to Discord's limit; nothing that it quotes is markup."""
    return make_content(text)


def fit_embeds(embeds: Sequence[discord.Embed]) -> list[discord.Embed]:
    """Embeds, each cut to its limits and together to what one message holds; the last ones are cut first."""
    fitted = [_fit(embed) for embed in embeds]
    excess = sum(map(_size, fitted)) - EMBEDS_TOTAL
    for embed in reversed(fitted):
        if excess > 0 and embed.description:
            kept = max(length(embed.description) - excess, 1)
            excess -= length(embed.description) - kept
            embed.description = shorten(embed.description, kept)
    return fitted


def _fit(embed: discord.Embed) -> discord.Embed:
    fitted = embed.copy()
    fitted.title = shorten(embed.title, EMBED_TITLE) if embed.title else None
    fitted.description = shorten(embed.description, EMBED_DESCRIPTION) if embed.description else None
    if embed.footer.text:
        fitted.set_footer(text=shorten(embed.footer.text, EMBED_FOOTER), icon_url=embed.footer.icon_url)
    return fitted


def _size(embed: discord.Embed) -> int:
    return sum(length(text) for text in (embed.title, embed.description, embed.footer.text) if text)
