from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="PatchedPersonChangesRequest")


@_attrs_define
class PatchedPersonChangesRequest:
    """
    Attributes:
        name (str | Unset):
        hidden (bool | Unset):
        cover_face (None | Unset | UUID): A face of theirs; null: the album chooses.
    """

    name: str | Unset = UNSET
    hidden: bool | Unset = UNSET
    cover_face: None | Unset | UUID = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        hidden = self.hidden

        cover_face: None | str | Unset
        if isinstance(self.cover_face, Unset):
            cover_face = UNSET
        elif isinstance(self.cover_face, UUID):
            cover_face = str(self.cover_face)
        else:
            cover_face = self.cover_face

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if name is not UNSET:
            field_dict["name"] = name
        if hidden is not UNSET:
            field_dict["hidden"] = hidden
        if cover_face is not UNSET:
            field_dict["cover_face"] = cover_face

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        name = d.pop("name", UNSET)

        hidden = d.pop("hidden", UNSET)

        def _parse_cover_face(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                cover_face_type_0 = UUID(data)

                return cover_face_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        cover_face = _parse_cover_face(d.pop("cover_face", UNSET))

        patched_person_changes_request = cls(
            name=name,
            hidden=hidden,
            cover_face=cover_face,
        )

        patched_person_changes_request.additional_properties = d
        return patched_person_changes_request

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
