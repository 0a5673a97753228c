"""What one says and likes in albums goes out and comes in; whom one knows goes out."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from backend.accounts.models import User
from backend.albums import comments
from backend.albums.blocking import block_user
from backend.albums.comments import like_photo, write_comment
from backend.albums.links import make_link
from backend.albums.members import set_role
from backend.albums.models import Activity, Album, AlbumPhoto, Comment, Like, Link, Role
from backend.albums.services import add_photos, create_album
from backend.archive import reactions
from backend.archive.tests.scenes import (
    CHINA,
    FLOWER,
    archive_of,
    documents_in,
    files_in,
    restore,
    upload,
    zip_of,
)
from backend.conftest import PASSWORD
from backend.events.models import Webhook
from backend.events.webhooks import make_webhook
from backend.friends.models import Block, Friendship
from backend.friends.services import accept_friend, ask_friend
from backend.photos.models import Photo

SECRETS = ("the-webhooks-secret", "the-links-password")


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    cache.clear()


@pytest.fixture
def other(db: None) -> User:
    return User.objects.create_user("zoe", password=PASSWORD)


def make_ties(user: User, other: User) -> tuple[Album, str]:
    """An album of the user's and one of the other's, each with photos and words of both."""
    ours, theirs = create_album(user, {"title": "Ours"}), create_album(other, {"title": "Theirs"})
    own, foreign = upload(user, CHINA), upload(other, FLOWER)
    for album, owner, guest in ((ours, user, other), (theirs, other, user)):
        set_role(album, guest, Role.CONTRIBUTOR, giver=owner)
        add_photos(album, user, [own.id])
        add_photos(album, other, [foreign.id])
        for author in (user, other):
            for photo in (own, foreign):
                words = f"{author} on {photo.filename} in {album.title}"
                write_comment(album, photo, author, f"{words}\nand more")
                like_photo(album, photo, author)
    Comment.objects.update(created_at=timezone.now() - timedelta(days=400))
    Like.objects.update(created_at=timezone.now() - timedelta(days=300))
    friend, asker, blocked = (
        User.objects.create_user(name, password=PASSWORD) for name in ("friend", "asker", "foe")
    )
    for one in (friend, asker):
        ask_friend(one, user.username)
    accept_friend(user, friend.id)
    block_user(user, blocked)
    token, _ = make_link(ours, user, password=SECRETS[1], max_views=7, show_location=True)
    make_webhook(user=user, url="https://example.com/", kinds=["photo.ready"], secret=SECRETS[0])
    return ours, token


def test_ones_own_words_go_out_and_nobody_elses(user: User, other: User) -> None:
    ours, _ = make_ties(user, other)
    documents = documents_in(archive_of(user))
    said = documents["reactions/00001.json"]["comments"]
    own = Photo.objects.get(owner=user).sha256
    assert {(each["text"].splitlines()[0], each["album"], each["photo"]) for each in said} == {
        ("alice on china.jpg in Ours", str(ours.id), own),
        ("alice on flower.jpg in Ours", str(ours.id), None),
        ("alice on china.jpg in Theirs", None, own),
        ("alice on flower.jpg in Theirs", None, None),
    }
    liked = documents["reactions/00002.json"]["likes"]
    assert {(each["album"], each["photo"]) for each in liked} == {
        (str(ours.id), own),
        (str(ours.id), None),
        (None, own),
        (None, None),
    }
    everything = json.dumps(documents)
    assert "zoe on" not in everything
    assert Photo.objects.get(owner=other).sha256 not in everything


def test_whom_one_knows_and_what_one_set_up_goes_out_without_what_opens_it(
    user: User, other: User
) -> None:
    ours, token = make_ties(user, other)
    data = archive_of(user)
    account = documents_in(data)["account.json"]
    friends = {each["username"]: each["state"] for each in account["friends"]}
    assert friends == {"friend": "friends", "asker": "asks"}
    assert [each["username"] for each in account["blocks"]] == ["foe"]
    (link,) = account["links"]
    assert link["album"] == str(ours.id)
    assert (link["has_password"], link["max_views"], link["show_location"]) == (True, 7, True)
    (webhook,) = account["webhooks"]
    assert (webhook["url"], webhook["events"]) == ("https://example.com/", ["photo.ready"])
    made = Link.objects.get()
    for secret in (*SECRETS, token, made.digest, made.password):
        assert secret.encode() not in b"".join(files_in(data).values())


def test_what_one_said_of_ones_own_photos_in_ones_own_albums_comes_back(
    user: User, other: User, stranger: User
) -> None:
    make_ties(user, other)
    data = archive_of(user)
    for _ in range(2):  # the second time changes nothing
        assert {code for _, code in restore(stranger, data)} == {""}
        comment = Comment.objects.get(author=stranger)
        assert comment.album == Album.objects.get(owner=stranger, title="Ours")
        assert comment.photo == Photo.objects.get(owner=stranger)
        assert comment.text == "alice on china.jpg in Ours\nand more"
        assert comment.created_at < timezone.now() - timedelta(days=399)
        like = Like.objects.get(user=stranger)
        assert (like.album, like.photo) == (comment.album, comment.photo)
        assert like.created_at < timezone.now() - timedelta(days=299)
    # It is no news to anybody, and nothing is set up by an archive.
    assert not Activity.objects.filter(actor=stranger, kind__in=["commented", "liked"]).exists()
    assert not Friendship.objects.filter(asker=stranger).exists()
    assert not Block.objects.filter(blocker=stranger).exists()
    assert not Link.objects.filter(made_by=stranger).exists()
    assert not Webhook.objects.filter(owner=stranger).exists()


def test_into_the_library_it_came_from_it_says_nothing_twice(user: User, other: User) -> None:
    make_ties(user, other)
    before = set(Comment.objects.values_list("id", "text")), set(Like.objects.values_list("id"))
    restore(user, archive_of(user))
    after = set(Comment.objects.values_list("id", "text")), set(Like.objects.values_list("id"))
    assert after == before


def test_many_come_in_pages(user: User, stranger: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reactions, "A_PAGE", 2)
    album, photo = create_album(user, {"title": "Ours"}), upload(user, CHINA)
    add_photos(album, user, [photo.id])
    for number in range(5):
        write_comment(album, photo, user, f"word {number}")
    like_photo(album, photo, user)
    data = archive_of(user)
    pages = [name for name in documents_in(data) if name.startswith("reactions/")]
    assert pages == [f"reactions/0000{number}.json" for number in (1, 2, 3, 4)]
    restore(stranger, data)
    texts = Comment.objects.filter(author=stranger).order_by("id").values_list("text", flat=True)
    assert list(texts) == [f"word {number}" for number in range(5)]


def doctored(data: bytes, change: Any) -> bytes:
    files = files_in(data)
    page = json.loads(files["reactions/00001.json"])
    change(page)
    return zip_of(files | {"reactions/00001.json": json.dumps(page).encode()})


@pytest.mark.parametrize(
    "change",
    [
        lambda page: page["comments"][0].update(text="x" * 1001),
        lambda page: page["comments"][0].pop("text"),
        lambda page: page["comments"][0].update(album="../albums"),
        lambda page: page["comments"].extend(page["comments"] * 1000),
        lambda page: page.update(likes="all"),
    ],
)
def test_a_page_of_another_shape_is_refused(
    change: Any, user: User, other: User, stranger: User
) -> None:
    make_ties(user, other)
    outcomes = restore(stranger, doctored(archive_of(user), change))
    assert ("failed", "bad_document") in outcomes
    assert not Comment.objects.filter(author=stranger).exists()


def test_an_archive_speaks_in_no_album_and_of_no_photo_of_somebody_else(
    user: User, other: User, stranger: User
) -> None:
    make_ties(user, other)
    theirs = Album.objects.get(title="Theirs")
    set_role(theirs, stranger, Role.CONTRIBUTOR, giver=other)
    foreign = Photo.objects.get(owner=other)
    data = archive_of(user)

    def elsewhere(page: Any) -> None:
        for comment in page["comments"]:
            comment.update(album=str(theirs.id), photo=foreign.sha256)

    restore(stranger, doctored(data, elsewhere))
    assert not Comment.objects.filter(author=stranger).exists()


def test_an_archive_says_no_more_of_a_photo_than_people_may(
    user: User, other: User, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_ties(user, other)
    data = archive_of(user)
    monkeypatch.setattr(reactions, "MAX_COMMENTS", 0)
    restore(stranger, data)
    assert not Comment.objects.filter(author=stranger).exists()
    assert comments.MAX_COMMENTS > 0


def test_a_photo_that_left_the_album_takes_its_words_along(
    user: User, other: User, stranger: User
) -> None:
    make_ties(user, other)
    data = archive_of(user)
    restore(stranger, data)
    Comment.objects.filter(author=stranger).delete()
    AlbumPhoto.objects.filter(album__owner=stranger).delete()

    def without_photos(files: dict[str, bytes]) -> bytes:
        album = json.loads(files["albums/00001.json"]) | {"photos": []}
        return zip_of(files | {"albums/00001.json": json.dumps(album).encode()})

    restore(stranger, without_photos(files_in(data)))
    assert not Comment.objects.filter(author=stranger).exists()
