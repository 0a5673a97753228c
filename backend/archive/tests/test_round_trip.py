"""What goes out comes back in: export, delete the account, prove it, import, export again."""

from typing import Any

import pytest

from backend.accounts.models import User
from backend.analysis.models import ModerationVerdict
from backend.analysis.services import judge_moderation
from backend.archive import restoring
from backend.archive.models import WaitingFaces
from backend.archive.people import settle_faces
from backend.archive.tests.scenes import (
    CHINA,
    FLOWER,
    HOPPER,
    ROCKET,
    archive_of,
    documents_in,
    face_at,
    files_in,
    look_at,
    make_library,
    restore,
)
from backend.conftest import PASSWORD
from backend.leaving.closing import close_account
from backend.leaving.erasing import go_on
from backend.people.models import Face, FaceRejection, Person
from backend.photos.models import Photo


def settle(owner: User) -> None:
    """Every photo has been looked at, and faces are with whom the archive told."""
    for photo in Photo.objects.filter(owner=owner):
        look_at(photo)
    settle_faces()


def without_ids(documents: dict[str, Any]) -> dict[str, Any]:
    """The documents with names for keys, and without the moments at which they were made."""
    people = documents["people/00001.json"]["people"]
    names = {person["key"]: person["name"] for person in people}
    titles = {
        document["key"]: document["title"]
        for name, document in documents.items()
        if name.startswith("albums/")
    }

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            left_out = ("made_at", "finished_at")
            return {name: plain(each) for name, each in value.items() if name not in left_out}
        if isinstance(value, list):
            return [plain(each) for each in value]
        if isinstance(value, str):
            return names.get(value) or titles.get(value) or value
        return value

    found = {name: plain(document) for name, document in documents.items()}
    found["people/00001.json"]["people"].sort(key=lambda person: person["name"])
    for person in found["people/00001.json"]["people"]:
        del person["not"]  # which of two says so depends on their ids: see apart
    return found


def apart(documents: dict[str, Any]) -> list[set[str]]:
    """Pairs of names that are told apart."""
    people = documents["people/00001.json"]["people"]
    names = {person["key"]: person["name"] for person in people}
    return [{person["name"], names[key]} for person in people for key in person["not"]]


def test_everything_comes_back(user: User) -> None:
    make_library(user)
    data = archive_of(user)
    _, deletion = close_account(user)
    while go_on(deletion.id):
        pass
    deletion.refresh_from_db()
    assert deletion.erased_at is not None
    assert not Photo.objects.exists()
    assert not Person.with_merged.exists()

    again = User.objects.create_user("alice", password=PASSWORD)
    assert restore(again, data) == [("imported", "")] * 4
    settle(again)
    second = archive_of(again)

    before, after = documents_in(data), documents_in(second)
    assert apart(before) == apart(after) == [{"小明", "Anna & co"}]
    assert len(before["people/00001.json"]["people"]) >= 4
    assert without_ids(after) == without_ids(before)
    one, other = files_in(data), files_in(second)
    assert one.keys() == other.keys()
    for name in one:
        if not name.endswith(".json"):
            assert one[name] == other[name], name


def test_words_come_with_their_photos(user: User, stranger: User) -> None:
    make_library(user)
    restore(stranger, archive_of(user))
    settle(stranger)
    china, flower, rocket = (
        Photo.objects.get(owner=stranger, filename=name) for name in (CHINA, FLOWER, ROCKET)
    )
    assert china.description == "A <pagoda> & 小明\nsecond line"
    assert (china.favorite, china.archived, flower.archived) == (True, False, True)
    assert (china.latitude, china.longitude) == (30.25, -120.125)
    assert china.location_source == "person"
    assert sorted(china.tags.values_list("name", flat=True)) == ["summer", "夏天"]
    verdicts = dict(china.label_verdicts.values_list("name", "correct"))
    assert verdicts == {"cat": True, "dog": False}
    assert flower.taken_at is not None
    assert flower.taken_at.isoformat() == "1987-06-04T20:03:02+00:00"
    assert flower.taken_at_offset == 480
    # No time and no place, by a person's word: what the file says does not come back.
    assert (rocket.taken_at, rocket.latitude) == (None, None)
    assert rocket.trashed_at is not None
    original = Photo.objects.get(owner=user, filename=CHINA)
    assert china.created_at == original.created_at


def test_faces_find_their_people_by_where_they_are(user: User, stranger: User) -> None:
    make_library(user)
    restore(stranger, archive_of(user))
    assert WaitingFaces.objects.count() == 4
    assert settle_faces() == 0
    settle(stranger)
    assert not WaitingFaces.objects.exists()
    photos = {name: Photo.objects.get(owner=stranger, filename=name) for name in (CHINA, HOPPER)}
    ming = Person.objects.get(owner=stranger, name="小明")
    for photo in photos.values():
        found = face_at(photo, 0.1)
        assert (found.person, found.confirmed) == (ming, True)
    assert ming.cover_id == face_at(photos[HOPPER], 0.1).id
    assert Person.objects.get(owner=stranger, name="Hidden").hidden
    rejection = FaceRejection.objects.get(face=face_at(photos[HOPPER], 0.6))
    assert rejection.person.name == "Anna & co"
    # Nobody of the other library is touched.
    assert not Face.objects.filter(owner=stranger, person__owner=user).exists()


