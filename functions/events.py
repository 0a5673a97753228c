"""The messages that start work on a photo, as each engine words them."""

import base64
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote_plus

from functions.contract import ANALYSIS_TASK, photo_id_of_original


class EventError(ValueError):
    """A message is not one of those that start work; the text says why."""


def photo_id_of_event(event: Any) -> str | None:
    """The photo that an event is about; None if it is about no original of ours.

    Knows EventBridge's "Object Created", S3's notification record, and our own {"photo_id"}.
    """
    try:
        if "photo_id" in event:
            photo_id = event["photo_id"]
        elif event.get("detail-type") == "Object Created":
            photo_id = photo_id_of_original(event["detail"]["object"]["key"])
        else:
            # S3 sends keys URL-encoded here.
            photo_id = photo_id_of_original(unquote_plus(event["s3"]["object"]["key"]))
        # Whatever else lies in the folder is none of the album's.
        return str(uuid.UUID(photo_id))
    except (KeyError, TypeError, AttributeError, ValueError):
        return None


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a message of Celery asks for."""

    name: str
    arguments: list[Any]
    expires: datetime | None

    def is_expired(self) -> bool:
        return self.expires is not None and self.expires <= datetime.now(UTC)


def photo_id_of_message(body: str) -> str | None:
    """The photo that a queue's message asks for; None if the message has expired.

    Knows Celery's messages and the events of photo_id_of_event. Raises EventError for others.
    """
    message = _loads(body)
    if not isinstance(message, dict) or "headers" not in message:
        photo_id = photo_id_of_event(message)
        if photo_id is None:
            raise EventError(f"a message about no photo: {body[:200]}")
        return photo_id
    task = task_of_message(body)
    photo_id = photo_id_of_event({"photo_id": task.arguments[0] if task.arguments else None})
    if task.name != ANALYSIS_TASK or photo_id is None:
        raise EventError(f"no task of the functions: {task}")
    # An expired one is not missed: the sweeper has sent another.
    return None if task.is_expired() else photo_id


def task_of_message(body: str) -> Task:
    """The task in a message as Celery sends it through SQS.

    That is base64 around JSON, and in it base64 around the arguments' JSON (Celery's message
    protocol 2, kombu's SQS transport). Raises EventError.
    """
    message = _loads(body)
    try:
        headers = message["headers"]
        expires = headers.get("expires")
        arguments, keywords, _ = json.loads(base64.b64decode(message["body"]))
        if keywords or not isinstance(arguments, list):
            raise EventError("tasks here have plain arguments only")
        return Task(
            name=str(headers["task"]),
            arguments=arguments,
            expires=None if expires is None else datetime.fromisoformat(expires),
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise EventError(f"no message of Celery: {error!r}") from error


def _loads(body: str) -> Any:
    for text in (body, _unwrap(body)):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            continue
    raise EventError(f"a message that is no JSON: {body[:200]}")


def _unwrap(body: str) -> bytes:
    try:
        return base64.b64decode(body, validate=True)
    except ValueError:
        return b""
