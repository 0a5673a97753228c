"""Taking a folder's photos in: each file goes the way that any client's upload goes.

Run it as often as you like: what is there is skipped, what was begun is continued.
"""

import contextlib
import hashlib
import math
import os
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, connections
from django.utils import timezone
from urllib3.exceptions import HTTPError

from backend.accounts.models import User
from backend.analysis.form_upload import (
    CHUNK_BYTES,
    FileChangedError,
    FileUnreadableError,
    FormUploader,
    StoppedError,
    UploadRefusedError,
)
from backend.analysis.photo_files import HEAD_BYTES, Skipped, guess_content_type, open_file
from backend.analysis.photo_files import unreadable as unreadable_file
from backend.analysis.services import receive_upload
from backend.core.errors import RefusedError, StorageError
from backend.photos.models import Photo
from backend.photos.services import UploadTicket, issue_upload_ticket

T = TypeVar("T")

# Hashing and sending share the machine with the analyses; more than this only makes both slower.
UPLOADS_AT_ONCE = 4
# A killed server is back within a minute: the embedded storage needs 16 s after kill -9.
PATIENCE_S = 120.0
# What a restart of a server looks like from here.
_AWAY = (StorageError, OperationalError, InterfaceError, HTTPError)


class Result(StrEnum):
    """What became of a file."""

    IMPORTED = "imported"
    ALREADY_THERE = "already there"
    PASSED_OVER = "passed over"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one file; stage, code and detail say why if it is not in the album."""

    path: Path
    result: Result
    photo_id: UUID | None = None
    stage: str = ""
    code: str = ""
    detail: str = ""


class ServersAwayError(Exception):
    """Database or storage have been away for too long; the text says which, for a person."""


class Patience:
    """Tries again while a server is away, for a while, telling `say` once an outage."""

    def __init__(
        self, *, say: Callable[[str], None], stop: threading.Event, seconds: float = PATIENCE_S
    ) -> None:
        self._say = say
        self._stop = stop
        self._seconds = seconds
        self._last_success = -math.inf
        self._told = -math.inf

    def persist(self, attempt: Callable[[], T]) -> T:
        """What the attempt returns. Raises ServersAwayError, or StoppedError if asked to stop."""
        deadline = time.monotonic() + self._seconds
        delay = 0.5
        while not self._stop.is_set():
            try:
                result = attempt()
            except _AWAY as error:
                # A broken connection must not go back to the pool as if it were good.
                with contextlib.suppress(*_AWAY):
                    connection.close()
                left = deadline - time.monotonic()
                if left <= 0:
                    raise ServersAwayError(explain_away(error)) from error
                self._tell(error)
            else:
                self._last_success = time.monotonic()
                return result
            self._stop.wait(min(delay, left))
            delay = min(delay * 2, 8)
        raise StoppedError

    def is_over(self) -> bool:
        """True if nothing at all has worked for a good part of what one attempt waits."""
        return time.monotonic() - self._last_success > self._seconds / 2

    def _tell(self, error: Exception) -> None:
        now = time.monotonic()
        if now - self._told > 30:
            self._told = now
            self._say(f"{explain_away(error)} Trying again for up to {self._seconds:.0f} s ...")


def explain_away(error: Exception) -> str:
    """Which server does not answer, and how that shows, in one line."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    if isinstance(error, OperationalError | InterfaceError):
        return f"The database does not answer ({lines[0]})."
    if str(error).startswith("Object storage answered"):
        return f"{lines[0]}."
    return f"Object storage does not answer ({lines[0]})."


