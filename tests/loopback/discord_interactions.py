"""Interactions as Discord keeps them: the callback with its time limit, the original answer, the follow-ups.

Source: Receiving and Responding of Discord's documentation; error codes from Opcodes and Status Codes.
"""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass, field
from typing import Any

from tests.loopback.patience import patience

from .discord_channels import ChannelApi
from .discord_limits import EPHEMERAL, check_choices, check_deferral, check_message, check_modal
from .discord_server import ApiError, Call
from .discord_world import APPLICATION_ID, LOADING, Permission, World, public_message, user_payload

__all__ = ["AUTOCOMPLETE", "COMMAND", "COMPONENT", "MODAL_SUBMIT", "Interaction", "InteractionApi"]

Json = dict[str, Any]

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
_MESSAGE, _DEFERRED, _DEFERRED_UPDATE, _UPDATE, _CHOICES, _MODAL = 4, 5, 6, 7, 8, 9
_ALLOWED = {
    COMMAND: (_MESSAGE, _DEFERRED, _MODAL),
    COMPONENT: (_MESSAGE, _DEFERRED, _DEFERRED_UPDATE, _UPDATE, _MODAL),
    AUTOCOMPLETE: (_CHOICES,),
    MODAL_SUBMIT: (_MESSAGE, _DEFERRED, _DEFERRED_UPDATE, _UPDATE),
}
_SCHEMAS = {
    _MESSAGE: "CreateMessageInteractionCallbackRequest",
    _DEFERRED: "CreateMessageInteractionCallbackRequest",
    _DEFERRED_UPDATE: "UpdateMessageInteractionCallbackRequest",
    _UPDATE: "UpdateMessageInteractionCallbackRequest",
    _CHOICES: "ApplicationCommandAutocompleteCallbackRequest",
    _MODAL: "ModalInteractionCallbackRequest",
}
_COMMAND_MESSAGE = 20  # type of a message that answers a slash command. Source: Message Resource, Message Types


@dataclass(eq=False, slots=True, kw_only=True)
class Interaction:
    """One thing a member did, and what the bot answered.

    Attributes:
        kind: 2 a command, 3 a component, 4 autocomplete, 5 a modal that was filled in.
        response_type: Of the callback; None while unanswered.
        elapsed_s: From sending the interaction to its callback.
        choices: What autocomplete offered.
        callback: The whole body of the callback.
        followup_ids: Messages sent beside the original answer, oldest first.
        parent: Of a modal that was filled in: what it was the answer to.
        is_modal_open: True while the member has the modal that was the answer before them.
    """

    id: int
    token: str
    kind: int
    channel_id: int
    user_id: int
    world: World = field(repr=False)
    option_type: int = 3
    component_message_id: int | None = None
    started_s: float = field(default_factory=time.monotonic)
    response_type: int | None = None
    elapsed_s: float | None = None
    callback: Json | None = None
    choices: list[Json] = field(default_factory=list)
    original_id: int | None = None
    followup_ids: list[int] = field(default_factory=list)
    is_settled: bool = False
    parent: Interaction | None = None
    is_modal_open: bool = False

    @property
    def modal(self) -> Json | None:
        """The modal that was the answer: its ``custom_id``, ``title`` and ``components``."""
        return self.callback["data"] if self.callback is not None and self.response_type == _MODAL else None

    @property
    def metadata(self) -> Json:
        """What a message says of the interaction it answers. Source: Message Resource, Interaction Metadata."""
        told: Json = {
            "id": str(self.id),
            "type": self.kind,
            "user": user_payload(self.user_id),
            "authorizing_integration_owners": {"0": str(self.world.channels[self.channel_id].guild_id or 0)},
        }
        if self.kind == COMPONENT:
            told["interacted_message_id"] = str(self.component_message_id)
        if self.parent is not None:
            told["triggering_interaction_metadata"] = self.parent.metadata
        return told

    @property
    def message(self) -> Json | None:
        """The answer as the member sees it now: the original, or the follow-up if there is no other (any more)."""
        shown = self.followup_ids[-1:] if self.response_type == _DEFERRED_UPDATE else []
        original = [self.original_id] if self.original_id and self.world.find_message(self.original_id) else []
        shown = shown or original or self.followup_ids[-1:]
        return self.world.find_message(shown[0]) if shown else None

    @property
    def followups(self) -> list[Json]:
        """The further messages that still stand."""
        found = (self.world.find_message(message_id) for message_id in self.followup_ids)
        return [message for message in found if message is not None]

    @property
    def is_ephemeral(self) -> bool:
        return self.message is not None and bool(self.message["flags"] & EPHEMERAL)

    @property
    def deferred(self) -> bool:
        return self.response_type in (_DEFERRED, _DEFERRED_UPDATE)

    @property
    def updated(self) -> bool:
        """True where the answer changes the message that was pressed instead of making another."""
        return self.response_type in (_DEFERRED_UPDATE, _UPDATE)


