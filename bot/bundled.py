"""What ships beside the code as data."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def sample_feed() -> Path:
    """The bundled feed of sample reviews: inside the package in a wheel, beside it in a checkout."""
    packaged = _PACKAGE / "data" / "sample_feed.xml"
    return packaged if packaged.exists() else _PACKAGE.parent / "data" / "sample_feed.xml"
