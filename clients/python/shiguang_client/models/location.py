from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.coordinates import Coordinates
    from ..models.place import Place


T = TypeVar("T", bound="Location")


@_attrs_define
class Location:
    """
    Attributes:
        latitude (float):
        longitude (float):
        gcj02 (Coordinates):
        place (Place):
    """

    latitude: float
    longitude: float
    gcj02: Coordinates
    place: Place
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        latitude = self.latitude

        longitude = self.longitude

        gcj02 = self.gcj02.to_dict()

        place = self.place.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "latitude": latitude,
                "longitude": longitude,
                "gcj02": gcj02,
                "place": place,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.coordinates import Coordinates
        from ..models.place import Place

        d = dict(src_dict)
        latitude = d.pop("latitude")

        longitude = d.pop("longitude")

        gcj02 = Coordinates.from_dict(d.pop("gcj02"))

        place = Place.from_dict(d.pop("place"))

        location = cls(
            latitude=latitude,
            longitude=longitude,
            gcj02=gcj02,
            place=place,
        )

        location.additional_properties = d
        return location

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
