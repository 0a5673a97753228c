from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.group_kind_enum import GroupKindEnum, check_group_kind_enum

if TYPE_CHECKING:
    from ..models.photo_summary import PhotoSummary


T = TypeVar("T", bound="DuplicateGroup")


@_attrs_define
class DuplicateGroup:
    """
    Attributes:
        id (UUID):
        kind (GroupKindEnum): * `duplicate` - duplicate
            * `burst` - burst
        best (UUID): The photo that is proposed to be kept.
        photos (list[PhotoSummary]): The best first.
    """

    id: UUID
    kind: GroupKindEnum
    best: UUID
    photos: list[PhotoSummary]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        kind: str = self.kind

        best = str(self.best)

        photos = []
        for photos_item_data in self.photos:
            photos_item = photos_item_data.to_dict()
            photos.append(photos_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "kind": kind,
                "best": best,
                "photos": photos,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.photo_summary import PhotoSummary

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        kind = check_group_kind_enum(d.pop("kind"))

        best = UUID(d.pop("best"))

        photos = []
        _photos = d.pop("photos")
        for photos_item_data in _photos:
            photos_item = PhotoSummary.from_dict(photos_item_data)

            photos.append(photos_item)

        duplicate_group = cls(
            id=id,
            kind=kind,
            best=best,
            photos=photos,
        )

        duplicate_group.additional_properties = d
        return duplicate_group

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
