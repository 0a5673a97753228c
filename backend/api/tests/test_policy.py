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
from django.urls import ResolverMatch, URLPattern, URLResolver, get_resolver, resolve

from backend.accounts.api_keys import make_api_key
from backend.accounts.models import ApiKey, User
from backend.accounts.services import devices_of
from backend.albums.blocking import block_user
from backend.albums.comments import write_comment
from backend.albums.invitations import make_invitation
from backend.albums.links import enter, make_link
from backend.albums.members import set_role
from backend.albums.models import Role
from backend.albums.services import add_photos, create_album
from backend.analysis.models import DuplicateGroup, GroupedPhoto
from backend.analysis.services import Wanted, record_result, start_analysis, start_batch
from backend.api.policy import PROVE_THEMSELVES, RULES, Scope, Who
from backend.api.tests.belongings import UNOWNED, belongings, own_models, paths_to_owner
from backend.archive.importing import begin_import
from backend.archive.models import Export
from backend.conftest import PASSWORD, ApiClient, face, inspection, labels, make_photo, make_result
from backend.events.models import Event
from backend.events.services import tell
from backend.events.webhooks import make_webhook
from backend.friends.services import accept_friend, ask_friend
from backend.leaving.closing import close_account
from backend.people.models import Person
from backend.people.services import merge_people, replace_faces
from backend.photos.models import Photo
from backend.photos.services import add_tag
from backend.wechat.models import PhotoCheck, TextCheck
from functions.contract import Failure, Kind

ANSWERS: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("answers.toml").read_text(encoding="utf-8")
)
# Members of the album that the photo is in, and what they are there.
ROLES = {
    "viewer": Role.VIEWER,
    "contributor": Role.CONTRIBUTOR,
    "manager": Role.MANAGER,
    "coowner": Role.OWNER,
}
# What is asked of the database needs one, although the world is made once for all.
pytestmark = pytest.mark.django_db

SCOPES = [str(scope) for scope in ApiKey.Scope]
# As whom those are answered that the table does not name; all others like a stranger.
LIKE = {"holder": "anonymous", "shut_out": "anonymous", "superuser": "staff"}
# What needs more than a world of rows to answer well, each with tests of its own: WeChat, a
# picture, an archive that was uploaded.
ELSEWHERE = {
    *{("wechat-login", "POST"), ("own-wechat", "PUT")},
    *{("predict", "POST"), ("import-complete", "POST")},
}
# Where the addresses begin that ask the policy.
ASKED_ABOUT = ("api/v1/", "internal/", "metrics")
# Addresses that are not of the API, each with tests of its own for whom it lets in.
OUTSIDE = {
    "",
    "healthz",
    "readyz",
    "api/schema/",
    "api/docs/",
    "objects/<str:grant>",
    "exports/<str:grant>",
    "admin/",
}


def routes() -> Iterator[tuple[str, str, set[str]]]:
    """Each route of the API: its name, its path, and the methods that its view has."""

    def walk(patterns: Any, prefix: str) -> Iterator[tuple[str, str, set[str]]]:
        for pattern in patterns:
            path = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, path)
            elif isinstance(pattern, URLPattern) and path.startswith(ASKED_ABOUT):
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
    proved = set()
    for call, answers in ANSWERS.items():
        found, method = target(call)
        if any(isinstance(answer, int) and answer < 400 for answer in answers.values()):
            proved.add((found.route, method))
    assert proved >= {
        (path, method)
        for name, path, methods in routes()
        for method in methods
        # Those who prove themselves otherwise are in test_internal and backend/wechat/tests.
        if RULES[name][method].who not in PROVE_THEMSELVES and (name, method) not in ELSEWHERE
    }


def test_every_address_outside_the_api_is_known_here() -> None:
    found = {str(pattern.pattern) for pattern in get_resolver().url_patterns}
    assert {path for path in found if not path.startswith(ASKED_ABOUT)} == OUTSIDE


