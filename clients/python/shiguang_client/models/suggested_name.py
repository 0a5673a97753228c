from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.suggested_name_kind_enum import (
    SuggestedNameKindEnum,
    check_suggested_name_kind_enum,
)

T = TypeVar("T", bound="SuggestedName")


@_attrs_define
class SuggestedName:
    """
    Attributes:
        kind (SuggestedNameKindEnum): * `person` - person
            * `place` - place
            * `tag` - tag
            * `label` - label
            * `album` - album
        name (str):
        name_zh (str): Empty where there is none.
        id (None | UUID): A person's or an album's.
        query (str): The query with the suggestion taken; for an album the rest of it, to be asked for with album=<id>.
    """

    kind: SuggestedNameKindEnum
    name: str
    name_zh: str
    id: None | UUID
    query: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        kind: str = self.kind

        name = self.name

        name_zh = self.name_zh

        id: None | str
        if isinstance(self.id, UUID):
            id = str(self.id)
        else:
            id = self.id

        query = self.query

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kind": kind,
                "name": name,
                "name_zh": name_zh,
                "id": id,
                "query": query,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        kind = check_suggested_name_kind_enum(d.pop("kind"))

        name = d.pop("name")

        name_zh = d.pop("name_zh")

        def _parse_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                id_type_0 = UUID(data)

                return id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        id = _parse_id(d.pop("id"))

        query = d.pop("query")

        suggested_name = cls(
            kind=kind,
            name=name,
            name_zh=name_zh,
            id=id,
            query=query,
        )

        suggested_name.additional_properties = d
        return suggested_name

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
