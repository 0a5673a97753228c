"""Names are offered as one types them."""

import pytest

from backend.accounts.models import User
from backend.people.services import hide_person
from backend.search.suggestions import suggest
from backend.search.tests.conftest import Album


def offered(user: User, query: str) -> list[str]:
    return [suggestion.query for suggestion in suggest(user, query, limit=10)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("al", "Alice Smith"),
        ("ALICE S", "Alice Smith"),
        ("小", "王小明"),
        ("wangxiao", "王小明"),
        ("xiaom", "王小明"),
        ("wxm", "王小明"),
        ("hang", "Hangzhou"),
        ("杭", "杭州"),
        ("zhe", "Zhejiang"),
        ("do", "dog"),
        ("birthday c", "birthday cake"),
        ("生日", "生日蛋糕"),
        ("off", "office party"),
        ("photos of Alice in hang", "photos of Alice in Hangzhou"),
        ("小明在杭", "小明在杭州"),
    ],
)
def test_the_beginning_of_a_name_is_completed(
    user: User, album: Album, typed: str, first: str
) -> None:
    assert offered(user, typed)[0] == first


def test_a_person_is_offered_with_the_id(user: User, album: Album) -> None:
    (suggestion,) = suggest(user, "alic", limit=10)
    assert (suggestion.kind, suggestion.id) == ("person", album.alice.id)


@pytest.mark.parametrize(
    "typed",
    ["", " ", "Alice ", "zzz", "😀", "%", "_", "\\", "'; drop", "x" * 10_000, "猪" * 10_000],
)
def test_nothing_is_offered_for_what_begins_no_name(user: User, album: Album, typed: str) -> None:
    assert offered(user, typed) == []


def test_strangers_and_hidden_people_are_not_offered(
    user: User, stranger: User, album: Album
) -> None:
    assert offered(stranger, "xiaom") == []
    assert offered(stranger, "do") == []
    hide_person(album.ming, hidden=True)
    assert offered(user, "xiaom") == []


def test_no_more_than_asked_for(user: User, album: Album) -> None:
    assert len(suggest(user, "a", limit=2)) == 2
