"""Everything that is somebody's, in whatever table: found by the tables' foreign keys."""

from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Field, Model, Q
from pgvector.django import HalfVectorField, VectorField

from backend.accounts.models import User

# Notes for sums that are kept ready, and what WeChat says before it is known of whom: whose they
# are is in no foreign key.
UNOWNED = {"photos.StaleMonth", "photos.MapChange", "wechat.Answer"}
# What changes by being used.
VOLATILE = {
    ("albums.Link", "views"),
    ("accounts.ApiKey", "used_at"),
    ("accounts.User", "last_login"),
}


def own_models() -> list[type[Model]]:
    """Every table of this product."""
    return [model for model in apps.get_models() if model.__module__.startswith("backend.")]


@cache
def paths_to_owner(model: type[Model]) -> tuple[str, ...]:
    """Lookups that lead from a row to the users whose it is: along keys that are never empty."""
    if model is User:
        return ("id",)
    found: list[str] = []
    for field in model._meta.concrete_fields:
        target = field.related_model
        if field.null or not isinstance(target, type) or target is model:
            continue
        further = paths_to_owner(target)
        found += [field.name] if target is User else [f"{field.name}__{path}" for path in further]
    return tuple(found)


def belongings(user: User) -> dict[str, list[Any]]:
    """The rows of every table that are the user's, by the table's name."""
    found = {}
    for model in own_models():
        paths = paths_to_owner(model)
        if not paths:
            continue
        whose = Q(*((path, user.id) for path in paths), _connector=Q.OR)
        rows = model._base_manager.filter(whose).order_by("pk").distinct()
        found[model._meta.label] = list(rows.values(*_columns(model)))
    return found


def _columns(model: type[Model]) -> list[str]:
    """Without vectors, which cannot be compared as values."""

    def is_compared(field: "Field[Any, Any]") -> bool:
        is_volatile = (model._meta.label, field.name) in VOLATILE
        return not is_volatile and not isinstance(field, VectorField | HalfVectorField)

    return [field.attname for field in model._meta.concrete_fields if is_compared(field)]
