"""Review → everything that finds it: names, words, facets, identifiers, and the columns of the full-text index.

Runs once for each new or changed entry, in the reader process, so that it slows down neither a start nor a look-up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bot.models.index import Facet, FacetKind, IndexText, Name, NameKind, PaperKey, ReviewIndex
from bot.models.reviews import Block, BlockKind, Identifiers, Review
from bot.search import hangul
from bot.search.keys import identifier_keys, link_key
from bot.search.known_papers import known_names, known_papers
from bot.search.own_names import (
    NAME,
    apposed_names,
    is_about_many,
    leading_name,
    other_names,
    presented_abbreviations,
    presented_names,
    presented_phrases,
    renamed,
    spelled_out,
    title_abbreviations,
    titled_names,
    without_others,
)
from bot.search.roles import Role, role_of
from bot.text.links import host_of, page_name, path_of
from bot.text.patterns import lazy_pattern
from bot.text.terms import index_terms, squash, squash_text, terms, words
from bot.text.titles import paper_title, split_title

MAX_COINED = 12
MIN_COINED = 3
MIN_INITIALS, MAX_INITIALS = 4, 6
"""Fewer initials are those of too many titles, and nobody forms more."""
MAX_HEADER = 800
MAX_READINGS = 8
"""Readings kept for a name; a query is read in every way."""
MAX_COINED_READINGS = 2
MAX_SPOKEN_WORDS = 5
MAX_TITLE_READINGS = 2
INTRODUCED_USES = 2
MIN_CAPITALS = 3
"""Words in capitals that make a title all capitals; “RAG 기반 QA” is not."""
DOUBTFUL_USES = 3
"""Uses required of a name that a survey presents, or a sentence that also speaks of others' work."""
BLOCK_BREAK, SECTION_BREAK = "\n", "\f"
ASIDE = "\v"
"""Marks the line of a figure, table or code: between equal matches, running text is shown instead."""
OPENING_MARK = "\x0e"
"""Marks an abstract column that holds only the opening of a post without an abstract."""
_ASIDES = (BlockKind.FIGURE, BlockKind.TABLE, BlockKind.CODE)
_COINED = lazy_pattern(rf"(?<![A-Za-z0-9_-]){NAME}")
_OURS = lazy_pattern(
    rf"(?:^|[|｜\t]\s?)({NAME})\s?[(（]\s?(?:[Oo]urs|OURS|本文|本研究|提案手法|제안)\s?[)）]", re.MULTILINE
)
"""A row of results that is the paper's own."""
_DIGIT_FIRST = lazy_pattern(r"(?<![A-Za-z0-9_-])[2-6]D-?[A-Z][A-Za-z0-9]{1,12}(?![A-Za-z0-9_-])")
_MIXED = lazy_pattern(r"(?=[A-Za-z0-9]{5})(?=\w*[a-z])(?=\w*[A-Z]\w*[A-Z])[A-Za-z][A-Za-z0-9]*")
"""Small and capital letters mixed, in one part: BurstPots, kettleNF; not Two-Step, sEMG."""
_TITLE_WORD = lazy_pattern(r"[a-z]+|\d+[a-z]*")
_CAPITALS = lazy_pattern(r"[A-Z][A-Z0-9]+")
_HEAD_END = lazy_pattern(r"[:：,;!?(（]|\s[-–—|]")
_BIBTEX_KEY = lazy_pattern(r"(?<![A-Za-z0-9])([A-Za-z]{2,24})((?:19|20)\d\d)([A-Za-z]{3,24})(?![A-Za-z0-9])")
"""An author, a year and a word: pan2021kettle."""
_ARTICLES = frozenset("a an the towards toward on and".split())
_PREPOSITIONS = frozenset("of in for on to from by with using via through at over as is are".split())
MAX_ABSTRACT = 8_000
MAX_OPENING = 2_500
"""How many characters of a post without an abstract may introduce names."""
OPENING = 600
"""Characters of running text at the start of such a post that say what it is about; the last block counts whole."""
_TITLE_KINDS = (NameKind.SHORT, NameKind.SLUG)
_SPOKEN = frozenset(NameKind) - {NameKind.LINKED}


