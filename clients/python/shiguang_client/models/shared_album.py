from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.link_photo import LinkPhoto


T = TypeVar("T", bound="SharedAlbum")


@_attrs_define
class SharedAlbum:
    """Nothing but `password_required` while that is true.

    Attributes:
        password_required (bool):
        access (None | str): Send it as X-Link-Access, to be the same viewer for an hour.
        title (None | str):
        description (None | str):
        place (None | str): If the link shows it.
        photo_count (int | None):
        cover (LinkPhoto | None):
        allow_download (bool | None):
        archive (None | str): All photos in one file.
        expires_at (datetime.datetime | None):
    """

    password_required: bool
    access: None | str
    title: None | str
    description: None | str
    place: None | str
    photo_count: int | None
    cover: LinkPhoto | None
    allow_download: bool | None
    archive: None | str
    expires_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.link_photo import LinkPhoto

        password_required = self.password_required

        access: None | str
        access = self.access

        title: None | str
        title = self.title

        description: None | str
        description = self.description

        place: None | str
        place = self.place

        photo_count: int | None
        photo_count = self.photo_count

        cover: dict[str, Any] | None
        if isinstance(self.cover, LinkPhoto):
            cover = self.cover.to_dict()
        else:
            cover = self.cover

        allow_download: bool | None
        allow_download = self.allow_download

        archive: None | str
        archive = self.archive

        expires_at: None | str
        if isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "password_required": password_required,
                "access": access,
                "title": title,
                "description": description,
                "place": place,
                "photo_count": photo_count,
                "cover": cover,
                "allow_download": allow_download,
                "archive": archive,
                "expires_at": expires_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.link_photo import LinkPhoto

        d = dict(src_dict)
        password_required = d.pop("password_required")

        def _parse_access(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        access = _parse_access(d.pop("access"))

        def _parse_title(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        title = _parse_title(d.pop("title"))

        def _parse_description(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        description = _parse_description(d.pop("description"))

        def _parse_place(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        place = _parse_place(d.pop("place"))

        def _parse_photo_count(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        photo_count = _parse_photo_count(d.pop("photo_count"))

        def _parse_cover(data: object) -> LinkPhoto | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                cover_type_0 = LinkPhoto.from_dict(data)

                return cover_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(LinkPhoto | None, data)

        cover = _parse_cover(d.pop("cover"))

        def _parse_allow_download(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        allow_download = _parse_allow_download(d.pop("allow_download"))

        def _parse_archive(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        archive = _parse_archive(d.pop("archive"))

        def _parse_expires_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                expires_at_type_0 = datetime.datetime.fromisoformat(data)

                return expires_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        expires_at = _parse_expires_at(d.pop("expires_at"))

        shared_album = cls(
            password_required=password_required,
            access=access,
            title=title,
            description=description,
            place=place,
            photo_count=photo_count,
            cover=cover,
            allow_download=allow_download,
            archive=archive,
            expires_at=expires_at,
        )

        shared_album.additional_properties = d
        return shared_album

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
