"""Posts of a public repository: read at a fixed commit, described by their truths, and rendered as a feed.

In: a `Repository` and its clone. Out: its `Note`s, a line of `benchmarks.truths` for each, and an Atom feed, rendered
by markdown-it. What is true of a post comes from its Markdown, by a rule for each blog (`benchmarks.sites`), never
from what Nonmun reads.
"""

from __future__ import annotations

import html
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from markdown_it import MarkdownIt

from benchmarks.truths import squeeze
from bot.reviews.identifiers import parse_identifiers

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A post as its author wrote it: front matter, then Markdown."""

    path: str
    title: str
    meta: dict[str, str]
    categories: tuple[str, ...]
    body: str
    published: datetime

    @property
    def stem(self) -> str:
        """The file's name without its folder and suffix."""
        return _without_suffix(self.path.rpartition("/")[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A blog, and the rule by which its posts say which paper they are about.

    Attributes:
        repository: OWNER/NAME on GitHub.
        path: A regular expression for the files that are posts.
        base: The site's address, without a slash at the end.
        address: The path of a post's page; ``{slug}`` is its file's name without the date.
        limit: How many posts are used, evenly spread over time; None for all.
        title: The title that the site shows, if that is not always the one that `title_of` finds.
        facts: A post's identifiers, authors, venue and year, and its name if the form of the title does not show it;
            facts that are left out are not judged.
    """

    repository: str
    commit: str
    path: str
    base: str
    address: str
    limit: int | None = None
    title: Callable[[Note], str] | None = None
    facts: Callable[[Note], Facts] = field(default=lambda _: {})


# ── Markdown ────────────────────────────────────────────────────────────────────────────────────

LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(\s*<?([^)\s>]+)")
"""A link's text and address."""
WHOLE_LINK = re.compile(LINK.pattern + r"[^)]*\)")
_IMAGE = re.compile("!" + WHOLE_LINK.pattern)
HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")  # CommonMark §4.2
# a line with another backtick after the first ones is inline code and does not open a fence
_FENCED = r"^ {0,3}(?P<fence>`{3,}(?![^\n]*`)|~{3,}).*?^ {0,3}(?P=fence)[ \t]*$"
_FENCE = re.compile(_FENCED, re.DOTALL | re.MULTILINE)
_MARKUP = re.compile(r"\\([!-/:-@\[-`{-~])|<[A-Za-z/][^>]*>|[*`]")


def plain(text: str) -> str:
    """The text of one line of Markdown, without its markup."""
    text = _IMAGE.sub("", re.sub(r"\{[:%].*?\}", "", text))
    text = WHOLE_LINK.sub(r"\1", text)
    return html.unescape(_MARKUP.sub(lambda match: match[1] or "", text)).strip()


def headings_of(body: str) -> Iterator[tuple[int, str]]:
    """The headings as written, with their ranks."""
    for line in _FENCE.sub("", body).splitlines():
        if match := HEADING.match(line):
            text = plain(match[2])
            if text:
                yield len(match[1]), text


def title_of(body: str, path: str) -> str:
    """The first heading of rank 1, else a heading that the text begins with, else the folder's or file's name."""
    headings = list(headings_of(body))
    first = next((text for level, text in headings if level == 1), "")
    linked = next((line for line in body.splitlines() if line.strip()), "")
    if not first and HEADING.match(linked):
        first = headings[0][1]
    folder, _, stem = path.rpartition("/")
    return first or (folder.rpartition("/")[2] if stem == "paper.md" else _without_suffix(stem))


# ── reading a repository ────────────────────────────────────────────────────────────────────────


def read_notes(repository: Repository, clone: Path) -> list[Note]:
    """The posts of a clone, newest first."""
    folder = clone / ".git" if (clone / ".git").is_dir() else clone
    listed = _git(folder, "ls-tree", "-r", "--name-only", "-z", repository.commit).split("\0")
    paths = sorted(path for path in listed if re.search(repository.path, path) and path.endswith(_SUFFIXES))
    read = (_read_note(path, _git(folder, "show", f"{repository.commit}:{path}"), n) for n, path in enumerate(paths))
    notes = sorted((note for note in read if note.body.strip()), key=lambda n: (n.published, n.path), reverse=True)
    step = max(1, len(notes) // repository.limit) if repository.limit else 1
    taken = notes[::step][: repository.limit]
    return [replace(note, title=title(note)) for note in taken] if (title := repository.title) else taken


def _git(folder: Path, *arguments: str) -> str:
    command = ("git", "--git-dir", str(folder), *arguments)
    return subprocess.run(command, check=True, capture_output=True).stdout.decode("utf-8", "replace")


def _read_note(path: str, text: str, index: int) -> Note:
    meta, body = _front_matter(text.lstrip("\ufeff"))
    stem = _without_suffix(path.rpartition("/")[2])
    dated = re.match(r"(\d{4})-(\d{1,2})-(\d{1,2})", stem)
    year, month, day = (int(part) for part in dated.groups()) if dated else (2017, 1, 1)
    published = datetime(year, month, day, tzinfo=UTC)
    listed = re.split(
        r"\s*,\s*|\n", "\n".join(meta[key] for key in ("categories", "category", "tags") if meta.get(key))
    )
    return Note(
        path=path,
        title=meta.get("title") or title_of(body, path),
        meta=meta,
        categories=tuple(dict.fromkeys(one for one in listed if one)),
        body=body,
        published=published if dated else published + timedelta(days=index),  # undated: in the order of their paths
    )


_SUFFIXES = (".md", ".markdown")


def _without_suffix(path: str) -> str:
    return path.removesuffix(".md").removesuffix(".markdown")


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """The fields that are a single line or a plain list, and the text after the front matter."""
    match = re.match(r"\s*---[ \t]*\r?\n(.*?)\r?\n---[ \t]*\r?\n", text, re.DOTALL)
    if not match:
        return {}, text
    found: dict[str, str] = {}
    key = ""
    for line in _LIST_OVER_LINES.sub(lambda opened: " ".join(opened[0].split()), match[1]).splitlines():
        if field_ := re.match(r"([\w-]+):\s*(.*)", line):
            key, value = field_[1], re.sub(r"\s+#.*", "", field_[2]).strip()
            items = value[1:-1].split(",") if value.startswith("[") and value.endswith("]") else [value]
            found[key] = ", ".join(map(_unquote, items))
        elif (item := re.match(r"\s+-\s+(.*)", line)) and key:
            found[key] = f"{found[key]}\n{_unquote(item[1])}".strip()
        elif line.startswith(" ") and key and "\n" not in found[key]:
            found[key] = f"{found[key].lstrip('>|-')} {line.strip()}".strip()
    return found, text[match.end() :]


_LIST_OVER_LINES = re.compile(r"^[\w-]+:\s*\[[^\]]*\n[^\]]*\]", re.MULTILINE)
"""A field's list that is written over several lines."""


def _unquote(value: str) -> str:
    return value.strip().strip("\"'").strip()


# ── what is true of a post ──────────────────────────────────────────────────────────────────────

_LABEL = re.compile(r"\s+review$")
_NAME_BEFORE_COLON = re.compile(r"([^\s:]{2,25}(?: [^\s:]{1,20})?):\s")
_NAME_IN_BRACKETS = re.compile(r"\(([A-Z][\w-]*[A-Z][\w-]*)\)$")
_LONG_TITLE = 120
_NUMBER = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)(?:\.\s|\s|\.$)")


def truth_of(repository: Repository, note: Note) -> Facts:
    """The line of `benchmarks.truths` for a post."""
    title = squeeze(note.title)
    headings = [(level, text) for level, text in headings_of(_without_raw_tags(note.body)) if squeeze(text) != title]
    headings = list(_by_number(headings))
    called = _LABEL.sub("", note.title)
    told = {"title": called} if called != note.title else {}
    facts = {**told, **repository.facts(note)}
    if name := name_in(called):
        facts.setdefault("name", name)  # the name from the blog's rule takes precedence
    return {"post": link_of(repository, note), **facts, "headings": headings}


def ids_of(*addresses: str) -> dict[str, str]:
    """The identifiers in these addresses, the first of each kind."""
    found: dict[str, str] = {}
    for address in addresses:
        named = asdict(parse_identifiers(address))
        found |= {kind: value for kind, value in named.items() if value and kind not in found}
    return found


def name_in(title: str) -> str | None:
    """The word or two before a colon, if written like a name, else a name in brackets at the end, else None."""
    match = _NAME_BEFORE_COLON.match(title)
    if match and not title.endswith("Survey") and all(re.search(r"[A-Z0-9]", word) for word in match[1].split()):
        return match[1]
    match = _NAME_IN_BRACKETS.search(title) if len(title) < _LONG_TITLE else None
    return match[1] if match else None


def _by_number(headings: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """The headings with their ranks as written, unless their numbers disagree: 3.3.1 is below 3.3, and 3 next to 2.

    A heading without a number stays as far below the numbered one as it is written. Sub-headings may be numbered from
    1 again. If there are several 2s, 3 belongs next to the one with the same written rank, and next to one of another
    rank only if that rank has no 3 of its own.
    """
    numbers = [match[1] if (match := _NUMBER.match(text)) else "" for _, text in headings]
    written = {(level, number) for (level, _), number in zip(headings, numbers, strict=True)}
    levels: dict[str, int] = {}  # the written rank of the last heading with each number
    ranks: dict[tuple[int, str], int] = {}
    shifted, moved = 0, 0  # the written rank of the last numbered heading, and how far it was moved
    for (level, text), number in zip(headings, numbers, strict=True):
        above, _, last = number.rpartition(".")
        before = re.sub(r"\d+$", str(int(last) - 1), number) if number and int(last) > 1 else ""
        rank = level + moved if not number and level > shifted else level
        if (level, before) in ranks:
            rank = ranks[level, before]
        elif before in levels and (above or (levels[before], number) not in written):
            rank = ranks[levels[before], before]
        elif above in levels:
            rank = ranks[levels[above], above] + 1
        if number:
            levels[number] = level
            ranks[level, number] = rank
        if number or level <= shifted:
            shifted, moved = level, rank - level
        yield rank, text


def link_of(repository: Repository, note: Note) -> str:
    """The address of a post's page."""
    slug = re.sub(r"^\d{4}-\d{1,2}-\d{1,2}-", "", note.stem).replace(" ", "-")
    category = (note.categories or ("post",))[0].lower().replace(" ", "-")
    path = note.meta.get("permalink") or repository.address.format(
        slug=slug, category=category, path=_without_suffix(note.path)
    )
    return repository.base + quote(path, safe="/:~-_.")


# ── the feed ────────────────────────────────────────────────────────────────────────────────────

_FORMULA = re.compile(r"\$\$.+?\$\$|(?<![\\$\w])\$[^\s$](?:[^$\n]*[^\s$\\])?\$(?![\d$])", re.DOTALL)
_CODE = re.compile(rf"({_FENCED}|`[^`\n]+`)", re.DOTALL | re.MULTILINE)


def _without_raw_tags(text: str) -> str:
    """The text without a site generator's own tags and attributes, or with Markdown or HTML in their place."""
    text = re.sub(
        r"\{%-?\s*include figure\.html.*?path=\"([^\"]*)\".*?%\}", r'<figure><img src="/\1"></figure>', text
    )
    text = re.sub(r"\{%-?\s*highlight\s+(\w+).*?%\}", r"```\1", text)
    text = re.sub(r"\{%-?\s*endhighlight\s*-?%\}", "```", text)
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    return re.sub(r"\{:[^}\n]*\}", "", text)


def render(text: str) -> str:
    """Render Markdown as HTML. Formulas are set aside first: Markdown would read emphasis into them."""
    held: list[str] = []

    def hold(match: re.Match[str]) -> str:
        held.append(html.escape(match[0], quote=False))
        return f"\ue000{len(held) - 1}\ue001"

    parts = _CODE.split(_without_raw_tags(text))
    parts = [part for n, part in enumerate(parts) if n % 3 != 2]  # without the fences' marks
    parts[::2] = [_linked(_FORMULA.sub(hold, part)) for part in parts[::2]]
    page = str(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render("".join(parts)))
    return re.sub("\ue000(\\d+)\ue001", lambda match: held[int(match[1])], page)


def _linked(text: str) -> str:
    """Turn bare addresses into links, as GitHub does."""
    return re.sub(r"(?<![(<\[\"'=\w/\]])(https?://[^\s<>)\]]+)(?![^<]*>)", r"<\1>", text)


def write_feed(repository: Repository, notes: Sequence[Note]) -> Iterator[str]:
    """Write an Atom feed, line by line."""
    yield '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
    name = urlsplit(repository.base).netloc
    yield f"<title>{name}</title><id>{repository.base}/</id><updated>{notes[0].published.isoformat()}</updated>"
    yield f'<link href="{repository.base}/"/>'
    for note in notes:
        link, day = html.escape(link_of(repository, note)), note.published.isoformat()
        yield f'<entry><title>{_text(note.title)}</title><link href="{link}"/><id>{link}</id>'
        yield f"<published>{day}</published><updated>{day}</updated>"
        yield from (f'<category term="{html.escape(one)}"/>' for one in note.categories)
        yield f'<content type="html">{_text(render(note.body))}</content></entry>'
    yield "</feed>"


def _text(text: str) -> str:
    return html.escape(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text), quote=False)
