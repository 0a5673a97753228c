"""A Lambda function on this machine: our handler under AWS's own runtime client.

The client (awslambdaric, which Lambda's Python runtimes are built on) asks a Runtime API for
events and posts answers back; this module is that API, with Lambda's limits of time and memory,
and what Lambda answers to whoever invoked a function that was stopped by them.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import contextlib
import importlib.metadata
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
# Where the packages of the running interpreter are.
PACKAGES = Path(str(importlib.metadata.distribution("awslambdaric").locate_file("")))
_CLIENT = ("awslambdaric", "simplejson", "snapshot_restore_py.py", "runtime_client.*.so")
_TICK = 0.005


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the caller of a function gets: an answer, or an error as Lambda words it."""

    payload: Any
    error: str | None  # Lambda's errorType
    seconds: float
    cpu_seconds: float
    peak_mb: float

    @property
    def detail(self) -> str:
        return str(self.payload.get("errorMessage", "")) if self.error else ""


class LambdaFunction:
    """One execution environment, replaced when its process ends, as Lambda does.

    task_root:   what a deployment package holds: this source tree, or an unpacked zip.
    packages:    further folders to import from; none for a zip, which must be complete.
    memory_mb:   resident memory at which the process is killed.
    core:        the one CPU core that it may use; any, if none is given.
    """

    def __init__(
        self,
        handler: str,
        *,
        environment: Mapping[str, str],
        task_root: Path = ROOT,
        packages: Sequence[Path] = (PACKAGES,),
        seconds: float = 60,
        memory_mb: int = 1769,
        core: int | None = None,
    ) -> None:
        self.handler = handler
        self.seconds = seconds
        self.memory_mb = memory_mb
        self.core = core
        self.starts = 0
        self._task_root = task_root
        self._packages = packages
        self._environment = dict(environment)
        self._api = _RuntimeApi()
        # The runtime client and nothing else, as in /var/runtime.
        self._runtime = tempfile.TemporaryDirectory()
        for pattern in _CLIENT:
            for found in PACKAGES.glob(pattern):
                (Path(self._runtime.name) / found.name).symlink_to(found)
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()
        self._api.close()
        self._runtime.cleanup()

    def invoke(self, event: Any) -> Outcome:
        """Run the handler on an event, which goes through JSON. From one thread at a time."""
        began = time.perf_counter()
        spent = 0.0
        if self._process is None or self._process.poll() is not None:
            self._start()
        else:
            spent = self._cpu_seconds()
        request = self._api.offer(json.dumps(event).encode(), seconds=self.seconds)
        deadline = time.monotonic() + self.seconds
        peak = 0.0
        answer: tuple[str, bytes] | None = None
        error: tuple[str, str] | None = None
        while answer is None and error is None:
            with contextlib.suppress(queue.Empty):
                answer = self._api.answers.get(timeout=_TICK)
            peak = max(peak, self._peak_mb())
            error = self._why_ended(request, deadline, peak) if answer is None else None
        seconds = time.perf_counter() - began
        measured = {"seconds": seconds, "peak_mb": peak, "cpu_seconds": self._cpu_seconds() - spent}
        if error is not None:
            self._end()
            name, message = error
            payload: Any = {"errorType": name, "errorMessage": f"RequestId: {request} {message}"}
            return Outcome(payload=payload, error=name, **measured)
        kind, body = answer or ("", b"")
        payload = json.loads(body)
        failed = str(payload.get("errorType", "Exception")) if kind == "error" else None
        return Outcome(payload=payload, error=failed, **measured)

    def _why_ended(self, request: str, deadline: float, peak: float) -> tuple[str, str] | None:
        if peak > self.memory_mb:
            return "Runtime.OutOfMemory", "Error: Runtime exited with error: signal: killed"
        if time.monotonic() > deadline:
            return "Sandbox.Timedout", f"Error: Task timed out after {self.seconds:.2f} seconds"
        if self._process is not None and self._process.poll() is not None:
            if not self._api.answers.empty():
                return None
            status = self._process.returncode
            return "Runtime.ExitError", f"Error: Runtime exited with error: exit status {status}"
        return None

    def _start(self) -> None:
        self.starts += 1
        self._api.forget()
        folders = [self._task_root, *self._packages, Path(self._runtime.name)]
        environment = {
            "PATH": os.environ["PATH"],
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PYTHONPATH": os.pathsep.join(map(str, folders)),
            # /var/task cannot be written to.
            "PYTHONDONTWRITEBYTECODE": "1",
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
            "LAMBDA_TASK_ROOT": str(self._task_root),
            "AWS_LAMBDA_FUNCTION_NAME": self.handler.rpartition(".")[2],
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory_mb),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            # A role's passing keys.
            "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_SESSION_TOKEN": "token",
            **self._environment,
        }
        # -S: nothing of this machine's packages but what PYTHONPATH says.
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-m", "awslambdaric", self.handler],
            cwd=self._task_root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=None if os.environ.get("LAMBDA_LOGS") else subprocess.DEVNULL,
            stderr=None if os.environ.get("LAMBDA_LOGS") else subprocess.DEVNULL,
        )
        if self.core is not None:
            os.sched_setaffinity(self._process.pid, {self.core})

    def _peak_mb(self) -> float:
        """The most that the process has held so far."""
        if self._process is None:
            return 0.0
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:
            return 0.0
        lines = dict(line.split(":", 1) for line in status.splitlines())
        return int(lines.get("VmHWM", "0 kB").split()[0]) / 1024

    def _cpu_seconds(self) -> float:
        """What all threads of the process have used so far."""
        if self._process is None:
            return 0.0
        threads = Path(f"/proc/{self._process.pid}/task").glob("*/schedstat")
        with contextlib.suppress(OSError):
            return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9
        return 0.0

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A process that was killed leaves its connection behind: nothing to tell."""


class _RuntimeApi:
    """http://{address}/2018-06-01/runtime/..., for one process at a time."""

    def __init__(self) -> None:
        self.answers: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._events: queue.Queue[tuple[str, bytes, int]] = queue.Queue()
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def log_message(self, format: str, *args: Any) -> None:
                pass

            def do_GET(self) -> None:
                request, event, deadline = api._events.get()
                headers = {
                    "Lambda-Runtime-Aws-Request-Id": request,
                    "Lambda-Runtime-Deadline-Ms": str(deadline),
                    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:1:function:f",
                    "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700",
                }
                self._answer(200, event, headers)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                kind = self.path.rpartition("/")[2]
                self._answer(202, b'{"status":"OK"}', {})
                api.answers.put(("error" if "error" in kind else "response", body))

            def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self.wfile.write(body)

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def offer(self, event: bytes, *, seconds: float) -> str:
        """The next process that asks gets the event. Returns the request's id."""
        request = str(uuid.uuid4())
        self._events.put((request, event, int((time.time() + seconds) * 1000)))
        return request

    def forget(self) -> None:
        """A new process gets none of the old one's answers, nor its waiting requests' events."""
        # A request of a dead process may still wait for an event that it could not use.
        self.answers = queue.Queue()
        self._events = queue.Queue()

    def close(self) -> None:
        self._events.put(("", b"{}", 0))
        self._server.shutdown()
        self._server.server_close()
