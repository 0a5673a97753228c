from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.role_enum import RoleEnum, check_role_enum

if TYPE_CHECKING:
    from ..models.person_of_album import PersonOfAlbum


T = TypeVar("T", bound="ReceivedInvitation")


@_attrs_define
class ReceivedInvitation:
    """Needs `hidden` in its context: words that may not be shown are empty.

    Attributes:
        title (str):
        description (str):
        made_by (PersonOfAlbum):
        role (RoleEnum): * `viewer` - viewer
            * `contributor` - contributor
            * `manager` - manager
            * `owner` - owner
        expires_at (datetime.datetime | None):
    """

    title: str
    description: str
    made_by: PersonOfAlbum
    role: RoleEnum
    expires_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        title = self.title

        description = self.description

        made_by = self.made_by.to_dict()

        role: str = self.role

        expires_at: None | str
        if isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "title": title,
                "description": description,
                "made_by": made_by,
                "role": role,
                "expires_at": expires_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person_of_album import PersonOfAlbum

        d = dict(src_dict)
        title = d.pop("title")

        description = d.pop("description")

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

        received_invitation = cls(
            title=title,
            description=description,
            made_by=made_by,
            role=role,
            expires_at=expires_at,
        )

        received_invitation.additional_properties = d
        return received_invitation

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
