"""What functions reach over the network, as plain HTTP servers: the backend and object storage."""

import hashlib
import json
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from functions.contract import (
    MODELS,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    Claim,
    Kind,
    Result,
    claim_to_json,
    original_key,
    result_from_json,
    verify_signature,
)

BUCKET = "photos"
SECRET = "delivery secret of the tests"


class LambdaWorld:
    """A bucket of photos and a backend that hands out each photo's work once.

    objects: key -> bytes. results: what was delivered, in order, signature checked.
    """

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.claims: dict[str, Claim] = {}
        self.results: list[Result] = []
        self.is_away = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def environment(self) -> dict[str, str]:
        """What serverless.yml sets, for this world."""
        return {
            "S3_BUCKET": BUCKET,
            "S3_REGION": "us-east-1",
            "S3_ENDPOINT_URL": self._url,
            "BACKEND_URL": self._url,
            "DELIVERY_SECRET": SECRET,
        }

    def add_photo(self, data: bytes) -> str:
        """An upload has arrived, and all its kinds are to be done. Returns the photo's id."""
        photo_id = str(uuid.uuid4())
        self.objects[original_key(photo_id)] = data
        self.claims[photo_id] = Claim(
            photo_id=photo_id,
            request_id=str(uuid.uuid4()),
            sha256=hashlib.sha256(data).hexdigest(),
            size=len(data),
            models={str(kind): MODELS[kind][0] for kind in Kind},
        )
        return photo_id

    def results_of(self, photo_id: str) -> dict[Kind, Result]:
        return {result.kind: result for result in self.results if result.photo_id == photo_id}

    def _answer(self, path: str, body: bytes) -> tuple[int, bytes]:
        if self.is_away:
            return 400, b"away"
        if path == "/internal/claims":
            claim = self.claims.pop(json.loads(body)["photo_id"], None)
            return (204, b"") if claim is None else (200, claim_to_json(claim))
        self.results.append(result_from_json(body))
        return 200, b"{}"


def _handler(world: LambdaWorld) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def log_message(self, format: str, *args: Any) -> None:
            pass

        def handle_expect_100(self) -> bool:
            # Until it is told to go on, an S3 client waits for a second before it sends.
            goes_on = super().handle_expect_100()
            self.wfile.flush()
            return goes_on

        def do_GET(self) -> None:
            data = world.objects.get(self._key())
            if data is None:
                missing = b"<Error><Code>NoSuchKey</Code></Error>"
                self._send(404, missing)
            else:
                self._send(200, data)

        def do_PUT(self) -> None:
            world.objects[self._key()] = self._body()
            self._send(200, b"")

        def do_POST(self) -> None:
            body = self._body()
            signed = verify_signature(
                secret=SECRET,
                timestamp=self.headers[TIMESTAMP_HEADER],
                body=body,
                signature=self.headers[SIGNATURE_HEADER],
                now=time.time(),
            )
            self._send(*(world._answer(self.path, body) if signed else (401, b"")))

        def _key(self) -> str:
            return self.path.removeprefix(f"/{BUCKET}/")

        def _body(self) -> bytes:
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
