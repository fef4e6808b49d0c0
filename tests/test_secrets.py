"""An address's password and key reach the feed's server and the database, and nothing that anybody reads."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from bot.cli import main
from bot.text.links import lacks_key
from tests.factories import make_entry, make_rss
from tests.loopback.discord import LoopbackDiscord, Permission
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, eventually, wait_for_commands
from tests.test_feed_commands import follow, import_file, notices, said, server

__all__ = ["server"]

PASSWORD, TOKEN = "hunter2", "t0psecret9"


def private_address(feed_host: FeedHost) -> str:
    """A feed without a title, which is called by its address, with all three kinds of secrets in that."""
    feed_host.serve("/private.xml", make_rss([make_entry(1)], title=""))
    return feed_host.url(f"/private.xml?token={TOKEN}").replace("://", f"://reader:{PASSWORD}@")


def secrets_in(text: str) -> list[str]:
    """The lines of a text that a secret stands in."""
    return [line for line in text.splitlines() if PASSWORD in line or TOKEN in line]


async def test_no_surface_in_discord_shows_a_secret(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, caplog: pytest.LogCaptureFixture
) -> None:
    """Every command that may name a feed or repeats what was typed, a notice, a failure, and the log."""
    caplog.set_level(logging.DEBUG)
    address = private_address(feed_host)
    admins = discord.add_channel(discord.guild_id, "admins")
    discord.edit_guild(discord.guild_id, public_updates_channel_id=admins)
    async with run(NONMUN_FEEDS=address):
        await wait_for_commands(discord)
        choices: list[dict[str, str]] = []

        async def is_followed() -> bool:
            choices[:] = await discord.autocomplete("subscribe", {"feed": ""}, focused="feed")
            return bool(choices)

        await eventually(is_followed, "the host's own feed")
        (choice,) = choices
        assert choice["name"].startswith("http://127.0.0.1")
        feed = {"feed": choice["value"]}
        for name, options in (
            ("help", {}),
            ("latest", {}),
            ("paper", {"name": "nothing of the kind"}),
            ("paper", {"name": address}),
            ("section", {"paper": make_entry(1).title, "heading": address}),
            ("search", {"query": address}),
            ("search", {"query": f"retrieval {address.removeprefix('http://')}"}),
            ("related", {"name": address}),
            ("feed list", {}),
            ("feed status", feed),
            ("feed pause", feed),
            ("feed resume", feed),
            ("feed test", feed),
            ("feed export", {}),
            ("feed add", {"address": address}),
            ("feed add", {"address": address + "&more=1"}),
            ("feed pause", {"feed": address}),
            ("feed remove", feed),
            ("subscribe", feed),
            ("notify", {}),
            ("notify", feed),
            ("why", {"link": make_entry(1).link}),
            ("why", {"link": "https://elsewhere.test/post"}),
            ("why", {"link": address}),
        ):
            await discord.command(name, options)
        discord.set_permissions(discord.channel_id, Permission.VIEW)
        feed_host.update("/private.xml", make_rss([make_entry(2), make_entry(1)], title=""))
        await eventually(lambda: bool(notices(discord, admins)), "a notice")
        feed_host.fail("/private.xml", status=500)

        async def is_failing() -> bool:
            return "500" in said(await discord.command("feed status", feed))

        await eventually(is_failing, "a failure of the feed")
        await discord.command("why", {"link": "https://elsewhere.test/post"})
    assert any(TOKEN in request.path for request in feed_host.requests)
    assert secrets_in("\n".join(str(request.body) for request in discord.requests)) == []
    exported = [str(file.content) for file in discord.world.files.values()]
    assert exported
    assert secrets_in("\n".join(exported)) == []
    # Below INFO, to which the program never goes, libraries log statements and events whole.
    logged = [one for one in caplog.records if one.levelno >= logging.INFO or one.name.startswith(("bot", "cogs"))]
    assert secrets_in("\n".join(map(logging.Formatter("%(message)s").format, logged))) == []


async def test_no_command_in_a_terminal_shows_a_secret(
    feed_host: FeedHost, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading it, every question in words and as JSON, the export, the doctor, and what --verbose logs."""
    monkeypatch.setenv("NONMUN_PRIVATE_HOSTS", "127.0.0.1")
    address = private_address(feed_host)
    name = make_entry(1).title
    own = ["--db", str(tmp_path / "a.db"), "--feed", address, "--verbose"]
    asked = {"paper": name, "section": f"{name} 2.1", "search": address}
    requests = [json.dumps({"id": 1, "command": command, "query": query}) for command, query in asked.items()]
    lines = [f"/{command} {query}" for command, query in asked.items()]
    typed = defaultdict(bytes, batch="\n".join(requests).encode(), chat="\n".join([*lines, "/help"]).encode())
    answers = [["paper", name], ["search", "retrieval"], ["latest"], ["related", name]]
    for argv in (
        ["poll"],
        ["poll", "--json"],
        *answers,
        *([*argv, "--json"] for argv in answers),
        ["export"],
        ["batch"],
        ["chat"],
        ["doctor", "--offline"],
        ["doctor"],
        ["backfill", address],
        ["backfill", address + "&more=1"],
    ):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed[argv[0]])))
        await asyncio.to_thread(main, [*argv[:1], *own, *argv[1:]])
    feed_host.fail("/private.xml", status=500)
    for argv in (["poll"], ["poll", "--json"], ["backfill", address], ["doctor"]):
        await asyncio.to_thread(main, [*argv[:1], *own, *argv[1:]])
    shown = capsys.readouterr()
    assert "private.xml?token=…" in shown.out
    assert "private.xml?token=…" in shown.err
    assert "500" in shown.err
    assert secrets_in(shown.out + shown.err) == []


