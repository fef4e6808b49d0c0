"""Memory and time of a bot in many servers: ``nonmun run`` on the loopback gateway, with one shard or several.

Each server has 20 channels and 5 roles, and what else Discord sends of one: topics, overwrites, emoji, features. The
gateway is a process of its own, and what it sends is made before the bot starts. Linux only.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.measure import median, print_table
from benchmarks.start import ROOT, environment
from tests.loopback.discord import LoopbackDiscord
from tests.loopback.discord_world import APPLICATION_ID, Guild
from tests.loopback.running import TOKEN

Json = dict[str, Any]

CHANNELS, ROLES, EMOJI = 20, 5, 30
CATEGORIES, UNSYNCED = 3, 4
"""Channels have the overwrites of their category, except a few."""
SETTLING_S = 5.0
FEATURES = ("COMMUNITY", "NEWS", "INVITE_SPLASH", "THREE_DAY_THREAD_ARCHIVE", "AUTO_MODERATION", "SOUNDBOARD")
KINDS = (4, 4, 4, 5, 15, 2, 2, 2)
"""The first channels: categories, one for announcements, a forum, three for voice; the others are for text."""
TOPIC = "Papers and reviews on one subject. Please keep one thread for each paper, and say which section you mean."


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was measured of one start."""

    ready_s: float
    cpu_s: float
    resident_mb: float
    anonymous_mb: float


def guild_payload(guild: Guild) -> Json:
    """Make a GUILD_CREATE in the size of a usual server. Source: Gateway Events, Guild Create."""
    first = guild.id + 1
    roles = [_role(guild.id if number == 0 else first + number, number) for number in range(ROLES)]
    channels = [_channel(first + 100 + number, guild.id, first, number) for number in range(CHANNELS)]
    emoji = [
        {
            "id": str(first + 200 + number),
            "name": f"reaction_{number}",
            "roles": [],
            "require_colons": True,
            "managed": False,
            "animated": False,
            "available": True,
        }
        for number in range(EMOJI)
    ]
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": f"{guild.id:032x}",
        "owner_id": str(first + 300),
        "features": list(FEATURES),
        "roles": roles,
        "channels": channels,
        "threads": [],
        "emojis": emoji,
        "stickers": [],
        "members": [
            {
                "user": {"id": str(APPLICATION_ID), "username": "nonmun", "discriminator": "0001", "avatar": None},
                "roles": [str(first + 1)],
                "joined_at": guild.joined_at.isoformat(),
                "deaf": False,
                "mute": False,
                "flags": 0,
            }
        ],
        "member_count": 1_500,
        "large": True,
        "unavailable": False,
        "joined_at": guild.joined_at.isoformat(),
        "description": "A group that reads papers together.",
        "preferred_locale": "en-US",
        "verification_level": 1,
        "default_message_notifications": 1,
        "explicit_content_filter": 2,
        "mfa_level": 0,
        "nsfw_level": 0,
        "premium_tier": 1,
        "premium_subscription_count": 3,
        "afk_timeout": 300,
        "system_channel_id": str(first + 108),
        "system_channel_flags": 0,
        "rules_channel_id": str(first + 109),
        "public_updates_channel_id": str(first + 110),
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def _role(role_id: int, number: int) -> Json:
    return {
        "id": str(role_id),
        "name": f"role {number}",
        "permissions": str(0x0000_6F7E_1000_0C00 + number),
        "position": number,
        "color": 0x3498DB,
        "colors": {"primary_color": 0x3498DB, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "managed": number == 1,
        "mentionable": False,
        "flags": 0,
        **({"tags": {"bot_id": str(APPLICATION_ID)}} if number == 1 else {}),
    }


def _channel(channel_id: int, guild_id: int, first: int, number: int) -> Json:
    kind = KINDS[number] if number < len(KINDS) else 0
    group = number if number >= CHANNELS - UNSYNCED else number % CATEGORIES
    overwrites = [
        {"id": str(key), "type": 0, "allow": str(1 << (10 + group)), "deny": "2048"} for key in (guild_id, first + 1)
    ]
    payload: Json = {
        "id": str(channel_id),
        "type": kind,
        "name": f"channel-{number}",
        "position": number,
        "parent_id": None if kind == 4 else str(first + 100 + number % CATEGORIES),
        "permission_overwrites": overwrites,
        "flags": 0,
        "nsfw": False,
    }
    if kind == 2:
        return payload | {"bitrate": 64_000, "user_limit": 0, "rtc_region": None, "rate_limit_per_user": 0}
    if kind == 15:
        tags = [
            {
                "id": str(first + 400 + tag),
                "name": f"tag {tag}",
                "moderated": False,
                "emoji_id": None,
                "emoji_name": None,
            }
            for tag in range(10)
        ]
        payload |= {"available_tags": tags, "default_reaction_emoji": None, "default_forum_layout": 0}
    if kind == 4:
        return payload
    return payload | {"topic": TOPIC, "rate_limit_per_user": 0, "last_message_id": str(channel_id + 1)}


def memory_mb(pid: int) -> tuple[float, float]:
    """The resident and the anonymous memory of a process. Source: ``man 5 proc_pid_smaps``."""
    sizes = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:] if ":" in line
    )
    return int(sizes["Rss"].split()[0]) / 1_024, int(sizes["Anonymous"].split()[0]) / 1_024


