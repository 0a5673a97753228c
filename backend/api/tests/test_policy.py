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
from django.test import Client
from django.urls import ResolverMatch, URLPattern, URLResolver, get_resolver, resolve

from backend.accounts.api_keys import make_api_key
from backend.accounts.models import ApiKey, User
from backend.accounts.services import devices_of
from backend.albums.links import make_link
from backend.albums.members import set_role
from backend.albums.models import Role
from backend.albums.services import add_photos, create_album
from backend.analysis.models import DuplicateGroup, GroupedPhoto
from backend.analysis.services import record_result, start_analysis
from backend.api.policy import PROVE_THEMSELVES, RULES, Scope, Who
from backend.api.tests.belongings import UNOWNED, belongings, own_models, paths_to_owner
from backend.conftest import PASSWORD, ApiClient, face, inspection, labels, make_photo, make_result
from backend.events.models import Event
from backend.events.services import tell
from backend.events.webhooks import make_webhook
from backend.people.models import Person
from backend.people.services import merge_people, replace_faces
from backend.photos.models import Photo
from backend.photos.services import add_tag

ANSWERS: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("answers.toml").read_text(encoding="utf-8")
)
# Members of the album that the photo is in.
ROLES = ("viewer", "contributor", "manager", "coowner")
SCOPES = [str(scope) for scope in ApiKey.Scope]
# Whoever the table does not name is answered as these are.
LIKE = {
    **{"viewer": "stranger", "contributor": "stranger", "manager": "stranger"},
    **{"coowner": "manager", "superuser": "staff", "shut_out": "anonymous"},
}
# Those who are nothing to alice must not read the name of anything that is hers.
OUTSIDERS = ("stranger", "staff", "superuser", "shut_out", "anonymous")
# What members of an album must not learn of its owner.
PRIVATE = (
    *("person", "other", "face", "merge", "device", "key", "webhook", "delivery", "group"),
    *("tag", "filename"),
)
# What is told to nobody again.
SECRET = {"token", "locked", "downloads"}
# What answers only where WeChat is configured.
ELSEWHERE = {("wechat-login", "POST"), ("own-wechat", "PUT")}
# Addresses that are not of the API, each with tests of its own for whom it lets in.
OUTSIDE = {"", "healthz", "readyz", "api/schema/", "objects/<str:grant>", "admin/"}


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
    answered = {(found.route, method) for found, method in map(target, ANSWERS)}
    assert answered == {(path, method) for _, path, methods in routes() for method in methods}


def test_every_rule_lets_somebody_do_something() -> None:
    """Or else everybody might be refused for another reason than who they are."""
    callers = {*OUTSIDERS, *ROLES, "owner"}
    proved = {
        (target(call)[0].route, target(call)[1])
        for call, answers in ANSWERS.items()
        if any(answers[caller] < 400 for caller in callers & answers.keys())
    }
    assert proved == {
        (path, method)
        for name, path, methods in routes()
        for method in methods
        # Those who prove themselves otherwise are in test_internal and in backend/wechat/tests,
        # and what needs WeChat to be configured is there, too.
        if (name, method) not in ELSEWHERE and RULES[name][method].who not in PROVE_THEMSELVES
    }


