"""Identifiers and addresses as they are looked up: "arxiv:2308.07074", "link:one.test/2024/instag"."""

from __future__ import annotations

import re
from dataclasses import asdict
from html import unescape
from urllib.parse import unquote

from bot.models.reviews import Identifiers
from bot.text.patterns import lazy_pattern

_MARKDOWN = lazy_pattern(r"!?\[[^\]]*\]\(\s*<?([^\s<>]+)>?(?:\s+[\"'(][^)]*)?\s*\)[.,;:!?]*")
_PAIRS = {"<": ">", "(": ")", "[": "]", "{": "}", "“": "”", "‘": "’", "「": "」", "『": "』", "《": "》", "«": "»"}
_SAME = "\"'`*"
_BEHIND = ".,;:!?…。、，！？"
_WEB = lazy_pattern(r"(?:https?:)?//\S+|www\.\S+", re.IGNORECASE)
_TRACKER = lazy_pattern(
    r"(?:utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|li_fat_id|mc_[ce]id|_hsenc|_hsmi|"
    r"mkt_tok|vero_id|oly_\w+|s_cid|ref_src|ref_url|si|spm|from_share|share_\w+)=.*|(?:ref|source|trk)=[^&]*",
    re.ASCII | re.IGNORECASE,
)
"""Parameters that record how somebody reached a page, added by Google, Meta, Microsoft, X, TikTok, Mailchimp,
HubSpot, Marketo, Ghost (ref), Medium (source), LinkedIn (trk) and YouTube (si)."""


def identifier_keys(identifiers: Identifiers) -> tuple[str, ...]:
    """A key for each identifier that is known. Case does not matter, except in OpenReview's."""
    known = ((kind, value) for kind, value in asdict(identifiers).items() if value)
    return tuple(f"{kind}:{value if kind == 'openreview' else value.casefold()}" for kind, value in known)


def pasted(text: str) -> str:
    """The link that was pasted, without Markdown, brackets, quotes or the full stop of the sentence around it.

    Any other text is returned unchanged, even a name in quotes.
    """
    bare = text.strip()
    while bare:
        if markdown := _MARKDOWN.fullmatch(bare):
            bare = markdown[1]
        elif len(bare) > 1 and (_PAIRS.get(bare[0]) == bare[-1] or (bare[0] in _SAME and bare[0] == bare[-1])):
            bare = bare[1:-1].strip()
        elif bare[-1] in _BEHIND or _is_unopened(bare):
            bare = bare[:-1].rstrip()
        else:
            break
    return unescape(bare) if _WEB.fullmatch(bare) else text


def _is_unopened(text: str) -> bool:
    """Whether the last bracket was never opened: then it belongs to the sentence, not to the address."""
    opening = next((opener for opener, other in _PAIRS.items() if other == text[-1]), None)
    return opening is not None and text.count(text[-1]) > text.count(opening)


def link_key(url: str) -> str:
    """An address without what people leave out or programs add: scheme, www., fragment, trackers, final slash.

    Percent-encoded letters (%EB%85%BC) are decoded.
    """
    folded = url.strip().partition("#")[0]
    address, _, query = (folded.partition("://")[2] or folded).partition("?")
    kept = [field for field in query.split("&") if field and not _TRACKER.fullmatch(field)]
    bare = unquote(address).casefold().removeprefix("www.").rstrip("/")
    return f"link:{bare}?{unquote('&'.join(kept)).casefold()}" if kept else f"link:{bare}"


def paper_link_key(link: str, guid: str) -> str:
    """The key of a review's address; for a paper of a digest, which shares its page, with its place there."""
    place = link.partition("#")[2] or guid.partition("#")[2]
    return f"{link_key(link)}#{place}" if place else link_key(link)
