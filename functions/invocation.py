"""Functions that are waited for: invoked here as Lambda's are, by whoever knows the secret.

Speaks the little of Lambda's Invoke that the backend's client (boto3) needs, so that one client
serves every engine: POST /2015-03-31/functions/NAME/invocations, an event in, an answer out.
What comes is in memory while it is looked at, and nowhere else.
"""

import hashlib
import json
import logging
import re
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from functions.contract import MAX_INVOCATION_BYTES, signed_digest

logger = logging.getLogger(__name__)

Function = Callable[[dict[str, Any]], dict[str, Any]]

_PATH = re.compile(r"/2015-03-31/functions/([\w-]{1,64})/invocations")
# How long one waits for its turn before it is told that there are too many.
_PATIENCE_SECONDS = 5.0
_CHUNK = 1 << 20


class InvocationServer(ThreadingHTTPServer):
    """Answers in threads of its own, at most `at_once` at a time; further callers wait a moment.

    Nobody but who knows the secret gets as far as sending an event.
    """

    daemon_threads = True
    request_queue_size = 32

    def __init__(
        self,
        address: tuple[str, int],
        functions: Mapping[str, Function],
        *,
        secret: str,
        at_once: int,
    ) -> None:
        self.functions = functions
        self.secret = secret
        self.turns = threading.BoundedSemaphore(at_once)
        super().__init__(address, _Handler)

    def serve_in_background(self) -> None:
        threading.Thread(target=self.serve_forever, name="invocations", daemon=True).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        logger.warning("a caller went away", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: InvocationServer
    protocol_version = "HTTP/1.1"
    timeout = 10.0  # seconds of silence from a caller

    def do_POST(self) -> None:
        name = _PATH.fullmatch(self.path)
        function = self.server.functions.get(name[1]) if name else None
        digest = signed_digest(
            secret=self.server.secret,
            function=name[1] if name else "",
            context=self.headers.get("X-Amz-Client-Context", ""),
            now=time.time(),
        )
        length = self.headers.get("Content-Length", "")
        if digest is None:
            self._refuse(403, "AccessDeniedException")
        elif function is None:
            self._refuse(404, "ResourceNotFoundException")
        elif not length.isdecimal() or int(length) > MAX_INVOCATION_BYTES:
            self._refuse(413, "RequestTooLargeException")
        elif not self.server.turns.acquire(timeout=_PATIENCE_SECONDS):
            # A caller that is still sending would not listen.
            self._drop(int(length))
            self._refuse(429, "TooManyRequestsException")
        else:
            try:
                body = self.rfile.read(int(length))
                if hashlib.sha256(body).hexdigest() != digest:
                    self._refuse(403, "AccessDeniedException")
                else:
                    self._answer(function, body)
            finally:
                self.server.turns.release()

    def log_message(self, format: str, *args: Any) -> None:
        logger.debug(format, *args)

    def _answer(self, function: Function, body: bytes) -> None:
        headers = {}
        try:
            answer = function(json.loads(body))
        except Exception as error:  # the edge: what is not foreseen is told as Lambda tells it
            logger.exception("%s failed", self.path)
            headers = {"X-Amz-Function-Error": "Unhandled"}
            answer = {"errorType": type(error).__name__, "errorMessage": str(error)[:500]}
        self._send(200, answer, headers)

    def _refuse(self, status: int, code: str) -> None:
        self.close_connection = True
        self._send(status, {"Type": "User", "message": code}, {"X-Amzn-ErrorType": code})

    def _drop(self, length: int) -> None:
        while length and (part := self.rfile.read(min(length, _CHUNK))):
            length -= len(part)

    def _send(self, status: int, document: dict[str, Any], headers: dict[str, str]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
