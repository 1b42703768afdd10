"""The RFC 6962 Merkle tree on SHA-256: roots, a frontier that grows it in batches, and the two kinds of proof."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from core.proof.errors import NotProven

DIGEST_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def pair_up(nodes: Iterable[bytes]) -> list[bytes]:
    """The parents of neighbouring nodes, left to right. A last node without a neighbour is left out."""
    each = iter(nodes)
    # node_hash written out: a call per node costs a fifth of the time.
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(each, each, strict=False)]


class Frontier:
    """The right edge of a tree: the roots of its full subtrees, at most one per height. Mutable.

    It holds all that is needed to append, and 32 bytes per bit of the size, so that a sequencer can extend
    a tree of any size from what it stored the last time.
    """

    def __init__(self) -> None:
        self.size = 0
        self._by_height: list[bytes | None] = []

    @classmethod
    def from_list(cls, size: int, hashes: list[bytes]) -> "Frontier":
        """The frontier that ``to_list`` wrote at that size. ValueError if the two cannot belong together."""
        if size < 0 or len(hashes) != size.bit_count() or any(len(each) != DIGEST_SIZE for each in hashes):
            raise ValueError(f"a frontier of size {size} is another number of hashes of {DIGEST_SIZE} bytes")
        frontier = cls()
        frontier.size = size
        smallest_first = reversed(hashes)
        frontier._by_height = [
            next(smallest_first) if size >> height & 1 else None for height in range(size.bit_length())
        ]
        return frontier

    def to_list(self) -> list[bytes]:
        """Roots of the full subtrees, the largest (leftmost) first."""
        return [node for node in reversed(self._by_height) if node is not None]

    def append(self, leaf_hashes: Iterable[bytes]) -> None:
        """Add leaves on the right, in their order. A batch costs about one hash per leaf."""
        nodes, height = list(leaf_hashes), 0
        self.size += len(nodes)
        while nodes:
            if height == len(self._by_height):
                self._by_height.append(None)
            if (left := self._by_height[height]) is not None:
                nodes.insert(0, left)
            self._by_height[height] = nodes[-1] if len(nodes) % 2 else None
            nodes, height = pair_up(nodes), height + 1

    def root(self) -> bytes:
        """The Merkle tree hash (RFC 6962, section 2.1) of every leaf appended so far."""
        root: bytes | None = None
        for node in self._by_height:
            if node is not None:
                root = node if root is None else node_hash(node, root)
        return EMPTY_ROOT if root is None else root


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """The Merkle tree hash of these leaves (RFC 6962, section 2.1)."""
    frontier = Frontier()
    frontier.append(leaf_hashes)
    return frontier.root()


class Tree:
    """A tree with all of its full subtrees kept: about 64 bytes of digest per leaf, for many proofs from one tree."""

    def __init__(self, leaf_hashes: Iterable[bytes]) -> None:
        self._levels = [list(leaf_hashes)]
        while len(self._levels[-1]) > 1:
            self._levels.append(pair_up(self._levels[-1]))

    @property
    def size(self) -> int:
        return len(self._levels[0])

    def root(self, size: int) -> bytes:
        """The root when the tree had that size. ValueError if it never had."""
        self._known(size)
        return self._subtree(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """PATH(index, D[size]) of RFC 6962, section 2.1.1: from the leaf's neighbour up. Index counts from 0."""
        self._known(size)
        if not 0 <= index < size:
            raise ValueError(f"a tree of size {size} has no leaf {index}")
        proof, low, high = [], 0, size
        while high - low > 1:
            middle = low + _largest_power_below(high - low)
            if index < middle:
                proof.append(self._subtree(middle, high))
                high = middle
            else:
                proof.append(self._subtree(low, middle))
                low = middle
        return proof[::-1]

    def consistency(self, old_size: int, new_size: int) -> list[bytes]:
        """PROOF(old_size, D[new_size]) of RFC 6962, section 2.1.2. Empty from size 0, and between equal sizes."""
        self._known(new_size)
        if not 0 <= old_size <= new_size:
            raise ValueError(f"a tree of size {new_size} did not grow from one of size {old_size}")
        proof, low, high = [], 0, new_size
        while 0 < old_size < high:
            middle = low + _largest_power_below(high - low)
            if old_size <= middle:
                proof.append(self._subtree(middle, high))
                high = middle
            else:
                proof.append(self._subtree(low, middle))
                low = middle
        # Where low stayed 0, the subtree reached is the whole old tree, whose root the verifier has.
        return [self._subtree(low, high), *proof[::-1]] if low else proof[::-1]

    def _known(self, size: int) -> None:
        if not 0 <= size <= self.size:
            raise ValueError(f"this tree has {self.size} leaves; it never had size {size}")

    def _subtree(self, low: int, high: int) -> bytes:
        """The root over leaves low to high, where low is a multiple of the largest full subtree that fits."""
        root: bytes | None = None
        while low < high:
            # The last full subtree is as high as the lowest bit of the width; what is left of it is larger.
            height = ((high - low) & (low - high)).bit_length() - 1
            high -= 1 << height
            node = self._levels[height][high >> height]
            root = node if root is None else node_hash(node, root)
        assert root is not None  # noqa: S101  callers never ask for an empty range
        return root


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int, size: int) -> list[bytes]:
    """The proof that leaf ``index`` (from 0) is in the tree of the first ``size`` leaves. ValueError if it is not.

    Hashes every leaf; for many proofs from one tree, keep a ``Tree``.
    """
    return Tree(leaf_hashes).inclusion(index, size)


