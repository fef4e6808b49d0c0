"""fgabel/Deep-Learning-and-Automated-Driving-Papernotes: English notes on perception for driving, “Problem: …”."""

from __future__ import annotations

from benchmarks.notes import HEADING, LINK, Facts, Note, Repository, ids_of


def _rule(note: Note) -> Facts:
    """The first heading links the paper; nobody is named as an author."""
    heading = next((line for line in note.body.splitlines() if HEADING.match(line)), "")
    return {"ids": ids_of(*(address for _, address in LINK.findall(heading)[:1]))}


# Not the post whose heading is another one's, nor the one that links another paper (Squeeze), and no template.
ENTRY = Repository(
    repository="fgabel/Deep-Learning-and-Automated-Driving-Papernotes",
    commit="30a56820c287980bc7d3844e0f8330655a8c2339",
    path=r"^comments/(?!template|Mixed Precision|Squeeze).*\.md$",
    base="https://fgabel.github.io/Deep-Learning-and-Automated-Driving-Papernotes",
    address="/{path}.html",
    facts=_rule,
)
