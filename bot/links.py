"""What of an address says which page it is, and what only says how somebody came to it. Pure."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

_TRACKER_IN_TEXT = re.compile(r"(?<=[?&])(?:utm_\w{1,40}=|source=rss-)[^\s&#<>\"']*&?", re.ASCII | re.IGNORECASE)


def normalise_link(link: str) -> str:
    """An address without what changes while the page stays the same: scheme, "www.", trackers, fragment.

    "source" is a tracker where Medium appends it ("?source=rss-0123------2").
    """
    if not link:
        return ""
    try:
        parts = urlsplit(link)
        pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return link
    is_medium = (parts.hostname or "").endswith("medium.com")
    kept = [(key, value) for key, value in pairs if not _is_tracker(key, value, is_medium=is_medium)]
    host = parts.netloc.lower().removeprefix("www.")
    return f"https://{host}{parts.path.rstrip('/')}" + (f"?{urlencode(kept)}" if kept else "")


def _is_tracker(key: str, value: str, *, is_medium: bool) -> bool:
    return key.startswith("utm_") or (key == "source" and (is_medium or value.startswith("rss-")))


def drop_trackers(text: str) -> str:
    """A text without the trackers of the addresses that stand in it; all else stays."""
    return _TRACKER_IN_TEXT.sub("", text)


def join_link(base: str, link: str) -> str:
    """A link of a page, made absolute; "" where it is no address at all ("http://[")."""
    try:
        return urljoin(base, link)
    except ValueError:
        return ""


def host_of(link: str) -> str:
    """The host of an address without "www."; "" where it has none."""
    try:
        return (urlsplit(link).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
