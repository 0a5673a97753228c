from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.person_face import PersonFace


T = TypeVar("T", bound="Person")


@_attrs_define
class Person:
    """Needs `portraits` in its context; see render_people.

    Attributes:
        id (UUID):
        name (str): Empty while nobody has said it.
        hidden (bool):
        face_count (int): By every face model, trash included.
        photo_count (int):
        cover (None | PersonFace):
        two_people (bool): The faces fall into two groups, maybe of two people: see suggestions.
        created_at (datetime.datetime):
    """

    id: UUID
    name: str
    hidden: bool
    face_count: int
    photo_count: int
    cover: None | PersonFace
    two_people: bool
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.person_face import PersonFace

        id = str(self.id)

        name = self.name

        hidden = self.hidden

        face_count = self.face_count

        photo_count = self.photo_count

        cover: dict[str, Any] | None
        if isinstance(self.cover, PersonFace):
            cover = self.cover.to_dict()
        else:
            cover = self.cover

        two_people = self.two_people

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "name": name,
                "hidden": hidden,
                "face_count": face_count,
                "photo_count": photo_count,
                "cover": cover,
                "two_people": two_people,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person_face import PersonFace

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        name = d.pop("name")

        hidden = d.pop("hidden")

        face_count = d.pop("face_count")

        photo_count = d.pop("photo_count")

        def _parse_cover(data: object) -> None | PersonFace:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                cover_type_0 = PersonFace.from_dict(data)

                return cover_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PersonFace, data)

        cover = _parse_cover(d.pop("cover"))

        two_people = d.pop("two_people")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        person = cls(
            id=id,
            name=name,
            hidden=hidden,
            face_count=face_count,
            photo_count=photo_count,
            cover=cover,
            two_people=two_people,
            created_at=created_at,
        )

        person.additional_properties = d
        return person

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
