"""Shell completion: the scripts as real shells read them."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from bot.cli import main
from tests.loopback.patience import patience

BASH = """
source ./script
COMP_WORDS=({words}"") COMP_CWORD=$(({count}))
[ -n "{last}" ] && COMP_WORDS[COMP_CWORD]="{last}"
_shtab_nonmun
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def _needs(shell: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a backup in it, where the script is put too."""
    (tmp_path / "backed-up.db").touch()
    return tmp_path


def _put_script(shell: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    (folder / "script").write_text(capsys.readouterr().out, "utf-8")


def _run(command: list[str], folder: Path) -> list[str]:
    done = subprocess.run(  # noqa: S603
        command, cwd=folder, capture_output=True, timeout=patience(60), check=True, text=True
    )
    return done.stdout.split()


CASES = [
    ("nonmun back", {"backfill", "backup"}),
    ("nonmun doctor --r", {"--repair"}),
    ("nonmun completion f", {"fish"}),
    ("nonmun restore back", {"backed-up.db"}),
    ("nonmun latest --db back", {"backed-up.db"}),
]


@_needs("bash")
@pytest.mark.parametrize(("typed", "offered"), CASES)
def test_bash_completes(typed: str, offered: set[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Commands, options, choices and files."""
    _put_script("bash", folder, capsys)
    *words, last = typed.split()
    script = BASH.format(words="".join(f"{word} " for word in words), count=len(words), last=last)
    assert set(_run(["bash", "--norc", "-c", script], folder)) == offered


@_needs("fish")
@pytest.mark.parametrize(("typed", "offered"), CASES)
def test_fish_completes(typed: str, offered: set[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _put_script("fish", folder, capsys)
    command = ["fish", "--no-config", "-c", f"source ./script; complete -C '{typed}' | cut -f 1"]
    assert set(_run(command, folder)) == offered


@_needs("zsh")
def test_zsh_completes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At its prompt, because only there does its completion run."""
    _put_script("zsh", folder, capsys)
    terminal, its_end = pty.openpty()
    env = os.environ | {"PS1": "> ", "TERM": "xterm", "ZDOTDIR": str(folder)}
    shell = subprocess.Popen(  # the first to open a terminal in a new session controls it
        ["zsh", "-f", "-i"],  # noqa: S607
        cwd=folder,
        env=env,
        stdin=its_end,
        stdout=its_end,
        stderr=its_end,
        start_new_session=True,
    )
    os.close(its_end)
    try:
        os.write(terminal, b'autoload -U compinit; compinit -u -D; eval "$(cat script)"; echo re""ady\n')
        _read_until(terminal, "\nready")
        os.write(terminal, b"nonmun restore b\t")
        _read_until(terminal, "backed-up.db")
        os.write(terminal, b"\x15nonmun unm\t")
        _read_until(terminal, "unmatched")
    finally:
        shell.kill()
        shell.wait()
        os.close(terminal)


def _read_until(terminal: int, wanted: str) -> None:
    """Read what the terminal shows until it holds a text."""
    seen, end = "", time.monotonic() + patience(30)
    while wanted not in seen.replace("\r", ""):
        readable, _, _ = select.select([terminal], [], [], max(0.0, end - time.monotonic()))
        assert readable, f"{wanted!r} did not appear in {seen!r}"
        seen += os.read(terminal, 4096).decode("utf-8", "replace")


def test_unknown_shell_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "csh"]) == 2
    assert "csh" in capsys.readouterr().err
