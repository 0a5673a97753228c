"""People and their faces."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, F, OuterRef, Prefetch, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from admin import person_page
from admin.ownership import OwnedAdmin
from admin.photo_filters import OwnerFilter
from admin.pictures import face_crop
from admin.words import say
from backend.api.policy import visible_to
from backend.api.problems import problem
from backend.core.errors import RefusedError
from backend.people.models import Face, Person
from backend.people.selectors import waiting_faces
from backend.people.services import hide_person, move_face, name_person
from backend.registry.selectors import active_model
from functions.contract import Kind

_MOST_MERGED = 20
_WAITING_SHOWN = 24

if TYPE_CHECKING:
    _FaceModelForm = forms.ModelForm[Face]
    _PersonChoiceField = forms.ModelChoiceField[Person]
else:
    _FaceModelForm = forms.ModelForm
    _PersonChoiceField = forms.ModelChoiceField


@admin.register(Person)
class PersonAdmin(OwnedAdmin[Person]):
    """People are found, not added; a name makes them findable."""

    owner = "owner"
    can_change = True
    fields = ("name", "hidden")
    list_display = ("face", "name", "photos", "owner", "hidden")
    list_display_links = ("face",)
    list_editable = ("name", "hidden")
    search_fields = ("name",)
    actions = ("merge",)
    change_list_template = "backoffice/people.html"
    change_form_template = "backoffice/person.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        # Somebody who looks for one person does not ask for all the others.
        waiting = visible_to(
            request.user, waiting_faces(model=active_model(Kind.FACES)), owner="owner"
        )
        shown = [] if request.GET else waiting.order_by("-id")[:_WAITING_SHOWN]
        return super().changelist_view(request, {"waiting": shown, **(extra_context or {})})

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        hidden = () if request.user.is_superuser else ("owner",)
        return tuple(name for name in self.list_display if name not in hidden)

    def get_ordering(self, request: HttpRequest) -> Any:
        return ("-face_count", "id")

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        owner: list[Any] = [("owner", OwnerFilter)] if request.user.is_superuser else []
        return ["hidden", ("name", admin.EmptyFieldListFilter), *owner]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        model = active_model(Kind.FACES)
        people = super().get_queryset(request).select_related("owner")
        shown = Face.objects.filter(
            person=OuterRef("pk"), model=model, photo__trashed_at__isnull=True
        )
        # Counted for the rows of a page only: an aggregate would count everybody's.
        count = shown.order_by().values("person").values(count=Count("photo", distinct=True))
        return people.annotate(photo_count=Coalesce(Subquery(count), 0)).prefetch_related(
            Prefetch("faces", _best_faces(model), to_attr="cover_faces")
        )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "name" and field is not None:
            field.widget.attrs["placeholder"] = say("Who is this?")
        return field

    @admin.display(description=say("Face"))
    def face(self, person: Any) -> SafeString:
        if not person.cover_faces:
            return SafeString('<span class="face-crop thumb-empty">?</span>')
        face = person.cover_faces[0]
        face.person = person
        return face_crop(face)

    @admin.display(description=say("Photos"), ordering="face_count")
    def photos(self, person: Any) -> SafeString:
        address = reverse("admin:photos_photo_changelist")
        return format_html('<a href="{}?person={}">{}</a>', address, person.id, person.photo_count)

    def save_model(self, request: HttpRequest, obj: Person, form: Any, change: bool) -> None:
        if "hidden" in form.changed_data:
            hide_person(obj, hidden=obj.hidden)
        if "name" in form.changed_data:
            name_person(obj, obj.name)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        person = self.get_object(request, object_id)
        context: dict[str, Any] = {}
        if person is not None:
            name = person.name or say("Unnamed {id}", id=str(person.id)[-6:])
            context = {"title": name, "subtitle": None, **person_page.context(person)}
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    @admin.action(description=say("They are one person"))
    def merge(self, request: HttpRequest, queryset: QuerySet[Person]) -> None:
        people = list(queryset[: _MOST_MERGED + 1])
        if len({person.owner_id for person in people}) > 1 or not 1 < len(people) <= _MOST_MERGED:
            message = say("Choose 2 to {most} people of one owner.", most=_MOST_MERGED)
            self.message_user(request, message, messages.ERROR)
            return
        try:
            with transaction.atomic():
                kept = person_page.merge_all(request, people)
        except RefusedError as error:
            self._tell_refusal(request, error)
        else:
            text = say("{name}: merged. On their page it can be undone.", name=str(kept))
            self.message_user(request, text)

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"<uuid:person_id>/{name}/",
                self.admin_site.admin_view(self._page_of(act)),
                name=f"people_person_{name}",
            )
            for name, act in person_page.ACTS.items()
        ]
        return own + super().get_urls()

    def _page_of(self, act: person_page.Act) -> Callable[..., HttpResponseBase]:
        """A form of the person's page: do what it asks, say so, and show the page again."""

        @require_POST
        def page(request: HttpRequest, person_id: UUID) -> HttpResponseRedirect:
            person = self.get_object(request, str(person_id))
            if person is None:
                raise Http404
            try:
                self.message_user(request, act(request, person))
            except RefusedError as error:
                self._tell_refusal(request, error)
            if not Person.objects.filter(id=person.id).exists():
                return redirect(reverse("admin:people_person_changelist"))
            return redirect(reverse("admin:people_person_change", args=[person.id]))

        return page

    def _tell_refusal(self, request: HttpRequest, error: RefusedError) -> None:
        sentence = problem(error.code, error.status, values=dict(error.values))["detail"]
        self.message_user(request, sentence, messages.ERROR)


