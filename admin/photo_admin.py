"""Photos: finding, looking at, correcting, adding and letting go of them."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ORDER_VAR, SEARCH_VAR, ChangeList
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST

from admin import photo_page, upload_page
from admin.deletion import DeletesPictures
from admin.ownership import OwnedAdmin
from admin.photo_details import with_details
from admin.photo_filters import filters_for
from admin.photo_form import PhotoForm, changes_of
from admin.pictures import state_badge, thumbnail
from admin.templatetags.backoffice import label_words
from admin.words import say, say_value
from backend.analysis.models import Label
from backend.analysis.services import allowed_kinds, judge_moderation, reanalyze, undo_moderation
from backend.api.problems import problem
from backend.core.errors import RefusedError
from backend.people.models import Face
from backend.photos.models import Photo, Tag
from backend.photos.services import (
    delete_photo,
    remove_tag,
    restore_photo,
    trash_photo,
    update_photo,
)
from backend.registry.selectors import active_model
from backend.search.reasons import explain
from backend.search.selectors import match_photos
from backend.search.terms import understand
from functions.contract import Kind

_SHOWN_LABELS = 3


class PhotoList(ChangeList):
    """A page of photos that each know why the search found them."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if self.query:
            photos = list(self.result_list)
            reasons = explain(photos, understand(None, self.query))
            for photo in photos:
                photo.reasons = reasons[photo.id]
            self.result_list = photos


