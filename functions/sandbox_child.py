"""The child's side of functions.sandbox: inspects one photo after another, under limits.

Started as `python -m functions.sandbox_child FD PARENT CPU_SECONDS MEMORY_BYTES`, where FD is
a connected socket and PARENT the process id of who started it.
"""

import ctypes
import os
import resource
import signal
import socket
import sys
import time
import warnings
from pathlib import Path

from functions.errors import AnalysisError
from functions.inspection import Inspection, inspect
from functions.sandbox_wire import Answer, receive_photo, send_answer, send_ready

# An idle child of 60 MB may keep this much before a fresh one is cheaper than its memory.
_KEEP_BYTES = 200_000_000
_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000


def main() -> None:
    descriptor, parent, cpu_seconds, memory_bytes = sys.argv[1:]
    has_left_network = leave_network()
    end_with_parent(int(parent))
    limit_resources(int(memory_bytes))
    # Decoders warn about what their input is like, which is not for anybody's log.
    warnings.simplefilter("ignore")
    with socket.socket(fileno=int(descriptor)) as connection:
        send_ready(connection, has_left_network=has_left_network)
        began = time.process_time()
        while (data := receive_photo(connection)) is not None:
            answer = answer_within(data, cpu_seconds=float(cpu_seconds), began=began)
            del data
            send_answer(connection, answer)
            if answer.is_last:
                return
            began = time.process_time()


def answer_within(data: bytes, *, cpu_seconds: float, began: float) -> Answer:
    """One photo's inspection or why there is none; the process dies at the limit of CPU time.

    began: time.process_time() when the photo's bytes began to come.
    """
    # SIGPROF's default ends the process even inside a decoder that never returns to Python.
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    outcome = _inspect(data)
    signal.setitimer(signal.ITIMER_PROF, 0)
    # After running out of memory, what is left may be in pieces.
    is_out = isinstance(outcome, AnalysisError) and outcome.code == "out_of_memory"
    return Answer(
        outcome=outcome,
        is_last=is_out or _resident_bytes() > _KEEP_BYTES,
        cpu_seconds=time.process_time() - began,
    )


def leave_network() -> bool:
    """From now on this process reaches no address, not even this machine's own.

    False if the system does not let it: containers often forbid it, others than Linux have no
    such thing. Before end_with_parent, whose wish a change of user namespace makes void.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None)
    # Whoever is not root needs a namespace of users to make one of networks; in a chroot, where
    # the first is forbidden, root can do without.
    return any(
        libc.unshare(flags) == 0 for flags in (_CLONE_NEWUSER | _CLONE_NEWNET, _CLONE_NEWNET)
    )


def end_with_parent(parent: int) -> None:
    """This process dies with the one that started it (elsewhere than on Linux: soon after)."""
    # The parent decides when a child ends; a Ctrl-C for all of them is for the parent.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before it could be watched
            sys.exit(0)


def limit_resources(memory_bytes: int) -> None:
    """Memory runs out at the limit, and nothing can be written to disk."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform == "linux":  # macOS refuses a limit on the address space
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def _inspect(data: bytes) -> AnalysisError | Inspection:
    try:
        return inspect(data)
    except AnalysisError as error:
        return error
    except MemoryError:
        return AnalysisError(
            stage="render",
            code="out_of_memory",
            detail="The picture needs more memory than it may use.",
            permanent=True,
        )
    except Exception as error:  # the edge of the process: what is not foreseen is told
        return AnalysisError(
            stage="inspect",
            code="inspection_failed",
            detail=f"Inspection failed ({type(error).__name__}: {error})"[:300],
            permanent=True,
        )


def _resident_bytes() -> int:
    """What this process holds now; on other systems than Linux, what it held at most."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    return pages * resource.getpagesize()


if __name__ == "__main__":
    main()
