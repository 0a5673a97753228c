from typing import Literal

ImportStatusEnum = Literal["awaiting_upload", "failed", "queued", "ready", "running"]

IMPORT_STATUS_ENUM_VALUES: set[ImportStatusEnum] = {
    "awaiting_upload",
    "failed",
    "queued",
    "ready",
    "running",
}


def check_import_status_enum(value: str) -> ImportStatusEnum:
    if value in IMPORT_STATUS_ENUM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {IMPORT_STATUS_ENUM_VALUES!r}")
