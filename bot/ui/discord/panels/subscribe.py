"""The panels of `/subscribe`: how a feed is announced, its filter, a test."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import replace

import discord

from bot.announcing.calendar import WEEKDAYS, parse_days, parse_hour
from bot.announcing.zones import parse_zone
from bot.cards.announcements import HIDDEN_PLACE, filter_card, settings_card
from bot.cards.card import Card, Tone, text_block
from bot.cards.servers import language_name
from bot.delivering import posts
from bot.errors import DeliveryError, RequestError
from bot.languages import _, languages, say, speaking
from bot.models.announcing import Delivering, DigestPlan, Every, OpenedRole, Style, Subscription
from bot.models.servers import Server
from bot.service import Service
from bot.text.cut import cut_text
from bot.ui.discord import replies
from bot.ui.discord.forms import Field, Form, Panel
from bot.ui.discord.layout import make_classic_view
from bot.ui.discord.messages import make_post
from bot.ui.discord.panels.base import Interaction, Target, add_places, kept_choice, option, target_of, values
from bot.ui.discord.places import message_url, place_for, problem_for, sees
from bot.ui.discord.rights import find_channel, problem_with_role
from bot.ui.discord.roles import describe_ping, may_open

FIRST_HOUR = 9
OF_SERVER = "server"
"""The choice of the server's language."""


