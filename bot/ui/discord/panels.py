"""Panels for admins and members: private messages whose menus, buttons and forms set something up.

Nothing is saved before it is known to work: what is missing in a channel is said first. A panel is drawn anew after
each change, so it always shows what is kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord
from discord import app_commands

from bot.announcing import posts
from bot.announcing.calendar import WEEKDAYS, parse_days, parse_hour, parse_zone
from bot.announcing.cards import HIDDEN_PLACE, filter_card, settings_card
from bot.cards import Card, Tone, cut_text, text_block
from bot.desk import Offer
from bot.discovery import Candidate
from bot.errors import DeliveryError, RequestError
from bot.links import redact
from bot.models import Delivering, DigestPlan, Every, OpenedRole, Style, Subscription
from bot.service import Service
from bot.ui.discord import replies
from bot.ui.discord.forms import Act, Field, Form, Panel
from bot.ui.discord.limits import BUTTON_LABEL, CHOICE_TEXT, CHOICES, OPTION_TEXT
from bot.ui.discord.markdown import plain_line
from bot.ui.discord.messages import make_post
from bot.ui.discord.places import place_for, problem_for, sees
from bot.ui.discord.rights import POSTABLE, find_channel, missing_in, problem_with_role
from bot.ui.discord.roles import describe_role, may_open, toggle_role
from bot.ui.discord.views import link_button, link_view

Interaction = discord.Interaction[Any]
DESTINATIONS = list(POSTABLE)
FIRST_HOUR = 9
MOST_BUTTONS = 15


@dataclass(frozen=True, slots=True)
class Target:
    """A channel that was chosen, with what we may do there as the interaction says."""

    id: int
    name: str
    kind: discord.ChannelType
    rights: discord.Permissions | None

    def problem(self, delivering: Delivering) -> str | None:
        return missing_in(self.name, self.kind, self.rights, delivering) if self.rights is not None else None


def target_of(interaction: Interaction, channel_id: int) -> Target:
    """A channel of an interaction; its rights come with it, else from what the gateway told.

    Source: Discord's change log of July 2026, ``app_permissions`` of resolved channels.
    """
    data: dict[str, Any] = dict(interaction.data or {})
    resolved = data.get("resolved", {}).get("channels", {}).get(str(channel_id), {})
    known = find_channel(interaction.client, channel_id)
    rights = known.permissions_for(known.guild.me) if known else None
    if "app_permissions" in resolved:
        rights = discord.Permissions(int(resolved["app_permissions"]))
    elif channel_id == interaction.channel_id:
        rights = interaction.app_permissions
    if "type" in resolved:
        kind = discord.enums.try_enum(discord.ChannelType, resolved["type"])
    else:
        kind = known.type if known else discord.ChannelType.text
    return Target(channel_id, resolved.get("name") or (known.name if known else str(channel_id)), kind, rights)


async def complete_feed(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    """The server's subscriptions whose feed is called so, for an admin."""
    return await _complete(interaction, current, lambda _: True)


