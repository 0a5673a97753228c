"""The album's own programs: web server, workers and timer."""

import contextlib
import functools
import http.client
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from backend.embedded.environment import backend_environment, functions_environment
from backend.embedded.options import Options
from backend.embedded.process import Program, RunningProgram, log_path, machine_environment
from backend.embedded.servers import Servers

_WEB, _TIMER, _RELAY = "web server", "timer", "storage relay"
_BACKEND_WORKER, _FUNCTIONS_WORKER = "backend worker", "functions worker"

# How programs are stopped: first what takes requests, then what works; what keeps comes last. The
# longest of each stage (see stop_seconds) together stay below ten seconds.
STAGES = ((_WEB, _TIMER, _RELAY), (_BACKEND_WORKER, _FUNCTIONS_WORKER))
_STOP_SECONDS = 2.5


def own_programs(
    options: Options, *, instance: Mapping[str, str], servers: Servers, environ: Mapping[str, str]
) -> list[Program]:
    """Everything that runs beside the servers. The functions are told only what they need."""
    data_dir = options.data_dir
    backend = backend_environment(instance, environ=environ, data_dir=data_dir)
    functions = functions_environment(instance, environ=environ, data_dir=data_dir)
    programs = [
        _web(options, environment=backend),
        _worker(
            _BACKEND_WORKER,
            *("-A", "backend.celery"),
            queue="backend",
            threads=2,
            data_dir=data_dir,
            environment=backend,
        ),
        _worker(
            _FUNCTIONS_WORKER,
            *("-A", "functions.worker"),
            queue="functions",
            threads=options.functions_threads,
            data_dir=data_dir,
            environment=functions,
        ),
        _timer(data_dir, environment=backend),
    ]
    if options.open_to_network and not options.storage:
        storage = servers.storage
        public, private = (
            url.rpartition(":")[2] for url in (storage.public_endpoint_url, storage.endpoint_url)
        )
        programs.append(
            _python(
                _RELAY,
                *("backend.embedded.relay", options.host, public, private),
                data_dir=data_dir,
                environment=machine_environment(environ, data_dir=data_dir),
                is_ready=functools.partial(_log_says, b"relay ready"),
            )
        )
    return programs


def _web(options: Options, *, environment: Mapping[str, str]) -> Program:
    return _python(
        _WEB,
        *("uvicorn", "backend.asgi:application"),
        *("--host", options.host, "--port", str(options.port)),
        *("--http", "httptools", "--loop", "asyncio", "--lifespan", "off"),
        # No proxy is in front: nobody may tell us another address than his own.
        *("--no-proxy-headers", "--no-server-header", "--no-access-log"),
        *("--timeout-graceful-shutdown", "1"),
        data_dir=options.data_dir,
        environment=environment,
        is_ready=functools.partial(_web_is_ready, options.host, options.port),
    )


def _worker(
    name: str,
    *app: str,
    queue: str,
    threads: int,
    data_dir: Path,
    environment: Mapping[str, str],
) -> Program:
    return _python(
        name,
        *("celery", *app, "worker", "--pool", "threads", "--concurrency", str(threads)),
        *("--queues", queue, "--hostname", f"{queue}@%h", "--loglevel", "INFO"),
        # There are no other workers to hear of: each of these would only delay the start.
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        data_dir=data_dir,
        environment=environment,
        is_ready=functools.partial(_log_says, b" ready."),
    )


def _timer(data_dir: Path, *, environment: Mapping[str, str]) -> Program:
    return _python(
        _TIMER,
        *("celery", "-A", "backend.celery", "beat", "--loglevel", "INFO", "--pidfile", ""),
        *("--schedule", str(data_dir / "timer")),
        data_dir=data_dir,
        environment=environment,
        is_ready=functools.partial(_log_says, b"beat: Starting"),
    )


def _python(
    name: str,
    *module: str,
    data_dir: Path,
    environment: Mapping[str, str],
    is_ready: Callable[[RunningProgram], bool],
) -> Program:
    return Program(
        name=name,
        command=[sys.executable, "-m", *module],
        environment={**environment, "PYTHONUNBUFFERED": "1"},
        log=log_path(data_dir, name),
        is_ready=is_ready,
        stop_seconds=_STOP_SECONDS,
    )


def _log_says(text: bytes, running: RunningProgram) -> bool:
    return running.log_says(text)


def _web_is_ready(host: str, port: int, _running: RunningProgram) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=3)
    with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    return False
