"""What a member sees of an answer: its texts, what can be pressed, its pictures."""

from __future__ import annotations

from typing import Any

from tests.loopback.discord import Interaction
from tests.loopback.discord_limits import walk_components

Json = dict[str, Any]

_BUTTON, _MENU, _TEXT, _GALLERY, _THUMBNAIL = 2, 3, 10, 12, 11


def parts(answer: Interaction | Json) -> list[Json]:
    """Every component of a message, nested ones too."""
    message = answer.message if isinstance(answer, Interaction) else answer
    assert message is not None
    return [component for _path, component in walk_components(message["components"])]


def said(answer: Interaction | Json) -> str:
    """The texts, without what only keeps markup apart."""
    message = answer.message if isinstance(answer, Interaction) else answer
    assert message is not None
    shown = [message["content"]]
    shown += [embed.get(key) or "" for embed in message["embeds"] for key in ("title", "description")]
    shown += [part["content"] for part in parts(message) if part["type"] == _TEXT]
    return "\n".join(shown).replace("\\", "").replace("\u200b", "")


def title(answer: Interaction | Json) -> str:
    """The first line of a card."""
    return said(answer).strip().removeprefix("## ").partition("\n")[0]


def foot(answer: Interaction | Json) -> str:
    """The last line of a card."""
    return said(answer).strip().rpartition("\n")[2]


def options(answer: Interaction | Json) -> dict[str, str]:
    """The menu of a card: label → value."""
    found = [option for part in parts(answer) if part["type"] == _MENU for option in part["options"]]
    return {option["label"].strip(): option["value"] for option in found}


def buttons(answer: Interaction | Json) -> list[str]:
    """The labels of the buttons and links, those that are switched off left out."""
    return [part["label"] for part in parts(answer) if part["type"] == _BUTTON and not part.get("disabled")]


def beside(answer: Interaction | Json) -> list[str]:
    """The ids of the buttons beside the texts of a card."""
    return [part["accessory"]["custom_id"] for part in parts(answer) if "custom_id" in part.get("accessory", ())]


def pictures(answer: Interaction | Json) -> list[str]:
    """The addresses of the pictures."""
    media = [item for part in parts(answer) if part["type"] == _GALLERY for item in part["items"]]
    media += [part for part in parts(answer) if part["type"] == _THUMBNAIL]
    return [item["media"]["url"] for item in media]
