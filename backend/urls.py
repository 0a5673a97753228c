"""Every address of the web server."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from backend.api import exports, health, internal, metrics, objects, openapi, try_it, wechat

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics.MetricsView.as_view(), name="metrics"),
    path("api/v1/", include("backend.api.urls")),
    path("api/schema/", openapi.serve_schema, name="schema"),
    path("api/docs/", try_it.serve_page, name="try-it"),
    path("objects/<str:grant>", objects.serve_object, name="object"),
    path("exports/<str:grant>", exports.serve_export, name="export-file"),
    path("internal/claims", internal.ClaimsView.as_view(), name="claims"),
    path("internal/results", internal.ResultsView.as_view(), name="results"),
    path("internal/storage-events", internal.StorageEventsView.as_view(), name="storage-events"),
    path("internal/wechat", wechat.MessagesView.as_view(), name="wechat-messages"),
    path("admin/", admin.site.urls),
]
handler400 = "backend.api.problems.bad_request"
handler404 = "backend.api.problems.not_found"
handler500 = "backend.api.problems.server_error"
