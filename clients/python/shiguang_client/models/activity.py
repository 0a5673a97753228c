from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.activity_kind_enum import ActivityKindEnum, check_activity_kind_enum

if TYPE_CHECKING:
    from ..models.album_title import AlbumTitle
    from ..models.cover import Cover
    from ..models.person_of_album import PersonOfAlbum


T = TypeVar("T", bound="Activity")


@_attrs_define
class Activity:
    """Needs in its context: hidden, photos (those added first), album_id (of one album's list).

    Attributes:
        id (UUID):
        album (AlbumTitle): Needs `hidden` in its context.
        actor (PersonOfAlbum):
        kind (ActivityKindEnum): * `photos_added` - photos_added
            * `joined` - joined
            * `left` - left
            * `commented` - commented
            * `liked` - liked
        photo (Cover | None): What was commented or liked, or the first that was added; of a smart album only in its own
            activity.
        photo_count (int): Added, and still there to be seen.
        comment (None | str): What was said, where `photo` is.
        created_at (datetime.datetime):
    """

    id: UUID
    album: AlbumTitle
    actor: PersonOfAlbum
    kind: ActivityKindEnum
    photo: Cover | None
    photo_count: int
    comment: None | str
    created_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.cover import Cover

        id = str(self.id)

        album = self.album.to_dict()

        actor = self.actor.to_dict()

        kind: str = self.kind

        photo: dict[str, Any] | None
        if isinstance(self.photo, Cover):
            photo = self.photo.to_dict()
        else:
            photo = self.photo

        photo_count = self.photo_count

        comment: None | str
        comment = self.comment

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "album": album,
                "actor": actor,
                "kind": kind,
                "photo": photo,
                "photo_count": photo_count,
                "comment": comment,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.album_title import AlbumTitle
        from ..models.cover import Cover
        from ..models.person_of_album import PersonOfAlbum

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        album = AlbumTitle.from_dict(d.pop("album"))

        actor = PersonOfAlbum.from_dict(d.pop("actor"))

        kind = check_activity_kind_enum(d.pop("kind"))

        def _parse_photo(data: object) -> Cover | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                photo_type_0 = Cover.from_dict(data)

                return photo_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Cover | None, data)

        photo = _parse_photo(d.pop("photo"))

        photo_count = d.pop("photo_count")

        def _parse_comment(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        comment = _parse_comment(d.pop("comment"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        activity = cls(
            id=id,
            album=album,
            actor=actor,
            kind=kind,
            photo=photo,
            photo_count=photo_count,
            comment=comment,
            created_at=created_at,
        )

        activity.additional_properties = d
        return activity

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
