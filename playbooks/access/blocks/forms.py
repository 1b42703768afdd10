"""The modals: asking for access and denying it; and what people sent, read back out of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from core.errors import Refused
from playbooks.access.blocks.ids import Action, Form, id_from, value_for
from playbooks.access.blocks.parts import Block, context, length, plain, section, short
from playbooks.access.policy import Offer, Purpose

_STEPS = (15, 30, 60, 120, 240, 480, 720, 1440, 2880, 4320)
"""Durations on offer, in minutes; a path's own longest is always among them."""

_USUAL = timedelta(hours=1)

ENTITLEMENT, DURATION, REASON = "entitlement", "duration", "reason"
PURPOSE, MINIMUM = "purpose", "minimum_necessary"

_LONGEST_TEXT = 1000
_MOST_DIGITS = 6  # minutes of a year
_MOST_OPTIONS = 100  # https://docs.slack.dev/reference/block-kit/block-elements/select-menu-element


@dataclass(frozen=True, slots=True)
class Wish:
    """What the form said. Nothing in it is trusted: the command checks it against policy."""

    entitlement: str
    duration: timedelta
    reason: str
    purpose: str | None
    minimum_necessary: str | None


def request_form(offers: Sequence[Offer], chosen: str | None = None) -> Block:
    """The modal for asking: only what this person may ask for, and for the chosen one what it takes."""
    view: Block = {
        "type": "modal",
        "callback_id": Form.request,
        "title": _plain("Request access"),
        "close": _plain("Cancel"),
    }
    if not offers:
        nothing = "There is nothing that you may ask for with your present groups. `/access help` tells whom to ask."
        return view | {"blocks": [section(nothing)]}
    offer = next((each for each in offers if each.entitlement.key == chosen), None)
    return view | {"submit": _plain("Request"), "blocks": _request_blocks(offers, offer)}


def read_request(state: object) -> Wish:
    """What was sent. Raises Refused for a form that no version of ours could have sent."""
    entitlement, minutes, purpose = _chosen(state, ENTITLEMENT), _chosen(state, DURATION), _chosen(state, PURPOSE)
    if not entitlement or not minutes.isdecimal() or len(minutes) > _MOST_DIGITS:
        raise Refused("Choose what you need and for how long, then send the form again.")
    if purpose and purpose not in set(Purpose):
        raise Refused("Choose a purpose of use from the list, then send the form again.")
    return Wish(
        entitlement=entitlement,
        duration=timedelta(minutes=int(minutes)),
        reason=_written(state, REASON),
        purpose=purpose or None,
        minimum_necessary=_written(state, MINIMUM) or None,
    )


def deny_form(request_id: UUID, about: str) -> Block:
    """The modal that asks an approver why not."""
    return {
        "type": "modal",
        "callback_id": Form.deny,
        "title": _plain("Deny access"),
        "submit": _plain("Deny"),
        "close": _plain("Go back"),
        "private_metadata": value_for(request_id),
        "blocks": [
            section(f"You are about to deny {plain(about)}."),
            _text_input(REASON, "Reason", "The requester will read this.", hint="No patient data, no secrets."),
        ],
    }


def read_denial(private_metadata: str, state: object) -> tuple[UUID, str]:
    """The request and the reason. Raises NotFound for a form of another version."""
    return id_from(private_metadata), _written(state, REASON)


def _chosen(state: object, block: str) -> str:
    """The value of the option chosen in this block; empty where none is, or where the form is not shaped as ours."""
    option = _element(state, block).get("selected_option")
    value = option.get("value") if isinstance(option, dict) else None
    return _storable(value)


def _written(state: object, block: str) -> str:
    return _storable(_element(state, block).get("value"))


def _element(state: object, block: str) -> dict[str, Any]:
    fields = state.get(block) if isinstance(state, dict) else None
    element = next(iter(fields.values()), None) if isinstance(fields, dict) else None
    return element if isinstance(element, dict) else {}


