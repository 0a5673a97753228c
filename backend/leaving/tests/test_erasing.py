"""After an account's deletion nothing names it, in any table there is or will be, or in storage."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from backend.accounts.models import User
from backend.albums.comments import like_photo, write_comment
from backend.albums.members import set_role
from backend.albums.models import Album, AlbumPhoto, Comment, Role
from backend.albums.services import add_photos, create_album
from backend.archive.exporting import ask_export, prepare
from backend.archive.importing import begin_import
from backend.conftest import PASSWORD, ApiClient, make_photo
from backend.core import storage
from backend.core.errors import RefusedError, StorageError
from backend.leaving import erasing
from backend.leaving.closing import close_account
from backend.leaving.erasing import delete_accounts, go_on
from backend.leaving.models import Deletion, Trace
from backend.leaving.references import count_rows, references
from backend.leaving.tests.rows import WORD, RowMaker, models_of_users
from backend.people.models import Person
from backend.photos.models import Photo, StaleMonth
from backend.photos.services import issue_upload_ticket, object_keys
from backend.registry.models import ModelVersion
from backend.wechat.models import Identity, TextCheck
from functions.contract import original_key

_BOX = {"left": 0.1, "top": 0.1, "width": 0.5, "height": 0.5}
# What rows want besides what their fields say. A new model that wants something more says it here.
ODD: dict[str, dict[str, Any]] = {
    "photos.Photo": {"size": 5, "sha256": "ab" * 32, "latitude": 43.4, "longitude": 11.8},
    "photos.Month": {"count": 1},
    "people.Face": {"confirmed": True, **_BOX},
    "people.ErasedFace": _BOX,
    "analysis.Analysis": {"kind": "labels", "state": "done"},
    "analysis.Label": {"score": 0.5},
    "analysis.ModerationVerdict": {"score": 0.5},
    "analysis.TextLine": _BOX,
    "albums.Activity": {"kind": "commented"},
    "archive.ExportEntry": {"photo_id": None, "body": WORD.encode()},
    "registry.ModelVersion": {"replaces": ""},
}


def store(key: str, data: bytes = b"bytes") -> None:
    storage._client().put_object(Bucket=settings.S3_BUCKET, Key=key, Body=data)


def stored(photo: Photo) -> list[str]:
    return [key for key in object_keys(photo.id) if storage.head(key) is not None]


@pytest.fixture
def leaver(db: None) -> User:
    """Somebody of whom every table there is has a row."""
    user = User.objects.create_user(
        f"{WORD}-user", password=PASSWORD, email=f"{WORD}@example.com", first_name=WORD
    )
    other = User.objects.create_user("other", password=PASSWORD)
    odd = ODD | {"friends.Friendship": {"asked": other}, "friends.Block": {"blocked": other}}
    maker = RowMaker(user, odd)
    pair = sorted((maker.new(Person) for _ in range(2)), key=lambda person: str(person.pk))
    odd["people.Distinction"] = {"first": pair[0], "second": pair[1]}
    for model in models_of_users():
        maker.row_of(model)
    photo = maker.row_of(Photo)
    StaleMonth.objects.create(owner_id=user.id, month="2023-05-01")
    LogEntry.objects.create(
        user=User.objects.create_user("clerk", is_staff=True),
        content_type=ContentType.objects.get_for_model(Photo),
        object_id=str(photo.pk),
        object_repr=str(photo),
        action_flag=CHANGE,
    )
    for key in object_keys(photo.pk):
        store(key)
    return user


def tables_that_name(*words: object) -> dict[str, int]:
    """How many rows of each table of the database hold one of these texts anywhere."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(
                f'select count(*) from "{table}" one where one::text ~ %s',
                ["|".join(str(word) for word in words)],
            )
            if count := cursor.fetchone()[0]:
                found[table] = count
    return found


def run_to_end(deletion: Deletion) -> Deletion:
    Deletion.objects.filter(id=deletion.id).update(due_at=timezone.now())
    while go_on(deletion.id, seconds=0):
        pass
    deletion.refresh_from_db()
    return deletion


def later(deletion: Deletion) -> None:
    """The last ticket has ended, and what was sent with it has come or not."""
    past = timezone.now() - timedelta(seconds=1)
    Deletion.objects.filter(id=deletion.id).update(watched_until=past, due_at=past)


def test_no_table_names_the_user_and_storage_holds_nothing(leaver: User) -> None:
    photo = Photo.objects.get(owner=leaver)
    words = (WORD, leaver.id, photo.id)
    full = tables_that_name(*words)
    expected = {model._meta.db_table for model in models_of_users()}
    # Some name the user only by the rows that theirs belong to.
    empty = {model._meta.label for model in models_of_users() if not model._base_manager.exists()}
    assert empty == set()
    assert len(full) > 20
    assert full.keys() <= expected | {
        "accounts_user",
        "photos_stalemonth",
        "photos_mapchange",
    }
    assert len(stored(photo)) == 3

    _, deletion = close_account(leaver)
    deletion = run_to_end(deletion)

    # The record knows the id of what is no more, and its trace until uploads are over.
    assert tables_that_name(*words) == {"leaving_deletion": 1, "leaving_trace": 1}
    assert stored(photo) == []
    assert deletion.erased_at is not None
    assert not any(deletion.remaining.values())
    later(deletion)
    deletion = run_to_end(deletion)
    assert tables_that_name(*words) == {"leaving_deletion": 1}
    assert deletion.confirmed_at is not None
    assert deletion.due_at is None


