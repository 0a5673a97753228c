"""Sending a file to object storage with the form of an upload ticket, as a phone does it."""

import re
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path

import urllib3

from backend.analysis.photo_files import open_file
from backend.core.errors import StorageError
from backend.core.storage import SignedUpload

CHUNK_BYTES = 256 * 1024
# A killed server is noticed at once; these bound a silent one.
_TIMEOUT = urllib3.Timeout(connect=5, read=60)
_CODE = re.compile(rb"<Code>([A-Za-z0-9.]{1,80})</Code>")
_MESSAGE = re.compile(rb"<Message>([^<]{1,300})</Message>")


class UploadRefusedError(Exception):
    """Object storage does not take these bytes, and would not take them a second time."""


class FileChangedError(Exception):
    """The file is not what it was when its checksum was taken."""


class FileUnreadableError(Exception):
    """The file cannot be read. No OSError: urllib3 would take that for the network's."""


class StoppedError(Exception):
    """Somebody asked to stop in the middle."""


class FormUploader:
    """Sends files, a few at once, over connections that it keeps.

    stop: once it is set, an upload under way ends with StoppedError.
    """

    def __init__(self, *, connections: int, stop: threading.Event) -> None:
        self._http = urllib3.PoolManager(
            maxsize=connections, retries=False, timeout=_TIMEOUT, blocksize=CHUNK_BYTES
        )
        self._stop = stop

    def send(self, path: Path, upload: SignedUpload, *, size: int) -> None:
        """The file's bytes are in storage. Safe to run again.

        Raises UploadRefusedError, FileChangedError, FileUnreadableError or StoppedError, and
        StorageError or urllib3's HTTPError if trying again may help.
        """
        boundary = secrets.token_hex(16)
        head = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in (upload.fields or {}).items()
        )
        head += (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="photo"\r\n\r\n'
        )
        tail = f"\r\n--{boundary}--\r\n"
        response = self._http.request(
            "POST",
            upload.url,
            body=self._body(path, size=size, head=head.encode(), tail=tail.encode()),
            headers={
                "Content-Type": f"multipart/form-data; boundary={boundary}",
                # Storage takes no chunked form, and the body is too big to be counted by reading.
                "Content-Length": str(len(head.encode()) + size + len(tail)),
            },
            redirect=False,
        )
        if not 200 <= response.status < 300:
            raise _refusal(response.status, response.data[:4096])

    def _body(self, path: Path, *, size: int, head: bytes, tail: bytes) -> Iterator[bytes]:
        yield head
        left = size
        try:
            with open_file(path) as file:
                while left:
                    if self._stop.is_set():
                        raise StoppedError
                    chunk = file.read(min(CHUNK_BYTES, left))
                    if not chunk:
                        raise FileChangedError("It became shorter while it was read.")
                    left -= len(chunk)
                    yield chunk
                if file.read(1):
                    raise FileChangedError("It became longer while it was read.")
        except OSError as error:
            raise FileUnreadableError(f"It cannot be read: {error.strerror or error}.") from error
        yield tail


def _refusal(status: int, body: bytes) -> Exception:
    code, message = (pattern.search(body) for pattern in (_CODE, _MESSAGE))
    name = code[1].decode() if code else f"HTTP {status}"
    text = f"Object storage answered {name}"
    if message:
        text += f": {message[1].decode(errors='replace').strip()}"
    if status >= 500 or status in (408, 429) or name in ("RequestTimeout", "SlowDown"):
        return StorageError(text)
    if name in ("BadDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch"):
        return FileChangedError("It changed while it was read.")
    return UploadRefusedError(text)
