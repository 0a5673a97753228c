from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.box import Box


T = TypeVar("T", bound="PredictedLine")


@_attrs_define
class PredictedLine:
    """
    Attributes:
        text (str):
        box (Box): Fractions of the upright photo.
        score (float):
    """

    text: str
    box: Box
    score: float
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        text = self.text

        box = self.box.to_dict()

        score = self.score

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "text": text,
                "box": box,
                "score": score,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.box import Box

        d = dict(src_dict)
        text = d.pop("text")

        box = Box.from_dict(d.pop("box"))

        score = d.pop("score")

        predicted_line = cls(
            text=text,
            box=box,
            score=score,
        )

        predicted_line.additional_properties = d
        return predicted_line

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
