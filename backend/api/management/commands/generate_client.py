"""`make client`: the Python client, written anew from the API's own OpenAPI document.

Needs requirements-dev.txt.
"""

import copy
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from backend.api.openapi import make_document

Document = dict[str, Any]

HERE = Path(settings.BASE_DIR) / "clients" / "python"
CLIENT = HERE / "shiguang_client"


class Command(BaseCommand):
    help = "Write clients/python/shiguang_client anew."

    def handle(self, *_: Any, **__: Any) -> None:
        generate(CLIENT)


def generate(target: Path) -> None:
    """The folder holds the client of this very API, and nothing else. Safe to repeat.

    Raises subprocess.CalledProcessError for a document that the generator does not understand.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "openapi.json"
        path.write_text(json.dumps(_for_clients(make_document()), default=str))
        programs = Path(sys.executable).parent
        subprocess.run(
            [
                *(programs / "openapi-python-client", "generate", "--meta", "none", "--overwrite"),
                *("--fail-on-warning", "--path", path, "--output-path", target),
                *("--config", HERE / "generator.yaml"),
            ],
            env=os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
            check=True,
            stdout=subprocess.DEVNULL,
        )


def _for_clients(document: Document) -> Document:
    """The same, with all refusals as one, and without what the client never sends."""
    document = copy.deepcopy(document)
    refusal = {"$ref": "#/components/responses/Problem400"}
    for path in document["paths"].values():
        for operation in path.values():
            answers = {
                status: answer
                for status, answer in operation["responses"].items()
                if "$ref" not in answer and status != "304"
            }
            for answer in answers.values():
                content = answer.get("content", {})
                if content and "application/json" not in content:
                    # Pictures and archives are bytes, whichever kind was asked for.
                    answer["content"] = {"application/octet-stream": next(iter(content.values()))}
            operation["responses"] = answers | {"4XX": refusal, "5XX": refusal}
    return document
