"""What an admin and the members of a server do: /feed, /subscribe, /notify and /why in Discord's own interface."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests import shown
from tests.factories import make_entry, make_rss, shown_title
from tests.loopback.discord import Interaction, LoopbackDiscord, Permission, UsageError
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, announcements, eventually, wait_for_commands

MEMBER = 777
TEXT, NEWS, FORUM = 0, 5, 15
SUPPRESS_NOTIFICATIONS = 1 << 12


def rss(*numbers: int, **first: Any) -> bytes:
    """A feed of these entries; ``first`` changes the first of them."""
    return make_rss([make_entry(numbers[0], **first), *(make_entry(number) for number in numbers[1:])])


@pytest.fixture
async def server(run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost) -> AsyncIterator[LoopbackDiscord]:
    """A server where nothing is set up; the bot follows an empty feed of its host's, and a blog stands beside it."""
    own = feed_host.serve("/own/source.xml", make_rss([]))
    feed_host.serve("/blog.xml", rss(2, 1))
    link = f'<link rel="alternate" type="application/rss+xml" href="{feed_host.url("/blog.xml")}">'
    page = f"<html><head><title>A blog</title>{link}</head></html>"
    feed_host.serve("/blog", page, content_type="text/html")
    async with run(NONMUN_CHANNEL_ID=None, NONMUN_FEEDS=own):
        await wait_for_commands(discord)
        yield discord


def embeds(answer: Interaction) -> list[dict[str, Any]]:
    assert answer.message is not None
    return list(answer.message["embeds"])


async def import_file(server: LoopbackDiscord, file: bytes, *, channel_id: int | None = None) -> Interaction:
    """Use /feed import, and wait for its result: on a busy machine it tells first how far it is."""
    options = {"file": ("feeds.opml", file)}
    answer = await server.command("feed import", options, channel_id=channel_id, timeout_s=60)
    await eventually(lambda: bool(answer.message and answer.message["components"]), "the import's result")
    return answer


def said(answer: Interaction) -> str:
    """Everything that the member reads, what only keeps markup apart left out."""
    return shown.said(answer)


def menu(answer: Interaction, what: str) -> str:
    """The custom id of a menu or button of a panel."""
    assert answer.message is not None
    ids: list[str] = re.findall(r"nonmun:[0-9a-f]+:[\w:-]+", str(answer.message["components"]))
    return next(one for one in ids if one.endswith(f":{what}"))


async def follow(server: LoopbackDiscord, feed_host: FeedHost, channel_id: int | None = None) -> Interaction:
    """Follow the blog, and return the settings that are shown then."""
    answer = await server.command(
        "feed add", {"address": feed_host.url("/blog")} | ({"channel": channel_id} if channel_id else {})
    )
    return await server.press(answer.message, label="Follow")


async def choose(server: LoopbackDiscord, panel: Interaction, what: str, *values: object) -> Interaction:
    return await server.select(panel.message, values=[str(value) for value in values], custom_id=menu(panel, what))


def posts(server: LoopbackDiscord, channel_id: int | None = None) -> list[dict[str, Any]]:
    """The announcements of a channel, without what is for admins."""
    messages = server.channels[channel_id or server.channel_id].messages
    return [m for m in messages if not m.get("interaction_metadata") and m["embeds"]]


def notices(server: LoopbackDiscord, channel_id: int) -> list[str]:
    messages = server.channels[channel_id].messages
    return [m["content"] for m in messages if not m.get("interaction_metadata") and not m["embeds"]]


async def wait_for(server: LoopbackDiscord, count: int, channel_id: int | None = None) -> list[dict[str, Any]]:
    await eventually(lambda: len(posts(server, channel_id)) >= count, f"{count} posts")
    return posts(server, channel_id)


