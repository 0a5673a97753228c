from typing import Literal

DecideReviewItemQueue = Literal["moderation", "wechat_photos", "wechat_texts"]

DECIDE_REVIEW_ITEM_QUEUE_VALUES: set[DecideReviewItemQueue] = {
    "moderation",
    "wechat_photos",
    "wechat_texts",
}


def check_decide_review_item_queue(value: str) -> DecideReviewItemQueue:
    if value in DECIDE_REVIEW_ITEM_QUEUE_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {DECIDE_REVIEW_ITEM_QUEUE_VALUES!r}"
    )
