"""Works → a Markdown file with the passages that were saved. Nothing that somebody wrote is markup in it. Pure.

Source: CommonMark 0.31, “Backslash escapes” (any ASCII punctuation may be escaped).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.cards.citations.people import full_name
from bot.cards.citations.works import Quote, Work
from bot.cards.words import date_of
from bot.languages import _
from bot.text.patterns import lazy_pattern

_MARKUP = lazy_pattern(r"[\\`*_\[\]<>&!|~#]|\A[-+=]|(?<=\d)[.)]")
"""What may be markup: in a line, at its beginning, behind a number."""


def write_markdown(works: Sequence[Work]) -> str:
    """Return works as a Markdown document: title with its link, what is known, the note, the passages."""
    head = f"# {_escape(_('Saved papers'))}\n"
    return "\n".join((head, *("\n".join(_write_work(work)) for work in works)))


def _write_work(work: Work) -> Iterator[str]:
    yield f"## [{_escape(work.title) or _escape(work.url)}](<{work.url}>)\n"
    if facts := " · ".join(_facts(work)):
        yield f"{facts}\n"
    if work.note:
        yield "\\\n".join(map(_escape, work.note.splitlines())) + "\n"
    for quote in work.quotes:
        yield _quote(quote)


def _facts(work: Work) -> Iterator[str]:
    if work.authors:
        yield _escape(", ".join(map(full_name, work.authors)))
    if venue := " ".join(filter(None, (work.venue, str(work.year or "")))):
        yield _escape(venue)
    if work.review_url != work.url:
        yield f"[{_escape(_('Review'))}](<{work.review_url}>)"
    yield _escape(_("saved on {date}").format(date=date_of(work.saved_at)))


def _quote(quote: Quote) -> str:
    lines = [_escape(quote.text)]
    if quote.headings:
        lines += ["", f"— {_escape(' › '.join(quote.headings))}"]
    return "".join(f"> {line}".rstrip() + "\n" for line in lines)


def _escape(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", text)
