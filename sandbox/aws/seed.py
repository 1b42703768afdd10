"""The example clinic in moto's Identity Center: its people, groups and permission sets."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import yaml

from sandbox.aws.simulator import ACCESS_KEY, REGION

if TYPE_CHECKING:
    from mypy_boto3_identitystore import IdentityStoreClient
    from mypy_boto3_sso_admin import SSOAdminClient


@dataclass(frozen=True)
class Seeded:
    """What stands in the simulator now: user ids by subject, group ids and permission set ARNs by name, accounts."""

    users: dict[str, str]
    groups: dict[str, str]
    permission_sets: dict[str, str]
    accounts: frozenset[str]


def session() -> boto3.Session:
    """Credentials and region of the simulator, whatever the environment says."""
    return boto3.Session(aws_access_key_id=ACCESS_KEY, aws_secret_access_key=ACCESS_KEY, region_name=REGION)


def seed(endpoint: str, clinic: Path) -> Seeded:
    """Bring the people of ``clinic/people.yaml`` and the targets of ``clinic/catalogue.yaml`` in; twice is once.

    Whoever is no longer active has no user: moto keeps no user status. Accounts need no making: moto takes any id.
    """
    directory = yaml.safe_load((clinic / "people.yaml").read_text(encoding="utf-8"))
    catalogue = yaml.safe_load((clinic / "catalogue.yaml").read_text(encoding="utf-8"))
    people = [one for one in directory["people"] if one["active"] and "aws" in one.get("accounts", {})]
    sso: SSOAdminClient = session().client("sso-admin", endpoint_url=endpoint)
    store: IdentityStoreClient = session().client("identitystore", endpoint_url=endpoint)
    instance = sso.list_instances()["Instances"][0]
    users = _users(store, instance["IdentityStoreId"], people)
    groups = _groups(store, instance["IdentityStoreId"], directory["groups"])
    _memberships(store, instance["IdentityStoreId"], people, users, groups)
    wanted = list(_aws_parameters(catalogue))
    return Seeded(
        users,
        groups,
        _permission_sets(sso, instance["InstanceArn"], {one["permission_set"]: why for one, why in wanted}),
        frozenset(one["account"] for one, _ in wanted),
    )


def _users(store: "IdentityStoreClient", store_id: str, people: list[dict[str, Any]]) -> dict[str, str]:
    pages = store.get_paginator("list_users").paginate(IdentityStoreId=store_id)
    standing = {one["UserName"]: one["UserId"] for page in pages for one in page["Users"] if "UserName" in one}
    for one in people:
        name = one["accounts"]["aws"]
        if name not in standing:
            given, _, family = one["name"].partition(" ")
            standing[name] = store.create_user(
                IdentityStoreId=store_id,
                UserName=name,
                DisplayName=one["name"],
                Name={"GivenName": given, "FamilyName": family or given},
                Emails=[{"Value": one["email"], "Type": "work", "Primary": True}],
                Title=one.get("title") or "-",
                UserType="Guest" if one.get("guest") else "Employee",
            )["UserId"]
    return {one["subject"]: standing[one["accounts"]["aws"]] for one in people}


def _groups(store: "IdentityStoreClient", store_id: str, wanted: dict[str, str]) -> dict[str, str]:
    pages = store.get_paginator("list_groups").paginate(IdentityStoreId=store_id)
    standing = {one["DisplayName"]: one["GroupId"] for page in pages for one in page["Groups"] if "DisplayName" in one}
    for name, purpose in wanted.items():
        if name not in standing:
            created = store.create_group(IdentityStoreId=store_id, DisplayName=name, Description=purpose)
            standing[name] = created["GroupId"]
    return {name: standing[name] for name in wanted}


def _memberships(
    store: "IdentityStoreClient",
    store_id: str,
    people: list[dict[str, Any]],
    users: dict[str, str],
    groups: dict[str, str],
) -> None:
    for one in (each for each in people if each.get("groups")):  # AWS refuses to be asked about no groups
        member, ids = users[one["subject"]], [groups[name] for name in one["groups"]]
        asked = store.is_member_in_groups(IdentityStoreId=store_id, MemberId={"UserId": member}, GroupIds=ids)
        for group in (each["GroupId"] for each in asked["Results"] if not each["MembershipExists"]):
            store.create_group_membership(IdentityStoreId=store_id, GroupId=group, MemberId={"UserId": member})


def _permission_sets(sso: "SSOAdminClient", instance: str, wanted: dict[str, str]) -> dict[str, str]:
    pages = sso.get_paginator("list_permission_sets").paginate(InstanceArn=instance)
    described = (
        sso.describe_permission_set(InstanceArn=instance, PermissionSetArn=arn)["PermissionSet"]
        for page in pages
        for arn in page["PermissionSets"]
    )
    standing = {one["Name"]: one["PermissionSetArn"] for one in described}
    for name, purpose in wanted.items():
        if name not in standing:
            created = sso.create_permission_set(
                InstanceArn=instance, Name=name, Description=purpose, SessionDuration="PT1H"
            )
            standing[name] = created["PermissionSet"]["PermissionSetArn"]
    return {name: standing[name] for name in wanted}


def _aws_parameters(catalogue: dict[str, Any]) -> Iterator[tuple[dict[str, str], str]]:
    """The parameters of each entitlement at AWS, those of its target included, and its description."""
    for target in catalogue["targets"]:
        if target["vendor"] == "aws":
            for entitlement in target["entitlements"]:
                parameters = target.get("parameters", {}) | entitlement.get("parameters", {})
                yield parameters, entitlement["description"]
