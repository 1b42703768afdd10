"""Ed25519 keys as signed notes write them, and the file in which the signing key lives."""

import os
import stat
import tempfile
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import ConfigurationFault, Conflict
from core.proof.encoding import from_base64, key_name, to_base64

_ED25519 = b"\x01"  # signature type of https://c2sp.org/signed-note
_RAW_SIZE = 32
_PRIVATE = "PRIVATE+KEY+"
_ENTRY_MAC = b"chaperone/ledger-entry-mac/v1"
_READABLE_BY_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_LONGEST_FILE = 4096


@dataclass(frozen=True)
class VerifyingKey:
    """A public key under the name of its log. ``str()`` is the form to publish: ``name+id+base64``."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        key_name(self.name)

    @cached_property
    def id(self) -> bytes:
        """Four bytes that pick the key out of several of that name; no security rests on them."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``name+id+base64(0x01 || public key)``. Raises ConfigurationFault."""
        try:
            name, key_id, public = _split(text)
            key = cls(name, public)
            _require_id(key_id, key)
        except ValueError as fault:
            raise ConfigurationFault(
                [f"verifying key: {fault}. Give it whole, as one line of the form name+8 hex digits+base64."]
            ) from None
        return key

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{to_base64(_ED25519 + self.public)}"

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Whether this is the key's Ed25519 signature (RFC 8032) of the message."""
        try:
            self._ed25519.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    @cached_property
    def _ed25519(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.public)


@dataclass(frozen=True)
class SigningKey:
    """The log's private key. Neither ``repr()`` nor ``str()`` shows the seed."""

    name: str
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        key_name(self.name)

    @classmethod
    def generate(cls, name: str) -> Self:
        return cls(name, os.urandom(_RAW_SIZE))

    @classmethod
    def parse(cls, text: str, *, where: str = "signing key") -> Self:
        """Read ``PRIVATE+KEY+name+id+base64(0x01 || seed)``. Raises ConfigurationFault, which never quotes it."""
        try:
            name, key_id, seed = _split(text, after=_PRIVATE)
            key = cls(name, seed)
            _require_id(key_id, key.verifying_key)
        except ValueError as fault:
            raise ConfigurationFault([f"{where}: {fault}. Restore the key from its backup."]) from None
        return key

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the key from a file that only its owner may read. Raises ConfigurationFault."""
        try:
            with path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                text = file.read(_LONGEST_FILE).decode("utf-8", errors="replace")
        except OSError as fault:
            raise ConfigurationFault(
                [f"{path}:1: the signing key cannot be read ({fault.strerror}). Create it, or correct the path."]
            ) from None
        if mode & _READABLE_BY_OTHERS:
            raise ConfigurationFault(
                [f"{path}:1: others on this machine can read the signing key. Run: chmod 600 {path}"]
            )
        return cls.parse(text.removesuffix("\n"), where=f"{path}:1")

    def write(self, path: Path) -> None:
        """Create the file, mode 0600, whole or not at all. Raises Conflict where there is one already."""
        descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(self._encoded() + "\n")
                file.flush()
                os.fsync(file.fileno())
            # A link, unlike a rename, never replaces: losing a signing key orphans everything it signed.
            path.hardlink_to(draft)
        except FileExistsError:
            raise Conflict(f"{path} exists already. Load that key, or move the file away first.") from None
        finally:
            Path(draft).unlink()
        _sync_folder(path.parent)

    @cached_property
    def verifying_key(self) -> VerifyingKey:
        return VerifyingKey(self.name, self._ed25519.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """64 bytes of Ed25519 signature (RFC 8032); the same message always gives the same bytes."""
        return self._ed25519.sign(message)

    def entry_mac_key(self) -> bytes:
        """32 bytes to authenticate single entries, derived from the seed (HKDF-SHA256, RFC 5869)."""
        return HKDF(SHA256(), _RAW_SIZE, salt=None, info=_ENTRY_MAC).derive(self.seed)

    def _encoded(self) -> str:
        return f"{_PRIVATE}{self.name}+{self.verifying_key.id.hex()}+{to_base64(_ED25519 + self.seed)}"

    @cached_property
    def _ed25519(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def _split(text: str, *, after: str = "") -> tuple[str, str, bytes]:
    """Name, id in hex, and the 32 raw bytes behind the algorithm byte. ValueError for anything else."""
    # At most two splits: base64 may itself hold a plus.
    match text.removeprefix(after).split("+", 2):
        case [name, key_id, encoded] if text.startswith(after):
            raw = from_base64(encoded)
        case _:
            raise ValueError(f"it is not of the form {after}name+id+base64")
    if raw[:1] != _ED25519 or len(raw) != 1 + _RAW_SIZE:
        raise ValueError("it is not an Ed25519 key")
    return key_name(name), key_id, raw[1:]


def _require_id(written: str, key: VerifyingKey) -> None:
    if written != key.id.hex():
        raise ValueError("its id does not fit its key")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
