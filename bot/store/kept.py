"""What is kept beside the database because it takes long to work out: it can be deleted, and is then made again."""

from __future__ import annotations

import json
import logging
import mmap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.store.files import beside, give_to_owner, new_file, put_in_place

GLOSSARY = ".glossary"
"""Added to the database's name."""
NAMES = ".names"
ALIGNMENT = 64
"""Each array begins at a multiple of so many bytes, as NumPy's own files do."""

log = logging.getLogger(__name__)


def read_kept(database: Path, suffix: str, *, digest: str) -> str | None:
    """Return what was kept under a suffix; None if nothing is there, or if it was made from something else.

    Args:
        digest: Of everything that it depends on.
    """
    try:
        text = beside(database.resolve(), suffix).read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return None
    head, foot = f"{digest}\n", f"\n{digest}"  # without the second, the system crashed before all was on the disk
    is_whole = text.startswith(head) and text.endswith(foot) and len(text) >= len(head) + len(foot)
    return text[len(head) : -len(foot)] if is_whole else None


def write_kept(database: Path, suffix: str, content: str, *, digest: str) -> None:
    """Keep a text under a suffix, complete or not at all. If that fails, it is only worked out again next time."""
    _write(database, suffix, [f"{digest}\n{content}\n{digest}".encode()])


def map_arrays(database: Path, suffix: str, *, digest: str) -> dict[str, npt.NDArray[Any]] | None:
    """Return the arrays that were kept under a suffix, without reading them: they lie in the file, which may be
    replaced meanwhile. None if nothing is there, or if it was made from something else.

    Args:
        digest: Of everything that they depend on, byte order included.
    """
    try:
        with beside(database.resolve(), suffix).open("rb") as file:
            if file.readline() != f"{digest}\n".encode():
                return None
            kinds = json.loads(file.readline())
            start = file.tell()
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return _arrays_in(mapped, kinds, start)
    except (OSError, ValueError, TypeError) as exc:  # it was cut, or something else has its name
        log.debug("not mapped suffix=%s why=%s", suffix, exc)
        return None


def _arrays_in(mapped: mmap.mmap, kinds: list[tuple[str, str, int]], start: int) -> dict[str, npt.NDArray[Any]]:
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, kind, count in kinds:
        start += -start % ALIGNMENT
        arrays[name] = np.ndarray(count, kind, mapped, start)
        start += arrays[name].nbytes
    return arrays


def write_arrays(database: Path, suffix: str, arrays: Mapping[str, npt.NDArray[Any]], *, digest: str) -> bool:
    """Keep arrays of one dimension under a suffix, complete or not at all, and return whether that succeeded."""
    kinds = [(name, array.dtype.str, len(array)) for name, array in arrays.items()]
    return _write(database, suffix, _parts(f"{digest}\n{json.dumps(kinds)}\n".encode(), arrays.values()))


def _parts(head: bytes, arrays: Iterable[npt.NDArray[Any]]) -> Iterator[bytes | memoryview]:
    """What is written one behind the other: each array where it is looked for (`_arrays_in`)."""
    yield head
    size = len(head)
    for array in arrays:
        yield bytes(-size % ALIGNMENT)
        yield np.ascontiguousarray(array).data
        size += -size % ALIGNMENT + array.nbytes


def _write(database: Path, suffix: str, parts: Iterable[bytes | memoryview]) -> bool:
    """Write a file beside the database once all of it is on the disk, and return whether that succeeded."""
    path = beside(database.resolve(), suffix)
    try:
        with new_file(path, "new") as made:
            with made.open("wb") as file:
                file.writelines(parts)
            give_to_owner(made, of=database)
            put_in_place(made, path)
    except OSError as exc:
        log.debug("not kept path=%s why=%s", path, exc)
        return False
    return True
