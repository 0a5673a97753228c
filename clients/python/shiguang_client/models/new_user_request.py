from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.new_user_language_enum import (
    NewUserLanguageEnum,
    check_new_user_language_enum,
)
from ..types import UNSET, Unset

T = TypeVar("T", bound="NewUserRequest")


@_attrs_define
class NewUserRequest:
    """
    Attributes:
        username (str):
        password (str):
        language (NewUserLanguageEnum | Unset): * `en` - en
            * `zh` - zh Default: 'en'.
    """

    username: str
    password: str
    language: NewUserLanguageEnum | Unset = "en"
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        username = self.username

        password = self.password

        language: str | Unset = UNSET
        if not isinstance(self.language, Unset):
            language = self.language

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "username": username,
                "password": password,
            }
        )
        if language is not UNSET:
            field_dict["language"] = language

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        username = d.pop("username")

        password = d.pop("password")

        _language = d.pop("language", UNSET)
        language: NewUserLanguageEnum | Unset
        if isinstance(_language, Unset):
            language = UNSET
        else:
            language = check_new_user_language_enum(_language)

        new_user_request = cls(
            username=username,
            password=password,
            language=language,
        )

        new_user_request.additional_properties = d
        return new_user_request

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
