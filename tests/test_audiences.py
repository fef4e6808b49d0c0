"""A server reads what it follows and what the host shares: nothing of another server's feeds, or of the host's
private ones, shows anywhere in Discord."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.config import Settings
from bot.feeds import addresses
from bot.models.feeds import Entry
from bot.service import open_service
from tests import shown
from tests.conftest import Clock
from tests.factories import make_entry, make_rss
from tests.loopback.discord import Interaction, LoopbackDiscord, UsageError
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, eventually, wait_for_commands
from tests.test_feed_commands import notices, said

MakeSettings = Callable[..., Settings]
DUMPS = Path(__file__).parent / "data" / "schemas"
TOKEN = "t0psecret9"
SHARED = "Harbourglow"
"""The name of the paper that a feed is on which the host shares."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One that not everybody may read of.

    Attributes:
        canary: Stands in all that a review says, and is never typed.
        author: The last name of the one who wrote it.
    """

    name: str
    number: int
    canary: str
    author: str

    @property
    def arxiv(self) -> str:
        return f"2401.0000{self.number}"

    @property
    def link(self) -> str:
        return f"https://blog.example/{self.name.casefold()}/"

    def reviews(self) -> list[Entry]:
        """Of the paper, and of one that cites it."""
        review = post(self.name, self.link, self.canary, arxiv=self.arxiv, number=self.number, author=self.author)
        citing = f"<h2>Abstract</h2><p>{self.canary} goes on from {cite(self.arxiv)}.</p>"
        title = f"[ACL 2023] {self.canary} Companions"
        return [review, make_entry(self.number + 10, link=f"{self.link}companions/", title=title, html=citing)]


OTHERS = Paper("Marlinspike", 2, "Xanthic", "Voleman")
KEYED = Paper("Quartzkey", 3, "Umbral", "Newtson")
FILED = Paper("Cobaltfile", 4, "Zephyric", "Toadwell")
"""Of a blog that one server follows; of a feed of the host's with a key; of a file of the host's."""
PAPERS = (OTHERS, KEYED, FILED)
HTML = """
<p><a href="https://arxiv.org/pdf/{arxiv}.pdf">[pdf]</a></p>
<p><strong>{word} {author}<sup>1</sup></strong><br /> <sup>1</sup> Elsewhere Lab</p>
<h2>Abstract</h2><p>We propose {name}. {word} 은 salience pruning 을 다룬다. {about}</p>
<h2>1. Method {word}</h2><p>{word} 의 방법은 두 단계이다.</p>
"""


def cite(arxiv: str) -> str:
    return f'<a href="https://arxiv.org/abs/{arxiv}">the paper</a>'


def post(name: str, link: str, word: str, *, arxiv: str, number: int, author: str, about: str = "") -> Entry:
    """A review of a paper; ``word`` stands in its title, heading, text, category and author."""
    return make_entry(
        number,
        link=link,
        title=f"[ACL 2024] {name}: Reading {word} Lanterns",
        html=HTML.format(name=name, word=word, arxiv=arxiv, author=author, about=about),
        categories=("paper", word),
    )


def shared_review() -> Entry:
    """For everybody. It speaks of the other papers, by name and identifier."""
    about = " ".join(f"{paper.name} ({cite(paper.arxiv)})" for paper in PAPERS)
    link = "https://shared.example/harbourglow/"
    return post(SHARED, link, "Public", arxiv="2401.00001", number=1, author="Ferretly", about=f"See {about}.")


def others_review_of_shared() -> Entry:
    """The blog's review of the shared feed's paper: the same title and identifier."""
    entry = shared_review()
    more = f"<h2>{OTHERS.canary} remarks</h2><p>{OTHERS.canary}.</p>"
    return make_entry(7, link=f"https://blog.example/{OTHERS.canary}/", title=entry.title, html=entry.html + more)


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The addresses that count as public. Nothing on a loopback address is, and tests reach nothing else."""
    public = {"127.0.0.1"}
    monkeypatch.setattr(addresses, "is_public", public.__contains__)
    return public


