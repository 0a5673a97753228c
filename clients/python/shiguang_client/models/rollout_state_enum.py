from typing import Literal

RolloutStateEnum = Literal["active", "candidate", "retired", "shadow"]

ROLLOUT_STATE_ENUM_VALUES: set[RolloutStateEnum] = {
    "active",
    "candidate",
    "retired",
    "shadow",
}


def check_rollout_state_enum(value: str) -> RolloutStateEnum:
    if value in ROLLOUT_STATE_ENUM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {ROLLOUT_STATE_ENUM_VALUES!r}")
