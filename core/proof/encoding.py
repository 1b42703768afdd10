"""The strict spellings that signed notes ask for: canonical base64 and key names."""

import base64
import re

_CONTROL = re.compile(r"[\x00-\x1f]")


def to_base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def from_base64(text: str) -> bytes:
    """Bytes of standard base64 (RFC 4648, section 4), in the one spelling those bytes have. Else ValueError."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        # The library's own words may quote the text, which may be a key.
        raise ValueError("not base64") from None
    # Stray bits after the last byte would give one signature two spellings.
    if to_base64(raw) != text:
        raise ValueError("not canonical base64")
    return raw


def key_name(name: str) -> str:
    """The name, if the signed-note specification allows it as the name of a key. Else ValueError.

    No Unicode space, no plus, no control character, not empty (https://c2sp.org/signed-note).
    """
    if name.split() != [name] or "+" in name or _CONTROL.search(name) or not _is_utf8(name):
        raise ValueError("a key's name has at least one character, and no space, plus or control character")
    return name


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
