"""Messages to one person or to those who keep the house: the requester's own view, the reminder, the alert."""

from integrations.ports import Drawing
from playbooks.access.blocks.choices import requester_choices
from playbooks.access.blocks.parts import actions, moment, plain, section
from playbooks.access.blocks.sheet import Sheet
from playbooks.access.blocks.state import state_line, state_words, who
from playbooks.access.lifecycle import ACTIVE, GRANTING, REVOKING


def mine(sheet: Sheet) -> Drawing:
    """What the requester sees in their direct message."""
    blocks = [section(f"You asked for {sheet.asked_for}"), section(state_line(sheet))]
    if sheet.grant is not None and sheet.grant.status == ACTIVE and sheet.entitlement is not None:
        blocks.append(section(f"*How to use it*\n{plain(sheet.entitlement.target.how_to)}"))
    blocks += [actions(*choices) for choices in [requester_choices(sheet)] if choices]
    return Drawing(plain(f"Your request for {sheet.title}: {state_words(sheet)}"), blocks)


def reminder(sheet: Sheet) -> Drawing | None:
    """A nudge before the end; once the access has ended it says so instead of nagging."""
    if sheet.grant is None:
        return None
    if sheet.grant.status != ACTIVE:
        return Drawing(plain(f"{sheet.title}: {state_words(sheet)}"), [section(state_line(sheet))])
    text = f"Your access to {sheet.title} ends soon."
    blocks = [section(f":bell: Your access to *{plain(sheet.title)}* ends {moment(sheet.grant.due_at)}.")]
    return Drawing(plain(text), [*blocks, actions(*requester_choices(sheet))])


def alert(sheet: Sheet) -> Drawing:
    """Something that needs a person: a revoke that keeps failing, or a request that nobody can decide."""
    if sheet.grant is None:
        owner = plain(sheet.entitlement.target.owner) if sheet.entitlement else "its owner"
        text = f"Nobody can approve {sheet.title} for {sheet.request.requester_name}."
        blocks = [section(f":rotating_light: {who(sheet)} asked for {sheet.asked_for}, and nobody may approve it.")]
        return Drawing(plain(text), [*blocks, section(f"Owner: {owner}. Name an approver who is available.")])
    text = f"Access of {sheet.request.requester_name} to {sheet.title}: {state_words(sheet)}"
    done = sheet.grant.status not in {GRANTING, ACTIVE, REVOKING}
    sign = ":white_check_mark: Settled:" if done else ":rotating_light: Needs a person:"
    return Drawing(plain(text), [section(f"{sign} {who(sheet)}, {sheet.asked_for}"), section(state_line(sheet))])
