"""Keys against published answers, their texts, and their file."""

import hashlib
import hmac
import os
from pathlib import Path

import pytest

from core.errors import ConfigurationFault, Conflict
from core.proof.keys import SigningKey, VerifyingKey

# The example key of the reference implementation of signed notes (Go, golang.org/x/mod/sumdb/note).
PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def test_signatures_are_those_of_rfc_8032() -> None:
    """RFC 8032, section 7.1, tests 1 and 2."""
    first = SigningKey("log", bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
    second = SigningKey("log", bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
    assert first.verifying_key.public.hex() == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert first.sign(b"").hex() == (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b"
    )
    assert second.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert first.verifying_key.verifies(first.sign(b""), b"")
    assert not first.verifying_key.verifies(first.sign(b""), b"else")
    assert not first.verifying_key.verifies(b"short", b"")


def test_the_published_key_pair_is_read_and_belongs_together() -> None:
    key = SigningKey.parse(PRIVATE)
    assert str(key.verifying_key) == PUBLIC
    assert VerifyingKey.parse(PUBLIC) == key.verifying_key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        PUBLIC[1:],
        PUBLIC[:-1],
        PUBLIC + "\n",
        PUBLIC.replace("c74f20a3", "C74F20A3"),
        PUBLIC.replace("c74f20a3", "c74f20a4"),
        PUBLIC.replace("ARpc", "AR c"),
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        # another algorithm, and a longer key, each with the id that would fit it
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        PRIVATE,
    ],
)
def test_a_mangled_verifying_key_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationFault, match=r"verifying key: .*Give it whole"):
        VerifyingKey.parse(text)


@pytest.mark.parametrize(
    "text", [PUBLIC, PRIVATE[1:], PRIVATE[:-1], PRIVATE.replace("c7", "c8"), PRIVATE.replace("AYEK", "AYEL")]
)
def test_a_mangled_signing_key_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(ConfigurationFault, match="Restore the key") as refusal:
        SigningKey.parse(text)
    assert "FALVFGyN" not in str(refusal.value)


@pytest.mark.parametrize("name", ["", "two words", "no\u00a0break", "a+b", "line\nbreak", "bell\x07", "\ud800"])
def test_a_name_that_notes_do_not_allow_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="key's name"):
        SigningKey.generate(name)
    with pytest.raises(ValueError, match="key's name"):
        VerifyingKey(name, bytes(32))


def test_a_signing_key_shows_its_name_and_never_its_seed() -> None:
    key = SigningKey.parse(PRIVATE)
    for text in (repr(key), str(key), f"{key}"):
        assert "PeterNeumann" in text
        assert "AYEK" not in text
        assert repr(key.seed)[2:10] not in text


def test_the_entry_mac_key_is_hkdf_of_the_seed() -> None:
    """RFC 5869 written out: extract with a salt of zeros, then the first block of expand."""
    key = SigningKey("log", bytes(range(32)))
    extracted = hmac.digest(bytes(32), key.seed, "sha256")
    expanded = hmac.digest(extracted, b"chaperone/ledger-entry-mac/v1" + b"\x01", hashlib.sha256)
    assert key.entry_mac_key() == expanded


def test_a_written_key_is_private_and_comes_back(tmp_path: Path) -> None:
    path, key = tmp_path / "ledger.key", SigningKey.generate("clinic.example/ledger")
    before = os.umask(0)
    try:
        key.write(path)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert SigningKey.load(path) == key
    assert [each.name for each in tmp_path.iterdir()] == ["ledger.key"]


def test_a_key_file_is_never_replaced(tmp_path: Path) -> None:
    path, key = tmp_path / "ledger.key", SigningKey.generate("log")
    key.write(path)
    with pytest.raises(Conflict, match=r"exists already\. Load that key"):
        SigningKey.generate("log").write(path)
    assert SigningKey.load(path) == key
    assert [each.name for each in tmp_path.iterdir()] == ["ledger.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_key_that_others_can_read_is_refused_with_the_cure(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "ledger.key"
    SigningKey.generate("log").write(path)
    path.chmod(mode)
    with pytest.raises(ConfigurationFault, match=f"chmod 600 {path}"):
        SigningKey.load(path)


@pytest.mark.parametrize("content", [b"", b"not a key\n", b"\xff\xfe\n"])
def test_a_damaged_key_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ledger.key"
    path.touch(mode=0o600)
    path.write_bytes(content)
    with pytest.raises(ConfigurationFault, match=f"^{path}:1: .*Restore the key"):
        SigningKey.load(path)


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationFault, match=r"No such file.*correct the path"):
        SigningKey.load(tmp_path / "nowhere.key")
