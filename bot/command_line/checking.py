"""`chaperone check`: configuration and connections, each with its cure."""

import asyncio

import typer

from bot import logs, wiring
from bot.command_line.output import REFUSED, console, mark, say, say_json, table
from bot.configuration import Configuration
from bot.readiness import Readiness, Report, checks_for


def check(*, as_json: bool) -> None:
    """Faults of the configuration end it with 2; a connection that fails, with 1."""
    configured = wiring.load_configuration("slack_front", "vendors")
    logs.configure(50, process="check")
    report = asyncio.run(_report(configured))
    if as_json:
        say_json(_facts(configured) | report.as_json())
    else:
        _show(configured, report)
    if not all(each.ok for each in report.findings):
        raise typer.Exit(REFUSED)


async def _report(configured: Configuration) -> Report:
    async with wiring.wire(configured, vendors=True) as house:
        checks = checks_for(
            house.database,
            house.clock,
            slack=house.messenger.check,
            directory=house.directory,
            providers=house.providers,
        )
        return await Readiness(checks).report()


def _facts(configured: Configuration) -> dict[str, object]:
    return {
        "organisation": configured.file.organisation,
        "policy_hash": configured.policies.hash,
        "paths": len(configured.policies.paths),
        "forbids": len(configured.policies.forbids),
        "entitlements": len(configured.catalogue.entitlements),
    }


def _show(configured: Configuration, report: Report) -> None:
    facts = _facts(configured)
    rows = [
        (
            "✓ ok",
            "configuration",
            f"{facts['paths']} paths, {facts['forbids']} forbids, {facts['entitlements']} entitlements.",
        ),
        *((mark(each.ok, needed=each.needed), each.name, each.says) for each in report.findings),
    ]
    console().print(table(configured.file.organisation, ("", "what", "says"), rows))
    say(f"\n{report.status}")
