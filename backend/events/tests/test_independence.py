"""No receiver of webhooks keeps another waiting, however slow it is."""

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backend.accounts.models import User
from backend.events import public_address, tasks
from backend.events.models import Delivery, Event, Webhook
from backend.events.services import tell
from backend.events.webhooks import (
    LEASE,
    MOST_OF_ONE_OWNER,
    REST,
    Outcome,
    claim_due,
    deliver_due,
    is_due,
    make_webhook,
    record,
    redeliver,
)

pytestmark = pytest.mark.django_db

# Longer than any test takes, and shorter than one that hangs.
PATIENCE = 60


@pytest.fixture(autouse=True)
def private_addresses(settings: Any) -> None:
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True


@contextmanager
def receiver(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """The address of a server that takes each request and then does as it is told."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take(connection: socket.socket) -> None:
            with connection:
                connection.recv(65536)
                answer(connection)

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=take, args=[connection], daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        server.shutdown(socket.SHUT_RDWR)


def thank(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 204 Thanks\r\n\r\n")


def hook(user: User, url: str = "https://example.com/") -> Webhook:
    return make_webhook(user=user, url=url, kinds=["photo.ready"])


def happen(user: User) -> Event:
    return tell(user.id, Event.Kind.PHOTO_READY, photo="p")


def forget_waiting() -> None:
    """Everything is due now, and nobody rests."""
    Webhook.objects.update(rests_until=None)
    Delivery.objects.filter(due_at__isnull=False).update(due_at=timezone.now())


def test_a_receiver_that_never_answers_holds_up_nobody_else(user: User, stranger: User) -> None:
    told = threading.Event()

    def think(connection: socket.socket) -> None:
        # It would be given up before: it answers only once the other one has been told.
        if told.wait(PATIENCE):
            thank(connection)

    def listen(connection: socket.socket) -> None:
        thank(connection)
        told.set()

    with receiver(think) as slow, receiver(listen) as quick:
        waiting = [hook(user, slow) for _ in range(MOST_OF_ONE_OWNER + 2)]
        prompt = hook(stranger, quick)
        happen(user)
        happen(stranger)
        deliver_due()
    assert prompt.deliveries.get().status == 204
    assert {each.deliveries.get().status for each in waiting} == {204}


def test_what_comes_up_meanwhile_does_not_wait_either(
    user: User, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = threading.Event()
    looks = []

    def meanwhile(*arguments: Any, **more: Any) -> Any:
        looks.append(arguments)
        if len(looks) == 1:
            happen(stranger)
        return wait(*arguments, **more)

    def think(connection: socket.socket) -> None:
        if told.wait(PATIENCE):
            thank(connection)

    def listen(connection: socket.socket) -> None:
        thank(connection)
        told.set()

    monkeypatch.setattr("backend.events.webhooks.wait", meanwhile)
    with receiver(think) as slow, receiver(listen) as quick:
        first, second = hook(user, slow), hook(stranger, quick)
        happen(user)
        assert deliver_due() == 2
    assert first.deliveries.get().status == second.deliveries.get().status == 204


def test_an_answer_that_comes_a_byte_at_a_time_is_not_waited_for(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_address, "ANSWER_SECONDS", 0.2)
    cut_off = threading.Event()

    def drip(connection: socket.socket) -> None:
        try:
            connection.sendall(b"HTTP/1.1 204 Thanks\r\nX: ")
            while not cut_off.wait(0.05):
                connection.sendall(b"x")
        except OSError:
            cut_off.set()

    with receiver(drip) as slow:
        made = hook(user, slow)
        happen(user)
        deliver_due()
    assert cut_off.wait(PATIENCE)
    delivery = made.deliveries.get()
    assert (delivery.status, delivery.attempts) == (None, 1)
    assert delivery.error


def test_a_webhook_is_told_one_thing_at_a_time_in_order(user: User) -> None:
    made = hook(user)
    first, second = happen(user), happen(user)
    (delivery,) = claim_due(9)
    assert delivery.event_id == first.id
    assert claim_due(9) == []
    assert not is_due()
    record(delivery, Outcome(status=204))
    (delivery,) = claim_due(9)
    assert delivery.event_id == second.id
    assert made.deliveries.filter(delivered_at__isnull=False).count() == 1


def test_nobody_has_all_senders_to_themselves(user: User, stranger: User) -> None:
    for _ in range(MOST_OF_ONE_OWNER + 3):
        hook(user)
    theirs = hook(stranger)
    happen(user)
    happen(stranger)
    claimed = claim_due(99)
    assert len(claimed) == MOST_OF_ONE_OWNER + 1
    assert theirs.id in {each.webhook_id for each in claimed}
    # What nobody may claim is nothing to come back for at once.
    assert not is_due()
    record(claimed[0], Outcome(status=204))
    assert is_due()
    assert len(claim_due(99)) == 1


def test_no_more_are_claimed_than_there_are_senders(user: User, stranger: User) -> None:
    for owner in (user, stranger):
        for _ in range(3):
            hook(owner)
        happen(owner)
    assert len(claim_due(2)) == 2
    assert claim_due(0) == []


def test_who_did_not_answer_rests_and_is_then_told_what_was_due(user: User) -> None:
    made = hook(user)
    happen(user)
    happen(user)
    (delivery,) = claim_due(9)
    record(delivery, Outcome(error="no answer"))
    assert claim_due(9) == []
    assert not is_due()
    Webhook.objects.filter(id=made.id).update(rests_until=timezone.now())
    assert len(claim_due(9)) == 1


def test_who_refused_does_not_rest(user: User) -> None:
    hook(user)
    happen(user)
    happen(user)
    (delivery,) = claim_due(9)
    record(delivery, Outcome(status=500, error="The address answered 500."))
    assert len(claim_due(9)) == 1


def test_whoever_asks_for_it_again_wakes_a_webhook(user: User) -> None:
    made = hook(user)
    happen(user)
    (delivery,) = claim_due(9)
    record(delivery, Outcome(error="no answer"))
    made.refresh_from_db()
    assert made.rests_until is not None
    assert made.rests_until <= timezone.now() + REST
    redeliver(made.deliveries.get())
    assert len(claim_due(9)) == 1


def test_what_is_asked_for_again_while_it_is_told_is_told_again(user: User) -> None:
    made = hook(user)
    happen(user)
    (delivery,) = claim_due(9)
    redeliver(made.deliveries.get())
    record(delivery, Outcome(status=204))
    assert len(claim_due(9)) == 1


def test_a_webhook_that_is_removed_while_it_is_told_stops_nothing(user: User) -> None:
    made = hook(user)
    happen(user)
    (delivery,) = claim_due(9)
    made.delete()
    record(delivery, Outcome(status=204))
    assert not Delivery.objects.exists()


def test_a_webhook_whose_teller_died_is_told_again(user: User) -> None:
    made = hook(user)
    happen(user)
    claim_due(9)
    forget_waiting()
    assert not is_due()
    past = timezone.now() - timedelta(seconds=1)
    Webhook.objects.filter(id=made.id, claimed_until__lte=timezone.now() + LEASE).update(
        claimed_until=past
    )
    assert len(claim_due(9)) == 1


def test_a_process_tells_in_one_thread_and_comes_back_for_what_is_left(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def in_between() -> int:
        tasks.deliver()  # another thread's; this one is at it
        return 0

    monkeypatch.setattr(tasks, "enqueue", asked.append)
    monkeypatch.setattr(tasks, "deliver_due", in_between)
    tasks.deliver()
    assert asked == []
    hook(user)
    happen(user)
    tasks.deliver()
    assert asked == ["events.deliver"]
