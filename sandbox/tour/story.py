"""Plays the scenes one after the other, and says what they proved."""

import json
from collections.abc import Awaitable, Callable, Sequence

from rich.console import Console
from rich.markup import escape

from sandbox.house import Sandbox, SandboxFault
from sandbox.tour.narrator import Narrator
from sandbox.tour.proof import Proof
from sandbox.tour.scenes import SCENES
from sandbox.tour.stage import Stage

PROOF_FILE = "proof.json"


Scene = Callable[[Stage], Awaitable[None]]


async def play(
    sandbox: Sandbox, console: Console, *, unhurried: bool = False, scenes: Sequence[Scene] = SCENES
) -> Proof:
    """The whole tour. Never raises for what went wrong in the story: that stands on the proof."""
    names = {user["id"]: user["real_name"] for user in (await sandbox.slack.state())["users"]}
    stage = Stage(sandbox, Narrator(console, names, unhurried), Proof())
    try:
        for scene in scenes:
            await scene(stage)
    except SandboxFault as fault:
        stage.proof.fault = str(fault)
    except Exception as error:  # noqa: BLE001  the edge of the story: told in the summary, and the exit code is 1
        stage.proof.fault = f"The tour could not go on: {type(error).__name__}: {error}"
    finally:
        if stage.session:
            await stage.session.close()
    for name in sandbox.died():
        stage.proof.check(f"{name} lives", held=False, seen=sandbox.how_it_ended(name))
    (sandbox.place.folder / PROOF_FILE).write_text(json.dumps(stage.proof.as_json(), indent=2, default=str))
    _summarise(stage.proof, console)
    return stage.proof


def _summarise(proof: Proof, console: Console) -> None:
    console.print()
    console.print(proof.summary())
    if proof.holds:
        console.print("[bold green]✓ Proven[/]: everything above was measured in this run.")
        return
    console.print("[bold red]✗ Not proven[/]. What failed:")
    for line in proof.failures():
        console.print(f"  [red]✗[/] {escape(line)}")
