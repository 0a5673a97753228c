"""Everything that is somebody's, in whatever table: found by the tables' foreign keys."""

from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Model, Q

from backend.accounts.models import User

# Notes for sums that are kept ready, what WeChat says before it is known of whom, and what is left
# of an account that is gone: whose they are is in no foreign key.
UNOWNED = {
    *("photos.StaleMonth", "photos.MapChange", "wechat.Answer"),
    *("leaving.Deletion", "leaving.Trace", "registry.ModelVersion"),
}
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


def belongings(user: User) -> dict[str, str]:
    """A digest of the rows of every table that are the user's, by the table's name."""
    parts: list[str] = []
    values: list[Any] = []
    for model in own_models():
        paths = paths_to_owner(model)
        if not paths:
            continue
        whose = Q(*((path, user.id) for path in paths), _connector=Q.OR)
        theirs = model._base_manager.filter(whose).values("pk").query
        chosen, given = theirs.sql_with_params()
        key = model._meta.pk.column
        kept = "".join(f" - '{name}'" for label, name in VOLATILE if label == model._meta.label)
        parts.append(
            f"select '{model._meta.label}', md5(string_agg((to_jsonb(t){kept})::text, '|'"
            f' order by t."{key}"::text)) from "{model._meta.db_table}" t'
            f' where t."{key}" in ({chosen})'
        )
        values += given
    # All at once: this is asked for every caller of every call.
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(parts), values)
        return dict(cursor.fetchall())
