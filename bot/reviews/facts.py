"""What a post says about its paper: links, identifiers, authors, venue and year.

In: the pieces of a post, its title and tags. Out: tuples and :class:`bot.models.reviews.Identifiers`. Pure.

A post links many papers (177 different arXiv ids in the main feed's 55 posts, but only 20 of them belong to reviewed
papers), so a link counts as the post's own only if the author says so. In this order:

1. its words, the words beside its address, or the heading that contains it, are the post's title, or a title that
   begins with the name that the post's title is;
2. it is labelled as the paper ("[pdf]", "논문 링크: …", "논문 링크 https://…", "LowNet paper") among the first
   blocks, under any heading, or in a section of links or facts, or written beside the venue ("Published: ACL 2023
   (arXiv:2305.01234)");
3. a sentence among the first blocks points to it ("논문은 [여기]에서 볼 수 있다");
4. it stands alone in a line above the first heading, or is the only paper that the post shows as a preview;
5. it is labelled as the paper, alone in its line, in one of the post's last two sections.

If one rank has several papers, none is chosen, and a link in running text never counts. Authors, venue and year come
from text with such labels, from a bold line or a list under the paper's links, and from a citation of the paper.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, field, fields, replace
from difflib import SequenceMatcher
from functools import cached_property
from itertools import accumulate, chain, groupby, islice, takewhile

from bot.models.reviews import Block, BlockKind, Identifiers, Mark, Review, Span
from bot.reviews.author_lists import count_wrapped, read_author_list, read_further
from bot.reviews.authors import (
    MIN_PLAIN_NAMES,
    are_people,
    goes_on,
    has_more,
    is_chinese_name,
    is_name,
    names_institution,
    read_authors,
)
from bot.reviews.citations import BibEntry, read_bibtex, read_citation, read_title_authors
from bot.reviews.fact_labels import Label, is_paper_label, read_label
from bot.reviews.fields import PREFORMATTED, Field, Line, Link, read_fields, read_lines
from bot.reviews.identifiers import ARXIV_NUMBER, is_known, parse_identifiers, year_of_arxiv
from bot.reviews.markup import Heading, Piece
from bot.reviews.people import People, Strength, read_people, strength_of
from bot.reviews.references import (
    Byline,
    Reference,
    is_labelled,
    read_byline,
    read_named_reference,
    read_reference,
)
from bot.reviews.short_names import name_of_method
from bot.reviews.statements import read_opening, read_statement
from bot.reviews.titles import read_title
from bot.reviews.venue_lines import read_behind_label, read_venue
from bot.reviews.venue_names import same_venue
from bot.reviews.venues import (
    Venue,
    find_year,
    is_ordinary,
    is_preprint,
    read_alone,
    read_brief,
    read_in_full,
    read_known,
    read_known_part,
    read_labelled,
    read_named,
    read_preprint,
    read_source,
    read_tags,
)
from bot.reviews.written_dates import without_date
from bot.text.labels import is_marked
from bot.text.links import host_of
from bot.text.patterns import lazy_pattern
from bot.text.terms import bare_letters
from bot.text.titles import find_titles, is_same_title, split_title

_MAX_HEADER_BLOCKS = 12  # without headings the whole post is above the first one; facts are at the top
_FIRST_BLOCKS = 15
_MAX_LINKS = 20
_MAX_LABEL_CHARS = 60
_MAX_CITED = 2_000
_MAX_PAPERS = 200

_CODE_LABEL = lazy_pattern(
    r"(?:github|git|gitlab|repo(?:sitory)?|(?:official |source )?codes?\b.{0,20}|코드)", re.IGNORECASE
)
_PROJECT_LABEL = lazy_pattern(
    r"(?:project|프로젝트|项目|プロジェクト)(?:\s*(?:page|페이지|主页|ページ))?", re.IGNORECASE
)
_CODE_HOSTS = ("github.com", "gitlab.com", "bitbucket.org")
_LINK_BLOCKS = frozenset(
    {BlockKind.PARAGRAPH, BlockKind.PARAGRAPH_HEADING, BlockKind.ITEM, BlockKind.QUOTE, BlockKind.LINK}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFacts:
    """What a post says about its paper.

    ``links`` are (label, address) with unique labels; ``name`` is the labelled name of its model or method,
    ``method`` the name behind a label that may also stand before what a paper only uses: "Algorithm".
    """

    links: tuple[tuple[str, str], ...] = ()
    identifiers: Identifiers = field(default_factory=Identifiers)
    authors: tuple[str, ...] = ()
    venue: str | None = None
    year: int | None = None
    name: str | None = None
    method: str | None = None


def read_facts(
    pieces: Sequence[Piece], *, titles: Sequence[str], tags: Sequence[str], blogger: str | None = None
) -> PaperFacts:
    """Read what a post says about its paper.

    Args:
        pieces: The whole post, including a heading that repeats its title.
        titles: The post's title as written and cleaned.
        tags: The post's own tags.
        blogger: Who wrote the post, if the feed says so; nobody else than them in a line makes a byline of the post.
    """
    return _Reading(pieces, titles, tags, blogger).read()


def cited_identifiers(review: Review) -> tuple[Identifiers, ...]:
    """Return the identifiers of the papers that a review links in its text, each once."""
    blocks = [block for section in review.sections for block in section.blocks]
    cells = (cell for block in blocks for cell in chain([block.spans], *block.rows))
    urls = dict.fromkeys(span.href for spans in cells for span in spans if span.href)
    cited_papers = dict.fromkeys(parse_identifiers(url) for url in islice(urls, _MAX_CITED))
    return tuple(identifiers for identifiers in cited_papers if is_known(identifiers))


# ── reading one post ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paper:
    """A link that may lead to the post's paper."""

    link: Link
    identifiers: Identifiers
    line: Line


