"""The panels of saved papers: what *Save* answers, the list of `/saved`, one paper of it, choosing passages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from io import BytesIO

import discord

from bot.cards.card import Card, Tone, text_block
from bot.cards.citations import write_citations
from bot.cards.saved import FORMAT_NAMES, option_label, outcome_card, paper_of_list_card, saved_card
from bot.cards.talks import quotable_sections, quote_of, quotes_in
from bot.cards.words import heading_of
from bot.languages import _, ngettext
from bot.models.passages import check_of_words
from bot.models.requests import Audience, Command, Press, Request
from bot.models.reviews import StoredReview
from bot.models.saved import NOTE_CHARACTERS, ExportFormat, SavedPage, SavedPaper, SaveOutcome
from bot.service import Service
from bot.text.cut import cut_text
from bot.ui.discord import replies
from bot.ui.discord.forms import Field, Form, Panel
from bot.ui.discord.layout import link_button
from bot.ui.discord.limits import OPTION_TEXT, OPTIONS, SELECT_PLACEHOLDER
from bot.ui.discord.markdown import plain_line
from bot.ui.discord.panels.base import Interaction, values
from bot.ui.discord.places import home_of
from bot.ui.discord.views import reply

_REMOVING = (SaveOutcome.KEPT, SaveOutcome.PASSAGE_SAVED, SaveOutcome.PASSAGE_REMOVED)
"""After these, the paper can be removed by another button."""


async def press_save(interaction: Interaction, press: Press) -> None:
    """Put a paper on the presser's list, or take it off, and say so privately."""
    service = interaction.client.service
    await replies.think(interaction)
    paper, outcome = await service.saved.toggle(
        press.number,
        check=press.check,
        user_id=interaction.user.id,
        guild_id=home_of(interaction),
        audience=await _audience(interaction),
    )
    await OutcomePanel.tell(service, interaction, paper, outcome, position=press.position)


async def press_save_passage(interaction: Interaction, press: Press) -> None:
    """Put a passage on the presser's list, or take it off, and say so privately."""
    await replies.think(interaction)
    await _toggle_passage(
        interaction, press.number, press.position, press.block, check=press.check, words_check=press.text or None
    )


async def _toggle_passage(
    interaction: Interaction, review_id: int, position: int, block: int, *, check: str | None, words_check: str | None
) -> None:
    service = interaction.client.service
    paper, outcome = await service.saved.toggle_passage(
        review_id,
        position=position,
        block=block,
        words_check=words_check,
        check=check,
        user_id=interaction.user.id,
        guild_id=home_of(interaction),
        audience=await _audience(interaction),
    )
    await OutcomePanel.tell(service, interaction, paper, outcome, position=position)


async def _audience(interaction: Interaction) -> Audience:
    audience: Audience = await interaction.client.service.audiences.of_guild(home_of(interaction))
    return audience


async def _get(interaction: Interaction, saved_id: int) -> SavedPage:
    page: SavedPage = await interaction.client.service.saved.get(
        interaction.user.id, saved_id, audience=await _audience(interaction)
    )
    return page


# ── after Save ──────────────────────────────────────────────────────────────────────────────────


