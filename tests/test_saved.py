"""Members' own lists: *Save* on every card, notes, passages, files; seen by their member alone, and kept for good."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.cards.reviews import save_passage_choice
from bot.cards.talks import quote_of
from bot.config import Settings
from bot.delivering import saved as saved_papers
from bot.errors import RequestError
from bot.models.requests import EVERYTHING
from bot.models.saved import SaveOutcome
from bot.service import Service, open_service
from bot.store import reviews
from tests.factories import make_entry, make_rss
from tests.loopback.discord import Interaction, LoopbackDiscord
from tests.loopback.feed_host import FeedHost
from tests.loopback.running import RunBot, wait_for_commands, wait_for_posts
from tests.shown import options, parts, said, title
from tests.test_commands import SOMEBODY_ELSE
from tests.test_commands import database_of_sample as _database_of_sample
from tests.test_commands import member as _member

database_of_sample, member = _database_of_sample, _member
ME, OTHER = 900_000_000_000_000_777, 900_000_000_000_000_778


def file_of(discord: LoopbackDiscord, answer: Interaction) -> tuple[str, str]:
    """The name and the text of the file that an answer brought."""
    assert answer.message is not None
    (attachment,) = answer.message["attachments"]
    return attachment["filename"], discord.attachment_bytes(answer.message).decode()


async def choose(discord: LoopbackDiscord, panel: Interaction, label: str, what: str) -> Interaction:
    """Choose an entry of one of a panel's menus by its label."""
    menu = next(part for part in parts(panel) if part.get("custom_id", "").endswith(f":{what}"))
    value = next(option["value"] for option in menu["options"] if label in option["label"])
    return await discord.select(panel.message, values=[value], custom_id=menu["custom_id"])


async def save(discord: LoopbackDiscord, name: str) -> Interaction:
    card = await discord.command("paper", {"name": name})
    return await discord.press(card.message, label="Save")


# ── in Discord ──────────────────────────────────────────────────────────────────────────────────


async def test_a_press_saves_and_the_next_removes(member: LoopbackDiscord) -> None:
    """Privately, on a card that everybody sees; another member's list stays empty."""
    card = await member.command("paper", {"name": "instag"})
    saved = await member.press(card.message, label="Save")
    assert saved.is_ephemeral
    assert title(saved) == "Saved"
    assert "/saved" in said(saved)
    assert "InsTag" in said(await member.command("saved"))
    assert "Nothing is saved" in said(await member.command("saved", user_id=SOMEBODY_ELSE))
    again = await member.press(card.message, label="Save")
    assert title(again) == "Removed"
    assert "Nothing is saved" in said(await member.command("saved"))


async def test_a_note_is_kept_and_one_press_does_not_delete_it(member: LoopbackDiscord) -> None:
    saved = await save(member, "instag")
    form = await member.press(saved.message, label="Add a note")
    noted = await member.submit(form, {"note": "Read *3.2* again"})
    assert "Your note is saved." in said(noted)
    assert "Read *3.2* again" in said(noted)
    assert "Read *3.2* again" in said(await member.command("saved"))
    kept = await save(member, "instag")
    assert title(kept) == "On your list already"
    removed = await member.press(kept.message, label="Remove")
    assert title(removed) == "Removed"
    assert "Nothing is saved" in said(await member.command("saved"))


async def test_a_paper_is_opened_noted_and_removed_from_the_list(member: LoopbackDiscord) -> None:
    await save(member, "instag")
    await save(member, "haluEval")
    listed = await member.command("saved")
    assert listed.is_ephemeral
    assert "2 papers" in said(listed)
    assert list(options(listed)) == ["HaluEval", "InsTag"]  # the last one first
    paper = await choose(member, listed, "InsTag", "open")
    assert title(paper) == "InsTag"
    opened = await member.press(paper.message, label="Open")
    assert opened.is_ephemeral
    assert any("3.2" in label for label in options(opened))
    form = await member.press(paper.message, label="Add a note")
    paper = await member.submit(form, {"note": "one\ntwo"})
    form = await member.press(paper.message, label="Edit the note")
    paper = await member.submit(form, {"note": ""})
    assert "Your note is removed." in said(paper)
    listed = await member.press(paper.message, label="Back to the list")
    paper = await choose(member, listed, "InsTag", "open")
    listed = await member.press(paper.message, label="Remove")
    assert list(options(listed)) == ["HaluEval"]


