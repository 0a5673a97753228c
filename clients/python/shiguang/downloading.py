"""Fetching originals into a folder."""

import os
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from uuid import UUID

import httpx
from shiguang_client import AuthenticatedClient
from shiguang_client.api.albums import list_album_photos
from shiguang_client.api.photos import get_photo, list_photos
from shiguang_client.api.search import search
from shiguang_client.models.photo import Photo
from shiguang_client.models.photo_summary import PhotoSummary

from shiguang.errors import ShiguangError, answer_of
from shiguang.folder import sha256_of
from shiguang.pages import pages_of

_ENDINGS = {"image/jpeg": ".jpg", "application/octet-stream": ""}
_PAGE = 200
# What some system or other does not take in a file's name.
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')
_LONGEST_NAME = 200  # bytes; most file systems take 255, and a number may be added
_ATTEMPTS = 4


@dataclass(frozen=True)
class Wanted:
    """A photo to fetch. sha256 is "" where it is not told: of somebody else's photo."""

    id: UUID
    name: str
    size: int  # bytes
    sha256: str
    url: str | None


def _wanted(photo: Photo | PhotoSummary) -> Wanted:
    kind = photo.content_type
    ending = _ENDINGS.get(kind, f".{kind.removeprefix('image/')}")
    name = clean_name(photo.filename) or f"{photo.id}{ending}"
    return Wanted(photo.id, name, photo.size, photo.sha256, photo.urls.original)


def clean_name(name: str) -> str:
    """The name without what leads elsewhere, hides it, or is no file's name on some system."""
    name = _UNSAFE.sub("_", name).strip(" .")
    stem, dot, ending = name.rpartition(".")
    room = _LONGEST_NAME - len(f"{dot}{ending}".encode())
    if dot and room > 0:
        return stem.encode()[:room].decode(errors="ignore") + dot + ending
    return name.encode()[:_LONGEST_NAME].decode(errors="ignore")


def photos_by_id(client: AuthenticatedClient, ids: list[UUID]) -> Iterator[Wanted]:
    def ask(photo_id: UUID) -> Photo:
        return answer_of(lambda: get_photo.sync_detailed(photo_id, client=client))

    return (_wanted(ask(photo_id)) for photo_id in ids)


def photos_of_album(client: AuthenticatedClient, album: UUID) -> Iterator[Wanted]:
    pages = pages_of(
        lambda cursor: answer_of(
            lambda: list_album_photos.sync_detailed(
                album, client=client, cursor=cursor, page_size=_PAGE
            )
        )
    )
    return (_wanted(photo) for page in pages for photo in page.results)


def photos_found(client: AuthenticatedClient, query: str) -> Iterator[Wanted]:
    pages = pages_of(
        lambda cursor: answer_of(
            lambda: search.sync_detailed(client=client, q=query, cursor=cursor, page_size=_PAGE)
        )
    )
    return (_wanted(hit.photo) for page in pages for hit in page.results)


def all_photos(client: AuthenticatedClient) -> Iterator[Wanted]:
    pages = pages_of(
        lambda cursor: answer_of(
            lambda: list_photos.sync_detailed(client=client, cursor=cursor, page_size=_PAGE)
        )
    )
    return (_wanted(photo) for page in pages for photo in page.results)


class Outcome(StrEnum):
    FETCHED = "fetched"
    THERE = "there"  # a file of that name holds the same bytes already


class Downloader:
    """Fetches into one folder. Threads may share it; `advance` is told of bytes as they come."""

    def __init__(self, folder: Path, *, advance: Callable[[int], None] = lambda _: None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._advance = advance
        self._http = httpx.Client(timeout=httpx.Timeout(60, connect=10))
        self._naming = threading.Lock()

    def close(self) -> None:
        self._http.close()

    def fetch(self, wanted: Wanted) -> Outcome:
        """The photo is in the folder, whole; files that were there are left as they are.

        What breaks off stays as a hidden file, and the next fetch goes on there.
        Raises ShiguangError, OSError.
        """
        if self._find_same(wanted):
            self._advance(wanted.size)
            return Outcome.THERE
        if wanted.url is None:
            raise ShiguangError("Its original is not handed out.")
        part = self._folder / f".{wanted.id}.part"
        for attempt in range(_ATTEMPTS):
            try:
                self._fetch_rest(wanted, part)
                break
            except httpx.TransportError as error:
                if attempt == _ATTEMPTS - 1:
                    raise ShiguangError(f"It broke off: {error or type(error).__name__}") from error
        if wanted.sha256 and sha256_of(part) != wanted.sha256:
            part.unlink()
            self._advance(-wanted.size)
            raise ShiguangError("What came is not what was uploaded; fetch it again.")
        with self._naming:
            part.rename(self._free_name(wanted.name))
        return Outcome.FETCHED

    def _fetch_rest(self, wanted: Wanted, part: Path) -> None:
        have = part.stat().st_size if part.exists() else 0
        if have > wanted.size:
            part.unlink()
            have = 0
        if have == wanted.size:
            self._advance(have)
            return
        asked = {"Range": f"bytes={have}-"} if have else {}
        with self._http.stream("GET", wanted.url or "", headers=asked) as answer:
            if answer.status_code not in (200, 206):
                raise ShiguangError(f"The album answered {answer.status_code} for its original.")
            goes_on = answer.status_code == 206
            come = have if goes_on else 0
            self._advance(come)
            try:
                with part.open("ab" if goes_on else "wb") as file:
                    for chunk in answer.iter_bytes():
                        file.write(chunk)
                        come += len(chunk)
                        self._advance(len(chunk))
            finally:
                if come != wanted.size:
                    self._advance(-come)
        if come != wanted.size:
            raise httpx.RemoteProtocolError(f"{come} of {wanted.size} bytes came")

    def _find_same(self, wanted: Wanted) -> bool:
        """Whether a file that had this name, or was numbered for it, holds these very bytes."""
        for path in self._names(wanted.name):
            if not path.exists():
                return False
            same_size = path.is_file() and path.stat().st_size == wanted.size
            if same_size and wanted.sha256 and sha256_of(path) == wanted.sha256:
                return True
        return False

    def _free_name(self, name: str) -> Path:
        return next(path for path in self._names(name) if not os.path.lexists(path))

    def _names(self, name: str) -> Iterator[Path]:
        first = self._folder / name
        yield first
        for number in range(2, 1_000_000):
            yield first.with_name(f"{first.stem} ({number}){first.suffix}")
