"""From Slack to the app: signed HTTP or Socket Mode, three seconds, retries of events."""

from sandbox.slack.delivery.ack import Ack, Parcel
from sandbox.slack.delivery.delivery import Delivery
from sandbox.slack.delivery.http import HttpTransport
from sandbox.slack.delivery.socket import SocketTransport

__all__ = ["Ack", "Delivery", "HttpTransport", "Parcel", "SocketTransport"]