def index_review(
    review: Review,
    *,
    cited: Iterable[Identifiers] = (),
    page_names: Iterable[str] = (),
    labelled_title: str | None = None,
) -> ReviewIndex:
    """Collect everything by which a review can be found.

    Args:
        cited: The identifiers of the papers that its text links to.
        page_names: The names in its address besides the title.
        labelled_title: The paper's title, if the text gives it and the post's title may be another.
    """
    titles = (labelled_title,) if labelled_title else ()
    names = _names(review, page_names, titles)
    facets = tuple(_facets(review))
    called = (name.text for name in names if name.kind is not NameKind.COINED)
    return ReviewIndex(
        names=names,
        words=_words([*map(_split_key, called), *(f"{facet.text} {facet.key}" for facet in facets), _header(review)]),
        facets=facets,
        keys=tuple(_keys(review, cited)),
        text=_index_text(review, [*titles, *(name.text for name in names if name.kind in _TITLE_KINDS)]),
    )


def _index_text(review: Review, others: Iterable[str]) -> IndexText:
    """The columns of the full-text index: a review's other names count as title, its categories as headings."""
    headings = [BLOCK_BREAK.join(map(index_terms, review.categories))]
    headings.append(BLOCK_BREAK.join(index_terms(section.heading or "") for section in review.sections))
    blocks = [section.blocks for section in review.sections]
    has_abstract = _has_abstract(review)
    firsts = _abstracts(review) if has_abstract else _openings(review)
    abstract = _pages(section[:first] for section, first in zip(blocks, firsts, strict=True))
    return IndexText(
        title=index_terms(BLOCK_BREAK.join([review.title, *others])),
        headings=SECTION_BREAK.join(headings),
        abstract=abstract if has_abstract else OPENING_MARK + abstract,
        body=_pages(section[first:] for section, first in zip(blocks, firsts, strict=True)),
    )


def _has_abstract(review: Review) -> bool:
    return any(role_of(section.heading) is Role.ABSTRACT and section.text.strip() for section in review.sections)


def _abstracts(review: Review) -> list[int]:
    """How many blocks of each section belong to the abstract: all or none."""
    return [len(section.blocks) if role_of(section.heading) is Role.ABSTRACT else 0 for section in review.sections]


def _openings(review: Review) -> list[int]:
    """How many blocks of each section belong to the opening, which stands in for a missing abstract."""
    firsts, left = [], OPENING
    for section in review.sections:
        first = 0
        while left > 0 and first < len(section.blocks):
            block = section.blocks[first]
            left -= 0 if block.kind in _ASIDES else len(block.text)
            first += 1
        firsts.append(first)
    return firsts


def _pages(sections: Iterable[Sequence[Block]]) -> str:
    """One line for each block, one page for each section; a page is empty if all its blocks are in the other
    column."""
    return SECTION_BREAK.join(BLOCK_BREAK.join(map(_line, blocks)) for blocks in sections)


def _line(block: Block) -> str:
    """The terms of a block; never empty, because a page of one block without words is not an empty page."""
    return (ASIDE if block.kind in _ASIDES else "") + (index_terms(block.text) or " ")


# ── names ───────────────────────────────────────────────────────────────────────────────────────


