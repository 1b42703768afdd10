"""Rows in, Block Kit out: the cards, forms and Home of access. Pure; owns its action ids."""

from playbooks.access.blocks.card import card, compact_state
from playbooks.access.blocks.forms import deny_form, read_denial, read_request, request_form
from playbooks.access.blocks.home import Home, home
from playbooks.access.blocks.ids import Action, Form, id_from, value_for
from playbooks.access.blocks.notes import alert, mine, reminder
from playbooks.access.blocks.sheet import Sheet

__all__ = [
    "Action",
    "Form",
    "Home",
    "Sheet",
    "alert",
    "card",
    "compact_state",
    "deny_form",
    "home",
    "id_from",
    "mine",
    "read_denial",
    "read_request",
    "reminder",
    "request_form",
    "value_for",
]
