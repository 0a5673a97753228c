"""Waiting for events without asking again and again: one LISTEN a process wakes whoever waits."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, ParamSpec, Self, TypeVar
from uuid import UUID

import psycopg
from asgiref.sync import sync_to_async
from django.db import close_old_connections, connection

from backend.events.services import CHANNEL

logger = logging.getLogger(__name__)

_RECONNECT_SECONDS = 1.0
# An event cannot be read before every older transaction has ended (events.selectors), which
# nobody tells: after a wake-up one looks as often as this until there is something.
LOOK_AGAIN_SECONDS = 0.1

Given = ParamSpec("Given")
Found = TypeVar("Found")


def in_database(ask: Callable[Given, Found]) -> Callable[Given, Awaitable[Found]]:
    """The same for asynchronous code; its connection goes back to the pool, as after a request."""

    def call(*args: Given.args, **values: Given.kwargs) -> Found:
        close_old_connections()
        try:
            return ask(*args, **values)
        finally:
            close_old_connections()

    return sync_to_async(call, thread_sensitive=False)


class Listener:
    """Hears of every owner's events in one event loop; started by the first who waits."""

    _by_loop: dict[asyncio.AbstractEventLoop, "Listener"] = {}

    def __init__(self) -> None:
        self._waiting: dict[UUID, set[asyncio.Event]] = {}
        self._task = asyncio.create_task(self._listen())

    @classmethod
    def here(cls) -> Self:
        """The running loop's own."""
        loop = asyncio.get_running_loop()
        for ended in [known for known in cls._by_loop if known.is_closed()]:
            del cls._by_loop[ended]
        if loop not in cls._by_loop:
            cls._by_loop[loop] = cls()
        return cls._by_loop[loop]  # type: ignore[return-value]

    @contextlib.asynccontextmanager
    async def waiting(self, owner_id: UUID) -> AsyncIterator[asyncio.Event]:
        """An Event that is set by whatever happens to the owner's objects from now on."""
        arrived = asyncio.Event()
        self._waiting.setdefault(owner_id, set()).add(arrived)
        try:
            yield arrived
        finally:
            self._waiting[owner_id].discard(arrived)
            if not self._waiting[owner_id]:
                del self._waiting[owner_id]

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**_database()) as listening:
                    await listening.execute(f"listen {CHANNEL}")
                    self._wake(list(self._waiting))  # what came before this we did not hear
                    async for notice in listening.notifies():
                        with contextlib.suppress(ValueError):
                            self._wake([UUID(notice.payload)])
            except psycopg.Error as error:
                logger.warning("events are not heard for a moment: %s", error)
            await asyncio.sleep(_RECONNECT_SECONDS)
            # Whoever waits looks for themselves meanwhile.
            self._wake(list(self._waiting))

    def _wake(self, owners: list[UUID]) -> None:
        for owner_id in owners:
            for arrived in self._waiting.get(owner_id, ()):
                arrived.set()


def _database() -> dict[str, Any]:
    """How Django reaches it, without what is for its own cursors."""
    parameters = connection.get_connection_params()
    kept = ("dbname", "user", "password", "host", "port", "sslmode", "sslrootcert")
    return {name: parameters[name] for name in kept if name in parameters} | {"autocommit": True}
