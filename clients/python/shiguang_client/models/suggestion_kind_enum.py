from typing import Literal

SuggestionKindEnum = Literal["face", "person", "split"]

SUGGESTION_KIND_ENUM_VALUES: set[SuggestionKindEnum] = {
    "face",
    "person",
    "split",
}


def check_suggestion_kind_enum(value: str) -> SuggestionKindEnum:
    if value in SUGGESTION_KIND_ENUM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {SUGGESTION_KIND_ENUM_VALUES!r}")
