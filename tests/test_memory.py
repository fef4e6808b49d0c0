"""Giving memory back."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

import pytest

from bot import memory

MB = 1 << 20


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="the C library cannot"
)
def test_what_is_free_between_what_is_kept_is_given_back() -> None:
    blocks = [bytes(2_000) for _ in range(50_000)]  # 100 MB, too small to be mapped one by one
    kept = blocks[::500]
    del blocks
    before = resident()
    memory.give_back()
    assert before - resident() > 50 * MB
    assert len(kept) == 100