def _names(review: Review, page_names: Iterable[str], titles: Sequence[str]) -> tuple[Name, ...]:
    """Every name of a review, the best kind first, each spelling once."""
    paper = _paper_title(review)
    repositories = _repositories(review)
    letters = squash_text("".join((review.title, *(one.text for one in review.sections)))) if repositories else ""
    candidates = [
        (NameKind.SHORT, review.short_name or "", 1),
        (NameKind.TITLE, review.clean_title, 1),
        *((NameKind.TITLE, title, 1) for title in (paper, *split_title(paper), *titles, *_spelled(review))),
        (NameKind.SLUG, page_name(review.link), 1),
        *((NameKind.SLUG, name, 1) for name in page_names),
        *((kind, name, 1) for repository in repositories for kind, name in _repository(repository, letters)),
        *((NameKind.KNOWN, name, 1) for name in known_names((*split_title(paper), *titles))),
        (NameKind.SLUG, paper_title(page_name(review.link)), 1),  # LLaVA is spelt better than 032_llava
        *_coined(review),
        *((NameKind.COINED, name, 1) for name in _spelled_initials(review)),
    ]
    names: dict[str, Name] = {}
    for kind, spelling, uses in candidates:
        if key := squash(spelling):
            sounds = (*map(str, _readings(kind, spelling, uses)), *_word_sounds(kind, spelling))
            name = names.setdefault(key, Name(kind=kind, key=key, text=spelling, uses=uses))
            # Capitals affect how a name is read, so each of its spellings adds readings: LOFTQ, LoftQ.
            names[key] = replace(name, sounds=tuple(dict.fromkeys((*name.sounds, *sounds))))
    return tuple(names.values())


def _spelled(review: Review) -> Iterator[str]:
    """The words before a title's colon whose initials the paper is called by: Slow Pot-Stirrer beside SPS."""
    head, colon, _ = _paper_title(review).partition(":")
    if colon and review.short_name == "".join(re.findall(r"\b[A-Z]", head)):
        yield head


def _paper_title(review: Review) -> str:
    """The title without the post's count before it and the year at its end: "12. BERT: …", "Low Boats (1986)"."""
    return paper_title(review.clean_title)


def _readings(kind: NameKind, spelling: str, uses: int) -> tuple[hangul.Reading, ...]:
    """How a name may be read aloud: nobody says a repository's owner or a long title."""
    if kind not in _SPOKEN or "/" in spelling:
        return ()
    if kind is NameKind.TITLE:
        head = _spoken_head(spelling)
        spelled = [spelling] if len(spelling.split()) <= MAX_SPOKEN_WORDS else []
        return tuple(
            reading
            for text in dict.fromkeys((*spelled, *head))
            for reading in hangul.readings(text)[:MAX_TITLE_READINGS]
        )
    if len(spelling.split()) > MAX_SPOKEN_WORDS:
        return ()
    if kind is NameKind.COINED:
        return hangul.readings(spelling)[:MAX_COINED_READINGS] if uses >= MIN_COINED else ()
    return hangul.readings(spelling)[:MAX_READINGS]


def _word_sounds(kind: NameKind, spelling: str) -> Iterator[str]:
    """How the single words of a title, or of a page's name, may be read aloud: people say only some of them."""
    if kind in (NameKind.TITLE, NameKind.SLUG):
        yield from (f"{hangul.OF_WORD}{reading}" for reading in hangul.read_title_words(_split_key(spelling)))


def _split_key(name: str) -> str:
    """The parts of a BibTeX key, which names the page of many notes; any other name as it is."""
    return _BIBTEX_KEY.sub(r"\1 \2 \3", name)


def _spoken_head(title: str) -> tuple[str, ...]:
    """A title's words before the first punctuation mark or preposition, if people may say only these: "Noisy
    Ovens"."""
    head = []
    for word in _HEAD_END.split(title, maxsplit=1)[0].split():
        if word.casefold() in _PREPOSITIONS:
            break
        head.append(word)
    return (" ".join(head),) if 1 < len(head) < MAX_SPOKEN_WORDS else ()


def _repositories(review: Review) -> list[tuple[str, str]]:
    """(owner, name) of each repository linked in the header."""
    repositories = []
    for _, url in review.links:
        path = [part for part in path_of(url).split("/") if part]
        if host_of(url) == "github.com" and len(path) >= 2:
            repositories.append((path[0], path[1].removesuffix(".git")))
    return repositories


def _repository(repository: tuple[str, str], letters: str) -> Iterator[tuple[NameKind, str]]:
    """The names of a repository. If the text never names it, it may be another paper's: authors copy old headers.

    Args:
        letters: The whole text, squashed.
    """
    owner, name = repository
    kind = NameKind.REPOSITORY if squash(name) in letters else NameKind.LINKED
    yield kind, f"{owner}/{name}"
    yield kind, name


