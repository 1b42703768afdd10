"""acceptance/access.md, “Who may, and on whose word”: lengths, purposes, training, and words that may not be kept."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from core.errors import NotFound, Refused
from playbooks.access import commands
from playbooks.access.blocks import Action
from tests.scenarios.access.access_world import ADMIN, READ, World
from tests.scenarios.access.slack_front_end import ANA, BEN, Hands, fault_of

WIDE = "219-09-9999".translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
PRIVATE = {
    "an SSN": ("Look up patient 219-09-9999 in claims", "219-09-9999"),
    "a medical record number": ("Merge chart, MRN 00482913, into one", "00482913"),
    "an AWS key": ("Use AKIAQ3EGRTZ7M5XWDKLP to sign in", "AKIAQ3EGRTZ7M5XWDKLP"),
    "a password": ("The password is hunter2Hunter!", "hunter2Hunter!"),
    "an SSN in full-width digits": (f"Patient {WIDE} again", WIDE),
}
private = pytest.mark.parametrize(("text", "words"), PRIVATE.values(), ids=PRIVATE)


async def stored(world: World) -> str:
    """Every row of every table, as text."""
    tables = await world.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    found = []
    for (table,) in tables:
        if table == "alembic_version":
            continue
        found += [row for (row,) in await world.rows(f"SELECT t::text FROM {table} t")]
    payloads = await world.rows("SELECT encode(payload, 'escape') FROM pgqueuer")
    return "\n".join([*found, *(payload for (payload,) in payloads)])


# --- duration ------------------------------------------------------------------------------------------------


async def test_a_forged_submission_of_99_hours_is_refused_by_the_server_and_recorded(world: World, hands: Hands):
    said = fault_of(await hands.send_form(ANA, minutes=str(99 * 60)))
    assert said.startswith("duration: No path leads Ana Ruiz to ehr-db/read on these terms.")
    ((status, seconds),) = await world.rows("SELECT status, duration_seconds FROM access_request")
    assert (status, seconds) == ("refused", 99 * 3600)
    assert await world.grants() == 0


@pytest.mark.parametrize("minutes", ["0", "-60", "1e9", "999999", "9" * 400, "", "60.5", "٦٠٠٠٠٠٠", "NaN"])
async def test_a_forged_length_is_refused_and_never_an_error_of_ours(world: World, hands: Hands, minutes: str):
    said = fault_of(await hands.send_form(ANA, minutes=minutes))
    assert "Something went wrong" not in said
    assert await world.grants() == 0


@pytest.mark.parametrize("length", [timedelta(), timedelta(seconds=-1), timedelta(milliseconds=1), timedelta.max])
async def test_a_length_that_no_row_could_hold_is_refused(world: World, length: timedelta):
    with pytest.raises(Refused, match="Choose a duration"):
        await world.ask(duration=length)
    assert await world.rows("SELECT 1 FROM access_request") == []


# --- patient data --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ({"purpose": None}, "a purpose of use is needed"),
        ({"minimum_necessary": None}, "a minimum-necessary statement is needed"),
        ({"minimum_necessary": "   "}, "a minimum-necessary statement is needed"),
        ({"purpose": "curiosity"}, "is not a purpose of use"),
    ],
)
async def test_patient_data_needs_purpose_and_minimum_necessary(world: World, missing: dict[str, Any], told: str):
    with pytest.raises(Refused, match=told):
        await world.ask(**missing)
    assert await world.grants() == 0


async def test_a_form_that_did_not_ask_for_them_yet_asks_now(world: World, hands: Hands):
    view = hands.form(purpose=None, minimum=None) | {"blocks": []}
    answer = await hands.send_view(view)
    assert answer["response_action"] == "update"
    shown = {block.get("block_id") for block in answer["view"]["blocks"]}
    assert {"purpose", "minimum_necessary"} <= shown
    assert await world.rows("SELECT 1 FROM access_request") == []


async def test_lapsed_training_is_refused_with_the_link_to_mend_it(world: World, hands: Hands):
    said = fault_of(await hands.send_form("U0JAMALRE"))
    assert "https://learn.maplevalley.example/privacy" in said
    assert await world.grants() == 0


async def test_training_that_lapses_in_between_is_refused_when_approving(world: World):
    request = await world.ask()
    ana = await world.person("p-ana")
    world.directory.put(replace(ana, training_until=world.clock.now() + timedelta(minutes=5)))
    world.clock.advance(timedelta(minutes=6))
    with pytest.raises(Refused, match=r"Renew it at https://learn\.maplevalley\.example/privacy"):
        await world.approve(request)
    assert await world.grants() == 0


async def test_a_contractor_gets_no_patient_data(world: World):
    with pytest.raises(Refused, match="no-contractors-on-phi"):
        await world.ask("p-kofi")


async def test_a_path_that_needs_a_ticket_says_so(world: World):
    with pytest.raises(Refused, match="It needs a ticket"):
        await world.ask("p-marcus", ADMIN, reason="rotate the root key")


# --- words that may not be kept ------------------------------------------------------------------------------


@private
@pytest.mark.parametrize("field", ["reason", "minimum"])
async def test_private_words_in_the_form_are_refused_before_storage_and_not_logged(
    world: World, hands: Hands, field: str, text: str, words: str
):
    with capture_logs() as logs:
        said = fault_of(await hands.send_form(ANA, **{field: text}))
    await world.work()
    assert said.startswith({"reason": "reason: ", "minimum": "minimum_necessary: "}[field])
    assert "looks like" in said
    assert "Nothing was stored" in said
    for place in (said, str(logs), await stored(world), str(world.slack.messages)):
        assert words not in place
    assert await world.rows("SELECT 1 FROM access_request") == []


@private
async def test_private_words_in_a_denial_are_refused_before_storage_and_not_logged(
    world: World, hands: Hands, text: str, words: str
):
    request = await world.ask()
    with capture_logs() as logs:
        said = fault_of(await hands.send_denial(request, BEN, text))
    await world.work()
    assert "looks like" in said
    for place in (said, str(logs), await stored(world), str(world.slack.messages)):
        assert words not in place
    assert (await world.request(request)).status == "pending"


@private
async def test_private_words_behind_the_command_are_not_logged(world: World, hands: Hands, text: str, words: str):
    with capture_logs() as logs:
        said = await hands.command(text)
    assert "looks like" in said
    for place in (said, str(logs), await stored(world)):
        assert words not in place


@private
async def test_private_words_in_a_forged_choice_are_not_stored(world: World, hands: Hands, text: str, words: str):
    with capture_logs() as logs:
        answers = [await hands.send_form(ANA, purpose=text), await hands.send_form(ANA, entitlement=text)]
    for place in (str(logs), await stored(world), fault_of(answers[0]), fault_of(answers[1])):
        assert words not in place


@private
async def test_private_words_given_to_the_command_itself_are_not_stored(world: World, text: str, words: str):
    for field in ("reason", "minimum_necessary", "purpose"):
        with pytest.raises(Refused, match="looks like"):
            await world.ask(**{field: text})
    with pytest.raises(NotFound):
        await world.ask(entitlement="no-such/thing")
    assert words not in await stored(world)


@private
async def test_private_words_at_an_early_end_are_refused(world: World, text: str, words: str):
    grant = await world.granted()
    with pytest.raises(Refused, match="looks like"):
        await commands.end_early(world.desk, commands.EndEarly(grant.id, await world.person("p-ana"), text))
    assert words not in await stored(world)
    assert (await world.grant(grant.request_id)).status == "active"


async def test_a_mended_text_is_taken(world: World, hands: Hands):
    fault_of(await hands.send_form(ANA, form="V1", reason=PRIVATE["an SSN"][0]))
    assert await hands.send_form(ANA, form="V1") == {"response_action": "clear"}
    ((status,),) = await world.rows("SELECT status FROM access_request")
    assert status == "pending"


@pytest.mark.parametrize("text", ["nul \x00 byte", "a" * 5000, "<!channel> & <@U0BENOKAF>", "\u202e\u0000\uffff"])
async def test_hostile_texts_are_taken_or_refused_and_never_an_error_of_ours(world: World, hands: Hands, text: str):
    answer = await hands.send_form(ANA, reason=text, minimum=text)
    assert "Something went wrong" not in str(answer)
    await world.work()
    for message in world.slack.messages:
        assert "<!channel>" not in str(message.drawing.blocks)


async def test_garbage_from_slack_is_refused_and_never_an_error_of_ours(world: World, hands: Hands):
    for values in (None, [], "x", {"entitlement": None}, {"duration": {"minutes": {"selected_option": "x"}}}):
        answer = await hands.send_view(hands.form() | {"state": {"values": values}})
        assert "Something went wrong" not in str(answer)
    for state in (None, [], "x", 7):
        answer = await hands.send_view(hands.form() | {"state": state})
        assert "Something went wrong" not in str(answer)
    assert "There is no such request" in await hands.press_value(Action.approve, "1:" + "0" * 32, BEN)
    assert await world.rows("SELECT 1 FROM access_request") == []


async def test_an_entitlement_that_is_not_offered_is_refused(world: World, hands: Hands):
    assert "not in the catalogue" in fault_of(await hands.send_form(ANA, entitlement="moon-base/keys"))
    assert "No path leads Noah Kim to ehr-db/read" in fault_of(await hands.send_form("U0NOAHKIM", entitlement=READ))
