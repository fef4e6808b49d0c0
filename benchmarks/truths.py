"""What is true of posts, and which queries they answer: JSON lines, compared with what was read and answered.

In: files with one JSON object per line, for a post or a query. Out: judgements, right or wrong, each in a row of the
table that `benchmarks.habits` prints and that `tests/test_authors.py` holds floors for. Pure, except for the files.

A post:

    {"post": "https://blog.example/1", "ids": {"arxiv": "9901.00001"}, "authors": ["Ada Example"],
     "venue": "CVPR", "year": 2027, "name": "FogNet", "headings": [[1, "1. Introduction"], [2, "1.1 Setting"]]}

A fact that is left out is not judged; ``{}``, ``[]`` and ``null`` mean that the post has none. ``title`` is given if
people would not call the paper by the title of the post. A heading that repeats the title is left out. A venue is
right in each of its spellings (`data/venues.txt`).

A query names the posts that may come first, and is asked of their blog. One without such posts (the answer is not
here) is asked of every blog:

    {"row": "words", "ask": "search", "query": "안개 제거", "first": ["https://blog.example/1"]}
    {"row": "role", "ask": "section", "query": "fognet 한계점", "first": ["…"], "heading": "5. Limits"}
    {"row": "nonsense", "ask": "paper", "query": "snow tyres"}

More queries follow from the posts by rule (`derived_queries`): their names, other spellings of them, a part of their
titles, a slip, their identifiers, one of their headings. Nobody has to write these, and nobody can choose them.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from hashlib import sha256
from pathlib import Path
from typing import Any

from bot.models.reviews import Review, Section
from bot.reviews.venue_names import same_venue
from bot.reviews.venues import is_preprint

JUDGED = ("ids", "authors", "venue", "name", "headings")
MIN_SLIP_LETTERS = 6
PARTIAL_WORDS = 4
MAX_HEADING_LETTERS = 40
_BEFORE_COLON = re.compile(r"\s*[:：]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What is true of a post; ``judged`` names the facts that were given."""

    link: str
    judged: frozenset[str]
    title: str | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    authors: tuple[str, ...] = ()
    venue: str | None = None
    year: int | None = None
    name: str | None = None
    headings: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question; ``first`` holds the posts that may come first, and is empty if the answer is not here."""

    row: str
    ask: str
    text: str
    first: frozenset[str] = frozenset()
    heading: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One thing that is right or wrong; ``detail`` tells people what it was."""

    row: str
    is_right: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Truths:
    """All posts and queries that were read."""

    posts: tuple[Post, ...] = ()
    queries: tuple[Query, ...] = ()


def read_truths(paths: Iterable[Path]) -> Truths:
    """Read files of JSON lines, posts and queries mixed."""
    lines = [line for path in paths for line in path.read_text("utf-8").splitlines() if line.strip()]
    records = [json.loads(line) for line in lines if not line.startswith("//")]
    return Truths(
        posts=tuple(_read_post(record) for record in records if "post" in record),
        queries=tuple(_read_query(record) for record in records if "ask" in record),
    )


def _read_post(record: Mapping[str, Any]) -> Post:
    return Post(
        link=record["post"],
        judged=frozenset(JUDGED).intersection(record),
        title=record.get("title"),
        ids=record.get("ids") or {},
        authors=tuple(record.get("authors") or ()),
        venue=record.get("venue"),
        year=record.get("year"),
        name=record.get("name"),
        headings=tuple((depth, text) for depth, text in record.get("headings") or ()),
    )


def _read_query(record: Mapping[str, Any]) -> Query:
    return Query(
        row=record["row"],
        ask=record["ask"],
        text=record["query"],
        first=frozenset(record.get("first") or ()),
        heading=record.get("heading"),
    )


# ── facts ───────────────────────────────────────────────────────────────────────────────────────


def judge_facts(post: Post, review: Review) -> Iterator[Judgement]:
    """Judge each given fact of a post: whether it was read, and whether anything false was read."""
    if "ids" in post.judged:
        yield from _judge_ids(post, review)
    if "authors" in post.judged:
        yield from _judge_authors(post, review)
    if "venue" in post.judged:
        yield from _judge_venue(post, review)
    if "name" in post.judged:
        yield from _judge_name(post, review)
    yield from _judge_headings(post, review)


