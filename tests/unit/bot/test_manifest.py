"""The app manifest: least scopes, what is answered and nothing else, Slack's limits."""

from bot.about import register as register_about
from bot.dispatch import Dispatch
from bot.listeners import access
from bot.manifest import COMMANDS, EVENTS, SCOPES, SHORTCUTS, manifest
from core.clock import ManualClock
from core.database import Database
from integrations.slack import REQUIRED_SCOPES
from sandbox.slack.workspace import Installation


def test_over_http_slack_is_told_one_url_for_everything() -> None:
    found = manifest(url="https://chaperone.example/")
    url = "https://chaperone.example/slack/events"
    assert {each["url"] for each in found["features"]["slash_commands"]} == {url}
    assert found["settings"]["interactivity"]["request_url"] == url
    assert found["settings"]["event_subscriptions"]["request_url"] == url
    assert found["settings"]["socket_mode_enabled"] is False


def test_in_socket_mode_no_url_is_named() -> None:
    found = manifest(url=None)
    assert "url" not in str(found)
    assert found["settings"]["socket_mode_enabled"] is True


def test_the_scopes_are_those_that_messages_need_and_commands() -> None:
    assert set(SCOPES) == REQUIRED_SCOPES | {"commands"}
    assert list(SCOPES) == sorted(SCOPES)


def test_the_sandboxs_slack_installs_it() -> None:
    installed = Installation.from_manifest(manifest(url=None))
    assert installed.command("/access") is not None
    assert installed.shortcut("request_access", "global") is not None
    assert installed.home_tab


def test_what_the_manifest_announces_is_answered_and_nothing_else() -> None:
    dispatch = Dispatch()
    access.register(dispatch, None, None)  # type: ignore[arg-type]  # neither is touched by registering
    register_about(dispatch, Database("postgresql://"), ManualClock())
    assert set(dispatch.commands) == {name for name, _, _ in COMMANDS}
    assert set(dispatch.shortcuts) == {callback for callback, _, _, _ in SHORTCUTS}
    assert set(dispatch.events) == set(EVENTS)


def test_slacks_limits_are_kept() -> None:
    display = manifest(url=None)["display_information"]
    assert len(display["name"]) <= 35
    assert len(display["description"]) <= 140
    assert all(len(says) <= 100 for _, says, _ in COMMANDS)
    assert all(len(name) <= 24 and len(says) <= 150 for _, name, says, _ in SHORTCUTS)
