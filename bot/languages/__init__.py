"""What people read, in their language: gettext catalogues, and the language in which the current task speaks.

Every text for people is written in English and passed through `_` where it is said. The language is that of the
current context (`contextvars`), so tasks and threads started within it speak the same: an interaction speaks the
member's language, a delivery the subscription's, the terminal that of its environment.

A text that is made in one place and read in another, such as the reason of an error, is a `Message`: it is English
wherever it is used as a string, and `say` gives it in the reader's language.
"""

from __future__ import annotations

import gettext
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Self, cast, overload

__all__ = [
    "ENGLISH",
    "N_",
    "Message",
    "_",
    "get_language",
    "join",
    "language_of",
    "languages",
    "ngettext",
    "pattern_of",
    "pgettext",
    "read_message",
    "say",
    "speak",
    "speaking",
    "write_message",
]

Argument = str | int | float
"""What fills a placeholder of a message; a string may be a message itself."""

ENGLISH = "en"
"""The language of the sources, which needs no catalogue."""
_LOCALES = Path(__file__).parent / "locales"
_DOMAIN = "nonmun"
_SEPARATOR = "\x1e"
"""Between the English text and the rest in a stored message. ASCII's record separator, which no text has."""
_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


def languages() -> tuple[str, ...]:
    """The languages that can be spoken, as ISO 639 codes; English first."""
    return (ENGLISH, *_compiled(_LOCALES))


@cache
def _compiled(locales: Path) -> tuple[str, ...]:
    return tuple(sorted(path.parent.parent.name for path in locales.glob(f"*/LC_MESSAGES/{_DOMAIN}.mo")))


def language_of(locale: str | None) -> str:
    """The language for a locale such as "ko", "ko-KR" or "ko_KR.UTF-8"; English where we do not speak it."""
    code = (locale or "").replace("-", "_").partition("_")[0].partition(".")[0].lower()
    return code if code in languages() else ENGLISH


def system_language() -> str:
    """The language that the environment asks of programs in a terminal.

    Source: POSIX.1-2017, section 8.2, Internationalization Variables.
    """
    return language_of(os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG"))


def get_language() -> str:
    """The language of the current context."""
    return _spoken.get()


def speak(language: str) -> None:
    """Speak a language in the rest of this task, and in the tasks and threads that it starts."""
    _spoken.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak a language within the block."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def _(message: str) -> str:
    """A text in the current language; as it is written where the catalogue does not have it."""
    return _catalogue(_spoken.get()).gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """The form of a text for a number of things, in the current language; the count is not filled in."""
    return _catalogue(_spoken.get()).ngettext(one, many, count)


def pgettext(context: str, message: str) -> str:
    """A text that has another translation in a certain place, such as the name of a command's option."""
    return _catalogue(_spoken.get()).pgettext(context, message)


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's tools know
    """Mark a text for the catalogues that is said later, through `_`."""
    return message


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(_DOMAIN, _LOCALES, [language], fallback=True)


def pattern_of(template: str) -> re.Pattern[str]:
    """What matches the texts made from a template: a count is digits with commas, anything else is any text.

    The groups have the names of the placeholders.
    """
    pattern = re.escape(template).replace(r"\{count\}", r"(?P<count>[0-9][0-9,]*)")
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.*)", pattern), re.DOTALL)


# ── texts that are said elsewhere ───────────────────────────────────────────────────────────────


class Message(str):
    """A text in English that can be said in other languages later, by `say`.

    Args:
        template: The text as it stands in the catalogues, with named placeholders.
        arguments: What fills the placeholders.
    """

    __slots__ = ("arguments", "template")
    template: str
    arguments: Mapping[str, Argument]

    def __new__(cls, template: str, /, **arguments: Argument) -> Self:
        """Make a message; catalogues collect the template from calls of this class."""
        made = super().__new__(cls, template.format(**arguments) if arguments else template)
        made.template = template
        made.arguments = arguments
        return made

    def __reduce__(self) -> tuple[Callable[[str, dict[str, Argument]], Message], tuple[str, dict[str, Argument]]]:
        """Pickle and copy the parts, not only the English text."""
        return _make_message, (self.template, dict(self.arguments))

    def map(self, change: Callable[[str], str]) -> Message:
        """The same message with all strings in its arguments changed; the template stays."""
        return _make_message(self.template, {name: _map(value, change) for name, value in self.arguments.items()})


def _make_message(template: str, arguments: Mapping[str, Argument]) -> Message:
    return Message(template, **arguments)


def _map(value: Argument, change: Callable[[str], str]) -> Argument:
    if isinstance(value, Message):
        return value.map(change)
    return change(value) if isinstance(value, str) else value


def say(text: str) -> str:
    """A text in the current language. A string that is not a message stays as it is."""
    if not isinstance(text, Message):
        return text
    said = _(text.template)
    if not text.arguments:
        return said
    arguments = {name: say(value) if isinstance(value, str) else value for name, value in text.arguments.items()}
    try:
        return said.format(**arguments)
    except (LookupError, ValueError):  # a stored message of another version, with other placeholders
        return str(text)


def join(separator: str, texts: Iterable[str]) -> str:
    """Texts joined into one; a message if any of them is, so that each is said in the reader's language."""
    each = list(texts)
    if not any(isinstance(text, Message) for text in each):
        return separator.join(each)
    names = {f"t{number}": text for number, text in enumerate(each)}
    return Message(separator.join(f"{{{name}}}" for name in names), **names)


def write_message(text: str) -> str:
    """A text as it is stored or sent: its English, and for a message also what other languages need."""
    plain = str(text).replace(_SEPARATOR, " ")
    if not isinstance(text, Message):
        return plain
    return f"{plain}{_SEPARATOR}{json.dumps(_to_json(text), ensure_ascii=False)}"


@overload
def read_message(stored: str) -> str: ...
@overload
def read_message(stored: None) -> None: ...
def read_message(stored: str | None) -> str | None:
    """The text that `write_message` wrote; any other string as it is, and None for None."""
    if stored is None:
        return None
    english, separator, rest = stored.partition(_SEPARATOR)
    if not separator:
        return stored
    try:
        return _from_json(json.loads(rest))
    except (LookupError, TypeError, ValueError):
        return english


def _to_json(message: Message) -> list[object]:
    arguments = {
        name: _to_json(value) if isinstance(value, Message) else value for name, value in message.arguments.items()
    }
    return [message.template, arguments]


def _from_json(parts: list[object]) -> Message:
    template, arguments = parts
    if not isinstance(template, str) or not isinstance(arguments, dict):
        raise TypeError("not a message")
    return _make_message(
        template,
        {
            name: _from_json(value) if isinstance(value, list) else cast("Argument", value)
            for name, value in arguments.items()
        },
    )