def test_what_waits_goes_out_again(user: User, stranger: User) -> None:
    """Exported before anybody has looked at the photos here, no name is lost."""
    make_library(user)
    restore(stranger, archive_of(user))
    third = User.objects.create_user("carol", password=PASSWORD)
    restore(third, archive_of(stranger))
    settle(third)
    china = Photo.objects.get(owner=third, filename=CHINA)
    found = face_at(china, 0.1)
    assert found.person is not None
    assert (found.person.name, found.confirmed) == ("小明", True)


def test_what_was_erased_is_not_looked_for_again(user: User, stranger: User) -> None:
    make_library(user)
    restore(stranger, archive_of(user))
    settle(stranger)
    rocket = Photo.objects.get(owner=stranger, filename=ROCKET)
    assert [found.left for found in rocket.faces.all()] == [0.1]
    assert Person.objects.filter(owner=stranger, name="Erased").exists()


def test_a_reviewers_word_goes_out_and_does_not_come_in(user: User, stranger: User) -> None:
    """Or else one could write oneself that one's photo has been let pass."""
    make_library(user)
    china = Photo.objects.get(owner=user, filename=CHINA)
    judge_moderation(china, blocked=False, user=User.objects.create_superuser("root"), note="art")
    data = archive_of(user)
    said = {
        document["filename"]: document["moderation"]
        for name, document in documents_in(data).items()
        if name.startswith("photos/")
    }
    assert {name: bool(each["decided_at"]) for name, each in said.items()} == {
        name: name == CHINA for name in said
    }
    assert said[CHINA]["verdict"] == "ok"
    restore(stranger, data)
    assert not ModerationVerdict.objects.filter(photo__owner=stranger).exists()
    assert Photo.objects.get(owner=stranger, filename=CHINA).moderation_verdict == "pending"


def test_a_rule_asks_for_the_people_of_its_own_library(user: User, stranger: User) -> None:
    make_library(user)
    restore(stranger, archive_of(user))
    album = stranger.albums.get(title="小明")
    ming = Person.objects.get(owner=stranger, name="小明")
    assert album.rule == {"person": str(ming.id), "favorite": True}


def test_the_same_archive_again_changes_nothing(user: User, stranger: User) -> None:
    make_library(user)
    data = archive_of(user)
    restore(stranger, data)
    settle(stranger)
    before = documents_in(archive_of(stranger))
    assert restore(stranger, data) == [("already there", "")] * 4
    settle(stranger)
    stranger.exports.all().delete()
    after = documents_in(archive_of(stranger))
    for documents in (before, after):
        documents["archive.json"].pop("made_at")
        for document in documents.values():
            for analysis in document.get("analyses", []):
                analysis.pop("finished_at")
    assert after == before


def test_into_the_library_it_came_from_it_changes_nothing(user: User) -> None:
    make_library(user)
    data = archive_of(user)
    people = set(Person.objects.values_list("id", flat=True))
    assert restore(user, data) == [("already there", "")] * 4
    settle_faces()
    assert set(Person.objects.values_list("id", flat=True)) == people
    user.exports.all().delete()
    assert documents_in(archive_of(user)).keys() == documents_in(data).keys()
    assert user.albums.count() == 3


def test_what_was_said_here_stays(user: User, stranger: User) -> None:
    photos = make_library(user)
    data = archive_of(user)
    restore(stranger, data)
    settle(stranger)
    china = Photo.objects.get(owner=stranger, filename=CHINA)
    Photo.objects.filter(id=china.id).update(description="mine", latitude=1, longitude=2)
    china.label_verdicts.filter(name="cat").update(correct=False)
    found = face_at(china, 0.1)
    other = Person.objects.create(owner=stranger, name="Other")
    Face.objects.filter(id=found.id).update(person=other, confirmed=True)
    restore(stranger, data)
    settle_faces()
    china.refresh_from_db()
    found.refresh_from_db()
    assert (china.description, china.latitude) == ("mine", 1)
    assert not china.label_verdicts.get(name="cat").correct
    assert found.person == other
    assert photos[CHINA].owner == user


@pytest.mark.parametrize("killed_after", range(4))
def test_an_import_that_is_killed_goes_on(
    killed_after: int, user: User, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between a photo's words and its bytes, or between its bytes and what they start."""
    make_library(user)
    data = archive_of(user)
    calls = []

    class KilledError(BaseException):
        pass

    def wrap(name: str) -> None:
        real = getattr(restoring, name)

        def once(*args: Any, **values: Any) -> Any:
            calls.append(name)
            if len(calls) > killed_after:
                raise KilledError
            return real(*args, **values)

        monkeypatch.setattr(restoring, name, once)

    for name in ("issue_upload_ticket", "say_words", "receive_upload"):
        wrap(name)
    with pytest.raises(KilledError):
        restore(stranger, data)
    monkeypatch.undo()
    assert {result for result, _ in restore(stranger, data)} <= {"imported", "already there"}
    settle(stranger)
    assert without_ids(documents_in(archive_of(stranger)))["photos/1987/06/flower.jpg.json"][
        "archived"
    ]
    assert Photo.objects.filter(owner=stranger).count() == 4
    assert Photo.objects.filter(owner=stranger, trashed_at__isnull=False).count() == 1
