"""Telling webhooks: signed, tried again for a day, and logged."""

import functools
import hashlib
import hmac
import secrets
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import urllib3
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from backend.accounts.models import User
from backend.core.errors import RefusedError
from backend.core.turns import TURN_SECONDS
from backend.events.models import Delivery, Webhook
from backend.events.public_address import ANSWER_SECONDS, public_http

MAX_WEBHOOKS = 20  # a user
# Ten seconds, then four times as long each time, eight hours at most: a day and a bit in all.
FIRST_WAIT = timedelta(seconds=10)
MAX_ATTEMPTS = 10
MAX_WAIT = timedelta(hours=8)
MOST_AT_ONCE = 16  # a process
MOST_OF_ONE_OWNER = 4  # everywhere
# How long a webhook that did not answer is left alone, whatever else it is to be told.
REST = timedelta(minutes=1)
# Looking a name up, connecting and being answered take less: after that the process has died.
LEASE = timedelta(minutes=2)
LOOK_SECONDS = 0.5
TIMEOUT = urllib3.Timeout(connect=5, read=ANSWER_SECONDS)

SIGNATURE_HEADER = "X-Shiguang-Signature"
TIMESTAMP_HEADER = "X-Shiguang-Timestamp"


def webhooks_of(user: User) -> QuerySet[Webhook]:
    return Webhook.objects.filter(owner=user)


@transaction.atomic
def make_webhook(*, user: User, url: str, kinds: list[str], secret: str = "") -> Webhook:
    """The address is told of these kinds from now on. Without a secret one is made up.

    Raises RefusedError too_many_webhooks.
    """
    User.objects.select_for_update(no_key=True).get(id=user.id)
    if webhooks_of(user).count() >= MAX_WEBHOOKS:
        raise RefusedError("too_many_webhooks", status=409, limit=MAX_WEBHOOKS)
    return Webhook.objects.create(
        owner=user, url=url, kinds=sorted(set(kinds)), secret=secret or secrets.token_urlsafe(32)
    )


def sign_body(secret: str, *, timestamp: str, body: str) -> str:
    """HMAC-SHA256 over timestamp, a dot and the body, in hex."""
    message = f"{timestamp}.{body}".encode()
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def deliver_due() -> int:
    """Deliveries whose time has come are tried, each once, for a while at most.

    Many at a time, but one of a webhook, in their order, and few of an owner: who does not answer
    keeps nobody else waiting. Returns how many. Several processes may run it side by side.
    """
    count, ends = 0, time.monotonic() + TURN_SECONDS
    under_way: dict[Future[Outcome], Delivery] = {}
    with ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="webhook") as senders:
        while True:
            if time.monotonic() < ends:
                claimed = claim_due(MOST_AT_ONCE - len(under_way))
                under_way |= {senders.submit(send, each): each for each in claimed}
            if not under_way:
                return count
            # Others become due meanwhile, and do not wait for those who think for long.
            done, _ = wait(under_way, timeout=LOOK_SECONDS, return_when=FIRST_COMPLETED)
            for sent in done:
                record(under_way.pop(sent), sent.result())
                count += 1


def claim_due(most: int) -> list[Delivery]:
    """The first that is due of each of so many webhooks. An attempt of each is counted.

    Nobody else claims any of these webhooks until `record`; if this process dies meanwhile, the
    attempts have failed.
    """
    now = timezone.now()
    claimed: list[Delivery] = []
    with transaction.atomic():
        under_way = _under_way(now)
        for webhook in _claimable(now).select_for_update(
            no_key=True, skip_locked=True, of=("self",)
        ):
            if len(claimed) == most:
                break
            delivery = webhook.deliveries.filter(due_at__lte=now).order_by("due_at").first()
            if delivery is None or under_way[webhook.owner_id] >= MOST_OF_ONE_OWNER:
                continue
            under_way[webhook.owner_id] += 1
            delivery.webhook = webhook
            delivery.attempts += 1
            delivery.due_at = _next_attempt(delivery.attempts)
            delivery.save(update_fields=["attempts", "due_at"])
            webhook.claimed_until = now + LEASE
            webhook.save(update_fields=["claimed_until"])
            claimed.append(delivery)
    return claimed


def is_due() -> bool:
    """Whether there is something to claim."""
    return _claimable(timezone.now()).exists()


