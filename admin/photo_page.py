"""One photo's page: what is shown beside the form, and the small forms round the picture."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from admin.photo_details import with_details
from admin.pictures import Mark, is_sensitive, mark, state_badge
from admin.words import say, say_value
from backend.accounts.models import User
from backend.analysis.models import Analysis
from backend.analysis.services import allowed_kinds, judge_label, reanalyze
from backend.api.objects import object_url
from backend.core.errors import RefusedError
from backend.people.models import Face
from backend.people.services import name_face
from backend.photos.models import Photo
from backend.photos.services import add_tag, remove_tag, restore_photo, trash_photo
from functions.contract import Kind

Act = Callable[[HttpRequest, Photo], str]

_KINDS = list(Kind)
_MAX_NAME = 100


def context(photo: Photo) -> dict[str, Any]:
    """Everything the page shows, in a number of queries that does not grow with the findings."""
    detailed = with_details(Photo.objects.filter(id=photo.id)).get()
    verdicts = {verdict.name: verdict.correct for verdict in detailed.label_verdicts.all()}
    faces = sorted(detailed.faces.all(), key=lambda face: face.left)
    lines = list(detailed.text_lines.all())
    for face in faces:
        face.photo = detailed  # a crop reads it; without this each face would ask for it again
    return {
        "photo": detailed,
        "state": state_badge(detailed),
        "moderation": say_value(detailed.moderation_verdict),
        "preview_url": object_url(detailed, "preview"),
        "original_url": object_url(detailed, "original"),
        "sensitive": is_sensitive(detailed),
        "faces": faces,
        "face_marks": [_face_mark(face) for face in faces],
        "labels": [(label, verdicts.get(label.name)) for label in detailed.labels.all()],
        "lines": lines,
        "line_marks": [mark(**_box(line), name=line.text) for line in lines],
        "analyses": sorted(detailed.analyses.all(), key=_analysis_order),
        "tags": detailed.tags.all(),
        "place": ", ".join(
            part for part in (detailed.city, detailed.region, detailed.country) if part
        ),
    }


def _face_mark(face: Face) -> Mark:
    name = face.person.name if face.person else ""
    return mark(**_box(face), name=name, confirmed=face.confirmed)


def _box(found: Any) -> dict[str, Any]:
    return {side: getattr(found, side) for side in ("left", "top", "width", "height")}


def _analysis_order(analysis: Analysis) -> tuple[int, str]:
    return _KINDS.index(Kind(analysis.kind)), analysis.model


def signed_in(request: HttpRequest) -> User:
    if not isinstance(request.user, User):  # admin_view has made sure already
        raise PermissionDenied
    return request.user


def _judge(request: HttpRequest, photo: Photo) -> str:
    name, correct = request.POST.get("name", ""), request.POST.get("correct") == "1"
    judge_label(photo, name, correct=correct, user=signed_in(request))
    if correct:
        return say("{name}: marked as right.", name=name)
    return say("{name}: marked as wrong. Search no longer finds the photo by it.", name=name)


def _name(request: HttpRequest, photo: Photo) -> str:
    try:
        face = get_object_or_404(
            photo.faces.select_related("person"), id=request.POST.get("face", "")
        )
    except (ValueError, ValidationError) as error:  # not an id at all
        raise RefusedError("not_found", status=404) from error
    name = " ".join(request.POST.get("name", "").split())[:_MAX_NAME]
    name_face(face, name)
    return say("This is {name}, here and in every photo with this person.", name=name or "–")


def _add_tag(request: HttpRequest, photo: Photo) -> str:
    name = " ".join(request.POST.get("name", "").split())[:_MAX_NAME]
    if not name:
        return say("Write a word first.")
    add_tag(photo, name)
    return say("Tag added: {name}.", name=name)


def _remove_tag(request: HttpRequest, photo: Photo) -> str:
    name = request.POST.get("name", "")
    remove_tag(photo, name)
    return say("Tag removed: {name}.", name=name)


def _analyse(request: HttpRequest, photo: Photo) -> str:
    wanted = set(request.POST.getlist("kind"))
    reanalyze(photo, [kind for kind in Kind if kind in wanted] or allowed_kinds(photo))
    return say("The photo is being analysed again. Reload in a few seconds.")


def _trash(request: HttpRequest, photo: Photo) -> str:
    trash_photo(photo)
    return say("The photo is in the trash.")


def _restore(request: HttpRequest, photo: Photo) -> str:
    restore_photo(photo)
    return say("The photo is out of the trash.")


# The last part of the address -> what its form does
ACTS: dict[str, Act] = {
    "verdict": _judge,
    "name": _name,
    "tag": _add_tag,
    "untag": _remove_tag,
    "analyse": _analyse,
    "trash": _trash,
    "restore": _restore,
}
