"""`chaperone ledger`: verify, export, checkpoint."""

from pathlib import Path
from typing import Annotated

import typer

from bot.command_line.output import AsJson

app = typer.Typer(help="Prove the ledger, take it away, anchor it.", no_args_is_help=True)

Vkey = Annotated[
    str | None, typer.Option("--key", help="The verifying key, for whoever lacks the signing key (name+id+base64).")
]


@app.command()
def verify(
    anchor: Annotated[
        Path | None, typer.Option(help="A checkpoint that was kept outside: the ledger must still contain it.")
    ] = None,
    key: Vkey = None,
    as_json: AsJson = False,
) -> None:
    """Check every entry, number, checkpoint and status. Ends with 1 and names each problem."""
    from bot.command_line import proving  # noqa: PLC0415  heavy

    proving.verify(anchor, key, as_json=as_json)


@app.command()
def export(
    to: Annotated[Path | None, typer.Option("--to", help="The file to write; standard output without it.")] = None,
    since: Annotated[int, typer.Option(min=0, help="The first number to export.")] = 0,
) -> None:
    """Write the numbered entries in their canonical bytes, one JSON line each, and the signed checkpoint last."""
    from bot.command_line import exporting  # noqa: PLC0415  heavy

    exporting.export(to, since)


@app.command()
def checkpoint(as_json: AsJson = False) -> None:
    """Print the last signed checkpoint: keep it outside, and give it to `ledger verify --anchor`."""
    from bot.command_line import exporting  # noqa: PLC0415  heavy

    exporting.checkpoint(as_json=as_json)
