from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.shared_album_loss import SharedAlbumLoss


T = TypeVar("T", bound="Loss")


@_attrs_define
class Loss:
    """
    Attributes:
        photo_count (int):
        used_bytes (int):
        person_count (int):
        album_count (int):
        shared_albums (list[SharedAlbumLoss]): One's albums that have members: they lose the album, and keep their
            photos.
        photos_in_albums_of_others (int): One's photos that leave somebody else's album.
    """

    photo_count: int
    used_bytes: int
    person_count: int
    album_count: int
    shared_albums: list[SharedAlbumLoss]
    photos_in_albums_of_others: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        photo_count = self.photo_count

        used_bytes = self.used_bytes

        person_count = self.person_count

        album_count = self.album_count

        shared_albums = []
        for shared_albums_item_data in self.shared_albums:
            shared_albums_item = shared_albums_item_data.to_dict()
            shared_albums.append(shared_albums_item)

        photos_in_albums_of_others = self.photos_in_albums_of_others

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "photo_count": photo_count,
                "used_bytes": used_bytes,
                "person_count": person_count,
                "album_count": album_count,
                "shared_albums": shared_albums,
                "photos_in_albums_of_others": photos_in_albums_of_others,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.shared_album_loss import SharedAlbumLoss

        d = dict(src_dict)
        photo_count = d.pop("photo_count")

        used_bytes = d.pop("used_bytes")

        person_count = d.pop("person_count")

        album_count = d.pop("album_count")

        shared_albums = []
        _shared_albums = d.pop("shared_albums")
        for shared_albums_item_data in _shared_albums:
            shared_albums_item = SharedAlbumLoss.from_dict(shared_albums_item_data)

            shared_albums.append(shared_albums_item)

        photos_in_albums_of_others = d.pop("photos_in_albums_of_others")

        loss = cls(
            photo_count=photo_count,
            used_bytes=used_bytes,
            person_count=person_count,
            album_count=album_count,
            shared_albums=shared_albums,
            photos_in_albums_of_others=photos_in_albums_of_others,
        )

        loss.additional_properties = d
        return loss

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
