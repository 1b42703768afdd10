"""Ana is woken, asks, and is refused where she should be."""

from sandbox.house import words
from sandbox.tour.forging import forged_submission
from sandbox.tour.forms import at_field, closed, opened, terms
from sandbox.tour.stage import ANA, CHANNEL, EHR, Stage, state_of

HOUR, NINETY_NINE_HOURS = "60", "5940"
WISH = {
    "duration": HOUR,
    "reason": "INC-4711: the EHR lags behind at 3 a.m., I look for the stuck replica",
    "purpose": "incident",
    "minimum_necessary": "Only ehr.replica: names and lag, no charts",
}


async def before(stage: Stage) -> None:
    """Without a grant there is no way in."""
    await stage.narrator.scene("Three in the morning. The health record is slow, and Ana is on call")
    stage.narrator.say(
        "Ana has her own login at the clinic's database. It is closed: nobody holds access for good here."
    )
    said = await stage.clinic.refusal()
    stage.narrator.show("ana_ruiz connects to the clinic's database, and it answers:", [said or "welcome"])
    stage.check("Before: the database does not let Ana in", bool(said))
    held = await stage.aws.holds("ana.ruiz", "111122223333", "ReadOnly")
    stage.check("Before: AWS production knows nothing of Ana", not held)


async def wrong_turns(stage: Stage) -> None:
    """Too much said, and too long wished for by a forger: each is refused where it happens, and nothing is given."""
    await stage.narrator.scene("Two wrong turns")
    stage.narrator.say("Ana types /access. The form opens with what she may ask for, and nothing else.")
    stage.narrator.look(f"In the page: act as Ana Ruiz, #{CHANNEL}, type /access")
    view = await stage.ana.choose(await opened(stage, "/access"), "entitlement", "access.pick", EHR)
    outcome = await stage.ana.submit(view, WISH | {"reason": "The chart of patient 078-05-1120 does not open"})
    at_field(stage, "A number like a social security number is refused, at the field", outcome, "reason")
    kept = await stage.rows.all("SELECT 1 FROM access_request WHERE reason LIKE %s", ["%078-05%"])
    stage.check("… and it was not stored", not kept)

    errors = await forged_submission(
        stage.sandbox, view, "U0ANARUIZ", WISH | {"entitlement": EHR, "duration": NINETY_NINE_HOURS}
    )
    stage.narrator.say("A forged form, signed as Slack signs, wants 99 hours. No page offers that.")
    at_field(stage, "The forged 99 hours are refused by the server", {"errors": errors}, "duration")
    await closed(stage)
    grants = await stage.rows.all("SELECT 1 FROM access_grant")
    stage.check("Nothing was granted by any of them", not grants)


async def right_request(stage: Stage) -> None:
    """Asked as the path wants it."""
    await stage.narrator.scene("Ana asks properly: one hour, with purpose and the least she needs")
    view = await stage.ana.choose(await opened(stage, "/access"), "entitlement", "access.pick", EHR)
    stage.narrator.show("With the target chosen, the form says what it takes and who will be asked:", [terms(view)])
    outcome = await stage.ana.submit(view, WISH)
    stage.check("The form is taken and closes", bool(outcome["closed"]), words(outcome.get("errors")))
    card = await stage.card_saying(stage.ben, EHR, "Waiting for approval")
    stage.narrator.show(f"The card in #{CHANNEL}:", [state_of(card)])
    stage.narrator.look(f"In the page: act as Ben Okafor: {stage.page('U0BENOKAF', 'C0PRODACC')}")


async def own_request(stage: Stage) -> None:
    """Nobody approves for themselves."""
    await stage.narrator.scene("Ana presses Approve on her own card")
    card = await stage.card_saying(stage.ana, EHR, "Waiting for approval")
    await stage.ana.press(card, "access.approve")

    async def told() -> str:
        own = [each for each in await stage.ana.messages(CHANNEL) if each["ephemeral_for"]]
        return words(own[-1]) if own else ""

    stage.narrator.show("Only she sees the answer:", [await stage.awaited(told, "Ana is told why not")])
    request = await stage.rows.request(ANA, EHR)
    events = [each["event"] for each in await stage.rows.events(ANA, EHR)]
    stage.check("Her own approval is refused", (request or {}).get("request_status") == "pending")
    stage.check("… and the attempt is on the ledger", "ACC-008" in events, "ACC-008")
