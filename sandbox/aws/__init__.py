"""AWS on this machine: moto's server, a simulator and never AWS, in a process of its own on loopback."""

from sandbox.aws.seed import Seeded, seed, session
from sandbox.aws.simulator import (
    ACCESS_KEY,
    REGION,
    AwsSimulator,
    DidNotStart,
    environment,
    running,
    start,
)

__all__ = [
    "ACCESS_KEY",
    "REGION",
    "AwsSimulator",
    "DidNotStart",
    "Seeded",
    "environment",
    "running",
    "seed",
    "session",
    "start",
]
