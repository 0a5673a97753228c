"""The OpenAPI document: what every operation shares, and the address that serves it."""

import functools
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer2, OpenApiYamlRenderer2

from backend.api.examples import add_examples
from backend.api.problems import read_only
from backend.api.schema import MEANINGS

Document = dict[str, Any]

# One view at several addresses gets its names from drf-spectacular; these read better.
_NAMES = {
    "merges_undo_create": "undo_merge",
    "splits_undo_create": "undo_split",
    "photos_thumbnail_retrieve": "get_thumbnail",
    "photos_preview_retrieve": "get_preview",
    "photos_original_retrieve": "get_original",
}
# Where @extend_schema names the component that a DELETE takes as its body.
TAKES = "x-takes"
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same call with the same key answers as it did, and does nothing again. "
    "Addresses of pictures in that answer may have ended: read what it names anew for others.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


def complete_document(result: Document, **_: Any) -> Document:
    """drf-spectacular's hook: each operation tells of every status it can answer, by example."""
    responses = result["components"].setdefault("responses", {})
    responses.update({f"Problem{status}": _problem(status) for status in MEANINGS})
    parameters = result["components"].setdefault("parameters", {})
    parameters["IdempotencyKey"] = _IDEMPOTENCY_KEY
    for path in result["paths"].values():
        for method, operation in path.items():
            _complete_operation(operation, method=method)
    add_examples(result)
    return result


def _problem(status: int) -> Document:
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {"application/problem+json": {"schema": schema}}
    return {"description": MEANINGS[status], "content": content}


def _complete_operation(operation: Document, *, method: str) -> None:
    operation["operationId"] = _NAMES.get(operation["operationId"], operation["operationId"])
    takes = operation.pop(TAKES, None)
    if takes is not None:
        schema = {"$ref": f"#/components/schemas/{takes}"}
        body = {"content": {"application/json": {"schema": schema}}, "required": True}
        operation["requestBody"] = body
    # A docstring's first line stands in lists; what follows tells more.
    operation["summary"], _, more = operation.pop("description", "").partition("\n")
    if more.strip():
        operation["description"] = more.strip()
    statuses = {406, 429, 503}
    parameters = operation.setdefault("parameters", [])
    if parameters:
        statuses.add(400)
    for parameter in parameters:
        if parameter["schema"].get("type") == "integer":
            parameter["schema"].setdefault("minimum", 0)
    if any(parameter["in"] == "path" for parameter in parameters):
        statuses.add(404)
    if "requestBody" in operation:
        statuses |= {400, 413, 415}
    if operation.get("security"):
        statuses |= {401, 403}
        if method == "post":
            parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
            statuses |= {400, 409, 422}
    for status in statuses | {int(each) for each in operation["responses"]}:
        if status in MEANINGS and "application/json" not in _media_types(operation, status):
            operation["responses"][str(status)] = {
                "$ref": f"#/components/responses/Problem{status}"
            }


def _media_types(operation: Document, status: int) -> Document:
    content: Document = operation["responses"].get(str(status), {}).get("content", {})
    return content


@functools.cache
def make_document() -> Document:
    """The whole document."""
    # Made once a process: it takes half a second, and its text as long again.
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    # Not in the language of whoever asks first.
    with translation.override("en"):
        document: Document = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return document


@functools.cache
def _text(renderer: type[OpenApiJsonRenderer2] | type[OpenApiYamlRenderer2]) -> bytes:
    text: bytes = renderer().render(make_document(), renderer_context={})
    return text


@read_only
def serve_schema(request: HttpRequest) -> HttpResponse:
    """The document as JSON; as YAML where `?format=yaml` or the Accept header asks for that."""
    wanted = request.GET.get("format") or request.headers.get("Accept", "")
    renderer = OpenApiYamlRenderer2 if "yaml" in wanted else OpenApiJsonRenderer2
    return HttpResponse(_text(renderer), content_type=renderer.media_type)
