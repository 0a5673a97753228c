from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.import_status_enum import ImportStatusEnum, check_import_status_enum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.import_failure import ImportFailure


T = TypeVar("T", bound="Import")


@_attrs_define
class Import:
    """
    Attributes:
        id (UUID):
        status (ImportStatusEnum): * `awaiting_upload` - awaiting_upload
            * `queued` - queued
            * `running` - running
            * `ready` - ready
            * `failed` - failed
        size (int):
        total (int): Photos and albums in the archive.
        failures (list[ImportFailure]): The first hundred.
        created_at (datetime.datetime):
        done (int | Unset):
        imported (int | Unset):
        already_there (int | Unset):
        failed (int | Unset):
        code (str | Unset):
        finished_at (datetime.datetime | None | Unset):
    """

    id: UUID
    status: ImportStatusEnum
    size: int
    total: int
    failures: list[ImportFailure]
    created_at: datetime.datetime
    done: int | Unset = UNSET
    imported: int | Unset = UNSET
    already_there: int | Unset = UNSET
    failed: int | Unset = UNSET
    code: str | Unset = UNSET
    finished_at: datetime.datetime | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        status: str = self.status

        size = self.size

        total = self.total

        failures = []
        for failures_item_data in self.failures:
            failures_item = failures_item_data.to_dict()
            failures.append(failures_item)

        created_at = self.created_at.isoformat()

        done = self.done

        imported = self.imported

        already_there = self.already_there

        failed = self.failed

        code = self.code

        finished_at: None | str | Unset
        if isinstance(self.finished_at, Unset):
            finished_at = UNSET
        elif isinstance(self.finished_at, datetime.datetime):
            finished_at = self.finished_at.isoformat()
        else:
            finished_at = self.finished_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "status": status,
                "size": size,
                "total": total,
                "failures": failures,
                "created_at": created_at,
            }
        )
        if done is not UNSET:
            field_dict["done"] = done
        if imported is not UNSET:
            field_dict["imported"] = imported
        if already_there is not UNSET:
            field_dict["already_there"] = already_there
        if failed is not UNSET:
            field_dict["failed"] = failed
        if code is not UNSET:
            field_dict["code"] = code
        if finished_at is not UNSET:
            field_dict["finished_at"] = finished_at

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.import_failure import ImportFailure

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        status = check_import_status_enum(d.pop("status"))

        size = d.pop("size")

        total = d.pop("total")

        failures = []
        _failures = d.pop("failures")
        for failures_item_data in _failures:
            failures_item = ImportFailure.from_dict(failures_item_data)

            failures.append(failures_item)

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        done = d.pop("done", UNSET)

        imported = d.pop("imported", UNSET)

        already_there = d.pop("already_there", UNSET)

        failed = d.pop("failed", UNSET)

        code = d.pop("code", UNSET)

        def _parse_finished_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                finished_at_type_0 = datetime.datetime.fromisoformat(data)

                return finished_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        finished_at = _parse_finished_at(d.pop("finished_at", UNSET))

        import_ = cls(
            id=id,
            status=status,
            size=size,
            total=total,
            failures=failures,
            created_at=created_at,
            done=done,
            imported=imported,
            already_there=already_there,
            failed=failed,
            code=code,
            finished_at=finished_at,
        )

        import_.additional_properties = d
        return import_

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
