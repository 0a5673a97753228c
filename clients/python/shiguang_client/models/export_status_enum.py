from typing import Literal

ExportStatusEnum = Literal["failed", "queued", "ready", "running"]

EXPORT_STATUS_ENUM_VALUES: set[ExportStatusEnum] = {
    "failed",
    "queued",
    "ready",
    "running",
}


def check_export_status_enum(value: str) -> ExportStatusEnum:
    if value in EXPORT_STATUS_ENUM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {EXPORT_STATUS_ENUM_VALUES!r}")
