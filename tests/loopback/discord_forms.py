"""What a member's own client lets through: a command's options, a message's components, a modal filled in.

Pure. In: what the bot offered – a command as registered, a message's or a modal's components – and what a member
does with it. Out: the data as Discord's client sends it. Sources: Application Commands, Component Reference and
Receiving and Responding of Discord's documentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .discord_limits import walk_components

__all__ = [
    "ATTACHMENT",
    "CHANNEL",
    "MEMBER_SELECTS",
    "ROLE",
    "STRING",
    "USER",
    "Answers",
    "UsageError",
    "find_component",
    "must_offer",
    "option_values",
    "submitted",
]

Json = dict[str, Any]
Answers = str | Sequence[str]

STRING, USER, CHANNEL, ROLE, ATTACHMENT = 3, 6, 7, 8, 11
_INTEGER, _BOOLEAN, _NUMBER = 4, 5, 10
_VALUE_TYPES: dict[int, tuple[type, ...]] = {
    STRING: (str,),
    _INTEGER: (int,),
    _BOOLEAN: (bool,),
    USER: (int,),
    CHANNEL: (int,),
    ROLE: (int,),
    _NUMBER: (int, float),
}
MEMBER_SELECTS = {5: USER, 6: ROLE, 7: None, 8: CHANNEL}  # type of a select: type of an option of the same kind
_ROW, _STRING_SELECT, _TEXT_INPUT, _LABEL = 1, 3, 4, 18
_UPLOAD, _RADIO, _CHECKBOXES, _CHECKBOX = 19, 21, 22, 23
_SHORT = 1  # style of a text input of one line


class UsageError(AssertionError):
    """A member could not do this: no such command, option or button, or it is switched off."""


# ── commands ────────────────────────────────────────────────────────────────────────────────────────


def option_values(inner: Json, given: Mapping[str, object], *, focused: str | None) -> list[Json]:
    """Return the options as Discord sends them, after what its client checks before sending.

    While a member types (focused is given), required options may be missing and the focused one is a text.
    """
    known = {option["name"]: option for option in inner.get("options") or []}
    unknown = set(given) - set(known)
    if unknown:
        raise UsageError(f"{inner['name']}: no option {sorted(unknown)}, only {sorted(known)}")
    missing = [name for name, option in known.items() if option.get("required") and name not in given]
    if missing and focused is None:
        raise UsageError(f"{inner['name']}: required options missing: {missing}")
    values = []
    for name, option in known.items():
        if name not in given:
            continue
        if name == focused:
            if not option.get("autocomplete"):
                raise UsageError(f"{inner['name']}: option {name!r} has no autocomplete")
            values.append({"name": name, "type": option["type"], "value": str(given[name]), "focused": True})
        else:
            _must_accept(option, given[name])
            values.append({"name": name, "type": option["type"], "value": _as_sent(option, given[name])})
    return values


def _as_sent(option: Json, value: object) -> object:
    return str(value) if option["type"] in (USER, CHANNEL, ROLE) else value


def _must_accept(option: Json, value: Any) -> None:
    """Check a value against the option as Discord's client does before it sends."""
    name, kind, measured = option["name"], option["type"], value  # mypy narrows value to object below
    if kind == ATTACHMENT:
        if not (isinstance(value, tuple) and [type(part) for part in value] == [str, bytes]):
            raise UsageError(f"option {name!r} takes a file: its name and its bytes, not {value!r}")
        return
    if kind not in _VALUE_TYPES:
        raise NotImplementedError(f"options of type {kind} ({name})")
    if not isinstance(value, _VALUE_TYPES[kind]) or (isinstance(value, bool) and kind != _BOOLEAN):
        raise UsageError(f"option {name!r} of type {kind} cannot hold {value!r}")
    choices = [choice["value"] for choice in option.get("choices") or []]
    if choices and value not in choices:
        raise UsageError(f"option {name!r}: {value!r} is not among the choices {choices}")
    size = len(measured) if kind == STRING else measured
    lowest, highest = ("min_length", "max_length") if kind == STRING else ("min_value", "max_value")
    low, high = option.get(lowest), option.get(highest)
    if (low is not None and size < low) or (high is not None and size > high):
        raise UsageError(f"option {name!r}: {value!r} is outside {low} … {high}")
    if kind == STRING and not 1 <= len(measured) <= 6000:
        raise UsageError(f"option {name!r}: a text has 1 to 6000 characters")


# ── components ──────────────────────────────────────────────────────────────────────────────────────


def find_component(message: Json, kinds: tuple[int, ...], *, custom_id: str | None, label: str | None) -> Json:
    found = [c for _, c in walk_components(message["components"]) if c.get("type") in kinds]
    matching = [
        component
        for component in found
        if custom_id in (None, component.get("custom_id")) and label in (None, component.get("label"))
    ]
    if len(matching) != 1:
        names = [(component.get("label"), component.get("custom_id")) for component in found]
        raise UsageError(f"{len(matching)} components match label {label!r}, custom id {custom_id!r}: {names}")
    if matching[0].get("disabled"):
        raise UsageError(f"{label or custom_id!r} is switched off")
    return matching[0]


