"""What a sandbox and its children say to each other: lengths, JSON and raw pixels.

Nothing is pickled, because the child's side may have been taken over by what it decoded.
"""

import dataclasses
import json
import socket
import struct
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.contract import Camera, InspectionFindings, Location, Rendition, RenditionInfo
from functions.errors import AnalysisError
from functions.inspection import Inspection

_READY = {True: b"alone", False: b"ready"}

# Far above any true answer, so that a false one cannot fill the parent's memory.
_MAX_HEAD_BYTES = 1_000_000
_MAX_RENDITION_BYTES = 16_000_000
_MAX_PREVIEW_PIXELS = 4096 * 4096
_MAX_CPU_SECONDS = 3600

_LENGTH = struct.Struct("<Q")
# One call copies at most this much, so that a deadline is looked at in between.
_CHUNK = 1 << 20


class WireError(Exception):
    """The other side said something that is not of this protocol."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    outcome: Inspection | AnalysisError
    is_last: bool  # the child ends after this answer
    cpu_seconds: float  # what receiving and inspecting the photo took; sending this comes on top


def send_photo(connection: socket.socket, data: bytes, *, deadline: float) -> None:
    """Raises OSError if the other side is gone, TimeoutError at the deadline (monotonic)."""
    _send(connection, _LENGTH.pack(len(data)), deadline=deadline)
    _send(connection, data, deadline=deadline)


def receive_photo(connection: socket.socket) -> bytes | None:
    """The next photo; None once the other side is gone. Waits as long as it takes."""
    connection.settimeout(None)
    try:
        (length,) = _LENGTH.unpack(_receive(connection, _LENGTH.size))
        return bytes(_receive(connection, length))
    except EOFError:
        return None


def send_answer(connection: socket.socket, answer: Answer) -> None:
    outcome = answer.outcome
    head: dict[str, Any] = {"is_last": answer.is_last, "cpu_seconds": answer.cpu_seconds}
    parts: list[bytes | memoryview] = []
    if isinstance(outcome, AnalysisError):
        head["failure"] = vars(outcome)
    else:
        head["findings"] = dataclasses.asdict(outcome.findings)
        head["shape"] = outcome.pixels.shape
        head["renditions"] = {name: len(file) for name, file in outcome.renditions.items()}
        parts = [*outcome.renditions.values(), outcome.pixels.data.cast("B")]
    packed = json.dumps(head, allow_nan=False).encode()
    connection.settimeout(None)
    for part in (_LENGTH.pack(len(packed)), packed, *parts):
        connection.sendall(part)


def receive_answer(connection: socket.socket, *, deadline: float) -> Answer:
    """Raises EOFError or OSError if the child is gone, TimeoutError, WireError."""
    (length,) = _LENGTH.unpack(_receive(connection, _LENGTH.size, deadline=deadline))
    if length > _MAX_HEAD_BYTES:
        raise WireError("an answer's head is too long")
    try:
        head = json.loads(_receive(connection, length, deadline=deadline))
        if failure := head.get("failure"):
            outcome: Inspection | AnalysisError = AnalysisError(**failure)
        else:
            outcome = _receive_inspection(connection, head, deadline=deadline)
        cpu_seconds = float(head["cpu_seconds"])
        if not 0 <= cpu_seconds <= _MAX_CPU_SECONDS:  # so is NaN
            raise WireError("an answer's CPU time is odd")
        return Answer(outcome=outcome, is_last=bool(head["is_last"]), cpu_seconds=cpu_seconds)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise WireError(f"an answer makes no sense: {error}") from error


def send_ready(connection: socket.socket, *, has_left_network: bool) -> None:
    connection.sendall(_READY[has_left_network])


def receive_ready(connection: socket.socket, *, deadline: float) -> bool:
    """True if the child has left the network. Raises EOFError, OSError, TimeoutError, WireError."""
    said = bytes(_receive(connection, len(_READY[True]), deadline=deadline))
    if said not in _READY.values():
        raise WireError("a child did not say that it is ready")
    return said == _READY[True]


def _receive_inspection(
    connection: socket.socket, head: dict[str, Any], *, deadline: float
) -> Inspection:
    findings = _parse_findings(head["findings"])
    renditions = {}
    for name, size in head["renditions"].items():
        if not 0 <= size <= _MAX_RENDITION_BYTES:
            raise WireError("a rendition is too long")
        renditions[Rendition(name)] = bytes(_receive(connection, size, deadline=deadline))
    height, width, channels = head["shape"]
    if min(height, width) < 1 or height * width > _MAX_PREVIEW_PIXELS or channels != 3:
        raise WireError("the pixels have an odd shape")
    pixels: NDArray[np.uint8] = np.empty((height, width, channels), np.uint8)
    _receive_into(connection, pixels.data.cast("B"), deadline=deadline)
    return Inspection(findings=findings, renditions=renditions, pixels=pixels)


def _parse_findings(fields: dict[str, Any]) -> InspectionFindings:
    """Raises TypeError for a missing or unknown field; the backend checks their types."""
    location = fields["location"]
    nested = {
        "camera": Camera(**fields["camera"]),
        "location": None if location is None else Location(**location),
        "renditions": [RenditionInfo(**rendition) for rendition in fields["renditions"]],
    }
    return InspectionFindings(**{**fields, **nested})


def _send(connection: socket.socket, data: bytes, *, deadline: float) -> None:
    connection.settimeout(_remaining(deadline))
    connection.sendall(data)


def _receive(connection: socket.socket, length: int, *, deadline: float | None = None) -> bytearray:
    buffer = bytearray(length)
    _receive_into(connection, memoryview(buffer), deadline=deadline)
    return buffer


def _receive_into(connection: socket.socket, buffer: memoryview, *, deadline: float | None) -> None:
    """Fill a buffer. Raises EOFError if the other side is gone before it is full."""
    filled = 0
    while filled < len(buffer):
        if deadline is not None:
            connection.settimeout(_remaining(deadline))
        count = connection.recv_into(buffer[filled:], min(_CHUNK, len(buffer) - filled))
        if not count:
            raise EOFError("the other side is gone")
        filled += count


def _remaining(deadline: float) -> float:
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise TimeoutError("the deadline has passed")
    return remaining