@dataclass(frozen=True, slots=True)
class Place:
    """A channel of a server, or somebody's direct messages."""

    discord: LoopbackDiscord
    channel_id: int

    @property
    def guild_id(self) -> int:
        return self.discord.channels[self.channel_id].guild_id or 0

    async def use(self, name: str, options: Mapping[str, object] | None = None) -> Interaction:
        return await self.discord.command(name, options, channel_id=self.channel_id)

    async def typed(self, name: str, focused: str, options: Mapping[str, object]) -> str:
        """What is offered while somebody types."""
        return str(await self.discord.autocomplete(name, options, focused=focused, channel_id=self.channel_id))

    async def shown(self, name: str, options: Mapping[str, object] | None = None) -> str:
        """All that an answer carries, also its menus and addresses."""
        return str((await self.use(name, options)).message)

    async def reads(self, paper: Paper) -> bool:
        return paper.canary in await self.shown("paper", {"name": paper.name})

    async def follow(self, address: str) -> Interaction:
        answer = await self.use("feed add", {"address": address})
        return await self.discord.press(answer.message, label="Follow")

    async def remove_feed(self) -> None:
        (choice,) = await self.discord.autocomplete(
            "feed remove", {"feed": ""}, focused="feed", channel_id=self.channel_id
        )
        await self.use("feed remove", {"feed": choice["value"]})


@dataclass(frozen=True, slots=True)
class Servers:
    """The host's own server, one that follows the blog, one that follows nothing, and somebody's direct messages."""

    own: Place
    follower: Place
    stranger: Place
    direct: Place
    blog: str


@asynccontextmanager
async def running(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, folder: Path, **overrides: object
) -> AsyncIterator[Servers]:
    """The bot with three feeds of its host's: one to share, one with a key, one in a file."""
    shared = feed_host.serve("/shared.xml", make_rss([shared_review()], title="Reviews for all"))
    feed_host.serve("/keyed.xml", make_rss(KEYED.reviews(), title=f"{KEYED.canary} Weekly"))
    reviews = [*OTHERS.reviews(), others_review_of_shared()]
    blog = feed_host.serve("/blog.xml", make_rss(reviews, title=f"{OTHERS.canary} Weekly"))
    file = folder / "file.xml"
    file.write_bytes(make_rss(FILED.reviews(), title=f"{FILED.canary} Weekly"))
    keyed = feed_host.url(f"/keyed.xml?token={TOKEN}")
    follower, stranger = (
        Place(discord, discord.add_channel(discord.add_guild(name).id, "papers")) for name in ("Follower", "Stranger")
    )
    direct = Place(discord, discord.world.direct_channel(discord.owner_id).id)
    feeds = ",".join((shared, keyed, str(file)))
    async with run(**({"NONMUN_FEEDS": feeds, "NONMUN_PRIVATE_HOSTS": ""} | overrides)):
        await wait_for_commands(discord)
        own = Place(discord, discord.channel_id)

        async def are_read() -> bool:
            is_shared_read = "Public" in await own.shown("paper", {"name": SHARED})
            return is_shared_read and await own.reads(KEYED) and await own.reads(FILED)

        await eventually(are_read, "the host's feeds")
        yield Servers(own, follower, stranger, direct, blog)


@pytest.fixture
async def servers(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, internet: set[str], tmp_path: Path
) -> AsyncIterator[Servers]:
    """The bot among its servers, one of which follows a blog."""
    async with running(run, discord, feed_host, tmp_path) as found:
        await found.follower.follow(found.blog)
        yield found


# ── look-ups ────────────────────────────────────────────────────────────────────────────────────

QUESTIONS: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("paper", {"name": "{name}"}),
    ("paper", {"name": "{begun}"}),
    ("paper", {"name": "{slip}"}),
    ("paper", {"name": "{link}"}),
    ("paper", {"name": "arXiv:{arxiv}"}),
    ("paper", {"name": "https://arxiv.org/abs/{arxiv}"}),
    ("paper", {"name": "lanterns reading"}),
    ("paper", {"name": "{author}"}),
    ("section", {"paper": "{name}", "heading": "method"}),
    ("section", {"paper": "{name} 1"}),
    ("section", {"paper": "{link}", "heading": "abstract"}),
    ("search", {"query": "{name}"}),
    ("search", {"query": "salience pruning"}),
    ("search", {"query": "venue:ACL2024"}),
    ("search", {"query": "lanterns sort:new"}),
    ("search", {"query": "source:blog.example"}),
    ("search", {"query": "author:{author}"}),
    ("related", {"name": "{name}"}),
    ("related", {"name": "{link}"}),
    ("latest", {}),
    ("help", {}),
)
"""Each answer has the canary where the paper's review may be read."""
TYPED: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("paper", "name", {"name": ""}),
    ("paper", "name", {"name": "{begun}"}),
    ("paper", "name", {"name": "{slip}"}),
    ("paper", "name", {"name": "lanterns"}),
    ("related", "name", {"name": "{begun}"}),
    ("section", "paper", {"paper": "{begun}"}),
    ("section", "heading", {"paper": "{name}", "heading": ""}),
    ("search", "tag", {"query": "x", "tag": ""}),
    ("search", "author", {"query": "x", "author": ""}),
)
"""So do the choices that are offered while somebody types."""


async def ways_to(place: Place, paper: Paper) -> dict[str, bool]:
    """What can be asked or typed about a paper in a place, and whether that tells anything of its review."""
    words = {
        "name": paper.name,
        "begun": paper.name[:6].casefold(),
        "slip": paper.name[:4] + paper.name[5:],
        "link": paper.link,
        "arxiv": paper.arxiv,
        "author": paper.author.casefold(),
    }

    def tells(shown: str, asked: Mapping[str, str]) -> bool:
        """Whether there is a word of the review; where a search only narrows, a hit is a name and no passage."""
        is_narrowed = ":" in asked.get("query", "")
        return (paper.name if is_narrowed else paper.canary).casefold() in shown.casefold()

    found = {}
    for command, options in QUESTIONS:
        asked = {key: text.format(**words) for key, text in options.items()}
        found[f"/{command} {asked}"] = tells(await place.shown(command, asked), asked)
    for command, focused, options in TYPED:
        asked = {key: text.format(**words) for key, text in options.items()}
        found[f"typing {focused} of /{command} {asked}"] = tells(await place.typed(command, focused, asked), asked)
    return found


async def leaks(place: Place, *papers: Paper) -> list[str]:
    return [way for paper in papers for way, tells in (await ways_to(place, paper)).items() if tells]


async def test_a_server_reads_its_own_blog_by_every_way(servers: Servers) -> None:
    """Else the tests of what does not show would say nothing."""
    for place, paper in ((servers.follower, OTHERS), (servers.own, KEYED), (servers.own, FILED)):
        assert [way for way, tells in (await ways_to(place, paper)).items() if not tells] == []


@pytest.mark.parametrize("where", ["stranger", "direct", "own", "follower"])
async def test_nothing_of_what_a_place_does_not_read_shows(servers: Servers, where: str) -> None:
    """Another server's blog, a feed of the host's with a key, a file: not by any command, nor while typing."""
    hidden = {"own": (OTHERS,), "follower": (KEYED, FILED)}.get(where, PAPERS)
    assert await leaks(getattr(servers, where), *hidden) == []


async def test_what_the_host_shares_is_read_everywhere(servers: Servers) -> None:
    for place in (servers.own, servers.follower, servers.stranger, servers.direct):
        assert "Public" in await place.shown("paper", {"name": SHARED})
        assert SHARED in await place.shown("search", {"query": "lanterns"})
        assert "Reviews for all" in await place.shown("help")


@pytest.mark.parametrize("is_group", [False, True])
async def test_elsewhere_a_user_reads_what_the_host_shares(
    servers: Servers, discord: LoopbackDiscord, is_group: bool
) -> None:
    """Whoever has installed the look-ups can use them in other servers and in groups; the admins' commands not."""
    place = Place(discord, discord.channel_elsewhere(is_group=is_group))
    assert "Public" in await place.shown("paper", {"name": SHARED})
    assert "Public" in await place.shown("latest")
    assert await leaks(place, *PAPERS) == []
    for command, options in (
        ("feed list", {}),
        ("settings", {}),
        ("notify", {}),
        ("why", {"link": "https://x.test"}),
    ):
        with pytest.raises(UsageError, match="not shown there"):
            await place.use(command, options)


async def test_reviews_of_one_paper_are_joined_among_what_is_read(servers: Servers) -> None:
    """Where several blogs review a paper, a server is shown the others that it reads, and counts them alone."""
    for command in ("paper", "related"):
        asked = (command, {"name": SHARED})
        assert OTHERS.canary in await servers.follower.shown(*asked)
        for place in (servers.own, servers.stranger, servers.direct):
            assert OTHERS.canary not in await place.shown(*asked)


async def test_counts_are_of_what_is_read(servers: Servers) -> None:
    for place, reviews in ((servers.own, 5), (servers.follower, 4), (servers.stranger, 1), (servers.direct, 1)):
        assert f"{reviews} review{'s' if reviews > 1 else ''} can be found here" in said(await place.use("help"))
        nothing = said(await place.use("search", {"query": "zzyzx"}))
        assert f"{reviews} review" in nothing


async def test_why_tells_no_more_of_a_post_than_of_one_that_nobody_has(servers: Servers) -> None:
    unknown = "https://blog.example/nothing-of-the-kind/"

    async def why(place: Place, link: str) -> str:
        return said(await place.use("why", {"link": link})).replace(link, "LINK")

    assert OTHERS.canary in await why(servers.follower, OTHERS.link)
    assert KEYED.canary in await why(servers.own, KEYED.link)
    for place, papers in (
        (servers.stranger, PAPERS),
        (servers.follower, (KEYED, FILED)),
        (servers.own, (OTHERS,)),
    ):
        for paper in papers:
            assert await why(place, paper.link) == await why(place, unknown)
            assert paper.canary not in await why(place, f"arXiv:{paper.arxiv}")


async def test_the_commands_of_admins_name_nothing_of_others(servers: Servers) -> None:
    for command in ("feed list", "feed export", "notify"):
        answer = await servers.stranger.use(command)
        files = [str(file.content) for file in servers.stranger.discord.world.files.values()]
        assert not [p for p in PAPERS if p.canary in str(answer.message) or p.canary in str(files)]
    for command in ("feed status", "feed pause", "feed remove", "subscribe", "notify"):
        assert await servers.stranger.typed(command, "feed", {"feed": ""}) == "[]"


async def test_a_subscription_is_nothing_to_another_server(servers: Servers) -> None:
    """Its number opens it in its own server alone: it is neither shown elsewhere nor changed from there."""
    discord, channel_id = servers.follower.discord, servers.follower.channel_id
    (choice,) = await discord.autocomplete("feed pause", {"feed": ""}, focused="feed", channel_id=channel_id)
    feed = {"feed": choice["value"]}
    for command in (
        *("feed pause", "feed resume", "feed status", "feed test", "feed remove"),
        *("subscribe", "notify"),
    ):
        answer = await servers.stranger.use(command, feed)
        assert "no such feed" in said(answer)
        assert OTHERS.canary not in str(answer.message)
    status = said(await servers.follower.use("feed status", feed))
    assert OTHERS.canary in status
    assert "active" in status


# ── what changes ────────────────────────────────────────────────────────────────────────────────


async def test_a_feed_that_is_removed_is_gone_at_once_from_open_menus_too(servers: Servers) -> None:
    """Of a card that was answered before, the text stays; its menus open nothing of it any more."""
    cards = [
        await servers.follower.use("latest"),
        await servers.follower.use("paper", {"name": OTHERS.name}),
        await servers.follower.use("search", {"query": "salience pruning"}),
        await servers.follower.use("related", {"name": OTHERS.name}),
    ]
    opened = [await open_all(servers.follower, card) for card in cards]
    assert all(OTHERS.canary in one for one in opened), opened
    await servers.follower.remove_feed()
    assert await leaks(servers.follower, OTHERS) == []
    opened = [await open_all(servers.follower, card) for card in cards]
    assert not [one for one in opened if OTHERS.canary in one]
    assert "no longer here" in opened[0]


async def open_all(place: Place, card: Interaction) -> str:
    """What the choices of a card's menu open."""
    assert card.message is not None
    opened = [await place.discord.select(card.message, values=[value]) for value in shown.options(card).values()]
    opened += [await place.discord.press(card.message, custom_id=button) for button in shown.beside(card)]
    return " ".join(str(one.message) for one in opened)


async def test_following_lets_a_server_read_and_nobody_else(servers: Servers) -> None:
    await servers.stranger.follow(servers.blog)
    assert await servers.stranger.reads(OTHERS)
    assert await leaks(servers.direct, OTHERS) == []
    (choice,) = await servers.stranger.discord.autocomplete(
        "feed pause", {"feed": ""}, focused="feed", channel_id=servers.stranger.channel_id
    )
    await servers.stranger.use("feed pause", {"feed": choice["value"]})
    assert await servers.stranger.reads(OTHERS)
    await servers.stranger.remove_feed()
    assert not await servers.stranger.reads(OTHERS)
    assert await servers.follower.reads(OTHERS)


async def test_a_shared_feed_that_moves_to_a_private_address_is_read_by_its_host_alone(
    servers: Servers, feed_host: FeedHost, internet: set[str]
) -> None:
    """From the reading on that found it there: nothing of that reading shows to others, also for a moment."""
    seen = len(feed_host.requests_for("/shared.xml"))
    internet.clear()
    await eventually(  # a reading that has begun found the public address
        lambda: any(request.status for request in feed_host.requests_for("/shared.xml")[seen:]), "the next reading"
    )
    secret = post("Inwardly", "https://shared.example/inwardly/", "Umbral", arxiv="2401.00009", number=9, author="Oh")
    feed_host.update("/shared.xml", make_rss([secret, shared_review()], title="Reviews for all"))

    async def is_news_read() -> bool:
        for place in (servers.stranger, servers.direct, servers.follower):
            assert "Umbral" not in await place.shown("latest")
        return "Umbral" in await servers.own.shown("paper", {"name": "Inwardly"})

    await eventually(is_news_read, "the news of the private feed")
    for place in (servers.stranger, servers.direct):
        assert "Umbral" not in await place.shown("latest")
        assert "Public" not in await place.shown("paper", {"name": SHARED})
        assert "Reviews for all" not in await place.shown("help")


# ── what the host shares ────────────────────────────────────────────────────────────────────────


async def test_nothing_is_shared_where_the_host_says_so(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, internet: set[str], tmp_path: Path
) -> None:
    """With NONMUN_SHARED_FEEDS=false the host's server reads all of the host's feeds, and nobody else any."""
    async with running(run, discord, feed_host, tmp_path, NONMUN_SHARED_FEEDS=False) as servers:
        for place in (servers.follower, servers.stranger, servers.direct):
            assert await leaks(place, *PAPERS) == []
            for command, options in (("paper", {"name": SHARED}), ("latest", None), ("help", None)):
                shown = await place.shown(command, options)
                assert "Public" not in shown
                assert "Reviews for all" not in shown
        await servers.stranger.follow(feed_host.url("/shared.xml"))
        assert "Public" in await servers.stranger.shown("paper", {"name": SHARED})
        assert "Public" not in await servers.direct.shown("paper", {"name": SHARED})


async def test_without_a_channel_of_the_host_its_private_feeds_are_read_in_no_server(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, internet: set[str], tmp_path: Path
) -> None:
    shared = feed_host.serve("/shared.xml", make_rss([shared_review()]))
    file = tmp_path / "file.xml"
    file.write_bytes(make_rss(FILED.reviews()))
    async with run(NONMUN_FEEDS=f"{file},{shared}", NONMUN_PRIVATE_HOSTS="", NONMUN_CHANNEL_ID=None):
        await wait_for_commands(discord)
        place = Place(discord, discord.channel_id)

        async def is_read() -> bool:
            return "Public" in await place.shown("paper", {"name": SHARED})

        await eventually(is_read, "the shared feed")
        assert await leaks(place, FILED) == []


OPML = '<?xml version="1.0"?><opml version="2.0"><body><outline text="x" type="rss" xmlUrl="{}"/></body></opml>'


@pytest.mark.parametrize("is_polled", [True, False])
async def test_a_private_feed_of_the_host_cannot_be_followed_by_guessing(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, *, is_polled: bool
) -> None:
    """Its address opens nothing, by /feed add or by a list of feeds, before its first reading or after; and what is
    said is the same as of any other address of that network."""
    own = feed_host.serve("/own.xml", make_rss(FILED.reviews(), title=f"{FILED.canary} Weekly"))
    other = feed_host.serve("/other.xml", make_rss(KEYED.reviews()))
    let_go = feed_host.hold("/own.xml")
    stranger = Place(discord, discord.add_channel(discord.add_guild("Stranger").id, "papers"))
    async with run(NONMUN_FEEDS=own, NONMUN_PRIVATE_HOSTS=""):
        await wait_for_commands(discord)
        if is_polled:
            let_go.set()
            host = Place(discord, discord.channel_id)
            await eventually(lambda: host.reads(FILED), "the host's feed")
        asked = len(feed_host.requests)
        texts = []
        for address in (own, own.replace("http://", "HTTP://"), own + "#x", f"{own}/", other):
            added = await stranger.use("feed add", {"address": address})
            file = ("feeds.opml", OPML.format(address).encode())
            imported = await stranger.use("feed import", {"file": file})
            assert "0 feeds added" in said(imported)
            texts.append((said(added) + said(imported)).replace(address, "").replace(address.casefold(), ""))
        assert FILED.canary not in str(texts)
        assert all("private network" in text for text in texts)
        assert await leaks(stranger, FILED) == []
        assert "No feeds" in said(await stranger.use("feed list"))
        if not is_polled:
            assert len(feed_host.requests) == asked
        let_go.set()


