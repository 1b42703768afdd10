"""Signed checkpoints: byte for byte, and every way to be malformed."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.proof.checkpoint import Checkpoint, open_note, sign
from core.proof.errors import NotProven
from core.proof.keys import SigningKey

ORIGIN = "log.example/chaperone"
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")  # RFC 8032, 7.1, test 1
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
KEY = SigningKey(ORIGIN, SEED)
CHECKPOINT = Checkpoint(ORIGIN, 1, hashlib.sha256(b"\x00").digest())  # the tree of one empty leaf (RFC 6962, 2.1)
NOTE = sign(CHECKPOINT, KEY)
BODY, LINE = NOTE.split("\n\n")
OTHER = SigningKey("witness.example", bytes(32))


def line_of(key: SigningKey, body: str) -> str:
    return f"— {key.name} {base64.b64encode(key.verifying_key.id + key.sign(body.encode())).decode()}\n"


def signed(body: str) -> str:
    """A note with a true signature over whatever body."""
    return body + "\n" + line_of(KEY, body)


def test_a_note_is_what_the_specification_says_step_by_step() -> None:
    """Derived from the two specifications with nothing of ours: body, key id, signature line."""
    root = "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0="
    assert base64.b64decode(root).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    body = "log.example/chaperone\n1\n" + root + "\n"
    key_id = hashlib.sha256(b"log.example/chaperone" + b"\x0a" + b"\x01" + PUBLIC).digest()[:4]
    signature = Ed25519PrivateKey.from_private_bytes(SEED).sign(body.encode("utf-8"))
    dash = b"\xe2\x80\x94".decode("utf-8")  # U+2014
    line = dash + " log.example/chaperone " + base64.b64encode(key_id + signature).decode() + "\n"
    assert body + "\n" + line == NOTE


def test_a_signature_line_is_that_of_the_reference_implementation() -> None:
    """The example note of golang.org/x/mod/sumdb/note: Ed25519 is deterministic, so ours has to be the same."""
    key = SigningKey.parse("PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    published = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    assert base64.b64encode(key.verifying_key.id + key.sign(text.encode())).decode() == published
    # A genuine note, and yet not a checkpoint.
    with pytest.raises(NotProven, match="malformed"):
        open_note(f"{text}\n— PeterNeumann {published}\n", [key.verifying_key])


def test_a_signed_checkpoint_opens_again() -> None:
    assert open_note(NOTE, [OTHER.verifying_key, KEY.verifying_key]) == CHECKPOINT


def test_an_empty_tree_can_be_signed() -> None:
    empty = Checkpoint(ORIGIN, 0, hashlib.sha256(b"").digest())
    assert open_note(sign(empty, KEY), [KEY.verifying_key]) == empty


def test_a_key_signs_for_its_own_log_only() -> None:
    with pytest.raises(ValueError, match="not for the key"):
        sign(CHECKPOINT, OTHER)


def test_signatures_of_strangers_are_passed_over() -> None:
    renamed = LINE.replace(ORIGIN, "stranger.example")  # the id of a known key under another name
    foreign = f"— {ORIGIN} {base64.b64encode(b'abcde').decode()}\n"  # the name of a known key with another id
    assert open_note(f"{BODY}\n\n{foreign}{renamed}{line_of(OTHER, 'else')}{LINE}", [KEY.verifying_key]) == CHECKPOINT


def test_a_note_of_strangers_alone_is_refused() -> None:
    for verifiers in ([], [OTHER.verifying_key]):
        with pytest.raises(NotProven, match="No key that you trust"):
            open_note(NOTE, verifiers)


def test_a_known_key_that_fails_spoils_the_note_even_beside_one_that_does_not() -> None:
    spoiled = NOTE + line_of(OTHER, "another text\n")
    with pytest.raises(NotProven, match=r"signature of witness\.example does not fit"):
        open_note(spoiled, [KEY.verifying_key, OTHER.verifying_key])


def test_a_trusted_key_cannot_speak_for_another_log() -> None:
    body = f"{BODY}\n"
    with pytest.raises(NotProven, match="that log did not sign it"):
        open_note(f"{body}\n{line_of(OTHER, body)}", [OTHER.verifying_key])


def test_a_witness_may_sign_beside_the_log() -> None:
    witnessed = NOTE + line_of(OTHER, f"{BODY}\n")
    assert open_note(witnessed, [KEY.verifying_key, OTHER.verifying_key]) == CHECKPOINT


def test_extension_lines_are_allowed_and_passed_over() -> None:
    assert open_note(signed(f"{BODY}\nmore\n"), [KEY.verifying_key]) == CHECKPOINT


ROOT = BODY.split("\n")[2]


@pytest.mark.parametrize(
    "body",
    [
        f"{ORIGIN}\n1\n",
        f"\n1\n{ROOT}\n",
        f"{ORIGIN}\n\n{ROOT}\n",
        f"{ORIGIN}\n01\n{ROOT}\n",
        f"{ORIGIN}\n+1\n{ROOT}\n",
        f"{ORIGIN}\n-1\n{ROOT}\n",
        f"{ORIGIN}\n1 \n{ROOT}\n",
        f"{ORIGIN}\n\u0661\n{ROOT}\n",
        f"{ORIGIN}\n{'9' * 20}\n{ROOT}\n",
        f"{ORIGIN}\n1\n{ROOT[:-1]}\n",
        f"{ORIGIN}\n1\n{ROOT[:-2]}1=\n",  # the same bytes in another spelling
        f"{ORIGIN}\n1\nAAAA\n",
        f"{ORIGIN}\n1\n{ROOT}\n\nmore\n",
    ],
)
def test_a_signed_text_that_is_no_checkpoint_is_refused(body: str) -> None:
    with pytest.raises(NotProven, match="malformed"):
        open_note(signed(body), [KEY.verifying_key])


@pytest.mark.parametrize(
    "note",
    [
        "",
        f"{BODY}\n",
        f"{BODY}\n\n",
        NOTE[:-1],
        NOTE + "\n",
        NOTE.replace("\n", "\r\n"),
        NOTE.replace("—", "-"),
        NOTE.replace("— ", "—"),
        NOTE.replace("— ", "—  "),
        NOTE + "— stranger.example\n",
        NOTE + "— stranger.example !!!!\n",
        NOTE + "— stranger.example AAAA\n",
        NOTE + "— stran+ger AAAAAAAA\n",
        NOTE + "—  AAAAAAAA\n",
        NOTE + "— \u00e9 \u00e9\n",
        NOTE.replace("\n1\n", "\n1\t\n"),
        NOTE.replace(ORIGIN, "\ud800", 1),
        NOTE + LINE * 100,
        "garbage\n" + NOTE.replace("\n\n", "\n"),
    ],
)
def test_a_malformed_note_is_refused(note: str) -> None:
    with pytest.raises(NotProven):
        open_note(note, [KEY.verifying_key])
