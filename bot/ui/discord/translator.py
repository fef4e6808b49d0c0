"""Descriptions, options and choices of commands in the languages that we speak, as Discord registers them.

Names of slash commands stay as they are in every language: a member can say "/paper" to another whose Discord speaks
another language, and our texts name commands too. An entry of a message's menu is only read, so it is translated.
"""

from __future__ import annotations

from discord import Locale
from discord.app_commands import (
    ContextMenu,
    TranslationContextLocation,
    TranslationContextTypes,
    Translator,
    locale_str,
)

from bot.languages import ENGLISH, _, language_of, pgettext, speaking

_NAMES = (TranslationContextLocation.command_name, TranslationContextLocation.group_name)
OPTION = "option"
"""The context of option names in the catalogues: one word in lower case, at most 32 characters."""


class CatalogueTranslator(Translator):
    """Looks texts of commands up in the catalogues. Discord shows English where it has no other text."""

    async def translate(self, string: locale_str, locale: Locale, context: TranslationContextTypes) -> str | None:
        """The text for a locale; None where it is the English one."""
        language = language_of(locale.value)
        is_name = context.location in _NAMES and not isinstance(context.data, ContextMenu)
        if language == ENGLISH or is_name:
            return None
        with speaking(language):
            is_option = context.location is TranslationContextLocation.parameter_name
            said = pgettext(OPTION, string.message) if is_option else _(string.message)
        return said if said != string.message else None
