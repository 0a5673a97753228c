from typing import Literal

ActivityKindEnum = Literal["commented", "joined", "left", "liked", "photos_added"]

ACTIVITY_KIND_ENUM_VALUES: set[ActivityKindEnum] = {
    "commented",
    "joined",
    "left",
    "liked",
    "photos_added",
}


def check_activity_kind_enum(value: str) -> ActivityKindEnum:
    if value in ACTIVITY_KIND_ENUM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {ACTIVITY_KIND_ENUM_VALUES!r}")
