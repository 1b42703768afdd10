"""The card of a request in the access channel: what is asked, what it takes, and what became of it."""

from integrations.ports import Drawing
from playbooks.access.blocks.choices import decision_choices
from playbooks.access.blocks.parts import actions, context, facts, length, moment, plain, section
from playbooks.access.blocks.sheet import Sheet
from playbooks.access.blocks.state import state_line, state_words, who
from playbooks.access.policy import Purpose


def card(sheet: Sheet) -> Drawing:
    """The card as it should look now."""
    request = sheet.request
    text = f"{request.requester_name} asks for {sheet.title}, {length(request.duration)}: {state_words(sheet)}"
    blocks = [
        section(f"{who(sheet)} asks for {sheet.asked_for}"),
        facts(_facts(sheet)),
        section(state_line(sheet)),
    ]
    blocks += [actions(*choices) for choices in [decision_choices(sheet)] if choices]
    origin = f"Asked {moment(request.created_at)} · path “{plain(sheet.path_title)}” · `{str(request.id)[:8]}`"
    return Drawing(plain(text), [*blocks, context(origin)])


def compact_state(sheet: Sheet) -> str:
    """One entry of a list."""
    return f"{sheet.asked_for}\n{state_line(sheet)}"


def _facts(sheet: Sheet) -> list[tuple[str, str]]:
    request = sheet.request
    listed = [("Reason", plain(request.reason)), ("Sensitivity", _sensitivity(sheet))]
    if request.purpose:
        listed.append(("Purpose of use", Purpose(request.purpose).label))
    if request.minimum_necessary:
        listed.append(("Minimum necessary", plain(request.minimum_necessary)))
    listed.append(("Before", _history(sheet)))
    return listed


def _sensitivity(sheet: Sheet) -> str:
    if sheet.entitlement is None:
        return "No longer in the catalogue"
    target = sheet.entitlement.target
    tags = ", ".join(sorted(tag.upper() if tag in {"phi", "pii"} else tag for tag in target.tags))
    return f"{'Production' if target.environment == 'prod' else 'Staging'}, {tags or 'no sensitive data'}"


def _history(sheet: Sheet) -> str:
    if not sheet.past_grants:
        return "First time on this target"
    times = "once" if sheet.past_grants == 1 else f"{sheet.past_grants} times"
    return f"Granted {times} on this target"
