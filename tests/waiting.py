"""Waiting for what happens elsewhere: asked again and again, never slept for blindly."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(what: str, ask: Callable[[], T], *, seconds: float, pause: float = 0.2) -> T:
    """The first answer that is true. Fails with `what` and the last answer if none comes."""
    end = time.monotonic() + seconds
    while not (answer := ask()):
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds:.0f} s; last seen: {answer!r}")
        time.sleep(pause)
    return answer
