"""Celery's way into deletions."""

from celery import shared_task

from backend.leaving.erasing import delete_accounts


@shared_task(name="leaving.delete_accounts")
def delete() -> None:
    delete_accounts()
