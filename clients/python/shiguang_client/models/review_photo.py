from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.review_urls import ReviewUrls


T = TypeVar("T", bound="ReviewPhoto")


@_attrs_define
class ReviewPhoto:
    """
    Attributes:
        id (UUID):
        width (int | None):
        height (int | None):
        placeholder (str):
        urls (ReviewUrls): Signed addresses; those of somebody else's photo end once its review is over.
    """

    id: UUID
    width: int | None
    height: int | None
    placeholder: str
    urls: ReviewUrls
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        width: int | None
        width = self.width

        height: int | None
        height = self.height

        placeholder = self.placeholder

        urls = self.urls.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "width": width,
                "height": height,
                "placeholder": placeholder,
                "urls": urls,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.review_urls import ReviewUrls

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        def _parse_width(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        width = _parse_width(d.pop("width"))

        def _parse_height(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        height = _parse_height(d.pop("height"))

        placeholder = d.pop("placeholder")

        urls = ReviewUrls.from_dict(d.pop("urls"))

        review_photo = cls(
            id=id,
            width=width,
            height=height,
            placeholder=placeholder,
            urls=urls,
        )

        review_photo.additional_properties = d
        return review_photo

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
