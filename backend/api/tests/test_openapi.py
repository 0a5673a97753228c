"""The OpenAPI document says what is so, with examples that fit it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from django.contrib.staticfiles import finders
from django.test import Client
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from backend.api.examples import UNWRITTEN

Document = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> Document:
    # Whoever asks first, the examples are in English.
    made: Document = Client().get("/api/schema/", headers={"Accept-Language": "zh"}).json()
    return made


def operations(document: Document) -> Iterator[tuple[str, Document]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def carried(operation: Document) -> Iterator[tuple[str, Document]]:
    """Each JSON that an operation takes or answers with, but for problems."""
    for name, holder in [("request", operation.get("requestBody", {})), *main_answers(operation)]:
        if "application/json" in holder.get("content", {}):
            yield name, holder["content"]["application/json"]


def main_answers(operation: Document) -> list[tuple[str, Document]]:
    return [item for item in operation["responses"].items() if item[0] < "300"]


def test_the_document_is_what_openapi_3_1_allows(document: Document) -> None:
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_every_request_and_answer_has_an_example_that_fits_its_schema(document: Document) -> None:
    shown = document["components"]["examples"]
    faults, counted = [], 0

    def judge(where: str, schema: Document, value: Any) -> None:
        nonlocal counted
        counted += 1
        whole = {**schema, "components": document["components"]}
        checker = OAS31Validator(whole, format_checker=OAS31Validator.FORMAT_CHECKER)
        for error in checker.iter_errors(value):
            faults.append(f"{where} {error.json_path}: {error.message}")

    for name, operation in operations(document):
        assert main_answers(operation) or "302" in operation["responses"], name
        for what, media in carried(operation):
            where = f"{name} {what}"
            if "example" in media:
                judge(where, media["schema"], media["example"])
            else:
                (reference,) = media["examples"].values()
                judge(where, media["schema"], shown[reference["$ref"].rpartition("/")[2]]["value"])
        for parameter in operation["parameters"]:
            if "example" in parameter:
                judge(f"{name} {parameter['name']}", parameter["schema"], parameter["example"])
    assert shown["TagRequest"]["value"] == {"name": "summer"}
    for name, response in document["components"]["responses"].items():
        media = response["content"]["application/problem+json"]
        judge(name, media["schema"], media["example"])
        assert media["example"]["detail"] < "\u4e00"
        assert media["example"]["status"] == int(name.removeprefix("Problem"))
    assert faults == []
    assert counted > len(document["paths"])


def test_every_list_comes_in_pages(document: Document) -> None:
    """But for what is drawn as a whole: a timeline, and the part of a map that is shown."""
    bare = {
        name
        for name, operation in operations(document)
        for _, answer in carried(operation)
        if answer["schema"].get("type") == "array"
    }
    assert bare == {"GET /api/v1/timeline", "GET /api/v1/map"}


def test_every_word_of_an_example_is_written_in_examples_toml(document: Document) -> None:
    found: set[str] = set()

    def walk(value: Any, where: str) -> None:
        if value == UNWRITTEN:
            found.add(where)
        elif isinstance(value, dict):
            for name, inner in value.items():
                walk(inner, f"{where} {name}")
        elif isinstance(value, list):
            for inner in value:
                walk(inner, where)

    for name, example in document["components"]["examples"].items():
        walk(example["value"], name)
    for name, operation in operations(document):
        for _, media in carried(operation):
            walk(media.get("example"), name)
    assert found == set()


def test_every_operation_says_what_it_does_and_how_it_refuses(document: Document) -> None:
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(names) == len(set(names))
    for name, operation in operations(document):
        assert operation["summary"], name
        assert {"429", "503"} <= operation["responses"].keys(), name
        assert not operation.get("security") or {"401", "403"} <= operation["responses"].keys()


@pytest.mark.parametrize(
    ("query", "accept", "content_type"),
    [
        ("", "*/*", "application/json"),
        ("", "text/html", "application/json"),
        ("?format=json", "application/yaml", "application/json"),
        ("?format=yaml", "*/*", "application/yaml"),
        ("", "application/yaml", "application/yaml"),
    ],
)
def test_the_document_is_served_as_json_or_yaml(
    query: str, accept: str, content_type: str, document: Document
) -> None:
    answer = Client().get(f"/api/schema/{query}", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith(content_type)
    # JSON is YAML, too.
    assert yaml.safe_load(answer.content) == document


def test_the_page_asks_nobody_but_this_server() -> None:
    page = Client().get("/api/docs/")
    assert page.status_code == 200
    policy = dict(part.strip().split(" ", 1) for part in page["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    addresses = re.findall(r'(?:src|href|data-schema)="([^"]*)"', page.content.decode())
    files = {address for address in addresses if address != "/api/schema/"}
    assert files != set(addresses)
    for address in files:
        assert finders.find(address.removeprefix("/static/")), address


@pytest.mark.parametrize("accept", ["application/yaml", "application/json", "text/html"])
def test_the_address_of_the_document_takes_nothing_and_says_so_in_json(accept: str) -> None:
    answer = Client().post("/api/schema/", headers={"Accept": accept})
    assert answer.status_code == 405
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "method_not_allowed"
