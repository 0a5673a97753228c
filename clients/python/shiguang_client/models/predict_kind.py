from typing import Literal

PredictKind = Literal["faces", "labels", "moderation", "text"]

PREDICT_KIND_VALUES: set[PredictKind] = {
    "faces",
    "labels",
    "moderation",
    "text",
}


def check_predict_kind(value: str) -> PredictKind:
    if value in PREDICT_KIND_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {PREDICT_KIND_VALUES!r}")