# ── /feed ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_site_is_followed_after_a_look_at_its_newest_post(
    server: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """The address of a page is enough; the preview is the very post; until Follow is pressed nothing is kept."""
    answer = await server.command("feed add", {"address": feed_host.url("/blog")})
    assert answer.is_ephemeral
    found, preview = embeds(answer)
    assert "blog.xml" in found["description"].replace("\\", "")
    assert preview["title"] == shown_title(make_entry(2))
    assert "The 2 posts that are in the feed already will not be announced." in said(answer)
    assert "New posts will be announced in #papers." in said(answer)
    assert "No feeds" in said(await server.command("feed list"))
    panel = await server.press(answer.message, label="Follow")
    assert "announced" in said(panel)
    feed_host.update("/blog.xml", rss(3, 2, 1))
    (post,) = await wait_for(server, 1)
    assert post["embeds"][0]["title"] == shown_title(make_entry(3))
    assert post["embeds"][0].keys() == preview.keys()
    await feed_host.wait_until_read("/blog.xml")
    assert len(posts(server)) == 1


@pytest.mark.parametrize(
    ("numbers", "told"),
    [((), "This feed has no posts yet."), ((1,), "The post that is in the feed already will not be announced.")],
)
async def test_an_offer_says_what_will_not_be_announced(
    server: LoopbackDiscord, feed_host: FeedHost, numbers: tuple[int, ...], told: str
) -> None:
    """Also where there is nothing yet, or one post."""
    feed_host.serve("/small.xml", make_rss(list(map(make_entry, numbers))))
    assert told in said(await server.command("feed add", {"address": feed_host.url("/small.xml")}))


