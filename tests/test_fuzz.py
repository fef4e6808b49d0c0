"""A fuzzer over everything that reads documents: recorded feeds, cut, doubled and mixed with what breaks parsers.

Short in the suite. ``NONMUN_FUZZ=20000 pytest -n0 tests/test_fuzz.py`` runs it for as many examples.
"""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.models.feeds import FeedKind
from bot.reading.documents import read_feed
from bot.reading.feed import MAX_BODY_BYTES, MAX_CATEGORIES, MAX_TITLE_CHARACTERS
from bot.reading.pages import read_page
from bot.reading.sitemaps import find_locations, next_pages

EXAMPLES = int(os.environ.get("NONMUN_FUZZ", "60"))
URL = "https://blog.example/feed"
FEEDS = Path(__file__).parent / "data" / "feeds"
SAMPLES = sorted(path.read_bytes() for path in FEEDS.iterdir() if path.suffix in {".xml", ".json"})
TOKENS = [
    b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?xml ?>", b"<!DOCTYPE a [", b"&", b"&#xD83D;", b"&amp;lt;", b"\0",
    b"\xff\xfe", b"</item>", b"<item>", b"</rss>", b"<feed>", b"<p", b"'", b'"', b"<h2>", b"</h2>", b"<aside>",
    b"<table><td>", b"$", b"<svg>", b"<pre>", "한".encode(), "한".encode("cp949"), b"\xed\xa0\x80", b"<script>", b"{",
    b"[", b"\\u0000", b"999999999999",
]  # fmt: skip


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """A recorded document after some accidents."""
    data = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(1, 8))):
        start, end = sorted((draw(st.integers(0, len(data))), draw(st.integers(0, len(data)))))
        match draw(st.sampled_from(["cut", "double", "insert", "flip", "truncate"])):
            case "cut":
                data = data[:start] + data[min(end, start + 400) :]
            case "double":
                data = data[:end] + data[start : min(end, start + 2_000)] + data[end:]
            case "insert":
                data = data[:start] + draw(st.sampled_from(TOKENS)) * draw(st.integers(1, 5)) + data[start:]
            case "flip":
                data = data[:start] + draw(st.binary(max_size=8)) + data[start + 4 :]
            case "truncate":
                data = data[:start]
    return data


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.large_base_example])
@given(documents())
def test_whatever_is_served_is_read_or_refused(data: bytes) -> None:
    """No exception, no entry beyond the limits, no two with one identity, and every entry becomes a review."""
    parsed, reviews = read_feed(data, content_type=None, url=URL, known={})
    assert parsed.kind is FeedKind.FEED or parsed.entries == ()
    assert len({entry.guid for entry in parsed.entries}) == len(parsed.entries)
    for entry, read in zip(parsed.entries, reviews, strict=True):
        assert len(entry.title) <= MAX_TITLE_CHARACTERS
        assert len(entry.html.encode()) <= MAX_BODY_BYTES
        assert len(entry.categories) <= MAX_CATEGORIES
        assert read.entry == entry
        for part in (read, *read.parts):
            assert part.review.clean_title or part.review.link or part.review.guid
            assert all(section.depth >= 0 for section in part.review.sections)
    text = data.decode(errors="replace")
    find_locations(text, URL)
    next_pages(text, URL, entries=len(parsed.entries))
    read_page(data, content_type=None, url=URL)
