"""Everything that must be right before anything starts: environment, chaperone.yaml, catalogue, policies, people.

All faults are found in one go, each with its file, line and cure.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from bot.house_file import FILE, DirectoryChoice, HouseFile
from bot.settings import Need, Settings
from core.errors import ConfigurationFault
from core.policy import PolicySet
from core.proof.keys import SigningKey
from core.yaml_file import YamlFile, read_yaml
from playbooks.access.commands import Timing
from playbooks.access.policy import Catalogue, load_policies

Loaded = TypeVar("Loaded")

CheckPeople = Callable[[DirectoryChoice, Path], None]
"""Raises ConfigurationFault with the faults of the directory's file (the folder is given to find it)."""

_KEY = "ledger.key"


@dataclass(frozen=True)
class Configuration:
    """What was read and found right."""

    settings: Settings
    folder: Path
    file: HouseFile
    catalogue: Catalogue
    policies: PolicySet

    @property
    def timing(self) -> Timing:
        return Timing(**self.file.timing.model_dump(exclude_none=True))

    @property
    def key_file(self) -> Path:
        """The signing key of the ledger: named by the environment, else by chaperone.yaml, else in ``state``."""
        if self.settings.ledger_key_file:
            return self.settings.ledger_key_file
        named = self.file.ledger.key_file
        return self.folder / named if named else state_folder(self.folder) / _KEY

    @property
    def roles(self) -> tuple[str, ...]:
        """The PostgreSQL roles that the catalogue offers."""
        offered = self.catalogue.entitlements.values()
        return tuple(sorted({one.parameters["role"] for one in offered if one.target.vendor == "postgres"}))

    def signing_key(self) -> SigningKey:
        """The key in ``key_file``. Raises ConfigurationFault where it is missing, open to others, or another log's."""
        path, origin = self.key_file, self.file.ledger.origin
        if not path.exists():
            raise ConfigurationFault([f"{path}:1: there is no signing key. Run `chaperone release`, which makes it."])
        key = SigningKey.load(path)
        if key.name != origin:
            what = f"this is the key of {key.name}, and the ledger's origin is {origin}. Name the right key or origin."
            raise ConfigurationFault([f"{path}:1: {what}"])
        return key

    def variable(self, name: str) -> str:
        """An environment variable that chaperone.yaml names; ``load`` has made sure that it is there."""
        return os.environ[name]


def load(*needs: Need, check_people: CheckPeople) -> Configuration:
    """Read everything. Raises ConfigurationFault with all of its faults.

    ``needs`` say what the process cannot do without: see ``Settings.faults``.
    """
    settings, faults = Settings.read(*needs)
    if settings.chaperone_config is None:
        raise ConfigurationFault(faults)
    reading = _Reading(settings.chaperone_config, faults)
    yaml = reading.take(lambda folder: read_yaml(folder / FILE))
    house = reading.take(lambda _: _house(yaml)) if yaml else None
    policies = reading.take(lambda folder: load_policies(folder / (house.policies if house else "policies")))
    catalogue = reading.take(lambda folder: Catalogue.load(folder / (house.catalogue if house else "catalogue.yaml")))
    if yaml and house:
        reading.take(lambda folder: check_people(house.directory, folder))
        faults += _provider_faults(yaml, house, catalogue, vendors="vendors" in needs)
    if faults or house is None or policies is None or catalogue is None:
        raise ConfigurationFault(faults)
    return Configuration(settings, reading.folder, house, catalogue, policies)


def state_folder(folder: Path) -> Path:
    """Where we keep what we make ourselves: ``.chaperone`` beside the configuration, else in the user's data folder."""
    beside = folder.resolve() / ".chaperone"
    if beside.is_dir() or os.access(folder, os.W_OK):
        return beside
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return data / "chaperone" / sha256(str(beside).encode()).hexdigest()[:12]


@dataclass
class _Reading:
    """Reads one thing after the other and keeps going."""

    folder: Path
    faults: list[str] = field(default_factory=list)

    def take(self, read: Callable[[Path], Loaded]) -> Loaded | None:
        try:
            return read(self.folder)
        except ConfigurationFault as fault:
            self.faults += fault.faults
            return None


def _house(file: YamlFile) -> HouseFile:
    if faults := [*file.faults(HouseFile), *_directory_faults(file)]:
        raise ConfigurationFault(faults)
    return HouseFile.model_validate(file.data)


def _directory_faults(file: YamlFile) -> Iterator[str]:
    said = file.data.get("directory") if isinstance(file.data, dict) else None
    if isinstance(said, dict) and said.get("kind") == "yaml" and not said.get("file"):
        yield file.fault(["directory"], "a directory of kind yaml has a file. Add “file: people.yaml”.")


def _provider_faults(yaml: YamlFile, house: HouseFile, catalogue: Catalogue | None, *, vendors: bool) -> Iterator[str]:
    offered = {target.vendor: target.id for target in reversed(list(catalogue.targets.values()))} if catalogue else {}
    for vendor, target in sorted(offered.items()):
        if getattr(house.providers, vendor) is None:
            what = f"the catalogue offers {target} at {vendor}, which is not set up. Add {vendor} under providers."
            yield yaml.fault(["providers"], what)
    postgres = house.providers.postgres
    if vendors and postgres and not os.environ.get(postgres.url_env):
        what = (
            f"the environment variable {postgres.url_env} is not set. Set it to the URL of the target's administrator."
        )
        yield yaml.fault(["providers", "postgres", "url_env"], what)
