from typing import Literal

ActionEnum = Literal[
    "archive",
    "delete",
    "favorite",
    "reanalyze",
    "restore",
    "tag",
    "trash",
    "unarchive",
    "unfavorite",
    "untag",
]

ACTION_ENUM_VALUES: set[ActionEnum] = {
    "archive",
    "delete",
    "favorite",
    "reanalyze",
    "restore",
    "tag",
    "trash",
    "unarchive",
    "unfavorite",
    "untag",
}


def check_action_enum(value: str) -> ActionEnum:
    if value in ACTION_ENUM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {ACTION_ENUM_VALUES!r}")
