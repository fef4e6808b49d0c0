"""wookee3/paper-review: short Korean notes, a folder a paper."""

from __future__ import annotations

import re

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of

# Addresses that show a venue of themselves (CVF, NeurIPS, PMLR, ACL, “14_kdd_deepwalk.pdf”): not judged.
_VENUE_IN_ADDRESS = re.compile(r"thecvf|nips\.cc|mlr\.press|aclweb|kdd|dl\.acm", re.IGNORECASE)
_AUTHORS_IN_TITLE = re.compile(r"^(.*\S)\s*\(([A-Z]\w+(?:, [A-Z]\w+)* and [A-Z]\w+)\)$")


def _rule(note: Note) -> Facts:
    """“[paper](…)” below the title; once the authors' last names in brackets behind the title; no venue."""
    papers = [address for text, address in LINK.findall(note.body) if text.strip().lower() == "paper"]
    facts: Facts = {"authors": []}
    if len(papers) < 2:  # two papers in one post: neither is the one
        facts["ids"] = ids_of(*papers)
    if not any(_VENUE_IN_ADDRESS.search(address) for address in papers):
        facts |= {"venue": None, "year": None}
    if match := _AUTHORS_IN_TITLE.match(note.title):
        facts |= {"title": match[1], "authors": re.split(r", | and ", match[2])}
    return facts


ENTRY = Repository(
    repository="wookee3/paper-review",
    commit="da60eddd25ed88c01e8078c01c596e4d24397a03",
    path=(
        r"^(?:AnomalyDetection/(?!DeepEnsembles/|LatentSpaceAutoregression/|MultiViewAD/|SatelliteClassifier/"
        r"|UberTimeSeries/|ConAD/).*summary ?\.md"
        r"|GenerativeModel/(?:Autoregressive/PixelVAE/PixelVAE|VAE/VQVAE/summary|VAE/delta-vae/summary)\.md"
        r"|Graph/GraphMatching/(?:DeepGraphKernels|DeepWalk|GraphMatchingNetwork)/summary\.md"
        r"|Graph/GraphNeuralNetwork/overview\.md"
        r"|Graph/SceneGraphGeneration/IMP/summary\.md"
        r"|LatentSpace/.*summary\.md"
        r"|NLP/DomainAdaptation/(?:Distill|Don).*\.md)$"
    ),
    base="https://wookee3.github.io/paper-review",
    address="/{path}.html",
    facts=_rule,
)
