"""What an archive says: of each photo, of people, albums and the account. See docs/archive.md."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from django.db.models import Case, Exists, OuterRef, Prefetch, Q, QuerySet, When

from backend.accounts.models import User
from backend.albums.models import Album, AlbumPhoto, Link
from backend.analysis.models import Analysis, Label, TextLine
from backend.events.models import Webhook
from backend.friends.selectors import blocks_of, friendship_state, friendships_of
from backend.people.models import Distinction, ErasedFace, Face, FaceRejection, Person
from backend.photos.models import Photo
from backend.registry.selectors import active_model
from functions.contract import Kind

FORMAT, VERSION = "shiguang-archive", 1
Document = dict[str, Any]
PEOPLE_A_PAGE = 1000


def photos_to_export(owner: User) -> QuerySet[Photo]:
    """Every photo of the owner's that has arrived, trash included, with what is said of it."""
    # What a model in the shadow has found is nobody's to be told.
    seen = Q(analysis__shadow=False)
    unseen = Analysis.objects.filter(id=OuterRef("analysis_id"), shadow=True)
    return (
        Photo.objects.filter(owner=owner)
        .exclude(status=Photo.Status.AWAITING_UPLOAD)
        .select_related("waiting_faces", "moderation_decision")
        .prefetch_related(
            "tags",
            "label_verdicts",
            "erased_faces",
            Prefetch("labels", Label.objects.filter(seen).select_related("analysis")),
            Prefetch("text_lines", TextLine.objects.filter(seen).select_related("analysis")),
            Prefetch("analyses", Analysis.objects.filter(shadow=False).order_by("kind", "model")),
            Prefetch(
                "faces",
                Face.objects.exclude(Exists(unseen))
                .defer("embedding")
                .select_related("person")
                # Where two models' faces say different things, the first that is read stands.
                .order_by(
                    Case(When(model=active_model(Kind.FACES), then=0), default=1),
                    *("model", "left", "top", "id"),
                ),
            ),
            Prefetch("faces__rejections", FaceRejection.objects.order_by("person")),
        )
    )


def photo_document(photo: Photo, *, file: str) -> Document:
    """Everything that the album knows of a photo. file: the original's name, in the same folder."""
    return {
        "format": f"{FORMAT}/photo",
        "version": VERSION,
        "file": file,
        **_what_came(photo),
        **_what_was_said(photo),
        **_what_was_found(photo),
    }


def _what_came(photo: Photo) -> Document:
    return {
        "filename": photo.filename,
        "content_type": photo.content_type,
        "size": photo.size,
        "sha256": photo.sha256,
        "added_at": write_moment(photo.created_at),
    }


def _what_was_said(photo: Photo) -> Document:
    return {
        "description": photo.description,
        "favorite": photo.favorite,
        "archived": photo.archived,
        "trashed": photo.trashed_at is not None,
        "tags": sorted(tag.name for tag in photo.tags.all()),
        "taken_at": _taken_at(photo),
        "taken_at_source": photo.taken_at_source,
        "location": _location(photo),
        "location_source": photo.location_source,
        "verdicts": [
            {"label": verdict.name, "correct": verdict.correct, "model": verdict.model}
            for verdict in sorted(photo.label_verdicts.all(), key=lambda each: each.name)
        ],
        "faces": [_face(face) for face in photo.faces.all()] + _faces_told(photo),
        "erased_faces": [
            _box(face)
            for face in sorted(photo.erased_faces.all(), key=lambda each: (each.left, each.top))
        ],
    }


def _what_was_found(photo: Photo) -> Document:
    camera = {
        "make": photo.camera_make,
        "model": photo.camera_model,
        "lens": photo.lens,
        "iso": photo.iso,
        "f_number": photo.f_number,
        "exposure": photo.exposure,
        "focal_length": photo.focal_length,
    }
    labels = sorted(photo.labels.all(), key=lambda each: (-each.score, each.name))
    return {
        "width": photo.width,
        "height": photo.height,
        "camera": camera,
        "moderation": _moderation(photo),
        "labels": [
            {
                "name": label.name,
                "name_zh": label.name_zh,
                "score": label.score,
                "model": label.analysis.model,
            }
            for label in labels
        ],
        "text": [
            {
                "text": line.text,
                "box": _box(line),
                "score": line.score,
                "model": line.analysis.model,
            }
            for line in photo.text_lines.all()
        ],
        "analyses": [
            {
                "kind": analysis.kind,
                "model": analysis.model,
                "state": analysis.state,
                "started_at": write_moment(analysis.started_at),
                "finished_at": write_moment(analysis.finished_at),
                "duration_ms": analysis.duration_ms,
                "code": analysis.code,
                "detail": analysis.detail,
            }
            for analysis in photo.analyses.all()
        ],
    }


def _moderation(photo: Photo) -> Document:
    """decided_at: when a person decided; None for a network's word."""
    decision = getattr(photo, "moderation_decision", None)
    return {
        "verdict": photo.moderation_verdict,
        "score": photo.moderation_score,
        "decided_at": write_moment(decision.created_at if decision is not None else None),
    }


def _faces_told(photo: Photo) -> list[Document]:
    """What an import has said of faces that have not been looked for here yet."""
    waiting = getattr(photo, "waiting_faces", None)
    return list(waiting.faces) if waiting is not None else []


