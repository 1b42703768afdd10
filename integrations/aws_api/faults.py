"""What a failed AWS call means to us: one table from AWS's codes and botocore's exceptions to core.errors."""

from typing import Literal

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError

from core.errors import Permanent, Transient

LONGEST_QUOTE = 240
"""Characters of AWS's own words that we pass on: enough to act on, no room for a page of HTML."""


class Missing(Permanent):
    """AWS says that the thing named does not exist (ResourceNotFoundException)."""


Reading = Literal["later", "unsure", "missing", "no"]
"""``later``: did not happen, may pass. ``unsure``: may have happened. ``missing``: no such thing. ``no``: for good."""

# https://docs.aws.amazon.com/singlesignon/latest/APIReference/CommonErrors.html and each operation's own list.
CODES: dict[str, tuple[Reading, str]] = {
    "ThrottlingException": ("later", "It is tried again later."),
    "Throttling": ("later", "It is tried again later."),
    "TooManyRequestsException": ("later", "It is tried again later."),
    "RequestLimitExceeded": ("later", "It is tried again later."),
    "ConflictException": ("later", "Another change of the same assignment is under way; it is tried again later."),
    "InternalServerException": ("unsure", "It is read back, then tried again."),
    "InternalFailure": ("unsure", "It is read back, then tried again."),
    "ServiceUnavailable": ("unsure", "It is read back, then tried again."),
    "ServiceUnavailableException": ("unsure", "It is read back, then tried again."),
    "RequestTimeout": ("unsure", "It is read back, then tried again."),
    "RequestExpired": ("later", "Set this machine's clock: AWS refuses requests that are 15 minutes off."),
    "ResourceNotFoundException": ("missing", "Correct the name in the catalogue or the directory."),
    "AccessDeniedException": ("no", "Allow {operation} to the role that the bot runs as."),
    "AccessDenied": ("no", "Allow {operation} to the role that the bot runs as."),
    "UnauthorizedException": ("no", "Allow {operation} to the role that the bot runs as."),
    "ExpiredTokenException": ("no", "Renew the AWS credentials that the bot runs with."),
    "UnrecognizedClientException": ("no", "Replace the AWS credentials that the bot runs with."),
    "InvalidSignatureException": ("no", "Replace the AWS credentials that the bot runs with, or set the clock."),
    "ServiceQuotaExceededException": ("no", "Free some assignments or ask AWS for a higher quota."),
    "ValidationException": ("no", "Correct the target's parameters in the catalogue."),
}

# botocore's own exceptions, the narrower ones first: a connection that never stood cannot have changed anything.
CONNECTION: tuple[tuple[type[BotoCoreError], Reading, str], ...] = (
    (boto.ConnectTimeoutError, "later", "AWS did not answer in time. It is tried again later."),
    (boto.EndpointConnectionError, "later", "Check the network and AWS_ENDPOINT_URL. It is tried again later."),
    (boto.ProxyConnectionError, "later", "Check the proxy. It is tried again later."),
    (boto.SSLError, "no", "Check the certificate of AWS_ENDPOINT_URL and AWS_CA_BUNDLE."),
    (boto.NoCredentialsError, "no", "Give the bot AWS credentials (a role, or AWS_ACCESS_KEY_ID and its secret)."),
    (boto.PartialCredentialsError, "no", "Give the bot both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."),
    (boto.CredentialRetrievalError, "later", "The credential source did not answer. It is tried again later."),
    (boto.NoRegionError, "no", "Set AWS_DEFAULT_REGION to the region of IAM Identity Center."),
    (boto.ParamValidationError, "no", "Correct the target's parameters in the catalogue."),
    (BotoCoreError, "unsure", "The reply was lost. It is read back, then tried again."),
)


def explain(fault: Exception, *, operation: str, changes: bool) -> Transient | Permanent:
    """Our error for a failed call of ``operation`` (an IAM action such as ``sso:ListInstances``).

    ``changes`` tells whether the call changes anything: only then can an outcome be unknown.
    """
    if isinstance(fault, NotImplementedError) or _unbuilt(fault):
        return Permanent(f"{operation} is not offered by this AWS endpoint. Use an endpoint that has it.")
    if isinstance(fault, ClientError):
        return _of_code(fault, operation, changes=changes)
    if not isinstance(fault, BotoCoreError):
        raise fault
    reading, cure = next((reading, cure) for kind, reading, cure in CONNECTION if isinstance(fault, kind))
    return _error(reading, f"{operation} failed ({type(fault).__name__}). {cure}", changes=changes)


def _unbuilt(fault: Exception) -> bool:
    """Whether a simulator says that it lacks the operation. As a 404 that would look like "nothing found"."""
    if not isinstance(fault, ClientError):
        return False
    words = f"{_code(fault)} {fault.response['Error'].get('Message', '')}".casefold()
    return "not yet implemented" in words or "notimplemented" in words or "has not been implemented" in words


def _of_code(fault: ClientError, operation: str, *, changes: bool) -> Transient | Permanent:
    code, status = _code(fault), fault.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    reading, cure = CODES.get(code) or _of_status(status)
    said = " ".join(fault.response["Error"].get("Message", "").split())
    quote = f"{code}: {said}" if said and not said.startswith("<") else code
    text = f"{operation} refused ({quote[:LONGEST_QUOTE]}). {cure.format(operation=operation)}"
    return _error(reading, text, changes=changes, retry_after=_retry_after(fault))


def _of_status(status: int) -> tuple[Reading, str]:
    if status >= 500:  # noqa: PLR2004  HTTP's server errors
        return "unsure", "It is read back, then tried again."
    if status == 429:  # noqa: PLR2004  HTTP's Too Many Requests
        return "later", "It is tried again later."
    return "no", "Look the code up in AWS's documentation of the operation."


def _error(reading: Reading, text: str, *, changes: bool, retry_after: float | None = None) -> Transient | Permanent:
    if reading in {"later", "unsure"}:
        return Transient(text, retry_after=retry_after, outcome_unknown=changes and reading == "unsure")
    return Missing(text) if reading == "missing" else Permanent(text)


def _code(fault: ClientError) -> str:
    return fault.response["Error"].get("Code", "no code")


def _retry_after(fault: ClientError) -> float | None:
    named = fault.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("retry-after", "")
    return float(named) if named.isdecimal() else None