async def test_passages_are_saved_from_a_section_and_exported(member: LoopbackDiscord) -> None:
    card = await member.command("section", {"paper": "instag 3.2"})
    saved = await member.press(card.message, label="Save")
    choosing = await member.press(saved.message, label="Save a passage")
    chosen = next(part for part in parts(choosing) if part.get("custom_id", "").endswith(":section"))
    assert [option["label"] for option in chosen["options"] if option.get("default")] == ["3.2. Tag Normalization"]
    menu = next(part for part in parts(choosing) if part.get("custom_id", "").endswith(":passage"))
    first = menu["options"][0]
    kept = await member.select(choosing.message, values=[first["value"]], custom_id=menu["custom_id"])
    assert title(kept) == "Passage saved"
    listed = await member.command("saved")
    assert "1 passage" in said(listed)
    name, text = file_of(member, await member.command("saved", {"format": "Markdown"}))
    assert name == "saved.md"
    assert "3.2. Tag Normalization" in text.replace("\\", "")
    assert first["label"].rstrip("…")[:30] in text.replace("\\", "")
    again = await member.select(choosing.message, values=[first["value"]], custom_id=menu["custom_id"])
    assert title(again) == "Passage removed"
    assert "1 passage" not in said(await member.command("saved"))


@pytest.mark.parametrize(
    ("form", "name", "part"),
    [
        ("BibTeX", "saved.bib", "archivePrefix = {arXiv}"),
        ("RIS", "saved.ris", "T2  - ICLR\r\n"),
        ("CSL-JSON", "saved.json", '"container-title": "ICLR"'),
        ("Markdown", "saved.md", "ICLR 2024"),
    ],
)
async def test_the_list_is_exported(member: LoopbackDiscord, form: str, name: str, part: str) -> None:
    """By the command's option, and by the button of the list."""
    await save(member, "instag")
    answer = await member.command("saved", {"format": form})
    assert answer.is_ephemeral
    written = file_of(member, answer)
    assert written[0] == name
    assert part in written[1]
    formats = await member.press((await member.command("saved")).message, label="Export")
    assert file_of(member, await member.press(formats.message, label=form)) == written


async def test_an_empty_list_has_nothing_to_export(member: LoopbackDiscord) -> None:
    assert "nothing to export" in said(await member.command("saved", {"format": "RIS"}))


