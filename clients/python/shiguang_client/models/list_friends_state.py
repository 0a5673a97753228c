from typing import Literal

ListFriendsState = Literal["asked", "asks", "friends"]

LIST_FRIENDS_STATE_VALUES: set[ListFriendsState] = {
    "asked",
    "asks",
    "friends",
}


def check_list_friends_state(value: str) -> ListFriendsState:
    if value in LIST_FRIENDS_STATE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {LIST_FRIENDS_STATE_VALUES!r}")
