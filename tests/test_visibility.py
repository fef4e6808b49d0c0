"""Whether everybody who sees one channel sees another: against all members that there could be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any

import discord
from hypothesis import example, given
from hypothesis import strategies as st

from bot.ui.discord.visibility import everybody_sees
from tests.loopback.discord_world import APPLICATION_ID, Permission, World, member_payload

OWNER_ID, MEMBER_ID, OTHER_ID = 900_000_000_000_000_002, 70, 71
VIEW, ADMINISTRATOR = int(Permission.VIEW), int(Permission.ADMINISTRATOR)
ROLES = (11, 12, 13)


@dataclass(frozen=True)
class Setting:
    """Permissions by role, @everyone first; overwrites by role or member, for two channels."""

    permissions: tuple[int, ...]
    here: dict[int, tuple[int, int]]
    there: dict[int, tuple[int, int]]


EVERYONE = 1
overwrite = st.sampled_from([(0, 0), (VIEW, 0), (0, VIEW)])
overwrites = st.dictionaries(st.sampled_from([EVERYONE, *ROLES, MEMBER_ID, OTHER_ID, OWNER_ID]), overwrite)
permissions = st.sampled_from([0, VIEW, VIEW, VIEW | ADMINISTRATOR, ADMINISTRATOR])
settings = st.builds(
    Setting, st.tuples(st.sampled_from([0, VIEW]), permissions, permissions, permissions), overwrites, overwrites
)


def make_guild(setting: Setting) -> discord.Guild:
    """The library's own objects, as the gateway would make them."""
    world = World()
    guild = world.add_guild("Reading group")
    payload: Any = world.guild_payload(guild) | {"id": str(EVERYONE), "owner_id": str(OWNER_ID)}
    plain = {"color": 0, "hoist": False, "managed": False, "mentionable": False, "flags": 0}
    colours = {"colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None}}
    payload["roles"] = [
        {"id": str(role), "name": "r", "permissions": str(bits), "position": at, **plain, **colours}
        for at, (role, bits) in enumerate(zip((EVERYONE, *ROLES), setting.permissions, strict=True))
    ]
    payload["channels"] = [_channel(101, setting.here), _channel(102, setting.there)]
    payload["members"] = [member_payload(APPLICATION_ID)]
    client = discord.Client(intents=discord.Intents(guilds=True))
    client._connection.user = discord.ClientUser(state=client._connection, data=_me())
    return discord.Guild(data=payload, state=client._connection)


def _me() -> Any:
    return {"id": str(APPLICATION_ID), "username": "nonmun", "discriminator": "0", "avatar": None, "bot": True}


def _channel(channel_id: int, overwrites: dict[int, tuple[int, int]]) -> dict[str, Any]:
    entries = [
        {
            "id": str(key),
            "type": 1 if key in (MEMBER_ID, OTHER_ID, OWNER_ID) else 0,
            "allow": str(allow),
            "deny": str(deny),
        }
        for key, (allow, deny) in overwrites.items()
    ]
    return {
        "id": str(channel_id),
        "type": 0,
        "name": "c",
        "position": 0,
        "parent_id": None,
        "nsfw": False,
        "permission_overwrites": entries,
    }


def members(guild: discord.Guild) -> Iterator[discord.Member]:
    """Members with every set of roles, for whom there are overwrites, and one for whom there are none."""
    held = chain.from_iterable(combinations(ROLES, count) for count in range(len(ROLES) + 1))
    for roles in list(held):
        for user_id in (MEMBER_ID, OTHER_ID, OWNER_ID, 79):
            data: Any = member_payload(user_id) | {"roles": [str(role) for role in roles]}
            yield discord.Member(data=data, guild=guild, state=guild._state)


@given(settings)
@example(Setting((VIEW, 0, 0, 0), {}, {EVERYONE: (0, VIEW), 11: (VIEW, 0)}))
@example(Setting((VIEW, 0, 0, 0), {EVERYONE: (0, VIEW), 11: (VIEW, 0)}, {12: (0, VIEW)}))
@example(Setting((VIEW, 0, 0, 0), {EVERYONE: (0, VIEW), MEMBER_ID: (VIEW, 0)}, {11: (0, VIEW)}))
def test_it_agrees_with_every_member_there_could_be(setting: Setting) -> None:
    guild = make_guild(setting)
    here, there = guild.get_channel(101), guild.get_channel(102)
    assert here is not None
    assert there is not None
    seen = [(here.permissions_for(m).view_channel, there.permissions_for(m).view_channel) for m in members(guild)]
    assert everybody_sees(guild, here, there) == all(there for here, there in seen if here)


def test_many_roles_take_no_time_to_speak_of() -> None:
    """Roles that say the same about both channels count once: 250 of them are at most 32 kinds."""
    setting = Setting((VIEW, VIEW, 0, 0), {}, {})
    guild = make_guild(setting)
    for number in range(1000, 1250):
        guild._add_role(_copy(guild, number))
    assert everybody_sees(guild, guild.get_channel(101), guild.get_channel(102))


def _copy(guild: discord.Guild, role_id: int) -> discord.Role:
    data: Any = {
        "id": str(role_id),
        "name": "r",
        "permissions": "0",
        "position": 5,
        "color": 0,
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "flags": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
    }
    return discord.Role(guild=guild, state=guild._state, data=data)


def test_in_doubt_the_answer_is_no() -> None:
    guild, other = make_guild(Setting((VIEW, 0, 0, 0), {}, {})), make_guild(Setting((VIEW, 0, 0, 0), {}, {}))
    here = guild.get_channel(101)
    assert not everybody_sees(guild, here, None)
    assert not everybody_sees(guild, None, here)
    thread_data: Any = {
        "id": "201",
        "parent_id": "101",
        "owner_id": "5",
        "name": "t",
        "type": 12,
        "member_count": 1,
        "message_count": 0,
        "thread_metadata": {
            "archived": False,
            "auto_archive_duration": 60,
            "archive_timestamp": "2026-01-01T00:00:00",
        },
    }
    private = discord.Thread(guild=guild, state=guild._state, data=thread_data)
    public = discord.Thread(guild=guild, state=guild._state, data=thread_data | {"type": 11})
    orphan = discord.Thread(guild=guild, state=guild._state, data=thread_data | {"type": 11, "parent_id": "9"})
    assert everybody_sees(guild, here, public)
    assert not everybody_sees(guild, here, private)
    assert not everybody_sees(guild, here, orphan)
    assert other is not guild
