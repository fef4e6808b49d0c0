"""What the doctor looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CheckState(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at: how it is, what was seen, and what to do (None where nothing is)."""

    name: str
    state: CheckState
    said: str
    advice: str | None = None

    @classmethod
    def ok(cls, name: str, said: str, advice: str | None = None) -> Check:
        return cls(name=name, state=CheckState.OK, said=said, advice=advice)

    @classmethod
    def warning(cls, name: str, said: str, advice: str) -> Check:
        return cls(name=name, state=CheckState.WARNING, said=said, advice=advice)

    @classmethod
    def failed(cls, name: str, said: str, advice: str) -> Check:
        return cls(name=name, state=CheckState.FAILED, said=said, advice=advice)