async def test_what_is_no_feed_says_what_it_is(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    feed_host.serve("/page", "<html><head><title>Just a page</title></head></html>", content_type="text/html")
    answer = await server.command("feed add", {"address": feed_host.url("/page")})
    assert "Just a page" in said(answer)
    assert answer.is_ephemeral


@pytest.mark.parametrize(
    "address", ["http://10.0.0.1/feed", "http://[::1]:9/feed", "file:///etc/passwd", "http://169.254.169.254/"]
)
async def test_private_addresses_are_not_asked(server: LoopbackDiscord, address: str) -> None:
    answer = await server.command("feed add", {"address": address})
    assert "Follow" not in str(answer.message)
    assert answer.is_ephemeral


async def test_what_is_missing_in_a_channel_is_said_before_it_is_saved(
    server: LoopbackDiscord, feed_host: FeedHost
) -> None:
    closed = server.add_channel(server.guild_id, "closed")
    server.set_permissions(closed, Permission.VIEW | Permission.SEND)
    answer = await server.command("feed add", {"address": feed_host.url("/blog"), "channel": closed})
    assert "I need Embed Links, Read Message History in #closed" in said(answer)
    with pytest.raises(UsageError, match="switched off"):
        await server.press(answer.message, label="Follow")
    moved = await choose(server, answer, "channel", server.channel_id)
    await server.press(moved.message, label="Follow")
    assert "#papers" in said(await server.command("feed list"))


async def test_only_members_with_manage_server_see_the_settings(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    for name, options in (("feed list", {}), ("subscribe", {"feed": "1"})):
        with pytest.raises(UsageError, match="not shown"):
            await server.command(name, options, user_id=MEMBER, permissions=int(Permission.DEFAULT))


async def test_a_feed_is_listed_paused_resumed_tested_and_removed(
    server: LoopbackDiscord, feed_host: FeedHost
) -> None:
    await follow(server, feed_host)
    (choice,) = await server.autocomplete("feed pause", {"feed": ""}, focused="feed")
    assert choice["name"].endswith("→ #papers")
    feed = {"feed": choice["value"]}
    assert "active" in said(await server.command("feed status", feed))
    await server.command("feed pause", feed)
    assert "paused" in said(await server.command("feed list"))
    feed_host.update("/blog.xml", rss(3, 2, 1))
    await feed_host.wait_until_read("/blog.xml")
    assert posts(server) == []
    await server.command("feed resume", feed)
    feed_host.update("/blog.xml", rss(4, 3, 2, 1))
    (post,) = await wait_for(server, 1)
    assert post["embeds"][0]["title"] == shown_title(
        make_entry(4)
    )  # what came while it was paused is not made up for
    tested = await server.command("feed test", feed)
    assert "discord.com/channels/" in said(tested)
    assert [p["embeds"][0]["title"] for p in posts(server)] == [shown_title(make_entry(4))] * 2
    await server.command("feed remove", feed)
    assert "No feeds" in said(await server.command("feed list"))
    feed_host.update("/blog.xml", rss(5, 4, 3, 2, 1))
    await feed_host.wait_for_requests(len(feed_host.requests) + 2)
    assert len(posts(server)) == 2


async def test_the_hosts_feed_is_listed_after_its_first_reading(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """Also where that ends long after Discord named the server."""
    own = feed_host.serve("/own.xml", rss(1))
    let_go = feed_host.hold("/own.xml")
    async with run(NONMUN_FEEDS=own):
        await wait_for_commands(discord)
        assert "No feeds" in said(await discord.command("feed list"))
        let_go.set()

        async def is_listed() -> bool:
            return "1 feed" in said(await discord.command("feed list"))

        await eventually(is_listed, "the host's feed")


async def test_lists_of_feeds_go_in_and_out(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    opml = (
        '<?xml version="1.0"?><opml version="2.0"><body>'
        f'<outline text="A blog" type="rss" xmlUrl="{feed_host.url("/blog.xml")}"/>'
        f'<outline text="Gone" type="rss" xmlUrl="{feed_host.url("/gone.xml")}"/>'
        '<outline text="A mailbox" type="rss" xmlUrl="ftp://files.example/feed"/></body></opml>'
    ).encode()
    answer = await import_file(server, opml)
    assert "1 feed added" in said(answer)
    assert "404" in said(answer)
    assert "Entries whose address is not a complete http or https address (1)" in said(answer)
    assert "A mailbox" in said(answer)
    again = await import_file(server, opml)
    assert "0 feeds added" in said(again)
    exported = await server.command("feed export")
    assert exported.message is not None
    assert feed_host.url("/blog.xml").encode() in server.attachment_bytes(exported.message)
    broken = await server.command("feed import", {"file": ("feeds.opml", b"\x00no list")})
    assert broken.is_ephemeral


# ── /subscribe ──────────────────────────────────────────────────────────────────────────────────


async def test_a_thread_a_role_and_a_compact_look(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    """Set by menus, kept at once; the role is pinged, and nobody else; a thread is opened under the post."""
    role = server.add_role(server.guild_id, "readers", mentionable=True)
    panel = await follow(server, feed_host)
    panel = await choose(server, panel, "role", role)
    assert "@readers" in said(panel)
    panel = await choose(server, panel, "looks", "compact", "thread")
    assert "a thread under each post" in said(panel)
    feed_host.update("/blog.xml", rss(3, 2, 1))
    (post,) = await wait_for(server, 1)
    assert post["content"] == f"<@&{role}> This role is pinged for new posts of Reviews."
    assert post["mention_roles"] == [str(role)]
    assert "image" not in post["embeds"][0]
    await eventually(lambda: int(post["id"]) in server.channels, "a thread")
    assert server.channels[int(post["id"])].name in make_entry(3).title


async def test_a_role_that_cannot_be_pinged_is_said(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    role = server.add_role(server.guild_id, "silent")
    panel = await choose(server, await follow(server, feed_host), "role", role)
    assert "Not saved" in said(panel)
    assert "@silent" in said(panel)
    assert "Mention @everyone, @here, and All Roles" in said(panel).replace("\\", "")
    everyone = await choose(server, panel, "role", server.guild_id)
    assert "never ping @everyone" in said(everyone)


async def test_a_thread_without_the_right_is_not_saved(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    server.set_permissions(server.channel_id, Permission.DEFAULT & ~Permission.SEND_IN_THREADS)
    panel = await choose(server, await follow(server, feed_host), "looks", "thread")
    assert "I need Send Messages in Threads in #papers" in said(panel)
    assert "no thread" in said(panel)


async def test_a_filter_is_tried_before_it_is_kept(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    """The form, a preview of which posts would pass and why, then the filter works."""
    panel = await follow(server, feed_host)
    form = await server.press(panel.message, label="Filter …")
    broken = await server.submit(form, {"Filter": "(title:x", "Leave out posts older than … days": ""})
    assert "(" in said(broken)
    form = await server.press(broken.message, label="Edit again")
    preview = await server.submit(form, {"Filter": 'title:"Lantern-2" OR title:"Lantern-4"'})
    assert "1 of the last 2 posts" in said(preview)
    assert [line[0] for line in said(preview).splitlines() if line.startswith(("✓", "✗"))] == ["✓", "✗"]
    kept = await server.press(preview.message, label="Keep it")
    assert "Lantern-4" in said(kept)
    feed_host.update("/blog.xml", rss(4, 3, 2, 1))
    await wait_for(server, 1)
    await feed_host.wait_until_read("/blog.xml")
    assert announcements(server) == [shown_title(make_entry(4))]
    assert "did not pass the filter" in said(await server.command("why", {"link": make_entry(3).link}))


async def test_a_digest_is_chosen_with_hour_and_zone(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    panel = await choose(server, await follow(server, feed_host), "when", "week")
    assert "every Monday at 09:00" in said(panel)
    form = await server.press(panel.message, label="Digest time …")
    panel = await server.submit(form, {"Hour": "18", "Day of a weekly digest": ["4"], "Time zone": "KST"})
    assert "every Friday at 18:00 Asia/Seoul" in said(panel)
    feed_host.update("/blog.xml", rss(3, 2, 1))
    await feed_host.wait_until_read("/blog.xml")
    assert posts(server) == []
    assert "kept for the digest" in said(await server.command("why", {"link": make_entry(3).link}))
    await choose(server, panel, "when", "once")
    await wait_for(server, 1)


async def test_a_forum_gets_a_post_with_tags(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    """A forum that wants a tag says so; then each review is a post of its own."""
    forum = server.add_channel(server.guild_id, "talks", FORUM)
    (tag, _) = server.set_tags(forum, ["nlp", "vision"], required=True)
    panel = await choose(server, await follow(server, feed_host), "channel", forum)
    assert "requires a tag" in said(panel)
    server.set_tags(forum, ["nlp", "vision"])
    panel = await choose(server, panel, "channel", forum)
    assert "#talks" in said(panel)
    tag = server.channels[forum].available_tags[0]["id"]
    assert "Tags:" not in said(panel)
    panel = await choose(server, panel, "looks", f"tag:{tag}")
    assert "Tags: nlp" in said(panel).replace("*", "")
    feed_host.update("/blog.xml", rss(3, 2, 1))
    await eventually(lambda: any(c.parent_id == forum for c in server.channels.values()), "a forum post")
    (thread,) = [c for c in server.channels.values() if c.parent_id == forum]
    assert thread.applied_tags == [int(tag)]
    assert thread.messages[0]["embeds"][0]["title"] == shown_title(make_entry(3))


def labels(panel: Interaction, *, is_chosen: bool = False) -> list[str]:
    """The options of a panel's menus, or only what a member reads while the menus are closed."""
    assert panel.message is not None
    options = [
        option
        for row in panel.message["components"]
        for menu in row["components"]
        for option in menu.get("options", ())
    ]
    return [option["label"] for option in options if option.get("default") or not is_chosen]


async def test_a_closed_menu_names_what_it_sets(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    """Discord shows the labels of what is chosen, and nothing else."""
    panel = await choose(server, await follow(server, feed_host), "looks", "compact", "thread")
    looks = ["Look: compact", "Discussion: a thread under each post"]
    assert labels(panel, is_chosen=True) == [*looks, "When: each post at once"]
    panel = await choose(server, panel, "when", "week")
    assert labels(panel, is_chosen=True) == [*looks, "When: a digest every week"]


async def test_an_announcement_channel_publishes(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    news = server.add_channel(server.guild_id, "news", NEWS)
    panel = await follow(server, feed_host)
    assert "Publishing: each post" not in labels(panel)
    panel = await choose(server, panel, "channel", news)
    assert "Publishing: each post" in labels(panel)
    server.channels[news].type = TEXT
    server.tell_channel(server.channels[news])
    panel = await choose(server, panel, "looks", "publish")
    assert "is not an announcement channel" in said(panel)
    server.channels[news].type = NEWS
    server.tell_channel(server.channels[news])
    panel = await choose(server, await choose(server, panel, "channel", news), "looks", "publish")
    assert "each post, in an announcement channel" in said(panel)
    feed_host.update("/blog.xml", rss(3, 2, 1))
    await wait_for(server, 1, news)
    await eventually(lambda: bool(posts(server, news)[0]["flags"] & 1), "a published post")


# ── what changes afterwards ─────────────────────────────────────────────────────────────────────


async def test_a_revised_review_edits_its_post_and_leaves_a_line_in_its_thread(
    server: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """Nobody is pinged again; a cosmetic change does nothing; Discord's limit on old edits is respected."""
    role = server.add_role(server.guild_id, "readers", mentionable=True)
    panel = await choose(server, await follow(server, feed_host), "looks", "thread")
    await choose(server, panel, "role", role)
    feed_host.update("/blog.xml", rss(3, 2, 1))
    (post,) = await wait_for(server, 1)
    await eventually(lambda: int(post["id"]) in server.channels, "a thread")
    thread = server.channels[int(post["id"])]
    html = make_entry(3).html
    feed_host.update("/blog.xml", rss(3, 2, 1, html=html.replace("</p>", " </p>").replace("figures/3", "images/3")))
    await feed_host.wait_until_read("/blog.xml")
    revised = html.replace("엉뚱한 문단", "다른 문단") + "<h2>4. Afterword</h2><p>한 줄 더.</p>"
    feed_host.update("/blog.xml", rss(3, 2, 1, html=revised))
    await eventually(lambda: bool(thread.messages), "a line in the thread")
    (line,) = [m["content"].replace("\\", "") for m in thread.messages]
    assert "new: 4. Afterword" in line
    assert "changed: Abstract" in line
    assert thread.messages[0]["flags"] & SUPPRESS_NOTIFICATIONS
    assert not post["flags"] & SUPPRESS_NOTIFICATIONS
    await eventually(lambda: "다른 문단" in posts(server)[0]["embeds"][0]["description"], "an edit")
    (edited,) = posts(server)
    assert edited["content"] == f"<@&{role}> This role is pinged for new posts of Reviews."
    edits = [r for r in server.requests if r.method == "PATCH" and r.path.endswith(str(post["id"]))]
    assert len(edits) == 1


async def test_edits_that_discord_limits_come_later(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    await follow(server, feed_host)
    feed_host.update("/blog.xml", rss(3, 2, 1))
    (post,) = await wait_for(server, 1)
    server.refuse_edits(server.channel_id)
    feed_host.update("/blog.xml", rss(3, 2, 1, title="Lantern-3, second edition"))
    await eventually(lambda: any(r.method == "PATCH" and r.status == 400 for r in server.requests), "a refusal")
    await feed_host.wait_until_read("/blog.xml")
    edits = [r for r in server.requests if r.method == "PATCH" and r.path.endswith(str(post["id"]))]
    assert len(edits) == 1


async def test_a_lost_permission_is_told_once_and_posts_come_when_it_is_back(
    server: LoopbackDiscord, feed_host: FeedHost
) -> None:
    admins = server.add_channel(server.guild_id, "admins")
    server.edit_guild(server.guild_id, public_updates_channel_id=admins)
    await follow(server, feed_host)
    server.set_permissions(server.channel_id, Permission.VIEW)
    feed_host.update("/blog.xml", rss(4, 3, 2, 1))
    await eventually(lambda: bool(notices(server, admins)), "a notice")
    (notice,) = notices(server, admins)
    assert f"<@{server.owner_id}>" in notice
    assert (
        f"in <#{server.channel_id}>: I need Send Messages, Read Message History in <#{server.channel_id}>. New posts"
        in notice
    )
    assert "stopped" in said(await server.command("feed list"))
    status = said(await server.command("feed status", {"feed": "blog.xml"}))
    assert status.count("I need Send Messages") == 1
    assert "2 posts" in status
    server.set_permissions(server.channel_id, Permission.DEFAULT)
    await wait_for(server, 2)
    assert announcements(server)[-2:] == [shown_title(make_entry(3)), shown_title(make_entry(4))]
    assert len(notices(server, admins)) == 1


async def test_a_deleted_channel_and_a_left_server_are_cleaned_up(
    server: LoopbackDiscord, feed_host: FeedHost
) -> None:
    other = server.add_channel(server.guild_id, "other")
    await follow(server, feed_host, other)
    server.delete_channel(other)
    await eventually(lambda: bool(notices(server, server.channel_id)), "a notice")
    assert "was deleted" in notices(server, server.channel_id)[0]
    assert "No feeds" in said(await server.command("feed list"))
    await follow(server, feed_host)
    server.remove_guild(server.guild_id)
    feed_host.update("/blog.xml", rss(3, 2, 1))
    await eventually(lambda: not server.world.guilds, "the server to go")
    asked = len(feed_host.requests_for("/blog.xml"))
    await feed_host.wait_for_requests(len(feed_host.requests) + 6)
    assert len(feed_host.requests_for("/blog.xml")) <= asked + 1  # nobody follows it: it is not asked any more


async def test_a_server_that_threw_the_bot_out_meanwhile_is_cleaned_up(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """While the bot was down; another server's subscription stays."""
    url = feed_host.serve("/feed.xml", rss(1))
    other = discord.add_guild("Other")
    kept = discord.add_channel(other.id, "kept")
    async with run(NONMUN_CHANNEL_ID=None):
        await wait_for_commands(discord)
        for channel_id in (None, kept):
            answer = await discord.command("feed add", {"address": url}, channel_id=channel_id)
            await discord.press(answer.message, label="Follow")
    discord.remove_guild(discord.guild_id)
    async with run(NONMUN_CHANNEL_ID=None):
        await wait_for_commands(discord)
        feed_host.update("/feed.xml", rss(2, 1))
        await wait_for(discord, 1, kept)
        assert "kept" in said(await discord.command("feed list", channel_id=kept))
    assert posts(discord) == []


async def test_another_feed_of_the_site_can_be_chosen(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    """The feed of a site's comments comes last, and is there for who wants it."""
    feed_host.serve("/comments.xml", make_rss([make_entry(7)], title="Comments"))
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" title="{title}" href="{feed_host.url(path)}">'
        for title, path in (("Comments", "/comments.xml"), ("Posts", "/blog.xml"))
    )
    feed_host.serve("/both", f"<html><head>{links}</head></html>", content_type="text/html")
    answer = await server.command("feed add", {"address": feed_host.url("/both")})
    assert embeds(answer)[1]["title"] == shown_title(make_entry(2))
    other = await choose(server, answer, "other", 0)
    assert embeds(other)[1]["title"] == shown_title(make_entry(7))
    await server.press(other.message, label="Follow")
    assert "Comments" in said(await server.command("feed list"))


# ── members ─────────────────────────────────────────────────────────────────────────────────────


async def test_members_choose_their_pings(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    """A feed by a button, a term by a form or the command; both are mentioned, and nobody else."""
    await follow(server, feed_host)
    answer = await server.command("notify", user_id=MEMBER, permissions=int(Permission.DEFAULT))
    button = answer.message["components"][0]["components"][0]["label"] if answer.message else ""
    assert button.startswith("🔕")
    assert "Reviews → #papers" in said(answer)
    pressed = await server.press(answer.message, label=button, user_id=MEMBER)
    assert "You are pinged for" in said(pressed)
    form = await server.press(pressed.message, label="A term …", user_id=MEMBER)
    await server.submit(form, {"Term": "retriever"}, user_id=MEMBER)
    told = await server.command("notify", {"term": "kubernetes"}, user_id=778)
    assert "kubernetes" in said(told)
    feed_host.update("/blog.xml", rss(3, 2, 1))
    (post,) = await wait_for(server, 1)
    assert [m["id"] for m in post["mentions"]] == [str(MEMBER)]
    stopped = await choose_as(server, await server.command("notify", user_id=778), "stop", 778, "kubernetes")
    assert "not pinged" in said(stopped)


async def choose_as(
    server: LoopbackDiscord, panel: Interaction, what: str, user_id: int, *values: str
) -> Interaction:
    return await server.select(panel.message, values=list(values), custom_id=menu(panel, what), user_id=user_id)


async def test_a_term_is_met_in_the_other_language(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    """Who follows hallucination is pinged for a review on 환각."""
    await follow(server, feed_host)
    await server.command("notify", {"term": "hallucination"}, user_id=MEMBER)
    feed_host.update("/blog.xml", rss(3, 2, 1, html="<h1>Abstract</h1><p>모델의 환각을 줄이는 방법을 다룬다.</p>"))
    (post,) = await wait_for(server, 1)
    assert [m["id"] for m in post["mentions"]] == [str(MEMBER)]


async def test_a_role_is_given_to_who_wants_it(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    """Where a feed has a role that the bot may give, the button gives and takes it."""
    role = server.add_role(server.guild_id, "readers", mentionable=True)
    server.set_bot_permissions(server.guild_id, (1 << 28) | int(Permission.DEFAULT))
    await choose(server, await follow(server, feed_host), "role", role)
    answer = await server.command("notify", user_id=MEMBER)
    assert answer.message is not None
    label = answer.message["components"][0]["components"][0]["label"]
    pressed = await server.press(answer.message, label=label, user_id=MEMBER)
    assert "@readers" in said(pressed)
    assert server.member_roles[server.guild_id, MEMBER] == [role]


# ── /why ────────────────────────────────────────────────────────────────────────────────────────


async def test_why_tells_what_became_of_a_post(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    await follow(server, feed_host)
    feed_host.update("/blog.xml", rss(3, 2, 1))
    (post,) = await wait_for(server, 1)
    link = make_entry(3).link + "?utm_source=x"
    sent = await server.command("why", {"link": link}, user_id=MEMBER)
    for _ in range(50):  # the post stands there a moment before it is on record
        if "was announced" in said(sent):
            break
        sent = await server.command("why", {"link": link}, user_id=MEMBER)
    assert "was new, and queued" in said(sent)
    assert "was announced" in said(sent)
    assert post["id"] in said(sent)
    assert "in the feed before this server followed it" in said(
        await server.command("why", {"link": make_entry(1).link})
    )
    unknown = await server.command("why", {"link": "https://elsewhere.test/post"})
    assert "None of this server's feeds" in said(unknown)


@pytest.mark.parametrize("after_effect", [True, False])
async def test_a_forum_post_in_doubt_stands_once(
    server: LoopbackDiscord, feed_host: FeedHost, after_effect: bool
) -> None:
    """A forum takes no nonce, and the client repeats a failed request by itself: neither makes two of one."""
    forum = server.add_channel(server.guild_id, "talks", FORUM)
    await follow(server, feed_host, forum)
    server.fail_next("POST", r"/channels/\d+/threads", status=500, times=1, after_effect=after_effect)
    feed_host.update("/blog.xml", rss(4, 3, 2, 1))

    def threads() -> list[str]:
        found = sorted((c for c in server.channels.values() if c.parent_id == forum), key=lambda c: c.id)
        return [thread.messages[0]["embeds"][0]["title"] for thread in found]

    await eventually(lambda: len(threads()) >= 2, "two posts")
    await feed_host.wait_until_read("/blog.xml")
    assert threads() == [shown_title(make_entry(3)), shown_title(make_entry(4))]


async def test_a_blogs_archive_is_read_where_that_is_asked_for(server: LoopbackDiscord, feed_host: FeedHost) -> None:
    """Its older post is found soon after, and nobody was told of it."""
    text = "<p>" + "조개를 처음부터 끝까지 읽는다, 그리고 다시 읽는다. " * 30 + "</p>"
    newest, oldest = (
        feed_host.serve(
            f"/posts/{name}.html",
            f"<html><head><title>{name}: A Paper</title></head><body><article>{text}</article></body></html>",
            content_type="text/html",
        )
        for name in ("PearlB", "PearlA")
    )
    listed = "".join(f"<url><loc>{page}</loc></url>" for page in (newest, oldest))
    feed_host.serve("/sitemap.xml", f"<urlset>{listed}</urlset>")
    feed_host.update("/blog.xml", rss(1, link=newest, title="PearlB: A Paper"))
    answer = await server.command("feed add", {"address": feed_host.url("/blog"), "archive": True})
    followed = await server.press(answer.message, label="Follow")
    assert "1 older page is being read" in said(followed)

    async def is_found() -> bool:
        return "PearlA: A Paper" in said(await server.command("paper", {"name": "pearla"}))

    await eventually(is_found, "the older page", pause_s=0.2)
    assert posts(server) == []


# ── tests of an announcement ────────────────────────────────────────────────────────────────────


async def test_a_test_names_its_sender_and_can_be_deleted_after_a_restart(
    run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost
) -> None:
    """By those who may use /subscribe, and by nobody else; nobody is pinged."""
    feed_host.serve("/blog.xml", rss(2, 1))
    settings = {"NONMUN_CHANNEL_ID": None, "NONMUN_FEEDS": feed_host.serve("/own/source.xml", make_rss([]))}
    async with run(**settings):
        await wait_for_commands(discord)
        offer = await discord.command("feed add", {"address": feed_host.url("/blog.xml")})
        panel = await discord.press(offer.message, label="Follow")
        assert "A test was sent" in said(await discord.press(panel.message, label="Send a test"))
    (test,) = posts(discord)
    assert test["content"] == f"-# Test by <@{discord.owner_id}>"
    assert test["mentions"] == []
    async with run(**settings):
        await wait_for_commands(discord)
        refused = await discord.press(test, label="Delete", user_id=MEMBER, permissions=int(Permission.DEFAULT))
        assert "You need Manage Server to use /subscribe" in said(refused)
        assert posts(discord) == [test]
        await discord.press(test, label="Delete", settle=False)
        await eventually(lambda: posts(discord) == [], "a deleted test")
        feed_host.update("/blog.xml", rss(3, 2, 1))
        await wait_for(discord, 1)
        assert announcements(discord) == [shown_title(make_entry(3))]


@pytest.mark.parametrize("may_delete", [True, False])
async def test_a_test_in_a_forum_is_deleted_with_its_post(
    server: LoopbackDiscord, feed_host: FeedHost, may_delete: bool
) -> None:
    """Without Manage Threads only the message can be deleted; then that is said, and the post's name says "Test"."""
    forum = server.add_channel(server.guild_id, "talks", FORUM)
    rights = int(Permission.DEFAULT) | (int(Permission.MANAGE_THREADS) if may_delete else 0)
    server.set_permissions(forum, rights)
    panel = await choose(server, await follow(server, feed_host), "channel", forum)
    await server.press(panel.message, label="Send a test")
    (thread,) = [c for c in server.channels.values() if c.parent_id == forum]
    assert thread.name == f"Test: {shown_title(make_entry(2))}"
    pressed = await server.press(thread.messages[0], label="Delete", settle=False)
    if may_delete:
        await eventually(lambda: thread.is_deleted, "a deleted post")
        return
    await eventually(lambda: bool(pressed.followups), "an explanation")
    assert "I need Manage Threads" in pressed.followups[0]["content"]
    assert not any(message["embeds"] for message in thread.messages)
