"""How we call AWS: clients with limits, calls in threads, one table of what its refusals mean. No vendor's rules."""

from integrations.aws_api.clients import AwsApi
from integrations.aws_api.faults import Missing, explain
from integrations.aws_api.identifiers import USER_ID, external, unique
from integrations.aws_api.instance import Instance, Instances

__all__ = ["USER_ID", "AwsApi", "Instance", "Instances", "Missing", "explain", "external", "unique"]
