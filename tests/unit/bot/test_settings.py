"""The environment: every fault at once, each with its cure, no secret shown."""

import logging

import pytest

from bot.settings import Settings
from core.errors import ConfigurationFault


def faults(*needs: str) -> list[str]:
    return Settings.read(*needs)[1]  # type: ignore[arg-type]


def test_a_complete_environment_has_no_faults(environment: pytest.MonkeyPatch) -> None:
    settings = Settings.load("slack_front", "slack_api", "vendors")
    assert settings.port == 0
    assert settings.level == logging.INFO
    assert settings.loopback
    assert not settings.socket_mode


def test_every_fault_is_found_at_once_and_each_names_its_cure(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PORT", "99999")
    environment.setenv("LOG_LEVEL", "loud")
    environment.setenv("DATABASE_URL", "mysql://u:secret@h/d")
    environment.setenv("SLACK_API_URL", "http://slack.example/api/")
    environment.setenv("SLACK_APP_TOKEN", "wrong")
    environment.setenv("CHAPERONE_FAIL_POINT", "grant.called")
    environment.delenv("SLACK_BOT_TOKEN")
    environment.delenv("CHAPERONE_CONFIG")
    with pytest.raises(ConfigurationFault) as raised:
        Settings.load("slack_front")
    names = {fault.partition(":")[0] for fault in raised.value.faults}
    assert names == {
        "PORT",
        "LOG_LEVEL",
        "DATABASE_URL",
        "SLACK_API_URL",
        "SLACK_APP_TOKEN",
        "CHAPERONE_FAIL_POINT",
        "SLACK_BOT_TOKEN",
        "CHAPERONE_CONFIG",
    }
    assert all(fault.endswith(".") for fault in raised.value.faults)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("port", ["-1", "65536", "eighty"])
def test_a_port_that_is_none_is_refused(environment: pytest.MonkeyPatch, port: str) -> None:
    environment.setenv("PORT", port)
    (fault,) = faults()
    assert fault.startswith("PORT: ")


def test_an_empty_variable_is_an_unset_one(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PORT", "")
    assert Settings.load().port is None


def test_what_a_process_does_not_need_may_be_missing(environment: pytest.MonkeyPatch) -> None:
    for name in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"):
        environment.delenv(name)
    assert faults() == []
    assert [fault.partition(":")[0] for fault in faults("slack_api")] == ["SLACK_BOT_TOKEN"]
    assert [fault.partition(":")[0] for fault in faults("slack_front")] == ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"]


def test_socket_mode_needs_no_signing_secret(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("SLACK_SIGNING_SECRET")
    environment.setenv("SLACK_APP_TOKEN", "xapp-1")
    assert Settings.load("slack_front").socket_mode


def test_an_owner_url_alone_is_half_a_configuration(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DATABASE_OWNER_URL", "postgresql://owner@h/d")
    environment.delenv("DATABASE_URL")
    (fault,) = faults()
    assert fault.startswith("DATABASE_URL: not set, though DATABASE_OWNER_URL is.")


@pytest.mark.parametrize("name", ["CHAPERONE_CLOCK_FILE", "CHAPERONE_FAIL_POINT"])
@pytest.mark.parametrize("url", ["https://slack.com/api/", "https://[::1", "https://127.0.0.1.example/api/"])
def test_the_sandbox_alone_moves_time_and_kills(environment: pytest.MonkeyPatch, name: str, url: str) -> None:
    environment.setenv(name, "something")
    assert faults() == []
    environment.setenv("SLACK_API_URL", url)
    (fault,) = faults()
    assert fault.startswith(f"{name}: belongs to the sandbox")


@pytest.mark.parametrize("url", ["http://localhost:1/", "http://127.0.0.1/api/", "http://[::1]:5/"])
def test_this_machine_is_recognised(environment: pytest.MonkeyPatch, url: str) -> None:
    environment.setenv("SLACK_API_URL", url)
    assert Settings.load().loopback


def test_secrets_do_not_show(environment: pytest.MonkeyPatch) -> None:
    assert "xoxb-1" not in repr(Settings.load())
    assert "shh" not in str(Settings.load())
