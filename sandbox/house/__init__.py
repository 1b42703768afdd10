"""The supervisor: starts every part of the sandbox on loopback, looks after it, and leaves nothing behind."""