class _Reading:
    def __init__(
        self, pieces: Sequence[Piece], titles: Sequence[str], tags: Sequence[str], blogger: str | None = None
    ) -> None:
        self.blogger = bare_letters(blogger or "")
        opening = [piece.text for piece in pieces[:1] if isinstance(piece, Heading)]
        self.written_titles = tuple(dict.fromkeys((*titles, *opening)))
        repeated = [piece for piece in pieces[:1] if isinstance(piece, Heading) and piece.text in titles]
        unlinked = [bare for piece in repeated if (bare := _without_link_labels(piece)) != piece.text]
        self.titles = [_tokens(half) for title in dict.fromkeys((*titles, *unlinked)) for half in split_title(title)]
        self.is_short_titled = any(map(_is_short, titles))
        self.numbers = list(dict.fromkeys(match[1] for title in titles for match in _TITLE_NUMBER.finditer(title)))
        self.tags = tags
        is_title = [isinstance(piece, Heading) and self._is_title(piece.text) for piece in pieces]
        self.headings = [piece for piece in pieces if isinstance(piece, Heading)]
        self.lines = read_lines(pieces, is_title=is_title)
        self.header = _find_header(pieces, is_title)
        self.begins_with_heading = not self.header
        self.begins_with_text = bool(pieces) and isinstance(pieces[0], Block)
        self.first_blocks = max(_FIRST_BLOCKS, _count_short_blocks(self.lines))
        blocks = [piece for piece in pieces if isinstance(piece, Block)]
        self.cells = _cells_of(pieces)
        self.entries = [
            (block.text, at < _FIRST_BLOCKS) for at, block in enumerate(blocks) if block.kind in _OF_ENTRIES
        ]
        self.near = [line for line in self.lines if self._is_near(line)]
        counted = count_wrapped(self.near)
        ends = list(accumulate(count for _, count in counted))
        self.joined = [line for line, _ in counted]
        self._spans = {id(line): (at, at + 1) for at, line in enumerate(self.near)}
        self._spans |= {id(line): (end - count, end) for (line, count), end in zip(counted, ends, strict=True)}
        self.fields = read_fields(self.near)
        papers = (paper for line in self.lines for paper in _papers_of(line, line.links))
        self.papers = list(islice(papers, _MAX_PAPERS))
        self.paper_sections = {pair.line.section for pair in self.fields if pair.label in _PAPER_ALONE}
        self._names = [_before_colon(title) for title in titles if re.search(r"\w[:：]", title)]
        self._prose: dict[int, bool] = {}
        self._venues: dict[int, Venue | None] = {}
        self.reference, self._referring = self._find_reference()

    def read(self) -> PaperFacts:
        """Read the facts."""
        own, shown = self._find_own()
        identifiers = _merge(paper.identifiers for paper in own)
        entry = self._find_entry(identifiers)
        if entry and not is_known(identifiers):
            identifiers = entry.identifiers
        links = self._find_links({paper.link.url: paper.link.text for paper in own})
        has_paper = shown or is_known(identifiers) or any(link.is_bracketed for link in links)
        citations = list(self._find_citations(own))
        venue, year = self._find_venue(own, citations, has_paper=has_paper)
        if entry and entry.venue and (not venue or is_preprint(venue)):
            venue, year = entry.venue, entry.year or year
        elif entry and not year:
            year = entry.year
        return PaperFacts(
            links=_with_unique_labels(links),
            identifiers=identifiers,
            authors=self._find_authors(own, citations, entry, has_paper=has_paper),
            venue=venue,
            year=year,
            name=self._find_name(),
            method=self._find_method(),
        )

    def _find_name(self) -> str | None:
        """Return the value of "Short name" in a list that also has the paper's title, authors or venue."""
        named = (
            pair.value.strip(_AROUND_NAME)
            for pair in self.fields
            if pair.label is Label.NAME and pair.line.section in self.paper_sections
        )
        return next((name for name in named if _may_be_called(name)), None)

    def _find_method(self) -> str | None:
        """Return the name behind "Algorithm" or "Method" above the first heading, beside the paper's authors.

        A list with the task or the data as well says what the experiments use.
        """
        head = [line.text for line in self.near if not line.section]
        if 0 not in self.paper_sections or any(map(_OF_EXPERIMENTS.match, head)):
            return None
        values = {match[1].strip(_AROUND_NAME) for match in map(_METHOD.match, head) if match}
        return name_of_method(values.pop()) if len(values) == 1 else None

    # ── the paper's own links ──

    def _find_own(self) -> tuple[list[_Paper], bool]:
        """Return the links to the post's own paper, and whether the post labels any link as the paper."""
        labelled = self._find_labelled()
        shown = bool(labelled) or any(
            is_paper_label(link.text) for line in self.near if not self._is_prose(line) for link in line.links
        )
        titled = [*self._find_titled(), *self._find_referenced()]
        if titled:
            return _agreeing([*titled, *labelled]), True
        for group in (self._above(labelled), labelled, self._find_pointed(), self._find_alone(), self._find_shown()):
            if group:
                return (group, True) if _is_one(group) else ([], shown)
        if (last := self._find_last()) and _is_one(last):
            return last, True
        return [], shown

    def _find_titled(self) -> list[_Paper]:
        """Rank 1; a number in the title comes first: "[2106.09685] LoRA"."""
        if len(self.numbers) == 1:
            return list(_paper_written(self.numbers[0], Line(text="")))
        titled_papers = [
            paper for heading in self.headings if self._is_title(heading.text) for paper in _papers_in(heading)
        ]
        if not titled_papers and self.headings[:1]:
            titled_papers = [paper for paper in _papers_in(self.headings[0]) if self._is_title(paper.link.text)]
        near = {id(line) for line in self.near}
        for paper in self.papers:
            is_said = not self._is_prose(paper.line) or (id(paper.line) in near and len(_tokens(paper.link.text)) > 3)
            is_alone = len(paper.line.links) == 1 and _shows_address(paper.link)
            if (is_said and self._is_title_or_its_name(paper.link.text)) or (
                is_alone and self._is_title(paper.line.left_over.strip(_SIGNS))
            ):
                titled_papers.append(paper)
        return _agreeing(titled_papers)

    def _is_title_or_its_name(self, text: str) -> bool:
        """Whether words are the post's title, or a whole title that begins with the name that the post's title is."""
        is_named = bool(name := _tokens(_name_of(text))) and name in self.titles and _is_particular(_tokens(text))
        return is_named or self._is_title(text)

    def _find_referenced(self) -> Iterator[_Paper]:
        """Rank 1, the identifiers in a reference to the post's paper."""
        line = self._referring
        if self.reference and line:
            linked = [paper for paper in _papers_of(line, line.links) if not self._is_title(paper.link.text)]
            known = {paper.identifiers for paper in linked}
            written = (paper for number in self.reference.identifiers for paper in _paper_written(number, line))
            yield from (*linked, *(paper for paper in written if paper.identifiers not in known))

    def _find_reference(self) -> tuple[Reference | None, Line | None]:
        """Return what the post says in a reference to its own paper, and its line.

        Among the first lines, and where the paper is announced, the cited title may be a part of the post's, or the
        other way round; elsewhere they are equal. Except in the first lines, no other paper is cited beside it.
        """
        titles = ["".join(title) for title in self.titles if _is_particular(title)]
        top = [line for line in self.lines if not line.section and line.place < _MAX_TOP_LINES]
        announced = [line for line in self.near if line.under in _FACT_HEADINGS or is_labelled(line.text)]
        lettered = ((line, bare_letters(line.text)) for line in (*self.lines, *self._blocks))
        others = (line for line, letters in lettered if any(title in letters for title in titles))
        loose = {id(line): line for line in (*top, *announced[:_MAX_ENTRIES])}
        on_top = {id(line) for line in top}
        found: list[tuple[Reference, Line]] = []
        for line in (*loose.values(), *islice(others, _MAX_ENTRIES)):
            is_title = self._may_be_cited if id(line) in loose else lambda text: "".join(_tokens(text)) in titles
            reference = read_reference(line.text, titles, is_title)
            if reference and (
                id(line) in on_top or self._is_whole_title(reference.title) or not self._is_cited_beside(line)
            ):
                found.append((reference, line))
                if not reference.is_cut:
                    break
        if found:  # "Quill et al." below the title may be followed by all names among the references
            return next((pair for pair in found if not pair[0].is_cut), found[0])
        if not self.is_short_titled:
            return None, None
        reference, at = self._find_named_reference(top)
        return (reference, at) if reference else self._find_listed_reference()

    @cached_property
    def _blocks(self) -> tuple[Line, ...]:
        """The blocks of several lines, each as one line: a reference may be broken as its publisher prints it."""
        blocks = groupby(self.lines, key=lambda line: (line.section, line.place, line.kind))
        several = (found for _, block in blocks if len(found := list(islice(block, _MAX_REFERENCE_LINES + 1))) > 1)
        return tuple(_join_lines(block) for block in several if len(block) <= _MAX_REFERENCE_LINES)

    def _is_whole_title(self, cited: str) -> bool:
        """Whether a cited title is the post's, and too long to be another paper's in a list of references."""
        words = _tokens(cited)
        is_long = len(words) >= _MIN_WHOLE_WORDS and len("".join(words)) >= _MIN_WHOLE_LETTERS
        return is_long and words in self.titles

    def _find_listed_reference(self) -> tuple[Reference | None, Line | None]:
        """Return the only reference in a list of them whose title begins with the name that is the post's title.

        A word with one capital may also be a subject: its reference must be the first of its section.
        """
        found = [
            (reference, line)
            for line in self.lines
            if _REFERENCES.search(line.heading)
            and (reference := read_reference(line.text, (), lambda text: _tokens(_name_of(text)) in self.titles))
        ]
        if len(found) != 1:
            return None, None
        reference, line = found[0]
        is_first = next(other for other in self.lines if other.section == line.section) is line
        return (reference, line) if is_first or is_marked(_name_of(reference.title)) else (None, None)

    def _find_named_reference(self, top: Sequence[Line]) -> tuple[Reference | None, Line | None]:
        """Return the only reference behind a label for the paper, or before a link with one, in the first lines of a
        post titled by a name.
        """
        references = [
            (reference, line)
            for line in top
            if (
                reference := read_named_reference(
                    _without_links(line), is_labelled=any(is_paper_label(link.text) for link in line.links)
                )
            )
        ]
        is_one = len(references) == 1 and not self._is_cited_beside(references[0][1])
        return references[0] if is_one else (None, None)

    def _may_be_cited(self, title: str) -> bool:
        """Whether the title of a reference below the post's title is the same paper's.

        A post may be titled by the paper's name, and a title may have changed behind the name.
        """
        letters = "".join(_tokens(title))
        within = [own for own in map("".join, self.titles) if len(own) >= _MIN_TITLE_LETTERS and own in letters]
        is_at_edge = any(letters.startswith(own) or letters.endswith(own) for own in within)
        is_named = _tokens(_before_colon(title)) in [*self.titles, *map(_tokens, self._names)]
        return is_named or (self._is_title(title) and (is_at_edge or not within))

    def _is_cited_beside(self, line: Line) -> bool:
        """Whether another line in the same section nearby cites a paper, as in a list of references."""
        is_block = any(block is line for block in self._blocks)
        return any(
            other is not line
            and not (is_block and other.place == line.place)
            and (other.section, other.kind) == (line.section, line.kind)
            and abs(other.place - line.place) <= _MAX_BESIDE
            and _CITING.search(other.text)
            for other in self.lines
        )

    @cached_property
    def _byline(self) -> Byline | None:
        """The line of names and their venue right below the title."""
        top = takewhile(lambda line: not line.section and line.place < _MAX_BYLINE_PLACE, self.lines)
        bylines = (read_byline(_without_links(line)) for line in top if line.kind in _LINK_BLOCKS)
        byline = next((one for one in bylines if one), None)
        return None if byline and byline.venue and self._is_title(byline.venue) else byline

    def _find_labelled(self) -> list[_Paper]:
        """Rank 2. A second paper with such a label elsewhere in the post means that the post is about several."""
        keyed = read_fields([line for line in self.lines if line.links or line.place < self.first_blocks])
        by_key = [paper for pair in keyed if pair.label in _PAPER_KEYS for paper in _papers_of_field(pair)]
        by_word = [
            paper
            for paper in self.papers
            if is_paper_label(paper.link.text) and (not self._is_prose(paper.line) or self._cites_title(paper.line))
        ]
        by_word += [paper for paper in self.papers if not paper.line.section and _is_behind_label(paper)]
        by_word += [paper for paper in self.papers if _is_behind_words(paper) or self._labels_own(paper)]
        linked = {paper.identifiers for paper in (*by_key, *by_word) if paper.link.end}
        by_key = [paper for paper in by_key if paper.link.end or paper.identifiers not in linked]
        own_papers = [paper for paper in (*by_key, *by_word) if not self._is_of_others(paper.line)]
        return own_papers if any(self._is_near(paper.line) for paper in own_papers) else []

    def _labels_own(self, paper: _Paper) -> bool:
        """Whether a link alone in its line is labelled with the paper's own name: "LowNet paper"."""
        words = paper.link.text.split()
        named = [name for name in (*self._names, *self.written_titles) if is_marked(name) and " " not in name]
        is_named = len(words) > 1 and bare_letters(words[0]) in map(bare_letters, named)
        return is_named and is_paper_label(" ".join(words[1:])) and not paper.line.left_over.strip(_SIGNS)

    def _above(self, papers: Sequence[_Paper]) -> list[_Paper]:
        """Return those above the first heading or under one such as "Metadata": they concern the whole post."""
        return [
            paper
            for paper in papers
            if (not paper.line.section and self._is_near(paper.line)) or paper.line.under in _FACT_HEADINGS
        ]

    def _find_pointed(self) -> list[_Paper]:
        """Rank 3, links that a sentence points to."""
        return [paper for paper in self.papers if self._is_near(paper.line) and _is_pointed(paper)]

    def _find_alone(self) -> list[_Paper]:
        """Rank 4, lines above the first heading."""
        header = [line for line in self.lines if not line.section and line.place < _MAX_HEADER_BLOCKS]
        typed = [paper for line in header if not line.links for paper in _papers_typed(line.text)]
        below = self.headings[1:2] if self.headings and self._is_title(self.headings[0].text) else self.headings[:1]
        typed += [
            paper for heading in below if _is_byline(heading) or _is_link(heading) for paper in _papers_in(heading)
        ]
        return typed + [
            paper
            for paper in self.papers
            if not paper.line.section
            and paper.line.place < _MAX_HEADER_BLOCKS
            and _is_site(paper.line.left_over.strip(_SIGNS))
        ]

    def _find_shown(self) -> list[_Paper]:
        """Rank 4, previews of papers anywhere."""
        return [paper for paper in self.papers if paper.line.kind is BlockKind.LINK]

    def _find_last(self) -> list[_Paper]:
        """Rank 5. "[1] Boats [pdf]" is a reference; a line with nothing but "Paper PDF" is not."""
        first = len(self.headings) - _LAST_SECTIONS
        return [
            paper
            for paper in self.papers
            if paper.line.section > first
            and (is_paper_label(paper.link.text) or self._labels_own(paper))
            and not paper.line.left_over.strip(_SIGNS)
            and not _RELATED.search(paper.line.heading)
            and (self._is_title(paper.line.heading) or not _NAMED_TITLE.search(paper.line.heading))
        ]

    def _is_near(self, line: Line) -> bool:
        is_among_first = line.place < self.first_blocks and not self._is_of_others(line)
        return is_among_first or line.under in _FACT_HEADINGS

    def _is_of_others(self, line: Line) -> bool:
        """Whether this is a place for other papers. A post that begins with "Reference" begins with its own
        paper's.
        """
        is_own = line.section == 1 and self.begins_with_heading and not _RELATED.search(line.heading)
        return not is_own and _OTHERS_PAPERS.search(line.heading) is not None

    # ── links as they are shown ──

    def _find_links(self, own: dict[str, str]) -> list[_Link]:
        """Return the header's links outside running text, the paper's own, and the facts' links; each address once.

        Args:
            own: Address → words of the links to the post's own paper.
        """
        said = (_Link(label=_paper_label(text), url=url, is_bracketed=False) for url, text in own.items())
        links: dict[str, _Link] = {}
        for link in chain(self._find_header_links(own), said, self._find_fact_links()):
            links.setdefault(link.url, link)
        for url, text in own.items():
            if not is_paper_label(links[url].label):
                links[url] = replace(links[url], label=_paper_label(text))
        return list(links.values())[:_MAX_LINKS]

    def _find_header_links(self, own: Collection[str]) -> Iterator[_Link]:
        for line in self.lines:
            if not line.section and line.place < _MAX_HEADER_BLOCKS and line.kind in _LINK_BLOCKS:
                is_preview = line.kind is BlockKind.LINK
                is_prose = self._is_prose(line)
                for link in line.links:
                    if link.url in own or not is_prose:
                        yield _label(link.text, link.url, is_preview=is_preview)

    def _find_fact_links(self) -> Iterator[_Link]:
        """Yield links labelled as paper or code, under any heading."""
        for pair in self.fields:
            if pair.label in {Label.PAPER, Label.CODE} or (
                pair.label is Label.LINK and pair.line.under is Label.FACTS
            ):
                yield from (_label(link.text, link.url, key=pair.label) for link in pair.links)
        for line in self.near:
            if not self._is_prose(line):
                links = (_label(link.text, link.url) for link in line.links)
                yield from (link for link in links if link.label == "code" or is_paper_label(link.label))

    # ── authors, venue, year ──

    def _find_authors(
        self,
        own: Sequence[_Paper],
        citations: Sequence[tuple[str, str]],
        entry: BibEntry | None,
        *,
        has_paper: bool,
    ) -> tuple[str, ...]:
        titles = [Line(text=heading.text) for heading in self.headings[:_MAX_TOP_HEADINGS]]
        labelled = [pair for pair in (*self.fields, *read_fields(titles)) if pair.label is Label.AUTHORS]
        # "저자들은 배를 센다." is labelled, but lists nobody.
        author_lists = [names for pair in labelled if (names := read_author_list(pair))]
        if not author_lists:
            of_paper = (pair for pair in self.fields if pair.label is Label.AUTHOR and self._is_of_paper(pair))
            author_lists = [names for pair in of_paper if (names := read_author_list(pair))]
        if any(not set(author_lists[0]) & set(names) for names in author_lists[1:]):
            return ()  # authors of different papers
        if author_lists:
            return max((names for names in author_lists if set(author_lists[0]) <= set(names)), key=len)
        if self.reference and not self.reference.is_cut:
            return self.reference.authors
        if has_paper and (authors := _find_bold_authors(self.header) or self._find_listed_authors(own)):
            return authors
        cited = next((names for before, after in citations if (names := _cited_authors(before, after))), ())
        return (
            (self.reference.authors if self.reference else ())
            or cited
            or (self._byline.authors if self._byline else ())
            or self._find_authors_on_top()
            or self._find_people(own, has_paper=has_paper)
            or self._find_citing_line(has_paper=has_paper)
            or (entry.authors if entry else ())
            or self._find_authors_of_title()
        )

    def _find_people(self, own: Sequence[_Paper], *, has_paper: bool) -> tuple[str, ...]:
        """Return the only people that a line near the title, the facts or the paper's link lists.

        Something must show that they are the paper's authors: known names, several of them, the venue, the place
        below the title. Lines like it that list others show a post on several papers.
        """
        places = {(paper.line.section, paper.line.place + step) for paper in own for step in (-2, -1, 0, 1, 2)}
        labelled = {self._spans[id(pair.line)][0] for pair in self.fields}
        lines = [*self._lines_of_headings(), *self.joined]
        found: list[tuple[str, ...]] = []
        doubtful: list[tuple[str, ...]] = []
        for at, line in enumerate(lines):
            is_header = not line.section and line.place < _MAX_HEADER_BLOCKS
            is_beside = is_header or line.under is Label.FACTS or (line.section, line.place) in places
            is_labelled = not labelled.isdisjoint(range(*self._spans.get(id(line), (0, 0))))
            if not is_beside or line.kind not in _LINK_BLOCKS or is_labelled:
                continue
            people = read_people(line.text, self._bare_titles, self._words)
            weight = self._weigh(people, line, has_paper=has_paper) if people else 0
            if people and (weight >= _ENOUGH or (weight and len(people.names) > 1)):
                further = read_further(line, lines[at + 1 : at + 1 + _MAX_LIST_LINES])
                (found if weight >= _ENOUGH else doubtful).append(tuple(dict.fromkeys((*people.names, *further))))
        is_one = bool(found) and all(set(names) <= set(found[0]) for names in (*found, *doubtful))
        return found[0] if is_one else ()

    def _lines_of_headings(self) -> Iterator[Line]:
        """Yield the heading right below the title; "CVPR 2031" may be the one below it."""
        is_titled = bool(self.headings) and self._is_title(self.headings[0].text)
        if is_titled and len(self.headings) > 1 and not any(not line.section for line in self.lines):
            yield Line(text=self.headings[1].text, kind=BlockKind.PARAGRAPH_HEADING)

    def _weigh(self, people: People, line: Line, *, has_paper: bool) -> float:
        """How much shows that a line lists the paper's authors; `_ENOUGH` of it is enough."""
        if [bare_letters(name) for name in people.names] == [self.blogger]:
            return 0
        count, known = len(people.names), people.share(Strength.PART, self._words)
        if not all(strength_of(name, self._words) for name in people.names) or (
            count < MIN_PLAIN_NAMES and not known
        ):
            return 0
        surely = people.share(Strength.WHOLE, self._words)
        if count >= MIN_PLAIN_NAMES:
            weight = 3.0 if known >= 0.5 else 1.5 if known >= 0.25 else 0.5
        elif count > 1:
            weight = 2.0 if known == 1 and surely else 1.5 if known == 1 else 1.0
        else:
            weight = 1.0 if surely else 0.5
        weight += people.is_cut + people.has_signs + people.has_place
        weight += (people.has_source and not _IS_DATED.search(line.text)) or self._is_beside_venue(line)
        weight += self._is_below_title(line) + self._is_all_above_headings(line)
        weight += 2 * any(map(self._venue_of_line, self._beside(line)))  # in the same list
        weight += has_paper + 0.5 * (bool(line.bold) and line.bold[0][1] - line.bold[0][0] >= len(line.text) - 4)
        return weight

    def _is_beside_venue(self, line: Line) -> bool:
        if line.kind is BlockKind.PARAGRAPH_HEADING and any(read_alone(one.text) for one in self.headings[2:3]):
            return True
        return self._has_venue_nearby(line)

    def _has_venue_nearby(self, line: Line) -> bool:
        """Whether one of the two blocks before or behind a line's has a line with a known venue."""
        return any((line.section, line.place + step) in self._places_of_venues for step in (-2, -1, 1, 2))

    @cached_property
    def _places_of_venues(self) -> frozenset[tuple[int, int]]:
        """The section and the place of each short line with a known venue."""
        short = (line for line in self.near if len(line.text) < _MAX_VENUE_CHARS)
        return frozenset((line.section, line.place) for line in short if read_known_part(line.text))

    def _is_below_title(self, line: Line) -> bool:
        """Whether a line stands right below the title, or below a line that repeats it or could be the paper's."""
        if line.section or line.place > 1:
            return False
        at, _ = self._spans.get(id(line), (0, 0))
        if not at:
            return bool(self.headings) and self._is_title(self.headings[0].text) and not self.begins_with_text
        above = self.near[at - 1].text
        return self._is_title(above) or (_is_title_like(above) and not read_people(above, (), self._words))

    def _is_all_above_headings(self, line: Line) -> bool:
        """Whether the title and the names are all that stands above the first heading, or in the list that opens a
        post.
        """
        header = [one for one in self.lines if not one.section]
        is_listed = line.kind is BlockKind.ITEM and len(list(takewhile(_is_item, header))) == 2
        return self._is_below_title(line) and (is_listed or (bool(self.headings) and len(header) == line.place + 1))

    @cached_property
    def _bare_titles(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys("".join(title) for title in self.titles))

    @cached_property
    def _words(self) -> frozenset[str]:
        """The words that the post writes in lower case."""
        return frozenset(word for line in self.lines for word in _LOWER_WORD.findall(line.text))

    def _find_authors_on_top(self) -> tuple[str, ...]:
        """Return three or more names in the first line of a post that links no paper, if something shows that they
        are names; less is needed where the line is all that stands above the first heading.
        """
        line = next(iter(self.near), None)
        names = read_authors(line.text) if line and not line.section else ()
        is_lone = len([one for one in self.lines if not one.section]) == 1 and bool(self.headings)
        is_list = are_people(names) or (is_lone and are_people(names, least=_LEAST_OF_LONE))
        is_sure = line is not None and len(names) >= MIN_PLAIN_NAMES and (is_list or self._is_said(line))
        is_sure = is_sure or (len(names) > 1 and self._is_below_dated_title(names))
        return (*names, *read_further(line, self.near[1 : 1 + _MAX_LIST_LINES])) if line and is_sure else ()

    def _is_below_dated_title(self, names: Sequence[str]) -> bool:
        """Whether names, one of them frequent, stand below the repeated title of a paper with its year in
        brackets.
        """
        is_dated = any(_YEAR_IN_BRACKETS.search(title) for title in self.written_titles)
        is_below = bool(self.headings) and self._is_title(self.headings[0].text) and not self.begins_with_text
        return is_dated and is_below and are_people(names, least=1 / _MAX_NAMES_BELOW_TITLE)

    def _find_entry(self, own: Identifiers) -> BibEntry | None:
        """Return what the paper's BibTeX says: entries with the post's title, or the only one among the first blocks.

        The latter may be another paper's: its title or its number then disagrees with the post's.

        Args:
            own: The identifiers that the post gives.
        """
        texts = ((text, is_near) for text, is_near in self.entries if "@" in text)
        entries = [(entry, is_near) for text, is_near in islice(texts, _MAX_ENTRIES) if (entry := read_bibtex(text))]
        titled = [entry for entry, _ in entries if self._is_title(entry.title)]
        near = [
            entry for entry, is_near in entries if is_near and len(entries) == 1 and self._may_be_title(entry.title)
        ]
        agreeing = [entry for entry in titled or near if not _disagree(entry.identifiers, own)]
        if not agreeing or len({entry.authors for entry in agreeing}) > 1:
            return None
        best = next((entry for entry in agreeing if entry.venue), agreeing[0])
        numbered = (entry.identifiers for entry in agreeing if is_known(entry.identifiers))
        return best._replace(identifiers=next(numbered, Identifiers()))

    def _may_be_title(self, text: str) -> bool:
        """Whether a paper's title may be the post's; a post titled by a name or in another script does not say."""
        written = [title for title in self.written_titles if _LATIN_WORDS.search(title)]
        return not text or not written or any(is_same_title(text, title) for title in written)

    def _find_citing_line(self, *, has_paper: bool) -> tuple[str, ...]:
        """Return the authors in "Quill et al., ICML 2031" above the first heading or among the facts, if it is one
        paper.

        In a post that links no paper, the name must be a full one, beside a venue.
        """
        author_lists = set()
        for line in self.near:
            names = read_citation(_without_links(line)) if not line.section or line.under is Label.FACTS else ()
            is_sure = has_paper or self._is_below_title(line)
            if names and (is_sure or (is_name(names[0]) and self._is_said(line))):
                author_lists.add(names)
        return author_lists.pop() if len(author_lists) == 1 else ()

    def _find_authors_of_title(self) -> tuple[str, ...]:
        """Return the authors in a title such as "Boats (Quill et al., 2031)", or in the heading that opens the
        post.
        """
        return next((names for title in self.written_titles if (names := read_title_authors(title))), ())

    def _is_of_paper(self, author: Field) -> bool:
        """Whether an "Author" is the paper's and not the blog's: several names, or one in a list of the paper's
        facts.
        """
        names = read_author_list(author)
        is_several = len(names) > 1 and (all(map(is_name, names)) or all(map(is_chinese_name, names)))
        undated = _YEAR_AT_END.sub("", author.value) if without_date(author.value) == author.value else author.value
        if is_several or has_more(undated) or (len(names) > 1 and not author.value):
            return True
        if any(map(self._venue_of_line, self._beside(author.line))):
            return True
        is_lone = len(names) == 1 and " " not in names[0]  # "Author: Quill" may also be a blogger's name
        above = _PAPER_FACTS if is_lone else _PAPER_FACTS | {Label.PAPER}
        below = _PAPER_FACTS
        if undated != author.value:  # "Author: Quill, 2031"
            above = below = _PAPER_FACTS | {Label.PAPER, Label.LINK}
        at = self.fields.index(author)  # a byline stands above the paper's link
        before = (pair for pair in self.fields[:at] if pair.label in above)
        behind = (pair for pair in self.fields[at + 1 :] if pair.label in below)
        return any(
            pair.line.section == author.line.section and abs(pair.line.place - author.line.place) <= _MAX_LIST_LINES
            for pair in chain(before, behind)
        )

    def _find_listed_authors(self, own: Sequence[_Paper]) -> tuple[str, ...]:
        """Return the names in a separate line above the first heading, among the facts, or beside the paper's
        link.
        """
        author_lists: dict[int, tuple[str, ...]] = {}
        places = {(paper.line.section, paper.line.place + step) for paper in own for step in (-2, -1, 0, 1, 2)}
        for at, line in enumerate(self.joined):
            is_beside = not line.section or line.under is Label.FACTS or (line.section, line.place) in places
            if is_beside and len(line.text) < _MAX_NAMES_CHARS:
                names = read_authors(line.text)
                further = self.joined[at + 1 : at + 1 + _MAX_LIST_LINES] if names else []
                names = (*names, *read_further(line, further))
                is_list = has_more(line.text) or len(names) >= MIN_PLAIN_NAMES
                is_further = any(set(names) <= set(before) for before in author_lists.values())
                if names and not is_further and (is_list or (len(names) > 1 and self._is_said(line))):
                    author_lists[at] = names
        return next(iter(author_lists.values())) if len(author_lists) == 1 else ()

    def _is_said(self, line: Line) -> bool:
        """Whether something shows that two capitalised phrases are people.

        That is an initial, an affiliation mark, an address, or a year; or a venue in a line nearby. "Sensor Fusion,
        Point Clouds" has none. A whole date may also be the post's: there one frequent name must be among them.
        """
        return (
            bool(_OF_PEOPLE.search(line.text))
            or bool(_YEAR.search(without_date(line.text)))
            or (bool(_YEAR.search(line.text)) and are_people(read_authors(line.text)))
            or names_institution(line.text)
            or self._has_venue_nearby(line)
        )

    def _find_venue(
        self, own: Sequence[_Paper], citations: Sequence[tuple[str, str]], *, has_paper: bool
    ) -> tuple[str | None, int | None]:
        dated = (
            pair.value
            for pair in self.fields
            if pair.label is Label.YEAR or (pair.label in _DATES and pair.line.section in self.paper_sections)
        )
        years = [year for value in dated if (year := find_year(value))]
        preprint: Venue | None = None
        for name, year in chain(self._said_venues(own, has_paper=has_paper), self._cited_venues(citations)):
            if name and not is_preprint(name):
                return name, year or next(iter(years), None) or self._year_behind(name)
            if name and (preprint is None or preprint[1] is None):
                preprint = name, year
            years += [year] if year and not name else []  # "Venue: January 2031"
        name, year = preprint or _NO_VENUE
        if name == "arXiv" and not (year or years):
            year = next((year_of_arxiv(paper.identifiers.arxiv) for paper in own if paper.identifiers.arxiv), None)
        return name, year or next(iter(years), None)

    def _year_behind(self, venue: str) -> int | None:
        """Return the year that the first lines write behind a venue, "ICML 2031", if it is always the same."""
        behind = re.compile(rf"(?<!\w){re.escape(venue)}[\s'’-]{{0,2}}((?:19|20)\d\d)(?!\d)", re.IGNORECASE)
        years = {int(match[1]) for line in self.near for match in behind.finditer(line.text)}
        return years.pop() if len(years) == 1 else None

    def _said_venues(self, own: Sequence[_Paper], *, has_paper: bool) -> Iterator[tuple[str | None, int | None]]:
        yield self._venue_of_heading() or _NO_VENUE
        venues = (pair.value for pair in self.fields if pair.label is Label.VENUE)
        yield from (read_behind_label(value) for value in venues)
        published = (pair.value for pair in self.fields if pair.label is Label.PUBLISHED)
        yield from (read_behind_label(value, is_of_venues=False) for value in published)
        if self.reference:
            yield self.reference.venue, self.reference.year
            own = [paper for paper in own if paper.line is not self._referring]
        if self._byline:
            yield self._byline.venue, self._byline.year
        lines = [paper.line for paper in own if not self._is_prose(paper.line)]
        yield from (_venue_beside(line) or _NO_VENUE for line in lines)
        yield from (_venue_behind(paper) or _NO_VENUE for paper in own)
        yield self._listed_venue()
        yield from (venue or _NO_VENUE for venue in self._stated_venues(has_paper=has_paper))
        if has_paper or self.paper_sections:
            facts = (line for line in self.near if not line.section or line.under is Label.FACTS)
            known = (read_preprint(line.text) or read_brief(line.text) for line in facts)
            yield from (venue for venue in known if venue)
        yield from (
            read_statement(line.text) or _NO_VENUE for line in self.near if line.place < _MAX_STATEMENT_BLOCKS
        )
        opening = (line for line in self.near if not line.section and line.place < _MAX_OPENING_BLOCKS)
        yield from (read_opening(line.text) or _NO_VENUE for line in opening)
        tagged = [pair.value for pair in self.fields if pair.label in {Label.TAGS, Label.YEAR, Label.DATE}]
        tagged += [pair.value for pair in self.fields if pair.label is Label.LINK and not pair.links]
        tagged += [line.text for line in self.near if _HASHTAGS.fullmatch(line.text)]
        yield read_tags(part for value in tagged for part in _TAG_SIGNS.split(value)) or _NO_VENUE

    def _stated_venues(self, *, has_paper: bool) -> Iterator[Venue | None]:
        """Yield the venue that each kind of place states: the title, headings, the lines on top, tables, tags.

        Of several different venues in places of one kind none is the paper's.
        """
        if any(map(_ON_CONFERENCE.search, self.written_titles)):
            return
        titles = [joined for title in self.titles if len(joined := "".join(title)) >= _MIN_TITLE_LETTERS]
        of_titles = [part for title in self.written_titles for part in _parts_of_title(title)]
        top = list(self._lines_of_facts(has_paper=has_paper))
        is_of_paper = has_paper or bool(self.paper_sections) or any(line.links for line in top)
        parts = [
            part
            for line in top
            if is_of_paper or line.kind is not BlockKind.PARAGRAPH or _says_more(line.text)
            for part in _parts_of_line(line)
        ]
        tags = [re.sub(r"[_/]|-(?=(?:19|20)\d\d)", " ", tag.lstrip("#")) for tag in self.tags]
        yield _one_venue(read_venue(line.text, titles=titles, is_of_people=True) for line in self._quoted_on_top())
        for texts in (of_titles, self._stating_headings()):
            yield _one_venue(read_venue(text, titles=titles) for text in texts)
        of_parts = [read_venue(text, titles=titles) for text in parts]
        yield _one_venue(of_parts)
        for texts in (self.cells, tags):
            yield _one_venue(read_venue(text, titles=titles) for text in texts)
        if not any(of_parts):
            yield _one_venue(read_venue(text, titles=titles, needs_year=False) for text in parts)

    def _stating_headings(self) -> list[str]:
        """Return the headings that repeat the title, and the one right below it."""
        repeated = [heading.text for heading in self.headings if self._is_title(heading.text)]
        others = [heading.text for heading in self.headings if not self._is_title(heading.text)]
        stating = [heading for heading in others[:_MAX_COMPARED_HEADINGS] if read_venue(heading)]
        is_below = len(self.header) <= _MAX_TOP_LINES and len(stating) == 1 and stating[0] == others[0]
        return [*repeated, *others[:is_below]]

    def _quoted_on_top(self) -> list[Line]:
        """Return the quotation right below the title, where some authors write who published the paper and where."""
        top = takewhile(lambda line: line.place < _MAX_QUOTED_PLACE and not line.section, self.near)
        return [line for line in top if line.kind is BlockKind.QUOTE]

    def _lines_of_facts(self, *, has_paper: bool) -> Iterator[Line]:
        """Yield the lines among the post's facts: those above the first heading, and those under such headings.

        In a post that links no paper, and below its first heading, only those before any sentence.
        """
        is_on_top = True
        for line in self.near:
            is_first = not line.section or (line.section == 1 and self.begins_with_heading)
            is_on_top = is_on_top and is_first and line.kind not in PREFORMATTED
            is_above = not line.section and has_paper and line.kind is not BlockKind.QUOTE
            if line.kind not in PREFORMATTED and (is_on_top or is_above or line.under is Label.FACTS):
                yield line
            is_on_top = is_on_top and (bool(line.links) or not _is_sentence(line.text))

    def _venue_of_heading(self) -> Venue | None:
        """Return the venue in the title as repeated in the text, or in the heading right below it; None if several
        are venues.
        """
        repeated = (read_title(heading.text) for heading in self.headings if self._is_title(heading.text))
        if title := next((reading for reading in repeated if reading.venue), None):
            return title.venue or "", title.year
        headings = [heading for heading in self.headings if not self._is_title(heading.text)]
        is_below_title = bool(self.headings) and self._is_title(self.headings[0].text)
        venues = [
            venue for heading in headings if (venue := read_alone(heading.text, is_known_only=not is_below_title))
        ]
        is_below = (
            len(venues) == 1 and read_alone(headings[0].text) == venues[0] and len(self.header) <= _MAX_TOP_LINES
        )
        return venues[0] if is_below else None

    def _listed_venue(self) -> tuple[str | None, int | None]:
        """Return the only line that is a venue and its year in a list with the authors or the link: "Quill et al.",
        "CVPR 2022"; of a preprint only the year.
        """
        with_fields = {id(entry.line) for entry in self.fields if entry.label in _LISTED_BESIDE}
        listed = {
            venue
            for line in self.near
            if (venue := self._venue_of_line(line))
            and any(
                id(entry) in with_fields or has_more(entry.text) or are_people(read_authors(entry.text))
                for entry in self._beside(line)
            )
        }
        venues = {venue for venue in listed if not is_preprint(venue[0])}
        if venues or len(listed) != 1:
            return venues.pop() if len(venues) == 1 else _NO_VENUE
        return None, listed.pop()[1]

    def _venue_of_line(self, line: Line) -> Venue | None:
        """Return the venue of a line that says nothing else; remembered, since its neighbours ask, too."""
        if id(line) not in self._venues:
            self._venues[id(line)] = _venue_of_line(line)
        return self._venues[id(line)]

    def _beside(self, line: Line) -> list[Line]:
        """Return up to two lines before and behind one that are in the same list."""
        start, end = self._spans.get(id(line), (0, 0))
        beside = self.near[max(0, start - 2) : start] + self.near[end : end + 2] if end else []
        return [entry for entry in beside if (entry.section, entry.kind) == (line.section, line.kind)]

    def _cited_venues(self, citations: Sequence[tuple[str, str]]) -> Iterator[tuple[str | None, int | None]]:
        for _, after in citations:
            yield read_known_part(after) or read_in_full(after) or read_source(after) or _NO_VENUE

    def _find_citations(self, own: Sequence[_Paper]) -> Iterator[tuple[str, str]]:
        """Yield the text before and after the title in each line that cites the post's paper."""
        lines = [paper.line for paper in own] + [pair.line for pair in self.fields if pair.label is Label.PAPER]
        for line in lines:
            if line is not self._referring and (cut := self._cut_at_title(line.text)):
                yield cut

    def _cut_at_title(self, text: str) -> tuple[str, str] | None:
        titles = (joined for title in self.titles if len(joined := "".join(title)) >= _MIN_TITLE_LETTERS)
        for start, end in find_titles(text, titles):
            if any(map(str.isalnum, text[:start])):
                before = text[:start].strip(" \"“”'‘’,.:")
                year = _YEAR_AT_END.search(before)  # "Quill, A. (2023). Low Boats at Sea. In …"
                return (before[: year.start()], f"{text[end:]} {year[0]}") if year else (before, text[end:])
        if quote := _QUOTED.search(text):
            return text[: quote.start()].strip(" ,.:"), text[quote.end() :]
        for stop in islice(_STOP.finditer(text), _MAX_STOPS):
            if len(read_authors(text[: stop.start()])) > 1:
                return text[: stop.start()], text[stop.end() :]
        return None

    def _cites_title(self, line: Line) -> bool:
        """Whether a line is a citation of the paper: "Quill, A. (2023). Low Boats at Sea. In … [pdf]"."""
        joined = "".join(_tokens(line.text))
        return self._is_near(line) and any(
            len("".join(title)) >= _MIN_CITED_LETTERS and "".join(title) in joined for title in self.titles
        )

    def _is_prose(self, line: Line) -> bool:
        """Whether a line is running text; remembered, since it is asked for each link, and a line may have
        thousands.
        """
        if id(line) not in self._prose:
            self._prose[id(line)] = _is_prose(line)
        return self._prose[id(line)]

    def _is_title(self, text: str) -> bool:
        tokens = _tokens(text)
        return any(_is_same(tokens, title) for title in self.titles)


