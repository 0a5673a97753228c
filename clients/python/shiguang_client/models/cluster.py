from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.cluster_photo import ClusterPhoto
    from ..models.coordinates import Coordinates


T = TypeVar("T", bound="Cluster")


@_attrs_define
class Cluster:
    """
    Attributes:
        latitude (float):
        longitude (float):
        count (int):
        gcj02 (Coordinates):
        bbox (list[float]): west, south, east, north: the photos are those of /photos?bbox=...
        photo (ClusterPhoto):
    """

    latitude: float
    longitude: float
    count: int
    gcj02: Coordinates
    bbox: list[float]
    photo: ClusterPhoto
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        latitude = self.latitude

        longitude = self.longitude

        count = self.count

        gcj02 = self.gcj02.to_dict()

        bbox = self.bbox

        photo = self.photo.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "latitude": latitude,
                "longitude": longitude,
                "count": count,
                "gcj02": gcj02,
                "bbox": bbox,
                "photo": photo,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.cluster_photo import ClusterPhoto
        from ..models.coordinates import Coordinates

        d = dict(src_dict)
        latitude = d.pop("latitude")

        longitude = d.pop("longitude")

        count = d.pop("count")

        gcj02 = Coordinates.from_dict(d.pop("gcj02"))

        bbox = cast(list[float], d.pop("bbox"))

        photo = ClusterPhoto.from_dict(d.pop("photo"))

        cluster = cls(
            latitude=latitude,
            longitude=longitude,
            count=count,
            gcj02=gcj02,
            bbox=bbox,
            photo=photo,
        )

        cluster.additional_properties = d
        return cluster

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
