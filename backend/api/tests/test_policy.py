"""Every route has rules, and answers each caller as the table answers.toml says."""

import contextlib
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from backend.accounts.api_keys import make_api_key
from backend.accounts.models import ApiKey, Token, User
from backend.accounts.services import devices_of
from backend.albums.links import make_link
from backend.albums.members import set_role
from backend.albums.models import Album, AlbumPhoto, Link, Member, Role
from backend.albums.services import add_photos, create_album
from backend.analysis.models import DuplicateGroup, GroupedPhoto
from backend.analysis.services import record_result, start_analysis
from backend.api.policy import RULES
from backend.conftest import PASSWORD, ApiClient, face, inspection, labels, make_photo, make_result
from backend.events.models import Delivery, Event, Webhook
from backend.events.services import tell
from backend.events.webhooks import make_webhook
from backend.people.models import Distinction, Face, Person
from backend.people.services import merge_people, replace_faces
from backend.photos.models import Photo, Tag
from backend.photos.services import add_tag

ANSWERS: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("answers.toml").read_text(encoding="utf-8")
)
# Members of the album that the photo is in; where the table says nothing they are strangers.
ROLES = ("viewer", "contributor", "manager")
SCOPES = [str(scope) for scope in ApiKey.Scope]


def routes() -> Iterator[tuple[str, str, set[str]]]:
    """Each route of the API: its name, its path, and the methods that its view has."""

    def walk(patterns: Any, prefix: str) -> Iterator[tuple[str, str, set[str]]]:
        for pattern in patterns:
            path = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, path)
            elif isinstance(pattern, URLPattern) and path.startswith(("api/v1/", "internal/")):
                view = pattern.callback.cls  # type: ignore[attr-defined]
                verbs = ("get", "post", "put", "patch", "delete")
                yield (
                    str(pattern.name),
                    path,
                    {verb.upper() for verb in verbs if hasattr(view, verb)},
                )

    yield from walk(get_resolver().url_patterns, "")


def test_every_method_of_every_route_has_a_rule_and_every_rule_a_method() -> None:
    found: dict[str, set[str]] = {}
    for name, _, methods in routes():
        found.setdefault(name, set()).update(methods)
    assert {name: set(rules) for name, rules in RULES.items()} == found


def test_every_rule_has_an_answer_for_everybody() -> None:
    answered = set()
    for call in ANSWERS:
        method, path = split(call)
        match = resolve(re.sub(r"\{\w+\}", str(Photo().id), path.partition("?")[0]))
        answered.add((match.url_name, method))
    assert answered == {(name, method) for name, rules in RULES.items() for method in rules}


@pytest.fixture
def world(user: User, stranger: User) -> dict[str, Any]:
    """Alice's album, and who else there is."""
    cache.clear()
    photo = make_photo(user)
    start_analysis(photo)
    record_result(make_result(photo, inspection()))
    record_result(make_result(photo, labels(("cat", "猫"))))
    add_tag(photo, "summer")
    group = DuplicateGroup.objects.create(owner=user, kind=DuplicateGroup.Kind.DUPLICATE)
    GroupedPhoto.objects.create(photo=photo, group=group)
    person, other, third, fourth = (Person.objects.create(owner=user) for _ in range(4))
    found = [face(0), face(5, left=0.6)]
    for shown in (photo, make_photo(user)):
        replace_faces(photo=shown, analysis_id=shown.id, model="yunet-sface-1", findings=found)
        shown.faces.filter(left__lt=0.5).update(person=person)
    merged = merge_people(fourth, third, made_by=user)
    ApiClient(user)
    _, key = make_api_key(user=user, name="script", scopes=["photos:read"])
    webhook = make_webhook(user=user, url="https://example.com/", kinds=["photo.deleted"])
    tell(user.id, Event.Kind.PHOTO_DELETED)
    staff = User.objects.create_user("clerk", password=PASSWORD, is_staff=True)
    Photo.objects.filter(id=photo.id).update(moderation_verdict=Photo.Moderation.OK)
    album = create_album(user, {"title": "Summer"})
    add_photos(album, user, [photo.id])
    members = {role: User.objects.create_user(role, password=PASSWORD) for role in ROLES}
    for role, member in members.items():
        set_role(album, member, Role(role), by=Role.OWNER)
    token, link = make_link(album, user)
    locked, _ = make_link(album, user, password="open sesame")
    callers = {"owner": user, "stranger": stranger, "staff": staff, "anonymous": None}
    return {
        "callers": callers | members,
        "photo": photo.id,
        "person": person.id,
        "other": other.id,
        "face": person.faces.all()[0].id,
        "merge": merged.id,
        "album": album.id,
        "link": link.id,
        "token": token,
        "locked": locked,
        "member": members["viewer"].id,
        "device": devices_of(user)[0].id,
        "key": key.id,
        "webhook": webhook.id,
        "delivery": webhook.deliveries.get().id,
        "group": group.id,
    }


