"""What Slack's clients check before a modal is sent: required inputs, lengths, formats."""

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Any
from urllib.parse import urlsplit

from sandbox.slack.inputs.state import SLOTS
from sandbox.slack.workspace import Blocks, Values

REQUIRED = "Please complete this required field."


def faults_of_values(blocks: Blocks, values: Values) -> dict[str, str]:
    """What a person reads under each input that is not right yet, by block id. Empty: it may be sent."""
    faults = {}
    for block in blocks:
        if block["type"] == "input":
            element = block["element"]
            value = values[block["block_id"]][element["action_id"]][SLOTS[element["type"]].key]
            if fault := _fault(block, element, value):
                faults[block["block_id"]] = fault
    return faults


def _fault(block: dict[str, Any], element: dict[str, Any], value: Any) -> str | None:
    if value in (None, "", []):
        return None if block.get("optional", False) else REQUIRED
    if element["type"].startswith("multi_"):
        return _at_most(value, element.get("max_selected_items"), "choices")
    check = CHECKS.get(element["type"])
    return check(element, value) if check else None


def _at_most(value: list[Any], most: int | None, things: str) -> str | None:
    return f"Please keep to {most} {things} at most." if most is not None and len(value) > most else None


def _length(element: dict[str, Any], value: str) -> str | None:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if len(value) < least:
        return f"Please enter at least {least} characters."
    return f"Please enter at most {most} characters." if len(value) > most else None


def _number(element: dict[str, Any], value: str) -> str | None:
    decimal = r"(\.\d+)?" if element["is_decimal_allowed"] else ""
    if not re.fullmatch(rf"-?\d+{decimal}", value):
        return "Please enter a number." if decimal else "Please enter a whole number."
    if float(value) < float(element.get("min_value", value)):
        return f"Please enter {element['min_value']} or more."
    if float(value) > float(element.get("max_value", value)):
        return f"Please enter {element['max_value']} or less."
    return None


def _email(_element: dict[str, Any], value: str) -> str | None:
    return None if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) else "Please enter a valid email address."


def _url(_element: dict[str, Any], value: str) -> str | None:
    parts = urlsplit(value)
    return None if parts.scheme in {"http", "https"} and parts.netloc else "Please enter a valid URL."


def _parsed(parse: Callable[[str], object], text: str) -> Callable[[dict[str, Any], str], str | None]:
    def check(_element: dict[str, Any], value: str) -> str | None:
        try:
            parse(value)
        except ValueError:
            return text
        return None

    return check


CHECKS: Mapping[str, Callable[[dict[str, Any], Any], str | None]] = {
    "plain_text_input": _length,
    "number_input": _number,
    "email_text_input": _email,
    "url_text_input": _url,
    "datepicker": _parsed(date.fromisoformat, "Please enter a valid date."),
    "timepicker": _parsed(time.fromisoformat, "Please enter a valid time."),
    "file_input": lambda element, value: _at_most(value, element.get("max_files", 10), "files"),
}
