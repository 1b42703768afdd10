"""How the embedded server says that it cannot run here."""

from core.errors import ConfigurationFault


def fault(what: str, cure: str) -> ConfigurationFault:
    """The fault, with its cure, and with the one that always works: a database of the reader's own."""
    return ConfigurationFault([f"embedded PostgreSQL: {what}. {cure}, or set DATABASE_URL."])
