from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.photo_status_enum import PhotoStatusEnum, check_photo_status_enum

if TYPE_CHECKING:
    from ..models.analysis import Analysis
    from ..models.camera import Camera
    from ..models.face import Face
    from ..models.label import Label
    from ..models.location import Location
    from ..models.moderation import Moderation
    from ..models.sharing_check import SharingCheck
    from ..models.text import Text
    from ..models.urls import Urls


T = TypeVar("T", bound="Photo")


@_attrs_define
class Photo:
    """Everything that is known about a photo.

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
        description (str):
        sharing_check (None | SharingCheck): What WeChat says; null where it is not asked.
        camera (Camera):
        location (Location | None):
        labels (list[Label]):
        tags (list[str]):
        faces (list[Face]):
        text (Text):
        analyses (list[Analysis]):
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
    description: str
    sharing_check: None | SharingCheck
    camera: Camera
    location: Location | None
    labels: list[Label]
    tags: list[str]
    faces: list[Face]
    text: Text
    analyses: list[Analysis]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.location import Location
        from ..models.sharing_check import SharingCheck

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

        description = self.description

        sharing_check: dict[str, Any] | None
        if isinstance(self.sharing_check, SharingCheck):
            sharing_check = self.sharing_check.to_dict()
        else:
            sharing_check = self.sharing_check

        camera = self.camera.to_dict()

        location: dict[str, Any] | None
        if isinstance(self.location, Location):
            location = self.location.to_dict()
        else:
            location = self.location

        labels = []
        for labels_item_data in self.labels:
            labels_item = labels_item_data.to_dict()
            labels.append(labels_item)

        tags = self.tags

        faces = []
        for faces_item_data in self.faces:
            faces_item = faces_item_data.to_dict()
            faces.append(faces_item)

        text = self.text.to_dict()

        analyses = []
        for analyses_item_data in self.analyses:
            analyses_item = analyses_item_data.to_dict()
            analyses.append(analyses_item)

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
                "description": description,
                "sharing_check": sharing_check,
                "camera": camera,
                "location": location,
                "labels": labels,
                "tags": tags,
                "faces": faces,
                "text": text,
                "analyses": analyses,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.analysis import Analysis
        from ..models.camera import Camera
        from ..models.face import Face
        from ..models.label import Label
        from ..models.location import Location
        from ..models.moderation import Moderation
        from ..models.sharing_check import SharingCheck
        from ..models.text import Text
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

        description = d.pop("description")

        def _parse_sharing_check(data: object) -> None | SharingCheck:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                sharing_check_type_0 = SharingCheck.from_dict(data)

                return sharing_check_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SharingCheck, data)

        sharing_check = _parse_sharing_check(d.pop("sharing_check"))

        camera = Camera.from_dict(d.pop("camera"))

        def _parse_location(data: object) -> Location | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                location_type_0 = Location.from_dict(data)

                return location_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Location | None, data)

        location = _parse_location(d.pop("location"))

        labels = []
        _labels = d.pop("labels")
        for labels_item_data in _labels:
            labels_item = Label.from_dict(labels_item_data)

            labels.append(labels_item)

        tags = cast(list[str], d.pop("tags"))

        faces = []
        _faces = d.pop("faces")
        for faces_item_data in _faces:
            faces_item = Face.from_dict(faces_item_data)

            faces.append(faces_item)

        text = Text.from_dict(d.pop("text"))

        analyses = []
        _analyses = d.pop("analyses")
        for analyses_item_data in _analyses:
            analyses_item = Analysis.from_dict(analyses_item_data)

            analyses.append(analyses_item)

        photo = cls(
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
            description=description,
            sharing_check=sharing_check,
            camera=camera,
            location=location,
            labels=labels,
            tags=tags,
            faces=faces,
            text=text,
            analyses=analyses,
        )

        photo.additional_properties = d
        return photo

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
