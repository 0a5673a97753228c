from typing import Literal

PredictionKindEnum = Literal["faces", "labels", "moderation", "text"]

PREDICTION_KIND_ENUM_VALUES: set[PredictionKindEnum] = {
    "faces",
    "labels",
    "moderation",
    "text",
}


def check_prediction_kind_enum(value: str) -> PredictionKindEnum:
    if value in PREDICTION_KIND_ENUM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {PREDICTION_KIND_ENUM_VALUES!r}")
