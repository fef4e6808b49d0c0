"""A picture's attributes → its address, or the text it stands for in a sentence: a formula, an emoji, a badge.

In: the attributes of an ``<img>`` as strings. Out: strings, "" or None if there is nothing. Pure; no soup.

Pages load pictures late, each program in its own way: ``src`` contains a placeholder or a blurred preview, and the
picture is in an attribute that a script reads.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

from bot.text.patterns import lazy_pattern

MAX_ADDRESS_CHARS = 4_000
_MAX_SET_CHARS = 16_000

LAZY_ATTRIBUTES = (
    *(
        "data-src",
        "data-lazy-src",
        "data-original",
        "data-lazy",
        "data-original-src",
        "data-orig-src",
        "data-real-src",
    ),
    *("data-actualsrc", "data-cfsrc", "data-ezsrc", "data-ll-src", "data-lazyload", "data-lazy-load", "data-echo"),
    *("data-opt-src", "data-wpfc-original-src", "data-runner-src", "lazy-src", "nitro-lazy-src"),
)
"""Attributes with the address of the picture itself, the most reliable first.

Source: lazysizes, vanilla-lazyload, lozad, jQuery Lazy, Echo, WP Rocket, a3 Lazy Load, WP Fastest Cache, Optimole,
NitroPack, Cloudflare Mirage, Ezoic, Hexo's and Naver's own, Zhihu."""

LAZY_SETS = ("data-srcset", "data-lazy-srcset", "data-original-srcset", "lazy-srcset", "nitro-lazy-srcset")

_PLACEHOLDER = lazy_pattern(
    r"(?:(?:ajax|pre|img|image)[-_]?)?(?:load(?:er|ing)?|lazy(?:[-_]?load(?:ing|er)?)?|place-?holder|spinner|blank|spacer|"
    r"transparent|pixel|dot|clear|empty|gr[ae]y|throbber|1x1|1px)"
    r"(?:[-_.]?(?:image|img|bg|\d{1,4}(?:x\d{1,4})?))*\.(?:gif|png|svg|webp|jpe?g)",
    re.IGNORECASE,
)


def lazy_address(attributes: Mapping[str, str]) -> str:
    """Return the address that a script puts in place of ``src``; "" if there is none."""
    single = next((value for name in LAZY_ATTRIBUTES if is_usable(value := attributes.get(name, ""))), "")
    return single or next((address for name in LAZY_SETS if (address := largest_of(attributes.get(name, "")))), "")


def plain_address(attributes: Mapping[str, str]) -> str:
    """Return the address that is shown without a script; "" for a placeholder."""
    source = attributes.get("src", "").strip()
    return source if is_usable(source) else largest_of(attributes.get("srcset", ""))


def is_usable(address: str) -> bool:
    """Whether an attribute's value may be a picture's address: not a flag ("true"), embedded data or a
    placeholder.
    """
    address = address.strip()
    is_address = 0 < len(address) <= MAX_ADDRESS_CHARS and ("/" in address or "." in address)
    if not is_address or address[:5].casefold() in {"data:", "about"}:
        return False
    name = re.split(r"[?#]", address, maxsplit=1)[0].rsplit("/", 1)[-1]
    return not _PLACEHOLDER.fullmatch(name)


def largest_of(srcset: str) -> str:
    """Return the address with the largest descriptor in a ``srcset``, the first of equals.

    Source: WHATWG HTML, "Srcset attributes": addresses contain no white space, and commas only in the middle.
    """
    best, best_size = "", 0.0
    for address, descriptor in _candidates(srcset[:_MAX_SET_CHARS]):
        size = _size(descriptor)
        if size > best_size and is_usable(address):
            best, best_size = address, size
    return best


def _candidates(srcset: str) -> Iterable[tuple[str, str]]:
    address = ""
    for word in srcset.split():
        if address:
            descriptor, _, following = word.partition(",")
            yield address, descriptor
            address = following.strip(",")
        else:
            address = word.strip(",")
            if word.endswith(","):
                yield address, ""
                address = ""
    if address:
        yield address, ""


def _size(descriptor: str) -> float:
    match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)[wxh]", descriptor)
    return float(match[1]) if match else 1.0


# ── formulas drawn by a service ─────────────────────────────────────────────────────────────────

_MAX_TEX_CHARS = 1_000
_TEX_CLASSES = frozenset(
    {
        *("latex", "tex", "math", "math-inline", "math-display", "latex-img"),
        *("ql-img-inline-formula", "ql-img-displayed-equation"),  # QuickLaTeX
        *("mwe-math-fallback-image-inline", "mwe-math-fallback-image-display"),  # MediaWiki
    }
)
_DISPLAY_CLASSES = frozenset({"math-display", "ql-img-displayed-equation", "mwe-math-fallback-image-display"})
_WHOLE_QUERY = lazy_pattern(
    r"(?:^|/)(?:(?:gif|png|svg|eq|pdf)\.(?:latex|image)|(?:mime|math)tex(?:\.cgi)?)$", re.IGNORECASE
)
_IN_PATH = lazy_pattern(r"^/(?:svg|png)/(.+)$", re.DOTALL)
_PATH_HOSTS = frozenset({"i.upmath.me", "tex.s2cms.ru", "tex.s2cms.com"})
_DRAWS_TEX = lazy_pattern(
    r"(?:^|[^a-z])(?:la)?tex(?:[^a-z]|$)|(?:^|[^a-z])(?:math|equation|formula)(?:[^a-z]|$)", re.IGNORECASE
)
_TEX_KEYS = ("tex", "latex", "math", "formula", "equation", "from", "chl")
_LOOKS = lazy_pattern(
    r"(?:\\(?:inline|dpi\s*\{[^{}]{0,9}\}|bg(?:_[a-z]{1,12}|\s*\{[^{}]{0,20}\})|fn_[a-z]{1,9}|tiny|small|large|Large|LARGE|huge)"
    r"(?![A-Za-z])|~)\s*"
)
_DISPLAYSTYLE = lazy_pattern(r"\{\\(?:display|text)style\s+(.*)\}", re.DOTALL)


def read_tex(attributes: Mapping[str, str], classes: frozenset[str], address: str) -> str:
    """Return the formula that a picture shows, with dollar signs; "" for every other picture.

    Source: CodeCogs, GitHub's render/math, Upmath, WordPress, Zhihu, Jianshu, Google's chart (cht=tx), MimeTeX and
    MathTeX have the TeX in the address; MediaWiki, QuickLaTeX and WordPress have it as alternative text.
    """
    alt = attributes.get("alt", "").strip().strip("$")
    tex = _tex_of(address) or (alt if classes & _TEX_CLASSES else "")
    tex = " ".join(tex.split()).strip("$").strip()
    if inner := _DISPLAYSTYLE.fullmatch(tex):
        tex = inner[1].strip()
    if not tex or len(tex) > _MAX_TEX_CHARS:
        return ""
    is_display = bool(classes & _DISPLAY_CLASSES) or attributes.get("eeimg") == "2"
    return f"$${tex}$$" if is_display else f"${tex}$"


def _tex_of(address: str) -> str:
    if len(address) > MAX_ADDRESS_CHARS:
        return ""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return ""
    if _WHOLE_QUERY.search(parts.path):
        raw = f"{parts.query}#{parts.fragment}" if parts.fragment else parts.query
        return _without_looks(unquote(raw.replace("&space;", " ")))
    if host in _PATH_HOSTS and (match := _IN_PATH.match(parts.path)):
        return unquote(match[1])
    if parts.query and (_DRAWS_TEX.search(host + parts.path) or "cht=tx" in parts.query):
        values = dict(reversed(parse_qsl(parts.query, max_num_fields=20)) if parts.query.count("&") < 20 else ())
        return _without_looks(next((values[key] for key in _TEX_KEYS if values.get(key)), ""))
    return ""


def _without_looks(tex: str) -> str:
    """Return TeX without commands for the picture's appearance only: size, resolution, background."""
    tex = tex.strip()
    while match := _LOOKS.match(tex):
        tex = tex[match.end() :]
    return tex


