from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.box import Box


T = TypeVar("T", bound="PredictedFace")


@_attrs_define
class PredictedFace:
    """
    Attributes:
        box (Box): Fractions of the upright photo.
        score (float):
        quality (float):
    """

    box: Box
    score: float
    quality: float
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        box = self.box.to_dict()

        score = self.score

        quality = self.quality

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "box": box,
                "score": score,
                "quality": quality,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.box import Box

        d = dict(src_dict)
        box = Box.from_dict(d.pop("box"))

        score = d.pop("score")

        quality = d.pop("quality")

        predicted_face = cls(
            box=box,
            score=score,
            quality=quality,
        )

        predicted_face.additional_properties = d
        return predicted_face

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