def _storable(value: object) -> str:
    """Text as sent, without what PostgreSQL cannot store and nobody can type; cut where our own form ends."""
    return value.replace("\0", "")[:_LONGEST_TEXT].strip() if isinstance(value, str) else ""


def _request_blocks(offers: Sequence[Offer], offer: Offer | None) -> list[Block]:
    blocks = [_entitlement_input(offers, offer)]
    if offer is not None:
        blocks.append(context(_terms(offer)))
    longest = offer.max_duration if offer else max(each.max_duration for each in offers)
    blocks += [
        _duration_input(longest),
        _text_input(REASON, "Reason", "What are you going to do, and why now?", hint="No patient data, no secrets."),
    ]
    required = offer.requires if offer else frozenset[str]()
    if "purpose" in required:
        blocks.append(_purpose_input())
    if "minimum_necessary" in required:
        example = "Which records or tables, and why no fewer?"
        blocks.append(_text_input(MINIMUM, "Minimum necessary", example, hint="45 CFR 164.502(b). No patient data."))
    return blocks


def _terms(offer: Offer) -> str:
    """What each path takes and who will be asked."""
    lines = []
    for path in offer.paths:
        asked = " or ".join(name.removeprefix("group:") for name in path.approvers)
        asks = f"approval by {plain(asked)}" if path.approvals else "no approval needed"
        lines.append(f"*{plain(path.title)}*: up to {length(path.max_duration)}, {asks}")
    return f"{plain(offer.entitlement.description)}\n" + "\n".join(lines)


def _entitlement_input(offers: Sequence[Offer], offer: Offer | None) -> Block:
    listed = offers[:_MOST_OPTIONS]
    if offer is not None and offer not in listed:
        listed = [*listed[:-1], offer]
    options = [_option(_label(each), each.entitlement.key) for each in listed]
    element: Block = {
        "type": "static_select",
        "action_id": Action.pick,
        "placeholder": _plain("Choose a target"),
        "options": options,
    }
    if offer is not None:
        element["initial_option"] = _option(_label(offer), offer.entitlement.key)
    return _input(ENTITLEMENT, "What do you need?", element) | {"dispatch_action": True}


def _label(offer: Offer) -> str:
    return f"{offer.entitlement.target.title}: {offer.entitlement.title}"


def _duration_input(longest: timedelta) -> Block:
    most = int(longest.total_seconds() // 60)
    minutes = sorted({each for each in _STEPS if each <= most} | {most})
    options = [_option(length(timedelta(minutes=each)), str(each)) for each in minutes]
    usual = str(min(int(_USUAL.total_seconds() // 60), most))
    initial = next((each for each in options if each["value"] == usual), options[0])
    element = {
        "type": "static_select",
        "action_id": "minutes",
        "options": options,
        "initial_option": initial,
    }
    return _input(DURATION, "For how long?", element, hint="Counted from the moment it is granted.")


def _purpose_input() -> Block:
    options = [_option(purpose.label, purpose.value) for purpose in Purpose]
    element = {"type": "static_select", "action_id": "purpose", "options": options}
    return _input(PURPOSE, "Purpose of use", element, hint="Asked because this target holds patient data.")


def _text_input(block_id: str, label: str, placeholder: str, *, hint: str) -> Block:
    element = {
        "type": "plain_text_input",
        "action_id": "text",
        "multiline": True,
        "min_length": 5,
        "max_length": _LONGEST_TEXT,
        "placeholder": _plain(placeholder),
    }
    return _input(block_id, label, element, hint=hint)


def _input(block_id: str, label: str, element: Block, *, hint: str = "") -> Block:
    made: Block = {"type": "input", "block_id": block_id, "label": _plain(label), "element": element}
    return made | ({"hint": _plain(hint)} if hint else {})


def _option(text: str, value: str) -> Block:
    return {"text": _plain(short(text, 75)), "value": short(value, 150)}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}
