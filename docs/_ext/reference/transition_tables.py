"""Every transition table of the playbooks, and the ledger's event codes."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

import playbooks
from core.lifecycle import Lifecycle
from docs._ext.reference.markdown import code, page, table


def lifecycles() -> Iterator[tuple[str, Lifecycle]]:
    """Each playbook's name with each of its tables, in the order of the source."""
    for module in pkgutil.iter_modules(playbooks.__path__):
        if module.ispkg:
            rooms = vars(import_module(f"playbooks.{module.name}.lifecycle"))
            yield from ((module.name, each) for each in rooms.values() if isinstance(each, Lifecycle))


def lifecycles_page() -> str:
    parts = [
        f"## `{each.table}`, of the {playbook} playbook\n\n{each.markdown()}\nIt ends in: {_ends(each)}.\n"
        for playbook, each in lifecycles()
    ]
    return page(
        "Transition tables",
        "Every move that a row may make. What is not listed cannot happen: the ledger refuses it, and the database "
        "refuses a status that no ledger entry explains.",
        *parts,
    )


def events_page() -> str:
    events = {(m.event.code, m.event.name, playbook, t.table) for playbook, t in lifecycles() for m in t.transitions}
    rows = [(code(event), name, playbook, code(row)) for event, name, playbook, row in sorted(events)]
    return page(
        "Event codes",
        "What the ledger calls a move. A code never changes its meaning and is never used again; a name may be "
        "reworded. Filter dashboards and evidence by code.",
        table(["code", "event", "playbook", "row"], rows),
    )


def _ends(lifecycle: Lifecycle) -> str:
    return ", ".join(code(state) for state in sorted(lifecycle.terminal))
