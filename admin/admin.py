"""What Django's admin looks for in an app: importing these registers every page."""

from admin import (
    account_admin,
    album_admin,
    analysis_admin,
    batch_admin,
    people_admin,
    photo_admin,
    wechat_admin,
)

__all__ = [
    "account_admin",
    "album_admin",
    "analysis_admin",
    "batch_admin",
    "people_admin",
    "photo_admin",
    "wechat_admin",
]
