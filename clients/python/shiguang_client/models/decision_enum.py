from typing import Literal

DecisionEnum = Literal["block", "pass", "undo"]

DECISION_ENUM_VALUES: set[DecisionEnum] = {
    "block",
    "pass",
    "undo",
}


def check_decision_enum(value: str) -> DecisionEnum:
    if value in DECISION_ENUM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {DECISION_ENUM_VALUES!r}")
