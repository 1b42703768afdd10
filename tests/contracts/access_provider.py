"""What every AccessProvider must do, as one test class: the fake, PostgreSQL and Identity Center all answer to it.

To run it on a provider, subclass ``AccessProviderContract`` in ``test_access_provider_<vendor>.py`` and give the
subclass (or its module) a function-scoped fixture ``harness`` that yields a fresh ``Harness``.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Protocol

import pytest

from core.errors import Permanent, Transient
from integrations.ports import Access, AccessProvider, Observed, Receipt

HOUR = timedelta(hours=1)
POLLS = 400
"""How often a pending change is asked after before the suite calls it stuck."""


class Session(Protocol):
    """A person's live session at the target, opened with the entitlement in use."""

    async def alive(self) -> bool: ...


class Harness(Protocol):
    """A vendor with one account that holds nothing, and ways to look at it that do not pass through the provider."""

    provider: AccessProvider
    access: Access
    """An account that exists, and an entitlement that it does not hold."""
    other_access: Access
    """Another entitlement of the same account at the same target."""
    unknown_account: Access
    """The entitlement of ``access`` for an account that does not exist."""
    unknown_entitlement: Access
    """An entitlement that does not exist, for the account of ``access``."""
    unreachable: AccessProvider
    """The same kind of provider, pointed at a vendor that does not answer."""

    def now(self) -> datetime:
        """The present by the clock that the vendor's expiry is measured against (UTC)."""
        ...

    async def give_standing(self, access: Access) -> bool:
        """Give ``access`` for good by another hand than ours. False where the vendor cannot tell hands apart."""
        ...

    async def can_use(self, access: Access) -> bool | None:
        """Try to use the entitlement as the person. None where the vendor offers no way to try."""
        ...

    async def open_session(self) -> Session | None:
        """Open a session that uses ``access``, which must have been granted. None where there are no sessions."""
        ...


async def finish(provider: AccessProvider, receipt: Receipt) -> Receipt:
    """Ask after a pending change until it is done."""
    for _ in range(POLLS):
        if receipt.state == "done":
            return receipt
        assert receipt.ticket, "a pending receipt carries the ticket to ask with"
        receipt = await provider.poll(receipt.ticket)
        await asyncio.sleep(0)
    raise AssertionError("the change stayed pending")


async def give(harness: Harness, access: Access, *, hours: float = 1, key: str = "grant-1") -> Receipt:
    until = harness.now() + hours * HOUR
    return await finish(harness.provider, await harness.provider.grant(access, until=until, key=key))


async def take(harness: Harness, access: Access, *, key: str = "grant-1") -> Receipt:
    return await finish(harness.provider, await harness.provider.revoke(access, key=key))


async def see(harness: Harness, access: Access) -> Observed:
    return await harness.provider.observe(access)


