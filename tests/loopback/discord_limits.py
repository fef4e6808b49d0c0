"""What Discord refuses: its documented limits, as pure checks of request bodies.

In: the parsed JSON body of a request. Out: a list of `Fault`, each naming the field, the rule and the page of
Discord's documentation that has it; `form_body` turns faults into the nested ``errors`` object of code 50035.

Discord publishes an OpenAPI document too. It knows the types but misses sums, emptiness, order and letter
case, so both judge: the rules below, and the document where a copy lies beside the checkout
(`judge_by_document`).

Pages, all under docs.discord.com/developers: "Message Resource" (resources/message), "Component Reference"
(components/reference), "Application Commands" and "Receiving and Responding" (interactions/…), "Channels
Resource" (resources/channel), "Threads" (topics/threads), "Error Messages" (reference).
"""

from __future__ import annotations

import functools
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema

__all__ = [
    "COMPONENTS_V2",
    "EPHEMERAL",
    "Fault",
    "check_choices",
    "check_commands",
    "check_deferral",
    "check_forum",
    "check_message",
    "check_modal",
    "check_nonce",
    "check_thread",
    "check_thread_change",
    "form_body",
    "is_empty_message",
    "judge_by_document",
    "walk_components",
]

Json = dict[str, Any]
Path_ = tuple[str | int, ...]

EPHEMERAL = 1 << 6
COMPONENTS_V2 = 1 << 15

_MESSAGE = "Message Resource"
_EMBEDS = "Message Resource, Embed Limits"
_COMPONENTS = "Component Reference"
_COMMANDS = "Application Commands"
_RESPONDING = "Receiving and Responding"
_THREADS = "Channels Resource, Start Thread"

_EMBED_SUM = 6000
_COMMAND_SUM = 8000
_V2_TEXT_SUM = 4000
_V2_COMPONENTS = 40
_V2_BYTES, _V2_BYTES_A_TEXT = 10_170, 12
_COMMANDS_BY_TYPE = {1: 100, 2: 15, 3: 15}
_ARCHIVE_MINUTES = (60, 1440, 4320, 10080)
_FORUM_TAGS, _TAG_NAME = 20, 20

_ROW, _BUTTON, _STRING_SELECT = 1, 2, 3
_SELECTS = (3, 5, 6, 7, 8)
_TEXT_INPUT, _LABEL, _UPLOAD, _RADIO, _CHECKBOXES, _CHECKBOX = 4, 18, 19, 21, 22, 23
_IN_LABEL = (*_SELECTS, _TEXT_INPUT, _UPLOAD, _RADIO, _CHECKBOXES, _CHECKBOX)
_SECTION, _TEXT, _THUMBNAIL, _GALLERY, _FILE, _SEPARATOR, _CONTAINER = 9, 10, 11, 12, 13, 14, 17
_TOP_V2 = (_ROW, _SECTION, _TEXT, _GALLERY, _FILE, _SEPARATOR, _CONTAINER)
_LINK_STYLE, _PREMIUM_STYLE = 5, 6

_SUBCOMMAND, _GROUP = 1, 2


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule: where in the body, Discord's code and words for it, and the page that has the rule."""

    path: Path_
    code: str
    text: str
    source: str

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path)) or 'body'}: {self.text} [{self.source}]"


def form_body(faults: Iterable[Fault]) -> Json:
    """Return the answer to a bad form: code 50035 with nested errors. Source: Reference, Error Messages."""
    errors: Json = {}
    for fault in faults:
        node = errors
        for key in fault.path:
            node = node.setdefault(str(key), {})
        node.setdefault("_errors", []).append({"code": fault.code, "message": fault.text})
    return {"message": "Invalid Form Body", "code": 50035, "errors": errors}


# ── small rules ─────────────────────────────────────────────────────────────────────────────────────