class OutcomePanel(Panel):
    """Says what *Save* did; offers a note, passages, and removing what one press does not remove."""

    kind = "savedoutcome"

    def __init__(self, service: Service, paper: SavedPaper, outcome: SaveOutcome, position: int) -> None:
        super().__init__(service, paper.id, position)
        self.paper, self._position = paper, position
        if outcome is SaveOutcome.REMOVED:
            return
        self.button(_("Edit the note") if paper.note else _("Add a note"), self._note, "note")
        if paper.head is not None:
            self.button(_("Save a passage"), self._passages, "passages")
        if outcome in _REMOVING:
            self.button(_("Remove"), self._remove, "remove", style=discord.ButtonStyle.danger)

    @classmethod
    async def tell(
        cls, service: Service, interaction: Interaction, paper: SavedPaper, outcome: SaveOutcome, *, position: int
    ) -> None:
        """Tell the presser in a private message of its own: the pressed one may be everybody's."""
        panel = cls(service, paper, outcome, position)
        await panel.show(interaction, outcome_card(paper, outcome), is_new=True)

    @classmethod
    async def reopen(cls, service: Service, interaction: Interaction, numbers: list[int]) -> OutcomePanel:
        """The panel from the numbers in its ids."""
        saved_id, position = numbers
        (paper,) = (await _get(interaction, saved_id)).papers
        return cls(service, paper, SaveOutcome.KEPT, position)

    async def _note(self, interaction: Interaction) -> None:
        await note_form(self.service, self.paper).open(interaction)

    async def _passages(self, interaction: Interaction) -> None:
        await PassagePanel.open(self.service, interaction, self.paper.id, self._position)

    async def _remove(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        await self.service.saved.remove(interaction.user.id, self.paper.id)
        panel = OutcomePanel(self.service, self.paper, SaveOutcome.REMOVED, self._position)
        await panel.show(interaction, outcome_card(self.paper, SaveOutcome.REMOVED))


def note_form(service: Service, paper: SavedPaper) -> Form:
    """The form for a member's note on a saved paper."""

    async def done(submitted: Interaction, typed: Mapping[str, str]) -> None:
        await replies.hold(submitted)
        await service.saved.set_note(submitted.user.id, paper.id, typed["note"])
        said = _("Your note is saved.") if typed["note"].strip() else _("Your note is removed.")
        await SavedPaperPanel.open(service, submitted, paper.id, said=said)

    field = Field(
        name="note",
        label=_("Your note"),
        about=_("Nobody else sees it. Leave it empty to remove it."),
        value=paper.note,
        longest=NOTE_CHARACTERS,
        has_lines=True,
        is_required=False,
    )
    return Form(service, cut_text(option_label(paper), 40), [field], done=done, back=None, key=f"note-{paper.id}")


async def reopen_note_form(service: Service, interaction: Interaction, numbers: list[int]) -> Form:
    """The form for a note, from the number in its id."""
    (paper,) = (await _get(interaction, numbers[0])).papers
    return note_form(service, paper)


# ── passages ────────────────────────────────────────────────────────────────────────────────────


class PassagePanel(Panel):
    """A menu of sections, and one of the passages of the chosen section."""

    kind = "savedpassages"

    def __init__(self, service: Service, paper: SavedPaper, stored: StoredReview, position: int) -> None:
        super().__init__(service, paper.id, position)
        self._saved_id, self._stored, self._position = paper.id, stored, position
        sections = quotable_sections(stored.review)
        near = sorted(sections, key=lambda pair: abs(pair[0] - position))[:OPTIONS]
        if near:
            options = [
                discord.SelectOption(
                    label=plain_line(heading_of(section.heading) or _("Before the first heading"), OPTION_TEXT),
                    value=str(at),
                    default=at == position,
                )
                for at, section in sorted(near, key=lambda pair: pair[0])
            ]
            self._add_menu(options, _("Choose a section …"), self._choose_section, "section")
        if passages := self._passages():
            self._add_menu(passages, _("Choose a passage …"), self._choose_passage, "passage")

    def _passages(self) -> list[discord.SelectOption]:
        sections = self._stored.review.sections
        quotes = quotes_in(sections[self._position]) if self._position < len(sections) else []
        return [
            discord.SelectOption(
                label=plain_line(words[:OPTION_TEXT], OPTION_TEXT),
                description=plain_line(words[OPTION_TEXT:], OPTION_TEXT) if len(words) > OPTION_TEXT else None,
                value=str(at),
            )
            for at, words in quotes[:OPTIONS]
        ]

    def _add_menu(
        self,
        options: list[discord.SelectOption],
        placeholder: str,
        act: Callable[[Interaction], Awaitable[None]],
        what: str,
    ) -> None:
        menu: discord.ui.Select[Panel] = discord.ui.Select(
            options=options, placeholder=plain_line(placeholder, SELECT_PLACEHOLDER), custom_id=self.name(what)
        )
        self.menu(menu, act)

    @classmethod
    async def open(cls, service: Service, interaction: Interaction, saved_id: int, position: int) -> None:
        """Show the passages of a section in place of what was pressed."""
        await replies.hold(interaction)
        panel = await cls.reopen(service, interaction, [saved_id, position])
        card = Card(
            tone=Tone.CHOOSE,
            title=_("Save a passage"),
            parts=((text_block(_("Choose a section, then the passage. A saved passage is removed the same way.")),),),
            is_private=True,
        )
        await panel.show(interaction, card)

    @classmethod
    async def reopen(cls, service: Service, interaction: Interaction, numbers: list[int]) -> PassagePanel:
        """The panel from the numbers in its ids."""
        saved_id, position = numbers
        (paper,) = (await _get(interaction, saved_id)).papers
        stored = await service.saved.review_of(paper, audience=await _audience(interaction))
        return cls(service, paper, stored, position)

    async def _choose_section(self, interaction: Interaction) -> None:
        await self.open(self.service, interaction, self._saved_id, int(values(interaction)[0]))

    async def _choose_passage(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        block = int(values(interaction)[0])
        words = quote_of(self._stored.review.sections[self._position].blocks[block])
        await _toggle_passage(
            interaction,
            self._stored.id,
            self._position,
            block,
            check=self._stored.check,
            words_check=check_of_words(words),
        )


# ── the list ────────────────────────────────────────────────────────────────────────────────────


class SavedPanel(Panel):
    """A page of the list: a menu to open a paper, ◀ ▶, and *Export*."""

    kind = "saved"

    def __init__(self, service: Service, page: SavedPage) -> None:
        super().__init__(service, page.number)
        self.page = page
        if page.papers:
            options = [
                discord.SelectOption(label=plain_line(option_label(paper), OPTION_TEXT), value=str(paper.id))
                for paper in page.papers
            ]
            menu: discord.ui.Select[Panel] = discord.ui.Select(
                options=options, placeholder=_("Open a paper …"), custom_id=self.name("open")
            )
            self.menu(menu, self._open)
        if page.count > 1:
            self.button("◀", self._turn(-1), "back", disabled=page.number == 0)
            self.button("▶", self._turn(1), "on", disabled=page.number == page.count - 1)
        if page.total:
            self.button(_("Export"), self._export, "export")

    @classmethod
    async def open(cls, service: Service, interaction: Interaction, number: int = 0) -> None:
        """Show a page of the member's list."""
        panel = await cls.reopen(service, interaction, [number])
        await panel.show(interaction, saved_card(panel.page))

    @classmethod
    async def reopen(cls, service: Service, interaction: Interaction, numbers: list[int]) -> SavedPanel:
        """The panel from the number in its ids."""
        page = await service.saved.page(interaction.user.id, numbers[0], audience=await _audience(interaction))
        return cls(service, page)

    async def _open(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        await SavedPaperPanel.open(self.service, interaction, int(values(interaction)[0]), number=self.page.number)

    def _turn(self, by: int) -> Callable[[Interaction], Awaitable[None]]:
        async def press(interaction: Interaction) -> None:
            await replies.hold(interaction)
            await SavedPanel.open(self.service, interaction, max(0, self.page.number + by))

        return press

    async def _export(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        card = Card(
            tone=Tone.CHOOSE,
            title=_("Export your list"),
            parts=(
                (text_block(_("BibTeX, RIS and CSL-JSON are for reference managers; Markdown has your passages.")),),
            ),
            is_private=True,
        )
        await ExportPanel(self.service, self.page.number).show(interaction, card)


class ExportPanel(Panel):
    """The formats in which the list can be had as a file."""

    kind = "savedexport"

    def __init__(self, service: Service, number: int) -> None:
        super().__init__(service, number)
        self._number = number
        for form, name in FORMAT_NAMES.items():
            self.button(name, self._send(form), form.value)
        self.button(_("Back"), self._back, "back")

    @classmethod
    async def reopen(cls, service: Service, _interaction: Interaction, numbers: list[int]) -> ExportPanel:
        """The panel from the number in its ids."""
        return cls(service, numbers[0])

    def _send(self, form: ExportFormat) -> Callable[[Interaction], Awaitable[None]]:
        async def press(interaction: Interaction) -> None:
            await replies.think(interaction)
            await send_export(self.service, interaction, form)

        return press

    async def _back(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        await SavedPanel.open(self.service, interaction, self._number)


async def send_export(service: Service, interaction: Interaction, form: ExportFormat) -> None:
    """Send the member the list as a private file."""
    papers = await service.saved.all(interaction.user.id, audience=await _audience(interaction))
    if not papers:
        await replies.say(interaction, _("Your list is empty, so there is nothing to export."))
        return
    written = write_citations(papers, form).encode("utf-8", "replace")
    said = ngettext("{count} paper as {format}.", "{count} papers as {format}.", len(papers))
    file = discord.File(BytesIO(written), filename=f"saved.{form.value}")
    text = said.format(count=len(papers), format=FORMAT_NAMES[form])
    await replies.send(interaction, text=text, file=file)


class SavedPaperPanel(Panel):
    """One paper of the list: *Open*, *Note*, *Save a passage*, *Remove*, and back to the list."""

    kind = "savedpaper"

    def __init__(self, service: Service, page: SavedPage, number: int) -> None:
        (self.paper,) = page.papers
        super().__init__(service, self.paper.id, number)
        self._number = number
        head = self.paper.head
        if head is not None and head.id in page.readable:
            self.button(_("Open"), self._open, "open", style=discord.ButtonStyle.primary)
            self.button(_("Save a passage"), self._passages, "passages")
        self.button(_("Edit the note") if self.paper.note else _("Add a note"), self._note, "note")
        self.button(_("Remove"), self._remove, "remove", style=discord.ButtonStyle.danger)
        self.button(_("Back to the list"), self._back, "back", row=1)
        for link in paper_of_list_card(self.paper).links:
            if button := link_button(link, row=1):
                self.add_item(button)

    @classmethod
    async def open(
        cls, service: Service, interaction: Interaction, saved_id: int, *, number: int = 0, said: str | None = None
    ) -> None:
        """Show a paper of the list in place of what was pressed.

        Args:
            number: The page of the list to go back to.
            said: What was just done, as a sentence.
        """
        panel = await cls.reopen(service, interaction, [saved_id, number])
        await panel.show(interaction, paper_of_list_card(panel.paper, said=said))

    @classmethod
    async def reopen(cls, service: Service, interaction: Interaction, numbers: list[int]) -> SavedPaperPanel:
        """The panel from the numbers in its ids."""
        saved_id, number = numbers
        return cls(service, await _get(interaction, saved_id), number)

    async def _open(self, interaction: Interaction) -> None:
        head = self.paper.head
        assert head is not None  # noqa: S101 - the button is there only then
        request = Request(command=Command.PAPER, review_id=head.id, check=head.check)
        await reply(interaction, self.service, request, is_private=True)

    async def _passages(self, interaction: Interaction) -> None:
        await PassagePanel.open(self.service, interaction, self.paper.id, 0)

    async def _note(self, interaction: Interaction) -> None:
        await note_form(self.service, self.paper).open(interaction)

    async def _remove(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        await self.service.saved.remove(interaction.user.id, self.paper.id)
        await SavedPanel.open(self.service, interaction, self._number)

    async def _back(self, interaction: Interaction) -> None:
        await replies.hold(interaction)
        await SavedPanel.open(self.service, interaction, self._number)
