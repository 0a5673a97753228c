"""friends, who asks, and who is blocked."""

from typing import Any

import pytest
from django.core.cache import cache

from backend.accounts.models import User
from backend.api.tests.test_albums import let_in, make_shown, put_in, shown
from backend.conftest import PASSWORD, ApiClient
from backend.events.models import Event
from backend.friends import services
from backend.friends.models import Block, Friendship


@pytest.fixture(autouse=True)
def no_earlier_lookups() -> None:
    cache.clear()


@pytest.fixture
def theirs(stranger: User) -> ApiClient:
    return ApiClient(stranger)


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob", password=PASSWORD)


def states(client: ApiClient, query: str = "") -> dict[str, str]:
    rows = client("GET", f"/friends{query}").json()["results"]
    return {row["user"]["username"]: row["state"] for row in rows}


def ask(client: ApiClient, name: str) -> Any:
    return client("POST", "/friends", {"user": name})


def block(client: ApiClient, name: str) -> Any:
    return client("POST", "/blocks", {"user": name})


def test_one_asks_and_the_other_accepts(
    api: ApiClient, user: User, stranger: User, theirs: ApiClient
) -> None:
    answer = ask(api, "Mallory")
    assert answer.json()["user"] == {"id": str(stranger.id), "username": "mallory"}
    assert (answer.json()["state"], answer.json()["accepted_at"]) == ("asked", None)
    assert states(api) == {"mallory": "asked"}
    assert states(theirs) == states(theirs, "?state=asks") == {"alice": "asks"}
    assert states(theirs, "?state=friends") == states(theirs, "?state=asked") == {}
    accepted = theirs("POST", f"/friends/{user.id}/accept").json()
    assert accepted["state"] == "friends"
    assert states(api) == {"mallory": "friends"}
    assert states(theirs, "?state=friends") == {"alice": "friends"}
    again = theirs("POST", f"/friends/{user.id}/accept").json()
    assert again["accepted_at"] == accepted["accepted_at"]
    assert ask(theirs, "alice").json()["state"] == "friends"
    told = Event.objects.order_by("id").values_list("owner__username", "kind", "data")
    assert list(told) == [
        ("mallory", "friend.asked", {"user": str(user.id)}),
        ("alice", "friend.accepted", {"user": str(stranger.id)}),
    ]


def test_who_asks_back_is_a_friend(api: ApiClient, user: User, theirs: ApiClient) -> None:
    ask(api, "mallory")
    assert ask(api, "mallory").json()["state"] == "asked"
    assert ask(theirs, str(user.id)).json()["state"] == "friends"
    assert Friendship.objects.count() == 1


def test_nobody_accepts_for_the_other(api: ApiClient, user: User, stranger: User) -> None:
    for _ in range(2):
        answer = api("POST", f"/friends/{stranger.id}/accept")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_asked")
        ask(api, "mallory")
    assert states(api) == {"mallory": "asked"}


@pytest.mark.parametrize("who_ends", ["asker", "asked"])
@pytest.mark.parametrize("is_accepted", [True, False])
def test_either_ends_it(
    api: ApiClient,
    user: User,
    stranger: User,
    theirs: ApiClient,
    who_ends: str,
    is_accepted: bool,
) -> None:
    ask(api, "mallory")
    if is_accepted:
        ask(theirs, "alice")
    client, other = (api, stranger) if who_ends == "asker" else (theirs, user)
    assert client("DELETE", f"/friends/{other.id}").status_code == 204
    assert states(api) == states(theirs) == {}
    assert client("DELETE", f"/friends/{other.id}").status_code == 404
    assert ask(theirs, "alice").json()["state"] == "asked"


def test_who_cannot_be_a_friend(api: ApiClient, user: User, stranger: User) -> None:
    assert ask(api, "alice").json()["code"] == "oneself"
    assert block(api, "alice").json()["code"] == "oneself"
    assert ask(api, "nobody").json()["code"] == "unknown_user"
    assert ask(api, "mal").json()["code"] == "unknown_user"
    assert ask(api, "a\x00b").json()["code"] in ("invalid", "unknown_user")
    User.objects.filter(id=stranger.id).update(is_active=False)
    assert ask(api, "mallory").json()["code"] == "unknown_user"
    assert api("GET", "/friends?state=x").json()["code"] == "invalid"


