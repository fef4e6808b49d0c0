"""Find the older posts of a site: its sitemaps, further pages of its feed, and which addresses are posts.

Pure; `bot.feeds.backfill` makes the requests. Sources: https://www.sitemaps.org/protocol.html, RFC 5005 (paged
feeds); WordPress' ``paged``, Discourse's ``page`` and arXiv's ``start`` by their own documentation.
"""

from __future__ import annotations

import html as entities
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from bot.reading.repair import find_tags, read_values
from bot.text.links import host_of, join_link, path_of
from bot.text.patterns import lazy_pattern

MAX_LOCATIONS = 20_000
_MAX_DIGITS = 9  # of a page number; a longer number counts something else, and int() refuses 4,301
_MAX_FIELDS = 200
_LOC = lazy_pattern(r"<loc\b[^<>]*>\s*(?:(?:<|&lt;)!\[CDATA\[)?\s*([^<\s]{1,2000})", re.IGNORECASE)
_END_OF_CDATA = "]]>"  # no address ends like this
_PAGED = ("next", "prev-archive")
_NO_POST = lazy_pattern(
    r"/(?:(?:tags?|categor(?:y|ies)|author|page|series)(?:/[^/]*)?"
    r"|about|archives?|search|feed|rss|guestbook|notice|lists|posts|comments)/?\Z",
    re.IGNORECASE,
)


def find_locations(text: str, url: str) -> tuple[list[str], list[str]]:
    """Return (sitemaps, pages) listed by a sitemap or a sitemap index, even one after the end of a feed."""
    listed = (entities.unescape(match[1]).removesuffix(_END_OF_CDATA) for match in _LOC.finditer(text))
    joined = (join_link(url, link) for link in listed if link)
    locations = list(islice(filter(None, joined), MAX_LOCATIONS))
    if re.search(r"<sitemapindex[\s>]", text[:100_000], re.IGNORECASE):
        return locations, []
    return [], locations


def next_pages(text: str, url: str, *, entries: int) -> list[str]:
    """Return the feed's next page with older posts, if it has one.

    Args:
        text: The feed's document.
        entries: How many of the newest posts the next page may leave out.
    """
    for name, source in find_tags(text[:100_000]):
        if name.lower().rpartition(":")[2] != "link":
            continue
        values = read_values(source)
        if values.get("rel", "").lower() in _PAGED and values.get("href"):
            link = join_link(url, values["href"])
            return [link] if link else []
    if not entries:
        return []
    head = text[:20_000]
    if "arxiv.org/api/query" in url:
        return _counted(url, "start", entries, first=0)
    if "wordpress.org/?v=" in head:
        return _counted(url, "paged", 1, first=1)
    if "www.discourse.org" in head and re.search(r"/(?:latest|c/|tag/)", url):
        return _counted(url, "page", 1, first=0)
    return []


def _counted(url: str, name: str, step: int, *, first: int) -> list[str]:
    """Return the address with its page number increased; empty if it cannot be."""
    try:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query, keep_blank_values=True, max_num_fields=_MAX_FIELDS))
    except ValueError:  # not an address, or one with hundreds of fields
        return []
    at = query.get(name, "")
    if at.isdecimal() and len(at) > _MAX_DIGITS:
        return []
    query[name] = str((int(at) if at.isdecimal() else first) + step)
    return [urlunsplit(parts._replace(query=urlencode(query, errors="replace")))]


def posts_among(pages: Iterable[str], known: Sequence[str]) -> list[str]:
    """Return the pages of a site that are posts: their addresses have the form of known posts' addresses.

    Args:
        known: Addresses of posts in the feed; without any, no page can be recognised as a post.
    """
    shapes = {_shape(link) for link in known}
    words = Counter(word for link in known for word in set(enumerate(_segments(link)[:-1])))
    usual = [word for word, number in words.items() if number * 2 > len(known) and not _is_number(word[1])]
    hosts = {host_of(link) for link in known}
    posts: dict[str, None] = {}
    for page in pages:
        segments = _segments(page)
        is_here = host_of(page) in hosts and all(segments[at : at + 1] == [word] for at, word in usual)
        if segments and is_here and _shape(page) in shapes and not _NO_POST.search(path_of(page)):
            posts[page] = None
    return list(posts)


def _segments(link: str) -> list[str]:
    return [part for part in path_of(link).split("/") if part]


def _shape(link: str) -> tuple[object, ...]:
    """Return how many parts an address has, which of them are numbers, and how the last one ends."""
    *folders, last = _segments(link) or [""]
    ending = last.rpartition(".")[2] if "." in last else ""
    return (*map(_is_number, folders), _is_number(last), ending if ending in {"html", "htm", "php"} else "")


def _is_number(part: object) -> bool:
    return str(part).isdecimal()
