from typing import Literal

EventKindEnum = Literal[
    "album.activity",
    "album.shared",
    "album.unshared",
    "analysis.done",
    "analysis.failed",
    "friend.accepted",
    "friend.asked",
    "photo.deleted",
    "photo.failed",
    "photo.processing",
    "photo.ready",
]

EVENT_KIND_ENUM_VALUES: set[EventKindEnum] = {
    "album.activity",
    "album.shared",
    "album.unshared",
    "analysis.done",
    "analysis.failed",
    "friend.accepted",
    "friend.asked",
    "photo.deleted",
    "photo.failed",
    "photo.processing",
    "photo.ready",
}


def check_event_kind_enum(value: str) -> EventKindEnum:
    if value in EVENT_KIND_ENUM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {EVENT_KIND_ENUM_VALUES!r}")
