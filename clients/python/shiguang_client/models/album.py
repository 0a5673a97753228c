from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.role_enum import RoleEnum, check_role_enum

if TYPE_CHECKING:
    from ..models.album_rule_type_0 import AlbumRuleType0
    from ..models.cover import Cover
    from ..models.person_of_album import PersonOfAlbum


T = TypeVar("T", bound="Album")


@_attrs_define
class Album:
    """
    Attributes:
        id (UUID):
        owner (PersonOfAlbum):
        role (RoleEnum): * `viewer` - viewer
            * `contributor` - contributor
            * `manager` - manager
            * `owner` - owner
        title (str):
        description (str):
        place (str):
        parent (None | UUID): The album that it stands in, if the caller has a role there.
        position (int): Among the albums beside it.
        smart (bool): It holds what fits a rule.
        rule (AlbumRuleType0 | None): Of a smart album, for its maker: it names their people, places and words.
        face_analysis (bool): False: the owner's photos in it have no faces.
        photo_count (int | None): As many as the caller sees; null for a smart album in a list.
        cover (Cover | None): The chosen photo, else the first; null if empty, or a smart album in a list.
        created_at (datetime.datetime):
        updated_at (datetime.datetime):
    """

    id: UUID
    owner: PersonOfAlbum
    role: RoleEnum
    title: str
    description: str
    place: str
    parent: None | UUID
    position: int
    smart: bool
    rule: AlbumRuleType0 | None
    face_analysis: bool
    photo_count: int | None
    cover: Cover | None
    created_at: datetime.datetime
    updated_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.album_rule_type_0 import AlbumRuleType0
        from ..models.cover import Cover

        id = str(self.id)

        owner = self.owner.to_dict()

        role: str = self.role

        title = self.title

        description = self.description

        place = self.place

        parent: None | str
        if isinstance(self.parent, UUID):
            parent = str(self.parent)
        else:
            parent = self.parent

        position = self.position

        smart = self.smart

        rule: dict[str, Any] | None
        if isinstance(self.rule, AlbumRuleType0):
            rule = self.rule.to_dict()
        else:
            rule = self.rule

        face_analysis = self.face_analysis

        photo_count: int | None
        photo_count = self.photo_count

        cover: dict[str, Any] | None
        if isinstance(self.cover, Cover):
            cover = self.cover.to_dict()
        else:
            cover = self.cover

        created_at = self.created_at.isoformat()

        updated_at = self.updated_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "owner": owner,
                "role": role,
                "title": title,
                "description": description,
                "place": place,
                "parent": parent,
                "position": position,
                "smart": smart,
                "rule": rule,
                "face_analysis": face_analysis,
                "photo_count": photo_count,
                "cover": cover,
                "created_at": created_at,
                "updated_at": updated_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.album_rule_type_0 import AlbumRuleType0
        from ..models.cover import Cover
        from ..models.person_of_album import PersonOfAlbum

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        owner = PersonOfAlbum.from_dict(d.pop("owner"))

        role = check_role_enum(d.pop("role"))

        title = d.pop("title")

        description = d.pop("description")

        place = d.pop("place")

        def _parse_parent(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                parent_type_0 = UUID(data)

                return parent_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        parent = _parse_parent(d.pop("parent"))

        position = d.pop("position")

        smart = d.pop("smart")

        def _parse_rule(data: object) -> AlbumRuleType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                rule_type_0 = AlbumRuleType0.from_dict(data)

                return rule_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AlbumRuleType0 | None, data)

        rule = _parse_rule(d.pop("rule"))

        face_analysis = d.pop("face_analysis")

        def _parse_photo_count(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        photo_count = _parse_photo_count(d.pop("photo_count"))

        def _parse_cover(data: object) -> Cover | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                cover_type_0 = Cover.from_dict(data)

                return cover_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Cover | None, data)

        cover = _parse_cover(d.pop("cover"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        album = cls(
            id=id,
            owner=owner,
            role=role,
            title=title,
            description=description,
            place=place,
            parent=parent,
            position=position,
            smart=smart,
            rule=rule,
            face_analysis=face_analysis,
            photo_count=photo_count,
            cover=cover,
            created_at=created_at,
            updated_at=updated_at,
        )

        album.additional_properties = d
        return album

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
