"""Slack's signatures, by the example of its documentation."""

import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from bot.slack_front import Forged, Signature
from core.clock import ManualClock

SECRET = b"8f742231b10e8888abcd99yyyzzz85a5"
NOW = datetime.fromtimestamp(1531420618, UTC)


def signed(body: bytes, timestamp: str, secret: bytes = SECRET) -> dict[str, str]:
    tag = hmac.new(secret, b"v0:" + timestamp.encode() + b":" + body, sha256).hexdigest()
    return {"x-slack-request-timestamp": timestamp, "x-slack-signature": f"v0={tag}"}


def signature(at: datetime = NOW) -> Signature:
    return Signature(SECRET, ManualClock(at))


def test_the_example_of_slacks_documentation_passes() -> None:
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554"
        b"%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    documented = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    signature().verify({"x-slack-request-timestamp": "1531420618", "x-slack-signature": documented}, body)


@pytest.mark.parametrize("off", [-300, 0, 300])
def test_five_minutes_either_way_are_near_enough(off: int) -> None:
    signature(NOW + timedelta(seconds=off)).verify(signed(b"x", "1531420618"), b"x")


@pytest.mark.parametrize("off", [-302, 302, 86400])
def test_what_is_further_off_is_a_replay(off: int) -> None:
    with pytest.raises(Forged, match="five minutes"):
        signature(NOW + timedelta(seconds=off)).verify(signed(b"x", "1531420618"), b"x")


@pytest.mark.parametrize(
    "timestamp", ["", "now", "-1531420618", "1531420618.5", "١٥٣١٤٢٠٦١٨", "9" * 400, " 1531420618"]
)
def test_a_timestamp_is_a_plain_number(timestamp: str) -> None:
    with pytest.raises(Forged, match="no number"):
        signature().verify({"x-slack-request-timestamp": timestamp, "x-slack-signature": "v0=00"}, b"x")


def test_without_headers_nothing_passes() -> None:
    with pytest.raises(Forged):
        signature().verify({}, b"x")


@pytest.mark.parametrize("tag", ["", "v0=", "v0=" + "0" * 64, "v1=00", "é" * 10])
def test_another_signature_does_not_pass(tag: str) -> None:
    headers = signed(b"x", "1531420618") | {"x-slack-signature": tag}
    with pytest.raises(Forged, match="does not fit"):
        signature().verify(headers, b"x")


def test_the_body_the_secret_and_the_timestamp_are_all_signed() -> None:
    with pytest.raises(Forged):
        signature().verify(signed(b"x", "1531420618"), b"y")
    with pytest.raises(Forged):
        signature().verify(signed(b"x", "1531420618", secret=b"other"), b"x")
    with pytest.raises(Forged):
        signature().verify(signed(b"x", "1531420618") | {"x-slack-request-timestamp": "1531420619"}, b"x")


def test_the_secret_does_not_show() -> None:
    assert "8f742231" not in repr(signature())
