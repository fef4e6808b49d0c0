"""Whether everybody who sees one channel sees another, so that a public message may name it. Pure.

We know a server's roles and its channels' overwrites, but not its members. So the question is asked of every member
that there could be: with any roles, and with any overwrite for a single member.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product

import discord

Place = discord.abc.GuildChannel | discord.Thread


@dataclass(frozen=True, slots=True)
class _Overwrite:
    """What overwrites do to View Channel; an allowing one counts more than a denying one."""

    allows: bool = False
    denies: bool = False

    def applied(self, is_seen: bool) -> bool:  # noqa: FBT001 - the value that it changes
        return self.allows or (is_seen and not self.denies)


_NONE = _Overwrite()


@dataclass(frozen=True, slots=True)
class _Kind:
    """All that a role says about two channels: may it view channels at all, and its overwrite in each."""

    views: bool
    here: _Overwrite
    there: _Overwrite


@dataclass(frozen=True, slots=True)
class _Overwrites:
    """The overwrites of a channel for View Channel, by the id of a role or member."""

    of_roles: dict[int, _Overwrite]
    of_members: dict[int, _Overwrite]


def everybody_sees(guild: discord.Guild, card_channel: Place | None, talk_channel: Place | None) -> bool:
    """Whether each member who can view one channel can view the other; no, when in doubt.

    The server's owner and members with Administrator view all channels. For the others, the roles decide, then the
    channel's overwrite for @everyone, those for their roles, and the one for themselves.

    Source: Discord's documentation, "Permissions", Permission Overwrites. A thread is viewed by those who view the
        channel that it is in; a private one by fewer.
    """
    if isinstance(talk_channel, discord.Thread) and talk_channel.is_private():
        return False
    here, there = _parent_of(card_channel), _parent_of(talk_channel)
    if here is None or there is None or guild.id not in (here.guild.id, there.guild.id) or here.guild != there.guild:
        return False
    if here.id == there.id or guild.default_role.permissions.administrator:
        return True
    return not any(_Member(guild, here, there).exceptions())


def _parent_of(channel: Place | None) -> discord.abc.GuildChannel | None:
    return channel.parent if isinstance(channel, discord.Thread) else channel


class _Member:
    """Any member of a server who is neither its owner nor an administrator."""

    def __init__(self, guild: discord.Guild, here: discord.abc.GuildChannel, there: discord.abc.GuildChannel) -> None:
        self._here, self._there = (_overwrites_in(channel, guild) for channel in (here, there))
        everyone = guild.default_role
        self._everyone = self._kind_of(everyone)
        self._kinds = {
            self._kind_of(role) for role in guild.roles if role != everyone and not role.permissions.administrator
        }
        self._apart = {guild.owner_id, guild.me.id}

    def _kind_of(self, role: discord.Role) -> _Kind:
        here, there = (overwrites.of_roles.get(role.id, _NONE) for overwrites in (self._here, self._there))
        return _Kind(role.permissions.view_channel, here, there)

    def exceptions(self) -> Iterator[bool]:
        """For each member there could be, whether they see the first channel and not the second.

        Two roles are enough: one more that lets them see the first, and one more that hides the second. Any other
        role can only change the answer to no.
        """
        members = {*self._here.of_members, *self._there.of_members} - self._apart
        own = {(self._here.of_members.get(m, _NONE), self._there.of_members.get(m, _NONE)) for m in members}
        held = [kinds for count in range(3) for kinds in combinations(self._kinds, count)]
        for kinds, (own_here, own_there) in product(held, {*own, (_NONE, _NONE)}):
            views = self._everyone.views or any(kind.views for kind in kinds)
            sees_here = _sees(views, self._everyone.here, [kind.here for kind in kinds], own_here)
            sees_there = _sees(views, self._everyone.there, [kind.there for kind in kinds], own_there)
            yield sees_here and not sees_there


def _sees(views: bool, everyone: _Overwrite, roles: list[_Overwrite], own: _Overwrite) -> bool:  # noqa: FBT001
    of_roles = _Overwrite(any(role.allows for role in roles), any(role.denies for role in roles))
    return own.applied(of_roles.applied(everyone.applied(views)))


def _overwrites_in(channel: discord.abc.GuildChannel, guild: discord.Guild) -> _Overwrites:
    of_roles: dict[int, _Overwrite] = {}
    of_members: dict[int, _Overwrite] = {}
    for target, overwrite in channel.overwrites.items():
        allowed, denied = overwrite.pair()
        kept = of_roles if guild.get_role(target.id) else of_members
        kept[target.id] = _Overwrite(allowed.view_channel, denied.view_channel)
    return _Overwrites(of_roles, of_members)
