"""What makes the ledger checkable by an outsider: Merkle tree, signed checkpoints, entry bytes, verification."""