class AccessProviderContract:
    """Subclass it and bring a ``harness`` fixture."""

    async def test_what_was_never_given_reads_as_absent(self, harness: Harness) -> None:
        assert not (await see(harness, harness.access)).present

    async def test_what_was_granted_reads_as_present_and_is_listed(self, harness: Harness) -> None:
        await give(harness, harness.access)
        observed = await see(harness, harness.access)
        assert observed.present
        assert observed.entitlements

    async def test_what_was_granted_can_be_used_and_after_the_revoke_it_cannot(self, harness: Harness) -> None:
        if await harness.can_use(harness.access) is None:
            pytest.skip("this vendor offers no way to try")
        assert not await harness.can_use(harness.access)
        await give(harness, harness.access)
        assert await harness.can_use(harness.access)
        await take(harness, harness.access)
        assert not await harness.can_use(harness.access)

    async def test_granting_twice_is_once(self, harness: Harness) -> None:
        await give(harness, harness.access)
        once = await see(harness, harness.access)
        await give(harness, harness.access)
        assert (await see(harness, harness.access)).entitlements == once.entitlements
        await take(harness, harness.access)
        assert not (await see(harness, harness.access)).present

    async def test_two_workers_granting_in_the_same_instant_are_one(self, harness: Harness) -> None:
        await asyncio.gather(give(harness, harness.access), give(harness, harness.access))
        assert (await see(harness, harness.access)).present
        await take(harness, harness.access)
        assert not (await see(harness, harness.access)).present

    async def test_revoked_access_reads_as_absent(self, harness: Harness) -> None:
        await give(harness, harness.access)
        receipt = await take(harness, harness.access)
        assert receipt.state == "done"
        assert not (await see(harness, harness.access)).present

    async def test_revoking_what_is_not_there_is_done(self, harness: Harness) -> None:
        assert (await take(harness, harness.access)).state == "done"
        assert not (await see(harness, harness.access)).present

    async def test_revoking_twice_is_done_both_times(self, harness: Harness) -> None:
        await give(harness, harness.access)
        await take(harness, harness.access)
        assert (await take(harness, harness.access)).state == "done"
        assert not (await see(harness, harness.access)).present

    async def test_two_workers_revoking_in_the_same_instant_are_both_done(self, harness: Harness) -> None:
        await give(harness, harness.access)
        await asyncio.gather(take(harness, harness.access), take(harness, harness.access))
        assert not (await see(harness, harness.access)).present

    async def test_access_can_be_given_again_after_it_was_taken(self, harness: Harness) -> None:
        await give(harness, harness.access, key="grant-1")
        await take(harness, harness.access, key="grant-1")
        await give(harness, harness.access, key="grant-2")
        assert (await see(harness, harness.access)).present

    async def test_the_vendors_own_expiry_is_never_later_than_asked(self, harness: Harness) -> None:
        until = harness.now() + HOUR
        await finish(harness.provider, await harness.provider.grant(harness.access, until=until, key="grant-1"))
        expires_at = (await see(harness, harness.access)).expires_at
        if not harness.provider.native_expiry:
            assert expires_at is None
        else:
            assert expires_at is not None
            assert expires_at <= until

    async def test_an_extension_moves_the_vendors_own_expiry(self, harness: Harness) -> None:
        if not harness.provider.native_expiry:
            pytest.skip("this vendor has no expiry of its own")
        await give(harness, harness.access, hours=1)
        before = (await see(harness, harness.access)).expires_at
        await give(harness, harness.access, hours=2, key="grant-1-extended")
        after = (await see(harness, harness.access)).expires_at
        assert before is not None
        assert after is not None
        assert before < after <= harness.now() + 2 * HOUR

    async def test_revoke_ends_live_sessions(self, harness: Harness) -> None:
        await give(harness, harness.access)
        session = await harness.open_session()
        if session is None:
            pytest.skip("this vendor has no sessions that a provider can end")
        assert await session.alive()
        assert (await see(harness, harness.access)).sessions in {1, None}
        receipt = await take(harness, harness.access)
        assert not await session.alive()
        assert receipt.sessions_ended in {1, None}
        assert (await see(harness, harness.access)).sessions in {0, None}

    async def test_taking_one_entitlement_leaves_the_other(self, harness: Harness) -> None:
        await give(harness, harness.access, key="grant-1")
        await give(harness, harness.other_access, key="grant-2")
        await take(harness, harness.access, key="grant-1")
        assert not (await see(harness, harness.access)).present
        assert (await see(harness, harness.other_access)).present

    async def test_standing_access_given_by_another_hand_survives_our_grant_and_revoke(self, harness: Harness) -> None:
        if not await harness.give_standing(harness.access):
            pytest.skip("this vendor does not tell whose hand gave what")
        assert (await see(harness, harness.access)).present
        await give(harness, harness.access)
        await take(harness, harness.access)
        assert (await see(harness, harness.access)).present

    async def test_an_unknown_account_is_a_permanent_no_and_never_reads_as_absent(self, harness: Harness) -> None:
        with pytest.raises(Permanent):
            await give(harness, harness.unknown_account)
        with pytest.raises(Permanent):
            await see(harness, harness.unknown_account)

    async def test_an_unknown_entitlement_is_a_permanent_no(self, harness: Harness) -> None:
        with pytest.raises(Permanent):
            await give(harness, harness.unknown_entitlement)

    async def test_a_ticket_that_nobody_gave_out_is_a_permanent_no(self, harness: Harness) -> None:
        with pytest.raises(Permanent):
            await harness.provider.poll("a-ticket-that-nobody-gave-out")

    async def test_a_vendor_that_does_not_answer_is_transient_and_never_reads_as_absent(self, harness: Harness) -> None:
        with pytest.raises(Transient):
            await harness.unreachable.observe(harness.access)
        with pytest.raises(Transient):
            await harness.unreachable.grant(harness.access, until=harness.now() + HOUR, key="grant-1")
        with pytest.raises(Transient):
            await harness.unreachable.revoke(harness.access, key="grant-1")
        with pytest.raises(Transient):
            await harness.unreachable.check()

    async def test_the_check_answers_in_one_line(self, harness: Harness) -> None:
        line = await harness.provider.check()
        assert line.strip()
        assert "\n" not in line
