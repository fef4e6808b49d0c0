"""msdsm/paper-summary: short Japanese notes on vision and language models, a folder a paper, with lists of words."""

from __future__ import annotations

import re

from benchmarks.notes import Facts, Note, Repository, ids_of

_OPENING = re.compile(r"^#+ (?!ソース)", re.MULTILINE)  # the sections behind the title but for the sources
_ADDRESS = re.compile(r"https?://[^\s)]+")
_VENUE = re.compile(r"(?:\(|^- )([A-Z]{4,})(20\d{2})(?:\)$|$)")  # “…(ECCV2024)”, “- CVPR2024”
# Where the text says “CVPR 2017 workshop”, the title names a challenge, or the address a venue: not judged.
_HALF_SAID = re.compile(r"^(?:\(DIV2K\)|NTIRE |Real-Time 4K )|https?://openaccess\.thecvf", re.MULTILINE)
_NAMES = ("GLIDE", "DIV2K", "LiT", "Phi-4-Mini", "STEP3-VL-10B")  # in titles, without the usual colon


def _rule(note: Note) -> Facts:
    """Bare addresses below the title or “ソース”; “(ECCV2024)” behind the title or “- CVPR2024” below; no authors."""
    head = _OPENING.split(note.body, maxsplit=2)[1]
    facts: Facts = {"ids": ids_of(*_ADDRESS.findall(head)), "authors": []}
    said = next((match for line in head.splitlines() if (match := _VENUE.search(line.strip()))), None)
    if said:
        facts |= {"venue": said[1], "year": int(said[2])}
    elif not _HALF_SAID.search(head):
        facts |= {"venue": None, "year": None}
    if said and note.title.endswith(said[0]):
        facts |= {"title": note.title.removesuffix(said[0]).strip(), "name": None}
    if note.title.startswith("(DIV2K)"):
        facts["title"] = note.title.removeprefix("(DIV2K)")
    if name := next((one for one in _NAMES if re.match(rf"\(?{re.escape(one)}\b", note.title)), None):
        facts["name"] = name
    return facts


# None of the stubs under 300 letters, which list English words alone; two notes just below that have a full text.
ENTRY = Repository(
    repository="msdsm/paper-summary",
    commit="2d04f972af3c3563347bc243cbb4177e81d27fc0",
    path=(
        r"^(?:3dgs/supergaussian|generation/(?:dit|glide|inpaint-survey)|image-restoration/ram"
        r"|mi/(?:countscope|sae-a|survey-multimodal-mi)|nerf/(?:crop|mip-nerf|refsr-nerf)|nlp/sd-survey"
        r"|object-detection/ovd-survey"
        r"|super-resolution/(?:ais2024challenge-survey|diffusion-sr-survey|div2k|lsdir"
        r"|ntire-challenge-on-lfsr|tr-misr)"
        r"|video/(?:adatad|video-comp|video-models-are-zero-shot-learners-and-reasoners)"
        r"|vision-and-language/(?:blip2?|clip4clip|deepseek-thinking-visual|deepseek-vl|embodiedscan|flamingo"
        r"|internvl(?:-3)?|lit|llava-next-(?:interleave|stronger|video)|llava-video|phi4-mini|ptc|step3-vl|tcr"
        r"|video-llm-survey|video-xl)"
        r"|vision-basic/(?:dinov3|mae|rev-vit|simmim))/README\.md$"
    ),
    base="https://msdsm.github.io/paper-summary",
    address="/{path}.html",
    facts=_rule,
)
