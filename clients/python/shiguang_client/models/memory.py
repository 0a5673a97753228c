from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.memory_kind_enum import MemoryKindEnum, check_memory_kind_enum

if TYPE_CHECKING:
    from ..models.person_name import PersonName
    from ..models.photo_summary import PhotoSummary


T = TypeVar("T", bound="Memory")


@_attrs_define
class Memory:
    """
    Attributes:
        kind (MemoryKindEnum): * `on_this_day` - on_this_day
            * `trip` - trip
            * `person` - person
        title (str):
        first_day (datetime.date): By the clock of the place.
        last_day (datetime.date):
        city (str): Of most of a trip's photos; else empty.
        country (str):
        person (None | PersonName):
        count (int): All photos of the memory; those shown are chosen.
        photos (list[PhotoSummary]): In the order in which they were taken.
    """

    kind: MemoryKindEnum
    title: str
    first_day: datetime.date
    last_day: datetime.date
    city: str
    country: str
    person: None | PersonName
    count: int
    photos: list[PhotoSummary]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.person_name import PersonName

        kind: str = self.kind

        title = self.title

        first_day = self.first_day.isoformat()

        last_day = self.last_day.isoformat()

        city = self.city

        country = self.country

        person: dict[str, Any] | None
        if isinstance(self.person, PersonName):
            person = self.person.to_dict()
        else:
            person = self.person

        count = self.count

        photos = []
        for photos_item_data in self.photos:
            photos_item = photos_item_data.to_dict()
            photos.append(photos_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kind": kind,
                "title": title,
                "first_day": first_day,
                "last_day": last_day,
                "city": city,
                "country": country,
                "person": person,
                "count": count,
                "photos": photos,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.person_name import PersonName
        from ..models.photo_summary import PhotoSummary

        d = dict(src_dict)
        kind = check_memory_kind_enum(d.pop("kind"))

        title = d.pop("title")

        first_day = datetime.date.fromisoformat(d.pop("first_day"))

        last_day = datetime.date.fromisoformat(d.pop("last_day"))

        city = d.pop("city")

        country = d.pop("country")

        def _parse_person(data: object) -> None | PersonName:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                person_type_0 = PersonName.from_dict(data)

                return person_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | PersonName, data)

        person = _parse_person(d.pop("person"))

        count = d.pop("count")

        photos = []
        _photos = d.pop("photos")
        for photos_item_data in _photos:
            photos_item = PhotoSummary.from_dict(photos_item_data)

            photos.append(photos_item)

        memory = cls(
            kind=kind,
            title=title,
            first_day=first_day,
            last_day=last_day,
            city=city,
            country=country,
            person=person,
            count=count,
            photos=photos,
        )

        memory.additional_properties = d
        return memory

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
