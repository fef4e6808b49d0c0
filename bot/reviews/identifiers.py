"""Public identifiers of papers, from the addresses and spellings in which they appear.

In: one address or bare identifier. Out: :class:`bot.models.reviews.Identifiers`, normalised so that two spellings
of one paper are equal. Pure.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, unquote, urlsplit

from bot.models.reviews import Identifiers
from bot.reviews.names import OLD_ARXIV_ARCHIVES
from bot.text.patterns import lazy_pattern

_MAX_CHARS = 2000

# arXiv: https://info.arxiv.org/help/arxiv_identifier.html
ARXIV_NUMBER = r"\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}"
_ARXIV_OLD = r"[a-z]+(?:-[a-z]+)?(?:\.[a-z]{2})?/\d{2}(?:0[1-9]|1[0-2])\d{3}"
_ARXIV = lazy_pattern(rf"({ARXIV_NUMBER}|{_ARXIV_OLD})(?:v\d{{1,3}})?", re.IGNORECASE)
_ARXIV_PATH = lazy_pattern(r"/(?:abs|pdf|html|format|e-print|src|ps|papers|overview|resources)/(.+)", re.IGNORECASE)
_ARXIV_HOSTS = ("arxiv.org", "ar5iv.org", "xxx.lanl.gov")
_OTHERS_OF_ARXIV = (
    *("alphaxiv.org", "arxiv-vanity.com", "arxiv-sanity-lite.com", "catalyzex.com", "connectedpapers.com"),
    *("deeplearn.org", "emergentmind.com", "inspirehep.net", "papers.cool", "paperdigest.org", "paperswithcode.com"),
    *("scholar.archive.org", "scirate.com", "semanticscholar.org", "themoonlight.io", "ui.adsabs.harvard.edu"),
)
"""Sites with a page for each paper of arXiv, whose addresses may hold its number; others of their pages do not."""
_HUGGING_FACE = ("huggingface.co", "hf.co")
_ARXIV_IN_PATH = lazy_pattern(
    rf"(?:^|/)(?:(?:arxiv|abs)[:._-])?(?P<id>{ARXIV_NUMBER}|{_ARXIV_OLD})(?:v\d{{1,3}})?(?:\.pdf)?(?=/|$)",
    re.IGNORECASE,
)
_BIBCODE = lazy_pattern(r"/(?:19|20)\d{2}arXiv(\d{2}(?:0[1-9]|1[0-2]))(\d{5})[A-Z](?=/|$)")
"""How the Astrophysics Data System writes it: 2023arXiv230807074L."""
_ARXIV_FIELDS = ("arxiv_id", "arxiv", "arxivid", "paper_id", "pid", "id", "url", "q")
"""Fields of a query that hold a number of arXiv, or the address of its page."""
_ARXIV_LABEL = lazy_pattern(r"(?:oai:)?arxiv(?:\.org)?\s*[:/\s]\s*(.+)", re.IGNORECASE)

# ACL Anthology: https://aclanthology.org/info/ids/
_ACL_NEW = r"(?:19|20)\d{2}\.[a-z0-9_]+(?:-[a-z0-9_]+)*\.\d{1,5}"
_ACL_OLD = r"[a-z]\d{2}-\d{4}"
_ACL = lazy_pattern(rf"({_ACL_NEW}|{_ACL_OLD})(?:v\d{{1,2}})?(?:\.pdf|\.bib|\.xml)?/?", re.IGNORECASE)
_ACL_HOSTS = ("aclanthology.org", "aclanthology.info", "aclweb.org")

_PMLR = lazy_pattern(
    r"/?(v\d{1,4}/[a-z][a-z0-9_-]{1,60}\d{2,}[a-z]{0,2})(?:/[^/]+)?(?:\.html|\.pdf)?/?", re.IGNORECASE
)
_NEURIPS = lazy_pattern(r"([0-9a-f]{32})(?:[-.]|$)", re.IGNORECASE)
_NEURIPS_HOSTS = ("papers.nips.cc", "papers.neurips.cc", "proceedings.neurips.cc", "proceedings.nips.cc")
_OPENREVIEW_ID = lazy_pattern(r"[A-Za-z0-9_-]{6,40}")

# DOI: https://www.crossref.org/blog/dois-and-matching-regular-expressions/
_DOI = lazy_pattern(r"10\.\d{4,9}/\S+", re.IGNORECASE)
_DOI_HOSTS = ("doi.org", "dl.acm.org", "link.springer.com", "onlinelibrary.wiley.com")
_DOI_TAIL = lazy_pattern(r"(?:(?:v\d{1,2})?\.full(?:\.pdf|-text)?|\.pdf|/pdf|/full|/abstract|/html)$", re.IGNORECASE)
_DOI_IN_PATH = lazy_pattern(
    r"/doi/(?:(?:abs|full|pdf|epdf|epub|pdfdirect|book)/)?(10\.\d{4,9}/\S+)|"
    r"/content/(?:biorxiv/early/\S+/)?(10\.1101/\d[\d.]*\d)",
    re.IGNORECASE,
)
"""How other publishers write it: tandfonline.com/doi/full/10.1080/…, biorxiv.org/content/10.1101/…v1.full."""
_DOI_OF_ARXIV = lazy_pattern(rf"10\.48550/arxiv\.{_ARXIV.pattern}", re.IGNORECASE)
_DOI_OF_ACL = lazy_pattern(rf"10\.18653/v1/{_ACL.pattern}", re.IGNORECASE)


def parse_identifiers(text: str) -> Identifiers:
    """Read one address or one bare identifier.

    Understood: arXiv (abs, pdf, html, id with or without version, "arXiv:…", the old scheme), also in the addresses
    of other sites, such as Semantic Scholar, Hugging Face, alphaXiv and Papers with Code; ACL Anthology, OpenReview
    (forum, pdf, attachment), PMLR, NeurIPS proceedings, DOI. An arXiv or ACL DOI gives that identifier too. Bare
    OpenReview and NeurIPS identifiers cannot be distinguished from other words.

    Returns:
        The identifiers found; all None if the text is something else.
    """
    text = text.strip()[:_MAX_CHARS].strip("<>\"'“”‘’ ")
    if not text:
        return Identifiers()
    address = _split_address(text)
    if address is None:
        return _parse_bare(text)
    host, path, query = address
    return _parse_address(host, path, query)


def is_known(identifiers: Identifiers) -> bool:
    """Whether there is any identifier."""
    return identifiers != Identifiers()


def year_of_arxiv(number: str) -> int | None:
    """Return the year in an arXiv number: "2405.01234" is from 2024.

    None for a number of the old scheme, whose two digits may be of either century.
    """
    return 2000 + int(number[:2]) if number[:4].isdigit() else None


def _split_address(text: str) -> tuple[str, str, str] | None:
    """Return host, unquoted path and query of an address, with or without a scheme; None if it is not an address."""
    if "://" not in text:
        host = text.split("/", 1)[0].lower()
        if "/" not in text or not _is_at(host, (*_ARXIV_HOSTS, *_ACL_HOSTS, *_NEURIPS_HOSTS, *_DOI_HOSTS, *_OTHERS)):
            return None
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        return (parts.hostname or "").lower(), unquote(parts.path), parts.query
    except ValueError:  # "http://[": not an address
        return None


_OTHERS = ("openreview.net", "proceedings.mlr.press", *_HUGGING_FACE, *_OTHERS_OF_ARXIV)


def _is_at(host: str, sites: tuple[str, ...]) -> bool:
    return any(host == site or host.endswith(f".{site}") for site in sites)


def _parse_address(host: str, path: str, query: str) -> Identifiers:
    if _is_at(host, _ARXIV_HOSTS) or (_is_at(host, _HUGGING_FACE) and path.startswith("/papers/")):
        match = _ARXIV_PATH.match(path)
        return Identifiers(arxiv=_match_arxiv(match[1])) if match else Identifiers()
    if _is_at(host, _OTHERS_OF_ARXIV) and (arxiv := _find_arxiv(path, query)):
        return Identifiers(arxiv=arxiv)
    if _is_at(host, _ACL_HOSTS):
        parts = (_match_acl(part) for part in path.split("/") if part)
        return Identifiers(acl=next((acl for acl in parts if acl), None))
    if _is_at(host, ("openreview.net",)):
        return Identifiers(openreview=_match_openreview(path, query))
    if _is_at(host, ("proceedings.mlr.press",)):
        match = _PMLR.fullmatch(path)
        return Identifiers(pmlr=match[1].lower() if match else None)
    if _is_at(host, _NEURIPS_HOSTS):
        match = _NEURIPS.search(path)
        return Identifiers(neurips=match[1].lower() if match else None)
    if _is_at(host, _DOI_HOSTS) or (host.startswith(("doi.", "dx.")) and path.startswith("/10.")):
        match = _DOI.search(path)
        return _from_doi(_DOI_TAIL.sub("", match[0])) if match else Identifiers()
    match = _DOI_IN_PATH.search(path)
    return _from_doi(_DOI_TAIL.sub("", match[1] or match[2])) if match else Identifiers()


def _parse_bare(text: str) -> Identifiers:
    text = text.rstrip(".,;:!?")
    label = _ARXIV_LABEL.fullmatch(text)
    if arxiv := _match_arxiv(label[1].split()[0] if label else text):
        return Identifiers(arxiv=arxiv)
    if acl := _match_acl(text):
        return Identifiers(acl=acl)
    if match := _PMLR.fullmatch(text):
        return Identifiers(pmlr=match[1].lower())
    doi = re.sub(r"^doi\s*:?\s*", "", text, flags=re.IGNORECASE)
    return _from_doi(doi) if _DOI.fullmatch(doi) else Identifiers()


def _match_arxiv(text: str) -> str | None:
    """Return the arXiv identifier at the end of a path, without version and suffix; old ones without subject
    class.
    """
    text = text.rstrip("/.,;:)]").removesuffix(".pdf").removesuffix(".PDF")
    match = _ARXIV.fullmatch(text)
    if match is None:
        return None
    archive, slash, number = match[1].lower().partition("/")
    if not slash:
        return archive
    archive = archive.partition(".")[0]
    return f"{archive}/{number}" if archive in OLD_ARXIV_ARCHIVES else None


def _find_arxiv(path: str, query: str) -> str | None:
    """Return the arXiv identifier in the address of another site; None if there is none, or more than one."""
    found = {_match_arxiv(match["id"]) for match in _ARXIV_IN_PATH.finditer(path)} - {None}
    found |= {f"{match[1]}.{match[2]}" for match in _BIBCODE.finditer(path)}
    if not found:
        found = {_match_arxiv(value) or _match_arxiv_link(value) for value in _arxiv_fields(query)} - {None}
    return found.pop() if len(found) == 1 else None


def _arxiv_fields(query: str) -> list[str]:
    """Return the values of the fields that may hold an arXiv identifier, without a label before it."""
    try:
        fields = parse_qs(query, max_num_fields=20)
    except ValueError:  # more fields than any of their links has
        return []
    values = (value for name in _ARXIV_FIELDS for value in fields.get(name, ()))
    return [re.sub(r"^arxiv[:._-]\s*", "", value.strip(), flags=re.IGNORECASE) for value in values]


def _match_arxiv_link(text: str) -> str | None:
    """Return the identifier in the address of a page of arXiv's own."""
    address = _split_address(text)
    match = _ARXIV_PATH.match(address[1]) if address and _is_at(address[0], _ARXIV_HOSTS) else None
    return _match_arxiv(match[1]) if match else None


