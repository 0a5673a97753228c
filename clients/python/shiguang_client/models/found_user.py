from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.friendship_enum import FriendshipEnum, check_friendship_enum

T = TypeVar("T", bound="FoundUser")


@_attrs_define
class FoundUser:
    """
    Attributes:
        id (UUID):
        username (str):
        friendship (FriendshipEnum): * `none` - none
            * `asked` - asked
            * `asks` - asks
            * `friends` - friends
    """

    id: UUID
    username: str
    friendship: FriendshipEnum
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        username = self.username

        friendship: str = self.friendship

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "username": username,
                "friendship": friendship,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        username = d.pop("username")

        friendship = check_friendship_enum(d.pop("friendship"))

        found_user = cls(
            id=id,
            username=username,
            friendship=friendship,
        )

        found_user.additional_properties = d
        return found_user

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
