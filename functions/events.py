"""The messages that start work on a photo, as each engine words them."""

from typing import Any
from urllib.parse import unquote_plus

from functions.contract import photo_id_of_original


def photo_id_of_event(event: dict[str, Any]) -> str | None:
    """The photo that an event is about; None if it is about no original.

    Knows EventBridge's "Object Created", S3's notification record, and our own {"photo_id"}.
    """
    if "photo_id" in event:
        return str(event["photo_id"])
    try:
        if event.get("detail-type") == "Object Created":
            return photo_id_of_original(event["detail"]["object"]["key"])
        # S3 sends keys URL-encoded here.
        return photo_id_of_original(unquote_plus(event["s3"]["object"]["key"]))
    except (KeyError, TypeError, AttributeError):
        return None
