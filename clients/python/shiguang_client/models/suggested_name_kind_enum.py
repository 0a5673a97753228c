from typing import Literal

SuggestedNameKindEnum = Literal["album", "label", "person", "place", "tag"]

SUGGESTED_NAME_KIND_ENUM_VALUES: set[SuggestedNameKindEnum] = {
    "album",
    "label",
    "person",
    "place",
    "tag",
}


def check_suggested_name_kind_enum(value: str) -> SuggestedNameKindEnum:
    if value in SUGGESTED_NAME_KIND_ENUM_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {SUGGESTED_NAME_KIND_ENUM_VALUES!r}"
    )
