from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.verdict_enum import VerdictEnum, check_verdict_enum

T = TypeVar("T", bound="Opinion")


@_attrs_define
class Opinion:
    """What the network, or WeChat, says, whatever a person has decided.

    Attributes:
        verdict (VerdictEnum): * `pending` - Pending
            * `ok` - Ok
            * `review` - Review
            * `blocked` - Blocked
        model (str): The network; empty for WeChat.
        score (float | None): The network's.
        label (int | None): WeChat's; 100 is nothing.
        code (str): Why WeChat has not answered; else empty.
    """

    verdict: VerdictEnum
    model: str
    score: float | None
    label: int | None
    code: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        verdict: str = self.verdict

        model = self.model

        score: float | None
        score = self.score

        label: int | None
        label = self.label

        code = self.code

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "verdict": verdict,
                "model": model,
                "score": score,
                "label": label,
                "code": code,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        verdict = check_verdict_enum(d.pop("verdict"))

        model = d.pop("model")

        def _parse_score(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        score = _parse_score(d.pop("score"))

        def _parse_label(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        label = _parse_label(d.pop("label"))

        code = d.pop("code")

        opinion = cls(
            verdict=verdict,
            model=model,
            score=score,
            label=label,
            code=code,
        )

        opinion.additional_properties = d
        return opinion

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
