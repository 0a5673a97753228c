from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.piece import Piece


T = TypeVar("T", bound="Parsed")


@_attrs_define
class Parsed:
    """
    Attributes:
        people (list[str]):
        without_people (list[str]):
        places (list[str]):
        without_places (list[str]):
        to (None | str): A day or a moment.
        labels (list[str]):
        without_labels (list[str]):
        tags (list[str]):
        text (str): The words that are nothing else.
        favorite (bool | None):
        has_text (bool | None):
        has_people (bool | None): Photos with, or without any face.
        pieces (list[Piece]):
        from_ (None | str): A day or a moment.
    """

    people: list[str]
    without_people: list[str]
    places: list[str]
    without_places: list[str]
    to: None | str
    labels: list[str]
    without_labels: list[str]
    tags: list[str]
    text: str
    favorite: bool | None
    has_text: bool | None
    has_people: bool | None
    pieces: list[Piece]
    from_: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        people = self.people

        without_people = self.without_people

        places = self.places

        without_places = self.without_places

        to: None | str
        to = self.to

        labels = self.labels

        without_labels = self.without_labels

        tags = self.tags

        text = self.text

        favorite: bool | None
        favorite = self.favorite

        has_text: bool | None
        has_text = self.has_text

        has_people: bool | None
        has_people = self.has_people

        pieces = []
        for pieces_item_data in self.pieces:
            pieces_item = pieces_item_data.to_dict()
            pieces.append(pieces_item)

        from_: None | str
        from_ = self.from_

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "people": people,
                "without_people": without_people,
                "places": places,
                "without_places": without_places,
                "to": to,
                "labels": labels,
                "without_labels": without_labels,
                "tags": tags,
                "text": text,
                "favorite": favorite,
                "has_text": has_text,
                "has_people": has_people,
                "pieces": pieces,
                "from": from_,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.piece import Piece

        d = dict(src_dict)
        people = cast(list[str], d.pop("people"))

        without_people = cast(list[str], d.pop("without_people"))

        places = cast(list[str], d.pop("places"))

        without_places = cast(list[str], d.pop("without_places"))

        def _parse_to(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        to = _parse_to(d.pop("to"))

        labels = cast(list[str], d.pop("labels"))

        without_labels = cast(list[str], d.pop("without_labels"))

        tags = cast(list[str], d.pop("tags"))

        text = d.pop("text")

        def _parse_favorite(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        favorite = _parse_favorite(d.pop("favorite"))

        def _parse_has_text(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        has_text = _parse_has_text(d.pop("has_text"))

        def _parse_has_people(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        has_people = _parse_has_people(d.pop("has_people"))

        pieces = []
        _pieces = d.pop("pieces")
        for pieces_item_data in _pieces:
            pieces_item = Piece.from_dict(pieces_item_data)

            pieces.append(pieces_item)

        def _parse_from_(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        from_ = _parse_from_(d.pop("from"))

        parsed = cls(
            people=people,
            without_people=without_people,
            places=places,
            without_places=without_places,
            to=to,
            labels=labels,
            without_labels=without_labels,
            tags=tags,
            text=text,
            favorite=favorite,
            has_text=has_text,
            has_people=has_people,
            pieces=pieces,
            from_=from_,
        )

        parsed.additional_properties = d
        return parsed

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
