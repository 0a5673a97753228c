from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.photo_summary import PhotoSummary
    from ..models.reason import Reason


T = TypeVar("T", bound="Hit")


@_attrs_define
class Hit:
    """
    Attributes:
        photo (PhotoSummary): What a grid needs.
        score (float):
        why (list[Reason]):
    """

    photo: PhotoSummary
    score: float
    why: list[Reason]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        photo = self.photo.to_dict()

        score = self.score

        why = []
        for why_item_data in self.why:
            why_item = why_item_data.to_dict()
            why.append(why_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "photo": photo,
                "score": score,
                "why": why,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.photo_summary import PhotoSummary
        from ..models.reason import Reason

        d = dict(src_dict)
        photo = PhotoSummary.from_dict(d.pop("photo"))

        score = d.pop("score")

        why = []
        _why = d.pop("why")
        for why_item_data in _why:
            why_item = Reason.from_dict(why_item_data)

            why.append(why_item)

        hit = cls(
            photo=photo,
            score=score,
            why=why,
        )

        hit.additional_properties = d
        return hit

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
