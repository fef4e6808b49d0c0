"""Blogs of other authors, one module each: which posts of its repository are taken, and the rule for their facts.

`REPOSITORIES` has the ``ENTRY`` of each module by the module's name, which is also that of its feed, its truths and
its queries (`benchmarks/queries`). Nothing of their texts is kept here.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of


def first_heading_links(note: Note) -> Facts:
    """The first line is the paper's title and links it."""
    first = next((line for line in note.body.splitlines() if line.strip()), "")
    return {"ids": ids_of(*(address for _, address in LINK.findall(first)[:1]))}


REPOSITORIES: dict[str, Repository] = {
    module.name: import_module(f"{__name__}.{module.name}").ENTRY for module in iter_modules(__path__)
}
