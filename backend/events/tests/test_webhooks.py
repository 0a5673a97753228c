"""Webhooks: signed, tried again, logged, and never sent into a private network."""

import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone

from backend.accounts.models import User
from backend.core.errors import RefusedError
from backend.events import public_address, webhooks
from backend.events import replay as replaying
from backend.events.models import Delivery, Event, Webhook
from backend.events.replay import replay
from backend.events.services import tell, tell_all
from backend.events.webhooks import (
    MAX_ATTEMPTS,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    deliver_due,
    make_webhook,
    redeliver,
    sign_body,
)


class Receiver:
    """Somebody's server: what it was sent, and what it answers."""

    def __init__(self) -> None:
        self.received: list[tuple[dict[str, str], str]] = []
        self.status = 204
        self.headers: dict[str, str] = {}
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, format: str, *args: Any) -> None:
                pass

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.received.append((dict(self.headers), body))
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


def webhook(user: User, url: str, **fields: Any) -> Webhook:
    return make_webhook(user=user, url=url, kinds=["photo.ready"], **fields)


def happen(user: User) -> Event:
    return tell(user.id, Event.Kind.PHOTO_READY, photo="p")


def test_an_event_is_told_once_signed_with_a_timestamp(user: User, receiver: Receiver) -> None:
    hook = webhook(user, receiver.url, secret="a secret of mine")
    event = happen(user)
    assert (deliver_due(), deliver_due()) == (1, 0)
    ((headers, body),) = receiver.received
    assert json.loads(body)["id"] == str(event.id)
    expected = sign_body("a secret of mine", timestamp=headers[TIMESTAMP_HEADER], body=body)
    assert headers[SIGNATURE_HEADER] == f"sha256={expected}"
    delivery = hook.deliveries.get()
    assert (delivery.status, delivery.attempts, delivery.error) == (204, 1, "")
    assert delivery.delivered_at is not None


def test_only_what_was_asked_for_is_told_and_only_the_owners(
    user: User, stranger: User, receiver: Receiver
) -> None:
    webhook(user, receiver.url)
    tell(user.id, Event.Kind.PHOTO_FAILED)
    happen(stranger)
    assert deliver_due() == 0


def test_a_refusal_is_tried_again_later_and_later_until_the_end(
    user: User, receiver: Receiver
) -> None:
    hook = webhook(user, receiver.url)
    receiver.status = 500
    happen(user)
    waits = []
    for _ in range(MAX_ATTEMPTS):
        assert deliver_due() == 1
        assert deliver_due() == 0
        delivery = hook.deliveries.get()
        assert (delivery.status, delivery.error) == (500, "The address answered 500.")
        if delivery.due_at is not None:
            seconds = (delivery.due_at - timezone.now()).total_seconds()
            waits.append(timedelta(seconds=round(seconds, -1)))
            Delivery.objects.update(due_at=timezone.now())
    assert delivery.due_at is None
    assert waits == sorted(waits)
    assert timedelta(hours=24) < sum(waits, timedelta()) < timedelta(hours=36)
    receiver.status = 200
    redeliver(delivery)
    assert deliver_due() == 1
    assert hook.deliveries.get().delivered_at is not None
    # The same message each time, so that the receiver can tell.
    assert len({body for _, body in receiver.received}) == 1


def test_redirects_are_not_followed(user: User, receiver: Receiver) -> None:
    hook = webhook(user, receiver.url)
    receiver.status, receiver.headers = 302, {"Location": receiver.url}
    happen(user)
    deliver_due()
    assert len(receiver.received) == 1
    assert hook.deliveries.get().error == "The address answered 302."


def test_a_private_address_is_not_connected_to(
    user: User, receiver: Receiver, settings: Any
) -> None:
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = False
    hook = webhook(user, receiver.url)
    happen(user)
    deliver_due()
    assert receiver.received == []
    assert hook.deliveries.get().error == "127.0.0.1 leads to 127.0.0.1"


def test_a_name_that_turns_private_between_two_questions_leads_nowhere(
    user: User, receiver: Receiver, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = False
    port = receiver.server.server_port
    hook = webhook(user, f"http://rebinding.example:{port}/")
    answers = iter(["93.184.216.34", "127.0.0.1"])
    tried: list[Any] = []

    def resolve(*_arguments: Any, **_more: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connect(address: Any, **_more: Any) -> Any:
        tried.append(address)
        raise OSError("no network in tests")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    happen(user)
    deliver_due()
    # The address that was judged is the one that is connected to.
    assert tried == [("93.184.216.34", port)]
    assert "no network in tests" in hook.deliveries.get().error


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1"),
        *("::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1"),
        *("::ffff:8.8.8.8", "2002:7f00:1::", "64:ff9b:1::1"),
    ],
)
def test_what_is_not_public(address: str) -> None:
    assert not public_address.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111"])