def test_every_address_outside_the_api_is_known_here() -> None:
    found = {str(pattern.pattern) for pattern in get_resolver().url_patterns}
    assert {path for path in found if not path.startswith(("api/v1/", "internal/"))} == OUTSIDE


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
    for grouped in (photo, make_photo(user)):
        GroupedPhoto.objects.create(photo=grouped, group=group)
    person, other, third, fourth = (Person.objects.create(owner=user) for _ in range(4))
    found = [face(0), face(5, left=0.6)]
    for shown in (photo, make_photo(user)):
        replace_faces(photo=shown, analysis_id=shown.id, model="yunet-sface-1", findings=found)
        shown.faces.filter(left__lt=0.5).update(person=person)
    alone = make_photo(user)
    replace_faces(photo=alone, analysis_id=alone.id, model="yunet-sface-1", findings=[face(9)])
    alone.faces.update(person=other)
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
        set_role(album, member, Role("owner" if role == "coowner" else role), by=Role.OWNER)
    token, link = make_link(album, user)
    locked, _ = make_link(album, user, password="open sesame")
    downloads, _ = make_link(album, user, allow_download=True)
    root = User.objects.create_superuser("root", password=PASSWORD)
    shut_out = User.objects.create_user("ousted", password=PASSWORD)
    people_who_ask = {
        "owner": user,
        "stranger": stranger,
        "staff": staff,
        "superuser": root,
        "shut_out": shut_out,
    }
    headers = {name: ApiClient(each).headers for name, each in (people_who_ask | members).items()}
    # The token in this one's hand was good a moment ago.
    User.objects.filter(id=shut_out.id).update(is_active=False)
    return {
        "callers": headers | {"anonymous": {}},
        "own": user.id,
        "tag": "summer",
        "filename": photo.filename,
        "photo": photo.id,
        "person": person.id,
        "other": other.id,
        "face": person.faces.all()[0].id,
        "merge": merged.id,
        "album": album.id,
        "link": link.id,
        "token": token,
        "locked": locked,
        "downloads": downloads,
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


def target(call: str) -> tuple[ResolverMatch, str]:
    """The route that a call is of, and its method."""
    method, path = split(call)
    return resolve(re.sub(r"\{\w+\}", str(Photo().id), path.partition("?")[0])), method


def fill(value: Any, world: dict[str, Any]) -> Any:
    """With the names of the world's objects in their places."""
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda found: str(world[found[1]]), value)
    if isinstance(value, dict):
        return {name: fill(each, world) for name, each in value.items()}
    return [fill(each, world) for each in value] if isinstance(value, list) else value


def ask(
    call: str, world: dict[str, Any], headers: dict[str, str], more: dict[str, Any] | None = None
) -> Any:
    """The answer. more: what the body says besides."""
    method, path = split(call)
    return Client().generic(
        method,
        fill(path, world),
        data=json.dumps(fill(ANSWERS[call].get("body", {}), world) | (more or {})).encode(),
        content_type="application/json",
        headers=headers,
    )


def answer_for(caller: str, answers: dict[str, Any]) -> int:
    while caller not in answers:
        caller = LIKE[caller]
    return int(answers[caller])


def told(call: str, world: dict[str, Any], answer: Any) -> set[str]:
    """Names of what is alice's that the answer holds although the call did not say them."""
    if answer.streaming:
        return set()
    said = fill(call, world) + str(fill(ANSWERS[call].get("body", {}), world))
    text = answer.content.decode()
    names = {name: str(value) for name, value in world.items() if name != "callers"}
    return {name for name, value in names.items() if value in text and value not in said}


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """What happens within has not happened afterwards: the next caller finds the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("call", ANSWERS)
def test_each_caller_is_answered_as_the_table_says(call: str, world: dict[str, Any]) -> None:
    answers, owner = ANSWERS[call], User.objects.get(id=world["own"])
    may_change, shown = {"owner", *answers.get("changed_by", [])}, set(answers.get("shows", []))
    found, changed, leaked = {}, [], {}
    before = belongings(owner)
    for caller, headers in world["callers"].items():
        with undone():
            answer = ask(call, world, headers)
            found[caller] = answer.status_code
            if not {caller, LIKE.get(caller)} & may_change and belongings(owner) != before:
                changed.append(caller)
            hidden = SECRET | set(PRIVATE if caller in ROLES else world)
            if caller != "owner" and (leak := (told(call, world, answer) & hidden) - shown):
                leaked[caller] = leak
    assert found == {caller: answer_for(caller, answers) for caller in world["callers"]}
    if call != "POST /auth/login":  # whoever signs in as alice is alice
        assert (changed, leaked) == ([], {})


def test_what_others_must_not_be_told_the_owner_is_told(world: dict[str, Any]) -> None:
    """Or else nothing would be seen to leak."""
    told_to_owner: set[str] = set()
    for call in ANSWERS:
        if call.startswith("GET "):
            with undone():
                answer = ask(call, world, world["callers"]["owner"])
                told_to_owner |= told(call, world, answer)
    assert world.keys() - told_to_owner == {"callers", *SECRET}


def test_every_table_is_somebodys() -> None:
    """Or else a change in it would not be seen."""
    without = {model._meta.label for model in own_models() if not paths_to_owner(model)}
    assert without == UNOWNED


def scopes_for(call: str) -> tuple[Scope | None, bool]:
    """The scope that the route's rule names, and whether anybody may call it."""
    found, method = target(call)
    rule = RULES[found.url_name or ""][method]
    return rule.scope, rule.who not in (Who.SIGNED_IN, Who.STAFF)


