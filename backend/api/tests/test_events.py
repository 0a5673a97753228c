"""events by long polling and by WebSocket; webhooks."""

import asyncio
import json
import time
from collections.abc import Coroutine
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.core.cache import cache
from django.db import connections
from django.test import AsyncClient

from backend.accounts.api_keys import make_api_key
from backend.accounts.models import Token, User
from backend.accounts.services import log_in
from backend.analysis.services import record_result, start_analysis
from backend.api import websocket
from backend.api.event_stream import Listener, in_database
from backend.conftest import PASSWORD, ApiClient, inspection, labels, make_photo, make_result
from backend.events.models import Event
from backend.events.services import tell


@pytest.fixture
def alice(transactional_db: None) -> User:
    cache.clear()
    return User.objects.create_user("alice", password=PASSWORD)


def secret_of(user: User) -> str:
    return log_in(username=user.username, password=PASSWORD, device="test")[0]


def run(work: Coroutine[Any, Any, None]) -> None:
    async def work_and_leave() -> None:
        await work
        # Django's test client leaves the connection of its thread open.
        await sync_to_async(connections.close_all)()

    asyncio.run(work_and_leave())


def later(user: User, photo: str) -> "asyncio.Task[Event]":
    async def happen() -> Event:
        await asyncio.sleep(0.3)
        return await in_database(tell)(user.id, Event.Kind.PHOTO_READY, photo=photo)

    return asyncio.create_task(happen())


def test_a_photos_way_is_told_step_by_step(alice: User) -> None:
    api = ApiClient(alice)
    start = api("GET", "/events").json()["next"]
    photo = make_photo(alice)
    start_analysis(photo)
    for found in (inspection(), labels(("dog", "狗"))):
        record_result(make_result(photo, found))
    page = api("GET", f"/events?after={start}").json()
    assert [event["kind"] for event in page["results"]] == ["analysis.done"] * 2
    assert page["results"][0]["data"] == {
        "photo": str(photo.id), "analysis": "inspection", "code": ""
    }  # fmt: skip
    assert api("GET", f"/events?after={page['next']}").json()["results"] == []


def test_a_long_poll_answers_as_soon_as_something_happens(alice: User) -> None:
    secret = secret_of(alice)

    async def poll() -> None:
        client, who = AsyncClient(), {"Authorization": f"Bearer {secret}"}
        start = (await client.get("/api/v1/events", headers=who)).json()["next"]
        happening = later(alice, "p")
        answer = await client.get(f"/api/v1/events?after={start}&wait=50", headers=who)
        assert [event["data"] for event in answer.json()["results"]] == [{"photo": "p"}]
        await happening

    run(poll())


def test_a_long_poll_ends_with_nothing_after_its_time(alice: User) -> None:
    secret = secret_of(alice)

    async def poll() -> None:
        client, who = AsyncClient(), {"Authorization": f"Bearer {secret}"}
        start = (await client.get("/api/v1/events", headers=who)).json()["next"]
        answer = await client.get(f"/api/v1/events?after={start}&wait=1", headers=who)
        assert answer.json() == {"results": [], "next": start}

    run(poll())


