from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.event_kind_enum import EventKindEnum, check_event_kind_enum
from ..types import UNSET, Unset

T = TypeVar("T", bound="Delivery")


@_attrs_define
class Delivery:
    """
    Attributes:
        id (UUID):
        event (EventKindEnum): * `photo.processing` - Photo Processing
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
        event_id (UUID):
        created_at (datetime.datetime):
        attempts (int | Unset):
        due_at (datetime.datetime | None | Unset):
        delivered_at (datetime.datetime | None | Unset):
        status (int | None | Unset):
        error (str | Unset):
    """

    id: UUID
    event: EventKindEnum
    event_id: UUID
    created_at: datetime.datetime
    attempts: int | Unset = UNSET
    due_at: datetime.datetime | None | Unset = UNSET
    delivered_at: datetime.datetime | None | Unset = UNSET
    status: int | None | Unset = UNSET
    error: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        event: str = self.event

        event_id = str(self.event_id)

        created_at = self.created_at.isoformat()

        attempts = self.attempts

        due_at: None | str | Unset
        if isinstance(self.due_at, Unset):
            due_at = UNSET
        elif isinstance(self.due_at, datetime.datetime):
            due_at = self.due_at.isoformat()
        else:
            due_at = self.due_at

        delivered_at: None | str | Unset
        if isinstance(self.delivered_at, Unset):
            delivered_at = UNSET
        elif isinstance(self.delivered_at, datetime.datetime):
            delivered_at = self.delivered_at.isoformat()
        else:
            delivered_at = self.delivered_at

        status: int | None | Unset
        if isinstance(self.status, Unset):
            status = UNSET
        else:
            status = self.status

        error = self.error

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "event": event,
                "event_id": event_id,
                "created_at": created_at,
            }
        )
        if attempts is not UNSET:
            field_dict["attempts"] = attempts
        if due_at is not UNSET:
            field_dict["due_at"] = due_at
        if delivered_at is not UNSET:
            field_dict["delivered_at"] = delivered_at
        if status is not UNSET:
            field_dict["status"] = status
        if error is not UNSET:
            field_dict["error"] = error

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        event = check_event_kind_enum(d.pop("event"))

        event_id = UUID(d.pop("event_id"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        attempts = d.pop("attempts", UNSET)

        def _parse_due_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                due_at_type_0 = datetime.datetime.fromisoformat(data)

                return due_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        due_at = _parse_due_at(d.pop("due_at", UNSET))

        def _parse_delivered_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                delivered_at_type_0 = datetime.datetime.fromisoformat(data)

                return delivered_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        delivered_at = _parse_delivered_at(d.pop("delivered_at", UNSET))

        def _parse_status(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        status = _parse_status(d.pop("status", UNSET))

        error = d.pop("error", UNSET)

        delivery = cls(
            id=id,
            event=event,
            event_id=event_id,
            created_at=created_at,
            attempts=attempts,
            due_at=due_at,
            delivered_at=delivered_at,
            status=status,
            error=error,
        )

        delivery.additional_properties = d
        return delivery

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
