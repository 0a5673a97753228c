"""Face analysis is switched off and on again."""

import pytest

from backend.accounts.models import User
from backend.analysis.consent import allow_face_analysis, queue_missing_faces
from backend.analysis.models import Analysis
from backend.analysis.services import (
    allowed_kinds,
    claim_analyses,
    reanalyze,
    start_analysis,
)
from backend.conftest import make_photo
from backend.core.errors import RefusedError
from backend.photos.models import Photo
from functions.contract import Kind


def kinds_of(photo: Photo) -> set[str]:
    return set(photo.analyses.values_list("kind", flat=True))


def test_without_consent_no_faces_are_queued_or_claimed(user: User) -> None:
    allow_face_analysis(user, allowed=False)
    photo = make_photo(user)
    start_analysis(photo)
    assert kinds_of(photo) == {kind for kind in Kind if kind != Kind.FACES}
    claim = claim_analyses(photo.id)
    assert claim is not None
    assert Kind.FACES not in claim.models


def test_switching_off_takes_back_what_was_queued_and_the_photo_is_ready(user: User) -> None:
    photo = make_photo(user)
    start_analysis(photo)
    for kind in (Kind.INSPECTION, Kind.LABELS, Kind.TEXT, Kind.MODERATION):
        photo.analyses.filter(kind=kind).update(state=Analysis.State.DONE)
    allow_face_analysis(user, allowed=False)
    photo.refresh_from_db()
    assert Kind.FACES not in kinds_of(photo)
    assert photo.status == Photo.Status.READY


def test_faces_are_not_analysed_again_without_consent(user: User) -> None:
    photo = make_photo(user)
    start_analysis(photo)
    allow_face_analysis(user, allowed=False)
    photo = Photo.objects.get(id=photo.id)
    with pytest.raises(RefusedError, match="face_analysis_off"):
        reanalyze(photo, [Kind.FACES])
    reanalyze(photo, allowed_kinds(photo))
    assert Kind.FACES not in kinds_of(photo)


def test_switched_on_again_missed_photos_are_queued_once(user: User, stranger: User) -> None:
    for one in (user, stranger):
        allow_face_analysis(one, allowed=False)
    missed, theirs = make_photo(user), make_photo(stranger)
    for photo in (missed, theirs):
        start_analysis(photo)
    allow_face_analysis(user, allowed=True)
    assert queue_missing_faces() == 1
    assert queue_missing_faces() == 0
    assert Kind.FACES in kinds_of(missed)
    assert Kind.FACES not in kinds_of(theirs)
