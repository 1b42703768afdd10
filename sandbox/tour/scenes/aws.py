"""The same at AWS, which takes its time: asked, approved, accepted, polled, read back."""

from sandbox.tour.forms import at_field, opened
from sandbox.tour.stage import ACCOUNT, ANA, ANAS_AWS, PERMISSION_SET, PROD, Stage, state_of

_TWO_HOURS, _THREE_DAYS = "120", "4320"


async def asks_for_aws(stage: Stage) -> None:
    """An asynchronous vendor: accepted is not granted."""
    await stage.narrator.scene("The replica runs on AWS. Ana asks for ReadOnly there")
    view = await opened(stage, "/access")
    wish = {"entitlement": PROD, "reason": "INC-4711: is the replica's volume throttled?"}
    outcome = await stage.ana.submit(view, wish | {"duration": _THREE_DAYS})
    at_field(stage, "First she wants 72 hours: refused, at the field", outcome, "duration")
    outcome = await stage.ana.submit(view, {"duration": _TWO_HOURS})
    stage.check("She mends it to two hours in the same form, and it is taken", bool(outcome["closed"]))
    card = await stage.card_saying(stage.marcus, PROD, "Waiting for approval")
    stage.narrator.say("Here the SRE leads are asked, not the database administrators. Marcus approves.")
    await stage.marcus.press(card, "access.approve")
    card = await stage.card_saying(stage.marcus, PROD, "Granted (approved by")
    stage.narrator.show("The card turns:", [state_of(card)])
    grant = await stage.grant(PROD, "active")
    waits = [each["event"] for each in await stage.rows.events(ANA, PROD)].count("ACC-022")
    stage.check(
        "Identity Center accepted first and was asked until it was through", waits > 0, f"{waits} times pending"
    )
    held = await stage.aws.holds(ANAS_AWS, ACCOUNT, PERMISSION_SET)
    stage.check("AWS itself shows the assignment", held)
    took = (grant["active_at"] - grant["decided_at"]).total_seconds()
    approver = grant["decided_by_name"]
    stage.proof.facts["granted"].append(f"{PROD} to Ana, approved by {approver}, {took:.1f} s after the click")
    stage.proof.facts["read back as given"].append(f"{PROD}: {', '.join(grant['after']['entitlements'])}")
