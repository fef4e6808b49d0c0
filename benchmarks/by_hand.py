"""The same work with the libraries alone, written as one would in an afternoon.

feedparser reads the feed, BeautifulSoup extracts the text of a body, sqlite3 stores it, FTS5 searches it, and
rapidfuzz compares names. None of the bot's code is used.
"""

from __future__ import annotations

import io
import re
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import feedparser
from bs4 import BeautifulSoup
from rapidfuzz import fuzz, process, utils

Trace = Callable[[str], None]

LIMIT = 10
CHOICES = 25
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Found:
    """A result: the review's link, and the heading if one was asked for. ``score`` is on the library's own scale."""

    link: str
    heading: str | None = None
    score: float = 0.0


# ── reading a feed ──────────────────────────────────────────────────────────────────────────────


def read_entries(feed: Path) -> list[Any]:
    """Parse with feedparser without sanitising, as the bot does."""
    stream = io.BytesIO(feed.read_bytes())
    return list(feedparser.parse(stream, sanitize_html=False, resolve_relative_uris=False).entries)


def html_of(entry: Any) -> str:
    """The entry's content, or its summary if it has no content."""
    contents = entry.get("content")
    return str(contents[0].value if contents else entry.get("summary", ""))


def text_of(entry: Any) -> str:
    """The plain text of an entry's body."""
    return BeautifulSoup(html_of(entry), "lxml").get_text(" ")


def store_html(feed: Path, database: Path, trace: Trace | None = None) -> int:
    """Store titles, links and HTML in one table; return the number of rows written."""
    db = sqlite3.connect(database)
    db.set_trace_callback(trace)
    with db:
        db.execute("CREATE TABLE entries (title TEXT, link TEXT UNIQUE, html TEXT)")
        db.executemany(
            "INSERT INTO entries VALUES (?, ?, ?)",
            [(entry.get("title", ""), entry.get("link"), html_of(entry)) for entry in read_entries(feed)],
        )
    rows = db.total_changes
    db.close()
    return rows


def store_text(feed: Path, database: Path, trace: Trace | None = None, *, tokenizer: str = "unicode61") -> int:
    """Do the same, and put the plain text of every body into an FTS5 table; return the number of rows written."""
    db = sqlite3.connect(database)
    db.set_trace_callback(trace)
    with db:
        db.execute("CREATE TABLE entries (title TEXT, link TEXT UNIQUE, html TEXT)")
        db.execute(f'CREATE VIRTUAL TABLE texts USING fts5 (title, body, tokenize = "{tokenizer}")')
        for number, entry in enumerate(read_entries(feed), 1):
            title = entry.get("title", "")
            db.execute(
                "INSERT INTO entries (rowid, title, link, html) VALUES (?, ?, ?, ?)",
                (number, title, entry.get("link"), html_of(entry)),
            )
            db.execute("INSERT INTO texts (rowid, title, body) VALUES (?, ?, ?)", (number, title, text_of(entry)))
    rows = db.total_changes
    db.close()
    return rows


# ── looking things up ───────────────────────────────────────────────────────────────────────────


class Lookups:
    """Look-ups by hand: titles and headings in lists, texts in FTS5."""

    def __init__(self, feed: Path, database: Path) -> None:
        store_text(feed, database, tokenizer="porter unicode61")
        self._db = sqlite3.connect(database)
        entries = read_entries(feed)
        self._links = [str(entry.get("link", "")) for entry in entries]
        self._titles = [str(entry.get("title", "")) for entry in entries]
        self._folded = [title.casefold() for title in self._titles]
        self._names = [utils.default_process(title) for title in self._titles]
        self._headings = [(number, heading) for number, entry in enumerate(entries) for heading in _headings(entry)]
        self._sections = [utils.default_process(f"{self._titles[n]} {heading}") for n, heading in self._headings]

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def best_paper(self, query: str) -> list[Found]:
        """The title most similar to the query."""
        best = process.extractOne(utils.default_process(query), self._names, scorer=fuzz.WRatio)
        return [Found(self._links[best[2]], score=best[1])]

    def papers(self, query: str) -> list[Found]:
        """The ten titles most similar to the query."""
        found = process.extract(utils.default_process(query), self._names, scorer=fuzz.WRatio, limit=LIMIT)
        return [Found(self._links[number], score=score) for _, score, number in found]

    def best_section(self, query: str) -> list[Found]:
        """The pair of title and heading most similar to the query."""
        if not self._sections:
            return []
        best = process.extractOne(utils.default_process(query), self._sections, scorer=fuzz.WRatio)
        number, heading = self._headings[best[2]]
        return [Found(self._links[number], heading, best[1])]

    def load(self, found: Iterable[Found]) -> list[tuple[str, str]]:
        """Title and HTML of the results, which an answer would be drawn from."""
        query = "SELECT title, html FROM entries WHERE link = ?"
        return [row for item in found for row in self._db.execute(query, (item.link,))]

    def search(self, query: str) -> list[Found]:
        """Search for all the words, else for any of them, by FTS5's rank and with its snippet.

        The score is 1 if all the words matched, else 0.
        """
        words = [f'"{word}"' for word in _WORD.findall(query)]
        if not words:
            return []
        return self._match(" ".join(words), 1.0) or self._match(" OR ".join(words), 0.0)

    def _match(self, query: str, score: float) -> list[Found]:
        rows = self._db.execute(
            "SELECT rowid, snippet(texts, 1, '[', ']', '…', 24) FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT ?",
            (query, LIMIT),
        ).fetchall()
        return [Found(self._links[number - 1], score=score) for number, _ in rows]

    def complete(self, typed: str) -> list[Found]:
        """The titles that contain the typed text."""
        wanted = typed.casefold()
        numbers = [number for number, title in enumerate(self._folded) if wanted in title]
        return [Found(self._links[number]) for number in numbers[:CHOICES]]


def _headings(entry: Any) -> list[str]:
    return [tag.get_text(" ", strip=True) for tag in BeautifulSoup(html_of(entry), "lxml").find_all(HEADINGS)]
