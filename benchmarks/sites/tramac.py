"""Tramac/paper-reading-note: Chinese notes on transformers, text-to-image and vision-language models."""

from __future__ import annotations

import re

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of

_IN_INDEX = {
    "011_video_understanding": "视频理解论文串讲",
    "012_detr": "DETR",
    "021_llama2": "LLaMA2",
    "025_latent_diffusion_model": "LatentStableDiffusion",
    "029_latent_consistency_models": "Latent Consistency Models",
}
"""Posts without a title of their own, as the repository's README calls them."""
_OF_MANY_PAPERS = ("006_contrast_learning", "016_gpt")
_NAME_SOME_AUTHORS = (  # “一作 Hugo Touvron”: neither all nor none of them
    "013_dalle2",
    "016_gpt",
    "018_llama",
    "019_chinese_llama",
    "020_lora",
    "023_controlnet",
    "028_consistency_models",
)
_TELLS_VENUE = "028_consistency_models"  # “…/ICML2023/consistency.pdf”: who knows whether that says a venue


def _title(note: Note) -> str:
    """The post's own heading, else its name in the index."""
    return _IN_INDEX.get(note.stem, note.title)


def _rule(note: Note) -> Facts:
    """“[Paper](https://arxiv.org/…) | [Talk](…)” above the first section; no venue, teams for authors."""
    head = re.split(r"^#{2,}\s", note.body, maxsplit=1, flags=re.MULTILINE)[0]
    own = [address for text, address in LINK.findall(head) if text.casefold() == "paper"]
    facts: Facts = {}
    if note.stem not in _OF_MANY_PAPERS:
        facts["ids"] = ids_of(*own[:1])
    if note.stem not in _NAME_SOME_AUTHORS:
        facts["authors"] = []
    if note.stem != _TELLS_VENUE:
        facts |= {"venue": None, "year": None}
    return facts


ENTRY = Repository(
    repository="Tramac/paper-reading-note",
    commit="bff154f4c76a98a7c38a3b4c98a8c4eddd663b22",
    path=r"^notes/\d{3}_.*\.md$",
    base="https://tramac.github.io/paper-reading-note",
    address="/{path}.html",
    title=_title,
    facts=_rule,
)
