from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.kind_enum import KindEnum, check_kind_enum

T = TypeVar("T", bound="ModelUse")


@_attrs_define
class ModelUse:
    """
    Attributes:
        analyses (int): Every attempt.
        predictions (int):
        compute_seconds (float): Of one core, as measured.
        cost (float): Dollars.
        kind (KindEnum): * `inspection` - inspection
            * `faces` - faces
            * `labels` - labels
            * `text` - text
            * `moderation` - moderation
        model (str):
    """

    analyses: int
    predictions: int
    compute_seconds: float
    cost: float
    kind: KindEnum
    model: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        analyses = self.analyses

        predictions = self.predictions

        compute_seconds = self.compute_seconds

        cost = self.cost

        kind: str = self.kind

        model = self.model

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "analyses": analyses,
                "predictions": predictions,
                "compute_seconds": compute_seconds,
                "cost": cost,
                "kind": kind,
                "model": model,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        analyses = d.pop("analyses")

        predictions = d.pop("predictions")

        compute_seconds = d.pop("compute_seconds")

        cost = d.pop("cost")

        kind = check_kind_enum(d.pop("kind"))

        model = d.pop("model")

        model_use = cls(
            analyses=analyses,
            predictions=predictions,
            compute_seconds=compute_seconds,
            cost=cost,
            kind=kind,
            model=model,
        )

        model_use.additional_properties = d
        return model_use

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
