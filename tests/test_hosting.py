"""How it is hosted: the container, the unit and the guide agree with the program."""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cli import _parser
from bot.config import Settings

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "docs" / "hosting" / "nonmun.service"
SETTINGS = {str(field.alias) for field in Settings.model_fields.values()}


def instructions(word: str) -> list[str]:
    """What follows an instruction in the Dockerfile, each with its further lines."""
    text = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    return re.findall(rf"^{word} (.+)$", text, re.MULTILINE)


def last_stage() -> str:
    return (ROOT / "Dockerfile").read_text("utf-8").rpartition("\nFROM ")[2]


def variables() -> dict[str, str]:
    """The environment of the image."""
    return dict(pair.partition("=")[::2] for line in instructions("ENV") for pair in line.split())


def compose() -> dict[str, Any]:
    made: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    return made


def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names are case-sensitive
    parser.read(UNIT, "utf-8")
    return parser


def is_command(arguments: list[str]) -> bool:
    """Whether the program takes these arguments."""
    try:
        _parser().parse_args(arguments)
    except SystemExit:
        return False
    return True


# ── the container ───────────────────────────────────────────────────────────────────────────────


def test_image_runs_the_program_and_is_probed_by_it() -> None:
    """In exec form: no shell stands between a signal and the program."""
    (entry,), (command,), (probe,) = (instructions(word) for word in ("ENTRYPOINT", "CMD", "HEALTHCHECK"))
    assert json.loads(entry) == ["nonmun"]
    assert is_command(json.loads(command))
    asked = json.loads(probe.partition(" CMD ")[2])
    assert asked[0] == "nonmun"
    assert is_command(asked[1:])


def test_image_is_not_roots_and_keeps_its_database_in_its_volume() -> None:
    """By number, so that a cluster sees that it is not root; the folders are the user's."""
    (user,), (volumes,) = instructions("USER"), instructions("VOLUME")
    uid = user.partition(":")[0]
    assert int(uid) > 0
    made = next(line for line in instructions("RUN") if "useradd" in line)
    assert f"--uid {uid} " in made
    assert set(json.loads(volumes)) <= set(made.split())
    assert Path(variables()["NONMUN_DATABASE"]).parent.as_posix() in json.loads(volumes)
    assert {name for name in variables() if name.startswith("NONMUN_")} <= SETTINGS


def test_image_installs_what_is_pinned_by_hash_as_wheels() -> None:
    """And leaves in the build stage what only a build needs."""
    assert any("--require-hashes --only-binary=:all: -r /src/constraints.txt" in line for line in instructions("RUN"))
    assert "pip" not in last_stage()
    removed = next(line for line in instructions("RUN") if "uninstall" in line).rpartition("-y ")[2].split()
    pinned = re.findall(r"^([a-z0-9-]+)==", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE)
    assert set(removed) - {"pip"} <= set(pinned)
    assert {"hatchling", "babel", "pip"} <= set(removed)


def test_context_of_the_image_holds_what_is_copied_and_no_secret() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    kept = {line[1:] for line in ignored if line.startswith("!")}
    copied = {source for line in instructions("COPY") if "--from" not in line for source in line.split()[:-1]}
    assert "*" in ignored
    assert copied == kept
    assert all((ROOT / name).exists() for name in kept)


def test_compose_agrees_with_the_image() -> None:
    """Folders, volumes and settings; also the settings in its comments."""
    service = compose()["services"]["nonmun"]
    volumes = dict(mount.split(":") for mount in service["volumes"])
    assert set(volumes) == set(compose()["volumes"])
    assert set(volumes.values()) == set(json.loads(instructions("VOLUME")[0]))
    for name in ("NONMUN_DATABASE", "NONMUN_BACKUP_DIR"):
        assert any(Path(service["environment"][name]).is_relative_to(folder) for folder in volumes.values())
    assert service["environment"]["NONMUN_DATABASE"] == variables()["NONMUN_DATABASE"]
    named = set(re.findall(r"NONMUN_[A-Z_]+", (ROOT / "compose.yaml").read_text("utf-8")))
    assert named <= SETTINGS
    assert (service["read_only"], service["restart"]) == (True, "unless-stopped")


# ── the unit ────────────────────────────────────────────────────────────────────────────────────


def test_unit_runs_the_bot_in_its_state_directory() -> None:
    service = unit()["Service"]
    program, *arguments = service["ExecStart"].split()
    assert Path(program).name == "nonmun"
    assert is_command(arguments)
    assert service["WorkingDirectory"] in {f"/var/lib/{name}" for name in service["StateDirectory"].split()}
    assert service["Type"] == "notify"
    assert service["User"] != "root"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    """It says nothing against it, where its program exists."""
    program = unit()["Service"]["ExecStart"].split()[0]
    (tmp_path / UNIT.name).write_text(UNIT.read_text("utf-8").replace(program, sys.executable), "utf-8")
    command = ["systemd-analyze", "verify", "--recursive-errors=no", str(tmp_path / UNIT.name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


# ── the guide ───────────────────────────────────────────────────────────────────────────────────


def guide() -> str:
    return (ROOT / "docs" / "hosting.md").read_text("utf-8")


def typed_commands() -> list[str]:
    """The lines of the guide's blocks that run the program, from its name on, without redirections."""
    blocks = re.findall(r"^ *```\n(.*?)^ *```$", guide(), re.MULTILINE | re.DOTALL)
    lines = [re.sub(r"^docker compose \w+ (?:--rm )?", "", line) for block in blocks for line in block.splitlines()]
    return [line.partition(" > ")[0] for line in lines if line.startswith("nonmun ")]


def test_guide_types_commands_that_exist() -> None:
    assert len(typed_commands()) > 10
    assert [line for line in typed_commands() if not is_command(line.split()[1:])] == []


def test_guide_names_settings_and_files_that_exist() -> None:
    assert set(re.findall(r"\b(?:NONMUN|DISCORD)_[A-Z_]+", guide())) <= SETTINGS
    for name in ("docs/hosting/nonmun.service", "compose.yaml", "Dockerfile", "constraints.txt"):
        assert name in guide()
