"""albums, their photos and members; and what those see of one another's photos."""

import io
import uuid
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from PIL import Image

from backend.accounts.models import User
from backend.albums import services
from backend.albums.models import Album, AlbumPhoto
from backend.analysis.services import record_result, start_analysis
from backend.api.tests.test_photos import NEW, get_rest, put
from backend.conftest import (
    ApiClient,
    face,
    faces,
    inspection,
    labels,
    make_photo,
    make_result,
    text,
)
from backend.people.models import Face, Person
from backend.people.services import merge_people
from backend.photos.models import Photo
from backend.photos.services import add_tag, trash_photo
from backend.search.services import index_stale_photos
from functions.contract import Rendition, original_key, rendition_key

NOBODY = "01a1f770-870f-704a-abb5-c258cd85fc48"


def make_shown(owner: User, **fields: Any) -> Photo:
    """A photo that may be shared."""
    return make_photo(
        owner, **{"moderation_verdict": "ok", "has_renditions": True, "status": "ready"} | fields
    )


@pytest.fixture
def album(api: ApiClient) -> str:
    return str(api("POST", "/albums", {"title": "Summer"}).json()["id"])


@pytest.fixture
def theirs(stranger: User) -> ApiClient:
    cache.clear()
    return ApiClient(stranger)


def put_in(api: ApiClient, album: str, *photos: Photo) -> Any:
    return api("POST", f"/albums/{album}/photos", {"ids": [str(photo.id) for photo in photos]})


def shown(api: ApiClient, album: str, query: str = "") -> list[str]:
    return [each["id"] for each in api("GET", f"/albums/{album}/photos{query}").json()["results"]]


def let_in(api: ApiClient, album: str, role: str, name: str = "mallory") -> Any:
    return api("POST", f"/albums/{album}/members", {"user": name, "role": role})


def test_an_album_is_made_changed_and_deleted(api: ApiClient, user: User) -> None:
    given = {"title": " 夏天  Summer ", "description": "By the sea", "place": "Rimini"}
    made = api("POST", "/albums", given)
    assert made.status_code == 201
    album = made.json()
    assert (album["title"], album["place"], album["role"]) == ("夏天 Summer", "Rimini", "owner")
    assert album["owner"] == {"id": str(user.id), "username": "alice"}
    assert (album["photo_count"], album["cover"], album["rule"]) == (0, None, None)
    changed = api("PATCH", f"/albums/{album['id']}", {"description": ""}).json()
    assert (changed["title"], changed["description"]) == ("夏天 Summer", "")
    assert api("DELETE", f"/albums/{album['id']}").status_code == 204
    assert api("GET", f"/albums/{album['id']}").status_code == 404


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({}, 400, "invalid"),
        ({"title": "\u200b"}, 400, "invalid"),
        ({"title": "x" * 201}, 400, "invalid"),
        ({"title": "x", "position": 2**31}, 400, "invalid"),
        ({"title": "x", "parent": "x"}, 400, "invalid"),
        ({"title": "x", "parent": NOBODY}, 404, "unknown_album"),
        ({"title": "x", "cover": NOBODY}, 409, "not_in_album"),
        ({"title": "x", "rule": {"album": NOBODY}}, 400, "invalid"),
        ({"title": "x", "rule": {"trashed": True}}, 400, "invalid"),
        ({"title": "x", "rule": {"status": "trashed"}}, 400, "invalid"),
        ({"title": "x", "rule": {"bbox": "1,2"}}, 400, "invalid"),
        ({"title": "x", "rule": {"tag": {"a": 1}}}, 400, "invalid"),
        ({"title": "x", "rule": []}, 400, "invalid"),
        ([], 400, "invalid"),
    ],
)
def test_what_is_no_album_is_refused(api: ApiClient, given: Any, status: int, code: str) -> None:
    answer = api("POST", "/albums", given)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Album.objects.exists()


