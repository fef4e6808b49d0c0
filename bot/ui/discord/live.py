"""Which of our panels and forms can be used now, limited to what memory should hold."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from typing import Any

import discord

PREFIX = "nonmun:"
TIMEOUT_S = 600.0
"""An interaction's token lives for 15 minutes; panels and forms end while the message can still be edited."""
MOST_LIVE = 5_000
"""Panels and forms that can be used; beyond that, the oldest expires."""

Pressable = discord.ui.View | discord.ui.Modal


def new_token() -> str:
    """A random token for a panel or form."""
    return secrets.token_hex(8)


def custom_id(token: str, what: str) -> str:
    """The id of a component or form, by which a press on an expired one is recognised."""
    return f"{PREFIX}{token}:{what}"


class Live:
    """The panels and forms that are still answered, by their token; one for each message."""

    def __init__(self, most: int = MOST_LIVE) -> None:
        self._most = most
        self._by_token: OrderedDict[str, tuple[Pressable, int | None]] = OrderedDict()
        self._by_message: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._by_token)

    def add(self, token: str, view: Pressable, message_id: int | None = None) -> None:
        """Register a view or form; whatever was in the message before expires."""
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
        """Expire it: it can no longer be used."""
        view, message_id = self._by_token.pop(token, (None, None))
        if view is not None:
            view.stop()
        if message_id is not None and self._by_message.get(message_id) == token:
            del self._by_message[message_id]

    def is_over(self, data: Any) -> bool:
        """Whether what was pressed or sent is ours and has expired, as everything has after a restart.

        Args:
            data: The data of the interaction.
        """
        pressed = str(dict(data or {}).get("custom_id"))
        return pressed.startswith(PREFIX) and pressed.split(":")[1] not in self._by_token