def _match_acl(text: str) -> str | None:
    match = _ACL.fullmatch(text.rstrip(".,;:)]"))
    if match is None:
        return None
    return match[1].lower() if "." in match[1] else match[1].upper()


def _match_openreview(path: str, query: str) -> str | None:
    if path.strip("/") not in {"forum", "pdf", "attachment", "references/pdf", "revisions", "notes"}:
        return None
    try:
        identifier = parse_qs(query, max_num_fields=20).get("id", [""])[0]
    except ValueError:  # more fields than any of their links has
        return None
    return identifier if _OPENREVIEW_ID.fullmatch(identifier) else None


def _from_doi(text: str) -> Identifiers:
    doi = _strip_punctuation(text).lower()
    if not _DOI.fullmatch(doi):
        return Identifiers()
    if match := _DOI_OF_ARXIV.fullmatch(doi):
        arxiv = _match_arxiv(match[1])
        return Identifiers(doi=f"10.48550/arxiv.{match[1]}", arxiv=arxiv)
    match = _DOI_OF_ACL.fullmatch(doi)
    return Identifiers(doi=doi, acl=_match_acl(match[1]) if match else None)


def _strip_punctuation(doi: str) -> str:
    """Return a DOI without trailing punctuation from the sentence; a closing bracket stays if it was opened."""
    while doi:
        last = doi[-1]
        is_unopened = last in ")]}>" and doi.count(last) > doi.count({")": "(", "]": "[", "}": "{", ">": "<"}[last])
        if last not in ".,;:!?\"'”’" and not is_unopened:
            break
        doi = doi[:-1]
    return doi
