"""The handler between the ASGI server and Django."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import path

from backend.core.handler import Handler

pytestmark = pytest.mark.django_db(transaction=True)

SEEN: list[str] = []


def _note() -> None:
    SEEN.append(threading.current_thread().name)


class Middleware:
    """Synchronous, as ours are."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        _note()
        response = self._get_response(request)
        _note()
        return response


def answer(request: HttpRequest) -> HttpResponse:
    _note()
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return HttpResponse(request.body[::-1], status=201, headers={"X-Who": "me"})


def wait_in_thread(request: HttpRequest) -> HttpResponse:
    return answer(request)


wait_in_thread.cls = type("View", (), {"waits": True})  # type: ignore[attr-defined]


async def wait(request: HttpRequest) -> HttpResponse:
    _note()
    return HttpResponse("waited")


def fail(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault")


def stream(request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> AsyncIterator[bytes]:
        try:
            while True:
                await asyncio.sleep(0)
                yield b"part"
        finally:
            SEEN.append("closed")

    return StreamingHttpResponse(parts())


urlpatterns = [
    path("answer", answer),
    path("wait", wait),
    path("wait-in-thread", wait_in_thread),
    path("fail", fail),
    path("stream", stream),
]
handler500 = "backend.api.problems.server_error"


@pytest.fixture
def handler(settings: Any) -> Handler:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [f"{__name__}.Middleware"]
    settings.ALLOWED_HOSTS = ["testserver"]
    SEEN.clear()
    return Handler()


def call(handler: Handler, address: str) -> ApplicationCommunicator:
    scope = {
        **{"type": "http", "method": "POST", "path": address, "query_string": b""},
        "headers": [(b"host", b"testserver")],
    }
    return ApplicationCommunicator(handler, scope)  # type: ignore[no-untyped-call]


def ask(handler: Handler, address: str, *, body: bytes = b"") -> tuple[int, bytes]:
    async def talk() -> tuple[int, bytes]:
        caller: Any = call(handler, address)
        await caller.send_input({"type": "http.request", "body": body})
        start = await caller.receive_output(20)
        end = await caller.receive_output(20)
        await caller.wait()
        return start["status"], end["body"]

    return asyncio.run(talk())


def test_a_call_stays_in_one_thread_with_all_that_is_around_it(handler: Handler) -> None:
    assert ask(handler, "/answer", body=b"abc") == (201, b"cba")
    assert len(SEEN) == 3
    assert len(set(SEEN)) == 1
    assert SEEN[0].startswith("call")


def test_the_next_call_takes_the_same_thread(handler: Handler) -> None:
    ask(handler, "/answer")
    ask(handler, "/answer")
    assert len(set(SEEN)) == 1


def test_its_connection_is_back_in_the_pool_when_it_answers(handler: Handler) -> None:
    ask(handler, "/answer")
    pool: Any = connection.pool  # type: ignore[attr-defined]
    connection.close()
    stats = pool.get_stats()
    assert stats["pool_available"] == stats["pool_size"]


@pytest.mark.parametrize("address", ["/wait", "/wait-in-thread"])
def test_what_may_wait_takes_no_thread_of_the_calls(handler: Handler, address: str) -> None:
    assert ask(handler, address)[0] in (200, 201)
    assert len(SEEN) == 3
    assert not [name for name in SEEN if name.startswith("call")]


def test_what_is_not_there_and_what_fails_is_answered(handler: Handler) -> None:
    assert ask(handler, "/nowhere")[0] == 404
    status, body = ask(handler, "/fail")
    assert status == 500
    assert b'"code": "internal"' in body


def test_a_stream_ends_when_its_reader_leaves(handler: Handler) -> None:
    async def read_and_leave() -> None:
        caller: Any = call(handler, "/stream")
        await caller.send_input({"type": "http.request"})
        assert (await caller.receive_output(20))["status"] == 200
        assert (await caller.receive_output(20))["body"] == b"part"
        await caller.send_input({"type": "http.disconnect"})
        await caller.wait(20)

    asyncio.run(read_and_leave())
    assert SEEN[-1] == "closed"


def test_a_caller_who_leaves_before_all_is_said_is_not_answered(handler: Handler) -> None:
    async def leave() -> bool:
        caller: Any = call(handler, "/answer")
        await caller.send_input({"type": "http.disconnect"})
        await caller.wait(20)
        return bool(await caller.receive_nothing())

    assert asyncio.run(leave())
    assert SEEN == []
