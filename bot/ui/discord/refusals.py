"""What a failed request to Discord means for a post: the channel or we are at fault, or the post, or it is unclear.

If it is about the channel or the bot, the reason uses the words of Discord's settings and says what to do, and the
post is tried again. If it is about the post, a plainer form is tried once.

Source: Discord's documentation, "Opcodes and Status Codes" (JSON Error Codes) and "Rate Limits".
"""

from __future__ import annotations

import math

import aiohttp
import discord

from bot.errors import DeliveryError
from bot.languages import Message
from bot.text.cut import cut_text

ERRORS = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError)
"""The errors that a request through discord.py may raise."""
UNKNOWN_MESSAGE, ALREADY_PUBLISHED, ALREADY_HAS_THREAD = 10008, 40033, 160004
THREAD_ARCHIVED = 50083

_WAIT_S = 60.0
"""How long to wait if Discord asks us to and does not say how long."""
_QUOTED = 150
_MISSING_PERMISSION = (50001, 50013)
_ANOTHER_CHANNEL = Message("I cannot post in a channel of this kind; choose another one with /subscribe")
_TOO_MANY_THREADS = Message("the server has as many active threads as Discord allows; close or archive some of them")
BLOCKED: dict[int, str] = {
    20012: Message("Discord does not allow this bot to do it; tell the person who hosts the bot"),
    20022: Message("Discord limits what is published and changed in announcement channels"),
    20026: Message("Discord has marked this bot as spam; tell the person who hosts the bot"),
    30033: Message("the thread has as many members as Discord allows"),
    40001: Message("Discord no longer accepts the bot's token; tell the person who hosts the bot"),
    40002: Message("Discord requires the bot's account to be verified; tell the person who hosts the bot"),
    40004: Message("Discord has switched off sending messages for now"),
    40006: Message("Discord has switched this off for now"),
    40058: _ANOTHER_CHANNEL,
    40067: Message("the forum requires a tag on each post; choose one with /subscribe"),
    50003: _ANOTHER_CHANNEL,
    50008: _ANOTHER_CHANNEL,
    50009: Message("the server's Verification Level keeps me out; lower it, or give me a role"),
    50014: Message("Discord no longer accepts the bot's token; tell the person who hosts the bot"),
    50024: _ANOTHER_CHANNEL,
    50025: Message("Discord no longer accepts the bot's token; tell the person who hosts the bot"),
    50095: Message("Discord does not offer this server where the bot runs; tell the person who hosts the bot"),
    60003: Message(
        "Discord requires two-factor authentication from the bot's owner; tell the person who hosts the bot"
    ),
    160005: Message("the thread is locked; unlock it, or give me Manage Threads"),
    160006: _TOO_MANY_THREADS,
    160007: _TOO_MANY_THREADS,
    200000: Message("AutoMod blocked the post; exempt one of my roles, or the channel, in Server Settings > AutoMod"),
    200001: Message(
        "AutoMod blocked the post's title; exempt one of my roles, or the channel, in Server Settings > AutoMod"
    ),
}
"""About the channel, the server or the bot: what is wrong, and what to do."""
WAITS: dict[int, tuple[str, float]] = {
    20016: (Message("the channel has slow mode on"), _WAIT_S),
    20028: (Message("too many messages are being sent in this channel right now"), _WAIT_S),
    20029: (Message("too many messages are being sent in this server right now"), _WAIT_S),
    30046: (Message("Discord limits edits of old messages"), 3_600.0),
    40062: (Message("Discord asks us to wait"), _WAIT_S),
    THREAD_ARCHIVED: (Message("the thread is archived"), _WAIT_S),
    130000: (Message("Discord is overloaded"), _WAIT_S),
}
"""Passes without any action: what is wrong, and how many seconds to wait at least."""
ABOUT_THE_POST = frozenset({20009, 20031, 40005, 50006, 50035, 50045, 50046, 50109, 240000})
"""Explicit content, a word in a title, size, form, a link. Code 0 with status 400 is "General error (such as a
malformed request body)"."""
GONE: dict[int, str] = {
    10003: Message("the channel no longer exists"),
    10004: Message("the bot is no longer in the server"),
}
_OVER: dict[int, str] = {
    10008: Message("it was posted and later deleted in the channel"),
    50005: Message("another bot posted it"),
    50021: Message("it is a message of Discord's own"),
    50068: Message("messages of this kind cannot be published"),
}


SENDING = Message("View Channel and Send Messages")


def refusal(error: Exception, *, rights: str = SENDING) -> DeliveryError:
    """What a failed request means for the post.

    Args:
        rights: The permissions that it needs in the channel, as Discord's settings call them.
    """
    match error:
        case discord.RateLimited():
            return DeliveryError(Message("Discord asks us to wait"), retry_after_s=error.retry_after)
        case KeyError():  # discord.py looks for "retry_after" in a 429's body
            return DeliveryError(Message("Discord asks us to wait"), retry_after_s=_WAIT_S)
        case discord.HTTPException() if 400 <= error.status < 500:
            return _by_code(error, rights)
        case _:
            return DeliveryError(
                Message("no clear answer from Discord ({error})", error=type(error).__name__), is_doubtful=True
            )


def _by_code(error: discord.HTTPException, rights: str) -> DeliveryError:
    """Judge by the code first: several codes share a status."""
    code, said = error.code, cut_text(error.text, _QUOTED)
    if code in _MISSING_PERMISSION:
        return DeliveryError(
            Message("Discord says that I am missing a permission there; give me {permissions}", permissions=rights),
            is_blocked=True,
        )
    if code in BLOCKED:
        return DeliveryError(BLOCKED[code], is_blocked=True)
    if code in WAITS:
        reason, wait_s = WAITS[code]
        return DeliveryError(reason, retry_after_s=max(wait_s, _asked_s(error)))
    if code in GONE:
        return DeliveryError(GONE[code], is_gone=True)
    if code in _OVER:
        return DeliveryError(_OVER[code], is_final=True)
    if code in ABOUT_THE_POST or (code == 0 and error.status in (400, 413)):
        return DeliveryError(
            Message("Discord rejected the post: {text}", text=said), is_final=True, is_about_post=True
        )
    return _by_status(error, said)


def _by_status(error: discord.HTTPException, said: str) -> DeliveryError:
    """Judge an unknown code by its status: nothing is lost, and those who can act are told what Discord says."""
    match error.status:
        case 401:
            return DeliveryError(BLOCKED[50014], is_blocked=True)
        case 429:
            return DeliveryError(Message("Discord asks us to wait"), retry_after_s=max(_WAIT_S, _asked_s(error)))
        case _:
            return DeliveryError(
                Message("Discord refuses it: {text} (code {code})", text=said, code=error.code), is_blocked=True
            )


def _asked_s(error: discord.HTTPException) -> float:
    """How long Discord asks us to wait, by the answer's headers; 0 if it does not say."""
    try:
        asked_s = float(error.response.headers.get("Retry-After", ""))
    except ValueError:
        return 0.0
    return asked_s if math.isfinite(asked_s) else 0.0
