"""Everything a web server needs before it starts."""

import os
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from backend.accounts.services import ensure_admin
from backend.core.storage import prepare_bucket


class Command(BaseCommand):
    help = (
        "Bring database, bucket, static files and the first account up to date. Safe to run again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)  # where the cache is one
        prepare_bucket()
        call_command("collectstatic", interactive=False, verbosity=0)
        username, password = os.environ.get("ADMIN_USERNAME"), os.environ.get("ADMIN_PASSWORD")
        if username and password:
            ensure_admin(username=username, password=password)
