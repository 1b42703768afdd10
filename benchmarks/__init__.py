"""Benchmarks: each a ratio within one run, against a named limit or rival."""
