"""Identity Center as it really is, slow and at times broken: the same contract through the sandbox's front."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from core.errors import Permanent, Transient
from integrations.aws_api import AwsApi
from integrations.ports import Access, AccessProvider, Observed, Receipt
from sandbox import aws, aws_front
from tests.contracts.access_provider import AccessProviderContract, finish, give, see, take
from tests.contracts.organisation import Organisation, api_of
from tests.contracts.test_access_provider_identity_center import IdentityCenterHarness

ATTEMPTS = 50


class Persevering:
    """Tries again on Transient, as the job engine does: the real AWS answers two changes at once with a conflict."""

    native_expiry = False

    def __init__(self, provider: AccessProvider) -> None:
        self._provider = provider

    async def observe(self, access: Access) -> Observed:
        return await self._provider.observe(access)

    async def grant(self, access: Access, *, until: datetime, key: str) -> Receipt:
        return await persevere(lambda: self._provider.grant(access, until=until, key=key))

    async def revoke(self, access: Access, *, key: str) -> Receipt:
        return await persevere(lambda: self._provider.revoke(access, key=key))

    async def poll(self, ticket: str) -> Receipt:
        return await persevere(lambda: self._provider.poll(ticket))

    async def check(self) -> str:
        return await self._provider.check()


async def persevere(attempt: Callable[[], Awaitable[Receipt]]) -> Receipt:
    for _ in range(ATTEMPTS):
        try:
            return await attempt()
        except Transient:
            await asyncio.sleep(0)
    raise AssertionError("the conflict did not pass")


@pytest.fixture(scope="module")
def front(aws_simulator: aws.AwsSimulator) -> Iterator[aws_front.AwsFront]:
    with aws_front.running(aws_simulator.endpoint, polls=2) as running:
        yield running


@pytest.fixture(scope="module")
def front_api(front: aws_front.AwsFront) -> Iterator[AwsApi]:
    api = api_of(front.endpoint)
    yield api
    api.close()


@pytest.fixture
async def harness(front_api: AwsApi, unreachable_aws: AwsApi) -> IdentityCenterHarness:
    return await asyncio.to_thread(lambda: IdentityCenterHarness(Organisation(front_api), unreachable_aws))


@pytest.fixture
def inject(front: aws_front.AwsFront) -> Iterator[Callable[..., None]]:
    with httpx.Client(base_url=front.endpoint, trust_env=False) as control:

        def add(**fault: Any) -> None:
            control.post("/sandbox/faults", json=fault).raise_for_status()

        yield add
        left = control.get("/sandbox/faults").json()["faults"]
        control.delete("/sandbox/faults")
        assert left == []


class TestIdentityCenterThatTakesItsTime(AccessProviderContract):
    @pytest.fixture
    async def harness(self, harness: IdentityCenterHarness) -> IdentityCenterHarness:
        harness.provider = Persevering(harness.provider)  # type: ignore[assignment]  # same port, other class
        return harness


async def test_a_grant_is_pending_and_absent_until_aws_is_through(harness: IdentityCenterHarness) -> None:
    receipt = await harness.provider.grant(harness.access, until=harness.now(), key="g")
    assert receipt.state == "pending"
    assert not (await see(harness, harness.access)).present
    await finish(harness.provider, receipt)
    assert (await see(harness, harness.access)).present


async def test_a_grant_that_fails_after_a_while_says_why_and_gives_nothing(
    harness: IdentityCenterHarness, inject: Callable[..., None]
) -> None:
    inject(target="CreateAccountAssignment", kind="fail", polls=1, reason="Too many roles in the account")
    with pytest.raises(Permanent, match="Too many roles in the account"):
        await give(harness, harness.access)
    assert harness.rows() == 0


@pytest.mark.parametrize("operation", ["CreateAccountAssignment", "DeleteAccountAssignment"])
async def test_a_change_whose_reply_was_lost_may_have_happened_and_the_next_try_settles_it(
    harness: IdentityCenterHarness, inject: Callable[..., None], operation: str
) -> None:
    if operation == "DeleteAccountAssignment":
        await give(harness, harness.access)
    act = give if operation == "CreateAccountAssignment" else take
    inject(target=operation, kind="lost_reply")
    with pytest.raises(Transient) as lost:
        await act(harness, harness.access)
    assert lost.value.outcome_unknown
    await persevere(lambda: act(harness, harness.access))
    assert harness.rows() == (1 if act is give else 0)


async def test_a_revoke_right_after_a_grant_whose_reply_was_lost_leaves_nothing_behind(
    harness: IdentityCenterHarness, inject: Callable[..., None]
) -> None:
    inject(target="CreateAccountAssignment", kind="lost_reply")
    with pytest.raises(Transient):
        await harness.provider.grant(harness.access, until=harness.now(), key="g")
    assert not (await see(harness, harness.access)).present
    await persevere(lambda: take(harness, harness.access))
    assert harness.rows() == 0
    assert not (await see(harness, harness.access)).present


@pytest.mark.parametrize(("kind", "unknown"), [("throttle", False), ("500", True), ("lost_request", True)])
async def test_a_change_that_aws_did_not_take_is_tried_again_and_then_stands(
    harness: IdentityCenterHarness, inject: Callable[..., None], kind: str, unknown: bool
) -> None:
    inject(target="CreateAccountAssignment", kind=kind)
    with pytest.raises(Transient) as refused:
        await give(harness, harness.access)
    assert refused.value.outcome_unknown is unknown
    await give(harness, harness.access)
    assert harness.rows() == 1


async def test_a_read_that_fails_once_is_repeated_below_us(
    harness: IdentityCenterHarness, inject: Callable[..., None]
) -> None:
    inject(target="ListAccountAssignmentsForPrincipal", kind="500")
    assert not (await see(harness, harness.access)).present


async def test_a_late_reply_is_a_reply(harness: IdentityCenterHarness, inject: Callable[..., None]) -> None:
    inject(target="CreateAccountAssignment", kind="late_reply", seconds=0.05)
    await give(harness, harness.access)
    assert harness.rows() == 1


def test_a_fault_that_does_not_exist_is_refused(front: aws_front.AwsFront) -> None:
    for fault in ({"target": "*", "kind": "earthquake"}, {"target": "*", "kind": "500", "count": 0}, {"x": 1}):
        assert httpx.post(f"{front.endpoint}/sandbox/faults", json=fault, trust_env=False).status_code == 400
    assert httpx.get(f"{front.endpoint}/sandbox/faults", trust_env=False).json() == {"faults": []}
