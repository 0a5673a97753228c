from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.role_enum import RoleEnum, check_role_enum

if TYPE_CHECKING:
    from ..models.person_of_album import PersonOfAlbum


T = TypeVar("T", bound="Invitation")


@_attrs_define
class Invitation:
    """
    Attributes:
        id (UUID):
        made_by (PersonOfAlbum):
        role (RoleEnum): * `viewer` - viewer
            * `contributor` - contributor
            * `manager` - manager
            * `owner` - owner
        expires_at (datetime.datetime | None):
        max_uses (int | None):
        uses (int): Each user once.
        created_at (datetime.datetime):
    """

    id: UUID
    made_by: PersonOfAlbum
    role: RoleEnum
    expires_at: datetime.datetime | None
    max_uses: int | None
    uses: int
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        made_by = self.made_by.to_dict()

        role: str = self.role

        expires_at: None | str
        if isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        max_uses: int | None
        max_uses = self.max_uses

        uses = self.uses

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "made_by": made_by,
                "role": role,
                "expires_at": expires_at,
                "max_uses": max_uses,
                "uses": uses,
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

        role = check_role_enum(d.pop("role"))

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

        def _parse_max_uses(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        max_uses = _parse_max_uses(d.pop("max_uses"))

        uses = d.pop("uses")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        invitation = cls(
            id=id,
            made_by=made_by,
            role=role,
            expires_at=expires_at,
            max_uses=max_uses,
            uses=uses,
            created_at=created_at,
        )

        invitation.additional_properties = d
        return invitation

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
