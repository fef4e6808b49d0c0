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
from bot.text.cut import cut_text
from bot.text.links import redact

Place = Callable[[int], str | None]
"""A channel's name with its sign, "#papers"; None if the reader may not see the channel. Then they are not shown the
addresses of its messages either, nor any reason, because it may name the channel."""
HIDDEN_PLACE = "a channel that you or I cannot see"

STAGES = {
    Stage.FIRST_POLL: "was already in the feed when it was first read, so it was not announced",
    Stage.ARCHIVED: "was read from the blog's archive, so it was not announced",
    Stage.DUPLICATE: "is a post that was already known",
    Stage.TOO_OLD: "was too old",
    Stage.FILTERED: "did not pass the filter",
    Stage.PAUSED: "appeared while the feed was paused",
    Stage.QUEUED: "was new, and queued",
    Stage.COLLECTED: "was new, and kept for the digest",
    Stage.UPDATED: "was revised",
    Stage.UNSETTLED: "changes too often, so its message is no longer updated",
    Stage.REFUSED: "was refused by Discord, and was tried again",
    Stage.DELAYED: "could not be sent yet, and will be tried again",
    Stage.FAILED: "could not be announced",
    Stage.UNKNOWN: "may have been announced, but that cannot be found out, so it is not sent again",
    Stage.SENT: "was announced",
    Stage.EDITED: "was updated in the channel",
    Stage.UNDONE: "was announced, but not everything worked",
}


def list_card(subscriptions: Sequence[Subscription], place: Place) -> Card:
    """List the feeds of a server, one on each line."""
    if not subscriptions:
        said = "No feeds are announced in this server yet. Use /feed add with the address of a blog or of its feed."
        return Card(tone=Tone.MISSING, title="No feeds", parts=((text_block(said),),), is_private=True)
    return Card(
        tone=Tone.FOUND,
        title=f"{len(subscriptions)} feed{'s' if len(subscriptions) != 1 else ''}",
        parts=tuple((_subscription_line(subscription, place),) for subscription in subscriptions),
        footer="/subscribe changes how a feed is announced, /feed status shows how it is doing",
        is_private=True,
    )


def _subscription_line(subscription: Subscription, place: Place) -> Block:
    name = place(subscription.channel_id)
    said = f" → {name or HIDDEN_PLACE} · {describe_state(subscription, with_reason=name is not None)}"
    return Block(
        kind=BlockKind.ITEM,
        marker="•",
        spans=(Span(text=cut_text(subscription.feed_name, 100), marks=frozenset((Mark.BOLD,))), Span(text=said)),
    )


def describe_state(subscription: Subscription, *, with_reason: bool = True) -> str:
    """The state in words: "active", "paused by an admin", "stopped: I need …". The reason may name the channel."""
    reason = subscription.reason if with_reason else None
    match subscription.state:
        case SubscriptionState.PAUSED:
            return reason or "paused"
        case SubscriptionState.SUSPENDED:
            return f"stopped: {reason}" if reason else "stopped"
        case SubscriptionState.ENDED:
            return f"ended: {reason}" if reason else "ended"
        case _:
            return "active"


def describe_delivering(delivering: Delivering) -> list[tuple[str, str]]:
    """The settings in words, as (name, value). The role to ping is left to the caller, who knows its name."""
    looks = "compact" if delivering.style is Style.COMPACT else "a card with an excerpt"
    plan = delivering.digest
    return [
        ("When", f"one digest {describe_plan(plan)}" if plan else "each post at once"),
        ("Look", looks),
        *([("Language", language_name(delivering.language))] if delivering.language else []),
        ("Discussion", "a thread under each post" if delivering.opens_thread else "no thread"),
        *([("Publishing", "each post, in an announcement channel")] if delivering.publishes else []),
        ("Filter", delivering.filter_text or "none: every post"),
        *(
            [("Age", f"posts dated more than {delivering.max_age_days} days ago are left out")]
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
    stopped: str | None = None,
    problem: str | None,
    saved: str | None,
) -> Card:
    """How a subscription is announced; the content of its settings panel.

    Args:
        role: Who is pinged, in words.
        about_role: What that means for members.
        stopped: What keeps posts out of the channel now, if known.
    """
    where = place(subscription.channel_id)
    facts = [("Where", where or HIDDEN_PLACE), ("Ping", role), *describe_delivering(subscription.delivering)]
    parts: list[Part] = [tuple(_fact(name, value) for name, value in facts)]
    if about_role:
        parts.append((text_block(about_role),))
    if subscription.state is SubscriptionState.SUSPENDED and where is not None:
        parts.append((_fact("Stopped", f"{stopped or subscription.reason}. New posts are queued."),))
    if problem:
        parts.append((_fact("Not saved", problem),))
    elif saved:
        parts.append((text_block(saved, Mark.ITALIC),))
    return Card(
        tone=Tone.ERROR if problem else Tone.FOUND,
        title=f"How “{cut_text(subscription.feed_name, 100)}” is announced",
        parts=tuple(parts),
        footer=None
        if subscription.state is SubscriptionState.ACTIVE
        else describe_state(subscription, with_reason=False),
        is_private=True,
    )


CANNOT_READ = "not possible right now because of a fault where the bot runs. The bot tries again on its own"


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
        ("Feed", redact(feed.url)),
        ("Reading it", describe_feed(feed) if can_read else CANNOT_READ),
        ("Announced in", f"{where or HIDDEN_PLACE}, {state}"),
        *([("Trouble", problem)] if problem and is_new else []),
        ("Waiting", _count_posts(waiting, [post for post in late if where and post.reason not in told])),
        *([("Could not be sent", _count_posts(len(given_up), given_up if where else ()))] if given_up else []),
        ("Last post", _moment(last_sent) if last_sent else "none yet"),
        *([("Next digest", _moment(next_digest))] if next_digest else []),
        ("Ping", role),
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
    said = f"{count} post{'s' if count != 1 else ''}"
    return cut_text(f"{said}: {'; '.join(reasons[:3])}" if reasons else said, 500)


def describe_feed(feed: FeedState) -> str:
    """Whether a feed can be read, in words."""
    if feed.last_error and feed.next_check_at:
        times = f"{feed.failures} time{'s' if feed.failures != 1 else ''}"
        return f"failed {times} in a row: {feed.last_error}; next try at {_moment(feed.next_check_at)}"
    said = ["well" if feed.first_read_at else "not read yet"]
    if feed.left_over:
        noun = "new post" if feed.left_over == 1 else "new posts"
        said.append(f"over the daily limit, {feed.left_over:,} more {noun} will be read tomorrow")
    return "; ".join([*said, *describe_gaps(feed)])


def filter_card(text: str, judged: Sequence[tuple[ReviewHead, Verdict]]) -> Card:
    """Which of the newest posts a filter lets through, and why."""
    passing = sum(verdict.passes for _, verdict in judged)
    lines = tuple((_verdict_line(head, verdict),) for head, verdict in judged)
    said = text or "no filter: every post"
    return Card(
        tone=Tone.CHOOSE,
        title=f"{passing} of the last {len(judged)} posts would be announced",
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
            Span(text=f" – {cut_text(verdict.why, 70)}"),
        ),
    )


