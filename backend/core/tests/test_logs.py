"""What is written to logs holds no secret of an address."""

import re
import subprocess
import sys
from typing import Any

import pytest
from django.urls import URLPattern, get_resolver

from backend.core.logs import mask
from backend.embedded.process import ROOT


def secret_routes() -> list[str]:
    """Every route whose address holds free text, which may be a secret; others hold ids."""

    def walk(patterns: Any, prefix: str) -> list[str]:
        found = []
        for pattern in patterns:
            path = prefix + str(pattern.pattern)
            if isinstance(pattern, URLPattern):
                found.append(path)
            else:
                found += walk(pattern.url_patterns, path)
        return found

    paths = walk(get_resolver().url_patterns, "/")
    return [path for path in paths if "<str:" in path and not path.startswith("/admin/")]


# Free text that opens nothing.
NO_SECRETS = {
    "/api/v1/photos/<uuid:photo_id>/labels/<str:name>/verdict",
    "/api/v1/predict/<str:kind>",
    "/api/v1/review/<str:queue>",
    "/api/v1/review/<str:queue>/<uuid:item_id>",
    "/api/v1/models/<str:model_id>",
    "/api/v1/models/<str:model_id>/rollout",
}


def test_no_address_with_a_secret_is_written_as_it_is() -> None:
    routes = secret_routes()
    assert set(routes) >= NO_SECRETS
    assert len(routes) > 4
    for route in set(routes) - NO_SECRETS:
        # Of several the first is the secret.
        path = re.sub(r"<str:\w+>", "s3cret-Token_1", route, count=1)
        assert "s3cret" not in mask(f"Not Found: {path}?page_size=2"), route


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("GET /api/v1/links/abc/photos?access=1:x:y&page_size=2 404",
         "GET /api/v1/links/***/photos?access=***&page_size=2 404"),
        ('"GET /objects/eyJh:sig HTTP/1.1" 200', '"GET /objects/*** HTTP/1.1" 200'),
        ("Bearer sgk_abc-DEF_1 is wrong", "Bearer sgk_*** is wrong"),
        ("http://s3/photos/originals/1?X-Amz-Expires=9&X-Amz-Signature=f00",
         "http://s3/photos/originals/1?X-Amz-Expires=9&X-Amz-Signature=***"),
        ("Not Found: /api/v1/photos/01a1f770", "Not Found: /api/v1/photos/01a1f770"),
    ],
)  # fmt: skip
def test_only_the_secret_is_left_out(said: str, written: str) -> None:
    assert mask(said) == written


# The web server sets its own loggers up, opens the application, and then writes.
SERVER = """
import logging
from uvicorn.config import Config
Config("backend.asgi:application", lifespan="off").load()
for name in ("uvicorn", "uvicorn.error", "django.request", "backend.api"):
    logging.getLogger(name).warning("about %s", "/objects/s3cret")
logging.getLogger("uvicorn.access").info(
    '%s - "%s %s HTTP/%s" %d', "1.2.3.4:5", "GET", "/api/v1/links/s3cret", "1.1", 200
)
try:
    raise ValueError("/api/v1/links/s3cret/photos")
except ValueError:
    logging.getLogger("uvicorn.error").exception("Exception in ASGI application")
"""


def test_every_logger_of_the_web_server_is_masked_and_tracebacks_are_too() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SERVER], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout + done.stderr
    assert said.count("about /objects/***") == 4
    assert '"GET /api/v1/links/*** HTTP/1.1" 200' in said
    assert "ValueError: /api/v1/links/***/photos" in said
    assert "s3cret" not in said
