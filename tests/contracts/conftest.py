"""What the contract suites share: one moto server a session, clients for it and for nobody, a fresh organisation."""

import socket
from collections.abc import Iterator

import pytest

from integrations.aws_api import AwsApi
from sandbox import aws
from tests.contracts.organisation import Organisation, api_of


@pytest.fixture(scope="session")
def aws_simulator() -> Iterator[aws.AwsSimulator]:
    with aws.running() as simulator:
        yield simulator


@pytest.fixture(scope="session")
def aws_api(aws_simulator: aws.AwsSimulator) -> Iterator[AwsApi]:
    api = api_of(aws_simulator.endpoint)
    yield api
    api.close()


@pytest.fixture(scope="session")
def unreachable_aws() -> Iterator[AwsApi]:
    """Clients for a port that is bound and never listens."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        api = api_of(f"http://127.0.0.1:{silent.getsockname()[1]}")
        yield api
        api.close()


@pytest.fixture
def organisation(aws_api: AwsApi) -> Organisation:
    return Organisation(aws_api)
