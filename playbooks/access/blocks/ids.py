"""The ids under which Slack tells us what was pressed or sent, and the values that buttons carry."""

from enum import StrEnum
from uuid import UUID

from core.errors import NotFound

_VERSION = "1"


class Action(StrEnum):
    """Buttons and menus."""

    approve = "access.approve"
    deny = "access.deny"
    withdraw = "access.withdraw"
    done = "access.done"
    open_form = "access.open_form"
    pick = "access.pick"


class Form(StrEnum):
    """Modals, by callback id."""

    request = "access.request"
    deny = "access.deny_reason"


def value_for(row_id: UUID) -> str:
    """What a button carries: the row it is about and the version that drew it."""
    return f"{_VERSION}:{row_id}"


def id_from(value: str) -> UUID:
    """The row that a button is about. Raises NotFound for a value that this version did not write."""
    version, _, row_id = value.partition(":")
    try:
        if version == _VERSION:
            return UUID(row_id)
    except ValueError:
        pass  # told below, like a button of another version
    raise NotFound("This button is from another version of Chaperone. Open the app's Home to go on.")