def test_the_record_counts_what_was_removed_and_looks_everywhere(leaver: User) -> None:
    deletion = run_to_end(close_account(leaver)[1])
    assert deletion.removed["photos.Photo"] == 1
    assert deletion.removed["accounts.User"] == 1
    assert deletion.removed["objects"] == 3
    # What is everybody's stays, and forgets who has changed it.
    assert not ModelVersion.objects.exclude(changed_by=None).exists()
    for model in set(models_of_users()) - {ModelVersion}:
        assert deletion.removed.get(model._meta.label, 0) >= 1, model
    looked_at = {str(each) for each in references()} | {"objects"}
    assert set(deletion.remaining) == looked_at
    assert {"photos.StaleMonth.owner_id", "photos.MapChange.owner_id"} <= looked_at


def test_every_column_that_may_name_a_user_is_known(db: None) -> None:
    """Foreign keys by their type; ids without one by their names, which this list holds."""
    known = {(each.model._meta.db_table, each.field.column) for each in references()}
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_name, column_name from information_schema.columns "
            "where table_schema = 'public' and udt_name = 'uuid' and "
            "(column_name like '%user%' or column_name like '%owner%' or column_name like '%by_id')"
        )
        assert set(cursor.fetchall()) <= known


def test_a_deletion_that_is_killed_anywhere_goes_on(leaver: User) -> None:
    photos = [make_photo(leaver) for _ in range(3)]
    for photo in photos:
        store(original_key(str(photo.id)))
    erasing_steps = 0
    _, deletion = close_account(leaver)
    # Each start does one step more than the one before, and is then killed.
    while Deletion.objects.get(id=deletion.id).erased_at is None:
        steps = erasing._steps(deletion.id)
        for _ in range(erasing_steps):
            next(steps, None)
        steps.close()
        erasing_steps += 1
        assert erasing_steps < 50
    assert [stored(photo) for photo in photos] == [[], [], []]
    assert tables_that_name(WORD, leaver.id).keys() == {"leaving_deletion"}
    assert Deletion.objects.get(id=deletion.id).removed["photos.Photo"] == 4


