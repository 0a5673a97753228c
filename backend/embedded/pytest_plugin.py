"""Gives a test run its servers, before Django reads its settings.

Named in pyproject.toml as a plugin, so that it comes first. A run of the functions' tests alone
needs no server and starts none.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.embedded.errors import StartError
from backend.embedded.process import ROOT
from backend.embedded.temporary import temporary_servers

# Where no server runs, Django still wants to know where one would be.
_NOWHERE = {
    "SECRET_KEY": "only for tests that reach no server",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nowhere",
    "BROKER_URL": "redis://127.0.0.1:9/0",
    "S3_ENDPOINT_URL": "http://127.0.0.1:9",
    "S3_BUCKET": "photos",
    "S3_ACCESS_KEY_ID": "nobody",
    "S3_SECRET_ACCESS_KEY": "nothing",
    "DELIVERY_SECRET": "only for tests",
    "WEBHOOK_TOKEN": "only for tests",
    "BACKEND_URL": "http://127.0.0.1:9",
}

_servers = contextlib.ExitStack()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    settings = _NOWHERE
    if _needs_servers(early_config):
        try:
            settings = _servers.enter_context(temporary_servers(os.environ, say=_say))
        except StartError as error:
            raise pytest.UsageError(str(error)) from error
    os.environ.update(settings)
    # See process.own_environment: tests open networks, too.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    yield


def pytest_unconfigure() -> None:
    _servers.close()


def _needs_servers(config: pytest.Config) -> bool:
    known = config.known_args_namespace
    if known.help or known.version or known.collectonly:
        return False
    paths = [Path(str(argument).split("::")[0]).absolute() for argument in known.file_or_dir]
    return not paths or not all(path.is_relative_to(ROOT / "functions") for path in paths)


def _say(text: str) -> None:
    print(text)
