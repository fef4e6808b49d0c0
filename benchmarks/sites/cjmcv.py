"""cjmcv/deeplearning-paper-notes: Chinese notes on detection, faces, classification and super-resolution.

A title is the method's name, then in full-width brackets an affiliation, a venue and a year, some of which may be
missing: “FPN（FAIR, CVPR, 2017）”. “论文：” is a reference, mostly with three authors, “et al.” and “[J]. 2016.”.
"""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, ids_of

_TITLE = re.compile(r"\s*(.+?)（(?:(.*)[,，])?\s*(\d{4})）\s*$")
_VENUES = ("AAAI", "ACM MM", "BMVC", "CVPR", "ECCV", "ICCV", "ICLR", "ICML", "IJCB", "IJCV", "NIPS", "PAMI")
_PAPER = re.compile(r"^论文(?:（若干）)?：\s*(.+)$", re.MULTILINE)
_AUTHORS = re.compile(r"((?:[^\W\d_][\w-]+(?: [^\W\d_][\w-]+)*(?: [A-Z])+(?:, |(?=\. )))+)(?:et al)?\. ")
_ARXIV = re.compile(r"arXiv preprint arXiv:(\d{4}\.\d{4,5})")
# a topic, a company or a slip instead of the method's name, or the whole title of the paper
_NO_NAMES = ("Attention", "Generative Adversarial Nets", "UDC_HDC", "Xiaomi")
# the reference of another paper is copied there, alone or with the right one
_NOT_ITS_OWN = ("Batch Normalization", "FaceNet")
# another journal or conference stands in the reference only, some of them wrongly (“Computer Science”, “Fiber”)
_UNSURE = ("Batch Normalization", "Deep Compression", "Generative Adversarial Nets", "OpenFace", "ResNet")
_OTHERWISE_DATED = ("FSRCNN", "Selective Search")  # title and reference give the same venue different years
_WRITTEN_OTHERWISE = {
    "DeepIR": ["Xudong Sun", "Pengcheng Wu", "Steven C. H. Hoi"],
    "FSRCNN": ["Chao Dong", "Chen Change Loy", "Xiaoou Tang"],
    "LNMS": ["J Hosang", "R Benenson", "B Schiele"],
    "OpenFace": ["Tadas Baltrušaitis", "Peter Robinson", "Louis-Philippe Morency"],
    "RCNN": ["Girshick R", "Donahue J", "Darrell T"],
}


def _rule(note: Note) -> Facts:
    """The name, venue and year in the title; the authors (“Lin T Y, Dollár P, …”) at the start of “论文：”."""
    told, paper = _TITLE.match(note.title), _PAPER.search(note.body)
    if not told or not paper:
        raise ValueError(note.path)
    called = told[1]
    arxiv, written = _ARXIV.search(paper[1]), _AUTHORS.match(paper[1])
    facts: Facts = {"title": called, "ids": ids_of(f"https://arxiv.org/abs/{arxiv[1]}") if arxiv else {}}
    if called not in _NO_NAMES:
        facts["name"] = called
    if called not in _NOT_ITS_OWN:
        listed = written[1].strip(", ").split(", ") if written else []
        facts["authors"] = _WRITTEN_OTHERWISE.get(called, listed)
    if called not in _UNSURE:
        venue = next((part for part in re.split(r"\s*[,，]\s*", told[2] or "") if part in _VENUES), None)
        facts |= {"venue": venue, "year": int(told[3]) if called not in _OTHERWISE_DATED else None}
    return facts


# No data sets, no notes on Caffe or on basic algorithms, no lists of links (LBF, Capsule); every second of 103 posts.
ENTRY = Repository(
    repository="cjmcv/deeplearning-paper-notes",
    commit="15564c202e0b7b1004967d7b86306dae4a167638",
    path=r"^_posts/(?:align|compress|detect|gan|mask|reg|sr|trick)/(?!.*-(?:LBF|Capsule)\.)[^/]+\.markdown$",
    base="https://cjmcv.github.io/deeplearning-paper-notes",
    address="/{category}/{slug}.html",
    limit=51,
    facts=_rule,
)
