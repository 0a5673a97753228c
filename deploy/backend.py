"""The backend's Lambda entry points: web pages and API, background tasks, schedules, set-up."""

import functools
import logging
import os
from typing import Any, cast

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")

from django.core.management import call_command
from mangum import Mangum

from backend.asgi import application
from backend.celery import app
from functions.contract import ANALYSIS_QUEUE
from functions.events import EventError, task_of_message

logger = logging.getLogger(__name__)

# Django does nothing at an ASGI server's start and end.
web = Mangum(cast(Any, application), lifespan="off")

# Queues by their addresses: to look for them, or make them, takes rights that nobody needs.
app.conf.broker_transport_options = {
    "region": os.environ.get("AWS_REGION", ""),
    "predefined_queues": {
        name: {"url": os.environ[variable]}
        for name, variable in (
            (ANALYSIS_QUEUE, "FUNCTIONS_QUEUE_URL"),
            (app.conf.task_default_queue, "BACKEND_QUEUE_URL"),
        )
        if variable in os.environ
    },
}


def run_tasks(event: dict[str, Any], context: object = None) -> dict[str, Any]:
    """Lambda: the tasks of an SQS event are done; the answer names those that are not.

    They are Celery's messages, as backend.core.jobs.enqueue sends them; each may come twice.
    """
    failed = []
    for record in event["Records"]:
        try:
            task = task_of_message(record["body"])
            if not task.is_expired():
                run_task(task.name, *task.arguments)
        except Exception:  # the edge: one task's trouble is not the others'
            logger.exception("message %s", record.get("messageId"))
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def run_scheduled(event: dict[str, Any], context: object = None) -> None:
    """Lambda: what a schedule asks for, {"task": name}, is done."""
    run_task(event["task"])


def run_task(name: str, *arguments: Any) -> None:
    """Raises EventError if the backend has no task of that name."""
    task = _tasks().get(name)
    if task is None:
        raise EventError(f"the backend has no task {name!r}")
    task(*arguments)


def prepare(event: object, context: object = None) -> None:
    """Lambda: database, bucket and the first account are up to date. Safe to run again."""
    call_command("prepare")


@functools.cache
def _tasks() -> dict[str, Any]:
    app.loader.import_default_modules()
    return dict(app.tasks)
