from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="NewLinkRequest")


@_attrs_define
class NewLinkRequest:
    """
    Attributes:
        password (str | Unset):
        expires_at (datetime.datetime | None | Unset):
        max_views (int | None | Unset):
        allow_download (bool | Unset): Originals and the archive too; else renditions only. Default: False.
        show_location (bool | Unset): Of the photos of whoever makes the link. Default: False.
    """

    password: str | Unset = UNSET
    expires_at: datetime.datetime | None | Unset = UNSET
    max_views: int | None | Unset = UNSET
    allow_download: bool | Unset = False
    show_location: bool | Unset = False
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        password = self.password

        expires_at: None | str | Unset
        if isinstance(self.expires_at, Unset):
            expires_at = UNSET
        elif isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        max_views: int | None | Unset
        if isinstance(self.max_views, Unset):
            max_views = UNSET
        else:
            max_views = self.max_views

        allow_download = self.allow_download

        show_location = self.show_location

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if password is not UNSET:
            field_dict["password"] = password
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at
        if max_views is not UNSET:
            field_dict["max_views"] = max_views
        if allow_download is not UNSET:
            field_dict["allow_download"] = allow_download
        if show_location is not UNSET:
            field_dict["show_location"] = show_location

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        password = d.pop("password", UNSET)

        def _parse_expires_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                expires_at_type_0 = datetime.datetime.fromisoformat(data)

                return expires_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        expires_at = _parse_expires_at(d.pop("expires_at", UNSET))

        def _parse_max_views(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_views = _parse_max_views(d.pop("max_views", UNSET))

        allow_download = d.pop("allow_download", UNSET)

        show_location = d.pop("show_location", UNSET)

        new_link_request = cls(
            password=password,
            expires_at=expires_at,
            max_views=max_views,
            allow_download=allow_download,
            show_location=show_location,
        )

        new_link_request.additional_properties = d
        return new_link_request

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
