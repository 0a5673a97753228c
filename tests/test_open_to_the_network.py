"""HOST=<address>: a phone on the same network is let in, and finds nothing but what is for it."""

import contextlib
import io
import socket
from collections.abc import Iterator

import pytest
from PIL import Image

from backend.embedded.tests.listening import listening_addresses
from tests.conftest import NewAlbum, running
from tests.pictures import photo_file
from tests.stack import Stack

pytestmark = pytest.mark.stack


def own_address() -> str | None:
    """This machine's address on its network; None if it is on none. Nothing is sent."""
    with contextlib.suppress(OSError), socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        address = str(probe.getsockname()[0])
        return None if address.startswith("127.") else address
    return None


@pytest.fixture(scope="module")
def open_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    address = own_address()
    if address is None:
        pytest.skip("this machine is on no network")
    with running(tmp_path_factory, {"HOST": address}) as started:
        yield started


def test_a_phone_uploads_and_looks_at_photos(open_stack: Stack, new_album: NewAlbum) -> None:
    album, file, address = new_album(open_stack), photo_file("coffee.png"), own_address()
    assert f"everybody who reaches {address}" in open_stack.said()
    for method in ("POST", "PUT"):
        ticket = album.announce(file, method=method)
        assert ticket["upload"]["url"].startswith(f"http://{address}:")
    assert album.send(file, ticket["upload"]) < 300
    photo = album.settle(ticket["photo"]["id"])
    assert photo["status"] == "ready"
    for name in ("thumbnail", "preview", "original"):
        assert photo["urls"][name].startswith(f"{open_stack.url}/")
        with Image.open(io.BytesIO(album.fetch(photo["urls"][name]).data)) as image:
            image.load()


def test_only_the_web_server_and_the_storage_listen_there(open_stack: Stack) -> None:
    storage = int(open_stack.instance()["S3_PUBLIC_ENDPOINT_URL"].rpartition(":")[2])
    found = listening_addresses(process.pid for process in open_stack.processes())
    address = own_address()
    assert {each for each in found if each[0] != "127.0.0.1"} == {
        (address, open_stack.port),
        (address, storage),
    }
    assert len(found) > 5
