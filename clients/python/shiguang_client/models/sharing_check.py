from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.sharing_check_state_enum import (
    SharingCheckStateEnum,
    check_sharing_check_state_enum,
)
from ..models.verdict_enum import VerdictEnum, check_verdict_enum

T = TypeVar("T", bound="SharingCheck")


@_attrs_define
class SharingCheck:
    """Others see the photo once the verdict is ok.

    Attributes:
        verdict (VerdictEnum): * `pending` - Pending
            * `ok` - Ok
            * `review` - Review
            * `blocked` - Blocked
        state (None | SharingCheckStateEnum): null: not shared so far.

            * `waiting` - Waiting
            * `asked` - Asked
            * `passed` - Passed
            * `review` - Review
            * `refused` - Refused
            * `failed` - Failed
        code (str): Why it waits: not_linked and visit_needed are for the owner to mend.
    """

    verdict: VerdictEnum
    state: None | SharingCheckStateEnum
    code: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        verdict: str = self.verdict

        state: None | str
        if isinstance(self.state, str):
            state = self.state
        else:
            state = self.state

        code = self.code

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "verdict": verdict,
                "state": state,
                "code": code,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        verdict = check_verdict_enum(d.pop("verdict"))

        def _parse_state(data: object) -> None | SharingCheckStateEnum:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                state_type_0 = check_sharing_check_state_enum(data)

                return state_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SharingCheckStateEnum, data)

        state = _parse_state(d.pop("state"))

        code = d.pop("code")

        sharing_check = cls(
            verdict=verdict,
            state=state,
            code=code,
        )

        sharing_check.additional_properties = d
        return sharing_check

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
