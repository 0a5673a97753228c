"""Django with an empty database, for benchmarks that measure the backend's own code."""

import contextlib
import os
from collections.abc import Iterator

from backend.embedded.temporary import temporary_servers


@contextlib.contextmanager
def own_database() -> Iterator[None]:
    """Django works meanwhile, on servers of its own with an empty database."""
    with temporary_servers(os.environ, say=lambda _text: None) as settings:
        os.environ.update(settings)
        os.environ["DJANGO_SETTINGS_MODULE"] = "backend.settings"
        import django
        from django.core.management import call_command
        from django.db import connections

        django.setup()
        call_command("migrate", verbosity=0)
        try:
            yield
        finally:
            connections.close_all()
