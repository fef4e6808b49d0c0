"""Presses that lead into talk: *Discuss*, *Discuss this*, *Quote a passage*, *Take back*.

The bot lends nobody its rights: who opens a talk needs the right to open a thread in that channel themselves, and a
talk is shown only to those who see the channel that it is in.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

import discord

from bot.cards import talks as said
from bot.cards.card import Card, Link, PressChoice
from bot.delivering.talks import Outcome, Place, Quote, Wanted
from bot.errors import DeliveryError
from bot.languages import _, join, say
from bot.models.announcing import Delivering
from bot.models.answers import Gone
from bot.models.requests import Command, Press, PressKind, Request
from bot.models.reviews import StoredReview
from bot.models.talks import Talk, TalkMessageState, TalkState
from bot.ui.discord import replies
from bot.ui.discord.layout import idle_view, link_button, single_button
from bot.ui.discord.places import as_it_is, home_of, message_url, sees
from bot.ui.discord.rights import THREADABLE, WRITES_IN_THREADS, find_channel, member_needs, names_of, problem_in
from bot.ui.discord.views import Interaction, send_card, show_card_in_place

MOST_ACTIVE_THREADS = 900
"""Discord allows about a thousand in a server; the rest is left to its members."""


async def discuss(interaction: Interaction, press: Press) -> None:
    """Lead to the talk about a review's paper, and open it if there is none."""
    stored = await _begin(interaction, press)
    if stored is None:
        return
    talk, hidden = await _find_talk(interaction, stored)
    if talk is not None and talk.state is TalkState.OPEN:
        await _show_the_way(interaction, talk)
    elif (outcome := await _open(interaction, stored, hidden)) is not None:
        if outcome.talk is not None and outcome.talk.state is TalkState.OPEN and not outcome.is_new:
            # It came to be in the meantime: somebody pressed, too, or opened a thread under the announcement.
            await _show_the_way(interaction, replace(outcome.talk, is_archived=True))
        else:
            await _tell_opened(interaction, outcome)


async def discuss_passage(interaction: Interaction, press: Press) -> None:
    """Put a passage into the talk about its paper, and open that if there is none."""
    stored = await _begin(interaction, press)
    if stored is None:
        return
    service = interaction.client.service
    quote = await service.talks.make_quote(stored, press.position, press.block, words_check=press.text)
    if quote is None:
        await replies.say(interaction, said.passage_gone())
        return
    talk, hidden = await _find_talk(interaction, stored)
    if talk is not None and talk.is_locked:
        await _say(interaction, said.locked(_mention(talk)), talk)
        return
    if talk is not None and (problem := _why_silent(interaction, talk)):
        await _say(interaction, problem)
        return
    if talk is None or talk.state is not TalkState.OPEN:
        outcome = await _open(interaction, stored, hidden, quote)
    else:
        outcome = await service.talks.put_quote(interaction.client.poster, talk, quote)
        await _let_in(interaction, talk)
    if outcome is not None:
        await _tell_quoted(interaction, outcome)


async def choose_passage(interaction: Interaction, press: Press) -> None:
    """Show the passages of a section, or the sections, to choose one to quote; only the presser sees them."""
    if home_of(interaction) is None:
        await replies.say(interaction, said.only_in_servers())
        return
    stored = await _review_of(interaction, press)
    if stored is None:
        return
    if press.block and press.position < len(stored.review.sections):
        card = said.passages_to_quote(stored, press.position, press.block)
    else:
        card = said.sections_to_quote(stored)
    await _show_choice(interaction, card)


