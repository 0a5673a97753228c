from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.export_status_enum import ExportStatusEnum, check_export_status_enum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.export_left_out_item import ExportLeftOutItem


T = TypeVar("T", bound="Export")


@_attrs_define
class Export:
    """
    Attributes:
        id (UUID):
        status (ExportStatusEnum): * `queued` - queued
            * `running` - running
            * `ready` - ready
            * `failed` - failed
        left_out (list[ExportLeftOutItem]): Photos whose bytes are not in storage, or are not theirs any more.
        size (int): Bytes of the archive, once it is ready.
        created_at (datetime.datetime):
        url (None | str): Redirects to the archive, once it is ready; goes on by Range.
        total (int | Unset):
        done (int | Unset):
        ready_at (datetime.datetime | None | Unset):
        expires_at (datetime.datetime | None | Unset):
    """

    id: UUID
    status: ExportStatusEnum
    left_out: list[ExportLeftOutItem]
    size: int
    created_at: datetime.datetime
    url: None | str
    total: int | Unset = UNSET
    done: int | Unset = UNSET
    ready_at: datetime.datetime | None | Unset = UNSET
    expires_at: datetime.datetime | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        status: str = self.status

        left_out = []
        for left_out_item_data in self.left_out:
            left_out_item = left_out_item_data.to_dict()
            left_out.append(left_out_item)

        size = self.size

        created_at = self.created_at.isoformat()

        url: None | str
        url = self.url

        total = self.total

        done = self.done

        ready_at: None | str | Unset
        if isinstance(self.ready_at, Unset):
            ready_at = UNSET
        elif isinstance(self.ready_at, datetime.datetime):
            ready_at = self.ready_at.isoformat()
        else:
            ready_at = self.ready_at

        expires_at: None | str | Unset
        if isinstance(self.expires_at, Unset):
            expires_at = UNSET
        elif isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "status": status,
                "left_out": left_out,
                "size": size,
                "created_at": created_at,
                "url": url,
            }
        )
        if total is not UNSET:
            field_dict["total"] = total
        if done is not UNSET:
            field_dict["done"] = done
        if ready_at is not UNSET:
            field_dict["ready_at"] = ready_at
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.export_left_out_item import ExportLeftOutItem

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        status = check_export_status_enum(d.pop("status"))

        left_out = []
        _left_out = d.pop("left_out")
        for left_out_item_data in _left_out:
            left_out_item = ExportLeftOutItem.from_dict(left_out_item_data)

            left_out.append(left_out_item)

        size = d.pop("size")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_url(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        url = _parse_url(d.pop("url"))

        total = d.pop("total", UNSET)

        done = d.pop("done", UNSET)

        def _parse_ready_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ready_at_type_0 = datetime.datetime.fromisoformat(data)

                return ready_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        ready_at = _parse_ready_at(d.pop("ready_at", UNSET))

        def _parse_expires_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                expires_at_type_0 = datetime.datetime.fromisoformat(data)

                return expires_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        expires_at = _parse_expires_at(d.pop("expires_at", UNSET))

        export = cls(
            id=id,
            status=status,
            left_out=left_out,
            size=size,
            created_at=created_at,
            url=url,
            total=total,
            done=done,
            ready_at=ready_at,
            expires_at=expires_at,
        )

        export.additional_properties = d
        return export

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
