from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.coordinates_request import CoordinatesRequest


T = TypeVar("T", bound="PatchedChangesRequest")


@_attrs_define
class PatchedChangesRequest:
    """
    Attributes:
        description (str | Unset):
        taken_at (datetime.datetime | None | Unset):
        location (CoordinatesRequest | None | Unset):
        favorite (bool | Unset):
        archived (bool | Unset):
    """

    description: str | Unset = UNSET
    taken_at: datetime.datetime | None | Unset = UNSET
    location: CoordinatesRequest | None | Unset = UNSET
    favorite: bool | Unset = UNSET
    archived: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.coordinates_request import CoordinatesRequest

        description = self.description

        taken_at: None | str | Unset
        if isinstance(self.taken_at, Unset):
            taken_at = UNSET
        elif isinstance(self.taken_at, datetime.datetime):
            taken_at = self.taken_at.isoformat()
        else:
            taken_at = self.taken_at

        location: dict[str, Any] | None | Unset
        if isinstance(self.location, Unset):
            location = UNSET
        elif isinstance(self.location, CoordinatesRequest):
            location = self.location.to_dict()
        else:
            location = self.location

        favorite = self.favorite

        archived = self.archived

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if description is not UNSET:
            field_dict["description"] = description
        if taken_at is not UNSET:
            field_dict["taken_at"] = taken_at
        if location is not UNSET:
            field_dict["location"] = location
        if favorite is not UNSET:
            field_dict["favorite"] = favorite
        if archived is not UNSET:
            field_dict["archived"] = archived

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.coordinates_request import CoordinatesRequest

        d = dict(src_dict)
        description = d.pop("description", UNSET)

        def _parse_taken_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                taken_at_type_0 = datetime.datetime.fromisoformat(data)

                return taken_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        taken_at = _parse_taken_at(d.pop("taken_at", UNSET))

        def _parse_location(data: object) -> CoordinatesRequest | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                location_type_0 = CoordinatesRequest.from_dict(data)

                return location_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CoordinatesRequest | None | Unset, data)

        location = _parse_location(d.pop("location", UNSET))

        favorite = d.pop("favorite", UNSET)

        archived = d.pop("archived", UNSET)

        patched_changes_request = cls(
            description=description,
            taken_at=taken_at,
            location=location,
            favorite=favorite,
            archived=archived,
        )

        patched_changes_request.additional_properties = d
        return patched_changes_request

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
