"""yamadan96/paper-survey: Japanese notes on vision models, adapters and bird sounds, in the same eight sections each.

The front matter has authors, venue and address, but the site (Quartz) shows only title, date and tags from it.
"""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, name_in

_OWN_VENUE = re.compile(r"\b(ICLR|ICML) (20\d\d) (?:oral|Outstanding Paper Award)")
_OF_A_CHALLENGE = re.compile(r"birdclef2025|dcase2024")  # “BirdCLEF+ 2025” may be called a venue or not: not judged
_HAS_NAME = re.compile(r"/(?:vit|mae|birdmae-2025|birdclef2025-noisy-student-1st-place)\.md$")  # not in the title


def _rule(note: Note) -> Facts:
    """No text names its authors or links its paper; two summaries say “ICML 2024 oral” or the like of it."""
    facts: Facts = {"ids": {}, "authors": []}
    if not _OF_A_CHALLENGE.search(note.path):
        own = _OWN_VENUE.search(note.body.partition("\n## 背景")[0])
        facts |= {"venue": own[1] if own else None, "year": int(own[2]) if own else None}
    if not _HAS_NAME.search(note.path) and not name_in(note.title):
        facts["name"] = None
    return facts


ENTRY = Repository(
    repository="yamadan96/paper-survey",
    commit="df9edff20416e1b6ab2e725242b552de9236ee99",
    path=r"^content/papers/\d{4}/[^/]+\.md$",
    base="https://yamadan96.github.io/paper-survey",
    address="/papers/{slug}",
    facts=_rule,
)
