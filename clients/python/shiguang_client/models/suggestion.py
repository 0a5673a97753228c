from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.suggestion_kind_enum import SuggestionKindEnum, check_suggestion_kind_enum

if TYPE_CHECKING:
    from ..models.group import Group
    from ..models.person import Person
    from ..models.person_face import PersonFace


T = TypeVar("T", bound="Suggestion")


@_attrs_define
class Suggestion:
    """A question; `settles` says how many faces its answer puts in their place.

    person: is this one the same? Yes: POST /people/{its id}/merge. No: .../decline {person_id}.
    face: is this face theirs? Yes: POST /faces/{id}/assign. No: .../reject {person_id}.
    split: are these two? Yes: POST /people/{id}/split. No: .../decline {split}.

        Attributes:
            kind (SuggestionKindEnum): * `person` - person
                * `face` - face
                * `split` - split
            settles (int):
            distance (float): Cosine distance; less is surer.
            person (None | Person):
            face (None | PersonFace):
            groups (list[Group] | None):
    """

    kind: SuggestionKindEnum
    settles: int
    distance: float
    person: None | Person
    face: None | PersonFace
    groups: list[Group] | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.person import Person
        from ..models.person_face import PersonFace

        kind: str = self.kind

        settles = self.settles

        distance = self.distance

        person: dict[str, Any] | None
        if isinstance(self.person, Person):
            person = self.person.to_dict()
        else:
            person = self.person

        face: dict[str, Any] | None
        if isinstance(self.face, PersonFace):
            face = self.face.to_dict()
        else:
            face = self.face

        groups: list[dict[str, Any]] | None
        if isinstance(self.groups, list):
            groups = []
            for groups_type_0_item_data in self.groups:
                groups_type_0_item = groups_type_0_item_data.to_dict()
                groups.append(groups_type_0_item)

        else:
            groups = self.groups

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kind": kind,
                "settles": settles,
                "distance": distance,
                "person": person,
                "face": face,
                "groups": groups,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.group import Group
        from ..models.person import Person
        from ..models.person_face import PersonFace

        d = dict(src_dict)
        kind = check_suggestion_kind_enum(d.pop("kind"))

        settles = d.pop("settles")

        distance = d.pop("distance")

        def _parse_person(data: object) -> None | Person:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                person_type_0 = Person.from_dict(data)

                return person_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Person, data)

        person = _parse_person(d.pop("person"))

        def _parse_face(data: object) -> None | PersonFace:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                face_type_0 = PersonFace.from_dict(data)

                return face_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PersonFace, data)

        face = _parse_face(d.pop("face"))

        def _parse_groups(data: object) -> list[Group] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                groups_type_0 = []
                _groups_type_0 = data
                for groups_type_0_item_data in _groups_type_0:
                    groups_type_0_item = Group.from_dict(groups_type_0_item_data)

                    groups_type_0.append(groups_type_0_item)

                return groups_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[Group] | None, data)

        groups = _parse_groups(d.pop("groups"))

        suggestion = cls(
            kind=kind,
            settles=settles,
            distance=distance,
            person=person,
            face=face,
            groups=groups,
        )

        suggestion.additional_properties = d
        return suggestion

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
