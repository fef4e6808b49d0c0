"""What the loopback Discord shows after the kills, held against what the feeds published."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.models.feeds import Entry
from tests.loopback.discord_world import FORUM, Channel

Json = dict[str, Any]
_LISTED = re.compile(r"\]\((https://reviews\.example/\d+/\d+/)\)")
_UNLISTED = re.compile(r"^and ([\d,]+) more: /latest", re.MULTILINE)
_CORRECTION = re.compile(r"Correction \d+")


@dataclass(frozen=True, slots=True)
class Following:
    """A subscription as it is counted: feed by number, where it is announced."""

    feed: int
    channel_id: int
    has_threads: bool = False
    has_digest: bool = False


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was counted.

    Attributes:
        kills: How many lives were ended.
        kinds: How many lives were of each kind; a life may be of several.
        published: Links by subscription, in the order in which they were published.
        announced: Links by subscription as they stand in its channel, those of digests among them.
        missing_threads: Ids of messages that should have a thread under them.
        doubled_notes: Corrections that are told twice in one thread.
        missing_edits: Links of posts that do not stand as their feed has them.
        unlisted: Posts that a digest counts but does not list; they are no losses.
        not_refused: Second bots that did not end at once with exit code 2, or asked anybody anything.
        ended: Bots that ended by themselves.
        silent: Bots that gave no sign of work.
        unmet: Lives that were to end at something that did not come.
    """

    kills: int
    kinds: dict[str, int] = field(default_factory=dict)
    published: list[list[str]] = field(default_factory=list)
    announced: list[list[str]] = field(default_factory=list)
    missing_threads: list[str] = field(default_factory=list)
    doubled_notes: list[str] = field(default_factory=list)
    missing_edits: list[str] = field(default_factory=list)
    digests: int = 0
    notes: int = 0
    edits: int = 0
    unlisted: int = 0
    not_refused: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    unmet: list[str] = field(default_factory=list)

    @property
    def lost(self) -> list[str]:
        pairs = zip(self.published, self.announced, strict=True)
        return [link for wanted, found in pairs for link in wanted if link not in found]

    @property
    def doubled(self) -> list[str]:
        return [link for found in self.announced for link in sorted(set(found)) if found.count(link) > 1]

    @property
    def disordered(self) -> list[str]:
        """Links that stand after one which was published later, in the channel of one subscription.

        Order is promised within a subscription, also from digest to digest and within one. Only what was refused or
        stayed in doubt for long may be passed by others, and none of that is made to happen.
        """
        found: list[str] = []
        for wanted, shown in zip(self.published, self.announced, strict=True):
            place = {link: number for number, link in enumerate(wanted)}
            latest = -1
            for link in dict.fromkeys(shown):
                if place[link] < latest:
                    found.append(link)
                latest = max(latest, place[link])
        return found

    @property
    def is_done(self) -> bool:
        """Whether everything that is to come has come."""
        return not (self.lost or self.missing_threads or self.missing_edits)

    @property
    def faults(self) -> dict[str, list[str]]:
        """What should not be, by its name; empty where all is well."""
        every = {
            "lost": self.lost,
            "doubled": self.doubled,
            "out of order": self.disordered,
            "without their thread": self.missing_threads,
            "notes doubled": self.doubled_notes,
            "edits missing": self.missing_edits,
            "second bots not refused": self.not_refused,
            "ended by themselves": self.ended,
            "gave no sign of work": self.silent,
        }
        return {name: found for name, found in every.items() if found}


def count_up(
    tally: Tally, followings: Iterable[Following], entries: Sequence[Sequence[Entry]], channels: Mapping[int, Channel]
) -> Tally:
    """Fill in what stands in the channels now.

    Args:
        entries: By feed, the newest first; the oldest was there before anybody followed it.
    """
    counted: set[int] = set()
    for following in followings:
        known = {entry.link: entry for entry in reversed(entries[following.feed][:-1])}
        messages = _messages(channels, following.channel_id)
        shown = [(link, message) for message in messages for link in _links(message) if link in known]
        tally.published.append(list(known))
        tally.announced.append([link for link, _ in shown])
        tally.missing_edits += [link for link, m in shown if not _is_digest(m) and _title(m) != known[link].title]
        if following.has_threads:
            ids = dict.fromkeys(int(message["id"]) for _, message in shown)
            tally.missing_threads += [str(message_id) for message_id in ids if message_id not in channels]
        if following.channel_id not in counted:
            counted.add(following.channel_id)
            _count_messages(tally, channels, messages)
    return tally


def _count_messages(tally: Tally, channels: Mapping[int, Channel], messages: Sequence[Json]) -> None:
    for message in messages:
        tally.digests += _is_digest(message)
        tally.edits += message["edited_timestamp"] is not None
        if unlisted := _UNLISTED.search(_description(message)):
            tally.unlisted += int(unlisted[1].replace(",", ""))
        thread = channels.get(int(message["id"]))
        notes = [one["content"] for one in thread.messages if not one["embeds"]] if thread else []
        tally.notes += len(notes)
        told = Counter(correction for note in notes for correction in _CORRECTION.findall(note))
        tally.doubled_notes += [f"{message['id']} {said}" for said, times in told.items() if times > 1]


def _messages(channels: Mapping[int, Channel], channel_id: int) -> list[Json]:
    """A channel's messages; of a forum the first of each post, the oldest first."""
    if channels[channel_id].type != FORUM:
        return channels[channel_id].messages
    threads = sorted((one for one in channels.values() if one.parent_id == channel_id), key=lambda one: one.id)
    return [thread.messages[0] for thread in threads]


def _description(message: Json) -> str:
    return "\n".join(embed.get("description") or "" for embed in message["embeds"])


def _title(message: Json) -> str | None:
    return next((embed.get("title") for embed in message["embeds"]), None)


def _is_digest(message: Json) -> bool:
    return bool(message["embeds"]) and not message["embeds"][0].get("url")


def _links(message: Json) -> list[str]:
    """The reviews that a message announces: its own, or those that a digest lists."""
    if _is_digest(message):
        return _LISTED.findall(_description(message))
    return [embed["url"] for embed in message["embeds"]]
