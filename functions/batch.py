"""Lambda entry point of the batch path: photos that wait in a queue rather than being uploaded.

Re-analyses, second tries and backfills come as messages of the backend's Celery through SQS. Each
runs through the same state machine as an upload, and is waited for, so that this function's
reserved concurrency times its batch is how many such photos are under way at once: a million
waiting photos neither take the functions from uploads nor flood the database.
"""

import functools
import json
import logging
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from functions.config import ConfigError
from functions.events import EventError, photo_id_of_message

logger = logging.getLogger(__name__)

# One state machine's run at most (an Express one ends after five minutes) and an answer's way.
_WAIT_SECONDS = 310


def run_batch(event: dict[str, Any], context: object = None) -> dict[str, Any]:
    """Lambda: the photos of an SQS event are done; the answer names those that are not.

    Those come again after the queue's visibility time-out and end in its dead-letter queue. A
    photo whose analysis failed is done: its failure is on record, and the backend decides.
    """
    records = event["Records"]
    with ThreadPoolExecutor(max_workers=max(1, len(records))) as pool:
        done = list(pool.map(_is_done, records))
    failed = [
        record["messageId"] for record, is_done in zip(records, done, strict=True) if not is_done
    ]
    return {"batchItemFailures": [{"itemIdentifier": identity} for identity in failed]}


def _is_done(record: dict[str, Any]) -> bool:
    try:
        photo_id = photo_id_of_message(record["body"])
        if photo_id is None:  # expired: the sweeper has sent another
            return True
        answer = _client().start_sync_execution(
            stateMachineArn=_state_machine(), input=json.dumps({"photo_id": photo_id})
        )
    except EventError as error:
        logger.error("message %s: %s", record.get("messageId"), error)
        return False
    except Exception:  # the edge: one message's trouble is not the others'
        logger.exception("message %s", record.get("messageId"))
        return False
    if answer["status"] == "SUCCEEDED":
        return True
    logger.error("photo %s: %s %s", photo_id, answer["status"], answer.get("error"))
    return False


@functools.cache
def _state_machine() -> str:
    """Raises ConfigError."""
    arn = os.environ.get("STATE_MACHINE_ARN")
    if not arn:
        raise ConfigError("STATE_MACHINE_ARN is not set; serverless.yml does so")
    return arn


@functools.cache
def _client() -> Any:
    import boto3
    from botocore.config import Config as ClientConfig

    return boto3.client(
        "stepfunctions",
        config=ClientConfig(
            connect_timeout=3,
            read_timeout=_WAIT_SECONDS,
            # A second start would find nothing to claim and hide that the first one failed.
            retries={"max_attempts": 1, "mode": "standard"},
            max_pool_connections=10,
        ),
    )
