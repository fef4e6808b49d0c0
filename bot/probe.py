"""`nonmun health`: whether the bot that runs on a database is healthy, for containers and service managers.

It is asked every half a minute, so it loads little: no settings but the database's path, and SQLite. `nonmun status`
tells more.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import StoreError
from bot.languages import _, say, speak, system_language
from bot.store.status import read_loops

HEALTHY, UNHEALTHY, MISUSE = 0, 1, 2
DATABASE = Path("data/nonmun.db")
"""The default of NONMUN_DATABASE."""
_NAME = "NONMUN_DATABASE"


def main(arguments: Sequence[str]) -> int | None:
    """Answer ``nonmun health`` with its exit code; None if the arguments need the whole command line.

    Args:
        arguments: Those after the command.
    """
    match arguments:
        case []:
            database = find_database(os.environ)
        case ["--db", path]:
            database = Path(path)
        case _:
            return None
    speak(system_language())
    is_healthy, sentence = judge(database)
    sys.stdout.write(f"{sentence}\n")
    return HEALTHY if is_healthy else UNHEALTHY


def judge(database: Path) -> tuple[bool, str]:
    """Return whether the bot on a database is healthy, and a sentence that says so or why not."""
    try:
        loops = read_loops(database, now=datetime.now(UTC))
    except StoreError as exc:
        return False, say(exc.sentence)
    if not loops:
        return False, _("No bot is running on {file}.").format(file=database)
    dead = [_(loop.loop) for loop in loops if not loop.is_alive]
    if dead:
        return False, _("Not healthy: {loops}. “nonmun status” says more.").format(loops=", ".join(dead))
    lost = [shard.shard for loop in loops for shard in loop.dead_shards]
    if lost:
        said = _("Healthy, but these shards are not connected: {shards}. “nonmun status” says more.")
        return True, said.format(shards=", ".join(map(str, lost)))
    return True, _("Healthy.")


def find_database(environment: Mapping[str, str]) -> Path:
    """Return the database that the settings name, by the rules of `bot.config`: the environment, then `.env`."""
    named = {name.upper(): value for name, value in environment.items()}.get(_NAME)
    if not named and Path(".env").is_file():
        from dotenv import dotenv_values  # most containers have no such file

        named = {name.upper(): value for name, value in dotenv_values(".env").items()}.get(_NAME)
    return Path(named) if named else DATABASE
