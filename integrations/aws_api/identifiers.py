"""How the identity store wants to be asked for a user or a group by something else than its id."""

import re
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from mypy_boto3_identitystore.type_defs import AlternateIdentifierTypeDef

USER_ID = re.compile(r"([0-9a-f]{10}-)?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
"""What a user id looks like: https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_User.html."""


def unique(path: str, value: str) -> "AlternateIdentifierTypeDef":
    """By a unique attribute: ``userName`` of a user, ``displayName`` of a group."""
    document = cast("Any", value)  # the stubs take every JSON document for a mapping; AWS wants the string
    return {"UniqueAttribute": {"AttributePath": path, "AttributeValue": document}}


def external(issuer: str, value: str) -> "AlternateIdentifierTypeDef":
    """By the id that another system gave it, as SCIM brought it in."""
    return {"ExternalId": {"Issuer": issuer, "Id": value}}
