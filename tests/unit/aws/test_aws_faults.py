"""What each failure of an AWS call means to us."""

import pytest
from botocore import exceptions as boto
from botocore.exceptions import ClientError

from core.errors import Permanent, Transient
from integrations.aws_api import Missing, explain

URL = "http://127.0.0.1"


def refusal(code: str, status: int = 400, message: str = "", **headers: str) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {
                "RequestId": "r-1",
                "HTTPStatusCode": status,
                "HTTPHeaders": {name.replace("_", "-"): value for name, value in headers.items()},
                "RetryAttempts": 0,
                "HostId": "",
            },
        },
        "CreateAccountAssignment",
    )


def explained(fault: Exception, *, changes: bool = True) -> Transient | Permanent:
    return explain(fault, operation="sso:CreateAccountAssignment", changes=changes)


@pytest.mark.parametrize(
    ("fault", "unknown"),
    [
        (refusal("ThrottlingException"), False),
        (refusal("TooManyRequestsException", 429), False),
        (refusal("SlowDownOrSo", 429), False),
        (refusal("ConflictException"), False),
        (refusal("InternalServerException", 500), True),
        (refusal("ServiceUnavailableException", 503), True),
        (refusal("500", 500, "<!doctype html><title>500</title>"), True),
        (boto.ReadTimeoutError(endpoint_url=URL), True),
        (boto.ConnectionClosedError(endpoint_url=URL), True),
        (boto.HTTPClientError(error="broken pipe"), True),
        (boto.ConnectTimeoutError(endpoint_url=URL), False),
        (boto.EndpointConnectionError(endpoint_url=URL), False),
        (boto.ProxyConnectionError(proxy_url=URL), False),
        (boto.CredentialRetrievalError(provider="imds", error_msg="down"), False),
    ],
    ids=str,
)
def test_what_may_pass_is_transient_and_says_whether_it_may_have_happened(fault: Exception, unknown: bool) -> None:
    error = explained(fault)
    assert isinstance(error, Transient)
    assert error.outcome_unknown is unknown


def test_a_read_that_failed_changed_nothing_so_its_outcome_is_never_unknown() -> None:
    error = explained(boto.ReadTimeoutError(endpoint_url=URL), changes=False)
    assert isinstance(error, Transient)
    assert not error.outcome_unknown


@pytest.mark.parametrize(
    ("fault", "cure"),
    [
        (refusal("AccessDeniedException", message="no"), "Allow sso:CreateAccountAssignment"),
        (refusal("ValidationException"), "catalogue"),
        (refusal("ServiceQuotaExceededException"), "quota"),
        (refusal("ExpiredTokenException", 403), "Renew"),
        (refusal("UnrecognizedClientException", 403), "Replace"),
        (refusal("NeverHeardOf", 418), "documentation"),
        (boto.NoCredentialsError(), "Give the bot AWS credentials"),
        (boto.PartialCredentialsError(provider="env", cred_var="x"), "both"),
        (boto.SSLError(endpoint_url=URL, error="bad"), "certificate"),
        (boto.NoRegionError(), "AWS_DEFAULT_REGION"),
        (boto.ParamValidationError(report="bad"), "catalogue"),
    ],
    ids=str,
)
def test_what_a_person_must_mend_is_permanent_with_the_cure(fault: Exception, cure: str) -> None:
    error = explained(fault)
    assert isinstance(error, Permanent)
    assert not isinstance(error, Missing)
    assert cure in str(error)


def test_what_aws_does_not_have_is_missing() -> None:
    assert isinstance(explained(refusal("ResourceNotFoundException")), Missing)


@pytest.mark.parametrize(
    "fault",
    [
        NotImplementedError("The action has not been implemented"),
        refusal("404", 404, "Not yet implemented"),
        refusal("NotImplemented", 501),
        refusal("ResourceNotFoundException", 404, "The list_x action has not been implemented"),
    ],
    ids=str,
)
def test_an_operation_that_a_simulator_lacks_never_reads_as_nothing_found(fault: Exception) -> None:
    error = explained(fault)
    assert isinstance(error, Permanent)
    assert not isinstance(error, Missing)
    assert "not offered" in str(error)


def test_the_time_that_aws_names_is_kept() -> None:
    error = explained(refusal("ThrottlingException", retry_after="7"))
    assert isinstance(error, Transient)
    assert error.retry_after == 7


def test_a_page_of_html_or_an_endless_message_is_not_shown_to_people() -> None:
    assert "<" not in str(explained(refusal("500", 500, "<!doctype html><p>secret</p>")))
    assert len(str(explained(refusal("ValidationException", message="x" * 5000)))) < 500


def test_an_exception_that_is_not_about_aws_is_not_explained_away() -> None:
    with pytest.raises(ZeroDivisionError):
        explained(ZeroDivisionError())
