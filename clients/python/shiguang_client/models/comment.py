from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.person_of_album import PersonOfAlbum


T = TypeVar("T", bound="Comment")


@_attrs_define
class Comment:
    """Needs `hidden` in its context.

    Attributes:
        id (UUID):
        photo (UUID):
        author (PersonOfAlbum):
        text (str): Empty while it may not be shown to others than its author.
        created_at (datetime.datetime):
    """

    id: UUID
    photo: UUID
    author: PersonOfAlbum
    text: str
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        photo = str(self.photo)

        author = self.author.to_dict()

        text = self.text

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "photo": photo,
                "author": author,
                "text": text,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person_of_album import PersonOfAlbum

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        photo = UUID(d.pop("photo"))

        author = PersonOfAlbum.from_dict(d.pop("author"))

        text = d.pop("text")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        comment = cls(
            id=id,
            photo=photo,
            author=author,
            text=text,
            created_at=created_at,
        )

        comment.additional_properties = d
        return comment

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
