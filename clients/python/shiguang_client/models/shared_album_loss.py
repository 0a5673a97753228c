from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="SharedAlbumLoss")


@_attrs_define
class SharedAlbumLoss:
    """
    Attributes:
        id (UUID):
        title (str):
        member_count (int):
        photos_of_others (int):
    """

    id: UUID
    title: str
    member_count: int
    photos_of_others: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        title = self.title

        member_count = self.member_count

        photos_of_others = self.photos_of_others

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "title": title,
                "member_count": member_count,
                "photos_of_others": photos_of_others,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        title = d.pop("title")

        member_count = d.pop("member_count")

        photos_of_others = d.pop("photos_of_others")

        shared_album_loss = cls(
            id=id,
            title=title,
            member_count=member_count,
            photos_of_others=photos_of_others,
        )

        shared_album_loss.additional_properties = d
        return shared_album_loss

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
