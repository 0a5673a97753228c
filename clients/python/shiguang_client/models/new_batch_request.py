from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.kind_enum import KindEnum, check_kind_enum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.new_batch_request_filter import NewBatchRequestFilter


T = TypeVar("T", bound="NewBatchRequest")


@_attrs_define
class NewBatchRequest:
    """
    Attributes:
        kinds (list[KindEnum]):
        filter_ (NewBatchRequestFilter | Unset): One's own photos: what a list takes in its query, and `q`.
        prefix (str | Unset): Objects in the bucket below imports/<one's own id>/; they become photos.
        model (str | Unset): Another model than the active one; one kind only.
        budget (float | Unset): Dollars. What would cost more is not started.
        missing_only (bool | Unset): With a filter: without what these models have looked at before. Default: False.
    """

    kinds: list[KindEnum]
    filter_: NewBatchRequestFilter | Unset = UNSET
    prefix: str | Unset = UNSET
    model: str | Unset = UNSET
    budget: float | Unset = UNSET
    missing_only: bool | Unset = False
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        kinds = []
        for kinds_item_data in self.kinds:
            kinds_item: str = kinds_item_data
            kinds.append(kinds_item)

        filter_: dict[str, Any] | Unset = UNSET
        if not isinstance(self.filter_, Unset):
            filter_ = self.filter_.to_dict()

        prefix = self.prefix

        model = self.model

        budget = self.budget

        missing_only = self.missing_only

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kinds": kinds,
            }
        )
        if filter_ is not UNSET:
            field_dict["filter"] = filter_
        if prefix is not UNSET:
            field_dict["prefix"] = prefix
        if model is not UNSET:
            field_dict["model"] = model
        if budget is not UNSET:
            field_dict["budget"] = budget
        if missing_only is not UNSET:
            field_dict["missing_only"] = missing_only

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.new_batch_request_filter import NewBatchRequestFilter

        d = dict(src_dict)
        kinds = []
        _kinds = d.pop("kinds")
        for kinds_item_data in _kinds:
            kinds_item = check_kind_enum(kinds_item_data)

            kinds.append(kinds_item)

        _filter_ = d.pop("filter", UNSET)
        filter_: NewBatchRequestFilter | Unset
        if isinstance(_filter_, Unset):
            filter_ = UNSET
        else:
            filter_ = NewBatchRequestFilter.from_dict(_filter_)

        prefix = d.pop("prefix", UNSET)

        model = d.pop("model", UNSET)

        budget = d.pop("budget", UNSET)

        missing_only = d.pop("missing_only", UNSET)

        new_batch_request = cls(
            kinds=kinds,
            filter_=filter_,
            prefix=prefix,
            model=model,
            budget=budget,
            missing_only=missing_only,
        )

        new_batch_request.additional_properties = d
        return new_batch_request

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