def test_every_table_is_somebodys() -> None:
    """Or else a change in it would not be seen."""
    without = {model._meta.label for model in own_models() if not paths_to_owner(model)}
    assert without == UNOWNED


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """What happens within has not happened afterwards: the next caller finds the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, bucket: None) -> Iterator[dict[str, Any]]:
    """Alice's album, and who else there is. Made once: each caller's doings are undone."""
    with django_db_blocker.unblock(), undone():
        yield make_world()


def make_world() -> dict[str, Any]:
    cache.clear()
    user, stranger = (
        User.objects.create_user(name, password=PASSWORD) for name in ("alice", "mallory")
    )
    photo = make_photo(user)
    start_analysis(photo)
    record_result(make_result(photo, inspection()))
    record_result(make_result(photo, labels(("cat", "猫"))))
    broken = Failure(stage="detect", code="internal_error", detail="x", permanent=True)
    failure = record_result(make_result(photo, broken, kind=Kind.MODERATION))
    assert failure is not None
    batch = start_batch(user, Wanted(models={Kind.TEXT: "ppocr-v6-small-1"}, photo_ids=[photo.id]))
    add_tag(photo, "summer")
    group = DuplicateGroup.objects.create(owner=user, kind=DuplicateGroup.Kind.DUPLICATE)
    for grouped in (photo, make_photo(user)):
        GroupedPhoto.objects.create(photo=grouped, group=group)
    person, other_person, third, fourth = (Person.objects.create(owner=user) for _ in range(4))

    def by_model(photo: Photo) -> dict[str, Any]:
        return {"analysis_id": photo.id, "model": "yunet-sface-1", "shown": True}

    found = [face(0), face(5, left=0.6)]
    for shown in (photo, make_photo(user)):
        replace_faces(
            photo=shown, analysis_id=shown.id, model="yunet-sface-1", findings=found, shown=True
        )
        shown.faces.filter(left__lt=0.5).update(person=person)
    alone = make_photo(user)
    replace_faces(
        photo=alone, analysis_id=alone.id, model="yunet-sface-1", findings=[face(9)], shown=True
    )
    alone.faces.update(person=other_person)
    merged = merge_people(fourth, third, made_by=user)
    ApiClient(user)
    _, key = make_api_key(user=user, name="script", scopes=["photos:read"])
    webhook = make_webhook(user=user, url="https://example.com/", kinds=["photo.deleted"])
    tell(user.id, Event.Kind.PHOTO_DELETED)
    staff = User.objects.create_user("clerk", password=PASSWORD, is_staff=True)
    Photo.objects.filter(id=photo.id).update(moderation_verdict=Photo.Moderation.OK)
    album = create_album(user, {"title": "Summer"})
    add_photos(album, user, [photo.id])
    members = {name: User.objects.create_user(name, password=PASSWORD) for name in ROLES}
    friend, asker, blocked = (
        User.objects.create_user(name, password=PASSWORD) for name in ("friend", "asker", "blocked")
    )
    for name, member in [*members.items(), ("viewer", blocked)]:
        set_role(album, member, ROLES[name], giver=user)
    for other in (friend, asker):
        ask_friend(other, "alice")
    accept_friend(user, friend.id)
    block_user(user, blocked)
    comment = write_comment(album, photo, user, "Lovely")
    remark = write_comment(album, photo, members["viewer"], "Is it?")
    invited, invitation = make_invitation(album, user, Role.CONTRIBUTOR, expires_at=None)
    token, link = make_link(album, user)
    locked, behind = make_link(album, user, password="open sesame")
    downloads, _ = make_link(album, user, allow_download=True)
    callers = {"owner": user, "stranger": stranger, "staff": staff, "anonymous": None}
    callers |= {"friend": friend, "blocked": blocked, "holder": None} | members
    callers["superuser"] = User.objects.create_superuser("root", password=PASSWORD)
    callers["shut_out"] = User.objects.create_user("ousted", password=PASSWORD)
    headers = {name: ApiClient(caller).headers for name, caller in callers.items()}
    # The token in this one's hand was good a moment ago.
    User.objects.filter(username="ousted").update(is_active=False)
    headers["holder"] = {"X-Link-Access": enter(behind, "", password="open sesame")}
    leaver = User.objects.create_user("leaver", password=PASSWORD)
    return {
        "export": Export.objects.create(owner=user, state="ready", size=22, due_at=None).id,
        "import": begin_import(user, size=100).run.id,
        "receipt": close_account(leaver)[0],
        "headers": headers,
        "callers": callers,
        "alice": user,
        "owner": user.id,
        "photo": photo.id,
        "person": person.id,
        "other": other_person.id,
        "face": person.faces.all()[0].id,
        "merge": merged.id,
        "album": album.id,
        "link": link.id,
        "token": token,
        "locked": locked,
        "downloads": downloads,
        "invitation": invitation.id,
        "invited": invited,
        "comment": comment.id,
        "remark": remark.id,
        "friend": friend.id,
        "asker": asker.id,
        "blocked": blocked.id,
        "member": members["viewer"].id,
        "device": devices_of(user)[0].id,
        "key": key.id,
        "webhook": webhook.id,
        "delivery": webhook.deliveries.get().id,
        "group": group.id,
        "batch": batch.id,
        "failure": failure.id,
        **make_doubts(user),
    }


def make_doubts(user: User) -> dict[str, Any]:
    """What waits for a person to decide."""
    doubtful = make_photo(user, moderation_verdict="review", has_renditions=True)
    picture = PhotoCheck.objects.create(photo=doubtful, state="review")
    words = TextCheck.objects.create(author=user, text="doubtful words", scene=4, state="failed")
    return {"doubtful": doubtful.id, "picture": picture.id, "words": words.id}


def split(call: str) -> tuple[str, str]:
    method, path = call.split(" ", 1)
    is_whole = path.startswith(tuple(f"/{each}" for each in ASKED_ABOUT))
    return method, path if is_whole else f"/api/v1{path}"


def said(call: str, world: dict[str, Any]) -> tuple[str, str]:
    """The path and the body of a call, with the world's ids filled in."""
    written = [split(call)[1], json.dumps(ANSWERS[call].get("body", {}))]
    path, body = (
        re.sub(r"\{(\w+)\}", lambda found: str(world[found[1]]), text) for text in written
    )
    return path, body


