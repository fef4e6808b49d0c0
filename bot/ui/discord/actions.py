"""What a press sends: a request as the id of a button or the value of an option, and back. Pure.

An id is all that a press tells, for as long as the message stands, so it holds the whole request:
``n1:<verb>:<numbers>:<check>`` with numbers in base 36. Where a review or a section was not chosen but asked for in
words, these stand at the end. A request that an id cannot hold has no id: a button that asks for something else
would be worse than none. Only a question that is too long is left out: the message itself says what was asked
(`bot.ui.discord.asking.question_in`).

The digit after the "n" is the scheme's version. Ids of other versions, and those that no longer have a meaning, are
not read; ids are never given a new meaning within a version.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from bot.models.requests import Command, Press, PressKind, Request
from bot.text.links import redact_typed
from bot.text.patterns import lazy_pattern
from bot.ui.discord.limits import CUSTOM_ID

PREFIX = "n1:"
MENU = "n1:menu"
"""The id of the menu of a message; its options' values say what they open."""
PRESS_MENU = "n1:menu:press"
"""The id of a message's second menu; likewise."""
PATTERN = r"n\d+:(?s:.*)"
"""Matches the ids of every version."""

_SHOW = "w"
_BESIDE = "A"
_LONGEST = CUSTOM_ID - len(f"{_SHOW}:") - 1
"""Characters of a request's id, so that it can also be shown in a channel and told from its like in a message."""
_ID = lazy_pattern(r"n1:(?P<verb>[a-zA-Z])[0-9a-z]?:(?P<rest>.*)", re.DOTALL)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_NUMBER = lazy_pattern(r"0|[1-9a-z][0-9a-z]{0,11}")
_CHECK = lazy_pattern(r"[\w-]{0,6}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What pressing does: ask for something.

    Attributes:
        is_shown: Whether the answer is shown in the channel.
        is_beside: Whether the answer is a message of its own, so that the pressed one stays as it is.
    """

    request: Request
    is_shown: bool = False
    is_beside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """How one kind of request is written: its numbers in order, then its check or its text, or neither."""

    command: Command | None = None
    numbers: tuple[str, ...]
    has_check: bool = False
    text: str | None = None


_FORMS = {
    "p": _Form(command=Command.PAPER, numbers=("review_id", "page"), has_check=True),
    "s": _Form(command=Command.SECTION, numbers=("review_id", "position", "page"), has_check=True),
    "t": _Form(command=Command.SECTION, numbers=("review_id", "page"), has_check=True, text="heading"),
    "u": _Form(command=Command.SECTION, numbers=("review_id", "page"), has_check=True),
    "r": _Form(command=Command.RELATED, numbers=("review_id", "limit", "offset", "page"), has_check=True),
    "l": _Form(command=Command.LATEST, numbers=("limit", "offset", "page")),
    "o": _Form(command=Command.PAPER, numbers=("review_id", "offset", "page"), has_check=True, text="query"),
    "x": _Form(
        command=Command.SECTION, numbers=("review_id", "position", "offset", "page"), has_check=True, text="query"
    ),
    "h": _Form(command=Command.HELP, numbers=("page",)),
    "q": _Form(command=Command.SEARCH, numbers=("limit", "offset", "page"), text="query"),
    "a": _Form(command=Command.PAPER, numbers=("limit", "offset", "page"), text="query"),
    "b": _Form(command=Command.SECTION, numbers=("limit", "offset", "page"), text="query"),
    "c": _Form(command=Command.RELATED, numbers=("limit", "offset", "page"), text="query"),
    "m": _Form(command=Command.ASK, numbers=("page",), text="query"),
    "n": _Form(command=Command.ASK, numbers=("review_id", "page"), has_check=True, text="query"),
}


_PRESSES = {
    "d": PressKind.DISCUSS,
    "e": PressKind.DISCUSS_PASSAGE,
    "f": PressKind.CHOOSE_PASSAGE,
    "z": PressKind.WITHDRAW,
    "g": PressKind.CONCLUDE,
    "k": PressKind.SAVE,
    "i": PressKind.SAVE_PASSAGE,
    "v": PressKind.WISH,
    "y": PressKind.UNWISH,
    "j": PressKind.WANTED,
    "B": PressKind.USE_MODEL,
}
_MARKED = (PressKind.DISCUSS, PressKind.CHOOSE_PASSAGE, PressKind.CONCLUDE)
_PRESS = _Form(numbers=("number", "position", "block"), has_check=True, text="text")


def encode_press(press: Press) -> str | None:
    """Write a press as an id; None if an id cannot hold all of it, or if its text has an address with a secret."""
    verb = next(verb for verb, kind in _PRESSES.items() if kind is press.kind)
    if (written := _write(press, _PRESS)) is None:
        return None
    found = f"{PREFIX}{verb}:{written}"
    return found if len(found) <= _LONGEST and decode(found) == press else None


def encode(request: Request, *, is_shown: bool = False, is_beside: bool = False) -> str | None:
    """Write a request as an id; None if an id cannot hold all of it, or if its text has an address with a secret.

    The search that a review was opened from is left out if it does not fit: then its card does not lead back there.
    So is a question, which is then read from the message.

    Args:
        is_shown: Whether pressing shows the answer in the channel.
        is_beside: Whether the answer is a message of its own.
    """
    wrapper = f"{_SHOW}:" if is_shown else f"{_BESIDE}:" if is_beside else ""
    for verb, form in _FORMS.items():
        if form.command is request.command and (written := _write(request, form)) is not None:
            found = f"{PREFIX}{verb}:{written}"
            if len(found) <= _LONGEST and decode(found) == Action(request=request):
                return f"{PREFIX}{wrapper}{found.removeprefix(PREFIX)}"
    if request.query and (request.review_id is not None or request.command is Command.ASK):
        return encode(replace(request, query="", offset=0), is_shown=is_shown, is_beside=is_beside)
    return None


def decode(custom_id: str) -> Action | Press | None:
    """Read an id; None if it is not one that this version writes."""
    found = _ID.fullmatch(custom_id)
    if found is None or len(custom_id) > CUSTOM_ID:
        return None
    if found["verb"] in (_SHOW, _BESIDE):
        inner = decode(PREFIX + found["rest"])
        if not isinstance(inner, Action) or inner.is_shown or inner.is_beside:
            return None
        return replace(inner, is_shown=found["verb"] == _SHOW, is_beside=found["verb"] == _BESIDE)
    if kind := _PRESSES.get(found["verb"]):
        fields = _read(found["rest"], _PRESS)
        return Press(kind=kind, **fields) if fields is not None else None
    form = _FORMS.get(found["verb"])
    fields = _read(found["rest"], form) if form else None
    if form is None or form.command is None or fields is None:
        return None
    return Action(request=Request(command=form.command, **fields))


def mark_in(custom_ids: Iterable[str]) -> str | None:
    """The words by which a message of a talk is told from others; None if none of its ids has any."""
    for custom_id in custom_ids:
        press = decode(custom_id)
        if isinstance(press, Press) and press.kind in _MARKED and press.text:
            return press.text
    return None


def passage_in(custom_ids: Iterable[str]) -> str | None:
    """What tells the words of a quoted passage from others; None if none of the ids saves a passage."""
    for custom_id in custom_ids:
        press = decode(custom_id)
        if isinstance(press, Press) and press.kind is PressKind.SAVE_PASSAGE and press.text:
            return press.text
    return None


def in_slot(custom_id: str, slot: int) -> str:
    """The same action under another id, because an id may stand only once in a message.

    Args:
        slot: Below 36; 0 leaves the id as it is.
    """
    if not slot:
        return custom_id
    end = len(PREFIX) + 1
    return f"{custom_id[:end]}{_DIGITS[slot]}{custom_id[end:]}"


def _write(request: Request | Press, form: _Form) -> str | None:
    numbers = [getattr(request, name) for name in form.numbers]
    text = (getattr(request, form.text) or "") if form.text else ""
    # An id is sent, logged and kept, as what was typed is not.
    if any(number is None or number < 0 for number in numbers) or redact_typed(text) != text:
        return None
    parts = [_to_base_36(number) for number in numbers]
    parts += [request.check or ""] if form.has_check else []
    parts += [text] if form.text else []
    return ":".join(parts)


def _read(rest: str, form: _Form) -> dict[str, Any] | None:
    count = len(form.numbers) + form.has_check + (form.text is not None)
    parts = rest.split(":", count - 1)
    if len(parts) != count or not all(_NUMBER.fullmatch(part) for part in parts[: len(form.numbers)]):
        return None
    fields: dict[str, Any] = {name: int(part, 36) for name, part in zip(form.numbers, parts, strict=False)}
    if form.has_check:
        check = parts[len(form.numbers)]
        if not _CHECK.fullmatch(check):
            return None
        fields["check"] = check or None
    if form.text:
        fields[form.text] = parts[-1]
    return fields


def _to_base_36(number: int) -> str:
    digits = ""
    while number or not digits:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits
