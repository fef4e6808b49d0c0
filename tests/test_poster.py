"""Posting and looking back with the real client: what leaves, what stands there, what a refusal means."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import discord as discord_py
import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route
from yarl import URL

from bot.announcing.decisions import id_at, time_of
from bot.cards.card import Card, Choice, Picture, Tone
from bot.delivering import posts
from bot.delivering.posts import Outgoing, Standing, Traits, is_same, link_identity
from bot.errors import DeliveryError
from bot.metrics import Metrics
from bot.models.announcing import Delivering
from bot.models.requests import Command, Request
from bot.models.reviews import Block, BlockKind, Span
from bot.ui.discord import poster as poster_module
from bot.ui.discord import rights
from bot.ui.discord.poster import ChannelPoster
from bot.ui.discord.server_time import ServerTime
from tests.loopback.discord import LoopbackDiscord, Permission
from tests.loopback.running import TOKEN, eventually
from tests.shown import parts

FORUM = 15


class Client(discord_py.Client):
    """The bot's connection without its commands."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.server_time = ServerTime(self.metrics)
        super().__init__(
            intents=discord_py.Intents(guilds=True),
            guild_ready_timeout=0,
            max_messages=None,
            max_ratelimit_timeout=60.0,
            http_trace=self.server_time.trace(),
        )
        self.poster = ChannelPoster(self, self.server_time, self.metrics)


@contextlib.asynccontextmanager
async def connected(discord: LoopbackDiscord) -> AsyncIterator[Client]:
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = discord.api_url, URL(discord.gateway_url)
    async with Client() as opened:
        running = asyncio.create_task(opened.start(TOKEN))
        await eventually(opened.is_ready, "a client that is ready")
        yield opened
    await running


@pytest.fixture
def forum(discord: LoopbackDiscord) -> int:
    return discord.add_channel(discord.guild_id, "talks", FORUM)


@pytest.fixture
async def client(discord: LoopbackDiscord, forum: int) -> AsyncIterator[Client]:
    async with connected(discord) as opened:
        yield opened


@pytest.fixture
def poster(client: Client) -> ChannelPoster:
    return client.poster


def post_of(number: int, link: str | None = None) -> Outgoing:
    card = Card(tone=Tone.NEWS, title=f"Otter-{number}", url=link or f"https://reviews.example/{number}/")
    return Outgoing(card=card, name=f"Otter-{number}")


def pressable(number: int) -> Outgoing:
    """With a menu and a button, as announcements have."""
    request = Request(command=Command.PAPER, review_id=number, check="Ab_-19")
    choices = (Choice(label="1. Introduction", request=replace(request, command=Command.SECTION, position=1)),)
    post = post_of(number)
    assert post.card is not None
    card = replace(post.card, choices=choices, buttons=(Choice(label="Open", request=request),))
    return replace(post, card=card)


def listing(title: str, links: list[str]) -> Card:
    """A card with a line for each of these addresses."""
    lines = [Block(kind=BlockKind.ITEM, marker="•", spans=(Span(text="Otter", href=link),)) for link in links]
    return Card(tone=Tone.NEWS, title=title, parts=tuple((line,) for line in lines))


async def standing(
    poster: ChannelPoster, channel_id: int, *, after: int = 0, known: frozenset[int] = frozenset()
) -> list[Standing]:
    return [one async for one in poster.own_messages(channel_id, after=after, known=known)]


# ── looking back ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("is_hidden", [False, True])
async def test_what_was_posted_is_recognised_although_its_embed_was_hidden(
    discord: LoopbackDiscord, poster: ChannelPoster, *, is_hidden: bool
) -> None:
    sent = [await poster.post(discord.channel_id, post_of(number), nonce=f"n{number}") for number in (1, 2)]
    if is_hidden:
        discord.hide_embeds(discord.channel_id, sent[0].message_id)
    found = await standing(poster, discord.channel_id)
    assert [one.posted for one in found] == sent
    assert [one.is_hidden for one in found] == [is_hidden, False]
    assert [is_same(one, posts.traits_of(post_of(1))) for one in found] == [True, False]


async def test_what_can_be_pressed_stays_and_hides_nothing(
    discord: LoopbackDiscord, poster: ChannelPoster, forum: int
) -> None:
    """Below a post, in a forum, and after an edit; the message is recognised by its link, hidden or not."""
    for channel_id in (discord.channel_id, forum):
        sent = await poster.post(channel_id, pressable(1), nonce="n1")
        ids = [c.get("custom_id") or c["url"] for c in parts(stored(discord, sent.message_id)) if c["type"] != 1]
        assert ids == ["n1:menu", "n1:p:1:0:Ab_-19", "https://reviews.example/1/"]
        edited = pressable(1)
        assert edited.card is not None
        revised = replace(edited, card=replace(edited.card, title="Otter, revised"))
        await poster.edit(sent.channel_id, sent.message_id, revised)
        again = stored(discord, sent.message_id)
        assert again["embeds"][0]["title"] == "Otter, revised"
        assert [c.get("custom_id") or c["url"] for c in parts(again) if c["type"] != 1] == ids
        discord.hide_embeds(sent.channel_id, sent.message_id)
        (found,) = await standing(poster, channel_id)
        assert is_same(found, posts.traits_of(edited))


def stored(discord: LoopbackDiscord, message_id: int) -> dict[str, Any]:
    message = discord.world.find_message(message_id)
    assert message is not None
    return message


async def test_only_our_own_announcements_count(discord: LoopbackDiscord, poster: ChannelPoster) -> None:
    """Neither what members say, nor tests, nor what is known already."""
    test = posts.as_test(post_of(9), by=discord.owner_id)
    sent = await poster.post(discord.channel_id, test, nonce="test")
    assert stored(discord, sent.message_id)["content"] == f"-# Test by <@{discord.owner_id}>"
    discord.hide_embeds(discord.channel_id, sent.message_id)
    former = posts.Outgoing(text=posts.FORMER_TEST_MARK)
    await poster.post(discord.channel_id, former, nonce="former")
    discord.say(discord.channel_id, "https://reviews.example/1/")
    first = await poster.post(discord.channel_id, post_of(1), nonce="n1")
    second = await poster.post(discord.channel_id, post_of(2), nonce="n2")
    found = await standing(poster, discord.channel_id, known=frozenset([first.message_id]))
    assert [one.posted for one in found] == [second]
    assert await standing(poster, discord.channel_id, after=second.message_id) == []


async def test_messages_of_others_before_and_after_hide_nothing(
    discord: LoopbackDiscord, poster: ChannelPoster
) -> None:
    """The look begins at an id and not at a time, and goes on for 5,000 messages."""
    after = int(discord.say(discord.channel_id, times=650)[0]["id"])
    sent = await poster.post(discord.channel_id, post_of(1), nonce="n1")
    discord.say(discord.channel_id, times=650)
    assert [one.posted for one in await standing(poster, discord.channel_id, after=after)] == [sent]


async def test_a_look_has_an_end(
    discord: LoopbackDiscord, poster: ChannelPoster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poster_module, "HISTORY_LIMIT", 200)
    discord.say(discord.channel_id, times=199)
    assert await standing(poster, discord.channel_id) == []
    discord.say(discord.channel_id)
    with pytest.raises(DeliveryError) as caught:
        await standing(poster, discord.channel_id)
    assert caught.value.is_unknown


@pytest.mark.parametrize("change", ["renamed", "archived", "hidden", "many archived"])
async def test_a_forum_s_post_is_recognised_by_its_first_message(
    discord: LoopbackDiscord, poster: ChannelPoster, forum: int, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = await poster.post(forum, post_of(1), nonce="n1")
    sent = await poster.post(forum, post_of(2), nonce="n2")
    match change:
        case "renamed":
            discord.rename_channel(sent.message_id, "A better name")
        case "archived":
            discord.archive_thread(sent.message_id)
        case "hidden":
            discord.hide_embeds(sent.channel_id, sent.message_id)
        case _:
            monkeypatch.setattr(poster_module, "PAGE_MESSAGES", 2)
            monkeypatch.setattr(poster_module, "HISTORY_LIMIT", 100)
            discord.archive_thread(sent.message_id)
            for number in range(3, 9):
                discord.archive_thread((await poster.post(forum, post_of(number), nonce=f"n{number}")).message_id)
    found = await standing(poster, forum, after=older.message_id)
    assert found[0].posted == sent
    assert is_same(found[0], posts.traits_of(post_of(2)))
    assert not any(is_same(one, posts.traits_of(post_of(2))) for one in found[1:])
    assert len(found) == (7 if change == "many archived" else 1)


async def test_the_old_archive_of_a_forum_is_not_read(
    discord: LoopbackDiscord, poster: ChannelPoster, forum: int
) -> None:
    """What was archived before the claim was made before it."""
    old = await poster.post(forum, post_of(1), nonce="n1")
    discord.archive_thread(old.message_id)
    discord.channels[old.message_id].archived_at = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    assert await standing(poster, forum, after=id_at(datetime.now(UTC) - timedelta(hours=1))) == []
    assert not any(f"/messages/{old.message_id}" in request.path for request in discord.requests)


async def test_a_forum_s_post_whose_first_message_was_deleted_has_its_name_left(
    discord: LoopbackDiscord, poster: ChannelPoster, forum: int
) -> None:
    sent = await poster.post(forum, post_of(1), nonce="n1")
    discord.delete_message(sent.channel_id, sent.message_id)
    (found,) = await standing(poster, forum)
    assert found.traits == Traits(name="Otter-1")
    assert is_same(found, posts.traits_of(post_of(1)))


async def test_a_digest_is_known_by_the_addresses_that_it_lists(
    discord: LoopbackDiscord, poster: ChannelPoster
) -> None:
    links = ["https://reviews.example/1/", "https://블로그.example/글(1)?q=한글"]
    digest = Outgoing(card=listing("2 new reviews · A Blog", links))
    await poster.post(discord.channel_id, digest, nonce="n1")
    (found,) = await standing(poster, discord.channel_id)
    assert found.traits.links == frozenset(map(link_identity, links))
    assert is_same(found, posts.traits_of(digest))


async def test_what_a_post_links_to_is_not_what_it_announces(discord: LoopbackDiscord, poster: ChannelPoster) -> None:
    """Where its own address is left out, because Discord would refuse it, its title is what remains."""
    card = replace(listing("Otter-1", ["https://reviews.example/2/"]), url="http://intranet/1")
    await poster.post(discord.channel_id, Outgoing(card=card), nonce="n1")
    (found,) = await standing(poster, discord.channel_id)
    assert found.traits.links == frozenset()
    assert is_same(found, posts.traits_of(Outgoing(card=card)))
    assert not is_same(found, posts.traits_of(post_of(2)))


async def test_a_note_and_a_notice_are_known_by_their_words(discord: LoopbackDiscord, poster: ChannelPoster) -> None:
    for message in (
        posts.note_of("*Method* was revised: [a](https://b.example) and 1 < 2"),
        posts.notice_of("I cannot announce *A Blog* in <#5>: no.", owner_id=77, not_in=None),
    ):
        sent = await poster.post(discord.channel_id, message, nonce=str(id(message)))
        found = (await standing(poster, discord.channel_id))[-1]
        assert found.posted == sent
        assert is_same(found, posts.traits_of(message))


@pytest.mark.parametrize("is_forum", [False, True])
async def test_the_last_message_is_had_while_the_history_fails(
    discord: LoopbackDiscord, poster: ChannelPoster, forum: int, *, is_forum: bool
) -> None:
    channel = forum if is_forum else discord.channel_id
    assert await poster.last_message(channel) == (0, None)
    sent = await poster.post(channel, post_of(1), nonce="n1")
    discord.fail_next("GET", r"/channels/\d+/messages|/channels/\d+/threads.*|/guilds/\d+/threads/active", status=500)
    with pytest.raises(DeliveryError) as caught:
        await standing(poster, channel)
    assert caught.value.is_doubtful
    last_id, found = await poster.last_message(channel)
    assert (last_id, found and found.posted) == (sent.message_id, sent)
    if not is_forum:
        theirs = discord.say(channel)[0]["id"]
        assert await poster.last_message(channel) == (int(theirs), None)


async def test_a_look_that_fails_is_given_up_at_once(discord: LoopbackDiscord, poster: ChannelPoster) -> None:
    """Whoever looks asks again later: discord.py's own patience of half a minute would hold the lane."""
    discord.fail_next("GET", r"/channels/\d+/messages", status=500, times=5)
    before = len(discord.requests)
    with pytest.raises(DeliveryError):
        await standing(poster, discord.channel_id)
    assert len(discord.requests) == before + 1


async def test_a_message_is_there_or_was_deleted(discord: LoopbackDiscord, poster: ChannelPoster) -> None:
    sent = await poster.post(discord.channel_id, post_of(1), nonce="n1")
    assert await poster.has_message(discord.channel_id, sent.message_id)
    discord.delete_message(discord.channel_id, sent.message_id)
    assert not await poster.has_message(discord.channel_id, sent.message_id)


# ── Discord's time ──────────────────────────────────────────────────────────────────────────────


async def test_an_id_of_now_is_known_whatever_our_clock_says(discord: LoopbackDiscord, client: Client) -> None:
    """From the Date of the last answer; every message posted from then on is above it, and not by much."""
    newest = client.poster.newest_id(discord.channel_id)
    sent = await client.poster.post(discord.channel_id, post_of(1), nonce="n1")
    assert newest < sent.message_id
    assert time_of(sent.message_id) - time_of(newest) < timedelta(minutes=2)


def test_what_is_no_date_says_nothing() -> None:
    server_time = ServerTime(Metrics())
    for date in (None, "", "soon"):
        server_time.hear(date)
    assert server_time.newest_id() == 0
    server_time.hear("Mon, 01 Jun 2026 12:00:00 GMT")
    behind = datetime(2026, 6, 1, 12, tzinfo=UTC) - time_of(server_time.newest_id())
    assert timedelta(seconds=5) < behind <= timedelta(seconds=10)


async def test_the_gateway_tells_the_newest_message_of_a_channel(discord: LoopbackDiscord, forum: int) -> None:
    """Of a forum the newest post; 0 where there is none, None where the channel is not known."""
    (message,) = discord.say(discord.channel_id)
    async with connected(discord) as client:
        assert client.poster.last_known_id(discord.channel_id) == int(message["id"])
        assert client.poster.last_known_id(forum) == 0
        assert client.poster.last_known_id(1) is None


async def test_a_notice_needs_less_than_a_post(discord: LoopbackDiscord, client: Client) -> None:
    """It goes where admins look, also where embeds are not allowed."""
    discord.set_permissions(discord.channel_id, Permission.VIEW | Permission.SEND)
    other = discord.add_channel(discord.guild_id, "other")

    def is_told() -> bool:
        given = rights.rights_in(client, discord.channel_id)
        return given is not None and not given.embed_links and client.get_channel(other) is not None

    await eventually(is_told, "the gateway's events")
    place = client.poster.find_place(discord.guild_id, not_in=other)
    assert place == discord.channel_id
    await client.poster.post(place, posts.notice_of("Stopped.", owner_id=None, not_in=other), nonce="n1")
    assert client.poster.find_place(discord.guild_id, not_in=discord.channel_id) == other
    discord.set_permissions(other, Permission.VIEW)
    await eventually(lambda: client.poster.problem(other, Delivering()) is not None, "the gateway's event")
    only = client.poster.find_place(discord.guild_id, not_in=discord.channel_id)
    assert only == discord.channel_id, "there is no other"
    with pytest.raises(DeliveryError) as caught:
        client.poster.find_place(1, not_in=None)
    assert caught.value.is_gone


# ── what a refusal means ────────────────────────────────────────────────────────────────────────

BLOCKED, WAITS, GONE, OVER, BODY = "blocked", "waits", "gone", "over", "about the post"


def meaning(error: DeliveryError) -> str:
    """Of the ways a refusal is acted on: exactly one."""
    if error.is_about_post:
        assert error.is_final
        return BODY
    told = {BLOCKED: error.is_blocked, WAITS: error.retry_after_s, GONE: error.is_gone, OVER: error.is_final}
    (is_so,) = (name for name, value in told.items() if value)
    return is_so


@pytest.mark.parametrize(
    ("status", "code", "expected", "words"),
    [
        (403, 50001, BLOCKED, "give me View Channel, Send Messages, Embed Links and Read Message History"),
        (403, 50013, BLOCKED, "give me View Channel"),
        (403, 40001, BLOCKED, "token"),
        (400, 200000, BLOCKED, "Server Settings > AutoMod"),
        (400, 200001, BLOCKED, "Server Settings > AutoMod"),
        (400, 40004, BLOCKED, "switched off"),
        (400, 160005, BLOCKED, "unlock it, or give me Manage Threads"),
        (400, 50008, BLOCKED, "/subscribe"),
        (400, 40067, BLOCKED, "tag"),
        (400, 160006, BLOCKED, "active threads"),
        (400, 987654, BLOCKED, "what Discord said (code 987654)"),
        (403, 987654, BLOCKED, "what Discord said (code 987654)"),
        (404, 987654, BLOCKED, "what Discord said (code 987654)"),
        (400, 30046, WAITS, "old messages"),
        (429, 20028, WAITS, "channel"),
        (400, 20016, WAITS, "slow mode"),
        (400, 50083, WAITS, "archived"),
        (404, 10003, GONE, "no longer exists"),
        (404, 10004, GONE, "server"),
        (404, 10008, OVER, "deleted"),
        (400, 20009, BODY, "what Discord said"),
        (400, 20031, BODY, "what Discord said"),
        (400, 240000, BODY, "what Discord said"),
        (400, 50035, BODY, "what Discord said"),
        (400, 50006, BODY, "what Discord said"),
        (400, 50109, BODY, "what Discord said"),
        (413, 40005, BODY, "what Discord said"),
        (400, 0, BODY, "what Discord said"),
    ],
)
async def test_a_refusal_means_what_its_code_says(
    discord: LoopbackDiscord, poster: ChannelPoster, status: int, code: int, expected: str, words: str
) -> None:
    body: dict[str, object] = {"message": "what Discord said", "code": code}
    discord.fail_next("POST", r"/channels/\d+/messages", status=status, body=body)
    with pytest.raises(DeliveryError) as caught:
        await poster.post(discord.channel_id, post_of(1), nonce="n1")
    assert (meaning(caught.value), caught.value.is_doubtful) == (expected, False)
    assert words in caught.value.reason


@pytest.mark.parametrize(
    ("headers", "least_s"), [({}, 60), ({"Retry-After": "120"}, 120), ({"Retry-After": "x"}, 60)]
)
@pytest.mark.parametrize("via", [{"Via": "1.1 google"}, {}])
async def test_a_limit_that_does_not_say_how_long_is_waited_out(
    discord: LoopbackDiscord, poster: ChannelPoster, headers: dict[str, str], least_s: int, via: dict[str, str]
) -> None:
    """discord.py looks for a number in the answer that is not there."""
    body = {"message": "no number", "code": 0}
    discord.fail_next("POST", r"/channels/\d+/messages", status=429, body=body, headers=headers | via)
    with pytest.raises(DeliveryError) as caught:
        await poster.post(discord.channel_id, post_of(1), nonce="n1")
    assert caught.value.retry_after_s
    assert caught.value.retry_after_s >= (60 if via else least_s)
    assert not caught.value.is_doubtful


async def test_a_forum_s_rights_are_named_as_its_settings_do(
    discord: LoopbackDiscord, poster: ChannelPoster, forum: int
) -> None:
    body = {"message": "Missing Permissions", "code": 50013}
    discord.fail_next("POST", r"/channels/\d+/threads", status=403, body=body)
    with pytest.raises(
        DeliveryError, match="Create Posts, Embed Links, Read Message History and Send Messages in Posts"
    ):
        await poster.post(forum, post_of(1), nonce="n1")


@pytest.mark.parametrize("is_forum", [False, True])
async def test_the_plainest_form_of_a_post_has_nothing_but_text_and_its_own_address(
    discord: LoopbackDiscord, poster: ChannelPoster, forum: int, *, is_forum: bool
) -> None:
    figure = Block(kind=BlockKind.FIGURE, url="https://img.example/1.png")
    preview = Block(
        kind=BlockKind.LINK, url="https://b.example/", spans=(Span(text="A page", href="https://b.example/"),)
    )
    cell = (Span(text="cell", href="https://c.example/"),)
    table = Block(kind=BlockKind.TABLE, rows=((cell,),))
    card = replace(
        listing("Otter-1", ["https://a.example/"]),
        url="https://reviews.example/1/",
        picture=Picture(url="https://img.example/2.png"),
    )
    message = Outgoing(card=replace(card, parts=(*card.parts, (figure, preview, table))), name="Otter-1")
    plain = posts.plain(message)
    sent = await poster.post(forum if is_forum else discord.channel_id, plain, nonce="n1")
    (found,) = await standing(poster, forum if is_forum else discord.channel_id)
    assert found.posted == sent
    assert is_same(found, posts.traits_of(plain))
    stands = discord.channels[sent.channel_id].messages[-1]
    assert stands["components"] == []
    assert re.findall(r"https?://[^\s)>\"']+", str(stands["embeds"])) == ["https://reviews.example/1/"]
    for word in ("Otter", "A page", "cell"):
        assert word in stands["embeds"][0]["description"]
