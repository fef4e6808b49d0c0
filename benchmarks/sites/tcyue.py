"""tc-yue/PaperNote: short Chinese notes on sentiment and text classes; the venue is the first item."""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository

_VENUES: dict[str, tuple[str, int]] = {
    "AspectBased": ("ACL", 2018),
    "AspectLevel": ("ACL", 2016),
    "ExploitingDocument": ("ACL", 2018),
    "RecurrentAttention": ("EMNLP", 2017),
    "Transformation": ("ACL", 2018),
    "AnUnsupervised": ("ACL", 2017),
    "DoubleEmbeddings": ("ACL", 2018),
    "LearningDomain": ("ACL", 2014),
    "CrossTarget": ("ACL", 2018),
    "BaselineNeeds": ("ACL", 2018),
    "CharacerLevel": ("NIPS", 2015),
    "SequenceGeneration": ("COLING", 2018),
    "MultiChannel": ("KDD", 2018),
    "NeuralNatural": ("ACL", 2018),
    "DeepContetualized": ("NAACL", 2018),
    "UniveralLanguga": ("ACL", 2018),
}
_JOINED = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _rule(note: Note) -> Facts:
    """As the post says, even where another conference had the paper; posts on several papers are left out."""
    venue, year = next((said for start, said in _VENUES.items() if note.stem.startswith(start)), (None, None))
    return {"authors": [], "venue": venue, "year": year}


ENTRY = Repository(
    repository="tc-yue/PaperNote",
    commit="4fe5f3a6dfc24f42b999d50a38a28869680f690a",
    path=r"^(?!Note/)(?!.*(?:README|Report|Summary|EntityType|Knowledege|MultiTask|Survey|BERT)).*/.*\.md$",
    base="https://tc-yue.github.io/PaperNote",
    address="/{path}.html",
    title=lambda note: _JOINED.sub(" ", note.stem),
    facts=_rule,
)
