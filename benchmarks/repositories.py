"""Public repositories of posts, as the feeds their sites would serve, with what their authors say of each paper.

Clone those of `REPOSITORIES` into a folder (`git clone --bare https://github.com/OWNER/NAME OWNER+NAME`), then
`python -m benchmarks.repositories CLONES OUT` writes OUT/NAME.xml and OUT/NAME.jsonl for `benchmarks.habits`. Posts
are read at a fixed commit and rendered by markdown-it. What is true of them comes of a rule for each blog, from the
Markdown: never from what Nonmun reads. Nothing of their texts is kept here.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from markdown_it import MarkdownIt

from bot.reviews import parse_identifiers

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
        return self.path.rpartition("/")[2].removesuffix(".md")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A blog, and the rule by which its posts say what paper they are about.

    Attributes:
        path: Which files are posts.
        address: The path of a post's page; ``{slug}`` is its file's name without date.
        limit: How many posts are taken, evenly spread over time.
        facts: Identifier, authors, venue, year of a post; what is left out is not judged.
    """

    repository: str
    commit: str
    path: str
    base: str
    address: str
    limit: int | None = None
    facts: Callable[[Note], Facts] = field(default=lambda _: {})


# ── the rules ───────────────────────────────────────────────────────────────────────────────────

_LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(\s*<?([^)\s>]+)")
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
_FENCE = re.compile(r"^(```|~~~).*?^\1[ \t]*$", re.DOTALL | re.MULTILINE)
_VENUE_AND_YEAR = re.compile(r"([A-Za-z][A-Za-z ]*?)\s*((?:19|20)\d{2})\b")
_FIRST_SECTION = re.compile(r"^#{1,6}\s*(?:[^\w\s]\s*)*(?:Abstract|1\.|GPT |요약|Paper Review)", re.MULTILINE)
_LINKS_ELSEWHERE = ("project", "project page", "github", "code", "blog", "demo")
_WHOLE_LINK = re.compile(_LINK.pattern + r"[^)]*\)")
_NAME_BEFORE_COLON = re.compile(r"([^\s:]{2,25}(?: [^\s:]{1,20})?):\s")
_NAME_IN_BRACKETS = re.compile(r"\(([A-Z][\w-]*[A-Z][\w-]*)\)$")
_LONG_TITLE = 120
_LABEL = re.compile(r"\s+review$")


