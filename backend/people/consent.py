"""Whether faces may be looked for. Everything that would look, store or compare asks here."""

from django.db.models import Q

from backend.photos.models import Photo

# The same question as a condition on photos.
FACES_ALLOWED = Q(owner__face_analysis=True, face_analysis=True)


def may_look_for_faces(photo: Photo) -> bool:
    """True if the owner lets faces be analysed, and no album of theirs that holds it forbids it."""
    return photo.owner.face_analysis and photo.face_analysis
