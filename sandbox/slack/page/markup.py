"""HTML built from plain values: whatever is not already Markup is escaped."""

from markupsafe import Markup, escape

_VOID = frozenset({"br", "hr", "img", "input"})


def tag(name: str, /, *children: Markup | str | None, **attributes: str | int | bool | None) -> Markup:
    """One element. ``data_action_id`` becomes ``data-action-id``, ``class_`` ``class``; None and False drop out."""
    written = [_attribute(key, value) for key, value in attributes.items() if value is not None and value is not False]
    opening = Markup("<") + Markup(name) + Markup("").join(written) + Markup(">")  # noqa: S704  names are ours
    return opening if name in _VOID else opening + join(*children) + Markup("</") + Markup(name) + Markup(">")  # noqa: S704  as above


def join(*children: Markup | str | None) -> Markup:
    """The children in a row, those that are None left out."""
    return Markup("").join(escape(child) for child in children if child is not None)


def _attribute(key: str, value: str | int | bool) -> Markup:
    name = Markup(" ") + Markup(key.rstrip("_").replace("_", "-"))  # noqa: S704  keyword arguments are ours
    return name if value is True else name + Markup('="') + escape(str(value)) + Markup('"')
