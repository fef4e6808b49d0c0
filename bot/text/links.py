"""Addresses: which parts identify a page, which only say how a reader got there, and which must never be shown. Pure.

Every address that is shown or logged goes through `redact`: no user name, no password and no value that grants access
(``?token=…``). A text from outside that may quote an address goes through `redact_text`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, quote, unquote, unquote_plus, urlencode, urljoin, urlsplit

from bot.text.patterns import lazy_pattern

_TRACKER_IN_TEXT = lazy_pattern(r"(?<=[?&])(?:utm_\w{1,40}=|source=rss-)[^\s&#<>\"']*&?", re.ASCII | re.IGNORECASE)


_FEED_SCHEME = lazy_pattern(r"\Afeed:(?=https?://)|\Afeed(?=://)", re.IGNORECASE)


def drop_feed_scheme(address: str) -> str:
    """Return a web address without the "feed" before it: "feed://host" is http, "feed:https://host" is https."""
    return _FEED_SCHEME.sub(lambda match: "" if match[0].endswith(":") else "http", address)


def normalise_link(link: str) -> str:
    """Return an address without what can change while the page stays the same: scheme, "www.", trackers, session,
    fragment.

    "source" is a tracker where Medium appends it ("?source=rss-0123------2").
    """
    if not link:
        return ""
    try:
        parts = urlsplit(drop_session(link))
        pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return link
    is_medium = (parts.hostname or "").endswith("medium.com")
    kept = [(key, value) for key, value in pairs if not _is_tracker(key, value, is_medium=is_medium)]
    host = parts.netloc.lower().removeprefix("www.")
    return f"https://{host}{parts.path.rstrip('/')}" + (f"?{urlencode(kept)}" if kept else "")


def _is_tracker(key: str, value: str, *, is_medium: bool) -> bool:
    return key.startswith("utm_") or (key == "source" and (is_medium or value.startswith("rss-")))


_AS_THEY_ARE = "%/:=&?~#+!$,;@-._"


def encode_address(address: str) -> str:
    """Percent-encode what front ends do not take in an address: spaces, brackets, quotes, and double marks.

    An unpaired surrogate becomes "?": there is no right way to send it.
    """
    encoded = quote(address, safe=_AS_THEY_ARE, errors="replace")
    return encoded.replace("__", "%5F%5F").replace("~~", "%7E%7E")


def drop_trackers(text: str) -> str:
    """Return a text with the trackers removed from the addresses in it; the rest stays."""
    return _TRACKER_IN_TEXT.sub("", text)


# Names that a page never uses for a parameter of its own: Java, PHP, ASP, ColdFusion, osCommerce, Zen Cart.
_SESSION = r"jsessionid|phpsessid|aspsessionid\w*|asp\.net_sessionid|jservsessionid\w*|cfid|cftoken|oscsid|zenid"
_IS_SESSION = lazy_pattern(_SESSION, re.IGNORECASE)
# phpBB and vBulletin use "sid" and "s"; on many other sites these identify the page.
_MAY_BE_SESSION = lazy_pattern(
    r"s|sid|(?:[a-z0-9]+[-_])?sess(?:ion)?(?:[-_]?(?:id|key))?|[a-z0-9]*sess(?:ion)?[-_]?id", re.IGNORECASE
)
# In one piece: words joined by hyphens are the words of a title.
_TOKEN = lazy_pattern(r"(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9]{12,128}")
_SESSION_IN_PATH = lazy_pattern(
    rf"""
    ;(?:{_SESSION}|s(?:ess)?id|session_?id)=[^/;]*           # /post;jsessionid=0A1B.node1
    | /\((?:[A-Z]\([A-Za-z0-9._-]+\))+\)(?=/|\Z)             # ASP.NET: /(S(lit3py55t21z5v55vlm25s55))/post
    | /(?:{_SESSION})=[A-Za-z0-9,._-]+(?=/|\Z)               # /post/CFID=12
    # /index.php/post/PHPSESSID/0a1b2c3d4e5f; what is called like that may be a page, so it has to be an id
    | /(?:{_SESSION})/(?=[A-Za-z]*[0-9])[A-Za-z0-9]{{12,}}(?=/|\Z)
    """,
    re.IGNORECASE | re.VERBOSE,
)


def drop_session(link: str, *, names: Iterable[str] = ()) -> str:
    """Return an address without the visitor's session; everything else stays as written.

    Args:
        names: More parameters that hold a session, in lower case (`session_names`).
    """
    try:
        parts = urlsplit(link)
    except ValueError:
        return link
    also = frozenset(names)

    def is_kept(pair: str) -> bool:
        name = _name_of(pair)
        return name not in also and not _IS_SESSION.fullmatch(name)

    pairs = parts.query.split("&")
    query, path = "&".join(filter(is_kept, pairs)), _SESSION_IN_PATH.sub("", parts.path)
    return link if (query, path) == (parts.query, parts.path) else parts._replace(query=query, path=path).geturl()


def session_names(links: Iterable[str]) -> frozenset[str]:
    """Find the parameters that hold a session id in the addresses of one document.

    A session id is the same in all of them and tells no two pages apart. A single address proves nothing.
    """
    values, links_of = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for link in links:
        for name, value in _may_be_sessions(link):
            values[name].add(value)
            links_of[name].add(link)
    return frozenset(name for name, seen in values.items() if len(seen) == 1 and len(links_of[name]) > 1)


def drop_likely_session(link: str) -> str:
    """Return an address without anything that looks like a session id.

    Only for comparisons that have more to go by.
    """
    return drop_session(link, names=[name for name, _ in _may_be_sessions(link)])


def _may_be_sessions(link: str) -> Iterator[tuple[str, str]]:
    for pair in link.partition("#")[0].partition("?")[2].split("&"):
        name, value = _name_of(pair), pair.partition("=")[2]
        if _MAY_BE_SESSION.fullmatch(name) and _TOKEN.fullmatch(value):
            yield name, value


def _name_of(pair: str) -> str:
    return unquote_plus(pair.partition("=")[0]).lower()


def join_link(base: str, link: str) -> str:
    """Make a page's link absolute; "" if it is not an address ("http://[")."""
    try:
        return urljoin(base, link)
    except ValueError:
        return ""