class SettingsPanel(Panel):
    """How a subscription is announced. A change is saved at once if it works."""

    kind = "sub"

    def __init__(self, service: Service, subscription: Subscription, interaction: Interaction) -> None:
        super().__init__(service, subscription.id)
        self._subscription = subscription
        add_places(self, subscription.channel_id, self._choose_channel, row=0, disabled=subscription.is_host)
        self._add_role(interaction.guild, subscription.delivering)
        # Details of a channel that the admin cannot see, such as a forum's tags, are not shown to them.
        is_seen = sees(interaction, subscription.channel_id)
        channel = find_channel(interaction.client, subscription.channel_id) if is_seen else None
        self._add_looks(subscription.delivering, channel)
        self._add_times(subscription.delivering.digest)
        self.button(_("Filter …"), self._ask_filter, "filter", row=4)
        # A row holds five buttons. A digest has a time, but no preview, which shows a single post.
        if subscription.delivering.digest:
            self.button(_("Digest time …"), self._ask_time, "time", row=4)
        else:
            self.button(_("Preview"), self._preview, "preview", row=4)
        self.button(_("Language"), self._ask_language, "language", row=4)
        self.button(_("Send a test"), self._test, "test", row=4)
        self.button(_("Done"), self._close, "done", style=discord.ButtonStyle.success, row=4)

    @classmethod
    async def reopen(cls, service: Service, interaction: Interaction, numbers: list[int]) -> SettingsPanel:
        """The panel of a subscription, as it is now."""
        subscription = await service.subscriptions.get(numbers[0], guild_id=interaction.guild_id or 0)
        return cls(service, subscription, interaction)

    def _add_role(self, guild: discord.Guild | None, delivering: Delivering) -> None:
        chosen = guild.get_role(delivering.role_id) if guild and delivering.role_id else None
        role = [discord.Object(chosen.id, type=discord.Role)] if chosen else []
        menu: discord.ui.RoleSelect[Panel] = discord.ui.RoleSelect(
            placeholder=_("Ping nobody, or this role …"),
            min_values=0,
            default_values=role,
            custom_id=self.name("role"),
            row=1,
        )
        self.menu(menu, self._choose_role)

    def _add_looks(self, delivering: Delivering, channel: discord.abc.GuildChannel | discord.Thread | None) -> None:
        # A closed menu shows the labels of what is chosen and nothing else, so each of them names what it sets.
        options = [
            option(_("Look: compact"), "compact", _("no excerpt, no figure"), is_on=delivering.style is Style.COMPACT)
        ]
        if isinstance(channel, discord.ForumChannel):
            tags = channel.available_tags[:20]
            options += [
                option(
                    _("Tag: {name}").format(name=tag.name), f"tag:{tag.id}", "", is_on=tag.id in delivering.tag_ids
                )
                for tag in tags
            ]
        else:
            thread = _("Discussion: a thread under each post")
            options.append(option(thread, "thread", "", is_on=delivering.opens_thread))
            if channel is None or channel.type is discord.ChannelType.news:
                options.append(option(_("Publishing: each post"), "publish", "", is_on=delivering.publishes))
        menu: discord.ui.Select[Panel] = discord.ui.Select(
            options=options,
            placeholder=_("Look, discussion …"),
            min_values=0,
            max_values=min(len(options), 6),
            custom_id=self.name("looks"),
            row=2,
        )
        self.menu(menu, self._choose_looks)

    def _add_times(self, plan: DigestPlan | None) -> None:
        every, together = plan.every if plan else None, _("one message for all posts")
        options = [
            option(_("When: each post at once"), "once", "", is_on=every is None),
            option(_("When: a digest every day"), Every.DAY.value, together, is_on=every is Every.DAY),
            option(_("When: a digest every week"), Every.WEEK.value, together, is_on=every is Every.WEEK),
        ]
        menu: discord.ui.Select[Panel] = discord.ui.Select(options=options, custom_id=self.name("when"), row=3)
        self.menu(menu, self._choose_time)

    async def show_settings(
        self, interaction: Interaction, *, saved: str | None = None, problem: str | None = None
    ) -> None:
        """Show the settings as they are now.

        Args:
            saved: What was changed, as a sentence.
            problem: Why a change was not saved.
        """
        place = place_for(interaction)
        subscription = self._subscription
        role, about_role = describe_ping(interaction, subscription.delivering, place)
        now = await self.service.subscriptions.get(subscription.id, guild_id=interaction.guild_id or 0)
        card = settings_card(
            replace(subscription, state=now.state, reason=now.reason),
            place,
            role=role,
            about_role=about_role,
            tags=_names_of_tags(interaction, subscription),
            stopped=problem_for(interaction, subscription.channel_id, subscription.delivering),
            problem=problem,
            saved=saved,
        )
        await self.show(interaction, card)

    async def _save(self, interaction: Interaction, delivering: Delivering, target: Target | None = None) -> None:
        """Save a change, or say in the panel why it would not work."""
        await replies.hold(interaction)
        problem, changed = None, self._subscription
        try:
            changed = await self._change(interaction, delivering, target)
        except RequestError as exc:
            problem = str(exc)
        panel = SettingsPanel(self.service, changed, interaction)
        await panel.show_settings(interaction, problem=problem, saved=_("Saved."))

    async def _change(
        self, interaction: Interaction, delivering: Delivering, target: Target | None = None
    ) -> Subscription:
        """Save a change. A role that has been deleted is removed.

        Raises:
            RequestError: The change would not work.
        """
        is_kept = delivering.role_id is not None and delivering.role_id == self._subscription.delivering.role_id
        if is_kept and interaction.guild and interaction.guild.get_role(delivering.role_id or 0) is None:
            delivering = replace(delivering, role_id=None, opened=None)
        if problem := self._problem(interaction, delivering, target):
            raise RequestError(say(problem))
        channel_id = target.id if target else None
        return await self.service.subscriptions.change(self._subscription, delivering, channel_id=channel_id)

    def _problem(self, interaction: Interaction, delivering: Delivering, target: Target | None) -> str | None:
        channel_id = target.id if target else self._subscription.channel_id
        problem = target.problem(delivering) if target else None
        problem = problem or problem_for(interaction, channel_id, delivering)
        channel = find_channel(interaction.client, channel_id)
        if problem or channel is None:
            return problem
        return problem_with_role(channel.guild, delivering.role_id, channel.permissions_for(channel.guild.me))

    async def _choose_channel(self, interaction: Interaction) -> None:
        target = target_of(interaction, int(values(interaction)[0]))
        delivering = self._subscription.delivering
        if target.kind is not discord.ChannelType.text and target.kind is not discord.ChannelType.news:
            delivering = replace(delivering, opens_thread=False)
        if target.kind is not discord.ChannelType.news:
            delivering = replace(delivering, publishes=False)
        await self._save(interaction, replace(delivering, tag_ids=()), target)

    async def _choose_role(self, interaction: Interaction) -> None:
        chosen = values(interaction)
        role_id = int(chosen[0]) if chosen else None
        role = interaction.guild.get_role(role_id) if interaction.guild and role_id else None
        opened = None
        if role and may_open(interaction.user, role):
            opened = OpenedRole(role_id=role.id, user_id=interaction.user.id)
        await self._save(interaction, replace(self._subscription.delivering, role_id=role_id, opened=opened))

    async def _choose_looks(self, interaction: Interaction) -> None:
        chosen = set(values(interaction))
        channel = find_channel(interaction.client, self._subscription.channel_id)
        if "publish" in chosen and channel and channel.type is not discord.ChannelType.news:
            name = place_for(interaction)(channel.id) or _(HIDDEN_PLACE)
            problem = _("{channel} is not an announcement channel, so posts cannot be published from it").format(
                channel=name
            )
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
        """The tags that were chosen; the saved ones if the menu offered none."""
        if not sees(interaction, self._subscription.channel_id):
            return self._subscription.delivering.tag_ids
        return tuple(int(value[4:]) for value in sorted(chosen) if value.startswith("tag:"))[:5]

    async def _choose_time(self, interaction: Interaction) -> None:
        chosen = values(interaction)[0]
        before = self._subscription.delivering.digest
        plan = None
        if chosen != "once":
            plan = replace(before or _first_plan(interaction), every=Every(chosen))
        await self._save(interaction, replace(self._subscription.delivering, digest=plan))

    async def _ask_time(self, interaction: Interaction) -> None:
        await self.time_form(interaction).open(interaction)

    def time_form(self, interaction: Interaction) -> Form:
        """The form that asks when a digest is sent."""
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
            await SettingsPanel(self.service, changed, submitted).show_settings(submitted, saved=_("Saved."))

        fields = (
            Field(
                name="hour", label=_("Hour"), value=f"{plan.hour}:00", placeholder="9:00, 9 pm, 오후 9시", longest=20
            ),
            Field(
                name="weekday",
                label=_("Day of a weekly digest"),
                value=str(plan.weekday),
                choices=tuple(map(_, WEEKDAYS)),
            ),
            Field(
                name="zone",
                label=_("Time zone"),
                about=_("A city, an abbreviation or an offset"),
                value=plan.zone,
                placeholder="Asia/Seoul, KST, UTC+9",
                longest=60,
            ),
        )
        title, key = _("When is the digest sent?"), f"time-{self._subscription.id}"
        return Form(self.service, title, fields, done=keep, back=self._show_again, key=key)

    async def _show_again(self, interaction: Interaction) -> None:
        await _show_saved(self.service, self._subscription, interaction)

    async def _ask_language(self, interaction: Interaction) -> None:
        await LanguagePanel.open(self.service, self._subscription, interaction)

    async def _ask_filter(self, interaction: Interaction) -> None:
        form = filter_form(self.service, self._subscription, self._subscription.delivering)
        await form.open(interaction)

    async def _preview(self, interaction: Interaction) -> None:
        await replies.think(interaction)
        card = (await self.service.subscriptions.sample(self._subscription)).card
        assert card is not None  # noqa: S101 - a post has one
        with speaking(await self.service.subscriptions.language_of(self._subscription)):
            embed, view = make_post(card), make_classic_view(card)
        await replies.send(interaction, embeds=[embed], view=view)

    async def _test(self, interaction: Interaction) -> None:
        await replies.think(interaction)
        await replies.say(interaction, await send_test(interaction, self.service, self._subscription))

    async def _close(self, interaction: Interaction) -> None:
        await replies.settle(interaction)
        self.end()


