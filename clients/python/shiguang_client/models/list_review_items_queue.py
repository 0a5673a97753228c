from typing import Literal

ListReviewItemsQueue = Literal["moderation", "wechat_photos", "wechat_texts"]

LIST_REVIEW_ITEMS_QUEUE_VALUES: set[ListReviewItemsQueue] = {
    "moderation",
    "wechat_photos",
    "wechat_texts",
}


def check_list_review_items_queue(value: str) -> ListReviewItemsQueue:
    if value in LIST_REVIEW_ITEMS_QUEUE_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_REVIEW_ITEMS_QUEUE_VALUES!r}"
    )
