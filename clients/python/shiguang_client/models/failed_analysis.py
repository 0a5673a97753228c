from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.kind_enum import KindEnum, check_kind_enum

if TYPE_CHECKING:
    from ..models.failed_photo import FailedPhoto


T = TypeVar("T", bound="FailedAnalysis")


@_attrs_define
class FailedAnalysis:
    """
    Attributes:
        id (UUID):
        photo (FailedPhoto):
        kind (KindEnum): * `inspection` - inspection
            * `faces` - faces
            * `labels` - labels
            * `text` - text
            * `moderation` - moderation
        model (str):
        stage (str):
        code (str):
        detail (str): In the reader's language.
        technical (str): As it was reported, in English.
        attempts (int):
        started_at (datetime.datetime | None):
        failed_at (datetime.datetime | None):
    """

    id: UUID
    photo: FailedPhoto
    kind: KindEnum
    model: str
    stage: str
    code: str
    detail: str
    technical: str
    attempts: int
    started_at: datetime.datetime | None
    failed_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        photo = self.photo.to_dict()

        kind: str = self.kind

        model = self.model

        stage = self.stage

        code = self.code

        detail = self.detail

        technical = self.technical

        attempts = self.attempts

        started_at: None | str
        if isinstance(self.started_at, datetime.datetime):
            started_at = self.started_at.isoformat()
        else:
            started_at = self.started_at

        failed_at: None | str
        if isinstance(self.failed_at, datetime.datetime):
            failed_at = self.failed_at.isoformat()
        else:
            failed_at = self.failed_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "photo": photo,
                "kind": kind,
                "model": model,
                "stage": stage,
                "code": code,
                "detail": detail,
                "technical": technical,
                "attempts": attempts,
                "started_at": started_at,
                "failed_at": failed_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.failed_photo import FailedPhoto

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        photo = FailedPhoto.from_dict(d.pop("photo"))

        kind = check_kind_enum(d.pop("kind"))

        model = d.pop("model")

        stage = d.pop("stage")

        code = d.pop("code")

        detail = d.pop("detail")

        technical = d.pop("technical")

        attempts = d.pop("attempts")

        def _parse_started_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                started_at_type_0 = datetime.datetime.fromisoformat(data)

                return started_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        started_at = _parse_started_at(d.pop("started_at"))

        def _parse_failed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                failed_at_type_0 = datetime.datetime.fromisoformat(data)

                return failed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        failed_at = _parse_failed_at(d.pop("failed_at"))

        failed_analysis = cls(
            id=id,
            photo=photo,
            kind=kind,
            model=model,
            stage=stage,
            code=code,
            detail=detail,
            technical=technical,
            attempts=attempts,
            started_at=started_at,
            failed_at=failed_at,
        )

        failed_analysis.additional_properties = d
        return failed_analysis

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
