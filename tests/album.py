"""The album as a phone's app sees it: sign in, upload, look, search."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import urllib3

from tests.waiting import wait_until

SETTLED = ("ready", "failed")
ENDED = ("done", "failed")


@dataclass(frozen=True)
class File:
    """What somebody wants to upload; `sent` are other bytes to send than those announced."""

    name: str
    data: bytes
    content_type: str = "image/jpeg"
    sent: bytes | None = None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


class Album:
    """Speaks the API as one user. Threads may share it."""

    def __init__(self, url: str, *, username: str, password: str) -> None:
        self.url = url
        self.username = username
        self._http = urllib3.PoolManager(
            maxsize=8, timeout=urllib3.Timeout(connect=10, read=60), retries=False
        )
        self._token = ""
        session = self.call(
            "POST", "/auth/login", {"username": username, "password": password}, expect=200
        )
        self._token = session["token"]

    def close(self) -> None:
        self._http.clear()

    def call(self, method: str, path: str, data: Any = None, *, expect: int) -> Any:
        """The answer's JSON; its status must be as expected."""
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        body = None if data is None else json.dumps(data)
        answer = self._http.request(
            method, f"{self.url}/api/v1{path}", body=body, headers=headers, redirect=False
        )
        assert answer.status == expect, f"{method} {path}: {answer.status} {answer.data[:1000]!r}"
        return json.loads(answer.data) if answer.data else None

    def download(self, url: str, **headers: str) -> urllib3.BaseHTTPResponse:
        """What an address of the API leads to, asked for as the user."""
        return self._http.request(
            "GET",
            url,
            headers={"Authorization": f"Bearer {self._token}"} | headers,
            retries=urllib3.Retry(connect=0, read=0, redirect=2),
        )

    def predict(self, kind: str, file: File, *, expect: int) -> Any:
        """What is found in a picture that is no photo of the album."""
        answer = self._http.request(
            "POST",
            f"{self.url}/api/v1/predict/{kind}",
            fields={"image": (file.name, file.data, file.content_type)},
            headers={"Authorization": f"Bearer {self._token}"},
        )
        assert answer.status == expect, f"{kind}: {answer.status} {answer.data[:1000]!r}"
        return json.loads(answer.data)

    def fetch(self, url: str) -> urllib3.BaseHTTPResponse:
        """Whatever a signed address holds, asked for by nobody in particular."""
        return self._http.request("GET", url, redirect=False)

    def announce(self, file: File, *, method: str = "POST", expect: int = 201) -> Any:
        """Ask for leave to upload."""
        return self.call(
            "POST",
            "/photos",
            {
                "filename": file.name,
                "size": len(file.data),
                "content_type": file.content_type,
                "sha256": file.sha256,
                "upload_method": method,
            },
            expect=expect,
        )

    def send(self, file: File, upload: dict[str, Any]) -> int:
        """Send the bytes as the ticket says. Returns the storage's status, the worst of parts."""
        data = file.data if file.sent is None else file.sent
        if upload["method"] == "multipart":
            return max(
                self._put(part["url"], data[part["offset"] : part["offset"] + part["size"]], {})
                for part in upload["parts"]
            )
        if upload["method"] == "PUT":
            # HTTP needs the true length; a wrong one must not fit the signature.
            headers = upload["headers"] | {"Content-Length": str(len(data))}
            return self._put(upload["url"], data, headers)
        fields = [*upload["fields"].items(), ("file", (file.name, data, file.content_type))]
        return self._http.request("POST", upload["url"], fields=fields).status

    def _put(self, url: str, data: bytes, headers: dict[str, str]) -> int:
        return self._http.request("PUT", url, body=data, headers=headers).status

    def upload(self, file: File, *, method: str = "POST", complete: bool = False) -> str:
        """The file's bytes are in storage. Returns the photo's id.

        complete: say so to the album, too; an upload in parts needs it.
        """
        ticket = self.announce(file, method=method)
        status = self.send(file, ticket["upload"])
        assert status in (200, 201, 204), f"{file.name}: storage answered {status}"
        photo_id = str(ticket["photo"]["id"])
        if complete:
            self.complete(photo_id)
        return photo_id

    def complete(self, photo_id: str) -> Any:
        return self.call("POST", f"/photos/{photo_id}/complete", expect=202)

    def photo(self, photo_id: str) -> Any:
        return self.call("GET", f"/photos/{photo_id}", expect=200)

    def photo_ids(self) -> set[str]:
        """All photos, of which there must be no more than a page holds."""
        page = self.call("GET", "/photos?page_size=500", expect=200)
        assert page["next"] is None
        return {photo["id"] for photo in page["results"]}

    def settle(self, photo_id: str, *, seconds: float = 120) -> Any:
        """The photo, once everything there is to find out about it is found out, or cannot be."""

        def ask() -> Any:
            photo = self.photo(photo_id)
            # A photo has failed with its inspection; its other analyses say so a moment later.
            ended = all(analysis["status"] in ENDED for analysis in photo["analyses"])
            return photo if photo["status"] in SETTLED and ended else None

        return wait_until(f"photo {photo_id} settles", ask, seconds=seconds)

    def search(self, query: str) -> dict[str, Any]:
        """Hits by photo id."""
        http_query = urlencode({"q": query, "page_size": 500})
        answer = self.call("GET", f"/search?{http_query}", expect=200)
        return {hit["photo"]["id"]: hit for hit in answer["results"]}