async def complete_seen_feed(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
    """The same for a member: those in channels that they can see."""
    return await _complete(interaction, current, lambda one: sees(interaction, one.channel_id))


async def _complete(
    interaction: Interaction, current: str, is_offered: Callable[[Subscription], bool]
) -> list[app_commands.Choice[str]]:
    place = place_for(interaction)
    wanted = current.casefold()
    found = filter(is_offered, await interaction.client.service.desk.of_guild(interaction.guild_id or 0))
    named = [(one, f"{cut_text(one.feed_name, 60)} → {place(one.channel_id) or HIDDEN_PLACE}") for one in found]
    return [
        app_commands.Choice(name=plain_line(name, CHOICE_TEXT), value=str(one.id))
        for one, name in named
        if wanted in name.casefold() or wanted in redact(one.feed_url).casefold()
    ][:CHOICES]


async def find_seen_feed(service: Service, interaction: Interaction, text: str) -> Subscription:
    """The subscription that a member means, among those in channels that they can see or that they are pinged for."""
    guild_id = interaction.guild_id or 0
    followed, _ = await service.desk.followed_by(interaction.user.id, guild_id=guild_id)
    return await service.desk.find(
        text,
        guild_id=guild_id,
        among=lambda one: one.feed_id in followed or sees(interaction, one.channel_id),
    )


def add_places(panel: Panel, chosen: int, act: Act, **options: Any) -> None:
    """Add a menu of the channels where posts can go."""
    menu: discord.ui.ChannelSelect[Panel] = discord.ui.ChannelSelect(
        channel_types=DESTINATIONS,
        placeholder="Announce it in …",
        default_values=[discord.SelectDefaultValue(id=chosen, type=discord.SelectDefaultValueType.channel)],
        custom_id=panel.name("channel"),
        **options,
    )
    panel.menu(menu, act)


# ── /feed add ───────────────────────────────────────────────────────────────────────────────────


class OfferPanel(Panel):
    """A feed was found: its newest post as it will look, and where it would be announced. Nothing is saved yet."""

    def __init__(self, service: Service, offer: Offer, target: Target, *, with_archive: bool = False) -> None:
        super().__init__(service)
        self._offer = offer
        self._with_archive = with_archive
        self._target = target
        self._problem = target.problem(Delivering())
        if offer.others:
            others = [
                discord.SelectOption(
                    label=plain_line(other.name, OPTION_TEXT),
                    description=plain_line(redact(other.url), OPTION_TEXT),
                    value=str(number),
                )
                for number, other in enumerate(offer.others[:25])
            ]
            menu: discord.ui.Select[Panel] = discord.ui.Select(
                options=others, placeholder="Another feed of this site …", custom_id=self.name("other"), row=0
            )
            self.menu(menu, self._choose_other)
        add_places(self, target.id, self._choose_channel, row=1)
        self.button(
            "Follow", self._follow, "follow", style=discord.ButtonStyle.success, row=2, disabled=bool(self._problem)
        )
        self.button("Cancel", self._cancel, "cancel", row=2)
        if offer.newest and (link := link_button(offer.newest.review.link, row=3)):
            self.add_item(link)

    async def show_offer(self, interaction: Interaction) -> None:
        offer, where = self._offer, f"#{self._target.name}"
        said = [redact(offer.url), _what_is_announced(offer.total, where)]
        if self._problem:
            said.append(f"{self._problem}.")
        elif offer.newest:
            said.append(f"The newest post would look like this in {where}:")
        card = Card(
            tone=Tone.ERROR if self._problem else Tone.FOUND,
            title=f"Found: {cut_text(offer.name, 150)}",
            parts=tuple((text_block(line),) for line in said),
            is_private=True,
        )
        extra = [make_post(posts.post_of(offer.newest, Delivering()).card or card)] if offer.newest else []
        await self.show(interaction, card, extra=extra)

    async def _choose_other(self, interaction: Interaction) -> None:
        chosen = self._offer.others[int(_values(interaction)[0])]
        await replies.hold(interaction)
        offer = await self.service.desk.look_at(chosen.url, guild_id=interaction.guild_id or 0)
        others = [Candidate(url=self._offer.url, title=self._offer.title), *self._offer.others]
        offer = replace(offer, others=tuple(one for one in others if one.url != offer.url))
        await self._show_other(interaction, offer, self._target)

    async def _choose_channel(self, interaction: Interaction) -> None:
        target = target_of(interaction, int(_values(interaction)[0]))
        await self._show_other(interaction, self._offer, target)

    async def _show_other(self, interaction: Interaction, offer: Offer, target: Target) -> None:
        panel = OfferPanel(self.service, offer, target, with_archive=self._with_archive)
        await panel.show_offer(interaction)

    async def _follow(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        made = await self.service.desk.follow(
            self._offer.url,
            guild_id=interaction.guild_id or 0,
            channel_id=self._target.id,
            owner_id=interaction.user.id,
        )
        said = "Followed. New posts are announced from now on."
        if self._with_archive:
            said += f" {await self._begin_archive()}"
        await SettingsPanel(self.service, made, interaction).show_settings(interaction, saved=said)

    async def _begin_archive(self) -> str:
        """What is said of the feed's older posts."""
        try:
            counts = await self.service.archivist.begin(self._offer.url)
        except RequestError as exc:
            return f"Its older posts could not be found: {exc}"
        if not counts.pending:
            return "No older posts were found."
        pages = "page is" if counts.pending == 1 else "pages are"
        return f"{counts.pending:,} older {pages} being read, one every few seconds. They will not be announced."

    async def _cancel(self, interaction: Interaction) -> None:
        await replies.show(interaction, text="Nothing was changed.", embeds=[], view=None)
        self.end()


def _what_is_announced(total: int, where: str) -> str:
    """What becomes of a feed's posts, so many of which it has now."""
    new = f"New posts will be announced in {where}."
    if not total:
        return f"This feed has no posts yet. {new}"
    if total == 1:
        return f"The post that is in the feed already will not be announced. {new}"
    return f"The {total:,} posts that are in the feed already will not be announced. {new}"


# ── /subscribe ──────────────────────────────────────────────────────────────────────────────────


class SettingsPanel(Panel):
    """How a subscription is announced. A change is kept at once, if it works."""

    def __init__(self, service: Service, subscription: Subscription, interaction: Interaction) -> None:
        super().__init__(service)
        self._subscription = subscription
        add_places(self, subscription.channel_id, self._choose_channel, row=0, disabled=subscription.is_host)
        self._add_role(interaction.guild, subscription.delivering)
        # What stands in a channel that the admin cannot see, such as a forum's tags, is not shown to them.
        is_seen = sees(interaction, subscription.channel_id)
        channel = find_channel(interaction.client, subscription.channel_id) if is_seen else None
        self._add_looks(subscription.delivering, channel)
        self._add_times(subscription.delivering.digest)
        self.button("Filter …", self._ask_filter, "filter", row=4)
        self.button("Digest time …", self._ask_time, "time", row=4, disabled=not subscription.delivering.digest)
        self.button("Preview", self._preview, "preview", row=4)
        self.button("Send a test", self._test, "test", row=4)
        self.button("Done", self._close, "done", style=discord.ButtonStyle.success, row=4)

    def _add_role(self, guild: discord.Guild | None, delivering: Delivering) -> None:
        chosen = guild.get_role(delivering.role_id) if guild and delivering.role_id else None
        role = [discord.Object(chosen.id, type=discord.Role)] if chosen else []
        menu: discord.ui.RoleSelect[Panel] = discord.ui.RoleSelect(
            placeholder="Ping nobody, or this role …",
            min_values=0,
            default_values=role,
            custom_id=self.name("role"),
            row=1,
        )
        self.menu(menu, self._choose_role)

    def _add_looks(self, delivering: Delivering, channel: discord.abc.GuildChannel | discord.Thread | None) -> None:
        options = [_option("Compact", "compact", "no excerpt, no figure", is_on=delivering.style is Style.COMPACT)]
        if isinstance(channel, discord.ForumChannel):
            tags = channel.available_tags[:20]
            options += [
                _option(f"Tag: {tag.name}", f"tag:{tag.id}", "", is_on=tag.id in delivering.tag_ids) for tag in tags
            ]
        else:
            options += [
                _option("A thread under each post", "thread", "for the discussion", is_on=delivering.opens_thread),
                _option("Publish", "publish", "in an announcement channel", is_on=delivering.publishes),
            ]
        menu: discord.ui.Select[Panel] = discord.ui.Select(
            options=options,
            placeholder="Look, discussion …",
            min_values=0,
            max_values=min(len(options), 6),
            custom_id=self.name("looks"),
            row=2,
        )
        self.menu(menu, self._choose_looks)

    def _add_times(self, plan: DigestPlan | None) -> None:
        every = plan.every if plan else None
        options = [
            _option("Each post at once", "once", "", is_on=every is None),
            _option("A digest every day", Every.DAY.value, "one message for all of it", is_on=every is Every.DAY),
            _option("A digest every week", Every.WEEK.value, "one message for all of it", is_on=every is Every.WEEK),
        ]
        menu: discord.ui.Select[Panel] = discord.ui.Select(options=options, custom_id=self.name("when"), row=3)
        self.menu(menu, self._choose_time)

    async def show_settings(
        self, interaction: Interaction, *, saved: str | None = None, problem: str | None = None
    ) -> None:
        place = place_for(interaction)
        one = self._subscription
        role, about_role = ping_of(interaction, one.delivering, place)
        now = await self.service.desk.get(one.id, guild_id=interaction.guild_id or 0)
        card = settings_card(
            replace(one, state=now.state, reason=now.reason),
            place,
            role=role,
            about_role=about_role,
            stopped=problem_for(interaction, one.channel_id, one.delivering),
            problem=problem,
            saved=saved,
        )
        await self.show(interaction, card)

    async def _save(self, interaction: Interaction, delivering: Delivering, target: Target | None = None) -> None:
        """Keep a change, or say in the panel why it would not work."""
        await replies.hold(interaction)
        problem, changed = None, self._subscription
        try:
            changed = await self._change(interaction, delivering, target)
        except RequestError as exc:
            problem = str(exc)
        panel = SettingsPanel(self.service, changed, interaction)
        await panel.show_settings(interaction, problem=problem, saved="Saved.")

    async def _change(
        self, interaction: Interaction, delivering: Delivering, target: Target | None = None
    ) -> Subscription:
        """Keep a change. A role that was deleted is pinged no more.

        Raises:
            RequestError: It would not work.
        """
        is_kept = delivering.role_id is not None and delivering.role_id == self._subscription.delivering.role_id
        if is_kept and interaction.guild and interaction.guild.get_role(delivering.role_id or 0) is None:
            delivering = replace(delivering, role_id=None, opened=None)
        if problem := self._problem(interaction, delivering, target):
            raise RequestError(problem)
        channel_id = target.id if target else None
        return await self.service.desk.change(self._subscription, delivering, channel_id=channel_id)

    def _problem(self, interaction: Interaction, delivering: Delivering, target: Target | None) -> str | None:
        channel_id = target.id if target else self._subscription.channel_id
        problem = target.problem(delivering) if target else None
        problem = problem or problem_for(interaction, channel_id, delivering)
        channel = find_channel(interaction.client, channel_id)
        if problem or channel is None:
            return problem
        return problem_with_role(channel.guild, delivering.role_id, channel.permissions_for(channel.guild.me))

    async def _choose_channel(self, interaction: Interaction) -> None:
        target = target_of(interaction, int(_values(interaction)[0]))
        delivering = self._subscription.delivering
        if target.kind is not discord.ChannelType.text and target.kind is not discord.ChannelType.news:
            delivering = replace(delivering, opens_thread=False)
        if target.kind is not discord.ChannelType.news:
            delivering = replace(delivering, publishes=False)
        await self._save(interaction, replace(delivering, tag_ids=()), target)

    async def _choose_role(self, interaction: Interaction) -> None:
        chosen = _values(interaction)
        role_id = int(chosen[0]) if chosen else None
        role = interaction.guild.get_role(role_id) if interaction.guild and role_id else None
        opened = None
        if role and may_open(interaction.user, role):
            opened = OpenedRole(role_id=role.id, user_id=interaction.user.id)
        await self._save(interaction, replace(self._subscription.delivering, role_id=role_id, opened=opened))

    async def _choose_looks(self, interaction: Interaction) -> None:
        chosen = set(_values(interaction))
        channel = find_channel(interaction.client, self._subscription.channel_id)
        if "publish" in chosen and channel and channel.type is not discord.ChannelType.news:
            name = place_for(interaction)(channel.id) or HIDDEN_PLACE
            problem = f"{name} is not an announcement channel, so posts cannot be published from it"
            await SettingsPanel(self.service, self._subscription, interaction).show_settings(
                interaction, problem=problem
            )
            return
        delivering = replace(
            self._subscription.delivering,
            style=Style.COMPACT if "compact" in chosen else Style.CARD,
            opens_thread="thread" in chosen,
            publishes="publish" in chosen,
            tag_ids=self._tags_of(interaction, chosen),
        )
        await self._save(interaction, delivering)

    def _tags_of(self, interaction: Interaction, chosen: Collection[str]) -> tuple[int, ...]:
        """The tags that were chosen; those kept where the menu offered none."""
        if not sees(interaction, self._subscription.channel_id):
            return self._subscription.delivering.tag_ids
        return tuple(int(value[4:]) for value in sorted(chosen) if value.startswith("tag:"))[:5]

    async def _choose_time(self, interaction: Interaction) -> None:
        chosen = _values(interaction)[0]
        before = self._subscription.delivering.digest
        plan = None
        if chosen != "once":
            plan = replace(before or _first_plan(interaction), every=Every(chosen))
        await self._save(interaction, replace(self._subscription.delivering, digest=plan))

    async def _ask_time(self, interaction: Interaction) -> None:
        plan = self._subscription.delivering.digest or _first_plan(interaction)

        async def keep(submitted: Interaction, typed: Mapping[str, str]) -> None:
            await replies.hold(submitted)
            made = replace(
                plan,
                hour=parse_hour(typed["hour"]),
                weekday=int(typed["weekday"]),
                zone=parse_zone(typed["zone"]),
            )
            changed = await self._change(submitted, replace(self._subscription.delivering, digest=made))
            await SettingsPanel(self.service, changed, submitted).show_settings(submitted, saved="Saved.")

        fields = (
            Field(name="hour", label="Hour", value=f"{plan.hour}:00", placeholder="9:00, 9 pm, 오후 9시", longest=20),
            Field(
                name="weekday",
                label="Day of a weekly digest",
                value=str(plan.weekday),
                choices=WEEKDAYS,
            ),
            Field(
                name="zone",
                label="Time zone",
                about="A city, an abbreviation or an offset",
                value=plan.zone,
                placeholder="Asia/Seoul, KST, UTC+9",
                longest=60,
            ),
        )
        form = Form(self.service, "When is the digest sent?", fields, done=keep, back=self._show_again)
        await form.open(interaction)

    async def _show_again(self, interaction: Interaction) -> None:
        """These settings as they are kept."""
        await replies.hold(interaction)
        one = await self.service.desk.get(self._subscription.id, guild_id=interaction.guild_id or 0)
        await SettingsPanel(self.service, one, interaction).show_settings(interaction)

    async def _ask_filter(self, interaction: Interaction) -> None:
        await FilterPanel(self.service, self._subscription, self._subscription.delivering).ask(interaction)

    async def _preview(self, interaction: Interaction) -> None:
        await replies.think(interaction)
        card = (await self.service.desk.sample(self._subscription)).card
        assert card is not None  # noqa: S101 - a post has one
        embed, view = make_post(card), link_view(card)
        await replies.send(interaction, embeds=[embed], view=view)

    async def _test(self, interaction: Interaction) -> None:
        await replies.think(interaction)
        await replies.say(interaction, await send_test(interaction, self.service, self._subscription))

    async def _close(self, interaction: Interaction) -> None:
        await replies.settle(interaction)
        self.end()


def ping_of(
    interaction: Interaction, delivering: Delivering, place: Callable[[int], str | None]
) -> tuple[str, str | None]:
    """Who is pinged, and what that means for members."""
    if not delivering.role_id or not interaction.guild:
        return "nobody", None
    role = interaction.guild.get_role(delivering.role_id)
    if role is None:
        return "nobody: the role was deleted. Choose another one.", None
    return f"@{role.name}", describe_role(role, chosen_by=delivering.role_by, asker=interaction.user, place=place)


async def send_test(interaction: Interaction, service: Service, subscription: Subscription) -> str:
    """Send the newest post to its channel, mentioning nobody; says what came of it."""
    message = posts.as_test(await service.desk.sample(subscription))
    if problem := problem_for(interaction, subscription.channel_id, subscription.delivering):
        raise RequestError(f"{problem}.")
    try:
        sent = await interaction.client.poster.post(subscription.channel_id, message, nonce=secrets.token_hex(12))
    except DeliveryError as exc:
        raise RequestError(f"The test could not be sent: {exc.reason}.") from exc
    if not sees(interaction, subscription.channel_id):
        return f"A test was sent to {HIDDEN_PLACE}."
    return f"A test was sent: {message_url(interaction.guild_id or 0, sent.channel_id, sent.message_id)}"


def message_url(guild_id: int, channel_id: int, message_id: int) -> str:
    """The address of a message."""
    return f"https://discord.com/channels/{guild_id}/{channel_id}/{message_id}"


class FilterPanel(Panel):
    """What a filter would let through; kept when that is right."""

    def __init__(self, service: Service, subscription: Subscription, delivering: Delivering) -> None:
        super().__init__(service)
        self._subscription = subscription
        self._delivering = delivering
        self.button("Keep it", self._keep, "keep", style=discord.ButtonStyle.success)
        self.button("Change …", self.ask, "change")
        self.button("Back", self._back, "back")

    async def show_verdicts(self, interaction: Interaction) -> None:
        await replies.hold(interaction)  # twenty long posts may take a while
        text = self._delivering.filter_text
        judged = await self.service.desk.try_filter(self._subscription, text)
        await self.show(interaction, filter_card(text, judged))

    async def _keep(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        changed = await self.service.desk.change(self._subscription, self._delivering)
        await SettingsPanel(self.service, changed, interaction).show_settings(interaction, saved="Saved.")

    async def ask(self, interaction: Interaction) -> None:
        """Ask for a filter, and show what it would let through."""

        async def look(submitted: Interaction, typed: Mapping[str, str]) -> None:
            delivering = replace(
                self._delivering, filter_text=typed["filter"].strip(), max_age_days=parse_days(typed["days"])
            )
            await FilterPanel(self.service, self._subscription, delivering).show_verdicts(submitted)

        about = "Fields: title, category, venue, year, author, text. AND, OR, NOT, -word, /regex/"
        example = 'hallucination OR title:"instruction tuning" -author:kim year:2023..2025 title:/rag|retriev/'
        days = self._delivering.max_age_days
        fields = (
            Field(
                name="filter",
                label="Filter",
                about=about,
                value=self._delivering.filter_text,
                placeholder=example,
                is_required=False,
                has_lines=True,
                longest=1_000,
            ),
            Field(
                name="days",
                label="Leave out posts older than … days",
                value=str(days) if days else "",
                placeholder="no limit",
                is_required=False,
                longest=20,
            ),
        )
        await Form(self.service, "Which posts are announced?", fields, done=look, back=self._back).open(interaction)

    async def _back(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        one = await self.service.desk.get(self._subscription.id, guild_id=interaction.guild_id or 0)
        await SettingsPanel(self.service, one, interaction).show_settings(interaction)


# ── /notify ─────────────────────────────────────────────────────────────────────────────────────


class NotifyPanel(Panel):
    """What a member is pinged for: feeds by a button each, terms by a form."""

    def __init__(self, service: Service, feeds: Sequence[tuple[Subscription, bool]], terms: Sequence[str]) -> None:
        super().__init__(service)
        for number, (one, is_on) in enumerate(feeds[:MOST_BUTTONS]):
            label = cut_text(f"{'🔔' if is_on else '🔕'} {one.feed_name}", BUTTON_LABEL)
            style = discord.ButtonStyle.success if is_on else discord.ButtonStyle.secondary
            self.button(label, self._toggle(one), f"feed{number}", style=style, row=number // 5)
        if terms:
            menu: discord.ui.Select[Panel] = discord.ui.Select(
                options=[
                    discord.SelectOption(label=plain_line(term, OPTION_TEXT), value=term) for term in terms[:25]
                ],
                placeholder="Stop pinging me for …",
                custom_id=self.name("stop"),
                row=3,
            )
            self.menu(menu, self._stop_term)
        self.button("A term …", self._ask_term, "term", row=4)

    @classmethod
    async def open(cls, service: Service, interaction: Interaction, *, said: str | None = None) -> None:
        """Show what holds for the member now."""
        guild_id = interaction.guild_id or 0
        of_feeds, terms = await service.desk.followed_by(interaction.user.id, guild_id=guild_id)
        roles = {role.id for role in getattr(interaction.user, "roles", ())}
        feeds: dict[int, tuple[Subscription, bool]] = {}
        for one in await service.desk.of_guild(guild_id):
            is_on = one.feed_id in of_feeds or one.delivering.role_id in roles
            if not is_on and not sees(interaction, one.channel_id):
                continue  # nothing that the member could read
            # A feed of several channels is one button; one with a role to give before one without.
            if one.feed_id not in feeds or one.delivering.role_by:
                feeds[one.feed_id] = (one, is_on or feeds.get(one.feed_id, (one, False))[1])
        panel = cls(service, list(feeds.values()), terms)
        await panel.show(interaction, _notify_card(list(feeds.values()), terms, said))

    def _toggle(self, one: Subscription) -> Callable[[Interaction], Awaitable[None]]:
        async def press(interaction: Interaction) -> None:
            await replies.hold(interaction)
            said = await toggle_feed(self.service, interaction, one)
            await NotifyPanel.open(self.service, interaction, said=said)

        return press

    async def _stop_term(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        term = _values(interaction)[0]
        await self.service.desk.follow_term(term, guild_id=interaction.guild_id or 0, user_id=interaction.user.id)
        await NotifyPanel.open(self.service, interaction, said=f"You are not pinged for “{term}” any more.")

    async def _ask_term(self, interaction: Interaction) -> None:
        async def keep(submitted: Interaction, typed: Mapping[str, str]) -> None:
            await replies.hold(submitted)
            said = await toggle_term(self.service, submitted, typed["term"])
            await NotifyPanel.open(self.service, submitted, said=said)

        async def back(pressed: Interaction) -> None:
            await NotifyPanel.open(self.service, pressed)

        about = "In Korean or English; posts about it in the other language count, too."
        term = Field(name="term", label="Term", about=about, placeholder="hallucination", shortest=2, longest=60)
        await Form(self.service, "Ping me for posts on …", [term], done=keep, back=back).open(interaction)


async def toggle_term(service: Service, interaction: Interaction, term: str) -> str:
    """Ping a member for a term, or stop it; says what holds now."""
    is_on = await service.desk.follow_term(term, guild_id=interaction.guild_id or 0, user_id=interaction.user.id)
    return f"You are pinged when a post is on “{term}”." if is_on else f"You are not pinged for “{term}” any more."


async def toggle_feed(service: Service, interaction: Interaction, one: Subscription) -> str:
    """Ping a member for a feed, or stop it: by its role where there is one that we may give, else by name."""
    one = await service.desk.get(one.id, guild_id=interaction.guild_id or 0)  # a panel may have stood for minutes
    role = interaction.guild.get_role(one.delivering.role_id or 0) if interaction.guild else None
    said = await toggle_role(interaction, role, chosen_by=one.delivering.role_by) if role else None
    if said is not None:
        return said
    is_on = await service.desk.follow_feed(one, interaction.user.id)
    return f"You are pinged for {one.feed_name}." if is_on else f"You are not pinged for {one.feed_name} any more."


def _notify_card(feeds: Sequence[tuple[Subscription, bool]], terms: Sequence[str], said: str | None) -> Card:
    on = [one.feed_name for one, is_on in feeds if is_on]
    lines = [said] if said else []
    lines.append(f"Feeds: {', '.join(on)}" if on else "No feed yet: press one to be pinged when it posts.")
    lines.append(
        f"Terms: {', '.join(terms)}" if terms else "No term yet: press “A term …” to be pinged for posts on it."
    )
    return Card(
        tone=Tone.FOUND,
        title="What you are pinged for",
        parts=tuple((text_block(line),) for line in lines),
        is_private=True,
    )


def _option(label: str, value: str, description: str, *, is_on: bool) -> discord.SelectOption:
    return discord.SelectOption(
        label=plain_line(label, OPTION_TEXT), value=value, description=description or None, default=is_on
    )


def _first_plan(interaction: Interaction) -> DigestPlan:
    is_korean = discord.Locale.korean in (interaction.guild_locale, interaction.locale)
    return DigestPlan(every=Every.DAY, hour=FIRST_HOUR, zone="Asia/Seoul" if is_korean else "UTC")


def _values(interaction: Interaction) -> list[str]:
    """What was chosen from a menu: values of options, or ids."""
    data: dict[str, Any] = dict(interaction.data or {})
    return [str(value) for value in data.get("values", ())]
