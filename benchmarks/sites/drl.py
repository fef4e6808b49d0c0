"""RPC2/DRL_paper_summary: English notes on the key papers of deep reinforcement learning, numbered as in its list.

A post begins with the title, then “Authors: …”, “Year: …”, mostly “Algorithm: DQN”, and in some posts “Link: …”; the
labels are bold in some. Most posts have nested lists in place of headings.
"""

from __future__ import annotations

import re

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of

_LABEL = re.compile(r"^\**(Author|Year|Algorithm|Link)s?\**:\**[ \t]*\**(.+?)\**[ \t]*$", re.MULTILINE)
_NUMBER = re.compile(r"^\d{3} ")
_IN_BRACKETS = re.compile(r"\(([^()]+)\)$")
# not judged: words of a title as an algorithm's name; a name that only the text has (DRQN, PPO, ACER, COPDAC)
_NAMED_OTHERWISE = re.compile("Deep Recurrent|Proximal|Emergence|Sample Eff|Deterministic|Action-Dep|Progressive")


def _rule(note: Note) -> Facts:
    """The labels at the head, of which “Algorithm” has the name (“SAC”, “… (PER)”); no post states a venue."""
    said = dict(_LABEL.findall(note.body))
    facts: Facts = {
        "ids": ids_of(*(address for _, address in LINK.findall(said.get("Link", "")))),
        "authors": re.split(r", | and | & ", said["Author"].removeprefix("[DeepMind] ")),
        "venue": None,
        "year": int(said["Year"]),
    }
    called = _NUMBER.sub("", note.title)
    if called != note.title:
        facts["title"] = called
    if not _NAMED_OTHERWISE.match(called):
        algorithm = said.get("Algorithm", "")
        short = _IN_BRACKETS.search(algorithm)
        facts["name"] = (short[1] if short else algorithm.replace("Rainbow DQN", "Rainbow")) or None
    return facts


# No stubs: 018 and 069 have only their heads.
ENTRY = Repository(
    repository="RPC2/DRL_paper_summary",
    commit="6327faefaf8ec5971ef46db4121ba309584c7da4",
    path=r"^\d\d [^/]+/(?!018|069)\d{3} [^/]+\.md$",
    base="https://RPC2.github.io/DRL_paper_summary",
    address="/{path}.html",
    facts=_rule,
)
