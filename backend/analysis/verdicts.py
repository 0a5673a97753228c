"""A person's word on what a network saw."""

from django.db import transaction

from backend.accounts.models import User
from backend.analysis.models import LabelVerdict
from backend.core.errors import RefusedError
from backend.photos.models import Photo
from backend.photos.services import renew_search
from backend.registry.selectors import active_model
from functions.contract import Kind


@transaction.atomic
def judge_label(photo: Photo, name: str, *, correct: bool, user: User) -> None:
    """The label is right or wrong by a person's word, which outlives any later analysis.

    Raises RefusedError unknown_label. Safe to run twice.
    """
    label = (
        photo.labels.filter(name=name, analysis__model=active_model(Kind.LABELS))
        .select_related("analysis")
        .first()
    )
    if label is None:
        raise RefusedError("unknown_label", status=404)
    LabelVerdict.objects.update_or_create(
        photo=photo,
        name=name,
        defaults={"correct": correct, "user": user, "model": label.analysis.model},
    )
    renew_search(Photo.objects.filter(id=photo.id))
