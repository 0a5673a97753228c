"""Background work, asked for by name so that no room needs to know a room above it."""

import logging

from kombu.exceptions import KombuError, OperationalError

from backend.celery import app

logger = logging.getLogger(__name__)


def enqueue(name: str, *args: object, queue: str | None = None, expires: int | None = None) -> bool:
    """Tell a worker. False if the broker is away: the sweeper then finds the work in Postgres."""
    try:
        app.send_task(name, args=args, queue=queue, expires=expires, ignore_result=True)
    except (OperationalError, KombuError, OSError) as error:
        logger.warning("broker is away, %s waits for the sweeper: %s", name, error)
        return False
    return True


def waiting_messages(queue: str) -> int:
    """How many messages of a queue no worker has taken yet."""
    with app.connection_for_read() as connection:
        channel = connection.default_channel
        try:
            return int(channel.queue_declare(queue=queue, passive=True).message_count)  # type: ignore[attr-defined]
        except connection.channel_errors:
            return 0  # a queue that holds nothing does not exist
