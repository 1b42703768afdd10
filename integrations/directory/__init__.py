"""Who works here: from a YAML file, or from Identity Center's identity store."""

from integrations.directory.identity_store import IdentityStoreDirectory
from integrations.directory.yaml_file import YamlDirectory

__all__ = ["IdentityStoreDirectory", "YamlDirectory"]
