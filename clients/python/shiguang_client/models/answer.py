from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.parsed import Parsed
    from ..models.photo_summary import PhotoSummary


T = TypeVar("T", bound="Answer")


@_attrs_define
class Answer:
    """
    Attributes:
        answer (str): In the language of the question.
        understood (bool):
        question (str): count, first, last, who, where, when; empty if it was not understood.
        count (int | None): Photos that answer.
        parsed (Parsed):
        photos (list[PhotoSummary]):
    """

    answer: str
    understood: bool
    question: str
    count: int | None
    parsed: Parsed
    photos: list[PhotoSummary]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        answer = self.answer

        understood = self.understood

        question = self.question

        count: int | None
        count = self.count

        parsed = self.parsed.to_dict()

        photos = []
        for photos_item_data in self.photos:
            photos_item = photos_item_data.to_dict()
            photos.append(photos_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "answer": answer,
                "understood": understood,
                "question": question,
                "count": count,
                "parsed": parsed,
                "photos": photos,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.parsed import Parsed
        from ..models.photo_summary import PhotoSummary

        d = dict(src_dict)
        answer = d.pop("answer")

        understood = d.pop("understood")

        question = d.pop("question")

        def _parse_count(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        count = _parse_count(d.pop("count"))

        parsed = Parsed.from_dict(d.pop("parsed"))

        photos = []
        _photos = d.pop("photos")
        for photos_item_data in _photos:
            photos_item = PhotoSummary.from_dict(photos_item_data)

            photos.append(photos_item)

        answer = cls(
            answer=answer,
            understood=understood,
            question=question,
            count=count,
            parsed=parsed,
            photos=photos,
        )

        answer.additional_properties = d
        return answer

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