def _judge_ids(post: Post, review: Review) -> Iterator[Judgement]:
    values = ((f.name, getattr(review.identifiers, f.name)) for f in fields(review.identifiers))
    found = {kind: value for kind, value in values if value}
    given = {kind: value.casefold() for kind, value in post.ids.items()}  # a DOI is the same in capitals
    others = {kind: value for kind, value in found.items() if given.get(kind) != value.casefold()}
    detail = f"{post.link} has {dict(post.ids)}, read {found}"
    if post.ids:
        yield Judgement(row="identifier", is_right=bool(found) and not others, detail=detail)
    yield Judgement(row="identifier false", is_right=bool(others), detail=detail)


def _judge_authors(post: Post, review: Review) -> Iterator[Judgement]:
    wanted, found = {_person(one) for one in post.authors}, {_person(one) for one in review.authors}
    detail = f"{post.link} is by {', '.join(post.authors)}; read {', '.join(review.authors)}"
    if wanted:
        yield Judgement(row="authors", is_right=wanted == found, detail=detail)
    yield Judgement(row="authors false", is_right=bool(found - wanted), detail=detail)


def _person(name: str) -> str:
    """A name, regardless of the order of its parts: "Example, Ada" is Ada Example."""
    return " ".join(sorted(squeeze(word) for word in name.split()))


def _judge_venue(post: Post, review: Review) -> Iterator[Judgement]:
    """Judge the venue and its year. A preprint server is neither right nor false where the post names no venue."""
    is_right = same_venue(review.venue or "", post.venue or "") and post.year in (None, review.year)
    is_said = bool(review.venue) and not (post.venue is None and is_preprint(review.venue or ""))
    detail = f"{post.link} is of {post.venue} {post.year}; read {review.venue} {review.year}"
    if post.venue:
        yield Judgement(row="venue", is_right=is_right, detail=detail)
    yield Judgement(row="venue false", is_right=is_said and not is_right, detail=detail)


def _judge_name(post: Post, review: Review) -> Iterator[Judgement]:
    is_right = squeeze(review.short_name or "") == squeeze(post.name or "")
    detail = f"{review.title} ({post.link}) is called {post.name}; read {review.short_name}"
    if post.name:
        is_before_colon = bool(re.match(re.escape(post.name) + r"\s*:", review.title))
        row = "name before a colon" if is_before_colon else "name elsewhere"
        yield Judgement(row=row, is_right=is_right, detail=detail)
    yield Judgement(row="name false", is_right=bool(review.short_name) and not is_right, detail=detail)


def _judge_headings(post: Post, review: Review) -> Iterator[Judgement]:
    """Judge whether each heading is below the right one; a heading that was not read is wrong."""
    title = squeeze(review.title)
    wanted = list(_with_parents(post.headings))
    found = list(_with_parents(_outline(review.sections)))
    for heading, parent in wanted:
        same = [above for text, above in found if text == heading]
        parents = {"" if above == title else above for above in same}
        detail = f"{post.link}: “{heading}” below “{parent}”; read {sorted(parents) or 'nothing'}"
        yield Judgement(row="heading parent", is_right=parent in parents, detail=detail)


def _outline(sections: Sequence[Section]) -> Iterator[tuple[int, str]]:
    return ((section.depth, section.heading) for section in sections if section.heading)


def _with_parents(headings: Iterable[tuple[int, str]]) -> Iterator[tuple[str, str]]:
    above: list[tuple[int, str]] = []
    for depth, text in headings:
        while above and above[-1][0] >= depth:
            above.pop()
        yield squeeze(text), above[-1][1] if above else ""
        above.append((depth, squeeze(text)))


