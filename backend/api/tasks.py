"""Celery's ways into what the API keeps."""

import logging

from celery import shared_task

from backend.api.idempotency import forget_answers

logger = logging.getLogger(__name__)


@shared_task(name="api.forget_answers")
def forget() -> None:
    logger.info("forgot %d answers", forget_answers())
