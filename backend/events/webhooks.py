"""Telling webhooks: signed, tried again for a day, and logged."""

import functools
import hashlib
import hmac
import logging
import secrets
import time
from datetime import datetime, timedelta

import urllib3
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backend.accounts.models import User
from backend.core.errors import RefusedError
from backend.events.models import Delivery, Webhook
from backend.events.public_address import public_http

logger = logging.getLogger(__name__)

MAX_WEBHOOKS = 20  # a user
# Ten seconds, then four times as long each time, eight hours at most: a day and a bit in all.
FIRST_WAIT = timedelta(seconds=10)
MAX_ATTEMPTS = 10
MAX_WAIT = timedelta(hours=8)
MOST_AT_ONCE = 100  # a task; others have their turn between two
TIMEOUT = urllib3.Timeout(connect=5, read=10)
MAX_ANSWER_BYTES = 64 * 1024

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


def deliver_due(*, limit: int = MOST_AT_ONCE) -> int:
    """Deliveries whose time has come are tried, each once. Returns how many.

    Workers may run it side by side: what one tries is due again only after its time-out.
    """
    count = 0
    while count < limit:
        with transaction.atomic():
            delivery = (
                Delivery.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("webhook")
                .filter(due_at__lte=timezone.now())
                .order_by("due_at")
                .first()
            )
            if delivery is None:
                break
            delivery.attempts += 1
            # If this process dies meanwhile, that attempt has failed.
            delivery.due_at = _next_attempt(delivery.attempts)
            delivery.save(update_fields=["attempts", "due_at"])
        # No transaction stays open while somebody's server thinks.
        deliver(delivery)
        count += 1
    return count


def deliver(delivery: Delivery) -> None:
    """One attempt has been made, and its outcome is in the log."""
    delivery.status, delivery.error = None, ""
    try:
        answer = _post(delivery)
    except urllib3.exceptions.HTTPError as error:
        delivery.error = _explain(error)
    else:
        delivery.status = answer
        if 200 <= answer < 300:
            delivery.delivered_at, delivery.due_at = timezone.now(), None
        else:
            delivery.error = f"The address answered {answer}."
    delivery.save(update_fields=["status", "error", "delivered_at", "due_at"])


def redeliver(delivery: Delivery) -> None:
    """The same message is due again at once, whatever became of it. Safe to run twice."""
    make_due(delivery, timezone.now())
    delivery.save(update_fields=["due_at", "attempts", "delivered_at", "status", "error"])


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
    """The status of the answer, of which no more than a bit is read."""
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
    try:
        answer.read(MAX_ANSWER_BYTES)
    finally:
        answer.close()
    return int(answer.status)


@functools.cache
def _http() -> urllib3.PoolManager:
    return public_http()


def _explain(error: Exception) -> str:
    text = str(error)
    # What stands before the colon is a connection's address in memory.
    return (text.rpartition(": ")[2] or text or type(error).__name__)[:300]
