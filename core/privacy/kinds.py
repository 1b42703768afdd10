"""What the guard looks for: patient data and credentials, each with its pattern and how it is told to people."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from core.privacy.checks import is_assigned, is_card, is_random, is_ssn, is_told


class Kind(StrEnum):
    """A kind of private thing. The value is stable; ``label`` is how people read it."""

    ssn = "ssn"
    mrn = "mrn"
    birth_date = "birth_date"
    card = "card"
    private_key = "private_key"
    aws_key = "aws_key"
    jwt = "jwt"
    slack_token = "slack_token"  # noqa: S105  the name of a kind, not a token
    vault_token = "vault_token"  # noqa: S105  as above
    github_token = "github_token"  # noqa: S105  as above
    vendor_key = "vendor_key"
    password = "password"  # noqa: S105  as above
    secret = "secret"  # noqa: S105  as above

    @property
    def label(self) -> str:
        """With its article, as in “looks like …”."""
        return _LABELS[self]


_LABELS = {
    Kind.ssn: "a social security number",
    Kind.mrn: "a medical record number",
    Kind.birth_date: "a date of birth",
    Kind.card: "a payment card number",
    Kind.private_key: "a private key",
    Kind.aws_key: "an AWS access key",
    Kind.jwt: "a signed web token (JWT)",
    Kind.slack_token: "a Slack token",
    Kind.vault_token: "a Vault token",
    Kind.github_token: "a GitHub token",
    Kind.vendor_key: "an API key",
    Kind.password: "a password",
    Kind.secret: "a secret or key",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """Words matching ``pattern`` whose group ``value`` passes ``check`` are of this kind."""

    kind: Kind
    pattern: re.Pattern[str]
    check: Callable[[str], bool] = bool


def _rule(kind: Kind, pattern: str, check: Callable[[str], bool] = bool, *, cased: bool = False) -> Rule:
    flags = re.ASCII | re.VERBOSE | (re.NOFLAG if cased else re.IGNORECASE)
    return Rule(kind, re.compile(pattern, flags), check)


_START = r"(?<![0-9A-Za-z])"
_END = r"(?![0-9A-Za-z])"
_IS = r"\s{0,3}(?:is|was|of|no\.?|number|[:=\#-]){0,2}\s{0,3}[:=\#]?\s{0,3}"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DATE = rf"""(?:\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}} | \d{{1,2}}[-/.\ ]\d{{1,2}}[-/.\ ]\d{{2,4}}
    | \d{{1,2}}(?:st|nd|rd|th)?\ (?:of\ )?{_MONTH},?\ \d{{2,4}} | {_MONTH}\ \d{{1,2}}(?:st|nd|rd|th)?,?\ \d{{2,4}})"""
_NAMED = r"""(?<![A-Za-z0-9])(?:\w{0,40}_)?(?:pass(?:word|wd|phrase|code)? | pwd | secret | token | credentials?
    | (?:api|access|secret|private|signing|encryption|account|client|bearer|auth)[_\ -]?(?:access[_\ -]?)?
    (?:key|token|secret))["'`]?\s{0,3}"""
_VALUE = r"""["'`]?(?P<value>[^\s"'`,;]{4,})"""

RULES = (
    _rule(Kind.private_key, r"(?P<value>-{4,5}\s?BEGIN\s[A-Z0-9\s]{0,30}PRIVATE\sKEY(?:\sBLOCK)?\s?-{4,5})"),
    # Social Security Administration, "The SSN Numbering Scheme": area, group, serial
    _rule(Kind.ssn, rf"{_START}(?<!\d[-.\ ])(?P<value>\d{{3}}([-.\ ])\d{{2}}\2\d{{4}})(?![-.]?\d){_END}", is_ssn),
    _rule(
        Kind.ssn, rf"{_START}(?<!\d[-.\ ])(?P<value>\d\ \d\ \d(?:\ -)?\ \d\ \d(?:\ -)?(?:\ \d){{4}})(?!\ ?\d)", is_ssn
    ),
    _rule(
        Kind.ssn,
        rf"{_START}(?:ssn|social\ security(?:\ (?:number|no\.?))?|soc\ sec){_IS}"
        r"(?P<value>\d(?:[-.\ ]{0,3}\d){8})(?!\d)",
    ),
    _rule(
        Kind.mrn,
        rf"{_START}(?:mrn|medical\ record|patient\ (?:id|no\.?|number|record)|chart\ (?:no\.?|number)){_IS}"
        r"(?P<value>[A-Z]{0,4}-?\d(?:[-\ ]?\d){4,11})(?!\d)",
    ),
    _rule(
        Kind.birth_date,
        rf"{_START}(?:dob|d\.o\.b\.?|date\ of\ birth|birth\ ?da(?:te|y)|born){_IS}(?:on\ )?(?P<value>{_DATE})",
    ),
    # ISO/IEC 7812: 13 to 19 digits with a Luhn check digit
    _rule(
        Kind.card,
        rf"""{_START}(?<!\d[-.\ ])(?P<value>\d{{4}}([-\ ]?)\d{{4}}\2\d{{4}}\2\d{{1,7}} | \d{{4}}[-\ ]\d{{6}}[-\ ]\d{{5}}
        | \d(?:\ \d){{12,18}}){_END}""",
        is_card,
    ),
    # AWS, "IAM identifiers": AKIA and ASIA are credentials, the other prefixes are only ids
    _rule(Kind.aws_key, rf"{_START}(?P<value>A[KS]IA[A-Z0-9]{{16}}){_END}", cased=True),
    _rule(Kind.jwt, r"(?<![\w-])(?P<value>eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.?[\w-]*)", cased=True),
    _rule(Kind.slack_token, rf"{_START}(?P<value>xox[a-z](?:\.xox[a-z])?-[\w-]{{10,}}|xapp-\d-[\w-]{{10,}})"),
    _rule(Kind.slack_token, r"(?P<value>hooks\.slack\.com/(?:services|workflows|triggers)/[\w/]{8,})"),
    _rule(Kind.vault_token, rf"{_START}(?P<value>hv[sbr]\.[\w-]{{20,}}|s\.[A-Za-z0-9]{{24,26}}){_END}", cased=True),
    _rule(Kind.github_token, rf"{_START}(?P<value>gh[pousr]_\w{{30,}}|github_pat_\w{{22,}})"),
    _rule(
        Kind.vendor_key,
        rf"{_START}(?P<value>[sr]k_(?:live|test)_\w{{16,}}|AIza[\w-]{{35}}|glpat-[\w-]{{20,}}|sk-[\w-]{{32,}}"
        r"|npm_\w{36}|SG\.[\w-]{16,}\.[\w-]{16,})",
        cased=True,
    ),
    _rule(Kind.password, r"[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,80}:(?P<value>[^\s/@]{3,})@"),
    _rule(Kind.password, rf"{_NAMED}(?:=>?|:=)\s{{0,3}}{_VALUE}", is_assigned),
    _rule(Kind.password, rf"{_NAMED}(?::|is\s|was\s)\s{{0,3}}{_VALUE}", is_told),
    # what a web address names (up to its query) is consumed without a value: ids there are random but no secrets
    _rule(Kind.secret, r"https?://[^\s?\#]+|(?<![A-Za-z0-9+/_-])(?P<value>[A-Za-z0-9+/_-]{24,}={0,2})", is_random),
)
"""In order of certainty: where two rules claim the same words, the earlier one names them."""
