from typing import Literal

UserLanguageEnum = Literal["en", "zh"]

USER_LANGUAGE_ENUM_VALUES: set[UserLanguageEnum] = {
    "en",
    "zh",
}


def check_user_language_enum(value: str) -> UserLanguageEnum:
    if value in USER_LANGUAGE_ENUM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {USER_LANGUAGE_ENUM_VALUES!r}")