@admin.register(Photo)
class PhotoAdmin(DeletesPictures, OwnedAdmin[Photo]):
    owner = "owner"
    can_add = can_change = can_delete = True
    form = PhotoForm
    fields = ("description", "taken_at", "favorite", "archived", "latitude", "longitude")
    list_display_links = ("picture", "filename")
    search_fields = ("filename",)  # shows the box; see get_search_results
    search_help_text = say("People, things, words on the photo, places, dates; Chinese or English.")
    date_hierarchy = "taken_at"
    ordering = ("-shown_at", "-id")
    actions = (
        *("analyse_again", "let_pass", "block", "undo_decision"),
        *("move_to_trash", "restore", "delete_selected"),
    )
    change_form_template = "backoffice/photo.html"
    change_list_template = "backoffice/photos.html"

    # The list

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        found_by = ("found_by",) if request.GET.get(SEARCH_VAR) else ()
        owner = ("owner",) if request.user.is_superuser else ()
        return (
            *("picture", "filename", "state", *found_by, "people", "label_names"),
            *("taken", "place", "file_size", *owner),
        )

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return filters_for(request.user)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PhotoList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Photo]:
        photos = super().get_queryset(request).select_related("owner")
        if request.GET.get(SEARCH_VAR):
            return with_details(photos)
        labels = Label.objects.filter(analysis__model=active_model(Kind.LABELS))
        faces = Face.objects.filter(model=active_model(Kind.FACES)).select_related("person")
        return photos.prefetch_related(
            "label_verdicts",
            Prefetch("labels", labels),
            Prefetch("faces", faces.defer("embedding")),
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        query = search_term.replace("\x00", "").strip()
        if not query:
            return queryset, False
        found = match_photos(queryset, query)
        if request.GET.get(ORDER_VAR):
            found = found.order_by(*queryset.query.order_by)
        return found, False

    @admin.display(description=say("Photo"))
    def picture(self, photo: Photo) -> SafeString:
        return thumbnail(photo)

    @admin.display(description=say("State"), ordering="status")
    def state(self, photo: Photo) -> SafeString:
        return state_badge(photo)

    @admin.display(description=say("People"))
    def people(self, photo: Photo) -> str:
        faces = list(photo.faces.all())
        names = [face.person.name for face in faces if face.person and face.person.name]
        unnamed = len(faces) - len(names)
        if unnamed:
            names.append(str(say("{count} unnamed", count=unnamed)))
        return joined(names)

    @admin.display(description=say("Labels"))
    def label_names(self, photo: Photo) -> str:
        refused = {verdict.name for verdict in photo.label_verdicts.all() if not verdict.correct}
        labels = [label for label in photo.labels.all() if label.name not in refused]
        return joined(label_words(label)[0] for label in labels[:_SHOWN_LABELS])

    @admin.display(description=say("Taken"), ordering="taken_at")
    def taken(self, photo: Photo) -> str:
        if photo.taken_at is None:
            return joined(())
        return date_format(localtime(photo.taken_at), "DATETIME_FORMAT")

    @admin.display(description=say("Place"), ordering="city")
    def place(self, photo: Photo) -> str:
        return joined((photo.city, photo.country))

    @admin.display(description=say("Size"), ordering="size")
    def file_size(self, photo: Photo) -> str:
        return filesizeformat(photo.size)

    @admin.display(description=say("Found by"))
    def found_by(self, photo: Photo) -> SafeString:
        reasons = {
            (say_value(reason.kind), reason.match) for reason in getattr(photo, "reasons", [])[:4]
        }
        return format_html_join(
            "", '<span class="reason"><b>{}</b> {}</span>', sorted(reasons, key=str)
        )

    # Actions

    @admin.action(description=say("Analyse again"))
    def analyse_again(self, request: HttpRequest, queryset: QuerySet[Photo]) -> None:
        done = 0
        for photo in queryset:
            try:
                reanalyze(photo, allowed_kinds(photo))
            except RefusedError as error:
                self._tell_refusal(request, photo, error)
            else:
                done += 1
        self.message_user(request, say("Photos to be analysed again: {count}.", count=done))

    def has_judge_permission(self, request: HttpRequest) -> bool:
        """As the API: see api.policy.require_judge."""
        return request.user.is_superuser

    @admin.action(description=say("Let pass"), permissions=["judge"])
    def let_pass(self, request: HttpRequest, queryset: QuerySet[Photo]) -> None:
        self._judge(request, queryset, blocked=False)

    @admin.action(description=say("Block"), permissions=["judge"])
    def block(self, request: HttpRequest, queryset: QuerySet[Photo]) -> None:
        self._judge(request, queryset, blocked=True)

    @admin.action(description=say("Undo the decision"), permissions=["judge"])
    def undo_decision(self, request: HttpRequest, queryset: QuerySet[Photo]) -> None:
        photos = list(queryset)
        for photo in photos:
            undo_moderation(photo)
        self.message_user(request, say("Decided: {count}.", count=len(photos)))

    def _judge(self, request: HttpRequest, queryset: QuerySet[Photo], *, blocked: bool) -> None:
        decided = 0
        for photo in queryset:
            try:
                judge_moderation(photo, blocked=blocked, user=photo_page.signed_in(request))
            except RefusedError as error:
                self._tell_refusal(request, photo, error)
            else:
                decided += 1
        self.message_user(request, say("Decided: {count}.", count=decided))

    @admin.action(description=say("Move to the trash"))
    def move_to_trash(self, request: HttpRequest, queryset: QuerySet[Photo]) -> None:
        photos = list(queryset)
        for photo in photos:
            trash_photo(photo)
        self.message_user(request, say("Moved to the trash: {count}.", count=len(photos)))

    @admin.action(description=say("Take out of the trash"))
    def restore(self, request: HttpRequest, queryset: QuerySet[Photo]) -> None:
        photos = list(queryset)
        for photo in photos:
            restore_photo(photo)
        self.message_user(request, say("Taken out of the trash: {count}.", count=len(photos)))

    @admin.action(description=say("Delete for good"), permissions=["delete"])
    def delete_selected(
        self, request: HttpRequest, queryset: QuerySet[Photo]
    ) -> HttpResponse | None:
        return self._delete_selected(request, queryset)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        # Its faces, labels and analyses go with a photo: nobody needs leave for each of them.
        names = [photo.filename for photo in objs]
        return names, {str(self.opts.verbose_name_plural): len(names)}, set(), []

    def erase(self, row: Photo) -> None:
        delete_photo(row)

    # One photo

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        photo = self.get_object(request, object_id)
        context: dict[str, Any] = {"show_save_and_add_another": False}
        if photo is not None:
            context |= {"title": photo.filename, "subtitle": None, **photo_page.context(photo)}
        return super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )

    def save_model(self, request: HttpRequest, obj: Photo, form: Any, change: bool) -> None:
        update_photo(obj, changes_of(form))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return upload_page.render_page(self, request)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("add/ticket/", view(upload_page.issue_ticket), name="photos_photo_ticket"),
            path("add/states/", view(upload_page.tell_states), name="photos_photo_states"),
            path(
                "<uuid:photo_id>/complete/",
                view(upload_page.complete),
                name="photos_photo_complete",
            ),
        ]
        for name, act in photo_page.ACTS.items():
            own.append(
                path(
                    f"<uuid:photo_id>/{name}/",
                    view(self._page_of(act)),
                    name=f"photos_photo_{name}",
                )
            )
        return own + super().get_urls()

    def _page_of(self, act: photo_page.Act) -> Callable[..., HttpResponseBase]:
        """A form of the photo's page: do what it asks, say so, and show the page again."""

        @require_POST
        def page(request: HttpRequest, photo_id: Any) -> HttpResponseRedirect:
            photo = self.get_object(request, str(photo_id))
            if photo is None:
                raise Http404
            try:
                self.message_user(request, act(request, photo))
            except RefusedError as error:
                self._tell_refusal(request, photo, error)
            return redirect(reverse("admin:photos_photo_change", args=[photo.id]))

        return page

    def _tell_refusal(self, request: HttpRequest, photo: Photo, error: RefusedError) -> None:
        sentence = problem(error.code, error.status, values=dict(error.values))["detail"]
        self.message_user(request, f"{photo.filename}: {sentence}", messages.ERROR)


def joined(parts: Iterable[str]) -> str:
    """The parts that say something; a sign for none of them, which narrow screens leave out."""
    nothing = SafeString('<span class="nothing">–</span>')
    return ", ".join(part for part in parts if part) or nothing


@admin.register(Tag)
class TagAdmin(OwnedAdmin[Tag]):
    """Words that people wrote on photos; they are written on the photo's page."""

    owner = "photo__owner"
    can_delete = True
    list_display = ("name", "photo", "created_at")
    list_select_related = ("photo",)
    search_fields = ("name",)

    def delete_model(self, request: HttpRequest, obj: Tag) -> None:
        remove_tag(obj.photo, obj.name)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Tag]) -> None:
        for tag in queryset:
            self.delete_model(request, tag)
