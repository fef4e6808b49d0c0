"""The names behind a label for authors and in the lines below it.

In: a :class:`Field`. Out: names. Pure.

A list continues on the next line if one line ends with a comma, if both have affiliation marks, if each author has a
separate line, or if each name has an institution and an address below it. It ends at a line that is none of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from bot.models.reviews import BlockKind
from bot.reviews.authors import (
    are_people,
    goes_on,
    has_marks,
    has_more,
    is_legend,
    is_name,
    is_numbered,
    names_institution,
    names_place,
    read_authors,
)
from bot.reviews.fields import Field, Line
from bot.reviews.people import Strength, read_people
from bot.text.patterns import lazy_pattern

_AFFILIATION = lazy_pattern(r"\s+[-–—]\s+|\s*[:：]\s+|\s+@\s*")  # "Ada Quill - Lake University"
_MAX_WRAPPED_WORDS = 4
_MAX_WRAPPED_CHARS = 4_000
_KEY = lazy_pattern(r"[:：](?!//)")


def read_author_list(field: Field) -> tuple[str, ...]:
    """Return the names behind a label for authors, and those in the lines below that belong to it."""
    if field.value and not _is_institution(field.value):
        first, *below = join_wrapped([replace(field.line, text=field.value), *field.below])
        names = read_authors(first.text, is_labelled=True) or _read_beside_others(first.text)
        is_cell = field.line.kind is BlockKind.TABLE  # each line in it may be an author
        return _unique([*names, *read_further(first, below, is_listed=is_cell)]) if names else ()
    return _read_below(join_wrapped(field.below))


def _read_beside_others(text: str) -> tuple[str, ...]:
    """Return the names behind a label that stand beside other things, roles or a venue, if half of them are known."""
    people = read_people(text)
    return people.names if people and people.share(Strength.PART) >= _LEAST_KNOWN else ()


_LEAST_KNOWN = 0.5


def _read_below(lines: Sequence[Line]) -> tuple[str, ...]:
    """Return the names in the lines below a label that has none behind it."""
    if not lines or not (first := _read_line(lines[0])):
        return _read_items(lines)
    if all(line.kind is BlockKind.ITEM for line in lines[:2]) and (items := _read_items(lines)):
        return items
    further = _read_blocks(lines[1:]) if len(first) == 1 else ()
    return _unique([*first, *(further or read_further(lines[0], lines[1:], is_listed=True))])


def _is_institution(value: str) -> bool:
    """Whether the text behind a label is an institution, with the authors below."""
    is_known = (
        names_institution(value) and not read_authors(value, is_labelled=True) and not _read_beside_others(value)
    )
    return is_known or (value.isupper() and value.isalpha())


def join_wrapped(lines: Sequence[Line]) -> list[Line]:
    """Join the lines of a list that breaks off within a name: "…, Ada" and "Quill, Bo Li, …"."""
    return [joined for joined, _ in count_wrapped(lines)]


def count_wrapped(lines: Sequence[Line]) -> list[tuple[Line, int]]:
    """Return what `join_wrapped` does, and of how many lines each consists."""
    joined: list[tuple[Line, int]] = []
    for line in lines:
        before, count = joined[-1] if joined else (None, 0)
        if before and before.kind is line.kind and _is_wrapped(before.text, line.text):
            joined[-1] = replace(before, text=f"{before.text.rstrip()} {line.text.lstrip()}"), count + 1
        else:
            joined.append((line, 1))
    return joined


def _is_wrapped(text: str, below: str) -> bool:
    if len(text) > _MAX_WRAPPED_CHARS:
        return False
    is_list = min(text.count(","), below.count(",")) > 1 and not goes_on(text)
    last, first = text.rpartition(",")[2].split(), below.partition(",")[0].split()
    return is_list and 1 in (len(last), len(first)) and len(last) + len(first) <= _MAX_WRAPPED_WORDS


def _unique(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def read_further(last: Line, lines: Sequence[Line], *, is_listed: bool = False) -> list[str]:
    """Return the names in the lines below one that has names, as far as the list continues."""
    names: list[str] = []
    for line in lines:
        if has_more(last.text) or not _goes_on(last, line, is_listed=is_listed):
            break
        line_names = () if has_marks(last.text) and is_numbered(line.text) else _read_line(line)
        if not any(map(is_name, line_names)) and not any(map(_is_asian, line_names)):
            break
        names += line_names
        last = line
    return names


def _goes_on(last: Line, line: Line, *, is_listed: bool) -> bool:
    """Whether a list may continue on the next line.

    ``is_listed``: it begins below its label.
    """
    is_within = is_listed and last.place == line.place  # in the same block
    is_alike = min(last.text.count(","), line.text.count(",")) > 1 and are_people(read_authors(line.text))
    is_alike = is_alike or (has_marks(last.text) and has_marks(line.text)) or ("@" in last.text and "@" in line.text)
    return goes_on(last.text) or is_alike or is_within


def _read_line(line: Line) -> tuple[str, ...]:
    """Return the names in a line below a label; the text after a dash or a colon is where they work."""
    cut = _AFFILIATION.split(line.text)
    if len(cut) == 2 and (names := read_authors(cut[0], is_labelled=True)):
        is_key = _KEY.search(line.text) is not None and not all(map(is_name, names))  # "출간: …"
        return () if is_key else names
    return () if _KEY.search(line.text) else read_authors(line.text, is_labelled=True)


def _is_asian(name: str) -> bool:
    return not name[0].isascii() and read_authors(name, is_labelled=True) == (name,)


def _read_items(lines: Sequence[Line]) -> tuple[str, ...]:
    """Return the names in list items with one or more authors each.

    The explanation of their marks comes last. If any other item has no names, all items are read as one list.
    """
    names: list[str] = []
    items = list(takewhile(lambda line: line.kind is BlockKind.ITEM, lines))
    for at, line in enumerate(items):
        is_told = at > 0 and has_marks(items[at - 1].text) and is_numbered(line.text)
        line_names = () if is_told else _read_line(line)
        if not line_names and names and is_legend(line.text):
            break
        if not line_names:
            return read_authors(", ".join(item.text for item in items), is_labelled=True)  # some are in lower case
        names += line_names
    return _unique(names)


def _read_blocks(lines: Sequence[Line]) -> list[str]:
    """Return names that each stand above an institution and an address, as papers print them; [] for other lines."""
    names: list[str] = []
    has_said = False
    for line in lines:
        line_names = () if names_place(line.text) else read_authors(line.text, is_labelled=True)
        if len(line_names) == 1 and is_name(line_names[0]) and has_said:
            names += line_names
            has_said = "@" in line.text
        elif not line_names and (is_legend(line.text) or names_place(line.text)):
            has_said = True
        else:
            break
    return names
