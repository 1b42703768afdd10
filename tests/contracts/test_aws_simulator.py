"""The sandbox's AWS: it starts, holds the clinic, and leaves nothing running."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from core.clock import ManualClock
from integrations.aws import IdentityCenter
from integrations.aws_api import AwsApi
from integrations.directory import IdentityStoreDirectory
from integrations.ports import Access
from sandbox import aws, aws_front
from sandbox.aws.process import end, start_module

CLINIC = Path("examples/clinic")


def test_seeding_twice_is_seeding_once(aws_simulator: aws.AwsSimulator) -> None:
    first = aws.seed(aws_simulator.endpoint, CLINIC)
    assert aws.seed(aws_simulator.endpoint, CLINIC) == first
    assert first.accounts == {"111122223333", "444455556666"}
    assert first.permission_sets.keys() == {"ReadOnly", "PowerUser", "Administrator"}


async def test_the_seeded_clinic_can_be_asked_and_granted_access(
    aws_simulator: aws.AwsSimulator, aws_api: AwsApi
) -> None:
    seeded = aws.seed(aws_simulator.endpoint, CLINIC)
    directory = IdentityStoreDirectory(aws_api)
    assert {one.subject for one in await directory.members("dba")} == {seeded.users["p-ben"], seeded.users["p-chloe"]}
    assert (await directory.person(seeded.users["p-gus"])).guest
    assert "p-dana" not in seeded.users
    clock = ManualClock()
    access = Access("aws-prod", "read-only", "ana.ruiz", {"account": "111122223333", "permission_set": "ReadOnly"})
    provider = IdentityCenter(aws_api, clock=clock)
    await provider.grant(access, until=clock.now() + timedelta(hours=1), key="g")
    assert (await provider.observe(access)).present
    await provider.revoke(access, key="g")


async def test_boto3_finds_the_simulator_by_the_environment_alone(
    aws_simulator: aws.AwsSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in aws_simulator.environment.items():
        monkeypatch.setenv(name, value)
    api = AwsApi()
    assert "answers" in await IdentityCenter(api, clock=ManualClock()).check()
    api.close()


def test_the_simulator_ends_when_it_is_stopped() -> None:
    with aws.running() as simulator:
        assert httpx.get(f"{simulator.endpoint}/moto-api/", trust_env=False).status_code == 200
        assert simulator.started_in > 0
    assert simulator.process.returncode == 0


@pytest.mark.parametrize("module", ["sandbox.aws", "sandbox.aws_front"])
def test_a_server_ends_when_its_parent_is_gone(module: str) -> None:
    more = ["--upstream", "http://127.0.0.1:9"] if module == "sandbox.aws_front" else []
    process, _, _ = start_module(module, *more)
    assert process.stdin
    process.stdin.close()
    assert process.wait(10) == 0


def test_a_server_that_does_not_start_tells_why() -> None:
    with pytest.raises(aws.DidNotStart, match=r"No module named .*nothing_there"):
        start_module("sandbox.nothing_there")


def test_a_server_that_will_not_end_is_killed() -> None:
    stubborn = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.PIPE)
    assert process.stdout
    assert os.read(process.stdout.fileno(), 1)
    end(process, patience=0.1)
    process.stdout.close()
    assert process.returncode == -9


def test_the_front_starts_and_stops(aws_simulator: aws.AwsSimulator, tmp_path: Path) -> None:
    with aws_front.running(aws_simulator.endpoint, log=tmp_path / "front.log") as front:
        assert httpx.get(f"{front.endpoint}/moto-api/", trust_env=False).status_code == 200
    assert front.process.returncode is not None