def must_offer(menu: Json, values: Sequence[str]) -> None:
    """Raise `UsageError` unless these values can be chosen: offered, each once, neither too many nor too few."""
    offered = [option["value"] for option in menu.get("options") or []]
    if menu["type"] == _STRING_SELECT and not set(values) <= set(offered):
        raise UsageError(f"{values} are not all among the options {offered}")
    if len(set(values)) < len(values):
        raise UsageError(f"{values} has a choice twice")
    lowest, highest = _limit(menu, "min_values"), _limit(menu, "max_values")
    if not lowest <= len(values) <= highest:
        raise UsageError(f"between {lowest} and {highest} values are to be chosen, not {len(values)}")


def _limit(menu: Json, key: str) -> int:
    value = menu.get(key)
    return 1 if value is None else int(value)


# ── modals ──────────────────────────────────────────────────────────────────────────────────────────


def submitted(modal: Json, values: Mapping[str, Answers]) -> tuple[list[Json], list[tuple[Json, Sequence[str]]]]:
    """Return a modal's components as sent when it is filled in, and each input with a list that was chosen.

    Args:
        values: By custom id or label; what is missing stays as the modal has it.
    Raises:
        UsageError: An input that is not there, or one that Discord's client would not send so.
    Source: Component Reference, the response structures.
    """
    known = {key for _, part, label in _inputs(modal) for key in (part["custom_id"], label)}
    unknown = set(values) - known
    if unknown:
        raise UsageError(f"the modal has no input {sorted(unknown)}, only {sorted(filter(None, known))}")
    sent, chosen = list[Json](), list[tuple[Json, Sequence[str]]]()
    numbers = iter(range(1, 1000))  # Discord numbers components that have no id of their own
    for top in modal["components"]:
        answer: Json = {"type": top["type"], "id": top.get("id") or next(numbers)}
        answers = []
        for _, part, label in _inputs({"components": [top]}):
            value = values.get(part["custom_id"], values.get(label or "", None))
            filled = _filled(part, value, name=label or part["custom_id"])
            answers.append({"type": part["type"], "id": part.get("id") or next(numbers), **filled})
            chosen += [(part, filled["values"])] if "values" in filled else []
        if top["type"] == _ROW:
            answer["components"] = answers
        elif top["type"] == _LABEL:
            answer["component"] = answers[0]
        sent.append(answer)
    return sent, chosen


def _inputs(modal: Json) -> Iterator[tuple[Json, Json, str | None]]:
    """Yield each input with what it stands in and its label."""
    for top in modal["components"]:
        if top["type"] == _LABEL:
            yield top, top["component"], top["label"]
        for child in top.get("components") or []:
            yield top, child, child.get("label")


def _filled(part: Json, value: Answers | None, *, name: str) -> Json:
    kind, custom_id = part["type"], part["custom_id"]
    if kind == _TEXT_INPUT:
        return {"custom_id": custom_id, "value": _typed(part, value, name)}
    if kind in (_UPLOAD, _CHECKBOX):
        raise NotImplementedError(f"inputs of type {kind} ({name})")
    return {"custom_id": custom_id, **_picked(part, value, name)}


def _is_required(part: Json) -> bool:
    return part.get("required") is not False  # true unless said otherwise, in modals


def _typed(part: Json, value: Answers | None, name: str) -> str:
    """Check a text as the client does before it lets a member send it. Source: Component Reference, Text Input."""
    text = part.get("value") or "" if value is None else value
    if not isinstance(text, str):
        raise UsageError(f"{name!r} is a text input, it cannot hold {text!r}")
    low, high = part.get("min_length") or 0, part.get("max_length") or 4000
    if not text.strip() and _is_required(part):
        raise UsageError(f"{name!r} is required")
    if text and not low <= len(text) <= high:
        raise UsageError(f"{name!r}: {len(text)} characters are outside {low} … {high}")
    if "\n" in text and part.get("style") == _SHORT:
        raise UsageError(f"{name!r} has one line only")
    return text


def _picked(part: Json, value: Answers | None, name: str) -> Json:
    """Return what was chosen in a select or a group of boxes, by default what is chosen already."""
    options, kind = part.get("options") or [], part["type"]
    preset = [option["value"] for option in options if option.get("default")]
    preset += [str(default["id"]) for default in part.get("default_values") or []]
    picked = preset if value is None else [value] if isinstance(value, str) else list(value)
    if not picked and not _is_required(part):
        return {"value": None} if kind == _RADIO else {"values": []}
    if not picked:
        raise UsageError(f"{name!r} is required")
    if kind == _RADIO:
        must_offer(part | {"type": _STRING_SELECT, "min_values": 1, "max_values": 1}, picked)
        return {"value": picked[0]}
    if kind == _CHECKBOXES:
        most = part.get("max_values") or len(options)
        must_offer(part | {"type": _STRING_SELECT, "max_values": most}, picked)
    else:
        must_offer(part, picked)
    return {"values": picked}