def _best_faces(model: str) -> QuerySet[Face]:
    """The best face of each person, with its photo."""
    place = Window(
        RowNumber(), partition_by=F("person"), order_by=[F("quality").desc(), F("id").asc()]
    )
    faces = Face.objects.filter(model=model).annotate(place=place).filter(place=1)
    return faces.select_related("photo").defer("embedding")


class _PersonField(_PersonChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return obj.name or str(say("Unnamed {id}", id=str(obj.id)[-6:]))


class FaceForm(_FaceModelForm):
    """Whose face it is; the people of the photo's owner are on offer."""

    class Meta:
        model = Face
        fields = ("person",)
        field_classes = {"person": _PersonField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "person" in self.fields:
            people = Person.objects.filter(owner=self.instance.photo.owner_id).order_by(
                "name", "id"
            )
            self.fields["person"].queryset = people  # type: ignore[attr-defined]

    def clean_person(self) -> Person | None:
        person: Person | None = self.cleaned_data["person"]
        others = Face.objects.filter(photo=self.instance.photo_id, model=self.instance.model)
        if (
            person is not None
            and others.exclude(id=self.instance.id).filter(person=person).exists()
        ):
            raise forms.ValidationError(say("Another face in this photo is already this person."))
        return person


@admin.register(Face)
class FaceAdmin(OwnedAdmin[Face]):
    owner = "photo__owner"
    can_change = True
    form = FaceForm
    fields = ("crop", "photo_link", "person", "standing", "quality_text", "score_text", "model")
    readonly_fields = ("crop", "photo_link", "standing", "quality_text", "score_text", "model")
    list_display = (
        "crop",
        "person_name",
        "photo_link",
        "quality_text",
        "score_text",
        "standing",
        "model",
    )
    list_display_links = ("crop",)
    list_filter = ("confirmed", ("person", admin.EmptyFieldListFilter), "model")
    search_fields = ("person__name", "photo__filename")
    ordering = ("-id",)
    actions = ("confirm",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Face]:
        return super().get_queryset(request).select_related("photo", "person").defer("embedding")

    @admin.display(description=say("Face"))
    def crop(self, face: Face) -> SafeString:
        return face_crop(face)

    @admin.display(description=say("Person"), ordering="person__name")
    def person_name(self, face: Face) -> str:
        if face.person is None:
            return "–"
        return face.person.name or str(say("Unnamed"))

    @admin.display(description=say("Photo"), ordering="photo__filename")
    def photo_link(self, face: Face) -> SafeString:
        address = reverse("admin:photos_photo_change", args=[face.photo_id])
        return format_html('<a href="{}">{}</a>', address, face.photo)

    @admin.display(description=say("Quality"), ordering="quality")
    def quality_text(self, face: Face) -> str:
        return f"{face.quality:.2f}"

    @admin.display(description=say("Score"), ordering="score")
    def score_text(self, face: Face) -> str:
        return f"{face.score:.2f}"

    @admin.display(description=say("State"), ordering="confirmed")
    def standing(self, face: Face) -> SafeString | str:
        if face.person is None:
            return "–"
        if face.confirmed:
            return format_html('<span class="badge badge-ready">{}</span>', say("confirmed"))
        return format_html('<span class="badge">{}</span>', say("suggested"))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        face = self.get_object(request, object_id)
        context = (
            {"title": say("Face in {photo}", photo=face.photo), "subtitle": None} if face else {}
        )
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    @admin.action(description=say("Confirm who it is"))
    def confirm(self, request: HttpRequest, queryset: QuerySet[Face]) -> None:
        count = queryset.filter(person__isnull=False).update(confirmed=True)
        self.message_user(request, say("Faces confirmed: {count}.", count=count))

    def save_model(self, request: HttpRequest, obj: Face, form: Any, change: bool) -> None:
        move_face(obj, obj.person)