def why_card(
    asked: str,
    head: ReviewHead | None,
    histories: Sequence[tuple[Subscription, Sequence[Decision], str | None]],
    feeds: Sequence[FeedState],
    place: Place,
) -> Card:
    """Why a post was announced or not, for each subscription.

    Args:
        histories: For each subscription its decisions, and the address of the message if there is one.
    """
    if head is None:
        said = f"None of this server's feeds contains {cut_text(redact(asked), 200)}."
        states = tuple(_fact(cut_text(feed.name, 80), describe_feed(feed)) for feed in feeds)
        parts: tuple[Part, ...] = (
            (text_block(said),),
            states or (text_block("No feeds are announced in this server."),),
        )
        return Card(tone=Tone.MISSING, title="Not seen yet", parts=parts, is_private=True)
    is_named = len({subscription.feed_id for subscription, *_ in histories}) > 1
    history_parts: list[Part] = [
        _history(subscription, made, place(subscription.channel_id), url, is_named=is_named)
        for subscription, made, url in histories
    ]
    if not history_parts:
        history_parts = [(text_block("Its feed is not announced in this server."),)]
    return Card(
        tone=Tone.FOUND, title=cut_text(head.title, 200), url=head.link, parts=tuple(history_parts), is_private=True
    )


def _history(
    subscription: Subscription, made: Sequence[Decision], place: str | None, url: str | None, *, is_named: bool
) -> Part:
    """What was decided for a subscription; only the steps, if its channel may not be named.

    Args:
        is_named: Whether to name its feed, because other feeds have the same post.
    """
    heading = [Span(text=place or HIDDEN_PLACE, marks=frozenset((Mark.BOLD,)), href=url if place else None)]
    if is_named:
        heading.append(Span(text=f" · {cut_text(subscription.feed_name, 80)}"))
    if subscription.state is not SubscriptionState.ACTIVE:
        heading.append(Span(text=f" · {describe_state(subscription, with_reason=place is not None)}"))
    lines = [
        f"{_moment(decision.at)} – it {STAGES[decision.stage]}"
        + (f": {decision.detail}" if decision.detail and place else "")
        for decision in made
    ]
    if not made:
        since = _moment(subscription.created_at)
        lines = [f"It was in the feed before this server followed it ({since}), so it was not announced."]
    items = (Block(kind=BlockKind.ITEM, marker="•", spans=(Span(text=line),)) for line in lines)
    return Block(kind=BlockKind.PARAGRAPH, spans=tuple(heading)), *items


def imported_card(
    added: Sequence[str],
    known: Sequence[str],
    refused: Sequence[tuple[str, str]],
    left_out: Sequence[LeftOut] = (),
) -> Card:
    """The result of an import. ``left_out`` is what the list holds besides feeds that can be followed."""
    parts: list[Part] = []
    if added:
        parts.append((_fact("Followed now", ", ".join(cut_text(name, 60) for name in added)),))
    if known:
        parts.append((_fact("Followed before", ", ".join(cut_text(name, 60) for name in known)),))
    if refused:
        lines = (
            Block(kind=BlockKind.ITEM, marker="•", spans=(Span(text=f"{cut_text(name, 60)} – {cut_text(why, 200)}"),))
            for name, why in refused
        )
        parts.append((text_block("Not followed:"), *lines))
    for out in left_out:
        names = cut_text(", ".join(cut_text(name, 60) for name in out.names), 300)
        parts.append((_fact(f"Not followed, {len(out.names):,} with {out.reason}", names),))
    return Card(
        tone=Tone.CHOOSE if refused or left_out else Tone.FOUND,
        title=f"{len(added)} feed{'s' if len(added) != 1 else ''} added",
        parts=tuple(parts) or ((text_block("The list names no feeds."),),),
        is_private=True,
    )


def _fact(name: str, value: str) -> Block:
    return Block(
        kind=BlockKind.PARAGRAPH,
        spans=(Span(text=f"{name}: ", marks=frozenset((Mark.BOLD,))), Span(text=value)),
    )


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
