"""From an upload to a photo that is found by everything somebody may remember of it."""

import contextlib
import dataclasses
import io
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PIL import Image

from tests.album import Album
from tests.conftest import sign_in_as_admin
from tests.pictures import photo_file, travel_photo
from tests.stack import Stack
from tests.waiting import wait_until

pytestmark = pytest.mark.stack


@dataclass(frozen=True)
class Library:
    """The photos of one user; ids by the name of what they show."""

    album: Album
    ids: dict[str, str]

    def found_by(self, query: str) -> set[str]:
        """What the photos show that a search finds."""
        names = {photo_id: name for name, photo_id in self.ids.items()}
        return {names[photo_id] for photo_id in self.album.search(query)}

    def wait_until_found(self, query: str, *expected: str) -> None:
        """The search finds these and no others; words are indexed soon after a photo is ready."""
        with contextlib.suppress(AssertionError):
            wait_until(
                f"{query!r} finds {expected}",
                lambda: self.found_by(query) == set(expected),
                seconds=60,
            )
        assert self.found_by(query) == set(expected)

    def reasons(self, query: str, name: str) -> set[str]:
        """The kinds of reason that a search gives for a photo."""
        return {reason["kind"] for reason in self.album.search(query)[self.ids[name]]["why"]}


@pytest.fixture(scope="module")
def library(stack: Stack) -> Iterator[Library]:
    """Six photos, uploaded in each of the three ways, all of them ready."""
    with contextlib.closing(sign_in_as_admin(stack)) as album:
        ids = {
            "astronaut": album.upload(photo_file("astronaut.png"), method="POST"),
            "cat": album.upload(photo_file("chelsea.png"), method="PUT"),
            "coffee": album.upload(photo_file("coffee.png"), method="multipart", complete=True),
            "sign": album.upload(photo_file("sign.png"), method="POST"),
            "journey": album.upload(travel_photo(), method="PUT"),
            "commodore": album.upload(photo_file("grace_hopper.jpg"), method="POST"),
        }
        for photo_id in ids.values():
            photo = album.settle(photo_id)
            assert photo["status"] == "ready", photo
        yield Library(album, ids)


@pytest.mark.parametrize(
    ("query", "name", "reason"),
    [
        ("cat", "cat", "label"),
        ("猫", "cat", "label"),
        ("espresso", "coffee", "label"),
        ("浓缩咖啡", "coffee", "label"),
        ("chelsea", "cat", "filename"),
        ("照相馆", "sign", "text"),
        ("欢迎光临", "sign", "text"),
        ("midnight", "sign", "text"),
        ("2021-06-12", "journey", "date"),
        ("2021年6月12日", "journey", "date"),
        ("fujifilm x-t4", "journey", "camera"),
        ("Florence", "journey", "place"),
        ("midnight daily", "sign", "text"),
    ],
)
def test_a_photo_is_found_by_what_is_known_of_it_and_told_why(
    library: Library, query: str, name: str, reason: str
) -> None:
    library.wait_until_found(query, name)
    assert reason in library.reasons(query, name)


def test_what_no_photo_shows_finds_at_most_what_means_the_like_and_says_so(
    library: Library,
) -> None:
    library.wait_until_found("midnight", "sign")
    assert library.found_by("midnight xyzzy") == set()
    for query in ("submarine", "潜水艇", "midnight submarine"):
        for hit in library.album.search(query).values():
            assert {reason["kind"] for reason in hit["why"]} == {"meaning"}


