"""Search, suggestions and questions over the API, whatever is asked."""

from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.test import Client

from backend.accounts.api_keys import make_api_key
from backend.accounts.models import User
from backend.albums.members import set_role
from backend.albums.models import Role
from backend.albums.services import create_album
from backend.analysis.services import record_result
from backend.conftest import ApiClient, face, faces, inspection, labels, make_photo, make_result
from backend.people.models import Person
from backend.people.services import name_face
from backend.photos.models import Photo
from backend.search.services import index_stale_photos
from functions.contract import Location


@pytest.fixture
def beach(user: User) -> Photo:
    """小明 at the sea near Hangzhou, on 1 May 2023."""
    photo = make_photo(user, filename="1.jpg")
    where = Location(latitude=30.25, longitude=120.16)
    record_result(make_result(photo, inspection(location=where)))
    record_result(make_result(photo, labels(("beach", "海边"))))
    record_result(make_result(photo, faces(face())))
    name_face(photo.faces.get(), "小明")
    index_stale_photos(limit=10)
    return photo


def test_parsed_says_what_was_understood_and_where_it_stood(api: ApiClient, beach: Photo) -> None:
    query = "xiaoming 海边 2023年5月 没有狗"
    body = api("GET", f"/search?q={quote(query)}").json()
    parsed = body["parsed"]
    assert parsed["people"] == ["小明"]
    assert parsed["labels"] == ["beach"]
    assert (parsed["from"], parsed["to"]) == ("2023-05-01", "2023-05-31")
    assert parsed["text"] == ""
    assert parsed["favorite"] is None
    pieces = [(piece["kind"], piece["without"]) for piece in parsed["pieces"]]
    assert pieces == [("person", False), ("label", False), ("date", False), ("text", True)]
    for piece in parsed["pieces"]:
        assert query[piece["start"] : piece["end"]] == piece["text"]
    (hit,) = body["results"]
    assert hit["photo"]["id"] == str(beach.id)
    assert hit["score"] > 0
    why = {reason["kind"]: reason for reason in hit["why"]}
    assert set(why) == {"person", "label", "date"}
    assert why["person"]["box"]["left"] == 0.1


def test_pieces_are_told_in_the_readers_language(api: ApiClient, beach: Photo) -> None:
    def meant(language: str) -> list[list[str]]:
        answer = api("GET", "/search?q=beach%20hangzhou", **{"Accept-Language": language})
        return [piece["meant"] for piece in answer.json()["parsed"]["pieces"]]

    assert meant("en") == [["beach"], ["Hangzhou"]]
    assert meant("zh-CN") == [["海边"], ["杭州"]]


def test_a_list_of_photos_takes_the_same_query(api: ApiClient, beach: Photo) -> None:
    for query in ("杭州", "小明 2023", "hangzhou"):
        results = api("GET", f"/photos?q={quote(query)}").json()["results"]
        assert [photo["id"] for photo in results] == [str(beach.id)]
    for place in ("杭州", "Hangzhou", "浙江", "china"):
        results = api("GET", f"/photos?place={quote(place)}").json()["results"]
        assert [photo["id"] for photo in results] == [str(beach.id)]


def test_names_are_suggested(api: ApiClient, beach: Photo) -> None:
    (suggestion,) = api("GET", "/search/suggest?q=photos%20of%20xiaom").json()["results"]
    person = Person.objects.get()
    assert suggestion == {
        "kind": "person",
        "name": "小明",
        "name_zh": "",
        "id": str(person.id),
        "query": "photos of 小明",
    }


def test_albums_are_suggested_to_those_who_see_them(
    api: ApiClient, user: User, stranger: User, as_user: Callable[[User], ApiClient]
) -> None:
    album = create_album(user, {"title": "西湖 Autumn Walk"})
    create_album(user, {"title": "Winter"})
    for typed, rest in (("dog xihu", "dog"), ("小明西湖", "小明"), ("walk", ""), ("autumn w", "")):
        suggestion = api("GET", f"/search/suggest?q={quote(typed)}").json()["results"][0]
        assert suggestion == {
            "kind": "album",
            "name": "西湖 Autumn Walk",
            "name_zh": "",
            "id": str(album.id),
            "query": rest,
        }
    other = as_user(stranger)
    assert other("GET", "/search/suggest?q=autumn").json()["results"] == []
    set_role(album, stranger, Role.VIEWER, giver=user)
    assert len(other("GET", "/search/suggest?q=autumn").json()["results"]) == 1


def test_a_key_without_the_albums_scope_is_offered_none(user: User) -> None:
    create_album(user, {"title": "Autumn Walk"})
    for scopes, count in ((["photos:read"], 0), (["photos:read", "albums:read"], 1)):
        secret, _ = make_api_key(user=user, name="a key", scopes=scopes)
        headers = {"Authorization": f"Bearer {secret}"}
        answer = Client().get("/api/v1/search/suggest?q=autumn", headers=headers)
        assert len(answer.json()["results"]) == count


def test_a_question_is_answered_with_its_photos(api: ApiClient, beach: Photo) -> None:
    body = api("GET", f"/ask?q={quote('我上次去杭州是什么时候')}").json()
    assert body["understood"] is True
    assert body["question"] == "last"
    assert "2023年5月2日" in body["answer"] or "2023年5月1日" in body["answer"]
    assert [photo["id"] for photo in body["photos"]] == [str(beach.id)]
    assert body["parsed"]["places"] == ["Hangzhou"]
    body = api("GET", "/ask?q=tell%20me%20a%20joke").json()
    assert body["understood"] is False
    assert body["photos"] == []


QUERIES = [
    "x" * 10_000,
    "狗" * 3_000,
    "小明 " * 2_000,
    "😀😀😀",
    "'; drop table photos_photo; --",
    "a:* & !b | (c <-> d)",
    "\\' \\\\ ''",
    "the of and",
    "的 了 和",
    "没有",
    "without",
    "Zaphod Beeblebrox",
    "2021 2023",
    "from 2023 to 2019",
    "99999年99月99日",
    "2月31日",
    "%00",
    "\ufffd\u202e\u200b",
    "“”",
    "-",
    "ß" * 300,
    "3 million years ago",
    "9" * 400,
]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query[:20])
@pytest.mark.parametrize("path", ["/search", "/search/suggest", "/ask", "/photos"])
def test_any_query_is_answered(api: ApiClient, beach: Photo, path: str, query: str) -> None:
    answer = api("GET", f"{path}?q={quote(query)}")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/json")


def test_a_null_byte_and_broken_utf8_are_answered(api: ApiClient, beach: Photo) -> None:
    for query in ("%00", "dog%00", "%ff%fe", "%ed%a0%80"):
        for path in ("/search", "/search/suggest", "/ask", "/photos"):
            assert api("GET", f"{path}?q={query}").status_code == 200


def test_nobody_finds_asks_or_completes_what_is_anothers(
    beach: Photo, stranger: User, as_user: Callable[[User], ApiClient]
) -> None:
    other = as_user(stranger)
    person = Person.objects.get()
    assert other("GET", f"/search?person={person.id}").json()["results"] == []
    assert other("GET", f"/search?q={quote('小明')}").json()["results"] == []
    assert other("GET", f"/search?q={person.id}").json()["results"] == []
    assert other("GET", f"/search?q={quote('小明')}").json()["parsed"]["people"] == []
    assert other("GET", "/search/suggest?q=xiaom").json()["results"] == []
    assert other("GET", "/ask?q=how%20many%20photos").json()["count"] == 0


def test_a_bad_filter_is_named(api: ApiClient) -> None:
    answer = api("GET", "/search?q=dog&person=me")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "person"
