"""Valid values for tests: override what the test is about.

The default reviews are invented. They have the habits of the blogs we read: English terms in Korean
sentences, a subsection in a *bigger* heading tag than its section, green and red backgrounds, the paper's own
words in a plain-text block.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from html import escape
from typing import TypedDict, Unpack

from bot.models.feeds import Entry
from bot.models.index import LabelRow, NameKind, NameRow
from bot.models.reviews import Block, BlockKind, Review, Section, Span
from bot.reviews.parsing import parse_review
from bot.search import hangul
from bot.search.extract import index_review
from bot.search.glossary import Glossary, load_glossary
from bot.search.names import Names, NamesBuilder
from bot.text.terms import squash, terms, words

__all__ = [
    "REVIEW_HTML", "SITEMAP", "EntryFields", "bundled_glossary", "make_entry", "make_names", "make_review",
    "make_rss", "shelve", "shown_title",
]  # fmt: skip

REVIEW_HTML = """\
<p><a href="https://arxiv.org/pdf/2401.{number:05d}.pdf">[pdf]</a>  \
<a href="https://github.com/example/lantern-{number}">[github]</a></p>

<p><strong>Mina Oh<sup>1</sup>, Alex Reed<sup>1,2</sup></strong>
<br /> <sup>1</sup> University of Somewhere, <sup>2</sup> Elsewhere Lab</p>

<h2 id="abstract">Abstract</h2>
<ul>
  <li>(<strong>Motivation</strong>) 긴 문서에서 답을 찾을 때, retriever 는 자주 엉뚱한 문단을 고른다.</li>
  <li>(<strong>Lantern-{number}</strong>) 질문을 먼저 작은 질문들로 나누는 방법을 제안한다.</li>
</ul>

<h2 id="1-introduction">1. Introduction</h2>

<p><span style="color:green;font-weight:bold"> ▶ Long documents </span>
<br />
문서가 길어지면 <span style="background-color: #ffdce0"> earlier retrievers lose the middle </span> \
라는 문제가 남는다.
<span style="background-color: #dcffe4"> Lantern-{number} reads every paragraph twice, </span> \
그래서 가운데 문단도 놓치지 않는다.</p>

<h2 id="2-method">2. Method</h2>

<p>전체 과정은 두 단계이며, loss 는 $L = L_r + \\lambda L_s$ 로 쓴다.</p>

<h1 id="21-question-splitting">2.1. Question splitting</h1>

<p>질문 하나를 최대 세 개로 나누고, 나눈 질문마다 문단을 다섯 개씩 가져온다.</p>

<p><img src="https://example.org/figures/{number}.png" alt="image" /></p>

<h2 id="3-conclusion">3. Conclusion</h2>

<pre><code class="language-plaintext">We showed that reading twice is cheaper than reading wrongly.
</code></pre>
"""
"""What `make_entry` puts into an entry; ``{number}`` is the entry's."""

SITEMAP = """
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
  <url><loc>https://reviews.example/</loc></url>
</urlset>
"""
"""A second root, as one generator's template appends it to its feeds."""

_FIRST_DAY = datetime(2024, 1, 1, 9, 0, tzinfo=UTC)


class EntryFields(TypedDict, total=False):
    """The fields of an `Entry`."""

    guid: str
    link: str
    title: str
    html: str
    published: datetime | None
    updated: datetime | None
    categories: tuple[str, ...]
    author: str | None


def make_entry(number: int = 1, **overrides: Unpack[EntryFields]) -> Entry:
    """Make an entry; different numbers make different reviews, a day apart."""
    link = overrides.get("link", f"https://reviews.example/2024/lantern-{number}/")
    fields: EntryFields = {
        "guid": link,
        "link": link,
        "title": f"[ACL 2024] Lantern-{number}: Reading Long Documents Twice",
        "html": REVIEW_HTML.format(number=number),
        "published": _FIRST_DAY + timedelta(days=number),
        "categories": ("paper", "retrieval"),
    }
    fields.update(overrides)
    return Entry(**fields)


def shown_title(entry: Entry) -> str:
    """The title under which a post is announced."""
    return parse_review(entry).clean_title


