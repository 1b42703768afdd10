"""An organisation in moto's Identity Center, built past our own code: people, groups, permission sets."""

import uuid
from dataclasses import dataclass, field

from integrations.aws_api import AwsApi
from sandbox import aws


def api_of(endpoint: str) -> AwsApi:
    """Clients for a simulator, whatever the environment says."""
    return AwsApi(endpoint=endpoint, session=aws.session())


@dataclass
class Organisation:
    """Each has names of its own, so that tests on one server do not meet."""

    api: AwsApi
    suffix: str = field(default_factory=lambda: uuid.uuid4().hex[:8])

    def __post_init__(self) -> None:
        seen = self.api.sso.list_instances()["Instances"][0]
        self.instance = seen["InstanceArn"]
        self.store_id = seen["IdentityStoreId"]

    def named(self, name: str) -> str:
        return f"{name}-{self.suffix}"

    def user(self, name: str, *, title: str = "", user_type: str = "") -> str:
        """Create a user with this very name and answer the id."""
        created = self.api.store.create_user(
            IdentityStoreId=self.store_id,
            UserName=name,
            DisplayName=name.title(),
            Name={"GivenName": name, "FamilyName": "Test"},
            Emails=[{"Value": f"{name}@clinic.example", "Type": "work", "Primary": True}],
            **({"Title": title} if title else {}),
            **({"UserType": user_type} if user_type else {}),
        )
        return created["UserId"]

    def group(self, name: str, *members: str) -> str:
        group = self.api.store.create_group(IdentityStoreId=self.store_id, DisplayName=name)["GroupId"]
        for member in members:
            self.api.store.create_group_membership(
                IdentityStoreId=self.store_id, GroupId=group, MemberId={"UserId": member}
            )
        return group

    def permission_set(self, name: str) -> str:
        created = self.api.sso.create_permission_set(InstanceArn=self.instance, Name=name)
        return created["PermissionSet"]["PermissionSetArn"]

    def assign(self, account: str, permission_set: str, user: str) -> None:
        self.api.sso.create_account_assignment(
            InstanceArn=self.instance,
            TargetId=account,
            TargetType="AWS_ACCOUNT",
            PermissionSetArn=permission_set,
            PrincipalType="USER",
            PrincipalId=user,
        )

    def rows(self, account: str, permission_set: str, user: str) -> int:
        """How many rows moto keeps of this assignment, duplicates and all."""
        answer = self.api.sso.list_account_assignments(
            InstanceArn=self.instance, AccountId=account, PermissionSetArn=permission_set
        )
        return sum(one["PrincipalId"] == user for one in answer["AccountAssignments"])
