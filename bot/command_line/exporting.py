"""`chaperone ledger export` and `checkpoint`: what leaves the house, in a form that anybody can check."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import orjson
import psycopg
from psycopg.rows import dict_row

from bot import wiring
from bot.command_line.output import REFUSED, leave, say_json
from bot.release import application_url
from core.ledger.rows import entry_fields
from core.proof.entry import canonical

_ENTRIES = """
    SELECT l.index, l.hash, e.id, e.at, e.event, e.subject_table, e.subject, e.source, e.target, e.actor, e.trace,
        e.data::text AS data
    FROM ledger_leaf l JOIN ledger_entry e ON e.id = l.entry
    WHERE l.index >= %(since)s AND l.index < %(size)s ORDER BY l.index"""
_LAST = "SELECT size, note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1"

_AT_ONCE = 5000
_NOT_YET = "The ledger has no signed checkpoint yet. Is a clock running?"

Row = dict[str, object]


def export(to: Path | None, since: int) -> None:
    """One line per entry: its number, its leaf hash, and the canonical text that hashes to it; the checkpoint last."""
    with ExitStack() as stack:
        connection = stack.enter_context(_snapshot(stack))
        last = connection.execute(_LAST).fetchone()
        if last is None:
            leave(REFUSED, _NOT_YET)
        out: IO[bytes] = stack.enter_context(to.open("wb")) if to else sys.stdout.buffer
        for line in _lines(connection, last, since):
            out.write(line + b"\n")
        out.flush()


def checkpoint(*, as_json: bool) -> None:
    """Print the note as it was signed, byte for byte."""
    with ExitStack() as stack:
        row = stack.enter_context(_snapshot(stack)).execute(_LAST).fetchone()
    if row is None:
        leave(REFUSED, _NOT_YET)
    if as_json:
        say_json({"size": row["size"], "note": row["note"]})
    else:
        sys.stdout.write(str(row["note"]))


def _snapshot(stack: ExitStack) -> psycopg.Connection[Row]:
    url = application_url(wiring.load_configuration(), stack)
    connection = psycopg.connect(url, row_factory=dict_row)
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    return connection


def _lines(connection: psycopg.Connection[Row], last: Row, since: int) -> Iterator[bytes]:
    with connection.cursor("export") as cursor:
        cursor.itersize = _AT_ONCE
        for row in cursor.execute(_ENTRIES, {"since": since, "size": last["size"]}):
            text = canonical(entry_fields(row)).decode()
            yield orjson.dumps({"index": row["index"], "hash": _hex(row["hash"]), "entry": text})
    yield orjson.dumps({"size": last["size"], "note": last["note"]})


def _hex(raw: object) -> str:
    return bytes(raw).hex() if isinstance(raw, bytes | memoryview) else ""
