"""Links whose text is an address that differs from their target: then the real host is shown. Pure.

Discord shows only the text of a masked link; on a phone, nothing shows where it leads.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

from bot.text.patterns import lazy_pattern
from bot.ui.discord.invisible import drop_invisible

# A host anywhere in the text, with letters of all scripts, because look-alikes are the reason for this module.
_HOST_IN_WORDS = lazy_pattern(
    r"(?<![\w.-])(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+(?P<last>[^\W\d_]{2,24}|xn--[a-z0-9-]{2,59})(?![\w-])"
)
_NUMERIC_HOST = lazy_pattern(r"(?:https?://|@)(\d{1,3}(?:\.\d{1,3}){3})|(?<![\w.])(\d{1,3}(?:\.\d{1,3}){3})(?=[:/])")
_DOTS = str.maketrans(dict.fromkeys("。․‧・", "."))
# Endings of names of files and programs that are not domains.
_FILES = frozenset(
    "bib c cpp csv css docx exe gif h hpp html htm ini ipynb java jpeg jpg js json jsonl log onnx parquet pdf png "
    "pptx ps pth safetensors svg tex toml tsv tsx txt webp xlsx xml yaml yml".split()
)


def hidden_host(words: str, href: str) -> str | None:
    """The host that a link leads to, if its text names a different one; None if the text names this host, or none.

    Args:
        href: The address as it is sent: its host in ASCII letters, an international one as punycode.
    """
    host = urlsplit(href).hostname or ""
    named = {_spelt(name) for name in _hosts_in(words)}
    return host if named - {_spelt(host)} else None


def _hosts_in(words: str) -> list[str]:
    text = unicodedata.normalize("NFKC", drop_invisible(words)).translate(_DOTS).casefold()
    hosts = [match[0] for match in _HOST_IN_WORDS.finditer(text) if _may_be_host(match, text)]
    return hosts + [first or second for first, second in _NUMERIC_HOST.findall(text)]


def _may_be_host(match: re.Match[str], text: str) -> bool:
    """Whether it is neither the end and beginning of two sentences ("했다.그리고") nor the name of a file."""
    is_alone = not any(character.isspace() for character in text.strip())
    return match["last"] not in _FILES and (match["last"].isascii() or is_alone)


def _spelt(host: str) -> str:
    """A host in the form in which hosts are compared."""
    bare = host.rstrip(".").removeprefix("www.")
    try:
        return bare.encode("idna").decode()
    except UnicodeError:
        return bare
