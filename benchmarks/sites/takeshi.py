"""DanielTakeshi/Paper_Notes: English notes on reinforcement and imitation learning, robots, MCMC and deep learning.

A post is its paper's title and free prose: there are no labels, no lists of authors and almost no addresses.
"""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, ids_of

_OPENREVIEW = re.compile(r"https://openreview\.net/forum\S+")  # the paper's own in both posts that have one
_VENUES: dict[str, Facts] = {  # told in the first paragraph
    "Generative_Adversarial_Nets": {"venue": "NIPS", "year": 2014},
    "Deep_Reinforcement_Learning_with_Double_Q-learning": {"venue": "AAAI", "year": None},
}
# not judged: a venue that a remark further down, or an address, lets one guess; an author who is named in passing
_VENUE_IN_PASSING = re.compile(
    "Probabilistic_Inf|Model-(Free|Driven)|An_Overview_of_M|Robot_Grasping|Benchmarking|Finding_Locally"
)
_AUTHOR_IN_PASSING = re.compile("A_Conceptual|InfoGAN|Sim-to-Real|Dex-Net")


def _rule(note: Note) -> Facts:
    """An address at OpenReview; otherwise a post tells no identifier, author or venue, but for two in a sentence."""
    facts: Facts = {"ids": ids_of(*_OPENREVIEW.findall(note.body))}
    if not _AUTHOR_IN_PASSING.match(note.stem):
        facts["authors"] = []
    if not _VENUE_IN_PASSING.match(note.stem):
        facts |= _VENUES.get(note.stem, {"venue": None, "year": None})
    return facts


# left out: stubs of a line or two
_STUBS = (
    "Bed_Baths|Born_Again|Constrained_Pol|Deep_Exploration_via|Development_of_a|Gradient_Descent_Conv|IMPALA"
    r"|Automated_Curr|Learning_(Visual_Pred|to_(Poke|Teach\.|Fly|Act))|RRE|Robot_Learning_in|Simple_Random"
    "|Zero-Shot|Where_Off"
)

ENTRY = Repository(
    repository="DanielTakeshi/Paper_Notes",
    commit="5bb576734488ae47e58b108816ea0f060d9fbf6c",
    path=rf"^[a-z_]+/(?!{_STUBS})[^/]+\.md$",
    base="https://DanielTakeshi.github.io/Paper_Notes",
    address="/{path}.html",
    limit=60,
    facts=_rule,
)
