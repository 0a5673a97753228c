"""Every row that names a user, found in the models themselves: a new table cannot be forgotten."""

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from backend.accounts.models import User
from backend.photos.models import Photo

_BATCH = 2000
# Names of columns that hold a user's id without a foreign key.
_PLAIN_NAMES = ("owner_id", "user_id")


@dataclass(frozen=True)
class Reference:
    """A column by which rows name a user."""

    model: type[models.Model]
    field: "models.Field[Any, Any]"

    def __str__(self) -> str:
        return f"{self.model._meta.label}.{self.field.name}"

    def rows(self, user_id: UUID) -> QuerySet[Any]:
        """Those that name the user, merged people and the like included."""
        return self.model._base_manager.filter(**{self.field.attname: user_id})

    @property
    def outlives_user(self) -> bool:
        """True if the row is somebody else's, and only forgets who it was."""
        remote = self.field.remote_field
        return remote is not None and remote.on_delete is models.SET_NULL


def references() -> list[Reference]:
    """Every column of every table by which a row names a user."""
    return [
        Reference(model, field)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
        for field in model._meta.local_concrete_fields
        if field.related_model is User
        or (isinstance(field, models.UUIDField) and field.name in _PLAIN_NAMES)
    ]


def remove_rows(user_id: UUID) -> Counter[str]:
    """No row but photos names the user any more. Returns how many were removed of what.

    Photos have objects in storage: they go first, another way.
    """
    removed: Counter[str] = Counter()
    for reference in references():
        if reference.model is Photo:
            continue
        rows = reference.rows(user_id)
        if reference.outlives_user:
            rows.update(**{reference.field.name: None})
            continue
        while ids := list(rows.values_list("pk", flat=True)[:_BATCH]):
            batch = reference.model._base_manager.filter(pk__in=ids)
            forget_log(batch)
            removed.update(batch.delete()[1])
    return removed


def count_rows(user_id: UUID) -> dict[str, int]:
    """How many rows name the user, in each column that could."""
    return {str(each): each.rows(user_id).count() for each in references()}


def forget_log(rows: QuerySet[Any]) -> None:
    """The back-office's log does not name the rows, of one model, any more."""
    names = rows.values_list(Cast("pk", TextField()))
    LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(rows.model), object_id__in=names
    ).delete()


def logged_parts() -> list[Reference]:
    """What photos consist of, as far as the back-office's log names any of it."""
    kinds = ContentType.objects.filter(
        id__in=LogEntry.objects.order_by().values("content_type").distinct()
    )
    named = {kind.model_class() for kind in kinds}
    return [
        Reference(relation.related_model, relation.field)
        for relation in Photo._meta.related_objects
        if relation.related_model in named
    ]


def remove_sessions(user_id: UUID) -> int:
    """Nobody is signed in to the back-office as the user. Returns how many were."""
    sessions = Session.objects.iterator()
    own = [
        session.session_key
        for session in sessions
        if session.get_decoded().get("_auth_user_id") == str(user_id)
    ]
    return Session.objects.filter(session_key__in=own).delete()[0]