def squeeze(text: str) -> str:
    """Only the letters and digits, ignoring case, width and how accents are encoded."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


# ── queries ─────────────────────────────────────────────────────────────────────────────────────


def derived_queries(posts: Sequence[Post], titles: Mapping[str, str]) -> Iterator[Query]:
    """The queries that follow from the posts of one blog, without duplicates.

    Args:
        titles: The titles in the feed, by the posts' links.
    """
    called = {post.link: post.name or post.title or titles.get(post.link, "") for post in posts}
    asked = (query for post in posts if post.link in titles for query in _queries_for(post, called, titles))
    return iter({(query.row, query.text): query for query in asked}.values())


def _queries_for(post: Post, called: Mapping[str, str], titles: Mapping[str, str]) -> Iterator[Query]:
    name, title = called[post.link], post.title or titles[post.link]
    namesakes = frozenset(link for link, other in called.items() if squeeze(other) == squeeze(name))
    others = [other for link, other in titles.items() if link not in namesakes]
    asked = (
        ("exact", name),
        ("variant", _written_otherwise(name)),
        ("slip", _with_slip(post.name or "")),
        ("partial", _part_of(title, others)),
        ("arxiv", _as_pasted(post.ids.get("arxiv", ""))),
    )
    yield from (Query(row=row, ask="paper", text=text, first=namesakes) for row, text in asked if squeeze(text))
    if len(namesakes) == 1 and (heading := _one_heading(post)):
        yield Query(row="heading", ask="section", text=f"{name} {heading}", first=namesakes, heading=heading)


def _chance(text: str, below: int) -> int:
    """A number that looks random and is the same each time."""
    return int.from_bytes(sha256(text.encode()).digest()[:4], "big") % below


def _written_otherwise(name: str) -> str:
    """The name in lower case, with its punctuation left out or replaced by a space; "" if that changes nothing."""
    joint = "" if _chance(name, 2) else " "
    other = " ".join(re.sub(r"[-–_:：,.!?()\"“”]+", joint, name.lower()).split())
    return other if other != name else ""


def _with_slip(name: str) -> str:
    """The name with two neighbouring letters of its longest word swapped, or one left out; "" if it is too short."""
    word = max(re.findall(r"[A-Za-z]+", name), key=len, default="")
    if len(word) < MIN_SLIP_LETTERS:
        return ""
    at = 1 + _chance(name, len(word) - 3)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    is_swapped = swapped != word and _chance(word, 2) == 0
    return name.replace(word, swapped if is_swapped else word[:at] + word[at + 1 :], 1).lower()


def _part_of(title: str, others: Sequence[str]) -> str:
    """Some consecutive words of a title, after its name, that no other title contains; "" if there are none."""
    words = _BEFORE_COLON.split(title, maxsplit=1)[-1].split()
    if len(words) <= PARTIAL_WORDS:
        return ""
    start = _chance(title, len(words) - PARTIAL_WORDS + 1)
    part = " ".join(words[start : start + PARTIAL_WORDS]).strip(" ,:;().")
    is_own = not any(squeeze(part) in squeeze(other) for other in others)
    return part if is_own and len(squeeze(part)) > 3 * PARTIAL_WORDS else ""


def _as_pasted(arxiv: str) -> str:
    """An identifier as a number, or in one of the forms in which people paste it."""
    forms = ("{}", "https://arxiv.org/abs/{}", "https://arxiv.org/pdf/{}v2", "arXiv:{}")
    return forms[_chance(arxiv, len(forms))].format(arxiv) if arxiv else ""


def _one_heading(post: Post) -> str:
    """A heading that occurs once in the post and is short enough to type; "" if there is none."""
    texts = [text for _, text in post.headings]
    squeezed = [squeeze(text) for text in texts]
    fit = [
        t for t, s in zip(texts, squeezed, strict=True) if len(t) <= MAX_HEADING_LETTERS and squeezed.count(s) == 1
    ]
    return fit[_chance(post.link, len(fit))] if fit else ""


def judge_answer(query: Query, links: Sequence[str], heading: str | None, *, is_sure: bool) -> Iterator[Judgement]:
    """Judge an answer: whether the first result is right, whether it was sure, and whether it was surely wrong.

    Args:
        links: The results, best first.
        heading: The first result's section.
    """
    is_first = bool(links) and links[0] in query.first
    if query.heading is not None:
        is_first = is_first and squeeze(heading or "") == squeeze(query.heading)
    detail = f"/{query.ask} {query.text} → {links[:1]} {heading or ''}{' (sure)' if is_sure else ''}"
    if not query.first:
        yield Judgement(row=f"{query.row} sure", is_right=is_sure, detail=detail)
        return
    yield Judgement(row=f"{query.row} first", is_right=is_first, detail=detail)
    yield Judgement(row=f"{query.row} sure", is_right=is_sure and is_first, detail=detail)
    yield Judgement(row="surely wrong", is_right=is_sure and not is_first, detail=detail)
