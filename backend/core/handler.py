"""Django behind an ASGI server, with one turn of one thread for each synchronous call.

Django's own handler goes to a thread and back several times a call, and each time the thread is a
new one, which makes its connections to the database and to the cache anew.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from inspect import iscoroutinefunction
from typing import Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.core.signals import request_started
from django.db import close_old_connections
from django.http import HttpResponseBase
from django.urls import Resolver404, resolve, set_script_prefix

# Calls that are worked on at once. They take milliseconds unless the storage is slow, and more of
# them than there are connections to the database are for that.
THREADS = 40


class Handler(ASGIHandler):
    """A view that may wait long is served as Django does it, any other one in a thread that stays.

    Those that may are asynchronous, or say so (`waits`). Before the answer is sent, the thread's
    connection to the database is back in the pool.
    """

    def __init__(self) -> None:
        super().__init__()
        self._calls = BaseHandler()
        self._calls.load_middleware()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="call")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if _may_wait(scope["path"]):
            await super().__call__(scope, receive, send)
            return
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        loop = asyncio.get_running_loop()
        response = await loop.run_in_executor(self._threads, self._answer, scope, body)
        if response.streaming:
            await self._stream(response, receive, send)
        else:
            await self.send_response(response, send)

    def _answer(self, scope: Any, body: Any) -> Any:
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=type(self), scope=scope)
        request, refusal = self.create_request(scope, body)
        response: Any = refusal if request is None else self._calls.get_response(request)
        response._handler_class = type(self)
        if response.streaming:
            close_old_connections()
        else:
            response.close()
        return response

    async def _stream(self, response: HttpResponseBase, receive: Any, send: Any) -> None:
        """Its parts come from one thread of their own, until the client is gone."""
        async with ThreadSensitiveContext():
            sending = asyncio.create_task(self.send_response(response, send))
            leaving = asyncio.create_task(self.listen_for_disconnect(receive))
            try:
                await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
                if sending.done():
                    sending.result()
            finally:
                for task in (sending, leaving):
                    task.cancel()
                await asyncio.gather(sending, leaving, return_exceptions=True)
                await sync_to_async(response.close)()


def _may_wait(path: str) -> bool:
    try:
        view = resolve(path).func
    except Resolver404:
        return False
    waits = getattr(getattr(view, "cls", None), "waits", False)
    return bool(waits) or iscoroutinefunction(view)
