from typing import Literal

MemoryKindEnum = Literal["on_this_day", "person", "trip"]

MEMORY_KIND_ENUM_VALUES: set[MemoryKindEnum] = {
    "on_this_day",
    "person",
    "trip",
}


def check_memory_kind_enum(value: str) -> MemoryKindEnum:
    if value in MEMORY_KIND_ENUM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {MEMORY_KIND_ENUM_VALUES!r}")
