"""Examples of everything that is sent and answered, made of examples.toml and the schemas."""

import functools
import tomllib
from pathlib import Path
from typing import Any

from backend.api.problems import problem

Document = dict[str, Any]

# What stands where nobody has written an example; a test finds it.
UNWRITTEN = "…"
_FORMATS = {
    "date-time": "2026-05-01T16:30:00Z",
    "date": "2026-05-01",
    "uuid": "01970f5e-8b1c-7d3a-9f42-6c0a5b8e2d17",
    "uri": "https://example.com/",
    "binary": "",
}
# One refusal of each status.
_CODES = {
    400: "invalid",
    401: "not_signed_in",
    403: "forbidden",
    404: "not_found",
    406: "not_acceptable",
    409: "in_progress",
    410: "link_used_up",
    412: "changed_meanwhile",
    413: "too_large",
    415: "unsupported_media_type",
    416: "bad_range",
    422: "idempotency_key_reused",
    429: "too_many_requests",
    503: "unavailable",
    504: "functions_late",
}
_VALUES: dict[str, object] = {"wait": 30, "limit": 1024**2}
_FIELD = {"field": "name", "code": "required", "detail": "This field is required."}


def add_examples(document: Document) -> None:
    """Each request, each answer and each written parameter of the document has an example."""
    writer = _Writer(document["components"])
    for path in document["paths"].values():
        for operation in path.values():
            writer.show(operation.get("requestBody", {}), operation["operationId"])
            for response in operation["responses"].values():
                writer.show(response, operation["operationId"])
            for parameter in operation["parameters"]:
                if parameter.get("name") in _written()["parameters"]:
                    parameter["example"] = _written()["parameters"][parameter["name"]]
    for name, response in document["components"]["responses"].items():
        _show_problem(response, status=int(name.removeprefix("Problem")))
    document["components"]["examples"] = dict(sorted(writer.shown.items()))


def _show_problem(response: Document, *, status: int) -> None:
    errors = [_FIELD] if status == 400 else None
    value = problem(_CODES[status], status, values=_VALUES, errors=errors)
    response["content"]["application/problem+json"]["example"] = value


@functools.cache
def _written() -> dict[str, dict[str, Any]]:
    return tomllib.loads(Path(__file__).with_name("examples.toml").read_text(encoding="utf-8"))


class _Writer:
    """Makes examples; those of components are shown once and referred to."""

    def __init__(self, components: Document) -> None:
        self._schemas: Document = components["schemas"]
        self.shown: Document = {}

    def show(self, holder: Document, name: str) -> None:
        """What the holder (a request or a response) carries as JSON has an example."""
        media = holder.get("content", {}).get("application/json")
        if media is None:
            return
        reference = media["schema"].get("$ref")
        if reference is None:
            media["example"] = self.example_of(media["schema"])
            return
        component = reference.rpartition("/")[2]
        self.shown.setdefault(component, {"value": self.example_of(media["schema"])})
        media["examples"] = {component: {"$ref": f"#/components/examples/{component}"}}

    def example_of(self, schema: Document, component: str = "") -> Any:
        for several in ("allOf", "oneOf", "anyOf"):
            schema = schema.get(several, [schema])[0]
        if "$ref" in schema:
            component = schema["$ref"].rpartition("/")[2]
            return self.example_of(self._schemas[component], component)
        if "enum" in schema:
            return schema["enum"][0]
        kinds = schema.get("type", "string")
        kind = kinds if isinstance(kinds, str) else kinds[0]
        if kind == "object":
            return self._object(schema, component)
        if kind == "array":
            return [self.example_of(schema.get("items", {}))] * max(1, schema.get("minItems", 1))
        return _example_of_simple(kind, schema)

    def _object(self, schema: Document, component: str) -> Document:
        """Of a request what must be there, and what is written; of an answer everything."""
        own, general = _written().get(component, {}), _written()["any"]
        required = schema.get("required", []) if component.endswith("Request") else None
        example: Document = {}
        for name, inner in schema.get("properties", {}).items():
            if name in own:
                example[name] = own[name]
            elif name in own.get("absent", []):
                continue
            elif name in own.get("null", []) or (name in general["null"] and _may_be_null(inner)):
                example[name] = None
            elif required is None or name in required:
                example[name] = self._general(name, inner)
        if example or component in _written():
            return example
        return {UNWRITTEN: UNWRITTEN}

    def _general(self, name: str, schema: Document) -> Any:
        """What the name says everywhere, unless the schema says that it is an object."""
        made = self.example_of(schema)
        return made if isinstance(made, dict) else _written()["any"].get(name, made)


def _may_be_null(schema: Document) -> bool:
    return "null" in schema.get("type", [])


def _example_of_simple(kind: str, schema: Document) -> Any:
    numbers = {"integer": max(1, schema.get("minimum", 1)), "number": 0.93, "boolean": False}
    return numbers.get(kind, _FORMATS.get(schema.get("format", ""), UNWRITTEN))
