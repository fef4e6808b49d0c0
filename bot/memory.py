"""How much memory the process has, and giving back to the system what is free but still counts as the process's."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path


def give_back() -> None:
    """Give free memory between used blocks back to the system, if the C library can. Takes 1 to 3 ms.

    On its own, glibc only gives back memory behind the last used block. Source: ``man 3 malloc_trim``.
    """
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)


def resident_bytes() -> int | None:
    """Return the memory that the process occupies; None where the system does not tell. Source: ``man 5 proc``."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None
