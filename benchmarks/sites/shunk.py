"""shunk031/paper-survey: Japanese summaries, mostly on language, six questions on each paper."""

from __future__ import annotations

import re

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of


def _rule(note: Note) -> Facts:
    """A last section with the paper's citation, which links it: “Last, First, et al. "Title." …”."""
    _, heading, section = note.body.rpartition("論文情報")
    links = LINK.findall(section) if heading else []
    cited, address = links[0] if links else ("", "")
    facts: Facts = {"ids": ids_of(address)}
    named = re.match(r"([^\".,]+, [^\".,]+?)(?:,? et al\.|\. \"|, and ([^\".,]+)\.)", cited)
    if named:
        facts["authors"] = [name for name in named.groups() if name]
    return facts


ENTRY = Repository(
    repository="shunk031/paper-survey",
    commit="eea5f07b86e9ed56239f3578cf6626d04af5ca51",
    path=r"^_posts/\d",
    base="https://shunk031.me/paper-survey",
    address="/summary/{category}/{slug}",
    limit=60,
    facts=_rule,
)
