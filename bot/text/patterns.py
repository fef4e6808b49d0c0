"""Regular expressions that are compiled when they are first used.

There are hundreds of them, most of which a process never needs: compiling all takes longer than a look-up in the
terminal.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, Generic, cast

_METHODS = (
    *("search", "match", "fullmatch", "finditer", "findall", "split", "sub", "subn"),
    *("flags", "groups", "groupindex"),
)


def lazy_pattern(source: AnyStr, flags: int | re.RegexFlag = 0) -> re.Pattern[AnyStr]:
    """Return what `re.compile` would return, compiled at its first use; a mistake in it shows only then.

    It has the methods and attributes of a pattern, but is not one: the functions of `re` do not take it, and the
    ``re`` of a match is another object.
    """
    return cast("re.Pattern[AnyStr]", _NotCompiled(source, flags))


class _Compiled(Generic[AnyStr]):
    """The methods of a pattern as attributes, so that a call takes no longer than a pattern's own."""

    def __init__(self, source: AnyStr, flags: int | re.RegexFlag) -> None:
        self.pattern: AnyStr = source
        self._flags = flags


class _NotCompiled(_Compiled[AnyStr]):
    """Becomes the other when one of them is asked for: attributes of a class that has `__getattr__` are slow."""

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS:
            raise AttributeError(name)
        compiled = re.compile(self.pattern, self._flags)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        self.__class__ = _Compiled  # type: ignore[assignment]
        return getattr(compiled, name)
