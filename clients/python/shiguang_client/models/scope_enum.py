from typing import Literal

ScopeEnum = Literal[
    "admin",
    "albums:read",
    "albums:write",
    "people:read",
    "people:write",
    "photos:read",
    "photos:write",
    "predict",
]

SCOPE_ENUM_VALUES: set[ScopeEnum] = {
    "admin",
    "albums:read",
    "albums:write",
    "people:read",
    "people:write",
    "photos:read",
    "photos:write",
    "predict",
}


def check_scope_enum(value: str) -> ScopeEnum:
    if value in SCOPE_ENUM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {SCOPE_ENUM_VALUES!r}")
