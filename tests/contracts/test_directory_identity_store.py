"""Identity Center's identity store on moto answers to the contract; botocore's Stubber says what moto does not."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from core.errors import ConfigurationFault, NotFound, Transient
from integrations.aws_api import AwsApi
from integrations.directory import IdentityStoreDirectory
from sandbox import aws
from tests.contracts.directory import TEAM, DirectoryContract
from tests.contracts.organisation import Organisation

BINDINGS = """\
people:
  - user: ada-{0}
    slack_team: T0COMPANY
    slack_user: U0ADA
    also_slack: [U0ADA2]
    manager: grace-{0}
    accounts: {{postgres: ada_db}}
    training_until: 2031-05-31T00:00:00Z
  - {{user: grace-{0}, slack_team: T0COMPANY, slack_user: U0GRACE}}
  - {{user: gus-{0}, slack_team: T0COMPANY, slack_user: U0GUS}}
  - {{user: dana-{0}, slack_team: T0COMPANY, slack_user: U0DANA}}
"""


@dataclass
class IdentityStoreCompany:
    """moto keeps no user status: a person let go is a user deleted, whose memberships stay behind."""

    organisation: Organisation
    nobody: AwsApi
    bindings: Path
    forgets_the_deactivated = True

    def __post_init__(self) -> None:
        made = self.organisation
        self.ids = {name: made.user(made.named(name)) for name in ("ada", "grace", "dana")}
        self.ids["gus"] = made.user(made.named("gus"), user_type="Guest")
        made.group(made.named("dba"), self.ids["ada"], self.ids["gus"], self.ids["dana"])
        made.group(made.named("leads"), self.ids["ada"], self.ids["grace"])
        made.group(made.named("nobody"))
        self._delete("dana")
        self.bindings.write_text(BINDINGS.format(made.suffix))
        self.directory = IdentityStoreDirectory(made.api, bindings=self.bindings)

    def subject(self, name: str) -> str:
        return self.ids[name]

    def group(self, name: str) -> str:
        return self.organisation.named(name)

    async def take_away(self) -> None:
        self.directory._api = self.nobody

    async def let_go(self, name: str) -> None:
        await asyncio.to_thread(self._delete, name)

    def _delete(self, name: str) -> None:
        made = self.organisation
        made.api.store.delete_user(IdentityStoreId=made.store_id, UserId=self.ids[name])


@pytest.fixture
async def company(organisation: Organisation, unreachable_aws: AwsApi, tmp_path: Path) -> IdentityStoreCompany:
    return await asyncio.to_thread(IdentityStoreCompany, organisation, unreachable_aws, tmp_path / "slack.yaml")


class TestIdentityStoreDirectory(DirectoryContract):
    pass


async def test_the_aws_account_is_the_user_name_of_the_store(company: IdentityStoreCompany) -> None:
    ada = await company.directory.person(company.subject("ada"))
    assert ada.accounts == {"aws": company.organisation.named("ada"), "postgres": "ada_db"}


async def test_a_manager_who_is_gone_is_named_and_cannot_be_found(company: IdentityStoreCompany) -> None:
    await company.let_go("grace")
    ada = await company.directory.person(company.subject("ada"))
    assert ada.manager == company.organisation.named("grace")
    with pytest.raises(NotFound):
        await company.directory.person(ada.manager)


async def test_a_user_whom_no_slack_account_is_bound_to_is_known_without_one(company: IdentityStoreCompany) -> None:
    made = company.organisation
    user = await asyncio.to_thread(made.user, made.named("eve"))
    eve = await company.directory.person(user)
    assert (eve.slack_team, eve.slack_user) == ("", "")
    with pytest.raises(NotFound):
        await company.directory.by_slack(eve.slack_team, eve.slack_user)


async def test_broken_bindings_stop_all_answers(company: IdentityStoreCompany) -> None:
    company.bindings.write_text(company.bindings.read_text().replace("U0GRACE", "U0ADA2"))
    with pytest.raises(Transient, match=r"slack\.yaml:9: .*U0ADA2.*bound"):
        await company.directory.by_slack(TEAM, "U0ADA")


def test_bindings_are_read_when_the_directory_is_made(organisation: Organisation, tmp_path: Path) -> None:
    path = tmp_path / "slack.yaml"
    path.write_text("people:\n  - {user: ada}\n  - {user: ada}\n")
    with pytest.raises(ConfigurationFault) as stopped:
        IdentityStoreDirectory(organisation.api, bindings=path)
    assert len(stopped.value.faults) == 5


# --- what moto does not have: external ids and user status -------------------------------------------------------

USER = "11111111-2222-3333-4444-555555555555"
STORE = "d-0123456789"
ARN = "arn:aws:identitystore:::user/11111111-2222-3333-4444-555555555555"


@pytest.fixture
def stubbed() -> Iterator[tuple[IdentityStoreDirectory, Stubber]]:
    api = AwsApi(session=aws.session())
    with Stubber(api.sso) as sso, Stubber(api.store) as store:
        instance = {"InstanceArn": "arn:aws:sso:::instance/ssoins-0123456789abcdef", "IdentityStoreId": STORE}
        sso.add_response("list_instances", {"Instances": [instance]})
        yield IdentityStoreDirectory(api), store
        store.assert_no_pending_responses()
    api.close()


def _user(**more: Any) -> dict[str, Any]:
    return {"IdentityStoreId": STORE, "UserId": USER, "UserArn": ARN, "Revision": "1", "UserName": "ada"} | more


def _bound(store: Stubber) -> None:
    store.add_response(
        "get_user_id",
        {"UserId": USER, "IdentityStoreId": STORE, "UserArn": ARN},
        {"IdentityStoreId": STORE, "AlternateIdentifier": {"ExternalId": {"Issuer": f"slack:{TEAM}", "Id": "U0ADA"}}},
    )


async def test_without_bindings_the_slack_account_is_an_external_id(
    stubbed: tuple[IdentityStoreDirectory, Stubber],
) -> None:
    directory, store = stubbed
    _bound(store)
    store.add_response("list_groups", {"Groups": []})
    ids = [{"Issuer": "scim", "Id": "x"}, {"Issuer": f"slack:{TEAM}", "Id": "U0ADA"}]
    store.add_response("describe_user", _user(ExternalIds=ids))
    store.add_response("list_group_memberships_for_member", {"GroupMemberships": []})
    ada = await directory.by_slack(TEAM, "U0ADA")
    assert (ada.slack_team, ada.slack_user, ada.email, ada.manager) == (TEAM, "U0ADA", "", None)


@pytest.mark.parametrize(("status", "active"), [("ENABLED", True), ("DISABLED", False)])
async def test_a_user_whom_the_store_disabled_is_not_active(
    stubbed: tuple[IdentityStoreDirectory, Stubber], status: str, active: bool
) -> None:
    directory, store = stubbed
    store.add_response("list_groups", {"Groups": []})
    store.add_response("describe_user", _user(UserStatus=status))
    store.add_response("list_group_memberships_for_member", {"GroupMemberships": []})
    assert (await directory.person(USER)).active is active


async def test_groups_on_a_later_page_count(stubbed: tuple[IdentityStoreDirectory, Stubber]) -> None:
    directory, store = stubbed
    group_id = "22222222-2222-3333-4444-555555555555"
    group = {"GroupId": group_id, "GroupArn": ARN, "Revision": "1", "IdentityStoreId": STORE, "DisplayName": "dba"}
    membership = {"GroupId": group_id, "MembershipId": "m", "MembershipArn": ARN, "IdentityStoreId": STORE}
    store.add_response("list_groups", {"Groups": [], "NextToken": "more"})
    store.add_response("list_groups", {"Groups": [group]})
    store.add_response("describe_user", _user())
    store.add_response("list_group_memberships_for_member", {"GroupMemberships": [], "NextToken": "more"})
    store.add_response("list_group_memberships_for_member", {"GroupMemberships": [membership]})
    assert (await directory.person(USER)).groups == {"dba"}


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException", "ThrottlingException"])
async def test_a_store_that_refuses_cannot_be_asked(stubbed: tuple[IdentityStoreDirectory, Stubber], code: str) -> None:
    directory, store = stubbed
    store.add_client_error("get_user_id", code)
    with pytest.raises(Transient):
        await directory.by_slack(TEAM, "U0ADA")


async def test_a_user_cut_out_of_the_reply_is_not_a_person(stubbed: tuple[IdentityStoreDirectory, Stubber]) -> None:
    directory, store = stubbed
    store.add_response("list_groups", {"Groups": []})
    cut = _user()
    del cut["UserName"]
    store.add_response("describe_user", cut)
    with pytest.raises(Transient):
        await directory.person(USER)