def split(call: str) -> tuple[str, str]:
    method, path = call.split(" ", 1)
    return method, path if path.startswith("/internal/") else f"/api/v1{path}"


def ask(call: str, world: dict[str, Any], headers: dict[str, str]) -> int:
    method, path = split(call)
    client = ApiClient(None)

    def fill(value: Any) -> Any:
        if isinstance(value, str):
            return re.sub(r"\{(\w+)\}", lambda found: str(world[found[1]]), value)
        if isinstance(value, dict):
            return {name: fill(each) for name, each in value.items()}
        return [fill(each) for each in value] if isinstance(value, list) else value

    body = fill(ANSWERS[call].get("body", {}))
    answer = client._client.generic(
        method,
        fill(path),
        data=json.dumps(body).encode(),
        content_type="application/json",
        headers=headers,
    )
    return answer.status_code


def belongings(user: User) -> list[Any]:
    """All that others may not have changed."""
    return [
        list(Photo.objects.filter(owner=user).order_by("id").values()),
        list(Tag.objects.filter(photo__owner=user).order_by("id").values()),
        list(Person.with_merged.filter(owner=user).order_by("id").values()),
        list(Face.objects.filter(owner=user).order_by("id").values("id", "person")),
        list(Distinction.objects.filter(first__owner=user).order_by("id").values()),
        list(Webhook.objects.filter(owner=user).order_by("id").values()),
        list(Delivery.objects.filter(webhook__owner=user).order_by("id").values()),
        list(Token.objects.filter(user=user).order_by("id").values()),
        list(Album.objects.filter(owner=user).order_by("id").values()),
        list(AlbumPhoto.objects.filter(album__owner=user).order_by("id").values()),
        # A viewer is counted.
        list(Link.objects.filter(made_by=user).order_by("id").values("id", "digest", "password")),
        list(Member.objects.filter(album__owner=user).order_by("id").values()),
        list(ApiKey.objects.filter(user=user).order_by("id").values("id", "digest", "scopes")),
        User.objects.filter(id=user.id).values("language", "used_bytes", "quota_bytes").get(),
    ]


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """What happens within has not happened afterwards: the next caller finds the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("call", ANSWERS)
def test_each_caller_is_answered_as_the_table_says(call: str, world: dict[str, Any]) -> None:
    answers, owner = ANSWERS[call], world["callers"]["owner"]
    may_change = ["owner", *answers.get("changed_by", [])]
    found, changed = {}, []
    for caller, somebody in world["callers"].items():
        with undone():
            headers = ApiClient(somebody).headers
            before = belongings(owner)
            found[caller] = ask(call, world, headers)
            if belongings(owner) != before and caller not in may_change:
                changed.append(caller)
    assert found == {
        caller: answers.get(caller, answers["stranger"]) for caller in world["callers"]
    }
    # Whoever signs in as alice is alice.
    assert changed == [] or call == "POST /auth/login"


@pytest.mark.parametrize("call", ANSWERS)
def test_each_key_opens_what_its_scope_names_and_nothing_else(
    call: str, world: dict[str, Any]
) -> None:
    owner, answers = world["callers"]["owner"], ANSWERS[call]
    allowed = answers.get("keys", [])
    found, expected, changed = {}, {}, []
    for scope in SCOPES:
        with undone():
            User.objects.filter(id=owner.id).update(is_staff=scope == "admin")
            owner.refresh_from_db()
            secret, _ = make_api_key(user=owner, name="walker", scopes=[scope])
            before = belongings(owner)
            found[scope] = ask(call, world, {"Authorization": f"Bearer {secret}"})
            if allowed == "all":
                expected[scope] = answers["owner"]
            elif scope in allowed:
                # What only staff may do an administrator's key does as its owner would.
                expected[scope] = answers["staff" if scope == "admin" else "owner"]
            else:
                expected[scope] = 403
                if belongings(owner) != before:
                    changed.append(scope)
    assert found == expected
    assert changed == []
