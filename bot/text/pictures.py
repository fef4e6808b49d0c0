"""Which addresses of pictures can be shown where we send them. Pure."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

MAX_PICTURE_URL = 2_048
"""Characters; longer addresses are refused by Discord."""


def can_show(url: str | None) -> bool:
    """Whether a picture can be shown: from a public host, over the web, and not as an SVG."""
    try:
        parts = urlsplit((url or "").strip())
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or len(url or "") > MAX_PICTURE_URL:
        return False
    return _is_public(host) and not parts.path.lower().endswith((".svg", ".svgz"))


def _is_public(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".internal", ".localhost"))