async def withdraw(interaction: Interaction, press: Press) -> None:
    """Remove a talk that the presser has opened, as long as nobody wrote in it."""
    await replies.think(interaction)
    service, poster = interaction.client.service, interaction.client.poster
    talk = await service.talks.find(press.number)
    if talk is None or talk.check != press.check or talk.guild_id != interaction.guild_id or talk.thread_id is None:
        await replies.say(interaction, said.not_there())
        return
    if talk.opener_id != interaction.user.id:
        await replies.say(interaction, said.only_opener())
        return
    try:
        if talk.state is not TalkState.OPEN or await service.talks.refresh(poster, talk) is None:
            await replies.say(interaction, said.not_there())
        elif not await poster.is_untouched(talk.thread_id):
            await replies.say(interaction, said.already_written())
        else:
            is_deleted = await service.talks.take_back(poster, talk)
            await replies.say(interaction, said.taken_back(is_deleted=is_deleted))
    except DeliveryError as exc:
        await replies.say(interaction, said.not_removed(say(exc.reason)))


# ── the review ──────────────────────────────────────────────────────────────────────────────────


async def _begin(interaction: Interaction, press: Press) -> StoredReview | None:
    """Make Discord wait, and return the review that is meant; None if the member has been told why there is none."""
    if home_of(interaction) is None:
        await replies.say(interaction, said.only_in_servers())
        return None
    await replies.think(interaction)
    return await _review_of(interaction, press)


async def _review_of(interaction: Interaction, press: Press) -> StoredReview | None:
    service = interaction.client.service
    request = Request(command=Command.PAPER, review_id=press.number, check=press.check)
    chosen: StoredReview | Gone = await service.chosen(
        request, await service.audiences.of_guild(home_of(interaction))
    )
    if isinstance(chosen, Gone):
        await replies.say(interaction, said.review_gone())
        return None
    return chosen


# ── an earlier talk ─────────────────────────────────────────────────────────────────────────────


async def _find_talk(interaction: Interaction, stored: StoredReview) -> tuple[Talk | None, frozenset[int]]:
    """The talk about a paper that the presser may see, as it is now, and the ids of those that they may not see."""
    service, poster = interaction.client.service, interaction.client.poster
    hidden: set[int] = set()
    for talk in await service.talks.known(interaction.guild_id or 0, stored.id):
        if not sees(interaction, talk.channel_id):
            hidden.add(talk.id)
            continue
        try:
            now = await service.talks.refresh(poster, talk)
        except DeliveryError as exc:
            if exc.is_blocked:
                hidden.add(talk.id)
                continue
            now = replace(talk, is_archived=True)  # Discord does not say: as last known, and perhaps archived since
        if now is not None and now.is_private:
            hidden.add(now.id)
        elif now is not None:
            return now, frozenset(hidden)
    return await _adopt(interaction, stored), frozenset(hidden)


async def _adopt(interaction: Interaction, stored: StoredReview) -> Talk | None:
    """A talk that members opened under an announcement, which we do not know yet; None if the presser sees none."""
    service = interaction.client.service
    try:
        talk: Talk | None = await service.talks.adopt(interaction.client.poster, interaction.guild_id or 0, stored.id)
    except DeliveryError:
        return None
    return talk if talk and sees(interaction, talk.channel_id) else None


async def _show_the_way(interaction: Interaction, talk: Talk) -> None:
    if talk.is_locked:
        await _say(interaction, said.locked(_mention(talk)), talk)
        return
    if _why_silent(interaction, talk) is None:
        if talk.is_archived and talk.thread_id is not None:
            with contextlib.suppress(DeliveryError):  # it can be read as it is, and opens when somebody writes
                await interaction.client.poster.unarchive(talk.thread_id)
        await interaction.client.service.talks.ensure_opening(interaction.client.poster, talk)
    await _let_in(interaction, talk)
    await _say(interaction, said.gone_to(_mention(talk)), talk)


async def _let_in(interaction: Interaction, talk: Talk) -> None:
    if talk.thread_id is not None:
        await interaction.client.service.talks.let_in(interaction.client.poster, talk.thread_id, interaction.user.id)


# ── a new talk ──────────────────────────────────────────────────────────────────────────────────


