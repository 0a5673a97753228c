"""One person's page: their faces, what is worth asking about them, and the forms that answer."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from admin.photo_page import signed_in
from admin.words import say
from backend.core.errors import RefusedError
from backend.people import services
from backend.people.groups import find_two_groups
from backend.people.models import Face, Person, Regrouping
from backend.people.proposing import Suggestion, suggest
from backend.people.selectors import faces_of, portraits_of, regroupings_of
from backend.registry.selectors import active_model
from functions.contract import Kind

Act = Callable[[HttpRequest, Person], str]

_PAGE_FACES = 60
_GROUP_FACES = 8
_QUESTIONS = 12
_CHANGES = 5


def context(person: Person) -> dict[str, Any]:
    """Everything the page shows."""
    model = active_model(Kind.FACES)
    faces = faces_of(person.owner).filter(person=person, model=model).order_by("-quality")
    return {
        "faces": faces[:_PAGE_FACES],
        "questions": _questions(person, suggest(person, model=model)[:_QUESTIONS]),
        "changes": _changes(person),
        "addresses": {act: reverse(f"admin:people_person_{act}", args=[person.id]) for act in ACTS},
    }


def _changes(person: Person) -> list[Regrouping]:
    """The latest merges and splits of the person that can be undone."""
    made = regroupings_of(person.owner).filter(Q(source=person) | Q(target=person))
    return list(made.filter(undone_at__isnull=True).select_related("source", "target")[:_CHANGES])


def _questions(person: Person, found: list[Suggestion]) -> list[dict[str, Any]]:
    """Each with the pictures it shows, read in one query a kind."""
    people = [one.person for one in found if one.person]
    portraits = portraits_of(people, model=active_model(Kind.FACES))
    wanted: set[UUID] = {one.face_id for one in found if one.face_id}
    for one in found:
        if one.groups:
            wanted |= {*one.groups.first[:_GROUP_FACES], *one.groups.second[:_GROUP_FACES]}
    faces = faces_of(person.owner).in_bulk(wanted)

    def shown(ids: list[UUID]) -> list[Face]:
        return [faces[id_] for id_ in ids[:_GROUP_FACES] if id_ in faces]

    return [
        {
            "kind": one.kind,
            "settles": one.settles,
            "person": one.person,
            "cover": portraits[one.person.id].cover if one.person else None,
            "face": faces.get(one.face_id) if one.face_id else None,
            "groups": [shown(one.groups.first), shown(one.groups.second)] if one.groups else [],
        }
        for one in found
    ]


def _other(request: HttpRequest, person: Person) -> Person:
    other: Person = _found(Person.objects.filter(owner=person.owner), request.POST.get("other"))
    return other


def _face(request: HttpRequest, person: Person) -> Face:
    face: Face = _found(Face.objects.filter(owner=person.owner), request.POST.get("face"))
    return face


def _found(rows: Any, text: str | None) -> Any:
    try:
        return rows.get(id=UUID(text or ""))
    except (ValueError, rows.model.DoesNotExist) as error:
        raise RefusedError("not_found", status=404) from error


def _merge(request: HttpRequest, person: Person) -> str:
    made = services.merge_people(_other(request, person), person, made_by=signed_in(request))
    return say("Merged: {count} faces came. It can be undone here.", count=made.moved.count())


def _apart(request: HttpRequest, person: Person) -> str:
    services.tell_apart(person, _other(request, person))
    return say("They are two people; you will not be asked again.")


def _assign(request: HttpRequest, person: Person) -> str:
    services.assign_face(_face(request, person), person)
    return say("This face is theirs.")


def _reject(request: HttpRequest, person: Person) -> str:
    services.reject_face(_face(request, person), person)
    return say("This face is somebody else's, and will not come back.")


def _split(request: HttpRequest, person: Person) -> str:
    groups = find_two_groups(person, model=active_model(Kind.FACES), every=True)
    services.split_person(person, groups.second if groups else [], made_by=signed_in(request))
    return say("There are two people now. It can be undone here.")


def _keep(request: HttpRequest, person: Person) -> str:
    services.decline_split(person)
    return say("It is one person; you will not be asked again soon.")


def _undo(request: HttpRequest, person: Person) -> str:
    made = _found(regroupings_of(person.owner), request.POST.get("change"))
    services.undo_regrouping(made, undone_by=signed_in(request))
    return say("Undone.")


def _erase(request: HttpRequest, person: Person) -> str:
    record = services.erase_person(person, erased_by=signed_in(request))
    return say(
        "Erased: {count} face vectors. The record is {id}.",
        count=record.removed["vectors"],
        id=record.id,
    )


# The last part of the address -> what its form does
ACTS: dict[str, Act] = {
    "merge": _merge,
    "apart": _apart,
    "assign": _assign,
    "reject": _reject,
    "split": _split,
    "keep": _keep,
    "undo": _undo,
    "erase": _erase,
}


def merge_all(request: HttpRequest, people: list[Person]) -> Person:
    """All of them are one: a named one, the one with most faces. Returns who stays.

    Raises RefusedError; then nobody is merged with anybody.
    """
    kept, *others = sorted(people, key=lambda one: (not one.name, -one.face_count))
    for other in others:
        services.merge_people(other, kept, made_by=signed_in(request))
    return kept
