"""The generated Python client against a running album: what it sends and reads is so."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from shiguang_client import AuthenticatedClient, Client
from shiguang_client.api.albums import (
    add_album_photos,
    create_album,
    create_album_link,
    remove_album_photos,
)
from shiguang_client.api.auth import login, logout
from shiguang_client.api.links import get_link, list_link_photos
from shiguang_client.api.me import me
from shiguang_client.api.photos import change_photos, delete_photo, get_photo, list_photos
from shiguang_client.api.search import search
from shiguang_client.models import (
    Album as AlbumAnswer,
)
from shiguang_client.models import (
    BulkAnswer,
    BulkRequest,
    Changed,
    LinkPhotoPage,
    LinkSecret,
    LoginRequest,
    NewAlbumRequest,
    NewLinkRequest,
    Photo,
    PhotoIdsRequest,
    PhotoPage,
    Problem,
    Search,
    Session,
    SharedAlbum,
    User,
)

from tests.album import Album
from tests.pictures import photo_file, travel_photo
from tests.stack import Stack

pytestmark = pytest.mark.stack


@pytest.fixture
def client(album: Album) -> Iterator[AuthenticatedClient]:
    """Signed in as the user of `album`."""
    with AuthenticatedClient(base_url=album.url, token=album._token) as signed_in:
        yield signed_in


def test_signing_in_gives_a_token_and_wrong_words_a_problem(stack: Stack) -> None:
    account = {"username": "admin", "password": stack.secrets()["ADMIN_PASSWORD"]}
    with Client(base_url=stack.url) as nobody:
        session = login.sync(client=nobody, body=LoginRequest(**account))
        refused = login.sync(client=nobody, body=LoginRequest(**account | {"password": "no"}))
    assert isinstance(session, Session)
    assert isinstance(refused, Problem)
    assert (refused.status, refused.code) == (401, "bad_credentials")
    with AuthenticatedClient(base_url=stack.url, token=session.token) as admin:
        user = me.sync(client=admin)
        assert isinstance(user, User)
        assert user.is_staff
        assert logout.sync_detailed(client=admin).status_code == 204
        assert isinstance(me.sync(client=admin), Problem)


def test_photos_are_read_as_they_are(album: Album, client: AuthenticatedClient) -> None:
    photo_id = UUID(album.upload(travel_photo()))
    album.settle(str(photo_id))
    photo = get_photo.sync(photo_id, client=client)
    assert isinstance(photo, Photo)
    assert photo.location is not None
    assert photo.location.place.country == "Italy"
    assert photo.taken_at is not None
    assert photo.taken_at.isoformat() == "2021-06-12T16:30:00+00:00"
    assert {analysis.status for analysis in photo.analyses} == {"done"}
    for page, count in (
        (list_photos.sync(client=client, from_="2021-06-12", to="2021-06-12"), 1),
        (list_photos.sync(client=client, label=["cat", "dog"], favorite=True), 0),
    ):
        assert isinstance(page, PhotoPage)
        assert len(page.results) == count
    found = search.sync(client=client, q="2021年6月")
    assert isinstance(found, Search)
    assert [hit.photo.id for hit in found.results] == [photo_id]
    unknown = get_photo.sync(uuid4(), client=client)
    assert isinstance(unknown, Problem)
    assert unknown.code == "not_found"


def test_albums_are_shared_with_people_who_have_no_account(
    album: Album, client: AuthenticatedClient
) -> None:
    photo_id = UUID(album.upload(photo_file("rocket.jpg")))
    album.settle(str(photo_id))
    new = NewAlbumRequest(title="Rockets")
    made, again = (
        create_album.sync(client=client, body=new, idempotency_key="rockets") for _ in range(2)
    )
    assert isinstance(made, AlbumAnswer)
    assert made == again
    ids = PhotoIdsRequest(ids=[photo_id])
    added = add_album_photos.sync(made.id, client=client, body=ids)
    assert isinstance(added, Changed)
    assert (added.changed, added.refused) == (1, [])
    link = create_album_link.sync(made.id, client=client, body=NewLinkRequest())
    assert isinstance(link, LinkSecret)
    with Client(base_url=album.url) as stranger:
        shared = get_link.sync(link.token, client=stranger)
        assert isinstance(shared, SharedAlbum)
        assert (shared.title, shared.photo_count) == ("Rockets", 1)
        photos = list_link_photos.sync(
            link.token, client=stranger, x_link_access=shared.access or ""
        )
        assert isinstance(photos, LinkPhotoPage)
        (shown,) = photos.results
        assert shown.id == photo_id
        assert shown.location is None
    removed = remove_album_photos.sync(made.id, client=client, body=ids)
    assert isinstance(removed, Changed)
    assert removed.changed == 1


def test_many_photos_are_changed_and_one_deleted(album: Album, client: AuthenticatedClient) -> None:
    photo_id = UUID(album.upload(photo_file("flower.jpg")))
    album.settle(str(photo_id))
    unknown = uuid4()
    body = BulkRequest(action="tag", name="garden", ids=[photo_id, unknown])
    answer = change_photos.sync(client=client, body=body)
    assert isinstance(answer, BulkAnswer)
    assert answer.changed == 1
    assert [(refused.id, refused.code) for refused in answer.refused] == [(unknown, "not_found")]
    gone = delete_photo.sync_detailed(photo_id, client=client, permanent=True)
    assert gone.status_code == 204
    assert isinstance(get_photo.sync(photo_id, client=client), Problem)
