"""Everything given ends: one reminded, one given back early, one run out. Each is proven gone."""

from datetime import timedelta

from sandbox.house import words
from sandbox.house.slack_control import Message
from sandbox.tour.hands import is_cut
from sandbox.tour.rows import Row
from sandbox.tour.stage import ACCOUNT, ANAS_AWS, EHR, PERMISSION_SET, PROD, Stage, state_of

_NEAR_THE_END = timedelta(minutes=52)


async def reminder(stage: Stage) -> None:
    """Time moves for every process at once."""
    await stage.narrator.scene("Fifty-two minutes pass, for every process at once")
    journey = await stage.sandbox.travel(_NEAR_THE_END)
    stage.narrator.show("chaperone sandbox travel 52m: due now", [str(each) for each in journey.due] or ["nothing"])

    async def reminded() -> Message | None:
        return next((each for each in await stage.ana.direct() if "ends soon" in each.get("text", "")), None)

    message = await stage.awaited(reminded, "Ana is reminded")
    stage.narrator.show("Ana's phone buzzes:", [words(message["blocks"][0])])
    stage.check("Ana is reminded before the end", held=True)
    stage.check("Her session still works", stage.session is not None and not await is_cut(stage.session))


async def done_early(stage: Stage) -> None:
    """Whoever is done gives it back."""
    await stage.narrator.scene("AWS was not the cause. Ana presses I'm done")
    for message in await stage.ana.direct():
        if PROD in words(message) and "access.done" in str(message.get("blocks")):
            await stage.ana.press(message, "access.done")
    card = await stage.card_saying(stage.ana, PROD, "Ended")
    stage.narrator.show("The card:", [state_of(card)])
    grant = await stage.grant(PROD, "revoked")
    held = await stage.aws.holds(ANAS_AWS, ACCOUNT, PERMISSION_SET)
    stage.check("AWS itself shows nothing any more", not held)
    _gone(stage, PROD, grant, "given back by Ana")


async def runs_out(stage: Stage) -> None:
    """Nobody has to remember."""
    await stage.narrator.scene("The hour is over, and Ana's session is still open")
    due_at = (await stage.grant(EHR, "active"))["due_at"]
    journey = await stage.sandbox.travel_to(due_at)
    stage.narrator.show("chaperone sandbox travel: due now", [str(each) for each in journey.due] or ["nothing"])
    card = await stage.card_saying(stage.ben, EHR, "Ended")
    stage.narrator.show("The card:", [state_of(card)])
    grant = await stage.grant(EHR, "revoked")
    cut = stage.session is not None and await is_cut(stage.session)
    stage.check("Her open session was ended by the server", cut, f"{grant['sessions_ended']} ended")
    said = await stage.clinic.refusal()
    stage.narrator.show("ana_ruiz connects again, and the database answers:", [said or "welcome"])
    stage.check("She cannot come in any more", bool(said))
    _gone(stage, EHR, grant, "ran out")


def _gone(stage: Stage, entitlement: str, grant: Row, why: str) -> None:
    after = grant["after"] or {}
    shown = ", ".join(after.get("entitlements", [])) or "nothing"
    stage.check(f"{entitlement} is read back as gone", after.get("present") is False, f"the vendor shows: {shown}")
    stage.proof.facts.setdefault("revoked", []).append(f"{entitlement}: {why}")
    stage.proof.facts.setdefault("read back as gone", []).append(f"{entitlement}: the vendor shows {shown}")
    stage.proof.facts.setdefault("lag", []).append(f"{entitlement}: {grant['lag_seconds']:.1f} s after its end")
