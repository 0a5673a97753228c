from typing import Literal

ListPhotosStatus = Literal["awaiting_upload", "failed", "processing", "ready", "trashed"]

LIST_PHOTOS_STATUS_VALUES: set[ListPhotosStatus] = {
    "awaiting_upload",
    "failed",
    "processing",
    "ready",
    "trashed",
}


def check_list_photos_status(value: str) -> ListPhotosStatus:
    if value in LIST_PHOTOS_STATUS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {LIST_PHOTOS_STATUS_VALUES!r}")
