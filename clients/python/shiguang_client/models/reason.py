from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.box import Box


T = TypeVar("T", bound="Reason")


@_attrs_define
class Reason:
    """
    Attributes:
        kind (str): person, label, tag, place, date, favorite, has_text, has_people, description, filename, camera, text
            or meaning.
        match (str):
        box (Box | None):
    """

    kind: str
    match: str
    box: Box | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.box import Box

        kind = self.kind

        match = self.match

        box: dict[str, Any] | None
        if isinstance(self.box, Box):
            box = self.box.to_dict()
        else:
            box = self.box

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kind": kind,
                "match": match,
                "box": box,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.box import Box

        d = dict(src_dict)
        kind = d.pop("kind")

        match = d.pop("match")

        def _parse_box(data: object) -> Box | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                box_type_0 = Box.from_dict(data)

                return box_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Box | None, data)

        box = _parse_box(d.pop("box"))

        reason = cls(
            kind=kind,
            match=match,
            box=box,
        )

        reason.additional_properties = d
        return reason

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
