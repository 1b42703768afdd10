"""What moto never says: slow changes, failed ones, throttling, pages, groups. botocore's Stubber says it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from core.clock import ManualClock
from core.errors import ConfigurationFault, Permanent, Transient
from integrations.aws import IdentityCenter
from integrations.aws_api import AwsApi, Missing
from integrations.ports import Access

INSTANCE = "arn:aws:sso:::instance/ssoins-0123456789abcdef"
SET = "arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-0123456789abcdef"
OTHER_SET = "arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-fedcba9876543210"
USER = "11111111-2222-3333-4444-555555555555"
GROUP = "99999999-2222-3333-4444-555555555555"
REQUEST = "aaaaaaaa-2222-3333-4444-555555555555"
ACCOUNT = "111122223333"
ACCESS = Access("aws-production", "read", USER, {"account": ACCOUNT, "permission_set": SET})
UNTIL = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def meta(request_id: str) -> dict[str, Any]:
    return {"RequestId": request_id, "HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0}


@dataclass
class Stubbed:
    """A provider whose AWS says exactly what it was told to say, in that order."""

    provider: IdentityCenter
    reads: Stubber
    changes: Stubber
    store: Stubber

    def lists(self, *held: tuple[str, str, str], token: str | None = None, after: str | None = None) -> None:
        """The next list of (permission set, principal type, principal)."""
        answer: dict[str, Any] = {
            "AccountAssignments": [
                {"AccountId": ACCOUNT, "PermissionSetArn": arn, "PrincipalType": kind, "PrincipalId": who}
                for arn, kind, who in held
            ]
        }
        asked = {
            "InstanceArn": INSTANCE,
            "PrincipalId": USER,
            "PrincipalType": "USER",
            "Filter": {"AccountId": ACCOUNT},
        }
        self.reads.add_response(
            "list_account_assignments_for_principal",
            answer | ({"NextToken": token} if token else {}),
            asked | ({"NextToken": after} if after else {}),
        )

    def change(self, verb: str, status: str, *, reason: str | None = None, request_id: str = "aws-1") -> None:
        noun = {"create": "Creation", "delete": "Deletion"}[verb]
        self.changes.add_response(
            f"{verb}_account_assignment",
            {f"AccountAssignment{noun}Status": _status(status, reason), "ResponseMetadata": meta(request_id)},
            {
                "InstanceArn": INSTANCE,
                "TargetId": ACCOUNT,
                "TargetType": "AWS_ACCOUNT",
                "PermissionSetArn": SET,
                "PrincipalType": "USER",
                "PrincipalId": USER,
            },
        )

    def asked_after(self, noun: str, status: str, *, reason: str | None = None, request_id: str = "aws-2") -> None:
        self.reads.add_response(
            f"describe_account_assignment_{noun.lower()}_status",
            {f"AccountAssignment{noun}Status": _status(status, reason), "ResponseMetadata": meta(request_id)},
            {"InstanceArn": INSTANCE, f"AccountAssignment{noun}RequestId": REQUEST},
        )


def _status(status: str, reason: str | None) -> dict[str, str]:
    return {"Status": status, "RequestId": REQUEST} | ({"FailureReason": reason} if reason else {})


HELD = (SET, "USER", USER)


@pytest.fixture
def stubbed() -> Iterator[Stubbed]:
    session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
    api = AwsApi(session=session)
    provider = IdentityCenter(api, clock=ManualClock())
    with Stubber(api.sso) as reads, Stubber(api.sso_changes) as changes, Stubber(api.store) as store:
        reads.add_response(
            "list_instances", {"Instances": [{"InstanceArn": INSTANCE, "IdentityStoreId": "d-0123456789"}]}
        )
        yield Stubbed(provider, reads, changes, store)
        for each in (reads, changes, store):
            each.assert_no_pending_responses()
    api.close()


async def test_a_slow_grant_is_pending_until_aws_says_succeeded(stubbed: Stubbed) -> None:
    stubbed.lists()
    stubbed.change("create", "IN_PROGRESS")
    receipt = await stubbed.provider.grant(ACCESS, until=UNTIL, key="g")
    assert receipt.state == "pending"
    assert receipt.vendor_request_ids == ("aws-1",)
    assert receipt.ticket
    assert json.loads(receipt.ticket)["kind"] == "grant"
    assert json.loads(receipt.ticket)["request"] == REQUEST

    stubbed.asked_after("Creation", "IN_PROGRESS")
    assert (await stubbed.provider.poll(receipt.ticket)).ticket == receipt.ticket
    stubbed.asked_after("Creation", "SUCCEEDED", request_id="aws-3")
    done = await stubbed.provider.poll(receipt.ticket)
    assert (done.state, done.vendor_request_ids) == ("done", ("aws-3",))


async def test_a_ticket_can_be_asked_after_by_another_process(stubbed: Stubbed) -> None:
    stubbed.lists()
    stubbed.change("create", "IN_PROGRESS")
    receipt = await stubbed.provider.grant(ACCESS, until=UNTIL, key="g")
    assert receipt.ticket
    another = IdentityCenter(stubbed.provider._api, clock=ManualClock())
    stubbed.asked_after("Creation", "SUCCEEDED")
    assert (await another.poll(receipt.ticket)).state == "done"


@pytest.mark.parametrize("slow", [True, False])
async def test_a_failed_grant_is_told_as_failed_with_the_reason_of_aws(stubbed: Stubbed, slow: bool) -> None:
    stubbed.lists()
    stubbed.change("create", "IN_PROGRESS" if slow else "FAILED", reason=None if slow else "The role is being deleted")
    if not slow:
        with pytest.raises(Permanent, match="The role is being deleted"):
            await stubbed.provider.grant(ACCESS, until=UNTIL, key="g")
        return
    receipt = await stubbed.provider.grant(ACCESS, until=UNTIL, key="g")
    assert receipt.ticket
    stubbed.asked_after("Creation", "FAILED", reason="The role is being deleted")
    with pytest.raises(Permanent, match="The role is being deleted"):
        await stubbed.provider.poll(receipt.ticket)


async def test_what_stands_already_is_not_created_again(stubbed: Stubbed) -> None:
    stubbed.lists(HELD)
    assert (await stubbed.provider.grant(ACCESS, until=UNTIL, key="g")).state == "done"


async def test_an_assignment_on_a_later_page_counts(stubbed: Stubbed) -> None:
    stubbed.lists((OTHER_SET, "USER", USER), token="more")
    stubbed.lists(HELD, after="more")
    observed = await stubbed.provider.observe(ACCESS)
    assert observed.present
    assert observed.entitlements == (SET, OTHER_SET)


async def test_access_through_a_group_is_shown_and_is_not_ours(stubbed: Stubbed) -> None:
    stubbed.lists((SET, "GROUP", GROUP))
    observed = await stubbed.provider.observe(ACCESS)
    assert not observed.present
    assert observed.entitlements == (f"{SET} (through group {GROUP})",)


async def test_access_through_a_group_does_not_stand_in_for_a_grant(stubbed: Stubbed) -> None:
    stubbed.lists((SET, "GROUP", GROUP))
    stubbed.change("create", "SUCCEEDED")
    assert (await stubbed.provider.grant(ACCESS, until=UNTIL, key="g")).vendor_request_ids == ("aws-1",)


async def test_a_throttled_grant_did_not_happen_and_is_not_repeated_below_us(stubbed: Stubbed) -> None:
    stubbed.lists()
    stubbed.changes.add_client_error(
        "create_account_assignment", "ThrottlingException", "Rate exceeded", http_status_code=400
    )
    with pytest.raises(Transient) as busy:
        await stubbed.provider.grant(ACCESS, until=UNTIL, key="g")
    assert not busy.value.outcome_unknown


async def test_a_grant_that_broke_inside_aws_may_have_happened(stubbed: Stubbed) -> None:
    stubbed.lists()
    stubbed.changes.add_client_error("create_account_assignment", "InternalServerException", http_status_code=500)
    with pytest.raises(Transient) as broken:
        await stubbed.provider.grant(ACCESS, until=UNTIL, key="g")
    assert broken.value.outcome_unknown


async def test_a_grant_whose_permission_set_is_gone_is_a_permanent_no(stubbed: Stubbed) -> None:
    stubbed.lists()
    stubbed.changes.add_client_error("create_account_assignment", "ResourceNotFoundException", http_status_code=400)
    with pytest.raises(Missing):
        await stubbed.provider.grant(ACCESS, until=UNTIL, key="g")


async def test_a_slow_revoke_is_done_only_after_the_list_shows_nothing(stubbed: Stubbed) -> None:
    stubbed.change("delete", "IN_PROGRESS")
    receipt = await stubbed.provider.revoke(ACCESS, key="g")
    assert receipt.ticket
    assert json.loads(receipt.ticket)["kind"] == "revoke"
    stubbed.asked_after("Deletion", "SUCCEEDED")
    stubbed.lists()
    assert (await stubbed.provider.poll(receipt.ticket)).state == "done"


async def test_a_revoke_that_succeeded_and_left_a_duplicate_goes_on(stubbed: Stubbed) -> None:
    stubbed.change("delete", "IN_PROGRESS")
    receipt = await stubbed.provider.revoke(ACCESS, key="g")
    assert receipt.ticket
    stubbed.asked_after("Deletion", "SUCCEEDED")
    stubbed.lists(HELD)
    stubbed.change("delete", "SUCCEEDED", request_id="aws-9")
    stubbed.lists()
    assert (await stubbed.provider.poll(receipt.ticket)).vendor_request_ids == ("aws-9",)


async def test_a_list_that_lags_behind_a_deletion_is_transient_and_never_done(stubbed: Stubbed) -> None:
    stubbed.change("delete", "SUCCEEDED")
    stubbed.lists(HELD)
    stubbed.changes.add_client_error("delete_account_assignment", "ResourceNotFoundException", http_status_code=400)
    stubbed.lists(HELD)
    with pytest.raises(Transient):
        await stubbed.provider.revoke(ACCESS, key="g")


async def test_a_list_that_lags_at_the_poll_is_asked_once_more(stubbed: Stubbed) -> None:
    stubbed.change("delete", "IN_PROGRESS")
    receipt = await stubbed.provider.revoke(ACCESS, key="g")
    assert receipt.ticket
    stubbed.asked_after("Deletion", "SUCCEEDED")
    stubbed.lists(HELD)
    stubbed.changes.add_client_error("delete_account_assignment", "ResourceNotFoundException", http_status_code=400)
    stubbed.lists()
    assert (await stubbed.provider.poll(receipt.ticket)).state == "done"


async def test_an_assignment_that_no_deletion_removes_is_never_done(stubbed: Stubbed) -> None:
    for _ in range(5):
        stubbed.change("delete", "SUCCEEDED")
        stubbed.lists(HELD)
    with pytest.raises(Transient, match="still shows"):
        await stubbed.provider.revoke(ACCESS, key="g")


@pytest.mark.parametrize("slow", [True, False])
async def test_a_failed_revoke_is_told_with_the_reason_while_the_access_stands(stubbed: Stubbed, slow: bool) -> None:
    stubbed.change("delete", "IN_PROGRESS" if slow else "FAILED", reason=None if slow else "locked by SCP")
    if not slow:
        stubbed.lists(HELD)
        with pytest.raises(Permanent, match="locked by SCP"):
            await stubbed.provider.revoke(ACCESS, key="g")
        return
    receipt = await stubbed.provider.revoke(ACCESS, key="g")
    assert receipt.ticket
    stubbed.asked_after("Deletion", "FAILED", reason="locked by SCP")
    stubbed.lists(HELD)
    with pytest.raises(Permanent, match="locked by SCP"):
        await stubbed.provider.poll(receipt.ticket)


async def test_a_failed_deletion_of_what_is_gone_is_done(stubbed: Stubbed) -> None:
    stubbed.change("delete", "FAILED", reason="Assignment does not exist")
    stubbed.lists()
    assert (await stubbed.provider.revoke(ACCESS, key="g")).state == "done"


async def test_a_revoke_while_the_grant_is_still_being_made_comes_back_later(stubbed: Stubbed) -> None:
    stubbed.changes.add_client_error(
        "delete_account_assignment", "ConflictException", "creation in progress", http_status_code=409
    )
    with pytest.raises(Transient):
        await stubbed.provider.revoke(ACCESS, key="g")


@pytest.mark.parametrize(("held", "kind", "done"), [(True, "grant", 1), (False, "revoke", 1), (False, "grant", 0)])
async def test_a_request_that_aws_does_not_know_is_decided_by_what_the_account_shows(
    stubbed: Stubbed, held: bool, kind: str, done: int
) -> None:
    if kind == "grant":
        stubbed.lists()
        stubbed.change("create", "IN_PROGRESS")
        receipt = await stubbed.provider.grant(ACCESS, until=UNTIL, key="g")
    else:
        stubbed.change("delete", "IN_PROGRESS")
        receipt = await stubbed.provider.revoke(ACCESS, key="g")
    assert receipt.ticket
    noun = {"grant": "creation", "revoke": "deletion"}[kind]
    stubbed.reads.add_client_error(f"describe_account_assignment_{noun}_status", "ResourceNotFoundException")
    stubbed.lists(*([HELD] if held else []))
    if done:
        assert (await stubbed.provider.poll(receipt.ticket)).state == "done"
    else:
        with pytest.raises(Transient):
            await stubbed.provider.poll(receipt.ticket)


@pytest.mark.parametrize("ticket", ["{}", "[]", "nonsense", '{"kind":"grant","request":"x","assignment":{"a":1}}'])
async def test_a_ticket_that_cannot_be_read_is_a_permanent_no(stubbed: Stubbed, ticket: str) -> None:
    await stubbed.provider._instances.one()
    with pytest.raises(Permanent, match="no ticket"):
        await stubbed.provider.poll(ticket)


async def test_a_list_that_aws_refuses_never_reads_as_absent(stubbed: Stubbed) -> None:
    stubbed.reads.add_client_error("list_account_assignments_for_principal", "AccessDeniedException")
    with pytest.raises(Permanent, match="Allow sso:ListAccountAssignmentsForPrincipal"):
        await stubbed.provider.observe(ACCESS)


async def test_a_name_is_looked_up_by_walking_and_then_remembered(stubbed: Stubbed) -> None:
    by_name = Access("t", "read", USER, {"account": ACCOUNT, "permission_set": "ReadOnlyAccess"})
    stubbed.reads.add_response("list_permission_sets", {"PermissionSets": [OTHER_SET, SET]})
    stubbed.reads.add_client_error("describe_permission_set", "ResourceNotFoundException")
    stubbed.reads.add_response(
        "describe_permission_set", {"PermissionSet": {"Name": "ReadOnlyAccess", "PermissionSetArn": SET}}, ANY_SET
    )
    stubbed.lists(HELD)
    stubbed.lists(HELD)
    assert (await stubbed.provider.observe(by_name)).present
    assert (await stubbed.provider.observe(by_name)).present


ANY_SET = {"InstanceArn": INSTANCE, "PermissionSetArn": ANY}


def test_no_region_stops_the_start_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "nowhere")
    session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x")
    with pytest.raises(ConfigurationFault, match="AWS_DEFAULT_REGION"):
        AwsApi(session=session)


async def test_a_reply_cut_short_never_reads_as_absent(stubbed: Stubbed) -> None:
    stubbed.reads.add_response("list_account_assignments_for_principal", {})
    with pytest.raises(Transient) as cut:
        await stubbed.provider.observe(ACCESS)
    assert not cut.value.outcome_unknown


async def test_a_grant_whose_reply_was_cut_short_may_have_happened(stubbed: Stubbed) -> None:
    stubbed.lists()
    stubbed.changes.add_response("create_account_assignment", {})
    with pytest.raises(Transient) as cut:
        await stubbed.provider.grant(ACCESS, until=UNTIL, key="g")
    assert cut.value.outcome_unknown
