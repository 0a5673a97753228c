from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.photo_status_enum import PhotoStatusEnum, check_photo_status_enum

if TYPE_CHECKING:
    from ..models.moderation import Moderation
    from ..models.reactions import Reactions
    from ..models.urls import Urls


T = TypeVar("T", bound="AlbumPhoto")


@_attrs_define
class AlbumPhoto:
    """What a grid needs.

    Attributes:
        id (UUID):
        owner (UUID):
        filename (str):
        content_type (str):
        size (int):
        sha256 (str):
        width (int | None):
        height (int | None):
        status (PhotoStatusEnum): * `awaiting_upload` - awaiting_upload
            * `processing` - processing
            * `ready` - ready
            * `failed` - failed
            * `trashed` - trashed
        taken_at (datetime.datetime | None):
        taken_at_source (str):
        created_at (datetime.datetime):
        placeholder (str):
        color (str):
        favorite (bool):
        archived (bool):
        moderation (Moderation):
        urls (Urls): Signed addresses, good for an hour; null while there is nothing to show.
        reactions (Reactions): Of the album's members, in this album.
    """

    id: UUID
    owner: UUID
    filename: str
    content_type: str
    size: int
    sha256: str
    width: int | None
    height: int | None
    status: PhotoStatusEnum
    taken_at: datetime.datetime | None
    taken_at_source: str
    created_at: datetime.datetime
    placeholder: str
    color: str
    favorite: bool
    archived: bool
    moderation: Moderation
    urls: Urls
    reactions: Reactions
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        owner = str(self.owner)

        filename = self.filename

        content_type = self.content_type

        size = self.size

        sha256 = self.sha256

        width: int | None
        width = self.width

        height: int | None
        height = self.height

        status: str = self.status

        taken_at: None | str
        if isinstance(self.taken_at, datetime.datetime):
            taken_at = self.taken_at.isoformat()
        else:
            taken_at = self.taken_at

        taken_at_source = self.taken_at_source

        created_at = self.created_at.isoformat()

        placeholder = self.placeholder

        color = self.color

        favorite = self.favorite

        archived = self.archived

        moderation = self.moderation.to_dict()

        urls = self.urls.to_dict()

        reactions = self.reactions.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "owner": owner,
                "filename": filename,
                "content_type": content_type,
                "size": size,
                "sha256": sha256,
                "width": width,
                "height": height,
                "status": status,
                "taken_at": taken_at,
                "taken_at_source": taken_at_source,
                "created_at": created_at,
                "placeholder": placeholder,
                "color": color,
                "favorite": favorite,
                "archived": archived,
                "moderation": moderation,
                "urls": urls,
                "reactions": reactions,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.moderation import Moderation
        from ..models.reactions import Reactions
        from ..models.urls import Urls

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        owner = UUID(d.pop("owner"))

        filename = d.pop("filename")

        content_type = d.pop("content_type")

        size = d.pop("size")

        sha256 = d.pop("sha256")

        def _parse_width(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        width = _parse_width(d.pop("width"))

        def _parse_height(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        height = _parse_height(d.pop("height"))

        status = check_photo_status_enum(d.pop("status"))

        def _parse_taken_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                taken_at_type_0 = datetime.datetime.fromisoformat(data)

                return taken_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        taken_at = _parse_taken_at(d.pop("taken_at"))

        taken_at_source = d.pop("taken_at_source")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        placeholder = d.pop("placeholder")

        color = d.pop("color")

        favorite = d.pop("favorite")

        archived = d.pop("archived")

        moderation = Moderation.from_dict(d.pop("moderation"))

        urls = Urls.from_dict(d.pop("urls"))

        reactions = Reactions.from_dict(d.pop("reactions"))

        album_photo = cls(
            id=id,
            owner=owner,
            filename=filename,
            content_type=content_type,
            size=size,
            sha256=sha256,
            width=width,
            height=height,
            status=status,
            taken_at=taken_at,
            taken_at_source=taken_at_source,
            created_at=created_at,
            placeholder=placeholder,
            color=color,
            favorite=favorite,
            archived=archived,
            moderation=moderation,
            urls=urls,
            reactions=reactions,
        )

        album_photo.additional_properties = d
        return album_photo

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