def start(discord: LoopbackDiscord, checkout: Path, folder: Path) -> Figures:
    """Start the bot of a checkout, and measure it once it is ready and has settled."""
    settings = {
        "DISCORD_TOKEN": TOKEN,
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
        "NONMUN_FEEDS": str(checkout / "data" / "sample_feed.xml"),
        "NONMUN_POLL_SECONDS": "86400",
        "NONMUN_DATABASE": str(folder / f"{time.monotonic_ns()}.db"),
        "NONMUN_RESOLVE_IDS": "false",
    }
    bot = subprocess.Popen(
        [sys.executable, "-m", "bot", "run"],
        cwd=folder,
        env=environment(folder) | settings | {"PYTHONPATH": str(checkout)},
        stderr=subprocess.PIPE,
        text=True,
    )
    began_s = time.monotonic()
    try:
        assert bot.stderr is not None
        for line in bot.stderr:
            if "event=ready user=" in line:
                ready_s = time.monotonic() - began_s
                fields = Path(f"/proc/{bot.pid}/stat").read_text().rpartition(")")[2].split()
                cpu_s = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
                time.sleep(SETTLING_S)
                resident_mb, anonymous_mb = memory_mb(bot.pid)
                return Figures(ready_s=ready_s, cpu_s=cpu_s, resident_mb=resident_mb, anonymous_mb=anonymous_mb)
    finally:
        bot.terminate()
        bot.wait()
    raise SystemExit("the bot ended before it was ready")


async def measure(
    sizes: Sequence[tuple[int, int]], rounds: int, checkouts: Sequence[Path], folder: Path
) -> list[list[str]]:
    """Measure all sizes, the checkouts in turns."""
    rows = []
    for servers, shards in sizes:
        async with LoopbackDiscord(token=TOKEN) as discord:
            discord.gateway.recommended_shards = shards
            discord.remove_guild(discord.guild_id)
            for number in range(servers):
                discord.world.skip_to_shard(number % shards, shards)
                discord.world.add_guild(f"Reading group {number}")
            made = {guild.id: guild_payload(guild) for guild in discord.world.guilds.values()}
            setattr(discord.world, "guild_payload", partial(_made, made))  # noqa: B010 - a method, for mypy
            took: dict[Path, list[Figures]] = {checkout: [] for checkout in checkouts}
            for number in range(rounds + 1):
                for checkout in checkouts:
                    figures = await asyncio.to_thread(start, discord, checkout, folder)
                    if number or not rounds:
                        took[checkout].append(figures)
                    discord.gateway.invalidate_sessions()  # so that what was sent is not kept
        rows += [_row(servers, shards, checkout, took[checkout]) for checkout in checkouts]
        print(rows[-len(checkouts) :], flush=True)
    return rows


def _made(payloads: Mapping[int, Json], guild: Guild) -> Json:
    return payloads[guild.id]


def _row(servers: int, shards: int, checkout: Path, took: Sequence[Figures]) -> list[str]:
    return [
        f"{servers:,} servers on {shards}, {checkout.name}",
        f"{median([one.ready_s for one in took]):.1f}",
        f"{median([one.cpu_s for one in took]):.1f}",
        f"{median([one.anonymous_mb for one in took]):,.0f}",
        f"{median([one.resident_mb for one in took]):,.0f}",
    ]


def _size(text: str) -> tuple[int, int]:
    servers, _, shards = text.partition("/")
    return int(servers), int(shards or 1)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    sizes = [(1, 1), (1_000, 1), (10_000, 1), (10_000, 4)]
    parser.add_argument("sizes", type=_size, nargs="*", default=sizes, metavar="SERVERS/SHARDS")
    parser.add_argument("--rounds", type=int, default=1, help="0: one start, with the writing of bytecode")
    parser.add_argument("--against", type=Path, action="append", default=[], help="another checkout, in turns")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        checkouts = [path.resolve() for path in (*options.against, ROOT)]
        rows = asyncio.run(measure(options.sizes, options.rounds, checkouts, Path(folder)))
    print_table(
        "The bot in many servers",
        ["servers on shards", "s until ready", "s of processor time", "MB anonymous", "MB resident"],
        rows,
    )


if __name__ == "__main__":
    main()
