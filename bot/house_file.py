"""chaperone.yaml: the organisation, its Slack, its directory, its vendors. What may stand in it, and nothing else."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from core.policy import parse_duration
from core.proof.encoding import key_name

FILE = "chaperone.yaml"


def _duration(value: object) -> timedelta:
    if not isinstance(value, str):
        raise ValueError("not a duration. Write it as PT30S, PT10M or PT1H")  # noqa: TRY004  pydantic collects ValueErrors
    return parse_duration(value)


def _environment_name(value: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", value):
        raise ValueError("not the name of an environment variable. Put the secret there and its name here")
    return value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Team = Annotated[str, StringConstraints(pattern=r"^[TE][A-Z0-9]{5,}$")]
Channel = Annotated[str, StringConstraints(pattern=r"^[CG][A-Z0-9]{5,}$")]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Origin = Annotated[str, AfterValidator(key_name)]
Variable = Annotated[str, AfterValidator(_environment_name)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SlackPlace(_Strict):
    """Where we are at Slack: ids, since names can be changed by anybody."""

    team: Team
    channel: Channel
    """Where requests and grants are shown."""
    alerts_channel: Channel
    """Where those who keep the house are told what needs a person."""


class DirectoryChoice(_Strict):
    """Who says who works here. ``file`` is people.yaml, or the identity store's file of bindings."""

    kind: Literal["yaml", "identity-store"]
    file: Path | None = None
    instance_arn: Text | None = None


class LedgerPlace(_Strict):
    """``origin`` names this log for ever (C2SP tlog-checkpoint); a schema-less URL of yours is customary."""

    origin: Origin
    key_file: Path | None = None


class PostgresTarget(_Strict):
    """A cluster whose roles are given. ``url_env`` names the variable that holds its administrator's URL."""

    url_env: Variable


class AwsTarget(_Strict):
    """IAM Identity Center. Without a region boto3's own rules hold."""

    region: Text | None = None
    instance_arn: Text | None = None


class Providers(_Strict):
    """The vendors at whom access can be given."""

    postgres: PostgresTarget | None = None
    aws: AwsTarget | None = None


class TimingChoice(_Strict):
    """How long things may take, where the defaults of the access playbook do not fit."""

    claim: Duration | None = None
    grant_within: Duration | None = None
    remind_before: Duration | None = None
    poll_every: Duration | None = None
    retry_first: Duration | None = None
    retry_longest: Duration | None = None
    page_after: Annotated[int, Field(ge=1)] | None = None


class HouseFile(_Strict):
    """The whole file. Paths are relative to its folder."""

    organisation: Text
    slack: SlackPlace
    directory: DirectoryChoice
    ledger: LedgerPlace
    providers: Providers = Providers()
    timing: TimingChoice = TimingChoice()
    policies: Path = Path("policies")
    catalogue: Path = Path("catalogue.yaml")
