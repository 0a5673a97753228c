"""What members say in albums, and by what others come in: to be looked over and taken back."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from admin.analysis_admin import photo_link
from admin.ownership import OwnedAdmin, Row
from admin.photo_filters import WordsFilter
from admin.words import say, say_value
from backend.albums.models import Comment, Invitation, Link


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
