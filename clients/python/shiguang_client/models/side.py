from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.model import Model


T = TypeVar("T", bound="Side")


@_attrs_define
class Side:
    """
    Attributes:
        model (Model):
        failed (int):
        findings (float | None): Labels, faces or lines of text a photo.
        cpu_ms (float | None): Of the median analysis.
        duration_ms (float | None): Of the median analysis.
        cost (float | None): Dollars of 1,000 photos.
        right (int): Of what people have said of these photos.
        wrong (int):
    """

    model: Model
    failed: int
    findings: float | None
    cpu_ms: float | None
    duration_ms: float | None
    cost: float | None
    right: int
    wrong: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        model = self.model.to_dict()

        failed = self.failed

        findings: float | None
        findings = self.findings

        cpu_ms: float | None
        cpu_ms = self.cpu_ms

        duration_ms: float | None
        duration_ms = self.duration_ms

        cost: float | None
        cost = self.cost

        right = self.right

        wrong = self.wrong

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "model": model,
                "failed": failed,
                "findings": findings,
                "cpu_ms": cpu_ms,
                "duration_ms": duration_ms,
                "cost": cost,
                "right": right,
                "wrong": wrong,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.model import Model

        d = dict(src_dict)
        model = Model.from_dict(d.pop("model"))

        failed = d.pop("failed")

        def _parse_findings(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        findings = _parse_findings(d.pop("findings"))

        def _parse_cpu_ms(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        cpu_ms = _parse_cpu_ms(d.pop("cpu_ms"))

        def _parse_duration_ms(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        duration_ms = _parse_duration_ms(d.pop("duration_ms"))

        def _parse_cost(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        cost = _parse_cost(d.pop("cost"))

        right = d.pop("right")

        wrong = d.pop("wrong")

        side = cls(
            model=model,
            failed=failed,
            findings=findings,
            cpu_ms=cpu_ms,
            duration_ms=duration_ms,
            cost=cost,
            right=right,
            wrong=wrong,
        )

        side.additional_properties = d
        return side

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
