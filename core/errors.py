"""The ways in which work ends badly. Each text is shown to people, so each names the cure."""

from pathlib import Path
from traceback import extract_tb


class ChaperoneError(Exception):
    """Every error of ours. Its text is safe to show: no secret, no patient data, no trace."""

    loggable = True
    """False where the text quotes what a person wrote: then it is for that person alone."""


class Refused(ChaperoneError):  # noqa: N818  the field says "refused", not "refused error"
    """Policy, permission or a guard said no. Trying again changes nothing.

    ``field`` names the form's field that could mend it, where one alone could.
    """

    def __init__(self, text: str, *, field: str | None = None) -> None:
        super().__init__(text)
        self.field = field


class PrivateTextRefused(Refused):
    """A text was refused because of what stands in it. Its words go back to their author, never into a log."""

    loggable = False


class NotFound(ChaperoneError):  # noqa: N818  as above
    """The thing named does not exist, or the person may not know that it does."""


class Conflict(ChaperoneError):  # noqa: N818  as above
    """Somebody else was first: the row is no longer in the state that the command expects."""


class Transient(ChaperoneError):  # noqa: N818  as above
    """The outside world failed in a way that may pass.

    ``retry_after`` is in seconds where the other side named a time, else None. ``outcome_unknown`` is True
    when the request may have taken effect all the same (a lost reply): read back before trying again.
    """

    def __init__(self, text: str, *, retry_after: float | None = None, outcome_unknown: bool = False) -> None:
        super().__init__(text)
        self.retry_after = retry_after
        self.outcome_unknown = outcome_unknown


class Permanent(ChaperoneError):  # noqa: N818  as above
    """The outside world said no for good. A person has to change something first."""


class ConfigurationFault(ChaperoneError):  # noqa: N818  as above
    """One or more faults in the configuration, all found at once. Processes exit with 2 on it.

    ``faults`` holds one line each: ``file:line: what is wrong. Cure.``
    """

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def described(error: BaseException) -> dict[str, str]:
    """What a log may say of an error: its class, where it arose, and its text only if the text is one of ours.

    Foreign texts can quote values (a driver's DETAIL, a vendor's echo), so they stay out of the log.
    """
    frames = extract_tb(error.__traceback__)
    where = " < ".join(f"{Path(frame.filename).stem}.{frame.name}:{frame.lineno}" for frame in reversed(frames[-4:]))
    text = {"detail": str(error)} if isinstance(error, ChaperoneError) and error.loggable else {}
    return {"error": type(error).__name__, "where": where} | text
