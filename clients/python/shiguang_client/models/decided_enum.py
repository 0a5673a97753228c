from typing import Literal

DecidedEnum = Literal["block", "pass"]

DECIDED_ENUM_VALUES: set[DecidedEnum] = {
    "block",
    "pass",
}


def check_decided_enum(value: str) -> DecidedEnum:
    if value in DECIDED_ENUM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {DECIDED_ENUM_VALUES!r}")