async def _open(
    interaction: Interaction, stored: StoredReview, hidden: Collection[int], quote: Quote | None = None
) -> Outcome | None:
    """Open a talk where the server wants it; None if that is not possible, and the member has been told why."""
    service = interaction.client.service
    guild = interaction.guild
    if guild is None:
        return None
    if sum(not thread.archived for thread in guild.threads) >= MOST_ACTIVE_THREADS:
        await replies.say(interaction, said.too_many_threads())
        return None
    server = as_it_is(interaction.client, await service.servers.of(guild.id))
    places = await service.talks.places(
        server, stored.id, pressed_in=_pressed_in(interaction), pressed_on=_pressed_on(interaction)
    )
    place = _choose_place(interaction, stored, places)
    if isinstance(place, str):
        await _say(interaction, place)
        return None
    wanted = Wanted(
        guild_id=guild.id,
        review_id=stored.id,
        opener_id=interaction.user.id,
        place=place,
        is_forum=isinstance(find_channel(interaction.client, place.channel_id), discord.ForumChannel),
    )
    outcome: Outcome = await service.talks.open(interaction.client.poster, wanted, besides=hidden, quote=quote)
    if outcome.talk is not None and not outcome.is_new and outcome.talk.state is TalkState.OPEN:
        await _let_in(interaction, outcome.talk)  # somebody else opened it in the meantime
    return outcome


def _pressed_in(interaction: Interaction) -> int | None:
    """The channel in which something was pressed; for a thread, the channel that it is in."""
    channel = interaction.channel
    return channel.parent_id if isinstance(channel, discord.Thread) else interaction.channel_id


def _pressed_on(interaction: Interaction) -> int | None:
    """The message of which the Discuss button was pressed, if it stands there for all: an announcement, mostly.

    A thread may be under it. The menu of a digest is about many papers, so that none is under those.
    """
    message = interaction.message
    if message is None or isinstance(interaction.channel, discord.Thread) or _is_menu(interaction):
        return None
    is_answer = message.flags.ephemeral or message.interaction_metadata is not None
    return None if is_answer or message.author != interaction.client.user else message.id


def _choose_place(interaction: Interaction, stored: StoredReview, places: Sequence[Place]) -> Place | str:
    """The first place that the presser sees and that takes a thread; otherwise why there is none, as a sentence."""
    problem: str | None = None
    for place in places:
        channel = find_channel(interaction.client, place.channel_id)
        if channel is None or channel.type not in THREADABLE or channel.guild.id != interaction.guild_id:
            continue
        if not sees(interaction, channel.id):
            continue
        if found := _problem(interaction, stored, channel.id):
            problem = problem or said.not_opened(say(found))
            continue
        return _why_not(interaction, channel, place) or place
    return problem or said.no_place()


def _problem(interaction: Interaction, stored: StoredReview, channel_id: int) -> str | None:
    """What keeps the bot from opening a talk in a channel."""
    tags = interaction.client.poster.tags_named(channel_id, said.tag_names(stored))
    return problem_in(interaction.client, channel_id, Delivering(opens_thread=True, tag_ids=tags))


def _why_not(
    interaction: Interaction, channel: discord.abc.GuildChannel | discord.Thread, place: Place
) -> str | None:
    """Why the presser may not open a talk in a channel; None if they may.

    Where it needs a message in the channel, they could write that themselves, unless the admins want talk there.
    """
    is_written = place.root_id is None and not place.is_chosen
    needed = member_needs(channel.type) | discord.Permissions(send_messages=is_written)
    return _what_lacks(interaction, channel, needed, said.you_need)


def _why_silent(interaction: Interaction, talk: Talk) -> str | None:
    """Why the presser may have nothing posted into a talk; None if they may: they could write there themselves."""
    channel = find_channel(interaction.client, talk.channel_id)
    return _what_lacks(interaction, channel, WRITES_IN_THREADS, said.you_need_to_write) if channel else None