def test_a_server_that_may_not_wait_answers_at_once(
    alice: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EVENTS_WAIT_SECONDS = 0
    monkeypatch.setattr(Listener, "here", lambda: pytest.fail("it waits"))
    secret = secret_of(alice)

    async def poll() -> None:
        client, who = AsyncClient(), {"Authorization": f"Bearer {secret}"}
        start = (await client.get("/api/v1/events", headers=who)).json()["next"]
        answer = await client.get(f"/api/v1/events?after={start}&wait=50", headers=who)
        assert answer.json() == {"results": [], "next": start}

    run(poll())


@pytest.mark.parametrize("query", ["after=x", "after=1-2", "wait=-1", "wait=soon"])
def test_nonsense_is_refused(api: ApiClient, query: str) -> None:
    assert api("GET", f"/events?{query}").status_code == 400


def connect(
    *,
    headers: dict[str, str] | None = None,
    path: str = "/ws/events",
    client: tuple[str, int] = ("127.0.0.1", 5000),
) -> Any:
    raw = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    scope = {"type": "websocket", "path": path, "headers": raw, "client": client}
    return ApplicationCommunicator(websocket.serve_events, scope)  # type: ignore[no-untyped-call]


async def open_socket(socket: Any, first: Any = None) -> Any:
    """What the server says after accepting, or that it accepts."""
    await socket.send_input({"type": "websocket.connect"})
    said = await socket.receive_output(5)
    if first is not None:
        await socket.send_input({"type": "websocket.receive", "text": json.dumps(first)})
    return said


def test_a_socket_is_told_what_happens_to_its_owner_alone(alice: User) -> None:
    secret = secret_of(alice)
    mallory = User.objects.create_user("mallory", password=PASSWORD)

    async def listen() -> None:
        socket = connect(headers={"Authorization": f"Bearer {secret}"})
        assert (await open_socket(socket))["type"] == "websocket.accept"
        await asyncio.gather(later(mallory, "theirs"), later(alice, "mine"))
        said = json.loads((await socket.receive_output(10))["text"])
        assert (said["kind"], said["data"]) == ("photo.ready", {"photo": "mine"})
        assert await socket.receive_nothing(0.5)
        await socket.send_input({"type": "websocket.disconnect"})
        await socket.wait(5)

    run(listen())


def test_a_browser_says_who_it_is_first_and_goes_on_where_it_was(alice: User) -> None:
    secret = secret_of(alice)
    start = ApiClient(alice)("GET", "/events").json()["next"]
    tell(alice.id, Event.Kind.PHOTO_READY, photo="missed")

    async def listen() -> None:
        socket = connect()
        await open_socket(socket, {"token": secret, "after": start})
        said = json.loads((await socket.receive_output(10))["text"])
        assert said["data"] == {"photo": "missed"}
        await socket.send_input({"type": "websocket.disconnect"})
        await socket.wait(5)

    run(listen())


async def refusal(first: Any = None, **more: Any) -> int:
    """The code that a socket is closed with."""
    socket = connect(**more)
    await open_socket(socket, first)
    said = await socket.receive_output(5)
    await socket.wait(5)
    assert said["type"] == "websocket.close"
    return int(said["code"])


@pytest.mark.parametrize("first", [{"token": "wrong"}, {"token": ""}, {}, [], "x" * 3000])
def test_a_socket_without_a_good_token_is_closed(alice: User, first: Any) -> None:
    async def listen() -> None:
        assert await refusal(first) == 4401

    run(listen())


def test_a_socket_does_not_go_on_from_nowhere(alice: User) -> None:
    first = {"token": secret_of(alice), "after": "x"}

    async def listen() -> None:
        assert await refusal(first) == 4400

    run(listen())


def test_sockets_that_guess_tokens_are_counted_with_other_guesses(
    alice: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.0)  # no minute ends in between
    settings.RATE_LIMIT_ADDRESS = 3
    home, elsewhere = ("127.0.0.1", 5000), ("192.0.2.1", 5000)

    async def listen() -> None:
        assert await refusal(headers={"Authorization": "Bearer sgt_x"}, client=home) == 4401
        assert await refusal({"token": "x"}, client=home) == 4401
        assert await refusal([], client=home) == 4401
        assert await refusal({"token": "x"}, client=home) == 4429
        assert await refusal({"token": "x"}, client=elsewhere) == 4401

    run(listen())
    guess = ApiClient(None)
    guess.headers["Authorization"] = "Bearer sgt_x"
    assert guess("GET", "/me").status_code == 429


def test_sockets_are_counted_with_their_users_calls(
    alice: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.0)
    settings.RATE_LIMIT_USER = 1
    # Who has no token from an address stops nobody who has one.
    settings.RATE_LIMIT_ADDRESS = 0
    first = {"token": secret_of(alice), "after": "x"}

    async def listen() -> None:
        assert [await refusal(first), await refusal(first)] == [4400, 4429]

    run(listen())
    assert ApiClient(alice)("GET", "/me").status_code == 429


def test_a_key_without_the_scope_hears_nothing(alice: User) -> None:
    secret, _ = make_api_key(user=alice, name="x", scopes=["predict"])

    async def listen() -> None:
        socket = connect(headers={"Authorization": f"Bearer {secret}"})
        await open_socket(socket)
        assert await socket.receive_output(5) == {"type": "websocket.close", "code": 4401}

    run(listen())


def test_a_socket_ends_with_its_token(alice: User) -> None:
    secret = secret_of(alice)

    async def listen() -> None:
        socket = connect(headers={"Authorization": f"Bearer {secret}"})
        await open_socket(socket)
        await asyncio.sleep(0.3)
        await in_database(Token.objects.all().delete)()
        await later(alice, "p")
        said = [await socket.receive_output(10)]
        while said[-1]["type"] == "websocket.send":
            said.append(await socket.receive_output(10))
        assert said[-1] == {"type": "websocket.close", "code": 4401}
        assert len(said) == 1, "it was told something after its end"

    run(listen())


def test_other_paths_are_no_sockets(alice: User) -> None:
    async def listen() -> None:
        said = await open_socket(connect(path="/ws/else"))
        assert said == {"type": "websocket.close", "code": 4404}

    run(listen())


@pytest.mark.parametrize(
    "data",
    [
        {"url": "ftp://example.com/", "events": ["photo.ready"]},
        {"url": "nonsense", "events": ["photo.ready"]},
        {"url": "https://example.com/", "events": []},
        {"url": "https://example.com/", "events": ["photo.exploded"]},
        {"url": "https://example.com/", "events": ["photo.ready"], "secret": "short"},
    ],
)
def test_no_webhook_is_made_from_nonsense(api: ApiClient, data: Any) -> None:
    answer = api("POST", "/webhooks", data)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_webhooks_secret_is_shown_once(api: ApiClient) -> None:
    new = {"url": "https://example.com/", "events": ["photo.ready"]}
    made = api("POST", "/webhooks", new).json()
    assert len(made["secret"]) > 30
    (listed,) = api("GET", "/webhooks").json()["results"]
    assert "secret" not in listed
