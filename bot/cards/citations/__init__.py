"""A member's saved papers as a file: BibTeX, RIS, CSL-JSON, Markdown. In: saved papers. Out: a text. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.cards.citations.bibtex import write_bibtex
from bot.cards.citations.csl import write_csl
from bot.cards.citations.markdown import write_markdown
from bot.cards.citations.ris import write_ris
from bot.cards.citations.works import Work, works_of
from bot.models.saved import ExportFormat, SavedPaper

_WRITERS: Mapping[ExportFormat, Callable[[Sequence[Work]], str]] = {
    ExportFormat.BIBTEX: write_bibtex,
    ExportFormat.RIS: write_ris,
    ExportFormat.CSL_JSON: write_csl,
    ExportFormat.MARKDOWN: write_markdown,
}


def write_citations(saved: Sequence[SavedPaper], form: ExportFormat) -> str:
    """Return a list of saved papers as the text of a file. What members read in it is in the current language."""
    return _WRITERS[form](works_of(saved))