def target(call: str) -> tuple[ResolverMatch, str]:
    """The route that a call is of, and its method."""
    method, path = split(call)
    return resolve(re.sub(r"\{\w+\}", str(Photo().id), path.partition("?")[0])), method


def ask(
    call: str, world: dict[str, Any], headers: dict[str, str], more: dict[str, Any] | None = None
) -> Any:
    """The answer. more: what the body says besides."""
    path, body = said(call, world)
    if more:
        body = json.dumps(json.loads(body) | more)
    return ApiClient(None)._client.generic(
        split(call)[0], path, data=body.encode(), content_type="application/json", headers=headers
    )


def expected_answer(call: str, caller: str) -> int:
    answers = ANSWERS[call]
    return int(answers.get(caller, answers[LIKE.get(caller, "stranger")]))


# What an answer may name of alice's only to those whom the table lets see.
SECRETS = (
    *("owner", "photo", "person", "other", "face", "merge", "album", "link", "invitation"),
    *("comment", "device", "key", "webhook", "delivery", "group", "doubtful"),
)


def told(answer: Any, call: str, world: dict[str, Any]) -> list[str]:
    """What is alice's in the answer that the caller has not said in the call itself."""
    if answer.streaming:  # an archive: what is in it is for test_links
        return []
    found, given = answer.content.decode("utf-8", "replace"), "".join(said(call, world))
    secrets = {name: str(world[name]) for name in SECRETS}
    return [name for name, secret in secrets.items() if secret in found and secret not in given]


@pytest.mark.parametrize("call", ANSWERS)
def test_each_caller_is_answered_as_the_table_says(call: str, world: dict[str, Any]) -> None:
    answers, before = ANSWERS[call], belongings(world["alice"])
    may_change = {"owner", *answers.get("changed_by", [])}
    may_see = {"owner", *answers.get("sees", [])}
    found, changed, leaked = {}, [], {}
    for caller, headers in world["headers"].items():
        cache.clear()  # each is the first who calls in this minute
        with undone():
            answer = ask(call, world, headers)
            found[caller] = answer.status_code
            known_as = {caller, LIKE.get(caller, caller)}
            if not known_as & may_change and belongings(world["alice"]) != before:
                changed.append(caller)
            secrets = told(answer, call, world)
            if secrets and not known_as & may_see and answers.get("sees") != "all":
                leaked[caller] = secrets
    assert found == {caller: expected_answer(call, caller) for caller in world["headers"]}
    # Whoever signs in as alice is alice.
    assert call == "POST /auth/login" or (changed, leaked) == ([], {})


