from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.new_album_request_rule_type_0 import NewAlbumRequestRuleType0


T = TypeVar("T", bound="NewAlbumRequest")


@_attrs_define
class NewAlbumRequest:
    """
    Attributes:
        title (str):
        description (str | Unset):
        place (str | Unset):
        position (int | Unset):
        parent (None | Unset | UUID):
        cover (None | Unset | UUID):
        rule (NewAlbumRequestRuleType0 | None | Unset): What a list of photos takes in its query: the album holds
            whatever fits.
        face_analysis (bool | Unset): False: nobody looks for faces in the owner's photos in it, whatever other albums
            they are in, and faces found before are erased. The owner's to say; no smart album's.
    """

    title: str
    description: str | Unset = UNSET
    place: str | Unset = UNSET
    position: int | Unset = UNSET
    parent: None | Unset | UUID = UNSET
    cover: None | Unset | UUID = UNSET
    rule: NewAlbumRequestRuleType0 | None | Unset = UNSET
    face_analysis: bool | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.new_album_request_rule_type_0 import NewAlbumRequestRuleType0

        title = self.title

        description = self.description

        place = self.place

        position = self.position

        parent: None | str | Unset
        if isinstance(self.parent, Unset):
            parent = UNSET
        elif isinstance(self.parent, UUID):
            parent = str(self.parent)
        else:
            parent = self.parent

        cover: None | str | Unset
        if isinstance(self.cover, Unset):
            cover = UNSET
        elif isinstance(self.cover, UUID):
            cover = str(self.cover)
        else:
            cover = self.cover

        rule: dict[str, Any] | None | Unset
        if isinstance(self.rule, Unset):
            rule = UNSET
        elif isinstance(self.rule, NewAlbumRequestRuleType0):
            rule = self.rule.to_dict()
        else:
            rule = self.rule

        face_analysis = self.face_analysis

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "title": title,
            }
        )
        if description is not UNSET:
            field_dict["description"] = description
        if place is not UNSET:
            field_dict["place"] = place
        if position is not UNSET:
            field_dict["position"] = position
        if parent is not UNSET:
            field_dict["parent"] = parent
        if cover is not UNSET:
            field_dict["cover"] = cover
        if rule is not UNSET:
            field_dict["rule"] = rule
        if face_analysis is not UNSET:
            field_dict["face_analysis"] = face_analysis

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.new_album_request_rule_type_0 import NewAlbumRequestRuleType0

        d = dict(src_dict)
        title = d.pop("title")

        description = d.pop("description", UNSET)

        place = d.pop("place", UNSET)

        position = d.pop("position", UNSET)

        def _parse_parent(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                parent_type_0 = UUID(data)

                return parent_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        parent = _parse_parent(d.pop("parent", UNSET))

        def _parse_cover(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                cover_type_0 = UUID(data)

                return cover_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        cover = _parse_cover(d.pop("cover", UNSET))

        def _parse_rule(data: object) -> NewAlbumRequestRuleType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                rule_type_0 = NewAlbumRequestRuleType0.from_dict(data)

                return rule_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(NewAlbumRequestRuleType0 | None | Unset, data)

        rule = _parse_rule(d.pop("rule", UNSET))

        face_analysis = d.pop("face_analysis", UNSET)

        new_album_request = cls(
            title=title,
            description=description,
            place=place,
            position=position,
            parent=parent,
            cover=cover,
            rule=rule,
            face_analysis=face_analysis,
        )

        new_album_request.additional_properties = d
        return new_album_request

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
