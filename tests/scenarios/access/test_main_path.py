"""One request all the way: asked, approved, granted, reminded, expired, revoked, read back."""

from datetime import timedelta

from tests.scenarios.access.access_world import World


async def test_a_request_is_approved_granted_expires_and_is_proven_gone(world: World):
    request = await world.ask()
    assert (await world.request(request)).status == "pending"
    assert await world.grants() == 0
    await world.approve(request)
    grant = await world.grant(request)
    assert (grant.status, grant.due_at) == ("granting", world.clock.now() + timedelta(hours=1))
    assert not world.postgres.holds(world.access())
    await world.work()
    grant = await world.grant(request)
    assert (grant.status, world.postgres.holds(world.access())) == ("active", True)
    await world.pass_time(hours=1, seconds=2)
    grant = await world.grant(request)
    assert (grant.status, world.postgres.holds(world.access())) == ("revoked", False)
    assert grant.lag_seconds == 2.0
    assert await world.events(request) == ["ACC-001", "ACC-003"]
    assert await world.events(grant.id) == ["ACC-020", "ACC-021", "ACC-024", "ACC-031", "ACC-035"]


async def test_the_due_row_is_committed_before_anything_is_given(world: World):
    request = await world.ask()
    await world.approve(request)
    ((due_jobs,),) = await world.rows("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'access.expire'")
    assert (due_jobs, world.postgres.calls["grant"]) == (1, 0)
    assert (await world.grant(request)).due_at > world.clock.now()


async def test_the_clock_starts_at_the_grant_not_at_the_request(world: World):
    request = await world.ask()
    world.clock.advance(timedelta(minutes=50))
    await world.approve(request)
    world.clock.advance(timedelta(minutes=3))
    granted_at = world.clock.now()
    await world.work()
    grant = await world.grant(request)
    assert grant.due_at == granted_at + timedelta(hours=1)
    assert grant.after is not None
    assert grant.after["expires_at"] == grant.due_at.isoformat()


async def test_the_card_says_granted_only_after_the_read_back(world: World):
    request = await world.ask()
    await world.work()
    assert "Waiting for approval" in world.card(request)
    await world.approve(request)
    world.postgres.lie_next()
    await world.work()
    assert "being granted" in world.card(request)
    assert "Granted (approved" not in world.card(request)
    await world.pass_time(seconds=30)
    assert "Granted (approved by Ben Okafor)" in world.card(request)


async def test_the_requester_ends_it_early_and_sessions_die(world: World):
    grant = await world.granted()
    session = world.postgres.open_session("ana_ruiz")
    from playbooks.access import commands  # noqa: PLC0415  only this story ends by hand

    await commands.end_early(world.desk, commands.EndEarly(grant.id, await world.person("p-ana")))
    await world.work()
    grant = await world.grant(grant.request_id)
    assert (grant.status, grant.lag_seconds, grant.sessions_ended) == ("revoked", 0.0, 1)
    assert not await session.alive()
    assert not world.postgres.holds(world.access())


async def test_a_path_without_approvals_is_granted_by_policy_alone(world: World):
    request = await world.ask(entitlement="aws-staging/read-only", purpose=None, minimum_necessary=None)
    await world.work()
    assert (await world.request(request)).decided_by == "playbook:access"
    assert (await world.grant(request)).status == "active"
    assert [entry.actor for entry in await world.entries(request)] == ["person:p-ana", "playbook:access"]


async def test_an_undecided_request_expires(world: World):
    request = await world.ask()
    await world.pass_time(hours=5)
    assert (await world.request(request)).status == "expired"
    assert "nobody decided in time" in world.card(request)


async def test_the_reminder_comes_once_and_says_so_when_it_is_over(world: World):
    grant = await world.granted()
    await world.pass_time(minutes=51)
    await world.pass_time(minutes=1)
    (message,) = world.slack.of_lane(f"access.reminder:{grant.request_id}")
    assert "ends soon" in message.drawing.text
    assert (await world.events(grant.id)).count("ACC-027") == 1
    await world.pass_time(hours=1)
    (message,) = world.slack.of_lane(f"access.reminder:{grant.request_id}")
    assert "ended" in message.drawing.text


async def test_the_entry_of_a_request_says_who_could_have_approved(world: World):
    request = await world.ask()
    (entry,) = await world.entries(request)
    assert set(entry.data["could_approve"]) == {"p-ben", "p-chloe"}
    assert entry.data["policy_hash"] == world.desk.policies.hash
    assert entry.data["path"] == "prod-db-read"
