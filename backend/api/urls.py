"""Every route of the public API, version 1."""

from django.urls import path

from backend.api import accounts, photos, search

urlpatterns = [
    path("auth/login", accounts.LoginView.as_view(), name="login"),
    path("auth/logout", accounts.LogoutView.as_view(), name="logout"),
    path("me", accounts.MeView.as_view(), name="me"),
    path("users", accounts.UsersView.as_view(), name="users"),
    path("photos", photos.PhotosView.as_view(), name="photos"),
    path("photos/<uuid:photo_id>", photos.PhotoView.as_view(), name="photo"),
    path("photos/<uuid:photo_id>/complete", photos.CompleteView.as_view(), name="photo-complete"),
    path("photos/<uuid:photo_id>/restore", photos.RestoreView.as_view(), name="photo-restore"),
    *(
        path(
            f"photos/<uuid:photo_id>/{name}",
            photos.RenditionView.as_view(),
            {"name": name},
            name="photo-rendition",
        )
        for name in ("thumbnail", "preview", "original")
    ),
    path("photos/<uuid:photo_id>/tags", photos.TagsView.as_view(), name="photo-tags"),
    path(
        "photos/<uuid:photo_id>/labels/<str:name>/verdict",
        photos.LabelVerdictView.as_view(),
        name="photo-label-verdict",
    ),
    path(
        "photos/<uuid:photo_id>/reanalyze", photos.ReanalyzeView.as_view(), name="photo-reanalyze"
    ),
    path("timeline", photos.TimelineView.as_view(), name="timeline"),
    path("search", search.SearchView.as_view(), name="search"),
]
