from typing import Literal

NewUserLanguageEnum = Literal["en", "zh"]

NEW_USER_LANGUAGE_ENUM_VALUES: set[NewUserLanguageEnum] = {
    "en",
    "zh",
}


def check_new_user_language_enum(value: str) -> NewUserLanguageEnum:
    if value in NEW_USER_LANGUAGE_ENUM_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {NEW_USER_LANGUAGE_ENUM_VALUES!r}"
    )
