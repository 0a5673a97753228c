"""Which photo an event is about."""

import json
from pathlib import Path
from typing import Any

import pytest

from functions.events import photo_id_of_event

EVENTS = Path(__file__).parent / "events"


def test_a_real_eventbridge_event_names_its_photo() -> None:
    event = json.loads((EVENTS / "s3_object_created_eventbridge.json").read_text())
    assert photo_id_of_event(event) == "01a1f770-870f-704a-abb5-c258cd85fc48"


def test_a_real_s3_notification_record_names_its_photo() -> None:
    event = json.loads((EVENTS / "s3_object_created_notification.json").read_text())
    assert photo_id_of_event(event["Records"][0]) == "01a1f770-870f-704a-abb5-c258cd85fc48"


def test_our_own_message_names_its_photo() -> None:
    photo_id = "01a1f770-870f-704a-abb5-c258cd85fc48"
    assert photo_id_of_event({"photo_id": photo_id}) == photo_id


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"photo_id": "p"},
        {"detail-type": "Object Created"},
        {"detail-type": "Object Created", "detail": {"object": {"key": "originals/notes.txt"}}},
        {"detail-type": "Object Created", "detail": {"object": {"key": "renditions/p/x.jpg"}}},
        {"detail-type": "Object Deleted", "detail": {"object": {"key": "originals/p"}}},
        {"s3": None},
        {"s3": {"object": {"key": 5}}},
    ],
)
def test_other_events_are_about_no_photo(event: dict[str, Any]) -> None:
    assert photo_id_of_event(event) is None
