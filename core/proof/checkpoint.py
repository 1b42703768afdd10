"""Signed tree heads: C2SP tlog-checkpoint in a C2SP signed note (https://c2sp.org/tlog-checkpoint, signed-note)."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from core.proof.encoding import from_base64, key_name, to_base64
from core.proof.errors import NotProven
from core.proof.keys import SigningKey, VerifyingKey
from core.proof.tree import DIGEST_SIZE

_DASH = "\N{EM DASH}"
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_KEY_ID_SIZE = 4
_MOST_SIGNATURES = 100  # the specification asks for at least 16
_FIXED_LINES = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log says of itself at one size: ``origin`` names the log, ``root`` is its Merkle tree hash."""

    origin: str
    size: int
    root: bytes

    def body(self) -> str:
        """The text that is signed, with its last newline."""
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\n"

    @classmethod
    def parse(cls, body: str) -> Self:
        """Read a body whose signature has been verified. Extension lines are passed over. Raises ValueError."""
        lines = body.removesuffix("\n").split("\n")
        if len(lines) < _FIXED_LINES or not all(lines):
            raise ValueError("it has an empty line, or fewer than three lines")
        origin, size, root = lines[:_FIXED_LINES]
        if not _SIZE.fullmatch(size):
            raise ValueError("its size is not a plain decimal number")
        if len(from_base64(root)) != DIGEST_SIZE:
            raise ValueError(f"its root is not {DIGEST_SIZE} bytes long")
        return cls(origin, int(size), from_base64(root))


@dataclass(frozen=True, slots=True)
class _Signature:
    name: str
    key_id: bytes
    signature: bytes

    @classmethod
    def parse(cls, line: str) -> Self:
        match line.split(" "):
            case [dash, name, encoded] if dash == _DASH:
                raw = from_base64(encoded)
            case _:
                raise ValueError("a signature line is not a dash, a name and a signature")
        if len(raw) <= _KEY_ID_SIZE:
            raise ValueError("a signature is too short")
        return cls(key_name(name), raw[:_KEY_ID_SIZE], raw[_KEY_ID_SIZE:])

    def is_by(self, key: VerifyingKey) -> bool:
        return (self.name, self.key_id) == (key.name, key.id)


def sign(checkpoint: Checkpoint, key: SigningKey) -> str:
    """The note: the checkpoint's body, an empty line, the signature line. ValueError if the key is another log's."""
    if checkpoint.origin != key.name:
        raise ValueError(f"a checkpoint of {checkpoint.origin} is not for the key of {key.name} to sign")
    body = checkpoint.body()
    signature = to_base64(key.verifying_key.id + key.sign(body.encode()))
    return f"{body}\n{_DASH} {key.name} {signature}\n"


def open_note(note: str, verifiers: Collection[VerifyingKey]) -> Checkpoint:
    """The checkpoint, once a key among ``verifiers`` that bears its origin as name has signed it.

    Signatures of unknown keys are passed over; one of a known key that fails spoils the note. Raises NotProven.
    """
    try:
        body, signatures = _split(note)
        names = _verified_names(body, signatures, verifiers)
        checkpoint = Checkpoint.parse(body)
    except ValueError as fault:
        raise NotProven(f"The checkpoint is malformed: {fault}. Fetch it again, byte for byte.") from None
    if checkpoint.origin not in names:
        raise NotProven(
            f"The checkpoint says it is of {checkpoint.origin}, but that log did not sign it. Check which log it is of."
        )
    return checkpoint


def _split(note: str) -> tuple[str, list[_Signature]]:
    """The signed text, and the signatures below the last empty line."""
    if _CONTROL.search(note):
        raise ValueError("it holds a control character")
    text, gap, rest = note.rpartition("\n\n")
    if not gap or not rest.endswith("\n"):
        raise ValueError("it is not a text, an empty line and signature lines")
    lines = rest.removesuffix("\n").split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise ValueError(f"it bears more than {_MOST_SIGNATURES} signatures")
    return f"{text}\n", [_Signature.parse(line) for line in lines]


def _verified_names(body: str, signatures: list[_Signature], verifiers: Collection[VerifyingKey]) -> set[str]:
    message = body.encode()
    by_known = [(each, key) for each in signatures for key in verifiers if each.is_by(key)]
    if not by_known:
        raise NotProven("No key that you trust signed this checkpoint. Compare the verifying key with its publisher.")
    for each, key in by_known:
        if not key.verifies(each.signature, message):
            raise NotProven(f"The signature of {key.name} does not fit the checkpoint: one of the two was changed.")
    return {key.name for _, key in by_known}
