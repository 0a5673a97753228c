from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.box import Box
    from ..models.person_name import PersonName


T = TypeVar("T", bound="Face")


@_attrs_define
class Face:
    """
    Attributes:
        id (UUID):
        box (Box): Fractions of the upright photo.
        score (float):
        person (None | PersonName):
        confirmed (bool):
    """

    id: UUID
    box: Box
    score: float
    person: None | PersonName
    confirmed: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.person_name import PersonName

        id = str(self.id)

        box = self.box.to_dict()

        score = self.score

        person: dict[str, Any] | None
        if isinstance(self.person, PersonName):
            person = self.person.to_dict()
        else:
            person = self.person

        confirmed = self.confirmed

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "box": box,
                "score": score,
                "person": person,
                "confirmed": confirmed,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.box import Box
        from ..models.person_name import PersonName

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        box = Box.from_dict(d.pop("box"))

        score = d.pop("score")

        def _parse_person(data: object) -> None | PersonName:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                person_type_0 = PersonName.from_dict(data)

                return person_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PersonName, data)

        person = _parse_person(d.pop("person"))

        confirmed = d.pop("confirmed")

        face = cls(
            id=id,
            box=box,
            score=score,
            person=person,
            confirmed=confirmed,
        )

        face.additional_properties = d
        return face

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
