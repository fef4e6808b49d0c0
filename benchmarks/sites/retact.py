"""retact/paper-survey: Japanese summaries on muscle signals and prosthetic hands, six questions on each paper."""

from __future__ import annotations

import re

from benchmarks.notes import LINK, Facts, Note, Repository, ids_of

_CITED = re.compile(r"(?P<names>.+?)[,，]\s*\".+?\"\s*[,，]?\s*(?:in\s+)?(?P<rest>.*)", re.DOTALL)
_SHORT_VENUE = re.compile(r"\((\w+)\), ")
_LONG_VENUE = re.compile(r"(?:\d{4} )?(.+?)[,，]\s*(?:vol\.|no\.|pp\.|doi:|\d{4},)")
_DOI = re.compile(r"\b10\.\d{4,}/[^\s\])]+[^\s\]).]")
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")
_DATE_IN_TITLE = re.compile(r"\d{4} \d{2} \d{2} ")
# not judged: posts whose text or title has something that may be called the paper's name (BCL-26, STF-GR, …)
_HAS_NAME = re.compile(
    r"Soft-Robotic|Spatial–Temporal|embedded platform|Navigating|Custom Armband|Ninapro|Instantaneous|Different App"
)
_CITED_OTHERWISE: dict[str, Facts] = {
    "2021-05-18": {
        "authors": [
            "Angkoon Phinyomark",
            "Rami N. Khushaba",
            "Esther Ibáñez-Marcelo",
            "Alice Patania",
            "Erik Scheme",
            "Giovanni Petri",
        ],
        "venue": "J R Soc Interface",
        "year": 2017,
    },
    "2021-06-15": {
        "authors": ["Côté-Allard, U.", "Gagnon-Turcotte, G.", "Laviolette, F.", "Gosselin, B."],
        "venue": "Sensors",
        "year": 2019,
    },
    "2021-07-21": {"authors": ["Geng, W.", "Du, Y.", "Jin, W."], "venue": "Sci Rep", "year": 2016},
}


def _rule(note: Note) -> Facts:
    """A last section has the paper's citation as a link: “A. Last and B. Last, "Title," Venue, vol. 1, 2027, doi: …”.

    Of a venue with its abbreviation in brackets, the abbreviation. Names before “et al.” are all that is told.
    """
    cited, address = LINK.findall(note.body.rpartition("論文情報")[2])[0]
    facts: Facts = {"ids": ids_of(*_DOI.findall(cited), address)}
    if match := _CITED.match(cited):
        said = match["rest"].partition("doi:")[0]
        venue = _SHORT_VENUE.search(match["rest"]) or _LONG_VENUE.match(match["rest"])
        names = re.split(r"[,;]| and ", match["names"].removesuffix(" et al."))
        years = _YEAR.findall(said)
        facts |= {
            "authors": [name.strip() for name in names if name.strip()],
            "venue": venue[1] if venue else None,
            "year": int(years[-1]) if years else None,
        }
    facts |= _CITED_OTHERWISE.get(note.stem[:10], {})
    if _DATE_IN_TITLE.match(note.title):
        facts["title"] = _DATE_IN_TITLE.sub("", note.title)
    return facts if _HAS_NAME.search(note.title) else facts | {"name": None}


ENTRY = Repository(
    repository="retact/paper-survey",
    commit="6fa9aa2e534905cf4596460e13e4845c05a7c086",
    path=r"^content/posts/(?!2021-06-23)\d[^/]*\.md$",  # that one is a template with half a sentence
    base="https://ps.retact.net",
    address="/posts/{slug}/",
    facts=_rule,
)
