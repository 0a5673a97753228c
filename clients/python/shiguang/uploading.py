"""Sending photos: a ticket from the album, then the bytes straight to its storage."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from shiguang_client import AuthenticatedClient
from shiguang_client.api.photos import complete_photo, create_photo
from shiguang_client.models.duplicate import Duplicate
from shiguang_client.models.new_photo_request import NewPhotoRequest
from shiguang_client.models.ticket import Ticket
from shiguang_client.models.upload import Upload
from shiguang_client.types import UNSET, Response

from shiguang.errors import ShiguangError, answer_of, patiently
from shiguang.folder import Found, sha256_of

# Larger ones are sent in parts, of which only the one that broke off is sent again.
_LARGE = 16 * 1024**2
_CHUNK = 256 * 1024


class Outcome(StrEnum):
    SENT = "sent"
    THERE = "there"  # the same bytes were there already


class Uploader:
    """Sends files as one user. Threads may share it; `advance` is told of bytes as they go."""

    def __init__(
        self,
        client: AuthenticatedClient,
        *,
        album: UUID | None = None,
        advance: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._client = client
        self._client.get_httpx_client()
        self._storage = httpx.Client(timeout=httpx.Timeout(120, connect=10))
        self._album = album
        self._advance = advance

    def close(self) -> None:
        self._storage.close()

    def send(self, found: Found) -> Outcome:
        """The album has the photo. Safe to repeat. Raises ShiguangError, OSError."""
        if found.size == 0:
            raise ShiguangError("The file is empty.")
        request = NewPhotoRequest(
            filename=found.path.name.encode("utf-8", "replace").decode(),
            size=found.size,
            content_type=found.content_type,
            sha256=sha256_of(found.path),
            album_id=self._album or UNSET,
            upload_method="multipart" if found.size > _LARGE else "PUT",
        )

        def ask() -> Response[Any]:
            return create_photo.sync_detailed(client=self._client, body=request)

        ticket: Ticket | Duplicate = answer_of(ask)
        if isinstance(ticket, Duplicate):
            self._advance(found.size)
            return Outcome.THERE
        self._send_bytes(found, ticket.upload)
        answer_of(lambda: complete_photo.sync_detailed(ticket.photo.id, client=self._client))
        return Outcome.SENT

    def _send_bytes(self, found: Found, upload: Upload) -> None:
        if upload.parts:
            for part in upload.parts:
                self._put(part.url, found.path, start=part.offset, size=part.size, headers={})
        else:
            headers = upload.headers.to_dict() if upload.headers else {}
            self._put(str(upload.url), found.path, start=0, size=found.size, headers=headers)

    def _put(self, url: str, path: Path, *, start: int, size: int, headers: dict[str, str]) -> None:
        headers = headers | {"Content-Length": str(size)}

        def put() -> Response[None]:
            sent = 0

            def chunks() -> Iterator[bytes]:
                nonlocal sent
                for chunk in _read(path, start=start, size=size):
                    yield chunk
                    sent += len(chunk)
                    self._advance(len(chunk))

            is_taken = False
            try:
                answer = self._storage.put(url, content=chunks(), headers=headers)
                is_taken = answer.is_success
            except httpx.LocalProtocolError as error:
                raise ShiguangError("The file changed while it was being sent.") from error
            finally:
                if not is_taken:
                    self._advance(-sent)
            return Response(HTTPStatus(answer.status_code), answer.content, answer.headers, None)

        status = patiently(put).status_code
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            raise ShiguangError(
                f"The storage refused it ({int(status)}): did the file change meanwhile?"
            )


def _read(path: Path, *, start: int, size: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while size > 0 and (chunk := file.read(min(_CHUNK, size))):
            size -= len(chunk)
            yield chunk
