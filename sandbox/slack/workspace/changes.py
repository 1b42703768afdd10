"""News of changes, for pages that update live."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

Kind = Literal["message", "channel", "view", "home", "user"]


@dataclass(frozen=True, slots=True)
class Change:
    """Something is different now. Read the workspace again; this only says where to look.

    ``message``: messages, reactions or files of ``channel`` (with ``user`` set: only that person sees it).
    ``channel``: name, topic, members, pins, bookmarks or archive state of ``channel``.
    ``view``: the modal stack of ``user``. ``home``: the Home of ``user``. ``user``: the profile of ``user``.
    """

    kind: Kind
    channel: str | None = None
    user: str | None = None


class Subscription:
    """An endless async iterator of changes from the moment of its making. Close it, or use it in ``with``."""

    def __init__(self, forget: Callable[["Subscription"], object]) -> None:
        self._queue: asyncio.Queue[Change | None] = asyncio.Queue()
        self._forget = forget

    def put(self, change: Change) -> None:
        self._queue.put_nowait(change)

    def close(self) -> None:
        """Stop listening. A pending iteration ends. Closing twice is closing."""
        self._forget(self)
        self._queue.put_nowait(None)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Change:
        change = await self._queue.get()
        if change is None:
            raise StopAsyncIteration
        return change

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
