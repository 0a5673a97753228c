from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.role_enum import RoleEnum, check_role_enum

if TYPE_CHECKING:
    from ..models.person_of_album import PersonOfAlbum


T = TypeVar("T", bound="Member")


@_attrs_define
class Member:
    """
    Attributes:
        user (PersonOfAlbum):
        role (RoleEnum): * `viewer` - viewer
            * `contributor` - contributor
            * `manager` - manager
            * `owner` - owner
        added_at (datetime.datetime):
    """

    user: PersonOfAlbum
    role: RoleEnum
    added_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        user = self.user.to_dict()

        role: str = self.role

        added_at = self.added_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "user": user,
                "role": role,
                "added_at": added_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person_of_album import PersonOfAlbum

        d = dict(src_dict)
        user = PersonOfAlbum.from_dict(d.pop("user"))

        role = check_role_enum(d.pop("role"))

        added_at = datetime.datetime.fromisoformat(d.pop("added_at"))

        member = cls(
            user=user,
            role=role,
            added_at=added_at,
        )

        member.additional_properties = d
        return member

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
