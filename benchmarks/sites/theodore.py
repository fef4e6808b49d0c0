"""Theodore-PKU/paper-notes: Chinese notes on reconstructing images (MRI, CT, PET) and on generative models.

Older posts have “### Paper:”, “### Author:”, “### Year:”, “### Notes:” and no title of their own; newer ones a title,
then “## 信息” with “作者：…”, “期刊会议：…”, “年份：…”, or “Authors: …”, “Year: ICML 2020”. BibTeX stands in all.
"""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, ids_of

_TITLE = re.compile(r"\s*### Paper:\s*\n\s*(\S.*?)[ \t]*\n")
_AUTHORS = re.compile(r"^(?:Authors?: |作者：|### Author:\s*\n)\s*(\S.*)$", re.MULTILINE)
_YEAR = re.compile(r"^(?:Year: |年份[:：]\s*|### Year:\s*\n\s*)(20\d\d)\s*$", re.MULTILINE)
_VENUE = re.compile(r"^期刊会议[:：]\s*(\S+)$", re.MULTILINE)
_VENUE_AND_YEAR = re.compile(r"^(?:Year: )?([A-Z][A-Za-z ]+) (20\d\d)$", re.MULTILINE)
_BIBTEX = re.compile(r"^```(?:latex)?\s*\n(@.*?)^```", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^\s*(\w+)=\{(.*)\},?\s*$", re.MULTILINE)
_ARXIV = re.compile(r"arXiv:(\d{4}\.\d{4,5})$")


def _title(note: Note) -> str:
    """The line below “### Paper:” (the first heading), else the first heading."""
    return told[1] if (told := _TITLE.match(note.body)) else note.title


def _rule(note: Note) -> Facts:
    """The labels above the notes; of the post's own BibTeX the number at arXiv, and the journal."""
    # left out: authors that are a picture; a preprint's venue; a conference that BibTeX alone tells, at full length
    head = re.split(r"^(?:```|### Notes:)", note.body, maxsplit=1, flags=re.MULTILINE)[0]
    bibtex = dict(_FIELD.findall(entry[1] if (entry := _BIBTEX.search(note.body)) else ""))
    journal = bibtex.get("journal", "").replace("\\&", "&")
    arxiv = _ARXIV.search(journal)
    facts: Facts = {"ids": ids_of(f"https://arxiv.org/abs/{arxiv[1]}") if arxiv else {}}
    told = _AUTHORS.search(head)
    if told and "<img" not in told[1]:
        names = re.split(r",|\band\b", told[1], flags=re.IGNORECASE)
        facts["authors"] = [name.strip() for name in names if name.strip()]
    year, venue, both = _YEAR.search(head), _VENUE.search(head), _VENUE_AND_YEAR.search(head)
    if both:
        facts |= {"venue": both[1], "year": int(both[2])}
    elif venue and year and venue[1] != "arXiv":
        facts |= {"venue": venue[1], "year": int(year[1])}
    elif year and journal and not journal.startswith("arXiv"):
        facts |= {"venue": journal, "year": int(year[1])}
    elif year and not journal and "booktitle" not in bibtex:
        facts |= {"venue": None, "year": int(year[1])}
    if note.title.startswith("λ-net:"):
        facts["name"] = "λ-net"
    return facts


# No weekly lists, plans or essays, and none of the stubs (under 250 letters of notes) that would be among the sixty.
ENTRY = Repository(
    repository="Theodore-PKU/paper-notes",
    commit="c1db941a573ecf653615003406217533d817c320",
    path=(
        r"^(?!\d{4,}-|papers-need|[一-龥]|perceputal|optimization-a-|learning-(sub-|from-our)|image-prediction"
        r"|eter-net|denoising-prior|deep-(plus|learning-based-breast)|color-image|adversarial-training"
        r"|accelerating-magnetic)[^/]+\.md$"
    ),
    base="https://Theodore-PKU.github.io/paper-notes",
    address="/{path}.html",
    limit=60,
    title=_title,
    facts=_rule,
)
