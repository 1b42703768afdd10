"""The ledger: a forged past is found and named, and the true one verifies."""

import json
from typing import Any

import psycopg

from sandbox.tour.stage import ANA, EHR, Stage

_WITHOUT_TRIGGERS = "SET session_replication_role = replica"
"""What only a superuser can do: the database's own guards look away."""
_FORGE = "UPDATE ledger_entry SET actor = %s WHERE id = %s"


async def tampered(stage: Stage) -> None:
    """Even the database's superuser cannot change the past unseen."""
    await stage.narrator.scene("Somebody with every right at the database rewrites who approved")
    await _numbered(stage)
    entry = next(each for each in await stage.rows.events(ANA, EHR) if each["event"] == "ACC-003")
    async with await psycopg.AsyncConnection.connect(stage.sandbox.admin_url, autocommit=True) as superuser:
        await superuser.execute(_WITHOUT_TRIGGERS)
        await superuser.execute(_FORGE, ["person:p-chloe", entry["id"]])
        try:
            code, report = await _verify(stage)
        finally:
            await superuser.execute(_FORGE, [entry["actor"], entry["id"]])
    problems = report.get("problems", [])
    stage.narrator.show("chaperone ledger verify:", [each["says"] for each in problems[:2]] or ["nothing found"])
    named = any(each.get("entry") == str(entry["id"]) for each in problems)
    stage.check("Verification fails and names the very entry", code == 1 and named, f"exit code {code}")
    stage.narrator.say("The entry is put back as it was, to the letter.")


async def verified(stage: Stage) -> None:
    """The whole story, verified by the command that an auditor runs."""
    await stage.narrator.scene("The proof")
    await _numbered(stage)
    code, report = await _verify(stage)
    held = code == 0 and report.get("verified") is True and int(report.get("size", 0)) > 0
    size, root = report.get("size", 0), str(report.get("root", ""))
    stage.check("chaperone ledger verify --json proves the whole ledger", held, f"exit code {code}, {size} entries")
    entries = (await stage.rows.all("SELECT count(*) AS many FROM ledger_entry"))[0]["many"]
    stage.check("Every entry is numbered and signed", entries == size, f"{entries} entries, {size} numbered")
    complaints = await stage.sandbox.slack.complaints()
    stage.check("Slack refused nothing of what the bot said", not complaints, "; ".join(complaints))
    stage.proof.facts["ledger verified"] = f"{size} entries, {report.get('checkpoints')} signed checkpoints"
    stage.proof.facts["ledger root"] = root


async def _verify(stage: Stage) -> tuple[int, dict[str, Any]]:
    done = await stage.sandbox.chaperone("ledger", "verify", "--json")
    try:
        return done.returncode, json.loads(done.stdout)
    except ValueError:
        return done.returncode, {"problems": [{"says": done.stderr.strip()}]}


async def _numbered(stage: Stage) -> None:
    """The sequencer is at most a second behind; a journey in time makes that second look long."""

    async def look() -> bool:
        return await stage.rows.sequenced()

    await stage.awaited(look, "every entry has its number")