def test_a_user_has_so_many_friends_and_blocks(
    api: ApiClient, user: User, bob: User, theirs: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MAX_FRIENDS", 1)
    monkeypatch.setattr(services, "MAX_BLOCKS", 1)
    ask(theirs, "alice")
    # What others ask does not count.
    assert ask(api, "bob").json()["state"] == "asked"
    assert ask(api, "mallory").json()["code"] == "too_many_friends"
    api("DELETE", f"/friends/{bob.id}")
    assert ask(api, "mallory").json()["state"] == "friends"
    assert block(api, "bob").status_code == 200
    assert block(api, "mallory").json()["code"] == "too_many_blocks"


def test_users_are_found_by_their_exact_name_alone(
    api: ApiClient, stranger: User, theirs: ApiClient
) -> None:
    found = api("GET", "/users?username=MALLORY").json()
    assert found == {"id": str(stranger.id), "username": "mallory", "friendship": "none"}
    ask(theirs, "alice")
    assert api("GET", "/users?username=mallory").json()["friendship"] == "asks"
    for odd in ("mallor", "mallory ", "%25", "m%25", "nobody"):
        answer = api("GET", f"/users?username={odd}")
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_user")
    assert api("GET", "/users").status_code == 400


@pytest.mark.parametrize("way", ["find", "ask", "block", "share"])
def test_names_cannot_be_tried_out_at_any_speed(api: ApiClient, settings: Any, way: str) -> None:
    settings.MEMBER_ATTEMPTS = 2
    album = api("POST", "/albums", {"title": "x"}).json()["id"]
    ways = {
        "find": lambda name: api("GET", f"/users?username={name}"),
        "ask": lambda name: ask(api, name),
        "block": lambda name: block(api, name),
        "share": lambda name: let_in(api, album, "viewer", name),
    }
    codes = [ways[way](f"name{n}").status_code for n in range(3)]
    assert codes == [404, 404, 429]
    # The ways are counted together.
    assert ask(api, "another").status_code == 429


def test_who_is_blocked_is_told_what_somebody_is_told_who_asks_for_nobody(
    api: ApiClient, user: User, theirs: ApiClient
) -> None:
    album = theirs("POST", "/albums", {"title": "x"}).json()["id"]
    blocked = api("POST", "/blocks", {"user": "mallory"})
    assert blocked.json()["user"]["username"] == "mallory"

    def tries(name: str) -> list[Any]:
        return [
            theirs("GET", f"/users?username={name}"),
            ask(theirs, name),
            block(theirs, name),
            let_in(theirs, album, "viewer", name),
        ]

    for about_alice, about_nobody in zip(tries("alice"), tries("nobody"), strict=True):
        assert about_alice.status_code == about_nobody.status_code == 404
        assert about_alice.content == about_nobody.content
    nobody = "01a1f770-870f-704a-abb5-c258cd85fc48"
    for tried in ("ask", "share"):
        about = [
            ask(theirs, each) if tried == "ask" else let_in(theirs, album, "viewer", each)
            for each in (str(user.id), nobody)
        ]
        assert about[0].content == about[1].content
    assert not Friendship.objects.exists()
    assert Event.objects.count() == 0


def test_who_blocks_must_unblock_before_they_ask_or_share(
    api: ApiClient, stranger: User, theirs: ApiClient
) -> None:
    album = api("POST", "/albums", {"title": "x"}).json()["id"]
    block(api, "mallory")
    assert block(api, "mallory").status_code == 200
    assert Block.objects.count() == 1
    for answer in (ask(api, "mallory"), let_in(api, album, "viewer")):
        assert (answer.status_code, answer.json()["code"]) == (409, "blocked_by_you")
    rows = api("GET", "/blocks").json()["results"]
    assert [row["user"]["username"] for row in rows] == ["mallory"]
    assert theirs("GET", "/blocks").json()["results"] == []
    assert theirs("DELETE", f"/blocks/{stranger.id}").status_code == 404
    assert api("DELETE", f"/blocks/{stranger.id}").status_code == 204
    assert ask(api, "mallory").status_code == 200
    assert let_in(api, album, "viewer").status_code == 200


def test_blocking_ends_a_friendship_and_unblocking_does_not_bring_it_back(
    api: ApiClient, user: User, stranger: User, theirs: ApiClient
) -> None:
    ask(api, "mallory")
    ask(theirs, "alice")
    block(api, "mallory")
    assert states(api) == states(theirs) == {}
    assert theirs("POST", f"/friends/{user.id}/accept").status_code == 404
    api("DELETE", f"/blocks/{stranger.id}")
    assert states(api) == states(theirs) == {}


def test_who_is_blocked_can_block_back_whom_they_know(
    api: ApiClient, user: User, stranger: User, theirs: ApiClient
) -> None:
    block(api, "mallory")
    assert block(theirs, str(user.id)).status_code == 200
    api("DELETE", f"/blocks/{stranger.id}")
    assert ask(api, "mallory").json()["code"] == "unknown_user"


def test_blocking_takes_both_out_of_each_others_albums(
    api: ApiClient, user: User, stranger: User, bob: User, theirs: ApiClient
) -> None:
    mine = api("POST", "/albums", {"title": "Mine"}).json()["id"]
    other = theirs("POST", "/albums", {"title": "Theirs"}).json()["id"]
    photo, foreign = make_shown(user), make_shown(stranger)
    let_in(api, mine, "manager")
    let_in(api, mine, "viewer", "bob")
    let_in(theirs, other, "contributor", "alice")
    put_in(api, mine, photo)
    put_in(theirs, mine, foreign)
    put_in(api, other, photo)
    block(api, "mallory")
    assert theirs("GET", f"/albums/{mine}").status_code == 404
    assert api("GET", f"/albums/{other}").status_code == 404
    assert theirs("GET", f"/photos/{photo.id}").status_code == 404
    assert shown(api, mine) == shown(ApiClient(bob), mine) == [str(photo.id)]
    assert shown(theirs, other) == []
    told = Event.objects.filter(owner=stranger, kind="album.unshared")
    assert [event.data for event in told] == [{"album": mine}]


def test_nobody_else_brings_the_two_together_in_an_album_of_one_of_them(
    api: ApiClient, user: User, stranger: User, bob: User
) -> None:
    album = api("POST", "/albums", {"title": "Mine"}).json()["id"]
    let_in(api, album, "manager", "bob")
    block(api, "mallory")
    answer = let_in(ApiClient(bob), album, "viewer", "mallory")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_user")


@pytest.fixture
def common(bob: User, api: ApiClient, theirs: ApiClient, user: User, stranger: User) -> str:
    """Bob's album, of which alice and mallory are managers."""
    host = ApiClient(bob)
    album = str(host("POST", "/albums", {"title": "Common"}).json()["id"])
    for name in ("alice", "mallory"):
        let_in(host, album, "manager", name)
    return album


@pytest.mark.parametrize("who_blocks", ["alice", "mallory"])
def test_in_albums_of_others_neither_sees_what_is_the_others(
    common: str,
    api: ApiClient,
    theirs: ApiClient,
    bob: User,
    user: User,
    stranger: User,
    who_blocks: str,
) -> None:
    photo, foreign, hosts = make_shown(user), make_shown(stranger), make_shown(bob)
    host = ApiClient(bob)
    put_in(api, common, photo)
    put_in(theirs, common, foreign)
    put_in(host, common, hosts)
    host("PATCH", f"/albums/{common}", {"cover": str(photo.id)})
    for client in (api, theirs):
        path = f"/albums/{common}/photos/{hosts.id}"
        client("POST", f"{path}/comments", {"text": "Nice"})
        client("POST", f"{path}/likes")
    if who_blocks == "alice":
        block(api, "mallory")
    else:
        block(theirs, "alice")
    path = f"/albums/{common}"
    for client, unseen, name in ((theirs, photo, "alice"), (api, foreign, "mallory")):
        bodies = [
            client("GET", f"{path}{rest}").content.decode()
            for rest in (
                "",
                "/photos",
                "/activity",
                f"/photos/{hosts.id}/comments",
                f"/photos/{hosts.id}/likes",
            )
        ]
        listed = client("GET", f"/photos?album={common}").content.decode()
        bodies += [listed, client("GET", "/me/activity").content.decode()]
        bodies += [client("GET", "/albums").content.decode()]
        assert str(hosts.id) in listed
        for body in bodies:
            assert str(unseen.id) not in body
            assert f'"username":"{name}"' not in body
        reactions = client("GET", f"{path}/photos").json()["results"][-1]["reactions"]
        assert reactions == {"likes": 1, "liked": True, "comments": 1}
        assert client("GET", path).json()["photo_count"] == 2
        for rest in ("", "/preview"):
            assert client("GET", f"/photos/{unseen.id}{rest}").status_code == 404
        comment = client("POST", f"{path}/photos/{unseen.id}/comments", {"text": "Ha"})
        assert comment.status_code == 404
        out = client("DELETE", f"{path}/photos", {"ids": [str(unseen.id)]}).json()
        assert out["changed"] == 0
    assert len(shown(host, common)) == 3
    assert "alice" in host("GET", f"{path}/activity").content.decode()


def test_who_is_blocked_is_not_told_who_is_there_but_the_blocker_can_remove_them(
    common: str, api: ApiClient, theirs: ApiClient, user: User, stranger: User
) -> None:
    block(api, "mallory")

    def members(client: ApiClient) -> set[str]:
        rows = client("GET", f"/albums/{common}/members").json()["results"]
        return {row["user"]["username"] for row in rows}

    assert members(theirs) == {"bob", "mallory"}
    assert members(api) == {"alice", "bob", "mallory"}
    assert theirs("DELETE", f"/albums/{common}/members/{user.id}").status_code == 404
    assert let_in(theirs, common, "viewer", "alice").json()["code"] == "unknown_user"
    assert api("DELETE", f"/albums/{common}/members/{stranger.id}").status_code == 204


def test_what_the_one_does_the_other_is_not_told(
    common: str, api: ApiClient, theirs: ApiClient, bob: User, user: User, stranger: User
) -> None:
    block(api, "mallory")
    Event.objects.all().delete()
    put_in(api, common, make_shown(user))
    put_in(theirs, common, make_shown(stranger))
    told = Event.objects.filter(kind="album.activity").values_list("owner__username", flat=True)
    assert sorted(told) == ["bob", "bob"]
