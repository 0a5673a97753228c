from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.kind_enum import KindEnum, check_kind_enum

if TYPE_CHECKING:
    from ..models.side import Side


T = TypeVar("T", bound="Comparison")


@_attrs_define
class Comparison:
    """
    Attributes:
        kind (KindEnum): * `inspection` - inspection
            * `faces` - faces
            * `labels` - labels
            * `text` - text
            * `moderation` - moderation
        photos (int): The latest at which both have looked, 10000 at most.
        agreement (float | None): Of how many of them both say the same: the best label, how many faces, the text
            without blanks, whether to hold it back.
        a (Side):
        b (Side):
    """

    kind: KindEnum
    photos: int
    agreement: float | None
    a: Side
    b: Side
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        kind: str = self.kind

        photos = self.photos

        agreement: float | None
        agreement = self.agreement

        a = self.a.to_dict()

        b = self.b.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kind": kind,
                "photos": photos,
                "agreement": agreement,
                "a": a,
                "b": b,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.side import Side

        d = dict(src_dict)
        kind = check_kind_enum(d.pop("kind"))

        photos = d.pop("photos")

        def _parse_agreement(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        agreement = _parse_agreement(d.pop("agreement"))

        a = Side.from_dict(d.pop("a"))

        b = Side.from_dict(d.pop("b"))

        comparison = cls(
            kind=kind,
            photos=photos,
            agreement=agreement,
            a=a,
            b=b,
        )

        comparison.additional_properties = d
        return comparison

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
