"""Bytes → text: the first step before the feed library.

Feeds declare wrong charsets, contain control characters and half surrogates, and forget to escape "&". `decode` never
raises, and takes time linear in its input. Pure.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from bot.text.patterns import lazy_pattern

_BYTE_ORDER_MARKS = (  # UTF-32 before UTF-16: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE_STARTS = (  # "<" and one more ASCII character, without a mark (XML 1.0 appendix F.1)
    (lazy_pattern(rb"<\0\0\0[!-~]\0\0\0"), "utf-32-le"),
    (lazy_pattern(rb"\0\0\0<\0\0\0[!-~]"), "utf-32-be"),
    (lazy_pattern(rb"<\0[!-~]\0"), "utf-16-le"),
    (lazy_pattern(rb"\0<\0[!-~]"), "utf-16-be"),
)
# What a label means on the web (WHATWG Encoding §4.2), keyed by Python's name for the label.
_WEB_MEANINGS = {
    "euc_kr": "cp949",
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
}
# Labels that the web knows and Python does not.
_WEB_LABELS = {
    "ks_c_5601-1989": "cp949",
    "windows-949": "cp949",
    "x-windows-949": "cp949",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "x-gbk": "gb18030",
    "x-euc-jp": "euc_jp",
    "windows-874": "cp874",
}
# Only these: Python would also "decode" punycode, unicode_escape and others that a server must not choose.
_WIDE_CODECS = frozenset({"cp949", "cp932", "gb18030", "big5hkscs", "euc_jp", "johab"})
_NARROW_CODECS = lazy_pattern(r"cp125\d|cp874|cp866|iso8859-\d+|koi8-[ru]|mac-roman")
_CHARSET = lazy_pattern(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.ASCII | re.IGNORECASE)
_DECLARATION = lazy_pattern(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})", re.ASCII)
_TOLERATED_PERCENT = 5  # of the characters beyond ASCII
_DETECTION_BYTES = 65_536

# XML 1.0 §2.2, Char: what a document must not contain in any form
_ILLEGAL = lazy_pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def decode(data: bytes, content_type: str | None = None) -> str:
    """Turn a response body into text, by the rule that was right most often on real feeds.

    In this order: the byte-order mark; UTF-16 and UTF-32 by their zero bytes; UTF-8 if the bytes are valid UTF-8,
    whatever a label says; the labels, but Korean by its looks before any single-byte charset, since decoding with one
    of those cannot fail; then detection. Characters that XML forbids are removed.

    Args:
        content_type: The HTTP header (RFC 9110 §8.3), for its charset.
    """
    return _ILLEGAL.sub("", _decode(data, content_type)).lstrip("\ufeff")


def _decode(data: bytes, content_type: str | None) -> str:
    for mark, codec in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(codec, "replace")
    for start, codec in _WIDE_STARTS:
        if start.match(data):
            return data.decode(codec, "replace")
    labels = list(filter(None, map(_codec, _labels(data, content_type))))
    for codec in ("utf-8", *(label for label in labels if label in _WIDE_CODECS)):
        if (text := _decode_tolerantly(data, codec)) is not None:
            return text
    if (korean := _decode_korean(data)) is not None:
        return korean
    narrow = next((label for label in labels if label not in _WIDE_CODECS), None)
    return data.decode(narrow or _detect(data), "replace")


def _labels(data: bytes, content_type: str | None) -> Iterator[str]:
    if match := _CHARSET.search(content_type or ""):
        yield match[1]
    if declaration := _DECLARATION.search(data[:1000]):
        yield declaration[1].decode("ascii")


def _codec(label: str) -> str | None:
    """Return Python's name for what a label means on the web, or None if we would not use it."""
    try:
        name = _WEB_LABELS.get(label.lower()) or codecs.lookup(label).name
    except LookupError:
        return None
    name = _WEB_MEANINGS.get(name, name)
    return name if name in _WIDE_CODECS or _NARROW_CODECS.fullmatch(name) else None


def _decode_tolerantly(data: bytes, codec: str) -> str | None:
    """Decode the bytes; None if too much is broken. One truncated character does not rule out a charset."""
    text = data.decode(codec, "replace")
    broken = text.count("\ufffd")
    if broken and codec == "utf-8":
        broken -= data.count("\ufffd".encode())  # without those that the author's own tool wrote
    if not broken:
        return text
    return text if broken * 100 <= _TOLERATED_PERCENT * _count_beyond_ascii(text) else None


def _count_beyond_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _decode_korean(data: bytes) -> str | None:
    """Decode CP949, if it fits and the result is mostly everyday Hangul.

    Everyday means the 2,350 syllables of KS X 1001: ’ and “ of windows-1252 together with the next letter also make
    valid CP949, but rare syllables from its extension.
    """
    text = _decode_tolerantly(data, "cp949")
    everyday = len(re.findall(rb"[\xb0-\xc8][\xa1-\xfe]", data))
    return text if text is not None and everyday * 2 > _count_beyond_ascii(text) else None


def _detect(data: bytes) -> str:
    from charset_normalizer import from_bytes  # imported here because it is slow to import and rarely needed

    beyond_ascii = re.search(rb"[\x80-\xff]", data)
    start = max(beyond_ascii.start() - 1000, 0) if beyond_ascii else 0
    best = from_bytes(data[start : start + _DETECTION_BYTES]).best()
    return (_codec(best.encoding) if best else None) or "cp1252"


def repair_text(text: str) -> str:
    """Join surrogate halves and remove what XML forbids, for strings that came as JSON escapes."""
    return _ILLEGAL.sub("", text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def json_text(value: object) -> str:
    """Return a string or a number as text (an "id" may be a number); "" for anything else."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return repair_text(str(value)).strip() if isinstance(value, str) or is_number else ""
