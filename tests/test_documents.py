"""Documents in step with the code: what they name exists, and what exists is named."""

from __future__ import annotations

import argparse
import inspect
import os
import re
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
from bot.chat import OPTIONS
from bot.cli import _parser
from bot.config import Settings
from bot.ui.discord.client import COGS
from bot.ui.discord.rights import WANTED

ROOT = Path(__file__).parents[1]
START = (
    "python3 -m venv .venv && .venv/bin/pip install -q -r constraints.txt "
    "&& .venv/bin/pip install -q --no-deps . && .venv/bin/nonmun chat"
)
TEST = (
    "python3 -m venv .venv && .venv/bin/pip install -q -r constraints-dev.txt "
    "&& .venv/bin/pip install -q --no-deps -e . && .venv/bin/pytest -q"
)
DOCUMENTS = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/decisions.md")


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def code_blocks(text: str) -> list[str]:
    """What stands between fences, the indentation of a list taken off."""
    return [inspect.cleandoc(block) for block in re.findall(r"^ *```\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)]


def slash_commands() -> set[str]:
    """The names of the commands that the cogs register."""
    cogs = [
        member
        for name in COGS
        for member in vars(import_module(name)).values()
        if inspect.isclass(member) and issubclass(member, commands.Cog) and member is not commands.Cog
    ]
    groups = {str(cog.__cog_group_name__) for cog in cogs if cog.__cog_is_app_commands_group__}
    single = (cog for cog in cogs if not cog.__cog_is_app_commands_group__)
    return groups | {command.name for cog in single for command in cog.__cog_app_commands__}


def subcommands() -> set[str]:
    """The names of the terminal's commands."""
    found: set[str] = set()
    for action in _parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            found |= set(action.choices)
    return found


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
        timeout=60,
    )
    shown = {line.strip() for line in done.stdout.splitlines()} | {"…", ""}
    assert [line for line in transcript if line not in asked and line.strip() not in shown] == []


@pytest.mark.parametrize("name", sorted(str(field.alias) for field in Settings.model_fields.values()))
def test_readme_names_every_setting(name: str) -> None:
    assert re.search(rf"^\| `{name}` \|", read("README.md"), re.MULTILINE)


def test_readme_names_no_setting_that_is_not_there() -> None:
    named = set(re.findall(r"\b(?:NONMUN|DISCORD)_[A-Z_]+\b", read("README.md")))
    assert named <= {str(field.alias) for field in Settings.model_fields.values()}


def test_readme_names_every_command_of_the_terminal() -> None:
    named = set(re.findall(r"^\| `nonmun ([a-z]+)", read("README.md"), re.MULTILINE))
    assert named == subcommands()


def test_readme_names_every_slash_command() -> None:
    """Those of Discord; the chat has those that answer."""
    named = set(re.findall(r"^\| `/([a-z]+)[ `]", read("README.md"), re.MULTILINE))
    assert named == slash_commands() > {command.value for command in OPTIONS}


def test_readme_invites_with_the_permissions_in_use() -> None:
    assert f"scope=bot+applications.commands&permissions={WANTED.value}\n" in read("README.md")


# ── the other documents ─────────────────────────────────────────────────────────────────────────


def test_architecture_names_every_module() -> None:
    """Each file and package directly under bot/, by its path."""
    modules = [f"bot/{path.name}" for path in (ROOT / "bot").glob("*.py")]
    modules += [f"bot/{path.parent.name}/" for path in (ROOT / "bot").glob("*/__init__.py")]
    text = read("docs/architecture.md")
    assert len(modules) > 10
    assert [name for name in sorted(modules) if f"| `{name}`" not in text] == []


def test_architecture_names_no_module_that_is_gone() -> None:
    named = set(re.findall(r"`((?:bot|cogs|tests)/[\w./]+)`", read("docs/architecture.md")))
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_architecture_names_the_import_rules() -> None:
    rules = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    text = " ".join(read("docs/architecture.md").split())
    assert [rule["name"] for rule in rules if f"**{rule['name']}.**" not in text] == []


def test_changelog_has_a_section_for_this_version() -> None:
    assert re.search(rf"^## \[(?:{re.escape(__version__)}|Unreleased)\]", read("CHANGELOG.md"), re.MULTILINE)


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