async def test_saving_works_in_direct_messages_and_where_the_bot_is_no_member(
    member: LoopbackDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One list, wherever it is used."""
    monkeypatch.setattr("bot.answering.audiences.Audiences.is_shared", lambda _self, _feed: True)
    places = (member.world.direct_channel(SOMEBODY_ELSE).id, member.channel_elsewhere(), member.channel_id)
    for count, (channel_id, name) in enumerate(zip(places, ("instag", "halueval", "self-rag"), strict=True), 1):
        card = await member.command("paper", {"name": name}, user_id=SOMEBODY_ELSE, channel_id=channel_id)
        saved = await member.press(card.message, label="Save", user_id=SOMEBODY_ELSE)
        assert title(saved) == "Saved"
        assert saved.is_ephemeral
        listed = await member.command("saved", user_id=SOMEBODY_ELSE, channel_id=channel_id)
        assert listed.is_ephemeral
        assert len(options(listed)) == count


async def test_an_announcement_can_be_saved(run: RunBot, discord: LoopbackDiscord, feed_host: FeedHost) -> None:
    feed_host.serve("/feed.xml", make_rss([]))
    async with run():
        await wait_for_commands(discord)
        feed_host.update("/feed.xml", make_rss([make_entry(1)]))
        await wait_for_posts(discord, 1)
        post = next(m for m in discord.channels[discord.channel_id].messages if m["embeds"])
        saved = await discord.press(post, label="Save", user_id=SOMEBODY_ELSE)
        assert title(saved) == "Saved"
        assert saved.is_ephemeral
        assert "Lantern-1" in said(await discord.command("saved", user_id=SOMEBODY_ELSE))


async def test_the_panels_work_after_a_restart(
    run: RunBot, discord: LoopbackDiscord, settings: Callable[..., Settings], feed_host: FeedHost
) -> None:
    feed_host.serve("/feed.xml", make_rss([make_entry(1)]))
    async with run():
        await wait_for_commands(discord)
        await feed_host.wait_until_read("/feed.xml")
        saved = await save(discord, "lantern-1")
        listed = await discord.command("saved")
        paper = await choose(discord, await discord.command("saved"), "Lantern-1", "open")
        other = await choose(discord, await discord.command("saved"), "Lantern-1", "open")
        formats = await discord.press((await discord.command("saved")).message, label="Export")
        form = await discord.press(saved.message, label="Add a note")
    async with run():
        await wait_for_commands(discord)
        noted = await discord.submit(form, {"note": "from before"})
        assert "from before" in said(noted)
        assert "from before" in said(await choose(discord, listed, "Lantern-1", "open"))
        assert file_of(discord, await discord.press(formats.message, label="RIS"))[0] == "saved.ris"
        choosing = await discord.press(paper.message, label="Save a passage")
        choosing = await choose(discord, choosing, "2.1", "section")
        assert title(await choose(discord, choosing, "질문", "passage")) == "Passage saved"
        listed = await discord.press(other.message, label="Remove")
        assert "Nothing is saved" in said(listed)


# ── the lists ───────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def service(settings: Callable[..., Settings], tmp_path: Path) -> AsyncIterator[Service]:
    """A service with three reviews of one blog."""
    feed = tmp_path / "feed.xml"
    feed.write_bytes(make_rss([make_entry(3), make_entry(2), make_entry(1)]))
    async with open_service(settings(NONMUN_FEEDS=str(feed))) as opened:
        await opened.poller.poll_all()
        yield opened


async def press(service: Service, number: int, *, user_id: int = ME) -> SaveOutcome:
    """Press *Save* on the card of the review with this number."""
    ids = await reviews.review_ids(service.database.reader)
    for head in await reviews.find_heads(service.database.reader, ids):
        if head.link.endswith(f"-{number}/"):
            _paper, outcome = await service.saved.toggle(
                head.id, check=head.check, user_id=user_id, guild_id=None, audience=EVERYTHING
            )
            return outcome
    raise LookupError(number)


async def test_a_full_list_is_said(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_papers, "MOST_SAVED", 2)
    await press(service, 1)
    await press(service, 2)
    with pytest.raises(RequestError, match=r"Your list is full: 2 papers\. Remove some with /saved\."):
        await press(service, 3)
    assert await press(service, 3, user_id=OTHER) is SaveOutcome.SAVED
    assert await press(service, 2) is SaveOutcome.REMOVED


async def test_nobody_changes_or_sees_another_members_list(service: Service) -> None:
    await press(service, 1)
    (paper,) = await service.saved.all(ME, audience=EVERYTHING)
    with pytest.raises(RequestError):
        await service.saved.set_note(OTHER, paper.id, "mine")
    with pytest.raises(RequestError):
        await service.saved.get(OTHER, paper.id, audience=EVERYTHING)
    await service.saved.remove(OTHER, paper.id)
    assert await service.saved.all(ME, audience=EVERYTHING) == [paper]


async def test_a_saved_paper_outlives_its_review_and_gets_it_back(service: Service) -> None:
    await press(service, 1)
    (before,) = await service.saved.all(ME, audience=EVERYTHING)
    await service.saved.set_note(ME, before.id, "a note")
    url = service.settings.feeds[0]
    async with service.database.transaction() as db:
        await db.execute("DELETE FROM reviews")
        await db.execute("DELETE FROM feeds")
    await service.name_cache.refresh()
    (lost,) = await service.saved.all(ME, audience=EVERYTHING)
    assert lost.head is None
    assert (lost.title, lost.link, lost.note) == (before.title, before.link, "a note")
    await service.poller.poll(url)
    await service.name_cache.refresh()
    (back,) = await service.saved.all(ME, audience=EVERYTHING)
    assert back.head is not None
    assert back.head.link == before.link
    assert await press(service, 1) is SaveOutcome.KEPT


async def test_pages_of_the_list(service: Service) -> None:
    for number in (1, 2, 3):
        await press(service, number)
    page = await service.saved.page(ME, 7, audience=EVERYTHING)
    assert (page.number, page.count, page.total) == (0, 1, 3)
    assert len(page.papers) == len(page.readable) == 3


async def test_a_passage_that_is_not_there_is_said(service: Service) -> None:
    (head, *_) = await reviews.find_heads(service.database.reader, await reviews.review_ids(service.database.reader))
    for position, block in ((99, 0), (0, 99)):
        with pytest.raises(RequestError, match="This passage is not here any more"):
            await service.saved.toggle_passage(
                head.id,
                position=position,
                block=block,
                words_check=None,
                check=head.check,
                user_id=ME,
                guild_id=1,
                audience=EVERYTHING,
            )
    assert await service.saved.all(ME, audience=EVERYTHING) == []


async def test_a_passage_is_saved_only_with_the_words_that_the_member_saw(service: Service) -> None:
    """The button below a quote may be older than the review's last revision."""
    (stored, *_) = await reviews.find_reviews(
        service.database.reader, await reviews.review_ids(service.database.reader)
    )
    position, block = 1, 0
    words = quote_of(stored.review.sections[position].blocks[block])

    async def save_as(seen: str) -> SaveOutcome:
        choice = save_passage_choice(stored, position, block, seen)
        _paper, outcome = await service.saved.toggle_passage(
            choice.press.number,
            position=choice.press.position,
            block=choice.press.block,
            words_check=choice.press.text,
            check=choice.press.check,
            user_id=ME,
            guild_id=1,
            audience=EVERYTHING,
        )
        return outcome

    with pytest.raises(RequestError, match="This passage is not here any more"):
        await save_as(f"{words} once")
    assert await save_as(words) is SaveOutcome.PASSAGE_SAVED
    assert await save_as(words) is SaveOutcome.PASSAGE_REMOVED
