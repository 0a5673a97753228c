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
from backend.albums.blocking import block_user
from backend.albums.comments import write_comment
from backend.albums.invitations import make_invitation
from backend.albums.links import enter, make_link
from backend.albums.members import set_role
from backend.albums.models import Album, AlbumPhoto, Comment, Invitation, Link, Member, Role
from backend.albums.services import add_photos, create_album
from backend.analysis.models import Analysis, Batch, DuplicateGroup, GroupedPhoto
from backend.analysis.services import Wanted, record_result, start_analysis, start_batch
from backend.api.policy import RULES
from backend.archive.importing import begin_import
from backend.archive.models import Export, Import
from backend.conftest import PASSWORD, ApiClient, face, inspection, labels, make_photo, make_result
from backend.events.models import Delivery, Event, Webhook
from backend.events.services import tell
from backend.events.webhooks import make_webhook
from backend.friends.models import Block
from backend.friends.selectors import friendships_of
from backend.friends.services import accept_friend, ask_friend
from backend.leaving.closing import close_account
from backend.people.models import Distinction, Face, Person
from backend.people.services import merge_people, replace_faces
from backend.photos.models import Photo, Tag
from backend.photos.services import add_tag
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
    GroupedPhoto.objects.create(photo=photo, group=group)
    person, other_person, third, fourth = (Person.objects.create(owner=user) for _ in range(4))
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
    members = {name: User.objects.create_user(name, password=PASSWORD) for name in ROLES}
    friend, asker, blocked = (
        User.objects.create_user(name, password=PASSWORD) for name in ("friend", "asker", "blocked")
    )
    for name, member in [*members.items(), ("viewer", blocked)]:
        set_role(album, member, ROLES[name], giver=user, by=Role.OWNER)
    for other in (friend, asker):
        ask_friend(other, "alice")
    accept_friend(user, friend.id)
    block_user(user, blocked)
    comment = write_comment(album, photo, user, "Lovely")
    remark = write_comment(album, photo, members["viewer"], "Is it?")
    invited, invitation = make_invitation(
        album, user, Role.CONTRIBUTOR, by=Role.OWNER, expires_at=None
    )
    token, link = make_link(album, user)
    locked, behind = make_link(album, user, password="open sesame")
    callers = {"owner": user, "stranger": stranger, "staff": staff, "anonymous": None}
    callers |= {"friend": friend, "blocked": blocked, "holder": None} | members
    headers = {name: ApiClient(caller).headers for name, caller in callers.items()}
    headers["holder"] = {"X-Link-Access": enter(behind, "", password="open sesame")}
    leaver = User.objects.create_user("leaver", password=PASSWORD)
    return {
        "export": Export.objects.create(owner=user, state="ready", size=22, due_at=None).id,
        "import": begin_import(user, size=100).run.id,
        "receipt": close_account(leaver)[0],
        "headers": headers,
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
    }


def split(call: str) -> tuple[str, str]:
    method, path = call.split(" ", 1)
    return method, path if path.startswith("/internal/") else f"/api/v1{path}"


def said(call: str, world: dict[str, Any]) -> tuple[str, str]:
    """The path and the body of a call, with the world's ids filled in."""
    written = [split(call)[1], json.dumps(ANSWERS[call].get("body", {}))]
    path, body = (
        re.sub(r"\{(\w+)\}", lambda found: str(world[found[1]]), text) for text in written
    )
    return path, body


def ask(call: str, world: dict[str, Any], headers: dict[str, str]) -> Any:
    path, body = said(call, world)
    return ApiClient(None)._client.generic(
        split(call)[0], path, data=body.encode(), content_type="application/json", headers=headers
    )


def expected_answer(call: str, caller: str) -> int:
    answers = ANSWERS[call]
    default = "anonymous" if caller == "holder" else "stranger"
    return int(answers.get(caller, answers[default]))


# What an answer may name of alice's only to those whom the table lets see.
SECRETS = (
    *("owner", "photo", "person", "other", "face", "merge", "album", "link", "invitation"),
    *("comment", "device", "key", "webhook", "delivery", "group"),
)


def told(answer: Any, call: str, world: dict[str, Any]) -> list[str]:
    """What is alice's in the answer that the caller has not said in the call itself."""
    body = b"".join(answer) if answer.streaming else answer.content
    found, given = body.decode("utf-8", "replace"), "".join(said(call, world))
    secrets = {name: str(world[name]) for name in SECRETS}
    return [name for name, secret in secrets.items() if secret in found and secret not in given]


def belongings(user: User) -> list[Any]:
    """All that others may not have changed."""
    return [
        list(Photo.objects.filter(owner=user).order_by("id").values()),
        list(Analysis.objects.filter(photo__owner=user).order_by("id").values()),
        list(Batch.objects.filter(owner=user).order_by("id").values()),
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
        list(Invitation.objects.filter(made_by=user).order_by("id").values("id", "role")),
        list(Comment.objects.filter(author=user).order_by("id").values()),
        list(Block.objects.filter(blocker=user).order_by("id").values()),
        # What others ask is theirs.
        list(friendships_of(user).filter(accepted_at__isnull=False).order_by("id").values()),
        list(Member.objects.filter(album__owner=user).order_by("id").values()),
        list(Export.objects.filter(owner=user).order_by("id").values()),
        list(Import.objects.filter(owner=user).order_by("id").values()),
        list(ApiKey.objects.filter(user=user).order_by("id").values("id", "digest", "scopes")),
        User.objects.filter(id=user.id).values("language", "used_bytes", "quota_bytes").get(),
    ]


@pytest.mark.parametrize("call", ANSWERS)
def test_each_caller_is_answered_as_the_table_says(call: str, world: dict[str, Any]) -> None:
    answers, before = ANSWERS[call], belongings(world["alice"])
    may_change = ["owner", *answers.get("changed_by", [])]
    may_see = ["owner", *answers.get("sees", [])]
    found, changed, leaked = {}, [], {}
    for caller, headers in world["headers"].items():
        cache.clear()  # each is the first who calls in this minute
        with undone():
            answer = ask(call, world, headers)
            found[caller] = answer.status_code
            if caller not in may_change and belongings(world["alice"]) != before:
                changed.append(caller)
            secrets = told(answer, call, world)
            if secrets and caller not in may_see and answers.get("sees") != "all":
                leaked[caller] = secrets
    assert found == {caller: expected_answer(call, caller) for caller in world["headers"]}
    # Whoever signs in as alice is alice.
    assert call == "POST /auth/login" or (changed, leaked) == ([], {})


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
