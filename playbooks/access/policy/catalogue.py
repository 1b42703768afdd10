"""The catalogue: every target and entitlement that people may ask for, as ``catalogue.yaml`` lists them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from core.errors import ConfigurationFault, NotFound
from core.yaml_file import YamlFile, read_yaml

Vendor = Literal["aws", "postgres"]
Environment = Literal["prod", "staging"]
Level = Literal["read", "write", "admin"]
Tag = Literal["phi", "pii", "payment", "credentials"]

_PARAMETERS: Mapping[Vendor, Mapping[str, bool]] = MappingProxyType(
    {"aws": {"account": True, "permission_set": True}, "postgres": {"role": True, "database": False}}
)
"""What each vendor's access needs to be told (True) or may be told (False)."""


@dataclass(frozen=True, slots=True)
class Target:
    """Something that people need access to. ``owner`` is ``group:<name>`` or ``person:<subject>``.

    ``how_to`` tells the requester how to use the access once granted. ``training_link`` is where privacy training
    is renewed.
    """

    id: str
    title: str
    vendor: Vendor
    environment: Environment
    tags: frozenset[str]
    owner: str
    how_to: str
    training_link: str

    @property
    def phi(self) -> bool:
        """Whether protected health information can be seen there (45 CFR 160.103)."""
        return "phi" in self.tags


@dataclass(frozen=True, slots=True)
class Entitlement:
    """One thing that can be granted at a target. ``parameters`` are what its vendor needs (see ``ports.Access``)."""

    id: str
    title: str
    description: str
    level: Level
    target: Target
    parameters: Mapping[str, str] = field(hash=False)

    @property
    def key(self) -> str:
        """The name by which it is asked for: ``ehr-db/read``."""
        return f"{self.target.id}/{self.id}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All targets by id, all entitlements by key, both in the file's order."""

    targets: Mapping[str, Target]
    entitlements: Mapping[str, Entitlement]

    @classmethod
    def load(cls, path: Path) -> Self:
        """The catalogue in the file ``path``. Raises ConfigurationFault with all of its faults."""
        file = read_yaml(path)
        faults = file.faults(_Catalogue) + file.repeated(["targets"], "id")
        for position in range(_length(file)):
            faults += file.repeated(["targets", position, "entitlements"], "id")
        if faults:
            raise ConfigurationFault(faults)
        listed = _Catalogue.model_validate(file.data)
        if faults := _parameter_faults(file, listed):
            raise ConfigurationFault(faults)
        return cls._of(listed)

    def entitlement(self, key: str) -> Entitlement:
        """The entitlement named ``target/entitlement``. Raises NotFound."""
        try:
            return self.entitlements[key]
        except KeyError:
            raise NotFound(f"“{key}” is not in the catalogue. Choose from what /access offers.") from None

    def of(self, target: str) -> tuple[Entitlement, ...]:
        """The entitlements of one target; none where the catalogue does not know it."""
        return tuple(each for each in self.entitlements.values() if each.target.id == target)

    @classmethod
    def _of(cls, listed: "_Catalogue") -> Self:
        targets = {each.id: each.target(listed.training_link) for each in listed.targets}
        granted = [one.entitlement(targets[each.id], each) for each in listed.targets for one in each.entitlements]
        return cls(MappingProxyType(targets), MappingProxyType({each.key: each for each in granted}))


Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Owner = Annotated[str, StringConstraints(pattern=r"^(group|person):[^\s,;]+$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Entitlement(_Strict):
    id: Id
    title: Title
    description: Text
    level: Level
    parameters: dict[str, Text] = {}

    def entitlement(self, target: Target, listed: "_Target") -> Entitlement:
        parameters = MappingProxyType({**listed.parameters, **self.parameters})
        return Entitlement(self.id, self.title, self.description, self.level, target, parameters)


class _Target(_Strict):
    id: Id
    title: Title
    vendor: Vendor
    environment: Environment
    sensitivity: list[Tag]
    owner: Owner
    how_to: Text
    parameters: dict[str, Text] = {}
    entitlements: Annotated[list[_Entitlement], Field(min_length=1)]

    def target(self, training_link: str) -> Target:
        tags = frozenset[str](self.sensitivity)
        return Target(self.id, self.title, self.vendor, self.environment, tags, self.owner, self.how_to, training_link)


class _Catalogue(_Strict):
    training_link: Text
    targets: Annotated[list[_Target], Field(min_length=1)]


def _length(file: YamlFile) -> int:
    targets = file.data.get("targets") if isinstance(file.data, dict) else None
    return len(targets) if isinstance(targets, list) else 0


def _parameter_faults(file: YamlFile, listed: _Catalogue) -> list[str]:
    faults = []
    for i, target in enumerate(listed.targets):
        known = _PARAMETERS[target.vendor]
        faults += _unknown(file, ["targets", i], target.parameters, known)
        for j, one in enumerate(target.entitlements):
            place: list[int | str] = ["targets", i, "entitlements", j]
            faults += _unknown(file, place, one.parameters, known)
            missing = {name for name, needed in known.items() if needed} - {*target.parameters, *one.parameters}
            faults += [
                file.fault(place, f"{target.vendor} needs {name}. Add it under parameters, here or at the target.")
                for name in sorted(missing)
            ]
    return faults


def _unknown(
    file: YamlFile, place: list[int | str], parameters: Mapping[str, str], known: Mapping[str, bool]
) -> list[str]:
    return [
        file.fault([*place, "parameters", name], f"“{name}” means nothing here. Use one of: {', '.join(known)}.")
        for name in parameters
        if name not in known
    ]
