"""A catalogue of a language, made by a test: what the build compiles from a translator's file."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

HEADER = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=1; plural=0;\n"


def write_catalogue(locales: Path, language: str, texts: Mapping[str, str]) -> None:
    """Write texts and their translations as gettext reads them. Source: GNU gettext manual, "MO Files"."""
    entries = sorted({"": HEADER, **texts}.items())
    keys, values = ([text.encode() for text in column] for column in zip(*entries, strict=True))
    data_at = 28 + 16 * len(entries)
    tables, data = b"", b""
    for texts_of in (keys, values):
        for text in texts_of:
            tables += struct.pack("<II", len(text), data_at + len(data))
            data += text + b"\0"
    header = struct.pack("<7I", 0x950412DE, 0, len(entries), 28, 28 + 8 * len(entries), 0, 0)
    path = locales / language / "LC_MESSAGES" / "nonmun.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(header + tables + data)