def test_albums_stand_in_albums_without_loops(api: ApiClient, album: str) -> None:
    inner = api("POST", "/albums", {"title": "May", "parent": album}).json()["id"]
    innermost = api("POST", "/albums", {"title": "Monday", "parent": inner}).json()["id"]
    for below in (album, inner, innermost):
        answer = api("PATCH", f"/albums/{album}", {"parent": below})
        assert (answer.status_code, answer.json()["code"]) == (409, "album_in_itself")
    assert [each["id"] for each in api("GET", "/albums?parent=none").json()["results"]] == [album]
    inside = api("GET", f"/albums?parent={album}").json()["results"]
    assert [each["id"] for each in inside] == [inner]
    api("DELETE", f"/albums/{inner}")
    assert api("GET", f"/albums/{innermost}").json()["parent"] == album
    assert api("GET", "/albums?parent=x").status_code == 400


def test_a_member_finds_an_album_whatever_its_owner_has_it_in(
    api: ApiClient, theirs: ApiClient, album: str
) -> None:
    inner = api("POST", "/albums", {"title": "May", "parent": album}).json()["id"]
    let_in(api, inner, "viewer")

    def listed(query: str) -> list[tuple[str, str | None]]:
        found = theirs("GET", f"/albums{query}").json()["results"]
        return [(each["id"], each["parent"]) for each in found]

    # The one above is not there for them.
    assert listed("") == listed("?parent=none") == [(inner, None)]
    assert listed(f"?parent={album}") == []
    assert theirs("GET", f"/albums/{inner}").json()["parent"] is None
    let_in(api, album, "viewer")
    assert listed("?parent=none") == [(album, None)]
    assert listed(f"?parent={album}") == [(inner, album)]
    assert theirs("GET", f"/albums/{inner}").json()["parent"] == album


