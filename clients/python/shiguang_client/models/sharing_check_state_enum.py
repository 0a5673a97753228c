from typing import Literal

SharingCheckStateEnum = Literal["asked", "failed", "passed", "refused", "review", "waiting"]

SHARING_CHECK_STATE_ENUM_VALUES: set[SharingCheckStateEnum] = {
    "asked",
    "failed",
    "passed",
    "refused",
    "review",
    "waiting",
}


def check_sharing_check_state_enum(value: str) -> SharingCheckStateEnum:
    if value in SHARING_CHECK_STATE_ENUM_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {SHARING_CHECK_STATE_ENUM_VALUES!r}"
    )
