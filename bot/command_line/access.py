"""`chaperone access`: what the policies say, without asking anybody."""

from typing import Annotated

import typer

from bot.command_line.output import AsJson

app = typer.Typer(help="Production access.", no_args_is_help=True)


@app.command()
def explain(
    person: Annotated[str, typer.Argument(help="The directory's subject, or a Slack user id.")],
    entitlement: Annotated[str, typer.Argument(help="As in the catalogue: target/entitlement.")],
    duration: Annotated[str, typer.Option(help="How long: 30m, 1h, 3d or PT1H.")] = "1h",
    purpose: Annotated[str | None, typer.Option(help="The purpose of use, as the form offers it.")] = None,
    reason: Annotated[str, typer.Option(help="The reason, where a path wants a ticket in it.")] = "explained",
    minimum: Annotated[str | None, typer.Option("--minimum-necessary", help="The statement of least need.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say which paths and forbids hold for a person, what is decided, and who could approve. Ends with 1 if refused."""
    from bot.command_line import explaining  # noqa: PLC0415  heavy

    wish = explaining.Wish(person, entitlement, duration, purpose, reason, minimum)
    explaining.explain(wish, as_json=as_json)
