from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.person_of_album import PersonOfAlbum


T = TypeVar("T", bound="Link")


@_attrs_define
class Link:
    """
    Attributes:
        id (UUID):
        made_by (PersonOfAlbum):
        has_password (bool):
        expires_at (datetime.datetime | None):
        max_views (int | None):
        views (int): Each viewer once.
        allow_download (bool):
        show_location (bool):
        created_at (datetime.datetime):
    """

    id: UUID
    made_by: PersonOfAlbum
    has_password: bool
    expires_at: datetime.datetime | None
    max_views: int | None
    views: int
    allow_download: bool
    show_location: bool
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        made_by = self.made_by.to_dict()

        has_password = self.has_password

        expires_at: None | str
        if isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        max_views: int | None
        max_views = self.max_views

        views = self.views

        allow_download = self.allow_download

        show_location = self.show_location

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "made_by": made_by,
                "has_password": has_password,
                "expires_at": expires_at,
                "max_views": max_views,
                "views": views,
                "allow_download": allow_download,
                "show_location": show_location,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person_of_album import PersonOfAlbum

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        made_by = PersonOfAlbum.from_dict(d.pop("made_by"))

        has_password = d.pop("has_password")

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

        def _parse_max_views(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        max_views = _parse_max_views(d.pop("max_views"))

        views = d.pop("views")

        allow_download = d.pop("allow_download")

        show_location = d.pop("show_location")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        link = cls(
            id=id,
            made_by=made_by,
            has_password=has_password,
            expires_at=expires_at,
            max_views=max_views,
            views=views,
            allow_download=allow_download,
            show_location=show_location,
            created_at=created_at,
        )

        link.additional_properties = d
        return link

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