def _longest(path: Path_, value: object, most: int, source: str) -> Iterator[Fault]:
    size = len(value) if isinstance(value, (str, list)) else 0
    if size > most:
        yield Fault(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.", source)


def _between(path: Path_, value: object, least: int, most: int, source: str) -> Iterator[Fault]:
    if value is None or value == "" or value == []:
        if least:
            yield Fault(path, "BASE_TYPE_REQUIRED", "This field is required", source)
    elif not isinstance(value, (str, list)) or not least <= len(value) <= most:
        text = f"Must be between {least} and {most} in length."
        yield Fault(path, "BASE_TYPE_BAD_LENGTH", text, source)


def _required(path: Path_, source: str) -> Fault:
    return Fault(path, "BASE_TYPE_REQUIRED", "This field is required", source)


def _url(path: Path_, value: object, source: str, *, schemes: tuple[str, ...] = ("http", "https")) -> Iterator[Fault]:
    if value is None or value == "":
        return
    text = str(value)
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme and parts.scheme not in schemes:
        words = f'Scheme "{parts.scheme}" must be one of {schemes}.'
        yield Fault(path, "URL_TYPE_INVALID_SCHEME", words, source)
    elif not parts.netloc or re.search(r"\s", text):
        yield Fault(path, "URL_TYPE_INVALID_URL", "Not a well formed URL.", source)


def _trimmed(value: object) -> str:
    """Discord trims a text of an embed before measuring it."""
    return value.strip() if isinstance(value, str) else ""


# ── messages and embeds ─────────────────────────────────────────────────────────────────────────────


def check_message(body: Json, *, is_v2: bool = False) -> list[Fault]:
    """Check a message to be created, or the changed fields of one to be edited.

    Args:
        is_v2: The message is a Components V2 one already, whatever the body's flags say.
    """
    is_v2 = is_v2 or bool((body.get("flags") or 0) & COMPONENTS_V2)
    faults = [*_longest(("content",), body.get("content"), 2000, _MESSAGE)]
    embeds = body.get("embeds") or []
    faults += _longest(("embeds",), embeds, 10, _MESSAGE)
    for index, embed in enumerate(embeds):
        faults += _check_embed(("embeds", index), embed)
    if sum(map(_embed_size, embeds)) > _EMBED_SUM:
        words = f"Embed size exceeds maximum size of {_EMBED_SUM}"
        faults.append(Fault(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", words, _EMBEDS))
    if is_v2:
        faults += _check_v2_alone(body)
    faults += _check_components(body.get("components") or [], is_v2=is_v2)
    return faults


def check_nonce(body: Json) -> list[Fault]:
    """Check the nonce: up to 25 characters, a number or a text. Source: Message Resource, Create Message."""
    nonce = body.get("nonce")
    if nonce is None:
        return []
    if isinstance(nonce, bool) or not isinstance(nonce, (int, str)):
        return [Fault(("nonce",), "NONCE_TYPE_INVALID", "Must be a number or a string.", _MESSAGE)]
    return [*_longest(("nonce",), str(nonce), 25, _MESSAGE)]


def is_empty_message(message: Json) -> bool:
    """True where nothing would be shown: code 50006. Source: Message Resource, Create Message."""
    shown = ("embeds", "components", "attachments", "sticker_ids", "poll", "message_reference")
    return not (message.get("content") or "").strip() and not any(message.get(key) for key in shown)


def _embed_size(embed: Json) -> int:
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for field in embed.get("fields") or []:
        texts += [field.get("name"), field.get("value")]
    return sum(len(_trimmed(text)) for text in texts)


def _check_embed(at: Path_, embed: Json) -> Iterator[Fault]:
    shown = ("title", "description", "fields", "footer", "author", "image", "thumbnail", "video", "provider")
    if not any(embed.get(key) for key in shown):
        yield _required((*at, "description"), _EMBEDS)
    for key, most in (("title", 256), ("description", 4096)):
        yield from _longest((*at, key), _trimmed(embed.get(key)), most, _EMBEDS)
    footer, author = embed.get("footer") or {}, embed.get("author") or {}
    if "footer" in embed:
        yield from _between((*at, "footer", "text"), _trimmed(footer.get("text")), 1, 2048, _EMBEDS)
    if "author" in embed:
        yield from _between((*at, "author", "name"), _trimmed(author.get("name")), 1, 256, _EMBEDS)
    fields = embed.get("fields") or []
    yield from _longest((*at, "fields"), fields, 25, _EMBEDS)
    for index, field in enumerate(fields):
        for key, most in (("name", 256), ("value", 1024)):
            yield from _between((*at, "fields", index, key), _trimmed(field.get(key)), 1, most, _EMBEDS)
    yield from _check_embed_urls(at, embed)
    yield from _check_embed_extras(at, embed)


def _check_embed_urls(at: Path_, embed: Json) -> Iterator[Fault]:
    pictures = ("http", "https", "attachment")
    yield from _url((*at, "url"), embed.get("url"), _EMBEDS)
    yield from _url((*at, "author", "url"), (embed.get("author") or {}).get("url"), _EMBEDS)
    for part, key in (("image", "url"), ("thumbnail", "url"), ("footer", "icon_url"), ("author", "icon_url")):
        value = (embed.get(part) or {}).get(key)
        yield from _url((*at, part, key), value, _EMBEDS, schemes=pictures)
        yield from _longest((*at, part, key), value, 2048, _EMBEDS)
    yield from _longest((*at, "url"), embed.get("url"), 2048, _EMBEDS)


def _check_embed_extras(at: Path_, embed: Json) -> Iterator[Fault]:
    colour, timestamp = embed.get("color"), embed.get("timestamp")
    if colour is not None and not 0 <= int(colour) <= 0xFFFFFF:
        yield Fault((*at, "color"), "NUMBER_TYPE_MAX", "Must be between 0 and 16777215.", _EMBEDS)
    if timestamp is not None:
        try:
            datetime.fromisoformat(str(timestamp))
        except ValueError:
            words = f'Could not parse "{timestamp}". Should be ISO8601.'
            yield Fault((*at, "timestamp"), "DATE_TIME_TYPE_PARSE", words, _EMBEDS)


# ── components ──────────────────────────────────────────────────────────────────────────────────────


def walk_components(components: Iterable[Json], at: Path_ = ("components",)) -> Iterator[tuple[Path_, Json]]:
    """Yield every component, nested ones too, with its path. Rows, sections, containers, labels hold others."""
    for index, component in enumerate(components):
        here = (*at, index)
        yield here, component
        yield from walk_components(component.get("components") or [], (*here, "components"))
        for key in ("accessory", "component"):
            if component.get(key):
                yield (*here, key), component[key]


def _check_v2_alone(body: Json) -> Iterator[Fault]:
    """A Components V2 message has neither content nor embeds. Source: Component Reference."""
    for key in ("content", "embeds", "poll", "sticker_ids"):
        if body.get(key):
            words = f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            yield Fault((key,), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", words, _COMPONENTS)


def _check_components(components: list[Json], *, is_v2: bool) -> Iterator[Fault]:
    everything = list(walk_components(components))
    if is_v2:
        yield from _check_v2_totals(everything)
    else:
        yield from _longest(("components",), components, 5, _COMPONENTS)
    known = _TOP_V2 if is_v2 else (_ROW,)
    for index, component in enumerate(components):
        yield from _check_kind(("components", index), component, known)
    counted = Counter(c["custom_id"] for _, c in everything if c.get("custom_id"))
    for path, component in everything:
        if counted[component.get("custom_id")] > 1:
            words = "Component custom id cannot be duplicated"
            yield Fault((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", words, _COMPONENTS)


def _check_v2_totals(everything: list[tuple[Path_, Json]]) -> Iterator[Fault]:
    if len(everything) > _V2_COMPONENTS:
        words = f"Must be {_V2_COMPONENTS} or fewer in length."
        yield Fault(("components",), "BASE_TYPE_MAX_LENGTH", words, _COMPONENTS)
    texts = [str(c.get("content") or "") for _, c in everything if c.get("type") == _TEXT]
    if sum(map(len, texts)) > _V2_TEXT_SUM:
        words = "Components displayable text size exceeds maximum size of 4000"
        yield Fault(("components",), "COMPONENT_MAX_TOTAL_TEXT", words, _COMPONENTS)
    if sum(len(text.encode()) + _V2_BYTES_A_TEXT for text in texts) > _V2_BYTES:
        # Discord answers with an error of its own. Source: issue 8554 of discord/discord-api-docs.
        words = f"Texts take more than {_V2_BYTES} bytes"
        yield Fault(("components",), "COMPONENT_TEXT_BYTES", words, _COMPONENTS)


def _check_kind(at: Path_, component: Json, known: tuple[int, ...]) -> Iterator[Fault]:
    kind = component.get("type")
    if kind not in known:
        words = f'Value of field "type" must be one of {known}.'
        yield Fault((*at, "type"), "UNION_TYPE_CHOICES", words, _COMPONENTS)
    elif kind == _ROW:
        yield from _check_row(at, component.get("components") or [])
    elif kind == _BUTTON:
        yield from _check_button(at, component)
    elif kind in _SELECTS:
        yield from _check_select(at, component)
    else:
        yield from _check_layout(at, component)


def _check_layout(at: Path_, component: Json) -> Iterator[Fault]:
    """Check the parts that only Components V2 messages have."""
    kind, children = component["type"], component.get("components") or []
    if kind == _TEXT:
        yield from _between((*at, "content"), component.get("content"), 1, 4000, _COMPONENTS)
    elif kind == _GALLERY:
        yield from _between((*at, "items"), component.get("items"), 1, 10, _COMPONENTS)
        for index, item in enumerate(component.get("items") or []):
            yield from _check_media((*at, "items", index), item)
    elif kind == _SECTION:
        yield from _between((*at, "components"), children, 1, 3, _COMPONENTS)
        for index, child in enumerate(children):
            yield from _check_kind((*at, "components", index), child, (_TEXT,))
        yield from _check_kind((*at, "accessory"), component.get("accessory") or {}, (_BUTTON, _THUMBNAIL))
    elif kind == _THUMBNAIL:
        yield from _check_media(at, component)
    elif kind == _CONTAINER:
        inside = tuple(sorted(set(_TOP_V2) - {_CONTAINER}))
        for index, child in enumerate(children):
            yield from _check_kind((*at, "components", index), child, inside)


def _check_media(at: Path_, item: Json) -> Iterator[Fault]:
    """Source: Component Reference, Thumbnail, Media Gallery Item and Unfurled Media Item."""
    url = (item.get("media") or {}).get("url")
    yield from _between((*at, "media", "url"), url, 1, 2048, _COMPONENTS)
    yield from _url((*at, "media", "url"), url, _COMPONENTS, schemes=("http", "https", "attachment"))
    yield from _longest((*at, "description"), item.get("description"), 1024, _COMPONENTS)


def _check_row(at: Path_, children: list[Json]) -> Iterator[Fault]:
    """A row holds up to five buttons or one select. Source: Component Reference, Action Row."""
    yield from _between((*at, "components"), children, 1, 5, _COMPONENTS)
    kinds = [child.get("type") for child in children]
    if any(kind in _SELECTS for kind in kinds) and len(kinds) > 1:
        words = "The specified component exceeds the maximum width"
        yield Fault((*at, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", words, _COMPONENTS)
    for index, child in enumerate(children):
        yield from _check_kind((*at, "components", index), child, (_BUTTON, *_SELECTS))


def _check_button(at: Path_, button: Json) -> Iterator[Fault]:
    """Source: Component Reference, Button."""
    style = button.get("style")
    if style not in range(1, 7):
        yield Fault((*at, "style"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3, 4, 5, 6).", _COMPONENTS)
    yield from _longest((*at, "label"), button.get("label"), 80, _COMPONENTS)
    if style != _PREMIUM_STYLE and not button.get("label") and not button.get("emoji"):
        yield Fault(
            (*at, "label"),
            "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED",
            "A label or emoji is required",
            _COMPONENTS,
        )
    if style == _LINK_STYLE:
        yield from _check_link_button(at, button)
    elif style != _PREMIUM_STYLE:
        yield from _between((*at, "custom_id"), button.get("custom_id"), 1, 100, _COMPONENTS)
        if button.get("url"):
            words = "A custom id and url cannot both be specified"
            yield Fault((*at, "url"), "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", words, _COMPONENTS)


def _check_link_button(at: Path_, button: Json) -> Iterator[Fault]:
    yield from _between((*at, "url"), button.get("url"), 1, 512, _COMPONENTS)
    yield from _url((*at, "url"), button.get("url"), _COMPONENTS, schemes=("http", "https", "discord"))
    if button.get("custom_id"):
        words = "A custom id and url cannot both be specified"
        yield Fault((*at, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", words, _COMPONENTS)


def _check_select(at: Path_, select: Json) -> Iterator[Fault]:
    """Source: Component Reference, String Select."""
    yield from _between((*at, "custom_id"), select.get("custom_id"), 1, 100, _COMPONENTS)
    yield from _longest((*at, "placeholder"), select.get("placeholder"), 150, _COMPONENTS)
    yield from _check_counts(at, select, most=25)
    if select["type"] != _STRING_SELECT:
        yield from _check_defaults(at, select)
        return
    options = select.get("options") or []
    yield from _between((*at, "options"), options, 1, 25, _COMPONENTS)
    values = Counter(option.get("value") for option in options)
    for index, option in enumerate(options):
        here = (*at, "options", index)
        yield from _between((*here, "label"), option.get("label"), 1, 100, _COMPONENTS)
        yield from _between((*here, "value"), option.get("value"), 1, 100, _COMPONENTS)
        yield from _longest((*here, "description"), option.get("description"), 100, _COMPONENTS)
        if values[option.get("value")] > 1:
            words = "The specified option value is already used"
            yield Fault((*here, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", words, _COMPONENTS)
    lowest, highest = select.get("min_values", 1), select.get("max_values", 1)
    if lowest is not None and highest is not None and not lowest <= highest <= max(len(options), 1):
        yield Fault((*at, "max_values"), "NUMBER_TYPE_MAX", "min_values ≤ max_values ≤ options", _COMPONENTS)


def _check_counts(at: Path_, component: Json, *, most: int) -> Iterator[Fault]:
    """Check how many may be chosen. Source: Component Reference, the tables of selects and groups."""
    for key, least in (("min_values", 0), ("max_values", 1)):
        value = component.get(key)
        if value is not None and not least <= value <= most:
            words = f"int value should be between {least} and {most}."
            yield Fault((*at, key), "NUMBER_TYPE_MAX", words, _COMPONENTS)
    if (component.get("min_values") or 0) > (component.get("max_values") or most):
        yield Fault((*at, "max_values"), "NUMBER_TYPE_MIN", "min_values ≤ max_values", _COMPONENTS)


def _check_defaults(at: Path_, select: Json) -> Iterator[Fault]:
    """Check how many are chosen already. Source: Component Reference, Select Default Value."""
    chosen = select.get("default_values") or []
    lowest, highest = select.get("min_values"), select.get("max_values")
    low, high = 1 if lowest is None else lowest, 1 if highest is None else highest
    if chosen and not low <= len(chosen) <= high:
        words = f"Must be between {low} and {high} in length."
        yield Fault((*at, "default_values"), "BASE_TYPE_BAD_LENGTH", words, _COMPONENTS)


# ── modals ──────────────────────────────────────────────────────────────────────────────────────────


def check_modal(modal: Json) -> list[Fault]:
    """Check the ``data`` of a modal (callback type 9). Source: Receiving and Responding, Modal."""
    at: Path_ = ("data",)
    faults = [*_between((*at, "custom_id"), modal.get("custom_id"), 1, 100, _RESPONDING)]
    faults += _between((*at, "title"), modal.get("title"), 1, 45, _RESPONDING)
    components = modal.get("components") or []
    faults += _between((*at, "components"), components, 1, 5, _RESPONDING)
    for index, component in enumerate(components):
        faults += _check_modal_part((*at, "components", index), component)
    inputs = [(path, part) for path, part in walk_components(components, (*at, "components")) if "custom_id" in part]
    counted = Counter(part["custom_id"] for _, part in inputs)
    for path, part in inputs:
        if counted[part["custom_id"]] > 1:
            words = "Component custom id cannot be duplicated"
            faults.append(Fault((*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", words, _COMPONENTS))
    return faults


def _check_modal_part(at: Path_, part: Json) -> Iterator[Fault]:
    """Check a top-level part: a label with an input, a text, or the older row with one text input."""
    kind = part.get("type")
    if kind == _LABEL:
        yield from _between((*at, "label"), part.get("label"), 1, 45, _COMPONENTS)
        yield from _longest((*at, "description"), part.get("description"), 100, _COMPONENTS)
        yield from _check_input((*at, "component"), part.get("component") or {})
    elif kind == _TEXT:
        yield from _between((*at, "content"), part.get("content"), 1, 4000, _COMPONENTS)
    elif kind == _ROW:
        children = part.get("components") or []
        yield from _between((*at, "components"), children, 1, 1, _COMPONENTS)
        for index, child in enumerate(children):
            here = (*at, "components", index)
            yield from _between((*here, "label"), child.get("label"), 1, 45, _COMPONENTS)
            yield from _check_input(here, child, known=(_TEXT_INPUT,))
    else:
        words = f'Value of field "type" must be one of {(_ROW, _TEXT, _LABEL)}.'
        yield Fault((*at, "type"), "UNION_TYPE_CHOICES", words, _COMPONENTS)


def _check_input(at: Path_, part: Json, *, known: tuple[int, ...] = _IN_LABEL) -> Iterator[Fault]:
    kind = part.get("type")
    if kind not in known:
        words = f'Value of field "type" must be one of {known}.'
        yield Fault((*at, "type"), "UNION_TYPE_CHOICES", words, _COMPONENTS)
        return
    if part.get("disabled"):
        words = "Components of a modal cannot be disabled"
        yield Fault((*at, "disabled"), "COMPONENT_DISABLED_IN_MODAL", words, _COMPONENTS)
    if kind == _TEXT_INPUT:
        yield from _check_text_input(at, part)
    elif kind in _SELECTS:
        yield from _check_select(at, part)
    else:
        yield from _between((*at, "custom_id"), part.get("custom_id"), 1, 100, _COMPONENTS)
        yield from _check_counts(at, part, most=10)
        if kind in (_RADIO, _CHECKBOXES):
            least = 2 if kind == _RADIO else 1
            yield from _between((*at, "options"), part.get("options"), least, 10, _COMPONENTS)


def _check_text_input(at: Path_, part: Json) -> Iterator[Fault]:
    """Source: Component Reference, Text Input."""
    yield from _between((*at, "custom_id"), part.get("custom_id"), 1, 100, _COMPONENTS)
    if part.get("style") not in (1, 2):
        yield Fault((*at, "style"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2).", _COMPONENTS)
    yield from _longest((*at, "value"), part.get("value"), 4000, _COMPONENTS)
    yield from _longest((*at, "placeholder"), part.get("placeholder"), 100, _COMPONENTS)
    low, high = part.get("min_length"), part.get("max_length")
    for key, value, least in (("min_length", low, 0), ("max_length", high, 1)):
        if value is not None and not least <= value <= 4000:
            words = f"int value should be between {least} and 4000."
            yield Fault((*at, key), "NUMBER_TYPE_MAX", words, _COMPONENTS)
    if (low or 0) > (high or 4000):
        yield Fault((*at, "max_length"), "NUMBER_TYPE_MIN", "min_length ≤ max_length", _COMPONENTS)
    if part.get("value") and not (low or 0) <= len(part["value"]) <= (high or 4000):
        words = f"Must be between {low or 0} and {high or 4000} in length."
        yield Fault((*at, "value"), "BASE_TYPE_BAD_LENGTH", words, _COMPONENTS)


# ── commands, autocomplete, deferral, threads ───────────────────────────────────────────────────────


def check_commands(commands: list[Json]) -> list[Fault]:
    """Check the whole set of an app's commands in one place (global, or one server's).

    Source: Application Commands, Application Command Naming, Object and Limits.
    """
    faults: list[Fault] = []
    for kind, most in _COMMANDS_BY_TYPE.items():
        of_kind = [command for command in commands if (command.get("type") or 1) == kind]
        if len(of_kind) > most:
            words = f"Maximum number of application commands reached ({most})."
            faults.append(Fault((), "APPLICATION_COMMANDS_MAX", words, _COMMANDS))
    keys = [(command.get("type") or 1, command.get("name")) for command in commands]
    for index, command in enumerate(commands):
        if keys.index(keys[index]) < index:
            words = "Application command names must be unique"
            faults.append(Fault((index,), "APPLICATION_COMMANDS_DUPLICATE_NAME", words, _COMMANDS))
        faults += _check_command((index,), command)
    return faults


def _check_command(at: Path_, command: Json) -> Iterator[Fault]:
    if (command.get("type") or 1) == 1:
        yield from _check_named(at, command)
        yield from _check_options(at, command.get("options") or [], depth=0)
    else:
        yield from _between((*at, "name"), command.get("name"), 1, 32, _COMMANDS)
        if command.get("description"):
            words = "Context menu commands cannot have description"
            yield Fault((*at, "description"), "APPLICATION_COMMAND_DESCRIPTION_CONTEXT_MENU", words, _COMMANDS)
    if _command_size(command) > _COMMAND_SUM:
        words = f"Command exceeds maximum size ({_COMMAND_SUM})"
        yield Fault(at, "APPLICATION_COMMAND_TOO_LARGE", words, _COMMANDS)


def _check_named(at: Path_, item: Json) -> Iterator[Fault]:
    """Check a command's or an option's name and description, translated ones included."""
    names = {"name": item.get("name"), **_translations(item, "name")}
    for key, name in names.items():
        if not isinstance(name, str) or not re.fullmatch(r"[-_'\w]{1,32}", name) or name != name.lower():
            words = "Command name is invalid"
            yield Fault((*at, key), "APPLICATION_COMMAND_INVALID_NAME", words, _COMMANDS)
    descriptions = {"description": item.get("description"), **_translations(item, "description")}
    for key, description in descriptions.items():
        yield from _between((*at, key), description, 1, 100, _COMMANDS)


def _translations(item: Json, key: str) -> dict[str, object]:
    found = item.get(f"{key}_localizations") or {}
    return {f"{key}_localizations.{locale}": text for locale, text in found.items()}


def _check_options(at: Path_, options: list[Json], *, depth: int) -> Iterator[Fault]:
    yield from _longest((*at, "options"), options, 25, _COMMANDS)
    names = [option.get("name") for option in options]
    is_nested = [option.get("type") in (_SUBCOMMAND, _GROUP) for option in options]
    if any(is_nested) and not all(is_nested):
        words = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        yield Fault((*at, "options"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", words, _COMMANDS)
    optional_seen = False
    for index, option in enumerate(options):
        here = (*at, "options", index)
        if names.index(names[index]) < index:
            yield Fault(
                (*here, "name"),
                "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATED",
                "Option name is taken",
                _COMMANDS,
            )
        if option.get("required") and optional_seen:
            words = "Required options must be placed before non-required options"
            yield Fault(here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", words, _COMMANDS)
        optional_seen = optional_seen or not (option.get("required") or is_nested[index])
        yield from _check_option(here, option, depth=depth)


def _check_option(at: Path_, option: Json, *, depth: int) -> Iterator[Fault]:
    yield from _check_named(at, option)
    kind = option.get("type")
    if kind in (_SUBCOMMAND, _GROUP):
        if depth > (0 if kind == _GROUP else 1):
            words = "Groups hold sub-commands, sub-commands hold options"
            yield Fault((*at, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", words, _COMMANDS)
        yield from _check_options(at, option.get("options") or [], depth=depth + 1)
    elif kind not in range(3, 12):
        yield Fault((*at, "type"), "UNION_TYPE_CHOICES", "Unknown option type", _COMMANDS)
    choices = option.get("choices") or []
    if choices and option.get("autocomplete"):
        words = "Autocomplete cannot be used together with choices"
        yield Fault((*at, "autocomplete"), "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID", words, _COMMANDS)
    yield from _check_choice_list((*at, "choices"), choices, _COMMANDS)


def _command_size(item: Json) -> int:
    """Names, descriptions and values together; of a text and its translations the longest counts."""
    total = 0
    for key in ("name", "description"):
        texts = [item.get(key), *_translations(item, key).values()]
        total += max(len(text) if isinstance(text, str) else 0 for text in texts)
    total += len(item["value"]) if isinstance(item.get("value"), str) else 0
    return total + sum(_command_size(child) for key in ("options", "choices") for child in item.get(key) or [])


def check_choices(body: Json, *, option_type: int) -> list[Fault]:
    """Check an autocomplete answer (type 8). Source: Receiving and Responding, Autocomplete."""
    choices = (body.get("data") or {}).get("choices")
    if not isinstance(choices, list):
        return [_required(("data", "choices"), _RESPONDING)]
    faults = list(_check_choice_list(("data", "choices"), choices, _RESPONDING))
    by_type: dict[int, tuple[type, ...]] = {3: (str,), 4: (int,), 10: (int, float)}
    wanted = by_type.get(option_type, (object,))
    for index, choice in enumerate(choices):
        if not isinstance(choice.get("value"), wanted):
            words = f"Value must be of the option's type ({option_type})"
            faults.append(Fault(("data", "choices", index, "value"), "BASE_TYPE_WRONG_TYPE", words, _RESPONDING))
    return faults


def _check_choice_list(at: Path_, choices: list[Json], source: str) -> Iterator[Fault]:
    yield from _longest(at, choices, 25, source)
    for index, choice in enumerate(choices):
        yield from _between((*at, index, "name"), choice.get("name"), 1, 100, source)
        yield from _longest((*at, index, "value"), choice.get("value"), 100, source)


def check_deferral(body: Json) -> list[Fault]:
    """A deferral (type 5) may carry the ephemeral flag alone. Source: Receiving and Responding."""
    data = body.get("data") or {}
    extra = [key for key, value in data.items() if key != "flags" and value]
    faults = [Fault(("data", key), "DEFERRAL_WITH_DATA", "Only flags may be given", _RESPONDING) for key in extra]
    if (data.get("flags") or 0) & ~EPHEMERAL:
        words = "Only the flag EPHEMERAL may be given with a deferral"
        faults.append(Fault(("data", "flags"), "DEFERRAL_WITH_FLAGS", words, _RESPONDING))
    return faults


def check_thread(body: Json) -> list[Fault]:
    """Check a new thread's name and when it is archived. Source: Channels Resource, Start Thread."""
    missing = [] if "name" in body else [_required(("name",), _THREADS)]
    return missing + check_thread_change(body)


def check_thread_change(body: Json) -> list[Fault]:
    """Check what is to be changed of a thread. Source: Channels Resource, Modify Channel, Thread."""
    faults = list(_between(("name",), body["name"], 1, 100, _THREADS)) if "name" in body else []
    minutes = body.get("auto_archive_duration")
    if minutes is not None and minutes not in _ARCHIVE_MINUTES:
        words = f"Value must be one of {_ARCHIVE_MINUTES}."
        faults.append(Fault(("auto_archive_duration",), "BASE_TYPE_CHOICES", words, _THREADS))
    faults += _longest(("applied_tags",), body.get("applied_tags"), 5, _THREADS)
    return faults


def check_forum(body: Json) -> list[Fault]:
    """Check a channel to be made or changed: its name, and a forum's tags.

    Source: Channels Resource, Modify Channel and Forum Tag Object.
    """
    faults = list(_between(("name",), body["name"], 1, 100, _THREADS)) if "name" in body else []
    tags = body.get("available_tags") or []
    faults += _longest(("available_tags",), tags, _FORUM_TAGS, _THREADS)
    for index, tag in enumerate(tags):
        faults += _between(("available_tags", index, "name"), tag.get("name"), 1, _TAG_NAME, _THREADS)
    return faults


# ── Discord's own OpenAPI document ──────────────────────────────────────────────────────────────────

_DOCUMENT = Path(__file__).resolve().parents[2].parent / "shared" / "discord" / "openapi.json"


def judge_by_document(schema: str, body: object) -> list[Fault]:
    """Check a body against a schema of Discord's OpenAPI document; no faults where there is no copy of it.

    The document wants integers where the API takes numerals as strings as well, so a body passes when either
    reading of "integer" accepts it.
    """
    return list(_judge(schema, json.dumps(body)))


@functools.lru_cache(1000)  # each start of the bot registers the same commands, the longest body of all
def _judge(schema: str, text: str) -> tuple[Fault, ...]:
    body = json.loads(text)
    validators = _validators(schema)
    if not validators or any(validator.is_valid(body) for validator in validators):
        return ()
    error = max((leaf for error in validators[0].iter_errors(body) for leaf in _leaves(error)), key=_telling)
    return (Fault(tuple(error.absolute_path), "OPENAPI", str(error.message)[:300], f"OpenAPI document, {schema}"),)


def _leaves(error: Any) -> Iterator[Any]:
    """Yield what is behind an error; "valid under none of the given schemas" says nothing by itself."""
    if not error.context:
        yield error
    for cause in error.context:
        yield from _leaves(cause)


def _telling(error: Any) -> tuple[bool, int]:
    """Rank errors: of a union's branches, those that fail on their ``type`` were not meant."""
    path = list(error.absolute_path)
    return path[-1:] != ["type"], len(path)


@functools.cache
def _document() -> Json | None:
    """Return the document, corrected in two places.

    It lacks channel type 16, GUILD_MEDIA (source: Channels Resource), and wants ids as strings alone, while
    the API takes them as numbers as well (source: API Reference, ID Serialization) and discord.py sends such.
    """
    if not _DOCUMENT.exists():
        return None
    document: Json = json.loads(_DOCUMENT.read_bytes())
    schemas = document["components"]["schemas"]
    schemas["ChannelTypes"]["oneOf"].append({"title": "GUILD_MEDIA", "const": 16})
    schemas["SnowflakeType"] = {"anyOf": [schemas["SnowflakeType"], {"type": "integer", "minimum": 0}]}
    return document


@functools.cache
def _validators(schema: str) -> tuple[Any, ...]:
    document = _document()
    if document is None:
        return ()
    is_list, name = schema.endswith("[]"), schema.removesuffix("[]")
    reference: Json = {"$ref": f"#/components/schemas/{name}"}
    root = {"type": "array", "items": reference} if is_list else reference
    root["components"] = document["components"]
    strict = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"oneOf": _one_of})
    checker = strict.TYPE_CHECKER.redefine("integer", _is_integer_or_numeral)
    return strict(root), jsonschema.validators.extend(strict, type_checker=checker)(root)


def _one_of(validator: Any, branches: list[Json], instance: object, schema: Json) -> Iterator[Any]:
    """Check a union as jsonschema does, but only the branches that can be meant.

    Components stand in unions of ten kinds within one another. Trying each kind takes most of a busy test's time.
    """
    meant = [branch for branch in branches if _can_be_meant(branch, instance)]
    yield from jsonschema.Draft202012Validator.VALIDATORS["oneOf"](validator, meant or branches, instance, schema)


def _can_be_meant(branch: Json, instance: object) -> bool:
    """Return False where a branch is another value, or an object whose ``type`` is another."""
    if "const" in branch:
        return not isinstance(instance, (int, str)) or instance == branch["const"]
    if "$ref" in branch and isinstance(instance, dict) and "type" in instance:
        kinds = _kinds(branch["$ref"])
        return kinds is None or instance["type"] in kinds
    return True


@functools.cache
def _kinds(reference: str) -> list[Any] | None:
    """Return what ``type`` may be in a schema of the document; None where it does not list that."""
    document = _document() or {}
    schema = document["components"]["schemas"][reference.rpartition("/")[2]]
    kinds: list[Any] | None = schema.get("properties", {}).get("type", {}).get("enum")
    return kinds


def _is_integer_or_numeral(_: object, value: object) -> bool:
    if isinstance(value, str):
        return re.fullmatch(r"-?\d+", value) is not None
    return isinstance(value, int) and not isinstance(value, bool)
