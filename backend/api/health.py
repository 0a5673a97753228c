"""Is the process up, and can it do its work?"""

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse

from backend.api.problems import read_only
from backend.core import storage
from backend.core.jobs import waiting_messages
from functions.contract import ANALYSIS_QUEUE


@read_only
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while the process answers."""
    return JsonResponse({"status": "ok"})


@read_only
def readyz(request: HttpRequest) -> JsonResponse:
    """200 if an upload would be accepted; else 503, with the servers that do not answer."""

    def database() -> None:
        with connection.cursor() as cursor:
            cursor.execute("select 1 from photos_photo limit 1")

    def broker() -> None:
        waiting_messages(ANALYSIS_QUEUE)

    checks = {
        "database": database,
        "storage": storage.check,
        "broker": broker,
        "cache": _check_cache,
    }
    answers = {}
    for name, check in checks.items():
        try:
            check()
        except Exception as error:  # whatever ails a server, this page says so instead of failing
            answers[name] = f"{type(error).__name__}"
        else:
            answers[name] = "ok"
    ready = all(answer == "ok" for answer in answers.values())
    return JsonResponse(
        {"status": "ok" if ready else "unavailable", **answers}, status=200 if ready else 503
    )


def _check_cache() -> None:
    cache.get("readyz")