def _join_lines(lines: Sequence[Line]) -> Line:
    """Return the lines of a block as one."""
    starts = accumulate((len(line.text) + 1 for line in lines[:-1]), initial=0)
    links = tuple(
        replace(link, start=link.start + start, end=link.end + start)
        for line, start in zip(lines, starts, strict=True)
        for link in line.links
    )
    return replace(lines[0], text=" ".join(line.text for line in lines), links=links, bold=())


def _name_of(title: str) -> str:
    """Return the name before a title's colon; "" if there is none."""
    name, colon, _ = title.partition(":")
    return name.strip() if colon else ""


_REFERENCES = lazy_pattern(
    r"\b(?:references?|bibliography|citations?)\b|참고\s?(?:문헌|자료)|레퍼런스|参考|引用", re.IGNORECASE
)
_MAX_REFERENCE_LINES = 8
_MIN_WHOLE_WORDS, _MIN_WHOLE_LETTERS = 4, 20


def _is_item(line: Line) -> bool:
    return line.kind is BlockKind.ITEM


def _is_title_like(text: str) -> bool:
    """Whether a line may be a paper's title: three or more words, most of the long ones with a capital, no stop."""
    words = [word for word in re.findall(r"[^\W\d_][\w'’-]*", text) if len(word) > 3]
    capitals = sum(word[0].isupper() for word in words)
    is_short = len(text) <= _MAX_TITLE_CHARS and not re.search(r"[.;。]\s*$", text)
    return is_short and len(words) >= _MIN_WORDS and 4 * capitals >= 3 * len(words)


