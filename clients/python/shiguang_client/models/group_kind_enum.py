from typing import Literal

GroupKindEnum = Literal["burst", "duplicate"]

GROUP_KIND_ENUM_VALUES: set[GroupKindEnum] = {
    "burst",
    "duplicate",
}


def check_group_kind_enum(value: str) -> GroupKindEnum:
    if value in GROUP_KIND_ENUM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {GROUP_KIND_ENUM_VALUES!r}")
