from typing import Literal

ListFailuresKind = Literal["faces", "inspection", "labels", "moderation", "text"]

LIST_FAILURES_KIND_VALUES: set[ListFailuresKind] = {
    "faces",
    "inspection",
    "labels",
    "moderation",
    "text",
}


def check_list_failures_kind(value: str) -> ListFailuresKind:
    if value in LIST_FAILURES_KIND_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {LIST_FAILURES_KIND_VALUES!r}")
