from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.kind_enum import KindEnum, check_kind_enum
from ..models.rollout_state_enum import RolloutStateEnum, check_rollout_state_enum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.coverage import Coverage


T = TypeVar("T", bound="ModelDetails")


@_attrs_define
class ModelDetails:
    """
    Attributes:
        id (str):
        kind (KindEnum): * `inspection` - inspection
            * `faces` - faces
            * `labels` - labels
            * `text` - text
            * `moderation` - moderation
        state (RolloutStateEnum): * `candidate` - candidate
            * `shadow` - shadow
            * `active` - active
            * `retired` - retired
        share (float): Of the photos, 0 to 1, chosen by a hash of their ids.
        changed_at (datetime.datetime | None): null if nobody has decided about it.
        coverage (Coverage):
        renewing (bool): It is active since a moment ago: photos and people still follow. Until people have been carried
            over, the faces of the model before are shown.
        changed_by (None | str | Unset): A user's name.
    """

    id: str
    kind: KindEnum
    state: RolloutStateEnum
    share: float
    changed_at: datetime.datetime | None
    coverage: Coverage
    renewing: bool
    changed_by: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        kind: str = self.kind

        state: str = self.state

        share = self.share

        changed_at: None | str
        if isinstance(self.changed_at, datetime.datetime):
            changed_at = self.changed_at.isoformat()
        else:
            changed_at = self.changed_at

        coverage = self.coverage.to_dict()

        renewing = self.renewing

        changed_by: None | str | Unset
        if isinstance(self.changed_by, Unset):
            changed_by = UNSET
        else:
            changed_by = self.changed_by

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "kind": kind,
                "state": state,
                "share": share,
                "changed_at": changed_at,
                "coverage": coverage,
                "renewing": renewing,
            }
        )
        if changed_by is not UNSET:
            field_dict["changed_by"] = changed_by

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.coverage import Coverage

        d = dict(src_dict)
        id = d.pop("id")

        kind = check_kind_enum(d.pop("kind"))

        state = check_rollout_state_enum(d.pop("state"))

        share = d.pop("share")

        def _parse_changed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                changed_at_type_0 = datetime.datetime.fromisoformat(data)

                return changed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        changed_at = _parse_changed_at(d.pop("changed_at"))

        coverage = Coverage.from_dict(d.pop("coverage"))

        renewing = d.pop("renewing")

        def _parse_changed_by(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        changed_by = _parse_changed_by(d.pop("changed_by", UNSET))

        model_details = cls(
            id=id,
            kind=kind,
            state=state,
            share=share,
            changed_at=changed_at,
            coverage=coverage,
            renewing=renewing,
            changed_by=changed_by,
        )

        model_details.additional_properties = d
        return model_details

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
