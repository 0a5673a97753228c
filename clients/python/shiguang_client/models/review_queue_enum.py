from typing import Literal

ReviewQueueEnum = Literal["moderation", "wechat_photos", "wechat_texts"]

REVIEW_QUEUE_ENUM_VALUES: set[ReviewQueueEnum] = {
    "moderation",
    "wechat_photos",
    "wechat_texts",
}


def check_review_queue_enum(value: str) -> ReviewQueueEnum:
    if value in REVIEW_QUEUE_ENUM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {REVIEW_QUEUE_ENUM_VALUES!r}")
