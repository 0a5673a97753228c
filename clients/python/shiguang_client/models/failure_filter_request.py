from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.kind_enum import KindEnum, check_kind_enum
from ..types import UNSET, Unset

T = TypeVar("T", bound="FailureFilterRequest")


@_attrs_define
class FailureFilterRequest:
    """
    Attributes:
        kind (KindEnum | Unset): * `inspection` - inspection
            * `faces` - faces
            * `labels` - labels
            * `text` - text
            * `moderation` - moderation
        model (str | Unset):
        stage (str | Unset):
        code (str | Unset):
        photo (UUID | Unset):
    """

    kind: KindEnum | Unset = UNSET
    model: str | Unset = UNSET
    stage: str | Unset = UNSET
    code: str | Unset = UNSET
    photo: UUID | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        kind: str | Unset = UNSET
        if not isinstance(self.kind, Unset):
            kind = self.kind

        model = self.model

        stage = self.stage

        code = self.code

        photo: str | Unset = UNSET
        if not isinstance(self.photo, Unset):
            photo = str(self.photo)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if kind is not UNSET:
            field_dict["kind"] = kind
        if model is not UNSET:
            field_dict["model"] = model
        if stage is not UNSET:
            field_dict["stage"] = stage
        if code is not UNSET:
            field_dict["code"] = code
        if photo is not UNSET:
            field_dict["photo"] = photo

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        _kind = d.pop("kind", UNSET)
        kind: KindEnum | Unset
        if isinstance(_kind, Unset):
            kind = UNSET
        else:
            kind = check_kind_enum(_kind)

        model = d.pop("model", UNSET)

        stage = d.pop("stage", UNSET)

        code = d.pop("code", UNSET)

        _photo = d.pop("photo", UNSET)
        photo: UUID | Unset
        if isinstance(_photo, Unset):
            photo = UNSET
        else:
            photo = UUID(_photo)

        failure_filter_request = cls(
            kind=kind,
            model=model,
            stage=stage,
            code=code,
            photo=photo,
        )

        failure_filter_request.additional_properties = d
        return failure_filter_request

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
