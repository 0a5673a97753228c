"""No answer costs more queries because there is more in it: asked of every route that answers.

A route comes here with its call in answers.toml. Its answer must grow with the library, or else
nothing was measured; what holds no list is named in NO_LISTS.
"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.api_keys import make_api_key
from backend.accounts.models import User
from backend.albums.blocking import block_user
from backend.albums.comments import like_photo, write_comment
from backend.albums.invitations import make_invitation
from backend.albums.links import make_link
from backend.albums.members import set_role
from backend.albums.models import Album, Role
from backend.albums.services import add_photos, create_album
from backend.analysis.models import DuplicateGroup, GroupedPhoto
from backend.analysis.services import (
    Wanted,
    cancel_batch,
    record_result,
    start_analysis,
    start_batch,
)
from backend.api.policy import RULES, Who
from backend.api.tests.test_policy import ANSWERS, ask, split, target, world
from backend.archive.models import Export, Import
from backend.conftest import (
    PASSWORD,
    ApiClient,
    face,
    faces,
    inspection,
    labels,
    make_photo,
    make_result,
    text,
)
from backend.events.models import Event
from backend.events.services import tell
from backend.events.webhooks import make_webhook
from backend.friends.services import ask_friend
from backend.people.models import Person, Proposal
from backend.people.services import erase_person, merge_people
from backend.photos.models import Photo
from backend.photos.services import add_tag
from backend.search.services import index_stale_photos
from backend.wechat.models import PhotoCheck, TextCheck
from functions.contract import MODELS, Failure, Kind, Location

__all__ = ["world"]  # a fixture
pytestmark = pytest.mark.django_db

# What answers about one thing, and holds no list that a library could fill.
NO_LISTS = {
    "GET /me",
    *(f"GET /photos/{{photo}}/{name}" for name in ("thumbnail", "preview", "original")),
    "GET /people/{person}",
    "GET /albums/{album}",
    *(f"GET /links/{{{token}}}" for token in ("token", "locked")),
    "GET /links/{token}x",
    *(f"GET /links/{{{token}}}/archive" for token in ("token", "locked", "downloads")),
    "GET /links/{locked}/photos",
    "GET /me/wechat",
    "GET /internal/wechat",
    "GET /users?username=alice",
    "GET /me/deletion",
    "GET /deletions/{receipt}",
    "GET /exports/{export}",
    "GET /exports/{export}/archive",
    "GET /imports/{import}",
    "GET /batches/{batch}",
    *("GET /usage", "GET /costs", "GET /metrics"),  # as many lines as there are models
    # Staff only, and as many as there are models
    *("GET /models", "GET /models/yunet-sface-1"),
    "GET /models/compare?a=yunet-sface-1&b=face-recognition-1",
    *("GET /review", "GET /review/nothing"),  # as many lines as there are queues
    "GET /invitations/{invited}",
    *(f"GET /invitations/{{invited}}/qr.{kind}" for kind in ("svg", "gif")),
    "GET /events",  # without `after` only where one is
}
# With few everything is there that costs queries, such as the years and the looks of a person.
FEW, MANY = 8, 12


def test_no_answer_costs_more_queries_because_there_is_more_in_it(world: dict[str, Any]) -> None:
    cache.clear()
    calls = [call for call in ANSWERS if split(call)[0] == "GET"]
    grow(world, range(FEW))
    small = {call: measure(call, world) for call in calls}
    grow(world, range(FEW, MANY))
    large = {call: measure(call, world) for call in calls}
    grown = {call for call in calls if large[call][1] > small[call][1]}
    assert set(calls) - grown == NO_LISTS
    costs = {call: (small[call][0], large[call][0]) for call in calls}
    assert {call: cost for call, cost in costs.items() if cost[1] > cost[0]} == {}


def measure(call: str, world: dict[str, Any]) -> tuple[int, int]:
    """How many queries the call costs, and how many values its answer holds.

    Its owner asks; where only staff may, a superuser, who sees what is everybody's.
    """
    found, method = target(call)
    is_for_staff = RULES[found.url_name or ""][method].who == Who.STAFF
    headers = world["headers"]["superuser" if is_for_staff else "owner"]
    # What is kept ready is made by the first.
    ask(call, world, headers)
    with CaptureQueriesContext(connection) as queries:
        answer = ask(call, world, headers)
    is_json = answer.headers.get("Content-Type") == "application/json"
    return len(queries), count_values(json.loads(answer.content)) if is_json else 0


def count_values(document: Any) -> int:
    if isinstance(document, dict):
        return sum(map(count_values, document.values()))
    return sum(map(count_values, document)) if isinstance(document, list) else 1


def grow(world: dict[str, Any], numbers: range) -> None:
    """For each number one more of everything that a list could hold."""
    user, photo = world["alice"], Photo.objects.get(id=world["photo"])
    album, person = Album.objects.get(id=world["album"]), Person.objects.get(id=world["person"])
    for number in numbers:
        shown = add_photo(user, number)
        add_photos(album, user, [shown.id])
        add_photos(create_album(user, {"title": f"Summer {number}"}), user, [shown.id])
        member = new_user(f"member {number}")
        set_role(album, member, Role.VIEWER, giver=user)
        make_link(album, user)
        make_invitation(album, user, Role.VIEWER, expires_at=None)
        write_comment(album, photo, member, f"Lovely {number}")
        like_photo(album, photo, member)
        ask_friend(new_user(f"asker {number}"), user.username)
        block_user(user, new_user(f"blocked {number}"))
        add_people(user, person, shown, number)
        add_tag(photo, f"word {number}")
        group = DuplicateGroup.objects.create(owner=user, kind=DuplicateGroup.Kind.BURST)
        other = make_photo(user, taken_at=datetime(2025, 1 + number, 15, tzinfo=UTC))
        record_result(make_result(other, faces(face(0))))
        other.faces.update(person=person)
        record_result(make_result(make_photo(user), faces(face(30))))  # nobody's yet
        for grouped in (shown, other):
            GroupedPhoto.objects.create(photo=grouped, group=group)
        Export.objects.create(owner=user, state="ready", size=22, due_at=None)
        Import.objects.create(owner=user, state="failed", size=22)
        wanted = Wanted(models={Kind.TEXT: MODELS[Kind.TEXT][0]}, photo_ids=[shown.id])
        cancel_batch(start_batch(user, wanted))
        ApiClient(user)
        make_api_key(user=user, name=f"key {number}", scopes=["photos:read"])
        doubtful = make_photo(user, moderation_verdict="review", has_renditions=True)
        PhotoCheck.objects.create(photo=doubtful, state="review")
        TextCheck.objects.create(
            **{"author": user, "text": f"doubtful {number}", "digest": f"{number}"},
            **{"scene": 4, "state": "failed"},
        )
        make_webhook(user=user, url="https://example.com/", kinds=["photo.deleted"])
        tell(user.id, Event.Kind.PHOTO_DELETED)
    index_stale_photos(limit=1000)
    # A test is one transaction, which is still open while it reads.
    Event.objects.update(transaction=1)


def add_photo(user: User, number: int) -> Photo:
    """A cat, on the day of the memories, somewhere else, with a face and a word."""
    photo = make_photo(user, moderation_verdict="ok", favorite=True)
    start_analysis(photo)
    taken = inspection(
        taken_at=f"{2025 - number % FEW}-11-01T12:00:00+00:00",
        location=Location(latitude=number * 6.0, longitude=11.0),
    )
    for found in (taken, labels(("cat", "猫")), faces(face(0, left=0.1)), text("cat")):
        record_result(make_result(photo, found))
    broken = Failure(stage="detect", code="internal_error", detail="x", permanent=True)
    record_result(make_result(photo, broken, kind=Kind.MODERATION))
    return Photo.objects.get(id=photo.id)


def new_user(name: str) -> User:
    return User.objects.create_user(name, password=PASSWORD)


def add_people(user: User, person: Person, photo: Photo, number: int) -> None:
    """Somebody new in the photo, whom the album takes for `person`, merged, erased."""
    # Ten names at most are suggested.
    name = f"Cat {number}" if number % 3 == 0 else ""
    somebody = Person.objects.create(owner=user, name=name)
    gone = Person.objects.create(owner=user)
    merge_people(gone, Person.objects.create(owner=user), made_by=user)
    photo.faces.update(person=somebody)
    kind = Proposal.Kind.MERGE
    Proposal.objects.create(
        owner=user, person=somebody, other=person, kind=kind, distance=0.1, settles=1
    )
    erase_person(Person.objects.create(owner=user), erased_by=user)
