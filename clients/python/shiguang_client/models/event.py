from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.event_kind_enum import EventKindEnum, check_event_kind_enum

if TYPE_CHECKING:
    from ..models.event_data import EventData


T = TypeVar("T", bound="Event")


@_attrs_define
class Event:
    """
    Attributes:
        id (UUID):
        kind (EventKindEnum): * `photo.processing` - Photo Processing
            * `photo.ready` - Photo Ready
            * `photo.failed` - Photo Failed
            * `photo.deleted` - Photo Deleted
            * `analysis.done` - Analysis Done
            * `analysis.failed` - Analysis Failed
            * `album.shared` - Album Shared
            * `album.unshared` - Album Unshared
            * `album.activity` - Album Activity
            * `friend.asked` - Friend Asked
            * `friend.accepted` - Friend Accepted
        created_at (datetime.datetime):
        data (EventData):
    """

    id: UUID
    kind: EventKindEnum
    created_at: datetime.datetime
    data: EventData
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        kind: str = self.kind

        created_at = self.created_at.isoformat()

        data = self.data.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "kind": kind,
                "created_at": created_at,
                "data": data,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.event_data import EventData

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        kind = check_event_kind_enum(d.pop("kind"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        data = EventData.from_dict(d.pop("data"))

        event = cls(
            id=id,
            kind=kind,
            created_at=created_at,
            data=data,
        )

        event.additional_properties = d
        return event

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