def test_what_others_must_not_be_told_the_owner_is_told(world: dict[str, Any]) -> None:
    """Or else nothing would be seen to leak."""
    found: set[str] = set()
    for call in ANSWERS:
        if call.startswith("GET "):
            cache.clear()
            with undone():
                found |= set(told(ask(call, world, world["headers"]["owner"]), call, world))
    assert set(SECRETS) <= found


@pytest.mark.parametrize("call", ANSWERS)
def test_each_key_opens_what_its_scope_names_and_nothing_else(
    call: str, world: dict[str, Any]
) -> None:
    owner, answers = world["alice"], ANSWERS[call]
    allowed = answers.get("keys", [])
    found, expected, changed = {}, {}, []
    for scope in SCOPES:
        cache.clear()
        with undone():
            User.objects.filter(id=owner.id).update(is_staff=scope == "admin")
            owner.refresh_from_db()
            secret, _ = make_api_key(user=owner, name="walker", scopes=[scope])
            before = belongings(owner)
            found[scope] = ask(call, world, {"Authorization": f"Bearer {secret}"}).status_code
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


@pytest.mark.parametrize("call", ANSWERS)
def test_a_key_with_every_scope_is_its_user_and_nobody_else(
    call: str, world: dict[str, Any]
) -> None:
    found, method = target(call)
    rule = RULES[found.url_name or ""][method]
    is_for_keys = rule.scope not in (None, Scope.ADMIN) or rule.who in (
        Who.ANYONE,
        *PROVE_THEMSELVES,
    )
    before, every = belongings(world["alice"]), [each for each in SCOPES if each != "admin"]
    for caller, name in (("owner", "alice"), ("stranger", "mallory")):
        cache.clear()
        with undone():
            user = User.objects.get(username=name)
            secret, _ = make_api_key(user=user, name="walker", scopes=every)
            answer = ask(call, world, {"Authorization": f"Bearer {secret}"})
            expected = expected_answer(call, caller) if is_for_keys else 403
            assert (name, answer.status_code) == (name, expected)
            may_change = ["owner", *ANSWERS[call].get("changed_by", [])]
            if caller not in may_change and call != "POST /auth/login":
                assert belongings(world["alice"]) == before


# What nobody sets by naming it, whatever a form is for.
NOT_ONES_OWN_TO_SAY = {
    **{"is_staff": True, "is_superuser": True, "is_active": False, "groups": [1]},
    **{"quota_bytes": 1, "used_bytes": 0, "moderation_verdict": "ok", "has_renditions": True},
    **{"moderation": {"verdict": "ok"}, "digest": "0" * 64, "views": 0, "attempts": 0},
}
FORMS = [
    call
    for call, answers in ANSWERS.items()
    # Whoever closes the account does set is_active.
    if "body" in answers and call != "DELETE /me"
]
_ACCOUNT = ("id", "is_staff", "is_superuser", "is_active", "quota_bytes")
_ORDINARY = {"is_staff": False, "is_superuser": False, "is_active": True, "quota_bytes": None}
_PHOTO = ("id", "moderation_verdict", "has_renditions")


@pytest.mark.parametrize("call", FORMS)
def test_no_form_sets_what_is_not_ones_own_to_say(call: str, world: dict[str, Any]) -> None:
    mallory = User.objects.get(username="mallory")
    more = NOT_ONES_OWN_TO_SAY | {
        name: str(mallory.id) for name in ("owner", "owner_id", "made_by")
    }
    for caller in ("owner", "staff"):
        cache.clear()
        with undone():
            Photo.objects.update(moderation_verdict=Photo.Moderation.BLOCKED)
            accounts = set(User.objects.values_list(*_ACCOUNT))
            photos, theirs = set(Photo.objects.values_list(*_PHOTO)), belongings(mallory)
            answer = ask(call, world, world["headers"][caller], more)
            # A form may refuse what it does not know; a photo that is blocked is not shared.
            assert answer.status_code < 500
            new = User.objects.exclude(id__in=[account[0] for account in accounts])
            assert not new.exclude(**_ORDINARY).exists()
            known = User.objects.exclude(id__in=new.values("id"))
            assert set(known.values_list(*_ACCOUNT)) == accounts
            left = Photo.objects.filter(id__in=[photo[0] for photo in photos])
            assert set(left.values_list(*_PHOTO)) <= photos
            assert belongings(mallory) == theirs
