"""The scenes of the tour, in their order."""

from sandbox.tour.scenes.asking import before, own_request, right_request, wrong_turns
from sandbox.tour.scenes.aws import asks_for_aws
from sandbox.tour.scenes.ending import done_early, reminder, runs_out
from sandbox.tour.scenes.giving import approved, used
from sandbox.tour.scenes.proving import tampered, verified

SCENES = (
    before,
    wrong_turns,
    right_request,
    own_request,
    approved,
    used,
    asks_for_aws,
    reminder,
    done_early,
    runs_out,
    tampered,
    verified,
)

__all__ = ["SCENES"]