def _under_way(now: datetime) -> Counter[UUID]:
    """How many webhooks of each owner are being told something."""
    claimed = Webhook.objects.filter(claimed_until__gt=now).order_by()
    return Counter(claimed.values_list("owner", flat=True))


def _claimable(now: datetime) -> QuerySet[Webhook]:
    """Webhooks that have something due and may be told it; the most overdue first."""
    due = Delivery.objects.filter(webhook=OuterRef("id"), due_at__lte=now).order_by("due_at")
    full = [owner for owner, count in _under_way(now).items() if count >= MOST_OF_ONE_OWNER]
    return (
        Webhook.objects.filter(Q(claimed_until=None) | Q(claimed_until__lte=now))
        .filter(Q(rests_until=None) | Q(rests_until__lte=now))
        .exclude(owner__in=full)
        .annotate(due_at=Subquery(due.values("due_at")[:1]))
        .filter(due_at__isnull=False)
        .order_by("due_at")
    )


@dataclass(frozen=True)
class Outcome:
    """What an attempt led to: the status of an answer, or why there is none."""

    status: int | None = None
    error: str = ""


def send(delivery: Delivery) -> Outcome:
    """The address has been told, or not. Within bounded time, and without the database."""
    try:
        status = _post(delivery)
    except urllib3.exceptions.HTTPError as error:
        return Outcome(error=_explain(error))
    return Outcome(status, "" if 200 <= status < 300 else f"The address answered {status}.")


def record(delivery: Delivery, outcome: Outcome) -> None:
    """The outcome of an attempt is in the log, and the webhook may be told the next."""
    done = not outcome.error
    result = {
        "status": outcome.status,
        "error": outcome.error,
        "delivered_at": timezone.now() if done else None,
        "due_at": None if done else delivery.due_at,
    }
    rest = timezone.now() + REST if outcome.status is None else None
    with transaction.atomic():
        # Not if it was made due again meanwhile, or is gone.
        Delivery.objects.filter(id=delivery.id, attempts=delivery.attempts).update(**result)
        Webhook.objects.filter(id=delivery.webhook_id).update(claimed_until=None, rests_until=rest)


def redeliver(delivery: Delivery) -> None:
    """The same message is due again at once, whatever became of it. Safe to run twice."""
    make_due(delivery, timezone.now())
    delivery.save(update_fields=["due_at", "attempts", "delivered_at", "status", "error"])
    wake(delivery.webhook)


def wake(webhook: Webhook) -> None:
    """Its owner says that it answers again."""
    Webhook.objects.filter(id=webhook.id).update(rests_until=None)


def make_due(delivery: Delivery, moment: datetime, *, place: int = 0) -> None:
    """It is to be tried from that moment on as if it never was; not saved yet.

    place: among others of that moment, which are tried in this order.
    """
    delivery.due_at = moment + timedelta(microseconds=place)
    delivery.attempts, delivery.delivered_at = 0, None
    delivery.status, delivery.error = None, ""


def _next_attempt(attempts: int) -> datetime | None:
    if attempts >= MAX_ATTEMPTS:
        return None
    wait: timedelta = min(FIRST_WAIT * 4 ** (attempts - 1), MAX_WAIT)
    return timezone.now() + wait


def _post(delivery: Delivery) -> int:
    """The status of the answer, whose body nobody reads."""
    timestamp = str(int(time.time()))
    signature = sign_body(delivery.webhook.secret, timestamp=timestamp, body=delivery.body)
    answer = _http().request(
        "POST",
        delivery.webhook.url,
        body=delivery.body.encode(),
        headers={
            "Content-Type": "application/json",
            "User-Agent": "Shiguang",
            TIMESTAMP_HEADER: timestamp,
            SIGNATURE_HEADER: f"sha256={signature}",
            "X-Shiguang-Delivery": str(delivery.id),
        },
        timeout=TIMEOUT,
        redirect=False,
        retries=False,
        preload_content=False,
    )
    answer.close()
    return int(answer.status)


@functools.cache
def _http() -> urllib3.PoolManager:
    return public_http()


def _explain(error: Exception) -> str:
    text = str(error)
    # What stands before the colon is a connection's address in memory.
    return (text.rpartition(": ")[2] or text or type(error).__name__)[:300]
