from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.proposal_kind_enum import ProposalKindEnum, check_proposal_kind_enum

if TYPE_CHECKING:
    from ..models.person import Person


T = TypeVar("T", bound="Proposal")


@_attrs_define
class Proposal:
    """What the nightly pass would ask about a person: is `other` the same, or are they two?

    Attributes:
        kind (ProposalKindEnum): * `merge` - merge
            * `split` - split
        settles (int):
        distance (float):
        person (Person): Needs `portraits` in its context; see render_people.
        other (None | Person):
    """

    kind: ProposalKindEnum
    settles: int
    distance: float
    person: Person
    other: None | Person
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.person import Person

        kind: str = self.kind

        settles = self.settles

        distance = self.distance

        person = self.person.to_dict()

        other: dict[str, Any] | None
        if isinstance(self.other, Person):
            other = self.other.to_dict()
        else:
            other = self.other

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kind": kind,
                "settles": settles,
                "distance": distance,
                "person": person,
                "other": other,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person import Person

        d = dict(src_dict)
        kind = check_proposal_kind_enum(d.pop("kind"))

        settles = d.pop("settles")

        distance = d.pop("distance")

        person = Person.from_dict(d.pop("person"))

        def _parse_other(data: object) -> None | Person:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                other_type_0 = Person.from_dict(data)

                return other_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Person, data)

        other = _parse_other(d.pop("other"))

        proposal = cls(
            kind=kind,
            settles=settles,
            distance=distance,
            person=person,
            other=other,
        )

        proposal.additional_properties = d
        return proposal

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
