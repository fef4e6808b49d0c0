"""Whom a message pings: what its text names, as far as its ``allowed_mentions`` let it.

Pure. In: the body of a message, and what the channel allows. Out: users, roles, and whether everyone.
Source: Message Resource, Allowed Mentions Object; Reference, Message Formatting.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from .discord_limits import Fault, walk_components

__all__ = ["Pings", "check_mentions", "find_pings", "tell_open_mentions"]

Json = dict[str, Any]

_SOURCE = "Message Resource, Allowed Mentions"
_MOST_IDS = 100
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_TEXT_DISPLAY = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Pings:
    """Who is pinged; the ids in the order of the text, each once."""

    users: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()
    everyone: bool = False


def find_pings(body: Json, *, may_ping_role: Callable[[int], bool], may_ping_everyone: bool) -> Pings:
    """Return whom a new message pings.

    Only what the text names can be pinged – in Components V2 the text displays –, never what an embed or code
    says. Without ``allowed_mentions`` all of that is; with it, kinds in ``parse`` and listed ids alone.

    Args:
        may_ping_role: Whether the role exists and may be mentioned here.
        may_ping_everyone: Whether the bot has MENTION_EVERYONE here.
    """
    text, allowed = _CODE.sub("", "\n".join(_texts(body))), body.get("allowed_mentions")
    users = _allowed_ids(re.findall(r"<@!?(\d+)>", text), "users", allowed)
    roles = _allowed_ids(re.findall(r"<@&(\d+)>", text), "roles", allowed)
    everyone = re.search(r"@(everyone|here)\b", text) is not None and _is_parsed("everyone", allowed)
    return Pings(
        users=users,
        roles=tuple(role for role in roles if may_ping_role(role)),
        everyone=everyone and may_ping_everyone,
    )


def _texts(body: Json) -> Iterable[str]:
    yield body.get("content") or ""
    for _, component in walk_components(body.get("components") or []):
        if component.get("type") == _TEXT_DISPLAY:
            yield component.get("content") or ""


def _is_parsed(kind: str, allowed: Json | None) -> bool:
    return allowed is None or kind in (allowed.get("parse") or [])


def _allowed_ids(named: Collection[str], kind: str, allowed: Json | None) -> tuple[int, ...]:
    listed = {str(item) for item in (allowed or {}).get(kind) or []}
    wanted = named if _is_parsed(kind, allowed) else [item for item in named if item in listed]
    return tuple(dict.fromkeys(map(int, wanted)))


def check_mentions(body: Json) -> list[Fault]:
    """Check what Discord refuses: lists beside their own kind in ``parse``, and lists that are too long."""
    allowed, faults = body.get("allowed_mentions") or {}, list[Fault]()
    for kind in ("users", "roles"):
        listed = allowed.get(kind) or []
        if listed and kind in (allowed.get("parse") or []):
            words = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            code = "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE"
            faults.append(Fault(("allowed_mentions",), code, words, _SOURCE))
        if len(listed) > _MOST_IDS:
            words = f"Must be {_MOST_IDS} or fewer in length."
            faults.append(Fault(("allowed_mentions", kind), "BASE_TYPE_MAX_LENGTH", words, _SOURCE))
    return faults


def tell_open_mentions(body: Json) -> str | None:
    """Say how a message leaves open whom its text may ping; None where only listed ids can be.

    This is our rule, not Discord's: a text of others must not ping anybody, so that nothing is parsed.
    """
    allowed = body.get("allowed_mentions")
    if isinstance(allowed, dict) and allowed.get("parse") == []:
        return None
    everyone = ", so that everyone may be pinged" if _is_parsed("everyone", allowed) else ""
    return f"allowed_mentions is {allowed}{everyone}"
