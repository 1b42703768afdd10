"""PgQueuer's enqueue statement, which `advance()` splices into its own: pinned to the installed version."""

import re
from importlib.metadata import version

from core.jobs.enqueue import JOB_PARAMETERS, enqueue_query, job_parameters, spliced_enqueue


def test_the_installed_version_is_the_one_that_was_read():
    assert version("pgqueuer").startswith("1.6.")


def test_the_statement_takes_the_six_arrays_that_we_bind():
    assert set(re.findall(r"\$(\d+)", enqueue_query())) == {"1", "2", "3", "4", "5", "6"}
    assert len(job_parameters([])) == JOB_PARAMETERS


def test_the_spliced_form_keeps_every_expression_and_enqueues_only_on_the_condition():
    spliced = spliced_enqueue(10, "EXISTS (SELECT 1 FROM moved)")
    assert [name for name in ("input", "inserted", "logged") if f"{name} AS" in spliced] == [
        "input",
        "inserted",
        "logged",
    ]
    assert set(re.findall(r"\$(\d+)", spliced)) == {str(number) for number in range(10, 16)}
    assert spliced.count("WHERE EXISTS (SELECT 1 FROM moved)") == JOB_PARAMETERS
    assert spliced.count("(") == spliced.count(")")
    assert "SELECT i.ord" not in spliced