def test_what_is_public(address: str) -> None:
    assert public_address.is_public(address)


def test_a_worker_that_dies_meanwhile_has_made_an_attempt(
    user: User, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = webhook(user, receiver.url)
    happen(user)

    def die(_delivery: Delivery) -> None:
        raise SystemExit

    monkeypatch.setattr(webhooks, "send", die)
    with pytest.raises(SystemExit):
        deliver_due()
    monkeypatch.undo()
    delivery = hook.deliveries.get()
    assert delivery.attempts == 1
    assert delivery.due_at is not None
    assert delivery.due_at > timezone.now()


def test_there_is_an_end_to_webhooks(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "MAX_WEBHOOKS", 1)
    webhook(user, "https://example.com/")
    with pytest.raises(RefusedError, match="too_many_webhooks"):
        webhook(user, "https://example.com/")


def test_what_several_are_told_each_ones_webhooks_send(user: User, stranger: User) -> None:
    kind = Event.Kind.ALBUM_ACTIVITY
    for owner in (user, stranger):
        make_webhook(user=owner, url="https://example.com/", kinds=[kind])
    events = tell_all([user.id, stranger.id], kind, album="1")
    for event in events:
        delivery = Delivery.objects.get(webhook__owner=event.owner_id)
        assert delivery.event_id == event.id
        assert json.loads(delivery.body) == {
            **{"id": str(event.id), "kind": "album.activity", "data": {"album": "1"}},
            "created_at": event.created_at.isoformat(),
        }
    assert tell_all([], kind) == []


def settled(user: User, count: int) -> list[Event]:
    """So many events that have happened before anything else."""
    events = [happen(user) for _ in range(count)]
    # A test is one transaction, which is still open while it reads.
    Event.objects.filter(owner=user).update(transaction=1)
    return events


def told(receiver: Receiver) -> list[str]:
    deliver_due()
    ids = [str(json.loads(body)["id"]) for _, body in receiver.received]
    receiver.received.clear()
    return ids


def test_what_was_missed_is_told_again_in_its_order(user: User, receiver: Receiver) -> None:
    first, second = settled(user, 2)  # nobody listened
    hook = webhook(user, receiver.url)
    third, fourth = settled(user, 2)
    assert told(receiver) == [str(third.id), str(fourth.id)]
    everything = [str(event.id) for event in (first, second, third, fourth)]
    for _ in range(2):
        assert replay(hook) == (4, None)
        assert told(receiver) == everything
    # Each event has one delivery, whether it was told before or not.
    assert hook.deliveries.count() == 4
    assert replay(hook, after_event=second.id) == (2, None)
    assert told(receiver) == everything[2:]


def test_a_replay_keeps_to_its_range_and_to_what_was_asked_for(
    user: User, stranger: User, receiver: Receiver
) -> None:
    hook = webhook(user, receiver.url)
    first, second, third = settled(user, 3)
    tell(user.id, Event.Kind.PHOTO_FAILED)
    settled(stranger, 1)
    told(receiver)
    for minutes, event in enumerate((first, second, third)):
        moment = datetime(2026, 5, 1, 12, minutes, tzinfo=UTC)
        Event.objects.filter(id=event.id).update(created_at=moment)
    start, end = (datetime(2026, 5, 1, 12, minute, tzinfo=UTC) for minute in (0, 2))
    assert replay(hook, after=start, before=end) == (1, None)
    assert told(receiver) == [str(second.id)]
    assert replay(hook, after=end) == (0, None)


def test_a_long_replay_goes_on_where_it_ended(
    user: User, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "MAX_REPLAYED", 2)
    hook = webhook(user, receiver.url)
    first, second, third = settled(user, 3)
    assert replay(hook) == (2, second.id)
    assert replay(hook, after_event=second.id) == (1, None)
    assert told(receiver) == [str(event.id) for event in (first, second, third)]


def test_somebody_elses_event_is_no_place_to_start(user: User, stranger: User) -> None:
    hook = webhook(user, "https://example.com/")
    (theirs,) = settled(stranger, 1)
    with pytest.raises(RefusedError, match="unknown_event"):
        replay(hook, after_event=theirs.id)