def test_albums_nest_so_deep_and_no_deeper(api: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MAX_DEPTH", 3)
    one, two, three = (api("POST", "/albums", {"title": "x"}).json()["id"] for _ in range(3))
    assert api("PATCH", f"/albums/{two}", {"parent": one}).status_code == 200
    assert api("PATCH", f"/albums/{three}", {"parent": two}).status_code == 200
    four = api("POST", "/albums", {"title": "x", "parent": three})
    assert (four.status_code, four.json()["code"]) == (409, "too_deep")
    four = api("POST", "/albums", {"title": "x"}).json()["id"]
    # What stands below it comes along.
    assert api("PATCH", f"/albums/{one}", {"parent": four}).json()["code"] == "too_deep"
    assert api("PATCH", f"/albums/{two}", {"parent": four}).status_code == 200


def test_albums_stand_in_their_owners_order(api: ApiClient) -> None:
    for title in "abc":
        api("POST", "/albums", {"title": title})
    albums = api("GET", "/albums").json()["results"]
    assert [each["title"] for each in albums] == ["a", "b", "c"]
    api("PATCH", f"/albums/{albums[2]['id']}", {"position": -1})
    assert [each["title"] for each in api("GET", "/albums").json()["results"]] == ["c", "a", "b"]
    first = api("GET", "/albums?page_size=2").json()
    rest = api("GET", first["next"].partition("/api/v1")[2]).json()["results"]
    assert [each["title"] for each in rest] == ["b"]


def test_photos_are_put_in_ordered_and_taken_out(api: ApiClient, user: User, album: str) -> None:
    one, two, three, four = (make_photo(user) for _ in range(4))
    answer = put_in(api, album, two, one, three)
    assert answer.json() == {"changed": 3, "refused": []}
    put_in(api, album, one, four)
    before = [str(photo.id) for photo in (two, one, three, four)]
    assert shown(api, album) == before
    order = {"ids": [str(four.id), str(three.id)], "before": str(one.id)}
    assert api("PATCH", f"/albums/{album}/photos", order).json()["changed"] == 2
    after = [str(photo.id) for photo in (two, four, three, one)]
    assert shown(api, album) == after
    first = api("GET", f"/albums/{album}/photos?page_size=3").json()
    assert [each["id"] for each in first["results"]] == after[:3]
    rest = api("GET", first["next"].partition("/api/v1")[2]).json()["results"]
    assert [each["id"] for each in rest] == after[3:]
    api("PATCH", f"/albums/{album}/photos", {"ids": [after[0]], "before": None})
    assert shown(api, album) == [*after[1:], after[0]]
    api("DELETE", f"/albums/{album}/photos", {"ids": after[:3]})
    assert shown(api, album) == after[3:]
    assert Photo.objects.count() == 4
    odd = api("PATCH", f"/albums/{album}/photos", {"ids": [], "before": NOBODY})
    assert (odd.status_code, odd.json()["code"]) == (409, "not_in_album")


def test_only_ones_own_photos_are_put_in(
    api: ApiClient, user: User, stranger: User, album: str
) -> None:
    foreign, trashed = make_shown(stranger), make_photo(user)
    trash_photo(trashed)
    answer = put_in(api, album, foreign, trashed).json()
    assert answer["changed"] == 0
    assert {each["code"] for each in answer["refused"]} == {"not_found"}
    assert not AlbumPhoto.objects.exists()
    ids = {"ids": [str(uuid.uuid4()) for _ in range(501)]}
    assert api("POST", f"/albums/{album}/photos", ids).status_code == 400


def test_a_photo_that_others_share_is_not_ones_own_to_use(
    api: ApiClient, user: User, album: str, theirs: ApiClient
) -> None:
    photo = make_shown(user)
    put_in(api, album, photo)
    let_in(api, album, "manager")
    other = theirs("POST", "/albums", {"title": "Mine"}).json()["id"]
    assert put_in(theirs, other, photo).json()["refused"][0]["code"] == "not_found"
    assert theirs("PATCH", f"/photos/{photo.id}", {"favorite": True}).status_code == 404
    bulk: dict[str, Any] = {"ids": [str(photo.id)], "action": "delete"}
    assert theirs("POST", "/photos/bulk", bulk).json()["changed"] == 0
    bulk = {"filter": {"album": album}, "action": "delete"}
    assert theirs("POST", "/photos/bulk", bulk).json()["changed"] == 0
    assert Photo.objects.get(id=photo.id).trashed_at is None


def test_an_album_holds_so_many(
    api: ApiClient, user: User, album: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MAX_PHOTOS", 1)
    assert put_in(api, album, make_photo(user)).status_code == 200
    assert put_in(api, album, make_photo(user)).json()["code"] == "too_many_photos"
    monkeypatch.setattr(services, "MAX_ALBUMS", 1)
    assert api("POST", "/albums", {"title": "x"}).json()["code"] == "too_many_albums"


def test_the_cover_is_chosen_or_the_first(api: ApiClient, user: User, album: str) -> None:
    one, two = make_shown(user), make_shown(user)
    put_in(api, album, one, two)
    found = api("GET", f"/albums/{album}").json()
    assert (found["photo_count"], found["cover"]["id"]) == (2, str(one.id))
    changed = api("PATCH", f"/albums/{album}", {"cover": str(two.id)}).json()
    assert changed["cover"]["id"] == str(two.id)
    assert changed["cover"]["urls"]["thumbnail"].startswith("http://testserver/objects/")
    api("DELETE", f"/albums/{album}/photos", {"ids": [str(two.id)]})
    assert api("GET", f"/albums/{album}").json()["cover"]["id"] == str(one.id)
    refused = api("PATCH", f"/albums/{album}", {"cover": str(two.id)})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_in_album")
    assert api("GET", "/albums").json()["results"][0]["photo_count"] == 1


def test_a_smart_album_stays_current(api: ApiClient, user: User) -> None:
    beach, city = make_shown(user), make_shown(user)
    add_tag(beach, "beach")
    rule = {"tag": ["beach"], "favorite": False}
    album = api("POST", "/albums", {"title": "Beach", "rule": rule}).json()
    assert album["rule"] == rule
    assert (album["photo_count"], album["cover"]["id"]) == (1, str(beach.id))
    assert shown(api, album["id"]) == [str(beach.id)]
    add_tag(city, "beach")
    assert shown(api, album["id"]) == [str(city.id), str(beach.id)]
    for method in ("POST", "PATCH", "DELETE"):
        answer = api(method, f"/albums/{album['id']}/photos", {"ids": [str(city.id)]})
        assert (answer.status_code, answer.json()["code"]) == (409, "album_has_rule")
    ticket = api("POST", "/photos", NEW | {"album_id": album["id"]})
    assert ticket.json()["code"] == "album_has_rule"
    new_rule: dict[str, Any] = {"rule": {"favorite": True}}
    assert api("PATCH", f"/albums/{album['id']}", new_rule).json()["photo_count"] == 0
    assert api("PATCH", f"/albums/{album['id']}", {"rule": None}).json()["code"] == "invalid"


def test_a_smart_albums_words_are_searched(api: ApiClient, user: User) -> None:
    dog, cat = make_shown(user), make_shown(user)
    record_result(make_result(dog, labels(("dog", "狗"))))
    record_result(make_result(cat, labels(("cat", "猫"))))
    index_stale_photos(limit=10)
    album = api("POST", "/albums", {"title": "Dogs", "rule": {"q": "狗"}}).json()["id"]
    assert shown(api, album) == [str(dog.id)]


def test_members_of_a_smart_album_see_what_fits_but_not_by_what_rule(
    api: ApiClient, user: User, stranger: User, theirs: ApiClient
) -> None:
    photo, foreign = make_shown(user), make_shown(stranger)
    for each in (photo, foreign):
        add_tag(each, "secret word")
    rule = {"tag": "secret word"}
    made = api("POST", "/albums", {"title": "x", "rule": rule}).json()
    assert (made["smart"], made["rule"]) == (True, rule)
    let_in(api, made["id"], "owner")
    # It runs over its maker's photos, whoever asks.
    assert shown(theirs, made["id"]) == shown(api, made["id"]) == [str(photo.id)]
    for answer in (theirs("GET", f"/albums/{made['id']}"), theirs("GET", "/albums")):
        assert "secret word" not in answer.content.decode()
    seen = theirs("GET", f"/albums/{made['id']}").json()
    assert (seen["smart"], seen["rule"], seen["photo_count"]) == (True, None, 1)
    answer = theirs("PATCH", f"/albums/{made['id']}", {"rule": {}})
    assert answer.status_code == 403
    assert api("POST", "/albums", {"title": "y"}).json()["smart"] is False


def test_a_smart_album_follows_who_was_merged_into_somebody_else(
    api: ApiClient, user: User
) -> None:
    photo = make_shown(user)
    record_result(make_result(photo, faces(face(0))))
    one, other, third = (Person.objects.create(owner=user) for _ in range(3))
    Face.objects.update(person=one)
    rule = {"person": [str(one.id)]}
    album = api("POST", "/albums", {"title": "x", "rule": rule}).json()["id"]
    assert shown(api, album) == [str(photo.id)]
    merge_people(one, other, made_by=user)
    merge_people(other, third, made_by=user)
    assert shown(api, album) == [str(photo.id)]
    Face.objects.update(person=None)
    assert shown(api, album) == []


def test_lists_are_narrowed_to_an_album(api: ApiClient, user: User, album: str) -> None:
    inside, _ = make_shown(user), make_shown(user)
    put_in(api, album, inside)
    for path in ("/photos", "/photos?fields=all", "/search"):
        sign = "&" if "?" in path else "?"
        found = api("GET", f"{path}{sign}album={album}").json()["results"]
        assert [each.get("photo", each)["id"] for each in found] == [str(inside.id)]
    assert api("GET", f"/photos?album={album}&favorite=true").json()["results"] == []
    for odd in (NOBODY, "x"):
        answer = api("GET", f"/photos?album={odd}")
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_album")


def test_a_photo_is_uploaded_into_an_album(api: ApiClient, album: str) -> None:
    ticket = api("POST", "/photos", NEW | {"album_id": album})
    assert ticket.status_code == 201
    assert shown(api, album) == []
    Photo.objects.update(status="processing")
    assert shown(api, album) == [ticket.json()["photo"]["id"]]
    again = api("POST", "/photos", NEW | {"album_id": album})
    assert (again.status_code, again.json()["duplicate"]) == (200, True)
    assert len(shown(api, album)) == 1


def test_its_owner_alone_switches_an_albums_face_analysis(
    api: ApiClient, user: User, stranger: User, album: str, theirs: ApiClient
) -> None:
    photo = make_shown(user)
    record_result(make_result(photo, faces(face(0))))
    put_in(api, album, photo)
    assert api("GET", f"/albums/{album}").json()["face_analysis"] is True
    let_in(api, album, "manager")
    answer = theirs("PATCH", f"/albums/{album}", {"face_analysis": False})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert len(api("GET", f"/photos/{photo.id}").json()["faces"]) == 1
    answer = api("PATCH", f"/albums/{album}", {"face_analysis": False})
    assert answer.json()["face_analysis"] is False
    assert api("GET", f"/photos/{photo.id}").json()["faces"] == []
    (record,) = api("GET", "/erasures").json()["results"]
    assert (record["scope"], record["removed"]["vectors"]) == ("photos", 1)
    answer = api("POST", f"/photos/{photo.id}/reanalyze", {"kinds": ["faces"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "face_analysis_off")


def test_members_see_and_do_as_their_roles_say(
    api: ApiClient, user: User, stranger: User, album: str, theirs: ApiClient
) -> None:
    photo, own = make_shown(user), make_shown(stranger)
    put_in(api, album, photo)
    assert theirs("GET", f"/albums/{album}").status_code == 404
    answer = let_in(api, album, "viewer")
    assert answer.json()["user"] == {"id": str(stranger.id), "username": "mallory"}
    assert theirs("GET", f"/albums/{album}").json()["role"] == "viewer"
    assert [each["id"] for each in theirs("GET", "/albums").json()["results"]] == [album]
    assert put_in(theirs, album, own).status_code == 403
    let_in(api, album, "contributor", str(stranger.id))
    assert put_in(theirs, album, own).json()["changed"] == 1
    assert shown(api, album) == shown(theirs, album) == [str(photo.id), str(own.id)]
    assert api("GET", f"/photos/{own.id}").json()["owner"] == str(stranger.id)
    out = {"ids": [str(photo.id), str(own.id)]}
    taken_out = theirs("DELETE", f"/albums/{album}/photos", out).json()
    assert taken_out["refused"] == [{"id": str(photo.id), "code": "not_found"}]
    let_in(api, album, "manager")
    assert theirs("DELETE", f"/albums/{album}/photos", out).json()["changed"] == 1
    assert theirs("PATCH", f"/albums/{album}", {"parent": None}).status_code == 403
    assert theirs("DELETE", f"/albums/{album}").status_code == 403
    let_in(api, album, "owner")
    assert theirs("DELETE", f"/albums/{album}").status_code == 204


def test_nobody_gives_or_changes_a_role_above_their_own(
    api: ApiClient, user: User, album: str, theirs: ApiClient
) -> None:
    bob = User.objects.create_user("bob")
    let_in(api, album, "manager")
    assert let_in(theirs, album, "owner", "bob").status_code == 403
    assert let_in(theirs, album, "owner").status_code == 403
    let_in(api, album, "owner", "bob")
    assert let_in(theirs, album, "viewer", "bob").status_code == 403
    assert theirs("DELETE", f"/albums/{album}/members/{bob.id}").status_code == 403
    assert let_in(theirs, album, "viewer", "alice").json()["code"] == "already_owner"
    assert theirs("DELETE", f"/albums/{album}/members/{user.id}").status_code == 404
    roles = {
        each["user"]["username"]: each["role"]
        for each in api("GET", f"/albums/{album}/members").json()["results"]
    }
    assert roles == {"alice": "owner", "mallory": "manager", "bob": "owner"}


def test_members_come_in_pages_after_the_albums_maker(api: ApiClient, album: str) -> None:
    cache.clear()
    for name in ("ann", "bob", "eve"):
        User.objects.create_user(name)
        let_in(api, album, "viewer", name)
    pages, path = [], f"/albums/{album}/members?page_size=2"
    while path:
        page = api("GET", path).json()
        pages.append([each["user"]["username"] for each in page["results"]])
        path = (page["next"] or "").partition("/api/v1")[2]
    assert pages == [["alice", "ann", "bob"], ["eve"]]
    back = page["previous"].partition("/api/v1")[2]
    names = [each["user"]["username"] for each in api("GET", back).json()["results"]]
    assert names == pages[0]


def test_nobody_who_does_not_exist_becomes_a_member(api: ApiClient, album: str) -> None:
    cache.clear()
    for name in ("nobody", NOBODY):
        answer = let_in(api, album, "viewer", name)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_user")
    assert let_in(api, album, "king", "alice").json()["code"] == "invalid"


def test_names_cannot_be_tried_out_at_any_speed(api: ApiClient, album: str, settings: Any) -> None:
    cache.clear()
    settings.MEMBER_ATTEMPTS = 2
    codes = [let_in(api, album, "viewer", f"name{n}").status_code for n in range(3)]
    assert codes == [404, 404, 429]


def test_who_leaves_takes_their_photos_along(
    api: ApiClient, user: User, stranger: User, album: str, theirs: ApiClient
) -> None:
    photo, own = make_shown(user), make_shown(stranger)
    put_in(api, album, photo)
    let_in(api, album, "contributor")
    put_in(theirs, album, own)
    api("PATCH", f"/albums/{album}", {"cover": str(own.id)})
    assert theirs("DELETE", f"/albums/{album}/members/{stranger.id}").status_code == 204
    assert shown(api, album) == [str(photo.id)]
    assert api("GET", f"/albums/{album}").json()["cover"]["id"] == str(photo.id)
    for path in (f"/albums/{album}", f"/photos/{photo.id}", f"/photos/{photo.id}/preview"):
        assert theirs("GET", path).status_code == 404
    assert api("GET", f"/photos/{own.id}").status_code == 404


@pytest.mark.parametrize(
    "hidden",
    [
        {"moderation_verdict": "pending"},
        {"moderation_verdict": "blocked"},
        {"has_renditions": False},
        {"trashed_at": "2026-01-01T00:00:00Z"},
    ],
)
@pytest.mark.parametrize("rule", [None, {"favorite": False}])
def test_what_is_not_to_be_shared_members_do_not_see(
    api: ApiClient, user: User, theirs: ApiClient, hidden: dict[str, Any], rule: Any
) -> None:
    album = api("POST", "/albums", {"title": "x", "rule": rule}).json()["id"]
    photo = make_shown(user)
    if rule is None:
        put_in(api, album, photo)
    let_in(api, album, "manager")
    assert shown(theirs, album) == [str(photo.id)]
    assert theirs("GET", f"/photos/{photo.id}").status_code == 200
    Photo.objects.update(**hidden)
    assert shown(theirs, album) == []
    assert theirs("GET", f"/photos?album={album}").json()["results"] == []
    assert theirs("GET", f"/albums/{album}").json()["photo_count"] == 0
    assert theirs("GET", f"/albums/{album}").json()["cover"] is None
    for path in ("", "/thumbnail", "/preview", "/original"):
        assert theirs("GET", f"/photos/{photo.id}{path}").status_code == 404


@pytest.fixture
def told(user: User) -> Photo:
    """A photo about which much is known."""
    photo = make_photo(user, filename="secret name.jpg")
    start_analysis(photo)
    record_result(make_result(photo, inspection()))
    record_result(make_result(photo, labels(("dog", "狗"))))
    record_result(make_result(photo, faces(face(0))))
    record_result(make_result(photo, text("HELLO")))
    Face.objects.update(person=Person.objects.create(owner=user, name="Xiaoming"))
    add_tag(photo, "private")
    Photo.objects.update(moderation_verdict="ok", search_stale=True, status="ready")
    index_stale_photos(limit=10)
    return Photo.objects.get()


def test_members_are_not_told_where_who_and_by_what_name(
    api: ApiClient, told: Photo, album: str, theirs: ApiClient
) -> None:
    put_in(api, album, told)
    let_in(api, album, "manager")
    own = api("GET", f"/photos/{told.id}").json()
    assert own["location"]
    assert own["faces"][0]["person"]["name"] == "Xiaoming"
    body = theirs("GET", f"/photos/{told.id}")
    assert body.json().keys() == own.keys()
    lists = [
        theirs("GET", f"/albums/{album}/photos"),
        theirs("GET", f"/photos?album={album}&fields=all"),
        theirs("GET", f"/search?album={album}"),
        theirs("GET", f"/albums/{album}"),
    ]
    assert body.json()["camera"]["make"] == "FUJIFILM"
    for answer in [body, *lists]:
        said = answer.content.decode()
        for secret in ("secret name", "Xiaoming", "43.468", "Arezzo", "private", "HELLO"):
            assert secret not in said
        assert told.sha256 not in said
    assert body.json()["location"] is None


@pytest.mark.parametrize(
    "query",
    ["q=Xiaoming", "place=Arezzo", "bbox=11,43,12,44", "tag=private", "label=dog", "has_text=true"],
)
def test_members_cannot_ask_whether_a_secret_fits(
    api: ApiClient, told: Photo, album: str, theirs: ApiClient, query: str
) -> None:
    put_in(api, album, told)
    let_in(api, album, "manager")
    for path in ("/photos", "/search"):
        assert api("GET", f"{path}?album={album}&{query}").json()["results"]
        assert theirs("GET", f"{path}?album={album}").json()["results"]
        assert theirs("GET", f"{path}?album={album}&{query}").json()["results"] == []


def open_object(url: str) -> Any:
    return Client().get(url.removeprefix("http://testserver"))


def test_a_members_addresses_end_with_what_they_may_see(
    api: ApiClient, user: User, album: str, theirs: ApiClient, stranger: User
) -> None:
    photo = make_shown(user)
    put(rendition_key(str(photo.id), Rendition.PREVIEW))
    put_in(api, album, photo)
    let_in(api, album, "viewer")
    url = theirs("GET", f"/photos/{photo.id}").json()["urls"]["preview"]
    assert open_object(url).status_code == 200
    assert open_object(url).headers["Cache-Control"] == "private, no-cache"
    Photo.objects.update(moderation_verdict="blocked")
    assert open_object(url).status_code == 404
    Photo.objects.update(moderation_verdict="ok")
    assert open_object(url).status_code == 200
    api("DELETE", f"/albums/{album}/members/{stranger.id}")
    assert open_object(url).status_code == 404


def test_an_original_tells_members_nothing_but_the_picture(
    api: ApiClient, user: User, album: str, theirs: ApiClient
) -> None:
    tags = Image.Exif()
    tags[0x010E] = "secret beach"
    tags.get_ifd(0x8825).update({1: "N", 2: (43.0, 28.0, 5.0)})
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG", exif=tags)
    photo = make_shown(user, filename="secret name.jpg", size=len(out.getvalue()))
    put(original_key(str(photo.id)), out.getvalue())
    put_in(api, album, photo)
    let_in(api, album, "viewer")
    own = open_object(api("GET", f"/photos/{photo.id}").json()["urls"]["original"])
    assert own.content == out.getvalue()
    seen = open_object(theirs("GET", f"/photos/{photo.id}").json()["urls"]["original"])
    assert b"secret" not in seen.content
    assert Image.open(io.BytesIO(seen.content)).size == (40, 30)
    assert not Image.open(io.BytesIO(seen.content)).getexif().get_ifd(0x8825)
    assert "secret" not in seen.headers["Content-Disposition"]
    assert len(seen.content) == int(seen.headers["Content-Length"])
    url = theirs("GET", f"/photos/{photo.id}").json()["urls"]["original"]
    rest = get_rest(url, "bytes=9-")
    assert (rest.status_code, rest.content) == (206, seen.content[9:])
    # What cannot be cleaned is not handed out.
    Photo.objects.update(content_type="image/heic")
    urls = theirs("GET", f"/photos/{photo.id}").json()["urls"]
    assert urls["original"] is None
    assert urls["preview"]


def test_lists_cost_the_same_queries_for_any_page(
    api: ApiClient, user: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        album = api("POST", "/albums", {"title": f"{number}"}).json()["id"]
        put_in(api, album, make_shown(user), make_shown(user))
    for path in ("/albums", f"/albums/{album}/photos", f"/albums/{album}"):
        with django_assert_max_num_queries(8):
            api("GET", path)
