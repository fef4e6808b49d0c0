"""/feed and /why: what is announced in a server, and why a post was announced or not."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import discord
from discord import app_commands
from discord.ext import commands

from bot.announcing.opml import MAX_BYTES
from bot.cards.announcements import HIDDEN_PLACE, imported_card, list_card, status_card, why_card
from bot.cards.card import Card
from bot.cards.talks import talk_histories
from bot.errors import RequestError
from bot.languages import _, ngettext, say
from bot.models.announcing import Delivering
from bot.ui.discord import replies
from bot.ui.discord.client import NonmunClient
from bot.ui.discord.panels.base import DESTINATIONS, complete_feed, target_of
from bot.ui.discord.panels.feed_add import OfferPanel
from bot.ui.discord.panels.subscribe import send_test
from bot.ui.discord.places import in_servers, message_url, place_for, problem_for, sees
from bot.ui.discord.roles import describe_ping
from bot.ui.discord.views import send_card, send_result

Interaction = discord.Interaction[NonmunClient]
Channel = app_commands.AppCommandChannel | app_commands.AppCommandThread
PROGRESS_SECONDS = 3.0


class Destination(app_commands.Transformer):
    """A channel or thread that posts can go to."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        """The kind of the option, for Discord."""
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[discord.ChannelType]:
        """The kinds of channels that Discord offers."""
        return DESTINATIONS

    async def transform(self, _: Interaction, value: Channel, /) -> Channel:  # type: ignore[override]
        """The chosen channel, unchanged."""
        return value


@in_servers
@app_commands.default_permissions(manage_guild=True)
class Feeds(
    commands.GroupCog,
    group_name="feed",
    group_description="The feeds that are announced in this server",
):
    """Following feeds. For members with Manage Server, unless the server's settings for the bot say otherwise."""

    def __init__(self, bot: NonmunClient) -> None:
        self._service = bot.service
        self._subscriptions = bot.service.subscriptions

    @app_commands.command(description="Follow a blog: shows what would be announced before anything is saved")
    @app_commands.describe(
        address="The address of the blog, of one of its pages, or of its feed",
        channel="Where its posts go; this channel if you leave it out",
        archive="Also read its older posts, so that searches find them; they are never announced",
    )
    async def add(
        self,
        interaction: Interaction,
        address: app_commands.Range[str, 1, 2_000],
        channel: app_commands.Transform[Channel, Destination] | None = None,
        archive: bool = False,  # noqa: FBT001, FBT002 - an option of the command
    ) -> None:
        """Answer /feed add: find the feed of an address and offer to follow it."""
        target = target_of(interaction, channel.id if channel else interaction.channel_id or 0)
        await replies.think(interaction)
        offer = await self._subscriptions.look_at(address, guild_id=interaction.guild_id or 0)
        await OfferPanel.open(self._service, interaction, offer, target, with_archive=archive)

    @app_commands.command(name="list", description="The feeds that are announced in this server")
    async def list_feeds(self, interaction: Interaction) -> None:
        """Answer /feed list."""
        subscriptions = await replies.soon(interaction, self._subscriptions.of_guild(interaction.guild_id or 0))
        await self._say(interaction, list_card(subscriptions, place_for(interaction)))

    @app_commands.command(description="How a feed is doing: last read, waiting, announced")
    @app_commands.autocomplete(feed=complete_feed)
    async def status(self, interaction: Interaction, feed: str) -> None:
        """Answer /feed status."""
        await replies.think(interaction)
        status = await self._subscriptions.status(
            await self._subscriptions.find(feed, guild_id=interaction.guild_id or 0)
        )
        subscription, place = status.subscription, place_for(interaction)
        card = status_card(
            subscription,
            status.feed,
            place,
            waiting=status.waiting,
            troubled=status.troubled,
            last_sent=status.last_sent,
            next_digest=status.next_digest,
            role=describe_ping(interaction, subscription.delivering, place)[0],
            problem=problem_for(interaction, subscription.channel_id, subscription.delivering),
            can_read=status.can_read,
        )
        await self._say(interaction, card)

    @app_commands.command(description="Stop announcing a feed until you resume it")
    @app_commands.autocomplete(feed=complete_feed)
    async def pause(self, interaction: Interaction, feed: str) -> None:
        """Answer /feed pause."""
        await replies.think(interaction)
        subscription = await self._subscriptions.find(feed, guild_id=interaction.guild_id or 0)
        await self._subscriptions.pause(subscription)
        await replies.say(
            interaction,
            _("{feed} is paused. Posts that appear until you resume it are not announced.").format(
                feed=subscription.feed_name
            ),
        )

    @app_commands.command(description="Announce new posts of a paused feed again")
    @app_commands.autocomplete(feed=complete_feed)
    async def resume(self, interaction: Interaction, feed: str) -> None:
        """Answer /feed resume."""
        await replies.think(interaction)
        subscription = await self._subscriptions.find(feed, guild_id=interaction.guild_id or 0)
        if problem := problem_for(interaction, subscription.channel_id, subscription.delivering):
            raise RequestError(f"{say(problem)}.")
        await self._subscriptions.resume(subscription)
        await replies.say(interaction, _("{feed} is announced again.").format(feed=subscription.feed_name))

    @app_commands.command(description="Stop following a feed in its channel")
    @app_commands.autocomplete(feed=complete_feed)
    async def remove(self, interaction: Interaction, feed: str) -> None:
        """Answer /feed remove."""
        await replies.think(interaction)
        subscription = await self._subscriptions.find(feed, guild_id=interaction.guild_id or 0)
        await self._subscriptions.remove(subscription)
        place = place_for(interaction)(subscription.channel_id) or _(HIDDEN_PLACE)
        await replies.say(
            interaction,
            _("{feed} is no longer announced in {channel}.").format(feed=subscription.feed_name, channel=place),
        )

    @app_commands.command(description="Send a feed's newest post to its channel, pinging nobody")
    @app_commands.autocomplete(feed=complete_feed)
    async def test(self, interaction: Interaction, feed: str) -> None:
        """Answer /feed test: send the feed's newest post."""
        await replies.think(interaction)
        subscription = await self._subscriptions.find(feed, guild_id=interaction.guild_id or 0)
        await replies.say(interaction, await send_test(interaction, self._service, subscription))

    @app_commands.command(name="import", description="Follow every feed of an OPML file")
    @app_commands.describe(
        file="As a feed reader exports it", channel="Where their posts go; this channel if you leave it out"
    )
    async def import_feeds(
        self,
        interaction: Interaction,
        file: discord.Attachment,
        channel: app_commands.Transform[Channel, Destination] | None = None,
    ) -> None:
        """Answer /feed import: follow the feeds of an OPML file, showing the progress."""
        target = target_of(interaction, channel.id if channel else interaction.channel_id or 0)
        if problem := target.problem(Delivering()):
            raise RequestError(f"{say(problem)}.")
        if file.size > MAX_BYTES:
            raise RequestError(
                _("This file is too large: {size:,} bytes, {most:,} at most.").format(size=file.size, most=MAX_BYTES)
            )
        await replies.think(interaction)
        said = _("Reading the list …")

        def tell(done: int, total: int) -> None:
            nonlocal said
            said = _("{done} of {total} feeds checked …").format(done=done, total=total)

        async with replies.progress_told(interaction, lambda: said, every_s=PROGRESS_SECONDS):
            imported = await self._subscriptions.import_feeds(
                await replies.download(file),
                guild_id=interaction.guild_id or 0,
                channel_id=target.id,
                owner_id=interaction.user.id,
                progress=tell,
            )
        summary = _(
            "Your import has finished. Feeds added: {added}, not added: {missing}. Use /feed list to see the feeds "
            "of this server."
        ).format(added=len(imported.added), missing=imported.missing)
        card = imported_card(imported.added, imported.known, imported.refused, imported.left_out)
        await send_result(interaction, card, summary=summary)

    @app_commands.command(description="The feeds of this server as an OPML file")
    @app_commands.describe(with_keys="Also write the passwords and keys of private feeds into the file")
    async def export(
        self,
        interaction: Interaction,
        with_keys: bool = False,  # noqa: FBT001, FBT002 - an option of the command
    ) -> None:
        """Answer /feed export with an OPML file."""
        await replies.think(interaction)
        title = _("Feeds of {server}").format(server=interaction.guild.name if interaction.guild else "?")
        made = await self._subscriptions.export(interaction.guild_id or 0, title=title, with_keys=with_keys)
        file = discord.File(io.BytesIO(made.data), filename=f"feeds-{datetime.now(UTC):%Y-%m-%d}.opml")
        await replies.send(interaction, text=_about_keys(made.secrets, with_keys=with_keys), file=file)

    async def _say(self, interaction: Interaction, card: Card) -> None:
        await send_card(interaction, card, is_private=True)