def path_of(link: str) -> str:
    """Return the path of an address; "" if it has none or is not an address."""
    try:
        return urlsplit(link).path
    except ValueError:
        return ""


_PAGE_ENDINGS = ("html", "htm", "md", "php")
_PLAIN_PAGES = frozenset(
    "index paper readme post review note notes main default summary overview content contents report reading".split()
)


def page_name(link: str) -> str:
    """Return the last meaningful part of an address without its file ending: "vit" of /vit/index.html."""
    *before, last = unquote(path_of(link)).rstrip("/").split("/")
    stem, _, ending = last.rpartition(".")
    name = stem if stem and ending in _PAGE_ENDINGS else last
    folder = before[-1] if before else ""
    is_telling = any(character.isalpha() for character in folder)
    return folder.strip("_") if name.casefold() in _PLAIN_PAGES and is_telling else name


def host_of(link: str) -> str:
    """Return the host of an address without "www."; "" if it has none."""
    try:
        return (urlsplit(link).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


# ── what must never be shown ────────────────────────────────────────────────────────────────────

HIDDEN = "…"
"""Shown in place of a secret value."""

_SCHEME = r"[a-z][a-z0-9+.-]+:"
# Also matches text that only looks like credentials ("user:secret@host", "http:/u:p@host"), and a password with a
# character that would end the authority ("https://user:pass#word@host").
_USERINFO = lazy_pattern(
    rf"\A({_SCHEME}[/\\]*|//)(?:[^/\\?#]*|[^/\\?#:@\[]*:(?![0-9]*(?:[/\\?#]|\Z)).*)@", re.IGNORECASE | re.DOTALL
)
_ADDRESS_IN_TEXT = lazy_pattern(rf"(?:{_SCHEME}|(?<![\w:]))//[^\s<>\"“”„‘’]+", re.IGNORECASE)
_PARAMETER = lazy_pattern(r"(?P<before>[?&#;])(?P<name>[^?&#;=]*)=(?P<value>[^&#;]*)|(?<=[?#])(?P<bare>[^?&#;=]+)")

_SECRET_IN_NAME = lazy_pattern(r"key|token|auth|secret|sig|pass|pw|code|session|sess?id|^sid$|credential|jwt|bearer")
# Innocent words that contain one of those.
_INNOCENT = lazy_pattern(
    r"keyword|author(?!i[sz])|passage|compass|bypass|encod|decod|codec|design|assign|signup|signal|"
    r"(?:country|lang|language|zip|post|postal|area|status|http|error|color|currency|category|cat)_?code"
)
_PUBLIC_IDS = frozenset({"channel_id", "playlist_id"})  # of YouTube's feeds: random, and on every page
_NOT_PUNCTUATED = lazy_pattern(r"[-_.~+/=:]")
_LETTERS, _DIGITS = lazy_pattern(r"[A-Za-z]+"), lazy_pattern(r"[0-9]+")
_RUNS = lazy_pattern(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_KEY_CHARACTERS, _LONG_KEY_CHARACTERS = 16, 20
_RUNS_A_CHARACTER = 0.25
"""Measured over 4,000 random keys each: 2 % of 16 hexadecimal digits have fewer runs, 0.1 % of 16 letters and digits;
words and numbers joined by hyphens have about 0.2."""
_NESTED = 3


def redact(url: str) -> str:
    """Return an address that is safe to show and log: no user name or password, and secret values as `HIDDEN`.

    The rest stays, so that the address can still be recognised: host, path and the other values. The text need not be
    an address.
    """
    return _hide_keys(_drop_userinfo(url.strip()), depth=0)


def redact_text(text: str) -> str:
    """Redact every address in a text."""
    return _ADDRESS_IN_TEXT.sub(_redact_match, text)


def redact_typed(text: str) -> str:
    """Redact a typed text, where addresses may lack their scheme: each word is treated as an address."""
    return re.sub(r"\S+", lambda word: redact(word[0]), redact_text(text))


def _redact_match(match: re.Match[str]) -> str:
    address = match[0].rstrip(").,;:!?'’]")
    return redact(address) + match[0][len(address) :]


def name_feed(title: str | None, url: str) -> str:
    """Return a feed's name: its title, which may quote an address, or else its address; both redacted."""
    return redact_text(title or "") or redact(url)


def has_credentials(url: str) -> bool:
    """Whether an address contains a user name or a password, or seems to."""
    return _USERINFO.match(url.strip()) is not None


def has_secrets(url: str) -> bool:
    """Whether an address contains a user name, a password or a key: anyone who knows it has access."""
    return redact(url) != url.strip()


def lacks_key(url: str) -> bool:
    """Whether an address was copied from a redacted text and so lacks the values of its keys."""
    return any(
        (match["bare"] or match["value"]) == HIDDEN
        for part in _parts(url)
        for match in _PARAMETER.finditer(unquote(part))
    )


def secret_values(url: str) -> frozenset[str]:
    """Return the values of an address's keys, as spelled in it."""
    return frozenset(match["value"] or match["bare"] for match in _secrets(url.strip()))


def _drop_userinfo(url: str) -> str:
    while _USERINFO.match(url):
        url = _USERINFO.sub(r"\1", url, count=1)
    return url


def _hide_keys(url: str, *, depth: int) -> str:
    def hide(match: re.Match[str]) -> str:
        if match["bare"] is not None:
            return HIDDEN if _is_random(unquote(match["bare"])) else match[0]
        shown = HIDDEN if _is_secret(match) else _redact_value(match["value"], depth=depth)
        return f"{match['before']}{match['name']}={shown}"

    return "".join(_PARAMETER.sub(hide, part) for part in _parts(url))


def _parts(url: str) -> tuple[str, str]:
    """Split at the first "?" or "#", which ends the parameters of a path."""
    path = re.split("[?#]", url, maxsplit=1)[0]
    return path, url[len(path) :]


def _secrets(url: str) -> Iterator[re.Match[str]]:
    for match in (match for part in _parts(url) for match in _PARAMETER.finditer(part)):
        if match["bare"] is not None:
            if _is_random(unquote(match["bare"])):
                yield match
        elif _is_secret(match):
            yield match


def _is_secret(match: re.Match[str]) -> bool:
    value = _decode(match["value"])
    if not value or value == HIDDEN:
        return False
    name = _decode(match["name"]).lower()
    if _SECRET_IN_NAME.search(_INNOCENT.sub("", name)):
        return True
    return name not in _PUBLIC_IDS and _is_random(value)


def _redact_value(value: str, *, depth: int) -> str:
    """Return the value; if it is an address itself, redacted."""
    address = _decode(value)
    if not ("//" in address or "=" in address) or depth >= _NESTED:
        return value
    shown = _hide_keys(_drop_userinfo(address), depth=depth + 1)
    return value if shown == address else quote(shown, safe="/").replace(quote(HIDDEN), HIDDEN)


def _decode(text: str) -> str:
    """Undo percent-encoding, even if it was applied several times."""
    for _ in range(_NESTED):
        decoded = unquote_plus(text)
        if decoded == text:
            break
        text = decoded
    return text


def _is_random(value: str) -> bool:
    """Whether a value looks like a key, not words or numbers: long, with letters and digits in many short runs."""
    core = _NOT_PUNCTUATED.sub("", value)
    if len(core) < _KEY_CHARACTERS or not (core.isascii() and core.isalnum()) or not _LETTERS.search(core):
        return False
    if len(_RUNS.findall(core)) >= len(core) * _RUNS_A_CHARACTER:
        return True
    return core == value and len(core) >= _LONG_KEY_CHARACTERS and len(_DIGITS.findall(core)) >= 3
