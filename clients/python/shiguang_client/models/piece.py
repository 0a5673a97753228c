from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.piece_kind_enum import PieceKindEnum, check_piece_kind_enum

T = TypeVar("T", bound="Piece")


@_attrs_define
class Piece:
    """One thing that the query says. Without its characters the query says everything else.

    Attributes:
        kind (PieceKindEnum): * `person` - person
            * `place` - place
            * `tag` - tag
            * `label` - label
            * `date` - date
            * `favorite` - favorite
            * `has_text` - has_text
            * `has_people` - has_people
            * `text` - text
        start (int): Its first character in q, from 0.
        end (int): The character behind its last.
        text (str): As it was typed.
        meant (list[str]): What it was taken for, in the reader's language.
        without (bool): Photos with it are not wanted.
        guessed (bool): It was mistyped, and this is the nearest.
    """

    kind: PieceKindEnum
    start: int
    end: int
    text: str
    meant: list[str]
    without: bool
    guessed: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        kind: str = self.kind

        start = self.start

        end = self.end

        text = self.text

        meant = self.meant

        without = self.without

        guessed = self.guessed

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kind": kind,
                "start": start,
                "end": end,
                "text": text,
                "meant": meant,
                "without": without,
                "guessed": guessed,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        kind = check_piece_kind_enum(d.pop("kind"))

        start = d.pop("start")

        end = d.pop("end")

        text = d.pop("text")

        meant = cast(list[str], d.pop("meant"))

        without = d.pop("without")

        guessed = d.pop("guessed")

        piece = cls(
            kind=kind,
            start=start,
            end=end,
            text=text,
            meant=meant,
            without=without,
            guessed=guessed,
        )

        piece.additional_properties = d
        return piece

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
