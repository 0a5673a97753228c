from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.model_use import ModelUse


T = TypeVar("T", bound="Usage")


@_attrs_define
class Usage:
    """
    Attributes:
        analyses (int): Every attempt.
        predictions (int):
        compute_seconds (float): Of one core, as measured.
        cost (float): Dollars.
        month (str):
        photos (int): That came in the month and are still there.
        bytes_ (int): Of their originals.
        price (float): Dollars a compute second.
        by_model (list[ModelUse]):
    """

    analyses: int
    predictions: int
    compute_seconds: float
    cost: float
    month: str
    photos: int
    bytes_: int
    price: float
    by_model: list[ModelUse]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        analyses = self.analyses

        predictions = self.predictions

        compute_seconds = self.compute_seconds

        cost = self.cost

        month = self.month

        photos = self.photos

        bytes_ = self.bytes_

        price = self.price

        by_model = []
        for by_model_item_data in self.by_model:
            by_model_item = by_model_item_data.to_dict()
            by_model.append(by_model_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "analyses": analyses,
                "predictions": predictions,
                "compute_seconds": compute_seconds,
                "cost": cost,
                "month": month,
                "photos": photos,
                "bytes": bytes_,
                "price": price,
                "by_model": by_model,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.model_use import ModelUse

        d = dict(src_dict)
        analyses = d.pop("analyses")

        predictions = d.pop("predictions")

        compute_seconds = d.pop("compute_seconds")

        cost = d.pop("cost")

        month = d.pop("month")

        photos = d.pop("photos")

        bytes_ = d.pop("bytes")

        price = d.pop("price")

        by_model = []
        _by_model = d.pop("by_model")
        for by_model_item_data in _by_model:
            by_model_item = ModelUse.from_dict(by_model_item_data)

            by_model.append(by_model_item)

        usage = cls(
            analyses=analyses,
            predictions=predictions,
            compute_seconds=compute_seconds,
            cost=cost,
            month=month,
            photos=photos,
            bytes_=bytes_,
            price=price,
            by_model=by_model,
        )

        usage.additional_properties = d
        return usage

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
