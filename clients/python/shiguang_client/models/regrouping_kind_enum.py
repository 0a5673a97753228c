from typing import Literal

RegroupingKindEnum = Literal["merge", "split"]

REGROUPING_KIND_ENUM_VALUES: set[RegroupingKindEnum] = {
    "merge",
    "split",
}


def check_regrouping_kind_enum(value: str) -> RegroupingKindEnum:
    if value in REGROUPING_KIND_ENUM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {REGROUPING_KIND_ENUM_VALUES!r}")