def _face(face: Face) -> Document:
    return {
        "box": _box(face),
        "score": face.score,
        "quality": face.quality,
        "model": face.model,
        "person": str(face.person_id) if face.person_id else None,
        "name": face.person.name if face.person else "",
        "confirmed": face.confirmed,
        "cover": face.person is not None and face.person.cover_id == face.id,
        "not": [str(rejection.person_id) for rejection in face.rejections.all()],
    }


def _box(placed: "Face | ErasedFace | TextLine") -> Document:
    return {
        "left": placed.left,
        "top": placed.top,
        "width": placed.width,
        "height": placed.height,
    }


def taken_local(photo: Photo) -> datetime | None:
    """When it was taken, by the clock of the place."""
    if photo.taken_at is None:
        return None
    return photo.taken_at.astimezone(timezone(timedelta(minutes=photo.taken_at_offset)))


def _taken_at(photo: Photo) -> str | None:
    local = taken_local(photo)
    return local.isoformat() if local else None


def _location(photo: Photo) -> Document | None:
    if photo.latitude is None or photo.longitude is None:
        return None
    return {
        "latitude": photo.latitude,
        "longitude": photo.longitude,
        "altitude": photo.altitude,
        "country": photo.country,
        "region": photo.region,
        "city": photo.city,
    }


def write_moment(moment: datetime | None) -> str | None:
    """In UTC, as ISO 8601."""
    return moment.astimezone(UTC).isoformat() if moment else None


def people_documents(owner: User) -> Iterator[Document]:
    """Everybody whom the owner's photos show, or who has a name, page by page."""
    people = Person.objects.filter(Q(face_count__gt=0) | ~Q(name=""), owner=owner)
    rows = people.order_by("id")
    last: UUID | None = None
    while page := list((rows.filter(id__gt=last) if last else rows)[:PEOPLE_A_PAGE]):
        last = page[-1].id
        ids = [person.id for person in page]
        apart: dict[UUID, list[str]] = {}
        pairs = Distinction.objects.filter(first__in=ids, second__merged_into__isnull=True)
        for first, second in pairs.order_by("second").values_list("first", "second"):
            apart.setdefault(first, []).append(str(second))
        yield {
            "format": f"{FORMAT}/people",
            "version": VERSION,
            "people": [
                {
                    "key": str(person.id),
                    "name": person.name,
                    "hidden": person.hidden,
                    "not": apart.get(person.id, []),
                }
                for person in page
            ],
        }


def album_documents(owner: User, *, until: UUID) -> Iterator[Document]:
    """The owner's own albums, those above before those in them.

    until: the last photo that is in the archive; ids sort by time. What others have put in is
    theirs, and so is who they are.
    """
    albums = Album.objects.filter(owner=owner).select_related("cover").order_by("position", "id")
    children: dict[UUID | None, list[Album]] = {}
    for album in albums:
        children.setdefault(album.parent_id, []).append(album)
    own = Photo.objects.filter(owner=owner, id__lte=until)
    own = own.exclude(status=Photo.Status.AWAITING_UPLOAD)
    waiting = list(reversed(children.get(None, [])))
    while waiting:
        album = waiting.pop()
        waiting += reversed(children.get(album.id, []))
        yield _album(album, own)


def _album(album: Album, own: QuerySet[Photo]) -> Document:
    entries = AlbumPhoto.objects.filter(album=album, photo__in=own).order_by("position", "photo")
    cover = album.cover
    is_own = cover is not None and cover.owner_id == album.owner_id
    return {
        "format": f"{FORMAT}/album",
        "version": VERSION,
        "key": str(album.id),
        "parent": str(album.parent_id) if album.parent_id else None,
        "title": album.title,
        "description": album.description,
        "place": album.place,
        "rule": album.rule,
        "cover": cover.sha256 if cover is not None and is_own else None,
        "photos": list(entries.values_list("photo__sha256", flat=True)),
        "created_at": write_moment(album.created_at),
    }


def account_document(owner: User) -> Document:
    """Whom the owner knows here, and what they have set up, without what would open it."""
    return {
        "format": f"{FORMAT}/account",
        "version": VERSION,
        "friends": [
            {
                "username": (tie.asked if tie.asker_id == owner.id else tie.asker).username,
                "state": friendship_state(owner, tie),
                "since": write_moment(tie.accepted_at or tie.created_at),
            }
            for tie in friendships_of(owner).order_by("id")
        ],
        "blocks": [
            {"username": block.blocked.username, "since": write_moment(block.created_at)}
            for block in blocks_of(owner).order_by("id")
        ],
        "links": [
            {
                "album": str(link.album_id) if link.album.owner_id == owner.id else None,
                "has_password": bool(link.password),
                "expires_at": write_moment(link.expires_at),
                "max_views": link.max_views,
                "views": link.views,
                "allow_download": link.allow_download,
                "show_location": link.show_location,
                "created_at": write_moment(link.created_at),
            }
            for link in Link.objects.filter(made_by=owner).select_related("album").order_by("id")
        ],
        "webhooks": [
            {
                "url": webhook.url,
                "events": webhook.kinds,
                "created_at": write_moment(webhook.created_at),
            }
            for webhook in Webhook.objects.filter(owner=owner).order_by("id")
        ],
    }