def test_a_named_person_is_found_where_their_face_is(library: Library, stack: Stack) -> None:
    faces = wait_until(
        "the astronaut's face is found",
        lambda: library.album.photo(library.ids["astronaut"])["faces"],
        seconds=60,
    )
    largest = max(faces, key=lambda face: face["box"]["width"])
    stack.shell(
        "from backend.people.models import Face\n"
        "from backend.people.services import name_face\n"
        f"name_face(Face.objects.get(id='{largest['id']}'), 'Eileen Collins 艾琳')"
    )
    for query in ("eileen", "Eileen Collins", "艾琳"):
        library.wait_until_found(query, "astronaut")
        assert "person" in library.reasons(query, "astronaut")
    (reason,) = [
        reason
        for reason in library.album.search("eileen")[library.ids["astronaut"]]["why"]
        if reason["kind"] == "person"
    ]
    assert reason["box"] == largest["box"]


def test_every_picture_is_served_as_a_picture_and_nothing_else(library: Library) -> None:
    for name, file in (("cat", photo_file("chelsea.png")), ("journey", travel_photo())):
        photo = library.album.photo(library.ids[name])
        for rendition, longest_side in (("thumbnail", 512), ("preview", 2048)):
            answer = library.album.fetch(photo["urls"][rendition])
            assert answer.status == 200
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Content-Type"] == "image/jpeg"
            with Image.open(io.BytesIO(answer.data)) as image:
                assert image.format == "JPEG"
                assert max(image.size) == min(longest_side, max(photo["width"], photo["height"]))
        original = library.album.fetch(photo["urls"]["original"])
        assert original.data == file.data
        assert original.headers["Content-Type"] == file.content_type
        assert original.headers["X-Content-Type-Options"] == "nosniff"


def test_an_address_that_was_tampered_with_shows_nothing(library: Library) -> None:
    url = library.album.photo(library.ids["cat"])["urls"]["original"]
    broken = url[:-1] + ("A" if url[-1] != "A" else "B")
    assert library.album.fetch(broken).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "multipart"])
def test_the_same_bytes_again_are_a_duplicate(library: Library, method: str) -> None:
    before = library.album.photo_ids()
    for name, file in (("cat", "chelsea.png"), ("coffee", "coffee.png")):
        answer = library.album.announce(photo_file(file), method=method, expect=200)
        assert answer["duplicate"] is True
        assert answer["photo"]["id"] == library.ids[name]
    assert library.album.photo_ids() == before


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_the_storage_takes_no_other_bytes_than_were_announced(album: Album, method: str) -> None:
    announced = photo_file("rocket.jpg")
    ticket = album.announce(announced, method=method)
    longer = dataclasses.replace(announced, sent=announced.data + b"!")
    shorter = dataclasses.replace(announced, sent=announced.data[:-1])
    others = dataclasses.replace(announced, sent=announced.data[::-1])
    assert album.send(shorter, ticket["upload"]) >= 400
    assert album.send(longer, ticket["upload"]) >= 400
    assert album.send(others, ticket["upload"]) >= 400
    album.call("POST", f"/photos/{ticket['photo']['id']}/complete", expect=409)
    assert album.send(announced, ticket["upload"]) < 300
    assert album.settle(ticket["photo"]["id"])["status"] == "ready"


def test_the_storage_takes_no_shorter_part_than_was_announced(album: Album) -> None:
    announced = photo_file("rocket.jpg")
    ticket = album.announce(announced, method="multipart")
    half = dataclasses.replace(announced, sent=announced.data[: len(announced.data) // 2])
    assert album.send(half, ticket["upload"]) == 403
    album.call("POST", f"/photos/{ticket['photo']['id']}/complete", expect=409)
    assert album.send(announced, ticket["upload"]) == 200
    album.complete(ticket["photo"]["id"])
    assert album.settle(ticket["photo"]["id"])["status"] == "ready"


def test_a_stranger_sees_nothing_of_it(library: Library, album: Album) -> None:
    assert album.photo_ids() == set()
    assert album.search("midnight") == {}
    album.call("GET", f"/photos/{library.ids['sign']}", expect=404)
    # The same bytes are another photo when somebody else uploads them.
    answer = album.announce(photo_file("sign.png"), expect=201)
    assert answer["photo"]["id"] != library.ids["sign"]