def _coined(review: Review) -> list[tuple[NameKind, str, int]]:
    """Names with capitals from the abstract and introduction, used at least twice, with their number of uses.

    Those that are the paper's own get the kind INTRODUCED; see `_own_names`. Whether other reviews use a name as
    often can only be seen in the whole cache; see `bot.search.names`.
    """
    opening = _opening(review)
    abstract = _of_role(review, Role.ABSTRACT)[:MAX_ABSTRACT] or opening
    introduction = _of_role(review, Role.INTRODUCTION)
    beginnings = tuple(dict.fromkeys((abstract, opening, introduction[:MAX_OPENING])))
    whole = "\n".join("\n".join((section.heading or "", section.text)) for section in review.sections)
    titled = _names_by_title(review, whole)
    leading = None if review.short_name else leading_name_of(review)
    own = _own_names(review, beginnings, whole, leading) | titled
    headings = "\n".join(section.heading or "" for section in review.sections)
    read = {name for text in (review.title, abstract, introduction, headings) for name in _COINED.findall(text)}
    uses = _count_uses(review, {name for name in read | own if len(squash(name)) >= MIN_COINED})
    keys = {squash(name) for name in own}
    once = {squash(name) for text in beginnings for name in presented_abbreviations(text)} & keys
    once |= {squash(name) for name in titled | _presented_alone(review, beginnings)}
    named = [
        (NameKind.INTRODUCED if key in keys else NameKind.COINED, text, count)
        for text, count in uses.most_common()
        if (key := squash(text)) and _is_marked(text) and count >= (1 if key in once else INTRODUCED_USES)
    ]
    if leading:
        named = [(NameKind.INTRODUCED, leading, uses[leading] or 1), *(one for one in named if one[1] != leading)]
    if not is_about_many(review.title):
        phrases = {phrase for text in beginnings for phrase in presented_phrases(text)}
        called = review.short_name or ""
        phrases |= spelled_out(called, whole) if _is_marked(called) else set()
        named += [(NameKind.INTRODUCED, phrase, 1) for phrase in sorted(phrases)]
        apposed = ((name, whole.count(name)) for text in beginnings for name in sorted(apposed_names(text)))
        named += [(NameKind.INTRODUCED, name, count) for name, count in apposed if count >= INTRODUCED_USES]
    return sorted(named, key=lambda name: name[0] is NameKind.COINED)[:MAX_COINED]


def _own_names(review: Review, beginnings: Iterable[str], text: str, leading: str | None) -> set[str]:
    """The names that are surely the paper's own: its text presents them as such or marks its row of results with
    them, or its title has them.

    If the paper has a short name, other names in the title belong to others: "Lamp: Light at MothNet Speed".
    """
    presented = {name for beginning in beginnings for name in presented_names(beginning)}
    is_told = (
        set()
        if is_about_many(review.title)
        else {name for beginning in beginnings for name in presented_names(without_others(beginning))}
    )
    presented = {name for name in presented if name in is_told or text.count(name) >= DOUBTFUL_USES}
    own = presented | set(_OURS.findall(text))
    if review.short_name:
        return own
    if leading:
        return own | {leading}  # "KettleScan An Automated Search for LTE Pots" is not LTE's
    in_title = _names_in_title(review.title, text)
    own |= in_title if len({squash(name) for name in in_title}) == 1 else set()
    titled = titled_names(_paper_title(review), text)
    # PyKettle is the paper's own name, Kettle what it is built on.
    titled = {name for name in titled if not any(other != name and other.endswith(name) for other in presented)}
    return own | {_initials(_paper_title(review)).upper()} | titled


def leading_name_of(review: Review) -> str | None:
    """The name that a title begins with though no sign follows it: a file name cannot have a colon.

    Not if it is another paper's, as far as the list of known papers says: “ImageNet Classification with …”.
    """
    name = leading_name(_paper_title(review))
    return None if name is None or _is_of_another(name, review) else name


