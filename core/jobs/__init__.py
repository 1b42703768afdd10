"""Work to be done after the commit: jobs, the decision to retry, and the worker that runs them on PgQueuer."""

from core.jobs.enqueue import JOB_PARAMETERS, Job, enqueue, job_parameters, spliced_enqueue
from core.jobs.retry import GIVE_UP, Backoff, RetryDecision
from core.jobs.worker import Handler, JobRun, Registry, Worker, WorkerTuning

__all__ = [
    "GIVE_UP",
    "JOB_PARAMETERS",
    "Backoff",
    "Handler",
    "Job",
    "JobRun",
    "Registry",
    "RetryDecision",
    "Worker",
    "WorkerTuning",
    "enqueue",
    "job_parameters",
    "spliced_enqueue",
]
