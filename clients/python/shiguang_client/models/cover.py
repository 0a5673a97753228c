from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.urls import Urls


T = TypeVar("T", bound="Cover")


@_attrs_define
class Cover:
    """
    Attributes:
        id (UUID):
        placeholder (str):
        color (str):
        urls (Urls): Signed addresses, good for an hour; null while there is nothing to show.
    """

    id: UUID
    placeholder: str
    color: str
    urls: Urls
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        placeholder = self.placeholder

        color = self.color

        urls = self.urls.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "placeholder": placeholder,
                "color": color,
                "urls": urls,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.urls import Urls

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        placeholder = d.pop("placeholder")

        color = d.pop("color")

        urls = Urls.from_dict(d.pop("urls"))

        cover = cls(
            id=id,
            placeholder=placeholder,
            color=color,
            urls=urls,
        )

        cover.additional_properties = d
        return cover

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