def _without_link_labels(heading: Heading) -> str:
    """Return a heading without the links in brackets behind it: "Low Boats [pdf] [video 1]"."""
    text = heading.text
    for label, _ in heading.links:
        text = text.replace(label, " ") if label.startswith("[") and label.endswith("]") else text
    return text


def _is_short(title: str) -> bool:
    """Whether a title is a name, one or two words, without the bracket behind it: "LowNet (Lake Lab, 2031)"."""
    bare = _BRACKET_BEHIND.sub("", title)
    return len(bare.split()) < _MIN_WORDS and 0 < len(_tokens(bare)) <= _MAX_NAME_TOKENS


_MAX_NAME_TOKENS = 4  # "Cascade Low-Net-2"


_BRACKET_BEHIND = lazy_pattern(r"[(（\[][^()（）\[\]]{1,60}[)）\]]\s*$")


def _before_colon(title: str) -> str:
    return re.split(r"[:：]", title, maxsplit=1)[0]


def _disagree(one: Identifiers, other: Identifiers) -> bool:
    """Whether two papers have different numbers of the same kind."""
    pairs = zip(astuple(one), astuple(other), strict=True)
    return any(a and b and a != b for a, b in pairs)


_MAX_ENTRIES = 20
_LATIN_WORDS = lazy_pattern(r"[A-Za-z]{2,}\W+[A-Za-z]{2,}\W+[A-Za-z]{2,}")
_NO_VENUE: tuple[str | None, int | None] = (None, None)
_FACT_HEADINGS = frozenset({Label.FACTS, Label.PAPER, Label.LINK})
_PAPER_KEYS = frozenset({Label.PAPER, Label.LINK, Label.TITLE, Label.VENUE, Label.PUBLISHED})
_PAPER_ALONE = frozenset({Label.TITLE, Label.AUTHORS, Label.VENUE})
"""Facts that a list has about a paper but not about a post: a date beside them is the paper's."""
_METHOD = lazy_pattern(
    r"\W{0,4}(?:(?:proposed |제안\s?|提案)(?:method|model|algorithm|system|방법|모델|기법|알고리즘|手法|モデル)|"
    r"methods?|algorithms?|system|framework|방법|기법|알고리즘|시스템|手法|アルゴリズム|方法|算法)\W{0,3}[:：]\W{0,3}(\S.{0,80})",
    re.IGNORECASE,
)
_OF_EXPERIMENTS = lazy_pattern(
    r"\W{0,4}(?:tasks?|data(?:sets?)?|environments?|envs?|benchmarks?|backbones?|baselines?|metrics?|데이터(?:\s?셋)?|"
    r"데이터세트|태스크|과제|환경|벤치마크|백본|データ(?:セット)?|タスク|環境|数据集?|任务|环境|基准)\W{0,3}[:：]",
    re.IGNORECASE,
)
_AROUND_NAME = " \t\"'“”‘’`.,;"
_MAX_NAME_CHARS, _MAX_NAME_WORDS = 30, 3