@pytest.mark.parametrize("call", ANSWERS)
def test_each_key_opens_what_its_scope_names_and_nothing_else(
    call: str, world: dict[str, Any]
) -> None:
    owner, answers = User.objects.get(id=world["own"]), ANSWERS[call]
    allowed = answers.get("keys", [])
    found, expected, changed = {}, {}, []
    before = belongings(owner)
    for scope in SCOPES:
        with undone():
            User.objects.filter(id=owner.id).update(is_staff=scope == "admin")
            owner.refresh_from_db()
            found[scope] = ask(call, world, key_of(owner, scope)).status_code
            if allowed == "all":
                expected[scope] = answers["owner"]
            elif scope in allowed:
                # What only staff may do an administrator's key does as its owner would.
                expected[scope] = answers["staff" if scope == "admin" else "owner"]
            else:
                expected[scope] = 403
                User.objects.filter(id=owner.id).update(is_staff=False)
                ApiKey.objects.filter(name="walker").delete()
                if belongings(owner) != before:
                    changed.append(scope)
    assert found == expected
    assert changed == []


@pytest.mark.parametrize("call", ANSWERS)
def test_a_key_with_every_scope_is_its_user_and_nobody_else(
    call: str, world: dict[str, Any]
) -> None:
    answers, (scope, is_open) = ANSWERS[call], scopes_for(call)
    owner, before = User.objects.get(id=world["own"]), belongings(User.objects.get(id=world["own"]))
    for caller, name in (("owner", "alice"), ("stranger", "mallory")):
        with undone():
            user = User.objects.get(username=name)
            answer = ask(call, world, key_of(user, *(each for each in SCOPES if each != "admin")))
            is_for_keys = is_open or (scope is not None and scope != Scope.ADMIN)
            expected = answer_for(caller, answers) if is_for_keys else 403
            assert (name, answer.status_code) == (name, expected)
            if caller == "stranger" and call != "POST /auth/login":
                assert belongings(owner) == before


def key_of(user: User, *scopes: str) -> dict[str, str]:
    secret, _ = make_api_key(user=user, name="walker", scopes=list(scopes))
    return {"Authorization": f"Bearer {secret}"}


# What nobody sets by naming it, whatever a form is for.
NOT_ONES_OWN_TO_SAY = {
    **{"is_staff": True, "is_superuser": True, "is_active": False, "groups": [1]},
    **{"quota_bytes": 1, "used_bytes": 0, "moderation_verdict": "ok", "has_renditions": True},
    **{"moderation": {"verdict": "ok"}, "digest": "0" * 64, "views": 0, "attempts": 0},
    **{"owner": "{mallory}", "owner_id": "{mallory}", "made_by": "{mallory}"},
}


@pytest.mark.parametrize("call", [call for call in ANSWERS if "body" in ANSWERS[call]])
def test_no_form_sets_what_is_not_ones_own_to_say(call: str, world: dict[str, Any]) -> None:
    Photo.objects.update(moderation_verdict=Photo.Moderation.BLOCKED)
    mallory = User.objects.get(username="mallory")
    world["mallory"] = mallory.id
    more = fill(NOT_ONES_OWN_TO_SAY, world)
    for caller in ("owner", "staff"):
        before = belongings(mallory)
        accounts = list(User.objects.order_by("id").values(*ACCOUNT_FIELDS))
        photos = list(Photo.objects.values_list("id", "moderation_verdict", "has_renditions"))
        with undone():
            answer = ask(call, world, world["callers"][caller], more)
            assert answer.status_code in (answer_for(caller, ANSWERS[call]), 400)
            known = User.objects.filter(id__in=[account["id"] for account in accounts])
            assert list(known.order_by("id").values(*ACCOUNT_FIELDS)) == accounts
            assert not User.objects.filter(username="new").exclude(**ORDINARY).exists()
            assert belongings(mallory) == before
            left = {photo[0] for photo in photos}
            found = Photo.objects.filter(id__in=left)
            assert set(found.values_list("id", "moderation_verdict", "has_renditions")) <= set(
                photos
            )


ACCOUNT_FIELDS = ("id", "is_staff", "is_superuser", "is_active", "quota_bytes")
ORDINARY = {"is_staff": False, "is_superuser": False, "is_active": True, "quota_bytes": None}
