"""jsheng0901/paper-notes: Chinese notes on recommenders: crossed features, and what users did before."""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, ids_of

_FIELD = re.compile(r"^- (链接|时间)：[ \t]*(\S+)", re.MULTILINE)
_TELLS_VENUE = re.compile("AAAI|CIKM|KDD|WSDM")


def _rule(note: Note) -> Facts:
    """“- 链接：https://…”, “- 时间：2019” below the title; companies, but no authors and no venue."""
    said = dict(_FIELD.findall(note.body.partition("\n## ")[0]))
    address = said.get("链接", "")
    facts: Facts = {"ids": ids_of(address), "authors": []}
    if not _TELLS_VENUE.search(address):  # “…/CIKM2020_DMT.pdf”: who knows whether that says a venue
        facts |= {"venue": None, "year": int(said["时间"]) if "时间" in said else None}
    if note.title.startswith("DCN^2 "):
        facts["name"] = "DCN^2"
    return facts


# No summary of many papers, no stub; and not ETA-Net: it has the link of ETA and “the same as ETA” in most sections.
ENTRY = Repository(
    repository="jsheng0901/paper-notes",
    commit="1fac2518cb0c504e85dfbc1a1993c9b4b0602145",
    path=r"^paper/(?:feature_crossing|sequence_modeling/(?:long|short)/note)/(?!ETA-Net).*\.md$",
    base="https://jsheng0901.github.io/paper-notes",
    address="/{path}.html",
    facts=_rule,
)
