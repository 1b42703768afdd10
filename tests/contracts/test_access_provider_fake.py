"""The in-memory provider answers to the same contract as the real ones, and its faults do what they say."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from core.clock import ManualClock
from core.errors import Permanent, Transient
from integrations.fakes import FakeProvider, FakeSession
from integrations.ports import Access
from tests.contracts.access_provider import AccessProviderContract

ACCESS = Access("clinic-db", "read", "alice", {"role": "clinic_read"})


def _unreachable() -> FakeProvider:
    provider = FakeProvider()
    provider.fail_next(Transient("No answer. Try again."), times=100)
    return provider


@dataclass
class FakeHarness:
    clock: ManualClock = field(default_factory=ManualClock)
    access: Access = ACCESS
    other_access: Access = field(default_factory=lambda: replace(ACCESS, entitlement="write"))
    unknown_account: Access = field(default_factory=lambda: replace(ACCESS, account="nobody"))
    unknown_entitlement: Access = field(default_factory=lambda: replace(ACCESS, entitlement="nothing"))
    unreachable: FakeProvider = field(default_factory=_unreachable)
    provider: FakeProvider = field(init=False)

    def __post_init__(self) -> None:
        self.provider = FakeProvider(self.clock, accounts={"alice"}, entitlements={"read", "write"})

    def now(self) -> datetime:
        return self.clock.now()

    async def give_standing(self, access: Access) -> bool:
        self.provider.give_standing(access)
        return True

    async def can_use(self, access: Access) -> bool | None:
        return self.provider.holds(access)

    async def open_session(self) -> FakeSession | None:
        return self.provider.open_session(self.access.account)


class TestFakeProvider(AccessProviderContract):
    @pytest.fixture
    def harness(self) -> FakeHarness:
        return FakeHarness()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def provider(clock: ManualClock) -> FakeProvider:
    return FakeProvider(clock)


@pytest.fixture
def until(clock: ManualClock) -> datetime:
    return clock.now() + timedelta(hours=1)


async def test_the_fake_ends_access_by_itself_when_it_has_expiry(
    provider: FakeProvider, clock: ManualClock, until: datetime
) -> None:
    await provider.grant(ACCESS, until=until, key="g")
    clock.advance(timedelta(hours=1))
    assert not (await provider.observe(ACCESS)).present


async def test_the_fake_without_expiry_keeps_access_until_it_is_taken(clock: ManualClock, until: datetime) -> None:
    provider = FakeProvider(clock, native_expiry=False)
    await provider.grant(ACCESS, until=until, key="g")
    clock.advance(timedelta(days=1))
    observed = await provider.observe(ACCESS)
    assert observed.present
    assert observed.expires_at is None


async def test_a_switched_on_error_is_raised_as_often_as_asked_and_changes_nothing(
    provider: FakeProvider, until: datetime
) -> None:
    provider.fail_next(Transient("Busy. Try again.", retry_after=2), times=2, operation="grant")
    for _ in range(2):
        with pytest.raises(Transient):
            await provider.grant(ACCESS, until=until, key="g")
    assert not provider.holds(ACCESS)
    await provider.grant(ACCESS, until=until, key="g")
    assert provider.holds(ACCESS)
    assert provider.calls["grant"] == 3
    assert provider.effects == [("grant", ACCESS)]


async def test_a_lost_reply_happened_all_the_same(provider: FakeProvider, until: datetime) -> None:
    provider.lose_next_reply()
    with pytest.raises(Transient) as lost:
        await provider.grant(ACCESS, until=until, key="g")
    assert lost.value.outcome_unknown
    assert (await provider.observe(ACCESS)).present


async def test_a_lie_says_done_and_only_the_read_back_shows_it(provider: FakeProvider, until: datetime) -> None:
    provider.lie_next()
    assert (await provider.grant(ACCESS, until=until, key="g")).state == "done"
    assert not (await provider.observe(ACCESS)).present


async def test_a_pending_change_takes_hold_only_after_its_polls(provider: FakeProvider, until: datetime) -> None:
    provider.pend_next(polls=2)
    receipt = await provider.grant(ACCESS, until=until, key="g")
    assert receipt.state == "pending"
    assert receipt.ticket
    assert (await provider.poll(receipt.ticket)).state == "pending"
    assert not provider.holds(ACCESS)
    assert (await provider.poll(receipt.ticket)).state == "done"
    assert provider.holds(ACCESS)


async def test_a_pending_change_may_fail_with_the_vendors_reason(provider: FakeProvider, until: datetime) -> None:
    provider.pend_next(failure="FAILED: permission set is gone. Restore it.")
    receipt = await provider.grant(ACCESS, until=until, key="g")
    assert receipt.ticket
    with pytest.raises(Permanent, match="permission set is gone"):
        await provider.poll(receipt.ticket)
    assert not provider.holds(ACCESS)


async def test_effects_list_each_change_that_took_hold_once(provider: FakeProvider, until: datetime) -> None:
    await provider.revoke(ACCESS, key="g")
    for _ in range(2):
        await provider.grant(ACCESS, until=until, key="g")
    for _ in range(2):
        await provider.revoke(ACCESS, key="g")
    assert provider.effects == [("grant", ACCESS), ("revoke", ACCESS)]
