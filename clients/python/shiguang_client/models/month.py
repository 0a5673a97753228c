from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Month")


@_attrs_define
class Month:
    """
    Attributes:
        month (str): YYYY-MM, by the clock of the place.
        count (int):
        aspect_ratios (str): Base64 of a byte a photo, newest first: width / height is 2 ** ((byte - 128) / 32), to the
            nearest 2.2 %.
    """

    month: str
    count: int
    aspect_ratios: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        month = self.month

        count = self.count

        aspect_ratios = self.aspect_ratios

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "month": month,
                "count": count,
                "aspect_ratios": aspect_ratios,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        month = d.pop("month")

        count = d.pop("count")

        aspect_ratios = d.pop("aspect_ratios")

        month = cls(
            month=month,
            count=count,
            aspect_ratios=aspect_ratios,
        )

        month.additional_properties = d
        return month

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
