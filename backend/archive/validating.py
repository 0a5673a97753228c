"""Whether a document of an archive has the shape that its kind has: see schema.json."""

import functools
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker


def check_document(document: Any, kind: str) -> str:
    """What is wrong with it, in one line; "" if nothing is.

    kind: archive, photo, people, album or reactions.
    """
    error = next(_validator(kind).iter_errors(document), None)
    if error is not None:
        where = "/".join(str(step) for step in error.absolute_path)
        return f"{where or 'it'}: {error.message}"[:300]
    return ""


def _is_moment(value: object) -> bool:
    """ISO 8601 with an offset."""
    if not isinstance(value, str):
        return True
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


_formats = FormatChecker(formats=())
_formats.checks("moment")(_is_moment)


@functools.cache
def _validator(kind: str) -> Draft202012Validator:
    schema = json.loads(Path(__file__).with_name("schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(
        {"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]}, format_checker=_formats
    )
