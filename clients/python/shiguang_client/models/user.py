from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.user_language_enum import UserLanguageEnum, check_user_language_enum
from ..types import UNSET, Unset

T = TypeVar("T", bound="User")


@_attrs_define
class User:
    """
    Attributes:
        id (UUID):
        username (str): Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.
        is_staff (bool): Designates whether the user can log into this admin site.
        quota_bytes (int): How many bytes of originals one may hold; used_bytes of them are in use.
        used_bytes (int):
        language (UserLanguageEnum | Unset): * `en` - English
            * `zh` - 中文
        face_analysis (bool | Unset):
    """

    id: UUID
    username: str
    is_staff: bool
    quota_bytes: int
    used_bytes: int
    language: UserLanguageEnum | Unset = UNSET
    face_analysis: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        username = self.username

        is_staff = self.is_staff

        quota_bytes = self.quota_bytes

        used_bytes = self.used_bytes

        language: str | Unset = UNSET
        if not isinstance(self.language, Unset):
            language = self.language

        face_analysis = self.face_analysis

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "username": username,
                "is_staff": is_staff,
                "quota_bytes": quota_bytes,
                "used_bytes": used_bytes,
            }
        )
        if language is not UNSET:
            field_dict["language"] = language
        if face_analysis is not UNSET:
            field_dict["face_analysis"] = face_analysis

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        username = d.pop("username")

        is_staff = d.pop("is_staff")

        quota_bytes = d.pop("quota_bytes")

        used_bytes = d.pop("used_bytes")

        _language = d.pop("language", UNSET)
        language: UserLanguageEnum | Unset
        if isinstance(_language, Unset):
            language = UNSET
        else:
            language = check_user_language_enum(_language)

        face_analysis = d.pop("face_analysis", UNSET)

        user = cls(
            id=id,
            username=username,
            is_staff=is_staff,
            quota_bytes=quota_bytes,
            used_bytes=used_bytes,
            language=language,
            face_analysis=face_analysis,
        )

        user.additional_properties = d
        return user

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
