from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.kind_enum import KindEnum, check_kind_enum

T = TypeVar("T", bound="BatchFailure")


@_attrs_define
class BatchFailure:
    """
    Attributes:
        photo (None | UUID):
        key (str):
        kind (KindEnum): * `inspection` - inspection
            * `faces` - faces
            * `labels` - labels
            * `text` - text
            * `moderation` - moderation
        model (str):
        code (str):
    """

    photo: None | UUID
    key: str
    kind: KindEnum
    model: str
    code: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        photo: None | str
        if isinstance(self.photo, UUID):
            photo = str(self.photo)
        else:
            photo = self.photo

        key = self.key

        kind: str = self.kind

        model = self.model

        code = self.code

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "photo": photo,
                "key": key,
                "kind": kind,
                "model": model,
                "code": code,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_photo(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                photo_type_0 = UUID(data)

                return photo_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        photo = _parse_photo(d.pop("photo"))

        key = d.pop("key")

        kind = check_kind_enum(d.pop("kind"))

        model = d.pop("model")

        code = d.pop("code")

        batch_failure = cls(
            photo=photo,
            key=key,
            kind=kind,
            model=model,
            code=code,
        )

        batch_failure.additional_properties = d
        return batch_failure

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