def make_rss(
    entries: Iterable[Entry],
    *,
    title: str = "Reviews",
    link: str = "https://reviews.example/",
    built_at: datetime = datetime(2024, 6, 1, 12, 0, tzinfo=UTC),
    with_sitemap: bool = False,
    tail: str = "",
) -> bytes:
    """Write an RSS 2.0 document as Jekyll's feed template does: whole posts, escaped, as descriptions.

    Args:
        built_at: The date that differs with every build, whether anything else did or not.
        with_sitemap: Append a second root element, which makes the document ill-formed XML.
        tail: Appended after everything else.
    """
    built = format_datetime(built_at)
    items = "\n".join(_write_item(entry) for entry in entries)
    document = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">
  <channel>
    <title>{escape(title)}</title>
    <description>Papers, read and explained</description>
    <link>{escape(link)}</link>
    <atom:link href="{escape(link)}feed.xml" rel="self" type="application/rss+xml"/>
    <pubDate>{built}</pubDate>
    <lastBuildDate>{built}</lastBuildDate>
    <generator>Jekyll v3.10.0</generator>
{items}
  </channel>
</rss>
"""
    return (document + (SITEMAP if with_sitemap else "") + tail).encode()


def _write_item(entry: Entry) -> str:
    is_permalink = "true" if entry.guid == entry.link else "false"
    lines = [
        f"<title>{escape(entry.title)}</title>",
        f"<description>{escape(entry.html)}</description>",
        f"<link>{escape(entry.link)}</link>",
        f'<guid isPermaLink="{is_permalink}">{escape(entry.guid)}</guid>',
        *(f"<category>{escape(category)}</category>" for category in entry.categories),
    ]
    if entry.published is not None:
        lines.append(f"<pubDate>{format_datetime(entry.published)}</pubDate>")
    if entry.updated is not None:
        lines.append(f"<atom:updated>{entry.updated.isoformat()}</atom:updated>")
    if entry.author is not None:
        lines.append(f"<dc:creator>{escape(entry.author)}</dc:creator>")
    return "\n".join(["      <item>", *(f"        {line}" for line in lines), "      </item>"])


@cache
def bundled_glossary() -> Glossary:
    """The glossary that ships with the bot, read once for all tests."""
    return load_glossary()


def make_review(*texts: str, heading: str = "Abstract") -> Review:
    """A review of one section, a paragraph for each text."""
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, spans=(Span(text=text),)) for text in texts)
    section = Section(depth=1, number=None, heading=heading, blocks=blocks)
    return Review(guid="g", link="l", title="t", clean_title="t", sections=(section,))


def make_names(
    *named: tuple[int, NameKind, str],
    uses: int = 3,
    others: Iterable[int] = (),
    stubs: Collection[int] = (),
    beside: Mapping[int, str] | None = None,
    glossary: Glossary | None = None,
) -> Names:
    """The names in memory of some reviews, as the cache would list them; a larger number is a newer review.

    Args:
        others: Reviews without any name.
        stubs: Those of a few lines.
        beside: What a review is found by beside its names: authors, venue, categories.
        glossary: The one that ships with the bot where None is given.
    """
    texts: dict[int, list[str]] = {number: [] for number in others}
    for number, _, text in named:
        texts.setdefault(number, []).append(text)
    for number, text in (beside or {}).items():
        texts[number].append(text)
    labels = [
        _label_row(number, texts[number], is_stub=number in stubs)
        for number in sorted(texts, key=lambda number: (number in stubs, -number))
    ]
    return _build(labels, [_name_row(*name, uses=uses) for name in named], glossary)


def shelve(*reviews: Review, glossary: Glossary | None = None) -> Names:
    """The names in memory of these reviews, by all that is drawn from them; numbered from 1, the last the newest."""
    labels, names = [], []
    for number, review in reversed(list(enumerate(reviews, 1))):
        index = index_review(review)
        labels.append(_label_row(number, index.words, is_stub=False))
        names += [
            NameRow(name.key, number, name.kind, name.text, name.uses, " ".join(name.sounds)) for name in index.names
        ]
    return _build(labels, names, glossary)


def _build(labels: Iterable[LabelRow], names: Iterable[NameRow], glossary: Glossary | None) -> Names:
    builder = NamesBuilder(bundled_glossary() if glossary is None else glossary)
    builder.add_reviews(labels)
    builder.add_names(sorted(names))
    return builder.build()


def _label_row(number: int, texts: Iterable[str], *, is_stub: bool) -> LabelRow:
    found = [word for text in texts for word in (*words(text), *(term.text for term in terms(text)))]
    return LabelRow(
        id=number,
        link=f"https://one.test/{number}",
        clean_title=f"Title {number}",
        short_name=None,
        venue=None,
        year=None,
        is_stub=is_stub,
        words=" ".join(dict.fromkeys(found)),
    )


def _name_row(number: int, kind: NameKind, text: str, *, uses: int) -> NameRow:
    is_spoken = kind is not NameKind.LINKED and "/" not in text
    sounds = hangul.readings(text) if is_spoken else ()
    return NameRow(squash(text), number, kind, text, uses, " ".join(map(str, sounds)))