class InteractionApi(ChannelApi):
    """The routes with an interaction's token in their path.

    Attributes:
        interactions: All that was ever sent, oldest first.
        deadline_s: Time for the callback; Discord gives 3 seconds, we more where the machine is busy.
        token_life_s: Time for everything else; Discord gives 15 minutes.
    """

    def __init__(self, *, token: str) -> None:
        super().__init__(token=token)
        self.interactions: list[Interaction] = []
        self._by_token: dict[str, Interaction] = {}
        self.deadline_s = patience(3.0)
        self.token_life_s = 900.0
        webhook = "/webhooks/{app}/{token}"
        self.add_route("POST", "/interactions/{interaction}/{token}/callback", self._receive_callback)
        self.add_route("POST", webhook, self._follow_up)
        for message in ("@original", "{message}"):
            self.add_route("GET", f"{webhook}/messages/{message}", self._get_answer)
            self.add_route("PATCH", f"{webhook}/messages/{message}", self._edit_answer)
            self.add_route("DELETE", f"{webhook}/messages/{message}", self._delete_answer)

    def take_down(self, interaction: Interaction) -> None:
        """Remember an interaction that is about to be sent to the bot."""
        self.interactions.append(interaction)
        self._by_token[interaction.token] = interaction

    # ── the callback ────────────────────────────────────────────────────────────────────────────────

    def _receive_callback(self, call: Call) -> Json | None:
        interaction = self._started(call)
        body, kind = call.body, call.body.get("type", 0)
        if kind not in _ALLOWED[interaction.kind]:
            self.violations.append(
                f"{call.request.path}: type {kind} cannot answer an interaction of {interaction.kind}"
            )
            raise ApiError(400, 50035, "Invalid Form Body")
        message = self._effect(call, interaction, body, kind)
        interaction.response_type, interaction.callback = kind, body
        interaction.elapsed_s = time.monotonic() - interaction.started_s
        interaction.is_settled = kind not in (_DEFERRED, _DEFERRED_UPDATE)
        interaction.is_modal_open = kind == _MODAL
        if interaction.parent is not None:
            interaction.parent.is_modal_open = False  # a client closes it when it is answered, not before
        return _callback_answer(interaction, message) if "with_response" in call.request.query else None

    def _started(self, call: Call) -> Interaction:
        """Return the interaction if it may still be answered. Source: Receiving and Responding."""
        interaction = self._by_token.get(call.ids["token"])
        if interaction is not None and interaction.id != call.id("interaction"):
            interaction = None
        if interaction is not None and interaction.response_type is not None:
            raise ApiError(400, 40060, "Interaction has already been acknowledged.")
        if interaction is None or time.monotonic() - interaction.started_s > self.deadline_s:
            raise ApiError(404, 10062, "Unknown interaction")
        return interaction

    def _effect(self, call: Call, interaction: Interaction, body: Json, kind: int) -> Json | None:
        """Do what the callback asks for; returns the message it made or changed."""
        request, data = call.request, body.get("data") or {}
        if kind == _CHOICES:
            faults = check_choices(body, option_type=interaction.option_type)
            self.judge(request, faults, schema=_SCHEMAS[kind])
            interaction.choices = copy.deepcopy(data["choices"])
            return None
        if kind in (_DEFERRED_UPDATE, _UPDATE) and interaction.component_message_id is None:
            self.violations.append(f"{request.path}: type {kind} changes a message, and there is none")
            raise ApiError(400, 50035, "Invalid Form Body")
        if kind in (_MESSAGE, _DEFERRED):
            self._must_be_shown(interaction, data)
        if kind == _MESSAGE:
            self.judge_message(request, data, check_message(data), schema=_SCHEMAS[kind])
        else:
            faults = check_deferral(body) if kind == _DEFERRED else check_modal(data) if kind == _MODAL else []
            self.judge(request, faults, schema=_SCHEMAS[kind])
        if kind == _MESSAGE:
            return self._show(call, interaction, data)
        if kind == _DEFERRED:
            flags = (data.get("flags") or 0) | LOADING
            return self._store(interaction, self._make(interaction, {"flags": flags}, call))
        if kind in (_DEFERRED_UPDATE, _UPDATE):
            interaction.original_id = interaction.component_message_id
        return self._rewrite(call, interaction, data, schema=None) if kind == _UPDATE else None

    def _must_be_shown(self, interaction: Interaction, data: Json) -> None:
        """Refuse a public answer in a thread that the member cannot unarchive, as bots met it."""
        channel = self.world.channels[interaction.channel_id]
        is_closed = channel.archived and channel.locked
        may_open = self.world.permissions_of(channel, interaction.user_id) & Permission.MANAGE_THREADS
        if is_closed and not may_open and not (data.get("flags") or 0) & EPHEMERAL:
            raise ApiError(403, 50083, "Thread is archived")

    def _show(self, call: Call, interaction: Interaction, data: Json) -> Json:
        self.must_show(call.request, data)
        return self._store(interaction, self._make(interaction, data, call))

    def _make(self, interaction: Interaction, data: Json, call: Call) -> Json:
        channel = self.world.channels[interaction.channel_id]
        application = str(APPLICATION_ID)
        kind = _COMMAND_MESSAGE if interaction.kind == COMMAND else 0
        extra = {"type": kind, "application_id": application, "webhook_id": application}
        message = self.new_message(call.request, channel, data)
        return message | extra | {"interaction_metadata": interaction.metadata}

    def _store(self, interaction: Interaction, message: Json) -> Json:
        """Keep an answer: the first as the original, others as follow-ups; ephemeral ones in no channel."""
        message_id = int(message["id"])
        channel = self.world.channels[interaction.channel_id]
        is_hidden = bool(message["flags"] & EPHEMERAL)
        self.world.keep_message(channel, message, hidden=is_hidden)
        if not is_hidden:
            self.unarchive(channel)
        if interaction.response_type is None:
            interaction.original_id = message_id
        else:
            interaction.followup_ids.append(message_id)
        return message

    # ── afterwards ──────────────────────────────────────────────────────────────────────────────────

    def _answered(self, call: Call) -> Interaction:
        interaction = self._by_token.get(call.ids["token"])
        if interaction is None or call.id("app") != APPLICATION_ID or interaction.response_type is None:
            raise ApiError(404, 10015, "Unknown Webhook")
        if time.monotonic() - interaction.started_s > self.token_life_s:
            raise ApiError(401, 50027, "Invalid Webhook Token")
        return interaction

    def _follow_up(self, call: Call) -> Json:
        """Send a further message; the first one after a deferral takes the place of "thinking …"."""
        interaction = self._answered(call)
        waiting = interaction.message
        if interaction.response_type == _DEFERRED and waiting is not None and waiting["flags"] & LOADING:
            return self._rewrite(call, interaction, call.body, schema="IncomingWebhookRequestPartial")
        faults = check_message(call.body)
        self.judge_message(call.request, call.body, faults, schema="IncomingWebhookRequestPartial")
        interaction.is_settled = True
        return public_message(self._show(call, interaction, call.body))

    def _answer_of(self, call: Call, interaction: Interaction) -> Json:
        message_id = int(call.ids["message"]) if "message" in call.ids else interaction.original_id
        message = self.world.find_message(message_id or 0)
        if message is None or message_id not in (interaction.original_id, *interaction.followup_ids):
            raise ApiError(404, 10008, "Unknown Message")
        return message

    def _get_answer(self, call: Call) -> Json:
        return public_message(self._answer_of(call, self._answered(call)))

    def _edit_answer(self, call: Call) -> Json:
        return self._rewrite(call, self._answered(call), call.body, schema="IncomingWebhookUpdateRequestPartial")

    def _rewrite(self, call: Call, interaction: Interaction, data: Json, *, schema: str | None) -> Json:
        edited = self.edited(call.request, self._answer_of(call, interaction), data, schema=schema)
        self.replace(edited)
        interaction.is_settled = True
        return public_message(edited)

    def _delete_answer(self, call: Call) -> None:
        interaction = self._answered(call)
        self.remove(self._answer_of(call, interaction))
        interaction.is_settled = True


def _callback_answer(interaction: Interaction, message: Json | None) -> Json:
    """Source: Receiving and Responding, Interaction Callback Response Object."""
    told: Json = {"id": str(interaction.id), "type": interaction.kind}
    resource: Json = {"type": interaction.response_type}
    if interaction.original_id is not None:
        told["response_message_id"] = str(interaction.original_id)
    if message is not None:
        told["response_message_loading"] = bool(message["flags"] & LOADING)
        told["response_message_ephemeral"] = bool(message["flags"] & EPHEMERAL)
    if message is not None and not interaction.deferred:
        resource["message"] = public_message(message)
    return {"interaction": told, "resource": resource}
