"""Which messages and forms of ours can be pressed or sent just now, and no more of them than memory should hold."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from typing import Any

import discord

PREFIX = "nonmun:"
MOST_LIVE = 5_000
"""Cards, panels and forms that wait for a press; the oldest ends first."""

Pressable = discord.ui.View | discord.ui.Modal


def new_token() -> str:
    return secrets.token_hex(8)


def custom_id(token: str, what: str) -> str:
    """A component's or form's id, by which a press on one that is over is recognised."""
    return f"{PREFIX}{token}:{what}"


class Live:
    """The cards, panels and forms that are answered, by their token; one for each message."""

    def __init__(self, most: int = MOST_LIVE) -> None:
        self._most = most
        self._by_token: OrderedDict[str, tuple[Pressable, int | None]] = OrderedDict()
        self._by_message: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._by_token)

    def add(self, token: str, view: Pressable, message_id: int | None = None) -> None:
        """It can be pressed from now on; what stood in the message before cannot."""
        if message_id is not None:
            before = self._by_message.get(message_id)
            if before is not None and before != token:
                self.end(before)
            self._by_message[message_id] = token
        self._by_token[token] = (view, message_id)
        self._by_token.move_to_end(token)
        while len(self._by_token) > self._most:
            self.end(next(iter(self._by_token)))

    def end(self, token: str) -> None:
        """It is pressed no more."""
        view, message_id = self._by_token.pop(token, (None, None))
        if view is not None:
            view.stop()
        if message_id is not None and self._by_message.get(message_id) == token:
            del self._by_message[message_id]

    def is_over(self, data: Any) -> bool:
        """Whether what was pressed or sent is ours and over, as all are after a restart.

        Args:
            data: Of the interaction.
        """
        pressed = str(dict(data or {}).get("custom_id"))
        return pressed.startswith(PREFIX) and pressed.split(":")[1] not in self._by_token
