from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.scope_enum import ScopeEnum, check_scope_enum

if TYPE_CHECKING:
    from ..models.removed import Removed


T = TypeVar("T", bound="Erasure")


@_attrs_define
class Erasure:
    """The record of an erasure. digest: SHA-256 over the faces' ids, sorted, a line each.

    Attributes:
        id (UUID):
        scope (ScopeEnum): * `photos:read` - Photos Read
            * `photos:write` - Photos Write
            * `albums:read` - Albums Read
            * `albums:write` - Albums Write
            * `people:read` - People Read
            * `people:write` - People Write
            * `predict` - Predict
            * `admin` - Admin
        person_id (None | UUID):
        erased_by (None | UUID):
        erased_at (datetime.datetime):
        removed (Removed):
        digest (str):
    """

    id: UUID
    scope: ScopeEnum
    person_id: None | UUID
    erased_by: None | UUID
    erased_at: datetime.datetime
    removed: Removed
    digest: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        scope: str = self.scope

        person_id: None | str
        if isinstance(self.person_id, UUID):
            person_id = str(self.person_id)
        else:
            person_id = self.person_id

        erased_by: None | str
        if isinstance(self.erased_by, UUID):
            erased_by = str(self.erased_by)
        else:
            erased_by = self.erased_by

        erased_at = self.erased_at.isoformat()

        removed = self.removed.to_dict()

        digest = self.digest

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "scope": scope,
                "person_id": person_id,
                "erased_by": erased_by,
                "erased_at": erased_at,
                "removed": removed,
                "digest": digest,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.removed import Removed

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        scope = check_scope_enum(d.pop("scope"))

        def _parse_person_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                person_id_type_0 = UUID(data)

                return person_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        person_id = _parse_person_id(d.pop("person_id"))

        def _parse_erased_by(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                erased_by_type_0 = UUID(data)

                return erased_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        erased_by = _parse_erased_by(d.pop("erased_by"))

        erased_at = datetime.datetime.fromisoformat(d.pop("erased_at"))

        removed = Removed.from_dict(d.pop("removed"))

        digest = d.pop("digest")

        erasure = cls(
            id=id,
            scope=scope,
            person_id=person_id,
            erased_by=erased_by,
            erased_at=erased_at,
            removed=removed,
            digest=digest,
        )

        erasure.additional_properties = d
        return erasure

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
