"""Identity Center on moto's server answers to the contract, and does what the contract cannot ask of every vendor."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from core.clock import ManualClock
from core.errors import Permanent
from integrations.aws import IdentityCenter
from integrations.aws_api import AwsApi
from integrations.ports import Access
from tests.contracts.access_provider import AccessProviderContract, give, see, take
from tests.contracts.organisation import Organisation

ACCOUNT = "111122223333"


@dataclass
class IdentityCenterHarness:
    """Nobody signs in to moto, so nothing is used and no session opened; assignments carry no sign of their giver."""

    organisation: Organisation
    nobody: AwsApi
    clock: ManualClock = field(default_factory=ManualClock)

    def __post_init__(self) -> None:
        made = self.organisation
        self.user_name, self.set_name = made.named("alice"), made.named("ReadOnlyAccess")
        self.user, self.set_arn = made.user(self.user_name), made.permission_set(self.set_name)
        self.other_arn = made.permission_set(made.named("Support"))
        self.provider = IdentityCenter(made.api, clock=self.clock)
        self.unreachable = IdentityCenter(self.nobody, clock=self.clock)
        self.access = Access(
            "aws-production", "read", self.user_name, {"account": ACCOUNT, "permission_set": self.set_name}
        )
        self.other_access = self.with_parameters(permission_set=self.other_arn)
        self.unknown_account = replace(self.access, account=made.named("nobody"))
        self.unknown_entitlement = self.with_parameters(permission_set=made.named("Nothing"))

    def with_parameters(self, **parameters: str) -> Access:
        return replace(self.access, parameters=self.access.parameters | parameters)

    def rows(self) -> int:
        return self.organisation.rows(ACCOUNT, self.set_arn, self.user)

    def now(self) -> datetime:
        return self.clock.now()

    async def give_standing(self, access: Access) -> bool:
        return False

    async def can_use(self, access: Access) -> bool | None:
        return None

    async def open_session(self) -> None:
        return None


@pytest.fixture
async def harness(organisation: Organisation, unreachable_aws: AwsApi) -> IdentityCenterHarness:
    return await asyncio.to_thread(IdentityCenterHarness, organisation, unreachable_aws)


class TestIdentityCenter(AccessProviderContract):
    pass


async def test_a_grant_is_one_row_at_aws_with_the_request_id_that_cloudtrail_shows(
    harness: IdentityCenterHarness,
) -> None:
    receipt = await give(harness, harness.access)
    assert len(receipt.vendor_request_ids) == 1
    assert receipt.vendor_request_ids[0]
    await give(harness, harness.access)
    assert harness.rows() == 1


async def test_the_account_may_be_a_user_id_and_the_permission_set_an_arn(harness: IdentityCenterHarness) -> None:
    by_id = replace(harness.with_parameters(permission_set=harness.set_arn), account=harness.user)
    await give(harness, by_id)
    assert (await see(harness, harness.access)).present


async def test_every_duplicate_row_is_deleted_before_a_revoke_is_done(harness: IdentityCenterHarness) -> None:
    for _ in range(3):
        harness.organisation.assign(ACCOUNT, harness.set_arn, harness.user)
    receipt = await take(harness, harness.access)
    assert harness.rows() == 0
    assert len(receipt.vendor_request_ids) == 3


async def test_only_this_account_is_looked_at(harness: IdentityCenterHarness) -> None:
    await give(harness, harness.with_parameters(account="999900001111"))
    observed = await see(harness, harness.access)
    assert not observed.present
    assert observed.entitlements == ()


async def test_what_the_user_holds_is_listed_by_arn(harness: IdentityCenterHarness) -> None:
    await give(harness, harness.access)
    await give(harness, harness.other_access)
    assert (await see(harness, harness.access)).entitlements == tuple(sorted([harness.set_arn, harness.other_arn]))


async def test_live_sessions_are_cannot_tell_and_expiry_is_ours_alone(harness: IdentityCenterHarness) -> None:
    await give(harness, harness.access)
    observed = await see(harness, harness.access)
    assert observed.sessions is None
    assert observed.expires_at is None
    assert not harness.provider.native_expiry


async def test_a_permission_set_that_could_not_be_found_is_found_once_it_exists(
    harness: IdentityCenterHarness,
) -> None:
    with pytest.raises(Permanent, match="no permission set called"):
        await give(harness, harness.unknown_entitlement)
    harness.organisation.permission_set(harness.unknown_entitlement.parameters["permission_set"])
    await give(harness, harness.unknown_entitlement)
    assert (await see(harness, harness.unknown_entitlement)).present


async def test_a_permission_set_made_anew_is_found_when_the_memory_of_it_ran_out(
    harness: IdentityCenterHarness,
) -> None:
    await give(harness, harness.access)
    made = harness.organisation
    made.api.sso.delete_permission_set(InstanceArn=made.instance, PermissionSetArn=harness.set_arn)
    again = made.permission_set(harness.set_name)
    harness.clock.advance(timedelta(minutes=5))
    await give(harness, harness.access)
    assert made.rows(ACCOUNT, again, harness.user) == 1


async def test_a_revoke_looks_again_when_aws_knows_nothing_under_the_remembered_arn(
    harness: IdentityCenterHarness,
) -> None:
    await see(harness, harness.access)
    made = harness.organisation
    made.api.sso.delete_permission_set(InstanceArn=made.instance, PermissionSetArn=harness.set_arn)
    made.assign(ACCOUNT, made.permission_set(harness.set_name), harness.user)
    with pytest.raises(Exception, match="will not delete yet"):
        await take(harness, harness.access)
    await take(harness, harness.access)
    assert not (await see(harness, harness.access)).present


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"permission_set": "ReadOnlyAccess"}, "'account'"),
        ({"account": ACCOUNT}, "'permission_set'"),
        ({"account": "12", "permission_set": "ReadOnlyAccess"}, "12 digits"),
    ],
)
async def test_a_target_without_its_parameters_is_refused_with_the_cure(
    harness: IdentityCenterHarness, parameters: dict[str, str], named: str
) -> None:
    with pytest.raises(Permanent, match=f"{named}.*catalogue"):
        await see(harness, replace(harness.access, parameters=parameters))


async def test_an_instance_that_is_not_there_is_refused_with_those_that_are(harness: IdentityCenterHarness) -> None:
    elsewhere = IdentityCenter(
        harness.organisation.api, clock=harness.clock, instance_arn="arn:aws:sso:::instance/ssoins-0000000000000000"
    )
    with pytest.raises(Permanent, match=harness.organisation.instance):
        await elsewhere.check()
