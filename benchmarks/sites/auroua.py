"""auroua/paper_notes: English notes with some Chinese, on GANs and domain adaptation, facts in headings of rank 6."""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository

_FACT = re.compile(r"###### *(.+)")
_PUBLISHED = re.compile(
    r"(?:published: *)?(?:(\d{4})-\d{1,2} +|Google Brain +)?([A-Za-z][A-Za-z ]+?)[ -]*(20\d\d)?(?: Best Paper)?"
)
_TITLE = re.compile(r"#{2,3}\s*(?!\s|20\d\d-)(.+)")


def _rule(note: Note) -> Facts:
    """A venue stands behind “published:”, or behind the affiliation in one post; a date alone is of no venue."""
    lines = [match[1].strip() for match in map(_FACT.match, note.body.splitlines()) if match]
    said = next((match for line in lines if (match := _PUBLISHED.fullmatch(line)) and (match[3] or match[1])), None)
    year = said and (said[3] or said[1])
    return {"venue": said[2] if said else None, "year": int(year) if year else None}


def _title(note: Note) -> str:
    """The heading; some posts begin with a date as a heading."""
    return next((match[1].strip() for match in map(_TITLE.match, note.body.splitlines()) if match), note.title)


# Not the survey of a book nor the test pages.
ENTRY = Repository(
    repository="auroua/paper_notes",
    commit="681cf8c368b77f231e298ba070d28867ba6f2410",
    path=r"^(?!RL|md_test)[^/]+/[^/]+\.md$",
    base="https://auroua.github.io/paper_notes",
    address="/{path}.html",
    title=_title,
    facts=_rule,
)
