"""lee-jeongha/PaperNotesArchive: notes on training systems and storage, with few words of Korean.

Below the title stand a line of authors with semicolons, a line of the venue in italics, and a quotation of topics and
addresses.
"""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, ids_of

_VENUES: dict[str, tuple[str, int]] = {
    "01_": ("USENIX ATC", 2023),
    "02_": ("USENIX ATC", 2023),
    "03_": ("FAST", 2023),
    "06_": ("HiPC", 2019),
    "07_": ("IPDPS", 2022),
    "08_": ("MASCOTS", 2018),
    "09_": ("USENIX ATC", 2021),
    "10_": ("NIPS", 2018),
    "11_": ("CHI", 2023),
    "14_": ("IPDPS", 2020),
    "16_": ("Euro-Par", 2023),
    "18_": ("FAST", 2023),
    "19_": ("USENIX ATC", 2021),
    "20_": ("ICIP", 2017),
    "21_": ("ICML", 2017),
    "23_": ("NeurIPS", 2023),
}
_ADDRESS = re.compile(r"\]\((https?://[^)]+)\)")


def _rule(note: Note) -> Facts:
    """Names are not judged where only the folder gives one."""
    above = note.body.partition("\n## ")[0]
    lines = [line.strip() for line in above.splitlines()]
    listed = next((line for line in lines if "; " in line and not line.startswith((">", "<", "*", "TeX"))), "")
    listed = listed or next((line for line in lines if line.startswith("Angelos")), "")
    facts: Facts = {"ids": ids_of(*_ADDRESS.findall(above))}
    facts["authors"] = [one for one in re.split(r"; and |; | and ", listed) if one]
    folder = note.path.split("/")[-2]
    if venue := _VENUES.get(folder[:3]):
        facts["venue"], facts["year"] = venue
    return facts


ENTRY = Repository(
    repository="lee-jeongha/PaperNotesArchive",
    commit="380b625d364e30ca751c28c126dadc6365d001bf",
    path=r"^paper_notes/\d.*\.md$",
    base="https://lee-jeongha.github.io/PaperNotesArchive",
    address="/{path}.html",
    facts=_rule,
)
