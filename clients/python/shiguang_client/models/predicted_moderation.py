from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.verdict_enum import VerdictEnum, check_verdict_enum

T = TypeVar("T", bound="PredictedModeration")


@_attrs_define
class PredictedModeration:
    """
    Attributes:
        verdict (VerdictEnum): * `pending` - Pending
            * `ok` - Ok
            * `review` - Review
            * `blocked` - Blocked
        score (float):
    """

    verdict: VerdictEnum
    score: float
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        verdict: str = self.verdict

        score = self.score

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "verdict": verdict,
                "score": score,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        verdict = check_verdict_enum(d.pop("verdict"))

        score = d.pop("score")

        predicted_moderation = cls(
            verdict=verdict,
            score=score,
        )

        predicted_moderation.additional_properties = d
        return predicted_moderation

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