async def _show_saved(service: Service, subscription: Subscription, interaction: Interaction) -> None:
    """Show a subscription's settings as they are saved now."""
    await replies.hold(interaction)
    panel = await SettingsPanel.reopen(service, interaction, [subscription.id])
    await panel.show_settings(interaction)


class LanguagePanel(Panel):
    """The language of a subscription's announcements."""

    kind = "lang"

    def __init__(self, service: Service, subscription: Subscription, server: Server) -> None:
        super().__init__(service, subscription.id)
        self._subscription = subscription
        of_server = _("The server's language ({language})").format(language=language_name(server.speaks))
        chosen = subscription.delivering.language
        options = [
            option(of_server, OF_SERVER, "", is_on=chosen is None),
            *(option(language_name(code), code, "", is_on=chosen == code) for code in languages()),
        ]
        menu: discord.ui.Select[Panel] = discord.ui.Select(options=options, custom_id=self.name("choose"))
        self.menu(menu, self._choose)
        self.button(_("Back"), self._back, "back")

    @classmethod
    async def reopen(cls, service: Service, interaction: Interaction, numbers: list[int]) -> LanguagePanel:
        """The panel of a subscription, as it is now."""
        subscription = await service.subscriptions.get(numbers[0], guild_id=interaction.guild_id or 0)
        return cls(service, subscription, await service.servers.of(interaction.guild_id))

    @classmethod
    async def open(cls, service: Service, subscription: Subscription, interaction: Interaction) -> None:
        """Show the languages to choose from."""
        server = await service.servers.of(interaction.guild_id)
        said = _("In which language is this feed announced?")
        card = Card(
            tone=Tone.FOUND,
            title=cut_text(subscription.feed_name, 100),
            parts=((text_block(said),),),
            is_private=True,
        )
        await cls(service, subscription, server).show(interaction, card)

    async def _choose(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        chosen = values(interaction)[0]
        delivering = replace(self._subscription.delivering, language=None if chosen == OF_SERVER else chosen)
        changed = await self.service.subscriptions.change(self._subscription, delivering)
        await SettingsPanel(self.service, changed, interaction).show_settings(interaction, saved=_("Saved."))

    async def _back(self, interaction: Interaction) -> None:
        await _show_saved(self.service, self._subscription, interaction)


async def send_test(interaction: Interaction, service: Service, subscription: Subscription) -> str:
    """Send the newest post to its channel without mentioning anybody; returns the result as a sentence."""
    sample = await service.subscriptions.sample(subscription)
    language = await service.subscriptions.language_of(subscription)
    with speaking(language):
        message = posts.as_test(sample, by=interaction.user.id)
    if problem := problem_for(interaction, subscription.channel_id, subscription.delivering):
        raise RequestError(f"{say(problem)}.")
    try:
        with speaking(language):
            sent = await interaction.client.poster.post(subscription.channel_id, message, nonce=secrets.token_hex(12))
    except DeliveryError as exc:
        raise RequestError(_("The test could not be sent: {why}.").format(why=say(exc.reason))) from exc
    if not sees(interaction, subscription.channel_id):
        return _("A test was sent: {place}").format(place=_(HIDDEN_PLACE))
    url = message_url(interaction.guild_id or 0, sent.channel_id, sent.message_id)
    return _("A test was sent: {place}").format(place=url)


class FilterPanel(Panel):
    """What a filter would let through, with a button to save it."""

    kind = "judged"

    def __init__(self, service: Service, subscription: Subscription, delivering: Delivering, number: int) -> None:
        super().__init__(service, subscription.id, delivering.max_age_days or 0, number)
        self._subscription = subscription
        self._delivering = delivering
        self.button(_("Keep it"), self._keep, "keep", style=discord.ButtonStyle.success)
        self.button(_("Change …"), self._change, "change")
        self.button(_("Back"), self._back, "back")

    @classmethod
    async def reopen(cls, service: Service, interaction: Interaction, numbers: list[int]) -> FilterPanel:
        """The panel of a filter that was tried.

        Raises:
            RequestError: Its text is not kept any more, or the feed was removed.
        """
        subscription_id, days, number = numbers
        subscription = await service.subscriptions.get(subscription_id, guild_id=interaction.guild_id or 0)
        text = await kept_choice(service, interaction, number)
        delivering = replace(subscription.delivering, filter_text=text, max_age_days=days or None)
        return cls(service, subscription, delivering, number)

    @classmethod
    async def open(
        cls, service: Service, interaction: Interaction, subscription: Subscription, delivering: Delivering
    ) -> None:
        """Try a filter on the newest posts and show the result."""
        await replies.hold(interaction)  # twenty long posts may take a while
        text = delivering.filter_text
        judged = await service.subscriptions.try_filter(subscription, text)
        number = await service.subscriptions.keep_choice(text, guild_id=interaction.guild_id or 0)
        await cls(service, subscription, delivering, number).show(interaction, filter_card(text, judged))

    async def _keep(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        changed = await self.service.subscriptions.change(self._subscription, self._delivering)
        await SettingsPanel(self.service, changed, interaction).show_settings(interaction, saved=_("Saved."))

    async def _change(self, interaction: Interaction) -> None:
        await filter_form(self.service, self._subscription, self._delivering).open(interaction)

    async def _back(self, interaction: Interaction) -> None:
        await _show_saved(self.service, self._subscription, interaction)


def filter_form(service: Service, subscription: Subscription, delivering: Delivering) -> Form:
    """The form that asks for a filter, and shows what it would let through."""

    async def look(submitted: Interaction, typed: Mapping[str, str]) -> None:
        text, days = typed["filter"].strip(), parse_days(typed["days"])
        await FilterPanel.open(
            service, submitted, subscription, replace(delivering, filter_text=text, max_age_days=days)
        )

    async def back(pressed: Interaction) -> None:
        await _show_saved(service, subscription, pressed)

    about = _("Fields: title, category, venue, year, author, text. AND, OR, NOT, -word, /regex/")
    example = 'hallucination OR title:"instruction tuning" -author:kim year:2023..2025 title:/rag|retriev/'
    days = delivering.max_age_days
    fields = (
        Field(
            name="filter",
            label=_("Filter"),
            about=about,
            value=delivering.filter_text,
            placeholder=example,
            is_required=False,
            has_lines=True,
            longest=1_000,
        ),
        Field(
            name="days",
            label=_("Leave out posts older than … days"),
            value=str(days) if days else "",
            placeholder=_("no limit"),
            is_required=False,
            longest=20,
        ),
    )
    title, key = _("Which posts are announced?"), f"filter-{subscription.id}"
    return Form(service, title, fields, done=look, back=back, key=key)


def _names_of_tags(interaction: Interaction, subscription: Subscription) -> list[str]:
    """The tags that a forum's posts get, in the forum's order; none if the asker cannot see the forum."""
    channel = find_channel(interaction.client, subscription.channel_id)
    if not isinstance(channel, discord.ForumChannel) or not sees(interaction, channel.id):
        return []
    return [tag.name for tag in channel.available_tags if tag.id in subscription.delivering.tag_ids]


def _first_plan(interaction: Interaction) -> DigestPlan:
    is_korean = discord.Locale.korean in (interaction.guild_locale, interaction.locale)
    return DigestPlan(every=Every.DAY, hour=FIRST_HOUR, zone="Asia/Seoul" if is_korean else "UTC")
