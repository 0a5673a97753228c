from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.refused_failure import RefusedFailure


T = TypeVar("T", bound="Retried")


@_attrs_define
class Retried:
    """
    Attributes:
        retried (int):
        refused (list[RefusedFailure]):
        next_ (None | UUID): With a filter: more failures fit; send this as `after`.
    """

    retried: int
    refused: list[RefusedFailure]
    next_: None | UUID
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        retried = self.retried

        refused = []
        for refused_item_data in self.refused:
            refused_item = refused_item_data.to_dict()
            refused.append(refused_item)

        next_: None | str
        if isinstance(self.next_, UUID):
            next_ = str(self.next_)
        else:
            next_ = self.next_

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "retried": retried,
                "refused": refused,
                "next": next_,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.refused_failure import RefusedFailure

        d = dict(src_dict)
        retried = d.pop("retried")

        refused = []
        _refused = d.pop("refused")
        for refused_item_data in _refused:
            refused_item = RefusedFailure.from_dict(refused_item_data)

            refused.append(refused_item)

        def _parse_next_(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                next_type_0 = UUID(data)

                return next_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        next_ = _parse_next_(d.pop("next"))

        retried = cls(
            retried=retried,
            refused=refused,
            next_=next_,
        )

        retried.additional_properties = d
        return retried

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
