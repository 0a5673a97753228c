from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.upload_method_enum import UploadMethodEnum, check_upload_method_enum
from ..types import UNSET, Unset

T = TypeVar("T", bound="NewPhotoRequest")


@_attrs_define
class NewPhotoRequest:
    """
    Attributes:
        filename (str):
        size (int):
        content_type (str):
        sha256 (str): Of the bytes, in hex.
        taken_at (datetime.datetime | Unset):
        album_id (UUID | Unset): An album to put it into.
        upload_method (UploadMethodEnum | Unset): * `POST` - POST
            * `PUT` - PUT
            * `multipart` - multipart Default: 'POST'.
    """

    filename: str
    size: int
    content_type: str
    sha256: str
    taken_at: datetime.datetime | Unset = UNSET
    album_id: UUID | Unset = UNSET
    upload_method: UploadMethodEnum | Unset = "POST"
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        filename = self.filename

        size = self.size

        content_type = self.content_type

        sha256 = self.sha256

        taken_at: str | Unset = UNSET
        if not isinstance(self.taken_at, Unset):
            taken_at = self.taken_at.isoformat()

        album_id: str | Unset = UNSET
        if not isinstance(self.album_id, Unset):
            album_id = str(self.album_id)

        upload_method: str | Unset = UNSET
        if not isinstance(self.upload_method, Unset):
            upload_method = self.upload_method

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "filename": filename,
                "size": size,
                "content_type": content_type,
                "sha256": sha256,
            }
        )
        if taken_at is not UNSET:
            field_dict["taken_at"] = taken_at
        if album_id is not UNSET:
            field_dict["album_id"] = album_id
        if upload_method is not UNSET:
            field_dict["upload_method"] = upload_method

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        filename = d.pop("filename")

        size = d.pop("size")

        content_type = d.pop("content_type")

        sha256 = d.pop("sha256")

        _taken_at = d.pop("taken_at", UNSET)
        taken_at: datetime.datetime | Unset
        if isinstance(_taken_at, Unset):
            taken_at = UNSET
        else:
            taken_at = datetime.datetime.fromisoformat(_taken_at)

        _album_id = d.pop("album_id", UNSET)
        album_id: UUID | Unset
        if isinstance(_album_id, Unset):
            album_id = UNSET
        else:
            album_id = UUID(_album_id)

        _upload_method = d.pop("upload_method", UNSET)
        upload_method: UploadMethodEnum | Unset
        if isinstance(_upload_method, Unset):
            upload_method = UNSET
        else:
            upload_method = check_upload_method_enum(_upload_method)

        new_photo_request = cls(
            filename=filename,
            size=size,
            content_type=content_type,
            sha256=sha256,
            taken_at=taken_at,
            album_id=album_id,
            upload_method=upload_method,
        )

        new_photo_request.additional_properties = d
        return new_photo_request

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
