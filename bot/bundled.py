"""The data files that ship with the code."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def sample_feed() -> Path:
    """The bundled feed of sample reviews."""
    return _data("sample_feed.xml")


def glossary() -> Path:
    """The bundled glossary of the field's terms, Korean and English."""
    return _data("glossary.txt")


def everyday_words() -> Path:
    """The bundled list of everyday words, each with the terms that papers use for it."""
    return _data("everyday.txt")


def known_papers() -> Path:
    """The bundled list of well-known papers, with names that their titles do not contain."""
    return _data("known_papers.txt")


def person_names() -> Path:
    """The bundled list of given names and surnames."""
    return _data("person_names.txt")


def venues() -> Path:
    """The bundled list of conferences and journals, with their spellings."""
    return _data("venues.txt")


def word_vectors() -> Path:
    """The bundled vectors of words, by which words that mean nearly the same are found."""
    return _data("word_vectors.npz")


def _data(name: str) -> Path:
    """The path of a data file: inside the package in a wheel, beside it in a checkout."""
    packaged = _PACKAGE / "data" / name
    return packaged if packaged.exists() else _PACKAGE.parent / "data" / name
