"""Everything goes out, the account is deleted, and everything comes back: with nothing faked."""

import io
import zipfile
from typing import Any

import pytest

from tests.album import Album, File
from tests.conftest import sign_in_as_admin
from tests.pictures import photo_file, travel_photo
from tests.stack import Stack
from tests.waiting import wait_until

pytestmark = pytest.mark.stack

PASSWORD = "a good long pass phrase"


def test_out_gone_and_in_again(stack: Stack) -> None:
    admin = sign_in_as_admin(stack)
    account = {"username": "leaver", "password": PASSWORD}
    admin.call("POST", "/users", account, expect=201)
    album = Album(stack.url, **account)
    face_id = fill(album)
    named = wait_until("the name is told", lambda: names_in(album), seconds=60)
    assert named == {"commodore": "Grace", "faces": 1}
    before = fetch_export(album)
    assert len(contents(before)) == 6

    photo_ids = album.photo_ids()
    asked = album.call("DELETE", "/me", {"password": PASSWORD}, expect=202)
    path = f"/deletions/{asked['receipt']}"
    proof = wait_until(
        "everything is erased",
        lambda: erased(admin.call("GET", path, expect=200)),
        seconds=60,
    )
    assert proof["removed"]["photos.Photo"] == len(photo_ids)
    assert proof["removed"]["objects"] == 3 * len(photo_ids)
    assert set(proof["remaining"].values()) == {0}
    stored = stack.keys("originals/") | stack.keys("renditions/")
    assert not [key for key in stored if key.split("/")[1] in photo_ids]
    assert stack.query("select count(*) from people_face where id = %s", face_id) == [(0,)]

    admin.call("POST", "/users", account, expect=201)
    again = Album(stack.url, **account)
    run = again.call("POST", "/imports", {"size": len(before)}, expect=201)
    assert again.send(File(name="all.zip", data=before), run["upload"]) == 200
    again.call("POST", f"/imports/{run['id']}/complete", expect=202)

    def imported() -> Any:
        found = again.call("GET", f"/imports/{run['id']}", expect=200)
        return found if found["status"] in ("ready", "failed") else None

    found = wait_until("the import is done", imported, seconds=120)
    assert (found["imported"], found["failed"]) == (3, 0), found
    for photo_id in again.photo_ids():
        again.settle(photo_id)
    # The name comes to the face once it has been found here.
    assert wait_until("the name comes back", lambda: names_in(again), seconds=120) == named
    after = fetch_export(again)
    assert contents(after) == contents(before)
    admin.close()
    album.close()
    again.close()


def fill(album: Album) -> str:
    """Three photos, ready, of which something has been said. Returns the face that has a name."""
    ids = {
        name: album.upload(file, method="PUT")
        for name, file in (
            ("commodore", photo_file("grace_hopper.jpg")),
            ("cat", photo_file("chelsea.png")),
            ("journey", travel_photo()),
        )
    }
    for photo_id in ids.values():
        assert album.settle(photo_id)["status"] == "ready"
    (face,) = album.photo(ids["commodore"])["faces"]
    album.call("POST", f"/faces/{face['id']}/assign", {"name": "Grace"}, expect=200)
    album.call("POST", f"/photos/{ids['cat']}/tags", {"name": "猫"}, expect=201)
    words = {"description": "in uniform", "favorite": True}
    album.call("PATCH", f"/photos/{ids['commodore']}", words, expect=200)
    made = album.call("POST", "/albums", {"title": "Best"}, expect=201)
    chosen = {"ids": [ids["journey"], ids["cat"]]}
    album.call("POST", f"/albums/{made['id']}/photos", chosen, expect=200)
    return str(face["id"])


def names_in(album: Album) -> Any:
    """Who is on the photo that has a description, and how many faces it has."""
    for photo_id in album.photo_ids():
        photo = album.photo(photo_id)
        people = [face["person"] for face in photo["faces"] if face["person"]]
        if photo["description"] and people:
            return {"commodore": people[0]["name"], "faces": len(photo["faces"])}
    return None


def erased(proof: dict[str, Any]) -> Any:
    return proof if proof["status"] == "erased" else None


def fetch_export(album: Album) -> bytes:
    """The archive, fetched in two parts, each with an address of its own."""
    asked = album.call("POST", "/exports", expect=202)

    def ready() -> Any:
        found = album.call("GET", f"/exports/{asked['id']}", expect=200)
        return found if found["status"] == "ready" else None

    export = wait_until("the export is ready", ready, seconds=120)
    half = export["size"] // 2
    data = b""
    for part in (f"bytes=0-{half}", f"bytes={half + 1}-"):
        answer = album.download(export["url"], Range=part)
        assert answer.status == 206, answer.data[:500]
        data += answer.data
    assert len(data) == export["size"]
    return data


def contents(data: bytes) -> dict[str, bytes]:
    """The originals and sidecars, which hold no ids."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {
            name: archive.read(name) for name in archive.namelist() if not name.endswith(".json")
        }
