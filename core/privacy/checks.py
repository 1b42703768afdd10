"""Second looks: does a thing that has the shape also add up? They keep false alarms few."""

import re
from itertools import pairwise

_CARD_PREFIX = re.compile(
    r"4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]|30[0-5]|3[689]|6(?:011|4[4-9]|5)|35(?:2[89]|[3-8])"
)
_CARD_DIGITS = {"3": {14, 15, 16}, "4": {13, 16, 19}}
_HEX = re.compile(r"[0-9a-fA-F]{8,}")
_TICKET = re.compile(r"[A-Z][A-Z0-9]{1,9}-\d{1,7}")
_PATH = re.compile(r"[\w.-]*(?:/[\w.-]+)+/?")
_PLACEHOLDER = re.compile(r"[*.xX•…_-]+|<.*|\[.*|\(.*|\{\{.*|\$\{?\w+\}?|%\w+%")
_ANSWER = re.compile(r"true|false|none|null|nil|yes|no|expired|invalid", re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)+|\d{4}(?:-\d\d){1,2}")
_ODD = re.compile(r"[!@#$%^&*+=?~]")
_KEY_LENGTH = 40  # an AWS secret access key
_SHORT, _LONG = 16, 32
_RESTLESS, _VERY_RESTLESS = 0.4, 0.5


def is_ssn(words: str) -> bool:
    """Whether the digits are a number that the Social Security Administration may have given out.

    Never given: area 000, 666 and 900 up, group 00, serial 0000 (ssa.gov, "Social Security Number Randomization").
    """
    digits = re.sub(r"\D", "", words)
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000"


def is_card(words: str) -> bool:
    """Whether the digits begin like a card of the large networks and end with the right check digit (Luhn)."""
    digits = re.sub(r"\D", "", words)
    if not _CARD_PREFIX.match(digits) or len(digits) not in _CARD_DIGITS.get(digits[0], {16, 19}):
        return False
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits))]
    return sum(d // 10 + d % 10 for d in doubled) % 10 == 0 and len(set(digits)) > 1


def is_assigned(value: str) -> bool:
    """Whether what stands behind “password=” is one, rather than a ticket, a path, a placeholder or a yes or no."""
    value = value.rstrip(".)!?")
    return not any(pattern.fullmatch(value) for pattern in (_TICKET, _PATH, _PLACEHOLDER, _ANSWER))


def is_told(value: str) -> bool:
    """Whether what stands behind “password:” or “password is” is one, rather than prose or a name."""
    value = value.rstrip(".)!?")
    return is_assigned(value) and not _NAME.fullmatch(value) and _unlike_a_word(value)


def is_random(words: str) -> bool:
    """Whether the words look drawn by lot: letters of both cases and digits, changing all the time.

    Names, paths, host names, UUIDs and hashes in hexadecimal do not: they change class seldom, or have two classes.
    """
    pieces = [_HEX.sub("", piece) for piece in re.split(r"[/_.=+-]", words)]
    if any(len(piece) >= _SHORT and _restless(piece) >= _RESTLESS for piece in pieces):
        return True
    if len(words) == _KEY_LENGTH and re.fullmatch(r"[A-Za-z0-9+/]+", words):
        return _restless(words) >= _RESTLESS
    return len(words) >= _LONG and _restless("".join(pieces)) >= _VERY_RESTLESS


def _restless(words: str) -> float:
    """The share of neighbours of different class, from 0 to 1; 0 where a class is missing altogether.

    Random letters and digits come to 0.62; CamelCase to about 0.2.
    """
    classes = [_class(char) for char in words]
    if not {"upper", "lower", "digit"} <= set(classes):
        return 0.0
    return sum(a != b for a, b in pairwise(classes)) / len(classes)


def _unlike_a_word(value: str) -> bool:
    """Letters with digits, odd signs, a capital in the middle, or a long number."""
    classes = {_class(char) for char in value[:1].lower() + value[1:]}
    return len(classes & {"upper", "lower", "digit"}) > 1 or bool(_ODD.search(value)) or value.isdigit()


def _class(char: str) -> str:
    if char.isdigit():
        return "digit"
    if char.isalpha():
        return "upper" if char.isupper() else "lower"
    return "other"
