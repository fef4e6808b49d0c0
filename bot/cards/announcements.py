"""What admins see: a server's feeds, their state, what a filter lets through, why a post was announced or not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.announcing.calendar import describe_plan
from bot.announcing.filters.terms import Verdict
from bot.announcing.opml import LeftOut
from bot.cards.answers import describe_gaps
from bot.cards.card import Card, Part, Tone, text_block
from bot.cards.servers import language_name
from bot.languages import N_, _, ngettext, say
from bot.models.announcing import (
    Decision,
    Delivering,
    Delivery,
    DeliveryState,
    Stage,
    Style,
    Subscription,
    SubscriptionState,
)
from bot.models.feeds import FeedState
from bot.models.reviews import Block, BlockKind, Mark, ReviewHead, Span
from bot.reading.revision_notes import say_note
from bot.text.cut import cut_text
from bot.text.links import redact

Place = Callable[[int], str | None]
"""A channel's name with its sign, "#papers"; None if the reader may not see the channel. Then they are not shown the
addresses of its messages either, nor any reason, because it may name the channel."""
HIDDEN_PLACE = N_("a channel that you or I cannot see")

STAGES = {
    Stage.FIRST_POLL: N_("it was already in the feed when it was first read, so it was not announced"),
    Stage.ARCHIVED: N_("it was read from the blog's archive, so it was not announced"),
    Stage.DUPLICATE: N_("it is a post that was already known"),
    Stage.TOO_OLD: N_("it was too old"),
    Stage.FILTERED: N_("it did not pass the filter"),
    Stage.PAUSED: N_("it appeared while the feed was paused"),
    Stage.QUEUED: N_("it was new, and queued"),
    Stage.COLLECTED: N_("it was new, and kept for the digest"),
    Stage.UPDATED: N_("it was revised"),
    Stage.UNSETTLED: N_("it changes too often, so its message is no longer updated"),
    Stage.REFUSED: N_("it was refused by Discord, and was tried again"),
    Stage.DELAYED: N_("it could not be sent yet, and will be tried again"),
    Stage.FAILED: N_("it could not be announced"),
    Stage.UNKNOWN: N_("it may have been announced, but that cannot be found out, so it is not sent again"),
    Stage.SENT: N_("it was announced"),
    Stage.EDITED: N_("it was updated in the channel"),
    Stage.UNDONE: N_("it was announced, but something did not work"),
}


def list_card(subscriptions: Sequence[Subscription], place: Place) -> Card:
    """List the feeds of a server, one on each line."""
    if not subscriptions:
        said = _(
            "No feeds are announced in this server yet. Use /feed add with the address of a blog or of its feed."
        )
        return Card(tone=Tone.MISSING, title=_("No feeds"), parts=((text_block(said),),), is_private=True)
    return Card(
        tone=Tone.FOUND,
        title=ngettext("{count} feed", "{count} feeds", len(subscriptions)).format(count=len(subscriptions)),
        parts=tuple((_subscription_line(subscription, place),) for subscription in subscriptions),
        footer=_("/subscribe changes how a feed is announced, /feed status shows how it is doing"),
        is_private=True,
    )


def _subscription_line(subscription: Subscription, place: Place) -> Block:
    name = place(subscription.channel_id)
    said = f" → {name or _(HIDDEN_PLACE)} · {describe_state(subscription, with_reason=name is not None)}"
    return Block(
        kind=BlockKind.ITEM,
        marker="•",
        spans=(Span(text=cut_text(subscription.feed_name, 100), marks=frozenset((Mark.BOLD,))), Span(text=said)),
    )


def describe_state(subscription: Subscription, *, with_reason: bool = True) -> str:
    """The state in words: "active", "paused by an admin", "stopped: I need …". The reason may name the channel."""
    reason = say(subscription.reason) if with_reason and subscription.reason else None
    match subscription.state:
        case SubscriptionState.PAUSED:
            return reason or _("paused")
        case SubscriptionState.SUSPENDED:
            return _("stopped: {why}").format(why=reason) if reason else _("stopped")
        case SubscriptionState.ENDED:
            return _("ended: {why}").format(why=reason) if reason else _("ended")
        case _:
            return _("active")


def describe_delivering(delivering: Delivering) -> list[tuple[str, str]]:
    """The settings in words, as (name, value). The role to ping is left to the caller, who knows its name."""
    looks = _("compact") if delivering.style is Style.COMPACT else _("a card with an excerpt")
    plan = delivering.digest
    return [
        (
            _("When"),
            _("one digest {plan}").format(plan=describe_plan(plan)) if plan else _("each post at once"),
        ),
        (_("Look"), looks),
        *([(_("Language"), language_name(delivering.language))] if delivering.language else []),
        (_("Discussion"), _("a thread under each post") if delivering.opens_thread else _("no thread")),
        *([(_("Publishing"), _("each post, in an announcement channel"))] if delivering.publishes else []),
        (_("Filter"), delivering.filter_text or _("none: every post")),
        *(
            [
                (
                    _("Age"),
                    ngettext(
                        "posts dated more than {count} day ago are left out",
                        "posts dated more than {count} days ago are left out",
                        delivering.max_age_days,
                    ).format(count=delivering.max_age_days),
                )
            ]
            if delivering.max_age_days
            else []
        ),
    ]


def settings_card(
    subscription: Subscription,
    place: Place,
    *,
    role: str,
    about_role: str | None,
    tags: Sequence[str] = (),
    stopped: str | None = None,
    problem: str | None,
    saved: str | None,
) -> Card:
    """How a subscription is announced; the content of its settings panel.

    Args:
        role: Who is pinged, in words.
        about_role: What that means for members.
        tags: The names of the tags that a forum's posts get.
        stopped: What keeps posts out of the channel now, if known.
    """
    where = place(subscription.channel_id)
    facts = [
        (_("Where"), where or _(HIDDEN_PLACE)),
        *([(_("Tags"), ", ".join(tags))] if tags else []),
        (_("Ping"), role),
        *describe_delivering(subscription.delivering),
    ]
    parts: list[Part] = [tuple(_fact(name, value) for name, value in facts)]
    if about_role:
        parts.append((text_block(about_role),))
    if subscription.state is SubscriptionState.SUSPENDED and where is not None:
        why = say(stopped or subscription.reason or "")
        parts.append((_fact(_("Stopped"), _("{why}. New posts are queued.").format(why=why)),))
    if problem:
        parts.append((_fact(_("Not saved"), say(problem)),))
    elif saved:
        parts.append((text_block(saved, Mark.ITALIC),))
    return Card(
        tone=Tone.ERROR if problem else Tone.FOUND,
        title=_("How “{feed}” is announced").format(feed=cut_text(subscription.feed_name, 100)),
        parts=tuple(parts),
        footer=None
        if subscription.state is SubscriptionState.ACTIVE
        else describe_state(subscription, with_reason=False),
        is_private=True,
    )


CANNOT_READ = N_("not possible right now because of a fault where the bot runs. The bot tries again on its own")


def status_card(
    subscription: Subscription,
    feed: FeedState,
    place: Place,
    *,
    waiting: int,
    troubled: Sequence[Delivery] = (),
    last_sent: datetime | None,
    next_digest: datetime | None,
    role: str,
    problem: str | None,
    can_read: bool = True,
) -> Card:
    """The state of a subscription: its feed, its channel and its waiting posts.

    Args:
        role: Who is pinged, in words.
        troubled: Posts that are held back for a reason, and posts given up recently.
        can_read: False if the bot cannot read the feed because of a fault of its own.
    """
    given_up = [post for post in troubled if post.state is DeliveryState.FAILED]
    late = [post for post in troubled if post.state is not DeliveryState.FAILED]
    where = place(subscription.channel_id)
    state = describe_state(subscription, with_reason=where is not None)
    # One cause may stop the subscription, be visible now and hold back its posts; it is named only once.
    told = (subscription.reason, problem)
    is_new = where is None or problem != subscription.reason
    facts = [
        (_("Feed"), redact(feed.url)),
        (_("Reading"), describe_feed(feed) if can_read else _(CANNOT_READ)),
        (_("Announced in"), f"{where or _(HIDDEN_PLACE)}, {state}"),
        *([(_("Problem"), say(problem))] if problem and is_new else []),
        (_("Waiting"), _count_posts(waiting, [post for post in late if where and post.reason not in told])),
        *([(_("Could not be sent"), _count_posts(len(given_up), given_up if where else ()))] if given_up else []),
        (_("Last post"), _moment(last_sent) if last_sent else _("none yet")),
        *([(_("Next digest"), _moment(next_digest))] if next_digest else []),
        (_("Ping"), role),
        *describe_delivering(subscription.delivering),
    ]
    is_well = (
        subscription.state is SubscriptionState.ACTIVE
        and can_read
        and not feed.last_error
        and not problem
        and not troubled
    )
    return Card(
        tone=Tone.FOUND if is_well else Tone.CHOOSE,
        title=cut_text(subscription.feed_name, 200),
        parts=(tuple(_fact(name, value) for name, value in facts),),
        is_private=True,
    )


def _count_posts(count: int, posts: Sequence[Delivery]) -> str:
    """A number of posts, with the reasons that hold the first ones back."""
    reasons = list(dict.fromkeys(post.reason for post in posts if post.reason))
    said = ngettext("{count} post", "{count} posts", count).format(count=count)
    return cut_text(f"{said}: {'; '.join(map(say, reasons[:3]))}" if reasons else said, 500)


def describe_feed(feed: FeedState) -> str:
    """Whether a feed can be read, in words."""
    if feed.last_error and feed.next_check_at:
        return ngettext(
            "failed {count} time in a row: {why}; next try at {time}",
            "failed {count} times in a row: {why}; next try at {time}",
            feed.failures,
        ).format(count=feed.failures, why=say(feed.last_error), time=_moment(feed.next_check_at))
    said = [_("working") if feed.first_read_at else _("not read yet")]
    if feed.left_over:
        said.append(
            ngettext(
                "over the daily limit, {count:,} more new post will be read tomorrow",
                "over the daily limit, {count:,} more new posts will be read tomorrow",
                feed.left_over,
            ).format(count=feed.left_over)
        )
    return "; ".join([*said, *describe_gaps(feed)])


def filter_card(text: str, judged: Sequence[tuple[ReviewHead, Verdict]]) -> Card:
    """Which of the newest posts a filter lets through, and why: first those that pass, then the others."""
    passing = sum(verdict.passes for _, verdict in judged)
    in_order = sorted(judged, key=lambda pair: not pair[1].passes)
    lines = tuple((_verdict_line(head, verdict),) for head, verdict in in_order)
    said = text or _("no filter: every post")
    return Card(
        tone=Tone.CHOOSE,
        title=_("{count} of the last {total} posts would be announced").format(count=passing, total=len(judged)),
        parts=((text_block(cut_text(said, 300), Mark.CODE),), *lines),
        is_private=True,
    )


def _verdict_line(head: ReviewHead, verdict: Verdict) -> Block:
    """A short line without links, because twenty must fit on one page."""
    name = head.short_name or cut_text(head.clean_title, 50)
    return Block(
        kind=BlockKind.PARAGRAPH,
        spans=(
            Span(text="✓ " if verdict.passes else "✗ "),
            Span(text=name, marks=frozenset((Mark.BOLD,))),
            Span(text=f" – {cut_text(say(verdict.why), 70)}"),
        ),
    )


def why_card(
    asked: str,
    head: ReviewHead | None,
    histories: Sequence[tuple[Subscription, Sequence[Decision], str | None]],
    feeds: Sequence[FeedState],
    place: Place,
    talks: Sequence[Part] = (),
) -> Card:
    """Why a post was announced or not, for each subscription.

    Args:
        histories: For each subscription its decisions, and the address of the message if there is one.
        talks: What became of the talks about its paper.
    """
    if head is None:
        said = _("None of this server's feeds contains {link}.").format(link=cut_text(redact(asked), 200))
        states = tuple(_fact(cut_text(feed.name, 80), describe_feed(feed)) for feed in feeds)
        parts: tuple[Part, ...] = (
            (text_block(said),),
            states or (text_block(_("No feeds are announced in this server.")),),
        )
        return Card(tone=Tone.MISSING, title=_("Not seen yet"), parts=parts, is_private=True)
    is_named = len({subscription.feed_id for subscription, *_ in histories}) > 1
    history_parts: list[Part] = [
        _history(subscription, made, place(subscription.channel_id), url, is_named=is_named)
        for subscription, made, url in histories
    ]
    if not history_parts:
        history_parts = [(text_block(_("Its feed is not announced in this server.")),)]
    return Card(
        tone=Tone.FOUND,
        title=cut_text(head.title, 200),
        url=head.link,
        parts=(*history_parts, *talks),
        is_private=True,
    )


def _history(
    subscription: Subscription, made: Sequence[Decision], place: str | None, url: str | None, *, is_named: bool
) -> Part:
    """What was decided for a subscription; only the steps, if its channel may not be named.

    Args:
        is_named: Whether to name its feed, because other feeds have the same post.
    """
    heading = [Span(text=place or _(HIDDEN_PLACE), marks=frozenset((Mark.BOLD,)), href=url if place else None)]
    if is_named:
        heading.append(Span(text=f" · {cut_text(subscription.feed_name, 80)}"))
    if subscription.state is not SubscriptionState.ACTIVE:
        heading.append(Span(text=f" · {describe_state(subscription, with_reason=place is not None)}"))
    lines = [_line(decision, with_detail=place is not None) for decision in made]
    if not made:
        since = _moment(subscription.created_at)
        lines = [
            _("It was in the feed before this server followed it ({time}), so it was not announced.").format(
                time=since
            )
        ]
    items = (Block(kind=BlockKind.ITEM, marker="•", spans=(Span(text=line),)) for line in lines)
    return Block(kind=BlockKind.PARAGRAPH, spans=tuple(heading)), *items


def _line(decision: Decision, *, with_detail: bool) -> str:
    line = f"{_moment(decision.at)} – {_(STAGES[decision.stage])}"
    return f"{line}: {say_note(say(decision.detail))}" if decision.detail and with_detail else line


def imported_card(
    added: Sequence[str],
    known: Sequence[str],
    refused: Sequence[tuple[str, str]],
    left_out: Sequence[LeftOut] = (),
) -> Card:
    """The result of an import. ``left_out`` is what the list holds besides feeds that can be followed."""
    parts: list[Part] = []
    if added:
        parts.append((_fact(_("Followed now"), ", ".join(cut_text(name, 60) for name in added)),))
    if known:
        parts.append((_fact(_("Followed before"), ", ".join(cut_text(name, 60) for name in known)),))
    if refused:
        lines = (
            Block(kind=BlockKind.ITEM, marker="•", spans=(Span(text=f"{cut_text(name, 60)} – {cut_text(why, 200)}"),))
            for name, why in refused
        )
        parts.append((text_block(_("Not followed:")), *lines))
    for out in left_out:
        names = cut_text(", ".join(cut_text(name, 60) for name in out.names), 300)
        parts.append((_fact(f"{_(out.reason)} ({len(out.names):,})", names),))
    return Card(
        tone=Tone.CHOOSE if refused or left_out else Tone.FOUND,
        title=ngettext("{count} feed added", "{count} feeds added", len(added)).format(count=len(added)),
        parts=tuple(parts) or ((text_block(_("The list names no feeds.")),),),
        is_private=True,
    )


def _fact(name: str, value: str) -> Block:
    return Block(
        kind=BlockKind.PARAGRAPH,
        spans=(Span(text=f"{name}: ", marks=frozenset((Mark.BOLD,))), Span(text=value)),
    )


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
