from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.source_enum import SourceEnum, check_source_enum

T = TypeVar("T", bound="Label")


@_attrs_define
class Label:
    """
    Attributes:
        name (str):
        name_zh (str):
        score (float):
        source (SourceEnum): * `model` - model
            * `person` - person
        model (str):
        verdict (bool | None):
    """

    name: str
    name_zh: str
    score: float
    source: SourceEnum
    model: str
    verdict: bool | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        name_zh = self.name_zh

        score = self.score

        source: str = self.source

        model = self.model

        verdict: bool | None
        verdict = self.verdict

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "name": name,
                "name_zh": name_zh,
                "score": score,
                "source": source,
                "model": model,
                "verdict": verdict,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        name = d.pop("name")

        name_zh = d.pop("name_zh")

        score = d.pop("score")

        source = check_source_enum(d.pop("source"))

        model = d.pop("model")

        def _parse_verdict(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        verdict = _parse_verdict(d.pop("verdict"))

        label = cls(
            name=name,
            name_zh=name_zh,
            score=score,
            source=source,
            model=model,
            verdict=verdict,
        )

        label.additional_properties = d
        return label

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
