"""Who is signed in where: a file that only its owner can read."""

import json
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from shiguang_client import AuthenticatedClient, Client
from shiguang_client.api.auth import login, logout
from shiguang_client.models.login_request import LoginRequest

from shiguang.errors import RefusedError, ShiguangError, answer_of

DEFAULT_URL = "http://127.0.0.1:8000"
_TIMEOUT = httpx.Timeout(60, connect=10)


@dataclass(frozen=True)
class Session:
    url: str
    username: str
    token: str

    def client(self) -> AuthenticatedClient:
        return AuthenticatedClient(
            base_url=self.url, token=self.token, timeout=_TIMEOUT, headers=_language()
        )


def clean_url(text: str) -> str:
    """The address of an album, however it was typed. Raises ShiguangError."""
    text = text if "://" in text else f"http://{text}"
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise ShiguangError(f"{text} is not the address of an album, such as {DEFAULT_URL}")
    return f"{parts.scheme}://{parts.netloc}"


def is_in_the_clear(url: str) -> bool:
    """Others on the way could read the password."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1")


def sign_in(*, url: str, username: str, password: str) -> Session:
    """A token of this device's own, kept for the next commands. Raises ShiguangError."""
    client = Client(base_url=url, timeout=_TIMEOUT, headers=_language())
    device = f"shiguang on {socket.gethostname()}"
    body = LoginRequest(username=username, password=password, device=device)
    with client:
        given = answer_of(lambda: login.sync_detailed(client=client, body=body))
    session = Session(url=url, username=given.user.username, token=given.token)
    _keep(session)
    return session


def sign_out() -> Session | None:
    """The token is of no use any more, and forgotten here. None if there was none."""
    session = _read()
    if session is None:
        return None
    try:
        with session.client() as client:
            answer_of(lambda: logout.sync_detailed(client=client))
    except RefusedError as error:
        if error.status != 401:  # it had ended already
            raise
    _path().unlink(missing_ok=True)
    return session


def current_session() -> Session:
    """Of SHIGUANG_URL and SHIGUANG_TOKEN where they are set, else of the last `login`.

    Raises ShiguangError if nobody is signed in.
    """
    token = os.environ.get("SHIGUANG_TOKEN")
    if token:
        url = clean_url(os.environ.get("SHIGUANG_URL", DEFAULT_URL))
        return Session(url=url, username="", token=token)
    session = _read()
    if session is None:
        raise ShiguangError("Sign in first: shiguang login")
    return session


def _language() -> dict[str, str]:
    """What people read comes in the language of their terminal."""
    name = next((os.environ[n] for n in ("LC_ALL", "LANG") if os.environ.get(n)), "")
    return {"Accept-Language": "zh" if name.startswith("zh") else "en"}


def _path() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "shiguang" / "session.json"


def _keep(session: Session) -> None:
    path = _path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    # Nobody else may read it, not even for the moment in which it is written.
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(session), file)
    fresh.replace(path)


def _read() -> Session | None:
    try:
        return Session(**json.loads(_path().read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise ShiguangError(f"{_path()} is damaged; sign in again: shiguang login") from error