def _may_be_called(name: str) -> bool:
    """Whether a value is a name, and not a sentence, a list or a missing value."""
    is_short = len(name) <= _MAX_NAME_CHARS and len(name.split()) <= _MAX_NAME_WORDS
    return is_short and any(map(str.isupper, name)) and not re.search(r"[,;:/()]|^(?:N/?A|TBD|TODO|None)$", name)


_ENOUGH = 3.0
_IS_DATED = lazy_pattern(
    r"\b(?:19|20)\d\d\s?[-./年년]\s?\d{1,2}\s?[-./月월]|\b[A-Z][a-z]{2,8}\.? \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d\d"
)
"""A whole date: the post's rather than the paper's."""
_LOWER_WORD = lazy_pattern(r"(?<![\w./@-])[a-z]{3,}(?![\w@-])")


_PAPER_FACTS = frozenset({Label.TITLE, Label.VENUE, Label.YEAR})
_LISTED_BESIDE = frozenset({Label.TITLE, Label.AUTHORS, Label.AUTHOR, Label.PAPER, Label.LINK, Label.CODE})
_DATES = frozenset({Label.DATE, Label.PUBLISHED})
_MAX_LIST_LINES = 6
_MAX_NAMES_BELOW_TITLE = 8
"""Below a dated title, one frequent name in so many is enough."""
_YEAR_IN_BRACKETS = lazy_pattern(r"[(\[（]\s?(?:19|20)\d\d\s?[)\]）]\s*$")
_LEAST_OF_LONE = 1 / 3
"""The share of frequent names that is enough where nothing else stands above the first heading."""
_OF_PEOPLE = lazy_pattern(r"\b(?:IEEE|ACM)\b|\b0000[-–−‐]000\d|(?<!\w)[A-Z]\.|[*∗†‡§¶@⁰¹²³⁴-⁹]|(?<=[a-z])\d(?!\d)")
_SIGNS = " \t-–—•*·|/,.;:：[](){}<>→▶►■●📄📎🔗📑👉"
_MAX_NAMES_CHARS = 3_000
_MAX_VENUE_CHARS = 80
_OF_ENTRIES = frozenset({BlockKind.CODE, BlockKind.EXCERPT, BlockKind.PARAGRAPH})
_MAX_TOP_LINES = 3
_MAX_BYLINE_PLACE = 2
_MAX_TITLE_CHARS = 200
_MAX_BESIDE = 3
_CITING = lazy_pattern(r"\bet al\b|arxiv|\bdoi\b|\bproc(?:eedings|\.)|[(,.]\s?(?:19|20)\d\d[).,]", re.IGNORECASE)
_MAX_STATEMENT_BLOCKS = 8
_MAX_QUOTED_PLACE = 2
_MAX_COMPARED_HEADINGS = 20
_ENDS_SENTENCE = lazy_pattern(r"[.!?。]\s*$|[다요]\s*$")


