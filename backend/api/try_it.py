"""The page on which the API is described and tried."""

from django.http import HttpRequest
from django.template.response import TemplateResponse

from backend.api.problems import read_only

# Only what this server itself serves; the pictures are Swagger UI's own, inside its style sheet.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@read_only
def serve_page(request: HttpRequest) -> TemplateResponse:
    """The page, which asks for the OpenAPI document itself."""
    headers = {"Content-Security-Policy": _POLICY}
    return TemplateResponse(request, "api/try_it.html", headers=headers)
