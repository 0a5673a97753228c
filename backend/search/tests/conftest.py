"""An album whose photos are looked for, suggested and asked about."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from backend.accounts.models import User
from backend.analysis.services import record_result
from backend.conftest import face, faces, inspection, labels, make_photo, make_result, text
from backend.people.models import Person
from backend.people.services import move_face, name_face
from backend.photos.models import Photo
from backend.photos.services import add_tag
from backend.search.services import index_stale_photos
from functions.contract import Location

HANGZHOU = Location(latitude=30.25, longitude=120.16)
AREZZO = Location(latitude=43.468, longitude=11.881)


@dataclass(frozen=True, kw_only=True)
class Album:
    """beach: 小明 and Alice at the sea near Hangzhou, in May 2023. party: Alice with a cake in
    Arezzo at Christmas 2023. sign: a sign and a dog, nobody, nowhere, in 2021.
    """

    beach: Photo
    party: Photo
    sign: Photo
    ming: Person
    alice: Person


def add_photo(
    user: User, filename: str, *, day: str, location: Location | None, people: list[int]
) -> Photo:
    photo = make_photo(user, filename=filename)
    found = inspection(taken_at=f"{day}T18:30:00+08:00", location=location)
    record_result(make_result(photo, found))
    seen = [face(number * 10, left=0.1 + 0.3 * place) for place, number in enumerate(people)]
    record_result(make_result(photo, faces(*seen)))
    return photo


@pytest.fixture
def album(user: User) -> Album:
    beach = add_photo(user, "beach.jpg", day="2023-05-01", location=HANGZHOU, people=[1, 2])
    party = add_photo(user, "party.jpg", day="2023-12-25", location=AREZZO, people=[2])
    sign = add_photo(user, "sign.jpg", day="2021-08-03", location=None, people=[])
    record_result(make_result(beach, labels(("beach", "海边"))))
    record_result(make_result(party, labels(("birthday cake", "生日蛋糕"), ("food", "食物"))))
    record_result(make_result(sign, labels(("dog", "狗"))))
    record_result(make_result(sign, text("Beware of the dog")))
    add_tag(party, "office party")
    Photo.objects.filter(id=party.id).update(favorite=True)
    left, right = beach.faces.order_by("left")
    ming, alice = name_face(left, "王小明"), name_face(right, "Alice Smith")
    move_face(party.faces.get(), alice)
    index_stale_photos(limit=10)
    return Album(beach=beach, party=party, sign=sign, ming=ming, alice=alice)


@pytest.fixture
def index() -> Callable[[], int]:
    return lambda: index_stale_photos(limit=100)