def _is_sentence(text: str) -> bool:
    """Whether a line is running text: "et al." ends none."""
    return _ENDS_SENTENCE.search(text) is not None and not has_more(text)


_SAYS_VENUE = lazy_pattern(
    r"\b(?:published|accepted|appear(?:s|ed)?|presented|proc(?:eedings)?|oral|spotlight|poster|best paper|et al)\b|"
    r"게재|채택|발표|학회|发表|收录|录用|接收|採択|発表|掲載",
    re.IGNORECASE,
)


def _says_more(text: str) -> bool:
    """Whether a line beside a venue's name shows that it is about a paper, as is needed in a post that links none."""
    return _SAYS_VENUE.search(text) is not None or len(text.split()) > _MAX_BARE_WORDS


_MAX_BARE_WORDS = 4
_AFTER_TITLE = lazy_pattern(r"[;|｜]\s*|(?<=\w{2})\.\s+|\s[-–—]\s|,\sby\s")


def _parts_of_title(title: str) -> list[str]:
    """Return the brackets of a title, and what stands behind a sign: authors and venue of a title that cites."""
    cuts = [match.end() for match in _AFTER_TITLE.finditer(title)]
    return [*_IN_BRACKETS.findall(title), *(title[cut:] for cut in cuts[:_MAX_LIST_LINES])]


_ON_CONFERENCE = lazy_pattern(
    r"후기|참관|참석|참가|총정리|동향|튜토리얼|总结|总览|汇总|合集|参会|まとめ|速報|論文集|"
    r"\b(?:highlights|trip|report|recap|tutorials?|challenge|competition|keynotes?|trends|papers|takeaways)\b",
    re.IGNORECASE,
)
"""Words in a title that is about a conference."""
_BARS = lazy_pattern(r"\s*[|｜•·]\s*")


def _parts_of_line(line: Line) -> list[str]:
    """Return a line, and its parts if bars separate several facts: "Lake Lab | ICML 2031 | Boats"."""
    parts = _BARS.split(line.text)
    return [line.text] if len(parts) == 1 or line.place >= _MAX_TOP_LINES else [line.text, *parts]


def _one_venue(venues: Iterable[Venue | None]) -> Venue | None:
    """Return the venue that all of these are, with its year if one of them gives it; None if they are several."""
    found = [venue for venue in venues if venue]
    years = {year for _, year in found if year}
    if not found or len(years) > 1 or not all(same_venue(found[0][0], name) for name, _ in found[1:]):
        return None
    return found[0][0], next(iter(years), None)


def _cells_of(pieces: Sequence[Piece]) -> list[str]:
    """Return the cells of a small table among the first blocks that has labels: two rows, or two columns."""
    blocks = [piece for piece in pieces if isinstance(piece, Block)][:_MAX_HEADER_BLOCKS]
    tables = [block for block in blocks if block.kind is BlockKind.TABLE and _is_of_facts(block)]
    return ["".join(span.text for span in cell) for block in tables[:1] for row in block.rows for cell in row]


def _is_of_facts(table: Block) -> bool:
    rows = table.rows[:_MAX_ROWS]
    keys = rows[0] if len(rows) <= 2 else [row[0] for row in rows if row]
    is_small = len(rows) <= 2 or all(len(row) <= 2 for row in rows)
    return is_small and any(read_label("".join(span.text for span in cell)) for cell in keys)


_MAX_ROWS = 20
_MAX_OPENING_BLOCKS = 2
_MAX_TOP_HEADINGS = 5
_MIN_TITLE_LETTERS = 8
_MIN_CITED_LETTERS = 12
_HASHTAGS = lazy_pattern(r"\s*(?:#[\w'’&+-]{2,40}[\s,]*){1,30}")
_TAG_SIGNS = lazy_pattern(r"[,，、;；|#\n]|\s/\s(?=arxiv)|(?<=arxiv)\s/\s", re.IGNORECASE)
_STOP = lazy_pattern(r"(?<=\w\w)\.\s+(?=\w+\W+\w+\W+\w)")
_MAX_STOPS = 6
_QUOTED = lazy_pattern(r"[\"“「『][^\"“”「」『』]{8,300}[\"”」』]")
_YEAR_AT_END = lazy_pattern(r"[\s,.(]*(?:19|20)\d{2}[a-z]?[)\s.,:]*$")


def _without_links(line: Line) -> str:
    """Return a line without the words of its links and the brackets around them: "[paper] Quill et al., 2031"."""
    parts, end = [], 0
    for link in line.links:
        parts.append(line.text[end : link.start])
        end = link.end
    return " ".join(re.sub(r"[\[(]\s*[\])]", " ", "".join((*parts, line.text[end:]))).split())


def _cited_authors(before: str, after: str) -> tuple[str, ...]:
    """Return the names before a cited title.

    Full names count alone. Names in Asian letters, or a single name, count only beside a year or "et al.":
    "오늘 볼 것: TITLE" cites nobody.
    """
    is_citation = has_more(before) or _YEAR.search(after[:_MAX_AFTER_TITLE]) is not None
    names = read_authors(before, is_labelled=is_citation)
    is_sure = len(names) > 1 or has_more(before) or (is_citation and all(map(is_name, names)))
    return names if is_sure else ()


