from typing import Literal

EventKindEnum = Literal[
    "analysis.done",
    "analysis.failed",
    "photo.deleted",
    "photo.failed",
    "photo.processing",
    "photo.ready",
]

EVENT_KIND_ENUM_VALUES: set[EventKindEnum] = {
    "analysis.done",
    "analysis.failed",
    "photo.deleted",
    "photo.failed",
    "photo.processing",
    "photo.ready",
}


def check_event_kind_enum(value: str) -> EventKindEnum:
    if value in EVENT_KIND_ENUM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {EVENT_KIND_ENUM_VALUES!r}")
