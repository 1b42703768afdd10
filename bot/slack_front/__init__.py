"""The way in from Slack: signature, envelope, answer."""

from bot.slack_front.envelope import Body, Malformed, parse
from bot.slack_front.front import SlackFront, Tell
from bot.slack_front.signature import Forged, Signature
from bot.slack_front.telling import Teller

__all__ = ["Body", "Forged", "Malformed", "Signature", "SlackFront", "Tell", "Teller", "parse"]
