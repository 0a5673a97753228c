"""Servers for a test run: real ones, in a temporary folder, gone afterwards."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from backend.embedded.data_dir import only_instance, prepare_data_dir
from backend.embedded.environment import instance_environment
from backend.embedded.errors import StartError
from backend.embedded.options import read_options
from backend.embedded.own_secrets import keep_secrets
from backend.embedded.postgres import find_home
from backend.embedded.servers import set_up_servers
from backend.embedded.supervisor import Supervisor

_PREFIX = "shiguang-test-"
# Nobody listens there: a test that wants deliveries to arrive starts a web server of its own.
_NOBODY = "9"


@contextlib.contextmanager
def temporary_servers(
    environ: Mapping[str, str], *, say: Callable[[str], None]
) -> Iterator[dict[str, str]]:
    """Postgres, Valkey and SeaweedFS run meanwhile. Yields the settings that lead to them.

    Servers that the environment names (DATABASE_URL, BROKER_URL, S3_*) are used instead.
    """
    _remove_old_folders()
    data_dir = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        prepare_data_dir(data_dir)
        with only_instance(data_dir), _running(data_dir, environ, say) as settings:
            yield settings
    finally:
        _remove(data_dir)


@contextlib.contextmanager
def _running(
    data_dir: Path, environ: Mapping[str, str], say: Callable[[str], None]
) -> Iterator[dict[str, str]]:
    chosen = {"DATA_DIR": str(data_dir), "PORT": _NOBODY, "HOST": ""}
    options = read_options({**environ, **chosen}, folder=data_dir)
    secrets = keep_secrets(data_dir / "secrets.env", first={})
    supervisor = Supervisor(say=lambda _text: None)
    try:
        programs, servers = set_up_servers(
            options, secrets=secrets, environ=environ, webhook_url=None, say=say, durable=False
        )
        supervisor.start(programs)
        supervisor.wait_until_ready(seconds=60)
        yield instance_environment(
            options=options, servers=servers, secrets=secrets, environ=environ
        )
    finally:
        supervisor.stop(())


def _remove_old_folders() -> None:
    """What killed test runs left behind; the lock tells that nobody uses it any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError, StartError):
            if folder.stat().st_uid != os.getuid():
                continue
            with only_instance(folder):
                _remove(folder)


def _remove(data_dir: Path) -> None:
    home = find_home(data_dir)
    if home.owner is not None:
        shutil.rmtree(home.data.parent, ignore_errors=True)
    shutil.rmtree(data_dir, ignore_errors=True)
