"""The CPU time that a thread's work takes, here or in another process that works for it."""

import threading
import time

_elsewhere = threading.local()


def cpu_seconds() -> float:
    """Grows as this thread works, and by what add_cpu_seconds is told on this thread."""
    worked: float = getattr(_elsewhere, "seconds", 0.0)
    return time.thread_time() + worked


def add_cpu_seconds(seconds: float) -> None:
    """Another process has worked so long for this thread."""
    _elsewhere.seconds = getattr(_elsewhere, "seconds", 0.0) + seconds
