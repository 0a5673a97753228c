"""Two albums on one machine, each with its own PORT and DATA_DIR."""

import pytest

from backend.embedded.tests.listening import listening_addresses
from tests.conftest import NewAlbum
from tests.pictures import photo_file
from tests.stack import Stack

pytestmark = pytest.mark.stack


def test_two_albums_side_by_side_know_nothing_of_each_other(
    stack: Stack, fragile_stack: Stack, new_album: NewAlbum
) -> None:
    ours, theirs = new_album(stack), new_album(fragile_stack)
    # The same bytes to both, and one more to each.
    both = photo_file("coffee.png")
    our_photos = {ours.upload(both), ours.upload(photo_file("chelsea.png"))}
    their_photos = {theirs.upload(both), theirs.upload(photo_file("flower.jpg"))}
    for album, photos in ((ours, our_photos), (theirs, their_photos)):
        assert {album.settle(photo_id)["status"] for photo_id in photos} == {"ready"}
        assert album.photo_ids() == photos
    everything = [
        {str(photo_id) for (photo_id,) in each.query("select id from photos_photo")}
        for each in (stack, fragile_stack)
    ]
    assert everything[0].isdisjoint(everything[1])
    assert our_photos <= everything[0]
    assert their_photos <= everything[1]
    stored = [each.keys("originals/") for each in (stack, fragile_stack)]
    assert stored[0].isdisjoint(stored[1])


def test_a_password_of_one_album_opens_no_other(stack: Stack, fragile_stack: Stack) -> None:
    first, second = stack.secrets(), fragile_stack.secrets()
    assert first.keys() == second.keys()
    assert not [name for name in first if first[name] == second[name]]


def test_nothing_listens_beyond_this_machine(stack: Stack, fragile_stack: Stack) -> None:
    ports = []
    for each in (stack, fragile_stack):
        found = listening_addresses(
            process.pid for process in [*each.processes(), *each.living_processes()]
        )
        assert {address for address, _ in found} == {"127.0.0.1"}
        assert ("127.0.0.1", each.port) in found
        # The web server, Postgres, Valkey, and the storage's own.
        assert len(found) > 3
        ports.append({port for _, port in found})
    assert ports[0].isdisjoint(ports[1])
