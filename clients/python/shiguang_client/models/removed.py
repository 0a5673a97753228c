from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Removed")


@_attrs_define
class Removed:
    """
    Attributes:
        faces (int):
        vectors (int):
        crops (int): None are stored: they are cut by boxes, now gone.
        rejections (int):
        moves (int): Of merges and splits.
        photos (int): That showed the faces, and stay.
        models (list[str]):
        left (int): Found when looked for again.
    """

    faces: int
    vectors: int
    crops: int
    rejections: int
    moves: int
    photos: int
    models: list[str]
    left: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        faces = self.faces

        vectors = self.vectors

        crops = self.crops

        rejections = self.rejections

        moves = self.moves

        photos = self.photos

        models = self.models

        left = self.left

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "faces": faces,
                "vectors": vectors,
                "crops": crops,
                "rejections": rejections,
                "moves": moves,
                "photos": photos,
                "models": models,
                "left": left,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        faces = d.pop("faces")

        vectors = d.pop("vectors")

        crops = d.pop("crops")

        rejections = d.pop("rejections")

        moves = d.pop("moves")

        photos = d.pop("photos")

        models = cast(list[str], d.pop("models"))

        left = d.pop("left")

        removed = cls(
            faces=faces,
            vectors=vectors,
            crops=crops,
            rejections=rejections,
            moves=moves,
            photos=photos,
            models=models,
            left=left,
        )

        removed.additional_properties = d
        return removed

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
