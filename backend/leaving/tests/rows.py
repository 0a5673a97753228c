"""A row of every kind for one user, made from the models themselves."""

import uuid
from datetime import date
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils import timezone
from pgvector.django import BitField, HalfVectorField, VectorField

from backend.accounts.models import User
from backend.core.uuids import uuid7

# Stands in every text of the user's, so that whatever is left anywhere is found by it.
WORD = "zanzibar"

Model = type[models.Model]


def models_of_users() -> list[Model]:
    """Every model from which foreign keys lead to a user, however far."""
    found: set[Model] = {User}
    everything = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]
    while more := {
        model
        for model in everything
        if model not in found
        and any(field.related_model in found for field in model._meta.concrete_fields)
    }:
        found |= more
    return sorted(found - {User}, key=lambda model: model._meta.label)


class RowMaker:
    """Makes rows that belong to a user in every way in which rows can: all foreign keys are set.

    odd: what a model wants besides what its fields say, such as what its constraints ask for.
    """

    def __init__(self, user: User, odd: dict[str, dict[str, Any]]) -> None:
        self._user = user
        self._odd = odd
        self._made: dict[Model, models.Model] = {User: user}
        self._making: set[Model] = set()
        self._theirs = set(models_of_users())

    def row_of(self, model: Model) -> models.Model:
        """The row of that model; always the same one."""
        if model not in self._made:
            self._making.add(model)
            self._made[model] = self.new(model)
        return self._made[model]

    def new(self, model: Model, **given: Any) -> models.Model:
        values = {**self._odd.get(model._meta.label, {}), **given}
        for field in model._meta.concrete_fields:
            if field.name in values or isinstance(field, models.GeneratedField):
                continue
            if field.is_relation:
                values[field.name] = self._related(model, field)
            elif not field.primary_key:
                values.update(self._plain(field, WORD if model in self._theirs else "everybody"))
        row = model(**values)
        row.save(force_insert=True)
        return row

    def _related(self, model: Model, field: Any) -> Any:
        target = field.related_model
        if target is ContentType:
            return ContentType.objects.get_for_model(User)
        # Rows that name each other begin with one that names nobody yet.
        is_begun = target in self._making and target not in self._made
        return None if target is model or is_begun else self.row_of(target)

    def _plain(self, field: Any, word: str) -> dict[str, Any]:
        if isinstance(field, models.AutoField | models.BigAutoField):
            return {}
        if field.name in ("owner_id", "user_id"):
            return {field.name: self._user.id}
        if field.choices:
            return {} if field.has_default() else {field.name: field.choices[0][0]}
        if isinstance(field, models.CharField | models.TextField):
            text = f"{word} {uuid.uuid4().hex}"
            return {field.name: text[: field.max_length] if field.max_length else text}
        if field.has_default() or field.has_db_default() or field.null:
            return {}
        return {field.name: _value_for(field)}


def _value_for(field: Any) -> Any:
    kinds: list[tuple[Any, Any]] = [
        (HalfVectorField | VectorField, lambda: [0.5] * field.dimensions),
        (BitField, lambda: "01" * (field.length // 2)),
        (SearchVectorField, lambda: WORD),
        (ArrayField, list),
        (models.JSONField, lambda: {"word": WORD}),
        (models.BinaryField, WORD.encode),
        (models.UUIDField, uuid7),
        (models.BooleanField, lambda: False),
        (models.DateTimeField, timezone.now),
        (models.DateField, lambda: date(2023, 5, 1)),
        (models.FloatField, lambda: 0.5),
        (models.IntegerField, lambda: 1),
    ]
    for kind, make in kinds:
        if isinstance(field, kind):
            return make()
    raise AssertionError(f"say in this file what {field} may hold")
