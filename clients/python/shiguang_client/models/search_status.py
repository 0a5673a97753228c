from typing import Literal

SearchStatus = Literal["awaiting_upload", "failed", "processing", "ready", "trashed"]

SEARCH_STATUS_VALUES: set[SearchStatus] = {
    "awaiting_upload",
    "failed",
    "processing",
    "ready",
    "trashed",
}


def check_search_status(value: str) -> SearchStatus:
    if value in SEARCH_STATUS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {SEARCH_STATUS_VALUES!r}")