async def test_a_key_is_not_found_out_by_searching_for_it(servers: Servers) -> None:
    """`source:` goes by the address as it is shown, in the server that reads the feed too."""
    assert KEYED.canary in await servers.own.shown("search", {"query": "source:keyed.xml"})
    for guess in ("t0p", TOKEN, f"token={TOKEN}", "token=t"):
        assert KEYED.canary not in await servers.own.shown("search", {"query": f"source:{guess}"})


@pytest.mark.parametrize("key", ["", "?token=", "?token=t0psecret", "?token=…", "?token=T0PSECRET9"])
async def test_a_feed_with_a_key_is_not_known_by_an_address_without_it(
    servers: Servers, feed_host: FeedHost, key: str
) -> None:
    """Its server is asked, and says what it says to anybody."""
    feed_host.fail("/keyed.xml", status=403)
    answer = await servers.stranger.use("feed add", {"address": feed_host.url(f"/keyed.xml{key}")})
    assert KEYED.canary not in str(answer.message)
    assert "Follow" not in str(answer.message)


# ── the first reading, and the update ───────────────────────────────────────────────────────────


async def test_where_a_feed_was_read_is_kept_with_what_was_read(
    feed_host: FeedHost, settings: MakeSettings, clock: Clock, internet: set[str]
) -> None:
    """In one transaction: at no moment, also not after a kill, is a private reading under a public feed."""
    url = feed_host.serve("/shared.xml", make_rss([shared_review()]))
    async with open_service(settings(NONMUN_FEEDS=url), clock=clock) as service:
        for number, is_public in ((2, True), (3, False), (4, True)):
            internet.clear()
            internet.update({"127.0.0.1"} if is_public else ())
            feed_host.update("/shared.xml", make_rss([make_entry(number), shared_review()]))
            commits = service.database.commits
            (outcome,) = await service.poller.poll_all(is_forced=True)
            assert (outcome.error, outcome.new) == (None, 2 if number == 2 else 1)
            assert service.database.commits == commits + 1
            direct = await service.audiences.of_guild(None)
            assert bool(direct.feeds) is is_public
        internet.clear()
        (outcome,) = await service.poller.poll_all(is_forced=True)
        assert feed_host.requests[-1].status == 304
        assert not (await service.audiences.of_guild(None)).feeds


async def test_the_update_is_told_to_each_server_once(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost, tmp_path: Path
) -> None:
    """To who set its first feed up, in the server, however many feeds it follows; not again after a restart."""
    feed_host.serve("/blog.xml", make_rss([make_entry(1)]))
    feed_host.serve("/own.xml", make_rss([make_entry(2)]))
    first, second, gone = (discord.add_guild(name).id for name in ("First", "Second", "Ended"))
    channels = {guild: discord.add_channel(guild, "papers") for guild in (first, second, gone)}
    owners = {first: 71, second: 72, gone: 73}
    with sqlite3.connect(tmp_path / "test.db") as old:
        old.executescript((DUMPS / "v4.sql").read_text("utf-8"))
        old.execute("PRAGMA user_version = 4")
        for number in range(1, 4):
            url = feed_host.url("/blog.xml") + f"?page={number}"
            old.execute("INSERT INTO feeds (id, url) VALUES (?, ?)", (number, url))
            for guild, channel in channels.items():
                owner = owners[guild] + 10 * (number - 1)
                state = "ended" if guild == gone else "paused" if number == 1 else "active"
                old.execute(
                    "INSERT INTO subscriptions (feed_id, guild_id, channel_id, owner_id, state, created_at)"
                    " VALUES (?, ?, ?, ?, ?, '2026-01-01T00:00:00+00:00')",
                    (number, guild, channel, owner, state),
                )
    old.close()
    for rounds in (3, 6):
        async with run(NONMUN_FEEDS=feed_host.url("/own.xml"), NONMUN_CHANNEL_ID=None):
            await wait_for_commands(discord)
            await eventually(lambda: all(notices(discord, channels[guild]) for guild in (first, second)), "notices")
            await feed_host.wait_for_requests(len(feed_host.requests) + rounds)
    for guild in (first, second):
        (notice,) = notices(discord, channels[guild])
        assert notice.startswith(f"<@{owners[guild]}>")
        assert "find reviews only from the feeds that this server follows" in notice
        assert "/feed add" in notice
    assert notices(discord, channels[gone]) == []
    assert notices(discord, discord.channel_id) == []
