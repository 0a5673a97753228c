from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.photo_summary import PhotoSummary


T = TypeVar("T", bound="SimilarPhoto")


@_attrs_define
class SimilarPhoto:
    """
    Attributes:
        photo (PhotoSummary): What a grid needs.
        distance (float): 0 to 2; less is more alike.
    """

    photo: PhotoSummary
    distance: float
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        photo = self.photo.to_dict()

        distance = self.distance

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "photo": photo,
                "distance": distance,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.photo_summary import PhotoSummary

        d = dict(src_dict)
        photo = PhotoSummary.from_dict(d.pop("photo"))

        distance = d.pop("distance")

        similar_photo = cls(
            photo=photo,
            distance=distance,
        )

        similar_photo.additional_properties = d
        return similar_photo

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
