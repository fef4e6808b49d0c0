"""The parser of the commands → a script that completes them in a shell.

The script is static: a shell that has it completes without starting the program.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import shtab


def completion_script(parser: argparse.ArgumentParser, shell: str) -> str:
    """Return the script for bash, zsh or fish. Arguments that are files are completed as such."""
    for action in _actions(parser):
        if action.type is Path or action.metavar in {"FILE", "URL-or-file"}:
            action.complete = shtab.FILE  # type: ignore[attr-defined]  # shtab looks for this attribute
    return shtab.complete(parser, shell)


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:  # noqa: SLF001 - argparse has no public name for them
        yield action
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - the type has no public name
            for command in action.choices.values():
                yield from _actions(command)