def _about_keys(count: int, *, with_keys: bool) -> str:
    """A note on how many addresses in the file have passwords or keys."""
    if not count:
        return ""
    if with_keys:
        return ngettext(
            "This file contains the passwords and keys of {count} address. Share it only with people who may have "
            "them.",
            "This file contains the passwords and keys of {count} addresses. Share it only with people who may have "
            "them.",
            count,
        ).format(count=count)
    return ngettext(
        "Passwords and keys of {count} address were left out. To include them, run /feed export with_keys:True.",
        "Passwords and keys of {count} addresses were left out. To include them, run /feed export with_keys:True.",
        count,
    ).format(count=count)


class Why(commands.Cog):
    """Explaining a post."""

    def __init__(self, bot: NonmunClient) -> None:
        self._service = bot.service

    @app_commands.command(description="Why a post was announced in this server, or was not")
    @in_servers
    @app_commands.describe(link="The post's address")
    async def why(self, interaction: Interaction, link: app_commands.Range[str, 1, 2_000]) -> None:
        """Answer /why."""
        await replies.think(interaction)
        guild_id, subscriptions = interaction.guild_id or 0, self._service.subscriptions
        explanation = await subscriptions.why(link, guild_id=guild_id)
        histories = [
            (
                history.subscription,
                history.decisions,
                message_url(guild_id, *history.message) if history.message else None,
            )
            for history in explanation.histories
        ]
        followed = await subscriptions.of_guild(guild_id)
        seen = {each.feed_id for each in followed if sees(interaction, each.channel_id)}
        feeds = [feed for feed in explanation.feeds if feed.id in seen]
        place, head = place_for(interaction), explanation.head
        talks = talk_histories(await self._service.talks.histories(guild_id, head.id), place) if head else ()
        card = why_card(explanation.asked, head, histories, feeds, place, talks)
        await send_card(interaction, card, is_private=True)


async def setup(bot: NonmunClient) -> None:
    """Add the cogs; called by discord.py."""
    await bot.add_cog(Feeds(bot))
    await bot.add_cog(Why(bot))
