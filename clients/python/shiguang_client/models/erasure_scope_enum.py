from typing import Literal

ErasureScopeEnum = Literal["everything", "person", "photos"]

ERASURE_SCOPE_ENUM_VALUES: set[ErasureScopeEnum] = {
    "everything",
    "person",
    "photos",
}


def check_erasure_scope_enum(value: str) -> ErasureScopeEnum:
    if value in ERASURE_SCOPE_ENUM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {ERASURE_SCOPE_ENUM_VALUES!r}")
