"""Inspection of hostile bytes in child processes that may crash, hang or be killed.

A child gets the bytes of one photo over a socket and answers with an inspection. It holds no
secret (its environment is bare), inherits no file, reaches no network where the system lets it
leave (else the log says so), and what it says is read as numbers and JSON, never unpickled: a
decoder that was taken over stays where it is.

Written here rather than taken from pebble, which unpickles what children send, shares one pipe
and one lock among them, and looks for dead ones ten times a second.
"""

import contextlib
import logging
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from functions.contract import MAX_UPLOAD_BYTES
from functions.cpu_time import add_cpu_seconds
from functions.errors import AnalysisError
from functions.inspection import Inspection
from functions.sandbox_wire import WireError, receive_answer, receive_ready, send_photo

logger = logging.getLogger(__name__)

# How long a child may take to import what it needs; on a busy machine that is seconds.
_START_SECONDS = 60

# What an interpreter needs of its surroundings; no other variable is handed on.
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "TMPDIR")

# Signals that decoders raise themselves; the same bytes will do so again.
_CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE)


class Sandbox:
    """A few child processes that inspect photos, one at a time each, for many threads.

    children:     how many photos are inspected at once; further callers wait.
    seconds:      how long one photo may take. Half of it in CPU time means that it always
                  will; running out without that means that the machine was busy.
    memory_bytes: the address space of a child.

    A child that crashed, hung or was killed is replaced, and the next photo is untouched. All
    of them end with this process, however it ends.
    """

    def __init__(self, *, children: int, seconds: float, memory_bytes: int) -> None:
        if children < 1 or seconds <= 0 or memory_bytes <= 0:
            raise ValueError("a sandbox needs at least one child, some time and some memory")
        self._seconds = seconds
        self._memory_bytes = memory_bytes
        # Linux ends a child with the *thread* that started it, so one thread that lasts as
        # long as the sandbox starts them all.
        self._starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sandbox")
        self._lock = threading.Lock()  # guards the two below
        self._is_closed = False
        self._all: set[_Child] = set()
        # Last in, first out: few children stay warm, rather than all of them lukewarm.
        self._idle: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        for _ in range(children):
            self._idle.put(self._start_child())

    def inspect(self, data: bytes) -> Inspection:
        """What the bytes of an upload are; see inspection.inspect.

        The child's CPU time counts as the caller's (see cpu_time), unless it did not survive.
        Raises AnalysisError: those of images.decode_photo and, at stage "sandbox",
        decoder_crashed, decode_timeout, out_of_memory and sandbox_unavailable.
        """
        if len(data) > MAX_UPLOAD_BYTES:  # spares sending it
            raise AnalysisError(
                stage="decode",
                code="file_too_large",
                detail=f"The file has more than {MAX_UPLOAD_BYTES // 1_000_000} MB.",
                permanent=True,
            )
        child = self._idle.get()
        try:
            if child is None or not child.is_usable():
                child = self._replace(child)
            return child.inspect(data, seconds=self._seconds)
        finally:
            # A fresh child starts while the next photo is still being fetched.
            if child is not None and not child.is_usable():
                child = self._try_to_replace(child)
            self._idle.put(child)

    def close(self) -> None:
        """No child is left; photos still being inspected fail and may be tried again."""
        with self._lock:
            self._is_closed = True
            children, self._all = self._all, set()
        for child in children:
            child.end()
        self._starter.shutdown()

    def _start_child(self) -> "_Child":
        """Raises OSError or RuntimeError if the system or a closed sandbox does not let it."""
        arguments = (self._seconds / 2, self._memory_bytes)
        child = self._starter.submit(_Child, *arguments).result()
        with self._lock:
            if not self._is_closed:
                self._all.add(child)
                return child
        child.end()
        raise RuntimeError("the sandbox is closed")

    def _replace(self, child: "_Child | None") -> "_Child":
        if child is not None:
            child.end()
            with self._lock:
                self._all.discard(child)
        try:
            return self._start_child()
        except (OSError, RuntimeError) as error:
            raise _failure(
                "sandbox_unavailable", f"No decoder could be started: {error}"
            ) from error

    def _try_to_replace(self, child: "_Child") -> "_Child | None":
        try:
            return self._replace(child)
        except AnalysisError:
            return None  # whoever comes next tries again, and is told if it fails


