"""Two web, two worker and two clock processes on one database behave as one bot."""

import asyncio

import pytest

from sandbox.house import Options, Sandbox, until
from sandbox.tour.forging import signed_submission
from sandbox.tour.hands import asked, is_cut
from tests.e2e.stories import PROD, READ, STAGING_DB, Story

OPTIONS = Options(web=2, worker=2, clock=2, fresh=True, durable=False)


ACCOUNT = "111122223333"


@pytest.fixture
def story(house: Sandbox) -> Story:
    return Story(house)


async def test_a_request_goes_all_the_way(story: Story) -> None:
    assert await story.database("ana_ruiz").refusal()
    request = await story.ask("ana", READ)
    await story.approve("ben", request)
    await story.card_says(request, "Granted (approved by")
    session = await story.database("ana_ruiz").enter()
    assert await asked(session, "SELECT count(*) FROM ehr.encounter") == [(40,)]
    await story.runs_out(request)
    grant = await story.comes_to(request, "revoked")
    assert await is_cut(session)
    await session.close()
    assert await story.database("ana_ruiz").refusal()
    assert grant["lag_seconds"] < 10
    assert await story.events(request) == [
        *["ACC-001", "ACC-003", "ACC-020", "ACC-021", "ACC-024", "ACC-031", "ACC-035"],
    ]
    await story.card_says(request, "Ended")
    assert len(await story.cards(request)) == 1


async def test_a_double_click_through_two_webs_approves_once(story: Story) -> None:
    request = await story.ask("ana", READ)
    card = await story.card_says(request, "Waiting for approval")
    await asyncio.gather(*(story.pressed("ben", card, "access.approve") for _ in range(4)))
    await story.comes_to(request, "active")
    events = await story.events(request)
    assert (events.count("ACC-003"), events.count("ACC-020"), events.count("ACC-024")) == (1, 1, 1)
    await story.done("ana", request)
    await story.comes_to(request, "revoked")


async def test_two_approvers_in_the_same_instant_make_one_grant(story: Story) -> None:
    request = await story.ask("ana", READ)
    card = await story.card_says(request, "Waiting for approval")
    await asyncio.gather(*(story.pressed(who, card, "access.approve") for who in ("ben", "chloe")))
    await story.comes_to(request, "active")
    assert (await story.events(request)).count("ACC-003") == 1
    await story.runs_out(request)
    await story.comes_to(request, "revoked")


async def test_a_form_that_is_replayed_to_both_webs_is_one_request(story: Story, house: Sandbox) -> None:
    ana = house.slack.person("ana")
    await ana.slash("/access")
    view = await ana.modal()
    assert view is not None
    wish = {"entitlement": STAGING_DB, "duration": "60", "reason": "the same form, sent four times"}
    sent = [signed_submission(house, view, "U0ANARUIZ", wish, url=url) for url in (*house.web_urls, *house.web_urls)]
    await asyncio.gather(*sent)
    await ana.close(view)
    rows = await story.rows.all("SELECT id FROM access_request WHERE reason = %s", [wish["reason"]])
    assert len(rows) == 1
    await story.comes_to(rows[0]["id"], "active")
    await story.done("ana", rows[0]["id"])
    await story.comes_to(rows[0]["id"], "revoked")


async def test_an_asynchronous_vendor_is_asked_until_it_is_through(story: Story) -> None:
    request = await story.ask("ana", PROD)
    await story.approve("marcus", request)
    await story.comes_to(request, "active")
    assert await story.aws.holds("ana.ruiz", ACCOUNT, "ReadOnly")
    await story.done("ana", request)
    await story.comes_to(request, "revoked")
    assert not await story.aws.holds("ana.ruiz", ACCOUNT, "ReadOnly")
    events = await story.events(request)
    assert "ACC-022" in events
    assert "ACC-033" in events


async def test_two_grants_in_the_same_second_are_two_grants_with_two_ends(story: Story) -> None:
    requests = await asyncio.gather(story.ask("lena", STAGING_DB), story.ask("kofi", STAGING_DB, minutes=120))
    grants = [await story.comes_to(request, "active") for request in requests]
    assert grants[0]["id"] != grants[1]["id"]
    assert (grants[1]["due_at"] - grants[0]["due_at"]).total_seconds() > 3000
    for request in requests:
        await story.runs_out(request)
        await story.comes_to(request, "revoked")


async def test_the_other_worker_and_the_other_clock_go_on_alone(story: Story, house: Sandbox) -> None:
    for name in ("worker-1", "clock-1"):
        await house.kill(name)
    request = await story.ask("lena", STAGING_DB)
    await story.comes_to(request, "active")
    await story.done("lena", request)
    await story.comes_to(request, "revoked")
    await until(story.rows.sequenced, "the other clock numbers the ledger")
    await asyncio.gather(house.start("worker-1"), house.start("clock-1"))


async def test_the_ledger_of_all_of_them_is_one_and_verifies(story: Story) -> None:
    request = await story.ask("lena", STAGING_DB)
    await story.comes_to(request, "active")
    await story.done("lena", request)
    await story.comes_to(request, "revoked")
    report = await story.verified()
    assert report["size"] >= 5
    assert report["problems"] == []
