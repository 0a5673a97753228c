from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Camera")


@_attrs_define
class Camera:
    """
    Attributes:
        make (str):
        model (str):
        lens (str):
        iso (int | None):
        f_number (float | None):
        exposure (str):
        focal_length (float | None):
    """

    make: str
    model: str
    lens: str
    iso: int | None
    f_number: float | None
    exposure: str
    focal_length: float | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        make = self.make

        model = self.model

        lens = self.lens

        iso: int | None
        iso = self.iso

        f_number: float | None
        f_number = self.f_number

        exposure = self.exposure

        focal_length: float | None
        focal_length = self.focal_length

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "make": make,
                "model": model,
                "lens": lens,
                "iso": iso,
                "f_number": f_number,
                "exposure": exposure,
                "focal_length": focal_length,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        make = d.pop("make")

        model = d.pop("model")

        lens = d.pop("lens")

        def _parse_iso(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        iso = _parse_iso(d.pop("iso"))

        def _parse_f_number(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        f_number = _parse_f_number(d.pop("f_number"))

        exposure = d.pop("exposure")

        def _parse_focal_length(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        focal_length = _parse_focal_length(d.pop("focal_length"))

        camera = cls(
            make=make,
            model=model,
            lens=lens,
            iso=iso,
            f_number=f_number,
            exposure=exposure,
            focal_length=focal_length,
        )

        camera.additional_properties = d
        return camera

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
