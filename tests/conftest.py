"""One running album for all ordinary tests; each test that looks at a library has its own user."""

import contextlib
import secrets
from collections.abc import Callable, Iterator

import pytest

from tests.album import Album
from tests.stack import Stack

NewAlbum = Callable[[Stack], Album]


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The album as everybody starts it. Nobody may break it.

    Its sweeper looks for unannounced uploads so late that it never does: in here, it is the
    storage's own word, or the client's, that starts the work.
    """
    with running(tmp_path_factory, {"UPLOAD_CHECK_SECONDS": "3600"}) as started:
        yield started


@pytest.fixture(scope="session")
def fragile_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An album whose processes may be killed: what they held is taken back soon."""
    settings = {"SWEEP_SECONDS": "3", "ANALYSIS_LEASE_SECONDS": "30", "UPLOAD_CHECK_SECONDS": "5"}
    with running(tmp_path_factory, settings) as started:
        yield started


@contextlib.contextmanager
def running(
    folders: pytest.TempPathFactory, settings: dict[str, str] | None = None
) -> Iterator[Stack]:
    """An album that runs meanwhile; it must stop in good order, unless a test stopped it."""
    # Tests sign in more often than people.
    started = Stack(
        folders.mktemp("album"),
        {"LOGIN_ATTEMPTS": "10000", "LOGIN_ATTEMPTS_ADDRESS": "10000", **(settings or {})},
    )
    try:
        started.start()
        yield started
    finally:
        started.clean_up()


@pytest.fixture
def new_album() -> Iterator[NewAlbum]:
    """Makes a user with an empty library, signed in."""
    with contextlib.ExitStack() as opened:

        def make(stack: Stack) -> Album:
            admin = opened.enter_context(contextlib.closing(sign_in_as_admin(stack)))
            account = {"username": f"user-{secrets.token_hex(4)}", "password": secrets.token_hex(8)}
            admin.call("POST", "/users", account, expect=201)
            return opened.enter_context(contextlib.closing(Album(stack.url, **account)))

        yield make


@pytest.fixture
def album(stack: Stack, new_album: NewAlbum) -> Album:
    """A user of the shared album, with an empty library."""
    return new_album(stack)


def sign_in_as_admin(stack: Stack) -> Album:
    return Album(stack.url, username="admin", password=stack.secrets()["ADMIN_PASSWORD"])