def _ids(*addresses: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for address in addresses:
        named = asdict(parse_identifiers(address))
        found |= {kind: value for kind, value in named.items() if value and kind not in found}
    return found


def _first_heading_links(note: Note) -> Facts:
    """The first line is the paper's title and links it."""
    first = next((line for line in note.body.splitlines() if line.strip()), "")
    return {"ids": _ids(*(address for _, address in _LINK.findall(first)[:1]))}


def _metadata(note: Note) -> Facts:
    """A head of “url: [paper](…) (CVPR 2027)”, “**Authors**: …”, “**Venue**: …”, up to the review's first section.

    Older posts have bare lines: “Ada Example et al.”, “ICLR 2021.”, “url: https://…”.
    """
    head = _FIRST_SECTION.split(note.body, maxsplit=1)[0]
    own = [address for text, address in _LINK.findall(head) if text.lower() not in _LINKS_ELSEWHERE]
    own += re.findall(r"^[-\s]*(?:(?:url|paper):\s*)?(http\S+)", head, re.MULTILINE)
    label = re.search(r"\*\*Authors\*\*:[ \t]*(.*(?:\n(?!\s*-)\S.*)*)", head)
    bare = re.search(r"^[-\s]*([A-Z][\w.]+(?: [A-Z][\w.-]+)+) et al\.", head, re.MULTILINE)
    facts: Facts = {"ids": _ids(*own), "authors": _names((label or bare or ("", ""))[1])}
    said = re.findall(r"\*\*Venue\*\*:[ \t]*(\S.*)", head) or re.findall(
        r"\]\([^)]*\)\s*\(([^)]*)\)|^[-\s]*([A-Za-z]+ \d{4})\.?\s*$", head, re.MULTILINE
    )
    venues = [
        match for one in said if (match := _VENUE_AND_YEAR.match(one if isinstance(one, str) else one[0] or one[1]))
    ]
    if not said:
        facts |= {"venue": None, "year": None}
    if len(venues) == len(said) == 1 and venues[0][1].lower() != "arxiv":  # a preprint's venue may be none, or arXiv
        facts |= {"venue": venues[0][1].removeprefix("IEEE "), "year": int(venues[0][2])}
    return facts


def _names(text: str) -> list[str]:
    text = re.sub(r"\([^)]*\)|\bet al\.?", " ", text)
    names = (name.strip(" .*\n") for name in re.split(r"[,;&\n]|\band\b", text))
    return [" ".join(name.split()) for name in names if name.strip(" .")]


def _closing_citation(note: Note) -> Facts:
    """A last section with the paper's citation, which links it: “Last, First, et al. "Title." …”."""
    _, heading, section = note.body.rpartition("論文情報")
    links = _LINK.findall(section) if heading else []
    cited, address = links[0] if links else ("", "")
    facts: Facts = {"ids": _ids(address)}
    named = re.match(r"([^\".,]+, [^\".,]+?)(?:,? et al\.|\. \"|, and ([^\".,]+)\.)", cited)
    if named:
        facts["authors"] = [name for name in named.groups() if name]
    return facts


def _bold_labels(note: Note) -> Facts:
    """“**会议**: …”, “**arXiv**: [id](…)” below the title; no authors."""
    head = note.body.partition("\n## ")[0]
    said = re.search(r"\*\*会议\*\*[:：]\s*([A-Za-z]+)\s*(\d{4})", head)
    arxiv = re.search(r"\*\*arXiv\*\*[:：]\s*\[[^\]]*\]\(([^)]*)\)", head)
    return {
        "ids": _ids(arxiv[1]) if arxiv else {},
        "authors": [],
        "venue": said[1] if said else None,
        "year": int(said[2]) if said else None,
    }


def _opening_sentence(note: Note) -> Facts:
    """In reviews a line near the top that speaks of the paper and links it: “원문은 [다음 링크](…)에서 …”."""
    if "Paper Review" not in note.categories:
        return {"ids": {}, "authors": []}
    lines = [line for line in note.body.splitlines() if line.strip()][:12]
    said = (line for line in lines if re.search("논문|원문|원본", line) and _LINK.search(line))
    links = (address for line in said for _, address in _LINK.findall(line))
    return {"ids": next((ids for address in links if (ids := _ids(address))), {}), "authors": []}


def _key_value_list(note: Note) -> Facts:
    """“- Authors : Last, First and Last, First”, “- Link : …” below the title."""
    said = dict(re.findall(r"^- (Author|Link)s?\s*:\s*(.+)$", note.body, re.MULTILINE))
    authors = re.split(r"\s+and\s+", re.sub(r",?\s*et al\.?", "", said.get("Author", "")))
    facts: Facts = {"ids": _ids(said.get("Link", ""))}
    if "{" not in said.get("Author", ""):  # accents as in BibTeX: who knows how they should be read
        facts["authors"] = [name.strip() for name in authors if name.strip()]
    return facts


def _quoted_origin(note: Note) -> Facts:
    """A title, sometimes a link, then a quote: “> SIGMOD 2020”, “> https://dl.acm.org/…”."""
    lines = [line for line in note.body.splitlines() if line.strip()]
    quoted = list(takewhile(lambda line: line.startswith(">"), lines[1:]))
    linked = [address for _, address in _LINK.findall(" ".join([*lines[:1], *quoted]))]
    facts: Facts = {"ids": _ids(*linked, *re.findall(r"https?://\S+", " ".join(quoted)))}
    named = re.match(r"> *([A-Z]{3,8})[ '’]+((?:19|20)?\d{2})\b", quoted[0]) if quoted else None
    if named:
        year = int(named[2])
        facts |= {"venue": named[1], "year": year if year > 99 else year + (1900 if year > 50 else 2000)}
    return facts


def _paper_button(note: Note) -> Facts:
    """“[`PAPER`](…)” below the title."""
    links = _LINK.findall(note.body)
    return {"ids": _ids(*(address.strip("()") for text, address in links if text.strip("`") == "PAPER"))}


def _no_paper_of_its_own(_: Note) -> Facts:
    """Articles on several papers, and notes on none."""
    return {"ids": {}, "authors": []}


REPOSITORIES = {
    "denny": Repository(
        repository="dennybritz/deeplearning-papernotes",
        commit="7195945731e849d88f4702ac432973c57fc93e97",
        path=r"^notes/.*\.md$",
        base="https://dennybritz.github.io/deeplearning-papernotes",
        address="/{path}.html",
        limit=60,
        facts=_first_heading_links,
    ),
    "iclr": Repository(
        repository="iclr-blogposts/2024",
        commit="f8d8b1265493ecf1c20ad52cc980b317449babcc",
        path=r"^_posts/\d.*md$",
        base="https://iclr-blogposts.github.io/2024",
        address="/blog/{slug}/",
        facts=_no_paper_of_its_own,
    ),
    "inhyeok": Repository(
        repository="InhyeokYoo/inhyeokyoo.github.io",
        commit="031e32c5bc06acf75621efea941b241a6887f886",
        path=r"^_posts/(nlp|mathmatics|pytorch|python|etc)/\d",
        base="https://inhyeokyoo.github.io",
        address="/{category}/{slug}/",
        facts=_opening_sentence,
    ),
    "k1101jh": Repository(
        repository="k1101jh/DeepLearning-Paper-Review",
        commit="4bb90003661b55de1af2c3cd23fdfd473c6ef99f",
        path=r"/.*\.md$",
        base="https://k1101jh.github.io/DeepLearning-Paper-Review",
        address="/{path}.html",
        facts=_metadata,
    ),
    "shunk": Repository(
        repository="shunk031/paper-survey",
        commit="eea5f07b86e9ed56239f3578cf6626d04af5ca51",
        path=r"^_posts/\d",
        base="https://shunk031.me/paper-survey",
        address="/summary/{category}/{slug}",
        limit=60,
        facts=_closing_citation,
    ),
    "zhao": Repository(
        repository="zhaoyang97/Paper-Notes",
        commit="2faf8a04a6703317b555083807a3ebdb5d2141c6",
        path=r"^docs/ACL2025/(llm_alignment|llm_agent)/(?!index).*\.md$",
        base="https://zhaoyang97.github.io/Paper-Notes",
        address="/{path}/",
        limit=60,
        facts=_bold_labels,
    ),
    "bjy": Repository(
        repository="CUN-bjy/rl-paper-review",
        commit="e83833676b46e56ea680d23fb314d79031e09da5",
        path=r"^reviews/.*\.md$",
        base="https://cun-bjy.github.io/rl-paper-review",
        address="/{path}.html",
        facts=_paper_button,
    ),
    "sallam": Repository(
        repository="sallamander/paper-notes",
        commit="5a2e3c4e81f3e9e58040eaf716ee328ad7432962",
        path=r"^20\d\d/.*\.md$",
        base="https://sallamander.github.io/paper-notes",
        address="/{path}.html",
        facts=_first_heading_links,
    ),
    "standing": Repository(
        repository="standing-o/Machine_Learning_Paper_Review",
        commit="2b08eebfd6ae8cafb83cf283d8140025c96f4ee6",
        path=r"^saves/.*\.md$",
        base="https://standing-o.github.io/Machine_Learning_Paper_Review",
        address="/{path}.html",
        facts=_key_value_list,
    ),
    "zhj": Repository(
        repository="zhjwpku/paper-notes",
        commit="e65a2e4e4fe9c48ce3f54c78b5ad9a5c160dc667",
        path=r"^src/(?!.*(README|SUMMARY)).*\.md$",
        base="https://zhjwpku.github.io/paper-notes",
        address="/{path}.html",
        facts=_quoted_origin,
    ),
}


# ── reading a repository ────────────────────────────────────────────────────────────────────────


def read_notes(repository: Repository, clone: Path) -> list[Note]:
    """The posts of a clone, newest first."""
    folder = clone / ".git" if (clone / ".git").is_dir() else clone
    listed = _git(folder, "ls-tree", "-r", "--name-only", "-z", repository.commit).split("\0")
    paths = sorted(path for path in listed if re.search(repository.path, path) and path.endswith(".md"))
    read = (_read_note(path, _git(folder, "show", f"{repository.commit}:{path}"), n) for n, path in enumerate(paths))
    notes = sorted((note for note in read if note.body.strip()), key=lambda n: (n.published, n.path), reverse=True)
    step = max(1, len(notes) // repository.limit) if repository.limit else 1
    return notes[::step][: repository.limit]


def _git(folder: Path, *arguments: str) -> str:
    command = ("git", "--git-dir", str(folder), *arguments)
    return subprocess.run(command, check=True, capture_output=True).stdout.decode("utf-8", "replace")


def _read_note(path: str, text: str, index: int) -> Note:
    meta, body = _front_matter(text.lstrip("\ufeff"))
    stem = path.rpartition("/")[2].removesuffix(".md")
    dated = re.match(r"(\d{4})-(\d{1,2})-(\d{1,2})", stem)
    year, month, day = (int(part) for part in dated.groups()) if dated else (2017, 1, 1)
    published = datetime(year, month, day, tzinfo=UTC)
    listed = re.split(
        r"\s*,\s*|\n", "\n".join(meta[key] for key in ("categories", "category", "tags") if meta.get(key))
    )
    return Note(
        path=path,
        title=meta.get("title") or _title_of(body, path),
        meta=meta,
        categories=tuple(dict.fromkeys(one for one in listed if one)),
        body=body,
        published=published if dated else published + timedelta(days=index),  # else in the order of their paths
    )


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """The fields that have a line or a plain list, and the text behind them."""
    match = re.match(r"\s*---[ \t]*\r?\n(.*?)\r?\n---[ \t]*\r?\n", text, re.DOTALL)
    if not match:
        return {}, text
    found: dict[str, str] = {}
    key = ""
    for line in match[1].splitlines():
        if field_ := re.match(r"([\w-]+):\s*(.*)", line):
            key, value = field_[1], re.sub(r"\s+#.*", "", field_[2]).strip()
            found[key] = value.strip("[]").strip("\"'").strip()
        elif (item := re.match(r"\s+-\s+(.*)", line)) and key:
            found[key] = f"{found[key]}\n{item[1].strip()}".strip()
        elif line.startswith(" ") and key and "\n" not in found[key]:
            found[key] = f"{found[key].lstrip('>|-')} {line.strip()}".strip()
    return found, text[match.end() :]


def _title_of(body: str, path: str) -> str:
    """The first heading of the first rank, else the first heading, else the folder's or the file's name."""
    headings = list(_headings(body))
    first = next((text for level, text in headings if level == 1), "")
    linked = next((line for line in body.splitlines() if line.strip()), "")
    if not first and _HEADING.match(linked):
        first = headings[0][1]
    folder, _, stem = path.rpartition("/")
    return first or (folder.rpartition("/")[2] if stem == "paper.md" else stem.removesuffix(".md"))


def _headings(body: str) -> Iterator[tuple[int, str]]:
    for line in _FENCE.sub("", body).splitlines():
        if match := _HEADING.match(line):
            text = _plain(match[2])
            if text:
                yield len(match[1]), text


def _plain(text: str) -> str:
    """Markdown of one line as it is read."""
    text = re.sub(r"\{[:%].*?\}", "", text)
    text = _WHOLE_LINK.sub(r"\1", text)
    return html.unescape(re.sub(r"<[^>]*>|[*`]", "", text)).strip()


# ── what is true of a post ──────────────────────────────────────────────────────────────────────


def truth_of(repository: Repository, note: Note) -> Facts:
    """The line of `benchmarks.truths` for a post."""
    title = _squeeze(note.title)
    headings = [(level, text) for level, text in _headings(_without_raw_tags(note.body)) if _squeeze(text) != title]
    headings = list(_by_number(headings))
    called = _LABEL.sub("", note.title)
    told = {"title": called} if called != note.title else {}
    name = {"name": found} if (found := _name_in(called)) else {}
    return {"post": link_of(repository, note), **told, **repository.facts(note), **name, "headings": headings}


def _name_in(title: str) -> str | None:
    """The word or two before a colon, if they are written as a name, or one in brackets at the end."""
    match = _NAME_BEFORE_COLON.match(title)
    if match and not title.endswith("Survey") and all(re.search(r"[A-Z0-9]", word) for word in match[1].split()):
        return match[1]
    match = _NAME_IN_BRACKETS.search(title) if len(title) < _LONG_TITLE else None
    return match[1] if match else None


_NUMBER = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)(?:\.\s|\s|\.$)")


def _by_number(headings: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Ranks as written, but for numbers that say otherwise: 3.3.1 stands below 3.3, and 3 beside 2."""
    ranks: dict[str, int] = {}
    for level, text in headings:
        rank = level
        if match := _NUMBER.match(text):
            above, _, last = match[1].rpartition(".")
            before = f"{above}.{int(last) - 1}" if above else str(int(last) - 1)
            rank = ranks[above] + 1 if above in ranks else ranks.get(before, level)
            ranks[match[1]] = rank
        yield rank, text


def _squeeze(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def link_of(repository: Repository, note: Note) -> str:
    """The address of a post's page."""
    slug = re.sub(r"^\d{4}-\d{1,2}-\d{1,2}-", "", note.stem).replace(" ", "-")
    category = (note.categories or ("post",))[0].lower().replace(" ", "-")
    path = note.meta.get("permalink") or repository.address.format(
        slug=slug, category=category, path=note.path.removesuffix(".md")
    )
    return repository.base + quote(path, safe="/:~-_.")


# ── the feed ────────────────────────────────────────────────────────────────────────────────────

_FORMULA = re.compile(r"\$\$.+?\$\$|(?<![\\$\w])\$[^\s$](?:[^$\n]*[^\s$\\])?\$(?![\d$])", re.DOTALL)
_CODE = re.compile(r"(^(```|~~~).*?^\2[ \t]*$|`[^`\n]+`)", re.DOTALL | re.MULTILINE)


def _without_raw_tags(text: str) -> str:
    """Without what a site's generator would have put in place of its own tags and attributes."""
    text = re.sub(
        r"\{%-?\s*include figure\.html.*?path=\"([^\"]*)\".*?%\}", r'<figure><img src="/\1"></figure>', text
    )
    text = re.sub(r"\{%-?\s*highlight\s+(\w+).*?%\}", r"```\1", text)
    text = re.sub(r"\{%-?\s*endhighlight\s*-?%\}", "```", text)
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    return re.sub(r"\{:[^}\n]*\}", "", text)


def render(text: str) -> str:
    """Markdown as HTML. Formulas are set aside first: to Markdown they are full of emphasis."""
    held: list[str] = []

    def hold(match: re.Match[str]) -> str:
        held.append(html.escape(match[0], quote=False))
        return f"\ue000{len(held) - 1}\ue001"

    parts = _CODE.split(_without_raw_tags(text))
    parts = [part for n, part in enumerate(parts) if n % 3 != 2]  # the fences' marks
    parts[::2] = [_linked(_FORMULA.sub(hold, part)) for part in parts[::2]]
    page = str(MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render("".join(parts)))
    return re.sub("\ue000(\\d+)\ue001", lambda match: held[int(match[1])], page)


def _linked(text: str) -> str:
    """Bare addresses as links, as GitHub shows them."""
    return re.sub(r"(?<![(<\[\"'=\w/\]])(https?://[^\s<>)\]]+)(?![^<]*>)", r"<\1>", text)


def write_feed(repository: Repository, notes: Sequence[Note]) -> Iterator[str]:
    """An Atom feed, a line at a time."""
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


# ── the command ─────────────────────────────────────────────────────────────────────────────────


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("clones", type=Path, metavar="CLONES", help="a folder of clones, named OWNER+NAME")
    parser.add_argument("out", type=Path, metavar="OUT", help="where feeds and truths go")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    """Write a feed and its truths for each repository that is there."""
    options = _options(argv)
    options.out.mkdir(parents=True, exist_ok=True)
    for name, repository in REPOSITORIES.items():
        clone = options.clones / repository.repository.replace("/", "+")
        clone = clone / "repo" if (clone / "repo").is_dir() else clone
        if not clone.is_dir():
            print(f"{repository.repository} is not in {options.clones}")
            continue
        notes = read_notes(repository, clone)
        (options.out / f"{name}.xml").write_text("\n".join(write_feed(repository, notes)) + "\n", "utf-8")
        lines = (json.dumps(truth_of(repository, note), ensure_ascii=False) for note in notes)
        (options.out / f"{name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
        print(f"{name}: {len(notes)} posts")


if __name__ == "__main__":
    main()
