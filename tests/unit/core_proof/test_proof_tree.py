"""The tree against published answers, and its refusals."""

import pytest

from core.proof.errors import NotProven
from core.proof.tree import (
    EMPTY_ROOT,
    Frontier,
    Tree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# The eight leaves, and the roots of the trees of 0 to 8 of them, with which every Certificate Transparency
# implementation tests its RFC 6962 tree.
LEAVES = [
    leaf_hash(bytes.fromhex(text))
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size]
    assert Tree(LEAVES).root(size).hex() == ROOTS[size]


def test_the_proofs_are_those_of_the_rfc_example() -> None:
    """RFC 6962, section 2.1.3, with its letters, except that its l is called seventh and its j is leaf 6."""
    a, b, c, d, e, f, j, _ = LEAVES
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, seventh = node_hash(g, h), node_hash(i, j)
    assert inclusion_proof(LEAVES, 0, 7) == [b, h, seventh]
    assert inclusion_proof(LEAVES, 3, 7) == [c, g, seventh]
    assert inclusion_proof(LEAVES, 4, 7) == [f, j, k]
    assert inclusion_proof(LEAVES, 6, 7) == [i, k]
    assert consistency_proof(LEAVES, 3, 7) == [c, d, g, seventh]
    assert consistency_proof(LEAVES, 4, 7) == [seventh]
    assert consistency_proof(LEAVES, 6, 7) == [i, j, k]


def test_there_is_nothing_to_prove_from_an_empty_or_an_equal_tree() -> None:
    assert consistency_proof(LEAVES, 0, 7) == consistency_proof(LEAVES, 7, 7) == []


def test_an_empty_tree_grows_into_any_tree_and_equals_itself() -> None:
    verify_consistency(0, EMPTY_ROOT, 7, root_of(LEAVES[:7]), [])
    verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])
    verify_consistency(7, root_of(LEAVES[:7]), 7, root_of(LEAVES[:7]), [])


@pytest.mark.parametrize(
    ("old_size", "old_root", "proof"),
    [
        (0, LEAVES[0], []),  # not the root of nothing
        (0, EMPTY_ROOT, [LEAVES[0]]),  # nothing needs no proof
        (7, LEAVES[0], []),
        (7, root_of(LEAVES[:7]), [LEAVES[0]]),
        (8, root_of(LEAVES), []),  # shrunk
        (-1, EMPTY_ROOT, []),
        (3, root_of(LEAVES[:3]), []),
        (3, root_of(LEAVES[:3]), consistency_proof(LEAVES, 3, 7)[:-1]),
        (3, root_of(LEAVES[:3]), [*consistency_proof(LEAVES, 3, 7), LEAVES[0]]),
        (3, root_of(LEAVES[:3]), consistency_proof(LEAVES, 3, 6)),
        (3, root_of(LEAVES[:2]), consistency_proof(LEAVES, 3, 7)),
        (3, root_of(LEAVES[:3]), [b"short", *consistency_proof(LEAVES, 3, 7)[1:]]),
    ],
)
def test_a_wrong_consistency_proof_is_refused(old_size: int, old_root: bytes, proof: list[bytes]) -> None:
    with pytest.raises(NotProven):
        verify_consistency(old_size, old_root, 7, root_of(LEAVES[:7]), proof)


@pytest.mark.parametrize(
    ("index", "proof"),
    [
        (7, inclusion_proof(LEAVES, 3, 7)),
        (-1, inclusion_proof(LEAVES, 3, 7)),
        (2, inclusion_proof(LEAVES, 3, 7)),
        (3, inclusion_proof(LEAVES, 3, 7)[:-1]),
        (3, [*inclusion_proof(LEAVES, 3, 7), LEAVES[0]]),
        (3, [b"short", *inclusion_proof(LEAVES, 3, 7)[1:]]),
        (3, inclusion_proof(LEAVES, 3, 6)),
    ],
)
def test_a_wrong_inclusion_proof_is_refused(index: int, proof: list[bytes]) -> None:
    with pytest.raises(NotProven):
        verify_inclusion(LEAVES[3], index, 7, proof, root_of(LEAVES[:7]))


def test_bytes_may_not_wander_from_one_hash_of_a_proof_to_its_neighbour() -> None:
    left, right = LEAVES[:2]
    with pytest.raises(NotProven, match="32 bytes"):
        verify_inclusion(left + right[:1], 0, 2, [right[1:]], node_hash(left, right))


@pytest.mark.parametrize(("index", "size"), [(3, 3), (-1, 3), (0, 0), (0, 9), (0, -1)])
def test_there_is_no_inclusion_proof_of_what_is_not_in_the_tree(index: int, size: int) -> None:
    with pytest.raises(ValueError, match=r"has no leaf|it never had size"):
        inclusion_proof(LEAVES, index, size)


@pytest.mark.parametrize(("old_size", "new_size"), [(4, 3), (-1, 3), (3, 9)])
def test_there_is_no_consistency_proof_between_trees_that_never_were(old_size: int, new_size: int) -> None:
    with pytest.raises(ValueError, match="tree"):
        consistency_proof(LEAVES, old_size, new_size)


@pytest.mark.parametrize(
    ("size", "hashes"),
    [(-1, []), (0, LEAVES[:1]), (3, LEAVES[:1]), (1, [b"short"])],
)
def test_a_frontier_that_cannot_be_is_refused(size: int, hashes: list[bytes]) -> None:
    with pytest.raises(ValueError, match="frontier of size"):
        Frontier.from_list(size, hashes)


def test_a_stored_frontier_grows_on() -> None:
    stored = Frontier()
    stored.append(LEAVES[:5])
    hashes = stored.to_list()
    assert hashes == [root_of(LEAVES[:4]), LEAVES[4]]

    again = Frontier.from_list(5, hashes)
    again.append(LEAVES[5:])

    assert (again.size, again.root().hex()) == (8, ROOTS[8])
