"""mmcmahon13/paper-notes: English notes on extracting text from papers and on sequence tagging.

The line below the title is a reference in one of several styles, or the authors alone.
"""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository

_BELOW_TITLE = re.compile(r"^# .*\n\s*(.*)", re.MULTILINE)
_LAST_AND_INITIALS = re.compile(r"(\w[\w-]+), ((?:[A-Z]\. ?)+)(?:, |, & | & |(?=\())")
_FULL = re.compile(r"[\w-]+(?: [A-Z]\.)? [\w-]+(?: [\w-]+)?")
_WRITTEN_OTHERWISE = {
    "Cermine": ["Dominika Tkaczyk"],
    "GROBID": ["P. Lopez"],
    "SectLabel": ["Minh-Thang Luong", "Thuy Dung Nguyen", "Min-Yen Kan"],
    "bilstm-crf-sequence-tagging": ["Huang"],
}


def _rule(note: Note) -> Facts:
    """“Last, F., & Last, F. (2014)” or “Full Name, Full Name”; none where neither stands there."""
    if names := _WRITTEN_OTHERWISE.get(note.stem):
        return {"authors": names}
    below = _BELOW_TITLE.search(note.body)
    line = below[1].strip(" *_") if below else ""
    if turned := _LAST_AND_INITIALS.findall(line):
        return {"authors": [f"{initials.strip()} {last}" for last, initials in turned]}
    parts = line.split(", ")
    return {"authors": parts if all(map(_FULL.fullmatch, parts)) and len(parts) > 1 else []}


ENTRY = Repository(
    repository="mmcmahon13/paper-notes",
    commit="50c79b8798e1af5cfb41013750560caee582b674",
    path=r"^notes/[^/]+\.md$",
    base="https://mmcmahon13.github.io/paper-notes",
    address="/{path}.html",
    facts=_rule,
)
