"""An album's face analysis is switched off and on, and what that does to the photos in it."""

import pytest

from backend.accounts.models import User
from backend.albums.members import set_role
from backend.albums.models import Album, Role
from backend.albums.services import (
    add_photos,
    create_album,
    delete_album,
    remove_photos,
    update_album,
)
from backend.analysis.consent import allow_face_analysis, queue_missing_faces
from backend.analysis.models import Analysis
from backend.analysis.services import claim_analyses, record_result, start_analysis
from backend.conftest import face, faces, make_photo, make_result
from backend.core.errors import RefusedError
from backend.people.models import Erasure, Face, Person
from backend.people.services import mend_people
from backend.people.tests.scenes import MODEL, person_with, photo_with
from backend.photos.models import Photo
from functions.contract import Kind


@pytest.fixture
def album(user: User) -> Album:
    return create_album(user, {"title": "Kindergarten"})


@pytest.fixture
def forbidding(user: User) -> Album:
    return create_album(user, {"title": "Kindergarten", "face_analysis": False})


def face_states(photo: Photo) -> list[str]:
    return list(photo.analyses.filter(kind=Kind.FACES).values_list("state", flat=True))


def test_switched_off_the_faces_of_its_photos_are_gone_and_on_record(
    user: User, album: Album
) -> None:
    inside, outside = photo_with(user, face(0)), photo_with(user, face(0))
    add_photos(album, user, [inside.id])
    update_album(album, {"face_analysis": False})
    assert not inside.faces.exists()
    assert outside.faces.count() == 1
    record = Erasure.objects.get(owner=user)
    assert (record.scope, record.erased_by, record.person_id) == ("photos", user, None)
    counts = {name: record.removed[name] for name in ("vectors", "photos", "left")}
    assert counts == {"vectors": 1, "photos": 1, "left": 0}
    assert Photo.objects.get(id=inside.id).search_stale


def test_a_photo_that_comes_into_it_loses_its_faces(user: User, forbidding: Album) -> None:
    ann = person_with(user, face(0), name="Ann")
    photo = ann.faces.all()[0].photo
    add_photos(forbidding, user, [photo.id])
    assert not photo.faces.exists()
    assert Person.objects.get(name="Ann").face_count == 2
    add_photos(forbidding, user, [photo.id])
    assert Erasure.objects.filter(owner=user).count() == 1


def test_no_faces_are_queued_claimed_or_stored(user: User, forbidding: Album) -> None:
    photo = make_photo(user)
    add_photos(forbidding, user, [photo.id])
    start_analysis(photo := Photo.objects.get(id=photo.id))
    claim = claim_analyses(photo.id)
    assert claim is not None
    assert Kind.FACES not in claim.models
    # A worker that began before is late.
    record_result(make_result(photo, faces(face(0))))
    assert not photo.faces.exists()


def test_what_was_queued_is_taken_back(user: User, forbidding: Album) -> None:
    photo = make_photo(user)
    start_analysis(photo)
    add_photos(forbidding, user, [photo.id])
    assert face_states(photo) == []


def test_one_such_album_is_enough(user: User, album: Album, forbidding: Album) -> None:
    photo = photo_with(user, face(0))
    add_photos(album, user, [photo.id])
    add_photos(forbidding, user, [photo.id])
    assert not photo.faces.exists()
    remove_photos(album, user, [photo.id])
    assert not Photo.objects.get(id=photo.id).face_analysis


@pytest.mark.parametrize("how", ["switched on", "taken out", "deleted"])
def test_photos_that_are_in_none_any_more_are_looked_at_again(
    user: User, forbidding: Album, how: str
) -> None:
    known, new = photo_with(user, face(0)), make_photo(user)
    add_photos(forbidding, user, [known.id, new.id])
    start_analysis(Photo.objects.get(id=new.id))
    assert face_states(known) == [Analysis.State.DONE]
    if how == "switched on":
        update_album(forbidding, {"face_analysis": True})
    elif how == "taken out":
        remove_photos(forbidding, user, [known.id, new.id])
    else:
        delete_album(forbidding)
    assert face_states(known) == [Analysis.State.QUEUED]
    assert Photo.objects.get(id=known.id).status == Photo.Status.PROCESSING
    assert queue_missing_faces() == 1
    assert face_states(new) == [Analysis.State.QUEUED]


def test_the_owners_own_switch_holds_when_the_albums_is_on_again(
    user: User, forbidding: Album
) -> None:
    photo = photo_with(user, face(0))
    add_photos(forbidding, user, [photo.id])
    allow_face_analysis(user, allowed=False)
    update_album(forbidding, {"face_analysis": True})
    assert face_states(photo) == [Analysis.State.DONE]


def test_other_members_photos_follow_their_own_owners(
    user: User, stranger: User, forbidding: Album
) -> None:
    set_role(forbidding, stranger, Role.CONTRIBUTOR, giver=user)
    theirs = photo_with(stranger, face(0))
    add_photos(forbidding, stranger, [theirs.id])
    update_album(forbidding, {"face_analysis": True})
    update_album(forbidding, {"face_analysis": False})
    assert theirs.faces.count() == 1


def test_an_album_with_a_rule_has_no_such_switch(user: User) -> None:
    with pytest.raises(RefusedError, match="album_has_rule"):
        create_album(user, {"title": "Dogs", "rule": {"label": "dog"}, "face_analysis": False})
    smart = create_album(user, {"title": "Dogs", "rule": {"label": "dog"}})
    with pytest.raises(RefusedError, match="album_has_rule"):
        update_album(smart, {"face_analysis": False})


def test_the_night_does_not_bring_the_faces_back(user: User, forbidding: Album) -> None:
    ann = person_with(user, face(0), photos=4, name="Ann")
    photos = [one.photo_id for one in ann.faces.all()[:2]]
    add_photos(forbidding, user, photos)
    mend_people(model=MODEL)
    assert not Face.objects.filter(photo__in=photos).exists()
    assert Person.objects.get(name="Ann").face_count == 2
