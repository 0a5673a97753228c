from typing import Literal

FriendStateEnum = Literal["asked", "asks", "friends"]

FRIEND_STATE_ENUM_VALUES: set[FriendStateEnum] = {
    "asked",
    "asks",
    "friends",
}


def check_friend_state_enum(value: str) -> FriendStateEnum:
    if value in FRIEND_STATE_ENUM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {FRIEND_STATE_ENUM_VALUES!r}")
