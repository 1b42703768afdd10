"""Ben approves; the card says granted only once the database shows it; Ana does her work."""

from datetime import timedelta

from sandbox.house import words
from sandbox.tour.hands import asked, refused
from sandbox.tour.stage import EHR, Stage, state_of

LAGGING = "SELECT name, lag_seconds FROM ehr.replica ORDER BY lag_seconds DESC"
_WRITE = "UPDATE ehr.replica SET lag_seconds = 0"


async def approved(stage: Stage) -> None:
    """The grant, from the click to the read-back."""
    await stage.narrator.scene("Ben approves")
    card = await stage.card_saying(stage.ben, EHR, "Waiting for approval")
    outcome = await stage.ben.press(card, "access.approve")
    stage.check("Ben's click is taken", outcome["failed"] is None, outcome["failed"] or "")
    card = await stage.card_saying(stage.ben, EHR, "Granted (approved by")
    stage.narrator.show("The card turns:", [state_of(card)])
    grant = await stage.grant(EHR, "active")
    took = (grant["active_at"] - grant["decided_at"]).total_seconds()
    read_back = (grant["after"] or {}).get("present") is True
    turned = float(card["edited"]["ts"]) >= grant["active_at"].timestamp()
    stage.check("The database itself shows the role", read_back, ", ".join((grant["after"] or {})["entitlements"]))
    stage.check("The card said granted only after that read-back", read_back and turned)
    ends = grant["due_at"] - grant["active_at"]
    stage.check(
        "Its end was scheduled before it was given",
        timedelta() < ends <= timedelta(hours=1),
        f"{ends.total_seconds():.0f} s left then",
    )
    stage.proof.facts["granted"] = [
        f"{EHR} to Ana, approved by {grant['decided_by_name']}, {took:.1f} s after the click"
    ]
    stage.proof.facts["read back as given"] = [f"{EHR}: {', '.join(grant['after']['entitlements'])}"]
    again = await stage.ben.press(card, "access.approve") if "access.approve" in str(card["blocks"]) else None
    stage.check("The decided card offers no Approve any more", again is None)


async def used(stage: Stage) -> None:
    """What was impossible an hour ago works, and no more than that."""
    await stage.narrator.scene("Ana connects and finds the stuck replica")
    stage.session = await stage.clinic.enter()
    found = await asked(stage.session, LAGGING)
    stage.narrator.show(LAGGING, [f"{name:<16}{lag:>6} s behind" for name, lag in found])
    stage.check("Ana's query is answered", len(found) > 0, f"{len(found)} rows")
    said = await refused(stage.session, _WRITE)
    stage.check("Writing is refused: she was given reading", bool(said), said)
    mine = [words(each) for each in await stage.ana.direct()]
    stage.check("The bot told her how to use it", any("How to use it" in each for each in mine))
    stage.narrator.say("She leaves the session open.")
    stage.narrator.look(f"In the page: Ana's messages from Chaperone, and her Home: {stage.page('U0ANARUIZ')}")
