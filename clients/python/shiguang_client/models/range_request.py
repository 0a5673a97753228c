from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="RangeRequest")


@_attrs_define
class RangeRequest:
    """Without anything, all that is kept: a week.

    Attributes:
        after (datetime.datetime | Unset): Only what happened after it.
        before (datetime.datetime | Unset): Only what happened before it.
        after_event (UUID | Unset): Only what followed this event, such as the last one received.
    """

    after: datetime.datetime | Unset = UNSET
    before: datetime.datetime | Unset = UNSET
    after_event: UUID | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        after: str | Unset = UNSET
        if not isinstance(self.after, Unset):
            after = self.after.isoformat()

        before: str | Unset = UNSET
        if not isinstance(self.before, Unset):
            before = self.before.isoformat()

        after_event: str | Unset = UNSET
        if not isinstance(self.after_event, Unset):
            after_event = str(self.after_event)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if after is not UNSET:
            field_dict["after"] = after
        if before is not UNSET:
            field_dict["before"] = before
        if after_event is not UNSET:
            field_dict["after_event"] = after_event

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        _after = d.pop("after", UNSET)
        after: datetime.datetime | Unset
        if isinstance(_after, Unset):
            after = UNSET
        else:
            after = datetime.datetime.fromisoformat(_after)

        _before = d.pop("before", UNSET)
        before: datetime.datetime | Unset
        if isinstance(_before, Unset):
            before = UNSET
        else:
            before = datetime.datetime.fromisoformat(_before)

        _after_event = d.pop("after_event", UNSET)
        after_event: UUID | Unset
        if isinstance(_after_event, Unset):
            after_event = UNSET
        else:
            after_event = UUID(_after_event)

        range_request = cls(
            after=after,
            before=before,
            after_event=after_event,
        )

        range_request.additional_properties = d
        return range_request

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
