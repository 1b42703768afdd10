"""The buttons that a person is given: what an approver and what a requester can do now."""

from playbooks.access.blocks.ids import Action, value_for
from playbooks.access.blocks.parts import Block, button, confirm, plain
from playbooks.access.blocks.sheet import Sheet
from playbooks.access.lifecycle import ACTIVE, GRANTING, PENDING


def decision_choices(sheet: Sheet) -> list[Block]:
    """Approve and Deny, while the request is open."""
    if sheet.request.status != PENDING:
        return []
    value, about = value_for(sheet.request.id), f"{sheet.request.requester_name}, {sheet.request.entitlement}"
    sure = confirm("Approve this access?", f"{plain(sheet.request.requester_name)} gets {sheet.asked_for}.", "Approve")
    return [
        button("Approve", Action.approve, value, style="primary", label=f"Approve {about}", confirm=sure),
        button("Deny", Action.deny, value, style="danger", label=f"Deny {about}"),
    ]


def requester_choices(sheet: Sheet) -> list[Block]:
    """Withdraw an open request, or end access that is held."""
    if sheet.request.status == PENDING:
        sure = confirm("Withdraw your request?", "Nobody can approve it any more.", "Withdraw", danger=True)
        value, label = value_for(sheet.request.id), f"Withdraw {sheet.request.entitlement}"
        return [button("Withdraw", Action.withdraw, value, confirm=sure, label=label)]
    if sheet.grant is not None and sheet.grant.status in {ACTIVE, GRANTING}:
        consequence = "Your sessions there end too. You would have to ask again."
        sure = confirm("End this access now?", consequence, "I'm done", danger=True)
        value, label = value_for(sheet.grant.id), f"End {sheet.request.entitlement} now"
        return [button("I'm done", Action.done, value, confirm=sure, label=label)]
    return []