def _is_of_another(name: str, review: Review) -> bool:
    """Whether a known paper has this name and the review's title is not that paper's, or the title is a known paper's
    that has other names."""
    known = known_papers()
    line = known.line_of(review.clean_title)
    is_named = any(squash(one) == squash(name) for one in (*line, *(one.partition(":")[0] for one in line)))
    return not is_named and (bool(line) or known.is_name(name))


def _presented_alone(review: Review, beginnings: Iterable[str]) -> set[str]:
    """The only name that a post without a short name presents, if it is spelt like no other word: KettleOS.

    Short posts often mention their paper's name just once.
    """
    if review.short_name or is_about_many(review.title):
        return set()
    presented = {name for text in beginnings for name in presented_names(without_others(text))}
    names = {name for name in presented if _is_marked(name) and len(squash(name)) >= MIN_COINED}
    return {name for name in names if len(names) == 1 and _MIXED.fullmatch(name)}


def _names_in_title(title: str, text: str) -> set[str]:
    """The names in a title; in one that is all capitals, the words that the text writes like names: MixStyle.

    Abbreviations alone tell nothing there.
    """
    capitals = dict.fromkeys(_CAPITALS.findall(title))
    if not title.isupper() or len(capitals) < MIN_CAPITALS:
        return {name for name in _COINED.findall(title) if _is_marked(name)}
    spelled = (_marked_spelling(word, text) for word in capitals)
    names = {name for name in spelled if name}
    return set() if all(map(str.isupper, names)) else names  # "FINE-TUNING WITH SFT": any field may be in capitals


def _marked_spelling(word: str, text: str) -> str | None:
    """The spelling that marks a word as a name, if a text uses it at least twice and in a third of all places."""
    uses = re.findall(rf"(?<!\w){word}(?!\w)", text, re.IGNORECASE | re.ASCII)
    marked = Counter(use for use in uses if _is_marked(use))
    name, count = marked.most_common(1)[0] if marked else ("", 0)
    return name if count >= INTRODUCED_USES and 3 * count >= len(uses) else None


def _names_by_title(review: Review, text: str) -> set[str]:
    """The names that the title explains, or the paper's own name; a single use is enough for these."""
    uses = Counter(name for name in _COINED.findall(text) if _is_marked(name)) | Counter(_DIGIT_FIRST.findall(text))
    called = review.short_name
    made = renamed(called, uses) if called else title_abbreviations(_paper_title(review), uses)
    made |= {name for name in _ends_of_repositories(review) if uses[name] >= DOUBTFUL_USES}
    return made | _behind_repeated_title(_paper_title(review), text) | other_names(called or "", text)


def _ends_of_repositories(review: Review) -> set[str]:
    """The name at the end of a repository's name: KETL for Tasting-Anything-with-KETL."""
    parts = (name.split("-") for _, name in _repositories(review))
    return {part[-1] for part in parts if len(part) > 2 and _is_marked(part[-1])}


def _behind_repeated_title(title: str, text: str) -> set[str]:
    """The name in brackets after the title, where the text repeats the title."""
    last = " ".join(title.split()[-4:])
    if len(title.split()) < 4:
        return set()
    names = re.findall(rf"{re.escape(last)}\s?[(（]({NAME})[)）]", text, re.IGNORECASE)
    return {name for name in names if _is_marked(name)}


def _of_role(review: Review, role: Role) -> str:
    return "\n".join(section.text for section in review.sections if role_of(section.heading) is role)


def _count_uses(review: Review, names: Iterable[str]) -> Counter[str]:
    """How often each name occurs in the text, including its plural: ProgNNs."""
    counts = Counter(match for section in review.sections for match in _COINED.findall(section.text))
    digits = [name for name in names if name[0].isdigit()]  # 3DGS
    for name in digits:
        spelled = re.compile(rf"(?<![A-Za-z0-9_-]){name}(?![A-Za-z0-9_-])")
        counts[name] = sum(len(spelled.findall(section.text)) for section in review.sections)
    return Counter(
        {
            name: counts[name] + (0 if name.endswith("s") else counts[f"{name}s"])
            for name in sorted(names)
            if counts[name]
        }
    )