_YEAR = lazy_pattern(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_MAX_AFTER_TITLE = 300


def _find_header(pieces: Sequence[Piece], is_title: Sequence[bool]) -> list[Block]:
    """Return the blocks above the first heading that is not the title."""
    header: list[Block] = []
    for piece, repeats in zip(pieces, is_title, strict=True):
        if not isinstance(piece, Heading):
            header.append(piece)
        elif not repeats:
            break
    return header[:_MAX_HEADER_BLOCKS]


# ── papers ──────────────────────────────────────────────────────────────────────────────────────


def _papers_of(line: Line, links: Iterable[Link]) -> Iterator[_Paper]:
    for link in links:
        if is_known(identifiers := parse_identifiers(link.url)):
            yield _Paper(link=link, identifiers=identifiers, line=line)


def _papers_in(heading: Heading) -> Iterator[_Paper]:
    links = (Link(text=text, url=url, start=0, end=0) for text, url in heading.links)
    return _papers_of(Line(text=heading.text), links)


def _is_byline(heading: Heading) -> bool:
    """Whether a heading is an address with a laboratory, authors or a year beside it: "Lake Lab, https://…"."""
    addresses = [text for text, url in heading.links if text.startswith("http") and text[:_MAX_SHOWN] in url]
    return len(addresses) == 1 and len(heading.text.replace(addresses[0], "").split()) <= _MAX_BESIDE_ADDRESS


def _is_link(heading: Heading) -> bool:
    """Whether a heading is nothing but a link with such a label: "Link", "논문 링크"."""
    is_whole = len(heading.links) == 1 and heading.links[0][0].strip() == heading.text.strip()
    return is_whole and read_label(heading.text) in {Label.PAPER, Label.LINK}


def _shows_address(link: Link) -> bool:
    return "://" in link.text


_MAX_SHOWN = 20  # characters of an address as it is shown
_MAX_BESIDE_ADDRESS = 4


def _paper_written(identifier: str, line: Line, *, label: str = "paper") -> Iterator[_Paper]:
    """Yield the paper of an arXiv number or a DOI that is written without a link."""
    known = parse_identifiers(identifier)
    url = f"https://arxiv.org/abs/{known.arxiv}" if known.arxiv else f"https://doi.org/{known.doi}"
    if is_known(known):
        yield _Paper(link=Link(text=label, url=url, start=0, end=0), identifiers=known, line=line)


_BARE_IDENTIFIER = lazy_pattern(
    rf"(?<!\d)(?<!\d\.)(?:{ARXIV_NUMBER}(?:v\d+)?(?!\d|\.\d)|10\.\d{{4,9}}/\S+)", re.IGNORECASE
)
"""An arXiv number (year, month and at least two more digits) or a DOI; neither within a longer number."""


def _find_written(pair: Field) -> str | None:
    """Return an identifier in the text behind a key: any for the paper, elsewhere one that is alone or has its kind,
    "arXiv:2305.01234".
    """
    if pair.label is Label.PAPER and (bare := _BARE_IDENTIFIER.search(pair.value)):
        return bare[0]
    if _BARE_IDENTIFIER.fullmatch(pair.value):
        return pair.value
    named = _NAMED_IDENTIFIER.search(pair.value)
    return named[1] if named else None


_NAMED_IDENTIFIER = lazy_pattern(
    r"(?:arxiv|doi)(?:\.org)?[\s:：/#\[(]{0,4}(?:(?:e-?|pre-?)print[\s:]{0,3}(?:arxiv[\s:]{0,3})?|id[\s:]{1,3}|abs/)?"
    rf"({ARXIV_NUMBER}(?:v\d+)?(?!\d|\.\d)|10\.\d{{4,9}}/[^\s,;()（）]+)",
    re.IGNORECASE,
)


def _papers_of_field(pair: Field) -> Iterator[_Paper]:
    """Yield the papers behind a key: links first, else one written as a bare identifier."""
    papers = list(_papers_of(pair.line, pair.links))
    if not papers and (written := _find_written(pair)):
        papers += _paper_written(written, pair.line, label=written)
    if pair.line.under in _FACT_HEADINGS or len(papers) < 2:
        yield from papers
    else:
        yield from (paper for paper in papers if is_paper_label(paper.link.text) or "://" in paper.link.text)


def _papers_typed(text: str) -> Iterator[_Paper]:
    """Yield the paper of a line that is little more than a number: "arXiv 2005.12872 [cs.CV]", "ECCV 2020, arXiv
    2005.12872".
    """
    match = _NAMED_IDENTIFIER.search(text) if len(text) < _MAX_VENUE_CHARS else None
    rest = (
        _BRACKETED_SUBJECT.sub("", f"{text[: match.start()]}, {text[match.end() :]}").strip(_SIGNS) if match else text
    )
    if match and (len(rest) <= _MAX_SIGNS or read_known_part(rest)):
        yield from _paper_written(match[1], Line(text=text))


_BRACKETED_SUBJECT = lazy_pattern(r"\[[a-z-]{2,10}(?:\.[A-Z]{2})?\]|preprint", re.IGNORECASE)
_MAX_SIGNS = 3


def _count_short_blocks(lines: Sequence[Line]) -> int:
    """Count the single-line blocks at the beginning of the post: a long list of authors may stand above the links."""
    top = takewhile(lambda line: not line.section and len(line.text) <= _MAX_SHORT_CHARS, lines)
    return min(_MAX_SHORT_BLOCKS, max((line.place + 1 for line in top), default=0))


_MAX_SHORT_CHARS = 120
_MAX_SHORT_BLOCKS = 60


_TITLE_NUMBER = lazy_pattern(
    rf"(?:[\[(（【]\s*(?:arxiv[\s:]{{0,3}})?|\barxiv[\s:]{{1,3}})({ARXIV_NUMBER})(?:v\d{{1,2}})?(?![\d.])",
    re.IGNORECASE,
)


def _is_site(left_over: str) -> bool:
    """Whether only the name of a site that shows papers is left beside a link."""
    return not left_over or _SITE_OF_PAPERS.fullmatch(left_over) is not None


_SITE_OF_PAPERS = lazy_pattern(
    r"(?:hugging\s?face|hf|허깅\s?페이스)(?:\s+(?:daily\s+)?papers?)?(?:\s+page)?", re.IGNORECASE
)


_OTHERS_PAPERS = lazy_pattern(
    r"\b(?:references?|bibliography|related|further reading|see also|read(?:ing)? next)\b|참고|관련|더 읽|参考|関連|"
    r"相关|次に読む|延伸",
    re.IGNORECASE,
)
"""Headings of sections with other papers."""
_RELATED = lazy_pattern(
    r"\b(?:related|further reading|see also|read(?:ing)? next|other)\b|관련|더 읽|다른|関連|相关|其他|次に読む|延伸",
    re.IGNORECASE,
)
_LAST_SECTIONS = 2
_NAMED_TITLE = lazy_pattern(r"[^\W\d_]\s*[:：]\s*\w\S*(?:\s+\w\S*){2,}")
"""A title with a name before it: the heading of a section about this paper."""


def _is_behind_label(paper: _Paper) -> bool:
    """Whether a link directly follows a label of its own within a short line: "Quill et al., 2024. url: …"."""
    before = paper.line.text[: paper.link.start]
    label = _LABEL_BEFORE.search(before) if len(before) < _MAX_POINTING_CHARS else None
    return label is not None and read_label(label[1]) in {Label.PAPER, Label.LINK}


def _is_behind_words(paper: _Paper) -> bool:
    """Whether an address is alone in its line behind a label without a colon: "논문 링크 https://…"."""
    before = paper.line.text[: paper.link.start].strip(_SIGNS)
    is_alone = len(paper.line.links) == 1 and _shows_address(paper.link)
    return is_alone and is_paper_label(before) and before == paper.line.left_over.strip(_SIGNS)


_LABEL_BEFORE = lazy_pattern(r"[.,;|·/)\]]\s*([^.,;|·/()\[\]:：]{1,30})[:：]\s*$")


def _is_one(papers: Sequence[_Paper]) -> bool:
    """Whether no two of them have different identifiers of the same kind."""
    return len(_agreeing(papers)) == len(papers)


def _agreeing(papers: Sequence[_Paper]) -> list[_Paper]:
    """Return the first of them, and those that contradict none before."""
    kept: list[_Paper] = []
    known: dict[str, str] = {}
    for paper in papers:
        own = {kind.name: value for kind in fields(Identifiers) if (value := getattr(paper.identifiers, kind.name))}
        if all(known.get(name, value) == value for name, value in own.items()):
            kept.append(paper)
            known |= own
    return kept


def _merge(many: Iterable[Identifiers]) -> Identifiers:
    """Return the first value of each kind."""
    merged = Identifiers()
    for identifiers in many:
        missing = (f.name for f in fields(Identifiers) if getattr(merged, f.name) is None)
        merged = replace(merged, **{name: getattr(identifiers, name) for name in missing})
    return merged


# ── titles ──────────────────────────────────────────────────────────────────────────────────────

_TOKEN = lazy_pattern(r"[a-z0-9à-ÿ]+|[가-힣]+|[ぁ-ヿ]+|[㐀-鿿]+")
_MIN_WORDS = 3
_MOST = 0.8
_HALF = 0.5


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text.casefold())


def _is_particular(title: Sequence[str]) -> bool:
    """Whether a title is long enough to be told from other words: three of them with twelve letters in all.

    An Asian letter counts as two, and needs no spaces.
    """
    asian = sum(len(word) for word in title if word[0] > _LATIN_END)
    letters = sum(map(len, title)) + asian
    return letters >= _MIN_CITED_LETTERS and (len(title) >= _MIN_WORDS or 2 * asian >= _MIN_CITED_LETTERS)


_LATIN_END = "\u024f"


def _is_same(text: Sequence[str], title: Sequence[str]) -> bool:
    """Whether words are a title: the same letters, a good part of it, or a citation containing it; typing errors
    allowed.
    """
    letters, other = "".join(text), "".join(title)
    if not letters or not other:
        return False
    if letters == other:
        return True
    if len(title) >= _MIN_WORDS and len(other) >= _MIN_TITLE_LETTERS and other in letters:
        return True
    if len(text) >= _MIN_WORDS and letters in other and len(letters) >= _HALF * len(other):
        return True
    shared = len(set(text) & set(title))
    if min(len(text), len(title)) <= _MIN_WORDS or shared < _MOST * min(len(set(text)), len(set(title))):
        return False
    shorter, longer = sorted((letters, other), key=len)
    return (longer is letters or len(shorter) >= _HALF * len(longer)) and _is_within(shorter, longer)


