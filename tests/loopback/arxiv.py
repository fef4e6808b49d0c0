"""arXiv's API on a loopback host: an Atom feed of the papers that are asked for, as arXiv writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from textwrap import wrap

from tests.loopback.feed_host import FeedHost

PATH = "/api/query"
_FEED = """\
<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <link href="http://arxiv.org/api/query?{query}" rel="self" type="application/atom+xml"/>
  <title type="html">ArXiv Query: {query}</title>
  <id>http://arxiv.org/api/answer</id>
  <updated>2026-06-01T00:00:00-04:00</updated>
  <opensearch:totalResults xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">{count}</opensearch:totalResults>
{entries}</feed>
"""
_ENTRY = """\
  <entry>
    <id>http://arxiv.org/abs/{number}v2</id>
    <updated>{year}-08-15T11:00:00Z</updated>
    <published>{year}-08-14T11:00:00Z</published>
    <title>{title}</title>
    <summary>  We row.
</summary>
{authors}    <arxiv:comment xmlns:arxiv="http://arxiv.org/schemas/atom">12 pages</arxiv:comment>
    <link href="http://arxiv.org/abs/{number}v2" rel="alternate" type="text/html"/>
    <category term="cs.CL" scheme="http://arxiv.org/schemas/atom"/>
  </entry>
"""
_AUTHOR = "    <author>\n      <name>{name}</name>\n    </author>\n"


@dataclass(slots=True)
class LoopbackArxiv:
    """Serves what arXiv would say. ``papers``: title and authors by number; ``asked``: what each request was for."""

    host: FeedHost
    papers: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    asked: list[list[str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.host.url(PATH)

    def start(self) -> LoopbackArxiv:
        """Begin to answer."""
        self.host.respond(PATH, self._answer, content_type="application/atom+xml; charset=UTF-8")
        return self

    def add(self, number: str, title: str, *authors: str) -> None:
        """Publish a paper."""
        self.papers[number] = title, authors

    def _answer(self, query: Mapping[str, str]) -> str:
        numbers = query["id_list"].split(",")
        self.asked.append(numbers)
        shown = [number for number in numbers if number in self.papers][: int(query.get("max_results", "10"))]
        return _FEED.format(
            query=escape(f"search_query=&id_list={','.join(numbers)}&start=0"),
            count=len(shown),
            entries="".join(self._entry(number) for number in shown),
        )

    def _entry(self, number: str) -> str:
        title, authors = self.papers[number]
        year = f"20{number[:2]}" if number[:2].isdigit() else "1999"
        broken = "\n  ".join(wrap(title, 60, break_on_hyphens=False))  # long titles are broken so
        names = "".join(_AUTHOR.format(name=escape(name)) for name in authors)
        return _ENTRY.format(number=number, title=escape(broken), authors=names, year=year)
