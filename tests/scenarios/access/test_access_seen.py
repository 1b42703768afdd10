"""acceptance/access.md, “Seen by people”: the form, the messages and the Home that the main path touches."""

from datetime import timedelta
from typing import Any

from playbooks.access.blocks import Action
from sandbox.slack.blocks import check_message_blocks, check_view
from tests.scenarios.access.access_world import READ, World
from tests.scenarios.access.slack_front_end import ANA, BEN, Hands, elements, fault_of

NOAH, LENA = "U0NOAHKIM", "U0LENAFIS"


def offered(view: dict[str, Any]) -> set[str]:
    (element,) = [b["element"] for b in view["blocks"] if b.get("block_id") == "entitlement"]
    return {option["value"] for option in element["options"]}


def fields(view: dict[str, Any]) -> set[str]:
    return {block["block_id"] for block in view["blocks"] if block["type"] == "input"}


async def test_the_form_shows_only_what_the_person_may_ask_for(world: World, hands: Hands):
    seen = {}
    for user in (ANA, NOAH, LENA):
        assert await hands.command(user=user) == ""
        _, view = world.slack.views[-1]
        assert check_view(view, "modal") == []
        seen[user] = offered(view)
    assert seen[NOAH] == {"billing-db/read"}
    assert READ in seen[ANA]
    assert READ not in seen[LENA]
    assert "aws-staging/read-only" in seen[LENA]


async def test_choosing_a_target_shows_what_it_takes_and_who_will_be_asked(world: World, hands: Hands):
    await hands.command()
    _, view = world.slack.views[-1]
    assert fields(view) == {"entitlement", "duration", "reason"}
    await hands.pick("V1", READ)
    _, view = world.slack.forms["V1"]
    assert fields(view) == {"entitlement", "duration", "reason", "purpose", "minimum_necessary"}
    assert "up to 4 hours, approval by dba or owner" in str(view)
    await hands.pick("V1", "no-such/thing")
    _, view = world.slack.forms["V1"]
    assert fields(view) == {"entitlement", "duration", "reason"}


async def test_the_command_opens_with_a_target_chosen_or_says_what_there_is(world: World, hands: Hands):
    assert await hands.command("ehr-db") == ""
    assert "'initial_option'" in str(world.slack.views[-1])
    said = await hands.command("moon-base")
    assert "“moon-base” is nothing that you may ask for" in said
    assert f"`{READ}`" in said
    assert "opens the form" in await hands.command("help")


async def test_the_list_shows_what_is_held_asked_and_waiting(world: World, hands: Hands):
    assert await hands.command("list") == "You hold nothing, asked for nothing, and nothing waits for you."
    await world.granted()
    await world.ask(duration=timedelta(hours=2))
    assert "You hold *EHR database: Read*" in await hands.command("list")
    assert "You asked for *EHR database: Read* (`ehr-db/read`) for 2 hours: pending" in await hands.command("list")
    assert "Waiting for you: Ana Ruiz" in await hands.command("list", BEN)


async def test_validation_errors_stand_at_their_field(world: World, hands: Hands):
    assert fault_of(await hands.send_form(minutes="5940")).startswith("duration: ")
    assert fault_of(await hands.send_form(reason="my password is hunter2Hunter!")).startswith("reason: ")
    assert fault_of(await hands.send_form(minimum="MRN 00482913 only")).startswith("minimum_necessary: ")
    assert fault_of(await hands.send_form(entitlement="moon-base/keys")).startswith("entitlement: ")


async def test_the_card_follows_every_change_in_one_message(world: World, hands: Hands):
    request = await world.ask()
    for change, said in (
        (None, "Waiting for approval from <@U0BENOKAF>, <@U0CHLOEDU>"),
        ("approve", "Granted (approved by Ben Okafor)"),
        ("end", "read back as gone"),
    ):
        if change == "approve":
            await hands.press_on_card(Action.approve, request, BEN)
        if change == "end":
            await hands.press(Action.done, (await world.grant(request)).id, ANA)
        await world.work()
        assert said in world.card(request)
        for message in world.slack.messages:
            assert check_message_blocks(message.drawing.blocks) == []
    assert len(world.slack.in_channel("C0ACCESS")) == 1


async def test_the_approver_sees_purpose_sensitivity_history_and_what_the_path_is(world: World):
    earlier = await world.granted()
    await world.end(earlier)
    await world.work()
    request = await world.ask()
    await world.work()
    for said in (
        "Working on an incident",
        "Production, PHI, PII",
        "Granted once on this target",
        "Production databases, reading",
        "Only pg_stat views",
    ):
        assert said in world.card(request)


async def test_the_requester_is_told_how_to_use_it_and_can_end_it_there(world: World, hands: Hands):
    grant = await world.granted()
    assert "How to use it" in world.shown("mine", grant.request_id)
    (message,) = world.slack.of_lane(f"access.mine:{grant.request_id}")
    (done,) = [each for each in elements(message.drawing.blocks) if each["action_id"] == Action.done]
    assert await hands.press_value(Action.done, done["value"], ANA) == ""
    await world.work()
    assert "read back as gone" in world.shown("mine", grant.request_id)
    assert "How to use it" not in world.shown("mine", grant.request_id)


async def test_a_denial_tells_the_requester_why(world: World, hands: Hands):
    request = await world.ask()
    assert await hands.press(Action.deny, request, BEN) == ""
    (_, view) = world.slack.views[-1]
    assert check_view(view, "modal") == []
    assert await hands.send_denial(request, BEN, "Use the replica instead") == {"response_action": "clear"}
    await world.work()
    assert "Denied by Ben Okafor. “Use the replica instead”" in world.shown("mine", request)


async def test_home_shows_what_waits_what_is_held_and_what_was_asked(world: World, hands: Hands):
    await world.granted()
    waiting = await world.ask(duration=timedelta(hours=2))
    for user in (ANA, BEN):
        await hands.open_home(user)
    await world.work()
    for user in (ANA, BEN):
        assert check_view({"type": "home", "blocks": world.slack.homes[user]}, "home") == []
    assert "Granted (approved by Ben Okafor)" in str(world.slack.homes[ANA])
    assert str(waiting) in str(world.slack.homes[BEN])
    assert "Nothing waits for your decision" in str(world.slack.homes[ANA])


async def test_a_strangers_home_stays_empty(world: World, hands: Hands):
    await hands.open_home("U0GUSMORE")
    await world.work()
    assert "U0GUSMORE" not in world.slack.homes
