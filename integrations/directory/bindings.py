"""slack.yaml: which Slack account is which user of an identity store, and what such a store does not know."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from core.errors import ConfigurationFault
from core.yaml_file import read_yaml
from integrations.directory.people import SlackBound, twice_bound


class Binding(SlackBound):
    """One user of the store. ``user`` and ``manager`` are user names there; ``accounts`` are those at other vendors."""

    user: str = Field(min_length=1)


class Bindings(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    people: tuple[Binding, ...]

    def of_slack(self, team: str, user: str) -> Binding | None:
        return next((one for one in self.people if (team, user) in one.slack_accounts), None)

    def of_user(self, user: str) -> Binding | None:
        return next((one for one in self.people if one.user == user), None)


def load_bindings(path: Path) -> Bindings:
    """The file at ``path``. Raises ConfigurationFault with all of its faults."""
    file = read_yaml(path)
    faults = file.faults(Bindings) + file.repeated(["people"], "user")
    if not faults:
        faults = [*twice_bound(file, Bindings.model_validate(file.data).people)]
    if faults:
        raise ConfigurationFault(faults)
    return Bindings.model_validate(file.data)
