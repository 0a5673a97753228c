"""Albums, what members say in them, and by what others come in: looked over and taken back."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from admin.analysis_admin import photo_link
from admin.ownership import OwnedAdmin, Row
from admin.photo_filters import WordsFilter
from admin.words import say, say_value
from backend.albums.models import Album, Comment, Invitation, Link
from backend.albums.services import update_album


@admin.register(Album)
class AlbumAdmin(OwnedAdmin[Album]):
    """Albums are made and filled where photos are looked at; here they are found and switched."""

    owner = "owner"
    can_change = True
    fields = ("title", "description", "face_analysis", "owner", "photos")
    readonly_fields = ("title", "description", "owner", "photos")
    list_display = ("title", "photos", "face_analysis", "owner", "created_at")
    search_fields = ("title",)
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Album]:
        albums = super().get_queryset(request).select_related("owner")
        return albums.annotate(photo_count=Count("entries"))

    def get_readonly_fields(self, request: HttpRequest, obj: Album | None = None) -> Any:
        # A rule holds whatever fits, so it has no such switch.
        ruled = ("face_analysis",) if obj is not None and obj.rule is not None else ()
        return (*self.readonly_fields, *ruled)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "face_analysis" and isinstance(field, forms.Field):
            field.help_text = say(
                "Off: faces are not looked for in the owner's photos here, and those found are "
                "erased."
            )
        return field

    @admin.display(description=say("Photos"), ordering="photo_count")
    def photos(self, album: Any) -> str:
        return "–" if album.rule is not None else str(album.photo_count)

    def save_model(self, request: HttpRequest, obj: Album, form: Any, change: bool) -> None:
        if "face_analysis" in form.changed_data:
            update_album(obj, {"face_analysis": obj.face_analysis})


class AlbumsAdmin(OwnedAdmin[Row]):
    """Rows of somebody's albums, which can be taken away."""

    owner = "album__owner"
    can_delete = True
    ordering = ("-id",)


@admin.register(Comment)
class CommentAdmin(AlbumsAdmin[Comment]):
    fields = ("author", "text", "album", "of_photo", "created_at")
    list_display = ("text", "author", "album", "of_photo", "created_at")
    list_select_related = ("author", "album", "photo")
    search_fields = ("text", "author__username", "album__title")
    date_hierarchy = "created_at"

    @admin.display(description=say("Photo"))
    def of_photo(self, comment: Comment) -> str:
        return photo_link(comment.photo)


class WayInAdmin(AlbumsAdmin[Row]):
    """The digest of a secret is nobody's business; what is revoked is of no use at once."""

    list_select_related = ("album", "made_by")
    search_fields = ("album__title", "made_by__username")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        if "delete_selected" in actions:
            act, name, _ = actions["delete_selected"]  # type: ignore[misc]
            actions["delete_selected"] = (act, name, str(say("Revoke")))
        return actions


@admin.register(Invitation)
class InvitationAdmin(WayInAdmin[Invitation]):
    fields = ("album", "made_by", "role_text", "uses", "max_uses", "created_at", "expires_at")
    list_display = fields
    list_filter = (("role", WordsFilter),)

    @admin.display(description=say("Role"), ordering="role")
    def role_text(self, invitation: Invitation) -> str:
        return say_value(invitation.role)


@admin.register(Link)
class LinkAdmin(WayInAdmin[Link]):
    fields = (
        *("album", "made_by", "has_password", "views", "max_views"),
        *("allow_download", "show_location", "created_at", "expires_at"),
    )
    list_display = fields

    @admin.display(description=say("Password"), boolean=True)
    def has_password(self, link: Link) -> bool:
        return bool(link.password)