def test_a_log_quotes_no_secret(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in a library's line nor in a traceback."""

    async def fail(_: object) -> int:
        logging.getLogger("library").warning("asking %s", f"https://reader:{PASSWORD}@blog.test/feed?token={TOKEN}")
        error = ValueError(f"https://blog.test/feed?token={TOKEN} has no answer")
        logging.getLogger("bot").error("a fault", exc_info=error)
        return 0

    monkeypatch.setattr("bot.cli._unmatched", fail)
    assert main(["unmatched"]) == 0
    shown = capsys.readouterr().err
    assert "ValueError: https://blog.test/feed?token=… has no answer" in shown
    assert secrets_in(shown) == []


async def test_a_list_of_feeds_has_keys_only_where_that_is_asked_for(
    server: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """The answer is private and says what the file has; a list without keys is refused in words."""
    feed_host.serve("/private.xml", make_rss([make_entry(1)]))
    address = feed_host.url(f"/private.xml?token={TOKEN}")
    offer = await server.command("feed add", {"address": address})
    await server.press(offer.message, label="Follow")
    (choice,) = await server.autocomplete("feed remove", {"feed": ""}, focused="feed")
    without = await server.command("feed export")
    assert without.is_ephemeral
    assert "Passwords and keys of 1 address were left out" in said(without)
    whole = await server.command("feed export", {"with_keys": True})
    assert whole.is_ephemeral
    assert "contains the passwords and keys of 1 address" in said(whole)
    files = [server.attachment_bytes(answer.message) for answer in (without, whole) if answer.message]
    assert [TOKEN.encode() in file for file in files] == [False, True]
    await server.command("feed remove", {"feed": choice["value"]})
    without_key, with_key = files
    refused = await import_file(server, without_key)
    assert "this address is missing its key" in said(refused)
    assert "0 feeds added" in said(refused)
    assert "1 feed added" in said(await import_file(server, with_key))


async def test_a_list_without_private_feeds_says_nothing_of_keys(
    server: LoopbackDiscord, feed_host: FeedHost
) -> None:
    await follow(server, feed_host)
    assert said(await server.command("feed export")) == ""


@pytest.mark.parametrize(
    ("address", "is_without"),
    [
        ("https://a.test/f?token=…", True),
        ("https://a.test/f?token=%E2%80%A6&x=1", True),
        ("https://a.test/f?u=1&…", False),
        ("https://a.test/f?…", True),
        ("https://a.test/f?token=abc", False),
        ("https://a.test/…", False),
        ("…", False),
    ],
)
def test_an_address_that_lost_its_key_is_known(address: str, is_without: bool) -> None:
    assert lacks_key(address) is is_without
