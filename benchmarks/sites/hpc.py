"""mabdullahsoyturk/HPC-Paper-Notes: English notes on GPUs, graph processing, training at scale and pruning.

Every folder has a README with the paper's title and mostly its citation, copied in the style of MLA, IEEE or ACM.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from benchmarks.notes import Facts, Note, Repository, ids_of, name_in

_HEAD = re.compile(r"\s*# .*\n((?:(?!#).*\n?)*)")  # what stands between the title and the next heading
_ADDRESS = re.compile(r"https?://[^\s,)}]+|\b10\.\d{4,}/[^\s,]+|\barXiv:\d{4}\.\d{4,5}")
_QUOTING = re.compile(r'(?P<names>[^"\n]+?)[,.]? "(?P<title>[^"]+)" ?(?P<rest>.+)')  # MLA and IEEE
_DATED = re.compile(r"(?P<names>[^\n]+?)\. (?P<year>(?:19|20)\d\d)\. (?P<rest>.+)")  # ACM
_YEAR_IN_BRACKETS = re.compile(r"\(((?:19|20)\d\d)\)")
_YEAR = re.compile(r"(?<![-\d])(?:19|20)\d\d(?![-\d])")
_SHORT_VENUE = re.compile(r"\(([A-Z]\w*[A-Z0-9])(?: ['’]\d\d)?\)|\b(SC)(?: ')?\d\d:")
_LONG_VENUE = re.compile(
    r"(?:in )?(IEEE Transactions on [A-Za-z ]+?)(?:,| \d)|.*?(ACM Trans\. Comput\. Syst\.) \d"
    r"|((?i:Advances in neural information processing systems)) \d|Proceedings of the (.+?)\. (?:19|20)\d\d"
)
_CITED_OTHERWISE: dict[str, Facts] = {
    "Interferences": {"authors": ["Philippe Swartvagher"], "venue": "Euro-Par", "year": 2021},
    "IPUG": {
        "authors": [
            "Luk Burchard",
            "Johannes Moe",
            "Daniel Thilo Schroeder",
            "Konstantin Pogorelov",
            "Johannes Langguth",
        ],
    },
    "Locality": {"authors": ["Scott Beamer", "Krste Asanović", "David Patterson"], "venue": "IISWC", "year": 2015},
    "MVAPICH2": {"authors": ["Wang, H.", "Potluri, S.", "Luo, M."], "venue": "Comput Sci Res Dev", "year": 2011},
    "SPIN": {
        "authors": ["Bergman, Shai", "Brokhman, Tanya", "Cohen, Tzachi", "Silberstein, Mark"],
        "venue": "ACM Transactions on Computer Systems",
        "year": 2019,
    },
    "Supporting": {"authors": ["Joao Mario Domingos", "Pedro Tomas", "Leonel Sousa"]},
    "Switch": {"authors": ["William Fedus", "Barret Zoph", "Noam Shazeer"]},
    "The-Efficiency": {
        "authors": ["Mostafa Dehghani", "Yi Tay", "Anurag Arnab", "Lucas Beyer", "Ashish Vaswani"],
        "venue": "International Conference on Learning Representations",
        "year": 2022,
    },
}
_PUBLISHER = "Performance-Trade-offs"  # “IEEE, 2020.” instead of a venue: not judged
_UNTITLED = ("Notes", "Learn more about:", "Learn more about the followings:")
_NAMES = ("Groute", "Softshell", "WhippleTree", "KARMA", "Sparse-GPT", "ZeRO")
# not judged: known by a name that is in the text or is another thing's
_UNSURE = re.compile("Megatron-LM|Few-Shot|Compute-Optimal|Residual|Triangular|GPU Triggered|Broker Queue")


def _title(note: Note) -> str:
    """The folder's name if the paper's title is no heading."""
    if note.title not in _UNTITLED:
        return note.title
    return PurePosixPath(note.path).parent.name.replace("-", " ").replace("Roofline ", "Roofline: ")


def _rule(note: Note) -> Facts:
    """The citation below the title; of a venue with its abbreviation in brackets, the abbreviation.

    Names before “et al.” are all that is told. A preprint has no venue.
    """
    folder = PurePosixPath(note.path).parent.name
    head = match[1].strip() if (match := _HEAD.match(note.body)) else ""
    facts: Facts = {
        "ids": ids_of(*(address.rstrip(".") for address in _ADDRESS.findall(head))),
        "authors": [],
        "venue": None,
        "year": None,
    }
    if cited := _QUOTING.match(head) or _DATED.match(head):
        said = cited["rest"].partition("doi:")[0]
        years = _YEAR_IN_BRACKETS.findall(said) or _YEAR.findall(said)
        venue = _SHORT_VENUE.search(said) or _LONG_VENUE.match(said)
        facts["authors"] = _names(cited["names"])
        facts["venue"] = next(filter(None, venue.groups())) if venue else None
        facts["year"] = int(cited.groupdict().get("year") or years[-1])
    facts |= next((other for start, other in _CITED_OTHERWISE.items() if folder.startswith(start)), {})
    if folder.startswith(_PUBLISHER):
        facts = {"ids": {}, "authors": ["Groves, Taylor"]}
    if note.title.startswith("Sparse-GPT-"):
        facts["title"] = note.title.replace("-", " ").replace("Sparse GPT ", "Sparse-GPT: ").replace("One ", "One-")
    if name := next((name for name in _NAMES if re.search(rf"(?<!\w){name}(?!-I)", note.title)), None):
        facts["name"] = name
    elif ":" not in note.title and not name_in(note.title) and not _UNSURE.search(note.title):
        facts["name"] = None
    return facts


def _names(said: str) -> list[str]:
    """“Last, First, Other Author, and Third One” or “F. Last, O. Author and T. One”, without “et al.”."""
    said = re.sub(r",? et al\b.*", "", said.removeprefix("Reference: "))
    names = [name for name in re.split(r",? and |, ", said) if name]
    return [", ".join(names[:2]), *names[2:]] if " " not in names[0] else names


# Neither the five stubs under 300 letters, nor one with a citation alone, nor the summary of a talk.
ENTRY = Repository(
    repository="mabdullahsoyturk/HPC-Paper-Notes",
    commit="e09fc213f36a13687d30e88b6344ae31fb56a11a",
    path=(
        r"^papers/(?!A-Fast-Post|CUDA-New|Dynamic-Task|GPU-Kernels|Graphicionado|Losing-Heads|ZeRO-Infinity)"
        r"[^/]+/README\.md$"
    ),
    base="https://mabdullahsoyturk.github.io/HPC-Paper-Notes",
    address="/{path}.html",
    limit=60,
    title=_title,
    facts=_rule,
)
