"""Results of the doctor's checks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CheckState(StrEnum):
    """The result of a check."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check: its result, what was found, and what to do (None if nothing)."""

    name: str
    state: CheckState
    said: str
    advice: str | None = None

    @classmethod
    def ok(cls, name: str, said: str, advice: str | None = None) -> Check:
        """Return a check that passed."""
        return cls(name=name, state=CheckState.OK, said=said, advice=advice)

    @classmethod
    def warning(cls, name: str, said: str, advice: str) -> Check:
        """Return a check that found something to look at."""
        return cls(name=name, state=CheckState.WARNING, said=said, advice=advice)

    @classmethod
    def failed(cls, name: str, said: str, advice: str) -> Check:
        """Return a check that failed."""
        return cls(name=name, state=CheckState.FAILED, said=said, advice=advice)
