"""Text made plain before it is searched: look-alike and invisible characters are undone, places are remembered."""

import unicodedata
from dataclasses import dataclass
from itertools import chain

_INVISIBLE = frozenset({"Cf", "Mn", "Cc"})  # formatting, combining marks and controls only hide what is written
_LAYOUT = frozenset("\t\n\r")


@dataclass(frozen=True, slots=True)
class Plain:
    """``text`` as ASCII-like as it can be made; ``origins[i]`` is where its i-th character stood originally."""

    text: str
    origins: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the original text of a (non-empty) place in the plain one."""
        return self.origins[start], self.origins[end - 1] + 1


def plain(text: str) -> Plain:
    """Undo what hides a number from a pattern but not from a reader (Unicode TR 39 in spirit).

    Compatibility forms (NFKC: full-width, superscript), digits of other scripts, every kind of dash and space,
    zero-width characters, soft hyphens and combining marks.
    """
    pairs = list(chain.from_iterable(((out, i) for out in _plain(char)) for i, char in enumerate(text)))
    return Plain("".join(out for out, _ in pairs), tuple(i for _, i in pairs))


def _plain(char: str) -> str:
    if char.isascii() and (char.isprintable() or char in _LAYOUT):
        return char
    return "".join(map(_simple, unicodedata.normalize("NFKD", char)))


def _simple(char: str) -> str:
    category = unicodedata.category(char)
    if category in _INVISIBLE:
        return ""
    if category == "Nd":
        return str(unicodedata.digit(char))
    return {"Pd": "-", "Zs": " ", "Zl": "\n", "Zp": "\n"}.get(category, "-" if char == "\u2212" else char)
