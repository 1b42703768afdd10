"""The modals: asking for access and denying it; and what people sent, read back out of them."""

from collections.abc import Mapping, Sequence
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

State = Mapping[str, Mapping[str, Mapping[str, Any]]]


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


def read_request(state: State) -> Wish:
    """What was sent. Raises Refused for a form that no version of ours could have sent."""
    values = {block: next(iter(fields.values()), {}) for block, fields in state.items()}
    option = values.get(ENTITLEMENT, {}).get("selected_option") or {}
    minutes = (values.get(DURATION, {}).get("selected_option") or {}).get("value", "")
    if not option.get("value") or not str(minutes).isdecimal():
        raise Refused("Choose what you need and for how long, then send the form again.")
    purpose = (values.get(PURPOSE, {}).get("selected_option") or {}).get("value")
    return Wish(
        entitlement=str(option["value"]),
        duration=timedelta(minutes=int(minutes)),
        reason=str(values.get(REASON, {}).get("value") or "").strip(),
        purpose=purpose,
        minimum_necessary=str(values.get(MINIMUM, {}).get("value") or "").strip() or None,
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
            section(f"You are about to deny {about}."),
            _text_input(REASON, "Reason", "The requester will read this.", hint="No patient data, no secrets."),
        ],
    }


def read_denial(private_metadata: str, state: State) -> tuple[UUID, str]:
    """The request and the reason. Raises NotFound for a form of another version."""
    value = next(iter(state.get(REASON, {}).values()), {}).get("value")
    return id_from(private_metadata), str(value or "").strip()


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
    options = [_option(_label(each), each.entitlement.key) for each in offers[:100]]
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
        "max_length": 1000,
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
