"""Small PNG files: a picture of few colours as indices into a palette.

Pure. Source: Portable Network Graphics (PNG) Specification, third edition, sections 5 and 11.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
import numpy.typing as npt

__all__ = ["write_png"]

_COLOURS = 256
_PALETTE_TYPE = 3


def write_png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """Write rows of red, green and blue (or with alpha, which is left out).

    Colours that differ in their lowest bits alone are taken for one where there are more than a palette holds: the
    one that most pixels have, so that the large areas keep theirs.
    """
    height, width = pixels.shape[:2]
    red, green, blue = (pixels[:, :, band].astype(np.uint32).ravel() for band in range(3))
    shades, shade_of, counts = np.unique(red << 16 | green << 8 | blue, return_inverse=True, return_counts=True)
    for bits in range(9):
        mask = np.uint32(0xFF >> bits << bits) * np.uint32(0x010101)
        groups, group_of = np.unique(shades & mask, return_inverse=True)
        if len(groups) <= _COLOURS:
            break
    commonest_last = np.argsort(counts)
    palette = np.zeros(len(groups), np.uint32)
    palette[group_of[commonest_last]] = shades[commonest_last]
    indices = group_of[shade_of].astype(np.uint8).reshape(height, width)
    rows = np.hstack([np.zeros((height, 1), np.uint8), indices])  # each row begins with its filter: none
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, _PALETTE_TYPE, 0, 0, 0)),
            _chunk(b"PLTE", palette.astype(">u4").view(np.uint8).reshape(-1, 4)[:, 1:].tobytes()),
            _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
