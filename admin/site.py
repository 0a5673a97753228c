"""The site as a whole: its first page, the order of its sections, its language."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.views.i18n import set_language

from admin.words import say
from backend.accounts.throttle import client_address, count_login
from backend.analysis.models import Analysis
from backend.analysis.moderating import TO_MODERATE
from backend.api.policy import visible_to
from backend.api.problems import problem
from backend.core.errors import RefusedError
from backend.people.models import Person
from backend.photos.models import Photo

_SECTIONS = ("photos", "people", "albums", "analysis", "wechat", "accounts", "leaving")
_RECENT = 12


class SignInForm(AdminAuthenticationForm):
    """Guessing is as slow here as at the API."""

    def clean(self) -> dict[str, Any]:
        username = str(self.cleaned_data.get("username", ""))
        try:
            count_login(address=client_address(cast(HttpRequest, self.request)), username=username)
        except RefusedError as error:
            told = problem(error.code, error.status, values=error.values)
            raise ValidationError(told["detail"], code=error.code) from error
        return dict(super().clean())


class BackofficeSite(admin.AdminSite):
    login_form = SignInForm
    site_header = "Shiguang 拾光"
    site_title = "Shiguang 拾光"
    index_title = say("Overview")
    index_template = "backoffice/index.html"
    site_url = None  # "/" leads here
    enable_nav_sidebar = False  # the sections fit in the header

    def get_urls(self) -> list[URLResolver | URLPattern]:
        # Before sign-in too: somebody who cannot read the page cannot sign in.
        return [path("language/", set_language, name="language"), *super().get_urls()]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        sections = super().get_app_list(request, app_label)
        order = {label: place for place, label in enumerate(_SECTIONS)}
        return sorted(sections, key=lambda section: order.get(section["app_label"], len(order)))

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        photos = visible_to(request.user, Photo.objects.all(), owner="owner")
        library = photos.filter(trashed_at__isnull=True)
        counts = library.aggregate(
            all=Count("id"),
            processing=Count("id", filter=Q(status=Photo.Status.PROCESSING)),
            review=Count("id", filter=TO_MODERATE),
        )
        people = visible_to(request.user, Person.objects.all(), owner="owner")
        analyses = visible_to(request.user, Analysis.objects.all(), owner="photo__owner")
        return super().index(
            request,
            {
                "recent": library.exclude(status=Photo.Status.AWAITING_UPLOAD).order_by(
                    "-created_at"
                )[:_RECENT],
                "counts": counts,
                "people_count": people.count(),
                "failed_count": analyses.filter(state=Analysis.State.FAILED, shadow=False).count(),
                **(extra_context or {}),
            },
        )
