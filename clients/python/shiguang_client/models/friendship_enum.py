from typing import Literal

FriendshipEnum = Literal["asked", "asks", "friends", "none"]

FRIENDSHIP_ENUM_VALUES: set[FriendshipEnum] = {
    "asked",
    "asks",
    "friends",
    "none",
}


def check_friendship_enum(value: str) -> FriendshipEnum:
    if value in FRIENDSHIP_ENUM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {FRIENDSHIP_ENUM_VALUES!r}")
