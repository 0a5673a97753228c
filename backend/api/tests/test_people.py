"""people, faces, merges, splits, suggestions, erasures; and what strangers get of them."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from backend.accounts.models import User
from backend.conftest import ApiClient, face
from backend.people.models import Face, Person
from backend.people.services import mend_people
from backend.people.tests.scenes import MODEL, person_of, person_with, photo_with
from backend.people.tests.test_mending import between, person_made_of
from backend.photos.services import trash_photo
from backend.search.services import index_stale_photos

NOBODY = uuid.UUID(int=0)


@pytest.fixture
def ann(user: User) -> Person:
    return person_with(user, face(0), photos=4, name="Ann")


@pytest.fixture
def bea(user: User) -> Person:
    return person_with(user, face(5))


def test_people_are_listed_with_their_faces(api: ApiClient, ann: Person, bea: Person) -> None:
    trash_photo(ann.faces.all()[0].photo)
    first, second = api("GET", "/people").json()["results"]
    assert (first["name"], first["face_count"], first["photo_count"]) == ("Ann", 4, 3)
    assert (second["id"], second["name"], second["hidden"]) == (str(bea.id), "", False)
    assert second["two_people"] is False
    cover = second["cover"]
    assert Face.objects.get(id=cover["id"]).person == bea
    assert cover["box"] == {"left": 0.1, "top": 0.1, "width": 0.2, "height": 0.2}


def test_lists_are_narrowed_and_paged(api: ApiClient, ann: Person, bea: Person) -> None:
    def names(query: str) -> list[str]:
        return [one["name"] for one in api("GET", f"/people?{query}").json()["results"]]

    assert names("named=true") == ["Ann"]
    assert names("named=false") == [""]
    assert names("hidden=true") == []
    page = api("GET", "/people?page_size=1").json()
    assert page["next"]
    assert [one["name"] for one in page["results"]] == ["Ann"]
    assert api("GET", "/people?named=perhaps").json()["code"] == "invalid"


def test_a_person_is_named_hidden_and_given_a_cover(api: ApiClient, ann: Person) -> None:
    cover = str(ann.faces.order_by("-id")[0].id)
    changes = {"name": " 小明  Ming ", "hidden": True, "cover_face": cover}
    answer = api("PATCH", f"/people/{ann.id}", changes).json()
    assert (answer["name"], answer["hidden"], answer["cover"]["id"]) == ("小明 Ming", True, cover)
    assert api("GET", "/people").json()["results"] == []
    assert len(api("GET", "/people?hidden=1").json()["results"]) == 1


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"name": "x" * 101}, 400),
        ({"name": "\x00"}, 400),
        ({"name": None}, 400),
        ({"hidden": "perhaps"}, 400),
        ({"cover_face": "nonsense"}, 400),
        ({"cover_face": str(NOBODY)}, 409),
        ([], 400),
        ("Ann", 400),
    ],
)
def test_what_cannot_be_is_refused(api: ApiClient, ann: Person, changes: Any, status: int) -> None:
    answer = api("PATCH", f"/people/{ann.id}", changes)
    assert answer.status_code == status, answer.content
    assert answer.json()["code"] in ("invalid", "not_their_face")


def test_a_persons_faces_are_listed(api: ApiClient, ann: Person) -> None:
    faces = api("GET", f"/people/{ann.id}/faces").json()["results"]
    assert len(faces) == 4
    assert faces[0]["person"] == {"id": str(ann.id), "name": "Ann"}
    assert set(faces[0]["urls"]) == {"thumbnail", "preview", "original"}


def test_two_are_merged_and_taken_apart_again(api: ApiClient, ann: Person, bea: Person) -> None:
    merged = api("POST", f"/people/{bea.id}/merge", {"into": str(ann.id)}).json()
    assert merged["person"]["face_count"] == 7
    (record,) = api("GET", "/merges").json()["results"]
    assert (record["id"], record["kind"], record["moved_count"]) == (
        merged["merge_id"],
        "merge",
        3,
    )
    undone = api("POST", f"/merges/{merged['merge_id']}/undo").json()
    assert undone["undone_at"] is not None
    assert api("GET", f"/people/{bea.id}").json()["face_count"] == 3
    again = api("POST", f"/merges/{merged['merge_id']}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "already_undone")


def test_who_was_merged_is_found_as_who_they_are_now_until_that_is_undone(
    api: ApiClient, user: User, ann: Person, bea: Person
) -> None:
    cid = person_with(user, face(9), name="Cid")
    index_stale_photos(limit=20)

    def found(path: str) -> set[str]:
        results = api("GET", path).json()["results"]
        return {one.get("photo", one)["id"] for one in results}

    def places() -> list[set[str]]:
        return [
            found(f"/photos?person={bea.id}"),
            found(f"/search?q=&person={bea.id}"),
            found(f"/search?q=IMG&person={bea.id}"),
            found(f"/albums/{album}/photos"),
        ]

    rule = {"title": "Bea", "rule": {"person": [str(bea.id)]}}
    album = api("POST", "/albums", rule).json()["id"]
    beas, cids = ({str(one.photo_id) for one in person.faces.all()} for person in (bea, cid))
    assert places() == [beas] * 4
    first = api("POST", f"/people/{bea.id}/merge", {"into": str(ann.id)}).json()["merge_id"]
    second = api("POST", f"/people/{ann.id}/merge", {"into": str(cid.id)}).json()["merge_id"]
    all_three = {str(id_) for id_ in Face.objects.values_list("photo_id", flat=True)}
    assert places() == [all_three] * 4
    assert api("GET", f"/people/{bea.id}").json()["id"] == str(cid.id)
    assert len(api("GET", f"/people/{bea.id}/faces").json()["results"]) == 10
    assert api("GET", f"/people/{bea.id}/suggestions").status_code == 200
    assert found(f"/photos?person={bea.id}&person={cid.id}") == all_three
    for merge in (second, first):
        assert api("POST", f"/merges/{merge}/undo").status_code == 200
    assert places() == [beas] * 4
    assert found(f"/photos?person={cid.id}") == cids
    assert api("GET", f"/people/{bea.id}").json()["id"] == str(bea.id)


def test_who_was_merged_is_not_changed_but_named(api: ApiClient, ann: Person, bea: Person) -> None:
    api("POST", f"/people/{bea.id}/merge", {"into": str(ann.id)})
    one = ann.faces.all()[0]
    person = {"person_id": str(bea.id)}
    for method, path, body in (
        ("PATCH", f"/people/{bea.id}", {"name": "Bea"}),
        ("POST", f"/people/{bea.id}/merge", {"into": str(ann.id)}),
        ("POST", f"/people/{ann.id}/merge", {"into": str(bea.id)}),
        ("POST", f"/people/{bea.id}/split", {"faces": [str(one.id)]}),
        ("POST", f"/people/{bea.id}/decline", {"split": True}),
        ("POST", f"/people/{ann.id}/decline", person),
        ("DELETE", f"/people/{bea.id}/biometrics", None),
        ("POST", f"/faces/{one.id}/assign", person),
        ("POST", f"/faces/{one.id}/reject", person),
    ):
        answer = api(method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (409, "person_merged"), path
        assert str(ann.id) in answer.json()["detail"]
    ann.refresh_from_db()
    assert (ann.name, ann.face_count) == ("Ann", 7)


def test_the_reason_for_a_refusal_is_told_in_both_languages(
    api: ApiClient, user: User, ann: Person, bea: Person
) -> None:
    photo_with(user, face(0), face(5, left=0.6))
    for language, word in (("en", "1 photos"), ("zh-CN", "1 张照片")):
        answer = api(
            "POST",
            f"/people/{bea.id}/merge",
            {"into": str(ann.id)},
            **{"Accept-Language": language},
        )
        assert answer.json()["code"] == "people_share_photos"
        assert word in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "invalid"),
        ({"into": "Ann"}, 400, "invalid"),
        ({"into": str(NOBODY)}, 404, "unknown_person"),
        ({"into": "self"}, 400, "merge_with_self"),
    ],
)
def test_bad_merges_are_refused(
    api: ApiClient, ann: Person, body: Any, status: int, code: str
) -> None:
    if body.get("into") == "self":
        body = {"into": str(ann.id)}
    answer = api("POST", f"/people/{ann.id}/merge", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_chosen_faces_are_split_off_and_brought_back(api: ApiClient, ann: Person) -> None:
    chosen = [str(one.id) for one in ann.faces.all()[:2]]
    answer = api("POST", f"/people/{ann.id}/split", {"faces": chosen, "name": "Cid"})
    assert answer.status_code == 201
    assert answer.json()["person"]["face_count"] == 2
    assert api("GET", f"/people/{ann.id}").json()["face_count"] == 2
    split = answer.json()["split_id"]
    assert api("POST", f"/splits/{split}/undo").json()["kind"] == "split"
    assert api("GET", f"/people/{ann.id}").json()["face_count"] == 4


def test_nothing_is_split_where_there_is_one_look(api: ApiClient, ann: Person) -> None:
    assert api("POST", f"/people/{ann.id}/split").json()["code"] == "nothing_to_split"
    assert api("POST", f"/people/{ann.id}/split", {"faces": ["x"]}).json()["code"] == "invalid"


def test_twins_are_noticed_and_split_as_suggested(api: ApiClient, user: User) -> None:
    one = person_made_of(user, face(0), photos=4, name="Twins")
    two = person_made_of(user, between(0, 1, 0.68), photos=3)
    Face.objects.filter(person=two).update(person=one)
    mend_people(model=MODEL)
    assert api("GET", f"/people/{one.id}").json()["two_people"] is True
    (proposal,) = api("GET", "/people/proposals").json()["results"]
    assert (proposal["kind"], proposal["person"]["name"]) == ("split", "Twins")
    (split,) = api("GET", f"/people/{one.id}/suggestions").json()["results"]
    assert (split["kind"], split["settles"]) == ("split", 3)
    assert [group["count"] for group in split["groups"]] == [4, 3]
    assert len(split["groups"][0]["faces"]) == 4
    answer = api("POST", f"/people/{one.id}/split", {"name": "Tweedledee"})
    assert answer.json()["person"]["face_count"] == 3
    assert api("GET", "/people/proposals").json()["results"] == []


def test_suggestions_are_answered(api: ApiClient, user: User, ann: Person) -> None:
    other = person_made_of(user, between(0, 1, 0.72), photos=2)
    lone = photo_with(user, between(0, 3, 0.72)).faces.get()
    first, second = api("GET", f"/people/{ann.id}/suggestions").json()["results"]
    assert (first["kind"], first["person"]["id"]) == ("person", str(other.id))
    assert (second["kind"], second["face"]["id"]) == ("face", str(lone.id))
    api("POST", f"/people/{ann.id}/decline", {"person_id": str(other.id)})
    api("POST", f"/faces/{lone.id}/reject", {"person_id": str(ann.id)})
    assert api("GET", f"/people/{ann.id}/suggestions").json()["results"] == []


@pytest.mark.parametrize("body", [{}, {"split": True, "person_id": str(NOBODY)}, {"split": "x"}])
def test_an_answer_must_be_one_answer(api: ApiClient, ann: Person, body: Any) -> None:
    answer = api("POST", f"/people/{ann.id}/decline", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_a_face_is_assigned_by_person_by_name_and_to_nobody(
    api: ApiClient, user: User, ann: Person
) -> None:
    photo = photo_with(user, face(7))
    path = f"/faces/{photo.faces.get().id}/assign"
    answer = api("POST", path, {"person_id": str(ann.id)}).json()
    assert (answer["person"]["name"], answer["confirmed"]) == ("Ann", True)
    assert api("POST", path, {"name": "Dora"}).json()["person"]["name"] == "Dora"
    assert api("POST", path, {"person_id": None}).json()["person"] is None
    assert api("POST", path, {"name": "ann"}).json()["person"]["id"] == str(ann.id)
    assert (
        api._client.post(
            f"/api/v1{path}", b"null", content_type="application/json", headers=api.headers
        ).json()["person"]
        is None
    )
    assert person_of(photo) is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid"),
        ({"name": ""}, "invalid"),
        ({"name": "Ann", "person_id": str(NOBODY)}, "invalid"),
        ({"person_id": str(NOBODY)}, "unknown_person"),
        ({"person_id": "x"}, "invalid"),
        ([1], "invalid"),
    ],
)
def test_bad_assignments_are_refused(api: ApiClient, user: User, body: Any, code: str) -> None:
    one = photo_with(user, face(7)).faces.get()
    assert api("POST", f"/faces/{one.id}/assign", body).json()["code"] == code


def test_a_rejected_face_does_not_come_back(api: ApiClient, ann: Person) -> None:
    one = ann.faces.all()[0]
    assert api("POST", f"/faces/{one.id}/reject").json()["person"] is None
    assert api("POST", f"/faces/{one.id}/reject").json()["code"] == "face_has_no_person"
    assert api("GET", f"/people/{ann.id}").json()["face_count"] == 3


def test_erasing_answers_with_a_record(api: ApiClient, ann: Person, bea: Person) -> None:
    record = api("DELETE", f"/people/{ann.id}/biometrics").json()
    assert record["person_id"] == str(ann.id)
    assert (record["removed"]["vectors"], record["removed"]["left"]) == (4, 0)
    assert api("DELETE", f"/people/{ann.id}/biometrics").json() == record
    assert api("GET", f"/people/{ann.id}/suggestions").json()["results"] == []
    assert [one["id"] for one in api("GET", "/people").json()["results"]] == [str(bea.id)]
    assert api("DELETE", "/me/biometrics").json()["removed"]["vectors"] == 3
    assert len(api("GET", "/erasures").json()["results"]) == 2


def test_face_analysis_is_switched_off_by_its_owner(api: ApiClient, user: User) -> None:
    photo = photo_with(user, face(0))
    assert api("GET", "/me").json()["face_analysis"] is True
    assert api("PATCH", "/me", {"face_analysis": False}).json()["face_analysis"] is False
    refused = api("POST", f"/photos/{photo.id}/reanalyze", {"kinds": ["faces"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "face_analysis_off")
    assert api("POST", f"/photos/{photo.id}/reanalyze").status_code == 202


def test_a_stranger_finds_nothing(
    user: User, stranger: User, as_user: Any, ann: Person, bea: Person
) -> None:
    own = person_with(stranger, face(0), name="Mallory's")
    merged = ApiClient(user)("POST", f"/people/{bea.id}/merge", {"into": str(ann.id)}).json()
    theirs = as_user(stranger)
    one = ann.faces.all()[0]
    into = {"into": str(own.id)}
    for method, path, body in (
        ("GET", f"/people/{ann.id}", None),
        ("GET", f"/people/{bea.id}", None),
        ("PATCH", f"/people/{bea.id}", {"name": "x"}),
        ("PATCH", f"/people/{ann.id}", {"name": "x"}),
        ("GET", f"/people/{ann.id}/faces", None),
        ("POST", f"/people/{ann.id}/merge", into),
        ("POST", f"/people/{own.id}/merge", {"into": str(ann.id)}),
        ("POST", f"/people/{ann.id}/split", {"faces": [str(one.id)]}),
        ("GET", f"/people/{ann.id}/suggestions", None),
        ("POST", f"/people/{ann.id}/decline", {"split": True}),
        ("POST", f"/people/{own.id}/decline", {"person_id": str(ann.id)}),
        ("DELETE", f"/people/{ann.id}/biometrics", None),
        ("POST", f"/faces/{one.id}/assign", {"name": "x"}),
        ("POST", f"/faces/{one.id}/reject", {}),
        ("POST", f"/merges/{merged['merge_id']}/undo", None),
    ):
        assert theirs(method, path, body).status_code == 404, path
    mine = own.faces.all()[0]
    for act in ("assign", "reject"):
        answer = theirs("POST", f"/faces/{mine.id}/{act}", {"person_id": str(ann.id)})
        assert answer.json()["code"] == "unknown_person"
    answer = theirs("POST", f"/people/{own.id}/split", {"faces": [str(one.id)]})
    assert answer.json()["code"] == "not_their_face"
    cover = theirs("PATCH", f"/people/{own.id}", {"cover_face": str(one.id)})
    assert cover.json()["code"] == "not_their_face"
    assert [one["id"] for one in theirs("GET", "/people").json()["results"]] == [str(own.id)]
    assert theirs("GET", "/merges").json()["results"] == []
    for gone in (ann, bea):
        assert theirs("GET", f"/photos?person={gone.id}").json()["results"] == []
    ann.refresh_from_db()
    assert (ann.name, ann.face_count) == ("Ann", 7)


def test_a_face_that_waits_is_listed_until_somebody_names_it(
    api: ApiClient, user: User, stranger: User, as_user: Callable[[User | None], ApiClient]
) -> None:
    lone, blurred = photo_with(user, face(0)), photo_with(user, face(5))
    blurred.faces.update(quality=0.1)
    assert api("GET", "/people").json()["results"] == []
    (waiting,) = api("GET", "/faces").json()["results"]
    assert waiting["id"] == str(lone.faces.get().id)
    assert as_user(stranger)("GET", "/faces").json()["results"] == []
    api("POST", f"/faces/{waiting['id']}/assign", {"name": "Ann"})
    assert api("GET", "/faces").json()["results"] == []
    assert [one["name"] for one in api("GET", "/people").json()["results"]] == ["Ann"]
