"""Celery's ways into exports and imports."""

import logging

from celery import shared_task

from backend.archive import exporting, importing
from backend.archive.people import settle_faces

logger = logging.getLogger(__name__)


@shared_task(name="archive.prepare_exports")
def prepare_exports() -> None:
    exporting.prepare_exports()


@shared_task(name="archive.run_imports")
def run_imports() -> None:
    importing.run_imports()


@shared_task(name="archive.settle_faces")
def settle() -> None:
    settle_faces()


@shared_task(name="archive.forget")
def forget() -> None:
    logger.info("forgot %d exports", exporting.forget_exports())
    logger.info("gave up %d imports", importing.forget_imports())