class Importer:
    """Sends one owner's files, a few at a time."""

    def __init__(
        self, *, owner: User, say: Callable[[str], None], patience_s: float = PATIENCE_S
    ) -> None:
        self._owner = owner
        self._said: queue.SimpleQueue[Outcome | str | BaseException | None] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._patience = Patience(say=self._said.put, stop=self._stop, seconds=patience_s)
        self._uploader = FormUploader(connections=UPLOADS_AT_ONCE, stop=self._stop)
        self._say = say
        self._started_at = timezone.now()
        # Files of equal bytes wait for each other; the first is imported, the others are there.
        self._same_bytes = [threading.Lock() for _ in range(256)]

    def send(self, files: Iterable[Path]) -> Generator[Outcome, None, None]:
        """Each file's outcome, as it is known. Closing the generator stops the work.

        Raises ServersAwayError once a server has been away for too long.
        """
        waiting = iter(files)
        turn = threading.Lock()
        threads = [
            threading.Thread(target=self._work, args=(waiting, turn), daemon=True)
            for _ in range(UPLOADS_AT_ONCE)
        ]
        for thread in threads:
            thread.start()
        try:
            yield from self._outcomes(len(threads))
        finally:
            self._stop.set()
            deadline = time.monotonic() + 5
            for thread in threads:
                thread.join(max(0.0, deadline - time.monotonic()))

    def _outcomes(self, working: int) -> Iterator[Outcome]:
        while working:
            said = self._said.get()
            if said is None:
                working -= 1
            elif isinstance(said, str):
                self._say(said)
            elif isinstance(said, BaseException):
                raise said
            else:
                yield said

    def _work(self, waiting: Iterator[Path], turn: threading.Lock) -> None:
        """Take one file after the other, until there are none or something is badly wrong."""
        try:
            while not self._stop.is_set():
                with turn:
                    path = next(waiting, None)
                if path is None:
                    break
                self._said.put(self.import_file(path))
        except StoppedError:
            pass
        except BaseException as error:
            self._said.put(error)
        finally:
            # Each thread has a connection of its own, and the pool wants it back.
            connections.close_all()
            self._said.put(None)

    def import_file(self, path: Path) -> Outcome:
        """The file is in the album, or the outcome says why not.

        Raises ServersAwayError or StoppedError.
        """
        try:
            return self._read_and_send(path)
        except OSError as error:
            return outcome_of(unreadable_file(path, error))
        except FileUnreadableError as error:
            return failed(path, "read", "unreadable", str(error))
        except FileChangedError as error:
            return failed(path, "read", "file_changed", f"{error} Import it again.")
        except UploadRefusedError as error:
            return failed(path, "upload", "upload_refused", str(error))
        except RefusedError as error:
            return failed(path, "ticket", error.code, explain_refusal(error))

    def _read_and_send(self, path: Path) -> Outcome:
        with open_file(path) as file:
            content_type = guess_content_type(path, file.read(HEAD_BYTES))
            if content_type is None:
                kind = path.suffix.lower() or "no extension"
                return Outcome(
                    path=path, result=Result.PASSED_OVER, code="not_a_photo", detail=kind
                )
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            # What will be refused for its size needs no checksum, and may be a film of 50 GB.
            sha256 = self._hash(file) if 0 < size <= settings.MAX_UPLOAD_BYTES else ""
        with self._same_bytes[int(sha256[:2] or "0", 16)]:
            return self._send(path, content_type=content_type, size=size, sha256=sha256)

    def _hash(self, file: BinaryIO) -> str:
        digest = hashlib.sha256()
        while chunk := file.read(CHUNK_BYTES):
            if self._stop.is_set():
                raise StoppedError
            digest.update(chunk)
        return digest.hexdigest()

    def _send(self, path: Path, *, content_type: str, size: int, sha256: str) -> Outcome:
        sent = threading.Event()

        def attempt() -> tuple[Photo, Result]:
            ticket = issue_upload_ticket(
                owner=self._owner,
                filename=path.name,
                size=size,
                content_type=content_type,
                sha256=sha256,
            )
            return ticket.photo, self._use_ticket(path, ticket, size=size, sent=sent)

        try:
            photo, result = self._patience.persist(attempt)
        except ServersAwayError as error:
            if self._patience.is_over():
                raise
            # Others got through meanwhile: it is this file.
            return failed(path, "upload", "upload_failed", str(error))
        return Outcome(path=path, result=result, photo_id=photo.id)

    def _use_ticket(
        self, path: Path, ticket: UploadTicket, *, size: int, sent: threading.Event
    ) -> Result:
        """The bytes are in storage and their analyses under way; `sent` outlives an attempt."""
        if ticket.upload is None and not sent.is_set():
            return Result.ALREADY_THERE
        # An earlier attempt, or a run that was stopped, may have sent the bytes and not said so.
        begun_earlier = sent.is_set() or ticket.photo.created_at < self._started_at
        if begun_earlier and receive_upload(ticket.photo):
            return Result.IMPORTED
        if ticket.upload is not None:
            self._uploader.send(path, ticket.upload, size=size)
            sent.set()
        if not receive_upload(ticket.photo):
            raise StorageError("It took the bytes, and knows nothing of them.")
        return Result.IMPORTED


def failed(path: Path, stage: str, code: str, detail: str) -> Outcome:
    return Outcome(path=path, result=Result.FAILED, stage=stage, code=code, detail=detail)


def outcome_of(skipped: Skipped) -> Outcome:
    if skipped.failed:
        return failed(skipped.path, "read", skipped.code, skipped.detail)
    return Outcome(
        path=skipped.path, result=Result.PASSED_OVER, code=skipped.code, detail=skipped.detail
    )


def explain_refusal(error: RefusedError) -> str:
    """The sentence for a person who imports files."""
    values = {
        name: f"{value / 1e6:,.1f} MB" if isinstance(value, int) else value
        for name, value in error.values.items()
    }
    sentences = {
        "unsupported_type": "Pictures of type {content_type} are not taken.",
        "too_large": "It is larger than {limit}.",
        "empty_file": "It is empty.",
        "quota_exceeded": "It has {size}, and {used} of {quota} are used: the account is full.",
        "size_mismatch": "The album knows these bytes with another size, {size}.",
    }
    return sentences.get(error.code, error.code).format(**values)
