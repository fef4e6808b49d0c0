"""Which addresses Discord can show as pictures, decided before sending: one bad picture would lose a card. Pure.

Discord fetches a picture itself, from the internet, and draws PNG, JPEG, WebP, AVIF and GIF, but no SVG. Source:
“Component Reference”, Unfurled Media Item; “Reference”, Image Formatting, in its Developer Documentation.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from bot.feeds.addresses import is_private_number
from bot.text.patterns import lazy_pattern
from bot.ui.discord.markdown import clean_url

_VECTOR = lazy_pattern(r"\.svgz?/?\Z|(?:\A|/)svg\.\w+\Z", re.IGNORECASE)  # CodeCogs: /svg.latex
_VECTOR_ASKED_FOR = lazy_pattern(r"(?:\A|&)[^=&]*(?:format|fmt|type|ext)=(?:image/)?svg", re.IGNORECASE)
_VECTOR_HOSTS = frozenset({"img.shields.io", "badgen.net"})  # badges, SVG unless told otherwise
_RASTER = lazy_pattern(r"\.(?:png|jpe?g|gif|webp|avif)\Z", re.IGNORECASE)
# RFC 6761, 6762 and 8375; “internal” is reserved by ICANN, and routers give out “lan”.
_LOCAL_ENDINGS = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".onion")
_NUMBER = lazy_pattern(r"\d+|0x[0-9a-f]*", re.IGNORECASE)
_IP_V4 = lazy_pattern(r"\d{1,3}(?:\.\d{1,3}){3}")


def shown_url(url: str | None) -> str | None:
    """A picture's address as it is sent (`markdown.clean_url`); None if Discord cannot show it, as far as it tells.

    It has to be http or https, without user name and password, on a public host, and not an SVG, with at most
    `limits.EMBED_URL` characters.
    """
    cleaned = clean_url(url)
    if cleaned is None:
        return None
    parts = urlsplit(cleaned)
    host = parts.hostname or ""
    is_shown = _is_on_internet(host) and not _is_vector(host, unquote(parts.path), unquote(parts.query))
    return cleaned if is_shown else None


def _is_on_internet(host: str) -> bool:
    """Whether a host may be public by its name; a number in any other notation than four decimals is refused."""
    if _NUMBER.fullmatch(host.rpartition(".")[2]):
        return _IP_V4.fullmatch(host) is not None and not is_private_number(host)
    return not host.endswith(_LOCAL_ENDINGS)


def _is_vector(host: str, path: str, query: str) -> bool:
    is_badge = host in _VECTOR_HOSTS and not _RASTER.search(path)
    return is_badge or _VECTOR.search(path) is not None or _VECTOR_ASKED_FOR.search(query) is not None
