from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.regrouping_kind_enum import RegroupingKindEnum, check_regrouping_kind_enum

if TYPE_CHECKING:
    from ..models.person_name import PersonName


T = TypeVar("T", bound="Regrouping")


@_attrs_define
class Regrouping:
    """A merge or a split. made_by: null for the nightly pass.

    Attributes:
        id (UUID):
        kind (RegroupingKindEnum): * `merge` - Merge
            * `split` - Split
        made_at (datetime.datetime):
        made_by (None | UUID):
        source (PersonName):
        target (PersonName):
        moved_count (int): Faces.
        undone_at (datetime.datetime | None):
        undone_by (None | UUID):
    """

    id: UUID
    kind: RegroupingKindEnum
    made_at: datetime.datetime
    made_by: None | UUID
    source: PersonName
    target: PersonName
    moved_count: int
    undone_at: datetime.datetime | None
    undone_by: None | UUID
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        kind: str = self.kind

        made_at = self.made_at.isoformat()

        made_by: None | str
        if isinstance(self.made_by, UUID):
            made_by = str(self.made_by)
        else:
            made_by = self.made_by

        source = self.source.to_dict()

        target = self.target.to_dict()

        moved_count = self.moved_count

        undone_at: None | str
        if isinstance(self.undone_at, datetime.datetime):
            undone_at = self.undone_at.isoformat()
        else:
            undone_at = self.undone_at

        undone_by: None | str
        if isinstance(self.undone_by, UUID):
            undone_by = str(self.undone_by)
        else:
            undone_by = self.undone_by

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "kind": kind,
                "made_at": made_at,
                "made_by": made_by,
                "source": source,
                "target": target,
                "moved_count": moved_count,
                "undone_at": undone_at,
                "undone_by": undone_by,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person_name import PersonName

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        kind = check_regrouping_kind_enum(d.pop("kind"))

        made_at = datetime.datetime.fromisoformat(d.pop("made_at"))

        def _parse_made_by(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                made_by_type_0 = UUID(data)

                return made_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        made_by = _parse_made_by(d.pop("made_by"))

        source = PersonName.from_dict(d.pop("source"))

        target = PersonName.from_dict(d.pop("target"))

        moved_count = d.pop("moved_count")

        def _parse_undone_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                undone_at_type_0 = datetime.datetime.fromisoformat(data)

                return undone_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        undone_at = _parse_undone_at(d.pop("undone_at"))

        def _parse_undone_by(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                undone_by_type_0 = UUID(data)

                return undone_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        undone_by = _parse_undone_by(d.pop("undone_by"))

        regrouping = cls(
            id=id,
            kind=kind,
            made_at=made_at,
            made_by=made_by,
            source=source,
            target=target,
            moved_count=moved_count,
            undone_at=undone_at,
            undone_by=undone_by,
        )

        regrouping.additional_properties = d
        return regrouping

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