def _opening(review: Review) -> str:
    """The opening of a post without an abstract."""
    return "\n".join(section.text for section in review.sections)[:MAX_OPENING]


def _initials(title: str) -> str:
    """The initials of a title's words up to its first preposition: stn for "Spatial Transformer Networks"."""
    initials = "".join(word if word[0].isdigit() else word[0] for word in _head_of(title))
    return initials if len(initials) > 2 else ""


def _spelled_initials(review: Review) -> Iterator[str]:
    """The initials that people may call a paper by, though its text never does: PKTN of “Pale Kettle Tea Net …”."""
    initials = _initials(_HEAD_END.split(review.clean_title, maxsplit=1)[0])
    is_spoken = initials.isalpha() and MIN_INITIALS <= len(initials) <= MAX_INITIALS
    if is_spoken and not review.short_name and not is_about_many(review.title):
        yield initials.upper()


def _head_of(title: str) -> list[str]:
    """A title's words up to its first preposition, without articles."""
    head: list[str] = []
    for word in _TITLE_WORD.findall(title.casefold()):
        if word in _PREPOSITIONS and sum(len(head_word) if head_word[0].isdigit() else 1 for head_word in head) > 1:
            break
        head += [] if word in _ARTICLES else [word]
    return head


def names_in(text: str) -> Iterator[str]:
    """The words of a text that look like the name of a model, a method or a data set, each once."""
    return (name for name in dict.fromkeys(_COINED.findall(text)) if is_telling(name))


def is_telling(name: str) -> bool:
    """Whether a name cannot be an everyday word: it has four letters, and a second capital or a digit among them."""
    return len(squash(name)) >= 4 and _is_marked(name)


def _is_marked(name: str) -> bool:
    """Whether a name has a second capital or a digit; one capital may only mean the beginning of a sentence."""
    return sum(char.isupper() for char in name) >= 2 or any(char.isdigit() for char in name)


# ── words, facets, identifiers ──────────────────────────────────────────────────────────────────


def _words(texts: Iterable[str]) -> tuple[str, ...]:
    """Words as written and stemmed: the first match a half-typed word, the second other forms of a word."""
    forms: dict[str, None] = {}
    for text in texts:
        forms.update(dict.fromkeys(words(text)))
        forms.update(dict.fromkeys(term.text for term in terms(text)))
    return tuple(forms)


def _header(review: Review) -> str:
    """The words above the first heading. They include the authors' institutions, by which people remember a paper."""
    texts = (section.text for section in review.sections[:1] if section.heading is None)
    header_words = (word for text in texts for word in words(text[:MAX_HEADER]) if word.isalpha() and len(word) > 1)
    return " ".join(header_words)


def _facets(review: Review) -> Iterator[Facet]:
    if review.venue:
        yield Facet(kind=FacetKind.VENUE, key=squash(review.venue), text=review.venue)
    if review.venue and review.venue_and_year:
        yield Facet(kind=FacetKind.VENUE, key=squash(review.venue_and_year), text=review.venue_and_year)
    if review.year:
        yield Facet(kind=FacetKind.YEAR, key=str(review.year), text=str(review.year))
    for category in review.categories:
        yield Facet(kind=FacetKind.TAG, key=squash(category), text=category)
    for author in review.authors:
        for word in dict.fromkeys(words(author)):
            yield Facet(kind=FacetKind.AUTHOR, key=word, text=author)


def _keys(review: Review, cited: Iterable[Identifiers]) -> Iterator[PaperKey]:
    # A paper in a digest links to a place in the digest's page, and the page's address belongs to the digest.
    links = () if "#" in review.link else (link_key(review.link),)
    own = dict.fromkeys((*identifier_keys(review.identifiers), *links))
    yield from (PaperKey(key=key, is_own=True) for key in own)
    others = dict.fromkeys(key for identifiers in cited for key in identifier_keys(identifiers))
    yield from (PaperKey(key=key, is_own=False) for key in others if key not in own)
