"""A library with something of everything, and its archive."""

import hashlib
import io
import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

from backend.accounts.models import User
from backend.albums.services import add_photos, create_album, update_album
from backend.analysis.services import judge_label, receive_upload, record_result
from backend.archive.exporting import ask_export, prepare
from backend.archive.models import Export
from backend.archive.reading import Archive, ZipFiles
from backend.archive.restoring import Restorer
from backend.archive.sending import stream_export
from backend.conftest import face, faces, inspection, labels, make_result, text
from backend.core import storage
from backend.people.models import Face, Person
from backend.people.services import (
    assign_face_to_name,
    erase_person,
    hide_person,
    reject_face,
    tell_apart,
)
from backend.photos.models import Photo
from backend.photos.services import add_tag, issue_upload_ticket, trash_photo, update_photo
from functions.contract import Kind, ModerationFindings, original_key

PHOTOS = Path(__file__).parents[3] / "functions" / "tests" / "photos"
CHINA, FLOWER, HOPPER, ROCKET = "china.jpg", "flower.jpg", "grace_hopper.jpg", "rocket.jpg"


def upload(owner: User, name: str, data: bytes | None = None) -> Photo:
    """A photo whose bytes are in storage."""
    data = (PHOTOS / name).read_bytes() if data is None else data
    sha256 = hashlib.sha256(data).hexdigest()
    photo = issue_upload_ticket(
        owner=owner, filename=name, size=len(data), content_type="image/jpeg", sha256=sha256
    ).photo
    key = original_key(str(photo.id))
    kind = "image/jpeg"
    storage.put(key, io.BytesIO(data), size=len(data), content_type=kind, sha256=sha256)
    assert receive_upload(photo)
    return photo


def look_at(photo: Photo) -> None:
    """The same is found in the same bytes each time."""
    two = photo.filename != FLOWER
    seen = [face(0, left=0.1), face(5, left=0.6)] if two else [face(0, left=0.3)]
    record_result(make_result(photo, inspection()))
    record_result(make_result(photo, labels(("cat", "猫"), ("dog", "狗"))))
    record_result(make_result(photo, faces(*seen)))
    record_result(make_result(photo, text("出口 Exit")))
    record_result(make_result(photo, ModerationFindings(score=0.01), kind=Kind.MODERATION))


def face_at(photo: Photo, left: float) -> Face:
    return Face.objects.get(photo=photo, left=left)


def make_library(owner: User) -> dict[str, Photo]:
    photos = {name: upload(owner, name) for name in (CHINA, FLOWER, HOPPER, ROCKET)}
    for photo in photos.values():
        look_at(photo)
    china, flower, hopper, rocket = photos.values()
    add_tag(china, "summer")
    add_tag(china, "夏天")
    judge_label(china, "cat", correct=True, user=owner)
    judge_label(china, "dog", correct=False, user=owner)
    place = {"latitude": 30.25, "longitude": -120.125}
    words = {"description": "A <pagoda> & 小明\nsecond line", "favorite": True, "location": place}
    update_photo(china, words)
    moment = datetime.fromisoformat("1987-06-05T04:03:02+08:00")
    update_photo(flower, {"archived": True, "taken_at": moment})
    update_photo(rocket, {"location": None, "taken_at": None})
    trash_photo(rocket)
    ming = assign_face_to_name(face_at(china, 0.1), "小明")
    assign_face_to_name(face_at(hopper, 0.1), "小明")
    anna = assign_face_to_name(face_at(china, 0.6), "Anna & co")
    hidden = assign_face_to_name(face_at(flower, 0.3), "Hidden")
    hide_person(hidden, hidden=True)
    tell_apart(ming, anna)
    reject_face(face_at(hopper, 0.6), anna)
    gone = assign_face_to_name(face_at(rocket, 0.6), "Erased")
    erase_person(gone, erased_by=owner)
    Person.objects.filter(id=ming.id).update(cover=face_at(hopper, 0.1))
    journey = create_album(owner, {"title": "Journey", "description": "far", "place": "Hangzhou"})
    day = create_album(owner, {"title": "Day 1", "parent": journey.id})
    add_photos(day, owner, [hopper.id, china.id])
    update_album(day, {"cover": china.id})
    create_album(owner, {"title": "小明", "rule": {"person": str(ming.id), "favorite": True}})
    return photos


def export_of(owner: User) -> Export:
    export = ask_export(owner)
    while prepare(export.id):
        pass
    export.refresh_from_db()
    return export


def archive_of(owner: User) -> bytes:
    export = export_of(owner)
    data = b"".join(stream_export(export))
    assert len(data) == export.size
    return data


def files_in(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def documents_in(data: bytes) -> dict[str, Any]:
    files = files_in(data)
    return {name: json.loads(body) for name, body in files.items() if name.endswith(".json")}


def zip_of(files: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return sink.getvalue()


def opened(data: bytes) -> Archive:
    return Archive(ZipFiles(io.BytesIO(data), size=len(data)))


def restore(owner: User, data: bytes) -> list[tuple[str, str]]:
    """Result and code of everything of the archive, once it has been taken in."""
    archive = opened(data)
    restorer = Restorer(owner, archive)
    restorer.restore_people()
    outcomes = [restorer.restore_photo(name) for name in archive.photos()]
    rest = [restorer.restore(name) for name in [*archive.albums(), *archive.reactions()]]
    outcomes += [outcome for outcome in rest if outcome.result == "failed"]
    return [(str(outcome.result), outcome.code) for outcome in outcomes]
