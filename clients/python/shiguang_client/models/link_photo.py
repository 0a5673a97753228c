from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.location import Location
    from ..models.urls import Urls


T = TypeVar("T", bound="LinkPhoto")


@_attrs_define
class LinkPhoto:
    """A photo as strangers see it. Needs `link` in its context.

    Attributes:
        id (UUID):
        width (int | None):
        height (int | None):
        taken_at (datetime.datetime | None):
        placeholder (str):
        color (str):
        location (Location | None): If the link shows it.
        urls (Urls): Signed addresses, good for an hour; null while there is nothing to show.
    """

    id: UUID
    width: int | None
    height: int | None
    taken_at: datetime.datetime | None
    placeholder: str
    color: str
    location: Location | None
    urls: Urls
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.location import Location

        id = str(self.id)

        width: int | None
        width = self.width

        height: int | None
        height = self.height

        taken_at: None | str
        if isinstance(self.taken_at, datetime.datetime):
            taken_at = self.taken_at.isoformat()
        else:
            taken_at = self.taken_at

        placeholder = self.placeholder

        color = self.color

        location: dict[str, Any] | None
        if isinstance(self.location, Location):
            location = self.location.to_dict()
        else:
            location = self.location

        urls = self.urls.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "width": width,
                "height": height,
                "taken_at": taken_at,
                "placeholder": placeholder,
                "color": color,
                "location": location,
                "urls": urls,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.location import Location
        from ..models.urls import Urls

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        def _parse_width(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        width = _parse_width(d.pop("width"))

        def _parse_height(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        height = _parse_height(d.pop("height"))

        def _parse_taken_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                taken_at_type_0 = datetime.datetime.fromisoformat(data)

                return taken_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        taken_at = _parse_taken_at(d.pop("taken_at"))

        placeholder = d.pop("placeholder")

        color = d.pop("color")

        def _parse_location(data: object) -> Location | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                location_type_0 = Location.from_dict(data)

                return location_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Location | None, data)

        location = _parse_location(d.pop("location"))

        urls = Urls.from_dict(d.pop("urls"))

        link_photo = cls(
            id=id,
            width=width,
            height=height,
            taken_at=taken_at,
            placeholder=placeholder,
            color=color,
            location=location,
            urls=urls,
        )

        link_photo.additional_properties = d
        return link_photo

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
