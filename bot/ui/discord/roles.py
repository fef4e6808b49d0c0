"""Roles that members give themselves with /notify: which ones, who may open them, and what is said about them.

A role is open to members while three things hold; they are checked again, with fresh data, whenever somebody takes
it. The role gives nothing that @everyone lacks, in the server or by an overwrite of a channel; it was chosen by
somebody who may manage it; and Discord lets us give it. A member who has the role can always give it back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import discord

from bot.cards.announcements import HIDDEN_PLACE
from bot.errors import RequestError
from bot.languages import _, say
from bot.models.announcing import Delivering
from bot.ui.discord.rights import NAMES, names_of

Interaction = discord.Interaction[Any]
Place = Callable[[int], str | None]
SHOWN_PERMISSIONS = 3


def may_manage(member: discord.Member | discord.User, role: discord.Role) -> bool:
    """Whether a member may give and remove a role in Discord itself.

    Source: Discord's documentation, "Permissions", Permission Hierarchy: it binds administrators, too, but not the
    owner.
    """
    if not isinstance(member, discord.Member):
        return False
    is_owner = member.id == role.guild.owner_id
    return is_owner or (member.guild_permissions.manage_roles and member.top_role > role)


def may_open(member: discord.Member | discord.User, role: discord.Role) -> bool:
    """Whether this member's choice opens a role to all: it gives nothing now, and they may manage it."""
    return may_manage(member, role) and what_it_carries(role, role.guild.default_role, role.guild.channels) is None


def describe_role(
    role: discord.Role, *, chosen_by: int | None, asker: discord.Member | discord.User, place: Place
) -> str:
    """What the choice of a role means for members, as a sentence for an admin.

    Args:
        chosen_by: The member who chose it and may manage it; None if somebody who may not manage it chose it.
        asker: The member who reads the sentence.
        place: What a channel is called towards them.
    """
    reason = what_it_carries(role, role.guild.default_role, role.guild.channels, place=place)
    if reason is None and chosen_by is None:
        reason = _("choose it again to let them")
        if not may_manage(asker, role):
            reason = _(
                "you cannot manage this role; it takes somebody with Manage Roles and a role above it to choose it"
            )
    reason = reason or _why_not_ours(role)
    if not reason:
        return _open(role)
    return _("Members cannot give themselves {role}: {why}.").format(role=f"@{role.name}", why=reason)


def describe_ping(interaction: Interaction, delivering: Delivering, place: Place) -> tuple[str, str | None]:
    """Who is pinged, and what that means for members."""
    if not delivering.role_id or not interaction.guild:
        return _("nobody"), None
    role = interaction.guild.get_role(delivering.role_id)
    if role is None:
        return _("nobody: the role was deleted. Choose another one."), None
    return f"@{role.name}", describe_role(role, chosen_by=delivering.role_by, asker=interaction.user, place=place)


def _open(role: discord.Role) -> str:
    return _("Members can give themselves {role} with /notify.").format(role=f"@{role.name}")


def what_it_carries(
    role: discord.Role,
    everyone: discord.Role,
    channels: Sequence[discord.abc.GuildChannel],
    *,
    place: Place = lambda _id: _("a channel"),
) -> str | None:
    """What a role gives beyond being mentioned, as a clause ("it has Administrator"); None if it gives nothing."""
    if role.is_default():
        return _("everyone has it")
    tags = role.tags
    if role.managed or (tags and (tags.is_guild_connection() or tags.is_available_for_purchase())):
        return _("an app, boosts, linked accounts or a shop give it")
    if everyone.permissions.administrator:
        return None
    if (extra := role.permissions & ~everyone.permissions).value:
        return _("it has {permissions}").format(permissions=_listed(extra))
    for channel in channels:
        if opened := _opened_by(role, everyone, channel):
            return _("it has {permissions} in {channel}").format(
                permissions=_listed(opened), channel=place(channel.id) or _(HIDDEN_PLACE)
            )
    return None


def _opened_by(
    role: discord.Role, everyone: discord.Role, channel: discord.abc.GuildChannel
) -> discord.Permissions | None:
    """What a role's overwrite allows in a channel that @everyone lacks there, or that another role's denies.

    Source: Discord's documentation, "Permissions", Overwrites: what a role allows wins over what others deny.
    """
    overwrites = {target.id: overwrite.pair() for target, overwrite in channel.overwrites.items() if _is_role(target)}
    allowed = overwrites[role.id][0] if role.id in overwrites else discord.Permissions.none()
    given, taken = overwrites.get(everyone.id, (discord.Permissions.none(), discord.Permissions.none()))
    usual = (everyone.permissions & ~taken) | given
    others = (denied for target, (_allowed, denied) in overwrites.items() if target not in (role.id, everyone.id))
    for denied in others:
        usual &= ~denied
    extra = allowed & ~usual
    return extra if extra.value else None


def _is_role(target: discord.Role | discord.Member | discord.Object) -> bool:
    return isinstance(target, discord.Role) or getattr(target, "type", None) is discord.Role


def _listed(permissions: discord.Permissions) -> str:
    names = names_of(permissions)
    if permissions.administrator:
        names = [NAMES["administrator"]]
    listed = ", ".join(map(say, names[:SHOWN_PERMISSIONS]))
    if len(names) <= SHOWN_PERMISSIONS:
        return listed
    return _("{names} and {count} more").format(names=listed, count=len(names) - SHOWN_PERMISSIONS)


def _why_not_ours(role: discord.Role) -> str | None:
    """Why Discord would not let us give a role, as a clause."""
    me = role.guild.me
    if not me.guild_permissions.manage_roles:
        return _("I need Manage Roles")
    if role >= me.top_role:
        return _("my own role is below it; move mine up in Server Settings > Roles")
    return None


def _restricts(role: discord.Role) -> bool:
    """Whether a role removes permissions in a channel, like a role for muted members."""
    return any(channel.overwrites_for(role).pair()[1].value for channel in role.guild.channels)


async def toggle_role(interaction: Interaction, role: discord.Role, *, chosen_by: int | None) -> str | None:
    """Give a member a role, or remove it; returns what holds now, or None if members may not take this role.

    Discord is asked up to three times, so the interaction must be deferred before.

    Raises:
        RequestError: Discord refuses.
    """
    member = interaction.user
    if not isinstance(member, discord.Member) or _why_not_ours(role) or role.managed:
        return None
    has = role in member.roles
    if chosen_by is None and (not has or _restricts(role)):
        return None
    try:
        if not has and await _carries_something(role):
            return None
        reason = _("chosen with /notify")
        await (member.remove_roles(role, reason=reason) if has else member.add_roles(role, reason=reason))
    except discord.Forbidden as exc:
        raise RequestError(
            _("I may not give {role}: my own role must be above it.").format(role=f"@{role.name}")
        ) from exc
    except discord.NotFound as exc:
        raise RequestError(
            _("{role} was deleted. Ask an admin to choose another role with /subscribe.").format(role=f"@{role.name}")
        ) from exc
    said = _("You no longer have {role}.") if has else _("You now have {role}, which is pinged.")
    return said.format(role=f"@{role.name}")


async def _carries_something(role: discord.Role) -> bool:
    """Ask Discord directly, because the event about a change may be late, or lost with the connection."""
    roles = {known.id: known for known in await role.guild.fetch_roles()}
    channels = await role.guild.fetch_channels()
    fresh, everyone = roles.get(role.id), roles.get(role.guild.id)
    return not fresh or not everyone or what_it_carries(fresh, everyone, channels) is not None
