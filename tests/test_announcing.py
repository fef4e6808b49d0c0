"""Every review that should be announced is announced exactly once per subscription, in order, whatever happens."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.announcing import churn
from bot.config import load_settings
from bot.delivering.posts import Outgoing
from bot.errors import DeliveryError
from bot.models.announcing import Posted, Stage, Subscription, SubscriptionState
from bot.models.feeds import Entry
from bot.service import Service, open_service
from tests.conftest import Clock
from tests.factories import make_entry, make_rss
from tests.loopback.feed_host import FeedHost
from tests.posting import MemoryPoster

GUILD, OWNER = 7, 9
CHANNELS = (11, 12, 13)
FORUM = 13
WRITTEN = datetime(2026, 5, 1, tzinfo=UTC)
FAULTS = {
    "429": DeliveryError("Discord asks us to wait", retry_after_s=30),
    "500": DeliveryError("no clear answer from Discord", is_doubtful=True),
    "503": DeliveryError("no clear answer from Discord", is_doubtful=True),
    "400": DeliveryError("Discord refuses the post itself", is_final=True),
}


class Killed(BaseException):
    """The process ends here."""


class KillablePoster(MemoryPoster):
    """Ends the process before or after a post arrived, when told."""

    kill: str | None = None

    async def post(self, channel_id: int, message: Outgoing, *, nonce: str) -> Posted:
        kill, self.kill = self.kill, None
        if kill == "before":
            raise Killed
        posted = await super().post(channel_id, message, nonce=nonce)
        if kill == "after":
            raise Killed
        return posted


def name_of(title: str) -> str:
    """What a digest calls a post, which is alone announced by its title."""
    return title.partition(":")[0]


@dataclass(slots=True)
class Blog:
    """A feed as it stands on its server.

    Attributes:
        unseen: The entries that no poll has brought yet.
        is_restless: Its posts say something else at every reading …
        is_renaming: … or have new ids.
    """

    path: str
    is_restless: bool = False
    is_renaming: bool = False
    entries: list[Entry] = field(default_factory=list)
    unseen: list[Entry] = field(default_factory=list)


class Announcing(RuleBasedStateMachine):
    """Two blogs, three channels, four subscriptions; polls, edits, crashes, refusals, clock jumps, deletions."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp())
        self.clock = Clock()
        self.poster = KillablePoster()
        self.poster.forums.add(FORUM)
        self.poster.clock = self.clock
        self.numbers = itertools.count(1)
        self.shifted = timedelta()
        self.went_forward = timedelta()
        self.blogs = [Blog("/one.xml"), Blog("/two.xml")]
        self.forgotten: list[Entry] = []
        self.expected: dict[int, list[str]] = {}
        self.excused: dict[int, set[str]] = {}

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    @initialize()
    def set_up(self) -> None:
        self.run(self._set_up())

    async def _set_up(self) -> None:
        self.stack = AsyncExitStack()
        self.host = await self.stack.enter_async_context(FeedHost())
        for blog in self.blogs:
            blog.entries.append(self._write())
            self._serve(blog)
        await self._start()
        for which, channel_id in ((0, 11), (0, 12), (1, 11), (1, FORUM)):
            made = await self.service.subscriptions.follow(
                self.host.url(self.blogs[which].path), guild_id=GUILD, channel_id=channel_id, owner_id=OWNER
            )
            self.expected[made.id], self.excused[made.id] = [], set()

    async def _start(self) -> None:
        made = load_settings(
            NONMUN_DATABASE=self.folder / "n.db", NONMUN_FEEDS=tuple(self._urls()), NONMUN_PRIVATE_HOSTS="127.0.0.1"
        )
        self.running = AsyncExitStack()
        self.service: Service = await self.running.enter_async_context(open_service(made, clock=self.clock))
        await self.service.subscriptions.start()
        await self.service.courier.start()

    def _urls(self) -> list[str]:
        return [self.host.url(blog.path) for blog in self.blogs]

    def _write(self, **fields: Any) -> Entry:
        number = next(self.numbers)
        title = f"Lantern-{number}: Reading Long Documents Twice"
        # Later than all before it, those too whose dates a feed has rewritten.
        published = WRITTEN + self.shifted + timedelta(minutes=number)
        return make_entry(number, title=title, published=published, **fields)

    def _serve(self, blog: Blog) -> None:
        self.host.serve(blog.path, make_rss(blog.entries))

    async def _subscriptions(self) -> list[Subscription]:
        return await self.service.subscriptions.of_guild(GUILD)

    # ── what blogs do ───────────────────────────────────────────────────────────────────────────

    @rule(which=st.integers(0, 1), count=st.sampled_from((1, 1, 2, 7)))
    def publish(self, which: int, count: int) -> None:
        blog = self.blogs[which]
        for _ in range(count):
            entry = self._write()
            blog.entries.insert(0, entry)
            blog.unseen.append(entry)
        self._serve(blog)

    @rule(which=st.integers(0, 1))
    def publish_two_with_one_guid(self, which: int) -> None:
        blog = self.blogs[which]
        for _ in range(2):
            entry = self._write(guid=f"shared-{which}")
            blog.entries.insert(0, entry)
            blog.unseen.append(entry)
        self._serve(blog)

    @rule(which=st.integers(0, 1), at=st.integers(0, 9))
    def revise(self, which: int, at: int) -> None:
        blog = self.blogs[which]
        at %= len(blog.entries)
        if blog.entries[at] in blog.unseen:
            return
        changed = replace(blog.entries[at], html=blog.entries[at].html + f"<p>고친 글 {next(self.numbers)}.</p>")
        blog.entries[at] = changed
        self._serve(blog)

    @rule(which=st.integers(0, 1), day=st.integers(0, 3))
    def rewrite_identities(self, which: int, day: int) -> None:
        """Another host program: new guids, other schemes, trackers, dates."""
        blog = self.blogs[which]
        if blog.unseen:
            return
        mark = next(self.numbers)
        self.shifted += timedelta(days=day)
        blog.entries = [
            replace(
                entry,
                guid=f"{mark}-{number}",
                link=entry.link.replace("https://", "http://www.") + f"?utm_source={mark}"
                if "utm" not in entry.link
                else entry.link,
                published=entry.published and entry.published + timedelta(days=day),
            )
            for number, entry in enumerate(blog.entries)
        ]
        self._serve(blog)

    @rule(which=st.integers(0, 1), is_restless=st.booleans(), is_renaming=st.booleans())
    def become_unsteady(self, which: int, is_restless: bool, is_renaming: bool) -> None:
        """From now on its posts change at every reading, in their text or in their ids."""
        self.blogs[which].is_restless, self.blogs[which].is_renaming = is_restless, is_renaming

    def _stir(self, blog: Blog) -> None:
        if not (blog.is_restless or blog.is_renaming) or blog.unseen:
            return
        mark = next(self.numbers)
        for at, entry in enumerate(blog.entries):
            said = f"<p>Reading number {mark}.</p>" if blog.is_restless else ""
            html = re.sub(r"(<p>Reading number \d+.</p>)?$", said, entry.html, count=1)
            guid = f"{mark}-{at}" if blog.is_renaming else entry.guid
            blog.entries[at] = replace(entry, html=html, guid=guid)
        self._serve(blog)

    @rule(which=st.integers(0, 1))
    def forget_old_entries(self, which: int) -> None:
        blog = self.blogs[which]
        if not blog.unseen:
            self.forgotten += blog.entries[3:]
            blog.entries = blog.entries[:3]
            self._serve(blog)

    # ── what the bot does ───────────────────────────────────────────────────────────────────────

    @rule()
    def poll(self) -> None:
        self.run(self._poll())

    async def _poll(self) -> None:
        states = {one.id: one for one in await self._subscriptions()}
        for blog in self.blogs:
            url = self.host.url(blog.path)
            self._stir(blog)
            outcome = await self.service.poller.poll(url, is_forced=True)
            if outcome.error:
                continue
            for one in states.values():
                if one.feed_url == url and one.state is not SubscriptionState.PAUSED:
                    self.expected[one.id] += [name_of(entry.title) for entry in blog.unseen]
            blog.unseen = []

    @rule()
    def sweep(self) -> None:
        """The daily job, and of what is settled all that may go after a year: nothing is announced again for that."""
        self.jump(86_400)
        self.run(self.service.retention.run())
        self.run(self.service.retention._forget_posts(self.clock()))

    @rule()
    def deliver(self) -> None:
        self.run(self._deliver())

    async def _deliver(self) -> None:
        try:
            await self.service.courier.deliver(self.poster)
        except Killed:
            await self._restart()

    @rule(when=st.sampled_from(("before", "after")))
    def crash_while_posting(self, when: str) -> None:
        self.poster.kill = when
        self.run(self._deliver())
        self.poster.kill = None
        self.run(self._restart())

    async def _restart(self) -> None:
        await self.running.aclose()
        await self._start()

    # ── what Discord does ───────────────────────────────────────────────────────────────────────

    @rule(kind=st.sampled_from(sorted(FAULTS)), arrives=st.booleans())
    def refuse_next(self, kind: str, arrives: bool) -> None:
        self.poster.refusals.append(FAULTS[kind])
        self.poster.arrives_all_the_same = arrives

    @rule(channel_id=st.sampled_from(CHANNELS))
    def forbid(self, channel_id: int) -> None:
        self.poster.blocked[channel_id] = "I need Send Messages"

    @rule()
    def allow(self) -> None:
        self.poster.blocked.clear()
        self.run(self.service.courier.retry(self.poster))

    @rule(readable=st.booleans())
    def show_history(self, readable: bool) -> None:
        self.poster.is_readable = readable

    @precondition(lambda self: len(self.poster.gone) < 2)
    @rule(channel_id=st.sampled_from(CHANNELS), is_told=st.booleans())
    def delete_channel(self, channel_id: int, is_told: bool) -> None:
        """With the event, or unnoticed: then the next post finds out."""
        self.poster.gone.add(channel_id)
        if is_told:
            self.run(self.service.courier.end_channel(channel_id))

    @rule(times=st.sampled_from((2, 5, 12)))
    def poll_every_hour(self, times: int) -> None:
        for _ in range(times):
            self.jump(3_600)
            self.poll()

    @rule(seconds=st.sampled_from((-7_200, -60, 1, 60, 3_600, 86_400 * 8)))
    def jump(self, seconds: int) -> None:
        self.clock.advance(seconds=seconds)
        self.went_forward += timedelta(seconds=max(0, seconds))

    @rule(which=st.integers(0, 3), is_paused=st.booleans())
    def pause_or_resume(self, which: int, is_paused: bool) -> None:
        self.run(self._pause_or_resume(which, is_paused))

    async def _pause_or_resume(self, which: int, is_paused: bool) -> None:
        found = await self._subscriptions()
        if which >= len(found):
            return
        one = found[which]
        if is_paused and one.state is not SubscriptionState.PAUSED:
            await self.service.subscriptions.pause(one)
        elif not is_paused and one.state is SubscriptionState.PAUSED:
            await self.service.subscriptions.resume(one)

    # ── the promise ─────────────────────────────────────────────────────────────────────────────

    def shown(self, channel_id: int) -> list[str]:
        """The names that stand in a channel, in order, those in digests too."""
        found = []
        for message in self.poster.in_channel(channel_id):
            card = message.outgoing.card
            if card is None:
                continue
            if card.url:
                found.append(name_of(card.title))
            else:
                lines = [block.spans[0].text for part in card.parts for block in part if block.spans[0].href]
                found += lines
        return found

    @invariant()
    def nothing_stands_twice(self) -> None:
        for channel_id in CHANNELS:
            shown = self.shown(channel_id)
            assert len(shown) == len(set(shown)), shown

    def teardown(self) -> None:
        try:
            if self.expected:
                self.run(self._check_the_end())
        finally:
            self.run(self._tear_down())
            self.loop.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    async def _tear_down(self) -> None:
        if hasattr(self, "running"):
            await self.running.aclose()
        if hasattr(self, "stack"):
            await self.stack.aclose()

    async def _check_the_end(self) -> None:
        """Once all troubles are over everything has arrived, in order, or there is a reason on record."""
        self.poster.blocked.clear()
        self.poster.refusals.clear()
        self.poster.is_readable = True
        await self._poll()
        for _ in range(4):
            self.clock.advance(hours=2)
            await self.service.courier.retry(self.poster)
            await self._deliver()
        for one in [*await self._subscriptions()]:
            if one.channel_id in self.poster.gone:
                continue
            shown = self.shown(one.channel_id)
            wanted = self.expected[one.id]
            here = [name for name in shown if name in set(wanted)]
            assert here == [name for name in wanted if name in set(here)], (one.channel_id, shown, wanted)
            for name in set(wanted) - set(shown):
                await self._check_reason(one, name)
        assert not [d for d in await self.service.courier.undelivered() if d.state in ("pending", "sending")]
        for entry in itertools.chain(*(blog.entries for blog in self.blogs)):
            await self._check_bounds(entry)

    async def _check_bounds(self, entry: Entry) -> None:
        """However often a post changed, it was told so often and no more, and a duplicate once for each reason."""
        explained = await self.service.subscriptions.why(entry.link, guild_id=GUILD)
        most = churn.MOST_REVISIONS + self.went_forward // churn.QUIET
        for history in explained.histories:
            stages = [decision.stage for decision in history.decisions]
            assert stages.count(Stage.UPDATED) <= most
            assert stages.count(Stage.EDITED) <= most + stages.count(Stage.SENT)
            reasons = [decision.detail for decision in history.decisions if decision.stage is Stage.DUPLICATE]
            assert len(reasons) == len(set(reasons))

    async def _check_reason(self, one: Subscription, name: str) -> None:
        written = itertools.chain(self.forgotten, *(blog.entries for blog in self.blogs))
        entry = next(entry for entry in written if name_of(entry.title) == name)
        explained = await self.service.subscriptions.why(entry.link, guild_id=GUILD)
        (history,) = [h for h in explained.histories if h.subscription.id == one.id]
        stages = {decision.stage for decision in history.decisions}
        assert stages & {Stage.FAILED, Stage.PAUSED}, (name, stages)


TestAnnouncing = Announcing.TestCase
TestAnnouncing.settings = settings(
    max_examples=8 if os.environ.get("CI") else 15,  # .ci/full tries all: .ci/run has to stay short
    stateful_step_count=30,
    # A run takes seconds: what fails is printed as it was found.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