def _what_lacks(
    interaction: Interaction,
    channel: discord.abc.GuildChannel | discord.Thread,
    needed: discord.Permissions,
    tell: Callable[[str, str], str],
) -> str | None:
    """What keeps the presser from something in a channel, as a sentence; None if they have what it needs.

    Args:
        tell: Makes the sentence from the names of the permissions that they lack, and the channel.
    """
    member, held = interaction.user, discord.Permissions.none()
    if isinstance(member, discord.Member):
        if member.is_timed_out():
            return said.timed_out()
        held = channel.permissions_for(member)
    if channel.id == interaction.channel_id:
        held = interaction.permissions
    missing = needed & ~held
    if not missing.value:
        return None
    return tell(say(join(", ", names_of(missing, channel.type))), channel.mention)


# ── what the member is told ─────────────────────────────────────────────────────────────────────


async def _tell_opened(interaction: Interaction, outcome: Outcome) -> None:
    talk = outcome.talk
    if talk is None or talk.state in (TalkState.FAILED, TalkState.GONE):
        await _say(interaction, said.not_opened(_reason(talk.reason if talk else None)))
    elif talk.state is not TalkState.OPEN:
        await _say(interaction, said.opened_later(talk.reason and say(talk.reason)))
    elif not outcome.is_new:
        await _say(interaction, said.gone_to(_mention(talk)), talk)
    else:
        await _say(interaction, said.opened(_mention(talk)), talk, can_take_back=True)


async def _tell_quoted(interaction: Interaction, outcome: Outcome) -> None:
    talk, quote = outcome.talk, outcome.quote
    if talk is None or quote is None or talk.state is not TalkState.OPEN:
        await _tell_opened(interaction, outcome)
    elif quote.state is TalkMessageState.SENT:
        sentence = said.quoted(_mention(talk)) if outcome.is_new else said.quoted_before(_mention(talk))
        await _say(interaction, sentence, talk, message_id=quote.message_id)
    elif quote.state in (TalkMessageState.FAILED, TalkMessageState.DROPPED):
        await _say(interaction, said.not_quoted(_reason(quote.reason)), talk)
    else:
        await _say(interaction, said.quoted_later(quote.reason and say(quote.reason)), talk)


def _reason(reason: str | None) -> str:
    return say(reason) if reason else _("Discord does not say why")


async def _say(
    interaction: Interaction,
    sentence: str,
    talk: Talk | None = None,
    *,
    message_id: int | None = None,
    can_take_back: bool = False,
) -> None:
    """Tell the presser alone, with links to channels, and a button that leads to the talk or a message in it."""
    items: list[discord.ui.Item[Any]] = []
    if talk is not None and talk.thread_id is not None and message_id is not None:
        url = message_url(talk.guild_id, talk.thread_id, message_id)
        items += [button for button in [link_button(Link(label=said.to_quote(), url=url))] if button]
    if talk is not None and can_take_back:
        press = Press(kind=PressKind.WITHDRAW, number=talk.id, check=talk.check)
        items += [button for button in [single_button(PressChoice(label=said.take_back(), press=press))] if button]
    await replies.say(interaction, sentence, view=idle_view(*items) if items else None, names_channels=True)


def _mention(talk: Talk) -> str:
    return f"<#{talk.thread_id}>"


async def _show_choice(interaction: Interaction, card: Card) -> None:
    """Show a menu that only the presser sees; in the place of the one before, if that was pressed."""
    if interaction.message is not None and interaction.message.flags.ephemeral and _is_menu(interaction):
        await show_card_in_place(interaction, card)
    else:
        await send_card(interaction, card, is_private=True)


def _is_menu(interaction: Interaction) -> bool:
    """Whether a menu was pressed, and not a button of a card that is still of use."""
    data: Any = interaction.data or {}
    return bool(data.get("component_type") == discord.ComponentType.select.value)