class _Child:
    """One child process and the socket to it. Used by one thread at a time, but for `end`."""

    def __init__(self, cpu_seconds: float, memory_bytes: int) -> None:
        self._connection, theirs = socket.socketpair()
        self._is_ready = False
        self._is_usable = True
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [
                        sys.executable,
                        "-P",  # what lies in the working directory is not ours to import
                        "-m",
                        "functions.sandbox_child",
                        str(theirs.fileno()),
                        str(os.getpid()),
                        str(cpu_seconds),
                        str(memory_bytes),
                    ],
                    pass_fds=[theirs.fileno()],
                    env=_bare_environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            except OSError:
                self._connection.close()
                raise

    def is_usable(self) -> bool:
        return self._is_usable and self._process.poll() is None

    def inspect(self, data: bytes, *, seconds: float) -> Inspection:
        """Raises AnalysisError; afterwards is_usable tells whether it was the child's end."""
        try:
            self._wait_until_ready()
            deadline = time.monotonic() + seconds
            send_photo(self._connection, data, deadline=deadline)
            answer = receive_answer(self._connection, deadline=deadline)
        except TimeoutError as error:
            self.end()
            detail = f"Decoding did not end within {seconds:g} s; the machine may have been busy."
            raise _failure("decode_timeout", detail) from error
        except (EOFError, OSError, WireError) as error:
            raise self._explain_end(error) from error
        self._is_usable = not answer.is_last
        add_cpu_seconds(answer.cpu_seconds)
        if isinstance(answer.outcome, AnalysisError):
            raise answer.outcome
        return answer.outcome

    def end(self) -> None:
        """The process is gone. Safe to call twice and while another thread waits for it."""
        self._is_usable = False
        self._process.kill()
        self._process.wait()
        # Wakes a thread that waits for an answer, which closing alone would not.
        with contextlib.suppress(OSError):  # already closed
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()

    def _wait_until_ready(self) -> None:
        """Start-up is not counted as time spent on a photo. Raises AnalysisError."""
        if self._is_ready:
            return
        try:
            deadline = time.monotonic() + _START_SECONDS
            has_left_network = receive_ready(self._connection, deadline=deadline)
        except (EOFError, OSError, WireError) as error:
            self.end()
            detail = f"A decoder did not start (exit status {self._process.returncode})."
            raise _failure("sandbox_unavailable", detail) from error
        if not has_left_network:
            logger.warning("The system does not let decoders leave the network.")
        self._is_ready = True

    def _explain_end(self, error: Exception) -> AnalysisError:
        """Why the child is gone or speaks nonsense."""
        self._is_usable = False
        try:
            status = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            status = 0  # alive, so it spoke nonsense
        self.end()
        if status == -signal.SIGPROF:
            detail = "Decoding needs more time than it may use."
            return _failure("decode_timeout", detail, permanent=True)
        if status == -signal.SIGKILL:
            # By the system, for its own want of memory, or by the sandbox's closing.
            return _failure("out_of_memory", "The decoder was ended by the system.")
        if -status in _CRASHES:
            detail = f"The decoder crashed ({signal.Signals(-status).name})."
            return _failure("decoder_crashed", detail, permanent=True)
        return _failure("decoder_crashed", f"The decoder ended: {error} (status {status}).")


def _bare_environment() -> dict[str, str]:
    """No secrets; one thread and one heap, which otherwise each reserve address space."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    root = str(Path(__file__).resolve().parent.parent)
    return inherited | {
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join([root, *filter(None, sys.path)]),
        "MALLOC_ARENA_MAX": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


def _failure(code: str, detail: str, *, permanent: bool = False) -> AnalysisError:
    return AnalysisError(stage="sandbox", code=code, detail=detail, permanent=permanent)
