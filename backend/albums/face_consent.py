"""An album's own switch of face analysis: whose photos it holds, and what that does to them."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from backend.accounts.models import User
from backend.albums.models import Album, AlbumPhoto
from backend.analysis.consent import forbid_faces, look_for_faces_again
from backend.core.errors import RefusedError
from backend.people.models import Erasure
from backend.photos.models import Photo


@transaction.atomic
def switch_face_analysis(album: Album, *, allowed: bool) -> None:
    """No face is looked for, stored or kept in the album's photos that are its owner's; or again.

    Photos of other members follow their own owners. The caller holds the album. Safe to run
    twice. Raises RefusedError album_has_rule: what a rule finds changes, perhaps with its people.
    """
    if album.rule is not None and not allowed:
        raise RefusedError("album_has_rule", status=409)
    album.face_analysis = allowed
    album.save(update_fields=["face_analysis"])
    photos = AlbumPhoto.objects.filter(album=album, photo__owner=album.owner_id)
    renew_face_consent(album.owner, set(photos.values_list("photo_id", flat=True)))


def renew_face_consent(owner: User, photo_ids: Collection[UUID]) -> Erasure | None:
    """Of these, the owner's photos in an album whose face analysis is off have no faces.

    One such album is enough, whatever other albums the photo is in. Vectors and boxes that were
    there are erased, and the record of it is returned, if there was one to make. Photos that are
    in no such album any more are looked at again. Runs in the transaction of what changed the
    albums. Safe to run twice.
    """
    forbidding = AlbumPhoto.objects.filter(
        photo=OuterRef("pk"), album__owner=owner, album__face_analysis=False
    )
    own = Photo.objects.filter(owner=owner, id__in=photo_ids)
    forbidden = own.filter(Exists(forbidding), face_analysis=True)
    allowed = own.filter(~Exists(forbidding), face_analysis=False)
    look_for_faces_again(set(allowed.values_list("id", flat=True)))
    return forbid_faces(owner, set(forbidden.values_list("id", flat=True)))
