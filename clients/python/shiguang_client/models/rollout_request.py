from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.rollout_state_enum import RolloutStateEnum, check_rollout_state_enum
from ..types import UNSET, Unset

T = TypeVar("T", bound="RolloutRequest")


@_attrs_define
class RolloutRequest:
    """
    Attributes:
        state (RolloutStateEnum): * `candidate` - candidate
            * `shadow` - shadow
            * `active` - active
            * `retired` - retired
        share (float | Unset): Of the photos, 0 to 1, chosen by a hash of their ids. Else all for a shadow, none for a
            candidate; an active model looks at all and a retired one at none.
        despite_failures (bool | Unset): It may become active though it has failed where the model before has not.
            Default: False.
    """

    state: RolloutStateEnum
    share: float | Unset = UNSET
    despite_failures: bool | Unset = False
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        state: str = self.state

        share = self.share

        despite_failures = self.despite_failures

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "state": state,
            }
        )
        if share is not UNSET:
            field_dict["share"] = share
        if despite_failures is not UNSET:
            field_dict["despite_failures"] = despite_failures

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        state = check_rollout_state_enum(d.pop("state"))

        share = d.pop("share", UNSET)

        despite_failures = d.pop("despite_failures", UNSET)

        rollout_request = cls(
            state=state,
            share=share,
            despite_failures=despite_failures,
        )

        rollout_request.additional_properties = d
        return rollout_request

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