def _is_within(shorter: str, longer: str) -> bool:
    """Whether the shorter text occurs in the longer one, one or two errors allowed."""
    matcher = SequenceMatcher(None, longer[:_MAX_COMPARED], shorter[:_MAX_COMPARED], autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size >= _MIN_BLOCK]
    if not blocks:
        return False
    span = blocks[-1].a + blocks[-1].size - blocks[0].a
    return sum(block.size for block in blocks) >= _NEARLY * len(shorter) and span <= len(shorter) * _STRETCH


_MAX_COMPARED = 600
_MIN_BLOCK = 3
_NEARLY = 0.93
_STRETCH = 1.1


# ── running text ────────────────────────────────────────────────────────────────────────────────

_LATIN_OR_ASIAN = lazy_pattern(r"[^\W\d_]*[A-Za-zÀ-ÿ][^\W\d_]*|[가-힣]+|[ぁ-ヿ㐀-鿿]+")
_MAX_STRAY_WORDS = 3
_ASIAN_CHARS_A_WORD = 2


def _is_prose(line: Line) -> bool:
    """Whether a line's links are in running text: much is left without them, and no key stands before them."""
    if read_label(line.left_over) or any(True for _ in read_fields([line])):
        return False
    words = _LATIN_OR_ASIAN.findall(line.left_over)
    weight = sum(1 if word[0].isascii() else -(-len(word) // _ASIAN_CHARS_A_WORD) for word in words)
    return weight > _MAX_STRAY_WORDS


_POINTING = lazy_pattern(
    r"(?:이곳|여기|요기|다음|이\s?링크|다음\s?링크|해당\s?링크|링크|here|this|link|this link|here link|こちら|ここ|"
    r"このリンク|リンク|这里|此处|链接|此链接|這裡|"
    r"이곳에서|여기에서|여기서)[.!]?",
    re.IGNORECASE,
)
_PAPER_BEFORE = lazy_pattern(
    r"(?:논문|원문|원본|페이퍼|\bpaper|\barticle|\bpreprint|\barxiv|論文|原文|论文)(?:의)?\s*(?:원본|원문|링크|주소|"
    r"전문|전체|pdf)?\s*"
    r"(?:은|는|이|가|을|를|の|は|へは|が|を|的?链接|在|请见|见|\(|\[|:|：|can be (?:found|read|accessed|seen|viewed)|"
    r"is|was|available|from|at|on|via|"
    r"link|,|\s)*$",
    re.IGNORECASE,
)
_READ_BEHIND = lazy_pattern(
    r"^\s*(?:과|와|을|를|에서|에|은|는|이|가|로|및|,|\)|]|の|を|で|に|は|\s)*.{0,40}?(?:참고|참조|확인|"
    r"보[면기시자세]|볼\s|읽|바란|바랍|볼수|봐|見|参照|读|看|参考)"
)
_PAPER_BEHIND = lazy_pattern(
    r"\s*(?:에서|에|로|から|で|可以|可|能|,|you can|to|for)?\s*"
    r"(?:이|본|해당|원|元|原|该|the|download|find|read|get|access|下载|阅读|查看|找到|\s){0,40}"
    r"(?:논문|원문|페이퍼|論文|论文|原文|paper|article)(?![- ]?s\b)\s*(?:전문|원문|의 원문)?\s*"
    r"(?:을|를|は|を|が)?\s*(?:확인|볼|보실|읽|다운|찾|참고|参照|確認|読|ダウンロード|[.!。]|$)",
    re.IGNORECASE,
)
_ANOTHER = lazy_pattern(
    r"다른|관련|이전|선행|후속|지난|기존|비슷|유사|\b(?:other|another|previous|related|earlier|follow-?up|similar|"
    r"first|second|"
    r"original (?:gan|transformer|bert))\b|他の|関連|以前|前回|其他|相关|之前|上一",
    re.IGNORECASE,
)
_SENTENCE_EDGE = lazy_pattern(r"(?<=[.!?。])\s+|(?<=[다요음])\.\s*|[。！？]")
_MAX_POINTING_CHARS = 140


def _is_pointed(paper: _Paper) -> bool:
    """Whether a short sentence points to the paper: "논문은 [여기]에서 볼 수 있다", "The paper is [here]"."""
    line, link = paper.line, paper.link
    edges = [0, *(match.end() for match in _SENTENCE_EDGE.finditer(line.text)), len(line.text)]
    start = max(edge for edge in edges if edge <= link.start)
    end = min((edge for edge in edges if edge >= link.end), default=len(line.text))
    sentence = line.text[start:end]
    without = sentence.replace(line.text[link.start : link.end], "")
    if len(without) > _MAX_POINTING_CHARS or _ANOTHER.search(without):
        return False
    before, behind = line.text[start : link.start], line.text[link.end : end]
    if before.rstrip().endswith(("(", "（")) and _is_prose(line):
        return False  # an aside says where something was taken from
    if _POINTING.fullmatch(link.text):
        return _PAPER_BEFORE.search(before) is not None or _PAPER_BEHIND.match(behind) is not None
    is_alone = not without.strip(_SIGNS)  # "It is of CVPR 2023. [Paper]"
    return is_paper_label(link.text) and (is_alone or _READ_BEHIND.match(behind) is not None)


def _venue_of_line(line: Line) -> Venue | None:
    """Return the venue and the year of a line that says nothing else: "CVPR 2031", "Boat Workshop 2031"."""
    text = line.text.strip(_SIGNS)
    if len(text) >= _MAX_VENUE_CHARS:
        return None
    known = read_known(text, needs_year=True)
    return known if known and not is_ordinary(known[0]) else read_venue(text) or read_named(text)


def _venue_beside(line: Line) -> Venue | None:
    """Return a venue beside the paper's link: a known one in its line, "[paper] (CVPR 2026)", or any in brackets
    after it.
    """
    bracketed = _IN_BRACKETS.findall(line.text)
    if known := next((venue for text in (*bracketed, line.left_over) if (venue := read_known_part(text))), None):
        return known
    for link in line.links:
        behind = _BEHIND.match(line.text, link.end)
        if behind and is_paper_label(link.text):
            name, year = read_labelled(behind[1])
            return (name, year) if name and year else None
    return None


def _venue_behind(paper: _Paper) -> Venue | None:
    """Return a known venue in brackets directly after the paper's link in a sentence: "이 글은 [Boats](…) (CVPR
    2023) …".
    """
    behind = _BRACKET_NEXT.match(paper.line.text, paper.link.end)
    return read_known_part(behind[1]) if behind and paper.link.end else None


_BRACKET_NEXT = lazy_pattern(r"[\s\"”'’」』》]*[(（\[]([^()（）\[\]]{3,60})[)）\]]")
_IN_BRACKETS = lazy_pattern(r"[(（\[]([^()（）\[\]]{3,60})[)）\]]")
_BEHIND = lazy_pattern(r"\s*[(（]([^()（）]{3,60})[)）]\s*$")


# ── links as they are shown ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    label: str
    url: str
    is_bracketed: bool


def _paper_label(text: str) -> str:
    """Return the author's own label for a paper's link, or "paper" if its words are the title, an address or
    "here".
    """
    label = text.strip("[] ").lower()
    return label if is_paper_label(label) else "paper"


def _label(text: str, url: str, *, is_preview: bool = False, key: Label | None = None) -> _Link:
    text = " ".join(text.split())
    is_bracketed = text.startswith("[") and text.endswith("]")
    label = text.strip("[] ").lower()
    is_at_code = (host_of(url) or "") in _CODE_HOSTS
    if _CODE_LABEL.fullmatch(label) or key is Label.CODE or (is_at_code and _PROJECT_LABEL.fullmatch(label)):
        label = "code"
    elif is_preview or not label or len(label) > _MAX_LABEL_CHARS or "://" in label or key:
        label = label if key and is_paper_label(text) else _label_by_address(url)
    return _Link(label=label, url=url, is_bracketed=is_bracketed)


def _label_by_address(url: str) -> str:
    """Return a label for a link whose text is its address or a whole preview."""
    if is_known(parse_identifiers(url)):
        return "paper"
    host = host_of(url) or "link"
    return "code" if host in _CODE_HOSTS else host


def _with_unique_labels(links: Iterable[_Link]) -> tuple[tuple[str, str], ...]:
    labelled: dict[str, str] = {}
    for link in links:
        label, count = link.label, 1
        while label in labelled:
            count += 1
            label = f"{link.label} {count}"
        labelled[label] = link.url
    return tuple(labelled.items())


# ── authors in bold ─────────────────────────────────────────────────────────────────────────────

_ONLY_SEPARATORS = lazy_pattern(r"(?:[\s,;&·|*∗†‡\d]|and\b|et al\b\.?)+", re.IGNORECASE)


def _find_bold_authors(blocks: Sequence[Block]) -> tuple[str, ...]:
    """Return the names in the first block that begins in bold, up to its first line break.

    There must be at least two, or "et al.", or an institution in the line below: "Main Idea" has the form of a name.
    """
    paragraphs = (block for block in blocks if block.kind is BlockKind.PARAGRAPH)
    line, block = next(((line, block) for block in paragraphs if (line := _bold_line(block.spans))), ("", None))
    names = read_authors(line)
    if block is None:
        return ()
    first, _, below = block.text.strip().partition("\n")
    if len(names) == 1 and not goes_on(first) and not has_more(line):  # a superscript after the name is not a comma
        second = below.partition("\n")[0]
        return names if len(second) < _MAX_INSTITUTION_CHARS and names_institution(second) else ()
    return () if goes_on(line) else names  # a list that goes on is read line by line


_MAX_INSTITUTION_CHARS = 120


def _bold_line(spans: Sequence[Span]) -> str:
    """Return the bold line that a block begins with; "" if it begins otherwise or continues in plain text.

    A superscript between two names counts as a comma, for authors who forgot one.
    """
    parts: list[str] = []
    for span in spans:
        text, newline, _ = span.text.partition("\n")
        if span.href:
            return ""
        if Mark.SUP in span.marks:
            parts.append(",")
        elif Mark.BOLD in span.marks or not text.strip() or _ONLY_SEPARATORS.fullmatch(text):
            parts.append(text)
        else:
            return ""
        if newline:
            break
    is_bold = any(Mark.BOLD in span.marks for span in spans[:1])
    return "".join(parts) if is_bold else ""
