"""What the environment says. Every fault is found at once and named with its cure; secrets stay wrapped."""

import logging
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import ConfigurationFault

Need = Literal["slack_api", "slack_front", "vendors"]
"""What a process cannot do without: calling Slack; being called by Slack; calling the vendors."""

_LEVELS = ("CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG")
_HIGHEST_PORT = 65535


class Settings(BaseSettings):
    """The environment variables of DESIGN.md that this release reads, by their lower-case names.

    ``chaperone_clock_file`` and ``chaperone_fail_point`` belong to the sandbox: they move time and kill processes.
    AWS's own names (region, profile, keys) are read by boto3.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    database_url: SecretStr | None = None
    """PostgreSQL as the application. Unset: an embedded server in ``.chaperone/`` inside the configuration folder."""
    database_owner_url: SecretStr | None = None
    """PostgreSQL as the owner of the schema, for ``release``; unset: the application's."""
    slack_bot_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    aws_endpoint_url: str | None = None
    chaperone_config: Path | None = None
    """The folder of chaperone.yaml, catalogue and policies."""
    ledger_key_file: Path | None = None
    """Where the ledger's signing key lies; overrides ``ledger.key_file`` of chaperone.yaml."""
    chaperone_clock_file: Path | None = None
    chaperone_fail_point: str | None = None
    port: int | None = None
    log_level: str = "INFO"

    @field_validator("port")
    @classmethod
    def _a_port(cls, value: int | None) -> int | None:
        if value is not None and not 0 <= value <= _HIGHEST_PORT:
            raise ValueError(f"{value} is no port. Choose one from 0 (any free one) to {_HIGHEST_PORT}")
        return value

    @field_validator("log_level")
    @classmethod
    def _a_level(cls, value: str) -> str:
        if value.upper() not in _LEVELS:
            raise ValueError(f"“{value}” is no level. Use one of {', '.join(_LEVELS)}")
        return value.upper()

    @classmethod
    def read(cls, *needs: Need) -> tuple[Self, list[str]]:
        """What the environment says, with the default in place of every value at fault, and all of the faults."""
        try:
            settings, wrong = cls(), []
        except ValidationError as error:
            wrong = error.errors(include_input=False, include_url=False)
            settings = cls(**{str(each["loc"][0]): cls.model_fields[str(each["loc"][0])].default for each in wrong})
        return settings, [*map(_fault, wrong), *settings.faults(*needs)]

    @classmethod
    def load(cls, *needs: Need) -> Self:
        """The settings. Raises ConfigurationFault with all of their faults."""
        settings, faults = cls.read(*needs)
        if faults:
            raise ConfigurationFault(faults)
        return settings

    @property
    def socket_mode(self) -> bool:
        return self.slack_app_token is not None

    @property
    def loopback(self) -> bool:
        """Whether Slack is one on this machine: then this is a sandbox or a test, and nothing listens outside."""
        return _is_loopback(self.slack_api_url)

    @property
    def level(self) -> int:
        return logging.getLevelNamesMapping()[self.log_level]

    def faults(self, *needs: Need) -> Iterator[str]:
        """What is missing or does not go together, one line each."""
        yield from self._database_faults()
        yield from self._slack_faults(needs)
        if self.chaperone_config is None:
            yield "CHAPERONE_CONFIG: not set. Name the folder that holds chaperone.yaml."
        for name in ("chaperone_clock_file", "chaperone_fail_point"):
            if getattr(self, name) and not self.loopback:
                yield f"{name.upper()}: belongs to the sandbox, and SLACK_API_URL is not on this machine. Unset it."

    def _database_faults(self) -> Iterator[str]:
        for name in ("database_url", "database_owner_url"):
            secret: SecretStr | None = getattr(self, name)
            if secret and not secret.get_secret_value().startswith(("postgresql://", "postgres://")):
                yield f"{name.upper()}: not a PostgreSQL URL. Write it as postgresql://user:password@host:5432/database."
        if self.database_owner_url and not self.database_url:
            yield "DATABASE_URL: not set, though DATABASE_OWNER_URL is. Set both, or neither for an embedded database."

    def _slack_faults(self, needs: tuple[Need, ...]) -> Iterator[str]:
        if not self.slack_api_url.startswith("https://") and not self.loopback:
            yield "SLACK_API_URL: would send the bot's token in clear. Use https://, or http:// to this machine."
        if needs and self.slack_bot_token is None:
            yield "SLACK_BOT_TOKEN: not set. Copy the bot token (xoxb-…) from the app's page “Install App”."
        if "slack_front" in needs and not (self.slack_signing_secret or self.slack_app_token):
            yield (
                "SLACK_SIGNING_SECRET: not set. Copy it from the app's page “Basic Information”, or set "
                "SLACK_APP_TOKEN (xapp-…) for Socket Mode."
            )
        for name, prefix in (("slack_bot_token", "xoxb-"), ("slack_app_token", "xapp-")):
            secret: SecretStr | None = getattr(self, name)
            if secret and not secret.get_secret_value().startswith((prefix, f"xoxe.{prefix}")):
                yield f"{name.upper()}: does not begin with {prefix}. Another kind of token was copied; copy that one."


def _is_loopback(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _fault(error: ErrorDetails) -> str:
    """One line that does not quote the value: it may be a secret."""
    name = str(error["loc"][0]).upper()
    if error["type"] == "value_error":
        return f"{name}: {error['msg'].removeprefix('Value error, ')}."
    message = error["msg"]
    return f"{name}: {message[:1].lower()}{message[1:]}. Mend it or unset it."