def consistency_proof(leaf_hashes: Sequence[bytes], old_size: int, new_size: int) -> list[bytes]:
    """The proof that the tree of ``new_size`` leaves grew from that of ``old_size``. ValueError if it did not."""
    return Tree(leaf_hashes).consistency(old_size, new_size)


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Raises NotProven unless the leaf hash is leaf ``index`` of the tree with this root (RFC 9162, 2.1.3.2).

    The proof alone does not bind ``size``: take size and root from one signed checkpoint.
    """
    if not 0 <= index < size:
        raise NotProven(f"A tree of {size} entries has no entry {index}. Ask for the proof again.")
    _require_digests(leaf, root, *proof)
    node, last, hash_ = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise NotProven("The inclusion proof is too long for its tree. Ask for the proof again.")
        if node & 1 or node == last:
            hash_ = node_hash(sibling, hash_)
            node, last = _up_to_right_child(node, last)
        else:
            hash_ = node_hash(hash_, sibling)
        node, last = node >> 1, last >> 1
    if last != 0 or hash_ != root:
        raise NotProven(f"Entry {index} is not in the tree with this root. Ask for the proof and the entry again.")


def verify_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raises NotProven unless the new tree only appended to the old one (RFC 9162, section 2.1.4.2)."""
    if not 0 <= old_size <= new_size:
        raise NotProven(
            f"A tree of {new_size} entries cannot have grown from {old_size}. Swap or fetch the checkpoints."
        )
    _require_digests(old_root, new_root, *proof)
    if old_size in (0, new_size):
        expected = new_root if old_size else EMPTY_ROOT
        if proof or old_root != expected:
            raise NotProven(f"The two trees disagree at size {old_size}. One of the checkpoints is not of this ledger.")
        return
    old, new = _roots_from_consistency(old_size, old_root, new_size, proof)
    if old != old_root or new != new_root:
        raise NotProven(f"The tree of size {new_size} changed what the tree of size {old_size} held.")


def _roots_from_consistency(
    old_size: int, old_root: bytes, new_size: int, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """Both roots, rebuilt from the proof: steps 1 to 6 of the RFC's algorithm."""
    is_full = old_size & (old_size - 1) == 0
    path = [old_root, *proof] if is_full else list(proof)
    if not path:
        raise NotProven("The consistency proof is empty. Ask for it again.")
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for hash_ in path[1:]:
        if last == 0:
            raise NotProven("The consistency proof is too long for its trees. Ask for it again.")
        if node & 1 or node == last:
            old, new = node_hash(hash_, old), node_hash(hash_, new)
            node, last = _up_to_right_child(node, last)
        else:
            new = node_hash(new, hash_)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise NotProven("The consistency proof is too short for its trees. Ask for it again.")
    return old, new


def _up_to_right_child(node: int, last: int) -> tuple[int, int]:
    """Skip the heights at which the last node of the tree has no neighbour and so is its own parent."""
    while node and not node & 1:
        node, last = node >> 1, last >> 1
    return node, last


def _largest_power_below(width: int) -> int:
    """The largest power of two smaller than ``width``, which is at least 2 (RFC 6962's k)."""
    return 1 << ((width - 1).bit_length() - 1)


def _require_digests(*hashes: bytes) -> None:
    # Two hashes of 31 and 33 bytes would hash like two of 32.
    if any(len(each) != DIGEST_SIZE for each in hashes):
        raise NotProven(f"The proof holds a hash that is not {DIGEST_SIZE} bytes long. Ask for it again.")
