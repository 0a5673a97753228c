from typing import Literal

BatchStateEnum = Literal["cancelled", "done", "running", "stopped_by_budget"]

BATCH_STATE_ENUM_VALUES: set[BatchStateEnum] = {
    "cancelled",
    "done",
    "running",
    "stopped_by_budget",
}


def check_batch_state_enum(value: str) -> BatchStateEnum:
    if value in BATCH_STATE_ENUM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {BATCH_STATE_ENUM_VALUES!r}")
