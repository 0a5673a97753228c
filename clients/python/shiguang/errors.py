"""What goes wrong, as people read it; and answers, with what went wrong taken out."""

import time
from collections.abc import Callable
from typing import TypeVar

import httpx
from shiguang_client.models.problem import Problem
from shiguang_client.types import Response

T = TypeVar("T")

_PAUSES = (1.0, 2.0, 4.0)
_LONGEST_PAUSE = 60.0


class ShiguangError(Exception):
    """Its text is for whoever typed the command."""


class RefusedError(ShiguangError):
    """The album said no."""

    def __init__(self, problem: Problem) -> None:
        fields = [f"{each.field}: {each.detail}" for each in problem.errors or []]
        super().__init__(" ".join([problem.detail, *fields]))
        self.code = problem.code
        self.status = problem.status


def answer_of(ask: Callable[[], Response[T | Problem]]) -> T:
    """What the album answers, asked again where it was busy or could not be reached.

    Raises RefusedError, ShiguangError.
    """
    response = patiently(lambda: _ask_once(ask))
    parsed = response.parsed
    if isinstance(parsed, Problem):
        raise RefusedError(parsed)
    if parsed is None and response.status_code != 204:
        raise ShiguangError(f"The album answered {response.status_code}: is it another version?")
    return parsed  # type: ignore[return-value]


def _ask_once(ask: Callable[[], Response[T]]) -> Response[T]:
    try:
        return ask()
    except (ValueError, KeyError, TypeError) as error:
        raise ShiguangError(
            f"The answer cannot be understood ({error!r}): is this address an album's?"
        ) from error


def patiently(send: Callable[[], Response[T]]) -> Response[T]:
    """The answer; a busy or absent server is asked four times. Raises ShiguangError."""
    for pause in (*_PAUSES, None):
        wait = pause or 0.0
        try:
            response = send()
        except httpx.TransportError as error:
            if pause is None:
                raise ShiguangError(f"The album cannot be reached: {_reason(error)}") from error
        else:
            if pause is None or response.status_code not in (429, 502, 503, 504):
                return response
            asked_for = response.headers.get("Retry-After", "")
            wait = float(asked_for) if asked_for.isdigit() else wait
        time.sleep(min(wait, _LONGEST_PAUSE))
    raise AssertionError("unreachable")


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