def test_while_storage_is_away_nothing_is_lost(
    leaver: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = Photo.objects.get(owner=leaver)
    _, deletion = close_account(leaver)

    def away(keys: list[str]) -> None:
        raise StorageError("away")

    with monkeypatch.context() as patch:
        patch.setattr(storage, "delete_objects", away)
        delete_accounts()
        assert len(stored(photo)) == 3
        deletion.refresh_from_db()
        assert deletion.erased_at is None
        assert User.objects.filter(id=leaver.id).exists()
    # It waits a little before it tries again.
    assert not go_on(deletion.id)
    run_to_end(deletion)
    assert stored(photo) == []
    assert deletion.erased_at is not None


def test_an_upload_that_was_under_way_leaves_nothing(user: User) -> None:
    ticket = issue_upload_ticket(
        owner=user, filename="a.jpg", size=5, content_type="image/jpeg", sha256="ab" * 32
    )
    parts = issue_upload_ticket(
        owner=user,
        filename="b.jpg",
        size=6,
        content_type="image/jpeg",
        sha256="cd" * 32,
        upload_method="multipart",
    )
    _, deletion = close_account(user)
    run_to_end(deletion)
    key = original_key(str(ticket.photo.id))
    # The ticket is still good, and nothing of ours stands between client and storage.
    store(key)
    store(object_keys(parts.photo.id)[1])
    deletion.refresh_from_db()
    assert deletion.confirmed_at is None
    later(deletion)
    run_to_end(deletion)
    assert stored(ticket.photo) == stored(parts.photo) == []
    assert deletion.confirmed_at is not None
    assert deletion.removed["objects"] == 2
    assert not Trace.objects.exists()
    uploads = storage._client().list_multipart_uploads(Bucket=settings.S3_BUCKET)
    assert str(parts.photo.id) not in str(uploads.get("Uploads", []))


def test_photos_of_others_between_the_users_stay(user: User, stranger: User) -> None:
    photos = [make_photo(owner) for owner in (stranger, user, stranger, user, stranger)]
    for photo in photos:
        for key in object_keys(photo.id):
            store(key)
    run_to_end(close_account(user)[1])
    assert [len(stored(photo)) for photo in photos] == [3, 0, 3, 0, 3]
    assert Photo.objects.filter(owner=stranger).count() == 3


def test_photos_leave_albums_of_others_and_albums_leave_their_members(
    user: User, stranger: User
) -> None:
    theirs = create_album(stranger, {"title": "Theirs"})
    set_role(theirs, user, Role.CONTRIBUTOR, giver=stranger)
    own = create_album(user, {"title": "Own"})
    set_role(own, stranger, Role.CONTRIBUTOR, giver=user)
    mine, foreign = make_photo(user), make_photo(stranger)
    for album in (theirs, own):
        add_photos(album, user, [mine.id])
        add_photos(album, stranger, [foreign.id])
    Album.objects.filter(id=theirs.id).update(cover=mine)
    run_to_end(close_account(user)[1])
    theirs.refresh_from_db()
    assert theirs.cover_id is None
    assert list(theirs.entries.values_list("photo", flat=True)) == [foreign.id]
    assert not theirs.members.exists()
    assert not Album.objects.filter(id=own.id).exists()
    assert AlbumPhoto.objects.count() == 1
    assert Photo.objects.get() == foreign


def test_what_was_said_of_others_photos_stays_without_a_name(user: User, stranger: User) -> None:
    photo = make_photo(stranger)
    photo.label_verdicts.create(name="cat", correct=True, user=user, model="m")
    run_to_end(close_account(user)[1])
    assert photo.label_verdicts.get().user is None


def test_sessions_end(user: User, stranger: User) -> None:
    for each in (user, stranger):
        Client().force_login(each)
    assert Session.objects.count() == 2
    run_to_end(close_account(user)[1])
    session = Session.objects.get().get_decoded()
    assert session["_auth_user_id"] == str(stranger.id)


def test_archives_that_were_sent_are_gone(user: User) -> None:
    run = begin_import(user, size=100).run
    key = f"imports/{user.id}/{run.id}"
    store(key)
    run_to_end(close_account(user)[1])
    assert storage.head(key) is None
    uploads = storage._client().list_multipart_uploads(Bucket=settings.S3_BUCKET)
    assert str(run.id) not in str(uploads.get("Uploads", []))


def test_all_that_one_leaves_elsewhere_is_gone_and_in_the_proof(user: User, stranger: User) -> None:
    """Words on others' photos, WeChat, answers kept for repeats, objects that were never photos."""
    api = ApiClient(user)
    header = {"Idempotency-Key": "k"}
    assert api("POST", "/albums", {"title": WORD}, **header).status_code == 201
    theirs, photo = create_album(stranger, {"title": "Theirs"}), make_photo(stranger)
    set_role(theirs, user, Role.VIEWER, giver=stranger)
    add_photos(theirs, stranger, [photo.id])
    write_comment(theirs, photo, user, WORD)
    write_comment(theirs, photo, stranger, "mine")
    like_photo(theirs, photo, user)
    Identity.objects.create(user=user, openid=WORD, visited_at=timezone.now())
    TextCheck.objects.create(author=user, text=WORD, digest="d", scene=2, due_at=timezone.now())
    export = ask_export(user)
    while prepare(export.id):
        pass
    export.refresh_from_db()
    assert export.entries.exists()
    import_key = f"imports/{user.id}/holiday/a.jpg"
    store(import_key)
    deletion = run_to_end(close_account(user)[1])
    assert storage.head(import_key) is None
    assert deletion.erased_at is not None
    gone = {
        *("api.KeptAnswer", "albums.Comment", "albums.Like", "albums.Member", "archive.Export"),
        *("archive.ExportEntry", "wechat.Identity", "wechat.TextCheck", "accounts.Token"),
    }
    assert {label for label in gone if deletion.removed.get(label, 0) >= 1} == gone
    for column in ("api.KeptAnswer.user", "albums.Comment.author", "wechat.Identity.user"):
        assert deletion.remaining[column] == 0
    assert not any(deletion.remaining.values())
    assert tables_that_name(WORD, user.id).keys() == {"leaving_deletion"}
    assert Comment.objects.get().text == "mine"


def test_a_closed_account_takes_no_upload(user: User) -> None:
    close_account(user)
    with pytest.raises(RefusedError, match="bad_token"):
        issue_upload_ticket(
            owner=user, filename="a.jpg", size=5, content_type="image/jpeg", sha256="ab" * 32
        )


def test_the_last_administrator_stays(user: User) -> None:
    User.objects.filter(id=user.id).update(is_superuser=True)
    user.refresh_from_db()
    with pytest.raises(RefusedError, match="last_admin"):
        close_account(user)
    User.objects.create_superuser("root", password=PASSWORD)
    close_account(user)
    with pytest.raises(RefusedError, match="already_closed"):
        close_account(user)


def test_others_are_not_named_by_the_count(user: User, stranger: User) -> None:
    make_photo(stranger)
    assert not any(count_rows(user.id).values())
    assert count_rows(stranger.id)["photos.Photo.owner"] == 1