# ── small pictures within a line ────────────────────────────────────────────────────────────────

_EMOJI_CLASSES = frozenset({"emoji", "emojione", "wp-smiley", "twemoji", "joypixels", "notion-emoji"})
_MAX_INLINE_PX = 32
_PIXELS = lazy_pattern(r"(\d{1,4})(?:\.\d{1,3})?(?:px)?")
_BADGE_HOSTS = frozenset({"img.shields.io", "badgen.net", "badge.fury.io", "static.pepy.tech", "mybinder.org"})
_BADGE_PATH = lazy_pattern(r"(?:^|[-_/])badges?(?:[-_./]|$)", re.IGNORECASE)


def is_inline(attributes: Mapping[str, str], classes: frozenset[str], address: str) -> bool:
    """Whether a picture is part of its line: an emoji, a badge, or no taller than a letter."""
    if classes & _EMOJI_CLASSES or _is_emoji(attributes.get("alt", "")):
        return True
    if any(0 < _pixels(attributes.get(side, "")) <= _MAX_INLINE_PX for side in ("width", "height")):
        return True
    return _is_badge(address)


def _is_badge(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.hostname in _BADGE_HOSTS or (
        parts.path.endswith(".svg") and _BADGE_PATH.search(parts.path) is not None
    )


def _pixels(value: str) -> int:
    match = _PIXELS.fullmatch(value.strip())
    return int(match[1]) if match else 0


def _is_emoji(alt: str) -> bool:
    """Whether an alternative text is only emoji; "→" and "+" are drawn as pictures too."""
    alt = alt.strip()
    is_short = 0 < len(alt) <= 12
    return (
        is_short
        and all(unicodedata.category(c) in {"So", "Sk", "Mn", "Cf"} for c in alt)
        and any(ord(c) > 0x2000 for c in alt)
    )
