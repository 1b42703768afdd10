"""One entry with all that an outsider needs to check it offline, as a JSON document."""

from dataclasses import dataclass
from typing import Self

import orjson

from core.proof.checkpoint import open_note
from core.proof.encoding import from_base64, to_base64
from core.proof.entry import NAMES, VERSION, EntryFields, canonical, parse
from core.proof.errors import NotProven
from core.proof.keys import VerifyingKey
from core.proof.tree import leaf_hash, verify_inclusion

FORMAT = "chaperone-inclusion/v1"


@dataclass(frozen=True, slots=True)
class Inclusion:
    """The claim that ``entry`` is number ``index`` (from 0) of the tree whose root ``checkpoint`` signs."""

    entry: EntryFields
    index: int
    size: int
    hashes: tuple[bytes, ...]
    """The inclusion proof, from the leaf up."""
    checkpoint: str
    """The signed note for exactly ``size``."""

    def to_json(self) -> str:
        """Indented JSON. The entry's fields stand in the order, and the spelling, of its canonical bytes."""
        values = orjson.loads(canonical(self.entry))[1:]
        document = {
            "format": FORMAT,
            "entry": dict(zip(NAMES, values, strict=True)),
            "index": self.index,
            "size": self.size,
            "hashes": [to_base64(each) for each in self.hashes],
            "checkpoint": self.checkpoint,
        }
        return orjson.dumps(document, option=orjson.OPT_INDENT_2).decode()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises NotProven for any other document."""
        try:
            match orjson.loads(text):
                case {
                    "format": "chaperone-inclusion/v1",
                    "entry": dict(entry),
                    "index": int(index),
                    "size": int(size),
                    "hashes": list(hashes),
                    "checkpoint": str(checkpoint),
                }:
                    return cls(
                        entry=parse(orjson.dumps([VERSION, *(entry[name] for name in NAMES)])),
                        index=index,
                        size=size,
                        hashes=tuple(from_base64(each) for each in hashes),
                        checkpoint=checkpoint,
                    )
        except (KeyError, TypeError, ValueError) as fault:
            raise NotProven(f"The inclusion proof is damaged ({fault}). Ask for the file again.") from None
        raise NotProven(f"This is not a {FORMAT} document. Ask for the file again, or for a newer verifier.")


def verify_offline(inclusion_json: str, vkey: str) -> None:
    """Raises NotProven unless the log with this verifying key committed to this entry.

    ``vkey`` comes from somewhere else than the document. Raises ConfigurationFault if it is not a key.
    """
    inclusion = Inclusion.from_json(inclusion_json)
    checkpoint = open_note(inclusion.checkpoint, [VerifyingKey.parse(vkey)])
    if checkpoint.size != inclusion.size:
        raise NotProven(
            f"The checkpoint is of size {checkpoint.size}, the proof of {inclusion.size}. Ask for both again."
        )
    leaf = leaf_hash(canonical(inclusion.entry))
    verify_inclusion(leaf, inclusion.index, inclusion.size, inclusion.hashes, checkpoint.root)
