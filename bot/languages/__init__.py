"""What people read, in their language: gettext catalogues, and the language in which the current task speaks.

Every text for people is written in English and passed through `_` where it is said. The language is that of the
current context (`contextvars`), so tasks and threads started within it speak the same: an interaction speaks the
member's language, a delivery the subscription's, the terminal that of its environment.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

__all__ = ["ENGLISH", "N_", "_", "get_language", "language_of", "languages", "ngettext", "speak", "speaking"]

ENGLISH = "en"
"""The language of the sources, which needs no catalogue."""
_LOCALES = Path(__file__).parent / "locales"
_DOMAIN = "nonmun"
_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


def languages() -> tuple[str, ...]:
    """The languages that can be spoken, as ISO 639 codes; English first."""
    found = sorted(path.parent.parent.name for path in _LOCALES.glob(f"*/LC_MESSAGES/{_DOMAIN}.mo"))
    return (ENGLISH, *found)


def language_of(locale: str | None) -> str:
    """The language for a locale such as "ko", "ko-KR" or "ko_KR.UTF-8"; English where we do not speak it."""
    code = (locale or "").replace("-", "_").partition("_")[0].partition(".")[0].lower()
    return code if code in languages() else ENGLISH


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


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's tools know
    """Mark a text for the catalogues that is said later, through `_`."""
    return message


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(_DOMAIN, _LOCALES, [language], fallback=True)
