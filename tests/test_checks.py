"""What the doctor says of token, channel and permissions, asked of the loopback Discord."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.config import Settings
from bot.models.checks import Check, CheckState
from bot.ui.discord.checks import check_discord
from tests.loopback.discord import LoopbackDiscord, Permission
from tests.loopback.running import TOKEN

Ask = Callable[..., Any]


@pytest.fixture
def ask(discord: LoopbackDiscord, settings: Callable[..., Settings]) -> Ask:
    async def asked(**overrides: object) -> dict[str, Check]:
        values: dict[str, object] = {
            "DISCORD_TOKEN": TOKEN,
            "DISCORD_API_URL": discord.api_url,
            "DISCORD_GATEWAY_URL": discord.gateway_url,
            "NONMUN_CHANNEL_ID": discord.channel_id,
        }
        return {check.name: check for check in await check_discord(settings(**(values | overrides)))}

    return asked


async def test_all_is_well(ask: Ask, discord: LoopbackDiscord) -> None:
    """Token, channel and permissions are good; nothing is posted and no gateway session opened."""
    checks = await ask()
    assert {name: check.state for name, check in checks.items()} == {
        "token": CheckState.OK,
        "gateway": CheckState.OK,
        "channel": CheckState.OK,
        "permissions": CheckState.OK,
    }
    assert "permissions=309506165760" in str(checks["token"].advice)
    assert discord.identifies == []
    assert {request.method for request in discord.requests} == {"GET"}


@pytest.mark.parametrize(
    ("starts", "recommended", "wanted", "state", "said", "advised"),
    [
        (900, 2, 0, CheckState.OK, "2 shards; 900 of 1,000 session starts are left", ""),
        (900, 2, 4, CheckState.OK, "4 shards", ""),
        (99, 1, 0, CheckState.WARNING, "1 shard; 99 of 1,000", "reset in 2 h"),
        (900, 4, 2, CheckState.WARNING, "2 shards", "Discord recommends 4"),
    ],
)
async def test_shards_and_session_starts_are_told(
    ask: Ask, discord: LoopbackDiscord, starts: int, recommended: int, wanted: int, state: CheckState, said: str,
    advised: str,
) -> None:  # fmt: skip
    discord.gateway.recommended_shards = recommended
    discord.gateway.session_starts |= {"total": 1000, "remaining": starts, "reset_after": 7_200_000}
    check = (await ask(NONMUN_SHARDS=wanted))["gateway"]
    assert (check.state, said in check.said, advised in (check.advice or "")) == (state, True, True)


async def test_unknown_token_is_said_without_showing_it(ask: Ask) -> None:
    checks = await ask(DISCORD_TOKEN="wrong-token")
    assert checks["token"].state is CheckState.FAILED
    assert "wrong-token" not in str(checks)


async def test_no_token_is_a_warning_and_no_channel_is_said_elsewhere(ask: Ask) -> None:
    """The doctor says that there is no channel in the settings, with a token or without one: once."""
    assert (await ask(DISCORD_TOKEN=None))["token"].state is CheckState.WARNING
    assert "channel" not in await ask(NONMUN_CHANNEL_ID=None)


async def test_missing_permissions_are_named(ask: Ask, discord: LoopbackDiscord) -> None:
    discord.set_permissions(
        discord.channel_id, Permission.DEFAULT & ~(Permission.EMBED_LINKS | Permission.READ_HISTORY)
    )
    check = (await ask())["permissions"]
    assert check.state is CheckState.FAILED
    assert check.said == "missing: Embed Links, Read Message History"
    assert "#papers" in str(check.advice)


async def test_channel_that_is_not_there_or_not_seen(ask: Ask, discord: LoopbackDiscord) -> None:
    assert "no channel" in (await ask(NONMUN_CHANNEL_ID=4711))["channel"].said
    discord.set_permissions(discord.channel_id, 0)
    assert "cannot see" in (await ask())["channel"].said


@pytest.mark.parametrize("kind", [5, 15])
async def test_channels_that_posts_can_go_to(ask: Ask, discord: LoopbackDiscord, kind: int) -> None:
    """An announcement channel and a forum as well as a text channel."""
    channel = discord.add_channel(discord.guild_id, "other", type=kind)
    checks = await ask(NONMUN_CHANNEL_ID=channel)
    assert (checks["channel"].state, checks["permissions"].state) == (CheckState.OK, CheckState.OK)


async def test_channel_of_the_wrong_kind(ask: Ask, discord: LoopbackDiscord) -> None:
    category = discord.add_channel(discord.guild_id, "category", type=4)
    assert "CategoryChannel" in (await ask(NONMUN_CHANNEL_ID=category))["channel"].said


async def test_discord_out_of_reach_is_said(ask: Ask, discord: LoopbackDiscord) -> None:
    discord.fail_next("GET", r"/users/@me", status=503)
    checks = await ask()
    assert checks["Discord"].state is CheckState.FAILED
