from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.upload_method_enum import UploadMethodEnum, check_upload_method_enum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.part import Part
    from ..models.upload_fields import UploadFields
    from ..models.upload_headers import UploadHeaders


T = TypeVar("T", bound="Upload")


@_attrs_define
class Upload:
    """How to send the bytes: POST `fields` and then `file`; PUT with `headers`; or each part.

    Attributes:
        method (UploadMethodEnum): * `POST` - POST
            * `PUT` - PUT
            * `multipart` - multipart
        expires_at (datetime.datetime):
        url (str | Unset):
        fields (UploadFields | Unset):
        headers (UploadHeaders | Unset):
        parts (list[Part] | Unset):
    """

    method: UploadMethodEnum
    expires_at: datetime.datetime
    url: str | Unset = UNSET
    fields: UploadFields | Unset = UNSET
    headers: UploadHeaders | Unset = UNSET
    parts: list[Part] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        method: str = self.method

        expires_at = self.expires_at.isoformat()

        url = self.url

        fields: dict[str, Any] | Unset = UNSET
        if not isinstance(self.fields, Unset):
            fields = self.fields.to_dict()

        headers: dict[str, Any] | Unset = UNSET
        if not isinstance(self.headers, Unset):
            headers = self.headers.to_dict()

        parts: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.parts, Unset):
            parts = []
            for parts_item_data in self.parts:
                parts_item = parts_item_data.to_dict()
                parts.append(parts_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "method": method,
                "expires_at": expires_at,
            }
        )
        if url is not UNSET:
            field_dict["url"] = url
        if fields is not UNSET:
            field_dict["fields"] = fields
        if headers is not UNSET:
            field_dict["headers"] = headers
        if parts is not UNSET:
            field_dict["parts"] = parts

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.part import Part
        from ..models.upload_fields import UploadFields
        from ..models.upload_headers import UploadHeaders

        d = dict(src_dict)
        method = check_upload_method_enum(d.pop("method"))

        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        url = d.pop("url", UNSET)

        _fields = d.pop("fields", UNSET)
        fields: UploadFields | Unset
        if isinstance(_fields, Unset):
            fields = UNSET
        else:
            fields = UploadFields.from_dict(_fields)

        _headers = d.pop("headers", UNSET)
        headers: UploadHeaders | Unset
        if isinstance(_headers, Unset):
            headers = UNSET
        else:
            headers = UploadHeaders.from_dict(_headers)

        _parts = d.pop("parts", UNSET)
        parts: list[Part] | Unset = UNSET
        if _parts is not UNSET:
            parts = []
            for parts_item_data in _parts:
                parts_item = Part.from_dict(parts_item_data)

                parts.append(parts_item)

        upload = cls(
            method=method,
            expires_at=expires_at,
            url=url,
            fields=fields,
            headers=headers,
            parts=parts,
        )

        upload.additional_properties = d
        return upload

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
