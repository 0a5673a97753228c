"""What the list of photos can be narrowed to."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest

from admin.words import say, say_value
from backend.analysis.models import Analysis
from backend.analysis.moderating import TO_MODERATE
from backend.api.policy import visible_to
from backend.people.models import Face, Person
from backend.registry.selectors import active_model
from functions.contract import Kind

_PEOPLE = 20


class WordsFilter(admin.ChoicesFieldListFilter):
    """A field's choices, in the reader's language."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        names = {label: say_value(str(value)) for value, label in self.field.flatchoices}
        for choice in super().choices(changelist):
            yield {**choice, "display": names.get(choice["display"], choice["display"])}


class PlaceFilter(admin.SimpleListFilter):
    """The library without the trash, unless the trash is asked for."""

    title = say("where")
    parameter_name = "where"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("trash", say("In the trash")), ("all", say("Everywhere"))]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        first, *others = super().choices(changelist)
        yield {**first, "display": say("In the library")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(trashed_at__isnull=self.value() != "trash")


class FailedFilter(admin.SimpleListFilter):
    """Photos with work on them that failed, whatever came of the rest."""

    title = say("analyses")
    parameter_name = "failed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", say("Some failed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != "1":
            return queryset
        failed = Analysis.objects.filter(
            photo=OuterRef("pk"), state=Analysis.State.FAILED, shadow=False
        )
        return queryset.filter(Exists(failed))


class ReviewFilter(admin.SimpleListFilter):
    """Photos that wait for a person to decide whether others may see them."""

    title = say("review")
    parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", say("To be reviewed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(TO_MODERATE) if self.value() == "1" else queryset


class PersonFilter(admin.SimpleListFilter):
    """Photos of one person: the named are offered, anybody can be linked to."""

    title = say("person")
    parameter_name = "person"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        people = visible_to(request.user, Person.objects.all(), owner="owner")
        named = list(people.filter(hidden=False).exclude(name="").order_by("name")[:_PEOPLE])
        chosen = _read_uuid(self.value())
        if chosen and chosen not in {person.id for person in named}:
            named += list(people.filter(id=chosen))
        return [(str(person.id), str(person)) for person in named]

    def has_output(self) -> bool:
        # Without this a link to somebody who is gone would show every photo.
        return bool(self.value() or self.lookup_choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        person_id = _read_uuid(self.value())
        if person_id is None:
            return queryset.none()
        faces = Face.objects.filter(
            photo=OuterRef("pk"), person_id=person_id, model=active_model(Kind.FACES)
        )
        return queryset.filter(Exists(visible_to(request.user, faces, owner="photo__owner")))


class OwnerFilter(admin.RelatedFieldListFilter):
    """Only superusers see photos of more than one owner."""

    def has_output(self) -> bool:
        return len(self.lookup_choices) > 1


def _read_uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def filters_for(user: Any) -> list[Any]:
    owner: list[Any] = [("owner", OwnerFilter)] if user.is_superuser else []
    return [
        PlaceFilter,
        ("status", WordsFilter),
        FailedFilter,
        PersonFilter,
        "has_text",
        ReviewFilter,
        ("moderation_verdict", WordsFilter),
        *owner,
    ]
